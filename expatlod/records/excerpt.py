"""Show the line that a place is on.

Many findings stand in one file: what was read of it is kept until the file changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from expatlod.errors import Location
from expatlod.records.text import LARGE, LINE_END

__all__ = ["excerpt"]


def excerpt(at: Location) -> str:
    """Return the line of text at *at*, or the text of the spreadsheet's cell; "" if it is gone."""
    if at.line < 1:
        return ""
    try:
        state = Path(at.path).stat()
        if at.sheet:
            cells = _cells(at.path, state.st_mtime_ns, state.st_size)
            return cells.get((at.sheet, at.line, at.column), "")
        lines = _lines(at.path, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError):  # a path may hold what no path can
        return ""
    return lines[at.line - 1] if at.line <= len(lines) else ""


@lru_cache(maxsize=4)
def _lines(path: str, _time: int, _size: int) -> Sequence[str]:
    """Return the lines of a file as far as it can be read, up to LARGE bytes."""
    # Who shows no line does not pay for what decompresses it.
    from expatlod.records.lines import BrokenError, TooMuchError, chunks

    found: list[bytes] = []
    total = 0
    try:
        for chunk in chunks(Path(path)):
            found.append(chunk[: LARGE - total])
            total += len(chunk)
            if total >= LARGE:
                break
    except (BrokenError, TooMuchError):
        pass
    text = b"".join(found).decode("utf-8", "replace").removeprefix("\ufeff")
    return LINE_END.split(text)


@lru_cache(maxsize=4)
def _cells(path: str, _time: int, _size: int) -> Mapping[tuple[str, int, int], str]:
    # Who reads no spreadsheet does not pay for it.
    from expatlod.records import xlsx

    return xlsx.texts(Path(path))
