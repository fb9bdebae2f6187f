"""Read records from YAML.

The parser's events are walked directly. Nothing is re-typed (`NO` stays `NO`), a key that stands
twice is told, and neither deep nesting, which crashes libyaml's composer, nor an alias bomb,
which only explodes when it is expanded, gets as far as a tree.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path as File
from typing import Any

import yaml

from expatlod.errors import ERROR, WARNING, Finding, Location, Text
from expatlod.records.record import Path, Positions, Record, Value

__all__ = ["LIMIT", "parse", "read"]

#: The largest file that is read, in bytes. A record is some kilobytes.
LIMIT = 2_000_000

#: The deepest nesting. The deepest field of a record stands some six levels down.
DEPTH = 64

# RDF/XML cannot carry the control characters; YAML 1.1 counts U+2028 and U+2029 as line ends and
# editors do not, so that every place after one would be wrong.
_CONTROL = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff\\ufffe\\uffff]"
)

# A plain value ends where a comment begins, and what was meant as text is lost.
_LOST = re.compile(r"[ \t]*#(?=[^\s#])")

#: What libyaml says most often.
_DANISH = {
    "mapping values are not allowed in this context": "her kan ikke stå et kolon med mellemrum",
    "could not find expected ':'": "der mangler et kolon",
    "did not find expected key": "her skulle stå et felt",
    "did not find expected '-' indicator": "her skulle stå '- ' og et punkt på listen",
    "did not find expected ',' or ']'": "der mangler et komma eller ']'",
    "did not find expected ',' or '}'": "der mangler et komma eller '}'",
    "did not find expected node content": "der mangler en værdi",
    "found character that cannot start any token": "tegnet kan ikke begynde en værdi",
    "found unexpected end of stream": "filen slutter midt i en tekst i anførselstegn",
    "found unexpected document indicator": "dokumentet slutter midt i en tekst i anførselstegn",
    "found a tab character where an indentation space is expected": "indrykning med tabulator",
    "found a tab character that violates indentation": "indrykning med tabulator",
}

_TAB = "cannot start any token"
_COLON = "mapping values are not allowed"


def read(path: File, shown: str) -> tuple[list[Record], list[Finding]]:
    """Return the records of the YAML file at *path*, and what is wrong with it as YAML.

    Findings and locations call the file *shown*. Each YAML document is a record. A file that
    cannot be read as YAML yields no records and at least one finding.
    """
    size = path.stat().st_size
    if size > LIMIT:
        return [], [_too_large(shown, size)]
    text, findings = _text(path.read_bytes(), shown)
    if findings:
        return [], findings
    return parse(text, shown)


def parse(text: str, shown: str) -> tuple[list[Record], list[Finding]]:
    """Return the records of the YAML *text*, and what is wrong with it; see `read`."""
    records = []
    walk = _Walk(shown, text)
    for index, data in enumerate(walk.documents()):
        if isinstance(data, dict):
            records.append(Record(shown, data, partial(_positions, shown, text, index)))
        else:
            walk.report(
                walk.start,
                "record:kind",
                {
                    "da": "en post er en liste af felter, ikke bare en værdi",
                    "en": "a record is a set of fields, not a bare value",
                },
                {
                    "da": "skriv et felt på hver linje, for eksempel 'id: min-post'",
                    "en": "write one field on each line, for example 'id: my-record'",
                },
            )
    if walk.broken:
        return [], walk.findings
    if not records and not walk.findings:
        walk.report(
            Location(shown, 1, 1),
            "record:empty",
            {"da": "filen er tom", "en": "the file is empty"},
            {
                "da": "skriv en post i den, eller slet den",
                "en": "write a record into it, or delete it",
            },
        )
    return records, walk.findings


# A faulty record is asked for many places in a row; one file's worth of them is kept.
@lru_cache(maxsize=4)
def _positions(shown: str, text: str, index: int) -> Positions:
    walk = _Walk(shown, text, places=True)
    for number, _ in enumerate(walk.documents()):
        if number == index:
            break
    return walk.values, walk.keys


def _too_large(shown: str, size: int) -> Finding:
    return Finding(
        Location(shown),
        ERROR,
        "record:size",
        {
            "da": f"filen fylder {size} bytes; højst {LIMIT} læses",
            "en": f"the file has {size} bytes; at most {LIMIT} are read",
        },
        {
            "da": "del den i flere filer, en post i hver",
            "en": "split it into several files, one record in each",
        },
    )


def _text(data: bytes, shown: str) -> tuple[str, list[Finding]]:
    """Decode *data*, refusing what is not UTF-8 or holds control characters."""
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        start = before.rfind(b"\n") + 1
        column = len(before[start:].decode("utf-8", "replace")) + 1
        return "", [
            Finding(
                Location(shown, line, column),
                ERROR,
                "record:encoding",
                {
                    "da": f"filen er ikke UTF-8: byte 0x{data[error.start]:02x}",
                    "en": f"the file is not UTF-8: byte 0x{data[error.start]:02x}",
                },
                {
                    "da": "gem filen som UTF-8 i dit skriveprogram",
                    "en": "save the file as UTF-8 in your editor",
                },
            )
        ]
    odd = _CONTROL.search(text)
    if odd is None:
        return text, []
    line = text.count("\n", 0, odd.start()) + 1
    column = odd.start() - text.rfind("\n", 0, odd.start())
    return "", [_control(Location(shown, line, column), odd.group())]


def _control(at: Location, character: str) -> Finding:
    code = f"U+{ord(character):04X}"
    return Finding(
        at,
        ERROR,
        "record:character",
        {
            "da": f"tegnet {code} kan ikke stå i data der skal udgives",
            "en": f"the character {code} cannot stand in data that is published",
        },
        {"da": "slet tegnet", "en": "delete the character"},
    )


class _Walk:
    """One pass over the events of a YAML text."""

    def __init__(self, shown: str, text: str, *, places: bool = False) -> None:
        self.shown = shown
        self.text = text
        self.places = places
        self.findings: list[Finding] = []
        self.values: dict[Path, Location] = {}
        self.keys: dict[Path, Location] = {}
        self.broken = False
        self.comments = " #" in text or "\t#" in text
        self.lines = text.split("\n") if self.comments else []
        self.start = Location(shown, 1, 1)
        self._events: Iterator[Any] = iter(())

    def documents(self) -> Iterator[Value]:
        """Yield the data of each document; stop at the first fault of the syntax."""
        self._events = yaml.parse(self.text, Loader=yaml.CSafeLoader)
        try:
            for event in self._events:
                if isinstance(event, yaml.DocumentStartEvent):
                    first = next(self._events)
                    self.start = self._location(first)
                    self.values, self.keys = {}, {}
                    if not isinstance(first, yaml.ScalarEvent) or first.value:
                        yield self._value(first, (), 0)
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        except _BrokenError:
            self.broken = True

    def report(self, at: Location, rule: str, message: Text, help: Text) -> None:
        """Add a finding."""
        self.findings.append(Finding(at, ERROR, rule, message, help))

    def _value(self, event: Any, path: Path, depth: int) -> Value:
        if depth > DEPTH:
            self.report(
                self._location(event),
                "record:depth",
                {
                    "da": f"der er mere end {DEPTH} niveauer inde i hinanden",
                    "en": f"more than {DEPTH} levels stand inside each other",
                },
                {
                    "da": "en post har højst nogle få niveauer; ret klammer og indrykning",
                    "en": "a record has a few levels at most; mend brackets and indentation",
                },
            )
            raise _BrokenError
        if isinstance(event, yaml.AliasEvent):
            self.report(
                self._location(event),
                "record:alias",
                {
                    "da": f"'*{event.anchor}' henviser til et anker",
                    "en": f"'*{event.anchor}' refers to an anchor",
                },
                {
                    "da": "skriv værdien ud her; ankre læses ikke i poster",
                    "en": "write the value out here; anchors are not read in records",
                },
            )
            raise _BrokenError
        if event.tag is not None and event.tag != "!":
            self.report(
                self._location(event),
                "record:tag",
                {
                    "da": f"YAML-mærket '{event.tag}' læses ikke",
                    "en": f"the YAML tag '{event.tag}' is not read",
                },
                {
                    "da": "slet mærket; alle værdier læses som tekst",
                    "en": "delete the tag; every value is read as text",
                },
            )
        if self.places:
            self.values[path] = self._location(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth)
        return self._mapping(path, depth)

    def _scalar(self, event: Any) -> str | None:
        text: str = event.value
        odd = _CONTROL.search(text)
        if odd is not None:
            self.findings.append(_control(self._location(event), odd.group()))
        if not event.style:
            self._lost(event)
            return text or None
        return text

    def _lost(self, event: Any) -> None:
        """Warn when what follows a plain value was meant to be part of it."""
        if not self.comments:
            return
        line = self.lines[event.end_mark.line]
        found = _LOST.match(line, event.end_mark.column)
        if found is None:
            return
        at = Location(self.shown, event.end_mark.line + 1, found.end())
        rest = line[found.end() - 1 :][:60].rstrip()
        self.findings.append(
            Finding(
                at,
                WARNING,
                "record:comment",
                {
                    "da": f"'{rest}' er en kommentar og læses ikke",
                    "en": f"'{rest}' is a comment and is not read",
                },
                {
                    "da": "sæt anførselstegn om hele værdien; skriv '# ' om en kommentar",
                    "en": "put quotes around the whole value; write '# ' for a comment",
                },
            )
        )

    def _sequence(self, path: Path, depth: int) -> list[Value]:
        items: list[Value] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._value(event, (*path, len(items)), depth + 1))
        return items

    def _mapping(self, path: Path, depth: int) -> dict[str, Value]:
        pairs: dict[str, Value] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                self.report(
                    self._location(event),
                    "record:key",
                    {"da": "her skal stå et feltnavn", "en": "a field name must stand here"},
                    {
                        "da": "skriv 'felt: værdi'; sæt anførselstegn om tekst med klammer",
                        "en": "write 'field: value'; put quotes around text with brackets",
                    },
                )
                raise _BrokenError
            key, at = event.value, self._location(event)
            odd = _CONTROL.search(key)
            if odd is not None:
                self.findings.append(_control(at, odd.group()))
                raise _BrokenError
            if key in pairs:
                self.report(
                    at,
                    "record:twice",
                    {"da": f"feltet '{key}' står to gange", "en": f"'{key}' stands twice"},
                    {
                        "da": "behold det ene, eller saml værdierne i en liste",
                        "en": "keep one of them, or gather the values in a list",
                    },
                )
                # Under a path of its own, so that the first value keeps its place.
                self._value(next(self._events), (*path, f"{key} (again)"), depth + 1)
                continue
            if self.places:
                self.keys[(*path, key)] = at
            pairs[key] = self._value(next(self._events), (*path, key), depth + 1)
        return pairs

    def _location(self, event: Any) -> Location:
        start, end = event.start_mark, event.end_mark
        length = end.column - start.column if end.line == start.line else 1
        return Location(self.shown, start.line + 1, start.column + 1, max(length, 1))

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        self.broken = True
        mark = error.problem_mark or error.context_mark
        at = Location(self.shown, mark.line + 1, mark.column + 1) if mark else self.start
        problem = error.problem or str(error)
        help: Text = {
            "da": "se efter indrykning, kolon og anførselstegn på linjen og på den over",
            "en": "look at indentation, colons and quotes on this line and the one above",
        }
        line = next(islice(self.text.split("\n"), max(at.line - 1, 0), None), "")
        if "tab character" in problem or (_TAB in problem and "\t" in line[: at.column]):
            help = {
                "da": "der står en tabulator; ryk ind med mellemrum",
                "en": "there is a tab; indent with spaces",
            }
        elif _COLON in problem:
            help = {
                "da": "teksten indeholder ': '; sæt anførselstegn om den",
                "en": "the text contains ': '; put quotes around it",
            }
        self.report(
            at,
            "record:yaml",
            {
                "da": f"kan ikke læses som YAML: {_DANISH.get(problem, problem)}",
                "en": f"cannot be read as YAML: {problem}",
            },
            help,
        )


class _BrokenError(Exception):
    """The rest of the file cannot be trusted."""
