"""Read records from Excel workbooks: each sheet whose first row names a column `id`.

What a formula gave when the workbook was saved counts. A date is written as precisely as the cell
shows it: a cell that shows month and year is a month. A cell that shows 60 % is 60.
"""

from __future__ import annotations

import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path as File
from typing import Any

from expatlod.errors import ERROR, Finding, Location, Text
from expatlod.records.record import Lists, Record, no_lists
from expatlod.records.table import ID, Cell, Table, columns, header_below, pieces
from expatlod.records.text import CONTROL, LARGE, LINE_END, control, too_large

__all__ = ["read", "texts"]

#: The rows that a sheet can have.
ROWS = 1_048_576

#: The most cells of a sheet, with the empty ones before the last of each row.
CELLS = 5_000_000

# Up to so many rows below the first are looked at for the names of the columns.
_TITLE = 4

# The digits of a number that a spreadsheet keeps.
_DIGITS = 15

#: What is compressed more than this is a bomb; sheets shrink to a tenth.
RATIO = 200

# Up to so many bytes the ratio does not matter.
_HARMLESS = 10_000_000

# How a file begins that is encrypted, or of the format before 2007.
_OLE = b"\xd0\xcf\x11\xe0"

# https://learn.microsoft.com/openspecs/office_standards/ms-oi29500: ST_Xstring
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")

# What openpyxl lets through from its XML parser, zip reader and own assumptions when a workbook is
# damaged; it has no error class of its own for that.
_DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,  # the file itself is opened before: this is a step to a place outside it
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
)


