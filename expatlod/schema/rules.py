"""Read the rules about a part as a whole that say which of its keys must be given.

Other rules about a whole (an order of dates, a sum) are beyond a description of its structure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from expatlod.constraints import (
    VIOLATION,
    Shape,
    members,
    node_shapes,
    nodes_in,
    objects,
    severity,
    value,
)
from expatlod.fields import RecordClass
from expatlod.profile import Model

__all__ = ["All", "Any", "Given", "Missing", "Rule", "rules"]


@dataclass(frozen=True, slots=True)
class Given:
    """One of the fields *keys* has a value."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """The field *key* has no value."""

    key: str


@dataclass(frozen=True, slots=True)
class Any:
    """One of *rules* holds."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class All:
    """Each of *rules* holds."""

    rules: tuple[Rule, ...]


Rule = Given | Missing | Any | All


def rules(model: Model, kind: RecordClass) -> list[Rule]:
    """Return what a node of class *kind* must give besides the fields that are required alone."""
    store = model.shapes
    found: list[Rule] = []
    for shape in node_shapes(model, kind):
        for each in objects(store, shape, "sh:property"):
            paths = [p for p in objects(store, each, "sh:path") if _keys(model, kind, p)]
            wanted = int(value(store, each, "sh:minCount") or 0)
            if paths and wanted == 1 and severity(store, each) in VIOLATION:
                found.append(Given(_keys(model, kind, paths[0])))
        if severity(store, shape) in VIOLATION:
            choices = nodes_in(store, shape, "sh:or")
            options = _read_all(model, kind, choices)
            if options and len(options) == len(choices):
                found.append(Any(tuple(options)))
    return found


def _keys(model: Model, kind: RecordClass, path: Shape) -> tuple[str, ...]:
    """Return the keys of a path with alternatives, or none for another path."""
    properties = members(model.shapes, path, "sh:alternativePath")
    fields = [kind.field_of(each) for each in properties]
    if not all(fields):
        return ()
    return tuple(each.key for each in fields if each)


def _read_all(model: Model, kind: RecordClass, shapes: Sequence[Shape]) -> list[Rule]:
    read = [_read(model, kind, each) for each in shapes]
    return [each for each in read if each is not None]


def _read(model: Model, kind: RecordClass, shape: Shape) -> Rule | None:
    """Return what an anonymous shape says about the presence of one key, or of several."""
    store = model.shapes
    inner = nodes_in(store, shape, "sh:and")
    if inner:
        parts = _read_all(model, kind, inner)
        return All(tuple(parts)) if len(parts) == len(inner) else None
    field = kind.field_of(value(store, shape, "sh:path"))
    said = {quad.predicate.value for quad in store.quads_for_pattern(shape, None, None)}
    if field is None or len(said) != 2:
        return None
    if value(store, shape, "sh:minCount") == "1":
        return Given((field.key,))
    return Missing(field.key) if value(store, shape, "sh:maxCount") == "0" else None
