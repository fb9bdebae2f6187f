"""The commands that list, show, run and check query examples."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

import click

from expatlod.cli.words import DATA_FAULTS, Group, language, load_profile, say
from expatlod.errors import QueryError, UsageError

if TYPE_CHECKING:
    from expatlod.bounded import BoundedStore
    from expatlod.examples import Example

__all__ = ["query"]

_FOLDERS = (Path("data/queries"), Path("public/queries"), Path("queries"))

#: Answers up to this size, in bytes, are held in memory until they are whole.
_SPOOLED = 16_000_000

#: The largest answer that is compared with the one expected, in bytes.
_COMPARED = 50_000_000


@click.group(cls=Group)
def query() -> None:
    """List, show, run and check SPARQL query examples."""


_queries = click.option(
    "--queries",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the examples.  [default: data/queries, else public/queries, else queries]",
)
_data = click.option(
    "--data",
    type=click.Path(path_type=Path),
    default="public",
    show_default=True,
    help="Store, release folder or dump file to ask.",
)
_timeout = click.option(
    "--timeout",
    type=click.IntRange(1, 3600),
    default=60,
    show_default=True,
    help="Seconds that an answer may take.",
)
_memory = click.option(
    "--memory",
    metavar="MB",
    type=click.IntRange(200, 1_000_000),
    default=2000,
    show_default=True,
    help="Megabytes of memory that the data and an answer may take.  (Not held on Windows.)",
)


def _bounded(data: Path, timeout: int, memory: int, **more: int) -> BoundedStore:
    """Return the data to ask, within limits."""
    from expatlod.bounded import BoundedStore
    from expatlod.resources import default_profile

    def slow() -> None:
        say(
            f"{data} is loaded for this question; 'expatlod index {data} -o store' once, and "
            "'--data store' answers sooner"
        )

    return BoundedStore(data, default_profile(), timeout=timeout, memory=memory, slow=slow, **more)


def _folder(given: Path | None) -> Path:
    if given is not None:
        return given
    for folder in _FOLDERS:
        if folder.is_dir():
            return folder
    raise UsageError("no query examples here; name their folder with --queries")


@query.command("list")
@_queries
@language()
def list_(queries: Path | None, lang: str) -> None:
    """List the query examples with the question each answers."""
    from expatlod.examples import examples

    known = examples(_folder(queries))
    width = max(len(each.name) for each in known)
    for each in known:
        click.echo(f"{each.name:<{width}}  {each.summary.get(lang) or each.summary.get('en', '')}")


@query.command()
@click.argument("name")
@_queries
def show(name: str, queries: Path | None) -> None:
    """Print the query example NAME, with its explanation."""
    from expatlod.examples import find

    click.echo(find(_folder(queries), name).source, nl=False)


@query.command()
@click.argument("name", required=False)
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True),
    help="Run the query in this file instead of an example; - is standard input.",
)
@_queries
@_data
@click.option("--endpoint", metavar="IRI", help="Ask this SPARQL endpoint instead of --data.")
@click.option(
    "-p",
    "--param",
    "params",
    metavar="NAME=TERM",
    multiple=True,
    help="Set a parameter of the example: place=Lemvig, date=2013-05-01, year=2011.",
)
@click.option(
    "-f",
    "--format",
    type=click.Choice(["table", "csv", "tsv", "json", "xml", "turtle"]),
    default="table",
    show_default=True,
    help="Form of the answer.",
)
@_timeout
@_memory
@click.option("--allow-service", is_flag=True, help="Let the query call other servers (SERVICE).")
def run(
    name: str | None,
    file: Path | None,
    queries: Path | None,
    data: Path,
    endpoint: str | None,
    params: tuple[str, ...],
    format: str,
    timeout: int,
    memory: int,
    allow_service: bool,
) -> None:
    """Run the query example NAME, or the query in a file.

    The answer comes from a release or dump on this machine, or from a SPARQL endpoint. NAME is
    the example's name, its number or its words: '08-active-on-a-day', '8', 'active-on-a-day'.
    """
    from expatlod.answers import write
    from expatlod.endpoint import ask_endpoint
    from expatlod.examples import find

    if (name is None) == (file is None):
        raise click.UsageError("Name an example, or a query with --file: one of the two.")
    given = _parameters(params)
    # The process that answers starts while this one reads the profile.
    with nullcontext() if endpoint else _bounded(data, timeout, memory) as store:
        model = load_profile()
        if file is not None:
            if given:
                raise click.UsageError("--param goes with an example, not with --file.")
            text, bindings = _read(file), {}
        else:
            example = find(_folder(queries), str(name))
            text, bindings = example.text, example.bindings(given, model.find_code)
        if store is None:
            answer = ask_endpoint(str(endpoint), text, bindings=bindings, timeout=timeout)
        else:
            answer = store.ask(text, bindings=bindings, allow_service=allow_service)
        with SpooledTemporaryFile(_SPOOLED) as written:
            # Nothing is printed before all of it can be.
            write(answer, format, model, written)
            written.seek(0)
            shutil.copyfileobj(written, sys.stdout.buffer)


def _parameters(params: tuple[str, ...]) -> dict[str, str]:
    given = {}
    for param in params:
        name, sign, value = param.partition("=")
        if not sign:
            raise click.UsageError(f"--param {param}: write NAME=TERM.")
        given[name.lstrip("?$")] = value
    return given


def _read(file: Path) -> str:
    data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QueryError(f"{file}: not UTF-8; save the query as UTF-8") from error


@query.command()
@_queries
@_data
@click.option("--endpoint", metavar="IRI", help="Ask this SPARQL endpoint instead of --data.")
@_timeout
@_memory
def check(
    queries: Path | None, data: Path, endpoint: str | None, timeout: int, memory: int
) -> None:
    """Run every example and compare its answer with the one expected.

    The expected answer stands beside the query, in a file that ends in .csv. Exit status: 0 all
    agree, 1 some do not.
    """
    from expatlod.endpoint import ask_endpoint
    from expatlod.examples import examples

    known = examples(_folder(queries))
    failed = 0
    with nullcontext() if endpoint else _bounded(data, timeout, memory, largest=_COMPARED) as store:
        for each in known:
            try:
                bindings = each.bindings({})
                if store is None:
                    answer = ask_endpoint(
                        str(endpoint), each.text, bindings=bindings, timeout=timeout
                    )
                else:
                    answer = store.ask(each.text, bindings=bindings)
                trouble = _compare(each, answer)
            except QueryError as error:
                trouble = str(error)
            failed += bool(trouble)
            click.echo(f"{each.name}: {trouble or 'ok'}")
    click.echo(f"{len(known) - failed} of {len(known)} agree", err=True)
    if failed:
        sys.exit(DATA_FAULTS)


def _compare(example: Example, answer: object) -> str:
    """Return how the answer differs from the expected one, empty if it does not."""
    import pyoxigraph as ox

    from expatlod.query import rows

    expected = example.expected()
    if expected is None:
        return f"no expected answer; write {example.path.with_suffix('.csv')}"
    if not isinstance(answer, ox.QuerySolutions):
        return "not a SELECT query, so there are no rows to compare"
    found = rows(answer)
    if found == expected:
        return ""
    wanted, given = Counter(map(tuple, expected)), Counter(map(tuple, found))
    lines = [f"  - {','.join(row)}" for row in (wanted - given).elements()]
    lines += [f"  + {','.join(row)}" for row in (given - wanted).elements()]
    return "\n".join(["differs (- expected, + found)", *(lines or ["  the order of the rows"])])
