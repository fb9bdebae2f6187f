"""Start Spark, and say in our words what it cannot do."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from expatlod.errors import ExpatlodError, PublishError, UsageError

__all__ = ["ERRORS", "JAVA", "Refusal", "java", "refused", "session"]

#: The oldest Java that Spark 4 runs on, https://spark.apache.org/docs/latest/
JAVA = 17

#: What Spark raises.
ERRORS = (Py4JError, PySparkException)

# Seconds that a master may take to answer.
_ANSWER = 10.0

_REFUSAL = re.compile(r"\bRefusal: (.*)")
_ABSENT = re.compile(r"\bModuleNotFoundError: No module named '(\w+)")
_OTHER_PYTHON = re.compile(r"\[PYTHON_VERSION_MISMATCH\] (.*)")


class Refusal(Exception):  # noqa: N818 - Spark shows its name to nobody
    """Why an executor cannot do its part, in one line; Spark tries elsewhere."""


def java() -> int:
    """Return the version of the Java that Spark would run on; 0 is none."""
    home = os.environ.get("JAVA_HOME")
    command = str(Path(home, "bin", "java")) if home else "java"
    try:
        told = subprocess.run(  # noqa: S603 - no shell, and what JAVA_HOME names is what Spark runs
            [command, "-version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return 0
    # Before Java 9 it was 1.8 instead of 8.
    match = re.search(r'version "(?:1\.)?(\d+)', told.stderr)
    return int(match.group(1)) if match else 0


@contextmanager
def session(master: str | None) -> Iterator[SparkSession]:
    """Work with the Spark cluster *master*.

    It is any that Spark takes, ``local[2]``, ``spark://host:7077``, ``yarn``; None is the one that
    Spark's own settings name, or else this machine.

    Raises UsageError when Spark cannot be started, or there is no such master.
    """
    if master is not None:
        _see_master(master)
    context = _context(master)
    try:
        yield SparkSession(context)
    finally:
        context.stop()


def _see_master(master: str) -> None:
    """Raise UsageError when nobody answers under a ``spark://`` URL; Spark tries for a minute."""
    if not master.startswith("spark://"):
        return
    reason: Exception | None = None
    for each in master.removeprefix("spark://").split(","):
        try:
            named = urlsplit(f"spark://{each}")
            place = (named.hostname or "", named.port or 7077)
            socket.create_connection(place, _ANSWER).close()
        except (OSError, ValueError) as error:
            reason = error
        else:
            return
    raise UsageError(
        f"--master {master}: no Spark master answers there ({reason}); its own page shows the URL"
    ) from reason


def _context(master: str | None) -> SparkContext:
    gateway = _gateway()
    conf = SparkConf(_jvm=gateway.jvm).setAppName("expatlod")
    if master is not None:
        conf.setMaster(master)
    # Who wants the page asks for it in Spark's own settings.
    conf.setIfMissing("spark.ui.enabled", "false")
    if str(conf.get("spark.master")).startswith("local"):
        # Nobody else need reach it.
        conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1")
        conf.setIfMissing("spark.driver.host", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", conf.get("spark.pyspark.python") or sys.executable)
    answer = signal.getsignal(signal.SIGINT)
    try:
        return SparkContext(gateway=gateway, conf=conf)
    except ERRORS as error:
        raise UsageError(
            f"Spark does not start with the master {conf.get('spark.master')!r}: {_first(error)}"
        ) from error
    finally:
        if threading.current_thread() is threading.main_thread():
            # Spark's answer to Ctrl-C outlives the context, and fails without one.
            signal.signal(signal.SIGINT, answer)


@cache
def _gateway() -> Any:
    """Return the Java of this process, which ends with it and whose words are for nobody.

    Spark's own settings are read as always: SPARK_CONF_DIR, PYSPARK_SUBMIT_ARGS.
    """
    if "PYSPARK_GATEWAY_PORT" not in os.environ and java() < JAVA:
        raise UsageError(
            f"Spark runs on Java {JAVA} or later, and {_found_java()}; install one, on Debian with "
            " apt install openjdk-17-jre-headless  or let JAVA_HOME point at one"
        )
    # py4j tells on its own what becomes an exception anyway.
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    conf = SparkConf(loadDefaults=False).set("spark.ui.showConsoleProgress", "false")
    with tempfile.TemporaryFile() as said:
        try:
            return launch_gateway(  # type: ignore[no-untyped-call]
                conf, {"stdout": said, "stderr": said}
            )
        except PySparkException as error:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise UsageError(f"Spark does not start: {last or error}") from error


def _found_java() -> str:
    home, version = os.environ.get("JAVA_HOME"), java()
    if version:
        return f"this is Java {version}"
    return f"there is none in JAVA_HOME={home}" if home else "there is none here"


def _said(error: Exception) -> str:
    """Return what Java says about *error*."""
    return str(error.java_exception.getMessage() if isinstance(error, Py4JJavaError) else error)


def _first(error: Exception) -> str:
    return _said(error).strip().partition("\n")[0]


def refused(error: Exception) -> ExpatlodError | None:
    """Return what to raise for *error*, one of ERRORS, that ended work; None when it is a bug."""
    if isinstance(error, Py4JError) and not isinstance(error, Py4JJavaError):
        return PublishError("Spark's Java ended before the work was done; nothing was replaced")
    said = _said(error)
    if match := _REFUSAL.search(said):
        return PublishError(match.group(1))
    if match := _ABSENT.search(said):
        return UsageError(
            f"the executors have no Python package {match.group(1)}; give them an environment "
            "that has expatlod, and name its Python in PYSPARK_PYTHON"
        )
    if match := _OTHER_PYTHON.search(said):
        return UsageError(f"the executors have another Python: {match.group(1)}")
    if "Traceback (most recent call last)" in said:
        return None
    return PublishError(f"Spark gave up, and nothing was replaced: {_first(error)}")
