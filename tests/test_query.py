"""Questions put to a dump, a release and an endpoint: every form, every format, every failure."""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from threading import Thread
from urllib.error import URLError
from urllib.request import urlopen
from xml.etree.ElementTree import canonicalize

import pyoxigraph as ox
import pytest

from expatlod.answers import write
from expatlod.endpoint import ask_endpoint
from expatlod.errors import QueryError, UsageError
from expatlod.examples import examples, parse_term
from expatlod.profile import Model
from expatlod.query import Answer, ask_store, open_store, rows
from expatlod.resources import default_profile
from expatlod.sparql import refuse_service, with_values

#: Runs `expatlod` in a process of its own, see conftest.py.
Command = Callable[..., subprocess.CompletedProcess[str]]

DCT = "http://purl.org/dc/terms/"
XSD = "http://www.w3.org/2001/XMLSchema#"
PROJECT = "https://w3id.org/expatlod/id/project/"

A, B = "https://example.org/a", "https://example.org/b"

DUMP = f"""\
<{A}> <{DCT}title> "Harbour"@en .
<{A}> <{DCT}title> "Havn"@da .
<{A}> <https://example.org/size> "12"^^<{XSD}integer> .
<{B}> <{DCT}title> "Marsk, \\"våd\\""@da .
"""

SELECT = f"""\
SELECT ?thing ?title ?size
WHERE {{
  ?thing <{DCT}title> ?title .
  OPTIONAL {{ ?thing <https://example.org/size> ?size }}
  # The codelists that join a dump have titles too.
  FILTER(STRSTARTS(STR(?thing), "https://example.org/"))
}}
ORDER BY ?thing ?title
"""
ASK = f'ASK {{ ?thing <{DCT}title> "Havn"@da }}'
CONSTRUCT = f"CONSTRUCT {{ ?thing <{DCT}title> ?title }} WHERE {{ ?thing <{DCT}title> ?title }}"
DESCRIBE = f"DESCRIBE <{A}>"


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "dump.nt"
    path.write_text(DUMP, "utf-8")
    return path


@pytest.fixture
def store() -> ox.Store:
    store = ox.Store()
    store.extend(ox.parse(DUMP, format=ox.RdfFormat.N_TRIPLES))
    return store


@pytest.fixture
def query_file(tmp_path: Path) -> Callable[[str], Path]:
    def create(text: str) -> Path:
        path = tmp_path / "question.rq"
        path.write_bytes(text.encode())
        return path

    return create


@pytest.fixture(scope="module")
def endpoint(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real SPARQL server with the release in it."""
    program = Path(sys.executable).with_name("oxigraph")
    folder = tmp_path_factory.mktemp("oxigraph")
    paths = [*release.glob("dump/*.nt"), *release.glob("ontology/**/*.ttl")]
    subprocess.run(
        [program, "load", "--location", folder / "store", "--file", *paths],
        check=True,
        capture_output=True,
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [program, "serve", "--location", folder / "store", "--bind", address],
            stdout=log,
            stderr=log,
        )
    try:
        for _ in range(300):
            assert server.poll() is None, (folder / "log").read_text()
            with suppress(URLError, OSError), urlopen(f"http://{address}/query?query=ASK%7B%7D"):
                break
            time.sleep(0.1)
        yield f"http://{address}/query"
    finally:
        server.terminate()
        server.wait()


@dataclass
class Canned:
    """A server that answers every request with the same bytes, and keeps the requests."""

    listener: socket.socket
    answer: bytes
    drip: float = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/query"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.settimeout(30)
                self.requests.append(_request(connection))
                if not self.drip:
                    connection.sendall(self.answer)
                    continue
                for byte in self.answer:
                    connection.sendall(bytes([byte]))
                    time.sleep(self.drip)


def _request(connection: socket.socket) -> bytes:
    """Read a whole request, so that closing the connection does not reset it."""
    data = b""
    while True:
        more = connection.recv(65536)
        data += more
        head, end, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if not more or (end and len(body) >= int(length[1] if length else 0)):
            return data


@pytest.fixture
def canned() -> Iterator[Callable[..., Canned]]:
    with ExitStack() as stack:

        def start(answer: bytes, drip: float = 0) -> Canned:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            server = Canned(listener, answer, drip)
            thread = Thread(target=server.serve)
            thread.start()
            stack.callback(thread.join)
            stack.callback(listener.shutdown, socket.SHUT_RDWR)
            return server

        yield start


def http(status: str, media_type: str, body: bytes, length: int | None = None) -> bytes:
    """Return an HTTP answer; with a length of -1 it does not say how long its body is."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nConnection: close\r\n"
    if length != -1:
        head += f"Content-Length: {len(body) if length is None else length}\r\n"
    return head.encode() + b"\r\n" + body


def written(answer: Answer, format: str, model: Model) -> bytes:
    out = BytesIO()
    write(answer, format, model, out)
    return out.getvalue()


# -- where the data is


def test_a_release_is_asked_with_its_own_codelists(release: Path) -> None:
    store = open_store(release, default_profile())

    answer = ask_store(
        store,
        f"""SELECT ?title ?kind WHERE {{
          <{PROJECT}expat-dinner> <{DCT}title> ?title ;
            <{DCT}type>/<http://www.w3.org/2004/02/skos/core#prefLabel> ?kind .
          FILTER(LANG(?title) = "en" && LANG(?kind) = "en") }}""",
    )

    assert isinstance(answer, ox.QuerySolutions)
    assert rows(answer) == [["title", "kind"], ["Expat Dinner", "Concept"]]


@pytest.mark.parametrize("ending", ["nt", "ttl", "jsonld", "rdf"])
def test_a_dump_is_asked_in_each_syntax(release: Path, tmp_path: Path, ending: str) -> None:
    (dump,) = release.glob("dump/*.nt")
    path = tmp_path / f"dump.{ending}"
    syntax = ox.RdfFormat.from_extension(ending)
    assert syntax is not None
    ox.serialize(ox.parse(path=dump), path, format=syntax)
    (example,) = (each for each in examples(release / "queries") if each.name.startswith("02-"))

    answer = ask_store(open_store(path, default_profile()), example.text)

    assert isinstance(answer, ox.QuerySolutions)
    assert rows(answer) == example.expected()


NO_RELEASE = (
    "no release and no store here (no dump/*.nt, no store.json); run 'expatlod publish' first, "
    "or name a dump"
)
NO_DUMP = "not a dump that is known by its ending (.nt, .ttl, .jsonld, .rdf, each also .gz or .zst)"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("public", None, "nothing here; run 'expatlod publish' first, or name a dump"),
        (
            "folder/",
            None,
            NO_RELEASE,
        ),
        ("notes.txt", "hello", NO_DUMP),
    ],
    ids=["missing", "no-release", "foreign-file"],
)
def test_a_path_without_data_is_named(
    expatlod: Command, tmp_path: Path, name: str, content: str | None, message: str
) -> None:
    if name.endswith("/"):
        (tmp_path / name).mkdir()
    if content is not None:
        (tmp_path / name).write_text(content)

    result = expatlod("query", "run", "--file", "-", "--data", name.rstrip("/"), input=ASK)

    shown = name.rstrip("/")
    assert (result.stdout, result.stderr) == ("", f"expatlod: {shown}: {message}\n")
    assert result.returncode == 2


