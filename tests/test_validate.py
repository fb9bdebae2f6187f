"""Validation: each planted fault is found where it stands, by its rule, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
import shacl

from expatlod.check import check as check_
from expatlod.collection import gather
from expatlod.dumps import ntriples, turtle
from expatlod.errors import Finding, Location
from expatlod.profile import Model
from expatlod.validate import Validator

RECORD = """\
id: naboer
type: Project
title:
  da: Gode naboer
  en: Good neighbours
kind: project
summary:
  da: Et opdigtet projekt om naboer i Lemvig.
  en: An invented project about neighbours in Lemvig.
purpose:
  da: At naboer lærer hinanden at kende.
  en: That neighbours get to know one another.
audience: [newcomer, citizen]
theme: [social-network, leisure]
focusArea:
  - id: outdoors
    description:
      da: Samvær under åben himmel
      en: Company in the open air
activity:
  - id: picnic
    kind: social-event
    title:
      da: Skovtur
      en: Picnic
    focusArea: "#outdoors"
    place: Lemvig
    period: 2012-06
    count: 3
    frequency: 1-2 pr. år
    participants: {number: 40-60, scope: together}
extent: [Lemvig]
period: 2011/2012
participation:
  - organisation: solby-kommune
    role: lead
budget: ca. 100000 DKK
funding:
  - funder: solby-kommune
    fundingSource: municipality
    share: 60
    amount: 60000 DKK
  - funder: havfonden
    fundingSource: foundation
    share: 40
    inKind: true
lesson:
  - da: Det er lettest at mødes udendørs.
    en: It is easiest to meet outdoors.
status: completed
statusDate: 2013-01
followUp:
  - kind: continued
    description:
      da: Naboerne fortsætter på egen hånd.
      en: The neighbours carry on by themselves.
    successor: efter
contact:
  - organisation: havfonden
    address: Solvej 1
    postcode: 7620
    town: Lemvig
    email: kontakt@example.org
website: https://example.org/naboer
source: solby-side
"""

#: What the record points at.
OTHERS = {
    "dataset.yaml": """\
id: solby
type: Dataset
title: {da: Projekter i Solby, en: Projects in Solby}
description: {da: Opdigtede projekter i Solby, en: Invented projects in Solby}
publisher: solby-kommune
licence: https://creativecommons.org/licenses/by/4.0/
base: https://example.org/
language: [da, en]
""",
    "efter.yaml": """\
id: efter
type: Project
title: {da: Naboer igen, en: Neighbours again}
kind: pilot
summary: {da: Et opdigtet projekt efter et andet., en: An invented project after another.}
audience: [citizen]
theme: leisure
extent: [Lemvig]
continues: naboer
source: solby-side
""",
    "havfonden.yaml": """\
id: havfonden
type: Organisation
name: {da: Havfonden, en: The Sea Foundation}
kind: association
""",
    "solby-kommune.yaml": """\
id: solby-kommune
type: Organisation
name: {da: Solby Kommune, en: Solby Municipality}
kind: municipality
place: Lemvig
""",
    "solby-side.yaml": """\
