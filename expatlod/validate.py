"""Check records, or RDF, against the shapes.

The `shacl` engine screens batches of records, quickly; what it does not pass, pySHACL explains,
and its report is the one that counts. Each batch is given what the shapes ask about the codes and
records it points at and nothing else, so that the cost grows with the batch and not its square.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

import pyoxigraph as ox
import shacl

from expatlod.convert import Converted
from expatlod.errors import ERROR, NOTE, WARNING, Finding, Location
from expatlod.findings import (
    Names,
    Result,
    dangling,
    finding,
    finding_in_rdf,
    ill_typed,
    leaves,
)
from expatlod.lexical import is_lexical
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model
from expatlod.targets import Targets

__all__ = ["Validator", "known_records"]

BATCH = 100

_SH = PREFIXES["sh"]
_RESULT = _SH + "result"
_STRING = ox.NamedNode(PREFIXES["xsd"] + "string")
_SEVERITIES = {"Violation": ERROR, "Warning": WARNING, "Info": NOTE}
_FIRST = re.compile(r"<([^>]*)> <([^>]*)> (.*) \.$")


def known_records(converted: Iterable[Converted]) -> dict[str, str]:
    """Return the types of every record and part, as N-Triples lines, by IRI.

    A record or part whose id cannot be used is known by the name that was probably meant, too: who
    refers to it has made no mistake.
    """
    known: dict[str, str] = {}
    aliases: dict[str, str] = {}
    marker = f"<{PREFIXES['rdf']}type>"
    for each in converted:
        aliases.update(each.aliases)
        for line in each.lines:
            subject, predicate, _ = line.split(" ", 2)
            if predicate == marker:
                iri = subject[1:-1]
                known[iri] = known.get(iri, "") + line + "\n"
    for alias, iri in aliases.items():
        known.setdefault(alias, known.get(iri, "").replace(f"<{iri}> ", f"<{alias}> "))
    return known


class Validator:
    """Validates against the shapes of one profile."""

    def __init__(self, model: Model) -> None:
        self.model = model

    # -- records

    def records(
        self,
        converted: Sequence[Converted],
        known: Mapping[str, str],
        progress: Callable[[int], None] = lambda _: None,
    ) -> Iterator[Finding]:
        """Yield what the shapes and the references between records find wrong with *converted*.

        *known* holds the types of everything that a record may point at, see `known_records`.
        Where the converter has found a value faulty already, it is not reported twice. *progress*
        is told after each batch how many records are done.
        """
        queue = iter(converted)
        names = Names(known)
        done = 0
        suspects: list[Converted] = []
        lost: set[tuple[str, str]] = set()
        nodes: set[str] = set()
        while batch := tuple(islice(queue, BATCH)):
            broken = [found for each in batch for found in self._dangling(each, known, names)]
            yield from (each for _, each in broken)
            lost.update(place for place, _ in broken)
            flagged = self._screen(batch, known)
            suspects += (each for each in batch if not flagged.isdisjoint(each.kinds))
            nodes |= flagged
            while len(suspects) >= BATCH:
                yield from self._explained(suspects[:BATCH], nodes, known, lost)
                del suspects[:BATCH]
            done += len(batch)
            progress(done)
        if suspects:
            yield from self._explained(suspects, nodes, known, lost)

    def _screen(self, batch: Sequence[Converted], known: Mapping[str, str]) -> set[str]:
        """Return the nodes that the screening engine does not pass.

        Some may be of records outside the batch, which are only there to be pointed at.
        """
        text = "".join(self._closure(batch, known))
        report = self._shapes.validate_text(text, "ntriples")
        return {str(result.focus_node).strip("<>") for result in report.results}

    def _closure(self, batch: Sequence[Converted], known: Mapping[str, str]) -> Iterator[str]:
        own: set[str] = set()
        pointed: set[str] = set()
        for each in batch:
            own.add(each.iri)
            pointed |= each.pointed
            yield from (f"{line}\n" for line in each.lines)
        for iri in sorted(pointed):
            if iri in self.model.code_facts:
                yield self.model.code_facts[iri]
            elif iri in known and iri.partition("#")[0] not in own:
                yield known[iri]

    def _explained(
        self,
        suspects: Sequence[Converted],
        flagged: Container[str],
        known: Mapping[str, str],
        lost: set[tuple[str, str]],
    ) -> Iterator[Finding]:
        """Yield what pySHACL finds wrong with the *flagged* nodes of *suspects*."""
        records = {each.iri: each for each in suspects}
        own = {node for each in suspects for node in each.kinds}
        text = "".join(self._closure(suspects, known))
        nodes = {node for node in own if node in flagged}
        for result in _distinct(self.explain(text, nodes), own):
            record = records.get(result.focus.partition("#")[0])
            if record is None:
                # A shape that names its target itself looks at nobody's record.
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
        self, each: Converted, known: Mapping[str, str], names: Names
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
                dangling(self.model, each, subject, predicate, target, names),
            )

    # -- RDF

    def graph(self, placed: Iterable[tuple[ox.Triple, Location]]) -> Iterator[Finding]:
        """Yield what the shapes find wrong with a graph, whose triples come with their places."""
        faulty = set()
        nodes = set()
        triples = []
        for triple, at in placed:
            focus, value = _plain(triple.subject), triple.object
            nodes.add(focus)
            if isinstance(value, ox.Literal) and not is_lexical(value.value, value.datatype.value):
                path = triple.predicate.value
                faulty.add((focus, path))
                yield ill_typed(self.model, focus, path, value.value, value.datatype.value, at)
            else:
                triples.append((triple, at))
        text = self.whole_graph(triple for triple, _ in triples)
        if not self._shapes.validate_text(text, "ntriples").results:
            return
        places = _places(triples)
        for result in _distinct(self.explain(text), nodes):
            if (result.focus, result.path) in faulty:
                continue
            node = result.focus if result.focus in nodes else ""
            where = places.get((node, result.path, result.value)) or places[node, "", ""]
            yield finding_in_rdf(self.model, result, where)

    # -- SHACL

    @cached_property
    def _shapes(self) -> shacl.Shapes:
        return shacl.Shapes.from_text(self.model.shapes_text, "ntriples")

    def explain(self, text: str, nodes: Container[str] | None = None) -> list[Result]:
        """Return pySHACL's results for the graph *text* in N-Triples, in a stable order.

        With *nodes*, IRIs, only those that are about one of them.
        """
        import rdflib

        if nodes is None:
            report = self.report(text)
        else:
            report = self._judged(text, *self._targets.within(text, nodes))
        # Not by type: what explains a result (sh:detail) is of the same type.
        results = [_result(report, node) for node in report.objects(None, rdflib.URIRef(_RESULT))]
        return sorted(results, key=_order)

    def report(self, text: str) -> Any:
        """Return pySHACL's report on the graph *text* in N-Triples, as a graph of rdflib."""
        return self._judged(text, self.model.shapes_text, ())

    def _judged(self, text: str, shapes_text: str, targets: Iterable[tuple[str, str]]) -> Any:
        # Half a second to import, and valid data never needs it.
        import rdflib
        from pyshacl import validate

        # rdflib prints a traceback for a literal that it cannot convert; SHACL reports it.
        logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
        data = _filled(_graph_class()(), text)
        shapes = _parsed(shapes_text)
        target = rdflib.URIRef(_SH + "targetNode")
        pairs = [(rdflib.URIRef(shape), target, rdflib.URIRef(node)) for shape, node in targets]
        for pair in pairs:
            shapes.add(pair)
        try:
            _, report, _ = validate(data, shacl_graph=shapes, inplace=True)
        finally:
            for pair in pairs:
                shapes.remove(pair)
        assert isinstance(report, rdflib.Graph)
        return report

    def whole_graph(self, triples: Iterable[ox.Triple]) -> str:
        """Return *triples* as N-Triples, with all that the shapes ask about their codes.

        Ill-typed literals are left out: pySHACL stops where it has to compare one.
        """
        lines: dict[str, None] = {}
        pointed = set()
        for triple in triples:
            value = triple.object
            if isinstance(value, ox.Literal) and not is_lexical(value.value, value.datatype.value):
                continue
            if isinstance(value, ox.NamedNode):
                pointed.add(value.value)
            lines[f"{triple} .\n"] = None
        return "".join([*lines, *(self.model.code_facts.get(iri, "") for iri in sorted(pointed))])

    def whole(self, converted: Sequence[Converted], known: Mapping[str, str]) -> str:
        """Return the graph of *converted* as N-Triples, with all that the shapes ask about it.

        What the converter left out is in it, as far as SHACL can judge it.
        """
        left_out = (f"{line}\n" for each in converted for line in each.left_out)
        return "".join((*self._closure(converted, known), *left_out))

    @cached_property
    def _targets(self) -> Targets:
        return Targets(self.model.shapes_text)


