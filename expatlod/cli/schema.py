"""The command that describes how records are written."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from expatlod.cli.words import language, load_profile

__all__ = ["schema"]


@click.command(
    epilog="""\b
Formats:
  json-schema  completion, help and checks in editors: begin a YAML file with
               # yaml-language-server: $schema=records.schema.json
  csv          the header line of a table; CLASS must be given
  xlsx         a workbook to fill in, with drop-downs and help in both languages
  markdown     the reference of all fields and codes

\b
Examples:
  expatlod schema -f json-schema -o records.schema.json
  expatlod schema -f csv project -o projects.csv
  expatlod schema -f xlsx -o records.xlsx
  expatlod schema -f markdown -l da
"""
)
@click.argument("name", metavar="[CLASS]", required=False)
@click.option(
    "-f",
    "--format",
    type=click.Choice(["json-schema", "csv", "xlsx", "markdown"]),
    required=True,
    help="What to write.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    default="-",
    show_default="standard output",
    help="File to write.",
)
@language()
def schema(name: str | None, format: str, output: Path, lang: str) -> None:
    """Describe how records are written.

    CLASS is a class of records, by its name or label in either language; without it all are
    described. Everything follows from the shapes: for editors, spreadsheets and people.
    """
    from expatlod.errors import UsageError
    from expatlod.schema import FORMATS

    model = load_profile()
    kinds = (model.class_called(name),) if name else model.record_classes
    if format == "xlsx" and str(output) == "-" and sys.stdout.isatty():
        raise UsageError("a workbook cannot be shown here; write it to a file with -o records.xlsx")
    data = FORMATS[format](model, kinds, lang)
    if str(output) == "-":
        sys.stdout.buffer.write(data)
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror}") from error