def test_a_broken_dump_is_told_with_its_line(expatlod: Command, tmp_path: Path) -> None:
    (tmp_path / "broken.nt").write_text(DUMP + "<urn:a:b> nonsense\n", "utf-8")

    result = expatlod("query", "run", "--file", "-", "--data", "broken.nt", input=ASK)

    told = re.compile(r"expatlod: broken\.nt: cannot be read: .*\bline 5\b.*\n")
    assert told.fullmatch(result.stderr), result.stderr
    assert (result.stdout, result.returncode) == ("", 2)


# -- forms of answer


def test_the_table_is_aligned_and_counted(expatlod: Command, dump: Path) -> None:
    result = expatlod("query", "run", "--file", "-", "--data", dump, input=SELECT)

    assert result.stdout == (
        "thing                  title         size\n"
        "---------------------  ------------  ----\n"
        "https://example.org/a  Harbour       12\n"
        "https://example.org/a  Havn          12\n"
        'https://example.org/b  Marsk, "våd"\n'
        "(3 rows)\n"
    )
    assert (result.stderr, result.returncode) == ("", 0)


def test_the_table_shortens_iris_it_has_a_prefix_for(expatlod: Command, dump: Path) -> None:
    question = f"SELECT DISTINCT ?p WHERE {{ <{B}> ?p ?title }}"

    result = expatlod("query", "run", "--file", "-", "--data", dump, input=question)

    assert result.stdout == "p\n---------\ndct:title\n(1 row)\n"


def test_an_empty_table_has_its_head(expatlod: Command, dump: Path) -> None:
    question = "SELECT ?nothing WHERE { ?nothing a <urn:x:nothing> }"

    result = expatlod("query", "run", "--file", "-", "--data", dump, input=question)

    assert result.stdout == "nothing\n-------\n(0 rows)\n"


def test_a_text_of_two_lines_stays_on_its_row(expatlod: Command, dump: Path) -> None:
    question = 'SELECT ?text WHERE { BIND("one\\ntwo" AS ?text) }'

    result = expatlod("query", "run", "--file", "-", "--data", dump, input=question)

    assert len(result.stdout.splitlines()) == len(["head", "line", "row", "count"])


def test_csv_is_that_of_sparql(store: ox.Store, model: Model) -> None:
    assert written(ask_store(store, SELECT), "csv", model).decode() == (
        "thing,title,size\r\n"
        "https://example.org/a,Harbour,12\r\n"
        "https://example.org/a,Havn,12\r\n"
        'https://example.org/b,"Marsk, ""våd""",\r\n'
    )


def test_tsv_is_that_of_sparql(store: ox.Store, model: Model) -> None:
    assert written(ask_store(store, SELECT), "tsv", model).decode() == (
        "?thing\t?title\t?size\n"
        '<https://example.org/a>\t"Harbour"@en\t12\n'
        '<https://example.org/a>\t"Havn"@da\t12\n'
        '<https://example.org/b>\t"Marsk, \\"våd\\""@da\t\n'
    )


def test_json_is_that_of_sparql(store: ox.Store, model: Model) -> None:
    def title(text: str, language: str) -> dict[str, str]:
        return {"type": "literal", "value": text, "xml:lang": language}

    size = {"type": "literal", "value": "12", "datatype": f"{XSD}integer"}

    assert json.loads(written(ask_store(store, SELECT), "json", model)) == {
        "head": {"vars": ["thing", "title", "size"]},
        "results": {
            "bindings": [
                {
                    "thing": {"type": "uri", "value": A},
                    "title": title("Harbour", "en"),
                    "size": size,
                },
                {"thing": {"type": "uri", "value": A}, "title": title("Havn", "da"), "size": size},
                {"thing": {"type": "uri", "value": B}, "title": title('Marsk, "våd"', "da")},
            ]
        },
    }


def test_xml_is_that_of_sparql(store: ox.Store, model: Model) -> None:
    def row(thing: str, text: str, language: str, size: str) -> str:
        return (
            f'<result><binding name="thing"><uri>{thing}</uri></binding>'
            f'<binding name="title"><literal xml:lang="{language}">{text}</literal></binding>'
            f"{size}</result>"
        )

    size = f'<binding name="size"><literal datatype="{XSD}integer">12</literal></binding>'
    expected = (
        '<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>'
        '<variable name="thing"/><variable name="title"/><variable name="size"/></head><results>'
        + row(A, "Harbour", "en", size)
        + row(A, "Havn", "da", size)
        + row(B, 'Marsk, "våd"', "da", "")
        + "</results></sparql>"
    )

    found = written(ask_store(store, SELECT), "xml", model).decode()

    assert canonicalize(found) == canonicalize(expected)


