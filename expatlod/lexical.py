"""Tell whether a text is a value of a datatype, before anything is written.

RDF libraries drop, alter or pass on ill-typed literals without a word, and pySHACL stops with an
error when it compares one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from expatlod.errors import Text
from expatlod.namespaces import PREFIXES
from expatlod.periods import bounds

__all__ = ["EDTF", "expectation", "is_lexical"]

#: The datatype of EDTF literals, Library of Congress.
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"

_LONGEST_NUMBER = 100


def _pattern(text: str) -> Callable[[str], bool]:
    compiled = re.compile(text, re.ASCII)
    return lambda value: compiled.fullmatch(value) is not None


def _number(text: str) -> Callable[[str], bool]:
    matches = _pattern(text)
    return lambda value: len(value) <= _LONGEST_NUMBER and matches(value)


def _is_date(value: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_date_time(value: str) -> bool:
    day, separator, time = value.partition("T")
    return bool(separator) and _is_date(day) and _TIME(time)


_TIME = _pattern(
    r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
    r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
)


def _is_edtf(value: str) -> bool:
    try:
        bounds(value)
    except ValueError:
        return False
    return True


#: Datatype -> test of the lexical form, W3C XML Schema 1.1 part 2 (dates without time zones).
_TESTS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        PREFIXES["xsd"] + "boolean": _pattern("true|false|0|1"),
        PREFIXES["xsd"] + "date": _is_date,
        PREFIXES["xsd"] + "dateTime": _is_date_time,
        PREFIXES["xsd"] + "decimal": _number(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"),
        PREFIXES["xsd"] + "duration": _pattern(
            r"-?P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?"
            r"(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
        ),
        PREFIXES["xsd"] + "gYear": _pattern(r"\d{4}"),
        PREFIXES["xsd"] + "gYearMonth": _pattern(r"\d{4}-(?:0[1-9]|1[0-2])"),
        PREFIXES["xsd"] + "hexBinary": _pattern("(?:[0-9A-Fa-f]{2})*"),
        PREFIXES["xsd"] + "integer": _number(r"[+-]?\d+"),
        PREFIXES["xsd"] + "nonNegativeInteger": _number(r"\+?\d+"),
        EDTF: _is_edtf,
    }
)

_EXPECTED: Mapping[str, Text] = MappingProxyType(
    {
        PREFIXES["xsd"] + "boolean": {"da": "true eller false", "en": "true or false"},
        PREFIXES["xsd"] + "date": {
            "da": "en dato, der findes, skrevet ÅÅÅÅ-MM-DD",
            "en": "a date that exists, written YYYY-MM-DD",
        },
        PREFIXES["xsd"] + "dateTime": {
            "da": "et tidspunkt, der findes, skrevet ÅÅÅÅ-MM-DDTtt:mm:ssZ",
            "en": "a moment that exists, written YYYY-MM-DDThh:mm:ssZ",
        },
        PREFIXES["xsd"] + "decimal": {
            "da": "et tal med punktum som decimaltegn, uden tusindtalsseparator",
            "en": "a number with a decimal point and no thousands separator",
        },
        PREFIXES["xsd"] + "duration": {
            "da": "en varighed, fx P1D for en dag",
            "en": "a duration, for example P1D for a day",
        },
        PREFIXES["xsd"] + "gYear": {"da": "et år, ÅÅÅÅ", "en": "a year, YYYY"},
        PREFIXES["xsd"] + "gYearMonth": {"da": "en måned, ÅÅÅÅ-MM", "en": "a month, YYYY-MM"},
        PREFIXES["xsd"] + "hexBinary": {
            "da": "hexadecimale cifre, to for hver byte",
            "en": "hexadecimal digits, two for each byte",
        },
        PREFIXES["xsd"] + "integer": {"da": "et helt tal", "en": "a whole number"},
        PREFIXES["xsd"] + "nonNegativeInteger": {
            "da": "et helt tal, ikke negativt",
            "en": "a whole number, not negative",
        },
        EDTF: {
            "da": "en dato eller periode, der findes",
            "en": "a date or period that exists",
        },
    }
)


def is_lexical(value: str, datatype: str) -> bool:
    """Tell whether *value* is a lexical form of *datatype*; of an unknown one everything is.

    >>> is_lexical("2012-02-30", "http://www.w3.org/2001/XMLSchema#date")
    False
    """
    test = _TESTS.get(datatype)
    return test is None or test(value)


def expectation(datatype: str) -> Text:
    """Return what to write for *datatype*, in words."""
    return _EXPECTED.get(datatype, {"da": datatype, "en": datatype})
