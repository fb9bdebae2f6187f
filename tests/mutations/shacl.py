"""Ask pySHACL alone about converted records, and see that it agrees with our findings.

The shapes are read from their files by rdflib, so that nothing of the toolkit stands between them
and pySHACL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyshacl
import rdflib
from rdflib.namespace import RDFS, SH

from expatlod.convert import Converted
from expatlod.errors import Finding
from expatlod.profile import Model

__all__ = ["Result", "Shapes", "disagreements", "tripped"]

_REC = "https://w3id.org/expatlod/record#"

#: What is said about a shape and does not constrain, W3C SHACL section 2.3.2. pySHACL goes through
#: every triple of a shape for every node, and takes twice as long with these.
_SAID = (RDFS.label, RDFS.comment, RDFS.isDefinedBy, SH.name, SH.description, SH.order)


@dataclass(frozen=True)
class Result:
    """A validation result: *constraint* is the shape's parameter, such as minCount.

    *other* is the property that a value is compared with.
    """

    focus: str
    path: str
    constraint: str
    shape: str
    value: str
    other: str
    details: tuple[Result, ...] = ()

    @property
    def code(self) -> str:
        return f"sh:{self.constraint}"

    def key(self, record: str) -> tuple[str, str, str, str]:
        """Return what the same result has in common in a record by another name."""
        return self.focus.removeprefix(record), self.path, self.constraint, self.shape


class Shapes:
    """The shapes graph of the files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.graph = rdflib.Graph()
        for path in sorted(folder.glob("*.ttl")):
            self.graph.parse(path)
        for subject, predicate, value in list(self.graph):
            if predicate in _SAID or str(predicate).startswith(_REC):
                self.graph.remove((subject, predicate, value))

    def results(self, text: str) -> dict[str, list[Result]]:
        """Return pySHACL's results for a graph in N-Triples, by the record that they are about."""
        data = rdflib.Graph().parse(data=text, format="nt")
        _, report, _ = pyshacl.validate(data, shacl_graph=self.graph, inplace=True)
        assert isinstance(report, rdflib.Graph)
        found: dict[str, list[Result]] = {}
        for node in report.objects(None, SH.result):
            result = self._result(report, node)
            found.setdefault(result.focus.partition("#")[0], []).append(result)
        return found

    def _result(self, report: rdflib.Graph, node: rdflib.term.Node) -> Result:
        path, value = report.value(node, SH.resultPath), report.value(node, SH.value)
        component = str(report.value(node, SH.sourceConstraintComponent)).rpartition("#")[2]
        name = component.removesuffix("ConstraintComponent")
        shape = report.value(node, SH.sourceShape)
        return Result(
            str(report.value(node, SH.focusNode)),
            # What is asked of several properties together has no path that is an IRI.
            str(path) if isinstance(path, rdflib.URIRef) else "",
            name.lower() if name.isupper() else name[0].lower() + name[1:],
            str(shape),
            "" if value is None else str(value),
            str(self.graph.value(shape, SH.lessThanOrEquals) or ""),
            tuple(self._result(report, each) for each in report.objects(node, SH.detail)),
        )


def tripped(results: Iterable[Result]) -> set[tuple[str, str]]:
    """Return the shapes that *results* are about, each with its constraint, details too."""
    found = set()
    for each in results:
        found |= {(each.shape, each.constraint)} | tripped(each.details)
    return found


#: What pySHACL says of a literal that is none of its datatype. An ill-formed xsd:gYearMonth breaks
#: its pattern as well, and a text where a number is wanted cannot be compared with the bounds.
_ILL_TYPED = {"sh:datatype", "sh:pattern", "sh:minInclusive", "sh:maxInclusive"}


def disagreements(
    model: Model,
    record: Converted,
    findings: Iterable[Finding],
    results: Iterable[Result],
    clean: Iterable[tuple[str, str, str, str]],
) -> list[str]:
    """Return where our findings on a record and pySHACL's results on its graph do not agree.

    Each finding with a code of SHACL, and each of its reasons, is a result of pySHACL at the same
    node, property and constraint. Each result that the record without the fault (*clean*) does not
    have is such a finding or reason, or follows from one that is told:

    - The converter found the value of that property of that node faulty, and left it out of the
      graph or gave it to SHACL as it could: a text for what is no date, say. The author has one
      finding for that value, and SHACL's view of what was left is no second one.
    - A reference leads nowhere: nothing is known of what it points at, its class neither.
    - What is missing as a whole is missing in each language too.
    - A number cannot be compared with one that the converter found faulty.
    - A rule about a node as a whole (a choice between properties, or several together) cannot be
      judged while the converter left out a value of the node or of a part of it.
    """
    findings, results, known = list(findings), list(results), set(clean)
    complaints = []
    ours: set[tuple[str, str, str]] = set()
    for each in findings:
        term = _expanded(model, each.path)
        ours |= {
            (each.focus, term, code) for code in (each.rule, *(also.rule for also in each.also))
        }
    theirs = {(each.focus, each.path, each.code) for each in results}
    for focus, path, code in sorted(ours):
        alike = {code} | (_ILL_TYPED if code == "sh:datatype" else set())
        if code.startswith("sh:") and not any((focus, path, each) in theirs for each in alike):
            complaints.append(f"pySHACL does not say {code} of {focus} {path}")
    told = {each.focus for each in findings if not each.rule.startswith("sh:")} | {
        each.focus for each in findings if each.rule in ("sh:datatype", "sh:node")
    }
    missing = {(each.focus, each.path) for each in results if each.constraint == "minCount"}
    for each in results:
        place = each.focus, each.path
        faulty = place in record.faulty and bool(told)
        lost = (*place, "record:reference") in ours and each.constraint == "class"
        follows = each.constraint == "qualifiedMinCount" and place in missing
        whole = not each.path and any(
            f"{node}#".startswith(f"{each.focus}#") for node, _ in record.faulty
        )
        compared = (
            each.constraint == "lessThanOrEquals" and (each.focus, each.other) in record.faulty
        )
        same = (*place, each.code) in ours
        told_of = same or faulty or lost or follows or compared or whole
        if not (told_of or each.key(record.iri) in known):
            complaints.append(f"nothing of ours says {each.code} of {each.focus} {each.path}")
    return complaints


def _expanded(model: Model, term: str) -> str:
    prefix, _, name = term.partition(":")
    return model.prefixes[prefix] + name if re.fullmatch("[a-z]+", prefix) and name else term