id: solby-side
type: Page
title: {da: Om naboer}
kind: website
url: https://example.org/om-naboer
""",
}


def check(model: Model, paths: list[Path]) -> list[Finding]:
    """Return the findings in *paths*."""
    return list(check_(model, paths).findings)


@dataclass(frozen=True)
class Fault:
    """A single change to the record, and what must be found.

    Each finding is (place, rule, path, severity); the place is a text that stands once in the
    changed record, at whose first character (or at the `|` in it) the value at fault begins.
    *rdf* is the same change in N-Triples, where the converter does not let it through.
    """

    old: str
    new: str
    findings: tuple[tuple[str, str, str, str], ...]
    rdf: tuple[str, str] = ("", "")

    @property
    def text(self) -> str:
        assert RECORD.count(self.old) == 1, self.old
        return RECORD.replace(self.old, self.new)


def fault(
    old: str,
    new: str,
    at: str,
    rule: str,
    path: str = "",
    severity: str = "error",
    *more: tuple[str, str, str, str],
    rdf: tuple[str, str] = ("", ""),
) -> Fault:
    return Fault(old, new, ((at, rule, path, severity), *more), rdf)


_CODE = "<https://w3id.org/expatlod/code/"

FAULTS = {
    # What is missing is shown at the record or part that lacks it.
    "no title": fault(
        "title:\n  da: Gode naboer\n  en: Good neighbours\n",
        "",
        "id: naboer",
        "sh:minCount",
        "dct:title",
    ),
    "no kind": fault("kind: project\n", "", "id: naboer", "sh:minCount", "dct:type"),
    "no source": fault("source: solby-side\n", "", "id: naboer", "sh:minCount", "dct:source"),
    "no summary": fault(
        RECORD[RECORD.index("summary:") : RECORD.index("purpose:")],
        "",
        "id: naboer",
        "sh:minCount",
        "dct:abstract",
        "warning",
    ),
    "no audience": fault(
        "audience: [newcomer, citizen]\n",
        "",
        "id: naboer",
        "sh:minCount",
        "dct:audience",
        "warning",
    ),
    "no extent": fault(
        "extent: [Lemvig]\n", "", "id: naboer", "sh:minCount", "expat:extent", "note"
    ),
    "kind of activity missing": fault(
        "    kind: social-event\n", "", "id: picnic", "sh:minCount", "dct:type"
    ),
    "participation without a role": fault(
        "    role: lead\n", "", "organisation: solby", "sh:minCount", "cv:role"
    ),
    "participation of nobody": fault(
        "  - organisation: solby-kommune\n    role: lead\n",
        "  - role: lead\n",
        "role: lead",
        "sh:minCount",
    ),
    "funding without a source": fault(
        "    fundingSource: foundation\n",
        "",
        "funder: havfonden",
        "sh:minCount",
        "expat:fundingSource",
    ),
    "follow-up without a description": fault(
        RECORD[
            RECORD.index("    description:\n      da: Naboerne") : RECORD.index("    successor")
        ],
        "",
        "kind: continued",
        "sh:minCount",
        "dct:description",
    ),
    "frequency without a unit of time": fault(
        "frequency: 1-2 pr. år", "frequency: 1-2", "1-2", "sh:minCount", "expat:per", "warning"
    ),
    "finished without an end": fault(
        "period: 2011/2012\n", "period: 2011/..\n", "id: naboer", "sh:or", "", "warning"
    ),
    "finished without a period": fault(
        "period: 2011/2012\n", "", "id: naboer", "sh:or", "", "warning"
    ),
    "planned without a date": fault(
        "status: completed\nstatusDate: 2013-01\n",
        "status: planned\n",
        "id: naboer",
        "sh:or",
        "",
        "note",
    ),
    "amount without a currency": fault(
        "amount: 60000 DKK", "amount: {min: 5, max: 6}", "{min: 5", "sh:or"
    ),
    # A language that is missing is shown at the text.
    "title not in English": fault(
        "  en: Good neighbours\n", "", "da: Gode", "sh:qualifiedMinCount", "dct:title"
    ),
    "summary not in Danish": fault(
        "  da: Et opdigtet projekt om naboer i Lemvig.\n",
        "",
        "en: An invented",
        "sh:qualifiedMinCount",
        "dct:abstract",
        "warning",
    ),
    "lesson not in English": fault(
        "\n    en: It is easiest to meet outdoors.",
        "",
        "da: Det er",
        "sh:qualifiedMinCount",
        "dct:description",
        "warning",
    ),
    # A wrong value is shown where it stands.
    "title in German": fault(
        "  en: Good neighbours\n",
        "  en: Good neighbours\n  de: Gute Nachbarn\n",
        "Gute",
        "sh:languageIn",
        "dct:title",
    ),
    "two Danish titles": fault(
        "  da: Gode naboer\n",
        "  da: [Gode naboer, Rare naboer]\n",
        "da: [Gode",
        "sh:uniqueLang",
        "dct:title",
    ),
    "title too short": fault("en: Good neighbours", "en: OK", "OK", "sh:minLength", "dct:title"),
    "lesson too short": fault(
        "da: Det er lettest at mødes udendørs.",
        "da: Gå ud.",
        "Gå ud.",
        "sh:minLength",
        "dct:description",
        "warning",
    ),
    "unknown kind": fault(
        "kind: project",
        "kind: rocket",
        "rocket",
        "sh:node",
        "dct:type",
        rdf=(f"{_CODE}initiative-kind/project>", f"{_CODE}initiative-kind/rocket>"),
    ),
    "code of another list": fault(
        "theme: [social-network, leisure]",
        "theme: [social-network, newcomer]",
        "|newcomer]\nfocus",
        "sh:node",
        "dct:subject",
        rdf=(
            "naboer> <http://purl.org/dc/terms/subject> " + f"{_CODE}theme/leisure>",
            "naboer> <http://purl.org/dc/terms/subject> " + f"{_CODE}target-group/newcomer>",
        ),
    ),
    "unknown place in a list": fault(
        "extent: [Lemvig]",
        "extent: [Atlantis]",
        "Atlantis",
        "sh:node",
        "dct:spatial",
        rdf=(
            "naboer#extent-1> <http://purl.org/dc/terms/spatial> " + f"{_CODE}place/665>",
            "naboer#extent-1> <http://purl.org/dc/terms/spatial> " + f"{_CODE}place/999>",
        ),
    ),
    "unknown unit of time": fault(
        "1-2 pr. år",
        "1-2 pr. stjerneskud",
        "1-2 pr. stjerneskud",
        "sh:node",
        "expat:per",
        rdf=(f"{_CODE}time-unit/year>", f"{_CODE}time-unit/comet>"),
    ),
    "two kinds": fault(
        "kind: project", "kind: [project, pilot]", "[project, pilot]", "sh:maxCount", "dct:type"
    ),
    "two periods": fault(
        "period: 2011/2012",
        "period: [2011/2012, 2012]",
        "[2011/2012, 2012]",
        "sh:maxCount",
        "dct:temporal",
    ),
    "impossible month": fault(
        "statusDate: 2013-01",
        "statusDate: 2013-13",
        "2013-13",
        "sh:datatype",
        "expat:statusDate",
        rdf=('"2013-01"', '"2013-13"'),
    ),
    "impossible day": fault(
        "period: 2011/2012",
        "period: 2011/2012-02-30",
        "2011/2012-02-30",
        "sh:datatype",
        "expat:edtf",
        rdf=('"2011/2012"', '"2011/2012-02-30"'),
    ),
    "day first": fault(
        "period: 2012-06",
        "period: 30-06-2012",
        "30-06-2012",
        "sh:datatype",
        "expat:edtf",
        rdf=('"2012-06"^^<http://id', '"30-06-2012"^^<http://id'),
    ),
    "end before start": fault(
        "period: 2011/2012",
        "period: 2013/2012",
        "2013/2012",
        "sh:lessThanOrEquals",
        "expat:earliestStart",
    ),
    "larger number first": fault(
        "number: 40-60", "number: 60-40", "60-40", "sh:lessThanOrEquals", "schema:minValue"
    ),
    "part larger than the whole": fault(
        "count: 3",
        "count: 30 ud af 20",
        "30 ud af 20",
        "sh:lessThanOrEquals",
        "schema:maxValue",
    ),
    "share below 0": fault("share: 60", "share: -5", "-5", "sh:minInclusive", "expat:share"),
    "share over 100": fault("share: 60", "share: 250", "250", "sh:maxInclusive", "expat:share"),
    "shares over 100 in sum": fault(
        "share: 60", "share: 60.01", "- funder: solby", "sh:sparql", "frapo:isFundedBy"
    ),
    "share that is no number": fault(
        "share: 60",
        "share: 60 %",
        "60 %",
        "sh:datatype",
        "expat:share",
        rdf=('share> "60"^^', 'share> "60 %"^^'),
    ),
    "yes that is not true": fault(
        "inKind: true",
        "inKind: ja",
        "ja\n",
        "sh:datatype",
        "expat:inKind",
        rdf=('"true"^^', '"ja"^^'),
    ),
    "negative amount": fault(
        "amount: 60000 DKK",
        "amount: {min: -5, max: 6, currency: DKK}",
        "-5",
        "sh:minInclusive",
        "schema:minValue",
    ),
    "currency not of ISO 4217": fault(
        "amount: 60000 DKK",
        "amount: {min: 5, max: 6, currency: kr.}",
        "kr.",
        "sh:pattern",
        "schema:currency",
    ),
    "postcode too long": fault(
        "postcode: 7620", "postcode: 76200", "76200", "sh:pattern", "vcard:postal-code"
    ),
    "website that is for no browser": fault(
        "website: https://example.org/naboer",
        "website: urn:naboer",
        "urn:naboer",
        "sh:pattern",
        "foaf:page",
    ),
    "mail of a person": fault(
        "email: kontakt@example.org",
        "email: nobody.here@example.org",
        "nobody.here",
        "sh:pattern",
        "cv:email",
    ),
    "mail in a text": fault(
        "da: Et opdigtet projekt om naboer i Lemvig.",
        "da: Skriv til nobody@example.org om naboer.",
        "Skriv til",
        "sh:not",
    ),
    "phone number in a text": fault(
        "en: That neighbours get to know one another.",
        "en: Ring 00 00 00 00 to get to know one another.",
        "Ring 00",
        "sh:not",
    ),
    "phone number in an address": fault(
        "address: Solvej 1", "address: Solvej 1, +4500000000", "Solvej 1", "sh:not"
    ),
    # References.
    "reference to nothing": fault(
        "successor: efter",
        "successor: efteraar",
        "efteraar",
        "record:reference",
        "expat:successor",
    ),
    "reference to a part that is not there": fault(
        '"#outdoors"', '"#indoors"', '"#indoors"', "record:reference", "expat:inFocusArea"
    ),
    "reference to a part of another class": fault(
        '"#outdoors"', '"#picnic"', '"#picnic"', "sh:class", "expat:inFocusArea"
    ),
    "organisation as successor": fault(
        "successor: efter",
        "successor: https://example.org/id/organisation/havfonden",
        "https://example.org/id",
        "sh:class",
        "expat:successor",
    ),
    "project as funder": fault(
        "funder: havfonden",
        "funder: https://example.org/id/project/efter",
        "https://example.org/id",
        "sh:class",
        "schema:funder",
    ),
    "id of an organisation where a project is wanted": fault(
        "successor: efter",
        "successor: havfonden",
        "successor: |havfonden",
        "record:reference",
        "expat:successor",
    ),
    # What the record says in a way that cannot be read.
    "unknown key": fault("purpose:", "porpoise:", "porpoise", "record:unknown"),
    "unknown key in a part": fault(
        "    town: Lemvig", "    city: Lemvig", "city", "record:unknown"
    ),
    "key twice": fault(
        "kind: project\n",
        "kind: project\nkind: pilot\n",
        "kind: pilot",
        "record:twice",
    ),
    "key with nothing behind it": fault(
        "website: https://example.org/naboer", "website:", "website:|", "record:empty", "foaf:page"
    ),
    "text without a language": fault(
        "title:\n  da: Gode naboer\n  en: Good neighbours\n",
        "title: Gode naboer\n",
        "Gode naboer",
        "record:language",
        "dct:title",
    ),
    "fields where a value is wanted": fault(
        "kind: project", "kind: {name: project}", "{name", "record:kind", "dct:type"
    ),
    "value where fields are wanted": fault(
        "  - organisation: solby-kommune\n    role: lead\n",
        "  - solby-kommune\n",
        "- |solby-kommune\nbudget",
        "record:kind",
    ),
    "number in words": fault("count: 3", "count: mange", "mange", "record:form"),
    "amount that is negative": fault(
        "amount: 60000 DKK", "amount: -5 DKK", "-5 DKK", "record:form"
    ),
    "amount with thousands separators": fault(
        "ca. 100000 DKK", "ca. 100.000 DKK", "ca. 100.000 DKK", "record:form"
    ),
    "address that is none": fault(
        "website: https://example.org/naboer",
        "website: naboerne i Lemvig",
        "naboerne i",
        "record:iri",
        "foaf:page",
    ),
    "computed value that differs": fault(
        "period: 2011/2012",
        "period: {edtf: 2011/2012, latestEnd: 2013-01-01}",
        "latestEnd",
        "record:computed",
        "expat:latestEnd",
    ),
    "unknown type": fault("type: Project", "type: Projekt", "Projekt\n", "record:type"),
    "id that is no name": fault("id: naboer", "id: ../naboer", "../naboer", "record:id"),
}

#: The faults that RDF can have too, and that are then found by the same rule.
IN_RDF = [
    name
    for name, each in FAULTS.items()
    if all(rule.startswith("sh:") for _, rule, _, _ in each.findings)
]

#: Those that stand in the graph of a record and not in the way.
IN_SHACL = [name for name in IN_RDF if FAULTS[name].rdf == ("", "")]


def write(folder: Path, text: str) -> Path:
    """Write the dataset with *text* as its record into *folder*; returns the record's file."""
    for name, other in OTHERS.items():
        (folder / name).write_text(other, encoding="utf-8")
    record = folder / "naboer.yaml"
    record.write_text(text, encoding="utf-8")
    return record


