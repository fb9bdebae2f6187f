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
from dataclasses import dataclass, field
from types import MappingProxyType

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


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in an input file: the path as the user typed it, line and column from 1.

    Line 0 means the file as a whole. *length* is the number of characters at fault on that line.
    """

    path: str
    line: int = 0
    column: int = 0
    length: int = 1

    def __str__(self) -> str:
        if not self.line:
            return self.path
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or worth a look, in an author's data.

    *message* and *help* are in each language we speak. *rule* names the constraint by its
    standard name (``sh:maxInclusive``) or by ours (``record:key``); *path* is the CURIE of
    the property at fault, *focus* the IRI of the node, both empty where there is none.
    """

    at: Location
    severity: str
    rule: str
    message: Text
    help: Text = field(default_factory=lambda: MappingProxyType({}))
    path: str = ""
    focus: str = ""

    @property
    def order(self) -> tuple[Location, int, str, str]:
        """The key that sorts findings by place, then gravity, then name."""
        return (self.at, _RANK[self.severity], self.rule, self.path)
