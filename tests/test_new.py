"""`expatlod new`: a record to fill in, valid but for what only the author can know."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from expatlod.check import check
from expatlod.draft import draft
from expatlod.errors import Finding, UsageError
from expatlod.profile import Model, load
from expatlod.records import yaml
from expatlod.resources import Folder

ROOT = Path(__file__).resolve().parent.parent
CLASSES = ["Organisation", "Page", "Project"]

Command = Callable[..., subprocess.CompletedProcess[str]]

#: What an author might write at each place, by class; a place is a line of the draft.
ANSWERS = {
    "Organisation": {
        "name da": "Havneforeningen",
        "name en": "The Harbour Society",
        "kind": "association",
    },
    "Page": {"title da": "Sprogcaféen ved havnen", "kind": "initiative"},
    "Project": {
        "title da": "Sprogcafé ved havnen",
        "title en": "Language café by the harbour",
        "kind": "project",
        "summary da": "En café for alle, der vil tale dansk.",
        "summary en": "A café for all who want to speak Danish.",
        "audience": "[spouse, foreign-worker]",
        "theme": "[language, social-network]",
        "extent": "Lemvig",
        "source": "expatviden-working-in-lemvig",
    },
    "Dataset": {
        "title da": "Havnens projekter",
        "title en": "Projects of the harbour",
        "description da": "Projekter ved havnen, samlet af foreningen.",
        "description en": "Projects by the harbour, gathered by the society.",
        "publisher": "harbour-society",
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "base": "https://data.example.org/",
        "language": "[da, en]",
    },
}


@pytest.fixture(scope="module")
def harbour() -> Model:
    return load(Folder(ROOT / "tests" / "profile"))


def places(text: str) -> list[tuple[int, str]]:
    """Return the line of each place to fill in, and the way to it."""
    found = []
    above = ""
    for number, line in enumerate(text.splitlines(), 1):
        key = re.fullmatch(r"( *)([a-zA-Z]+):", line)
        if key is None:
            continue
        if not key[1]:
            above = key[2]
        way = f"{above} {key[2]}" if key[1] else key[2]
        found = [each for each in found if not way.startswith(f"{each[1]} ")]
        found.append((number, way))
    return found


def filled(text: str, answers: dict[str, str]) -> str:
    lines = text.splitlines()
    for number, way in places(text):
        lines[number - 1] += f" {answers[way]}"
    return "\n".join(lines) + "\n"


def found(model: Model, dataset: Path, text: str) -> Sequence[Finding]:
    path = dataset / "new.yaml"
    path.write_text(text, "utf-8")
    return check(model, [path]).findings


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("name", CLASSES)
def test_a_draft_has_one_finding_at_each_place_to_fill_in_and_none_else(
    model: Model, dataset: Path, name: str, lang: str
) -> None:
    text = draft(model, model.classes[name], "harbour-cafe", lang)

    assert [each.at.line for each in found(model, dataset, text)] == [
        line for line, _ in places(text)
    ]


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("name", CLASSES)
def test_a_draft_that_is_filled_in_has_no_finding(
    model: Model, dataset: Path, name: str, lang: str
) -> None:
    text = draft(model, model.classes[name], "harbour-cafe", lang)

    assert {way for _, way in places(text)} == set(ANSWERS[name])
    assert [str(each) for each in found(model, dataset, filled(text, ANSWERS[name]))] == []


def test_a_new_dataset_is_begun_with_its_own_record(model: Model, tmp_path: Path) -> None:
    society = draft(model, model.classes["Organisation"], "harbour-society", "en")
    (tmp_path / "society.yaml").write_text(filled(society, ANSWERS["Organisation"]), "utf-8")
    text = draft(model, model.classes["Dataset"], "harbour-projects", "en")
    path = tmp_path / "dataset.yaml"

    path.write_text(text, "utf-8")
    assert [each.at.line for each in check(model, [path]).findings] == [
        line for line, _ in places(text)
    ]
    path.write_text(filled(text, ANSWERS["Dataset"]), "utf-8")
    assert [str(each) for each in check(model, [tmp_path]).findings] == []


def test_the_examples_of_commented_fields_can_be_used_as_they_stand(
    model: Model, dataset: Path
) -> None:
    """Each by itself: what is wrong then is only that the example points at what is not there."""
    text = filled(draft(model, model.classes["Project"], "harbour-cafe", "en"), ANSWERS["Project"])
    used = 0
    for number, line in enumerate(text.splitlines()):
        if re.match("#[a-zA-Z]+: .", line):
            lines = text.splitlines()
            lines[number] = line.removeprefix("#")
            faults = {each.rule for each in found(model, dataset, "\n".join(lines))}
            # A status that goes on wants the date of the status beside it.
            assert faults <= {"record:reference", "sh:class", "sh:or"}, line
            used += 1
    assert used > 15


def test_fields_stand_in_the_order_of_the_shapes_each_with_its_help(model: Model) -> None:
    kind = model.classes["Project"]
    text = draft(model, kind, "harbour-cafe", "da")
    keys = re.findall(r"^#?([a-zA-Z]+):", text, re.MULTILINE)

    assert keys == ["id", "type", *(f.key for f in kind.fields.values() if not f.computed)]
    plain = re.sub(r"\n# ", " ", text)
    for field in kind.fields.values():
        assert field.help["da"] in plain


def test_codes_are_listed_twelve_at_most(model: Model) -> None:
    lines = re.sub(r"\n# ", " ", draft(model, model.classes["Project"], "a", "en"))

    assert "Codes: charged, free\n" in lines
    (themes,) = re.findall(r"Codes, among 19: (.*?) … ", lines)
    assert len(themes.split(", ")) == 12


def test_the_whole_of_a_short_draft(harbour: Model) -> None:
    assert draft(harbour, harbour.classes["Boat"], "ida-2", "en") == (
        "# Boat\n"
        "# Fill in what stands empty. Remove the # before a key that you use; delete the rest.\n"
        "id: ida-2\n"
        "type: Boat\n"
        "\n"
        "# name (required)\n"
        "called:\n"
        "  da:\n"
        "  #en:\n"
        "\n"
        "# hull\n"
        "# Codes: catamaran, monohull\n"
        "#hull:\n"
        "\n"
        "# length\n"
        "#length:\n"
        "\n"
        "# yard\n"
        "#builtBy:\n"
        "\n"
        "# crew\n"
        "#crew:\n"
        "\n"
        "# afloat\n"
        "#afloat:\n"
        "\n"
        "# voyage\n"
        "#voyage:\n"
        "#  - called:\n"
        "#      da:\n"
        "#      #en:\n"
        "#    # Keys: when\n"
    )


@pytest.mark.parametrize("name", ["Boat", "Fleet", "Yard"])
def test_the_second_profile_has_drafts_too(harbour: Model, tmp_path: Path, name: str) -> None:
    text = draft(harbour, harbour.classes[name], "ida-2", "da")
    path = tmp_path / "new.yaml"
    path.write_text(text, "utf-8")

    assert [each.at.line for each in check(harbour, [path]).findings] == [
        line for line, _ in places(text)
    ]


@pytest.mark.parametrize("identifier", ["Harbour", "a b", "../x", "con", "æble", "", "a" * 101])
def test_an_id_that_cannot_be_used_is_refused_with_the_cure(model: Model, identifier: str) -> None:
    with pytest.raises(UsageError, match=r"cannot be used; .*small letters a-z, digits"):
        draft(model, model.classes["Page"], identifier, "en")


def test_an_id_of_digits_stays_a_text(model: Model) -> None:
    text = draft(model, model.classes["Page"], "2012", "en")

    assert '\nid: "2012"\n' in text
    assert yaml.parse(text, "new.yaml")[0][0].data["id"] == "2012"


def test_the_command_takes_a_class_by_its_label_and_writes_the_draft(
    expatlod: Command, model: Model
) -> None:
    done = expatlod("new", "PROJEKT", "havnecafe", "-l", "da")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == draft(model, model.classes["Project"], "havnecafe", "da")


def test_a_file_that_exists_is_left_alone(expatlod: Command, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("mine\n")
    done = expatlod("new", "page", "harbour", "-o", "a.yaml")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "expatlod: a.yaml: exists already; choose another name with -o\n"
    assert (tmp_path / "a.yaml").read_text() == "mine\n"


def test_nothing_is_written_under_a_wrong_id(expatlod: Command, tmp_path: Path) -> None:
    done = expatlod("new", "page", "Min Side", "-l", "da", "-o", "a.yaml")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "expatlod: id 'Min Side' kan ikke bruges; mente du 'min-side'? Et id er små bogstaver "
        "a-z, tal og enkelte bindestreger\n"
    )
    assert list(tmp_path.iterdir()) == []
