"""Records read from YAML: every scalar as its text, every value with its place, no bad file."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from expatlod.errors import Finding, Location
from expatlod.records import yaml
from expatlod.records.record import Record
from expatlod.records.yaml import LIMIT, parse, read

#: What may stand in a record: no control characters but tab and line ends, no surrogates.
LEGAL = st.characters(
    exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffe\uffff"
) | st.sampled_from("\t\n\r")

#: Reads the file named last, with no more address space than named first, in bytes.
CHILD = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
from expatlod.records.yaml import read
records, findings = read(Path(sys.argv[2]), "record.yaml")
print(len(records), *(f"{each.at} {each.rule}" for each in findings), sep="\\n")
"""


def record(text: str) -> Record:
    records, findings = parse(text, "record.yaml")
    assert findings == []
    return records[0]


def rows(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(str(each.at), each.rule) for each in findings]


def places(record: Record) -> tuple[dict[tuple[str | int, ...], str], ...]:
    """Where the values stand, and where the keys stand."""
    return tuple(
        {path: f"{at.line}:{at.column}" for path, at in each.items()} for each in record.positions()
    )


def read_bytes(tmp_path: Path, data: bytes) -> tuple[list[Record], list[Finding]]:
    path = tmp_path / "record.yaml"
    path.write_bytes(data)
    return read(path, "record.yaml")


def read_in_child(path: Path, memory: int) -> tuple[int, str]:
    """Exit status and output of a process with so much *memory* that reads *path*."""
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(memory), str(path)],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return child.returncode, child.stdout


# -- values


@pytest.mark.parametrize(
    "text",
    [
        "NO",
        "no",
        "true",
        "null",
        "~",
        "0123",
        "0x1F",
        "0o17",
        "1e3",
        "1_000",
        "12:30",
        "12:30:45",
        "1.10",
        "+5",
        ".inf",
        ".nan",
        "2012-02-30",
        "2012-02-28",
        "2012-02-28T10:00:00Z",
        "=",
        "https://example.org/a#b",
        "ca. 500",
    ],
)
def test_plain_scalar_is_the_text_that_was_written(text: str) -> None:
    assert record(f"key: {text}\n").data == {"key": text}


@pytest.mark.parametrize("text", ["NO", "0123", "12:30", "null", "2012-02-30"])
def test_plain_key_is_the_text_that_was_written(text: str) -> None:
    assert record(f"{text}: x\n").data == {text: "x"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("'it''s'", "it's", id="single-quoted"),
        pytest.param('"a\\tb\\u00e6\\n"', "a\tbæ\n", id="escapes"),
        pytest.param("|\n  one\n  two\n", "one\ntwo\n", id="literal-block"),
        pytest.param(">-\n  one\n  two\n\n  three\n", "one two\nthree", id="folded-block"),
        pytest.param("one\n  two", "one two", id="plain-over-two-lines"),
        pytest.param("x # a comment", "x", id="comment"),
        pytest.param('""', "", id="empty-text"),
    ],
)
def test_every_style_of_scalar_is_read(text: str, value: str) -> None:
    assert record(f"key: {text}\n").data == {"key": value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("key:\n", {"key": None}, id="key"),
        pytest.param("key:  # later\n", {"key": None}, id="key-with-comment"),
        pytest.param("key: {da: , en: x}\n", {"key": {"da": None, "en": "x"}}, id="in-braces"),
        pytest.param("key:\n  -\n  - x\n", {"key": [None, "x"]}, id="list-item"),
    ],
)
def test_nothing_behind_a_key_is_none_and_not_a_text(text: str, value: dict[str, object]) -> None:
    assert record(text).data == value


@example(["", " ", "\ufeff", "\ufdd0", "\U0001ffff", "a\u200b\u202eb", "'\"\\", "- ? : #"])
@given(st.lists(st.text(LEGAL, max_size=30), max_size=5))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_any_legal_text_in_quotes_is_read_as_itself(texts: list[str]) -> None:
    source = json.dumps({"key": texts}, ensure_ascii=False)

    assert record(source).data == {"key": texts}


@given(st.text(st.sampled_from("ab:-?!&*#'\"\\\\[]{}|>, \n\r\t\u00e6"), max_size=30))
@settings(max_examples=1000, derandomize=True, deadline=None)
def test_what_is_read_the_quick_way_is_read_the_same_closely(text: str) -> None:
    records, findings = parse(text, "record.yaml")
    others, closely = yaml._closely(text, "record.yaml")

    assert [each.data for each in records] == [each.data for each in others]
    assert findings == closely


