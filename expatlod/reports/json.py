"""The JSON form, for programs: one document, all findings, texts in every language.

    {
      "version": 1,                     of this form; another number when a key changes or goes
      "summary": {
        "errors": 1, "warnings": 0, "notes": 0,
        "files": 3,                     that were checked
        "filesWithFindings": 1,
        "codes": {"sh:maxInclusive": 1} by name
      },
      "findings": [                     sorted by place
        {
          "code": "sh:maxInclusive",
          "severity": "error",          or "warning" or "note"
          "message": {"da": …, "en": …},
          "help": {…},                  how to mend it; {} where nothing is known
          "field": {…},                 the name of the field; {} where there is none
          "also": [{"code": …, "message": {…}}],  more rules that the same value breaks
          "file": "data/a.yaml",        as it was typed
          "line": 31, "column": 12,     from 1, in characters; null for the file as a whole
          "endColumn": 15,              the first one after the value; null in a spreadsheet
          "sheet": null, "cell": null,  in a spreadsheet "Project" and "AB3"
          "property": "expat:share",    a CURIE, or ""
          "focus": "https://…",         the node's IRI, or ""
          "value": "250",               as the author wrote it, or ""
          "excerpt": "    share: 250"   the line, cut around the value when very long; or ""
        }
      ]
    }

Every key is always there, in this order. The language chosen makes no difference.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from expatlod.errors import ERROR, NOTE, WARNING, Finding
from expatlod.reports.report import Report, cell, encodable, line, texts

__all__ = ["VERSION", "document", "item"]

#: The version of the form above.
VERSION = 1


def document(report: Report, lang: str) -> str:  # noqa: ARG001
    """Return *report* as one JSON document."""
    severities = Counter(each.severity for each in report.findings)
    found = Counter(each.rule for each in report.findings)
    data = {
        "version": VERSION,
        "summary": {
            "errors": severities[ERROR],
            "warnings": severities[WARNING],
            "notes": severities[NOTE],
            "files": len(report.files),
            "filesWithFindings": len({each.at.path for each in report.findings}),
            "codes": dict(sorted(found.items())),
        },
        "findings": [item(each, line(each.at)) for each in report.findings],
    }
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"


def item(finding: Finding, excerpt: str) -> dict[str, object]:
    """Return *finding* as plain JSON, with the *excerpt* that shows it."""
    at = finding.at
    text = bool(at.line and at.column and not at.sheet)
    return {
        "code": finding.rule,
        "severity": finding.severity,
        "message": texts(finding.message),
        "help": texts(finding.help),
        "field": texts(finding.field),
        "also": [{"code": each.rule, "message": texts(each.message)} for each in finding.also],
        "file": encodable(at.path),
        "line": at.line or None,
        "column": at.column or None,
        "endColumn": at.column + at.length if text else None,
        "sheet": encodable(at.sheet) or None,
        "cell": cell(at) or None,
        "property": encodable(finding.path),
        "focus": encodable(finding.focus),
        "value": encodable(finding.value),
        "excerpt": excerpt,
    }
