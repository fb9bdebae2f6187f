"""Turn a record into its canonical form, and the canonical form into N-Triples.

With the published context the canonical form is JSON-LD, and any processor reads from it the graph
that is written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from expatlod.canonical import Node, Spelling, many
from expatlod.errors import Finding
from expatlod.fields import LITERAL, PART, TEXT, RecordClass
from expatlod.namespaces import PREFIXES, expand
from expatlod.profile import Model
from expatlod.records.record import Path, Record

__all__ = ["Converted", "Converter", "type_lines"]

_POINTED = re.compile(r"<([^>]*)> \.$")

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of one record.

    *node* is its canonical form and *lines* its triples as N-Triples, both without what was
    found faulty. *faulty*, *places*, *kinds* and *aliases* are as in `expatlod.canonical.Spelling`.
    *left_out* is, as N-Triples, what SHACL can judge of the faulty: a text where a value of another
    datatype is wanted, and a code that its list does not have.
    """

    record: Record
    iri: str
    node: Node
    lines: tuple[str, ...]
    findings: tuple[Finding, ...]
    faulty: frozenset[tuple[str, str]]
    places: Mapping[tuple[str, str], Mapping[str, Path]]
    kinds: Mapping[str, str]
    aliases: Mapping[str, str]
    left_out: tuple[str, ...]

    @property
    def pointed(self) -> frozenset[str]:
        """The IRIs that the record points at: codes, records, parts, whatever else."""
        found = map(_POINTED.search, self.lines)
        return frozenset(match.group(1) for match in found if match)


class Converter:
    """Converts records of one profile for one dataset, whose IRIs begin with *base*."""

    def __init__(self, model: Model, base: str) -> None:
        self.model = model
        self.base = base

    def convert(self, record: Record) -> Converted | tuple[Finding, ...]:
        """Return the converted *record*, or only findings when its type cannot be guessed."""
        spelling = Spelling(self.model, self.base, record)
        node = spelling.spell()
        if node is None:
            return tuple(spelling.findings)
        kind = self.model.classes[spelling.kinds[spelling.iri]]
        return Converted(
            record,
            spelling.iri,
            node,
            tuple(dict.fromkeys(self._lines(kind, node))),
            tuple(spelling.findings),
            frozenset(spelling.faulty),
            spelling.places,
            spelling.kinds,
            spelling.aliases,
            tuple(_left_out(*each) for each in spelling.left_out),
        )

    def _lines(self, kind: RecordClass, node: Node) -> Iterator[str]:
        """Yield the triples of a node, then those of its parts."""
        subject = f"<{node['id']}>"
        yield from type_lines(self.model, kind, str(node["id"]))
        nested: list[tuple[RecordClass, Node]] = []
        for each in kind.fields.values():
            if each.key not in node:
                continue
            predicate = f"{subject} <{each.path}>"
            for value in many(node[each.key]):
                if each.kind == TEXT:
                    assert isinstance(value, dict)
                    for tag, texts in value.items():
                        for text in many(texts):
                            yield f"{predicate} {_literal(str(text))}@{tag.lower()} ."
                elif each.kind == PART:
                    assert isinstance(value, dict)
                    nested.append((self.model.classes_by_iri[each.target], value))
                    yield f"{predicate} <{value['id']}> ."
                elif isinstance(value, dict):
                    datatype = expand(str(value["@type"]), self.model.context_prefixes)
                    yield f"{predicate} {_literal(str(value['@value']))}^^<{datatype}> ."
                elif each.kind == LITERAL:
                    suffix = f"^^<{each.datatype}>"
                    if each.datatype == PREFIXES["xsd"] + "string":
                        suffix = ""
                    yield f"{predicate} {_literal(str(value))}{suffix} ."
                else:
                    yield f"{predicate} <{value}> ."
        for part_kind, part in nested:
            yield from self._lines(part_kind, part)


def type_lines(model: Model, kind: RecordClass, iri: str) -> Iterator[str]:
    """Yield the triples that say what the node *iri* of the class *kind* is."""
    for name in kind.types:
        known = model.classes.get(name)
        type_ = known.iri if known else expand(name, model.context_prefixes)
        yield f"<{iri}> <{PREFIXES['rdf']}type> <{type_}> ."


def _left_out(node: str, path: str, codelist: str, value: str) -> str:
    if codelist:
        return f"<{node}> <{path}> <{codelist}/{quote(value, safe='', errors='replace')}> ."
    return f"<{node}> <{path}> {_literal(value)} ."


def _literal(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'
