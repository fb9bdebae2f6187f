"""Conversion: shorthand to canonical form, faults with their places, and the graph of it all.

The oracle is two JSON-LD processors of others, which read the canonical form with the published
context and must find the same triples as are written.
"""

from __future__ import annotations

import itertools
import json
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from expatlod.convert import Converted, Converter
from expatlod.errors import Finding
from expatlod.fields import CODE, IRI, LITERAL, PART, REFERENCE, TEXT, Field, RecordClass
from expatlod.lexical import EDTF
from expatlod.profile import Model, load
from expatlod.records.record import Record, Value
from expatlod.records.yaml import parse
from expatlod.resources import default_profile

DATA = Path(__file__).resolve().parent.parent / "data"

BASE = "https://example.org/"
CODES = "https://w3id.org/expatlod/code/"
XSD = "http://www.w3.org/2001/XMLSchema#"


#: A record is these lines and what a test adds; its first line is line 3.
HEAD = "id: a\ntype: Project\n"

#: What a part says: property and value, as CURIEs and as `show` writes values.
Facts = set[tuple[str, str]]


def convert(model: Model, text: str) -> Converted:
    records, findings = parse(text, "a.yaml")
    assert findings == []
    converted = Converter(model, BASE).convert(records[0])
    assert isinstance(converted, Converted)
    return converted


def clean(model: Model, text: str) -> Converted:
    """Convert a record of HEAD and *text* that has no faults."""
    converted = convert(model, HEAD + text)
    assert converted.findings == ()
    return converted


def faults(model: Model, text: str) -> tuple[Finding, ...]:
    return convert(model, HEAD + text).findings


def show(model: Model, term: object) -> str:
    if isinstance(term, ox.NamedNode):
        for start in (f"{BASE}id/", CODES):
            if term.value.startswith(start):
                return term.value[len(start) :]
        return model.curie(term.value)
    assert isinstance(term, ox.Literal)
    if term.language:
        return f"{term.value}@{term.language}"
    datatype = model.curie(term.datatype.value)
    return term.value if datatype == "xsd:string" else f"{term.value}^^{datatype}"


def facts(model: Model, converted: Converted, fragment: str = "") -> Facts:
    """Return what is said of the record, or of its part called *fragment*."""
    node = ox.NamedNode(converted.iri + (f"#{fragment}" if fragment else ""))
    return {
        (model.curie(each.predicate.value), show(model, each.object))
        for each in triples(converted.lines)
        if each.subject == node
    }


def parts(converted: Converted) -> set[str]:
    """Return the fragments of the parts of a record."""
    subjects = {line.partition(">")[0].removeprefix("<") for line in converted.lines}
    return {subject.partition("#")[2] for subject in subjects if "#" in subject}


def triples(lines: Iterable[str]) -> list[Any]:
    return list(ox.parse("\n".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES))


# -- periods


def test_period_is_spelled_out_with_its_bounds_and_sides(model: Model) -> None:
    found = clean(model, "period: 2009-06/2011-12-05\n")

    assert facts(model, found, "period") == {
        ("rdf:type", "dct:PeriodOfTime"),
        ("expat:edtf", f"2009-06/2011-12-05^^{EDTF}"),
        ("expat:earliestStart", "2009-06-01^^xsd:date"),
        ("expat:latestStart", "2009-06-30^^xsd:date"),
        ("expat:earliestEnd", "2011-12-05^^xsd:date"),
        ("expat:latestEnd", "2011-12-05^^xsd:date"),
        ("dcat:startDate", "2009-06^^xsd:gYearMonth"),
        ("dcat:endDate", "2011-12-05^^xsd:date"),
    }


@pytest.mark.parametrize(
    ("edtf", "sides"),
    [
        ("2012", {("dcat:startDate", "2012^^xsd:gYear"), ("dcat:endDate", "2012^^xsd:gYear")}),
        ("/2012-12-31", {("dcat:endDate", "2012-12-31^^xsd:date")}),
        ("2010-10/..", {("dcat:startDate", "2010-10^^xsd:gYearMonth")}),
        ("2010-23/2014-01-31", {("dcat:endDate", "2014-01-31^^xsd:date")}),
        ("2010-23", set()),
    ],
)
def test_side_of_a_period_has_the_datatype_of_its_precision(
    model: Model, edtf: str, sides: Facts
) -> None:
    found = clean(model, f"period: {edtf}\n")

    assert {
        fact
        for fact in facts(model, found, "period")
        if fact[0] in ("dcat:startDate", "dcat:endDate")
    } == sides


def test_period_that_is_written_out_has_the_same_bounds(model: Model) -> None:
    short = clean(model, "period: 2009/2011\n")
    long = clean(model, "period:\n  edtf: 2009/2011\n")

    assert short.lines == long.lines


# -- codes


@pytest.mark.parametrize(
    "text",
    [
        "foreign-worker",
        "Foreign workers",
        "FOREIGN WORKERS",
        "Udenlandske arbejdstagere",
        "udenlandske-arbejdstagere",
        f"{CODES}target-group/foreign-worker",
    ],
)
def test_code_is_known_by_notation_by_label_in_either_language_and_by_its_iri(
    model: Model, text: str
) -> None:
    found = clean(model, f"audience: [{text}]\n")

    assert ("expat:group", "target-group/foreign-worker") in facts(model, found, "audience-1")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("lemvig", "665"),
        ("Lemvig", "665"),
        ("665", "665"),
        ("DK", "DK"),
        ("Danmark", "DK"),
        ("Denmark", "DK"),
        ("1081", "1081"),
        ("Region Nordjylland", "1081"),
        ("North Denmark Region", "1081"),
        ("Aarhus", "751"),
        ("Århus", "751"),
        (unicodedata.normalize("NFD", "Århus"), "751"),
        ("ålborg", "851"),
    ],
)
def test_place_alone_is_an_extent_that_covers_it(model: Model, text: str, place: str) -> None:
    found = clean(model, f"extent: [{text}]\n")

    assert facts(model, found, "extent-1") == {
        ("rdf:type", "expat:Extent"),
        ("dct:spatial", f"place/{place}"),
        ("expat:relation", "extent-relation/covers"),
    }


def test_group_alone_is_an_unranked_audience(model: Model) -> None:
    found = clean(model, "audience: [foreign-worker, spouse]\n")

    assert facts(model, found, "audience-2") == {
        ("rdf:type", "dct:AgentClass"),
        ("rdf:type", "expat:TargetGroup"),
        ("expat:group", "target-group/spouse"),
        ("expat:rank", "rank/unranked"),
    }


def test_audience_with_a_rank_keeps_it(model: Model) -> None:
    found = clean(model, "audience:\n  - {group: spouse, rank: Primær}\n")

    assert facts(model, found, "audience-1") == {
        ("rdf:type", "dct:AgentClass"),
        ("rdf:type", "expat:TargetGroup"),
        ("expat:group", "target-group/spouse"),
        ("expat:rank", "rank/primary"),
    }


