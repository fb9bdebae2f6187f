"""A workspace: what it says after each change is what a fresh look at the same files would say."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from expatlod.collection import gather
from expatlod.errors import ERROR, Finding
from expatlod.profile import Model, load
from expatlod.resources import Folder, default_profile
from expatlod.workspace import Changes, Workspace
from tests.harbours import DATASET, OWNER, PROJECT, dataset, project


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `data` with a dataset and its publisher only, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return dataset(Path("data"))


def rows(found: Changes) -> dict[str, list[tuple[str, str]]]:
    """Where each error is and what, by file."""
    return {
        name: [(str(each.at), each.rule) for each in findings if each.severity == ERROR]
        for name, findings in found.items()
    }


# -- what a change brings


def test_what_is_wrong_at_first_is_what_gather_finds(model: Model, data: Path) -> None:
    project(data, "north", "theme: xyzzy\ncontinues: nobody\n")

    workspace = Workspace(model, [data])

    assert rows(workspace.by_file)["data/north.yaml"] == [
        ("data/north.yaml:6:8", "sh:node"),
        ("data/north.yaml:7:12", "record:reference"),
    ]
    assert list(workspace.findings) == gather(model, [data]).validate()


def test_file_that_is_broken_and_mended_is_told_both_times(model: Model, data: Path) -> None:
    path = project(data, "north")
    workspace = Workspace(model, [data])

    path.write_text(PROJECT.format(id="north") + "theme: xyzzy\n")
    broken = workspace.refresh([path])
    path.write_text(PROJECT.format(id="north"))
    mended = workspace.refresh([path])

    assert rows(broken) == {"data/north.yaml": [("data/north.yaml:6:8", "sh:node")]}
    assert rows(mended) == {"data/north.yaml": []}


def test_deleting_a_record_is_told_where_it_is_pointed_at(model: Model, data: Path) -> None:
    path = project(data, "north")
    project(data, "south", "continues: north\n")
    workspace = Workspace(model, [data])

    path.unlink()

    assert rows(workspace.refresh([path])) == {
        "data/north.yaml": [],
        "data/south.yaml": [("data/south.yaml:6:12", "record:reference")],
    }


def test_adding_a_record_mends_what_points_at_it(model: Model, data: Path) -> None:
    project(data, "south", "continues: north\n")
    workspace = Workspace(model, [data])

    path = project(data, "north")

    assert rows(workspace.refresh([path])) == {"data/north.yaml": [], "data/south.yaml": []}


def test_adding_a_record_is_offered_to_what_is_lost(model: Model, data: Path) -> None:
    project(data, "south", "continues: north-harbor\n")
    workspace = Workspace(model, [data])

    path = project(data, "north-harbour")
    found = workspace.refresh([path])["data/south.yaml"]

    (lost,) = (each for each in found if each.rule == "record:reference")
    assert "north-harbour" in lost.help["en"]


def test_id_taken_twice_is_told_at_the_file_that_did_not_change(model: Model, data: Path) -> None:
    project(data, "north", name="second")
    workspace = Workspace(model, [data])

    path = project(data, "north", name="first")

    assert rows(workspace.refresh([path])) == {
        "data/first.yaml": [],
        "data/second.yaml": [("data/second.yaml:1:5", "record:twice")],
    }


def test_folder_that_is_new_is_looked_into(model: Model, data: Path) -> None:
    workspace = Workspace(model, [data])

    project(data / "new" / "deep", "north", "theme: xyzzy\n")

    assert rows(workspace.refresh([data / "new"])) == {
        "data/new/deep/north.yaml": [("data/new/deep/north.yaml:6:8", "sh:node")]
    }


def test_folder_that_is_deleted_takes_its_records_along(model: Model, data: Path) -> None:
    project(data / "old", "north", "theme: xyzzy\n")
    workspace = Workspace(model, [data])

    shutil.rmtree(data / "old")

    assert rows(workspace.refresh([data / "old"])) == {"data/old/north.yaml": []}


def test_base_that_changes_changes_every_address(model: Model, data: Path) -> None:
    project(data, "north")
    workspace = Workspace(model, [data])

    path = data / "dataset.yaml"
    path.write_text(DATASET.replace("https://data.example.org/", "https://other.example/"))
    workspace.refresh([path])

    assert {each.iri for each in workspace.collection.records} == {
        "https://other.example/id/project/north",
        "https://other.example/id/organisation/owner",
    }


def test_file_that_is_no_record_changes_nothing(model: Model, data: Path) -> None:
    workspace = Workspace(model, [data])
    note = data / "note.txt"
    note.write_text("hello")

    assert workspace.refresh([note]) == {}


def test_change_around_a_file_that_is_checked_alone_reaches_it(model: Model, data: Path) -> None:
    other = project(data, "north")
    path = project(data / "projects", "south", "continues: north\n")
    workspace = Workspace(model, [path])

    other.unlink()

    assert rows(workspace.refresh([other])) == {
        "data/projects/south.yaml": [("data/projects/south.yaml:6:12", "record:reference")]
    }


# -- only what a change can reach


def test_only_the_changed_file_is_read_and_converted(
    model: Model, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project(data, "north")
    project(data, "south")
    workspace = Workspace(model, [data])
    before = {each.iri: each for each in workspace.collection.all}

    path.write_text(PROJECT.format(id="north") + "theme: housing\n")
    workspace.refresh([path])

    after = {each.iri: each for each in workspace.collection.all}
    assert [iri for iri, each in after.items() if each is not before[iri]] == [
        "https://data.example.org/id/project/north"
    ]


def test_only_what_a_change_reaches_is_validated(
    model: Model, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project(data, "north")
    project(data, "south", "continues: north\n")
    project(data, "west")
    workspace = Workspace(model, [data])
    asked: list[str] = []
    records = workspace._validator.records
    monkeypatch.setattr(
        workspace._validator,
        "records",
        lambda converted, known: (
            asked.extend(each.iri.rpartition("/")[2] for each in converted),
            records(converted, known),
        )[1],
    )

    path.write_text(PROJECT.format(id="north") + "theme: housing\n")
    workspace.refresh([path])
    path.write_text(PROJECT.format(id="norden"))
    workspace.refresh([path])

    assert asked == ["north", "norden", "south"]


# -- unsaved text


def test_unsaved_text_counts_for_what_the_file_holds(model: Model, data: Path) -> None:
    path = project(data, "north")
    workspace = Workspace(model, [data])

    found = workspace.set_text(path, PROJECT.format(id="north") + "theme: xyzzy\n")

    assert rows(found) == {"data/north.yaml": [("data/north.yaml:6:8", "sh:node")]}
    assert path.read_text() == PROJECT.format(id="north")


def test_unsaved_text_stays_when_the_file_is_refreshed(model: Model, data: Path) -> None:
    path = project(data, "north")
    workspace = Workspace(model, [data])
    workspace.set_text(path, PROJECT.format(id="north") + "theme: xyzzy\n")

    assert rows(workspace.refresh([path])) == {
        "data/north.yaml": [("data/north.yaml:6:8", "sh:node")]
    }


def test_text_that_is_given_up_leaves_what_is_on_the_disk(model: Model, data: Path) -> None:
    path = project(data, "north")
    workspace = Workspace(model, [data])
    workspace.set_text(path, "id: [")

    assert rows(workspace.set_text(path, None)) == {"data/north.yaml": []}


def test_broken_text_has_its_one_finding_and_no_stale_ones(model: Model, data: Path) -> None:
    path = project(data, "north", "theme: xyzzy\n")
    workspace = Workspace(model, [data])

    found = workspace.set_text(path, PROJECT.format(id="north") + "theme: [xyzzy\n")

    assert [rule for _, rule in rows(found)["data/north.yaml"]] == ["record:yaml"]


def test_file_that_was_never_saved_can_be_pointed_at(model: Model, data: Path) -> None:
    project(data, "south", "continues: north\n")
    workspace = Workspace(model, [data])

    found = workspace.set_text(data / "north.yaml", PROJECT.format(id="north"))

    assert rows(found) == {"data/north.yaml": [], "data/south.yaml": []}


def test_file_that_was_never_saved_is_gone_when_it_is_given_up(model: Model, data: Path) -> None:
    project(data, "south", "continues: north\n")
    workspace = Workspace(model, [data])
    workspace.set_text(data / "north.yaml", PROJECT.format(id="north"))

    assert rows(workspace.set_text(data / "north.yaml", None)) == {
        "data/north.yaml": [],
        "data/south.yaml": [("data/south.yaml:6:12", "record:reference")],
    }


def test_text_in_json_is_read_as_json(model: Model, data: Path) -> None:
    workspace = Workspace(model, [data])

    found = workspace.set_text(data / "north.json", '{"id": "north", "type": "Projekt"}')

    assert "record:type" in [rule for _, rule in rows(found)["data/north.json"]]


# -- the same as a fresh look, whatever happens

_IDS = ("north", "south", "west", "harbor", "harbour")

_NAMES = ("a.yaml", "b.yaml", "c.json", "deep/d.yaml", "deep/er/e.yml")

_MORE = (
    "",
    "theme: xyzzy\n",
    "theme: housing\n",
    "continues: {other}\n",
    "continues: [north, nobody]\n",
    "titel: x\n",
    "statusDate: 2014-13\n",
    "participation:\n  - {{role: lead, organisation: {other}}}\n",
    "lesson:\n  - description: {{da: Godt, en: Well}}\n    about: '#mentorin'\n",
    "theme: [housing\n",
)

_TEXTS = st.builds(
    lambda name, more, other: PROJECT.format(id=name) + more.format(other=other),
    st.sampled_from(_IDS),
    st.sampled_from(_MORE),
    st.sampled_from(_IDS),
) | st.sampled_from(
    [
        "",
        "id: north\ntype: Organisation\nname: {da: Nord, en: North}\nkind: association\n",
        "id: second\ntype: Dataset\n",
        PROJECT.format(id="north") + "---\n" + PROJECT.format(id="west") + "continues: north\n",
        '{"id": "north", "type": "Project"}',
        "id: ../up\ntype: Project\n",
    ]
)

_DATASETS = st.sampled_from(
    [
        DATASET,
        DATASET.replace("https://data.example.org/", "https://other.example/"),
        DATASET.replace("https://data.example.org/", "nowhere"),
        DATASET.replace("publisher: owner", "publisher: nobody"),
        "id: [",
    ]
)

_PROFILE = load(default_profile())


class Changing(RuleBasedStateMachine):
    """A dataset whose files are edited, broken, mended, deleted, added, renamed and held open."""

    @initialize(texts=st.dictionaries(st.sampled_from(_NAMES), _TEXTS, max_size=3))
    def begin(self, texts: dict[str, str]) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.data = self.folder / "data"
        self.data.mkdir()
        self.open: dict[str, str] = {}
        self.write("dataset.yaml", DATASET)
        self.write("owner.yaml", OWNER)
        for name, text in texts.items():
            self.write(name, text)
        self.workspace = Workspace(_PROFILE, [self.data])

    def write(self, name: str, text: str) -> Path:
        path = self.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    @rule(name=st.sampled_from(_NAMES), text=_TEXTS)
    def save(self, name: str, text: str) -> None:
        self.workspace.refresh([self.write(name, text)])

    @rule(text=_DATASETS)
    def save_dataset(self, text: str) -> None:
        self.workspace.refresh([self.write("dataset.yaml", text)])

    @rule(name=st.sampled_from([*_NAMES, "owner.yaml"]))
    def delete(self, name: str) -> None:
        path = self.data / name
        path.unlink(missing_ok=True)
        self.workspace.refresh([path])

    @rule(old=st.sampled_from(_NAMES), new=st.sampled_from(_NAMES))
    def rename(self, old: str, new: str) -> None:
        if (self.data / old).is_file():
            (self.data / new).parent.mkdir(parents=True, exist_ok=True)
            (self.data / old).replace(self.data / new)
            self.workspace.refresh([self.data / old, self.data / new])

    @rule()
    def delete_folder(self) -> None:
        shutil.rmtree(self.data / "deep", ignore_errors=True)
        self.workspace.refresh([self.data / "deep"])

    @rule(name=st.sampled_from(_NAMES), text=_TEXTS)
    def type(self, name: str, text: str) -> None:
        self.open[name] = text
        self.workspace.set_text(self.data / name, text)

    @precondition(lambda self: self.open)
    @rule()
    def close(self) -> None:
        name = min(self.open)
        del self.open[name]
        self.workspace.set_text(self.data / name, None)

    @invariant()
    def says_what_a_fresh_look_says(self) -> None:
        assert list(self.workspace.findings) == self.fresh()

    def fresh(self) -> list[Finding]:
        """What gather finds with the open texts written to the disk, in the same place."""
        kept = {}
        new = []
        for name, text in self.open.items():
            path = self.data / name
            kept[path] = path.read_text() if path.is_file() else None
            if not path.parent.is_dir():
                new.append(path.parent)
            self.write(name, text)
        try:
            return gather(_PROFILE, [self.data]).validate()
        finally:
            for path, before in kept.items():
                if before is None:
                    path.unlink()
                else:
                    path.write_text(before)
            for folder in new:
                shutil.rmtree(folder, ignore_errors=True)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)


Changing.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

TestChanging = Changing.TestCase


# -- another field of life


def test_another_profile_is_kept_validated_as_it_is(tmp_path: Path) -> None:
    harbour = load(Folder(Path(__file__).resolve().parent / "profile"))
    (tmp_path / "dataset.yaml").write_text(
        "id: north\ntype: Fleet\nheading: {da: Både, en: Boats}\nabout: {da: Alle., en: All.}\n"
        "rights: https://creativecommons.org/publicdomain/zero/1.0/\n"
        "root: https://boats.example.org/\n"
    )
    yard = tmp_path / "yard.yaml"
    boat = tmp_path / "boat.yaml"
    yard.write_text("id: east\ntype: Yard\ncalled: {da: Værftet, en: The yard}\n")
    boat.write_text("id: lark\ntype: Boat\ncalled: {da: Lærken, en: Lark}\nbuiltBy: east\n")
    workspace = Workspace(harbour, [tmp_path])
    before = workspace.findings

    yard.unlink()

    assert before == ()
    assert rows(workspace.refresh([yard]))[str(boat)] == [(f"{boat}:4:10", "record:reference")]
