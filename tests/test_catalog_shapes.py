"""The shapes for catalogues: their examples in two engines, their words, and checks by them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
import shacl
from rdflib.namespace import RDF, SH

from expatlod.catalog import check, dcat
from expatlod.catalog.check import faults, own
from expatlod.collection import gather
from expatlod.convert import Converted, Converter
from expatlod.dumps import Entry
from expatlod.edition import Edition
from expatlod.errors import ERROR, LANGUAGES, NOTE, WARNING, Finding
from expatlod.profile import Model
from expatlod.rdf import Placed, read
from expatlod.records.files import read as read_records
from expatlod.resources import default_profile
from expatlod.statistics import Statistics
from tests.test_shapes import nests

HERE = Path(__file__).resolve().parent / "catalog"
VALID = HERE / "valid.ttl"
INVALID = sorted((HERE / "invalid").glob("*.ttl"))
SHAPES = default_profile().catalog_shapes

#: A validation result: focus node, path (- for none or a longer one), component, severity.
Row = tuple[str, str, str, str]

PREFIXES = """\
@prefix at: <http://publications.europa.eu/resource/authority/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix ex: <https://example.org/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def expected(path: Path) -> list[Row]:
    """Return the results that the `# expect:` lines of an example name."""
    rows = [line for line in path.read_text("utf-8").splitlines() if line.startswith("# expect:")]
    return sorted(
        (focus.strip(' "'), at.strip(), component.strip(), severity.strip())
        for focus, at, component, severity in (
            row.removeprefix("# expect:").split(" | ") for row in rows
        )
    )


def triples(path: Path) -> str:
    quads = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
    return "".join(dict.fromkeys(f"{quad.triple} .\n" for quad in quads))


@pytest.fixture(scope="module")
def graph() -> rdflib.Graph:
    """The shapes of all profiles."""
    together = rdflib.Graph()
    for path in SHAPES:
        together.parse(path, format="turtle")
    return together


@pytest.fixture(scope="module")
def compiled() -> shacl.Shapes:
    """The shapes of all profiles in the screening engine."""
    return shacl.Shapes.from_text("".join(map(triples, SHAPES)), "ntriples")


def rules(graph: rdflib.Graph) -> Iterator[rdflib.URIRef]:
    """Yield the shapes that a result can come from."""
    for shape in sorted(set(graph.subjects(SH.severity))):
        assert isinstance(shape, rdflib.URIRef)
        yield shape


def results(graph: rdflib.Graph, path: Path) -> list[tuple[str, Row]]:
    """Return the shape and the row of each result of pySHACL."""
    data = rdflib.Graph().parse(data=triples(path), format="nt")
    _, report, _ = pyshacl.validate(data, shacl_graph=graph, inplace=True)
    found = []
    for result in report.objects(report.value(None, RDF.type, SH.ValidationReport), SH.result):
        at = report.value(result, SH.resultPath)
        component = report.value(result, SH.sourceConstraintComponent)
        row = (
            str(report.value(result, SH.focusNode)),
            str(at) if isinstance(at, rdflib.URIRef) else "-",
            f"sh:{component.removeprefix(str(SH))}",
            report.value(result, SH.resultSeverity).removeprefix(str(SH)),
        )
        found.append((str(report.value(result, SH.sourceShape)), row))
    return found


# -- examples


@pytest.mark.parametrize("path", [VALID, *INVALID], ids=lambda path: path.stem)
def test_pyshacl_finds_in_an_example_what_it_names(graph: rdflib.Graph, path: Path) -> None:
    assert sorted(row for _, row in results(graph, path)) == expected(path)


@pytest.mark.parametrize("path", [VALID, *INVALID], ids=lambda path: path.stem)
def test_shacl_finds_in_an_example_what_it_names(compiled: shacl.Shapes, path: Path) -> None:
    report = compiled.validate_text(triples(path), "ntriples")

    assert sorted(
        (
            result.focus_node.strip('<>"'),
            result.path.strip("<>") if re.fullmatch("<[^>]*>", result.path or "") else "-",
            f"sh:{result.component}",
            result.severity,
        )
        for result in report.results
    ) == expected(path)


