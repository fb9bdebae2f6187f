"""Load data into a store on disk, all or nothing.

New data is written into a new folder inside the store; when it is whole, a marker that names it
takes the place of the old one in one step. A killed run leaves what was there before, and the next
one sweeps the rest.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path

import pyoxigraph as ox

from expatlod.errors import PublishError, UsageError
from expatlod.sources import quads
from expatlod.store import FOLDER, GENERATOR, MARKER, is_store, kept_in

__all__ = ["index"]

_ENGINE = f"pyoxigraph {ox.__version__}"

# What a killed run can have left.
_LEFT = re.compile(rf"{FOLDER.pattern}|{re.escape(MARKER)}\.new")

# The engine sorts so many triples in memory before it writes them: some 100 MB.
_BATCH = 250_000


def index(
    paths: Sequence[Path], out: Path, *, told: Callable[[Path, int, int], None] = lambda *_: None
) -> int:
    """Write the data in the files at *paths* into a store at *out*; return how many triples it has.

    *told* is called now and then with the file that is read, how many of its bytes were read,
    decompressed, and how many triples came so far. A store of ours at *out* is replaced.

    Raises QueryError for a file that cannot be read, UsageError when *out* is something else, and
    PublishError when it cannot be written. Then, and whatever else stops it, *out* is as it was.
    """
    _refuse_other(out)
    there = out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _alone(out):
            _sweep(out, keep=kept_in(out))
            folder = out / f"oxigraph-{secrets.token_hex(4)}"
            try:
                count = _fill(folder, paths, told)
                marker = {
                    "generator": GENERATOR,
                    "engine": _ENGINE,
                    "folder": folder.name,
                    "triples": count,
                    "sources": [_source(path) for path in paths],
                }
                _put(out / MARKER, json.dumps(marker, indent=2).encode() + b"\n")
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            _sweep(out, keep=folder.name)
            return count
    except OSError as error:
        raise PublishError(
            f"{out}: the store could not be written: {error.strerror or error}; "
            "what stood there before is untouched"
        ) from error
    finally:
        if not there and out.is_dir() and not any(out.iterdir()):
            out.rmdir()


def _refuse_other(out: Path) -> None:
    """Raise UsageError when there is something at *out* that no run of ours put there."""
    if not out.exists() or is_store(out):
        return
    if not out.is_dir() or any(not _LEFT.fullmatch(each.name) for each in out.iterdir()):
        raise UsageError(
            f"{out}: not a store of expatlod (no {MARKER} of ours), so it is not replaced; "
            "name another folder with --output, or move this one away"
        )


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Hold the folder *out* while it is written to, so that two runs do not sweep each other."""
    try:
        import fcntl
    except ImportError:
        # Windows has no locks on folders.
        yield
        return
    handle = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise UsageError(f"{out}: another run is writing it; wait until it is done") from error
    try:
        yield
    finally:
        os.close(handle)


def _sweep(out: Path, *, keep: str | None) -> None:
    """Delete the data in *out* that no marker names."""
    for each in out.iterdir():
        if each.name != keep and FOLDER.fullmatch(each.name):
            shutil.rmtree(each, ignore_errors=True)


def _fill(folder: Path, paths: Sequence[Path], told: Callable[[Path, int, int], None]) -> int:
    """Load the files at *paths* into a new store at *folder*; return how many triples it has."""
    store = ox.Store(str(folder))
    loaded = read = 0

    def passed(count: int) -> None:
        nonlocal read
        read += count

    def batch(found: Iterator[ox.Quad]) -> Iterator[ox.Quad]:
        nonlocal loaded
        for quad in islice(found, _BATCH):
            loaded += 1
            yield quad

    for path in paths:
        read = 0
        found = quads(path, passed)
        for first in found:
            # Whole files at once would be sorted in memory, some 300 bytes for each triple.
            store.bulk_extend(batch(chain([first], found)))
            told(path, read, loaded)
    store.flush()
    # Batches overlap; questions are answered sooner when they are merged.
    store.optimize()
    return len(store)


def _source(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": str(path), "bytes": path.stat().st_size, "sha256": digest}


def _put(path: Path, content: bytes) -> None:
    """Write the file at *path* in one step."""
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
