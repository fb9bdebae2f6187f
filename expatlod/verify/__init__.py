"""Verify a release as somebody who has fetched it: that it is whole, and says what it says it does.

Nothing is believed: the folder can be made by anybody. What a later check needs and an earlier one
found broken is left out of it, so that one fault is told once.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from expatlod.engines.local import Pool
from expatlod.errors import Finding, PublishError, UsageError
from expatlod.verify.compare import compare
from expatlod.verify.content import Job, hashed
from expatlod.verify.latest import same_as_newest
from expatlod.verify.parts import MOST, Part, Root, look
from expatlod.verify.references import resolve
from expatlod.verify.signatures import signatures

__all__ = ["MOST", "Verified", "verify"]

# So much work, in bytes, is done before other processes are worth it.
_LITTLE = 20_000_000

#: Is told what is being done, how many bytes of it are done, and how many there are in all.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of it: the *findings*, and *unkept* more of the same codes.

    So many *releases* were looked through, and so many *files*, of *bytes* in all.
    """

    findings: tuple[Finding, ...]
    unkept: int
    releases: int
    files: int
    bytes: int


def verify(
    out: Path,
    signer: Path | None = None,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Verified:
    """Verify the site or the release in the folder *out*.

    With *signer*, a file of trusted keys, each release must be signed by one of them.

    Raises UsageError when there is no release, or a signature cannot be checked.
    """
    told = progress or _silent
    root = look(out)
    signatures(root, signer)
    work = _work(root)
    size = sum(job.file.bytes for _, job in work)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="expatlod-") as folder,
            Pool(jobs if size > _LITTLE else 1) as pool,
        ):
            done, seen = 0, []
            for (part, job), was in zip(
                work, pool.map(hashed, (job for _, job in work)), strict=True
            ):
                seen.append((part, job, was))
                done += job.file.bytes
                told("hashing", done, size)
            same_as_newest(root)
            readings = compare(
                root, seen, pool, os.urandom(16), Path(folder), partial(told, "parsing")
            )
            resolve(root, readings)
    except PublishError as error:
        raise UsageError(
            f"{out}: a process that read it was killed, perhaps because memory ran out; give it "
            "more, or fewer processes with --jobs"
        ) from error
    releases = sum(part.manifest is not None for part in root.parts)
    kept = tuple(sorted(root.findings, key=lambda each: each.order))
    unkept = sum(max(number - MOST, 0) for number in root.told.values())
    return Verified(kept, unkept, releases, len(work), size)


def _work(root: Root) -> list[tuple[Part, Job]]:
    pairs = [(part, file) for part in root.parts for file in part.files.values()]
    return [
        (part, Job(number, root.path / part.prefix / file.path, file))
        for number, (part, file) in enumerate(pairs)
    ]


def _silent(_step: str, _done: int, _total: int) -> None:
    """Show nothing."""
