"""A Spark cluster on loopback: a master and workers, started from the pip package.

They are processes with a JVM of their own each, so that a test can kill a worker together with its
executors and their Pythons, all at once, as a machine dies.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import msgspec

__all__ = ["Cluster", "cluster", "descendants", "free_ports", "gone"]

_HOST = "127.0.0.1"

# Seconds that a process may take to start on a machine that is busy with other tests.
_PATIENCE = 90.0

# A daemon has little to do here; what counts is how soon it answers. The REST server would listen
# on a port of its own, always the same one.
_DAEMON = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dspark.master.rest.enabled=false"


class Cluster:
    """A master and its workers, each with one core and one gigabyte to give.

    What a process says goes to a file of its name in *folder*, what its executors say into a
    folder of its name.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self._page = free_ports(2)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def master(self) -> str:
        """The address that `--master` takes."""
        return f"spark://{_HOST}:{self.port}"

    def start(self, *workers: str) -> None:
        """Start *workers*, and the master if there is none, and wait until they can be used."""
        if "master" not in self._processes:
            self._launch("master", "master.Master", "--port", self.port, "--webui-port", self._page)
            self._await(lambda: self._state() is not None)
        for name in workers:
            folder = self.folder / name
            place = ("--work-dir", folder, "--cores", 1, "--memory", "1g", "--webui-port", 0)
            self._launch(name, "worker.Worker", *place, self.master)
        self._await(lambda: self._alive() >= len(self._processes) - 1)

    def processes(self, worker: str) -> list[int]:
        """Return the ids of the processes that work for *worker*: JVMs and their Pythons."""
        return descendants(self._processes[worker].pid)

    def kill(self, name: str) -> None:
        """Kill a process and all that it started, so that none has time to say goodbye."""
        process = self._processes.pop(name)
        family = descendants(process.pid)
        # The parent first: a worker starts another executor in the place of one that died.
        for pid in (process.pid, *family):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for name in reversed(list(self._processes)):
            self.kill(name)

    def _launch(self, name: str, module: str, *options: object) -> None:
        import pyspark

        home = Path(pyspark.__file__).parent
        environment = {key: text for key, text in os.environ.items() if "SPARK" not in key}
        environment |= {
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_DIRS": str(self.folder),
            "SPARK_LOCAL_IP": _HOST,
            "SPARK_DAEMON_JAVA_OPTS": _DAEMON,
            "SPARK_DAEMON_MEMORY": "256m",
        }
        # Becomes the JVM: what it is called by stays its id.
        command = [home / "bin/spark-class", f"org.apache.spark.deploy.{module}", "--host", _HOST]
        with (self.folder / f"{name}.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [str(each) for each in (*command, *options)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _await(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + _PATIENCE
        while not done():
            for name, process in self._processes.items():
                if process.poll() is not None or time.monotonic() > end:
                    log = (self.folder / f"{name}.log").read_text("utf-8", errors="replace")
                    raise RuntimeError(f"the cluster does not start; {name} said:\n{log[-3000:]}")
            time.sleep(0.05)

    def _state(self) -> Any:
        """Return what the master's page says of the cluster; None while there is no page."""
        try:
            with urlopen(f"http://{_HOST}:{self._page}/json/", timeout=10) as page:
                return msgspec.json.decode(page.read())
        except OSError:
            return None

    def _alive(self) -> int:
        state = self._state() or {"workers": ()}
        return sum(worker["state"] == "ALIVE" for worker in state["workers"])


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Run a cluster with its logs in *folder*; no process of it is left afterwards."""
    running = Cluster(folder)
    try:
        running.start(*(f"worker-{number}" for number in range(1, workers + 1)))
        yield running
    finally:
        running.stop()


def free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        taken = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in taken:
            each.bind((_HOST, 0))
        return [each.getsockname()[1] for each in taken]


def gone(pids: list[int]) -> bool:
    """Tell whether none of these processes is left."""
    listed = subprocess.run(["ps", "-e", "-o", "pid="], capture_output=True, text=True, check=True)
    return not {int(each) for each in listed.stdout.split()}.intersection(pids)


def descendants(pid: int) -> list[int]:
    """Return the processes that *pid* started, and those that they started, and so on."""
    listed = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    children: dict[int, list[int]] = {}
    for line in listed.stdout.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found[1:]