@pytest.mark.parametrize(
    ("text", "fragment", "default"),
    [
        pytest.param(
            "audience: spouse", "audience-1", ("expat:rank", "rank/unranked"), id="audience"
        ),
        pytest.param(
            "extent: {place: DK}",
            "extent-1",
            ("expat:relation", "extent-relation/covers"),
            id="extent",
        ),
        pytest.param(
            "result: {description: {da: x}}",
            "result-1",
            ("expat:nature", "nature/measured"),
            id="result",
        ),
        pytest.param(
            "budget: 5 DKK", "budget", ("expat:qualifier", "qualifier/exact"), id="amount"
        ),
    ],
)
def test_field_that_is_left_out_has_the_default_of_its_shape(
    model: Model, text: str, fragment: str, default: tuple[str, str]
) -> None:
    assert default in facts(model, clean(model, text + "\n"), fragment)


# -- quantities and amounts


@pytest.mark.parametrize(
    ("text", "least", "most", "qualifier"),
    [
        ("69", "69", "69", "exact"),
        ("0", "0", "0", "exact"),
        ("2.5", "2.5", "2.5", "exact"),
        ("15000000", "15000000", "15000000", "exact"),
        ("200-250", "200", "250", "exact"),
        ("200 - 250", "200", "250", "exact"),
        ("200–250", "200", "250", "exact"),
        ("præcis 69", "69", "69", "exact"),
        ("exactly 69", "69", "69", "exact"),
        ("ca. 500", "500", "500", "approx"),
        ("ca 500", "500", "500", "approx"),
        ("Ca. 500", "500", "500", "approx"),
        ("cirka 500", "500", "500", "approx"),
        ("omkring 500", "500", "500", "approx"),
        ("about 500", "500", "500", "approx"),
        ("circa 500", "500", "500", "approx"),
        ("approx. 500", "500", "500", "approx"),
        ("approximately 500", "500", "500", "approx"),
        ("ca. 200-250", "200", "250", "approx"),
        ("skønnet 40", "40", "40", "estimate"),
        ("estimated 40", "40", "40", "estimate"),
        ("mindst 3", "3", "", "at-least"),
        ("min. 3", "3", "", "at-least"),
        ("at least 3", "3", "", "at-least"),
        ("min. 1-2", "1", "2", "at-least"),
        ("højst 5", "", "5", "at-most"),
        ("maks. 5", "", "5", "at-most"),
        ("op til 5", "", "5", "at-most"),
        ("at most 5", "", "5", "at-most"),
        ("up to 5", "", "5", "at-most"),
        ("mere end 100", "100", "", "more-than"),
        ("over 100", "100", "", "more-than"),
        ("more than 100", "100", "", "more-than"),
        ("næsten 40", "", "40", "almost"),
        ("knap 40", "", "40", "almost"),
        ("almost 40", "", "40", "almost"),
    ],
)
def test_number_is_read_with_its_qualifier_in_danish_and_english(
    model: Model, text: str, least: str, most: str, qualifier: str
) -> None:
    found = clean(model, f"activity:\n  - kind: mentoring\n    participants: {text}\n")

    expected = {
        ("rdf:type", "schema:QuantitativeValue"),
        ("expat:qualifier", f"qualifier/{qualifier}"),
    }
    if least:
        expected.add(("schema:minValue", f"{least}^^xsd:decimal"))
    if most:
        expected.add(("schema:maxValue", f"{most}^^xsd:decimal"))
    assert facts(model, found, "activity-1-participants") == expected


@pytest.mark.parametrize(
    ("text", "least", "most", "unit"),
    [
        ("5-7 pr. uge", "5", "7", "week"),
        ("5-7 per week", "5", "7", "week"),
        ("2 om året", "2", "2", "year"),
        ("2 a year", "2", "2", "year"),
        ("1 pr. måned", "1", "1", "month"),
        ("1 hver dag", "1", "1", "day"),
        ("1 every day", "1", "1", "day"),
        ("4 pr. kvartal", "4", "4", "quarter"),
        ("30 pr. gang", "30", "30", "event"),
        ("30 per event", "30", "30", "event"),
    ],
)
def test_number_per_unit_of_time_is_read_in_danish_and_english(
    model: Model, text: str, least: str, most: str, unit: str
) -> None:
    found = clean(model, f"activity:\n  - kind: hotline\n    frequency: {text}\n")

    assert facts(model, found, "activity-1-frequency") == {
        ("rdf:type", "schema:QuantitativeValue"),
        ("expat:qualifier", "qualifier/exact"),
        ("schema:minValue", f"{least}^^xsd:decimal"),
        ("schema:maxValue", f"{most}^^xsd:decimal"),
        ("expat:per", f"time-unit/{unit}"),
    }


@pytest.mark.parametrize("text", ["12 ud af 20", "12 af 20", "12 out of 20", "12 of 20"])
def test_some_out_of_all_is_read_in_danish_and_english(model: Model, text: str) -> None:
    found = clean(model, f"activity:\n  - kind: survey\n    participants: {text}\n")

    assert facts(model, found, "activity-1-participants") == {
        ("rdf:type", "schema:QuantitativeValue"),
        ("expat:qualifier", "qualifier/exact"),
        ("schema:minValue", "12^^xsd:decimal"),
        ("schema:maxValue", "12^^xsd:decimal"),
        ("expat:outOf", "20^^xsd:decimal"),
    }


def test_number_with_more_to_say_is_written_under_its_key(model: Model) -> None:
    found = clean(
        model,
        "activity:\n  - kind: seminar\n    participants:\n"
        "      {number: ca. 200, scope: together, target: 300, unit: {da: par}}\n",
    )

    assert facts(model, found, "activity-1-participants") == {
        ("rdf:type", "schema:QuantitativeValue"),
        ("expat:qualifier", "qualifier/approx"),
        ("schema:minValue", "200^^xsd:decimal"),
        ("schema:maxValue", "200^^xsd:decimal"),
        ("expat:scope", "scope/together"),
        ("schema:unitText", "par@da"),
        ("expat:target", "project/a#activity-1-participants-target"),
    }


