"""Write what stands in a release beside its dumps: what describes them, and what explains them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyoxigraph as ox

from expatlod import __version__
from expatlod.archive import MANIFEST, File
from expatlod.catalog.void import void
from expatlod.convert import Converted
from expatlod.dumps import FORMATS, SYNTAXES, Entry, checksum
from expatlod.edition import Edition
from expatlod.errors import UsageError
from expatlod.examples import Example, published
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model
from expatlod.resources import default_profile

__all__ = ["described", "dumped", "enclosed", "listed"]

#: Where `oxigraph serve` answers when it is started without options.
_LOCAL_ENDPOINT = "http://localhost:7878/query"

_MEDIA_TYPES = {
    ".atom": "application/atom+xml",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".rq": "application/sparql-query",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    **{f".{form.suffix}": form.media_type for form in FORMATS.values()},
}


def enclosed(
    model: Model, dataset: Converted, base: str, known: Sequence[Example]
) -> dict[str, bytes]:
    """Return the files that explain the data: the profile, and the queries with their answers.

    They do not depend on when the release is made, nor on those before it.
    """
    return {**dict(_profile(model)), **_queries(known, base, model, dataset)}


def described(edition: Edition) -> dict[str, bytes]:
    """Return the files that describe the release."""
    return {
        "void.ttl": _void(edition),
        "README.md": _readme(edition),
    }


def listed(files: Mapping[str, bytes]) -> list[File]:
    """Return how a manifest lists *files*."""
    return [_file(path, content) for path, content in files.items()]


def dumped(dump: Entry, triples: int) -> File:
    """Return how a manifest lists a dump that holds so many *triples*."""
    packed = "" if dump.compression == "none" else dump.compression
    return File(dump.path, dump.media_type, dump.bytes, dump.sha256, packed, triples)


def _file(path: str, content: bytes) -> File:
    ending = Path(path).suffix
    triples = None
    # A context is JSON-LD, and says nothing.
    if ending in SYNTAXES and Path(path).name != "context.jsonld":
        triples = sum(1 for _ in ox.parse(content, format=SYNTAXES[ending]))
    media_type = _MEDIA_TYPES.get(ending, "application/octet-stream")
    return File(path, media_type, len(content), checksum(content), triples=triples)


def _profile(model: Model) -> Iterator[tuple[str, bytes]]:
    folder = model.folder
    for path in (*folder.ontology, *folder.codes, *folder.shapes, folder.context):
        yield path.relative_to(folder.path).as_posix(), path.read_bytes()
    # What catalogues are held to is the same for every profile.
    folder = default_profile()
    for path in folder.catalog_shapes:
        yield path.relative_to(folder.path).as_posix(), path.read_bytes()


def _queries(
    known: Sequence[Example], base: str, model: Model, dataset: Converted
) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    if not known:
        return files
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


def _void(edition: Edition) -> bytes:
    publisher = edition.publisher.lines if edition.publisher else ()
    return void(
        edition.model,
        edition.iri,
        [*edition.dataset.lines, *publisher],
        edition.base,
        edition.statistics,
        sorted(each.path for each in edition.dumps),
    )


def _readme(edition: Edition) -> bytes:
    """Return the page that a person who opens the release reads first, in each language."""
    model, dataset, known = edition.model, edition.dataset, edition.examples
    parts: list[str] = []
    for language, words in _README.items():
        title = _said(model, dataset, PREFIXES["dct"] + "title", language)
        parts += [f"# {title}", _said(model, dataset, PREFIXES["dct"] + "description", language)]
        licence = _said(model, dataset, PREFIXES["dct"] + "license", language)
        parts.append(
            words["facts"].format(
                records=edition.records,
                triples=edition.statistics.triples,
                licence=licence,
                publisher=_said(model, edition.publisher, PREFIXES["skos"] + "prefLabel", language),
                version=__version__,
            )
        )
        rows = [
            f"| {', '.join(paths)} | {words['dump']} {syntax} |"
            for syntax, paths in _by_syntax(edition.dumps).items()
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
