"""Ask git about the repository that records are kept in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

__all__ = ["git"]

# Git tells its hooks of the repository in these; ours is that of the records, wherever we run.
_VARIABLES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")


def git(folder: Path, *arguments: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Return what became of `git` with *arguments* in *folder*.

    Raises FileNotFoundError where git is not installed.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _VARIABLES}
    # Looking must not wait for, or disturb, what else works in the repository.
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    return subprocess.run(  # noqa: S603 - no shell
        ["git", "-C", str(folder), *arguments],  # noqa: S607 - the git that its user uses
        input=input,
        capture_output=True,
        check=False,
        env=environment,
    )