@pytest.mark.parametrize(
    ("text", "least", "most", "currency", "qualifier"),
    [
        ("15000000 DKK", "15000000", "15000000", "DKK", "exact"),
        ("0.50 EUR", "0.50", "0.50", "EUR", "exact"),
        ("ca. 15000000 DKK", "15000000", "15000000", "DKK", "approx"),
        ("about 15000000 DKK", "15000000", "15000000", "DKK", "approx"),
        ("1000-2000 DKK", "1000", "2000", "DKK", "exact"),
        ("ca. 1000-2000 DKK", "1000", "2000", "DKK", "approx"),
        ("mindst 5 DKK", "5", "", "DKK", "at-least"),
        ("at least 5 DKK", "5", "", "DKK", "at-least"),
        ("over 5 DKK", "5", "", "DKK", "more-than"),
        ("op til 5 DKK", "", "5", "DKK", "at-most"),
        ("up to 5 DKK", "", "5", "DKK", "at-most"),
        ("næsten 5 DKK", "", "5", "DKK", "almost"),
        ("skønnet 5 DKK", "5", "5", "DKK", "estimate"),
    ],
)
def test_amount_is_read_with_currency_and_qualifier(
    model: Model, text: str, least: str, most: str, currency: str, qualifier: str
) -> None:
    found = clean(model, f"budget: {text}\n")

    expected = {
        ("rdf:type", "schema:MonetaryAmount"),
        ("schema:currency", currency),
        ("expat:qualifier", f"qualifier/{qualifier}"),
    }
    if least:
        expected.add(("schema:minValue", f"{least}^^xsd:decimal"))
    if most:
        expected.add(("schema:maxValue", f"{most}^^xsd:decimal"))
    assert facts(model, found, "budget") == expected


def test_amount_without_a_figure_is_its_wording(model: Model) -> None:
    found = clean(model, "budget: {verbatim: {da: en sum penge}}\n")

    assert facts(model, found, "budget") == {
        ("rdf:type", "schema:MonetaryAmount"),
        ("expat:qualifier", "qualifier/exact"),
        ("expat:verbatim", "en sum penge@da"),
    }


# -- texts


def test_text_in_two_languages_alone_is_a_statement(model: Model) -> None:
    found = clean(model, "subGoal:\n  - {da: Et mål, en: A goal}\n")

    assert facts(model, found, "sub-goal-1") == {
        ("rdf:type", "expat:Statement"),
        ("dct:description", "Et mål@da"),
        ("dct:description", "A goal@en"),
        ("schema:position", "1^^xsd:integer"),
    }


def test_text_in_two_languages_may_carry_an_id(model: Model) -> None:
    found = clean(model, "subGoal:\n  - {id: reach, da: Et mål, en: A goal}\n")

    assert facts(model, found, "reach") == {
        ("rdf:type", "expat:Statement"),
        ("dct:description", "Et mål@da"),
        ("dct:description", "A goal@en"),
        ("schema:position", "1^^xsd:integer"),
    }


def test_texts_of_a_list_come_together_by_language(model: Model) -> None:
    found = clean(model, "note:\n  - {da: Et, en: One}\n  - {da: To}\n")

    assert found.node["note"] == {"da": ["Et", "To"], "en": "One"}


def test_language_tag_is_small_in_the_triples_as_rdf_compares_it(model: Model) -> None:
    found = clean(model, "title: {en-GB: Harbour}\n")

    assert found.lines[3:] == (
        f'<{BASE}id/project/a> <http://purl.org/dc/terms/title> "Harbour"@en-gb .',
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('a "quote"', id="quote"),
        pytest.param("back\\slash\\n", id="backslash"),
        pytest.param("two\nlines", id="newline"),
        pytest.param("carriage\rreturn\r\n", id="carriage-return"),
        pytest.param("a\ttab", id="tab"),
        pytest.param("emoji 😀 and 𝔸", id="emoji"),
        pytest.param("'> <b> <c> .", id="what-ends-a-triple"),
        pytest.param("\\u00e6 \\U0001F600", id="what-looks-like-an-escape"),
        pytest.param(" blanks ", id="blanks-at-the-ends"),
        pytest.param("\ufeffmark \u202e\u200b", id="invisible"),
    ],
)
def test_text_comes_back_from_n_triples_as_it_was(model: Model, text: str) -> None:
    found = clean(model, "title: " + json.dumps({"da": text}, ensure_ascii=False) + "\n")

    read = {str(each.object.value) for each in triples(found.lines[3:])}
    by_rdflib = rdflib.Graph().parse(data=found.lines[3], format="nt")
    assert (read, {str(each) for each in by_rdflib.objects()}) == ({text}, {text})


def test_every_triple_is_one_line_whatever_the_text(model: Model) -> None:
    found = clean(model, 'title: {da: "a\\nb\\rc\\"d\\\\e"}\n')

    assert found.lines[3:] == (
        f'<{BASE}id/project/a> <http://purl.org/dc/terms/title> "a\\nb\\rc\\"d\\\\e"@da .',
    )


# -- parts, positions, references


def test_parts_are_named_by_key_and_place_and_nested_ones_by_both(model: Model) -> None:
    found = clean(
        model,
        "period: 2012\n"
        "budget: 5 DKK\n"
        "subGoal:\n  - {da: x}\n  - {da: y}\n"
        "followUp: {kind: continued}\n"
        "activity:\n"
        "  - {kind: seminar, participants: {number: 5, target: 7}, audience: [spouse]}\n"
        "  - {kind: mentoring, id: mentoring, count: 12, period: 2011}\n"
        "  - {kind: hotline, frequency: 5 pr. uge}\n",
    )

    assert parts(found) == {
        "period",
        "budget",
        "sub-goal-1",
        "sub-goal-2",
        "follow-up-1",
        "activity-1",
        "activity-1-participants",
        "activity-1-participants-target",
        "activity-1-audience-1",
        "mentoring",
        "mentoring-count",
        "mentoring-period",
        "activity-3",
        "activity-3-frequency",
    }


def test_part_with_the_name_of_another_by_place_takes_the_next_free_one(model: Model) -> None:
    found = clean(model, "activity:\n  - {kind: seminar, id: activity-2}\n  - {kind: hotline}\n")

    assert parts(found) == {"activity-2", "activity-2-2"}


def test_position_is_the_place_in_the_list(model: Model) -> None:
    found = clean(model, "lesson:\n  - {da: x}\n  - {da: y}\nreason: {da: z}\n")

    assert {
        name: value
        for name in ("lesson-1", "lesson-2", "reason-1")
        for key, value in facts(model, found, name)
        if key == "schema:position"
    } == {"lesson-1": "1^^xsd:integer", "lesson-2": "2^^xsd:integer", "reason-1": "1^^xsd:integer"}


def test_reference_to_a_part_is_its_iri(model: Model) -> None:
    found = clean(
        model,
        "activity: {id: mentoring, kind: mentoring}\n"
        'lesson: {description: {da: x}, about: "#mentoring"}\n',
    )

    assert ("schema:about", "project/a#mentoring") in facts(model, found, "lesson-1")


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        pytest.param("continues: b", ("expat:continues", "project/b"), id="record"),
        pytest.param("source: b", ("dct:source", "page/b"), id="record-or-iri"),
        pytest.param(
            "source: https://other.example/b",
            ("dct:source", "https://other.example/b"),
            id="iri",
        ),
        pytest.param(
            f"continues: {BASE}id/project/b", ("expat:continues", "project/b"), id="own-iri"
        ),
    ],
)
def test_reference_is_an_id_or_an_iri(model: Model, text: str, fact: tuple[str, str]) -> None:
    assert fact in facts(model, clean(model, text + "\n"))