def test_every_invalid_example_names_a_result_and_the_valid_one_does_not() -> None:
    assert [path.stem for path in INVALID if not expected(path)] == []
    assert expected(VALID) == []


def test_every_constraint_of_every_shape_is_broken_by_an_example(graph: rdflib.Graph) -> None:
    broken = {(shape, row[2]) for path in INVALID for shape, row in results(graph, path)}
    beside = {"path", "name", "description", "severity", "message", "order"}
    constraints = {
        (str(shape), f"sh:{name[0].upper()}{name[1:]}ConstraintComponent")
        for shape in rules(graph)
        for name in (each.removeprefix(str(SH)) for each in graph.predicates(shape))
        if not name.startswith(("http", "target")) and name not in beside
    }

    assert len(constraints) > 200
    assert constraints - broken == set()


# -- words


def test_every_shape_has_its_name_help_and_message_in_both_languages(graph: rdflib.Graph) -> None:
    silent = [
        (str(shape), str(each))
        for shape in rules(graph)
        for each in (SH.name, SH.description, SH.message)
        if sorted(text.language for text in graph.objects(shape, each)) != sorted(LANGUAGES)
    ]

    assert silent == []


def test_every_property_shape_says_how_grave_it_is(graph: rdflib.Graph) -> None:
    assert set(graph.objects(None, SH.property)) - set(rules(graph)) == set()


def test_every_message_says_who_is_bothered(graph: rdflib.Graph) -> None:
    somebody = re.compile(
        "CKAN|EU|data[.]europa[.]eu|profile|portal|programs|nobody|others|[Nn]othing"
    )
    silent = [
        str(shape)
        for shape in rules(graph)
        for text in graph.objects(shape, SH.message)
        if text.language == "en" and not somebody.search(str(text))
    ]

    assert [shape.partition("#")[2] for shape in silent] == []


def test_no_pattern_looks_around_or_repeats_a_repetition(graph: rdflib.Graph) -> None:
    patterns = {str(each) for each in graph.objects(None, SH.pattern)}

    assert [each for each in patterns if "(?" in each or nests(each)] == []


def test_names_of_shapes_in_messages_are_those_of_the_vocabularies(graph: rdflib.Graph) -> None:
    asked = {str(each) for each in graph.objects(None, SH.path) if isinstance(each, rdflib.URIRef)}
    known = {check._Rules(("dcat-ap-dk",)).curie(each) for each in asked}

    assert [each for each in known if "/" in each] == []


# -- checks


def catalog(folder: Path, turtle: str, profile: str = "dcat-ap") -> list[Finding]:
    """Return the faults of a catalogue in a file, whose first line of its own is line 8."""
    path = folder / "catalog.ttl"
    path.write_text(PREFIXES + turtle, encoding="utf-8")
    placed, unreadable = read(path)
    assert unreadable == []
    return faults(placed, (profile,))


def placed_of(path: Path) -> list[Placed]:
    placed, unreadable = read(path)
    assert unreadable == []
    return placed


@pytest.mark.parametrize("profile", ["dcat-ap", "dcat-ap-dk"])
def test_valid_catalogue_has_no_fault(profile: str) -> None:
    assert faults(placed_of(VALID), (profile,)) == []


def test_wrong_value_is_found_where_it_stands_with_what_a_portal_does(tmp_path: Path) -> None:
    found = catalog(tmp_path, 'ex:d dct:title "Havne" ;\n  dct:language "da" .\n')

    (only,) = found
    assert (str(only.at), only.severity) == (f"{tmp_path}/catalog.ttl:9:16", ERROR)
    assert (only.rule, only.path, only.value) == ("sh:nodeKind", "dct:language", "da")
    assert only.message == {
        "da": "<https://example.org/d> dct:language 'da' har en forkert slags værdi",
        "en": "<https://example.org/d> dct:language 'da' has the wrong kind of value",
    }
    assert "the validator of the EU rejects a code" in only.help["en"]
    assert only.field == {"da": "sprog", "en": "language"}


