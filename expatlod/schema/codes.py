"""The words that name a code: its notation first, then its labels, then what the reader knows."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from expatlod import graphs
from expatlod.errors import Text
from expatlod.fields import Codelist, Concept
from expatlod.profile import Model

__all__ = ["Code", "codes", "title"]


@dataclass(frozen=True, slots=True)
class Code:
    """A concept with all its words.

    *shown* are its notation, then preferred and alternative labels; *hidden*, in small letters,
    are all spellings that name it, those too that nobody should be offered.
    """

    concept: Concept
    shown: tuple[str, ...]
    hidden: tuple[str, ...]
    definition: Text


def codes(model: Model, codelist: Codelist) -> list[Code]:
    """Return the codes of *codelist* in order of notation."""
    return [_code(model, codelist, each) for each in codelist.concepts]


def title(model: Model, codelist: Codelist) -> Text:
    """Return what *codelist* is called."""
    node = ox.NamedNode(codelist.iri)
    for predicate in ("dct:title", "skos:prefLabel", "rdfs:label"):
        if texts := graphs.texts(model.ontology, node, predicate):
            return texts
    return {}


def _code(model: Model, codelist: Codelist, concept: Concept) -> Code:
    node = ox.NamedNode(concept.iri)
    labels = concept.labels.values()
    others = graphs.values(model.ontology, node, "skos:altLabel")
    shown = dict.fromkeys(word for word in (concept.notation, *labels, *others) if word)
    hidden = {
        variant.lower()
        for word in (*shown, *graphs.values(model.ontology, node, "skos:hiddenLabel"))
        for variant in (word, word.replace("-", " "), word.replace(" ", "-"))
        if codelist.find(variant.lower()) == concept.iri
    }
    definition = graphs.texts(model.ontology, node, "skos:definition")
    return Code(concept, tuple(shown), tuple(sorted(hidden)), definition)
