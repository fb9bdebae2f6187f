"""The SARIF form, for code scanning: the Static Analysis Results Interchange Format 2.1.0.

A place in a spreadsheet is given twice. Code scanning shows no result without a line, so its
region is the row; the cell is a logical location, since a workbook has no columns of characters.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from expatlod import __version__
from expatlod.errors import Finding, Location
from expatlod.fields import Rule
from expatlod.namespaces import DEFAULT_BASE
from expatlod.records.excerpt import excerpt
from expatlod.reports.report import (
    SEVERITIES,
    Report,
    cell,
    codes,
    encodable,
    in_folder,
    said,
)

__all__ = ["SCHEMA", "log"]

#: The schema of the standard, https://docs.oasis-open.org/sarif/sarif/v2.1.0/
SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

# What a message may not hold as it is, 3.11.5 and 3.11.6.
_PLACEHOLDER = re.compile(r"\{(\d+)\}")
_LINK = re.compile(r"\[([^\[\]]*)\](?=\()")

# Characters of a line that a result brings along.
_LONGEST = 600

_LABELS = {
    "da": {"and": "og", "help": "hjælp", "why": "Hvorfor", "right": "Rigtigt", "wrong": "Forkert"},
    "en": {"and": "and", "help": "help", "why": "Why", "right": "Right", "wrong": "Wrong"},
}


def log(report: Report, lang: str) -> str:
    """Return *report* as a SARIF log with one run, its texts in the language *lang*."""
    levels: dict[str, str] = {}
    for severity in SEVERITIES:
        for finding in report.findings:
            if finding.severity == severity:
                for code in codes(finding):
                    levels.setdefault(code, severity)
    order = sorted(levels)
    index = {code: number for number, code in enumerate(order)}
    seen: Counter[str] = Counter()
    run = {
        "tool": {
            "driver": {
                "name": "expatlod",
                "version": __version__,
                "informationUri": DEFAULT_BASE,
                "rules": [_rule(code, levels[code], report.model.rules, lang) for code in order],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, index[each.rule], lang, seen) for each in report.findings],
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _rule(code: str, level: str, rules: Mapping[str, Rule], lang: str) -> dict[str, Any]:
    rule = rules.get(code)
    if rule is None:
        label = help = text = markdown = code
    else:
        label, help = said(rule.label, lang) or code, said(rule.help, lang) or code
        words = _LABELS[lang]
        why = said(rule.why, lang)
        examples = [(words["right"], rule.right), (words["wrong"], rule.wrong)]
        parts = [help, *([f"{words['why']}: {why}"] if why else [])]
        text = "\n\n".join(parts + [f"{name}:\n{each}" for name, each in examples if each])
        parts[1:] = [f"**{words['why']}:** {why}"] if why else []
        blocks = [f"**{name}:**\n\n```yaml\n{each}\n```" for name, each in examples if each]
        markdown = "\n\n".join(parts + blocks)
    return {
        "id": code,
        "shortDescription": {"text": label},
        "fullDescription": {"text": help},
        "help": {"text": text, "markdown": markdown},
        "defaultConfiguration": {"level": level},
    }


def _result(finding: Finding, index: int, lang: str, seen: Counter[str]) -> dict[str, Any]:
    words = _LABELS[lang]
    cure = said(finding.help, lang)
    message = [
        said(finding.message, lang) or finding.rule,
        *(f"{words['and']}: {said(each.message, lang)}" for each in finding.also),
        *([f"{words['help']}: {cure}"] if cure else []),
    ]
    uri = _uri(finding.at.path)
    content = (finding.rule, uri, finding.focus, finding.path, finding.value)
    print_ = hashlib.sha256(encodable("\0".join(content)).encode()).hexdigest()[:32]
    seen[print_] += 1
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": _literal(encodable("\n".join(message)))},
        "locations": [_location(finding.at, uri)],
        # Not the line: a finding stays the same one when something is put in above it. Nor under
        # the key primaryLocationLineHash, which the upload computes and defends with warnings.
        "partialFingerprints": {"expatlod/v1": f"{print_}:{seen[print_]}"},
    }


def _literal(text: str) -> str:
    r"""Return *text* so that nothing in it is a placeholder or a link.

    >>> _literal("see {0} and [this](javascript:x) or [sic]")
    'see {{0}} and \\[this\\](javascript:x) or [sic]'
    """
    return _LINK.sub(r"\\[\1\\]", _PLACEHOLDER.sub(r"{{\1}}", text))


def _location(at: Location, uri: str) -> dict[str, Any]:
    # Code scanning wants a line, also where the fault is in the file as a whole.
    region: dict[str, Any] = {"startLine": at.line or 1}
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri}, "region": region}
    if ":" not in uri:
        physical["artifactLocation"]["uriBaseId"] = "%SRCROOT%"
    location: dict[str, Any] = {"physicalLocation": physical}
    if at.sheet:
        name = cell(at)
        location["logicalLocations"] = [
            {
                "name": encodable(name or at.sheet),
                "fullyQualifiedName": encodable(f"{at.sheet}!{name}" if name else at.sheet),
                "kind": "cell" if name else "sheet",
            }
        ]
    elif at.line and at.column:
        region |= {"startColumn": at.column, "endColumn": at.column + max(at.length, 1)}
        text = excerpt(at).rstrip("\r\n")
        value = text[at.column - 1 : at.column - 1 + at.length]
        if 0 < len(value) <= _LONGEST:
            region["snippet"] = {"text": encodable(value)}
        if value and len(text) <= _LONGEST:
            snippet = {"text": encodable(text)}
            physical["contextRegion"] = {"startLine": at.line, "snippet": snippet}
    return location


def _uri(path: str) -> str:
    """Return where *path* is: below the working directory, or from the root as a file: URI."""
    inside = in_folder(path)
    if inside is not None:
        return quote(os.fsencode(inside))
    return "file://" + quote(os.fsencode(Path(os.path.normpath(Path.cwd() / path)).as_posix()))
