"""The JSON form: one document for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from expatlod.errors import ERROR, NOTE, WARNING, Finding, Location, Reason
from expatlod.profile import Model
from expatlod.reports import FORMATS
from expatlod.reports.json import document
from expatlod.reports.report import Report

SHARE = Finding(
    Location("net.yaml", 2, 8, 5),
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

WHOLE = """\
{
  "version": 1,
  "summary": {
    "errors": 1,
    "warnings": 1,
    "notes": 0,
    "files": 3,
    "filesWithFindings": 2,
    "codes": {
      "record:empty": 1,
      "sh:maxInclusive": 1
    }
  },
  "findings": [
    {
      "code": "sh:maxInclusive",
      "severity": "error",
      "message": {
        "da": "share (andel) '250 %' er mere end 100",
        "en": "share '250 %' is more than 100"
      },
      "help": {
        "da": "Skriv et tal fra 0 til 100.",
        "en": "Write a number from 0 to 100."
      },
      "field": {
        "da": "andel",
        "en": "share"
      },
      "also": [
        {
          "code": "sh:pattern",
          "message": {
            "da": "'%' kan ikke stå her",
            "en": "'%' cannot stand here"
          }
        }
      ],
      "file": "net.yaml",
      "line": 2,
      "column": 8,
      "endColumn": 13,
      "sheet": null,
      "cell": null,
      "property": "expat:share",
      "focus": "https://example.org/net#funding-1",
      "value": "250 %",
      "excerpt": "share: 250 %"
    },
    {
      "code": "record:empty",
      "severity": "warning",
      "message": {
        "da": "filen er tom",
        "en": "the file is empty"
      },
      "help": {},
      "field": {},
      "also": [],
      "file": "tom.csv",
      "line": null,
      "column": null,
      "endColumn": null,
      "sheet": null,
      "cell": null,
      "property": "",
      "focus": "",
      "value": "",
      "excerpt": ""
    }
  ]
}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.yaml").write_text("id: net\nshare: 250 %\n", "utf-8")
    monkeypatch.chdir(tmp_path)


def report(model: Model, *findings: Finding) -> Report:
    return Report(findings, ("net.yaml", "good.yaml", "tom.csv"), model, lambda: "")


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_document_is_the_same_in_either_language(model: Model, lang: str) -> None:
    assert document(report(model, SHARE, EMPTY), lang) == WHOLE


def test_nothing_found_is_a_document_too(model: Model) -> None:
    assert json.loads(FORMATS["json"](report(model), "en")) == {
        "version": 1,
        "summary": {
            "errors": 0,
            "warnings": 0,
            "notes": 0,
            "files": 3,
            "filesWithFindings": 0,
            "codes": {},
        },
        "findings": [],
    }


def test_a_place_in_a_spreadsheet_is_a_cell(model: Model) -> None:
    at = Location("net.xlsx", 3, 28, 4, "Project")

    (found,) = json.loads(document(report(model, Finding(at, NOTE, "x", {})), "en"))["findings"]

    keys = ("line", "column", "endColumn", "sheet", "cell")
    assert [found[key] for key in keys] == [3, 28, None, "Project", "AB3"]


def test_a_very_long_line_is_cut_around_the_value(model: Model) -> None:
    Path("long.yaml").write_text("a" * 1_000_000 + "VALUE" + "b" * 1_000_000)
    at = Location("long.yaml", 1, 1_000_001, 5)

    (found,) = json.loads(document(report(model, Finding(at, NOTE, "x", {})), "en"))["findings"]

    assert found["excerpt"] == "…" + "a" * 200 + "VALUE" + "b" * 395 + "…"
    assert (found["column"], found["endColumn"]) == (1_000_001, 1_000_006)


def test_a_file_name_that_is_not_utf_8_is_escaped(model: Model) -> None:
    finding = Finding(Location("caf\udce9.yaml"), NOTE, "x", {})

    (found,) = json.loads(document(report(model, finding), "en"))["findings"]

    assert found["file"] == r"caf\udce9.yaml"


_ODD = st.text(st.characters())


@given(message=_ODD, path=_ODD, value=_ODD)
@example(message="\ud800", path="\ud800", value="\ud800")
def test_no_text_breaks_the_document(model: Model, message: str, path: str, value: str) -> None:
    finding = Finding(
        Location("net.yaml", 2, 8),
        ERROR,
        "x",
        {"en": message},
        {"da": message},
        path,
        value,
        {"en": path},
        value,
        (Reason("y", {"en": value}),),
    )

    (found,) = json.loads(document(report(model, finding), "en"))["findings"]

    def kept(text: str) -> str:
        return text.encode("utf-8", "backslashreplace").decode()

    assert found["message"] == {"en": kept(message)}
    assert (found["property"], found["value"]) == (kept(path), kept(value))
