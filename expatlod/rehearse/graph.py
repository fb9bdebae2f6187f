"""Ask the graph of a catalogue the way that CKAN does, and know where everything stands.

Values come in the order of the file: where a portal takes the first of several, that is the one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

import pyoxigraph as ox
import rdflib

from expatlod.errors import Location
from expatlod.namespaces import PREFIXES, curie, expand
from expatlod.rdf import Placed

__all__ = ["Graph", "Node", "Term", "named", "reachable", "text"]

Node = ox.NamedNode | ox.BlankNode
Term = ox.NamedNode | ox.BlankNode | ox.Literal

#: The prefixes of what portals read. ckanext-dcat knows schema.org with http only.
_PREFIXES: Mapping[str, str] = {
    **PREFIXES,
    "adms": "http://www.w3.org/ns/adms#",
    "dcatap": "http://data.europa.eu/r5r/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "locn": "http://www.w3.org/ns/locn#",
    "schema": "http://schema.org/",
    "time": "http://www.w3.org/2006/time#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}

_STRINGS = (_PREFIXES["xsd"] + "string", _PREFIXES["rdf"] + "langString")

# rdflib prints a traceback for a literal that it cannot convert; here it keeps its text.
logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)


class Graph:
    """The triples of one file, each with its place."""

    def __init__(self, placed: Iterable[Placed]) -> None:
        self._about: dict[Node, dict[str, dict[Term, Location]]] = {}
        self._typed: dict[str, dict[Node, None]] = {}
        kind = _PREFIXES["rdf"] + "type"
        for triple, at in placed:
            subject, value = triple.subject, triple.object
            if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
                continue
            predicate = triple.predicate.value
            values = self._about.setdefault(subject, {}).setdefault(predicate, {})
            values.setdefault(value, at)
            if predicate == kind and isinstance(value, ox.NamedNode):
                self._typed.setdefault(value.value, {})[subject] = None

    def __len__(self) -> int:
        return sum(len(values) for each in self._about.values() for values in each.values())

    def __contains__(self, node: Term) -> bool:
        return node in self._about

    def typed(self, name: str) -> tuple[Node, ...]:
        """Return what is of the type *name*, a CURIE."""
        return tuple(self._typed.get(_expand(name), ()))

    def is_a(self, node: Term, name: str) -> bool:
        """Tell whether *node* is of the type *name*, a CURIE."""
        return node in self._typed.get(_expand(name), ())

    def predicates(self, node: Term) -> tuple[str, ...]:
        """Return the properties of *node* as CURIEs."""
        return tuple(map(named, self._of(node)))

    def objects(self, node: Term, name: str) -> tuple[Term, ...]:
        """Return the values that *node* has for the property *name*, a CURIE."""
        return tuple(self._of(node).get(_expand(name), ()))

    def first(self, node: Term, name: str) -> Term | None:
        """Return the first value of *node* for the property *name*."""
        return next(iter(self._of(node).get(_expand(name), ())), None)

    def texts(self, node: Term, name: str) -> list[str]:
        """Return the values of *node* for the property *name* as text."""
        return [text(each) for each in self.objects(node, name)]

    def value(self, node: Term, name: str, language: str = "en") -> str:
        """Return the one value that CKAN takes; "" where there is none.

        It is the text in *language*, else the first; but an IRI, or its label, as soon as one
        comes.
        """
        fallback = ""
        for each in self.objects(node, name):
            if isinstance(each, ox.Literal):
                if each.language == language:
                    return each.value
                fallback = fallback or text(each)
            else:
                label = self.first(each, "rdfs:label")
                return text(each if label is None else label)
        return fallback

    def nodes(self, node: Term, name: str) -> tuple[Node, ...]:
        """Return those values of *node* for the property *name* that are no literals."""
        return tuple(each for each in self.objects(node, name) if not isinstance(each, ox.Literal))

    def about(self, node: Term) -> Iterator[Term]:
        """Yield every value of *node*, whatever the property."""
        for values in self._of(node).values():
            yield from values

    def at(self, node: Term, name: str = "", value: Term | None = None) -> Location:
        """Return where *node* says *value* for the property *name*, or where it first stands."""
        of = self._of(node)
        values: Mapping[Term, Location] = of.get(_expand(name), {}) if name else {}
        if value in values:
            return values[value]  # type: ignore[index]
        if values:
            return next(iter(values.values()))
        first = next((next(iter(each.values())) for each in of.values()), Location(""))
        return replace(first, column=1, length=1) if first.line else first

    def _of(self, node: Term) -> Mapping[str, Mapping[Term, Location]]:
        return {} if isinstance(node, ox.Literal) else self._about.get(node, {})


def text(term: Term) -> str:
    """Return *term* as CKAN's parser says it: typed literals in rdflib's normal form."""
    if isinstance(term, ox.Literal):
        kind = term.datatype.value
        return term.value if kind in _STRINGS else _normal(term.value, kind)
    return term.value


@lru_cache(maxsize=4096)
def _normal(value: str, datatype: str) -> str:
    return str(rdflib.Literal(value, datatype=rdflib.URIRef(datatype)))


@lru_cache(maxsize=512)
def _expand(name: str) -> str:
    return expand(name, _PREFIXES)


def named(iri: str) -> str:
    """Return the CURIE of a property.

    >>> named("http://www.w3.org/ns/adms#status")
    'adms:status'
    """
    return curie(iri, _PREFIXES)


def reachable(graph: Graph, start: Node) -> set[Term]:
    """Return *start* and the nodes that it leads to, as far as the next dataset or series."""
    seen: set[Term] = {start}
    queue: list[Term] = [start]
    while queue:
        for each in graph.about(queue.pop()):
            if isinstance(each, ox.Literal) or each in seen or each not in graph:
                continue
            if not any(graph.is_a(each, kind) for kind in ("dcat:Dataset", "dcat:DatasetSeries")):
                seen.add(each)
                queue.append(each)
    return seen
