"""The command that tells what portals would make of a catalogue."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from expatlod.cli.words import DATA_FAULTS, language, show

__all__ = ["rehearse"]


@click.command(
    epilog="""\b
Examples:
  expatlod rehearse public
  expatlod rehearse public --portal mqa
  expatlod rehearse catalog.rdf --previous last-year.rdf -f json
"""
)
@click.argument("out", metavar="OUT", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--portal",
    "portals",
    type=click.Choice(["ckan", "dcat-ap", "dcat-ap-dk", "mqa"]),
    multiple=True,
    show_default="all",
    help="Whose reading to rehearse: ckan (ckanext-dcat), dcat-ap (data.europa.eu), dcat-ap-dk "
    "(Datavejviser), mqa (the quality score of data.europa.eu). Can be given several times.",
)
@click.option(
    "-f",
    "--format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Form of the report.",
)
@click.option(
    "--previous",
    metavar="FILE",
    type=click.Path(exists=True, path_type=Path),
    show_default="the release before",
    help="The catalogue that was harvested before, to see what this one would delete.",
)
@language()
def rehearse(
    out: Path, portals: tuple[str, ...], format: str, previous: Path | None, lang: str
) -> None:
    """Tell what portals would make of a catalogue, without network.

    OUT is what publish wrote, one release of it, or the catalogue of anybody (.ttl, .jsonld, .nt,
    .rdf). Shown are the datasets as CKAN would show them, what it would delete, where a portal
    stops or loses something, and the score that data.europa.eu would give, of 405 points.

    Exit status: 0 no error, 1 there is one, 2 wrong usage.
    """
    from expatlod.rehearse import PORTALS
    from expatlod.rehearse import rehearse as rehearsed
    from expatlod.rehearse.document import document
    from expatlod.rehearse.text import summary, told

    rehearsal = rehearsed(out, portals or PORTALS, previous)
    if format == "json":
        sys.stdout.buffer.write(document(rehearsal).encode())
        sys.stdout.flush()
    else:
        click.echo(told(rehearsal, lang))
        show(rehearsal.findings, lang)
    click.echo(summary(rehearsal, lang), err=True)
    if rehearsal.fails:
        sys.exit(DATA_FAULTS)