class _UnreadableError(Exception):
    """The workbook cannot be read, for the reason in *finding*."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message["en"])
        self.finding = finding


@dataclass(frozen=True, slots=True)
class _Cell:
    """The text of a cell; *fault* tells why it has none that could be read."""

    text: str = ""
    fault: Text | None = None
    help: Text | None = None


_EMPTY = _Cell()


def read(path: File, shown: str, lists: Lists = no_lists) -> tuple[list[Record], list[Finding]]:
    """Return the records of the workbook at *path*, and what is wrong with it.

    Findings and locations call the file *shown*. Where a sheet has no column `type`, its name is
    the type of its records.
    """
    records: list[Record] = []
    findings: list[Finding] = []
    named: list[Location] = []
    almost: list[Finding] = []
    try:
        for name, rows in _sheets(path, shown):
            _, first = next(rows, (1, []))
            names = [cell.text.strip() for cell in first]
            if ID not in names:
                # What is passed over may be no table of records: only a title is told of always.
                findings += _titles(shown, name, names, rows)
                almost += _almost(shown, name, names)
                continue
            named.append(Location(shown, 1, names.index(ID) + 1, len(ID), name))
            more, faults = _sheet(shown, name, names, rows, lists)
            records += more
            findings += faults
    except _UnreadableError as error:
        return [], [error.finding]
    if records or findings:
        return records, findings
    if named:
        return [], [_no_rows(named[0])]
    return [], almost or [_no_sheet(shown)]


def texts(path: File) -> Mapping[tuple[str, int, int], str]:
    """Return the texts of the cells by sheet, row and column; none of a file that is unreadable."""
    found: dict[tuple[str, int, int], str] = {}
    try:
        for name, rows in _sheets(path, str(path)):
            for row, cells in rows:
                for column, cell in enumerate(cells, 1):
                    if cell.text:
                        found[name, row, column] = cell.text
    except _UnreadableError:
        return {}
    return found


def _sheet(
    shown: str,
    name: str,
    names: Sequence[str],
    rows: Iterator[tuple[int, list[_Cell]]],
    lists: Lists,
) -> tuple[list[Record], list[Finding]]:
    """Return the records in the *rows* below the first one, which has the *names*."""
    places = [cell.at for cell in _places(shown, name, 1, names)]
    paths, findings = columns(names, places)
    if findings:
        return [], findings
    kind = "" if ("type",) in paths else name
    table = Table(shown, paths, places, lists, kind)
    records: list[Record] = []
    for row, cells in rows:
        faults = [
            fault
            for column, cell in enumerate(cells, 1)
            if cell.text and (fault := _fault(shown, name, row, column, cell)) is not None
        ]
        if not faults:
            words = [cell.text for cell in cells]
            words += [""] * (len(names) - len(words))
            record, faults = table.record(words, partial(_places, shown, name, row, words))
            if record is not None:
                records.append(record)
        findings += faults
    return records, findings


def _titles(
    shown: str, name: str, names: Sequence[str], rows: Iterator[tuple[int, list[_Cell]]]
) -> list[Finding]:
    """Return the finding for a title, or nothing, above the row that names the columns."""
    filled = [column for column, text in enumerate(names, 1) if text]
    below = header_below(([cell.text for cell in cells] for _, cells in islice(rows, _TITLE)), [ID])
    if len(filled) > 1 or not below:
        return []
    column = filled[0] if filled else 1
    length = max(len(names[column - 1]), 1) if filled else 1
    return [_title(Location(shown, 1, column, length, name), below + 1)]


def _almost(shown: str, name: str, names: Sequence[str]) -> list[Finding]:
    """Return what is wrong with the first row of a sheet that has its `id` in capitals."""
    if ID not in (text.lower() for text in names):
        return []
    return columns(names, [cell.at for cell in _places(shown, name, 1, names)])[1]


def _places(shown: str, name: str, row: int, words: Sequence[str]) -> list[Cell]:
    """Return the places of the cells of a row."""
    cells: list[Cell] = []
    for column, text in enumerate(words, 1):
        at = Location(shown, row, column, max(len(text), 1), name)
        inside = tuple(
            Location(shown, row, column, end - start, name) for start, end in pieces(text)
        )
        cells.append(Cell(at, inside))
    return cells


def _fault(shown: str, name: str, row: int, column: int, cell: _Cell) -> Finding | None:
    """Return what is wrong with a cell by itself."""
    at = Location(shown, row, column, max(len(cell.text), 1), name)
    if cell.fault is not None:
        return Finding(at, ERROR, "record:xlsx", cell.fault, cell.help or {}, value=cell.text)
    odd = CONTROL.search(cell.text)
    return control(at, odd.group()) if odd else None


# -- the workbook


def _sheets(path: File, shown: str) -> Iterator[tuple[str, Iterator[tuple[int, list[_Cell]]]]]:
    """Yield the sheets of the workbook: name, and rows with their numbers from 1.

    Raises _UnreadableError when it cannot be read, or not to its end.
    """
    _check_size(path, shown)
    with warnings.catch_warnings():
        # openpyxl warns of what it will not write back; we write nothing.
        warnings.simplefilter("ignore")
        try:
            book, formulas = _open(path)
        except ImportError:
            raise _UnreadableError(_no_reader(shown)) from None
        except _DAMAGE as error:
            raise _UnreadableError(_damaged(shown)) from error
        try:
            for sheet in book.worksheets:
                other = formulas[sheet.title] if formulas is not None else None
                yield sheet.title, _rows(sheet, other, shown)
        except _DAMAGE as error:
            raise _UnreadableError(_damaged(shown)) from error
        finally:
            book.close()
            if formulas is not None:
                formulas.close()


def _check_size(path: File, shown: str) -> None:
    """Raise when the file is no workbook, or more would come out of it than is read."""
    size = path.stat().st_size
    if size > LARGE:
        raise _UnreadableError(too_large(shown, size, LARGE))
    with path.open("rb") as file:
        if file.read(len(_OLE)) == _OLE:
            raise _UnreadableError(_locked(shown))
    try:
        with zipfile.ZipFile(path) as archive:
            whole = sum(each.file_size for each in archive.infolist())
    except _DAMAGE as error:
        raise _UnreadableError(_damaged(shown)) from error
    if whole > LARGE or (whole > _HARMLESS and whole > RATIO * size):
        raise _UnreadableError(_bomb(shown))


def _open(path: File) -> tuple[Any, Any]:
    """Return the workbook with its values, and with its formulas if it has any."""
    # An extra, and slow to import.
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    formulas = None
    if _has_formulas(path):
        formulas = openpyxl.load_workbook(path, read_only=True)
    return book, formulas


def _has_formulas(path: File) -> bool:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                tail = b""
                with archive.open(name) as part:
                    while data := part.read(1 << 20):
                        if re.search(rb"<(?:\w+:)?f[\s/>]", tail + data):
                            return True
                        tail = data[-40:]
    return False


def _rows(sheet: Any, formulas: Any, shown: str) -> Iterator[tuple[int, list[_Cell]]]:
    """Yield the rows of a sheet with their numbers."""
    # The size that the file says is often wrong, and may be a million rows.
    sheet.reset_dimensions()
    others: Iterator[Any] = iter(())
    if formulas is not None:
        formulas.reset_dimensions()
        others = formulas.iter_rows()
    seen = 0
    try:
        for number, row in enumerate(sheet.iter_rows(), 1):
            if number > ROWS:
                raise _UnreadableError(_damaged(shown))
            # One cell at the far right of a row makes thousands of empty ones before it.
            seen += len(row)
            if seen > CELLS:
                raise _UnreadableError(_bomb(shown))
            other = next(others, ())
            cells = [_cell(cell) for cell in row]
            for index, cell in enumerate(other):
                if cell.data_type == "f" and index < len(cells) and not cells[index].text:
                    cells[index] = _no_result(cell.value)
            yield number, cells
    except _DAMAGE as error:
        raise _UnreadableError(_damaged(shown)) from error


def _cell(cell: Any) -> _Cell:
    value = cell.value
    if value is None:
        return _EMPTY
    if cell.data_type == "e":
        return _Cell(
            str(value),
            {
                "da": f"cellen viser fejlen {value}",
                "en": f"the cell shows the error {value}",
            },
            {
                "da": "ret formlen, eller skriv værdien",
                "en": "mend the formula, or write the value",
            },
        )
    if isinstance(value, str):
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), value)
        return _Cell(LINE_END.sub("\n", text))
    if isinstance(value, bool):
        return _Cell("true" if value else "false")
    if isinstance(value, datetime):
        return _Cell(_date(value, cell.number_format or ""))
    if isinstance(value, date | time):
        return _Cell(value.isoformat())
    if isinstance(value, timedelta):
        return _Cell(str(value))
    if isinstance(value, int | float) and "%" in _shown(cell.number_format or ""):
        percent = Decimal(f"{value:.{_DIGITS}g}") * 100
        return _Cell(f"{percent.normalize():f}")
    return _Cell(repr(value).removesuffix(".0"))


def _date(value: datetime, shown: str) -> str:
    """Return a date as precisely as the number format *shown* does."""
    value = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    if value.time() != time():
        return value.isoformat()
    letters = _shown(shown).lower()
    if "d" in letters or "y" not in letters:
        return value.date().isoformat()
    return value.strftime("%Y-%m" if "m" in letters else "%Y")


def _shown(format: str) -> str:
    """Return what a number *format* shows of a number itself."""
    # Quoted words, single characters taken as they are, colours and languages show nothing.
    return re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", format.split(";")[0])


def _no_result(formula: object) -> _Cell:
    text = formula if isinstance(formula, str) else str(getattr(formula, "text", "") or "=")
    return _Cell(
        text,
        {
            "da": "formlen har intet resultat, der er gemt",
            "en": "the formula has no result that is saved",
        },
        {
            "da": "åbn filen i et regneark, og gem den, eller skriv værdien i stedet for formlen",
            "en": "open the file in a spreadsheet and save it, or write the value for the formula",
        },
    )


# -- findings


def _finding(shown: str, rule: str, message: Text, help: Text) -> Finding:
    return Finding(Location(shown), ERROR, rule, message, help)


def _no_reader(shown: str) -> Finding:
    command = "pip install 'expatlod[xlsx]'"
    return _finding(
        shown,
        "record:xlsx",
        {
            "da": "regneark kan ikke læses: der mangler et program til det",
            "en": "spreadsheets cannot be read: a package for it is missing",
        },
        {"da": f"skriv {command}", "en": f"type {command}"},
    )


def _locked(shown: str) -> Finding:
    return _finding(
        shown,
        "record:xlsx",
        {
            "da": "projektmappen har en adgangskode eller er i formatet fra før 2007",
            "en": "the workbook has a password or is in the format before 2007",
        },
        {
            "da": "gem den som Excel-projektmappe (.xlsx) uden adgangskode",
            "en": "save it as an Excel workbook (.xlsx) without a password",
        },
    )


def _damaged(shown: str) -> Finding:
    return _finding(
        shown,
        "record:xlsx",
        {
            "da": "kan ikke læses som Excel-projektmappe: filen er beskadiget eller noget andet",
            "en": "cannot be read as an Excel workbook: the file is damaged or something else",
        },
        {
            "da": "åbn den i et regneark, og gem den som .xlsx igen",
            "en": "open it in a spreadsheet and save it as .xlsx again",
        },
    )


def _bomb(shown: str) -> Finding:
    return _finding(
        shown,
        "record:size",
        {
            "da": "der er mere i projektmappen, end der læses",
            "en": "more is in the workbook than is read",
        },
        {
            "da": f"del den i flere; højst {LARGE} bytes udpakket læses",
            "en": f"split it into several; at most {LARGE} bytes unpacked are read",
        },
    )


def _no_sheet(shown: str) -> Finding:
    return _finding(
        shown,
        "record:none",
        {
            "da": "intet ark har poster: ingen første række har en celle 'id'",
            "en": "no sheet holds records: no first row has a cell 'id'",
        },
        {
            "da": "skriv kolonnernes navne i første række: id, felt, felt.da",
            "en": "write the columns' names in the first row: id, field, field.en",
        },
    )


def _title(at: Location, row: int) -> Finding:
    return Finding(
        at,
        ERROR,
        "record:column",
        {
            "da": f"første række skal nævne kolonnerne, men det gør række {row}",
            "en": f"the first row must name the columns, but row {row} does",
        },
        {
            "da": f"slet rækkerne over række {row}",
            "en": f"delete the rows above row {row}",
        },
    )


def _no_rows(at: Location) -> Finding:
    return Finding(
        at,
        ERROR,
        "record:empty",
        {
            "da": "der er ingen rækker under kolonnernes navne",
            "en": "there are no rows below the columns' names",
        },
        {"da": "skriv en post i hver række", "en": "write a record in each row"},
    )
