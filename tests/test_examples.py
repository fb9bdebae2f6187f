"""The query examples: their answers, against the sources and a second engine, and their form."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from expatlod.errors import UsageError
from expatlod.examples import Example, Parameter, examples, find, published
from expatlod.namespaces import PREFIXES
from expatlod.query import ask_store, open_store, rows
from expatlod.resources import default_profile
from expatlod.sparql import with_values

if TYPE_CHECKING:
    import rdflib

#: Runs `expatlod` in a process of its own, see conftest.py.
Command = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "https://w3id.org/expatlod/id/project/"
ORGANISATION = "https://w3id.org/expatlod/id/organisation/"
XSD = PREFIXES["xsd"]

# The five initiatives by the short names of the source notes, and the three that they name.
NEW = f"{PROJECT}newcomers-samarbejde-paa-tvaers"
LEM = f"{PROJECT}working-in-lemvig"
EXD = f"{PROJECT}expat-dinner"
COM = f"{PROJECT}come-and-stay"
VEL = f"{PROJECT}velkomstcentre"
BEFORE_NEW = f"{PROJECT}projekt-newcomers"
ABOVE_LEM = f"{PROJECT}modtagelse-og-fastholdelse-region-midtjylland"
AFTER_LEM = f"{PROJECT}lemvig-nyt-projekt"

SHIPPED = examples(ROOT / "data/queries")
NUMBERS = [each.name[:2] for each in SHIPPED]


@pytest.fixture(scope="module")
def store(release: Path) -> ox.Store:
    return open_store(release, default_profile())


@pytest.fixture(scope="module")
def graph(release: Path) -> rdflib.Graph:
    """The same data in an engine by others."""
    import rdflib

    graph = rdflib.Graph()
    for path in release.glob("dump/*.nt"):
        graph.parse(path, format="nt")
    for path in release.glob("ontology/**/*.ttl"):
        graph.parse(path, format="turtle")
    return graph


def answer(store: ox.Store, example: Example, **given: str) -> list[list[str]]:
    found = ask_store(store, example.text, bindings=example.bindings(given))
    assert isinstance(found, ox.QuerySolutions)
    return rows(found)


def columns(table: list[list[str]] | None, *names: str) -> list[tuple[str, ...]]:
    assert table is not None
    at = [table[0].index(name) for name in names]
    return [tuple(row[each] for each in at) for row in table[1:]]


def expected(number: str, *names: str) -> list[tuple[str, ...]]:
    return columns(find(ROOT / "data/queries", number).expected(), *names)


# -- what is shipped


def test_there_are_23_examples_in_order() -> None:
    assert [f"{number:02}" for number in range(1, 24)] == NUMBERS


@pytest.mark.parametrize("example", SHIPPED, ids=NUMBERS)
def test_an_example_explains_itself_in_both_languages(example: Example) -> None:
    assert [sorted(text) for text in (example.summary, example.description)] == [["da", "en"]] * 2
    assert [text for text in example.summary.values() if not text.endswith("?")] == []
    assert [text for text in example.description.values() if not text.endswith(".")] == []


@pytest.mark.parametrize("example", SHIPPED, ids=NUMBERS)
def test_an_example_has_tags(example: Example) -> None:
    assert example.tags
    assert [tag for tag in example.tags if tag != tag.strip() or not tag] == []


def test_three_examples_have_parameters() -> None:
    found = {each.name[:2]: [one.name for one in each.parameters] for each in SHIPPED}

    assert {number: names for number, names in found.items() if names} == {
        "01": ["place"],
        "08": ["date"],
        "10": ["year"],
    }


@pytest.mark.parametrize(
    "parameter",
    [parameter for each in SHIPPED for parameter in each.parameters],
    ids=lambda parameter: parameter.name,
)
def test_a_parameter_explains_itself_in_both_languages(parameter: Parameter) -> None:
    assert sorted(parameter.help) == ["da", "en"]


# -- two engines


@pytest.mark.parametrize("example", SHIPPED, ids=NUMBERS)
def test_oxigraph_gives_the_expected_answer(store: ox.Store, example: Example) -> None:
    assert answer(store, example) == example.expected()


@pytest.mark.parametrize("example", SHIPPED, ids=NUMBERS)
def test_rdflib_gives_the_expected_answer(graph: rdflib.Graph, example: Example) -> None:
    result = graph.query(with_values(example.text, example.bindings({})))

    assert result.vars is not None
    found = [[_comparable(cell) for cell in row] for row in result]
    wanted = example.expected()
    assert wanted is not None
    assert [str(variable) for variable in result.vars] == wanted[0]
    assert found == [[_comparable(cell) for cell in row] for row in wanted[1:]]


def _comparable(cell: object) -> Decimal | str:
    """Return a number for what is one: engines write 12 and 12.0 alike."""
    text = "" if cell is None else str(cell)
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


# -- the answers and the facts of the source pages, worked out by hand from the notes on them


def test_01_gentofte_is_in_two_initiatives() -> None:
    assert set(expected("01", "project")) == {(NEW,), (EXD,)}


def test_02_names_22_municipalities() -> None:
    wanted = {
        NEW: {"461", "561", "101", "265", "791", "756", "147", "630", "157"},
        LEM: {"665"},
        EXD: {"157"},
        COM: {"370", "390", "376"},
        VEL: {"846", "820", "860", "825", "773", "787", "849", "840", "851"},
    }

    found = expected("02", "project", "code")

    assert sorted(found) == sorted(
        (project, code) for project, codes in wanted.items() for code in codes
    )
    assert len({code for _, code in found}) == 22


def test_03_regions_are_reached_2_2_1_2_1_times() -> None:
    assert dict(expected("03", "code", "initiatives")) == {
        "1084": "2",
        "1085": "2",
        "1083": "1",
        "1082": "2",
        "1081": "1",
    }


def test_04_the_social_fund_gave_a_share_and_a_part_of_a_pool() -> None:
    found = expected("04", "project", "share", "minimum", "maximum", "currency", "unsplit")

    assert sorted(found) == sorted(
        [
            (LEM, "50", "", "", "", ""),
            (VEL, "", "15000000", "15000000", "DKK", "true"),
            (ABOVE_LEM, "", "", "", "", ""),
        ]
    )


def test_05_one_initiative_states_budget_and_grant() -> None:
    found = expected("05", "project", "what", "minimum", "maximum", "currency", "precision")

    assert sorted(found) == [
        (VEL, "budget", "20000000", "20000000", "DKK", "Approximately"),
        (VEL, "grant", "15000000", "15000000", "DKK", "Approximately"),
    ]


def test_06_two_initiatives_had_money_from_a_ministry() -> None:
    assert sorted(expected("06", "project", "ministry", "otherSourceSays")) == [
        (COM, "Ministry of Integration", ""),
        (NEW, "Ministry of Employment", "Ministry of Integration"),
    ]


def test_07_two_initiatives_had_working_time() -> None:
    assert sorted(expected("07", "project", "funder", "share")) == [
        (VEL, "", ""),
        (LEM, "Lemvig Municipality", "25"),
    ]


def test_08_three_were_surely_active_and_one_possibly() -> None:
    assert sorted(expected("08", "project", "certainty")) == sorted(
        [(NEW, "surely"), (EXD, "surely"), (VEL, "surely"), (COM, "possibly")]
    )


def test_09_one_start_is_unknown() -> None:
    assert expected("09", "project", "latestEnd") == [(COM, "2012-12-31")]


def test_10_two_ended_in_2012_on_known_days() -> None:
    assert expected("10", "project", "firstPossibleDay", "lastPossibleDay") == [
        (NEW, "2012-06-30", "2012-06-30"),
        (COM, "2012-12-31", "2012-12-31"),
    ]


def test_11_one_predecessor_and_one_umbrella_are_named() -> None:
    found = expected("11", "project", "relation", "other")

    assert set(found) == {
        (NEW, "follows", BEFORE_NEW),
        (LEM, "is part of", ABOVE_LEM),
        (AFTER_LEM, "follows", LEM),
    }


def test_12_three_initiatives_were_followed_up() -> None:
    assert set(expected("12", "project", "kind", "actor")) == {
        (LEM, "Limited continuation", "Lemvig Municipality"),
        (LEM, "Anchored", "The Integration Network"),
        (LEM, "Anchored", "The Newcomer Network"),
        (LEM, "Successor planned", "Growth Forum of the Central Denmark Region"),
        (EXD, "Anchored", ""),
        (EXD, "Local continuation", "Gentofte Libraries"),
        (EXD, "Discontinued", "State and University Library"),
        (COM, "Continued", "Næstved Language and Integration Centre"),
        (COM, "Continued", "Guldborgsund Municipality"),
    }


def test_13_participants_are_409_and_471_to_571_and_500() -> None:
    assert sorted(expected("13", "project", "atLeast", "atMost")) == sorted(
        [
            (LEM, str(69 + 90 + 250), str(69 + 90 + 250)),
            (COM, str(21 + 200 + 250), str(21 + 250 + 300)),
            (EXD, "500", "500"),
        ]
    )


def test_14_the_largest_event_was_a_dinner() -> None:
    assert expected("14", "project", "participants", "precision", "lastPossibleDay") == [
        (EXD, "500", "Approximately", "2012-12-06"),
        (LEM, "250", "Exact", ""),
        (LEM, "90", "Exact", "2010-12-31"),
    ]


def test_15_twelve_mentor_courses_met_their_target() -> None:
    assert sorted(expected("15", "project", "courses", "target", "status")) == [
        (COM, "12", "12", ""),
        (VEL, "", "", "Planned"),
    ]


def test_16_guides_came_in_four_languages() -> None:
    assert sorted(expected("16", "project", "languageTag", "interpreting")) == [
        (COM, "da", ""),
        (COM, "de", ""),
        (COM, "en", ""),
        (COM, "pl", ""),
        (VEL, "en", ""),
        (LEM, "", "true"),
    ]


def test_17_two_initiatives_address_families_as_such() -> None:
    found = expected("17", "project", "where")

    assert {project for project, where in found if where == "initiative"} == {LEM, COM}
    assert {project for project, _ in found} == {LEM, COM, NEW, VEL, AFTER_LEM}


def test_18_three_organisations_are_in_several_initiatives() -> None:
    found = set(expected("18", "organisation", "project", "role"))

    assert found == {
        (f"{ORGANISATION}statsbiblioteket", NEW, "Lead"),
        (f"{ORGANISATION}statsbiblioteket", EXD, "Lead"),
        (f"{ORGANISATION}statsbiblioteket", EXD, "Coordinator"),
        (f"{ORGANISATION}foreningen-nydansker", NEW, "Participant"),
        (f"{ORGANISATION}foreningen-nydansker", COM, "Partner"),
        (f"{ORGANISATION}den-europaeiske-socialfond", LEM, "Funder"),
        (f"{ORGANISATION}den-europaeiske-socialfond", VEL, "Funder"),
        (f"{ORGANISATION}den-europaeiske-socialfond", ABOVE_LEM, "Funder"),
    }


def test_19_one_initiative_has_four_consortia() -> None:
    groups: dict[str, set[str]] = {}
    for project, consortium, code in expected("19", "project", "consortium", "code"):
        assert project == VEL
        groups.setdefault(consortium, set()).add(code)

    assert sorted(map(sorted, groups.values())) == [
        ["773", "787"],
        ["820", "846"],
        ["825", "860"],
        ["840", "849", "851"],
    ]


def test_20_two_initiatives_learned_about_companies() -> None:
    found = expected("20", "project", "what", "number", "precision")

    assert {project for project, *_ in found} == {NEW, VEL}
    assert [row for row in found if row[2]] == [
        (NEW, "lesson", "19", "Exact"),
        (VEL, "result", "400", "Approximately"),
        (VEL, "result", "1000", "Approximately"),
    ]


def test_21_four_of_five_pages_have_a_status_date() -> None:
    assert sorted(expected("21", "pageTitle", "statusDate")) == [
        ("Come & Stay!", "2014-01"),
        ("Expats og danskere mødes på biblioteket", ""),
        ("Projekt Newcomers – samarbejde på tværs", "2014-01"),
        ("Velkomstcentre - live and work in North Denmark", "2014-08"),
        ("Working in Lemvig", "2012-08"),
    ]


def test_22_six_values_are_approximate() -> None:
    found = expected("22", "project", "minimum", "maximum", "per", "precision")

    assert sorted(found) == sorted(
        [
            (EXD, "500", "500", "", "Approximately"),
            (VEL, "20000000", "20000000", "", "Approximately"),
            (VEL, "15000000", "15000000", "", "Approximately"),
            (VEL, "400", "400", "", "Approximately"),
            (VEL, "1000", "1000", "", "Approximately"),
            (VEL, "5", "7", "Week", "Estimated"),
        ]
    )


def test_23_a_good_example_has_four_reasons() -> None:
    assert expected("23", "project", "number") == [(EXD, str(number)) for number in (1, 2, 3, 4)]


# -- parameters


@pytest.mark.parametrize("name", ["08", "10"])
def test_the_default_in_the_query_is_that_of_the_head(store: ox.Store, name: str) -> None:
    example = find(ROOT / "data/queries", name)

    bare = ask_store(store, example.text)

    assert isinstance(bare, ox.QuerySolutions)
    wanted = [row[:-1] for row in example.expected() or []]
    assert [row[:-1] for row in rows(bare)] == wanted


@pytest.mark.parametrize(
    ("code", "projects"),
    [("265", [NEW]), ("376", [COM]), ("851", [VEL]), ("810", [])],
    ids=["roskilde", "guldborgsund", "aalborg", "nowhere"],
)
def test_another_municipality_can_be_asked_for(
    store: ox.Store, code: str, projects: list[str]
) -> None:
    place = f"<https://w3id.org/expatlod/code/place/{code}>"

    found = answer(store, find(ROOT / "data/queries", "01"), place=place)

    assert columns(found, "project") == [(project,) for project in projects]


@pytest.mark.parametrize(
    ("year", "found"),
    [
        ("2011", [(LEM, "2011-01-01", "2011-12-31")]),
        ("2013", [(EXD, "2013-01-01", "2013-12-31")]),
        ("2014", [(VEL, "2014-01-31", "2014-01-31")]),
        ("2010", []),
    ],
)
def test_another_year_can_be_asked_for(
    store: ox.Store, year: str, found: list[tuple[str, ...]]
) -> None:
    table = answer(store, find(ROOT / "data/queries", "10"), year=f'"{year}"^^<{XSD}integer>')

    assert columns(table, "project", "firstPossibleDay", "lastPossibleDay") == found


@pytest.mark.parametrize(
    ("date", "found"),
    [
        ("2009-06-01", [(COM, "possibly"), (LEM, "possibly")]),
        ("2010-10-01", [(EXD, "possibly"), (VEL, "possibly"), (COM, "possibly"), (LEM, "surely")]),
        ("2013-06-01", [(VEL, "surely"), (EXD, "possibly")]),
        ("2014-01-31", [(VEL, "surely")]),
        ("2014-02-01", []),
    ],
)
def test_another_day_can_be_asked_for(
    store: ox.Store, date: str, found: list[tuple[str, ...]]
) -> None:
    table = answer(store, find(ROOT / "data/queries", "08"), date=f'"{date}"^^<{XSD}date>')

    assert sorted(columns(table, "project", "certainty")) == sorted(found)


@pytest.mark.parametrize(
    ("name", "given", "found"),
    [("10", {"year": "2011"}, [(LEM,)]), ("08", {"date": "2014-01-31"}, [(VEL,)])],
    ids=["year", "date"],
)
def test_a_bare_value_is_of_the_type_of_the_default(
    store: ox.Store, name: str, given: dict[str, str], found: list[tuple[str, ...]]
) -> None:
    table = answer(store, find(ROOT / "data/queries", name), **given)

    assert columns(table, "project") == found


def test_an_empty_value_leaves_the_parameter_open(store: ox.Store) -> None:
    table = answer(store, find(ROOT / "data/queries", "01"), place="")

    assert {NEW, LEM, EXD, COM, VEL} <= {project for (project,) in columns(table, "project")}


def test_an_unknown_parameter_is_named_with_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        find(ROOT / "data/queries", "08").bindings({"day": "2012-06-01"})

    assert str(caught.value) == "08-active-on-a-day has no parameter 'day'; its parameters: date"


def test_a_parameter_of_an_example_without_any_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        find(ROOT / "data/queries", "09").bindings({"day": "2012-06-01"})

    assert str(caught.value) == "09-unknown-start has no parameter 'day'; its parameters: none"


# -- the published form

#: The rules of the SPARQL-examples convention, as shapes.
CONVENTION = """
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix spex: <https://purl.expasy.org/sparql-examples/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <urn:test:> .

