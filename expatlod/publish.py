"""Make a release: dumps, ontology, shapes, queries, description and manifest, all or nothing.

The records go through `stream` once, and what became of them waits on disk; when nothing stops the
release, the dumps are written from there, a piece at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyoxigraph as ox

from expatlod import __version__, rejects
from expatlod.audit import Sample, audit
from expatlod.catalog import void
from expatlod.collection import DATASET
from expatlod.convert import Converted
from expatlod.crossings import Place
from expatlod.dumps import COMPRESSIONS, FORMATS, Dump, Entry, body, checksum
from expatlod.errors import ERROR, Finding, Location, UsageError
from expatlod.examples import Example, examples, published
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model
from expatlod.release import GENERATOR, MANIFEST, Draft, check_place, replacing
from expatlod.spool import Written, pack, unpack
from expatlod.statistics import Statistics
from expatlod.stream import Progress, Stream
from expatlod.tasks import Setup, worker

if TYPE_CHECKING:
    from expatlod.engines.spark.cluster import Cluster

__all__ = ["DUMPS", "Plan", "Release", "publish"]

#: The syntaxes that dumps are written in if none are named.
DUMPS = ("turtle", "jsonld", "ntriples")

#: What is written of a piece, packed, and the numbers of the records that are left out of it.
_Packed = tuple[bytes, set[int]]

# Bytes of packed pieces that are written in one task; some 500 records.
_GROUP = 500_000

# What takes longer to write than to keep.
_SLOW = ("turtle", "rdfxml")

#: Where `oxigraph serve` answers when it is started without options.
_LOCAL_ENDPOINT = "http://localhost:7878/query"

_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".md": "text/markdown",
    ".rq": "application/sparql-query",
    **{f".{form.suffix}": form.media_type for form in FORMATS.values()},
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How a release is made.

    *formats* are names in FORMATS, *compressions* in COMPRESSIONS. *engine* is the SHACL engine,
    *jobs* the number of processes. *rejects* is the file for the records that have errors;
    without one, an error stops the release. In the folder *cache* it is kept what became of each
    record, so that it is not done again the next time. *audited* records that the screen passes,
    chosen by *seed*, are judged by pySHACL as well; *anew* chooses among all, and else what was
    offered to an earlier audit is not offered again.
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


@dataclass(frozen=True, slots=True)
class Release:
    """What came of publishing.

    *path* is None when a finding stopped it; then nothing was written. *files* are the paths of
    the files in the release, with their sizes in bytes. There are *unkept* findings more than
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


