"""Find the record files in what the user named, and read them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from expatlod.errors import ERROR, Finding, Location
from expatlod.records import yaml
from expatlod.records.record import Record

__all__ = ["SUFFIXES", "files", "read"]

#: The file name endings of records, and the module that reads each.
SUFFIXES = {".yaml": yaml.read, ".yml": yaml.read}


def files(path: Path) -> tuple[list[Path], list[OSError]]:
    """Return *path* itself, or the record files in the folder *path*, in order of name.

    Names that begin with a dot are passed over, as are links that lead out of the folder. Folders
    that cannot be looked into come back as errors.
    """
    if not path.is_dir():
        return [path], []
    root = path.resolve()
    found: list[Path] = []
    errors: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=errors.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            each = Path(folder) / name
            if name.startswith(".") or each.suffix not in SUFFIXES or not each.is_file():
                continue
            if each.resolve().is_relative_to(root):
                found.append(each)
    return sorted(found), errors


def read(paths: Iterable[Path]) -> tuple[list[Record], list[Finding]]:
    """Return the records in *paths*, files or folders, and what could not be read."""
    records: list[Record] = []
    findings: list[Finding] = []
    for path in paths:
        found, errors = files(path)
        findings += [_unreadable(Path(error.filename), error) for error in errors]
        if not found and not errors:
            findings.append(_no_records(path))
        for each in found:
            if each.suffix not in SUFFIXES or (each.exists() and not each.is_file()):
                findings.append(_no_record(each))
                continue
            try:
                more, faults = SUFFIXES[each.suffix](each, str(each))
            except OSError as error:
                more, faults = [], [_unreadable(each, error)]
            records += more
            findings += faults
    return records, findings


def _no_records(path: Path) -> Finding:
    return Finding(
        Location(str(path)),
        ERROR,
        "record:none",
        {
            "da": "mappen indeholder ingen poster",
            "en": "the folder holds no records",
        },
        {
            "da": "en post er en fil, der ender på .yaml",
            "en": "a record is a file that ends in .yaml",
        },
    )


def _no_record(path: Path) -> Finding:
    endings = ", ".join(SUFFIXES)
    return Finding(
        Location(str(path)),
        ERROR,
        "record:file",
        {
            "da": f"filtypen '{path.suffix}' læses ikke",
            "en": f"files of the type '{path.suffix}' are not read",
        },
        {
            "da": f"en post er en fil, der ender på {endings}",
            "en": f"a record is a file that ends in {endings}",
        },
    )


def _unreadable(path: Path, error: OSError) -> Finding:
    thing = "folder" if path.is_dir() else "file"
    return Finding(
        Location(str(path)),
        ERROR,
        "record:file",
        {
            "da": f"{'mappen' if path.is_dir() else 'filen'} kan ikke læses: {error.strerror}",
            "en": f"the {thing} cannot be read: {error.strerror}",
        },
        {
            "da": f"se efter {'mappens' if path.is_dir() else 'filens'} rettigheder",
            "en": f"look at the {thing}'s permissions",
        },
    )
