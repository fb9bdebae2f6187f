"""The command that checks records, or RDF, against the shapes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from expatlod.cli.words import DATA_FAULTS, language, load_profile, show, summary
from expatlod.errors import ERROR

__all__ = ["validate"]


@click.command()
@click.argument(
    "inputs",
    metavar="INPUT...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@language()
def validate(inputs: tuple[Path, ...], lang: str) -> None:
    """Check project records against the SHACL shapes.

    INPUT is a record file (.yaml), a folder of them, or an RDF file (.ttl, .nt, .jsonld, .rdf).
    Each finding names file, line and column of the value at fault, and how to mend it.

    Exit status: 0 no errors (there may be warnings and notes), 1 errors, 2 wrong usage.
    """
    from expatlod.check import check

    findings = check(load_profile(), inputs)
    show(findings, lang)
    click.echo(summary(findings, lang), err=True)
    if any(each.severity == ERROR for each in findings):
        sys.exit(DATA_FAULTS)
