"""Write a record in YAML, JSON or CSV, and know where each of its values stands.

A record of YAML keeps the text of its file: only what is changed is written anew. Places are
counted here, from what is written; no reader of the toolkit is asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import yaml

__all__ = [
    "Drop",
    "Edit",
    "Indent",
    "Lists",
    "Outdent",
    "Path",
    "Rename",
    "Set",
    "Twice",
    "Value",
    "Written",
    "Yaml",
    "again",
    "changed",
    "to_csv",
    "to_json",
]

#: Scalars are text; None is a key with nothing behind it.
Value = str | None | list["Value"] | dict[str, "Value"]

Path = tuple[str | int, ...]

#: Tells whether the cell of the field at these keys is split at `;`.
Lists = Callable[[tuple[str, ...]], bool]


# -- changes to a record


@dataclass(frozen=True)
class Set:
    """Write *value* at *path*: over what stands there, as a new field, or at the end of a list."""

    path: Path
    value: Value


@dataclass(frozen=True)
class Drop:
    """Leave out the field at *path*."""

    path: Path


@dataclass(frozen=True)
class Rename:
    """Call the field at *path* by another *key*."""

    path: Path
    key: str


@dataclass(frozen=True)
class Twice:
    """Write the field at *path* a second time, with *value*, below the other fields."""

    path: Path
    value: Value


@dataclass(frozen=True)
class Outdent:
    """Leave the field at *path* empty, with what stood in it beside it."""

    path: Path


@dataclass(frozen=True)
class Indent:
    """Write the field at *path* as if it were in the field before it."""

    path: Path


Edit = Set | Drop | Rename | Twice | Outdent | Indent


def changed(data: Value, edit: Edit, path: Path = ()) -> Value:
    """Return *data* after *edit*. A key that is written twice is there once."""
    here, *rest = edit.path[len(path) :]
    if isinstance(data, list):
        assert isinstance(here, int)
        if not rest and here == len(data):
            assert isinstance(edit, Set)
            return [*data, edit.value]
        assert here < len(data), (edit, data)
        below = edit.value if not rest and isinstance(edit, Set) else None
        if rest:
            below = changed(data[here], edit, (*path, here))
        return [*data[:here], below, *data[here + 1 :]]
    assert isinstance(data, dict), (edit, path, data)
    assert isinstance(here, str)
    if rest:
        return {**data, here: changed(data[here], edit, (*path, here))}
    if isinstance(edit, Set):
        return {**data, here: edit.value}
    assert here in data, (edit, data)
    if isinstance(edit, Outdent):
        inside = data[here]
        assert isinstance(inside, dict)
        return {
            name: item
            for key, value in data.items()
            for name, item in ({key: None} | inside if key == here else {key: value}).items()
        }
    if isinstance(edit, Indent):
        above = list(data)[list(data).index(here) - 1]
        around = data[above]
        assert isinstance(around, dict)
        return {
            key: {**around, here: data[here]} if key == above else value
            for key, value in data.items()
            if key != here
        }
    if isinstance(edit, Drop):
        return {key: value for key, value in data.items() if key != here}
    if isinstance(edit, Rename):
        return {edit.key if key == here else key: value for key, value in data.items()}
    return data


# -- what is written


@dataclass(frozen=True)
class Written:
    """A text, and the offsets in it of the values of a record and of their keys.

    The second of two equal keys goes by the name `key (again)`.
    """

    text: str
    values: Mapping[Path, int]
    keys: Mapping[Path, int]

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of what stands at *offset*, from 1."""
        before = self.text[:offset]
        return before.count("\n") + 1, offset - before.rfind("\n")


def again(path: Path) -> Path:
    """Return where the second of two equal keys stands."""
    return (*path[:-1], f"{path[-1]} (again)")


@dataclass
class _Out:
    """A text that grows, with the places in it."""

    text: str = ""
    values: dict[Path, int] = field(default_factory=dict)
    keys: dict[Path, int] = field(default_factory=dict)

    def value(self, path: Path) -> None:
        self.values[path] = len(self.text)

    def key(self, path: Path) -> None:
        self.keys[path] = len(self.text)

    def add(self, text: str) -> None:
        self.text += text


# -- JSON


