"""Find one's way in a record: the value at a path, the field it is of, the ids of the parts."""

from __future__ import annotations

from collections.abc import Iterator

from expatlod.fields import PART, Field
from expatlod.profile import Model
from expatlod.records.record import Path, Value

__all__ = ["field_at", "part_ids", "value_at"]


def field_at(model: Model, kind: str, path: Path) -> Field | None:
    """Return the field that *path* leads to, or into, in a record of the class named *kind*."""
    around = model.classes.get(kind)
    found: Field | None = None
    for step in path:
        if isinstance(step, int) or around is None:
            continue
        field = around.fields.get(step)
        if field is None:
            # A written form under its key, or a key that is unknown.
            return None
        found = field
        around = model.classes_by_iri[field.target] if field.kind == PART else None
    return found


def value_at(data: Value, path: Path) -> str:
    """Return the scalar that the author wrote at *path*, empty where there is none."""
    for step in path:
        if isinstance(data, dict) and isinstance(step, str):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return ""
    return data if isinstance(data, str) else ""


def part_ids(value: Value) -> Iterator[str]:
    """Yield the ids that the author gave to parts of a record."""
    for item in value.values() if isinstance(value, dict) else value or ():
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            yield str(item["id"])
        if isinstance(item, dict | list):
            yield from part_ids(item)
