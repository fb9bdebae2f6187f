"""Guess what an author meant, and say so: the code, key, number, address or id that is near."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from expatlod.errors import Text
from expatlod.fields import Codelist, Concept, RecordClass, lookup_key
from expatlod.iris import is_iri
from expatlod.records.record import Value

__all__ = [
    "MEANT_LANGUAGES",
    "alike",
    "code_cure",
    "either",
    "fits",
    "likeliest",
    "meant_key",
    "near",
    "nearest",
    "numbers",
    "pointer_cure",
    "slug",
]

#: What is often written for a language tag, W3C and IETF's BCP 47.
MEANT_LANGUAGES: Mapping[str, str] = MappingProxyType(
    {"dan": "da", "dk": "da", "eng": "en", "gb": "en", "us": "en"}
)

# Word processors write them, and YAML does not know them.
_QUOTES = "\"'”“„«»’‘ "

_LIKE_IRI = re.compile(r"https?:|www\.|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,6}/", re.IGNORECASE)

# Codes are listed in a message when there are no more than this.
_FEW = 12


def near(word: str, candidates: Iterable[str], limit: int) -> list[str]:
    """Return what *word* was probably meant to be, the nearest first: at most *limit* candidates.

    Near is a small edit distance for the length, case not counted: up to two letters in five
    added, left out, changed or swapped with the next one, and hardly more than for the nearest.

    >>> near("Hering", ["Herning", "Horsens", "Høje-Taastrup"], 3)
    ['Herning']
    """
    # Loaded when there is a fault to mend.
    from rapidfuzz import process
    from rapidfuzz.distance.OSA import normalized_similarity

    found = process.extract(
        word[:100].casefold(),
        {each: each.casefold() for each in candidates},
        scorer=normalized_similarity,
        score_cutoff=0.6,
        limit=limit + 20,
    )
    close = [(-score, each) for _, score, each in found if score >= found[0][1] - 0.1]
    return [each for _, each in sorted(close)[:limit]]


def nearest(word: str, candidates: Iterable[str]) -> str:
    """Return the candidate that *word* was probably meant to be, or the empty string."""
    return next(iter(near(word, candidates, 1)), "")


def slug(text: str) -> str:
    """Return *text* as an id: small letters, digits, hyphens; æ, ø and å as two letters."""
    for letter, letters in (("æ", "ae"), ("ø", "oe"), ("å", "aa")):
        text = text.casefold().replace(letter, letters)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:60]


def numbers(text: str) -> Iterator[str]:
    """Yield *text* with its numbers as they are to be written, perhaps without what follows.

    A full stop or space between groups of three digits, a decimal comma, or a word behind it.
    """
    text = " ".join(text.split())[:100]
    plain = re.sub(r"(?<=\d)[. ](?=\d{3}(?!\d))", "", text)
    plain = re.sub(r"(?<=\d),(?=\d)", ".", plain)
    if plain != text:
        yield plain
    bare = re.match(r"\D*\d[\d.-]*", plain)
    if bare and bare.group() != text:
        yield bare.group().strip()


def meant_key(key: str, kind: RecordClass) -> str:
    """Return the key that *key* was probably meant to be, by its own spelling or its field's name.

    A field's name in either language counts: who writes `titel` means `title`.
    """
    known: dict[str, str] = {}
    for each in kind.fields.values():
        if not each.computed:
            for name in (*each.name.values(), each.key):
                known[name] = each.key
    if kind.written_in:
        known[kind.written_in] = kind.written_in
    return known.get(nearest(key, known), "")


def code_cure(value: str, codelist: Codelist, *, table: bool = False) -> Text:
    """Say which code was meant: the nearest by edit distance over notations and labels."""
    pieces = [piece.strip() for piece in re.split(r"[,;|/\n]", value)]
    if len(pieces) > 1 and all(codelist.find(piece) for piece in pieces):
        return as_list(pieces, table)
    # A code's whole address is mended by its last part.
    word = value.rpartition("/")[2] if "://" in value else value
    spelled = {
        text: concept
        for concept in codelist.concepts
        for text in (*concept.labels.values(), concept.notation)
    }
    found: dict[str, str] = {}
    for text in near(word, spelled, 12):
        concept = spelled[text]
        # The code itself, where that is near as well as its label.
        if text == concept.notation or concept.iri not in found:
            found[concept.iri] = text
    close = [(text, spelled[text]) for text in found.values()][:3]
    if close:
        return {
            "da": f"mente du {either([_shown(*each, 'da') for each in close], 'eller')}?",
            "en": f"did you mean {either([_shown(*each, 'en') for each in close], 'or')}?",
        }
    codes = [concept.notation for concept in codelist.concepts]
    asked = "/".join(codelist.iri.split("/")[-2:])
    some = ", ".join(codes[:_FEW])
    if len(codes) <= _FEW:
        return {"da": f"skriv en af disse: {some}", "en": f"write one of these: {some}"}
    return {
        "da": f"skriv en af listens {len(codes)} koder, for eksempel {some}; "
        f"'expatlod explain {asked}' viser dem alle",
        "en": f"write one of the {len(codes)} codes of the list, for example {some}; "
        f"'expatlod explain {asked}' shows them all",
    }


def as_list(pieces: Sequence[str], table: bool) -> Text:
    if table:
        listed = "; ".join(pieces)
        return {
            "da": f"skriv flere værdier med semikolon imellem: {listed}",
            "en": f"write several values with semicolons between: {listed}",
        }
    listed = f"[{', '.join(pieces)}]"
    return {
        "da": f"skriv flere værdier som en liste: {listed}",
        "en": f"write several values as a list: {listed}",
    }


def _shown(text: str, concept: Concept, language: str) -> str:
    """Return *text*, a spelling of a code, with what it is called otherwise."""
    if lookup_key(text) != lookup_key(concept.notation):
        return f"'{text}' ({concept.notation})"
    label = concept.labels.get(language, "")
    known = not label or lookup_key(label) == lookup_key(concept.notation)
    return f"'{concept.notation}'" if known else f"'{concept.notation}' ({label})"


def either(words: list[str], last: str) -> str:
    """Return *words* with commas between, and the word *last* before the last of them.

    >>> either(["a", "b", "c"], "or")
    'a, b or c'
    """
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def pointer_cure(value: str, target: RecordClass | None, parts: Iterable[str], table: bool) -> Text:
    """Say what was meant by a *value* that is neither an id nor an address; see `faults.no_iri`."""
    bare = value.strip(_QUOTES)
    pieces = [piece.strip() for piece in re.split(r"[,;|\s]+", bare) if piece.strip()]
    own = nearest(bare.lstrip("#"), parts)
    if own:
        return {
            "da": f"mente du '#{own}'? I YAML skal der anførselstegn om: \"#{own}\"",
            "en": f"did you mean '#{own}'? In YAML it needs quotes: \"#{own}\"",
        }
    if len(pieces) > 1 and all("://" in piece and is_iri(piece) for piece in pieces):
        return as_list(pieces, table)
    if _LIKE_IRI.match(bare):
        iri = "https://" + re.sub("^https?:/*", "", bare)
        if is_iri(iri):
            return {"da": f"mente du '{iri}'?", "en": f"did you mean '{iri}'?"}
    cure: Text = {
        "da": "skriv en hel adresse, der begynder med https://",
        "en": "write a whole address that begins with https://",
    }
    if target is not None and "://" not in value:
        guess = slug(value)
        cure = {
            "da": f"skriv id'et på en post af typen {target.name}, måske '{guess}'",
            "en": f"write the id of a record of type {target.name}, perhaps '{guess}'",
        }
    elif value.startswith(("http://", "https://")):
        cure = {
            "da": "fjern mellemrum og tegn, der ikke kan stå i en adresse",
            "en": "remove spaces and characters that cannot stand in an address",
        }
    return cure


def likeliest(data: Mapping[str, Value], kinds: Iterable[RecordClass]) -> str:
    """Return the name of the class that most of the keys of *data* are fields of, if one is."""
    scores = {kind.name: fits(data, kind) for kind in kinds}
    best = max(scores.values(), default=0)
    names = [name for name, score in scores.items() if score == best]
    return names[0] if best and len(names) == 1 else ""


def fits(data: Mapping[str, Value], kind: RecordClass) -> int:
    """Return how many of the keys of *data* are fields of *kind*."""
    return sum(key in kind.fields for key in data)


def alike(key: str, name: str) -> bool:
    """Tell whether *key* is *name* with capitals, letters swapped or one letter wrong."""
    key = key.strip().casefold()
    return sorted(key) == sorted(name) or bool(nearest(key, [name]))
