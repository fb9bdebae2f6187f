"""The text form: what an author reads, on a terminal and in a pipe."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
import wcwidth
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from expatlod.errors import ERROR, NOTE, WARNING, Finding, Location, Reason
from expatlod.reports.text import PLAIN, Look, hint, item, listing, more, summary, visible

RECORD = """\
id: net
type: Project
title: {da: Netværk}
period: 2012/2009
funding:
  - source: esf
    share: 250 %
"""

TITLE = Finding(
    Location("net.yaml", 3, 8),
    WARNING,
    "sh:qualifiedMinCount",
    {"da": "title (titel) mangler på et sprog", "en": "title is missing in a language"},
    {"da": "Skriv titlen også på engelsk.", "en": "Write the title in English as well."},
    "dct:title",
)
PERIOD = Finding(
    Location("net.yaml", 4, 9, 9),
    ERROR,
    "sh:lessThanOrEquals",
    {
        "da": "period '2012/2009' er senere eller større end tilladt",
        "en": "period '2012/2009' is later or greater than allowed",
    },
)
SHARE = Finding(
    Location("net.yaml", 7, 12, 5),
    ERROR,
    "sh:maxInclusive",
    {"da": "share (andel) '250 %' er mere end 100", "en": "share '250 %' is more than 100"},
    {"da": "Skriv et tal fra 0 til 100.", "en": "Write a number from 0 to 100."},
    "expat:share",
    also=(
        Reason("sh:pattern", {"da": "'%' kan ikke stå her", "en": "'%' cannot stand here"}),
        Reason("sh:datatype", {"da": "'250 %' er ikke et tal", "en": "'250 %' is no number"}),
    ),
)
SOURCE = Finding(
    Location("net.yaml", 1, 1, 2),
    NOTE,
    "sh:minCount",
    {"da": "extent mangler", "en": "extent is missing"},
)
WHOLE = Finding(
    Location("b.csv"),
    ERROR,
    "record:encoding",
    {"da": "filen er ikke UTF-8", "en": "the file is not UTF-8"},
)

ALL = (TITLE, SHARE, SOURCE, PERIOD, WHOLE)

ENGLISH = """\
b.csv: error: the file is not UTF-8
  [record:encoding]

net.yaml:4:9: error: period '2012/2009' is later or greater than allowed
    4 | period: 2012/2009
      |         ^^^^^^^^^
  [sh:lessThanOrEquals]

net.yaml:7:12: error: share '250 %' is more than 100
    7 |     share: 250 %
      |            ^^^^^
  and: '%' cannot stand here
  and: '250 %' is no number
  help: Write a number from 0 to 100.
  [sh:maxInclusive, sh:pattern, sh:datatype  expat:share]

Warnings

net.yaml:3:8: warning: title is missing in a language
    3 | title: {da: Netværk}
      |        ^
  help: Write the title in English as well.
  [sh:qualifiedMinCount  dct:title]

Notes

net.yaml:1:1: note: extent is missing
    1 | id: net
      | ^^
  [sh:minCount]

"""

DANISH = """\
b.csv: fejl: filen er ikke UTF-8
  [record:encoding]

net.yaml:4:9: fejl: period '2012/2009' er senere eller større end tilladt
    4 | period: 2012/2009
      |         ^^^^^^^^^
  [sh:lessThanOrEquals]

net.yaml:7:12: fejl: share (andel) '250 %' er mere end 100
    7 |     share: 250 %
      |            ^^^^^
  og: '%' kan ikke stå her
  og: '250 %' er ikke et tal
  hjælp: Skriv et tal fra 0 til 100.
  [sh:maxInclusive, sh:pattern, sh:datatype  expat:share]

Advarsler

net.yaml:3:8: advarsel: title (titel) mangler på et sprog
    3 | title: {da: Netværk}
      |        ^
  hjælp: Skriv titlen også på engelsk.
  [sh:qualifiedMinCount  dct:title]

Bemærkninger

net.yaml:1:1: bemærkning: extent mangler
    1 | id: net
      | ^^
  [sh:minCount]

"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.yaml").write_text(RECORD, "utf-8")
    monkeypatch.chdir(tmp_path)


