"""A small dataset of harbours, written by the tests that change it."""

from __future__ import annotations

from pathlib import Path

DATASET = """\
id: harbours
type: Dataset
title: {da: Havne, en: Harbours}
description: {da: Oplysninger om havne., en: Facts about harbours.}
publisher: owner
licence: https://creativecommons.org/licenses/by/4.0/
base: https://data.example.org/
language: [da, en]
"""

OWNER = "id: owner\ntype: Organisation\nname: {da: Ejeren, en: The owner}\nkind: association\n"

#: A project without errors; what a test adds begins on line 6.
PROJECT = """\
id: {id}
type: Project
title: {{da: Havnen, en: The harbour}}
kind: project
source: https://example.org/page
"""


def dataset(folder: Path) -> Path:
    """Write a dataset with its publisher only into *folder*; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dataset.yaml").write_text(DATASET)
    (folder / "owner.yaml").write_text(OWNER)
    return folder


def project(folder: Path, id: str, more: str = "", *, name: str = "") -> Path:
    """Write a project with *more* in it into *folder*; return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name or id}.yaml"
    path.write_text(PROJECT.format(id=id) + more)
    return path
