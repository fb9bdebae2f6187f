"""Say on what was measured: processors, memory, and the versions of what ran."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("expatlod", "msgspec", "pyoxigraph", "pyshacl", "rdflib", "shacl", "zstandard")


def described() -> str:
    """Return one sentence for the machine and one for the software."""
    cores = len(os.sched_getaffinity(0))
    memory = re.search(r"MemTotal:\s+([0-9]+) kB", Path("/proc/meminfo").read_text())
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    gibibytes = int(memory[1]) / 2**20 if memory else 0
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"Measured on {cores} cores ({model[1] if model else platform.machine()}), "
        f"{gibibytes:.0f} GiB of memory, {platform.system()}, "
        f"Python {platform.python_version()}.\n"
        f"{packages}."
    )
