"""Put SPARQL queries to a store in a process of its own, so that limits of time and memory hold.

The engine cannot be interrupted. What takes too long or too much is ended with its process, and an
answer counts only when all of it has come. The process ends with the one that started it, however
that ends. The limit of memory is held on Linux and macOS; on Windows only the time is.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from types import MappingProxyType, TracebackType
from typing import IO, Self

import pyoxigraph as ox

from expatlod.bounded_child import DONE, FAILED, NO_MEMORY
from expatlod.errors import QueryError, UsageError
from expatlod.query import Answer
from expatlod.resources import Folder
from expatlod.sparql import Term, form, with_values

__all__ = ["LARGEST", "MEMORY", "TIMEOUT", "BoundedStore"]

#: Seconds that a question may take, if nothing else is said.
TIMEOUT = 60

#: Millions of bytes of memory that the process may take, if nothing else is said.
MEMORY = 2_000

#: The largest answer that is taken, in bytes of SPARQL results in JSON or of N-Triples.
LARGEST = 500_000_000

# Answers up to this size stay in memory.
_SPOOLED = 16_000_000

# Frames that wait to be taken.
_WAITING = 16

#: Seconds after which loading is slow.
_PATIENCE = 2.0

# A frame, or None when the process has ended.
_Frame = tuple[bytes, bytes] | None

_ERRORS = {each.__name__: each for each in (QueryError, UsageError)}


class BoundedStore:
    """The data at a path, asked in a process that is ended at the end of the `with` block.

    The path is that of a store, a release or a dump, see `query.open_store`. The process starts
    with the block and loads at the first question; *slow* is called when that takes a while. A
    question that is stopped ends the process, and the next one starts another.
    """

    def __init__(
        self,
        path: Path,
        profile: Folder,
        *,
        timeout: float = TIMEOUT,
        memory: int = MEMORY,
        largest: int = LARGEST,
        slow: Callable[[], None] = lambda: None,
    ) -> None:
        self.path = path
        self._profile = profile
        self._timeout = timeout
        self._memory = memory
        self._largest = largest
        self._slow = slow
        self._process: _Process | None = None
        self._loaded = False
        self._kept: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = _Process(self._memory)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()

    def ask(
        self,
        text: str,
        *,
        bindings: Mapping[str, Term] = MappingProxyType({}),
        allow_service: bool = False,
    ) -> Answer:
        """Return the answer to the query *text*, its variables bound as *bindings* say.

        The time counts from when the data is loaded. The answer is to be read before the next
        question and inside the block.

        Raises UsageError when there is no data, QueryError when the question is none or was
        stopped, or the data cannot be read.
        """
        graph = form(text) in ("CONSTRUCT", "DESCRIBE")
        query = with_values(text, bindings)
        try:
            process = self._ready()
            process.send({"query": query, "allow_service": allow_service})
            answer = self._answer(process)
        except BaseException:
            self._end()
            raise
        if graph:
            return (quad.triple for quad in ox.parse(answer, format=ox.RdfFormat.N_TRIPLES))
        return ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON)

    def _ready(self) -> _Process:
        """Return the process with the data loaded."""
        if self._process is None:
            self._process = _Process(self._memory)
        if self._loaded:
            return self._process
        process = self._process
        process.send({"data": str(self.path), "profile": str(self._profile.path)})
        try:
            frame = process.frame(_PATIENCE)
        except Empty:
            self._slow()
            frame = process.frame(None)
        if frame is None:
            raise process.ended(
                f"{self.path}: does not fit into {self._memory} MB of memory (--memory); "
                "'expatlod index' puts it on disk, to be asked there"
            )
        _raise(frame)
        self._loaded = True
        return process

    def _answer(self, process: _Process) -> IO[bytes]:
        """Return what the process answers to the question that it was sent."""
        deadline = time.monotonic() + self._timeout
        size = 0
        if self._kept is not None:
            self._kept.close()
        # Closed with the next question, or with the process.
        self._kept = answer = tempfile.SpooledTemporaryFile(_SPOOLED)  # noqa: SIM115
        try:
            while frame := process.frame(deadline - time.monotonic()):
                _raise(frame)
                kind, data = frame
                if kind == DONE:
                    answer.seek(0)
                    return answer
                size += len(data)
                if size > self._largest:
                    raise QueryError(
                        f"the query was stopped: its answer is larger than {self._largest // 10**6}"
                        " MB; ask for less, or add LIMIT"
                    )
                answer.write(data)
        except Empty:
            raise QueryError(
                f"the query was stopped after {self._timeout:g} s (--timeout); "
                "ask for less, add LIMIT, or give it longer"
            ) from None
        except OSError as error:
            raise QueryError(
                f"the answer could not be kept in {tempfile.gettempdir()}: {error.strerror}"
            ) from error
        raise process.ended(
            f"the query was stopped at {self._memory} MB of memory (--memory); "
            "ask for less, add LIMIT, or give it more"
        )

    def _end(self) -> None:
        process, self._process, self._loaded = self._process, None, False
        if process is not None:
            process.end()
        if self._kept is not None:
            self._kept.close()
            self._kept = None


def _raise(frame: tuple[bytes, bytes]) -> None:
    """Raise the error that the frame tells of, if it does."""
    kind, data = frame
    if kind == FAILED:
        name, message = json.loads(data)
        raise _ERRORS[name](message)


class _Process:
    """A process of `bounded_child`, that may take *memory* MB, and the frames it sends."""

    def __init__(self, memory: int) -> None:
        # What it says when it dies; a pipe that nobody reads could block it.
        self._words = tempfile.TemporaryFile()  # noqa: SIM115  it is closed in `end`
        # It finds its modules where this process does. Without `site` it starts in half the time,
        # and without the folder it is started in, nothing there can stand in for a module.
        self._process = subprocess.Popen(  # noqa: S603  it is our own
            [sys.executable, "-S", "-P", "-m", "expatlod.bounded_child", str(memory * 10**6)],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(each or os.getcwd() for each in sys.path),  # noqa: PTH109
                "RUST_BACKTRACE": "0",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
        )
        self._frames: Queue[_Frame] = Queue(_WAITING)
        Thread(target=self._read, daemon=True).start()

    def send(self, request: Mapping[str, object]) -> None:
        assert self._process.stdin is not None
        # When it has died, that is told where its answer is awaited.
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()

    def frame(self, seconds: float | None) -> _Frame:
        """Return the next frame, or None when the process has ended.

        Raises Empty when none comes within so many seconds.
        """
        if seconds is not None and seconds <= 0:
            raise Empty
        frame = self._frames.get(timeout=seconds)
        if frame is None:
            # It stays the last one.
            self._frames.put(None)
        return frame

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while len(head := stream.read(5)) == 5:
            length = int.from_bytes(head[1:], "big")
            data = stream.read(length)
            if len(data) < length:
                break
            self._frames.put((head[:1], data))
        self._frames.put(None)

    def ended(self, without_memory: str) -> Exception:
        """Return why the process ended by itself: *without_memory*, or what else it was."""
        status = self._process.wait()
        self._words.seek(0)
        words = self._words.read().decode("utf-8", "replace")
        lost = "memory allocation of" in words or "bad_alloc" in words
        if status == NO_MEMORY or (status < 0 and lost):
            return QueryError(without_memory)
        if status < 0:
            name = signal.Signals(-status).name
            return QueryError(
                f"the query was not answered: the process that worked on it was ended ({name}); "
                "the machine may be out of memory, or the query too deep"
            )
        return RuntimeError(f"the process that answers queries ended with {status}:\n{words}")

    def end(self) -> None:
        """End the process, whatever it is doing, and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        # The thread that reads may be waiting to put a frame.
        while self._frames.get() is not None:
            pass
        for stream in (self._process.stdin, self._process.stdout, self._words):
            assert stream is not None
            with suppress(BrokenPipeError):
                stream.close()
