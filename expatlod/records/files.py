"""Find the record files in what the user named, and read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from expatlod.errors import ERROR, Finding, Location
from expatlod.records import yaml
from expatlod.records.record import Record

__all__ = ["SUFFIXES", "files", "read"]

#: The file name endings of records, and the module that reads each.
SUFFIXES = {".yaml": yaml.read, ".yml": yaml.read}


def files(path: Path) -> Iterator[Path]:
    """Yield *path* itself, or the record files in the folder *path*, in order of name.

    Names that begin with a dot are passed over, as are links that lead out of the folder.
    """
    if not path.is_dir():
        yield path
        return
    root = path.resolve()
    for each in sorted(path.rglob("*")):
        hidden = any(part.startswith(".") for part in each.relative_to(path).parts)
        if hidden or each.suffix not in SUFFIXES or not each.is_file():
            continue
        if each.resolve().is_relative_to(root):
            yield each


def read(paths: Iterable[Path]) -> tuple[list[Record], list[Finding]]:
    """Return the records in *paths*, files or folders, and what could not be read."""
    records: list[Record] = []
    findings: list[Finding] = []
    for path in paths:
        found = list(files(path))
        if not found:
            findings.append(_no_records(path))
        for each in found:
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


def _unreadable(path: Path, error: OSError) -> Finding:
    return Finding(
        Location(str(path)),
        ERROR,
        "record:file",
        {
            "da": f"filen kan ikke læses: {error.strerror}",
            "en": f"the file cannot be read: {error.strerror}",
        },
        {
            "da": "se efter filens rettigheder",
            "en": "look at the file's permissions",
        },
    )
