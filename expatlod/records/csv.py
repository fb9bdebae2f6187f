"""Read records from CSV, RFC 4180, one record a row.

The delimiter is the comma, semicolon or tab that the first line has most of, or what a line `sep=;`
above it says. A line break inside a cell is read as LF, however the file ends its lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path as File

from expatlod.errors import ERROR, Finding, Location, Text
from expatlod.records.record import Lists, Record, no_lists
from expatlod.records.table import ID, TYPE, Cell, Table, columns, header_below, pieces
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

# Excel writes this line, and reads by it.
_SEPARATOR = re.compile(r'"?sep=([,;\t|])"?[,;\t|]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)

# Up to so many lines below the first are looked at for the names of the columns.
_TITLE = 4

_DIGITS = re.compile("[0-9]{1,9}")
_NUMBER = re.compile("[+-]?[0-9]{1,9}")

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
    start = at = source.start
    while at < end and not any(names):
        start = at
        names, at = source.row(at)
        names = [name.strip() for name in names]
    if not any(names):
        return [], [nothing(Location(source.shown, 1, 1))]
    places = [cell.at for cell in source.cells(start)]
    line = source.lines.location(source.shown, start, _line_end(text, start))
    called = {name.lower() for name in names}
    missing = [name for name in (ID, TYPE) if name not in called]
    below = _header_below(text, at) if missing else 0
    if below:
        return [], [_title(line, source.lines.place(at)[0] + below - 1)]
    if len(missing) == 2:
        # These are hardly the names of columns: what is wrong with each would say nothing.
        return [], [_no_columns(line, missing)]
    paths, findings = columns(names, places)
    if missing:
        findings.append(_no_columns(line, missing))
    if findings:
        return [], findings
    table = Table(source.shown, paths, places, lists)
    records: list[Record] = []
    while at < end:
        texts, following = source.row(at)
        if not source.fits(texts, table):
            findings.append(source.uneven(at, texts, table))
            at = following
            continue
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
    """The text of a file from *start*.

    *cell* matches a cell with the delimiter or line end that follows it.
    """

    shown: str
    lines: Lines
    delimiter: str
    cell: re.Pattern[str]
    start: int

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

    def fits(self, texts: Sequence[str], table: Table) -> bool:
        """Tell whether a row of *texts* has a cell for each column, or is none of a record."""
        filled = table.filled(texts)
        width = _width(table)
        return (
            not filled
            or (width <= len(texts) <= len(table.paths) and filled[-1] < width)
            or table.is_note(texts, filled)
        )

    def uneven(self, at: int, texts: Sequence[str], table: Table) -> Finding:
        """Return the finding for the row at *at*, which has too few or too many cells."""
        width, cells = _width(table), [cell.at for cell in self.cells(at)]
        place = self._location(at, _line_end(self.lines.text, at))
        split = table.split(table.kind_of(texts))
        if len(texts) < width:
            mark = self._name()
            help: Text = {
                "da": f"se, hvor rækken mangler {mark}, eller hvor den brydes; også tomme celler "
                f"skal have {mark} efter sig",
                "en": f"see where the row lacks {mark}, or where it is broken; empty cells need "
                f"{mark} after them too",
            }
            for index, text in enumerate(texts):
                other = self._other_mark(text) if index not in split else ""
                if other and not _is_quoted(text, cells[index]):
                    place = cells[index]
                    help = {
                        "da": f"skal '{other}' her være {mark}? Eller sæt cellen i anførselstegn",
                        "en": f"is '{other}' here meant as {mark}? Or put quotes around the cell",
                    }
                    break
            return _uneven(place, len(texts), width, help)
        place = cells[width]
        help = {
            "da": f"slet det, der er for meget, eller sæt anførselstegn om tekst med "
            f"{self._name()} i",
            "en": f"delete what is too much, or put quotes around text with {self._name()} in it",
        }
        torn = self._torn(texts, cells)
        if torn:
            first, last = cells[torn - 1], cells[torn]
            place = replace(first, length=last.column + last.length - first.column)
            whole = self.delimiter.join(texts[torn - 1 : torn + 1])
            help = {
                "da": f'er det én celle? Skriv "{whole}" med anførselstegn om',
                "en": f'is this one cell? Write "{whole}" with quotes around it',
            }
            if len(texts[torn]) < 3 and _DIGITS.fullmatch(texts[torn]):
                number = ".".join(texts[torn - 1 : torn + 1])
                help = {
                    "da": f"er det ét tal? Skriv det med punktum: {number}",
                    "en": f"is this one number? Write it with a point: {number}",
                }
        return _uneven(place, len(texts), width, help)

    def _torn(self, texts: Sequence[str], cells: Sequence[Location]) -> int:
        """Return the cell that was probably torn off the one before it; 0 if none looks so.

        That is the decimals of a number, and what follows a comma and a space.
        """
        bare = [
            index
            for index in range(1, len(texts))
            if not any(_is_quoted(texts[each], cells[each]) for each in (index - 1, index))
        ]
        for index in bare:
            before, text = texts[index - 1], texts[index]
            if self.delimiter == "," and _NUMBER.fullmatch(before) and _DIGITS.fullmatch(text):
                return index
        for index in bare:
            if texts[index - 1].strip() and re.match(r" \S", texts[index]):
                return index
        return 0

    def _other_mark(self, text: str) -> str:
        """Return the delimiter of other files that *text* has between two words."""
        found = re.search(r"(?<=\S)[,;](?=[^\s,;])", text)
        if found is None or found[0] == self.delimiter or re.search(r"\d,\d", text):
            return ""
        return found[0]

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
    said = _SEPARATOR.match(text)
    start = said.end() if said else 0
    delimiter = said[1] if said else _delimiter(text[: _line_end(text, 0)])
    mark = re.escape(delimiter)
    cell = re.compile(rf'(?:"([^"]*+(?:""[^"]*+)*+)"|([^"\r\n{mark}]*+))({mark}|\r\n|\r|\n|\Z)')
    return _Source(shown, Lines(text), delimiter, cell, start)


def _delimiter(line: str) -> str:
    """Return what *line* has most of; the comma, when there is only one column."""
    return max(_DELIMITERS, key=re.sub('"[^"]*"', "", line).count)


def _header_below(text: str, at: int) -> int:
    """Return which line from *at* on names the columns, from 1; 0 if none of the next does."""
    lines: list[str] = []
    while at < len(text) and len(lines) < _TITLE:
        end = LINE_END.search(text, at)
        lines.append(text[at : end.start() if end else len(text)])
        at = end.end() if end else len(text)
    rows = ([cell.strip(' "') for cell in line.split(_delimiter(line))] for line in lines)
    return header_below(rows, (ID, TYPE))


def _is_quoted(text: str, at: Location) -> bool:
    """Tell whether quotation marks stand around the cell *at* that has the *text*."""
    return "\n" in text or at.length > max(len(text), 1)


def _width(table: Table) -> int:
    """Return the number of columns up to the last that has a name."""
    return max(index for index, path in enumerate(table.paths, 1) if path)


def _line_end(text: str, at: int) -> int:
    found = LINE_END.search(text, at)
    return found.start() if found else len(text)


def _no_columns(at: Location, missing: Sequence[str]) -> Finding:
    several = len(missing) > 1
    return Finding(
        at,
        ERROR,
        "record:column",
        {
            "da": f"første linje nævner ikke {'kolonnerne' if several else 'kolonnen'} "
            f"{' og '.join(missing)}",
            "en": f"the first line does not name the column{'s' if several else ''} "
            f"{' and '.join(missing)}",
        },
        {
            "da": "skriv kolonnernes navne på første linje: id,type,felt,felt.da; "
            "'expatlod schema -f csv TYPE' skriver dem for dig",
            "en": "write the columns' names on the first line: id,type,field,field.en; "
            "'expatlod schema -f csv TYPE' writes them for you",
        },
    )


def _uneven(at: Location, found: int, width: int, help: Text) -> Finding:
    da, en = ("celle", "cell") if found == 1 else ("celler", "cells")
    return Finding(
        at,
        ERROR,
        "record:column",
        {
            "da": f"rækken har {found} {da}, men der er {width} kolonner; dens værdier er ikke "
            "kontrolleret",
            "en": f"the row has {found} {en}, but there are {width} columns; its values have not "
            "been checked",
        },
        help,
    )


def _title(at: Location, line: int) -> Finding:
    return Finding(
        at,
        ERROR,
        "record:column",
        {
            "da": f"første linje skal nævne kolonnerne, men det gør linje {line}",
            "en": f"the first line must name the columns, but line {line} does",
        },
        {
            "da": f"slet det, der står over linje {line}",
            "en": f"delete what stands above line {line}",
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
