"""Verifying: a good release has no faults, and whatever was done to one is told where it is."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

import msgspec
import pyoxigraph as ox
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expatlod.archive import GENERATOR, File, Listed, Manifest, Site
from expatlod.errors import ERROR, NOTE, Finding, UsageError
from expatlod.signature import sign
from expatlod.verify import MOST, verify
from expatlod.verify import graph as graphs
from expatlod.verify.names import Names, undescribed

#: Runs `expatlod` in a process of its own, see conftest.py.
Command = Callable[..., subprocess.CompletedProcess[str]]

BASE = "https://example.org/"
DATASET = f"{BASE}id/dataset/harbours"

#: What a release of the tests holds, as N-Triples.
DATA = f"""\
<{BASE}id/harbour/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{BASE}ns#Harbour> .
<{BASE}id/harbour/a> <{BASE}ns#name> "Å"@da .
<{BASE}id/harbour/a> <{BASE}ns#near> <{BASE}id/harbour/b> .
<{BASE}id/harbour/b> <{BASE}ns#name> "see <{BASE}id/harbour/nowhere> \\"b\\"" .
""".encode()

ONTOLOGY = f"""\
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix ns: <{BASE}ns#> .

<{BASE}ns> a owl:Ontology ; owl:versionIRI <{BASE}ns/1.0> .
ns:Harbour a owl:Class .
ns:name a owl:DatatypeProperty .
ns:near a owl:ObjectProperty .
"""

VOID = f"""\
@prefix void: <http://rdfs.org/ns/void#> .

<{DATASET}> a void:Dataset ;
    void:uriSpace "{BASE}" ;
    void:vocabulary <{BASE}ns#> ;
    void:dataDump <{BASE}releases/VERSION/dump/harbours.nt> ;
    void:triples 4 .
"""

CATALOG = f"""\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<{DATASET}> dcat:distribution <{DATASET}#dump-nt> .
<{DATASET}#dump-nt> dcat:downloadURL <{BASE}releases/VERSION/dump/harbours.nt> ;
    dcat:byteSize BYTES ;
    spdx:checksum <{DATASET}#dump-nt-sum> .
<{DATASET}#dump-nt-sum> spdx:checksumValue "SUM"^^xsd:hexBinary .
"""

EXAMPLES = f"""\
@prefix sh: <http://www.w3.org/ns/shacl#> .

<{BASE}query/01-all> a sh:SPARQLExecutable ; sh:select "SELECT * {{ ?s ?p ?o }}" .
"""

PAGE = f"""<!doctype html>
<html><head><title>x</title></head><body>
<h1 id="top-of-it">Harbours</h1>
<a href="ontology/ns.ttl">terms</a> <a href="#top-of-it">up</a>
<a href="{BASE}ns#name">name</a> <a href="https://example.com/else">other</a>
<a href="{BASE}latest/void.ttl">newest</a>
</body></html>
"""

README = """\
# Harbours

