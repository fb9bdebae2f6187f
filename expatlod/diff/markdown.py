"""Changes as Markdown, for release notes.

What records say was written by somebody else: it is shown as it is, whatever it means to Markdown
or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from expatlod.diff.change import ADDED, CHANGED, REMOVED, WITHDRAWN
from expatlod.diff.changes import Changes
from expatlod.diff.words import label, sentence, summary
from expatlod.errors import LANGUAGES, Text
from expatlod.reports.text import visible

__all__ = ["document", "escaped", "render"]

_STATES: dict[str, Text] = {
    ADDED: {"da": "Tilføjet", "en": "Added"},
    REMOVED: {"da": "Fjernet", "en": "Removed"},
    WITHDRAWN: {"da": "Trukket tilbage", "en": "Withdrawn"},
    CHANGED: {"da": "Ændret", "en": "Changed"},
}
_TITLE: Text = {"da": "Ændringer siden {old}", "en": "Changes since {old}"}
_FIRST: Text = {"da": "Første udgivelse", "en": "First release"}
_MORE: Text = {"da": "… og {count} mere", "en": "… and {count} more"}

#: So many things are told of in the file of a release, and so many changes of each.
_ENTRIES = 300
_CHANGES = 50

# What has a meaning in Markdown within a line, on GitHub too. The rest stands behind other words.
_MARKS = re.compile(r"[\\`*_\[\]|~$#@]")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def render(changes: Changes, lang: str) -> Iterator[str]:
    """Yield headings and lists of what differs, all of it."""
    yield f"{escaped(summary(changes.counts, lang))}\n"
    yield from _entries(changes, lang, None, None)


def document(changes: Changes | None, old: str = "") -> bytes:
    """Return the file that tells what has changed since the release *old*, in each language.

    Of many changes the first are told of, and the rest are counted. Without *changes* it is that
    of the first release.
    """
    parts = []
    for lang in LANGUAGES:
        if changes is None:
            parts.append(f"# {_FIRST[lang]}\n")
            continue
        parts.append(f"# {_TITLE[lang].format(old=escaped(old))}\n\n")
        parts.append(f"{escaped(summary(changes.counts, lang))}\n")
        parts += _entries(changes, lang, _ENTRIES, _CHANGES)
    return "".join(
        f"\n{part}" if part.startswith("# ") and number else part
        for number, part in enumerate(parts)
    ).encode()


def _entries(changes: Changes, lang: str, most: int | None, most_each: int | None) -> Iterator[str]:
    noun = state = ""
    told = 0
    for entry in islice(changes.entries(), most):
        told += 1
        if entry.subject.noun[lang] != noun:
            noun, state = entry.subject.noun[lang], ""
            yield f"\n## {escaped(noun)}\n"
        if entry.state != state:
            state = entry.state
            yield f"\n### {_STATES[state][lang]}\n\n"
        yield f"- {label(entry, lang, escaped)}\n"
        for change in entry.changes[:most_each]:
            yield f"  - {sentence(change, lang, escaped)}\n"
        left = len(entry.changes[most_each:]) if most_each else 0
        if left:
            yield f"  - {_MORE[lang].format(count=left)}\n"
    left = sum(count.total() for count in changes.counts.values()) - told
    if left:
        yield f"\n{_MORE[lang].format(count=left)}\n"


def escaped(text: str) -> str:
    r"""Return *text* so that Markdown shows it as it is.

    >>> print(escaped("<b> *x* [a](b)"))
    &lt;b&gt; \*x\* \[a\](b)
    """
    marked = _MARKS.sub(r"\\\g<0>", visible(text))
    return "".join(_HTML.get(character, character) for character in marked)
