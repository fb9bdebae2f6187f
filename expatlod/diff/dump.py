"""Read dumps a record at a time: the lines of N-Triples whose subjects have one name before `#`.

N-Triples are cut up as they stand, by a regular expression and not line by line; what is written
otherwise is rewritten by the parser first.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from pathlib import Path

import pyoxigraph as ox

from expatlod import archive
from expatlod.errors import QueryError, UsageError
from expatlod.records.lines import BrokenError, TooMuchError, chunks
from expatlod.resources import Folder
from expatlod.sources import quads, sources

__all__ = [
    "Group",
    "canonical",
    "dumps",
    "explain",
    "folder",
    "is_canonical",
    "nameless",
    "records",
    "same",
]

#: The name of a record in bytes, and its lines; a record can come in several groups.
Group = tuple[bytes, bytes]

_DUMPS = "dump"

_NT = ox.RdfFormat.N_TRIPLES

# Lines that stand together and have one name before `#` in their subjects.
_RECORD = re.compile(rb"<([^>#\\\n]*+)[#>].*+(?<= \.)\n(?:<\1[#>].*+(?<= \.)\n)*+")

# A blank node as the subject or object of a line, or a triple in the place of an object.
_NAMELESS = re.compile(rb"^_:[^\s<>]++|> (?:_:[^\s\"<>]++|<<\(.*\)>>) \.$")

# The one way in which a line is written by the parser's own writer.
_IRI = rb'<[^\x00-\x20<>"{}|^`\\]++>'
_CANONICAL = re.compile(
    rb"%(iri)s %(iri)s (?:%(iri)s|"
    rb'"(?:[^\x00-\x1f\x7f"\\]|\\["\\nr])*+"'
    rb"(?:@[a-z]++(?:-[a-z0-9]++)*+|\^\^(?!<http://www\.w3\.org/2001/XMLSchema#string>)%(iri)s)?"
    rb") \.\n" % {b"iri": _IRI}
)

#: So many triples are rewritten at a time.
_BATCH = 20_000

#: So many bytes are cut up at a time.
_BLOCK = 1 << 20

#: The largest record, in bytes: one is held in memory.
_LARGEST = 64 << 20


def folder(path: Path) -> Path | None:
    """Return the folder of the release at *path*, or None when it is a file.

    A folder with dumps is a release also before it has a manifest. Raises UsageError when there is
    no release in the folder *path*.
    """
    if not path.is_dir():
        return None
    return path if (path / _DUMPS).is_dir() else archive.find(path).folder


def dumps(path: Path, profile: Folder) -> list[Path]:
    """Return the dump files of what is at *path*, each dump in the syntax that is read best.

    Raises UsageError when there are none.
    """
    release = folder(path)
    if release is None:
        return [sources(path, profile)[0]]
    found = [each for each in sources(release, profile) if each.parent.name == _DUMPS]
    if not found:
        raise UsageError(f"{path}: no dump in the release")
    return found


def same(old: Path, new: Path) -> bool:
    """Tell whether the manifests of two releases say that their dumps hold the same."""
    return bool(_sums(old)) and _sums(old) == _sums(new)


def _sums(path: Path) -> frozenset[str]:
    release = archive.read_release(folder(path) or path)
    files = release.manifest.files if release else []
    plain = (each for each in files if each.path.startswith(f"{_DUMPS}/"))
    return frozenset(each.sha256 for each in plain if each.path.endswith(".nt"))


def records(paths: Iterable[Path]) -> Iterator[Group]:
    """Yield the records in the dumps at *paths*.

    Raises QueryError, naming file and line, for what is no dump or has nodes without a name.
    """
    for path in paths:
        yield from _records(path)


def _records(path: Path) -> Iterator[Group]:
    rest = b""
    for block in _blocks(path):
        data = rest + block
        groups = _cut(data)
        if groups is None:
            # Written in an odd way, or none at all.
            try:
                data = canonical(data)
            except (SyntaxError, ValueError) as error:
                raise explain([path]) from error
            if not data:
                # Comments only.
                rest = b""
                continue
            groups = _cut(data)
            if groups is None:
                raise nameless(str(path), data.splitlines()) or explain([path])
        yield from groups[:-1]
        # More of it may follow.
        name, rest = groups[-1]
        if len(rest) > _LARGEST:
            raise QueryError(
                f"{path}: <{name.decode(errors='replace')}> has more than {_LARGEST >> 20} MB; "
                "records of that size cannot be compared"
            )
    if rest:
        yield name, rest


def _cut(data: bytes) -> list[Group] | None:
    """Return the records in *data*, or None when not all of it is lines of N-Triples of IRIs."""
    found, end = [], 0
    for match in _RECORD.finditer(data):
        if match.start() != end:
            return None
        end = match.end()
        found.append((match[1], match[0]))
    return found if found and end == len(data) and b"\r" not in data else None


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield whole lines of N-Triples."""
    name = path.name.lower()
    if not name.removesuffix(".gz").removesuffix(".zst").endswith(".nt"):
        triples = map(attrgetter("triple"), quads(path, lambda _: None))
        while data := ox.serialize(islice(triples, _BATCH), format=_NT):
            yield data
        return
    held: list[bytes] = []
    size, rest = 0, b""
    try:
        for chunk in chunks(path):
            held.append(chunk)
            size += len(chunk)
            if size >= _BLOCK:
                data = rest + b"".join(held)
                end = data.rfind(b"\n") + 1
                rest, held, size = data[end:], [], 0
                if end:
                    yield data[:end]
    except (BrokenError, TooMuchError, OSError) as error:
        raise explain([path]) from error
    if rest or held:
        yield rest + b"".join(held)


def canonical(data: bytes) -> bytes:
    r"""Return lines of N-Triples in the one way to write each.

    Raises SyntaxError or ValueError when they are none.

    >>> canonical(b'<a:b>  <a:c> "d"@EN.')
    b'<a:b> <a:c> "d"@en .\n'
    """
    return ox.serialize(ox.parse(data, format=_NT), format=_NT) or b""


def is_canonical(lines: Iterable[bytes]) -> bool:
    """Tell whether each of *lines* is written in the one way to write it."""
    return all(map(_CANONICAL.fullmatch, lines))


def explain(paths: Sequence[Path]) -> QueryError:
    """Return what to raise when one of the dumps at *paths* cannot be read: where and why."""
    for path in paths:
        try:
            deque(quads(path, lambda _: None), maxlen=0)
        except QueryError as error:
            return error
    return QueryError(f"{', '.join(map(str, paths))}: cannot be read: no triples in N-Triples")


def nameless(place: str, lines: Iterable[bytes]) -> QueryError | None:
    """Return what to raise when a node in *lines*, found at *place*, has no name."""
    for line in lines:
        match = _NAMELESS.search(line)
        if match is not None:
            shown = match[0].removeprefix(b"> ").removesuffix(b" .").decode(errors="replace")[:60]
            return QueryError(
                f"{place}: cannot be compared: a node without a name ('{shown}'); two dumps have "
                "only names in common, so give such nodes IRIs"
            )
    return None
