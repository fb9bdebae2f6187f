"""Write a dataset's triples in each syntax, the same bytes each time.

N-Triples come first; Turtle and RDF/XML are written from them, JSON-LD from the canonical records.
There are no blank nodes in them, so no syntax has a choice of names. A dump is a head, what each
record contributes, and a tail; the head is known from the profile alone, so that records can be
written one by one, in other processes too.
"""

from __future__ import annotations

import hashlib
import threading
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from queue import Queue
from types import MappingProxyType
from typing import Protocol
from xml.sax.saxutils import quoteattr

import msgspec
import pyoxigraph as ox
import zstandard

from expatlod.convert import Converted
from expatlod.namespaces import PREFIXES, expand
from expatlod.profile import Model
from expatlod.release import Draft

__all__ = [
    "COMPRESSIONS",
    "FORMATS",
    "MEDIA_TYPES",
    "SYNTAXES",
    "Compression",
    "Dump",
    "Entry",
    "Format",
    "body",
    "checksum",
    "ntriples",
    "serialize",
    "turtle",
]


def ntriples(converted: Iterable[Converted]) -> bytes:
    """Return the triples of *converted* as N-Triples, each once, in the order of the records."""
    lines: dict[str, None] = {}
    for each in converted:
        lines.update(dict.fromkeys(each.lines))
    return "".join(f"{line}\n" for line in lines).encode()


def turtle(triples: bytes, prefixes: Mapping[str, str]) -> bytes:
    """Return N-Triples as Turtle, in their order, with those *prefixes* that they use."""
    text = triples.decode()
    used = {name: namespace for name, namespace in prefixes.items() if f"<{namespace}" in text}
    return _turtle_head(used) + _turtle_body(triples, used)


def _turtle_head(prefixes: Mapping[str, str]) -> bytes:
    lines = [f"@prefix {name}: <{namespace}> .\n" for name, namespace in sorted(prefixes.items())]
    return "".join([*lines, "\n"]).encode()


def _turtle_body(triples: bytes, prefixes: Mapping[str, str]) -> bytes:
    written = _rewrite(triples, ox.RdfFormat.TURTLE, prefixes)
    start = 0
    while written.startswith(b"@prefix ", start):
        start = written.index(b"\n", start) + 1
    return written[start:]


def _rdfxml_head(prefixes: Mapping[str, str]) -> bytes:
    names = "".join(
        f" xmlns:{name}={quoteattr(namespace)}" for name, namespace in sorted(prefixes.items())
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{names}>\n'.encode()


def _rdfxml_body(triples: bytes, prefixes: Mapping[str, str]) -> bytes:
    """Return the descriptions; a namespace that has no prefix is declared where it is used."""
    written = _rewrite(triples, ox.RdfFormat.RDF_XML, prefixes)
    start = written.index(b">\n", written.index(b"<rdf:RDF")) + len(b">\n")
    # A bare carriage return is a line end to XML and comes back as a line feed.
    return written[start:].removesuffix(_RDFXML_TAIL).replace(b"\r", b"&#13;")


_RDFXML_TAIL = b"</rdf:RDF>"


def _rewrite(triples: bytes, syntax: ox.RdfFormat, prefixes: Mapping[str, str]) -> bytes:
    parsed = ox.parse(triples, format=ox.RdfFormat.N_TRIPLES)
    result = ox.serialize(parsed, format=syntax, prefixes=dict(prefixes))
    assert result is not None
    return result


@lru_cache(maxsize=8)
def _prefixes(model: Model) -> Mapping[str, str]:
    """Return the prefixes of what the profile can say, one for each namespace.

    Whether a term is shortened must not depend on the data: what comes later is not known yet.
    """
    terms = {PREFIXES["rdf"] + "type", PREFIXES["xsd"] + "string"}
    for kind in model.classes.values():
        terms |= {kind.iri, *(expand(name, model.context_prefixes) for name in kind.types)}
        for each in kind.fields.values():
            terms |= {each.path, each.datatype, each.default}
    for codes in model.codelists.values():
        terms |= {concept.iri for concept in codes.concepts}
    names = {namespace: name for name, namespace in model.prefixes.items()}
    # RDF/XML itself speaks of rdf:about.
    names[PREFIXES["rdf"]] = "rdf"
    return MappingProxyType(
        {
            name: namespace
            for namespace, name in names.items()
            if any(term.startswith(namespace) for term in terms)
        }
    )


@dataclass(frozen=True, slots=True)
class Format:
    """A syntax to publish in: its name, file name ending, media type, and how to write it.

    A dump is its *head*, the bodies of its records with the *separator* between them, its *tail*.
    """

    name: str
    suffix: str
    media_type: str
    syntax: ox.RdfFormat
    head: Callable[[Model], bytes]
    body: Callable[[Model, bytes, Sequence[bytes]], bytes]
    separator: bytes = b""
    tail: bytes = b""


#: Media types as registered at https://www.iana.org/assignments/media-types/
FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "turtle": Format(
            "Turtle",
            "ttl",
            "text/turtle",
            ox.RdfFormat.TURTLE,
            head=lambda model: _turtle_head(_prefixes(model)),
            body=lambda model, triples, _: _turtle_body(triples, _prefixes(model)),
        ),
        # The context stands inside so that a reader needs no network; it is the published one.
        "jsonld": Format(
            "JSON-LD",
            "jsonld",
            "application/ld+json",
            ox.RdfFormat.JSON_LD,
            head=lambda model: (
                b'{"@context":' + msgspec.json.encode(dict(model.context)) + b',\n"@graph":[\n'
            ),
            body=lambda _model, _triples, nodes: b",\n".join(nodes),
            separator=b",\n",
            tail=b"\n]}\n",
        ),
        "ntriples": Format(
            "N-Triples",
            "nt",
            "application/n-triples",
            ox.RdfFormat.N_TRIPLES,
            head=lambda _: b"",
            body=lambda _model, triples, _nodes: triples,
        ),
        "rdfxml": Format(
            "RDF/XML",
            "rdf",
            "application/rdf+xml",
            ox.RdfFormat.RDF_XML,
            head=lambda model: _rdfxml_head(_prefixes(model)),
            body=lambda model, triples, _: _rdfxml_body(triples, _prefixes(model)),
            tail=_RDFXML_TAIL,
        ),
    }
)


