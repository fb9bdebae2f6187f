"""See what is in a folder that somebody else may have made, and never look outside of it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from expatlod.archive import MANIFEST, SIGNATURE, SITE

__all__ = ["ChangedError", "Tree", "is_inside", "opened", "read", "tree"]

# What a file may be called in a release: segments without what steers a shell, another system's
# separators or a drive's colon.
_SEGMENT = re.compile(r"[^\x00-\x1f\x7f/\\:]{1,255}")
_LONGEST = 1024


class ChangedError(Exception):
    """What was a file is none any more, or cannot be read: says why."""


@dataclass(frozen=True, slots=True)
class Tree:
    """What is in a folder: the sizes in bytes of its *files*, and *odd* things, by path."""

    files: dict[str, int]
    odd: frozenset[str]


def is_inside(path: str) -> bool:
    """Tell whether *path* names a file inside of a folder, written in the one way.

    >>> is_inside("dump/a.nt"), is_inside("../a"), is_inside("/a"), is_inside("a//b")
    (True, False, False, False)
    """
    segments = path.split("/")
    return (
        len(path) <= _LONGEST
        and all(map(_SEGMENT.fullmatch, segments))
        and not {".", ".."} & {*segments}
        and path not in (MANIFEST, SIGNATURE, SITE)
        and path.isprintable()
    )


def tree(folder: Path) -> Tree:
    """Return what is in *folder*, links not followed.

    Raises OSError when it cannot be looked into.
    """
    files: dict[str, int] = {}
    odd: list[str] = []
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        with os.scandir(folder / inside) as entries:
            for each in entries:
                path = f"{inside}{each.name}"
                if each.is_dir(follow_symlinks=False):
                    waiting.append(f"{path}/")
                elif each.is_file(follow_symlinks=False):
                    files[path] = each.stat(follow_symlinks=False).st_size
                else:
                    odd.append(path)
    return Tree(files, frozenset(odd))


def opened(path: Path) -> BinaryIO:
    """Open the regular file at *path*.

    Raises ChangedError when it is something else, or cannot be opened.
    """
    try:
        # A pipe would wait for its other end.
        flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        handle = os.open(path, os.O_RDONLY | flags | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise ChangedError(error.strerror or str(error)) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ChangedError("not a file")
    return os.fdopen(handle, "rb")


def read(path: Path, most: int) -> bytes:
    """Return what the file at *path* holds.

    Raises ChangedError when it cannot be read, or has more than *most* bytes.
    """
    with opened(path) as file:
        try:
            data = b"".join(_pieces(file, most + 1))
        except OSError as error:
            raise ChangedError(error.strerror or str(error)) from error
    if len(data) > most:
        raise ChangedError(f"more than {most} bytes")
    return data


def _pieces(file: BinaryIO, most: int) -> Iterator[bytes]:
    while most > 0 and (data := file.read(min(most, 1 << 20))):
        most -= len(data)
        yield data
