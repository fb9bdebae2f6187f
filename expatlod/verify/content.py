"""Examine files one by one, in processes of their own when there is much in them.

First each is hashed as it is and as what is packed in it; then what is different is parsed once.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from expatlod.archive import File
from expatlod.records.lines import BrokenError, TooMuchError, chunks
from expatlod.verify.folder import ChangedError, opened
from expatlod.verify.graph import Graph, UnreadableError, total
from expatlod.verify.names import Names

__all__ = ["Hashed", "Job", "Parsed", "Read", "hashed", "listed", "parsed"]

_BLOCK = 1 << 20
_PACKED = (".gz", ".zst")


@dataclass(frozen=True, slots=True)
class Job:
    """A file to examine: its *number*, where it is, and what the manifest says of it."""

    number: int
    path: Path
    file: File


@dataclass(frozen=True, slots=True)
class Hashed:
    """What was seen of a file.

    *content* is the digest of what is packed in it and *unpacked* its size; without packing those
    of the file. *found* is what it is instead of what is *said* of it. *broken* is why it cannot be
    read, *bomb* whether too much is packed in it.
    """

    content: str = ""
    unpacked: int = 0
    found: str = ""
    said: str = ""
    broken: str = ""
    bomb: bool = False


def hashed(job: Job) -> Hashed:
    """Return what the file is; it is unpacked only when it is the one that is listed."""
    seen = listed(job)
    if seen.content and job.file.path.endswith(_PACKED):
        return _unpacked(job.path)
    return seen


def listed(job: Job) -> Hashed:
    """Return whether the file is the one that is listed, without a look at what is packed in it."""
    digest = sha256()
    try:
        with opened(job.path) as file:
            size = os.fstat(file.fileno()).st_size
            if size != job.file.bytes:
                return Hashed(found=f"{size} bytes", said=f"{job.file.bytes} bytes")
            while data := file.read(_BLOCK):
                digest.update(data)
    except (ChangedError, OSError) as error:
        return Hashed(broken=getattr(error, "strerror", "") or str(error))
    if digest.hexdigest() != job.file.sha256:
        return Hashed(found=f"SHA-256 {digest.hexdigest()}", said=job.file.sha256[:64])
    return Hashed(digest.hexdigest(), size)


def _unpacked(path: Path) -> Hashed:
    digest, size = sha256(), 0
    try:
        for data in chunks(path):
            digest.update(data)
            size += len(data)
    except BrokenError as error:
        return Hashed(broken=str(error))
    except TooMuchError:
        return Hashed(unpacked=size, bomb=True)
    except OSError as error:
        return Hashed(broken=error.strerror or str(error))
    return Hashed(digest.hexdigest(), size)


@dataclass(frozen=True, slots=True)
class Read:
    """A file to parse, of *size* bytes unpacked, under the *key* of this run.

    The IRIs in it that begin with one of *spaces* are gathered, and when they are many put into
    *folder*; without spaces none are.
    """

    job: Job
    size: int
    key: bytes
    spaces: tuple[bytes, ...]
    folder: Path


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file says, or *why* it cannot be read and on which *line*."""

    graph: Graph | None
    names: Names | None = None
    why: str = ""
    line: int = 0


def parsed(task: Read) -> Parsed:
    """Return what the file says."""
    names = Names(task.job.number, task.spaces, task.folder) if task.spaces else None
    try:
        graph = total(task.job.path, task.size, task.key, names)
    except UnreadableError as error:
        return Parsed(None, None, str(error), error.line)
    return Parsed(graph, names)
