"""The command that makes a release."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from expatlod.cli.words import DATA_FAULTS, language, load_profile, show, summary

__all__ = ["publish"]


@click.command()
@click.argument(
    "data", default="data", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default="public",
    show_default=True,
    help="Folder of the release.",
)
@language()
def publish(data: Path, output: Path, lang: str) -> None:
    """Validate a dataset and publish it as linked open data.

    DATA is the folder with dataset.yaml, the records and the query examples [default: data].
    Nothing is published when a finding is an error. The new release replaces the old one only
    when it is whole, and a folder that is not a release is never replaced.
    """
    from expatlod.publish import publish as release

    terminal = sys.stderr.isatty()

    def step(name: str) -> None:
        if terminal:
            click.echo(f"{name} …", err=True)

    result = release(load_profile(), data, output, step=step)
    show(result.findings, lang)
    click.echo(summary(result.findings, lang), err=True)
    if result.path is None:
        click.echo(_refused(output, lang), err=True)
        sys.exit(DATA_FAULTS)
    width = max(len(path) for path in result.files)
    for path, size in result.files.items():
        click.echo(f"{path:<{width}}  {size:>9,} B")
    click.echo(_done(result.records, result.triples, output, lang), err=True)


def _refused(output: Path, lang: str) -> str:
    if lang == "da":
        return f"intet udgivet; ret fejlene ({output} er, som den var)"
    return f"nothing published; mend the errors ({output} is as it was)"


def _done(records: int, triples: int, output: Path, lang: str) -> str:
    if lang == "da":
        return f"udgav {records} poster, {triples} tripler i {output}"
    return f"published {records} records, {triples} triples in {output}"
