"""What the commands share: how findings and errors are shown, and in which language."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import click

from expatlod.errors import ExpatlodError, Finding, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from expatlod.profile import Model
    from expatlod.reports.text import Look

__all__ = [
    "DATA_FAULTS",
    "Group",
    "engine",
    "jobs",
    "language",
    "layout",
    "load_profile",
    "say",
    "show",
    "summary",
    "unkept",
]

#: Exit status when the data has faults; 0 is done, 2 wrong usage.
DATA_FAULTS = 1

_USAGE = 2

# 128 and the number of SIGINT, as shells count.
_INTERRUPTED = 130

#: What asks for colour where there is no terminal; "0" and nothing do not.
_FORCE = ("FORCE_COLOR", "CLICOLOR_FORCE")

#: Columns of a terminal that does not say how many it has.
_COLUMNS = 80


class Group(click.Group):
    """A group whose commands end with a message and a status when the library gives up."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; show what the library raised on purpose without a traceback."""
        try:
            if sys.stderr is None:
                # Words have nowhere to go; the data still has.
                sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
            if sys.stdout is None:
                raise UsageError("standard output is closed; there is nowhere to write to")
            result = super().invoke(ctx)
            sys.stdout.flush()
        except ExpatlodError as error:
            say(error)
            ctx.exit(_USAGE)
        except KeyboardInterrupt:
            say("stopped")
            ctx.exit(_INTERRUPTED)
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
    colour = layout(sys.stderr).colour
    click.secho(f"expatlod: {error}", err=True, fg="red" if colour else None, color=colour)


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


def engine(*others: str, more: str = "") -> Callable[[Any], Any]:
    """Return the option for the SHACL engine; *others* are explained in *more* words."""
    return click.option(
        "--engine",
        type=click.Choice(["auto", "pyshacl", "shacl", *others]),
        default="auto",
        show_default=True,
        help="SHACL engine. auto screens with shacl, which is fast, and lets pySHACL judge what "
        f"does not pass. {more}".rstrip(),
    )


def jobs() -> Callable[[Any], Any]:
    """Return the option for the number of processes."""
    return click.option(
        "-j",
        "--jobs",
        metavar="N",
        type=click.IntRange(min=1),
        default=_cores,
        show_default="one for each core",
        help="Processes that work at the same time.",
    )


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def unkept(number: int, lang: str) -> str:
    """Say that there are *number* findings more than are shown."""
    if lang == "da":
        return f"{number} fund mere vises ikke; ret disse først"
    return f"{number} findings more are not shown; mend these first"


def _locale() -> str:
    chosen = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    return "da" if chosen.lower().startswith("da") else "en"


def not_an_input(output: Path, inputs: Iterable[Path]) -> None:
    """Refuse to write over a file that is read: it would be lost."""
    from expatlod.records.files import ending

    if str(output) == "-" or not output.is_file():
        return
    for each in inputs:
        inside = each.is_dir() and output.resolve().is_relative_to(each.resolve())
        if (inside and ending(output)) or (each.is_file() and each.samefile(output)):
            raise UsageError(f"-o {output}: a file that is read here; name another one")


def load_profile() -> Model:
    """Return the model of the profile that is installed."""
    from expatlod.profile import load
    from expatlod.resources import default_profile

    return load(default_profile())


def show(
    findings: Iterable[Finding], lang: str, *, err: bool = False, most: int | None = None
) -> None:
    """Print findings on standard output or error, as the terminal or pipe there wants them."""
    from expatlod.reports.text import listing

    stream = sys.stderr if err else sys.stdout
    look = layout(stream)
    text = _printable(listing(findings, lang, look, most=most), stream)
    click.echo(text, file=stream, nl=False, color=look.colour)


def summary(findings: Sequence[Finding], lang: str) -> str:
    """Return how many findings there are of each severity, in words."""
    from expatlod.reports import text

    return text.summary(findings, lang)


def layout(stream: TextIO) -> Look:
    """Return how to lay text out on *stream*.

    Colour is for terminals that can show it, unless NO_COLOR (https://no-color.org) says no;
    FORCE_COLOR and CLICOLOR_FORCE say yes elsewhere too.
    """
    from expatlod.reports.text import Look

    terminal = stream.isatty()
    colour = terminal and os.environ.get("TERM") != "dumb"
    if any(os.environ.get(name, "0") not in ("", "0") for name in _FORCE):
        colour = True
    if os.environ.get("NO_COLOR"):
        colour = False
    return Look(colour, _columns(stream) if terminal else 0)


def _columns(stream: TextIO) -> int:
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(stream.fileno()).columns or _COLUMNS
    except OSError:
        return _COLUMNS


def _printable(text: str, stream: TextIO) -> str:
    """Return *text* with what the stream's encoding does not have written as an escape."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