def test_every_document_of_a_file_is_a_record() -> None:
    records, findings = parse("a: 1\n---\nb: 2\n---\nc: 3\n", "record.yaml")

    assert [each.data for each in records] == [{"a": "1"}, {"b": "2"}, {"c": "3"}]
    assert findings == []


def test_anchor_that_nobody_refers_to_is_no_fault() -> None:
    assert record("key: &name x\n").data == {"key": "x"}


# -- places


def test_values_and_keys_have_their_places() -> None:
    values, keys = places(
        record("id: a\ntitel: æøå\nliste:\n  - én\n  - {to: 2, \"tre\": 'tré'}\n")
    )

    assert values == {
        (): "1:1",
        ("id",): "1:5",
        ("titel",): "2:8",
        ("liste",): "4:3",
        ("liste", 0): "4:5",
        ("liste", 1): "5:5",
        ("liste", 1, "to"): "5:10",
        ("liste", 1, "tre"): "5:20",
    }
    assert keys == {
        ("id",): "1:1",
        ("titel",): "2:1",
        ("liste",): "3:1",
        ("liste", 1, "to"): "5:6",
        ("liste", 1, "tre"): "5:13",
    }


@pytest.mark.parametrize(
    ("data", "path", "place"),
    [
        pytest.param('{"æ😀": ø, b: c}\n', ("b",), "1:14", id="after-non-ascii-on-the-line"),
        pytest.param("æ: 😀 ø\nb: c\n", ("b",), "2:4", id="after-non-ascii-above"),
        pytest.param("a: 1\r\nb: 2\r\n", ("b",), "2:4", id="crlf"),
        pytest.param("a: 1\rb: 2\r", ("b",), "2:4", id="cr"),
        pytest.param("\ufeffa: 1\n", ("a",), "1:4", id="bom"),
        pytest.param("\ufeffa: 1\r\n\r\nb:\r\n  c: 2\r\n", ("b", "c"), "4:6", id="bom-and-crlf"),
        pytest.param("# one\n\na: 1\n", ("a",), "3:4", id="after-comments"),
        pytest.param("a: |\n  x\n  y\nb: c\n", ("b",), "4:4", id="after-a-block"),
        pytest.param("a: b\na: c\n", ("a",), "1:4", id="first-of-a-key-that-stands-twice"),
    ],
)
def test_place_counts_characters_and_lines_from_one(
    tmp_path: Path, data: str, path: tuple[str, ...], place: str
) -> None:
    records, _ = read_bytes(tmp_path, data.encode())

    assert str(records[0].at(path)) == f"record.yaml:{place}"


@pytest.mark.parametrize(("index", "place"), [(0, "1:4"), (1, "3:4"), (2, "5:4")])
def test_place_in_a_later_document_counts_from_the_top_of_the_file(index: int, place: str) -> None:
    records, _ = parse("a: 1\n---\na: 2\n---\na: 3\n", "record.yaml")

    assert str(records[index].at(("a",))) == f"record.yaml:{place}"


def test_location_is_as_long_as_the_value_on_its_line() -> None:
    found = record("key: æøå 😀\n")

    assert found.at(("key",)) == Location("record.yaml", 1, 6, 5)
    assert found.at_key(("key",)) == Location("record.yaml", 1, 1, 3)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        pytest.param(("a", 7, "x"), "2:3", id="missing-item"),
        pytest.param(("a", 0, "c", 3), "2:8", id="below-a-scalar"),
        pytest.param(("missing",), "1:1", id="missing-key"),
    ],
)
def test_place_of_what_is_missing_is_that_of_what_is_around_it(
    path: tuple[str | int, ...], place: str
) -> None:
    found = record("a:\n  - c: x\n")

    assert str(found.at(path)) == f"record.yaml:{place}"


# -- bad input


