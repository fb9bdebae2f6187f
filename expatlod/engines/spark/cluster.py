"""Run tasks on the executors of a Spark cluster.

They write what they make of their tasks into a folder that the whole cluster sees; what goes
through Spark itself are numbers, and the names that it joins. A partition that is worked on twice,
because a worker died or was slow, counts once: it belongs to the result when its folder is given
its name, and whoever comes second finds the name taken.
"""

from __future__ import annotations

import os
import pickle
import shutil
import socket
import tempfile
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import ExitStack, contextmanager
from functools import partial
from getpass import getuser
from itertools import chain, count, islice
from pathlib import Path
from typing import TypeVar

from pyspark import RDD, SparkContext, TaskContext
from pyspark.sql import SparkSession

from expatlod import __version__
from expatlod.engines.spark.joins import NAMES, POINTS, Joins, names, points
from expatlod.engines.spark.session import ERRORS, Refusal, refused, session
from expatlod.errors import PublishError
from expatlod.resources import Folder
from expatlod.tasks import Outcome, Task

__all__ = ["Cluster", "cluster"]

A = TypeVar("A")
B = TypeVar("B")

#: What became of a piece, and what is kept of its records.
Result = tuple[Outcome, bytes]

#: What is done with a task: a function of a module, with arguments that can be pickled.
Work = Callable[[Task], list[Result]]

#: What is written beside a result, by the name of the file.
Beside = Callable[[B], Mapping[str, bytes]]

# Partitions after which they get twice as many tasks.
_DOUBLED = 256

# Seconds between two looks at a job, until it is said that nothing happens, and that a folder that
# was given its name elsewhere may take to be seen here.
_LOOK, _IDLE, _SEEN = 0.1, 20.0, 60.0

# The folder of the first half of the work; in such a folder what is to be done, what is being
# written and what is done; and there, in the folder of a partition, what came out.
_OUTCOMES = "outcomes"
_TASKS, _ATTEMPTS, _PARTS = "tasks", "attempts", "parts"
_RESULTS = "results"

_NO_EXECUTOR = "no executor has begun to work yet; has the cluster a core and memory to spare?"


