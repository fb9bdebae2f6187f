"""The transcripts in README and docs are what the commands print; their files are worked on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize(
    ("page", "commands"),
    [("README.md", 23), ("docs/ten-mistakes.en.md", 5), ("docs/ten-mistakes.da.md", 5)],
)
def test_every_transcript_is_what_the_commands_print(
    tmp_path: Path, page: str, commands: int
) -> None:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
    }
    checked = 0
    for kind, text in _BLOCK.findall((ROOT / page).read_text("utf-8")):
        named = re.match(r"# file: (\S+)\n", text)
        if named:
            (tmp_path / named.group(1)).write_text(text, "utf-8")
        if kind != "console" or "make " in text:
            continue
        for command, expected in _transcript(text):
            printed = subprocess.run(
                command,
                shell=True,
                cwd=tmp_path,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=60,
            ).stdout.decode()
            assert printed.splitlines() == expected.splitlines(), command
            checked += 1
    assert checked == commands


def _transcript(text: str) -> list[tuple[str, str]]:
    """Split a console block into commands, each with what it prints."""
    pairs: list[tuple[str, str]] = []
    lines = iter(text.splitlines())
    for line in lines:
        if not line.startswith("$ "):
            command, printed = pairs.pop()
            pairs.append((command, f"{printed}{line}\n"))
            continue
        command = line.removeprefix("$ ")
        end = re.search(r"<<'(\w+)'", command)
        while end and not command.endswith(f"\n{end.group(1)}"):
            command += "\n" + next(lines)
        pairs.append((command, ""))
    return pairs


def test_the_diagram_is_that_of_the_release(release: Path) -> None:
    drawn = (release / "ontology" / "diagram.en.svg").read_bytes()

    assert (ROOT / "docs" / "diagram.en.svg").read_bytes() == drawn
