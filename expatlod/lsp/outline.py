"""See the outline of a record that is being typed: which key or value the cursor is in.

A text in mid-typing can hardly ever be parsed, so it is read line by line, by its indentation,
and what cannot be understood is passed over. JSON is read as the YAML that it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Box", "Outline", "Spot", "Word", "outline", "split"]

_LINE_END = re.compile(r"\r\n|\n|\r")
_BLOCK_TEXT = re.compile(r"[|>][-+0-9]*[ \t]*(?:#.*)?$")
_DOUBLE = re.compile(r'"(?:[^"\\]|\\.?)*("|$)')
_SINGLE = re.compile(r"'(?:[^']|'')*('|$)")
_FLOW_WORD = re.compile(r"[^\s,\[\]{}\"'](?:[^,\[\]{}:#]|:(?![\s,\[\]{}]|$)|(?<!\s)#)*")


@dataclass(slots=True, eq=False)
class Box:
    """A mapping or a list: what it stands in, under which key there, and its own keys."""

    above: Box | None
    key: str
    is_list: bool = False
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> tuple[str, ...]:
        """The keys that lead to it from the record, list positions left out."""
        # Not by recursion: brackets may stand inside each other by the thousand.
        keys = []
        box: Box | None = self
        while box is not None:
            if box.key:
                keys.append(box.key)
            box = box.above
        return tuple(reversed(keys))

    @property
    def top(self) -> Box:
        """The record that it stands in."""
        box = self
        while box.above is not None:
            box = box.above
        return box


@dataclass(frozen=True, slots=True)
class Word:
    """A key or a single value: its text, without quotes, and its place, counted from 0.

    *key* is the key that the value stands behind; an item of a list has that of its list.
    """

    text: str
    line: int
    start: int
    end: int
    box: Box
    key: str
    is_key: bool

    @property
    def path(self) -> tuple[str, ...]:
        """The keys that lead to the word, its own among them."""
        return (*self.box.path, self.key) if self.key else self.box.path


@dataclass(frozen=True, slots=True)
class Spot:
    """What the cursor is in: what has been typed of a word there, from *start* to *end*.

    A value for *value* can come here, a path of keys, or a key of the mapping at *keys*; None
    where it cannot. *present* are the keys that the mapping has already.
    """

    top: Box
    value: tuple[str, ...] | None
    keys: tuple[str, ...] | None
    present: frozenset[str]
    line: int
    start: int
    end: int
    quoted: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """The words of a text, and the spot of the cursor if anything can come there."""

    words: tuple[Word, ...]
    spot: Spot | None

    def word_at(self, line: int, column: int) -> Word | None:
        """Return the word at a place, counted from 0."""
        for each in self.words:
            if each.line == line and each.start <= column <= each.end:
                return each
        return None


def split(text: str) -> list[str]:
    """Return the lines of *text* as editors count them."""
    return _LINE_END.split(text)


def outline(text: str, line: int = -1, column: int = 0) -> Outline:
    r"""Return the outline of *text* with the cursor at *line* and *column*, counted from 0.

    >>> outline("type: Boat\nhull: cat", 1, 9).spot.value
    ('hull',)
    """
    scan = _Scan(line, column)
    for number, each in enumerate(split(text)):
        scan.read(number, each)
    return Outline(tuple(scan.words), scan.spot())


@dataclass(slots=True)
class _Frame:
    """A mapping or list in block style that is open, and the key read last in it."""

    indent: int
    box: Box
    last: str = ""
    inline: bool = True


@dataclass(slots=True)
class _Flow:
    """A mapping or list in brackets that is open."""

    box: Box
    key: str = ""
    is_behind: bool = False


@dataclass(slots=True)
class _Cursor:
    """Where the cursor was found to be; a box that it may begin is known by what it stands in."""

    start: int
    end: int
    quoted: bool
    value: tuple[str, ...] | None
    box: Box | None
    inside: tuple[Box, str] | None


class _Scan:
    def __init__(self, line: int, column: int) -> None:
        self.words: list[Word] = []
        self._line, self._column = line, column
        self._cursor: _Cursor | None = None
        self._top = Box(None, "")
        self._children: dict[tuple[Box, str], Box] = {}
        self._frames: list[_Frame] = []
        self._flows: list[_Flow] = []
        self._quote: str = ""
        self._text_above: int | None = None
        self._cursor_top = self._top

    def spot(self) -> Spot | None:
        found = self._cursor
        if found is None:
            return None
        box, keys = found.box, None
        present: frozenset[str] = frozenset()
        if found.inside is not None:
            above, key = found.inside
            keys = (*above.path, key) if key else above.path
            box = self._children.get((above, key)) if key else None
        elif box is not None:
            keys = box.path
        if box is not None:
            present = frozenset(box.keys)
        return Spot(
            self._cursor_top,
            found.value,
            keys,
            present,
            self._line,
            found.start,
            found.end,
            found.quoted,
        )

    def read(self, number: int, line: str) -> None:
        here = number == self._line
        stripped = line.strip()
        indent = len(line) - len(line.lstrip(" "))
        if self._text_above is not None:
            blank_outside = here and not stripped and self._column <= self._text_above
            if (not stripped and not blank_outside) or (stripped and indent > self._text_above):
                return
            self._text_above = None
        bottom = self._frames[-1].indent if self._frames else -1
        ends = bool(stripped) and indent <= bottom and stripped[0] not in "]}"
        if self._quote:
            if not (ends and _colon(line, indent) is not None):
                self._continue_quote(line)
                return
            self._quote, self._flows = "", []
        if self._flows:
            if not ends:
                self._flow(number, line, 0)
                return
            self._flows = []
        self._block(number, line, indent, stripped)

    # -- by indentation

    def _block(self, number: int, line: str, indent: int, stripped: str) -> None:
        if line[:3] in ("---", "...") and line[3:4] in ("", " "):
            self._top, self._frames = Box(None, ""), []
            return
        here = number == self._line
        if not stripped or stripped.startswith("#"):
            if here and not stripped:
                self._blank()
            return
        at = indent
        while line[at] == "-" and line[at + 1 : at + 2] in ("", " ", "\t"):
            frame = self._list_at(at)
            behind = at + 1 + len(line[at + 1 :]) - len(line[at + 1 :].lstrip())
            if behind >= len(line) or line[behind] == "#":
                if here and self._column > at:
                    self._item(frame.box, self._column, self._column)
                return
            at = behind
        dashed = at > indent
        colon = _colon(line, at)
        if line[at] in "{[" or (colon is None and line[at] in "\"'"):
            if not dashed and (at > 0 or self._frames):
                self._pop(at)
            self._value(number, line, at, *self._slot())
            return
        if colon is None:
            self._bare(number, line, at, dashed)
            return
        self._key(number, line, at, colon)

    def _key(self, number: int, line: str, at: int, colon: int) -> None:
        frame = self._mapping_at(at)
        raw = line[at:colon].rstrip()
        quoted = raw[:1] in ('"', "'") and len(raw) > 1
        key = raw[1:-1] if quoted else raw
        start, end = (at + 1, at + len(raw) - 1) if quoted else (at, at + len(raw))
        self.words.append(Word(key, number, start, end, frame.box, key, True))
        if number == self._line and self._column <= colon:
            if at <= self._column <= at + len(raw):
                self._found(start, end, quoted, None, frame.box)
        else:
            frame.box.keys.setdefault(key, "")
        behind = colon + 1 + len(line[colon + 1 :]) - len(line[colon + 1 :].lstrip())
        frame.last, frame.inline = key, behind < len(line) and line[behind] != "#"
        self._value(number, line, behind, frame.box, key)

    def _value(self, number: int, line: str, at: int, box: Box, key: str) -> None:
        """Read what stands behind a key or a dash."""
        here = number == self._line and self._cursor is None
        path = (*box.path, key) if key else box.path
        if at >= len(line) or line[at] == "#":
            if here and (at >= len(line) or self._column <= at) and self._column > 0:
                self._found(self._column, self._column, False, path, None)
        elif _BLOCK_TEXT.match(line, at):
            self._text_above = self._frames[-1].indent if self._frames else -1
        elif line[at] in "{[":
            self._flow(number, line, at, box, key)
        elif line[at] in "\"'":
            match = (_DOUBLE if line[at] == '"' else _SINGLE).match(line, at)
            assert match is not None
            end = match.end() - len(match.group(1))
            self._word(number, line, at + 1, end, box, key, True)
            if not match.group(1):
                self._quote = line[at]
        else:
            comment = re.compile(r"[ \t]#").search(line, at)
            end = comment.start() if comment else len(line)
            end = at + len(line[at:end].rstrip())
            self._word(number, line, at, end, box, key, False)
            if here and self._cursor is None and not comment and self._column > end:
                return
            if here and self._cursor is None and self._column < at:
                self._found(self._column, self._column, False, path, None)

    def _word(
        self, number: int, line: str, start: int, end: int, box: Box, key: str, quoted: bool
    ) -> None:
        text = line[start:end]
        self.words.append(Word(text, number, start, end, box, key, False))
        if key:
            box.keys[key] = text
        if number == self._line and start <= self._column <= end:
            path = (*box.path, key) if key else box.path
            self._found(start, end, quoted, path, None)

    def _bare(self, number: int, line: str, at: int, dashed: bool) -> None:
        """Read a word with neither colon nor bracket: a value, or a key in mid-typing."""
        end = at + len(line[at:].rstrip())
        here = number == self._line and at <= self._column <= end
        if dashed:
            box = self._frames[-1].box
            if _BLOCK_TEXT.match(line, at):
                self._text_above = self._frames[-1].indent
                return
            self.words.append(Word(line[at:end], number, at, end, box, "", False))
            if here:
                self._item(box, at, end)
            return
        if here:
            self._blank(at, at, end)
            return
        frame = self._frames[-1] if self._frames else None
        if frame is not None and at > frame.indent and frame.last and not frame.inline:
            self.words.append(Word(line[at:end], number, at, end, frame.box, frame.last, False))

    def _blank(self, column: int = -1, start: int = -1, end: int = -1) -> None:
        """Take note of what can come at the cursor, on a line with nothing else."""
        if column < 0:
            column = start = end = self._column
        if not self._frames:
            self._found(start, end, False, None, self._top)
            return
        index = len(self._frames) - 1
        while index > 0 and self._frames[index].indent > column:
            index -= 1
        frame = self._frames[index]
        if frame.indent == column and frame.box.is_list and index > 0:
            below = self._frames[index - 1]
            # A list may stand at the indentation of the key that it is the value of.
            if below.indent == column:
                frame = below
        if frame.indent == column and not frame.box.is_list:
            self._found(start, end, False, None, frame.box)
        elif frame.indent < column and frame.box.is_list:
            self._found(start, end, False, None, None, (frame.box, ""))
        elif frame.indent < column and not frame.inline and not frame.box.is_list:
            path = (*frame.box.path, frame.last)
            self._found(start, end, False, path, None, (frame.box, frame.last))

    def _item(self, box: Box, start: int, end: int) -> None:
        """Take note that an item of a list can come at the cursor: a value, or a first key."""
        self._found(start, end, False, box.path, None, (box, ""))

    def _found(
        self,
        start: int,
        end: int,
        quoted: bool,
        value: tuple[str, ...] | None,
        box: Box | None,
        inside: tuple[Box, str] | None = None,
    ) -> None:
        if self._cursor is None:
            self._cursor = _Cursor(start, end, quoted, value, box, inside)
            self._cursor_top = self._top

    # -- what is open

    def _pop(self, column: int) -> None:
        while self._frames and self._frames[-1].indent > column:
            self._frames.pop()

    def _slot(self) -> tuple[Box, str]:
        """Return the box and key that what comes next belongs to."""
        if not self._frames:
            return self._top, ""
        frame = self._frames[-1]
        return frame.box, "" if frame.box.is_list else frame.last

    def _mapping_at(self, column: int) -> _Frame:
        self._pop(column)
        if self._frames and self._frames[-1].indent == column and self._frames[-1].box.is_list:
            self._frames.pop()
        if not self._frames:
            self._frames.append(_Frame(column, self._top))
        elif self._frames[-1].indent < column:
            self._frames.append(_Frame(column, self._child(*self._slot())))
        return self._frames[-1]

    def _list_at(self, column: int) -> _Frame:
        self._pop(column)
        top = self._frames[-1] if self._frames else None
        if top is None or top.indent < column or not top.box.is_list:
            self._frames.append(_Frame(column, self._child(*self._slot(), is_list=True)))
        return self._frames[-1]

    def _child(self, above: Box, key: str, *, is_list: bool = False) -> Box:
        box = Box(above, key, is_list)
        if key:
            self._children[above, key] = box
        return box

    # -- by brackets

    def _continue_quote(self, line: str) -> None:
        rest = line.replace("\\\\", "").replace('\\"', "") if self._quote == '"' else line
        if rest.replace("''", "").count(self._quote) % 2:
            self._quote = ""

    def _flow(self, number: int, line: str, at: int, box: Box | None = None, key: str = "") -> None:
        """Read what stands in brackets on this line, from *at* on."""
        here = number == self._line
        for mark, start, end in _tokens(line, at):
            if here and self._cursor is None and self._column <= start and self._flows:
                self._in_flow(self._column, self._column, False)
            if mark in "{[":
                self._open(mark, box, key)
            elif mark in "}]":
                if self._flows:
                    self._flows.pop()
                if not self._flows:
                    return
            elif mark == ",":
                self._flows[-1].key, self._flows[-1].is_behind = "", False
            elif mark == ":":
                self._flows[-1].is_behind = True
            else:
                self._flow_word(number, line, start, end, mark == "q")
        if here and self._cursor is None and self._flows:
            self._in_flow(self._column, self._column, False)

    def _open(self, mark: str, box: Box | None, key: str) -> None:
        if self._flows:
            above, key = self._flows[-1].box, self._flows[-1].key
        else:
            assert box is not None
            above = box
            if mark == "{" and not key and not self._frames:
                # The whole record is in brackets: it is JSON.
                self._flows.append(_Flow(self._top))
                return
        self._flows.append(_Flow(self._child(above, key, is_list=mark == "[")))

    def _flow_word(self, number: int, line: str, start: int, end: int, quoted: bool) -> None:
        flow = self._flows[-1]
        if quoted:
            start += 1
            end -= 1 if end > start and line[end - 1] == line[start - 1] else 0
        text = line[start:end]
        is_key = not flow.box.is_list and not flow.is_behind
        if number == self._line and start <= self._column <= end:
            self._in_flow(start, end, quoted)
        elif is_key:
            flow.box.keys.setdefault(text, "")
        if is_key:
            flow.key = text
        elif flow.key:
            flow.box.keys[flow.key] = text
        self.words.append(Word(text, number, start, end, flow.box, flow.key, is_key))

    def _in_flow(self, start: int, end: int, quoted: bool) -> None:
        flow = self._flows[-1]
        if flow.box.is_list:
            self._found(start, end, quoted, flow.box.path, None)
        elif flow.is_behind:
            self._found(start, end, quoted, (*flow.box.path, flow.key), None)
        else:
            self._found(start, end, quoted, None, flow.box)


def _colon(line: str, at: int) -> int | None:
    """Return where the colon behind the key at *at* stands, if there is a key."""
    if line[at] in "\"'":
        match = (_DOUBLE if line[at] == '"' else _SINGLE).match(line, at)
        assert match is not None
        behind = match.end() + len(line[match.end() :]) - len(line[match.end() :].lstrip())
        return behind if match.group(1) and line[behind : behind + 1] == ":" else None
    if line[at] in "{[":
        return None
    colon = line.find(":", at)
    while colon >= 0 and line[colon + 1 : colon + 2] not in ("", " ", "\t"):
        colon = line.find(":", colon + 1)
    comment = line.find(" #", at)
    return colon if colon >= 0 and not 0 <= comment < colon else None


def _tokens(line: str, at: int) -> Iterator[tuple[str, int, int]]:
    """Yield what stands on a line in brackets: punctuation, "q" for quoted, "w" for plain words."""
    while at < len(line):
        character = line[at]
        if character in " \t":
            at += 1
        elif character == "#" and line[at - 1 : at] in ("", " ", "\t"):
            return
        elif character in "{}[],":
            yield character, at, at + 1
            at += 1
        elif character == ":":
            yield ":", at, at + 1
            at += 1
        elif character in "\"'":
            match = (_DOUBLE if character == '"' else _SINGLE).match(line, at)
            assert match is not None
            yield "q", at, match.end()
            at = match.end()
        else:
            match = _FLOW_WORD.match(line, at)
            end = match.end() if match else at + 1
            yield "w", at, at + len(line[at:end].rstrip())
            at = end