@pytest.mark.parametrize("format", ["table", "csv", "tsv"])
def test_yes_or_no_is_a_word(store: ox.Store, model: Model, format: str) -> None:
    assert written(ask_store(store, ASK), format, model).split() == [b"true"]


def test_yes_or_no_is_a_boolean_in_json(store: ox.Store, model: Model) -> None:
    assert json.loads(
        written(ask_store(store, "ASK { <urn:a:a> a <urn:a:a> }"), "json", model)
    ) == {
        "head": {},
        "boolean": False,
    }


def test_yes_or_no_is_a_boolean_in_xml(store: ox.Store, model: Model) -> None:
    found = written(ask_store(store, ASK), "xml", model).decode()

    assert canonicalize(found) == canonicalize(
        '<sparql xmlns="http://www.w3.org/2005/sparql-results#">'
        "<head/><boolean>true</boolean></sparql>"
    )


@pytest.mark.parametrize("format", ["table", "turtle"])
@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (CONSTRUCT, {line for line in DUMP.splitlines() if "title" in line}),
        (DESCRIBE, {line for line in DUMP.splitlines() if line.startswith(f"<{A}>")}),
    ],
    ids=["construct", "describe"],
)
def test_triples_are_turtle(
    store: ox.Store, model: Model, question: str, expected: set[str], format: str
) -> None:
    found = written(ask_store(store, question), format, model)

    triples = ox.parse(found, format=ox.RdfFormat.TURTLE)
    assert {f"{quad.triple} ." for quad in triples} == expected


def test_turtle_declares_the_prefixes_it_uses(store: ox.Store, model: Model) -> None:
    found = written(ask_store(store, CONSTRUCT), "turtle", model).decode()

    declared = [line for line in found.splitlines() if line.startswith("@prefix")]
    assert declared == ["@prefix dct: <http://purl.org/dc/terms/> ."]


@pytest.mark.parametrize("format", ["csv", "tsv", "json", "xml"])
@pytest.mark.parametrize("question", [CONSTRUCT, DESCRIBE], ids=["construct", "describe"])
def test_triples_are_no_rows(store: ox.Store, model: Model, question: str, format: str) -> None:
    with pytest.raises(UsageError) as caught:
        written(ask_store(store, question), format, model)

    assert str(caught.value) == (
        f"the query answers with triples; --format {format} cannot hold them"
    )


def test_rows_are_no_turtle(expatlod: Command, dump: Path) -> None:
    result = expatlod("query", "run", "--file", "-", "--data", dump, "-f", "turtle", input=SELECT)

    assert result.stderr == (
        "expatlod: the query answers with rows; --format turtle cannot hold them\n"
    )
    assert (result.stdout, result.returncode) == ("", 2)


def test_yes_or_no_is_no_turtle(store: ox.Store, model: Model) -> None:
    with pytest.raises(UsageError):
        written(ask_store(store, ASK), "turtle", model)


# -- a query that cannot be answered


def test_a_syntax_error_is_one_line(expatlod: Command, dump: Path) -> None:
    result = expatlod("query", "run", "--file", "-", "--data", dump, input="SELECT ?x WHERE { ?x a")

    told = re.compile(r"expatlod: the query was not answered: error at 1:23: .+\n")
    assert told.fullmatch(result.stderr), result.stderr
    assert (result.stdout, result.returncode) == ("", 2)


@pytest.mark.parametrize(
    "text",
    ["INSERT DATA { <urn:a:a> <urn:a:a> 1 }", "", "# nothing\n"],
    ids=["update", "empty", "comment"],
)
def test_what_is_no_query_is_one_line(expatlod: Command, dump: Path, text: str) -> None:
    result = expatlod("query", "run", "--file", "-", "--data", dump, input=text)

    told = re.compile(r"expatlod: the query was not answered: .+\n")
    assert told.fullmatch(result.stderr), result.stderr
    assert (result.stdout, result.returncode) == ("", 2)


def test_a_query_that_is_not_utf8_is_named(expatlod: Command, dump: Path, tmp_path: Path) -> None:
    (tmp_path / "latin.rq").write_bytes('ASK { ?s ?p "Næstved" }'.encode("latin-1"))

    result = expatlod("query", "run", "--file", "latin.rq", "--data", dump)

    assert result.stderr == "expatlod: latin.rq: not UTF-8; save the query as UTF-8\n"
    assert result.returncode == 2


def test_standard_input_that_is_not_utf8_is_named(dump: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "expatlod", "query", "run", "--file", "-", "--data", str(dump)],
        input='ASK { ?s ?p "Næstved" }'.encode("latin-1"),
        capture_output=True,
    )

    assert result.stderr == b"expatlod: -: not UTF-8; save the query as UTF-8\n"
    assert result.returncode == 2


# -- parameters

