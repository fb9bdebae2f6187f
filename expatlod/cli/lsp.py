"""The command that serves an editor."""

from __future__ import annotations

import click

from expatlod.cli.words import load_profile

__all__ = ["lsp"]


@click.command()
@click.option("--stdio", is_flag=True, help="Talk over standard input and output, as always.")
def lsp(stdio: bool) -> None:  # noqa: ARG001 - editors pass it to every language server
    """Serve an editor: findings while typing, completion and help.

    The editor starts this and speaks the Language Server Protocol to it on standard input and
    output. Messages are in the editor's language, or as {"lang": "da"} in its
    initializationOptions says.
    """
    from expatlod.errors import UsageError

    try:
        from expatlod.lsp.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError(
            "the language server needs pygls; install it with  pip install 'expatlod[lsp]'"
        ) from error
    serve(load_profile())
