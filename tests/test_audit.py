"""The audit of the screen: which records are looked at, and what is said of the engines."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import shacl

from expatlod.audit import Passed, Sample, audit
from expatlod.collection import gather
from expatlod.profile import Model
from expatlod.validate import Validator

IRIS = [f"https://example.org/id/{number}" for number in range(1000)]

RECORDS = {
    "dataset.yaml": """\
id: solby
type: Dataset
title: {da: Projekter i Solby, en: Projects in Solby}
description: {da: Opdigtede projekter i Solby, en: Invented projects in Solby}
publisher: solby-kommune
licence: https://creativecommons.org/licenses/by/4.0/
base: https://example.org/
language: [da, en]
""",
    "solby-kommune.yaml": """\
id: solby-kommune
type: Organisation
name: {da: Solby Kommune, en: Solby Municipality}
kind: municipality
place: Lemvig
""",
    "naboer.yaml": """\
id: naboer
type: Project
title: {da: Gode naboer, en: Good neighbours}
summary: {da: Et opdigtet projekt om naboer., en: An invented project about neighbours.}
kind: project
audience: [citizen]
theme: leisure
extent: [Lemvig]
funding: [{funder: solby-kommune, fundingSource: municipality, share: 60}]
source: https://example.org/side
""",
}


def held(size: int, seed: int, iris: list[str]) -> list[str]:
    sample: Sample[int] = Sample(size, seed)
    for number, iri in enumerate(iris):
        sample.offer(iri, number)
    return [iri for iri, _ in sample]


# -- the sample


def test_sample_is_the_same_in_any_order() -> None:
    shuffled = Random(3).sample(IRIS, len(IRIS))

    assert held(20, 7, shuffled) == held(20, 7, IRIS)


@pytest.mark.parametrize("parts", [2, 3, 100])
def test_sample_is_the_same_from_any_number_of_processes(parts: int) -> None:
    whole: Sample[str] = Sample(20, 7)
    for part in range(parts):
        one: Sample[str] = Sample(20, 7)
        for iri in IRIS[part::parts]:
            one.offer(iri, iri)
        whole.merge(one)

    assert [iri for iri, _ in whole] == held(20, 7, IRIS)


def test_another_seed_gives_another_sample() -> None:
    assert held(20, 7, IRIS) != held(20, 8, IRIS)


def test_each_record_is_as_likely_to_be_in_the_sample() -> None:
    drawn = [iri for seed in range(1000) for iri in held(3, seed, IRIS[:10])]

    # 300 are expected of each; three standard deviations are 43.
    assert all(257 <= drawn.count(iri) <= 343 for iri in IRIS[:10])


@pytest.mark.parametrize(("size", "held_"), [(0, 0), (1, 1), (20, 20), (2000, 1000)])
def test_sample_holds_no_more_than_its_size(size: int, held_: int) -> None:
    assert len(held(size, 7, IRIS)) == held_


def test_what_is_offered_twice_is_held_once() -> None:
    assert held(3, 7, ["a", "a", "b", "a"]) == ["a", "b"]


def test_only_what_would_be_taken_is_wanted() -> None:
    sample: Sample[None] = Sample(20, 7)
    for iri in IRIS:
        before, wanted = [each for each, _ in sample], sample.wants(iri)
        sample.offer(iri, None)
        assert ([each for each, _ in sample] != before) is wanted


# -- the judgement


def passed(model: Model, folder: Path, **changes: str) -> list[Passed]:
    """Return the records as if the screen had passed them, with *changes* to the project."""
    for name, text in RECORDS.items():
        for old, new in changes.items() if name == "naboer.yaml" else ():
            assert old in text
            text = text.replace(old, new)
        (folder / name).write_text(text, "utf-8")
    collection = gather(model, [folder])
    validator = Validator(model)
    return [
        Passed(
            each.iri,
            "".join(validator.closure([each], collection.known)),
            each.record.at(),
        )
        for each in collection.all
    ]


def test_records_without_a_fault_cause_no_disagreement(model: Model, tmp_path: Path) -> None:
    assert audit(model, passed(model, tmp_path)) == []


@pytest.fixture
def short_sighted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the screen blind to sh:maxInclusive."""
    compiled = shacl.Shapes

    class Shapes:
        @staticmethod
        def from_text(text: str, form: str) -> shacl.Shapes:
            kept = [line for line in text.split("\n") if "shacl#maxInclusive> " not in line]
            return compiled.from_text("\n".join(kept), form)

    monkeypatch.setattr(shacl, "Shapes", Shapes)


def test_record_that_the_screen_passed_wrongly_is_told_with_both_reports(
    model: Model, tmp_path: Path, short_sighted: None
) -> None:
    records = passed(model, tmp_path, **{"share: 60": "share: 250"})
    screen = Validator(model)
    assert not any(each.iri in (screen.screen(each.text) or ()) for each in records)

    (found,) = audit(model, records)

    assert (found.finding.rule, found.finding.severity) == ("record:audit", "error")
    assert found.finding.focus == "https://example.org/id/project/naboer"
    assert str(found.finding.at) == f"{tmp_path}/naboer.yaml:1:1"
    assert {each.rule for each in found.finding.also} == {"sh:maxInclusive"}
    assert found.shacl == "Validation Report\nConforms: True\nResults (0):\n"
    assert found.pyshacl.startswith("Validation Report\nConforms: False\nResults (1):")


def test_disagreement_is_told_in_both_languages(
    model: Model, tmp_path: Path, short_sighted: None
) -> None:
    (found,) = audit(model, passed(model, tmp_path, **{"share: 60": "share: 250"}))

    for texts in (found.finding.message, found.finding.help, found.finding.also[0].message):
        assert set(texts) == {"da", "en"}
        assert texts["da"] != texts["en"]


def test_fault_of_what_a_record_points_at_is_not_held_against_it(
    model: Model, tmp_path: Path
) -> None:
    (project,) = (each for each in passed(model, tmp_path) if each.iri.endswith("/naboer"))
    # Of what it points at the types are there, and no name.
    other = "https://example.org/id/organisation/solby-kommune"
    assert other in (Validator(model).screen(project.text) or ())

    assert audit(model, [project]) == []
