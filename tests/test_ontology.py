"""The ontology, its alignments and the codelists: complete, true to the standards, unambiguous."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from expatlod.profile import Model

ROOT = Path(__file__).resolve().parent.parent
MUNICIPALITIES = ROOT.parent / "shared" / "data" / "municipalities.csv"

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "cids": "https://ontology.commonapproach.org/cids#",
    "code": "https://w3id.org/expatlod/code/",
    "cpsv": "http://purl.org/vocab/cpsv#",
    "cv": "http://data.europa.eu/m8g/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "dg": "https://w3id.org/dingo#",
    "edtf": "http://id.loc.gov/datatypes/edtf/",
    "eurio": "http://data.europa.eu/s66#",
    "expat": "https://w3id.org/expatlod/ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "frapo": "http://purl.org/cerif/frapo/",
    "nuts": "http://data.europa.eu/nuts/code/",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "place": "https://w3id.org/expatlod/code/place/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rec": "https://w3id.org/expatlod/record#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vann": "http://purl.org/vocab/vann/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "vivo": "http://vivoweb.org/ontology/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

#: The notations of each codelist, in kebab-case. The first seven are those agreed for the domain
#: (target group to indicator); `family-member` is there as the broader of `spouse` and `family`.
NOTATIONS = {
    "target-group": """foreign-worker high-skilled family-member spouse family
        international-student newcomer refugee danish-colleague citizen volunteer company
        public-workplace municipality authority library cultural-institution association
        business-organisation union company-network other-region policy-maker""",
    "activity-type": """seminar info-meeting social-event shared-meal network-meeting mentoring
        host-matching language-course language-cafe job-course mentor-training manager-training
        one-stop-shop hotline cv-bank advice welcome-package guide website online-community fair
        company-visit leisure-course reading-club knowledge-sharing survey evaluation advocacy
        recruitment""",
    "funding-source": """esf state ministry agency competitive-pool region growth-forum
        municipality partner-cash in-kind company foundation participant-fee unspecified""",
    "role": """lead coordinator partner consortium-member funder operator participant host
        presenter contact continuer initiator evaluator""",
    "status": "planned active completed continued anchored discontinued permanent unknown",
    "theme": """employment partner-job social-network citizenship language culture leisure housing
        tax schooling public-service recruitment retention reception education entrepreneurship
        health recognition branding""",
    "indicator": """participants events courses trained matches publications companies surveyed
        enquiries jobs satisfaction retention-intent capacity frequency members
        municipalities-covered""",
    "initiative-kind": "project programme network service company-scheme concept pilot",
    "rank": "primary secondary further end-target unranked",
    "nature": "measured estimated target expected provisional background not-measured",
    "qualifier": "exact approx estimate at-least at-most more-than almost",
    "scope": "per-event together per-person",
    "time-unit": "event day week month quarter year",
    "basis": "stated derived",
    "fee": "free charged",
    "extent-relation": "covers part-of held-in",
    "page-kind": "initiative good-example news website report",
    "evaluation-kind": "baseline mid-term final none",
    "follow-up-kind": """continued limited-continuation anchored successor-planned
        local-continuation discontinued""",
    "place-kind": "country region statistical-area municipality",
    "data-theme": "agri econ educ ener envi gove heal intr just regi soci tech tran",
    "update-frequency": """continuous daily weekly biweekly monthly bimonthly quarterly semiannual
        annual biennial irregular as-needed not-planned never unknown""",
}

#: Danish and English label of some codes of each agreed list.
LABELS = {
    "target-group/foreign-worker": ("Udenlandske arbejdstagere", "Foreign workers"),
    "target-group/spouse": (
        "Medfølgende ægtefæller og partnere",
        "Accompanying spouses and partners",
    ),
    "target-group/danish-colleague": ("Danske kolleger", "Danish colleagues"),
    "activity-type/seminar": ("Samarbejdsseminar", "Cooperation seminar"),
    "activity-type/advice": (
        "Revisor-, tolke- og anden rådgivning",
        "Accounting, interpreting and other advice",
    ),
    "activity-type/language-cafe": ("Sprogcafé", "Language café"),
    "funding-source/esf": ("Den Europæiske Socialfond", "European Social Fund"),
    "funding-source/in-kind": ("Arbejdstid (medfinansiering)", "Working time in kind"),
    "role/presenter": ("Oplægsholder", "Presenter"),
    "role/lead": ("Projektejer", "Lead"),
    "status/continued": ("Afsluttet, videreført", "Completed, continued"),
    "status/anchored": ("Forankret i drift", "Anchored in regular operation"),
    "theme/citizenship": ("Demokrati og medborgerskab", "Democracy and citizenship"),
    "theme/partner-job": ("Ægtefællejob", "Partner jobs"),
    "indicator/surveyed": ("Adspurgte", "Surveyed"),
    "indicator/retention-intent": ("Forventet længere ophold", "Intends longer stay"),
    "qualifier/approx": ("Cirka", "Approximately"),
    "qualifier/more-than": ("Mere end", "More than"),
}

#: Which codes stand below which, in the codelists with levels (places apart).
BROADER = {
    ("target-group/high-skilled", "target-group/foreign-worker"),
    ("target-group/spouse", "target-group/family-member"),
    ("target-group/family", "target-group/family-member"),
    ("target-group/library", "target-group/cultural-institution"),
    ("funding-source/ministry", "funding-source/state"),
    ("funding-source/agency", "funding-source/state"),
    ("funding-source/competitive-pool", "funding-source/state"),
    ("organisation-kind/university", "organisation-kind/educational-institution"),
    ("organisation-kind/university-college", "organisation-kind/educational-institution"),
    ("organisation-kind/business-academy", "organisation-kind/educational-institution"),
    ("organisation-kind/youth-education", "organisation-kind/educational-institution"),
    ("organisation-kind/international-school", "organisation-kind/educational-institution"),
    ("organisation-kind/interest-organisation", "organisation-kind/association"),
    ("organisation-kind/international-association", "organisation-kind/association"),
    ("organisation-kind/womens-network", "organisation-kind/association"),
}

#: The municipalities of each NUTS 3 area by Statistics Denmark's code: 4, 13, 11, 1, 5, 12, 10,
#: 12, 8, 11 and 11 of them.
AREAS = {
    "DK011": "101 147 155 185",
    "DK012": "151 153 157 159 161 163 165 167 169 173 175 183 187",
    "DK013": "190 201 210 217 219 223 230 240 250 260 270",
    "DK014": "400",
    "DK021": "253 259 265 269 350",
    "DK022": "306 316 320 326 329 330 336 340 360 370 376 390",
    "DK031": "410 420 430 440 450 461 479 480 482 492",
    "DK032": "510 530 540 550 561 563 573 575 580 607 621 630",
    "DK041": "657 661 665 671 756 760 779 791",
    "DK042": "615 706 707 710 727 730 740 741 746 751 766",
    "DK050": "773 787 810 813 820 825 840 846 849 851 860",
}

#: The region that each NUTS 3 area lies in, until the regions change.
REGION_OF_AREA = {
    "DK011": "1084",
    "DK012": "1084",
    "DK013": "1084",
    "DK014": "1084",
    "DK021": "1085",
    "DK022": "1085",
    "DK031": "1083",
    "DK032": "1083",
    "DK041": "1082",
    "DK042": "1082",
    "DK050": "1081",
}

#: The terms of other vocabularies that were looked up, and may be aligned with.
KNOWN_TERMS = {
    "cids": """Activity BeneficialStakeholder CharacteristicReport Indicator IndicatorReport
        Service Stakeholder""",
    "cpsv": "PublicService produces",
    "cv": "AdminUnit ContactPoint Output Participation PublicOrganisation currency hasValue",
    "dg": "GovernmentalOrganization Grant Project disbursed_by objective",
    "eurio": """FundingAgency Grant MonetaryAmount Organisation OrganisationRole Project
        PublicBody Result abstract currency duration endDate finalResults funds hasAcronym
        hasFundingAmount hasFundingScheme hasInvolvedParty hasResult isDisbursedBy isFundedBy
        isRoleOf projectStatus startDate title url value workPerformed""",
    "frapo": """FundingProgramme Grant hasCurrencyCode hasEndDate hasFundingAgency
        hasMonetaryValue hasOutput hasStartDate isFundedBy""",
    "schema": """Event FundingScheme MonetaryAmount MonetaryGrant Observation PeopleAudience
        Project amount audience contactPoint currency funder funding value""",
    "vivo": "Project",
}

#: The direct superclasses of the own classes. schema:Project is none: it is an organisation.
SUPERCLASSES = {
    ("expat:Activity", "prov:Activity"),
    ("expat:Consortium", "org:OrganizationalCollaboration"),
    ("expat:Project", "foaf:Project"),
    ("expat:Project", "prov:Activity"),
    ("expat:Result", "schema:Observation"),
    ("expat:TargetGroup", "dct:AgentClass"),
    ("org:Organization", "foaf:Agent"),  # as the Organization Ontology says, section 5.1
}

#: What only a prov:Entity can be the subject or object of, W3C PROV-O section 3.
PROV_ENTITY_SUBJECT = """alternateOf generatedAtTime hadMember hadPrimarySource invalidatedAtTime
    qualifiedAttribution qualifiedDerivation qualifiedGeneration qualifiedInvalidation
    qualifiedPrimarySource qualifiedQuotation qualifiedRevision specializationOf value
    wasAttributedTo wasDerivedFrom wasGeneratedBy wasInvalidatedBy wasQuotedFrom wasRevisionOf"""
PROV_ENTITY_OBJECT = """alternateOf generated hadMember hadPrimarySource invalidated
    specializationOf used wasDerivedFrom wasQuotedFrom wasRevisionOf"""

#: Own terms that need not be used, and why.
UNUSED = {
    "expat:continuedBy": "the inverse of expat:continues, for readers; never written",
    "expat:validTo": "waits for the first region that ends",
    "rec:Computation": "the class of the computations",
    "rec:Rule": "the class of the rules in ontology/rules.ttl",
}

#: Every match of a concept with somebody else's, as far as the addresses were checked.
MATCHES = {
    ("place/DK", "exactMatch", "http://publications.europa.eu/resource/authority/country/DNK"),
    ("language/da", "exactMatch", "http://publications.europa.eu/resource/authority/language/DAN"),
    ("language/en", "exactMatch", "http://publications.europa.eu/resource/authority/language/ENG"),
    ("place/1081", "closeMatch", "http://data.europa.eu/nuts/code/DK05"),
    ("place/1082", "closeMatch", "http://data.europa.eu/nuts/code/DK04"),
    ("place/1083", "closeMatch", "http://data.europa.eu/nuts/code/DK03"),
    ("place/1084", "closeMatch", "http://data.europa.eu/nuts/code/DK01"),
    ("place/1085", "closeMatch", "http://data.europa.eu/nuts/code/DK02"),
} | {(f"place/{area}", "exactMatch", PREFIXES["nuts"] + area) for area in AREAS}

_EU = "http://publications.europa.eu/resource/authority/"
_ADMS = "http://purl.org/adms/publishertype/"

#: The concepts of the tables of the EU, whose addresses were looked up, by the codes that are they.
EU_TABLES = {
    "language": {
        "de": "DEU",
        "pl": "POL",
        "sv": "SWE",
        "no": "NOR",
        "uk": "UKR",
        "ro": "RON",
        "lt": "LIT",
        "es": "SPA",
        "fr": "FRA",
        "ar": "ARA",
    },
    "data-theme": {code: code.upper() for code in NOTATIONS["data-theme"].split()},
    "frequency": {
        **{code: code.upper().replace("-", "_") for code in NOTATIONS["update-frequency"].split()},
        "continuous": "CONT",
        "irregular": "IRREG",
        "semiannual": "ANNUAL_2",
    },
}
MATCHES |= {
    (f"{'update-' * (name == 'frequency')}{name}/{code}", "exactMatch", f"{_EU}{name}/{other}")
    for name, codes in EU_TABLES.items()
    for code, other in codes.items()
}

#: A kind of organisation is near a type of publisher, or narrower, and the same only where the two
#: are defined alike.
MATCHES |= {
    (f"organisation-kind/{code}", match, f"{_ADMS}{other}")
    for code, match, other in [
        ("municipality", "exactMatch", "LocalAuthority"),
        ("region", "exactMatch", "RegionalAuthority"),
        ("state-authority", "broadMatch", "NationalAuthority"),
        ("ministry", "broadMatch", "NationalAuthority"),
        ("eu-fund", "closeMatch", "SupraNationalAuthority"),
        ("job-centre", "broadMatch", "LocalAuthority"),
        ("university", "broadMatch", "Academia-ScientificOrganisation"),
        ("university-college", "broadMatch", "Academia-ScientificOrganisation"),
        ("business-academy", "broadMatch", "Academia-ScientificOrganisation"),
        ("association", "closeMatch", "NonProfitOrganisation"),
        ("company", "closeMatch", "Company"),
        ("company-network", "closeMatch", "IndustryConsortium"),
        ("social-partner", "closeMatch", "NonProfitOrganisation"),
        ("project", "closeMatch", "NonProfitOrganisation"),
        ("business-council", "closeMatch", "NonProfitOrganisation"),
        ("international-network", "closeMatch", "NonProfitOrganisation"),
    ]
}


def _load(*folders: str) -> ox.Store:
    store = ox.Store()
    for folder in folders:
        for path in sorted((ROOT / folder).glob("*.ttl")):
            store.extend(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE))
    return store


@pytest.fixture(scope="module")
def ontology() -> ox.Store:
    return _load("ontology")


@pytest.fixture(scope="module")
def codes() -> ox.Store:
    return _load("ontology/codes")


@pytest.fixture(scope="module")
def shapes() -> ox.Store:
    return _load("shapes")


def _short(term: object) -> str:
    """Return a term for reading: a literal's text, a CURIE, a code as scheme/notation."""
    if not isinstance(term, ox.NamedNode):
        return term.value if isinstance(term, ox.Literal) else ""
    if term.value.startswith(PREFIXES["code"]):
        return term.value.removeprefix(PREFIXES["code"])
    for prefix, namespace in PREFIXES.items():
        local = term.value.removeprefix(namespace)
        if local != term.value and re.fullmatch(r"[\w-]*", local):
            return f"{prefix}:{local}"
    return term.value


