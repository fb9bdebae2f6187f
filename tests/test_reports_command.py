"""`expatlod validate`: which form goes where, what fails, and what a terminal is shown."""

from __future__ import annotations

import json
import os
import pty
import re
import stat
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from expatlod.cli import main, progress
from expatlod.cli.validate import validate as command
from expatlod.reports import FORMATS

#: Runs `expatlod` in a process of its own, see conftest.py.
Command = Callable[..., subprocess.CompletedProcess[str]]

# One error, and a note about what is left out.
GRAVE = """\
id: havn
type: Project
title: {da: Havnen, en: The Harbour}
summary: {da: En havn med kaffe., en: A harbour with coffee.}
kind: project
period: 2012/2009
audience: foreign-worker
theme: housing
source: https://example.org/harbour
"""
NOTED = GRAVE.replace("2012/2009", "2009/2012")
WARNED = NOTED.replace("theme: housing\n", "")

ERROR = """\
a.yaml:6:9: error: period '2012/2009' is later or greater than allowed
    6 | period: 2012/2009
      |         ^^^^^^^^^
  help: Write the start before the end, for example 2009/2011.
  [sh:lessThanOrEquals  expat:earliestStart]

"""
NOTE = """\
Notes

a.yaml:1:1: note: extent (geographic extent) is missing
    1 | id: havn
      | ^
  help: Name at least one place under extent, perhaps DK for the whole country.
  [sh:minCount  expat:extent]

"""
COUNTED = "1 error, 1 note in 1 file; most frequent: sh:lessThanOrEquals (1), sh:minCount (1)\n"


@pytest.fixture
def grave(tmp_path: Path) -> Path:
    (tmp_path / "a.yaml").write_text(GRAVE, "utf-8")
    return tmp_path


# -- the forms


def test_every_form_can_be_chosen() -> None:
    (option,) = (each for each in command.params if each.name == "format")

    assert list(option.type.choices) == ["text", *FORMATS]  # type: ignore[attr-defined]


def test_the_text_goes_to_standard_output_and_the_count_beside(
    expatlod: Command, grave: Path
) -> None:
    result = expatlod("validate", "a.yaml")

    assert (result.stdout, result.stderr) == (ERROR + NOTE, COUNTED)
    assert result.returncode == 1


def test_a_form_for_programs_is_all_that_stands_on_standard_output(
    expatlod: Command, grave: Path
) -> None:
    result = expatlod("validate", "a.yaml", "-f", "json")

    assert [each["code"] for each in json.loads(result.stdout)["findings"]] == [
        "sh:minCount",
        "sh:lessThanOrEquals",
    ]
    assert (result.stderr, result.returncode) == (COUNTED, 1)


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "github", "turtle"])
def test_a_form_has_the_same_bytes_each_time(expatlod: Command, grave: Path, form: str) -> None:
    first, second = (expatlod("validate", "a.yaml", "-f", form).stdout for _ in range(2))

    assert first != ""
    if form == "turtle":  # rdflib's order of blank nodes is not stable
        first, second = (_canonical(text) for text in (first, second))
    assert first == second


def _canonical(text: str) -> str:
    graph = ox.Dataset(ox.parse(text, format=ox.RdfFormat.TURTLE))
    graph.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return "\n".join(sorted(map(str, graph)))


def test_turtle_is_a_shacl_report(expatlod: Command, grave: Path) -> None:
    result = expatlod("validate", "a.yaml", "-f", "turtle")

    sh = "http://www.w3.org/ns/shacl#"
    triples = {
        (quad.predicate.value, quad.object.value)
        for quad in ox.parse(result.stdout, format=ox.RdfFormat.TURTLE)
        if not isinstance(quad.object, ox.BlankNode | ox.Triple)
    }
    assert (f"{sh}conforms", "false") in triples
    components = {value for name, value in triples if name == f"{sh}sourceConstraintComponent"}
    assert components == {
        f"{sh}LessThanOrEqualsConstraintComponent",
        f"{sh}MinCountConstraintComponent",
    }
    assert result.stderr == COUNTED


