"""Speak with a SPARQL 1.1 server: Query, Update and Graph Store Protocol.

What passes, such as a connection that broke or a server that is busy, is tried again after a pause
that grows; what does not pass is one PublishError of one line. Redirects are not followed: the
credentials go to the server that was named, and to no other.
"""

from __future__ import annotations

import random
import re
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from itertools import count
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

import msgspec

from expatlod.errors import PublishError, UsageError
from expatlod.iris import is_iri
from expatlod.push.credentials import Credentials, is_loopback

__all__ = ["Addresses", "Server", "addresses"]

_READ = 65_536

#: The largest answer that is taken, in bytes; ours are a few rows.
_LARGEST = 50_000_000

#: What a server says that will do better later: too many requests, and what proxies say.
_PASSING = (429, 502, 503, 504)

#: Seconds: the first pause, the longest of ours, and the longest that a server may ask for.
_FIRST_PAUSE, _LONGEST_PAUSE, _LONGEST_ASKED = 0.5, 30.0, 60.0

_RESULTS = ("application/sparql-results+json", "application/json")

# RDF4J and GraphDB: the other addresses stand below the one for queries.
_REPOSITORY = re.compile(r"/repositories/[^/]+$")

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a server takes queries, updates and graphs."""

    query: str
    update: str
    store: str


def addresses(endpoint: str, update: str = "", store: str = "") -> Addresses:
    """Return the addresses of the server at *endpoint*: its base, or where it takes queries.

    Those that are not given stand beside each other as /query, /update and /store, or are those of
    a repository of RDF4J. When one is given, *endpoint* is where it takes queries.

    Raises UsageError for what is no address, holds credentials, or leads to another server.

    >>> addresses("http://localhost:7878/")
    Addresses(query='http://localhost:7878/query', update='http://localhost:7878/update', \
store='http://localhost:7878/store')
    >>> addresses("https://example.org/repositories/a").store
    'https://example.org/repositories/a/rdf-graphs/service'
    """
    for option, address in (("endpoint", endpoint), ("update", update), ("store", store)):
        if address or option == "endpoint":
            _check(option, address)
    parts = urlsplit(endpoint)
    for option, address in (("update", update), ("store", store)):
        other = urlsplit(address)
        if address and (other.scheme, other.netloc) != (parts.scheme, parts.netloc):
            raise UsageError(f"--{option}: another server than that of --endpoint")
    path = parts.path.rstrip("/")
    if _REPOSITORY.search(path):
        query, others = endpoint, (f"{path}/statements", f"{path}/rdf-graphs/service")
    elif update or store or path.endswith(("/query", "/sparql")):
        beside = path.rpartition("/")[0]
        query, others = endpoint, (f"{beside}/update", f"{beside}/store")
    else:
        query, others = _at(endpoint, f"{path}/query"), (f"{path}/update", f"{path}/store")
    return Addresses(query, update or _at(endpoint, others[0]), store or _at(endpoint, others[1]))


def _check(option: str, address: str) -> None:
    if "@" in address:
        # It is not shown: what stands before the sign may be a password.
        raise UsageError(
            f"--{option}: an address with '@'; credentials do not belong in it, set EXPATLOD_USER "
            "and EXPATLOD_PASSWORD, or EXPATLOD_TOKEN, or write a netrc file"
        )
    try:
        good = is_iri(address) and address.isascii() and urlsplit(address).port != 0
    except ValueError:
        good = False
    if not good or not address.lower().startswith("http") or "#" in address:
        raise UsageError(f"--{option} {address}: not an address; write http://… or https://…")


def _at(address: str, path: str) -> str:
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


class _Term(msgspec.Struct):
    value: str


class _Solutions(msgspec.Struct):
    bindings: list[dict[str, _Term]]


class _Results(msgspec.Struct):
    """An answer as https://www.w3.org/TR/sparql11-results-json/ has it, as far as it is read."""

    results: _Solutions