PATTERN = f"?thing <{DCT}title> ?title"


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT ?thing WHERE {{ {PATTERN} }}",
        f"select ?thing where{{{PATTERN}}}",
        f"SELECT ?thing {{ {PATTERN} }}",
        f"SELECT*{{ {PATTERN} }}",
        f"SELECT $thing WHERE {{ {PATTERN} }}",
        f"# {{ it's }}\nSELECT ?thing # WHERE {{\nWHERE {{ {PATTERN} }}",
        f'SELECT ?thing ("{{" AS ?x) WHERE {{ {PATTERN} }}',
        f"""SELECT ?thing ('\\'{{' AS ?x) WHERE {{ {PATTERN} }}""",
        f'SELECT ?thing ("""\n"{{" """ AS ?x) WHERE {{ {PATTERN} }}',
        f'SELECT ?thing ("""\\""" {{ """ AS ?x) WHERE {{ {PATTERN} }}',
        f"PREFIX e: <https://example.org/#e> SELECT ?thing WHERE {{ {PATTERN} }}",
        f"BASE <https://example.org/#> SELECT ?thing WHERE {{ {PATTERN} }}",
        f"PREFIX where: <urn:w:> SELECT ?thing WHERE {{ {PATTERN} }}",
        f"PREFIX construct: <urn:c:> SELECT ?thing WHERE {{ {PATTERN} }}",
        f"SELECT ?thing ?construct {{ {PATTERN} }}",
        f"SELECT ?thing (1<2&&3>2 AS ?x) WHERE {{ {PATTERN} }}",
        f"SELECT ?thing WHERE {{ {{ SELECT ?thing WHERE {{ {PATTERN} }} }} }}",
        f"SELECT ?thing (EXISTS {{ ?thing ?p ?o }} AS ?x) WHERE {{ {PATTERN} }}",
        f"SELECT ?thing WHERE {{ {PATTERN} }} VALUES ?title {{ 'Marsh' 'Harbour' }}",
        f"SELECT ?thing WHERE {{ {{ {PATTERN} }} UNION {{ {PATTERN} }} }} GROUP BY ?thing",
    ],
    ids=[
        "plain",
        "lower-case-without-spaces",
        "without-where",
        "star-without-space",
        "dollar",
        "brace-in-comments",
        "brace-in-string",
        "brace-after-escaped-quote",
        "brace-in-long-string",
        "brace-after-escaped-quote-in-long-string",
        "hash-in-iri",
        "hash-in-base",
        "prefix-where",
        "prefix-construct",
        "variable-construct",
        "less-than",
        "subselect",
        "exists-in-the-head",
        "values-at-the-end",
        "union",
    ],
)
def test_a_parameter_restricts_the_rows(text: str) -> None:
    store = _labels()

    answer = ask_store(store, text, bindings={"thing": ox.NamedNode(B)})

    assert isinstance(answer, ox.QuerySolutions)
    assert [solution["thing"] for solution in answer] == [ox.NamedNode(B)]


def _labels() -> ox.Store:
    store = ox.Store()
    for iri, title in ((A, "Harbour"), (B, "Marsh")):
        store.add(ox.Quad(ox.NamedNode(iri), ox.NamedNode(f"{DCT}title"), ox.Literal(title)))
    return store


@pytest.mark.parametrize(
    "text",
    [
        f"CONSTRUCT {{ {PATTERN} }} WHERE {{ {PATTERN} }}",
        f"CONSTRUCT {{ {PATTERN} }} {{ {PATTERN} }}",
        f"CONSTRUCT WHERE {{ {PATTERN} }}",
        f"PREFIX where: <urn:w:> CONSTRUCT {{ {PATTERN} }} WHERE {{ {PATTERN} }}",
        f"PREFIX construct: <urn:c:> CONSTRUCT {{ {PATTERN} }} WHERE {{ {PATTERN} }}",
        f"CONSTRUCT {{ {PATTERN} . # }} WHERE {{\n }} WHERE {{ {PATTERN} }}",
        f"DESCRIBE ?thing WHERE {{ {PATTERN} }}",
    ],
    ids=[
        "template",
        "template-without-where",
        "short-form",
        "prefix-where",
        "prefix-construct",
        "comment-in-template",
        "describe",
    ],
)
def test_a_parameter_restricts_the_triples(text: str) -> None:
    answer = ask_store(_labels(), text, bindings={"thing": ox.NamedNode(B)})

    assert isinstance(answer, ox.QueryTriples)
    expected = ox.Triple(ox.NamedNode(B), ox.NamedNode(f"{DCT}title"), ox.Literal("Marsh"))
    assert list(answer) == [expected]


def test_a_parameter_decides_yes_or_no() -> None:
    text = f"ASK {{ {PATTERN} }}"

    found = [
        bool(ask_store(_labels(), text, bindings={"thing": ox.NamedNode(iri)}))
        for iri in (A, "https://example.org/c")
    ]

    assert found == [True, False]


@pytest.mark.parametrize(
    "title",
    ['x" } UNION { ?thing ?p ?title } #', "x' }", "back\\slash", "two\nlines", "x\\u0022 }", "Å\t"],
    ids=["quote", "apostrophe", "backslash", "newline", "escape", "tab"],
)
def test_a_value_cannot_break_out_of_its_quotes(title: str) -> None:
    store = _labels()
    store.add(ox.Quad(ox.NamedNode("urn:c:c"), ox.NamedNode(f"{DCT}title"), ox.Literal(title)))

    answer = ask_store(
        store, f"SELECT ?thing WHERE {{ {PATTERN} }}", bindings={"title": ox.Literal(title)}
    )

    assert isinstance(answer, ox.QuerySolutions)
    assert rows(answer) == [["thing"], ["urn:c:c"]]


def test_two_parameters_belong_together() -> None:
    text = f"SELECT ?thing ?title WHERE {{ {PATTERN} }}"

    found = [
        rows(ask_store(_labels(), text, bindings={"thing": ox.NamedNode(B), "title": title}))[1:]
        for title in (ox.Literal("Marsh"), ox.Literal("Harbour"))
    ]

    assert found == [[[B, "Marsh"]], []]


def test_a_query_without_parameters_is_left_alone() -> None:
    assert with_values(DESCRIBE, {}) == DESCRIBE


def test_a_query_without_a_place_for_parameters_is_refused() -> None:
    with pytest.raises(QueryError) as caught:
        with_values(DESCRIBE, {"thing": ox.NamedNode(B)})

    assert str(caught.value) == "the query has no WHERE clause to bind its parameters in"


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("<https://example.org/>", ox.NamedNode("https://example.org/")),
        ("https://example.org/", ox.NamedNode("https://example.org/")),
        ('"Marsk"@da', ox.Literal("Marsk", language="da")),
        (f'"2012"^^<{XSD}integer>', ox.Literal("2012", datatype=ox.NamedNode(f"{XSD}integer"))),
        ('"a \\"b\\""', ox.Literal('a "b"')),
        ("Marsk", ox.Literal("Marsk")),
    ],
    ids=["iri", "bare-iri", "language", "datatype", "quotes", "word"],
)
def test_a_term_is_written_as_in_ntriples(text: str, term: ox.NamedNode | ox.Literal) -> None:
    assert parse_term(text, "place") == term


