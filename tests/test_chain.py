"""Releases stand in a row: each has its name and its place, and none changes any more."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from expatlod.archive import find, read_site, releases
from expatlod.errors import PublishError, UsageError
from expatlod.profile import Model
from expatlod.publish import Plan, publish
from tests.conftest import VERSION, Command

QUAY = """\
id: quay
type: Project
title: {da: Kajen, en: The quay}
kind: project
summary: {da: Naboer mødes på kajen., en: Neighbours meet on the quay.}
audience: foreign-worker
theme: leisure
extent: DK
source: https://example.org/quay
"""

DATASET = """\
id: harbour
type: Dataset
title: {da: Havnens projekter, en: Projects of the harbour}
description: {da: Opdigtede projekter., en: Invented projects.}
publisher: office
licence: https://creativecommons.org/licenses/by/4.0/
base: https://example.org/
language: [da, en]
"""

OFFICE = """\
id: office
type: Organisation
name: {da: Kontoret, en: The office}
kind: company
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for name, text in (("dataset", DATASET), ("office", OFFICE), ("quay", QUAY)):
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "public"


def _theme(data: Path, theme: str) -> None:
    path = data / "quay.yaml"
    path.write_text(re.sub("theme: .*", f"theme: {theme}", path.read_text("utf-8")), "utf-8")


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


# -- what they are called


def test_a_release_is_called_after_the_day_on_which_a_record_changed(
    model: Model, data: Path, out: Path
) -> None:
    publish(model, data, out)

    assert [path.name for path in (out / "releases").iterdir()] == [VERSION]


def test_a_second_release_of_a_day_is_numbered(model: Model, data: Path, out: Path) -> None:
    for theme in ("leisure", "housing", "culture"):
        _theme(data, theme)
        publish(model, data, out)

    assert [each.manifest.release for each in releases(out)] == [
        VERSION,
        f"{VERSION}.2",
        f"{VERSION}.3",
    ]


def test_a_release_is_called_as_the_user_says(expatlod: Command, data: Path, out: Path) -> None:
    expatlod("publish", data, "-o", out, "--version", "1.0")

    assert find(out).manifest.release == "1.0"


@pytest.mark.parametrize("name", ["latest", "../up", "a/b", ".hidden", "", "a b", "-", "x" * 65])
def test_what_is_no_name_of_a_folder_is_refused(
    name: str, expatlod: Command, data: Path, out: Path
) -> None:
    done = expatlod("publish", data, "-o", out, f"--version={name}")

    if not name:
        assert done.returncode == 0
        return
    assert (done.returncode, out.exists()) == (2, False)
    assert f"--version {name}: write letters, digits" in done.stderr


def test_a_name_that_is_taken_is_refused(model: Model, data: Path, out: Path) -> None:
    publish(model, data, out, Plan(version="1.0"))
    _theme(data, "housing")
    before = _digests(out)

    with pytest.raises(PublishError, match=r"--version 1\.0: published already"):
        publish(model, data, out, Plan(version="1.0"))

    assert _digests(out) == before


# -- when


def test_the_day_is_that_of_the_newest_file_where_there_is_no_git(
    model: Model, data: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    for number, path in enumerate(sorted(data.iterdir())):
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))

    publish(model, data, out)

    # 1,700,000,002 seconds after 1970.
    assert find(out).manifest.issued == "2023-11-14T22:13:22Z"


def _git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
    when = {"GIT_AUTHOR_DATE": "2024-05-06T07:08:09Z", "GIT_COMMITTER_DATE": "2024-05-06T07:08:09Z"}
    subprocess.run(
        ["git", "-C", folder, *who, *arguments],
        check=True,
        capture_output=True,
        env={**os.environ, **when},
    )


