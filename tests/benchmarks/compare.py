"""Compare two N-Triples files triple by triple, and say how they differ.

    python tests/benchmarks/compare.py OURS.nt THEIRS.nt

Spellings of one triple count as one: each is read and written anew. Sorting is done on disk.
"""

from __future__ import annotations

import filecmp
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from pathlib import Path
from urllib.parse import unquote

import pyoxigraph as ox

_BATCH = 5000

# As N-Triples writes it, and what people put in its place.
_LINE_END = re.compile(r"\\[rn]| ")

#: A line of a file, split: subject and property, then the object with its end.
Triple = tuple[str, str]


def spelled_alike(source: Path, target: Path) -> int:
    """Write the triples of *source* to *target*, each once and sorted; count unreadable lines."""
    unreadable = 0
    with source.open("rb") as lines, target.open("wb") as file:
        while batch := list(islice(lines, _BATCH)):
            try:
                file.write(_anew(b"".join(batch)))
            except (SyntaxError, ValueError):
                for line in batch:
                    try:
                        file.write(_anew(line))
                    except (SyntaxError, ValueError):
                        unreadable += 1
    subprocess.run(
        ["sort", "-u", "-S", "200M", "-o", str(target), str(target)],
        check=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    return unreadable


def _anew(text: bytes) -> bytes:
    triples = ox.parse(text, format=ox.RdfFormat.N_TRIPLES)
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)


def difference(ours: Path, theirs: Path) -> str:
    """Return in words how the triples in *theirs* differ from those in *ours*."""
    if filecmp.cmp(ours, theirs, shallow=False):
        return f"the same {_count(ours):,} triples, byte for byte"
    with tempfile.TemporaryDirectory(dir=ours.parent) as name:
        first, second = Path(name, "ours"), Path(name, "theirs")
        spelled_alike(ours, first)
        unreadable = spelled_alike(theirs, second)
        total = _count(first)
        reasons: Counter[str] = Counter()
        if unreadable:
            reasons["lines that are no N-Triples"] = unreadable
        for _, group in groupby(_apart(first, second), key=lambda each: each[1][0]):
            reasons.update(_reasons(list(group)))
    if not reasons:
        return f"the same {total:,} triples"
    told = ", ".join(f"{count:,} × {reason}" for reason, count in reasons.most_common())
    return f"of {total:,} triples differ: {told}"


def _count(path: Path) -> int:
    with path.open("rb") as lines:
        return sum(1 for _ in lines)


def _apart(first: Path, second: Path) -> Iterator[tuple[bool, Triple]]:
    """Yield what only one of two sorted files has, and whether that is the first."""
    command = ["comm", "-3", str(first), str(second)]
    variables = {**os.environ, "LC_ALL": "C"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=variables) as process:
        assert process.stdout is not None
        for data in process.stdout:
            line = data.decode()
            subject, predicate, rest = line.lstrip("\t").split(" ", 2)
            yield not line.startswith("\t"), (f"{subject} {predicate}", rest)


def _reasons(group: Iterable[tuple[bool, Triple]]) -> Iterator[str]:
    """Pair what differs in one property of one subject, and say what became of each triple."""
    ours = [rest for is_ours, (_, rest) in group if is_ours]
    theirs = [rest for is_ours, (_, rest) in group if not is_ours]
    for mine in ours:
        alike = [each for each in theirs if _fault(mine, each)]
        # The nearest counts.
        best = min(alike, key=lambda each: _ORDER.index(_fault(mine, each)), default=None)
        if best is None:
            yield "missing"
        else:
            theirs.remove(best)
            yield _fault(mine, best)
    yield from ("not ours" for _ in theirs)


_ORDER = (
    "address percent-encoded",
    "language lost or altered",
    "datatype lost or altered",
    "number or date written otherwise",
    "line ends altered",
    "text altered",
)


def _fault(mine: str, other: str) -> str:
    """Return how the object *other* differs from *mine*, or the empty string if it is another."""
    if mine.startswith("<") and unquote(other) == unquote(mine):
        return _ORDER[0]
    if not (mine.startswith('"') and other.startswith('"')):
        return ""
    text, _, kind = mine.rpartition('"')
    other_text, _, other_kind = other.rpartition('"')
    if text == other_text:
        return _ORDER[1] if kind.startswith("@") else _ORDER[2]
    if kind != other_kind:
        return ""
    if kind.startswith("^^"):
        return _ORDER[3]
    if _LINE_END.sub("", text) == _LINE_END.sub("", other_text):
        return _ORDER[4]
    return _ORDER[5]


if __name__ == "__main__":
    print(difference(Path(sys.argv[1]), Path(sys.argv[2])))  # noqa: T201
