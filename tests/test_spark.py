"""The Spark engine on a real cluster: the same bytes as on this machine, whatever dies meanwhile.

`make test` installs the Java that Spark runs on; where it could not, the tests that need it are
skipped. Each process of a test run that has some of them starts one cluster.
"""

from __future__ import annotations

import os
import pickle
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pyspark.errors
import pytest

from expatlod.crossings import Crossings
from expatlod.engines.spark import cluster as engine
from expatlod.engines.spark.cluster import Cluster, cluster
from expatlod.engines.spark.session import JAVA, java
from expatlod.errors import Location, PublishError, UsageError
from expatlod.profile import Model
from expatlod.resources import default_profile
from expatlod.tasks import Outcome, Row
from tests import spark_cluster
from tests.benchmarks.generate import dataset as generated_dataset
from tests.benchmarks.generate import records
from tests.conftest import ROOT, Command

needs_java = pytest.mark.skipif(
    java() < JAVA, reason=f"no Java {JAVA} here: `make test` installs it with apt"
)

#: Spark's own settings: what is small starts sooner without the second compiler and its code.
SETTINGS = (
    "--driver-java-options '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' "
    "--conf spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1 "
    "--conf spark.sql.codegen.wholeStage=false --conf spark.sql.shuffle.partitions=4 pyspark-shell"
)


@pytest.fixture(scope="module", autouse=True)
def settings() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_SUBMIT_ARGS", SETTINGS)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        yield


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[spark_cluster.Cluster]:
    """A master and two workers."""
    with spark_cluster.cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="class")