@pytest.mark.parametrize(
    ("data", "place", "rule"),
    [
        pytest.param(b"id: a\nlist: [x\n", "2:7", "record:yaml", id="open-bracket"),
        pytest.param(b'id: a\ntext: "x\n', "2:7", "record:yaml", id="open-quote"),
        pytest.param(b"id: a\ntext: b: c\n", "2:8", "record:yaml", id="colon-in-text"),
        pytest.param(b"id: a\n  text: b\n", "2:3", "record:yaml", id="indentation"),
        pytest.param(b"id: a\ntext: @b\n", "2:7", "record:yaml", id="reserved-character"),
        pytest.param(b"a: 1\n---\nb: 2\n---\nc: ]\n", "5:4", "record:yaml", id="third-document"),
        pytest.param(b"id: a\n\ttext: b\n", "2:1", "record:yaml", id="tab"),
        pytest.param(b"list:\n\t- b\n", "2:1", "record:yaml", id="tab-before-item"),
        pytest.param(b"id: a\rlist:\r\t- b\r", "3:1", "record:yaml", id="tab-after-cr"),
        pytest.param(b"id: a\ntext: x\x00y\n", "2:8", "record:character", id="nul"),
        pytest.param(b"id: a\r\rtext: x\x00y\n", "3:8", "record:character", id="nul-after-cr"),
        pytest.param(b"id: a\rtext: \xe6\n", "2:7", "record:encoding", id="latin-1-after-cr"),
        pytest.param("id: å\ntext: æ\x1b[0m\n".encode(), "2:8", "record:character", id="escape"),
        pytest.param("text: æ\u0085x\n".encode(), "1:8", "record:character", id="next-line"),
        pytest.param("text: æ\u2028x\n".encode(), "1:8", "record:character", id="line-separator"),
        pytest.param("text: \ufffe\n".encode(), "1:7", "record:character", id="no-character"),
        pytest.param(b"id: a\ntext: \xc3\xa6\xff\n", "2:8", "record:encoding", id="latin-1"),
        pytest.param(
            b"\xef\xbb\xbftext: \xc3\xa6\xff\n", "1:8", "record:encoding", id="latin-1-after-bom"
        ),
        pytest.param(b"text: \xed\xa0\x80\n", "1:7", "record:encoding", id="raw-surrogate"),
        pytest.param(b'text: "\\ud800"\n', "1:8", "record:yaml", id="escaped-surrogate"),
        pytest.param(b"", "1:1", "record:empty", id="empty"),
        pytest.param(b"\xef\xbb\xbf", "1:1", "record:empty", id="bom-only"),
        pytest.param(b"# later\n", "1:1", "record:empty", id="comment-only"),
        pytest.param(b"---\n...\n", "1:1", "record:empty", id="empty-document"),
        pytest.param(b"\n- a\n", "2:1", "record:kind", id="list"),
        pytest.param(b"a word\n", "1:1", "record:kind", id="text"),
        pytest.param(b"id: a\nother: *x\n", "2:8", "record:alias", id="alias"),
        pytest.param(b"id: a\n<<: *x\n", "2:5", "record:alias", id="merge-key"),
        pytest.param(b"id: a\n? [b]\n: c\n", "2:3", "record:key", id="list-as-key"),
    ],
)
def test_file_that_cannot_be_read_gives_no_record_and_one_finding(
    tmp_path: Path, data: bytes, place: str, rule: str
) -> None:
    records, findings = read_bytes(tmp_path, data)

    assert records == []
    assert rows(findings) == [(f"record.yaml:{place}", rule)]


@pytest.mark.parametrize(
    ("text", "place", "rule"),
    [
        pytest.param("id: a\nid: b\n", "2:1", "record:twice", id="key-twice"),
        pytest.param("id: a\nx: {b: 1, b: 2}\n", "2:11", "record:twice", id="key-twice-in-braces"),
        pytest.param("id: a\nx: !!int 5\n", "2:4", "record:tag", id="tag"),
        pytest.param(
            "id: a\nx: !!python/name:os.system y\n", "2:4", "record:tag", id="tag-of-python"
        ),
        pytest.param('id: a\nx: "b\\0c"\n', "2:4", "record:character", id="escaped-nul"),
        pytest.param('id: a\nx: "b\\ec"\n', "2:4", "record:character", id="escaped-escape"),
        pytest.param('id: a\nx: "b\\Lc"\n', "2:4", "record:character", id="escaped-line-separator"),
        pytest.param('id: a\n"x\\e": b\n', "2:1", "record:character", id="escaped-in-a-key"),
    ],
)
def test_fault_inside_a_record_is_found_where_it_stands(text: str, place: str, rule: str) -> None:
    _, findings = parse(text, "record.yaml")

    assert rows(findings) == [(f"record.yaml:{place}", rule)]


def test_key_that_stands_three_times_is_reported_at_the_second_and_the_third() -> None:
    records, findings = parse("a: x\na: y\na: z\n", "record.yaml")

    assert [each.data for each in records] == [{"a": "x"}]
    assert rows(findings) == [
        ("record.yaml:2:1", "record:twice"),
        ("record.yaml:3:1", "record:twice"),
    ]


def test_documents_around_one_that_is_no_record_are_read() -> None:
    records, findings = parse("a: 1\n---\n- x\n---\nb: 2\n", "record.yaml")

    assert [each.data for each in records] == [{"a": "1"}, {"b": "2"}]
    assert rows(findings) == [("record.yaml:3:1", "record:kind")]


