"""Find the record files in what the user named, and read them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from expatlod.errors import ERROR, Finding, Location
from expatlod.records.record import Lists, Record, no_lists

__all__ = ["BINARY", "LINES", "SUFFIXES", "TABLES", "ending", "files", "parse", "read"]

#: The file name endings of records, and the module that reads each. A module is loaded when it is
#: wanted: most datasets are of one format.
SUFFIXES: Mapping[str, str] = MappingProxyType(
    {
        ".yaml": "yaml",
        ".yml": "yaml",
        ".json": "json",
        ".jsonl": "lines",
        ".ndjson": "lines",
        ".jsonl.gz": "lines",
        ".ndjson.gz": "lines",
        ".jsonl.zst": "lines",
        ".ndjson.zst": "lines",
        ".csv": "csv",
        ".xlsx": "xlsx",
    }
)

#: The endings of the formats whose records are rows of a table.
TABLES = (".csv", ".xlsx")

#: The endings of the formats that are no text.
BINARY = (".xlsx", ".jsonl.gz", ".ndjson.gz", ".jsonl.zst", ".ndjson.zst")

#: The endings of the formats with a record on each line.
LINES = tuple(suffix for suffix, module in SUFFIXES.items() if module == "lines")

# The formats whose text an editor can hold.
_TEXTS = (".yaml", ".yml", ".json", ".jsonl", ".ndjson", ".csv")

#: The record that makes a folder a dataset is called so, and the folders that hold no records:
#: its queries with their answers, and files that go beside its releases as they are.
_DATASET, _OTHERS = "dataset", ("queries", "static")


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
    files of spreadsheets, and the folders of a dataset that hold no records. Folders that cannot be
    looked into come back as errors.
    """
    if not path.is_dir():
        return [path], []
    root = path.resolve()
    found: list[Path] = []
    errors: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=errors.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        if any(name == _DATASET + ending(name) for name in names):
            folders[:] = [name for name in folders if name not in _OTHERS]
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
    if ending(shown) not in _TEXTS:
        return [], [_no_record(Path(shown), shown)]
    parse_it = _function(ending(shown), "parse", lists)
    return parse_it(text.removeprefix("\ufeff"), shown)


def _read(path: Path, lists: Lists) -> tuple[list[Record], list[Finding]]:
    shown = str(path)
    try:
        if not ending(path) or not (path.is_file() or not path.exists()):
            return [], [_no_record(path, shown)]
        return _function(ending(path), "read", lists)(path, shown)
    except OSError as error:
        return [], [_unreadable(path, error)]


def _function(
    suffix: str, name: str, lists: Lists
) -> Callable[..., tuple[list[Record], list[Finding]]]:
    """Return the function called *name* of the module that reads files that end in *suffix*."""
    module = SUFFIXES[suffix]
    found: Callable[..., tuple[list[Record], list[Finding]]]
    found = getattr(import_module(f"expatlod.records.{module}"), name)
    return partial(found, lists=lists) if suffix in TABLES else found


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
