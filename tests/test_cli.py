"""The command line as its users meet it: words, streams, exit statuses, languages, completion."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from expatlod.cli import main
from tests.conftest import VERSION

#: Runs `expatlod` in a process of its own, see conftest.py.
Command = Callable[..., subprocess.CompletedProcess[str]]

PROGRAM = Path(sys.executable).with_name("expatlod")

HEAVY = ("SPARQLWrapper", "edtf", "pyoxigraph", "pyshacl", "rdflib", "shacl", "yaml")

COMMANDS = [
    (),
    ("convert",),
    ("validate",),
    ("publish",),
    ("query",),
    ("query", "list"),
    ("query", "show"),
    ("query", "run"),
    ("query", "check"),
]


def names(command: tuple[str, ...]) -> str:
    return "-".join(command) or "expatlod"


# -- help


@pytest.mark.parametrize("command", COMMANDS, ids=names)
def test_help_imports_no_rdf_library(command: tuple[str, ...]) -> None:
    program = (
        "import sys\n"
        "from expatlod.cli import main\n"
        f"main({[*command, '--help']!r}, standalone_mode=False)\n"
        f"print([each for each in {HEAVY!r} if each in sys.modules], file=sys.stderr)\n"
    )

    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert result.stderr == "[]\n"


def narrow(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program on a terminal of 80 columns."""
    return subprocess.run(
        [PROGRAM, *arguments],
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_the_help_says_what_there_is() -> None:
    result = narrow("--help")

    assert result.stdout == (
        "Usage: expatlod [OPTIONS] COMMAND [ARGS]...\n"
        "\n"
        "  Publish project records as linked open data.\n"
        "\n"
        "  Records are YAML, JSON, CSV or XLSX. They are turned into RDF, checked\n"
        "  against SHACL shapes, published as dumps with ontology, codelists and query\n"
        "  examples, and asked with SPARQL.\n"
        "\n"
        "Options:\n"
        "  -V, --version  Show the version and exit.\n"
        "  -h, --help     Show this message and exit.\n"
        "\n"
        "Commands:\n"
        "  convert   Turn project records into RDF.\n"
        "  diff      Tell what differs between two releases.\n"
        "  explain   Explain a code, a field, a class or a codelist.\n"
        "  index     Load dumps into a store that is asked without loading.\n"
        "  lsp       Serve an editor: findings while typing, completion and help.\n"
        "  new       Begin a record: write one to fill in, with help for every field.\n"
        "  publish   Validate a dataset and publish it as linked open data.\n"
        "  push      Load a release into a graph of a SPARQL server.\n"
        "  query     List, show, run and check SPARQL query examples.\n"
        "  rehearse  Tell what portals would make of a catalogue, without network.\n"
        "  schema    Describe how records are written.\n"
        "  validate  Check project records against the SHACL shapes.\n"
        "  verify    Verify that a release is whole, and says what it says it does.\n"
        "  watch     Validate records, and again whenever they are saved.\n"
        "\n"
        "  Start with:  expatlod publish data -o public   then   expatlod query list\n"
    )
    assert (result.stderr, result.returncode) == ("", 0)


@pytest.mark.parametrize("command", COMMANDS, ids=names)
def test_h_is_help(command: tuple[str, ...]) -> None:
    short, long = (CliRunner().invoke(main, [*command, option]) for option in ("-h", "--help"))

    assert (short.exit_code, short.stdout) == (0, long.stdout)


@pytest.mark.parametrize("command", COMMANDS, ids=names)
def test_no_line_of_help_is_cut(command: tuple[str, ...]) -> None:
    result = narrow(*command, "--help")

    lines = result.stdout.splitlines()
    assert [line for line in lines if line.endswith("...") and "Usage" not in line] == []


def every_command() -> Iterator[tuple[str, click.Command]]:
    def below(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        yield name, command
        for each in getattr(command, "commands", {}).values():
            yield from below(f"{name} {each.name}", each)

    return below("expatlod", main)


def test_every_option_has_help() -> None:
    silent = [
        f"{name} {parameter.name}"
        for name, command in every_command()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ]

    assert silent == []


def test_an_option_has_one_letter_and_one_meaning_everywhere() -> None:
    letters: dict[str, set[str]] = {}
    for _, command in every_command():
        for parameter in command.params:
            for option in (each for each in parameter.opts if not each.startswith("--")):
                letters.setdefault(option, set()).add(str(parameter.name))

    letters.pop("inputs", None)
    assert {letter: sorted(meant) for letter, meant in letters.items() if len(meant) > 1} == {}


def test_the_version_is_that_of_the_package() -> None:
    from expatlod import __version__

    result = subprocess.run([PROGRAM, "-V"], capture_output=True, text=True)

    assert (result.stdout, result.stderr) == (f"expatlod {__version__}\n", "")


# -- completion


@pytest.mark.parametrize(
    ("shell", "registers"),
    [
        ("bash", "complete -o nosort -F _expatlod_completion expatlod"),
        ("zsh", "compdef _expatlod_completion expatlod"),
        ("fish", "complete --no-files --command expatlod"),
    ],
)
def test_a_completion_script_is_printed_for_each_shell(shell: str, registers: str) -> None:
    result = subprocess.run(
        [PROGRAM],
        env={**os.environ, "_EXPATLOD_COMPLETE": f"{shell}_source"},
        capture_output=True,
        text=True,
    )

    assert registers in result.stdout
    assert (result.stderr, result.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("expatlod que", "plain,query\n"),
        ("expatlod query ch", "plain,check\n"),
        ("expatlod convert --format r", "plain,rdfxml\n"),
        ("expatlod validate --lang d", "plain,da\n"),
        ("expatlod validate --la", "plain,--lang\n"),
    ],
)
def test_a_word_is_completed(words: str, completed: str) -> None:
    result = subprocess.run(
        [PROGRAM],
        env={
            **os.environ,
            "_EXPATLOD_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        },
        capture_output=True,
        text=True,
    )

    assert (result.stdout, result.stderr) == (completed, "")


# -- wrong usage


def test_an_unknown_command_is_told_with_the_nearest() -> None:
    result = subprocess.run([PROGRAM, "convrt"], capture_output=True, text=True)

    assert result.stderr == (
        "Usage: expatlod [OPTIONS] COMMAND [ARGS]...\n"
        "Try 'expatlod --help' for help.\n"
        "\n"
        "Error: No such command 'convrt'. Did you mean 'convert'?\n"
    )
    assert (result.stdout, result.returncode) == ("", 2)


def test_an_unknown_option_is_told() -> None:
    result = subprocess.run([PROGRAM, "validate", "--nope", "x"], capture_output=True, text=True)

    assert result.stderr == (
        "Usage: expatlod validate [OPTIONS] INPUT...\n"
        "Try 'expatlod validate --help' for help.\n"
        "\n"
        "Error: No such option '--nope'.\n"
    )
    assert (result.stdout, result.returncode) == ("", 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ("convert",),
        ("convert", "nowhere.yaml"),
        ("convert", ".", "-f", "xml"),
        ("convert", ".", "--base", "example.org"),
        ("convert", ".", "--base", "https://example.org/x"),
        ("validate",),
        ("validate", "nowhere.yaml"),
        ("validate", ".", "--lang", "de"),
        ("publish", "nowhere"),
        ("query", "run"),
        ("query", "run", "1", "--file", "-"),
        ("query", "run", "--file", "-", "-p", "a=1"),
        ("query", "run", "1", "-p", "a"),
        ("query", "run", "1", "--timeout", "0"),
        ("query", "show", "1"),
        ("query", "check"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(main, arguments)

    assert (result.stdout, result.exit_code) == ("", 2)
    assert result.stderr.splitlines()[-1].startswith(("Error: ", "expatlod: "))


@pytest.mark.parametrize("command", ["convert", "validate"])
def test_a_file_that_is_no_record_is_named(expatlod: Command, tmp_path: Path, command: str) -> None:
    (tmp_path / "notes.txt").write_text("hello\n")

    result = expatlod(command, "notes.txt")

    assert "notes.txt" in result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    assert result.returncode in (1, 2)


# -- a bug, and a user who has had enough


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("expatlod.check.check", broken)

    result = CliRunner().invoke(main, ["validate", str(tmp_path)])

    assert isinstance(result.exception, ZeroDivisionError)
    assert result.stderr == ""


def test_control_c_ends_without_traceback(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/query"
        (tmp_path / "any.rq").write_text("ASK { }")
        process = subprocess.Popen(
            [PROGRAM, "query", "run", "--file", tmp_path / "any.rq", "--endpoint", address],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        silent.settimeout(60)
        connection, _ = silent.accept()
        with connection:
            connection.recv(1)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=60)

    assert (stdout, stderr.strip()) == ("", "expatlod: stopped")
    assert process.returncode == 130


# -- streams

HARBOUR = """\
id: harbour
type: Organisation
name:
  da: Havnen
  en: The Harbour
kind: company
"""

_HARBOUR_TRIPLES = """\
<{0}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/org#Organization> .
<{0}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://xmlns.com/foaf/0.1/Agent> .
<{0}> <http://www.w3.org/2004/02/skos/core#prefLabel> "Havnen"@da .
<{0}> <http://www.w3.org/2004/02/skos/core#prefLabel> "The Harbour"@en .
<{0}> <http://purl.org/dc/terms/type> <https://w3id.org/expatlod/code/organisation-kind/company> .
"""


def triples(base: str = "https://w3id.org/expatlod/") -> set[str]:
    return set(_HARBOUR_TRIPLES.format(f"{base}id/organisation/harbour").splitlines())


SYNTAXES = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}


def read(text: str, format: str) -> set[str]:
    return {f"{quad.triple} ." for quad in ox.parse(text, format=SYNTAXES[format])}


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    path = tmp_path / "harbour.yaml"
    path.write_text(HARBOUR, "utf-8")
    return path


@pytest.mark.parametrize("format", SYNTAXES)
def test_convert_writes_each_format_to_standard_output(
    expatlod: Command, harbour: Path, format: str
) -> None:
    result = expatlod("convert", "harbour.yaml", "-f", format)

    assert read(result.stdout, format) == triples()
    assert (result.stderr, result.returncode) == ("", 0)


@pytest.mark.parametrize("format", SYNTAXES)
def test_convert_writes_the_same_to_a_file(
    expatlod: Command, harbour: Path, tmp_path: Path, format: str
) -> None:
    result = expatlod("convert", "harbour.yaml", "-f", format, "-o", "out")

    assert (tmp_path / "out").read_text("utf-8") == (
        expatlod("convert", "harbour.yaml", "-f", format).stdout
    )
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


def test_convert_writes_turtle_unless_told_otherwise(expatlod: Command, harbour: Path) -> None:
    assert read(expatlod("convert", "harbour.yaml").stdout, "turtle") == triples()


def test_convert_takes_another_base(expatlod: Command, harbour: Path) -> None:
    result = expatlod("convert", "harbour.yaml", "--base", "https://example.org/", "-f", "ntriples")

    assert read(result.stdout, "ntriples") == triples("https://example.org/")


def test_converted_json_carries_its_context(expatlod: Command, harbour: Path) -> None:
    result = expatlod("convert", "harbour.yaml", "-f", "jsonld")

    (record,) = json.loads(result.stdout)["@graph"]
    assert record == {
        "id": "https://w3id.org/expatlod/id/organisation/harbour",
        "type": ["Organisation", "foaf:Agent"],
        "name": {"da": "Havnen", "en": "The Harbour"},
        "kind": "https://w3id.org/expatlod/code/organisation-kind/company",
    }


@pytest.mark.parametrize("output", [(), ("-o", "out.ttl")], ids=["standard-output", "file"])
def test_convert_with_a_fault_writes_nothing(
    expatlod: Command, harbour: Path, tmp_path: Path, output: tuple[str, ...]
) -> None:
    harbour.write_text(HARBOUR.replace("kind: company", "kind: compony"), "utf-8")

    result = expatlod("convert", "harbour.yaml", *output)

    assert result.stderr == (
        "harbour.yaml:6:7: error: kind 'compony' is not in the codelist organisation-kind\n"
        "    6 | kind: compony\n"
        "      |       ^^^^^^^\n"
        "  help: did you mean 'company'?\n"
        "  [sh:node  dct:type]\n"
        "\n"
        "1 error in 1 file\n"
    )
    assert (result.stdout, result.returncode) == ("", 1)
    assert list(tmp_path.iterdir()) == [harbour]


def test_convert_with_a_fault_leaves_the_old_file(
    expatlod: Command, harbour: Path, tmp_path: Path
) -> None:
    harbour.write_text("id: harbour\n")
    (tmp_path / "out.ttl").write_text("# as it was\n")

    expatlod("convert", "harbour.yaml", "-o", "out.ttl")

    assert (tmp_path / "out.ttl").read_text() == "# as it was\n"


def test_convert_to_a_place_that_is_not_there_is_one_line(expatlod: Command, harbour: Path) -> None:
    result = expatlod("convert", "harbour.yaml", "-o", "nowhere/out.ttl")

    assert result.stderr == (
        "expatlod: nowhere/out.ttl: cannot be written: No such file or directory\n"
    )
    assert (result.stdout, result.returncode) == ("", 2)


def test_validate_is_content_with_a_good_record(expatlod: Command, harbour: Path) -> None:
    result = expatlod("validate", "harbour.yaml")

    assert (result.stdout, result.stderr) == ("", "no faults found\n")
    assert result.returncode == 0


BARE = """\
id: bare
type: Project
title: {da: Uden alt, en: Without all}
kind: project
source: https://example.org/bare
"""


@pytest.mark.parametrize(
    ("lang", "counted"),
    [
        ("da", "3 advarsler og 1 bemærkning i 1 fil; hyppigst: sh:minCount (4)\n"),
        ("en", "3 warnings, 1 note in 1 file; most frequent: sh:minCount (4)\n"),
    ],
)
def test_warnings_and_notes_do_not_fail(
    expatlod: Command, tmp_path: Path, lang: str, counted: str
) -> None:
    (tmp_path / "bare.yaml").write_text(BARE, "utf-8")

    result = expatlod("validate", "bare.yaml", "--lang", lang)

    assert (result.stderr, result.returncode) == (counted, 0)


def test_publish_tells_files_on_standard_output_and_the_rest_beside(
    expatlod: Command, dataset: Path, tmp_path: Path
) -> None:
    result = expatlod("publish", "data", "-o", "public")

    files = [
        path.relative_to(tmp_path / "public" / "latest").as_posix()
        for path in (tmp_path / "public" / "latest").rglob("*")
        if path.is_file()
    ]
    told = [line.split() for line in result.stdout.splitlines() if line.endswith(" B")]
    assert sorted(told) == sorted(
        [name, f"{(tmp_path / 'public' / 'latest' / name).stat().st_size:,}", "B"] for name in files
    )
    assert result.stderr.splitlines()[-1].endswith(f" triples in public/releases/{VERSION}")
    assert result.returncode == 0


def test_publish_with_a_fault_publishes_nothing(
    expatlod: Command, dataset: Path, tmp_path: Path
) -> None:
    (dataset / "organisations/harbour.yaml").write_text(HARBOUR.replace("company", "compony"))

    result = expatlod("publish", "data", "-o", "public")

    assert (
        "data/organisations/harbour.yaml:6:7: error: kind 'compony' is not in the codelist "
        "organisation-kind\n"
    ) in result.stdout
    assert result.stderr.splitlines()[-1] == (
        "nothing published; mend the errors (public is as it was)"
    )
    assert result.returncode == 1
    assert not (tmp_path / "public").exists()


def test_query_runs_an_example_on_the_release(expatlod: Command, release: Path) -> None:
    result = expatlod("query", "run", "9", "--queries", release / "queries", "--data", release)

    project = "https://w3id.org/expatlod/id/project/come-and-stay"
    assert result.stdout == (
        f"project{' ' * 43}  title         latestEnd\n"
        f"{'-' * 50}  ------------  ----------\n"
        f"{project}  Come & Stay!  2012-12-31\n"
        "(1 row)\n"
    )
    assert (result.stderr, result.returncode) == ("", 0)


def test_query_finds_examples_and_release_where_they_lie(
    expatlod: Command, release: Path, tmp_path: Path
) -> None:
    shutil.copytree(release, tmp_path / "public")

    result = expatlod("query", "run", "unknown-start", "-f", "csv")

    assert result.stdout == (
        "project,title,latestEnd\n"
        "https://w3id.org/expatlod/id/project/come-and-stay,Come & Stay!,2012-12-31\n"
    )


# -- a reader who goes away


@pytest.mark.parametrize(
    "arguments",
    [
        ("query", "list", "--queries", "{release}/queries"),
        ("query", "show", "1", "--queries", "{release}/queries"),
        ("query", "run", "2", "--queries", "{release}/queries", "--data", "{release}", "-f", "csv"),
        ("query", "check", "--queries", "{release}/queries", "--data", "{release}"),
        ("convert", "{data}"),
        ("validate", "{data}"),
        ("--help",),
    ],
    ids=lambda arguments: "-".join(arguments[:2]).partition("-{")[0],
)
def test_a_closed_pipe_is_no_traceback(
    release: Path, dataset: Path, arguments: tuple[str, ...]
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        result = subprocess.run(
            [PROGRAM, *(each.format(release=release, data=dataset) for each in arguments)],
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        os.close(writer)

    assert [line for line in result.stderr.splitlines() if "BrokenPipe" in line] == []
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("query", "list", "--queries", "{release}/queries"),
        ("query", "run", "2", "--queries", "{release}/queries", "--data", "{release}", "-f", "csv"),
        ("convert", "{data}"),
    ],
    ids=["query-list", "query-run", "convert"],
)
def test_output_on_a_full_disk_is_one_line_and_no_success(
    release: Path, dataset: Path, arguments: tuple[str, ...]
) -> None:
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [PROGRAM, *(each.format(release=release, data=dataset) for each in arguments)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )

    (line,) = result.stderr.splitlines()
    assert line.startswith("expatlod: ")
    assert result.returncode not in (0, 1)


@pytest.mark.parametrize("arguments", [("query", "list"), ("convert", "{data}")], ids=" ".join)
def test_closed_output_is_one_line_and_no_success(
    dataset: Path, arguments: tuple[str, ...]
) -> None:
    command = " ".join([str(PROGRAM), *arguments]).format(data=dataset)

    result = subprocess.run(f"{command} >&-", shell=True, stderr=subprocess.PIPE, text=True)

    assert result.stderr == ("expatlod: standard output is closed; there is nowhere to write to\n")
    assert result.returncode == 2


def test_a_warning_does_not_keep_a_record_from_being_converted(
    expatlod: Command, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text("id: a\ntype: Page\nurl: https://example.org/ #1\n")

    result = expatlod("convert", "a.yaml", "-f", "ntriples", "-l", "en")

    page = "<https://w3id.org/expatlod/id/page/a>"
    assert result.stdout == (
        f"{page} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
        "<http://xmlns.com/foaf/0.1/Document> .\n"
        f"{page} <https://schema.org/url> <https://example.org/> .\n"
    )
    assert (result.stderr.splitlines()[-1], result.returncode) == ("1 warning in 1 file", 0)


# -- findings

FAULTY = """\
id: harbour-welcome
type: Project
title:
  da: Velkommen til havnen
kind: project
summary:
  da: Hjælp til nye folk på havnen.
  en: Help for new people at the harbour.
audience: foreign-worker
theme: housing
extent: Lemvik
webside: https://example.org/harbour
period: 2012/2009
funding:
  - fundingSource: region
    share: 25
  - fundingSource: esf
    share: 250
lesson:
  - da: Skriv til havn@example.org først.
    en: Write to the harbour first.
source: https://example.org/harbour
"""

ENGLISH = """\
faulty.yaml:4:3: error: title is missing in a language
    4 |   da: Velkommen til havnen
      |   ^
  help: Write the title in English under en.
  [sh:qualifiedMinCount  dct:title]

faulty.yaml:11:9: error: extent (geographic extent) 'Lemvik' is not in the codelist place
   11 | extent: Lemvik
      |         ^^^^^^
  help: did you mean 'Lemvig' (665)?
  [sh:node  dct:spatial]

faulty.yaml:12:1: error: Project has no field 'webside'
   12 | webside: https://example.org/harbour
      | ^^^^^^^
  help: did you mean 'website'?
  [record:unknown]

faulty.yaml:13:9: error: period '2012/2009' is later or greater than allowed
   13 | period: 2012/2009
      |         ^^^^^^^^^
  help: Write the start before the end, for example 2009/2011.
  [sh:lessThanOrEquals  expat:earliestStart]

faulty.yaml:18:12: error: funding 2 share '250' is more than 100
   18 |     share: 250
      |            ^^^
  help: Write the percentage of the whole, 0 to 100.
  [sh:maxInclusive  expat:share]

faulty.yaml:20:9: error: lesson 1 da 'Skriv til havn@example.org først.' holds what must not stand here
   20 |   - da: Skriv til havn@example.org først.
      |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: Remove the mail address from the text; a shared mailbox can stand under contact.
  [sh:not]

"""  # noqa: E501

DANISH = """\
faulty.yaml:4:3: fejl: title (titel) mangler på et sprog
    4 |   da: Velkommen til havnen
      |   ^
  hjælp: Skriv titlen på engelsk under en.
  [sh:qualifiedMinCount  dct:title]

faulty.yaml:11:9: fejl: extent (geografisk udstrækning) 'Lemvik' står ikke i kodelisten place
   11 | extent: Lemvik
      |         ^^^^^^
  hjælp: mente du 'Lemvig' (665)?
  [sh:node  dct:spatial]

faulty.yaml:12:1: fejl: Projekt har intet felt 'webside'
   12 | webside: https://example.org/harbour
      | ^^^^^^^
  hjælp: mente du 'website'?
  [record:unknown]

faulty.yaml:13:9: fejl: period (periode) '2012/2009' er senere eller større end tilladt
   13 | period: 2012/2009
      |         ^^^^^^^^^
  hjælp: Skriv starten før slutningen, fx 2009/2011.
  [sh:lessThanOrEquals  expat:earliestStart]

faulty.yaml:18:12: fejl: funding 2 share (andel) '250' er mere end 100
   18 |     share: 250
      |            ^^^
  hjælp: Skriv procentdelen af det hele som et tal fra 0 til 100.
  [sh:maxInclusive  expat:share]

faulty.yaml:20:9: fejl: lesson 1 da 'Skriv til havn@example.org først.' indeholder noget, der ikke må stå her
   20 |   - da: Skriv til havn@example.org først.
      |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  hjælp: Fjern mailadressen fra teksten; en fællespostkasse kan stå under contact.
  [sh:not]

"""  # noqa: E501


# The first three by name of six that stand once.
FREQUENT = "record:unknown (1), sh:lessThanOrEquals (1), sh:maxInclusive (1)"


@pytest.mark.parametrize(
    ("lang", "findings", "counted"),
    [
        ("en", ENGLISH, f"6 errors in 1 file; most frequent: {FREQUENT}\n"),
        ("da", DANISH, f"6 fejl i 1 fil; hyppigst: {FREQUENT}\n"),
    ],
    ids=["english", "danish"],
)
def test_every_fault_of_a_record_is_told_in_one_run(
    expatlod: Command, tmp_path: Path, lang: str, findings: str, counted: str
) -> None:
    (tmp_path / "faulty.yaml").write_text(FAULTY, "utf-8")

    result = expatlod("validate", "faulty.yaml", "--lang", lang)

    assert result.stdout == findings
    assert (result.stderr, result.returncode) == (counted, 1)


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"LC_ALL": "da_DK.UTF-8"}, "ingen fejl fundet\n"),
        ({"LC_ALL": "", "LC_MESSAGES": "da_DK", "LANG": "en_GB.UTF-8"}, "ingen fejl fundet\n"),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "da"}, "ingen fejl fundet\n"),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "da_DK.UTF-8"}, "no faults found\n"),
        ({"LC_ALL": "C", "LANG": "da_DK.UTF-8"}, "no faults found\n"),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}, "no faults found\n"),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "de_DE.UTF-8"}, "no faults found\n"),
    ],
    ids=["all", "messages", "lang", "all-before-lang", "c", "none", "german"],
)
def test_the_language_is_that_of_the_locale(
    expatlod: Command, harbour: Path, env: dict[str, str], told: str
) -> None:
    assert expatlod("validate", "harbour.yaml", env=env).stderr == told


