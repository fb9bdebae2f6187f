"""Say what the shapes ask of the values of a field, for those who tell authors what to write.

The shapes of one field stand in several places: the field's own property shape, further ones of
its class, and those that hold for every node with the property. Here they come together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from expatlod.fields import Field, RecordClass
from expatlod.namespaces import PREFIXES, expand
from expatlod.profile import Model

__all__ = [
    "ANY",
    "VIOLATION",
    "Constraints",
    "Shape",
    "constraints",
    "members",
    "node_shapes",
    "nodes_in",
    "objects",
    "severity",
    "value",
]

#: A node of the shapes graph.
Shape = ox.NamedNode | ox.BlankNode

#: The severities of SHACL, W3C SHACL section 2.1.4: what makes data invalid, and all of them.
VIOLATION = frozenset({"Violation"})
ANY = frozenset({"Violation", "Warning", "Info"})


@dataclass(frozen=True, slots=True)
class Constraints:
    """What holds for the values of one field.

    *least* and *most* count values, *shortest* and *longest* characters; *low* and *high* bound a
    number. *languages* are the only ones allowed, *needed* those that must be there when the field
    is. *once* says that each language has one text. A pattern comes with its flags.
    """

    least: int = 0
    most: int | None = None
    languages: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    once: bool = False
    shortest: int = 0
    longest: int | None = None
    low: str = ""
    high: str = ""
    patterns: tuple[tuple[str, str], ...] = ()


def constraints(
    model: Model, kind: RecordClass, field: Field, severities: Collection[str]
) -> Constraints:
    """Return what shapes of one of *severities* ask of *field* in a node of class *kind*."""
    store = model.shapes
    least, most, once = 0, None, False
    shortest, longest = 0, None
    low = high = ""
    languages: tuple[str, ...] = ()
    needed: list[str] = []
    patterns: list[tuple[str, str]] = []
    for shape, unless_absent in _shapes_of(model, kind, field, severities):
        minimum = int(value(store, shape, "sh:minCount") or 0)
        maximum = value(store, shape, "sh:maxCount")
        least = max(least, 0 if unless_absent else minimum)
        if maximum:
            most = int(maximum) if most is None else min(most, int(maximum))
        once = once or value(store, shape, "sh:uniqueLang") == "true"
        shortest = max(shortest, int(value(store, shape, "sh:minLength") or 0))
        if limit := value(store, shape, "sh:maxLength"):
            longest = int(limit) if longest is None else min(longest, int(limit))
        low = value(store, shape, "sh:minInclusive") or low
        high = value(store, shape, "sh:maxInclusive") or high
        languages = tuple(members(store, shape, "sh:languageIn")) or languages
        for wanted in objects(store, shape, "sh:qualifiedValueShape"):
            tags = members(store, wanted, "sh:languageIn")
            if len(tags) == 1 and value(store, shape, "sh:qualifiedMinCount") == "1":
                needed.append(tags[0])
                least = max(least, 0 if unless_absent else 1)
        if pattern := value(store, shape, "sh:pattern"):
            patterns.append((pattern, value(store, shape, "sh:flags")))
    order = languages or tuple(sorted(needed))
    return Constraints(
        least,
        most,
        languages,
        tuple(sorted(set(needed), key=order.index)),
        once,
        shortest,
        longest,
        low,
        high,
        tuple(sorted(set(patterns))),
    )


def node_shapes(model: Model, kind: RecordClass) -> list[Shape]:
    """Return the shapes that hold for every node of class *kind*, in a stable order."""
    found = []
    for name in kind.types:
        own = model.classes.get(name)
        iri = own.iri if own else expand(name, model.context_prefixes)
        found += subjects(model.shapes, "sh:targetClass", iri)
    return found


def _shapes_of(
    model: Model, kind: RecordClass, field: Field, severities: Collection[str]
) -> Iterator[tuple[Shape, bool]]:
    """Yield the property shapes of *field*, and whether each is silent when the field is absent."""
    store = model.shapes
    for holder, unless_absent in (
        *((shape, False) for shape in node_shapes(model, kind)),
        *((shape, True) for shape in subjects(store, "sh:targetSubjectsOf", field.path)),
    ):
        for shape in objects(store, holder, "sh:property"):
            about = value(store, shape, "sh:path") == field.path
            if about and severity(store, shape) in severities:
                yield shape, unless_absent
        # "None of it, or this": the same property twice, the first time with none allowed.
        for options in objects(store, holder, "sh:or"):
            both = [each for each in _list(store, options) if not isinstance(each, ox.Literal)]
            same = all(value(store, each, "sh:path") == field.path for each in both)
            none = [each for each in both if value(store, each, "sh:maxCount") == "0"]
            if same and len(both) == 2 and len(none) == 1 and severity(store, holder) in severities:
                yield next(each for each in both if each not in none), True


# -- reading the shapes graph, blank nodes too


def objects(store: ox.Store, subject: Shape, predicate: str) -> list[Shape]:
    """Return the nodes, IRIs or blank, that *subject* has for *predicate*."""
    found = store.quads_for_pattern(subject, ox.NamedNode(expand(predicate)), None)
    nodes = [each.object for each in found if isinstance(each.object, ox.NamedNode | ox.BlankNode)]
    return sorted(nodes, key=str)


def subjects(store: ox.Store, predicate: str, iri: str) -> list[Shape]:
    """Return the nodes that have the IRI *iri* for *predicate*."""
    found = store.quads_for_pattern(None, ox.NamedNode(expand(predicate)), ox.NamedNode(iri))
    nodes = [each.subject for each in found]
    return sorted((each for each in nodes if not isinstance(each, ox.Triple)), key=str)


def value(store: ox.Store, subject: Shape, predicate: str) -> str:
    """Return the IRI or lexical form that *subject* has for *predicate*, or the empty string."""
    found = store.quads_for_pattern(subject, ox.NamedNode(expand(predicate)), None)
    return min(
        (each.object.value for each in found if isinstance(each.object, ox.NamedNode | ox.Literal)),
        default="",
    )


def members(store: ox.Store, subject: Shape, predicate: str) -> list[str]:
    """Return the IRIs and lexical forms in the list that *subject* has for *predicate*."""
    return [
        each.value
        for node in objects(store, subject, predicate)
        for each in _list(store, node)
        if isinstance(each, ox.NamedNode | ox.Literal)
    ]


def nodes_in(store: ox.Store, subject: Shape, predicate: str) -> list[Shape]:
    """Return the nodes in the list that *subject* has for *predicate*, in its order."""
    return [
        each
        for node in objects(store, subject, predicate)
        for each in _list(store, node)
        if not isinstance(each, ox.Literal)
    ]


def severity(store: ox.Store, shape: Shape) -> str:
    """Return the local name of the severity of *shape*; where it has none it is Violation."""
    return value(store, shape, "sh:severity").removeprefix(PREFIXES["sh"]) or "Violation"


def _list(store: ox.Store, node: Shape) -> Iterator[Shape | ox.Literal]:
    first, rest = (ox.NamedNode(PREFIXES["rdf"] + name) for name in ("first", "rest"))
    while True:
        head = next(iter(store.quads_for_pattern(node, first, None)), None)
        tail = next(iter(store.quads_for_pattern(node, rest, None)), None)
        if head is None or tail is None:
            return
        if not isinstance(head.object, ox.Triple):
            yield head.object
        if not isinstance(tail.object, ox.NamedNode | ox.BlankNode):
            return
        node = tail.object