def test_missing_value_is_found_where_its_node_is_described(tmp_path: Path) -> None:
    found = catalog(tmp_path, 'ex:d dct:description "Havne" .\n\nex:d a dcat:Dataset .\n')

    title = next(each for each in found if each.path == "dct:title")
    assert (title.at.line, title.rule, title.severity) == (8, "sh:minCount", ERROR)
    assert "CKAN standser" not in title.message["da"]
    assert "standser CKAN hele høsten" in title.help["da"]
    assert {each.severity for each in found if each.path == "dcat:theme"} == {WARNING}


def test_faults_are_sorted_by_place(tmp_path: Path) -> None:
    found = catalog(tmp_path, "ex:b a dcat:Distribution .\nex:a a dcat:Dataset .\n")

    assert [each.at.line for each in found] == sorted(each.at.line for each in found)


def test_publisher_that_is_nowhere_described_is_found_where_it_is_named(tmp_path: Path) -> None:
    found = catalog(tmp_path, "ex:d dct:title 'Havne' ;\n  dct:publisher ex:owner .\n")

    assert [(each.at.line, each.focus.rpartition("/")[2], each.path) for each in found] == [
        (9, "owner", "foaf:name"),
        (9, "d", "dct:publisher"),
        (9, "owner", "dct:type"),
    ]


def test_publisher_in_a_blank_node_is_told_without_its_name(tmp_path: Path) -> None:
    (found,) = catalog(
        tmp_path,
        "ex:d dct:publisher [ a foaf:Agent ;\n"
        "  dct:type <http://purl.org/adms/publishertype/Company> ] .\n",
    )

    assert (found.message["en"], found.at.line) == ("[] foaf:name is missing", 8)


def test_address_in_a_blank_node_is_no_address(tmp_path: Path) -> None:
    found = catalog(tmp_path, "ex:f a dcat:Distribution ; dcat:accessURL [] .\n")

    (address,) = (each for each in found if each.path == "dcat:accessURL")
    assert (address.rule, address.value, address.severity) == ("sh:pattern", "[]", ERROR)


def test_impossible_date_is_told_once_and_not_as_missing(tmp_path: Path) -> None:
    found = catalog(tmp_path, 'ex:c a dcat:Catalog ;\n  dct:issued "2025-02-30"^^xsd:date .\n')

    (date,) = (each for each in found if each.path == "dct:issued")
    assert (date.rule, date.at.line, date.severity) == ("sh:datatype", 9, ERROR)
    assert "data.europa.eu requires dates by ISO 8601" in date.help["en"]


def test_moment_that_is_none_is_no_date(tmp_path: Path) -> None:
    found = catalog(
        tmp_path, 'ex:c a dcat:Distribution ; dct:issued "2025-99-99T25:00:00"^^xsd:dateTime .\n'
    )

    assert [each.rule for each in found if each.path == "dct:issued"] == ["sh:datatype"]


def test_danish_profile_asks_what_it_adds_to_the_european_one(tmp_path: Path) -> None:
    turtle = (
        "@prefix dk: <https://data.gov.dk/model/core/dcat-dk/> .\n"
        "ex:d a dcat:Dataset ; dk:confidentialityType 'open' .\n"
    )

    european, danish = (
        {(each.path, each.severity) for each in catalog(tmp_path, turtle, profile)}
        for profile in ("dcat-ap", "dcat-ap-dk")
    )

    assert danish - european == {("dcat-dk:confidentialityType", ERROR)}
    assert european - danish == set()


@pytest.mark.parametrize(
    ("algorithm", "severities"),
    [
        ("<https://spdx.org/rdf/terms#checksumAlgorithm_sha256>", []),
        ("<http://spdx.org/rdf/terms#checksumAlgorithm_sha256>", [NOTE]),
        ("<https://example.org/sha256>", [ERROR]),
    ],
)
def test_algorithm_of_a_checksum_may_have_the_address_of_spdx(
    tmp_path: Path, algorithm: str, severities: list[str]
) -> None:
    found = catalog(
        tmp_path,
        f"ex:sum a spdx:Checksum ; spdx:algorithm {algorithm} ;\n"
        '  spdx:checksumValue "00ff"^^xsd:hexBinary .\n'
        f"{algorithm} a spdx:ChecksumAlgorithm .\n",
    )

    assert [each.severity for each in found] == severities


