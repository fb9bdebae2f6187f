"""Lay a class of records out as the columns of a table.

A column is named by the way to its value: `title.da`, `funding.1.share`. Several values of one
column stand in one cell, with semicolons between them; parts with fields of their own have columns
for the first two of them, and whoever needs a third adds columns with a 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from expatlod.constraints import VIOLATION, constraints
from expatlod.errors import LANGUAGES
from expatlod.fields import PART, TEXT, Field, RecordClass
from expatlod.profile import Model

__all__ = ["ID", "TYPE", "Column", "columns"]

ID, TYPE = "id", "type"

#: How deep parts inside parts are laid out, and how many of a list at each depth.
_POSITIONS = ((1, 2), (1,))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table of records: what it is called, and the field that its cells hold.

    *field* is None for the id and the type of the record. *several* says that a cell may hold
    several values with semicolons between them.
    """

    name: str
    field: Field | None = None
    language: str = ""
    required: bool = False
    several: bool = False


def columns(model: Model, kind: RecordClass) -> list[Column]:
    """Return the columns of records of class *kind*, in the order of their fields."""
    return [
        Column(ID, required=True),
        Column(TYPE, required=True),
        *_columns(model, kind, "", 0, required=True),
    ]


def _columns(
    model: Model, kind: RecordClass, above: str, depth: int, *, required: bool
) -> Iterator[Column]:
    for field in kind.fields.values():
        if field.computed:
            continue
        name = f"{above}{field.key}"
        limits = constraints(model, kind, field, VIOLATION)
        needed = required and limits.least > 0
        if field.kind == TEXT:
            for language in limits.languages or LANGUAGES:
                own = language in (limits.needed or limits.languages[:1])
                yield Column(f"{name}.{language}", field, language, needed and own)
        elif field.kind != PART or _in_one_cell(model, field):
            yield Column(name, field, required=needed, several=field.many)
        elif depth < len(_POSITIONS):
            part = model.classes_by_iri[field.target]
            if not field.many:
                yield from _columns(model, part, f"{name}.", depth + 1, required=needed)
                continue
            for position in _POSITIONS[depth]:
                first = needed and position == 1
                inside = f"{name}.{position}."
                yield from _columns(model, part, inside, depth + 1, required=first)


def _in_one_cell(model: Model, field: Field) -> bool:
    """Tell whether a part can be written as one value, so that it fits a cell."""
    part = model.classes_by_iri[field.target]
    if part.text_key:
        return part.fields[part.text_key].kind != TEXT
    return bool(part.written_in)