def test_what_a_shacl_report_cannot_hold_is_told_beside(expatlod: Command, grave: Path) -> None:
    (grave / "a.yaml").write_text(NOTED + "extent: DK\nextent: DK\n", "utf-8")

    result = expatlod("validate", "a.yaml", "-f", "turtle")

    assert "a ValidationReport" in result.stdout.replace("sh:", "")
    assert result.stderr == (
        "a.yaml:11:1: error: 'extent' stands twice\n"
        "   11 | extent: DK\n"
        "      | ^^^^^^\n"
        "  help: keep one of them\n"
        "  [record:twice]\n"
        "\n"
        "the SHACL report does not hold findings whose code begins with 'record:' (1)\n"
        "1 error in 1 file\n"
    )


# -- a report in a file


def test_a_report_in_a_file_leaves_the_text_for_the_reader(expatlod: Command, grave: Path) -> None:
    result = expatlod("validate", "a.yaml", "-f", "sarif", "-o", "found.sarif")

    assert (result.stdout, result.stderr) == (ERROR + NOTE, COUNTED)
    assert json.loads((grave / "found.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert sorted(path.name for path in grave.iterdir()) == ["a.yaml", "found.sarif"]


def test_the_text_can_go_to_a_file_too(expatlod: Command, grave: Path) -> None:
    result = expatlod("validate", "a.yaml", "-o", "found.txt", env={"FORCE_COLOR": "1"})

    assert (grave / "found.txt").read_text("utf-8") == ERROR + NOTE
    assert "\x1b[31m" in result.stdout


def test_a_dash_is_standard_output(expatlod: Command, grave: Path) -> None:
    result = expatlod("validate", "a.yaml", "-f", "github", "-o", "-")

    assert result.stdout.startswith("::error file=a.yaml,line=6,")
    assert [path.name for path in grave.iterdir()] == ["a.yaml"]


def test_a_report_replaces_the_old_one(expatlod: Command, grave: Path) -> None:
    (grave / "found.json").write_text("old")

    expatlod("validate", "a.yaml", "-f", "json", "-o", "found.json")

    assert json.loads((grave / "found.json").read_text("utf-8"))["version"] == 1
    mode = stat.S_IMODE((grave / "found.json").stat().st_mode)
    assert mode == stat.S_IMODE((grave / "a.yaml").stat().st_mode)


def test_a_report_through_a_link_keeps_the_link(expatlod: Command, grave: Path) -> None:
    (grave / "real.json").write_text("old")
    (grave / "link.json").symlink_to("real.json")

    expatlod("validate", "a.yaml", "-f", "json", "-o", "link.json")

    assert (grave / "link.json").is_symlink()
    assert json.loads((grave / "real.json").read_text("utf-8"))["version"] == 1


def test_a_pipe_is_written_to_and_not_replaced(expatlod: Command, grave: Path) -> None:
    os.mkfifo(grave / "pipe")
    reader = os.open(grave / "pipe", os.O_RDONLY | os.O_NONBLOCK)

    expatlod("validate", "a.yaml", "-f", "github", "-o", "pipe")

    assert os.read(reader, 65536).startswith(b"::error file=a.yaml,line=6,")
    os.close(reader)
    assert (grave / "pipe").is_fifo()


def test_a_folder_that_is_not_there_is_told_before_the_work(
    expatlod: Command, grave: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("expatlod.check.check", work)
    monkeypatch.chdir(grave)

    result = CliRunner().invoke(main, ["validate", "a.yaml", "-o", "nowhere/found.txt"])

    assert (result.stdout, result.exit_code) == ("", 2)
    assert result.stderr == (
        "expatlod: nowhere/found.txt: there is no folder nowhere; make it first\n"
    )


def test_a_report_that_cannot_be_written_whole_is_not_there(grave: Path) -> None:
    program = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from expatlod.cli import main\n"
        "import expatlod.check, expatlod.reports, rdflib, pyshacl\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "main(['validate', 'a.yaml', '-f', 'json', '-o', 'found.json'])\n"
    )
    (grave / "found.json").write_text("old")

    result = subprocess.run(
        [sys.executable, "-B", "-c", program], cwd=grave, capture_output=True, text=True
    )

    assert result.stderr == "expatlod: found.json: cannot be written: File too large\n"
    assert (result.stdout, result.returncode) == ("", 2)
    assert (grave / "found.json").read_text() == "old"
    assert sorted(path.name for path in grave.iterdir()) == ["a.yaml", "found.json"]


# -- how much, and what fails


def test_the_list_is_bounded_and_the_counts_stay_true(expatlod: Command, grave: Path) -> None:
    result = expatlod("validate", "a.yaml", "--max", "1")

    assert result.stdout == ERROR + "1 more is not shown; raise --max to see it\n"
    assert (result.stderr, result.returncode) == (COUNTED, 1)


def test_a_form_for_programs_holds_all(expatlod: Command, grave: Path) -> None:
    result = expatlod("validate", "a.yaml", "--max", "1", "-f", "json")

    assert len(json.loads(result.stdout)["findings"]) == 2


def test_github_is_bounded_too(expatlod: Command, grave: Path) -> None:
    result = expatlod("validate", "a.yaml", "--max", "1", "-f", "github")

    assert [line.partition(" ")[0] for line in result.stdout.splitlines()] == [
        "::error",
        "::notice::1",
    ]


@pytest.mark.parametrize(
    ("record", "statuses"),
    [(GRAVE, [1, 1, 1]), (WARNED, [0, 1, 1]), (NOTED, [0, 0, 1])],
    ids=["error", "warning", "note"],
)
def test_what_fails_is_chosen(
    grave: Path, monkeypatch: pytest.MonkeyPatch, record: str, statuses: list[int]
) -> None:
    (grave / "a.yaml").write_text(record, "utf-8")
    monkeypatch.chdir(grave)

    assert [
        CliRunner().invoke(main, ["validate", "a.yaml", "--fail-on", gravity]).exit_code
        for gravity in ("error", "warning", "note")
    ] == statuses


def test_only_errors_fail_by_default(expatlod: Command, grave: Path) -> None:
    (grave / "a.yaml").write_text(WARNED, "utf-8")

    assert expatlod("validate", "a.yaml").returncode == 0


# -- terminals


# Run the command on a terminal of *columns*; returns what that shows, line ends as in a file.
def on_terminal(folder: Path, *arguments: str, columns: int = 70, **env: str) -> str:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS")
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "expatlod", "validate", *arguments],
        cwd=folder,
        env={**environment, "TERM": "xterm", "LC_ALL": "C.UTF-8", **env},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:  # Linux says that the other end is closed as an error.
        pass
    os.close(ours)
    process.wait(60)
    return shown.decode().replace("\r\n", "\n")


RED, BLUE, OFF = "\x1b[31m", "\x1b[34m", "\x1b[0m"


def test_a_terminal_has_colour_a_width_and_a_hint(grave: Path) -> None:
    assert on_terminal(grave, "a.yaml", columns=60) == (
        f"a.yaml:6:9: {RED}error{OFF}: period '2012/2009' is later or greater than allowed\n"
        "    6 | period: 2012/2009\n"
        f"      |         {RED}^^^^^^^^^{OFF}\n"
        "  help: Write the start before the end, for example\n"
        "        2009/2011.\n"
        "  [sh:lessThanOrEquals  expat:earliestStart]\n"
        "\n"
        "Notes\n"
        "\n"
        f"a.yaml:1:1: {BLUE}note{OFF}: extent (geographic extent) is missing\n"
        "    1 | id: havn\n"
        f"      | {BLUE}^{OFF}\n"
        "  help: Name at least one place under extent, perhaps DK for\n"
        "        the whole country.\n"
        "  [sh:minCount  expat:extent]\n"
        "\n" + COUNTED + "expatlod explain sh:lessThanOrEquals tells more\n"
    )


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
    ids=["plain", "no", "empty", "dumb", "dumb-forced", "both"],
)
def test_a_terminal_has_colour_unless_it_is_unwanted(
    grave: Path, env: dict[str, str], coloured: bool
) -> None:
    assert ("\x1b[31m" in on_terminal(grave, "a.yaml", **env)) is coloured


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": ""}, False),
    ],
    ids=["plain", "force", "clicolor", "zero", "empty"],
)
def test_a_pipe_has_colour_only_when_it_is_asked_for(
    expatlod: Command, grave: Path, env: dict[str, str], coloured: bool
) -> None:
    result = expatlod("validate", "a.yaml", env=env)

    assert ("\x1b[31m" in result.stdout) is coloured
    assert re.sub("\x1b\\[[0-9]*m", "", result.stdout) == ERROR + NOTE


