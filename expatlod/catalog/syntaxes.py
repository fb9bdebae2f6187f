"""Write a description in the syntaxes that portals read, the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
import pyoxigraph as ox

from expatlod.catalog.triples import CATALOG_PREFIXES
from expatlod.dumps import turtle
from expatlod.namespaces import PREFIXES, curie
from expatlod.profile import Model

__all__ = ["jsonld", "rdfxml", "written"]

_TYPE = PREFIXES["rdf"] + "type"


def written(lines: Iterable[str], model: Model) -> dict[str, bytes]:
    """Return N-Triples *lines* without blank nodes as Turtle, JSON-LD and RDF/XML, by file ending.

    Each shortens what it can with the prefixes of the profile and of catalogues.
    """
    triples = "".join(f"{line}\n" for line in lines).encode()
    prefixes = {**model.prefixes, **CATALOG_PREFIXES}
    used = {name: space for name, space in prefixes.items() if f"<{space}" in triples.decode()}
    return {
        ".ttl": turtle(triples, used),
        ".jsonld": jsonld(triples, used),
        ".rdf": rdfxml(triples, used),
    }


def jsonld(triples: bytes, prefixes: Mapping[str, str]) -> bytes:
    """Return N-Triples as flattened JSON-LD 1.1, whose context stands inside and holds *prefixes*.

    Sources: https://www.w3.org/TR/json-ld11/#flattened-document-form
    """
    nodes: dict[str, dict[str, list[object]]] = {}
    for quad in ox.parse(triples, format=ox.RdfFormat.N_TRIPLES):
        assert isinstance(quad.subject, ox.NamedNode)
        node = nodes.setdefault(quad.subject.value, {})
        path, value = quad.predicate.value, quad.object
        if path == _TYPE and isinstance(value, ox.NamedNode):
            node.setdefault("@type", []).append(curie(value.value, prefixes))
        else:
            node.setdefault(curie(path, prefixes), []).append(_value(value, prefixes))
    document = {
        "@context": dict(sorted(prefixes.items())),
        "@graph": [
            {"@id": iri, **{key: _alone(values) for key, values in node.items()}}
            for iri, node in nodes.items()
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _value(
    value: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, prefixes: Mapping[str, str]
) -> object:
    if isinstance(value, ox.NamedNode):
        return {"@id": value.value}
    assert isinstance(value, ox.Literal)
    if value.language:
        return {"@language": value.language, "@value": value.value}
    datatype = value.datatype.value
    if datatype == PREFIXES["xsd"] + "string":
        return value.value
    return {"@type": curie(datatype, prefixes), "@value": value.value}


def _alone(values: list[object]) -> object:
    return values[0] if len(values) == 1 else values


def rdfxml(triples: bytes, prefixes: Mapping[str, str]) -> bytes:
    """Return N-Triples as RDF/XML 1.1, with *prefixes*."""
    parsed = ox.parse(triples, format=ox.RdfFormat.N_TRIPLES)
    xml = ox.serialize(parsed, format=ox.RdfFormat.RDF_XML, prefixes=dict(prefixes))
    assert xml is not None
    # A bare carriage return is a line end to XML and comes back as a line feed.
    return xml.replace(b"\r", b"&#13;") + b"\n"
