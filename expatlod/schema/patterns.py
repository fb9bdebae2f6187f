"""Write what the reader accepts as regular expressions that every editor runs.

Only what Python, ECMA 262 (with its `u` flag) and PCRE read alike is used: no flags, no named
groups, no needless escapes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

__all__ = [
    "DATE",
    "EXTENDED_DATE",
    "IRI",
    "LINE",
    "LOCAL_NAME",
    "MAIL",
    "MAILTO",
    "MONTH",
    "PART",
    "URN",
    "YEAR",
    "always_filled",
    "decimal",
    "escaped",
    "ignoring_case",
    "integer",
    "one_of",
    "plain_numbers",
    "written",
]

# Letters outside ASCII that an IRI may hold, without those that cannot be seen.
_LETTERS = "\u00a1-\u00ac\u00ae-\u0618\u0620-\u1fff\u3040-\ud7ff"
_IN_IRI = f"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?{_LETTERS}-]|%[0-9A-Fa-f]{{2}})"
_HOST = "[A-Za-z0-9]+(?:[.-]+[A-Za-z0-9]+)*"

#: IRIs that are links; `expatlod.iris.is_iri` takes a few more.
IRI = f"^https?://{_HOST}(?::[0-9]{{1,5}})?(?:[/?]{_IN_IRI}*)?(?:#{_IN_IRI}*)?$"
MAIL = f"^[A-Za-z0-9._+-]+@{_HOST}$"
MAILTO = f"^mailto:[A-Za-z0-9._+-]+@{_HOST}$"
URN = "^urn:[a-z0-9][a-z0-9-]{0,30}:[A-Za-z0-9._~:-]+$"

_NAME = "[a-z0-9]+(?:-[a-z0-9]+)*"
_DEVICE = "(?:con|prn|aux|nul|com[0-9]|lpt[0-9])"

#: The id of a record or a part, as `expatlod.iris.is_local_name` has it, but for the length.
LOCAL_NAME = f"^(?!{_DEVICE}$){_NAME}$"
PART = f"^#(?!{_DEVICE}$){_NAME}$"

#: Text on one line, without blanks around it.
LINE = r"^\S(?:[^\r\n]*\S)?$"

_ANY_YEAR = "(?!0000)[0-9]{4}"
_LEAP_YEAR = (
    "(?:(?!0000)(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00))"
)
_DAY = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_ANY_DATE = f"(?:{_ANY_YEAR}-{_DAY}|{_LEAP_YEAR}-02-29)"

#: Dates that exist, and parts of them.
DATE = f"^{_ANY_DATE}$"
YEAR = f"^{_ANY_YEAR}$"
MONTH = f"^{_ANY_YEAR}-(?:0[1-9]|1[0-2])$"

_ANY_MONTH = "(?:0[1-9]|1[0-2])"
# A winter of the last year would end in the year 10000.
_SEASON = f"(?:{_ANY_YEAR}-2[1-3]|(?!9999){_ANY_YEAR}-24)"
_SIDE = (
    f"(?:(?:{_ANY_DATE}|{_SEASON}|{_ANY_YEAR}-{_ANY_MONTH}(?:-XX)?|{_ANY_YEAR}(?:-XX(?:-XX)?)?"
    "|(?!000)[0-9]{3}X|(?!00)[0-9]{2}XX)[?~%]?)"
)

#: Dates and periods of EDTF levels 0 and 1, as `expatlod.periods.bounds` reads them.
EXTENDED_DATE = f"^(?:{_SIDE}(?:/(?:{_SIDE}|[.][.])?)?|(?:[.][.])?/{_SIDE})$"

_SYNTAX = re.compile(r"[\\^$.*+?()\[\]{}|/]")


def escaped(text: str) -> str:
    r"""Return a pattern for *text* itself; `re.escape` escapes what ECMA 262 refuses.

    >>> print(escaped("ca. 5-7"))
    ca\. 5-7
    """
    return _SYNTAX.sub(lambda found: "\\" + found.group(), text)


def one_of(words: Iterable[str]) -> str:
    """Return a pattern for any of *words*, whole; the longest first."""
    return "(?:" + "|".join(map(escaped, sorted(set(words), key=lambda w: (-len(w), w)))) + ")"


def ignoring_case(pattern: str) -> str:
    """Return *pattern* with every letter outside a class in both its cases.

    >>> ignoring_case("ca[.] (?:x)")
    '[Cc][Aa][.] (?:[Xx])'
    """
    return "".join(
        f"[{token.upper()}{token.lower()}]" if _has_cases(token) else token
        for token in _tokens(pattern)
    )


def _has_cases(token: str) -> bool:
    return len(token) == len(token.upper()) == len(token.lower()) == 1 and token.isalpha()


# A class, an escape, the opening of a group, or one character.
_TOKEN = re.compile(
    r"\[\^?\]?(?:\\.|[^\]\\])*\]|\\.|\(\?P<\w+>|\(\?-?[a-z]*:|\(\?<?[=!]|\{[0-9,]+\}|.", re.DOTALL
)


def _tokens(pattern: str) -> list[str]:
    return _TOKEN.findall(pattern)


def written(pattern: str, words: Mapping[str, Iterable[str]]) -> str:
    """Return the *pattern* of a written form without named groups, in both cases of its letters.

    What a group of *words* may hold is one of them; words that the group cannot hold are left out.
    """
    return "^" + "".join(_without_names(_tokens(pattern), words)) + "$"


def _without_names(tokens: list[str], words: Mapping[str, Iterable[str]]) -> list[str]:
    done: list[str] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        end = _group_end(tokens, index) if token.startswith("(") else index
        name = re.match(r"\(\?P<(\w+)>", token)
        if name is not None:
            inner = tokens[index + 1 : end]
            if name[1] in words:
                holds = re.compile("".join(inner), re.IGNORECASE)
                fit = {word.lower() for word in words[name[1]] if holds.fullmatch(word)}
                done.append(ignoring_case(one_of(fit)))
            else:
                done += ["(?:", *_without_names(inner, words), ")"]
            index = end + 1
            continue
        if token.startswith("(?-i:"):
            done += ["(?:", *tokens[index + 1 : end + 1]]
            index = end + 1
            continue
        done.append(ignoring_case(token) if _has_cases(token) else token)
        index += 1
    return done


def always_filled(pattern: str) -> set[str]:
    """Return the named groups of *pattern* that take part in every match.

    >>> always_filled("(?P<a>x)(?: (?P<b>y))?") == {"a"}
    True
    """
    return _always_filled(_tokens(pattern))


def _always_filled(tokens: list[str]) -> set[str]:
    branches: list[set[str]] = [set()]
    index = 0
    while index < len(tokens):
        step = tokens[index]
        if step == "|":
            branches.append(set())
        elif step.startswith("("):
            end = _group_end(tokens, index)
            times = tokens[end + 1] if end + 1 < len(tokens) else ""
            if times not in ("?", "*") and not times.startswith("{0"):
                name = re.match(r"\(\?P<(\w+)>", step)
                branches[-1] |= {name[1]} if name else set()
                branches[-1] |= _always_filled(tokens[index + 1 : end])
            index = end
        index += 1
    return set.intersection(*branches)


def _group_end(tokens: list[str], start: int) -> int:
    depth = 0
    for index in range(start, len(tokens)):
        if tokens[index].startswith("("):
            depth += 1
        elif tokens[index] == ")":
            depth -= 1
            if not depth:
                return index
    raise AssertionError("a compiled pattern closes its groups")


def integer(low: int | None, high: int | None) -> str:
    """Return a pattern for whole numbers from *low* to *high*, or '' where that cannot be said."""
    if low is None and high is None:
        return "^[+-]?[0-9]+$"
    if low is None or low < 0:
        return ""
    return f"^[+]?0*(?:{_whole(low, high)})$"


def decimal(low: int | None, high: int | None) -> str:
    """Return a pattern for decimal numbers from *low* to *high*, or '' where that cannot be said.

    >>> all(re.search(decimal(0, 100), text) for text in ("0", "12.5", ".5", "100.00"))
    True
    >>> any(re.search(decimal(0, 100), text) for text in ("100.01", "-1", "1e2", "."))
    False
    """
    any_number = "(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)"
    if low is None and high is None:
        return f"^[+-]?{any_number}$"
    if low is None or low < 0:
        return ""
    if high is None:
        return (
            f"^[+]?{any_number}$" if low == 0 else f"^[+]?0*(?:{_whole(low, None)})(?:[.][0-9]*)?$"
        )
    options = [f"{high}(?:[.]0*)?"]
    if high > low:
        options.append(f"(?:{_whole(low, high - 1)})(?:[.][0-9]*)?")
    if low == 0 < high:
        options.append("[.][0-9]+")
    return f"^[+]?0*(?:{'|'.join(options)})$"


def _whole(low: int, high: int | None) -> str:
    """Return a pattern for the whole numbers from *low* to *high*, without leading zeros."""
    if high is None:
        digits = len(str(low))
        return f"{_whole(low, 10**digits - 1)}|[1-9][0-9]{{{digits},}}"
    options = []
    while low <= high:
        # The longest run of numbers that differ in their last digits only.
        size = 1
        while low % (size * 10) == 0 and low + size * 10 - 1 <= high and low:
            size *= 10
        top = min(high, low + (9 - low // size % 10) * size + size - 1)
        top = low + (top - low + 1) // size * size - 1
        first, last = low // size % 10, top // size % 10
        head = str(low // size // 10) if low // size >= 10 else ""
        tail = f"[0-9]{{{len(str(size)) - 1}}}" if size > 1 else ""
        options.append(f"{head}{first if first == last else f'[{first}-{last}]'}{tail}")
        low = top + 1
    return "|".join(options)


#: The longest whole number that is looked at as text.
_MOST_DIGITS = 12


def plain_numbers(accepts: Callable[[str], bool]) -> list[tuple[int, int | None]]:
    """Return the ranges of whole numbers whose text *accepts* takes, by their number of digits.

    An editor sees 2012 as a number. Some sixty numbers stand for all those of one length.

    >>> plain_numbers(re.compile("[0-9]{4}").fullmatch)
    [(1000, 9999)]
    """
    ranges: list[tuple[int, int | None]] = []
    for digits in range(1, _MOST_DIGITS + 1):
        low, high = 10 ** (digits - 1) if digits > 1 else 0, 10**digits - 1
        step = max(1, (high - low) // 59)
        if not all(accepts(str(number)) for number in (*range(low, high, step), high)):
            continue
        end = None if digits == _MOST_DIGITS else high
        if ranges and ranges[-1][1] == low - 1:
            ranges[-1] = (ranges[-1][0], end)
        else:
            ranges.append((low, end))
    return ranges