@pytest.mark.parametrize(
    "text",
    [
        "<place/157>",
        "<https://example.org/a b>",
        "https://example.org/a b",
        '"open',
        '"a" . <urn:a:a> <urn:a:a> "b"',
        '"a"^^date',
        "<urn:a:a> #",
    ],
    ids=[
        "relative",
        "space-in-brackets",
        "space",
        "open-quote",
        "two-triples",
        "no-datatype",
        "comment",
    ],
)
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_term(text, "place")

    assert str(caught.value) == (
        f"parameter place: {text} is not an RDF term; "
        f'write <https://…>, "text" or "2012-06-01"^^<{XSD}date>'
    )


# -- SERVICE

CALLS = {
    "plain": "SELECT * { SERVICE <@> { ?s ?p ?o } }",
    "lower-case": "select * { service <@> { ?s ?p ?o } }",
    "silent-without-spaces": "SELECT*{SERVICE SILENT<@>{?s ?p ?o}}",
    "optional": "SELECT * { BIND(1 AS ?x) OPTIONAL { SERVICE <@> { ?s ?p ?o } } }",
    "subselect": "SELECT * { { SELECT ?s { SERVICE <@> { ?s ?p ?o } } } }",
    "union": "SELECT * { { } UNION { SERVICE <@> { ?s ?p ?o } } }",
    "minus": "ASK { BIND(1 AS ?s) MINUS { SERVICE <@> { ?s ?p ?o } } }",
    "graph": "ASK { GRAPH ?g { SERVICE <@> { ?s ?p ?o } } }",
    "exists": "ASK { FILTER EXISTS { SERVICE <@> { ?s ?p ?o } } }",
    "not-exists-in-bind": "ASK { BIND(NOT EXISTS { SERVICE <@> { ?s ?p ?o } } AS ?x) }",
    "exists-in-the-head": "SELECT (EXISTS { SERVICE <@> { ?s ?p ?o } } AS ?x) { }",
    "exists-in-order": "SELECT * { } ORDER BY (EXISTS { SERVICE <@> { ?s ?p ?o } })",
    "variable": "SELECT * { VALUES ?e { <@> } SERVICE ?e { ?s ?p ?o } }",
    "construct": "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <@> { ?s ?p ?o } }",
    "describe": "DESCRIBE ?s WHERE { SERVICE <@> { ?s ?p ?o } }",
    "after-string-with-hash": 'SELECT * { BIND("#" AS ?x) SERVICE <@> { ?s ?p ?o } }',
    "after-escaped-backslash": 'SELECT * { BIND("\\\\" AS ?x) SERVICE <@> { ?s ?p ?o } # "\n}',
    "after-comment-ended-by-carriage-return": "SELECT * { # x\rSERVICE <@> { ?s ?p ?o } # y\n}",
}


@pytest.mark.parametrize("text", CALLS.values(), ids=CALLS)
def test_a_query_that_calls_another_server_is_refused(
    canned: Callable[..., Canned], text: str
) -> None:
    server = canned(http("500 No", "text/plain", b""))

    with pytest.raises(QueryError) as caught:
        list(ask_store(ox.Store(), text.replace("@", server.address)))  # type: ignore[arg-type]

    assert server.requests == []
    assert str(caught.value).endswith("; run it with --allow-service if it may")


def test_a_refused_query_is_told_on_one_line(expatlod: Command, dump: Path) -> None:
    text = "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"

    result = expatlod("query", "run", "--file", "-", "--data", dump, input=text)

    assert result.stderr == (
        "expatlod: the query calls another server (SERVICE); "
        "run it with --allow-service if it may\n"
    )
    assert (result.stdout, result.returncode) == ("", 2)


MENTIONS = {
    "string": ('SELECT ?x { BIND("SERVICE <urn:a:a> { }" AS ?x) }', "SERVICE <urn:a:a> { }"),
    "long-string": ("SELECT ?x { BIND('''\n'SERVICE' ''' AS ?x) }", "\n'SERVICE' "),
    "string-after-hash": ('SELECT ?x { BIND("#" AS ?y) BIND("SERVICE" AS ?x) }', "SERVICE"),
    "comment": ("# SERVICE <urn:a:a> { }\nSELECT ?x { BIND(1 AS ?x) }", "1"),
    "comment-inside": ("SELECT ?x { # SERVICE ?e { }\nBIND(1 AS ?x) }", "1"),
    "variable": ("SELECT ?service { BIND(1 AS ?service) }", "1"),
    "iri": ("SELECT ?x { BIND(<urn:a:SERVICE> AS ?x) }", "urn:a:SERVICE"),
    "iri-with-hash": ("SELECT ?x { BIND(<urn:a:a#SERVICE> AS ?x) }", "urn:a:a#SERVICE"),
    "prefixed-name": ("PREFIX e: <urn:e:> SELECT ?x { BIND(e:service AS ?x) }", "urn:e:service"),
    "prefix": ("PREFIX service: <urn:e:> SELECT ?x { BIND(service:a AS ?x) }", "urn:e:a"),
    "language": ('SELECT ?x { BIND("a"@en-service AS ?x) }', "a"),
}


@pytest.mark.parametrize(("text", "value"), MENTIONS.values(), ids=MENTIONS)
def test_a_query_that_only_mentions_service_is_answered(text: str, value: str) -> None:
    answer = ask_store(ox.Store(), text)

    assert isinstance(answer, ox.QuerySolutions)
    assert rows(answer)[1:] == [[value]]


def test_a_query_with_service_that_cannot_be_parsed_is_refused(
    expatlod: Command, dump: Path
) -> None:
    text = "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o }"

    result = expatlod("query", "run", "--file", "-", "--data", dump, input=text)

    assert result.stderr == (
        "expatlod: the query calls another server (SERVICE); "
        "run it with --allow-service if it may\n"
    )
    assert (result.stdout, result.returncode) == ("", 2)


