"""The dumps: one graph in four syntaxes, whoever reads it."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

import msgspec
import pyoxigraph as ox
import pytest
import rdflib
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from expatlod import dumps
from expatlod.collection import gather
from expatlod.convert import Converted, Converter
from expatlod.dumps import COMPRESSIONS, FORMATS, Dump, Entry, body, ntriples, serialize
from expatlod.errors import PublishError
from expatlod.profile import Model
from expatlod.records.record import Record, Value
from expatlod.release import Draft, replacing

DATA = Path(__file__).resolve().parent.parent / "data"
NAME = "danish-integration-projects"
BASE = "https://example.org/harbour/"
STRING = "http://www.w3.org/2001/XMLSchema#string"

#: Syntax by file name ending, as each reader calls it.
PYOXIGRAPH = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}
RDFLIB = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}

#: What a text can hold that some syntax must escape.
HARD_TEXTS = {
    "double-quotes": 'He "rowed" """all""" day"',
    "single-quotes": "it's ''' quoted'",
    "backslashes": r"C:\new\table \u0041 \\ ends with \ ".rstrip(),
    "newlines": "first line\nsecond line\n\nfourth line\n",
    "carriage-returns": "first line\r\nsecond line\rthird line",
    "tabs": "left\tright",
    "spaces-at-the-ends": "  between spaces  ",
    "angle-brackets": "<b>bold</b> <https://example.org/> <!-- --> <?php ?>",
    "end-of-cdata": "<![CDATA[ text ]]> more ]]>",
    "ampersands": "this & that &amp; &lt; &#10; &bogus;",
    "emoji": "rowing \U0001f6a3\U0001f3fd\u200d\u2640\ufe0f together",
    "combining-letters": "A\u030arhus is not \u00c5rhus",
    "no-break-and-zero-width-spaces": "a\u00a0b\u200bc\ufeffd",
    "right-to-left": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "syntax-of-turtle": "x@da ^^y #z . ; , [] () _:b @prefix p: <q> .",
    "syntax-of-sparql": "?who $what { } SELECT * WHERE",
    "syntax-of-json": '{"@id": "x", "@context": ["y"]}',
    "percent": "100 % of %C3%A6 and %zz",
}

Triples = frozenset[str]


def _refuse(address: str, options: Mapping[str, object]) -> NoReturn:
    raise AssertionError(f"the dump must be readable without {address}")


def _by_pyoxigraph(suffix: str, data: bytes) -> Triples:
    return frozenset(str(quad.triple) for quad in ox.parse(data, format=PYOXIGRAPH[suffix]))


def _by_rdflib(suffix: str, data: bytes) -> Triples:
    def term(value: object) -> ox.NamedNode | ox.BlankNode | ox.Literal:
        if isinstance(value, rdflib.URIRef):
            return ox.NamedNode(str(value))
        if isinstance(value, rdflib.BNode):
            return ox.BlankNode(str(value))
        assert isinstance(value, rdflib.Literal)
        if value.language:
            return ox.Literal(str(value), language=value.language)
        return ox.Literal(str(value), datatype=ox.NamedNode(str(value.datatype or STRING)))

    graph = rdflib.Graph().parse(data=data, format=RDFLIB[suffix])
    return frozenset(f"{term(s)} {term(p)} {term(o)}" for s, p, o in graph)


def _by_pyld(suffix: str, data: bytes) -> Triples:
    assert suffix == "jsonld"
    options = {"format": "application/n-quads", "documentLoader": _refuse}
    return _by_pyoxigraph("nt", jsonld.to_rdf(json.loads(data), options).encode())


READERS: Mapping[str, tuple[str, Callable[[str, bytes], Triples]]] = {
    **{f"{suffix}-by-pyoxigraph": (suffix, _by_pyoxigraph) for suffix in PYOXIGRAPH},
    **{f"{suffix}-by-rdflib": (suffix, _by_rdflib) for suffix in RDFLIB},
    "jsonld-by-pyld": ("jsonld", _by_pyld),
}

each_reader = pytest.mark.parametrize(("suffix", "read"), READERS.values(), ids=READERS)


@pytest.fixture(autouse=True)
def lexical_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "harbour"
    path.mkdir()
    (path / "dataset.yaml").write_text(
        f"""\
