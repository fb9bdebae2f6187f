"""The line that a finding stands on, for every format, and nothing where there is none."""

from __future__ import annotations

import gzip
import os
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
import zstandard

from expatlod.errors import Location
from expatlod.records import lines
from expatlod.records.excerpt import excerpt


@pytest.mark.parametrize(
    ("data", "line", "text"),
    [
        pytest.param(b"a: 1\nb:\t2\n", 2, "b:\t2", id="tab"),
        pytest.param(b"a: 1\r\nb: 2\r\n", 2, "b: 2", id="crlf"),
        pytest.param(b"a: 1\rb: 2\rc: 3", 2, "b: 2", id="cr"),
        pytest.param(b"\xef\xbb\xbfa: 1\n", 1, "a: 1", id="bom"),
        pytest.param("a: æ😀\n".encode(), 1, "a: æ😀", id="wide"),
        pytest.param("a: x\u2028y\x0bz\n".encode(), 1, "a: x\u2028y\x0bz", id="no-line-ends"),
        pytest.param(b"a: 1\n", 2, "", id="after-the-last-line-end"),
        pytest.param(b"a: 1\n", 3, "", id="beyond"),
        pytest.param(b"a: 1\n", 0, "", id="whole-file"),
        pytest.param(b"", 1, "", id="empty"),
        pytest.param(b"\x00\xff\n\xfe", 2, "\ufffd", id="binary"),
    ],
)
def test_excerpt_is_the_line(tmp_path: Path, data: bytes, line: int, text: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(data)

    assert excerpt(Location(str(path), line, 1)) == text


@pytest.mark.parametrize(
    ("ending", "compress"),
    [(".jsonl.gz", gzip.compress), (".ndjson.zst", zstandard.compress)],
)
def test_excerpt_of_a_compressed_file_is_the_line_in_it(
    tmp_path: Path, ending: str, compress: object
) -> None:
    assert callable(compress)
    path = tmp_path / f"r{ending}"
    whole = compress(b'{"a": 1}\n{"b": 2}\n')

    path.write_bytes(whole)
    assert excerpt(Location(str(path), 2, 1)) == '{"b": 2}'

    path.write_bytes(whole + b"damage")
    assert excerpt(Location(str(path), 2, 1)) == '{"b": 2}'


def test_excerpt_of_a_spreadsheet_is_the_text_of_the_cell(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Project")
    sheet.append(["id", "x"])
    sheet.append(["a", 25.0])
    sheet.append(["b", "=A1"])
    book.save(path)

    assert excerpt(Location(str(path), 2, 2, 1, "Project")) == "25"
    assert excerpt(Location(str(path), 3, 2, 1, "Project")) == "=A1"
    assert excerpt(Location(str(path), 9, 9, 1, "Project")) == ""
    assert excerpt(Location(str(path), 2, 2, 1, "Boat")) == ""


@pytest.mark.parametrize("name", ["gone.yaml", "gone.xlsx", "", "nul\x00.yaml"])
@pytest.mark.parametrize("sheet", ["", "Project"])
def test_excerpt_of_what_is_no_file_is_empty(tmp_path: Path, name: str, sheet: str) -> None:
    assert excerpt(Location(str(tmp_path / name), 1, 1, 1, sheet)) == ""


def test_excerpt_of_a_workbook_that_is_none_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    path.write_bytes(b"no workbook")

    assert excerpt(Location(str(path), 1, 1, 1, "Project")) == ""


def test_excerpt_follows_the_file(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("a: 1\n")
    assert excerpt(Location(str(path), 1, 1)) == "a: 1"

    path.write_text("a: 2\n")
    later = path.stat().st_mtime_ns + 1_000_000
    os.utime(path, ns=(later, later))
    assert excerpt(Location(str(path), 1, 1)) == "a: 2"

    path.unlink()
    assert excerpt(Location(str(path), 1, 1)) == ""


def test_ten_thousand_excerpts_of_one_file_read_it_once(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("".join(f"r{number},Project\n" for number in range(10_000)))
    start = time.process_time()

    found = [excerpt(Location(str(path), line, 1)) for line in range(1, 10_001)]

    assert found[9_999] == "r9999,Project"
    assert time.process_time() - start < 2


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_excerpts_of_a_large_file_are_the_lines_whatever_their_order(
    compress: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_CHUNK", 50)
    path = tmp_path / ("r.jsonl" if compress is bytes else "r.jsonl.gz")
    path.write_bytes(compress(b"".join(b"line %d\n" % number for number in range(1, 1001))))

    order = [1, 1, 2, 500, 499, 1000, 3, 1001, 1]
    found = [excerpt(Location(str(path), number, 1)) for number in order]

    assert found == [f"line {number}" if number <= 1000 else "" for number in order]


def test_findings_in_order_read_a_large_file_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_CHUNK", 50)
    read: list[int] = []

    def chunks(path: Path) -> Iterator[bytes]:
        read.append(1)
        yield from whole(path)

    whole = lines.chunks
    monkeypatch.setattr(lines, "chunks", chunks)
    path = tmp_path / "r.jsonl"
    path.write_bytes(b"{}\n" * 1000)

    for number in range(1, 1001):
        excerpt(Location(str(path), number, 1))

    assert len(read) == 1


def test_of_a_large_file_only_a_part_is_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes((b"x" * 99 + b"\n") * 200_000)
    tracemalloc.start()

    for number in range(1, 200_000, 100):
        excerpt(Location(str(path), number, 1))

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < path.stat().st_size


def test_line_of_ten_megabytes_is_given(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_bytes(b"x" * 10_000_000)

    assert len(excerpt(Location(str(path), 1, 1))) == 10_000_000