@pytest.fixture
def repository(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    _git(data, "init", "-q")
    _git(data, "add", ".")
    _git(data, "commit", "-qm", "Begin")
    return data


def test_the_day_is_that_of_the_last_commit_whatever_the_files_say(
    model: Model, repository: Path, out: Path
) -> None:
    publish(model, repository, out)

    assert find(out).manifest.issued == "2024-05-06T07:08:09Z"


def test_the_day_is_that_of_a_file_that_is_not_committed(
    model: Model, repository: Path, out: Path
) -> None:
    _theme(repository, "housing")
    os.utime(repository / "quay.yaml", (1_800_000_000, 1_800_000_000))

    publish(model, repository, out)

    assert find(out).manifest.issued == "2027-01-15T08:00:00Z"


@pytest.mark.parametrize("text", ["yesterday", "1e400", "9" * 30])
def test_a_source_date_epoch_that_is_no_time_is_refused(
    text: str, model: Model, data: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)

    with pytest.raises(UsageError, match="not a number of seconds since 1970-01-01"):
        publish(model, data, out)


# -- what stays


def test_a_new_release_leaves_the_old_ones_as_they_are(model: Model, data: Path, out: Path) -> None:
    publish(model, data, out)
    before = _digests(out / "releases" / VERSION)
    _theme(data, "housing")

    publish(model, data, out)

    assert _digests(out / "releases" / VERSION) == before


def test_the_newest_release_stands_in_latest_too(model: Model, data: Path, out: Path) -> None:
    publish(model, data, out)
    _theme(data, "housing")
    publish(model, data, out)

    assert _digests(out / "latest") == _digests(out / "releases" / f"{VERSION}.2")


def test_a_release_says_which_one_it_follows(model: Model, data: Path, out: Path) -> None:
    for theme in ("leisure", "housing", "culture"):
        _theme(data, theme)
        publish(model, data, out)

    assert [each.manifest.previous for each in releases(out)] == ["", VERSION, f"{VERSION}.2"]


def test_the_listing_has_the_checksum_of_each_manifest(model: Model, data: Path, out: Path) -> None:
    publish(model, data, out)
    _theme(data, "housing")
    publish(model, data, out)

    site = read_site(out)
    assert site is not None
    assert [each.sha256 for each in site.releases] == [
        hashlib.sha256((out / "releases" / version / "manifest.json").read_bytes()).hexdigest()
        for version in (VERSION, f"{VERSION}.2")
    ]


def test_the_same_data_makes_no_second_release(
    expatlod: Command, model: Model, data: Path, out: Path
) -> None:
    publish(model, data, out)
    before = _digests(out)

    done = expatlod("publish", data, "-o", out)

    assert done.stderr.splitlines()[-1] == (
        f"nothing has changed since {out}/releases/{VERSION}; that release stands"
    )
    assert _digests(out) == before


def test_what_was_before_the_last_release_can_be_released_again(
    model: Model, data: Path, out: Path
) -> None:
    for theme in ("leisure", "housing", "leisure"):
        _theme(data, theme)
        publish(model, data, out)

    first, _, third = releases(out)
    assert first.manifest.content == third.manifest.content


def _gone(release: Path) -> None:
    (release / "void.ttl").unlink()


def _broken(release: Path) -> None:
    (release / "manifest.json").write_bytes(b"{")


def _of_another_name(release: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_bytes())
    (release / "manifest.json").write_text(json.dumps({**manifest, "release": "0"}))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_gone, "this file of an old release is gone"),
        (_broken, "it has no manifest.json that can be read"),
        (_of_another_name, "it has no manifest.json that can be read"),
    ],
)
def test_an_old_release_that_is_not_whole_is_not_lost_for_good(
    harm: object, said: str, model: Model, data: Path, out: Path
) -> None:
    assert callable(harm)
    publish(model, data, out)
    harm(out / "releases" / VERSION)
    before = _digests(out)
    _theme(data, "housing")

    with pytest.raises(PublishError, match=said):
        publish(model, data, out)

    assert _digests(out) == before


# -- what stands beside them


def test_files_of_the_dataset_stand_beside_the_releases(
    model: Model, data: Path, out: Path
) -> None:
    (data / "static" / ".well-known").mkdir(parents=True)
    (data / "static" / "CNAME").write_text("data.example.org\n")
    (data / "static" / ".well-known" / "security.txt").write_text("Contact: none\n")

    publish(model, data, out)
    publish(model, data, out)

    assert (out / "CNAME").read_text() == "data.example.org\n"
    assert (out / ".well-known" / "security.txt").read_text() == "Contact: none\n"