#: The syntaxes by file name ending.
SYNTAXES: Mapping[str, ox.RdfFormat] = MappingProxyType(
    {f".{form.suffix}": form.syntax for form in FORMATS.values()}
)

#: The media types of what is published, by file name ending.
MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".atom": "application/atom+xml",
        ".css": "text/css",
        ".csv": "text/csv",
        ".html": "text/html",
        ".json": "application/json",
        ".md": "text/markdown",
        ".rq": "application/sparql-query",
        ".svg": "image/svg+xml",
        ".txt": "text/plain",
        **{f".{form.suffix}": form.media_type for form in FORMATS.values()},
    }
)


def body(model: Model, form: Format, triples: bytes, nodes: Sequence[bytes]) -> bytes:
    """Return what whole records contribute to a dump in the syntax *form*.

    *triples* are theirs as N-Triples, *nodes* the records in canonical form as JSON. No two records
    of a dump have a subject in common. The bodies of pieces, with the separator between those that
    are not empty, are the body of the whole.
    """
    return form.body(model, triples, nodes)


def serialize(model: Model, converted: Iterable[Converted], format: str) -> bytes:
    """Return *converted* in the syntax called *format*, one of FORMATS."""
    form, records = FORMATS[format], tuple(converted)
    nodes = [msgspec.json.encode(each.node) for each in records]
    return form.head(model) + body(model, form, ntriples(records), nodes) + form.tail


def checksum(data: bytes) -> str:
    """Return the SHA-256 of *data* in hexadecimal, as spdx:checksumValue wants it.

    >>> checksum(b"")[:16]
    'e3b0c44298fc1c14'
    """
    return hashlib.sha256(data).hexdigest()


# -- dumps as files


class _Compressor(Protocol):
    def compress(self, data: bytearray, /) -> bytes | bytearray: ...
    def flush(self) -> bytes: ...


class _Plain:
    """Compresses nothing."""

    def compress(self, data: bytearray, /) -> bytearray:
        return data

    def flush(self) -> bytes:
        return b""


@dataclass(frozen=True, slots=True)
class Compression:
    """A way to compress a dump: its name, file name ending and media type, "" for none."""

    name: str
    suffix: str
    media_type: str
    start: Callable[[], _Compressor]