def test_node_has_its_class_and_the_classes_above_as_types(model: Model) -> None:
    assert facts(model, clean(model, "")) == {
        ("rdf:type", "expat:Project"),
        ("rdf:type", "foaf:Project"),
        ("rdf:type", "prov:Activity"),
    }


# -- faults


@pytest.mark.parametrize(
    ("text", "place", "rule", "message", "help"),
    [
        pytest.param(
            "titel: {da: x}",
            "3:1",
            "record:unknown",
            ("Projekt har intet felt 'titel'", "Project has no field 'titel'"),
            ("mente du 'title'?", "did you mean 'title'?"),
            id="unknown-key",
        ),
        pytest.param(
            "funding:\n  - {fundingSource: esf, shares: 5}",
            "4:26",
            "record:unknown",
            ("Finansiering har intet felt 'shares'", "Funding has no field 'shares'"),
            ("mente du 'share'?", "did you mean 'share'?"),
            id="unknown-key-in-a-part",
        ),
        pytest.param(
            "theme: [housing, social-netwrk]",
            "3:18",
            "sh:node",
            (
                "theme 2 (tema) 'social-netwrk' står ikke i kodelisten theme",
                "theme 2 'social-netwrk' is not in the codelist theme",
            ),
            (
                "mente du 'social-network' (Sociale netværk)?",
                "did you mean 'social-network' (Social networks)?",
            ),
            id="unknown-code-near-one",
        ),
        pytest.param(
            "theme: xyzzy",
            "3:8",
            "sh:node",
            (
                "theme (tema) 'xyzzy' står ikke i kodelisten theme",
                "theme 'xyzzy' is not in the codelist theme",
            ),
            (
                (
                    "skriv en af listens 19 koder, for eksempel branding, citizenship, culture, "
                    "education, employment, entrepreneurship, health, housing, language, leisure, "
                    "partner-job, public-service; 'expatlod explain code/theme' viser dem alle"
                ),
                (
                    "write one of the 19 codes of the list, for example branding, citizenship, "
                    "culture, education, employment, entrepreneurship, health, housing, language, "
                    "leisure, partner-job, public-service; "
                    "'expatlod explain code/theme' shows them all"
                ),
            ),
            id="unknown-code",
        ),
        pytest.param(
            "kind: {da: Projekt}",
            "3:7",
            "record:kind",
            (
                "kind (art) skal være en enkelt værdi, ikke flere felter",
                "kind takes a single value, not several fields",
            ),
            (
                "skriv værdien på samme linje; sæt anførselstegn om tekst med klammer",
                "write the value on the same line; put quotes around text with brackets",
            ),
            id="fields-for-a-code",
        ),
        pytest.param(
            "activity:\n  - mentoring",
            "4:5",
            "record:kind",
            (
                "activity 1 (aktivitet) skal have felter, ikke 'mentoring'",
                "activity 1 takes fields, not 'mentoring'",
            ),
            (
                "skriv dens felter inde i den: kind, title, description, theme …",
                "write its fields inside it: kind, title, description, theme …",
            ),
            id="text-for-a-part",
        ),
        pytest.param(
            "title: Harbour",
            "3:8",
            "record:language",
            (
                "title (titel) siger ikke, hvilket sprog det er på",
                "title does not say which language it is in",
            ),
            (
                (
                    "skriv den danske tekst under da og den engelske under en, hver for sig. "
                    "Skriv en titel på mindst "
                    "tre tegn, på dansk under da og på engelsk under en."
                ),
                (
                    "write the Danish text under da and the English one under en, each by itself. "
                    "Write a title of "
                    "at least three characters, in Danish under da and in English under en."
                ),
            ),
            id="text-without-language",
        ),
        pytest.param(
            "title:\n  dansk: Havn",
            "4:3",
            "record:language",
            (
                "title (titel) dansk: 'dansk' er ikke et sprog",
                "title dansk: 'dansk' is not a language",
            ),
            ("mente du 'da'?", "did you mean 'da'?"),
            id="language-that-is-none",
        ),
        pytest.param(
            "statusDate: 2014-13",
            "3:13",
            "sh:datatype",
            (
                "statusDate (statusdato) '2014-13' er ikke en måned, ÅÅÅÅ-MM",
                "statusDate '2014-13' is not a month, YYYY-MM",
            ),
            (
                "Skriv år og måned som ÅÅÅÅ-MM, fx 2014-01.",
                "Write year and month as YYYY-MM, for example 2014-01.",
            ),
            id="impossible-month",
        ),
        pytest.param(
            "funding:\n  - share: 25 %",
            "4:12",
            "sh:datatype",
            (
                (
                    "funding 1 share (andel) '25 %' er ikke et tal med punktum som decimaltegn, "
                    "uden tusindtalsseparator"
                ),
                (
                    "funding 1 share '25 %' is not a number with a decimal point "
                    "and no thousands separator"
                ),
            ),
            (
                "mente du '25'?",
                "did you mean '25'?",
            ),
            id="number-with-a-sign",
        ),
        pytest.param(
            "budget: 15 kr.",
            "3:9",
            "record:form",
            (
                "budget '15 kr.' kan ikke læses som beløb",
                "budget '15 kr.' cannot be read as an amount",
            ),
            (
                (
                    "Skriv hele beløbet i tal og valutaen med tre bogstaver: DKK, ikke kr., og "
                    "15000000, ikke 15 mio. eller 15.000.000. For eksempel '1000-2000 DKK', "
                    "'15000000 DKK', 'ca. 15000000 DKK', 'mindst 5000 DKK'."
                ),
                (
                    "Write the whole sum in figures and the currency in three letters: "
                    "DKK, not kr., and 15000000, not 15 million or 15.000.000. "
                    "For example '1000-2000 DKK', "
                    "'15000000 DKK', 'at least 5000 DKK', 'ca. 15000000 DKK'."
                ),
            ),
            id="amount-without-currency-code",
        ),
        pytest.param(
            'website: "https://example.org/a b"',
            "3:10",
            "record:iri",
            (
                "website (hjemmeside) 'https://example.org/a b' er hverken et id eller en adresse",
                "website 'https://example.org/a b' is neither an id nor an address",
            ),
            (
                "fjern mellemrum og tegn, der ikke kan stå i en adresse",
                "remove spaces and characters that cannot stand in an address",
            ),
            id="iri-with-a-space",
        ),
        pytest.param(
            "continues: Project B",
            "3:12",
            "record:iri",
            (
                "continues (fortsætter) 'Project B' er hverken et id eller en adresse",
                "continues 'Project B' is neither an id nor an address",
            ),
            (
                "skriv id'et på en post af typen Project, måske 'project-b'",
                "write the id of a record of type Project, perhaps 'project-b'",
            ),
            id="reference-that-is-no-id",
        ),
        pytest.param(
            "activity:\n  - {kind: seminar, id: x}\n  - {kind: seminar, id: x}",
            "5:25",
            "record:id",
            (
                "id 'x' er brugt før i posten, på linje 4",
                "the id 'x' is used before in the record, on line 4",
            ),
            (
                "giv den ene et andet id",
                "give one of them another id",
            ),
            id="two-parts-with-one-id",
        ),
        pytest.param(
            "activity:\n  - {kind: seminar, id: ../x}",
            "4:25",
            "record:id",
            (
                "id '../x' kan ikke bruges",
                "the id '../x' cannot be used",
            ),
            (
                "skriv et navn af små bogstaver a-z, tal og enkelte bindestreger",
                "write a name of small letters a-z, digits and single hyphens",
            ),
            id="part-with-a-bad-id",
        ),
        pytest.param(
            "period:\n  edtf: 2012\n  latestEnd: 2013-01-01",
            "5:3",
            "record:computed",
            (
                "period latestEnd (seneste slutning) beregnes og stemmer ikke med det beregnede",
                "period latestEnd is computed and differs from what was computed",
            ),
            ("slet linjen", "delete the line"),
            id="computed-key-that-contradicts",
        ),
        pytest.param(
            "theme:",
            "3:7",
            "record:empty",
            ("theme (tema) er tomt", "theme is empty"),
            ("skriv en værdi, eller slet linjen", "write a value, or delete the line"),
            id="nothing-behind-a-key",
        ),
        pytest.param(
            'contact:\n  - {address: "", town: Byen}',
            "4:15",
            "record:empty",
            ("contact 1 address (adresse) er tomt", "contact 1 address is empty"),
            ("skriv en værdi, eller slet linjen", "write a value, or delete the line"),
            id="empty-text-for-a-value",
        ),
        pytest.param(
            'title:\n  da: "  "\n  en: Harbour',
            "4:7",
            "record:empty",
            ("title (titel) da er tomt", "title da is empty"),
            ("skriv en værdi, eller slet linjen", "write a value, or delete the line"),
            id="blank-text-in-a-language",
        ),
    ],
)
def test_fault_is_found_at_its_place_and_said_in_both_languages(
    model: Model,
    text: str,
    place: str,
    rule: str,
    message: tuple[str, str],
    help: tuple[str, str],
) -> None:
    found = [
        (str(each.at), each.rule, dict(each.message), dict(each.help))
        for each in faults(model, text + "\n")
    ]

    assert found == [
        (
            f"a.yaml:{place}",
            rule,
            {"da": message[0], "en": message[1]},
            {"da": help[0], "en": help[1]},
        )
    ]


