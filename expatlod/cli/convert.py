"""The command that turns records into RDF."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from expatlod.cli.progress import Progress
from expatlod.cli.words import (
    DATA_FAULTS,
    jobs,
    language,
    load_profile,
    not_an_input,
    show,
    summary,
    unkept,
)
from expatlod.errors import ERROR

__all__ = ["convert"]


@click.command()
@click.argument(
    "inputs",
    metavar="INPUT...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    default="-",
    show_default="standard output",
    help="File to write.",
)
@click.option(
    "-f",
    "--format",
    type=click.Choice(["turtle", "ntriples", "jsonld", "rdfxml"]),
    default="turtle",
    show_default=True,
    help="RDF syntax to write.",
)
@click.option("--base", metavar="IRI", help="Base of the IRIs.  [default: that of the dataset]")
@jobs()
@language()
def convert(
    inputs: tuple[Path, ...], output: Path, format: str, base: str | None, jobs: int, lang: str
) -> None:
    """Turn project records into RDF.

    INPUT is a record file (YAML, JSON, JSON Lines, CSV or XLSX) or a folder of them. What cannot
    be converted is told on standard error, and then nothing is written. The rules are another
    matter: see `validate`.
    """
    from expatlod.conversion import convert as write
    from expatlod.errors import UsageError
    from expatlod.iris import is_iri

    if base is not None and not (is_iri(base) and base.endswith("/")):
        raise UsageError(f"--base {base}: write an address that ends in '/', https://example.org/")
    not_an_input(output, inputs)
    target = None if str(output) == "-" else output
    with Progress() as progress:
        findings, more = write(
            load_profile(), inputs, target, format, base=base, jobs=jobs, progress=progress.told
        )
    if findings:
        show(findings, lang, err=True)
        click.echo(summary(findings, lang), err=True)
    if more:
        click.echo(unkept(more, lang), err=True)
    if any(each.severity == ERROR for each in findings):
        sys.exit(DATA_FAULTS)
