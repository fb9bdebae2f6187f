"""Dumps are compared by what they say, however and in whatever order they say it."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox
import pytest
import zstandard

from expatlod import archive
from expatlod.collection import gather
from expatlod.diff import FORMATS, diff, dump, join
from expatlod.diff.join import Differences
from expatlod.dumps import FORMATS as SYNTAXES
from expatlod.dumps import checksum, ntriples, serialize
from expatlod.errors import QueryError, UsageError
from expatlod.profile import Model

ROOT = Path(__file__).resolve().parent.parent

A, B = "<https://example.org/id/project/a>", "<https://example.org/id/project/b>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
PROJECT = "<https://w3id.org/expatlod/ontology#Project>"
TITLE = "<http://purl.org/dc/terms/title>"

#: A record with a title.
RECORD = f"{A} {TYPE} {PROJECT} .\n{A} {TITLE} " + '"{title}"@en .\n'


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def told(model: Model, old: Path, new: Path) -> list[str]:
    with diff(model, old, new) as changes:
        return "".join(FORMATS["text"](changes, "en")).splitlines()


@pytest.fixture
def pair(model: Model, dataset: Path) -> tuple[list[bytes], list[bytes]]:
    """The lines of the shipped data, and those of the data with three records changed."""
    old = ntriples(gather(model, [ROOT / "data"]).records)
    path = dataset / "projects/working-in-lemvig.yaml"
    path.write_text(path.read_text("utf-8").replace("status: completed", "status: active"), "utf-8")
    (dataset / "organisations/dgi.yaml").rename(dataset / "organisations/dgi2.yaml")
    path = dataset / "organisations/dgi2.yaml"
    path.write_text(path.read_text("utf-8").replace("id: dgi", "id: dgi-nord"), "utf-8")
    new = ntriples(gather(model, [dataset]).records)
    return old.splitlines(keepends=True), new.splitlines(keepends=True)


#: What differs between the two.
DIFFERENT = [
    "Project changed: Working in Lemvig (working-in-lemvig)",
    "  status changed from Completed to Active",
    "Organisation added: DGI (dgi-nord), has the same title as dgi, which is removed",
    "Organisation removed: DGI (dgi)",
]


# -- order


def _shuffled(lines: list[bytes]) -> list[bytes]:
    found = list(lines)
    random.Random(4).shuffle(found)
    return found


ORDERS: Mapping[str, Callable[[list[bytes]], list[bytes]]] = {
    "as-published": lambda lines: lines,
    "records-the-other-way-round": lambda lines: sorted(
        lines, key=lambda line: line.split(b">")[0].split(b"#")[0], reverse=True
    ),
    "by-property": lambda lines: sorted(lines, key=lambda line: line.split(b" ")[1]),
    "at-random": _shuffled,
    "each-line-twice": lambda lines: [*lines, *lines],
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_the_order_of_lines_and_records_does_not_matter(
    model: Model,
    tmp_path: Path,
    pair: tuple[list[bytes], list[bytes]],
    order: Callable[[list[bytes]], list[bytes]],
) -> None:
    old = written(tmp_path / "old.nt", b"".join(pair[0]))
    new = written(tmp_path / "new.nt", b"".join(order(pair[1])))

    assert told(model, old, new) == DIFFERENT


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_what_does_not_fit_into_memory_is_compared_on_disk(
    model: Model,
    tmp_path: Path,
    pair: tuple[list[bytes], list[bytes]],
    order: Callable[[list[bytes]], list[bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(join, "_WAITING", 2_000)
    monkeypatch.setattr(join, "_TURN", 3)
    monkeypatch.setattr(dump, "_BLOCK", 500)
    monkeypatch.setattr("expatlod.records.lines._CHUNK", 400)
    old = written(tmp_path / "old.nt", b"".join(pair[0]))
    new = written(tmp_path / "new.nt", b"".join(order(pair[1])))

    assert told(model, old, new) == DIFFERENT


# -- syntaxes


def _packed(data: bytes, ending: str) -> bytes:
    if ending == ".gz":
        return gzip.compress(data)
    return zstandard.ZstdCompressor().compress(data) if ending == ".zst" else data


@pytest.mark.parametrize("packed", ["", ".gz", ".zst"])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_syntax_and_compression_says_the_same(
    model: Model, tmp_path: Path, pair: tuple[list[bytes], list[bytes]], syntax: str, packed: str
) -> None:
    old = written(tmp_path / "old.nt", b"".join(pair[0]))
    same = serialize(model, gather(model, [ROOT / "data"]).records, syntax)
    copy = written(tmp_path / f"copy.{SYNTAXES[syntax].suffix}{packed}", _packed(same, packed))
    new = written(tmp_path / "new.nt", b"".join(pair[1]))

    assert told(model, old, copy) == []
    assert told(model, copy, new) == DIFFERENT


ODD = {
    "comment": "# a comment\n\n" + RECORD,
    "spaces": RECORD.replace("> ", ">  \t").replace(" .\n", " . # end\n"),
    "carriage-returns": RECORD.replace("\n", "\r\n"),
    "no-end": RECORD.removesuffix("\n"),
    "language-in-capitals": RECORD.replace("@en", "@EN"),
    "escapes": RECORD.replace("example", "ex\\u0061mple").replace("{title}", "\\u0041nna"),
    "twice": RECORD + RECORD,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_another_way_to_write_the_same_is_no_difference(
    model: Model, tmp_path: Path, text: str
) -> None:
    old = written(tmp_path / "old.nt", RECORD.replace("{title}", "Anna"))
    new = written(tmp_path / "new.nt", text.replace("{title}", "Anna"))

    assert told(model, old, new) == []


def test_an_empty_dump_has_no_records(model: Model, tmp_path: Path) -> None:
    old = written(tmp_path / "old.nt", RECORD.replace("{title}", "Anna"))

    assert told(model, old, written(tmp_path / "new.nt", "")) == ["Project removed: Anna (a)"]


def test_what_no_profile_knows_is_told_by_its_properties(model: Model, tmp_path: Path) -> None:
    line = "<https://example.org/x> <http://purl.org/dc/terms/extent> {} .\n"
    old = written(tmp_path / "old.nt", line.format('"3"'))
    new = written(tmp_path / "new.nt", line.format("<https://example.org/much>"))

    assert told(model, old, new) == [
        "Record changed: x",
        "  dct:extent changed from 3 to https://example.org/much",
    ]


# -- what cannot be compared

BROKEN = {
    "line": (f'{A} {TITLE} "x"@en .\n{A} {TITLE} "y .\n', r"new\.nt: cannot be read: .*line 2"),
    "cut-off": (f'{A} {TITLE} "x"@en .\n{A} {TITLE} "y" ', r"new\.nt: cannot be read: .*line 2"),
    "encoding": (b"\xff\xfe", r"new\.nt: cannot be read: .*line 1"),
    "node": (f"{A} {TITLE} _:b .\n", r"new\.nt: .*example\.org/id/project/a.*'_:b'.*give such"),
    "subject": (f'_:b {TITLE} "x" .\n', r"new\.nt: cannot be compared: .*'_:b'.*give such nodes"),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_dump_that_cannot_be_compared_is_told_with_its_place(
    model: Model, tmp_path: Path, text: str | bytes, message: str
) -> None:
    old = written(tmp_path / "old.nt", f'{A} {TITLE} "x"@en .\n')

    with pytest.raises(QueryError, match=message):
        diff(model, old, written(tmp_path / "new.nt", text))


def test_a_compressed_dump_that_is_cut_off_is_told(model: Model, tmp_path: Path) -> None:
    old = written(tmp_path / "old.nt", RECORD)
    new = written(tmp_path / "new.nt.gz", gzip.compress(RECORD.encode())[:-12])

    with pytest.raises(QueryError, match=r"new\.nt\.gz: .*damaged or cut off"):
        diff(model, old, new)


def test_a_record_of_any_size_is_refused_before_it_fills_the_memory(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump, "_LARGEST", 500)
    text = "".join(f'<https://example.org/x#{n}> {TITLE} "x" .\n' for n in range(20))

    with pytest.raises(QueryError, match=r"<https://example\.org/x> has more than"):
        diff(model, written(tmp_path / "old.nt", text), written(tmp_path / "new.nt", RECORD))


def test_a_folder_without_a_release_is_told(model: Model, tmp_path: Path) -> None:
    old = written(tmp_path / "old.nt", RECORD)
    (tmp_path / "new").mkdir()

    with pytest.raises(UsageError, match="new: no release here"):
        diff(model, old, tmp_path / "new")


# -- releases


def _release(folder: Path, version: str, text: str) -> Path:
    """Write a release with one dump and its manifest."""
    path = folder / "releases" / version
    (path / "dump").mkdir(parents=True)
    written(path / "dump" / "x.nt", text)
    file = {
        "path": "dump/x.nt",
        "mediaType": "application/n-triples",
        "bytes": len(text),
        "sha256": checksum(text.encode()),
    }
    manifest = {
        "generator": archive.GENERATOR,
        "version": "1",
        "dataset": "https://example.org/id/dataset/x",
        "release": version,
        "issued": "2026-01-01T00:00:00Z",
        "site": "https://example.org/",
        "content": "",
        "records": 1,
        "triples": 2,
        "files": [file],
    }
    (path / archive.MANIFEST).write_text(json.dumps(manifest))
    return path


def test_of_a_site_the_newest_release_is_compared(model: Model, tmp_path: Path) -> None:
    first = _release(tmp_path, "1.0", RECORD.replace("{title}", "Anna"))
    _release(tmp_path, "2.0", RECORD.replace("{title}", "Berta"))
    listed = [{"version": each, "issued": "", "sha256": ""} for each in ("1.0", "2.0")]
    site = {"generator": archive.GENERATOR, "dataset": "", "releases": listed, "files": []}
    (tmp_path / archive.SITE).write_text(json.dumps(site))

    assert told(model, first, tmp_path) == [
        "Project changed: Berta (a)",
        "  title in English changed from “Anna” to “Berta”",
    ]


def test_dumps_that_are_equal_by_their_manifests_are_not_read(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (_release(tmp_path / each, "1.0", RECORD) for each in ("old", "new"))

    def read(*_: object) -> Iterator[tuple[bytes, bytes]]:
        raise AssertionError

    monkeypatch.setattr("expatlod.diff.changes.records", read)
    assert told(model, old, new) == []


# -- in order, whatever the order of the dumps


def test_records_that_differ_come_by_class_state_and_name() -> None:
    def group(name: str, kind: str) -> tuple[bytes, bytes]:
        iri = f"https://example.org/{name}"
        return iri.encode(), f"<{iri}> {TYPE} <https://example.org/{kind}> .\n".encode()

    differences = Differences(["https://example.org/Boat"], [], ("old", "new"))
    old = [group("z", "Yard"), group("y", "Boat")]
    new = [group("d", "Yard"), group("c", "Boat"), group("b", "Boat")]
    differences.read(lambda: old, lambda: new)

    assert [(each.name[-1], each.state) for each in differences] == [
        ("b", "added"),
        ("c", "added"),
        ("y", "removed"),
        ("d", "added"),
        ("z", "removed"),
    ]
    differences.close()


# -- change sets


def _store(lines: list[bytes]) -> ox.Store:
    store = ox.Store()
    store.load(b"".join(lines), format=ox.RdfFormat.N_TRIPLES)
    return store


#: Texts that N-Triples and SPARQL escape differently, or that end something early.
TEXTS = [
    'quotes " and \' and """',
    "a backslash \\ and \\u0041 and \\\\u0041 and \\U00000041",
    "a line\nand another\r\n\tand a tab",
    "} ; DROP ALL ; {",
    "\u0001\u007f\u202e\U0001f600",
]