CALL = "SERVICE <http://127.0.0.1:9/> { ?a ?b ?c }"


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ FILTER EXISTS {{ ?s ?p ?o FILTER EXISTS {{ {CALL} }} }} }}",
        f'SELECT * {{ FILTER("x\\u0022 # " != "") {CALL} FILTER(1=1\n) }}',
        "PREFIX : <http://127.0.0.1:9/> SELECT * { SERVICE:x { } }",
        "PREFIX service: <urn:x:> PREFIX : <urn:y:> SELECT * { service:x # {\n{ } }",
        "PREFIX : <urn:y:> SELECT * { ?s ?p true.SERVICE:x { } }",
        f"SELECT * {{ ?s ?p 1{CALL} }}",
        f"SELECT * {{ ?s ?p 1e5{CALL} }}",
        f"SELECT * {{ FILTER(1<2#>'''\n) {CALL} #'''\n}}",
        f"SELECT * {{ FILTER(1<a:b#>'''\n) {CALL} #'''\n}}",
        f"SELECT * {{ a:b\\' {CALL} }}#'",
    ],
    ids=[
        "exists-in-exists",
        "escaped-quote",
        "empty-prefix",
        "service-as-prefix",
        "after-a-truth-value",
        "after-a-number",
        "after-an-exponent",
        "less-than-or-iri",
        "less-than-or-name",
        "escaped-name",
    ],
)
def test_a_call_that_is_hidden_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="calls another server"):
        refuse_service(text)


@pytest.mark.parametrize("text", ["{" * 5_000, "SELECT " + "!" * 5_000, "(" * 5_000])
def test_a_query_that_nests_endlessly_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        ask_store(ox.Store(), f"SELECT * {text}")


def test_a_name_of_a_parameter_cannot_carry_a_query(tmp_path: Path) -> None:
    (tmp_path / "1-x.rq").write_text(
        "#+ summary: x\n#+ parameters:\n#+   'x) {} SERVICE <urn:x> {} VALUES (?x': {default: a}\n"
        "SELECT * {}\n"
    )

    with pytest.raises(QueryError, match="cannot be the name of a parameter"):
        examples(tmp_path)


def test_a_link_out_of_the_folder_is_no_example(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("#+ summary: x\nSELECT * {}\n")
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "1-x.rq").symlink_to(tmp_path / "secret.txt")

    with pytest.raises(QueryError, match="leads out of the folder"):
        examples(tmp_path / "queries")


def test_a_carriage_return_from_standard_input_hides_no_call(
    expatlod: Command, canned: Callable[..., Canned], dump: Path
) -> None:
    server = canned(http("500 No", "text/plain", b""))
    text = f"SELECT * {{ # x\rSERVICE <{server.address}> {{ ?s ?p ?o }} # y\n}}"

    expatlod("query", "run", "--file", "-", "--data", dump, input=text)

    assert server.requests == []


def test_service_is_called_when_allowed(expatlod: Command, endpoint: str, dump: Path) -> None:
    text = f"""SELECT ?title WHERE {{
      SERVICE <{endpoint}> {{ <{PROJECT}expat-dinner> <{DCT}title> ?title }}
      FILTER(LANG(?title) = "en") }}"""

    result = expatlod(
        "query", "run", "--file", "-", "--data", dump, "--allow-service", "-f", "csv", input=text
    )

    assert (result.stdout, result.stderr) == ("title\nExpat Dinner\n", "")
    assert result.returncode == 0


def test_an_allowed_server_that_does_not_answer_is_one_line(expatlod: Command, dump: Path) -> None:
    text = f"SELECT * {{ SERVICE <{_nobody()}> {{ ?s ?p ?o }} }}"

    result = expatlod("query", "run", "--file", "-", "--data", dump, "--allow-service", input=text)

    assert re.fullmatch(r"expatlod: the query was not answered: .+\n", result.stderr), result.stderr
    assert (result.stdout, result.returncode) == ("", 2)


# -- an endpoint


def test_all_examples_agree_at_the_endpoint(
    expatlod: Command, endpoint: str, release: Path
) -> None:
    result = expatlod("query", "check", "--queries", release / "queries", "--endpoint", endpoint)

    names = [each.name for each in examples(release / "queries")]
    assert result.stdout.splitlines() == [f"{name}: ok" for name in names]
    assert (result.stderr, result.returncode) == ("23 of 23 agree\n", 0)


FORMS = {
    "select": f"SELECT ?t WHERE {{ <{PROJECT}expat-dinner> <{DCT}title> ?t }} ORDER BY ?t",
    "ask": f"ASK {{ <{PROJECT}expat-dinner> <{DCT}title> ?title }}",
    "construct": f"CONSTRUCT WHERE {{ <{PROJECT}expat-dinner> <{DCT}title> ?title }}",
    "describe": f"DESCRIBE <{PROJECT}expat-dinner>",
}


@pytest.mark.parametrize(
    ("form", "format"),
    [
        (form, format)
        for form in ("select", "ask")
        for format in ("table", "csv", "tsv", "json", "xml")
    ]
    + [(form, format) for form in ("construct", "describe") for format in ("table", "turtle")],
)
def test_the_endpoint_answers_as_the_release_does(
    endpoint: str, release: Path, model: Model, form: str, format: str
) -> None:
    local = written(ask_store(open_store(release, default_profile()), FORMS[form]), format, model)

    remote = written(ask_endpoint(endpoint, FORMS[form]), format, model)

    assert remote == local


@pytest.mark.parametrize(
    ("form", "format"), [("select", "turtle"), ("ask", "turtle"), ("construct", "csv")]
)
def test_the_endpoint_refuses_the_formats_that_the_release_does(
    endpoint: str, model: Model, form: str, format: str
) -> None:
    with pytest.raises(UsageError):
        written(ask_endpoint(endpoint, FORMS[form]), format, model)


