"""The command that explains codes and fields."""

from __future__ import annotations

import click

from expatlod.cli.words import language, load_profile

__all__ = ["explain"]


@click.command()
@click.argument("what", metavar="[WHAT]...", nargs=-1)
@language()
def explain(what: tuple[str, ...], lang: str) -> None:
    """Explain a code, a field, a class or a codelist.

    WHAT is the code of a finding (sh:minCount, record:twice), a field (share, expat:share, funding
    2 share), a class, a codelist or a code of one. Without it all codes are listed.

    Exit status: 0 explained, 2 nothing is called so.
    """
    from expatlod.explain import codes
    from expatlod.explain import explain as told

    model = load_profile()
    text = told(model, " ".join(what), lang) if what else codes(model, lang)
    click.echo(text, nl=False)
