"""The shipped data: every fact as the pages state it, and nothing that must not be published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from expatlod.collection import Collection, gather
from expatlod.profile import Model

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT.parent / "shared" / "seeds"

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "code": "https://w3id.org/expatlod/code/",
    "cv": "http://data.europa.eu/m8g/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "expat": "https://w3id.org/expatlod/ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "frapo": "http://purl.org/cerif/frapo/",
    "org": "http://www.w3.org/ns/org#",
    "prov": "http://www.w3.org/ns/prov#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}
BASES = (
    "https://w3id.org/expatlod/id/project/",
    "https://w3id.org/expatlod/id/organisation/",
    "https://w3id.org/expatlod/id/page/",
    "https://w3id.org/expatlod/code/",
)

NEW = "newcomers-samarbejde-paa-tvaers"
LEM = "working-in-lemvig"
EXD = "expat-dinner"
COM = "come-and-stay"
VEL = "velkomstcentre"
FIVE = (NEW, LEM, EXD, COM, VEL)

#: A fact of one initiative: what is looked up, and the rows that the page gives.
Fact = tuple[str, str, list[tuple[str, ...]]]


@pytest.fixture(scope="module")
def collection(model: Model) -> Collection:
    return gather(model, [ROOT / "data"])


@pytest.fixture(scope="module")
def store(collection: Collection) -> ox.Store:
    """The converted records."""
    text = "\n".join(line for each in collection.all for line in each.lines)
    graph = ox.Store()
    graph.load(text.encode(), format=ox.RdfFormat.N_TRIPLES)
    return graph


def _short(term: object) -> str:
    """Return a term for reading: ids and codes without their base, literals as their text."""
    if not isinstance(term, ox.NamedNode):
        return term.value if isinstance(term, ox.Literal) else ""
    for base in BASES:
        if term.value.startswith(base):
            return term.value.removeprefix(base)
    return term.value


def select(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    """Return the solutions of *query*, sorted."""
    found = store.query(query, prefixes=PREFIXES)
    assert isinstance(found, ox.QuerySolutions)
    return sorted(tuple(_short(row[name]) for name in found.variables) for row in found)


def rows(store: ox.Store, project: str, pattern: str, *names: str) -> list[tuple[str, ...]]:
    """Return the values of the variables *names* where *pattern* holds of ?it, sorted."""
    it = f"<https://w3id.org/expatlod/id/project/{project}>"
    variables = " ".join(f"?{name}" for name in names)
    return select(store, f"SELECT {variables} {{ {pattern} }}".replace("?it", it))


def values(store: ox.Store, project: str, path: str) -> list[str]:
    """Return what *path* leads to from the project, sorted."""
    return [row[0] for row in rows(store, project, f"?it {path} ?value", "value")]


# -- time


@pytest.mark.parametrize(
    ("project", "edtf", "bounds"),
    [
        (NEW, "2011-12-01/2012-06-30", "2011-12-01 2011-12-01 2012-06-30 2012-06-30"),
        (LEM, "2009/2011", "2009-01-01 2009-12-31 2011-01-01 2011-12-31"),
        (EXD, "2010/2013", "2010-01-01 2010-12-31 2013-01-01 2013-12-31"),
        (COM, "/2012-12-31", "- - 2012-12-31 2012-12-31"),
        (VEL, "2010-23/2014-01-31", "2010-09-01 2010-11-30 2014-01-31 2014-01-31"),
        ("lemvig-nyt-projekt", "2012-08/", "2012-08-01 2012-08-31 - -"),
    ],
)
def test_initiative_ran_in_this_period(
    store: ox.Store, project: str, edtf: str, bounds: str
) -> None:
    found = rows(
        store,
        project,
        """
        ?it dct:temporal ?period . ?period expat:edtf ?edtf
        OPTIONAL { ?period expat:earliestStart ?a } OPTIONAL { ?period expat:latestStart ?b }
        OPTIONAL { ?period expat:earliestEnd ?c } OPTIONAL { ?period expat:latestEnd ?d }
        """,
        *("edtf", "a", "b", "c", "d"),
    )

    assert found == [(edtf, *("" if day == "-" else day for day in bounds.split()))]


@pytest.mark.parametrize(
    ("project", "start", "end"),
    [
        (NEW, "2011-12-01 date", "2012-06-30 date"),
        (LEM, "2009 gYear", "2011 gYear"),
        (EXD, "2010 gYear", "2013 gYear"),
        (COM, " ", "2012-12-31 date"),
        (VEL, " ", "2014-01-31 date"),  # a season is no date
        ("lemvig-nyt-projekt", "2012-08 gYearMonth", " "),
    ],
)
def test_start_and_end_are_as_precise_as_the_page(
    store: ox.Store, project: str, start: str, end: str
) -> None:
    found = rows(
        store,
        project,
        """
        ?it dct:temporal ?period
        OPTIONAL { ?period dcat:startDate ?a } OPTIONAL { ?period dcat:endDate ?b }
        BIND(STRAFTER(STR(DATATYPE(?a)), "#") AS ?c) BIND(STRAFTER(STR(DATATYPE(?b)), "#") AS ?d)
        """,
        *("a", "c", "b", "d"),
    )

    assert [(f"{a} {c}", f"{b} {d}") for a, c, b, d in found] == [(start, end)]


@pytest.mark.parametrize(
    ("project", "activity", "edtf"),
    [
        (LEM, "associations-event", "2009-06"),
        (LEM, "christmas-party", "2010-12"),
        (EXD, "dinner-2012-12-06", "2012-12-06"),
        (VEL, "one-stop-shop", "2012-08-01/"),
    ],
)
def test_activity_was_held_then(store: ox.Store, project: str, activity: str, edtf: str) -> None:
    assert values(store, f"{project}#{activity}", "dct:temporal/expat:edtf") == [edtf]


def test_only_those_activities_have_a_date(store: ox.Store) -> None:
    dated = [
        activity
        for project in FIVE
        for activity, _ in rows(
            store, project, "?it expat:activity ?a . ?a dct:temporal ?period", "a", "period"
        )
    ]

    assert sorted(dated) == [
        f"{EXD}#dinner-2012-12-06",
        f"{VEL}#one-stop-shop",
        f"{LEM}#associations-event",
        f"{LEM}#christmas-party",
    ]


@pytest.mark.parametrize(
    ("project", "status", "month"),
    [
        (NEW, ["status/completed"], ["2014-01"]),
        (LEM, ["status/completed"], ["2012-08"]),
        (EXD, ["status/anchored"], []),
        (COM, ["status/completed"], ["2014-01"]),
        (VEL, ["status/completed"], ["2014-08"]),
        ("lemvig-nyt-projekt", ["status/planned"], ["2012-08"]),
        ("projekt-newcomers", [], []),
        ("modtagelse-og-fastholdelse-region-midtjylland", [], []),
    ],
)
def test_initiative_had_this_status_in_this_month(
    store: ox.Store, project: str, status: list[str], month: list[str]
) -> None:
    assert values(store, project, "adms:status") == status
    assert values(store, project, "expat:statusDate") == month


# -- place


@pytest.mark.parametrize(
    ("project", "places"),
    [
        (
            NEW,
            """DK covers, 101 held-in, 147 held-in, 157 held-in, 265 held-in, 461 held-in,
            561 held-in, 630 held-in, 756 held-in, 791 held-in""",
        ),
        (LEM, "665 covers"),
        (EXD, "DK covers, 157 held-in"),
        (COM, "1085 part-of, 370 held-in, 376 held-in, 390 held-in"),
        (
            VEL,
            """1081 covers, 773 covers, 787 covers, 820 covers, 825 covers, 840 covers,
            846 covers, 849 covers, 851 covers, 860 covers""",
        ),
    ],
)
def test_initiative_reaches_these_places_in_this_way(
    store: ox.Store, project: str, places: str
) -> None:
    found = rows(
        store,
        project,
        "?it expat:extent ?extent . ?extent dct:spatial ?place ; expat:relation ?relation",
        *("place", "relation"),
    )

    shown = [(f"place/{one}", f"extent-relation/{two}") for one, two in _pairs(places)]
    assert found == sorted(shown)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for each in text.split(","):
        one, two = each.split()
        yield one, two


@pytest.mark.parametrize(
    ("activity", "places"),
    [
        (f"{NEW}#seminars", "101 147 157 265 461 561 630 756 791"),
        (f"{EXD}#gentofte-dinners", "157"),
        (f"{EXD}#gentofte-programme", "157"),
        (f"{COM}#info-meetings", "370 376 390"),
        # The page's Hobro is a town in 846.
        (f"{VEL}#one-stop-shop", "787 846 860"),
    ],
)
def test_activity_was_held_in_these_municipalities(
    store: ox.Store, activity: str, places: str
) -> None:
    assert values(store, activity, "dct:spatial") == [f"place/{each}" for each in places.split()]


def test_the_part_of_a_region_keeps_the_words_of_the_page(store: ox.Store) -> None:
    assert values(store, f"{COM}#extent-1", "expat:verbatim") == [
        "den sydlige del af Region Sjælland"
    ]


# -- money


def test_lemvig_was_paid_half_by_the_social_fund_and_a_quarter_each_by_region_and_staff_hours(
    store: ox.Store,
) -> None:
    found = rows(
        store,
        LEM,
        """
        ?it frapo:isFundedBy ?f .
        ?f schema:funder ?funder ; expat:fundingSource ?source ; expat:share ?share
        OPTIONAL { ?f expat:inKind ?inkind }
        """,
        *("funder", "source", "share", "inkind"),
    )

    assert found == [
        ("den-europaeiske-socialfond", "funding-source/esf", "50", ""),
        ("lemvig-kommune", "funding-source/in-kind", "25", "true"),
        ("region-midtjylland", "funding-source/region", "25", ""),
    ]


_AMOUNT = """
    ?amount schema:minValue ?min ; schema:maxValue ?max ; schema:currency ?currency ;
      expat:qualifier ?qualifier
    """


def test_the_welcome_centres_cost_about_20_million_kroner(store: ox.Store) -> None:
    found = rows(
        store,
        VEL,
        f"?it expat:budget ?amount . {_AMOUNT} ; expat:verbatim ?words",
        *("min", "max", "currency", "qualifier", "words"),
    )

    assert found == [("20000000", "20000000", "DKK", "qualifier/approx", "ca. 20 mio. kr.")]


def test_the_welcome_centres_had_about_15_million_from_one_pool_of_fund_and_state(
    store: ox.Store,
) -> None:
    found = rows(
        store,
        f"{VEL}#funding-1",
        f"""
        ?it schema:funder ?funder ; expat:unsplit ?unsplit ; expat:fundingSource ?source ;
          schema:amount ?amount . {_AMOUNT} FILTER NOT EXISTS {{ ?it expat:share ?share }}
        """,
        *("funder", "source", "unsplit", "min", "max", "currency", "qualifier"),
    )

    amount = ("15000000", "15000000", "DKK", "qualifier/approx")
    assert found == [
        ("den-europaeiske-socialfond", "funding-source/esf", "true", *amount),
        ("den-europaeiske-socialfond", "funding-source/state", "true", *amount),
    ]


def test_the_rest_was_the_partners_own_and_its_sum_is_derived_from_the_other_two(
    store: ox.Store,
) -> None:
    rest = f"{VEL}#funding-2"

    assert values(store, rest, "schema:funder") == []
    assert values(store, rest, "expat:fundingSource") == [
        "funding-source/in-kind",
        "funding-source/partner-cash",
    ]
    assert rows(
        store,
        rest,
        f"?it schema:amount ?amount . {_AMOUNT} ; expat:basis ?basis",
        *("min", "max", "currency", "qualifier", "basis"),
    ) == [("5000000", "5000000", "DKK", "qualifier/approx", "basis/derived")]
    assert values(store, f"{rest}-amount", "prov:wasDerivedFrom") == [
        f"{VEL}#budget",
        f"{VEL}#funding-1-amount",
    ]


@pytest.mark.parametrize(
    ("project", "funding"),
    [
        (NEW, [("beskaeftigelsesministeriet", "funding-source/ministry")]),
        (EXD, []),
        (COM, [("integrationsministeriet", "funding-source/ministry")]),
        (
            "modtagelse-og-fastholdelse-region-midtjylland",
            [("den-europaeiske-socialfond", "funding-source/esf")],
        ),
        (
            "lemvig-nyt-projekt",
            [("region-midtjyllands-vaekstforum", "funding-source/growth-forum")],
        ),
    ],
)
def test_initiative_was_funded_by_these_without_a_share_or_sum(
    store: ox.Store, project: str, funding: list[tuple[str, str]]
) -> None:
    found = rows(
        store,
        project,
        """
        ?it frapo:isFundedBy ?f . ?f schema:funder ?funder ; expat:fundingSource ?source
        FILTER NOT EXISTS { ?f expat:share|schema:amount ?number }
        """,
        *("funder", "source"),
    )

    assert found == funding


def test_only_the_welcome_centres_have_a_budget(store: ox.Store) -> None:
    assert [project for project in FIVE if values(store, project, "expat:budget")] == [VEL]


def test_taking_part_in_come_and_stay_is_free(store: ox.Store) -> None:
    assert values(store, COM, "expat:fee") == ["fee/free"]


def test_the_grant_to_go_on_in_lemvig_has_words_but_no_figure(store: ox.Store) -> None:
    amount = f"{LEM}#follow-up-1-amount"

    assert values(store, amount, "expat:verbatim") == ["en sum penge"]
    assert values(store, amount, "schema:minValue|schema:maxValue|schema:currency") == []


# -- numbers

_QUANTITY = """
    OPTIONAL { ?q schema:minValue ?min } OPTIONAL { ?q schema:maxValue ?max }
    OPTIONAL { ?q expat:qualifier ?qualifier } OPTIONAL { ?q expat:per ?per }
    OPTIONAL { ?q expat:scope ?scope }
    """


def quantity(store: ox.Store, part: str, path: str) -> list[str]:
    """Return each quantity that *path* leads to as `min max qualifier [per unit] [scope]`."""
    found = rows(
        store,
        part,
        f"?it {path} ?q . {_QUANTITY}",
        *("min", "max", "qualifier", "per", "scope"),
    )
    return [" ".join(each.rpartition("/")[2] for each in row if each) for row in found]


@pytest.mark.parametrize(
    ("activity", "path", "number"),
    [
        (f"{NEW}#seminars", "expat:count", "9 9 exact"),
        (f"{LEM}#associations-event", "expat:participants", "69 69 exact"),
        (f"{LEM}#christmas-party", "expat:participants", "90 90 exact"),
        (f"{LEM}#romanian-evening", "expat:participants", "250 250 exact"),
        (f"{LEM}#planned-social-events", "expat:frequency", "1 2 exact year"),
        (f"{EXD}#dinner-2012-12-06", "expat:participants", "500 500 approx"),
        (f"{EXD}#gentofte-dinners", "expat:count", "2 2 exact"),
        (f"{COM}#mentoring", "expat:count", "12 12 exact"),
        (f"{COM}#mentoring", "expat:count/expat:target", "12 12 exact"),
        (f"{COM}#job-course", "expat:participants", "21 21 exact"),
        (f"{COM}#social-events", "expat:count", "19 19 exact"),
        (f"{COM}#social-events", "expat:participants", "200 250 exact together"),
        (f"{COM}#info-meetings", "expat:count", "10 10 exact"),
        (f"{COM}#info-meetings", "expat:participants", "250 300 exact together"),
        (f"{COM}#guides", "expat:count", "3 3 exact"),
        (f"{VEL}#one-stop-shop", "expat:frequency", "1 1 exact month"),
        (f"{VEL}#result-1", "expat:value", "400 400 approx"),
        (f"{VEL}#result-2", "expat:value", "1000 1000 approx"),
        (f"{VEL}#result-3", "expat:value", "5 7 estimate week"),
        (f"{NEW}#largest-companies", "expat:value", "19 19 exact"),
        (f"{NEW}#lesson-4", "expat:value", "6 6 exact"),
        (f"{NEW}#disagreement-2", "expat:value", "18 18 exact"),
    ],
)
def test_number_is_as_the_page_gives_it(
    store: ox.Store, activity: str, path: str, number: str
) -> None:
    assert quantity(store, activity, path) == [number]


@pytest.mark.parametrize(
    ("project", "numbers"),
    [
        (NEW, 0),
        (LEM, 3),
        (EXD, 1),
        (COM, 3),
        (VEL, 0),
    ],
)
def test_initiative_reports_participants_for_so_many_activities(
    store: ox.Store, project: str, numbers: int
) -> None:
    assert len(values(store, project, "expat:activity/expat:participants")) == numbers


def test_several_times_a_week_is_a_rate_without_a_number(store: ox.Store) -> None:
    programme = f"{EXD}#gentofte-programme"

    assert values(store, programme, "expat:frequency/expat:per") == ["time-unit/week"]
    assert values(store, programme, "expat:frequency/expat:verbatim") == ["flere gange om ugen"]
    assert values(store, programme, "expat:frequency/schema:minValue") == []


@pytest.mark.parametrize(
    ("result", "indicator", "nature"),
    [
        (f"{VEL}#result-1", ["indicator/companies"], "nature/measured"),
        (f"{VEL}#result-2", ["indicator/surveyed"], "nature/measured"),
        (f"{VEL}#result-3", ["indicator/enquiries"], "nature/estimated"),
        (f"{VEL}#result-4", ["indicator/enquiries"], "nature/not-measured"),
        (f"{VEL}#result-5", [], "nature/not-measured"),
        (f"{VEL}#result-6", [], "nature/not-measured"),
        (f"{COM}#result-6", [], "nature/provisional"),
    ],
    ids=[
        "companies in contact",
        "companies interviewed",
        "calls a week",
        "calls not counted",
        "the highly educated not told apart",
        "pilot too new",
        "mobility under way",
    ],
)
def test_result_is_of_this_nature(
    store: ox.Store, result: str, indicator: list[str], nature: str
) -> None:
    assert values(store, result, "expat:indicator") == indicator
    assert values(store, result, "expat:nature") == [nature]


def test_initiatives_without_results_of_their_own_have_none(store: ox.Store) -> None:
    assert [project for project in FIVE if not values(store, project, "expat:result")] == [NEW, LEM]


# -- who

_ROLE = """
    ?it cv:hasParticipation ?p . ?p cv:role ?role
    """


@pytest.mark.parametrize(
    ("project", "named"),
    [
        (
            NEW,
            """lead bibliotekscenter-for-integration statsbiblioteket
            participant copenhagen-volunteers dansk-flygtningehjaelp dgi foreningen-nydansker novum
              spousecare velkomstagenterne""",
        ),
        (
            LEM,
            """lead lemvig-kommune
            partner integrationsnetvaerket tilflytternetvaerket""",
        ),
        (
            EXD,
            """host gentofte-bibliotekerne
            lead statsbiblioteket""",
        ),
        (
            COM,
            """partner erhvervsakademi-sjaelland foreningen-nydansker
              guldborgsund-sprog-og-integrationscenter naestved-sprog-og-integrationscenter
              university-college-sjaelland""",
        ),
        (
            VEL,
            """consortium-member aalborg-kommune hjoerring-kommune jammerbugt-kommune laesoe-kommune
              mariagerfjord-kommune morsoe-kommune rebild-kommune thisted-kommune
              vesthimmerlands-kommune
            coordinator statsforvaltningen-nordjylland
            partner aalborg-universitet""",
        ),
    ],
)
def test_these_organisations_took_part_in_these_roles(
    store: ox.Store, project: str, named: str
) -> None:
    found = rows(store, project, f"{_ROLE} ; cv:hasParticipant ?who", "role", "who")

    together: dict[str, list[str]] = {}
    for role, who in found:
        together.setdefault(role.removeprefix("role/"), []).append(who)
    assert together == _by_first_word(named)


def _by_first_word(text: str) -> dict[str, list[str]]:
    """Read lines of a role and its members; a line that begins deeper goes on with the last."""
    found: dict[str, list[str]] = {}
    roles = ("consortium-member", "coordinator", "host", "lead", "participant", "partner")
    for word in text.split():
        if word in roles:
            members = found.setdefault(word, [])
        else:
            members.append(word)
    return found


@pytest.mark.parametrize(
    ("project", "kinds"),
    [
        (
            NEW,
            """business-council company interest-organisation international-association
            international-school job-centre language-centre library region university womens-network
            youth-education""",
        ),
        (LEM, ""),
        (EXD, "library"),
        (COM, ""),
        (VEL, "authority company educational-institution hospital social-partner"),
    ],
)
def test_these_kinds_of_organisations_took_part(store: ox.Store, project: str, kinds: str) -> None:
    found = values(store, project, "cv:hasParticipation/expat:organisationKind")

    assert found == [f"organisation-kind/{kind}" for kind in kinds.split()]


def test_talks_at_the_information_meetings_of_come_and_stay(store: ox.Store) -> None:
    found = rows(
        store,
        f"{COM}#info-meetings",
        "?it cv:hasParticipation ?p . ?p cv:hasParticipant ?who ; cv:role ?role ; dct:subject ?on",
        *("who", "role", "on"),
    )

    assert found == [
        ("skat", "role/presenter", "theme/tax"),
        (
            "styrelsen-for-universiteter-og-internationalisering",
            "role/presenter",
            "theme/recognition",
        ),
        ("vaekstfabrikken-naestved", "role/presenter", "theme/entrepreneurship"),
        ("workindenmark", "role/presenter", "theme/citizenship"),
    ]


def test_the_welcome_centres_have_four_consortia(store: ox.Store) -> None:
    found = rows(store, VEL, "?it expat:consortium ?c . ?c org:hasMember ?who", "c", "who")

    members: dict[str, set[str]] = {}
    for consortium, who in found:
        members.setdefault(consortium, set()).add(who.removesuffix("-kommune"))
    assert sorted(members.values(), key=sorted) == [
        {"aalborg", "jammerbugt", "rebild"},
        {"hjoerring", "laesoe"},
        {"mariagerfjord", "vesthimmerlands"},
        {"morsoe", "thisted"},
    ]


def test_no_municipality_of_the_north_is_added_that_the_page_does_not_name(
    store: ox.Store,
) -> None:
    found = select(
        store,
        "SELECT ?s ?place { ?s ?p ?place FILTER(?place IN (code:place\\/810, code:place\\/813)) }",
    )

    assert found == []


# -- words about the initiative


@pytest.mark.parametrize(
    ("project", "groups"),
    [
        (NEW, "library primary, municipality secondary, newcomer end-target"),
        (LEM, "family unranked, foreign-worker unranked"),
        (EXD, "citizen unranked, foreign-worker unranked"),
        (
            COM,
            """foreign-worker primary, spouse primary, family primary, danish-colleague primary,
            citizen primary, company secondary, public-workplace secondary,
            municipality secondary, cultural-institution secondary, association secondary,
            business-organisation secondary, union secondary, company-network secondary,
            other-region further""",
        ),
        (VEL, "company unranked, foreign-worker unranked"),
    ],
)
def test_initiative_is_for_these_groups_in_this_rank(
    store: ox.Store, project: str, groups: str
) -> None:
    found = rows(
        store,
        project,
        "?it dct:audience ?a . ?a expat:group ?group ; expat:rank ?rank",
        *("group", "rank"),
    )

    assert found == sorted((f"target-group/{one}", f"rank/{two}") for one, two in _pairs(groups))


@pytest.mark.parametrize(
    ("project", "property", "number"),
    [
        (NEW, "expat:subGoal", 2),
        (NEW, "expat:lesson", 6),
        (LEM, "expat:focusArea", 4),
        (LEM, "expat:followUp", 3),
        (EXD, "expat:goodPracticeReason", 4),
        (COM, "expat:focusArea", 3),
        (COM, "expat:lesson", 3),
        (VEL, "expat:focusArea", 9),
    ],
)
def test_list_is_as_long_as_on_the_page_and_numbered_in_its_order(
    store: ox.Store, project: str, property: str, number: int
) -> None:
    positions = values(store, project, f"{property}/schema:position")

    assert len(values(store, project, property)) == number
    assert positions == [str(each) for each in range(1, number + 1)]


def test_only_the_expat_dinner_is_called_a_good_example(store: ox.Store) -> None:
    assert [p for p in FIVE if values(store, p, "expat:goodPracticeReason")] == [EXD]


@pytest.mark.parametrize(
    ("position", "word"),
    [(1, "network"), (2, "500"), (3, "carry it on"), (4, "aware of expats")],
    ids=["a larger network", "500 on 6 December 2012", "carried on by libraries", "an eye-opener"],
)
def test_the_expat_dinner_is_a_good_example_for_this_reason(
    store: ox.Store, position: int, word: str
) -> None:
    found = rows(
        store,
        EXD,
        f"""
        ?it expat:goodPracticeReason ?r . ?r schema:position {position} ; dct:description ?text
        FILTER(LANG(?text) = "en")
        """,
        "text",
    )

    assert [word in text for (text,) in found] == [True]


def test_the_reason_with_a_number_is_about_the_dinner_on_that_day(store: ox.Store) -> None:
    found = rows(store, EXD, "?it expat:goodPracticeReason ?r . ?r schema:about ?what", "r", "what")

    assert found == [(f"{EXD}#reason-2", f"{EXD}#dinner-2012-12-06")]


@pytest.mark.parametrize(
    ("part", "hedged"),
    [
        (f"{LEM}#lesson-1", []),
        (f"{LEM}#lesson-2", ["true"]),
        (f"{VEL}#hard-to-reach", []),
        (f"{VEL}#lesson-4", ["true"]),
    ],
    ids=["turnout", "a guess at why", "companies hard to reach", "put down to the crisis"],
)
def test_what_the_page_only_supposes_is_hedged(
    store: ox.Store, part: str, hedged: list[str]
) -> None:
    assert values(store, part, "expat:hedged") == hedged


@pytest.mark.parametrize(
    ("activity", "languages"),
    [
        (f"{COM}#guides", ["language/da", "language/de", "language/en", "language/pl"]),
        (f"{VEL}#social-networks", ["language/en"]),
        (f"{LEM}#info-evenings", []),
    ],
)
def test_activity_is_in_these_languages(
    store: ox.Store, activity: str, languages: list[str]
) -> None:
    assert values(store, activity, "dct:language") == languages


def test_interpreting_was_offered_at_the_information_evenings_of_lemvig(store: ox.Store) -> None:
    assert values(store, f"{LEM}#info-evenings", "expat:interpreting") == ["true"]


@pytest.mark.parametrize(
    ("project", "kinds"),
    [
        (NEW, []),
        (LEM, []),
        (EXD, []),
        (COM, ["evaluation-kind/final", "evaluation-kind/mid-term", "evaluation-kind/none"]),
        (VEL, []),
    ],
)
def test_initiative_was_evaluated_in_these_ways(
    store: ox.Store, project: str, kinds: list[str]
) -> None:
    assert values(store, project, "expat:evaluation/dct:type") == kinds


def test_what_was_not_evaluated_are_the_social_events(store: ox.Store) -> None:
    found = rows(
        store,
        COM,
        "?it expat:evaluation ?e . ?e schema:about ?what ; dct:type ?kind",
        *("what", "kind"),
    )

    assert found == [(f"{COM}#social-events", "evaluation-kind/none")]


@pytest.mark.parametrize(
    ("project", "follow_ups"),
    [
        (NEW, []),
        (
            LEM,
            [
                ("anchored", "integrationsnetvaerket"),
                ("anchored", "tilflytternetvaerket"),
                ("limited-continuation", "lemvig-kommune"),
                ("successor-planned", "region-midtjyllands-vaekstforum"),
            ],
        ),
        (
            EXD,
            [
                ("anchored", ""),
                ("discontinued", "statsbiblioteket"),
                ("local-continuation", "gentofte-bibliotekerne"),
            ],
        ),
        (
            COM,
            [
                ("continued", "guldborgsund-kommune"),
                ("continued", "naestved-sprog-og-integrationscenter"),
            ],
        ),
        (VEL, []),
    ],
)
def test_this_is_what_became_of_it(
    store: ox.Store, project: str, follow_ups: list[tuple[str, str]]
) -> None:
    found = rows(
        store,
        project,
        "?it expat:followUp ?f . ?f dct:type ?kind OPTIONAL { ?f expat:actor ?who }",
        *("kind", "who"),
    )

    assert [(kind.removeprefix("follow-up-kind/"), who) for kind, who in found] == follow_ups


def test_the_planned_successor_in_lemvig_was_to_begin_in_august_2012(store: ox.Store) -> None:
    found = rows(
        store,
        LEM,
        """
        ?it expat:followUp ?f . ?f expat:successor ?next .
        ?next adms:status ?status ; dct:temporal/expat:edtf ?time ; expat:continues ?before
        """,
        *("next", "status", "time", "before"),
    )

    assert found == [("lemvig-nyt-projekt", "status/planned", "2012-08/", LEM)]


@pytest.mark.parametrize(
    ("project", "path", "others"),
    [
        (NEW, "expat:continues", ["projekt-newcomers"]),
        (NEW, "dct:isPartOf", []),
        (LEM, "dct:isPartOf", ["modtagelse-og-fastholdelse-region-midtjylland"]),
        (LEM, "expat:continues", []),
        (EXD, "expat:continues|dct:isPartOf", []),
        (COM, "expat:continues|dct:isPartOf", []),
        (VEL, "expat:continues|dct:isPartOf", []),
    ],
)
def test_initiative_follows_or_belongs_to_these(
    store: ox.Store, project: str, path: str, others: list[str]
) -> None:
    assert values(store, project, path) == others


@pytest.mark.parametrize(
    ("project", "kind"),
    [
        (NEW, "project"),
        (LEM, "project"),
        (EXD, "concept"),
        (COM, "project"),
        (VEL, "project"),
        ("modtagelse-og-fastholdelse-region-midtjylland", "programme"),
    ],
)
def test_initiative_is_of_this_kind(store: ox.Store, project: str, kind: str) -> None:
    assert values(store, project, "dct:type") == [f"initiative-kind/{kind}"]


@pytest.mark.parametrize(
    ("project", "title"),
    [
        (NEW, "Projekt Newcomers – samarbejde på tværs"),
        (LEM, "Working in Lemvig"),
        (EXD, "Expat Dinner"),
        (COM, "Come & Stay!"),
        (VEL, "Velkomstcentre - live and work in North Denmark"),
    ],
)
def test_initiative_is_called_in_danish_what_the_page_calls_it(
    store: ox.Store, project: str, title: str
) -> None:
    found = rows(store, project, "?it dct:title ?t FILTER(LANG(?t) = 'da')", "t")

    assert found == [(title,)]


def test_websites_are_those_on_the_pages_without_the_full_stop_of_the_sentence(
    store: ox.Store,
) -> None:
    found = {project: values(store, project, "foaf:page") for project in FIVE}

    assert found == {
        NEW: [],
        LEM: [],
        EXD: [],
        COM: [],
        VEL: ["http://www.velkomstcentre.dk/kandidater.aspx"],
    }


# -- sources that disagree


def test_the_news_item_names_another_ministry_for_the_newcomers_project(store: ox.Store) -> None:
    found = rows(
        store,
        NEW,
        """
        ?it expat:disagreement ?d . ?d schema:about ?what ; expat:claimedAgent ?who ; dct:source ?by
        """,
        *("what", "who", "by"),
    )

    assert found == [
        (f"{NEW}#funding-1", "integrationsministeriet", "statsbiblioteket-nyhed-2011-09-15")
    ]


def test_another_page_counts_18_companies_where_this_one_counts_19(store: ox.Store) -> None:
    found = rows(
        store,
        NEW,
        """
        ?it expat:disagreement ?d . ?d schema:about ?what ; expat:value/schema:minValue ?there .
        ?what expat:value/schema:minValue ?here
        """,
        *("what", "here", "there"),
    )

    assert found == [(f"{NEW}#largest-companies", "19", "18")]


def test_these_are_all_the_disagreements(store: ox.Store) -> None:
    assert {p: len(values(store, p, "expat:disagreement")) for p in FIVE} == {
        NEW: 2,
        LEM: 0,
        EXD: 0,
        COM: 0,
        VEL: 0,
    }


# -- sources and contacts


@pytest.mark.parametrize(
    ("project", "kind", "address"),
    [
        (
            NEW,
            "initiative",
            "Initiativer/CaseFolder/Projekt-Newcomers-samarbejde-paa-tvaers.aspx",
        ),
        (LEM, "initiative", "Initiativer/CaseFolder/Working-in-Lemvig.aspx"),
        (EXD, "good-example", "De-gode-eksempler/Expat-Dinner.aspx"),
        (COM, "initiative", "Initiativer/CaseFolder/Come-and-Stay.aspx"),
        (
            VEL,
            "initiative",
            "Initiativer/CaseFolder/Velkomstcentre-live-and-work-in-North-Denmark.aspx",
        ),
    ],
)
def test_initiative_has_its_page_as_source(
    store: ox.Store, project: str, kind: str, address: str
) -> None:
    found = rows(
        store,
        project,
        "?it dct:source ?s . ?s dct:type ?kind ; schema:url ?url ; dct:publisher ?by",
        *("kind", "url", "by"),
    )

    assert found == [(f"page-kind/{kind}", f"https://expatviden.dk/da/{address}", "siri")]


@pytest.mark.parametrize(
    ("project", "page"),
    [
        ("projekt-newcomers", "expatviden-projekt-newcomers-samarbejde-paa-tvaers"),
        ("modtagelse-og-fastholdelse-region-midtjylland", "expatviden-working-in-lemvig"),
        ("lemvig-nyt-projekt", "expatviden-working-in-lemvig"),
    ],
)
def test_related_initiative_is_known_from_the_page_that_names_it(
    store: ox.Store, project: str, page: str
) -> None:
    assert values(store, project, "dct:source") == [page]


def test_the_publisher_of_the_pages_takes_part_in_nothing(store: ox.Store) -> None:
    found = select(
        store, "SELECT DISTINCT ?p { ?s ?p <https://w3id.org/expatlod/id/organisation/siri> }"
    )

    assert found == [(f"{PREFIXES['dct']}publisher",)]


@pytest.mark.parametrize(
    ("project", "contacts"),
    [
        (NEW, [("statsbiblioteket", "Victor Albecks Vej 1", "8000", "Aarhus C")]),
        (LEM, [("lemvig-kommune", "Rådhusgade 2", "7620", "Lemvig")]),
        (
            EXD,
            [
                (
                    "bibliotekscenter-for-integration",
                    "Overgaden oven Vandet 58A",
                    "1415",
                    "København K",
                ),
                ("gentofte-bibliotekerne", "", "", ""),
                ("statsbiblioteket", "Overgaden oven Vandet 58A", "1415", "København K"),
            ],
        ),
        (
            COM,
            [("naestved-sprog-og-integrationscenter", "Kasernevej 20", "4700", "Næstved")],
        ),
        (
            VEL,
            [
                (
                    "statsforvaltningen-nordjylland",
                    "Aalborghus Slot, Slotspladsen 1",
                    "9000",
                    "Aalborg",
                )
            ],
        ),
    ],
)
def test_contact_is_an_office(
    store: ox.Store, project: str, contacts: list[tuple[str, ...]]
) -> None:
    found = rows(
        store,
        project,
        """
        ?it cv:contactPoint ?c . ?c expat:organisation ?who
        OPTIONAL { ?c vcard:street-address ?street } OPTIONAL { ?c vcard:postal-code ?code }
        OPTIONAL { ?c vcard:locality ?town }
        """,
        *("who", "street", "code", "town"),
    )

    assert found == contacts


# -- the data as a whole


def test_data_has_no_errors_and_only_these_remarks(collection: Collection) -> None:
    found = {(Path(each.at.path).stem, each.severity, each.path) for each in collection.validate()}

    assert found == {
        # The news item's heading was never recorded.
        ("statsbiblioteket-nyhed-2011-09-15", "warning", "dct:title"),
        # The page on Working in Lemvig says neither for whom nor where its successor would be.
        ("lemvig-nyt-projekt", "warning", "dct:audience"),
        ("lemvig-nyt-projekt", "note", "expat:extent"),
        # These two are only named, as predecessor and as umbrella.
        ("projekt-newcomers", "warning", "dct:subject"),
        ("projekt-newcomers", "note", "expat:extent"),
        ("modtagelse-og-fastholdelse-region-midtjylland", "note", "expat:extent"),
    }


def test_record_is_in_a_file_of_its_name(collection: Collection) -> None:
    odd = [
        each.record.source
        for each in collection.records
        if Path(each.record.source).stem != each.iri.rpartition("/")[2]
    ]

    assert odd == []


def test_there_are_the_five_projects_and_the_three_that_they_name(collection: Collection) -> None:
    projects = [path.stem for path in (ROOT / "data/projects").iterdir()]

    assert sorted(projects) == sorted(
        [
            *FIVE,
            "lemvig-nyt-projekt",
            "modtagelse-og-fastholdelse-region-midtjylland",
            "projekt-newcomers",
        ]
    )


def test_every_text_stands_in_danish_and_english(store: ox.Store) -> None:
    languages: dict[tuple[str, str], list[str]] = {}
    for quad in store:
        if isinstance(quad.object, ox.Literal) and quad.object.language:
            key = (_short(quad.subject), _short(quad.predicate))
            languages.setdefault(key, []).append(quad.object.language)

    odd = {key: tags for key, tags in languages.items() if tags.count("da") != tags.count("en")}
    # The words of a page stay in its language, and so does its heading.
    verbatim = f"{PREFIXES['expat']}verbatim"
    headings = {
        (page.stem, f"{PREFIXES['dct']}title")
        for page in (ROOT / "data/pages").glob("expatviden-*.yaml")
    }
    assert {key for key in odd if key[1] != verbatim} == headings
    assert {tuple(tags) for key, tags in odd.items()} == {("da",)}


def test_what_is_derived_is_marked(store: ox.Store) -> None:
    found = select(store, "SELECT ?part { ?part expat:basis code:basis\\/derived }")

    assert [part for (part,) in found] == [
        "projekt-newcomers#audience-1",  # from its name
        f"{VEL}#consortium-3",  # Mors and Thy read as the municipalities
        f"{VEL}#extent-6",  # Mors
        f"{VEL}#extent-7",  # Thy
        f"{VEL}#funding-2-amount",  # budget less grant
        f"{VEL}#participation-1",  # the contact, read as coordinator
        f"{VEL}#participation-3",  # Mors and Thy
        f"{LEM}#participation-1",  # the contact, read as lead
    ]


@pytest.mark.parametrize(
    ("part", "place"), [(f"{VEL}#extent-6", "773"), (f"{VEL}#extent-7", "787")]
)
def test_derived_municipality_keeps_the_words_of_the_page(
    store: ox.Store, part: str, place: str
) -> None:
    words = {"773": "Mors", "787": "Thy"}

    assert values(store, part, "dct:spatial") == [f"place/{place}"]
    assert values(store, part, "expat:verbatim") == [words[place]]


def test_every_reference_resolves(store: ox.Store, model: Model) -> None:
    described = {quad.subject.value for quad in store if isinstance(quad.subject, ox.NamedNode)}
    pointed = {quad.object.value for quad in store if isinstance(quad.object, ox.NamedNode)}

    ids = {iri for iri in pointed if iri.startswith("https://w3id.org/expatlod/id/")}
    codes = {iri for iri in pointed if iri.startswith("https://w3id.org/expatlod/code/")}
    assert ids - described == set()
    assert codes - set(model.code_facts) == set()


def test_nothing_that_did_something_is_something(store: ox.Store) -> None:
    # PROV-O keeps activities and entities apart.
    found = select(
        store, "SELECT ?s { ?s a prov:Activity ; prov:wasDerivedFrom|^prov:wasDerivedFrom ?o }"
    )

    assert found == []


def test_every_organisation_is_named_by_somebody(store: ox.Store) -> None:
    found = select(store, "SELECT ?o { ?o a org:Organization FILTER NOT EXISTS { ?s ?p ?o } }")

    assert found == []


# -- nothing about persons

#: Files with somebody's words in them.
TEXTS = sorted(
    path
    for name in ("data", "ontology", "shapes", "tests", "README.md")
    for path in ((ROOT / name).rglob("*") if (ROOT / name).is_dir() else [ROOT / name])
    if path.suffix in {".csv", ".json", ".jsonld", ".md", ".py", ".rq", ".ttl", ".txt", ".yaml"}
)

#: Mail addresses that may stand: a function mailbox that a page gives, and what is reserved for
#: examples (RFC 2606).
MAILBOXES = {"velkomstcentre@statsforvaltning.dk"}
#: Reserved for examples, or of a top-level domain that there is not: an address that is no example
#: has to be shown as well.
_EXAMPLE = re.compile(r"@(?:[\w-]+\.)*(?:example\.(?:com|net|org)|eksempel)$", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b")

#: Danish numbers: eight digits, together or in pairs, the first of them 2 to 9.
_PHONE = re.compile(
    r"(?<![\w.+])[2-9]\d[ \u00a0]\d{2}[ \u00a0]\d{2}[ \u00a0]\d{2}(?!\w)"
    r"|(?<![\w.+])[2-9]\d{7}(?!\w)|\+45[ \u00a0]?[0-9][0-9 \u00a0]+"
)

#: No number that one could ring: noughts in examples of what must not be, a sum of money, a day.
_NOBODY = re.compile(r"\+45[0 \u00a0]+|\d{5}000|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])")

#: A function with a name after it, or the marks before a phone number and a mail address.
_PERSON = re.compile(
    r"(?:[Pp]rojekt(?:leder|chef)|[Pp]roject (?:manager|director)|[Kk]ontaktperson|[Kk]onsulent)"
    r"[,:]? [A-ZÆØÅ][a-zæøå]+ [A-ZÆØÅ][a-zæøå]+|^\s*(?:T|E|Tlf\.?|Mail):\s*[\d+a-z]",
    re.MULTILINE,
)


def mails(text: str) -> list[str]:
    """Return the mail addresses in *text* that may not stand there."""
    return [
        mail
        for mail in _MAIL.findall(text)
        if mail.lower() not in MAILBOXES and not _EXAMPLE.search(mail)
    ]


def phones(text: str) -> list[str]:
    """Return what looks like a phone number in *text*."""
    return [number for number in _PHONE.findall(text) if not _NOBODY.fullmatch(number)]


def _in_files(look: re.Pattern[str]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in TEXTS if look.search(path.read_text("utf-8"))]


def test_check_for_mail_addresses_sees_one() -> None:
    at = "@"

    assert mails(f"Skriv til nogen{at}solby.dk, info{at}example.org.") == [f"nogen{at}solby.dk"]


@pytest.mark.parametrize("spaces", ["", " ", "\u00a0"], ids=["none", "space", "no-break space"])
def test_check_for_phone_numbers_sees_one(spaces: str) -> None:
    number = spaces.join(["23", "45", "67", "80"])

    assert phones(f"Ring på {number}, ikke på 00000000.") == [number]
    assert phones(f"Ring på +45 {number}.") == [f"+45 {number}"]


@pytest.mark.parametrize(
    "text", ["2012-12-06", "20121206", "25000000 DKK", "2009 2011", "98 af 100", "1.000"]
)
def test_check_for_phone_numbers_lets_other_numbers_pass(text: str) -> None:
    assert phones(text) == []


def test_check_for_persons_sees_a_name_after_a_function() -> None:
    function = "Projektleder"

    assert _PERSON.search(f"{function} Fulde Navn har fortalt om det.")


def test_no_file_holds_a_mail_address_but_the_mailboxes_allowed() -> None:
    found = {str(path.relative_to(ROOT)): mails(path.read_text("utf-8")) for path in TEXTS}

    assert {path: each for path, each in found.items() if each} == {}


def test_no_file_holds_a_phone_number() -> None:
    found = {str(path.relative_to(ROOT)): phones(path.read_text("utf-8")) for path in TEXTS}

    assert {path: each for path, each in found.items() if each} == {}


def test_no_file_names_a_person_as_contact() -> None:
    assert _in_files(_PERSON) == []


def test_the_only_mail_address_of_an_initiative_is_a_function_mailbox(store: ox.Store) -> None:
    found = select(store, "SELECT ?s ?m { ?s cv:email ?m }")

    assert found == [(f"{VEL}#contact-1", "velkomstcentre@statsforvaltning.dk")]


def test_contacts_have_functions_and_no_names_of_persons(store: ox.Store) -> None:
    found = select(
        store,
        """
        SELECT DISTINCT ?words {
          ?c a cv:ContactPoint ; skos:prefLabel|vcard:role ?words FILTER(LANG(?words) = "da")
        }
        """,
    )

    assert found == [("Come & Stay!",), ("Projektchef",), ("Projektleder",)]


def test_the_model_has_no_place_for_persons_and_phones(model: Model) -> None:
    terms = {each.iri for each in model.classes.values()}
    terms |= {field.path for each in model.classes.values() for field in each.fields.values()}

    assert [
        term for term in sorted(terms) if re.search("(?i)person|individual|tele?phone", term)
    ] == []


# -- nothing copied


def shared_runs(text: str, pages: str, length: int = 9) -> set[str]:
    """Return the runs of *length* words that *text* and *pages* have in common."""
    mine, theirs = (re.findall(r"\w+", each.casefold()) for each in (text, pages))
    runs = {tuple(theirs[at : at + length]) for at in range(len(theirs) - length + 1)}
    found = (tuple(mine[at : at + length]) for at in range(len(mine) - length + 1))
    return {" ".join(run) for run in found if run in runs}


def test_check_for_copied_text_sees_nine_words_in_a_row() -> None:
    page = "Om aftenen gik alle naboer ned til havnen og sang for de nye."
    record = "  da: >-\n    I juni gik alle naboer ned til\n    havnen, og sang så længe.\n"

    assert shared_runs(record, page) == set()
    assert shared_runs(record.replace("så længe", "for solen"), page) == {
        "gik alle naboer ned til havnen og sang for"
    }


if SEEDS.is_dir():

    def _pages() -> str:
        return "\n\n".join(path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt")))

    def _contacts() -> Iterator[str]:
        """Yield the names, numbers and addresses of persons on the pages."""
        text = _pages().replace("\u00a0", " ")
        for mail in _MAIL.findall(text):
            if mail.lower() not in MAILBOXES:
                yield mail
        yield from (number.strip() for number in _PHONE.findall(text))
        for after in text.split("\nKontaktperson")[1:]:
            block = after.partition("Kontaktinformation")[0]
            yield from re.findall(r"\n([^\n:]+) *\n(?:[^\n:]+\n)?T: ", block)

    def test_the_pages_hold_contacts_to_look_for() -> None:
        # Six contacts, each with a name, a number and an address; two numbers for one of them.
        assert len(list(_contacts())) >= 3 * 6 + 1

    def test_no_file_holds_a_contact_of_the_pages() -> None:
        contacts = re.compile("|".join(re.escape(each) for each in _contacts()), re.IGNORECASE)

        assert _in_files(contacts) == []

    @pytest.mark.parametrize("folder", ["data", "ontology", "shapes", "README.md"])
    def test_no_nine_words_in_a_row_are_those_of_a_page(folder: str) -> None:
        texts = [path for path in TEXTS if path.is_relative_to(ROOT / folder)]
        pages = _pages()

        found = {path.name: shared_runs(path.read_text("utf-8"), pages) for path in texts}
        assert {name: runs for name, runs in found.items() if runs} == {}
