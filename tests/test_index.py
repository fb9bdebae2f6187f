"""Stores on disk: what is loaded into them, and what stands when that fails."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
import zstandard

from expatlod import index as index_module
from expatlod.errors import PublishError, QueryError, UsageError
from expatlod.index import index
from expatlod.query import ask_store, open_store, rows
from expatlod.resources import default_profile

#: Runs `expatlod` in a process of its own, see conftest.py.
Command = Callable[..., subprocess.CompletedProcess[str]]

DUMP = """\
<https://example.org/boat/1> <https://example.org/name> "Sild" .
<https://example.org/boat/2> <https://example.org/name> "Ørred"@da .
"""

NAMES = "SELECT ?name WHERE { ?boat <https://example.org/name> ?name } ORDER BY ?name"

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".zst": lambda data: zstandard.compress(data),
}


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "boats.nt"
    path.write_text(DUMP, "utf-8")
    return path


def names(store: Path) -> list[str]:
    answer = ask_store(open_store(store, default_profile()), NAMES)
    assert isinstance(answer, ox.QuerySolutions)
    return [row[0] for row in rows(answer)[1:]]


def inside(store: Path) -> list[str]:
    return sorted(re.sub("[0-9a-f]{8}$", "…", each.name) for each in store.iterdir())


# -- what is loaded


def test_a_store_answers_as_the_release_does(
    expatlod: Command, release: Path, tmp_path: Path
) -> None:
    made = expatlod("index", release, "-o", "boxes")
    checked = expatlod("query", "check", "--queries", release / "queries", "--data", "boxes")

    assert re.fullmatch(r"boxes: \d+ triples from \d+ files\n", made.stderr), made.stderr
    assert (made.stdout, made.returncode) == ("", 0)
    assert (checked.stderr, checked.returncode) == ("23 of 23 agree\n", 0)


def test_a_dump_is_joined_by_the_codelists(expatlod: Command, dump: Path) -> None:
    expatlod("index", dump)

    question = 'ASK { ?code <http://www.w3.org/2004/02/skos/core#prefLabel> "Aalborg"@da }'
    result = expatlod("query", "run", "--file", "-", "--data", "store", input=question)

    assert result.stdout == "true\n"


@pytest.mark.parametrize("packed", PACKED, ids=lambda ending: ending[1:] or "plain")
@pytest.mark.parametrize("ending", ["nt", "ttl", "jsonld", "rdf"])
def test_a_dump_is_loaded_in_each_syntax(tmp_path: Path, ending: str, packed: str) -> None:
    syntax = ox.RdfFormat.from_extension(ending)
    assert syntax is not None
    data = ox.serialize(ox.parse(DUMP, format=ox.RdfFormat.N_TRIPLES), format=syntax)
    assert data is not None
    path = tmp_path / f"boats.{ending}{packed}"
    path.write_bytes(PACKED[packed](data))

    assert index([path], tmp_path / "store") == 2
    assert names(tmp_path / "store") == ["Sild", "Ørred"]
    # The same file is asked without a store.
    assert names(path) == ["Sild", "Ørred"]


@pytest.mark.parametrize("kept", ["ttl", "nt.zst", "nt.gz", "jsonld.gz"])
def test_a_release_is_loaded_from_the_dump_it_has(
    expatlod: Command, release: Path, tmp_path: Path, kept: str
) -> None:
    folder = Path(shutil.copytree(release, tmp_path / "public"))
    (plain,) = folder.glob("dump/*.nt")
    data = plain.read_bytes()
    stem = plain.name.removesuffix(".nt")
    shutil.rmtree(folder / "dump")
    (folder / "dump").mkdir()
    ending, _, packed = kept.partition(".")
    syntax = ox.RdfFormat.from_extension(ending)
    assert syntax is not None
    written = ox.serialize(ox.parse(data, format=ox.RdfFormat.N_TRIPLES), format=syntax)
    assert written is not None
    packed = f".{packed}" if packed else ""
    (folder / "dump" / f"{stem}.{kept}").write_bytes(PACKED[packed](written))

    expatlod("index", "public")
    result = expatlod("query", "check", "--queries", "public/queries", "--data", "store")

    assert result.stderr == "23 of 23 agree\n"


def test_the_marker_says_what_is_in_the_store(dump: Path, tmp_path: Path) -> None:
    index([dump], tmp_path / "store")

    marker = json.loads((tmp_path / "store" / "store.json").read_bytes())
    assert (marker["generator"], marker["triples"]) == ("expatlod", 2)
    assert marker["sources"] == [
        {
            "path": str(dump),
            "bytes": len(DUMP.encode()),
            "sha256": hashlib.sha256(DUMP.encode()).hexdigest(),
        }
    ]


def test_a_blank_node_is_one_node_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "_BATCH", 1)
    path = tmp_path / "blank.nt"
    path.write_text("_:a <urn:x:p> _:b .\n_:b <urn:x:q> _:a .\n_:b <urn:x:q> _:b .\n")

    index([path], tmp_path / "store")

    store = open_store(tmp_path / "store", default_profile())
    assert bool(ask_store(store, "ASK { ?a <urn:x:p> ?b . ?b <urn:x:q> ?a , ?b }"))


def test_how_far_it_has_got_is_told(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "_BATCH", 1)
    told: list[tuple[Path, int, int]] = []

    index([dump], tmp_path / "store", told=lambda *far: told.append(far))

    size = len(DUMP.encode())
    assert told == [(dump, size, 1), (dump, size, 2)]


# -- what is damaged


def test_a_broken_line_is_named_and_no_store_is_left(
    expatlod: Command, dump: Path, tmp_path: Path
) -> None:
    dump.write_text(DUMP + "<https://example.org/boat/3> nonsense\n", "utf-8")

    result = expatlod("index", "boats.nt")

    told = re.compile(r"expatlod: boats\.nt: cannot be read: .*\bline 3\b.*\n")
    assert told.fullmatch(result.stderr), result.stderr
    assert (result.stdout, result.returncode) == ("", 2)
    assert [each.name for each in tmp_path.iterdir()] == ["boats.nt"]


@pytest.mark.parametrize("packed", [".gz", ".zst"])
def test_a_cut_off_file_is_named_with_its_line(
    expatlod: Command, tmp_path: Path, packed: str
) -> None:
    many = "".join(f'<urn:x:{n}> <urn:x:p> "{n * 7919 % 10007}" .\n' for n in range(20_000))
    (tmp_path / f"boats.nt{packed}").write_bytes(PACKED[packed](many.encode())[:-500])

    result = expatlod("index", f"boats.nt{packed}")

    told = re.compile(
        rf"expatlod: boats\.nt\{packed}: cannot be read: the compressed file is damaged or cut off "
        r"at line \d+; fetch or compress it again\n"
    )
    assert told.fullmatch(result.stderr), result.stderr
    assert result.returncode == 2


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.rdf"
    path.write_text('<?xml version="1.0"?>\n<!DOCTYPE r [<!ENTITY a "aaaa">]>\n<r>&a;</r>\n')

    with pytest.raises(QueryError) as caught:
        index([path], tmp_path / "store")

    assert str(caught.value) == f"{path}: cannot be read: a DOCTYPE, which is not read"


def test_a_file_that_is_not_there_is_named(expatlod: Command) -> None:
    result = expatlod("index", "boats.nt")

    assert result.stderr == (
        "expatlod: boats.nt: nothing here; run 'expatlod publish' first, or name a dump\n"
    )
    assert result.returncode == 2


def test_a_store_that_lost_its_files_is_told(dump: Path, tmp_path: Path) -> None:
    index([dump], tmp_path / "store")
    (folder,) = (tmp_path / "store").glob("oxigraph-*")
    shutil.rmtree(folder)

    with pytest.raises(QueryError) as caught:
        open_store(tmp_path / "store", default_profile())

    told = re.escape(f"{tmp_path / 'store'}: the store cannot be opened: ")
    assert re.fullmatch(rf"{told}.+; make it again with 'expatlod index'", str(caught.value))


# -- what stood there before


def test_a_store_is_replaced_by_the_new_one(dump: Path, tmp_path: Path) -> None:
    index([dump], tmp_path / "store")
    dump.write_text(DUMP.replace("Sild", "Torsk"), "utf-8")

    index([dump], tmp_path / "store")

    assert names(tmp_path / "store") == ["Torsk", "Ørred"]
    assert inside(tmp_path / "store") == ["oxigraph-…", "store.json"]


def test_a_damaged_dump_leaves_the_old_store(dump: Path, tmp_path: Path) -> None:
    index([dump], tmp_path / "store")
    dump.write_text(DUMP.replace("Sild", "Torsk") + "nonsense\n", "utf-8")

    with pytest.raises(QueryError):
        index([dump], tmp_path / "store")

    assert names(tmp_path / "store") == ["Sild", "Ørred"]
    assert inside(tmp_path / "store") == ["oxigraph-…", "store.json"]


def test_ctrl_c_leaves_the_old_store(dump: Path, tmp_path: Path) -> None:
    index([dump], tmp_path / "store")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index([dump], tmp_path / "store", told=interrupt)

    assert names(tmp_path / "store") == ["Sild", "Ørred"]
    assert inside(tmp_path / "store") == ["oxigraph-…", "store.json"]


def test_a_killed_run_leaves_the_old_store_and_the_next_one_sweeps(
    expatlod: Command, dump: Path, tmp_path: Path
) -> None:
    index([dump], tmp_path / "store")
    # A pipe that nobody writes to: the run waits there until it is killed.
    os.mkfifo(tmp_path / "late.nt")
    code = (
        "import sys; from pathlib import Path; from expatlod.index import index; "
        "index([Path(sys.argv[1])], Path(sys.argv[2]))"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "late.nt"), str(tmp_path / "store")]
    )
    deadline = time.monotonic() + 60
    while len(inside(tmp_path / "store")) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    run.kill()
    run.wait()

    assert inside(tmp_path / "store") == ["oxigraph-…", "oxigraph-…", "store.json"]
    assert names(tmp_path / "store") == ["Sild", "Ørred"]
    index([dump], tmp_path / "store")
    assert inside(tmp_path / "store") == ["oxigraph-…", "store.json"]


def test_what_a_killed_first_run_left_is_no_hindrance(dump: Path, tmp_path: Path) -> None:
    (tmp_path / "store" / "oxigraph-0123abcd").mkdir(parents=True)

    index([dump], tmp_path / "store")

    assert inside(tmp_path / "store") == ["oxigraph-…", "store.json"]


@pytest.mark.parametrize("name", ["notes.txt", "store.json"])
def test_a_folder_that_is_no_store_is_left_alone(
    expatlod: Command, dump: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / name).write_text("{}")

    result = expatlod("index", dump)

    assert result.stderr == (
        "expatlod: store: not a store of expatlod (no store.json of ours), so it is not replaced; "
        "name another folder with --output, or move this one away\n"
    )
    assert result.returncode == 2
    assert inside(tmp_path / "store") == [name]


def test_a_file_of_somebody_in_a_store_is_kept(dump: Path, tmp_path: Path) -> None:
    index([dump], tmp_path / "store")
    (tmp_path / "store" / "notes.txt").write_text("mine")

    index([dump], tmp_path / "store")

    assert inside(tmp_path / "store") == ["notes.txt", "oxigraph-…", "store.json"]


def test_a_marker_cannot_lead_out_of_the_store(dump: Path, tmp_path: Path) -> None:
    index([dump], tmp_path / "other")
    (folder,) = (tmp_path / "other").glob("oxigraph-*")
    (tmp_path / "store").mkdir()
    marker = {"generator": "expatlod", "folder": f"../other/{folder.name}"}
    (tmp_path / "store" / "store.json").write_text(json.dumps(marker))

    with pytest.raises(UsageError, match="no release and no store here"):
        open_store(tmp_path / "store", default_profile())


def test_two_runs_do_not_write_one_store(dump: Path, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    handle = os.open(tmp_path / "store", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        with pytest.raises(UsageError) as caught:
            index([dump], tmp_path / "store")
    finally:
        os.close(handle)

    assert str(caught.value) == (
        f"{tmp_path / 'store'}: another run is writing it; wait until it is done"
    )


def test_a_place_that_cannot_be_written_is_told(dump: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(PublishError) as caught:
        index([dump], tmp_path / "file" / "store")

    assert str(caught.value) == (
        f"{tmp_path / 'file' / 'store'}: the store could not be written: Not a directory; "
        "what stood there before is untouched"
    )
