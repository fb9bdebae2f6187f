"""Read what a release says as N-Triples, in pieces that can be sent one by one.

The same release gives the same pieces, so that a later run can tell which of them have arrived.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from expatlod.archive import File, Release
from expatlod.errors import UsageError
from expatlod.resources import Folder
from expatlod.sources import quads, sources

__all__ = ["Contents", "Piece", "contents"]

#: Bytes of a piece. Proxies take a megabyte at once if nobody tells them otherwise.
_SIZE = 900_000

_READ = 1 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines of N-Triples: their *number*, from 0, and how many *triples* they are."""

    number: int
    lines: bytes
    triples: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What of a release is sent: its files, the ontology and codelists before the dump.

    *key* is the same for the same files, and another for others. *triples* is about how many
    there are, for who waits; `pieces` counts.
    """

    files: tuple[tuple[Path, File], ...]
    key: str

    @property
    def triples(self) -> int:
        """How many triples the manifest counts in the files."""
        return sum(file.triples or 0 for _, file in self.files)

    def pieces(self) -> Iterator[Piece]:
        """Yield the triples of the files, each once.

        Raises QueryError for a file that cannot be read, UsageError for one that holds what its
        manifest does not say or a blank node: it would be another one in each piece.
        """
        number = triples = size = 0
        lines: list[str] = []
        for line in self._lines():
            lines.append(line)
            triples += 1
            size += len(line)
            if size >= _SIZE:
                yield Piece(number, "".join(lines).encode(), triples)
                number, triples, size, lines = number + 1, 0, 0, []
        if lines:
            yield Piece(number, "".join(lines).encode(), triples)

    def _lines(self) -> Iterator[str]:
        # The dump, which comes last, holds each triple once; the few others are remembered.
        known: dict[str, None] = {}
        for path, file in self.files:
            found = 0
            for quad in quads(path, lambda _: None):
                if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode):
                    raise UsageError(f"{path}: a blank node, which cannot be sent in pieces")
                found += 1
                line = f"{quad.triple} .\n"
                if line in known:
                    continue
                if not _is_dump(file):
                    known[line] = None
                yield line
            if file.triples is not None and found != file.triples:
                raise UsageError(
                    f"{path}: {found} triples, and the manifest says {file.triples}; "
                    "see what 'expatlod verify' says"
                )


def contents(release: Release, *, only_data: bool = False) -> Contents:
    """Return what of *release* is sent: one dump, and without *only_data* what explains it.

    Raises UsageError when there is no dump, or a file is not the one that its manifest tells of.
    """
    listed = {release.folder / file.path: file for file in release.manifest.files}
    found = sources(release.folder, Folder(release.folder))
    files = [(path, listed[path]) for path in found if path in listed]
    dumps = [each for each in files if _is_dump(each[1])]
    if not dumps:
        raise UsageError(f"{release.folder}: the manifest lists no dump; publish it again")
    chosen = dumps if only_data else [each for each in files if each not in dumps] + dumps
    digest = hashlib.sha256(f"{_SIZE}\n".encode())
    for path, file in chosen:
        _check(path, file)
        digest.update(f"{file.sha256}\n".encode())
    return Contents(tuple(chosen), digest.hexdigest())


def _is_dump(file: File) -> bool:
    return file.path.startswith("dump/")


def _check(path: Path, file: File) -> None:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as opened:
            while data := opened.read(_READ):
                digest.update(data)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    if digest.hexdigest() != file.sha256:
        raise UsageError(
            f"{path}: not the file that the manifest tells of (its SHA-256 is another); "
            "publish or fetch the release again"
        )
