"""Read records from JSON Lines, one object a line, also compressed with gzip or Zstandard.

A faulty line is a finding, and the other lines are read all the same. A small compressed file can
hold more than a disk does: what comes out of it is counted.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from expatlod.errors import ERROR, Finding, Location
from expatlod.records import json
from expatlod.records.record import Record
from expatlod.records.text import LIMIT, LINE_END, decode, nothing

__all__ = [
    "LARGEST",
    "MANY",
    "RATIO",
    "Block",
    "BrokenError",
    "TooMuchError",
    "blocks",
    "chunks",
    "numbered",
    "parse",
    "read",
    "read_line",
    "too_many",
]

#: The most bytes of a file whose records are held in memory together.
LARGEST = 2_000_000_000

#: What is compressed more than this is a bomb; JSON Lines shrink to a tenth, seldom a fiftieth.
RATIO = 200

# Up to so many bytes the ratio does not matter.
_HARMLESS = 100_000_000

#: After so many findings the rest of a file is not read: a few kilobytes can hold millions.
MANY = 100_000

_CHUNK = 1 << 20

_COMPRESSED = (".gz", ".zst")

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
    total = 0
    for block in blocks(path, shown):
        if isinstance(block, Finding):
            findings.append(block)
            continue
        total += len(block.data)
        if total > LARGEST:
            findings.append(_bomb(Location(shown, block.line, 1)))
            break
        for number, line in numbered(block.data, block.line):
            more, faults = read_line(line, shown, number)
            records += more
            findings += faults
            if len(findings) >= MANY:
                return records, [*findings, too_many(Location(shown, number, 1))]
    if not records and not findings:
        findings.append(nothing(Location(shown, 1, 1)))
    return records, findings


def read_line(line: bytes, shown: str, number: int) -> tuple[list[Record], list[Finding]]:
    """Return the record on a *line*, whose end is cut off, and what is wrong with it."""
    if len(line) > LIMIT:
        return [], [_long_line(Location(shown, number, 1))]
    text, faults = decode(line, shown, line=number)
    if faults or not text or text.isspace():
        return [], faults
    return json.parse_line(text, shown, number)


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
        if total > _HARMLESS and total > RATIO * size:
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


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of a file: the number of the first, from 1, and where it begins in the file.

    *offset* is in bytes of the file; it is -1 where *data* is not what stands there, because the
    file is compressed or a line was cut off.
    """

    line: int
    data: bytes
    offset: int


def blocks(path: Path, shown: str) -> Iterator[Block | Finding]:
    """Yield the lines of the file at *path* in blocks of about a megabyte.

    A line that is longer than a record can be is cut off right after LIMIT. When a compressed
    file is damaged, a finding follows what came before the damage.
    """
    rest = b""
    line, offset, lost = 1, 0, 0
    compressed = path.suffix.lower() in _COMPRESSED
    try:
        for chunk in _gathered(chunks(path)):
            data = rest + chunk
            # A CR at the end waits: an LF may follow it.
            end = max(data.rfind(b"\n"), data.rfind(b"\r", 0, -1)) + 1
            if end:
                yield Block(line, data[:end], -1 if compressed or lost else offset)
                line += _ends(data, end)
                offset += end + lost
                lost = 0
            rest = data[end:]
            if len(rest) > LIMIT + 1:
                lost += len(rest) - LIMIT - 1
                rest = rest[: LIMIT + 1]
        if rest:
            yield Block(line, rest, -1 if compressed or lost else offset)
    except BrokenError:
        yield _damaged(Location(shown, line, 1))
    except TooMuchError:
        yield _bomb(Location(shown, line, 1))


def numbered(data: bytes, first: int) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of *data* that are not empty, numbered from *first*, without their ends."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for number, line in enumerate(data.split(b"\n"), first):
        if line:
            yield number, line


def _gathered(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Yield *parts* joined to pieces of some size, and the last ones before an error as well."""
    held: list[bytes] = []
    size = 0
    try:
        for part in parts:
            held.append(part)
            size += len(part)
            if size >= _CHUNK:
                yield b"".join(held)
                held, size = [], 0
    except (BrokenError, TooMuchError):
        yield b"".join(held)
        raise
    yield b"".join(held)


def _ends(data: bytes, end: int) -> int:
    """Return how many lines end in the first *end* bytes of *data*."""
    ends = data.count(b"\n", 0, end)
    if b"\r" in data:
        ends += data.count(b"\r", 0, end) - data.count(b"\r\n", 0, end)
    return ends


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


def too_many(at: Location) -> Finding:
    """Return the finding for a file of which no more is read, there being so many already."""
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
