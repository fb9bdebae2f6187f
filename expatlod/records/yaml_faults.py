"""What an author did when YAML cannot be read.

libyaml says where it gave up, often a line or more below the mistake. The lines around that place
are held against the mistakes that people make, each with its cure. A cure is only given when the
text, mended by it, reads further than before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from expatlod.errors import ERROR, Finding, Location, Text
from expatlod.records.text import DEPTH, LINE_END

__all__ = ["again", "hard_space", "open_quote", "syntax", "without_dash"]

#: What libyaml says most often, for where we know nothing better.
_DANISH = {
    "mapping values are not allowed in this context": "her kan ikke stå et kolon med mellemrum",
    "block sequence entries are not allowed in this context": "her kan ikke stå '- '",
    "mapping keys are not allowed in this context": "her kan ikke stå '? '",
    "could not find expected ':'": "der mangler et kolon",
    "did not find expected key": "her skulle stå et felt",
    "did not find expected '-' indicator": "her skulle stå '- ' og et punkt på listen",
    "did not find expected ',' or ']'": "der mangler et komma eller ']'",
    "did not find expected ',' or '}'": "der mangler et komma eller '}'",
    "did not find expected node content": "der mangler en værdi",
    "did not find expected <document start>": "her skulle stå '---' og en ny post",
    "did not find expected alphabetic or numeric character": "her skulle stå et bogstav",
    "did not find expected comment or line break": "her skulle linjen slutte",
    "found character that cannot start any token": "tegnet kan ikke begynde en værdi",
    "found unexpected end of stream": "filen slutter midt i en tekst i anførselstegn",
    "found unexpected document indicator": "dokumentet slutter midt i en tekst i anførselstegn",
    "found unknown escape character": "tegnet efter '\\' betyder ikke noget",
    "found a tab character where an indentation space is expected": "indrykning med tabulator",
    "found a tab character that violates indentation": "indrykning med tabulator",
}

_LOOK: Text = {
    "da": "se efter indrykning, kolon og anførselstegn på linjen og på den over",
    "en": "look at indentation, colons and quotes on this line and the one above",
}

_LEAD = re.compile(r" *(?:-(?: +|$))*")
_KEY = re.compile(r"(\w[\w.-]*|'[^']*'|\"[^\"]*\") *:(?= |$)")
_CLOSE_UP = re.compile(r"(\w[\w.-]*)(:\u00a0|：|:(?=[^\s/:]))")
_BLOCK = re.compile(r"[|>][-+0-9]*(?:\s+#.*)?$")
_QUOTED = {"'": re.compile(r"'(?:[^']|'')*+'"), '"': re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)}
_COMMENT = re.compile(r"\s+#.*$|\s+$")
_CLOSING = {"[": "]", "{": "}"}

#: So many lines below the fault are read to see whether a cure helps.
_AHEAD = 60

#: A longer value is not written out in a cure.
_SHORT = 70

#: So many lines a text in quotes or brackets may have; a longer one counts as not closed.
_LONG = 200

#: So many columns are tried for a line that is indented wrongly.
_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class _Fault:
    """Where libyaml gave up, from 0, the line that is in doubt, and its *problem*.

    *mark* is the line as libyaml counts, *line* one that there is.
    """

    lines: list[str]
    suspect: int
    line: int
    column: int
    problem: str
    mark: int


@dataclass(frozen=True, slots=True)
class _Cure:
    """A mistake at *line* and *column*, both from 0, and what the lines become when mended."""

    line: int
    column: int
    message: Text
    help: Text
    lines: Mapping[int, str]
    length: int = 1


@dataclass(slots=True)
class _Level:
    """A column in which fields (or '-') stand below each other, and the lines they are on."""

    column: int
    dashes: bool
    lines: list[int]
    keys: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A quote or bracket on *line* that the fields on later lines seem to be swallowed by."""

    line: int
    column: int
    mark: str
    last: int


@dataclass(slots=True)
class _Outline:
    """How the lines above the fault are laid out."""

    levels: list[_Level] = field(default_factory=list)
    open: _Open | None = None
    block: tuple[int, int, int] | None = None


