"""Read records from JSON Lines, one object a line, also compressed with gzip or Zstandard.

A faulty line is a finding, and the other lines are read all the same. A small compressed file can
hold more than a disk does: what comes out of it is counted.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from expatlod.errors import ERROR, Finding, Location
from expatlod.records import json
from expatlod.records.record import Record
from expatlod.records.text import LIMIT, LINE_END, decode, nothing

__all__ = ["LARGEST", "MANY", "RATIO", "BrokenError", "TooMuchError", "chunks", "parse", "read"]

#: The most bytes that are taken out of one file.
LARGEST = 2_000_000_000

#: What is compressed more than this is a bomb; JSON Lines shrink to a tenth, seldom a fiftieth.
RATIO = 200

# Up to so many bytes the ratio does not matter.
_HARMLESS = 100_000_000

#: After so many findings the rest of a file is not read: a few kilobytes can hold millions.
MANY = 100_000

_CHUNK = 1 << 20

# One kilobyte of Zstandard can hold 256 blocks of 128 kB, which come out at once.
_ZSTD_CHUNK = 1 << 10


class BrokenError(Exception):
    """A compressed file is damaged or ends too early."""


class TooMuchError(Exception):
    """More comes out of a file than is read."""


def read(path: Path, shown: str) -> tuple[list[Record], list[Finding]]:
    """Return the records of the JSON Lines file at *path*, and what is wrong with its lines.

    Findings and locations call the file *shown*. When a compressed file is damaged, what came
    before the damage is kept.
    """
    records: list[Record] = []
    findings: list[Finding] = []
    lines = _Lines(path)
    try:
        for number, line in lines:
            if len(line) > LIMIT:
                findings.append(_long_line(Location(shown, number, 1)))
                continue
            text, faults = decode(line, shown, line=number)
            if not faults and text and not text.isspace():
                more, faults = json.parse_line(text, shown, number)
                records += more
            findings += faults
            if len(findings) >= MANY:
                findings.append(_too_many(Location(shown, number, 1)))
                break
    except BrokenError:
        findings.append(_damaged(Location(shown, lines.number, 1)))
    except TooMuchError:
        findings.append(_bomb(Location(shown, lines.number, 1)))
    if not records and not findings:
        findings.append(nothing(Location(shown, 1, 1)))
    return records, findings


def parse(text: str, shown: str) -> tuple[list[Record], list[Finding]]:
    """Return the records of the lines of *text*, and what is wrong with them; see `read`."""
    records: list[Record] = []
    findings: list[Finding] = []
    for number, line in enumerate(LINE_END.split(text), 1):
        if line and not line.isspace():
            more, faults = json.parse_line(line, shown, number)
            records += more
            findings += faults
    return records, findings or ([] if records else [nothing(Location(shown, 1, 1))])


def chunks(path: Path) -> Iterator[bytes]:
    """Yield what the file at *path* holds, decompressed by the ending of its name.

    Raises BrokenError and TooMuchError, both after all that came before.
    """
    ending = path.suffix.lower()
    opened = {".gz": _gzip, ".zst": _zstandard}.get(ending, _plain)(path)
    size = path.stat().st_size
    total = 0
    for chunk in opened:
        total += len(chunk)
        if total > LARGEST or (total > _HARMLESS and total > RATIO * size):
            raise TooMuchError
        yield chunk


def _plain(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _gzip(path: Path) -> Iterator[bytes]:
    with gzip.open(path) as file:
        try:
            # Not `read`, which loses what it has already got when the damage comes.
            while chunk := file.read1(_CHUNK):
                yield chunk
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise BrokenError(str(error)) from error


def _zstandard(path: Path) -> Iterator[bytes]:
    # Only who has such files pays for it.
    import zstandard

    frame = None
    with path.open("rb") as file:
        try:
            while data := file.read(_ZSTD_CHUNK):
                while data:
                    if frame is None:
                        frame = zstandard.ZstdDecompressor().decompressobj()
                    yield frame.decompress(data)
                    data = bytes(frame.unused_data) if frame.eof else b""
                    if frame.eof:
                        frame = None
        except zstandard.ZstdError as error:
            raise BrokenError(str(error)) from error
    if frame is not None:
        raise BrokenError("the stream ends too early")


class _Lines:
    """The lines of a file that are not empty, each cut off right after LIMIT.

    *number* is that of the line that is being read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = 1

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        rest = b""
        for chunk in chunks(self.path):
            data = rest + chunk
            # A CR at the end waits: an LF may follow it.
            held = b"\r" if data.endswith(b"\r") else b""
            if held:
                data = data[:-1]
            if b"\r" in data:
                data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            *whole, last = data.split(b"\n")
            for line in whole:
                if line:
                    yield self.number, line
                self.number += 1
            rest = last[: LIMIT + 1] + held
        if rest.removesuffix(b"\r"):
            yield self.number, rest.removesuffix(b"\r")


def _long_line(at: Location) -> Finding:
    return Finding(
        at,
        ERROR,
        "record:size",
        {
            "da": f"linjen fylder mere end {LIMIT} bytes",
            "en": f"the line has more than {LIMIT} bytes",
        },
        {
            "da": "en post fylder nogle få kilobytes; skriv en post på hver linje",
            "en": "a record has a few kilobytes; write one record on each line",
        },
    )


def _damaged(at: Location) -> Finding:
    return Finding(
        at,
        ERROR,
        "record:file",
        {
            "da": "den komprimerede fil er beskadiget eller afbrudt her",
            "en": "the compressed file is damaged or cut off here",
        },
        {
            "da": "hent eller pak filen igen; linjerne før denne er læst",
            "en": "fetch or compress the file again; the lines before this one are read",
        },
    )


def _too_many(at: Location) -> Finding:
    return Finding(
        at,
        ERROR,
        "record:size",
        {
            "da": f"der er {MANY} fund i filen; resten er sprunget over",
            "en": f"there are {MANY} findings in the file; the rest is passed over",
        },
        {
            "da": "ret dem, eller se efter, om filen er det, den skal være",
            "en": "mend them, or look whether the file is what it should be",
        },
    )


def _bomb(at: Location) -> Finding:
    return Finding(
        at,
        ERROR,
        "record:size",
        {
            "da": "der er mere i filen, end der læses; resten er sprunget over",
            "en": "more is in the file than is read; the rest is passed over",
        },
        {
            "da": f"del den i filer på højst {LARGEST} bytes udpakket; en, der er pakket mere "
            f"end {RATIO} gange, er næppe poster",
            "en": f"split it into files of at most {LARGEST} bytes unpacked; one that is packed "
            f"more than {RATIO} times is hardly records",
        },
    )