@pytest.mark.parametrize(
    ("text", "place", "rule"),
    [
        pytest.param(
            "title: {da: Havn, xx-h7q6zyj-dn2: Havn}",
            "3:19",
            "record:language",
            id="tag-that-no-parser-of-rdf-takes",
        ),
        pytest.param("theme: []", "3:8", "record:empty", id="empty-list"),
        pytest.param("title: {}", "3:8", "record:empty", id="no-fields"),
        pytest.param("theme: [[housing]]", "3:9", "record:kind", id="list-in-a-list"),
        pytest.param("theme:\n  - housing\n  -", "5:4", "record:empty", id="empty-item"),
        pytest.param("period: 2012-02-30", "3:9", "sh:datatype", id="impossible-day"),
        pytest.param("period: 2011-02-29", "3:9", "sh:datatype", id="no-leap-year"),
        pytest.param("period: 2012", "3:9", "", id="year"),
        pytest.param("activity: {interpreting: ja}", "3:26", "sh:datatype", id="boolean-in-danish"),
        pytest.param("audience: [foreigner]", "3:12", "sh:node", id="code-in-shorthand"),
        pytest.param("website: javascript:alert(1)", "3:10", "record:iri", id="iri-that-runs"),
        pytest.param('website: "https://a.example/\\""', "3:10", "record:iri", id="iri-with-quote"),
        pytest.param(
            'website: "https://a.example/\\n"', "3:10", "record:iri", id="iri-with-newline"
        ),
        pytest.param("website: a", "3:10", "record:iri", id="iri-that-is-relative"),
        pytest.param("budget: 15.000.000 DKK", "3:9", "record:form", id="thousands-separators"),
        pytest.param("budget: 15.000 DKK", "3:9", "record:form", id="thousands-separator"),
        pytest.param("budget: 1,5 DKK", "3:9", "record:form", id="decimal-comma"),
        pytest.param("budget: -5 DKK", "3:9", "record:form", id="negative-amount"),
        pytest.param("budget: 15000000", "3:9", "record:form", id="amount-without-currency"),
        pytest.param("budget: many DKK", "3:9", "record:form", id="amount-without-number"),
        pytest.param("budget: {number: [5]}", "3:18", "record:kind", id="number-that-is-a-list"),
        pytest.param("budget: wee 5 DKK", "3:9", "sh:node", id="qualifier-that-is-none"),
        pytest.param(
            "activity: {kind: seminar, participants: many}", "3:41", "record:form", id="words"
        ),
        pytest.param("activity: {type: mentoring}", "3:18", "record:type", id="type-of-a-part"),
    ],
)
def test_fault_has_its_place_and_rule(model: Model, text: str, place: str, rule: str) -> None:
    expected = [(f"a.yaml:{place}", rule)] if rule else []

    assert [(str(each.at), each.rule) for each in faults(model, text + "\n")] == expected


@pytest.mark.parametrize(
    ("text", "place", "rule", "message", "help"),
    [
        pytest.param(
            "type: Project\n",
            "1:1",
            "record:id",
            ("posten har intet id", "the record has no id"),
            (
                "skriv små bogstaver a-z, tal og enkelte bindestreger: 'min-post-2'",
                "write small letters a-z, digits and single hyphens: 'my-record-2'",
            ),
            id="no-id",
        ),
        pytest.param(
            "type: Project\nid: ../x\n",
            "2:5",
            "record:id",
            ("id '../x' kan ikke bruges", "the id '../x' cannot be used"),
            (
                "mente du 'x'? Et id er små bogstaver a-z, tal og enkelte bindestreger",
                "did you mean 'x'? An id is small letters a-z, digits and single hyphens",
            ),
            id="bad-id",
        ),
        pytest.param(
            "id: a\n",
            "1:1",
            "record:type",
            ("posten har ingen type", "the record has no type"),
            (
                "skriv under type en af disse: Dataset, Organisation, Page, Project",
                "write one of these under type: Dataset, Organisation, Page, Project",
            ),
            id="no-type",
        ),
        pytest.param(
            "id: a\ntype: Projekt\n",
            "2:7",
            "record:type",
            ("typen 'Projekt' kendes ikke", "the type 'Projekt' is not known"),
            ("mente du 'Project'?", "did you mean 'Project'?"),
            id="unknown-type",
        ),
        pytest.param(
            "id: a\ntype: Funding\n",
            "2:7",
            "record:type",
            ("typen 'Funding' kendes ikke", "the type 'Funding' is not known"),
            (
                "skriv under type en af disse: Dataset, Organisation, Page, Project",
                "write one of these under type: Dataset, Organisation, Page, Project",
            ),
            id="type-of-parts-only",
        ),
    ],
)
def test_record_without_a_name_or_a_type_is_only_a_finding(
    model: Model,
    text: str,
    place: str,
    rule: str,
    message: tuple[str, str],
    help: tuple[str, str],
) -> None:
    (record,), _ = parse(text, "a.yaml")

    found = Converter(model, BASE).convert(record)

    (finding,) = found if isinstance(found, tuple) else found.findings
    assert (str(finding.at), finding.rule) == (f"a.yaml:{place}", rule)
    assert (finding.message["da"], finding.message["en"]) == message
    assert (finding.help["da"], finding.help["en"]) == help


