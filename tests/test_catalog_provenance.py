"""The record of how a release came about, and of what was found in its records."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import DCTERMS, FOAF, OWL, PROV, RDF, RDFS, SKOS, VOID, XSD

from expatlod import __version__
from expatlod.catalog.provenance import Source, provenance
from expatlod.catalog.void import spaces
from expatlod.collection import gather
from expatlod.dumps import Entry, ntriples
from expatlod.edition import Edition
from expatlod.profile import Model
from expatlod.statistics import Statistics
from tests import harbours

BASE = "https://data.example.org/"
RELEASE = rdflib.URIRef(f"{BASE}releases/2.0/")
DOCUMENT = f"{RELEASE}provenance.ttl"
ACTIVITY = rdflib.URIRef(f"{DOCUMENT}#publication")
SOURCES = (("boats.csv", 5, "a" * 64), ("piers.yaml", 2, "b" * 64))

DQV = rdflib.Namespace("http://www.w3.org/ns/dqv#")
SCHEMA = rdflib.Namespace("https://schema.org/")
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")

DUMPS = (
    Entry("dump/harbours.ttl", "text/turtle", 5, "0" * 64, "none"),
    Entry("dump/harbours.ttl.gz", "text/turtle", 3, "1" * 64, "gzip"),
)


@pytest.fixture
def edition(model: Model, tmp_path: Path) -> Edition:
    """A second release of two records; five more were left out."""
    folder = harbours.dataset(tmp_path / "data")
    harbours.project(folder, "pier")
    collection = gather(model, [folder])
    assert collection.findings == ()
    assert collection.dataset is not None
    (publisher,) = (each for each in collection.records if each.iri.endswith("/owner"))
    return Edition(
        model=model,
        dataset=collection.dataset,
        publisher=publisher,
        base=BASE,
        site=BASE,
        version="2.0",
        issued=datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
        first=datetime(2025, 1, 1, tzinfo=UTC),
        previous="1.0",
        notes={},
        statistics=Statistics.of(ntriples(collection.records), spaces(model, BASE)),
        dumps=DUMPS,
        records=2,
        rejected=5,
        findings={
            ("error", "sh:datatype"): 4,
            ("error", "record:key"): 3,
            ("warning", "sh:datatype"): 2,
            ("note", "x:not in the profile"): 1,
        },
        examples=(),
    )


def _graph(edition: Edition, sources: Sequence[Source] = SOURCES) -> rdflib.Graph:
    text = "".join(f"{line}\n" for line in provenance(edition, sources))
    return rdflib.Graph().parse(data=text, format="nt")


@pytest.fixture
def graph(edition: Edition) -> rdflib.Graph:
    return _graph(edition)


def _named(name: str) -> rdflib.URIRef:
    return rdflib.URIRef(f"{DOCUMENT}#{name}")


def _metric(name: str) -> rdflib.URIRef:
    return rdflib.URIRef(f"{BASE}id/dataset/harbours#metric-{name}")


# -- what was made of what


def test_the_times_are_those_of_the_records(graph: rdflib.Graph) -> None:
    time = rdflib.Literal("2026-11-22T08:30:00Z", datatype=XSD.dateTime)

    assert graph.value(ACTIVITY, PROV.startedAtTime) == time
    assert graph.value(ACTIVITY, PROV.endedAtTime) == time


def test_the_release_and_its_dumps_were_generated(graph: rdflib.Graph) -> None:
    made = {RELEASE, *(rdflib.URIRef(f"{RELEASE}{each.path}") for each in DUMPS)}

    assert set(graph.objects(ACTIVITY, PROV.generated)) == made
    assert set(graph.subjects(PROV.wasGeneratedBy, ACTIVITY)) >= made


def test_the_release_is_a_version_of_the_dataset(graph: rdflib.Graph) -> None:
    assert list(graph.objects(RELEASE, PROV.specializationOf)) == [
        rdflib.URIRef(f"{BASE}id/dataset/harbours")
    ]


def test_what_was_read_is_named_with_its_number_of_records_and_checksum(
    graph: rdflib.Graph,
) -> None:
    read = {
        (
            str(graph.value(source, RDFS.label)),
            int(str(graph.value(source, VOID.entities))),
            str(graph.value(graph.value(source, SPDX.checksum), SPDX.checksumValue)),
        )
        for source in graph.objects(RELEASE, PROV.wasDerivedFrom)
    }

    assert read == set(SOURCES)


def test_what_was_read_and_the_profile_were_used(graph: rdflib.Graph) -> None:
    assert set(graph.objects(ACTIVITY, PROV.used)) == {
        _named("source-1"),
        _named("source-2"),
        _named("profile"),
    }


def test_the_program_is_named_with_its_version(graph: rdflib.Graph) -> None:
    (program,) = graph.subjects(RDF.type, PROV.SoftwareAgent)

    assert (ACTIVITY, PROV.wasAssociatedWith, program) in graph
    assert (program, SCHEMA.name, rdflib.Literal("expatlod")) in graph
    assert (program, SCHEMA.softwareVersion, rdflib.Literal(__version__)) in graph


def test_the_publisher_answers_for_the_release(graph: rdflib.Graph) -> None:
    publisher = rdflib.URIRef(f"{BASE}id/organisation/owner")

    assert list(graph.objects(RELEASE, PROV.wasAttributedTo)) == [publisher]


def test_the_profile_has_the_version_of_its_ontology(graph: rdflib.Graph, model: Model) -> None:
    ontology = rdflib.URIRef("https://w3id.org/expatlod/ontology")
    (version,) = graph.objects(ontology, OWL.versionInfo)

    assert (_named("profile"), PROV.hadMember, ontology) in graph
    assert f'owl:versionInfo "{version}"' in (
        model.folder.path / "ontology/expatlod.ttl"
    ).read_text("utf-8")


def test_each_file_of_the_profile_has_the_checksum_of_its_content(
    graph: rdflib.Graph, model: Model
) -> None:
    folder = model.folder
    files = (*folder.ontology, *folder.codes, *folder.shapes, folder.context)

    for path in files:
        file = rdflib.URIRef(f"{RELEASE}{path.relative_to(folder.path).as_posix()}")
        node = graph.value(file, SPDX.checksum)
        assert (_named("profile"), PROV.hadMember, file) in graph
        assert str(graph.value(node, SPDX.checksumValue)) == (
            hashlib.sha256(path.read_bytes()).hexdigest()
        )


def test_the_release_is_a_revision_of_the_one_before(graph: rdflib.Graph) -> None:
    previous = rdflib.URIRef(f"{BASE}releases/1.0/")

    assert list(graph.objects(RELEASE, PROV.wasRevisionOf)) == [previous]
    assert (previous, RDF.type, PROV.Entity) in graph


def test_the_first_release_is_a_revision_of_nothing(edition: Edition) -> None:
    assert (
        list(_graph(replace(edition, previous="")).triples((None, PROV.wasRevisionOf, None))) == []
    )


def test_a_release_without_a_publisher_is_attributed_to_nobody(edition: Edition) -> None:
    graph = _graph(replace(edition, publisher=None))

    assert list(graph.objects(None, PROV.wasAttributedTo)) == []


def test_the_release_conforms_to_the_shapes_and_to_the_ontology_in_use(
    graph: rdflib.Graph, model: Model
) -> None:
    assert {str(each) for each in graph.objects(RELEASE, DCTERMS.conformsTo)} == {
        "https://w3id.org/expatlod/ontology",
        *(f"{RELEASE}shapes/{path.name}" for path in model.folder.shapes),
    }


# -- what was found


def _measured(graph: rdflib.Graph) -> dict[str, int]:
    """Return the measurements of the release, by the metric's name."""
    return {
        str(graph.value(each, DQV.isMeasurementOf)).partition("#metric-")[2]: int(
            str(graph.value(each, DQV.value))
        )
        for each in graph.objects(RELEASE, DQV.hasQualityMeasurement)
    }


