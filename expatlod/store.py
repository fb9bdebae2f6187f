"""Open a store on disk: data that was loaded once, and is asked any number of times at once.

A store is a folder with a marker, `store.json`, that says what is in it and which folder beside it
the engine keeps; `index` writes it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyoxigraph as ox

from expatlod.errors import QueryError

__all__ = ["FOLDER", "GENERATOR", "MARKER", "is_store", "kept_in", "opened"]

#: The file that says that a folder is a store of ours, and what is in it.
MARKER = "store.json"

#: What the marker of a store of ours says that made it.
GENERATOR = "expatlod"

#: What the folder that the engine keeps is called.
FOLDER = re.compile(r"oxigraph-[0-9a-f]{8}")


def is_store(path: Path) -> bool:
    """Return whether the folder at *path* is a store of ours."""
    return kept_in(path) is not None


def kept_in(path: Path) -> str | None:
    """Return the name of the folder that the marker in *path* names; None without such a marker."""
    try:
        marker = json.loads((path / MARKER).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(marker, dict) or marker.get("generator") != GENERATOR:
        return None
    name = str(marker.get("folder"))
    return name if FOLDER.fullmatch(name) else None


def opened(path: Path) -> ox.Store:
    """Return the store at *path*, to be read; others may read it at the same time.

    Raises QueryError when it is damaged, or written by another version of the engine.
    """
    try:
        return ox.Store.read_only(str(path / str(kept_in(path))))
    except (OSError, ValueError, RuntimeError) as error:
        raise QueryError(
            f"{path}: the store cannot be opened: {' '.join(str(error).split())}; "
            "make it again with 'expatlod index'"
        ) from error
