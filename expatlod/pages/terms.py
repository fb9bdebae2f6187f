"""Read what the ontology says of its terms, and give each its place on the pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from expatlod import graphs
from expatlod.errors import Text
from expatlod.namespaces import curie, expand
from expatlod.profile import Model

__all__ = ["ALIGNMENTS", "Group", "Individual", "Ontology", "Terms"]

_CLASSES = ("owl:Class", "rdfs:Class")
_PROPERTIES = (
    "rdf:Property",
    "owl:ObjectProperty",
    "owl:DatatypeProperty",
    "owl:AnnotationProperty",
)

# What is shown in a place of its own, or says nothing to a person.
_NO_INDIVIDUALS = {
    expand(name)
    for name in (
        *_CLASSES,
        *_PROPERTIES,
        "owl:Ontology",
        "owl:NamedIndividual",
        "skos:Concept",
        "skos:ConceptScheme",
    )
}

#: How a term can be said to be near to one of another vocabulary, the nearest first.
ALIGNMENTS = (
    "owl:sameAs",
    "owl:equivalentClass",
    "owl:equivalentProperty",
    "skos:exactMatch",
    "skos:closeMatch",
    "skos:broadMatch",
    "skos:narrowMatch",
    "skos:relatedMatch",
)

# The local part of a CURIE that reads well: https://www.w3.org/TR/xml-names/#NT-NCName, or less.
_LOCAL = re.compile(r"[^\W\d][\w.-]*")

# What neither an id nor the fragment of an address should hold.
_UNSAFE = re.compile(r"[^\w.:~/-]")

# What tells nothing of an individual, or is shown beside it.
_TOLD = {
    expand(name)
    for name in ("rdf:type", "rdfs:label", "skos:prefLabel", "skos:definition", "rdfs:isDefinedBy")
}


@dataclass(frozen=True, slots=True)
class Ontology:
    """What an ontology says of itself."""

    iri: str
    title: Text
    description: Text
    version: str
    version_iri: str
    published: str
    licence: str
    creators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Individual:
    """A thing that the ontology names; *facts* are properties with a value, an IRI or not."""

    iri: str
    label: Text
    definition: Text
    facts: tuple[tuple[str, str, Text], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The individuals of one class."""

    iri: str
    members: tuple[Individual, ...]