def test_class_that_a_vocabulary_puts_below_another_is_enough(tmp_path: Path) -> None:
    found = catalog(
        tmp_path,
        "@prefix org: <http://www.w3.org/ns/org#> .\n"
        "ex:d dct:publisher ex:owner .\n"
        'ex:owner a org:FormalOrganization ; foaf:name "Ejeren" ;\n'
        "  dct:type <http://purl.org/adms/publishertype/Company> .\n",
    )

    assert found == []


# -- large and hostile


def told(findings: list[Finding]) -> list[tuple[str, ...]]:
    """Return what findings say, of which those about blank nodes say it in no fixed order."""
    return sorted(
        (str(each.at), each.severity, each.rule, *each.message.values(), *map(repr, each.also))
        for each in findings
    )


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_faults_are_those_of_the_whole_however_few_nodes_are_in_a_batch(
    monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    whole = told(faults(placed_of(path), ("dcat-ap-dk",)))

    monkeypatch.setattr(check, "BATCH", 1)

    assert told(faults(placed_of(path), ("dcat-ap-dk",))) == whole


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_faults_are_the_same_when_pyshacl_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    asked = faults(placed_of(path), ("dcat-ap-dk",))

    monkeypatch.setattr(check, "EXPLAINED", 0)

    assert faults(placed_of(path), ("dcat-ap-dk",)) == asked


def test_faults_of_a_thousand_datasets_are_each_told_once(tmp_path: Path) -> None:
    turtle = "".join(
        f"ex:c dcat:dataset ex:d{i} .\nex:d{i} a dcat:Dataset .\n" for i in range(1000)
    )

    titles = [each for each in catalog(tmp_path, turtle) if each.path == "dct:title"]

    assert [each.at.line for each in titles] == list(range(9, 2009, 2))


def test_series_that_lead_round_in_a_circle_end(tmp_path: Path) -> None:
    found = catalog(
        tmp_path,
        "ex:a a dcat:DatasetSeries ; dcat:inSeries ex:b .\n"
        "ex:b a dcat:DatasetSeries ; dcat:inSeries ex:a, ex:b ; dcat:prev ex:a .\n",
    )

    assert {each.path for each in found} == {
        "dcat:contactPoint",
        "dct:description",
        "dct:publisher",
        "dct:title",
    }


@pytest.mark.parametrize(
    "turtle",
    [
        "[] a dcat:Dataset ; dct:publisher [ dct:publisher [] ] .",
        'ex:d a dcat:Dataset, "text", [] ; dcat:distribution [], "x", ex:d .',
        'ex:f a dcat:Distribution ; dcat:byteSize "1e999"^^xsd:double, "-1"^^xsd:integer .',
        'ex:f a dcat:Distribution ; dcat:byteSize "1"^^ex:bytes ; dct:issued ""^^xsd:dateTime .',
        'ex:s a spdx:Checksum ; spdx:checksumValue "zz"^^xsd:hexBinary ; spdx:algorithm ex:s .',
        'ex:d a dcat:Dataset ; dcat:temporalResolution "P"^^xsd:duration ; dct:spatial 12.5 .',
        'ex:d dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "x"^^xsd:gYear ] .',
        "ex:c dcat:themeTaxonomy ( 1 2 3 ) ; dct:language (), ex:c .",
        "<urn:value:x> a dcat:Dataset ; dct:title '''a\nb\\\\\\u0001''' .",
        "<urn:blank:b> a dcat:Dataset ; dct:license <urn:blank:b>, [] .",
        'ex:d a dcat:Dataset ; dct:title "\U0001f30a"@x-a-b, ""@da ; dcat:keyword "a,b"@en-GB .',
    ],
)
def test_odd_catalogue_is_judged_alike_by_both_engines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, turtle: str
) -> None:
    asked = catalog(tmp_path, turtle)

    monkeypatch.setattr(check, "EXPLAINED", 0)

    assert asked
    assert told(catalog(tmp_path, turtle)) == told(asked)


