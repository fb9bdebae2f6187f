"""The VoID description of a release, held against an independent count."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import DCTERMS, RDF, VOID, XSD

from expatlod.catalog.void import void
from expatlod.collection import gather
from expatlod.dumps import ntriples
from expatlod.profile import Model
from expatlod.statistics import Statistics

NAME = "danish-integration-projects"
BASE = "https://w3id.org/expatlod/"
DATASET = rdflib.URIRef(f"{BASE}id/dataset/{NAME}")


@pytest.fixture(scope="module")
def description(release: Path) -> rdflib.Graph:
    return rdflib.Graph().parse(release / "void.ttl", format="turtle")


@pytest.fixture(scope="module")
def data(release: Path) -> rdflib.Graph:
    return rdflib.Graph().parse(release / f"dump/{NAME}.nt", format="nt")


def _integer(number: int) -> rdflib.Literal:
    return rdflib.Literal(number, datatype=XSD.integer)


def _values(graph: rdflib.Graph, predicate: rdflib.URIRef) -> list[rdflib.term.Node]:
    return list(graph.objects(DATASET, predicate))


def test_the_dataset_has_the_title_of_its_record(description: rdflib.Graph) -> None:
    assert set(_values(description, DCTERMS.title)) == {
        rdflib.Literal("Danske integrationsprojekter", lang="da"),
        rdflib.Literal("Danish integration projects", lang="en"),
    }


def test_the_dataset_has_a_description_in_danish_and_english(description: rdflib.Graph) -> None:
    texts = _values(description, DCTERMS.description)

    assert sorted(str(text.language) for text in texts if isinstance(text, rdflib.Literal)) == [
        "da",
        "en",
    ]


def test_the_dataset_has_the_licence_of_its_record(description: rdflib.Graph) -> None:
    assert _values(description, DCTERMS.license) == [
        rdflib.URIRef("https://creativecommons.org/licenses/by/4.0/")
    ]


def test_the_publisher_of_the_dataset_is_in_the_dump(
    description: rdflib.Graph, data: rdflib.Graph
) -> None:
    publishers = _values(description, DCTERMS.publisher)

    assert publishers == [rdflib.URIRef(f"{BASE}id/organisation/expatlod")]
    assert [each for each in publishers if (each, None, None) not in data] == []


def test_the_dataset_is_a_dataset_of_void_and_of_dcat(description: rdflib.Graph) -> None:
    assert set(_values(description, RDF.type)) == {
        VOID.Dataset,
        rdflib.URIRef("http://www.w3.org/ns/dcat#Dataset"),
    }


def test_the_dumps_named_are_those_of_the_release(description: rdflib.Graph, release: Path) -> None:
    named = sorted(str(dump) for dump in _values(description, VOID.dataDump))

    assert named == sorted(f"{BASE}dump/{path.name}" for path in (release / "dump").iterdir())


def test_the_uri_space_begins_every_subject(description: rdflib.Graph, data: rdflib.Graph) -> None:
    (space,) = _values(description, VOID.uriSpace)

    assert [str(each) for each in data.subjects(unique=True) if not each.startswith(space)] == []


def test_the_triples_are_as_many_as_the_dump_has(
    description: rdflib.Graph, data: rdflib.Graph
) -> None:
    assert _values(description, VOID.triples) == [_integer(len(data))]


def test_the_entities_are_as_many_as_the_dump_has_subjects(
    description: rdflib.Graph, data: rdflib.Graph
) -> None:
    assert _values(description, VOID.entities) == [_integer(len(set(data.subjects())))]


def test_the_classes_are_as_many_as_the_dump_has(
    description: rdflib.Graph, data: rdflib.Graph
) -> None:
    assert _values(description, VOID.classes) == [_integer(len(set(data.objects(None, RDF.type))))]


def test_the_properties_are_as_many_as_the_dump_has(
    description: rdflib.Graph, data: rdflib.Graph
) -> None:
    assert _values(description, VOID.properties) == [_integer(len(set(data.predicates())))]


def test_each_class_has_one_partition_with_the_number_of_its_members(
    description: rdflib.Graph, data: rdflib.Graph
) -> None:
    partitions = [
        (kind, count)
        for part in _values(description, VOID.classPartition)
        for kind in description.objects(part, VOID["class"])
        for count in description.objects(part, VOID.entities)
    ]

    counts = Counter(data.objects(None, RDF.type))
    assert sorted(partitions) == sorted((kind, _integer(n)) for kind, n in counts.items())


def test_each_property_has_one_partition_with_the_number_of_its_triples(
    description: rdflib.Graph, data: rdflib.Graph
) -> None:
    partitions = [
        (term, count)
        for part in _values(description, VOID.propertyPartition)
        for term in description.objects(part, VOID.property)
        for count in description.objects(part, VOID.triples)
    ]

    counts = Counter(data.predicates())
    assert sorted(partitions) == sorted((term, _integer(n)) for term, n in counts.items())


def test_the_vocabularies_are_the_namespaces_of_the_terms_in_use(
    description: rdflib.Graph, data: rdflib.Graph
) -> None:
    terms = {*data.predicates(), *data.objects(None, RDF.type)}

    assert {str(each) for each in _values(description, VOID.vocabulary)} == {
        re.sub("[^/#]*$", "", str(term)) for term in terms
    }


def test_the_example_resources_are_one_of_each_kind_of_record(
    description: rdflib.Graph, data: rdflib.Graph
) -> None:
    examples = _values(description, VOID.exampleResource)

    kinds = [str(each).removeprefix(f"{BASE}id/").partition("/")[0] for each in examples]
    assert sorted(kinds) == ["organisation", "page", "project"]
    assert [each for each in examples if (each, RDF.type, None) not in data] == []


# -- a dataset small enough to count by hand

ROWING = """\
id: rowing
type: Project
title: {da: Ro sammen, en: Row together}
kind: project
theme: [leisure, housing]
audience: foreign-worker
source: https://example.org/rowing
"""

OFFICE = """\
id: harbour-office
type: Organisation
name: {da: Havnekontoret, en: Harbour Office}
kind: company
"""


def _describe(model: Model, tmp_path: Path, base: str = "https://example.org/harbour/") -> bytes:
    folder = tmp_path / "harbour"
    folder.mkdir()
    (folder / "rowing.yaml").write_text(ROWING, "utf-8")
    (folder / "office.yaml").write_text(OFFICE, "utf-8")
    (folder / "dataset.yaml").write_text(
        f"""\
