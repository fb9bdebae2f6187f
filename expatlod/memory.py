"""Graphs in memory that answer pySHACL quickly.

rdflib's own graph asks a store that knows of named graphs, and parses the query of a `sh:sparql`
constraint anew for every focus node. pySHACL spends nine tenths of its time on that. These graphs
look a triple up in two dictionaries and parse a query once; what pySHACL makes of the answers is
its own affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

import pyoxigraph as ox
import rdflib
from rdflib.namespace import NamespaceManager
from rdflib.paths import Path
from rdflib.plugins.sparql import prepareQuery

from expatlod.namespaces import PREFIXES

__all__ = ["Memory", "Shapes", "filled"]

_STRING = PREFIXES["xsd"] + "string"

_prepared = lru_cache(maxsize=100)(prepareQuery)

_G = TypeVar("_G", bound=rdflib.Graph)


def filled(graph: _G, text: str) -> _G:
    """Return *graph* with the triples of *text*, N-Triples.

    pyoxigraph reads them twice as fast as rdflib, and blank nodes keep their names.
    """
    iris: dict[str, rdflib.URIRef] = {}

    def term(each: Any) -> Any:
        if isinstance(each, ox.BlankNode):
            return rdflib.BNode(each.value)
        if isinstance(each, ox.NamedNode):
            known = iris.get(each.value)
            if known is None:
                known = iris[each.value] = rdflib.URIRef(each.value)
            return known
        if each.language:
            return rdflib.Literal(each.value, lang=each.language)
        datatype = each.datatype.value
        if datatype == _STRING:
            return rdflib.Literal(each.value)
        # As it is written: what is reported must be found again in the record.
        return rdflib.Literal(each.value, datatype=rdflib.URIRef(datatype), normalize=False)

    for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES):
        graph.add((term(quad.subject), term(quad.predicate), term(quad.object)))
    return graph


class _Names(NamespaceManager):
    """Shortens no IRI: pySHACL would, several times for each result, in a text nobody reads."""

    def bind(self, *_arguments: Any, **_options: Any) -> None:
        pass

    def namespaces(self) -> Iterator[Any]:
        return iter(())

    def normalizeUri(self, rdfTerm: str) -> str:  # noqa: N802, N803
        return f"<{rdfTerm}>"


class Memory(rdflib.Graph):
    """A graph in two dictionaries, without named graphs and without prefixes."""

    def __init__(self) -> None:
        super().__init__(bind_namespaces="none")
        self.namespace_manager = _Names(self, bind_namespaces="none")
        self._facts: dict[Any, dict[Any, dict[Any, None]]] = {}
        #: Those of the facts that can be seen.
        self._seen = self._facts
        self._backward: dict[Any, dict[Any, dict[Any, None]]] | None = None
        self._size = 0

    # -- changes

    def add(self, triple: Any) -> Any:
        subject, predicate, value = triple
        values = self._facts.setdefault(subject, {}).setdefault(predicate, {})
        if value not in values:
            values[value] = None
            self._size += 1
            if self._backward is not None:
                self._note(self._backward, triple)
        return self

    def remove(self, triple: Any) -> Any:
        for subject, predicate, value in list(self.triples(triple)):
            del self._facts[subject][predicate][value]
            self._size -= 1
            if self._backward is not None:
                del self._backward[predicate][value][subject]
        return self

    # -- questions

    def __len__(self) -> int:
        return self._size

    def __contains__(self, triple: Any) -> bool:
        return next(iter(self.triples(triple)), None) is not None

    def triples(self, triple: Any) -> Any:
        subject, predicate, value = triple
        if isinstance(predicate, Path):
            found = predicate.eval(self, subject, value)
            return ((start, predicate, end) for start, end in found)
        if subject is not None:
            return self._forward(subject, predicate, value)
        if predicate is not None:
            return self._reverse(predicate, value)
        return (
            each for subject in list(self._seen) for each in self._forward(subject, None, value)
        )

    def objects(self, subject: Any = None, predicate: Any = None, unique: bool = False) -> Any:
        if subject is None or type(predicate) is not rdflib.URIRef:
            return super().objects(subject, predicate, unique)
        facts = self._seen.get(subject)
        return iter(facts[predicate]) if facts and predicate in facts else iter(())

    def predicate_objects(self, subject: Any = None, unique: bool = False) -> Any:
        if subject is None:
            return super().predicate_objects(subject, unique)
        facts = self._seen.get(subject, {})
        return ((predicate, value) for predicate, values in facts.items() for value in values)

    def query(self, query_object: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(query_object, str):
            query_object = _prepared(query_object)
        return super().query(query_object, *arguments, **options)

    def _forward(self, subject: Any, predicate: Any, value: Any) -> Iterator[Any]:
        facts = self._seen.get(subject, {})
        predicates = facts if predicate is None else (predicate,) if predicate in facts else ()
        for each in predicates:
            if value is None:
                for found in facts[each]:
                    yield subject, each, found
            elif value in facts[each]:
                yield subject, each, value

    def _reverse(self, predicate: Any, value: Any) -> Iterator[Any]:
        if self._backward is None:
            # Built when it is first asked for: of records it hardly ever is.
            self._backward = {}
            for subject, facts in self._facts.items():
                for each, values in facts.items():
                    for found in values:
                        self._note(self._backward, (subject, each, found))
        known = self._backward.get(predicate, {})
        for found in known if value is None else (value,):
            for subject in known.get(found, ()):
                if subject in self._seen:
                    yield subject, predicate, found

    @staticmethod
    def _note(index: dict[Any, dict[Any, dict[Any, None]]], triple: Any) -> None:
        subject, predicate, value = triple
        index.setdefault(predicate, {}).setdefault(value, {})[subject] = None


class _Iri(rdflib.URIRef):
    """An IRI that is compared as the text it is.

    pySHACL looks for every predicate of a shape in a list of forty, and rdflib compares two IRIs in
    Python; a third of pySHACL's time went into that.
    """

    __slots__ = ()
    __eq__ = str.__eq__
    __ne__ = str.__ne__
    __lt__ = str.__lt__
    __le__ = str.__le__
    __gt__ = str.__gt__
    __ge__ = str.__ge__
    __hash__ = str.__hash__


class Shapes(Memory):
    """A shapes graph, given as N-Triples, of which pySHACL sees the part that it needs.

    The graph stays the same one, because pySHACL keeps texts for every graph that it has seen.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._items: dict[Any, tuple[Any, ...]] = {}
        self._pairs: dict[Any, tuple[tuple[Any, Any], ...]] = {}
        self._iris: dict[Any, _Iri] = {}
        filled(self, text)

    def show(self, roots: Iterable[Any]) -> None:
        """Let only the shapes *roots* be seen, and all that they refer to."""
        self._seen = {}
        queue = list(roots)
        while queue:
            subject = queue.pop()
            if subject not in self._seen and subject in self._facts:
                self._seen[subject] = self._facts[subject]
                for values in self._facts[subject].values():
                    queue += values

    def add(self, triple: Any) -> Any:
        super().add(triple)
        self._seen[triple[0]] = self._facts[triple[0]]
        self._pairs.pop(triple[0], None)
        return self

    def remove(self, triple: Any) -> Any:
        if triple[0] is None:
            self._pairs.clear()
        else:
            self._pairs.pop(triple[0], None)
        return super().remove(triple)

    def items(self, list: Any) -> Any:
        if list not in self._items:
            self._items[list] = tuple(super().items(list))
        return iter(self._items[list])

    def predicate_objects(self, subject: Any = None, unique: bool = False) -> Any:
        if subject not in self._seen:
            return super().predicate_objects(subject, unique)
        if subject not in self._pairs:
            found = super().predicate_objects(subject, unique)
            self._pairs[subject] = tuple((self._iri(each), value) for each, value in found)
        return iter(self._pairs[subject])

    def _iri(self, predicate: Any) -> _Iri:
        if predicate not in self._iris:
            self._iris[predicate] = _Iri(predicate)
        return self._iris[predicate]