@lru_cache(maxsize=8)
def _parsed(shapes: str) -> Any:
    """Return the graph of *shapes*, N-Triples; the same ones are wanted time and again."""
    import rdflib

    return _filled(rdflib.Graph(), shapes)


def _filled(graph: Any, text: str) -> Any:
    """Return *graph*, one of rdflib, with the triples of *text*, N-Triples.

    pyoxigraph reads them twice as fast as rdflib, and blank nodes keep their names.
    """
    import rdflib

    iris: dict[str, Any] = {}

    def term(each: Any) -> Any:
        if isinstance(each, ox.BlankNode):
            return rdflib.BNode(each.value)
        if isinstance(each, ox.NamedNode):
            known = iris.get(each.value)
            if known is None:
                known = iris[each.value] = rdflib.URIRef(each.value)
            return known
        if each.language:
            return rdflib.Literal(each.value, lang=each.language)
        datatype = None if each.datatype == _STRING else rdflib.URIRef(each.datatype.value)
        return rdflib.Literal(each.value, datatype=datatype)

    for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES):
        graph.add((term(quad.subject), term(quad.predicate), term(quad.object)))
    return graph


def _distinct(results: Sequence[Result], nodes: Container[str]) -> Iterator[Result]:
    """Yield what explains *results*, without what follows from another result.

    What is missing as a whole is missing in each language as well.
    """
    missing = {(each.focus, each.path) for each in results if each.component.startswith("MinCount")}
    for each in results:
        follows = each.component.startswith("QualifiedMinCount")
        if not (follows and (each.focus, each.path) in missing):
            yield from leaves(each, nodes)


