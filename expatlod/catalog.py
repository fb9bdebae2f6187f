"""Describe a release in VoID, so that clients see what is in it before they load it.

Source: Describing Linked Datasets with the VoID Vocabulary, W3C 2011.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from expatlod.dumps import turtle
from expatlod.namespaces import PREFIXES, expand
from expatlod.profile import Model

__all__ = ["void"]

_TYPE = PREFIXES["rdf"] + "type"


def void(
    model: Model,
    iri: str,
    described: Iterable[str],
    base: str,
    triples: bytes,
    dumps: Iterable[str],
) -> bytes:
    """Return the VoID description of the dataset *iri* as Turtle.

    *described* are the triples that say what it is, as N-Triples lines, and *triples* those of its
    dump, as N-Triples. *dumps* are the paths of the dump files in the release, which the
    description names under *base*.
    """
    data = list(ox.parse(triples, format=ox.RdfFormat.N_TRIPLES))
    return turtle(
        "".join(
            f"{line}\n" for line in [*described, *_statistics(model, iri, base, data, dumps)]
        ).encode(),
        model.prefixes,
    )


def _statistics(
    model: Model, iri: str, base: str, data: Sequence[ox.Triple], dumps: Iterable[str]
) -> list[str]:
    classes = Counter(
        triple.object.value
        for triple in data
        if triple.predicate.value == _TYPE and isinstance(triple.object, ox.NamedNode)
    )
    properties = Counter(triple.predicate.value for triple in data)
    entities = {str(triple.subject) for triple in data}
    vocabularies = {
        namespace
        for namespace in model.prefixes.values()
        if any(name.startswith(namespace) for name in (*classes, *properties))
    }
    lines = [_type(iri, "void:Dataset")]
    lines += [_link(iri, "void:dataDump", f"{base}{path}") for path in dumps]
    lines += [_number(iri, "void:triples", len(data)), _number(iri, "void:entities", len(entities))]
    lines += [_number(iri, "void:classes", len(classes))]
    lines += [_number(iri, "void:properties", len(properties))]
    lines += [_link(iri, "void:vocabulary", namespace) for namespace in sorted(vocabularies)]
    for kind in model.record_classes:
        first = next((each for each in data if _is_a(each, kind.iri)), None)
        if first is not None:
            lines.append(f"<{iri}> <{expand('void:exampleResource')}> {first.subject} .")
    for name, count in sorted(classes.items()):
        part = f"{iri}#class-{_fragment(model, name)}"
        lines += [
            _link(iri, "void:classPartition", part),
            _type(part, "void:Dataset"),
            _link(part, "void:class", name),
            _number(part, "void:entities", count),
        ]
    for name, count in sorted(properties.items()):
        part = f"{iri}#property-{_fragment(model, name)}"
        lines += [
            _link(iri, "void:propertyPartition", part),
            _type(part, "void:Dataset"),
            _link(part, "void:property", name),
            _number(part, "void:triples", count),
        ]
    return lines


def _is_a(triple: ox.Triple, kind: str) -> bool:
    return triple.predicate.value == _TYPE and triple.object == ox.NamedNode(kind)


def _fragment(model: Model, iri: str) -> str:
    """Return a fragment for a term: its CURIE with a hyphen, distinct for distinct terms."""
    return model.curie(iri).replace(":", "-")


def _link(subject: str, predicate: str, value: str) -> str:
    return f"<{subject}> <{expand(predicate)}> <{value}> ."


def _type(subject: str, kind: str) -> str:
    return _link(subject, "rdf:type", expand(kind))


def _number(subject: str, predicate: str, value: int) -> str:
    return f'<{subject}> <{expand(predicate)}> "{value}"^^<{PREFIXES["xsd"]}integer> .'