TRICKY = {
    "star-without-space": "SELECT*{BIND(1 AS ?x)}",
    "variable-without-space": "SELECT?x{BIND(1 AS ?x)}",
    "lower-case": "select ?x where { bind(1 as ?x) }",
    "other-form-in-first-comment": "# CONSTRUCT or ASK\nSELECT ?x { BIND(1 AS ?x) }",
    "other-form-in-second-comment": "# one\n# DESCRIBE\nSELECT ?x { BIND(1 AS ?x) }",
    "other-form-behind-the-prefix": "PREFIX e: <urn:e:> # ASK\nSELECT ?x { BIND(1 AS ?x) }",
    "other-form-in-prefix": "PREFIX describe: <urn:e:> SELECT ?x { BIND(1 AS ?x) }",
    "lower-case-prefix": "prefix address: <urn:e:> SELECT ?x { BIND(1 AS ?x) }",
    "lower-case-base": "base <urn:describe:a> SELECT ?x { BIND(1 AS ?x) }",
    "update-word-in-comment": "# one\n# INSERT\nSELECT ?x { BIND(1 AS ?x) }",
    "carriage-returns": "# one\r\n# ASK\r\nSELECT ?x { BIND(1 AS ?x) }\r\n",
}


@pytest.mark.parametrize("text", TRICKY.values(), ids=TRICKY)
def test_rows_come_from_the_endpoint_however_the_query_begins(endpoint: str, text: str) -> None:
    answer = ask_endpoint(endpoint, text)

    assert isinstance(answer, ox.QuerySolutions)
    assert rows(answer) == [["x"], ["1"]]


@pytest.mark.parametrize(
    "head",
    ["", "# SELECT\n", "# one\n# SELECT\n", "PREFIX select: <urn:s:> ", "prefix ask: <urn:s:>\n"],
    ids=["plain", "comment", "second-comment", "prefix", "lower-case-prefix"],
)
def test_triples_come_from_the_endpoint_however_the_query_begins(endpoint: str, head: str) -> None:
    answer = ask_endpoint(endpoint, head + "CONSTRUCT { <urn:a:a> <urn:a:b> <urn:a:c> } WHERE { }")

    assert isinstance(answer, ox.QueryTriples)
    assert [str(triple) for triple in answer] == ["<urn:a:a> <urn:a:b> <urn:a:c>"]


def test_parameters_reach_the_endpoint(expatlod: Command, endpoint: str, release: Path) -> None:
    result = expatlod(
        *("query", "run", "10", "--queries", release / "queries", "--endpoint", endpoint),
        *("-p", f'year="2011"^^<{XSD}integer>', "-f", "csv"),
    )

    assert result.stdout.splitlines() == [
        "project,title,firstPossibleDay,lastPossibleDay,year",
        f"{PROJECT}working-in-lemvig,Working in Lemvig,2011-01-01,2011-12-31,2011",
    ]
    assert (result.stderr, result.returncode) == ("", 0)


def test_a_value_cannot_break_out_at_the_endpoint(endpoint: str) -> None:
    answer = ask_endpoint(
        endpoint,
        "SELECT ?x ?y WHERE { BIND(1 AS ?y) }",
        bindings={"x": ox.Literal('" } #\\\n')},
    )

    assert isinstance(answer, ox.QuerySolutions)
    assert rows(answer) == [["x", "y"], ['" } #\\\n', "1"]]


@pytest.mark.parametrize(
    "text",
    ["DELETE WHERE { ?s ?p ?o }", "DROP ALL", "# ask\nINSERT DATA { <urn:a:a> <urn:a:a> 1 }"],
    ids=["delete", "drop", "insert"],
)
def test_an_update_is_never_sent(canned: Callable[..., Canned], text: str) -> None:
    server = canned(http("200 OK", "application/sparql-results+json", b'{"boolean": true}'))

    with suppress(QueryError):
        ask_endpoint(server.address, text)

    assert [request for request in server.requests if b"update=" in request] == []


# -- an endpoint that fails

