"""Turn the rows of a table into records: what CSV and spreadsheets share.

The first row names the columns by their way into the record: `field.da`, `field.1.other`, list
positions counted from 1. A cell of a list is split at `;` and at line breaks. An empty cell is
nothing, but it is where a value that is missing belongs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from expatlod.errors import ERROR, Finding, Location, Text
from expatlod.records.record import Lists, Path, Positions, Record, Value
from expatlod.records.text import DEPTH

__all__ = ["Cell", "Table", "columns", "header_below", "is_path", "pieces"]

#: The columns that make a row a record, as they must be written.
ID, TYPE = "id", "type"

#: The steps from a record to each column's value, positions from 1; empty for a nameless column.
Columns = tuple[Path, ...]

_POSITION = re.compile("[1-9][0-9]{0,5}")
_NO_KEY = re.compile(r"""[\s,;:/()\[\]{}"']|^[+-]?[0-9]""")
# Alt+Enter puts a line break into a cell. A `|` is left alone: a text may hold one, and what is
# split by mistake is published, while a code with one in it is told.
_PIECE = re.compile(r"[^;\s](?:[^;\r\n]*[^;\s])?")

# What authors call a column in one of the languages: 'Name (engelsk)'.
_IN_LANGUAGE = re.compile(
    r"([A-Za-z]+)[\s(-]+(?:(da|dansk|danish)|en|engelsk|english)\)?", re.IGNORECASE
)

# A way into a record that is written in other marks than dots.
_ALMOST = re.compile(r"[.\[/]*[A-Za-z][A-Za-z0-9]*(?:[.\[\]/]+[A-Za-z0-9]+)*[.\]/]*")

