"""Keep the chain of releases: what the next is called, and that the old ones stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from expatlod.archive import (
    LATEST,
    MANIFEST,
    RELEASES,
    SIGNATURE,
    SITE,
    Release,
    is_version,
    read_release,
    read_site,
)
from expatlod.errors import PublishError, UsageError
from expatlod.release import Draft

__all__ = ["check_dataset", "check_version", "double", "next_version", "past", "take_over"]


def past(out: Path) -> list[Release]:
    """Return the releases in the folder *out*, oldest first; none where nothing was published.

    Raises PublishError when one that is listed is not there, or not what it was: to go on would
    lose it for good, or vouch for what somebody has changed.
    """
    site = read_site(out)
    found: list[Release] = []
    for each in site.releases if site else ():
        folder = out / RELEASES / each.version
        release = read_release(folder) if is_version(each.version) else None
        again = each.version in {other.manifest.release for other in found}
        if release is None or release.manifest.release != each.version or again:
            raise PublishError(
                f"{folder}: {out / SITE} lists this release{' twice' if again else ''}, but it has "
                f"no {MANIFEST} that can be read; put the folder back as it was, or publish to "
                "another folder"
            )
        if sha256((folder / MANIFEST).read_bytes()).hexdigest() != each.sha256:
            raise PublishError(
                f"{folder / MANIFEST}: not as it was when the release was published; put it back, "
                "or publish to another folder ('expatlod verify' tells what has changed)"
            )
        found.append(release)
    return found


def check_dataset(iri: str, old: Sequence[Release]) -> None:
    """See that the *old* releases are of the dataset *iri*.

    Raises PublishError when they are not: who follows them would find another one in their place.
    """
    before = old[-1].manifest.dataset if old else iri
    if before != iri:
        raise PublishError(
            f"the releases there are of {before}, and this is {iri}; publish it to another folder, "
            "or give the dataset its old id and base again"
        )


def check_version(version: str, old: Sequence[Release]) -> None:
    """See that a release can be called *version*.

    Raises UsageError when it cannot, PublishError when one of the *old* is and is not the newest.
    """
    if not is_version(version):
        raise UsageError(
            f"--version {version}: write letters, digits, points, hyphens and underscores, "
            "for example 2026-11-22 or 1.2"
        )
    if version.casefold() in {each.manifest.release.casefold() for each in old[:-1]}:
        raise _published(version)


def next_version(version: str, day: datetime, old: Sequence[Release]) -> str:
    """Return what the release after the *old* ones is called: *version*, or else the *day*.

    A second release of the same day is called 2026-11-22.2.

    Raises PublishError when *version* is taken.
    """
    taken = {each.manifest.release for each in old}
    # Some systems do not tell letters by their case.
    if version.casefold() in {each.casefold() for each in taken}:
        raise _published(version)
    if version:
        return version
    name = f"{day:%Y-%m-%d}"
    numbered = (f"{name}.{number}" for number in range(2, len(taken) + 3))
    return next(each for each in (name, *numbered) if each not in taken)


def take_over(draft: Draft, old: Sequence[Release]) -> None:
    """Make the *old* releases part of the draft, as they are.

    Raises PublishError when a file of theirs is gone.
    """
    for release in old:
        folder = f"{RELEASES}/{release.manifest.release}"
        signature = [SIGNATURE] if (release.folder / SIGNATURE).is_file() else []
        sizes = {each.path: each.bytes for each in release.manifest.files}
        for path in (MANIFEST, *signature, *sizes):
            source = release.folder / path
            there = source.is_file() and not source.is_symlink()
            if not there or source.stat().st_size != sizes.get(path, source.stat().st_size):
                raise PublishError(
                    f"{source}: this file of an old release is "
                    f"{'not as it was' if there else 'gone'}; put it back as it was, or publish to "
                    "another folder"
                )
            draft.take(f"{folder}/{path}", source)


def double(draft: Draft, source: str, target: str) -> None:
    """Let the folder *source* of the draft stand there as *target* too."""
    inner = draft.within(source)
    for path in inner.files:
        draft.take(f"{target}/{path}", draft.folder / source / path)


def _published(version: str) -> PublishError:
    return PublishError(
        f"--version {version}: published already, and a release never changes; name another "
        f"version, or leave --version out. What is newest stands in {LATEST}/"
    )
