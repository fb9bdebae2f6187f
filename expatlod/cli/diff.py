"""The command that tells what differs between two releases."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from expatlod.archive import MANIFEST, SITE
from expatlod.cli.words import DATA_FAULTS, language, load_profile, not_an_input
from expatlod.errors import UsageError

__all__ = ["diff"]


@click.command(
    epilog="""\b
Examples:
  expatlod diff public/releases/2026-01-15 public
  expatlod diff old.nt.zst public -f markdown -l da -o notes.md
  expatlod diff public/releases/2026-01-15 public -f sparql-update -o update.ru
"""
)
@click.argument("old", type=click.Path(exists=True, path_type=Path))
@click.argument("new", type=click.Path(exists=True, path_type=Path))
@click.option(
    "-f",
    "--format",
    type=click.Choice(["text", "json", "markdown", "sparql-update", "rdf-patch"]),
    default="text",
    show_default=True,
    help="Form to write the changes in. The last two hold the triples of the dumps that are gone "
    "and that came.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    default="-",
    show_default="standard output",
    help="File to write.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 when there are differences.")
@language()
def diff(old: Path, new: Path, format: str, output: Path, exit_code: bool, lang: str) -> None:
    """Tell what differs between two releases.

    OLD and NEW are folders that `publish` wrote, where the newest release counts, single releases
    in them, or dump files (.nt, .ttl, .jsonld, .rdf, each also .gz or .zst).

    Exit status: 0 when they could be compared, 2 when not; with --exit-code, 1 when they differ.
    """
    from expatlod.diff import FORMATS
    from expatlod.diff import diff as compare

    not_an_input(output, (old, new))
    _not_in_a_release(output, old, new)
    with compare(load_profile(), old, new) as changes, _opened(output) as file:
        for piece in FORMATS[format](changes, lang):
            file.write(piece.encode())
        click.echo(changes.notes()[lang], err=True)
        different = bool(changes.counts)
    if exit_code and different:
        sys.exit(DATA_FAULTS)


def _not_in_a_release(output: Path, *inputs: Path) -> None:
    """Refuse to write into what was published, or over what is compared."""
    place = output.resolve()
    above = any((folder / name).is_file() for folder in place.parents for name in (MANIFEST, SITE))
    if str(output) != "-" and (
        above or any(place.is_relative_to(each.resolve()) for each in inputs)
    ):
        raise UsageError(f"-o {output}: part of what was published; name a file elsewhere")


@contextmanager
def _opened(output: Path) -> Iterator[BinaryIO]:
    """Open *output* to be written, whole or not at all; `-` is standard output."""
    if str(output) == "-":
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    try:
        if output.exists() and not output.is_file():
            # A pipe or a device, which is not to be replaced by a file.
            with output.open("wb") as file:
                yield file
            return
        path = output.resolve()
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with draft.open("wb") as file:
                yield file
            os.replace(draft, path)  # noqa: PTH105
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror}") from error
