"""The command that loads a release into a SPARQL server."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from expatlod.cli.words import language

if TYPE_CHECKING:
    from expatlod.push import Pushed

__all__ = ["push"]


@click.command(
    epilog="""\b
Where a server takes things, if not at IRI/query, IRI/update and IRI/store (Oxigraph):
  RDF4J, GraphDB  --endpoint https://HOST/repositories/NAME
  Fuseki          --endpoint https://HOST/NAME/query --store https://HOST/NAME/data

\b
Credentials come from the environment, EXPATLOD_USER and EXPATLOD_PASSWORD (Basic) or
EXPATLOD_TOKEN (Bearer), else from the netrc file that NETRC names, or ~/.netrc. They are never
sent over http to another machine.

\b
Examples:
  expatlod push public --endpoint http://localhost:7878
  expatlod push public --endpoint http://localhost:7878 --graph default
  EXPATLOD_TOKEN=… expatlod push public --endpoint https://data.example.org/repositories/facts
"""
)
@click.argument("out", default="public", type=click.Path(path_type=Path))
@click.option(
    "--endpoint",
    metavar="IRI",
    required=True,
    help="The server: its base, or where it takes queries.",
)
@click.option(
    "--graph",
    metavar="IRI",
    default="",
    show_default="the dataset's IRI",
    help="Graph to replace; 'default' for the one without a name.",
)
@click.option("--update", metavar="IRI", default="", help="Where the server takes SPARQL Update.")
@click.option(
    "--store", metavar="IRI", default="", help="Where it takes graphs (Graph Store Protocol)."
)
@click.option(
    "--force",
    is_flag=True,
    help="Send it also when the server says that it holds it: somebody may have changed it there.",
)
@click.option("--only-data", is_flag=True, help="Leave out the ontology and the codelists.")
@click.option(
    "--retries",
    type=click.IntRange(0, 100),
    default=5,
    show_default=True,
    help="Times to send again what did not get through, with pauses that grow.",
)
@click.option(
    "--timeout",
    type=click.IntRange(1, 86_400),
    default=600,
    show_default=True,
    help="Seconds that an answer may take.",
)
@language()
def push(
    out: Path,
    endpoint: str,
    graph: str,
    update: str,
    store: str,
    force: bool,
    only_data: bool,
    retries: int,
    timeout: int,
    lang: str,
) -> None:
    """Load a release into a graph of a SPARQL server.

    OUT is a release, or the folder that publish writes, whose newest is taken [default: public].
    The graph is replaced as a whole or stays as it was. With the dump go the ontology and the
    codelists, so that the query examples are answered as they are from the release itself. When
    the work was interrupted, run the same again: it goes on with what has not arrived.

    Queries see a named graph with FROM or GRAPH, or where the server adds all graphs up; what
    stands in --graph default, all of them see.
    """
    from expatlod import archive
    from expatlod.push import push as load
    from expatlod.push.credentials import credentials
    from expatlod.push.server import Server, addresses

    at = addresses(endpoint, update, store)
    release = archive.find(out)
    server = Server(at, credentials(at.query), timeout=timeout, retries=retries)
    terminal = sys.stderr.isatty()
    try:
        pushed = load(
            release,
            server,
            graph=graph,
            only_data=only_data,
            force=force,
            told=_meter() if terminal else lambda *_: None,
        )
    finally:
        if terminal:
            click.echo("\r\x1b[K", err=True, nl=False)
    click.echo(_outcome(pushed, release.manifest.release, lang), err=True)


def _outcome(pushed: Pushed, version: str, lang: str) -> str:
    graph, triples, pieces, sent = pushed.graph, pushed.triples, pushed.pieces, pushed.sent
    if lang == "da":
        if not pieces:
            return f"{graph}: har allerede {version}, {triples} tripler; intet er sendt"
        return f"{graph}: har nu {version}, {triples} tripler; {sent} af {pieces} stykker er sendt"
    if not pieces:
        return f"{graph}: holds {version} already, {triples} triples; nothing was sent"
    return f"{graph}: now holds {version}, {triples} triples; {sent} of {pieces} pieces were sent"


def _meter() -> Callable[[int, int], None]:
    """Return what shows on a terminal how far the work has got."""
    began = time.monotonic()

    def show(done: int, total: int) -> None:
        rate = done / max(time.monotonic() - began, 0.001)
        click.echo(
            f"\r\x1b[K{done / max(total, 1):4.0%}  {done:,} triples, {rate:,.0f}/s",
            err=True,
            nl=False,
        )

    return show
