"""Say what is wrong with a record that cannot be converted as it stands.

Each function returns rule, message and help; where the fault stands is its caller's to know. The
messages speak of fields as the author writes them: funding 2 share.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from expatlod.errors import LANGUAGES, Text
from expatlod.fields import Codelist, RecordClass
from expatlod.lexical import expectation, is_lexical
from expatlod.periods import meant
from expatlod.records.record import Path, Value

__all__ = [
    "Fault",
    "computed",
    "empty",
    "language",
    "meant_key",
    "nearest",
    "no_code",
    "no_fields",
    "no_form",
    "no_id",
    "no_iri",
    "no_language",
    "no_line",
    "no_part_id",
    "no_single_value",
    "no_type",
    "no_value",
    "short",
    "twice",
    "unknown_key",
    "unknown_type",
    "words",
]


# Codes are listed in a message when there are no more than this.
_FEW = 12


class Fault(NamedTuple):
    """The name of a rule, what is wrong, and how to mend it."""

    rule: str
    message: Text
    help: Text


# -- words


def words(path: Path) -> str:
    """Return *path* as an author would say it.

    >>> words(("funding", 1, "share"))
    'funding 2 share'
    """
    return " ".join(str(step + 1) if isinstance(step, int) else short(step) for step in path)


def short(value: object) -> str:
    """Return *value* as text of a length that fits a message."""
    text = " ".join(str(value)[:1000].split())
    return text if len(text) <= 60 else text[:57] + "…"


def nearest(word: str, candidates: Iterable[str]) -> str:
    """Return the candidate that *word* was probably meant to be, or the empty string."""
    by_fold = {candidate.casefold(): candidate for candidate in sorted(candidates, reverse=True)}
    found = difflib.get_close_matches(word.casefold()[:100], by_fold, n=1, cutoff=0.7)
    return by_fold[found[0]] if found else ""


def _suggestion(word: str, candidates: Iterable[str], otherwise: Text) -> Text:
    near = nearest(word, candidates)
    if not near:
        return otherwise
    return {"da": f"mente du '{near}'?", "en": f"did you mean '{near}'?"}


def _slug(text: str) -> str:
    """Return *text* as an id: small letters, digits, hyphens; æ, ø and å as two letters."""
    for letter, letters in (("æ", "ae"), ("ø", "oe"), ("å", "aa")):
        text = text.casefold().replace(letter, letters)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:60]


def _kind_of(value: Value) -> Text:
    if isinstance(value, dict):
        return {"da": "flere felter", "en": "several fields"}
    if isinstance(value, list):
        return {"da": "en liste", "en": "a list"}
    return {"da": f"'{short(value)}'", "en": f"'{short(value)}'"}


# -- a record as a whole


def unknown_type(name: Value, kinds: Mapping[str, RecordClass]) -> Fault:
    """The record's type is missing or none that has records."""
    known = ", ".join(sorted(kinds))
    cure = {
        "da": f"skriv 'type:' og en af disse: {known}",
        "en": f"write 'type:' and one of these: {known}",
    }
    if not isinstance(name, str):
        message = {"da": "posten har ingen type", "en": "the record has no type"}
        return Fault("record:type", message, cure)
    return Fault(
        "record:type",
        {
            "da": f"typen '{short(name)}' kendes ikke",
            "en": f"the type '{short(name)}' is not known",
        },
        _suggestion(name, kinds, cure),
    )


def no_id(identifier: Value) -> Fault:
    """The record's id is missing or unsafe as part of an address."""
    cure = {
        "da": "skriv små bogstaver a-z, tal og enkelte bindestreger: 'min-post-2'",
        "en": "write small letters a-z, digits and single hyphens: 'my-record-2'",
    }
    if not isinstance(identifier, str):
        message = {"da": "posten har intet id", "en": "the record has no id"}
        return Fault("record:id", message, cure)
    return Fault(
        "record:id",
        {
            "da": f"id '{short(identifier)}' kan ikke bruges",
            "en": f"the id '{short(identifier)}' cannot be used",
        },
        cure,
    )


# -- parts and keys


def no_fields(path: Path, value: Value, kind: RecordClass) -> Fault:
    """A bare value stands where fields are wanted."""
    some = ", ".join(f"{key}:" for key in list(kind.fields)[:4])
    return Fault(
        "record:kind",
        {
            "da": f"{words(path)} skal have felter, ikke {_kind_of(value)['da']}",
            "en": f"{words(path)} takes fields, not {_kind_of(value)['en']}",
        },
        {
            "da": f"skriv felterne på linjer under: {some}",
            "en": f"write its fields on lines below: {some}",
        },
    )


