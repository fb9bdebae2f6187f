"""Write and read the triples that a catalogue consists of, as N-Triples lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import pyoxigraph as ox

from expatlod.errors import Text
from expatlod.namespaces import PREFIXES, expand

__all__ = ["CATALOG_PREFIXES", "Said", "Triples"]

#: Prefix -> namespace of all that a catalogue by DCAT-AP speaks of.
CATALOG_PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        **PREFIXES,
        "adms": "http://www.w3.org/ns/adms#",
        "dcatap": "http://data.europa.eu/r5r/",
        "geo": "http://www.opengis.net/ont/geosparql#",
        "vcard": "http://www.w3.org/2006/vcard/ns#",
    }
)


class Triples:
    """Triples, each once, those of a subject together, in the order in which they are added."""

    def __init__(self) -> None:
        self._subjects: dict[str, dict[str, None]] = {}

    @property
    def lines(self) -> list[str]:
        """The triples as N-Triples lines."""
        return [line for lines in self._subjects.values() for line in lines]

    @property
    def subjects(self) -> frozenset[str]:
        """The IRIs that something is said of."""
        return frozenset(self._subjects)

    def type(self, subject: str, *classes: str) -> None:
        """Say that *subject* is of *classes*, IRIs or CURIEs."""
        self.link(subject, "rdf:type", *(expand(each, CATALOG_PREFIXES) for each in classes))

    def link(self, subject: str, predicate: str, *values: str) -> None:
        """Say that *subject* is tied by *predicate*, a CURIE, to the IRIs *values*."""
        for value in values:
            self._add(subject, predicate, ox.NamedNode(value))

    def text(self, subject: str, predicate: str, texts: Mapping[str, str | list[str]]) -> None:
        """Say *texts* of *subject*, in each language one or several."""
        for language, text in texts.items():
            for each in text if isinstance(text, list) else [text]:
                self._add(subject, predicate, ox.Literal(each, language=language))

    def value(self, subject: str, predicate: str, value: str, datatype: str = "") -> None:
        """Say *value* of *subject*, of *datatype*, a CURIE, or a plain text."""
        kind = ox.NamedNode(expand(datatype)) if datatype else None
        self._add(subject, predicate, ox.Literal(value, datatype=kind))

    def copy(self, lines: Iterable[str]) -> None:
        """Add *lines* of N-Triples."""
        for quad in _parsed(lines):
            self._put(quad)

    def _add(self, subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> None:
        path = ox.NamedNode(expand(predicate, CATALOG_PREFIXES))
        self._put(ox.Triple(ox.NamedNode(subject), path, value))

    def _put(self, triple: ox.Triple | ox.Quad) -> None:
        assert isinstance(triple.subject, ox.NamedNode)
        line = f"{triple.subject} {triple.predicate} {triple.object} ."
        self._subjects.setdefault(triple.subject.value, {})[line] = None


class Said:
    """What triples say, by subject and property, in their order."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._values: dict[tuple[str, str], list[ox.NamedNode | ox.Literal]] = {}
        for quad in _parsed(lines):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(
                quad.object, ox.NamedNode | ox.Literal
            ):
                key = (quad.subject.value, quad.predicate.value)
                self._values.setdefault(key, []).append(quad.object)

    @property
    def pointed(self) -> list[str]:
        """The IRIs that something is tied to, each once."""
        found = (each.value for values in self._values.values() for each in values if _is_iri(each))
        return list(dict.fromkeys(found))

    def iris(self, subject: str, predicate: str) -> list[str]:
        """Return the IRIs that *subject* has for *predicate*, a CURIE."""
        return [each.value for each in self._of(subject, predicate) if _is_iri(each)]

    def iri(self, subject: str, predicate: str) -> str:
        """Return the first of the IRIs that *subject* has for *predicate*, or nothing."""
        return next(iter(self.iris(subject, predicate)), "")

    def value(self, subject: str, predicate: str) -> str:
        """Return the first literal that *subject* has for *predicate*, or nothing."""
        found = self._of(subject, predicate)
        return next((each.value for each in found if not _is_iri(each)), "")

    def texts(self, subject: str, *predicates: str) -> dict[str, list[str]]:
        """Return the texts that *subject* has, by language, for the first property that it has."""
        texts: dict[str, list[str]] = {}
        for predicate in predicates:
            for each in self._of(subject, predicate):
                if isinstance(each, ox.Literal) and each.language:
                    texts.setdefault(each.language, []).append(each.value)
            if texts:
                break
        return texts

    def text(self, subject: str, *predicates: str) -> Text:
        """Return one text in each language, as *texts* does."""
        return {tag: texts[0] for tag, texts in self.texts(subject, *predicates).items()}

    def _of(self, subject: str, predicate: str) -> list[ox.NamedNode | ox.Literal]:
        return self._values.get((subject, expand(predicate, CATALOG_PREFIXES)), [])


def _is_iri(term: ox.NamedNode | ox.Literal) -> bool:
    return isinstance(term, ox.NamedNode)


def _parsed(lines: Iterable[str]) -> Iterable[ox.Quad]:
    text = "".join(f"{line}\n" for line in lines)
    return ox.parse(text, format=ox.RdfFormat.N_TRIPLES)
