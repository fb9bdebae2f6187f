"""Find the records that a change since some revision of a git repository can have broken.

Those are the records in changed files, and the records that point at one that such a file holds
now or held then: who deletes a record breaks those that point at it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from expatlod.collection import Collection, home, source
from expatlod.convert import Converted, Converter
from expatlod.errors import UsageError
from expatlod.git import git
from expatlod.namespaces import PREFIXES
from expatlod.records.files import ending
from expatlod.records.record import Lists, Record

__all__ = ["changed", "files"]

_DATASET_CLASS = PREFIXES["dcat"] + "Dataset"

#: The mode of a symbolic link in git's trees.
_LINK = "120000"


@dataclass(frozen=True, slots=True)
class _Change:
    """A file that differs: its repository's folder and its path, and the blob that it was.

    *blob* is empty for a new file.
    """

    top: Path
    path: Path
    blob: str
    link: bool


def changed(collection: Collection, inputs: Sequence[Path], since: str) -> Collection:
    """Return of *collection*, gathered from *inputs*, what changes since *since* can have broken.

    A change of the dataset's own record can break everything. Raises UsageError when git cannot
    tell what changed.
    """
    folder = home(inputs)
    roots = [*inputs, *([folder] if folder is not None else [])]
    changes = [each for each in _changes(roots, since) if ending(each.path)]
    here = {each.path for each in changes}
    names = {shown for shown in collection.files if Path(shown).resolve() in here}
    kind = collection.model.classes_by_iri.get(_DATASET_CLASS)
    converter = Converter(collection.model, collection.base)
    iris = set()
    for record in _held(changes, collection.model.is_list):
        if kind is not None and record.data.get("type") == kind.name:
            # The dataset's base is in every IRI.
            return collection
        result = converter.convert(record)
        if isinstance(result, Converted):
            iris.add(result.iri)
    if any(each.link for each in changes):
        # What a link led to then cannot be told.
        return collection
    wanted = tuple(
        each
        for each in collection.all
        if each.record.source in names
        or each.iri in iris
        or not iris.isdisjoint(iri.partition("#")[0] for iri in each.pointed)
    )
    shown = names | {each.record.source for each in wanted}
    told = tuple(
        each for each in collection.findings if each.at.path in shown or each.focus in iris
    )
    return replace(
        collection,
        dataset=collection.dataset if collection.dataset in wanted else None,
        records=tuple(each for each in wanted if each is not collection.dataset),
        findings=told,
        files=tuple(each for each in collection.files if each in shown),
    )


def files(inputs: Iterable[Path], since: str) -> frozenset[Path]:
    """Return the absolute paths of the files in *inputs* that changed since the revision *since*.

    Deleted files are among them. Raises UsageError when git cannot tell.
    """
    return frozenset(each.path for each in _changes(inputs, since))


def _changes(paths: Iterable[Path], since: str) -> Iterator[_Change]:
    """Yield what differs in *paths* between the revision *since* and the disk."""
    tops: dict[Path, dict[str, None]] = {}
    for path in paths:
        real = path.resolve()
        folder = real if real.is_dir() else real.parent
        top = Path(os.fsdecode(_git(folder, "rev-parse", "--show-toplevel").rstrip(b"\n")))
        tops.setdefault(top.resolve(), {})[str(real)] = None
    for top, below in tops.items():
        yield from _differing(top, _revision(top, since), tuple(below))


def _differing(top: Path, revision: str, below: tuple[str, ...]) -> Iterator[_Change]:
    # Without renames: a renamed file is one that is gone and one that is new.
    raw = _git(
        top,
        "--literal-pathspecs",
        *("diff", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-relative", "--no-ext-diff"),
        *("--ignore-submodules", revision, "--", *below),
    )
    fields = iter(os.fsdecode(raw).split("\0"))
    for header in filter(None, fields):
        # :<mode then> <mode now> <blob then> <blob now> <status>
        then, now, blob, _, _ = header.removeprefix(":").split(" ")
        path, link = top / next(fields), _LINK in (then, now)
        yield _Change(top, path, blob if blob.strip("0") else "", link)
    new = _git(
        top,
        *("--literal-pathspecs", "ls-files", "-z", "--others", "--exclude-standard"),
        *("--", *below),
    )
    for name in os.fsdecode(new).split("\0"):
        if name:
            yield _Change(top, top / name, "", (top / name).is_symlink())


def _revision(top: Path, since: str) -> str:
    """Return the commit that *since* names, so that nothing in it can be taken for an option."""
    done = _run(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{since}^{{commit}}")
    if done.returncode == 0:
        return done.stdout.decode("ascii").strip()
    if since == "HEAD":
        # Before the first commit everything is new.
        return _git(top, "hash-object", "-t", "tree", os.devnull).decode("ascii").strip()
    raise UsageError(
        f"--changed-since {since}: no commit of {top} is called that; write a commit, branch or "
        "tag such as HEAD or origin/main. In a shallow clone fetch the history first: "
        "'git fetch --unshallow', or 'fetch-depth: 0' in a workflow"
    )


def _held(changes: Sequence[_Change], lists: Lists) -> Iterator[Record]:
    """Yield the records that the changed files hold now, and those that they held then."""
    for each in changes:
        if each.path.is_file():
            yield from source(each.path, lists=lists).records
    tops: dict[Path, list[_Change]] = {}
    for each in changes:
        if each.blob and not each.link:
            tops.setdefault(each.top, []).append(each)
    with tempfile.TemporaryDirectory() as folder:
        for top, there in tops.items():
            for number, (each, data) in enumerate(zip(there, _blobs(top, there), strict=True)):
                # Readers go by the name's ending, and not all formats can be read from text.
                old = Path(folder, f"{number}-{each.path.name}")
                old.write_bytes(data)
                yield from source(old, lists=lists).records


def _blobs(top: Path, changes: Sequence[_Change]) -> Iterator[bytes]:
    asked = "".join(f"{each.blob}\n" for each in changes).encode("ascii")
    answer = _git(top, "cat-file", "--batch", input=asked)
    start = 0
    for _ in changes:
        # <blob> blob <size>
        end = answer.index(b"\n", start)
        size = int(answer[start:end].split(b" ")[2])
        yield answer[end + 1 : end + 1 + size]
        start = end + 1 + size + 1


def _git(folder: Path, *arguments: str, input: bytes = b"") -> bytes:
    done = _run(folder, *arguments, input=input)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise UsageError(
            f"{folder}: git cannot tell what changed: {said}; leave --changed-since out to check "
            "everything, or run it on records that are kept in a git repository"
        )
    return done.stdout


def _run(folder: Path, *arguments: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return git(folder, *arguments, input=input)
    except FileNotFoundError as error:
        raise UsageError(
            "--changed-since asks git, which is not installed; install git, or leave the option "
            "out to check everything"
        ) from error
