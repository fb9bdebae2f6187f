"""Make a release: dumps, ontology, shapes, queries, descriptions and manifest, all or nothing.

The records go through `stream` once, and what became of them waits on disk; when nothing stops the
release, the dumps are written from there, a piece at a time. The old releases are taken over as
they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from expatlod import __version__, rejects
from expatlod.archive import (
    GENERATOR,
    LATEST,
    MANIFEST,
    RELEASES,
    SITE,
    Listed,
    Manifest,
    Release,
    Site,
    read_release,
)
from expatlod.audit import Sample, audit
from expatlod.chain import check_version, double, next_version, past, take_over
from expatlod.collection import DATASET
from expatlod.convert import Converted
from expatlod.crossings import Place
from expatlod.dating import newest_change
from expatlod.description import described, dumped, enclosed, listed
from expatlod.dumps import COMPRESSIONS, FORMATS, Dump, Entry, body, checksum
from expatlod.edition import Edition
from expatlod.errors import ERROR, Finding, Location, UsageError
from expatlod.examples import Example, examples
from expatlod.namespaces import expand
from expatlod.profile import Model
from expatlod.release import Draft, check_place, replacing
from expatlod.resources import program
from expatlod.spool import Written, pack, unpack
from expatlod.statistics import Statistics
from expatlod.stream import Progress, Stream
from expatlod.tasks import Setup, worker

if TYPE_CHECKING:
    from expatlod.engines.spark.cluster import Cluster

__all__ = ["DUMPS", "STATIC", "Plan", "Published", "publish"]

#: The syntaxes that dumps are written in if none are named.
DUMPS = ("turtle", "jsonld", "ntriples")

#: What is written of a piece, packed, and the numbers of the records that are left out of it.
_Packed = tuple[bytes, set[int]]

# Bytes of packed pieces that are written in one task; some 500 records.
_GROUP = 500_000

# What takes longer to write than to keep.
_SLOW = ("turtle", "rdfxml")

#: The folder of the dataset whose files stand beside the releases as they are.
STATIC = "static"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a release is made.

    *formats* are names in FORMATS, *compressions* in COMPRESSIONS. *engine* is the SHACL engine,
    *jobs* the number of processes. *rejects* is the file for the records that have errors;
    without one, an error stops the release. In the folder *cache* it is kept what became of each
    record, so that it is not done again the next time. *audited* records that the screen passes,
    chosen by *seed*, are judged by pySHACL as well; *anew* chooses among all, and else what was
    offered to an earlier audit is not offered again. The release is called *version*, else after
    the day on which the newest record changed.
    """

    formats: Sequence[str] = DUMPS
    compressions: Sequence[str] = tuple(COMPRESSIONS)
    engine: str = "auto"
    jobs: int = 1
    rejects: Path | None = None
    cache: Path | None = None
    audited: int = 200
    seed: int = 0
    anew: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """What came of publishing.

    *path* is that of the release, and None when a finding stopped it; then nothing was written. It
    is not *new* when the newest release holds the same already. *files* are the paths of the files
    in the release, with their sizes in bytes. There are *unkept* findings more than
    *findings*. *rejected* is how much was left out, *audited* how many records were judged by
    pySHACL although the screen passed them, and *reports* holds what both engines say of those
    that they disagree about.
    """

    path: Path | None
    findings: tuple[Finding, ...]
    records: int
    triples: int
    files: Mapping[str, int]
    unkept: int = 0
    rejected: int = 0
    audited: int = 0
    reports: tuple[str, ...] = ()
    new: bool = False


