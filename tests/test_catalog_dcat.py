"""The DCAT-AP catalogue, the series and the authority snapshot, read by parsers of others."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from pyld import jsonld
from rdflib.namespace import DCTERMS, FOAF, RDF, SKOS

from expatlod import graphs
from expatlod.archive import File, Manifest, Release
from expatlod.catalog.authorities import authorities, table
from expatlod.catalog.check import own
from expatlod.catalog.dcat import catalog
from expatlod.catalog.series import series
from expatlod.catalog.syntaxes import written
from expatlod.convert import Converter
from expatlod.edition import Edition
from expatlod.profile import Model, load
from expatlod.records.record import Record
from expatlod.resources import Folder, default_profile
from tests.conftest import Command
from tests.editions import FULL, IRI, SITE, edition
from tests.harbours import dataset

HERE = Path(__file__).resolve().parent

ADMS = rdflib.Namespace("http://www.w3.org/ns/adms#")
# rdflib's own lacks the terms of DCAT 3.
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
DCATAP = rdflib.Namespace("http://data.europa.eu/r5r/")
EU = "http://publications.europa.eu/resource/authority/"
IANA = "https://www.iana.org/assignments/media-types/"
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
VCARD = rdflib.Namespace("http://www.w3.org/2006/vcard/ns#")
DATASET = rdflib.URIRef(IRI)


def graph(lines: Iterable[str]) -> rdflib.Graph:
    return rdflib.Graph().parse(data="".join(f"{each}\n" for each in lines), format="nt")


def values(found: rdflib.Graph, subject: str, predicate: str) -> list[str]:
    """Return values for reading: IRIs, and literals with their language or datatype."""
    shown = []
    for each in found.objects(rdflib.URIRef(subject), rdflib.URIRef(predicate)):
        assert isinstance(each, rdflib.URIRef | rdflib.Literal)
        suffix = ""
        if isinstance(each, rdflib.Literal):
            kind = str(each.datatype or "").rpartition("#")[2]
            suffix = f"@{each.language}" if each.language else f"^^{kind}" if kind else ""
        shown.append(f"{each}{suffix}")
    return sorted(shown)


@pytest.fixture(scope="module")
def release(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return edition(model, tmp_path_factory.mktemp("harbours"))


@pytest.fixture(scope="module")
def found(release: Edition) -> rdflib.Graph:
    return graph(catalog(release))


@pytest.fixture(scope="module")
def served(model: Model, tmp_path_factory: pytest.TempPathFactory) -> rdflib.Graph:
    """The catalogue of a dataset that has a SPARQL endpoint."""
    more = f"{FULL}endpoint: https://example.org/sparql\n"
    return graph(catalog(edition(model, tmp_path_factory.mktemp("served"), more)))


# -- what is said


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        (DCTERMS.title, ["Harbours@en", "Havne@da"]),
        (DCTERMS.description, ["Facts about harbours.@en", "Oplysninger om havne.@da"]),
        (DCTERMS.identifier, [IRI]),
        (DCTERMS.publisher, [f"{SITE}id/organisation/owner"]),
        (DCTERMS.language, [f"{EU}language/DAN", f"{EU}language/ENG"]),
        (DCTERMS.spatial, [f"{EU}country/DNK"]),
        (DCTERMS.temporal, [f"{IRI}#period"]),
        (DCTERMS.accrualPeriodicity, [f"{EU}frequency/ANNUAL"]),
        (DCTERMS.accessRights, [f"{EU}access-right/PUBLIC"]),
        (
            DCTERMS.conformsTo,
            ["https://w3id.org/expatlod/ontology", "https://w3id.org/expatlod/shape"],
        ),
        (DCTERMS.provenance, [f"{IRI}#provenance"]),
        (DCTERMS.issued, ["2025-06-01T00:00:00+00:00^^dateTime"]),
        (DCTERMS.modified, ["2026-01-01T12:00:00+00:00^^dateTime"]),
        (DCAT.keyword, ["harbour@en", "havn@da", "kaj og mole@da"]),
        (DCAT.theme, [f"{EU}data-theme/TRAN"]),
        (DCAT.contactPoint, [f"{IRI}#mailbox"]),
        (DCAT.landingPage, [SITE]),
        (DCAT.version, ["2026-01-01"]),
        (DCAT.previousVersion, [f"{SITE}releases/2025-06-01/"]),
        (DCAT.inSeries, [f"{IRI}#releases"]),
        (ADMS.versionNotes, ["One harbour was added.@en", "Én havn er kommet til.@da"]),
    ],
    ids=lambda each: str(each).rpartition("/")[2].rpartition("#")[2] if each else "",
)
def test_the_dataset_says_what_its_record_and_the_release_do(
    found: rdflib.Graph, predicate: str, expected: list[str]
) -> None:
    assert values(found, IRI, predicate) == expected


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        (DCTERMS.title, ["Harbours: catalogue@en", "Havne: katalog@da"]),
        (DCTERMS.publisher, [f"{SITE}id/organisation/owner"]),
        (DCTERMS.license, [f"{EU}licence/CC_BY_4_0"]),
        (DCTERMS.language, [f"{EU}language/DAN", f"{EU}language/ENG"]),
        (DCTERMS.spatial, [f"{EU}country/DNK"]),
        (DCTERMS.issued, ["2025-06-01T00:00:00+00:00^^dateTime"]),
        (DCTERMS.modified, ["2026-01-01T12:00:00+00:00^^dateTime"]),
        (DCAT.themeTaxonomy, [f"{EU}data-theme"]),
        (FOAF.homepage, [SITE]),
        (DCAT.dataset, [IRI]),
        (DCAT.record, [f"{IRI}#record"]),
        (DCAT.service, []),
    ],
    ids=lambda each: str(each).rpartition("/")[2].rpartition("#")[2] if each else "",
)
def test_the_catalogue_says_what_dcat_ap_asks_of_it(
    found: rdflib.Graph, predicate: str, expected: list[str]
) -> None:
    assert values(found, f"{IRI}#catalog", predicate) == expected


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        (DCTERMS.title, ["Turtle, packed with gzip@en", "Turtle, pakket med gzip@da"]),
        (DCAT.accessURL, [f"{SITE}releases/2026-01-01/"]),
        (DCAT.downloadURL, [f"{SITE}releases/2026-01-01/dump/harbours.ttl.gz"]),
        (DCAT.mediaType, [f"{IANA}text/turtle"]),
        (DCTERMS["format"], [f"{EU}file-type/RDF_TURTLE"]),
        (DCAT.compressFormat, [f"{IANA}application/gzip"]),
        (DCAT.byteSize, ["1001^^nonNegativeInteger"]),
        (DCTERMS.license, [f"{EU}licence/CC_BY_4_0"]),
        (DCTERMS.rights, [f"{IRI}#rights"]),
        (DCATAP.availability, [f"{EU}planned-availability/STABLE"]),
        (ADMS.status, [f"{EU}distribution-status/COMPLETED"]),
        (DCTERMS.issued, ["2026-01-01T12:00:00+00:00^^dateTime"]),
        (SPDX.checksum, [f"{IRI}#dump-ttl-gz-sha256"]),
    ],
    ids=lambda each: str(each).rpartition("/")[2].rpartition("#")[2] if each else "",
)
def test_a_distribution_says_what_is_in_the_file_and_how_to_use_it(
    found: rdflib.Graph, predicate: str, expected: list[str]
) -> None:
    assert values(found, f"{IRI}#dump-ttl-gz", predicate) == expected


def test_every_dump_is_a_distribution_with_a_stable_name(found: rdflib.Graph) -> None:
    assert values(found, IRI, DCAT.distribution) == sorted(
        f"{IRI}#dump-{syntax}{packed}"
        for syntax in ("ttl", "jsonld", "nt", "rdf")
        for packed in ("", "-gz", "-zst")
    )


def test_a_dump_that_is_not_packed_has_no_compression(found: rdflib.Graph) -> None:
    assert values(found, f"{IRI}#dump-ttl", DCAT.compressFormat) == []


def test_a_checksum_has_the_algorithm_and_the_sum(found: rdflib.Graph) -> None:
    checksum = f"{IRI}#dump-ttl-gz-sha256"

    assert values(found, checksum, SPDX.algorithm) == [
        "https://spdx.org/rdf/terms#checksumAlgorithm_sha256"
    ]
    assert values(found, checksum, SPDX.checksumValue) == [f"{1:064x}^^hexBinary"]


def test_the_period_is_from_its_first_day_to_its_last(found: rdflib.Graph) -> None:
    assert values(found, f"{IRI}#period", DCAT.startDate) == ["2009-01-01^^date"]
    assert values(found, f"{IRI}#period", DCAT.endDate) == ["2014-06-30^^date"]


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [("2009/", ["2009-01-01^^date"], []), ("/2014", [], ["2014-12-31^^date"])],
)
def test_a_period_with_an_open_end_has_one_date(
    model: Model, tmp_path: Path, period: str, start: list[str], end: list[str]
) -> None:
    found = graph(catalog(edition(model, tmp_path, f"period: {period}\n")))

    assert values(found, f"{IRI}#period", DCAT.startDate) == start
    assert values(found, f"{IRI}#period", DCAT.endDate) == end


def test_the_publisher_is_an_agent_with_its_name_and_type(found: rdflib.Graph) -> None:
    owner = f"{SITE}id/organisation/owner"

    assert values(found, owner, RDF.type) == [
        "http://www.w3.org/ns/org#Organization",
        "http://xmlns.com/foaf/0.1/Agent",
    ]
    assert values(found, owner, FOAF.name) == ["Ejeren@da", "The owner@en"]
    assert values(found, owner, DCTERMS.type) == [
        "http://purl.org/adms/publishertype/NonProfitOrganisation"
    ]


def test_the_mailbox_is_of_the_class_that_dcat_ap_asks_for(found: rdflib.Graph) -> None:
    mailbox = f"{IRI}#mailbox"

    assert str(VCARD.Kind) in values(found, mailbox, RDF.type)
    assert values(found, mailbox, VCARD.fn) == ["Harbour office@en", "Havnekontoret@da"]
    assert values(found, mailbox, VCARD.hasEmail) == ["mailto:info@example.org"]


def test_the_provenance_is_a_statement_in_both_languages(found: rdflib.Graph) -> None:
    assert values(found, f"{IRI}#provenance", rdflib.RDFS.label) == [
        "Fundet på til prøver.@da",
        "Made up for these tests.@en",
    ]


def test_the_previous_release_is_no_second_dataset(found: rdflib.Graph) -> None:
    """CKAN makes a dataset of everything of this type."""
    assert list(found.subjects(RDF.type, DCAT.Dataset)) == [DATASET]


def test_the_first_release_has_none_before_it(model: Model, tmp_path: Path) -> None:
    found = graph(catalog(edition(model, tmp_path, previous="", notes={})))

    assert values(found, IRI, DCAT.previousVersion) == []
    assert values(found, IRI, ADMS.versionNotes) == []


# -- a service


def test_without_an_endpoint_there_is_no_service(found: rdflib.Graph) -> None:
    assert list(found.subjects(RDF.type, DCAT.DataService)) == []


def test_an_endpoint_is_a_service_and_a_distribution_leads_to_it(served: rdflib.Graph) -> None:
    service = f"{IRI}#endpoint"

    assert values(served, f"{IRI}#catalog", DCAT.service) == [service]
    assert values(served, service, DCAT.endpointURL) == ["https://example.org/sparql"]
    assert values(served, service, DCAT.servesDataset) == [IRI]
    assert values(served, f"{IRI}#sparql", DCAT.accessService) == [service]
    assert f"{IRI}#sparql" in values(served, IRI, DCAT.distribution)


# -- closure


#: What may stand in a catalogue without being described: it is no node of it, or it is the value of
#: a match, which says that something else is the same.
_LEFT = (DCAT.accessURL, DCAT.downloadURL, DCAT.endpointURL, DCAT.endpointDescription)
_LEFT_MATCHES = (SKOS.exactMatch, SKOS.closeMatch)


@pytest.mark.parametrize("name", ["found", "served"])
def test_all_that_is_pointed_at_is_described(name: str, request: pytest.FixtureRequest) -> None:
    found: rdflib.Graph = request.getfixturevalue(name)

    bare = {
        str(value)
        for _, predicate, value in found
        if isinstance(value, rdflib.URIRef)
        and predicate not in (RDF.type, VCARD.hasEmail, *_LEFT, *_LEFT_MATCHES)
        and (value, RDF.type, None) not in found
    }
    assert bare == set()


@pytest.mark.parametrize("name", ["found", "served"])
def test_there_are_no_blank_nodes(name: str, request: pytest.FixtureRequest) -> None:
    found: rdflib.Graph = request.getfixturevalue(name)

    assert [each for each in found.all_nodes() if isinstance(each, rdflib.BNode)] == []


@pytest.mark.parametrize("more", [FULL, f"{FULL}endpoint: https://example.org/sparql\n"])
def test_the_shapes_of_both_profiles_find_nothing(model: Model, tmp_path: Path, more: str) -> None:
    made = edition(model, tmp_path, more)

    assert own(catalog(made), made.dataset, ("dcat-ap", "dcat-ap-dk")) == []


def test_the_lines_are_the_same_each_time(release: Edition) -> None:
    assert catalog(release) == catalog(release)
    assert len(set(catalog(release))) == len(catalog(release))


# -- controlled values


#: The titles that CKAN 2.12 has in its list, ckan/model/license.py, by the address of a licence.
CKAN_TITLES = {
    "https://creativecommons.org/licenses/by/4.0/": "Creative Commons Attribution",
    "http://creativecommons.org/licenses/by/4.0/deed.da": "Creative Commons Attribution",
    "https://creativecommons.org/licenses/by/4.0/legalcode": "Creative Commons Attribution",
    "https://creativecommons.org/licenses/by-sa/4.0/": "Creative Commons Attribution Share-Alike",
    "https://creativecommons.org/publicdomain/zero/1.0/": "Creative Commons CCZero",
    "https://opendatacommons.org/licenses/odbl/1-0/": (
        "Open Data Commons Open Database License (ODbL)"
    ),
    "https://opendatacommons.org/licenses/by/1-0/": "Open Data Commons Attribution License",
    "https://opendatacommons.org/licenses/pddl/1-0/": (
        "Open Data Commons Public Domain Dedication and License (PDDL)"
    ),
    "https://www.gnu.org/licenses/fdl-1.3.html": "GNU Free Documentation License",
}


@pytest.mark.parametrize("licence", CKAN_TITLES)
def test_a_known_licence_is_the_eu_s_under_the_title_that_ckan_knows(
    model: Model, tmp_path: Path, licence: str
) -> None:
    found = graph(catalog(edition(model, tmp_path, "", licence=licence)))

    (known,) = values(found, f"{IRI}#dump-ttl", DCTERMS.license)
    assert known.startswith(f"{EU}licence/")
    assert values(found, known, DCTERMS.title) == [CKAN_TITLES[licence]]


def test_a_known_licence_says_where_its_text_is(found: rdflib.Graph) -> None:
    assert values(found, f"{EU}licence/CC_BY_4_0", SKOS.exactMatch) == [
        "https://creativecommons.org/licenses/by/4.0/"
    ]


def test_an_unknown_licence_is_kept_as_it_is(model: Model, tmp_path: Path) -> None:
    licence = "https://example.org/harbour-licence"
    found = graph(catalog(edition(model, tmp_path, "", licence=licence)))

    assert values(found, f"{IRI}#dump-ttl", DCTERMS.license) == [licence]
    assert values(found, licence, RDF.type) == [str(DCTERMS.LicenseDocument)]


def test_a_place_that_no_table_has_stands_beside_the_country_around_it(
    model: Model, tmp_path: Path
) -> None:
    found = graph(catalog(edition(model, tmp_path, "place: Lemvig\n")))

    lemvig = "https://w3id.org/expatlod/code/place/665"
    assert values(found, IRI, DCTERMS.spatial) == [f"{EU}country/DNK", lemvig]
    assert values(found, lemvig, RDF.type) == [str(DCTERMS.Location)]
    assert values(found, lemvig, SKOS.prefLabel) == ["Lemvig@da", "Lemvig@en"]


def test_a_kind_without_a_match_has_the_type_of_the_kind_above_it(model: Model) -> None:
    kind = "https://w3id.org/expatlod/code/organisation-kind/interest-organisation"

    assert authorities().concept(model, kind, "http://purl.org/adms/publishertype/") == (
        "http://purl.org/adms/publishertype/NonProfitOrganisation"
    )


def test_what_has_no_match_stands_for_no_concept(model: Model) -> None:
    theme = "https://w3id.org/expatlod/code/theme/housing"

    assert authorities().concept(model, theme, table("data-theme")) == ""


def test_another_profile_gives_a_catalogue_of_what_it_has(release: Edition) -> None:
    """A fleet has a heading, a text about it, rights and a root, and nothing else."""
    model = load(Folder(HERE / "profile"))
    data = {
        "id": "north",
        "type": "Fleet",
        "heading": {"da": "Flåden", "en": "The fleet"},
        "about": {"da": "Skibe.", "en": "Ships."},
        "rights": "https://creativecommons.org/licenses/by/4.0/",
        "root": SITE,
    }
    fleet = Converter(model, SITE).convert(Record("x.yaml", data, lambda: ({}, {})))
    assert not isinstance(fleet, tuple)

    found = graph(catalog(replace(release, model=model, dataset=fleet, publisher=None)))

    assert values(found, fleet.iri, DCTERMS.title) == ["Flåden@da", "The fleet@en"]
    assert values(found, fleet.iri, DCTERMS.publisher) == []
    assert values(found, f"{fleet.iri}#dump-ttl", DCTERMS.license) == [f"{EU}licence/CC_BY_4_0"]


# -- the snapshot


@pytest.fixture(scope="module")
def snapshot() -> ox.Store:
    return graphs.load(default_profile().authorities)


def _typed(snapshot: ox.Store, kind: str) -> list[ox.NamedNode]:
    return [node for node, each in graphs.pairs(snapshot, "rdf:type") if each == kind]


def test_every_concept_has_its_name_in_both_languages_and_a_list(snapshot: ox.Store) -> None:
    poor = [
        concept.value
        for concept in _typed(snapshot, str(SKOS.Concept))
        if set(graphs.texts(snapshot, concept, "skos:prefLabel")) != {"da", "en"}
        or len(graphs.values(snapshot, concept, "skos:inScheme")) != 1
    ]
    assert poor == []


def test_every_list_is_described_and_has_its_title_in_both_languages(snapshot: ox.Store) -> None:
    lists = {other for _, other in graphs.pairs(snapshot, "skos:inScheme")}

    assert {node.value for node in _typed(snapshot, str(SKOS.ConceptScheme))} == lists
    assert [
        each
        for each in lists
        if set(graphs.texts(snapshot, ox.NamedNode(each), "dct:title")) != {"da", "en"}
    ] == []


def test_every_concept_that_a_code_stands_for_is_in_the_snapshot(
    model: Model, snapshot: ox.Store
) -> None:
    described = {node.value for node in _typed(snapshot, str(SKOS.Concept))}

    missing = {
        other
        for match in ("skos:exactMatch", "skos:closeMatch", "skos:broadMatch")
        for _, other in graphs.pairs(model.ontology, match)
        if other.startswith((EU, "http://purl.org/adms/")) and other not in described
    }
    assert missing == set()


def test_the_snapshot_is_no_part_of_the_model(model: Model) -> None:
    assert [
        node
        for node, _ in graphs.pairs(model.ontology, "skos:inScheme")
        if "europa.eu" in str(node)
    ] == []


# -- syntaxes


def _by_rapper(syntax: str, path: Path) -> set[str]:
    done = subprocess.run(
        ["rapper", "-q", "-i", syntax, "-o", "ntriples", str(path)], check=True, capture_output=True
    )
    return _triples(rdflib.Graph().parse(data=done.stdout, format="nt"))


def _by_rdflib(syntax: str, path: Path) -> set[str]:
    return _triples(rdflib.Graph().parse(path, format=syntax))


def _by_pyoxigraph(syntax: str, path: Path) -> set[str]:
    form = ox.RdfFormat.from_media_type(syntax)
    parsed = "".join(f"{quad.triple} .\n" for quad in ox.parse(path.read_bytes(), format=form))
    return _triples(rdflib.Graph().parse(data=parsed, format="nt"))


def _by_pyld(_: str, path: Path) -> set[str]:
    def refuse(address: str, _options: object) -> None:
        raise AssertionError(f"fetches {address}")

    quads = jsonld.to_rdf(
        json.loads(path.read_text("utf-8")),
        {"format": "application/n-quads", "documentLoader": refuse},
    )
    return _triples(rdflib.Graph().parse(data=quads, format="nt"))


def _triples(found: rdflib.Graph) -> set[str]:
    return {f"{s.n3()} {p.n3()} {o.n3()}" for s, p, o in found}


@pytest.mark.parametrize(
    ("ending", "read", "syntax"),
    [
        (".ttl", _by_rdflib, "turtle"),
        (".ttl", _by_pyoxigraph, "text/turtle"),
        (".ttl", _by_rapper, "turtle"),
        (".jsonld", _by_rdflib, "json-ld"),
        (".jsonld", _by_pyoxigraph, "application/ld+json"),
        (".jsonld", _by_pyld, ""),
        (".rdf", _by_rdflib, "xml"),
        (".rdf", _by_pyoxigraph, "application/rdf+xml"),
        (".rdf", _by_rapper, "rdfxml"),
    ],
    ids=lambda each: each.__name__.removeprefix("_by_") if callable(each) else each,
)
def test_each_syntax_holds_the_same_graph_to_every_parser(
    release: Edition,
    tmp_path: Path,
    ending: str,
    read: Callable[[str, Path], set[str]],
    syntax: str,
) -> None:
    lines = catalog(release)
    path = tmp_path / f"catalog{ending}"
    path.write_bytes(written(lines, release.model)[ending])

    assert read(syntax, path) == _triples(graph(lines))


def test_a_syntax_is_the_same_bytes_each_time(release: Edition) -> None:
    lines = catalog(release)

    assert written(lines, release.model) == written(lines, release.model)


@pytest.mark.parametrize("text", ['a "quote" \\ and', "line\nfeed\r\ttab", "<&>]]>", "æ 𝄞 \u202e"])
@pytest.mark.parametrize("ending", [".ttl", ".jsonld", ".rdf"])
def test_odd_characters_come_back_from_every_syntax(
    release: Edition, text: str, ending: str
) -> None:
    literal = ox.Literal(text, language="en")
    line = f"<https://example.org/a> <http://purl.org/dc/terms/title> {literal} ."

    form = {".ttl": "turtle", ".jsonld": "json-ld", ".rdf": "xml"}[ending]
    found = rdflib.Graph().parse(data=written([line], release.model)[ending], format=form)
    assert [str(each) for each in found.objects()] == [text]


# -- the series


def _released(version: str, previous: str, *, site: str = SITE) -> Release:
    manifest = Manifest(
        generator="expatlod",
        version="0",
        dataset=IRI,
        release=version,
        issued=f"{version}T12:00:00Z",
        site=site,
        content="",
        records=1,
        triples=3,
        previous=previous,
        notes={"en": f"What is new in {version}."},
        files=[
            File("dump/harbours.nt.gz", "application/n-triples", 7, "ab", "gzip", 3),
            File("void.ttl", "text/turtle", 7, "cd", triples=3),
        ],
    )
    return Release(Path("x"), manifest)


@pytest.fixture(scope="module")
def chain(release: Edition) -> rdflib.Graph:
    releases = [_released("2025-06-01", ""), _released("2026-01-01", "2025-06-01")]
    return graph(series(release, releases))


OLD, NEW = f"{SITE}releases/2025-06-01/", f"{SITE}releases/2026-01-01/"


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        (DCAT.first, [OLD]),
        (DCAT.last, [NEW]),
        (DCTERMS.title, ["Harbours: releases@en", "Havne: udgaver@da"]),
        (DCTERMS.issued, ["2025-06-01T12:00:00+00:00^^dateTime"]),
        (DCTERMS.modified, ["2026-01-01T12:00:00+00:00^^dateTime"]),
        (DCTERMS.publisher, [f"{SITE}id/organisation/owner"]),
    ],
    ids=["first", "last", "title", "issued", "modified", "publisher"],
)
def test_the_series_says_what_it_is_of(
    chain: rdflib.Graph, predicate: str, expected: list[str]
) -> None:
    assert values(chain, f"{IRI}#releases", predicate) == expected


def test_each_release_is_a_dataset_of_the_series(chain: rdflib.Graph) -> None:
    members = list(chain.subjects(rdflib.URIRef(DCAT.inSeries), None))

    assert sorted(map(str, members)) == sorted([IRI, OLD, NEW])
    assert {str(each) for each in chain.subjects(RDF.type, DCAT.Dataset)} == {IRI, OLD, NEW}


def test_a_release_points_at_the_one_before_it(chain: rdflib.Graph) -> None:
    assert values(chain, NEW, DCAT.previousVersion) == [OLD]
    assert values(chain, OLD, DCAT.previousVersion) == []


def test_a_release_has_its_version_its_notes_and_its_dumps(chain: rdflib.Graph) -> None:
    assert values(chain, OLD, DCAT.version) == ["2025-06-01"]
    assert values(chain, OLD, ADMS.versionNotes) == ["What is new in 2025-06-01.@en"]
    assert values(chain, OLD, DCAT.distribution) == [f"{OLD}#dump-nt-gz"]
    assert values(chain, f"{OLD}#dump-nt-gz", DCAT.downloadURL) == [f"{OLD}dump/harbours.nt.gz"]
    assert values(chain, f"{OLD}#dump-nt-gz", DCAT.byteSize) == ["7^^nonNegativeInteger"]


def test_a_site_that_moved_has_its_old_releases_at_its_new_address(release: Edition) -> None:
    old = _released("2025-06-01", "", site="https://old.example.org/")
    found = graph(series(release, [old, _released("2026-01-01", "2025-06-01")]))

    assert values(found, f"{OLD}#dump-nt-gz", DCAT.downloadURL) == [f"{OLD}dump/harbours.nt.gz"]


# -- what an author writes


def test_each_wrong_value_is_a_finding_at_its_line(expatlod: Command, tmp_path: Path) -> None:
    folder = dataset(tmp_path / "data")
    path = folder / "dataset.yaml"
    wrong = """\
keyword: {da: 'havn, kaj'}
dataTheme: harbours
place: Norden
period: 2009-2014
updateFrequency: en gang imellem
provenance: {da: Kort}
site: https://example.org/data
endpoint: example.org/sparql
"""
    start = len(path.read_text().splitlines())
    path.write_text(path.read_text("utf-8") + wrong, "utf-8")

    done = expatlod("validate", folder, "--format", "json")

    found = json.loads(done.stdout)["findings"]
    lines = {each["line"] - start for each in found}
    assert lines == {1, 2, 3, 4, 5, 6, 7, 8}
    assert done.returncode == 1
