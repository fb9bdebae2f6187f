"""Write the answer of a query: as a table for people, in the forms of SPARQL, as Turtle."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from typing import IO

import msgspec
import pyoxigraph as ox

from expatlod.dumps import turtle
from expatlod.errors import UsageError
from expatlod.profile import Model
from expatlod.query import Answer, cells, not_answered

__all__ = ["FORMATS", "write"]

_RESULTS = {
    "csv": ox.QueryResultsFormat.CSV,
    "json": ox.QueryResultsFormat.JSON,
    "tsv": ox.QueryResultsFormat.TSV,
    "xml": ox.QueryResultsFormat.XML,
}

#: The forms that an answer can be written in.
FORMATS = ("table", *_RESULTS, "turtle")

#: Larger answers are put aside on disk, in bytes.
_SPOOLED = 16_000_000


def write(answer: Answer, format: str, model: Model, out: IO[bytes]) -> None:
    """Write the answer to *out* in one of FORMATS.

    Raises UsageError when the answer has no such form: triples are no table, rows no graph.
    """
    if not isinstance(answer, ox.QuerySolutions | ox.QueryBoolean):
        if format not in ("table", "turtle"):
            raise UsageError(f"the query answers with triples; --format {format} cannot hold them")
        lines = sorted({f"{triple} .\n" for triple in answer})
        out.write(turtle("".join(lines).encode(), model.prefixes))
    elif format == "turtle":
        raise UsageError("the query answers with rows; --format turtle cannot hold them")
    elif format != "table":
        try:
            answer.serialize(out, format=_RESULTS[format])
        except (RuntimeError, OSError) as error:
            raise not_answered(error) from error
    elif isinstance(answer, ox.QueryBoolean):
        out.write(b"true\n" if answer else b"false\n")
    else:
        _table(cells(answer), model.curie, out)


def _table(rows: Iterable[list[str]], shorten: Callable[[str], str], out: IO[bytes]) -> None:
    """Write rows, names first, as aligned columns under a line, IRIs shortened."""
    rows = iter(rows)
    names = next(rows)
    widths = [len(name) for name in names]
    count = 0
    # How wide a column is only its last row tells.
    with SpooledTemporaryFile(_SPOOLED) as kept:
        for row in rows:
            shown = [" ".join(shorten(cell).split()) for cell in row]
            widths = [max(width, len(cell)) for width, cell in zip(widths, shown, strict=True)]
            kept.write(msgspec.json.encode(shown) + b"\n")
            count += 1
        kept.seek(0)

        def line(row: Iterable[str]) -> bytes:
            padded = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
            return f"{'  '.join(padded).rstrip()}\n".encode()

        out.write(line(names))
        out.write(line("-" * width for width in widths))
        for each in kept:
            out.write(line(msgspec.json.decode(each, type=list[str])))
    out.write(f"({count} row{'' if count == 1 else 's'})\n".encode())
