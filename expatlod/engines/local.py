"""Run tasks in this process, or in a pool of processes on this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import TypeVar

from expatlod.errors import PublishError

__all__ = ["Pool"]

A = TypeVar("A")
B = TypeVar("B")

#: Tasks that wait for each process: enough that none stands idle, few enough to hold in memory.
_AHEAD = 2


class Pool:
    """*jobs* processes that run a function on one task after another; 1 is this process itself.

    The processes are started when there is a second task: what is small is done at once.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is None:
            return
        processes = list((getattr(self._pool, "_processes", None) or {}).values())
        self._pool.shutdown(wait=kind is None, cancel_futures=True)
        if kind is not None:
            # What they work on is not wanted any more, and may take long.
            for process in processes:
                process.kill()
                process.join()

    @property
    def started(self) -> bool:
        """Whether there are processes by now, or there will not be any."""
        return self._pool is not None or self.jobs <= 1

    def map(self, function: Callable[[A], B], tasks: Iterable[A]) -> Iterator[B]:
        """Yield what *function* makes of each task, in the order of the tasks.

        It is a function of a module, and what it takes and returns can be pickled.

        Raises PublishError when a process is killed from outside.
        """
        queue = iter(tasks)
        waiting: deque[Future[B]] = deque()
        if self.jobs <= 1:
            yield from map(function, queue)
            return
        first = next(queue, None)
        second = next(queue, None)
        if first is None:
            return
        if second is None and self._pool is None:
            yield function(first)
            return
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.jobs, multiprocessing.get_context("spawn"), _begin
            )
        try:
            for task in (first, second):
                if task is not None:
                    waiting.append(_submit(self._pool, function, task))
            for task in queue:
                waiting.append(_submit(self._pool, function, task))
                if len(waiting) > self.jobs * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise PublishError(
                "a process that did part of the work was killed from outside, perhaps because "
                "memory ran out; nothing was replaced; give it more memory, or fewer processes "
                "with --jobs"
            ) from error


def _submit(pool: ProcessPoolExecutor, function: Callable[[A], B], task: A) -> Future[B]:
    """Submit a task, which may start a process; it does not answer Ctrl-C while it starts."""
    if not hasattr(signal, "pthread_sigmask"):
        return pool.submit(function, task)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(function, task)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    # Ctrl-C reaches every process of the terminal; only the first one answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    # It was killed, and nobody waits for what is done here.
    os._exit(1)
