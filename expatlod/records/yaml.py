"""Read records from YAML.

The parser's events are walked directly, and again more closely when something is wrong or places
are asked for. Nothing is re-typed (`NO` stays `NO`), a key that stands twice is told, and neither
deep nesting, which crashes libyaml's composer, nor an alias bomb, which only explodes when it is
expanded, gets as far as a tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path as File
from typing import Any

import yaml

from expatlod.errors import ERROR, WARNING, Finding, Location, Text
from expatlod.records.record import Path, Positions, Record, Value
from expatlod.records.text import (
    CONTROL,
    DEPTH,
    LIMIT,
    LINE_END,
    check,
    control,
    decode,
    nothing,
    too_deep,
    too_large,
    twice,
)

__all__ = ["LIMIT", "parse", "read"]

# A plain value ends where a comment begins, and what was meant as text is lost.
_LOST = re.compile(r"[ \t]*#(?=[^\s#])")

_LOST_ANYWHERE = re.compile(r"#(?<=[ \t]#)[^\s#]")

_STARTS = (yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent)

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
_UNCLOSED = "found unexpected"
_COLON = "mapping values are not allowed"


def read(path: File, shown: str) -> tuple[list[Record], list[Finding]]:
    """Return the records of the YAML file at *path*, and what is wrong with it as YAML.

    Findings and locations call the file *shown*. Each YAML document is a record. A file that
    cannot be read as YAML yields no records and at least one finding.
    """
    size = path.stat().st_size
    if size > LIMIT:
        return [], [too_large(shown, size, LIMIT)]
    text, findings = decode(path.read_bytes(), shown)
    return ([], findings) if findings else parse(text, shown)


def parse(text: str, shown: str) -> tuple[list[Record], list[Finding]]:
    """Return the records of the YAML *text*, and what is wrong with it; see `read`."""
    findings = check(text, shown)
    if findings:
        return [], findings
    try:
        documents = _quick(text)
    except (_OddError, yaml.MarkedYAMLError):
        return _closely(text, shown)
    records = [
        Record(shown, data, partial(_positions, shown, text, index))
        for index, data in enumerate(documents)
    ]
    return (records, []) if records else ([], [nothing(Location(shown, 1, 1))])


# -- the quick way: what is without fault, and nobody asks for places


class _OddError(Exception):
    """There is something that must be looked at closely."""


def _quick(text: str) -> list[dict[str, Value]]:
    """Return the documents of *text*; raise an error that does not say the place."""
    if _LOST_ANYWHERE.search(text):
        raise _OddError
    next_event = yaml.CSafeLoader(text).get_event
    next_event()
    documents: list[dict[str, Value]] = []
    while next_event().__class__ is yaml.DocumentStartEvent:
        first = next_event()
        if first.__class__ is yaml.MappingStartEvent and first.tag is None:
            documents.append(_quick_mapping(next_event, 1))
        elif first.__class__ is not yaml.ScalarEvent or first.value:
            raise _OddError
        next_event()
    return documents


def _quick_mapping(next_event: Callable[[], Any], depth: int) -> dict[str, Value]:
    """Return the mapping whose start is read, its values standing at *depth*."""
    if depth > DEPTH:
        raise _OddError
    scalar, mapping, sequence = _STARTS
    pairs: dict[str, Value] = {}
    while True:
        event = next_event()
        if event.__class__ is not scalar:
            if event.__class__ is yaml.MappingEndEvent:
                return pairs
            raise _OddError
        key: str = event.value
        if key in pairs or (event.style == '"' and CONTROL.search(key)):
            raise _OddError
        event = next_event()
        kind = event.__class__
        # An alias has no tag.
        if kind is yaml.AliasEvent or event.tag is not None:
            raise _OddError
        if kind is scalar:
            value: str = event.value
            style = event.style
            if not style:
                pairs[key] = value or None
            elif style == '"' and CONTROL.search(value):
                raise _OddError
            else:
                pairs[key] = value
        elif kind is mapping:
            pairs[key] = _quick_mapping(next_event, depth + 1)
        else:
            assert kind is sequence
            pairs[key] = _quick_sequence(next_event, depth + 1)


def _quick_sequence(next_event: Callable[[], Any], depth: int) -> list[Value]:
    """Return the list whose start is read, its items standing at *depth*."""
    if depth > DEPTH:
        raise _OddError
    scalar, mapping, sequence = _STARTS
    items: list[Value] = []
    while True:
        event = next_event()
        kind = event.__class__
        if kind is yaml.SequenceEndEvent:
            return items
        if kind is yaml.AliasEvent or event.tag is not None:
            raise _OddError
        if kind is scalar:
            value: str = event.value
            style = event.style
            if not style:
                items.append(value or None)
            elif style == '"' and CONTROL.search(value):
                raise _OddError
            else:
                items.append(value)
        elif kind is mapping:
            items.append(_quick_mapping(next_event, depth + 1))
        else:
            assert kind is sequence
            items.append(_quick_sequence(next_event, depth + 1))


# -- the close look: what is wrong, and where everything stands


def _closely(text: str, shown: str) -> tuple[list[Record], list[Finding]]:
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
        return [], [nothing(Location(shown, 1, 1))]
    return records, walk.findings


def _positions(shown: str, text: str, index: int) -> Positions:
    return _all_positions(shown, text)[index]


# A faulty record is asked for many places in a row, and so are the others of its file.
@lru_cache(maxsize=4)
def _all_positions(shown: str, text: str) -> list[Positions]:
    walk = _Walk(shown, text, places=True)
    return [(walk.values, walk.keys) for _ in walk.documents()]


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
        self.lines = LINE_END.split(text) if self.comments else []
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
            self.findings.append(too_deep(self._location(event)))
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
        odd = CONTROL.search(text)
        if odd is not None:
            self.findings.append(control(self._location(event), odd.group()))
        if not event.style:
            self._lost(event)
            return text or None
        return text

    def _lost(self, event: Any) -> None:
        """Warn when what follows a plain value was meant to be part of it."""
        # libyaml counts one line more than there is after a value that ends with the text.
        if not self.comments or event.end_mark.line >= len(self.lines):
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
            odd = CONTROL.search(key)
            if odd is not None:
                self.findings.append(control(at, odd.group()))
                raise _BrokenError
            if key in pairs:
                self.findings.append(twice(at, key))
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
        # A quotation mark that is not closed swallows the rest of the file.
        unclosed = "quoted scalar" in (error.context or "") and _UNCLOSED in (error.problem or "")
        if unclosed and error.context_mark:
            mark = error.context_mark
        at = Location(self.shown, mark.line + 1, mark.column + 1) if mark else self.start
        problem = error.problem or str(error)
        help: Text = {
            "da": "se efter indrykning, kolon og anførselstegn på linjen og på den over",
            "en": "look at indentation, colons and quotes on this line and the one above",
        }
        line = "".join(LINE_END.split(self.text)[at.line - 1 : at.line])
        if "tab character" in problem or (_TAB in problem and "\t" in line[: at.column]):
            help = {
                "da": "der står en tabulator; ryk ind med mellemrum",
                "en": "there is a tab; indent with spaces",
            }
        elif unclosed:
            help = {
                "da": "teksten, der begynder med anførselstegnet her, slutter ikke; "
                "sæt et til sidst i den",
                "en": "the text that begins with this quotation mark does not end; "
                "write one at its end",
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
