"""Say what is wrong with a record that cannot be converted as it stands.

Each function returns rule, message and help; where the fault stands is its caller's to know. The
messages speak of fields as the author writes them: funding 2 share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from expatlod.errors import LANGUAGES, Text
from expatlod.fields import Codelist, Field, RecordClass, lookup_key
from expatlod.guesses import (
    MEANT_LANGUAGES,
    code_cure,
    either,
    meant_key,
    nearest,
    numbers,
    pointer_cure,
    slug,
)
from expatlod.iris import is_local_name
from expatlod.lexical import expectation, is_lexical
from expatlod.periods import meant
from expatlod.records.record import Path, Value

__all__ = [
    "Fault",
    "computed",
    "empty",
    "language",
    "misspelt_key",
    "named",
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
    "other_type",
    "outside",
    "short",
    "too_deep",
    "twice",
    "unknown_key",
    "unknown_type",
    "used_part_id",
    "words",
]


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


def named(path: Path, field: Field | None) -> Text:
    """Return *path* as an author would say it, with the name of its *field* where that tells more.

    The name follows in brackets: fundingSource is "funding source" and says nothing new in
    English, but in Danish it is "finansieringskilde".
    """
    if field is None or field.key not in path:
        return dict.fromkeys(LANGUAGES, words(path))
    end = len(path) - path[::-1].index(field.key)
    if isinstance(next(iter(path[end:]), ""), int):
        end += 1
    said, rest = words(path[:end]), words(path[end:])
    return {language: f"{said}{_name_of(field, language)} {rest}".strip() for language in LANGUAGES}


def _name_of(field: Field, language: str) -> str:
    name = field.name.get(language, "")
    known = not name or lookup_key(name) == lookup_key(field.key)
    return "" if known else f" ({name})"


def short(value: object) -> str:
    """Return *value* as text of a length that fits a message."""
    text = " ".join(str(value)[:1000].split())
    return text if len(text) <= 60 else text[:57] + "…"


def _suggestion(word: str, candidates: Iterable[str], otherwise: Text) -> Text:
    near = nearest(word, candidates)
    if not near:
        return otherwise
    return {"da": f"mente du '{near}'?", "en": f"did you mean '{near}'?"}


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
        "da": f"skriv under type en af disse: {known}",
        "en": f"write one of these under type: {known}",
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
    guess = slug(identifier)
    if is_local_name(guess):
        cure = {
            "da": f"mente du '{guess}'? Et id er små bogstaver a-z, tal og enkelte bindestreger",
            "en": f"did you mean '{guess}'? An id is small letters a-z, digits and single hyphens",
        }
    return Fault(
        "record:id",
        {
            "da": f"id '{short(identifier)}' kan ikke bruges",
            "en": f"the id '{short(identifier)}' cannot be used",
        },
        cure,
    )


def other_type(name: str, meant: RecordClass) -> Fault:
    """The record says it is of one type, and has the fields of another."""
    label = {language: meant.label.get(language, meant.name) for language in LANGUAGES}
    return Fault(
        "record:type",
        {
            "da": f"typen er '{name}', men felterne er dem, som {label['da']} har",
            "en": f"the type is '{name}', but the fields are those of {label['en']}",
        },
        {"da": f"mente du '{meant.name}'?", "en": f"did you mean '{meant.name}'?"},
    )


# -- parts and keys


def no_fields(name: Text, value: Value, kind: RecordClass) -> Fault:
    """A bare value stands where fields are wanted."""
    some = ", ".join(list(kind.fields)[:4])
    return Fault(
        "record:kind",
        {
            "da": f"{name['da']} skal have felter, ikke {_kind_of(value)['da']}",
            "en": f"{name['en']} takes fields, not {_kind_of(value)['en']}",
        },
        {
            "da": f"skriv dens felter inde i den: {some} …",
            "en": f"write its fields inside it: {some} …",
        },
    )


def no_single_value(name: Text, value: Value) -> Fault:
    """Fields or a list stand where one value is wanted."""
    return Fault(
        "record:kind",
        {
            "da": f"{name['da']} skal være en enkelt værdi, ikke {_kind_of(value)['da']}",
            "en": f"{name['en']} takes a single value, not {_kind_of(value)['en']}",
        },
        {
            "da": "skriv værdien på samme linje; sæt anførselstegn om tekst med klammer",
            "en": "write the value on the same line; put quotes around text with brackets",
        },
    )


def no_form(name: Text, text: str, kind: RecordClass) -> Fault:
    """A value is in none of the forms in which the part can be written."""
    said = {
        language: ", ".join(f"'{each}'" for each in kind.examples.get(language, ()))
        for language in LANGUAGES
    }
    label = {language: kind.label.get(language, kind.name).lower() for language in LANGUAGES}
    article = "an" if label["en"][:1] in "aeiou" else "a"
    guess = next((each for each in numbers(text) if any(f.read(each) for f in kind.forms)), "")
    meant_ = {
        "da": f"mente du '{guess}'? " if guess else "",
        "en": f"did you mean '{guess}'? " if guess else "",
    }
    return Fault(
        "record:form",
        {
            "da": f"{name['da']} '{short(text)}' kan ikke læses som {label['da']}",
            "en": f"{name['en']} '{short(text)}' cannot be read as {article} {label['en']}",
        },
        {
            "da": f"{meant_['da']}{kind.cure.get('da', '')} For eksempel {said['da']}.".strip(),
            "en": f"{meant_['en']}{kind.cure.get('en', '')} For example {said['en']}.".strip(),
        },
    )


def used_part_id(own: Value, line: int) -> Fault:
    """The id of a part is used before in the record, on *line*."""
    return Fault(
        "record:id",
        {
            "da": f"id '{short(own)}' er brugt før i posten, på linje {line}",
            "en": f"the id '{short(own)}' is used before in the record, on line {line}",
        },
        {"da": "giv den ene et andet id", "en": "give one of them another id"},
    )


def no_part_id(own: Value) -> Fault:
    """The id of a part is unsafe as part of an address."""
    return Fault(
        "record:id",
        {
            "da": f"id '{short(own)}' kan ikke bruges",
            "en": f"the id '{short(own)}' cannot be used",
        },
        {
            "da": "skriv et navn af små bogstaver a-z, tal og enkelte bindestreger",
            "en": "write a name of small letters a-z, digits and single hyphens",
        },
    )


def no_type(name: Text, given: Value, kind: RecordClass) -> Fault:
    """A part says that it is of another type than its field holds."""
    return Fault(
        "record:type",
        {
            "da": f"{name['da']} '{short(given)}' er ikke typen her",
            "en": f"{name['en']} '{short(given)}' is not the type here",
        },
        {
            "da": f"slet linjen; typen er {kind.name} (arten skrives i et andet felt)",
            "en": f"delete the line; the type is {kind.name} (the kind is another field)",
        },
    )


def unknown_key(key: str, kind: RecordClass, inner: Sequence[str] = ()) -> Fault:
    """A key is none of the fields; *inner* are the fields whose parts have one of that name."""
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
    elif inner:
        cure = {
            "da": f"'{short(key)}' skrives inde i {either(list(inner), 'eller')}; flyt det derind",
            "en": f"'{short(key)}' is written inside {either(list(inner), 'or')}; move it there",
        }
    return Fault(
        "record:unknown",
        {
            "da": f"{label['da']} har intet felt '{short(key)}'",
            "en": f"{label['en']} has no field '{short(key)}'",
        },
        cure,
    )


def outside(key: str, above: Field) -> Fault:
    """A key stands below an empty field instead of inside it."""
    return Fault(
        "record:indent",
        {
            "da": f"'{short(key)}' står uden for {above.key}",
            "en": f"'{short(key)}' stands outside {above.key}",
        },
        {
            "da": f"flyt det, der hører til {above.key}, derind; i YAML rykkes hver linje to "
            "mellemrum ind",
            "en": f"move what belongs to {above.key} into it; in YAML, indent each line by two "
            "spaces",
        },
    )


def too_deep(key: str, around: RecordClass) -> Fault:
    """A key stands inside a field instead of beside it."""
    label = {language: around.label.get(language, around.name) for language in LANGUAGES}
    return Fault(
        "record:indent",
        {
            "da": f"'{short(key)}' står for langt inde; det er et felt i {label['da']}",
            "en": f"'{short(key)}' stands too far in; it is a field of {label['en']}",
        },
        {
            "da": "flyt det ud; i YAML rykkes linjen lige så langt ind som de andre felter",
            "en": "move it out; in YAML, indent the line as far as the other fields",
        },
    )


def misspelt_key(key: str, name: str) -> Fault:
    """The key *key* stands for *name*, which every record has."""
    return Fault(
        "record:unknown",
        {"da": f"'{short(key)}' er intet felt", "en": f"'{short(key)}' is no field"},
        {"da": f"mente du '{name}'?", "en": f"did you mean '{name}'?"},
    )


def computed(name: Text) -> Fault:
    """The author gives another value for a field than the one that is computed."""
    return Fault(
        "record:computed",
        {
            "da": f"{name['da']} beregnes og stemmer ikke med det beregnede",
            "en": f"{name['en']} is computed and differs from what was computed",
        },
        {"da": "slet linjen", "en": "delete the line"},
    )


def twice(name: Text, other: str) -> Fault:
    """A field is given by its own key and by a written form, and the two differ."""
    return Fault(
        "record:twice",
        {
            "da": f"{name['da']} står også i {other}, og de to er forskellige",
            "en": f"{name['en']} stands in {other} too, and the two differ",
        },
        {"da": "behold det ene", "en": "keep one of them"},
    )


# -- values


def empty(name: Text) -> Fault:
    """Nothing stands behind a key."""
    return Fault(
        "record:empty",
        {"da": f"{name['da']} er tomt", "en": f"{name['en']} is empty"},
        {"da": "skriv en værdi, eller slet linjen", "en": "write a value, or delete the line"},
    )


def no_language(name: Text, cure: Text) -> Fault:
    """A text does not say which language it is in; *cure* is what the field is for."""
    return Fault(
        "record:language",
        {
            "da": f"{name['da']} siger ikke, hvilket sprog det er på",
            "en": f"{name['en']} does not say which language it is in",
        },
        {
            "da": "skriv den danske tekst under da og den engelske under en, hver for sig. "
            + cure.get("da", ""),
            "en": "write the Danish text under da and the English one under en, each by itself. "
            + cure.get("en", ""),
        },
    )


def language(name: Text, tag: str) -> Fault:
    """A key that should be a language is none."""
    meant_tag = MEANT_LANGUAGES.get(tag.casefold()[:3] if tag.isalpha() else tag, "")
    if meant_tag or tag.casefold() in LANGUAGES:
        tags = meant_tag or tag.casefold()
        cure = {"da": f"mente du '{tags}'?", "en": f"did you mean '{tags}'?"}
    else:
        cure = {"da": "skriv da eller en", "en": "write da or en"}
    return Fault(
        "record:language",
        {
            "da": f"{name['da']}: '{short(tag)}' er ikke et sprog",
            "en": f"{name['en']}: '{short(tag)}' is not a language",
        },
        cure,
    )


def no_line(name: Text) -> Fault:
    """A value that is no text goes over several lines."""
    return Fault(
        "record:line",
        {"da": f"{name['da']} står på flere linjer", "en": f"{name['en']} has several lines"},
        {
            "da": "skriv det på én linje, med komma imellem",
            "en": "write it on one line, with commas between",
        },
    )


def no_value(name: Text, value: str, datatype: str, cure: Text) -> Fault:
    """A value is none of its datatype."""
    expected = expectation(datatype)
    # A number with a sign or word around it, or a comma; or a date as people write it.
    date = meant(value) or value
    for guess in (re.sub(r"[ %]|kr\.?$", "", value).replace(",", "."), date, date[:7], date[:4]):
        if guess and guess != value and is_lexical(guess, datatype):
            cure = {"da": f"mente du '{guess}'?", "en": f"did you mean '{guess}'?"}
            break
    return Fault(
        "sh:datatype",
        {
            "da": f"{name['da']} '{short(value)}' er ikke {expected['da']}",
            "en": f"{name['en']} '{short(value)}' is not {expected['en']}",
        },
        cure,
    )


def no_code(name: Text, value: str, codelist: Codelist, *, table: bool = False) -> Fault:
    """A value is in no spelling a code of the codelist. Lists look otherwise in a *table*."""
    scheme = codelist.iri.rpartition("/")[2]
    return Fault(
        "sh:node",
        {
            "da": f"{name['da']} '{short(value)}' står ikke i kodelisten {scheme}",
            "en": f"{name['en']} '{short(value)}' is not in the codelist {scheme}",
        },
        code_cure(value, codelist, table=table),
    )


def no_iri(
    name: Text, value: str, target: RecordClass | None, parts: Iterable[str], *, table: bool
) -> Fault:
    """A value is neither the id of a record of the class *target* nor an address.

    *parts* are the ids of the parts of the record, if one of these may be meant.
    """
    return Fault(
        "record:iri",
        {
            "da": f"{name['da']} '{short(value)}' er hverken et id eller en adresse",
            "en": f"{name['en']} '{short(value)}' is neither an id nor an address",
        },
        pointer_cure(value, target, parts, table),
    )
