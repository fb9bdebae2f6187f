"""Put SPARQL queries to a dump or to an endpoint.

On a dump the embedded Oxigraph store answers, and nothing leaves the machine: a query with SERVICE
is refused. An endpoint is asked over the SPARQL 1.1 Protocol, and its body is read through before
it counts: some servers answer 200 and cut the body off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.error import HTTPError, URLError

import pyoxigraph as ox

from expatlod.dumps import SYNTAXES
from expatlod.errors import QueryError, UsageError
from expatlod.iris import is_iri
from expatlod.profile import Model
from expatlod.resources import Folder

__all__ = ["FORMATS", "Answer", "Term", "ask_endpoint", "ask_store", "open_store", "rows", "write"]

#: What a query answers: solutions, a truth value, or triples.
Answer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

#: What a variable can be bound to.
Term = ox.NamedNode | ox.Literal

_RESULTS = {
    "csv": ox.QueryResultsFormat.CSV,
    "json": ox.QueryResultsFormat.JSON,
    "tsv": ox.QueryResultsFormat.TSV,
    "xml": ox.QueryResultsFormat.XML,
}

#: The forms that an answer can be written in.
FORMATS = ("table", *_RESULTS, "turtle")

_DUMPS = "dump"


# -- a dump


def open_store(path: Path, profile: Folder) -> ox.Store:
    """Return a store with the data at *path*, a dump file or a release, and its codelists.

    A dump file is joined by the ontology and codelists of *profile*, which hold the labels and
    the places' hierarchy; a release brings its own.

    Raises UsageError when there is no data at *path*, QueryError when it cannot be parsed.
    """
    store = ox.Store()
    if path.is_dir():
        dumps = sorted((path / _DUMPS).glob("*.nt"))
        if not dumps:
            raise UsageError(
                f"{path}: no release here (no {_DUMPS}/*.nt); "
                "run 'expatlod publish' first, or name a dump with --data"
            )
        paths = [*dumps, *sorted((path / "ontology").rglob("*.ttl"))]
    elif path.is_file():
        paths = [path, *profile.ontology, *profile.codes]
    else:
        raise UsageError(f"{path}: nothing here; run 'expatlod publish' first, or use --data")
    for each in paths:
        syntax = SYNTAXES.get(each.suffix)
        if syntax is None:
            known = ", ".join(SYNTAXES)
            raise UsageError(f"{each}: not a dump that is known by its ending ({known})")
        try:
            store.bulk_load(path=str(each), format=syntax)
        except (SyntaxError, ValueError) as error:
            raise QueryError(f"{each}: cannot be read: {error}") from error
    return store


def ask_store(
    store: ox.Store,
    text: str,
    *,
    bindings: Mapping[str, Term] = MappingProxyType({}),
    allow_service: bool = False,
) -> Answer:
    """Return the answer of *store* to the query *text*, its variables bound as *bindings* say.

    Raises QueryError when the query is not SPARQL, or calls another server and may not.
    """
    if not allow_service:
        refuse_service(text)
    try:
        return store.query(with_values(text, bindings))
    except (SyntaxError, ValueError, RuntimeError, OSError) as error:
        raise QueryError(f"the query was not answered: {error}") from error


def refuse_service(text: str) -> None:
    """Raise QueryError when the query *text* would call another server, or might."""
    if "service" not in text.casefold():
        return
    # A word in a comment or a literal is no call: ask a parser, which takes a while to import.
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        algebra: Any = translateQuery(parseQuery(text)).algebra
    except Exception as error:
        raise QueryError(
            f"the query mentions SERVICE and could not be parsed to see whether it calls another "
            f"server: {error}; run it with --allow-service if it may"
        ) from error
    if _calls(algebra):
        raise QueryError(
            "the query calls another server (SERVICE); run it with --allow-service if it may"
        )


def _calls(part: Any) -> bool:
    if getattr(part, "name", None) == "ServiceGraphPattern":
        return True
    if isinstance(part, Mapping):
        return any(_calls(each) for each in part.values())
    if isinstance(part, list | tuple | set):
        return any(_calls(each) for each in part)
    return False


# -- an endpoint


def ask_endpoint(
    endpoint: str,
    text: str,
    *,
    bindings: Mapping[str, Term] = MappingProxyType({}),
    timeout: int = 60,
) -> Answer:
    """Return the answer of the SPARQL 1.1 *endpoint*, an http(s) IRI, within *timeout* seconds.

    Raises QueryError, saying which, when the endpoint cannot be reached, refuses the query,
    takes too long, or sends a body that is not whole.
    """
    # The wrapper imports rdflib, which takes a third of a second.
    from SPARQLWrapper import JSON, POST, TURTLE, SPARQLExceptions, SPARQLWrapper

    if not is_iri(endpoint) or endpoint.startswith(("mailto:", "urn:")):
        raise UsageError(f"--endpoint {endpoint}: not an address; write http://… or https://…")
    wrapper = SPARQLWrapper(endpoint)
    wrapper.setMethod(POST)
    wrapper.setTimeout(timeout)
    wrapper.setQuery(with_values(text, bindings))
    graph = wrapper.queryType in ("CONSTRUCT", "DESCRIBE")
    wrapper.setReturnFormat(TURTLE if graph else JSON)
    if not graph:
        # The wrapper's own list of media types makes some servers choose another one.
        wrapper.setOnlyConneg(True)
    try:
        response = wrapper.query().response
        body: bytes = response.read()
        media_type = str(response.headers.get("Content-Type", "")).partition(";")[0].strip()
    except SPARQLExceptions.SPARQLWrapperException as error:
        said = str(getattr(error, "args", [""])[0] or error).strip()
        raise QueryError(f"{endpoint}: the query was refused: {_first_lines(said)}") from error
    except HTTPError as error:
        raise QueryError(f"{endpoint}: HTTP {error.code} {error.reason}") from error
    except TimeoutError as error:
        raise QueryError(_late(endpoint, timeout)) from error
    except URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise QueryError(_late(endpoint, timeout)) from error
        raise QueryError(f"{endpoint}: cannot be reached: {error.reason}") from error
    except OSError as error:
        raise QueryError(f"{endpoint}: the connection broke: {error}") from error
    return _read(endpoint, body, media_type, graph)


def _late(endpoint: str, timeout: int) -> str:
    return f"{endpoint}: no answer within {timeout} seconds; allow more with --timeout"


def _read(endpoint: str, body: bytes, media_type: str, graph: bool) -> Answer:
    """Parse *body* to its end, so that a cut-off one is an error and not a short answer."""
    try:
        if graph:
            syntax = ox.RdfFormat.from_media_type(media_type) or ox.RdfFormat.TURTLE
            store = ox.Store()
            store.extend(ox.parse(body, format=syntax))
            return store.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o")
        results = ox.QueryResultsFormat.from_media_type(media_type) or ox.QueryResultsFormat.JSON
        parsed = ox.parse_query_results(body, format=results)
        if isinstance(parsed, ox.QuerySolutions):
            for _ in parsed:
                pass
            parsed = ox.parse_query_results(body, format=results)
    except (SyntaxError, ValueError, OSError) as error:
        raise QueryError(
            f"{endpoint}: the answer is cut off or not SPARQL results ({media_type or 'no type'}, "
            f"{len(body)} bytes): {error}; the server may have stopped the query"
        ) from error
    answer: Answer = parsed
    return answer


def _first_lines(text: str) -> str:
    return " ".join(text.split())[:500]


def with_values(text: str, bindings: Mapping[str, Term]) -> str:
    """Return the query with *bindings* as a VALUES block at the start of its WHERE clause.

    The protocol has no parameters, and Oxigraph's substitutions reach projected variables only.
    The terms are parsed and serialised again, never pasted.
    """
    if not bindings:
        return text
    names = " ".join(f"?{name}" for name in bindings)
    terms = " ".join(str(term) for term in bindings.values())
    at = _where(text) + 1
    return f"{text[:at]}\n  VALUES ({names}) {{ ({terms}) }}{text[at:]}"


def _where(text: str) -> int:
    """Return the position of the brace that opens the WHERE clause."""
    words: list[str] = []
    depth = 0
    for token in _TOKENS.finditer(text):
        word = token.group().upper()
        if word == "{":
            depth += 1
            # The first group of a CONSTRUCT is its template, unless WHERE comes before it.
            if depth == 1 and ("CONSTRUCT" not in words or "WHERE" in words):
                return token.start()
        elif word == "}":
            depth -= 1
            words.append("WHERE")
        elif word in ("CONSTRUCT", "WHERE"):
            words.append(word)
    raise QueryError("the query has no WHERE clause to bind its parameters in")


#: What a brace can hide in (strings, IRIs, comments), braces, and the keywords that matter.
_TOKENS = re.compile(
    r"""\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
    r"""|<[^<>"{}|^`\\\x00-\x20]*>|\#[^\n]*|[{}]|\bCONSTRUCT\b|\bWHERE\b""",
    re.IGNORECASE | re.DOTALL,
)