def publish(
    model: Model,
    data: Path,
    out: Path,
    plan: Plan = Plan(),
    *,
    cluster: Cluster | None = None,
    step: Callable[[str], None] = lambda _: None,
    progress: Progress = lambda _records, _done, _total: None,
) -> Release:
    """Validate the dataset in the folder *data* and write its release to *out*.

    The work is done by *cluster*, and else on this machine. *step* is told what is being done, and
    *progress* how far it is. The old release stays as it was until the new one is whole; so it
    does when a finding stops the work.

    Raises UsageError when *data* is no dataset, PublishError when *out* is not ours to replace
    or cannot be written.
    """
    _check(data, out, plan.rejects)
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
        stopped = Release(None, tuple(findings), stream.tally.records, 0, {}, unkept)
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
            statistics, entries, records = _dumps(stream, draft, dataset, plan, progress)
            _describe(stream, draft, dataset, data, statistics, entries, records)
        return Release(
            out,
            tuple(findings),
            records,
            statistics.triples,
            dict(draft.files),
            unkept,
            rejected,
            len(sample),
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


def _describe(
    stream: Stream,
    draft: Draft,
    dataset: Converted,
    data: Path,
    statistics: Statistics,
    dumps: Sequence[Entry],
    records: int,
) -> None:
    """Write all of the release that is not a dump; the manifest comes last."""
    model = stream.model
    files = dict(_profile(model))
    known: list[Example] = []
    if list((data / "queries").glob("*.rq")):
        known = examples(data / "queries")
        files |= _queries(known, stream.base, model, dataset)
    publisher = _publisher(stream, dataset)
    described = [*dataset.lines, *(publisher.lines if publisher else ())]
    paths = sorted(entry.path for entry in dumps)
    files["void.ttl"] = void(model, dataset.iri, described, stream.base, statistics, paths)
    files["README.md"] = _readme(model, dataset, publisher, records, statistics, dumps, known)
    for path, content in sorted(files.items()):
        draft.write(path, content)
    draft.write(MANIFEST, _manifest(dataset, files, dumps, statistics))


def _publisher(stream: Stream, dataset: Converted) -> Converted | None:
    """Return the record of the dataset's publisher, which describes the dataset along with it."""
    kind = stream.model.classes_by_iri[PREFIXES["dcat"] + "Dataset"]
    field = kind.field_of(PREFIXES["dct"] + "publisher")
    iri = dataset.node.get(field.key) if field else None
    return stream.fetch(iri) if isinstance(iri, str) else None


def _profile(model: Model) -> Iterator[tuple[str, bytes]]:
    folder = model.folder
    for path in (*folder.ontology, *folder.codes, *folder.shapes, folder.context):
        yield path.relative_to(folder.path).as_posix(), path.read_bytes()


def _queries(
    known: Sequence[Example], base: str, model: Model, dataset: Converted
) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for each in known:
        for path in (each.path, each.path.with_suffix(".csv")):
            if path.is_symlink() and not path.resolve().is_relative_to(path.parent.resolve()):
                raise UsageError(f"{path}: a link that leads out of the folder; put the file here")
            if path.is_file():
                try:
                    files[f"queries/{path.name}"] = path.read_bytes()
                except OSError as error:
                    raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    field = model.classes_by_iri[PREFIXES["dcat"] + "Dataset"].field_of(
        PREFIXES["void"] + "sparqlEndpoint"
    )
    endpoint = str(dataset.node.get(field.key, "")) if field else ""
    files["queries/examples.ttl"] = published(
        known, base, endpoint or _LOCAL_ENDPOINT, model.prefixes
    )
    return files


def _manifest(
    dataset: Converted, files: Mapping[str, bytes], dumps: Sequence[Entry], statistics: Statistics
) -> bytes:
    entries: list[dict[str, object]] = []
    for dump in dumps:
        entry: dict[str, object] = {"path": dump.path, "mediaType": dump.media_type}
        if dump.compression != "none":
            entry["compression"] = dump.compression
        entry |= {"bytes": dump.bytes, "sha256": dump.sha256, "triples": statistics.triples}
        entries.append(entry)
    for path, content in files.items():
        entry = {
            "path": path,
            "mediaType": _MEDIA_TYPES[Path(path).suffix],
            "bytes": len(content),
            "sha256": checksum(content),
        }
        if path.endswith(".ttl"):
            entry["triples"] = sum(1 for _ in ox.parse(content, format=ox.RdfFormat.TURTLE))
        entries.append(entry)
    manifest = {
        "generator": GENERATOR,
        "version": __version__,
        "dataset": dataset.iri,
        "files": sorted(entries, key=lambda each: str(each["path"])),
    }
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def _readme(
    model: Model,
    dataset: Converted,
    publisher: Converted | None,
    records: int,
    statistics: Statistics,
    dumps: Sequence[Entry],
    known: Sequence[Example],
) -> bytes:
    """Return the page that a person who opens the release reads first, in each language."""
    parts: list[str] = []
    for language, words in _README.items():
        title = _said(model, dataset, PREFIXES["dct"] + "title", language)
        parts += [f"# {title}", _said(model, dataset, PREFIXES["dct"] + "description", language)]
        licence = _said(model, dataset, PREFIXES["dct"] + "license", language)
        parts.append(
            words["facts"].format(
                records=records,
                triples=statistics.triples,
                licence=licence,
                publisher=_said(model, publisher, PREFIXES["skos"] + "prefLabel", language),
                version=__version__,
            )
        )
        rows = [
            f"| {', '.join(paths)} | {words['dump']} {syntax} |"
            for syntax, paths in _by_syntax(dumps).items()
        ]
        for path, key in (("ontology/", "ontology"), ("shapes/", "shapes"), ("void.ttl", "void")):
            rows.append(f"| `{path}` | {words[key]} |")
        if known:
            rows.append(f"| `queries/` | {words['queries'].format(count=len(known))} |")
        rows.append(f"| `{MANIFEST}` | {words['manifest']} |")
        parts.append("\n".join([f"| {words['file']} | {words['what']} |", "|---|---|", *rows]))
        if known:
            parts.append(words["ask"])
            questions = [f"- `{each.name}`: {each.summary.get(language, '')}" for each in known]
            parts.append("\n".join(questions))
    return ("\n\n".join(parts) + "\n").encode()


def _by_syntax(dumps: Sequence[Entry]) -> dict[str, list[str]]:
    """Return the paths of the dumps, in code marks, by the name of the syntax."""
    names = {form.media_type: form.name for form in FORMATS.values()}
    found: dict[str, list[str]] = {}
    for each in sorted(dumps, key=lambda entry: entry.path):
        found.setdefault(names[each.media_type], []).append(f"`{each.path}`")
    return found


def _said(model: Model, each: Converted | None, path: str, language: str) -> str:
    """Return what a record says for the property *path*, in *language*, on one line."""
    field = model.classes[each.kinds[each.iri]].field_of(path) if each else None
    value = each.node.get(field.key, "") if each and field else ""
    if isinstance(value, Mapping):
        value = value.get(language, "")
    return " ".join(str(value).split())


_README: Mapping[str, Mapping[str, str]] = {
    "da": {
        "facts": "{records} poster, {triples} tripler. Udgiver: {publisher}. Licens: <{licence}>. "
        "Lavet med expatlod {version}.",
        "file": "Fil",
        "what": "Indhold",
        "dump": "alle data som",
        "ontology": "ontologien, konteksten og kodelisterne",
        "shapes": "reglerne, som data er kontrolleret efter (SHACL)",
        "void": "hvor meget der er af hvad (VoID)",
        "queries": "{count} eksempler på spørgsmål (SPARQL) med de svar, de giver",
        "manifest": "størrelse og kontrolsum for hver fil",
        "ask": "Stil et spørgsmål: `expatlod query run NAVN --data .`, hvor NAVN er et af disse:",
    },
    "en": {
        "facts": "{records} records, {triples} triples. Publisher: {publisher}. "
        "Licence: <{licence}>. Made with expatlod {version}.",
        "file": "File",
        "what": "Content",
        "dump": "all the data as",
        "ontology": "the ontology, the context and the codelists",
        "shapes": "the rules that the data was checked against (SHACL)",
        "void": "how much there is of what (VoID)",
        "queries": "{count} example questions (SPARQL) with the answers they give",
        "manifest": "size and checksum of each file",
        "ask": "Ask a question: `expatlod query run NAME --data .`, with NAME one of these:",
    },
}
