"""What is an IRI, and what may name a record: the hostile and the merely unusual."""

from __future__ import annotations

import unicodedata

import pyoxigraph as ox
import pytest

from expatlod.iris import is_iri, is_local_name

VALID_IRIS = {
    "https": "https://example.org/a",
    "http": "http://example.org/",
    "upper-case-scheme": "HTTPS://example.org/a",
    "host-only": "https://example.org",
    "port": "https://example.org:8080/a",
    "query-and-fragment": "https://example.org/a?b=c&d=e%20f#g",
    "percent": "https://example.org/%C3%A6",
    "non-ascii-path": "https://example.org/ærø/å?ø=æ",
    "non-ascii-host": "https://blåbærgrød.example/",
    "emoji": "https://example.org/😀",
    "ipv6": "https://[2001:db8::1]/a",
    "dot-segments": "https://example.org/a/../b",
    "parentheses": "https://example.org/a_(b)",
    "apostrophe": "https://example.org/o'clock",
    "mail": "mailto:post@example.org",
    "urn": "urn:isbn:9780000000002",
    "uuid": "urn:uuid:00000000-0000-4000-8000-000000000000",
    "2000-characters": "https://example.org/".ljust(2000, "a"),
}

INVALID_IRIS = {
    "empty": "",
    "space": "https://example.org/a b",
    "space-before": " https://example.org/a",
    "space-after": "https://example.org/a ",
    "double-quote": 'https://example.org/a"b',
    "angle-brackets": "https://example.org/<a>",
    "closing-bracket-and-triple": "https://example.org/a> <b> <c> .",
    "newline": "https://example.org/a\nb",
    "newline-at-the-end": "https://example.org/a\n",
    "carriage-return": "https://example.org/a\rb",
    "tab": "https://example.org/a\tb",
    "nul": "https://example.org/a\0b",
    "delete": "https://example.org/a\x7fb",
    "backslash": "https://example.org\\a",
    "braces": "https://example.org/{a}",
    "pipe": "https://example.org/a|b",
    "caret": "https://example.org/a^b",
    "backtick": "https://example.org/a`b",
    "percent-and-letters": "https://example.org/%zz",
    "percent-and-one-digit": "https://example.org/%4",
    "percent-at-the-end": "https://example.org/100%",
    "relative": "a/b",
    "absolute-path": "/a/b",
    "fragment": "#a",
    "no-scheme": "example.org/a",
    "www": "www.example.org",
    "scheme-relative": "//example.org/a",
    "scheme-only": "https:",
    "no-host": "https:///a",
    "no-slashes": "https:example.org",
    "no-name-in-mail": "mailto:",
    "javascript": "javascript:alert(1)",
    "javascript-upper-case": "JavaScript:alert(1)",
    "data": "data:text/html,x",
    "file": "file:///etc/passwd",
    "ftp": "ftp://example.org/a",
    "blank-node": "_:a",
    "curie": "dct:title",
    "bidi-override": "https://example.org/\u202ecod.exe",
    "bidi-isolate": "https://example.org/\u2066a\u2069",
    "bidi-left-to-right-mark": "https://example.org/\u200ea",
    "bidi-arabic-letter-mark": "https://example.org/\u061ca",
    "zero-width-space": "https://example.org/\u200ba",
    "zero-width-joiner": "https://example.org/\u200da",
    "soft-hyphen": "https://example.org/\u00ada",
    "no-break-space": "https://example.org/\u00a0a",
    "byte-order-mark": "https://example.org/\ufeffa",
    "surrogate": "https://example.org/\ud800",
    "3000-characters": "https://example.org/".ljust(3000, "a"),
}

VALID_NAMES = {
    "letters": "lemon",
    "digits": "2012",
    "hyphens": "a-17-b",
    "one-letter": "a",
    "begins-like-a-device": "console",
    "device-and-more": "con-1",
    "100-characters": "a" * 100,
}

INVALID_NAMES = {
    "empty": "",
    "parent-folder": "../x",
    "dots": "..",
    "dot": ".",
    "hidden": ".a",
    "ending": "a.yaml",
    "slash": "a/b",
    "backslash": "a\\b",
    "absolute": "/a",
    "fragment": "a#b",
    "percent": "a%20b",
    "query": "a?b",
    "colon": "c:a",
    "space": "a b",
    "space-after": "a ",
    "newline": "a\n",
    "nul": "a\0",
    "upper-case": "Lemon",
    "underscore": "a_b",
    "hyphen-first": "-a",
    "hyphen-last": "a-",
    "double-hyphen": "a--b",
    "hyphen-only": "-",
    "en-dash": "a–b",
    "composed-letter": unicodedata.normalize("NFC", "Å".lower()),
    "decomposed-letter": unicodedata.normalize("NFD", "å"),
    "other-digits": "٢٠١٢",
    "device-con": "con",
    "device-upper-case": "CON",
    "device-nul": "nul",
    "device-com1": "com1",
    "device-lpt9": "lpt9",
    "101-characters": "a" * 101,
    "300-characters": "a" * 300,
}


@pytest.mark.parametrize("text", VALID_IRIS.values(), ids=VALID_IRIS)
def test_absolute_iri_of_a_scheme_we_publish_is_one(text: str) -> None:
    assert is_iri(text)


@pytest.mark.parametrize("text", INVALID_IRIS.values(), ids=INVALID_IRIS)
def test_what_would_break_a_dump_or_a_link_is_no_iri(text: str) -> None:
    assert not is_iri(text)


@pytest.mark.parametrize("text", VALID_IRIS.values(), ids=VALID_IRIS)
def test_iri_comes_back_from_n_triples_as_it_was(text: str) -> None:
    line = f"<{text}> <{text}> <{text}> ."

    (triple,) = ox.parse(line.encode(), format=ox.RdfFormat.N_TRIPLES)

    assert triple.object == ox.NamedNode(text)


@pytest.mark.parametrize("text", VALID_NAMES.values(), ids=VALID_NAMES)
def test_small_letters_digits_and_single_hyphens_are_a_name(text: str) -> None:
    assert is_local_name(text)


@pytest.mark.parametrize("text", INVALID_NAMES.values(), ids=INVALID_NAMES)
def test_what_is_not_the_same_path_everywhere_is_no_name(text: str) -> None:
    assert not is_local_name(text)
