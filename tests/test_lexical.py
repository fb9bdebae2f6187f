"""Which texts are values of which datatype, XML Schema 1.1 part 2."""

from __future__ import annotations

import pytest

from expatlod.lexical import EDTF, expectation, is_lexical

XSD = "http://www.w3.org/2001/XMLSchema#"

VALID = [
    ("boolean", "true"),
    ("boolean", "false"),
    ("boolean", "0"),
    ("boolean", "1"),
    ("date", "2012-02-29"),
    ("date", "2000-02-29"),
    ("date", "9999-12-31"),
    ("dateTime", "2026-01-01T12:00:00Z"),
    ("dateTime", "2026-01-01T12:00:00.5+14:00"),
    ("dateTime", "2026-01-01T24:00:00"),
    ("decimal", "0"),
    ("decimal", "0.25"),
    ("decimal", "0.250"),
    ("decimal", "007"),
    ("decimal", "-1.5"),
    ("decimal", "+1"),
    ("decimal", ".5"),
    ("decimal", "5."),
    ("decimal", "9" * 100),
    ("duration", "P1D"),
    ("duration", "-P1Y2M3DT4H5M6.7S"),
    ("gYear", "2012"),
    ("gYearMonth", "2014-01"),
    ("gYearMonth", "2014-12"),
    ("hexBinary", ""),
    ("hexBinary", "00fF"),
    ("integer", "0"),
    ("integer", "-5"),
    ("integer", "+0005"),
    ("nonNegativeInteger", "0"),
    ("nonNegativeInteger", "+5"),
]

INVALID = [
    ("boolean", "True"),
    ("boolean", "yes"),
    ("boolean", "ja"),
    ("boolean", ""),
    ("boolean", "true "),
    ("date", "2012-02-30"),
    ("date", "2011-02-29"),
    ("date", "1900-02-29"),
    ("date", "2012-13-01"),
    ("date", "0000-01-01"),
    ("date", "12-02-01"),
    ("date", "01-02-2012"),
    ("date", "20120201"),
    ("date", "2012-W05-3"),
    ("date", "2012-02"),
    ("date", "2012-02-01T00:00:00"),
    ("date", "2012-02-01\n"),
    ("date", "٢٠١٢-٠٢-٠١"),
    ("dateTime", "2026-01-01"),
    ("dateTime", "2026-02-30T12:00:00Z"),
    ("dateTime", "2026-01-01T12:00"),
    ("dateTime", "2026-01-01T25:00:00"),
    ("dateTime", "2026-01-01T12:00:00+99:00"),
    ("decimal", ""),
    ("decimal", "."),
    ("decimal", "1e3"),
    ("duration", "P"),
    ("duration", "P1DT"),
    ("duration", "P1.5D"),
    ("hexBinary", "0"),
    ("hexBinary", "zz"),
    ("decimal", "2.5E-1"),
    ("decimal", "1,5"),
    ("decimal", "1.000.000"),
    ("decimal", "1 000"),
    ("decimal", "1_000"),
    ("decimal", "NaN"),
    ("decimal", "INF"),
    ("decimal", "--1"),
    ("decimal", " 1"),
    ("decimal", "1\n"),
    ("decimal", "٥"),
    ("decimal", "50 %"),
    ("decimal", "9" * 101),
    ("gYear", "12"),
    ("gYear", "2012-01"),
    ("gYear", "20120"),
    ("gYear", "٢٠١٢"),
    ("gYearMonth", "2014"),
    ("gYearMonth", "2014-13"),
    ("gYearMonth", "2014-00"),
    ("gYearMonth", "2014-1"),
    ("gYearMonth", "01-2014"),
    ("gYearMonth", "2014-01-01"),
    ("integer", "1.0"),
    ("integer", "1e3"),
    ("integer", ""),
    ("integer", "1" * 101),
    ("nonNegativeInteger", "-1"),
    ("nonNegativeInteger", "1.5"),
]


def case_id(value: object) -> str:
    text = repr(value)
    return text if len(text) < 30 else f"{len(str(value))} characters"


@pytest.mark.parametrize(("datatype", "text"), VALID, ids=case_id)
def test_lexical_form_of_the_datatype_is_accepted(datatype: str, text: str) -> None:
    assert is_lexical(text, XSD + datatype)


@pytest.mark.parametrize(("datatype", "text"), INVALID, ids=case_id)
def test_other_text_is_refused(datatype: str, text: str) -> None:
    assert not is_lexical(text, XSD + datatype)


@pytest.mark.parametrize("text", ["2012", "2012-06-30", "2009/2011", "2010-10/..", "2012~"])
def test_edtf_text_is_accepted(text: str) -> None:
    assert is_lexical(text, EDTF)


@pytest.mark.parametrize("text", ["", "/", "2012-02-30", "2012-13", "30/6 2012", "2012" * 100])
def test_text_that_is_not_edtf_is_refused(text: str) -> None:
    assert not is_lexical(text, EDTF)


@pytest.mark.parametrize("text", ["", "x", "2012-02-30"])
def test_of_a_datatype_without_a_test_everything_is_accepted(text: str) -> None:
    assert is_lexical(text, XSD + "string")


def test_expectation_says_in_both_languages_what_to_write() -> None:
    assert expectation(XSD + "date") == {
        "da": "en dato, der findes, skrevet ÅÅÅÅ-MM-DD",
        "en": "a date that exists, written YYYY-MM-DD",
    }


def test_expectation_of_an_unknown_datatype_is_its_name() -> None:
    assert expectation("https://example.org/colour") == {
        "da": "https://example.org/colour",
        "en": "https://example.org/colour",
    }
