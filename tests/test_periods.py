"""The bounds of periods: EDTF levels 0 and 1, worked out by hand from the calendar."""

from __future__ import annotations

import pytest

from expatlod.periods import Bounds, bounds, meant


def four(text: str) -> tuple[str | None, str | None, str | None, str | None]:
    found = bounds(text)
    return found.earliest_start, found.latest_start, found.earliest_end, found.latest_end


def is_period(text: str) -> bool:
    try:
        bounds(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "earliest_start", "latest_start", "earliest_end", "latest_end"),
    [
        ("2011-12-01/2012-06-30", "2011-12-01", "2011-12-01", "2012-06-30", "2012-06-30"),
        ("2009/2011", "2009-01-01", "2009-12-31", "2011-01-01", "2011-12-31"),
        ("2010/2013", "2010-01-01", "2010-12-31", "2013-01-01", "2013-12-31"),
        ("2010-23/2014-01-31", "2010-09-01", "2010-11-30", "2014-01-31", "2014-01-31"),
        ("2009-06/2012-02", "2009-06-01", "2009-06-30", "2012-02-01", "2012-02-29"),
        ("2009/2011-06-05", "2009-01-01", "2009-12-31", "2011-06-05", "2011-06-05"),
        ("2012~/2013?", "2012-01-01", "2012-12-31", "2013-01-01", "2013-12-31"),
    ],
)
def test_interval_begins_within_its_first_side_and_ends_within_its_second(
    text: str, earliest_start: str, latest_start: str, earliest_end: str, latest_end: str
) -> None:
    assert four(text) == (earliest_start, latest_start, earliest_end, latest_end)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2012", "2012-01-01", "2012-12-31"),
        ("2009-06", "2009-06-01", "2009-06-30"),
        ("2010-12", "2010-12-01", "2010-12-31"),
        ("2012-02", "2012-02-01", "2012-02-29"),
        ("2011-02", "2011-02-01", "2011-02-28"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("2000-02", "2000-02-01", "2000-02-29"),
        ("2012-12-06", "2012-12-06", "2012-12-06"),
        ("2012-02-29", "2012-02-29", "2012-02-29"),
        ("0001-01-01", "0001-01-01", "0001-01-01"),
        ("9999", "9999-01-01", "9999-12-31"),
    ],
)
def test_single_date_begins_and_ends_within_itself(text: str, first: str, last: str) -> None:
    assert four(text) == (first, last, first, last)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("/2012-12-31", (None, None, "2012-12-31", "2012-12-31"), id="start-unknown"),
        pytest.param("../2012", (None, None, "2012-01-01", "2012-12-31"), id="start-open"),
        pytest.param("2010-10/..", ("2010-10-01", "2010-10-31", None, None), id="end-open"),
        pytest.param("2010-10/", ("2010-10-01", "2010-10-31", None, None), id="end-unknown"),
    ],
)
def test_open_or_unknown_side_has_no_bounds(
    text: str, expected: tuple[str | None, str | None, str | None, str | None]
) -> None:
    assert four(text) == expected


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        pytest.param("2010-21", "2010-03-01", "2010-05-31", id="spring"),
        pytest.param("2010-22", "2010-06-01", "2010-08-31", id="summer"),
        pytest.param("2010-23", "2010-09-01", "2010-11-30", id="autumn"),
        pytest.param("2010-24", "2010-12-01", "2011-02-28", id="winter"),
        pytest.param("2011-24", "2011-12-01", "2012-02-29", id="winter-into-a-leap-year"),
    ],
)
def test_season_is_three_whole_months(text: str, first: str, last: str) -> None:
    assert four(text) == (first, last, first, last)


@pytest.mark.parametrize("mark", ["?", "~", "%"])
@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2012", "2012-01-01", "2012-12-31"),
        ("2012-06", "2012-06-01", "2012-06-30"),
        ("2012-06-11", "2012-06-11", "2012-06-11"),
    ],
)
def test_uncertain_date_keeps_its_bounds_and_no_margin_is_invented(
    text: str, first: str, last: str, mark: str
) -> None:
    assert four(text + mark) == (first, last, first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("201X", "2010-01-01", "2019-12-31"),
        ("20XX", "2000-01-01", "2099-12-31"),
        ("2004-XX", "2004-01-01", "2004-12-31"),
        ("1985-04-XX", "1985-04-01", "1985-04-30"),
        ("1985-XX-XX", "1985-01-01", "1985-12-31"),
    ],
)
def test_unspecified_digits_span_all_they_could_be(text: str, first: str, last: str) -> None:
    assert four(text) == (first, last, first, last)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2012", ("2012", "gYear"), ("2012", "gYear")),
        ("2009/2011-06", ("2009", "gYear"), ("2011-06", "gYearMonth")),
        ("2009-12-01/2011", ("2009-12-01", "date"), ("2011", "gYear")),
        ("/2012-12-31", None, ("2012-12-31", "date")),
        ("2010-10/..", ("2010-10", "gYearMonth"), None),
        ("2010-10/", ("2010-10", "gYearMonth"), None),
        ("2010-23/2014-01-31", None, ("2014-01-31", "date")),
        ("2012~/2013?", None, None),
        ("201X/2020", None, ("2020", "gYear")),
    ],
)
def test_sides_keep_the_precision_they_were_given_in(
    text: str, start: tuple[str, str] | None, end: tuple[str, str] | None
) -> None:
    found = bounds(text)

    assert (found.start, found.end) == (start, end)


