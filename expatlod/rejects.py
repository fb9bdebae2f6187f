"""Write down the records that a release leaves out, as they came, each with what is wrong with it.

One JSON object a line:

    {"file": "data/a.jsonl", "line": 12, "record": {…}, "findings": […]}

The record is what stood on the line of a JSON Lines file, or what was read from the row of a
table; what could not be read as one, and a file that holds one, is "text" instead. The findings
are those of `expatlod.reports.json`, without excerpts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from expatlod.errors import Finding, Location, PublishError
from expatlod.reports.json import item
from expatlod.reports.report import encodable

__all__ = ["Reject", "check_place", "write"]


# A record is not longer than two megabytes, and its findings hold some of it again.
_LONGEST = 20_000_000


class Reject(msgspec.Struct):
    """A record that is left out, or what could not be read as one: *source* is how it came."""

    at: Location
    source: bytes
    findings: Sequence[Finding]


def check_place(path: Path) -> None:
    """Raise PublishError when there is a file at *path* that holds something else."""
    if not path.is_file():
        return
    try:
        with path.open("rb") as file:
            line = file.readline(_LONGEST)
    except OSError as error:
        raise PublishError(f"{path}: cannot be read: {error.strerror}") from error
    if line and not (line.startswith(b'{"file":') and b'"findings":' in line):
        raise PublishError(
            f"{path}: holds something else than rejected records, which would be lost; name "
            "another file with --rejects"
        )


def write(path: Path, rejects: Iterator[Reject]) -> int:
    """Write *rejects* to the file *path*, whole or not at all; return how many there are.

    Without any, the file is deleted: it would be taken for those of this time.

    Raises PublishError when it cannot be written.
    """
    count = 0
    try:
        if path.exists() and not path.is_file():
            # A pipe or a device, which is not to be replaced by a file.
            with path.open("wb") as file:
                for each in rejects:
                    file.write(_line(each))
                    count += 1
            return count
        place = path.resolve()
        draft = place.with_name(f".{place.name}.{os.getpid()}")
        try:
            with draft.open("wb") as file:
                for each in rejects:
                    file.write(_line(each))
                    count += 1
            if count:
                os.replace(draft, place)  # noqa: PTH105
            else:
                place.unlink(missing_ok=True)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise PublishError(
            f"{path}: the rejected records could not be written: {error.strerror}; nothing was "
            "published; name another file with --rejects"
        ) from error
    return count


def _line(reject: Reject) -> bytes:
    told: dict[str, object] = {"file": encodable(reject.at.path), "line": reject.at.line or None}
    try:
        if isinstance(msgspec.json.decode(reject.source), dict):
            told["record"] = msgspec.Raw(reject.source.replace(b"\n", b" "))
    except (msgspec.DecodeError, RecursionError):
        pass
    if "record" not in told:
        told["text"] = reject.source.decode("utf-8", "backslashreplace")
    told["findings"] = [item(each, "") for each in reject.findings]
    return msgspec.json.encode(told) + b"\n"
