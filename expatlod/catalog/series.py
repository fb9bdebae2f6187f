"""Describe the releases of a dataset as a series of datasets, each with its own files.

Portals harvest the catalogue of the newest release and not this: they would make a dataset of every
release. What is said of a release is what its manifest says; the title, the publisher and the
mailbox are those of today.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from expatlod.archive import File, Release
from expatlod.catalog.dcat import distribute, distribution_name, said, series_iri
from expatlod.catalog.record import Author
from expatlod.catalog.triples import Triples
from expatlod.dumps import FORMATS, Entry
from expatlod.edition import Edition, release_address

__all__ = ["series"]


def series(edition: Edition, releases: Sequence[Release]) -> list[str]:
    """Return the series of *releases*, oldest first, the last of which is that of *edition*.

    The lines are N-Triples, those of a subject together.
    """
    out = Triples()
    author = Author(edition.model, edition.dataset, edition.publisher, out)
    site, iri = edition.site, series_iri(edition.iri)
    addresses = [release_address(site, each.manifest.release) for each in releases]
    out.type(iri, "dcat:DatasetSeries")
    out.text(iri, "dct:title", said("series", author.title))
    out.text(iri, "dct:description", author.description)
    author.describe(iri)
    author.cover(iri)
    out.value(iri, "dct:issued", releases[0].manifest.issued, "xsd:dateTime")
    out.value(iri, "dct:modified", releases[-1].manifest.issued, "xsd:dateTime")
    out.link(iri, "dcat:first", addresses[0])
    out.link(iri, "dcat:last", addresses[-1])
    out.type(edition.iri, "dcat:Dataset")
    out.text(edition.iri, "dct:title", author.title)
    out.text(edition.iri, "dct:description", author.description)
    out.link(edition.iri, "dcat:inSeries", iri)
    out.link(edition.iri, "dcat:hasCurrentVersion", addresses[-1])
    out.link(edition.iri, "dcat:hasVersion", *addresses)
    for release in releases:
        _release(out, author, release, site)
    out.type(site, "foaf:Document")
    author.agents()
    author.parts()
    author.others()
    return out.lines


def _release(out: Triples, author: Author, release: Release, site: str) -> None:
    manifest = release.manifest
    address = release_address(site, manifest.release)
    out.type(address, "dcat:Dataset")
    out.text(address, "dct:title", said("previous", author.title, version=manifest.release))
    out.text(address, "dct:description", author.description)
    out.link(address, "dcat:inSeries", series_iri(author.iri))
    out.link(address, "dcat:isVersionOf", author.iri)
    out.value(address, "dcat:version", manifest.release)
    out.value(address, "dct:issued", manifest.issued, "xsd:dateTime")
    out.text(address, "adms:versionNotes", manifest.notes)
    if manifest.previous:
        previous = release_address(site, manifest.previous)
        out.link(address, "dcat:prev", previous)
        out.link(address, "dcat:previousVersion", previous)
    author.describe(address)
    out.link(address, "dcat:landingPage", site)
    for dump in _dumps(manifest.files):
        iri = f"{address}#{distribution_name(dump)}"
        out.link(address, "dcat:distribution", iri)
        distribute(out, iri, dump, address)


def _dumps(files: Sequence[File]) -> Iterator[Entry]:
    known = {form.media_type for form in FORMATS.values()}
    for each in files:
        if each.path.startswith("dump/") and each.media_type in known:
            packed = each.compression or "none"
            yield Entry(each.path, each.media_type, each.bytes, each.sha256, packed)
