"""See that what is offered as the newest release is the newest release, file by file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from expatlod.archive import LATEST, MANIFEST, SIGNATURE, File
from expatlod.verify.content import Job, listed
from expatlod.verify.folder import ChangedError, is_inside, read
from expatlod.verify.parts import Part, Root

__all__ = ["same_as_newest"]

_LARGEST = 64_000_000


def same_as_newest(root: Root) -> None:
    """Add to the findings of *root* where `latest/` is something else than the newest release."""
    part = root.newest
    if part is None or part.manifest is None:
        return
    # Also of a file that the release itself has lost.
    files = {each.path: each for each in part.manifest.files if is_inside(each.path)}
    paths = {*files, MANIFEST}
    if part.prefix + SIGNATURE in root.there.files:
        paths.add(SIGNATURE)
    there = {
        path.removeprefix(f"{LATEST}/"): path
        for path in root.there.files
        if path.startswith(f"{LATEST}/")
    }
    for path in sorted(paths | {*there}):
        if (
            path not in there
            or path not in paths
            or not _is_same(root, part, path, files.get(path))
        ):
            root.tell("release:latest", f"{LATEST}/{path}", newest=part.prefix + path)


def _is_same(root: Root, part: Part, path: str, file: File | None) -> bool:
    one, other = root.path / part.prefix / path, root.path / LATEST / path
    with suppress(OSError):
        # Mostly it is the same file under another name.
        if one.samefile(other):
            return True
    if file is not None:
        return bool(listed(Job(0, other, file)).content)
    return _bytes(one) == _bytes(other)


def _bytes(path: Path) -> bytes | None:
    try:
        return read(path, _LARGEST)
    except ChangedError:
        return None