:Executable a sh:NodeShape ;
  sh:targetClass sh:SPARQLExecutable ;
  sh:targetSubjectsOf sh:select, sh:ask, sh:construct, spex:describe ;
  sh:class sh:SPARQLExecutable ;
  sh:nodeKind sh:IRI ;
  sh:xone (
    [ sh:class sh:SPARQLSelectExecutable ; sh:property [ sh:path sh:select ; sh:minCount 1 ] ]
    [ sh:class sh:SPARQLAskExecutable ; sh:property [ sh:path sh:ask ; sh:minCount 1 ] ]
    [ sh:class sh:SPARQLConstructExecutable ; sh:property [ sh:path sh:construct ; sh:minCount 1 ] ]
    [ sh:class spex:SPARQLDescribeExecutable ;
      sh:property [ sh:path spex:describe ; sh:minCount 1 ] ]
  ) ;
  sh:property
    [ sh:path [ sh:alternativePath ( sh:select sh:ask sh:construct spex:describe ) ] ;
      sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:string ] ,
    [ sh:path rdfs:comment ; sh:minCount 1 ;
      sh:or ( [ sh:datatype rdf:langString ] [ sh:datatype rdf:HTML ] ) ] ,
    [ sh:path schema:target ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ,
    [ sh:path schema:keywords ; sh:pattern "^[^ ](.*[^ ])?$" ] ,
    [ sh:path schema:keyword ; sh:maxCount 0 ] ,
    [ sh:path schema:keyowrds ; sh:maxCount 0 ] ,
    [ sh:path spex:federatesWith ; sh:nodeKind sh:IRI ] ,
    [ sh:path sh:prefixes ; sh:class owl:Ontology ] .

:Prefixes a sh:NodeShape ;
  sh:targetObjectsOf sh:prefixes ;
  sh:property [ sh:path sh:declare ; sh:minCount 1 ; sh:node [
    sh:property
      [ sh:path sh:prefix ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:string ] ,
      [ sh:path sh:namespace ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:anyURI ] ] ] .
"""


def convention_faults(turtle: str) -> set[str]:
    """Return the properties at fault by the convention, empty when it conforms."""
    import pyshacl
    import rdflib

    conforms, report, _ = pyshacl.validate(
        rdflib.Graph().parse(data=turtle, format="turtle"),
        shacl_graph=rdflib.Graph().parse(data=CONVENTION, format="turtle"),
    )
    assert isinstance(report, rdflib.Graph)
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    faults = {
        str(report.value(node, sh.sourceConstraintComponent)).rpartition("#")[2]
        for node in report.subjects(rdflib.RDF.type, sh.ValidationResult)
    }
    assert conforms is not bool(faults)
    return faults


def test_the_published_examples_follow_the_convention(release: Path) -> None:
    assert convention_faults((release / "queries/examples.ttl").read_text("utf-8")) == set()


ONE = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<urn:e:1> a sh:SPARQLExecutable, sh:SPARQLSelectExecutable ;
  rdfs:comment "Which boats are there?"@en ;
  sh:prefixes <urn:e:prefixes> ;
  sh:select "SELECT * { ?boat a ?kind }" ;
  schema:keywords "boat" ;
  schema:target <https://example.org/sparql> .
<urn:e:prefixes> a owl:Ontology ; sh:declare <urn:e:prefixes#e> .
<urn:e:prefixes#e> sh:prefix "e" ; sh:namespace "urn:e:"^^xsd:anyURI .
"""


def test_the_rules_of_the_convention_pass_a_good_example() -> None:
    assert convention_faults(ONE) == set()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('rdfs:comment "Which boats are there?"@en', "rdfs:label 1", "MinCount"),
        ('"Which boats are there?"@en', '"Which boats are there?"', "Or"),
        ("schema:target <https", "schema:url <https", "MinCount"),
        ("<https://example.org/sparql>", '"https://example.org/sparql"', "NodeKind"),
        ('"boat"', '" boat"', "Pattern"),
        ("schema:keywords", "schema:keyowrds", "MaxCount"),
        ("schema:keywords", "schema:keyword", "MaxCount"),
        ("sh:SPARQLSelectExecutable", "sh:SPARQLAskExecutable", "Xone"),
        ("sh:select", 'sh:ask "ASK {}" ; sh:select', "MaxCount"),
        ("a sh:SPARQLExecutable, ", "a ", "Class"),
        ('"urn:e:"^^xsd:anyURI', '"urn:e:"', "Node"),
    ],
    ids=[
        "no-comment",
        "no-language",
        "no-target",
        "target-as-text",
        "keyword-with-space",
        "keyowrds",
        "keyword",
        "other-form",
        "two-forms",
        "no-executable",
        "namespace-as-text",
    ],
)
def test_the_rules_of_the_convention_catch_a_fault(old: str, new: str, fault: str) -> None:
    assert f"{fault}ConstraintComponent" in convention_faults(ONE.replace(old, new))


