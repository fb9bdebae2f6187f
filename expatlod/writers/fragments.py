"""What an author's text becomes, remembered: the end of a triple, checked and ready-made.

A fragment is predicate, object, full stop and line end; the subject goes in front. Records repeat
themselves, so that most values are looked up and not checked again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from expatlod.canonical import LANGUAGE_TAG, MAIL, bound_of, identify
from expatlod.fields import CODE, IRI, LITERAL, REFERENCE, Field
from expatlod.guesses import MEANT_LANGUAGES
from expatlod.iris import LOCAL_NAME, is_iri, is_local_name
from expatlod.lexical import EDTF, is_lexical
from expatlod.namespaces import PREFIXES, expand
from expatlod.periods import bounds
from expatlod.profile import Model

__all__ = [
    "ESCAPED",
    "MISSING",
    "Figure",
    "Memo",
    "OddError",
    "ZeroError",
    "escape",
    "fragment",
    "group",
    "is_name",
    "language",
    "local_name",
    "merged",
    "number",
    "pointer",
    "reader",
    "typed",
    "words",
]

T = TypeVar("T")

#: Fragment and canonical value by key.
_Group = dict[str, tuple[bytes, object]]

# So many values are remembered, of at most so many characters: a memo stays below half a megabyte.
_MOST = 1000
_LONGEST = 200

# Any more digits are no number for the lexical forms, and slow to write.
_LARGEST_NUMBER = 10**100

# Far below what `is_local_name` takes.
_LONGEST_NAME = 60

#: The characters that N-Triples escapes in texts.
ESCAPED = '"\\\n\r'

# Addresses that nothing is odd about: all of them are IRIs for `is_iri`, which takes five times
# as long to say so.
_PLAIN_IRI = re.compile(
    r"https?://[a-z0-9]{1,60}(?:[.-][a-z0-9]{1,60}){1,8}"
    r"(?:/[A-Za-z0-9._~-]{0,100}){0,8}(?:\?[A-Za-z0-9._~=&-]{0,100})?(?:#[A-Za-z0-9._~-]{0,100})?"
)


# The computations that are about the first side of a period; and what stands for an open side.
_STARTS = ("earliestStart", "latestStart", "start")
_OPEN = ("", "..")


class OddError(Exception):
    """What is read is not perfectly ordinary: the interpretive converter has to look at it."""


class ZeroError(OddError):
    """A number is 0, and may have been written -0."""


class _Missing:
    """What nothing is equal to."""

    __slots__ = ()


MISSING = _Missing()


class Figure:
    """A number with a fraction or an exponent, as it is written; it is equal to no text."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Memo(Generic[T]):
    """Remembers what *make* makes of a text; *make* raises OddError for what is not in order.

    *known* is looked into first, by who is in a hurry. When it is full everything is forgotten:
    two million different values need no more memory than some thousand.
    """

    __slots__ = ("known", "make")

    def __init__(self, make: Callable[[str], T]) -> None:
        self.known: dict[str, T] = {}
        self.make = make

    def __call__(self, text: str) -> T:
        """Return what *text* becomes."""
        if text.__class__ is not str or not text:
            raise OddError
        found = self.known.get(text)
        if found is None:
            found = self.make(text)
            if len(text) <= _LONGEST:
                if len(self.known) >= _MOST:
                    self.known.clear()
                self.known[text] = found
        return found


def escape(text: str) -> str:
    """Return *text* as it stands between the quotes of N-Triples."""
    # Much faster than `translate`, and the backslash has to come first.
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if '"' in text:
        text = text.replace('"', '\\"')
    if "\n" in text:
        text = text.replace("\n", "\\n")
    if "\r" in text:
        text = text.replace("\r", "\\r")
    return text


def fragment(model: Model, each: Field, value: object) -> bytes:
    """Return the end of the triple for a canonical *value* of a field that is no text or part.

    Raises OddError for what UTF-8 cannot hold.
    """
    try:
        return _fragment(model, each, value).encode()
    except UnicodeEncodeError as error:
        raise OddError from error


def _fragment(model: Model, each: Field, value: object) -> str:
    if isinstance(value, dict):
        datatype = expand(str(value["@type"]), model.context_prefixes)
        return f'<{each.path}> "{escape(str(value["@value"]))}"^^<{datatype}> .\n'
    if each.kind == LITERAL:
        plain = each.datatype == PREFIXES["xsd"] + "string"
        suffix = "" if plain else f"^^<{each.datatype}>"
        return f'<{each.path}> "{escape(str(value))}"{suffix} .\n'
    return f"<{each.path}> <{value}> .\n"


# -- values


def reader(model: Model, base: str, each: Field) -> Callable[[str], str]:
    """Return what makes a field's canonical value of the author's text; it raises OddError."""
    if each.kind == LITERAL:
        return lambda text: _literal(each, text)
    if each.kind == CODE:
        codes = model.codelists[each.codelist]
        return lambda text: _code(codes.find(text), text, model.code_facts)
    assert each.kind in (REFERENCE, IRI)
    if each.kind == IRI:
        return _iri
    segment = model.classes_by_iri[each.target].segment
    prefix = identify(base, segment, "")
    return lambda text: _reference(prefix, text)


def _literal(each: Field, text: str) -> str:
    value = text.strip()
    if not value or "\n" in value or "\r" in value or not is_lexical(value, each.datatype):
        raise OddError
    return value


