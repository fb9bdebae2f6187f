"""The templates of tables: what stands in them, and that a row filled in is a valid record."""

from __future__ import annotations

import csv
import io
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from expatlod.check import check
from expatlod.errors import ERROR, UsageError
from expatlod.profile import Model, load
from expatlod.resources import Folder
from expatlod.schema import FORMATS, xlsx

ROOT = Path(__file__).resolve().parent.parent

Command = Callable[..., subprocess.CompletedProcess[str]]

ROW = {
    "id": "harbour-cafe",
    "type": "Project",
    "title.da": "Sprogcafé ved havnen",
    "title.en": "Language café by the harbour",
    "kind": "project",
    "summary.da": "En café for alle i byen.",
    "summary.en": "A café for everybody in town.",
    "audience": "spouse; foreign-worker",
    "theme": "housing; language",
    "activity.1.kind": "seminar",
    "activity.1.count": "9",
    "activity.1.participants": "ca. 500",
    "extent": "Lemvig; Region Nordjylland",
    "period": "2012-06",
    "budget": "ca. 20000000 DKK",
    "funding.1.fundingSource": "region",
    "funding.1.share": "25",
    "funding.1.inKind": "true",
    "funding.2.fundingSource": "ministry",
    "funding.2.share": "75",
    "lesson.1.description.da": "Begynd i god tid.",
    "lesson.1.description.en": "Begin in good time.",
    "source": "https://www.example.org/about",
}


@pytest.fixture(scope="module")
def harbour() -> Model:
    return load(Folder(ROOT / "tests" / "profile"))


# -- CSV


def header(model: Model, name: str) -> list[str]:
    (line,) = csv.reader(io.StringIO(FORMATS["csv"](model, [model.classes[name]], "en").decode()))
    return line


def test_a_table_has_a_column_for_each_language_and_each_part(harbour: Model) -> None:
    assert header(harbour, "Boat") == [
        *("id", "type", "called.da", "called.en", "hull", "length", "builtBy", "crew", "afloat"),
        *("voyage.1.called.da", "voyage.1.called.en", "voyage.1.when"),
        *("voyage.2.called.da", "voyage.2.called.en", "voyage.2.when"),
    ]


def test_what_is_computed_has_no_column(model: Model) -> None:
    assert not [name for name in header(model, "Project") if name.endswith(".position")]


def test_a_csv_template_filled_in_is_a_valid_record(model: Model, tmp_path: Path) -> None:
    names = header(model, "Project")
    path = tmp_path / "projects.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerow(ROW)

    assert [str(each) for each in check(model, [path]).findings] == []


def test_a_table_is_of_one_class(model: Model) -> None:
    with pytest.raises(UsageError, match="name one of Dataset, Organisation, Page, Project"):
        FORMATS["csv"](model, model.record_classes, "en")


@pytest.mark.parametrize("name", ["project", "PROJEKT", "Projekt", "Project"])
def test_a_class_goes_by_name_label_or_segment(expatlod: Command, name: str) -> None:
    done = expatlod("schema", "-f", "csv", name)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("id,type,title.da,title.en,")


def test_a_class_that_is_none_is_told_with_those_that_are(expatlod: Command) -> None:
    done = expatlod("schema", "-f", "csv", "boat")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "expatlod: no records of the class 'boat'; there are Dataset, Organisation, Page, Project\n"
    )


# -- XLSX


@pytest.fixture(scope="module")
def data(model: Model) -> bytes:
    return FORMATS["xlsx"](model, model.record_classes, "da")


