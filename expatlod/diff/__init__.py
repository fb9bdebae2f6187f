"""Tell what differs between two releases: one module for each way to write it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from expatlod.diff import json, markdown, rdf, text
from expatlod.diff.changes import Changes, diff, first_release
from expatlod.diff.markdown import document

__all__ = ["FORMATS", "Changes", "diff", "document", "first_release"]

#: Format -> what writes changes in it, with words in a language, piece by piece.
FORMATS: Mapping[str, Callable[[Changes, str], Iterator[str]]] = MappingProxyType(
    {
        "text": text.render,
        "json": json.render,
        "markdown": markdown.render,
        "sparql-update": rdf.sparql_update,
        "rdf-patch": rdf.rdf_patch,
    }
)