def test_the_language_can_be_chosen_against_the_locale(expatlod: Command, harbour: Path) -> None:
    result = expatlod("validate", "harbour.yaml", "-l", "en", env={"LC_ALL": "da_DK.UTF-8"})

    assert result.stderr == "no faults found\n"


# -- RDF as input


@pytest.mark.parametrize(
    ("format", "ending"),
    [("turtle", "ttl"), ("ntriples", "nt"), ("jsonld", "jsonld"), ("rdfxml", "rdf")],
)
def test_what_was_converted_is_valid(
    expatlod: Command, harbour: Path, format: str, ending: str
) -> None:
    expatlod("convert", "harbour.yaml", "-f", format, "-o", f"harbour.{ending}")

    result = expatlod("validate", f"harbour.{ending}")

    assert (result.stdout, result.stderr) == ("", "no faults found\n")
    assert result.returncode == 0


PREFIXES = """\
@prefix dct: <http://purl.org/dc/terms/> .
@prefix expat: <https://w3id.org/expatlod/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def test_a_share_in_turtle_is_judged(expatlod: Command, tmp_path: Path) -> None:
    (tmp_path / "grant.ttl").write_text(
        PREFIXES + "<https://example.org/grant> a expat:Funding ; expat:share 250.0 ;\n"
        "  expat:fundingSource <https://w3id.org/expatlod/code/funding-source/esf> .\n"
    )

    result = expatlod("validate", "grant.ttl")

    assert result.stdout == (
        "grant.ttl:4:59: error: <https://example.org/grant> expat:share '250.0' is more than 100\n"
        "    4 | <https://example.org/grant> a expat:Funding ; expat:share 250.0 ;\n"
        f"      | {' ' * 58}^^^^^\n"
        "  help: Write the percentage of the whole, 0 to 100.\n"
        "  [sh:maxInclusive  expat:share]\n"
        "\n"
    )
    assert (result.stderr, result.returncode) == ("1 error in 1 file\n", 1)


def test_broken_turtle_is_told_with_its_place(expatlod: Command, tmp_path: Path) -> None:
    (tmp_path / "broken.ttl").write_text("@prefix a: <urn:a:> .\na:b a:c .\n")

    result = expatlod("validate", "broken.ttl")

    head, *rest = result.stdout.splitlines()
    assert head.startswith("broken.ttl:2:9: error: cannot be read as RDF: ")
    assert rest[:2] == ["    2 | a:b a:c .", "      |         ^"]
    assert rest[-2:] == ["  [record:rdf]", ""]
    assert (result.stderr, result.returncode) == ("1 error in 1 file\n", 1)


def test_a_document_type_in_rdf_is_refused(expatlod: Command, tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    (tmp_path / "bomb.rdf").write_text(
        f'<?xml version="1.0"?>{bomb}<rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>\n'
    )

    result = expatlod("validate", "bomb.rdf")

    assert result.stdout == (
        "bomb.rdf: error: cannot be read as RDF: a DOCTYPE, which is not read\n"
        "  help: mend the file and try again\n"
        "  [record:rdf]\n"
        "\n"
    )
    assert (result.stderr, result.returncode) == ("1 error in 1 file\n", 1)


def test_a_date_that_is_none_is_told_and_the_rest_is_judged(
    expatlod: Command, tmp_path: Path
) -> None:
    (tmp_path / "dates.ttl").write_text(
        PREFIXES + "<https://example.org/p> a dct:PeriodOfTime ;\n"
        '  expat:edtf "2012"^^<http://id.loc.gov/datatypes/edtf/EDTF> ;\n'
        '  expat:earliestStart "2012-13-45"^^xsd:date ;\n'
        '  expat:latestEnd "2012-12-31"^^xsd:date .\n'
        "<https://example.org/q> a dct:PeriodOfTime ;\n"
        '  expat:edtf "2012/2009"^^<http://id.loc.gov/datatypes/edtf/EDTF> ;\n'
        '  expat:earliestStart "2012-01-01"^^xsd:date ;\n'
        '  expat:latestEnd "2009-12-31"^^xsd:date .\n'
    )

    result = expatlod("validate", "dates.ttl")

    assert result.stdout == (
        "dates.ttl:6:23: error: <https://example.org/p> expat:earliestStart '2012-13-45' "
        "is not a date that exists, written YYYY-MM-DD\n"
        '    6 |   expat:earliestStart "2012-13-45"^^xsd:date ;\n'
        "      |                       ^^^^^^^^^^^^\n"
        "  help: Correct the period; this date is worked out from it and is not written in the "
        "record.\n"
        "  [sh:datatype  expat:earliestStart]\n"
        "\n"
        "dates.ttl:10:23: error: <https://example.org/q> expat:earliestStart '2012-01-01' "
        "is later or greater than allowed\n"
        '   10 |   expat:earliestStart "2012-01-01"^^xsd:date ;\n'
        "      |                       ^^^^^^^^^^^^\n"
        "  help: Write the start before the end, for example 2009/2011.\n"
        "  [sh:lessThanOrEquals  expat:earliestStart]\n"
        "\n"
    )
    assert (result.stderr, result.returncode) == (
        "2 errors in 1 file; most frequent: sh:datatype (1), sh:lessThanOrEquals (1)\n",
        1,
    )


def test_a_context_from_elsewhere_is_not_fetched(expatlod: Command, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.setblocking(False)
        address = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/context"
        (tmp_path / "remote.jsonld").write_text(json.dumps({"@context": address, "@id": "urn:a:b"}))

        result = expatlod("validate", "remote.jsonld")

        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    assert result.stdout.splitlines()[0].startswith("remote.jsonld: error: cannot be read as RDF: ")
    assert (result.stderr, result.returncode) == ("1 error in 1 file\n", 1)


def test_records_and_rdf_are_checked_together_in_order(
    expatlod: Command, harbour: Path, tmp_path: Path
) -> None:
    harbour.write_text(HARBOUR.replace("company", "compony"), "utf-8")
    for name in ("a.ttl", "z.ttl"):
        (tmp_path / name).write_text("nonsense\n")

    result = expatlod("validate", "z.ttl", "harbour.yaml", "a.ttl")

    heads = [line for line in result.stdout.splitlines() if ": error: " in line]
    assert [head.partition(": error: ")[0].partition(":")[0] for head in heads] == [
        "a.ttl",
        "harbour.yaml",
        "z.ttl",
    ]
    assert (result.stderr, result.returncode) == (
        "3 errors in 3 files; most frequent: record:rdf (2), sh:node (1)\n",
        1,
    )


@pytest.mark.parametrize("command", ["validate", "convert"])
def test_the_file_that_is_read_is_not_written_over(
    expatlod: Command, tmp_path: Path, command: str
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("id: a\ntype: Project\n")

    result = expatlod(command, "a.yaml", "-o", "a.yaml")

    assert (result.returncode, result.stdout, result.stderr) == (
        2,
        "",
        "expatlod: -o a.yaml: a file that is read here; name another one\n",
    )
    assert path.read_text() == "id: a\ntype: Project\n"


def test_a_report_is_written_though_standard_error_is_closed(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("id: a\n")

    done = subprocess.run(
        [f"{sys.executable} -m expatlod validate a.yaml -f json 2>&-"],
        shell=True,
        cwd=tmp_path,
        capture_output=True,
    )

    assert (done.returncode, json.loads(done.stdout)["findings"][0]["code"]) == (1, "record:type")
