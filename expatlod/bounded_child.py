"""The process behind a `bounded.BoundedStore`: it loads the data and answers, a question at a time.

It is started with the bytes of memory it may take. Requests come as lines of JSON on standard
input: where the data is, then questions. What goes back on standard output are frames: a letter
that says what it is, the length of the rest in four bytes, and the rest.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any, cast

import pyoxigraph as ox

from expatlod.errors import QueryError, UsageError
from expatlod.query import Answer, ask_store, not_answered, open_store
from expatlod.resources import Folder

__all__ = ["DATA", "DONE", "FAILED", "NO_MEMORY", "main"]

#: The letters of the frames: a piece of the answer, the end of it, an error in its place.
DATA, DONE, FAILED = b"D", b"Z", b"E"

#: Exit status when the memory was used up.
NO_MEMORY = 3

# Frames of some size: each is a step in both processes.
_PIECE = 1 << 18

# Seconds between two looks at the memory, where the system does not hold the limit itself.
_LOOK = 0.05


def main() -> None:
    """Serve the process that started this one, until it has gone or closed standard input."""
    # Ctrl-C reaches this process too, but it is the other one's to end it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit(int(sys.argv[1]))
    requests: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_listen, args=(requests,), daemon=True).start()
    try:
        _serve(requests)
    except MemoryError:
        os._exit(NO_MEMORY)


def _limit(memory: int) -> None:
    """Let this process end when it takes more than *memory* bytes; on Windows nothing does.

    Linux refuses what is over the limit of private memory, and then the engine aborts. The size
    of the address space would count files and stacks that are never touched.
    """
    if sys.platform == "win32":
        return
    import resource

    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        low = memory if most == resource.RLIM_INFINITY else min(memory, most)
        resource.setrlimit(resource.RLIMIT_DATA, (low, most))
        return

    def watch() -> None:
        # In bytes on macOS, which does not hold limits of memory.
        while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss <= memory:
            time.sleep(_LOOK)
        os._exit(NO_MEMORY)

    Thread(target=watch, daemon=True).start()


def _listen(requests: SimpleQueue[Any]) -> None:
    """Pass requests on; end this process, whatever it is doing, when no more can come."""
    # Not `sys.stdin`, which the interpreter cannot close at its end while it is read here.
    with open(0, "rb", closefd=False) as stream:
        for line in stream:
            requests.put(json.loads(line))
    os._exit(0)


def _serve(requests: SimpleQueue[Any]) -> None:
    store: ox.Store | None = None
    while True:
        request = requests.get()
        try:
            if store is None:
                store = open_store(Path(request["data"]), Folder(Path(request["profile"])))
            else:
                _send(ask_store(store, request["query"], allow_service=request["allow_service"]))
        except (QueryError, UsageError) as error:
            _frame(FAILED, json.dumps([type(error).__name__, str(error)]).encode())
        else:
            _frame(DONE)


def _send(answer: Answer) -> None:
    """Send the answer as SPARQL results in JSON, or as N-Triples."""
    pieces = _Pieces()
    # The engine asks for no more of a file than this.
    file = cast(IO[bytes], pieces)
    try:
        if isinstance(answer, ox.QuerySolutions | ox.QueryBoolean):
            answer.serialize(file, format=ox.QueryResultsFormat.JSON)
        else:
            ox.serialize(answer, file, format=ox.RdfFormat.N_TRIPLES)
    except (RuntimeError, OSError) as error:
        raise not_answered(error) from error
    pieces.flush()


class _Pieces:
    """Gathers what is written to it into frames."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        if len(self._held) >= _PIECE:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self._held:
            _frame(DATA, bytes(self._held))
            self._held.clear()


def _frame(kind: bytes, data: bytes = b"") -> None:
    stream = sys.stdout.buffer
    stream.write(kind + len(data).to_bytes(4, "big"))
    stream.write(data)
    stream.flush()


if __name__ == "__main__":
    main()
