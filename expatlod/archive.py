"""Read what releases say of themselves, and find them in what the user names.

A site is the folder that `publish` writes: the releases under `releases/<version>/`, the newest
again as `latest/`, and what stands beside them for all. `releases.json` lists what is there. A
release is a folder with `manifest.json`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from expatlod.errors import UsageError

__all__ = [
    "GENERATOR",
    "LATEST",
    "MANIFEST",
    "RELEASES",
    "SIGNATURE",
    "SITE",
    "File",
    "Listed",
    "Manifest",
    "Release",
    "Site",
    "find",
    "is_version",
    "read_release",
    "read_site",
    "releases",
]

#: The file that says what a release consists of, and that a folder is one.
MANIFEST = "manifest.json"

#: The signature of that file, where a release is signed.
SIGNATURE = "manifest.json.sig"

#: The file that says which releases there are, and that a folder is the site of a dataset.
SITE = "releases.json"

#: The folder of the releases, and that of the newest.
RELEASES, LATEST = "releases", "latest"

#: What a manifest of ours says that made it.
GENERATOR = "expatlod"

# A folder's name and a segment of an address, on every system.
_DEVICE = re.compile("con|prn|aux|nul|com[0-9]|lpt[0-9]", re.IGNORECASE)
_VERSION = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._-]{0,62}[0-9A-Za-z])?")


def is_version(text: str) -> bool:
    """Tell whether a release can be called *text*.

    >>> is_version("2026-11-22"), is_version("1.0"), is_version("../x"), is_version("latest")
    (True, True, False, False)
    """
    return (
        _VERSION.fullmatch(text) is not None
        and ".." not in text
        and text.casefold() != LATEST
        and _DEVICE.fullmatch(text.partition(".")[0]) is None
    )


class File(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A file: its path from the manifest's folder, media type, size in bytes, SHA-256.

    *media_type* is that of what is compressed, if it is. *triples* is None for what is no RDF.
    """

    path: str
    media_type: str
    bytes: int
    sha256: str
    compression: str = ""
    triples: int | None = None


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a release consists of.

    *version* is that of the program, *release* that of the data and *previous* that of the release
    before it. *dataset* and *site* are IRIs: of the dataset, and of where the site is served (ends
    with a slash). *issued* is a time in UTC as xsd:dateTime. *content* is the SHA-256 of all that
    does not depend on the history: two releases that have it in common hold the same. *notes* say
    in each language what has changed.
    """

    generator: str
    version: str
    dataset: str
    release: str
    issued: str
    site: str
    content: str
    records: int
    triples: int
    previous: str = ""
    notes: dict[str, str] = {}
    files: list[File]


class Listed(msgspec.Struct, frozen=True):
    """A release as the site lists it: *sha256* is that of its manifest."""

    version: str
    issued: str
    sha256: str


class Site(msgspec.Struct, frozen=True):
    """What the folder that `publish` writes consists of: the releases, oldest first, and files."""

    generator: str
    dataset: str
    releases: list[Listed]
    files: list[File]


@dataclass(frozen=True, slots=True)
class Release:
    """A release in a folder."""

    folder: Path
    manifest: Manifest


_Kind = TypeVar("_Kind", Manifest, Site)


def read_release(folder: Path) -> Release | None:
    """Return the release in *folder*, or None when it is none of ours."""
    manifest = _read(folder / MANIFEST, Manifest)
    return Release(folder, manifest) if manifest else None


def read_site(folder: Path) -> Site | None:
    """Return what the site in *folder* lists, or None when it is none of ours."""
    return _read(folder / SITE, Site)


def releases(folder: Path) -> list[Release]:
    """Return the releases of the site in *folder*, oldest first, those that can be read."""
    site = read_site(folder)
    versions = [each.version for each in site.releases] if site else []
    found = (read_release(folder / RELEASES / each) for each in versions if is_version(each))
    return [each for each in found if each]


def find(path: Path) -> Release:
    """Return the release in the folder *path*, or the newest of the site there.

    Raises UsageError when there is none.
    """
    release = read_release(path)
    if release is None:
        release = next(reversed(releases(path)), None)
    if release is None:
        raise UsageError(
            f"{path}: no release here (no {MANIFEST}, no {SITE}); run 'expatlod publish' first"
        )
    return release


def _read(path: Path, kind: type[_Kind]) -> _Kind | None:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError, RecursionError):
        return None
    return found if found.generator == GENERATOR else None
