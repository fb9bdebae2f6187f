"""Describe a release as a catalogue by DCAT-AP 3.0.1, which open-data portals harvest.

The catalogue holds one dataset, with the same IRI in every release, and describes all that it
points at: a portal looks nothing up. Source: https://semiceu.github.io/DCAT-AP/releases/3.0.1/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from expatlod.catalog.authorities import authorities, table
from expatlod.catalog.record import Author
from expatlod.catalog.triples import Triples
from expatlod.dumps import COMPRESSIONS, FORMATS, Entry, Format
from expatlod.edition import Edition, release_address
from expatlod.errors import Text

__all__ = ["catalog", "distribute", "distribution_name", "said", "series_iri", "stamp"]

#: What a catalogue says that it follows; both are described in the snapshot of authorities.
_DCAT_AP = "https://semiceu.github.io/DCAT-AP/releases/3.0.1/"
_SPARQL_PROTOCOL = "https://www.w3.org/TR/sparql11-protocol/"

_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"

#: SPDX itself writes http; DCAT-AP's shapes ask for https. See ontology/authorities/others.ttl.
_SHA256 = "https://spdx.org/rdf/terms#checksumAlgorithm_sha256"

_COMPLETED_RECORD = "http://purl.org/adms/status/Completed"

#: The words of a catalogue that no record holds.
_WORDS: Mapping[str, Mapping[str, str]] = {
    "da": {
        "catalog": "{title}: katalog",
        "series": "{title}: udgaver",
        "previous": "{title}, udgave {version}",
        "file": "{syntax}",
        "packed": "{syntax}, pakket med {compression}",
        "whole": "Alle {records} poster ({triples} tripler) i syntaksen {syntax}.",
        "unpack": "Filen er pakket med {compression} og skal pakkes ud før brug.",
        "endpoint": "{title}: SPARQL-tjeneste",
        "ask": "Svarer på spørgsmål i SPARQL 1.1 om dataene, uden at de skal hentes.",
        "rights": "Enhver må bruge dataene på de vilkår, der står i licensen {licence}.",
        "free": "Enhver har adgang til dataene.",
    },
    "en": {
        "catalog": "{title}: catalogue",
        "series": "{title}: releases",
        "previous": "{title}, release {version}",
        "file": "{syntax}",
        "packed": "{syntax}, packed with {compression}",
        "whole": "All {records} records ({triples} triples) in the syntax {syntax}.",
        "unpack": "The file is packed with {compression} and must be unpacked before use.",
        "endpoint": "{title}: SPARQL service",
        "ask": "Answers questions in SPARQL 1.1 about the data, without fetching them.",
        "rights": "Anybody may use the data on the terms of the licence {licence}.",
        "free": "Anybody has access to the data.",
    },
}


def catalog(edition: Edition) -> list[str]:
    """Return the catalogue of a release as N-Triples lines, those of a subject together."""
    return _Writer(edition).lines()


def series_iri(dataset: str) -> str:
    """Return the IRI of the series of the releases of *dataset*."""
    return f"{dataset}#releases"


def stamp(time: datetime) -> str:
    """Return *time* as xsd:dateTime in UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def said(key: str, title: Text, **facts: object) -> Text:
    """Return words of a catalogue in each language; where a title has none, in its first."""
    other = next(iter(title.values()), "")
    return {
        language: words[key].format(title=title.get(language, other), **facts)
        for language, words in _WORDS.items()
    }