def syntax(text: str, shown: str, error: yaml.MarkedYAMLError, start: Location) -> Finding:
    """Return the finding for what libyaml calls *error*; *start* is where the document begins."""
    mark = error.problem_mark or error.context_mark
    problem = error.problem or str(error)
    at = start
    if mark is not None:
        at = Location(shown, mark.line + 1, mark.column + 1)
        lines = LINE_END.split(text)
        # Where a colon is missing, the line that looked like a field is an earlier one.
        field_at = error.context_mark if "expected ':'" in problem else None
        # libyaml counts one line more than there is at the end of the text.
        line = min(mark.line, len(lines) - 1)
        suspect = field_at.line if field_at else line
        cure = _cure(_Fault(lines, suspect, line, mark.column, problem, mark.line))
        if cure is not None:
            at = Location(shown, cure.line + 1, cure.column + 1, max(cure.length, 1))
            return Finding(at, ERROR, "record:yaml", cure.message, cure.help)
    message = {
        "da": f"kan ikke læses som YAML: {_DANISH.get(problem, problem)}",
        "en": f"cannot be read as YAML: {problem}",
    }
    return Finding(at, ERROR, "record:yaml", message, _LOOK)


def open_quote(lines: list[str], shown: str, event: Any) -> Finding | None:
    """Return the finding for a text in quotes that runs over the fields below it, if it does.

    *event* is what libyaml has read of it.
    """
    start = event.start_mark
    found = _swallowed(lines, start.line, start.column, event.end_mark.line + 1)
    if found is None:
        return None
    mark = lines[start.line][start.column]
    cure = _close(lines, _Open(start.line, start.column, mark, found))
    at = Location(shown, start.line + 1, start.column + 1)
    return Finding(at, ERROR, "record:yaml", cure.message, cure.help)


def hard_space(at: Location) -> Finding:
    """Return the finding for a field that is indented with a non-breaking space."""
    return Finding(
        at,
        ERROR,
        "record:yaml",
        {
            "da": f"linje {at.line} er rykket ind med et hårdt mellemrum",
            "en": f"line {at.line} is indented with a non-breaking space",
        },
        {
            "da": "slet indrykningen, og skriv den igen med almindelige mellemrum",
            "en": "delete the indentation and write it again with plain spaces",
        },
    )


def again(at: Location, key: str) -> Finding:
    """Return the finding for a key that stands a second time."""
    return Finding(
        at,
        ERROR,
        "record:twice",
        {"da": f"feltet '{key}' står to gange", "en": f"'{key}' stands twice"},
        {"da": "behold det ene", "en": "keep one of them"},
    )


def without_dash(at: Location, key: str, first: Location | None, *, record: bool) -> Finding:
    """Return the finding for fields that begin over again at *key*.

    *first* is where *key* stands the first time, when no '- ' stands before that either. The
    fields of a *record* cannot stand in a list.
    """
    line = at.line
    message = {
        "da": f"felterne begynder forfra med '{key}'; mangler der '- ' før linje {line}?",
        "en": f"the fields begin over again with '{key}'; is '- ' missing before line {line}?",
    }
    help = {
        "da": f"der mangler nok '- ': ret de to mellemrum lige før '{key}' til '- '",
        "en": f"a '- ' is probably missing before it: turn the two spaces right before "
        f"'{key}' into '- '",
    }
    if first is not None:
        help = {
            "da": f"{help['da']}, også på linje {first.line}",
            "en": f"{help['en']}, on line {first.line} too",
        }
    if record:
        message = {
            "da": f"felterne begynder forfra med '{key}'; begynder der en ny post her?",
            "en": f"the fields begin over again with '{key}'; does a new record begin here?",
        }
        help = {
            "da": "skriv '---' alene på en linje over den nye post, eller slet den",
            "en": "write '---' alone on a line above the new record, or delete it",
        }
    return Finding(at, ERROR, "record:twice", message, help)


# -- which cure helps


def _cure(fault: _Fault) -> _Cure | None:
    """Return the cure with which the text reads furthest, by the first rule that has any."""
    head = fault.lines[: fault.line + _AHEAD]
    for rule in (_blanks, _opened, _body, _crowded, _value, _text, _wordy, _indented):
        best, reached = None, fault.mark
        for cure in rule(fault):
            now = _reads_to(head, cure.lines)
            if now > reached:
                best, reached = cure, now
        if best is not None:
            return best
    return None


def _reads_to(lines: list[str], mended: Mapping[int, str]) -> int:
    """Return the line at which the mended text cannot be read, or the one after its last."""
    text = "\n".join(mended.get(index, each) for index, each in enumerate(lines))
    try:
        for _ in yaml.parse(text, Loader=yaml.CSafeLoader):
            pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return int(mark.line) if mark else 0
    return len(lines) + _AHEAD