class _Passing(Exception):  # noqa: N818 - not an error that anybody sees
    """What went wrong may go well the next time; *after* so many seconds, if the server says."""

    def __init__(self, words: str, after: float | None = None) -> None:
        super().__init__(words)
        self.after = after


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Server:
    """A SPARQL 1.1 server: its *addresses*, who we are, and how patient we are with it.

    *timeout* is in seconds, for an answer to begin and then for each part of it; a request is
    sent up to *retries* times more.
    """

    def __init__(
        self, at: Addresses, credentials: Credentials, *, timeout: int, retries: int
    ) -> None:
        self.at = at
        self._credentials = credentials
        self._timeout = timeout
        self._retries = retries
        self._opener = _opener(at.query)

    def rows(self, text: str, *names: str) -> list[tuple[str, ...]]:
        """Return the solutions of a SELECT query: what the variables of those *names* stand for.

        Raises PublishError, as the other methods do, saying what the server does not do.
        """
        return self._tried(lambda: self._asked(text, names))

    def update(self, text: str) -> None:
        """Carry out a SPARQL Update, which must be one that can be carried out twice."""
        request = self._wrapped(text, "INSERT")
        self._tried(lambda: self._sent(request))

    def add(self, graph: str, triples: bytes) -> None:
        """Add N-Triples to a named graph. To do so twice is no harm."""
        store = self.at.store
        sign = "&" if "?" in store else "?"
        request = Request(  # noqa: S310 - the address was checked to be http or https
            f"{store}{sign}graph={quote(graph, safe='')}",
            data=triples,
            headers={"Content-Type": "application/n-triples", "User-Agent": "expatlod"},
            method="POST",
        )
        self._tried(lambda: self._sent(request))

    def _tried(self, work: Callable[[], _Result]) -> _Result:
        """Return what *work* returns in the end, with pauses between what passes."""
        for attempt in count():
            try:
                return work()
            except _Passing as trouble:
                if attempt >= self._retries:
                    raise PublishError(str(trouble)) from trouble
                time.sleep(_pause(attempt, trouble.after))
        raise AssertionError

    def _asked(self, text: str, names: Sequence[str]) -> list[tuple[str, ...]]:
        body, media_type = self._sent(self._wrapped(text, "SELECT"))
        where = _shown(self.at.query)
        if media_type not in _RESULTS:
            raise PublishError(
                f"{where}: no SPARQL server: the answer is {media_type or 'of no type'}, not "
                "SPARQL results; name where it takes queries with --endpoint"
            )
        try:
            results = msgspec.json.decode(body, type=_Results)
        except msgspec.ValidationError as error:
            raise PublishError(f"{where}: no SPARQL server: {self._line(error)}") from None
        except (msgspec.DecodeError, RecursionError) as error:
            raise _Passing(f"{where}: the answer is cut off: {self._line(error)}") from None
        try:
            return [tuple(row[each].value for each in names) for row in results.results.bindings]
        except KeyError as error:
            raise PublishError(f"{where}: no SPARQL server: no value for {error}") from None

    def _wrapped(self, text: str, form: str) -> Request:
        """Return the request for a query or an update, as the protocol wants it."""
        # The wrapper imports rdflib, which takes a third of a second.
        from SPARQLWrapper import JSON, POST, SPARQLWrapper

        class Wrapper(SPARQLWrapper):
            # The wrapper's own look at the text takes a word in an IRI for the form.
            def _parseQueryType(self, query: str) -> str:  # noqa: N802, ARG002
                return form

        wrapper = Wrapper(self.at.query, updateEndpoint=self.at.update, agent="expatlod")
        wrapper.setMethod(POST)
        wrapper.setReturnFormat(JSON)
        wrapper.setOnlyConneg(True)
        wrapper.setQuery(text)
        # Its own way of sending follows redirects and reads without end.
        request: Request = wrapper._createRequest()
        return request

    def _sent(self, request: Request) -> tuple[bytes, str]:
        """Send *request*; return the body and media type of the answer.

        Raises _Passing for what may go well the next time, PublishError for what will not.
        """
        where = _shown(request.full_url)
        if self._credentials.header:
            request.add_unredirected_header("Authorization", self._credentials.header)
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                return _body(response, self._timeout), response.headers.get_content_type()
        except HTTPError as error:
            with error:
                raise self._refused(where, error) from None
        except TimeoutError:
            raise _Passing(
                f"{where}: no answer within {self._timeout} s; allow more with --timeout"
            ) from None
        except URLError as error:
            if isinstance(error.reason, ssl.SSLCertVerificationError):
                raise PublishError(
                    f"{where}: its certificate is not to be trusted: {error.reason.verify_message}"
                ) from None
            raise _Passing(f"{where}: cannot be reached: {self._line(error.reason)}") from None
        except (OSError, HTTPException) as error:
            raise _Passing(f"{where}: the connection broke: {self._line(error)}") from None

    def _refused(self, where: str, error: HTTPError) -> Exception:
        said = f"{where}: HTTP {error.code} {self._line(error.reason)}".strip()
        if error.code in _PASSING:
            return _Passing(said, _asked_pause(error.headers.get("Retry-After", "")))
        if error.code == 400:
            with suppress(OSError, HTTPException):
                said += f": {self._line(error.read1(_READ).decode('utf-8', 'replace'))}"
        if error.code in (401, 403):
            known = "does not accept the credentials" if self._credentials.header else "wants some"
            return PublishError(
                f"{said}; the server {known}: set EXPATLOD_USER and EXPATLOD_PASSWORD, or "
                "EXPATLOD_TOKEN, or write a netrc file"
            )
        return PublishError(f"{said}{_CURES.get(error.code, '')}")

    def _line(self, text: object) -> str:
        """Return what a server said on one line, without secrets and what steers a terminal."""
        clean = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", self._credentials.hidden_in(str(text)))
        return " ".join(clean.split())[:300]


