"""The same record in five formats is the same record, to the byte of its N-Triples."""

from __future__ import annotations

import csv
import gzip
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
import zstandard

from expatlod.convert import Converted, Converter
from expatlod.profile import Model, load
from expatlod.records.files import parse, read
from expatlod.records.record import Record, Value
from expatlod.resources import Folder
from tests.conftest import ROOT, Command

BASE = "https://example.org/"

Write = Callable[[Path, list[dict[str, Value]], Model], Path]


# -- writers


def bare(value: Value) -> object:
    """The value with numbers and true and false as JSON has them, as far as it can write them."""
    if isinstance(value, dict):
        return {key: bare(item) for key, item in value.items()}
    if isinstance(value, list):
        return [bare(item) for item in value]
    if value is not None and re.fullmatch("0|[1-9][0-9]{0,8}", value):
        return int(value)
    return {"true": True, "false": False}.get(value or "", value)


def write_json(folder: Path, records: list[dict[str, Value]], model: Model) -> Path:
    path = folder / "records.json"
    path.write_text(json.dumps([bare(each) for each in records], indent=2), encoding="utf-8")
    return path


def lines(records: list[dict[str, Value]]) -> bytes:
    return "".join(json.dumps(bare(each), ensure_ascii=False) + "\n" for each in records).encode()


def write_lines(folder: Path, records: list[dict[str, Value]], model: Model) -> Path:
    path = folder / "records.jsonl"
    path.write_bytes(lines(records))
    return path


def write_gzip(folder: Path, records: list[dict[str, Value]], model: Model) -> Path:
    path = folder / "records.jsonl.gz"
    path.write_bytes(gzip.compress(lines(records)))
    return path


def write_zstandard(folder: Path, records: list[dict[str, Value]], model: Model) -> Path:
    path = folder / "records.ndjson.zst"
    path.write_bytes(zstandard.compress(lines(records)))
    return path


def cells(
    value: Value, model: Model, kind: str, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, str]]:
    """The cells of a record: name of the column, text."""
    keys = tuple(step for step in path if not step.isdigit())
    if isinstance(value, dict):
        for key, item in value.items():
            yield from cells(item, model, kind, (*path, key))
    elif isinstance(value, list):
        plain = [item for item in value if isinstance(item, str) and ";" not in item]
        if plain == value and model.is_list(kind, keys) and not path[-1].isdigit():
            yield ".".join(path), "; ".join(plain)
        else:
            for number, item in enumerate(value, 1):
                yield from cells(item, model, kind, (*path, str(number)))
    elif value is not None:
        single = ";" in value and model.is_list(kind, keys)
        yield ".".join((*path, "1") if single else path), value


def write_csv(folder: Path, records: list[dict[str, Value]], model: Model) -> Path:
    rows = [dict(cells(each, model, str(each["type"]))) for each in records]
    path = folder / "records.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_xlsx(folder: Path, records: list[dict[str, Value]], model: Model) -> Path:
    book = openpyxl.Workbook(write_only=True)
    for kind in dict.fromkeys(str(each["type"]) for each in records):
        rows = [dict(cells(each, model, kind)) for each in records if each["type"] == kind]
        names = list(dict.fromkeys(name for row in rows for name in row if name != "type"))
        sheet = book.create_sheet(kind)
        sheet.append(names)
        for row in rows:
            sheet.append([bare(row.get(name)) for name in names])
    path = folder / "records.xlsx"
    book.save(path)
    return path


WRITERS = {
    "json": write_json,
    "jsonl": write_lines,
    "jsonl.gz": write_gzip,
    "ndjson.zst": write_zstandard,
    "csv": write_csv,
    "xlsx": write_xlsx,
}

each_format = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())


# -- tests


def triples(model: Model, records: list[Record]) -> dict[str, tuple[str, ...]]:
    converter = Converter(model, BASE)
    found: dict[str, tuple[str, ...]] = {}
    for each in records:
        converted = converter.convert(each)
        assert isinstance(converted, Converted)
        assert converted.findings == ()
        found[converted.iri] = converted.lines
    return found


@pytest.fixture(scope="module")
def shipped(model: Model) -> list[Record]:
    """All records of the shipped data."""
    records, findings = read([ROOT / "data"], model.is_list)
    assert findings == []
    return records


@each_format
def test_shipped_records_give_the_same_triples(
    write: Write, tmp_path: Path, model: Model, shipped: list[Record]
) -> None:
    path = write(tmp_path, [each.data for each in shipped], model)

    records, findings = read([path], model.is_list)

    assert findings == []
    assert triples(model, records) == triples(model, shipped)


