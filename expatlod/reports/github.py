"""The GitHub form: workflow commands, which GitHub shows beside the lines of a pull request.

One command a finding, the gravest first, since GitHub shows only so many of a step. See
https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from expatlod.errors import ERROR, NOTE, WARNING, Finding
from expatlod.reports.report import Report, by_gravity, cell, encodable, in_folder, said
from expatlod.reports.text import more, visible

__all__ = ["commands"]

_COMMANDS = {ERROR: "error", WARNING: "warning", NOTE: "notice"}
_AND = {"da": "og", "en": "and"}
_HELP = {"da": "hjælp", "en": "help"}


def commands(report: Report, lang: str, *, most: int | None = None) -> str:
    """Return a workflow command for each finding, with a last one for what is over *most*."""
    ordered = by_gravity(report.findings)
    shown = ordered if most is None else ordered[:most]
    lines = [_command(each, lang) for each in shown]
    if len(shown) < len(ordered):
        lines.append(f"::notice::{_data(more(len(ordered) - len(shown), lang))}")
    return "".join(f"{line}\n" for line in lines)


def _command(finding: Finding, lang: str) -> str:
    at = finding.at
    inside = in_folder(at.path)
    properties = {"file": at.path if inside is None else inside}
    # A workbook has rows, which are no lines that GitHub could show.
    if at.line and not at.sheet:
        properties["line"] = str(at.line)
        if at.column:
            properties["col"] = str(at.column)
            properties["endColumn"] = str(at.column + max(at.length, 1))
    properties["title"] = finding.rule
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    place = f"{at.sheet}!{cell(at)}: " if cell(at) else ""
    words = [place + said(finding.message, lang)]
    words += [f"{_AND[lang]}: {said(each.message, lang)}" for each in finding.also]
    cure = said(finding.help, lang)
    if cure:
        words.append(f"{_HELP[lang]}: {cure}")
    message = "\n".join(visible(encodable(each)) for each in words)
    return f"::{_COMMANDS[finding.severity]} {given}::{_data(message)}"


def _data(text: str) -> str:
    """Escape a message, as the runner reads it back."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape the value of a property.

    >>> _property("a,b:c%.yaml")
    'a%2Cb%3Ac%25.yaml'
    """
    return _data(encodable(text)).replace(":", "%3A").replace(",", "%2C")
