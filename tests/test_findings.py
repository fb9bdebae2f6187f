"""One finding for a fault: reasons together, details in place of what they explain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from expatlod.check import check
from expatlod.errors import ERROR, NOTE, WARNING, Finding, Location
from expatlod.findings import Result, leaves, together
from expatlod.profile import Model, load
from expatlod.rdf import read
from expatlod.resources import default_profile
from expatlod.validate import Validator

SHARE = Finding(
    Location("a.yaml", 3, 9, 4),
    ERROR,
    "sh:maxInclusive",
    {"en": "share '25 %' is more than 100"},
    {"en": "Write 0 to 100."},
    "expat:share",
    "https://example.org/a",
    {"en": "share"},
    "25 %",
)


def test_three_constraints_that_one_value_breaks_are_one_finding_with_three_reasons(
    model: Model, tmp_path: Path
) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(
        "@prefix expat: <https://w3id.org/expatlod/ontology#> .\n"
        "<https://example.org/a> a expat:Funding ;\n"
        "  expat:fundingSource <https://w3id.org/expatlod/code/funding-source/esf> ;\n"
        '  expat:share "25 %" .\n'
    )

    (found,) = check(model, [path]).findings

    assert (str(found.at), found.rule) == (f"{path}:4:15", "sh:datatype")
    assert {each.rule for each in found.also} == {"sh:maxInclusive", "sh:minInclusive"}


def test_the_gravest_reason_leads() -> None:
    note = replace(SHARE, severity=NOTE, rule="sh:pattern")
    warning = replace(SHARE, severity=WARNING, rule="sh:datatype")

    (found,) = together([note, warning, SHARE])

    assert (found.rule, [each.rule for each in found.also]) == (
        "sh:maxInclusive",
        ["sh:datatype", "sh:pattern"],
    )


def test_faults_of_two_values_stay_apart() -> None:
    other = replace(SHARE, value="250", at=Location("a.yaml", 2, 1))

    assert [each.value for each in together([SHARE, other])] == ["250", "25 %"]


def test_the_same_words_at_one_place_are_told_once() -> None:
    column = Finding(Location("a.csv", 1, 4), ERROR, "record:unknown", {"en": "no field 'x'"})

    assert together([column, column]) == [column]


def test_what_is_missing_in_two_languages_is_one_finding_with_both_cures() -> None:
    message = {"en": "title is missing in a language"}
    danish = Finding(Location("a.yaml", 3, 1), ERROR, "sh:qualifiedMinCount", message, {"en": "D."})
    english = replace(danish, help={"en": "E."})

    (found,) = together([danish, english])

    assert (found.help["en"], found.also) == ("D. E.", ())


def test_what_is_empty_because_the_rest_is_a_comment_is_told_as_that() -> None:
    empty = replace(SHARE, rule="record:empty", value="")
    comment = Finding(Location("a.yaml", 3, 12), WARNING, "record:comment", {"en": "a comment"})

    (found,) = together([empty, comment])

    assert (found.rule, found.severity, found.path) == ("record:comment", ERROR, "expat:share")


# -- details

PARENT = Result("https://e/a", "https://e/p", "https://e/b", "Node", "https://e/s", ERROR, {})
DETAIL = Result("https://e/b", "https://e/q", "", "MinCount", "https://e/t", WARNING, {})


def test_a_detail_about_a_node_is_told_there_as_gravely_as_what_it_explains() -> None:
    found = list(leaves(replace(PARENT, details=(DETAIL,)), {"https://e/a", "https://e/b"}))

    assert found == [replace(DETAIL, severity=ERROR)]


def test_a_detail_about_a_value_is_told_where_the_value_stands() -> None:
    (found,) = leaves(replace(PARENT, details=(DETAIL,)), {"https://e/a"})

    assert (found.component, found.focus, found.path, found.value) == (
        "MinCount",
        "https://e/a",
        "https://e/p",
        "https://e/b",
    )


def test_details_of_details_are_followed_to_the_end() -> None:
    deepest = replace(DETAIL, component="Pattern")
    middle = replace(DETAIL, details=(deepest,))

    found = list(leaves(replace(PARENT, details=(middle,)), {"https://e/b"}))

    assert [each.component for each in found] == ["Pattern"]


def test_pyshacl_explains_a_node_by_what_is_wrong_inside_it(tmp_path: Path) -> None:
    model = load(default_profile())
    sh = "http://www.w3.org/ns/shacl#"
    model.__dict__["shapes_text"] = (
        f"<https://e/s> <{sh}targetSubjectsOf> <https://e/p> .\n"
        f"<https://e/s> <{sh}property> <https://e/sp> .\n"
        f"<https://e/sp> <{sh}path> <https://e/p> .\n"
        f"<https://e/sp> <{sh}node> <https://e/t> .\n"
        f"<https://e/t> <{sh}property> <https://e/tq> .\n"
        f"<https://e/tq> <{sh}path> <https://e/q> .\n"
        f'<https://e/tq> <{sh}minCount> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    )
    path = tmp_path / "a.nt"
    path.write_text(
        '<https://e/a> <https://e/p> <https://e/b> .\n<https://e/b> <https://e/r> "x" .\n'
    )
    placed, _ = read(path)

    found = [
        (each.rule, each.focus, each.path, each.at.line) for each in Validator(model).graph(placed)
    ]

    assert found == [("sh:minCount", "https://e/b", "https://e/q", 2)]