def test_end_before_the_start_is_left_for_the_shapes_to_find() -> None:
    assert bounds("2012/2011") == Bounds(
        "2012-01-01",
        "2012-12-31",
        "2011-01-01",
        "2011-12-31",
        ("2012", "gYear"),
        ("2011", "gYear"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "2012-02-30",
        "2011-02-29",
        "1900-02-29",
        "2012-04-31",
        "2012-06-31/2012-07-01",
        "2012-01-01/2013-02-29",
        "2012-01-32",
        "2012-01-00",
        "2012-00",
        "2012-13",
        "0000",
        "2011-02-29~",
    ],
)
def test_day_that_does_not_exist_is_refused(text: str) -> None:
    assert not is_period(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("/", id="no-side"),
        pytest.param("/..", id="unknown-and-open"),
        pytest.param("../", id="open-and-unknown"),
        pytest.param("../..", id="open-on-both-sides"),
        pytest.param("2012/2013/2014", id="three-sides"),
        pytest.param("12", id="two-digits"),
        pytest.param("2012-6", id="one-digit-month"),
        pytest.param("20120601", id="no-hyphens"),
        pytest.param("30-06-2012", id="day-first"),
        pytest.param("06/2012", id="month-and-year"),
        pytest.param("2012-2013", id="hyphen-between-years"),
        pytest.param("2012.06", id="dot"),
        pytest.param("spring 2012", id="words"),
        pytest.param("efterår 2010", id="danish-words"),
        pytest.param("٢٠١٢", id="other-digits"),
        pytest.param("XXXX", id="no-digit"),
        pytest.param(" 2012", id="space-before"),
        pytest.param("2012 ", id="space-after"),
        pytest.param("2012\n", id="newline-after"),
        pytest.param("2012 / 2013", id="spaces-around-the-slash"),
        pytest.param("2012 /2013", id="space-before-the-slash"),
        pytest.param("2012/ 2013", id="space-after-the-slash"),
        pytest.param("1" * 61, id="61-characters"),
        pytest.param("2012" + "?" * 100_000, id="100000-characters"),
        pytest.param("2012/" * 100_000, id="100000-sides"),
    ],
)
def test_text_that_is_not_edtf_is_refused(text: str) -> None:
    assert not is_period(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("-0100", id="before-year-1"),
        pytest.param("Y17000", id="year-of-five-digits"),
        pytest.param("2010-25", id="spring-of-the-north"),
        pytest.param("2010-41", id="half-a-year"),
        pytest.param("{2012,2013}", id="all-of-a-set"),
        pytest.param("[2012,2013]", id="one-of-a-set"),
        pytest.param("2012?-06", id="uncertain-year-only"),
        pytest.param("1XXX-12", id="unspecified-digits-before-others"),
        pytest.param("2012S2", id="significant-digits"),
    ],
)
def test_level_2_and_years_that_xsd_date_has_not_are_refused(text: str) -> None:
    assert not is_period(text)


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("1. december 2011", "2011-12-01"),
        ("1.december 2011", "2011-12-01"),
        ("31.12.2012", "2012-12-31"),
        ("01-12-2011", "2011-12-01"),
        ("8-2012", "2012-08"),
        ("13-2012", ""),
        ("1/12 2011", "2011-12-01"),
        ("2010-2013", "2010/2013"),
        ("juni 2009", "2009-06"),
        ("June 2009", "2009-06"),
        ("efteråret 2010", "2010-23"),
        ("2009–2011", "2009/2011"),
        ("2010 til 2013", "2010/2013"),
        ("1. december 2011 - 30. juni 2012", "2011-12-01/2012-06-30"),
        ("efteråret 2010 til 31. januar 2014", "2010-23/2014-01-31"),
        ("30. februar 2012", ""),
        ("2012-02-30", ""),
        ("snart", ""),
        ("2009 til 2010 til 2011", ""),
    ],
)
def test_date_as_people_write_it_is_guessed(text: str, edtf: str) -> None:
    assert meant(text) == edtf
