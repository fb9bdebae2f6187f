"""The command that checks records, or RDF, against the shapes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from expatlod.cli.progress import Progress
from expatlod.cli.words import (
    DATA_FAULTS,
    engine,
    jobs,
    language,
    load_profile,
    not_an_input,
    show,
    summary,
    unkept,
)
from expatlod.errors import ERROR, NOTE, WARNING, UsageError

if TYPE_CHECKING:
    from expatlod.reports.report import Report

__all__ = ["validate"]


@click.command(
    epilog="""\b
Examples:
  expatlod validate data
  expatlod validate data -f sarif -o findings.sarif
  expatlod validate data --changed-since origin/main --fail-on warning
"""
)
@click.argument(
    "inputs",
    metavar="INPUT...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@click.option(
    "-f",
    "--format",
    type=click.Choice(["text", "json", "sarif", "junit", "github", "turtle"]),
    default="text",
    show_default=True,
    help="Form of the report. turtle is the SHACL report, as pySHACL writes it.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    default="-",
    show_default="standard output",
    help="File to write the report to; the text form is then shown beside it.",
)
@engine()
@jobs()
@language()
@click.option(
    "--max",
    "most",
    metavar="N",
    type=click.IntRange(min=0),
    show_default="all",
    help="Show N findings at most, the gravest first, in text and github. The counts stay true, "
    "and the other forms hold all.",
)
@click.option(
    "--fail-on",
    type=click.Choice([ERROR, WARNING, NOTE]),
    default=ERROR,
    show_default=True,
    help="Exit with 1 when a finding is at least this grave.",
)
@click.option(
    "--changed-since",
    "since",
    metavar="REV",
    help="Check only the records that changed since this git revision, and those that point at "
    "them.",
)
def validate(
    inputs: tuple[Path, ...],
    format: str,
    output: Path,
    engine: str,
    jobs: int,
    lang: str,
    most: int | None,
    fail_on: str,
    since: str | None,
) -> None:
    """Check project records against the SHACL shapes.

    INPUT is a record file (YAML, JSON, JSON Lines, CSV or XLSX), a folder of them, or an RDF file
    (.ttl, .nt, .jsonld, .rdf). Each finding names file, line and column of the value at fault,
    and how to mend it.

    Exit status: 0 nothing as grave as --fail-on says, 1 something is, 2 wrong usage.
    """
    from expatlod.check import check
    from expatlod.reports import turtle
    from expatlod.reports.report import SEVERITIES
    from expatlod.reports.text import hint

    path = None if str(output) == "-" else _target(output)
    not_an_input(output, inputs)
    with Progress() as progress:
        report = check(
            load_profile(), inputs, since=since, engine=engine, jobs=jobs, progress=progress.told
        )
    if path is not None:
        _write(path, output, _rendered(report, format, lang, most).encode())
    if path is not None or format == "text":
        show(report.findings, lang, most=most)
    else:
        sys.stdout.buffer.write(_rendered(report, format, lang, most).encode())
        sys.stdout.flush()
    outside = turtle.outside(report) if format == "turtle" else ()
    if outside:
        if path is None:
            show(outside, lang, err=True)
        click.echo(_not_held(len(outside), lang), err=True)
    click.echo(summary(report.findings, lang), err=True)
    if report.unkept:
        click.echo(unkept(report.unkept, lang), err=True)
    more = hint(report.findings, lang)
    if more and sys.stderr.isatty():
        click.echo(more, err=True)
    if any(each.rank <= SEVERITIES.index(fail_on) for each in report.findings):
        sys.exit(DATA_FAULTS)


def _rendered(report: Report, format: str, lang: str, most: int | None) -> str:
    from expatlod.reports import FORMATS, github
    from expatlod.reports.report import encodable
    from expatlod.reports.text import listing

    if format == "text":
        return encodable(listing(report.findings, lang, most=most))
    if format == "github":
        return github.commands(report, lang, most=most)
    return FORMATS[format](report, lang)


def _not_held(number: int, lang: str) -> str:
    if lang == "da":
        return f"SHACL-rapporten indeholder ikke fund, hvis kode begynder med 'record:' ({number})"
    return f"the SHACL report does not hold findings whose code begins with 'record:' ({number})"


# -- a report in a file


def _target(output: Path) -> Path:
    """Return where to write *output* for good; told before the long work if that cannot be."""
    if output.exists() and not output.is_file():
        # A pipe or a device, which is not to be replaced by a file.
        return output
    path = output.resolve()
    folder = path.parent
    if not folder.is_dir():
        raise UsageError(f"{output}: there is no folder {output.parent}; make it first")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise UsageError(f"{output}: cannot be written: no permission")
    return path


def _write(path: Path, output: Path, data: bytes) -> None:
    """Write *data* to the file *path*, whole or not at all."""
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            draft.write_bytes(data)
            os.replace(draft, path)  # noqa: PTH105
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror}") from error
