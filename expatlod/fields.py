"""The parts that a profile's model is made of: codelists, fields, written forms, classes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from expatlod.errors import Text

__all__ = [
    "CODE",
    "COMPUTATIONS",
    "IRI",
    "LITERAL",
    "PART",
    "REFERENCE",
    "TEXT",
    "Codelist",
    "Concept",
    "Field",
    "Form",
    "RecordClass",
    "Rule",
    "lookup_key",
]

#: What the value of a field is.
TEXT = "text"  # a text in each language: {"da": …, "en": …}
LITERAL = "literal"  # one typed value
CODE = "code"  # a concept of a codelist
PART = "part"  # a node of its own inside the record
REFERENCE = "reference"  # another record, by its id
IRI = "iri"  # any IRI, or "#part" of the same record

#: What can be computed for a field: its place in the author's list, or a bound of a period.
COMPUTATIONS = (
    "position",
    "earliestStart",
    "latestStart",
    "earliestEnd",
    "latestEnd",
    "start",
    "end",
)


def lookup_key(text: str) -> str:
    """Return what two spellings of one code or label have in common.

    Case, spaces, hyphens and punctuation do not count; letters and digits do.

    >>> lookup_key("Foreign Workers") == lookup_key("foreign-workers")
    True
    """
    folded = unicodedata.normalize("NFC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


@dataclass(frozen=True, slots=True)
class Concept:
    """A code: its IRI, notation, and preferred label in each language."""

    iri: str
    notation: str
    labels: Text


@dataclass(frozen=True, slots=True)
class Codelist:
    """A SKOS concept scheme whose concepts a field takes."""

    iri: str
    concepts: tuple[Concept, ...]
    spellings: Mapping[str, str]

    def find(self, text: str) -> str | None:
        """Return the IRI of the concept that *text* names by notation or label, if one does."""
        return self.spellings.get(lookup_key(text))


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a record or a part, and what its values are.

    *default* is an IRI. *computed* is one of COMPUTATIONS, *computed_from* the property it is
    computed from. A text is one value in several languages, whatever *many* says. *why* says what
    the field is good for; *right* and *wrong* are examples of its value, in YAML on one line.
    """

    key: str
    path: str
    shape: str
    kind: str
    name: Text
    help: Text
    order: float
    datatype: str = ""
    codelist: str = ""
    target: str = ""
    default: str = ""
    many: bool = True
    required: bool = False
    computed: str = ""
    computed_from: str = ""
    why: Text = field(default_factory=dict)
    right: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a finding's *code* means, why it matters, and an example of right and of wrong."""

    code: str
    label: Text
    help: Text
    why: Text
    right: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Form:
    """A way to write a part as one value; each named group fills the keys it names."""

    pattern: re.Pattern[str]

    @property
    def keys(self) -> set[str]:
        """The keys that the form can fill."""
        return {key for group in self.pattern.groupindex for key in group.split("__")}

    def read(self, text: str) -> dict[str, str] | None:
        """Return the keys that *text* fills, or None when it is not of this form."""
        match = self.pattern.fullmatch(text)
        if match is None:
            return None
        return {
            key: value.strip()
            for group, value in match.groupdict().items()
            if value is not None
            for key in group.split("__")
        }


@dataclass(frozen=True, slots=True)
class RecordClass:
    """A class of records, or of parts of records (then *segment* is empty).

    *examples* are written forms by language, *cure* says how to mend what is of no form.
    *types* are the names written as the node's types: the class, then its direct superclasses.
    """

    name: str
    iri: str
    label: Text
    help: Text
    segment: str
    types: tuple[str, ...]
    fields: Mapping[str, Field]
    text_key: str = ""
    written_in: str = ""
    forms: tuple[Form, ...] = ()
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cure: Text = field(default_factory=dict)

    def field_of(self, path: str) -> Field | None:
        """Return the field whose property is *path*."""
        return next((each for each in self.fields.values() if each.path == path), None)