def no_single_value(path: Path, value: Value) -> Fault:
    """Fields or a list stand where one value is wanted."""
    return Fault(
        "record:kind",
        {
            "da": f"{words(path)} skal være en enkelt værdi, ikke {_kind_of(value)['da']}",
            "en": f"{words(path)} takes a single value, not {_kind_of(value)['en']}",
        },
        {
            "da": "skriv værdien på samme linje; sæt anførselstegn om tekst med klammer",
            "en": "write the value on the same line; put quotes around text with brackets",
        },
    )


def no_form(path: Path, text: str, kind: RecordClass) -> Fault:
    """A value is in none of the forms in which the part can be written."""
    said = {
        language: ", ".join(f"'{each}'" for each in kind.examples.get(language, ()))
        for language in LANGUAGES
    }
    label = {language: kind.label.get(language, kind.name).lower() for language in LANGUAGES}
    article = "an" if label["en"][:1] in "aeiou" else "a"
    return Fault(
        "record:form",
        {
            "da": f"{words(path)} '{short(text)}' kan ikke læses som {label['da']}",
            "en": f"{words(path)} '{short(text)}' cannot be read as {article} {label['en']}",
        },
        {
            "da": f"{kind.cure.get('da', '')} For eksempel {said['da']}.".strip(),
            "en": f"{kind.cure.get('en', '')} For example {said['en']}.".strip(),
        },
    )


def no_part_id(own: Value) -> Fault:
    """The id of a part is used before, or unsafe."""
    return Fault(
        "record:id",
        {
            "da": f"id '{short(own)}' er brugt før eller kan ikke bruges",
            "en": f"the id '{short(own)}' is used before or cannot be used",
        },
        {
            "da": "skriv et andet navn af små bogstaver, tal og bindestreger",
            "en": "write another name of small letters, digits and hyphens",
        },
    )


def no_type(path: Path, given: Value, kind: RecordClass) -> Fault:
    """A part says that it is of another type than its field holds."""
    return Fault(
        "record:type",
        {
            "da": f"{words(path)} '{short(given)}' er ikke typen her",
            "en": f"{words(path)} '{short(given)}' is not the type here",
        },
        {
            "da": f"slet linjen; typen er {kind.name} (arten skrives i et andet felt)",
            "en": f"delete the line; the type is {kind.name} (the kind is another field)",
        },
    )


def unknown_key(key: str, kind: RecordClass) -> Fault:
    """A key is none of the fields."""
    keys = [each.key for each in kind.fields.values() if not each.computed]
    if kind.written_in:
        keys.append(kind.written_in)
    label = {language: kind.label.get(language, kind.name) for language in LANGUAGES}
    cure: Text = {
        "da": f"felterne er {', '.join(keys)}",
        "en": f"its fields are {', '.join(keys)}",
    }
    meant = meant_key(key, kind)
    if meant:
        cure = {"da": f"mente du '{meant}'?", "en": f"did you mean '{meant}'?"}
    return Fault(
        "record:unknown",
        {
            "da": f"{label['da']} har intet felt '{short(key)}'",
            "en": f"{label['en']} has no field '{short(key)}'",
        },
        cure,
    )


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


def computed(path: Path) -> Fault:
    """The author gives another value for a field than the one that is computed."""
    return Fault(
        "record:computed",
        {
            "da": f"{words(path)} beregnes og stemmer ikke med det beregnede",
            "en": f"{words(path)} is computed and differs from what was computed",
        },
        {"da": "slet linjen", "en": "delete the line"},
    )


def twice(path: Path, other: str) -> Fault:
    """A field is given by its own key and by a written form, and the two differ."""
    return Fault(
        "record:twice",
        {
            "da": f"{words(path)} står også i {other}, og de to er forskellige",
            "en": f"{words(path)} stands in {other} too, and the two differ",
        },
        {"da": "behold det ene", "en": "keep one of them"},
    )


# -- values


def empty(path: Path) -> Fault:
    """Nothing stands behind a key."""
    return Fault(
        "record:empty",
        {"da": f"{words(path)} er tomt", "en": f"{words(path)} is empty"},
        {"da": "skriv en værdi, eller slet linjen", "en": "write a value, or delete the line"},
    )