@contextmanager
def cluster(
    master: str | None, folder: Path, *, step: Callable[[str], None] = lambda _: None
) -> Iterator[Cluster]:
    """Work on the Spark cluster *master*, see `session`, with files in *folder*.

    All of the cluster sees the folder by that path, and what was written there is gone at the end.
    *step* is told in words when nothing happens.

    Raises PublishError when the folder cannot be written, and what `session` raises.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shared = tempfile.TemporaryDirectory(
            prefix=".expatlod-", dir=folder, ignore_cleanup_errors=True
        )
    except OSError as error:
        raise PublishError(f"{folder}: cannot be written: {error.strerror}") from error
    with shared as name, session(master) as running:
        yield Cluster(running, Path(name).resolve(), step)


class Cluster:
    """A session of Spark, and a folder that all its executors see."""

    def __init__(self, session: SparkSession, folder: Path, step: Callable[[str], None]) -> None:
        self.session = session
        self.folder = folder
        self._step = step
        self._jobs = 0
        # Numbers of pieces whose names the executors have written down.
        self._noted: set[int] = set()

    def lay_out(self, profile: Folder) -> Folder:
        """Return a copy of *profile* that the executors see."""
        copy = Folder(self.folder / "profile")
        for path in (profile.context, *profile.ontology, *profile.codes, *profile.shapes):
            target = copy.path / path.relative_to(profile.path)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        return copy

    def outcomes(self, work: Work, tasks: Iterable[Task]) -> Iterator[list[Result]]:
        """Yield what *work* makes of each task, as `map`; `joins` knows the names in it."""
        for results in self._map(work, tasks, self.folder / _OUTCOMES, _crossing):
            self._noted.update(outcome.number for outcome, _ in results)
            yield results

    def joins(self) -> Joins:
        """Return what Spark joins of the outcomes."""
        folder, parts = self.folder / "joins", self.folder / _OUTCOMES / _PARTS
        folder.mkdir()
        parts.mkdir(parents=True)
        return Joins(self.session, folder, parts, self._noted)

    def map(self, function: Callable[[A], B], tasks: Iterable[A]) -> Iterator[B]:
        """Yield what *function* makes of each task, in the order of the tasks.

        It is a function of a module, and what it takes and returns can be pickled.

        Raises PublishError or UsageError when the executors cannot do it.
        """
        self._jobs += 1
        folder = self.folder / str(self._jobs)
        yield from self._map(function, tasks, folder, _nothing)
        shutil.rmtree(folder)

    def _map(
        self,
        function: Callable[[A], B],
        tasks: Iterable[A],
        folder: Path,
        beside: Beside[B],
    ) -> Iterator[B]:
        for name in (_TASKS, _ATTEMPTS, _PARTS):
            (folder / name).mkdir(parents=True, exist_ok=True)
        sizes = array("q")
        for some in _partitions(tasks):
            with (folder / _TASKS / _named(len(sizes))).open("wb") as file:
                sizes.append(0)
                for each in some:
                    pickle.dump(each, file, pickle.HIGHEST_PROTOCOL)
                    sizes[-1] += 1
        job = partial(_run, folder, Path.cwd(), __version__, function, beside)
        context = self.session.sparkContext
        rdd = context.parallelize(range(len(sizes)), max(len(sizes), 1)).mapPartitions(job)
        with _running(rdd, self._step) as wait:
            for number, size in enumerate(sizes):
                part = folder / _PARTS / _named(number)
                while not part.exists():
                    wait()
                with (part / _RESULTS).open("rb") as file:
                    for _ in range(size):
                        yield pickle.load(file)  # noqa: S301 - we wrote it
                (part / _RESULTS).unlink()


@contextmanager
def _running(rdd: RDD[None], step: Callable[[str], None]) -> Iterator[Callable[[], None]]:
    """Compute *rdd* in another thread, so that this one can be interrupted.

    Yields a function that waits a moment and raises what went wrong, if anything has.
    """
    begun = time.monotonic()
    warned = False
    ended = 0.0

    def wait() -> None:
        nonlocal warned, ended
        if ended:
            if time.monotonic() - ended > _SEEN:
                raise PublishError(
                    "the executors have done their part, but it is not to be seen here; "
                    "name a folder that all of the cluster sees"
                )
            time.sleep(_LOOK)
            return
        try:
            job.result(_LOOK)
            ended = time.monotonic()
        except NotYet:
            if not warned and time.monotonic() - begun > _IDLE and _idle(rdd.context):
                step(_NO_EXECUTOR)
                warned = True
        except ERRORS as error:
            refusal = refused(error)
            if refusal is None:
                raise
            raise refusal from error

    with ThreadPoolExecutor(1) as thread:
        job = thread.submit(rdd.collect)
        try:
            yield wait
        finally:
            if not job.done():
                rdd.context.cancelAllJobs()


def _idle(context: SparkContext) -> bool:
    """Tell whether no executor has done anything."""
    tracker = context.statusTracker()
    stages = [tracker.getStageInfo(each) for each in tracker.getActiveStageIds()]
    return not any(each.numActiveTasks or each.numCompletedTasks for each in stages if each)


def _partitions(tasks: Iterable[A]) -> Iterator[Iterator[A]]:
    """Yield the tasks of each partition: one, so that all of a cluster has work, later more."""
    queue = iter(tasks)
    for number in count():
        first = list(islice(queue, 1))
        if not first:
            return
        yield chain(first, islice(queue, 2 ** (number // _DOUBLED) - 1))


def _named(number: int) -> str:
    return f"{number:08}"


# -- in the executors


def _crossing(results: list[Result]) -> dict[str, bytes]:
    """Return what `Joins` wants to know of results, by the name of the file."""
    return {
        NAMES: b"".join(names(outcome) for outcome, _ in results),
        POINTS: b"".join(points(outcome) for outcome, _ in results),
    }


def _nothing(_: object) -> dict[str, bytes]:
    return {}


def _run(
    folder: Path,
    place: Path,
    version: str,
    function: Callable[[A], B],
    beside: Beside[B],
    numbers: Iterable[int],
) -> Iterator[None]:
    """Do the partitions with these *numbers*.

    *place* is the folder that paths begin in, *version* that of the program that sent them.
    """
    host = socket.gethostname()
    if version != __version__:
        raise Refusal(f"{host} has expatlod {__version__}, not {version}; use one everywhere")
    for number in numbers:
        try:
            os.chdir(place)
            _do(folder, number, function, beside)
        except OSError as error:
            raise Refusal(
                f"an executor on {host}, as user {getuser()}, fails: {error}; it must be able to "
                f"read {place} and to write in {folder.parent.parent}"
            ) from error
    yield from ()


def _do(folder: Path, number: int, function: Callable[[A], B], beside: Beside[B]) -> None:
    """Write what *function* makes of the tasks of a partition, unless another attempt has."""
    part = folder / _PARTS / _named(number)
    if part.exists():
        return
    context = TaskContext.get()
    assert context is not None
    attempt = folder / _ATTEMPTS / f"{_named(number)}-{context.taskAttemptId()}"
    attempt.mkdir()
    with ExitStack() as stack:
        files = {_RESULTS: stack.enter_context((attempt / _RESULTS).open("wb"))}
        tasks = stack.enter_context((folder / _TASKS / _named(number)).open("rb"))
        while tasks.peek(1):
            result = function(pickle.load(tasks))  # noqa: S301 - we wrote it
            pickle.dump(result, files[_RESULTS], pickle.HIGHEST_PROTOCOL)
            for name, data in beside(result).items():
                if name not in files:
                    files[name] = stack.enter_context((attempt / name).open("wb"))
                files[name].write(data)
        for file in files.values():
            file.flush()
            # The name must not outlive the content when the machine dies.
            os.fsync(file.fileno())
    try:
        attempt.rename(part)
    except OSError:
        # Another attempt was quicker.
        if not part.exists():
            raise
        shutil.rmtree(attempt, ignore_errors=True)