# Write one line into a file of its own and show the finding about *value* in it.
def excerpt(line: str, value: str, look: Look = PLAIN, *, bom: bool = False) -> list[str]:
    Path("line.yaml").write_bytes((("\ufeff" if bom else "") + line).encode("utf-8"))
    at = Location("line.yaml", 1, line.index(value) + 1, len(value))
    shown = item(Finding(at, ERROR, "x", {"en": "wrong"}), "en", look).splitlines()
    assert (shown[0], shown[-1]) == (f"{at}: error: wrong", "  [x]")
    return shown[1:-1]


# The columns of the screen that the caret covers, from 0, and what stands there.
def pointed(lines: list[str]) -> str:
    text, caret = lines
    first, last = caret.index("^"), caret.rindex("^") + 1
    column, under = 0, ""
    for cluster in wcwidth.iter_graphemes(text):
        if first <= column < last:
            under += cluster
        column += wcwidth.wcswidth(cluster)
    return under


# -- the whole


@pytest.mark.parametrize(("lang", "text"), [("en", ENGLISH), ("da", DANISH)])
def test_errors_come_first_then_warnings_and_notes_apart(lang: str, text: str) -> None:
    assert listing(ALL, lang) == text


def test_there_is_no_heading_for_what_there_is_none_of() -> None:
    assert listing([SOURCE], "en") == ENGLISH[ENGLISH.index("Notes") :]


def test_nothing_found_is_no_text() -> None:
    assert listing([], "da") == ""


def test_a_list_that_is_bounded_keeps_the_gravest_and_counts_the_rest() -> None:
    end = ENGLISH.index("net.yaml:7:12")

    assert listing(ALL, "en", most=2) == (
        ENGLISH[:end] + "3 more are not shown; raise --max to see them\n"
    )


def test_a_bound_that_is_not_reached_is_not_told() -> None:
    assert listing(ALL, "en", most=5) == ENGLISH


def test_a_bound_of_nothing_leaves_the_count() -> None:
    assert listing([SHARE], "da", most=0) == "1 mere vises ikke; hæv --max for at se den\n"


@pytest.mark.parametrize(
    ("number", "lang", "told"),
    [
        (1, "en", "1 more is not shown; raise --max to see it"),
        (2, "da", "2 flere vises ikke; hæv --max for at se dem"),
    ],
)
def test_what_is_left_out_is_told_in_words(number: int, lang: str, told: str) -> None:
    assert more(number, lang) == told


# -- the summary


def several(severity: str, number: int, code: str, file: str = "a.yaml") -> list[Finding]:
    return [Finding(Location(file, n + 1, 1), severity, code, {}) for n in range(number)]


@pytest.mark.parametrize(
    ("findings", "english", "danish"),
    [
        ([], "no faults found", "ingen fejl fundet"),
        (several(ERROR, 1, "a"), "1 error in 1 file", "1 fejl i 1 fil"),
        (several(WARNING, 1, "a"), "1 warning in 1 file", "1 advarsel i 1 fil"),
        (
            several(NOTE, 2, "a"),
            "2 notes in 1 file; most frequent: a (2)",
            "2 bemærkninger i 1 fil; hyppigst: a (2)",
        ),
        (
            [*several(ERROR, 2, "a"), *several(WARNING, 2, "a", "b.yaml")],
            "2 errors, 2 warnings in 2 files; most frequent: a (4)",
            "2 fejl og 2 advarsler i 2 filer; hyppigst: a (4)",
        ),
        (
            [*several(ERROR, 3, "x"), *several(WARNING, 1, "y"), *several(NOTE, 1, "z")],
            "3 errors, 1 warning, 1 note in 1 file; most frequent: x (3), y (1), z (1)",
            "3 fejl, 1 advarsel og 1 bemærkning i 1 fil; hyppigst: x (3), y (1), z (1)",
        ),
        (
            [
                *several(ERROR, 1, "d"),
                *several(ERROR, 2, "c"),
                *several(ERROR, 2, "b"),
                *several(ERROR, 1, "a"),
            ],
            "6 errors in 1 file; most frequent: b (2), c (2), a (1)",
            "6 fejl i 1 fil; hyppigst: b (2), c (2), a (1)",
        ),
    ],
    ids=["none", "error", "warning", "notes", "two", "three", "ties"],
)
def test_the_summary_counts_findings_files_and_codes(
    findings: list[Finding], english: str, danish: str
) -> None:
    assert (summary(findings, "en"), summary(findings, "da")) == (english, danish)


