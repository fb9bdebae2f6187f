"""Make a release: dumps, ontology, shapes, queries, descriptions and manifest, all or nothing.

The records go through `stream` once, and what became of them waits on disk; when nothing stops the
release, the dumps are written from there, a piece at a time. The old releases are taken over as
they are.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from expatlod import __version__, rejects
from expatlod.archive import (
    GENERATOR,
    LATEST,
    MANIFEST,
    RELEASES,
    SIGNATURE,
    SITE,
    Listed,
    Manifest,
    Release,
    Site,
    read_release,
)
from expatlod.audit import Sample, audit
from expatlod.catalog.check import own
from expatlod.catalog.dcat import catalog
from expatlod.catalog.void import spaces
from expatlod.chain import check_dataset, check_version, double, next_version, past, take_over
from expatlod.collection import DATASET
from expatlod.convert import Converted
from expatlod.crossings import Place
from expatlod.dating import newest_change
from expatlod.description import CHANGES, beside, described, dumped, enclosed, json, listed
from expatlod.diff import diff, first_release
from expatlod.diff.markdown import document
from expatlod.dumps import COMPRESSIONS, FORMATS, Dump, Entry, Format, body, checksum
from expatlod.edition import Edition
from expatlod.errors import ERROR, Finding, Location, UsageError
from expatlod.examples import examples
from expatlod.namespaces import expand
from expatlod.profile import Model
from expatlod.records.files import files
from expatlod.release import Draft, check_place, replacing
from expatlod.resources import program
from expatlod.signature import sign
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

#: The shapes that our own catalogue is held to; the Danish ones bring those of the EU along.
CATALOG_PROFILES = ("dcat-ap-dk",)

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
    the day on which the newest record changed. It is signed with *key*, if there is one.
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
    key: Path | None = None


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
    if old:
        # Where the newest record was taken back, time does not go back with it.
        changed = max(changed, datetime.fromisoformat(old[-1].manifest.issued))
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
        check_dataset(dataset.iri, old)
        edition = _edition(stream, dataset, data, plan, changed, old)
        findings += own(catalog(edition), dataset, CATALOG_PROFILES)
        if any(each.severity == ERROR for each in findings[len(stopped.findings) :]):
            return replace(stopped, findings=tuple(findings))
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
            enclosing = enclosed(edition)
            take_over(draft, old)
            last = old[-1].manifest if old else None
            content = _content(edition, enclosing, dumps)
            new = last is None or last.content != content or plan.version not in ("", last.release)
            edition = replace(
                edition,
                version=next_version(plan.version, changed, old)
                if new
                else old[-1].manifest.release,
                statistics=statistics,
                dumps=tuple(dumps),
                records=records,
                rejected=rejected,
                findings=Counter((each.severity, each.rule) for each in findings),
            )
            if new:
                step("describing")
                edition, changes = _since(edition, old, newest)
                texts = {**enclosing, **changes, **described(edition, enclosing)}
                for path, text in sorted(texts.items()):
                    newest.write(path, text)
                manifest = _manifest(edition, content, texts)
                newest.write(MANIFEST, manifest)
                if plan.key is not None:
                    newest.write(SIGNATURE, sign(manifest, plan.key))
                double(draft, LATEST, f"{RELEASES}/{edition.version}")
            else:
                newest.drop()
                double(draft, f"{RELEASES}/{edition.version}", LATEST)
            _beside(draft, edition, old, new, static)
            written = newest.files
        return Published(
            out / RELEASES / edition.version,
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
    forms = [FORMATS[each] for each in plan.formats]
    dumps = [
        Dump(draft, _dump_path(dataset, form), stream.model, form, plan.compressions)
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
    everything: list[bytes] = []
    records = 0
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
        everything.append(triples)
        records += len(written)
    joined = [
        FORMATS[name].separator.join(filter(None, found))
        for name, found in zip(formats, texts, strict=True)
    ]
    # Once for all of them: what there are uses of is found anew each time.
    statistics = Statistics.of(b"".join(everything), spaces(model, setup.base))
    return statistics, records, joined


# -- what describes the release, and the releases


def _edition(
    stream: Stream,
    dataset: Converted,
    data: Path,
    plan: Plan,
    changed: datetime,
    old: Sequence[Release],
) -> Edition:
    """Return the edition as far as it is known before its dumps are written."""
    last = old[-1].manifest if old else None
    queries = data / "queries"
    return Edition(
        model=stream.model,
        dataset=dataset,
        publisher=_publisher(stream, dataset),
        base=stream.base,
        site=_value(stream.model, dataset, "dcat:landingPage") or stream.base,
        version=plan.version or f"{changed:%Y-%m-%d}",
        issued=changed,
        first=datetime.fromisoformat(old[0].manifest.issued) if old else changed,
        previous=last.release if last else "",
        notes={},
        statistics=Statistics(),
        dumps=tuple(_planned(dataset, plan)),
        records=stream.tally.records,
        rejected=0,
        findings={},
        examples=tuple(examples(queries)) if list(queries.glob("*.rq")) else (),
        read=stream.tally.records,
        source=_source(data),
    )


def _source(data: Path) -> str:
    """Return the SHA-256 of the record files of the dataset together, with their names."""
    hashed = sha256()
    for path in files(data)[0]:
        hashed.update(os.fsencode(path.relative_to(data).as_posix()))
        with path.open("rb") as file:
            hashed.update(file_digest(file, "sha256").digest())
    return hashed.hexdigest()


def _planned(dataset: Converted, plan: Plan) -> Iterator[Entry]:
    """Yield the dumps that there will be, nothing of which is written yet."""
    for form in (FORMATS[each] for each in plan.formats):
        for compression in plan.compressions:
            path = _dump_path(dataset, form) + COMPRESSIONS[compression].suffix
            yield Entry(path, form.media_type, 0, checksum(b""), compression)


def _dump_path(dataset: Converted, form: Format) -> str:
    return f"dump/{dataset.iri.rpartition('/')[2]}.{form.suffix}"


def _publisher(stream: Stream, dataset: Converted) -> Converted | None:
    """Return the record of the dataset's publisher, which describes the dataset along with it."""
    iri = _value(stream.model, dataset, "dct:publisher")
    return stream.fetch(iri) if iri else None