JSON = "application/sparql-results+json"
WHOLE = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}}]}}'
HALF = WHOLE[: len(WHOLE) // 2]
CHUNKED = (
    f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nTransfer-Encoding: chunked\r\n\r\n"
    f"{len(HALF):x}\r\n{HALF.decode()}\r\n"
).encode()


def cut_off(media_type: str, length: int) -> str:
    return (
        rf"the answer is cut off or not SPARQL results \({re.escape(media_type)}, "
        rf"{length} bytes\): .+; the server may have stopped the query"
    )


#: What a server sends, and the pattern of what is told, behind the endpoint's address.
FAILURES = {
    "400": (
        http("400 Bad Request", "text/plain", b"no such prefix: ex\nat line 1"),
        "the query was refused: no such prefix: ex at line 1",
    ),
    "401": (http("401 Unauthorized", "text/plain", b"who?"), "HTTP 401 Unauthorized"),
    "403": (http("403 Forbidden", "text/html", b"<html>"), "HTTP 403 Forbidden"),
    "500": (
        http("500 Internal Server Error", "text/html", b"<p>x"),
        "HTTP 500 Internal Server Error",
    ),
    "503": (http("503 Service Unavailable", "text/plain", b""), "HTTP 503 Service Unavailable"),
    "endless-redirect": (
        b"HTTP/1.1 302 Found\r\nLocation: /query\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP 302 .+",
    ),
    "cut-off-without-length": (
        http("200 OK", JSON, HALF, -1),
        cut_off(JSON, len(HALF)),
    ),
    "cut-off-before-length": (
        http("200 OK", JSON, HALF, len(WHOLE)),
        "the (answer is cut off|connection broke).*",
    ),
    "cut-off-chunk": (CHUNKED, "the (answer is cut off|connection broke).*"),
    "length-too-short": (
        http("200 OK", JSON, WHOLE, len(HALF)),
        cut_off(JSON, len(HALF)),
    ),
    "empty": (
        http("200 OK", JSON, b""),
        cut_off(JSON, 0),
    ),
    "html": (
        http("200 OK", "text/html; charset=utf-8", b"<!doctype html><title>Log in</title>"),
        cut_off("text/html", 36),
    ),
    "other-json": (
        http("200 OK", "application/json", b'{"error":"no"}'),
        cut_off("application/json", 14),
    ),
    "not-utf8": (
        http("200 OK", JSON, WHOLE.replace(b'"1"', b'"\xff"')),
        cut_off(JSON, len(WHOLE)),
    ),
    "no-http": (b"220 mail.example.org ESMTP\r\n", ".+"),
    "no-answer": (b"", "the connection broke: .+"),
}


@pytest.mark.parametrize(("answer", "told"), FAILURES.values(), ids=FAILURES)
def test_a_failure_of_the_endpoint_is_one_line(
    expatlod: Command, canned: Callable[..., Canned], answer: bytes, told: str
) -> None:
    server = canned(answer)

    result = expatlod("query", "run", "--file", "-", "--endpoint", server.address, input=SELECT)

    expected = re.compile(rf"expatlod: {re.escape(server.address)}: {told}\n")
    assert expected.fullmatch(result.stderr), result.stderr
    assert (result.stdout, result.returncode) == ("", 2)


def test_a_cut_off_graph_is_one_line(expatlod: Command, canned: Callable[..., Canned]) -> None:
    server = canned(http("200 OK", "text/turtle", b"<urn:a:a> <urn:a:b> ", -1))

    result = expatlod("query", "run", "--file", "-", "--endpoint", server.address, input=CONSTRUCT)

    expected = re.compile(rf"expatlod: {re.escape(server.address)}: {cut_off('text/turtle', 20)}\n")
    assert expected.fullmatch(result.stderr), result.stderr
    assert (result.stdout, result.returncode) == ("", 2)


def _nobody() -> str:
    """Return an address on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}/query"


def test_a_refused_connection_is_one_line(expatlod: Command) -> None:
    address = _nobody()

    result = expatlod("query", "run", "--file", "-", "--endpoint", address, input=SELECT)

    refused = f"[Errno {errno.ECONNREFUSED}] {os.strerror(errno.ECONNREFUSED)}"
    assert result.stderr == f"expatlod: {address}: cannot be reached: {refused}\n"
    assert (result.stdout, result.returncode) == ("", 2)


def test_a_server_that_never_answers_is_left(expatlod: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/query"

        result = expatlod(
            "query", "run", "--file", "-", "--endpoint", address, "--timeout", "1", input=SELECT
        )

    assert result.stderr == (
        f"expatlod: {address}: no answer within 1 second; allow more with --timeout\n"
    )
    assert (result.stdout, result.returncode) == ("", 2)


def test_a_server_that_answers_drop_by_drop_is_left(
    expatlod: Command, canned: Callable[..., Canned]
) -> None:
    server = canned(http("200 OK", JSON, WHOLE), drip=0.02)

    result = expatlod(
        "query", "run", "--file", "-", "--endpoint", server.address, "--timeout", "2", input=SELECT
    )

    assert result.stderr == (
        f"expatlod: {server.address}: no answer within 2 seconds; allow more with --timeout\n"
    )
    assert (result.stdout, result.returncode) == ("", 2)


def test_a_query_error_of_the_real_server_is_one_line(expatlod: Command, endpoint: str) -> None:
    result = expatlod(
        "query", "run", "--file", "-", "--endpoint", endpoint, input="SELECT ?x WHERE { ?x a"
    )

    told = rf"expatlod: {re.escape(endpoint)}: the query was refused: error at 1:23: .+\n"
    assert re.fullmatch(told, result.stderr), result.stderr
    assert (result.stdout, result.returncode) == ("", 2)


def test_what_is_no_query_is_one_line_from_the_endpoint(expatlod: Command, endpoint: str) -> None:
    result = expatlod("query", "run", "--file", "-", "--endpoint", endpoint, input="nonsense")

    assert re.fullmatch(r"expatlod: .+\n", result.stderr), result.stderr
    assert (result.stdout, result.returncode) == ("", 2)


def test_an_unknown_path_of_the_real_server_is_one_line(expatlod: Command, endpoint: str) -> None:
    address = endpoint.replace("/query", "/elsewhere")

    result = expatlod("query", "run", "--file", "-", "--endpoint", address, input=SELECT)

    assert result.stderr == f"expatlod: {address}: HTTP 404 Not Found\n"
    assert (result.stdout, result.returncode) == ("", 2)


@pytest.mark.parametrize(
    "address",
    [
        "localhost:7878",
        "ftp://example.org/query",
        "file:///etc/hostname",
        "mailto:a@example.org",
        "urn:a:b",
        "http://127.0.0.1:port/",
    ],
)
def test_what_is_no_address_of_an_endpoint_is_refused(expatlod: Command, address: str) -> None:
    result = expatlod("query", "run", "--file", "-", "--endpoint", address, input=SELECT)

    assert result.stderr == (
        f"expatlod: --endpoint {address}: not an address; write http://… or https://…\n"
    )
    assert (result.stdout, result.returncode) == ("", 2)


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 100 Continue\r\n\r\n" * 200, http("500 No", "text/plain", b"x" * 400)],
    ids=["continues", "error-body"],
)
def test_a_server_that_drips_before_the_body_is_left(
    expatlod: Command, canned: Callable[..., Canned], answer: bytes
) -> None:
    server = canned(answer, drip=0.02)

    result = expatlod(
        "query", "run", "--file", "-", "--endpoint", server.address, "--timeout", "1", input=SELECT
    )

    assert result.stderr == (
        f"expatlod: {server.address}: no answer within 1 second; allow more with --timeout\n"
    )
    assert result.returncode == 2


def test_an_answer_of_another_form_is_refused(
    expatlod: Command, canned: Callable[..., Canned]
) -> None:
    server = canned(http("200 OK", JSON, b'{"head":{},"boolean":true}'))

    result = expatlod("query", "run", "--file", "-", "--endpoint", server.address, input=SELECT)

    assert result.stderr == (
        f"expatlod: {server.address}: the answer is of another form than the question\n"
    )