@each_format
def test_command_prints_the_same_bytes(
    write: Write, tmp_path: Path, model: Model, shipped: list[Record], expatlod: Command
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(ROOT / "data" / "dataset.yaml", folder)
    others = [each.data for each in shipped if not each.source.endswith("dataset.yaml")]
    write(folder, others, model)

    assert (
        expatlod("convert", folder, "-f", "ntriples").stdout
        == expatlod("convert", ROOT / "data", "-f", "ntriples").stdout
    )


@each_format
def test_every_value_has_a_place_in_every_format(
    write: Write, tmp_path: Path, model: Model, shipped: list[Record]
) -> None:
    path = write(tmp_path, [each.data for each in shipped], model)
    records, _ = read([path], model.is_list)

    for each in records:
        values, keys = each.positions()
        missing = [way for way in paths(each.data) if way not in values]
        assert missing == []
        assert {at.path for at in (*values.values(), *keys.values())} == {str(path)}


def paths(value: Value, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The ways to all values of a record but its type, which a sheet's name may be."""
    if path != ("type",):
        yield path
    for step, item in (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    ):
        yield from paths(item, (*path, step))


@each_format
def test_record_of_a_second_profile_gives_the_same_triples(write: Write, tmp_path: Path) -> None:
    harbour = load(Folder(Path(__file__).parent / "profile"))
    boats, _ = parse(
        "{id: lark, type: Boat, called: {da: 'Lærken; ny', en: Lark}, hull: To skrog, crew: 4,"
        " afloat: true, length: perhaps 9.5 m, builtBy: [east, west],"
        " voyage: [{en: Home by dark}, {id: summer, when: 2012-06/2012-08-31}]}",
        "boat.yaml",
    )
    path = write(tmp_path, [each.data for each in boats], harbour)

    records, _ = read([path], harbour.is_list)

    assert triples(harbour, records) == triples(harbour, boats)


@pytest.mark.parametrize(
    "keys",
    [
        "builtBy",  # references
        "voyage",  # parts that may be written as a text
    ],
)
def test_field_that_takes_several_scalars_is_a_list(keys: str) -> None:
    harbour = load(Folder(Path(__file__).parent / "profile"))

    assert harbour.is_list("Boat", keys.split("."))


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("Boat", "crew"),  # one literal
        ("Boat", "hull"),  # one code
        ("Boat", "length"),  # one part
        ("Boat", "called"),  # a text
        ("Boat", "called.da"),  # below a text
        ("Boat", "voyage.called"),
        ("Boat", "voyage.when"),  # one part in a part
        ("Boat", "builtBy.x"),  # below a reference
        ("Boat", "sail"),
        ("Boat", ""),
        ("Plane", "wing"),
    ],
)
def test_other_field_is_no_list(kind: str, keys: str) -> None:
    harbour = load(Folder(Path(__file__).parent / "profile"))

    assert not harbour.is_list(kind, keys.split("."))


def test_field_of_a_type_that_is_not_known_is_a_list_if_that_of_another_type_is() -> None:
    harbour = load(Folder(Path(__file__).parent / "profile"))

    assert harbour.is_list("Plane", ["builtBy"])


def test_field_of_a_part_is_a_list_if_it_takes_several_scalars(model: Model) -> None:
    assert model.is_list("Project", ("activity", "theme"))
    assert not model.is_list("Project", ("activity", "title"))
    assert not model.is_list("Project", ("activity", "count"))


MANY = 5_000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("r.yaml", "".join(f"---\nid: r{number}\ntype: P\n" for number in range(MANY))),
        ("r.json", json.dumps([{"id": f"r{number}"} for number in range(MANY)], indent=1)),
        ("r.jsonl", "".join(f'{{"id": "r{number}"}}\n' for number in range(MANY))),
        ("r.csv", "id,type\n" + "".join(f"r{number},P\n" for number in range(MANY))),
    ],
)
def test_places_of_many_records_in_one_file_are_found_in_linear_time(name: str, text: str) -> None:
    records, _ = parse(text, name)
    start = time.process_time()

    lines = [each.at(("id",)).line for each in records]

    assert time.process_time() - start < 10
    assert len(set(lines)) == MANY


@pytest.mark.parametrize(
    ("name", "text", "places"),
    [
        (
            "r.json",
            "[" + ",\n".join(['{"id": "a", "id": "b"}'] * MANY) + "]",
            [(1, 14), *((line, 13) for line in range(2, MANY + 1))],
        ),
        (
            "r.jsonl",
            '{"id": }\n' * MANY,
            [(line, 8) for line in range(1, MANY + 1)],
        ),
        (
            "r.csv",
            "id,type\n" + "a,P,x\n" * MANY,
            [(line, 5) for line in range(2, MANY + 2)],
        ),
        (
            "r.yaml",
            "".join("---\nid: a\nid: b\n" for _ in range(MANY)),
            [(3 * number + 3, 1) for number in range(MANY)],
        ),
    ],
)
def test_thousands_of_faults_in_one_file_are_told_at_their_places_in_linear_time(
    name: str, text: str, places: list[tuple[int, int]]
) -> None:
    start = time.process_time()

    _, findings = parse(text, name)

    assert time.process_time() - start < 10
    assert [(each.at.line, each.at.column) for each in findings] == places
