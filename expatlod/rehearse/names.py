"""Make the names that CKAN makes: of a dataset from its title, of tags from keywords.

Written after the behaviour of CKAN 2.12 (ckan.lib.munge) and ckanext-dcat 2.4, and held to them by
the tests.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["Names", "keywords", "slug", "tag_fault"]

#: Letters of a name in CKAN's database.
_SHORTEST, _LONGEST = 2, 100

#: The shorter limit for a name that is made, so that there is room for a number behind it.
_ROOM = _LONGEST - 5

#: Latin letters that are no base letter with a mark, as CKAN spells them.
_SPELT = {"Æ": "Ae", "Ð": "Th", "Ø": "O", "Þ": "th", "ß": "ss"}
_SPELT |= {"æ": "ae", "ð": "th", "ø": "o", "þ": "th"}

_YEAR_AT_END = re.compile(r".*?[_-]((?:\d{2,4}[-/])?\d{2,4})$")


def slug(title: str) -> str:
    """Return the name that CKAN gives to a dataset called *title*.

    >>> slug("Æbler på Læsø: 2024"), slug("!")
    ('aebler-pa-laeso-2024', '__')
    """
    name = re.sub("[ .:/]", "-", "".join(map(_plain, title)))
    name = re.sub("[^a-z0-9_-]", "", name.lower())
    name = re.sub("-+", "-", name).strip("-")
    if len(name) > _ROOM:
        year = _YEAR_AT_END.match(name)
        end = f"-{year.group(1)}" if year else ""
        name = name[: _ROOM - len(end)] + end
    return re.sub("-+", "-", name.ljust(_SHORTEST, "_"))


def _plain(letter: str) -> str:
    """Return a letter of Latin-1 without its marks; nothing for what is beyond."""
    if letter < "\x80":
        return letter
    if letter in _SPELT:
        return _SPELT[letter]
    base = unicodedata.normalize("NFD", letter)[0]
    return base if "À" <= letter <= "ÿ" and base < "\x80" else ""


class Names:
    """The names that a harvest has given out, so that no two datasets get the same."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._begun: dict[str, int] = {}

    def take(self, title: str) -> tuple[str, bool]:
        """Return the name for a dataset called *title*, and whether it had to be another one."""
        name = slug(title)
        collides = name in self._seen
        if collides:
            name = f"{name}-{self._begun.get(f'{name}-', 0) + 1}"
        self._seen.add(name)
        # ckanext-dcat counts every name that begins with this one and a hyphen.
        for match in re.finditer("-", name):
            beginning = name[: match.end()]
            self._begun[beginning] = self._begun.get(beginning, 0) + 1
        return name, collides


def keywords(values: list[str]) -> list[str]:
    """Return the tags that CKAN makes of *values*: those with commas are split, and come last.

    >>> keywords(["a, b", "c"])
    ['c', 'a', 'b']
    """
    whole = [each for each in values if "," not in each]
    return whole + [part.strip() for each in values if "," in each for part in each.split(",")]


def tag_fault(tag: str) -> str:
    """Return why CKAN refuses *tag*, and the dataset with it: "short", "long", "sign" or "".

    >>> tag_fault("open data"), tag_fault("R&D"), tag_fault("")
    ('', 'sign', 'short')
    """
    if len(tag) < _SHORTEST:
        return "short"
    if len(tag) > _LONGEST:
        return "long"
    return "" if re.fullmatch(r"[\w \-.]*", tag) else "sign"
