"""Text as it comes out of files: UTF-8, without what cannot be published, in lines.

A line ends at LF, CR LF or a CR alone, as editors and libyaml count.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right

from expatlod.errors import ERROR, Finding, Location, Text

__all__ = [
    "CONTROL",
    "DEPTH",
    "LARGE",
    "LIMIT",
    "LINE_END",
    "Lines",
    "check",
    "control",
    "decode",
    "nothing",
    "too_deep",
    "too_large",
]

#: The most bytes of one record: a YAML file, a line of JSON Lines. A record is some kilobytes.
LIMIT = 2_000_000

#: The most bytes of a file that holds many records and is read whole.
LARGE = 200_000_000

#: The deepest nesting. The deepest field of a record stands some six levels down.
DEPTH = 64

#: What cannot stand in a record. RDF/XML cannot carry the control characters; YAML 1.1 counts
#: U+2028 and U+2029 as line ends and editors do not, so that every place after one would be wrong.
CONTROL = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff\\ufffe\\uffff]"
)

LINE_END = re.compile("\r\n|\r|\n")

_SAVE: Text = {
    "da": "gem filen som UTF-8 i dit skriveprogram",
    "en": "save the file as UTF-8 in your editor",
}


class Lines:
    """A text that tells the line and the column of what stands in it, both from 1.

    *first* is the number of its first line. The lines are counted when a place is first asked for.
    """

    __slots__ = ("_first", "_starts", "text")

    def __init__(self, text: str, first: int = 1) -> None:
        self.text = text
        self._first = first
        self._starts: list[int] = []

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of the character at *offset*."""
        if not self._starts:
            self._starts = [0, *(end.end() for end in LINE_END.finditer(self.text))]
        index = bisect_right(self._starts, offset) - 1
        return self._first + index, offset - self._starts[index] + 1

    def location(self, shown: str, start: int, end: int) -> Location:
        """Return the place of what stands from *start* to *end*, as long as it is on its line."""
        line, column = self.place(start)
        line_end = LINE_END.search(self.text, start, end)
        length = (line_end.start() if line_end else end) - start
        return Location(shown, line, column, max(length, 1))


def decode(
    data: bytes, shown: str, *, line: int = 1, help: Text = _SAVE
) -> tuple[str, list[Finding]]:
    """Return *data* as text, and what is wrong with it when it is not UTF-8.

    *line* is the number of the first line; *help* says how to save a file of this format as UTF-8.
    """
    if line == 1:
        data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        at = Location(shown, *Lines(before, line).place(len(before)))
        byte = f"0x{data[error.start]:02x}"
    message = {
        "da": f"filen er ikke UTF-8: byte {byte}",
        "en": f"the file is not UTF-8: byte {byte}",
    }
    return "", [Finding(at, ERROR, "record:encoding", message, help)]


def check(text: str, shown: str, *, line: int = 1) -> list[Finding]:
    """Return the finding for the first character of *text* that cannot be published, if any."""
    odd = CONTROL.search(text)
    if odd is None:
        return []
    return [control(Location(shown, *Lines(text, line).place(odd.start())), odd.group())]


# -- findings that readers of all formats share


def control(at: Location, character: str) -> Finding:
    """Return the finding for a character that cannot be published."""
    code = f"U+{ord(character):04X}"
    return Finding(
        at,
        ERROR,
        "record:character",
        {
            "da": f"tegnet {code} kan ikke stå i data der skal udgives",
            "en": f"the character {code} cannot stand in data that is published",
        },
        {"da": "slet tegnet", "en": "delete the character"},
    )


def too_large(shown: str, size: int, limit: int) -> Finding:
    """Return the finding for a file of *size* bytes."""
    return Finding(
        Location(shown),
        ERROR,
        "record:size",
        {
            "da": f"filen fylder {size} bytes; højst {limit} læses",
            "en": f"the file has {size} bytes; at most {limit} are read",
        },
        {
            "da": "del den i flere filer, en post i hver",
            "en": "split it into several files, one record in each",
        },
    )


def too_deep(at: Location) -> Finding:
    """Return the finding for what stands deeper than DEPTH."""
    return Finding(
        at,
        ERROR,
        "record:depth",
        {
            "da": f"der er mere end {DEPTH} niveauer inde i hinanden",
            "en": f"more than {DEPTH} levels stand inside each other",
        },
        {
            "da": "en post har højst nogle få niveauer; ret klammer og indrykning",
            "en": "a record has a few levels at most; mend brackets and indentation",
        },
    )


def nothing(at: Location) -> Finding:
    """Return the finding for a file without a record in it."""
    return Finding(
        at,
        ERROR,
        "record:empty",
        {"da": "filen er tom", "en": "the file is empty"},
        {"da": "skriv en post i den, eller slet den", "en": "write a record into it, or delete it"},
    )