def publish(
    model: Model,
    data: Path,
    out: Path,
    plan: Plan = Plan(),
    *,
    cluster: Cluster | None = None,
    step: Callable[[str], None] = lambda _: None,
    progress: Progress = lambda _records, _done, _total: None,
) -> Published:
    """Validate the dataset in the folder *data* and add a release of it to those in *out*.

    The work is done by *cluster*, and else on this machine. *step* is told what is being done, and
    *progress* how far it is. What stands in *out* stays as it was until the new release is whole;
    so it does when a finding stops the work.

    Raises UsageError when *data* is no dataset, PublishError when *out* is not ours to replace
    or cannot be written, or when the version is taken.
    """
    old = past(out)
    _check(data, out, plan.rejects)
    if plan.version:
        check_version(plan.version, old)
    static = dict(_static(data))
    changed = newest_change(data)
    sample: Sample[Place] = Sample(0 if plan.engine == "pyshacl" else plan.audited, plan.seed)
    with Stream(
        model,
        [data],
        engine=plan.engine,
        jobs=plan.jobs,
        payload=partial(_packed, tuple(each for each in plan.formats if each in _SLOW)),
        nodes=True,
        skip=plan.rejects is not None,
        sample=sample,
        anew=plan.anew,
        cluster=cluster,
    ) as stream:
        stream.keep(plan.cache, data)
        step("validating")
        findings = stream.run(progress=progress)
        dataset = stream.published_dataset()
        errors = stream.tally.findings[ERROR] > 0
        if dataset is None and not errors:
            findings.append(_no_dataset(data))
        unkept = stream.tally.unkept
        stopped = Published(None, tuple(findings), stream.tally.records, 0, {}, unkept)
        if dataset is None or (errors and plan.rejects is None):
            return stopped
        step("auditing")
        odd = audit(model, stream.passed())
        if odd:
            findings += (each.finding for each in odd)
            reports = [report for each in odd for report in (each.shacl, each.pyshacl)]
            return replace(stopped, findings=tuple(findings), reports=tuple(reports))
        if stream.spool is not None:
            stream.spool.audited = plan.audited > 0
        rejected = rejects.write(plan.rejects, stream.rejects()) if plan.rejects else 0
        step("writing")
        with replacing(out) as draft:
            newest = draft.within(LATEST)
            statistics, dumps, records = _dumps(stream, newest, dataset, plan, progress)
            known = _examples(data)
            enclosing = enclosed(model, dataset, stream.base, known)
            publisher = _publisher(stream, dataset)
            take_over(draft, old)
            last = old[-1].manifest if old else None
            content = _content(stream.base, dataset, publisher, enclosing, dumps)
            new = last is None or last.content != content or plan.version not in ("", last.release)
            if last is not None and not new:
                newest.drop()
                version = last.release
                double(draft, f"{RELEASES}/{version}", LATEST)
            else:
                version = next_version(plan.version, changed, old)
                edition = Edition(
                    model=model,
                    dataset=dataset,
                    publisher=publisher,
                    base=stream.base,
                    site=_site(model, dataset, stream.base),
                    version=version,
                    issued=changed,
                    first=datetime.fromisoformat(old[0].manifest.issued) if old else changed,
                    previous=last.release if last else "",
                    notes={},
                    statistics=statistics,
                    dumps=tuple(dumps),
                    records=records,
                    rejected=rejected,
                    findings=Counter((each.severity, each.rule) for each in findings),
                    examples=tuple(known),
                )
                files = {**enclosing, **described(edition)}
                for path, text in sorted(files.items()):
                    newest.write(path, text)
                newest.write(MANIFEST, _manifest(edition, content, files))
                double(draft, LATEST, f"{RELEASES}/{version}")
            _beside(draft, old, new, static)
            written = newest.files
        return Published(
            out / RELEASES / version,
            tuple(findings),
            records,
            statistics.triples,
            written,
            unkept,
            rejected,
            len(sample),
            new=new,
        )


def _check(data: Path, out: Path, rejected: Path | None) -> None:
    if not data.is_dir():
        raise UsageError(f"{data}: not a folder; name the folder that holds {DATASET}")
    check_place(out, data)
    if rejected is not None:
        for folder in (data, out):
            if rejected.resolve().is_relative_to(folder.resolve()):
                raise UsageError(
                    f"{rejected} lies inside {folder}; name another file with --rejects"
                )
        rejects.check_place(rejected)


def _no_dataset(data: Path) -> Finding:
    return Finding(
        Location(str(data)),
        ERROR,
        "record:dataset",
        {
            "da": f"mappen har ingen {DATASET}",
            "en": f"the folder has no {DATASET}",
        },
        {
            "da": "skriv en: titel, beskrivelse, udgiver, licens og base for det hele",
            "en": "write one: title, description, publisher, licence and base of the whole",
        },
    )


# -- dumps


def _packed(formats: Sequence[str], model: Model, written: Written) -> bytes:
    """Return what is kept of a piece: its records, and the bodies that take long to write."""
    triples = b"".join(lines for lines, _ in written)
    return pack(written, {each: body(model, FORMATS[each], triples, ()) for each in formats})


def _dumps(
    stream: Stream, draft: Draft, dataset: Converted, plan: Plan, progress: Progress
) -> tuple[Statistics, list[Entry], int]:
    """Write the dumps; return what is in them, the files, and how many records there are."""
    name = dataset.iri.rpartition("/")[2]
    forms = [FORMATS[each] for each in plan.formats]
    dumps = [
        Dump(draft, f"dump/{name}.{form.suffix}", stream.model, form, plan.compressions)
        for form in forms
    ]
    statistics, records = Statistics(), 0
    bodies = partial(_bodies, stream.setup, tuple(plan.formats))
    for counted, number, texts in stream.map(bodies, _together(stream.written())):
        statistics.add(counted)
        records += number
        progress(records, records, stream.tally.records)
        for dump, text in zip(dumps, texts, strict=True):
            dump.add_body(text)
    return statistics, [entry for dump in dumps for entry in dump.close()], records