def test_the_hint_names_the_most_frequent_error() -> None:
    findings = [
        *several(WARNING, 9, "sh:in"),
        *several(ERROR, 2, "sh:node"),
        *several(ERROR, 1, "a"),
    ]

    assert hint(findings, "en") == "expatlod explain sh:node tells more"
    assert hint(findings, "da") == "expatlod explain sh:node fortæller mere"


def test_there_is_no_hint_without_an_error() -> None:
    assert hint(several(WARNING, 9, "sh:in"), "en") == ""


# -- the caret


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("navn: kaffe", "kaffe"),
        ("名前: {ja: 東京都, en: Tokyo}", "Tokyo"),
        ("名前: 東京都", "東京都"),
        ("title: e\u0301te\u0301 sommer", "sommer"),
        ("flag: 🇩🇰 Danmark", "Danmark"),
        ("hjerte: ❤️ kærlighed", "kærlighed"),
        ("tone: 👍🏽 godt", "godt"),
    ],
    ids=["latin", "wide-before", "wide", "combining", "flag", "variation", "skin"],
)
def test_the_caret_stands_under_the_value_on_the_screen(line: str, value: str) -> None:
    assert pointed(excerpt(line, value)) == value


def test_a_tab_is_one_space() -> None:
    assert excerpt("\tshare:\t250", "250") == [
        "    1 |  share: 250",
        "      |         ^^^",
    ]


@pytest.mark.parametrize("value", ["مشروع", "שלום"], ids=["arabic", "hebrew"])
def test_text_from_right_to_left_keeps_its_order(value: str) -> None:
    assert excerpt(f"title: {value} kind", value) == [
        f"    1 | title: {value} kind",
        f"      |        {'^' * len(value)}",
    ]


def test_the_joiner_of_an_emoji_is_shown_so_that_the_caret_holds_everywhere() -> None:
    lines = excerpt("who: 👩\u200d💻 kode", "kode")

    # Two columns for each half and one for what joins them.
    assert lines == ["    1 | who: 👩\ufffd💻 kode", "      |            ^^^^"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""], ids=["lf", "crlf", "cr", "none"])
def test_the_end_of_the_line_is_not_shown(end: str) -> None:
    assert excerpt(f"share: 250{end}", "250") == ["    1 | share: 250", "      |        ^^^"]


def test_a_byte_order_mark_moves_nothing() -> None:
    assert excerpt("share: 250", "250", bom=True) == ["    1 | share: 250", "      |        ^^^"]


def test_a_line_that_is_blank_is_not_shown() -> None:
    assert excerpt("   \n", " ") == []


def test_a_place_after_the_end_is_pointed_at() -> None:
    finding = replace(PERIOD, at=Location("net.yaml", 1, 99, 5))

    assert item(finding, "en").splitlines()[1:3] == ["    1 | id: net", "      |        ^"]


def test_a_caret_longer_than_the_line_is_cut() -> None:
    finding = replace(PERIOD, at=Location("net.yaml", 1, 5, 500))

    assert item(finding, "en").splitlines()[1:3] == ["    1 | id: net", "      |     ^^^"]


def test_a_line_number_of_six_figures_keeps_the_bar_straight() -> None:
    Path("long.yaml").write_text("\n" * 123_455 + "share: 250\n")
    finding = replace(PERIOD, at=Location("long.yaml", 123_456, 8, 3))

    assert item(finding, "en").splitlines()[1:3] == [
        "123456 | share: 250",
        "       |        ^^^",
    ]


def test_a_file_that_is_gone_is_not_shown() -> None:
    finding = replace(PERIOD, at=Location("gone.yaml", 3, 1))

    assert item(finding, "en").splitlines()[1:] == ["  [sh:lessThanOrEquals]"]


# -- long lines


