"""The JSON Schema accepts what the reader accepts, and refuses single faults of structure.

Records are read as an editor reads them (YAML 1.2, core schema), and the other way records are
made from the schema and given to the converter and the shapes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from expatlod.convert import Converted, Converter
from expatlod.errors import ERROR, Finding
from expatlod.profile import Model, load
from expatlod.records import yaml
from expatlod.resources import Folder, default_profile
from expatlod.schema.json_schema import schema
from expatlod.validate import Validator, known_records

ROOT = Path(__file__).resolve().parent.parent
HARBOUR = Folder(ROOT / "tests" / "profile")

#: Reasons for which a record that the schema accepts may be refused, and why they are no matter of
#: the structure of one record. A reason is a rule and, where it has one, the property.
BEYOND = {
    ("record:reference", ""): "what is pointed at is in another record, or another part",
    ("record:id", ""): "two parts of one record have one id",
    ("record:twice", ""): "a written form and a key beside it say different things",
    ("sh:class", ""): "the kind of what is pointed at is known from another record",
    ("sh:lessThanOrEquals", ""): "two fields are compared",
    ("sh:or", ""): "of a record: its status is compared with period and status date",
    ("sh:sparql", "frapo:isFundedBy"): "several parts are added up",
    ("sh:not", ""): "personal data: the content of texts",
}


@pytest.fixture(scope="module")
def harbour() -> Model:
    return load(HARBOUR)


def whole(model: Model, lang: str = "en") -> dict[str, Any]:
    return schema(model, model.record_classes, lang)


def as_an_editor_sees(text: str) -> Any:
    """Read YAML 1.2 with the core schema: 25 is a number, true a boolean, 2012-06-30 a text."""
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    reader.constructor.add_constructor(
        "tag:yaml.org,2002:timestamp", lambda constructor, node: node.value
    )
    return reader.load(text)


# -- the schema itself


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("profile", [default_profile(), HARBOUR], ids=["shipped", "harbour"])
def test_the_schema_is_one_of_draft_07(profile: Folder, lang: str) -> None:
    jsonschema.Draft7Validator.check_schema(whole(load(profile), lang))


def test_the_schema_points_nowhere_outside_itself(model: Model) -> None:
    text = json.dumps(whole(model))

    assert {ref[0] for ref in re.findall(r'"\$ref": "([^"]*)"', text)} == {"#"}
    assert '"$id"' not in text


def test_every_pattern_is_one_that_javascript_reads(model: Model, harbour: Model) -> None:
    """With its flag u: no needless escapes, no Python groups."""
    found = [each for m in (model, harbour) for each in _patterns(whole(m))]

    assert len(found) > 100
    for pattern in found:
        assert "(?P" not in pattern
        assert set(re.findall(r"\\(.)", pattern)) <= set("^$\\.*+?()[]{}|/sSrndDwW")


def test_keys_stand_in_the_order_of_the_shapes(model: Model) -> None:
    properties = whole(model)["definitions"]["Page"]["properties"]

    assert list(properties) == [
        *("type", "id", "$schema"),
        *("title", "kind", "url", "language", "publisher", "issued", "note"),
    ]


def test_codes_come_before_their_labels_and_are_described(model: Model) -> None:
    listed = whole(model)["definitions"]["codelist-fee"]["anyOf"][0]

    assert listed["enum"][:2] == ["charged", "free"]
    assert {"Gratis", "Free"} <= set(listed["enum"][2:])
    assert len(listed["enumDescriptions"]) == len(listed["enum"])
    assert listed["enumDescriptions"][1].startswith("Free")


def test_help_is_in_the_language_asked_for(model: Model) -> None:
    kind = model.classes["Page"]
    for lang in ("da", "en"):
        title = schema(model, [kind], lang)["definitions"]["Page"]["properties"]["title"]

        assert title["title"] == kind.fields["title"].name[lang]
        assert title["description"] == kind.fields["title"].help[lang]


# -- shipped records


@pytest.mark.parametrize(
    "path", sorted((ROOT / "data").rglob("*.yaml")), ids=lambda path: path.stem
)
def test_shipped_records_pass(model: Model, path: Path) -> None:
    validator = jsonschema.Draft7Validator(_shipped(model))

    assert list(validator.iter_errors(as_an_editor_sees(path.read_text("utf-8")))) == []


_SHIPPED: dict[str, Any] = {}


def _shipped(model: Model) -> dict[str, Any]:
    if not _SHIPPED:
        _SHIPPED.update(whole(model))
    return _SHIPPED


# -- single faults

PROJECT = """
id: harbour-cafe
type: Project
title: {da: Sprogcafé, en: Language café}
kind: project
summary: {da: En café for alle., en: A café for everybody.}
audience: [spouse, {group: foreign-worker, rank: primary}]
theme: [housing, language]
extent: [Lemvig]
period: 2009/2011
activity:
  - {kind: seminar, count: 9, participants: ca. 500, interpreting: true}