def test_output_that_has_no_such_letter_is_escaped(expatlod: Command, grave: Path) -> None:
    result = expatlod("validate", "a.yaml", "-l", "da", env={"PYTHONIOENCODING": "ascii"})

    assert r"er senere eller st\xf8rre end tilladt" in result.stdout
    assert result.returncode == 1


# -- a bar on long work


def test_a_long_run_shows_a_bar_on_the_terminal_only(grave: Path) -> None:
    program = (
        "import time, expatlod.check as check\n"
        "whole = check.check\n"
        "def slow(*given, progress, **named):\n"
        "    for done in range(4):\n"
        "        progress(done * 40, done, 3)\n"
        "        time.sleep(1.1)\n"
        "    return whole(*given, progress=progress, **named)\n"
        "check.check = slow\n"
        "from expatlod.cli import main\n"
        "main(['validate', 'a.yaml'])\n"
    )
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"}

    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=grave,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=theirs,
        encoding="utf-8",
    )
    os.close(theirs)
    stdout, _ = process.communicate(timeout=60)
    shown = os.read(ours, 65536).decode()
    os.close(ours)

    assert stdout == ERROR + NOTE
    # How much is done, how long it will take, and how many records a second.
    assert re.search(r"\[#+-+\] +66% +00:00:0\d +\d+ records/s", shown)


