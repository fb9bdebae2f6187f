"""Records read from Excel workbooks: cells as they show, faults at their cells, no bad workbook."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expatlod.errors import Finding, Location
from expatlod.records import xlsx
from expatlod.records.record import Record
from expatlod.records.xlsx import read, texts

Rows = list[list[object]]


def lists(kind: str, keys: tuple[str, ...]) -> bool:
    """The field that is a list in these tests."""
    return (kind, keys) == ("Project", ("theme",))


def rows(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(str(each.at), each.rule) for each in findings]


def workbook(folder: Path, sheets: dict[str, Rows], formats: dict[str, str] | None = None) -> Path:
    """A workbook with number formats by cell of its first sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    for cell, shown in (formats or {}).items():
        book.worksheets[0][cell].number_format = shown
    path = folder / "r.xlsx"
    book.save(path)
    return path


def read_rows(
    folder: Path, lines: Rows, formats: dict[str, str] | None = None
) -> tuple[list[Record], list[Finding]]:
    return read(workbook(folder, {"Project": lines}, formats), "r.xlsx", lists)


def value(folder: Path, cell: object, shown: str = "General") -> object:
    """What is read from one cell."""
    (found,), findings = read_rows(folder, [["id", "x"], ["a", cell]], {"B2": shown})
    assert findings == []
    return found.data["x"]


