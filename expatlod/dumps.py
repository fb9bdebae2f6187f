"""Write a dataset's triples in each syntax, the same bytes each time.

N-Triples come first; Turtle and RDF/XML are written from them, JSON-LD from the canonical records.
There are no blank nodes in them, so no syntax has a choice of names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import msgspec
import pyoxigraph as ox

from expatlod.convert import Converted
from expatlod.profile import Model

__all__ = ["FORMATS", "SYNTAXES", "Format", "checksum", "ntriples", "serialize", "turtle"]


def ntriples(converted: Iterable[Converted]) -> bytes:
    """Return the triples of *converted* as N-Triples, each once, in the order of the records."""
    lines: dict[str, None] = {}
    for each in converted:
        lines.update(dict.fromkeys(each.lines))
    return "".join(f"{line}\n" for line in lines).encode()


def turtle(triples: bytes, prefixes: Mapping[str, str]) -> bytes:
    """Return N-Triples as Turtle, in their order, with those *prefixes* that they use."""
    written = _rewrite(triples, ox.RdfFormat.TURTLE, prefixes)
    lines = written.splitlines(keepends=True)
    head = [line for line in lines if line.startswith(b"@prefix ")]
    # The serializer's order of prefixes is that of a hash table.
    return b"".join([*sorted(head), b"\n", *lines[len(head) :]])


def _turtle(model: Model, converted: Iterable[Converted]) -> bytes:
    return turtle(ntriples(converted), model.prefixes)


def _rdfxml(model: Model, converted: Iterable[Converted]) -> bytes:
    written = _rewrite(ntriples(converted), ox.RdfFormat.RDF_XML, model.prefixes)
    # A bare carriage return is a line end to XML and comes back as a line feed.
    return written.replace(b"\r", b"&#13;")


def _ntriples(_: Model, converted: Iterable[Converted]) -> bytes:
    return ntriples(converted)


def _jsonld(model: Model, converted: Iterable[Converted]) -> bytes:
    """Return the canonical records as JSON-LD, a record a line, with the context inside.

    The context stands inside so that a reader needs no network; it is the published one.
    """
    encode = msgspec.json.encode
    records = b",\n".join(encode(each.node) for each in converted)
    return b'{"@context":' + encode(dict(model.context)) + b',\n"@graph":[\n' + records + b"\n]}\n"


def _rewrite(triples: bytes, syntax: ox.RdfFormat, prefixes: Mapping[str, str]) -> bytes:
    text = triples.decode()
    used = {name: namespace for name, namespace in prefixes.items() if f"<{namespace}" in text}
    parsed = ox.parse(triples, format=ox.RdfFormat.N_TRIPLES)
    result = ox.serialize(parsed, format=syntax, prefixes=used)
    assert result is not None
    return result


@dataclass(frozen=True, slots=True)
class Format:
    """A syntax to publish in: its name, file name ending, media type, and how to write it."""

    name: str
    suffix: str
    media_type: str
    syntax: ox.RdfFormat
    write: Callable[[Model, Iterable[Converted]], bytes]


#: Media types as registered at https://www.iana.org/assignments/media-types/
FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "turtle": Format("Turtle", "ttl", "text/turtle", ox.RdfFormat.TURTLE, _turtle),
        "jsonld": Format("JSON-LD", "jsonld", "application/ld+json", ox.RdfFormat.JSON_LD, _jsonld),
        "ntriples": Format(
            "N-Triples", "nt", "application/n-triples", ox.RdfFormat.N_TRIPLES, _ntriples
        ),
        "rdfxml": Format("RDF/XML", "rdf", "application/rdf+xml", ox.RdfFormat.RDF_XML, _rdfxml),
    }
)


#: The syntaxes by file name ending.
SYNTAXES: Mapping[str, ox.RdfFormat] = MappingProxyType(
    {f".{form.suffix}": form.syntax for form in FORMATS.values()}
)


def serialize(model: Model, converted: Iterable[Converted], format: str) -> bytes:
    """Return *converted* in the syntax called *format*, one of FORMATS."""
    return FORMATS[format].write(model, converted)


def checksum(data: bytes) -> str:
    """Return the SHA-256 of *data* in hexadecimal, as spdx:checksumValue wants it.

    >>> checksum(b"")[:16]
    'e3b0c44298fc1c14'
    """
    return hashlib.sha256(data).hexdigest()
