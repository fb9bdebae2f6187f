"""What is kept for the next run: nothing is done twice, and nothing stale or damaged is used."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from expatlod import spool
from expatlod.profile import Model, load
from expatlod.publish import Plan, publish
from expatlod.resources import Folder
from expatlod.spool import Spool, pack, unpack
from expatlod.tasks import Outcome, Piece, Worker
from tests.benchmarks.generate import dataset as about
from tests.benchmarks.generate import records
from tests.harbours import project

#: Files of records, besides that of the dataset.
COUNT = 150


@pytest.fixture(scope="module")
def made(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset, each record in a file of its own."""
    folder = tmp_path_factory.mktemp("made") / "data"
    folder.mkdir()
    (folder / "dataset.yaml").write_text(yaml.safe_dump(about(model), allow_unicode=True), "utf-8")
    for each in records(model, COUNT, seed=6):
        text = yaml.safe_dump(each, allow_unicode=True, sort_keys=False)
        (folder / f"{each['id']}.yaml").write_text(text, "utf-8")
    return folder


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to change at will."""
    return Path(shutil.copytree(made, tmp_path / "data"))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files whose records are converted from now on."""
    names: list[str] = []
    run = Worker.run

    def counted(self: Worker, task: tuple[Piece, ...]) -> list[Outcome]:
        names.extend(Path(piece.shown).name for piece in task)
        return run(self, task)

    monkeypatch.setattr(Worker, "run", counted)
    return names


def release(model: Model, data: Path, cache: Path | None) -> dict[str, str]:
    """Publish; return the digests of the dumps."""
    out = data.parent / "out"
    dumps = out / "latest" / "dump"
    plan = Plan(formats=("ntriples", "jsonld"), compressions=("none",), cache=cache, audited=0)
    assert publish(model, data, out, plan).path
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in dumps.iterdir()}


def kept(cache: Path) -> int:
    """How many outcomes there are in *cache*."""
    (path,) = cache.iterdir()
    with closing(sqlite3.connect(path)) as base:
        return len(base.execute("SELECT key FROM outcomes").fetchall())


def change(data: Path, count: int) -> list[str]:
    """Change *count* records; return the names of their files."""
    paths = [path for path in sorted(data.iterdir()) if path.name != "dataset.yaml"][:count]
    for path in paths:
        path.write_text(path.read_text("utf-8") + "# changed\n", "utf-8")
    return [path.name for path in paths]


def test_only_what_changed_is_done_again(
    model: Model, data: Path, cache: Path, done: list[str]
) -> None:
    release(model, data, cache)
    assert len(done) == COUNT + 1
    done.clear()
    changed = change(data, 10)

    release(model, data, cache)

    assert sorted(done) == changed


def test_what_was_kept_gives_the_same_bytes(model: Model, data: Path, cache: Path) -> None:
    release(model, data, cache)
    path = next(data.glob("b*.yaml"))
    path.write_text(path.read_text("utf-8").replace("source:", "website: https://x.org/\nsource:"))

    again = release(model, data, cache)

    assert again == release(model, data, None)


def test_findings_that_were_kept_are_told_again(
    model: Model, data: Path, cache: Path, done: list[str]
) -> None:
    path = next(data.glob("b*.yaml"))
    path.write_text(path.read_text("utf-8") + "felt: x\ncontinues: nobody\n", "utf-8")
    plan = Plan(cache=cache)
    first = publish(model, data, data.parent / "out", plan)
    done.clear()

    second = publish(model, data, data.parent / "out", plan)

    assert (done, second.findings) == ([], first.findings)
    assert len(first.findings) > 1


def test_record_that_is_gone_is_not_published_from_what_was_kept(
    model: Model, data: Path, cache: Path
) -> None:
    first = release(model, data, cache)
    more = project(data, "more")
    assert release(model, data, cache) != first
    more.unlink()

    assert release(model, data, cache) == first
    assert kept(cache) == COUNT + 1


# -- nothing stale


def test_another_profile_uses_nothing_of_it(
    model: Model, data: Path, cache: Path, done: list[str], tmp_path: Path
) -> None:
    release(model, data, cache)
    done.clear()
    profile = tmp_path / "profile"
    for name in ("ontology", "shapes"):
        shutil.copytree(model.folder.path / name, profile / name)
    with next((profile / "shapes").glob("*.ttl")).open("a") as file:
        file.write("# changed\n")

    release(load(Folder(profile)), data, cache)

    assert len(done) == COUNT + 1


def test_another_base_uses_nothing_of_it(
    model: Model, data: Path, cache: Path, done: list[str]
) -> None:
    release(model, data, cache)
    # Releases of another dataset are not gone on with.
    shutil.rmtree(data.parent / "out")
    done.clear()
    text = (data / "dataset.yaml").read_text("utf-8")
    (data / "dataset.yaml").write_text(text.replace("w3id.org/expatlod", "example.org/x"), "utf-8")

    release(model, data, cache)

    assert len(done) == COUNT + 1


