"""Records together: one name each, one base, and references that lead somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from expatlod.collection import Collection, gather
from expatlod.errors import ERROR, Finding
from expatlod.namespaces import DEFAULT_BASE
from expatlod.profile import Model
from tests.harbours import DATASET, PROJECT, dataset, project

ORGANISATION = ["Organisation", "foaf:Agent"]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `data` with a dataset and its publisher only, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return dataset(Path("data"))


def iris(collection: Collection) -> list[str]:
    """The IRIs of the projects."""
    return [each.iri for each in collection.records if each.node["type"] != ORGANISATION]


def errors(collection: Collection) -> list[Finding]:
    return [each for each in collection.validate() if each.severity == ERROR]


def rows(collection: Collection) -> list[tuple[str, str]]:
    return [(str(each.at), each.rule) for each in errors(collection)]


# -- one name each


def test_id_used_twice_is_reported_at_the_second_record_and_names_the_first(
    model: Model, data: Path
) -> None:
    project(data / "projects", "north", name="first")
    project(data / "projects", "north", name="second")

    (finding,) = errors(gather(model, [data]))

    assert str(finding.at) == "data/projects/second.yaml:1:5"
    assert finding.rule == "record:twice"
    assert finding.message == {
        "da": "id 'north' er brugt før, i data/projects/first.yaml:1:5",
        "en": "the id 'north' is used before, in data/projects/first.yaml:1:5",
    }
    assert finding.help == {
        "da": "giv den ene post et andet id",
        "en": "give one record another id",
    }


def test_id_used_twice_keeps_the_first_record(model: Model, data: Path) -> None:
    project(data, "north", "theme: housing\n", name="first")
    project(data, "north", "theme: tax\n", name="second")

    sources = [each.record.source for each in gather(model, [data]).records]

    assert sources == ["data/first.yaml", "data/owner.yaml"]


def test_id_used_twice_in_one_file_is_reported_in_its_second_document(
    model: Model, data: Path
) -> None:
    text = PROJECT.format(id="north")
    (data / "both.yaml").write_text(f"{text}---\n{text}")

    assert rows(gather(model, [data])) == [("data/both.yaml:7:5", "record:twice")]


def test_records_of_two_classes_may_have_one_id(model: Model, data: Path) -> None:
    project(data, "north")
    (data / "organisation.yaml").write_text(
        "id: north\ntype: Organisation\nname: {da: Nord, en: North}\nkind: association\n"
    )

    assert rows(gather(model, [data])) == []


def test_id_used_twice_names_the_record_it_is_about(model: Model, data: Path) -> None:
    project(data, "north", name="first")
    project(data, "north", name="second")

    (finding,) = errors(gather(model, [data]))

    assert finding.focus == "https://data.example.org/id/project/north"


def test_file_that_is_named_twice_is_read_once(model: Model, data: Path) -> None:
    path = project(data, "north")

    found = gather(model, [data, path])

    assert rows(found) == []
    assert found.files == ("data/dataset.yaml", "data/north.yaml", "data/owner.yaml")


# -- the base


def test_base_is_that_of_the_dataset_in_the_folder(model: Model, data: Path) -> None:
    project(data / "projects", "north")

    assert iris(gather(model, [data])) == ["https://data.example.org/id/project/north"]


@pytest.mark.parametrize("folder", [".", "projects", "projects/2012"])
def test_base_of_a_single_file_is_that_of_the_dataset_it_lies_in(
    model: Model, data: Path, folder: str
) -> None:
    path = project(data / folder, "north")

    assert iris(gather(model, [path])) == ["https://data.example.org/id/project/north"]


def test_base_is_found_from_inside_the_folder(
    model: Model, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(data / "projects", "north")
    monkeypatch.chdir(data / "projects")

    assert iris(gather(model, [Path("north.yaml")])) == [
        "https://data.example.org/id/project/north"
    ]


def test_dataset_may_be_of_another_format(model: Model, data: Path) -> None:
    path = project(data / "projects", "north")
    (data / "dataset.yaml").unlink()
    (data / "dataset.json").write_text(
        '{"id": "harbours", "type": "Dataset", "base": "https://data.example.org/"}'
    )

    assert iris(gather(model, [path])) == ["https://data.example.org/id/project/north"]


def test_base_that_is_given_wins(model: Model, data: Path) -> None:
    project(data, "north")

    found = gather(model, [data], base="https://other.example/")

    assert iris(found) == ["https://other.example/id/project/north"]


def test_base_without_a_dataset_is_the_default(model: Model, tmp_path: Path) -> None:
    path = project(tmp_path / "far" / "from" / "any" / "dataset", "north")

    assert iris(gather(model, [path])) == [f"{DEFAULT_BASE}id/project/north"]


@pytest.mark.parametrize(
    "base",
    [
        pytest.param("data", id="relative"),
        pytest.param("https://data.example.org", id="no-slash-at-the-end"),
        pytest.param("javascript:alert(1)/", id="scheme-that-runs"),
        pytest.param('"https://data.example.org/a b/"', id="space"),
        pytest.param('"https://data.example.org/#/"', id="fragment"),
        pytest.param('"https://data.example.org/../"', id="step-up"),
        pytest.param('"https://user:secret@data.example.org/"', id="password"),
        pytest.param('"https://data.example.org/>/"', id="bracket"),
    ],
)
def test_bad_base_is_one_finding_at_its_line(model: Model, data: Path, base: str) -> None:
    text = DATASET.replace("base: https://data.example.org/", f"base: {base}")
    (data / "dataset.yaml").write_text(text)

    found = rows(gather(model, [data]))

    assert [place.rpartition(":")[0] for place, _ in found] == ["data/dataset.yaml:7"]


def test_base_may_stand_alone_in_a_list(model: Model, data: Path) -> None:
    text = DATASET.replace("base: https://data.example.org/", "base: [https://example.org/b/]")
    (data / "dataset.yaml").write_text(text)

    assert gather(model, [data]).base == "https://example.org/b/"


def test_bad_base_is_quoted_in_both_languages(model: Model, data: Path) -> None:
    text = DATASET.replace("base: https://data.example.org/", "base: harbours")
    (data / "dataset.yaml").write_text(text)

    finding = errors(gather(model, [data]))[0]

    assert finding.message == {
        "da": "base 'harbours' kan ikke begynde en adresse",
        "en": "base 'harbours' cannot begin an address",
    }


def test_missing_base_is_one_finding_at_the_dataset(model: Model, data: Path) -> None:
    (data / "dataset.yaml").write_text(DATASET.replace("base: https://data.example.org/\n", ""))

    assert rows(gather(model, [data])) == [("data/dataset.yaml:1:1", "sh:minCount")]


def test_dataset_stands_apart_from_the_records(model: Model, data: Path) -> None:
    project(data, "north")

    found = gather(model, [data])

    assert found.dataset is not None
    assert found.dataset.iri == "https://data.example.org/id/dataset/harbours"
    assert iris(found) == ["https://data.example.org/id/project/north"]


# -- references


def test_file_that_is_checked_alone_may_point_at_the_others(model: Model, data: Path) -> None:
    project(data / "projects", "north")
    path = project(data / "projects", "south", "continues: north\n")

    assert rows(gather(model, [path])) == []


def test_faults_of_the_others_are_not_reported_with_a_file_that_is_checked_alone(
    model: Model, data: Path
) -> None:
    project(data / "projects", "north", "titel: x\n")
    path = project(data / "projects", "south")

    assert rows(gather(model, [path])) == []


def test_reference_to_nothing_is_found_with_what_it_may_have_meant(
    model: Model, data: Path
) -> None:
    project(data, "harbour")
    project(data, "north", "continues: harbor\n")

    (finding,) = errors(gather(model, [data]))

    assert (str(finding.at), finding.rule) == ("data/north.yaml:6:12", "record:reference")
    assert finding.message == {
        "da": "continues (fortsætter) 'harbor' findes ikke",
        "en": "continues 'harbor' does not exist",
    }
    assert finding.help == {
        "da": "mente du 'harbour'? Ellers opret det, der henvises til",
        "en": "did you mean 'harbour'? Otherwise add what is referred to",
    }


def test_reference_to_nothing_in_a_list_is_found_at_its_place_in_the_list(
    model: Model, data: Path
) -> None:
    project(data, "harbour")
    project(data, "north", "continues: [harbour, xyzzy]\n")

    (finding,) = errors(gather(model, [data]))

    assert (str(finding.at), finding.rule) == ("data/north.yaml:6:22", "record:reference")
    assert finding.help == {
        "da": "ret id'et, eller opret posten",
        "en": "correct the id, or add the record",
    }


def test_reference_to_a_part_that_is_not_there_is_found(model: Model, data: Path) -> None:
    project(
        data,
        "north",
        "activity:\n  - {id: mentoring, kind: mentoring}\n"
        "lesson:\n  - description: {da: Det gik godt, en: It went well}\n"
        '    about: "#mentorin"\n',
    )

    (finding,) = errors(gather(model, [data]))

    assert (str(finding.at), finding.rule) == ("data/north.yaml:10:12", "record:reference")
    assert finding.message == {
        "da": "lesson 1 about (handler om) '#mentorin' findes ikke",
        "en": "lesson 1 about '#mentorin' does not exist",
    }
    assert finding.help == {
        "da": "mente du '#mentoring'? Ellers opret det, der henvises til",
        "en": "did you mean '#mentoring'? Otherwise add what is referred to",
    }


def test_reference_to_a_record_of_another_class_is_found(model: Model, data: Path) -> None:
    project(data, "north", "participation:\n  - {role: lead, organisation: south}\n")
    project(data, "south")

    assert rows(gather(model, [data])) == [("data/north.yaml:7:32", "record:reference")]


def test_reference_under_a_base_that_has_id_in_its_path_is_shown_as_written(
    model: Model, data: Path
) -> None:
    text = DATASET.replace("https://data.example.org/", "https://data.example.org/id/harbours/")
    (data / "dataset.yaml").write_text(text)
    project(data, "north", "continues: xyzzy\n")

    (finding,) = errors(gather(model, [data]))

    assert finding.message["en"] == "continues 'xyzzy' does not exist"


def test_reference_to_somebody_elses_iri_is_not_looked_up(model: Model, data: Path) -> None:
    project(data, "north", "website: https://data.example.org/about\n")

    assert rows(gather(model, [data])) == []


# -- many faults


def test_findings_come_in_the_order_of_their_places(model: Model, data: Path) -> None:
    project(data, "b", "theme: xyzzy\nstatusDate: 2014-13\ncontinues: nobody\n")
    project(data, "a", "continues: nobody\n")
    (data / "c.yaml").write_text("id: [\n")

    assert rows(gather(model, [data])) == [
        ("data/a.yaml:6:12", "record:reference"),
        ("data/b.yaml:6:8", "sh:node"),
        ("data/b.yaml:7:13", "sh:datatype"),
        ("data/b.yaml:8:12", "record:reference"),
        ("data/c.yaml:1:5", "record:yaml"),
    ]


def test_folder_without_records_is_a_finding(model: Model, tmp_path: Path) -> None:
    assert rows(gather(model, [tmp_path])) == [(str(tmp_path), "record:none")]


def test_copy_with_the_same_id_is_found_though_only_the_copy_is_named(
    model: Model, data: Path
) -> None:
    first = project(data / "projects", "north")
    copy = first.with_name("south.yaml")
    copy.write_text(first.read_text())

    (found,) = (each for each in gather(model, [copy]).findings if each.rule == "record:twice")

    assert (Path(found.at.path).name, str(first) in found.message["en"]) == ("south.yaml", True)