# -- how the lines are laid out


def _blank(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _lead(line: str) -> int:
    """Return the column after the indentation and the '- ' of *line*."""
    found = _LEAD.match(line)
    assert found is not None
    return found.end()


def _parts(line: str) -> tuple[int, str, int]:
    """Return the column of the first field on *line*, its name ("" for none), and its value's."""
    start = _lead(line)
    key = _KEY.match(line, start)
    if key is None:
        return start, "", start
    value = key.end()
    while line[value : value + 1] == " ":
        value += 1
    return start, key[1], value


def _swallowed(lines: list[str], line: int, column: int, end: int) -> int | None:
    """Return the last line of the value that begins at *column*, if fields follow inside it.

    That is when a line before *end* looks like a field no deeper than the one the value is of.
    """
    start, key, value = _parts(lines[line])
    dash = lines[line].rfind("-", 0, start)
    limit = start if key else dash
    if value != column or limit < 0:
        return None
    for index in range(line + 1, min(end, len(lines))):
        inner = _parts(lines[index])
        if inner[1] and _indent(lines[index]) <= limit:
            return index - 1
    return None


def _outline(lines: list[str], until: int) -> _Outline:
    """Return the layout of the lines above *until*."""
    found = _Outline()
    index = 0
    while index < until:
        line = lines[index]
        if line.startswith(("---", "...")):
            found.levels.clear()
        if _blank(line) or line.startswith(("---", "...")):
            index += 1
            continue
        found.block = None
        start, key, value = _parts(line)
        _place(found.levels, line, index, start, key)
        mark = line[value : value + 1]
        owner = start if key else line.rfind("-", 0, start)
        if _BLOCK.match(line, value) and (key or owner >= 0):
            first, index = index, index + 1
            body = 0
            while index < len(lines):
                if lines[index].strip():
                    body = body or _indent(lines[index])
                    if body <= owner or _indent(lines[index]) < body:
                        break
                index += 1
            found.block = first, owner, body if body > owner else 0
            continue
        if mark and mark in "'\"[{" and (key or owner >= 0):
            end = _end(lines, index, value)
            swallowed = _swallowed(lines, index, value, min(end, len(lines)))
            if found.open is None and swallowed is not None:
                found.open = _Open(index, value, mark, swallowed)
            elif found.open is None and end > len(lines):
                found.open = _Open(index, value, mark, _last(lines))
            index = min(max(end, index + 1), len(lines))
            continue
        index += 1
    return found


def _last(lines: list[str]) -> int:
    """Return the last line with anything on it."""
    return max(index for index, each in enumerate(lines) if not _blank(each))


def _end(lines: list[str], line: int, column: int) -> int:
    """Return the line after the quote or bracket at *column* is closed; past all if it is not."""
    text = "\n".join([lines[line][column:], *lines[line + 1 : line + _LONG]])
    if text[0] in _QUOTED:
        closed = _QUOTED[text[0]].match(text)
        at = closed.end() if closed else 0
    else:
        at = _end_of_bracket(text)
    return line + text.count("\n", 0, at) + 1 if at else len(lines) + 1


def _end_of_bracket(text: str) -> int:
    """Return where the bracket that begins *text* is closed, 0 if it is not, or wrongly."""
    inside: list[str] = []
    at = 0
    while at < len(text):
        character = text[at]
        # A quotation mark inside a word begins no text.
        if character in _QUOTED and text[at - 1] in " \n[{,:":
            closed = _QUOTED[character].match(text, at)
            if closed is None:
                return 0
            at = closed.end()
            continue
        if character == "#" and text[at - 1] in " \n":
            at = text.find("\n", at)
            if at < 0:
                return 0
        at += 1
        if character in _CLOSING:
            inside.append(_CLOSING[character])
        elif character in "]}":
            if inside.pop() != character:
                return 0
            if not inside:
                return at
    return 0


def _place(levels: list[_Level], line: str, index: int, start: int, key: str) -> None:
    """Enter the '-' and the field of *line* into the *levels* that are open."""
    dashes = [at for at in range(start) if line[at] == "-"][:DEPTH]
    for column in [*dashes, *([start] if key else [])]:
        dash = column in dashes
        while levels and (
            levels[-1].column > column or (levels[-1].column == column and levels[-1].dashes > dash)
        ):
            levels.pop()
        if levels and levels[-1].column == column and levels[-1].dashes == dash:
            levels[-1].lines.append(index)
        else:
            levels.append(_Level(column, dash, [index]))
        if not dash:
            levels[-1].keys.append(key)


# -- the mistakes: each rule gets the lines, the line in doubt, and where libyaml gave up


def _spaces(count: int) -> Text:
    if not count:
        return {"da": "uden mellemrum", "en": "with no spaces"}
    return {
        "da": f"med {count} mellemrum",
        "en": f"with {count} space{'s' if count > 1 else ''}",
    }


def _known(lines: list[str], word: str) -> int:
    """Return how many lines have a field called *word*."""
    return sum(_parts(each)[1] == word for each in lines)


def _step(lines: list[str]) -> int:
    """Return by how much fields are mostly indented below the one they belong to."""
    steps: dict[int, int] = {}
    before = 0
    for line in lines:
        if not _blank(line):
            now = _indent(line)
            if now > before:
                steps[now - before] = steps.get(now - before, 0) + 1
            before = now
    return max(steps, key=lambda each: (steps[each], each == 2), default=2)


def _blanks(fault: _Fault) -> Iterator[_Cure]:
    """Tabs and non-breaking spaces where a line is indented."""
    lines = fault.lines
    for index in dict.fromkeys((fault.line, fault.suspect)):
        text = lines[index]
        rest = text.lstrip(" \t\u00a0")
        lead = text[: len(text) - len(rest)]
        tab, hard = lead.find("\t"), lead.find("\u00a0")
        if tab < 0 and hard < 0:
            continue
        outline = _outline(lines, index)
        deepest = outline.levels[-1].column if outline.levels else 0
        wanted = [deepest + _step([each for each in lines if "\t" not in each]), deepest]
        wanted += [each.column for each in reversed(outline.levels)]
        # What stands deeper than a value would only be read as more of it.
        above = [each for each in lines[:index] if not _blank(each)]
        if above and _parts(above[-1])[2] < len(above[-1].rstrip()):
            wanted = wanted[1:]
        for count in list(dict.fromkeys(wanted))[:_COLUMNS]:
            how = _spaces(count)
            thing: Text = {"da": "en tabulator", "en": "a tab"}
            if tab < 0:
                thing = {"da": "et hårdt mellemrum", "en": "a non-breaking space"}
            yield _Cure(
                index,
                tab if tab >= 0 else hard,
                {
                    "da": f"linje {index + 1} er rykket ind med {thing['da']}",
                    "en": f"line {index + 1} is indented with {thing['en']}",
                },
                {
                    "da": f"slet indrykningen, og begynd linjen {how['da']}",
                    "en": f"delete the indentation and begin the line {how['en']}",
                },
                {index: " " * count + rest},
            )


def _close(lines: list[str], opened: _Open) -> _Cure:
    """Return the cure of a quote or bracket that is not closed."""
    end = opened.last
    while end > opened.line and _blank(lines[end]):
        end -= 1
    quote = opened.mark in _QUOTED
    closing = opened.mark if quote else _CLOSING[opened.mark]
    text = lines[end].rstrip() if quote else _COMMENT.sub("", lines[end])
    thing: Text = {"da": "klammen", "en": "bracket"}
    if quote:
        thing = {"da": "anførselstegnet", "en": "quotation mark"}
    return _Cure(
        opened.line,
        opened.column,
        {
            "da": f"{thing['da']} {opened.mark} bliver ikke lukket",
            "en": f"the {thing['en']} {opened.mark} is not closed",
        },
        {
            "da": f"skriv {closing} efter det sidste ord på linje {end + 1}",
            "en": f"write {closing} after the last word of line {end + 1}",
        },
        {end: text + closing},
    )


def _opened(fault: _Fault) -> Iterator[_Cure]:
    """A quotation mark or a bracket that is not closed."""
    opened = _outline(fault.lines, fault.line + 1).open
    if opened is not None:
        yield _close(fault.lines, opened)


def _body(fault: _Fault) -> Iterator[_Cure]:
    """A text below '>-' or '|' of which a line is not indented enough."""
    lines, suspect = fault.lines, fault.suspect
    block = _outline(lines, suspect).block
    if block is None or _parts(lines[suspect])[1]:
        return
    first, owner, body = block
    usual = owner + _step(lines)
    begins = next(index for index in range(first + 1, suspect + 1) if lines[index].strip())
    if _indent(lines[suspect]) == usual < body:
        how = _spaces(usual)
        yield _Cure(
            begins,
            body,
            {
                "da": f"linje {begins + 1} er rykket anderledes ind end linje {suspect + 1}",
                "en": f"line {begins + 1} is indented differently from line {suspect + 1}",
            },
            {
                "da": f"begynd linje {begins + 1} {how['da']} som linje {suspect + 1}",
                "en": f"begin line {begins + 1} {how['en']} like line {suspect + 1}",
            },
            {begins: " " * usual + lines[begins].lstrip()},
        )
    count = body or usual
    mended: dict[int, str] = {}
    index = suspect
    while index < len(lines) and not _parts(lines[index])[1]:
        if lines[index].strip() and _indent(lines[index]) < count:
            mended[index] = " " * max(count, _indent(lines[index])) + lines[index].lstrip()
        index += 1
    how, last = _spaces(count), max(mended, default=suspect) + 1
    which: Text = {"da": f"linje {suspect + 1}", "en": f"line {suspect + 1}"}
    if last > suspect + 1:
        which = {
            "da": f"linje {suspect + 1} til {last}",
            "en": f"each of the lines {suspect + 1} to {last}",
        }
    yield _Cure(
        suspect,
        _indent(lines[suspect]),
        {
            "da": f"linje {suspect + 1} er ikke rykket så langt ind som teksten, "
            f"der begynder under linje {first + 1}",
            "en": f"line {suspect + 1} is not indented as far as the text "
            f"that begins below line {first + 1}",
        },
        {"da": f"begynd {which['da']} {how['da']}", "en": f"begin {which['en']} {how['en']}"},
        mended,
    )


def _crowded(fault: _Fault) -> Iterator[_Cure]:
    """No space, or one that is none, after a colon or a '-'."""
    lines = fault.lines
    above = [index for index in range(fault.line) if not _blank(lines[index])][-1:]
    for index in dict.fromkeys((fault.suspect, *above)):
        text = lines[index]
        start = _lead(text)
        found = _CLOSE_UP.match(text, start)
        if found is not None:
            key, rest = found[1], text[found.end() :].lstrip(" \u00a0")
            meant = f"{key}: {rest}"
            message: Text = {
                "da": f"der mangler et mellemrum efter '{key}:'",
                "en": f"there is no space after '{key}:'",
            }
            if "\u00a0" in found[2]:
                message = {
                    "da": f"der står et hårdt mellemrum efter '{key}:'",
                    "en": f"there is a non-breaking space after '{key}:'",
                }
            yield _Cure(index, found.end(1), message, _write(meant), {index: text[:start] + meant})
        elif text[start : start + 1] == "-" and text[start + 1 : start + 2].strip():
            meant = f"- {text[start + 1 :]}"
            yield _Cure(
                index,
                start,
                {"da": "der mangler et mellemrum efter '-'", "en": "there is no space after '-'"},
                _write(meant),
                {index: text[:start] + meant},
            )


def _write(meant: str) -> Text:
    """Return the cure to write *meant*."""
    if len(meant) > _SHORT:
        meant = f"{meant[: _SHORT // 2].rstrip()} …"
    return {"da": f"skriv: {meant}", "en": f"write: {meant}"}


def _in_quotes(text: str) -> str:
    """Return *text* in the quotes that need least inside them."""
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def _value(fault: _Fault) -> Iterator[_Cure]:
    """A value that must be in quotes, or is not rightly in them."""
    lines, line, column = fault.lines, fault.line, fault.column
    text = lines[line]
    _start, key, at = _parts(text)
    value = _COMMENT.sub("", text[at:])
    first = value[:1]
    # The fault is before the value, or the value is the rest of another line's.
    if not value or column < at or (not key and at == 0):
        return
    whole = _in_quotes(value)
    message: Text = {
        "da": f"en tekst kan ikke begynde med {first} uden anførselstegn",
        "en": f"a text cannot begin with {first} unless it is in quotes",
    }
    help = _around(value, whole)
    place = at
    tail = text[at + len(value) :]
    if first in _QUOTED:
        closed = _QUOTED[first].match(value)
        if closed is None:
            return
        if "escape" in fault.problem or "hex" in fault.problem:
            whole = "'" + value[1:-1].replace("'", "''") + "'"
            place = text.rfind("\\", 0, column + 1)
            odd = text[place : place + 2]
            message = {
                "da": f"{odd} betyder ikke noget i en tekst i dobbelte anførselstegn",
                "en": f"{odd} means nothing in a text in double quotes",
            }
            help = _around(value[1:-1], whole)
        else:
            place = at + closed.end() - 1
            message = {
                "da": f"teksten slutter ved tegnet {first} her, men der kommer mere",
                "en": f"the text ends at the {first} here, but more follows",
            }
            letters = value[closed.end() - 2].isalnum() and value[closed.end()].isalnum()
            if first == "'" and letters:
                body = value[1:].removesuffix("'")
                whole = "'" + body.replace("'", "''") + "'"
                help = {
                    "da": f"skriv hver apostrof i teksten to gange: {whole}",
                    "en": f"write every apostrophe in the text twice: {whole}",
                }
                if len(whole) > _SHORT:
                    help = {
                        "da": "skriv hver apostrof i teksten to gange: ''",
                        "en": "write every apostrophe in the text twice: ''",
                    }
    elif first in "[{":
        end = _end_of_bracket(value)
        if not end:
            other = {"]": "}", "}": "]"}
            if text[column : column + 1] in other:
                right = other[text[column]]
                yield _Cure(
                    line,
                    column,
                    {
                        "da": f"her skal stå {right} og ikke {text[column]}",
                        "en": f"{right} must stand here and not {text[column]}",
                    },
                    {"da": f"skriv {right}", "en": f"write {right}"},
                    {line: text[:column] + right + text[column + 1 :]},
                )
            return
        if value[end:].strip("]} ") == "" and end < len(value):
            yield _Cure(
                line,
                at + end,
                {
                    "da": f"der er et {value[end]} for meget",
                    "en": f"there is one {value[end]} too many",
                },
                {"da": "slet det", "en": "delete it"},
                {line: text[: at + end] + tail},
            )
            return
        if end == len(value):
            return
        message = {
            "da": f"klammen lukkes med {value[end - 1]}, men der kommer mere",
            "en": f"the bracket is closed by {value[end - 1]}, but more follows",
        }
        place = at + end - 1
    elif first == "-":
        message = {
            "da": "'-' begynder et punkt på en liste og kan ikke stå lige efter et felt",
            "en": "'-' begins an item of a list and cannot stand right after a field",
        }
        if value == "-":
            help = {
                "da": 'slet linjen, hvis der ingen værdi er; skriv "-", hvis det er en tekst',
                "en": 'delete the line if there is no value; write "-" if it is a text',
            }
        else:
            help = {
                "da": f"{help['da']}; en liste begynder på næste linje",
                "en": f"{help['en']}; a list begins on the next line",
            }
    elif first not in "@`%*&!|>?,]}":
        if ": " not in value and not value.endswith(":"):
            return
        place = column
        message = {
            "da": "teksten indeholder et kolon med mellemrum efter",
            "en": "the text contains a colon with a space after it",
        }
    yield _Cure(line, place, message, help, {line: text[:at] + whole + tail})


def _around(value: str, whole: str) -> Text:
    """Return the cure to put quotes around *value*, which *whole* is then."""
    if len(whole) <= _SHORT:
        return {
            "da": f"sæt anførselstegn om hele teksten: {whole}",
            "en": f"put quotes around the whole text: {whole}",
        }
    mark = whole[0]
    if mark == "'" and "'" in value:
        return {
            "da": "sæt ' om hele teksten, og skriv '' for hver apostrof i den",
            "en": "put ' around the whole text, and write '' for every apostrophe in it",
        }
    return {
        "da": f"sæt {mark} før og efter hele teksten",
        "en": f"put {mark} before and after the whole text",
    }


def _text(fault: _Fault) -> Iterator[_Cure]:
    """A text over several lines, one of them with a colon and a space in it."""
    lines, line = fault.lines, fault.line
    if "mapping values" not in fault.problem:
        return
    outline = _outline(lines, line)
    fields = [each for each in outline.levels if not each.dashes]
    if not fields:
        return
    first = fields[-1].lines[-1]
    word = _parts(lines[line])[1]
    start, _, at = _parts(lines[first])
    # A line that looks like a field is one, unless it stands well inside a text.
    if _indent(lines[line]) <= start or (word and (line - first < 2 or _known(lines, word) > 1)):
        return
    last = line
    while last + 1 < len(lines) and lines[last + 1].strip() and _indent(lines[last + 1]) > start:
        last += 1
    value = "\n".join([lines[first][at:], *lines[first + 1 : last + 1]])
    if value[:1] in ("", *_QUOTED, *"[{|>#"):
        return
    mark = "'" if '"' in value or "\\" in value else '"'
    if mark in value:
        return
    mended = {first: lines[first][:at] + mark + lines[first][at:]}
    mended[last] = mended.get(last, lines[last]).rstrip() + mark
    yield _Cure(
        line,
        fault.column,
        {
            "da": "teksten indeholder et kolon med mellemrum efter",
            "en": "the text contains a colon with a space after it",
        },
        {
            "da": f"sæt {mark} før teksten på linje {first + 1} og efter den på linje {last + 1}",
            "en": f"put {mark} before the text on line {first + 1} and after it on line {last + 1}",
        },
        mended,
    )


def _wordy(fault: _Fault) -> Iterator[_Cure]:
    """A line that is no field: the colon is missing, or the '- ', or it belongs to a text."""
    lines, suspect = fault.lines, fault.suspect
    text = lines[suspect]
    start, key, _ = _parts(text)
    outline = _outline(lines, suspect)
    rest = text[start:].rstrip()
    lists = [each for each in outline.levels if each.dashes and each.column == start]
    firsts = [each.keys[0] for each in outline.levels if not each.dashes and each.keys]
    if lists and (not key or key in firsts or outline.levels[-1] is lists[-1]):
        meant = f"- {rest}"
        mended = {suspect: text[:start] + meant}
        after = suspect + 1
        while key and after < len(lines) and (_blank(lines[after]) or _lead(lines[after]) > start):
            after += 1
        yield _Cure(
            suspect,
            start,
            {
                "da": f"der mangler '- ' på linje {suspect + 1}, "
                f"som der står på linje {lists[-1].lines[-1] + 1}",
                "en": f"'- ' is missing on line {suspect + 1}, "
                f"as it stands on line {lists[-1].lines[-1] + 1}",
            },
            _write(meant),
            mended,
        )
    if key or "expected ':'" not in fault.problem or not rest:
        return
    word, _, more = rest.partition(" ")
    word = word.rstrip(";=")
    if re.fullmatch(r"\w[\w.-]*", word) and (not more or _known(lines, word)):
        meant = f"{word}: {more.lstrip(' =;')}".rstrip()
        yield _Cure(
            suspect,
            start + len(word),
            {
                "da": f"der mangler et kolon efter '{word}'",
                "en": f"there is no colon after '{word}'",
            },
            _write(meant if more else f"{word}: …"),
            {suspect: text[:start] + meant},
        )
        return
    fields = [each for each in outline.levels if not each.dashes]
    if fields:
        count = fields[-1].column + _step(lines)
        how, first = _spaces(count), fields[-1].lines[-1]
        yield _Cure(
            suspect,
            start,
            {
                "da": f"linje {suspect + 1} er hverken et felt eller rykket ind under "
                f"teksten fra linje {first + 1}",
                "en": f"line {suspect + 1} is neither a field nor indented below the text "
                f"of line {first + 1}",
            },
            {
                "da": f"begynd linje {suspect + 1} {how['da']}, hvis den hører til teksten; "
                f"skriv ': ' efter feltets navn, hvis den er et felt",
                "en": f"begin line {suspect + 1} {how['en']} if it belongs to the text; "
                f"write ': ' after the name of the field if it is a field",
            },
            {suspect: " " * count + rest},
        )


def _indented(fault: _Fault) -> Iterator[_Cure]:
    """A field that does not stand below the others of its kind."""
    lines, line = fault.lines, fault.line
    text = lines[line]
    now = _indent(text)
    start, key, _ = _parts(text)
    dash = text[now : now + 1] == "-" and start > now
    if not key and not dash:
        return
    levels = _outline(lines, line).levels
    # The two lines that differ tell nothing about what is right.
    doubted = {line, levels[-1].lines[0]} if levels else set()
    step = _step([each for index, each in enumerate(lines) if index not in doubted])
    above = _wrong_above(lines, levels, now, step) if levels and not dash else None
    if above is not None:
        yield _moved(lines, levels[-1].lines[-1], line, above, alone=True)
    wanted = [each for each in levels if each.dashes == dash and each.column != now]
    columns = [(_indent(each), _parts(each)[1]) for each in lines]
    follows = _follows([each for index, each in enumerate(lines) if index != line])
    wanted.sort(
        key=lambda each: (
            abs(each.column - now),
            -bool(each.keys and (each.keys[-1], key) in follows),
            -columns.count((each.column, key)),
            # The field was never among those of this column, though they stand together often.
            bool(each.keys) and columns.count((each.column, each.keys[0])) > 1,
            -each.column,
        )
    )
    for level in wanted[:_COLUMNS]:
        for alone in (True, False):
            yield _moved(lines, line, level.lines[-1], level.column, alone=alone)


def _follows(lines: list[str]) -> set[tuple[str, str]]:
    """Return which field comes right after which in the same place."""
    pairs = set()
    open_keys: list[tuple[int, str]] = []
    for line in lines:
        start, key, _ = _parts(line)
        if not key:
            continue
        while open_keys and open_keys[-1][0] > start:
            open_keys.pop()
        if open_keys and open_keys[-1][0] == start:
            # After a '-' the fields begin over again.
            if _indent(line) == start:
                pairs.add((open_keys[-1][1], key))
            open_keys.pop()
        open_keys.append((start, key))
    return pairs


def _wrong_above(lines: list[str], levels: list[_Level], now: int, step: int) -> int | None:
    """Return where the last line of *levels* should begin, if it is it that stands wrongly.

    The field that does not fit begins at *now*.
    """
    last = levels[-1]
    line = last.lines[-1]
    if last.dashes:
        return None
    indent = _indent(lines[line])
    if indent < last.column:
        # The first field of an item moves with its '-', and other items tell where that stands.
        wanted = now - (last.column - indent)
        dashes = [_indent(each) for each in lines if each.lstrip().startswith("- ")]
        dashes.remove(indent)
        return wanted if wanted >= 0 and dashes.count(wanted) > dashes.count(indent) else None
    if len(last.lines) == 1:
        parent = levels[-2].column if len(levels) > 1 else -step
        return now if now == parent + step != last.column else None
    owner = last.lines[-2]
    empty = _parts(lines[owner])[2] >= len(lines[owner].rstrip())
    empty = empty and all(_blank(each) for each in lines[owner + 1 : line])
    return now if empty and now == last.column + step else None


def _moved(lines: list[str], line: int, other: int, column: int, *, alone: bool) -> _Cure:
    """Return the cure to begin *line* at *column*, as *other* does; *alone* or with its block."""
    text, now = lines[line], _indent(lines[line])
    mended = {line: " " * column + text.lstrip(" ")}
    last = line
    if not alone:
        index = line + 1
        while index < len(lines) and (_blank(lines[index]) or _indent(lines[index]) > now):
            if not _blank(lines[index]):
                mended[index] = " " * (_indent(lines[index]) + column - now) + lines[index].lstrip()
                last = index
            index += 1
    dash = text[now : now + 1] == "-" and _parts(text)[0] > now
    names = [
        ("-" if dash else _parts(lines[each])[1] or lines[each].split()[0])
        for each in (line, other)
    ]
    how = _spaces(column)
    where: Text = {"da": "under", "en": "below"} if other < line else {"da": "over", "en": "above"}
    help = {
        "da": f"begynd linje {line + 1} {how['da']}, så '{names[0]}' står lige "
        f"{where['da']} '{names[1]}' på linje {other + 1}",
        "en": f"begin line {line + 1} {how['en']}, so that '{names[0]}' stands right "
        f"{where['en']} '{names[1]}' of line {other + 1}",
    }
    if dash and names[1] != "-":
        help = {
            "da": f"begynd linje {line + 1} {how['da']}",
            "en": f"begin line {line + 1} {how['en']}",
        }
    if last > line:
        block: Text = {"da": f"linje {line + 2}", "en": f"line {line + 2}"}
        if last > line + 1:
            block = {
                "da": f"linje {line + 2} til {last + 1}",
                "en": f"the lines {line + 2} to {last + 1}",
            }
        help = {
            "da": f"{help['da']}, og ryk {block['da']} lige så meget",
            "en": f"{help['en']}, and move {block['en']} by as much",
        }
    return _Cure(
        line,
        now,
        {
            "da": f"linje {line + 1} er rykket anderledes ind end linje {other + 1}",
            "en": f"line {line + 1} is indented differently from line {other + 1}",
        },
        help,
        mended,
        len(names[0]),
    )
