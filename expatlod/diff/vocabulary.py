"""Compare the codes and terms of two releases: ontologies, codelists and shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from expatlod import graphs
from expatlod.diff.change import (
    ADDED,
    CHANGED,
    CODE,
    REMOVED,
    TERM,
    WITHDRAWN,
    Change,
    Entry,
    Subject,
)
from expatlod.diff.names import Names, joined, language, local_name, plain
from expatlod.errors import Text
from expatlod.namespaces import expand
from expatlod.profile import Model

__all__ = ["NOUNS", "entries", "load"]

#: What a code or term is, by the class that it has; the first that it has counts.
NOUNS: Mapping[str, Text] = MappingProxyType(
    {
        "skos:Concept": {"da": "Kode", "en": "Code"},
        "skos:ConceptScheme": {"da": "Kodeliste", "en": "Codelist"},
        "owl:Class": {"da": "Klasse", "en": "Class"},
        "rdfs:Class": {"da": "Klasse", "en": "Class"},
        "owl:ObjectProperty": {"da": "Egenskab", "en": "Property"},
        "owl:DatatypeProperty": {"da": "Egenskab", "en": "Property"},
        "owl:AnnotationProperty": {"da": "Egenskab", "en": "Property"},
        "rdf:Property": {"da": "Egenskab", "en": "Property"},
        "sh:NodeShape": {"da": "Form", "en": "Shape"},
        "sh:PropertyShape": {"da": "Form", "en": "Shape"},
    }
)

#: What the properties of the standards that people ask about are called.
_FIELDS: Mapping[str, Text] = MappingProxyType(
    {
        "skos:prefLabel": {"da": "navn", "en": "name"},
        "rdfs:label": {"da": "navn", "en": "name"},
        "sh:name": {"da": "navn", "en": "name"},
        "skos:altLabel": {"da": "andet navn", "en": "other name"},
        "skos:hiddenLabel": {"da": "skjult navn", "en": "hidden name"},
        "skos:notation": {"da": "kode", "en": "notation"},
        "skos:definition": {"da": "definition", "en": "definition"},
        "skos:broader": {"da": "hører under", "en": "broader code"},
        "owl:deprecated": {"da": "udgået", "en": "deprecated"},
        "dct:isReplacedBy": {"da": "afløst af", "en": "replaced by"},
    }
)

# What says the same as another property, from the other end.
_INVERSE = ("skos:narrower", "skos:hasTopConcept", "skos:topConceptOf")

_DEPRECATED = ox.NamedNode(expand("owl:deprecated"))


def load(folder: Path | None) -> ox.Store:
    """Return ontology, codelists and shapes of the release in *folder*; nothing without one.

    Raises ProfileError, naming file and line, for a file that is not Turtle.
    """
    if folder is None:
        return ox.Store()
    paths = [each for name in ("ontology", "shapes") for each in (folder / name).rglob("*.ttl")]
    return graphs.load(tuple(sorted(paths)))


def entries(model: Model, names: Names, old: ox.Store, new: ox.Store) -> Iterator[Entry]:
    """Yield what differs between two releases' codes and terms, by what they are and IRI."""
    if not len(old) or not len(new):
        return
    before, after = _terms(old), _terms(new)
    order = list(NOUNS)
    for iri in sorted(
        before.keys() | after.keys(),
        key=lambda iri: (order.index(after.get(iri) or before[iri]), iri),
    ):
        kind = after.get(iri) or before[iri]
        subject = _subject(model, names, new if iri in after else old, iri, kind)
        gone = WITHDRAWN if subject.sort == CODE else REMOVED
        if iri not in before:
            yield Entry(subject, ADDED)
        elif iri not in after:
            yield Entry(subject, gone)
        else:
            changes = tuple(_changes(model, names, old, new, iri))
            if _deprecated(new, iri) and not _deprecated(old, iri):
                others = (each for each in changes if each.property != "owl:deprecated")
                yield Entry(subject, gone, tuple(others))
            elif changes:
                yield Entry(subject, CHANGED, changes)


def _terms(graph: ox.Store) -> dict[str, str]:
    """Return the codes and terms of a graph with what they are, a key of NOUNS."""
    found: dict[str, str] = {}
    order = list(NOUNS)
    kinds = {expand(name): name for name in NOUNS}
    for node, iri in graphs.pairs(graph, "rdf:type"):
        kind = kinds.get(iri)
        if kind is not None:
            found[node.value] = min(found.get(node.value, kind), kind, key=order.index)
    return found


def _subject(model: Model, names: Names, graph: ox.Store, iri: str, kind: str) -> Subject:
    node = ox.NamedNode(iri)
    if kind != "skos:Concept":
        name = model.curie(iri)
        name = local_name(iri) if name == iri else name
        return Subject(TERM, kind, NOUNS[kind], iri, name, names.concept(iri))
    scheme = graphs.one(graph, node, "skos:inScheme")
    noun = {each: f"{word} ({names.of(scheme)[each]})" for each, word in NOUNS[kind].items()}
    notation = graphs.one(graph, node, "skos:notation") or local_name(iri)
    return Subject(CODE, kind, noun if scheme else NOUNS[kind], iri, notation, names.concept(iri))


def _deprecated(graph: ox.Store, iri: str) -> bool:
    quads = graph.quads_for_pattern(ox.NamedNode(iri), _DEPRECATED, None)
    return any(isinstance(q.object, ox.Literal) and q.object.value in ("true", "1") for q in quads)


def _changes(
    model: Model, names: Names, old: ox.Store, new: ox.Store, iri: str
) -> Iterator[Change]:
    before, after = _said(old, iri), _said(new, iri)
    inverse = {expand(name) for name in _INVERSE}
    for path, tag in sorted(before.keys() | after.keys()):
        if path in inverse:
            continue
        curie = model.curie(path)
        where = _FIELDS.get(curie) or plain(curie)
        where = joined(where, language(tag)) if tag else where
        olds, news = before.get((path, tag), set()), after.get((path, tag), set())
        gone, come = sorted(olds - news, key=str), sorted(news - olds, key=str)
        if len(gone) == len(come) == 1:
            yield Change(
                CHANGED,
                where,
                iri,
                curie,
                tag,
                gone[0].value,
                come[0].value,
                _label(names, gone[0]),
                _label(names, come[0]),
            )
            continue
        for value in gone:
            label = _label(names, value)
            yield Change(REMOVED, where, iri, curie, tag, old=value.value, old_label=label)
        for value in come:
            label = _label(names, value)
            yield Change(ADDED, where, iri, curie, tag, new=value.value, new_label=label)


def _said(graph: ox.Store, iri: str) -> dict[tuple[str, str], set[ox.NamedNode | ox.Literal]]:
    """Return the values of a term by property and language, those that have no name left out."""
    found: dict[tuple[str, str], set[ox.NamedNode | ox.Literal]] = {}
    for quad in graph.quads_for_pattern(ox.NamedNode(iri), None, None):
        value = quad.object
        if isinstance(value, ox.NamedNode | ox.Literal):
            tag = (value.language or "") if isinstance(value, ox.Literal) else ""
            found.setdefault((quad.predicate.value, tag), set()).add(value)
    return found


def _label(names: Names, value: ox.NamedNode | ox.Literal) -> Text:
    return plain(value.value) if isinstance(value, ox.Literal) else names.of(value.value)
