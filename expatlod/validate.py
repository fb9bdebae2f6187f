"""Check records, or RDF, against the shapes.

The `shacl` engine screens batches of records, quickly; what it does not pass, pySHACL explains,
and its report is the one that counts. Each batch is given what the shapes ask about the codes and
records it points at and nothing else, so that the cost grows with the batch and not its square.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import pyoxigraph as ox
import shacl

from expatlod.convert import Converted, nearest
from expatlod.errors import ERROR, NOTE, WARNING, Finding, Location, Text
from expatlod.lexical import expectation, is_lexical
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model

__all__ = ["Result", "Validator", "known_records"]

BATCH = 100

_SH = PREFIXES["sh"]
_SEVERITIES = {"Violation": ERROR, "Warning": WARNING, "Info": NOTE}
_POINTED = re.compile(r"<([^>]*)> \.$")
_FIRST = re.compile(r"<([^>]*)> <([^>]*)> (.*) \.$")


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result of SHACL, as pySHACL reports it.

    *path* is the property's IRI, empty for a rule about the node or a longer path; *value* is
    the value at fault, a literal with its language or an IRI. *component* is the local name of
    the constraint component.
    """

    focus: str
    path: str
    value: str
    component: str
    shape: str
    severity: str
    messages: Text


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
            dangling = {each.iri: tuple(self._dangling(each, known)) for each in batch}
            for found in dangling.values():
                yield from (finding for _, finding in found)
            suspects = self._screen(batch, known)
            if suspects:
                text = "".join(self._closure(suspects, known))
                lost = {place for found in dangling.values() for place, _ in found}
                yield from self._explained(suspects, text, lost)

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
            place = (result.focus, result.path)
            if place in record.faulty or place in lost:
                continue
            yield self._finding(result, record)

    def _dangling(
        self, each: Converted, known: Mapping[str, str]
    ) -> Iterator[tuple[tuple[str, str], Finding]]:
        """Yield the references into the dataset that nothing answers to."""
        base = each.iri.partition("/id/")[0] + "/id/"
        for line in each.lines:
            match = _FIRST.match(line)
            assert match is not None
            subject, predicate, rest = match.groups()
            if not rest.startswith(f"<{base}"):
                continue
            target = rest[1:-1]
            if target in known:
                continue
            name = target[len(base) :]
            short = name.partition("/")[2] or name
            if target.startswith(each.iri + "#"):
                short = "#" + target.partition("#")[2]
            near = nearest(name, [iri[len(base) :] for iri in known if iri.startswith(base)])
            shown = ("#" + near.partition("#")[2]) if "#" in near else near.partition("/")[2]
            help: Text = {
                "da": "ret id'et, eller opret posten",
                "en": "correct the id, or add the record",
            }
            if near:
                help = {"da": f"mente du '{shown}'?", "en": f"did you mean '{shown}'?"}
            yield (
                (subject, predicate),
                Finding(
                    self._at(each, subject, predicate, target),
                    ERROR,
                    "record:reference",
                    {
                        "da": f"{self._words(each, subject, predicate)} '{short}' findes ikke",
                        "en": f"{self._words(each, subject, predicate)} '{short}' does not exist",
                    },
                    help,
                    self.model.curie(predicate),
                    subject,
                ),
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
                expected = expectation(value.datatype.value)
                name = self.model.curie(predicate.value)
                yield Finding(
                    Location(shown),
                    ERROR,
                    "sh:datatype",
                    {
                        "da": f"{name} '{value.value[:60]}' er ikke {expected['da']}",
                        "en": f"{name} '{value.value[:60]}' is not {expected['en']}",
                    },
                    {},
                    name,
                    focus,
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
                yield self._finding(result, None, shown)

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
        for node in report.subjects(rdflib.RDF.type, sh.ValidationResult):
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

    # -- findings

    def _finding(self, result: Result, record: Converted | None, shown: str = "") -> Finding:
        rule = "sh:" + result.component[:1].lower() + result.component[1:]
        rule = rule.removesuffix("ConstraintComponent")
        if record is None:
            at = Location(shown)
            name = self.model.curie(result.path) if result.path else f"<{result.focus}>"
            name = f"<{result.focus}> {name}" if result.path else name
        else:
            at = self._at(record, result.focus, result.path, result.value)
            name = self._words(record, result.focus, result.path)
        headline = _headline(result, name, self.model.shape_value(result.shape, rule))
        return Finding(
            at,
            result.severity,
            rule,
            headline,
            result.messages if result.component in _TITLED else {},
            self.model.curie(result.path) if result.path else "",
            result.focus,
        )

    def _at(self, each: Converted, focus: str, path: str, value: str) -> Location:
        """Return where in the record a value of the graph stands, or what should have held it."""
        values = each.places.get((focus, path), {})
        if value in values:
            return each.record.at(values[value])
        if "" in values:
            return each.record.at(values[""])
        if not path and value:
            for (node, _), candidates in each.places.items():
                if node == focus and value in candidates:
                    return each.record.at(candidates[value])
        own = each.places.get((focus, ""), {}).get("", ())
        return each.record.at(own)

    def _words(self, each: Converted, focus: str, path: str) -> str:
        """Return the field in the words of the record: funding 2 share."""
        values = each.places.get((focus, path), {})
        own = each.places.get((focus, ""), {}).get("", ())
        steps = values.get("", own) if path else own
        words = [str(step + 1) if isinstance(step, int) else step for step in steps]
        if path and "" not in values:
            words.append(self._key(path))
        return " ".join(words) or (each.iri.rpartition("/")[2])

    def _key(self, path: str) -> str:
        for kind in self.model.classes.values():
            field = kind.field_of(path)
            if field is not None:
                return field.key
        return self.model.curie(path)


def _distinct(results: Sequence[Result]) -> Iterator[Result]:
    """Yield *results* without those that follow from another: what is missing has no language."""
    missing = {(each.focus, each.path) for each in results if each.component.startswith("MinCount")}
    for each in results:
        follows = each.component.startswith("QualifiedMinCount")
        if not (follows and (each.focus, each.path) in missing):
            yield each


def _headline(result: Result, name: str, limit: str) -> Text:
    """Say what is wrong in a few words; the shape's own message says how to mend it."""
    component = result.component.removesuffix("ConstraintComponent")
    words = _HEADLINES.get(component)
    if words is None:
        return {language: f"{name}: {text}" for language, text in result.messages.items()}
    value = result.value.rpartition("@")[0] if _is_text(result.value) else result.value
    shown = f" '{value if len(value) <= 60 else value[:57] + '…'}'" if value else ""
    return {
        language: f"{name}{shown} {text.format(limit=limit)}" for language, text in words.items()
    }


#: What each constraint component of SHACL Core says, W3C SHACL section 4.
_HEADLINES: Mapping[str, Text] = {
    "Class": {"da": "er af en anden slags end ventet", "en": "is not of the kind expected"},
    "Datatype": {"da": "har en forkert slags værdi", "en": "has the wrong kind of value"},
    "HasValue": {"da": "mangler en bestemt værdi", "en": "lacks a certain value"},
    "In": {"da": "er ikke en af de tilladte værdier", "en": "is not one of the values allowed"},
    "LanguageIn": {
        "da": "er på et sprog, der ikke ventes her",
        "en": "is in a language not expected here",
    },
    "LessThan": {
        "da": "er senere eller større end tilladt",
        "en": "is later or greater than allowed",
    },
    "LessThanOrEquals": {
        "da": "er senere eller større end tilladt",
        "en": "is later or greater than allowed",
    },
    "MaxCount": {"da": "står mere end {limit} gang", "en": "stands more than {limit} time(s)"},
    "MaxExclusive": {"da": "er ikke mindre end {limit}", "en": "is not less than {limit}"},
    "MaxInclusive": {"da": "er mere end {limit}", "en": "is more than {limit}"},
    "MaxLength": {"da": "er længere end {limit} tegn", "en": "is longer than {limit} characters"},
    "MinCount": {"da": "mangler", "en": "is missing"},
    "MinExclusive": {"da": "er ikke mere end {limit}", "en": "is not more than {limit}"},
    "MinInclusive": {"da": "er mindre end {limit}", "en": "is less than {limit}"},
    "MinLength": {"da": "er kortere end {limit} tegn", "en": "is shorter than {limit} characters"},
    "Node": {"da": "står ikke i kodelisten", "en": "is not in the codelist"},
    "NodeKind": {"da": "har en forkert slags værdi", "en": "has the wrong kind of value"},
    "Not": {"da": "indeholder noget, der ikke må stå her", "en": "holds what must not stand here"},
    "Pattern": {"da": "har ikke den rette form", "en": "does not have the right form"},
    "QualifiedMinCount": {"da": "mangler på et sprog", "en": "is missing in a language"},
    "UniqueLang": {
        "da": "står to gange på samme sprog",
        "en": "stands twice in the same language",
    },
}


_TITLED = frozenset(f"{name}ConstraintComponent" for name in _HEADLINES)


def _is_text(value: str) -> bool:
    return re.search("@[a-z]{2,3}(-[a-z0-9]+)*$", value) is not None


def _shown(value: Any) -> str:
    if value is None:
        return ""
    language = getattr(value, "language", None)
    return f"{value}@{language.lower()}" if language else str(value)


def _local(value: Any) -> str:
    return str(value).rpartition("#")[2]


def _plain(term: Any) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.BlankNode) else str(term)