_MOVED = "; the server sends us elsewhere, which is not followed: name the address itself"

#: What to do about a status, https://www.rfc-editor.org/rfc/rfc9110#name-status-codes
_CURES = {
    **dict.fromkeys((301, 302, 303, 307, 308), _MOVED),
    **dict.fromkeys(
        (404, 405, 501),
        "; nothing is taken there: name where the server takes updates with --update and graphs "
        "with --store, and see that it is not read-only",
    ),
    413: "; the server, or a proxy before it, takes less than a megabyte at once: allow it more",
}


def _opener(address: str) -> OpenerDirector:
    # A proxy is no way to this machine, and would see the credentials.
    direct = [ProxyHandler({})] if is_loopback(address) else []
    return build_opener(_NoRedirect, *direct)


def _body(response: HTTPResponse, timeout: int) -> bytes:
    """Read the body to its end; one that is cut off is no answer."""
    chunks = []
    size = 0
    until = time.monotonic() + timeout
    while chunk := response.read1(_READ):
        chunks.append(chunk)
        size += len(chunk)
        if size > _LARGEST:
            raise HTTPException(f"the answer has more than {_LARGEST} bytes")
        if time.monotonic() > until:
            raise TimeoutError
    promised = response.headers.get("Content-Length", "")
    if promised.isdigit() and size < int(promised):
        raise HTTPException(f"{size} of {promised} bytes came")
    return b"".join(chunks)


def _shown(address: str) -> str:
    """Return *address* without what follows a question mark, which may be a key."""
    return address.partition("?")[0]


def _asked_pause(text: str) -> float | None:
    """Return the seconds that Retry-After asks for, given as seconds or as a date.

    >>> _asked_pause("7"), _asked_pause("Fri, 31 Dec 1999 23:59:59 GMT"), _asked_pause("soon")
    (7.0, 0.0, None)
    """
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max((at - datetime.now(UTC)).total_seconds(), 0.0)


def _pause(attempt: int, asked: float | None) -> float:
    """Return the seconds to wait after the attempt of that number, counted from 0."""
    if asked is not None:
        return min(asked, _LONGEST_ASKED)
    longest = min(_FIRST_PAUSE * 2 ** min(attempt, 10), _LONGEST_PAUSE)
    # So that clients which were turned away together do not come back together.
    return random.uniform(longest / 2, longest)  # noqa: S311 - no secret
