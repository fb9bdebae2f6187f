"""Tell of the releases in an Atom feed, https://www.rfc-editor.org/rfc/rfc4287.

An entry is a release. All dates come from the manifests, so the feed of the same releases is the
same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from expatlod.archive import Manifest, Release
from expatlod.edition import release_address
from expatlod.errors import Text

__all__ = ["FEED", "feed"]

#: The name of the file in the folder of the site.
FEED = "feed.atom"

_ATOM = "http://www.w3.org/2005/Atom"
_XHTML = "http://www.w3.org/1999/xhtml"

#: The landing pages of a release by their language.
_PAGES = {"da": "index.html", "en": "index.en.html"}

_CHANGES = "CHANGES.md"

# What XML 1.0 cannot hold, not even escaped, https://www.w3.org/TR/xml/#charsets
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feed(site: str, title: Text, author: str, releases: Sequence[Release]) -> bytes:
    """Return the feed of *releases*, of which there is one at least, oldest first.

    *title* is that of the dataset in each language, *author* the name of its publisher, *site*
    where the site is served; it ends with a slash. The identifiers are taken from the manifests
    and stay what they are when the site moves.
    """
    newest = releases[-1].manifest
    language, name = next(iter(title.items()))
    root = Element("feed", {"xmlns": _ATOM, "xml:lang": language})
    _text(root, "id", f"{newest.dataset}#releases")
    _text(root, "title", name)
    for other, text in list(title.items())[1:2]:
        _text(root, "subtitle", text, {"xml:lang": other})
    _text(root, "updated", max(each.manifest.issued for each in releases))
    _text(SubElement(root, "author"), "name", author)
    _link(root, "self", f"{site}{FEED}", "application/atom+xml")
    _link(root, "alternate", site, "text/html")
    _text(root, "generator", newest.generator)
    for each in reversed(releases):
        _entry(SubElement(root, "entry"), site, name, each.manifest)
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _entry(entry: Element, site: str, name: str, manifest: Manifest) -> None:
    address = release_address(site, manifest.release)
    _text(entry, "id", release_address(manifest.site, manifest.release))
    _text(entry, "title", f"{name}, {manifest.release}")
    _text(entry, "published", manifest.issued)
    _text(entry, "updated", manifest.issued)
    files = {file.path for file in manifest.files}
    pages = {language: page for language, page in _PAGES.items() if page in files}
    for language, page in pages.items():
        _link(entry, "alternate", f"{address}{page}", "text/html", language)
    if not pages:
        # An entry without content has one, section 4.1.2.
        _link(entry, "alternate", address, "text/html")
    if _CHANGES in files:
        _link(entry, "related", f"{address}{_CHANGES}", "text/markdown")
    if manifest.notes:
        # An entry has one summary, and a text construct one language: the paragraphs have theirs.
        summary = SubElement(entry, "summary", {"type": "xhtml"})
        block = SubElement(summary, "div", {"xmlns": _XHTML})
        for language, note in sorted(manifest.notes.items()):
            _text(block, "p", note, {"lang": language, "xml:lang": language})


def _text(parent: Element, name: str, text: str, attributes: dict[str, str] | None = None) -> None:
    SubElement(parent, name, attributes or {}).text = _UNSPEAKABLE.sub("\ufffd", text)


def _link(parent: Element, relation: str, address: str, kind: str, language: str = "") -> None:
    more = {"hreflang": language} if language else {}
    SubElement(parent, "link", {"rel": relation, "type": kind, **more, "href": address})
