"""Run a command and say what it cost: processor time, time, memory.

Processor time is that of the process and all that it waited for. Memory is looked up in /proc while
it runs: the peak of its largest process, and the highest sum over all of them, in which memory that
several share counts once (proportional set size).
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Peaks are kept by the kernel and lost when a process ends, so look often; sums cost more to read.
_PEAK_EVERY = 0.02
_SUM_EVERY = 0.25

_KIB = re.compile(r"^(?:VmHWM|Pss):\s+([0-9]+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: seconds, and mebibytes. *fault* says why it failed, if it did."""

    cpu: float
    wall: float
    largest: float
    together: float
    out: str
    fault: str = ""


def run(
    command: Sequence[str | Path],
    *,
    limit: float = 900,
    expected: Sequence[int] = (0,),
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> Cost:
    """Run *command* for at most *limit* seconds; it should end with a status that is *expected*."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.perf_counter()
        try:
            process = subprocess.Popen(
                [str(each) for each in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=folder,
                env={**os.environ, **(variables or {})},
                # A group of its own, to end it with all that it started.
                start_new_session=True,
            )
        except OSError as error:
            return Cost(0, 0, 0, 0, "", str(error))
        watch = _Watch(process.pid, limit)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        watch.done.set()
        watch.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        text, errors = (file.read().decode("utf-8", "replace") for file in (out, err))
    fault = ""
    if watch.over:
        fault = f"not done after {limit:.0f} s"
    # A Python that crashes ends with 1, which may be expected.
    elif process.returncode not in expected or "\nTraceback (most" in f"\n{errors}":
        last = [line for line in (errors.strip() or text.strip()).splitlines() if line.strip()]
        fault = f"ended with {process.returncode}: {last[-1][:200] if last else ''}"
    return Cost(
        usage.ru_utime + usage.ru_stime,
        wall,
        # What it began as is a copy of this process, so rusage's own peak is too high.
        watch.largest / 1024,
        max(watch.together, watch.largest) / 1024,
        text,
        fault,
    )


class _Watch(threading.Thread):
    """Looks at the memory of a process and all below it until it is *done*; kibibytes."""

    def __init__(self, pid: int, limit: float) -> None:
        super().__init__(daemon=True)
        self.done = threading.Event()
        self.largest = self.together = 0
        self.over = False
        self._pid = pid
        self._end = time.monotonic() + limit

    def run(self) -> None:
        next_sum = 0.0
        while not self.done.wait(_PEAK_EVERY):
            now = time.monotonic()
            if now > self._end and not self.over:
                self.over = True
                os.killpg(self._pid, signal.SIGKILL)
            tree = _below(self._pid)
            self.largest = max(self.largest, *(_read(pid, "status") for pid in tree))
            if now >= next_sum:
                self.together = max(self.together, sum(_read(pid, "smaps_rollup") for pid in tree))
                # To read the sum of a large process takes long; that must not be what is measured.
                next_sum = now + max(_SUM_EVERY, 20 * (time.monotonic() - now))


def _below(pid: int) -> list[int]:
    """Return *pid* and the processes that come from it."""
    found = [pid]
    for each in found:
        try:
            for task in Path(f"/proc/{each}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            # It has ended since.
            continue
    return found


def _read(pid: int, name: str) -> int:
    try:
        match = _KIB.search(Path(f"/proc/{pid}/{name}").read_text())
    except OSError:
        return 0
    return int(match[1]) if match else 0
