"""Plant single faults into the shipped records: one for each thing that the shapes can say.

The faults are made from the model and the shapes graph. For each class, field and constraint a
shipped record is looked for that has what can be broken; where none has it, or only a long one, it
is written into a short one first. What must be found, and where, follows from what was planted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path as File

import pyoxigraph as ox
import yaml

from expatlod.fields import CODE, IRI, LITERAL, PART, REFERENCE, TEXT, Field, RecordClass
from expatlod.profile import Model
from tests.mutations.sheets import (
    Drop,
    Edit,
    Indent,
    Outdent,
    Path,
    Rename,
    Set,
    Twice,
    Value,
    Yaml,
    again,
    changed,
)

__all__ = ["FORMATS", "Ground", "Mutation", "constraints", "mutations"]

FORMATS = ("yaml", "json", "csv")

_SH = "http://www.w3.org/ns/shacl#"
_XSD = "http://www.w3.org/2001/XMLSchema#"

#: The constraints of SHACL Core, W3C SHACL section 4, that a property or a node can break.
CONSTRAINTS = (
    *("class", "datatype", "hasValue", "in", "languageIn", "lessThan", "lessThanOrEquals"),
    *("maxCount", "maxExclusive", "maxInclusive", "maxLength", "minCount", "minExclusive"),
    *("minInclusive", "minLength", "node", "nodeKind", "pattern", "qualifiedMaxCount"),
    *("qualifiedMinCount", "sparql", "uniqueLang", "equals", "disjoint"),
    *("and", "not", "or", "xone"),
)

#: A record with no more values than this is short.
SHORT = 100

_SEVERITIES = {"Violation": "error", "Warning": "warning", "Info": "note"}

#: A shape and one of its constraints.
Pair = tuple[str, str]


@dataclass(frozen=True)
class Constraint:
    """What one shape asks: of the nodes of a class, or of those with a property.

    *paths* are the property, or those that are taken together; *value* is the constraint's own.
    """

    shape: str
    name: str
    value: str
    severity: str
    about: str
    kind: str
    paths: tuple[str, ...]

    @property
    def pair(self) -> Pair:
        return self.shape, self.name


@dataclass(frozen=True)
class Spot:
    """A node in a shipped record, after *before* is done to it."""

    record: str
    before: tuple[Edit, ...]
    path: Path
    value: Value

    def more(self, edit: Edit) -> Spot:
        """Return the spot with one more thing done, which must lie within it."""
        inner = replace(edit, path=edit.path[len(self.path) :])
        value = inner.value if isinstance(inner, Set) and not inner.path else self.value
        if inner.path:
            value = changed(self.value, inner)
        return Spot(self.record, (*self.before, edit), self.path, value)

    def has(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def __getitem__(self, key: str) -> Value:
        assert isinstance(self.value, dict)
        return self.value[key]


# Compared by identity: each is made once, and is long.
@dataclass(frozen=True, eq=False)
class Mutation:
    """One fault: what is done to which record, and what must be found.

    The finding stands at the value at *at*, or at its *key*. *value* is what it must say was
    written there, *term* the property that it must be about; None where that is not compared.
    *trips* are the constraints that the fault breaks; *about* is the shape of a field whose fault
    does not get as far as the shapes. Without *own_id* the record keeps the id of the shipped one.
    """

    name: str
    record: str
    before: tuple[Edit, ...]
    edit: Edit
    at: Path
    code: str
    severity: str = "error"
    key: bool = False
    value: str | None = None
    term: str | None = None
    trips: frozenset[Pair] = frozenset()
    about: str = ""
    formats: tuple[str, ...] = FORMATS
    own_id: bool = True

    @property
    def shapes(self) -> set[str]:
        """The shapes whose property is at fault."""
        return {shape for shape, _ in self.trips} | {self.about} - {""}


def words(path: Sequence[str | int]) -> str:
    """Return *path* as people say it: funding 2 share."""
    return " ".join(str(step + 1) if isinstance(step, int) else step for step in path)


# -- the shapes graph


def constraints(model: Model) -> list[Constraint]:
    """Return all constraints of the named shapes, in a stable order."""
    store = model.shapes
    about: dict[str, list[tuple[str, str]]] = {}
    for target in ("targetClass", "targetSubjectsOf", "targetObjectsOf"):
        for quad in store.quads_for_pattern(None, ox.NamedNode(_SH + target), None):
            about.setdefault(quad.subject.value, []).append((target, quad.object.value))
    held: dict[str, list[str]] = {}
    for quad in store.quads_for_pattern(None, ox.NamedNode(_SH + "property"), None):
        held.setdefault(quad.object.value, []).append(quad.subject.value)
    found = []
    for name in CONSTRAINTS:
        for quad in store.quads_for_pattern(None, ox.NamedNode(_SH + name), None):
            if not isinstance(quad.subject, ox.NamedNode):
                continue
            shape = quad.subject.value
            holders = [shape] if shape in about else held.get(shape, [])
            targets = [each for holder in holders for each in about.get(holder, [])]
            severity = _one(store, quad.subject, "severity").removeprefix(_SH) or "Violation"
            # A shape of several properties is broken by each; it is one constraint.
            target, kind = min(targets, default=("", ""))
            found.append(
                Constraint(
                    shape,
                    name,
                    quad.object.value,
                    _SEVERITIES[severity],
                    target,
                    kind,
                    _paths(store, quad.subject),
                )
            )
    return sorted(found, key=lambda each: (each.shape, each.name, each.value))


def _one(store: ox.Store, subject: ox.NamedNode | ox.BlankNode, name: str) -> str:
    quads = store.quads_for_pattern(subject, ox.NamedNode(_SH + name), None)
    return min((quad.object.value for quad in quads), default="")


def _members(store: ox.Store, node: ox.NamedNode | ox.BlankNode) -> Iterator[str]:
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    while node.value != rdf + "nil":
        (first,) = store.quads_for_pattern(node, ox.NamedNode(rdf + "first"), None)
        (rest,) = store.quads_for_pattern(node, ox.NamedNode(rdf + "rest"), None)
        yield first.object.value
        node = rest.object


def _paths(store: ox.Store, shape: ox.NamedNode) -> tuple[str, ...]:
    for quad in store.quads_for_pattern(shape, ox.NamedNode(_SH + "path"), None):
        if isinstance(quad.object, ox.NamedNode):
            return (quad.object.value,)
        for each in store.quads_for_pattern(
            quad.object, ox.NamedNode(_SH + "alternativePath"), None
        ):
            return tuple(_members(store, each.object))
    return ()


# -- where faults can be planted


class Ground:
    """The shipped records, and the nodes in them."""

    def __init__(self, model: Model, folder: File) -> None:
        self.model = model
        self.folder = folder
        self.records: dict[str, Yaml] = {}
        self.files: dict[str, File] = {}
        self._kinds: dict[str, RecordClass] = {}
        for path in sorted(folder.rglob("*.yaml")):
            record = Yaml.read(path.read_text(encoding="utf-8"))
            kind = model.classes[str(record.data["type"])]
            name = f"{kind.segment}/{record.data['id']}"
            self.records[name] = record
            self.files[name] = path.relative_to(folder)
            self._kinds[name] = kind
        self.constraints = constraints(model)

    def kind_of(self, record: str) -> RecordClass:
        return self._kinds[record]

    @cached_property
    def nodes(self) -> Mapping[str, tuple[Spot, ...]]:
        """The nodes of each class, those in short records first."""
        found: dict[str, list[Spot]] = {name: [] for name in self.model.classes}
        for name, record in sorted(self.records.items(), key=lambda item: self._size(item[0])):
            for kind, path, value in self._walk(self._kinds[name], record.data, ()):
                found[kind].append(Spot(name, (), path, value))
        return {kind: tuple(spots) for kind, spots in found.items()}

    def _walk(
        self, kind: RecordClass, value: Value, path: Path
    ) -> Iterator[tuple[str, Path, Value]]:
        yield kind.name, path, value
        if not isinstance(value, dict):
            return
        for each in kind.fields.values():
            if each.kind != PART or each.key not in value:
                continue
            below, target = value[each.key], self.model.classes_by_iri[each.target]
            at = (*path, each.key)
            if isinstance(below, list):
                for index, item in enumerate(below):
                    yield from self._walk(target, item, (*at, index))
            else:
                yield from self._walk(target, below, at)

    def _size(self, record: str) -> int:
        return len(self.records[record].spots)

    def spots(self, kind: str) -> list[Spot]:
        """Return the nodes of a class in the order in which it is cheap to break them.

        SHACL takes long for a long record, so a part of one is written into a short one as well.
        """
        found = [(self._size(each.record), each) for each in self.nodes[kind]]
        for each in self.nodes[kind]:
            moved = self._moved(each)
            if moved is not None:
                found.append((self._size(moved.record) + _weight(moved.before) + 10, moved))
        return [each for _, each in sorted(found, key=lambda item: item[0])]

    def _moved(self, spot: Spot) -> Spot | None:
        """Return *spot* with the part of the record that it is in, in the shortest of its class."""
        kind = self._kinds[spot.record]
        hosts = [name for name, each in self._kinds.items() if each is kind]
        host = min(hosts, key=lambda name: (self._size(name), name))
        if not spot.path or host == spot.record:
            return None
        key = spot.path[0]
        part = self.records[spot.record].data[str(key)]
        inner = spot.path[1:]
        if isinstance(part, list):
            assert isinstance(inner[0], int)
            part, inner = [part[inner[0]]], (0, *inner[1:])
        # What it points at would not be there.
        return (
            None
            if "'#" in repr(part)
            else Spot(host, (Set((key,), part),), (key, *inner), spot.value)
        )

    def paths_of(self, kind: RecordClass) -> dict[str, Field]:
        """Return the fields that an author writes, by property."""
        return {each.path: each for each in kind.fields.values() if not each.computed}

    def sample(self, field: Field) -> Value:
        """Return a value for *field*: the example that its shape gives."""
        # The part that an example points at is not there.
        text = re.sub('"#[a-z0-9-]+"', "https://example.org/side", field.right)
        value: Value = yaml.load(text, Loader=yaml.BaseLoader)
        return value

    def with_fields(
        self, kind: RecordClass, *keys: str, plain: bool = True, lacks: Sequence[str] = ()
    ) -> Spot:
        """Return a node that has fields at *keys*, written one by one, and none at *lacks*.

        What is missing is written first.
        """
        full, part, bare = [], [], []
        for each in self.spots(kind.name):
            if (
                not isinstance(each.value, dict)
                or not set(each.value)
                & {
                    *kind.fields,
                    kind.written_in,
                }
                or (plain and kind.written_in and kind.written_in in each.value)
            ):
                bare.append(each)
            elif set(keys) <= set(each.value) and not set(lacks) & set(each.value):
                full.append(each)
            else:
                part.append(each)
        if full and not (part and self._long(full[0]) and not self._long(part[0])):
            return full[0]
        if part and not kind.written_in:
            spot = part[0]
        else:
            spot = (bare or part)[0]
            fields: dict[str, Value] = {}
            if kind.text_key:
                fields[kind.text_key] = self.sample(kind.fields[kind.text_key])
            spot = spot.more(Set(spot.path, fields or self._as_fields(kind, spot.value)))
        for key in keys:
            if not spot.has(key):
                value: Value = self._above(kind, kind.fields[key], spot)
                if full and not value:
                    value = full[0][key]
                    # One part of several will do, and none that points at what is not here.
                    value = value[:1] if isinstance(value, list) else value
                    value = None if "'#" in repr(value) else value
                spot = spot.more(Set((*spot.path, key), value or self.sample(kind.fields[key])))
        for key in lacks:
            if spot.has(key):
                spot = spot.more(Drop((*spot.path, key)))
        return spot

    def _long(self, spot: Spot) -> bool:
        """Tell whether SHACL takes long for the record of *spot*."""
        return self._size(spot.record) > SHORT

    def _above(self, kind: RecordClass, field: Field, spot: Spot) -> str:
        """Return a number that is above what must not be greater than *field*, if that is there."""
        for each in self.constraints:
            if each.name == "lessThanOrEquals" and (each.kind, each.value) == (
                kind.iri,
                field.path,
            ):
                less = kind.field_of(each.paths[0])
                if less and spot.has(less.key):
                    return str(int(str(spot[less.key])) + 10)
        return ""

    def _as_fields(self, kind: RecordClass, value: Value) -> dict[str, Value]:
        """Return what is written in one value as fields."""
        text = value.get(kind.written_in) if isinstance(value, dict) else value
        for form in kind.forms:
            read = form.read(str(text))
            if read and {"min", "max"} <= set(read):
                return dict(read)
        return {
            "min": "3",
            "max": "5",
            **({"currency": "DKK"} if "currency" in kind.fields else {}),
        }

    def mutation(
        self,
        spot: Spot,
        edit: Edit,
        what: str,
        code: str,
        *,
        at: Path | None = None,
        **more: object,
    ) -> Mutation:
        """Return the fault *what* in a node; it is found at *at*, or where *edit* is done."""
        moved = " (moved here)" if any(len(each.path) == 1 for each in spot.before) else ""
        said = words(edit.path)
        name = f"{spot.record}{moved}: {said} {what}".replace("  ", " ")
        at = edit.path if at is None else at
        return Mutation(name, spot.record, spot.before, edit, at, code, **more)  # type: ignore[arg-type]


def _weight(edits: Sequence[Edit]) -> int:
    return sum(len(re.findall("'[^']*'", repr(getattr(each, "value", "")))) for each in edits)


# -- wrong values


def misspelt(text: str) -> str:
    """Return *text* with two letters in its middle swapped, or one left out."""
    middle = len(text) // 2
    for index in (*range(middle, len(text) - 1), *range(1, middle)):
        one, two = text[index : index + 2]
        if one != two and one.isalpha() and two.isalpha():
            return text[:index] + two + one + text[index + 2 :]
    return text[:-1] if len(text) > 2 else text + "x"


_NO_VALUE = {
    _XSD + "boolean": "måske",
    _XSD + "date": "2012-02-30",
    _XSD + "decimal": "mange",
    _XSD + "gYearMonth": "2013-13",
    "http://id.loc.gov/datatypes/edtf/EDTF": "30.02.2012",
}

_MAIL = "Skriv til nobody@example.org og hør mere."
_PHONE = "Ring på 00 00 00 00 og hør mere."
_NUMBER = "Nummeret er 000000-0000 i dette eksempel."


def _language_map(value: Value) -> Path | None:
    """Return the way to the last language map in the value of a text, or None."""
    if isinstance(value, list) and value and isinstance(value[-1], dict):
        return (len(value) - 1,)
    return () if isinstance(value, dict) else None


def _last(value: Value) -> tuple[Path, str]:
    """Return the way to the last scalar in a list of them, or to the only one, and its text."""
    if isinstance(value, list):
        assert isinstance(value[-1], str)
        return (len(value) - 1,), value[-1]
    if isinstance(value, dict):
        # Several texts in each language.
        language = list(value)[-1]
        inner, text = _last(value[language])
        return (language, *inner), text
    assert isinstance(value, str)
    return (), value


def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


class Faults:
    """Makes the faults, by the constraint that each breaks."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.model = ground.model
        self.by_field: dict[tuple[str, str], list[Constraint]] = {}
        for each in ground.constraints:
            for kind in self._kinds(each):
                for path in each.paths:
                    self.by_field.setdefault((kind.name, path), []).append(each)

    def _kinds(self, each: Constraint) -> list[RecordClass]:
        """Return the classes that a constraint is about."""
        if each.about == "targetClass":
            return [self.model.classes_by_iri[each.kind]]
        return [
            kind
            for kind in self.model.classes.values()
            if each.about == "targetSubjectsOf" and kind.field_of(each.kind)
        ]

    def all(self) -> Iterator[Mutation]:
        """Yield the faults."""
        for each in self.ground.constraints:
            make: Callable[[Constraint], Iterator[Mutation]] = getattr(
                self, f"break_{_snake(each.name)}", lambda _: iter(())
            )
            term = each.paths[0] if len(each.paths) == 1 else ""
            yield from (replace(found, term=found.term or term) for found in make(each))
        for kind in self.model.classes.values():
            yield from self.break_class(kind)
        yield from self.break_records()

    def _fields(self, each: Constraint) -> Iterator[tuple[RecordClass, Field]]:
        """Yield the class and the written field of a constraint on one property."""
        if len(each.paths) != 1:
            return
        for kind in self._kinds(each):
            field = self.ground.paths_of(kind).get(each.paths[0])
            if field is not None:
                yield kind, field

    def _first(self, each: Constraint) -> tuple[RecordClass, Field] | None:
        """Return the class and field of a constraint where it is cheapest to break."""
        found = list(self._fields(each))
        return min(
            found,
            key=lambda item: len(self.ground.with_fields(item[0], item[1].key).before),
            default=None,
        )

    # -- what is missing

    def break_min_count(self, each: Constraint) -> Iterator[Mutation]:
        if len(each.paths) > 1:
            yield from self._none_of(each)
            return
        for kind, field in self._fields(each):
            if len(kind.fields) == 1:
                # A part without its only field is not there.
                continue
            spot = self.ground.with_fields(kind, field.key)
            spot = self._company(kind, spot, field.key)
            yield self.ground.mutation(
                spot,
                Drop((*spot.path, field.key)),
                "left out",
                "sh:minCount",
                at=spot.path,
                severity=each.severity,
                trips=frozenset({each.pair}),
            )
        if each.about == "targetObjectsOf":
            for kind in self.model.classes.values():
                field = kind.field_of(each.kind)
                if field is not None:
                    spot = self.ground.with_fields(kind, field.key)
                    path = (*spot.path, field.key)
                    yield self.ground.mutation(
                        spot,
                        Set(path, "3-5"),
                        "without what it needs",
                        "sh:minCount",
                        severity=each.severity,
                        trips=frozenset({each.pair}),
                    )

    def _company(self, kind: RecordClass, spot: Spot, *keys: str) -> Spot:
        """Return *spot* with another field beside the one that will go, none of *keys*."""
        assert isinstance(spot.value, dict)
        if len(spot.value) > 1:
            return spot
        other = next(
            each
            for each in kind.fields.values()
            if each.kind == TEXT and each.key not in (*keys, kind.text_key)
        )
        return spot.more(Set((*spot.path, other.key), self.ground.sample(other)))

    def _none_of(self, each: Constraint) -> Iterator[Mutation]:
        """Yield the fault that none of several fields is there."""
        (kind,) = self._kinds(each)
        fields = [kind.field_of(path) for path in each.paths]
        keys = [field.key for field in fields if field]
        spot = self.ground.with_fields(kind, keys[0], lacks=keys[1:])
        spot = self._company(kind, spot, *keys)
        yield self.ground.mutation(
            spot,
            Drop((*spot.path, keys[0])),
            f"left out, and {' and '.join(keys[1:])} as well",
            "sh:minCount",
            at=spot.path,
            severity=each.severity,
            trips=frozenset({each.pair}),
        )

    def break_qualified_min_count(self, each: Constraint) -> Iterator[Mutation]:
        """A text is missing in one language."""
        language = next((tag for tag in ("da", "en") if each.shape.endswith(f"-{tag}")), "")
        found = self._first(each)
        assert found
        assert language
        yield self._without(each, *found, language, "sh:qualifiedMinCount", of_field=True)

    def _without(
        self,
        each: Constraint,
        kind: RecordClass,
        field: Field,
        language: str,
        code: str,
        *,
        of_field: bool,
    ) -> Mutation:
        spot = self.ground.with_fields(kind, field.key)
        path = (*spot.path, field.key)
        if not (isinstance(spot[field.key], dict) and {"da", "en"} <= set(spot[field.key])):  # type: ignore[arg-type]
            both = {"da": "Et opdigtet eksempel", "en": "An invented example"}
            spot = spot.more(Set(path, both))
        return self.ground.mutation(
            spot,
            Drop((*path, language)),
            "left out",
            code,
            at=path if of_field else spot.path,
            severity=each.severity,
            trips=frozenset({each.pair}),
        )

    # -- what is there too often

    def break_max_count(self, each: Constraint) -> Iterator[Mutation]:
        for kind, field in self._fields(each):
            if each.value != "1":
                continue
            spot = self.ground.with_fields(kind, field.key)
            value = spot[field.key]
            if isinstance(value, list):
                value = value[0]
            path = (*spot.path, field.key)
            yield self.ground.mutation(
                spot,
                Set(path, [value, self._another(kind, field, value)]),
                "twice",
                "sh:maxCount",
                severity=each.severity,
                trips=frozenset({each.pair}),
            )

    def _another(self, kind: RecordClass, field: Field, value: Value) -> Value:
        """Return another value that *field* may have beside *value*."""
        if field.kind == PART:
            return value
        assert isinstance(value, str)
        if field.kind == CODE:
            codes = self.model.codelists[field.codelist]
            return next(each.notation for each in codes.concepts if each.iri != codes.find(value))
        if field.kind == REFERENCE:
            segment = self.model.classes_by_iri[field.target].segment
            names = [
                name.partition("/")[2]
                for name in sorted(self.ground.records)
                if name.startswith(f"{segment}/")
            ]
            return next(name for name in names if name != value)
        tries: list[str] = [value + "x", value.replace("data", "info"), value + "x/"]
        if field.datatype == _XSD + "boolean":
            tries = ["false" if value == "true" else "true"]
        elif field.datatype == _XSD + "decimal":
            tries = [str(int(value) + (1 if self._is_greater(kind, field) else -1))]
        elif field.datatype in _NO_VALUE and "/" in value:
            tries = ["2013"]
        elif re.fullmatch("[0-9-]+", value):
            tries = [value[:-1] + ("1" if value[-1] != "1" else "2")]
        elif re.fullmatch("[A-Z]{3}", value):
            tries = ["EUR" if value != "EUR" else "SEK"]
        return next(text for text in tries if text != value and self._fits(kind, field, text))

    def _is_greater(self, kind: RecordClass, field: Field) -> bool:
        return any(
            each.name == "lessThanOrEquals" and each.value == field.path
            for each in self.ground.constraints
            if each.kind == kind.iri
        )

    def _patterns(self, kind: RecordClass, field: Field) -> list[str]:
        """Return the patterns that the values of a field must have."""
        return [
            each.value
            for each in self.by_field.get((kind.name, field.path), ())
            if each.name == "pattern"
        ]

    def _fits(self, kind: RecordClass, field: Field, text: str) -> bool:
        return all(
            re.search(pattern, text, re.IGNORECASE) for pattern in self._patterns(kind, field)
        )

    def break_unique_lang(self, each: Constraint) -> Iterator[Mutation]:
        for kind, field in self._fields(each):
            spot = self.ground.with_fields(kind, field.key)
            texts, path = spot[field.key], (*spot.path, field.key)
            assert isinstance(texts, dict)
            language = next(iter(texts))
            yield self.ground.mutation(
                spot,
                Set((*path, language), [texts[language], "Noget helt andet"]),
                "twice in one language",
                "sh:uniqueLang",
                at=path,
                severity=each.severity,
                trips=frozenset({each.pair}),
            )

    # -- what has a wrong value

    def _wrong(
        self,
        each: Constraint,
        kind: RecordClass,
        field: Field,
        value: str,
        what: str,
        code: str,
        spot: Spot | None = None,
        trips: frozenset[Pair] = frozenset(),
    ) -> Mutation:
        spot = spot or self.ground.with_fields(kind, field.key)
        inner, _ = _last(spot[field.key])
        return self.ground.mutation(
            spot,
            Set((*spot.path, field.key, *inner), value),
            what,
            code,
            severity=each.severity,
            value=value,
            trips=trips | {each.pair},
        )

    def break_node(self, each: Constraint) -> Iterator[Mutation]:
        for kind, field in self._fields(each):
            codes = self.model.codelists[field.codelist]
            spot = self.ground.with_fields(kind, field.key)
            _, value = _last(spot[field.key])
            wrong = misspelt(value)
            while codes.find(wrong) is not None:
                wrong += "x"
            scheme = frozenset({(f"{each.value}-scheme", "hasValue")})
            yield self._wrong(
                each, kind, field, wrong, "misspelt", "sh:node", spot=spot, trips=scheme
            )

    def break_has_value(self, each: Constraint) -> Iterator[Mutation]:
        """A code of another codelist, by its whole address."""
        found = [
            (kind, field)
            for kind in self.model.classes.values()
            for field in kind.fields.values()
            if field.codelist == each.value
        ]
        kind, field = min(
            found, key=lambda item: len(self.ground.with_fields(item[0], item[1].key).before)
        )
        other = next(
            codes for iri, codes in sorted(self.model.codelists.items()) if iri != each.value
        )
        rule = next(rule for rule in self.by_field[kind.name, field.path] if rule.name == "node")
        wrong = self._wrong(
            rule,
            kind,
            field,
            other.concepts[0].iri,
            "of another codelist",
            "sh:node",
            trips=frozenset({each.pair}),
        )
        yield replace(wrong, term=field.path)

    def break_datatype(self, each: Constraint) -> Iterator[Mutation]:
        for kind, field in self._fields(each):
            if field.datatype in _NO_VALUE:
                yield self._wrong(
                    each, kind, field, _NO_VALUE[field.datatype], "of no such kind", "sh:datatype"
                )

    def break_pattern(self, each: Constraint) -> Iterator[Mutation]:
        for kind, field in self._fields(each):
            tries = ["nobody.here@example.org", "?"] if "@" in each.value else ["?"]
            if field.kind != LITERAL:
                tries = (
                    ["mailto:nobody.here@example.org"] if "@" in each.value else ["urn:example:x"]
                )
            if field.kind == TEXT:
                tries = ["et, to"]
            code = "sh:pattern"
            if field.datatype in _NO_VALUE:
                # What is no value of its datatype has not got its form either.
                tries, code = [_NO_VALUE[field.datatype]], "sh:datatype"
            wrong = next(text for text in tries if not re.search(each.value, text, re.IGNORECASE))
            if code == "sh:datatype":
                wrong = "om lidt"
            if field.path.endswith("uriSpace"):
                code = "record:base"
            yield self._wrong(each, kind, field, wrong, "of another form", code)

    def break_min_length(self, each: Constraint) -> Iterator[Mutation]:
        if int(each.value) < 2:
            return
        found = self._first(each)
        if found:
            yield self._of_length(each, *found, "x" * (int(each.value) - 1), "too short")

    def break_max_length(self, each: Constraint) -> Iterator[Mutation]:
        for kind, field in self._fields(each):
            long = "info@" + "x" * int(each.value) + ".example.org"
            if field.kind == TEXT:
                long = "x" * (int(each.value) + 1)
            elif field.kind != LITERAL:
                long = f"mailto:{long}"
            yield self._of_length(each, kind, field, long, "too long")

    def _of_length(
        self, each: Constraint, kind: RecordClass, field: Field, value: str, what: str
    ) -> Mutation:
        code = f"sh:{each.name}"
        if field.kind != TEXT:
            return self._wrong(each, kind, field, value, what, code)
        spot = self.ground.with_fields(kind, field.key)
        texts = spot[field.key]
        inner = _language_map(texts)
        assert inner is not None
        path = (*spot.path, field.key, *inner)
        last = texts[-1] if isinstance(texts, list) else texts
        assert isinstance(last, dict)
        return self.ground.mutation(
            spot,
            Set((*path, list(last)[-1]), value),
            what,
            code,
            severity=each.severity,
            value=value,
            trips=frozenset({each.pair}),
        )

    def _beyond(self, each: Constraint, by: int, what: str) -> Iterator[Mutation]:
        for kind, field in self._fields(each):
            partners = [
                other.key
                for pair in self.ground.constraints
                if pair.name == "lessThanOrEquals"
                and pair.kind == kind.iri
                and field.path in (*pair.paths, pair.value)
                for path in (*pair.paths, pair.value)
                if (other := kind.field_of(path)) and other is not field
            ]
            spot = self.ground.with_fields(kind, field.key, lacks=partners)
            value = str(int(each.value) + by)
            yield self._wrong(each, kind, field, value, what, f"sh:{each.name}", spot=spot)

    def break_min_inclusive(self, each: Constraint) -> Iterator[Mutation]:
        yield from self._beyond(each, -1, "under the minimum")

    def break_max_inclusive(self, each: Constraint) -> Iterator[Mutation]:
        yield from self._beyond(each, 1, "over the maximum")

    def break_language_in(self, each: Constraint) -> Iterator[Mutation]:
        for kind, field in self._fields(each):
            spot = self.ground.with_fields(kind, field.key)
            inner = _language_map(spot[field.key])
            assert inner is not None
            german = "Ein erfundener Text"
            yield self.ground.mutation(
                spot,
                Set((*spot.path, field.key, *inner, "de"), german),
                "in a third language",
                "sh:languageIn",
                severity=each.severity,
                value=german,
                trips=frozenset({each.pair}),
            )

    def break_class(self, each: Constraint | RecordClass) -> Iterator[Mutation]:
        if isinstance(each, RecordClass):
            yield from self._break_class(each)
            return
        for kind, field in self._fields(each):
            if field.kind == PART:
                continue
            spot = self.ground.with_fields(kind, field.key)
            if field.kind == IRI:
                own = spot["id"] if spot.has("id") else None
                assert isinstance(spot.path[-1], int)
                wrong = f"#{own or f'{spot.path[-2]}-{spot.path[-1] + 1}'}"
            else:
                others = [
                    name
                    for name in sorted(self.ground.records)
                    if self.ground.kind_of(name).iri != each.value
                ]
                wrong = f"https://w3id.org/expatlod/id/{others[0]}"
            yield self._wrong(each, kind, field, wrong, "of another class", "sh:class", spot=spot)

    def break_less_than_or_equals(self, each: Constraint) -> Iterator[Mutation]:
        (kind,) = self._kinds(each)
        less, greater = kind.field_of(each.paths[0]), kind.field_of(each.value)
        assert less
        assert greater
        if less.computed:
            source = kind.field_of(less.computed_from)
            assert source
            yield self._wrong(
                each, kind, source, "2013/2012", "with the end before the start", f"sh:{each.name}"
            )
            for spot in self.ground.spots(kind.name):
                if isinstance(spot.value, str):
                    yield self._bare(each, spot, "2013/2012", "with the end before the start")
                    break
            return
        spot = self.ground.with_fields(kind, less.key, greater.key)
        least = str(int(str(spot[greater.key])) + 1)
        yield self._wrong(
            each, kind, less, least, f"greater than {greater.key}", f"sh:{each.name}", spot=spot
        )
        unit = " DKK" if "currency" in kind.fields else ""
        for spot in self.ground.spots(kind.name):
            if isinstance(spot.value, str) and less.key == "min":
                yield self._bare(each, spot, f"60-40{unit}", "with the larger number first")
                break

    def _bare(self, each: Constraint, spot: Spot, value: str, what: str) -> Mutation:
        return self.ground.mutation(
            spot,
            Set(spot.path, value),
            what,
            f"sh:{each.name}",
            severity=each.severity,
            value=value,
            trips=frozenset({each.pair}),
        )

    # -- rules of several properties

    def break_not(self, each: Constraint) -> Iterator[Mutation]:
        """Personal data in a text: each pattern in each property that it is about."""
        text = {"mail": _MAIL, "phone": _PHONE}.get(each.shape.rpartition("-")[2], _NUMBER)
        for number, path in enumerate(each.paths):
            # The three have the same paths: each path with one, and the longest list of all.
            turn = {_MAIL: 0, _PHONE: 1, _NUMBER: 2}[text]
            if number % 3 != turn and not path.endswith("description"):
                continue
            if path.endswith("keyword"):
                # Its form lets no address pass, which would be two faults in one.
                continue
            kinds = [kind for kind in self.model.classes.values() if kind.field_of(path)]
            kind = min(
                kinds,
                key=lambda kind: len(
                    self.ground.with_fields(kind, kind.field_of(path).key).before  # type: ignore[union-attr]
                ),
            )
            field = kind.field_of(path)
            assert field
            yield self._of_length(
                replace(each, name="not"),
                kind,
                field,
                text,
                f"with {each.shape.rpartition('-')[2]}",
            )

    def break_or(self, each: Constraint) -> Iterator[Mutation]:
        name = each.shape.rpartition("#")[2]
        trips = frozenset({each.pair})
        if match := re.fullmatch(r"(\w+)-(\w+)-(da|en)", name):
            kind = self.model.classes[match[1]]
            yield self._without(
                each, kind, kind.fields[match[2]], match[3], "sh:or", of_field=False
            )
        elif name == "Amount-currency-given":
            spot = self.ground.with_fields(self.model.classes["Amount"], "min", "currency")
            yield self.ground.mutation(
                spot,
                Drop((*spot.path, "currency")),
                "left out",
                "sh:or",
                at=spot.path,
                severity=each.severity,
                trips=trips,
            )
        elif name == "Project-finished":
            kind = self.model.classes["Project"]
            spot = self.ground.with_fields(kind, "period", "status")
            spot = spot.more(Set(("status",), "completed"))
            yield self.ground.mutation(
                spot,
                Drop(("period",)),
                "of what is finished left out",
                "sh:or",
                at=(),
                severity=each.severity,
                trips=trips,
            )
            yield self.ground.mutation(
                spot,
                Set(("period",), "2009/.."),
                "of what is finished without an end",
                "sh:or",
                at=(),
                severity=each.severity,
                trips=trips,
            )
        elif name == "Project-unfinished":
            kind = self.model.classes["Project"]
            spot = self.ground.with_fields(kind, "status", "statusDate")
            spot = spot.more(Set(("status",), "planned"))
            yield self.ground.mutation(
                spot,
                Drop(("statusDate",)),
                "of what is planned left out",
                "sh:or",
                at=(),
                severity=each.severity,
                trips=trips,
            )

    def break_sparql(self, each: Constraint) -> Iterator[Mutation]:
        """The shares of a whole add up to more than 100."""
        spot = next(
            each
            for each in self.ground.nodes["Funding"]
            if each.path[-1] == 1 and isinstance(each.value, dict) and "share" in each.value
        )
        yield self.ground.mutation(
            spot,
            Set((*spot.path, "share"), "99"),
            "makes more than 100 in all",
            "sh:sparql",
            at=spot.path[:-1],
            severity=each.severity,
            trips=frozenset({each.pair}),
        )

    # -- what the converter says

    def _break_class(self, kind: RecordClass) -> Iterator[Mutation]:
        """Yield the faults that any node of a class can have, once for each class."""
        ground = self.ground
        written = [each for each in kind.fields.values() if not each.computed]
        keyed = (
            each
            for each in ground.spots(kind.name)
            if isinstance(each.value, dict) and set(each.value) & set(kind.fields)
        )
        spot = next(keyed, None)
        if spot is None:
            # A part that is a text and nothing else is written without keys.
            return
        assert isinstance(spot.value, dict)
        own = [each for each in written if each.key in spot.value]
        key = max((each.key for each in own), key=len)
        yield ground.mutation(
            spot,
            Rename((*spot.path, key), misspelt(key)),
            "misspelt as a key",
            "record:unknown",
            at=(*spot.path, misspelt(key)),
            key=True,
            value=misspelt(key),
        )
        path = (*spot.path, key)
        yield ground.mutation(
            spot,
            Twice(path, "igen"),
            "written twice",
            "record:twice",
            at=again(path),
            key=True,
            formats=("yaml", "json"),
        )
        for each in own[:1]:
            yield ground.mutation(
                spot,
                Set((*spot.path, each.key), None),
                "with nothing behind it",
                "record:empty",
                formats=("yaml", "json"),
            )
        for each in written:
            if each.kind == TEXT:
                near = ground.with_fields(kind, each.key)
                yield ground.mutation(
                    near,
                    Set((*near.path, each.key), "En tekst uden sprog"),
                    "without a language",
                    "record:language",
                    value="En tekst uden sprog",
                )
                inner = _language_map(near[each.key])
                assert inner is not None
                path = (*near.path, each.key, *inner)
                tag = list(self._value(near, path))[-1]
                yield ground.mutation(
                    near,
                    Rename((*path, tag), "dansk"),
                    "is no language",
                    "record:language",
                    at=(*path, "dansk"),
                    key=True,
                    value="dansk",
                )
                break
        if spot.path:
            yield from self._break_part(kind)
        for each in kind.fields.values():
            if each.computed:
                yield self._contradicted(kind, each)
        for each in written:
            if each.kind == PART:
                yield self._bare_part(kind, each)
        pointers = [each for each in written if each.kind in (REFERENCE, IRI)]
        for number, each in enumerate(pointers):
            yield from self._break_pointer(kind, each, first=not number)

    def _value(self, spot: Spot, path: Path) -> dict[str, Value]:
        value = spot.value
        for step in path[len(spot.path) :]:
            value = value[step]  # type: ignore[index,call-overload]
        assert isinstance(value, dict)
        return value

    def _break_part(self, kind: RecordClass) -> Iterator[Mutation]:
        """Yield what can be wrong with a part as a whole."""
        ground = self.ground
        spots = ground.spots(kind.name)
        dicts = [each for each in spots if isinstance(each.value, dict)]
        spot = min(dicts, key=lambda each: (each.has("id"), not each.before))
        if kind.written_in:
            form = "3-5 DKK" if "currency" in kind.fields else "3-5"
            held = spot.more(Set(spot.path, {kind.written_in: form}))
            yield ground.mutation(
                held,
                Set((*held.path, kind.written_in), "rigtig mange"),
                "is not of any form",
                "record:form",
                value="rigtig mange",
            )
            yield ground.mutation(
                held,
                Set((*held.path, "max"), "4"),
                "differs from what stands in one value",
                "record:twice",
                value="4",
            )
        yield ground.mutation(
            spot,
            Set((*spot.path, "type"), "Boat"),
            "is another than the field has",
            "record:type",
            value="Boat",
        )
        yield ground.mutation(
            spot,
            Set((*spot.path, "id"), "Ikke et id"),
            "cannot be used",
            "record:id",
            value="Ikke et id",
        )

    def _bare_part(self, kind: RecordClass, field: Field) -> Mutation:
        """Return the fault that one wrong value stands where a part is wanted."""
        target = self.model.classes_by_iri[field.target]
        wrong, code = "Bare en tekst", "record:kind"
        if target.written_in:
            wrong, code = "rigtig mange", "record:form"
        elif target.text_key:
            text = target.fields[target.text_key]
            code = {TEXT: "record:language", LITERAL: "sh:datatype", CODE: "sh:node"}[text.kind]
        spot = self.ground.with_fields(kind, field.key)
        value, inner = spot[field.key], ()
        if isinstance(value, list):
            # At the end: others may point at those that are there.
            inner = (len(value),)
        return self.ground.mutation(
            spot,
            Set((*spot.path, field.key, *inner), wrong),
            "as one wrong value",
            code,
            value=wrong,
            about=field.shape,
        )

    def _contradicted(self, kind: RecordClass, field: Field) -> Mutation:
        """Return the fault that a computed field is given another value."""
        spot = self.ground.with_fields(
            kind,
            *filter(
                None,
                [each.key for each in kind.fields.values() if each.path == field.computed_from],
            ),
        )
        wrong = "1900-01-01" if field.computed_from else "77"
        path = (*spot.path, field.key)
        return self.ground.mutation(
            spot,
            Set(path, wrong),
            "contradicts what is computed",
            "record:computed",
            key=True,
            value=field.key,
            about=field.shape,
        )

    def _break_pointer(self, kind: RecordClass, field: Field, *, first: bool) -> Iterator[Mutation]:
        """Yield what can be wrong with what points at something; some for the *first* only."""
        ground = self.ground
        spot = ground.with_fields(kind, field.key)
        inner, value = _last(spot[field.key])
        path = (*spot.path, field.key, *inner)

        def wrong(text: str, what: str, code: str) -> Mutation:
            return ground.mutation(spot, Set(path, text), what, code, value=text, about=field.shape)

        if first:
            yield wrong("Ikke et id", "is no address", "record:iri")
        if field.kind == REFERENCE:
            yield wrong(misspelt(value.rpartition("/")[2]), "misspelt", "record:reference")
            segment = self.model.classes_by_iri[field.target].segment
            other = next(
                name.partition("/")[2]
                for name in sorted(ground.records)
                if not name.startswith(f"{segment}/")
                and f"{segment}/{name.partition('/')[2]}" not in ground.records
            )
            if first:
                yield wrong(other, "is the id of another class", "record:reference")
        elif not self._patterns(kind, field):
            yield wrong("#ingen-steder", "points at no part", "record:reference")
            yield wrong(
                "https://w3id.org/expatlod/code/theme/ingenting",
                "points at no code",
                "record:reference",
            )

    def break_records(self) -> Iterator[Mutation]:
        """Yield what can be wrong with a record as a whole, for each class of records."""
        ground = self.ground
        for kind in self.model.record_classes:
            spot = ground.spots(kind.name)[0]
            assert isinstance(spot.value, dict)
            yield ground.mutation(
                spot, Set(("id",), "../Et id"), "cannot be used", "record:id", value="../Et id"
            )
            yield ground.mutation(
                spot, Drop(("id",)), "left out", "record:id", at=(), formats=("yaml", "json")
            )
            yield ground.mutation(
                spot,
                Set(("type",), misspelt(kind.name)),
                "misspelt",
                "record:type",
                value=misspelt(kind.name),
            )
            yield ground.mutation(
                spot, Drop(("type",)), "left out", "record:type", at=(), formats=("yaml", "json")
            )
            if kind.name != "Dataset":
                yield replace(
                    ground.mutation(
                        spot, Set(("id",), spot["id"]), "used in two records", "record:twice"
                    ),
                    own_id=False,
                )
            text = next(
                each
                for each in kind.fields.values()
                if each.kind == TEXT and isinstance(spot.value.get(each.key), dict)
            )
            yield ground.mutation(
                spot,
                Outdent((text.key,)),
                "with its languages not indented",
                "record:indent",
                at=(next(iter(self._value(spot, (text.key,)))),),
                key=True,
                value=next(iter(self._value(spot, (text.key,)))),
                formats=("yaml", "json"),
            )
            after = list(spot.value)[list(spot.value).index(text.key) + 1]
            yield ground.mutation(
                spot,
                Indent((after,)),
                "indented too far",
                "record:indent",
                at=(text.key, after),
                key=True,
                value=after,
            )
            for field in kind.fields.values():
                if isinstance(spot.value.get(field.key), str) and field.kind in (
                    CODE,
                    LITERAL,
                    REFERENCE,
                    IRI,
                ):
                    yield ground.mutation(
                        spot,
                        Set((field.key,), {"name": spot[field.key]}),
                        "has fields",
                        "record:kind",
                    )
                    if field.kind == LITERAL:
                        yield ground.mutation(
                            spot,
                            Set((field.key,), f"{spot[field.key]}\nog mere"),
                            "on two lines",
                            "record:line",
                            value=f"{spot[field.key]}\nog mere",
                        )
        dataset = next(name for name in ground.records if name.startswith("dataset/"))
        spot = Spot(dataset, (), (), ground.records[dataset].data)
        yield replace(
            ground.mutation(
                spot,
                Set(("id",), "endnu-et"),
                "beside another dataset",
                "record:dataset",
                at=("type",),
            ),
            own_id=False,
        )
        for name, record in ground.records.items():
            for field in ground.kind_of(name).fields.values():
                # Another part points at this one by the name it has when it is alone.
                if field.kind == PART and not field.many and f'"#{field.key}"' in record.text:
                    value = record.data[field.key]
                    yield ground.mutation(
                        Spot(name, (), (), record.data),
                        Set((field.key,), [value, value]),
                        "twice, and pointed at",
                        "sh:maxCount",
                    )
        # No other part points at the one whose id changes.
        spot = next(
            each
            for each in ground.nodes["Activity"]
            if each.path == ("activity", 1)
            and each.has("id")
            and f"#{each['id']}" not in ground.records[each.record].text
        )
        first = ground.records[spot.record].data["activity"][0]["id"]  # type: ignore[index,call-overload]
        yield ground.mutation(
            spot,
            Set((*spot.path, "id"), first),
            "used twice in the record",
            "record:id",
            value=first,
        )


