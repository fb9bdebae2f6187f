"""The command that begins a record."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from expatlod.cli.words import language, load_profile

__all__ = ["new"]


@click.command(
    epilog="""\b
Examples:
  expatlod new project harbour-cafe
  expatlod new organisation harbour-society -l da -o data/organisations/harbour-society.yaml
"""
)
@click.argument("name", metavar="CLASS")
@click.argument("identifier", metavar="ID")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    default="-",
    show_default="standard output",
    help="File to write; one that exists is left alone.",
)
@language()
def new(name: str, identifier: str, output: Path, lang: str) -> None:
    """Begin a record: write one to fill in, with help for every field.

    CLASS is a class of records, by its name or label in either language. ID names the record:
    small letters a-z, digits and single hyphens. What must be given stands empty; what may be
    given is commented out. `expatlod validate` then says what is still to be filled in.
    """
    from expatlod.draft import draft
    from expatlod.errors import UsageError

    model = load_profile()
    text = draft(model, model.class_called(name), identifier, lang).encode()
    if str(output) == "-":
        sys.stdout.buffer.write(text)
        return
    try:
        with output.open("xb") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(f"{output}: exists already; choose another name with -o") from error
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror}") from error
