"""A release loaded into a real SPARQL server: whole or not at all, whatever breaks on the way."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import re
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

import click
import msgspec
import pytest
from click.testing import CliRunner, Result

from expatlod.archive import GENERATOR, File, Manifest, Release, find
from expatlod.cli.push import push as command
from expatlod.cli.words import Group
from expatlod.errors import PublishError, UsageError
from expatlod.push import Pushed, push
from expatlod.push.credentials import Credentials, credentials
from expatlod.push.server import Addresses, Server, addresses

DATASET = "https://data.example.org/id/dataset/harbours"
BESIDE = f"{DATASET}#pushed"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
SECRET = "tide-and-time-4711"

#: Enough for six pieces.
MANY = 30_000

EXPLAINED = """\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://data.example.org/code/hull/oak> skos:prefLabel "Eg"@da , "Oak"@en .
"""


# -- what the tests push, and where


def lines(count: int, word: str = "Harbour") -> bytes:
    return "".join(
        f'<https://data.example.org/id/h/{number:06}> <{LABEL}> "{word} {number} {"~" * 60}" .\n'
        for number in range(count)
    ).encode()


def write_release(folder: Path, dump: bytes, triples: int, *, suffix: str = ".nt") -> Release:
    """Write a release with a dump and a codelist by hand."""
    contents = {f"dump/harbours{suffix}": dump, "ontology/codes/hull.ttl": EXPLAINED.encode()}
    counts = {f"dump/harbours{suffix}": triples, "ontology/codes/hull.ttl": 2}
    files = []
    for path, data in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        files.append(File(path, "text/plain", len(data), digest, triples=counts[path]))
    manifest = Manifest(
        generator=GENERATOR,
        version="0.0.0",
        dataset=DATASET,
        release="2026-01-02",
        issued="2026-01-02T00:00:00Z",
        site="https://data.example.org/",
        content=hashlib.sha256(dump).hexdigest(),
        records=1,
        triples=triples,
        files=files,
    )
    (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    return find(folder)


@pytest.fixture
def small(tmp_path: Path) -> Release:
    """A release of three triples, and two in its codelist."""
    return write_release(tmp_path / "small", lines(3, "Old"), 3)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release that goes in several pieces. Not to be changed."""
    return write_release(tmp_path_factory.mktemp("large"), lines(MANY), MANY)


