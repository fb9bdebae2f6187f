"""The prefix map, and the terms of the standards that the engine itself speaks.

Prefixes of a domain come from its profile's context; these are the ones that every profile shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["DEFAULT_BASE", "PREFIXES", "curie", "expand"]

#: The base of the IRIs of records that belong to no dataset.
DEFAULT_BASE = "https://w3id.org/expatlod/"

#: Prefix -> namespace, in alphabetical order.
PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "dqv": "http://www.w3.org/ns/dqv#",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "ldqd": "http://www.w3.org/2016/05/ldqd#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "prov": "http://www.w3.org/ns/prov#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "rec": "https://w3id.org/expatlod/record#",
        "schema": "https://schema.org/",
        "sh": "http://www.w3.org/ns/shacl#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "spdx": "http://spdx.org/rdf/terms#",
        "spex": "https://purl.expasy.org/sparql-examples/ontology#",
        "vann": "http://purl.org/vocab/vann/",
        "void": "http://rdfs.org/ns/void#",
        "void-ext": "http://ldf.fi/void-ext#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
)


def expand(name: str, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return the IRI of the CURIE *name*; an absolute IRI comes back as it is.

    >>> expand("skos:Concept")
    'http://www.w3.org/2004/02/skos/core#Concept'
    """
    prefix, colon, local = name.partition(":")
    if colon and prefix in prefixes and not local.startswith("//"):
        return prefixes[prefix] + local
    return name


def curie(iri: str, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return *iri* shortened with the longest namespace that fits, else unchanged.

    >>> curie("http://www.w3.org/ns/shacl#maxInclusive")
    'sh:maxInclusive'
    """
    fits = [(len(ns), prefix) for prefix, ns in prefixes.items() if iri.startswith(ns)]
    if not fits:
        return iri
    length, prefix = max(fits)
    return f"{prefix}:{iri[length:]}"
