"""The VoID description of a release, held against counts by a SPARQL engine."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import DCTERMS, FOAF, RDF, VOID, XSD

from expatlod import graphs
from expatlod.catalog.void import spaces, void
from expatlod.collection import gather
from expatlod.dumps import Entry, ntriples
from expatlod.edition import Edition
from expatlod.profile import Model, load
from expatlod.resources import Folder, default_profile
from expatlod.statistics import Statistics
from tests.benchmarks.generate import dataset, records

ROOT = Path(__file__).resolve().parent.parent
NAME = "danish-integration-projects"
BASE = "https://w3id.org/expatlod/"
DATASET = rdflib.URIRef(f"{BASE}id/dataset/{NAME}")
ADDRESS = f"{BASE}releases/2026-11-22/"

DUMPS = (
    Entry(f"dump/{NAME}.ttl", "text/turtle", 5, "0" * 64, "none"),
    Entry(f"dump/{NAME}.ttl.gz", "text/turtle", 3, "1" * 64, "gzip"),
    Entry(f"dump/{NAME}.jsonld", "application/ld+json", 7, "2" * 64, "none"),
)


def _edition(model: Model, folder: Path) -> tuple[Edition, bytes]:
    """Return the dataset in *folder* as a release would hold it, and its triples."""
    collection = gather(model, [folder])
    assert collection.findings == ()
    assert collection.dataset is not None
    triples = ntriples(collection.records)
    day = datetime(2026, 11, 22, tzinfo=UTC)
    edition = Edition(
        model=model,
        dataset=collection.dataset,
        publisher=next((each for each in collection.records if "publisher" in each.node), None),
        base=collection.base,
        site=collection.base,
        version="2026-11-22",
        issued=day,
        first=day,
        previous="",
        notes={},
        statistics=Statistics.of(triples, spaces(model, collection.base)),
        dumps=DUMPS,
        records=len(collection.records),
        rejected=0,
        findings={},
        examples=(),
    )
    return edition, triples


def _turtle(edition: Edition) -> bytes:
    return "".join(f"{line}\n" for line in void(edition)).encode()


@pytest.fixture(scope="module")
def shipped(model: Model) -> tuple[Edition, bytes]:
    return _edition(model, ROOT / "data")


@pytest.fixture(scope="module")
def description(shipped: tuple[Edition, bytes]) -> rdflib.Graph:
    return rdflib.Graph().parse(data=_turtle(shipped[0]), format="nt")


@pytest.fixture(scope="module")
def data(shipped: tuple[Edition, bytes]) -> rdflib.Graph:
    return rdflib.Graph().parse(data=shipped[1], format="nt")


@pytest.fixture(scope="module")
def store(shipped: tuple[Edition, bytes], model: Model) -> ox.Store:
    """The data and the codelists, as whoever loads both has them."""
    store = graphs.load(model.folder.codes)
    store.load(shipped[1], format=ox.RdfFormat.N_TRIPLES)
    return store


@pytest.fixture(scope="module")
def described(shipped: tuple[Edition, bytes]) -> ox.Store:
    store = ox.Store()
    store.load(_turtle(shipped[0]), format=ox.RdfFormat.N_TRIPLES)
    return store


def _rows(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    prefixes = {
        "rdf": str(RDF),
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "void": str(VOID),
        "void-ext": "http://ldf.fi/void-ext#",
    }
    found = store.query(query, prefixes=prefixes)
    assert isinstance(found, ox.QuerySolutions)
    return sorted(tuple("" if each is None else _value(each) for each in row) for row in found)


def _counted(triples: bytes, model: Model, query: str) -> list[tuple[str, ...]]:
    """Return what there is in the data and the codelists."""
    if "DATATYPE" not in query:
        store = graphs.load(model.folder.codes)
        store.load(triples, format=ox.RdfFormat.N_TRIPLES)
        return _rows(store, query)
    # To Oxigraph all whole numbers are xsd:integer; for the rest rdflib takes a minute.
    graph = rdflib.Graph().parse(data=triples, format="nt")
    for path in model.folder.codes:
        graph.parse(path)
    return sorted(tuple(map(str, row)) for row in graph.query(query))


def _value(term: object) -> str:
    assert isinstance(term, ox.NamedNode | ox.Literal)
    return term.value


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


def test_the_dumps_are_named_where_the_release_keeps_them(description: rdflib.Graph) -> None:
    assert sorted(map(str, _values(description, VOID.dataDump))) == sorted(
        f"{ADDRESS}{each.path}" for each in DUMPS
    )


def test_the_features_are_the_syntaxes_of_the_dumps(description: rdflib.Graph) -> None:
    assert sorted(map(str, _values(description, VOID.feature))) == [
        "http://www.w3.org/ns/formats/JSON-LD",
        "http://www.w3.org/ns/formats/Turtle",
    ]


def test_the_description_itself_is_about_the_dataset(description: rdflib.Graph) -> None:
    assert list(description.subject_objects(FOAF.primaryTopic)) == [
        (rdflib.URIRef(f"{ADDRESS}void.ttl"), DATASET)
    ]


def test_nothing_is_without_a_name(description: rdflib.Graph) -> None:
    nodes = {*description.subjects(), *description.objects()}

    assert [each for each in nodes if isinstance(each, rdflib.BNode)] == []


def test_whatever_is_a_part_of_the_description_is_described(description: rdflib.Graph) -> None:
    parts = {
        each
        for each in description.objects()
        if each.startswith(f"{DATASET}#") and isinstance(each, rdflib.URIRef)
    }
    mailbox = rdflib.URIRef(f"{DATASET}#mailbox")  # the catalogue describes it

    assert [each for each in parts - {mailbox} if (each, RDF.type, None) not in description] == []


def test_the_pattern_fits_every_subject(description: rdflib.Graph, data: rdflib.Graph) -> None:
    (pattern,) = _values(description, VOID.uriRegexPattern)

    assert [each for each in data.subjects(unique=True) if not re.match(str(pattern), each)] == []


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


# -- what editors complete queries from


#: What an editor asks a description, and what the same question is to the data.
QUESTIONS = {
    "properties": (
        """SELECT ?class ?property ?triples {
          ?part void:class ?class ; void:propertyPartition ?inner .
          ?inner void:property ?property ; void:triples ?triples }""",
        """SELECT ?class ?property (COUNT(*) AS ?triples) {
          ?s a ?class ; ?property ?o
          FILTER(STRSTARTS(STR(?s), "https://w3id.org/expatlod/id/"))
        } GROUP BY ?class ?property""",
    ),
    "classes": (
        """SELECT ?class ?property ?other ?triples {
          ?part void:class ?class ; void:propertyPartition ?inner .
          ?inner void:property ?property ; void:classPartition ?values .
          ?values void:class ?other ; void:triples ?triples }""",
        """SELECT ?class ?property ?other (COUNT(*) AS ?triples) {
          ?s a ?class ; ?property ?o . ?o a ?other
          FILTER(STRSTARTS(STR(?s), "https://w3id.org/expatlod/id/"))
        } GROUP BY ?class ?property ?other""",
    ),
    "datatypes": (
        """SELECT ?class ?property ?datatype ?triples {
          ?part void:class ?class ; void:propertyPartition ?inner .
          ?inner void:property ?property ; void-ext:datatypePartition ?values .
          ?values void-ext:datatype ?datatype ; void:triples ?triples }""",
        """SELECT ?class ?property ?datatype (COUNT(*) AS ?triples) {
          ?s a ?class ; ?property ?o FILTER isLiteral(?o) BIND(DATATYPE(?o) AS ?datatype)
          FILTER(STRSTARTS(STR(?s), "https://w3id.org/expatlod/id/"))
        } GROUP BY ?class ?property ?datatype""",
    ),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_editor_is_told_what_the_data_has(
    question: str, described: ox.Store, shipped: tuple[Edition, bytes], model: Model
) -> None:
    said, counted = QUESTIONS[question]

    assert _rows(described, said) == _counted(shipped[1], model, counted)
    assert len(_rows(described, said)) > 50


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("profile", ["shipped", "harbours"])
def test_an_editor_is_told_so_of_records_of_every_kind(
    profile: str, question: str, tmp_path: Path
) -> None:
    model = load(default_profile() if profile == "shipped" else Folder(ROOT / "tests/profile"))
    made = [*records(model, 60), dataset(model)]
    (tmp_path / "records.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, made)) + b"\n")
    edition, triples = _edition(model, tmp_path)
    described = ox.Store()
    described.load(_turtle(edition), format=ox.RdfFormat.N_TRIPLES)
    said, counted = QUESTIONS[question]

    assert _rows(described, said) == _counted(triples, model, counted)
    assert _rows(described, said) != []


def test_each_class_has_as_many_triples_as_its_instances(
    described: ox.Store, store: ox.Store
) -> None:
    said = _rows(
        described,
        f"""SELECT ?class ?triples {{
          <{DATASET}> void:classPartition ?part .
          ?part void:class ?class ; void:triples ?triples }}""",
    )

    assert said == _rows(
        store,
        """SELECT ?class (COUNT(*) AS ?triples) { ?s a ?class ; ?p ?o
          FILTER(STRSTARTS(STR(?s), "https://w3id.org/expatlod/id/"))
        } GROUP BY ?class""",
    )


def test_the_example_of_each_class_is_one_of_it(described: ox.Store, store: ox.Store) -> None:
    said = _rows(
        described,
        """SELECT ?example ?class {
          ?part void:class ?class ; void:exampleResource ?example }""",
    )

    assert {kind for _, kind in said} >= {f"{BASE}ontology#Project", f"{BASE}ontology#Funding"}
    assert [each for each in said if not store.query(f"ASK {{ <{each[0]}> a <{each[1]}> }}")] == []


# -- links


def test_the_links_to_each_codelist_are_counted(described: ox.Store, store: ox.Store) -> None:
    said = _rows(
        described,
        f"""SELECT ?property ?scheme ?triples {{
          <{DATASET}> void:subset ?links . ?links a void:Linkset ; void:subjectsTarget <{DATASET}> ;
            void:linkPredicate ?property ; void:objectsTarget ?codes ; void:triples ?triples .
          ?codes void:rootResource ?scheme }}""",
    )

    counted = _rows(
        store,
        """SELECT ?property ?scheme (COUNT(*) AS ?triples) {
          ?s ?property ?code . ?code skos:inScheme ?scheme
          FILTER(STRSTARTS(STR(?s), "https://w3id.org/expatlod/id/"))
        } GROUP BY ?property ?scheme""",
    )
    assert said == counted
    assert len(said) > 10


def test_the_links_from_codes_to_the_tables_of_the_eu_are_counted(
    described: ox.Store, store: ox.Store
) -> None:
    said = _rows(
        described,
        """SELECT ?scheme ?match ?table ?triples {
          ?links a void:Linkset ; void:subjectsTarget ?codes ; void:linkPredicate ?match ;
            void:objectsTarget ?other ; void:triples ?triples .
          ?codes void:rootResource ?scheme . ?other void:uriSpace ?table }""",
    )

    counted = Counter(
        (scheme, match, re.sub("[^/]*$", "", other))
        for scheme, match, other in _rows(
            store,
            """SELECT ?scheme ?match ?other { ?code skos:inScheme ?scheme ; ?match ?other
              FILTER(STRSTARTS(STR(?match), STR(skos:)) && STRENDS(STR(?match), "Match")) }""",
        )
    )
    assert said == sorted((*each, str(count)) for each, count in counted.items())
    assert (
        f"{BASE}code/language",
        "http://www.w3.org/2004/02/skos/core#exactMatch",
        "http://publications.europa.eu/resource/authority/language/",
    ) in counted


def test_each_codelist_has_its_title_and_as_many_codes_as_it_has(
    described: ox.Store, store: ox.Store
) -> None:
    said = _rows(
        described,
        """SELECT ?scheme ?title ?codes { ?list void:rootResource ?scheme ; void:entities ?codes ;
          <http://purl.org/dc/terms/title> ?title FILTER(LANG(?title) = "da") }""",
    )

    assert said == _rows(
        store,
        """SELECT ?scheme ?title (COUNT(?code) AS ?codes) { ?code skos:inScheme ?scheme .
          ?scheme <http://purl.org/dc/terms/title> ?title FILTER(LANG(?title) = "da")
        } GROUP BY ?scheme ?title""",
    )


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
    edition, _ = _edition(model, folder)
    dump = Entry("dump/harbour.nt", "application/n-triples", 1, "0" * 64, "none")
    return _turtle(replace(edition, dumps=(dump,)))


def _objects(lines: bytes, subject: str, predicate: str) -> list[str]:
    return [
        quad.object.value
        for quad in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES)
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
    lines = _describe(model, tmp_path)

    assert _objects(
        lines, "https://example.org/harbour/id/dataset/harbour", f"http://rdfs.org/ns/void#{term}"
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
def test_the_dumps_stand_in_the_release(base: str, model: Model, tmp_path: Path) -> None:
    lines = _describe(model, tmp_path, base)

    assert _objects(lines, f"{base}id/dataset/harbour", "http://rdfs.org/ns/void#dataDump") == [
        f"{base}releases/2026-11-22/dump/harbour.nt"
    ]


def test_the_description_is_the_same_bytes_each_time(model: Model, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    assert _describe(model, tmp_path / "a") == _describe(model, tmp_path / "b")
