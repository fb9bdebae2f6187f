"""Keep the folder of a release: see whether it is ours, and replace it all or nothing.

The new release is written into a folder beside the old one, and the two change places when it is
whole. A killed run leaves the old release or the new one, and the next run sweeps the rest.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from expatlod.errors import PublishError, UsageError

__all__ = ["GENERATOR", "MANIFEST", "check_place", "replace"]

#: The file that says what a release consists of, and that a folder is one.
MANIFEST = "manifest.json"

#: What the manifest of a release of ours says that made it.
GENERATOR = "expatlod"

# Of Linux, fcntl.h.
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


class _Entry(msgspec.Struct):
    path: str


class _Manifest(msgspec.Struct):
    generator: str
    files: list[_Entry]


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
        strangers = sorted(_files_in(out) - ours) if ours else []
    except OSError as error:
        raise _not_written(out, error) from error
    except RuntimeError:
        # What Python before 3.13 says of a link that leads to itself.
        ours = set()
    if not ours:
        raise PublishError(
            f"{out}: not a release of expatlod (no {MANIFEST} of ours), so it is not replaced; "
            "name another folder with --output, or move this one away"
        )
    if strangers:
        raise PublishError(
            f"{out}: holds {strangers[0]}, which no release put there and replacing would delete; "
            "move it away, or name another folder with --output"
        )


def _release_files(out: Path) -> set[str]:
    """Return the paths of the files of the release in *out*; none when it is not one of ours."""
    try:
        text = (out / MANIFEST).read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return set()
    try:
        manifest = msgspec.json.decode(text, type=_Manifest)
    except (msgspec.DecodeError, RecursionError):
        return set()
    if manifest.generator != GENERATOR:
        return set()
    return {MANIFEST, *(entry.path for entry in manifest.files)}


def _files_in(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


def replace(out: Path, files: Mapping[str, bytes]) -> None:
    """Write *files* into a new folder and put it in the place of *out*."""
    parent = out.resolve().parent
    new: Path | None = None
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        new = Path(tempfile.mkdtemp(prefix=f".{out.name}.new-{os.getpid()}-", dir=parent))
        for path, content in files.items():
            _write(new / path, content)
        new.chmod(0o755)
        _swap(new, out)
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


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        # A full disk may tell only now; later would be too late.
        os.fsync(file.fileno())


def _swap(new: Path, out: Path) -> None:
    """Put *new* in the place of *out*; if that fails, *out* is back where it was."""
    old = out.resolve().parent / f".{out.name}.old-{os.getpid()}"
    place = out.resolve()
    if not place.exists():
        new.rename(place)
        return
    if _exchange(new, place):
        return
    place.rename(old)
    try:
        new.rename(place)
    except OSError:
        old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where the system has no such step."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    done: int = renameat2(
        _AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE
    )
    return done == 0


def _sweep(out: Path) -> None:
    """Mend what a killed run left: put back a release that was moved aside, delete half ones."""
    place = out.resolve()
    for old in sorted(place.parent.glob(f".{out.name}.old-*")):
        if not place.exists() and _release_files(old):
            old.rename(place)
        elif not _alive(old):
            shutil.rmtree(old, ignore_errors=True)
    for new in place.parent.glob(f".{out.name}.new-*"):
        if not _alive(new):
            shutil.rmtree(new, ignore_errors=True)


def _alive(folder: Path) -> bool:
    """Tell whether the process that made *folder* still runs."""
    digits = folder.name.rpartition(f"{'old' if '.old-' in folder.name else 'new'}-")[2]
    try:
        os.kill(int(digits.partition("-")[0]), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