@pytest.mark.parametrize(
    "identifier",
    ["CON", "con", "Æble", "a b", "a--b", "a" * 300, "a/b", "a\\b", "a_b", "..", "~"],
)
def test_id_that_is_no_safe_path_segment_is_found_where_it_stands(
    model: Model, identifier: str
) -> None:
    (record,), _ = parse(f"type: Project\nid: {identifier}\n", "a.yaml")

    found = Converter(model, BASE).convert(record)

    findings = found if isinstance(found, tuple) else found.findings
    assert [(str(each.at), each.rule) for each in findings] == [("a.yaml:2:5", "record:id")]


def test_computed_key_that_agrees_is_no_fault(model: Model) -> None:
    assert faults(model, "period: {edtf: 2012, latestEnd: 2012-12-31}\n") == ()


def test_long_value_is_shortened_in_the_message(model: Model) -> None:
    (finding,) = faults(model, f"theme: {'x' * 1000}\n")

    assert finding.message["en"] == f"theme '{'x' * 57}…' is not in the codelist theme"


def test_value_with_a_fault_is_left_out_and_the_rest_is_there(model: Model) -> None:
    found = convert(
        model,
        HEAD + "title: {da: Havn, dansk: Havn}\n"
        "theme: [housing, xyzzy, tax]\n"
        "statusDate: 2014-13\n"
        'website: ["https://example.org/a b", https://example.org/b]\n'
        "funding: [{share: half, fundingSource: esf}]\n",
    )

    assert facts(model, found) == {
        ("rdf:type", "expat:Project"),
        ("rdf:type", "foaf:Project"),
        ("rdf:type", "prov:Activity"),
        ("dct:title", "Havn@da"),
        ("dct:subject", "theme/housing"),
        ("dct:subject", "theme/tax"),
        ("foaf:page", "https://example.org/b"),
        ("frapo:isFundedBy", "project/a#funding-1"),
    }
    assert facts(model, found, "funding-1") == {
        ("rdf:type", "expat:Funding"),
        ("expat:fundingSource", "funding-source/esf"),
    }
    assert sorted(str(each.at) for each in found.findings) == [
        "a.yaml:3:19",
        "a.yaml:4:18",
        "a.yaml:5:13",
        "a.yaml:6:11",
        "a.yaml:7:19",
    ]


def test_all_faults_of_a_record_are_found_in_one_run(model: Model) -> None:
    found = faults(model, "titel: x\ntheme: xyzzy\nperiod: soon\n")

    assert sorted(str(each.at) for each in found) == ["a.yaml:3:1", "a.yaml:4:8", "a.yaml:5:9"]


# -- the oracle


def refuse(iri: str, options: object) -> object:
    raise AssertionError(f"asked for {iri}")


def published(model: Model, converted: Converted) -> dict[str, object]:
    """The canonical record with the context as it is published."""
    return {**json.loads(model.folder.context.read_bytes()), **converted.node}


def as_set(quads: Iterable[Any]) -> set[str]:
    return {f"{each.subject} {each.predicate} {each.object} ." for each in quads}


def read_by_pyld(document: dict[str, object]) -> set[str]:
    options = {"format": "application/n-quads", "documentLoader": refuse}
    text = jsonld.to_rdf(document, options)
    return as_set(ox.parse(text.encode(), format=ox.RdfFormat.N_QUADS))


def read_by_pyoxigraph(document: dict[str, object]) -> set[str]:
    return as_set(ox.parse(json.dumps(document).encode(), format=ox.RdfFormat.JSON_LD))


RECORDS = sorted(DATA.rglob("*.yaml"))


@pytest.mark.parametrize("path", RECORDS, ids=[path.stem for path in RECORDS])
def test_shipped_record_is_the_same_graph_to_every_json_ld_processor(
    model: Model, path: Path
) -> None:
    found = convert(model, path.read_text("utf-8"))

    document = published(model, found)
    ours = as_set(triples(found.lines))
    assert read_by_pyoxigraph(document) == ours
    assert read_by_pyld(document) == ours


@pytest.mark.parametrize("path", RECORDS, ids=[path.stem for path in RECORDS])
def test_canonical_form_of_a_shipped_record_is_a_record_with_the_same_triples(
    model: Model, path: Path
) -> None:
    found = convert(model, path.read_text("utf-8"))

    again = convert(model, json.dumps(found.node, ensure_ascii=False))

    assert (again.lines, again.findings) == (found.lines, ())


# A record as an author could write it, from the model alone: any field, short or long.

TEXTS = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r\"\\#:-@{}[]'<>😀æ"),
    min_size=1,
    max_size=12,
).filter(lambda text: bool(text.strip()))
NAMES = st.from_regex("[a-z0-9]{1,4}(-[a-z0-9]{1,3})?", fullmatch=True).filter(
    lambda name: name not in ("con", "prn", "aux", "nul")
)
IRIS = st.sampled_from(
    [
        "https://example.org/a",
        "HTTP://Example.org:80",
        "https://example.org/a/../b/./c",
        "https://example.org/æ%C3%A6?a=b&c='d'#e/f",
        "https://other.example/id/project/a#b",
        "urn:isbn:9780000000002",
        "mailto:post@example.org",
    ]
)
LANGUAGE_TAGS = st.sampled_from(["da", "en", "nb", "en-GB", "zh-Hant-TW"])
VALUES = {
    "boolean": st.sampled_from(["true", "false", "0", "1"]),
    "date": st.dates().map(str),
    "decimal": st.from_regex(r"[+-]?([0-9]{1,20}(\.[0-9]{0,9})?|\.[0-9]{1,5})", fullmatch=True),
    "gYearMonth": st.dates().map(lambda day: str(day)[:7]),
    "integer": st.from_regex(r"[+-]?[0-9]{1,20}", fullmatch=True),
    "string": TEXTS,
    EDTF: st.sampled_from(
        ["2012", "2012-06", "2012-02-29", "2009/2011-06-05", "/2012~", "2010-23/..", "201X?"]
    ),
}