def test_it_is_measured_how_much_came_in_and_why_what_was_left_out(graph: rdflib.Graph) -> None:
    assert _measured(graph) == {
        "records-read": 7,
        "records-published": 2,
        "records-rejected": 5,
        "found-error": 7,
        "found-warning": 2,
        "found-note": 1,
        "found-error-sh-datatype": 4,
        "found-error-record-key": 3,
        "found-warning-sh-datatype": 2,
        "found-note-x-not%20in%20the%20profile": 1,
    }


def test_what_was_not_found_is_measured_too(edition: Edition) -> None:
    measured = _measured(_graph(replace(edition, findings={})))

    assert {name: measured[name] for name in measured if name.startswith("found")} == {
        "found-error": 0,
        "found-warning": 0,
        "found-note": 0,
    }


def test_without_a_source_nothing_is_said_of_how_much_came_in(edition: Edition) -> None:
    assert "records-read" not in _measured(_graph(edition, ()))


def test_each_measurement_is_computed_on_the_release(graph: rdflib.Graph) -> None:
    measurements = set(graph.subjects(RDF.type, DQV.QualityMeasurement))

    assert measurements == set(graph.subjects(DQV.computedOn, RELEASE))
    assert measurements == set(graph.objects(RELEASE, DQV.hasQualityMeasurement))


