"""What changed since a revision: the records to validate, told by real git repositories."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from pathlib import Path

import pytest

from expatlod.changes import changed, files
from expatlod.collection import Collection, gather
from expatlod.errors import ERROR, UsageError
from expatlod.profile import Model
from tests.harbours import DATASET, OWNER, PROJECT, project


@pytest.fixture(autouse=True)
def author(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Git as on a machine that has no settings."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "somebody@example.org")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def git(folder: Path, *arguments: str | Path) -> str:
    done = subprocess.run(
        ["git", *map(str, arguments)], cwd=folder, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "records")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `data` in a repository with north, south (which continues north) and west."""
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "-q", "-b", "main")
    folder = Path("data")
    folder.mkdir()
    (folder / "dataset.yaml").write_text(DATASET)
    (folder / "owner.yaml").write_text(OWNER)
    project(folder, "north")
    project(folder, "south", "continues: north\n")
    project(folder, "west")
    commit(tmp_path)
    return folder


def since(model: Model, inputs: list[Path], revision: str = "HEAD") -> Collection:
    return changed(gather(model, inputs), inputs, revision)


def names(collection: Collection) -> list[str]:
    """The ids of the records to validate."""
    return sorted(each.iri.rpartition("/")[2] for each in collection.all)


def rows(collection: Collection) -> list[tuple[str, str]]:
    return [(str(each.at), each.rule) for each in collection.validate() if each.severity == ERROR]


# -- which records


def test_nothing_changed_is_nothing_to_validate(model: Model, data: Path) -> None:
    found = since(model, [data])

    assert (names(found), found.files, found.validate()) == ([], (), [])


def test_changed_record_is_validated_with_those_that_point_at_it(model: Model, data: Path) -> None:
    project(data, "north", "theme: xyzzy\n")

    found = since(model, [data])

    assert names(found) == ["north", "south"]
    assert found.files == ("data/north.yaml", "data/south.yaml")
    assert rows(found) == [("data/north.yaml:6:8", "sh:node")]


def test_faults_of_other_records_are_not_told(model: Model, data: Path) -> None:
    project(data, "west", "theme: xyzzy\n")
    (data / "broken.yaml").write_text("id: [\n")
    commit(data)
    project(data, "north", "titel: x\n")

    assert rows(since(model, [data])) == [("data/north.yaml:6:1", "record:unknown")]


def test_new_file_counts_before_it_is_added(model: Model, data: Path) -> None:
    project(data, "east", "continues: nobody\n")

    assert rows(since(model, [data])) == [("data/east.yaml:6:12", "record:reference")]


def test_new_file_counts_when_it_is_added(model: Model, data: Path) -> None:
    project(data, "east")
    git(data, "add", "east.yaml")

    assert names(since(model, [data])) == ["east"]


def test_staged_change_counts(model: Model, data: Path) -> None:
    project(data, "west", "theme: tax\n")
    git(data, "add", "-A")

    assert names(since(model, [data])) == ["west"]


def test_ignored_file_does_not_count(model: Model, data: Path) -> None:
    Path(".gitignore").write_text("draft.yaml\n")
    project(data, "draft", "theme: xyzzy\n")

    assert names(since(model, [data])) == []


def test_deleted_record_is_missed_where_it_is_pointed_at(model: Model, data: Path) -> None:
    (data / "north.yaml").unlink()

    found = since(model, [data])

    assert names(found) == ["south"]
    assert rows(found) == [("data/south.yaml:6:12", "record:reference")]


def test_record_removed_from_the_index_is_missed_too(model: Model, data: Path) -> None:
    git(data, "rm", "-q", "north.yaml")

    assert rows(since(model, [data])) == [("data/south.yaml:6:12", "record:reference")]


def test_record_with_another_id_is_missed_under_the_old_one(model: Model, data: Path) -> None:
    project(data, "norden", name="north")

    found = since(model, [data])

    assert names(found) == ["norden", "south"]
    assert rows(found) == [("data/south.yaml:6:12", "record:reference")]


