"""A dataset sent through in pieces: the findings of the whole, whatever the pieces are."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pytest
import yaml
import zstandard

from expatlod import stream, tasks
from expatlod.collection import gather
from expatlod.errors import ERROR, WARNING, Finding
from expatlod.namespaces import DEFAULT_BASE
from expatlod.profile import Model
from expatlod.records import lines
from expatlod.stream import Stream
from tests.benchmarks.generate import dataset as about
from tests.benchmarks.generate import records
from tests.harbours import DATASET, PROJECT, dataset, project

Data = dict[str, object]


def streamed(model: Model, *inputs: Path, jobs: int = 1) -> list[Finding]:
    """The findings of *inputs*, sent through in pieces."""
    with Stream(model, inputs, jobs=jobs) as passage:
        return passage.run()


def whole(model: Model, *inputs: Path) -> list[Finding]:
    """The findings of *inputs*, held in memory together."""
    return gather(model, inputs).validate()


def rows(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """Place and code of each error."""
    return [(str(each.at), each.rule) for each in findings if each.severity == ERROR]


def json_lines(some: Iterable[object]) -> bytes:
    return b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in some)


def table(some: Sequence[Data]) -> str:
    """Records of single values as CSV; what a record does not have is empty."""
    flat = [
        {
            key if language is None else f"{key}.{language}": text
            for key, value in each.items()
            for language, text in (value.items() if isinstance(value, Mapping) else [(None, value)])
        }
        for each in some
    ]
    columns = list(dict.fromkeys(key for each in flat for key in each))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue()


ROWS: list[Data] = [
    {"id": "row-1", "type": "Page", "title": {"da": "En", "en": "One"}, "url": "https://x.org/1"},
    {"id": "row-2", "type": "Page", "title": {"da": "To", "en": "Two"}, "url": "no address"},
    {"id": "row-2", "type": "Page", "title": {"da": "Tre", "en": "Three"}, "language": "klingon"},
]


@pytest.fixture(scope="module")
def mixed(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some hundred records, one in eight with a fault, in files of every kind."""
    folder = tmp_path_factory.mktemp("mixed") / "data"
    folder.mkdir()
    made = list(records(model, 240, seed=4, faulty=0.125))
    broken = b'{"id": "half", "type": \n{"type": "Project"}\n[]\n{"id": "\xff"}\n'
    (folder / "dataset.yaml").write_text(yaml.safe_dump(about(model), allow_unicode=True), "utf-8")
    (folder / "a.jsonl").write_bytes(json_lines(made[:90]) + broken + json_lines(made[90:120]))
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(json_lines(made[120:160])))
    (folder / "c.ndjson.zst").write_bytes(zstandard.compress(json_lines(made[160:200])))
    (folder / "d.jsonl.gz").write_bytes(gzip.compress(json_lines(made[3:9]))[:-9])
    (folder / "e.jsonl").write_bytes(b"\n\n")
    (folder / "rows.csv").write_text(table(ROWS), "utf-8")
    (folder / "many.json").write_bytes(json.dumps(made[200:206]).encode())
    (folder / "broken.yaml").write_text("id: [")
    for each in made[206:]:
        text = yaml.safe_dump(each, allow_unicode=True, sort_keys=False)
        (folder / f"{each['id']}.yaml").write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def expected(model: Model, mixed: Path) -> list[Finding]:
    return whole(model, mixed)


# -- the same findings


def test_findings_are_those_of_all_records_in_memory(
    model: Model, mixed: Path, expected: list[Finding]
) -> None:
    assert len(expected) > 30
    assert streamed(model, mixed) == expected


def test_findings_do_not_depend_on_the_number_of_processes(
    model: Model, mixed: Path, expected: list[Finding]
) -> None:
    assert streamed(model, mixed, jobs=2) == expected


@pytest.mark.parametrize(
    ("module", "name", "size"),
    [
        pytest.param(stream, "_FILES", 1, id="files-in-a-task"),
        pytest.param(stream, "_BYTES", 1000, id="bytes-in-a-task"),
        pytest.param(lines, "_CHUNK", 3000, id="bytes-in-a-piece"),
        pytest.param(tasks, "BATCH", 7, id="records-in-a-batch"),
    ],
)
def test_findings_do_not_depend_on_the_size_of(
    module: object,
    name: str,
    size: int,
    model: Model,
    mixed: Path,
    expected: list[Finding],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, name, size)

    assert streamed(model, mixed) == expected


