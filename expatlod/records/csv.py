"""Read records from CSV, RFC 4180, one record a row.

The delimiter is the comma, semicolon or tab that the first line has most of. A line break inside a
cell is read as LF, however the file ends its lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path as File

from expatlod.errors import ERROR, Finding, Location, Text
from expatlod.records.record import Lists, Record, no_lists
from expatlod.records.table import Cell, Table, columns, pieces
from expatlod.records.text import (
    LARGE,
    LINE_END,
    Lines,
    check,
    decode,
    nothing,
    too_large,
)

__all__ = ["parse", "read"]

_DELIMITERS = ",;\t"

_QUOTED = re.compile('"[^"]*+(?:""[^"]*+)*+("?)')

_SAVE: Text = {
    "da": "gem filen som 'CSV UTF-8 (kommasepareret)' i Excel, eller som UTF-8 i dit program",
    "en": "save the file as 'CSV UTF-8 (Comma delimited)' in Excel, or as UTF-8 in your program",
}


def read(path: File, shown: str, lists: Lists = no_lists) -> tuple[list[Record], list[Finding]]:
    """Return the records of the CSV file at *path*, and what is wrong with it as a table.

    Findings and locations call the file *shown*. A file that is not CSV, or whose first line does
    not name columns, yields no records.
    """
    size = path.stat().st_size
    if size > LARGE:
        return [], [too_large(shown, size, LARGE)]
    text, findings = decode(path.read_bytes(), shown, help=_SAVE)
    return ([], findings) if findings else parse(text, shown, lists)


def parse(text: str, shown: str, lists: Lists = no_lists) -> tuple[list[Record], list[Finding]]:
    """Return the records of the CSV *text*, and what is wrong with it; see `read`."""
    findings = check(text, shown)
    if findings:
        return [], findings
    source = _source(shown, text)
    try:
        return _records(source, lists)
    except _SyntaxError as error:
        at = source.lines.location(shown, error.start, error.end)
        message = {
            "da": f"kan ikke læses som CSV: {error.message['da']}",
            "en": f"cannot be read as CSV: {error.message['en']}",
        }
        return [], [Finding(at, ERROR, "record:csv", message, error.help)]


def _records(source: _Source, lists: Lists) -> tuple[list[Record], list[Finding]]:
    text, end = source.lines.text, len(source.lines.text)
    names: list[str] = []
    start = at = 0
    while at < end and not any(names):
        start = at
        names, at = source.row(at)
        names = [name.strip() for name in names]
    if not any(names):
        return [], [nothing(Location(source.shown, 1, 1))]
    places = [cell.at for cell in source.cells(start)]
    paths, findings = columns(names, places)
    if not findings and not {("id",), ("type",)} <= set(paths):
        findings.append(_no_id(source.lines.location(source.shown, start, _line_end(text, start))))
    if findings:
        return [], findings
    table = Table(source.shown, paths, places, lists)
    records: list[Record] = []
    while at < end:
        texts, following = source.row(at)
        record, faults = table.record(texts, partial(source.cells, at))
        if record is not None:
            records.append(record)
        findings += faults
        at = following
    if not records and not findings:
        findings.append(_no_rows(places[0]))
    return records, findings


class _SyntaxError(Exception):
    """What stands from *start* to *end* is not CSV."""

    def __init__(self, start: int, end: int, message: Text, help: Text) -> None:
        super().__init__(message["en"])
        self.start = start
        self.end = end
        self.message = message
        self.help = help


# Compared by identity: the text of a file is no good key.
@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """The text of a file; *cell* matches a cell with the delimiter or line end that follows it."""

    shown: str
    lines: Lines
    delimiter: str
    cell: re.Pattern[str]

    def row(self, at: int) -> tuple[list[str], int]:
        """Return the texts of the row that begins at *at*, and where the next one begins."""
        text, match, delimiter = self.lines.text, self.cell.match, self.delimiter
        texts: list[str] = []
        while True:
            found = match(text, at)
            if found is None:
                raise self._fault(at)
            quoted, plain, end = found.groups()
            if quoted is None:
                texts.append(plain)
            else:
                texts.append(LINE_END.sub("\n", quoted).replace('""', '"'))
            at = found.end()
            if end != delimiter:
                return texts, at

    def cells(self, at: int) -> list[Cell]:
        """Return the places of the cells of the row that begins at *at*."""
        cells: list[Cell] = []
        while True:
            found = self.cell.match(self.lines.text, at)
            assert found is not None
            inner = 1 if found[1] is not None else 2
            start = found.start(inner)
            cells.append(
                Cell(
                    self._location(at, found.start(3)),
                    tuple(
                        self._location(start + first, start + last)
                        for first, last in pieces(found[inner])
                    ),
                )
            )
            at = found.end()
            if found[3] != self.delimiter:
                return cells

    def _location(self, start: int, end: int) -> Location:
        return self.lines.location(self.shown, start, end)

    def _fault(self, at: int) -> _SyntaxError:
        """Return what is wrong with the cell that begins at *at*."""
        text = self.lines.text
        double: Text = {
            "da": 'sæt hele cellen i anførselstegn, og skriv et inde i den to gange: ""',
            "en": 'put the whole cell in quotation marks and write one inside it twice: ""',
        }
        if text[at] != '"':
            mark = text.index('"', at)
            return _SyntaxError(
                mark,
                mark + 1,
                {
                    "da": "der står et anførselstegn midt i en celle, der ikke begynder med et",
                    "en": "a quotation mark stands in a cell that does not begin with one",
                },
                double,
            )
        quoted = _QUOTED.match(text, at)
        assert quoted is not None
        if not quoted[1] or LINE_END.search(text, at, quoted.end()):
            # Text after a mark some lines below tells of a mark that is missing up here.
            return _SyntaxError(
                at,
                _line_end(text, at),
                {
                    "da": "anførselstegnet her bliver ikke lukket, hvor cellen slutter",
                    "en": "the quotation mark here is not closed where the cell ends",
                },
                {
                    "da": f'skriv " hvor cellen slutter, lige før {self._name()} eller '
                    'linjeskiftet; inde i cellen skrives et anførselstegn to gange: ""',
                    "en": f'write " where the cell ends, right before the {self._name()} or the '
                    'line break; inside the cell a quotation mark is written twice: ""',
                },
            )
        rest = re.compile(rf"[^\r\n{self.delimiter}]*").match(text, quoted.end())
        assert rest is not None
        return _SyntaxError(
            rest.start(),
            rest.end(),
            {
                "da": "der står mere efter cellens afsluttende anførselstegn",
                "en": "more stands after the closing quotation mark of the cell",
            },
            double,
        )

    def _name(self) -> str:
        return "TAB" if self.delimiter == "\t" else f"'{self.delimiter}'"


def _source(shown: str, text: str) -> _Source:
    first = re.sub('"[^"]*"', "", text[: _line_end(text, 0)])
    # The first of those that are equally frequent: the comma, when there is only one column.
    delimiter = max(_DELIMITERS, key=first.count)
    cell = re.compile(
        rf'(?:"([^"]*+(?:""[^"]*+)*+)"|([^"\r\n{delimiter}]*+))({delimiter}|\r\n|\r|\n|\Z)'
    )
    return _Source(shown, Lines(text), delimiter, cell)


def _line_end(text: str, at: int) -> int:
    found = LINE_END.search(text, at)
    return found.start() if found else len(text)


def _no_id(at: Location) -> Finding:
    return Finding(
        at,
        ERROR,
        "record:column",
        {
            "da": "første linje nævner ikke kolonnerne id og type",
            "en": "the first line does not name the columns id and type",
        },
        {
            "da": "skriv kolonnernes navne på første linje: id,type,felt,felt.da",
            "en": "write the columns' names on the first line: id,type,field,field.en",
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
        {"da": "skriv en post på hver linje", "en": "write a record on each line"},
    )
