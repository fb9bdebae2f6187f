"""Write what stands in a release beside its dumps: what describes them, and what explains them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import pyoxigraph as ox

from expatlod import __version__
from expatlod.archive import MANIFEST, File, Release
from expatlod.catalog.dcat import catalog
from expatlod.catalog.provenance import provenance
from expatlod.catalog.record import author
from expatlod.catalog.schema_org import schema_org
from expatlod.catalog.series import series
from expatlod.catalog.syntaxes import written
from expatlod.catalog.void import void
from expatlod.convert import Converted
from expatlod.diff.markdown import escaped
from expatlod.dumps import FORMATS, MEDIA_TYPES, SYNTAXES, Entry, checksum, turtle
from expatlod.edition import Edition
from expatlod.errors import Text, UsageError
from expatlod.examples import published
from expatlod.feed import FEED, feed
from expatlod.hosting import hosting
from expatlod.namespaces import PREFIXES, expand
from expatlod.pages import front, pages
from expatlod.profile import Model
from expatlod.resources import default_profile

__all__ = ["CHANGES", "SERIES", "beside", "described", "dumped", "enclosed", "json", "listed"]

#: The file that tells what has changed since the release before.
CHANGES = "CHANGES.md"

#: The file beside the releases that describes them all.
SERIES = "series.ttl"

#: Where `oxigraph serve` answers when it is started without options.
_LOCAL_ENDPOINT = "http://localhost:7878/query"


def enclosed(edition: Edition) -> dict[str, bytes]:
    """Return the files that explain the data: the profile, and the queries with their answers.

    They do not depend on when the release is made, nor on those before it.
    """
    return {**dict(_profile(edition.model)), **dict(_queries(edition))}


def described(edition: Edition, enclosed: Collection[str]) -> dict[str, bytes]:
    """Return the files that describe the release; *enclosed* are the paths of the others."""
    prefixes = {**PREFIXES, **edition.model.prefixes}
    description = schema_org(edition)
    sources = [("records", edition.read, edition.source)] if edition.source else []
    files = {
        f"catalog{ending}": text
        for ending, text in written(catalog(edition), edition.model).items()
    }
    files |= {
        "void.ttl": turtle(_text(void(edition)), prefixes),
        "provenance.ttl": turtle(_text(provenance(edition, sources)), prefixes),
        "dataset.jsonld": json(description),
        "README.md": _readme(edition),
    }
    others = [*enclosed, *files, *(each.path for each in edition.dumps), CHANGES, MANIFEST]
    return files | pages(edition, others, description)


def beside(edition: Edition, releases: Sequence[Release]) -> dict[str, bytes]:
    """Return the files that stand beside the *releases*, of which *edition* is the newest."""
    model = edition.model
    files = {
        SERIES: turtle(_text(series(edition, releases)), model.prefixes),
        FEED: feed(edition.site, author(edition).title, _first(author(edition).name), releases),
        **hosting(
            model,
            dataset=edition.iri,
            dumps=edition.dumps,
            base=edition.base,
            site=edition.site,
        ),
    }
    return files | front(edition, releases, [*files])


def _first(text: Text) -> str:
    """Return *text* in the first language that it has."""
    return next(iter(text.values()), "")


def json(value: object) -> bytes:
    """Return *value* as JSON for people to read, too."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _text(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


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
        try:
            triples = sum(1 for _ in ox.parse(content, format=SYNTAXES[ending]))
        except (SyntaxError, ValueError) as error:
            # Ours are right: this one the user wants to go along.
            raise UsageError(f"{path}: cannot be read as RDF: {error}; mend it") from error
    media_type = MEDIA_TYPES.get(ending, "application/octet-stream")
    return File(path, media_type, len(content), checksum(content), triples=triples)


def _profile(model: Model) -> Iterator[tuple[str, bytes]]:
    folder = model.folder
    for path in (*folder.ontology, *folder.codes, *folder.shapes, folder.context):
        yield path.relative_to(folder.path).as_posix(), path.read_bytes()
    # What catalogues are made of and held to is the same for every profile.
    folder = default_profile()
    for path in (*folder.authorities, *folder.catalog_shapes):
        yield path.relative_to(folder.path).as_posix(), path.read_bytes()


def _queries(edition: Edition) -> Iterator[tuple[str, bytes]]:
    for each in edition.examples:
        for path in (each.path, each.path.with_suffix(".csv")):
            if path.is_symlink() and not path.resolve().is_relative_to(path.parent.resolve()):
                raise UsageError(f"{path}: a link that leads out of the folder; put the file here")
            if path.is_file():
                try:
                    yield f"queries/{path.name}", path.read_bytes()
                except OSError as error:
                    raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    if edition.examples:
        endpoint = _said(edition.model, edition.dataset, expand("void:sparqlEndpoint"), "")
        yield (
            "queries/examples.ttl",
            published(
                edition.examples,
                edition.base,
                endpoint or _LOCAL_ENDPOINT,
                edition.model.prefixes,
            ),
        )


def _readme(edition: Edition) -> bytes:
    """Return the page that a person who opens the release reads first, in each language."""
    model, dataset, known = edition.model, edition.dataset, edition.examples
    parts: list[str] = []
    for language, words in _README.items():
        title = _said(model, dataset, PREFIXES["dct"] + "title", language)
        description = _said(model, dataset, PREFIXES["dct"] + "description", language)
        parts += [f"# {escaped(title)}", escaped(description)]
        licence = _said(model, dataset, PREFIXES["dct"] + "license", language)
        parts.append(
            words["facts"].format(
                records=edition.records,
                triples=edition.statistics.triples,
                licence=licence,
                publisher=escaped(author(edition).name.get(language, "")),
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
