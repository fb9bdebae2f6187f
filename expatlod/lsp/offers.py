"""What an editor may offer at the cursor, and what it may say about a word.

All of it comes from the model and the dataset; nothing here knows an editor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from expatlod.collection import Collection
from expatlod.convert import Converted
from expatlod.errors import LANGUAGES, Text
from expatlod.fields import (
    CODE,
    IRI,
    LITERAL,
    PART,
    REFERENCE,
    TEXT,
    Concept,
    Field,
    RecordClass,
)
from expatlod.guesses import nearest
from expatlod.lsp.outline import Box, Outline, Spot, Word
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model

__all__ = ["Offer", "Target", "about", "mended", "offers", "targets"]

_BOOLEAN = PREFIXES["xsd"] + "boolean"

_LANGUAGE_NAMES: Text = {"da": "dansk / Danish", "en": "engelsk / English"}

_REQUIRED: Text = {"da": "skal udfyldes", "en": "required"}
_OPTIONAL: Text = {"da": "kan udelades", "en": "optional"}
_EXAMPLE: Text = {"da": "For eksempel", "en": "For example"}


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be inserted: *text* is, *label* is shown, *detail* and *help* explain."""

    text: str
    label: str
    detail: str = ""
    help: str = ""
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A record that others can point at: its class, its id, and what it is called."""

    kind: str
    id: str
    labels: Text


def targets(collection: Collection) -> tuple[Target, ...]:
    """Return the records of *collection* that have an id, in order of id."""
    found = [_target(collection.model, each) for each in collection.all]
    return tuple(sorted((each for each in found if each.id[:1] != "-"), key=lambda each: each.id))


def _target(model: Model, each: Converted) -> Target:
    kind = model.classes[each.kinds[each.iri]]
    texts = (each.node.get(field.key) for field in kind.fields.values() if field.kind == TEXT)
    first = next((text for text in texts if isinstance(text, dict)), {})
    labels = {tag: words for tag, words in first.items() if isinstance(words, str)}
    return Target(kind.iri, each.iri.rpartition("/")[2], labels)


# -- completion


def offers(model: Model, found: Outline, known: Sequence[Target], lang: str) -> tuple[Offer, ...]:
    """Return what can come at the spot of the cursor in *found*; *known* may be pointed at."""
    if found.spot is None:
        return ()
    return (*_values(model, found, found.spot, known, lang), *_keys(model, found.spot, lang))


def _values(
    model: Model, found: Outline, spot: Spot, known: Sequence[Target], lang: str
) -> Iterator[Offer]:
    if spot.value is None:
        return
    if spot.value == ("type",):
        for each in model.record_classes:
            yield Offer(each.name, each.name, _in(each.label, lang), _in(each.help, lang))
        return
    field = _value_field(model, spot.top, spot.value)
    if field is None:
        return
    if field.kind == CODE:
        for concept in model.codelists[field.codelist].concepts:
            yield _code(model, concept, lang)
    elif field.kind == REFERENCE:
        for target in known:
            if target.kind == field.target:
                other = "".join(target.labels.get(each, "") for each in _others(lang))
                yield Offer(target.id, target.id, _in(target.labels, lang), other)
    elif field.kind == LITERAL and field.datatype == _BOOLEAN:
        yield from (Offer(each, each) for each in ("true", "false"))
    elif field.kind == IRI:
        for name in _parts(found, spot):
            text = f"#{name}" if spot.quoted else f'"#{name}"'
            yield Offer(text, f"#{name}")


def _code(model: Model, concept: Concept, lang: str) -> Offer:
    label = _in(concept.labels, lang) or concept.notation
    others = [concept.labels[each] for each in _others(lang) if concept.labels.get(each)]
    detail = " · ".join(dict.fromkeys([concept.notation, *others]))
    help = _in(model.term_texts(concept.iri, "skos:definition"), lang)
    return Offer(concept.notation, label, detail, help)


def _parts(found: Outline, spot: Spot) -> Iterator[str]:
    """Yield the ids that the parts of the record have."""
    for word in found.words:
        own = word.key == "id" and not word.is_key and word.box.top is spot.top
        if own and word.box is not spot.top and word.text:
            yield word.text


def _keys(model: Model, spot: Spot, lang: str) -> Iterator[Offer]:
    if spot.keys is None:
        return
    name = spot.top.keys.get("type", "")
    given = spot.present
    if not spot.keys:
        yield from (_plain_key(key, lang) for key in ("id", "type") if key not in given)
    kind = _class(model, name, spot.keys)
    if kind is not None:
        yield from _fields(kind, given, lang, nested=bool(spot.keys))
        below = kind.fields.get(kind.text_key)
        if below is None or below.kind != TEXT or given.difference(LANGUAGES):
            return
    else:
        below = _field(model, name, spot.keys)
        if below is None or below.kind != TEXT:
            return
    for tag in LANGUAGES:
        if tag not in given:
            yield Offer(tag, tag, _LANGUAGE_NAMES[tag], _in(below.help, lang), is_key=True)


def _fields(
    kind: RecordClass, given: frozenset[str], lang: str, *, nested: bool
) -> Iterator[Offer]:
    for each in kind.fields.values():
        if not each.computed and each.key not in given:
            need = f" ({_in(_REQUIRED, lang)})" if each.required else ""
            yield Offer(
                each.key, each.key, _in(each.name, lang) + need, _help(each, lang), is_key=True
            )
    if kind.written_in and kind.written_in not in given:
        said = ", ".join(f"`{example}`" for example in kind.examples.get(lang, ()))
        help = " ".join(filter(None, (_in(kind.cure, lang), said)))
        yield Offer(kind.written_in, kind.written_in, _in(kind.label, lang), help, is_key=True)
    if nested and "id" not in given:
        yield _plain_key("id", lang)


def _plain_key(key: str, lang: str) -> Offer:
    return Offer(key, key, _in(_PLAIN[key], lang), is_key=True)


#: The keys that every record has, and what they are for.
_PLAIN: dict[str, Text] = {
    "id": {
        "da": "navnet i adressen: små bogstaver, tal og bindestreger",
        "en": "the name in the address: small letters, digits and hyphens",
    },
    "type": {"da": "hvad posten beskriver", "en": "what the record describes"},
}


# -- hover


def about(model: Model, word: Word, lang: str) -> str:
    """Return what there is to say about a key or a code, in Markdown; about other words nothing."""
    name = word.box.top.keys.get("type", "")
    if word.path in (("id",), ("type",)):
        kind = model.classes.get(word.text)
        if kind is not None and not word.is_key:
            return _paragraphs(f"**{_in(kind.label, lang)}** `{kind.name}`", _in(kind.help, lang))
        return _in(_PLAIN[word.path[0]], lang) if word.is_key else ""
    if word.is_key:
        field = _field(model, name, word.path)
        return _about_field(field, lang) if field is not None else ""
    field = _value_field(model, word.box.top, word.path)
    if field is None or field.kind != CODE:
        return ""
    codes = model.codelists[field.codelist]
    iri = codes.find(word.text)
    for concept in codes.concepts:
        if concept.iri in (iri, word.text):
            labels = " · ".join(
                dict.fromkeys(concept.labels[tag] for tag in sorted(concept.labels))
            )
            definition = _in(model.term_texts(concept.iri, "skos:definition"), lang)
            return _paragraphs(f"**{labels}** `{concept.notation}`", definition)
    return ""


def mended(model: Model, word: Word) -> str:
    """Return the code that *word* was probably meant to be, or the empty string."""
    field = None if word.is_key else _value_field(model, word.box.top, word.path)
    if field is None or field.kind != CODE:
        return ""
    concepts = model.codelists[field.codelist].concepts
    spellings = {
        text: each.notation for each in concepts for text in (each.notation, *each.labels.values())
    }
    return spellings.get(nearest(word.text, spellings), "")


def _about_field(field: Field, lang: str) -> str:
    need = _in(_REQUIRED if field.required else _OPTIONAL, lang)
    return _paragraphs(f"**{_in(field.name, lang)}** `{field.key}` ({need})", _help(field, lang))


def _help(field: Field, lang: str) -> str:
    example = f"{_in(_EXAMPLE, lang)}: `{field.key}: {field.right}`" if field.right else ""
    return _paragraphs(_in(field.help, lang), _in(field.why, lang), example)


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(filter(None, texts))


# -- where a path leads


def _class(model: Model, name: str, path: Iterable[str]) -> RecordClass | None:
    """Return the class of the node at *path* in a record of the class *name*, if it is a node."""
    kind = next((each for each in model.record_classes if each.name == name), None)
    for key in path:
        field = kind.fields.get(key) if kind else None
        if field is None or field.kind != PART:
            return None
        kind = model.classes_by_iri[field.target]
    return kind


def _field(model: Model, name: str, path: Sequence[str]) -> Field | None:
    """Return the field at *path* in a record of the class *name*, if there is one."""
    kind = _class(model, name, path[:-1])
    return kind.fields.get(path[-1]) if kind and path else None


def _value_field(model: Model, top: Box, path: Sequence[str]) -> Field | None:
    """Return the field that a single value at *path* fills: a part may be written as one value."""
    field = _field(model, top.keys.get("type", ""), path)
    while field is not None and field.kind == PART:
        kind = model.classes_by_iri[field.target]
        field = kind.fields.get(kind.text_key)
    return field


def _in(text: Text, lang: str) -> str:
    return text.get(lang) or next(iter(text.values()), "")


def _others(lang: str) -> tuple[str, ...]:
    return tuple(each for each in LANGUAGES if each != lang)
