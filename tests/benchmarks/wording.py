"""Make up texts, names and numbers that look as if people had written them, and name nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from expatlod.errors import LANGUAGES
from expatlod.profile import Model

# fmt: off
_SYLLABLES = (
    "ba", "be", "bro", "by", "da", "dal", "el", "en", "fal", "fin", "fjor", "ga", "gla", "gre",
    "ha", "hav", "holm", "ja", "ka", "kil", "ko", "kul", "la", "lin", "lo", "lun", "ma", "mar",
    "mel", "mo", "na", "nor", "or", "pa", "pil", "ra", "rin", "ro", "sa", "sel", "sko", "so",
    "sund", "ta", "tor", "tra", "u", "val", "ve", "vin",
)
_LETTERED = (
    "bæk", "dræ", "fæl", "gø", "hø", "køb", "læ", "må", "næ", "prø", "rå", "sø", "å", "øst",
)
# fmt: on
_PHRASES = 4000
_SLUGS = 400

# Multiplicative hashing, Knuth, The Art of Computer Programming, volume 3, section 6.4.
_KNUTH = 2654435761

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


class Wording:
    """Texts in every language, made of the words of the profile's labels and of syllables.

    No text holds more than two figures: what looks like a telephone number is refused.
    """

    def __init__(self, model: Model, draw: Callable[[], float]) -> None:
        # What is prepared is the same for every seed.
        random = Random(0)
        self._draw = draw
        self._plain: dict[str, list[str]] = {}
        self._rich: dict[str, list[str]] = {}
        for tag in LANGUAGES:
            words = _words(model, tag)
            words += [_made_up(random) for _ in range(max(300, len(words) // 2))]
            self._plain[tag] = [
                " ".join(random.choices(words, k=random.randint(2, 4))) for _ in range(_PHRASES)
            ]
            self._rich[tag] = [_adorned(random, phrase) for phrase in self._plain[tag]]
        self._slugs = [
            "".join(random.choices(_SYLLABLES, k=random.randint(2, 3))) for _ in range(_SLUGS)
        ]

    def title(self, tag: str) -> str:
        """Return two to eight words."""
        draw, phrases = self._draw, self._plain[tag]
        text = phrases[int(draw() * _PHRASES)]
        if draw() < 0.4:
            text += f" {phrases[int(draw() * _PHRASES)]}"
        return text[0].upper() + text[1:]

    def prose(self, tag: str, most: int) -> str:
        """Return one to some sentences: mostly short, at times *most* phrases long."""
        draw, phrases = self._draw, self._rich[tag]
        count = 2 + int(draw() ** 3 * most)
        text = " ".join([phrases[int(draw() * _PHRASES)] for _ in range(count)])
        return f"{text[0].upper()}{text[1:].rstrip(',.')}."

    def slug(self, number: int) -> str:
        """Return two words for an address, always the same for *number*."""
        mixed = number * _KNUTH & 0xFFFFFFFF
        return f"{self._slugs[(mixed >> 8) % _SLUGS]}-{self._slugs[(mixed >> 19) % _SLUGS]}"

    def url(self) -> str:
        """Return the address of a page that does not exist."""
        number = int(self._draw() * 1_000_000)
        return f"https://www.example.org/{self.slug(number)}/{number}"


def _words(model: Model, tag: str) -> list[str]:
    """Return the words of the names that the profile has in one language."""
    texts = [c.labels.get(tag, "") for codes in model.codelists.values() for c in codes.concepts]
    texts += [f.name.get(tag, "") for kind in model.classes.values() for f in kind.fields.values()]
    found = {word.lower() for text in texts for word in text.split() if word.isalpha()}
    return sorted(found)


def _made_up(random: Random) -> str:
    parts = random.choices(_SYLLABLES, k=random.randint(1, 3))
    parts.insert(random.randint(0, len(parts)), random.choice(_LETTERED))
    return "".join(parts)


def _adorned(random: Random, phrase: str) -> str:
    """Return *phrase*, at times with what stands in real prose and has to be escaped."""
    chance = random.random()
    if chance < 0.03:
        return f'"{phrase}"'
    if chance < 0.05:
        return f"{phrase} ({random.randint(1, 99)})"
    if chance < 0.052:
        return f"{phrase}.\n{phrase.capitalize()}"
    if chance < 0.053:
        return f"{phrase} \\ og/eller"
    return phrase + random.choices(("", ",", "."), (10, 2, 1))[0]


class Template:
    """A text with its numbers left open: `ca. 500`, `200-250`, `9.5 m`."""

    def __init__(self, text: str) -> None:
        self._between = _NUMBER.split(text)
        self._numbers = _NUMBER.findall(text)

    def fill(self, draw: Callable[[], float]) -> str | int:
        """Return the text with other numbers of like size, in ascending order."""
        values = sorted(_like(number, draw) for number in self._numbers)
        if len(values) == 1 and self._between == ["", ""] and isinstance(values[0], int):
            return values[0]
        pieces = [self._between[0]]
        for value, after in zip(values, self._between[1:], strict=True):
            pieces += (str(value), after)
        return "".join(pieces)


def _like(number: str, draw: Callable[[], float]) -> float:
    whole, point, _ = number.partition(".")
    size = 10 ** (len(whole) - 1)
    value = int(size * 10 ** draw()) + int(draw() * 3)
    if size > 1000:
        # Large sums are round.
        value -= value % (size // 100)
    return value + int(draw() * 9 + 1) / 10 if point else value


def day(draw: Callable[[], float], first: int = 1995, years: int = 30) -> str:
    """Return a date; every month has the days 1 to 28."""
    return f"{first + int(draw() * years)}-{1 + int(draw() * 12):02}-{1 + int(draw() * 28):02}"


def month(draw: Callable[[], float], first: int = 1995, years: int = 30) -> str:
    """Return a month."""
    return f"{first + int(draw() * years)}-{1 + int(draw() * 12):02}"


def period(draw: Callable[[], float], *, closed: bool) -> str:
    """Return a period in EDTF; a *closed* one has an end."""
    chance = draw()
    if not closed and chance < 0.1:
        return month(draw) + ("/" if chance < 0.05 else "/..")
    if chance < 0.3:
        return f"{1995 + int(draw() * 30)}" + ("?" if chance < 0.13 else "")
    if chance < 0.4:
        return month(draw)
    if chance < 0.5:
        return day(draw)
    if chance < 0.55:
        return f"{1995 + int(draw() * 30)}-2{1 + int(draw() * 4)}"
    side = day if chance > 0.85 else month if chance > 0.7 else _year
    return f"{side(draw, 1995, 15)}/{side(draw, 2010, 15)}"


def _year(draw: Callable[[], float], first: int, years: int) -> str:
    return str(first + int(draw() * years))


def some(draw: Callable[[], float], among: Sequence[str]) -> str:
    """Return one of *among*, the first ones more often."""
    return among[int(draw() ** 2 * len(among))]
