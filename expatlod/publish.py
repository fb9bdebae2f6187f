"""Make a release: dumps, ontology, shapes, queries, description and manifest, all or nothing.

This composes the release in memory; `release` writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyoxigraph as ox

from expatlod import __version__
from expatlod.catalog import void
from expatlod.collection import DATASET, Collection, gather
from expatlod.convert import Converted
from expatlod.dumps import FORMATS, checksum, ntriples, serialize
from expatlod.errors import ERROR, Finding, Location, UsageError
from expatlod.examples import Example, examples, published
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model
from expatlod.release import GENERATOR, MANIFEST, check_place, replace

__all__ = ["Release", "publish"]

#: Where `oxigraph serve` answers when it is started without options.
_LOCAL_ENDPOINT = "http://localhost:7878/query"

_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".md": "text/markdown",
    ".rq": "application/sparql-query",
    **{f".{form.suffix}": form.media_type for form in FORMATS.values()},
}


@dataclass(frozen=True, slots=True)
class Release:
    """What came of publishing.

    *path* is None when a finding stopped it; then nothing was written. *files* are the paths of
    the files in the release, with their sizes in bytes.
    """

    path: Path | None
    findings: tuple[Finding, ...]
    records: int
    triples: int
    files: Mapping[str, int]


def publish(
    model: Model, data: Path, out: Path, *, step: Callable[[str], None] = lambda _: None
) -> Release:
    """Validate the dataset in the folder *data* and write its release to *out*.

    *step* is told what is being done. The old release stays as it was until the new one is
    whole; so it does when a finding stops the work.

    Raises UsageError when *data* is no dataset, PublishError when *out* is not ours to replace
    or cannot be written.
    """
    _check(data, out)
    step("reading")
    collection = gather(model, [data])
    step("validating")
    findings = collection.validate()
    if collection.dataset is None and not any(each.severity == ERROR for each in findings):
        findings.append(_no_dataset(data))
    if any(each.severity == ERROR for each in findings):
        return Release(None, tuple(findings), len(collection.records), 0, {})
    step("writing")
    contents = dict(_contents(collection, data))
    replace(out, contents)
    return Release(
        out,
        tuple(findings),
        len(collection.records),
        sum(len(each.lines) for each in collection.records),
        {path: len(content) for path, content in contents.items()},
    )


def _check(data: Path, out: Path) -> None:
    if not data.is_dir():
        raise UsageError(f"{data}: not a folder; name the folder that holds {DATASET}")
    check_place(out, data)


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


# -- what a release holds


def _contents(collection: Collection, data: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the path and content of every file of the release; the manifest comes last."""
    model, dataset = collection.model, collection.dataset
    assert dataset is not None
    name = dataset.iri.rpartition("/")[2]
    triples = ntriples(collection.records)
    dumps: dict[str, bytes] = {}
    for key, form in FORMATS.items():
        dumps[f"dump/{name}.{form.suffix}"] = serialize(model, collection.records, key)
    files = dict(dumps)
    files |= dict(_profile(model))
    known: list[Example] = []
    if list((data / "queries").glob("*.rq")):
        known = examples(data / "queries")
        files |= _queries(known, collection.base, model, dataset)
    publisher = _publisher(model, collection)
    described = [*dataset.lines, *(publisher.lines if publisher else ())]
    files["void.ttl"] = void(model, dataset.iri, described, collection.base, triples, sorted(dumps))
    files["README.md"] = _readme(
        model, dataset, publisher, collection.records, triples, sorted(dumps), known
    )
    files = dict(sorted(files.items()))
    yield from files.items()
    counts = {path: triples.count(b"\n") for path in dumps}
    for path, content in files.items():
        if path.endswith(".ttl") and path not in counts:
            counts[path] = sum(1 for _ in ox.parse(content, format=ox.RdfFormat.TURTLE))
    yield MANIFEST, _manifest(dataset, files, counts)


def _publisher(model: Model, collection: Collection) -> Converted | None:
    """Return the record of the dataset's publisher, which describes the dataset along with it."""
    assert collection.dataset is not None
    field = model.classes_by_iri[PREFIXES["dcat"] + "Dataset"].field_of(
        PREFIXES["dct"] + "publisher"
    )
    iri = collection.dataset.node.get(field.key) if field else None
    return next((each for each in collection.records if each.iri == iri), None)


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


def _manifest(dataset: Converted, files: Mapping[str, bytes], counts: Mapping[str, int]) -> bytes:
    entries = []
    for path, content in files.items():
        entry: dict[str, object] = {
            "path": path,
            "mediaType": _MEDIA_TYPES[Path(path).suffix],
            "bytes": len(content),
            "sha256": checksum(content),
        }
        if path in counts:
            entry["triples"] = counts[path]
        entries.append(entry)
    manifest = {
        "generator": GENERATOR,
        "version": __version__,
        "dataset": dataset.iri,
        "files": entries,
    }
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def _readme(
    model: Model,
    dataset: Converted,
    publisher: Converted | None,
    records: Sequence[Converted],
    triples: bytes,
    dumps: Sequence[str],
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
                records=len(records),
                triples=triples.count(b"\n"),
                licence=licence,
                publisher=_said(model, publisher, PREFIXES["skos"] + "prefLabel", language),
                version=__version__,
            )
        )
        names = {f".{form.suffix}": form.name for form in FORMATS.values()}
        rows = [f"| `{path}` | {words['dump']} {names[Path(path).suffix]} |" for path in dumps]
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