class Oxigraph:
    """A real server on a folder, which can be killed and started again."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        program = Path(sys.executable).with_name("oxigraph")
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    program,
                    "serve",
                    "--location",
                    self.folder / "store",
                    "--bind",
                    f"127.0.0.1:{self.port}",
                    *self.options,
                ],
                stdout=log,
                stderr=log,
            )
        for _ in range(300):
            assert self.process.poll() is None, (self.folder / "log").read_text()
            with suppress(OSError), urlopen(f"{self.base}/query?query=ASK%7B%7D"):
                return
            time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def graphs(self) -> dict[str, int]:
        """How many triples each named graph has."""
        text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
        found = server(self.base).rows(text, "g", "n")
        return {graph: int(number) for graph, number in found}

    def count(self, graph: str = DATASET) -> int:
        return self.graphs().get(graph, 0)


@pytest.fixture
def oxigraph(tmp_path: Path) -> Iterator[Oxigraph]:
    folder = tmp_path / "oxigraph"
    folder.mkdir()
    running = Oxigraph(folder)
    yield running
    running.kill()


def server(base: str, *, retries: int = 0, known: Credentials | None = None) -> Server:
    return Server(addresses(base), known or Credentials(), timeout=60, retries=retries)


#: What a front does with a request: an answer of its own, None to pass it on, "drop" to hang up.
Answer = tuple[int, dict[str, str], bytes]
Hook = Callable[["Request"], "Answer | str | None"]


class Request:
    """A request as a front sees it, and how it would be passed on."""

    def __init__(self, handler: BaseHTTPRequestHandler, behind: str) -> None:
        self.method, self.path = handler.command, handler.path
        self.headers = dict(handler.headers.items())
        self.body = handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
        self.behind = behind

    @property
    def text(self) -> str:
        return unquote(self.body.decode("utf-8", "replace").replace("+", " "))

    @property
    def is_piece(self) -> bool:
        return self.path.startswith("/store")

    @property
    def is_last(self) -> bool:
        """Whether it is the update that replaces the target."""
        return "NOT EXISTS" in self.text

    def forward(self) -> Answer:
        """Pass the request on."""
        with closing(self.send(self.body)) as connection:
            response = connection.getresponse()
            kind = response.headers.get("Content-Type", "text/plain")
            return response.status, {"Content-Type": kind}, response.read()

    def send(self, body: bytes) -> http.client.HTTPConnection:
        parts = urlsplit(self.behind)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
        connection.putrequest(self.method, self.path)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        return connection


class Front:
    """A server before another one, which sees the requests and can spoil them."""

    def __init__(self, behind: str, hook: Hook) -> None:
        self.requests: list[Request] = []
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                request = Request(self, behind)
                front.requests.append(request)
                answer = hook(request)
                if answer is None:
                    try:
                        answer = request.forward()
                    except OSError:
                        answer = "drop"
                self.close_connection = True
                if not isinstance(answer, str):
                    status, headers, body = answer
                    self.send_response(status)
                    for name, value in {"Content-Length": str(len(body)), **headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(body)

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def pieces(self) -> int:
        return sum(each.is_piece for each in self.requests)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def front(oxigraph: Oxigraph) -> Iterator[Callable[..., Front]]:
    """Put a front with a hook before the server."""
    opened: list[Front] = []

    def create(hook: Hook = lambda _: None) -> Front:
        opened.append(Front(oxigraph.base, hook))
        return opened[-1]

    yield create
    for each in opened:
        each.close()


def run(*arguments: str | Path, **environment: str) -> tuple[int, str]:
    """Run the command; return its exit status and all that it printed, tracebacks too."""
    group: click.Group = Group(commands=[command])
    environment = {"NETRC": "", "HOME": "/nonexistent", **environment}
    result: Result = CliRunner().invoke(
        group, ["push", *map(str, arguments), "--lang", "en"], env=environment
    )
    printed = result.output
    if result.exception and not isinstance(result.exception, SystemExit):
        printed += "".join(traceback.format_exception(result.exception))
    return result.exit_code, printed


# -- as a whole


def test_graph_holds_the_dump_and_what_explains_it(oxigraph: Oxigraph, small: Release) -> None:
    assert push(small, server(oxigraph.base)) == Pushed(DATASET, 5, 1, 1)

    assert oxigraph.graphs() == {DATASET: 5, BESIDE: 4}


def test_only_data_leaves_the_ontology_out(oxigraph: Oxigraph, small: Release) -> None:
    push(small, server(oxigraph.base), only_data=True)

    assert oxigraph.count() == 3


def test_release_takes_the_place_of_the_one_before(
    oxigraph: Oxigraph, small: Release, tmp_path: Path
) -> None:
    push(small, server(oxigraph.base))
    push(write_release(tmp_path / "new", lines(7, "New"), 7), server(oxigraph.base))

    assert oxigraph.graphs() == {DATASET: 9, BESIDE: 4}
    assert (
        server(oxigraph.base).rows(
            f'SELECT ?s WHERE {{ GRAPH <{DATASET}> {{ ?s ?p ?o FILTER(STRSTARTS(?o, "Old")) }} }}',
            1,
        )
        == []
    )


def test_other_graphs_are_left_alone(oxigraph: Oxigraph, small: Release) -> None:
    push(small, server(oxigraph.base), graph="https://example.org/other")
    push(small, server(oxigraph.base), only_data=True)

    assert oxigraph.count("https://example.org/other") == 5


def test_default_graph_can_be_replaced(oxigraph: Oxigraph, small: Release) -> None:
    push(small, server(oxigraph.base), graph="default")

    assert server(oxigraph.base).rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "n") == [("5",)]
    assert oxigraph.graphs() == {f"{DATASET}#default-pushed": 4}


def test_default_graph_that_is_all_graphs_is_left_alone(tmp_path: Path, small: Release) -> None:
    oxigraph = Oxigraph(tmp_path, "--union-default-graph")
    try:
        with pytest.raises(UsageError, match="it is all graphs together"):
            push(small, server(oxigraph.base), graph="default")
        assert oxigraph.graphs() == {}
    finally:
        oxigraph.kill()


@pytest.mark.parametrize("suffix", [".ttl", ".nt.gz"])
def test_dump_is_read_in_whichever_syntax_it_is(
    oxigraph: Oxigraph, tmp_path: Path, suffix: str
) -> None:
    dump = gzip.compress(lines(3)) if suffix.endswith(".gz") else lines(3)

    push(write_release(tmp_path / "one", dump, 3, suffix=suffix), server(oxigraph.base))

    assert oxigraph.count() == 5


def test_triple_that_stands_in_two_files_counts_once(oxigraph: Oxigraph, tmp_path: Path) -> None:
    oak, label = "https://data.example.org/code/hull/oak", "http://www.w3.org/2004/02/skos/core#"
    shared = f'<{oak}> <{label}prefLabel> "Eg"@da .\n'.encode()

    push(write_release(tmp_path / "one", shared + lines(1), 2), server(oxigraph.base))

    assert oxigraph.count() == 3


def test_same_release_is_not_sent_again(
    oxigraph: Oxigraph, front: Callable[..., Front], small: Release
) -> None:
    push(small, server(oxigraph.base))
    watched = front()

    assert push(small, server(watched.base)) == Pushed(DATASET, 5, 0, 0)
    assert watched.pieces == 0


def test_same_release_is_sent_again_when_somebody_changed_the_graph(
    oxigraph: Oxigraph, small: Release
) -> None:
    push(small, server(oxigraph.base))
    server(oxigraph.base).update(f"CLEAR GRAPH <{DATASET}>")

    assert push(small, server(oxigraph.base)) == Pushed(DATASET, 5, 1, 1)
    assert oxigraph.count() == 5


def test_graph_in_which_somebody_changed_a_triple_for_another_is_put_right_with_force(
    oxigraph: Oxigraph, small: Release
) -> None:
    push(small, server(oxigraph.base))
    server(oxigraph.base).update(
        f"DELETE {{ GRAPH <{DATASET}> {{ ?s ?p ?o }} }} "
        f"INSERT {{ GRAPH <{DATASET}> {{ ?s ?p <https://example.org/forged> }} }} "
        f"WHERE {{ {{ SELECT * {{ GRAPH <{DATASET}> {{ ?s ?p ?o }} }} LIMIT 1 }} }}"
    )

    push(small, server(oxigraph.base), force=True)

    forged = server(oxigraph.base).rows(
        f"SELECT ?s {{ GRAPH <{DATASET}> {{ ?s ?p <https://example.org/forged> }} }}", "s"
    )
    assert (forged, oxigraph.count()) == ([], 5)


def test_readers_see_the_old_graph_or_the_new_one(
    oxigraph: Oxigraph, small: Release, large: Release
) -> None:
    push(small, server(oxigraph.base))
    seen, stop = {oxigraph.count()}, Event()

    def read() -> None:
        while not stop.is_set():
            seen.add(oxigraph.count())

    reader = Thread(target=read)
    reader.start()
    try:
        push(large, server(oxigraph.base))
    finally:
        stop.set()
        reader.join()

    assert seen | {oxigraph.count()} == {5, MANY + 2}


# -- interrupted


@pytest.mark.parametrize("part", [0, 0.5], ids=["before-its-first-line", "inside-a-piece"])
def test_server_killed_in_the_middle_keeps_the_old_graph_and_what_arrived(
    oxigraph: Oxigraph,
    front: Callable[..., Front],
    small: Release,
    large: Release,
    part: float,
) -> None:
    push(small, server(oxigraph.base))

    def kill(request: Request) -> str | None:
        if request.is_piece and breaking.pieces == 3:
            with closing(request.send(request.body[: int(len(request.body) * part)])):
                oxigraph.kill()
            return "drop"
        return None

    breaking = front(kill)
    with pytest.raises(PublishError, match="the connection broke"):
        push(large, server(breaking.base))
    oxigraph.start()
    assert oxigraph.count() == 5
    watched = front()
    pushed = push(large, server(watched.base))

    assert (pushed.pieces, pushed.sent, watched.pieces) == (6, 4, 4)
    assert oxigraph.graphs() == {DATASET: MANY + 2, BESIDE: 4}


def test_server_killed_before_the_last_update_needs_no_piece_again(
    oxigraph: Oxigraph, front: Callable[..., Front], small: Release, large: Release
) -> None:
    push(small, server(oxigraph.base))

    def kill(request: Request) -> str | None:
        if request.is_last:
            oxigraph.kill()
            return "drop"
        return None

    with pytest.raises(PublishError, match=r"cannot be reached|the connection broke"):
        push(large, server(front(kill).base))
    oxigraph.start()
    assert oxigraph.count() == 5
    pushed = push(large, server(oxigraph.base))

    assert (pushed.pieces, pushed.sent) == (6, 0)
    assert oxigraph.count() == MANY + 2


@pytest.mark.parametrize("lost", ["answer", "request"])
def test_last_update_is_sent_again_when_something_is_lost(
    oxigraph: Oxigraph, front: Callable[..., Front], small: Release, lost: str
) -> None:
    def lose(request: Request) -> str | None:
        if request.is_last and sum(each.is_last for each in watched.requests) == 1:
            if lost == "answer":
                request.forward()
            return "drop"
        return None

    watched = front(lose)

    assert push(small, server(watched.base, retries=1)) == Pushed(DATASET, 5, 1, 1)
    assert oxigraph.graphs() == {DATASET: 5, BESIDE: 4}


def test_last_update_that_comes_after_all_was_swept_does_nothing(
    oxigraph: Oxigraph, front: Callable[..., Front], small: Release, tmp_path: Path
) -> None:
    late: list[Request] = []
    push(small, server(front(lambda request: late.append(request)).base))
    push(write_release(tmp_path / "new", lines(7), 7), server(oxigraph.base))

    for each in late:
        if each.is_last:
            each.forward()

    assert oxigraph.graphs() == {DATASET: 9, BESIDE: 4}


def test_run_that_did_not_get_to_tidying_up_is_done(
    oxigraph: Oxigraph, front: Callable[..., Front], small: Release
) -> None:
    stopping = front(lambda request: (500, {}, b"") if "DROP SILENT" in request.text else None)
    with pytest.raises(PublishError, match="HTTP 500"):
        push(small, server(stopping.base))

    assert push(small, server(oxigraph.base)) == Pushed(DATASET, 5, 0, 0)
    assert oxigraph.graphs() == {DATASET: 5, BESIDE: 4}


def test_staging_graph_of_another_release_is_swept(
    oxigraph: Oxigraph, front: Callable[..., Front], small: Release, large: Release
) -> None:
    stopping = front(lambda request: (500, {}, b"") if stopping.pieces == 2 else None)
    with pytest.raises(PublishError, match="HTTP 500"):
        push(large, server(stopping.base))
    assert len(oxigraph.graphs()) == 2  # what arrived, and the note that it did
    push(small, server(oxigraph.base))

    assert oxigraph.graphs() == {DATASET: 5, BESIDE: 4}


def test_graph_of_others_is_not_swept(oxigraph: Oxigraph, small: Release) -> None:
    server(oxigraph.base).update(
        f"INSERT DATA {{ GRAPH <{BESIDE}> {{ <urn:x:y> <urn:x:p> 1 }} "
        "GRAPH <urn:x:y> { <urn:x:y> <urn:x:p> 1 } }"
    )
    push(small, server(oxigraph.base))

    assert oxigraph.count("urn:x:y") == 1


def test_triples_that_got_lost_leave_the_graph_as_it_was(
    oxigraph: Oxigraph, front: Callable[..., Front], small: Release, large: Release
) -> None:
    push(small, server(oxigraph.base))

    def lose(request: Request) -> None:
        if request.is_piece:
            request.body = request.body[request.body.index(b"\n") + 1 :]
            request.headers["Content-Length"] = str(len(request.body))

    with pytest.raises(
        PublishError, match=f"{MANY - 4} triples arrived where {MANY + 2} were sent"
    ):
        push(large, server(front(lose).base))

    assert oxigraph.graphs() == {DATASET: 5, BESIDE: 4}


# -- servers that refuse, and what is no server


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_busy_server_is_asked_again(
    oxigraph: Oxigraph, front: Callable[..., Front], small: Release, status: int
) -> None:
    seen = set()

    def busy(request: Request) -> Answer | None:
        """Every request is turned away the first time."""
        if request.body in seen:
            return None
        seen.add(request.body)
        return (status, {"Retry-After": "0"}, b"")

    assert push(small, server(front(busy).base, retries=1)).triples == 5


def test_busy_server_is_given_up_after_the_retries(
    front: Callable[..., Front], small: Release
) -> None:
    watched = front(lambda _: (503, {"Retry-After": "0"}, b""))

    with pytest.raises(PublishError, match=r"/query: HTTP 503 Service Unavailable$"):
        push(small, server(watched.base, retries=2))
    assert len(watched.requests) == 3


def test_refusal_is_not_tried_again(front: Callable[..., Front], small: Release) -> None:
    watched = front(lambda request: (403, {}, b"") if request.path == "/update" else None)

    with pytest.raises(PublishError, match=r"/update: HTTP 403 Forbidden; the server wants some"):
        push(small, server(watched.base, retries=5))
    assert sum(each.path == "/update" for each in watched.requests) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param((200, {"Content-Type": "text/html"}, b"<p>"), "no SPARQL server", id="page"),
        pytest.param((404, {}, b""), "HTTP 404 Not Found; nothing is taken there", id="not-there"),
        pytest.param((302, {"Location": "/x"}, b""), "which is not followed", id="redirect"),
        pytest.param((400, {}, b"no\x1b such\nword"), "Bad Request: no such word", id="refused"),
        pytest.param(
            (200, {"Content-Type": "application/sparql-results+json"}, b'{"boolean":true}'),
            "missing required field",
            id="other-form",
        ),
        pytest.param(
            (
                200,
                {"Content-Type": "application/sparql-results+json"},
                b'{"head":{"vars":["s","p","o"]},"results":{"bindings":[',
            ),
            "cut off",
            id="cut-off-json",
        ),
        pytest.param(
            (200, {"Content-Length": "500"}, b"{"), "the connection broke", id="cut-off-body"
        ),
    ],
)
def test_what_is_no_good_answer_is_said_in_one_line(
    front: Callable[..., Front], small: Release, answer: Answer, words: str
) -> None:
    with pytest.raises(PublishError, match=words) as caught:
        push(small, server(front(lambda _: answer).base))
    assert "\n" not in str(caught.value)


def test_nobody_there_is_said(small: Release) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(PublishError, match=f"127.0.0.1:{port}/query: cannot be reached"):
        push(small, server(f"http://127.0.0.1:{port}"))


# -- what is asked for


@pytest.mark.parametrize("graph", ["relative", "https://example.org/a b", "javascript:0", "a>;"])
def test_graph_must_be_an_iri(small: Release, graph: str) -> None:
    with pytest.raises(UsageError, match="not an IRI"):
        push(small, server("http://127.0.0.1:9"), graph=graph)


def test_changed_dump_is_not_sent(small: Release) -> None:
    (small.folder / "dump" / "harbours.nt").write_bytes(lines(4))

    with pytest.raises(UsageError, match="SHA-256 is another"):
        push(small, server("http://127.0.0.1:9"))


def test_dump_with_blank_nodes_is_not_sent(oxigraph: Oxigraph, tmp_path: Path) -> None:
    release = write_release(tmp_path / "one", f'_:a <{LABEL}> "A" .\n'.encode(), 1)

    with pytest.raises(UsageError, match="a blank node"):
        push(release, server(oxigraph.base))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(("http://h:7878",), ("/query", "/update", "/store"), id="base"),
        pytest.param(("http://h:7878/query",), ("/query", "/update", "/store"), id="query"),
        pytest.param(("http://h:7878/a/",), ("/a/query", "/a/update", "/a/store"), id="below"),
        pytest.param(
            ("http://h:7878/repositories/x",),
            (
                "/repositories/x",
                "/repositories/x/statements",
                "/repositories/x/rdf-graphs/service",
            ),
            id="rdf4j",
        ),
        pytest.param(
            ("http://h:7878/ds/sparql", "", "http://h:7878/ds/data"),
            ("/ds/sparql", "/ds/update", "/ds/data"),
            id="fuseki",
        ),
    ],
)
def test_addresses_are_found_beside_the_endpoint(
    given: tuple[str, ...], expected: tuple[str, str, str]
) -> None:
    assert addresses(*given) == Addresses(*(f"http://h:7878{path}" for path in expected))


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(("ftp://h/",), id="scheme"),
        pytest.param(("localhost:7878",), id="no-scheme"),
        pytest.param(("http://h:99999/",), id="port"),
        pytest.param(("",), id="nothing"),
        pytest.param(("http://h/", "http://other/update"), id="other-server"),
    ],
)
def test_what_is_no_address_is_refused(given: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        addresses(*given)


# -- credentials


def guarded(expected: str) -> Hook:
    return lambda request: (
        None if request.headers.get("Authorization") == expected else (401, {}, SECRET.encode())
    )


BASIC = "Basic " + base64.b64encode(f"ann:{SECRET}".encode()).decode()


@pytest.mark.parametrize(
    ("expected", "environment"),
    [
        pytest.param(BASIC, {"EXPATLOD_USER": "ann", "EXPATLOD_PASSWORD": SECRET}, id="basic"),
        pytest.param(f"Bearer {SECRET}", {"EXPATLOD_TOKEN": SECRET}, id="bearer"),
    ],
)
def test_credentials_from_the_environment_open_the_server(
    front: Callable[..., Front], small: Release, expected: str, environment: dict[str, str]
) -> None:
    watched = front(guarded(expected))

    status, printed = run(small.folder, "--endpoint", watched.base, **environment)

    assert (status, printed) == (
        0,
        f"{DATASET}: now holds 2026-01-02, 5 triples; 1 of 1 pieces were sent\n",
    )


def test_credentials_from_a_netrc_file_open_the_server(
    front: Callable[..., Front], small: Release, tmp_path: Path
) -> None:
    file = tmp_path / "netrc"
    file.write_text(f"machine 127.0.0.1 login ann password {SECRET}\n")
    file.chmod(0o600)

    status, _ = run(small.folder, "--endpoint", front(guarded(BASIC)).base, NETRC=str(file))

    assert status == 0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 503])
def test_secrets_are_not_printed_even_if_the_server_repeats_them(
    front: Callable[..., Front], small: Release, status: int
) -> None:
    packed = BASIC.removeprefix("Basic ")
    repeating = front(lambda _: (status, {"X": packed}, f"{SECRET} {BASIC}".encode()))

    code, printed = run(
        small.folder,
        *("--endpoint", repeating.base, "--retries", "0"),
        EXPATLOD_USER="ann",
        EXPATLOD_PASSWORD=SECRET,
    )

    assert code == 2
    assert repeating.requests
    assert SECRET not in printed
    assert packed not in printed


def test_secrets_are_not_printed_with_a_traceback(
    front: Callable[..., Front], small: Release
) -> None:
    known = credentials("http://127.0.0.1/", {"EXPATLOD_TOKEN": SECRET})
    try:
        push(small, server(front(lambda _: (401, {}, b"")).base, known=known))
    except PublishError as error:
        printed = "".join(
            traceback.TracebackException.from_exception(error, capture_locals=True).format()
        )

    assert SECRET not in printed


def test_redirect_does_not_get_the_credentials(front: Callable[..., Front], small: Release) -> None:
    other = front(lambda _: (200, {}, b""))
    first = front(lambda _: (307, {"Location": f"{other.base}/query"}, b""))

    code, _ = run(small.folder, "--endpoint", first.base, EXPATLOD_TOKEN=SECRET)

    assert (code, other.requests) == (2, [])


def test_proxy_is_not_asked_for_this_machine(
    oxigraph: Oxigraph, front: Callable[..., Front], small: Release
) -> None:
    proxy = front(lambda _: (200, {}, b""))

    code, _ = run(
        small.folder,
        *("--endpoint", oxigraph.base),
        EXPATLOD_TOKEN=SECRET,
        http_proxy=proxy.base,
        no_proxy="",
    )

    assert (code, proxy.requests) == (0, [])


def test_address_with_a_password_is_refused_and_not_shown(small: Release) -> None:
    code, printed = run(small.folder, "--endpoint", f"http://ann:{SECRET}@127.0.0.1:9/")

    assert code == 2
    assert "credentials do not belong in it" in printed
    assert SECRET not in printed


def test_key_in_an_address_is_not_shown(small: Release) -> None:
    _, printed = run(
        small.folder, "--endpoint", f"http://127.0.0.1:9/query?key={SECRET}", "--retries", "0"
    )

    assert "127.0.0.1:9/query" in printed
    assert SECRET not in printed


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        pytest.param({"EXPATLOD_USER": "ann"}, "EXPATLOD_PASSWORD is not set", id="half"),
        pytest.param(
            {"EXPATLOD_USER": "ann", "EXPATLOD_PASSWORD": SECRET, "EXPATLOD_TOKEN": "x"},
            "both set",
            id="both",
        ),
        pytest.param({"EXPATLOD_TOKEN": f"{SECRET}\n"}, "a line end", id="line-end"),
        pytest.param(
            {"EXPATLOD_USER": "a:b", "EXPATLOD_PASSWORD": SECRET}, "with a colon", id="colon"
        ),
        pytest.param({"NETRC": "/nonexistent/netrc"}, "although NETRC names it", id="no-file"),
    ],
)
def test_credentials_that_cannot_be_used_are_refused(
    environment: dict[str, str], words: str
) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        credentials("https://example.org/", environment)
    assert SECRET not in str(caught.value)


def test_credentials_do_not_go_to_another_machine_in_the_clear() -> None:
    with pytest.raises(UsageError, match="in the clear"):
        credentials("http://example.org/query", {"EXPATLOD_TOKEN": SECRET})


def test_credentials_do_not_show_themselves() -> None:
    assert repr(credentials("https://example.org/", {"EXPATLOD_TOKEN": SECRET})) == "Credentials()"


def netrc_file(folder: Path, text: str, mode: int = 0o600) -> dict[str, str]:
    path = folder / "netrc"
    path.write_text(text)
    path.chmod(mode)
    return {"NETRC": str(path)}


def test_netrc_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    given = netrc_file(tmp_path, f"machine example.org login ann password {SECRET}\n", 0o644)

    with pytest.raises(UsageError, match="others can read the password in it; run: chmod 600"):
        credentials("https://example.org/", given)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"machine other.example.org login ann password {SECRET}\n", id="other-host"),
        pytest.param(f"default login ann password {SECRET}\n", id="default"),
    ],
)
def test_netrc_entry_goes_to_its_own_host_only(tmp_path: Path, text: str) -> None:
    assert credentials("https://example.org/", netrc_file(tmp_path, text)) == Credentials()


def test_broken_netrc_file_is_not_quoted(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        credentials("https://example.org/", netrc_file(tmp_path, f"machine x\n{SECRET} y\n"))

    printed = "".join(traceback.format_exception(caught.value))
    assert re.search(r"netrc:\d+: not to be read as a netrc file", printed)
    assert SECRET not in printed


# -- the command


def test_command_says_that_nothing_was_to_do(oxigraph: Oxigraph, small: Release) -> None:
    push(small, server(oxigraph.base))

    assert run(small.folder, "--endpoint", oxigraph.base) == (
        0,
        f"{DATASET}: holds 2026-01-02 already, 5 triples; nothing was sent\n",
    )


def test_command_says_where_there_is_no_release(tmp_path: Path) -> None:
    code, printed = run(tmp_path, "--endpoint", "http://127.0.0.1:9")

    assert code == 2
    assert "no release here" in printed