#: Media types of RFC 6713 and RFC 8878. Both compressors give the same bytes on every processor:
#: zlib has one way for all, Zstandard takes vector instructions for matches from level 5 on. ISA-L
#: is four times as fast as zlib, but what it gives depends on the processor.
COMPRESSIONS: Mapping[str, Compression] = MappingProxyType(
    {
        "none": Compression("none", "", "", _Plain),
        # 31: a gzip header, without name and time.
        "gzip": Compression(
            "gzip", ".gz", "application/gzip", lambda: zlib.compressobj(1, zlib.DEFLATED, 31)
        ),
        "zstd": Compression(
            "zstd",
            ".zst",
            "application/zstd",
            lambda: zstandard.ZstdCompressor(level=3, write_checksum=True).compressobj(),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a dump: its path in the release, its size in bytes, SHA-256 and *compression*.

    *media_type* is that of what is compressed in it.
    """

    path: str
    media_type: str
    bytes: int
    sha256: str
    compression: str


#: So many bytes are compressed at a time. What a compressor gives depends on how its input is cut,
#: so it is always cut here. Between blocks a thread waits for its turn: they are not small.
_BLOCK = 2 << 20

#: So many blocks wait for the thread that writes.
_WAITING = 3


class Dump:
    """A dump in one syntax, written with all its *compressions*, names in COMPRESSIONS, at once.

    The bytes do not depend on how the records are cut into calls of `add`. Compressing and writing
    is done in a thread of its own; what goes wrong there is raised by the next call. The thread
    ends with `close`, or with the draft.
    """

    def __init__(
        self, draft: Draft, path: str, model: Model, form: Format, compressions: Sequence[str]
    ) -> None:
        self._model, self._form = model, form
        self._block = bytearray()
        self._started = False
        self._error: BaseException | None = None
        self._given_up = False
        self._queue: Queue[bytearray | None] = Queue(_WAITING)
        self._files = [
            _File(draft, path, form.media_type, COMPRESSIONS[name]) for name in compressions
        ]
        self._thread = threading.Thread(target=self._work, name=f"dump {path}", daemon=True)
        draft.cleanup.callback(self._give_up)
        self._thread.start()
        self._feed(form.head(model))

    def add(self, triples: bytes, nodes: Sequence[bytes]) -> None:
        """Write whole records: their N-Triples, and their canonical forms as JSON, in order."""
        self.add_body(body(self._model, self._form, triples, nodes))

    def add_body(self, body: bytes) -> None:
        """Write records whose body was made elsewhere."""
        if not body:
            return
        if self._started:
            self._feed(self._form.separator)
        self._started = True
        self._feed(body)

    def close(self) -> tuple[Entry, ...]:
        """Return what was written when all of it is on the disk."""
        self._feed(self._form.tail)
        self._queue.put(self._block)
        self._queue.put(None)
        self._thread.join()
        self._raise()
        return tuple(each.entry for each in self._files)

    def _feed(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._raise()
            taken = rest[: _BLOCK - len(self._block)]
            self._block += taken
            rest = rest[len(taken) :]
            if len(self._block) == _BLOCK:
                # After an error too the thread takes what comes, so that nobody waits for ever.
                self._queue.put(self._block)
                self._block = bytearray()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _give_up(self) -> None:
        self._given_up = True
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _work(self) -> None:
        blocks = iter(self._queue.get, None)
        try:
            for block in blocks:
                if not self._given_up:
                    for file in self._files:
                        file.write(block)
            if not self._given_up:
                for file in self._files:
                    file.close()
        except BaseException as error:  # noqa: BLE001  # raised again where the dump is written
            self._error = error
            for _ in blocks:
                pass


class _File:
    """One file of a dump, while it is written."""

    def __init__(self, draft: Draft, path: str, media_type: str, compression: Compression) -> None:
        self._path = path + compression.suffix
        self._media_type = media_type
        self._compression = compression.name
        self._file = draft.open(self._path)
        self._compressor = compression.start()
        self._bytes = 0
        self._hash = hashlib.sha256()

    def write(self, block: bytearray) -> None:
        self._put(self._compressor.compress(block))

    def close(self) -> None:
        self._put(self._compressor.flush())
        self._file.close()

    @property
    def entry(self) -> Entry:
        return Entry(
            self._path, self._media_type, self._bytes, self._hash.hexdigest(), self._compression
        )

    def _put(self, data: bytes | bytearray) -> None:
        self._file.write(data)
        self._hash.update(data)
        self._bytes += len(data)