def ask(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    """Return the solutions of *query*, sorted; an unbound variable is an empty text."""
    found = store.query(query, prefixes=PREFIXES)
    assert isinstance(found, ox.QuerySolutions)
    names = found.variables
    return sorted(tuple(_short(row[name]) for name in names) for row in found)


def first(store: ox.Store, query: str) -> list[str]:
    """Return the first column of the solutions, sorted."""
    return [row[0] for row in ask(store, query)]


def mapping(store: ox.Store, query: str) -> dict[str, str]:
    """Return the first column with the second."""
    return {row[0]: row[1] for row in ask(store, query)}


# -- the own terms

_OWN = """
    ?term rdf:type ?kind .
    FILTER(STRSTARTS(STR(?term), STR(expat:)) || STRSTARTS(STR(?term), STR(rec:)))
    """


def own_terms(ontology: ox.Store) -> list[str]:
    return first(ontology, f"SELECT DISTINCT ?term {{ {_OWN} }}")


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("text", ["rdfs:label", "skos:definition"])
def test_every_own_term_has_one_label_and_one_definition_in_each_language(
    ontology: ox.Store, text: str, language: str
) -> None:
    described = first(
        ontology,
        f"""
        SELECT ?term ?text {{
          {{ SELECT DISTINCT ?term {{ {_OWN} }} }}
          ?term {text} ?text FILTER(LANG(?text) = "{language}")
        }}
        """,
    )

    assert described == own_terms(ontology)


def test_every_own_term_says_which_ontology_defines_it(ontology: ox.Store) -> None:
    defined = ask(
        ontology,
        f"SELECT DISTINCT ?term ?by {{ {_OWN} OPTIONAL {{ ?term rdfs:isDefinedBy ?by }} }}",
    )

    home = {"expat": "ontology", "rec": "record"}
    assert defined == [
        (term, f"https://w3id.org/expatlod/{home[term.partition(':')[0]]}")
        for term in own_terms(ontology)
    ]


def test_labels_of_classes_are_capitalised_and_those_of_properties_are_not(
    ontology: ox.Store,
) -> None:
    labels = ask(
        ontology,
        """
        SELECT DISTINCT ?term ?label {
          { ?term a owl:Class } UNION { ?term a owl:ObjectProperty }
          UNION { ?term a owl:DatatypeProperty } UNION { ?term a owl:AnnotationProperty }
          ?term rdfs:label ?label
        }
        """,
    )
    properties = set(labels) - set(
        ask(ontology, "SELECT ?term ?label { ?term a owl:Class ; rdfs:label ?label }")
    )

    wrong = [row for row in labels if row[1][0].isupper() == (row in properties)]
    # An acronym stays one.
    assert wrong == [("expat:edtf", "EDTF expression"), ("expat:edtf", "EDTF-udtryk")]


@pytest.mark.parametrize("name", ["ontology", "record", "alignments", "rule"])
def test_header_names_title_description_creator_licence_and_version(
    ontology: ox.Store, name: str
) -> None:
    header = f"<https://w3id.org/expatlod/{name}>"
    languages = {
        text: first(ontology, f"SELECT (LANG(?t) AS ?l) {{ {header} a owl:Ontology ; {text} ?t }}")
        for text in ("dct:title", "dct:description")
    }

    assert languages == {"dct:title": ["da", "en"], "dct:description": ["da", "en"]}
    assert ask(
        ontology,
        f"""
        SELECT ?creator ?licence ?version ?number {{
          {header} dct:creator ?creator ; dct:license ?licence ;
            owl:versionIRI ?version ; owl:versionInfo ?number
        }}
        """,
    ) == [
        (
            "https://w3id.org/expatlod/id/organisation/expatlod",
            "https://creativecommons.org/licenses/by/4.0/",
            f"https://w3id.org/expatlod/{name}/0.1.0",
            "0.1.0",
        )
    ]


def test_headers_give_the_preferred_prefix_and_namespace_of_their_terms(
    ontology: ox.Store,
) -> None:
    assert ask(
        ontology,
        """
        SELECT ?ontology ?prefix ?namespace {
          ?ontology vann:preferredNamespacePrefix ?prefix ;
            vann:preferredNamespaceUri ?namespace
        }
        """,
    ) == [
        ("https://w3id.org/expatlod/ontology", "expat", "https://w3id.org/expatlod/ontology#"),
        ("https://w3id.org/expatlod/record", "rec", "https://w3id.org/expatlod/record#"),
    ]


@pytest.mark.parametrize("folder", ["ontology", "ontology/codes"])
def test_there_are_no_blank_nodes(folder: str) -> None:
    store = _load(folder)

    assert first(store, "SELECT ?s { ?s ?p ?o FILTER(ISBLANK(?s) || ISBLANK(?o)) }") == []


# -- terms declared and terms used


def declared_terms(ontology: ox.Store) -> set[str]:
    """Return the own terms, and those of others that the ontology lists as reused."""
    return set(
        first(
            ontology,
            """
            SELECT DISTINCT ?term {
              ?term a ?kind ; rdfs:label ?label
              FILTER(?kind IN (rdfs:Class, rdf:Property, owl:Class, owl:ObjectProperty,
                owl:DatatypeProperty, owl:AnnotationProperty, rec:Computation))
            }
            """,
        )
    )


def context_terms() -> Iterator[str]:
    context = json.loads((ROOT / "ontology" / "context.jsonld").read_text("utf-8"))["@context"]
    scopes = [context, *(each["@context"] for each in context.values() if _scoped(each))]
    for scope in scopes:
        for value in scope.values():
            name = value["@id"] if isinstance(value, dict) and "@id" in value else value
            if isinstance(name, str) and re.fullmatch(r"[a-z]+:[\w-]+", name):
                yield name


def _scoped(value: object) -> bool:
    return isinstance(value, dict) and "@context" in value


def test_every_term_of_the_context_is_declared(ontology: ox.Store) -> None:
    assert sorted(set(context_terms()) - declared_terms(ontology)) == []


def test_every_property_and_class_of_the_shapes_is_declared(
    ontology: ox.Store, shapes: ox.Store
) -> None:
    used = set(
        first(
            shapes,
            """
            SELECT DISTINCT ?term {
              { ?s sh:path ?term }
              UNION { ?s sh:path/sh:alternativePath/rdf:rest*/rdf:first ?term }
              UNION { ?s sh:lessThanOrEquals ?term }
              UNION { ?s sh:class ?term }
              UNION { ?s sh:targetClass ?term }
              UNION { ?s sh:targetSubjectsOf ?term }
              UNION { ?s rec:reference ?term }
              FILTER(ISIRI(?term))
            }
            """,
        )
    )

    assert sorted(used - declared_terms(ontology)) == []


def test_every_annotation_and_computation_of_the_shapes_is_declared(
    ontology: ox.Store, shapes: ox.Store
) -> None:
    used = set(
        first(
            shapes,
            """
            SELECT DISTINCT ?term {
              { ?s ?term ?o } UNION { ?s ?p ?term }
              FILTER(ISIRI(?term) && STRSTARTS(STR(?term), STR(rec:)))
            }
            """,
        )
    )

    assert sorted(used - set(own_terms(ontology))) == []


def test_no_own_term_is_left_unused(ontology: ox.Store, shapes: ox.Store, codes: ox.Store) -> None:
    text = """
        SELECT DISTINCT ?term {
          { ?term ?p ?o } UNION { ?s ?term ?o } UNION { ?s ?p ?term }
          FILTER(ISIRI(?term))
        }
        """
    alignments = ox.Store()
    alignments.extend(ox.parse(path=str(ROOT / "ontology/alignments.ttl")))
    used = {*first(shapes, text), *first(codes, text), *first(alignments, text)}

    assert sorted(set(own_terms(ontology)) - used - set(UNUSED)) == []


# -- domains, ranges and classes


def _above(ontology: ox.Store) -> dict[str, set[str]]:
    """Return each class with itself and all its superclasses."""
    rows = ask(ontology, "SELECT ?c ?d { ?c a ?kind . ?c rdfs:subClassOf* ?d }")
    found: dict[str, set[str]] = {}
    for name, above in rows:
        found.setdefault(name, {name}).add(above)
    return found


def test_shapes_use_own_properties_only_on_classes_within_their_domain(
    ontology: ox.Store, shapes: ox.Store
) -> None:
    above = _above(ontology)
    domains = mapping(ontology, "SELECT ?p ?d { ?p rdfs:domain ?d }")
    used = ask(shapes, "SELECT ?p ?c { ?s sh:targetClass ?c ; sh:property/sh:path ?p }")

    outside = [(p, c) for p, c in used if p in domains and domains[p] not in above.get(c, {c})]
    assert outside == []


def test_classes_that_shapes_ask_for_lie_within_the_ranges(
    ontology: ox.Store, shapes: ox.Store
) -> None:
    above = _above(ontology)
    ranges = mapping(ontology, "SELECT ?p ?r { ?p rdfs:range ?r }")
    used = ask(shapes, "SELECT DISTINCT ?p ?c { ?s sh:path ?p ; sh:class ?c }")

    assert [(p, c) for p, c in used if p in ranges and ranges[p] not in above.get(c, {c})] == []


def test_datatypes_that_shapes_ask_for_are_the_ranges(ontology: ox.Store, shapes: ox.Store) -> None:
    ranges = mapping(ontology, "SELECT ?p ?r { ?p rdfs:range ?r }")
    used = ask(shapes, "SELECT DISTINCT ?p ?d { ?s sh:path ?p ; sh:datatype ?d }")

    assert [(p, d) for p, d in used if p in ranges and ranges[p] != d] == []


def test_codes_that_shapes_ask_for_are_concepts_of_the_list_that_the_property_names(
    ontology: ox.Store, shapes: ox.Store
) -> None:
    ranges = {
        p: (r, scheme)
        for p, r, scheme in ask(
            ontology, "SELECT ?p ?r ?scheme { ?p rdfs:range ?r ; rdfs:seeAlso ?scheme }"
        )
    }
    used = ask(
        shapes,
        """
        SELECT DISTINCT ?p ?scheme {
          ?s sh:path ?p ; sh:node/sh:property ?rule .
          ?rule sh:path skos:inScheme ; sh:hasValue ?scheme
        }
        """,
    )

    own = [(p, scheme) for p, scheme in used if p.startswith("expat:")]
    assert own == [(p, scheme) for p, scheme in own if ranges.get(p) == ("skos:Concept", scheme)]


def test_superclasses_are_those_agreed(ontology: ox.Store) -> None:
    assert set(ask(ontology, "SELECT ?c ?d { ?c rdfs:subClassOf ?d }")) == SUPERCLASSES


def test_classes_written_out_as_types_are_the_class_and_its_superclasses(model: Model) -> None:
    written = {
        (_short(ox.NamedNode(each.iri)), above)
        for each in model.classes.values()
        for above in each.types[1:]
    }

    assert written == SUPERCLASSES


def test_every_superclass_is_declared(ontology: ox.Store) -> None:
    assert {above for _, above in SUPERCLASSES} - declared_terms(ontology) == set()


def test_no_property_makes_an_activity_an_entity(ontology: ox.Store, shapes: ox.Store) -> None:
    activities = {name for name, above in _above(ontology).items() if "prov:Activity" in above}
    subproperties = mapping(ontology, "SELECT ?p ?q { ?p rdfs:subPropertyOf ?q }")
    carried = ask(shapes, "SELECT DISTINCT ?c ?p { ?s sh:targetClass ?c ; sh:property/sh:path ?p }")
    pointed = ask(shapes, "SELECT DISTINCT ?c ?p { ?s sh:path ?p ; sh:class ?c }")
    on_entities = {f"prov:{name}" for name in PROV_ENTITY_SUBJECT.split()}
    to_entities = {f"prov:{name}" for name in PROV_ENTITY_OBJECT.split()}

    assert activities == {"expat:Activity", "expat:Project", "prov:Activity"}
    assert [
        (name, term)
        for rows, forbidden in ((carried, on_entities), (pointed, to_entities))
        for name, term in rows
        if name in activities and {term, subproperties.get(term, "")} & forbidden
    ] == []


def test_superproperties_are_those_agreed(ontology: ox.Store) -> None:
    assert ask(ontology, "SELECT ?p ?q { ?p rdfs:subPropertyOf ?q }") == [
        ("expat:activity", "dct:hasPart"),
        ("expat:background", "dct:description"),
        ("expat:consortium", "prov:wasAssociatedWith"),
        ("expat:continues", "prov:wasInformedBy"),
        ("expat:purpose", "dct:description"),
    ]


# -- alignments


@pytest.fixture(scope="module")
def alignments() -> list[tuple[str, ...]]:
    store = ox.Store()
    store.extend(ox.parse(path=str(ROOT / "ontology/alignments.ttl")))
    return ask(
        store, "SELECT ?own ?match ?other { ?own ?match ?other FILTER NOT EXISTS { ?own a ?k } }"
    )


def test_alignments_lead_from_declared_own_terms(
    ontology: ox.Store, alignments: list[tuple[str, ...]]
) -> None:
    assert {own for own, _, _ in alignments} - set(own_terms(ontology)) == set()


def test_alignments_only_name_terms_that_were_looked_up(
    alignments: list[tuple[str, ...]],
) -> None:
    known = {f"{prefix}:{name}" for prefix, names in KNOWN_TERMS.items() for name in names.split()}

    assert {other for _, _, other in alignments} - known == set()


def test_alignments_claim_nearness_and_never_identity(alignments: list[tuple[str, ...]]) -> None:
    assert {match for _, match, _ in alignments} == {
        "skos:closeMatch",
        "skos:narrowMatch",
        "skos:relatedMatch",
    }


def test_alignments_reach_every_vocabulary_asked_for(alignments: list[tuple[str, ...]]) -> None:
    reached = {other.partition(":")[0] for _, _, other in alignments}

    # cpsv and cv are the two namespaces of CPSV-AP.
    assert reached >= {"eurio", "frapo", "cids", "cpsv", "cv", "schema"}


# -- codelists

_CONCEPT = "?concept a skos:Concept ; skos:inScheme ?scheme ."


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_code_has_one_label_in_each_language(codes: ox.Store, language: str) -> None:
    labelled = first(
        codes,
        f"""
        SELECT ?concept ?label {{
          {_CONCEPT} ?concept skos:prefLabel ?label FILTER(LANG(?label) = "{language}")
        }}
        """,
    )

    assert labelled == first(codes, "SELECT ?concept { ?concept a skos:Concept }")


@pytest.mark.parametrize("text", ["dct:title", "skos:definition"])
def test_every_codelist_has_its_name_and_definition_in_both_languages(
    codes: ox.Store, text: str
) -> None:
    languages = ask(
        codes,
        f"SELECT ?scheme (LANG(?t) AS ?l) {{ ?scheme a skos:ConceptScheme ; {text} ?t }}",
    )
    schemes = first(codes, "SELECT ?scheme { ?scheme a skos:ConceptScheme }")

    assert languages == [(scheme, language) for scheme in schemes for language in ("da", "en")]


@pytest.mark.parametrize("text", ["skos:definition", "skos:scopeNote"])
def test_definitions_and_notes_of_codes_stand_in_both_languages(codes: ox.Store, text: str) -> None:
    languages: dict[str, list[str]] = {}
    for concept, language in ask(
        codes, f"SELECT ?c (LANG(?t) AS ?l) {{ ?c a skos:Concept ; {text} ?t }}"
    ):
        languages.setdefault(concept, []).append(language)

    assert {concept: found for concept, found in languages.items() if found != ["da", "en"]} == {}


def test_notation_is_the_end_of_the_address(codes: ox.Store) -> None:
    rows = ask(codes, f"SELECT ?concept ?scheme ?n {{ {_CONCEPT} ?concept skos:notation ?n }}")

    # _short shows a code as scheme/notation.
    assert [row for row in rows if row[0] != f"{row[1]}/{row[2]}".removeprefix("code:")] == []
    assert [row[0] for row in rows] == first(codes, "SELECT ?c { ?c a skos:Concept }")


def test_notations_are_in_kebab_case_but_for_the_official_codes_of_areas(codes: ox.Store) -> None:
    notations = first(codes, "SELECT ?n { ?concept skos:notation ?n }")

    odd = [each for each in notations if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", each)]
    assert odd == sorted(["DK", *AREAS])


@pytest.mark.parametrize("scheme", NOTATIONS)
def test_codelist_has_exactly_the_codes_agreed(codes: ox.Store, scheme: str) -> None:
    found = first(codes, f"SELECT ?n {{ ?c skos:inScheme code:{scheme} ; skos:notation ?n }}")

    assert found == sorted(NOTATIONS[scheme].split())


@pytest.mark.parametrize("code", LABELS)
def test_code_is_called_what_was_agreed(codes: ox.Store, code: str) -> None:
    found = ask(
        codes,
        f"""
        SELECT ?da ?en {{
          <{PREFIXES["code"]}{code}> skos:prefLabel ?da, ?en
          FILTER(LANG(?da) = "da" && LANG(?en) = "en")
        }}
        """,
    )

    assert found == [LABELS[code]]


def test_no_spelling_names_two_codes_of_one_list(codes: ox.Store) -> None:
    meant: dict[tuple[str, str], set[str]] = {}
    for concept, scheme, spelling in ask(
        codes,
        f"""
        SELECT DISTINCT ?concept ?scheme ?spelling {{
          {_CONCEPT}
          ?concept skos:notation|skos:prefLabel|skos:altLabel|skos:hiddenLabel ?spelling
        }}
        """,
    ):
        folded = re.sub(r"[\W_]", "", spelling.casefold())
        meant.setdefault((scheme, folded), set()).add(concept)

    assert {key: names for key, names in meant.items() if len(names) > 1} == {}


def test_top_concepts_are_those_without_a_broader_one_and_are_named_both_ways(
    codes: ox.Store,
) -> None:
    tops = ask(
        codes,
        f"""
        SELECT ?scheme ?concept {{
          {_CONCEPT} FILTER NOT EXISTS {{ ?concept skos:broader ?broader }}
        }}
        """,
    )

    assert ask(codes, "SELECT ?scheme ?c { ?scheme skos:hasTopConcept ?c }") == tops
    assert ask(codes, "SELECT ?scheme ?c { ?c skos:topConceptOf ?scheme }") == tops


def test_broader_and_narrower_mirror_each_other(codes: ox.Store) -> None:
    assert ask(codes, "SELECT ?a ?b { ?a skos:broader ?b }") == ask(
        codes, "SELECT ?a ?b { ?b skos:narrower ?a }"
    )


def test_broader_stays_within_the_list(codes: ox.Store) -> None:
    assert (
        first(
            codes,
            """
            SELECT ?a {
              ?a skos:broader ?b ; skos:inScheme ?one . ?b skos:inScheme ?other
              FILTER(?one != ?other)
            }
            """,
        )
        == []
    )


def test_no_code_is_broader_than_itself(codes: ox.Store) -> None:
    assert first(codes, "SELECT ?a { ?a skos:broader+ ?a }") == []


def test_levels_of_the_codelists_are_those_agreed(codes: ox.Store) -> None:
    levels = ask(
        codes,
        """
        SELECT ?a ?b { ?a skos:broader ?b FILTER NOT EXISTS { ?a skos:inScheme code:place } }
        """,
    )

    assert set(levels) == BROADER


def test_matches_with_other_lists_are_those_checked(codes: ox.Store) -> None:
    found = {
        (concept, match.removeprefix("skos:"), _iri(other))
        for concept, match, other in ask(
            codes,
            """
            SELECT ?concept ?match ?other {
              ?concept ?match ?other
              FILTER(REGEX(STR(?match), "Match$|sameAs$|mappingRelation$|seeAlso$"))
            }
            """,
        )
    }

    assert found == MATCHES


def _iri(name: str) -> str:
    prefix, colon, local = name.partition(":")
    return PREFIXES[prefix] + local if colon and prefix in PREFIXES else name


# -- places

_MUNICIPALITY = "?m dct:type <https://w3id.org/expatlod/code/place-kind/municipality> ."

#: Which region is a municipality in on a given day? As of each membership, both ends included.
_REGION_ON = """
    SELECT ?m ?region {{
      ?m expat:regionMembership ?membership .
      ?membership expat:region ?region ; expat:validFrom ?from .
      OPTIONAL {{ ?membership expat:validTo ?to }}
      FILTER(?from <= "{day}"^^xsd:date && (!BOUND(?to) || "{day}"^^xsd:date <= ?to))
    }}
    """

#: What the merger of two regions would change: nothing that is there, only additions.
_MERGER = """
    INSERT {
      ?old expat:validTo "2026-12-31"^^xsd:date .
      ?m expat:regionMembership ?new .
      ?new a expat:RegionMembership ;
        expat:municipality ?m ;
        expat:region <https://w3id.org/expatlod/code/place/1086> ;
        expat:validFrom "2027-01-01"^^xsd:date .
    } WHERE {
      ?m expat:regionMembership ?old .
      ?old expat:region ?region .
      FILTER(?region IN (place:1084, place:1085))
      BIND(IRI(CONCAT(STR(?m), "#region-2027")) AS ?new)
    }
    """


def test_municipalities_of_each_area_are_the_official_ones(codes: ox.Store) -> None:
    found: dict[str, list[str]] = {}
    for municipality, area in ask(
        codes, f"SELECT ?m ?area {{ {_MUNICIPALITY} ?m skos:broader ?area }}"
    ):
        found.setdefault(area.removeprefix("place/"), []).append(
            municipality.removeprefix("place/")
        )

    assert found == {area: members.split() for area, members in AREAS.items()}


@pytest.mark.parametrize(
    ("region", "number"),
    [("1081", 11), ("1082", 19), ("1083", 22), ("1084", 29), ("1085", 17)],
    ids=["Nordjylland", "Midtjylland", "Syddanmark", "Hovedstaden", "Sjælland"],
)
def test_region_has_its_official_number_of_municipalities(
    codes: ox.Store, region: str, number: int
) -> None:
    members = first(
        codes,
        f"SELECT ?m {{ {_MUNICIPALITY} ?m expat:regionMembership/expat:region place:{region} }}",
    )

    assert len(members) == number


def test_there_are_98_municipalities_11_areas_5_regions_and_one_country(codes: ox.Store) -> None:
    kinds = Counter(first(codes, "SELECT ?kind { ?p skos:inScheme code:place ; dct:type ?kind }"))

    assert kinds == {
        "place-kind/municipality": 98,
        "place-kind/statistical-area": 11,
        "place-kind/region": 5,
        "place-kind/country": 1,
    }


def test_areas_and_regions_lie_side_by_side_under_the_country(codes: ox.Store) -> None:
    assert first(codes, "SELECT ?p { ?p skos:broader place:DK }") == [
        f"place/{code}" for code in sorted({*AREAS, *REGION_OF_AREA.values()})
    ]


def test_every_municipality_has_one_membership_since_2007_and_it_is_open(codes: ox.Store) -> None:
    memberships = ask(
        codes,
        f"""
        SELECT ?m ?of ?region ?from ?to {{
          {_MUNICIPALITY}
          ?m expat:regionMembership ?membership .
          ?membership expat:municipality ?of ; expat:region ?region ; expat:validFrom ?from .
          OPTIONAL {{ ?membership expat:validTo ?to }}
        }}
        """,
    )

    assert memberships == sorted(
        (f"place/{m}", f"place/{m}", f"place/{REGION_OF_AREA[area]}", "2007-01-01", "")
        for area, members in AREAS.items()
        for m in members.split()
    )


@pytest.mark.parametrize(
    ("day", "regions"),
    [
        ("2006-12-31", {}),
        ("2026-12-31", {"1081": 11, "1082": 19, "1083": 22, "1084": 29, "1085": 17}),
        ("2027-01-01", {"1081": 11, "1082": 19, "1083": 22, "1086": 46}),
    ],
)
def test_after_a_merger_each_day_has_its_regions(
    codes: ox.Store, day: str, regions: dict[str, int]
) -> None:
    later = ox.Store()
    later.extend(codes)
    later.update(_MERGER, prefixes=PREFIXES)

    found = ask(later, _REGION_ON.format(day=day))

    assert Counter(region.removeprefix("place/") for _, region in found) == regions
    assert len({municipality for municipality, _ in found}) == sum(regions.values())


def test_a_merger_changes_no_address(codes: ox.Store) -> None:
    later = ox.Store()
    later.extend(codes)
    later.update(_MERGER, prefixes=PREFIXES)

    assert set(codes) - set(later) == set()


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("Ålborg", "851"),
        ("Aalborg Kommune", "851"),
        ("Århus", "751"),
        ("Vesthimmerland", "820"),
        ("Vesthimmerlands Kommune", "820"),
        ("Mors", "773"),
        ("Morsø", "773"),
        ("Thy", "787"),
        ("Nordfyn", "480"),
        ("ikast-brande", "756"),
        ("Ikast Brande Kommune", "756"),
        ("Brønderslev", "810"),
        ("Brønderslev Kommune", "810"),
        ("København", "101"),
        ("Copenhagen", "101"),
        ("0665", "665"),
        ("665", "665"),
        ("Region Midtjylland", "1082"),
        ("Central Denmark Region", "1082"),
        ("hele landet", "DK"),
        ("Denmark", "DK"),
    ],
)
def test_place_is_found_by_the_spelling_that_people_use(
    model: Model, spelling: str, code: str
) -> None:
    places = model.codelists["https://w3id.org/expatlod/code/place"]

    assert places.find(spelling) == f"https://w3id.org/expatlod/code/place/{code}"


