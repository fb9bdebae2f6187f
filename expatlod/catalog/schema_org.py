"""Describe a release as a schema.org/Dataset, for search engines.

Sources: https://schema.org/Dataset and
https://developers.google.com/search/docs/appearance/structured-data/dataset
"""

from __future__ import annotations

from collections.abc import Mapping

from expatlod.catalog.dcat import distribution_name
from expatlod.catalog.record import Author
from expatlod.catalog.record import author as described_by
from expatlod.dumps import COMPRESSIONS, FORMATS, Entry
from expatlod.edition import Edition
from expatlod.errors import LANGUAGES, Text

__all__ = ["schema_org"]

#: Search engines take at most so many characters of a description.
_DESCRIPTION = 5_000


def schema_org(edition: Edition, language: str = "en") -> dict[str, object]:
    """Return the release as JSON-LD, with texts in *language* where there are such.

    The context is the vocabulary itself and nothing to fetch, so that every processor reads it
    without network.
    """
    author = described_by(edition)
    publisher = _publisher(author, language)
    first, last = author.period[1:]
    about: dict[str, object] = {
        "@context": {"@vocab": "https://schema.org/"},
        "@id": edition.iri,
        "@type": "Dataset",
        "name": _in(author.title, language),
        "alternateName": _others(author.title, language),
        "description": _in(author.description, language)[:_DESCRIPTION],
        "identifier": edition.iri,
        "url": edition.site,
        "version": edition.version,
        "datePublished": edition.first.date().isoformat(),
        "dateModified": edition.issued.date().isoformat(),
        "inLanguage": author.language_tags,
        "isAccessibleForFree": True,
        "license": author.licence,
        "keywords": list(dict.fromkeys(_keywords(author, language))),
        "creator": publisher,
        # Described above; to say it twice would be a triple twice.
        "publisher": {"@id": author.publisher} if publisher else {},
        "spatialCoverage": [_place(author, each, language) for each in author.places],
        "temporalCoverage": f"{first or '..'}/{last or '..'}" if first or last else "",
        "includedInDataCatalog": {
            "@id": f"{edition.iri}#catalog",
            "@type": "DataCatalog",
            "name": _in(author.title, language),
            "url": edition.site,
        },
        "distribution": [_download(edition, author, each) for each in edition.dumps],
    }
    return _filled(about)


def _publisher(author: Author, language: str) -> dict[str, object]:
    if not author.publisher:
        return {}
    contact = {
        "@id": author.mailbox,
        "@type": "ContactPoint",
        "email": author.mailto.removeprefix("mailto:"),
    }
    return _filled(
        {
            "@id": author.publisher,
            "@type": "Organization",
            "name": _in(author.name, language),
            "contactPoint": contact if author.mailto else {},
        }
    )


def _place(author: Author, place: str, language: str) -> dict[str, object]:
    return _filled(
        {"@id": place, "@type": "Place", "name": _in(author.place_name(place), language)}
    )


def _download(edition: Edition, author: Author, dump: Entry) -> dict[str, object]:
    packed = COMPRESSIONS[dump.compression]
    syntax = next(form.name for form in FORMATS.values() if form.media_type == dump.media_type)
    media_types = [dump.media_type, packed.media_type]
    return _filled(
        {
            "@id": f"{edition.iri}#{distribution_name(dump)}",
            "@type": "DataDownload",
            "name": f"{syntax} ({packed.name})" if packed.media_type else syntax,
            "contentUrl": f"{edition.address}{dump.path}",
            "encodingFormat": [each for each in media_types if each],
            "contentSize": f"{dump.bytes} B",
            "sha256": dump.sha256,
            "license": author.licence,
        }
    )


def _keywords(author: Author, language: str) -> list[str]:
    first = author.keywords.get(language, [])
    rest = [each for tag, words in author.keywords.items() if tag != language for each in words]
    return [*first, *rest]


def _in(texts: Text, language: str) -> str:
    """Return a text in *language*, else in the first that it has."""
    return texts.get(language) or next(iter(texts.values()), "")


def _others(texts: Text, language: str) -> list[str]:
    shown = _in(texts, language)
    return [texts[tag] for tag in LANGUAGES if tag in texts and texts[tag] != shown]


def _filled(about: Mapping[str, object]) -> dict[str, object]:
    """Return what is known: without empty values, and a list of one as the value itself."""
    filled: dict[str, object] = {}
    for key, value in about.items():
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if value or value is False:
            filled[key] = value
    return filled