def to_json(data: Value, edit: Edit | None = None) -> Written:
    """Return the record *data* as JSON, two spaces a level, with the second key of a Twice."""
    out = _Out()
    _json(out, data, (), edit if isinstance(edit, Twice) else None)
    out.add("\n")
    return Written(out.text, out.values, out.keys)


def _json(out: _Out, value: Value, path: Path, twice: Twice | None) -> None:
    out.value(path)
    if not isinstance(value, dict | list):
        # A number stands as a number where JSON has it, as a tool would write it.
        bare = value is not None and re.fullmatch("0|-?[1-9][0-9]{0,8}|true|false", value)
        out.add(str(value) if bare else json.dumps(value, ensure_ascii=False))
        return
    pairs: list[tuple[Path, str, Value]] = []
    if isinstance(value, list):
        pairs = [((*path, index), "", item) for index, item in enumerate(value)]
    else:
        pairs = [((*path, key), key, item) for key, item in value.items()]
        if twice is not None and twice.path[:-1] == path:
            pairs.append((again(twice.path), str(twice.path[-1]), twice.value))
    indent = "\n" + "  " * sum(1 for _ in path)
    out.add("{" if isinstance(value, dict) else "[")
    for number, (at, key, item) in enumerate(pairs):
        out.add("," * bool(number) + indent + "  ")
        if isinstance(value, dict):
            out.key(at)
            out.add(json.dumps(key, ensure_ascii=False) + ": ")
        _json(out, item, at, twice)
    out.add((indent if pairs else "") + ("}" if isinstance(value, dict) else "]"))


# -- CSV


def columns(data: Value, lists: Lists, path: Path = ()) -> list[tuple[Path, str, bool]]:
    """Return the way to each cell of the record *data*, its text, and whether it is a list."""
    keys = tuple(step for step in path if isinstance(step, str))
    if isinstance(data, dict):
        return [each for key in data for each in columns(data[key], lists, (*path, key))]
    if isinstance(data, list):
        plain = all(isinstance(item, str) and ";" not in item for item in data)
        if data and plain and lists(keys) and isinstance(path[-1], str):
            return [(path, "; ".join(map(str, data)), True)]
        return [
            each for index, item in enumerate(data) for each in columns(item, lists, (*path, index))
        ]
    return [(path, data or "", bool(lists(keys)) and isinstance(path[-1], str))]


def to_csv(data: Value, lists: Lists) -> Written:
    """Return the record *data* as CSV: the columns' names and one row.

    A part stands where its first cell does, a record where its id does, and what is in a list
    where its text begins.
    """
    cells = columns(data, lists)
    out = _Out()
    for number, (path, _, _) in enumerate(cells):
        out.add("," * bool(number))
        for length in range(1, len(path) + 1):
            if isinstance(path[length - 1], str):
                out.keys.setdefault(path[:length], len(out.text))
        out.add(".".join(str(step + 1) if isinstance(step, int) else step for step in path))
    out.add("\n")
    for number, (path, text, listed) in enumerate(cells):
        out.add("," * bool(number))
        quoted = re.search('[",\n]', text) is not None
        for length in range(len(path) + 1):
            if text:
                out.values.setdefault(path[:length], len(out.text))
        if listed and text:
            start = len(out.text) + quoted
            found = list(re.finditer("[^; ][^;]*", text))
            out.values[path] = start if len(found) == 1 else len(out.text)
            for index, item in enumerate(found):
                out.values[*path, index] = start + item.start()
        doubled = text.replace('"', '""')
        out.add(f'"{doubled}"' if quoted else text)
    out.add("\n")
    if ("id",) in out.values:
        out.values[()] = out.values["id",]
    return Written(out.text, out.values, out.keys)


# -- YAML


@dataclass(frozen=True)
class Spot:
    """Where a value stands in a text, where its key does, and how it is written."""

    start: int
    end: int
    key: int = -1
    key_end: int = -1
    kind: str = "scalar"
    flow: bool = False


