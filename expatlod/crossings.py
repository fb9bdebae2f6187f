"""Rules that hold between records: no two have one name, and what one points at exists.

The whole input is joined on disk, so that memory does not grow with it. Names are kept as BLAKE2b
digests of 16 bytes (RFC 7693): among a billion names, the chance that any two share one is less
than one in 10**20.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

from expatlod.tasks import Outcome

__all__ = ["Crossings", "Place", "digest"]

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

# What is pointed at most stands in few records, and is looked up once.
_RECENT = 100_000


def digest(iri: str) -> bytes:
    """Return what stands for *iri* in the join."""
    return blake2b(iri.encode(), digest_size=16).digest()


class Crossings:
    """The names and references of all records, in a database in *folder*.

    With *keep_all* every reference is kept, so that `pointing_at` knows who points at a record.
    """

    def __init__(self, folder: Path, *, keep_all: bool = False) -> None:
        # Written once and read once, by one thread at a time; it dies with the folder.
        self._base = sqlite3.connect(
            folder / "crossings.sqlite", isolation_level=None, check_same_thread=False
        )
        self._base.executescript(_TABLES)
        self._base.execute("BEGIN")
        self._keep_all = keep_all
        self._recent: set[str] = set()
        self._names: Path = folder / "names.txt"
        self._list = self._names.open("w", encoding="utf-8")

    def close(self) -> None:
        """Let go of the database."""
        self._list.close()
        self._base.close()

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
        self._list.writelines(f"{row.iri}\n" for row in outcome.rows)
        points = []
        inner = set()
        for row, iri in outcome.points:
            record, _, part = iri.partition("#")
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
        """Yield the names of all records, in order."""
        self._list.flush()
        with self._names.open(encoding="utf-8") as file:
            for line in file:
                yield line.rstrip("\n")

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