@pytest.mark.parametrize("engine", ["pyshacl", "shacl"])
def test_places_and_codes_of_errors_do_not_depend_on_the_engine(
    engine: str, model: Model, tmp_path: Path
) -> None:
    made = list(records(model, 40, seed=9, faulty=0.25))
    (tmp_path / "r.jsonl").write_bytes(json_lines(made))

    with Stream(model, [tmp_path], engine=engine) as passage:
        found = passage.run()

    assert rows(found) == rows(whole(model, tmp_path))


def test_one_file_of_a_dataset_is_checked_against_the_others(model: Model, mixed: Path) -> None:
    one = mixed / "a.jsonl"

    assert streamed(model, one) == whole(model, one)


def test_files_that_are_not_asked_for_are_not_counted(model: Model, mixed: Path) -> None:
    with Stream(model, [mixed / "b.jsonl.gz"]) as passage:
        passage.run()

    assert (passage.tally.records, passage.files) == (40, (str(mixed / "b.jsonl.gz"),))


# -- rules that hold between records, whichever pieces they are in


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `data` with a dataset and its publisher only; each line is a piece of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lines, "_CHUNK", 1)
    return dataset(Path("data"))


def boat(id: str, **more: object) -> Data:
    """A project without errors and what is added to it."""
    return {**yaml.safe_load(PROJECT.format(id=id)), **more}


ORGANISATION = {"type": "Organisation", "name": {"da": "En", "en": "One"}, "kind": "association"}

#: Records of a file of JSON Lines, and the errors in it.
CASES: Mapping[str, tuple[Sequence[Data], Sequence[str]]] = {
    "second-of-a-name": ([boat("a"), boat("b"), boat("a"), boat("a")], ["3", "4"]),
    "back": ([boat("a"), boat("b", continues="a")], []),
    "forth": ([boat("a", continues="b"), boat("b")], []),
    "to-nothing": ([boat("a", continues="c"), boat("b"), boat("e", continues="c")], ["1", "3"]),
    "to-itself": ([boat("a", continues="a")], []),
    "to-another-class": ([boat("a", continues="o"), {"id": "o", **ORGANISATION}], ["1"]),
    "to-the-second-of-a-name": ([boat("a", continues="b"), boat("b"), boat("b")], ["3"]),
}


@pytest.mark.parametrize("case", CASES)
def test_pieces_are_seen_together(case: str, model: Model, data: Path) -> None:
    given, faults = CASES[case]
    (data / "r.jsonl").write_bytes(json_lines(given))

    found = streamed(model, data)

    assert found == whole(model, data)
    assert [place.split(":")[1] for place, _ in rows(found)] == faults


def test_name_of_another_file_is_taken(model: Model, data: Path) -> None:
    project(data / "one", "north")
    (data / "two.jsonl").write_bytes(json_lines([boat("south"), boat("north")]))
    (data / "three.csv").write_text(table([boat("west"), boat("south")]))

    found = streamed(model, data)

    assert found == whole(model, data)
    assert [rule for _, rule in rows(found)] == ["record:twice", "record:twice"]


GUIDED = boat("a", activity=[{"id": "guide", "kind": "mentoring"}])


def learned(about: str) -> Data:
    """A project that learned something about another one."""
    return boat("b", lesson=[{"description": {"da": "Godt", "en": "Good"}, "about": about}])


#: Records that point into others, and the errors in them.
INTO: Mapping[str, tuple[Data, int]] = {
    "of-the-right-class": (learned("https://data.example.org/id/project/a#guide"), 0),
    "of-another-class": (boat("b", continues="https://data.example.org/id/project/a#guide"), 1),
    "missing": (learned("https://data.example.org/id/project/a#gone"), 1),
    "of-a-missing-record": (learned("https://data.example.org/id/project/gone#guide"), 1),
}


@pytest.mark.parametrize("case", INTO)
@pytest.mark.parametrize("first", [True, False], ids=["forth", "back"])
def test_reference_to_a_part_of_another_record(
    first: bool, case: str, model: Model, data: Path
) -> None:
    pointing, faults = INTO[case]
    given = [pointing, GUIDED] if first else [GUIDED, pointing]
    (data / "r.jsonl").write_bytes(json_lines(given))

    found = streamed(model, data)

    assert found == whole(model, data)
    assert len(rows(found)) == faults