# Broken text, the place of the mistake, the message, and the text mended as the cure says.
FAULTS = {
    "field-dedented": (
        "title:\n  da: Fest\n en: Party\nkind: x\n",
        "3:2",
        "linje 3 er rykket anderledes ind end linje 2",
        "line 3 is indented differently from line 2",
        "begin line 3 with 2 spaces, so that 'en' stands right below 'da' of line 2",
        "title:\n  da: Fest\n  en: Party\nkind: x\n",
    ),
    "field-one-too-many": (
        "title:\n  da: Fest\n   en: Party\nkind: x\n",
        "3:4",
        "linje 3 er rykket anderledes ind end linje 2",
        "line 3 is indented differently from line 2",
        "begin line 3 with 2 spaces, so that 'en' stands right below 'da' of line 2",
        "title:\n  da: Fest\n  en: Party\nkind: x\n",
    ),
    "first-field-dedented": (
        "title:\n da: Fest\n  en: Party\nkind: x\n",
        "2:2",
        "linje 2 er rykket anderledes ind end linje 3",
        "line 2 is indented differently from line 3",
        "begin line 2 with 2 spaces, so that 'da' stands right above 'en' of line 3",
        "title:\n  da: Fest\n  en: Party\nkind: x\n",
    ),
    "first-field-dedented-to-the-one-above": (
        "a:\n  b:\n  c: 1\n    d: 2\n",
        "3:3",
        "linje 3 er rykket anderledes ind end linje 4",
        "line 3 is indented differently from line 4",
        "begin line 3 with 4 spaces, so that 'c' stands right above 'd' of line 4",
        "a:\n  b:\n    c: 1\n    d: 2\n",
    ),
    "first-field-of-the-file-indented": (
        " id: a\nkind: x\n",
        "1:2",
        "linje 1 er rykket anderledes ind end linje 2",
        "line 1 is indented differently from line 2",
        "begin line 1 with no spaces, so that 'id' stands right above 'kind' of line 2",
        "id: a\nkind: x\n",
    ),
    "field-at-the-edge-indented": (
        "id: a\n count: 3\nkind: x\n",
        "2:2",
        "linje 2 er rykket anderledes ind end linje 1",
        "line 2 is indented differently from line 1",
        "begin line 2 with no spaces, so that 'count' stands right below 'id' of line 1",
        "id: a\ncount: 3\nkind: x\n",
    ),
    "field-of-an-item": (
        "a:\n  - b: 1\n   c: 2\n",
        "3:4",
        "linje 3 er rykket anderledes ind end linje 2",
        "line 3 is indented differently from line 2",
        "begin line 3 with 4 spaces, so that 'c' stands right below 'b' of line 2",
        "a:\n  - b: 1\n    c: 2\n",
    ),
    "between-two-columns-where-such-fields-stand": (
        "a:\n  - t:\n      da: x\n    kind: y\n  - t:\n      da: x\n     kind: y\n",
        "7:6",
        "linje 7 er rykket anderledes ind end linje 5",
        "line 7 is indented differently from line 5",
        "begin line 7 with 4 spaces, so that 'kind' stands right below 't' of line 5",
        "a:\n  - t:\n      da: x\n    kind: y\n  - t:\n      da: x\n    kind: y\n",
    ),
    "item-dedented": (
        "a:\n  - b\n - c\n",
        "3:2",
        "linje 3 er rykket anderledes ind end linje 2",
        "line 3 is indented differently from line 2",
        "begin line 3 with 2 spaces, so that '-' stands right below '-' of line 2",
        "a:\n  - b\n  - c\n",
    ),
    "item-dedented-with-its-fields": (
        "a:\n  - b: 1\n    c: 2\n - b: 3\n   c: 4\nd: 5\n",
        "4:2",
        "linje 4 er rykket anderledes ind end linje 2",
        "line 4 is indented differently from line 2",
        (
            "begin line 4 with 2 spaces, so that '-' stands right below '-' of line 2, "
            "and move line 5 by as much"
        ),
        "a:\n  - b: 1\n    c: 2\n  - b: 3\n    c: 4\nd: 5\n",
    ),
    "no-space-after-colon": (
        "id: a\nstatus:anchored\nkind: x\n",
        "2:7",
        "der mangler et mellemrum efter 'status:'",
        "there is no space after 'status:'",
        "write: status: anchored",
        "id: a\nstatus: anchored\nkind: x\n",
    ),
    "no-space-after-colon-of-the-first-field": (
        "a:\n  da:tekst\n  en: text\n",
        "2:5",
        "der mangler et mellemrum efter 'da:'",
        "there is no space after 'da:'",
        "write: da: tekst",
        "a:\n  da: tekst\n  en: text\n",
    ),
    "non-breaking-space-after-colon": (
        "id: a\nstatus:\u00a0anchored\nkind: x\n",
        "2:7",
        "der står et hårdt mellemrum efter 'status:'",
        "there is a non-breaking space after 'status:'",
        "write: status: anchored",
        "id: a\nstatus: anchored\nkind: x\n",
    ),
    "non-breaking-space-as-indentation": (
        "a:\n\u00a0 b: 1\n",
        "2:1",
        "linje 2 er rykket ind med et hårdt mellemrum",
        "line 2 is indented with a non-breaking space",
        "delete the indentation and write it again with plain spaces",
        "a:\n  b: 1\n",
    ),
    "no-space-after-dash": (
        "a:\n  - x\n  -y\nb: 1\n",
        "3:3",
        "der mangler et mellemrum efter '-'",
        "there is no space after '-'",
        "write: - y",
        "a:\n  - x\n  - y\nb: 1\n",
    ),
    "no-dash": (
        "a:\n  - x\n  y\nb: 1\n",
        "3:3",
        "der mangler '- ' på linje 3, som der står på linje 2",
        "'- ' is missing on line 3, as it stands on line 2",
        "write: - y",
        "a:\n  - x\n  - y\nb: 1\n",
    ),
    "no-colon": (
        "id: a\ntheme\nkind: c\n",
        "2:6",
        "der mangler et kolon efter 'theme'",
        "there is no colon after 'theme'",
        "write: theme: …",
        "id: a\ntheme: x\nkind: c\n",
    ),
    "no-colon-after-a-known-field": (
        "a:\n  kind: x\nb:\n  theme: z\n  kind y\nc: 1\n",
        "5:7",
        "der mangler et kolon efter 'kind'",
        "there is no colon after 'kind'",
        "write: kind: y",
        "a:\n  kind: x\nb:\n  theme: z\n  kind: y\nc: 1\n",
    ),
    "line-of-a-block-dedented": (
        "a:\n  da: >-\n    en\n  to\n    tre\n  en: x\n",
        "4:3",
        "linje 4 er ikke rykket så langt ind som teksten, der begynder under linje 2",
        "line 4 is not indented as far as the text that begins below line 2",
        "begin line 4 with 4 spaces",
        "a:\n  da: >-\n    en\n    to\n    tre\n  en: x\n",
    ),
    "whole-block-not-indented": (
        "a:\n  da: >-\n  en\n  to\n  en: x\n",
        "3:3",
        "linje 3 er ikke rykket så langt ind som teksten, der begynder under linje 2",
        "line 3 is not indented as far as the text that begins below line 2",
        "begin each of the lines 3 to 4 with 4 spaces",
        "a:\n  da: >-\n    en\n    to\n  en: x\n",
    ),
    "first-line-of-a-block-too-far": (
        "a:\n  da: >-\n      en\n    to\n  en: x\n",
        "3:7",
        "linje 3 er rykket anderledes ind end linje 4",
        "line 3 is indented differently from line 4",
        "begin line 3 with 4 spaces like line 4",
        "a:\n  da: >-\n    en\n    to\n  en: x\n",
    ),
    "text-goes-on-at-the-edge": (
        "a: 1\nb: 2\nmere tekst\n",
        "3:1",
        "linje 3 er hverken et felt eller rykket ind under teksten fra linje 2",
        "line 3 is neither a field nor indented below the text of line 2",
        (
            "begin line 3 with 2 spaces if it belongs to the text; "
            "write ': ' after the name of the field if it is a field"
        ),
        "a: 1\nb: 2\n  mere tekst\n",
    ),
    "bracket-not-closed": (
        "id: a\nx: [a, b  # to\ny: 1\nz: [2]\n",
        "2:4",
        "klammen [ bliver ikke lukket",
        "the bracket [ is not closed",
        "write ] after the last word of line 2",
        "id: a\nx: [a, b]  # to\ny: 1\nz: [2]\n",
    ),
    "bracket-at-the-end": (
        "x: [",
        "1:4",
        "klammen [ bliver ikke lukket",
        "the bracket [ is not closed",
        "write ] after the last word of line 1",
        "x: []",
    ),
    "bracket-of-the-other-kind": (
        "x: {a: b]\ny: 1\n",
        "1:9",
        "her skal stå } og ikke ]",
        "} must stand here and not ]",
        "write }",
        "x: {a: b}\ny: 1\n",
    ),
    "bracket-too-many": (
        "x: [a, b]]\ny: 1\n",
        "1:10",
        "der er et ] for meget",
        "there is one ] too many",
        "delete it",
        "x: [a, b]\ny: 1\n",
    ),
    "quote-not-closed": (
        'a: "Fest\nb: 1\n',
        "1:4",
        'anførselstegnet " bliver ikke lukket',
        'the quotation mark " is not closed',
        'write " after the last word of line 1',
        'a: "Fest"\nb: 1\n',
    ),
    "quote-closed-by-the-next": (
        'a: "Fest\nb: 1\nc: "x"\nd: 2\n',
        "1:4",
        'anførselstegnet " bliver ikke lukket',
        'the quotation mark " is not closed',
        'write " after the last word of line 1',
        'a: "Fest"\nb: 1\nc: "x"\nd: 2\n',
    ),
    "quote-that-swallows-fields-and-is-legal": (
        "a:\n  - b: '#x\n    c: 1\n    d: to'\n",
        "2:8",
        "anførselstegnet ' bliver ikke lukket",
        "the quotation mark ' is not closed",
        "write ' after the last word of line 2",
        "a:\n  - b: '#x'\n    c: 1\n    d: to\n",
    ),
    "apostrophe": (
        "da: 'The week's plan'\nb: 1\n",
        "1:14",
        "teksten slutter ved tegnet ' her, men der kommer mere",
        "the text ends at the ' here, but more follows",
        "write every apostrophe in the text twice: 'The week''s plan'",
        "da: 'The week''s plan'\nb: 1\n",
    ),
    "quotes-around-one-word": (
        'da: "Expat" Dinner\nb: 1\n',
        "1:11",
        'teksten slutter ved tegnet " her, men der kommer mere',
        'the text ends at the " here, but more follows',
        """put quotes around the whole text: '"Expat" Dinner'""",
        """da: '"Expat" Dinner'\nb: 1\n""",
    ),
    "text-begins-with-brackets": (
        "da: [Havde] ansvaret\nb: 1\n",
        "1:11",
        "klammen lukkes med ], men der kommer mere",
        "the bracket is closed by ], but more follows",
        'put quotes around the whole text: "[Havde] ansvaret"',
        'da: "[Havde] ansvaret"\nb: 1\n',
    ),
    "backslash": (
        'a: "C:\\mappe"\n',
        "1:7",
        "\\m betyder ikke noget i en tekst i dobbelte anførselstegn",
        "\\m means nothing in a text in double quotes",
        "put quotes around the whole text: 'C:\\mappe'",
        "a: 'C:\\mappe'\n",
    ),
    "colon-in-a-text": (
        "da: Kurser: sprog\n",
        "1:11",
        "teksten indeholder et kolon med mellemrum efter",
        "the text contains a colon with a space after it",
        'put quotes around the whole text: "Kurser: sprog"',
        'da: "Kurser: sprog"\n',
    ),
    "colon-in-a-text-of-two-lines": (
        "a:\n  da: Kurser\n    i dansk sprog: gratis\n  en: 1\n",
        "3:18",
        "teksten indeholder et kolon med mellemrum efter",
        "the text contains a colon with a space after it",
        'put " before the text on line 2 and after it on line 3',
        'a:\n  da: "Kurser\n    i dansk sprog: gratis"\n  en: 1\n',
    ),
    "dash-for-nothing": (
        "id: a\nkind: -\n",
        "2:7",
        "'-' begynder et punkt på en liste og kan ikke stå lige efter et felt",
        "'-' begins an item of a list and cannot stand right after a field",
        'delete the line if there is no value; write "-" if it is a text',
        "id: a\n",
    ),
    "dash-before-a-text": (
        "da: - tekst\nb: 1\n",
        "1:5",
        "'-' begynder et punkt på en liste og kan ikke stå lige efter et felt",
        "'-' begins an item of a list and cannot stand right after a field",
        'put quotes around the whole text: "- tekst"; a list begins on the next line',
        'da: "- tekst"\nb: 1\n',
    ),
    "tab-before-a-field": (
        "a:\n  b: 1\n\tc: 1\n",
        "3:1",
        "linje 3 er rykket ind med en tabulator",
        "line 3 is indented with a tab",
        "delete the indentation and begin the line with 2 spaces",
        "a:\n  b: 1\n  c: 1\n",
    ),
    "tab-before-an-item": (
        "list:\n\t- b\n",
        "2:1",
        "linje 2 er rykket ind med en tabulator",
        "line 2 is indented with a tab",
        "delete the indentation and begin the line with 2 spaces",
        "list:\n  - b\n",
    ),
}


