"""Find the links in pages: HTML, SVG, Atom and Markdown."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

__all__ = ["PAGES", "Lines", "Link", "Page", "page"]

#: The endings of the files that links are looked for in.
PAGES = (".html", ".svg", ".atom", ".md")

_LINKING = frozenset(
    {"action", "cite", "data", "formaction", "href", "longdesc", "poster", "src", "xlink:href"}
)

# What repeats is bounded, so that a text made to be slow is not.
_CODE = re.compile(r"^(```|~~~).*?^\1|(?<!`)(`{1,3})(?!`)[^`\n]+\2", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"\]\([ \t]{0,9}<?([^\s()<>]{1,500}+)>?[^()\n]{0,200}+\)")
_REFERENCE = re.compile(r"^ {0,3}\[[^\]\n]{1,200}+\]:[ \t]{0,9}<?([^\s>]+)", re.MULTILINE)
_AUTOLINK = re.compile(r"<([a-z][a-z0-9+.-]{0,20}+:[^\s<>]{1,500}+)>", re.IGNORECASE)


# A tag ends before the next one: what is not closed is not looked for again and again.
_OPENING = re.compile(
    r"""<!--|<([a-z][^\s/<>"']*+)((?:[^<>"']|"[^"]*+"|'[^']*+')*+)>""", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'=<>`]++))""")

#: What is in these is no markup up to their end.
_CLOSING = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style")}


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link leads, as it is written, and on which line."""

    target: str
    line: int


@dataclass(frozen=True, slots=True)
class Page:
    """The links in a file, and the *anchors* in it that others can lead to."""

    links: tuple[Link, ...]
    anchors: frozenset[str]


def page(ending: str, text: str) -> Page:
    """Return the links in *text*, which is in a file with this *ending*, one of PAGES.

    >>> page(".md", "see [the list](ontology/index.html) and `[no](link)`").links
    (Link(target='ontology/index.html', line=1),)
    """
    if ending == ".md":
        return Page(tuple(sorted(_in_markdown(text), key=lambda link: link.line)), frozenset())
    return _in_markup(text)


class Lines:
    """The line that each place in a text is on, from 1."""

    def __init__(self, text: str) -> None:
        self._ends = [match.start() for match in re.finditer("\n", text)]

    def at(self, place: int) -> int:
        return bisect_left(self._ends, place) + 1


def _in_markdown(text: str) -> Iterator[Link]:
    # What is shown as code leads nowhere; the lines stay.
    text = _CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    lines = Lines(text)
    for pattern in (_INLINE, _REFERENCE, _AUTOLINK):
        for match in pattern.finditer(text):
            yield Link(match[1], lines.at(match.start()))


def _in_markup(text: str) -> Page:
    """Return the links and anchors in the tags of HTML or XML."""
    lines = Lines(text)
    links: list[Link] = []
    anchors: set[str] = set()
    for place, tag, attributes in _tags(text):
        for match in _ATTRIBUTE.finditer(attributes):
            name = match[1].lower()
            value = unescape(next(filter(None, match.groups()[1:]), "")).strip()
            if name == "id" or (tag == "a" and name == "name"):
                anchors.add(value)
            elif name in _LINKING and value:
                links.append(Link(value, lines.at(place)))
    return Page(tuple(links), frozenset(anchors))


def _tags(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield where each tag begins, its name, and its attributes as they are written.

    The standard library's reader of HTML can be made to take as long as one likes.
    """
    place = 0
    while match := _OPENING.search(text, place):
        place = match.end()
        if match[0] == "<!--":
            end = text.find("-->", place)
            if end < 0:
                return
            place = end + len("-->")
            continue
        name = match[1].lower()
        yield match.start(), name, match[2]
        if name in _CLOSING and not match[2].endswith("/"):
            closing = _CLOSING[name].search(text, place)
            if closing is None:
                return
            place = closing.end()
