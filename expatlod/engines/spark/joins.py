"""Join the names and references of all records by Spark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from expatlod.crossings import Place
from expatlod.engines.spark.session import ERRORS, refused
from expatlod.tasks import Outcome

__all__ = ["NAMES", "POINTS", "Joins", "names", "points"]

#: Files with lines as `names` and `points` write them, one of each for each partition. Spark reads
#: lines several times faster than it takes rows from Python.
NAMES, POINTS = "names", "points"

_IRI, _PLACE = "iri STRING", "piece BIGINT, row BIGINT"

_TABLES = {
    NAMES: f"{_IRI}, {_PLACE}",
    POINTS: f"{_IRI}, {_PLACE}, inner INT",
    "doubles": f"{_PLACE}, first BIGINT, first_row BIGINT",
    "rejected": _PLACE,
    "sought": _PLACE,
    "wanted": _IRI,
}


def names(outcome: Outcome) -> bytes:
    """Return lines with the names of the records: IRI, piece, row."""
    lines = (f"{row.iri}\t{outcome.number}\t{n}\n" for n, row in enumerate(outcome.rows))
    return "".join(lines).encode()


def points(outcome: Outcome) -> bytes:
    """Return lines with what records point at: IRI of a record, piece, row, 1 for a part of it."""
    lines = []
    for row, iri in outcome.points:
        record, part, _ = iri.partition("#")
        lines.append(f"{record}\t{outcome.number}\t{row}\t{1 if part else 0}\n")
    return "".join(lines).encode()


class Joins:
    """The names and references of all records, as `Crossings`, joined by Spark.

    *parts* are the folders in which executors have written down those of the pieces in *noted*,
    numbers; what else there is stands in files of *folder*. Nothing is kept in memory that grows
    with the input, but for what is rejected and what that points at.
    """

    def __init__(self, session: SparkSession, folder: Path, parts: Path, noted: set[int]) -> None:
        self._session = session
        self._folder = folder
        self._parts = parts
        self._noted = noted
        self._names = (folder / NAMES).open("wb")
        self._points = (folder / POINTS).open("wb")
        self._rejected: dict[int, set[int]] = {}
        self._sought: set[Place] = set()
        self._found: dict[str, Place | None] = {}

    def close(self) -> None:
        """Let go of the files."""
        self._names.close()
        self._points.close()

    def add(self, outcome: Outcome) -> None:
        """Take in the names and references of a piece; pieces come in the order of the input."""
        if outcome.number in self._noted:
            # Asked once; the set stays small.
            self._noted.remove(outcome.number)
            return
        self._names.write(names(outcome))
        self._points.write(points(outcome))

    def excuse(self, iris: Iterable[str]) -> None:
        """Let *iris* count as known: names that were meant, records of files not readable.

        They are the last that is added.
        """
        self._names.flush()
        self._points.flush()
        self._table(NAMES, parts=True)
        self._table(POINTS, parts=True)
        meant = dict.fromkeys(iris)
        if meant:
            self._write("wanted", ((iri,) for iri in meant))
            unknown = self._rows("SELECT iri FROM wanted w LEFT ANTI JOIN names n USING (iri)")
            self._names.writelines([f"{iri}\t-1\t0\n".encode() for (iri,) in unknown])
            self._names.flush()
            self._table(NAMES, parts=True)
        self._keep(
            "doubles",
            "SELECT n.piece, n.row, k.first.piece, k.first.row FROM names n JOIN ("
            "SELECT iri, min(struct(piece, row)) AS first FROM names WHERE piece >= 0 "
            "GROUP BY iri HAVING count(*) > 1) k ON n.iri = k.iri "
            "WHERE n.piece >= 0 AND struct(n.piece, n.row) <> k.first ORDER BY n.piece, n.row",
        )

    def doubles(self) -> Iterator[tuple[Place, Place]]:
        """Yield the records whose name is taken, each with the first that has it, in order."""
        for line in self._lines("doubles"):
            piece, row, first, first_row = map(int, line)
            yield (piece, row), (first, first_row)

    def dangling(self) -> Iterator[Place]:
        """Yield the records that point at a record that is not there, in order."""
        yield from self._places(
            "SELECT DISTINCT p.piece, p.row FROM points p LEFT ANTI JOIN names n ON n.iri = p.iri "
            "ORDER BY p.piece, p.row"
        )

    def inner(self) -> Iterator[Place]:
        """Yield the records that point into another record, at a part of it, in order."""
        yield from self._places(
            "SELECT DISTINCT piece, row FROM points WHERE inner = 1 ORDER BY piece, row"
        )

    def pointed_into(self) -> Iterator[Place]:
        """Yield the records that others point into."""
        for _, place in self._known("SELECT DISTINCT iri FROM points WHERE inner = 1"):
            yield place

    def find(self, iri: str) -> Place | None:
        """Return where the record called *iri* is; (-1, 0) when it only counts as known."""
        if iri not in self._found:
            self._seek(iri)
        return self._found[iri]

    def names(self) -> Iterator[str]:
        """Yield the names of all records, in order."""
        parts = (self._parts / each / NAMES for each in sorted(self._parts.iterdir()))
        theirs = chain.from_iterable(map(_numbered, parts))
        ours = (each for each in _numbered(self._folder / NAMES) if each[0] >= 0)
        for _, iri in merge(theirs, ours, key=itemgetter(0)):
            yield iri

    # -- records that are left out

    def reject(self, places: Iterable[Place]) -> None:
        """Leave records out."""
        for piece, row in places:
            self._rejected.setdefault(piece, set()).add(row)

    def rejected(self, piece: int) -> set[int]:
        """Return the numbers of the records of *piece* that are left out."""
        return set(self._rejected.get(piece, ()))

    def pointing_at_rejected(self) -> list[Place]:
        """Return the records that point at one that is left out, and are not left out yet."""
        rejected = ((piece, row) for piece, rows in self._rejected.items() for row in rows)
        self._write("rejected", rejected)
        self._keep(
            "wanted",
            "SELECT n.iri FROM names n JOIN rejected r ON n.piece = r.piece AND n.row = r.row "
            "LEFT ANTI JOIN doubles d ON n.piece = d.piece AND n.row = d.row",
        )
        found = self._places(
            "SELECT DISTINCT p.piece, p.row FROM points p LEFT SEMI JOIN wanted w ON w.iri = p.iri "
            "ORDER BY p.piece, p.row"
        )
        return [(piece, row) for piece, row in found if row not in self._rejected.get(piece, ())]

    # -- tables

    def _places(self, query: str) -> Iterator[Place]:
        """Yield the places that *query* selects; what they point at will be looked for at once."""
        for piece, row in self._rows(query):
            self._sought.add((piece, row))
            yield piece, row

    def _seek(self, iri: str) -> None:
        """Find *iri*, and all that the records point at that may be asked about."""
        self._write("sought", sorted(self._sought))
        self._sought.clear()
        self._found[iri] = None
        with (self._folder / "wanted").open("wb") as wanted:
            wanted.write(f"{iri}\n".encode())
            for (each,) in self._rows(
                "SELECT DISTINCT p.iri FROM points p "
                "LEFT SEMI JOIN sought s ON s.piece = p.piece AND s.row = p.row"
            ):
                self._found.setdefault(each, None)
                wanted.write(f"{each}\n".encode())
        self._table("wanted")
        self._found.update(self._known("SELECT iri FROM wanted"))

    def _known(self, iris: str) -> Iterator[tuple[str, Place]]:
        """Yield those of the IRIs that the query *iris* selects that are known, and where."""
        self._session.sql(iris).createOrReplaceTempView("iris")
        for iri, piece, row in self._rows(
            "SELECT n.iri, n.piece, n.row FROM names n LEFT SEMI JOIN iris i ON i.iri = n.iri "
            "LEFT ANTI JOIN doubles d ON d.piece = n.piece AND d.row = n.row"
        ):
            yield iri, (piece, row)

    def _rows(self, query: str) -> Iterator[Any]:
        """Yield the rows that answer *query*."""
        try:
            yield from map(tuple, self._session.sql(query).toLocalIterator())
        except ERRORS as error:
            refusal = refused(error)
            if refusal is None:
                raise
            raise refusal from error

    def _keep(self, name: str, query: str) -> None:
        """Make a table of what answers *query*; what is small goes to all executors as a whole."""
        self._write(name, self._rows(query))

    def _write(self, name: str, rows: Iterable[Sequence[object]]) -> None:
        with (self._folder / name).open("wb") as file:
            file.writelines(("\t".join(map(str, row)) + "\n").encode() for row in rows)
        self._table(name)

    def _lines(self, name: str) -> Iterator[list[str]]:
        with (self._folder / name).open(encoding="utf-8") as file:
            for line in file:
                yield line.rstrip("\n").split("\t")

    def _table(self, name: str, *, parts: bool = False) -> None:
        """Let the files called *name* be a table, as they are now."""
        places = [_literal(self._folder / name)]
        if parts and any(self._parts.iterdir()):
            places.append(f"{_literal(self._parts)}/*/{name}")
        self._session.read.csv(
            places, _TABLES[name], sep="\t", quote="", mode="FAILFAST"
        ).createOrReplaceTempView(name)


def _literal(path: Path) -> str:
    """Return *path* as Spark wants it, on the file system of all nodes and not as a pattern."""
    return "file:" + re.sub(r"([\\{}\[\]*?])", r"\\\1", str(path))


def _numbered(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the pieces and names of lines that `names` wrote."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            iri, piece, _ = line.split("\t")
            yield int(piece), iri