def test_a_long_line_is_cut_around_the_value() -> None:
    line = "a" * 1_000_000 + "VALUE" + "b" * 1_000_000

    text, caret = excerpt(line, "VALUE")

    # 120 columns: half of them for what comes before, with the mark of the cut.
    assert text == "    1 | …" + "a" * 59 + "VALUE" + "b" * 54 + "…"
    assert caret == "      | " + " " * 60 + "^^^^^"


def test_the_start_of_a_long_line_is_not_marked() -> None:
    text, caret = excerpt("share: 250" + "b" * 500, "250")

    assert text == "    1 | share: 250" + "b" * 109 + "…"
    assert caret == "      |        ^^^"


def test_the_end_of_a_long_line_is_not_marked() -> None:
    text, caret = excerpt("a" * 500 + "250", "250")

    assert text == "    1 | …" + "a" * 116 + "250"
    assert caret == "      | " + " " * 117 + "^^^"


def test_a_line_that_just_fits_is_whole() -> None:
    assert excerpt("a" * 117 + "250", "250") == [
        "    1 | " + "a" * 117 + "250",
        "      | " + " " * 117 + "^^^",
    ]


def test_a_value_that_is_too_long_is_pointed_at_as_far_as_it_shows() -> None:
    text, caret = excerpt("title: " + "x" * 5000, "x" * 5000)

    assert text == "    1 | title: " + "x" * 112 + "…"
    assert caret == "      |        " + "^" * 112


def test_wide_characters_count_twice_in_what_fits() -> None:
    text, caret = excerpt("京" * 300 + "VALUE" + "京" * 300, "VALUE")

    assert wcwidth.wcswidth(text) <= 8 + 120
    assert text == "    1 | …" + "京" * 29 + "VALUE" + "京" * 27 + "…"
    assert caret == "      | " + " " * 59 + "^^^^^"


def test_on_a_terminal_the_line_is_cut_to_its_width() -> None:
    text, caret = excerpt("a" * 500 + "250" + "b" * 500, "250", Look(width=48))

    assert text == "    1 | …" + "a" * 19 + "250" + "b" * 16 + "…"
    assert caret == "      | " + " " * 20 + "^^^"


@given(
    line=st.text(st.characters(exclude_characters="\r\n"), min_size=1, max_size=400),
    data=st.data(),
    width=st.integers(0, 200),
)
def test_any_line_is_shown_in_the_columns_there_are(
    tmp_path_factory: pytest.TempPathFactory, line: str, data: st.DataObject, width: int
) -> None:
    place = tmp_path_factory.getbasetemp() / "any.yaml"
    place.write_bytes(line.encode("utf-8", "replace"))
    column = data.draw(st.integers(0, len(line) + 2))
    length = data.draw(st.integers(0, len(line) + 2))
    at = Location(str(place), 1, column, length)

    lines = item(Finding(at, ERROR, "x", {"en": "wrong"}), "en", Look(width=width)).splitlines()

    assert lines[-1] == "  [x]"
    for each in lines[1:-1]:
        room = max(width - 8, 20) if width else 120
        assert 0 <= wcwidth.wcswidth(each) <= 8 + room


# -- what others wrote


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("\x1b", "␛"),
        ("\x07", "␇"),
        ("\x00", "␀"),
        ("\x7f", "␡"),
        ("\x9b", "\ufffd"),
        ("\u202e", "\ufffd"),
        ("\u2066", "\ufffd"),
        ("\u2069", "\ufffd"),
        ("\u200e", "\ufffd"),
        ("\u200f", "\ufffd"),
        ("\u061c", "\ufffd"),
        ("\u200b", "\ufffd"),
        ("\u2028", "\ufffd"),
        ("\u00ad", "\ufffd"),
        ("\U000e0041", "\ufffd"),
    ],
    ids=lambda value: f"{ord(value):04x}",
)
def test_what_is_not_seen_or_steers_is_shown(character: str, shown: str) -> None:
    assert visible(f"a{character}b") == f"a{shown}b"


