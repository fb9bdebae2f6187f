"""Write what static web servers need: types, and where the IRIs of a dataset lead.

A file cannot answer in several syntaxes, but a server can send the asker on: with 303, by what it
accepts, to the file that says it. The rules are for Apache, which w3id.org runs too. Where the IRIs
begin with the address of the site, they stand in the `.htaccess` of the site itself; else in one of
their own, for whoever serves the base.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import pyoxigraph as ox

from expatlod.archive import LATEST, RELEASES
from expatlod.dumps import COMPRESSIONS, FORMATS, SYNTAXES, Entry
from expatlod.namespaces import expand
from expatlod.profile import Model

__all__ = ["hosting"]

#: What a release describes its dataset in: media type -> file.
_CATALOG = MappingProxyType(
    {
        "text/turtle": "catalog.ttl",
        "application/ld+json": "catalog.jsonld",
        "application/rdf+xml": "catalog.rdf",
    }
)

#: Media types by ending, https://www.iana.org/assignments/media-types/
_TYPES = MappingProxyType(
    {
        **{form.suffix: form.media_type for form in FORMATS.values()},
        "atom": "application/atom+xml",
        "csv": "text/csv; charset=utf-8",
        "html": "text/html; charset=utf-8",
        "json": "application/json",
        "md": "text/markdown; charset=utf-8",
        "rq": "application/sparql-query",
        "sig": "text/plain; charset=utf-8",
        "svg": "image/svg+xml",
        "ttl": "text/turtle; charset=utf-8",
        "txt": "text/plain; charset=utf-8",
    }
)

#: What else is said by who wants JSON-LD or a page.
_ALSO = MappingProxyType(
    {"application/json": "application/ld+json", "application/xhtml+xml": "text/html"}
)

_W3ID = "https://w3id.org/"

#: Written for the address of the files where nobody has told it.
_UNKNOWN = "https://HOST/"


def hosting(
    model: Model, *, dataset: str, dumps: Sequence[Entry], base: str, site: str
) -> dict[str, bytes]:
    """Return the files for web servers by their paths in the site.

    *dataset* is the IRI of the dataset, *dumps* the files of the newest release that hold it.
    *base* begins the IRIs of the records, *site* the addresses of the files; both end with a slash.

    The IRIs of the profile are served where they begin with the base of the dataset; a dataset
    that borrows the profile of another has no say in them.
    """
    files = {".htaccess": _types(), ".nojekyll": ""}
    resources = list(_resources(model, dataset, dumps, base))
    if base.startswith(site) and not base.startswith(_W3ID):
        # From the root of the server, so that a preview at another address works too.
        rules = _rules(resources, base.removeprefix(site), urlsplit(site).path)
        files[".htaccess"] += _indented("headers", [_VARY]) + _indented("rewrite", rules)
    else:
        # w3id.org redirects and serves no file: there must be another place.
        there = _UNKNOWN if site.startswith(_W3ID) else site
        files["w3id/.htaccess"] = _redirects(resources, base, there)
        files["w3id/README.md"] = _readme(base, there)
    return {path: text.encode() for path, text in files.items()}


# -- what leads where

#: A comment, a pattern of paths below the base, what is wanted ("" for anything), and the path of
#: the file in the site; in it $1 is what matched the group of the pattern.
_Lead = tuple[str, str, str, str]

# The landing page, and the one of the ontology, in the language that the rules choose.
_PAGE = f"{LATEST}/%{{ENV:PAGE}}"
_DOCUMENTATION = f"{LATEST}/ontology/%{{ENV:PAGE}}"


def _resources(model: Model, dataset: str, dumps: Sequence[Entry], base: str) -> Iterator[_Lead]:
    """Yield where the IRIs of the dataset and of its profile lead; the first that fits counts."""
    profile = [*_ontologies(model, base), *_codelists(model, base)]
    if profile:
        every = "|".join(pattern for _, pattern, _ in profile)
        yield (
            "The ontology and the codelists, for people and for machines",
            every,
            "text/html",
            (_DOCUMENTATION),
        )
    for what, pattern, file in profile:
        yield what, pattern, "", f"{LATEST}/{file}"
    yield "The JSON-LD context", r"context(?:\.jsonld)?", "", f"{LATEST}/ontology/context.jsonld"
    for shapes in sorted(_documents(model.shapes, "sh:NodeShape", base)):
        yield "The shapes, in many files, which the landing page lists", _exactly(shapes), "", _PAGE
    examples = f"{LATEST}/queries"
    yield "The query examples", "query/[^/]+", "text/turtle", f"{examples}/examples.ttl"
    yield "The query examples", "query/prefixes", "", f"{examples}/examples.ttl"
    yield "The query examples", "query/([^/]+)", "", f"{examples}/$1.rq"
    this = _exactly(dataset.removeprefix(base))
    for kind, file in _CATALOG.items():
        yield "The dataset", this, kind, f"{LATEST}/{file}"
    yield "The dataset", this, "", _PAGE
    names = "|".join(sorted(_exactly(each.segment) for each in model.record_classes))
    records = f"id/(?:{names})/[^/]+"
    alone = "A record: there is no file for each, so it is the dump with all of them, or the page"
    for kind, file in _least_compressed(dumps).items():
        yield alone, records, kind, f"{LATEST}/{file}"
    yield alone, records, "", _PAGE


def _ontologies(model: Model, base: str) -> Iterator[tuple[str, str, str]]:
    for path in model.folder.ontology:
        store = _loaded(path)
        versions = {
            quad.object.value
            for quad in store.quads_for_pattern(None, ox.NamedNode(expand("owl:versionIRI")), None)
            if isinstance(quad.object, ox.NamedNode)
        }
        found = _documents(store, "owl:Ontology", base) | _below(versions, base)
        for iri in sorted(found):
            yield "An ontology", _exactly(iri), f"ontology/{path.name}"


def _codelists(model: Model, base: str) -> Iterator[tuple[str, str, str]]:
    """Yield what the codelists and their codes lead to, those with files of their name as one."""
    alike: dict[str, list[str]] = {}
    for path in model.folder.codes:
        for iri in sorted(_documents(_loaded(path), "skos:ConceptScheme", base)):
            name = iri.rpartition("/")[2]
            if name == path.stem:
                alike.setdefault(iri.removesuffix(name), []).append(_exactly(name))
            else:
                pattern = f"{_exactly(iri)}(?:/[^/]+)?"
                yield "A codelist and its codes", pattern, f"ontology/codes/{path.name}"
    for parent, names in sorted(alike.items()):
        pattern = f"{_exactly(parent)}({'|'.join(sorted(names))})(?:/[^/]+)?"
        yield "The codelists and their codes", pattern, "ontology/codes/$1.ttl"


def _loaded(path: Path) -> ox.Store:
    store = ox.Store()
    store.load(path=str(path), format=SYNTAXES[path.suffix])
    return store


def _documents(store: ox.Store, kind: str, base: str) -> set[str]:
    """Return the paths below *base* that are asked for when the nodes of a *kind* are looked up."""
    quads = store.quads_for_pattern(
        None, ox.NamedNode(expand("rdf:type")), ox.NamedNode(expand(kind))
    )
    found = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    return _below(found, base)


def _below(iris: set[str], base: str) -> set[str]:
    documents = {iri.partition("#")[0] for iri in iris}
    return {iri.removeprefix(base) for iri in documents if iri.startswith(base)} - {""}


def _least_compressed(dumps: Sequence[Entry]) -> dict[str, str]:
    """Return a file for each media type, in order of the media types."""
    order = list(COMPRESSIONS)
    found: dict[str, str] = {}
    for each in sorted(dumps, key=lambda each: order.index(each.compression)):
        found.setdefault(each.media_type, each.path)
    return dict(sorted(found.items()))


# -- how Apache is told, https://httpd.apache.org/docs/2.4/

# Pages of others may ask, redirects included.
_OPEN = 'Header always set Access-Control-Allow-Origin "*"'

# A cache must not hand the answer to one who accepts something else.
_VARY = 'Header always merge Vary "Accept, Accept-Language" "expr=%{REQUEST_STATUS} == 303"'


def _types() -> str:
    """Return the part that holds for every file: its media type, and that all may read it."""
    packed = {each.suffix: each.media_type for each in COMPRESSIONS.values() if each.suffix}
    lines = [
        "# Written by expatlod, which replaces it with the next release.",
        "",
        "DirectoryIndex index.html",
        "",
        *(f'AddType "{kind}" .{ending}' for ending, kind in sorted(_TYPES.items())),
        "",
        "# A compressed dump is a file of its own, not a way to send another one.",
        f"RemoveEncoding {' '.join(sorted(packed))}",
        *(f'AddType "{kind}" {suffix}' for suffix, kind in sorted(packed.items())),
    ]
    return "\n".join(lines) + "\n" + _indented("headers", [_OPEN])


def _indented(module: str, lines: Sequence[str]) -> str:
    """Return *lines* for servers that have a *module*, after an empty line."""
    inner = "".join(f"  {line}\n" if line else "\n" for line in lines)
    return f"\n<IfModule mod_{module}.c>\n{inner}</IfModule>\n"


def _rules(resources: Sequence[_Lead], inside: str, target: str) -> list[str]:
    """Return the rules for paths that begin with *inside*, which lead to files below *target*."""
    lines = [
        "RewriteEngine on",
        "",
        "# What is wanted: the first in Accept that there can be. Weights are not compared, but",
        "# what has the weight 0 is not wanted.",
        *_wishes(),
        "",
        "# People who do not read Danish first get the English page.",
        "RewriteRule ^ - [E=PAGE:index.html]",
        r"RewriteCond %{HTTP:Accept-Language} ^\s*(?!da\b)[a-z] [NC]",
        "RewriteRule ^ - [E=PAGE:index.en.html]",
    ]
    last = ""
    for what, pattern, wanted, file in resources:
        if what != last:
            lines += ["", f"# {what}."]
            last = what
        if wanted:
            lines.append(f"RewriteCond %{{ENV:WANTED}} ={wanted} [NC]")
        lines.append(
            f"RewriteRule ^{_exactly(inside)}(?:{pattern})/?$ {_literal(target)}{file} [R=303,NE,L]"
        )
    return lines


def _wishes() -> Iterator[str]:
    kinds = [*(form.media_type for form in FORMATS.values()), "text/html", *_ALSO]
    every = "|".join(map(_exactly, kinds))
    first = rf"^.*?({every})(?![^,]*;\s*q=0(?:\.0*)?\s*(?:,|$))"
    yield f"RewriteCond %{{HTTP_ACCEPT}} {first} [NC]"
    yield "RewriteRule ^ - [E=WANTED:%1]"
    for other, wanted in _ALSO.items():
        yield f"RewriteCond %{{ENV:WANTED}} ={other} [NC]"
        yield f"RewriteRule ^ - [E=WANTED:{wanted}]"


def _exactly(text: str) -> str:
    """Return the pattern of *text*; `re.escape` escapes more than is good to read."""
    return re.sub(r"([.+*?()\[\]{}|^$\\])", r"\\\1", text)


def _literal(text: str) -> str:
    return re.sub(r"([%$\\])", r"\\\1", text)


def _redirects(resources: Sequence[_Lead], base: str, site: str) -> str:
    """Return the file for who serves *base*: all that is asked for there is at *site*."""
    as_it_is = rf"((?:{RELEASES}|{LATEST})/.*|[^/]+\.(?:ttl|atom|json))?"
    lines = [
        f"# {base} leads to {site}",
        "# Written by expatlod from the dataset and its profile.",
        *_indented("headers", [_OPEN, _VARY]).splitlines(),
        "",
        *_rules(resources, "", site),
        "",
        "# Releases, the newest one, and what stands beside them.",
        f"RewriteRule ^{as_it_is}$ {_literal(site)}$0 [R=303,NE,L]",
    ]
    return "\n".join(lines) + "\n"


_TO_FILL_IN = " (write the address here and in `.htaccess`, or `site:` in the dataset's record)"


def _readme(base: str, site: str) -> str:
    name = base.removeprefix(_W3ID).strip("/")
    if base.startswith(_W3ID):
        what = (
            f"Put this folder as `{name}/` into https://github.com/perma-id/w3id.org with a pull\n"
            "request, and write below which GitHub users answer for it."
        )
    else:
        what = (
            f"Put `.htaccess` where {base} is served, by Apache with mod_rewrite,\n"
            "and write below who answers for it."
        )
    return f"""\
# {name}

Persistent IRIs of a dataset that is published as linked open data: `.htaccess` sends whoever looks
one up to the file that says what it stands for, by the media types and language they accept.

{what}

- IRIs: {base}
- Files: {site}{_TO_FILL_IN if site == _UNKNOWN else ""}
- Maintainers:
"""
