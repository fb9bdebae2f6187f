"""Describe a release in VoID, so that clients see what is in it before they load it.

What leads from class to class is told in the form that editors of SPARQL ask for when they complete
a query: within the partition of a class the partition of each property, and in that the classes of
its values, or their datatypes.

Sources: Describing Linked Datasets with the VoID Vocabulary, W3C 2011; the query of the SPARQL
editor of the Swiss Institute of Bioinformatics, https://github.com/sib-swiss/sparql-editor; and
http://ldf.fi/void-ext# for datatypes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from urllib.parse import quote

import pyoxigraph as ox

from expatlod import graphs
from expatlod.convert import type_lines
from expatlod.edition import Edition
from expatlod.namespaces import PREFIXES, expand
from expatlod.profile import Model
from expatlod.statistics import FOREIGN_PART, Types, Use

__all__ = ["spaces", "void"]

_PREFIXES = {**PREFIXES, "void-ext": "http://ldf.fi/void-ext#"}

#: What W3C calls the syntaxes, https://www.w3.org/ns/formats/
_FEATURES: Mapping[str, str] = MappingProxyType(
    {
        "application/ld+json": "http://www.w3.org/ns/formats/JSON-LD",
        "application/n-triples": "http://www.w3.org/ns/formats/N-Triples",
        "application/rdf+xml": "http://www.w3.org/ns/formats/RDF_XML",
        "text/turtle": "http://www.w3.org/ns/formats/Turtle",
    }
)

#: How a code can be linked to one of another list, SKOS Reference section 10.
_MATCHES = ("broadMatch", "closeMatch", "exactMatch", "narrowMatch", "relatedMatch")


def spaces(model: Model, base: str) -> frozenset[str]:
    """Return where records and codes have their IRIs, which statistics have to tell apart."""
    records = (_space(base, kind.segment) for kind in model.record_classes)
    return frozenset((*records, *(f"{scheme}/" for scheme in model.codelists)))


def void(edition: Edition) -> list[str]:
    """Return the VoID description of the release, as N-Triples lines, those of a subject together.

    The statistics of the release must tell the `spaces` apart.
    """
    lines: dict[str, dict[str, None]] = {}
    for line in _Description(edition).lines():
        lines.setdefault(line.partition(" ")[0], {})[line] = None
    return [line for said in lines.values() for line in said]


def _space(base: str, segment: str) -> str:
    return f"{base}id/{segment}/"


class _Description:
    """The description of one release, part by part."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.model = edition.model
        self.iri = edition.iri
        self.statistics = edition.statistics
        self.classes_of = {
            _space(edition.base, kind.segment): tuple(
                line.split(" ")[2].strip("<>") for line in type_lines(self.model, kind, "")
            )
            for kind in self.model.record_classes
        } | {f"{scheme}/": self._classes_of_codes(scheme) for scheme in self.model.codelists}

    def lines(self) -> Iterator[str]:
        yield _type(self.iri, "void:Dataset")
        yield from self.edition.dataset.lines
        yield from self._whole()
        if self.edition.publisher is not None:
            yield from self.edition.publisher.lines
        yield from self._document()
        yield from self._class_partitions()
        yield from self._property_partitions()
        yield from self._codelists()
        yield from self._links_to_codes()
        yield from self._links_from_codes()

    # -- the dataset

    def _whole(self) -> Iterator[str]:
        edition, statistics = self.edition, self.statistics
        classes, properties = statistics.classes, statistics.properties
        segments = sorted(re.escape(kind.segment) for kind in self.model.record_classes)
        pattern = f"^{re.escape(edition.base)}id/({'|'.join(segments)})/"
        yield _literal(self.iri, "dcat:version", ox.Literal(edition.version))
        for path in sorted(each.path for each in edition.dumps):
            yield _link(self.iri, "void:dataDump", f"{edition.address}{path}")
        for media_type in sorted({each.media_type for each in edition.dumps} & _FEATURES.keys()):
            yield _link(self.iri, "void:feature", _FEATURES[media_type])
        yield _literal(self.iri, "void:uriSpace", ox.Literal(edition.base))
        yield _literal(self.iri, "void:uriRegexPattern", ox.Literal(pattern))
        yield _number(self.iri, "void:triples", statistics.triples)
        yield _number(self.iri, "void:entities", statistics.entities)
        yield _number(self.iri, "void:classes", len(classes))
        yield _number(self.iri, "void:properties", len(properties))
        for namespace in sorted(set(self.model.prefixes.values())):
            if any(name.startswith(namespace) for name in (*classes, *properties)):
                yield _link(self.iri, "void:vocabulary", namespace)
        for kind in self.model.record_classes:
            if kind.iri in statistics.examples:
                yield _link(self.iri, "void:exampleResource", statistics.examples[kind.iri])

    def _document(self) -> Iterator[str]:
        document = f"{self.edition.address}void.ttl"
        yield _type(document, "void:DatasetDescription")
        yield _link(document, "foaf:primaryTopic", self.iri)

    # -- its partitions

    def _class_partitions(self) -> Iterator[str]:
        for name, count in sorted(self.statistics.classes.items()):
            part = self._part("class", name)
            uses = [(use, n) for use, n in self._uses() if name in use.types]
            yield _link(self.iri, "void:classPartition", part)
            yield _type(part, "void:Dataset")
            yield _link(part, "void:class", name)
            yield _number(part, "void:entities", count)
            yield _number(part, "void:triples", sum(n for _, n in uses))
            yield _link(part, "void:exampleResource", self.statistics.examples[name])
            for term in sorted({use.property for use, _ in uses}):
                yield from self._within(
                    part, name, term, [e for e in uses if e[0].property == term]
                )

    def _within(
        self, part: str, kind: str, name: str, uses: list[tuple[Use, int]]
    ) -> Iterator[str]:
        """Yield how the property *name* is used within the class *kind*."""
        inner = self._part("property", name, part)
        yield _link(part, "void:propertyPartition", inner)
        yield _type(inner, "void:Dataset")
        yield _link(inner, "void:property", name)
        yield _number(inner, "void:triples", sum(count for _, count in uses))
        classes: Counter[str] = Counter()
        datatypes: Counter[str] = Counter()
        for use, count in uses:
            classes.update(dict.fromkeys(self._classes(use, kind), count))
            if use.datatype:
                datatypes[use.datatype] += count
        for each, count in sorted(classes.items()):
            of_class = self._part("class", each, inner)
            # VoID has a class partition for the subjects; the editors look for the values in it.
            yield _link(inner, "void:classPartition", of_class)
            yield _link(inner, "void-ext:objectClassPartition", of_class)
            yield _type(of_class, "void:Dataset")
            yield _link(of_class, "void:class", each)
            yield _number(of_class, "void:triples", count)
        for each, count in sorted(datatypes.items()):
            of_datatype = self._part("datatype", each, inner)
            yield _link(inner, "void-ext:datatypePartition", of_datatype)
            yield _type(of_datatype, "void:Dataset")
            yield _link(of_datatype, "void-ext:datatype", each)
            yield _number(of_datatype, "void:triples", count)

    def _property_partitions(self) -> Iterator[str]:
        for name, count in sorted(self.statistics.properties.items()):
            part = self._part("property", name)
            yield _link(self.iri, "void:propertyPartition", part)
            yield _type(part, "void:Dataset")
            yield _link(part, "void:property", name)
            yield _number(part, "void:triples", count)

    def _uses(self) -> Iterator[tuple[Use, int]]:
        """Yield all uses, also of rdf:type."""
        yield from self.statistics.uses.items()
        for types, count in self.statistics.subjects.items():
            if types:
                yield Use(types, expand("rdf:type")), count * len(types)

    def _classes(self, use: Use, kind: str) -> Types:
        """Return the classes that the values of a property of the class *kind* are of."""
        if not use.space.endswith(FOREIGN_PART):
            return use.classes or self.classes_of.get(use.space, ())
        owner = self.model.classes_by_iri.get(kind)
        field = owner.field_of(use.property) if owner else self.model.field_of(use.property)
        target = self.model.classes_by_iri.get(field.target) if field else None
        lines = type_lines(self.model, target, "") if target else ()
        return tuple(line.split(" ")[2].strip("<>") for line in lines)

    def _classes_of_codes(self, scheme: str) -> Types:
        """Return the classes that all codes of a codelist are of."""
        classes = [
            set(graphs.values(self.model.ontology, ox.NamedNode(concept.iri), "rdf:type"))
            for concept in self.model.codelists[scheme].concepts
        ]
        return tuple(sorted(set.intersection(*classes)))

    # -- links

    def _codelists(self) -> Iterator[str]:
        for scheme, codes in self.model.codelists.items():
            part = self._codes(scheme)
            yield _type(part, "void:Dataset")
            for tag, text in self.model.term_texts(scheme, "dct:title").items():
                yield _literal(part, "dct:title", ox.Literal(text, language=tag))
            yield _literal(part, "void:uriSpace", ox.Literal(f"{scheme}/"))
            yield _number(part, "void:entities", len(codes.concepts))
            yield _link(part, "void:vocabulary", PREFIXES["skos"])
            yield _link(part, "void:rootResource", scheme)

    def _links_to_codes(self) -> Iterator[str]:
        found: Counter[tuple[str, str]] = Counter()
        for use, count in self.statistics.uses.items():
            scheme = use.space.removesuffix("/")
            if scheme in self.model.codelists:
                found[use.property, scheme] += count
        for (name, scheme), count in sorted(found.items()):
            codes = self._codes(scheme)
            linkset = f"{self._part('links', name)}/{codes.partition('#codes-')[2]}"
            yield from self._linkset(self.iri, linkset, self.iri, name, codes, count)

    def _links_from_codes(self) -> Iterator[str]:
        schemes = {
            concept.iri: scheme
            for scheme, codes in self.model.codelists.items()
            for concept in codes.concepts
        }
        found: Counter[tuple[str, str, str]] = Counter()
        for match in _MATCHES:
            name = expand(f"skos:{match}")
            for code, other in graphs.pairs(self.model.ontology, name):
                if code.value in schemes and other not in schemes:
                    found[schemes[code.value], name, _namespace(other)] += 1
        for (scheme, name, namespace), count in sorted(found.items()):
            codes, target = self._codes(scheme), namespace.rstrip("/#")
            linkset = f"{codes}/{_fragment(self.model, name)}/{quote(target, safe='')}"
            yield from self._linkset(codes, linkset, codes, name, target, count)
            yield _type(target, "void:Dataset")
            yield _literal(target, "void:uriSpace", ox.Literal(namespace))

    def _linkset(
        self, whole: str, linkset: str, subjects: str, name: str, objects: str, count: int
    ) -> Iterator[str]:
        yield _link(whole, "void:subset", linkset)
        yield _type(linkset, "void:Linkset")
        yield _link(linkset, "void:subjectsTarget", subjects)
        yield _link(linkset, "void:linkPredicate", name)
        yield _link(linkset, "void:objectsTarget", objects)
        yield _number(linkset, "void:triples", count)

    def _codes(self, scheme: str) -> str:
        """Return the IRI of the codelist *scheme* as a dataset: it has the name that ends it."""
        name = scheme.rpartition("/")[2]
        if any(other.endswith(f"/{name}") for other in self.model.codelists if other != scheme):
            return self._part("codes", scheme)
        return f"{self.iri}#codes-{quote(name, safe='')}"

    def _part(self, kind: str, term: str, within: str = "") -> str:
        """Return the IRI of the partition by *term*, of the dataset or *within* another one."""
        whole = f"{within}/" if within else f"{self.iri}#"
        return f"{whole}{kind}-{_fragment(self.model, term)}"


def _namespace(iri: str) -> str:
    """Return *iri* as far as its last slash or its fragment."""
    head, mark, _ = iri.partition("#")
    return head + mark if mark else iri[: iri.rindex("/") + 1]


def _fragment(model: Model, iri: str) -> str:
    """Return what stands for a term in a fragment, distinct for distinct terms."""
    return quote(model.curie(iri).replace(":", "-"), safe="")


def _link(subject: str, predicate: str, value: str) -> str:
    return f"<{subject}> <{expand(predicate, _PREFIXES)}> <{value}> ."


def _type(subject: str, kind: str) -> str:
    return _link(subject, "rdf:type", expand(kind))


def _literal(subject: str, predicate: str, value: ox.Literal) -> str:
    return f"<{subject}> <{expand(predicate, _PREFIXES)}> {value} ."


def _number(subject: str, predicate: str, value: int) -> str:
    return _literal(subject, predicate, ox.Literal(value))
