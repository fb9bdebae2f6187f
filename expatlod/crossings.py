"""Rules that hold between records: no two have one name, and what one points at exists.

The whole input is joined on disk, so that memory does not grow with it; what is small stays in
memory. Names are kept as BLAKE2b
digests of 16 bytes (RFC 7693): among a billion names, the chance that any two share one is less
than one in 10**20.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import blake2b

from expatlod.errors import PublishError
from expatlod.tasks import Outcome

__all__ = ["Crossings", "Place", "digest", "unwritable"]

#: Where a record is in the input: the number of its piece, and of the record in it.
Place = tuple[int, int]

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32000;
PRAGMA temp_store = FILE;
CREATE TABLE names (name BLOB PRIMARY KEY, piece INTEGER, row INTEGER) WITHOUT ROWID;
CREATE TABLE doubles (piece INTEGER, row INTEGER, name BLOB);
CREATE TABLE points (name BLOB, piece INTEGER, row INTEGER, PRIMARY KEY (name, piece, row))
    WITHOUT ROWID;
CREATE TABLE inner_points (piece INTEGER, row INTEGER, name BLOB);
CREATE TABLE rejected (piece INTEGER, row INTEGER, PRIMARY KEY (piece, row)) WITHOUT ROWID;
"""

# Bytes of names that are held in memory before they go to disk.
_HELD = 1 << 20

# What is pointed at most stands in few records, and is looked up once.
_RECENT = 100_000


def digest(iri: str) -> bytes:
    """Return what stands for *iri* in the join."""
    return blake2b(iri.encode(), digest_size=16).digest()


def unwritable(error: Exception) -> PublishError:
    """Return what to raise when *error* came of writing files that are needed on the way."""
    why = (error.strerror if isinstance(error, OSError) else "") or error
    return PublishError(
        f"{tempfile.gettempdir()}: the working files could not be written: {why}; what stood "
        "before is untouched; set TMPDIR to a folder with more room"
    )


class Crossings:
    """The names and references of all records.

    With *keep_all* every reference is kept, so that it is known who points at a record.

    Its methods raise sqlite3.Error or PublishError when the disk is full.
    """

    def __init__(self, *, keep_all: bool = False) -> None:
        # Without a name it has a file only when it outgrows its cache, and that goes with it.
        # Written once and read once, by one thread at a time.
        self._base = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._base.executescript(_TABLES)
        self._base.execute("BEGIN")
        self._keep_all = keep_all
        self._recent: set[str] = set()
        self._list = tempfile.SpooledTemporaryFile(_HELD, "w+b")  # noqa: SIM115

    def close(self) -> None:
        """Let go of the database."""
        self._base.close()
        # What is not yet written is not wanted any more.
        with suppress(OSError):
            self._list.close()

    def add(self, outcome: Outcome) -> None:
        """Take in the names and references of a piece; pieces come in the order of the input."""
        names = [(digest(row.iri), outcome.number, n) for n, row in enumerate(outcome.rows)]
        before = self._base.total_changes
        self._base.executemany("INSERT OR IGNORE INTO names VALUES (?, ?, ?)", names)
        if self._base.total_changes - before < len(names):
            self._find_doubles(names)
        if len(self._recent) > _RECENT:
            self._recent.clear()
        self._recent.update(row.iri for row in outcome.rows)
        try:
            self._list.write("".join(f"{row.iri}\n" for row in outcome.rows).encode())
        except OSError as error:
            raise unwritable(error) from error
        points = []
        inner = set()
        for row, iri in outcome.points:
            record, part, _ = iri.partition("#")
            if part:
                inner.add((outcome.number, row, digest(record)))
            if self._keep_all or record not in self._recent:
                points.append((digest(record), outcome.number, row))
        self._base.executemany("INSERT OR IGNORE INTO points VALUES (?, ?, ?)", points)
        self._base.executemany("INSERT INTO inner_points VALUES (?, ?, ?)", sorted(inner))

    def _find_doubles(self, names: Iterable[tuple[bytes, int, int]]) -> None:
        for name, piece, row in names:
            (first,) = self._base.execute("SELECT piece, row FROM names WHERE name = ?", (name,))
            if first != (piece, row):
                self._base.execute("INSERT INTO doubles VALUES (?, ?, ?)", (piece, row, name))

    def excuse(self, iris: Iterable[str]) -> None:
        """Let *iris* count as known: names that were meant, records of files not readable."""
        rows = ((digest(iri), -1, 0) for iri in iris)
        self._base.executemany("INSERT OR IGNORE INTO names VALUES (?, ?, ?)", rows)

    def doubles(self) -> Iterator[tuple[Place, Place]]:
        """Yield the records whose name is taken, each with the first that has it, in order."""
        found = self._base.execute(
            "SELECT d.piece, d.row, n.piece, n.row FROM doubles d JOIN names n USING (name) "
            "ORDER BY d.piece, d.row"
        )
        for piece, row, first, first_row in found:
            yield (piece, row), (first, first_row)

    def dangling(self) -> Iterator[Place]:
        """Yield the records that point at a record that is not there, in order."""
        yield from self._base.execute(
            "SELECT DISTINCT p.piece, p.row FROM points p LEFT JOIN names n USING (name) "
            "WHERE n.name IS NULL ORDER BY p.piece, p.row"
        )

    def inner(self) -> Iterator[Place]:
        """Yield the records that point into another record, at a part of it, in order."""
        yield from self._base.execute("SELECT DISTINCT piece, row FROM inner_points ORDER BY 1, 2")

    def pointed_into(self) -> Iterator[Place]:
        """Yield the records that others point into."""
        yield from self._base.execute(
            "SELECT DISTINCT n.piece, n.row FROM inner_points i JOIN names n USING (name)"
        )

    def find(self, iri: str) -> Place | None:
        """Return where the record called *iri* is; (-1, 0) when it only counts as known."""
        found = self._base.execute("SELECT piece, row FROM names WHERE name = ?", (digest(iri),))
        place: Place | None = found.fetchone()
        return place

    def names(self) -> Iterator[str]:
        """Yield the names of all records, in order; nothing is added any more."""
        try:
            self._list.seek(0)
        except OSError as error:
            raise unwritable(error) from error
        for line in self._list:
            yield line.decode().rstrip("\n")

    # -- records that are left out

    def reject(self, places: Iterable[Place]) -> None:
        """Leave records out."""
        self._base.executemany("INSERT OR IGNORE INTO rejected VALUES (?, ?)", places)

    def rejected(self, piece: int) -> set[int]:
        """Return the numbers of the records of *piece* that are left out."""
        found = self._base.execute("SELECT row FROM rejected WHERE piece = ?", (piece,))
        return {row for (row,) in found}

    def pointing_at_rejected(self) -> list[Place]:
        """Return the records that point at one that is left out, and are not left out yet."""
        self._base.execute("CREATE INDEX IF NOT EXISTS places ON names (piece, row)")
        return list(
            self._base.execute(
                "SELECT DISTINCT p.piece, p.row FROM rejected r "
                "JOIN names n ON n.piece = r.piece AND n.row = r.row "
                "JOIN points p ON p.name = n.name "
                "LEFT JOIN rejected q ON q.piece = p.piece AND q.row = p.row "
                "WHERE q.piece IS NULL ORDER BY p.piece, p.row"
            )
        )
