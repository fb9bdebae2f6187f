"""Changes as triples that are gone and triples that came, to bring a store up to date.

SPARQL 1.1 Update is one request that a store applies as a whole; RDF Patch is read line by line,
https://afs.github.io/rdf-patch/. Both hold the changes of the dumps, in the order of the records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from expatlod.diff.changes import Changes

__all__ = ["rdf_patch", "sparql_update"]

# SPARQL resolves \u before it looks at anything else, section 19.2: a backslash that stands for
# itself must not come before a u.
_ESCAPE = re.compile(rb"\\\\([uU])|\\.")
_UNICODE = {b"u": rb"\\\u0075", b"U": rb"\\\u0055"}


def sparql_update(changes: Changes, lang: str) -> Iterator[str]:  # noqa: ARG001
    """Yield the operations of a request, two for each record."""
    for old, new in changes.triples():
        for verb, lines in (("DELETE", old), ("INSERT", new)):
            if lines:
                data = b"".join(map(_sparql, lines)).decode()
                yield f"{verb} DATA {{\n{data}}} ;\n"


def _sparql(line: bytes) -> bytes:
    if b"\\" not in line:
        return line
    return _ESCAPE.sub(lambda match: _UNICODE[match[1]] if match[1] else match[0], line)


def rdf_patch(changes: Changes, lang: str) -> Iterator[str]:  # noqa: ARG001
    """Yield a patch of one transaction: D for triples that are gone, A for those that came."""
    yield "TX .\n"
    for old, new in changes.triples():
        data = [b"D " + line for line in old] + [b"A " + line for line in new]
        yield b"".join(data).decode()
    yield "TC .\n"