@pytest.mark.parametrize(
    ("text", "place", "danish", "english", "cure", "mended"), FAULTS.values(), ids=FAULTS
)
def test_mistake_in_the_syntax_is_told_in_words_where_it_is_and_its_cure_works(
    text: str, place: str, danish: str, english: str, cure: str, mended: str
) -> None:
    records, (finding,) = parse(text, "record.yaml")

    assert records == []
    assert (str(finding.at), finding.rule) == (f"record.yaml:{place}", "record:yaml")
    assert finding.message == {"da": danish, "en": english}
    assert finding.help["en"] == cure
    assert parse(mended, "record.yaml")[1] == []


@pytest.mark.parametrize("text", ["@x", "`x`", "%x", "* x", "& x", "|x", "> x", "? x", ", x"])
def test_text_that_cannot_begin_so_is_to_be_put_in_quotes(text: str) -> None:
    _, (finding,) = parse(f"da: {text}\nb: 1\n", "record.yaml")

    assert (str(finding.at), finding.message) == (
        "record.yaml:1:5",
        {
            "da": f"en tekst kan ikke begynde med {text[0]} uden anførselstegn",
            "en": f"a text cannot begin with {text[0]} unless it is in quotes",
        },
    )
    assert finding.help == {
        "da": f'sæt anførselstegn om hele teksten: "{text}"',
        "en": f'put quotes around the whole text: "{text}"',
    }
    assert record(f'da: "{text}"\nb: 1\n').data == {"da": text, "b": "1"}


