"""Count what is in a dump while it is written: entities of which classes, and how they are linked.

Pieces are counted where they are made, and the counts are added up. What a property leads to is
told by what stands in the piece, which holds whole records, and else by the IRI alone; so the
counts are the same however the records are cut into pieces.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from expatlod.namespaces import PREFIXES

__all__ = ["FOREIGN_PART", "Statistics", "Types", "Use"]

#: The classes that something is of, in order of their IRIs.
Types = tuple[str, ...]

#: What the space of parts of other records ends with: `…/id/boat/` is that of the boats.
FOREIGN_PART = "#"

_TYPE, _TEXT = (PREFIXES["rdf"] + name for name in ("type", "langString"))
_STRING = PREFIXES["xsd"] + "string"
_OF_TYPE = b"> <" + _TYPE.encode() + b"> <"

# Nothing is done in Python for each triple, and little for each subject. A text cannot be taken for
# a triple: the end of a line is written \n in it, and a quotation mark \". In a pattern line ends
# are found by memchr, when no fixed character follows, and [^>] is much faster than [^>#].

# The lines of one subject that stand together: its IRI, its types, the rest.
_RUN = re.compile(
    rb"(?=<([^>]*+)> <)((?:<\1" + re.escape(_OF_TYPE) + rb"[^>]*+> \.\n)*+)((?:<\1> .*+\n)*+)"
)

# Of each line the subject; the property with the beginning of the value, as far as the last slash
# or the fragment; what follows a literal that is no text in a language; and a part of the subject.
_SAID = re.compile(
    rb'\n<([^>]*+)> <([^>]*+> (?:"|<(?:(?=\1#)|[^>]*#|[^>]*/|)))'
    rb'(?:(?<=").*"(?:@.*+|(.*+))|(\1#[^>]*+)|)'
)

# Property and value, where the value is a part of the record that the subject is a part of too.
_BESIDE = re.compile(rb"\n<([^>#]*+)#[^>]*+> <([^>]*+)> <(\1#[^>]*+)")

_CLASS = re.compile(rb"> <([^>]*+)> \.\n")


class Use(NamedTuple):
    """How a property is used: on subjects of *types*, with values of one sort.

    The values are literals of a *datatype*, or parts of the subject's record that are of
    *classes*, or what has an IRI in a *space*; with none of these, other IRIs.
    """

    types: Types
    property: str
    datatype: str = ""
    classes: Types = ()
    space: str = ""


@dataclass(slots=True)
class Statistics:
    """How much there is of what.

    *subjects* counts the subjects by all of their classes, *uses* the triples by what they link,
    but not those that say of which class something is. *examples* has the first instance of each
    class.
    """

    subjects: Counter[Types] = field(default_factory=Counter)
    uses: Counter[Use] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, triples: bytes, spaces: Collection[str] = ()) -> Statistics:
        """Return the statistics of whole records as N-Triples of ours, each triple once.

        *spaces* are beginnings of IRIs, as far as the last slash, that are told apart in uses.

        >>> triple = b"<https://example.org/a> <https://example.org/p> <https://example.org/b> ."
        >>> [use.space for use in Statistics.of(triple + bytes([10]), ["https://example.org/"]).uses]
        ['https://example.org/']
        """
        known = frozenset(each.encode() for each in spaces)
        counted = _counted(triples, known) or _counted(_in_order(triples), known)
        assert counted is not None
        return counted

    def add(self, other: Statistics) -> None:
        """Count *other* too, whose records come after these and are other records."""
        self.subjects.update(other.subjects)
        self.uses.update(other.uses)
        self.examples = other.examples | self.examples

    @property
    def triples(self) -> int:
        """How many triples there are."""
        return self.uses.total() + self._typed

    @property
    def entities(self) -> int:
        """How many subjects there are."""
        return self.subjects.total()

    @property
    def classes(self) -> Counter[str]:
        """How many instances each class has."""
        return _spread((types, count) for types, count in self.subjects.items())

    @property
    def properties(self) -> Counter[str]:
        """How many triples each property has."""
        found = _spread(((use.property,), count) for use, count in self.uses.items())
        if self._typed:
            found[_TYPE] += self._typed
        return found

    @property
    def _typed(self) -> int:
        return sum(len(types) * count for types, count in self.subjects.items())


def _spread(counts: Iterable[tuple[Types, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for names, count in counts:
        for name in names:
            found[name] += count
    return found


def _in_order(triples: bytes) -> bytes:
    """Return the lines of *triples* by subject, in each those first that say its types."""
    lines: dict[bytes, tuple[list[bytes], list[bytes]]] = {}
    for line in triples.split(b"\n")[:-1]:
        subject, _, rest = line.partition(b"> <")
        types, others = lines.setdefault(subject, ([], []))
        (types if (b"> <" + rest).startswith(_OF_TYPE) else others).append(line + b"\n")
    return b"".join(line for parts in lines.values() for part in parts for line in part)


def _counted(triples: bytes, spaces: frozenset[bytes]) -> Statistics | None:
    """Return the statistics of *triples*.

    None: the lines of a subject do not stand together, or its types do not come first.
    """
    runs = _RUN.findall(triples)
    counted = Statistics()
    if not runs:
        return counted
    subjects, typed, rest = zip(*runs, strict=True)
    # Without the subject, what says the types is the same for many.
    said = map(bytes.replace, typed, map(operator.add, subjects, repeat(b"> <")), repeat(b""))
    types = dict(zip(subjects, map(_types, said), strict=True))
    if len(types) < len(runs):
        return None
    lines: dict[Types, list[bytes]] = {}
    for (subject, kind), text in zip(types.items(), rest, strict=True):
        if kind not in lines:
            lines[kind] = [b"\n"]
            counted.examples = dict.fromkeys(kind, subject.decode()) | counted.examples
        lines[kind].append(text)
    counted.subjects = Counter({kind: len(texts) - 1 for kind, texts in lines.items()})
    for kind, texts in lines.items():
        for use, count in _uses(kind, b"".join(texts), types, spaces):
            if use.property == _TYPE and not use.datatype:
                return None
            counted.uses[use] += count
    return counted


@lru_cache(maxsize=1000)
def _types(said: bytes) -> Types:
    return tuple(sorted(each.decode() for each in _CLASS.findall(said)))


def _uses(
    kind: Types, text: bytes, types: Mapping[bytes, Types], spaces: frozenset[bytes]
) -> Iterator[tuple[Use, int]]:
    """Yield how the properties of subjects of *kind* are used in the lines of *text*."""
    lines = _SAID.findall(text)
    if not lines:
        return
    _, said, suffixes, parts = zip(*lines, strict=True)
    others: Counter[bytes] = Counter()
    found = Counter(zip(said, suffixes, map(types.get, parts), strict=True))
    for (name, suffix, classes), count in found.items():
        if name.endswith(b"#"):
            others[_shortened(name, spaces)] += count
        else:
            yield _use(kind, _shortened(name, spaces), suffix, classes), count
    if not others:
        return
    for _, name, value in _BESIDE.findall(text):
        others[_shortened(b"%b> <%b" % (name, value), spaces)] -= 1
        yield Use(kind, name.decode(), classes=types.get(value, ())), 1
    for name, count in others.items():
        if count:
            use = _use(kind, name, b"", ())
            yield use._replace(space=use.space and use.space + FOREIGN_PART), count


def _shortened(said: bytes, spaces: frozenset[bytes]) -> bytes:
    """Return a property with what its value begins with, if that is one of *spaces*."""
    name, mark, value = said.rpartition(b"> <")
    if not mark or value in spaces:
        return said
    space = value[: value.rfind(b"/") + 1]
    return name + mark + (space if b"#" in value and space in spaces else b"")


@lru_cache(maxsize=10_000)
def _use(kind: Types, said: bytes, suffix: bytes, classes: Types | None) -> Use:
    name, _, value = said.partition(b"> ")
    use = Use(kind, name.decode(), classes=classes or ())
    if value == b'"':
        return use._replace(datatype=suffix[3:-3].decode() or (_TEXT, _STRING)[bool(suffix)])
    return use._replace(space=value[1:].decode())