id: harbour
type: Dataset
title: {{da: Havnens projekter, en: Projects of the harbour}}
description: {{da: Opdigtede projekter i en havn., en: Invented projects of a harbour.}}
publisher: harbour-office
licence: https://creativecommons.org/licenses/by/4.0/
base: {BASE}
language: [da, en]
""",
        "utf-8",
    )
    (path / "harbour-office.yaml").write_text(
        """\
id: harbour-office
type: Organisation
name: {da: Havnekontoret, en: Harbour Office}
kind: company
""",
        "utf-8",
    )
    return path


def _write_project(folder: Path, more: str) -> None:
    (folder / "rowing.yaml").write_text(
        f"""\
id: rowing
type: Project
title: {{da: Ro sammen, en: Row together}}
kind: project
source: https://example.org/rowing
{more}
""",
        "utf-8",
        newline="",
    )


def _dump(model: Model, folder: Path, suffix: str) -> bytes:
    collection = gather(model, [folder])
    assert collection.findings == ()
    (key,) = (key for key, form in FORMATS.items() if form.suffix == suffix)
    return serialize(model, collection.records, key)


def _about(triples: Iterable[str], subject: str, predicate: str) -> set[str]:
    start = f"<{subject}> <{predicate}> "
    return {triple.removeprefix(start) for triple in triples if triple.startswith(start)}


# The shipped data in each syntax, by file name ending.
@pytest.fixture(scope="module")
def shipped(model: Model) -> Mapping[str, bytes]:
    records = gather(model, [DATA]).records
    return {form.suffix: serialize(model, records, key) for key, form in FORMATS.items()}


@each_reader
def test_every_syntax_of_the_shipped_data_holds_the_same_graph(
    suffix: str, read: Callable[[str, bytes], Triples], shipped: Mapping[str, bytes]
) -> None:
    assert read(suffix, shipped[suffix]) == _by_pyoxigraph("nt", shipped["nt"])


@each_reader
@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_hard_text_is_read_back_as_it_was_written(
    text: str, suffix: str, read: Callable[[str, bytes], Triples], model: Model, folder: Path
) -> None:
    # A JSON string is a double-quoted YAML scalar.
    _write_project(folder, f"note: {{da: {json.dumps(text, ensure_ascii=False)}}}")

    triples = read(suffix, _dump(model, folder, suffix))

    assert _about(
        triples, f"{BASE}id/project/rowing", "http://www.w3.org/2004/02/skos/core#note"
    ) == {str(ox.Literal(text, language="da"))}


@each_reader
@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a?b=1&c='2'&d=%22",
        "https://example.org/~a/(b),c;d=e/$f!*+@g:h#i?j",
        "https://example.org/bådfart/år",
        "https://example.org/%C3%A5/%2F",
        "https://example.org/.../a//b/",
        "urn:isbn:9780000000002",
    ],
)
def test_an_address_is_read_back_as_it_was_written(
    address: str, suffix: str, read: Callable[[str, bytes], Triples], model: Model, folder: Path
) -> None:
    _write_project(folder, f"website: {json.dumps(address, ensure_ascii=False)}")

    triples = read(suffix, _dump(model, folder, suffix))

    assert _about(triples, f"{BASE}id/project/rowing", "http://xmlns.com/foaf/0.1/page") == {
        f"<{address}>"
    }


@each_reader
def test_a_number_is_read_back_with_the_digits_it_was_written_with(
    suffix: str, read: Callable[[str, bytes], Triples], model: Model, folder: Path
) -> None:
    _write_project(folder, "funding: {fundingSource: region, share: 12.50}")

    triples = read(suffix, _dump(model, folder, suffix))

    assert _about(
        triples, f"{BASE}id/project/rowing#funding-1", "https://w3id.org/expatlod/ontology#share"
    ) == {'"12.50"^^<http://www.w3.org/2001/XMLSchema#decimal>'}


@pytest.mark.parametrize("suffix", PYOXIGRAPH)
def test_each_triple_stands_once(suffix: str, shipped: Mapping[str, bytes]) -> None:
    quads = ox.parse(shipped[suffix], format=PYOXIGRAPH[suffix])

    counts = Counter(str(quad.triple) for quad in quads)

    assert {triple: count for triple, count in counts.items() if count > 1} == {}


@pytest.mark.parametrize("suffix", PYOXIGRAPH)
def test_a_value_that_its_author_wrote_twice_stands_once(
    suffix: str, model: Model, folder: Path
) -> None:
    _write_project(folder, "theme: [leisure, housing, leisure]")

    quads = ox.parse(_dump(model, folder, suffix), format=PYOXIGRAPH[suffix])

    themes = [
        str(quad.object)
        for quad in quads
        if quad.predicate == ox.NamedNode("http://purl.org/dc/terms/subject")
    ]
    assert sorted(themes) == [
        "<https://w3id.org/expatlod/code/theme/housing>",
        "<https://w3id.org/expatlod/code/theme/leisure>",
    ]


def test_n_triples_follow_the_records_in_the_order_of_their_files(
    model: Model, folder: Path
) -> None:
    _write_project(folder, "")

    lines = ntriples(gather(model, [folder]).records).decode().splitlines()

    subjects = list(dict.fromkeys(line.partition(" ")[0] for line in lines))
    assert subjects == [
        f"<{BASE}id/organisation/harbour-office>",
        f"<{BASE}id/project/rowing>",
    ]


def test_the_json_ld_dump_holds_the_published_context(release: Path) -> None:
    dump = json.loads((release / f"dump/{NAME}.jsonld").read_bytes())

    published = json.loads((release / "ontology/context.jsonld").read_bytes())
    assert dump["@context"] == published["@context"]


def test_no_published_file_but_the_shapes_holds_a_blank_node(release: Path) -> None:
    files = [
        path
        for path in sorted(release.rglob("*"))
        if path.suffix.removeprefix(".") in PYOXIGRAPH
        and path.relative_to(release).parts[0] != "shapes"
    ]

    holders = {
        path.relative_to(release).as_posix()
        for path in files
        for quad in ox.parse(path=path, format=PYOXIGRAPH[path.suffix.removeprefix(".")])
        for term in (quad.subject, quad.object)
        if isinstance(term, ox.BlankNode)
    }

    assert holders == set()


@pytest.mark.parametrize("path", [f"dump/{NAME}.ttl", "void.ttl", "queries/examples.ttl"])
def test_turtle_shortens_every_term_of_a_namespace_it_declares(path: str, release: Path) -> None:
    prefixes, body = _turtle(release / path)

    spelled_out = {
        iri
        for iri in re.findall("<([^>]*)>", body)
        for namespace in prefixes.values()
        if iri.startswith(namespace) and re.fullmatch(r"\w+", iri.removeprefix(namespace))
    }

    assert spelled_out == set()


@pytest.mark.parametrize("path", [f"dump/{NAME}.ttl", "void.ttl"])
def test_turtle_has_a_prefix_for_every_property(path: str, release: Path) -> None:
    prefixes, _ = _turtle(release / path)

    properties = {
        quad.predicate.value for quad in ox.parse(path=release / path, format=ox.RdfFormat.TURTLE)
    }

    assert {iri for iri in properties if not iri.startswith(tuple(prefixes.values()))} == set()


# The prefixes of a Turtle file, and the rest of it without the texts.
def _turtle(path: Path) -> tuple[dict[str, str], str]:
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', path.read_text("utf-8"))
    declaration = re.compile(r"^@prefix ([a-z-]+): <([^>]*)> \.\n", re.MULTILINE)
    return dict(declaration.findall(text)), declaration.sub("", text)


# -- records one by one


@pytest.mark.parametrize("key", ["turtle", "rdfxml"])
def test_the_prefixes_do_not_depend_on_the_data(key: str, model: Model, folder: Path) -> None:
    _write_project(folder, "")
    form = FORMATS[key]

    none, some = (serialize(model, each, key) for each in ((), gather(model, [folder]).records))

    assert none == form.head(model) + form.tail
    assert some.startswith(form.head(model))


def test_only_prefixes_that_the_profile_can_use_are_declared(model: Model) -> None:
    declared = re.findall("@prefix ([a-z-]+):", FORMATS["turtle"].head(model).decode())

    assert sorted(set(model.prefixes) - set(declared)) == [
        "dqv",
        "ldqd",
        "owl",
        "rec",
        "sh",
        "spdx",
        "spex",
        "vann",
        "void-ext",
    ]


@pytest.mark.parametrize("key", FORMATS)
def test_no_records_are_an_empty_graph(key: str, model: Model) -> None:
    form = FORMATS[key]

    assert body(model, form, b"", []) == b""
    assert not _by_pyoxigraph(form.suffix, serialize(model, (), key))
    assert not _by_rdflib(form.suffix, serialize(model, (), key))


_texts = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Cs"]),
        st.sampled_from("\t\n\r\"'\\<>&;.,@^_:#{}[]()"),
    ),
    min_size=1,
)
_addresses = st.text("aæ/:?#&;=%.,~'()@!$*+-_", max_size=12).map("https://example.org/".__add__)
_projects = st.fixed_dictionaries(
    {"title": st.fixed_dictionaries({"da": _texts, "en": _texts})},
    optional={
        "note": st.dictionaries(st.sampled_from(["da", "en"]), _texts, min_size=1),
        "website": _addresses,
        "source": st.lists(_addresses, min_size=1, max_size=3),
        "period": st.sampled_from(["2012", "2012-03/2014", "2009~/.."]),
        "funding": st.fixed_dictionaries(
            {"fundingSource": st.just("region"), "share": st.sampled_from(["0.50", "7", "100"])}
        ),
        "theme": st.lists(st.sampled_from(["leisure", "housing"]), min_size=1),
    },
)


# Records as they come through the converter, what is faulty in them left out.
def _converted(model: Model, projects: Sequence[Mapping[str, Value]]) -> list[Converted]:
    found = []
    for index, each in enumerate(projects):
        data: dict[str, Value] = {"id": f"p{index}", "type": "Project", **each}
        converted = Converter(model, BASE).convert(Record("p.yaml", data, lambda: ({}, {})))
        assert isinstance(converted, Converted)
        found.append(converted)
    return found


# Triples and canonical forms of the records of each piece.
def _pieces(
    records: Sequence[Converted], cuts: Iterable[int]
) -> list[tuple[bytes, Sequence[bytes]]]:
    ends = sorted({0, len(records), *(cut for cut in cuts if cut < len(records))})
    return [
        (
            ntriples(records[start:end]),
            [msgspec.json.encode(each.node) for each in records[start:end]],
        )
        for start, end in pairwise(ends)
    ]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_projects, min_size=1, max_size=6), st.sets(st.integers(1, 5)))
def test_records_written_in_any_pieces_are_the_same_bytes_and_the_same_graph(
    model: Model, projects: list[dict[str, Value]], cuts: set[int]
) -> None:
    records = _converted(model, projects)
    expected = _by_pyoxigraph("nt", ntriples(records))

    for key, form in FORMATS.items():
        pieces = [body(model, form, *piece) for piece in _pieces(records, cuts)]
        written = form.head(model) + form.separator.join(pieces) + form.tail

        assert written == serialize(model, records, key)
        assert _by_pyoxigraph(form.suffix, written) == expected
        assert _by_rdflib(form.suffix, written) == expected


# -- dumps as files


ALL = ("none", "gzip", "zstd")


@pytest.fixture
def records(model: Model, folder: Path) -> Sequence[Converted]:
    _write_project(folder, f"note: {{da: {json.dumps(HARD_TEXTS['combining-letters'])}}}")
    return gather(model, [folder]).records


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "site" / "public"


# Write a release that is one dump, in pieces; returns what `close` says of its files.
def _publish(
    out: Path,
    model: Model,
    key: str,
    pieces: Iterable[tuple[bytes, Sequence[bytes]]],
    compressions: Sequence[str] = ALL,
) -> tuple[Entry, ...]:
    form = FORMATS[key]
    with replacing(out) as draft:
        dump = Dump(draft, f"dump/harbour.{form.suffix}", model, form, compressions)
        for triples, nodes in pieces:
            dump.add(triples, nodes)
        return dump.close()


def _files(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / "dump").iterdir()}


def _threads() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("dump")]


@pytest.mark.parametrize("key", FORMATS)
def test_a_dump_holds_what_serialize_returns(
    key: str, model: Model, records: Sequence[Converted], out: Path
) -> None:
    _publish(out, model, key, _pieces(records, []))

    assert _files(out)[f"harbour.{FORMATS[key].suffix}"] == serialize(model, records, key)


def test_each_compression_holds_the_same(
    model: Model, records: Sequence[Converted], out: Path
) -> None:
    _publish(out, model, "ntriples", _pieces(records, []))

    files = _files(out)
    assert sorted(files) == ["harbour.nt", "harbour.nt.gz", "harbour.nt.zst"]
    assert gzip.decompress(files["harbour.nt.gz"]) == files["harbour.nt"]
    unpacked = zstandard.ZstdDecompressor().decompressobj().decompress(files["harbour.nt.zst"])
    assert unpacked == files["harbour.nt"]


@pytest.mark.parametrize("tool", ["gzip", "zstd"])
def test_the_usual_tool_unpacks_a_dump(
    tool: str, model: Model, records: Sequence[Converted], out: Path
) -> None:
    assert shutil.which(tool), f"{tool} is missing; `make test` installs it"
    _publish(out, model, "turtle", _pieces(records, []))
    path = out / f"dump/harbour.ttl{COMPRESSIONS[tool].suffix}"

    unpacked = subprocess.run([tool, "-dc", path], check=True, capture_output=True).stdout

    assert unpacked == serialize(model, records, "turtle")


@pytest.mark.parametrize("key", FORMATS)
@pytest.mark.parametrize("block", [1, 100, 1 << 20])
def test_the_files_do_not_depend_on_how_the_records_are_cut(
    key: str,
    block: int,
    model: Model,
    records: Sequence[Converted],
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dumps, "_BLOCK", block)

    _publish(out, model, key, _pieces(records, []))
    _publish(out.parent / "again", model, key, [(b"", []), *_pieces(records, [1]), (b"", [])])

    assert _files(out.parent / "again") == _files(out)


def test_a_body_made_elsewhere_is_written_as_if_made_here(
    model: Model, records: Sequence[Converted], out: Path
) -> None:
    form = FORMATS["jsonld"]

    with replacing(out) as draft:
        dump = Dump(draft, "dump/harbour.jsonld", model, form, ["none"])
        for piece in [(b"", []), *_pieces(records, [1]), (b"", [])]:
            dump.add_body(body(model, form, *piece))
        dump.close()

    assert _files(out)["harbour.jsonld"] == serialize(model, records, "jsonld")


# RFC 1952, section 2.3: flags, time.
def test_gzip_tells_neither_name_nor_time(
    model: Model, records: Sequence[Converted], out: Path
) -> None:
    _publish(out, model, "ntriples", _pieces(records, []), ["gzip"])

    assert _files(out)["harbour.nt.gz"][:8] == b"\x1f\x8b\x08\0\0\0\0\0"


@pytest.mark.parametrize("compressions", [ALL, ("none",), ("zstd",), ("zstd", "gzip")])
def test_the_files_of_a_dump_are_told_in_the_order_asked_for(
    compressions: Sequence[str], model: Model, records: Sequence[Converted], out: Path
) -> None:
    entries = _publish(out, model, "turtle", _pieces(records, []), compressions)

    files = _files(out)
    names = [f"harbour.ttl{COMPRESSIONS[name].suffix}" for name in compressions]
    assert sorted(files) == sorted(names)
    assert list(entries) == [
        Entry(
            f"dump/{name}",
            "text/turtle",
            len(files[name]),
            hashlib.sha256(files[name]).hexdigest(),
            compression,
        )
        for name, compression in zip(names, compressions, strict=True)
    ]


def test_a_dump_without_records_is_a_dump(model: Model, out: Path) -> None:
    _publish(out, model, "jsonld", [])

    assert _by_pyoxigraph("jsonld", _files(out)["harbour.jsonld"]) == frozenset()


class _FullFile:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def write(self, data: bytes) -> int:
        raise self.error


@pytest.mark.parametrize("error", [OSError("no room"), MemoryError(), ZeroDivisionError()])
def test_what_goes_wrong_in_the_thread_is_raised_where_the_dump_is_written(
    error: Exception, model: Model, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dumps, "_BLOCK", 100)
    monkeypatch.setattr(Draft, "open", lambda *_: _FullFile(error))
    out.mkdir(parents=True)
    draft = Draft(out)

    def write() -> None:
        dump = Dump(draft, "a.nt", model, FORMATS["ntriples"], ALL)
        for _ in range(1000):
            dump.add_body(b"x" * 1000)
        dump.close()

    with pytest.raises(type(error)) as caught, draft.cleanup:
        write()

    assert caught.value is error
    assert _threads() == []


def test_what_goes_wrong_at_the_very_end_is_raised_too(
    model: Model, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Draft, "open", lambda *_: _FullFile(OSError("no room")))
    out.mkdir(parents=True)
    draft = Draft(out)

    with pytest.raises(OSError, match="no room"), draft.cleanup:
        Dump(draft, "a.nt", model, FORMATS["ntriples"], ALL).close()

    assert _threads() == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_no_thread_and_no_file_survives_what_stops_the_work(
    error: type[BaseException], model: Model, out: Path
) -> None:
    def stop(draft: Draft) -> None:
        opened = [Dump(draft, f"a.{form.suffix}", model, form, ALL) for form in FORMATS.values()]
        for dump in opened:
            dump.add_body(b"x" * 20_000_000)
        raise error

    with pytest.raises(error), replacing(out) as draft:
        stop(draft)

    assert _threads() == []
    assert list(out.parent.iterdir()) == []


def test_a_dump_that_is_not_closed_is_not_published(model: Model, out: Path) -> None:
    with pytest.raises(PublishError, match="has changed"), replacing(out) as draft:
        Dump(draft, "a.nt", model, FORMATS["ntriples"], ALL)

    assert not out.exists()


_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")

# Twelve million bytes on a disk for six; bytes that a compressor cannot make fewer.
_TOO_MUCH = """
import random, sys, threading
from pathlib import Path
from expatlod.dumps import FORMATS, Dump
from expatlod.errors import PublishError
from expatlod.profile import load
from expatlod.release import replacing
from expatlod.resources import default_profile
out, model = Path(sys.argv[1]), load(default_profile())
with replacing(out) as draft:
    draft.write("manifest.json", b'{"generator": "expatlod", "files": []}')
