"""Compute the days between which a period begins and ends, from its EDTF text.

SPARQL engines do not read EDTF, so every period carries its bounds as xsd:date as well. Seasons
are the meteorological ones of the northern hemisphere: spring is March to May.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from edtf import EDTFParseException, parse_edtf

__all__ = ["Bounds", "bounds"]

_PRECISIONS = (
    (re.compile(r"\d{4}"), "gYear"),
    (re.compile(r"\d{4}-(?:0[1-9]|1[0-2])"), "gYearMonth"),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "date"),
)

# A record holds one period of a few dozen characters; the parser takes ever longer with length.
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of a period, as xsd:date; None where the side is open or unknown.

    *start* and *end* are the two sides as given, with the local name of the XSD datatype that
    has their precision, or None where no datatype has it (a season).
    """

    earliest_start: str | None
    latest_start: str | None
    earliest_end: str | None
    latest_end: str | None
    start: tuple[str, str] | None
    end: tuple[str, str] | None


@lru_cache(maxsize=10_000)
def bounds(text: str) -> Bounds:
    """Return the bounds of the EDTF (level 1) date or interval *text*.

    A single date stands for a period that begins and ends within it.
    Source: Extended Date/Time Format, Library of Congress, 2019, levels 0 and 1.

    Raises ValueError when *text* is not EDTF or names a day that does not exist.

    >>> bounds("2010-23/2014-01-31").latest_start
    '2010-11-30'
    >>> bounds("/2012-12-31").earliest_start is None
    True
    """
    if len(text) > _LONGEST or text.strip() != text:
        raise ValueError(text)
    sides = text.split("/")
    if len(sides) > 2 or all(side in ("", "..") for side in sides):
        raise ValueError(text)
    start, end = sides[0], sides[-1]
    earliest_start, latest_start = _side(start)
    earliest_end, latest_end = _side(end)
    return Bounds(
        earliest_start, latest_start, earliest_end, latest_end, _precise(start), _precise(end)
    )


def _side(text: str) -> tuple[str | None, str | None]:
    if text in ("", ".."):
        return None, None
    try:
        date = parse_edtf(text)
    except EDTFParseException as error:
        raise ValueError(text) from error
    return _day(date.lower_strict(), text), _day(date.upper_strict(), text)


def _day(day: Any, text: str) -> str:
    if isinstance(day, float) or not 0 < day.tm_year < 10_000:
        raise ValueError(text)
    return f"{day.tm_year:04d}-{day.tm_mon:02d}-{day.tm_mday:02d}"


def _precise(text: str) -> tuple[str, str] | None:
    for pattern, datatype in _PRECISIONS:
        if pattern.fullmatch(text):
            return text, datatype
    return None
