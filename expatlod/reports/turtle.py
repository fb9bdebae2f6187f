"""The Turtle form: the SHACL validation report, as pySHACL writes it."""

from __future__ import annotations

from expatlod.errors import Finding
from expatlod.reports.report import Report

__all__ = ["graph", "outside"]


def graph(report: Report, lang: str) -> str:  # noqa: ARG001
    """Return pySHACL's own report in Turtle. Its messages are in every language the shapes have."""
    return report.shacl()


def outside(report: Report) -> tuple[Finding, ...]:
    """Return the findings that no SHACL report holds: what a reader or a reference is about."""
    return tuple(each for each in report.findings if not each.rule.startswith("sh:"))
