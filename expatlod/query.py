"""Put SPARQL queries to a store, a dump or a release, in this process.

The embedded Oxigraph store answers, and nothing leaves the machine: a query with SERVICE is
refused. It takes the time and the memory that it takes; see `bounded` for limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyoxigraph as ox

from expatlod.errors import QueryError
from expatlod.resources import Folder
from expatlod.sources import load, sources
from expatlod.sparql import Term, form, refuse_depth, refuse_service, with_values
from expatlod.store import is_store, opened

__all__ = ["Answer", "ask_store", "cells", "not_answered", "open_store", "rows"]

#: What a query answers: solutions, a truth value, or triples.
Answer = ox.QuerySolutions | ox.QueryBoolean | Iterable[ox.Triple]


# -- a store


def open_store(path: Path, profile: Folder) -> ox.Store:
    """Return a store with the data at *path*: a store on disk, a release or a dump.

    A dump is joined by the ontology and codelists of *profile*; see `sources`.

    Raises UsageError when there is no data at *path*, QueryError when it cannot be read.
    """
    if is_store(path):
        return opened(path)
    store = ox.Store()
    for each in sources(path, profile):
        load(store, each)
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
    form(text)
    whole = with_values(text, bindings)
    refuse_depth(whole)
    if not allow_service:
        refuse_service(whole)
    try:
        return store.query(whole)
    except (SyntaxError, ValueError, RuntimeError, OSError) as error:
        raise not_answered(error) from error


def not_answered(error: Exception) -> QueryError:
    """Return what the engine said as an error of one line."""
    said = " ".join(str(error).split())
    if "Prefix not found" in said:
        place = said.partition(": ")[0]
        said = f"{place}: a prefix is used that no PREFIX line declares"
    return QueryError(f"the query was not answered: {said}")


# -- answers


def rows(answer: ox.QuerySolutions) -> list[list[str]]:
    """Return the answer as rows of text, see `cells`."""
    return list(cells(answer))


def cells(answer: ox.QuerySolutions) -> Iterator[list[str]]:
    """Yield the answer as rows of text, variables first: lexical forms, IRIs, '' for unbound.

    This is what SPARQL 1.1 CSV says, section 3.
    """
    yield [variable.value for variable in answer.variables]
    try:
        for solution in answer:
            yield [_plain(term) for term in solution]
    except (RuntimeError, OSError) as error:
        # Rows are computed as they are read, and a server that they come from may be gone.
        raise not_answered(error) from error


def _plain(term: Any) -> str:
    return "" if term is None else str(getattr(term, "value", term))
