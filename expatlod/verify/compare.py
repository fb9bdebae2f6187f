"""Parse what a release holds, and see that dumps hold the same, and as much as they are said to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from expatlod.dumps import COMPRESSIONS, MEDIA_TYPES, SYNTAXES
from expatlod.engines.local import Pool
from expatlod.verify.content import Hashed, Job, Parsed, Read, parsed
from expatlod.verify.facts import Facts, gather
from expatlod.verify.graph import syntax
from expatlod.verify.names import Names
from expatlod.verify.parts import Part, Root

__all__ = ["Readings", "compare"]

_DUMPS = "dump/"

#: The largest description that is read for what it says of files, in bytes.
LARGEST_FACTS = 64_000_000

# What is quickest to parse comes first, and stands for the others.
_ORDER = (".nt", ".ttl", ".rdf", ".jsonld")

_PACKINGS = {form.suffix: form.name for form in COMPRESSIONS.values() if form.suffix}

#: Media types as registered at https://www.iana.org/assignments/media-types/
#: A file of a part, with what was seen of it.
Seen = tuple[Part, Job, Hashed]


@dataclass(slots=True)
class Readings:
    """What was read.

    *whole* are the files that are as they are listed. *facts* are those of each file that was read
    for them, by its path in the root; *names* are those of each part by its prefix, and a part that
    is not in it has files that could not be read.
    """

    whole: list[Seen]
    folder: Path
    facts: dict[str, Facts] = field(default_factory=dict)
    names: dict[str, list[Names]] = field(default_factory=dict)


def compare(
    root: Root,
    seen: Sequence[Seen],
    pool: Pool,
    key: bytes,
    folder: Path,
    progress: Callable[[int, int], None],
) -> Readings:
    """Parse what is RDF, add what is wrong to the findings of *root*, and return what was read.

    The *key* is that of this run; *folder* takes what does not fit into memory.
    """
    whole = [each for each in seen if _is_whole(root, *each)]
    readings = Readings(whole, folder)
    for part, job, was in whole:
        _typed(root, part, job)
        _facts(readings, part, job, was)
    groups = {part.prefix: _groups(part, whole) for part in root.parts}
    spaces = {part.prefix: spaces_of(root, readings, part) for part in root.parts}
    tasks: list[Read] = []
    for prefix, found in groups.items():
        for group in found:
            for number, (_, job, was) in enumerate(_distinct(group)):
                # Dumps hold the same, or are told of; the names of one are those of all.
                wanted = () if number else spaces[prefix]
                tasks.append(Read(job, was.unpacked, key, wanted, folder))
    done, size = 0, sum(task.size for task in tasks)
    # The longest first, so that no process works on when the others are done.
    tasks.sort(key=lambda task: -task.size)
    results: dict[int, Parsed] = {}
    for task, result in zip(tasks, pool.map(parsed, tasks), strict=True):
        results[task.job.number] = result
        done += task.size
        progress(done, size)
    for part in root.parts:
        for group in groups[part.prefix]:
            _compared(root, part, group, results)
        mine = [job.number for owner, job, _ in whole if owner is part]
        broken = len(mine) < len(part.files) or any(
            number in results and results[number].graph is None for number in mine
        )
        if not broken:
            found_names = (results[number].names for number in mine if number in results)
            readings.names[part.prefix] = [each for each in found_names if each]
    return readings


def _is_whole(root: Root, part: Part, job: Job, was: Hashed) -> bool:
    path = part.prefix + job.file.path
    if was.broken:
        root.tell("release:syntax", path, why=was.broken)
    elif was.bomb:
        why, why_da = "packed more tightly than any dump", "pakket tættere end noget dump"
        root.tell("release:size", path, why=why, why_da=why_da)
    elif was.found:
        root.tell("release:changed", path, found=was.found, said=was.said)
    else:
        return True
    return False


def _typed(root: Root, part: Part, job: Job) -> None:
    """See that the media type and compression that are listed are those of the file's ending."""
    file = job.file
    packing = _PACKINGS.get(PurePosixPath(file.path).suffix, "")
    media_type = MEDIA_TYPES.get(syntax(file.path), file.media_type)
    for found, said in ((file.compression, packing), (file.media_type, media_type)):
        if found != said:
            root.tell(
                "release:catalog",
                part.prefix + part.listing,
                partial(part.line, file.path),
                file=file.path,
                found=f"'{found[:100]}'",
                said=f"'{said}'",
                by="its ending",
                by_da="dens endelse",
            )


