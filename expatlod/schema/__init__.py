"""Describe how records are written, for those who write them: one module a format.

All of it follows from the shapes and the context.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from expatlod.fields import RecordClass
from expatlod.profile import Model
from expatlod.schema import csv, json_schema, markdown, xlsx

__all__ = ["FORMATS"]

#: Format -> what describes some classes of records in it, with help in a language.
FORMATS: Mapping[str, Callable[[Model, Sequence[RecordClass], str], bytes]] = MappingProxyType(
    {
        "json-schema": json_schema.render,
        "csv": csv.render,
        "xlsx": xlsx.render,
        "markdown": markdown.render,
    }
)
