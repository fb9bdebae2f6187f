"""Check records, or RDF, against the shapes.

The `shacl` engine screens batches of records, quickly; what it does not pass, pySHACL explains,
and its report is the one that counts. Each batch is given what the shapes ask about the codes and
records it points at and nothing else, so that the cost grows with the batch and not its square.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

import pyoxigraph as ox
import shacl

from expatlod.convert import Converted
from expatlod.errors import ERROR, NOTE, WARNING, Finding
from expatlod.findings import Result, dangling, finding, finding_in_rdf, ill_typed
from expatlod.lexical import is_lexical
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model

__all__ = ["Validator", "known_records"]

BATCH = 100

_SH = PREFIXES["sh"]
_SEVERITIES = {"Violation": ERROR, "Warning": WARNING, "Info": NOTE}
_POINTED = re.compile(r"<([^>]*)> \.$")
_FIRST = re.compile(r"<([^>]*)> <([^>]*)> (.*) \.$")


def known_records(converted: Iterable[Converted]) -> dict[str, str]:
    """Return the types of every record and part, as N-Triples lines, by IRI."""
    known: dict[str, str] = {}
    marker = f"<{PREFIXES['rdf']}type>"
    for each in converted:
        for line in each.lines:
            subject, predicate, _ = line.split(" ", 2)
            if predicate == marker:
                iri = subject[1:-1]
                known[iri] = known.get(iri, "") + line + "\n"
    return known


class Validator:
    """Validates against the shapes of one profile."""

    def __init__(self, model: Model) -> None:
        self.model = model

    # -- records

    def records(
        self, converted: Sequence[Converted], known: Mapping[str, str]
    ) -> Iterator[Finding]:
        """Yield what the shapes and the references between records find wrong with *converted*.

        *known* holds the types of everything that a record may point at, see `known_records`.
        Where the converter has found a value faulty already, it is not reported twice.
        """
        queue = iter(converted)
        while batch := tuple(islice(queue, BATCH)):
            broken = [found for each in batch for found in self._dangling(each, known)]
            yield from (each for _, each in broken)
            suspects = self._screen(batch, known)
            if suspects:
                text = "".join(self._closure(suspects, known))
                yield from self._explained(suspects, text, {place for place, _ in broken})

    def _screen(
        self, batch: Sequence[Converted], known: Mapping[str, str]
    ) -> tuple[Converted, ...]:
        """Return the records that the screening engine does not pass."""
        text = "".join(self._closure(batch, known))
        report = self._shapes.validate_text(text, "ntriples")
        if not report.results:
            return ()
        records = {each.iri: each for each in batch}
        found = {str(result.focus_node).strip("<>").partition("#")[0] for result in report.results}
        # A result about a node outside the batch (a record pointed at) is another batch's.
        return tuple(record for iri, record in records.items() if iri in found)

    def _closure(self, batch: Sequence[Converted], known: Mapping[str, str]) -> Iterator[str]:
        own: set[str] = set()
        pointed: set[str] = set()
        for each in batch:
            own.add(each.iri)
            for line in each.lines:
                yield line + "\n"
                match = _POINTED.search(line)
                if match:
                    pointed.add(match.group(1))
        for iri in sorted(pointed):
            if iri in self.model.code_facts:
                yield self.model.code_facts[iri]
            elif iri in known and iri.partition("#")[0] not in own:
                yield known[iri]

    def _explained(
        self, suspects: Sequence[Converted], text: str, lost: set[tuple[str, str]]
    ) -> Iterator[Finding]:
        records = {each.iri: each for each in suspects}
        for result in _distinct(self.explain(text)):
            record = records.get(result.focus.partition("#")[0])
            if record is None:
                continue
            if (result.focus, result.path) in record.faulty | lost:
                continue
            # A rule about a node as a whole is silent while one of its values is known to be bad.
            whole = not result.path and result.value in ("", result.focus)
            if whole and any(
                f"{node}#".startswith(f"{result.focus}#") for node, _ in record.faulty
            ):
                continue
            yield finding(self.model, result, record)

    def _dangling(
        self, each: Converted, known: Mapping[str, str]
    ) -> Iterator[tuple[tuple[str, str], Finding]]:
        """Yield the references into the dataset that nothing answers to."""
        # The record's IRI is <base>id/<segment>/<name>.
        base = each.iri.rpartition("/")[0].rpartition("/")[0] + "/"
        for line in each.lines:
            match = _FIRST.match(line)
            assert match is not None
            subject, predicate, rest = match.groups()
            target = rest[1:-1]
            codes = target.rpartition("/")[0]
            if rest.startswith(f"<{base}"):
                if target in known:
                    continue
            elif codes not in self.model.codelists or target in self.model.code_facts:
                continue
            yield (
                (subject, predicate),
                dangling(self.model, each, subject, predicate, target, known),
            )

    # -- RDF

    def graph(self, triples: Iterable[ox.Triple], shown: str) -> Iterator[Finding]:
        """Yield what the shapes find wrong with a graph read from the file *shown*."""
        lines: dict[str, None] = {}
        faulty = set()
        pointed = set()
        for triple in triples:
            subject, predicate, value = triple.subject, triple.predicate, triple.object
            if isinstance(value, ox.Literal) and not is_lexical(value.value, value.datatype.value):
                focus = _plain(subject)
                faulty.add((focus, predicate.value))
                yield ill_typed(
                    self.model, focus, predicate.value, value.value, value.datatype.value, shown
                )
                continue
            if isinstance(value, ox.NamedNode):
                pointed.add(value.value)
            lines[f"{triple} .\n"] = None
        for iri in sorted(pointed):
            lines[self.model.code_facts.get(iri, "")] = None
        text = "".join(lines)
        if not self._shapes.validate_text(text, "ntriples").results:
            return
        for result in _distinct(self.explain(text)):
            if (result.focus, result.path) not in faulty:
                yield finding_in_rdf(self.model, result, shown)

    # -- SHACL

    @cached_property
    def _shapes(self) -> shacl.Shapes:
        return shacl.Shapes.from_text(self.model.shapes_text, "ntriples")

    def explain(self, text: str) -> list[Result]:
        """Return pySHACL's results for the graph *text* in N-Triples, in a stable order."""
        # Half a second to import, and valid data never needs it.
        import rdflib
        from pyshacl import validate

        # rdflib prints a traceback for a literal that it cannot convert; SHACL reports it.
        logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
        data = rdflib.Graph().parse(data=text, format="nt")
        _, report, _ = validate(data, shacl_graph=self._rdflib_shapes, inplace=True)
        assert isinstance(report, rdflib.Graph)
        sh = rdflib.Namespace(_SH)
        results = []
        # Not by type: what explains a result (sh:detail) is of the same type.
        for node in report.objects(None, sh.result):
            value = report.value(node, sh.value)
            path = report.value(node, sh.resultPath)
            messages = {
                str(message.language): str(message)
                for message in report.objects(node, sh.resultMessage)
                if isinstance(message, rdflib.Literal) and message.language
            }
            results.append(
                Result(
                    focus=str(report.value(node, sh.focusNode)),
                    path=str(path) if isinstance(path, rdflib.URIRef) else "",
                    value=_shown(value),
                    component=_local(report.value(node, sh.sourceConstraintComponent)),
                    shape=str(report.value(node, sh.sourceShape)),
                    severity=_SEVERITIES[_local(report.value(node, sh.resultSeverity))],
                    messages=messages,
                )
            )
        results.sort(key=lambda each: (each.focus, each.path, each.component, each.value))
        return results

    @cached_property
    def _rdflib_shapes(self) -> Any:
        import rdflib

        return rdflib.Graph().parse(data=self.model.shapes_text, format="nt")


def _distinct(results: Sequence[Result]) -> Iterator[Result]:
    """Yield *results* without those that follow from another: what is missing has no language."""
    missing = {(each.focus, each.path) for each in results if each.component.startswith("MinCount")}
    for each in results:
        follows = each.component.startswith("QualifiedMinCount")
        if not (follows and (each.focus, each.path) in missing):
            yield each


def _shown(value: Any) -> str:
    if value is None:
        return ""
    language = getattr(value, "language", None)
    return f"{value}@{language.lower()}" if language else str(value)


def _local(value: Any) -> str:
    return str(value).rpartition("#")[2]


def _plain(term: Any) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.BlankNode) else str(term)