def _together(pieces: Iterator[_Packed]) -> Iterator[list[_Packed]]:
    """Yield *pieces* in groups: small files are many, and each way to a process costs the same."""
    group: list[_Packed] = []
    size = 0
    for each in pieces:
        group.append(each)
        size += len(each[0])
        if size >= _GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group


def _bodies(
    setup: Setup, formats: Sequence[str], pieces: Sequence[_Packed]
) -> tuple[Statistics, int, list[bytes]]:
    """Return what pieces add to each dump, how much that is, and of how many records."""
    model = worker(setup).model
    statistics, records = Statistics(), 0
    texts: list[list[bytes]] = [[] for _ in formats]
    for packed, out in pieces:
        every, made = unpack(packed)
        written = [each for number, each in enumerate(every) if number not in out]
        triples = b"".join(lines for lines, _ in written)
        nodes = [node for _, node in written]
        if len(written) < len(every):
            made = {}
        for name, found in zip(formats, texts, strict=True):
            text = made.get(name)
            found.append(body(model, FORMATS[name], triples, nodes) if text is None else text)
        statistics.add(Statistics.of(triples))
        records += len(written)
    joined = [
        FORMATS[name].separator.join(filter(None, found))
        for name, found in zip(formats, texts, strict=True)
    ]
    return statistics, records, joined


# -- what describes the release, and the releases


def _examples(data: Path) -> list[Example]:
    folder = data / "queries"
    return list(examples(folder)) if list(folder.glob("*.rq")) else []


def _publisher(stream: Stream, dataset: Converted) -> Converted | None:
    """Return the record of the dataset's publisher, which describes the dataset along with it."""
    iri = _value(stream.model, dataset, "dct:publisher")
    return stream.fetch(iri) if iri else None


def _site(model: Model, dataset: Converted, base: str) -> str:
    """Return the address that the releases are served from: the landing page, else the base."""
    return _value(model, dataset, "dcat:landingPage") or base


def _value(model: Model, dataset: Converted, path: str) -> str:
    """Return the IRI or text that the dataset's record has for the property *path*, or nothing."""
    field = model.classes[dataset.kinds[dataset.iri]].field_of(expand(path))
    value = dataset.node.get(field.key) if field else None
    return value if isinstance(value, str) else ""


def _content(
    base: str,
    dataset: Converted,
    publisher: Converted | None,
    files: Mapping[str, bytes],
    dumps: Sequence[Entry],
) -> str:
    """Return the digest of all that a release is made from, but for when and after which others.

    The program is part of it: another one may say the same in other words.
    """
    hashed = sha256()
    for path in program():
        hashed.update(path.read_bytes())
    lines = [*dataset.lines, *(publisher.lines if publisher else ())]
    sums = {path: checksum(text) for path, text in files.items()}
    sums |= {each.path: each.sha256 for each in dumps}
    hashed.update(msgspec.json.encode([__version__, base, sorted(lines), sorted(sums.items())]))
    return hashed.hexdigest()


def _manifest(edition: Edition, content: str, files: Mapping[str, bytes]) -> bytes:
    triples = edition.statistics.triples
    entries = [*(dumped(each, triples) for each in edition.dumps), *listed(files)]
    return _json(
        Manifest(
            generator=GENERATOR,
            version=__version__,
            dataset=edition.iri,
            release=edition.version,
            issued=edition.stamp,
            site=edition.site,
            content=content,
            records=edition.records,
            triples=triples,
            previous=edition.previous,
            notes=dict(edition.notes),
            files=sorted(entries, key=lambda each: each.path),
        )
    )


def _beside(draft: Draft, old: Sequence[Release], new: bool, static: Mapping[str, bytes]) -> None:
    """Write what stands beside the releases, for all of them."""
    newest = read_release(draft.folder / LATEST)
    assert newest is not None
    every = [*old, newest] if new else [*old]
    files: dict[str, bytes] = {}
    for path, text in static.items():
        if path in files or path.partition("/")[0] in (SITE, LATEST, RELEASES):
            raise UsageError(
                f"{STATIC}/{path}: publish writes a file of this name itself; take yours away"
            )
        files[path] = text
    for path, text in sorted(files.items()):
        draft.write(path, text)
    listing = [
        Listed(
            each.manifest.release,
            each.manifest.issued,
            checksum((each.folder / MANIFEST).read_bytes()),
        )
        for each in every
    ]
    site = Site(GENERATOR, newest.manifest.dataset, listing, listed(dict(sorted(files.items()))))
    draft.write(SITE, _json(site))


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _static(data: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files that stand beside the releases as they are, with their paths there."""
    folder = data / STATIC
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
            raise UsageError(f"{path}: a link that leads out of the folder; put the file here")
        if path.is_file():
            try:
                yield path.relative_to(folder).as_posix(), path.read_bytes()
            except OSError as error:
                raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
