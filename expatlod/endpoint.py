"""Put SPARQL queries to an endpoint, over the SPARQL 1.1 Protocol.

An answer counts when its body has been read and parsed to the end: some servers answer 200 and cut
the body off. Whatever goes wrong is one QueryError of one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http.client import HTTPException, HTTPResponse
from queue import Empty, Queue
from threading import Thread
from types import MappingProxyType
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, build_opener

import pyoxigraph as ox

from expatlod.errors import QueryError, UsageError
from expatlod.iris import is_iri
from expatlod.query import Answer
from expatlod.sparql import Term, form, with_values

__all__ = ["ask_endpoint"]

_CHUNK = 65_536

#: The largest answer that is taken, in bytes.
_LARGEST = 500_000_000

# Parsers recurse into quoted triples; an answer that is about them holds some, not thousands.
_NESTED = re.compile(rb'"type"\s*:\s*"triple"')
_MOST_NESTED = 1_000


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
    from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper

    if not is_iri(endpoint) or not endpoint.lower().startswith("http"):
        raise UsageError(f"--endpoint {endpoint}: not an address; write http://… or https://…")

    class Wrapper(SPARQLWrapper):
        # The wrapper's own look at the text takes words in comments and prefixes for the form.
        def _parseQueryType(self, query: str) -> str:  # noqa: N802
            return form(query)

        # Its own way of sending follows redirects without the query and reads errors endlessly.
        def _query(self) -> tuple[HTTPResponse, str]:
            return _OPENER.open(self._createRequest(), timeout=timeout), self.returnFormat

    graph = form(text) in ("CONSTRUCT", "DESCRIBE")
    wrapper = Wrapper(endpoint)
    wrapper.setMethod(POST)
    wrapper.setReturnFormat(TURTLE if graph else JSON)
    wrapper.setOnlyConneg(True)
    wrapper.setQuery(with_values(text, bindings))
    body, media_type = _within(timeout, endpoint, lambda: _sent(wrapper, endpoint, timeout))
    answer = _parsed(endpoint, body, media_type, graph)
    if isinstance(answer, ox.QueryBoolean) != (form(text) == "ASK"):
        raise QueryError(f"{endpoint}: the answer is of another form than the question")
    return answer


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = build_opener(_NoRedirect)

#: A body and its media type.
_Answered = tuple[bytes, str]


def _within(seconds: int, endpoint: str, work: Callable[[], _Answered]) -> _Answered:
    """Return what *work* returns, if it does within *seconds*; else it is left behind."""
    results: Queue[_Answered | Exception] = Queue()

    def run() -> None:
        try:
            results.put(work())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised below
            results.put(error)

    Thread(target=run, daemon=True).start()
    try:
        result = results.get(timeout=seconds)
    except Empty:
        raise QueryError(_late(endpoint, seconds)) from None
    if isinstance(result, Exception):
        raise result
    return result


def _sent(wrapper: Any, endpoint: str, timeout: int) -> tuple[bytes, str]:
    """Send the query; return the body and media type of the answer."""
    try:
        with wrapper.query().response as response:
            body = _body(response)
            media_type = str(response.headers.get("Content-Type", "")).partition(";")[0].strip()
    except HTTPError as error:
        with error:
            said = (
                _line(error.read1(_CHUNK).decode("utf-8", "replace")) if error.code == 400 else ""
            )
        if said:
            raise QueryError(f"{endpoint}: the query was refused: {said}") from error
        raise QueryError(f"{endpoint}: HTTP {error.code} {_line(error.reason)}".strip()) from error
    except TimeoutError as error:
        raise QueryError(_late(endpoint, timeout)) from error
    except URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise QueryError(_late(endpoint, timeout)) from error
        raise QueryError(f"{endpoint}: cannot be reached: {_line(error.reason)}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise QueryError(f"{endpoint}: the connection broke: {_line(error)}") from error
    return body, media_type


def _body(response: HTTPResponse) -> bytes:
    """Read the body, of a size that fits into memory."""
    chunks = []
    size = 0
    while chunk := response.read1(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > _LARGEST:
            raise HTTPException(f"the answer has more than {_LARGEST} bytes")
    promised = response.headers.get("Content-Length")
    if promised is not None and promised.isdigit() and size < int(promised):
        raise HTTPException(f"{size} of {promised} bytes came")
    return b"".join(chunks)


def _parsed(endpoint: str, body: bytes, media_type: str, graph: bool) -> Answer:
    """Parse *body* to its end, so that a cut-off one is an error and not a short answer."""
    try:
        if sum(1 for _ in _NESTED.finditer(body)) > _MOST_NESTED:
            raise ValueError("too many triples inside triples")  # noqa: TRY301
        if graph:
            syntax = ox.RdfFormat.from_media_type(media_type) or ox.RdfFormat.TURTLE
            store = ox.Store()
            store.extend(ox.parse(body, format=syntax))
            answer: Answer = store.query("CONSTRUCT WHERE { ?s ?p ?o }")
            return answer
        results = ox.QueryResultsFormat.from_media_type(media_type) or ox.QueryResultsFormat.JSON
        parsed = ox.parse_query_results(body, format=results)
        if isinstance(parsed, ox.QuerySolutions):
            for _ in parsed:
                pass
            parsed = ox.parse_query_results(body, format=results)
    except (SyntaxError, ValueError, OSError) as error:
        raise QueryError(
            f"{endpoint}: the answer is cut off or not SPARQL results ({media_type or 'no type'}, "
            f"{len(body)} bytes): {_line(error)}; the server may have stopped the query"
        ) from error
    return parsed


def _late(endpoint: str, timeout: int) -> str:
    seconds = "1 second" if timeout == 1 else f"{timeout} seconds"
    return f"{endpoint}: no answer within {seconds}; allow more with --timeout"


def _line(text: object) -> str:
    """Return *text* on one line, of a length to read and without what steers a terminal."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", str(text)).split())[:500]
