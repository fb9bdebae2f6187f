"""A release is written beside the old one, file by file, and replaces it whole or not at all."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from expatlod import release
from expatlod.archive import GENERATOR, SITE
from expatlod.errors import PublishError
from expatlod.release import Draft, replacing

Tree = dict[str, bytes]


def _listing(*paths: str) -> bytes:
    files = [{"path": path, "mediaType": "", "bytes": 0, "sha256": ""} for path in paths]
    site = {"generator": GENERATOR, "dataset": "", "releases": [], "files": files}
    return json.dumps(site).encode()


def _tree(folder: Path) -> Tree:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


OLD = {SITE: _listing("a"), "a": b"old"}
NEW = {SITE: _listing("a", "b/c"), "a": b"new", "b/c": b"newer"}


# Where the release goes: a folder in an otherwise empty one, with an older release in it.
@pytest.fixture
def out(tmp_path: Path) -> Path:
    place = tmp_path / "site" / "public"
    with replacing(place) as draft:
        _fill(draft, OLD)
    return place


def _fill(draft: Draft, files: Tree) -> None:
    for path, content in files.items():
        draft.write(path, content)


def _replace(out: Path, files: Tree, then: Callable[[Draft], None]) -> None:
    with replacing(out) as draft:
        _fill(draft, files)
        then(draft)


def _is_as_it_was(out: Path) -> bool:
    return _tree(out) == OLD and [path.name for path in out.parent.iterdir()] == [out.name]


def test_what_is_written_takes_the_place_of_the_old_release(out: Path) -> None:
    with replacing(out) as draft:
        _fill(draft, NEW)

    assert _tree(out) == NEW


def test_nothing_is_seen_of_a_release_before_its_end(out: Path) -> None:
    with replacing(out) as draft:
        _fill(draft, NEW)
        seen = _tree(out)

    assert seen == OLD


def test_a_file_is_written_bit_by_bit(out: Path) -> None:
    with replacing(out) as draft:
        _fill(draft, OLD)
        with draft.open("deep/in/it") as file:
            for piece in (b"one ", b"two ", b"three"):
                file.write(piece)

    assert (out / "deep/in/it").read_bytes() == b"one two three"


def test_a_draft_knows_the_size_of_each_file_that_is_whole(out: Path) -> None:
    with replacing(out) as draft:
        _fill(draft, NEW)
        with draft.open("d") as file:
            file.write(b"12345")
            before = dict(draft.files)
        after = dict(draft.files)

    sizes = {path: len(content) for path, content in NEW.items()}
    assert (before, after) == (sizes, sizes | {"d": 5})


def test_a_file_is_written_once(out: Path) -> None:
    with pytest.raises(PublishError, match=os.strerror(errno.EEXIST)):
        _replace(out, NEW, lambda draft: draft.write("a", b"again"))

    assert _is_as_it_was(out)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_whatever_stops_the_work_leaves_the_old_release_and_nothing_else(
    error: type[BaseException], out: Path
) -> None:
    def stop(draft: Draft) -> None:
        draft.open("unfinished").write(b"x")
        raise error

    with pytest.raises(error):
        _replace(out, NEW, stop)

    assert _is_as_it_was(out)


def test_an_error_of_the_system_is_told_with_the_place_and_the_file(out: Path) -> None:
    with pytest.raises(PublishError) as caught, replacing(out):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "dump/x.nt")

    assert str(caught.value) == (
        f"{out}: the release could not be written: {os.strerror(errno.ENOSPC)} (dump/x.nt); "
        "what stood there before is untouched"
    )


def _changed(draft: Draft) -> None:
    (draft.folder / "a").write_bytes(b"changed")


def _taken_away(draft: Draft) -> None:
    (draft.folder / "a").unlink()


def _put_in(draft: Draft) -> None:
    (draft.folder / "thesis.txt").write_bytes(b"years of work")


def _not_closed(draft: Draft) -> None:
    draft.open("unfinished").write(b"x")


@pytest.mark.parametrize(
    "meddle",
    [_changed, _taken_away, _put_in, _not_closed],
    ids=lambda meddle: meddle.__name__.strip("_").replace("_", "-"),
)
def test_a_release_that_is_not_what_was_written_is_not_published(
    meddle: Callable[[Draft], None], out: Path
) -> None:
    with pytest.raises(PublishError, match="what was written has changed"):
        _replace(out, NEW, meddle)

    assert _is_as_it_was(out)


@pytest.mark.parametrize("exchange", [True, False], ids=["exchanged", "moved"])
def test_an_interrupt_during_the_swap_leaves_the_old_release(
    exchange: bool, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    look = release._refuse_strangers
    rename = Path.rename

    def interrupted(folder: Path, shown: Path) -> None:
        looks.append(folder)
        if len(looks) == 2:
            raise KeyboardInterrupt
        look(folder, shown)

    def interrupted_rename(path: Path, target: Path) -> Path:
        if ".new-" in path.name:
            raise KeyboardInterrupt
        return rename(path, target)

    if exchange:
        monkeypatch.setattr(release, "_refuse_strangers", interrupted)
    else:
        monkeypatch.setattr(release, "_exchange", lambda *_: False)
        monkeypatch.setattr(Path, "rename", interrupted_rename)

    with pytest.raises(KeyboardInterrupt):
        _replace(out, NEW, lambda _: None)

    assert _is_as_it_was(out)


def test_what_a_draft_is_told_to_call_is_called_before_its_folder_goes(out: Path) -> None:
    seen = []

    def stop(draft: Draft) -> None:
        draft.cleanup.callback(lambda: seen.append(draft.folder.exists()))
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        _replace(out, NEW, stop)

    assert seen == [True]


def test_a_release_that_another_run_is_writing_is_not_swept(out: Path) -> None:
    with replacing(out) as draft:
        with replacing(out) as other:
            _fill(other, OLD)
        _fill(draft, NEW)

    assert _tree(out) == NEW
