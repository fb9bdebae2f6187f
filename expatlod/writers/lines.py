"""Find what stands in a line of JSON and would not be seen once it is decoded.

msgspec keeps the last of two equal keys without a word, and cares about JSON only. What cannot be
published, and a key that stands twice, are found in the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from expatlod.writers.fragments import Figure

__all__ = ["decode", "escapes", "refused", "suspect", "texts"]

_DECODER = msgspec.json.Decoder(float_hook=Figure)

# The characters of `records.text.CONTROL` as UTF-8, by their first byte. msgspec refuses those
# below U+0020 and surrogates; of those that are escaped, it refuses half surrogate pairs.
_LEADS: Mapping[bytes, re.Pattern[bytes]] = MappingProxyType(
    {
        b"\x7f": re.compile(b"\x7f"),
        b"\xc2": re.compile(b"\xc2[\x80-\x9f]"),
        b"\xe2": re.compile(b"\xe2\x80[\xa8\xa9]"),
        b"\xef": re.compile(b"\xef\xbf[\xbe\xbf]"),
    }
)
_SUSPECT = re.compile(
    rb"\\(?:[bf]|u(?:00[01][0-9a-f]|007f|00[89][0-9a-f]|202[89]|fff[ef]))", re.IGNORECASE
)

_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)

# One by one, so many escapes are found sooner than with a pattern.
_FEW = 20


def decode(data: bytes) -> object:
    """Return the JSON in *data*; numbers are int or Figure.

    Raises msgspec.DecodeError, UnicodeDecodeError or RecursionError.
    """
    return _DECODER.decode(data)


def refused(data: bytes) -> bool:
    """Tell whether a character stands in *data* that cannot be published."""
    # One byte is found fifty times as fast as a pattern, and most lines have few of these.
    for lead, pattern in _LEADS.items():
        at = data.find(lead)
        while at >= 0:
            if pattern.match(data, at):
                return True
            at = data.find(lead, at + 1)
    return False


def escapes(data: bytes) -> bytes:
    """Return the characters that backslashes escape in the JSON *data*, in order."""
    found: list[int] = []
    at = data.find(b"\\") + 1
    while 0 < at < len(data):
        found.append(data[at])
        if len(found) == _FEW:
            return bytes(found) + b"".join(_ESCAPE.findall(data, at + 1))
        at = data.find(b"\\", at + 1) + 1
    return bytes(found)


def suspect(data: bytes, escaped: bytes) -> bool:
    """Tell whether one of the *escaped* in *data* may stand for what cannot be published."""
    return (b"u" in escaped or b"b" in escaped or b"f" in escaped) and (
        _SUSPECT.search(data) is not None
    )


def texts(data: bytes, escaped: bytes) -> int:
    """Return how many texts, keys among them, stand in the JSON *data* with these *escaped*.

    A quote that is not escaped begins or ends a text, and nothing else does: so the number is half
    that of the quotes, wherever white space and colons are. Of two equal keys, one is lost in the
    decoding, with its value. Who counts every text that it reads, and each once, and comes to this
    number, has seen all of them: no key was there twice, and none is unknown.
    """
    return (data.count(b'"') - escaped.count(b'"')) // 2
