"""Screen records in batches: which of their nodes do not conform, quickly.

What a batch points at costs more than it is worth: of each record that is pointed at, the shapes
ask only its class, and its IRI names that. So the class of references is looked up here, the
`shacl` engine gets the shapes without `sh:class` for them, and no stubs of other records. Where the
shapes ask more of what is pointed at, stubs with its types go along.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

import shacl

from expatlod.convert import type_lines
from expatlod.fields import IRI, REFERENCE, RecordClass
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model

__all__ = ["Pointer", "Screen"]

_TYPE = f"<{PREFIXES['rdf']}type>"
_CLASS = f"<{PREFIXES['sh']}class>"
_MESSAGE = f"<{PREFIXES['sh']}message>"
_TARGET = f"<{PREFIXES['sh']}target"

# What a query says that asks what something is.
_ASKS_TYPE = re.compile(r"""[\s;{.]a\s|rdf:type|rdf-syntax-ns#type""")


class Pointer:
    """What a triple points at, and what the shapes ask about it, as N-Triples: *facts*.

    *record* is the IRI of a record of the dataset that it, or a part of it, belongs to. What is
    *ordinary* is a code, with its facts, or a type, without. A pointer that is *odd* points at
    what is not of the class that is wanted there, and one that is *lost* at no code of the
    codelist.
    """

    __slots__ = ("facts", "lost", "odd", "ordinary", "predicate", "record", "target", "types")

    def __init__(self, predicate: str, target: str) -> None:
        self.predicate = predicate
        self.target = target
        self.record = ""
        self.facts = ""
        self.types = ""
        self.ordinary = False
        self.odd = False
        self.lost = False


class Screen:
    """Screens records of one profile, whose IRIs begin with *base*."""

    def __init__(self, model: Model, base: str) -> None:
        self._model = model
        self._ids = f"{base}id/"
        self._kinds = {kind.segment: kind for kind in model.record_classes}
        self._shapes_text, self._wanted, self._stubs = _without_classes(model)
        self._parts = _parts(model)

    def flagged(self, text: str) -> set[str] | None:
        """Return the focus nodes, IRIs, that `shacl` does not pass in *text*, N-Triples.

        None: it has failed, and nothing is known of any node.
        """
        if self._shapes is None:
            return None
        try:
            results = self._shapes.validate_text(text, "ntriples").results
        except ValueError:
            return None
        return {str(each.focus_node).strip("<>") for each in results}

    @cached_property
    def _shapes(self) -> shacl.Shapes | None:
        try:
            return shacl.Shapes.from_text(self._shapes_text, "ntriples")
        except ValueError:
            # Its regular expressions have no look-around, which pySHACL's have.
            return None

    def pointer(self, predicate: str, target: str) -> Pointer:
        """Return what there is to know about *target*, that a triple with *predicate* has."""
        found = Pointer(predicate, target)
        wanted = self._wanted.get(predicate)
        if predicate == _TYPE[1:-1]:
            found.ordinary = True
        elif target in self._model.code_facts:
            # A code is no record.
            found.ordinary, found.odd = wanted is None, wanted is not None
            found.facts = self._model.code_facts[target]
        elif target.startswith(self._ids):
            found.record, part, _ = target.partition("#")
            segment = target[len(self._ids) :].partition("/")[0]
            kinds = self._parts.get(predicate, ()) if part else self._kinds_of(segment)
            lines = (line for kind in kinds for line in type_lines(self._model, kind, target))
            found.types = "".join(f"{line}\n" for line in lines)
            if part or self._stubs:
                found.facts = found.types
            found.odd = wanted is not None and (bool(part) or segment not in wanted)
        elif target.rpartition("/")[0] in self._model.codelists:
            found.lost = True
        else:
            found.odd = wanted is not None
        return found

    def wants_record(self, predicate: str) -> bool:
        """Tell whether a part of a record is odd where *predicate* points."""
        return predicate in self._wanted

    def _kinds_of(self, segment: str) -> tuple[RecordClass, ...]:
        return (self._kinds[segment],) if segment in self._kinds else ()


def _without_classes(model: Model) -> tuple[str, Mapping[str, frozenset[str]], bool]:
    """Return the shapes as they screen, the segments that a property's values may have, and ...

    ... whether the shapes ask the type of other records in another way too.
    """
    references = {
        f"<{each.shape}>": each
        for kind in model.classes.values()
        for each in kind.fields.values()
        if each.kind == REFERENCE
    }
    types = {
        line.split(" ")[2] for kind in model.record_classes for line in type_lines(model, kind, "")
    }
    kept: list[str] = []
    wanted: dict[str, frozenset[str]] = {}
    asked = False
    for line in filter(None, model.shapes_text.split("\n")):
        subject, predicate, value = line.removesuffix(" .").split(" ", 2)
        field = references.get(subject)
        if predicate == _CLASS and field is not None:
            segments = frozenset(
                kind.segment
                for kind in model.record_classes
                if f"{_TYPE} {value} ." in "".join(type_lines(model, kind, ""))
            )
            wanted[field.path] = wanted.get(field.path, segments) & segments
            continue
        if predicate != _MESSAGE:
            # What is said of a node is taken from pySHACL; parsing it here takes a twentieth.
            kept.append(f"{line}\n")
        if value in types or value == _TYPE:
            asked = asked or not predicate.startswith(_TARGET)
        elif value.startswith('"') and "select" in predicate:
            asked = asked or _ASKS_TYPE.search(value) is not None
    if asked:
        return model.shapes_text, {}, True
    return "".join(kept), wanted, False


def _parts(model: Model) -> Mapping[str, tuple[RecordClass, ...]]:
    """Return the classes of the parts that a property may point at, by property."""
    found: dict[str, dict[str, RecordClass]] = {}
    for kind in model.classes.values():
        for each in kind.fields.values():
            if each.kind == IRI and each.target:
                target = model.classes_by_iri[each.target]
                found.setdefault(each.path, {})[target.iri] = target
    return {path: tuple(kinds.values()) for path, kinds in found.items()}
