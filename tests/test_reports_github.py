"""The GitHub form: one workflow command a finding, whatever a record says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from expatlod.errors import ERROR, NOTE, WARNING, Finding, Location, Reason
from expatlod.profile import Model
from expatlod.reports.github import commands
from expatlod.reports.report import Report

SHARE = Finding(
    Location("data/net.yaml", 2, 8, 5),
    ERROR,
    "sh:maxInclusive",
    {"en": "share '250 %' is more than 100", "da": "share (andel) '250 %' er mere end 100"},
    {"en": "Write 0 to 100.", "da": "Skriv 0 til 100."},
    "expat:share",
    also=(Reason("sh:pattern", {"en": "'%' cannot stand here", "da": "'%' kan ikke stå her"}),),
)
TITLE = Finding(Location("a.yaml", 1, 1), WARNING, "sh:minCount", {"en": "title is missing"})
WHOLE = Finding(Location("b.csv"), NOTE, "record:empty", {"en": "the file is empty"})

_COMMAND = re.compile(r"::(error|warning|notice) ((?:[a-zA-Z]+=[^:,\r\n]*,?)+)::([^\r\n]*)\n")


def unescaped(text: str) -> str:
    for escape, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n")):
        text = text.replace(escape, character)
    return text.replace("%25", "%")


def rendered(model: Model, *findings: Finding, lang: str = "en", most: int | None = None) -> str:
    return commands(Report(findings, (), model, lambda: ""), lang, most=most)


def test_the_gravest_come_first(model: Model) -> None:
    assert rendered(model, TITLE, WHOLE, SHARE) == (
        "::error file=data/net.yaml,line=2,col=8,endColumn=13,title=sh%3AmaxInclusive::"
        "share '250 %25' is more than 100%0Aand: '%25' cannot stand here%0Ahelp: Write 0 to 100.\n"
        "::warning file=a.yaml,line=1,col=1,endColumn=2,title=sh%3AminCount::title is missing\n"
        "::notice file=b.csv,title=record%3Aempty::the file is empty\n"
    )


def test_danish_is_danish(model: Model) -> None:
    assert rendered(model, SHARE, lang="da").partition("Inclusive::")[2] == (
        "share (andel) '250 %25' er mere end 100"
        "%0Aog: '%25' kan ikke stå her%0Ahjælp: Skriv 0 til 100.\n"
    )


def test_nothing_found_is_nothing(model: Model) -> None:
    assert rendered(model) == ""


def test_what_is_left_out_is_told(model: Model) -> None:
    _, _, last = rendered(model, TITLE, WHOLE, SHARE, most=1).partition("\n")

    assert last == "::notice::2 more are not shown; raise --max to see them\n"


def test_a_path_in_the_working_directory_is_relative(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    at = Location(str(tmp_path / "x" / ".." / "a.yaml"))

    assert rendered(model, replace(WHOLE, at=at)).startswith("::notice file=a.yaml,")


def test_a_path_elsewhere_is_as_it_was_typed(model: Model) -> None:
    at = Location("../a.yaml")

    assert rendered(model, replace(WHOLE, at=at)).startswith("::notice file=../a.yaml,")


def test_a_cell_stands_in_the_message(model: Model) -> None:
    at = Location("n.xlsx", 3, 28, sheet="Project")

    assert rendered(model, replace(WHOLE, at=at)) == (
        "::notice file=n.xlsx,title=record%3Aempty::Project!AB3: the file is empty\n"
    )


def test_a_value_cannot_begin_a_command(model: Model) -> None:
    evil = replace(WHOLE, message={"en": "x\n::error::y\r\n::add-mask::z"})

    assert rendered(model, evil) == (
        "::notice file=b.csv,title=record%3Aempty::x␊::error::y␍␊::add-mask::z\n"
    )


def test_a_file_name_cannot_add_a_property(model: Model) -> None:
    evil = replace(WHOLE, at=Location("a,line=9::b\n.yaml"))

    assert rendered(model, evil).startswith(
        "::notice file=a%2Cline=9%3A%3Ab%0A.yaml,title=record%3Aempty::"
    )


_ODD = st.text(st.characters(exclude_characters="\0"))


@given(message=_ODD, path=_ODD, value=_ODD)
@example(message="\ud800", path="\ud800", value="\ud800")
def test_a_finding_is_one_command_whatever_is_in_it(
    model: Model, message: str, path: str, value: str
) -> None:
    finding = Finding(
        Location(f"x/{path}", 1, 1),
        ERROR,
        value,
        {"en": message},
        {"en": value},
        also=(Reason("y", {"en": value}),),
    )

    match = _COMMAND.fullmatch(rendered(model, finding))

    assert match is not None
    given = dict(each.split("=", 1) for each in match.group(2).split(","))
    assert list(given) == ["file", "line", "col", "endColumn", "title"]
    assert unescaped(given["title"]) == value.encode("utf-8", "backslashreplace").decode()
