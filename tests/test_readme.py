"""The README's transcripts are what the commands print, its files are what they work on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def test_every_transcript_in_the_readme_is_what_the_commands_print(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
    }
    checked = 0
    for kind, text in _BLOCK.findall((ROOT / "README.md").read_text("utf-8")):
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
    assert checked == 11


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