def test_each_metric_has_a_label_in_danish_and_in_english(graph: rdflib.Graph) -> None:
    for metric in graph.subjects(RDF.type, DQV.Metric):
        labels = graph.objects(metric, SKOS.prefLabel)
        assert sorted(
            each.language or "" for each in labels if isinstance(each, rdflib.Literal)
        ) == [
            "da",
            "en",
        ]


def test_each_metric_is_in_a_dimension_that_is_described(graph: rdflib.Graph) -> None:
    dimensions = set(graph.subjects(RDF.type, DQV.Dimension))

    for metric in graph.subjects(RDF.type, DQV.Metric):
        assert set(graph.objects(metric, DQV.inDimension)) <= dimensions
        assert (metric, DQV.inDimension, None) in graph


def test_the_metric_of_a_rule_says_what_the_rule_says(graph: rdflib.Graph, model: Model) -> None:
    rule = model.rules["sh:datatype"]

    assert set(graph.objects(_metric("found-error-sh-datatype"), SKOS.prefLabel)) == {
        rdflib.Literal(f"Fejl: {rule.label['da']}", lang="da"),
        rdflib.Literal(f"Errors: {rule.label['en']}", lang="en"),
    }


def test_a_metric_has_the_same_name_in_every_release(edition: Edition) -> None:
    metrics = [
        set(_graph(replace(edition, version=version)).subjects(RDF.type, DQV.Metric))
        for version in ("2.0", "3.0")
    ]

    assert metrics[0] == metrics[1]


def test_the_record_itself_is_about_the_release(graph: rdflib.Graph) -> None:
    document = rdflib.URIRef(DOCUMENT)

    assert (document, FOAF.primaryTopic, RELEASE) in graph
    assert (RELEASE, DQV.hasQualityMetadata, document) in graph


# -- as a file


def test_nothing_is_without_a_name(graph: rdflib.Graph) -> None:
    assert [each for each in graph.all_nodes() if isinstance(each, rdflib.BNode)] == []


def test_whatever_is_named_in_the_record_is_described(graph: rdflib.Graph) -> None:
    named = {
        each
        for each in graph.objects()
        if isinstance(each, rdflib.URIRef)
        and each.startswith((DOCUMENT, f"{BASE}id/dataset/harbours#"))
    }

    assert [each for each in named if (each, RDF.type, None) not in graph] == []


def test_the_terms_of_prov_exist(graph: rdflib.Graph) -> None:
    terms = {each for triple in graph for each in triple[1:] if each in PROV}
    known = {str(term) for term in dir(PROV)} | {f"{PROV}{name}" for name in PROV.__annotations__}

    assert {str(each) for each in terms} <= known


def test_the_record_is_the_same_lines_each_time(edition: Edition) -> None:
    assert provenance(edition, SOURCES) == provenance(edition, SOURCES)


def test_the_lines_of_a_subject_stand_together(edition: Edition) -> None:
    subjects = [line.partition(" ")[0] for line in provenance(edition, SOURCES)]
    changes = sum(1 for before, after in pairwise(subjects) if before != after)

    assert changes + 1 == len(set(subjects))