def _hostile(title: str) -> list[bytes]:
    texts = [title, *TEXTS]
    triples = [
        ox.Triple(ox.NamedNode(A[1:-1]), ox.NamedNode(TITLE[1:-1]), ox.Literal(text + title))
        for text in texts
    ]
    data = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    assert data is not None
    return data.splitlines(keepends=True)


def test_a_sparql_update_makes_the_new_graph_of_the_old(
    model: Model, tmp_path: Path, pair: tuple[list[bytes], list[bytes]]
) -> None:
    before, after = [*pair[0], *_hostile("one")], [*pair[1], *_hostile("two")]
    old = written(tmp_path / "old.nt", b"".join(before))
    new = written(tmp_path / "new.nt", b"".join(after))
    store = _store(before)
    with diff(model, old, new) as changes:
        store.update("".join(FORMATS["sparql-update"](changes, "en")))

    assert set(store) == set(_store(after))


def test_an_rdf_patch_makes_the_new_graph_of_the_old(
    model: Model, tmp_path: Path, pair: tuple[list[bytes], list[bytes]]
) -> None:
    old = written(tmp_path / "old.nt", b"".join(pair[0]))
    new = written(tmp_path / "new.nt", b"".join(pair[1]))
    with diff(model, old, new) as changes:
        first, *lines, last = "".join(FORMATS["rdf-patch"](changes, "en")).encode().splitlines(True)
    graph = set(pair[0])
    graph -= {line[2:] for line in lines if line.startswith(b"D ")}
    graph |= {line[2:] for line in lines if line.startswith(b"A ")}

    assert (first, last) == (b"TX .\n", b"TC .\n")
    assert {line[:2] for line in lines} == {b"A ", b"D "}
    assert graph == set(pair[1])