def _facts(readings: Readings, part: Part, job: Job, was: Hashed) -> None:
    path = job.file.path
    if path.endswith(".ttl") and not path.startswith(_DUMPS) and was.unpacked <= LARGEST_FACTS:
        facts = readings.facts[part.prefix + path] = Facts()
        gather(job.path, facts, profile="/" in path)


def spaces_of(root: Root, readings: Readings, part: Part) -> tuple[bytes, ...]:
    """Return what the names begin with that a release must describe.

    These are the names of its records and of its profile, and the addresses of its files. What
    stands beside the releases speaks of them in the same names.
    """
    source = part if part.manifest else root.newest
    if source is None or source.manifest is None:
        return ()
    manifest = source.manifest
    found = {f"{manifest.site}releases/", f"{manifest.site}latest/"}
    base = ""
    for path, facts in readings.facts.items():
        if path.startswith(source.prefix):
            found |= facts.spaces
            base = facts.bases.get(manifest.dataset, base)
    found.add(base or manifest.dataset.rpartition("/id/")[0] + "/")
    return tuple(sorted(each.encode() for each in found if ":" in each))


def _groups(part: Part, whole: Iterable[Seen]) -> list[list[Seen]]:
    """Return the RDF files of a part, those that must hold the same together."""
    groups: dict[str, list[Seen]] = {}
    for each in whole:
        owner, job, _ = each
        path = job.file.path
        ending = syntax(path)
        if owner is not part or ending not in SYNTAXES or _says_nothing(job):
            continue
        stem = _DUMPS if path.startswith(_DUMPS) else path[: path.rindex(ending)]
        groups.setdefault(stem, []).append(each)
    return [sorted(group, key=_place) for group in groups.values()]


def _says_nothing(job: Job) -> bool:
    # A context is JSON-LD, and says nothing.
    path = job.file.path
    return job.file.triples is None and path.endswith(".jsonld") and not path.startswith(_DUMPS)


def _place(each: Seen) -> tuple[int, int, str]:
    path = each[1].file.path
    return (_ORDER.index(syntax(path)), len(path), path)


def _distinct(group: Iterable[Seen]) -> list[Seen]:
    """Return one file for each syntax and content: what is packed twice is parsed once."""
    found: dict[tuple[str, str], Seen] = {}
    for each in group:
        found.setdefault((syntax(each[1].file.path), each[2].content), each)
    return list(found.values())


def _compared(root: Root, part: Part, group: Sequence[Seen], results: dict[int, Parsed]) -> None:
    of = {(syntax(each[1].file.path), each[2].content): each[1].number for each in _distinct(group)}
    first: tuple[str, Parsed] | None = None
    for _, job, was in group:
        path = part.prefix + job.file.path
        result = results[of[syntax(job.file.path), was.content]]
        results[job.number] = result
        if result.graph is None:
            root.tell("release:syntax", path, result.line, why=result.why)
            continue
        count = result.graph.triples
        by = part.prefix + part.listing
        wrong = next((each for each in _said(part, job) if each != count), count)
        if wrong != count:
            root.tell("release:triples", path, found=count, said=wrong, by=by)
        if first is None:
            first = job.file.path, result
        elif first[1].graph != result.graph:
            assert first[1].graph is not None
            found, said_ = _sum(result), _sum(first[1])
            root.tell("release:graph", path, other=first[0], found=found, said=said_)


def _said(part: Part, job: Job) -> Iterator[int | None]:
    """Yield how many triples the manifest says that this file has, and that all dumps have."""
    yield job.file.triples
    if part.manifest is not None and job.file.path.startswith(_DUMPS):
        yield part.manifest.triples


def _sum(result: Parsed) -> str:
    """Return what shows that a graph is another one: how much it is, and a part of its sum."""
    assert result.graph is not None
    return f"{result.graph.triples} ({result.graph.sum >> 224:08x})"