@pytest.fixture(scope="module")
def catalog(release: Path) -> ox.Store:
    """The published examples."""
    store = ox.Store()
    store.bulk_load(path=str(release / "queries/examples.ttl"), format=ox.RdfFormat.TURTLE)
    return store


def _published(catalog: ox.Store) -> Iterator[tuple[str, str]]:
    for quad in catalog.quads_for_pattern(None, ox.NamedNode(PREFIXES["sh"] + "select"), None):
        assert isinstance(quad.subject, ox.NamedNode)
        assert isinstance(quad.object, ox.Literal)
        yield quad.subject.value, quad.object.value


def test_every_example_is_published_under_its_name(catalog: ox.Store) -> None:
    base = "https://w3id.org/expatlod/query/"

    assert sorted(iri for iri, _ in _published(catalog)) == [
        f"{base}{each.name}" for each in SHIPPED
    ]


def test_a_published_query_gives_the_same_projects(catalog: ox.Store, store: ox.Store) -> None:
    # The place of 01 has no default in the query itself; the columns of the parameters are last.
    for iri, text in _published(catalog):
        example = find(ROOT / "data/queries", iri.rpartition("/")[2])
        found = ask_store(store, text)
        assert isinstance(found, ox.QuerySolutions)
        table, wanted = rows(found), example.expected()
        assert wanted is not None
        if example.name.startswith("01"):
            assert {tuple(row) for row in wanted} < {tuple(row) for row in table}
        elif example.parameters:
            assert [row[:-1] for row in table] == [row[:-1] for row in wanted]
        else:
            assert table == wanted