@pytest.fixture
def book(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def test_a_workbook_has_a_sheet_for_each_class(book: Workbook) -> None:
    assert book.sheetnames == ["Dataset", "Organisation", "Page", "Project", "help", "codes"]


def test_the_first_row_are_the_columns_and_stays_in_sight(model: Model, book: Workbook) -> None:
    for name in ("Dataset", "Organisation", "Page", "Project"):
        sheet = book[name]
        expected = [each for each in header(model, name) if each != "type"]

        assert [cell.value for cell in sheet[1]] == expected
        assert sheet.freeze_panes == "B2"


def test_cells_are_text_so_that_a_month_stays_one(book: Workbook) -> None:
    sheet = book["Project"]

    for cell in sheet[1]:
        assert sheet.column_dimensions[cell.column_letter].number_format == "@"


def test_each_column_is_explained_in_both_languages(model: Model, book: Workbook) -> None:
    field = model.classes["Page"].fields["kind"]
    cell = next(cell for cell in book["Page"][1] if cell.value == "kind")

    assert cell.comment is not None
    assert cell.comment.text == (
        f"{field.name['da']}\n{field.help['da']} Skal udfyldes.\n\n"
        f"{field.name['en']}\n{field.help['en']} Required."
    )


def test_required_columns_are_marked(book: Workbook) -> None:
    fills = {cell.value: cell.fill.fgColor.rgb for cell in book["Project"][1]}
    marked = {name for name, colour in fills.items() if colour == fills["id"]}

    assert marked == {"id", "title.da", "title.en", "kind", "source"}


def drop_down(book: Workbook, sheet: str, column: str) -> tuple[list[str], str]:
    """Return what a column's cells offer, and what happens to other values."""
    letter = next(cell.column_letter for cell in book[sheet][1] if cell.value == column)
    (rule,) = [
        each
        for each in book[sheet].data_validations.dataValidation
        if f"{letter}2" in each.sqref and each.type == "list"
    ]
    if rule.formula1.startswith('"'):
        return rule.formula1.strip('"').split(","), rule.errorStyle
    name, _, cells = rule.formula1.replace("$", "").partition("!")
    return [cell.value for (cell,) in book[name][cells]], rule.errorStyle


def test_a_code_is_chosen_from_its_list(book: Workbook) -> None:
    assert drop_down(book, "Project", "fee") == (["charged", "free"], "stop")


def test_a_cell_for_several_codes_lets_them_stand_together(model: Model, book: Workbook) -> None:
    codes, style = drop_down(book, "Project", "theme")
    scheme = model.classes["Project"].fields["theme"].codelist

    assert codes == [each.notation for each in model.codelists[scheme].concepts]
    assert style == "warning"


def test_codes_that_are_numbers_are_offered_by_name(book: Workbook) -> None:
    places, _ = drop_down(book, "Organisation", "place")

    assert "Lemvig" in places
    assert "665" not in places


def test_a_part_written_as_its_code_has_the_list_too(book: Workbook) -> None:
    codes, style = drop_down(book, "Project", "audience")

    assert "foreign-worker" in codes
    assert style == "warning"


def test_true_and_false_are_offered(book: Workbook) -> None:
    assert drop_down(book, "Project", "funding.1.inKind") == (["true", "false"], "stop")


def test_every_cell_has_a_prompt_that_excel_takes(book: Workbook) -> None:
    for name in ("Dataset", "Organisation", "Page", "Project"):
        sheet = book[name]
        rules = sheet.data_validations.dataValidation

        assert len(rules) == sheet.max_column
        for rule in rules:
            assert 0 < len(rule.prompt) <= 255
            assert len(rule.promptTitle) <= 32
            assert rule.showInputMessage


def test_the_help_sheet_lists_every_column_in_both_languages(book: Workbook) -> None:
    rows = list(book["help"].iter_rows(min_row=2, values_only=True))
    listed = [(row[0], row[1]) for row in rows]

    assert listed == [
        (name, cell.value)
        for name in ("Dataset", "Organisation", "Page", "Project")
        for cell in book[name][1]
    ]
    assert all(all(row[2:6]) for row in rows)
    assert {row[1] for row in rows if row[0] == "Page" and row[8]} == {"id", "kind"}


def test_a_workbook_filled_in_is_a_valid_record(
    model: Model, book: Workbook, tmp_path: Path
) -> None:
    sheet = book["Project"]
    for cell in sheet[1]:
        sheet.cell(2, cell.column, ROW.get(cell.value))
    path = tmp_path / "records.xlsx"
    book.save(path)

    assert [str(each) for each in check(model, [path]).findings] == []


def test_a_workbook_that_is_not_filled_in_has_no_fault_but_that(
    model: Model, data: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "records.xlsx"
    path.write_bytes(data)

    assert {each.rule for each in check(model, [path]).findings} == {"record:empty"}


def test_the_same_shapes_give_the_same_bytes(model: Model, data: bytes) -> None:
    assert FORMATS["xlsx"](model, model.record_classes, "da") == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert core.count("1980-01-01T00:00:00Z") == 2


def test_no_text_of_ours_becomes_a_formula(harbour: Model) -> None:
    book = load_workbook(io.BytesIO(FORMATS["xlsx"](harbour, harbour.record_classes, "en")))

    assert [cell.coordinate for cell in _cells(book) if cell.data_type == "f"] == []
    sheet = Workbook().active
    for row, text in enumerate(("=1+1", "+45", "-5", "@home"), 1):
        cell = xlsx._put(sheet, row, 1, text)
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def _cells(book: Workbook) -> Iterator[object]:
    for sheet in book:
        for row in sheet.iter_rows():
            yield from row


def test_without_openpyxl_the_cure_is_said(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)

    with pytest.raises(UsageError, match=r"pip install 'expatlod\[xlsx\]'"):
        FORMATS["xlsx"](model, model.record_classes, "en")


def test_a_workbook_is_written_to_a_file(expatlod: Command, tmp_path: Path) -> None:
    done = expatlod("schema", "-f", "xlsx", "page", "-o", "pages.xlsx")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert load_workbook(tmp_path / "pages.xlsx").sheetnames == ["Page", "help", "codes"]


def test_a_file_that_cannot_be_written_is_told(expatlod: Command) -> None:
    done = expatlod("schema", "-f", "csv", "page", "-o", "nowhere/pages.csv")

    assert done.returncode == 2
    assert done.stderr == (
        "expatlod: nowhere/pages.csv: cannot be written: No such file or directory\n"
    )


def test_severe_faults_are_told_at_the_cell(model: Model, book: Workbook, tmp_path: Path) -> None:
    sheet = book["Project"]
    for cell in sheet[1]:
        sheet.cell(2, cell.column, (ROW | {"kind": "projekct"}).get(cell.value))
    path = tmp_path / "records.xlsx"
    book.save(path)
    letter = next(cell.column_letter for cell in sheet[1] if cell.value == "kind")

    (fault,) = check(model, [path]).findings
    assert (str(fault.at), fault.severity) == (f"{path}:Project!{letter}2", ERROR)
