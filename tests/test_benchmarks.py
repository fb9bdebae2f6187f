"""Benchmarks: made-up records are right but for planted faults, and comparisons are true."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pytest

from expatlod.collection import Collection, gather
from expatlod.errors import ERROR
from expatlod.profile import Model, load
from expatlod.resources import Folder, default_profile
from tests.benchmarks.compare import difference
from tests.benchmarks.flatten import Flattening
from tests.benchmarks.generate import canonical, dataset, records
from tests.benchmarks.peers import floor

PROFILES = {"shipped": default_profile(), "harbours": Folder(Path(__file__).parent / "profile")}


@pytest.fixture(scope="module", params=PROFILES)
def model(request: pytest.FixtureRequest) -> Model:
    """Each profile in turn."""
    return load(PROFILES[request.param])


def gathered(model: Model, folder: Path, made: Iterable[dict[str, object]]) -> Collection:
    """Write records and their dataset into *folder*, and read them."""
    about = dataset(model)
    assert about is not None
    (folder / "dataset.json").write_text(json.dumps(about))
    (folder / "records.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in made))
    return gather(model, [folder])


def faulty_lines(collection: Collection) -> set[int]:
    """Return the lines of the records that have errors."""
    return {each.at.line for each in collection.validate() if each.severity == ERROR}


def test_generated_records_have_no_findings(model: Model, tmp_path: Path) -> None:
    findings = gathered(model, tmp_path, records(model, 200)).validate()

    assert [str(each) for each in findings] == []


@pytest.mark.parametrize("seed", [1, 2])
def test_one_record_in_ten_has_a_fault_that_is_found(
    model: Model, tmp_path: Path, seed: int
) -> None:
    right = list(records(model, 200, seed=seed))
    wrong = list(records(model, 200, seed=seed, faulty=0.1))
    planted = {n for n, pair in enumerate(zip(right, wrong, strict=True), 1) if pair[0] != pair[1]}

    assert [len([n for n in planted if k < n <= k + 10]) for k in range(0, 200, 10)] == [1] * 20
    assert faulty_lines(gathered(model, tmp_path, wrong)) == planted


def test_the_same_seed_gives_the_same_records(model: Model) -> None:
    first, again = (json.dumps(list(records(model, 300, seed=7, faulty=0.1))) for _ in range(2))

    assert first == again


def test_another_seed_gives_other_records(model: Model) -> None:
    assert list(records(model, 20, seed=1)) != list(records(model, 20, seed=2))


def test_a_thousand_records_are_the_first_of_two_thousand(model: Model) -> None:
    more = records(model, 2000, faulty=0.01)

    assert list(records(model, 1000, faulty=0.01)) == list(islice(more, 1000))


def test_no_two_records_have_one_name(model: Model) -> None:
    names = [(each["type"], each["id"]) for each in records(model, 5000)]

    assert len(set(names)) == len(names)


def test_most_records_are_of_the_largest_class_and_the_others_are_pointed_at(model: Model) -> None:
    made = list(records(model, 5000))
    largest = max(model.record_classes, key=lambda kind: len(kind.fields)).name
    others = [each for each in made if each["type"] != largest]
    text = json.dumps(made)

    assert 0.02 < len(others) / len(made) < 0.06
    # The name, where the record itself is, and where others point at it.
    assert max(text.count(f'"{each["id"]}"') for each in others) > 50


def test_canonical_records_convert_to_what_they_are(model: Model, tmp_path: Path) -> None:
    made = [canonical(model, each) for each in records(model, 100)]

    assert [each.node for each in gathered(model, tmp_path, made).records] == made


def test_the_converter_with_a_fixed_mapping_makes_the_same_triples(
    model: Model, tmp_path: Path
) -> None:
    made = [canonical(model, each) for each in records(model, 100)]
    (tmp_path / "fixed.py").write_text(floor.source(model))
    collection = gathered(model, tmp_path, made)

    command = [sys.executable, "fixed.py", "records.jsonl", "out.nt"]
    subprocess.run(command, cwd=tmp_path, check=True)

    expected = sorted(line for each in collection.records for line in each.lines)
    assert sorted((tmp_path / "out.nt").read_text("utf-8").splitlines()) == expected


def test_tables_hold_a_cell_for_every_triple_but_the_types(model: Model, tmp_path: Path) -> None:
    collection = gathered(model, tmp_path, records(model, 100))
    flattening = Flattening(model)
    rows = [
        (name, row)
        for each in collection.records
        for name, row in flattening.rows(each.node, model.classes[each.kinds[each.iri]])
    ]

    cells = sum(len(row) - 1 for _, row in rows)
    types = sum(len(flattening.tables[name].types) for name, _ in rows)
    assert cells + types == sum(len(each.lines) for each in collection.records)


OURS = """\
<x:a> <x:p> "1.50"^^<http://www.w3.org/2001/XMLSchema#decimal> .
<x:a> <x:q> "\u00e5l"@da .
<x:a> <x:r> <https://example.org/a/b> .
<x:a> <x:s> "en linje\\nen til"@da .
"""


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        (OURS, "the same 4 triples, byte for byte"),
        (OURS.replace("\u00e5", "\\u00E5"), "the same 4 triples"),
        (OURS.replace("1.50", "1.5"), "of 4 triples differ: 1 × number or date written otherwise"),
        (OURS.replace("@da .\n<x:a> <x:r>", " .\n<x:a> <x:r>"), "language lost or altered"),
        (OURS.replace("^^<http://www.w3.org/2001/XMLSchema#decimal>", ""), "datatype lost"),
        (OURS.replace("https://example.org/", "https://example.org%2F"), "percent-encoded"),
        (OURS.replace("\\n", " "), "1 × line ends altered"),
        (OURS.replace("/a/b", "/c"), "1 × missing, 1 × not ours"),
        (OURS + "<x:a b> <x:p> <x:c> .\n", "1 × lines that are no N-Triples"),
    ],
    ids=["same", "escape", "number", "language", "datatype", "address", "line", "other", "broken"],
)
def test_differences_between_outputs_are_told_with_their_reason(
    tmp_path: Path, theirs: str, told: str
) -> None:
    first, second = tmp_path / "ours.nt", tmp_path / "theirs.nt"
    first.write_text(OURS, "utf-8")
    second.write_text(theirs, "utf-8")

    assert difference(first, second).find(told) >= 0
