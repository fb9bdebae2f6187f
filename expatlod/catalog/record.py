"""Say in a catalogue what the author has written of a dataset and of its publisher."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import pyoxigraph as ox

from expatlod import graphs
from expatlod.catalog.authorities import authorities, table
from expatlod.catalog.triples import Said, Triples
from expatlod.convert import Converted
from expatlod.edition import Edition
from expatlod.errors import LANGUAGES, Text
from expatlod.fields import TEXT, RecordClass
from expatlod.profile import Model

__all__ = ["Author", "author"]

#: https://www.w3.org/TR/vocab-adms/#publisher-type
_PUBLISHER_TYPES = "http://purl.org/adms/publishertype/"

#: The tables that DCAT-AP 3.0.1 has for places, section 10.
_PLACES = (
    table("continent"),
    table("country"),
    table("place"),
    "http://sws.geonames.org/",
    "https://sws.geonames.org/",
)

#: What an agent may be called by, the best first.
_NAMES = ("foaf:name", "skos:prefLabel", "rdfs:label", "dct:title")


def author(edition: Edition) -> Author:
    """Return what the records of *edition* give, for who only asks."""
    return Author(edition.model, edition.dataset, edition.publisher, Triples())


class Author:
    """What the records of a dataset and of its publisher give to a catalogue.

    The methods that describe something add triples to *out*. What is not in the records is left
    out.
    """

    def __init__(
        self, model: Model, dataset: Converted, publisher: Converted | None, out: Triples
    ) -> None:
        self.model = model
        self.iri = dataset.iri
        self.out = out
        self._dataset = dataset
        self._publisher = publisher
        self._said = Said([*dataset.lines, *(publisher.lines if publisher else ())])

    # -- what the record says

    @cached_property
    def title(self) -> Text:
        """The title of the dataset in each language; its IRI where it has none."""
        return self._said.text(self.iri, "dct:title") or dict.fromkeys(LANGUAGES, self.iri)

    @cached_property
    def description(self) -> Text:
        """The description of the dataset in each language."""
        return self._said.text(self.iri, "dct:description")

    @cached_property
    def keywords(self) -> dict[str, list[str]]:
        """The keywords of the dataset in each language."""
        return self._said.texts(self.iri, "dcat:keyword")

    @cached_property
    def publisher(self) -> str:
        """The IRI of the publisher, or nothing."""
        return self._said.iri(self.iri, "dct:publisher")

    @cached_property
    def name(self) -> Text:
        """The name of the publisher in each language: its first text, if it has no name."""
        texts: list[str] = []
        if self._publisher is not None:
            kind = self.model.classes[self._publisher.kinds[self._publisher.iri]]
            texts = [each.path for each in kind.fields.values() if each.kind == TEXT]
        return self._said.text(self.publisher, *_NAMES, *texts)

    @cached_property
    def mailbox(self) -> str:
        """The IRI of the contact point, or nothing."""
        return self._said.iri(self.iri, "dcat:contactPoint")

    @cached_property
    def mailto(self) -> str:
        """The address of the mailbox as a mailto IRI, or nothing."""
        return self._said.iri(self.mailbox, "vcard:hasEmail")

    @cached_property
    def mailbox_name(self) -> Text:
        """What the mailbox is called in each language."""
        return self._said.text(self.mailbox, "vcard:fn")

    @cached_property
    def endpoint(self) -> str:
        """The address of the SPARQL service, or nothing."""
        return self._said.iri(self.iri, "void:sparqlEndpoint")

    @cached_property
    def licence(self) -> str:
        """The licence as the record names it, or nothing."""
        return self._said.iri(self.iri, "dct:license")

    @cached_property
    def known_licence(self) -> str:
        """The licence as the EU names it, else as the record does."""
        return authorities().match(self.model, self.licence, table("licence")) or self.licence

    @cached_property
    def languages(self) -> list[str]:
        """The languages as the EU names them."""
        return self._known("dct:language", table("language"))

    @cached_property
    def language_tags(self) -> list[str]:
        """The languages as the notations of their codes, which are BCP 47 tags."""
        codes = self._said.iris(self.iri, "dct:language")
        ontology = self.model.ontology
        tags = (graphs.one(ontology, ox.NamedNode(each), "skos:notation") for each in codes)
        return [each for each in tags if each]

    @cached_property
    def themes(self) -> list[str]:
        """The themes as the EU names them."""
        return self._known("dcat:theme", table("data-theme"))

    @cached_property
    def frequency(self) -> str:
        """How often the dataset is released anew, as the EU names it, or nothing."""
        found = self._known("dct:accrualPeriodicity", table("frequency"))
        return next(iter(found), "")

    @cached_property
    def places(self) -> list[str]:
        """The places: as the EU names them, else the code itself and what the EU has above it."""
        places: dict[str, None] = {}
        for each in self._said.iris(self.iri, "dct:spatial"):
            if not authorities().match(self.model, each, *_PLACES):
                places[each] = None
            places[authorities().concept(self.model, each, *_PLACES)] = None
        return [each for each in places if each]

    @cached_property
    def period(self) -> tuple[str, str, str]:
        """The IRI of the period, its first and last day as xsd:date, "" for what is not known."""
        period = self._said.iri(self.iri, "dct:temporal")
        days = (self._day(period, computed) for computed in ("earliestStart", "latestEnd"))
        first, last = days
        return period, first, last

    @cached_property
    def provenance(self) -> str:
        """The IRI of the statement on how the data came about, or nothing."""
        return self._said.iri(self.iri, "dct:provenance")

    def place_name(self, place: str) -> Text:
        """Return the name of a place in each language."""
        own = graphs.texts(self.model.ontology, ox.NamedNode(place), "skos:prefLabel")
        return own or Said(authorities().described(place)).text(place, "skos:prefLabel")

    def _known(self, predicate: str, *tables: str) -> list[str]:
        """Return the values of *predicate* as concepts of *tables*, those that are none left out.

        Where a portal wants a table, it refuses or drops everything else.
        """
        values = self._said.iris(self.iri, predicate)
        found = (authorities().concept(self.model, each, *tables) for each in values)
        return list(dict.fromkeys(each for each in found if each))

    def _day(self, period: str, computed: str) -> str:
        """Return the day of *period* that is *computed*."""
        kind = self.model.classes.get(self._dataset.kinds.get(period, ""))
        for each in kind.fields.values() if kind else ():
            if each.computed == computed:
                return self._said.value(period, each.path)
        return ""

    # -- nodes

    def describe(self, subject: str) -> None:
        """Say of *subject* what is true of the dataset in all of its releases."""
        out = self.out
        out.link(subject, "dct:publisher", *_some(self.publisher))
        out.link(subject, "dcat:contactPoint", *_some(self.mailbox))
        out.link(subject, "dct:spatial", *self.places)
        out.link(subject, "dct:language", *self.languages)

    def cover(self, subject: str) -> None:
        """Say of *subject* how often it is released anew and what time it is about."""
        self.out.link(subject, "dct:accrualPeriodicity", *_some(self.frequency))
        self.out.link(subject, "dct:temporal", *_some(self.period[0]))

    def tag(self, subject: str) -> None:
        """Say of *subject* what it is about."""
        self.out.text(subject, "dcat:keyword", self.keywords)
        self.out.link(subject, "dcat:theme", *self.themes)

    def agents(self) -> None:
        """Describe the publisher, and the mailbox to write to."""
        out, publisher, mailbox = self.out, self.publisher, self.mailbox
        if publisher:
            out.type(publisher, "foaf:Agent", *self._said.iris(publisher, "rdf:type"))
            out.text(publisher, "foaf:name", self.name)
            kinds = self._said.iris(publisher, "dct:type")
            found = [authorities().concept(self.model, each, _PUBLISHER_TYPES) for each in kinds]
            out.link(publisher, "dct:type", *filter(None, found[:1]))
        if mailbox:
            # DCAT-AP wants the class itself, CKAN looks only at the values. A mailbox that several
            # people read is an organisation in vCard; RFC 6350, section 6.1.4.
            out.type(mailbox, "vcard:Kind", "vcard:Organization")
            out.text(mailbox, "vcard:fn", self._said.text(mailbox, "vcard:fn"))
            out.link(mailbox, "vcard:hasEmail", *_some(self.mailto))

    def parts(self) -> None:
        """Describe the period and the provenance."""
        out, (period, first, last) = self.out, self.period
        if period:
            # Whole days: an xsd:gYear is a day too to CKAN, the first of January at both ends.
            out.type(period, "dct:PeriodOfTime")
            for predicate, day in (("dcat:startDate", first), ("dcat:endDate", last)):
                if day:
                    out.value(period, predicate, day, "xsd:date")
        if self.provenance:
            out.type(self.provenance, "dct:ProvenanceStatement")
            out.text(self.provenance, "rdfs:label", self._said.text(self.provenance, "rdfs:label"))

    def others(self) -> None:
        """Describe the licence and the places where no table does, and all that the tables do."""
        out = self.out
        if self.licence and not any(authorities().described(self.known_licence)):
            out.type(self.licence, "dct:LicenseDocument")
        for each in self.places:
            if not each.startswith(_PLACES):
                out.type(each, "dct:Location")
                out.text(each, "skos:prefLabel", self.place_name(each))
        pointed = [each for each in Said(out.lines).pointed if each not in out.subjects]
        out.copy(authorities().closure(pointed))

    # -- standards

    def standards(self) -> Iterator[tuple[str, Text]]:
        """Yield what the data conform to, with its title: the shapes, and ontologies of terms."""
        shapes, ontology = self.model.shapes, self.model.ontology
        terms = [(shapes, shape.value) for shape, _ in graphs.pairs(shapes, "sh:targetClass")]
        for kind in self.model.classes.values():
            terms += [(ontology, each) for each in (kind.iri, *_paths(kind))]
        named: dict[str, Text] = {}
        for graph, term in terms:
            for node in graphs.values(graph, ox.NamedNode(term), "rdfs:isDefinedBy"):
                named[node] = graphs.texts(graph, ox.NamedNode(node), "dct:title")
        yield from sorted(named.items())


def _paths(kind: RecordClass) -> list[str]:
    return [each.path for each in kind.fields.values()]


def _some(iri: str) -> list[str]:
    return [iri] if iri else []
