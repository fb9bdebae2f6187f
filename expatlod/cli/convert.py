"""The command that turns records into RDF."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from expatlod.cli.words import (
    DATA_FAULTS,
    language,
    load_profile,
    not_an_input,
    show,
    summary,
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
@language()
def convert(
    inputs: tuple[Path, ...], output: Path, format: str, base: str | None, lang: str
) -> None:
    """Turn project records into RDF.

    INPUT is a record file (YAML, JSON, JSON Lines, CSV or XLSX) or a folder of them. What cannot
    be converted is told on standard error, and then nothing is written. The rules are another
    matter: see `validate`.
    """
    from expatlod.collection import gather
    from expatlod.dumps import serialize
    from expatlod.errors import UsageError
    from expatlod.iris import is_iri

    if base is not None and not (is_iri(base) and base.endswith("/")):
        raise UsageError(f"--base {base}: write an address that ends in '/', https://example.org/")
    not_an_input(output, inputs)
    collection = gather(load_profile(), inputs, base=base)
    if collection.findings:
        findings = collection.together(())
        show(findings, lang, err=True)
        click.echo(summary(findings, lang), err=True)
        if any(each.severity == ERROR for each in findings):
            sys.exit(DATA_FAULTS)
    data = serialize(collection.model, collection.all, format)
    if str(output) == "-":
        sys.stdout.buffer.write(data)
    else:
        _write(output, data)


def _write(path: Path, data: bytes) -> None:
    from expatlod.errors import PublishError

    try:
        path.write_bytes(data)
    except OSError as error:
        raise PublishError(f"{path}: cannot be written: {error.strerror}") from error
