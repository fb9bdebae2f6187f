"""The command that verifies what was published."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from expatlod.cli.words import DATA_FAULTS, jobs, language, show, summary, unkept
from expatlod.errors import ERROR

__all__ = ["verify"]


@click.command(
    epilog="""\b
Examples:
  expatlod verify public
  expatlod verify public --signer publisher.pub
  expatlod verify public/releases/2026-11-22 --signer allowed_signers -f json
"""
)
@click.argument("out", default="public", type=click.Path(path_type=Path))
@click.option(
    "--signer",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Keys that are trusted: a public key (.pub) or an OpenSSH allowed_signers file. Each "
    "release must be signed by one of them.",
)
@click.option(
    "-f",
    "--format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Form of the report.",
)
@jobs()
@language()
def verify(out: Path, signer: Path | None, format: str, jobs: int, lang: str) -> None:
    """Verify that a release is whole, and says what it says it does.

    OUT is the folder that publish writes, or a release in it [default: public]. Looked at are
    checksums, the chain of releases, whether every dump can be read and all hold the same triples,
    whether every name of the release's own is described, links, and signatures.

    Exit status: 0 no errors, 1 errors, 2 wrong usage.
    """
    from expatlod.verify import verify as verified
    from expatlod.verify.document import document

    terminal = sys.stderr.isatty()
    try:
        result = verified(out, signer, jobs=jobs, progress=_meter() if terminal else None)
    finally:
        if terminal:
            click.echo("\r\x1b[K", err=True, nl=False)
    if format == "json":
        sys.stdout.buffer.write(document(result).encode())
        sys.stdout.flush()
    else:
        show(result.findings, lang)
    click.echo(summary(result.findings, lang), err=True)
    if result.unkept:
        click.echo(unkept(result.unkept, lang), err=True)
    if any(each.severity == ERROR for each in result.findings):
        sys.exit(DATA_FAULTS)


def _meter() -> Callable[[str, int, int], None]:
    """Return what shows on a terminal how far the work has got."""

    def show(step: str, done: int, total: int) -> None:
        megabytes = f"{done / 1e6:,.0f} of {total / 1e6:,.0f} MB"
        click.echo(f"\r\x1b[K{step} {megabytes}", err=True, nl=False)

    return show
