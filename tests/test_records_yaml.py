"""Records read from YAML: every scalar as its text, every value with its place, no bad file."""

from __future__ import annotations

import json
import subprocess
import sys
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
        pytest.param(b"id: a\nlist: [x\n", "3:1", "record:yaml", id="open-bracket"),
        pytest.param(b'id: a\ntext: "x\n', "2:7", "record:yaml", id="open-quote"),
        pytest.param(b"id: a\ntext: b: c\n", "2:8", "record:yaml", id="colon-in-text"),
        pytest.param(b"id: a\n  text: b\n", "2:7", "record:yaml", id="indentation"),
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
        pytest.param(b'text: "\\ud800"\n', "1:10", "record:yaml", id="escaped-surrogate"),
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


def test_tab_is_called_a_tab() -> None:
    _, (finding,) = parse("list:\n\t- b\n", "record.yaml")

    assert finding.help == {
        "da": "der står en tabulator; ryk ind med mellemrum",
        "en": "there is a tab; indent with spaces",
    }


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
