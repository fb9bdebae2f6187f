"""Plant faults in records, of every kind that people make, one in a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import TYPE_CHECKING

from expatlod.canonical import identify, many
from expatlod.constraints import VIOLATION, Constraints, constraints
from expatlod.fields import CODE, LITERAL, PART, REFERENCE, TEXT, Field, RecordClass
from expatlod.lexical import is_lexical
from expatlod.profile import Model

if TYPE_CHECKING:
    from tests.benchmarks.generate import Generator

_BAD = "no-such-thing"


class Faults:
    """Plants faults; what else it needs it takes from a *generator* of its own."""

    def __init__(self, generator: Generator, seed: int) -> None:
        self.model: Model = generator.model
        self._generator = generator
        self._random = Random(seed)
        self._made: Mapping[str, int] = {}
        self._limits: dict[str, list[tuple[Field, Constraints]]] = {}
        self._kinds: dict[str, Callable[[RecordClass, dict[str, object]], bool]] = {
            "missing field": self._missing,
            "datatype": self._datatype,
            "unknown code": self._unknown_code,
            "too many values": self._too_many,
            "out of range": self._out_of_range,
            "unknown key": self._unknown_key,
            "dangling reference": self._dangling,
            "wrong class": self._wrong_class,
            "missing language": self._missing_language,
        }

    def between(self, first: int, after: int) -> int:
        """Return a number from *first* on and below *after*."""
        return self._random.randrange(first, max(after, first + 1))

    def plant(self, kind: RecordClass, record: dict[str, object], made: Mapping[str, int]) -> str:
        """Make one fault in *record*, of a kind that its class has room for; return the kind.

        *made* says how many records there are of each class.
        """
        self._made = made
        self._generator.made.update(made)
        names = list(self._kinds)
        self._random.shuffle(names)
        for name in names:
            if self._kinds[name](kind, record):
                return name
        raise AssertionError(f"no fault can be planted in a record of class {kind.name}")

    # -- the kinds; each returns whether it found room

    def _missing(self, kind: RecordClass, record: dict[str, object]) -> bool:
        required = [
            each.key
            for each, limits in self._fields(kind)
            if each.key in record and limits.least and not each.default
        ]
        if required:
            del record[self._random.choice(required)]
        return bool(required)

    def _datatype(self, kind: RecordClass, record: dict[str, object]) -> bool:
        return self._somewhere(
            kind,
            record,
            lambda each, _: each.kind == LITERAL and not is_lexical(_BAD, each.datatype),
            lambda each, _: _BAD,
        )

    def _unknown_code(self, kind: RecordClass, record: dict[str, object]) -> bool:
        return self._somewhere(
            kind, record, lambda each, _: each.kind == CODE, lambda each, _: _BAD
        )

    def _too_many(self, kind: RecordClass, record: dict[str, object]) -> bool:
        def fits(each: Field, limits: Constraints) -> bool:
            codes = self.model.codelists[each.codelist].concepts if each.kind == CODE else ()
            return (each.kind == TEXT and limits.once) or (limits.most == 1 and len(codes) > 1)

        def value(each: Field, limits: Constraints) -> object:
            if each.kind == TEXT:
                tags = (*limits.languages, "da", "en")
                return {
                    tag: ["Ål og sild i lage", "Sild og ål i lage"] if tag == tags[0] else "Eel"
                    for tag in dict.fromkeys(limits.needed or tags[:1])
                } | {tags[0]: ["Ål og sild i lage", "Sild og ål i lage"]}
            concepts = self.model.codelists[each.codelist].concepts
            return [concept.notation for concept in self._random.sample(concepts, 2)]

        return self._somewhere(kind, record, fits, value)

    def _out_of_range(self, kind: RecordClass, record: dict[str, object]) -> bool:
        def fits(each: Field, limits: Constraints) -> bool:
            return each.kind == LITERAL and bool(limits.low or limits.high)

        def value(_: Field, limits: Constraints) -> object:
            below = limits.low and (not limits.high or self._random.random() < 0.5)
            return int(limits.low) - 1 if below else int(limits.high) + 1

        return self._somewhere(kind, record, fits, value)

    def _unknown_key(self, kind: RecordClass, record: dict[str, object]) -> bool:
        del kind
        record[_BAD] = "x"
        return True

    def _dangling(self, kind: RecordClass, record: dict[str, object]) -> bool:
        return self._somewhere(
            kind, record, lambda each, _: each.kind == REFERENCE, lambda each, _: _BAD
        )

    def _wrong_class(self, kind: RecordClass, record: dict[str, object]) -> bool:
        def others(each: Field) -> list[RecordClass]:
            return [
                other
                for other in self.model.record_classes
                if self._made[other.name] and other.iri != each.target
            ]

        def value(each: Field, _: Constraints) -> object:
            other = self._random.choice(others(each))
            name = self._generator.name(other, self._random.randrange(self._made[other.name]))
            return identify(self._generator.base, other.segment, name)

        def fits(each: Field, _: Constraints) -> bool:
            # Where the shapes name no class, an address of any kind will do.
            asked = self.model.shape_value(each.shape, "sh:class")
            return each.kind == REFERENCE and bool(asked) and bool(others(each))

        return self._somewhere(kind, record, fits, value)

    def _missing_language(self, kind: RecordClass, record: dict[str, object]) -> bool:
        def fits(each: Field, limits: Constraints) -> bool:
            return each.kind == TEXT and len(limits.needed) > 1

        def value(_: Field, limits: Constraints) -> object:
            return {self._random.choice(limits.needed): "Ål og sild i lage"}

        return self._somewhere(kind, record, fits, value)

    # -- where

    def _somewhere(
        self,
        kind: RecordClass,
        record: dict[str, object],
        fits: Callable[[Field, Constraints], bool],
        value: Callable[[Field, Constraints], object],
    ) -> bool:
        """Put a faulty *value* into a field that *fits*, of the record or of a part of it."""
        places = [
            (part, each, limits) for part, each, limits in self._places(kind) if fits(each, limits)
        ]
        if not places:
            return False
        part, each, limits = self._random.choice(places)
        if part is None:
            record[each.key] = value(each, limits)
            return True
        node = self._generator.part(part)
        node[each.key] = value(each, limits)
        # What points at the parts that are there goes on doing so.
        there = many(record[part.key]) if part.many and part.key in record else []
        record[part.key] = [*there, node] if there else node
        return True

    def _places(self, kind: RecordClass) -> Iterator[tuple[Field | None, Field, Constraints]]:
        for each, limits in self._fields(kind):
            yield None, each, limits
        for part in kind.fields.values():
            if part.kind == PART:
                target = self.model.classes_by_iri[part.target]
                filled = {key for form in target.forms for key in form.keys}
                for each, limits in self._fields(target):
                    if each.key not in filled:
                        yield part, each, limits

    def _fields(self, kind: RecordClass) -> list[tuple[Field, Constraints]]:
        if kind.name not in self._limits:
            self._limits[kind.name] = [
                (each, constraints(self.model, kind, each, VIOLATION))
                for each in kind.fields.values()
                if not each.computed
            ]
        return self._limits[kind.name]