def place(text: str, at: str) -> tuple[int, int]:
    """Return line and column, from 1, of what *at* points out in *text*."""
    found = at.replace("|", "")
    assert text.count(found) == 1, found
    start = text.index(found) + max(at.find("|"), 0)
    line = text.count("\n", 0, start) + 1
    return line, start - text.rfind("\n", 0, start)


def shown(finding: Finding) -> tuple[int, int, str, str, str]:
    return (finding.at.line, finding.at.column, finding.rule, finding.path, finding.severity)


#: Gives what is found in the record with the fault of that name.
Judge = Callable[[str], tuple[str, list[Finding]]]


@pytest.fixture(scope="module")
def validator(model: Model) -> Validator:
    return Validator(model)


@pytest.fixture(scope="module")
def judge(model: Model, validator: Validator, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """Return the record's path and its findings, as `check` does, with the shapes read once."""
    known: dict[str, tuple[str, list[Finding]]] = {}

    def judge(name: str) -> tuple[str, list[Finding]]:
        if name not in known:
            record = write(tmp_path_factory.mktemp("dataset"), FAULTS[name].text)
            found = gather(model, [record])
            findings = [*found.findings, *validator.records(found.all, found.known)]
            known[name] = str(record), sorted(findings, key=lambda each: each.order)
        return known[name]

    return judge


# -- records


def test_record_without_a_fault_gives_no_finding(model: Model, tmp_path: Path) -> None:
    write(tmp_path, RECORD)

    assert check(model, [tmp_path]) == []


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found_where_it_stands_and_nothing_else_is(judge: Judge, name: str) -> None:
    path, findings = judge(name)

    planted = FAULTS[name]
    assert {each.at.path for each in findings} == {path}
    assert [shown(each) for each in findings] == sorted(
        (*place(planted.text, at), rule, term, severity)
        for at, rule, term, severity in planted.findings
    )


@pytest.mark.parametrize("name", FAULTS)
def test_finding_has_its_words_in_both_languages(judge: Judge, name: str) -> None:
    for each in judge(name)[1]:
        assert {language for language, words in each.message.items() if words.strip()} == {
            "da",
            "en",
        }
        assert each.message["da"] != each.message["en"]
        # Where the message is the shape's own, it says the cure, and there is no help beside it.
        own_words = not each.path or each.rule == "sh:sparql"
        assert set(each.help) in ([set(), {"da", "en"}] if own_words else [{"da", "en"}])


def test_check_finds_the_same(model: Model, judge: Judge) -> None:
    path, findings = judge("share over 100")

    assert check(model, [Path(path)]) == findings


def test_finding_speaks_of_the_value_in_the_words_of_the_record(
    model: Model, tmp_path: Path
) -> None:
    record = write(tmp_path, RECORD.replace("share: 40", "share: 250"))

    (found,) = (each for each in check(model, [record]) if each.path == "expat:share")

    assert dict(found.message) == {
        "da": "funding 2 share (andel) '250' er mere end 100",
        "en": "funding 2 share '250' is more than 100",
    }
    assert dict(found.help) == {
        "da": "Skriv procentdelen af det hele som et tal fra 0 til 100.",
        "en": "Write the percentage of the whole, 0 to 100.",
    }


def test_misspelt_reference_is_answered_with_the_nearest_id(model: Model, tmp_path: Path) -> None:
    record = write(tmp_path, RECORD.replace("funder: havfonden", "funder: havfoden"))

    (found,) = check(model, [record])

    assert dict(found.message) == {
        "da": "funding 2 funder (bidragyder) 'havfoden' findes ikke",
        "en": "funding 2 funder 'havfoden' does not exist",
    }
    assert dict(found.help) == {
        "da": "mente du 'havfonden'? Ellers opret det, der henvises til",
        "en": "did you mean 'havfonden'? Otherwise add what is referred to",
    }


def test_what_the_converter_found_is_not_reported_again_by_the_shapes(
    model: Model, tmp_path: Path
) -> None:
    # fundingSource must stand, and nothing is left of it; so must the currency of an amount.
    text = RECORD.replace("fundingSource: foundation", "fundingSource: fonden")
    record = write(tmp_path, text.replace("60000 DKK", "60000 kroner"))

    findings = check(model, [record])

    assert [each.rule for each in findings] == ["record:form", "sh:node"]


def test_faults_are_sorted_by_place_and_each_is_reported_once(model: Model, tmp_path: Path) -> None:
    text = RECORD.replace("kind: project", "kind: rocket").replace("share: 60", "share: -5")
    record = write(tmp_path, text.replace("postcode: 7620", "postcode: 76200"))

    findings = check(model, [record])

    assert [each.rule for each in findings] == ["sh:node", "sh:minInclusive", "sh:pattern"]


def test_folder_is_judged_like_its_files(model: Model, judge: Judge) -> None:
    path, findings = judge("share over 100")

    assert check(model, [Path(path).parent]) == findings


# -- RDF


def _graph(model: Model, folder: Path) -> str:
    return ntriples(gather(model, [folder]).all).decode()


def test_graph_without_a_fault_gives_no_finding(model: Model, tmp_path: Path) -> None:
    write(tmp_path, RECORD)
    path = tmp_path / "graph.ttl"
    path.write_bytes(turtle(_graph(model, tmp_path).encode(), model.prefixes))

    assert check(model, [path]) == []


@pytest.mark.parametrize("name", IN_RDF)
def test_fault_in_turtle_is_found_by_the_same_rule(
    model: Model, validator: Validator, tmp_path: Path, name: str
) -> None:
    planted = FAULTS[name]
    old, new = planted.rdf
    write(tmp_path, RECORD if old else planted.text)
    text = _graph(model, tmp_path)
    if old:
        assert text.count(old) == 1
        text = text.replace(old, new)
    graph = turtle(text.encode(), model.prefixes)

    parsed = ox.parse(graph, format=ox.RdfFormat.TURTLE)
    findings = list(validator.graph((quad.triple, Location("graph.ttl")) for quad in parsed))

    assert sorted((each.rule, each.path, each.severity) for each in findings) == sorted(
        (rule, term, severity) for _, rule, term, severity in planted.findings
    )
    assert {each.at.path for each in findings} == {"graph.ttl"}


@pytest.mark.parametrize(
    ("value", "datatype", "path"),
    [
        ("2012-02-30", "date", "expat:earliestStart"),
        ("mange", "decimal", "schema:minValue"),
        ("1e", "decimal", "schema:maxValue"),
        ("ja", "boolean", "expat:inKind"),
        ("1.5", "integer", "schema:position"),
        ("", "gYearMonth", "expat:statusDate"),
    ],
)
def test_ill_typed_literal_in_rdf_is_a_finding_and_no_crash(
    model: Model, tmp_path: Path, value: str, datatype: str, path: str
) -> None:
    prefix, _, name = path.partition(":")
    graph = tmp_path / "graph.ttl"
    graph.write_text(
        f"""
        <https://example.org/x> <{model.prefixes[prefix]}{name}>
            "{value}"^^<http://www.w3.org/2001/XMLSchema#{datatype}> .
        """,
        encoding="utf-8",
    )

    findings = check(model, [graph])

    assert [(each.rule, each.path, each.focus) for each in findings] == [
        ("sh:datatype", path, "https://example.org/x")
    ]


def test_ill_typed_bound_of_an_amount_does_not_stop_the_comparison(
    model: Model, tmp_path: Path
) -> None:
    write(tmp_path, RECORD)
    text = _graph(model, tmp_path)
    assert text.count('"60000"^^') == 2
    graph = tmp_path / "graph.ttl"
    graph.write_text(text.replace('"60000"^^', '"mange"^^', 1), encoding="utf-8")

    findings = check(model, [graph])

    assert [(each.rule, each.path) for each in findings] == [("sh:datatype", "schema:minValue")]


# -- the two engines


@pytest.fixture(scope="module")
def compiled(model: Model) -> shacl.Shapes:
    return shacl.Shapes.from_text(model.shapes_text, "ntriples")


@pytest.mark.parametrize("name", IN_SHACL)
def test_both_engines_flag_the_same_record(
    model: Model, validator: Validator, compiled: shacl.Shapes, tmp_path: Path, name: str
) -> None:
    write(tmp_path, FAULTS[name].text)
    text = _graph(model, tmp_path) + "".join(model.code_facts.values())

    screened = {
        (each.focus_node or "").strip("<>").partition("#")[0]
        for each in compiled.validate_text(text, "ntriples").results
    }
    explained = {each.focus.partition("#")[0] for each in validator.explain(text)}

    assert screened == explained == {"https://example.org/id/project/naboer"}


# -- many records


def _many(number: int) -> Iterator[str]:
    for index in range(number):
        yield (
            f"id: nr-{index}\ntype: Project\nkind: project\n"
            f"title: {{da: Nabo nummer {index}, en: Neighbour number {index}}}\n"
            f"summary: {{da: Opdigtet nabo nummer {index}, en: Invented neighbour {index}}}\n"
            f"audience: [citizen]\ntheme: leisure\nextent: [Lemvig]\nsource: solby-side\n"
            f"continues: nr-{number - 1 - index}\n"
        )


def test_faults_on_both_sides_of_a_batch_are_found_and_no_others(
    model: Model, tmp_path: Path
) -> None:
    write(tmp_path, RECORD)
    # Files are read in order of name; batches are of 100.
    for index, text in enumerate(_many(250)):
        faulty = index in (99, 100, 249)
        (tmp_path / f"nr-{index:03}.yaml").write_text(
            text.replace(f", en: Neighbour number {index}}}", "}") if faulty else text,
            encoding="utf-8",
        )

    findings = check(model, [tmp_path])

    assert [(Path(each.at.path).name, each.rule, each.path) for each in findings] == [
        (name, "sh:qualifiedMinCount", "dct:title")
        for name in ("nr-099.yaml", "nr-100.yaml", "nr-249.yaml")
    ]


def test_shares_are_summed_for_each_record_alone(model: Model, tmp_path: Path) -> None:
    write(tmp_path, RECORD)
    funding = "funding: [{fundingSource: esf, share: 60}]\n"
    for index, text in enumerate(_many(3)):
        (tmp_path / f"nr-{index}.yaml").write_text(text + funding, encoding="utf-8")

    assert check(model, [tmp_path]) == []


def test_reference_to_a_record_of_another_type_says_what_it_is(
    model: Model, tmp_path: Path
) -> None:
    path = write(tmp_path, RECORD + "continues: solby-kommune\n")

    found = [each.help["en"] for each in check(model, [path]) if each.path == "expat:continues"]

    assert found == [
        (
            "'solby-kommune' is the id of a record of type Organisation; "
            "here the id of a Project is wanted"
        )
    ]


def test_reference_to_a_code_that_does_not_exist_is_found(model: Model, tmp_path: Path) -> None:
    code = "https://w3id.org/expatlod/code/theme/nonsense"
    line = "  - id: outdoors\n"
    path = write(tmp_path, RECORD.replace(line, f"{line}    about: {code}\n"))

    found = [(each.rule, each.path) for each in check(model, [path])]

    assert found == [("record:reference", "schema:about")]


@pytest.mark.parametrize("odd", ["\\u0085", "\\u2028", "\\u000b", "\\u001d"])
def test_character_that_others_take_for_the_end_of_a_line_is_one_finding(
    model: Model, tmp_path: Path, odd: str
) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        f'{{"id": "a", "type": "Organisation", "name": {{"da": "X{odd}x", "en": "Yy"}}}}'
    )

    found = [(each.rule, each.at.column) for each in check(model, [path])]

    assert found == [("sh:minCount", 1), ("record:character", 54)]


def test_json_ld_without_bottom_is_a_finding(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonld"
    path.write_text('{"@graph":[' * 2000 + "]}" * 2000)

    assert [each.rule for each in check(model, [path])] == ["record:rdf"]


def test_rdf_may_begin_with_a_byte_order_mark(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text("\ufeff<https://example.org/a> <https://example.org/b> 1 .\n", "utf-8")

    assert check(model, [path]) == []


def test_place_in_turtle_is_the_line_of_the_value(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(
        "@prefix expat: <https://w3id.org/expatlod/ontology#> .\n"
        "<https://example.org/a> a expat:Funding ;\n"
        "  expat:fundingSource <https://w3id.org/expatlod/code/funding-source/esf> ;\n"
        "  expat:share 250.0 .\n"
    )

    found = [str(each.at) for each in check(model, [path]) if each.rule == "sh:maxInclusive"]

    assert found == [f"{path}:4:15"]
