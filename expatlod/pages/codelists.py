"""Say what each codelist holds, a long one in groups of what lies below the same code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from expatlod import graphs
from expatlod.errors import LANGUAGES, Text
from expatlod.fields import Codelist, Concept, Field, RecordClass
from expatlod.pages.terms import Terms
from expatlod.schema.codes import title

__all__ = ["Branch", "CodeEntry", "CodelistEntry", "codelist_entries"]

# A list is shown as a whole up to here.
_LONG = 40


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """A code as it is shown; *others* are its alternative labels by language."""

    concept: Concept
    others: Mapping[str, tuple[str, ...]]
    definition: Text
    matches: tuple[tuple[str, str], ...]
    broader: tuple[str, ...]
    deprecated: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """The codes right below the code *above*, or those below none."""

    above: Concept | None
    codes: tuple[CodeEntry, ...]


@dataclass(frozen=True, slots=True)
class CodelistEntry:
    """A codelist as it is shown."""

    codelist: Codelist
    title: Text
    definition: Text
    use_note: Text
    history_note: Text
    sources: Text
    used_in: tuple[tuple[RecordClass, Field], ...]
    branches: tuple[Branch, ...]
    nested: bool


def codelist_entries(terms: Terms) -> tuple[CodelistEntry, ...]:
    """Return every codelist in order of IRI."""
    return tuple(_entry(terms, each) for each in terms.model.codelists.values())


def _entry(terms: Terms, codelist: Codelist) -> CodelistEntry:
    model = terms.model
    codes = {each.iri: _code(terms, each) for each in codelist.concepts}
    branches = _branches(codelist, codes)
    nested = len(codes) > _LONG and len(branches) > 1
    return CodelistEntry(
        codelist=codelist,
        title=title(model, codelist),
        definition=model.term_texts(codelist.iri, "skos:definition"),
        use_note=model.term_texts(codelist.iri, "skos:scopeNote"),
        history_note=model.term_texts(codelist.iri, "skos:historyNote"),
        sources=model.term_texts(codelist.iri, "dct:source"),
        used_in=tuple(
            (kind, field)
            for kind in model.classes.values()
            for field in kind.fields.values()
            if field.codelist == codelist.iri
        ),
        branches=branches if nested else (Branch(None, tuple(codes.values())),),
        nested=nested,
    )


def _code(terms: Terms, concept: Concept) -> CodeEntry:
    node = ox.NamedNode(concept.iri)
    return CodeEntry(
        concept=concept,
        others={
            tag: tuple(graphs.said(terms.model.ontology, node, "skos:altLabel", tag))
            for tag in LANGUAGES
        },
        definition=terms.model.term_texts(concept.iri, "skos:definition"),
        matches=terms.alignments(concept.iri),
        broader=terms.values(concept.iri, "skos:broader"),
        deprecated="true" in terms.values(concept.iri, "owl:deprecated"),
    )


def _branches(codelist: Codelist, codes: Mapping[str, CodeEntry]) -> tuple[Branch, ...]:
    """Return the codes below none, then those below each code that has some, in their order."""
    below: dict[str, list[CodeEntry]] = {}
    for each in codes.values():
        # A code below itself or below nothing we know is at the top.
        above = next((iri for iri in each.broader if iri in codes and iri != each.concept.iri), "")
        below.setdefault(above, []).append(each)
    return (
        Branch(None, tuple(below.get("", ()))),
        *(Branch(each, tuple(below[each.iri])) for each in codelist.concepts if each.iri in below),
    )