def test_the_question_is_published_in_both_languages(catalog: ox.Store) -> None:
    iri = ox.NamedNode("https://w3id.org/expatlod/query/23-good-example-reasons")
    comment = ox.NamedNode(PREFIXES["rdfs"] + "comment")

    found = [quad.object for quad in catalog.quads_for_pattern(iri, comment, None)]

    assert sorted(str(each).split("\\n") for each in found) == [
        [
            '"Hvorfor er en side et godt eksempel?',
            "",
            'Begrundelserne står i sidens egen rækkefølge."@da',
        ],
        ['"Why is a page a good example?', "", 'The reasons are in the order of the page."@en'],
    ]


@pytest.mark.parametrize(
    ("text", "property"),
    [
        ("SELECT * { ?s ?p ?o }", "sh:select"),
        ("PREFIX e: <urn:e:>\n# ask\nconstruct { ?s ?p ?o } where { ?s ?p ?o }", "sh:construct"),
        ("PREFIX e: <urn:e:> CONSTRUCT WHERE { ?s ?p ?o }", "sh:construct"),
        ("ASK{ ?s ?p ?o }", "sh:ask"),
        ("ASK\n{ ?s ?p ?o }", "sh:ask"),
        ("BASE <urn:e:> DESCRIBE <x>", "spex:describe"),
        ("DESCRIBE\t<urn:a:b>", "spex:describe"),
        ("PREFIX ask: <urn:e:>\nSELECT *\n{ ?s ?p ?o }", "sh:select"),
    ],
    ids=[
        "select",
        "lower-case-after-comment",
        "construct-behind-the-prefix",
        "ask-without-space",
        "ask-alone",
        "describe-behind-the-base",
        "describe-and-tab",
        "prefix",
    ],
)
def test_an_example_is_published_as_the_form_it_is(
    tmp_path: Path, text: str, property: str
) -> None:
    (tmp_path / "01-a.rq").write_text(f"#+ summary: Which?\n{text}\n")

    turtle = published(examples(tmp_path), "https://example.org/", "https://example.org/sparql", {})

    forms = {"sh:select", "sh:ask", "sh:construct", "spex:describe"}
    assert forms & set(turtle.decode().split()) == {property}