@dataclass(frozen=True)
class Yaml:
    """A text of YAML that is one record."""

    text: str
    data: dict[str, Value]
    spots: Mapping[Path, Spot]

    @classmethod
    def read(cls, text: str) -> Yaml:
        """Return the record that *text* is."""
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
        spots: dict[Path, Spot] = {}
        data = _node(text, root, (), None, spots)
        assert isinstance(data, dict)
        return cls(text, data, spots)

    def after(self, edit: Edit) -> Yaml:
        """Return the record with *edit* done, which is no fault."""
        if isinstance(edit, Set) and edit.path not in self.spots and isinstance(edit.path[-1], str):
            return self._with_block(edit)
        return Yaml.read(self.written(edit).text)

    def written(self, edit: Edit) -> Written:
        """Return the text with *edit* done, the rest of it as it was."""
        if isinstance(edit, Set) and edit.path in self.spots:
            return self._replaced(edit)
        if isinstance(edit, Set | Twice):
            return self._added(edit)
        if isinstance(edit, Rename):
            spot = self.spots[edit.path]
            out = self._spliced(spot.key, spot.key_end, edit.key)
            new = (*edit.path[:-1], edit.key)
            return replace(out, keys={**out.keys, new: spot.key})
        if isinstance(edit, Outdent | Indent):
            return self._shifted(edit)
        return self._dropped(edit)

    def _spliced(self, start: int, end: int, new: str) -> Written:
        delta = len(new) - (end - start)

        def moved(offset: int) -> int:
            return offset if offset <= start else offset + delta

        return Written(
            self.text[:start] + new + self.text[end:],
            {path: moved(spot.start) for path, spot in self.spots.items()},
            {path: moved(spot.key) for path, spot in self.spots.items() if spot.key >= 0},
        )

    def _filled(
        self, start: int, end: int, lead: str, value: Value, path: Path, tail: str = ""
    ) -> Written:
        """Return the text with *lead* and *value*, for *path*, from *start* to *end*."""
        flow = _Out()
        _flow(flow, value, path)
        out = self._spliced(start, end, lead + flow.text + tail)
        inside = {at: start + len(lead) + offset for at, offset in flow.values.items()}
        keys = {at: start + len(lead) + offset for at, offset in flow.keys.items()}
        outside = {at: offset for at, offset in out.values.items() if at[: len(path)] != path}
        return replace(out, values={**outside, **inside}, keys={**out.keys, **keys})

    def _replaced(self, edit: Set) -> Written:
        spot = self.spots[edit.path]
        if spot.key < 0:
            return self._filled(spot.start, spot.end, "", edit.value, edit.path)
        lead = ": " if edit.value is not None else ":"
        return self._filled(
            spot.key_end, max(spot.end, spot.key_end + 1), lead, edit.value, edit.path
        )

    def _added(self, edit: Set | Twice) -> Written:
        around = self.spots[edit.path[:-1]]
        last = max(
            (path for path in self.spots if path and path[:-1] == edit.path[:-1]),
            key=lambda path: self.spots[path].start,
        )
        end, here = self.spots[last].end, edit.path[-1]
        name = f"{here}: " if isinstance(here, str) else "" if around.flow else "- "
        if edit.value is None:
            name = name.rstrip()
        path = again(edit.path) if isinstance(edit, Twice) else edit.path
        lead = (", " if around.flow else self._line(around.start)) + name
        out = self._filled(end, end, lead, edit.value, path)
        return replace(out, keys={**out.keys, path: end + len(lead) - len(name)})

    def _shifted(self, edit: Outdent | Indent) -> Written:
        """Move the lines of a field two to the right, or those inside it two to the left."""
        spot = self.spots[edit.path]
        start, end = spot.key if isinstance(edit, Indent) else spot.start, spot.end
        start = self.text.rfind("\n", 0, start) + 1
        lines = self.text[start:end].split("\n")
        if isinstance(edit, Indent):
            moved = "\n".join(f"  {line}" for line in lines)
            out = self._spliced(start, end, moved)
            above = max(
                (
                    path
                    for path, each in self.spots.items()
                    if len(path) == len(edit.path)
                    and path[:-1] == edit.path[:-1]
                    and each.key < spot.key
                ),
                key=lambda path: self.spots[path].key,
            )
            return replace(out, keys={**out.keys, (*above, edit.path[-1]): spot.key + 2})
        assert all(line.startswith("  ") for line in lines)
        out = self._spliced(start, end, "\n".join(line[2:] for line in lines))
        first = min(
            (path for path in self.spots if path[:-1] == edit.path),
            key=lambda path: self.spots[path].key,
        )
        key = (*edit.path[:-1], first[-1])
        return replace(out, keys={**out.keys, key: self.spots[first].key - 2})

    def _line(self, start: int) -> str:
        """Return a new line that begins at the column of what begins at *start*."""
        return "\n" + " " * (start - self.text.rfind("\n", 0, start) - 1)

    def _with_block(self, edit: Set) -> Yaml:
        around = self.spots[edit.path[:-1]]
        if around.flow:
            return Yaml.read(self._added(edit).text)
        indent = self._line(around.start)
        last = max(
            spot.end for path, spot in self.spots.items() if path[:-1] == edit.path[:-1] and path
        )
        new = f"{indent}{edit.path[-1]}:{_block(edit.value, indent)}"
        return Yaml.read(self.text[:last] + new + self.text[last:])

    def _dropped(self, edit: Drop) -> Written:
        spot, around = self.spots[edit.path], self.spots[edit.path[:-1]]
        beside = sorted(
            (each for path, each in self.spots.items() if path and path[:-1] == edit.path[:-1]),
            key=lambda each: each.start,
        )
        number = beside.index(spot)
        assert len(beside) > 1, edit
        if number + 1 < len(beside):
            return self._spliced(spot.key, beside[number + 1].key, "")
        assert spot.end > around.start
        return self._spliced(beside[number - 1].end, spot.end, "")


