"""A record: plain data, and where each of its values stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from expatlod.errors import Location

__all__ = ["Lists", "Path", "Positions", "Record", "Value", "no_lists"]

#: Scalars are the text that the author wrote; None is a key with nothing behind it.
Value = str | None | list["Value"] | dict[str, "Value"]

#: The way to a value inside a record: keys and list positions (from 0).
Path = tuple[str | int, ...]

#: Tells whether the field at the keys (list positions left out) of a type takes several values:
#: then the cell of a table is split.
Lists = Callable[[str, tuple[str, ...]], bool]

#: Where values stand, and where the keys in front of them stand.
Positions = tuple[Mapping[Path, Location], Mapping[Path, Location]]


@dataclass(frozen=True, slots=True)
class Record:
    """One record as its author wrote it.

    *source* is the file as the user typed its path; *positions* finds the places of all values.
    """

    source: str
    data: dict[str, Value]
    positions: Callable[[], Positions]

    def at(self, path: Path = ()) -> Location:
        """Return where the value at *path* stands, or the nearest thing around it that exists."""
        return self._nearest(self.positions()[0], path)

    def at_key(self, path: Path) -> Location:
        """Return where the key of the value at *path* stands."""
        values, keys = self.positions()
        return keys[path] if path in keys else self._nearest(values, path)

    def _nearest(self, values: Mapping[Path, Location], path: Path) -> Location:
        while path and path not in values:
            path = path[:-1]
        return values.get(path) or Location(self.source, 1, 1)


def no_lists(kind: str, keys: tuple[str, ...]) -> bool:  # noqa: ARG001
    """Say that no field takes several values."""
    return False
