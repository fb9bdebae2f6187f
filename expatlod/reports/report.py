"""What every report format starts from: the findings, and what was checked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from expatlod.errors import ERROR, LANGUAGES, NOTE, WARNING, Finding, Location, Text
from expatlod.records.excerpt import excerpt

if TYPE_CHECKING:
    from expatlod.profile import Model

__all__ = [
    "SEVERITIES",
    "Report",
    "by_gravity",
    "cell",
    "codes",
    "encodable",
    "in_folder",
    "line",
    "said",
    "texts",
]

#: From grave to light.
SEVERITIES = (ERROR, WARNING, NOTE)

# A line can be a megabyte, and each of its findings brings it along.
_BEFORE, _AFTER = 200, 400


@dataclass(frozen=True, slots=True)
class Report:
    """All that a check found.

    *findings* are sorted by place. *files* is all that was checked, as the user typed the paths.
    *shacl* makes pySHACL's own report, in Turtle, when it is called.
    """

    findings: tuple[Finding, ...]
    files: tuple[str, ...]
    model: Model
    shacl: Callable[[], str]
    unkept: int = 0


def by_gravity(findings: Iterable[Finding]) -> list[Finding]:
    """Return *findings*, errors first, then warnings, then notes, each sorted by place."""
    return sorted(findings, key=lambda each: (each.rank, each.order))


def codes(finding: Finding) -> tuple[str, ...]:
    """Return every code of *finding*, that of the finding itself first."""
    return tuple(dict.fromkeys((finding.rule, *(each.rule for each in finding.also))))


def said(text: Text, lang: str) -> str:
    """Return *text* in the language *lang*, or in another one when it does not exist in that.

    >>> said({"da": "fejl", "en": "error"}, "en"), said({"da": "fejl"}, "en"), said({}, "en")
    ('error', 'fejl', '')
    """
    return text.get(lang) or next(iter(text.values()), "")


def texts(text: Text) -> dict[str, str]:
    """Return *text* in each language, in a stable order, for formats that are UTF-8."""
    ours = [each for each in LANGUAGES if each in text]
    others = sorted(text.keys() - set(LANGUAGES))
    return {language: encodable(text[language]) for language in (*ours, *others)}


def encodable(text: str) -> str:
    r"""Return *text* with what UTF-8 cannot hold written as an escape.

    A file name need not be UTF-8, and JSON can name half of a character.

    >>> encodable("caf\udce9.yaml")
    'caf\\udce9.yaml'
    """
    return text.encode("utf-8", "backslashreplace").decode()


def cell(at: Location) -> str:
    """Return the cell of a spreadsheet that *at* is, as AB3; empty where it is none."""
    return str(at).rpartition("!")[2] if at.sheet and at.line else ""


def in_folder(path: str) -> str | None:
    """Return *path* below the working directory, with slashes; None when it is not inside it."""
    folder = Path.cwd()
    # Not resolved: a link inside the folder is the file that the user knows.
    whole = PurePath(os.path.normpath(folder / path))
    return whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else None


def line(at: Location) -> str:
    """Return the line of text at *at* as it is, cut around the value when it is very long."""
    if not at.line:
        return ""
    text = excerpt(at).rstrip("\r\n")
    start = 0 if at.sheet else max(at.column - 1, 0)
    if len(text) <= _BEFORE + _AFTER:
        return encodable(text)
    low, high = max(start - _BEFORE, 0), start + _AFTER
    left, right = "…" if low else "", "…" if high < len(text) else ""
    return encodable(f"{left}{text[low:high]}{right}")
