"""Find the records that differ between two dumps, in memory that does not grow with them.

Both dumps are read side by side. A record waits until its counterpart comes; when too much waits,
it waits on disk. Dumps in the same order never touch it. What differs is kept on disk, and given
back in an order that does not depend on that of the dumps.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, islice

import zstandard

from expatlod.diff.change import ADDED, CHANGED, REMOVED
from expatlod.diff.dump import Group, canonical, is_canonical, nameless
from expatlod.namespaces import PREFIXES

__all__ = ["Differences", "Pair"]

_OLD, _NEW = 0, 1
_SIDES = (_OLD, _NEW)

#: In the order in which they are told.
_STATES = (ADDED, REMOVED, CHANGED)

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16000;
PRAGMA temp_store = FILE;
CREATE TABLE named_0 (name BLOB PRIMARY KEY, labels BLOB) WITHOUT ROWID;
CREATE TABLE named_1 (name BLOB PRIMARY KEY, labels BLOB) WITHOUT ROWID;
CREATE TABLE waiting_0 (name BLOB PRIMARY KEY, data BLOB);
CREATE TABLE waiting_1 (name BLOB PRIMARY KEY, data BLOB);
CREATE TABLE pieces_0 (name BLOB, data BLOB);
CREATE TABLE pieces_1 (name BLOB, data BLOB);
CREATE TABLE differing (
    rank INTEGER, state INTEGER, name TEXT, kind TEXT, labels BLOB, old BLOB, new BLOB
);
CREATE INDEX told ON differing (rank, state, name);
CREATE INDEX named ON differing (name);
CREATE INDEX gone ON differing (rank, labels) WHERE state = 1;
"""

# So many bytes of records wait in memory for their counterparts.
_WAITING = 32 << 20

# So many records are read from one side before the other.
_TURN = 200

_TYPE = f"{PREFIXES['rdf']}type".encode()


@dataclass(frozen=True, slots=True)
class Pair:
    """A record that differs: its lines in the old dump and in the new, empty where it is not.

    *kind* is the IRI of its class, as far as that is known, and *labels* is what it is called, each
    on a line as N-Triples write it. *twin* is the name of a record that is
    gone, of the same class and called the same, for one that is new.
    """

    name: str
    kind: str
    state: str
    old: bytes
    new: bytes
    labels: bytes
    twin: str = ""


class _ScatteredError(Exception):
    """The lines of a record do not stand together."""