def one_or_more(values: st.SearchStrategy[Any], field: Field) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=1, max_size=3) if field.many else values


def values_of(
    model: Model, field: Field, depth: int, numbers: Iterator[int]
) -> st.SearchStrategy[Any]:
    if field.kind == TEXT:
        words = TEXTS | st.lists(TEXTS, min_size=1, max_size=2)
        return st.dictionaries(LANGUAGE_TAGS, words, min_size=1, max_size=3)
    if field.kind == CODE:
        concepts = model.codelists[field.codelist].concepts
        spellings = [
            word
            for concept in concepts
            for word in (concept.notation, concept.iri, *concept.labels.values())
        ]
        return st.sampled_from(spellings)
    if field.kind == REFERENCE:
        return NAMES | IRIS
    if field.kind == IRI:
        return NAMES.map(lambda name: f"#{name}") | IRIS
    if field.kind == LITERAL:
        return VALUES[field.datatype.removeprefix(XSD)]
    assert field.kind == PART
    return nodes(model, model.classes_by_iri[field.target], depth - 1, numbers)


def _examples(kind: RecordClass) -> list[str]:
    return sorted({text for texts in kind.examples.values() for text in texts})


@st.composite
def nodes(
    draw: st.DrawFn, model: Model, kind: RecordClass, depth: int, numbers: Iterator[int]
) -> Any:
    """A part, short or long, or the fields of a record; *numbers* make the parts' ids differ."""
    short: list[st.SearchStrategy[Any]] = []
    if not kind.segment and kind.text_key:
        short.append(values_of(model, kind.fields[kind.text_key], 0, numbers))
    if not kind.segment and _examples(kind):
        short.append(st.sampled_from(_examples(kind)))
    if short and draw(st.booleans()):
        return draw(st.one_of(short))
    fields = [
        field
        for field in kind.fields.values()
        if not field.computed and (field.kind != PART or depth > 0)
    ]
    chosen = draw(
        st.lists(
            st.sampled_from(fields), min_size=1, max_size=10, unique_by=lambda field: field.key
        )
    )
    node = {
        field.key: draw(one_or_more(values_of(model, field, depth, numbers), field))
        for field in chosen
    }
    if not kind.segment and draw(st.booleans()):
        node["id"] = f"part-{next(numbers)}"
    if _examples(kind) and draw(st.booleans()):
        for key in {key for form in kind.forms for key in form_keys(form.pattern.groupindex)}:
            node.pop(key, None)
        node[kind.written_in] = draw(st.sampled_from(_examples(kind)))
    return node


def form_keys(groups: Iterable[str]) -> set[str]:
    return {key for group in groups for key in group.split("__")}


def way(model: Model, kind: RecordClass) -> tuple[str, tuple[str, ...]]:
    """Return a record class and the keys that lead from it to a part of the class *kind*."""
    queue: list[tuple[str, RecordClass, tuple[str, ...]]] = [
        (each.name, each, ()) for each in model.record_classes
    ]
    for name, at, keys in queue:
        if at is kind:
            return name, keys
        queue += [
            (name, model.classes_by_iri[field.target], (*keys, field.key))
            for field in at.fields.values()
            if field.kind == PART and field.key not in keys
        ]
    raise AssertionError(f"no record holds a {kind.name}")


@st.composite
def records(draw: st.DrawFn, model: Model, kind: RecordClass) -> dict[str, Any]:
    """A record with a node of the class *kind* in it."""
    name, keys = way(model, kind)
    node = draw(nodes(model, kind, 1, itertools.count()))
    for key in reversed(keys):
        node = {key: node}
    return {"id": draw(NAMES), "type": name, **node}


CLASSES = sorted(load(default_profile()).classes)
generated = settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("name", CLASSES)
@given(st.data())
@generated
def test_generated_record_is_the_same_graph_to_every_json_ld_processor(
    model: Model, name: str, data: st.DataObject
) -> None:
    record = data.draw(records(model, model.classes[name]))

    found = convert(model, json.dumps(record, ensure_ascii=False))

    document = published(model, found)
    ours = as_set(triples(found.lines))
    assert found.findings == ()
    assert read_by_pyoxigraph(document) == ours
    assert read_by_pyld(document) == ours


@pytest.mark.parametrize("name", CLASSES)
@given(st.data())
@generated
def test_canonical_form_of_a_generated_record_is_a_record_with_the_same_triples(
    model: Model, name: str, data: st.DataObject
) -> None:
    record = data.draw(records(model, model.classes[name]))
    found = convert(model, json.dumps(record, ensure_ascii=False))

    again = convert(model, json.dumps(found.node, ensure_ascii=False))

    assert (set(again.lines), again.findings) == (set(found.lines), ())


# -- what the author meant


@pytest.mark.parametrize(
    ("line", "suggested"),
    [
        pytest.param("målgruppe: [spouse]", "audience", id="danish-name"),
        pytest.param("finansieringer: {}", "funding", id="nearly-the-danish-name"),
        pytest.param("Title: {da: Havn}", "title", id="capital"),
    ],
)
def test_key_in_danish_or_nearly_right_is_led_to_the_field(
    model: Model, line: str, suggested: str
) -> None:
    (finding,) = faults(model, line + "\n")

    assert finding.help["da"] == f"mente du '{suggested}'?"


def test_field_under_a_wrong_name_is_not_missing_too(model: Model) -> None:
    found = convert(model, HEAD + "titel: {da: Havn, en: Harbour}\n")

    assert (found.iri, "http://purl.org/dc/terms/title") in found.faulty


def test_other_faults_are_told_though_type_and_id_are_wrong(model: Model) -> None:
    (record,), _ = parse("type: Projekt\ntheme: xyzzy\n", "a.yaml")

    found = Converter(model, BASE).convert(record)

    assert isinstance(found, Converted)
    assert [each.rule for each in found.findings] == ["record:type", "record:id", "sh:node"]


def test_several_codes_in_one_text_are_led_to_a_list(model: Model) -> None:
    (finding,) = faults(model, "extent: Esbjerg, Varde\n")

    assert finding.help["en"] == "write several values as a list: [Esbjerg, Varde]"


def test_few_codes_are_all_named(model: Model) -> None:
    (finding,) = faults(model, "fee: xyzzy\n")

    assert finding.help["en"] == "write one of these: charged, free"


def test_date_as_people_write_it_is_led_to_edtf(model: Model) -> None:
    (finding,) = faults(model, "period: 1. december 2011 til 30. juni 2012\n")

    assert finding.help["da"] == "mente du '2011-12-01/2012-06-30'?"