class _Writer:
    """Writes the catalogue of one release."""

    def __init__(self, edition: Edition) -> None:
        self.edition, self.out = edition, Triples()
        self.author = Author(edition.model, edition.dataset, edition.publisher, self.out)
        self.iri = edition.iri
        self.rights = f"{self.iri}#rights"
        self.service = f"{self.iri}#endpoint"

    def lines(self) -> list[str]:
        self._catalog()
        self._record()
        self._dataset()
        self._series()
        for each in self.edition.dumps:
            self._dump(each)
        if self.author.endpoint:
            self._sparql()
        self._rights()
        self.author.agents()
        self.author.parts()
        self._documents()
        self._standards()
        self.author.others()
        return self.out.lines

    def _catalog(self) -> None:
        out, author, iri = self.out, self.author, f"{self.iri}#catalog"
        out.type(iri, "dcat:Catalog")
        out.text(iri, "dct:title", said("catalog", author.title))
        out.text(iri, "dct:description", author.description)
        author.describe(iri)
        self._licensed(iri)
        self._dated(iri)
        out.link(iri, "dcat:themeTaxonomy", table("data-theme").rstrip("/"))
        out.link(iri, "foaf:homepage", self.edition.site)
        out.link(iri, "dcat:dataset", self.iri)
        out.link(iri, "dcat:record", f"{self.iri}#record")
        if author.endpoint:
            out.link(iri, "dcat:service", self.service)

    def _record(self) -> None:
        out, iri = self.out, f"{self.iri}#record"
        out.type(iri, "dcat:CatalogRecord")
        out.text(iri, "dct:title", self.author.title)
        out.link(iri, "foaf:primaryTopic", self.iri)
        out.link(iri, "dct:conformsTo", _DCAT_AP)
        out.link(iri, "adms:status", _COMPLETED_RECORD)
        out.link(iri, "dct:language", *self.author.languages)
        self._dated(iri)

    def _dataset(self) -> None:
        out, author, edition, iri = self.out, self.author, self.edition, self.iri
        out.type(iri, "dcat:Dataset")
        out.text(iri, "dct:title", author.title)
        out.text(iri, "dct:description", author.description)
        out.value(iri, "dct:identifier", iri)
        author.tag(iri)
        author.describe(iri)
        author.cover(iri)
        out.link(iri, "dct:accessRights", f"{table('access-right')}PUBLIC")
        out.link(iri, "dct:conformsTo", *(each for each, _ in author.standards()))
        self._dated(iri)
        out.value(iri, "dcat:version", edition.version)
        out.text(iri, "adms:versionNotes", edition.notes)
        if edition.previous:
            out.link(iri, "dcat:previousVersion", release_address(edition.site, edition.previous))
        out.link(iri, "dcat:inSeries", series_iri(iri))
        out.link(iri, "dcat:landingPage", edition.site)
        if author.provenance:
            out.link(iri, "dct:provenance", author.provenance)
        for each in edition.dumps:
            out.link(iri, "dcat:distribution", f"{iri}#{distribution_name(each)}")
        if author.endpoint:
            out.link(iri, "dcat:distribution", f"{iri}#sparql")

    def _series(self) -> None:
        out, author, iri = self.out, self.author, series_iri(self.iri)
        out.type(iri, "dcat:DatasetSeries")
        out.text(iri, "dct:title", said("series", author.title))
        out.text(iri, "dct:description", author.description)
        author.describe(iri)
        author.cover(iri)
        self._dated(iri)

    def _dump(self, dump: Entry) -> None:
        out, edition = self.out, self.edition
        iri = f"{self.iri}#{distribution_name(dump)}"
        distribute(out, iri, dump, edition.address)
        syntax, packed = _form(dump.media_type).name, COMPRESSIONS[dump.compression]
        whole = said(
            "whole",
            {},
            records=edition.records,
            triples=edition.statistics.triples,
            syntax=syntax,
        )
        if packed.media_type:
            unpack = said("unpack", {}, compression=_tool(packed.name))
            whole = {tag: f"{text} {unpack[tag]}" for tag, text in whole.items()}
        out.text(iri, "dct:description", whole)
        self._offered(iri)

    def _offered(self, iri: str) -> None:
        """Say of a distribution what is true of all of them."""
        out = self.out
        self._licensed(iri)
        out.link(iri, "dct:rights", self.rights)
        out.link(iri, "dct:language", *self.author.languages)
        out.link(iri, "dct:conformsTo", *(each for each, _ in self.author.standards()))
        out.link(iri, "dcatap:availability", f"{table('planned-availability')}STABLE")
        out.link(iri, "adms:status", f"{table('distribution-status')}COMPLETED")
        out.value(iri, "dct:issued", self.edition.stamp, "xsd:dateTime")
        out.value(iri, "dct:modified", self.edition.stamp, "xsd:dateTime")

    def _sparql(self) -> None:
        out, author, service, iri = self.out, self.author, self.service, f"{self.iri}#sparql"
        title, text = said("endpoint", author.title), said("ask", {})
        out.type(iri, "dcat:Distribution")
        out.text(iri, "dct:title", title)
        out.text(iri, "dct:description", text)
        out.link(iri, "dcat:accessURL", author.endpoint)
        # CKAN reads of a service only what a distribution leads to.
        out.link(iri, "dcat:accessService", service)
        _typed(out, iri, "application/sparql-query")
        self._offered(iri)
        out.type(service, "dcat:DataService")
        out.text(service, "dct:title", title)
        out.text(service, "dct:description", text)
        out.link(service, "dcat:endpointURL", author.endpoint)
        # SPARQL 1.1 Service Description, section 2: the endpoint itself describes the service.
        out.link(service, "dcat:endpointDescription", author.endpoint)
        out.link(service, "dcat:servesDataset", self.iri)
        author.tag(service)
        author.describe(service)
        self._licensed(service)
        out.link(service, "dct:accessRights", f"{table('access-right')}PUBLIC")
        out.link(service, "dct:conformsTo", _SPARQL_PROTOCOL)
        out.link(service, "dcatap:availability", f"{table('planned-availability')}STABLE")
        out.link(service, "dcat:landingPage", self.edition.site)

    def _rights(self) -> None:
        key = "rights" if self.author.licence else "free"
        self.out.type(self.rights, "dct:RightsStatement")
        self.out.text(self.rights, "rdfs:label", said(key, {}, licence=self.author.licence))

    def _documents(self) -> None:
        out, edition = self.out, self.edition
        out.type(edition.site, "foaf:Document")
        out.text(edition.site, "dct:title", self.author.title)
        if edition.previous:
            # Not a dcat:Dataset, of which CKAN would make another dataset.
            previous = release_address(edition.site, edition.previous)
            title = said("previous", self.author.title, version=edition.previous)
            out.type(previous, "prov:Entity")
            out.text(previous, "dct:title", title)

    def _standards(self) -> None:
        for iri, title in self.author.standards():
            self.out.type(iri, "dct:Standard")
            self.out.text(iri, "dct:title", title)

    def _licensed(self, subject: str) -> None:
        if self.author.licence:
            self.out.link(subject, "dct:license", self.author.known_licence)

    def _dated(self, subject: str) -> None:
        edition = self.edition
        self.out.value(subject, "dct:issued", stamp(edition.first), "xsd:dateTime")
        self.out.value(subject, "dct:modified", edition.stamp, "xsd:dateTime")


