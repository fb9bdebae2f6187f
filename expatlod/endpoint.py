"""Put SPARQL queries to an endpoint, over the SPARQL 1.1 Protocol.

An answer counts when its body has been read and parsed to the end: some servers answer 200 and cut
the body off. Whatever goes wrong is one QueryError of one line.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from types import MappingProxyType
from typing import Any
from urllib.error import HTTPError, URLError

import pyoxigraph as ox

from expatlod.errors import QueryError, UsageError
from expatlod.iris import is_iri
from expatlod.query import Answer
from expatlod.sparql import Term, form, with_values

__all__ = ["ask_endpoint"]

_CHUNK = 65_536


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

    if not is_iri(endpoint) or not endpoint.lower().startswith("http"):
        raise UsageError(f"--endpoint {endpoint}: not an address; write http://… or https://…")

    class Wrapper(SPARQLWrapper):
        # The wrapper's own look at the text takes words in comments and prefixes for the form.
        def _parseQueryType(self, query: str) -> str:  # noqa: N802
            return form(query)

    graph = form(text) in ("CONSTRUCT", "DESCRIBE")
    wrapper = Wrapper(endpoint)
    wrapper.setMethod(POST)
    wrapper.setTimeout(timeout)
    wrapper.setReturnFormat(TURTLE if graph else JSON)
    wrapper.setOnlyConneg(True)
    wrapper.setQuery(with_values(text, bindings))
    deadline = time.monotonic() + timeout
    try:
        response = wrapper.query().response
        with response:
            body = _body(response, deadline)
            media_type = str(response.headers.get("Content-Type", "")).partition(";")[0].strip()
    except SPARQLExceptions.QueryBadFormed as error:
        raise QueryError(f"{endpoint}: the query was refused: {_said(error)}") from error
    except SPARQLExceptions.SPARQLWrapperException as error:
        raise QueryError(f"{endpoint}: {_status(error.__context__)}") from error
    except HTTPError as error:
        error.close()
        raise QueryError(f"{endpoint}: {_status(error)}") from error
    except TimeoutError as error:
        raise QueryError(_late(endpoint, timeout)) from error
    except URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise QueryError(_late(endpoint, timeout)) from error
        raise QueryError(f"{endpoint}: cannot be reached: {_line(error.reason)}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise QueryError(f"{endpoint}: the connection broke: {_line(error)}") from error
    return _parsed(endpoint, body, media_type, graph)


def _body(response: HTTPResponse, deadline: float) -> bytes:
    """Read the body; a server that sends drop by drop is not waited for past *deadline*."""
    chunks = []
    while chunk := response.read1(_CHUNK):
        chunks.append(chunk)
        if time.monotonic() > deadline:
            raise TimeoutError
    body = b"".join(chunks)
    promised = response.headers.get("Content-Length")
    if promised is not None and promised.isdigit() and len(body) < int(promised):
        raise HTTPException(f"{len(body)} of {promised} bytes came")
    return body


def _parsed(endpoint: str, body: bytes, media_type: str, graph: bool) -> Answer:
    """Parse *body* to its end, so that a cut-off one is an error and not a short answer."""
    try:
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


def _said(error: Exception) -> str:
    """Return what the server said, which the wrapper's message holds as the text of bytes."""
    said = str(error).partition("Response:\n")[2]
    try:
        body = ast.literal_eval(said)
    except (SyntaxError, ValueError):
        body = None
    if isinstance(body, bytes):
        return _line(body.decode("utf-8", "replace")) or "HTTP 400"
    return "HTTP 400"


def _status(error: Any) -> str:
    if isinstance(error, HTTPError):
        error.close()
        return f"HTTP {error.code} {_line(error.reason)}".strip()
    return _line(error)


def _late(endpoint: str, timeout: int) -> str:
    seconds = "1 second" if timeout == 1 else f"{timeout} seconds"
    return f"{endpoint}: no answer within {seconds}; allow more with --timeout"


def _line(text: object) -> str:
    """Return *text* on one line, of a length to read."""
    return " ".join(str(text).split())[:500]
