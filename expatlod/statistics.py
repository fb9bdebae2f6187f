"""Count what is in a dump while it is written: triples, entities, classes and properties.

Pieces are counted where they are made, and the counts are added up.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from expatlod.namespaces import PREFIXES

__all__ = ["Statistics"]

_TYPE = PREFIXES["rdf"] + "type"
_OF_TYPE = f"{_TYPE}> <".encode()

# Of each line of N-Triples the property, and behind rdf:type the class too. A text cannot be taken
# for one: the end of a line is written \n in it. Without a fixed `<` behind the line end, line ends
# are found by memchr, which is a third faster.
_SAID = re.compile(rb"\n[^>]*+> <(" + re.escape(_OF_TYPE) + rb"[^>]*+|[^>]*+)>")

# The lines of one subject that stand together.
_RUN = re.compile(rb"(<[^>]*+>) .*+\n(?:\1 .*+\n)*+")

# An IRI holds no quotation mark, so this does not end in the middle of a text.
_A = re.compile(rb"> <" + re.escape(_OF_TYPE) + rb'([^<>"]*+)> \.\n')


@dataclass(slots=True)
class Statistics:
    """How much there is of what.

    *entities* is the number of subjects, *classes* and *properties* count their instances and
    triples by IRI, and *examples* has the first instance of each class.
    """

    triples: int = 0
    entities: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    properties: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, triples: bytes) -> Statistics:
        """Return the statistics of whole records as N-Triples of ours, each triple once.

        >>> text = "<https://example.org/a> <https://example.org/p> <https://example.org/b> ."
        >>> Statistics.of(text.encode()).properties
        Counter({'https://example.org/p': 1})
        """
        said = Counter(_SAID.findall(b"\n" + triples))
        classes = {name for name in said if name.startswith(_OF_TYPE)}
        counted = cls(
            triples=said.total(),
            entities=len(set(_RUN.findall(triples))),
            classes=Counter({_class(name): said[name] for name in classes}),
            properties=Counter(
                {name.decode(): count for name, count in said.items() if name not in classes}
            ),
            examples=_examples(triples, {_class(name) for name in classes}),
        )
        if classes:
            counted.properties[_TYPE] += counted.classes.total()
        return counted

    def add(self, other: Statistics) -> None:
        """Count *other* too, whose records come after these and are other records."""
        self.triples += other.triples
        self.entities += other.entities
        self.classes += other.classes
        self.properties += other.properties
        self.examples = other.examples | self.examples


def _class(name: bytes) -> str:
    return name[len(_OF_TYPE) :].decode()


def _examples(triples: bytes, classes: set[str]) -> dict[str, str]:
    """Return the first instance of each of *classes*."""
    found: dict[str, str] = {}
    for match in _A.finditer(triples):
        name = match[1].decode()
        if name not in found:
            subject = triples[triples.rfind(b"\n", 0, match.start()) + 1 : match.start()]
            found[name] = subject[1:].decode()
            if len(found) == len(classes):
                break
    return found