funding:
  - {fundingSource: region, share: 25, amount: 1000-2000 DKK}
contact:
  - {name: {da: Postkassen, en: Mailbox}, postcode: 7620, email: info@example.org}
lesson:
  - {da: Begynd i god tid., en: Begin early.}
statusDate: 2012-08
website: https://www.example.org/
source: https://www.example.org/about
"""

Plant = Callable[[dict[str, Any]], None]


def put(*path: Any) -> Plant:
    """Return what writes the last of *path* at the place that the others lead to."""

    def plant(record: dict[str, Any]) -> None:
        *way, last, value = path
        inside: Any = record
        for step in way:
            inside = inside[step]
        inside[last] = value

    return plant


def drop(*path: Any) -> Plant:
    def plant(record: dict[str, Any]) -> None:
        *way, last = path
        inside: Any = record
        for step in way:
            inside = inside[step]
        del inside[last]

    return plant


FAULTS: dict[str, Plant] = {
    "no type": drop("type"),
    "unknown type": put("type", "Projekt"),
    "no id": drop("id"),
    "id with capitals": put("id", "Harbour-Cafe"),
    "id that is a device": put("id", "con"),
    "id that is too long": put("id", "a" * 101),
    "no title": drop("title"),
    "no Danish title": drop("title", "da"),
    "title without language": put("title", "Language café"),
    "title in German": put("title", "de", "Sprachcafé"),
    "title too short": put("title", "en", "ab"),
    "title that is empty": put("title", "en", " "),
    "title twice in one language": put("title", "en", ["One title", "Two titles"]),
    "nothing behind a key": put("kind", None),
    "unknown key": put("fundin", []),
    "unknown key in a part": put("funding", 0, "percent", 25),
    "unknown code": put("kind", "projekct"),
    "unknown code in a list": put("theme", 1, "langage"),
    "number where a code fits": put("kind", 7),
    "two of what is one": put("kind", ["project", "network"]),
    "no required key in a part": drop("funding", 0, "fundingSource"),
    "share above the range": put("funding", 0, "share", 101),
    "share below the range": put("funding", 0, "share", -1),
    "share above the range, in quotes": put("funding", 0, "share", "100.5"),
    "share in words": put("funding", 0, "share", "a quarter"),
    "amount without currency": put("funding", 0, "amount", 1000),
    "amount in thousands": put("funding", 0, "amount", "1.000 DKK"),
    "number in words": put("activity", 0, "count", "nine"),
    "number with an unknown qualifier": put("activity", 0, "count", "sort of 9"),
    "negative number": put("activity", 0, "count", -9),
    "no boolean": put("activity", 0, "interpreting", "yes"),
    "number where true fits": put("activity", 0, "interpreting", 2),
    "period that is no date": put("period", "2009-13"),
    "day that does not exist": put("period", "2011-02-29"),
    "number that is no year": put("period", 20091),
    "year where a month fits": put("statusDate", 2012),
    "postcode of three digits": put("contact", 0, "postcode", 762),
    "postcode in letters": put("contact", 0, "postcode", "DK-7620"),
    "mail of a person": put("contact", 0, "email", "jane.doe@example.org"),
    "address without scheme": put("website", "www.example.org"),
    "address with a blank": put("website", "https://www.example.org/a b"),
    "reference that is no id": put("source", "Working in Lemvig"),
    "list where a part fits": put("funding", 0, [1, 2]),
    "part where a value fits": put("statusDate", {"edtf": "2012-08"}),
    "empty part": put("funding", 0, {}),
    "empty list": put("theme", []),
    "computed key": put("lesson", 0, {"description": {"da": "Begynd i god tid."}, "position": 1}),
}


def test_the_record_without_fault_passes(model: Model) -> None:
    record = as_an_editor_sees(PROJECT)

    assert list(jsonschema.Draft7Validator(_shipped(model)).iter_errors(record)) == []
    assert [each for each in findings(model, record) if each.severity == ERROR] == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_single_fault_of_structure_is_refused_by_both(model: Model, name: str) -> None:
    record = as_an_editor_sees(PROJECT)
    FAULTS[name](record)

    assert not jsonschema.Draft7Validator(_shipped(model)).is_valid(record)
    # What is computed may be written if it is right; an editor cannot tell and offers no such key.
    if name != "computed key":
        assert [each for each in findings(model, record) if each.severity == ERROR]


#: Values in every type that an editor may see, where their text is what the reader wants.
TYPED: dict[str, Plant] = {
    "title that is a year": put("title", "da", 1984),
    "title that is a boolean": put("title", "da", True),
    "period that is a year": put("period", 2009),
    "share with decimals": put("funding", 0, "share", 33.5),
    "share in quotes": put("funding", 0, "share", "33.5"),
    "count in quotes": put("activity", 0, "count", "9"),
    "count with decimals": put("activity", 0, "count", 2.5),
    "boolean in quotes": put("activity", 0, "interpreting", "true"),
    "boolean as a number": put("activity", 0, "interpreting", 1),
    "place by its number": put("extent", 0, 665),
    "place by another label": put("extent", 0, "lemvig kommune"),
    "code by its IRI": put("kind", "https://w3id.org/expatlod/code/initiative-kind/project"),
    "code as a label in other case": put("kind", "PROJEKT"),
    "postcode in quotes": put("contact", 0, "postcode", "7620"),
    "town that is a number": put("contact", 0, "town", 7620),
    "id that is a number": put("id", 17),
    "single value of a list": put("theme", "housing"),
    "part as one value": put("audience", "spouse"),
    "number at least": put("activity", 0, "count", "mindst 3"),
    "number with a unit of time": put("activity", 0, "frequency", "5-7 a week"),
    "number under its key": put("activity", 0, "count", {"number": 12, "target": 12}),
    "amount in words": put("funding", 0, "amount", "ca. 15000000 DKK"),
    "amount that is unknown": put("funding", 0, "amount", {"verbatim": {"da": "en sum penge"}}),
    "several texts in one language": put("altTitle", {"da": ["Caféen", "Sprogcaféen"]}),
}


@pytest.mark.parametrize("name", TYPED)
def test_what_the_reader_takes_passes_in_the_type_that_an_editor_sees(
    model: Model, name: str
) -> None:
    record = as_an_editor_sees(PROJECT)
    TYPED[name](record)

    assert [each for each in findings(model, record) if each.severity == ERROR] == []
    assert list(jsonschema.Draft7Validator(_shipped(model)).iter_errors(record)) == []


def test_a_json_record_may_name_its_schema(model: Model) -> None:
    record = as_an_editor_sees(PROJECT) | {"$schema": "records.schema.json"}

    assert jsonschema.Draft7Validator(_shipped(model)).is_valid(record)


# -- made records

#: How many records are made of each class.
MANY = 150


def findings(model: Model, *made: dict[str, Any]) -> list[Finding]:
    """Return what reader, converter and shapes say about *made*, each checked alone."""
    converted: list[Converted] = []
    found: list[Finding] = []
    for number, record in enumerate(made):
        text = json.dumps(record, ensure_ascii=False)
        (read,), faults = yaml.parse(text, f"made-{number}.yaml")
        assert faults == [], text
        result = Converter(model, f"https://example.org/{number}/").convert(read)
        if isinstance(result, Converted):
            converted.append(result)
            found += result.findings
        else:
            found += result
    return [*found, *Validator(model).records(converted, known_records(converted))]


def beyond(finding: Finding) -> bool:
    """Tell whether a finding is one of those that no schema of one record's structure can know."""
    if finding.rule == "sh:or" and "#" in finding.focus:
        return False
    return bool({(finding.rule, finding.path), (finding.rule, "")} & BEYOND.keys())


