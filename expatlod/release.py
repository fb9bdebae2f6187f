"""Keep the folder of the releases: see whether it is ours, and replace it all or nothing.

The new site is written into a folder beside the old one, the old releases are taken over, and the
two change places when it is whole. A killed run leaves the old site or the new one, and the next
run sweeps the rest.
"""

from __future__ import annotations

import ctypes
import errno
import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from expatlod.archive import (
    LATEST,
    MANIFEST,
    RELEASES,
    SIGNATURE,
    SITE,
    is_version,
    read_release,
    read_site,
)
from expatlod.errors import PublishError, UsageError

__all__ = ["Draft", "check_place", "replacing"]

# Of Linux, fcntl.h.
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def check_place(out: Path, data: Path) -> None:
    """See that a release of *data* may be written to *out*.

    Raises UsageError when the two lie inside each other, PublishError when *out* holds anything
    that no release put there.
    """
    try:
        source, place = data.resolve(), out.resolve()
        if place.is_relative_to(source) or source.is_relative_to(place):
            raise UsageError(f"{out} and {data} lie inside each other; publish to another folder")
        if not out.is_symlink() and not out.exists():
            return
        if out.is_dir() and not any(out.iterdir()):
            return
        ours = _release_files(out)
        if ours:
            _refuse_strangers(out, out)
    except OSError as error:
        raise _not_written(out, error) from error
    except RuntimeError:
        # What Python before 3.13 says of a link that leads to itself.
        ours = set()
    if not ours:
        raise PublishError(
            f"{out}: no releases of expatlod (no {SITE} of ours), so it is not replaced; "
            "name another folder with --output, or move this one away"
        )


def _release_files(out: Path) -> set[str]:
    """Return the paths of the files of the site in *out*; none when it is not one of ours."""
    site = read_site(out)
    if site is None:
        return set()
    known = {SITE, *(each.path for each in site.files)}
    folders = [f"{RELEASES}/{each.version}" for each in site.releases if is_version(each.version)]
    for folder in (LATEST, *folders):
        release = read_release(out / folder)
        if release is not None:
            paths = (MANIFEST, SIGNATURE, *(each.path for each in release.manifest.files))
            known.update(f"{folder}/{path}" for path in paths)
    return known


