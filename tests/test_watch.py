"""`expatlod watch` as a process of its own, told of saves by the system."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.harbours import DATASET, OWNER

#: Seconds to wait for what comes in tenths of one on an idle machine.
PATIENCE = 60

PROJECT = """\
id: north
type: Project
title: {da: Havnen, en: The harbour}
kind: project
audience: [citizen]
extent: [Lemvig]
source: https://example.org/page
theme: housing
summary: {da: Et projekt i havnen., en: A project in the harbour.}
"""

WRONG = PROJECT.replace("housing", "xyzzy")

NORTH = Path("data/north.yaml")


class Watch:
    """A running watch, and all that it has printed."""

    def __init__(self, process: subprocess.Popen[bytes], output: int) -> None:
        self.process = process
        self.text = ""
        self._output = output
        self._printed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._output, 65536)
            except OSError:  # what a terminal says when its other end is closed
                data = b""
            if not data:
                return
            with self._printed:
                self.text += data.decode().replace("\r\n", "\n")
                self._printed.notify_all()

    def until(self, text: str, times: int = 1) -> None:
        """Wait until *text* has been printed so often."""
        with self._printed:
            done = self._printed.wait_for(lambda: self.text.count(text) >= times, PATIENCE)
        assert done, self.text

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return status


@contextmanager
def watching(
    *arguments: str, terminal: bool = False, ready: str = "stop with Ctrl-C"
) -> Iterator[Watch]:
    """Watch in the current folder, in a pipe or on a terminal."""
    ours, theirs = pty.openpty() if terminal else os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "expatlod", "watch", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "COLUMNS": "100"},
    )
    os.close(theirs)
    watch = Watch(process, ours)
    try:
        watch.until(ready)
        yield watch
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder `data` without faults in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("data/dataset.yaml").write_text(DATASET)
    Path("data/owner.yaml").write_text(OWNER)
    NORTH.write_text(PROJECT)


def test_what_is_wrong_at_the_start_is_printed(tmp_path: Path) -> None:
    NORTH.write_text(WRONG)

    with watching("data", "-l", "en") as watch:
        watch.until("data/north.yaml:8:8: error: theme")


def test_fault_and_cure_are_told_when_they_are_saved() -> None:
    with watching("data", "-l", "en") as watch:
        NORTH.write_text(WRONG)
        watch.until("data/north.yaml:8:8: error: theme")
        NORTH.write_text(PROJECT)
        watch.until("data/north.yaml: mended, no faults\n")


def test_cure_is_told_in_danish() -> None:
    NORTH.write_text(WRONG)

    with watching("data", "-l", "da", ready="stop med Ctrl-C") as watch:
        NORTH.write_text(PROJECT)
        watch.until("data/north.yaml: rettet, ingen fejl\n")


def test_file_that_was_and_is_clean_is_told_to_be() -> None:
    with watching("data") as watch:
        NORTH.write_text(PROJECT.replace("housing", "tax"))
        watch.until("data/north.yaml: no faults\n")


def test_editor_that_saves_by_renaming_is_understood() -> None:
    with watching("data") as watch:
        Path("data/.north.yaml.swp").write_text(WRONG)
        Path("data/.north.yaml.swp").replace(NORTH)
        watch.until("data/north.yaml:8:8: error: theme")


def test_file_caught_half_written_is_read_again() -> None:
    with watching("data") as watch:
        with NORTH.open("w") as file:
            file.write("id: north\ntype: [")
            file.flush()
            time.sleep(0.5)
            file.seek(0)
            file.write(WRONG)
        watch.until("data/north.yaml:8:8: error: theme")


def test_several_files_saved_at_once_are_told() -> None:
    with watching("data") as watch:
        for name in ("east", "south", "west"):
            text = WRONG.replace("id: north", f"id: {name}")
            Path(f"data/{name}.yaml").write_text(text)
        for name in ("east", "south", "west"):
            watch.until(f"data/{name}.yaml:8:8: error: theme")


def test_deleted_record_is_told_where_it_is_missed() -> None:
    south = PROJECT.replace("id: north", "id: south") + "continues: north\n"
    Path("data/south.yaml").write_text(south)

    with watching("data") as watch:
        NORTH.unlink()
        watch.until("data/north.yaml: deleted\n")
        watch.until("data/south.yaml:10:12: error: continues")


def test_new_folder_is_looked_into() -> None:
    with watching("data") as watch:
        Path("data/new/deep").mkdir(parents=True)
        text = WRONG.replace("id: north", "id: deep")
        Path("data/new/deep/deep.yaml").write_text(text)
        watch.until("data/new/deep/deep.yaml:8:8: error: theme")


def test_file_saved_while_the_watch_begins_is_not_missed() -> None:
    NORTH.write_text(WRONG)

    with watching("data", ready="data/north.yaml:8:8: error: theme") as watch:
        NORTH.write_text(PROJECT)
        watch.until("data/north.yaml: mended, no faults\n")


def test_folder_that_is_replaced_is_watched_again() -> None:
    with watching("data") as watch:
        shutil.copytree("data", "other")
        Path("data").rename("old")
        Path("other/north.yaml").write_text(WRONG)
        Path("other").rename("data")
        watch.until("data/north.yaml:8:8: error: theme")
        watch.until("stop with Ctrl-C", times=2)
        NORTH.write_text(PROJECT)
        watch.until("data/north.yaml: mended, no faults\n")


def test_single_file_is_watched_with_what_it_points_at() -> None:
    south = Path("data/projects/south.yaml")
    south.parent.mkdir()
    south.write_text(PROJECT.replace("id: north", "id: south") + "continues: north\n")

    with watching(str(south)) as watch:
        NORTH.unlink()
        watch.until("data/projects/south.yaml:10:12: error: continues")


def test_screen_shows_only_what_is_wrong_now() -> None:
    NORTH.write_text(WRONG)

    with watching("data", terminal=True) as watch:
        NORTH.write_text(PROJECT)
        # Select Erase in Display, ECMA-48 8.3.39: the whole screen.
        watch.until("\x1b[2J")
        watch.until("stop with Ctrl-C", times=2)
        screen = watch.text.rpartition("\x1b[2J")[2]

    assert "xyzzy" not in screen
    assert "no faults found" in screen


def test_ctrl_c_ends_it_quietly_whatever_was_found() -> None:
    NORTH.write_text(WRONG)

    with watching("data") as watch:
        status = watch.stop()

    assert status == 0
    assert watch.text.endswith("waiting for changes in data; stop with Ctrl-C\n")


def test_folder_that_is_not_there_is_wrong_usage() -> None:
    shutil.rmtree("data")

    done = subprocess.run(
        [sys.executable, "-m", "expatlod", "watch", "data"], capture_output=True, encoding="utf-8"
    )

    assert done.returncode == 2
    assert "'data' does not exist" in done.stderr