def test_file_with_another_name_keeps_its_record(model: Model, data: Path) -> None:
    git(data, "mv", "north.yaml", "northern.yaml")

    found = since(model, [data])

    assert (names(found), rows(found)) == (["north", "south"], [])


def test_id_taken_twice_is_told_at_the_file_that_did_not_change(model: Model, data: Path) -> None:
    project(data, "west", name="a-new-one")

    assert rows(since(model, [data])) == [("data/west.yaml:1:5", "record:twice")]


def test_twin_of_a_deleted_record_is_validated_in_its_place(model: Model, data: Path) -> None:
    project(data, "west", "theme: xyzzy\n", name="z")
    commit(data)
    (data / "west.yaml").unlink()

    assert rows(since(model, [data])) == [("data/z.yaml:6:8", "sh:node")]


def test_part_that_is_gone_is_missed_in_the_record_that_points_at_it(
    model: Model, data: Path
) -> None:
    project(data, "north", "activity:\n  - {id: mentoring, kind: mentoring}\n")
    iri = "https://data.example.org/id/project/north#mentoring"
    about = f"lesson:\n  - description: {{da: Det gik, en: It went}}\n    about: {iri}\n"
    project(data, "west", about)
    commit(data)
    project(data, "north")

    assert rows(since(model, [data])) == [("data/west.yaml:8:12", "record:reference")]


def test_dataset_that_changed_is_a_reason_to_validate_everything(model: Model, data: Path) -> None:
    text = DATASET.replace("https://data.example.org/", "https://other.example/")
    (data / "dataset.yaml").write_text(text)

    assert names(since(model, [data])) == ["harbours", "north", "owner", "south", "west"]


def test_dataset_that_was_deleted_is_one_too(model: Model, data: Path) -> None:
    (data / "dataset.yaml").unlink()

    assert names(since(model, [data])) == ["north", "owner", "south", "west"]


@pytest.mark.parametrize("ending", ["json", "jsonl.gz", "csv"])
def test_old_version_is_read_in_its_own_format(model: Model, data: Path, ending: str) -> None:
    record = {"id": "boat", "type": "Project"}
    text = {
        "json": json.dumps(record).encode(),
        "jsonl.gz": gzip.compress(json.dumps(record).encode() + b"\n", mtime=0),
        "csv": b"id,type\nboat,Project\n",
    }[ending]
    (data / f"boat.{ending}").write_bytes(text)
    project(data, "west", "continues: boat\n")
    commit(data)
    (data / f"boat.{ending}").unlink()

    assert rows(since(model, [data])) == [("data/west.yaml:6:12", "record:reference")]


def test_old_version_that_was_broken_is_passed_over(model: Model, data: Path) -> None:
    (data / "west.yaml").write_text("id: [\n")
    commit(data)
    project(data, "west")

    assert names(since(model, [data])) == ["west"]


# -- since which revision


@pytest.mark.parametrize("revision", ["HEAD~1", "start", "main~1", "HEAD^"])
def test_revision_may_be_called_as_git_calls_it(model: Model, data: Path, revision: str) -> None:
    git(data, "tag", "start")
    project(data, "west", "theme: tax\n")
    commit(data)

    assert names(since(model, [data], revision)) == ["west"]


