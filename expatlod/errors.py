"""What can go wrong, and where.

Faults in an author's data are values (`Finding`), gathered and shown all at once.
What stops the work is an exception:

    ExpatlodError
    ├── UsageError      what was asked for cannot be done: a folder is missing, a name is unknown
    ├── ProfileError    the ontology, context, shapes or codelists contradict each other
    ├── PublishError    a release could not be written; the old one stands as it was
    └── QueryError      a query was not answered, or not answered whole

Each says where, what, why and how to mend it. Anything else that escapes is a bug and keeps
its traceback.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default

__all__ = [
    "ERROR",
    "LANGUAGES",
    "NOTE",
    "WARNING",
    "ExpatlodError",
    "Finding",
    "Location",
    "ProfileError",
    "PublishError",
    "QueryError",
    "Reason",
    "Text",
    "UsageError",
]

#: The languages that messages are in.
LANGUAGES = ("da", "en")

#: A text in each language it exists in: language tag -> words.
Text = Mapping[str, str]

ERROR = "error"
WARNING = "warning"
NOTE = "note"
_RANK = {ERROR: 0, WARNING: 1, NOTE: 2}


class ExpatlodError(Exception):
    """The base of all that is raised on purpose."""


class UsageError(ExpatlodError):
    """What was asked for cannot be done."""


class ProfileError(ExpatlodError):
    """The parts of a profile contradict each other."""


class PublishError(ExpatlodError):
    """A release could not be written; the old one stands as it was."""


class QueryError(ExpatlodError):
    """A query was not answered, or not answered whole."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place in an input file: the path as the user typed it, line and column from 1.

    Line 0 means the file as a whole. *length* is the number of characters at fault on that line.
    In a spreadsheet *sheet* is the name of the sheet, *line* the row and *column* that of the cell.

    >>> str(Location("records.csv", 3, 7)), str(Location("records.xlsx", 3, 28, sheet="Project"))
    ('records.csv:3:7', 'records.xlsx:Project!AB3')
    """

    path: str
    line: int = 0
    column: int = 0
    length: int = 1
    sheet: str = ""

    def __str__(self) -> str:
        if not self.line:
            return self.path
        if self.sheet:
            return f"{self.path}:{self.sheet}!{_letters(self.column)}{self.line}"
        return f"{self.path}:{self.line}:{self.column}"


def _letters(column: int) -> str:
    """Return the letters of a spreadsheet's column, counted from 1."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or worth a look, in an author's data.

    *message* and *help* are in each language we speak. *rule* is its code: the constraint's
    standard name (``sh:maxInclusive``) or ours (``record:key``). *also* names further constraints
    that the same value breaks. *path* is the CURIE of the property at fault, *field* its name in
    each language, *value* what the author wrote, *focus* the IRI of the node; all are empty where
    there is none.
    """

    at: Location
    severity: str
    rule: str
    message: Text
    help: Text = default(default_factory=dict)
    path: str = ""
    focus: str = ""
    field: Text = default(default_factory=dict)
    value: str = ""
    also: tuple[Reason, ...] = ()

    @property
    def rank(self) -> int:
        """How grave it is: the smaller, the graver."""
        return _RANK[self.severity]

    @property
    def order(self) -> tuple[str, str, int, int, int, str, str]:
        """The key that sorts findings by place, then gravity, then name."""
        at = self.at
        return (at.path, at.sheet, at.line, at.column, self.rank, self.rule, self.path)


@dataclass(frozen=True, slots=True)
class Reason:
    """One more constraint that a value breaks, by its standard name, and what that means."""

    rule: str
    message: Text
