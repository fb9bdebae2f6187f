"""Break the graphs of records, triple by triple, also where no converter would let it through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from random import Random

from expatlod.convert import type_lines
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model

__all__ = ["Spoiler", "oddities"]

_TRIPLE = re.compile(r"(<[^>]*>) (<[^>]*>) (.*) \.")
_TYPE = f"<{PREFIXES['rdf']}type>"
_XSD = PREFIXES["xsd"]

#: Changes one triple (subject, predicate, value) into others; none where it has no room.
Change = Callable[[str, str, str], list[str]]


class Spoiler:
    """Makes one change at a time to a record's triples, lines of N-Triples."""

    def __init__(self, model: Model, seed: int) -> None:
        self._random = Random(seed)
        self._codes = sorted(model.code_facts)
        self._classes = sorted(model.classes_by_iri)
        self.kinds: dict[str, Change] = {
            "triple removed": self._removed,
            "triple added": self._added,
            "datatype changed": self._datatype,
            "language changed": self._language,
            "value out of range": self._range,
            "extra type": self._extra_type,
            "code of another list": self._code,
            "wrong class": self._class,
            "pattern broken": self._pattern,
            "two values": self._two,
            "too short": self._short,
            "too long": self._long,
        }

    def spoil(self, lines: Sequence[str], kind: str) -> list[str]:
        """Return *lines* with one change of *kind*, or the same where it has no room."""
        order = list(range(len(lines)))
        self._random.shuffle(order)
        for number in order:
            match = _TRIPLE.fullmatch(lines[number])
            assert match is not None
            subject, predicate, value = match.groups()
            if predicate == _TYPE and kind not in ("triple removed", "extra type"):
                continue
            found = self.kinds[kind](subject, predicate, value)
            new = [f"{subject} {predicate} {each} ." for each in found]
            if kind == "triple removed":
                return [*lines[:number], *lines[number + 1 :]]
            if found and found != [value]:
                return list(dict.fromkeys([*lines[:number], *new, *lines[number + 1 :]]))
        return list(lines)

    def _removed(self, _subject: str, _predicate: str, _value: str) -> list[str]:
        return []

    def _added(self, _subject: str, _predicate: str, value: str) -> list[str]:
        texts = ['"tilføjet"', '"tilføjet"@da', '"added"@en', "<https://example.org/added>"]
        return [value, self._random.choice(texts)]

    def _datatype(self, _subject: str, _predicate: str, value: str) -> list[str]:
        lexical = _lexical(value)
        forms = ["boolean", "date", "decimal", "gYear", "integer", "string", "anyURI"]
        name = self._random.choice(forms)
        # What is no value of its datatype pySHACL cannot compare; the converter does not write it.
        values = {"boolean": "true", "date": "2012-02-29", "gYear": "2012"}
        number = "12" if name in ("decimal", "integer") else values.get(name, lexical)
        return [f'"{number}"^^<{_XSD}{name}>'] if lexical and not value.startswith("<") else []

    def _language(self, _subject: str, _predicate: str, value: str) -> list[str]:
        found = re.fullmatch(r'("(?:[^"\\]|\\.)*")@[a-z-]+', value)
        tag = self._random.choice(["@da", "@en", "@de", "@da-x-old", ""])
        return [found.group(1) + tag] if found else []

    def _range(self, _subject: str, _predicate: str, value: str) -> list[str]:
        number = self._random.choice(["-1", "-0.5", "0", "99.5", "100.5", "123456789"])
        if value.endswith("nteger>"):
            number = number.partition(".")[0]
        if value.endswith("#date>"):
            number = self._random.choice(["0001-01-01", "9999-12-31"])
        ordered = re.search(r"#(?:date|decimal|integer|nonNegativeInteger)>$", value)
        if value.endswith("#nonNegativeInteger>"):
            number = number.removeprefix("-")
        return [re.sub(r'^"[^"]*"', f'"{number}"', value)] if ordered else []

    def _extra_type(self, _subject: str, predicate: str, value: str) -> list[str]:
        more = f"<{self._random.choice(self._classes)}>"
        return [value, more] if predicate == _TYPE else []

    def _code(self, _subject: str, _predicate: str, value: str) -> list[str]:
        codes = value[1:-1] in self._codes
        return [f"<{self._random.choice(self._codes)}>"] if codes else []

    def _class(self, subject: str, _predicate: str, value: str) -> list[str]:
        record = subject[1:-1].partition("#")[0]
        others = [subject, f"<{record}>", f"<{self._random.choice(self._codes)}>"]
        return [self._random.choice(others)] if value.startswith("<") else []

    def _pattern(self, _subject: str, _predicate: str, value: str) -> list[str]:
        if value.startswith("<"):
            return [self._random.choice(["<urn:x:y>", "<mailto:a@example.org>"])]
        odd = ["§", "12 34 56 78", "a@example.org", "010203-1234", "1999/1998", "%40"]
        typed = value.rpartition('"')[2]
        exact = re.search(r"#(?:date|decimal|integer|nonNegativeInteger|boolean|gYear.*)>$", typed)
        return [] if exact else [f'"{self._random.choice(odd)}"{typed}']

    def _two(self, _subject: str, _predicate: str, value: str) -> list[str]:
        if value.startswith("<"):
            return [value, f"{value[:-1]}-2>"]
        exact = re.search(r"#(?:date|boolean|gYear.*)>$", value)
        return [value] if exact else [value, re.sub(r'^"', '"1', value)]

    def _short(self, _subject: str, _predicate: str, value: str) -> list[str]:
        tag = re.search(r'"(@[a-z-]+)?$', value)
        return [f'"{self._random.choice(["", "a"])}"{tag.group(1) or ""}'] if tag else []

    def _long(self, _subject: str, _predicate: str, value: str) -> list[str]:
        plain = value.endswith('"')
        return [f'"{_lexical(value)}{" lang" * 100}"'] if plain else []


def _lexical(value: str) -> str:
    return value[1 : value.rindex('"')] if value.startswith('"') else ""


# -- every shape

_TEXTS = ('""@da', '"a"@da', '"b"@en', '"c"@de', '"010203-1234, 12 34 56 78, a@example.org"@da')
_STRINGS = ('""', '"§"', f'"{"x" * 300}"')
_IRIS = ("<urn:x:y>", "<urn:x:z>")
_NUMBERS = tuple(f'"{number}"^^<{_XSD}decimal>' for number in (-1, 101)) + tuple(
    f'"{number}"^^<{_XSD}integer>' for number in (-1, 101)
)


def oddities(model: Model, base: str) -> Iterator[list[str]]:
    """Yield nodes of each class, as N-Triples, that hold odd values in one property, or nothing."""
    for kind in model.classes.values():
        node = f"{base}id/odd/{kind.name.lower()}"
        yield list(type_lines(model, kind, node))
        for field in kind.fields.values():
            for number, values in enumerate((_TEXTS, _STRINGS, _IRIS, _NUMBERS)):
                node = f"{base}id/odd/{kind.name.lower()}-{field.key}-{number}"
                yield [
                    *type_lines(model, kind, node),
                    *(f"<{node}> <{field.path}> {value} ." for value in values),
                ]