@pytest.mark.parametrize("name", ["Dataset", "Organisation", "Page", "Project"])
def test_what_the_schema_accepts_is_refused_for_no_reason_of_structure(
    model: Model, name: str
) -> None:
    assert refused(model, _shipped(model), name) == []


@pytest.mark.parametrize("name", ["Boat", "Fleet", "Yard"])
def test_the_second_profile_is_described_as_well(harbour: Model, name: str) -> None:
    assert refused(harbour, whole(harbour), name) == []


@pytest.mark.parametrize(
    ("key", "loosened", "rule"),
    [
        ("urll", {"type": "boolean"}, "record:unknown"),
        ("kind", {"type": "boolean"}, "sh:node"),
        ("url", {"const": "example.org"}, "record:iri"),
        ("issued", {"type": "integer", "minimum": 1000}, "sh:datatype"),
        ("url", {"const": ["https://a.example.org/", "https://b.example.org/"]}, "sh:maxCount"),
    ],
)
def test_a_schema_that_accepts_too_much_is_found_out(
    model: Model, key: str, loosened: dict[str, Any], rule: str
) -> None:
    root = json.loads(json.dumps(_shipped(model)))
    root["definitions"]["Page"]["properties"][key] = loosened

    assert rule in {each[0] for each in refused(model, root, "Page")}


def refused(model: Model, root: dict[str, Any], name: str) -> list[tuple[str, str, str, str]]:
    """Return the reasons of structure for which records that *root* accepts are refused."""
    valid = jsonschema.Draft7Validator(root).is_valid
    made = [_Maker(root, Random(f"{name} {number}")).record(name) for number in range(MANY)]
    accepted = [record for record in made if valid(record)]
    # What is made keeps to the schema but for rules about several keys.
    assert len(accepted) > MANY // 2
    return [
        (each.rule, each.path, each.value, each.message["en"])
        for each in findings(model, *accepted)
        if each.severity == ERROR and not beyond(each)
    ]


