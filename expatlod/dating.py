"""Tell when the records of a dataset last changed, alike on every machine.

A file that git holds unchanged is as old as the last commit that touched it: its own time is that
of the clone. Any other file is as old as it says itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from expatlod.errors import UsageError
from expatlod.git import git

__all__ = ["newest_change"]

#: See https://reproducible-builds.org/specs/source-date-epoch/
_EPOCH = "SOURCE_DATE_EPOCH"


def newest_change(folder: Path) -> datetime:
    """Return when the newest file in *folder* changed, in UTC, to the second.

    The variable SOURCE_DATE_EPOCH, seconds since 1970, says it instead when it is set.

    Raises UsageError when that is no number of seconds, and when git has not the whole history.
    """
    given = os.environ.get(_EPOCH)
    if given:
        try:
            return datetime.fromtimestamp(int(given), UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise UsageError(
                f"{_EPOCH}={given}: not a number of seconds since 1970-01-01; "
                "write one, as 'date +%s' does, or unset the variable"
            ) from error
    return datetime.fromtimestamp(max(_times(folder), default=0), UTC)


def _times(folder: Path) -> Iterator[int]:
    committed = _said(folder, "log", "-1", "--format=%ct", "--", ".")
    changed = _said(
        folder, "status", "--porcelain", "-z", "--no-renames", "--ignored", "-uall", "--", "."
    )
    top = _said(folder, "rev-parse", "--show-toplevel")
    if not committed or changed is None or top is None:
        yield from _saved(folder, ".")
        return
    shallow = _said(folder, "rev-parse", "--is-shallow-repository")
    if shallow is not None and shallow.strip() == b"true":
        raise UsageError(
            f"{folder}: a shallow clone does not know when the records last changed; fetch the "
            f"history first ('git fetch --unshallow', or 'fetch-depth: 0' in a workflow), or set "
            f"{_EPOCH}"
        )
    yield int(committed)
    for entry in os.fsdecode(changed).split("\0"):
        # Two letters and a space come before the path.
        if entry:
            yield from _saved(Path(os.fsdecode(top.rstrip(b"\n"))), entry[3:])


def _saved(top: Path, name: str) -> Iterator[int]:
    """Yield the times of the file *name* in *top*, or of the files in it; hidden ones are none."""
    here = top / name
    for path in (here, *here.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(top).parts)
        if path.is_file() and not hidden:
            yield int(path.stat().st_mtime)


def _said(folder: Path, *arguments: str) -> bytes | None:
    """Return what git says, or None when it knows nothing of *folder* or is not there."""
    try:
        done = git(folder, *arguments)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None