@pytest.mark.parametrize("name", ["c.yaml", "c.json"])
def test_reference_to_the_record_of_a_file_that_cannot_be_read_is_excused(
    name: str, model: Model, data: Path
) -> None:
    (data / "r.jsonl").write_bytes(json_lines([boat("a", continues="c"), boat("b", continues="d")]))
    (data / name).write_text("{")

    found = streamed(model, data)

    assert found == whole(model, data)
    assert [place.split(":")[0] for place, _ in rows(found)] == [f"data/{name}", "data/r.jsonl"]


def test_second_dataset_is_found(model: Model, data: Path) -> None:
    (data / "r.jsonl").write_bytes(
        json_lines([boat("a"), {**yaml.safe_load(DATASET), "id": "more"}])
    )

    found = streamed(model, data)

    assert found == whole(model, data)
    assert rows(found) == [("data/r.jsonl:2:24", "record:dataset")]


def test_base_that_cannot_begin_an_address_is_found_once(model: Model, data: Path) -> None:
    text = DATASET.replace("base: https://data.example.org/", "base: harbours")
    (data / "dataset.yaml").write_text(text)

    found = streamed(model, data)

    assert found == whole(model, data)
    assert rows(found) == [("data/dataset.yaml:7:7", "record:base")]


@pytest.mark.parametrize("place", ["dataset.yaml", "z.jsonl", "a.json"])
def test_base_is_that_of_the_dataset_wherever_it_stands(
    place: str, model: Model, data: Path
) -> None:
    (data / "dataset.yaml").unlink()
    (data / place).write_text(json.dumps(yaml.safe_load(DATASET)) + "\n")

    with Stream(model, [data]) as passage:
        assert passage.run() == whole(model, data)
        assert passage.base == "https://data.example.org/"


# -- more findings than are kept


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let so many findings be kept."""
    return lambda number: monkeypatch.setattr(stream, "MANY", number)


def test_findings_that_are_not_kept_are_counted(
    model: Model, data: Path, few: Callable[[int], None]
) -> None:
    (data / "r.jsonl").write_bytes(json_lines(boat(f"b{n}", kind="raft") for n in range(8)))
    everything = Counter(each.severity for each in streamed(model, data))
    few(5)

    with Stream(model, [data]) as passage:
        found = passage.run()

    assert len(found) + passage.tally.unkept == everything.total()
    assert passage.tally.findings == everything


def test_error_after_more_warnings_than_are_kept_is_not_lost(
    model: Model, data: Path, few: Callable[[int], None]
) -> None:
    light = [boat(f"b{n}") for n in range(4)]
    (data / "r.jsonl").write_bytes(json_lines([*light, boat("x", continues="gone")]))
    few(2)

    found = streamed(model, data)

    assert {each.severity for each in found} >= {ERROR, WARNING}
    assert rows(found) == [("data/r.jsonl:5:150", "record:reference")]


def test_dataset_is_the_one_in_its_file_wherever_a_second_stands(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    dataset(Path("data"))
    Path("data/a.yaml").write_text(DATASET.replace("id: ", "id: other-"))

    (finding,) = streamed(model, Path("data"))

    assert (finding.at.path, finding.rule) == ("data/a.yaml", "record:dataset")
    assert finding.message["en"] == "there are two datasets; the first is data/dataset.yaml"


def test_address_of_a_record_with_an_empty_fragment_is_no_record(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    dataset(Path("data"))
    project(Path("data"), "north")
    with Stream(model, [Path("data")]) as passage:
        base = passage.base
    project(Path("data"), "south", f"continues: {base}id/project/north#\n")

    assert rows(streamed(model, Path("data"))) == [("data/south.yaml:6:12", "record:reference")]
    assert streamed(model, Path("data")) == whole(model, Path("data"))


@pytest.mark.parametrize("wrong", ["part", "self", "code"])
def test_what_is_no_record_of_the_class_is_found_where_one_is_wanted(
    wrong: str, model: Model, tmp_path: Path
) -> None:
    some = list(records(model, 60, seed=3, base=DEFAULT_BASE))
    each = next(record for record in some if record.get("funding"))
    own = f"{DEFAULT_BASE}id/project/{each['id']}"
    code = min(model.code_facts)
    part = {
        **each["funding"][0],
        "funder": {"part": f"{own}#funding-1", "self": own}.get(wrong, code),
    }
    part.pop("id", None)
    each["funding"] = [part]
    path = tmp_path / "r.jsonl"
    path.write_bytes(json_lines(some))

    found = streamed(model, path)

    assert [finding.rule for finding in found] == ["sh:class"]
    assert found == whole(model, path)
