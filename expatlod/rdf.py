"""Read RDF files, and say on which line each triple stands."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from expatlod.dumps import SYNTAXES
from expatlod.errors import ERROR, Finding, Location

__all__ = ["LIMIT", "Placed", "read"]

#: The largest file that is read, in bytes: it is held in memory several times over.
LIMIT = 500_000_000

#: So many levels may stand inside each other in JSON-LD.
DEEPEST = 500

#: A triple and where it stands: the line on which it is complete.
Placed = tuple[ox.Triple, Location]


def read(path: Path) -> tuple[list[Placed], list[Finding]]:
    """Return the triples of the RDF file at *path* with their places, or why it cannot be read.

    JSON-LD is only understood when it is read whole: there the place is the file.
    """
    try:
        if not path.is_file():
            return [], [_unreadable(path, 0, 0, "not a file")]
        size = path.stat().st_size
        if size > LIMIT:
            return [], [_unreadable(path, 0, 0, f"{size} bytes; at most {LIMIT} are read")]
        data = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    except OSError as error:
        return [], [_unreadable(path, 0, 0, error.strerror or str(error))]
    syntax = SYNTAXES[path.suffix]
    if syntax == ox.RdfFormat.RDF_XML and b"<!DOCTYPE" in data:
        # Entities can grow without bound, and the parsers expand them.
        return [], [_unreadable(path, 0, 0, "a DOCTYPE, which is not read")]
    if syntax == ox.RdfFormat.JSON_LD and _depth(data) > DEEPEST:
        # The parser takes memory by the square of the depth.
        return [], [_unreadable(path, 0, 0, f"more than {DEEPEST} levels inside each other")]
    lines = _Lines(data)
    placed: list[Placed] = []
    try:
        for quad in ox.parse(cast("IO[bytes]", lines), format=syntax):
            triple = quad.triple
            if _is_rdf12(triple):
                why = f"RDF 1.2, which the shapes do not reach: {triple}"[:200]
                return [], [_unreadable(path, lines.number, 1, why)]
            at = Location(str(path))
            if syntax != ox.RdfFormat.JSON_LD:
                at = lines.find(path, triple)
            placed.append((triple, at))
    except (SyntaxError, ValueError, MemoryError) as error:
        # The last is what the parser says of a text of more than 16 MB.
        line, column = getattr(error, "lineno", 0) or 0, getattr(error, "offset", 0) or 0
        return [], [_unreadable(path, line, column, str(getattr(error, "msg", error)))]
    return placed, []


def _depth(data: bytes) -> int:
    """Return how deep brackets stand inside each other in *data*, JSON."""
    deepest = depth = 0
    for match in _BRACKET.finditer(data):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(match.group(), 0)
        deepest = max(deepest, depth)
    return deepest


_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]')


class _Lines(io.RawIOBase):
    """A file that is read a line at a time.

    The parser asks for more only when it needs it, so that the line last given is where the triple
    is that it just found.
    """

    def __init__(self, data: bytes) -> None:
        self.number = 0
        self._lines = iter(data.splitlines(keepends=True))
        self._last = b""
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._last = self._rest = next(self._lines, b"")
            self.number += 1
        given = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(given) :]
        return given

    def find(self, path: Path, triple: ox.Triple) -> Location:
        """Return where the object of *triple* stands, or the line if it is written otherwise."""
        text = self._last.decode("utf-8", "replace")
        for wanted in _written(triple.object):
            column = text.rfind(wanted)
            if column >= 0:
                return Location(str(path), self.number, column + 1, len(wanted))
        indent = len(text) - len(text.lstrip())
        return Location(str(path), self.number, indent + 1)


def _written(term: object) -> Iterator[str]:
    """Yield how a term may stand in a file."""
    if isinstance(term, ox.NamedNode):
        yield f"<{term.value}>"
        yield f'"{term.value}"'
        name = term.value.rpartition("#")[2].rpartition("/")[2]
        if name:
            yield f":{name}"
    elif isinstance(term, ox.Literal) and term.value:
        yield f'"{term.value}"'
        yield term.value


def _is_rdf12(triple: ox.Triple) -> bool:
    value = triple.object
    return isinstance(value, ox.Triple) or (
        isinstance(value, ox.Literal) and value.direction is not None
    )


def _unreadable(path: Path, line: int, column: int, why: str) -> Finding:
    return Finding(
        Location(str(path), line, column),
        ERROR,
        "record:rdf",
        {"da": f"kan ikke læses som RDF: {why}", "en": f"cannot be read as RDF: {why}"},
        {"da": "ret filen, og prøv igen", "en": "mend the file and try again"},
    )
