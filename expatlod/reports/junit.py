"""The JUnit form, for the test panes of continuous integration.

A file is a testsuite and each of its errors a testcase that fails; a file without errors is one
testcase that passes. Warnings and notes fail nothing and stand in the suite's system-out. There
are no times in it: the same findings give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from expatlod.errors import ERROR, Finding
from expatlod.reports.report import Report, cell, encodable, said
from expatlod.reports.text import item, listing

__all__ = ["suites"]

# All that XML 1.0 does not allow, https://www.w3.org/TR/xml/#charsets
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def suites(report: Report, lang: str) -> str:
    """Return *report* as JUnit XML, its texts in the language *lang*."""
    by_file: dict[str, list[Finding]] = {path: [] for path in report.files}
    for finding in report.findings:
        by_file.setdefault(finding.at.path, []).append(finding)
    root = ET.Element("testsuites", name="expatlod")
    for path in sorted(by_file):
        root.append(_suite(path, by_file[path], lang))
    for count in ("tests", "failures"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("errors", "0")
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _suite(path: str, findings: Sequence[Finding], lang: str) -> ET.Element:
    errors = [each for each in findings if each.severity == ERROR]
    others = [each for each in findings if each.severity != ERROR]
    suite = ET.Element(
        "testsuite",
        name=_legal(path),
        tests=str(max(len(errors), 1)),
        failures=str(len(errors)),
        errors="0",
        skipped="0",
    )
    for each in errors:
        suite.append(_failed(each, lang))
    if not errors:
        name = "ingen fejl" if lang == "da" else "no errors"
        ET.SubElement(suite, "testcase", name=name, classname=_legal(path), file=_legal(path))
    if others:
        ET.SubElement(suite, "system-out").text = _legal(listing(others, lang))
    return suite


def _failed(finding: Finding, lang: str) -> ET.Element:
    at = finding.at
    place = f"{at.sheet}!{cell(at)}" if cell(at) else f"{at.line}:{at.column}" if at.line else ""
    case = ET.Element(
        "testcase",
        name=_legal(" ".join(filter(None, (finding.rule, finding.path, place)))),
        classname=_legal(at.path),
        file=_legal(at.path),
    )
    if at.line:
        case.set("line", str(at.line))
    message = _legal(said(finding.message, lang))
    failure = ET.SubElement(case, "failure", message=message, type=_legal(finding.rule))
    failure.text = _legal(item(finding, lang))
    return case


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", encodable(text))
