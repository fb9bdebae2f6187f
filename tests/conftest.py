"""What the tests share: the shipped profile and dataset, and the command as a user runs it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from expatlod.profile import Model, load
from expatlod.resources import default_profile

ROOT = Path(__file__).resolve().parent.parent

#: What a release is called when nothing is said.
VERSION = "2026-01-01"

# A run in the background ignores Ctrl-C, and all that it starts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

#: Runs `expatlod` in a process of its own.
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is kept between runs is kept for these tests only."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    # Releases are called after the day on which a record last changed; here that is this one.
    os.environ["SOURCE_DATE_EPOCH"] = "1767268800"


@pytest.fixture(scope="session")
def model() -> Model:
    """The shipped profile."""
    return load(default_profile())


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A copy of the shipped data, to change at will."""
    return Path(shutil.copytree(ROOT / "data", tmp_path / "data"))


@pytest.fixture(scope="session")
def release(site: Path) -> Path:
    """A release of the shipped data. Not to be changed."""
    return site / "latest"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `publish` writes of the shipped data. Not to be changed."""
    out = tmp_path_factory.mktemp("release") / "public"
    subprocess.run(
        [sys.executable, "-m", "expatlod", "publish", str(ROOT / "data"), "-o", str(out)],
        check=True,
        capture_output=True,
    )
    return out


@pytest.fixture
def expatlod(tmp_path: Path) -> Command:
    """Run the command in an empty folder; returns what it printed and its exit status."""

    def run(
        *arguments: str | Path,
        input: str | None = None,
        cwd: Path = tmp_path,
        env: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "expatlod", *map(str, arguments)],
            input=input,
            cwd=cwd,
            env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
        )

    return run
