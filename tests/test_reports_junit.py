"""The JUnit form: test panes read it, and count as we do."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from junitparser import JUnitXml

from expatlod.errors import ERROR, NOTE, WARNING, Finding, Location, Reason
from expatlod.profile import Model
from expatlod.reports.junit import suites
from expatlod.reports.report import Report

SHARE = Finding(
    Location("net.yaml", 2, 8, 5),
    ERROR,
    "sh:maxInclusive",
    {"en": "share '250 %' is more than 100", "da": "share (andel) '250 %' er mere end 100"},
    {"en": "Write a number < 100.", "da": "Skriv et tal < 100."},
    "expat:share",
    also=(Reason("sh:pattern", {"en": "'%' cannot stand here", "da": "'%' kan ikke stå her"}),),
)
TITLE = Finding(
    Location("net.yaml", 1, 1),
    WARNING,
    "sh:minCount",
    {"da": "title mangler", "en": "title is missing"},
)
EMPTY = Finding(
    Location("tom.csv"), ERROR, "record:empty", {"da": "filen er tom", "en": "the file is empty"}
)

ENGLISH = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="expatlod" tests="3" failures="2" errors="0">
  <testsuite name="good.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase name="no errors" classname="good.yaml" file="good.yaml" />
  </testsuite>
  <testsuite name="net.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase name="sh:maxInclusive expat:share 2:8" classname="net.yaml" file="net.yaml" line="2">
      <failure message="share '250 %' is more than 100" type="sh:maxInclusive">\
net.yaml:2:8: error: share '250 %' is more than 100
    2 | share: 250 %
      |        ^^^^^
  and: '%' cannot stand here
  help: Write a number &lt; 100.
  [sh:maxInclusive, sh:pattern  expat:share]
</failure>
    </testcase>
    <system-out>Warnings

net.yaml:1:1: warning: title is missing
    1 | id: net
      | ^
  [sh:minCount]

</system-out>
  </testsuite>
  <testsuite name="tom.csv" tests="1" failures="1" errors="0" skipped="0">
    <testcase name="record:empty" classname="tom.csv" file="tom.csv">
      <failure message="the file is empty" type="record:empty">tom.csv: error: the file is empty
  [record:empty]
</failure>
    </testcase>
  </testsuite>
</testsuites>
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.yaml").write_text("id: net\nshare: 250 %\n", "utf-8")
    monkeypatch.chdir(tmp_path)


def xml(model: Model, *findings: Finding, lang: str = "en") -> str:
    return suites(Report(findings, ("net.yaml", "good.yaml"), model, lambda: ""), lang)


def test_each_error_is_a_case_that_fails(model: Model) -> None:
    assert xml(model, TITLE, SHARE, EMPTY) == ENGLISH


def test_danish_is_danish(model: Model) -> None:
    text = xml(model, SHARE, lang="da")

    assert '<testcase name="ingen fejl" classname="good.yaml"' in text
    assert "net.yaml:2:8: fejl: share (andel) '250 %' er mere end 100\n" in text
    assert re.search("error:|warning:|help:|and:", text) is None


def test_warnings_and_notes_fail_nothing(model: Model) -> None:
    note = Finding(Location("net.yaml", 1, 1), NOTE, "x", {"en": "look"})

    text = xml(model, TITLE, note)

    (_, suite) = JUnitXml.fromstring(text.encode())
    assert [(case.name, case.result) for case in suite] == [("no errors", [])]
    told = ET.fromstring(text.encode()).findtext("testsuite/system-out", "")
    assert 0 <= told.index("Warnings") < told.index("Notes")


def test_junitparser_counts_as_we_do(model: Model) -> None:
    whole = JUnitXml.fromstring(xml(model, TITLE, SHARE, SHARE, EMPTY).encode())

    counted = {suite.name: (suite.tests, suite.failures, suite.errors) for suite in whole}
    assert counted == {"good.yaml": (1, 0, 0), "net.yaml": (2, 2, 0), "tom.csv": (1, 1, 0)}
    whole.update_statistics()
    assert (whole.tests, whole.failures, whole.errors) == (4, 3, 0)
    assert {suite.name: (suite.tests, suite.failures, suite.errors) for suite in whole} == counted


def test_junitparser_reads_why_a_case_failed(model: Model) -> None:
    (_, suite) = JUnitXml.fromstring(xml(model, SHARE).encode())

    ((failure,),) = [case.result for case in suite]
    assert (failure.message, failure.type) == (SHARE.message["en"], "sh:maxInclusive")
    assert failure.text.startswith("net.yaml:2:8: error: ")


def test_a_cell_names_its_case(model: Model) -> None:
    cell = Finding(Location("n.xlsx", 3, 28, sheet="Project"), ERROR, "record:xlsx", {"en": "x"})

    assert (
        '<testcase name="record:xlsx Project!AB3" classname="n.xlsx" file="n.xlsx" line="3">'
        in (xml(model, cell))
    )


def test_the_same_findings_give_the_same_bytes(model: Model) -> None:
    assert xml(model, SHARE, EMPTY) == xml(model, SHARE, EMPTY)
    assert "time" not in xml(model, SHARE, EMPTY)


_ODD = st.text(st.characters())


@given(message=_ODD, path=_ODD, value=_ODD)
@example(message="\ud800", path="\ud800", value="\ud800")
def test_no_text_breaks_the_document(model: Model, message: str, path: str, value: str) -> None:
    finding = Finding(
        Location(path.replace("\0", "") or "x", 1, 1),
        ERROR,
        "x",
        {"en": message},
        {"da": message},
        value,
        also=(Reason("y", {"en": value}),),
    )

    text = xml(model, finding)

    cases = ET.fromstring(text.encode()).findall("testsuite/testcase[failure]")
    assert len(cases) == 1
