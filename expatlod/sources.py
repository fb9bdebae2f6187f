"""Find the RDF files that questions are put to, and load them.

A dump is known by its ending: that of its syntax, with .gz or .zst behind it when it is compressed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from expatlod.archive import LATEST, SITE
from expatlod.errors import QueryError, UsageError
from expatlod.resources import Folder

__all__ = ["load", "quads", "sources"]

_DUMPS = "dump"

# In the order of what is quickest to read.
_SYNTAXES = {
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".ttl": ox.RdfFormat.TURTLE,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".rdf": ox.RdfFormat.RDF_XML,
}
_COMPRESSIONS = ("", ".zst", ".gz")
_ENDINGS = tuple(syntax + packed for syntax in _SYNTAXES for packed in _COMPRESSIONS)

_DOCTYPE = b"<!DOCTYPE"

_BUFFER = 1 << 18


def sources(path: Path, profile: Folder) -> tuple[Path, ...]:
    """Return the files with the data at *path*, a dump file or a release, and its codelists.

    A dump file is joined by the ontology and codelists of *profile*, which hold the labels and
    the places' hierarchy; a release brings its own. Of a folder of releases it is the newest. Of a
    dump in several syntaxes one is taken.

    Raises UsageError when there is no data at *path*.
    """
    if path.is_dir():
        if (path / SITE).is_file():
            path = path / LATEST
        dumps = _dumps(path / _DUMPS)
        if not dumps:
            raise UsageError(
                f"{path}: no release and no store here (no {_DUMPS}/*.nt, no store.json); "
                "run 'expatlod publish' first, or name a dump"
            )
        return (*dumps, *sorted((path / "ontology").rglob("*.ttl")))
    if not path.is_file():
        raise UsageError(f"{path}: nothing here; run 'expatlod publish' first, or name a dump")
    if not _ending(path):
        known = ", ".join(_SYNTAXES)
        raise UsageError(
            f"{path}: not a dump that is known by its ending ({known}, each also .gz or .zst)"
        )
    return (path, *profile.ontology, *profile.codes)


def _dumps(folder: Path) -> list[Path]:
    """Return the dumps in *folder*, each in that syntax of those it is in which reads best."""
    best: dict[str, Path] = {}
    for path in sorted(folder.glob("*")):
        ending = _ending(path)
        name = path.name[: len(path.name) - len(ending)]
        if ending and (
            name not in best or _ENDINGS.index(ending) < _ENDINGS.index(_ending(best[name]))
        ):
            best[name] = path
    return list(best.values())


def _ending(path: Path) -> str:
    """Return the ending that tells how *path* is read; empty when there is none.

    >>> _ending(Path("v1.2.NT.zst")), _ending(Path("notes.txt.gz"))
    ('.nt.zst', '')
    """
    ending = "".join(path.suffixes[-2:]).lower()
    if not ending.endswith(_COMPRESSIONS[1:]):
        ending = path.suffix.lower()
    return ending if ending in _ENDINGS else ""


def load(store: ox.Store, path: Path) -> None:
    """Load the file at *path* into *store*, quickly, with memory in proportion to its size.

    Raises QueryError, naming the line, when it cannot be read.
    """
    syntax = _syntax(path)
    with _told(path):
        if _ending(path) in _SYNTAXES and syntax != ox.RdfFormat.RDF_XML:
            # The engine reads a file that it opens itself in several threads.
            store.bulk_load(path=str(path), format=syntax)
        else:
            store.bulk_load(_stream(path), format=syntax)


def quads(path: Path, passed: Callable[[int], None]) -> Iterator[ox.Quad]:
    """Yield what the file at *path* says; *passed* is told how many bytes of it were read.

    Raises QueryError, naming the line, when it cannot be read.
    """
    with _told(path):
        yield from ox.parse(_stream(path, passed), format=_syntax(path))


def _syntax(path: Path) -> ox.RdfFormat:
    return _SYNTAXES[re.sub(r"\.(gz|zst)$", "", _ending(path))]


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what goes wrong with the file at *path* into a QueryError."""
    try:
        yield
    except (SyntaxError, ValueError) as error:
        raise QueryError(f"{path}: cannot be read: {error}") from error
    except OSError as error:
        raise QueryError(f"{path}: cannot be read: {error.strerror or error}") from error


def _stream(path: Path, passed: Callable[[int], None] = lambda _: None) -> io.BufferedReader:
    # The engine takes two kilobytes at a time.
    return io.BufferedReader(_Stream(path, passed), _BUFFER)


class _Stream(io.RawIOBase):
    """What a file holds, decompressed, for the engine to read."""

    def __init__(self, path: Path, passed: Callable[[int], None]) -> None:
        self._path = path
        self._passed = passed
        self._refused = _DOCTYPE if _syntax(path) == ox.RdfFormat.RDF_XML else b""
        self._pieces = self._decompressed()
        self._data = memoryview(b"")
        self._last = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._data:
            data = next(self._pieces, None)
            if data is None:
                return 0
            if self._refused and self._refused in self._last + data:
                # Entities in it can blow a few bytes up to gigabytes.
                raise ValueError("a DOCTYPE, which is not read")
            self._last = data[-len(_DOCTYPE) :]
            self._passed(len(data))
            self._data = memoryview(data)
        count = min(len(buffer), len(self._data))
        buffer[:count] = self._data[:count]
        self._data = self._data[count:]
        return count

    def _decompressed(self) -> Iterator[bytes]:
        # A question to a plain file is answered sooner without it.
        from expatlod.records.lines import BrokenError, TooMuchError, chunks

        line = 1
        try:
            for chunk in chunks(self._path):
                line += chunk.count(b"\n")
                yield chunk
        except BrokenError as error:
            raise QueryError(
                f"{self._path}: cannot be read: the compressed file is damaged or cut off at line "
                f"{line}; fetch or compress it again"
            ) from error
        except TooMuchError as error:
            raise QueryError(
                f"{self._path}: cannot be read: it is packed more tightly than any dump; "
                "if that is right, unpack it and try again"
            ) from error
