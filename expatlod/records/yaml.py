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
from expatlod.records import yaml_faults as faults
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
)

__all__ = ["LIMIT", "parse", "read"]

# A plain value ends where a comment begins, and what was meant as text is lost.
_LOST = re.compile(r"[ \t]*#(?=[^\s#])")

_LOST_ANYWHERE = re.compile(r"#(?<=[ \t]#)[^\s#]")

_STARTS = (yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent)

# A line that is indented with a non-breaking space, which no one can see.
_HARD = re.compile("^[ \\t]*\u00a0", re.MULTILINE)

# Where a text in quotes may have run over the field on the next line.
_OVER = re.compile(":[ \n]")


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
    if _LOST_ANYWHERE.search(text) or ("\u00a0" in text and _HARD.search(text)):
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
            elif (style == '"' and CONTROL.search(value)) or (
                style in "'\"" and _OVER.search(value) and _runs_on(event)
            ):
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
            elif (style == '"' and CONTROL.search(value)) or (
                style in "'\"" and _OVER.search(value) and _runs_on(event)
            ):
                raise _OddError
            else:
                items.append(value)
        elif kind is mapping:
            items.append(_quick_mapping(next_event, depth + 1))
        else:
            assert kind is sequence
            items.append(_quick_sequence(next_event, depth + 1))


def _runs_on(event: Any) -> bool:
    """Tell whether a scalar ends on a later line than it begins on."""
    return bool(event.start_mark.line != event.end_mark.line)


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
        # A field that is not written as one makes a bare value of what is above it.
        return [], [each for each in walk.findings if each.rule != "record:kind"]
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
            self.broken = True
            self.findings.append(faults.syntax(self.text, self.shown, error, self.start))
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
        if event.style in "'\"" and _OVER.search(text) and _runs_on(event):
            over = faults.open_quote(LINE_END.split(self.text), self.shown, event)
            if over is not None:
                self.findings.append(over)
                raise _BrokenError
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
        again: list[tuple[str, Location]] = []
        firsts: dict[str, Location] = {}
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
            if not event.style and key.startswith("\u00a0"):
                self.findings.append(faults.hard_space(at))
                raise _BrokenError
            if key in pairs:
                again.append((key, at))
                # Under a path of its own, so that the first value keeps its place.
                self._value(next(self._events), (*path, f"{key} (again)"), depth + 1)
                continue
            self._again(again, firsts, path)
            again, firsts[key] = [], at
            if self.places:
                self.keys[(*path, key)] = at
            pairs[key] = self._value(next(self._events), (*path, key), depth + 1)
        self._again(again, firsts, path)
        return pairs

    def _again(
        self, again: list[tuple[str, Location]], firsts: dict[str, Location], path: Path
    ) -> None:
        """Report the keys that stand *again* in a row, in a mapping whose keys are *firsts*.

        When they begin with one that stands early in the mapping, a new item of a list was meant.
        """
        if not again:
            return
        key, at = again[0]
        second = len(again) > 1 and again[1][0] != key
        early = key in list(firsts)[:3]
        # In braces the fields may share a line; at the edge there is no room for '- '.
        lines = [first.line for first in firsts.values()] + [each.line for _, each in again[:2]]
        room = at.column > 2 or not path
        if not (second and early and room and len(set(lines)) == len(lines)):
            self.findings += [faults.again(at, key) for key, at in again]
            return
        listed = bool(path) and isinstance(path[-1], int)
        first = None if listed else firsts[key]
        self.findings += [
            faults.without_dash(each, key, first, record=not path)
            for name, each in again
            if name == key
        ]

    def _location(self, event: Any) -> Location:
        start, end = event.start_mark, event.end_mark
        length = end.column - start.column if end.line == start.line else 1
        return Location(self.shown, start.line + 1, start.column + 1, max(length, 1))


class _BrokenError(Exception):
    """The rest of the file cannot be trusted."""
