"""Changes as text, for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from expatlod.diff.changes import Changes
from expatlod.diff.words import heading, sentence
from expatlod.reports.text import visible

__all__ = ["render"]


def render(changes: Changes, lang: str) -> Iterator[str]:
    """Yield each thing that differs on a line, and below it what has changed in it."""
    for entry in changes.entries():
        lines = [heading(entry, lang, visible)]
        lines += [f"  {sentence(each, lang, visible)}" for each in entry.changes]
        yield "".join(f"{line}\n" for line in lines)
