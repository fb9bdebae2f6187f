"""Write the header line of a table of records, for the spreadsheet or program that fills it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from expatlod.errors import UsageError
from expatlod.fields import RecordClass
from expatlod.profile import Model
from expatlod.schema.columns import columns

__all__ = ["render"]


def render(model: Model, kinds: Sequence[RecordClass], lang: str) -> bytes:  # noqa: ARG001
    """Return the header line for the one class in *kinds*, RFC 4180."""
    if len(kinds) != 1:
        known = ", ".join(each.name for each in kinds)
        raise UsageError(f"a table holds one class of records; name one of {known}")
    text = io.StringIO(newline="")
    csv.writer(text).writerow(column.name for column in columns(model, kinds[0]))
    return text.getvalue().encode()
