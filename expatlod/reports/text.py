"""The text form, for people: each finding with its line, a caret, and how to mend it.

Nearly all that is shown here was written by somebody else: a record, a file name. What could
steer a terminal, turn the direction of a line or hide in it is shown as one visible character.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from expatlod.errors import ERROR, NOTE, WARNING, Finding, Text
from expatlod.records.excerpt import excerpt
from expatlod.reports.report import SEVERITIES, by_gravity, cell, codes, encodable, said

__all__ = ["PLAIN", "Look", "hint", "item", "listing", "more", "summary", "visible"]

_NAMES: Mapping[str, Text] = {
    ERROR: {"da": "fejl", "en": "error"},
    WARNING: {"da": "advarsel", "en": "warning"},
    NOTE: {"da": "bemærkning", "en": "note"},
}
_PLURALS: Mapping[str, Text] = {
    ERROR: {"da": "fejl", "en": "errors"},
    WARNING: {"da": "advarsler", "en": "warnings"},
    NOTE: {"da": "bemærkninger", "en": "notes"},
}
_HEADINGS: Mapping[str, Text] = {
    WARNING: {"da": "Advarsler", "en": "Warnings"},
    NOTE: {"da": "Bemærkninger", "en": "Notes"},
}
_AND: Text = {"da": "og", "en": "and"}
_HELP: Text = {"da": "hjælp", "en": "help"}

#: Select Graphic Rendition, ECMA-48 8.3.117: red, yellow, blue.
_COLOURS = {ERROR: "\x1b[31m", WARNING: "\x1b[33m", NOTE: "\x1b[34m"}
_RESET = "\x1b[0m"

#: Columns of an excerpt that is not for a terminal.
_PIPE = 120
_NARROWEST = 20

#: Categories of Unicode that are not seen: controls, formats, halves of characters, separators.
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Look:
    """How text is laid out: in colour or not, and wrapped at *width* columns; 0 is not at all."""

    colour: bool = False
    width: int = 0


#: For files and pipes.
PLAIN = Look()


def listing(
    findings: Iterable[Finding], lang: str, look: Look = PLAIN, *, most: int | None = None
) -> str:
    """Return *findings* as text: errors, then warnings and notes under headings of their own.

    Of more than *most* findings the gravest are shown, and a line says how many are not.
    """
    ordered = by_gravity(findings)
    shown = ordered if most is None else ordered[:most]
    parts: list[str] = []
    for severity in SEVERITIES:
        group = [each for each in shown if each.severity == severity]
        if group and severity in _HEADINGS:
            parts.append(f"{_HEADINGS[severity][lang]}\n\n")
        parts += [item(each, lang, look) + "\n" for each in group]
    if len(shown) < len(ordered):
        parts.append(more(len(ordered) - len(shown), lang) + "\n")
    return "".join(parts)


def item(finding: Finding, lang: str, look: Look = PLAIN) -> str:
    """Return one finding: place and fault, the line with a caret, other reasons, cure, codes."""
    severity = _coloured(_NAMES[finding.severity][lang], finding.severity, look)
    place = visible(encodable(str(finding.at)))
    lines = [f"{place}: {severity}: {visible(said(finding.message, lang))}"]
    lines += _excerpt(finding, look)
    for reason in finding.also:
        lines += _labelled(_AND[lang], said(reason.message, lang), look)
    cure = said(finding.help, lang)
    if cure:
        lines += _labelled(_HELP[lang], cure, look)
    lines.append(f"  [{'  '.join(filter(None, (', '.join(codes(finding)), finding.path)))}]")
    return "\n".join(lines) + "\n"


def more(number: int, lang: str) -> str:
    """Say that *number* findings are left out.

    >>> more(1, "da")
    '1 mere vises ikke; hæv --max for at se den'
    """
    if lang == "da":
        return f"{number} {'mere' if number == 1 else 'flere'} vises ikke; hæv --max for at se " + (
            "den" if number == 1 else "dem"
        )
    verb, it = ("is", "it") if number == 1 else ("are", "them")
    return f"{number} more {verb} not shown; raise --max to see {it}"


def summary(findings: Sequence[Finding], lang: str) -> str:
    """Return how many findings there are of each severity, in how many files, and of what kind.

    >>> summary([], "en")
    'no faults found'
    """
    counts = Counter(finding.severity for finding in findings)
    if not counts:
        return "ingen fejl fundet" if lang == "da" else "no faults found"
    numbers = [
        f"{counts[each]} {(_NAMES if counts[each] == 1 else _PLURALS)[each][lang]}"
        for each in SEVERITIES
        if counts[each]
    ]
    files = len({finding.at.path for finding in findings})
    if lang == "da":
        *first, last = numbers
        counted = f"{', '.join(first)} og {last}" if first else last
        told = f"{counted} i {files} {'fil' if files == 1 else 'filer'}"
    else:
        told = f"{', '.join(numbers)} in {files} {'file' if files == 1 else 'files'}"
    if len(findings) == 1:
        return told
    frequent = ", ".join(f"{code} ({count})" for code, count in _frequent(findings)[:3])
    return f"{told}; {'hyppigst' if lang == 'da' else 'most frequent'}: {frequent}"


def hint(findings: Sequence[Finding], lang: str) -> str:
    """Return what to type to learn about the most frequent error; empty when there is none."""
    errors = [finding for finding in findings if finding.severity == ERROR]
    if not errors:
        return ""
    code, _ = _frequent(errors)[0]
    return f"expatlod explain {code} {'fortæller mere' if lang == 'da' else 'tells more'}"


def visible(text: str) -> str:
    r"""Return *text* with each character that is not seen, or does more than show, made visible.

    As many characters as there were. A tab is shown as a space.

    >>> visible("a\tb\x1b[31m\u202ec")
    'a b␛[31m�c'
    """
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) not in _HIDDEN:
        return character
    number = ord(character)
    if character == "\t":
        return " "
    if number < 0x20:
        # The block Control Pictures has a sign for each.
        return chr(0x2400 + number)
    return "␡" if number == 0x7F else "\N{REPLACEMENT CHARACTER}"


def _frequent(findings: Iterable[Finding]) -> list[tuple[str, int]]:
    counts = Counter(finding.rule for finding in findings)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _coloured(text: str, severity: str, look: Look) -> str:
    return f"{_COLOURS[severity]}{text}{_RESET}" if look.colour else text


def _labelled(label: str, text: str, look: Look) -> list[str]:
    head, shown = f"  {label}: ", visible(encodable(text))
    if not look.width:
        return [head + shown]
    import wcwidth

    return wcwidth.wrap(
        shown,
        max(look.width, _NARROWEST),
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )


# -- the line at fault


def _excerpt(finding: Finding, look: Look) -> list[str]:
    """Return the line at fault with a caret under the value, cut to what fits."""
    at = finding.at
    if not at.line:
        return []
    line = excerpt(at).rstrip("\r\n")
    if not line or line.isspace():
        return []
    label = cell(at) or str(at.line)
    gutter = max(len(label), 5)
    room = max(look.width - gutter - 3, _NARROWEST) if look.width else _PIPE
    start, length = (0, len(line)) if at.sheet else (at.column - 1, at.length)
    shown, column, span = _cut(line, start, length, room)
    caret = _coloured("^" * span, finding.severity, look)
    return [f"{label:>{gutter}} | {shown}", f"{'':>{gutter}} | {' ' * column}{caret}"]


def _cut(line: str, start: int, length: int, room: int) -> tuple[str, int, int]:
    """Return what fits in *room* columns of *line* around the value, and the caret's place.

    *start* and *length* count characters from 0; the column and span returned count columns on
    the screen.
    """
    start = min(max(start, 0), len(line))
    # A column seldom takes more than one character, and a line can be a megabyte.
    low, high = max(start - 2 * room, 0), min(start + 2 * room, len(line))
    end = min(start + max(length, 0), high)
    # Cells do not reach over the bounds of the value, whatever combines with what.
    left, value, right = (
        _cells(line[first:last]) for first, last in ((low, start), (start, end), (end, high))
    )
    cells = [*left, *value, *right]
    widths = [width for _, width in cells]
    here = len(left)
    if low == 0 and high == len(line) and sum(widths) <= room:
        begin, stop, before, after = 0, len(cells), "", ""
    else:
        begin, stop, before, after = _window(widths, here, room, low > 0, high < len(line))
    shown = before + "".join(text for text, _ in cells[begin:stop]) + after
    column = len(before) + sum(widths[begin:here])
    span = sum(widths[here : min(here + len(value), stop)])
    return shown, column, max(span, 1)


def _window(
    widths: Sequence[int], here: int, room: int, more_left: bool, more_right: bool
) -> tuple[int, int, str, str]:
    """Return the cells around *here* that fit, first and last, with the marks of a cut."""
    rest = sum(widths[here:]) + more_right
    # Half for what stands before the value, or all that the rest of the line leaves.
    free = max(room // 2, room - rest) - 1
    begin = here
    while begin > 0 and widths[begin - 1] <= free:
        begin -= 1
        free -= widths[begin]
    before = "…" if begin or more_left else ""
    free = room - len(before)
    stop = begin
    while stop < len(widths) and widths[stop] <= free:
        free -= widths[stop]
        stop += 1
    if stop == len(widths) and not more_right:
        return begin, stop, before, ""
    while free < 1 and stop > begin:
        stop -= 1
        free += widths[stop]
    return begin, stop, before, "…"


def _cells(text: str) -> list[tuple[str, int]]:
    """Return the characters of *text* as they are seen, each with its columns on the screen."""
    shown = visible(text)
    if not shown or max(shown) < "\u0300":
        # No combining marks and nothing wide: Latin letters take one column each.
        return [(character, 1) for character in shown]
    # Its tables take as long to load as the rest of this package.
    import wcwidth

    return [(each, max(wcwidth.wcswidth(each), 0)) for each in wcwidth.iter_graphemes(shown)]
