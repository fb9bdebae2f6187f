"""A release: what it holds, that it is the same each time, and that it is all or nothing."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import pty
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyoxigraph as ox
import pytest
import yaml
import zstandard

from expatlod import __version__
from expatlod.errors import PublishError, UsageError
from expatlod.profile import Model
from expatlod.publish import publish
from tests.conftest import VERSION

ROOT = Path(__file__).resolve().parent.parent
NAME = "danish-integration-projects"

#: The dumps of a release, if none are named: three syntaxes, each as it is and packed.
DUMPS = sorted(
    f"dump/{NAME}.{syntax}{packed}"
    for syntax in ("jsonld", "nt", "ttl")
    for packed in ("", ".gz", ".zst")
)

#: What is said of the audit, when it is told which records to choose.
SEED = ("--seed", "7")
AUDITED = "pySHACL judged {} records that shacl had passed (--seed 7)\n"

Command = Callable[..., subprocess.CompletedProcess[str]]

RECORDS = {
    "dataset.yaml": """\
id: harbour
type: Dataset
title: {da: Havnens projekter, en: Projects of the harbour}
description: {da: Opdigtede projekter i en havn., en: Invented projects of a harbour.}
publisher: harbour-office
licence: https://creativecommons.org/licenses/by/4.0/
base: https://example.org/harbour/
language: [da, en]
keyword: {da: [havn, naboer], en: [harbour, neighbours]}
dataTheme: soci
place: DK
period: 2020/2024
mailbox: {name: {da: Postkassen, en: The mailbox}, email: "mailto:data@example.org"}
""",
    "harbour-office.yaml": """\
id: harbour-office
type: Organisation
name: {da: Havnekontoret, en: Harbour Office}
kind: company
""",
    "rowing.yaml": """\
id: rowing
type: Project
title: {da: Ro sammen, en: Row together}
kind: project
summary: {da: Nye naboer ror sammen på søen., en: New neighbours row together on the lake.}
audience: foreign-worker
theme: leisure
extent: DK
source: harbour-page
""",
    "harbour-page.yaml": """\
id: harbour-page
type: Page
title: {da: Havnens side, en: The page of the harbour}
kind: initiative
url: https://example.org/page
language: da
""",
}

QUERY = """\
#+ summary:
#+   da: Hvilke projekter er der?
#+   en: Which projects are there?

PREFIX expat: <https://w3id.org/expatlod/ontology#>

