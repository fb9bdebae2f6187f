"""Show the line that a place is on.

Many findings stand in one file: what was read of it is kept until the file changes. JSON Lines may
be larger than memory; of them a block is kept, and findings sorted by place read them once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

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
        return _text(at.path, state.st_mtime_ns, state.st_size).line(at.line)
    except (OSError, ValueError):  # a path may hold what no path can
        return ""


class _Text(Protocol):
    def line(self, number: int) -> str:
        """Return the line with that *number*, from 1; "" if there is none."""


@lru_cache(maxsize=1)
def _text(path: str, _time: int, _size: int) -> _Text:
    # Who shows no line does not pay for the readers.
    from expatlod.records.files import LINES, ending

    return _Blocks(Path(path)) if ending(path) in LINES else _Whole(_lines(Path(path)))


class _Whole:
    """A file that is held in memory."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    def line(self, number: int) -> str:
        return self._lines[number - 1] if number <= len(self._lines) else ""


class _Blocks:
    """A file of which a block is held, read on as far as is asked for, and again to go back."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._start()

    def _start(self) -> None:
        from expatlod.records.lines import Block, blocks

        self._blocks = (each for each in blocks(self._path, "") if isinstance(each, Block))
        self._following = next(self._blocks, None)
        self._first, self._data = 1, b""
        self._lines: Sequence[str] | None = None

    def line(self, number: int) -> str:
        if number < self._first:
            self._start()
        while self._following is not None and self._following.line <= number:
            self._first, self._data = self._following.line, self._following.data
            self._lines = None
            self._following = next(self._blocks, None)
        if self._lines is None:
            self._lines = _split(self._data, first=self._first == 1)
        return self._lines[number - self._first] if number - self._first < len(self._lines) else ""


def _lines(path: Path) -> Sequence[str]:
    """Return the lines of a file as far as it can be read, up to LARGE bytes."""
    # Who shows no line does not pay for what decompresses it.
    from expatlod.records.lines import BrokenError, TooMuchError, chunks

    found: list[bytes] = []
    total = 0
    try:
        for chunk in chunks(path):
            found.append(chunk[: LARGE - total])
            total += len(chunk)
            if total >= LARGE:
                break
    except (BrokenError, TooMuchError):
        pass
    return _split(b"".join(found), first=True)


def _split(data: bytes, *, first: bool) -> Sequence[str]:
    text = data.decode("utf-8", "replace")
    return LINE_END.split(text.removeprefix("\ufeff") if first else text)


@lru_cache(maxsize=4)
def _cells(path: str, _time: int, _size: int) -> Mapping[tuple[str, int, int], str]:
    # Who reads no spreadsheet does not pay for it.
    from expatlod.records import xlsx

    return xlsx.texts(Path(path))
