"""Records read from JSON: scalars as they were written, places, and every fault at its place."""

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
from expatlod.records import text
from expatlod.records.json import parse, read
from expatlod.records.record import Record

#: What may stand in a record.
LEGAL = st.characters(
    exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffe\uffff"
) | st.sampled_from("\t\n\r")

#: Any JSON that may stand in a record.
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(LEGAL, max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(LEGAL, max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)

#: Reads the file named last, with no more address space than named first, in bytes.
CHILD = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
from expatlod.records.json import read
records, findings = read(Path(sys.argv[2]), "record.json")
print(len(records), *(f"{each.at} {each.rule}" for each in findings), sep="\\n")
"""


def record(source: str) -> Record:
    records, findings = parse(source, "record.json")
    assert findings == []
    return records[0]


def rows(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(str(each.at), each.rule) for each in findings]


def read_bytes(tmp_path: Path, data: bytes) -> tuple[list[Record], list[Finding]]:
    path = tmp_path / "record.json"
    path.write_bytes(data)
    return read(path, "record.json")


# -- values


@pytest.mark.parametrize("number", ["25.0", "1e5", "-0", "1E+2", "0.10", "12345678901234567890123"])
def test_number_is_the_text_that_was_written(number: str) -> None:
    assert record(f'{{"key": {number}}}').data == {"key": number}


def test_true_false_and_null_are_texts_and_nothing() -> None:
    assert record('{"a": true, "b": [false, null], "c": null}').data == {
        "a": "true",
        "b": ["false", None],
        "c": None,
    }


def test_escapes_are_read() -> None:
    assert record(r'{"key": "\"\\\/\n\r\té\u00e6\ud83d\ude00"}').data == {"key": '"\\/\n\r\téæ😀'}


def test_object_of_the_schema_is_passed_over_at_the_top_only() -> None:
    found = record('{"$schema": "x", "a": {"$schema": "y"}}')

    assert found.data == {"a": {"$schema": "y"}}
    assert ("$schema",) not in found.positions()[0]
    assert ("$schema",) not in found.positions()[1]


def test_every_object_of_a_list_is_a_record() -> None:
    records, findings = parse('[{"id": "a"},\n {"id": "b"}]\n', "record.json")

    assert [each.data for each in records] == [{"id": "a"}, {"id": "b"}]
    assert [str(each.at(("id",))) for each in records] == ["record.json:1:9", "record.json:2:9"]
    assert findings == []


@given(VALUES)
@settings(max_examples=200, derandomize=True, deadline=None)
def test_what_the_standard_library_writes_is_read_as_itself(value: object) -> None:
    def texts(value: object) -> object:
        if isinstance(value, dict):
            return {key: texts(item) for key, item in value.items()}
        if isinstance(value, list):
            return [texts(item) for item in value]
        if isinstance(value, bool):
            return str(value).lower()
        return str(value) if isinstance(value, int) else value

    for ascii_only in (True, False):
        written = json.dumps({"key": value}, ensure_ascii=ascii_only)
        assert record(written).data == {"key": texts(value)}


# -- places


def test_values_and_keys_have_their_places() -> None:
    values, keys = record(
        '{"id": "a",\n "titel": "æøå",\n "liste": [\n  1.50,\n  {"to": null}]}'
    ).positions()

    assert {path: (at.line, at.column, at.length) for path, at in values.items()} == {
        (): (1, 1, 1),
        ("id",): (1, 8, 3),
        ("titel",): (2, 11, 5),
        ("liste",): (3, 11, 1),
        ("liste", 0): (4, 3, 4),
        ("liste", 1): (5, 3, 1),
        ("liste", 1, "to"): (5, 10, 4),
    }
    assert {path: (at.line, at.column, at.length) for path, at in keys.items()} == {
        ("id",): (1, 2, 4),
        ("titel",): (2, 2, 7),
        ("liste",): (3, 2, 7),
        ("liste", 1, "to"): (5, 4, 4),
    }


@pytest.mark.parametrize(
    ("data", "place"),
    [
        pytest.param('{"æ😀": "ø", "b": 1}', "1:18", id="after-non-ascii-on-the-line"),
        pytest.param('{"æ": "😀",\n"b": 1}', "2:6", id="after-non-ascii-above"),
        pytest.param('{"a": 1,\r\n"b": 1}', "2:6", id="crlf"),
        pytest.param('{"a": 1,\r"b": 1}', "2:6", id="cr"),
        pytest.param('{"a": 1,\n\r\n\r"b": 1}', "4:6", id="all-line-ends"),
        pytest.param('\ufeff{"b": 1}', "1:7", id="bom"),
        pytest.param('{\t"b":\t1}', "1:8", id="tabs"),
        pytest.param('{"b": 1, "b": 2}', "1:7", id="first-of-a-key-that-stands-twice"),
    ],
)
def test_place_counts_characters_and_lines_from_one(tmp_path: Path, data: str, place: str) -> None:
    records, _ = read_bytes(tmp_path, data.encode())

    assert str(records[0].at(("b",))) == f"record.json:{place}"


@example({"a\n": ["\r", {"\ud7ff": "😀"}]}, 1)
@given(st.dictionaries(st.text(LEGAL, max_size=6), VALUES, max_size=4), st.sampled_from([None, 1]))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_place_of_a_value_is_where_its_very_text_stands(
    data: dict[str, object], indent: int | None
) -> None:
    written = json.dumps([{}, {"key": data}], ensure_ascii=False, indent=indent)
    lines = written.split("\n")
    records, _ = parse(written, "record.json")
    values, keys = records[1].positions()

    def text_at(at: Location) -> str:
        return lines[at.line - 1][at.column - 1 : at.column - 1 + at.length]

    def follow(value: object, path: tuple[str | int, ...]) -> None:
        if path and isinstance(path[-1], str):
            assert json.loads(text_at(keys[path])) == path[-1]
        if isinstance(value, dict):
            assert text_at(values[path]) == "{"
            for key, item in value.items():
                follow(item, (*path, key))
        elif isinstance(value, list):
            assert text_at(values[path]) == "["
            for index, item in enumerate(value):
                follow(item, (*path, index))
        else:
            assert text_at(values[path]) == json.dumps(value, ensure_ascii=False)

    follow(data, ("key",))


# -- what is wrong


@pytest.mark.parametrize(
    ("source", "place", "length", "message", "help"),
    [
        pytest.param(
            '{"a": 1,\n "b": 2,\n}',
            "2:8",
            1,
            "there is a comma right before '}'",
            "delete the comma",
            id="trailing-comma",
        ),
        pytest.param(
            '{"a": [1, 2,]}',
            "1:12",
            1,
            "there is a comma right before ']'",
            "delete the comma",
            id="trailing-comma-in-a-list",
        ),
        pytest.param(
            '[{"a": 1},\n]',
            "1:10",
            1,
            "there is a comma right before ']'",
            "delete the comma",
            id="trailing-comma-after-a-record",
        ),
        pytest.param(
            "{\"a\": 'b'}",
            "1:7",
            3,
            "' is no quotation mark in JSON",
            'use " around field names and text',
            id="single-quotes",
        ),
        pytest.param(
            "{'a': 1}",
            "1:2",
            3,
            "' is no quotation mark in JSON",
            'use " around field names and text',
            id="single-quotes-around-a-key",
        ),
        pytest.param(
            '{"a": “b”}',
            "1:7",
            3,
            "“ is no quotation mark in JSON",
            'use " around field names and text',
            id="typographic-quotes",
        ),
        pytest.param(
            '{"a": "b,\n "c": 1}',
            "1:7",
            3,
            "the text has no closing quotation mark on its line",
            'write " where the text ends; a line break is written \\n',
            id="missing-quote",
        ),
        pytest.param(
            '{"a": "b\nc"}',
            "1:7",
            2,
            "the text has no closing quotation mark on its line",
            'write " where the text ends; a line break is written \\n',
            id="line-break-in-a-text",
        ),
        pytest.param(
            '{"a": 1\n "b": 2}',
            "1:8",
            1,
            "a comma is missing",
            "write a comma between two fields or values",
            id="missing-comma",
        ),
        pytest.param(
            '{"a": "x"\n "b": 2}',
            "1:10",
            1,
            "a comma is missing",
            "write a comma between two fields or values",
            id="missing-comma-after-a-text",
        ),
        pytest.param(
            '{"a": ["x" "y"]}',
            "1:11",
            1,
            "a comma is missing",
            "write a comma between two fields or values",
            id="missing-comma-in-a-list",
        ),
        pytest.param(
            '{"a": "say "hi" now"}',
            "1:12",
            1,
            "the text ends here, but more follows",
            'write \\" for a quotation mark inside a text',
            id="quote-in-a-text",
        ),
        pytest.param(
            '{"a" 1}',
            "1:5",
            1,
            "no colon after the field name",
            'write "field": value',
            id="missing-colon",
        ),
        pytest.param(
            '{"a" = 1}',
            "1:6",
            1,
            "no colon after the field name",
            'write "field": value',
            id="equals-sign",
        ),
        pytest.param(
            "{a: 1}",
            "1:2",
            1,
            "a field name must stand here",
            'write field names in quotes: "a"',
            id="key-without-quotes",
        ),
        pytest.param(
            '{"a": housing}',
            "1:7",
            7,
            "'housing' is no value",
            'put quotes around text: "housing"',
            id="text-without-quotes",
        ),
        pytest.param(
            '{"a": 2012-03-01}',
            "1:7",
            10,
            "'2012-03-01' is no value",
            'put quotes around text: "2012-03-01"',
            id="date-without-quotes",
        ),
        pytest.param(
            '{"a": 12,5}', "1:7", 4, "'12,5' is no number", "write 12.5", id="decimal-comma"
        ),
        pytest.param(
            '{"a": 007}',
            "1:7",
            3,
            "'007' is no value",
            'write the number 7, or "007" if it is a text',
            id="leading-zeros",
        ),
        pytest.param(
            '{"a": .5}',
            "1:7",
            2,
            "'.5' is no value",
            'write the number 0.5, or ".5" if it is a text',
            id="no-digit-before-the-point",
        ),
        pytest.param('{"a": True}', "1:7", 4, "'True' is no value", "write true", id="True"),
        pytest.param('{"a": None}', "1:7", 4, "'None' is no value", "write null", id="None"),
        *(
            pytest.param(
                f'{{"a": {word}}}',
                "1:7",
                len(word),
                f"'{word}' is no value",
                "delete the field; what is not known is not written",
                id=word,
            )
            for word in ("NaN", "Infinity", "-Infinity")
        ),
        pytest.param(
            '{"a": 1, // one\n "b": 2}',
            "1:10",
            6,
            "JSON has no comments",
            "delete the comment, or write the record as YAML",
            id="comment",
        ),
        pytest.param(
            '{"a": /* one */ 1}',
            "1:7",
            12,
            "JSON has no comments",
            "delete the comment, or write the record as YAML",
            id="comment-before-a-value",
        ),
        pytest.param(
            '# one\n{"a": 1}',
            "1:1",
            5,
            "JSON has no comments",
            "delete the comment, or write the record as YAML",
            id="comment-at-the-top",
        ),
        pytest.param(
            '{"a": "C:\\data"}',
            "1:10",
            2,
            "'\\d' means nothing in JSON",
            "write \\\\ for a backslash",
            id="backslash",
        ),
        pytest.param(
            '{"a": "x\ty"}',
            "1:9",
            1,
            "there is a tab in the text",
            "write \\t, or use a space",
            id="tab-in-a-text",
        ),
        pytest.param(
            '{"a": [1, 2}',
            "1:12",
            1,
            "here the '[' of line 1 should close",
            "write ']'",
            id="wrong-bracket",
        ),
        pytest.param(
            '{"a": {\n"b": 1',
            "2:7",
            1,
            "the file ends before the '{' of line 1 is closed",
            "write '}' where it ends",
            id="open-bracket",
        ),
        pytest.param(
            '{"a":',
            "1:6",
            1,
            "the file ends in the middle of the record",
            "write the rest, or close all brackets",
            id="cut-off",
        ),
        pytest.param(
            '{"a":}',
            "1:6",
            1,
            "a value is missing",
            "write a value, or delete the field",
            id="no-value",
        ),
        pytest.param(
            '{"a": 1}}',
            "1:9",
            1,
            "there is one '}' too many",
            "delete it, or see whether a bracket is closed too early",
            id="bracket-too-many",
        ),
        pytest.param(
            '{"a": 1}\n{"a": 2}',
            "2:1",
            1,
            "more stands after the record",
            "put several records in [ ] with commas between, or name the file .jsonl",
            id="two-objects",
        ),
        pytest.param(
            '{"a": "b": 1}',
            "1:10",
            1,
            "',' or '}' must stand here, not ':'",
            "see whether a comma is missing or a quotation mark is misplaced",
            id="two-colons",
        ),
    ],
)
def test_fault_of_the_syntax_is_told_with_its_place_and_cure(
    source: str, place: str, length: int, message: str, help: str
) -> None:
    records, (finding,) = parse(source, "record.json")

    assert records == []
    assert rows([finding]) == [(f"record.json:{place}", "record:json")]
    assert finding.at.length == length
    assert finding.message["en"] == f"cannot be read as JSON: {message}"
    assert finding.help["en"] == help


def test_fault_of_the_syntax_is_told_in_danish_too() -> None:
    _, (finding,) = parse('{"a": 12,5}', "record.json")

    assert finding.message["da"] == "kan ikke læses som JSON: '12,5' er ikke et tal"
    assert finding.help["da"] == "skriv decimaltal med punktum: 12.5"


@pytest.mark.parametrize(
    ("data", "place", "rule"),
    [
        pytest.param(b"", "1:1", "record:empty", id="empty"),
        pytest.param(b"\xef\xbb\xbf \n", "1:1", "record:empty", id="bom-only"),
        pytest.param(b"[ ]", "1:1", "record:empty", id="empty-list"),
        pytest.param(b' "a"', "1:2", "record:kind", id="text"),
        pytest.param(b'[["a"]]', "1:2", "record:kind", id="list-in-the-list"),
        pytest.param(b'{"a": "\xc3\xa6\xff"}', "1:9", "record:encoding", id="latin-1"),
        pytest.param(b'{"a":\r"x\x00y"}', "2:3", "record:character", id="nul"),
        pytest.param(b'{"a\\u0000": 1}', "1:4", "record:character", id="escaped-nul-in-a-key"),
    ],
)
def test_file_that_cannot_be_read_gives_no_record_and_one_finding(
    tmp_path: Path, data: bytes, place: str, rule: str
) -> None:
    records, findings = read_bytes(tmp_path, data)

    assert records == []
    assert rows(findings) == [(f"record.json:{place}", rule)]


@pytest.mark.parametrize(
    ("source", "place", "rule"),
    [
        pytest.param('{"a": 1,\n "a": 2}', "2:2", "record:twice", id="key-twice"),
        pytest.param('{"x": [{"a": 1, "a": 2}]}', "1:17", "record:twice", id="key-twice-inside"),
        pytest.param(r'{"a": "x\ud800y"}', "1:9", "record:character", id="lone-surrogate"),
        pytest.param(
            r'{"a": "\ud83d\ude00\udc00"}', "1:20", "record:character", id="surrogate-after-a-pair"
        ),
        pytest.param(
            r'{"a": "\ud800\ud83d\ude00"}', "1:8", "record:character", id="surrogate-before-a-pair"
        ),
        pytest.param(r'{"a": "\\u0001\u0001"}', "1:15", "record:character", id="escaped-control"),
        pytest.param(r'{"a": "x\b"}', "1:9", "record:character", id="backspace"),
        pytest.param(r'{"a": "x\u2028"}', "1:9", "record:character", id="line-separator"),
        pytest.param(r'{"a": "x\uFFFE"}', "1:9", "record:character", id="no-character"),
    ],
)
def test_fault_inside_a_record_is_found_where_it_stands_and_the_record_is_read(
    source: str, place: str, rule: str
) -> None:
    records, findings = parse(source, "record.json")

    assert len(records) == 1
    assert rows(findings) == [(f"record.json:{place}", rule)]


def test_lone_surrogate_does_not_get_as_far_as_the_data() -> None:
    records, _ = parse(r'{"a": "x\ud800y"}', "record.json")

    assert records[0].data == {"a": "x\ufffdy"}


def test_key_that_stands_three_times_is_reported_at_the_second_and_the_third() -> None:
    records, findings = parse('{"a": "x",\n"a": "y",\n"a": "z"}', "record.json")

    assert [each.data for each in records] == [{"a": "x"}]
    assert rows(findings) == [
        ("record.json:2:1", "record:twice"),
        ("record.json:3:1", "record:twice"),
    ]


def test_objects_around_one_that_is_no_record_are_read() -> None:
    records, findings = parse('[{"a": 1}, 5, {"b": 2}]', "record.json")

    assert [each.data for each in records] == [{"a": "1"}, {"b": "2"}]
    assert rows(findings) == [("record.json:1:12", "record:kind")]


def test_brackets_64_deep_are_read() -> None:
    value: object = record(f'{{"key": {"[" * 63}1{"]" * 63}}}').data["key"]

    for _ in range(63):
        assert isinstance(value, list)
        (value,) = value
    assert value == "1"


def test_brackets_65_deep_are_a_finding() -> None:
    records, findings = parse(f'{{"key": {"[" * 64}1{"]" * 64}}}', "record.json")

    assert records == []
    assert rows(findings) == [("record.json:1:73", "record:depth")]


@pytest.mark.parametrize(
    ("data", "place"),
    [
        pytest.param('{"key": ' + "[" * 200_000 + "]" * 200_000, "1:73", id="[[["),
        pytest.param('{"a":' * 200_000, "1:326", id="{{{"),
        pytest.param("[" * 200_000, "1:67", id="from-the-top"),
    ],
)
def test_200_000_levels_are_a_finding_and_no_crash(tmp_path: Path, data: str, place: str) -> None:
    path = tmp_path / "deep.json"
    path.write_text(data)

    child = subprocess.run(
        [sys.executable, "-c", CHILD, "512000000", str(path)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (child.returncode, child.stdout) == (0, f"0\nrecord.json:{place} record:depth\n")


def test_file_over_the_limit_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("expatlod.records.json.LARGE", 10)

    records, findings = read_bytes(tmp_path, b'{"a": "bcd"}')

    assert records == []
    assert rows(findings) == [("record.json", "record:size")]


@given(st.text(st.sampled_from("{}[]\",:\\/'#tru1e-.n a\n\r\t\x00é"), max_size=24))
@settings(max_examples=500, derandomize=True, deadline=None)
def test_any_text_gives_records_or_findings_within_the_file(source: str) -> None:
    records, findings = parse(source, "record.json")

    assert records or findings
    ends = [len(line) + 1 for line in text.LINE_END.split(source)]
    for each in findings:
        assert 1 <= each.at.column <= ends[each.at.line - 1]


@given(st.text(st.sampled_from("{}[]\",:\\/'#tru1e-.n a\n\r\t\x00é"), max_size=24))
@settings(max_examples=500, derandomize=True, deadline=None)
def test_what_json_accepts_is_no_fault_of_the_syntax_and_the_other_way(source: str) -> None:
    try:
        json.loads(source, parse_constant=lambda word: 1 / 0)
    except (ValueError, ZeroDivisionError):
        accepted = False
    else:
        accepted = True

    _, findings = parse(source, "record.json")
    rules = {each.rule for each in findings}

    if accepted:
        assert "record:json" not in rules
    else:
        assert rules & {"record:json", "record:character", "record:empty"}


def test_field_that_stands_twice_is_to_be_kept_once() -> None:
    _, (finding,) = parse('{"theme": "a", "theme": "b"}', "record.json")

    assert (str(finding.at), finding.rule) == ("record.json:1:16", "record:twice")
    assert finding.message == {
        "da": "feltet 'theme' står to gange",
        "en": "'theme' stands twice",
    }
    assert finding.help == {"da": "behold det ene", "en": "keep one of them"}
