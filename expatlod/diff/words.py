"""Say in words what has changed, in Danish and English."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from expatlod.diff.change import (
    ADDED,
    CHANGED,
    DERIVED,
    REMOVED,
    REORDERED,
    WITHDRAWN,
    Change,
    Entry,
)
from expatlod.errors import Text

__all__ = ["Counts", "heading", "label", "sentence", "shortened", "summary"]

#: How many things of a noun, in both languages, have each state; in the order of telling.
Counts = Mapping[tuple[str, str], Counter[str]]

#: Shows a text that somebody else wrote, in some syntax.
Shown = Callable[[str], str]

_STATES: Mapping[str, Text] = {
    ADDED: {"da": "tilføjet", "en": "added"},
    REMOVED: {"da": "fjernet", "en": "removed"},
    WITHDRAWN: {"da": "trukket tilbage", "en": "withdrawn"},
    CHANGED: {"da": "ændret", "en": "changed"},
}
_FROM: Text = {"da": "ændret fra {old} til {new}", "en": "changed from {old} to {new}"}
_ORDER: Text = {"da": "i en anden rækkefølge", "en": "in another order"}
_DERIVED: Text = {
    "da": "kun beregnede værdier eller navne på dele er ændret",
    "en": "only computed values or names of parts have changed",
}
_TWIN: Text = {
    "da": "hedder det samme som den fjernede {twin}",
    "en": "has the same title as {twin}, which is removed",
}
_NOTHING: Text = {"da": "ingen forskelle", "en": "no differences"}

#: The longest text that is shown whole, in characters, and how many around what differs in it.
_LONG = 80
_AROUND = 20


def heading(entry: Entry, lang: str, shown: Shown = str) -> str:
    """Return what became of a thing: `Boat added: Anna (anna)`."""
    subject = entry.subject
    state = _STATES[entry.state][lang]
    return f"{shown(subject.noun[lang])} {state}: {label(entry, lang, shown)}"


def label(entry: Entry, lang: str, shown: Shown = str) -> str:
    """Return what a thing is called, and its name."""
    subject = entry.subject
    called = _cut(subject.label.get(lang, ""))
    said = f"{shown(called)} ({shown(subject.name)})" if called else shown(subject.name)
    if entry.twin:
        return f"{said}, {_TWIN[lang].format(twin=shown(entry.twin))}"
    return said


def sentence(change: Change, lang: str, shown: Shown = str) -> str:
    """Return what has changed in a value: `crew changed from 3 to 4`."""
    where = shown(change.where[lang])
    if change.state == DERIVED:
        return _DERIVED[lang]
    if change.state == REORDERED:
        return f"{where} {_ORDER[lang]}"
    old, new = change.old_label.get(lang, ""), change.new_label.get(lang, "")
    quoted = bool(change.language)
    if change.state == CHANGED:
        old, new = shortened(old, new)
        words = _FROM[lang].split("{old}")
        before, (between, after) = words[0], words[1].split("{new}")
        return (
            f"{where} {before}{_value(old, shown, quoted)}{between}"
            f"{_value(new, shown, quoted)}{after}"
        )
    value = _value(_cut(old or new), shown, quoted)
    return f"{where} {_STATES[change.state][lang]}: {value}"


def _value(text: str, shown: Shown, quoted: bool) -> str:
    said = shown(text)
    return f"“{said}”" if quoted else said


def _cut(text: str) -> str:
    text = _line(text)
    if len(text) <= _LONG:
        return text
    return text[:_LONG].rsplit(" ", 1)[0] + " …"


def _line(text: str) -> str:
    # What is far longer than what is shown need not be looked at.
    return " ".join(text[:100_000].split())


def shortened(old: str, new: str) -> tuple[str, str]:
    """Return two texts with what they have in common cut off, if they are long.

    >>> shortened("a " * 50 + "red boat", "a " * 50 + "green boat")
    ('… a a a a a a a a a red boat', '… a a a a a a a a a green boat')
    """
    old, new = _line(old), _line(new)
    if max(len(old), len(new)) <= _LONG:
        return old, new
    least = min(len(old), len(new))
    start = next((n for n in range(least) if old[n] != new[n]), least)
    least -= start
    end = next((n for n in range(least) if old[-1 - n] != new[-1 - n]), least)
    begin = max(start - _AROUND, 0)
    # Whole words.
    begin = old.find(" ", begin, start) + 1 or begin if begin else 0
    return _middle(old, begin, end), _middle(new, begin, end)


def _middle(text: str, begin: int, end: int) -> str:
    """Return *text* from *begin* until a little after what differs, which is *end* before its end.

    What differs itself is cut where it is long.
    """
    stop = min(len(text) - end + _AROUND, len(text))
    if stop < len(text):
        stop = max(text.rfind(" ", len(text) - end, stop), len(text) - end)
    cut = text[begin:stop]
    tail = "…" if stop < len(text) else ""
    if len(cut) > _LONG:
        cut, tail = cut[:_LONG].rsplit(" ", 1)[0], "…"
    return " ".join(filter(None, ("…" if begin else "", cut.strip(), tail)))


def summary(counts: Counts, lang: str) -> str:
    """Return how many things were added, removed and changed: `Boat: 2 added, 1 changed`."""
    told = []
    for (danish, english), states in counts.items():
        noun = {"da": danish, "en": english}[lang]
        numbers = [f"{states[each]} {word[lang]}" for each, word in _STATES.items() if states[each]]
        told.append(f"{noun}: {', '.join(numbers)}")
    return "; ".join(told) or _NOTHING[lang]
