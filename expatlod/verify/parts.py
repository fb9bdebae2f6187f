"""See what a site or a release lists, and whether that is what is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import TypeVar

import msgspec

from expatlod.archive import (
    GENERATOR,
    LATEST,
    MANIFEST,
    RELEASES,
    SIGNATURE,
    SITE,
    File,
    Listed,
    Manifest,
    Site,
    is_version,
)
from expatlod.errors import Finding, UsageError
from expatlod.verify.faults import fault
from expatlod.verify.folder import ChangedError, Tree, is_inside, read, tree

__all__ = ["MOST", "Part", "Root", "look"]

#: So many findings with one code are told: a folder made to harm could hold millions.
MOST = 100

#: The largest list of files that is read, in bytes: that of some 300,000 files.
_LARGEST = 64_000_000

_Kind = TypeVar("_Kind", Manifest, Site)


@dataclass(frozen=True, slots=True)
class Part:
    """A release, or what stands beside the releases, which has no *manifest*.

    *prefix* is its folder's path in the root, empty or with a slash at the end. *files* are those
    listed that are there, by path; *raw* is the list as it stands in its file.
    """

    prefix: str
    listing: str
    files: Mapping[str, File]
    raw: bytes
    manifest: Manifest | None = None

    def line(self, text: str) -> int:
        """Return the line of the list on which *text* stands as a whole, or 0."""
        return _line(self.raw, text)


@dataclass(slots=True)
class Root:
    """The folder that is verified.

    *parts* are what could be read: what stands beside the releases first, then the releases, oldest
    first; of a release alone it is that. *known* are the paths of all files that are there or
    listed. *newest* is the part that `latest/` is to be the same as. *told* counts the faults by
    code, kept among the *findings* or not.
    """

    path: Path
    there: Tree
    is_site: bool
    parts: list[Part] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    newest: Part | None = None
    findings: list[Finding] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)

    def tell(self, code: str, at: str, line: Callable[[], int] | int = 0, **values: object) -> None:
        """Add a finding about the file at a path in the root; of one code only MOST are kept.

        What *line* it is on is found out only for one that is kept.
        """
        self.told[code] += 1
        if self.told[code] <= MOST:
            number = line if isinstance(line, int) else line()
            self.findings.append(fault(code, self.path / at, number, **values))


def look(out: Path) -> Root:
    """Return what is in the folder *out*, with the faults of its lists and of what is there.

    Raises UsageError when it is neither a site nor a release.
    """
    try:
        is_site = (out / SITE).is_symlink() or (out / SITE).exists()
        if not is_site and not ((out / MANIFEST).is_symlink() or (out / MANIFEST).exists()):
            raise UsageError(
                f"{out}: no release here (no {SITE}, no {MANIFEST}); name the folder that publish "
                "wrote, or a release in it"
            )
        root = Root(out, tree(out), is_site)
    except OSError as error:
        raise UsageError(f"{out}: cannot be read: {error.strerror or error}") from error
    for path in sorted(root.there.odd):
        root.tell("release:kind", path)
    root.known.update(root.there.files)
    if is_site:
        _site(root)
    else:
        part = _release(root, "", None)
        if part:
            root.parts.append(part)
            _extra(root, {"": part})
    return root


def _site(root: Root) -> None:
    raw = _content(root, SITE, "release:listing")
    site = None if raw is None else _decoded(root, SITE, "release:listing", raw, Site)
    if raw is None or site is None:
        return
    beside = _files(root, "", SITE, raw, site.files)
    root.parts.append(Part("", SITE, beside, raw))
    folders: dict[str, Part | None] = {"": root.parts[0]}
    releases: list[Part] = []
    for each in site.releases:
        prefix = f"{RELEASES}/{each.version}/"
        if not is_version(each.version) or prefix in folders:
            line = partial(_line, raw, each.version)
            root.tell("release:path", SITE, line, path=each.version[:200])
            continue
        part = folders[prefix] = _release(root, prefix, each)
        if part:
            releases.append(part)
    root.parts += releases
    _chain(root, site, releases)
    if releases and site.releases[-1].version == _of(releases[-1]).release:
        root.newest = releases[-1]
        # What is not there as latest is told of once.
        root.known.update(f"{LATEST}/{path}" for path in (*root.newest.files, MANIFEST))
    elif not site.releases:
        root.tell("release:listing", SITE, why="it has none", why_da="den er tom")
    _extra(root, folders)


def _release(root: Root, prefix: str, listed: Listed | None) -> Part | None:
    """Return the release in a folder, if its manifest is the one that is *listed*."""
    path = prefix + MANIFEST
    if path not in root.there.files:
        if path not in root.there.odd:
            root.tell("release:missing", path, by=SITE)
        return None
    raw = _content(root, path, "release:manifest")
    if raw is None:
        return None
    if listed is not None and sha256(raw).hexdigest() != listed.sha256:
        found, said = f"SHA-256 {sha256(raw).hexdigest()}", listed.sha256[:64]
        root.tell("release:changed", path, found=found, said=said)
        return None
    manifest = _decoded(root, path, "release:manifest", raw, Manifest)
    if manifest is None:
        return None
    return Part(prefix, MANIFEST, _files(root, prefix, path, raw, manifest.files), raw, manifest)


def _content(root: Root, path: str, code: str) -> bytes | None:
    try:
        return read(root.path / path, _LARGEST)
    except ChangedError as error:
        root.tell(code, path, why=error, why_da=error)
        return None


def _decoded(root: Root, path: str, code: str, raw: bytes, kind: type[_Kind]) -> _Kind | None:
    try:
        found = msgspec.json.decode(raw, type=kind)
        again = msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"
    except (msgspec.MsgspecError, RecursionError, UnicodeError, ValueError) as error:
        why = " ".join(str(error).split())[:200]
        root.tell(code, path, why=f"it cannot be read: {why}", why_da=f"kan ikke læses: {why}")
        return None
    if found.generator != GENERATOR:
        why = f"it was made by '{found.generator[:40]}', not by {GENERATOR}"
        why_da = f"den er lavet af '{found.generator[:40]}', ikke af {GENERATOR}"
        root.tell(code, path, why=why, why_da=why_da)
        return None
    if again != raw:
        why, why_da = "it is not written as publish writes it", "er ikke skrevet af publish"
        root.tell(code, path, _first_difference(raw, again), why=why, why_da=why_da)
    return found


def _first_difference(raw: bytes, again: bytes) -> int:
    pairs = zip(raw.split(b"\n"), again.split(b"\n"), strict=False)
    return next((number for number, (one, other) in enumerate(pairs, 1) if one != other), 1)


def _files(
    root: Root, prefix: str, listing: str, raw: bytes, files: Iterable[File]
) -> dict[str, File]:
    """Return the listed files that are there."""
    seen: set[str] = set()
    found: dict[str, File] = {}
    for each in files:
        path = each.path
        beside = not prefix and listing == SITE and path.partition("/")[0] in (LATEST, RELEASES)
        if not is_inside(path) or path in seen or beside:
            root.tell("release:path", listing, partial(_line, raw, path), path=path[:200])
            continue
        seen.add(path)
        root.known.add(prefix + path)
        if prefix + path in root.there.files:
            found[path] = each
        elif not _is_odd(root, prefix + path):
            root.tell("release:missing", prefix + path, by=listing)
    return found


def _is_odd(root: Root, path: str) -> bool:
    """Tell whether *path*, or a folder that leads to it, is no file and no folder."""
    return any(each in root.there.odd for each in (path, *map(str, PurePosixPath(path).parents)))


def _line(raw: bytes, text: str) -> int:
    """Return the line of a list on which *text* stands as a whole, or 0."""
    start = raw.find(msgspec.json.encode(text))
    return raw.count(b"\n", 0, start) + 1 if start >= 0 else 0


def _of(part: Part) -> Manifest:
    assert part.manifest is not None
    return part.manifest


def _chain(root: Root, site: Site, releases: list[Part]) -> None:
    """See that what the manifests say of each other fits, and fits the list."""
    listed = {each.version: each for each in site.releases}
    for part in releases:
        manifest, path = _of(part), part.prefix + MANIFEST
        version = part.prefix.split("/")[1]
        for key, found, said in (
            ("release", manifest.release, version),
            ("dataset", manifest.dataset, site.dataset),
            ("issued", manifest.issued, listed[version].issued),
        ):
            if found != said:
                why = f"'{key}' is {found[:100]} in {path} and {said[:100]} here"
                why_da = f"'{key}' er {found[:100]} i {path} og {said[:100]} her"
                root.tell("release:listing", SITE, _line(part.raw, said), why=why, why_da=why_da)
    before = [None, *(each.version for each in site.releases)]
    previous = dict(zip((each.version for each in site.releases), before, strict=False))
    for part in releases:
        manifest, expected = _of(part), previous[part.prefix.split("/")[1]] or ""
        if manifest.previous != expected:
            found, said = manifest.previous[:100] or "-", expected or "-"
            why = f"'previous' is {found}, and {SITE} has {said} before this one"
            why_da = f"'previous' er {found}, og {SITE} har {said} før denne"
            line = _line(part.raw, "previous")
            root.tell("release:chain", part.prefix + MANIFEST, line, why=why, why_da=why_da)
    for one, other in pairwise(releases):
        if _of(other).issued < _of(one).issued:
            why = f"issued {_of(other).issued[:40]}, before {_of(one).release}, the one before it"
            why_da = f"dateret {_of(other).issued[:40]}, før {_of(one).release}, den forrige"
            root.tell("release:chain", other.prefix + MANIFEST, why=why, why_da=why_da)


def _extra(root: Root, folders: Mapping[str, Part | None]) -> None:
    """Tell of the files that nothing lists; those of a folder that nothing lists as one."""
    strange: Counter[str] = Counter()
    for path in sorted(root.there.files):
        prefix = _prefix(path) if root.is_site else ""
        if prefix == f"{LATEST}/":
            continue
        if prefix not in folders:
            strange[prefix] += 1
            continue
        part = folders[prefix]
        inner = path.removeprefix(prefix)
        if part is None or inner in part.files or path in _own(part):
            continue
        root.tell("release:extra", path, by=prefix + part.listing)
        root.known.discard(path)
    for prefix in strange:
        root.tell("release:extra", prefix.rstrip("/"), by=SITE)


def _prefix(path: str) -> str:
    """Return the folder of the part that *path* belongs to in a site."""
    first, *rest = path.split("/")
    if first == LATEST and rest:
        return f"{LATEST}/"
    if first == RELEASES and len(rest) > 1:
        return f"{RELEASES}/{rest[0]}/"
    return ""


def _own(part: Part) -> Iterator[str]:
    """Yield the paths of the files that stand beside what is listed."""
    yield part.prefix + part.listing
    if part.listing == MANIFEST:
        yield part.prefix + SIGNATURE
