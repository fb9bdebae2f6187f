"""Check whatever the user names: records, folders of records, RDF files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from expatlod.collection import gather
from expatlod.dumps import SYNTAXES
from expatlod.errors import ERROR, Finding, Location
from expatlod.profile import Model
from expatlod.validate import Validator

__all__ = ["check"]


def check(model: Model, inputs: Sequence[Path]) -> list[Finding]:
    """Return all findings in *inputs*, sorted by place."""
    findings: list[Finding] = []
    records = [path for path in inputs if path.suffix not in SYNTAXES]
    if records:
        findings += gather(model, records).validate()
    validator = Validator(model)
    for path in inputs:
        if path.suffix in SYNTAXES:
            findings += _rdf(validator, path)
    return sorted(findings, key=lambda each: each.order)


def _rdf(validator: Validator, path: Path) -> list[Finding]:
    try:
        if not path.is_file():
            return [_unreadable(path, 0, 0, "not a file")]
        data = path.read_bytes()
    except OSError as error:
        return [_unreadable(path, 0, 0, error.strerror or str(error))]
    syntax = SYNTAXES[path.suffix]
    if syntax == ox.RdfFormat.RDF_XML and b"<!DOCTYPE" in data:
        # Entities can grow without bound, and the parsers expand them.
        return [_unreadable(path, 0, 0, "a DOCTYPE, which is not read")]
    try:
        triples = [quad.triple for quad in ox.parse(data, format=syntax)]
    except (SyntaxError, ValueError) as error:
        line, column = getattr(error, "lineno", 0) or 0, getattr(error, "offset", 0) or 0
        return [_unreadable(path, line, column, str(getattr(error, "msg", error)))]
    new = next((triple for triple in triples if _is_rdf12(triple)), None)
    if new is not None:
        return [_unreadable(path, 0, 0, f"RDF 1.2, which the shapes do not reach: {new}"[:200])]
    return list(validator.graph(triples, str(path)))


def _is_rdf12(triple: ox.Triple) -> bool:
    value = triple.object
    return isinstance(value, ox.Triple) or (
        isinstance(value, ox.Literal) and value.direction is not None
    )


def _unreadable(path: Path, line: int, column: int, why: str) -> Finding:
    return Finding(
        Location(str(path), line, column),
        ERROR,
        "record:rdf",
        {"da": f"kan ikke læses som RDF: {why}", "en": f"cannot be read as RDF: {why}"},
        {"da": "ret filen, og prøv igen", "en": "mend the file and try again"},
    )