# A column's index, or what stands below a key or a position.
_Tree = dict[str | int, "_Tree | int"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a cell stands, and where each piece stands that its text is split into."""

    at: Location
    pieces: tuple[Location, ...]


def pieces(text: str) -> list[tuple[int, int]]:
    r"""Return where the pieces between `;` or line breaks in *text* start and end.

    Spaces around them and empty ones are left out.

    >>> pieces("tax; housing;"), pieces("tax\nhousing")
    ([(0, 3), (5, 12)], [(0, 3), (4, 11)])
    """
    return [match.span() for match in _PIECE.finditer(text)]


def columns(names: Sequence[str], places: Sequence[Location]) -> tuple[Columns, list[Finding]]:
    """Return the columns that the first row *names*, and what is wrong with their names."""
    found: dict[Path, int] = {}
    paths: list[Path] = []
    findings: list[Finding] = []
    for name, at in zip(names, places, strict=True):
        name = name.strip()
        steps = _steps(name)
        if name.lower() in (ID, TYPE) and name.lower() not in names and name != name.lower():
            findings.append(_in_capitals(at, name))
        elif name and not _is_path(steps):
            findings.append(_no_path(at, name))
        elif name and steps in found:
            findings.append(_column_twice(at, name, places[found[steps]]))
        elif name:
            found[steps] = len(paths)
        paths.append(steps if name else ())
    return tuple(paths), findings


def is_path(name: str) -> bool:
    """Tell whether *name* can name a column."""
    return _is_path(_steps(name))


def _steps(name: str) -> Path:
    return tuple(int(part) if _POSITION.fullmatch(part) else part for part in name.split("."))


def _is_path(steps: Path) -> bool:
    """Tell whether *steps* begin with a key, and what looks like a position is one."""
    return (
        isinstance(steps[0], str)
        and len(steps) <= DEPTH
        and all(isinstance(step, int) or (step and not _NO_KEY.search(step)) for step in steps)
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
        self._type = paths.index((TYPE,)) if (TYPE,) in paths else -1
        self._id = paths.index((ID,)) if (ID,) in paths else -1
        self._split: dict[str, frozenset[int]] = {}

    def record(
        self, texts: Sequence[str], cells: Callable[[], Sequence[Cell]]
    ) -> tuple[Record | None, list[Finding]]:
        """Return the record of a row of *texts*, None for an empty or a faulty one.

        *cells* finds the places of the row's cells, when one is asked for.
        """
        filled = self.filled(texts)
        if self.is_note(texts, filled):
            return None, [_note(cells()[filled[0]].at, texts[filled[0]])]
        if filled and self._id not in filled:
            return None, [_no_id(cells()[self._id].at)]
        for index in filled:
            if index >= len(self.paths) or not self.paths[index]:
                return None, [_no_column(cells()[index].at, texts[index])]
        if not filled:
            return None, []
        split = self.split(self.kind_of(texts))
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
        if self.kind and TYPE not in data:
            data = {TYPE: self.kind, **data}
        return Record(self.shown, data, row.positions), findings

    def filled(self, texts: Sequence[str]) -> list[int]:
        """Return which cells of a row of *texts* are not empty."""
        return [index for index, text in enumerate(texts) if text and not text.isspace()]

    def is_note(self, texts: Sequence[str], filled: Sequence[int]) -> bool:
        """Tell whether the one cell that is *filled* in a row of *texts* is no record's id."""
        return len(filled) == 1 and (
            filled[0] != self._id or re.search(r"\S\s+\S", texts[filled[0]]) is not None
        )

    def kind_of(self, texts: Sequence[str]) -> str:
        """Return the type of the record in a row of *texts*."""
        given = texts[self._type].strip() if -1 < self._type < len(texts) else ""
        return given or self.kind

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
    for steps, cell in zip(row.table.paths, cells, strict=False):
        for path in _missing(row.tree, steps):
            values.setdefault(path, cell.at)
    if (ID,) in values:
        values[()] = values[ID,]
    return values, keys


def _missing(tree: _Tree | int, steps: Path) -> Iterator[Path]:
    """Yield the ways to what a column at *steps* would fill, as far as *tree* does not have it.

    An item that a list does not have has no way to it.
    """
    path: Path = ()
    for step in steps:
        if isinstance(tree, int) or _clash(tree, step) is not None:
            return
        if isinstance(step, str):
            path = (*path, step)
        elif step in tree:
            path = (*path, sorted(tree, key=int).index(step))
        else:
            return
        if step not in tree:
            yield path
        tree = tree.get(step, {})


def header_below(rows: Iterable[Sequence[str]], needed: Sequence[str]) -> int:
    """Return which of the *rows* below the first names the columns, from 1; 0 if none does.

    It names those that are *needed*, and no cell of it could not name a column.
    """
    for number, row in enumerate(rows, 1):
        names = [text.strip() for text in row if text.strip()]
        if set(needed) <= set(names) and all(is_path(name) for name in names):
            return number
    return 0


# -- findings


def _no_path(at: Location, name: str) -> Finding:
    meant = ".".join(re.findall(r"""[^\s.,;:/()\[\]{}"']+""", name))
    language = _IN_LANGUAGE.fullmatch(name)
    help: Text = {
        "da": "skriv felterne med punktum imellem, for eksempel felt.da eller felt.1.andet",
        "en": "write the fields with dots between, for example field.da or field.1.other",
    }
    if re.search(r"(?:^|\.)0(?:\.|$)", meant):
        help = {
            "da": "pladser på en liste tælles fra 1",
            "en": "positions on a list count from 1",
        }
    elif language:
        key = language[1][0].lower() + language[1][1:]
        example = f"{key}.{'da' if language[2] else 'en'}"
        help = {
            "da": f"skriv feltets navn, et punktum og sproget, for eksempel {example}",
            "en": f"write the field's name, a dot and the language, for example {example}",
        }
    elif _ALMOST.fullmatch(name) and meant != name and is_path(meant):
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


def _in_capitals(at: Location, name: str) -> Finding:
    meant = name.lower()
    return Finding(
        at,
        ERROR,
        "record:column",
        {
            "da": f"kolonnen '{name}' hedder '{meant}'",
            "en": f"the column '{name}' is called '{meant}'",
        },
        {"da": f"skriv {meant} med små bogstaver", "en": f"write {meant} in small letters"},
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
    shown = _short(text)
    return Finding(
        at,
        ERROR,
        "record:column",
        {
            "da": f"'{shown}' står uden for kolonnerne",
            "en": f"'{shown}' stands outside the columns",
        },
        {
            "da": "giv kolonnen et navn i første række, eller tøm cellen",
            "en": "name the column in the first row, or empty the cell",
        },
    )


def _note(at: Location, text: str) -> Finding:
    return Finding(
        at,
        ERROR,
        "record:id",
        {
            "da": f"rækken har kun '{_short(text)}' og intet id",
            "en": f"the row has only '{_short(text)}' and no id",
        },
        {
            "da": "er det en note? Slet rækken, eller flyt noten ud af tabellen; en post skal "
            "have et id",
            "en": "is it a note? Delete the row, or move the note out of the table; a record "
            "must have an id",
        },
        value=text,
    )


def _no_id(at: Location) -> Finding:
    return Finding(
        at,
        ERROR,
        "record:id",
        {
            "da": "rækken har intet id; dens andre værdier er ikke kontrolleret",
            "en": "the row has no id; its other values have not been checked",
        },
        {
            "da": "skriv postens id her, eller slet rækken, hvis den ikke er en post",
            "en": "write the record's id here, or delete the row if it is no record",
        },
    )


def _short(text: str) -> str:
    return " ".join(text[:200].split())[:60]
