"""Read what graphs of ontologies and shapes say, by CURIE and in a stable order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from expatlod.errors import ProfileError, Text
from expatlod.namespaces import PREFIXES, expand

__all__ = ["items", "load", "nodes", "one", "pairs", "said", "texts", "values"]


def load(paths: tuple[Path, ...]) -> ox.Store:
    """Return the triples of the Turtle files at *paths* in one store.

    Raises ProfileError, naming file, line and column, for a file that is not Turtle.
    """
    store = ox.Store()
    for path in paths:
        try:
            store.extend(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE))
        except SyntaxError as error:
            raise ProfileError(f"{path}:{error.lineno}:{error.offset}: {error.msg}") from error
    return store


def pairs(graph: ox.Store, predicate: str) -> Iterator[tuple[ox.NamedNode, str]]:
    """Yield subject and object of *predicate* where both are IRIs."""
    for quad in graph.quads_for_pattern(None, ox.NamedNode(expand(predicate)), None):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            yield quad.subject, quad.object.value


def _objects(graph: ox.Store, subject: ox.NamedNode, predicate: str) -> Iterator[object]:
    for quad in graph.quads_for_pattern(subject, ox.NamedNode(expand(predicate)), None):
        yield quad.object


def nodes(graph: ox.Store, subject: ox.NamedNode, predicate: str) -> list[ox.NamedNode]:
    """Return the IRIs that *subject* has for *predicate*."""
    found = [each for each in _objects(graph, subject, predicate) if isinstance(each, ox.NamedNode)]
    return sorted(found, key=lambda node: node.value)


def values(graph: ox.Store, subject: ox.NamedNode, predicate: str) -> list[str]:
    """Return the IRIs and lexical forms that *subject* has for *predicate*."""
    found = _objects(graph, subject, predicate)
    return sorted(each.value for each in found if isinstance(each, ox.NamedNode | ox.Literal))


def one(graph: ox.Store, subject: ox.NamedNode, predicate: str) -> str:
    """Return the first of the values of *subject* for *predicate*, or the empty string."""
    return next(iter(values(graph, subject, predicate)), "")


def texts(graph: ox.Store, subject: ox.NamedNode, predicate: str) -> Text:
    """Return the texts that *subject* has for *predicate*, by language."""
    found = {
        each.language: each.value
        for each in _objects(graph, subject, predicate)
        if isinstance(each, ox.Literal) and each.language
    }
    return dict(sorted(found.items()))


def said(graph: ox.Store, subject: ox.NamedNode, predicate: str, language: str) -> list[str]:
    """Return the literals that *subject* has for *predicate*, in *language* or in none."""
    return sorted(
        each.value
        for each in _objects(graph, subject, predicate)
        if isinstance(each, ox.Literal) and each.language in (None, language)
    )


def items(graph: ox.Store, subject: ox.NamedNode, predicate: str) -> list[str]:
    """Return the members of an RDF list, as strings."""
    first, rest = (ox.NamedNode(PREFIXES["rdf"] + name) for name in ("first", "rest"))
    members = []
    for node in _objects(graph, subject, predicate):
        while isinstance(node, ox.BlankNode):
            value = next(graph.quads_for_pattern(node, first, None)).object
            members.append(value.value if isinstance(value, ox.Literal | ox.NamedNode) else "")
            node = next(graph.quads_for_pattern(node, rest, None)).object
    return members