# -- distributions


def distribution_name(dump: Entry) -> str:
    """Return the fragment that a dump's distribution has in every release, such as dump-ttl-gz."""
    ending = _form(dump.media_type).suffix + COMPRESSIONS[dump.compression].suffix
    return f"dump-{ending.replace('.', '-')}"


def distribute(out: Triples, iri: str, dump: Entry, address: str) -> None:
    """Describe the distribution *iri*: a file of the release that is served at *address*."""
    packed = COMPRESSIONS[dump.compression]
    out.type(iri, "dcat:Distribution")
    key = "packed" if packed.media_type else "file"
    syntax = _form(dump.media_type).name
    out.text(iri, "dct:title", said(key, {}, syntax=syntax, compression=_tool(packed.name)))
    # DCAT 3, section 6.8.12: the page that leads to the file, beside the file itself.
    out.link(iri, "dcat:accessURL", address)
    out.link(iri, "dcat:downloadURL", f"{address}{dump.path}")
    _typed(out, iri, dump.media_type)
    if packed.media_type:
        out.link(iri, "dcat:compressFormat", f"{_MEDIA_TYPES}{packed.media_type}")
    out.value(iri, "dcat:byteSize", str(dump.bytes), "xsd:nonNegativeInteger")
    checksum = f"{iri}-sha256"
    out.link(iri, "spdx:checksum", checksum)
    out.type(checksum, "spdx:Checksum")
    out.link(checksum, "spdx:algorithm", _SHA256)
    out.value(checksum, "spdx:checksumValue", dump.sha256, "xsd:hexBinary")


def _typed(out: Triples, iri: str, media_type: str) -> None:
    address = f"{_MEDIA_TYPES}{media_type}"
    out.link(iri, "dcat:mediaType", address)
    out.link(iri, "dct:format", authorities().named(address, table("file-type")))


def _form(media_type: str) -> Format:
    return next(form for form in FORMATS.values() if form.media_type == media_type)


def _tool(compression: str) -> str:
    return {"zstd": "Zstandard"}.get(compression, compression)
