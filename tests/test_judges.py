"""What is published is read alike by parsers that others wrote, in several languages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from pyld import jsonld

ROOT = Path(__file__).resolve().parent.parent

#: Where `make test` puts N3.js and jsonld.js.
MODULES = ROOT / ".venv" / "judges" / "node_modules"

SYNTAXES = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}


def _canonical(data: bytes, syntax: ox.RdfFormat) -> set[str]:
    """The triples, with blank nodes named by RDF Dataset Canonicalization."""
    dataset = ox.Dataset(ox.parse(data, format=syntax, base_iri="https://example.org/"))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def _lines(data: bytes) -> set[str]:
    return _canonical(data, ox.RdfFormat.N_QUADS)


@pytest.fixture(scope="session")
def published(site: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Copies of all the RDF files in what `publish` writes, RDF/XML dumps included."""
    folder = tmp_path_factory.mktemp("judged")
    shutil.copytree(site, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("releases"))
    return sorted(
        path
        for path in folder.rglob("*")
        # A context says nothing.
        if path.suffix in SYNTAXES and path.name != "context.jsonld"
    )


@pytest.fixture(scope="session")
def expected(published: list[Path]) -> Mapping[Path, set[str]]:
    return {path: _canonical(path.read_bytes(), SYNTAXES[path.suffix]) for path in published}


def _needed(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is missing; `make test` installs it"
    return found


def _with_rdflib(paths: Iterable[Path]) -> dict[Path, bytes]:
    formats = {".ttl": "turtle", ".nt": "nt", ".rdf": "xml", ".jsonld": "json-ld"}
    read = {}
    for path in paths:
        graph = rdflib.Graph()
        # Lexical forms are compared, so none may be tidied up.
        normalized, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
        try:
            graph.parse(path, format=formats[path.suffix], publicID="https://example.org/")
        finally:
            rdflib.NORMALIZE_LITERALS = normalized
        read[path] = graph.serialize(format="nt", encoding="utf-8")
    return read


def _with_raptor(paths: Iterable[Path]) -> dict[Path, bytes]:
    names = {".ttl": "turtle", ".nt": "ntriples", ".rdf": "rdfxml"}
    rapper = _needed("rapper")
    return {
        path: subprocess.run(
            [rapper, "-q", "-i", names[path.suffix], path, "https://example.org/"],
            capture_output=True,
            check=True,
        ).stdout
        for path in paths
    }


def _with_serd(paths: Iterable[Path]) -> dict[Path, bytes]:
    names = {".ttl": "turtle", ".nt": "ntriples"}
    serdi = _needed("serdi")
    return {
        path: subprocess.run(
            [serdi, "-i", names[path.suffix], "-o", "ntriples", path, "https://example.org/"],
            capture_output=True,
            check=True,
        ).stdout
        for path in paths
    }


def _with_node(script: str, ending: str, paths: Iterable[Path]) -> dict[Path, bytes]:
    assert MODULES.is_dir(), f"{MODULES} is missing; `make test` installs N3.js and jsonld.js"
    wanted = list(paths)
    done = subprocess.run(
        ["node", ROOT / "tests" / "judges" / script, *wanted],
        env={**os.environ, "MODULES": str(MODULES)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {path: Path(f"{path}{ending}").read_bytes() for path in wanted}


def _with_n3js(paths: Iterable[Path]) -> dict[Path, bytes]:
    return _with_node("n3.cjs", ".n3js", paths)


def _with_jsonldjs(paths: Iterable[Path]) -> dict[Path, bytes]:
    return _with_node("jsonld.cjs", ".jsonldjs", paths)


def _with_pyld(paths: Iterable[Path]) -> dict[Path, bytes]:
    return {
        path: jsonld.to_rdf(
            json.loads(path.read_bytes()), {"format": "application/n-quads"}
        ).encode()
        for path in paths
    }


#: Who reads what: each syntax has two judges or more beside pyoxigraph.
JUDGES = [
    pytest.param(_with_rdflib, (".ttl", ".nt", ".rdf", ".jsonld"), id="rdflib"),
    pytest.param(_with_raptor, (".ttl", ".nt", ".rdf"), id="raptor"),
    pytest.param(_with_serd, (".ttl", ".nt"), id="serd"),
    pytest.param(_with_n3js, (".ttl", ".nt"), id="N3.js"),
    pytest.param(_with_jsonldjs, (".jsonld",), id="jsonld.js"),
    pytest.param(_with_pyld, (".jsonld",), id="PyLD"),
]


@pytest.mark.parametrize(("judge", "endings"), JUDGES)
def test_every_published_file_is_the_same_graph_to_another_parser(
    judge: Callable[[Iterable[Path]], dict[Path, bytes]],
    endings: tuple[str, ...],
    published: list[Path],
    expected: Mapping[Path, set[str]],
) -> None:
    read = judge([path for path in published if path.suffix in endings])

    assert len(read) > 0
    odd = {path.name: _lines(data) ^ expected[path] for path, data in read.items()}
    assert {name: sorted(lines)[:4] for name, lines in odd.items() if lines} == {}


def test_every_syntax_that_is_published_has_two_judges(published: list[Path]) -> None:
    judged = [ending for each in JUDGES for ending in each.values[1]]  # type: ignore[union-attr]

    assert {path.suffix for path in published if judged.count(path.suffix) < 2} == set()