def test_another_version_uses_nothing_of_it(
    model: Model, data: Path, cache: Path, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    release(model, data, cache)
    done.clear()
    monkeypatch.setattr(spool, "__version__", "0.0.0")

    release(model, data, cache)

    assert len(done) == COUNT + 1


def test_changed_program_of_the_same_version_uses_nothing_of_it(
    model: Model, data: Path, cache: Path, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    release(model, data, cache)
    done.clear()
    monkeypatch.setattr(spool, "program", lambda: (Path(__file__),))

    release(model, data, cache)

    assert len(done) == COUNT + 1


def test_file_that_is_saved_while_it_is_read_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("id: a\n")
    piece = Piece(0, str(path))
    first = Spool(tmp_path / "cache", b"")
    key = first.key(piece)
    path.write_text("id: another\n")
    first.put(key, piece, Outcome(0, [], [], [], [], []), pack([], {}))
    first.close(keep=True)

    again = Spool(tmp_path / "cache", b"")

    assert again.find(key, 0) is None
    again.close(keep=False)


# -- damage


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _cut_off(path: Path) -> None:
    os.truncate(path, 50)


def _overwrite(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for start in range(5000, len(data), 20_000):
        data[start : start + 40] = hashlib.sha256(b"%d" % start).digest() * 2
    path.write_bytes(data)


def _flip_single_bytes(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for place in range(9_001, len(data), 3_001):
        data[place] ^= 0x20
    path.write_bytes(data)


def _fill_with_noise(path: Path) -> None:
    path.write_bytes(b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(3000)))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _give_other_tables(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE outcomes (name TEXT)")
    base.close()


def _give_other_values(path: Path) -> None:
    with sqlite3.connect(path) as base:
        base.execute("UPDATE outcomes SET head = 7, written = NULL")
    base.close()


def _delete(path: Path) -> None:
    path.unlink()


def _turn_into_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "damage",
    [
        _truncate,
        _cut_off,
        _overwrite,
        _flip_single_bytes,
        _fill_with_noise,
        _empty,
        _give_other_tables,
        _give_other_values,
        _delete,
        _turn_into_a_folder,
    ],
    ids=lambda damage: damage.__name__.strip("_").replace("_", "-"),
)
def test_damaged_file_does_no_harm(
    damage: Callable[[Path], None], model: Model, data: Path, cache: Path
) -> None:
    first = release(model, data, cache)
    (path,) = cache.iterdir()
    damage(path)

    assert release(model, data, cache) == first


def test_damaged_file_is_made_anew(model: Model, data: Path, cache: Path, done: list[str]) -> None:
    release(model, data, cache)
    _give_other_tables(*cache.iterdir())
    release(model, data, cache)
    done.clear()

    release(model, data, cache)

    assert done == []


def test_folder_that_cannot_be_made_is_done_without(model: Model, data: Path, cache: Path) -> None:
    cache.write_text("a file")

    assert release(model, data, cache) == release(model, data, None)


def test_two_runs_at_once_do_each_its_own_work(
    model: Model, data: Path, cache: Path, done: list[str]
) -> None:
    first = release(model, data, cache)
    (path,) = cache.iterdir()
    held = sqlite3.connect(path, isolation_level=None)
    held.execute("BEGIN EXCLUSIVE")
    done.clear()

    assert release(model, data, cache) == first

    held.close()
    assert len(done) == COUNT + 1
    assert [each.name for each in cache.iterdir()] == [path.name]


def test_more_than_is_worth_keeping_is_not_kept(
    model: Model, data: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "LARGEST", 1000)

    release(model, data, cache)

    assert list(cache.iterdir()) == []


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    written = [(b"<a> <b> <c> .\n", b'{"id": "a"}'), (b"", b"")]

    assert unpack(pack(written, {})) == (written, {})


# -- the audit of what was kept


def test_what_was_audited_is_not_audited_again(model: Model, data: Path, cache: Path) -> None:
    first = publish(model, data, data.parent / "out", Plan(cache=cache, audited=3))
    second = publish(model, data, data.parent / "out", Plan(cache=cache, audited=3))

    assert (first.audited, second.audited) == (3, 0)


def test_what_was_kept_without_an_audit_is_audited(model: Model, data: Path, cache: Path) -> None:
    broken = data / "broken.yaml"
    broken.write_text("id: [")
    publish(model, data, data.parent / "out", Plan(cache=cache, audited=3))
    broken.unlink()

    again = publish(model, data, data.parent / "out", Plan(cache=cache, audited=3))

    assert again.audited == 3
