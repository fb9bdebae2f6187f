"""Write a part as its author would: `ca. 500` for a number with its reservation.

A class of parts says in which forms it is read, and gives examples of them. A text is made from an
example by changing its words, and is only used when the forms read the right values from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from expatlod import graphs
from expatlod.errors import LANGUAGES
from expatlod.fields import CODE, RecordClass
from expatlod.profile import Model

__all__ = ["keys", "written"]


def keys(kind: RecordClass) -> frozenset[str]:
    """Return the keys of the fields that the written forms of *kind* fill."""
    return frozenset(key for form in kind.forms for key in form.keys)


def written(model: Model, kind: RecordClass, values: Mapping[str, str], lang: str) -> str:
    """Return how an author writes a part of the class *kind* in one value.

    *values* are lexical forms and IRIs of codes by key, of `keys`. The text is empty when there is
    no form for them.
    """
    for text in _candidates(model, kind, values, lang):
        if _read(model, kind, text) == _complete(kind, values):
            return text
    return ""


def _candidates(
    model: Model, kind: RecordClass, values: Mapping[str, str], lang: str
) -> Iterator[str]:
    examples = _examples(kind, lang)
    for text in examples:
        for form in kind.forms:
            match = form.pattern.fullmatch(text)
            if match is None:
                continue
            groups = [name for name, word in match.groupdict().items() if word is not None]
            key_of = {
                name: next((key for key in name.split("__") if key in values), "")
                for name in groups
            }
            said = [values[key] for key in key_of.values() if key]
            if "" in key_of.values() or len(set(said)) < len(said):
                # It says less, or has two places for what is one.
                break
            filled = text
            for name in sorted(groups, key=match.start, reverse=True):
                key = key_of[name]
                word = _words(model, kind, key, values[key], match.group(name), lang)[0]
                filled = filled[: match.start(name)] + word + filled[match.end(name) :]
            yield filled
            # A word in front may go with more forms than there are examples of.
            for key in sorted(values.keys() - {key for name in groups for key in name.split("__")}):
                if kind.fields[key].kind == CODE:
                    for word in _words(model, kind, key, values[key], "", lang):
                        yield f"{word} {filled}"
            break


def _examples(kind: RecordClass, lang: str) -> list[str]:
    texts = [*kind.examples.get(lang, ())]
    texts += [each for other in LANGUAGES for each in kind.examples.get(other, ())]
    return list(dict.fromkeys(texts))


def _words(
    model: Model, kind: RecordClass, key: str, value: str, example: str, lang: str
) -> list[str]:
    """Return ways to write *value*: as in the *example*, if that means the same, or as labels."""
    field = kind.fields[key]
    if field.kind != CODE:
        return [value]
    codes = model.codelists[field.codelist]
    if example and codes.find(example) == value:
        return [example]
    concept = next((each for each in codes.concepts if each.iri == value), None)
    if concept is None:
        return [value]
    own = [
        word
        for text in _examples(kind, lang)
        for form in kind.forms
        if (word := (form.read(text) or {}).get(key)) and codes.find(word) == value
    ]
    others = graphs.said(model.ontology, ox.NamedNode(value), "skos:altLabel", lang)
    label = concept.labels.get(lang, concept.notation)
    return list(dict.fromkeys([*own, *(word.lower() for word in (label, *others))]))


def _read(model: Model, kind: RecordClass, text: str) -> Mapping[str, str]:
    """Return the values that the first form that fits reads from *text*."""
    for form in kind.forms:
        found = form.read(text)
        if found is not None:
            values = {}
            for key, word in found.items():
                field = kind.fields[key]
                if field.kind == CODE:
                    word = model.codelists[field.codelist].find(word) or word
                values[key] = word
            return _complete(kind, values)
    return {}


def _complete(kind: RecordClass, values: Mapping[str, str]) -> Mapping[str, str]:
    """Return *values* with the defaults of what is not among them."""
    filled = keys(kind)
    defaults = {key: kind.fields[key].default for key in filled if kind.fields[key].default}
    return {**defaults, **values}