id: harbour
type: Dataset
title: {{da: Havnens projekter, en: Projects of the harbour}}
description: {{da: Opdigtede projekter i en havn., en: Invented projects of a harbour.}}
publisher: harbour-office
licence: https://creativecommons.org/licenses/by/4.0/
base: {base}
language: [da, en]
""",
        "utf-8",
    )
    collection = gather(model, [folder])
    assert collection.findings == ()
    assert collection.dataset is not None
    return void(
        model,
        collection.dataset.iri,
        collection.dataset.lines,
        collection.base,
        Statistics.of(ntriples(collection.records)),
        ["dump/harbour.nt"],
    )


def _objects(turtle: bytes, subject: str, predicate: str) -> list[str]:
    return [
        quad.object.value
        for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)
        if quad.subject == ox.NamedNode(subject)
        and quad.predicate == ox.NamedNode(predicate)
        and not isinstance(quad.object, ox.Triple | ox.BlankNode)
    ]


@pytest.mark.parametrize(
    ("term", "count"),
    [
        # Office: 2 types, 2 names, 1 kind. Rowing: 3 types, 2 titles, 1 kind, 2 themes,
        # 1 audience, 1 source. The audience: 2 types, its group and its rank.
        ("triples", 5 + 10 + 4),
        ("entities", 3),
        # org:Organization, foaf:Agent, expat:Project, prov:Activity, foaf:Project,
        # expat:TargetGroup, dct:AgentClass
        ("classes", 7),
        # rdf:type, skos:prefLabel, dct:type, dct:title, dct:subject, dct:audience, dct:source,
        # expat:group, expat:rank
        ("properties", 9),
    ],
)
def test_the_records_are_counted_and_the_dataset_itself_is_not(
    term: str, count: int, model: Model, tmp_path: Path
) -> None:
    turtle = _describe(model, tmp_path)

    assert _objects(
        turtle, "https://example.org/harbour/id/dataset/harbour", f"http://rdfs.org/ns/void#{term}"
    ) == [str(count)]


@pytest.mark.parametrize(
    "base",
    [
        "https://example.org/",
        "https://example.org/a/b/",
        "https://example.org/id/dataset/",
        "https://example.org/id/dataset/mine/",
    ],
)
def test_the_dumps_stand_under_the_base(base: str, model: Model, tmp_path: Path) -> None:
    turtle = _describe(model, tmp_path, base)

    assert _objects(turtle, f"{base}id/dataset/harbour", "http://rdfs.org/ns/void#dataDump") == [
        f"{base}dump/harbour.nt"
    ]


def test_the_description_is_the_same_bytes_each_time(model: Model, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    assert _describe(model, tmp_path / "a") == _describe(model, tmp_path / "b")
