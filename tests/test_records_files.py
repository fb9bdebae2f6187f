"""Which files are records: those of a folder in order, without the hidden and those outside it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from expatlod.errors import Location
from expatlod.records.files import ending, files, parse, read


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"id: {path.stem}\n")


def found(folder: Path) -> list[str]:
    paths, errors = files(folder)
    assert errors == []
    return [path.relative_to(folder).as_posix() for path in paths]


def test_folder_gives_its_record_files_in_order_of_name(tmp_path: Path) -> None:
    write(tmp_path, "b.yaml", "a.yml", "sub/c.yaml", "sub/deep/a.yaml", "a10.yaml", "a9.yaml")

    assert found(tmp_path) == [
        "a.yml",
        "a10.yaml",
        "a9.yaml",
        "b.yaml",
        "sub/c.yaml",
        "sub/deep/a.yaml",
    ]


@pytest.mark.parametrize(
    "name",
    ["notes.txt", "a.yaml.bak", "a.yaml~", "a.gz", "yaml", "a.ttl", "queries/a.rq", "a.YAML.txt"],
)
def test_file_of_another_ending_is_no_record(tmp_path: Path, name: str) -> None:
    write(tmp_path, "a.yaml", name)

    assert found(tmp_path) == ["a.yaml"]


@pytest.mark.parametrize(
    "name",
    [
        "a.yaml",
        "a.yml",
        "a.json",
        "a.jsonl",
        "a.ndjson",
        "a.jsonl.gz",
        "a.ndjson.gz",
        "a.jsonl.zst",
        "a.ndjson.zst",
        "a.csv",
        "a.xlsx",
        "A.CSV",
        "a.b.Json",
    ],
)
def test_file_of_a_record_ending_is_found(tmp_path: Path, name: str) -> None:
    write(tmp_path, name)

    assert found(tmp_path) == [name]
    assert name.lower().endswith(ending(name))


@pytest.mark.parametrize("name", ["a.gz", "a.zst", "a.yaml.gz", "a.csv.gz", ".jsonl.gz", "jsonl"])
def test_other_ending_is_none(name: str) -> None:
    assert ending(name) == ""


def test_lock_file_of_a_spreadsheet_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "a.xlsx", "~$a.xlsx")

    assert found(tmp_path) == ["a.xlsx"]


def test_queries_of_a_dataset_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "data/dataset.yaml", "data/queries/a.csv", "data/x/queries/b.yaml")

    assert found(tmp_path) == ["data/dataset.yaml", "data/x/queries/b.yaml"]


def test_queries_are_read_when_they_are_named(tmp_path: Path) -> None:
    write(tmp_path, "dataset.yaml", "queries/a.csv")

    assert found(tmp_path / "queries") == ["a.csv"]


def test_pipe_is_passed_over_in_a_folder_and_told_when_it_is_named(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")

    assert found(tmp_path) == ["a.yaml"]
    assert [each.rule for each in read([tmp_path / "pipe.yaml"])[1]] == ["record:file"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("r.yaml", "id: a\n"),
        ("r.YML", "\ufeffid: a\n"),
        ("r.json", '\ufeff{"id": "a"}'),
        ("r.jsonl", '\ufeff\n{"id": "a"}\n'),
        ("r.ndjson", '{"id": "a"}'),
        ("r.csv", "\ufeffid,type\na,\n"),
    ],
)
def test_text_that_is_in_no_file_is_read_by_the_ending(name: str, text: str) -> None:
    records, findings = parse(text, name)

    assert [each.data for each in records] == [{"id": "a"}]
    assert findings == []
    assert records[0].at(("id",)).path == name


@pytest.mark.parametrize("name", ["r.yaml", "r.json", "r.jsonl", "r.csv"])
@pytest.mark.parametrize("odd", ["\x00", "\ud800"])
def test_text_that_is_in_no_file_holds_no_odd_characters(name: str, odd: str) -> None:
    _, (finding,) = parse(f"a{odd}", name)

    assert (finding.at, finding.rule) == (Location(name, 1, 2), "record:character")


@pytest.mark.parametrize("name", ["r.xlsx", "r.jsonl.gz", "r.txt", ""])
def test_text_of_no_text_format_is_a_finding(name: str) -> None:
    records, findings = parse("id: a\n", name)

    assert records == []
    assert [(each.at, each.rule) for each in findings] == [(Location(name), "record:file")]


def test_lists_are_told_to_tables(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,type,x\na,P,1; 2\n")

    assert read([path])[0][0].data["x"] == "1; 2"
    assert read([path], lambda kind, keys: (kind, keys) == ("P", ("x",)))[0][0].data["x"] == [
        "1",
        "2",
    ]


@pytest.mark.parametrize("name", [".a.yaml", ".git/a.yaml", "sub/.cache/deep/a.yaml"])
def test_hidden_file_is_passed_over(tmp_path: Path, name: str) -> None:
    write(tmp_path, "b.yaml", name)

    assert found(tmp_path) == ["b.yaml"]


def test_folder_that_is_hidden_itself_is_read_when_it_is_named(tmp_path: Path) -> None:
    folder = tmp_path / ".drafts"
    write(folder, "a.yaml")

    assert found(folder) == ["a.yaml"]


@pytest.mark.parametrize(
    ("link", "target"),
    [
        pytest.param("link.yaml", "outside/secret.yaml", id="file"),
        pytest.param("folder", "outside", id="folder"),
        pytest.param("broken.yaml", "nowhere.yaml", id="broken"),
    ],
)
def test_link_out_of_the_folder_is_not_followed(tmp_path: Path, link: str, target: str) -> None:
    write(tmp_path, "inside/a.yaml", "outside/secret.yaml")
    (tmp_path / "inside" / link).symlink_to(tmp_path / target)

    assert found(tmp_path / "inside") == ["a.yaml"]


def test_link_to_a_folder_reads_it_when_it_is_named(tmp_path: Path) -> None:
    write(tmp_path, "there/a.yaml")
    (tmp_path / "here").symlink_to(tmp_path / "there")

    assert found(tmp_path / "here") == ["a.yaml"]


def test_folder_that_is_named_like_a_record_is_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml/b.yaml")

    assert found(tmp_path) == ["a.yaml/b.yaml"]


def test_file_that_is_named_is_given_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, ".hidden.yaml")

    assert files(tmp_path / ".hidden.yaml") == ([tmp_path / ".hidden.yaml"], [])


def test_records_come_in_the_order_of_the_paths_that_were_named(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "z/b.yaml", "z/c.yaml")

    records, findings = read([tmp_path / "z", tmp_path / "a.yaml"])

    assert [each.data["id"] for each in records] == ["b", "c", "a"]
    assert findings == []


def test_record_calls_its_file_as_the_user_typed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "data/a.yaml")
    monkeypatch.chdir(tmp_path)

    records, _ = read([Path("data")])

    assert records[0].source == str(Path("data", "a.yaml"))


def test_folder_without_records_is_a_finding(tmp_path: Path) -> None:
    write(tmp_path, "notes.txt")

    records, (finding,) = read([tmp_path])

    assert records == []
    assert (finding.at, finding.rule) == (Location(str(tmp_path)), "record:none")
    assert finding.message == {
        "da": "mappen indeholder ingen poster",
        "en": "the folder holds no records",
    }


def test_file_that_cannot_be_opened_is_a_finding_and_the_others_are_read(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")

    records, (finding,) = read([tmp_path / "loop.yaml", tmp_path / "a.yaml"])

    assert [each.data for each in records] == [{"id": "a"}]
    assert (finding.at, finding.rule) == (Location(str(tmp_path / "loop.yaml")), "record:file")
    assert finding.message == {
        "da": f"filen kan ikke læses: {os.strerror(errno.ELOOP)}",
        "en": f"the file cannot be read: {os.strerror(errno.ELOOP)}",
    }


def test_file_that_is_no_record_is_a_finding_when_it_is_named(tmp_path: Path) -> None:
    write(tmp_path, "notes.txt")

    records, findings = read([tmp_path / "notes.txt"])

    assert records == []
    assert [each.at for each in findings] == [Location(str(tmp_path / "notes.txt"))]


def test_fault_in_one_file_leaves_the_others_readable(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "c.yaml")
    (tmp_path / "b.yaml").write_text("id: [\n")

    records, findings = read([tmp_path])

    assert [each.data["id"] for each in records] == ["a", "c"]
    assert [str(each.at) for each in findings] == [f"{tmp_path / 'b.yaml'}:1:5"]
