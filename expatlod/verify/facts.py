"""Gather what the descriptions of a release say that can be held against its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from expatlod.dumps import SYNTAXES
from expatlod.namespaces import expand

__all__ = ["Facts", "gather"]

_TYPE = expand("rdf:type")

#: Who has one of these types in the profile's files is the name of a space of names, as is what
#: begins with it.
_SPACES = frozenset(map(expand, ("owl:Ontology", "skos:ConceptScheme")))

_OF_A_FILE = {
    expand("dcat:downloadURL"): "addresses",
    expand("dcat:byteSize"): "bytes",
    expand("spdx:checksum"): "checksums",
    expand("spdx:checksumValue"): "values",
}
_URI_SPACE = expand("void:uriSpace")
_TRIPLES = expand("void:triples")
_NAMESPACE = expand("vann:preferredNamespaceUri")
_VERSION = expand("owl:versionIRI")
_QUERY = expand("sh:SPARQLExecutable")


@dataclass(slots=True)
class Facts:
    """What was found.

    *spaces* are what the profile's names begin with, *bases* by subject those of its records,
    *triples* by subject how many there are. *documents* are IRIs that name a version and stand for
    nothing else. *queries* are the examples. *addresses*, *bytes* and *checksums* are those of
    files by the distribution's IRI, *values* by the checksum's.
    """

    spaces: set[str] = field(default_factory=set)
    bases: dict[str, str] = field(default_factory=dict)
    triples: dict[str, str] = field(default_factory=dict)
    documents: set[str] = field(default_factory=set)
    queries: set[str] = field(default_factory=set)
    addresses: dict[str, str] = field(default_factory=dict)
    bytes: dict[str, str] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)


def gather(path: Path, facts: Facts, *, profile: bool) -> None:
    """Add what the RDF file at *path* says; only a file of the *profile* names spaces.

    What cannot be read is told elsewhere.
    """
    try:
        for quad in ox.parse(path=str(path), format=SYNTAXES[path.suffix]):
            _take(facts, quad, profile)
    except (SyntaxError, ValueError, OSError):
        return


def _take(facts: Facts, quad: ox.Quad, profile: bool) -> None:
    if not isinstance(quad.subject, ox.NamedNode) or isinstance(
        quad.object, ox.BlankNode | ox.Triple
    ):
        return
    subject, predicate, value = quad.subject.value, quad.predicate.value, quad.object.value
    if predicate == _TYPE:
        if value in _SPACES and profile:
            facts.spaces.add(subject)
        elif value == _QUERY:
            facts.queries.add(subject)
    elif predicate == _NAMESPACE and profile:
        facts.spaces.add(value)
    elif predicate == _VERSION:
        facts.documents.add(value)
    elif predicate == _URI_SPACE:
        facts.bases[subject] = value
    elif predicate == _TRIPLES:
        facts.triples[subject] = value
    elif predicate in _OF_A_FILE:
        getattr(facts, _OF_A_FILE[predicate])[subject] = value
