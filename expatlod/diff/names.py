"""Say what IRIs are called: codes by their label, records by their title, parts by their place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import pyoxigraph as ox

from expatlod import graphs
from expatlod.canonical import kebab
from expatlod.errors import LANGUAGES, Text
from expatlod.fields import TEXT, Field, RecordClass
from expatlod.profile import Model

__all__ = ["Names", "both", "joined", "label_field", "language", "local_name", "plain"]

#: What codes and terms are called by, the first that there is.
LABELS = ("skos:prefLabel", "rdfs:label", "dct:title", "sh:name")

_LANGUAGES: Mapping[str, Text] = {
    "da": {"da": "på dansk", "en": "in Danish"},
    "en": {"da": "på engelsk", "en": "in English"},
}


def both(text: Text) -> Text:
    """Return *text* in each language that we speak; one that is missing is taken from another.

    >>> both({"da": "båd"})
    {'da': 'båd', 'en': 'båd'}
    """
    other = next(iter(text.values()), "")
    return {each: text.get(each) or other for each in LANGUAGES}


def plain(word: str) -> Text:
    """Return *word* as it is in each language."""
    return dict.fromkeys(LANGUAGES, word)


def joined(*parts: Text) -> Text:
    """Return *parts* with blanks between them, in each language."""
    return {each: " ".join(filter(None, (part[each] for part in parts))) for each in LANGUAGES}


def language(tag: str) -> Text:
    """Say in which language a text is.

    >>> language("da")["en"], language("fr")["en"]
    ('in Danish', '(fr)')
    """
    return _LANGUAGES.get(tag, plain(f"({tag})"))


def local_name(iri: str) -> str:
    """Return the last part of *iri*, which names a record.

    >>> local_name("https://example.org/id/boat/a-17")
    'a-17'
    """
    return re.split("[/#]", iri.rstrip("/#"))[-1] or iri


def label_field(kind: RecordClass) -> Field | None:
    """Return the field that records of the class *kind* are called by: a text that they must have.

    Without such, the first text; None when there are no texts.
    """
    texts = [each for each in kind.fields.values() if each.kind == TEXT]
    return next((each for each in texts if each.required), texts[0] if texts else None)


class Names:
    """What IRIs are called.

    *graphs_* are ontologies with codes, the first counts; *called* gives the labels of a record as
    N-Triples write them, each on a line.
    """

    def __init__(
        self, model: Model, graphs_: Sequence[ox.Store], called: Callable[[str], bytes]
    ) -> None:
        self._model = model
        self._graphs = (*graphs_, model.ontology)
        self._called = called
        self._known: dict[str, Text] = {}

    def field(self, field: Field | None, path: str) -> Text:
        """Return the name of a property in a record."""
        return both(field.name) if field and field.name else plain(self._model.curie(path))

    def part(self, field: Field, iri: str, above: str) -> Text:
        """Return what the part *iri* of the node *above* is called: its field and number, or id."""
        name = self.field(field, field.path)
        if not field.many:
            return name
        number = self.number(field, iri, above)
        return joined(name, plain(str(number) if number else iri.partition("#")[2]))

    def number(self, field: Field, iri: str, above: str) -> int:
        """Return the number in the name of a part; 0 when its author gave it a name."""
        fragment = above.partition("#")[2]
        begin = f"{fragment}-{kebab(field.key)}" if fragment else kebab(field.key)
        match = re.fullmatch(re.escape(begin) + "-([0-9]{1,9})", iri.partition("#")[2])
        return int(match.group(1)) if match else 0

    def concept(self, iri: str) -> Text:
        """Return what a code or term is called; empty when it is not known."""
        if iri not in self._known:
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[iri] = self._label(iri)
        return self._known[iri]

    def _label(self, iri: str) -> Text:
        for graph in self._graphs:
            for predicate in LABELS:
                found = graphs.texts(graph, ox.NamedNode(iri), predicate)
                if found:
                    return both(found)
        return {}

    def of(self, iri: str) -> Text:
        """Return what *iri* is called: a code's label, a record's title; else the IRI itself."""
        if iri.startswith("mailto:"):
            return plain(iri.removeprefix("mailto:"))
        known = self.concept(iri)
        if known:
            return known
        record, _, fragment = iri.partition("#")
        title = self.title(self._called(record))
        if not title:
            return plain(iri)
        return joined(title, plain(f"#{fragment}" if fragment else ""))

    def title(self, labels: bytes) -> Text:
        """Return *labels*, each on a line as N-Triples write it, as a text; empty for none."""
        lines = b"".join(b"<a:a> <a:a> %b\n" % line for line in labels.splitlines())
        return title(triple.object for triple in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES))


def title(terms: Iterable[object]) -> Text:
    """Return the first text of *terms* in each language; empty when there is none."""
    found: dict[str, str] = {}
    for term in sorted(
        (each for each in terms if isinstance(each, ox.Literal)), key=lambda each: each.value
    ):
        found.setdefault(term.language or "", term.value)
    return both(found) if found else {}
