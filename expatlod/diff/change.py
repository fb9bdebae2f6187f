"""What differs between two releases: entries, each a record, code or term with its changes."""

from __future__ import annotations

from dataclasses import dataclass, field

from expatlod.errors import Text

__all__ = [
    "ADDED",
    "CHANGED",
    "CODE",
    "DERIVED",
    "RECORD",
    "REMOVED",
    "REORDERED",
    "TERM",
    "WITHDRAWN",
    "Change",
    "Entry",
    "Subject",
]

#: What became of a thing, or of a value of it.
ADDED, REMOVED, CHANGED = "added", "removed", "changed"

#: A code that is gone, or that the new release marks as deprecated.
WITHDRAWN = "withdrawn"

#: Parts are the same and stand in another order.
REORDERED = "reordered"

#: Only what is computed from other values, or how things are named, is different.
DERIVED = "derived"

#: What a thing is.
RECORD, CODE, TERM = "record", "code", "term"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an entry is about.

    *sort* is RECORD, CODE or TERM; *kind* the class in records and else a CURIE, *noun* its name
    for people. *name* is the short one: the id of a record, the notation of a code, the CURIE of a
    term. *label* is empty where there is none.
    """

    sort: str
    kind: str
    noun: Text
    iri: str
    name: str
    label: Text


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs.

    *state* is ADDED, REMOVED, CHANGED, REORDERED or DERIVED. *where* leads to it in words, from the
    record on; *node* is the IRI of the record or part that it is a value of, *property* a CURIE.
    *language* is that of a text, and else empty. *old* and *new* are the lexical form or IRI,
    *old_label* and *new_label* what people call it; empty where there is none.
    """

    state: str
    where: Text
    node: str
    property: str = ""
    language: str = ""
    old: str = ""
    new: str = ""
    old_label: Text = field(default_factory=dict)
    new_label: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing that is added, removed or changed.

    *twin* is the IRI of a removed record of the same class and title, for one that is added.
    """

    subject: Subject
    state: str
    changes: tuple[Change, ...] = ()
    twin: str = ""