# -- examples that are not right


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one example, and a dump for it to ask."""
    folder = tmp_path / "q"
    folder.mkdir()
    (folder / "01-boats.rq").write_text(
        "#+ summary:\n#+   da: Hvilke både er der?\n#+   en: Which boats are there?\n\n"
        "SELECT ?boat ?crew WHERE { ?boat <urn:e:crew> ?crew } ORDER BY ?boat ?crew\n",
        "utf-8",
    )
    (folder / "01-boats.csv").write_text("boat,crew\nurn:e:a,2\nurn:e:b,3\n")
    (tmp_path / "boats.nt").write_text(
        '<urn:e:a> <urn:e:crew> "2" .\n<urn:e:b> <urn:e:crew> "3" .\n'
    )
    return folder


CHECK = ("query", "check", "--queries", "q", "--data", "boats.nt")


def test_an_example_with_the_answer_expected_agrees(expatlod: Command, folder: Path) -> None:
    result = expatlod(*CHECK)

    assert result.stdout == "01-boats: ok\n"
    assert (result.stderr, result.returncode) == ("1 of 1 agree\n", 0)


def test_an_answer_expected_with_crlf_agrees(expatlod: Command, folder: Path) -> None:
    (folder / "01-boats.csv").write_bytes(b"boat,crew\r\nurn:e:a,2\r\nurn:e:b,3\r\n")

    assert expatlod(*CHECK).stdout == "01-boats: ok\n"


def test_a_changed_answer_is_shown_row_by_row(expatlod: Command, folder: Path) -> None:
    (folder / "01-boats.csv").write_text("boat,crew\nurn:e:a,2\nurn:e:b,4\nurn:e:c,5\n")

    result = expatlod(*CHECK)

    assert result.stdout == (
        "01-boats: differs (- expected, + found)\n  - urn:e:b,4\n  - urn:e:c,5\n  + urn:e:b,3\n"
    )
    assert (result.stderr, result.returncode) == ("0 of 1 agree\n", 1)


def test_a_changed_order_is_told(expatlod: Command, folder: Path) -> None:
    (folder / "01-boats.csv").write_text("boat,crew\nurn:e:b,3\nurn:e:a,2\n")

    result = expatlod(*CHECK)

    assert result.stdout == ("01-boats: differs (- expected, + found)\n  the order of the rows\n")
    assert (result.stderr, result.returncode) == ("0 of 1 agree\n", 1)


def test_a_row_expected_twice_is_shown(expatlod: Command, folder: Path) -> None:
    (folder / "01-boats.csv").write_text("boat,crew\nurn:e:a,2\nurn:e:a,2\nurn:e:b,3\n")

    result = expatlod(*CHECK)

    assert result.stdout == "01-boats: differs (- expected, + found)\n  - urn:e:a,2\n"


def test_a_changed_name_of_a_column_is_shown(expatlod: Command, folder: Path) -> None:
    (folder / "01-boats.csv").write_text("ship,crew\nurn:e:a,2\nurn:e:b,3\n")

    assert expatlod(*CHECK).stdout == (
        "01-boats: differs (- expected, + found)\n  - ship,crew\n  + boat,crew\n"
    )


def test_an_example_without_expected_answer_does_not_agree(expatlod: Command, folder: Path) -> None:
    (folder / "01-boats.csv").unlink()

    result = expatlod(*CHECK)

    assert result.stdout == "01-boats: no expected answer; write q/01-boats.csv\n"
    assert (result.stderr, result.returncode) == ("0 of 1 agree\n", 1)


def test_an_example_that_is_no_select_does_not_agree(expatlod: Command, folder: Path) -> None:
    (folder / "01-boats.rq").write_text("#+ summary: Any?\nASK { }\n")

    result = expatlod(*CHECK)

    assert result.stdout == "01-boats: not a SELECT query, so there are no rows to compare\n"
    assert (result.stderr, result.returncode) == ("0 of 1 agree\n", 1)


def test_an_example_that_cannot_be_answered_is_named(expatlod: Command, folder: Path) -> None:
    (folder / "01-boats.rq").write_text("#+ summary: Which?\nSELECT ?boat WHERE\n")

    result = expatlod(*CHECK)

    assert "01-boats" in result.stdout + result.stderr
    assert result.returncode != 0


def test_an_example_after_one_that_cannot_be_answered_is_checked(
    expatlod: Command, folder: Path
) -> None:
    shutil.copy(folder / "01-boats.rq", folder / "02-ships.rq")
    shutil.copy(folder / "01-boats.csv", folder / "02-ships.csv")
    (folder / "01-boats.rq").write_text("#+ summary: Which?\nSELECT ?boat WHERE\n")

    result = expatlod(*CHECK)

    assert result.stdout.splitlines()[-1] == "02-ships: ok"


def test_a_head_with_a_key_twice_is_told_with_its_place(expatlod: Command, folder: Path) -> None:
    (folder / "01-boats.rq").write_text(
        "#+ summary:\n#+   da: Både\n#+   da: Skibe\nSELECT * { }\n", "utf-8"
    )

    result = expatlod("query", "list", "--queries", "q")

    assert result.stderr == ("expatlod: q/01-boats.rq:3:6: 'da' stands twice; keep one of them\n")
    assert (result.stdout, result.returncode) == ("", 2)


def test_a_head_that_is_broken_yaml_is_told_with_its_line(expatlod: Command, folder: Path) -> None:
    (folder / "01-boats.rq").write_text("#+ summary: a\n#+ tags: [a, b: {\nSELECT * { }\n")

    result = expatlod("query", "list", "--queries", "q")

    (line,) = result.stderr.splitlines()
    assert line.startswith(("expatlod: q/01-boats.rq:2:", "expatlod: q/01-boats.rq:3:"))
    assert (result.stdout, result.returncode) == ("", 2)


def test_an_example_that_is_not_utf8_is_named(expatlod: Command, folder: Path) -> None:
    (folder / "01-boats.rq").write_bytes("#+ summary: Både\nSELECT * { }\n".encode("latin-1"))

    result = expatlod("query", "list", "--queries", "q")

    (line,) = result.stderr.splitlines()
    assert line.startswith("expatlod: q/01-boats.rq")
    assert (result.stdout, result.returncode) == ("", 2)


def test_an_expected_answer_that_is_not_utf8_is_named(expatlod: Command, folder: Path) -> None:
    (folder / "01-boats.csv").write_bytes("båd,crew\n".encode("latin-1"))

    result = expatlod(*CHECK)

    assert "q/01-boats.csv" in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_an_example_without_a_head_is_not_called_empty(expatlod: Command, folder: Path) -> None:
    (folder / "01-boats.rq").write_text("# A comment is no head.\nSELECT * { }\n")

    result = expatlod("query", "list", "--queries", "q")

    (line,) = result.stderr.splitlines()
    assert line.startswith("expatlod: q/01-boats.rq")
    assert "empty" not in line
    assert (result.stdout, result.returncode) == ("", 2)


def test_a_missing_folder_is_named(expatlod: Command) -> None:
    result = expatlod("query", "list", "--queries", "nowhere")

    assert result.stderr.splitlines()[-1] == (
        "Error: Invalid value for '--queries': Directory 'nowhere' does not exist."
    )
    assert (result.stdout, result.returncode) == ("", 2)


def test_a_place_without_examples_is_told(expatlod: Command) -> None:
    result = expatlod("query", "list")

    assert result.stderr == ("expatlod: no query examples here; name their folder with --queries\n")
    assert (result.stdout, result.returncode) == ("", 2)


def test_an_empty_folder_is_named(expatlod: Command, tmp_path: Path) -> None:
    (tmp_path / "q").mkdir()

    result = expatlod("query", "list", "--queries", "q")

    assert result.stderr == (
        "expatlod: q: no query examples (*.rq) here; name a folder with --queries\n"
    )
    assert result.returncode == 2


def test_an_unknown_name_is_told(expatlod: Command, folder: Path) -> None:
    result = expatlod("query", "show", "ships", "--queries", "q")

    assert result.stderr == (
        "expatlod: no query example 'ships'; 'expatlod query list' shows them all\n"
    )
    assert (result.stdout, result.returncode) == ("", 2)


@pytest.mark.parametrize("name", ["01-boats", "01-boats.rq", "01", "1", "boats"])
def test_an_example_is_found_by_name_number_or_words(folder: Path, name: str) -> None:
    assert find(folder, name).name == "01-boats"


def test_a_number_that_fits_two_examples_is_refused_with_both(
    expatlod: Command, folder: Path
) -> None:
    shutil.copy(folder / "01-boats.rq", folder / "01-ships.rq")

    result = expatlod("query", "show", "1", "--queries", "q")

    (line,) = result.stderr.splitlines()
    assert [name for name in ("01-boats", "01-ships") if name in line] == ["01-boats", "01-ships"]
    assert (result.stdout, result.returncode) == ("", 2)


def test_a_whole_name_is_found_beside_one_with_its_number(folder: Path) -> None:
    shutil.copy(folder / "01-boats.rq", folder / "01-a.rq")

    assert find(folder, "01-boats").name == "01-boats"


def test_an_example_is_shown_as_it_is(expatlod: Command, folder: Path) -> None:
    result = expatlod("query", "show", "1", "--queries", "q")

    assert result.stdout == (folder / "01-boats.rq").read_text("utf-8")
    assert (result.stderr, result.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("lang", "question"), [("da", "Hvilke både er der?"), ("en", "Which boats are there?")]
)
def test_examples_are_listed_in_one_language(
    expatlod: Command, folder: Path, lang: str, question: str
) -> None:
    result = expatlod("query", "list", "--queries", "q", "--lang", lang)

    assert result.stdout == f"01-boats  {question}\n"