def no_language(path: Path, cure: Text) -> Fault:
    """A text does not say which language it is in; *cure* is what the field is for."""
    return Fault(
        "record:language",
        {
            "da": f"{words(path)} siger ikke, hvilket sprog det er på",
            "en": f"{words(path)} does not say which language it is in",
        },
        {
            "da": f"skriv 'da: …' og 'en: …' på hver sin linje under feltet. {cure.get('da', '')}",
            "en": "write 'da: …' and 'en: …' on lines of their own below the field. "
            + cure.get("en", ""),
        },
    )


def language(path: Path, tag: str) -> Fault:
    """A key that should be a language is none."""
    return Fault(
        "record:language",
        {
            "da": f"{words(path)}: '{short(tag)}' er ikke et sprog",
            "en": f"{words(path)}: '{short(tag)}' is not a language",
        },
        {"da": "skriv da eller en", "en": "write da or en"},
    )


def no_line(path: Path) -> Fault:
    """A value that is no text goes over several lines."""
    return Fault(
        "record:line",
        {"da": f"{words(path)} står på flere linjer", "en": f"{words(path)} has several lines"},
        {
            "da": "skriv det på én linje, med komma imellem",
            "en": "write it on one line, with commas between",
        },
    )


def no_value(path: Path, value: str, datatype: str, cure: Text) -> Fault:
    """A value is none of its datatype."""
    expected = expectation(datatype)
    guess = meant(value)
    if guess and is_lexical(guess, datatype):
        cure = {"da": f"mente du '{guess}'?", "en": f"did you mean '{guess}'?"}
    return Fault(
        "sh:datatype",
        {
            "da": f"{words(path)} '{short(value)}' er ikke {expected['da']}",
            "en": f"{words(path)} '{short(value)}' is not {expected['en']}",
        },
        cure,
    )


def no_code(path: Path, value: str, codelist: Codelist) -> Fault:
    """A value is in no spelling a code of the codelist."""
    name = codelist.iri.rpartition("/")[2]
    pieces = [piece.strip() for piece in re.split("[,;]", value)]
    codes = [concept.notation for concept in codelist.concepts]
    if len(pieces) > 1 and all(codelist.find(piece) for piece in pieces):
        listed = f"[{', '.join(pieces)}]"
        cure: Text = {
            "da": f"skriv flere koder som en liste: {listed}",
            "en": f"write several codes as a list: {listed}",
        }
    elif len(codes) <= _FEW:
        cure = {
            "da": f"skriv en af disse: {', '.join(codes)}",
            "en": f"write one of these: {', '.join(codes)}",
        }
    else:
        some = ", ".join(codes[:_FEW])
        cure = {
            "da": f"skriv en af listens {len(codes)} koder, for eksempel {some}",
            "en": f"write one of the {len(codes)} codes of the list, for example {some}",
        }
    known = {
        word
        for concept in codelist.concepts
        for word in (concept.notation, *concept.labels.values())
    }
    return Fault(
        "sh:node",
        {
            "da": f"{words(path)} '{short(value)}' står ikke i kodelisten {name}",
            "en": f"{words(path)} '{short(value)}' is not in the codelist {name}",
        },
        cure if len(pieces) > 1 else _suggestion(value, known, cure),
    )


def no_iri(path: Path, value: str, target: RecordClass | None) -> Fault:
    """A value is neither the id of a record of the class *target* nor an address."""
    cure: Text = {
        "da": "skriv en hel adresse, der begynder med https://",
        "en": "write a whole address that begins with https://",
    }
    if target is not None and "://" not in value:
        name, guess = target.name, _slug(value)
        cure = {
            "da": f"skriv id'et på en post af typen {name}, måske '{guess}'",
            "en": f"write the id of a record of type {name}, perhaps '{guess}'",
        }
    elif value.startswith(("http://", "https://")):
        cure = {
            "da": "fjern mellemrum og tegn, der ikke kan stå i en adresse",
            "en": "remove spaces and characters that cannot stand in an address",
        }
    return Fault(
        "record:iri",
        {
            "da": f"{words(path)} '{short(value)}' er hverken et id eller en adresse",
            "en": f"{words(path)} '{short(value)}' is neither an id nor an address",
        },
        cure,
    )