SELECT ?project WHERE { ?project a expat:Project }
"""

Tree = dict[str, bytes | str]


# All that is in *folder*: the bytes of files, the targets of links.
def _tree(folder: Path) -> Tree:
    tree: Tree = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            tree[name] = str(path.readlink())
        elif path.is_file():
            tree[name] = path.read_bytes()
        elif path.is_dir():
            tree[f"{name}/"] = b""
        else:
            tree[name] = "neither file nor folder"
    return tree


def _write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


# A small dataset that has no faults, three records and thirty triples.
@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    return _write(tmp_path / "harbour", RECORDS)


# Where the release goes: a folder in an otherwise empty one.
@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    return tmp_path / "site" / "public"


# The content of an older release that stands at *out*.
@pytest.fixture
def old(out: Path, harbour: Path, model: Model) -> Tree:
    publish(model, harbour, out)
    (harbour / "rowing.yaml").write_text(
        RECORDS["rowing.yaml"].replace("leisure", "[leisure, housing]"), "utf-8"
    )
    return _tree(out)


# Run the command bound by file permissions, also where the tests run as root.
def _without_privileges(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    # PR_CAPBSET_DROP of CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH; an ordinary user has neither.
    launch = (
        "import ctypes, os, sys; libc = ctypes.CDLL(None); libc.prctl(24, 1); libc.prctl(24, 2);"
        "os.execv(sys.executable, [sys.executable, '-m', 'expatlod', *sys.argv[1:]])"
    )
    return subprocess.run(
        [sys.executable, "-c", launch, *map(str, arguments)],
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


# -- what a release holds


def _expected_files() -> list[str]:
    query_files = [f"queries/{path.name}" for path in (ROOT / "data" / "queries").iterdir()]
    profile = [
        path.relative_to(ROOT).as_posix()
        for folder in ("ontology", "shapes")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    ]
    described = [
        "CHANGES.md",
        "README.md",
        *(f"catalog.{ending}" for ending in ("jsonld", "rdf", "ttl")),
        "dataset.jsonld",
        "index.en.html",
        "index.html",
        "manifest.json",
        *(f"ontology/diagram.{language}.svg" for language in ("da", "en")),
        *(f"ontology/index{language}.html" for language in ("", ".en")),
        "provenance.ttl",
        "queries/examples.ttl",
        "style.css",
        "void.ttl",
    ]
    return sorted([*query_files, *profile, *DUMPS, *described])


def test_a_release_holds_exactly_these_files(release: Path) -> None:
    files = [path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()]

    assert sorted(files) == _expected_files()


@pytest.mark.parametrize("folder", ["ontology", "shapes", "data/queries"])
def test_the_files_of_the_repository_are_published_unchanged(folder: str, release: Path) -> None:
    source = {name: text for name, text in _tree(ROOT / folder).items() if text != b""}

    published = _tree(release / folder.removeprefix("data/"))

    assert {name: published.get(name) for name in source} == source


def test_a_release_can_be_read_by_everybody(release: Path) -> None:
    assert stat.S_IMODE(release.stat().st_mode) == 0o755


def test_every_project_with_its_organisations_and_pages_is_in_the_dump(release: Path) -> None:
    segments = {"Organisation": "organisation", "Page": "page", "Project": "project"}
    records = [
        yaml.load(path.read_text("utf-8"), yaml.BaseLoader)
        for path in (ROOT / "data").rglob("*.yaml")
        if path.name != "dataset.yaml"
    ]

    subjects = {
        str(quad.subject).strip("<>")
        for quad in ox.parse(path=release / f"dump/{NAME}.nt", format=ox.RdfFormat.N_TRIPLES)
    }

    assert sorted(subject for subject in subjects if "#" not in subject) == sorted(
        f"https://w3id.org/expatlod/id/{segments[each['type']]}/{each['id']}" for each in records
    )


# -- the manifest


def _manifest(release: Path) -> list[dict[str, object]]:
    manifest: dict[str, list[dict[str, object]]] = json.loads(
        (release / "manifest.json").read_bytes()
    )
    return manifest["files"]


def test_the_manifest_says_what_it_is_the_manifest_of(release: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_bytes())

    del manifest["files"], manifest["content"]
    assert manifest == {
        "generator": "expatlod",
        "version": __version__,
        "dataset": f"https://w3id.org/expatlod/id/dataset/{NAME}",
        "release": VERSION,
        "issued": "2026-01-01T12:00:00Z",
        "site": "https://w3id.org/expatlod/",
        "records": 56,
        "triples": 2602,
        "notes": {
            "da": "første udgivelse; Organisation: 42; Side: 6; Projekt: 8",
            "en": "first release; Organisation: 42; Page: 6; Project: 8",
        },
    }


def test_the_manifest_names_every_file_but_itself_once(release: Path) -> None:
    assert [entry["path"] for entry in _manifest(release)] == [
        path for path in _expected_files() if path != "manifest.json"
    ]


def test_the_manifest_tells_the_size_of_each_file(release: Path) -> None:
    entries = {entry["path"]: entry["bytes"] for entry in _manifest(release)}

    assert entries == {path: (release / str(path)).stat().st_size for path in entries}


def test_the_manifest_tells_the_checksum_of_each_file(release: Path) -> None:
    entries = {entry["path"]: entry["sha256"] for entry in _manifest(release)}

    assert entries == {
        path: hashlib.sha256((release / str(path)).read_bytes()).hexdigest() for path in entries
    }


# The ending that says what a file is, without that of how it is packed.
def _suffix(path: object) -> str:
    return Path(str(path).removesuffix(".gz").removesuffix(".zst")).suffix


# What is in a file, unpacked.
def _content(path: Path) -> bytes:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().decompressobj().decompress(path.read_bytes())
    return path.read_bytes()


def test_the_manifest_tells_how_each_file_is_packed(release: Path) -> None:
    names = {".gz": "gzip", ".zst": "zstd"}

    entries = {str(entry["path"]): entry.get("compression") for entry in _manifest(release)}

    assert entries == {path: names.get(Path(path).suffix) for path in entries}


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_packed_dump_holds_the_bytes_of_the_one_beside_it(suffix: str, release: Path) -> None:
    dumps = [release / path for path in DUMPS if path.endswith(suffix)]

    assert {path.name: _content(path) for path in dumps} == {
        path.name: path.with_suffix("").read_bytes() for path in dumps
    }


def test_the_manifest_tells_the_media_type_of_each_file(release: Path) -> None:
    # As registered with IANA; for SPARQL by W3C, SPARQL 1.1 Query Language, section 21.
    types = {
        ".css": "text/css",
        ".csv": "text/csv",
        ".html": "text/html",
        ".jsonld": "application/ld+json",
        ".md": "text/markdown",
        ".nt": "application/n-triples",
        ".rdf": "application/rdf+xml",
        ".rq": "application/sparql-query",
        ".svg": "image/svg+xml",
        ".ttl": "text/turtle",
    }

    entries = {str(entry["path"]): entry["mediaType"] for entry in _manifest(release)}

    assert entries == {path: types[_suffix(path)] for path in entries}


def test_the_manifest_tells_the_triples_of_each_rdf_file(release: Path) -> None:
    syntaxes = {
        ".jsonld": ox.RdfFormat.JSON_LD,
        ".nt": ox.RdfFormat.N_TRIPLES,
        ".rdf": ox.RdfFormat.RDF_XML,
        ".ttl": ox.RdfFormat.TURTLE,
    }

    # A JSON-LD context is no graph; to say that it has no triples is true, but not needed.
    entries = {
        str(entry["path"]): entry.get("triples")
        for entry in _manifest(release)
        if _suffix(entry["path"]) in syntaxes and entry["path"] != "ontology/context.jsonld"
    }

    assert entries == {
        path: len(
            {
                quad.triple
                for quad in ox.parse(_content(release / path), format=syntaxes[_suffix(path)])
            }
        )
        for path in entries
    }


# -- README.md


# README.md in Danish and in English.
@pytest.fixture
def readme(release: Path) -> list[str]:
    text = (release / "README.md").read_text("utf-8")
    danish, headline, english = text.partition("# Danish integration projects\n")
    return [danish, headline + english]


def test_the_readme_begins_with_the_title_in_each_language(readme: list[str]) -> None:
    assert [text.partition("\n")[0] for text in readme] == [
        "# Danske integrationsprojekter",
        "# Danish integration projects",
    ]


def test_the_readme_names_each_dump_and_folder_in_each_language(readme: list[str]) -> None:
    rows = [re.findall(r"^\| (`.+?`) \|", text, re.MULTILINE) for text in readme]

    named = [sorted(re.findall("`(.+?)`", " ".join(each))) for each in rows]
    expected = [*DUMPS, "manifest.json", "ontology/", "queries/", "shapes/", "void.ttl"]
    assert named == [expected, expected]


def test_the_readme_names_each_query_in_each_language(readme: list[str]) -> None:
    names = [re.findall(r"^- `(.+?)`: .+\?$", text, re.MULTILINE) for text in readme]

    expected = sorted(path.stem for path in (ROOT / "data" / "queries").glob("*.rq"))
    assert names == [expected, expected]


# -- the same bytes each time


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "0"},
        {"PYTHONHASHSEED": "4242"},
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "da_DK.UTF-8"},
        {"TZ": "Pacific/Kiritimati"},
    ],
    ids=lambda environment: " ".join(f"{name}={value}" for name, value in environment.items()),
)
def test_the_environment_does_not_change_a_byte(
    environment: dict[str, str], expatlod: Command, site: Path, out: Path
) -> None:
    expatlod("publish", ROOT / "data", "-o", out, env=environment)

    assert _tree(out) == _tree(site)


@pytest.mark.parametrize(
    ("folder", "spelling"),
    [
        (".", "harbour"),
        (".", "./harbour/../harbour/"),
        ("harbour", "."),
        ("harbour/queries", "../../harbour"),
        ("site", "../harbour"),
        (".", "link"),
    ],
)
def test_the_working_folder_and_the_spelling_of_the_input_do_not_change_a_byte(
    folder: str, spelling: str, expatlod: Command, harbour: Path, out: Path, model: Model
) -> None:
    _write(harbour / "queries", {"projects.rq": QUERY})
    (harbour.parent / "link").symlink_to(harbour)
    publish(model, harbour, out)

    expatlod("publish", spelling, "-o", out.parent / "again", cwd=harbour.parent / folder)

    assert _tree(out.parent / "again") == _tree(out)


def test_the_times_of_the_files_do_not_change_a_byte(
    harbour: Path, out: Path, model: Model
) -> None:
    publish(model, harbour, out)
    first = _tree(out)
    for path in harbour.iterdir():
        os.utime(path, (0, 0))

    publish(model, harbour, out)

    assert _tree(out) == first


def test_publishing_over_a_release_gives_the_same_bytes(
    harbour: Path, out: Path, model: Model
) -> None:
    publish(model, harbour, out)
    first = _tree(out)

    publish(model, harbour, out)

    assert _tree(out) == first


# -- what is said


def test_the_files_are_listed_with_their_sizes(expatlod: Command, harbour: Path, out: Path) -> None:
    done = expatlod("publish", harbour, "-o", out)

    listed = {
        name: int(size.replace(",", ""))
        for name, size in re.findall(r"^(\S+) +([\d,]+) B$", done.stdout, re.MULTILINE)
    }
    assert len(listed) == done.stdout.count("\n")
    assert listed == {
        name: len(content)
        for name, content in _tree(out / "latest").items()
        if not name.endswith("/")
    }


def test_a_pipe_gets_the_count_and_no_progress(expatlod: Command, harbour: Path, out: Path) -> None:
    done = expatlod("publish", harbour, "-o", out, *SEED)

    assert done.stderr == (
        f"no faults found\n{AUDITED.format(4)}"
        f"published 3 records, 30 triples in {out}/releases/{VERSION}\n"
    )


def test_a_terminal_gets_the_progress(harbour: Path) -> None:
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "expatlod", "publish", "harbour", *SEED],
        cwd=harbour.parent,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
        stderr=end,
    )
    os.close(end)
    shown = b""
    try:
        while piece := os.read(terminal, 4096):
            shown += piece
    except OSError:
        # So Linux says that nobody has the other end open any more.
        pass
    finally:
        os.close(terminal)
        process.wait(timeout=60)

    # A slow machine shows a bar as well.
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert [line for line in text.splitlines() if line and "%" not in line] == [
        "validating …",
        "auditing …",
        "writing …",
        "describing …",
        "no faults found",
        *AUDITED.format(4).splitlines(),
        f"published 3 records, 30 triples in public/releases/{VERSION}",
    ]


def test_data_is_published_into_public_when_nothing_is_named(
    expatlod: Command, harbour: Path, release: Path
) -> None:
    harbour.rename(harbour.parent / "data")

    done = expatlod("publish", *SEED)

    assert (done.returncode, done.stderr) == (
        0,
        (
            f"no faults found\n{AUDITED.format(4)}"
            f"published 3 records, 30 triples in public/releases/{VERSION}\n"
        ),
    )


def test_a_danish_locale_is_answered_in_danish(expatlod: Command, harbour: Path, out: Path) -> None:
    done = expatlod("publish", harbour, "-o", out, *SEED, env={"LC_ALL": "da_DK.UTF-8"})

    assert done.stderr == (
        "ingen fejl fundet\n"
        "pySHACL har efterprøvet 4 poster, som shacl godkendte (--seed 7)\n"
        f"udgav 3 poster, 30 tripler i {out}/releases/{VERSION}\n"
    )


# -- findings


def test_a_warning_does_not_stop_the_release(expatlod: Command, harbour: Path, out: Path) -> None:
    rowing = RECORDS["rowing.yaml"].replace("theme: leisure\n", "")
    (harbour / "rowing.yaml").write_text(rowing, "utf-8")

    done = expatlod("publish", harbour, "-o", out, *SEED)

    assert (done.returncode, done.stderr) == (
        0,
        (
            f"1 warning in 1 file\n{AUDITED.format(3)}"
            f"published 3 records, 29 triples in {out}/releases/{VERSION}\n"
        ),
    )


def test_a_warning_in_danish_letters_does_not_stop_a_release_in_the_c_locale(
    expatlod: Command, harbour: Path, out: Path
) -> None:
    rowing = RECORDS["rowing.yaml"].replace("theme: leisure\n", "").replace("id:", "# æøå\nid:")
    (harbour / "rowing.yaml").write_text(
        rowing.replace("id: rowing", "id:   rowing # æøå"), "utf-8"
    )

    done = expatlod(
        "publish",
        harbour,
        "-o",
        out,
        *SEED,
        env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    )

    assert (done.returncode, done.stderr) == (
        0,
        (
            f"1 warning in 1 file\n{AUDITED.format(3)}"
            f"published 3 records, 29 triples in {out}/releases/{VERSION}\n"
        ),
    )


def test_an_error_leaves_the_old_release_as_it_was(
    expatlod: Command, harbour: Path, out: Path, old: Tree
) -> None:
    (harbour / "rowing.yaml").write_text(
        RECORDS["rowing.yaml"].replace("kind: project", "kind: raft"), "utf-8"
    )

    done = expatlod("publish", harbour, "-o", out)

    assert (done.returncode, done.stderr) == (
        1,
        f"1 error in 1 file\nnothing published; mend the errors ({out} is as it was)\n",
    )
    assert _tree(out.parent) == {"public/": b"", **{f"public/{name}": old[name] for name in old}}


def test_an_error_leaves_nothing_where_nothing_was(
    expatlod: Command, harbour: Path, out: Path
) -> None:
    (harbour / "rowing.yaml").write_text(
        RECORDS["rowing.yaml"].replace("kind: project", "kind: raft"), "utf-8"
    )

    expatlod("publish", harbour, "-o", out)

    assert _tree(out.parent) == {}


def test_a_dataset_without_its_own_record_is_told(
    expatlod: Command, harbour: Path, out: Path
) -> None:
    (harbour / "dataset.yaml").unlink()

    done = expatlod("publish", "harbour", "-o", out, cwd=harbour.parent)

    assert (done.returncode, done.stdout) == (
        1,
        (
            "harbour: error: the folder has no dataset.yaml\n"
            "  help: write one: title, description, publisher, licence and base of the whole\n"
            "  [record:dataset]\n\n"
        ),
    )


def test_a_folder_without_records_is_told(expatlod: Command, tmp_path: Path, out: Path) -> None:
    (tmp_path / "empty").mkdir()

    done = expatlod("publish", "empty", "-o", out)

    assert (done.returncode, done.stdout) == (
        1,
        (
            "empty: error: the folder holds no records\n"
            "  help: a record is a file that ends in .yaml, .yml, .json, .jsonl, .ndjson, "
            ".jsonl.gz, .ndjson.gz, .jsonl.zst, .ndjson.zst, .csv, .xlsx\n"
            "  [record:none]\n\n"
        ),
    )


def test_a_dataset_that_is_not_there_is_told(expatlod: Command, out: Path) -> None:
    done = expatlod("publish", "nowhere", "-o", out)

    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2,
        "Error: Invalid value for '[DATA]': Directory 'nowhere' does not exist.",
    )


def test_a_record_that_cannot_be_read_stops_the_release(harbour: Path, out: Path) -> None:
    (harbour / "rowing.yaml").chmod(0)

    done = _without_privileges("publish", harbour, "-o", out)

    assert (done.returncode, done.stdout) == (
        1,
        (
            f"{harbour}/rowing.yaml: error: the file cannot be read: Permission denied\n"
            "  help: look at the file's permissions\n"
            "  [record:file]\n\n"
        ),
    )
    assert _tree(out.parent) == {}


def test_a_folder_of_records_that_cannot_be_read_stops_the_release(
    harbour: Path, out: Path
) -> None:
    _write(harbour / "more", {"sailing.yaml": RECORDS["rowing.yaml"].replace("rowing", "sailing")})
    (harbour / "more").chmod(0)
    try:
        done = _without_privileges("publish", harbour, "-o", out)
    finally:
        (harbour / "more").chmod(0o755)

    assert done.returncode == 1
    assert _tree(out.parent) == {}


def test_a_dataset_folder_that_cannot_be_read_is_told(harbour: Path, out: Path) -> None:
    harbour.chmod(0)
    try:
        done = _without_privileges("publish", harbour, "-o", out)
    finally:
        harbour.chmod(0o755)

    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2,
        f"Error: Invalid value for '[DATA]': Directory '{harbour}' is not readable.",
    )


def test_a_finding_in_a_file_whose_name_is_not_utf8_is_shown(
    expatlod: Command, harbour: Path, out: Path
) -> None:
    name = harbour / os.fsdecode(b"b\xe5d.yaml")
    name.write_text(RECORDS["rowing.yaml"].replace("kind: project", "kind: raft"), "utf-8")
    (harbour / "rowing.yaml").unlink()

    done = expatlod("publish", harbour, "-o", out, env={"PYTHONIOENCODING": "utf-8:strict"})

    assert (done.returncode, done.stderr) == (
        1,
        f"1 error in 1 file\nnothing published; mend the errors ({out} is as it was)\n",
    )


# -- queries


def test_a_dataset_without_queries_is_published_without_them(
    harbour: Path, out: Path, model: Model
) -> None:
    publish(model, harbour, out)

    assert not (out / "latest" / "queries").exists()


def test_a_query_without_an_expected_answer_is_published(
    harbour: Path, out: Path, model: Model
) -> None:
    _write(harbour / "queries", {"projects.rq": QUERY})

    publish(model, harbour, out)

    assert sorted(path.name for path in (out / "latest" / "queries").iterdir()) == [
        "examples.ttl",
        "projects.rq",
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"#+ summary: [\n\nASK {}\n", r":\d+:\d+"),
        (b"#+ summary: {en: Is there a caf\xe9?}\n\nASK {}\n", r"(?::\d+:\d+)?"),
    ],
    ids=["broken-head", "not-utf8"],
)
def test_a_query_that_cannot_be_read_leaves_the_old_release(
    text: bytes, place: str, expatlod: Command, harbour: Path, out: Path, old: Tree
) -> None:
    (harbour / "queries").mkdir()
    path = harbour / "queries" / "broken.rq"
    path.write_bytes(text)

    done = expatlod("publish", harbour, "-o", out)

    assert done.returncode == 2
    assert re.fullmatch(f"expatlod: {re.escape(str(path))}{place}: .+\n", done.stderr)
    assert _tree(out) == old


# -- what is not replaced


def _foreign_file(out: Path) -> None:
    _write(out, {"thesis.txt": "years of work"})


def _foreign_folder(out: Path) -> None:
    (out / "photos").mkdir(parents=True)


def _foreign_manifest(out: Path) -> None:
    _write(out, {"releases.json": '{"name": "A web application", "files": []}'})


def _manifest_of_another_generator(out: Path) -> None:
    _write(out, {"releases.json": '{"generator": "another", "files": []}'})


def _manifest_that_is_a_list(out: Path) -> None:
    _write(out, {"releases.json": '["generator", "expatlod"]'})


def _manifest_that_is_no_json(out: Path) -> None:
    _write(out, {"releases.json": "generator: expatlod"})


def _manifest_in_deep_brackets(out: Path) -> None:
    _write(out, {"releases.json": "[" * 100_000})


def _manifest_that_is_a_folder(out: Path) -> None:
    (out / "releases.json").mkdir(parents=True)


def _link_to_a_foreign_folder(out: Path) -> None:
    _write(out.parent / "foreign", {"thesis.txt": "years of work"})
    out.symlink_to("foreign")


def _link_to_nothing(out: Path) -> None:
    out.symlink_to("nowhere")


def _link_to_itself(out: Path) -> None:
    out.symlink_to(out.name)


@pytest.mark.parametrize(
    "build",
    [
        _foreign_file,
        _foreign_folder,
        _foreign_manifest,
        _manifest_of_another_generator,
        _manifest_that_is_a_list,
        _manifest_that_is_no_json,
        _manifest_in_deep_brackets,
        _manifest_that_is_a_folder,
        _link_to_a_foreign_folder,
        _link_to_nothing,
        _link_to_itself,
    ],
    ids=lambda build: build.__name__.strip("_").replace("_", "-"),
)
def test_what_is_not_ours_is_not_replaced(
    build: Callable[[Path], None], expatlod: Command, harbour: Path, out: Path
) -> None:
    build(out)
    before = _tree(out.parent)

    done = expatlod("publish", harbour, "-o", out)

    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        (
            f"expatlod: {out}: no releases of expatlod (no releases.json of ours), so it is not "
            "replaced; name another folder with --output, or move this one away\n"
        ),
    )
    assert _tree(out.parent) == before


def test_a_release_that_somebody_put_a_file_into_is_not_replaced(
    expatlod: Command, harbour: Path, out: Path, old: Tree
) -> None:
    _write(out, {"CNAME": "data.example.org"})

    done = expatlod("publish", harbour, "-o", out)

    assert done.returncode == 2
    assert _tree(out) == {**old, "CNAME": b"data.example.org"}


def test_a_plain_file_is_not_replaced(expatlod: Command, harbour: Path, out: Path) -> None:
    out.write_text("years of work", "utf-8")

    done = expatlod("publish", harbour, "-o", out)

    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2,
        f"Error: Invalid value for '-o' / '--output': Directory '{out}' is a file.",
    )
    assert _tree(out.parent) == {"public": b"years of work"}


@pytest.mark.parametrize("output", ["harbour", "harbour/public", "harbour/../harbour/x", "link/x"])
def test_a_release_does_not_go_into_its_own_dataset(
    output: str, expatlod: Command, harbour: Path
) -> None:
    (harbour.parent / "link").symlink_to("harbour")
    before = _tree(harbour)

    done = expatlod("publish", "harbour", "-o", output, cwd=harbour.parent)

    assert (done.returncode, done.stderr) == (
        2,
        f"expatlod: {output} and harbour lie inside each other; publish to another folder\n",
    )
    assert _tree(harbour) == before


def test_a_release_does_not_take_the_place_of_the_folder_its_dataset_is_in(
    expatlod: Command, out: Path, old: Tree
) -> None:
    _write(out / "harbour", RECORDS)
    before = _tree(out)

    done = expatlod("publish", "public/harbour", "-o", "public", cwd=out.parent)

    assert (done.returncode, done.stderr) == (
        2,
        "expatlod: public and public/harbour lie inside each other; publish to another folder\n",
    )
    assert _tree(out) == before


# -- where a release may go


def test_an_empty_folder_is_used(harbour: Path, out: Path, model: Model) -> None:
    out.mkdir()

    publish(model, harbour, out)

    assert (out / "releases.json").is_file()


def test_folders_above_the_release_are_made(harbour: Path, out: Path, model: Model) -> None:
    publish(model, harbour, out / "a" / "b")

    assert (out / "a" / "b" / "releases.json").is_file()


def test_a_release_leaves_nothing_beside_it(
    harbour: Path, out: Path, old: Tree, model: Model
) -> None:
    publish(model, harbour, out)

    assert [path.name for path in out.parent.iterdir()] == ["public"]


def test_a_link_to_an_older_release_goes_on_pointing_to_the_newer_one(
    harbour: Path, out: Path, old: Tree, model: Model
) -> None:
    link = out.parent.parent / "current"
    link.symlink_to(Path("site") / "public")

    publish(model, harbour, link)

    assert link.readlink() == Path("site") / "public"
    assert _tree(out)["latest/dump/harbour.nt"] != old["latest/dump/harbour.nt"]
    assert [path.name for path in out.parent.iterdir()] == ["public"]


# -- what cannot be written


def _said_that_it_could_not_write(stderr: str, out: Path, why: str) -> bool:
    return bool(
        re.fullmatch(
            re.escape(f"expatlod: {out}: the release could not be written: {why}")
            + r"(?: \(.+\))?; what stood there before is untouched\n",
            stderr,
        )
    )


def test_a_folder_below_a_file_cannot_be_written(
    expatlod: Command, harbour: Path, out: Path
) -> None:
    _write(out.parent, {"note": "a file"})

    done = expatlod("publish", harbour, "-o", out.parent / "note" / "a" / "b")

    assert done.returncode == 2
    assert _said_that_it_could_not_write(
        done.stderr, out.parent / "note" / "a" / "b", os.strerror(errno.ENOTDIR)
    )


def test_a_folder_with_too_long_a_name_cannot_be_written(
    expatlod: Command, harbour: Path, out: Path
) -> None:
    long = out.parent / ("x" * 300)

    done = expatlod("publish", harbour, "-o", long)

    assert done.returncode == 2
    assert _said_that_it_could_not_write(done.stderr, long, os.strerror(errno.ENAMETOOLONG))


@pytest.mark.parametrize(
    "mode", [0o555, 0o444, 0], ids=["not-writable", "not-searchable", "nothing-allowed"]
)
def test_a_folder_without_permission_cannot_be_written(mode: int, harbour: Path, out: Path) -> None:
    out.parent.chmod(mode)
    try:
        done = _without_privileges("publish", harbour, "-o", out)
    finally:
        out.parent.chmod(0o755)

    assert done.returncode == 2
    assert _said_that_it_could_not_write(done.stderr, out, os.strerror(errno.EACCES))


def test_an_older_release_in_a_folder_without_permission_stays(
    harbour: Path, out: Path, old: Tree
) -> None:
    out.parent.chmod(0o555)
    try:
        done = _without_privileges("publish", harbour, "-o", out)
    finally:
        out.parent.chmod(0o755)

    assert done.returncode == 2
    assert _said_that_it_could_not_write(done.stderr, out, os.strerror(errno.EACCES))
    assert _tree(out) == old


_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")

# A disk of our own, on which the old release fits, and half of another one.
_FULL_DISK = """
mount -t tmpfs -o "size=$SIZE" tmpfs "$DISK" && cp -R "$OLD" "$DISK/public" || exit 99
"$@"
status=$?
cp -R "$DISK" "$AFTER"
exit $status
"""

# No file may grow past some kilobytes.
_SMALL_FILES = """
cp -R "$OLD" "$DISK/public" || exit 99
(ulimit -f 100; exec "$@")
status=$?
cp -R "$DISK" "$AFTER"
exit $status
"""


def _namespaces_are_permitted(folder: Path) -> bool:
    try:
        run = subprocess.run(
            [*_NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", str(folder)],
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return False
    return run.returncode == 0


# Publish over a copy of *old*; returns where it was, and what then was on that disk.
def _publish_where_it_does_not_fit(
    shell: Sequence[str], script: str, data: Path, old: Path
) -> tuple[subprocess.CompletedProcess[str], Path, Tree]:
    disk, after = data.parent / "disk", data.parent / "after"
    disk.mkdir()
    size = sum(path.stat().st_blocks * 512 for path in old.rglob("*")) * 5 // 4
    command = [sys.executable, "-m", "expatlod", "publish"]
    variables = {"DISK": disk, "OLD": old, "AFTER": after, "SIZE": size}
    done = subprocess.run(
        [*shell, "sh", "-c", script, "sh", *command, data, "-o", disk / "public"],
        env={
            **os.environ,
            **{name: str(value) for name, value in variables.items()},
            "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    return done, disk / "public", _tree(after)


def test_a_full_disk_leaves_the_old_release_as_it_was(
    harbour: Path, out: Path, old: Tree, tmp_path: Path
) -> None:
    shell, script, why = (_NAMESPACE, _FULL_DISK, errno.ENOSPC)
    if not _namespaces_are_permitted(tmp_path):
        shell, script, why = ((), _SMALL_FILES, errno.EFBIG)

    done, place, left = _publish_where_it_does_not_fit(shell, script, harbour, out)

    assert done.returncode == 2
    assert _said_that_it_could_not_write(done.stderr, place, os.strerror(why))
    assert left == {"public/": b"", **{f"public/{name}": old[name] for name in old}}


def test_a_limit_of_file_sizes_leaves_the_old_release_as_it_was(
    harbour: Path, out: Path, old: Tree
) -> None:
    done, place, left = _publish_where_it_does_not_fit((), _SMALL_FILES, harbour, out)

    assert done.returncode == 2
    assert _said_that_it_could_not_write(done.stderr, place, os.strerror(errno.EFBIG))
    assert left == {"public/": b"", **{f"public/{name}": old[name] for name in old}}


# -- killed on the way

# Runs the command and kills it before the change of the file system with that number; with
# number 0 it writes down the changes instead. Python tells an audit hook of each.
_KILLER = """
import os, signal, sys
number, log, *arguments = sys.argv[1:]
changes = []
def watch(event, args):
    writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
    named = event.partition(".")[0] in ("os", "shutil") and event.partition(".")[2] in (
        "chmod", "link", "mkdir", "remove", "rename", "rmdir", "rmtree", "symlink", "truncate"
    )
    if writes or named:
        changes.append(event)
        if len(changes) == int(number):
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
from expatlod.cli import main
sys.argv = ["expatlod", *arguments]
try:
    main()
