"""Find and read the catalogue that is to be rehearsed, whoever made it."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from expatlod import archive
from expatlod.dumps import SYNTAXES
from expatlod.errors import ERROR, Finding, Location, Text, UsageError
from expatlod.rdf import Placed, read
from expatlod.rehearse.graph import Graph

__all__ = ["BYTES", "CATALOG", "MEGABYTES", "Hosting", "Source", "locate", "opened"]

#: The file of a release that portals harvest.
CATALOG = "catalog.ttl"

#: The largest file that ckanext-dcat fetches.
MEGABYTES = 50
BYTES = MEGABYTES * 1024 * 1024

# Beginnings of what is taken for RDF by mistake, and what it is.
_BEGINNINGS: Mapping[bytes, Text] = {
    b"\x1f\x8b": {"da": "komprimeret (gzip)", "en": "compressed (gzip)"},
    b"(\xb5/\xfd": {"da": "komprimeret (zstd)", "en": "compressed (zstd)"},
    b"PK\x03\x04": {"da": "komprimeret (zip)", "en": "compressed (zip)"},
    b"<!doctype html": {"da": "en HTML-side", "en": "an HTML page"},
    b"<html": {"da": "en HTML-side", "en": "an HTML page"},
}
_EMPTY: Text = {"da": "tom", "en": "empty"}
_BINARY: Text = {"da": "binær", "en": "binary"}
_ENDING: Text = {"da": "uden en kendt endelse", "en": "without an ending that is known"}


@dataclass(frozen=True, slots=True)
class Hosting:
    """Where the addresses of a release lie on the disk.

    *site* is the address that all of them begin with and *version* that of the release in *folder*.
    *root* is the folder of the whole site, None where only the release is at hand.
    """

    site: str
    version: str
    folder: Path
    root: Path | None

    def file(self, address: str) -> Path | None:
        """Return where the file at *address* is to be; None when the address lies elsewhere."""
        if not self.site or not address.startswith(self.site):
            return None
        rest = unquote(address[len(self.site) :].partition("#")[0].partition("?")[0])
        for beginning in (f"{archive.RELEASES}/{self.version}/", f"{archive.LATEST}/"):
            if rest.startswith(beginning):
                return _inside(self.folder, rest[len(beginning) :])
        return _inside(self.root, rest) if self.root else None


def _inside(folder: Path, rest: str) -> Path:
    # What leads out of the folder, or what no path can hold, is a file that is not there.
    if ".." in rest.split("/") or "\0" in rest or "\\" in rest:
        return folder / "?"
    path = folder / rest
    return path / "index.html" if not rest or rest.endswith("/") else path


@dataclass(frozen=True)
class Source:
    """A catalogue: its triples, or the *findings* that say why there are none.

    *is_read* is False for what was not even tried: what is no RDF, or larger than portals fetch.
    """

    path: Path
    placed: tuple[Placed, ...]
    findings: tuple[Finding, ...]
    hosting: Hosting | None = None
    is_read: bool = True

    @cached_property
    def graph(self) -> Graph:
        """The triples as portals ask for them."""
        return Graph(self.placed)

    @property
    def at(self) -> Location:
        """The file as a whole."""
        return Location(str(self.path))


def locate(out: Path) -> tuple[Path, Hosting | None, Path | None]:
    """Return the catalogue that *out* means, where its files lie, and the catalogue before it.

    *out* is a site, a release, a folder with a catalogue, or a catalogue. Raises UsageError when it
    is none of these.
    """
    if out.is_file():
        return out, None, None
    if not out.exists():
        raise UsageError(f"{out}: no such file or folder")
    release = archive.read_release(out) or next(reversed(archive.releases(out)), None)
    if release is None:
        if not (out / CATALOG).is_file():
            raise UsageError(f"{out}: no release and no {CATALOG} here; name a catalogue's file")
        return out / CATALOG, None, None
    path = release.folder / CATALOG
    if not path.is_file():
        raise UsageError(f"{path}: the release has no catalogue; run 'expatlod publish' again")
    root = _root(release.folder, out)
    manifest = release.manifest
    before = (root / archive.RELEASES / manifest.previous / CATALOG) if root else None
    if not archive.is_version(manifest.previous) or before is None or not before.is_file():
        before = None
    return path, Hosting(manifest.site, manifest.release, release.folder, root), before


def _root(folder: Path, out: Path) -> Path | None:
    """Return the site that the release in *folder* stands in."""
    whole = folder.resolve()
    for root in (out, whole.parent, whole.parent.parent):
        if archive.read_site(root) is not None:
            return root
    return None


def opened(path: Path, hosting: Hosting | None = None) -> Source:
    """Read the catalogue at *path*; what cannot be read has a finding that says why."""
    try:
        with path.open("rb") as file:
            beginning = file.read(4096)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    what = _mistaken(path, beginning)
    if what:
        return Source(path, (), (_not_rdf(path, what),), hosting, is_read=False)
    if path.stat().st_size >= BYTES:
        return Source(path, (), (), hosting, is_read=False)
    placed, findings = read(path)
    return Source(path, tuple(placed), tuple(findings), hosting)


def _mistaken(path: Path, beginning: bytes) -> Text | None:
    bare = beginning.removeprefix(codecs.BOM_UTF8).lstrip()
    if not bare:
        return _EMPTY
    for each, what in _BEGINNINGS.items():
        if bare[: len(each)].lower() == each:
            return what
    # UTF-16 has zero bytes too, and is told as what it is.
    wide = beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in beginning and not wide:
        return _BINARY
    return None if path.suffix in SYNTAXES else _ENDING


def _not_rdf(path: Path, what: Text) -> Finding:
    endings = ", ".join(sorted(SYNTAXES))
    return Finding(
        Location(str(path)),
        ERROR,
        "portal:syntax",
        {
            "da": f"filen er ikke RDF: den er {what['da']}",
            "en": f"the file is no RDF: it is {what['en']}",
        },
        {
            "da": f"giv selve kataloget, en fil, der ender på {endings}",
            "en": f"give the catalogue itself, a file that ends in {endings}",
        },
    )