class _Maker:
    """Makes values of the part of JSON Schema that we write."""

    def __init__(self, root: dict[str, Any], random: Random) -> None:
        self.root = root
        self.random = random

    def record(self, name: str) -> dict[str, Any]:
        made: dict[str, Any] = self.object(self.root["definitions"][name], 0)
        return made

    def value(self, of: dict[str, Any], depth: int) -> Any:
        if "$ref" in of:
            return self.value(self.root["definitions"][of["$ref"].rpartition("/")[2]], depth)
        if "anyOf" in of and of.get("type") != "object":
            return self.value(self.random.choice(of["anyOf"]), depth)
        if "enum" in of:
            return self.random.choice(of["enum"])
        if "const" in of:
            return of["const"]
        if "type" not in of:
            (inner,) = of["allOf"]
            return self.value(inner, depth)
        return getattr(self, of["type"])(of, depth)

    def object(self, of: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = {key: each for key, each in of["properties"].items() if key != "$schema"}
        keys = set(of.get("required", ()))
        for demand in of.get("allOf", ()):
            keys |= set(_asked(demand, self.random))
        if properties:
            more = self.random.randint(0, max(0, 5 - 2 * depth))
            keys |= set(self.random.choices(sorted(properties), k=more))
        if not keys and properties:
            keys = {self.random.choice(sorted(properties))}
        made = {key: self.value(properties[key], depth + 1) for key in sorted(keys)}
        for pattern, inner in of.get("patternProperties", {}).items():
            made[self.random.choice(texts(pattern))] = self.value(inner, depth + 1)
        return made

    def array(self, of: dict[str, Any], depth: int) -> list[Any]:
        least = of.get("minItems", 0)
        many = self.random.randint(least, of.get("maxItems", least + 1))
        return [self.value(of["items"], depth) for _ in range(many)]

    def string(self, of: dict[str, Any], depth: int) -> str:
        asked = [each["pattern"] for each in (of, *of.get("allOf", ())) if "pattern" in each]
        least, most = of.get("minLength", 0), of.get("maxLength", 10**6)
        fit = [
            text
            for pattern in asked
            for text in texts(pattern)
            if least <= len(text) <= most and all(re.search(each, text) for each in asked)
        ]
        return self.random.choice(fit)

    def integer(self, of: dict[str, Any], depth: int) -> int:
        return self.random.randint(of.get("minimum", -(10**6)), of.get("maximum", 10**10))

    def number(self, of: dict[str, Any], depth: int) -> float:
        """Two decimals: an editor cannot tell 1.5 from 1.500, which is read as a thousand."""
        low = of.get("minimum", -(10**6))
        high = of.get("maximum", max(low, 0) + 10**6)
        return self.random.randint(low * 100, high * 100) / 100

    def boolean(self, of: dict[str, Any], depth: int) -> bool:
        return self.random.random() < 0.5


#: Texts that a pattern seldom makes by itself.
_SPECIAL = (
    *("Come & Stay!", "Næstved Kommune", "- ikke en liste", "# no comment", "true", "12", "2012"),
    *("info@example.org", "mailto:data@example.org", "https://data.example.org/a/b/", "#part-1"),
    *("https://example.org/æ?q=(1)#top", "DKK", "7620", "=SUM(A1)", "a: b", "'", '"', "🙂🙂🙂"),
)


@cache
def texts(pattern: str) -> list[str]:
    """Return some texts that match *pattern* as JavaScript reads it."""
    found = [text for text in _SPECIAL if re.search(pattern, text)]

    @settings(
        max_examples=20,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.from_regex(re.compile(pattern)))
    def collect(text: str) -> None:
        # In JavaScript a $ is the very end, in Python a line end may follow; characters that no
        # record may hold are found before anything else (record:character).
        odd = re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]", text)
        if not odd:
            found.append(text)

    collect()
    assert found, pattern
    return found


def _asked(demand: dict[str, Any], random: Random) -> Iterator[str]:
    """Yield the keys of one way to satisfy a demand."""
    yield from demand.get("required", ())
    for each in demand.get("allOf", ()):
        yield from _asked(each, random)
    if "anyOf" in demand:
        yield from _asked(random.choice(demand["anyOf"]), random)


def _patterns(of: Any) -> Iterator[str]:
    if isinstance(of, dict):
        for key, value in of.items():
            if key == "pattern" and isinstance(value, str):
                yield value
            elif key == "patternProperties":
                yield from value
            yield from _patterns(value)
    elif isinstance(of, list):
        for each in of:
            yield from _patterns(each)
