"""Make up records of a profile, any number of them, the same for the same seed.

    python tests/benchmarks/generate.py COUNT -o FOLDER/ [--seed N] [--faulty SHARE] [--canonical]

What a record may hold is taken from the model and the shapes; nothing here names a field. Most
records are of the class with the most fields. One in 25 is of a class that these point at; some of
those are pointed at by many. A record points only at records before it, so that the first thousand
of two thousand stand for themselves.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from zlib import crc32

import msgspec
import pyoxigraph as ox
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from expatlod.constraints import (  # fmt: skip
    ANY,
    Constraints,
    constraints,
    members,
    node_shapes,
    nodes_in,
    objects,
    subjects,
)
from expatlod.constraints import value as said
from expatlod.convert import Converted, Converter
from expatlod.errors import LANGUAGES
from expatlod.fields import CODE, LITERAL, PART, REFERENCE, TEXT, Concept, Field, RecordClass
from expatlod.lexical import EDTF
from expatlod.namespaces import DEFAULT_BASE, PREFIXES
from expatlod.profile import Model, load
from expatlod.records.json import parse_line
from expatlod.resources import Folder, default_profile
from tests.benchmarks import wording
from tests.benchmarks.planting import Faults
from tests.benchmarks.wording import Template, Wording

#: A record, or a value of one, as an author writes it in JSON.
Data = dict[str, object]

#: Makes a value of a field; None when there is nothing that it could hold.
Maker = Callable[["Making"], object]

# One record in so many is of a class that others point at.
_TARGETS = 25

# How probable a field is that may be left out, by how deep it stands. Chosen so that a record of
# the shipped profile makes 45 to 50 triples.
_OFTEN = (0.16, 0.06, 0.0)

_DATASET = PREFIXES["dcat"] + "Dataset"
_BASE = PREFIXES["void"] + "uriSpace"
_XSD = PREFIXES["xsd"]


@dataclass(slots=True)
class Making:
    """What a record that is being made knows of itself.

    *parts* are the parts so far that may be pointed at, as `#name`, by the IRI of their class.
    *closed* says that its periods need an end; *shared* by how many parts a total is shared.
    """

    closed: bool = False
    shared: int = 1
    parts: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """How nodes of one class are made, at one depth.

    *fields* are (key, chance, maker); of each of *choices* one key must be there. *implied* says
    for a key which keys must be there when it has one of some codes. *ordered* are pairs of keys
    of which the first must not be greater.
    """

    fields: tuple[tuple[str, float, Maker], ...]
    choices: tuple[tuple[str, ...], ...]
    implied: dict[str, list[tuple[frozenset[str], str]]]
    ordered: tuple[tuple[str, str], ...]


class Generator:
    """Makes the records of one dataset, one after the other."""

    def __init__(self, model: Model, seed: int, base: str) -> None:
        self.model = model
        self.base = base
        self.draw = Random(seed).random
        self.wording = Wording(model, self.draw)
        self.made = dict.fromkeys((kind.name for kind in model.record_classes), 0)
        self._plans: dict[tuple[str, int], Plan] = {}
        kinds = [kind for kind in model.record_classes if kind.iri != _DATASET]
        self.main = max(kinds, key=lambda kind: len(kind.fields))
        self.others = _in_order(model, [kind for kind in kinds if kind is not self.main])

    def record(self) -> tuple[RecordClass, Data]:
        """Return the next record, and its class."""
        total, others = sum(self.made.values()), self.others
        kind = self.main
        if total < len(others):
            kind = others[total]
        elif others and self.draw() * _TARGETS < 1:
            kind = others[int(self.draw() * len(others))]
        number = self.made[kind.name]
        node = self.node(kind, Making(), 0)
        # Only now: a record does not point at itself.
        self.made[kind.name] = number + 1
        return kind, {"id": self.name(kind, number), "type": kind.name, **node}

    def name(self, kind: RecordClass, number: int) -> str:
        """Return the id of the record of a class with that *number*, from 0."""
        return f"{self.wording.slug(number + crc32(kind.name.encode()))}-{number + 1}"

    def part(self, each: Field) -> Data:
        """Return a part for a field, with only what it needs, spelled as keys and values."""
        return self.node(self.model.classes_by_iri[each.target], Making(), len(_OFTEN) - 1)

    # -- nodes

    def node(self, kind: RecordClass, making: Making, depth: int) -> Data:
        """Return the fields of a node, in the order of the profile."""
        plan = self._plan(kind, depth)
        draw = self.draw
        needed: set[str] = set()
        for keys in plan.choices:
            needed.add(keys[int(draw() * len(keys))])
        given: Data = {}
        for key, rules in plan.implied.items():
            chance, make = next((c, m) for k, c, m in plan.fields if k == key)
            if draw() < chance and (text := make(making)) is not None:
                given[key] = text
                concept = self._concept(kind.fields[key], str(text))
                implied = {other for codes, other in rules if concept in codes}
                needed |= implied
                making.closed |= bool(implied)
        node: Data = {}
        for key, chance, make in plan.fields:
            if key in given:
                node[key] = given[key]
            elif key not in plan.implied and (key in needed or draw() < chance):
                made = make(making)
                if made is not None:
                    node[key] = made
        if plan.choices or not node:
            self._complete(plan, node, making)
        for low, high in plan.ordered:
            if low in node and high in node and node[low] > node[high]:  # type: ignore[operator]
                node[low], node[high] = node[high], node[low]
        return node

    def _complete(self, plan: Plan, node: Data, making: Making) -> None:
        """Add what must be there and was not possible as drawn."""
        keys = [each for each, _, _ in plan.fields]
        for choice in (*plan.choices, *(() if node else (keys,))):
            for key, _, make in plan.fields:
                if any(each in node for each in choice):
                    break
                if key in choice and (made := make(making)) is not None:
                    node[key] = made

    def _concept(self, each: Field, text: str) -> str | None:
        return self.model.codelists[each.codelist].find(text)

    # -- plans

    def _plan(self, kind: RecordClass, depth: int) -> Plan:
        plan = self._plans.get((kind.name, depth))
        if plan is None:
            plan = self._plans[kind.name, depth] = self._planned(kind, depth)
        return plan

    def _planned(self, kind: RecordClass, depth: int) -> Plan:
        store = self.model.shapes
        filled = {key for form in kind.forms for key in form.keys}
        fields = []
        for each in kind.fields.values():
            if each.computed or each.key in filled:
                continue
            limits = constraints(self.model, kind, each, ANY)
            # Fields differ in how often they are used.
            usual = 0.4 + 1.2 * (crc32(each.path.encode()) % 100) / 100
            chance = 1.0 if limits.least else usual * _OFTEN[min(depth, len(_OFTEN) - 1)]
            make = self._maker(kind, each, limits, depth)
            if make is not None:
                fields.append((each.key, chance, make))
        if kind.written_in:
            templates = self._templates(kind, ())
            fields.insert(0, (kind.written_in, 1.0, lambda _: self._written(templates)))
        known = {key for key, _, _ in fields}
        choices: list[tuple[str, ...]] = []
        implied: dict[str, list[tuple[frozenset[str], str]]] = {}
        ordered = []
        for shape in node_shapes(self.model, kind):
            if (rule := self._implication(kind, shape)) and rule[0] in known:
                implied.setdefault(rule[0], []).append(rule[1])
            for held in objects(store, shape, "sh:property"):
                for path in objects(store, held, "sh:path"):
                    paths = members(store, path, "sh:alternativePath")
                    keys = {found.key for each in paths if (found := kind.field_of(each))}
                    if said(store, held, "sh:minCount") not in ("", "0") and keys & known:
                        choices.append(tuple(sorted(keys & known)))
                for rule_name in ("sh:lessThan", "sh:lessThanOrEquals"):
                    low = kind.field_of(said(store, held, "sh:path"))
                    high = kind.field_of(said(store, held, rule_name))
                    if low and high and {low.key, high.key} <= known:
                        ordered.append((low.key, high.key))
        if kind.written_in:
            # A written form gives what is asked for.
            choices.clear()
        return Plan(tuple(fields), tuple(choices), implied, tuple(ordered))

    def _implication(
        self, kind: RecordClass, shape: object
    ) -> tuple[str, tuple[frozenset[str], str]] | None:
        """Read "the code is none of these, or that field is there" from the sh:or of a shape."""
        store = self.model.shapes
        found: tuple[str, frozenset[str]] | None = None
        needed = ""
        for option in nodes_in(store, shape, "sh:or"):  # type: ignore[arg-type]
            each = kind.field_of(said(store, option, "sh:path"))
            if each is None:
                continue
            for refused in objects(store, option, "sh:not"):
                if codes := members(store, refused, "sh:in"):
                    found = each.key, frozenset(codes)
            if said(store, option, "sh:minCount") or said(store, option, "sh:qualifiedMinCount"):
                needed = each.key
        return (found[0], (found[1], needed)) if found and needed else None

    # -- values

    def _maker(
        self, kind: RecordClass, each: Field, limits: Constraints, depth: int
    ) -> Maker | None:
        """Return what makes the value of a field."""
        if each.kind == TEXT:
            return self._text(each, limits, depth)
        if each.kind == PART:
            return self._part(kind, each, limits, depth)
        if each.kind == LITERAL:
            single = self._literal(each, limits)
        elif each.kind == CODE:
            single = self._code(each)
        elif each.kind == REFERENCE:
            single = self._reference(each)
        else:
            single = self._iri(each, limits)
        if single is None or limits.most == 1 or each.kind == LITERAL:
            return single
        return lambda making: self._several(single, making, limits)

    def _several(self, single: Maker, making: Making, limits: Constraints) -> object:
        count = self._count(limits)
        if count == 1:
            return single(making)
        found = [made for _ in range(count) if (made := single(making)) is not None]
        # A value given twice is one.
        found = list(dict.fromkeys(found))
        return found if len(found) > 1 else found[0] if found else None

    def _count(self, limits: Constraints) -> int:
        count = max(1 + int(self.draw() ** 2 * 3), limits.least)
        return count if limits.most is None else min(count, limits.most)

    def _text(self, each: Field, limits: Constraints, depth: int) -> Maker:
        draw = self.draw
        tags = limits.languages or LANGUAGES
        needed = limits.needed or tags
        most = 16 if depth == 0 else 7
        # What must have ten characters is prose, else it is a name.
        short = limits.shortest < 10
        longest = limits.longest

        def words(tag: str) -> str:
            text = self.wording.title(tag) if short else self.wording.prose(tag, most)
            return text if longest is None else text[:longest].strip()

        def make(_: Making) -> object:
            used = tags if len(needed) == len(tags) or draw() < 0.3 else needed
            texts: dict[str, object] = {tag: words(tag) for tag in used}
            if short and not limits.once and draw() < 0.2:
                texts[used[0]] = list(dict.fromkeys((texts[used[0]], words(used[0]))))
            return texts

        return make

    def _part(
        self, kind: RecordClass, each: Field, limits: Constraints, depth: int
    ) -> Maker | None:
        target = self.model.classes_by_iri[each.target]
        if depth >= len(_OFTEN) - 1 and not limits.least:
            return None
        store = self.model.shapes
        needed = {
            said(store, held, "sh:path")
            for shape in subjects(store, "sh:targetObjectsOf", each.path)
            for held in objects(store, shape, "sh:property")
            if said(store, held, "sh:minCount") not in ("", "0")
        }
        keys = [inner.key for inner in target.fields.values() if inner.path in needed]
        templates = self._templates(target, keys, each)
        slug = re.sub("([A-Z])", lambda match: "-" + match.group().lower(), each.key)
        make_text = self._maker_of_text(target, depth + 1)
        draw = self.draw

        def one(making: Making) -> object:
            if templates and draw() < 0.8:
                return self._written(templates)
            if make_text is not None and draw() < 0.8:
                return make_text(making)
            node = self.node(target, making, depth + 1)
            if templates and target.written_in in node:
                node[target.written_in] = self._written(templates)
            return node or None

        def make(making: Making) -> object:
            count = self._count(limits) if each.many else 1
            before, making.shared = making.shared, count
            found = [made for _ in range(count) if (made := one(making)) is not None]
            making.shared = before
            if depth == 0:
                names = [f"#{slug}-{n + 1}" if each.many else f"#{slug}" for n in range(len(found))]
                making.parts.setdefault(each.target, []).extend(names)
            return found if len(found) > 1 else found[0] if found else None

        return make

    def _maker_of_text(self, target: RecordClass, depth: int) -> Maker | None:
        """Return what makes a part that is given as the value of one field, if it can be."""
        each = target.fields.get(target.text_key)
        others = [f for f in target.fields.values() if f is not each and not f.computed]
        if each is None or any(constraints(self.model, target, f, ANY).least for f in others):
            return None
        make = self._maker(target, each, constraints(self.model, target, each, ANY), depth)
        # A list would be several parts.
        return make if make is None or each.kind == TEXT else _alone(make)

    def _templates(
        self, target: RecordClass, needed: Sequence[str], each: Field | None = None
    ) -> list[Template]:
        """Return the written forms of a part that fill the keys *needed*."""
        texts = [text for texts in target.examples.values() for text in texts]
        if each is not None and target.forms:
            right = yaml.load(each.right, yaml.BaseLoader)
            texts += [right] if isinstance(right, str) else []
        found = []
        for text in dict.fromkeys(texts):
            read = next((r for form in target.forms if (r := form.read(text))), None)
            if read is not None and set(needed) <= read.keys():
                found.append(Template(text))
        return found

    def _written(self, templates: Sequence[Template]) -> object:
        return templates[int(self.draw() * len(templates))].fill(self.draw)

    def _code(self, each: Field) -> Maker:
        codes = self.model.codelists[each.codelist]
        spellings = [_spellings(codes.find, concept) for concept in codes.concepts]
        # What stands first in the alphabet is not what is used most.
        Random(crc32(each.codelist.encode())).shuffle(spellings)
        draw = self.draw

        def make(_: Making) -> object:
            words = spellings[int(draw() ** 2 * len(spellings))]
            return words[0] if draw() < 0.7 else words[int(draw() * len(words))]

        return make

    def _reference(self, each: Field) -> Maker:
        target = self.model.classes_by_iri[each.target]
        made, draw = self.made, self.draw

        def make(_: Making) -> object:
            count = made[target.name]
            return self.name(target, int(draw() ** 2.5 * count)) if count else None

        return make

    def _iri(self, each: Field, limits: Constraints) -> Maker | None:
        right = str(yaml.load(each.right, yaml.BaseLoader)) if each.right else ""
        draw = self.draw

        def part(making: Making) -> object:
            among = [
                name
                for iri, names in making.parts.items()
                if each.target in ("", iri)
                for name in names
            ]
            if among:
                return among[int(draw() * len(among))]
            return self.wording.url() if limits.least and not each.target else None

        if each.target or right.startswith("#"):
            return part
        if all(_matches("https://www.example.org/", *pattern) for pattern in limits.patterns):
            return lambda _: self.wording.url()
        return (lambda _: right) if right else None

    def _literal(self, each: Field, limits: Constraints) -> Maker | None:
        draw = self.draw
        if among := members(self.model.shapes, ox.NamedNode(each.shape), "sh:in"):
            return lambda _: wording.some(draw, among)
        name = each.datatype.removeprefix(_XSD)
        if name == "boolean":
            return lambda _: draw() < 0.8
        if name in ("decimal", "integer", "nonNegativeInteger"):
            return self._number(limits, whole=name != "decimal")
        simple: dict[str, Maker] = {
            "date": lambda _: wording.day(draw),
            "gYearMonth": lambda _: wording.month(draw),
            "gYear": lambda _: wording.day(draw)[:4],
            EDTF: lambda making: wording.period(draw, closed=making.closed),
        }
        if name in simple:
            return simple[name]
        return self._string(each, limits)

    def _number(self, limits: Constraints, *, whole: bool) -> Maker:
        draw = self.draw
        low = float(limits.low or 0)
        bounded = bool(limits.low and limits.high)
        high = float(limits.high) if limits.high else low + 1000

        def make(making: Making) -> object:
            # Numbers with two bounds are often shares, which make one whole together.
            top = low + (high - low) / making.shared if bounded else high
            number = low + draw() * (top - low)
            return int(number) if whole or draw() < 0.6 else round(number - 0.005, 2) or int(low)

        return make

    def _string(self, each: Field, limits: Constraints) -> Maker | None:
        draw = self.draw
        right = str(yaml.load(each.right, yaml.BaseLoader)) if each.right else ""
        if limits.patterns or each.datatype != _XSD + "string":
            variants = [right, *(_varied(right, seed) for seed in range(50))]
            fitting = [
                each
                for each in dict.fromkeys(variants)
                if each and all(_matches(each, *pattern) for pattern in limits.patterns)
            ]
            return (lambda _: wording.some(draw, fitting)) if fitting else None

        def make(_: Making) -> object:
            text = f"{self.wording.title(LANGUAGES[0])} {1 + int(draw() * 98)}"
            return text if limits.longest is None else text[: limits.longest].strip()

        return make


def _alone(make: Maker) -> Maker:
    def alone(making: Making) -> object:
        made = make(making)
        return made[0] if isinstance(made, list) else made

    return alone


def _spellings(find: Callable[[str], str | None], concept: Concept) -> list[str]:
    """Return the ways to write a code: its notation and its labels."""
    words = [concept.notation, *(concept.labels.get(tag, "") for tag in LANGUAGES)]
    if concept.notation.isdigit():
        # Such codes are known by name.
        words.reverse()
    return [word for word in words if word and find(word) == concept.iri]


def _varied(text: str, seed: int) -> str:
    """Return *text* with other figures."""
    random = Random(seed)
    return re.sub("[1-9]", lambda _: random.choice("123456789"), text)


def _matches(text: str, pattern: str, flags: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE if "i" in flags else 0) is not None


def _in_order(model: Model, kinds: Sequence[RecordClass]) -> list[RecordClass]:
    """Return *kinds* so that each comes after those that its records must point at."""
    ordered: list[RecordClass] = []
    waiting = list(kinds)
    while waiting:
        done = {kind.iri for kind in ordered}
        free = [
            kind
            for kind in waiting
            if not any(
                each.kind == REFERENCE
                and each.target in {other.iri for other in waiting} - done - {kind.iri}
                and constraints(model, kind, each, ANY).least
                for each in kind.fields.values()
            )
        ]
        # In a circle somebody has to be the first.
        ordered.append((free or waiting)[0])
        waiting.remove(ordered[-1])
    return ordered


def records(
    model: Model, count: int, *, seed: int = 1, faulty: float = 0.0, base: str = DEFAULT_BASE
) -> Iterator[Data]:
    """Yield *count* records as an author writes them; of each run of 1 / *faulty* one has a fault.

    The others are the same whatever the share is. IRIs of records begin with *base*.
    """
    generator = Generator(model, seed, base)
    faults = Faults(Generator(model, seed + 1, base), seed)
    bad, run = -1, -1
    for number in range(count):
        kind, record = generator.record()
        if faulty and int(number * faulty) != run:
            run = int(number * faulty)
            bad = faults.between(math.ceil(run / faulty), math.ceil((run + 1) / faulty))
        if number == bad:
            faults.plant(kind, record, generator.made)
        yield record


def dataset(model: Model, base: str = DEFAULT_BASE) -> Data | None:
    """Return the record of a dataset of such records; None when the profile has no class for it."""
    kind = model.classes_by_iri.get(_DATASET)
    if kind is None:
        return None
    generator = Generator(model, 0, base)
    # The publisher is the first of its class.
    generator.made = dict.fromkeys(generator.made, 1)
    node = generator.node(kind, Making(), len(_OFTEN) - 1)
    for each in kind.fields.values():
        if each.path == _BASE:
            node[each.key] = base
    return {"id": "made-up", "type": kind.name, **node}


def canonical(model: Model, record: Data, base: str = DEFAULT_BASE) -> Data:
    """Return the canonical form of *record*: shorthand spelled out, parts named."""
    read, _ = parse_line(msgspec.json.encode(record).decode(), "made up", 1)
    converted = Converter(model, base).convert(read[0])
    assert isinstance(converted, Converted), converted
    return converted.node


def main() -> None:
    """Write records to a file, or with the record of their dataset into a folder."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("count", type=int)
    parser.add_argument("-o", "--output", required=True, help="FOLDER/ or FILE.jsonl")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faulty", type=float, default=0.0, help="share of records with a fault")
    parser.add_argument("--canonical", action="store_true", help="spell shorthand out")
    parser.add_argument(
        "--profile", type=Path, help="folder of a profile; default: the shipped one"
    )
    given = parser.parse_args()
    model = load(Folder(given.profile) if given.profile else default_profile())
    path = Path(given.output)
    if given.output.endswith("/") or path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        about = dataset(model)
        if about is not None:
            (path / "dataset.json").write_bytes(msgspec.json.encode(about) + b"\n")
        path /= "records.jsonl"
    with path.open("wb") as file:
        for record in records(model, given.count, seed=given.seed, faulty=given.faulty):
            if given.canonical:
                record = canonical(model, record)
            file.write(msgspec.json.encode(record) + b"\n")


if __name__ == "__main__":
    main()