def test_text_is_not_taken_for_the_node_whose_address_it_spells(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(check, "EXPLAINED", 0)

    found = catalog(tmp_path, 'ex:d dct:license "https://example.org/d" .\n')

    assert {(each.path, each.at.line) for each in found} == {("dct:license", 8)}


def test_empty_catalogue_has_no_fault(tmp_path: Path) -> None:
    assert catalog(tmp_path, "") == []


# -- our own


DATASET = """\
id: harbours
type: Dataset
title: {da: Havne, en: Harbours}
description: {da: Oplysninger om havne., en: Facts about harbours.}
publisher: owner
licence: https://creativecommons.org/licenses/by/4.0/
base: https://data.example.org/
language: [da, en]
"""

IRI = "https://data.example.org/id/dataset/harbours"


@pytest.fixture
def record(model: Model, tmp_path: Path) -> Converted:
    """The record of a dataset."""
    path = tmp_path / "dataset.yaml"
    path.write_text(DATASET, encoding="utf-8")
    records, findings = read_records([path], model.is_list)
    assert findings == []
    converted = Converter(model, "https://data.example.org/").convert(records[0])
    assert isinstance(converted, Converted)
    return converted


def lines(turtle: str) -> list[str]:
    quads = ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE)
    return [f"{quad.triple} ." for quad in quads]


def test_our_own_catalogue_without_fault_has_none(record: Converted) -> None:
    assert own(triples(VALID).splitlines(), record, ("dcat-ap-dk",)) == []


def test_value_is_found_at_the_key_it_comes_from(record: Converted) -> None:
    found = own(
        lines(f'<{IRI}> a dcat:Dataset ; dct:title "Havne"@da ; dct:publisher "Ejeren" .'), record
    )

    (publisher,) = (each for each in found if each.path == "dct:publisher")
    assert (publisher.at.line, publisher.rule) == (5, "sh:nodeKind")
    assert publisher.message["en"] == "publisher 'Ejeren' has the wrong kind of value"


def test_licence_of_a_file_is_found_at_the_key_of_the_dataset(record: Converted) -> None:
    found = own(lines("ex:f dct:license <https://creativecommons.org/licenses/by/4.0/> ."), record)

    assert {each.at.line for each in found if each.path == "dct:license"} == {6}


def test_what_the_record_lacks_is_found_at_the_record(record: Converted) -> None:
    found = own(lines(f"<{IRI}> a dcat:Dataset ."), record)

    (keyword,) = (each for each in found if each.path == "dcat:keyword")
    assert (keyword.at.line, keyword.severity) == (1, WARNING)
    assert keyword.message["en"] == f"<{IRI}> dcat:keyword is missing"


def test_what_a_file_lacks_is_not_laid_to_the_key_of_the_dataset(record: Converted) -> None:
    found = own(lines("ex:f a dcat:Distribution ."), record)

    (description,) = (each for each in found if each.path == "dct:description")
    assert description.at.line == 1


@pytest.mark.parametrize("profile", ["dcat-ap", "dcat-ap-dk"])
def test_catalogue_of_the_shipped_data_has_no_fault(model: Model, profile: str) -> None:
    collection = gather(model, [HERE.parent.parent / "data"])
    assert collection.dataset is not None
    publisher = collection.dataset.node["publisher"]
    day = datetime(2026, 11, 22, tzinfo=UTC)
    edition = Edition(
        model=model,
        dataset=collection.dataset,
        publisher=next(each for each in collection.records if each.iri == publisher),
        base=collection.base,
        site=collection.base,
        version="2026-11-22",
        issued=day,
        first=day,
        previous="2026-01-01",
        notes={"da": "To poster er nye.", "en": "Two records are new."},
        statistics=Statistics(),
        dumps=(
            Entry("dump/data.ttl", "text/turtle", 10, "ab" * 32, "none"),
            Entry("dump/data.nt.gz", "application/n-triples", 10, "cd" * 32, "gzip"),
        ),
        records=len(collection.records),
        rejected=0,
        findings={},
        examples=(),
    )

    assert own(dcat.catalog(edition), collection.dataset, (profile,)) == []