try:
    with replacing(out) as draft:
        dump = Dump(draft, "a.nt", model, FORMATS["ntriples"], ["none", "gzip", "zstd"])
        for number in range(40):
            dump.add_body(random.Random(number).randbytes(100_000))
        dump.close()
except PublishError as error:
    print(error)
print(threading.active_count(), *(path.relative_to(out.parent) for path in out.parent.rglob("*")))
"""

# The disk is the first argument.
_SMALL_DISK = 'mount -t tmpfs -o size=6m tmpfs "$1" || exit 99; shift; exec "$@"'

# In bash, blocks of 1024 bytes; in dash they are smaller.
_SMALL_FILES = 'shift; ulimit -f 3000; exec "$@"'


@pytest.mark.parametrize(
    ("shell", "script", "why"),
    [
        (_NAMESPACE, _SMALL_DISK, "No space left on device"),
        ((), _SMALL_FILES, "File too large"),
    ],
    ids=["disk", "limit"],
)
def test_a_dump_that_does_not_fit_leaves_the_old_release(
    shell: Sequence[str], script: str, why: str, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    command = [sys.executable, "-c", _TOO_MUCH, disk / "public"]

    done = subprocess.run(
        [*shell, "bash", "-c", script, "bash", disk, *command],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )

    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip("no disk of our own is permitted")
    assert done.stdout == (
        f"{disk}/public: the release could not be written: {why}; "
        "what stood there before is untouched\n"
        "1 public public/manifest.json\n"
    )


_MUCH = """
import resource, sys
from pathlib import Path
from expatlod.dumps import FORMATS, Dump
from expatlod.profile import load
from expatlod.release import replacing
from expatlod.resources import default_profile
model = load(default_profile())
line = b'<https://example.org/%d> <https://example.org/p> "%d" .\\n'
piece = b"".join(line % (number, number) for number in range(10_000))
def highest():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = highest()
with replacing(Path(sys.argv[1])) as draft:
    dump = Dump(draft, "a.nt", model, FORMATS["ntriples"], ["none", "gzip", "zstd"])
    for _ in range(200_000_000 // len(piece)):
        dump.add_body(piece)
    dump.close()
print(highest() - before)
"""


def test_a_dump_of_200_megabytes_is_written_in_little_memory(out: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _MUCH, out], check=True, capture_output=True, timeout=120
    )

    assert int(done.stdout) < 60