def _result(report: Any, node: Any) -> Result:
    """Return the validation result *node* of pySHACL's *report*."""
    import rdflib

    sh = rdflib.Namespace(_SH)
    path = report.value(node, sh.resultPath)
    messages = {
        str(message.language): str(message)
        for message in report.objects(node, sh.resultMessage)
        if isinstance(message, rdflib.Literal) and message.language
    }
    details = [_result(report, each) for each in report.objects(node, sh.detail)]
    return Result(
        focus=str(report.value(node, sh.focusNode)),
        path=str(path) if isinstance(path, rdflib.URIRef) else "",
        value=_shown(report.value(node, sh.value)),
        component=_local(report.value(node, sh.sourceConstraintComponent)),
        shape=str(report.value(node, sh.sourceShape)),
        severity=_SEVERITIES[_local(report.value(node, sh.resultSeverity))],
        messages=messages,
        details=tuple(sorted(details, key=_order)),
    )


def _order(each: Result) -> tuple[str, str, str, str, str]:
    return (each.focus, each.path, each.component, each.value, each.shape)


@lru_cache(maxsize=1)
def _graph_class() -> Any:
    """Return rdflib's graph, changed so that it does not parse one query time and again.

    pySHACL asks the query of a `sh:sparql` constraint for every focus node, and rdflib takes ten
    times as long to parse it as to answer it.
    """
    import rdflib
    from rdflib.plugins.sparql import prepareQuery

    prepared = lru_cache(maxsize=100)(prepareQuery)

    class Prepared(rdflib.Graph):
        def query(self, query_object: Any, *arguments: Any, **options: Any) -> Any:
            if isinstance(query_object, str):
                query_object = prepared(query_object)
            return super().query(query_object, *arguments, **options)

    return Prepared


def _places(
    placed: Iterable[tuple[ox.Triple, Location]],
) -> dict[tuple[str, str, str], Location]:
    """Return where each triple first stands, by focus, path and value as a result names them.

    With an empty path it is where the focus node first stands, and for "" where the file begins.
    """
    places: dict[tuple[str, str, str], Location] = {}
    for triple, at in placed:
        value = triple.object
        shown = value.value if isinstance(value, ox.NamedNode | ox.Literal) else _plain(value)
        if isinstance(value, ox.Literal) and value.language:
            shown = f"{shown}@{value.language.lower()}"
        subject = _plain(triple.subject)
        places.setdefault(("", "", ""), Location(at.path))
        places.setdefault((subject, "", ""), replace(at, column=1, length=1))
        places.setdefault((subject, triple.predicate.value, shown), at)
    return places


def _shown(value: Any) -> str:
    if value is None:
        return ""
    language = getattr(value, "language", None)
    return f"{value}@{language.lower()}" if language else str(value)


def _local(value: Any) -> str:
    return str(value).rpartition("#")[2]


def _plain(term: Any) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.BlankNode) else str(term)