# -- answers


def rows(answer: ox.QuerySolutions) -> list[list[str]]:
    """Return the answer as rows of text, variables first: lexical forms, IRIs, '' for unbound.

    This is what SPARQL 1.1 CSV says, section 3.
    """
    names = [variable.value for variable in answer.variables]
    return [names, *([_plain(term) for term in solution] for solution in answer)]


def _plain(term: Any) -> str:
    return "" if term is None else str(getattr(term, "value", term))


def write(answer: Answer, format: str, model: Model) -> bytes:
    """Return the answer in one of FORMATS.

    Raises UsageError when the answer has no such form: triples are no table, rows no graph.
    """
    if isinstance(answer, ox.QueryTriples):
        if format not in ("table", "turtle"):
            raise UsageError(f"the query answers with triples; --format {format} cannot hold them")
        prefixes = dict(model.prefixes)
        result = ox.serialize(
            sorted(answer, key=str), format=ox.RdfFormat.TURTLE, prefixes=prefixes
        )
        assert result is not None
        return result
    if format == "turtle":
        raise UsageError("the query answers with rows; --format turtle cannot hold them")
    if format != "table":
        written = answer.serialize(format=_RESULTS[format])
        assert written is not None
        return written
    if isinstance(answer, ox.QueryBoolean):
        return b"true\n" if answer else b"false\n"
    return _table(rows(answer), model.curie).encode()


def _table(cells: list[list[str]], shorten: Callable[[str], str]) -> str:
    """Return rows as aligned columns under a line, IRIs shortened."""
    shown = [cells[0], *([shorten(cell) for cell in row] for row in cells[1:])]
    widths = [max(len(row[column]) for row in shown) for column in range(len(cells[0]))]

    def line(row: Iterable[str]) -> str:
        return "  ".join(
            f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)
        ).rstrip()

    body = [line(shown[0]), line("-" * width for width in widths), *map(line, shown[1:])]
    count = len(cells) - 1
    return "\n".join([*body, f"({count} row{'' if count == 1 else 's'})"]) + "\n"
