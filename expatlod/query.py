"""Put SPARQL queries to a dump, and write answers.

The embedded Oxigraph store answers, and nothing leaves the machine: a query with SERVICE is
refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyoxigraph as ox

from expatlod.dumps import SYNTAXES, turtle
from expatlod.errors import QueryError, UsageError
from expatlod.profile import Model
from expatlod.resources import Folder
from expatlod.sparql import Term, form, refuse_depth, refuse_service, with_values

__all__ = ["FORMATS", "Answer", "ask_store", "open_store", "rows", "write"]

#: What a query answers: solutions, a truth value, or triples.
Answer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

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
    form(text)
    whole = with_values(text, bindings)
    refuse_depth(whole)
    if not allow_service:
        refuse_service(whole)
    try:
        return store.query(whole)
    except (SyntaxError, ValueError, RuntimeError, OSError) as error:
        raise _not_answered(error) from error


def _not_answered(error: Exception) -> QueryError:
    said = " ".join(str(error).split())
    if "Prefix not found" in said:
        place = said.partition(": ")[0]
        said = f"{place}: a prefix is used that no PREFIX line declares"
    return QueryError(f"the query was not answered: {said}")


# -- answers


def rows(answer: ox.QuerySolutions) -> list[list[str]]:
    """Return the answer as rows of text, variables first: lexical forms, IRIs, '' for unbound.

    This is what SPARQL 1.1 CSV says, section 3.
    """
    names = [variable.value for variable in answer.variables]
    try:
        return [names, *([_plain(term) for term in solution] for solution in answer)]
    except (RuntimeError, OSError) as error:
        # Rows are computed as they are read, and a server that they come from may be gone.
        raise _not_answered(error) from error


def _plain(term: Any) -> str:
    return "" if term is None else str(getattr(term, "value", term))


def write(answer: Answer, format: str, model: Model) -> bytes:
    """Return the answer in one of FORMATS.

    Raises UsageError when the answer has no such form: triples are no table, rows no graph.
    """
    if isinstance(answer, ox.QueryTriples):
        if format not in ("table", "turtle"):
            raise UsageError(f"the query answers with triples; --format {format} cannot hold them")
        lines = sorted({f"{triple} .\n" for triple in answer})
        return turtle("".join(lines).encode(), model.prefixes)
    if format == "turtle":
        raise UsageError("the query answers with rows; --format turtle cannot hold them")
    if format != "table":
        try:
            written = answer.serialize(format=_RESULTS[format])
        except (RuntimeError, OSError) as error:
            raise _not_answered(error) from error
        assert written is not None
        return written
    if isinstance(answer, ox.QueryBoolean):
        return b"true\n" if answer else b"false\n"
    return _table(rows(answer), model.curie).encode()


def _table(cells: list[list[str]], shorten: Callable[[str], str]) -> str:
    """Return rows as aligned columns under a line, IRIs shortened."""
    shown = [cells[0], *([" ".join(shorten(cell).split()) for cell in row] for row in cells[1:])]
    widths = [max(len(row[column]) for row in shown) for column in range(len(cells[0]))]

    def line(row: Iterable[str]) -> str:
        return "  ".join(
            f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)
        ).rstrip()

    body = [line(shown[0]), line("-" * width for width in widths), *map(line, shown[1:])]
    count = len(cells) - 1
    return "\n".join([*body, f"({count} row{'' if count == 1 else 's'})"]) + "\n"