def _code(found: str | None, text: str, facts: Mapping[str, str]) -> str:
    if found is None and text in facts:
        return text
    if found is None:
        raise OddError
    return found


def _iri(text: str) -> str:
    if _PLAIN_IRI.fullmatch(text) or is_iri(text):
        return text
    if MAIL.fullmatch(text) and is_iri(f"mailto:{text}"):
        return f"mailto:{text}"
    raise OddError


def _reference(prefix: str, text: str) -> str:
    # The IRI of a record of ours: `source` has seen that the prefix makes IRIs.
    if text.startswith(prefix) and is_name(text[len(prefix) :]):
        return text
    return prefix + text if is_name(text) else _iri(text)


def is_name(text: str) -> bool:
    """Tell the same as `is_local_name`, sooner: no device has a hyphen in its name."""
    if "-" in text and len(text) <= _LONGEST_NAME:
        return LOCAL_NAME.fullmatch(text) is not None
    return is_local_name(text)


def _local_name(text: str) -> bool:
    if not is_name(text):
        raise OddError
    return True


#: The names of parts, which are few: `a-1`, `b-2-c`.
_NAMES = Memo(_local_name)


def local_name(value: object, head: str) -> str:
    """Return the name of a part from its id, which may be its IRI and then begins with *head*."""
    if not isinstance(value, str):
        raise OddError
    name = value.removeprefix(head)
    _NAMES(name)
    return name


def pointer(memo: Memo[T], value: str, head: str, make: Callable[[str], T]) -> T:
    """Return what an IRI becomes that may be a part of the same record, whose IRIs have *head*."""
    if value.__class__ is not str:
        raise OddError
    if value.startswith("#"):
        _NAMES(value[1:])
        return make(head + value[1:])
    if value.startswith(head):
        _NAMES(value[len(head) :])
        return make(value)
    return memo(value)


def number(value: object) -> str:
    """Return what the reader of JSON makes of a number or of true and false; see `records.json`."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if value.__class__ is Figure:
        assert isinstance(value, Figure)
        return value.text
    if not isinstance(value, int) or not -_LARGEST_NUMBER < value < _LARGEST_NUMBER:
        raise OddError
    if not value:
        raise ZeroError
    return str(value)


def group(
    model: Model, source: Field, computed: list[Field]
) -> tuple[Callable[[str], _Group], tuple[Memo[_Group], Memo[_Group]]]:
    """Return what makes, of the text of *source*, fragment and canonical value by key.

    Those of the fields that are *computed* from it as well, as far as they have a value. What is
    remembered of single dates comes with it.
    """

    def bound(text: str, wanted: list[Field]) -> _Group:
        try:
            limits = bounds(text)
        except ValueError as error:
            raise OddError from error
        values = {each.key: bound_of(each.computed, limits) for each in wanted}
        return {
            each.key: (fragment(model, each, values[each.key]), values[each.key])
            for each in wanted
            if values[each.key] is not None
        }

    of_start = [each for each in computed if each.computed in _STARTS]
    of_end = [each for each in computed if each.computed not in _STARTS]
    starts = Memo(lambda text: bound(text, of_start))
    ends = Memo(lambda text: bound(text, of_end))

    def make(text: str) -> _Group:
        # What has bounds is EDTF.
        value = text.strip() if source.datatype == EDTF else _literal(source, text)
        found: _Group = {source.key: (fragment(model, source, value), value)}
        start, slash, end = value.partition("/")
        if slash and start not in _OPEN and end not in _OPEN and "/" not in end:
            # Periods are many, days are few: each side has the bounds that it has alone.
            return found | starts(start) | ends(end)
        return found | bound(value, computed)

    return make, (starts, ends)


# -- texts


def language(tags: dict[str, str], tag: str, texts: Mapping[str, object]) -> str:
    """Return the end of a triple with a text in the language *tag*; *tags* are those known.

    In the triples tags are small: two of *texts* that differ in capitals could be one triple.
    """
    if not LANGUAGE_TAG.fullmatch(tag) or tag in MEANT_LANGUAGES:
        raise OddError
    small = tag.lower()
    end = f'"@{small} .\n'
    if small == tag:
        if len(tags) >= _MOST:
            tags.clear()
        tags[tag] = end
    elif sum(each.lower() == small for each in texts) > 1:
        raise OddError
    return end


def words(value: object) -> list[str]:
    """Return the texts of one language, each once."""
    if not isinstance(value, list) or not value:
        raise OddError
    found = list(dict.fromkeys(value))
    if not all(word.__class__ is str and word.strip() for word in found):
        raise OddError
    return found


def merged(value: object) -> tuple[dict[str, list[object]], int]:
    """Return several language maps as one, and how many keys fewer it has than all of them."""
    if not isinstance(value, list) or not value:
        raise OddError
    together: dict[str, list[object]] = {}
    keys = 0
    for texts in value:
        if texts.__class__ is not dict or not texts:
            raise OddError
        keys += len(texts)
        for tag, word in texts.items():
            together.setdefault(tag, []).extend(word if word.__class__ is list else [word])
    return together, keys - len(together)


def typed(value: object, types: tuple[str, ...]) -> int:
    """See that *value* is a type or types among *types*; return how many texts it consists of."""
    if isinstance(value, str) and value in types:
        return 1
    if isinstance(value, list) and value and all(each in types for each in value):
        return len(value)
    raise OddError
