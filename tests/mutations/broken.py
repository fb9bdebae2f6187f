"""Break the text of a shipped record, as YAML, JSON or CSV, in one place.

What must be found stands where the mark is in what is put there; the mark itself is not written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Broken", "broken"]

MARK = "⌖"

#: How deep values may stand inside each other, and how many bytes a file may have.
DEEPEST, LARGEST_YAML, LARGEST = 64, 2_000_000, 200_000_000


# Compared by identity: each is made once, and is long.
@dataclass(frozen=True, eq=False)
class Broken:
    """A file with one fault, and where it stands; line 0 is the file as a whole.

    Where *size* is given the file is filled up with empty bytes to so many.
    """

    name: str
    fmt: str
    data: bytes
    place: tuple[int, int]
    code: str
    severity: str = "error"
    size: int = 0


def _marked(name: str, fmt: str, code: str, text: str, severity: str = "error") -> Broken:
    assert text.count(MARK) == 1, name
    before, after = text.split(MARK)
    place = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Broken(name, fmt, (before + after).encode(), place, code, severity)


def broken(yaml: str, json: str, csv: str) -> Iterator[Broken]:
    """Yield files with a fault each, made from the texts of one shipped record."""
    for name, old, new, code in (
        ("a colon in a text", "en: Working in Lemvig\n", f"en: Working in Lemvig{MARK}: et\n", ""),
        ("a tab in front of a field", "title:\n  da:", f"title:\n{MARK}\tda:", ""),
        ("an at sign before a text", "town: Lemvig", f"town: {MARK}@Lemvig", ""),
        ("a quotation mark not closed", "town: Lemvig", f'town: {MARK}"Lemvig', ""),
        ("a reference to an anchor", "town: Lemvig", f"town: {MARK}*lemvig", "alias"),
        ("a tag", "postcode: 7620", f"postcode: {MARK}!!int 7620", "tag"),
        ("a comment in a text", "town: Lemvig", f"town: Lemvig {MARK}#centrum", "comment"),
        ("a list as a key", "kind: project", f"kind: project\n{MARK}[a, b]: c", "key"),
        ("a control character", "town: Lemvig", f"town: Lem{MARK}\x07vig", "character"),
        ("a line separator", "town: Lemvig", f"town: Lem{MARK}\u2028vig", "character"),
        ("too many levels", "kind: project\n", f"kind: project\nwebsite: {_levels()}\n", "depth"),
    ):
        severity = "warning" if code == "comment" else "error"
        code = f"record:{code or 'yaml'}"
        yield _marked(name, "yaml", code, _put(yaml, old, new), severity)
    for name, old, new, code in (
        ("no comma", '"type": "Project",', f'"type": "Project"{MARK}', ""),
        ("a comma too many", 'en": "Working in Lemvig"', f'en": "Working in Lemvig"{MARK},', ""),
        ("single quotation marks", '"town": "Lemvig"', f"\"town\": {MARK}'Lemvig'", ""),
        ("a quotation mark not closed", '"town": "Lemvig"', f'"town": {MARK}"Lemvig', ""),
        ("a key without quotation marks", '"town": "Lemvig"', f'{MARK}town: "Lemvig"', ""),
        ("a comment", '"town": "Lemvig"', f'{MARK}// by\n"town": "Lemvig"', ""),
        ("a word that is no value", '"postcode": 7620', f'"postcode": {MARK}NaN', ""),
        (
            "a bracket of another kind",
            '"town": "Lemvig"\n    }',
            f'"town": "Lemvig"\n    {MARK}]',
            "",
        ),
        ("a control character", '"town": "Lemvig"', f'"town": "Lem{MARK}\x07vig"', "character"),
        ("one as an escape", '"town": "Lemvig"', f'"town": "Lem{MARK}\\u0007vig"', "character"),
        ("too many levels", '"kind":', f'"website": {_levels()},\n  "kind":', "depth"),
    ):
        yield _marked(name, "json", f"record:{code or 'json'}", _put(json, old, new))
    yield _marked("no end", "json", "record:json", json.rstrip()[:-1].rstrip() + MARK)
    yield _marked("more after the end", "json", "record:json", json + MARK + "{}")
    head, _, row = csv.partition("\n")
    for name, text, code in (
        ("a quotation mark in a cell", _put(csv, ",Working in", f',Working {MARK}"in"'), "csv"),
        (
            "more after a cell",
            _put(csv, ",Working in Lemvig,", f',"Working"{MARK} in Lemvig,'),
            "csv",
        ),
        ("a quotation mark not closed", _last_cell(csv, f'{MARK}"'), "csv"),
        ("a column that is no field", _put(csv, ",title.da,", f",{MARK}title..da,"), "column"),
        ("a position that is none", _put(csv, ",lesson.1.", f",{MARK}lesson.0."), "column"),
        ("a column twice", _put(csv, ",title.en,", f",{MARK}title.da,"), "column"),
        ("a cell too many", f"{csv.rstrip()},{MARK}mere\n", "column"),
        (
            "two columns that exclude each other",
            f"{head},title\n{row.rstrip()},{MARK}Working\n",
            "column",
        ),
        ("no column for the id", f"{MARK}ident{csv.removeprefix('id')}", "column"),
        ("no rows", f"{MARK}{head}\n", "empty"),
        ("a control character", _put(csv, ",Working in", f",Working{MARK}\x07 in"), "character"),
    ):
        yield _marked(name, "csv", f"record:{code}", text)
    for fmt, text in (("yaml", yaml), ("json", json), ("csv", csv)):
        at = text.index("ø")
        place = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        latin = text[:at].encode() + "ø".encode("latin-1") + text[at + 1 :].encode()
        yield Broken("a byte that is not UTF-8", fmt, latin, place, "record:encoding")
        yield Broken("nothing", fmt, b"", (1, 1), "record:empty")
        largest = LARGEST_YAML if fmt == "yaml" else LARGEST
        yield Broken("too many bytes", fmt, b"", (0, 0), "record:size", size=largest + 1)
        if fmt != "csv":
            value = "Working in Lemvig" if fmt == "yaml" else '"Working in Lemvig"'
            yield _marked("a bare value", fmt, "record:kind", MARK + value)
            yield _marked("a list of values", fmt, "record:kind", _listed(fmt, value))


def _put(text: str, old: str, new: str) -> str:
    """Return *text* with *new* for the first *old* in it."""
    assert old in text, old
    return text.replace(old, new, 1)


def _levels() -> str:
    """Return lists inside each other, the mark before the first that is too deep."""
    return "[" * DEEPEST + MARK + "[" + "]" * (DEEPEST + 1)


def _last_cell(csv: str, before: str) -> str:
    at = csv.rindex(",") + 1
    return csv[:at] + before + csv[at:]


def _listed(fmt: str, value: str) -> str:
    return f"{MARK}- {value}\n" if fmt == "yaml" else f"[{MARK}{value}]\n"
