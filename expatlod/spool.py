"""Keep what became of each piece of the input on disk, for the second half of the work.

It serves the next run as well: an outcome follows from the piece, the profile and this program
alone, and is kept under the digest of these. Deleting the file is always safe; a damaged one is
made anew.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import msgspec
import zstandard

from expatlod import __version__
from expatlod.profile import Model
from expatlod.resources import program
from expatlod.tasks import Outcome, Piece, Setup

__all__ = ["LARGEST", "Spool", "Written", "fingerprint", "pack", "unpack"]

#: The most bytes that are kept for the next run.
LARGEST = 1_000_000_000

#: For each record its N-Triples and its canonical form as JSON.
Written = list[tuple[bytes, bytes]]

# What SQLite says of a file that is none of its own, or not whole, or has other tables.
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB)

_TABLES = """
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8000;
CREATE TABLE IF NOT EXISTS outcomes (key BLOB PRIMARY KEY, head BLOB, written BLOB);
CREATE TEMP TABLE run (number INTEGER PRIMARY KEY, key BLOB);
"""

#: What changes an outcome when its version does; openpyxl need not be there.
_ENGINES = (
    "PyYAML",
    "msgspec",
    "openpyxl",
    "pyoxigraph",
    "pyshacl",
    "rapidfuzz",
    "rdflib",
    "shacl",
)

# A finding's texts may be read-only mappings.
_encoder = msgspec.msgpack.Encoder(enc_hook=dict)
_outcomes = msgspec.msgpack.Decoder(Outcome)
_written = msgspec.msgpack.Decoder(tuple[Written, dict[str, bytes]])


def pack(written: Written, bodies: Mapping[str, bytes]) -> bytes:
    """Return what is written of some records as compressed bytes, with a checksum.

    *bodies* is what they add to dumps in syntaxes that take long to write, by name.
    """
    return _pack(_encoder.encode((written, bodies)))


def unpack(data: bytes) -> tuple[Written, dict[str, bytes]]:
    """Return what `pack` packed."""
    return _written.decode(_unpack(data))


# To make one costs more than to use it on a small file.
_pack = zstandard.ZstdCompressor(level=1, write_checksum=True).compress
_unpack = zstandard.ZstdDecompressor().decompress


def fingerprint(setup: Setup, model: Model) -> bytes:
    """Return a digest of all but the piece that an outcome depends on."""
    folder = model.folder
    profile = (folder.context, *folder.ontology, *folder.codes, *folder.shapes)
    hashed = blake2b(digest_size=16)
    # The modules as well: between two releases of this program its version stays the same.
    for path in (*profile, *program()):
        hashed.update(blake2b(path.read_bytes()).digest())
    versions = [_version(each) for each in _ENGINES]
    said = (__version__, versions, setup.base, setup.engine, setup.nodes, sys.version_info[:2])
    hashed.update(repr(said).encode())
    return hashed.digest()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


class Spool:
    """The outcomes of this run, and those of runs before, in the file *path*.

    *setup* is all but the piece that they depend on, see `fingerprint`. *trusted* tells whether
    those of runs before have been offered to an audit; those of this run are once *audited* is set.
    """

    def __init__(self, path: Path, setup: bytes) -> None:
        self._path = path
        self._setup = setup
        self._base = _opened(path)
        (trusted,) = self._base.execute("PRAGMA user_version").fetchone()
        self.trusted = bool(trusted)
        self.audited = False
        self._bytes = 0
        # A name or value that UTF-8 cannot hold is kept for this run only.
        self._odd: dict[int, Outcome] = {}
        # How the files looked when they were read for their keys.
        self._stamps: dict[int, object] = {}

    def close(self, *, keep: bool) -> None:
        """Let go of the file; with *keep*, what this run used stays for the next."""
        if keep and self._bytes <= LARGEST:
            with suppress(sqlite3.Error):
                self._base.execute("DELETE FROM outcomes WHERE key NOT IN (SELECT key FROM run)")
                self._base.execute(f"PRAGMA user_version = {int(self.audited)}")
                self._base.execute("COMMIT")
                self._base.close()
                return
        self._base.close()
        _delete(self._path)

    def key(self, piece: Piece) -> bytes:
        """Return what the outcome of *piece* is kept under; a file's content is read for it."""
        hashed = blake2b(self._setup, digest_size=16)
        hashed.update(repr((piece.shown, piece.line, piece.asked)).encode())
        self._stamps[piece.number] = stamp = _stamp(piece)
        if piece.line:
            hashed.update(piece.lines())
            return hashed.digest()
        try:
            with open(piece.shown, "rb") as file:  # noqa: PTH123
                hashed.update(hashlib.file_digest(file, "blake2b").digest())
        except OSError as error:
            hashed.update(repr((error.errno, stamp)).encode())
        return hashed.digest()

    @property
    def size(self) -> int:
        """The bytes of what this run has written, packed."""
        return self._bytes

    def find(self, key: bytes, number: int) -> Outcome | None:
        """Return the outcome under *key* as that of the piece called *number*, if there is one."""
        found = self._base.execute("SELECT head, written FROM outcomes WHERE key = ?", (key,))
        row = found.fetchone()
        if row is None:
            return None
        try:
            outcome = _outcomes.decode(_unpack(row[0]))
            _unpack(row[1])
        except (msgspec.DecodeError, zstandard.ZstdError, TypeError):
            # Damaged, or not even bytes.
            return None
        outcome.number = number
        del self._stamps[number]
        self._use(number, key, len(row[1]))
        return outcome

    def put(self, key: bytes, piece: Piece, outcome: Outcome, written: bytes) -> None:
        """Keep *outcome*, that of *piece*, and what is *written* of its records, packed."""
        try:
            head = _pack(_encoder.encode(outcome))
        except UnicodeEncodeError:
            head = b""
            self._odd[outcome.number] = outcome
        if self._stamps.pop(outcome.number) != _stamp(piece):
            # It was saved again meanwhile: whose outcome this is cannot be said.
            key = os.urandom(16)
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
        outcome = _outcomes.decode(_unpack(found.fetchone()[0]))
        outcome.number = number
        return outcome

    def written(self) -> Iterator[tuple[int, bytes]]:
        """Yield what is written of each piece, packed, with the piece's number, in order."""
        yield from self._base.execute(
            "SELECT number, written FROM run JOIN outcomes USING (key) ORDER BY number"
        )


def _stamp(piece: Piece) -> object:
    """Return what changes when the file of *piece* is written."""
    try:
        state = os.stat(piece.shown)  # noqa: PTH116
    except OSError as error:
        return error.errno
    return state.st_mtime_ns, state.st_size, state.st_ino


def _delete(path: Path) -> None:
    path.unlink(missing_ok=True)
    # A new file must not be rolled back to what the old one was.
    Path(f"{path}-journal").unlink(missing_ok=True)


def _opened(path: Path) -> sqlite3.Connection:
    """Return the database at *path*, a new one if that is none."""
    for again in (True, False):
        base = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
        try:
            base.executescript(_TABLES)
            base.execute("BEGIN EXCLUSIVE")
            base.execute("SELECT key, head, written FROM outcomes LIMIT 1").fetchone()
            (state,) = base.execute("PRAGMA integrity_check(1)").fetchone()
            if state == "ok":
                return base
            base.close()
        except sqlite3.DatabaseError as error:
            base.close()
            if not again or error.sqlite_errorcode not in _DAMAGED:
                # Another run holds it, or the file may not be written.
                raise
        _delete(path)
    raise AssertionError(path)