finally:
    if number == "0":
        with open(log, "x") as file:
            file.write("\\n".join(changes[:-1] if changes[-1] == "open" else changes))
"""


# Publish until the change with that *number*; returns the changes when it is 0.
def _killed(number: int, harbour: Path, out: Path) -> list[str]:
    log = harbour.parent / "changes"
    done = subprocess.run(
        [sys.executable, "-c", _KILLER, str(number), log, "publish", harbour, "-o", out],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == (-9 if number else 0), done.stderr
    return [] if number else log.read_text("utf-8").splitlines()


# Twenty-odd moments to be killed at: all around the swap, and some between the others.
@pytest.fixture
def moments(harbour: Path, out: Path, old: Tree) -> list[int]:
    spare = out.parent.parent / "spare" / "public"
    shutil.copytree(out, spare)
    changes = _killed(0, harbour, spare)
    decisive = [
        number
        for number, event in enumerate(changes, 1)
        if event not in ("open", "os.chmod", "os.link", "os.mkdir", "os.remove", "os.rmdir")
    ]
    around = {near for number in decisive for near in (number, number + 1)}
    return sorted(
        {*around, *range(1, len(changes) + 1, len(changes) // 6)} & set(range(1, len(changes) + 1))
    )


def test_a_run_killed_at_any_moment_leaves_the_old_release_or_the_new(
    moments: list[int], harbour: Path, out: Path, old: Tree, model: Model
) -> None:
    new_place = out.parent.parent / "new" / "public"
    shutil.copytree(out, new_place)
    publish(model, harbour, new_place)
    new = _tree(new_place)
    neither = []

    for number in moments:
        place = out.parent.parent / f"site-{number}" / "public"
        shutil.copytree(out, place)
        _killed(number, harbour, place)
        if _tree(place) not in (old, new):
            neither.append(number)

    assert neither == []


def test_a_run_after_one_that_was_killed_sweeps_up_and_publishes(
    moments: list[int], harbour: Path, out: Path, old: Tree, model: Model
) -> None:
    new_place = out.parent.parent / "new" / "public"
    shutil.copytree(out, new_place)
    publish(model, harbour, new_place)
    new = {"public/": b"", **{f"public/{name}": text for name, text in _tree(new_place).items()}}
    unswept = []

    for number in moments:
        place = out.parent.parent / f"site-{number}" / "public"
        shutil.copytree(out, place)
        _killed(number, harbour, place)
        publish(model, harbour, place)
        if _tree(place.parent) != new:
            unswept.append(number)

    assert unswept == []


def test_a_first_run_killed_at_any_moment_leaves_a_whole_release_or_none(
    harbour: Path, out: Path, model: Model
) -> None:
    publish(model, harbour, out)
    whole = _tree(out)
    changes = _killed(0, harbour, out.parent.parent / "first" / "public")
    partly = []

    for number in range(1, len(changes) + 1, len(changes) // 8):
        place = out.parent.parent / f"site-{number}" / "public"
        _killed(number, harbour, place)
        if place.exists() and _tree(place) != whole:
            partly.append(number)

    assert partly == []


# -- what is not ours


@pytest.mark.parametrize(
    "name", [".public.old-backup", ".public.new-ideas", ".public.new-12345678x"]
)
def test_a_folder_that_only_looks_left_over_is_kept(
    model: Model, harbour: Path, out: Path, name: str
) -> None:
    _write(out.parent / name, {"thesis.txt": "years of work"})

    publish(model, harbour, out)

    assert (out.parent / name / "thesis.txt").read_text() == "years of work"


def test_a_name_with_wildcards_sweeps_nothing_else(model: Model, harbour: Path, out: Path) -> None:
    _write(out.parent / ".other.new-abcd1234", {"thesis.txt": "years of work"})

    publish(model, harbour, out.parent / "[a-z]*")

    assert (out.parent / ".other.new-abcd1234" / "thesis.txt").exists()


def test_a_file_put_there_during_the_run_stops_the_exchange(
    model: Model, harbour: Path, out: Path, old: Tree
) -> None:
    def meddle(doing: str) -> None:
        if doing == "writing":
            (out / "thesis.txt").write_text("years of work")

    with pytest.raises(PublishError, match=r"holds thesis\.txt"):
        publish(model, harbour, out, step=meddle)

    assert (out / "thesis.txt").read_text() == "years of work"


def test_an_answer_that_is_a_link_out_of_the_folder_is_not_published(
    model: Model, harbour: Path, out: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    _write(harbour, {"queries/1-x.rq": "#+ summary: x\nSELECT ?x { ?x a ?y }\n"})
    (harbour / "queries" / "1-x.csv").symlink_to(tmp_path / "secret.txt")

    with pytest.raises(UsageError, match="leads out of the folder"):
        publish(model, harbour, out)

    assert not out.exists()