def running(
    machines: spark_cluster.Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """A session on them, which holds their cores while it lasts."""
    with cluster(machines.master, tmp_path_factory.mktemp("shared")) as each:
        yield each


# -- what it makes


@pytest.fixture(scope="module")
def faulty(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of 3,000 records: some faulty, some twice, some pointing at what is not there."""
    folder = tmp_path_factory.mktemp("faulty") / "data"
    folder.mkdir()
    (folder / "dataset.json").write_bytes(msgspec.json.encode(generated_dataset(model)))
    made = list(records(model, 3000, seed=4, faulty=0.03))
    made += [made[3], made[1500]]
    lines = [msgspec.json.encode(each) for each in made]
    (folder / "records.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    return folder


@needs_java
def test_release_is_the_local_one_though_a_worker_dies_in_mid_run(
    expatlod: Command, faulty: Path, machines: spark_cluster.Cluster, tmp_path: Path
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    options = ("publish", faulty, "--skip-invalid", "--seed", "1", "--no-cache")
    here = expatlod(*options, cwd=tmp_path / "here")
    assert {"record:twice", "record:reference"} <= set(re.findall(r"\[(record:\w+)", here.stdout))

    with start(*options, "--master", machines.master, cwd=tmp_path / "there") as process:
        # One of the five partitions is done.
        wait_for(process, tmp_path / "there", ".expatlod-*/outcomes/parts/*")
        killed = machines.processes("worker-1")
        machines.kill("worker-1")
        out, err = process.communicate(timeout=300)
    machines.start("worker-1")

    # The executor's JVM and its Pythons.
    assert len(killed) > 1
    assert (process.returncode, out, err) == (here.returncode, here.stdout, here.stderr)
    assert contents(tmp_path / "there") == contents(tmp_path / "here")


@contextmanager
def start(*arguments: str | Path, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """Start the command on a cluster; it is gone afterwards."""
    command = [sys.executable, "-m", "expatlod", *map(str, arguments), "--engine", "spark"]
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(process: subprocess.Popen[str], folder: Path, pattern: str) -> None:
    """Wait until there is a file like *pattern* in *folder*."""
    end = time.monotonic() + 180
    while not any(folder.glob(pattern)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def made_up(pieces: int, rows: int) -> Iterator[Outcome]:
    """Yield outcomes in which some names are there twice, and others are only pointed at."""
    dice = random.Random(7)

    def name(number: int) -> str:
        return f"https://example.org/id/thing/{number}"

    for piece in range(pieces):
        numbers = range(piece * rows, (piece + 1) * rows)
        named = [
            Row(name(0 if dice.random() < 0.01 else n), "Thing", Location("x")) for n in numbers
        ]
        points = []
        for row in range(rows):
            # Only backwards, or all would be left out with the first.
            if dice.random() < 0.1:
                target = name(dice.randrange(piece * rows + 1))
                points.append((row, target + ("#part-1" if dice.random() < 0.2 else "")))
            if dice.random() < 0.02:
                points.append((row, name(0).replace("/0", f"/missing-{dice.randrange(3)}")))
        yield Outcome(piece, named, [], points, [], [])


# -- how it is made


@needs_java
class TestSession:
    """What is asked of one session."""

    def test_joins_are_those_of_the_local_engine(self, running: Cluster) -> None:
        outcomes = list(made_up(40, 30))
        here, there = Crossings(keep_all=True), running.joins()
        for each in (here, there):
            for outcome in outcomes:
                each.add(outcome)
            each.excuse(["https://example.org/id/thing/missing-1", outcomes[0].rows[0].iri])

        assert list(there.doubles()) == list(here.doubles()) != []
        assert list(there.dangling()) == list(here.dangling()) != []
        assert list(there.inner()) == list(here.inner()) != []
        assert sorted(there.pointed_into()) == sorted(here.pointed_into()) != []
        assert list(there.names()) == list(here.names())
        for name in (*range(0, 1200, 100), "missing-1", "missing-2"):
            iri = f"https://example.org/id/thing/{name}"
            assert there.find(iri) == here.find(iri)
        for each in (here, there):
            each.reject([(3, 1), (4, 2)])
        while found := here.pointing_at_rejected():
            assert there.pointing_at_rejected() == found
            for each in (here, there):
                each.reject(found)
                assert each.rejected(found[0][0]) >= {found[0][1]}
        assert there.pointing_at_rejected() == []
        here.close()
        there.close()

    def test_results_come_in_the_order_of_the_tasks(
        self, running: Cluster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Partitions of 1, 1, 2, 2, 4, 4 … tasks.
        monkeypatch.setattr(engine, "_DOUBLED", 2)

        assert list(running.map(abs, range(-30, 0))) == list(range(30, 0, -1))

    def test_nothing_to_do_is_done(self, running: Cluster) -> None:
        assert list(running.map(abs, ())) == []

    def test_what_an_executor_cannot_reach_is_one_clear_error(self, running: Cluster) -> None:
        with pytest.raises(
            PublishError, match=r"an executor on .*No such file.* must be able to read"
        ):
            list(running.map(os.listdir, ["/nowhere/to/be/found"]))

    def test_a_bug_in_an_executor_keeps_its_traceback(self, running: Cluster) -> None:
        with pytest.raises(pyspark.errors.PySparkException, match="Traceback"):
            list(running.map(int, ["one"]))

    def test_profile_is_shared_as_it_is(self, running: Cluster) -> None:
        theirs = running.lay_out(default_profile())

        assert theirs.path.is_relative_to(running.folder)
        assert theirs.context.read_bytes() == default_profile().context.read_bytes()
        assert [path.name for path in theirs.codes] == [
            path.name for path in default_profile().codes
        ]


def test_second_attempt_at_a_partition_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("tasks", "attempts", "parts"):
        (tmp_path / name).mkdir()
    (tmp_path / "tasks/00000000").write_bytes(pickle.dumps("one"))
    attempts = iter((1, 2))
    context = SimpleNamespace(get=lambda: SimpleNamespace(taskAttemptId=lambda: next(attempts)))
    monkeypatch.setattr(engine, "TaskContext", context)

    def slowly(text: str) -> str:
        # Another executor does the same in the meantime, and is ready first.
        engine._do(tmp_path, 0, str.upper, lambda _: {"beside": b"first"})
        return text

    engine._do(tmp_path, 0, slowly, lambda _: {"beside": b"second"})

    assert contents(tmp_path / "parts") == {
        "00000000/beside": b"first",
        "00000000/results": pickle.dumps("ONE", pickle.HIGHEST_PROTOCOL),
    }
    assert list((tmp_path / "attempts").iterdir()) == []


# -- what can go wrong


def test_missing_java_is_one_clear_error(expatlod: Command, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    result = expatlod(
        *("publish", ROOT / "data", "--no-cache", "--engine", "spark"),
        env={"PATH": str(tmp_path / "bin"), "JAVA_HOME": ""},
    )

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "expatlod: Spark runs on Java 17 or later, and there is none here; install one, on Debian "
        "with  apt install openjdk-17-jre-headless  or let JAVA_HOME point at one\n"
    )


def test_old_java_is_one_clear_error(expatlod: Command, tmp_path: Path) -> None:
    old = tmp_path / "old/bin/java"
    old.parent.mkdir(parents=True)
    old.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_402\"' >&2\n")
    old.chmod(0o755)
    result = expatlod(
        *("publish", ROOT / "data", "--no-cache", "--engine", "spark"),
        env={"JAVA_HOME": str(tmp_path / "old")},
    )

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(
        "expatlod: Spark runs on Java 17 or later, and this is Java 8; "
    )
    assert result.stderr.count("\n") == 1


def test_missing_extra_is_one_clear_error(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['pyspark'] = None; from expatlod.cli import main; "
        f"main(['publish', {str(ROOT / 'data')!r}, '--engine', 'spark'])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True
    )

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "expatlod: --engine spark needs PySpark; install it with  pip install 'expatlod[spark]'\n"
    )


def test_master_without_the_engine_is_refused(expatlod: Command) -> None:
    result = expatlod("publish", ROOT / "data", "--master", "local[2]")

    assert result.returncode == 2
    assert result.stderr == (
        "expatlod: --master names a Spark cluster; give it together with --engine spark\n"
    )


def test_master_that_does_not_answer_is_told_at_once(tmp_path: Path) -> None:
    (port,) = spark_cluster.free_ports(1)

    with (
        pytest.raises(UsageError, match=f"127.0.0.1:{port}: no Spark master answers there"),
        cluster(f"spark://127.0.0.1:{port}", tmp_path),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


@needs_java
def test_interrupt_is_clean(faulty: Path, tmp_path: Path) -> None:
    with start("publish", faulty, "--no-cache", "--master", "local[1]", cwd=tmp_path) as process:
        wait_for(process, tmp_path, ".expatlod-*/outcomes/attempts/*")
        started = spark_cluster.descendants(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)

    assert (process.returncode, out, err) == (130, "", "expatlod: stopped\n")
    assert list(tmp_path.iterdir()) == []
    # Java and its Pythons end as soon as they see that nobody talks to them.
    end = time.monotonic() + 60
    while not spark_cluster.gone(started):
        assert time.monotonic() < end
        time.sleep(0.05)
