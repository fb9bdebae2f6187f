"""The command that loads dumps into a store on disk."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

__all__ = ["index"]


@click.command()
@click.argument(
    "dumps", metavar="DUMP...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="store",
    show_default=True,
    help="Folder of the store.",
)
def index(dumps: tuple[Path, ...], output: Path) -> None:
    """Load dumps into a store that is asked without loading.

    DUMP is a release folder or a dump file (.nt, .ttl, .jsonld or .rdf, each also .gz or .zst).
    A dump is joined by the ontology and the codelists; a release brings its own. Then ask:
    `expatlod query run NAME --data store`. A store at the place of the new one is replaced when
    the new one is whole; any other folder is left alone.
    """
    from expatlod.index import index as load
    from expatlod.resources import default_profile
    from expatlod.sources import sources

    profile = default_profile()
    paths = dict.fromkeys(path for dump in dumps for path in sources(dump, profile))
    terminal = sys.stderr.isatty()
    count = load(list(paths), output, told=_meter() if terminal else lambda *_: None)
    if terminal:
        click.echo("\r\x1b[K", err=True, nl=False)
    click.echo(f"{output}: {count} triples from {len(paths)} files", err=True)


def _meter() -> Callable[[Path, int, int], None]:
    """Return what shows on a terminal how far the work has got."""
    began = time.monotonic()

    def show(path: Path, read: int, triples: int) -> None:
        rate = triples / max(time.monotonic() - began, 0.001)
        size = path.stat().st_size
        # How much comes out of a compressed file is known at its end.
        share = f" {min(read / size, 1):4.0%}" if path.suffix not in (".gz", ".zst") else ""
        click.echo(
            f"\r\x1b[K{path.name}{share}  {triples:,} triples, {rate:,.0f}/s", err=True, nl=False
        )

    return show