def _files_in(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


class Draft:
    """What is being written into *folder*, not yet where its readers look.

    *files* are the paths of the files that are whole, with their sizes in bytes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        #: Called at the end, the last first: what still writes then must stop.
        self.cleanup = ExitStack()
        self._sizes: dict[str, int] = {}
        self._inside = ""

    def within(self, path: str) -> Draft:
        """Return the draft of the folder *path* in this one; what it writes belongs to both."""
        inner = Draft(self.folder)
        inner.cleanup = self.cleanup
        inner._sizes = self._sizes
        inner._inside = f"{self._inside}{path}/"
        return inner

    @property
    def files(self) -> dict[str, int]:
        """The paths of the files that are whole, with their sizes in bytes."""
        start = len(self._inside)
        return {
            path[start:]: size
            for path, size in self._sizes.items()
            if path.startswith(self._inside)
        }

    def write(self, path: str, content: bytes) -> None:
        """Write a file."""
        with self.open(path) as file:
            file.write(content)

    def open(self, path: str) -> BinaryIO:
        """Return a new file, to be written bit by bit and closed.

        It is on the disk, and counts as a file of the draft, when `close` has returned.
        """
        full = self._place(path)
        file = _File(self.folder / full, lambda size: self._sizes.update({full: size}))
        self.cleanup.callback(file.abandon)
        return file

    def take(self, path: str, source: Path) -> None:
        """Take the file *source* over as *path*: the same file under one more name, or a copy."""
        full = self._place(path)
        place = self.folder / full
        try:
            os.link(source, place, follow_symlinks=False)
        except FileNotFoundError:
            raise
        except OSError:
            # A file system without links, or a file of somebody else's.
            shutil.copy2(source, place)
        self._sizes[full] = place.stat().st_size

    def drop(self) -> None:
        """Delete what was written here."""
        shutil.rmtree(self.folder / self._inside)
        for path in self.files:
            del self._sizes[self._inside + path]

    def _place(self, path: str) -> str:
        """Make the folders that lead to *path*; return it as the whole draft calls it."""
        full = self._inside + path
        # Not with its parents: a folder that somebody took away must not come back half filled.
        for parent in reversed(list(PurePosixPath(full).parents)[:-1]):
            if not (self.folder / parent).is_dir():
                (self.folder / parent).mkdir()
                # Whatever the umask: a web server has to read it.
                (self.folder / parent).chmod(0o755)
        return full


class _File(io.BufferedWriter):
    def __init__(self, path: Path, whole: Callable[[int], None]) -> None:
        super().__init__(io.FileIO(path, "x"))
        self._whole = whole

    def close(self) -> None:
        if self.closed:
            return
        try:
            self.flush()
            if hasattr(os, "fchmod"):
                os.fchmod(self.fileno(), 0o644)
            # A full disk may tell only now; later would be too late.
            os.fsync(self.fileno())
            self._whole(self.tell())
        finally:
            super().close()

    def abandon(self) -> None:
        """Close the file without waiting for the disk; of a closed file this does nothing."""
        self.raw.close()


@contextmanager
def replacing(out: Path) -> Iterator[Draft]:
    """Yield a draft to write a release into; at the end it takes the place of *out*.

    Raises PublishError when it cannot be written. Then, and whatever else stops the work, *out* is
    as it was and nothing is left beside it.
    """
    new: Path | None = None
    try:
        place = out.resolve()
        place.parent.mkdir(parents=True, exist_ok=True)
        _sweep(place)
        new = Path(tempfile.mkdtemp(prefix=f".{place.name}.new-", dir=place.parent))
        with _held(new):
            draft = Draft(new)
            with draft.cleanup:
                yield draft
            _refuse_gaps(draft)
            new.chmod(0o755)
            _swap(new, place)
    except OSError as error:
        raise _not_written(out, error) from error
    finally:
        if new is not None:
            shutil.rmtree(new, ignore_errors=True)


def _not_written(out: Path, error: OSError) -> PublishError:
    return PublishError(
        f"{out}: the release could not be written: {error.strerror or error}"
        f"{f' ({error.filename})' if error.filename else ''}; "
        "what stood there before is untouched"
    )


def _refuse_gaps(draft: Draft) -> None:
    there = {path: (draft.folder / path).stat().st_size for path in _files_in(draft.folder)}
    if there != draft.files:
        raise OSError(errno.EIO, "what was written has changed")


def _swap(new: Path, place: Path) -> None:
    """Put *new* where the old release is; if that fails, the old one is back where it was."""
    if not place.exists():
        new.rename(place)
        return
    _refuse_strangers(place, place)
    if _exchange(new, place):
        try:
            # Somebody may have put a file there between the look and the exchange.
            _refuse_strangers(new, place)
        except BaseException:
            _exchange(new, place)
            raise
        return
    old = Path(tempfile.mkdtemp(prefix=f".{place.name}.old-", dir=place.parent))
    place.rename(old)
    try:
        new.rename(place)
    except BaseException:
        if not place.exists():
            old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _refuse_strangers(folder: Path, shown: Path) -> None:
    """Raise PublishError when *folder* holds what no release put there."""
    strangers = sorted(_files_in(folder) - _release_files(folder))
    if strangers:
        raise PublishError(
            f"{shown}: holds {strangers[0]}, which no release put there and replacing would "
            "delete; move it away, or name another folder with --output"
        )


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where the system has no such step."""
    if sys.platform != "linux":
        return False
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    done: int = renameat2(
        _AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE
    )
    return done == 0


def _sweep(place: Path) -> None:
    """Mend what a killed run left: put back a release that was moved aside, delete half ones."""
    ours = re.compile(rf"\.{re.escape(place.name)}\.(?P<kind>old|new)-[a-z0-9_]{{8}}")
    for folder in sorted(place.parent.iterdir()):
        match = ours.fullmatch(folder.name)
        if match is None or not folder.is_dir() or folder.is_symlink():
            continue
        if match["kind"] == "old" and _release_files(folder) and not place.exists():
            folder.rename(place)
            continue
        with _held(folder) as free:
            if free:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Hold *folder* while it is written; yields False when another process holds it.

    A lock on the folder itself ends with the process that holds it, however it ends, and is seen
    from other containers, where process ids are not.
    """
    try:
        import fcntl
    except ImportError:
        # Windows: nobody else is asked, so nothing that may be in use is deleted.
        yield True
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free = True
    except OSError:
        free = False
    try:
        yield free
    finally:
        os.close(handle)
