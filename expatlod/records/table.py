"""Turn the rows of a table into records: what CSV and spreadsheets share.

The first row names the columns by their way into the record: `field.da`, `field.1.other`, list
positions counted from 1. A cell of a list is split at `;`. An empty cell is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from expatlod.errors import ERROR, Finding, Location, Text
from expatlod.records.record import Lists, Path, Positions, Record, Value

__all__ = ["Cell", "Table", "columns", "pieces"]

#: The steps from a record to each column's value, positions from 1; empty for a nameless column.
Columns = tuple[Path, ...]

_POSITION = re.compile("[1-9][0-9]{0,5}")
_NO_KEY = re.compile(r"""[\s,;:/()\[\]{}"']|^[+-]?[0-9]""")
_PIECE = re.compile(r"[^;\s](?:[^;]*[^;\s])?")

# A column's index, or what stands below a key or a position.
_Tree = dict[str | int, "_Tree | int"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a cell stands, and where each piece stands that its text is split into at `;`."""

    at: Location
    pieces: tuple[Location, ...]


def pieces(text: str) -> list[tuple[int, int]]:
    """Return where the pieces between `;` in *text* start and end, spaces and empty ones left out.

    >>> pieces("tax; housing;")
    [(0, 3), (5, 12)]
    """
    return [match.span() for match in _PIECE.finditer(text)]


def columns(names: Sequence[str], places: Sequence[Location]) -> tuple[Columns, list[Finding]]:
    """Return the columns that the first row *names*, and what is wrong with their names."""
    found: dict[Path, int] = {}
    paths: list[Path] = []
    findings: list[Finding] = []
    for name, at in zip(names, places, strict=True):
        name = name.strip()
        steps = tuple(int(part) if _POSITION.fullmatch(part) else part for part in name.split("."))
        if name and not _is_path(steps):
            findings.append(_no_path(at, name))
        elif name and steps in found:
            findings.append(_column_twice(at, name, places[found[steps]]))
        elif name:
            found[steps] = len(paths)
        paths.append(steps if name else ())
    return tuple(paths), findings


def _is_path(steps: Path) -> bool:
    """Tell whether *steps* begin with a key, and what looks like a position is one."""
    return isinstance(steps[0], str) and all(
        isinstance(step, int) or (step and not _NO_KEY.search(step)) for step in steps
    )


class Table:
    """Makes records of the rows below one first row.

    *kind* is the type of the records when no column gives it.
    """

    def __init__(
        self,
        shown: str,
        paths: Columns,
        places: Sequence[Location],
        lists: Lists,
        kind: str = "",
    ) -> None:
        self.shown = shown
        self.paths = paths
        self.lists = lists
        self.kind = kind
        self._places = places
        self._type = paths.index(("type",)) if ("type",) in paths else -1
        self._split: dict[str, frozenset[int]] = {}

    def record(
        self, texts: Sequence[str], cells: Callable[[], Sequence[Cell]]
    ) -> tuple[Record | None, list[Finding]]:
        """Return the record of a row of *texts*, None for an empty or a faulty one.

        *cells* finds the places of the row's cells, when one is asked for.
        """
        filled = [index for index, text in enumerate(texts) if text and not text.isspace()]
        for index in filled:
            if index >= len(self.paths) or not self.paths[index]:
                return None, [_no_column(cells()[index].at, texts[index])]
        if not filled:
            return None, []
        kind = self.kind
        if self._type in filled:
            kind = texts[self._type].strip()
        split = self.split(kind)
        tree: _Tree = {}
        findings = []
        for index in filled:
            if index in split and not pieces(texts[index]):
                continue
            other = self._plant(tree, index)
            if other is not None:
                findings.append(self._contradiction(cells()[index].at, index, other))
        row = _Row(self, tuple(texts), tree, split, cells)
        data = row.data(tree)
        assert isinstance(data, dict)
        if self.kind and "type" not in data:
            data = {"type": self.kind, **data}
        return Record(self.shown, data, row.positions), findings

    def split(self, kind: str) -> frozenset[int]:
        """Return the columns whose cells hold lists in a record of the type *kind*."""
        if kind not in self._split:
            self._split[kind] = frozenset(
                index
                for index, path in enumerate(self.paths)
                if path
                and isinstance(path[-1], str)
                and self.lists(kind, tuple(step for step in path if isinstance(step, str)))
            )
        return self._split[kind]

    def key(self, steps: Path) -> Location | None:
        """Return the name of the first column whose way begins with *steps*."""
        for path, at in zip(self.paths, self._places, strict=True):
            if path[: len(steps)] == steps:
                return at
        return None

    def _plant(self, tree: _Tree, index: int) -> int | None:
        """Put a column into *tree*; return the column that it contradicts, if it does."""
        *above, last = self.paths[index]
        for step in above:
            other = _clash(tree, step)
            if other is not None:
                return other
            below = tree.setdefault(step, {})
            if isinstance(below, int):
                return below
            tree = below
        other = _clash(tree, last)
        if other is None and last in tree:
            other = _first(tree[last])
        if other is None:
            tree[last] = index
        return other

    def _contradiction(self, at: Location, index: int, other: int) -> Finding:
        one, two = (".".join(map(str, self.paths[each])) for each in (index, other))
        return Finding(
            at,
            ERROR,
            "record:column",
            {
                "da": f"kolonnerne {one} og {two} udelukker hinanden, men begge er udfyldt",
                "en": f"the columns {one} and {two} exclude each other, but both are filled in",
            },
            {"da": "tøm den ene celle", "en": "empty one of the cells"},
        )


def _clash(tree: _Tree, step: str | int) -> int | None:
    """Return a column in *tree* that has a key where *step* is a position, or the other way."""
    for other, below in tree.items():
        return _first(below) if type(other) is not type(step) else None
    return None


def _first(tree: _Tree | int) -> int:
    """Return the first column in *tree*."""
    return tree if isinstance(tree, int) else min(_first(below) for below in tree.values())


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """A row that is a record: its texts, and where in the record each column went."""

    table: Table
    texts: tuple[str, ...]
    tree: _Tree
    split: frozenset[int]
    cells: Callable[[], Sequence[Cell]]

    def data(self, tree: _Tree | int) -> Value:
        """Return what stands in *tree*."""
        if isinstance(tree, int):
            text = self.texts[tree]
            if tree not in self.split:
                return text
            values: list[Value] = [text[start:end] for start, end in pieces(text)]
            return values if len(values) > 1 else values[0]
        if any(isinstance(step, int) for step in tree):
            return [self.data(below) for _, below in sorted(tree.items(), key=_position)]
        return {str(step): self.data(below) for step, below in tree.items()}

    def positions(self) -> Positions:
        """Return where the values of the record stand, and where their columns' names do."""
        return _positions(self)


def _position(item: tuple[str | int, object]) -> int:
    return int(item[0])


# A faulty record is asked for many places in a row; one record's worth of them is kept.
@lru_cache(maxsize=4)
def _positions(row: _Row) -> Positions:
    cells = row.cells()
    values: dict[Path, Location] = {}
    keys: dict[Path, Location] = {}

    def place(tree: _Tree | int, path: Path, steps: Path) -> None:
        if path and isinstance(path[-1], str):
            name = row.table.key(steps)
            if name is not None:
                keys[path] = name
        values[path] = cells[_first(tree)].at
        if not isinstance(tree, int):
            listed = any(isinstance(step, int) for step in tree)
            ordered = sorted(tree.items(), key=_position) if listed else list(tree.items())
            for index, (step, below) in enumerate(ordered):
                place(below, (*path, index if listed else step), (*steps, step))
        elif tree in row.split:
            found = cells[tree].pieces
            if len(found) == 1:
                values[path] = found[0]
            else:
                values.update({(*path, index): at for index, at in enumerate(found)})

    place(row.tree, (), ())
    if ("id",) in values:
        values[()] = values["id",]
    return values, keys


# -- findings


def _no_path(at: Location, name: str) -> Finding:
    meant = ".".join(re.findall(r"""[^\s.,;:/()\[\]{}"']+""", name))
    help: Text = {
        "da": "skriv felterne med punktum imellem, for eksempel felt.da eller felt.1.andet",
        "en": "write the fields with dots between, for example field.da or field.1.other",
    }
    if re.search(r"(?:^|\.)0(?:\.|$)", meant):
        help = {
            "da": "pladser på en liste tælles fra 1",
            "en": "positions on a list count from 1",
        }
    elif meant != name and meant:
        help = {"da": f"skriv {meant}", "en": f"write {meant}"}
    return Finding(
        at,
        ERROR,
        "record:column",
        {
            "da": f"kolonnenavnet '{name[:60]}' er ikke et felt",
            "en": f"the column name '{name[:60]}' is no field",
        },
        help,
    )


def _column_twice(at: Location, name: str, first: Location) -> Finding:
    return Finding(
        at,
        ERROR,
        "record:column",
        {
            "da": f"kolonnen '{name}' står to gange; den første står i {first}",
            "en": f"the column '{name}' stands twice; the first is at {first}",
        },
        {
            "da": f"slet den ene, eller nummerér dem som en liste: {name}.1 og {name}.2",
            "en": f"delete one of them, or number them as a list: {name}.1 and {name}.2",
        },
    )


def _no_column(at: Location, text: str) -> Finding:
    shown = " ".join(text[:200].split())[:60]
    return Finding(
        at,
        ERROR,
        "record:column",
        {
            "da": f"'{shown}' står uden for kolonnerne",
            "en": f"'{shown}' stands outside the columns",
        },
        {
            "da": "giv kolonnen et navn i første række; i CSV: sæt anførselstegn om tekst med "
            "skilletegn",
            "en": "name the column in the first row; in CSV: put quotes around text that holds "
            "the delimiter",
        },
    )