See [the list](index.html#top-of-it) and `[code](nowhere.html)`.
"""

MEDIA_TYPES = {
    ".ttl": "text/turtle",
    ".nt": "application/n-triples",
    ".rdf": "application/rdf+xml",
    ".jsonld": "application/ld+json",
    ".html": "text/html",
    ".md": "text/markdown",
    ".rq": "application/sparql-query",
}
PACKINGS = {".gz": "gzip", ".zst": "zstd"}
SYNTAXES = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}


def rewritten(data: bytes, ending: str) -> bytes:
    """Return N-Triples in another syntax."""
    found = ox.serialize(ox.parse(data, format=ox.RdfFormat.N_TRIPLES), format=SYNTAXES[ending])
    assert found is not None
    return found


def contents(version: str, data: bytes = DATA) -> dict[str, bytes]:
    """Return the files of a release."""
    catalog = CATALOG.replace("BYTES", str(len(data))).replace("SUM", sha256(data).hexdigest())
    turtle = rewritten(data, ".ttl")
    return {
        "README.md": README.encode(),
        "catalog.ttl": catalog.replace("VERSION", version).encode(),
        "dump/harbours.jsonld": rewritten(data, ".jsonld"),
        "dump/harbours.nt": data,
        "dump/harbours.nt.zst": zstandard.compress(data),
        "dump/harbours.rdf": rewritten(data, ".rdf"),
        "dump/harbours.ttl": turtle,
        "dump/harbours.ttl.gz": gzip.compress(turtle, mtime=0),
        "index.html": PAGE.encode(),
        "ontology/ns.ttl": ONTOLOGY.encode(),
        "queries/01-all.rq": b"SELECT * { ?s ?p ?o }\n",
        "queries/examples.ttl": EXAMPLES.encode(),
        "void.ttl": VOID.replace("VERSION", version).encode(),
    }


def listed(files: Mapping[str, bytes]) -> list[File]:
    return [entry(path, content) for path, content in sorted(files.items())]


def entry(path: str, content: bytes) -> File:
    packing = PACKINGS.get(Path(path).suffix, "")
    ending = Path(path.removesuffix(Path(path).suffix) if packing else path).suffix
    text = content
    if packing:
        text = gzip.decompress(content) if packing == "gzip" else zstandard.decompress(content)
    triples = None
    if ending in SYNTAXES:
        triples = sum(1 for _ in ox.parse(text, format=SYNTAXES[ending]))
    media_type = MEDIA_TYPES[ending]
    digest = sha256(content).hexdigest()
    return File(path, media_type, len(content), digest, packing, triples)


def encoded(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def manifest(version: str, files: list[File], previous: str = "", day: int = 1) -> Manifest:
    return Manifest(
        generator=GENERATOR,
        version="0.1.0",
        dataset=DATASET,
        release=version,
        issued=f"2026-01-{day:02}T12:00:00Z",
        site=BASE,
        content="0" * 64,
        records=2,
        triples=4,
        previous=previous,
        files=files,
    )


def released(folder: Path, version: str, files: Mapping[str, bytes], /, **more: object) -> Manifest:
    """Write a release; *more* is said in its manifest."""
    known = listed(files)
    write(folder, files)
    made = msgspec.structs.replace(manifest(version, known), **more)
    (folder / "manifest.json").write_bytes(encoded(made))
    return made


def published(out: Path, *releases: Mapping[str, bytes]) -> Path:
    """Write a site with these releases, called 1, 2, …; oldest first."""
    found = []
    for number, files in enumerate(releases, 1):
        folder = out / "releases" / str(number)
        previous = str(number - 1) if number > 1 else ""
        issued = f"2026-01-{number:02}T12:00:00Z"
        released(folder, str(number), files, previous=previous, issued=issued)
        digest = sha256((folder / "manifest.json").read_bytes()).hexdigest()
        found.append(Listed(str(number), issued, digest))
    shutil.copytree(out / "releases" / str(len(releases)), out / "latest")
    beside = {
        "index.html": f'<a href="releases/{len(releases)}/index.html">newest</a>'.encode(),
        "series.ttl": f"<{BASE}releases/1/> <{BASE}ns#near> <{DATASET}> .".encode(),
    }
    write(out, beside)
    relist(out, found, beside)
    return out


def relist(out: Path, releases: list[Listed], beside: Mapping[str, bytes]) -> None:
    (out / "releases.json").write_bytes(encoded(Site(GENERATOR, DATASET, releases, listed(beside))))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A site with two releases."""
    return published(tmp_path / "public", contents("1"), contents("2"))


def remade(tmp_path: Path, changes: Mapping[str, bytes], **more: object) -> Path:
    """Return a release alone in which some files are others, as its manifest says."""
    folder = tmp_path / "release"
    released(folder, "1", {**contents("1"), **changes}, **more)
    return folder


def told(folder: Path, *arguments: object, **options: object) -> list[tuple[str, str, int]]:
    """Return code, path in the folder, and line of each error."""
    found = verify(folder, *arguments, **options)  # type: ignore[arg-type]
    return [
        (each.rule, Path(each.at.path).relative_to(folder).as_posix(), each.at.line)
        for each in found.findings
        if each.severity == ERROR
    ]


def faults(folder: Path) -> tuple[Finding, ...]:
    return verify(folder).findings


# -- what is good


def test_site_as_published_has_no_faults(out: Path) -> None:
    assert verify(out).findings == ()


def test_it_is_said_how_much_was_looked_through(out: Path) -> None:
    found = verify(out)

    assert (found.releases, found.files) == (2, 2 * len(contents("1")) + 2)


def test_release_alone_has_no_faults_but_nothing_vouches_for_its_manifest(tmp_path: Path) -> None:
    assert [(each.severity, each.rule) for each in faults(remade(tmp_path, {}))] == [
        (NOTE, "release:alone")
    ]


def test_several_processes_find_the_same(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("expatlod.verify._LITTLE", 0)
    (out / "releases/1/void.ttl").unlink()

    assert told(out, jobs=2) == told(out, jobs=1) == [("release:missing", "releases/1/void.ttl", 0)]


def test_latest_may_consist_of_hard_links(out: Path) -> None:
    shutil.rmtree(out / "latest")
    shutil.copytree(out / "releases/2", out / "latest", copy_function=os.link)

    assert told(out) == []


def test_what_publish_writes_of_the_shipped_data_has_no_faults(site: Path) -> None:
    assert told(site) == []


# -- one byte

EVERY = sorted(
    [
        *(f"releases/1/{path}" for path in (*contents("1"), "manifest.json")),
        *(f"latest/{path}" for path in (*contents("1"), "manifest.json")),
        *("index.html", "releases.json", "series.ttl"),
    ]
)


def flipped(path: Path, place: float, mask: int) -> None:
    """Change one byte of a file; *place* is where, from 0 to 1."""
    data = bytearray(path.read_bytes() or b"\0")
    data[round(place * (len(data) - 1))] ^= mask
    path.write_bytes(data)


@pytest.mark.parametrize("path", EVERY)
@pytest.mark.parametrize("place", [0, 0.37, 1])
def test_one_byte_that_changed_is_found_in_every_file(out: Path, path: str, place: float) -> None:
    flipped(out / path, place, 1)

    assert path in {where for _, where, _ in told(out)}


def test_one_byte_that_changed_is_found_in_every_file_that_publish_writes(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("expatlod.verify.parts.MOST", 10_000)
    out = Path(shutil.copytree(site, tmp_path / "public"))
    paths = [path for path in out.rglob("*") if path.is_file() and path.suffix != ".json"]
    for number, path in enumerate(paths):
        flipped(path, number / len(paths), 1)

    assert {out / where for _, where, _ in told(out)} == {*paths}


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.floats(0, 1), bit=st.integers(0, 7))
def test_one_bit_of_the_list_of_releases_is_found(out: Path, place: float, bit: int) -> None:
    listing = out / "releases.json"
    before = listing.read_bytes()
    flipped(listing, place, 1 << bit)
    try:
        assert told(out)
    finally:
        listing.write_bytes(before)


def test_one_byte_of_a_signed_release_alone_is_found(tmp_path: Path) -> None:
    folder = remade(tmp_path, {})
    key = made_key(tmp_path)
    raw = (folder / "manifest.json").read_bytes()
    (folder / "manifest.json.sig").write_bytes(sign(raw, key))
    (folder / "manifest.json").write_bytes(raw.replace(b'"records": 2', b'"records": 3'))

    assert told(folder) == [("release:signature", "manifest.json.sig", 0)]


def made_key(folder: Path) -> Path:
    """Return a new key for signing."""
    key = folder / "key"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True
    )
    return key


# -- files that are not as they are listed


def test_file_that_is_gone_is_told(out: Path) -> None:
    (out / "releases/1/dump/harbours.nt").unlink()

    assert told(out) == [("release:missing", "releases/1/dump/harbours.nt", 0)]


def test_file_that_nothing_lists_is_told(out: Path) -> None:
    write(out, {"releases/1/dump/other.nt": b"", "notes.txt": b"", "latest/more.ttl": b""})

    assert told(out) == [
        ("release:latest", "latest/more.ttl", 0),
        ("release:extra", "notes.txt", 0),
        ("release:extra", "releases/1/dump/other.nt", 0),
    ]


def test_release_that_nothing_lists_is_told_once(out: Path) -> None:
    shutil.copytree(out / "releases/1", out / "releases/0")

    assert told(out) == [("release:extra", "releases/0", 0)]


def test_file_of_another_size_is_told_with_both_sizes(out: Path) -> None:
    with (out / "releases/1/README.md").open("ab") as file:
        file.write(b"!")

    (found,) = faults(out)
    size = len(README)
    assert found.message["en"] == f"the file has changed: {size + 1} bytes, not {size} bytes"


def test_file_that_must_not_be_read_is_told(out: Path) -> None:
    (out / "releases/1/README.md").unlink()
    (out / "releases/1/README.md").mkdir()

    assert told(out) == [("release:missing", "releases/1/README.md", 0)]


def test_latest_that_is_gone_is_told_for_each_file(out: Path) -> None:
    shutil.rmtree(out / "latest")

    assert {(code, path) for code, path, _ in told(out)} == {
        ("release:latest", f"latest/{path}") for path in (*contents("2"), "manifest.json")
    }


def test_file_that_is_gone_from_the_newest_release_is_told_there_only(out: Path) -> None:
    (out / "releases/2/void.ttl").unlink()

    assert told(out) == [("release:missing", "releases/2/void.ttl", 0)]


def test_latest_that_is_an_older_release_is_told(out: Path) -> None:
    shutil.rmtree(out / "latest")
    shutil.copytree(out / "releases/1", out / "latest")

    assert {path for _, path, _ in told(out)} == {
        f"latest/{name}" for name in ("catalog.ttl", "manifest.json", "void.ttl")
    }


# -- releases that do not fit together


def chained(out: Path, change: Callable[[int, dict[str, object]], None]) -> Path:
    """Return a site with three releases whose manifests are changed, and listed as they are."""
    found = []
    for number in (1, 2, 3):
        said: dict[str, object] = {
            "previous": str(number - 1) if number > 1 else "",
            "issued": f"2026-01-{number:02}T12:00:00Z",
        }
        change(number, said)
        folder = out / "releases" / str(number)
        made = released(folder, str(number), contents(str(number)), **said)
        raw = (folder / "manifest.json").read_bytes()
        found.append(Listed(str(number), made.issued, sha256(raw).hexdigest()))
    shutil.copytree(out / "releases/3", out / "latest")
    relist(out, found, {})
    return out


def test_release_that_names_another_predecessor_is_told(tmp_path: Path) -> None:
    def change(number: int, said: dict[str, object]) -> None:
        if number == 3:
            said["previous"] = "1"

    (found,) = faults(chained(tmp_path / "public", change))

    assert (found.rule, found.message["en"]) == (
        "release:chain",
        "the chain is broken: 'previous' is 1, and releases.json has 2 before this one",
    )


def test_release_that_is_older_than_the_one_before_it_is_told(tmp_path: Path) -> None:
    def change(number: int, said: dict[str, object]) -> None:
        if number == 2:
            said["issued"] = "2025-01-01T00:00:00Z"

    assert told(chained(tmp_path / "public", change)) == [
        ("release:chain", "releases/2/manifest.json", 0)
    ]


def test_release_of_another_dataset_is_told(tmp_path: Path) -> None:
    def change(number: int, said: dict[str, object]) -> None:
        if number == 1:
            said["dataset"] = f"{BASE}id/dataset/other"

    (found, *_) = faults(chained(tmp_path / "public", change))

    assert (found.rule, Path(found.at.path).name) == ("release:listing", "releases.json")


def test_manifest_that_is_not_the_listed_one_is_told_and_not_believed(out: Path) -> None:
    path = out / "releases/1/manifest.json"
    path.write_bytes(path.read_bytes().replace(b"harbours.nt", b"harbours.xx"))

    assert told(out) == [("release:changed", "releases/1/manifest.json", 0)]


# -- what files hold


def test_dump_that_says_something_else_is_told(tmp_path: Path) -> None:
    other = rewritten(DATA.replace(b'"\xc3\x85"@da', b'"\xc3\x86"@da'), ".ttl")
    folder = remade(tmp_path, {"dump/harbours.ttl": other})

    assert told(folder) == [("release:graph", "dump/harbours.ttl", 0)]


def test_compressed_dump_that_says_something_else_is_told(tmp_path: Path) -> None:
    other = zstandard.compress(DATA.replace(b'"\xc3\x85"@da', b'"\xc3\x86"@da'))
    folder = remade(tmp_path, {"dump/harbours.nt.zst": other})

    assert told(folder) == [("release:graph", "dump/harbours.nt.zst", 0)]


def test_triple_that_stands_twice_in_a_dump_is_told(tmp_path: Path) -> None:
    first = DATA.splitlines(keepends=True)[0]
    folder = remade(tmp_path, {"dump/harbours.nt.zst": zstandard.compress(first + DATA)})

    assert told(folder) == [
        ("release:graph", "dump/harbours.nt.zst", 0),
        ("release:triples", "dump/harbours.nt.zst", 0),
    ]


def test_dump_with_as_many_triples_of_which_one_is_there_twice_is_told(tmp_path: Path) -> None:
    first, _, *rest = DATA.splitlines(keepends=True)
    folder = remade(
        tmp_path, {"dump/harbours.nt.zst": zstandard.compress(b"".join([first, first, *rest]))}
    )

    assert told(folder) == [("release:graph", "dump/harbours.nt.zst", 0)]


def test_dump_in_a_named_graph_is_told(tmp_path: Path) -> None:
    text = json.loads(rewritten(DATA, ".jsonld"))
    named = json.dumps({"@id": f"{BASE}graph", "@graph": text}).encode()
    folder = remade(tmp_path, {"dump/harbours.jsonld": named})

    assert told(folder) == [("release:graph", "dump/harbours.jsonld", 0)]


def test_order_and_way_of_writing_do_not_matter(tmp_path: Path) -> None:
    lines = reversed(DATA.replace("Å".encode(), b"\\u00C5").splitlines(keepends=True))
    folder = remade(tmp_path, {"dump/harbours.nt.zst": zstandard.compress(b"".join(lines))})

    assert told(folder) == []


def test_number_of_triples_that_is_not_right_is_told(tmp_path: Path) -> None:
    files = [
        msgspec.structs.replace(each, triples=9) if each.path == "ontology/ns.ttl" else each
        for each in listed(contents("1"))
    ]

    _, found = faults(remade(tmp_path, {}, files=files))

    assert found.message["en"] == "holds 5 triples; manifest.json says 9"


def test_rdf_that_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    files = contents("1")
    known = listed(files)
    broken = ONTOLOGY.encode() + b"ns:name a .\n"
    write(folder, {**files, "ontology/ns.ttl": broken})
    at = [each.path for each in known].index("ontology/ns.ttl")
    digest = sha256(broken).hexdigest()
    known[at] = msgspec.structs.replace(known[at], bytes=len(broken), sha256=digest)
    write(folder, {"manifest.json": encoded(manifest("1", known))})

    assert told(folder) == [("release:syntax", "ontology/ns.ttl", 8)]


def test_media_type_of_another_ending_is_told_where_it_is_listed(tmp_path: Path) -> None:
    files = [
        msgspec.structs.replace(each, media_type="text/plain") if each.path == "README.md" else each
        for each in listed(contents("1"))
    ]
    folder = remade(tmp_path, {}, files=files)

    assert told(folder) == [("release:catalog", "manifest.json", 13)]


# -- what is said of files


@pytest.mark.parametrize(
    ("old", "new"),
    [("BYTES", "12"), ("SUM", "0" * 64)],
    ids=["size", "checksum"],
)
def test_catalogue_that_says_something_else_of_a_file_is_told(
    tmp_path: Path, old: str, new: str
) -> None:
    catalog = CATALOG.replace(old, new).replace("BYTES", str(len(DATA)))
    catalog = catalog.replace("SUM", sha256(DATA).hexdigest()).replace("VERSION", "1")
    folder = remade(tmp_path, {"catalog.ttl": catalog.encode()})

    assert told(folder) == [("release:catalog", "catalog.ttl", 6)]


def test_description_that_counts_wrong_is_told(tmp_path: Path) -> None:
    void = VOID.replace("VERSION", "1").replace("triples 4", "triples 40")

    assert told(remade(tmp_path, {"void.ttl": void.encode()})) == [
        ("release:triples", "void.ttl", 0)
    ]


def test_address_of_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    void = VOID.replace("VERSION", "1").replace("harbours.nt", "harbours.n3")

    assert told(remade(tmp_path, {"void.ttl": void.encode()})) == [("release:link", "void.ttl", 6)]


def test_example_without_its_query_is_told(tmp_path: Path) -> None:
    text = EXAMPLES.replace("01-all", "02-some")

    assert told(remade(tmp_path, {"queries/examples.ttl": text.encode()})) == [
        ("release:link", "queries/examples.ttl", 3)
    ]


# -- names


@pytest.mark.parametrize(
    ("triple", "line"),
    [
        ("ns:name ns:near <{base}id/harbour/c> .", 8),
        ("ns:name ns:far ns:name .", 8),
        ('ns:name ns:name "x"^^ns:length .', 8),
        ("ns:name a ns:Harbor .", 8),
    ],
    ids=["object", "property", "datatype", "class"],
)
def test_name_of_ours_that_nothing_describes_is_told(
    tmp_path: Path, triple: str, line: int
) -> None:
    text = ONTOLOGY + triple.replace("{base}", BASE) + "\n"

    found = told(remade(tmp_path, {"ontology/ns.ttl": text.encode()}))

    assert [(code, path) for code, path, _ in found] == [("release:undescribed", "ontology/ns.ttl")]


def test_name_that_only_the_dump_uses_is_told(tmp_path: Path) -> None:
    data = DATA.replace(b"id/harbour/b> .", b"id/harbour/c> .")

    assert told(remade(tmp_path, contents("1", data))) == [
        ("release:undescribed", "dump/harbours.nt", 3)
    ]


def test_names_of_others_and_names_in_texts_need_no_description(tmp_path: Path) -> None:
    text = ONTOLOGY + f'ns:name ns:name "<{BASE}x>" ; ns:name <https://example.com/x> .\n'.replace(
        "ns:name <", "ns:near <"
    )

    assert told(remade(tmp_path, {"ontology/ns.ttl": text.encode()})) == []


@settings(max_examples=50, deadline=None)
@given(
    described=st.sets(st.integers(0, 30)),
    used=st.lists(st.sets(st.integers(0, 30)), min_size=1, max_size=3),
    held=st.integers(0, 10),
)
def test_names_on_disk_are_joined_as_names_in_memory(
    described: set[int], used: list[set[int]], held: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("names")
    found = []
    for number, each in enumerate(used):
        names = Names(number, (b"a:",), folder)
        names.described = {b"a:%d" % name for name in described} if number == 0 else set()
        names.used = {b"a:%d" % name for name in each}
        if held > 5:
            names.spill()
        found.append(names)

    missing = {name for name, _ in undescribed(found)}

    assert missing == {b"a:%d" % name for each in used for name in each - described}


# -- links


@pytest.mark.parametrize(
    "link",
    [
        "nowhere.html",
        "ontology/",
        "#nowhere",
        "index.html#nowhere",
        "../../../x",
        "/x.html",
        f"{BASE}latest/nowhere.ttl",
        f"{BASE}ns#length",
    ],
)
def test_link_that_leads_nowhere_is_told_with_its_line(out: Path, link: str) -> None:
    files = {**contents("1"), "index.html": f'<p>\n<a href="{link}">x</a>'.encode()}
    shutil.rmtree(out)
    published(out, files)

    found = [each for each in told(out) if each[1] == "releases/1/index.html"]

    code = "release:undescribed" if "#length" in link else "release:link"
    assert found == [(code, "releases/1/index.html", 0 if "#length" in link else 2)]


@pytest.mark.parametrize(
    "link", ["//[", "//example.com/x", "http://[", "mailto:a@example.org", "javascript:1"]
)
def test_link_to_somewhere_else_is_not_followed(tmp_path: Path, link: str) -> None:
    page = f'<a href="{link}">x</a><h1 id="top-of-it">'.encode()

    assert told(remade(tmp_path, {"index.html": page})) == []


def test_link_that_leads_out_of_latest_is_told_there(out: Path) -> None:
    shutil.rmtree(out)
    page = b'<a id="top-of-it" href="../../index.html">all</a>'
    published(out, {**contents("1"), "index.html": page})

    assert told(out) == [("release:link", "latest/index.html", 1)]


def test_link_in_a_text_for_people_is_followed(tmp_path: Path) -> None:
    folder = remade(tmp_path, {"README.md": b"# x\n\n[gone](gone.md)\n"})

    assert told(folder) == [("release:link", "README.md", 3)]


# -- signatures


@pytest.fixture
def signed(out: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A site whose releases are signed, and the key."""
    key = made_key(tmp_path)
    for folder in ("releases/1", "releases/2", "latest"):
        raw = (out / folder / "manifest.json").read_bytes()
        (out / folder / "manifest.json.sig").write_bytes(sign(raw, key))
    return out, key


def test_signed_site_with_the_key_that_is_trusted_has_no_findings(
    signed: tuple[Path, Path],
) -> None:
    out, key = signed

    assert verify(out, key.with_suffix(".pub")).findings == ()


def test_signature_without_a_key_to_trust_is_noted_once(signed: tuple[Path, Path]) -> None:
    out, _ = signed

    (found,) = faults(out)

    assert (found.severity, found.rule) == (NOTE, "release:signer")
    assert found.at.path == str(out / "releases/2/manifest.json.sig")


def test_release_that_is_not_signed_is_told_where_a_signature_is_asked_for(
    out: Path, tmp_path: Path
) -> None:
    key = made_key(tmp_path)

    assert told(out, key.with_suffix(".pub")) == [
        ("release:unsigned", f"releases/{number}/manifest.json", 0) for number in (1, 2)
    ]


@pytest.mark.parametrize("place", [0, 0.2, 0.5, 0.8, 0.96, 1])
def test_one_byte_of_a_signature_is_found(signed: tuple[Path, Path], place: float) -> None:
    out, key = signed
    flipped(out / "releases/1/manifest.json.sig", place, 1)

    assert told(out, key.with_suffix(".pub")) == [
        ("release:signature", "releases/1/manifest.json.sig", 0)
    ]


# -- folders by somebody who means harm


@pytest.mark.parametrize(
    "path",
    [
        "../outside.ttl",
        "/etc/passwd",
        "dump/../../outside.ttl",
        "dump//harbours.nt",
        "./void.ttl",
        "C:\\x.ttl",
        "",
        "manifest.json",
        "a\x00b",
        "a\nb",
        "a\u202eb",
        "x" * 5000,
    ],
)
def test_path_that_is_none_inside_the_folder_is_told_and_not_read(
    tmp_path: Path, path: str
) -> None:
    (tmp_path / "outside.ttl").write_text("not turtle")
    files = [*listed(contents("1")), File(path, "text/turtle", 10, "0" * 64, triples=1)]

    found = told(remade(tmp_path, {}, files=files))

    assert [code for code, _, _ in found] == ["release:path"]


def test_file_that_is_listed_twice_is_told(tmp_path: Path) -> None:
    files = listed(contents("1"))

    found = told(remade(tmp_path, {}, files=[*files, files[0]]))

    assert [code for code, _, _ in found] == ["release:path"]


@pytest.mark.parametrize("target", ["outside.ttl", "public/releases/1/catalog.ttl"])
def test_symbolic_link_is_told_and_not_followed(out: Path, tmp_path: Path, target: str) -> None:
    (tmp_path / "outside.ttl").write_bytes((out / "releases/1/void.ttl").read_bytes())
    (out / "releases/1/void.ttl").unlink()
    (out / "releases/1/void.ttl").symlink_to(tmp_path / target)

    assert told(out) == [("release:kind", "releases/1/void.ttl", 0)]


def test_folder_that_is_a_symbolic_link_is_told_and_not_followed(out: Path, tmp_path: Path) -> None:
    shutil.move(out / "releases/1/dump", tmp_path / "dump")
    (out / "releases/1/dump").symlink_to(tmp_path / "dump")

    assert told(out) == [("release:kind", "releases/1/dump", 0)]


def test_dump_is_read_also_where_it_is_said_to_hold_nothing(tmp_path: Path) -> None:
    other = rewritten(DATA.splitlines(keepends=True)[0], ".jsonld")
    files = {**contents("1"), "dump/harbours.jsonld": other}
    known = [
        msgspec.structs.replace(each, triples=None) if each.path.endswith(".jsonld") else each
        for each in listed(files)
    ]

    assert [code for code, _, _ in told(remade(tmp_path, files, files=known))] == [
        "release:graph",
        "release:triples",
    ]


def test_name_that_is_no_text_is_told_and_shown(out: Path, expatlod: Command) -> None:
    Path(os.fsdecode(os.fsencode(out) + b"/\xff\x1b[1m")).write_bytes(b"")

    done = expatlod("verify", "public", "-l", "en", cwd=out.parent)

    assert done.stdout.splitlines()[0] == (
        "public/\\udcff␛[1m: error: is not listed in releases.json"
    )


def test_pipe_is_told_and_not_waited_for(out: Path) -> None:
    (out / "releases/1/void.ttl").unlink()
    os.mkfifo(out / "releases/1/void.ttl")

    assert told(out) == [("release:kind", "releases/1/void.ttl", 0)]


def test_list_that_is_a_symbolic_link_is_told_and_not_read(out: Path, tmp_path: Path) -> None:
    shutil.move(out / "releases.json", tmp_path / "releases.json")
    (out / "releases.json").symlink_to(tmp_path / "releases.json")

    assert {code for code, _, _ in told(out)} == {"release:kind", "release:listing"}


def test_small_file_that_holds_very_much_is_told(tmp_path: Path) -> None:
    line = b"# " + b" " * (1 << 20) + b"\n"
    bomb = gzip.compress(line * 120)
    known = listed(contents("1"))
    digest = sha256(bomb).hexdigest()
    known.append(File("dump/harbours.nt.gz", "application/n-triples", len(bomb), digest, "gzip", 4))
    folder = remade(tmp_path, {}, files=known)
    (folder / "dump/harbours.nt.gz").write_bytes(bomb)

    assert told(folder) == [("release:size", "dump/harbours.nt.gz", 0)]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("deep.jsonld", b'{"a:b":' * 100_000 + b"1" + b"}" * 100_000),
        ("deep.ttl", b"<a:b> <a:c> " + b"[ <a:d> " * 100_000),
        ("list.ttl", b"<a:b> <a:c> " + b"( " * 100_000),
        ("remote.jsonld", b'{"@context": "https://example.org/c", "@id": "a:b", "a:c": 1}'),
        ("entities.rdf", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'),
        ("cut.nt.gz", gzip.compress(DATA)[:-9]),
        ("broken.nt.zst", b"\x28\xb5\x2f\xfd\xff\xff\xff"),
        ("latin.nt", b'<a:b> <a:c> "\xe5" .\n'),
        ("cut.rdf", b"<x>"),
    ],
)
def test_rdf_that_is_meant_to_break_the_reader_is_told(
    tmp_path: Path, path: str, content: bytes
) -> None:
    ending = Path(path.removesuffix(".gz").removesuffix(".zst")).suffix
    packing = PACKINGS.get(Path(path).suffix, "")
    digest = sha256(content).hexdigest()
    file = File(path, MEDIA_TYPES[ending], len(content), digest, packing, 1)
    folder = remade(tmp_path, {}, files=[*listed(contents("1")), file])
    (folder / path).write_bytes(content)

    assert [(code, where) for code, where, _ in told(folder)] == [("release:syntax", path)]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"{",
        b"[" * 100_000,
        b'{"generator": "expatlod"}',
        b'{"generator": "somebody"}',
        b"\xff\xfe",
        b'{"generator": "\\ud800"}',
        b'{"generator": 1' + b"0" * 10_000 + b"}",
    ],
)
@pytest.mark.parametrize("name", ["releases.json", "manifest.json"])
def test_list_that_cannot_be_read_is_told(tmp_path: Path, name: str, text: bytes) -> None:
    (tmp_path / name).write_bytes(text)

    assert [path for _, path, _ in told(tmp_path)] == [name]


@pytest.mark.parametrize("size", [-1, 10**18, 2**63])
def test_size_that_no_file_has_is_told(tmp_path: Path, size: int) -> None:
    files = [
        msgspec.structs.replace(each, bytes=size) if each.path == "void.ttl" else each
        for each in listed(contents("1"))
    ]

    assert told(remade(tmp_path, {}, files=files)) == [("release:changed", "void.ttl", 0)]


def test_of_many_faults_of_one_kind_the_first_are_told_and_the_others_counted(out: Path) -> None:
    write(out, {f"{number}.txt": b"" for number in range(MOST + 20)})

    found = verify(out)

    assert (len(found.findings), found.unkept) == (MOST, 20)


def test_folder_without_a_release_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no release here"):
        verify(tmp_path)


# -- large JSON-LD, which is read a part at a time


def nodes(*lines: str) -> bytes:
    """Return a dump in JSON-LD as publish writes it."""
    return b'{"@context":{"p":"a:p"},\n"@graph":[\n' + ",\n".join(lines).encode() + b"\n]}\n"


def cut(path: Path, text: bytes, monkeypatch: pytest.MonkeyPatch) -> graphs.Graph:
    """Return what is read of JSON-LD when all of it is too large to be read at once."""
    monkeypatch.setattr(graphs, "LARGEST_WHOLE", 0)
    monkeypatch.setattr(graphs, "_BLOCK", 64)
    path.write_bytes(text)
    return graphs.total(path, len(text), b"key")


def test_large_jsonld_says_the_same_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f'{{"@id":"a:{number}","p":"x]}}"}}' for number in range(100)]
    path = tmp_path / "a.jsonld"
    text = nodes(*lines)
    path.write_bytes(text)
    whole = graphs.total(path, len(text), b"key")

    assert cut(path, text, monkeypatch) == whole
    assert whole.triples == 100


def test_large_jsonld_without_nodes_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cut(tmp_path / "a.jsonld", nodes(), monkeypatch).triples == 0


@pytest.mark.parametrize(
    "text",
    [
        nodes('{"@id":"a:b","p":1}') + b"{}",
        nodes('{"@id":"a:b","p":1}')[:-3],
        nodes('{"@id":"a:b","p":1},'),
        nodes('{"@id":"a:b","p":1}').replace(b"\n]}", b"\n{}\n]}"),
        nodes('{"@id":"a:b","p":1}\n]}\n]}'),
        nodes('{"@id":"a:b",\n"p":1}'),
        nodes('{"@id":"a:b","p":[}'),
        b'[{"@id":"a:b","a:p":1}]',
        b"",
    ],
    ids=["more", "cut off", "comma", "no comma", "two ends", "lines", "broken", "list", "empty"],
)
def test_large_jsonld_that_is_written_otherwise_is_refused(
    tmp_path: Path, text: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(graphs.UnreadableError):
        cut(tmp_path / "a.jsonld", text, monkeypatch)


# -- the command


def test_command_is_silent_about_a_good_site(out: Path, expatlod: Command) -> None:
    done = expatlod("verify", out, "-l", "en")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no faults found\n")


def test_command_shows_faults_and_ends_with_one(out: Path, expatlod: Command) -> None:
    (out / "releases/1/void.ttl").unlink()

    done = expatlod("verify", "public", "-l", "en", cwd=out.parent)

    assert done.returncode == 1
    assert done.stdout == (
        "public/releases/1/void.ttl: error: the file is missing; releases/1/manifest.json lists it"
        "\n  help: fetch the release again, or publish again; never edit a file that is published"
        "\n  [release:missing]\n\n"
    )


def test_command_writes_json(out: Path, expatlod: Command) -> None:
    (out / "releases/1/void.ttl").unlink()

    found = json.loads(expatlod("verify", out, "-f", "json").stdout)

    assert [each["code"] for each in found["findings"]] == ["release:missing"]


def test_command_ends_with_two_where_there_is_no_release(tmp_path: Path, expatlod: Command) -> None:
    assert expatlod("verify", tmp_path).returncode == 2