def test_field_that_nothing_is_known_about_keeps_the_words_of_the_parser() -> None:
    _, (finding,) = parse("a:\n  b: 1\n  - c\n", "record.yaml")

    assert str(finding.at) == "record.yaml:3:3"
    assert finding.message == {
        "da": "kan ikke læses som YAML: her skulle stå et felt",
        "en": "cannot be read as YAML: did not find expected key",
    }


@pytest.mark.parametrize(
    "text",
    ['a: "en\n  note: to"\n', "a:\n  b: 'en\n\n    c: to'\n", '{a: "en\nb: to"}\n'],
    ids=["deeper", "after-a-blank-line", "in-braces"],
)
def test_text_in_quotes_may_run_over_lines_with_colons(text: str) -> None:
    assert parse(text, "record.yaml")[1] == []


@pytest.mark.parametrize("line", ["x: [\n", 'x: "a b"\n', "x: {a: [b]}\n", "- - - x: 1\n"])
def test_fault_at_the_end_of_a_large_file_is_found_soon(line: str) -> None:
    text = line * (200_000 // len(line)) + "y: @\n"

    began = time.monotonic()
    _, findings = parse(text, "record.yaml")

    assert findings != []
    assert time.monotonic() - began < 10


# -- fields that begin over again


def test_forgotten_dash_in_a_list_is_one_finding_where_the_fields_begin_over_again() -> None:
    text = "a:\n  - kind: x\n    note: 1\n    theme: y\n    kind: z\n    note: 2\n    theme: y\n"

    (found,), (finding,) = parse(text, "record.yaml")

    assert (str(finding.at), finding.rule) == ("record.yaml:5:5", "record:twice")
    assert finding.message == {
        "da": "felterne begynder forfra med 'kind'; mangler der '- ' før linje 5?",
        "en": "the fields begin over again with 'kind'; is '- ' missing before line 5?",
    }
    assert finding.help == {
        "da": "der mangler nok '- ': ret de to mellemrum lige før 'kind' til '- '",
        "en": "a '- ' is probably missing before it: turn the two spaces right before "
        "'kind' into '- '",
    }
    assert found.data == {"a": [{"kind": "x", "note": "1", "theme": "y"}]}
    assert len(record(text.replace("    kind: z", "  - kind: z")).data["a"]) == 2


def test_two_forgotten_dashes_are_two_findings() -> None:
    text = "a:\n  - b: 1\n    c: 2\n    b: 3\n    c: 4\n    b: 5\n    c: 6\n"

    assert rows(parse(text, "record.yaml")[1]) == [
        ("record.yaml:4:5", "record:twice"),
        ("record.yaml:6:5", "record:twice"),
    ]


def test_list_without_any_dash_names_both_lines() -> None:
    text = "a:\n  b: 1\n  c: 2\n  b: 3\n  c: 4\n"

    _, (finding,) = parse(text, "record.yaml")

    assert finding.help["en"].endswith("into '- ', on line 2 too")
    assert len(record(text.replace("  b:", "- b:")).data["a"]) == 2


def test_record_that_begins_over_again_is_to_be_parted() -> None:
    _, (finding,) = parse("id: a\ntype: b\nid: c\ntype: d\n", "record.yaml")

    assert (str(finding.at), finding.help["en"]) == (
        "record.yaml:3:1",
        "write '---' alone on a line above the new record, or delete it",
    )


@pytest.mark.parametrize(
    "text",
    ["a: 1\nb: 2\na: 3\n", "x: {a: 1, b: 2, a: 3, b: 4}\n", "a: 1\na: 2\na: 3\n"],
    ids=["one", "in-braces", "the-same"],
)
def test_other_fields_that_stand_twice_are_to_be_kept_once(text: str) -> None:
    findings = parse(text, "record.yaml")[1]

    assert {each.help["en"] for each in findings} == {"keep one of them"}


def test_byte_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    _, (finding,) = read_bytes(tmp_path, b"\xef\xbb\xbftext: \xe6\n")

    assert finding.message == {
        "da": "filen er ikke UTF-8: byte 0xe6",
        "en": "the file is not UTF-8: byte 0xe6",
    }


def test_brackets_64_deep_are_read() -> None:
    depth = 63  # the mapping around them is a level too
    value: object = record(f"key: {'[' * depth}{']' * depth}\n").data["key"]

    for _ in range(depth - 1):
        assert isinstance(value, list)
        (value,) = value
    assert value == []


@pytest.mark.parametrize(
    ("data", "place", "rule"),
    [
        pytest.param("key: " + "[" * 200_000 + "]" * 200_000, "1:70", "record:depth", id="[[["),
        pytest.param("{a: " * 200_000 + "}" * 200_000, "1:261", "record:depth", id="{{{"),
        pytest.param("- " * 200_000, "1:131", "record:depth", id="---"),
        pytest.param("? " * 200_000, "1:3", "record:key", id="???"),
    ],
)
def test_200_000_levels_are_a_finding_and_no_crash(
    tmp_path: Path, data: str, place: str, rule: str
) -> None:
    path = tmp_path / "deep.yaml"
    path.write_text(data)

    assert read_in_child(path, 512_000_000) == (0, f"0\nrecord.yaml:{place} {rule}\n")


def test_billion_laughs_stop_at_the_first_alias_in_little_memory(tmp_path: Path) -> None:
    lines = ["a: &a [" + ", ".join(["ha"] * 10) + "]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [" + ", ".join([f"*{before}"] * 10) + "]")
    path = tmp_path / "bomb.yaml"
    path.write_text("\n".join(lines) + "\n")

    assert read_in_child(path, 256_000_000) == (0, "0\nrecord.yaml:2:8 record:alias\n")


def test_line_of_50_megabytes_is_refused_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.yaml"
    with path.open("wb") as file:
        file.write(b"key: ")
        for _ in range(50):
            file.write(b"x" * 1_000_000)

    assert read_in_child(path, 128_000_000) == (0, "0\nrecord.yaml record:size\n")


def test_file_one_byte_over_the_limit_is_too_large_and_says_how_large_it_may_be(
    tmp_path: Path,
) -> None:
    _, (finding,) = read_bytes(tmp_path, b"key: ".ljust(LIMIT + 1, b"x"))

    assert finding.message == {
        "da": "filen fylder 2000001 bytes; højst 2000000 læses",
        "en": "the file has 2000001 bytes; at most 2000000 are read",
    }


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("title: Café #1\n", "1:13"),
        ("about: #cafe\n", "1:8"),
        ("theme: [tax, housing #2\n  ]\n", "1:22"),
        ("id: a\rtitle: Café #1\r", "2:13"),
    ],
    ids=["in-a-text", "reference", "in-a-list", "after-cr"],
)
def test_text_lost_to_a_comment_is_a_warning(text: str, place: str) -> None:
    _, findings = parse(text, "a.yaml")

    assert [(str(each.at), each.rule, each.severity) for each in findings] == [
        (f"a.yaml:{place}", "record:comment", "warning")
    ]


@pytest.mark.parametrize(
    "text",
    ["title: Café # the old one\n", 'title: "Café #1"\n', "title: C#\n", "# top\ntitle: x\n"],
    ids=["comment", "quoted", "within-a-word", "line-of-its-own"],
)
def test_comment_that_is_one_is_no_finding(text: str) -> None:
    _, findings = parse(text, "a.yaml")

    assert findings == []
