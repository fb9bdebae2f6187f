"""Read RDF files of any size, and sum up what they say so that it can be compared.

A graph is summed up as the sum of a hash of each of its triples, modulo 2^256, and their number: in
whatever order they come, and however often. The hash is keyed with what nobody knows before, so
triples cannot be chosen to hide a difference (Clarke et al., Incremental multiset hash functions,
ASIACRYPT 2003: MSet-Add-Hash). The triples are hashed as N-Triples of the parser's own writer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import pyoxigraph as ox

from expatlod.errors import QueryError
from expatlod.records.lines import chunks
from expatlod.sources import quads
from expatlod.verify.names import Names

__all__ = ["LARGEST_WHOLE", "Graph", "UnreadableError", "syntax", "total"]

#: The largest JSON-LD that is read whole, in bytes; it takes twelve times as much memory.
LARGEST_WHOLE = 16_000_000

# So many triples are written at a time, and so many bytes of JSON-LD are read.
_BATCH = 20_000
_BLOCK = 4 << 20

_N_QUADS = ox.RdfFormat.N_QUADS

_LONGEST_HEAD = 1 << 20
_OPENS, _TAIL = b'"@graph":[\n', b"]}"
_ODD = (
    f"JSON-LD of more than {LARGEST_WHOLE} bytes is read only with its context in the first lines "
    'up to "@graph":[ and one node on each line after that'
)


class UnreadableError(Exception):
    """A file is not RDF, says why; *line* is where, 0 where that is not known."""

    def __init__(self, why: str, line: int = 0) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True, slots=True)
class Graph:
    """How many triples a file holds, and what they sum up to under the key of this run."""

    triples: int
    sum: int


def syntax(path: str) -> str:
    """Return the ending that names the syntax of the file at *path*, without its compression.

    >>> syntax("dump/a.nt.gz"), syntax("manifest.json")
    ('.nt', '.json')
    """
    return PurePosixPath(re.sub(r"\.(gz|zst)$", "", path)).suffix


def total(path: Path, size: int, key: bytes, names: Names | None = None) -> Graph:
    """Return what the file at *path* holds, which has *size* bytes when it is unpacked.

    *names* takes in the IRIs in it. Raises UnreadableError when it cannot be read.
    """
    count, summed = 0, 0
    try:
        for block in _blocks(path, size):
            lines = block.split(b"\n")
            lines.pop()
            count += len(lines)
            summed += sum(int.from_bytes(sha256(key + line).digest(), "little") for line in lines)
            if names is not None:
                names.add(block)
    except QueryError as error:
        cause = error.__cause__ or error
        line = getattr(cause, "lineno", 0) or 0
        why = getattr(cause, "msg", None) or str(cause)
        raise UnreadableError(" ".join(why.split())[:300], line) from error
    return Graph(count, summed % (1 << 256))


def _blocks(path: Path, size: int) -> Iterator[bytes]:
    """Yield what *path* says as lines of N-Triples, or N-Quads where it has named graphs."""
    if syntax(path.name) != ".jsonld":
        yield from _written(quads(path, lambda _: None))
    elif size <= LARGEST_WHOLE:
        text = b"".join(chunks(path))
        _see(text, _Object | list[_Object], "not JSON, or too deep")
        yield from _written(_parsed(text))
    else:
        for text in _cut(path):
            yield from _written(_parsed(text))


def _written(found: Iterable[ox.Quad]) -> Iterator[bytes]:
    rest = iter(found)
    while data := ox.serialize(islice(rest, _BATCH), format=_N_QUADS):
        yield data


def _parsed(text: bytes) -> Iterator[ox.Quad]:
    try:
        yield from ox.parse(text, format=ox.RdfFormat.JSON_LD)
    except (SyntaxError, ValueError) as error:
        raise QueryError("not JSON-LD") from error


def _cut(path: Path) -> Iterator[bytes]:
    """Yield JSON-LD of moderate size which together says what the dump at *path* says.

    The parser holds all that it is given. A dump of ours is cut up: its context comes first, and
    each node stands on a line. Raises QueryError when it is written otherwise.
    """
    batches = _lines(path)
    head, first = _head(batches)
    before, opened, ended = False, True, False
    for lines in chain([first], batches):
        nodes = []
        for line in filter(None, lines):
            if ended or not (opened or line == _TAIL):
                raise QueryError(_ODD)
            if line == _TAIL:
                # A comma asks for one node more.
                ended = not (before and opened)
                opened = False
                continue
            before, opened = True, line.endswith(b",")
            nodes.append(line.removesuffix(b","))
            _see(nodes[-1], _Object, _ODD)
        if nodes:
            yield head + b",\n".join(nodes) + _TAIL
    if not ended:
        raise QueryError(_ODD)


def _head(batches: Iterator[list[bytes]]) -> tuple[bytes, list[bytes]]:
    """Return what comes before the nodes, and the lines behind it that were read too."""
    head = b""
    for lines in batches:
        for number, line in enumerate(lines, 1):
            head += line + b"\n"
            if head.endswith(_OPENS):
                _see(head + _TAIL, _Object, _ODD)
                return head, lines[number:]
            if len(head) > _LONGEST_HEAD:
                break
    raise QueryError(_ODD)


def _see(text: bytes, kind: Any, why: str) -> None:
    """Raise QueryError when *text* is no JSON of this *kind*.

    What is nested too deep ends here too; the parser of JSON-LD would take the process with it.
    """
    try:
        msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise QueryError(why) from error


class _Object(msgspec.Struct):
    """Any object in JSON; what is in it is looked through and not kept."""


def _lines(path: Path) -> Iterator[list[bytes]]:
    """Yield the lines of a file, without their ends, some megabytes at a time."""
    rest: list[bytes] = []
    size = 0
    for chunk in chunks(path):
        rest.append(chunk)
        size += len(chunk)
        if size >= _BLOCK:
            *lines, last = b"".join(rest).split(b"\n")
            yield lines
            rest, size = [last], 0
    yield b"".join(rest).split(b"\n")