def test_bare_mail_address_is_a_mailto_iri(model: Model) -> None:
    text = "type: Dataset\nid: a\nmailbox:\n  email: info@example.org\n"
    (record,), _ = parse(text, "a.yaml")

    found = Converter(model, BASE).convert(record)

    assert isinstance(found, Converted)
    assert found.node["mailbox"]["email"] == "mailto:info@example.org"  # type: ignore[index]


def test_field_given_by_key_and_by_written_form_is_told(model: Model) -> None:
    (finding,) = faults(model, "budget:\n  number: 5 DKK\n  min: 7\n")

    assert (str(finding.at), finding.rule) == ("a.yaml:5:8", "record:twice")


def test_value_on_several_lines_is_told(model: Model) -> None:
    (finding,) = faults(model, 'contact:\n  - town: "Byen\\nHavnen"\n')

    assert (str(finding.at), finding.rule) == ("a.yaml:4:11", "record:line")


def test_address_with_a_password_is_no_iri(model: Model) -> None:
    (finding,) = faults(model, "website: https://user:secret@example.org/\n")

    assert finding.rule == "record:iri"


def test_empty_key_is_no_written_form(model: Model) -> None:
    (finding,) = faults(model, '"": x\n')

    assert finding.rule == "record:unknown"


@pytest.mark.parametrize(
    ("text", "place", "help"),
    [
        pytest.param("title:\n  da: Havn\nen: Harbour\n", "5:1", "move what", id="one-line-out"),
        pytest.param("title: {da: Havn, eng: Harbour}\n", "3:19", "'en'?", id="three-letters"),
        pytest.param("title: {dk: Havn, en: Harbour}\n", "3:9", "'da'?", id="country"),
        pytest.param("period: 2010-2013\n", "3:9", "'2010/2013'?", id="hyphen-between-years"),
        pytest.param("statusDate: 2013-05-01\n", "3:13", "'2013-05'?", id="day-too-many"),
        pytest.param("activity: [{count: '2,5'}]\n", "3:20", "'2.5'?", id="decimal-comma"),
        pytest.param("activity: [{count: 1.500}]\n", "3:20", "'1500'?", id="thousands"),
        pytest.param("activity: [{count: 500 men}]\n", "3:20", "'500'?", id="word-behind"),
        pytest.param("budget: 180.000 DKK\n", "3:9", "'180000 DKK'?", id="amount"),
        pytest.param("website: www.example.org\n", "3:10", "'https://www.", id="no-scheme"),
        pytest.param("website: http:/example.org\n", "3:10", "'https://ex", id="one-slash"),
        pytest.param(
            "source: https://example.org/a, https://example.org/b\n",
            "3:9",
            "as a list: [https://example.org/a, https://example.org/b]",
            id="two-addresses",
        ),
        pytest.param(
            "activity: [{id: walks}]\nlesson: [{about: walks}]\n", "4:18", "'#walks'?", id="no-sign"
        ),
        pytest.param(
            "activity: [{id: walks}]\nlesson: [{about: ”#walks”}]\n",
            "4:18",
            "'#walks'?",
            id="quotation-marks-of-a-word-processor",
        ),
        pytest.param("activity: [{id: Long Walks}]\n", "3:17", "small letters", id="part-id"),
        pytest.param(
            "activity: [{count: {count: 5}}]\n", "3:21", "its fields are", id="key-in-its-own"
        ),
    ],
)
def test_mistake_is_one_finding_with_the_cure(
    model: Model, text: str, place: str, help: str
) -> None:
    (finding,) = faults(model, text)

    assert str(finding.at) == f"a.yaml:{place}"
    assert help in finding.help["en"]


def test_parts_under_a_misspelt_key_can_be_pointed_at(model: Model) -> None:
    found = convert(model, HEAD + 'aktivitet: [{kind: seminar, id: a}]\nlesson: [{about: "#a"}]\n')

    assert [each.rule for each in found.findings] == ["record:unknown"]
    assert f"{found.iri}#a" in found.kinds


def test_record_of_one_type_with_the_fields_of_another_is_one_finding(model: Model) -> None:
    text = (
        "id: a\ntype: Organisation\ntitle: {da: Havn}\naudience: spouse\nperiod: 2012\ntheme: tax\n"
    )
    (record,), _ = parse(text, "a.yaml")

    found = Converter(model, BASE).convert(record)

    assert isinstance(found, Converted)
    assert [(str(each.at), each.help["en"]) for each in found.findings] == [
        ("a.yaml:2:7", "did you mean 'Project'?")
    ]


def test_id_and_type_in_capitals_are_told_and_taken(model: Model) -> None:
    (record,), _ = parse("ID: a\nType: Project\n", "a.yaml")

    found = Converter(model, BASE).convert(record)

    assert isinstance(found, Converted)
    assert [each.help["en"] for each in found.findings] == [
        "did you mean 'id'?",
        "did you mean 'type'?",
    ]
    assert found.iri.endswith("/project/a")


def test_list_of_codes_in_a_cell_is_led_to_semicolons(model: Model) -> None:
    data: dict[str, Value] = {"id": "a", "type": "Project", "theme": "housing, tax"}

    found = Converter(model, BASE).convert(Record("a.csv", data, lambda: ({}, {})))

    assert isinstance(found, Converted)
    assert [each.help["en"] for each in found.findings] == [
        "write several values with semicolons between: housing; tax"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("di: a\ntype: Project\n", ["did you mean 'id'?"], id="letters-swapped"),
        pytest.param("id: a\ntyp: Project\n", ["did you mean 'type'?"], id="letter-forgotten"),
        pytest.param(
            "id: a\ntype: [Project, Nonsense]\n",
            ["delete the line; the type is Project (the kind is another field)"],
            id="two-types",
        ),
        pytest.param(
            "id: a\ntype: Project\ntitle: {da: Havn, en: {x: y}}\n",
            ["write the value on the same line; put quotes around text with brackets"],
            id="fields-for-words",
        ),
    ],
)
def test_id_type_and_texts_of_another_form_are_one_finding(
    model: Model, text: str, expected: list[str]
) -> None:
    (record,), _ = parse(text, "a.yaml")

    found = Converter(model, BASE).convert(record)

    assert isinstance(found, Converted)
    assert [each.help["en"] for each in found.findings] == expected


def test_type_that_is_misspelt_and_wrong_is_one_finding(model: Model) -> None:
    text = (
        "id: a\ntype: Organisaton\ntitle: {da: Havn}\naudience: spouse\nperiod: 2012\ntheme: tax\n"
    )
    (record,), _ = parse(text, "a.yaml")

    found = Converter(model, BASE).convert(record)

    findings = found.findings if isinstance(found, Converted) else found
    assert [each.rule for each in findings if each.rule == "record:type"] == ["record:type"]