def test_a_record_cannot_steer_the_terminal_anywhere() -> None:
    evil = "\x1b]0;owned\x07\u202e"
    Path(f"{evil}.yaml").write_text(f"a: {evil}\n", "utf-8")
    finding = Finding(
        Location(f"{evil}.yaml", 1, 4, len(evil)),
        ERROR,
        "x",
        {"en": f"'{evil}' is wrong"},
        {"en": f"not {evil}"},
        also=(Reason("y", {"en": f"{evil} again"}),),
    )

    assert item(finding, "en") == (
        "␛]0;owned␇�.yaml:1:4: error: '␛]0;owned␇�' is wrong\n"
        "    1 | a: ␛]0;owned␇�\n"
        "      |    ^^^^^^^^^^^\n"
        "  and: ␛]0;owned␇� again\n"
        "  help: not ␛]0;owned␇�\n"
        "  [x, y]\n"
    )


def test_a_file_name_that_is_not_utf_8_is_shown_as_escapes() -> None:
    finding = replace(WHOLE, at=Location("caf\udce9.yaml"))

    assert item(finding, "en") == (
        "caf\\udce9.yaml: error: the file is not UTF-8\n  [record:encoding]\n"
    )


def test_a_cell_is_named_and_its_text_shown() -> None:
    workbook = Workbook()
    sheet = workbook.create_sheet("Project")
    sheet["AB3"] = "250 %"
    workbook.save("net.xlsx")
    finding = replace(WHOLE, at=Location("net.xlsx", 3, 28, sheet="Project"))

    assert item(finding, "en") == (
        "net.xlsx:Project!AB3: error: the file is not UTF-8\n"
        "  AB3 | 250 %\n"
        "      | ^^^^^\n"
        "  [record:encoding]\n"
    )


# -- terminals


def test_on_a_terminal_severity_and_caret_are_in_colour() -> None:
    lines = item(PERIOD, "en", Look(colour=True)).splitlines()

    assert lines == [
        "net.yaml:4:9: \x1b[31merror\x1b[0m: period '2012/2009' is later or greater than allowed",
        "    4 | period: 2012/2009",
        "      |         \x1b[31m^^^^^^^^^\x1b[0m",
        "  [sh:lessThanOrEquals]",
    ]


def test_on_a_terminal_help_and_reasons_are_wrapped_under_themselves() -> None:
    finding = replace(
        WHOLE,
        help={"en": "Save the file once more as UTF-8 without anything else in it."},
        also=(Reason("y", {"en": "it has a column that nobody has ever heard of"}),),
    )

    assert item(finding, "en", Look(width=40)) == (
        "b.csv: error: the file is not UTF-8\n"
        "  and: it has a column that nobody has\n"
        "       ever heard of\n"
        "  help: Save the file once more as UTF-8\n"
        "        without anything else in it.\n"
        "  [record:encoding, y]\n"
    )


def test_an_address_is_not_broken() -> None:
    address = "https://example.org/a-long-way/to-go/before-it-ends"
    finding = replace(WHOLE, help={"en": f"see {address}"})

    assert item(finding, "en", Look(width=30)).splitlines()[1:3] == [
        "  help: see",
        f"        {address}",
    ]


# -- many


def test_ten_thousand_findings_in_one_file_take_time_in_proportion() -> None:
    def seconds(number: int) -> float:
        Path("many.yaml").write_text("share: 250\n" * number)
        findings = [replace(PERIOD, at=Location("many.yaml", n + 1, 8, 3)) for n in range(number)]
        start = time.perf_counter()
        text = listing(findings, "en")
        assert text.count("^^^") == number
        return time.perf_counter() - start

    few = min(seconds(1_000) for _ in range(3))

    assert seconds(10_000) < 30 * few


def test_ten_thousand_findings_on_one_line_of_a_megabyte_are_shown() -> None:
    line = " " + "share: 250 " * 100_000
    Path("wide.yaml").write_text(line)
    findings = [replace(PERIOD, at=Location("wide.yaml", 1, 9 + 11 * n, 3)) for n in range(10_000)]

    start = time.perf_counter()
    text = listing(findings, "en")

    assert text.count("^^^") == 10_000
    # Copying the line for each would move ten gigabytes.
    assert time.perf_counter() - start < 20
