"""The dumps: one graph in four syntaxes, whoever reads it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NoReturn

import pyoxigraph as ox
import pytest
import rdflib
from pyld import jsonld

from expatlod.collection import gather
from expatlod.dumps import FORMATS, ntriples, serialize
from expatlod.profile import Model

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


@each_reader
def test_every_syntax_of_the_shipped_data_holds_the_same_graph(
    suffix: str, read: Callable[[str, bytes], Triples], release: Path
) -> None:
    reference = _by_pyoxigraph("nt", (release / f"dump/{NAME}.nt").read_bytes())

    assert read(suffix, (release / f"dump/{NAME}.{suffix}").read_bytes()) == reference


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
def test_each_triple_stands_once(suffix: str, release: Path) -> None:
    quads = ox.parse(path=release / f"dump/{NAME}.{suffix}", format=PYOXIGRAPH[suffix])

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
        if path.suffix.removeprefix(".") in PYOXIGRAPH and path.parent.name != "shapes"
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
    declaration = re.compile(r"^@prefix ([a-z]+): <([^>]*)> \.\n", re.MULTILINE)
    return dict(declaration.findall(text)), declaration.sub("", text)