def _node(
    text: str, node: yaml.Node, path: Path, key: yaml.Node | None, spots: dict[Path, Spot]
) -> Value:
    start, end = node.start_mark.index, node.end_mark.index
    value: Value
    kind = "scalar"
    if isinstance(node, yaml.MappingNode):
        kind, value = "mapping", {}
        for name, item in node.value:
            value[name.value] = _node(text, item, (*path, name.value), name, spots)
    elif isinstance(node, yaml.SequenceNode):
        kind = "list"
        value = [
            _node(text, item, (*path, index), None, spots) for index, item in enumerate(node.value)
        ]
    else:
        assert isinstance(node, yaml.ScalarNode)
        value = node.value if node.value or node.style else None
    flow = bool(getattr(node, "flow_style", False))
    if kind != "scalar" and not flow:
        end = max(spot.end for at, spot in spots.items() if at[: len(path)] == path)
    # The mark of a block of text stands behind its line end.
    end = len(text[:end].rstrip()) if end > start else end
    marks = (key.start_mark.index, key.end_mark.index) if key is not None else (-1, -1)
    spots[path] = Spot(start, end, *marks, kind, flow)
    return value


_PLAIN = re.compile(r"(?!(?:-|\?|:)(?: |$))[\w+./~-][\w ./%()+~:-]*(?<![: ])")


def _scalar(value: str | None) -> str:
    if value is None:
        return ""
    return (
        value
        if _PLAIN.fullmatch(value) and ": " not in value
        else json.dumps(value, ensure_ascii=False)
    )


def _flow(out: _Out, value: Value, path: Path) -> None:
    out.value(path)
    if isinstance(value, dict):
        out.add("{")
        for number, (key, item) in enumerate(value.items()):
            out.add(", " * bool(number))
            out.key((*path, key))
            out.add(f"{key}: ")
            _flow(out, item, (*path, key))
        out.add("}")
    elif isinstance(value, list):
        out.add("[")
        for index, item in enumerate(value):
            out.add(", " * bool(index))
            _flow(out, item, (*path, index))
        out.add("]")
    else:
        out.add(_scalar(value))


def _block(value: Value, indent: str) -> str:
    """Return *value* as it stands behind a key whose line begins with *indent*."""
    if isinstance(value, dict):
        return "".join(
            f"{indent}  {key}:{_block(item, f'{indent}  ')}" for key, item in value.items()
        )
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        lines = []
        for item in value:
            inner = _block(item, f"{indent}  ") if isinstance(item, dict) else f" {_scalar(item)}"
            lines.append(f"{indent}  - {inner.lstrip()}")
        return "".join(lines)
    out = _Out()
    _flow(out, value, ())
    return f" {out.text}"