def test_records_in_the_folder_of_such_files_are_none(model: Model, data: Path, out: Path) -> None:
    (data / "static").mkdir()
    (data / "static" / "_config.yml").write_text("theme: minimal\n")

    release = publish(model, data, out)

    assert [each for each in release.findings if "_config" in each.at.path] == []
    assert (out / "_config.yml").read_text() == "theme: minimal\n"


@pytest.mark.parametrize("name", ["releases.json", "latest/x", "releases/x"])
def test_such_a_file_does_not_take_the_place_of_ours(
    name: str, model: Model, data: Path, out: Path
) -> None:
    path = data / "static" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")

    with pytest.raises(UsageError, match=f"static/{name}: publish writes a file of this name"):
        publish(model, data, out)

    assert not out.exists()


# -- whose they are, and when


def test_what_somebody_changed_in_an_old_release_is_not_vouched_for(
    model: Model, data: Path, out: Path
) -> None:
    publish(model, data, out)
    path = out / "releases" / VERSION / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"records": 2', b'"records": 3'))
    _theme(data, "housing")

    with pytest.raises(PublishError, match=r"manifest\.json: not as it was"):
        publish(model, data, out)


def test_an_old_file_of_another_size_is_not_taken_over(model: Model, data: Path, out: Path) -> None:
    publish(model, data, out)
    with (out / "releases" / VERSION / "README.md").open("a") as file:
        file.write("evil")
    _theme(data, "housing")

    with pytest.raises(PublishError, match=r"README\.md: this file of an old release is not as"):
        publish(model, data, out)


def test_releases_of_another_dataset_are_not_gone_on_with(
    model: Model, data: Path, out: Path
) -> None:
    publish(model, data, out)
    path = data / "dataset.yaml"
    path.write_text(path.read_text("utf-8").replace("id: harbour", "id: quayside"), "utf-8")

    with pytest.raises(PublishError, match=r"of https://example\.org/id/dataset/harbour, and this"):
        publish(model, data, out)


def test_time_does_not_go_back_with_a_record_that_is_taken_back(
    model: Model, data: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(model, data, out)
    _theme(data, "housing")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")

    publish(model, data, out)

    assert [each.manifest.issued for each in releases(out)] == ["2026-01-01T12:00:00Z"] * 2


def test_a_shallow_clone_does_not_guess_when_records_changed(
    model: Model, repository: Path, out: Path, tmp_path: Path
) -> None:
    _git(repository, "commit", "-q", "--allow-empty", "-m", "Something else")
    _git(tmp_path, "clone", "-q", "--depth", "1", repository.as_uri(), "shallow")

    with pytest.raises(UsageError, match="a shallow clone does not know"):
        publish(model, tmp_path / "shallow", out)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("new\nline.txt", "no name for a file on the web"),
        ("bad.ttl", "cannot be read as RDF"),
        ("index.html/x", "publish writes a file of this name"),
    ],
)
def test_files_that_would_spoil_what_is_published_are_told(
    name: str, said: str, model: Model, data: Path, out: Path
) -> None:
    path = data / "static" / name
    path.parent.mkdir(parents=True)
    path.write_text("not turtle")

    with pytest.raises(UsageError, match=said):
        publish(model, data, out)

    assert not out.exists()


def test_whatever_the_umask_everybody_can_read_what_is_published(
    model: Model, data: Path, out: Path
) -> None:
    before = os.umask(0o077)
    try:
        publish(model, data, out)
    finally:
        os.umask(before)

    modes = {path.stat().st_mode & 0o777 for path in out.rglob("*") if path.is_file()}
    assert (modes, (out / "latest" / "dump").stat().st_mode & 0o777) == ({0o644}, 0o755)


def test_a_diff_is_not_written_over_what_was_published(
    expatlod: Command, model: Model, data: Path, out: Path
) -> None:
    publish(model, data, out)

    done = expatlod("diff", out, out, "-o", out / "latest" / "README.md")

    assert done.returncode == 2
    assert "part of what was published; name a file elsewhere" in done.stderr