class _Deep(Ground):
    """The shipped records with their parts where they stand, the last ones of long records first.

    *longest* is the most values of a record, for SHACL takes long.
    """

    longest = 320

    def _long(self, spot: Spot) -> bool:
        return False

    def spots(self, kind: str) -> list[Spot]:
        found = [each for each in self.nodes[kind] if self._size(each.record) <= self.longest]
        return found[::-1] or list(self.nodes[kind])


def in_place(model: Model, folder: File, made: Sequence[Mutation]) -> Iterator[Mutation]:
    """Yield one fault of each code deep in a long record, another class of parts for each."""
    names = {each.name for each in made}
    by_code: dict[str, list[Mutation]] = {}
    for each in Faults(_Deep(model, folder)).all():
        if not each.before and each.name not in names:
            by_code.setdefault(each.code, []).append(each)
    fields: dict[str | int, int] = {}
    for code in sorted(by_code):
        # The field of the record that the fault is in: the one that was taken least.
        chosen = min(
            by_code[code],
            key=lambda each: (not each.at, fields.get(each.edit.path[0], 0), -len(each.edit.path)),
        )
        fields[chosen.edit.path[0]] = fields.get(chosen.edit.path[0], 0) + 1
        yield chosen


def mutations(ground: Ground) -> list[Mutation]:
    """Return all faults, in a stable order."""
    found: dict[str, Mutation] = {}
    for each in Faults(ground).all():
        known = found.setdefault(each.name, each)
        assert (known.edit, known.code) == (each.edit, each.code), each.name
        if known is not each:
            found[each.name] = replace(known, trips=known.trips | each.trips)
    made = list(found.values())
    return made + list(in_place(ground.model, ground.folder, made))
