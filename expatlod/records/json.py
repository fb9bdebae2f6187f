"""Read records from JSON: one object, or a list of objects.

A record without fault goes through the standard library's scanner, which keeps numbers as their
text. Our own scanner, many times slower, is asked where values stand and what is wrong.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path as File

from expatlod.errors import ERROR, Finding, Location, Text
from expatlod.records.record import Path, Positions, Record, Value
from expatlod.records.text import (
    CONTROL,
    DEPTH,
    LARGE,
    LINE_END,
    Lines,
    check,
    control,
    decode,
    nothing,
    too_deep,
    too_large,
)

__all__ = ["parse", "parse_line", "read"]

# https://www.rfc-editor.org/rfc/rfc8259
_SPACE = re.compile(r"[ \t\n\r]*+")
_STRING_START = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS: dict[str, str | None] = {"true": "true", "false": "false", "null": None}

# What an author may have meant as one value.
_TOKEN = re.compile(r'[^\s,:"{}\[\]]+')
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)")

# An escape that may stand for what cannot be published: all surrogates, also those in pairs.
_SUSPECT = re.compile(
    r"\\(?:[bf]|u(?:00[01][0-9a-f]|00[89][0-9a-f]|007f|202[89]|d[89a-f]..|fff[ef]))", re.IGNORECASE
)

#: Editors write it, and it says nothing about what the record is about.
_SCHEMA = "$schema"

_CLOSING = {"{": "}", "[": "]"}


def read(path: File, shown: str) -> tuple[list[Record], list[Finding]]:
    """Return the records of the JSON file at *path*, and what is wrong with it as JSON.

    Findings and locations call the file *shown*. A file that is not JSON yields no records and
    one finding.
    """
    size = path.stat().st_size
    if size > LARGE:
        return [], [too_large(shown, size, LARGE)]
    text, findings = decode(path.read_bytes(), shown)
    return ([], findings) if findings else parse(text, shown)


def parse(text: str, shown: str) -> tuple[list[Record], list[Finding]]:
    """Return the records of the JSON *text*, and what is wrong with it; see `read`."""
    findings = check(text, shown)
    if findings:
        return [], findings
    reader = _Reader(_Source(shown, Lines(text)))
    try:
        reader.records_of_file()
    except _BrokenError:
        return [], reader.findings
    if not reader.records and not reader.findings:
        return [], [nothing(Location(shown, 1, 1))]
    return reader.records, reader.findings


def parse_line(text: str, shown: str, line: int) -> tuple[list[Record], list[Finding]]:
    """Return the record that stands alone on the *line* of a file, and what is wrong with it."""
    findings = check(text, shown, line=line)
    if findings:
        return [], findings
    reader = _Reader(_Source(shown, Lines(text, line), one_a_line=True))
    try:
        reader.record(_after_space(text, 0))
    except _BrokenError:
        return [], reader.findings
    return reader.records, reader.findings


# Compared by identity: the text of a file is no good key.
@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """The text of a file, or of one line of JSON Lines."""

    shown: str
    lines: Lines
    one_a_line: bool = False


class _Reader:
    """Reads the records of one source, the quick way where there is no fault."""

    def __init__(self, source: _Source) -> None:
        self.source = source
        self.text = source.lines.text
        self.records: list[Record] = []
        self.findings: list[Finding] = []

    def records_of_file(self) -> None:
        """Read one object, or a list of them."""
        at = _after_space(self.text, 0)
        if at == len(self.text):
            return
        if self.text[at] != "[":
            self.record(at)
            return
        scan = _Scan(self.source)
        try:
            start = at
            at = scan.first(start)
            while at:
                end = self._element(at)
                at = scan.next(start, at, end)
            scan.end(scan.closed)
        except _SyntaxError as error:
            self._report(error)

    def record(self, at: int) -> None:
        """Read one object and see that nothing follows it."""
        end = self._element(at)
        try:
            _Scan(self.source).end(end)
        except _SyntaxError as error:
            self._report(error)

    def _element(self, at: int) -> int:
        """Add the record that begins at *at*; return where it ends."""
        try:
            data, end = _quick(self.text, at)
        except (_OddError, json.JSONDecodeError, RecursionError):
            scan = _Scan(self.source)
            try:
                data, end = scan.value(at, (), 0)
            except _SyntaxError as error:
                self.findings += scan.findings
                self._report(error)
            except _BrokenError:
                self.findings += scan.findings
                raise
            self.findings += scan.findings
        if isinstance(data, dict):
            data.pop(_SCHEMA, None)
            places = partial(_positions, self.source, at)
            self.records.append(Record(self.source.shown, data, places))
        else:
            self.findings.append(self._no_record(at, end, data))
        return end

    def _no_record(self, start: int, end: int, data: Value) -> Finding:
        thing: Text = {"da": "bare en værdi", "en": "a bare value"}
        if isinstance(data, list):
            thing = {"da": "en liste", "en": "a list"}
        return Finding(
            self.source.lines.location(self.source.shown, start, end),
            ERROR,
            "record:kind",
            {
                "da": f"en post er et objekt med felter, ikke {thing['da']}",
                "en": f"a record is an object with fields, not {thing['en']}",
            },
            {
                "da": 'skriv felterne i klammer, for eksempel {"id": "min-post"}',
                "en": 'write the fields in braces, for example {"id": "my-record"}',
            },
        )

    def _report(self, error: _SyntaxError) -> None:
        at = self.source.lines.location(self.source.shown, error.start, error.end)
        message = {
            "da": f"kan ikke læses som JSON: {error.message['da']}",
            "en": f"cannot be read as JSON: {error.message['en']}",
        }
        self.findings.append(Finding(at, ERROR, "record:json", message, error.help))
        raise _BrokenError


# A faulty record is asked for many places in a row; one record's worth of them is kept.
@lru_cache(maxsize=4)
def _positions(source: _Source, start: int) -> Positions:
    scan = _Scan(source)
    scan.value(start, (), 0)
    values, keys = (
        {path: source.lines.location(source.shown, *span) for path, span in spans.items()}
        for spans in (scan.values, scan.keys)
    )
    return values, keys


# -- the quick way


class _OddError(Exception):
    """The standard library's scanner has read what our own must look at."""


