"""The Atom feed of the releases: what RFC 4287 asks for, read by expat."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import msgspec
import pytest

from expatlod.archive import GENERATOR, File, Manifest, Release
from expatlod.feed import feed

A = "{http://www.w3.org/2005/Atom}"
X = "{http://www.w3.org/1999/xhtml}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

SITE = "https://data.example.org/"
DATASET = f"{SITE}id/dataset/harbours"
TITLE = {"da": "Havne", "en": "Harbours"}


def release(version: str, *paths: str, **notes: str) -> Release:
    manifest = Manifest(
        generator=GENERATOR,
        version="0.0.0",
        dataset=DATASET,
        release=version,
        issued=f"{version}T12:00:00Z",
        site=SITE,
        content="",
        records=1,
        triples=1,
        notes=notes,
        files=[File(path, "text/plain", 1, "") for path in paths],
    )
    return Release(Path(version), manifest)


FIRST = release("2026-01-02", "index.html", "index.en.html")
SECOND = release(
    "2026-02-03", "index.html", "index.en.html", "CHANGES.md", da="3 nye havne", en="3 new harbours"
)


def parsed(*releases: Release, title: dict[str, str] = TITLE, site: str = SITE) -> Element:
    return fromstring(feed(site, title, "The harbour master", releases))


def test_feed_names_itself_its_author_and_its_newest_change() -> None:
    root = parsed(FIRST, SECOND)

    assert root.tag == f"{A}feed"
    assert root.get(LANGUAGE) == "da"
    assert root.findtext(f"{A}id") == f"{DATASET}#releases"
    assert root.findtext(f"{A}title") == "Havne"
    assert root.findtext(f"{A}subtitle") == "Harbours"
    assert root.findtext(f"{A}updated") == "2026-02-03T12:00:00Z"
    assert root.findtext(f"{A}author/{A}name") == "The harbour master"
    assert [(each.get("rel"), each.get("href")) for each in root.findall(f"{A}link")] == [
        ("self", f"{SITE}feed.atom"),
        ("alternate", SITE),
    ]


def test_newest_release_comes_first() -> None:
    entries = parsed(FIRST, SECOND).findall(f"{A}entry")

    assert [each.findtext(f"{A}id") for each in entries] == [
        f"{SITE}releases/2026-02-03/",
        f"{SITE}releases/2026-01-02/",
    ]
    assert [each.findtext(f"{A}updated") for each in entries] == [
        "2026-02-03T12:00:00Z",
        "2026-01-02T12:00:00Z",
    ]


def test_entry_links_to_the_pages_and_the_changes_that_there_are() -> None:
    new, old = parsed(FIRST, SECOND).findall(f"{A}entry")

    assert [
        (each.get("rel"), each.get("hreflang"), each.get("href"))
        for each in new.findall(f"{A}link")
    ] == [
        ("alternate", "da", f"{SITE}releases/2026-02-03/index.html"),
        ("alternate", "en", f"{SITE}releases/2026-02-03/index.en.html"),
        ("related", None, f"{SITE}releases/2026-02-03/CHANGES.md"),
    ]
    assert [each.get("rel") for each in old.findall(f"{A}link")] == ["alternate", "alternate"]


def test_entry_without_pages_still_has_an_alternate() -> None:
    (entry,) = parsed(release("2026-01-02")).findall(f"{A}entry")

    assert [(each.get("rel"), each.get("href")) for each in entry.findall(f"{A}link")] == [
        ("alternate", f"{SITE}releases/2026-01-02/")
    ]


def test_summary_is_in_each_language() -> None:
    new, old = parsed(FIRST, SECOND).findall(f"{A}entry")

    summary = new.find(f"{A}summary")
    assert summary is not None
    assert summary.get("type") == "xhtml"
    assert [(each.get(LANGUAGE), each.text) for each in summary.iter(f"{X}p")] == [
        ("da", "3 nye havne"),
        ("en", "3 new harbours"),
    ]
    assert old.find(f"{A}summary") is None


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param('<script>alert("&")</script>', '<script>alert("&")</script>', id="markup"),
        pytest.param("]]>", "]]>", id="section-end"),
        pytest.param("a\x00b\x1bc\ud800\ufffe", "a\ufffdb\ufffdc\ufffd\ufffd", id="no-characters"),
    ],
)
def test_hostile_text_stays_text(text: str, read: str) -> None:
    root = parsed(release("2026-01-02", da=text), title={"da": text})

    assert root.findtext(f"{A}title") == read
    assert root.findtext(f"{A}entry/{A}title") == f"{read}, 2026-01-02"
    assert [each.text for each in root.iter(f"{X}p")] == [read]


def test_identifiers_stay_when_the_site_moves() -> None:
    before, after = parsed(SECOND), parsed(SECOND, site="https://moved.example.org/")

    for path in (f"{A}id", f"{A}entry/{A}id"):
        assert after.findtext(path) == before.findtext(path)
    assert {each.get("href") for each in after.iter(f"{A}link")} == {
        "https://moved.example.org/",
        "https://moved.example.org/feed.atom",
        "https://moved.example.org/releases/2026-02-03/index.html",
        "https://moved.example.org/releases/2026-02-03/index.en.html",
        "https://moved.example.org/releases/2026-02-03/CHANGES.md",
    }


def test_feed_is_updated_when_the_latest_of_its_entries_was() -> None:
    earlier = msgspec.structs.replace(FIRST.manifest, release="2026-03-04")

    root = parsed(SECOND, replace(FIRST, manifest=earlier))

    assert root.findtext(f"{A}updated") == "2026-02-03T12:00:00Z"


def test_same_releases_give_the_same_bytes() -> None:
    assert feed(SITE, TITLE, "a", [FIRST, SECOND]) == feed(SITE, TITLE, "a", [FIRST, SECOND])
