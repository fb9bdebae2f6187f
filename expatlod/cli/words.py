"""What the commands share: how findings and errors are shown, and in which language."""

from __future__ import annotations

import errno
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from expatlod.errors import ERROR, NOTE, WARNING, ExpatlodError, Finding, Text, UsageError

if TYPE_CHECKING:
    from expatlod.profile import Model

__all__ = ["DATA_FAULTS", "Group", "language", "load_profile", "say", "show", "summary"]

#: Exit status when the data has faults; 0 is done, 2 wrong usage.
DATA_FAULTS = 1

_USAGE = 2

_SEVERITIES: Mapping[str, Text] = {
    ERROR: {"da": "fejl", "en": "error"},
    WARNING: {"da": "advarsel", "en": "warning"},
    NOTE: {"da": "bemærkning", "en": "note"},
}
_PLURALS: Mapping[str, Text] = {
    ERROR: {"da": "fejl", "en": "errors"},
    WARNING: {"da": "advarsler", "en": "warnings"},
    NOTE: {"da": "bemærkninger", "en": "notes"},
}
_COLOURS = {ERROR: "red", WARNING: "yellow", NOTE: "blue"}

_WIDEST_LINE = 120


class Group(click.Group):
    """A group whose commands end with a message and a status when the library gives up."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; show what the library raised on purpose without a traceback."""
        try:
            if sys.stdout is None:
                raise UsageError("standard output is closed; there is nowhere to write to")
            result = super().invoke(ctx)
            sys.stdout.flush()
        except ExpatlodError as error:
            say(error)
            ctx.exit(_USAGE)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            say(f"the output could not be written: {error.strerror}")
            # What is still buffered would fail once more when the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(_USAGE)
        return result


def say(error: object) -> None:
    """Print why the work stopped, on standard error."""
    click.secho(f"expatlod: {error}", err=True, fg="red" if sys.stderr.isatty() else None)


def language() -> Callable[[Any], Any]:
    """Return the option for the language of the messages."""
    return click.option(
        "-l",
        "--lang",
        type=click.Choice(["da", "en"]),
        default=_locale,
        show_default="from the locale",
        help="Language of the messages.",
    )


def _locale() -> str:
    chosen = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    return "da" if chosen.lower().startswith("da") else "en"


def load_profile() -> Model:
    """Return the model of the profile that is installed."""
    from expatlod.profile import load
    from expatlod.resources import default_profile

    return load(default_profile())


def show(findings: Iterable[Finding], lang: str, *, err: bool = False) -> None:
    """Print findings on standard output or error, each with its line and the cure."""
    for finding in findings:
        click.echo(_finding(finding, lang), err=err)


def _finding(finding: Finding, lang: str) -> str:
    severity = click.style(_SEVERITIES[finding.severity][lang], fg=_COLOURS[finding.severity])
    lines = [f"{finding.at}: {severity}: {_in(finding.message, lang)}"]
    lines += _excerpt(finding)
    cure = _in(finding.help, lang)
    if cure:
        lines.append(f"  {'hjælp' if lang == 'da' else 'help'}: {cure}")
    lines.append(f"  [{'  '.join(filter(None, (finding.rule, finding.path)))}]")
    # A file name need not be UTF-8; what cannot be printed is shown as an escape.
    return "\n".join(lines).encode("utf-8", "backslashreplace").decode() + "\n"


def _in(text: Text, lang: str) -> str:
    return text.get(lang) or next(iter(text.values()), "")


def _excerpt(finding: Finding) -> list[str]:
    """Return the line at fault with a caret under the value, cut to what fits."""
    at = finding.at
    if not at.line:
        return []
    try:
        with open(at.path, encoding="utf-8-sig", errors="replace", newline="") as file:  # noqa: PTH123
            line = next((text for number, text in enumerate(file, 1) if number == at.line), "")
    except OSError:
        return []
    line = line.rstrip("\r\n").replace("\t", " ")
    start = max(at.column - 1 - _WIDEST_LINE // 2, 0) if len(line) > _WIDEST_LINE else 0
    cut = line[start : start + _WIDEST_LINE]
    if not cut.strip():
        return []
    column = at.column - 1 - start
    caret = "^" * max(1, min(at.length, len(cut) - column))
    return [f"{at.line:>5} | {cut}", f"      | {' ' * column}{caret}"]


def summary(findings: Sequence[Finding], lang: str) -> str:
    """Return how many findings there are of each severity, in words.

    >>> summary([], "en")
    'no faults found'
    """
    counts = Counter(finding.severity for finding in findings)
    if not counts:
        return "ingen fejl fundet" if lang == "da" else "no faults found"
    return ", ".join(
        f"{counts[each]} {(_SEVERITIES if counts[each] == 1 else _PLURALS)[each][lang]}"
        for each in (ERROR, WARNING, NOTE)
        if counts[each]
    )