@pytest.mark.parametrize("town", ["Hobro", "Ribe", "Christiansø", "Region", "Kommune", ""])
def test_what_is_no_place_of_the_list_is_not_found(model: Model, town: str) -> None:
    assert model.codelists["https://w3id.org/expatlod/code/place"].find(town) is None


if MUNICIPALITIES.is_file():

    def test_municipalities_are_those_of_the_shared_table(codes: ox.Store) -> None:
        found = ask(
            codes,
            f"""
            SELECT ?code ?name ?region ?area {{
              {_MUNICIPALITY}
              ?m skos:notation ?code ; skos:prefLabel ?name ; skos:broader/skos:notation ?area ;
                expat:regionMembership/expat:region/skos:notation ?region
              FILTER(LANG(?name) = "da")
            }}
            """,
        )

        with MUNICIPALITIES.open(encoding="utf-8", newline="") as table:
            rows = list(csv.DictReader(table))
        assert found == sorted(
            (row["code"], row["name_da"], row["region_code"], row["nuts3"]) for row in rows
        )

    def test_regions_are_called_as_in_the_shared_table(codes: ox.Store) -> None:
        found = ask(
            codes,
            """
            SELECT ?code ?name {
              ?r dct:type <https://w3id.org/expatlod/code/place-kind/region> ;
                skos:notation ?code ; skos:prefLabel ?name FILTER(LANG(?name) = "da")
            }
            """,
        )

        with MUNICIPALITIES.open(encoding="utf-8", newline="") as table:
            rows = list(csv.DictReader(table))
        assert found == sorted({(row["region_code"], row["region_name"]) for row in rows})
