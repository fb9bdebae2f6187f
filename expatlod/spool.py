"""Keep what became of each piece of the input on disk, for the second half of the work.

It serves the next run as well: an outcome follows from the piece, the profile and this program
alone, and is kept under the digest of these. Deleting the file is always safe; a damaged one is
made anew.
"""

from __future__ import annotations

import importlib.metadata
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import msgspec
import zstandard

from expatlod import __version__
from expatlod.profile import Model
from expatlod.tasks import Outcome, Piece, Setup

__all__ = ["LARGEST", "Spool", "Written", "fingerprint", "pack", "unpack"]

#: The most bytes that are kept for the next run.
LARGEST = 1_000_000_000

#: For each record its N-Triples and its canonical form as JSON.
Written = list[tuple[bytes, bytes]]

_TABLES = """
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8000;
CREATE TABLE IF NOT EXISTS outcomes (key BLOB PRIMARY KEY, head BLOB, written BLOB);
CREATE TEMP TABLE run (number INTEGER PRIMARY KEY, key BLOB);
"""

#: What changes an outcome when its version does.
_ENGINES = ("msgspec", "pyoxigraph", "pyshacl", "rdflib", "shacl")

# A finding's texts may be read-only mappings.
_encoder = msgspec.msgpack.Encoder(enc_hook=dict)
_outcomes = msgspec.msgpack.Decoder(Outcome)
_written = msgspec.msgpack.Decoder(Written)


def pack(written: Written) -> bytes:
    """Return what is written of some records as compressed bytes, with a checksum."""
    return zstandard.ZstdCompressor(level=1, write_checksum=True).compress(_encoder.encode(written))


def unpack(data: bytes) -> Written:
    """Return what `pack` packed."""
    return _written.decode(zstandard.ZstdDecompressor().decompress(data))


def fingerprint(setup: Setup, model: Model) -> bytes:
    """Return a digest of all but the piece that an outcome depends on."""
    folder = model.folder
    paths = (folder.context, *folder.ontology, *folder.codes, *folder.shapes)
    hashed = blake2b(digest_size=16)
    for path in paths:
        hashed.update(blake2b(path.read_bytes()).digest())
    versions = [importlib.metadata.version(each) for each in _ENGINES]
    said = (__version__, versions, setup.base, setup.engine, setup.nodes, sys.version_info[:2])
    hashed.update(repr(said).encode())
    return hashed.digest()


class Spool:
    """The outcomes of this run, and those of runs before, in the file *path*.

    What is in them may have been kept by *setup*, see `fingerprint`.
    """

    def __init__(self, path: Path, setup: bytes) -> None:
        self._path = path
        self._setup = setup
        self._base = _opened(path)
        self._bytes = 0
        # A name or value that UTF-8 cannot hold is kept for this run only.
        self._odd: dict[int, Outcome] = {}

    def close(self, *, keep: bool) -> None:
        """Let go of the file; with *keep*, what this run used stays for the next."""
        if keep and self._bytes <= LARGEST:
            with suppress(sqlite3.Error):
                self._base.execute("DELETE FROM outcomes WHERE key NOT IN (SELECT key FROM run)")
                self._base.execute("COMMIT")
                self._base.close()
                return
        self._base.close()
        self._path.unlink(missing_ok=True)

    def key(self, piece: Piece) -> bytes:
        """Return what the outcome of *piece* is kept under; a file's content is read for it."""
        hashed = blake2b(self._setup, digest_size=16)
        hashed.update(repr((piece.shown, piece.line, piece.asked)).encode())
        hashed.update(piece.lines() if piece.line else Path(piece.shown).read_bytes())
        return hashed.digest()

    def find(self, key: bytes, number: int) -> Outcome | None:
        """Return the outcome under *key* as that of the piece called *number*, if there is one."""
        found = self._base.execute("SELECT head, written FROM outcomes WHERE key = ?", (key,))
        row = found.fetchone()
        if row is None:
            return None
        try:
            outcome = _outcomes.decode(row[0])
            zstandard.ZstdDecompressor().decompress(row[1])
        except (msgspec.DecodeError, zstandard.ZstdError):
            return None
        outcome.number = number
        self._use(number, key, len(row[1]))
        return outcome

    def put(self, key: bytes, outcome: Outcome, written: bytes) -> None:
        """Keep *outcome*, and what is *written* of its records, packed."""
        try:
            head = _encoder.encode(outcome)
        except UnicodeEncodeError:
            head = b""
            self._odd[outcome.number] = outcome
        self._base.execute("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?)", (key, head, written))
        self._use(outcome.number, key, len(written))

    def _use(self, number: int, key: bytes, size: int) -> None:
        self._bytes += size
        self._base.execute("INSERT INTO run VALUES (?, ?)", (number, key))

    def head(self, number: int) -> Outcome:
        """Return the outcome of the piece called *number*."""
        if number in self._odd:
            return self._odd[number]
        found = self._base.execute(
            "SELECT head FROM run JOIN outcomes USING (key) WHERE number = ?", (number,)
        )
        outcome = _outcomes.decode(found.fetchone()[0])
        outcome.number = number
        return outcome

    def written(self) -> Iterator[tuple[int, bytes]]:
        """Yield what is written of each piece, packed, with the piece's number, in order."""
        yield from self._base.execute(
            "SELECT number, written FROM run JOIN outcomes USING (key) ORDER BY number"
        )


def _opened(path: Path) -> sqlite3.Connection:
    """Return the database at *path*, a new one if that is none."""
    for again in (True, False):
        base = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
        try:
            base.executescript(_TABLES)
            base.execute("BEGIN EXCLUSIVE")
            base.execute("SELECT key, head, written FROM outcomes LIMIT 1").fetchone()
        except sqlite3.OperationalError:
            # Another run holds it, or the file may not be written.
            base.close()
            raise
        except sqlite3.DatabaseError:
            base.close()
            if not again:
                raise
            path.unlink()
            continue
        return base
    raise AssertionError(path)