def part(path: Path, name: str, old: str, new: str) -> None:
    """Change the XML of a part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    assert old.encode() in parts[name]
    parts[name] = parts[name].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, data in parts.items():
            archive.writestr(each, data)


SHEET = "xl/worksheets/sheet1.xml"


# -- sheets and rows


def test_name_of_the_sheet_is_the_type_of_its_records(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"Project": [["id"], ["a"]], "Boat": [["x", " id "], [1, "b"]]})

    records, findings = read(path, "r.xlsx")

    assert [each.data for each in records] == [
        {"type": "Project", "id": "a"},
        {"type": "Boat", "x": "1", "id": "b"},
    ]
    assert findings == []


def test_column_for_the_type_goes_before_the_name_of_the_sheet(tmp_path: Path) -> None:
    records, _ = read_rows(tmp_path, [["id", "type"], ["a", "Boat"]])

    assert records[0].data == {"id": "a", "type": "Boat"}


def test_sheet_without_an_id_is_passed_over(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        {"Help": [["Write records in the other sheet"]], "Empty": [], "Project": [["id"], ["a"]]},
    )

    records, findings = read(path, "r.xlsx")

    assert [each.data["id"] for each in records] == ["a"]
    assert findings == []


@pytest.mark.parametrize("first", [["name"], [], [None, "x"], ["ident", "x"]])
def test_workbook_without_a_sheet_of_records_is_a_finding(
    tmp_path: Path, first: list[object]
) -> None:
    path = workbook(tmp_path, {"One": [first, ["a"]], "Two": []})

    assert rows(read(path, "r.xlsx")[1]) == [("r.xlsx", "record:none")]


def test_workbook_with_no_rows_below_the_names_is_empty(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"Project": [["id"]], "Boat": [["id"], [None]]})

    assert rows(read(path, "r.xlsx")[1]) == [("r.xlsx:Project!A1", "record:empty")]


@pytest.mark.parametrize(
    ("above", "place", "row"),
    [
        pytest.param([["Boats in 2012"]], "A1", 2, id="title"),
        pytest.param([[None, "Boats"], [], ["Second title"]], "B1", 4, id="in-the-middle"),
        pytest.param([[]], "A1", 2, id="nothing"),
    ],
)
def test_title_above_the_columns_is_one_finding(
    tmp_path: Path, above: Rows, place: str, row: int
) -> None:
    path = workbook(tmp_path, {"Boat": [*above, ["id", "x"], ["a", 1]], "Project": [["id"], ["b"]]})

    records, (finding,) = read(path, "r.xlsx")

    assert [each.data["id"] for each in records] == ["b"]
    assert rows([finding]) == [(f"r.xlsx:Boat!{place}", "record:column")]
    assert finding.help["en"] == f"delete the rows above row {row}"


def test_sheet_that_tells_of_the_columns_has_no_title(tmp_path: Path) -> None:
    path = workbook(
        tmp_path, {"Help": [["Columns"], ["id", "the record's name"]], "Project": [["id"], ["a"]]}
    )

    assert read(path, "r.xlsx")[1] == []


def test_id_in_capitals_is_told_where_it_stands(tmp_path: Path) -> None:
    _, (finding,) = read_rows(tmp_path, [["x", "ID"], [1, "a"]])

    assert finding.at == Location("r.xlsx", 1, 2, 2, "Project")
    assert finding.help["en"] == "write id in small letters"


def test_list_of_something_else_may_have_an_id_in_capitals(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"Towns": [["ID"], ["1"]], "Project": [["id"], ["a"]]})

    assert read(path, "r.xlsx")[1] == []


@pytest.mark.parametrize(
    ("row", "place"),
    [
        pytest.param(["Remember to ask"], "A2", id="first"),
        pytest.param([None, None, "ask"], "C2", id="last"),
        pytest.param([None, None, None, None, "ask"], "E2", id="outside-the-columns"),
        pytest.param([None, 1, 2], "A2", id="no-id"),
    ],
)
def test_row_without_an_id_is_one_finding_and_no_record(
    tmp_path: Path, row: list[object], place: str
) -> None:
    records, findings = read_rows(tmp_path, [["id", "x", "y"], row, ["b"]])

    assert [each.data["id"] for each in records] == ["b"]
    assert rows(findings) == [(f"r.xlsx:Project!{place}", "record:id")]


def test_what_is_missing_is_told_at_the_empty_cell_where_it_belongs(tmp_path: Path) -> None:
    (found,), _ = read_rows(tmp_path, [["id", "x", "y", "t.da"], ["a", None, 1]])

    assert found.data == {"type": "Project", "id": "a", "y": "1"}
    assert str(found.at(("x",))) == "r.xlsx:Project!B2"
    assert str(found.at(("t",))) == "r.xlsx:Project!D2"


def test_line_break_in_the_cell_of_a_list_splits_it(tmp_path: Path) -> None:
    (found,), _ = read_rows(tmp_path, [["id", "theme"], ["a", "tax\nhousing"]])

    assert found.data["theme"] == ["tax", "housing"]
    assert found.at(("theme", 1)) == Location("r.xlsx", 2, 2, 7, "Project")


def test_rows_are_read_as_those_of_csv(tmp_path: Path) -> None:
    records, findings = read_rows(
        tmp_path,
        [
            ["id", "title.da", "f.3.x", "f.1.x", "theme"],
            [],
            [None, " ", None],
            ["a", "Hej", 3, 1, "tax; housing"],
            ["b"],
        ],
    )

    assert [each.data for each in records] == [
        {
            "type": "Project",
            "id": "a",
            "title": {"da": "Hej"},
            "f": [{"x": "1"}, {"x": "3"}],
            "theme": ["tax", "housing"],
        },
        {"type": "Project", "id": "b"},
    ]
    assert findings == []


def test_value_stands_in_its_cell_on_its_sheet(tmp_path: Path) -> None:
    (found,), _ = read_rows(
        tmp_path, [["id", "title.da", "f.1.x", "theme"], [], ["a", "Hej du", 3, "tax; housing"]]
    )

    values, keys = found.positions()
    assert {path: (at.line, at.column, at.length) for path, at in values.items()} == {
        (): (3, 1, 1),
        ("id",): (3, 1, 1),
        ("title",): (3, 2, 6),
        ("title", "da"): (3, 2, 6),
        ("f",): (3, 3, 1),
        ("f", 0): (3, 3, 1),
        ("f", 0, "x"): (3, 3, 1),
        ("theme",): (3, 4, 12),
        ("theme", 0): (3, 4, 3),
        ("theme", 1): (3, 4, 7),
    }
    assert {at.sheet for at in (*values.values(), *keys.values())} == {"Project"}
    assert str(found.at(("f", 0, "x"))) == "r.xlsx:Project!C3"
    assert str(found.at_key(("f", 0, "x"))) == "r.xlsx:Project!C1"
    assert str(found.at(("type",))) == "r.xlsx:Project!A3"


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        pytest.param([["id", "x.0"], ["a", 1]], "B1", id="no-field"),
        pytest.param([["id", "x", "y", "x"], ["a"]], "D1", id="twice"),
        pytest.param([["id", "x"], ["a", 1, 2]], "C2", id="outside-the-columns"),
        pytest.param([["id", "x", None, "y"], ["a", 1, 2, 3]], "C2", id="column-without-a-name"),
        pytest.param([["id", "x", "x.y"], ["a", 1, 2]], "C2", id="contradiction"),
    ],
)
def test_fault_of_the_table_is_told_at_its_cell(tmp_path: Path, lines: Rows, place: str) -> None:
    _, findings = read_rows(tmp_path, lines)

    assert rows(findings) == [(f"r.xlsx:Project!{place}", "record:column")]


# -- cells


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("text", "text"),
        ("0123", "0123"),
        (" x ", " x "),
        ("one\ntwo", "one\ntwo"),
        ("one_x000D_\ntwo", "one\ntwo"),
        ("_x0041_b", "Ab"),
        (25, "25"),
        (25.0, "25"),
        (-0.5, "-0.5"),
        (0.1, "0.1"),
        (1e-7, "1e-07"),
        (12345678901, "12345678901"),
        (True, "true"),
        (False, "false"),
        (time(10, 30), "10:30:00"),
        (date(2012, 3, 1), "2012-03-01"),
    ],
)
def test_cell_is_read_as_text(tmp_path: Path, cell: object, text: str) -> None:
    shown = {date: "yyyy-mm-dd", time: "hh:mm"}.get(type(cell), "General")

    assert value(tmp_path, cell, shown) == text


@pytest.mark.parametrize(
    ("cell", "shown", "text"),
    [
        (0.6, "0%", "60"),
        (0.605, "0%", "60.5"),
        (0.07, "0.00%", "7"),
        (1, "0 %", "100"),
        (-0.25, "0%;[Red]-0%", "-25"),
        (0.1 + 0.2, "0%", "30"),
        (0.125, "#,##0.0%", "12.5"),
        (20, "0%", "2000"),
        (0, "0%", "0"),
        (60, '0" %"', "60"),
        (60, "0\\%", "60"),
        (0.6, "0.0", "0.6"),
        ("60 %", "0%", "60 %"),
    ],
)
def test_percentage_is_the_number_that_its_cell_shows(
    tmp_path: Path, cell: object, shown: str, text: str
) -> None:
    assert value(tmp_path, cell, shown) == text


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("yyyy-mm-dd", "2012-03-01"),
        ("dd-mm-yyyy", "2012-03-01"),
        ("d. mmmm yyyy", "2012-03-01"),
        ("mm-dd-yy", "2012-03-01"),
        ("mmm-yy", "2012-03"),
        ("yyyy-mm", "2012-03"),
        ("[$-406]mmmm yyyy;@", "2012-03"),
        ('"den" mmmm yyyy', "2012-03"),
        ("mmmm\\d yyyy", "2012-03"),
        ("yyyy", "2012"),
        ("yyyy;@", "2012"),
    ],
)
def test_date_is_as_precise_as_its_cell_shows(tmp_path: Path, shown: str, text: str) -> None:
    assert value(tmp_path, datetime(2012, 3, 1), shown) == text


def test_date_with_a_time_of_day_keeps_it(tmp_path: Path) -> None:
    found = value(tmp_path, datetime(2012, 3, 1, 10, 20, 30), "yyyy-mm-dd hh:mm")

    assert found == "2012-03-01T10:20:30"


def test_time_of_day_is_rounded_to_the_second(tmp_path: Path) -> None:
    moment = datetime(2012, 3, 1) - timedelta(milliseconds=1)

    assert value(tmp_path, moment, "yyyy-mm-dd hh:mm") == "2012-03-01"


def test_result_of_a_formula_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"Project": [["id", "x"], ["a", "=1+1"]]})
    part(path, SHEET, "<f>1+1</f>", "<f>1+1</f><v>2</v>")

    records, findings = read(path, "r.xlsx")

    assert records[0].data["x"] == "2"
    assert findings == []


def test_formula_without_a_result_is_a_finding_at_its_cell(tmp_path: Path) -> None:
    records, (finding,) = read_rows(tmp_path, [["id", "x", "y"], ["a", 1, None], ["b", 1, "=B3*2"]])

    assert [each.data["id"] for each in records] == ["a"]
    assert finding.at == Location("r.xlsx", 3, 3, 5, "Project")
    assert finding.rule == "record:xlsx"
    assert finding.value == "=B3*2"
    assert finding.message == {
        "da": "formlen har intet resultat, der er gemt",
        "en": "the formula has no result that is saved",
    }


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?"])
def test_error_in_a_cell_is_a_finding_there(tmp_path: Path, error: str) -> None:
    records, (finding,) = read_rows(tmp_path, [["id", "x"], ["a", error], ["b", 1]])

    assert [each.data["id"] for each in records] == ["b"]
    assert rows([finding]) == [("r.xlsx:Project!B2", "record:xlsx")]
    assert finding.message == {
        "da": f"cellen viser fejlen {error}",
        "en": f"the cell shows the error {error}",
    }


def test_date_that_does_not_exist_is_a_finding_and_no_warning(tmp_path: Path) -> None:
    _, findings = read_rows(tmp_path, [["id", "x"], ["a", 10**8 - 1]], {"B2": "yyyy-mm-dd"})

    assert rows(findings) == [("r.xlsx:Project!B2", "record:xlsx")]


def test_character_that_cannot_be_published_is_a_finding_at_its_cell(tmp_path: Path) -> None:
    _, findings = read_rows(tmp_path, [["id", "x"], ["a", "b_x0007_c"]])

    assert rows(findings) == [("r.xlsx:Project!B2", "record:character")]


@given(
    st.lists(
        st.text(
            st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Co", "Cn"]), min_size=1
        ).filter(lambda text: not text.isspace() and text[0] not in "=#" and "_x" not in text),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=30, derandomize=True, deadline=None)
def test_text_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, values: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("texts")
    names: list[object] = ["id", *(f"x.{number}" for number, _ in enumerate(values, 1))]
    path = workbook(folder, {"Project": [names, ["a", *values]]})

    (found,), findings = read(path, "r.xlsx")

    assert findings == []
    assert found.data["x"] == values
    assert [
        texts(path)[at.sheet, at.line, at.column]
        for at in (found.at(("x", index)) for index, _ in enumerate(values))
    ] == values


# -- bad workbooks


def test_without_openpyxl_the_finding_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path, {"Project": [["id"], ["a"]]})
    monkeypatch.setitem(sys.modules, "openpyxl", None)

    records, (finding,) = read(path, "r.xlsx")

    assert records == []
    assert rows([finding]) == [("r.xlsx", "record:xlsx")]
    assert finding.help == {
        "da": "skriv pip install 'expatlod[xlsx]'",
        "en": "type pip install 'expatlod[xlsx]'",
    }


@pytest.mark.parametrize(
    "data",
    [b"", b"id,title\na,b\n", b"PK\x03\x04 and no more", b"PK\x05\x06" + bytes(18)],
    ids=["empty", "csv", "cut-off", "empty-zip"],
)
def test_file_that_is_no_workbook_is_one_finding(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "r.xlsx"
    path.write_bytes(data)

    records, (finding,) = read(path, "r.xlsx")

    assert records == []
    assert rows([finding]) == [("r.xlsx", "record:xlsx")]
    assert finding.message["en"] == (
        "cannot be read as an Excel workbook: the file is damaged or something else"
    )


def test_workbook_with_a_password_is_one_finding(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))

    _, (finding,) = read(path, "r.xlsx")

    assert finding.message["en"] == "the workbook has a password or is in the format before 2007"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        pytest.param(SHEET, "</sheetData>", "", id="xml"),
        pytest.param(SHEET, 'r="A1"', 'r="1A"', id="no-cell"),
        pytest.param("xl/workbook.xml", "sheets>", "shits>", id="no-sheets"),
        pytest.param("[Content_Types].xml", "<Types", "<", id="content-types"),
    ],
)
def test_damaged_workbook_is_a_finding_and_no_crash(
    tmp_path: Path, name: str, old: str, new: str
) -> None:
    path = workbook(tmp_path, {"Project": [["id", "x"], ["a", "b"]]})
    part(path, name, old, new)

    records, findings = read(path, "r.xlsx")

    assert records == []
    assert [each.rule for each in findings] in (["record:xlsx"], ["record:none"])


def test_entities_of_a_bomb_are_not_expanded(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"Project": [["id"], ["a"]]})
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    part(path, SHEET, "<worksheet", f"{bomb}<worksheet")

    records, findings = read(path, "r.xlsx")

    assert records == []
    assert rows(findings) == [("r.xlsx", "record:xlsx")]


def test_workbook_that_would_grow_without_bound_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(SHEET, b" " * 20_000_000)

    records, findings = read(path, "r.xlsx")

    assert records == []
    assert rows(findings) == [("r.xlsx", "record:size")]


def test_workbook_over_the_limit_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path, {"Project": [["id"], ["a"]]})
    monkeypatch.setattr(xlsx, "LARGE", path.stat().st_size)  # less than what is packed in it

    assert rows(read(path, "r.xlsx")[1]) == [("r.xlsx", "record:size")]


@pytest.mark.parametrize("row", [2_000_000, 10**15])
def test_row_that_no_sheet_can_have_is_a_finding_soon(tmp_path: Path, row: int) -> None:
    path = workbook(tmp_path, {"Project": [["id"], ["a"]]})
    part(path, SHEET, '<row r="2">', f'<row r="{row}">')

    records, findings = read(path, "r.xlsx")

    assert records == []
    assert rows(findings) == [("r.xlsx", "record:xlsx")]


def test_size_that_the_file_says_is_not_believed(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"Project": [["id", "x"], ["a", "b"]]})
    part(path, SHEET, '<dimension ref="A1:B2"', '<dimension ref="A1:A1"')

    records, _ = read(path, "r.xlsx")

    assert records[0].data == {"type": "Project", "id": "a", "x": "b"}


def test_cells_far_to_the_right_are_counted_with_the_empty_ones_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path, {"Project": [["id"], ["a"]]})
    part(path, SHEET, 'r="A2"', 'r="XFD2"')
    monkeypatch.setattr(xlsx, "CELLS", 16_000)

    assert rows(read(path, "r.xlsx")[1]) == [("r.xlsx", "record:size")]
