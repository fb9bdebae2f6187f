"""The pages of a release and of the series of releases, one in each language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from expatlod import __version__
from expatlod.archive import LATEST, MANIFEST, RELEASES, SIGNATURE, Release
from expatlod.catalog.record import author
from expatlod.dumps import FORMATS, Entry
from expatlod.edition import Edition, release_address
from expatlod.errors import LANGUAGES, Text
from expatlod.pages.ontology import NAMES
from expatlod.pages.rendering import render, script
from expatlod.pages.words import day, number, other, size, words

__all__ = ["STYLE", "landing_pages", "series_pages"]

#: The style sheet, in the release.
STYLE = "style.css"

# What else tells about the data, with the word for it; shown as far as it is there.
_MORE = (
    ("catalog.ttl", "more_catalog"),
    ("void.ttl", "more_void"),
    ("provenance.ttl", "more_provenance"),
    ("README.md", "more_readme"),
    (MANIFEST, "more_manifest"),
    (SIGNATURE, "more_signature"),
)


def landing_pages(
    edition: Edition, files: Collection[str], description: Mapping[str, object]
) -> Iterator[tuple[str, bytes]]:
    """Yield the pages of the release itself; *description* is the dataset in schema.org."""
    there = {*files, MANIFEST}
    for lang in LANGUAGES:
        values = {
            **_common(edition, lang, ""),
            "metadata": script(description) if description else "",
            "description": author(edition).description,
            "licence": author(edition).licence,
            "box": _box(edition),
            "previous": release_address(edition.site, edition.previous) if edition.previous else "",
            "changes": "CHANGES.md" in there,
            "records": number(edition.records, lang),
            "triples": number(edition.statistics.triples, lang),
            "downloads": [_download(each, lang) for each in _sorted(edition.dumps)],
            "questions": [
                (each, f"queries/{each.path.name}", _answer(each.path.stem, there))
                for each in edition.examples
                if f"queries/{each.path.name}" in there
            ],
            "ontology": f"ontology/{NAMES[lang]}",
            "shapes": sorted(each for each in there if _is_shape(each)),
            "more": [(path, word) for path, word in _MORE if path in there],
        }
        yield NAMES[lang], render("release.html", values)


def series_pages(
    edition: Edition, releases: Sequence[Release], files: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    """Yield the pages that list all *releases*, which come oldest first; *edition* is the last."""
    for lang in LANGUAGES:
        values = {
            **_common(edition, lang, f"{LATEST}/"),
            "description": author(edition).description,
            "newest": f"{LATEST}/{NAMES[lang]}",
            "feed": "feed.atom" in files,
            "series": "series.ttl" in files,
            "releases": [_listed(each, lang) for each in reversed(releases)],
        }
        yield NAMES[lang], render("series.html", values)


def _common(edition: Edition, lang: str, root: str) -> dict[str, object]:
    return {
        "lang": lang,
        "w": words(lang),
        "other": other(lang),
        "other_name": NAMES[other(lang)],
        "root": root,
        "ids": {"main": "main"},
        "edition": edition,
        "title": author(edition).title,
        "publisher": author(edition).name,
        "day": day(edition.issued, lang),
        "program": __version__,
    }


def _box(edition: Edition) -> tuple[Text, str] | None:
    """Return the mailbox for questions about the dataset: what it is called, and its IRI."""
    about = author(edition)
    return (about.mailbox_name, about.mailto) if about.mailto else None


def _sorted(dumps: Sequence[Entry]) -> list[Entry]:
    names = {form.media_type: place for place, form in enumerate(FORMATS.values())}
    return sorted(dumps, key=lambda each: (names[each.media_type], each.path))


def _download(dump: Entry, lang: str) -> dict[str, str]:
    syntax = next(form.name for form in FORMATS.values() if form.media_type == dump.media_type)
    return {
        "path": dump.path,
        "syntax": syntax,
        "media_type": dump.media_type,
        "compression": "" if dump.compression == "none" else dump.compression,
        "size": size(dump.bytes, lang),
        "sha256": dump.sha256,
    }


def _answer(stem: str, there: Collection[str]) -> str:
    path = f"queries/{stem}.csv"
    return path if path in there else ""


def _is_shape(path: str) -> bool:
    return path.startswith("shapes/") and path.endswith(".ttl")


def _listed(release: Release, lang: str) -> dict[str, object]:
    manifest = release.manifest
    moment = datetime.fromisoformat(manifest.issued)
    return {
        "version": manifest.release,
        "path": f"{RELEASES}/{manifest.release}/{NAMES[lang]}",
        "stamp": manifest.issued,
        "day": day(moment, lang),
        "records": number(manifest.records, lang),
        "triples": number(manifest.triples, lang),
        "notes": manifest.notes,
    }