def test_nothing_shows_a_bar_where_standard_error_is_no_terminal(
    grave: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    monkeypatch.chdir(grave)

    assert CliRunner().invoke(main, ["validate", "a.yaml", "-l", "en"]).stderr == COUNTED


# -- odd files, to the end


@pytest.mark.parametrize("form", ["text", *FORMATS])
def test_a_file_name_that_is_not_utf_8_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.yaml")).write_text(GRAVE, "utf-8")
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(main, ["validate", ".", "-l", "en", "-f", form])

    assert (result.exit_code, result.stderr) == (1, COUNTED)
    assert form == "turtle" or "caf" in result.stdout


def test_ten_thousand_faults_in_one_file_are_all_told(expatlod: Command, tmp_path: Path) -> None:
    lines = "".join(f"felt{number}: ja\n" for number in range(10_000))
    (tmp_path / "a.yaml").write_text(NOTED + "extent: DK\n" + lines, "utf-8")

    start = time.perf_counter()
    result = expatlod("validate", "a.yaml", "-f", "json")

    assert json.loads(result.stdout)["summary"]["codes"] == {"record:unknown": 10_000}
    assert time.perf_counter() - start < 60


def test_the_help_shows_what_to_type() -> None:
    result = CliRunner().invoke(main, ["validate", "-h"])

    assert result.stdout.endswith(
        "  Examples:\n"
        "    expatlod validate data\n"
        "    expatlod validate data -f sarif -o findings.sarif\n"
        "    expatlod validate data --changed-since origin/main --fail-on warning\n"
    )
