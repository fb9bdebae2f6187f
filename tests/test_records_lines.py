"""Records read from JSON Lines, also compressed: each line for itself, and no bomb."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from expatlod.errors import Finding
from expatlod.records import lines
from expatlod.records.lines import parse, read
from expatlod.records.record import Record
from expatlod.records.text import LIMIT

#: How a name that ends so is compressed.
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".jsonl": lambda data: data,
    ".jsonl.gz": gzip.compress,
    ".jsonl.zst": zstandard.compress,
}

each_ending = pytest.mark.parametrize("ending", COMPRESS)
compressed = pytest.mark.parametrize("ending", [".jsonl.gz", ".jsonl.zst"])


def rows(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(str(each.at), each.rule) for each in findings]


def ids(records: Iterable[Record]) -> list[object]:
    return [each.data["id"] for each in records]


def read_bytes(folder: Path, data: bytes, ending: str) -> tuple[list[Record], list[Finding]]:
    path = folder / f"records{ending}"
    path.write_bytes(data)
    return read(path, f"r{ending}")


@each_ending
def test_every_line_is_a_record_at_its_place(tmp_path: Path, ending: str) -> None:
    data = COMPRESS[ending](b'{"id": "a"}\n{"x": 1.0, "id": "b"}\n')

    records, findings = read_bytes(tmp_path, data, ending)

    assert [each.data for each in records] == [{"id": "a"}, {"x": "1.0", "id": "b"}]
    assert [str(each.at(("id",))) for each in records] == [f"r{ending}:1:8", f"r{ending}:2:18"]
    assert findings == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"id": "a"}\n\n  \n{"id": "b"}', id="lf"),
        pytest.param('{"id": "a"}\r\n\r\n  \r\n{"id": "b"}\r\n', id="crlf"),
        pytest.param('{"id": "a"}\r\r  \r{"id": "b"}\r', id="cr"),
        pytest.param('\ufeff{"id": "a"}\n\r  \r\n{"id": "b"}\r', id="bom-and-all"),
    ],
)
def test_blank_lines_are_passed_over_and_counted(tmp_path: Path, text: str) -> None:
    records, findings = read_bytes(tmp_path, text.encode(), ".jsonl")

    assert [str(each.at(("id",))) for each in records] == ["r.jsonl:1:8", "r.jsonl:4:8"]
    assert findings == []


@pytest.mark.parametrize(
    ("line", "column", "rule"),
    [
        pytest.param(b'{"id": "b",}', 11, "record:json", id="syntax"),
        pytest.param(b'{"id": "b"', 11, "record:json", id="cut-off"),
        pytest.param(b'{"id": "b"} {"id": "c"}', 13, "record:json", id="two-records"),
        pytest.param(b'["b"]', 1, "record:kind", id="list"),
        pytest.param(b'{"id": "\xe6"}', 9, "record:encoding", id="latin-1"),
        pytest.param(b'{"id": "\x07"}', 9, "record:character", id="control"),
        pytest.param(b'{"id": ' + b"[" * 70, 72, "record:depth", id="deep"),
        pytest.param(b'{"id": "' + b"b" * LIMIT, 1, "record:size", id="long"),
    ],
)
def test_faulty_line_is_a_finding_and_the_others_are_read(
    tmp_path: Path, line: bytes, column: int, rule: str
) -> None:
    data = b'{"id": "a"}\n' + line + b'\n{"id": "c"}\n'

    records, findings = read_bytes(tmp_path, data, ".jsonl")

    assert ids(records) == ["a", "c"]
    assert rows(findings) == [(f"r.jsonl:2:{column}", rule)]


def test_record_over_several_lines_is_told_to_stand_on_one() -> None:
    _, findings = parse('{"id":\n"a"}\n', "r.jsonl")

    assert findings[0].message["en"] == (
        "cannot be read as JSON: the line ends in the middle of the record"
    )
    assert findings[0].help["en"] == "in JSON Lines the whole record stands on one line"


@each_ending
@pytest.mark.parametrize("text", [b"", b"\n\n", b"\xef\xbb\xbf"], ids=["empty", "blank", "bom"])
def test_file_without_a_record_is_empty(tmp_path: Path, ending: str, text: bytes) -> None:
    records, findings = read_bytes(tmp_path, COMPRESS[ending](text), ending)

    assert records == []
    assert rows(findings) == [(f"r{ending}:1:1", "record:empty")]


@given(st.lists(st.text(max_size=8), max_size=6), st.sampled_from(["\n", "\r\n", "\r"]))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_text_is_read_as_the_file_is(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], end: str
) -> None:
    data = "".join(json.dumps({"id": text}) + end * 2 for text in texts)
    path = tmp_path_factory.mktemp("lines") / "r.jsonl"
    path.write_bytes(data.encode())

    records, findings = read(path, "r.jsonl")
    others, other_findings = parse(data, "r.jsonl")

    assert [(each.data, each.at(("id",))) for each in records] == [
        (each.data, each.at(("id",))) for each in others
    ]
    assert findings == other_findings


def test_line_end_on_the_edge_of_two_reads_is_counted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b'{"id": "a"}\r\n{"id": "b"}\r{"id": "c"}\n\n{"id": "d"}'
    for size in range(1, len(data)):
        monkeypatch.setattr(lines, "_CHUNK", size)
        records, findings = read_bytes(tmp_path, data, ".jsonl")
        assert [each.at(("id",)).line for each in records] == [1, 2, 3, 5]
        assert findings == []


# -- compression


@compressed
def test_several_streams_after_each_other_are_one_file(tmp_path: Path, ending: str) -> None:
    data = COMPRESS[ending](b'{"id": "a"}\n{"id"') + COMPRESS[ending](b': "b"}\n')

    records, findings = read_bytes(tmp_path, data, ending)

    assert ids(records) == ["a", "b"]
    assert findings == []


@compressed
def test_stream_that_is_cut_off_keeps_what_came_before(tmp_path: Path, ending: str) -> None:
    whole = COMPRESS[ending](b'{"id": "a"}\n\n{"id": "b"}\n')
    first = whole + COMPRESS[ending](b'{"id": "c"}\n' * 3)[:-7]

    records, findings = read_bytes(tmp_path, first, ending)

    assert ids(records)[:2] == ["a", "b"]
    assert [each.rule for each in findings] == ["record:file"]
    assert findings[0].at.line >= 4


@compressed
def test_stream_that_is_damaged_keeps_what_came_before(tmp_path: Path, ending: str) -> None:
    data = COMPRESS[ending](b'{"id": "a"}\n{"id": "b"}\n') + b"no stream at all"

    records, findings = read_bytes(tmp_path, data, ending)

    assert ids(records) == ["a", "b"]
    assert rows(findings) == [(f"r{ending}:3:1", "record:file")]
    assert findings[0].message["en"] == "the compressed file is damaged or cut off here"


@compressed
def test_file_that_is_not_compressed_at_all_is_a_finding(tmp_path: Path, ending: str) -> None:
    records, findings = read_bytes(tmp_path, b'{"id": "a"}\n', ending)

    assert records == []
    assert rows(findings) == [(f"r{ending}:1:1", "record:file")]


@compressed
def test_bomb_is_stopped_and_what_came_before_is_kept(tmp_path: Path, ending: str) -> None:
    data = COMPRESS[ending](b'{"id": "a"}\n' + (b" " * 1_000_000 + b"\n") * 110)
    assert len(data) < 200_000

    records, findings = read_bytes(tmp_path, data, ending)

    assert ids(records) == ["a"]
    assert [each.rule for each in findings] == ["record:size"]


def test_more_than_the_largest_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LARGEST", 20)
    monkeypatch.setattr(lines, "_CHUNK", 12)

    records, findings = read_bytes(tmp_path, b'{"id": "a"}\n{"id": "b"}\n', ".jsonl")

    assert ids(records) == ["a"]
    assert rows(findings) == [("r.jsonl:2:1", "record:size")]


@given(st.binary(max_size=60), st.sampled_from([".jsonl.gz", ".jsonl.zst"]), st.integers(0, 40))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_damaged_bytes_never_crash(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, ending: str, at: int
) -> None:
    whole = COMPRESS[ending](b'{"id": "a"}\n{"id": "b"}\n')
    path = tmp_path_factory.mktemp("junk") / f"r{ending}"
    path.write_bytes(whole[:at] + junk + whole[at + len(junk) :])

    records, findings = read(path, f"r{ending}")

    assert records or findings


def test_faults_without_end_are_told_up_to_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MANY", 3)

    _, findings = read_bytes(tmp_path, gzip.compress(b"[1]\n" * 1000), ".jsonl.gz")

    assert rows(findings) == [
        ("r.jsonl.gz:1:1", "record:kind"),
        ("r.jsonl.gz:2:1", "record:kind"),
        ("r.jsonl.gz:3:1", "record:kind"),
        ("r.jsonl.gz:3:1", "record:size"),
    ]