def _pairs(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise _OddError
    return data


def _refuse(_: str) -> None:
    raise _OddError


_QUICK = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=str, parse_float=str, parse_constant=_refuse
)


def _quick(text: str, at: int) -> tuple[Value, int]:
    """Return the value at *at* and where it ends; raise an error that does not say the place."""
    data, end = _QUICK.raw_decode(text, at)
    if _SUSPECT.search(text, at, end):
        raise _OddError
    return _plain(data, 0), end


def _plain(value: object, depth: int) -> Value:
    """Return *value* with true and false as text, at most DEPTH levels deep."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value and depth >= DEPTH:
        raise _OddError
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    assert isinstance(value, dict)
    for key, item in value.items():
        if not isinstance(item, str):
            value[key] = _plain(item, depth + 1)
    return value


# -- our own scanner


class _BrokenError(Exception):
    """The rest of the source cannot be trusted."""


class _SyntaxError(Exception):
    """What stands from *start* to *end* is not JSON."""

    def __init__(self, start: int, end: int, message: Text, help: Text) -> None:
        super().__init__(message["en"])
        self.start = start
        self.end = end
        self.message = message
        self.help = help


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()


def _twice(at: Location, key: str) -> Finding:
    """Return the finding for a key that stands a second time."""
    return Finding(
        at,
        ERROR,
        "record:twice",
        {"da": f"feltet '{key}' står to gange", "en": f"'{key}' stands twice"},
        {"da": "behold det ene", "en": "keep one of them"},
    )


class _Scan:
    """Reads one value with the places of all that is in it, or says what is wrong.

    *values* and *keys* hold where they start and end; *closed* is the end of the list or object
    that was left last.
    """

    def __init__(self, source: _Source) -> None:
        self.source = source
        self.text = source.lines.text
        self.findings: list[Finding] = []
        self.values: dict[Path, tuple[int, int]] = {}
        self.keys: dict[Path, tuple[int, int]] = {}
        self.closed = 0

    def value(self, at: int, path: Path, depth: int) -> tuple[Value, int]:
        """Read the value at *at*; return it and where it ends."""
        if depth > DEPTH:
            self.findings.append(too_deep(self._location(at, at + 1)))
            raise _BrokenError
        character = self.text[at : at + 1]
        if character == '"':
            text, end = self._string(at)
            self.values[path] = at, end
            return text, end
        if character in ("{", "["):
            self.values[path] = at, at + 1
            if character == "{":
                return self._object(at, path, depth)
            return self._list(at, path, depth)
        token = _TOKEN.match(self.text, at)
        word = token.group() if token else ""
        end = at + len(word)
        self.values[path] = at, end
        if word in _WORDS:
            return _WORDS[word], end
        if _NUMBER.fullmatch(word):
            return word, end
        raise self._no_value(at, word)

    def end(self, at: int) -> None:
        """See that nothing stands after the value that ends at *at*."""
        at = _after_space(self.text, at)
        if at < len(self.text):
            raise self._more(at)

    def first(self, start: int) -> int:
        """Return where the first thing in the bracket at *start* stands; 0 when it is empty."""
        at = _after_space(self.text, start + 1)
        if self.text[at : at + 1] == _CLOSING[self.text[start]]:
            self.closed = at + 1
            return 0
        return at

    def next(self, start: int, last: int, end: int) -> int:
        """Return where the next thing in the bracket at *start* stands; 0 after the last.

        The thing before it stands from *last* to *end*.
        """
        at = _after_space(self.text, end)
        character = self.text[at : at + 1]
        closing = _CLOSING[self.text[start]]
        if character == closing:
            self.closed = at + 1
            return 0
        if character != ",":
            raise self._no_comma(start, last, end, at)
        following = _after_space(self.text, at + 1)
        if self.text[following : following + 1] == closing:
            raise _SyntaxError(
                at,
                at + 1,
                {
                    "da": f"der står et komma lige før '{closing}'",
                    "en": f"there is a comma right before '{closing}'",
                },
                {"da": "slet kommaet", "en": "delete the comma"},
            )
        return following

    def _location(self, start: int, end: int) -> Location:
        return self.source.lines.location(self.source.shown, start, end)

    def _list(self, start: int, path: Path, depth: int) -> tuple[Value, int]:
        items: list[Value] = []
        at = self.first(start)
        while at:
            item, end = self.value(at, (*path, len(items)), depth + 1)
            items.append(item)
            at = self.next(start, at, end)
        return items, self.closed

    def _object(self, start: int, path: Path, depth: int) -> tuple[Value, int]:
        data: dict[str, Value] = {}
        at = self.first(start)
        before = 0
        while at:
            if self.text[at : at + 1] != '"':
                raise self._no_key(start, before, at)
            key, end = self._string(at, key=True)
            again = key in data
            # Under a path of its own, so that the first value keeps its place.
            inside = (*path, f"{key} (again)" if again else key)
            if again:
                self.findings.append(_twice(self._location(at, end), key))
            elif path or key != _SCHEMA:
                self.keys[inside] = at, end
            before = self._colon(end)
            value, end = self.value(before, inside, depth + 1)
            if not again:
                data[key] = value
            at = self.next(start, before, end)
        if not path:
            self.values.pop((_SCHEMA,), None)
        return data, self.closed

    def _string(self, start: int, *, key: bool = False) -> tuple[str, int]:
        match = _STRING_START.match(self.text, start)
        assert match is not None
        end = match.end() + 1
        if self.text[end - 1 : end] != '"':
            raise self._bad_string(start, end - 1)
        text = self.text[start + 1 : end - 1]
        if "\\" not in text:
            return text, end
        text = json.loads(self.text[start:end])
        odd = CONTROL.search(text)
        if odd is None:
            return text, end
        self.findings.append(control(self._odd_escape(start, end), odd.group()))
        if key:
            raise _BrokenError
        # UTF-8 has no bytes for a lone surrogate; a finding says that it was there.
        return re.sub("[\ud800-\udfff]", "\ufffd", text), end

    def _odd_escape(self, start: int, end: int) -> Location:
        """Return the place of the first escape that stands for what cannot be published."""
        high: re.Match[str] | None = None
        for escape in _ESCAPE.finditer(self.text, start, end):
            character = chr(int(escape[1], 16)) if escape[1] else json.loads(f'"{escape[0]}"')
            if high is not None:
                if high.end() == escape.start() and "\udc00" <= character <= "\udfff":
                    high = None
                    continue
                break
            if "\ud800" <= character <= "\udbff":
                high = escape
            elif CONTROL.match(character):
                return self._location(escape.start(), escape.end())
        assert high is not None
        return self._location(high.start(), high.end())

    def _colon(self, end: int) -> int:
        """Return where the value after the key that ends at *end* begins."""
        at = _after_space(self.text, end)
        if self.text[at : at + 1] == ":":
            return _after_space(self.text, at + 1)
        if at >= len(self.text):
            raise self._cut_off()
        self._comment(at)
        place = at if self.text[at : at + 1] == "=" else end
        raise _SyntaxError(
            place,
            place + 1,
            {"da": "der mangler et kolon efter feltnavnet", "en": "no colon after the field name"},
            {"da": 'skriv "felt": værdi', "en": 'write "field": value'},
        )

    # -- what is wrong

    def _line(self, at: int) -> int:
        return self.source.lines.place(at)[0]

    def _line_end(self, at: int) -> int:
        line_end = LINE_END.search(self.text, at)
        return line_end.start() if line_end else len(self.text)

    def _comment(self, at: int) -> None:
        """Raise when a comment stands at *at*."""
        if self.text.startswith(("//", "/*", "#"), at):
            raise _SyntaxError(
                at,
                self._line_end(at),
                {"da": "JSON har ikke kommentarer", "en": "JSON has no comments"},
                {
                    "da": "slet kommentaren, eller skriv posten som YAML",
                    "en": "delete the comment, or write the record as YAML",
                },
            )

    def _quotes(self, at: int) -> None:
        """Raise when what stands at *at* is in quotes of another kind."""
        marks = {"'": "'", "‘": "’", "’": "’", "“": "”", "”": "”", "„": "“", "»": "«", "`": "`"}
        mark = self.text[at : at + 1]
        if mark not in marks:
            return
        line_end = self._line_end(at)
        end = self.text.find(marks[mark], at + 1, line_end)
        raise _SyntaxError(
            at,
            end + 1 if end > 0 else line_end,
            {
                "da": f"{mark} er ikke et anførselstegn i JSON",
                "en": f"{mark} is no quotation mark in JSON",
            },
            {"da": 'brug " om feltnavne og tekst', "en": 'use " around field names and text'},
        )

    def _unfinished(self, start: int) -> _SyntaxError:
        """Return the fault that the text ends inside the bracket at *start*."""
        if self.source.one_a_line:
            return self._cut_off()
        bracket, line, at = self.text[start], self._line(start), len(self.text.rstrip())
        return _SyntaxError(
            at,
            at + 1,
            {
                "da": f"filen slutter, før '{bracket}' fra linje {line} er lukket",
                "en": f"the file ends before the '{bracket}' of line {line} is closed",
            },
            {
                "da": f"skriv '{_CLOSING[bracket]}', hvor det slutter",
                "en": f"write '{_CLOSING[bracket]}' where it ends",
            },
        )

    def _cut_off(self) -> _SyntaxError:
        """Return the fault that the text ends where a value or a bracket is missing."""
        at = len(self.text.rstrip())
        if self.source.one_a_line:
            return _SyntaxError(
                at,
                at + 1,
                {
                    "da": "linjen slutter midt i posten",
                    "en": "the line ends in the middle of the record",
                },
                {
                    "da": "i JSON Lines står hele posten på én linje",
                    "en": "in JSON Lines the whole record stands on one line",
                },
            )
        return _SyntaxError(
            at,
            at + 1,
            {
                "da": "filen slutter midt i posten",
                "en": "the file ends in the middle of the record",
            },
            {
                "da": "skriv resten, eller luk alle klammer",
                "en": "write the rest, or close all brackets",
            },
        )

    def _no_value(self, at: int, word: str) -> _SyntaxError:
        self._comment(at)
        self._quotes(at)
        if not word:
            message: Text = {"da": "der mangler en værdi", "en": "a value is missing"}
            help: Text = {
                "da": "skriv en værdi, eller slet feltet",
                "en": "write a value, or delete the field",
            }
            if at >= len(self.text):
                return self._cut_off()
            return _SyntaxError(at, at + 1, message, help)
        end = at + len(word)
        message = {"da": f"'{word[:60]}' er ikke en værdi", "en": f"'{word[:60]}' is no value"}
        small = word.lower()
        if small.lstrip("+-") in ("nan", "inf", "infinity", "undefined"):
            help = {
                "da": "slet feltet; det, der ikke vides, skrives ikke",
                "en": "delete the field; what is not known is not written",
            }
        elif small in _WORDS or small == "none":
            meant = "null" if small == "none" else small
            help = {"da": f"skriv {meant}", "en": f"write {meant}"}
        elif re.fullmatch(r"\+?0*(?:\d+\.?\d*|\.\d+)", word, re.ASCII):
            whole, _, part = word.lstrip("+").partition(".")
            meant = (whole.lstrip("0") or "0") + (f".{part}" if part else "")
            help = {
                "da": f'skriv tallet {meant}, eller "{word}", hvis det er en tekst',
                "en": f'write the number {meant}, or "{word}" if it is a text',
            }
        else:
            help = {
                "da": f'sæt anførselstegn om tekst: "{word[:60]}"',
                "en": f'put quotes around text: "{word[:60]}"',
            }
        return _SyntaxError(at, end, message, help)

    def _no_key(self, start: int, last: int, at: int) -> _SyntaxError:
        self._comment(at)
        self._quotes(at)
        if at >= len(self.text):
            return self._unfinished(start)
        token = _TOKEN.match(self.text, at)
        end = token.end() if token else at + 1
        number = self.text[last:end] if last else ""
        if re.fullmatch(r"-?\d+,\d+", number, re.ASCII):
            meant = number.replace(",", ".")
            return _SyntaxError(
                last,
                end,
                {"da": f"'{number}' er ikke et tal", "en": f"'{number}' is no number"},
                {"da": f"skriv decimaltal med punktum: {meant}", "en": f"write {meant}"},
            )
        word = token.group()[:60] if token else "felt"
        return _SyntaxError(
            at,
            end,
            {"da": "her skal stå et feltnavn", "en": "a field name must stand here"},
            {
                "da": f'skriv feltnavne i anførselstegn: "{word}"',
                "en": f'write field names in quotes: "{word if token else "field"}"',
            },
        )

    def _no_comma(self, start: int, last: int, end: int, at: int) -> _SyntaxError:
        """Return the fault that neither a comma nor the closing bracket stands at *at*."""
        self._comment(at)
        if at >= len(self.text):
            return self._unfinished(start)
        character, closing = self.text[at], _CLOSING[self.text[start]]
        if character in "]}":
            return _SyntaxError(
                at,
                at + 1,
                {
                    "da": f"her skulle '{self.text[start]}' fra linje {self._line(start)} lukkes",
                    "en": f"here the '{self.text[start]}' of line {self._line(start)} should close",
                },
                {"da": f"skriv '{closing}'", "en": f"write '{closing}'"},
            )
        text_before = self.text[last] == '"'
        same_line = LINE_END.search(self.text, end, at) is None
        if text_before and same_line and (at == end or character not in '"{['):
            if character not in ":;":
                return _SyntaxError(
                    end - 1,
                    end,
                    {
                        "da": "teksten slutter her, men der kommer mere",
                        "en": "the text ends here, but more follows",
                    },
                    {
                        "da": 'skriv \\" for et anførselstegn inde i en tekst',
                        "en": 'write \\" for a quotation mark inside a text',
                    },
                )
        elif character not in ":;=":
            return _SyntaxError(
                end,
                end + 1,
                {"da": "der mangler et komma", "en": "a comma is missing"},
                {
                    "da": "skriv et komma mellem to felter eller værdier",
                    "en": "write a comma between two fields or values",
                },
            )
        return _SyntaxError(
            at,
            at + 1,
            {
                "da": f"her skal stå ',' eller '{closing}', ikke '{character}'",
                "en": f"',' or '{closing}' must stand here, not '{character}'",
            },
            {
                "da": "se, om der mangler et komma, eller om et anførselstegn står forkert",
                "en": "see whether a comma is missing or a quotation mark is misplaced",
            },
        )

    def _bad_string(self, start: int, at: int) -> _SyntaxError:
        character = self.text[at : at + 1]
        if character == "\t":
            return _SyntaxError(
                at,
                at + 1,
                {"da": "der står en tabulator i teksten", "en": "there is a tab in the text"},
                {
                    "da": "skriv \\t, eller brug et mellemrum",
                    "en": "write \\t, or use a space",
                },
            )
        if character == "\\" and self.text[at + 1 : at + 2] not in ("", "\n", "\r"):
            return _SyntaxError(
                at,
                at + 2,
                {
                    "da": f"'{self.text[at : at + 2]}' betyder ikke noget i JSON",
                    "en": f"'{self.text[at : at + 2]}' means nothing in JSON",
                },
                {
                    "da": "skriv \\\\ for en omvendt skråstreg",
                    "en": "write \\\\ for a backslash",
                },
            )
        return _SyntaxError(
            start,
            at,
            {
                "da": "teksten har intet afsluttende anførselstegn på linjen",
                "en": "the text has no closing quotation mark on its line",
            },
            {
                "da": 'skriv " hvor teksten slutter; et linjeskift skrives \\n',
                "en": 'write " where the text ends; a line break is written \\n',
            },
        )

    def _more(self, at: int) -> _SyntaxError:
        self._comment(at)
        character = self.text[at]
        if character in "]}":
            return _SyntaxError(
                at,
                at + 1,
                {
                    "da": f"der er et '{character}' for meget",
                    "en": f"there is one '{character}' too many",
                },
                {
                    "da": "slet det, eller se, om en klamme er lukket for tidligt",
                    "en": "delete it, or see whether a bracket is closed too early",
                },
            )
        help: Text = {
            "da": "sæt flere poster i [ ] med komma imellem, eller kald filen .jsonl",
            "en": "put several records in [ ] with commas between, or name the file .jsonl",
        }
        if self.source.one_a_line:
            help = {
                "da": "skriv hver post på sin egen linje",
                "en": "write each record on a line of its own",
            }
        return _SyntaxError(
            at,
            at + 1,
            {"da": "der står mere efter posten", "en": "more stands after the record"},
            help,
        )
