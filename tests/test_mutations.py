"""One fault at a time in the shipped records: found where it stands, once, and by its code.

The faults are planted by a program, see `tests/mutations`: one for each constraint of each shape,
and for each thing that the readers and the converter can say.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from expatlod.collection import gather
from expatlod.errors import Finding
from expatlod.fields import PART
from expatlod.profile import load
from expatlod.resources import default_profile
from tests.conftest import ROOT, Command
from tests.mutations.broken import Broken, broken
from tests.mutations.plant import FORMATS, Constraint, Ground, Mutation, mutations
from tests.mutations.run import Outcome, Runner, batches, lists
from tests.mutations.shacl import disagreements, tripped
from tests.mutations.sheets import to_csv, to_json

GROUND = Ground(load(default_profile()), ROOT / "data")
MODEL = GROUND.model

MUTATIONS = mutations(GROUND)

BATCHES = batches(MUTATIONS)

Batch = tuple[Mutation, ...]


# -- what is planted


def _reasons(each: Constraint) -> Mapping[str, bool]:
    """Return why a record cannot break a constraint; that which is true holds."""
    kind = MODEL.class_of_shape(each.shape)
    field = kind.field_of(each.paths[0]) if kind and len(each.paths) == 1 else None
    computed = field is not None and bool(field.computed) and field.shape == each.shape
    return {
        "the converter writes an address or nothing": each.name == "nodeKind",
        "the class of a part follows from its field": (
            each.name == "class" and field is not None and field.kind == PART
        ),
        "a text without a language does not get into the graph": (
            each.name == "datatype" and each.value.endswith("#langString")
        ),
        "every text is a string": each.name == "datatype" and each.value.endswith("#string"),
        "what is empty does not get into the graph": (
            each.name == "minLength" and each.value == "1"
        ),
        "what is computed is right, and what contradicts it is told before": computed,
        "a part without its only field is not there": (
            each.shape.endswith("#Provenance-text") and each.name == "minCount"
        ),
        "a date that does not exist is told before": each.shape.endswith("#Period-bounds"),
    }


def test_each_constraint_that_a_record_can_break_is_broken() -> None:
    broken_ = {pair for each in MUTATIONS for pair in each.trips}
    out_of_reach = {each.pair for each in GROUND.constraints if any(_reasons(each).values())}

    assert {each.pair for each in GROUND.constraints} - broken_ == out_of_reach


def test_each_shape_has_a_fault() -> None:
    shapes = {each.shape for each in GROUND.constraints}
    planted = {shape for each in MUTATIONS for shape in each.shapes}

    assert {shape.rpartition("#")[2] for shape in shapes - planted} == {"Period-bounds"}


def test_faults_enough_stand_in_records_just_as_they_are_shipped() -> None:
    assert len([each for each in MUTATIONS if not each.before]) >= 120


@pytest.mark.parametrize("fmt", FORMATS)
def test_there_are_faults_enough_in_each_format(fmt: str) -> None:
    assert len({each.name for each in MUTATIONS if fmt in each.formats}) >= 120


#: Codes that no record in YAML, JSON or CSV can have, and why.
ELSEWHERE = {
    "record:audit": "a fault of an engine and of no record, see test_audit.py",
    "record:rdf": "a file of RDF that cannot be read, see test_rdf.py",
    "record:xlsx": "a workbook that cannot be read, see test_records_formats.py",
}


def test_each_code_of_ours_is_planted() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "expatlod").rglob("*.py")]
    codes = {code for text in sources for code in re.findall(r'"(record:[a-z]+)"', text)}
    planted = {each.code for each in MUTATIONS} | {each.code for each in BROKEN}
    # Of these there is a test each, below.
    planted |= {"record:none", "record:file"}

    assert codes - planted == set(ELSEWHERE)


# -- the writers of these tests


def test_what_is_written_as_json_is_the_record() -> None:
    for record in GROUND.records.values():
        text = to_json(record.data).text
        assert json.loads(text, parse_int=str, object_hook=_as_text) == record.data


def _as_text(data: dict[str, object]) -> dict[str, object]:
    return {key: str(value).lower() if value is True else value for key, value in data.items()}


def test_what_is_written_as_csv_is_a_row_with_its_cells_where_they_are_said_to_be() -> None:
    for name, record in GROUND.records.items():
        written = to_csv(record.data, lists(MODEL, GROUND.kind_of(name).name))
        head, row = csv.reader(written.text.splitlines(keepends=True))
        assert len(head) == len(row)
        assert written.text[written.values["id",] :].startswith(str(record.data["id"]))


# -- each fault


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(GROUND, ROOT / "shapes", tmp_path_factory.mktemp("mutations"))


def _place(each: Finding) -> tuple[int, int]:
    return each.at.line, each.at.column


def _without_shipped(others: list[Finding], outcome: Outcome) -> list[Finding]:
    """Return *others* without those that the record has as it is shipped."""
    for shipped in outcome.shipped if outcome.converted else ():
        assert outcome.converted
        known = shipped.rule, shipped.path, shipped.severity, outcome.converted.iri
        for each in others:
            if (each.rule, each.path, each.severity, each.focus) == known:
                others.remove(each)
                break
    return others


def in_format(fmt: str) -> Callable[[Runner, Batch, Mutation], None]:
    """Return the check that a fault is found where it stands, and nothing else is."""

    def check(runner: Runner, batch: Batch, mutation: Mutation) -> None:
        outcome = runner.outcomes(batch, fmt)[mutation.name]
        first = runner.outcomes(batch, mutation.formats[0])[mutation.name]
        wanted = outcome.place, mutation.code, mutation.severity
        planted = [
            each
            for each in outcome.findings
            if (_place(each), each.rule, each.severity) == wanted
            and (
                mutation.term is None or each.path == (mutation.term and MODEL.curie(mutation.term))
            )
        ]

        assert planted, (wanted, outcome.findings)
        found = planted[0]
        others = [each for each in outcome.findings if each is not found]
        assert _without_shipped(others, outcome) == []
        if mutation.value is not None:
            assert found.value == mutation.value
        assert set(found.message) == {"da", "en"}
        # A rule that is not about one property says its cure as its message.
        own_words = found.rule.startswith("sh:") and (not found.path or found.rule == "sh:sparql")
        assert own_words or all(found.help.get(language) for language in ("da", "en"))
        if outcome.converted and first.converted:
            assert _graph(outcome) == _graph(first)

    return check


def _graph(outcome: Outcome) -> list[str]:
    """Return the triples of a record, whose name may be one made from its place."""
    assert outcome.converted
    lines = (*outcome.converted.lines, *outcome.converted.left_out)
    return sorted(line.replace(outcome.converted.iri, "") for line in lines)


def by_pyshacl_alone(runner: Runner, batch: Batch, mutation: Mutation) -> None:
    """Check that pySHACL says of the graph what we say, and nothing else."""
    outcome = runner.outcomes(batch, mutation.formats[0])[mutation.name]
    if outcome.converted is None:
        # It is no record, or one of that name is there: there is no graph of it.
        assert mutation.code in ("record:type", "record:twice")
        return
    found = runner.alone(batch)
    results = found.get(outcome.converted.iri, [])
    shipped = runner.iri(mutation.record)
    clean = [each.key(shipped) for each in found.get(shipped, [])]

    assert disagreements(MODEL, outcome.converted, outcome.findings, results, clean) == []
    assert mutation.trips <= tripped(results)


CHECKS = {fmt: in_format(fmt) for fmt in FORMATS} | {"pySHACL": by_pyshacl_alone}


@pytest.mark.parametrize(
    ("batch", "mutation", "check"),
    [
        pytest.param(batch, each, CHECKS[name], id=f"{each.name} ({name})")
        for batch in BATCHES
        for each in batch
        for name in (*each.formats, "pySHACL")
    ],
)
def test_fault_is_told_once_where_it_stands(
    runner: Runner,
    batch: Batch,
    mutation: Mutation,
    check: Callable[[Runner, Batch, Mutation], None],
) -> None:
    check(runner, batch, mutation)


@pytest.mark.parametrize("fmt", FORMATS)
def test_shipped_records_have_the_same_findings_in_each_format(runner: Runner, fmt: str) -> None:
    found = [(each.focus, each.rule, each.path) for each in runner.clean_findings(fmt)]

    assert found == [(each.focus, each.rule, each.path) for each in runner.clean_findings("yaml")]
    assert len(found) == 6


# -- texts that cannot be read

_RECORD = "project/working-in-lemvig"
_DATA = GROUND.records[_RECORD].data | {"id": "en-anden"}

BROKEN = tuple(
    broken(
        GROUND.records[_RECORD].text.replace("id: working-in-lemvig", "id: en-anden", 1),
        to_json(_DATA).text,
        to_csv(_DATA, lists(MODEL, "Project")).text,
    )
)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(
            each,
            id=f"{_RECORD}: {each.name} ({each.fmt})",
        )
        for each in BROKEN
    ],
)
def test_text_that_cannot_be_read_is_told_once_where_it_breaks(
    runner: Runner, fault: Broken, tmp_path: Path
) -> None:
    path = tmp_path / f"en-anden.{fault.fmt}"
    path.write_bytes(fault.data)
    if fault.size:
        os.truncate(path, fault.size)

    findings = runner.found_in(path, fault.fmt)

    assert [(_place(each), each.rule, each.severity) for each in findings] == [
        (fault.place, fault.code, fault.severity)
    ]
    assert all(findings[0].help.get(language) for language in ("da", "en"))


def test_folder_without_records_is_told(tmp_path: Path) -> None:
    (found,) = gather(MODEL, [tmp_path]).validate()

    assert (str(found.at), found.rule) == (str(tmp_path), "record:none")


def test_file_of_no_known_kind_is_told(tmp_path: Path) -> None:
    path = tmp_path / "post.txt"
    path.write_text(GROUND.records[_RECORD].text, encoding="utf-8")

    (found,) = gather(MODEL, [path]).validate()

    assert (str(found.at), found.rule) == (str(path), "record:file")


# -- the command


def _first(code: str, fmt: str) -> Mutation:
    return next(
        each
        for each in MUTATIONS
        if (each.code, each.before) == (code, ())
        and fmt in each.formats
        and each.own_id
        and each.record.startswith("project/")
    )


@pytest.mark.parametrize(
    ("code", "fmt"),
    [
        ("sh:node", "yaml"),
        ("sh:minCount", "yaml"),
        ("record:unknown", "json"),
        ("record:reference", "json"),
        ("sh:sparql", "csv"),
        ("sh:languageIn", "csv"),
    ],
)
def test_command_tells_the_fault_in_a_copy_of_the_dataset(
    expatlod: Command, tmp_path: Path, code: str, fmt: str
) -> None:
    mutation = replace(_first(code, fmt), own_id=False)
    runner = Runner(GROUND, ROOT / "shapes", tmp_path)
    shipped = {(each.rule, each.path) for each in runner.clean_findings(fmt)}
    runner.shipped(mutation.record, fmt).unlink()
    path, written = runner.planted(mutation, 0, fmt)

    run = expatlod("validate", tmp_path / fmt, "-f", "json")

    found = json.loads(run.stdout)["findings"]
    place = written.place((written.keys if mutation.key else written.values)[mutation.at])
    told = [
        each
        for each in found
        if (each["file"], each["line"], each["column"], each["code"]) == (str(path), *place, code)
    ]
    assert told
    rest = [(each["code"], each["property"]) for each in found if each is not told[0]]
    assert set(rest) <= shipped
    assert run.returncode == (1 if mutation.severity == "error" else 0)
