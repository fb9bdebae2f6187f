"""Describe a release in VoID, so that clients see what is in it before they load it.

Source: Describing Linked Datasets with the VoID Vocabulary, W3C 2011.
"""

from __future__ import annotations

from collections.abc import Iterable

from expatlod.dumps import turtle
from expatlod.namespaces import PREFIXES, expand
from expatlod.profile import Model
from expatlod.statistics import Statistics

__all__ = ["void"]


def void(
    model: Model,
    iri: str,
    described: Iterable[str],
    base: str,
    statistics: Statistics,
    dumps: Iterable[str],
) -> bytes:
    """Return the VoID description of the dataset *iri* as Turtle.

    *described* are the triples that say what it is, as N-Triples lines, and *statistics* those of
    its dump. *dumps* are the paths of the dump files in the release, which the description names
    under *base*.
    """
    lines = [*described, *_statistics(model, iri, base, statistics, dumps)]
    return turtle("".join(f"{line}\n" for line in lines).encode(), model.prefixes)


def _statistics(
    model: Model, iri: str, base: str, statistics: Statistics, dumps: Iterable[str]
) -> list[str]:
    classes, properties = statistics.classes, statistics.properties
    vocabularies = {
        namespace
        for namespace in model.prefixes.values()
        if any(name.startswith(namespace) for name in (*classes, *properties))
    }
    lines = [_type(iri, "void:Dataset")]
    lines += [_link(iri, "void:dataDump", f"{base}{path}") for path in dumps]
    lines += [_number(iri, "void:triples", statistics.triples)]
    lines += [_number(iri, "void:entities", statistics.entities)]
    lines += [_number(iri, "void:classes", len(classes))]
    lines += [_number(iri, "void:properties", len(properties))]
    lines += [_link(iri, "void:vocabulary", namespace) for namespace in sorted(vocabularies)]
    for kind in model.record_classes:
        if kind.iri in statistics.examples:
            lines.append(_link(iri, "void:exampleResource", statistics.examples[kind.iri]))
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


def _fragment(model: Model, iri: str) -> str:
    """Return a fragment for a term: its CURIE with a hyphen, distinct for distinct terms."""
    return model.curie(iri).replace(":", "-")


def _link(subject: str, predicate: str, value: str) -> str:
    return f"<{subject}> <{expand(predicate)}> <{value}> ."


def _type(subject: str, kind: str) -> str:
    return _link(subject, "rdf:type", expand(kind))


def _number(subject: str, predicate: str, value: int) -> str:
    return f'<{subject}> <{expand(predicate)}> "{value}"^^<{PREFIXES["xsd"]}integer> .'