def _value(model: Model, dataset: Converted, path: str) -> str:
    """Return the IRI or text that the dataset's record has for the property *path*, or nothing."""
    field = model.classes[dataset.kinds[dataset.iri]].field_of(expand(path))
    value = dataset.node.get(field.key) if field else None
    return value if isinstance(value, str) else ""


def _content(edition: Edition, texts: Mapping[str, bytes], dumps: Sequence[Entry]) -> str:
    """Return the digest of all that a release is made from, but for when and after which others.

    The program is part of it: another one may say the same in other words.
    """
    hashed = sha256()
    for path in program():
        hashed.update(path.read_bytes())
    lines = [*edition.dataset.lines, *(edition.publisher.lines if edition.publisher else ())]
    sums = {path: checksum(text) for path, text in texts.items()}
    sums |= {each.path: each.sha256 for each in dumps}
    made_of = [__version__, edition.base, edition.site, sorted(lines), sorted(sums.items())]
    hashed.update(msgspec.json.encode(made_of))
    return hashed.hexdigest()


def _since(
    edition: Edition, old: Sequence[Release], draft: Draft
) -> tuple[Edition, dict[str, bytes]]:
    """Return the edition with the notes of what has changed since the *old* ones, and the file."""
    if not old:
        notes = first_release(edition.model, edition.statistics.classes)
        return replace(edition, notes=notes), {CHANGES: document(None)}
    before = old[-1]
    with diff(
        edition.model, before.folder, draft.folder / LATEST, catalog=catalog(edition)
    ) as changes:
        told = document(changes, before.manifest.release)
        return replace(edition, notes=changes.notes()), {CHANGES: told}


def _manifest(edition: Edition, content: str, texts: Mapping[str, bytes]) -> bytes:
    triples = edition.statistics.triples
    entries = [*(dumped(each, triples) for each in edition.dumps), *listed(texts)]
    return json(
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


def _beside(
    draft: Draft,
    edition: Edition,
    old: Sequence[Release],
    new: bool,
    static: Mapping[str, bytes],
) -> None:
    """Write what stands beside the releases, for all of them."""
    newest = read_release(draft.folder / LATEST)
    assert newest is not None
    every = [*old, newest] if new else [*old]
    texts = beside(edition, every)
    for path, text in static.items():
        parents = {parent.as_posix() for parent in PurePosixPath(path).parents}
        inside = any(other.startswith(f"{path}/") for other in texts)
        first = path.partition("/")[0].casefold()
        if first in (SITE, LATEST, RELEASES) or inside or not {path, *parents}.isdisjoint(texts):
            raise UsageError(
                f"{STATIC}/{path}: publish writes a file of this name itself; take yours away"
            )
        texts[path] = text
    for path, text in sorted(texts.items()):
        draft.write(path, text)
    listing = [
        Listed(
            each.manifest.release,
            each.manifest.issued,
            checksum((each.folder / MANIFEST).read_bytes()),
        )
        for each in every
    ]
    site = Site(GENERATOR, newest.manifest.dataset, listing, listed(dict(sorted(texts.items()))))
    draft.write(SITE, json(site))


def _static(data: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files that stand beside the releases as they are, with their paths there."""
    folder = data / STATIC
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not name.isprintable() or "\\" in name:
            raise UsageError(f"{str(path)!a}: no name for a file on the web; give it another one")
        if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
            raise UsageError(f"{path}: a link that leads out of the folder; put the file here")
        if path.is_symlink() and not path.exists():
            raise UsageError(f"{path}: a link that leads nowhere; put the file here")
        if path.is_file():
            try:
                yield path.relative_to(folder).as_posix(), path.read_bytes()
            except OSError as error:
                raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
