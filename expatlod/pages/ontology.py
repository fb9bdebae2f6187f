"""The pages about the ontology: what a record can say, one page in each language."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from expatlod.catalog.record import author
from expatlod.edition import Edition
from expatlod.errors import LANGUAGES
from expatlod.pages.classes import class_entries, rules_of_property
from expatlod.pages.codelists import codelist_entries
from expatlod.pages.diagram import draw
from expatlod.pages.rendering import fragment, is_link, markup, render
from expatlod.pages.terms import Terms
from expatlod.pages.words import day, number, other, words

__all__ = ["NAMES", "ontology_pages"]

#: What the page in each language is called, in the release and in its folder for the ontology.
NAMES = {"da": "index.html", "en": "index.en.html"}

_FOLDER = "ontology/"

_SECTIONS = (
    *("main", "contents", "diagram", "classes", "properties", "codelists", "alignments"),
    *("individuals", "namespaces", "files"),
)

_FEATURES = (
    *("ObjectProperty", "DatatypeProperty", "AnnotationProperty", "FunctionalProperty"),
    *("InverseFunctionalProperty", "TransitiveProperty", "SymmetricProperty"),
)


def ontology_pages(edition: Edition, files: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the pages about the ontology and their diagrams, with their paths in the release."""
    terms = Terms(edition.model)
    codelists = codelist_entries(terms)
    for lang in LANGUAGES:
        said = words(lang)
        yield f"{_FOLDER}diagram.{lang}.svg", draw(terms, lang, said, NAMES[lang])
        classes = class_entries(terms, lang, said)
        values = {
            "lang": lang,
            "w": said,
            "other": other(lang),
            "other_name": NAMES[other(lang)],
            "root": "../",
            "ids": {name: terms.section(name) for name in _SECTIONS},
            "edition": edition,
            "terms": terms,
            "ontology": terms.ontology,
            "creators": [(each, _called(edition, each)) for each in terms.ontology.creators],
            "day": day(edition.issued, lang),
            "classes": classes,
            "properties": [_property(terms, iri) for iri in terms.properties],
            "codelists": codelists,
            "alignments": [
                (iri, how, target)
                for iri in (*terms.classes, *terms.properties)
                for how, target in terms.alignments(iri)
            ],
            "diagram": markup(draw(terms, lang, said)),
            "diagram_name": f"diagram.{lang}.svg",
            "turtle": sorted(each for each in files if each.endswith(".ttl") and _is_profile(each)),
            "context": f"{_FOLDER}context.jsonld" in files,
            "release": NAMES[lang],
            "href": _hrefs(terms),
            "number": lambda count, lang=lang: number(count, lang),
        }
        yield _FOLDER + NAMES[lang], render("ontology.html", values)


def _is_profile(path: str) -> bool:
    return path.startswith((_FOLDER, "shapes/"))


def _called(edition: Edition, iri: str) -> dict[str, str]:
    """Return what *iri* is called, as far as the release's own records say."""
    publisher = edition.publisher
    return dict(author(edition).name) if publisher and publisher.iri == iri else {}


def _property(terms: Terms, iri: str) -> dict[str, object]:
    kinds = terms.values(iri, "rdf:type")
    local = [each.rpartition("#")[2] for each in kinds]
    return {
        "iri": iri,
        "label": terms.label(iri),
        "definition": terms.definition(iri),
        "features": [each for each in _FEATURES if each in local],
        "above": terms.values(iri, "rdfs:subPropertyOf"),
        "domain": terms.values(iri, "rdfs:domain"),
        "range": terms.values(iri, "rdfs:range"),
        "inverse": terms.values(iri, "owl:inverseOf"),
        "see_also": terms.values(iri, "rdfs:seeAlso"),
        "alignments": terms.alignments(iri),
        "used_in": [
            (kind, field)
            for kind in terms.model.classes.values()
            for field in kind.fields.values()
            if field.path == iri
        ],
        "rules": rules_of_property(terms, iri),
        "deprecated": "true" in terms.values(iri, "owl:deprecated"),
    }


def _hrefs(terms: Terms) -> object:
    def href(iri: str) -> str:
        """Return where a reader finds *iri*: on the page, on the web, or nowhere."""
        anchor = terms.anchor(iri)
        return fragment(anchor) if anchor else iri if is_link(iri) else ""

    return href
