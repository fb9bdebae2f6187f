"""The forms that changes are written in, and the command."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from expatlod.cli.diff import diff as command
from expatlod.cli.words import Group
from expatlod.diff import FORMATS, diff
from expatlod.diff.change import Change, Entry, Subject
from expatlod.diff.words import heading, sentence
from expatlod.profile import Model

A = "<https://example.org/id/project/a>"
PROJECT = (
    f"{A} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
    "<https://w3id.org/expatlod/ontology#Project> .\n"
)
STATUS = f"{A} <http://www.w3.org/ns/adms#status> <https://w3id.org/expatlod/code/status/"


def project(title: str) -> str:
    """A project with a title in Danish, as N-Triples."""
    text = title.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{PROJECT}{A} <http://purl.org/dc/terms/title> "{text}"@da .\n'


def dumps(folder: Path, old: str, new: str) -> tuple[Path, Path]:
    for name, text in (("old.nt", old), ("new.nt", new)):
        (folder / name).write_text(text, "utf-8", newline="")
    return folder / "old.nt", folder / "new.nt"


def rendered(model: Model, folder: Path, old: str, new: str, form: str) -> str:
    with diff(model, *dumps(folder, project(old), project(new))) as changes:
        return "".join(FORMATS[form](changes, "en"))


# -- what somebody else wrote

HOSTILE = {
    "newline": ("a\n- b\n# c", "a - b # c", r"a - b \# c"),
    "markdown": ("*a* [b](c) `d` _e_ |", "*a* [b](c) `d` _e_ |", r"\*a\* \[b\](c) \`d\` \_e\_ \|"),
    "html": ("<b>&amp;", "<b>&amp;", "&lt;b&gt;&amp;amp;"),
    "escapes": ("a\x1b[31mb\x7f", "a␛[31mb␡", r"a␛\[31mb␡"),
    "bidi": ("a\u202eb", "a�b", "a�b"),
    "mention": ("@all #1 ~~x~~ $y$", "@all #1 ~~x~~ $y$", r"\@all \#1 \~\~x\~\~ \$y\$"),
}


@pytest.mark.parametrize(("title", "text", "_"), HOSTILE.values(), ids=HOSTILE)
def test_text_shows_what_could_steer_a_terminal(
    model: Model, tmp_path: Path, title: str, text: str, _: str
) -> None:
    assert rendered(model, tmp_path, "x", title, "text") == (
        f"Project changed: {text} (a)\n  title in Danish changed from “x” to “{text}”\n"
    )


@pytest.mark.parametrize(("title", "_", "text"), HOSTILE.values(), ids=HOSTILE)
def test_markdown_shows_what_could_mean_something_to_it(
    model: Model, tmp_path: Path, title: str, _: str, text: str
) -> None:
    assert rendered(model, tmp_path, "x", title, "markdown") == (
        "Project: 1 changed\n\n## Project\n\n### Changed\n\n"
        f"- {text} (a)\n  - title in Danish changed from “x” to “{text}”\n"
    )


@pytest.mark.parametrize("title", [title for title, _, _ in HOSTILE.values()], ids=list(HOSTILE))
def test_json_holds_values_as_they_are(model: Model, tmp_path: Path, title: str) -> None:
    data = json.loads(rendered(model, tmp_path, "x", title, "json"))

    assert data["entries"][0]["changes"][0]["new"] == title


# -- JSON


def test_json_has_every_key(model: Model, tmp_path: Path) -> None:
    old, new = dumps(
        tmp_path,
        f"{project('Sol')}{STATUS}planned> .\n",
        f"{project('Sol')}{STATUS}active> .\n",
    )
    with diff(model, old, new) as changes:
        data = json.loads("".join(FORMATS["json"](changes, "da")))

    assert data == {
        "version": 1,
        "old": str(old),
        "new": str(new),
        "entries": [
            {
                "sort": "record",
                "kind": "Project",
                "noun": {"da": "Projekt", "en": "Project"},
                "state": "changed",
                "iri": "https://example.org/id/project/a",
                "name": "a",
                "label": {"da": "Sol", "en": "Sol"},
                "twin": "",
                "changes": [
                    {
                        "state": "changed",
                        "where": {"da": "status", "en": "status"},
                        "node": "https://example.org/id/project/a",
                        "property": "adms:status",
                        "language": "",
                        "old": "https://w3id.org/expatlod/code/status/planned",
                        "new": "https://w3id.org/expatlod/code/status/active",
                        "oldLabel": {"da": "Planlagt", "en": "Planned"},
                        "newLabel": {"da": "Igangværende", "en": "Active"},
                        "message": {
                            "da": "status ændret fra Planlagt til Igangværende",
                            "en": "status changed from Planned to Active",
                        },
                    }
                ],
            }
        ],
        "summary": [{"noun": {"da": "Projekt", "en": "Project"}, "states": {"changed": 1}}],
        "message": {"da": "Projekt: 1 ændret", "en": "Project: 1 changed"},
    }


def test_json_of_nothing_is_a_document(model: Model, tmp_path: Path) -> None:
    data = json.loads(rendered(model, tmp_path, "x", "x", "json"))

    assert (data["entries"], data["summary"]) == ([], [])


# -- words


def test_braces_in_values_are_not_looked_into() -> None:
    both = {"da": "{new} {0}", "en": "{old} {1}"}
    change = Change("changed", both, "", old_label=both, new_label=both)

    assert sentence(change, "en") == "{old} {1} changed from {old} {1} to {old} {1}"


def test_a_title_of_any_length_is_cut() -> None:
    long = {"da": "ord " * 100, "en": "word " * 100}
    subject = Subject("record", "Boat", {"da": "Båd", "en": "Boat"}, "x:y", "y", long)

    assert heading(Entry(subject, "added"), "en") == f"Boat added: {'word ' * 16}… (y)"


def test_what_is_only_computed_is_told_as_such() -> None:
    change = Change("derived", {"da": "", "en": ""}, "x:y")

    assert sentence(change, "da") == "kun beregnede værdier eller navne på dele er ændret"


# -- the command


@click.group(cls=Group)
def main() -> None:
    """Stand for the whole command line."""


main.add_command(command)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["diff", *map(str, arguments)])


def test_the_command_tells_changes_and_counts_them(tmp_path: Path) -> None:
    result = run(*dumps(tmp_path, project("Sol"), project("Måne")), "--lang", "da")

    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "Projekt ændret: Måne (a)\n  titel på dansk ændret fra “Sol” til “Måne”\n",
        "Projekt: 1 ændret\n",
    )


@pytest.mark.parametrize(("new", "code"), [("Sol", 0), ("Måne", 1)], ids=["same", "different"])
def test_the_exit_status_tells_of_differences_when_asked(
    tmp_path: Path, new: str, code: int
) -> None:
    result = run(*dumps(tmp_path, project("Sol"), project(new)), "--exit-code")

    assert result.exit_code == code


def test_a_dump_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    result = run(*dumps(tmp_path, project("Sol"), "no triples\n"), "-o", tmp_path / "out")

    assert result.exit_code == 2
    assert result.stderr.startswith(f"expatlod: {tmp_path / 'new.nt'}: cannot be read: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", FORMATS)
def test_the_output_file_holds_what_standard_output_does(tmp_path: Path, form: str) -> None:
    paths = dumps(tmp_path, project("Sol"), project("Måne"))
    printed = run(*paths, "-f", form)
    result = run(*paths, "-f", form, "-o", tmp_path / "out")

    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / "out").read_text("utf-8") == printed.stdout != ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.nt", "old.nt", "out"]


def test_a_dump_is_not_written_over(tmp_path: Path) -> None:
    old, new = dumps(tmp_path, project("Sol"), project("Måne"))
    result = run(old, new, "-o", new)

    assert result.exit_code == 2
    assert new.read_text("utf-8") == project("Måne")
