"""Compute the days between which a period begins and ends, from its EDTF text.

SPARQL engines do not read EDTF, so every period carries its bounds as xsd:date as well. Seasons
are the meteorological ones of the northern hemisphere: spring is March to May, and winter ends in
the year after the one it is named by.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

__all__ = ["Bounds", "bounds", "meant"]

# A date of level 0 or 1: digits not known are X, and a sign says that it is uncertain.
_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?[?~%]?"
    r"|(?P<decade>\d{3})X[?~%]?|(?P<century>\d{2})XX[?~%]?"
    r"|(?P<some_day>\d{4}-\d{2})-XX[?~%]?|(?P<some_month>\d{4})-XX(?:-XX)?[?~%]?",
    re.ASCII,
)

#: The first month of each season, by the number that EDTF gives it.
_SEASONS = {21: 3, 22: 6, 23: 9, 24: 12}

_DECEMBER = 12

_PRECISIONS = (
    (re.compile(r"\d{4}", re.ASCII), "gYear"),
    (re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII), "gYearMonth"),
    (re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII), "date"),
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of a period, as xsd:date; None where the side is open or unknown.

    *start* and *end* are the two sides as given, with the local name of the XSD datatype that
    has their precision, or None where no datatype has it (a season, an uncertain date).
    """

    earliest_start: str | None
    latest_start: str | None
    earliest_end: str | None
    latest_end: str | None
    start: tuple[str, str] | None
    end: tuple[str, str] | None


@lru_cache(maxsize=10_000)
def bounds(text: str) -> Bounds:
    """Return the bounds of the EDTF date or interval *text*, of level 0 or 1, years 1 to 9999.

    A single date stands for a period that begins and ends within it.
    Source: Extended Date/Time Format, Library of Congress, 2019.

    Raises ValueError when *text* is not EDTF or names a day that does not exist.

    >>> bounds("2010-23/2014-01-31").latest_start
    '2010-11-30'
    >>> bounds("/2012-12-31").earliest_start is None
    True
    """
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
    first, last = _days(text)
    return first.isoformat(), last.isoformat()


def _days(text: str) -> tuple[date, date]:
    """Return the first and the last day that the date *text* can mean."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    if decade := match["decade"]:
        return date(int(f"{decade}0"), 1, 1), date(int(f"{decade}9"), 12, 31)
    if century := match["century"]:
        return date(int(f"{century}00"), 1, 1), date(int(f"{century}99"), 12, 31)
    if some_day := match["some_day"]:
        return _days(some_day)
    year = int(match["some_month"] or match["year"])
    if match["month"] is None:
        return date(year, 1, 1), date(year, 12, 31)
    month = int(match["month"])
    if match["day"] is not None:
        day = date(year, month, int(match["day"]))
        return day, day
    length = 1
    if month in _SEASONS:
        month, length = _SEASONS[month], 3
    # A month that is none is refused here.
    first = date(year, month, 1)
    end = month + length - 1
    year, end = (year + 1, end - _DECEMBER) if end > _DECEMBER else (year, end)
    return first, date(year, end, monthrange(year, end)[1])


def _precise(text: str) -> tuple[str, str] | None:
    for pattern, datatype in _PRECISIONS:
        if pattern.fullmatch(text):
            return text, datatype
    return None


#: Months and seasons as people write them in Danish and English, by their first letters.
_NAMES = {
    "01": ("jan",),
    "02": ("feb",),
    "03": ("mar",),
    "04": ("apr",),
    "05": ("maj", "may"),
    "06": ("jun",),
    "07": ("jul",),
    "08": ("aug",),
    "09": ("sep",),
    "10": ("okt", "oct"),
    "11": ("nov",),
    "12": ("dec",),
    "21": ("forår", "spring"),
    "22": ("sommer", "summer"),
    "23": ("efterår", "autumn", "fall"),
    "24": ("vinter", "winter"),
}

_FIGURES = re.compile(
    r"(?:(?P<day>\d{1,2})[./ -] ?)?(?P<month>\d{1,2})[./ -] ?(?P<year>\d{4})", re.ASCII
)
_WORDS = re.compile(r"(?:(?P<day>\d{1,2})\.? ?)?(?P<month>[a-zæøå]+)\.? (?P<year>\d{4})")
_BETWEEN = re.compile(r" ?(?:–|—| - | til | to |/|(?<=\d{4})-(?=\d{4})) ?")


def meant(text: str) -> str:
    """Return the EDTF that *text*, a date or period as people write it, probably means, or ''.

    >>> meant("1. december 2011 - 30.06.2012")
    '2011-12-01/2012-06-30'
    """
    folded = text.casefold()[:100].strip()
    whole = _meant_side(folded)
    sides = [whole] if whole else [_meant_side(side.strip()) for side in _BETWEEN.split(folded)]
    guess = "/".join(sides)
    if len(sides) > 2 or not all(sides) or guess == text:
        return ""
    try:
        bounds(guess)
    except ValueError:
        return ""
    return guess


def _meant_side(text: str) -> str:
    found = _FIGURES.fullmatch(text) or _WORDS.fullmatch(text)
    if found:
        month = found["month"]
        if month.isdecimal():
            month = f"{int(month):02d}"
        else:
            month = next((key for key, names in _NAMES.items() if month.startswith(names)), "")
        day = f"-{int(found['day']):02d}" if found["day"] else ""
        return f"{found['year']}-{month}{day}" if month else ""
    return text if _DATE.fullmatch(text) else ""