def test_before_the_first_commit_everything_is_new(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new" / "data").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "new")
    git(Path(), "init", "-q")
    project(Path("data"), "north", "theme: xyzzy\n")

    assert rows(since(model, [Path("data")])) == [("data/north.yaml:6:8", "sh:node")]


@pytest.mark.parametrize("revision", ["nowhere", "--output=stolen", "HEAD..HEAD", "", "HEAD:data"])
def test_unknown_revision_is_told_with_the_cure(model: Model, data: Path, revision: str) -> None:
    with pytest.raises(UsageError) as told:
        since(model, [data], revision)

    assert str(told.value) == (
        f"--changed-since {revision}: no commit of {Path.cwd()} is called that; write a "
        "commit, branch or tag such as HEAD or origin/main. In a shallow clone fetch the history "
        "first: 'git fetch --unshallow', or 'fetch-depth: 0' in a workflow"
    )
    assert not Path("stolen").exists()


def test_folder_outside_of_git_is_told_with_the_cure(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "plain"
    project(folder, "north")

    with pytest.raises(UsageError) as told:
        since(model, [folder])

    assert str(told.value) == (
        f"{folder}: git cannot tell what changed: fatal: not a git repository (or any of the "
        "parent directories): .git; leave --changed-since out to check everything, or run it on "
        "records that are kept in a git repository"
    )


def test_machine_without_git_is_told_with_the_cure(
    model: Model, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(UsageError, match="git, which is not installed; install git, or leave"):
        since(model, [data])


# -- where the records are, and where the command runs


@pytest.mark.parametrize("name", ["a b", "æøå", 'tab\tquote"', "[x]*", "-q", ":(top)"])
def test_any_file_name_is_found(model: Model, data: Path, name: str) -> None:
    path = project(data / name, "east", name=name)
    commit(data)
    path.write_text(PROJECT.format(id="east") + "theme: xyzzy\n")

    assert rows(since(model, [data / name])) == [(f"{path}:6:8", "sh:node")]


def test_file_that_is_named_alone_is_looked_at_alone(model: Model, data: Path) -> None:
    project(data, "west", "theme: xyzzy\n")
    project(data, "east", "theme: xyzzy\n")

    assert rows(since(model, [data / "west.yaml"])) == [("data/west.yaml:6:8", "sh:node")]


def test_record_deleted_elsewhere_in_the_dataset_is_missed(model: Model, data: Path) -> None:
    project(data / "projects", "east", "continues: north\n")
    commit(data)
    (data / "north.yaml").unlink()

    assert rows(since(model, [data / "projects"])) == [
        ("data/projects/east.yaml:6:12", "record:reference")
    ]


def test_command_may_run_in_a_folder_below(
    model: Model, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(data, "west", "theme: xyzzy\n")
    monkeypatch.chdir(data)

    assert rows(since(model, [Path()])) == [("west.yaml:6:8", "sh:node")]


def test_git_that_shows_paths_from_where_it_runs_is_no_trouble(
    model: Model, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(data, "config", "diff.relative", "true")
    git(data, "config", "diff.renames", "copies")
    project(data, "west", "theme: xyzzy\n")
    monkeypatch.chdir(data)

    assert rows(since(model, [Path()])) == [("west.yaml:6:8", "sh:node")]


def test_worktree_is_looked_at_by_itself(model: Model, data: Path) -> None:
    git(data, "worktree", "add", "-q", "../other")
    other = Path("other") / "data"
    project(data, "north", "theme: xyzzy\n")
    project(other, "west", "theme: xyzzy\n")

    assert rows(since(model, [other])) == [("other/data/west.yaml:6:8", "sh:node")]


def test_hook_of_another_repository_does_not_mislead(
    model: Model, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "-q", "elsewhere")
    project(data, "west", "theme: xyzzy\n")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")

    assert rows(since(model, [data])) == [("data/west.yaml:6:8", "sh:node")]


def test_link_that_changed_is_a_reason_to_validate_everything(model: Model, data: Path) -> None:
    (data / "link.yaml").symlink_to("west.yaml")
    commit(data)
    (data / "link.yaml").unlink()
    (data / "link.yaml").symlink_to("north.yaml")

    assert names(since(model, [data])) == ["harbours", "north", "owner", "south", "west"]


# -- files as such


def test_files_that_changed_are_told_deleted_ones_too(data: Path) -> None:
    (data / "north.yaml").unlink()
    project(data, "west", "theme: tax\n")
    (data / "note.txt").write_text("new")

    found = files([data], "HEAD")

    here = data.resolve()
    assert found == {here / "north.yaml", here / "west.yaml", here / "note.txt"}