class Differences:
    """The records that differ, by class in the order of *classes*, state and name.

    *labels* are the properties that records are called by; *shown* are the names of the old dump
    and the new in messages. Its methods raise sqlite3.Error when the disk is full.
    """

    def __init__(
        self, classes: Sequence[str], labels: Iterable[str], shown: tuple[str, str]
    ) -> None:
        # Without a name it has a file only when it outgrows its cache, and that goes with it.
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.executescript(_TABLES)
        self._base.execute("BEGIN")
        self._ranks = {each.encode(): rank for rank, each in enumerate(classes)}
        self._labels = [f"> <{each}> ".encode() for each in labels]
        self._shown = shown
        self._spilled = [False, False]

    def close(self) -> None:
        """Let go of the database."""
        self._base.close()

    # -- finding them

    def read(self, old: Callable[[], Iterable[Group]], new: Callable[[], Iterable[Group]]) -> None:
        """Compare the records of two dumps; each may be read twice.

        Raises SyntaxError or ValueError when something among them is no N-Triples, QueryError when
        it has no name by which it could be compared.
        """
        try:
            self._join([iter(old()), iter(new())])
        except _ScatteredError:
            for table in ("named_0", "named_1", "waiting_0", "waiting_1", "differing"):
                self._base.execute(f"DELETE FROM {table}")  # noqa: S608
            self._spilled = [False, False]
            self._gather(_OLD, old())
            self._gather(_NEW, new())
            self._join([self._gathered(_OLD), self._gathered(_NEW)])

    def _join(self, sides: Sequence[Iterator[Group]]) -> None:
        waiting: tuple[dict[bytes, bytes], dict[bytes, bytes]] = {}, {}
        held, open_ = [0, 0], [True, True]
        while any(open_):
            # The side that has less waiting lags behind, and has what the other waits for.
            side = _OLD if held[_OLD] <= held[_NEW] else _NEW
            if not open_[side]:
                side = 1 - side
            groups = list(islice(sides[side], _TURN))
            open_[side] = len(groups) == _TURN
            self._name(side, groups)
            mine, others = waiting[side], waiting[1 - side]
            for name, data in groups:
                other = others.pop(name, None)
                if other is not None:
                    held[1 - side] -= len(other)
                elif self._spilled[1 - side]:
                    other = self._taken(1 - side, name)
                if other is None:
                    mine[name] = data
                    held[side] += len(data)
                elif other != data:
                    self._differ(name, *((other, data) if side == _NEW else (data, other)))
            if sum(held) > _WAITING:
                for each in _SIDES:
                    self._spill(each, waiting[each])
                    waiting[each].clear()
                held = [0, 0]
        for side in _SIDES:
            for name, data in chain(waiting[side].items(), self._left(side)):
                self._differ(name, *((data, b"") if side == _OLD else (b"", data)))

    def _name(self, side: int, groups: Sequence[Group]) -> None:
        """Keep what records are called; see that no name comes again."""
        # Of the old dump only those that are gone are asked for, and they are kept as differing.
        wanted = side == _NEW
        rows = [
            (_digest(name), self._called(name, data) if wanted else b"") for name, data in groups
        ]
        before = self._base.total_changes
        self._base.executemany(f"INSERT OR IGNORE INTO named_{side} VALUES (?, ?)", rows)  # noqa: S608
        if self._base.total_changes - before < len(rows):
            raise _ScatteredError

    def _called(self, name: bytes, data: bytes) -> bytes:
        """Return the labels of a record as they are written in its lines, each on a line."""
        found = []
        for label in self._labels:
            start = b"<" + name + label
            at = data.find(start)
            while at >= 0:
                end = data.index(b"\n", at)
                found.append(data[at + len(start) : end])
                at = data.find(start, end)
        return b"\n".join(found)

    # -- on disk

    def _spill(self, side: int, waiting: Mapping[bytes, bytes]) -> None:
        rows = ((_digest(name), _pack(name + b"\n" + data)) for name, data in waiting.items())
        self._base.executemany(f"INSERT INTO waiting_{side} VALUES (?, ?)", rows)  # noqa: S608
        self._spilled[side] = self._spilled[side] or bool(waiting)

    def _taken(self, side: int, name: bytes) -> bytes | None:
        key = (_digest(name),)
        found = self._base.execute(f"SELECT data FROM waiting_{side} WHERE name = ?", key)  # noqa: S608
        row = found.fetchone()
        if row is None:
            return None
        self._base.execute(f"DELETE FROM waiting_{side} WHERE name = ?", key)  # noqa: S608
        return _unpack(row[0]).partition(b"\n")[2]

    def _left(self, side: int) -> Iterator[Group]:
        for (packed,) in self._base.execute(f"SELECT data FROM waiting_{side}"):  # noqa: S608
            name, _, data = _unpack(packed).partition(b"\n")
            yield name, data

    def _gather(self, side: int, groups: Iterable[Group]) -> None:
        self._base.executemany(f"INSERT INTO pieces_{side} VALUES (?, ?)", groups)  # noqa: S608

    def _gathered(self, side: int) -> Iterator[Group]:
        """Yield what `_gather` was given, all lines of a record together."""
        rows = self._base.execute(f"SELECT name, data FROM pieces_{side} ORDER BY name")  # noqa: S608
        held: list[bytes] = []
        before = b""
        for name, data in rows:
            if held and name != before:
                yield before, b"".join(held)
                held = []
            before = name
            held.append(data)
        if held:
            yield before, b"".join(held)

    # -- those that differ

    def _differ(self, name: bytes, old: bytes, new: bytes) -> None:
        """Keep a record whose lines are not the same bytes, if they say something else."""
        was, now = _lines(old), _lines(new)
        if not is_canonical(was ^ now):
            was, now = _lines(canonical(old)), _lines(canonical(new))
        if was == now:
            return
        for side, lines in ((_OLD, was - now), (_NEW, now - was)):
            unnamed = nameless(f"{self._shown[side]}: <{name.decode()}>", sorted(lines))
            if unnamed is not None:
                raise unnamed
        before, after = b"".join(sorted(was)), b"".join(sorted(now))
        said = after or before
        start = b"<%b> <%b> <" % (name, _TYPE)
        types = sorted(
            line[len(start) : line.index(b">", len(start))]
            for line in now or was
            if line.startswith(start)
        )
        kind = min(types, key=lambda each: self._ranks.get(each, len(self._ranks)), default=b"")
        rank = self._ranks.get(kind, len(self._ranks))
        state = _STATES.index(CHANGED if was and now else REMOVED if was else ADDED)
        self._base.execute(
            "INSERT INTO differing VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                rank,
                state,
                name.decode(),
                kind.decode(),
                self._called(name, said),
                _pack(before),
                _pack(after),
            ),
        )

    # -- asking for them

    def __iter__(self) -> Iterator[Pair]:
        rows = self._base.execute(
            "SELECT rank, state, name, kind, labels, old, new FROM differing INDEXED BY told "
            "ORDER BY rank, state, name"
        )
        for rank, state, name, kind, labels, old, new in rows:
            twin = self._twin(rank, labels) if labels and _STATES[state] == ADDED else ""
            yield Pair(name, kind, _STATES[state], _unpack(old), _unpack(new), labels, twin)

    def _twin(self, rank: int, labels: bytes) -> str:
        found = self._base.execute(
            "SELECT name FROM differing WHERE state = 1 AND rank = ? AND labels = ? ORDER BY name",
            (rank, labels),
        )
        row = found.fetchone()
        return row[0] if row else ""

    def counts(self) -> dict[tuple[str, str], int]:
        """Return how many records of each class, by its IRI, have each state, in order."""
        rows = self._base.execute(
            "SELECT kind, state, count(*) FROM differing GROUP BY rank, kind, state"
        )
        return {(kind, _STATES[state]): count for kind, state, count in rows}

    def called(self, name: str) -> bytes:
        """Return what the record *name* is called, in the new dump or else in the old one.

        Each label stands on a line, as N-Triples write it; there are none for what is no record.
        """
        for query, key in (
            ("SELECT labels FROM named_1 WHERE name = ?", _digest(name.encode())),
            ("SELECT labels FROM differing WHERE name = ?", name),
        ):
            row = self._base.execute(query, (key,)).fetchone()
            if row is not None:
                return bytes(row[0])
        return b""


def _lines(data: bytes) -> frozenset[bytes]:
    return frozenset(data.splitlines(keepends=True))


def _digest(name: bytes) -> bytes:
    return blake2b(name, digest_size=16).digest()


_pack = zstandard.ZstdCompressor(level=1).compress
_unpack = zstandard.ZstdDecompressor().decompress
