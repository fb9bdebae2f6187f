"""Find the record files in what the user named, and read them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from expatlod.errors import ERROR, Finding, Location
from expatlod.records import csv, json, lines, yaml
from expatlod.records.record import Record
from expatlod.records.table import Lists, no_lists

__all__ = ["SUFFIXES", "ending", "files", "parse", "read"]

_Read = tuple[list[Record], list[Finding]]


def _without_lists(
    read: Callable[[Path, str], _Read],
) -> Callable[[Path, str, Lists], _Read]:
    return lambda path, shown, _: read(path, shown)


def _xlsx(path: Path, shown: str, lists: Lists) -> _Read:
    # Zip files and dates take longer to import than most records to read.
    from expatlod.records import xlsx

    return xlsx.read(path, shown, lists)


#: The file name endings of records, and what reads each.
SUFFIXES: Mapping[str, Callable[[Path, str, Lists], _Read]] = MappingProxyType(
    {
        ".yaml": _without_lists(yaml.read),
        ".yml": _without_lists(yaml.read),
        ".json": _without_lists(json.read),
        ".jsonl": _without_lists(lines.read),
        ".ndjson": _without_lists(lines.read),
        ".jsonl.gz": _without_lists(lines.read),
        ".ndjson.gz": _without_lists(lines.read),
        ".jsonl.zst": _without_lists(lines.read),
        ".ndjson.zst": _without_lists(lines.read),
        ".csv": csv.read,
        ".xlsx": _xlsx,
    }
)

# Those whose text an editor can hold.
_PARSERS: Mapping[str, Callable[[str, str], _Read]] = MappingProxyType(
    {
        ".yaml": yaml.parse,
        ".yml": yaml.parse,
        ".json": json.parse,
        ".jsonl": lines.parse,
        ".ndjson": lines.parse,
    }
)

#: The record that makes a folder a dataset is called so, and the folder of its queries.
_DATASET, _QUERIES = "dataset", "queries"


def ending(path: Path | str) -> str:
    """Return the ending that tells how the records in *path* are read; empty when there is none.

    >>> ending("boats.JSONL.gz"), ending(Path("boats.gz")), ending(".yaml")
    ('.jsonl.gz', '', '')
    """
    stem, dot, last = os.path.basename(path).lower().rpartition(".")  # noqa: PTH119  it is quick
    found = dot + last
    if found in (".gz", ".zst"):
        stem, dot, last = stem.rpartition(".")
        found = f"{dot}{last}{found}"
    return found if stem and found in SUFFIXES else ""


def files(path: Path) -> tuple[list[Path], list[OSError]]:
    """Return *path* itself, or the record files in the folder *path*, in order of name.

    Names that begin with a dot are passed over, as are links that lead out of the folder, the lock
    files of spreadsheets, and the queries of a dataset with their answers. Folders that cannot be
    looked into come back as errors.
    """
    if not path.is_dir():
        return [path], []
    root = path.resolve()
    found: list[Path] = []
    errors: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=errors.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        if _QUERIES in folders and any(name == _DATASET + ending(name) for name in names):
            folders.remove(_QUERIES)
        here = Path(folder)
        for name in names:
            if name.startswith((".", "~$")) or not ending(name):
                continue
            each = here / name
            if not each.is_file():
                continue
            if not each.is_symlink() or each.resolve().is_relative_to(root):
                found.append(each)
    return sorted(found), errors


def read(paths: Iterable[Path], lists: Lists = no_lists) -> tuple[list[Record], list[Finding]]:
    """Return the records in *paths*, files or folders, and what could not be read.

    *lists* tells which fields take several values, so that cells of a table are split.
    """
    records: list[Record] = []
    findings: list[Finding] = []
    for path in paths:
        found, errors = files(path)
        findings += [_unreadable(Path(error.filename), error) for error in errors]
        if not found and not errors:
            findings.append(_no_records(path))
        for each in found:
            more, faults = _read(each, lists)
            records += more
            findings += faults
    return records, findings


def parse(text: str, shown: str, lists: Lists = no_lists) -> tuple[list[Record], list[Finding]]:
    """Return the records in *text* that is not in a file yet, read by the ending of *shown*.

    What is no text format, or none of ours, is a finding.
    """
    kind = ending(shown)
    text = text.removeprefix("\ufeff")
    if kind == ".csv":
        return csv.parse(text, shown, lists)
    if kind in _PARSERS:
        return _PARSERS[kind](text, shown)
    return [], [_no_record(Path(shown), shown)]


def _read(path: Path, lists: Lists) -> tuple[list[Record], list[Finding]]:
    shown = str(path)
    reader = SUFFIXES.get(ending(path))
    try:
        if reader is None or not (path.is_file() or not path.exists()):
            return [], [_no_record(path, shown)]
        return reader(path, shown, lists)
    except OSError as error:
        return [], [_unreadable(path, error)]


def _no_records(path: Path) -> Finding:
    endings = ", ".join(SUFFIXES)
    return Finding(
        Location(str(path)),
        ERROR,
        "record:none",
        {
            "da": "mappen indeholder ingen poster",
            "en": "the folder holds no records",
        },
        {
            "da": f"en post er en fil, der ender på {endings}",
            "en": f"a record is a file that ends in {endings}",
        },
    )


def _no_record(path: Path, shown: str) -> Finding:
    endings = ", ".join(SUFFIXES)
    return Finding(
        Location(shown),
        ERROR,
        "record:file",
        {
            "da": f"filtypen '{path.suffix}' læses ikke",
            "en": f"files of the type '{path.suffix}' are not read",
        },
        {
            "da": f"poster står i filer, der ender på {endings}",
            "en": f"records stand in files that end in {endings}",
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