class Terms:
    """The classes, properties and individuals of a model, and the anchors of what has one.

    *ontology* is the one that names most of the terms; *others* are described beside it.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._graph = model.ontology
        self._prefixes = {**_prefixes(model), **model.prefixes}
        typed = {name: self._of_type(name) for name in (*_CLASSES, *_PROPERTIES)}
        classes = {iri for name in _CLASSES for iri in typed[name]} | set(model.classes_by_iri)
        fields = [each for kind in model.classes.values() for each in kind.fields.values()]
        properties = {iri for name in _PROPERTIES for iri in typed[name]}
        properties |= {each.path for each in fields}
        found = sorted(
            (self._ontology(iri) for iri in self._of_type("owl:Ontology")),
            key=lambda each: (-_named(each.iri, classes | properties), each.iri),
        )
        self.ontology = found[0] if found else Ontology("", {}, {}, "", "", "", "", ())
        self.others = tuple(found[1:])
        self.namespace = self._namespace(self.ontology.iri, classes | properties)
        self.classes = self._sorted(classes)
        self.properties = self._sorted(properties - classes)
        self._anchors: dict[str, str] = {}
        self._taken: set[str] = set()
        for iri in (*self.classes, *self.properties):
            self._anchor(iri, self._local(iri))
        for iri in model.codelists:
            scheme = self._anchor(iri, "code-" + iri.rstrip("/#").rpartition("/")[2])
            for concept in model.codelists[iri].concepts:
                self._anchor(concept.iri, f"{scheme}-{concept.notation}")

    # -- names

    def name(self, iri: str) -> str:
        """Return *iri* as people write it: as a CURIE where that reads well."""
        short = curie(iri, self._prefixes)
        return short if short != iri and _LOCAL.fullmatch(short.partition(":")[2]) else iri

    def label(self, iri: str) -> Text:
        """Return what *iri* is called."""
        for predicate in ("rdfs:label", "skos:prefLabel", "dct:title"):
            if texts := self.model.term_texts(iri, predicate):
                return texts
        kind = self.model.classes_by_iri.get(iri)
        field = self.model.field_of(iri)
        return kind.label if kind else field.name if field else {}

    def definition(self, iri: str) -> Text:
        """Return what *iri* means: its definition, else how it is used."""
        for predicate in ("skos:definition", "skos:scopeNote", "rdfs:comment"):
            if texts := self.model.term_texts(iri, predicate):
                return texts
        kind = self.model.classes_by_iri.get(iri)
        return kind.help if kind else {}

    def anchor(self, iri: str) -> str:
        """Return where *iri* is described on the page of the ontology, or the empty string."""
        return self._anchors.get(iri, "")

    def section(self, name: str) -> str:
        """Return an anchor for a part of the page, one that no term has."""
        while name in self._taken:
            name += "_"
        return name

    def is_own(self, iri: str) -> bool:
        """Tell whether *iri* is a term of the ontology and not of another vocabulary."""
        return bool(self.namespace) and iri.startswith(self.namespace)

    # -- what is said

    def values(self, iri: str, predicate: str) -> tuple[str, ...]:
        """Return the IRIs and lexical forms that *iri* has for *predicate*."""
        return tuple(graphs.values(self._graph, ox.NamedNode(iri), predicate))

    def subjects(self, predicate: str, iri: str) -> tuple[str, ...]:
        """Return what has *iri* for *predicate*."""
        found = (node.value for node, each in graphs.pairs(self._graph, predicate) if each == iri)
        return self._sorted(found)

    def alignments(self, iri: str) -> tuple[tuple[str, str], ...]:
        """Return the relations of *iri* to terms elsewhere: local name of the relation, IRI."""
        return tuple(
            (predicate.partition(":")[2], each)
            for predicate in ALIGNMENTS
            for each in self.values(iri, predicate)
        )

    @cached_property
    def prefixes(self) -> tuple[tuple[str, str], ...]:
        """The prefixes that the names of terms and datatypes use, with their namespaces."""
        terms = {*self.classes, *self.properties}
        for kind in self.model.classes.values():
            terms |= {each.datatype for each in kind.fields.values()}
        for iri in (*self.classes, *self.properties):
            terms |= {each for _, each in self.alignments(iri)}
            terms |= set(self.values(iri, "rdfs:range")) | set(self.values(iri, "rdfs:subClassOf"))
        used = {self.name(each).partition(":")[0] for each in terms if self.name(each) != each}
        return tuple(sorted((name, self._prefixes[name]) for name in used))

    @cached_property
    def individuals(self) -> tuple[Group, ...]:
        """The individuals, by class."""
        described = {*self.classes, *self.properties}
        groups: dict[str, list[Individual]] = {}
        for node, kind in graphs.pairs(self._graph, "rdf:type"):
            if kind in self.classes and kind not in _NO_INDIVIDUALS and node.value not in described:
                groups.setdefault(kind, []).append(self._individual(node))
        return tuple(
            Group(kind, tuple(sorted(groups[kind], key=lambda each: each.iri)))
            for kind in self._sorted(groups)
        )

    def _individual(self, node: ox.NamedNode) -> Individual:
        facts: list[tuple[str, str, Text]] = []
        texts: set[str] = set()
        for quad in self._graph.quads_for_pattern(node, None, None):
            predicate, value = quad.predicate.value, quad.object
            if predicate in _TOLD or predicate in texts:
                continue
            if isinstance(value, ox.Literal) and value.language:
                texts.add(predicate)
                facts.append((predicate, "", graphs.texts(self._graph, node, predicate)))
            elif isinstance(value, ox.NamedNode | ox.Literal):
                facts.append((predicate, value.value, {}))
        label = self.label(node.value)
        ordered = sorted(facts, key=lambda fact: (self.name(fact[0]), fact[1]))
        return Individual(node.value, label, self.definition(node.value), tuple(ordered))

    # -- reading

    def _of_type(self, name: str) -> list[str]:
        kind = expand(name)
        return [node.value for node, each in graphs.pairs(self._graph, "rdf:type") if each == kind]

    def _ontology(self, iri: str) -> Ontology:
        def one(predicate: str) -> str:
            return next(iter(self.values(iri, predicate)), "")

        return Ontology(
            iri=iri,
            title=self.label(iri),
            description=self.model.term_texts(iri, "dct:description")
            or self.model.term_texts(iri, "rdfs:comment"),
            version=one("owl:versionInfo"),
            version_iri=one("owl:versionIRI"),
            published=one("dct:issued"),
            licence=one("dct:license"),
            creators=self.values(iri, "dct:creator"),
        )

    def _namespace(self, iri: str, terms: Iterable[str]) -> str:
        """Return the namespace of the ontology *iri*: the one it names, else the one it has."""
        if not iri:
            return ""
        for named in self.values(iri, "vann:preferredNamespaceUri"):
            return named
        separated = any(each.startswith(f"{iri}#") for each in terms)
        return iri if iri.endswith(("#", "/")) else f"{iri}#" if separated else f"{iri}/"

    def _sorted(self, iris: Iterable[str]) -> tuple[str, ...]:
        """Return *iris* in order of name, those of the ontology first."""
        return tuple(
            sorted(
                iris,
                key=lambda iri: (not self.is_own(iri), self.name(iri).casefold(), iri),
            )
        )

    def _local(self, iri: str) -> str:
        return iri[len(self.namespace) :] if self.is_own(iri) else self.name(iri)

    def _anchor(self, iri: str, wanted: str) -> str:
        anchor = self.section(_UNSAFE.sub("_", wanted) or "_")
        self._taken.add(anchor)
        return self._anchors.setdefault(iri, anchor)


def _named(ontology: str, terms: Iterable[str]) -> int:
    begin = ontology.rstrip("#/")
    return sum(1 for each in terms if each.startswith((f"{begin}#", f"{begin}/")))


def _prefixes(model: Model) -> dict[str, str]:
    """Return the prefixes that the files of the ontology and of the shapes use."""
    return dict(_prefixes_of(model))


def _prefixes_of(model: Model) -> Iterator[tuple[str, str]]:
    for path in (*model.folder.ontology, *model.folder.shapes):
        parser = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
        # They are known when all has been read.
        for _ in parser:
            pass
        yield from parser.prefixes.items()
