"""The forms that findings are written in, one file each; the text form is in `reports.text`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from expatlod.reports.report import Report

__all__ = ["FORMATS"]


def _form(module: str, function: str) -> Callable[[Report, str], str]:
    """Return the writer *function* of a *module* that is loaded when it is asked to write."""

    def write(report: Report, lang: str) -> str:
        written = import_module(f"expatlod.reports.{module}")
        return str(getattr(written, function)(report, lang))

    return write


#: The forms for programs, by name: a report and a language give the text.
FORMATS: Mapping[str, Callable[[Report, str], str]] = MappingProxyType(
    {
        "json": _form("json", "document"),
        "sarif": _form("sarif", "log"),
        "junit": _form("junit", "suites"),
        "github": _form("github", "commands"),
        "turtle": _form("turtle", "graph"),
    }
)
