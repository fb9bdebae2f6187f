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
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from expatlod.memory import Shapes

__all__ = ["BATCH", "ENGINES", "Judges", "Validator", "known_records"]

#: Records in a batch: up to here the screen gets faster, and beyond it hardly does.
BATCH = 200

#: "auto" screens and explains; the others leave all to one engine.
ENGINES = ("auto", "pyshacl", "shacl")

_SH = PREFIXES["sh"]
_RESULT = _SH + "result"
_STRING = ox.NamedNode(PREFIXES["xsd"] + "string")
_SEVERITIES = {"Violation": ERROR, "Warning": WARNING, "Info": NOTE}
_IRI = re.compile(r"<[^<>]*>")
_LANGUAGE = re.compile(r"(?<=\")@[A-Za-z0-9-]+$")
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


class Judges:
    """Judges graphs by the shapes graph *shapes*, given as N-Triples, with one of ENGINES.

    What `shacl` fails on is judged by pySHACL, whatever the engine.
    """

    def __init__(self, shapes: str, engine: str = "auto") -> None:
        assert engine in ENGINES
        self.engine = engine
        self._text = shapes

    def screen(self, text: str) -> set[str] | None:
        """Return the focus nodes, IRIs, that `shacl` does not pass in *text*, N-Triples.

        Some may be of records that are only there to be pointed at. None: nothing is known of any
        node, because the engine failed, or because everything is to be judged by pySHACL.
        """
        results = None if self.engine == "pyshacl" else self._screened(text)
        return None if results is None else {_bare(str(each.focus_node)) for each in results}

    @cached_property
    def _shapes(self) -> shacl.Shapes | None:
        """The shapes as the screening engine compiles them, or None where it cannot.

        Its regular expressions have no look-around and a limit of size, which pySHACL's lack.
        """
        try:
            return shacl.Shapes.from_text(self._text, "ntriples")
        except ValueError:
            return None

    def _screened(self, text: str) -> list[shacl.Result] | None:
        """Return the results of `shacl` for *text*, N-Triples; None: it has failed."""
        if self._shapes is None:
            return None
        try:
            return list(self._shapes.validate_text(text, "ntriples").results)
        except ValueError:
            return None

    def explain(self, text: str, nodes: Container[str] | None = None) -> list[Result]:
        """Return the results for the graph *text* in N-Triples, in a stable order.

        They are pySHACL's, unless all is left to `shacl`. With *nodes*, IRIs, only those that are
        about one of them.
        """
        own = self._screened(text) if self.engine == "shacl" else None
        if own is not None:
            found = (_own_result(each) for each in own)
            results = [each for each in found if nodes is None or each.focus in nodes]
        else:
            # Not by type: what explains a result (sh:detail) is of the same type.
            report = self.report(text) if nodes is None else self._judged(text, nodes)[0]
            results = [
                _result(report, node) for node in report.objects(None, _term(f"<{_RESULT}>"))
            ]
        return sorted(results, key=_order)

    def report(self, text: str) -> Any:
        """Return pySHACL's report on the graph *text* in N-Triples, as a graph of rdflib."""
        return _validated(text, self._all_shapes)[0]

    def reports(self, text: str, nodes: Container[str]) -> tuple[str, str]:
        """Return what `shacl` and pySHACL report on *nodes*, IRIs, in *text*, for people."""
        own = [each for each in self._screened(text) or () if _bare(each.focus_node) in nodes]
        lines = ["Validation Report", f"Conforms: {not own}", f"Results ({len(own)}):"]
        for each in own:
            lines += [f"{each.component}:", f"\tSource Shape: {each.source_shape}"]
            lines += [f"\tFocus Node: {each.focus_node}", f"\tResult Path: {each.path}"]
            lines += [f"\tValue Node: {each.value}"]
        return "\n".join(lines) + "\n", self._judged(text, nodes)[1]

    def _judged(self, text: str, nodes: Container[str]) -> tuple[Any, str]:
        """Return pySHACL's report on *nodes*, IRIs, in *text*, N-Triples, as graph and as text."""
        roots, pairs = self._targets.within(text, nodes)
        shapes = self._shown_shapes
        shapes.show(map(_term, roots))
        target = _term(f"<{_SH}targetNode>")
        looks_at = [(_term(shape), target, _term(node)) for shape, node in pairs]
        for triple in looks_at:
            shapes.add(triple)
        try:
            return _validated(text, shapes)
        finally:
            for triple in looks_at:
                shapes.remove(triple)

    @cached_property
    def _targets(self) -> Targets:
        return Targets(self._text)

    @cached_property
    def _shown_shapes(self) -> Shapes:
        from expatlod.memory import Shapes

        return Shapes(self._targets.untargeted)

    @cached_property
    def _all_shapes(self) -> Shapes:
        from rdflib.namespace import NamespaceManager

        from expatlod.memory import Shapes

        shapes = Shapes(self._text)
        # People read a report on everything, and its prefixes are those of the shapes.
        shapes.namespace_manager = NamespaceManager(shapes)
        return shapes


class Validator(Judges):
    """Validates records, and RDF, against the shapes of one profile, with one of ENGINES."""

    def __init__(self, model: Model, engine: str = "auto") -> None:
        super().__init__(model.shapes_text, engine)
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
            flagged = self.screen("".join(self.closure(batch, known)))
            if flagged is None:
                flagged = {node for each in batch for node in each.kinds}
            suspects += (each for each in batch if not flagged.isdisjoint(each.kinds))
            nodes |= flagged
            while len(suspects) >= BATCH:
                yield from self.explained(suspects[:BATCH], nodes, known, lost)
                del suspects[:BATCH]
            done += len(batch)
            progress(done)
        if suspects:
            yield from self.explained(suspects, nodes, known, lost)

    def closure(self, batch: Sequence[Converted], known: Mapping[str, str]) -> Iterator[str]:
        """Yield the triples of *batch* as N-Triples, and what the shapes ask about its targets."""
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

    def explained(
        self,
        suspects: Sequence[Converted],
        flagged: Container[str] | None,
        known: Mapping[str, str],
        lost: Container[tuple[str, str]],
    ) -> Iterator[Finding]:
        """Yield what pySHACL finds wrong with *suspects*, of which the *flagged* nodes are doubted.

        None: all of their nodes are. *lost* are the places, node and property, of references that
        nothing answers to and that have findings already.
        """
        records = {each.iri: each for each in suspects}
        own = {node for each in suspects for node in each.kinds}
        for result in _distinct(self._results(suspects, flagged, known), own):
            record = records.get(result.focus.partition("#")[0])
            if record is None:
                # A shape that names its target itself looks at nobody's record.
                continue
            if (result.focus, result.path) in record.faulty or (result.focus, result.path) in lost:
                continue
            # A rule about a node as a whole is silent while one of its values is known to be bad.
            whole = not result.path and result.value in ("", result.focus)
            if whole and any(
                f"{node}#".startswith(f"{result.focus}#") for node, _ in record.faulty
            ):
                continue
            yield finding(self.model, result, record)

    def _results(
        self,
        suspects: Sequence[Converted],
        flagged: Container[str] | None,
        known: Mapping[str, str],
    ) -> list[Result]:
        """Return the results on the *flagged* nodes of *suspects*.

        Where pySHACL has nothing against such a node, the screen erred, and may have erred about
        the rest of the record too: that is judged as a whole.
        """
        text = "".join(self.closure(suspects, known))
        own = [node for each in suspects for node in each.kinds]
        nodes = {node for node in own if flagged is None or node in flagged}
        found = self.explain(text, nodes)
        cleared = nodes.difference(each.focus for each in found)
        erred = (each for each in suspects if not cleared.isdisjoint(each.kinds))
        rest = {node for each in erred for node in each.kinds} - nodes
        return sorted((*found, *self.explain(text, rest)), key=_order) if rest else found

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
        if self.screen(text) == set():
            return
        places = _places(triples)
        for result in _distinct(self.explain(text), nodes):
            if (result.focus, result.path) in faulty:
                continue
            node = result.focus if result.focus in nodes else ""
            where = places.get((node, result.path, result.value)) or places[node, "", ""]
            yield finding_in_rdf(self.model, result, where)

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
        return "".join((*self.closure(converted, known), *left_out))


def _validated(text: str, shapes: Shapes) -> tuple[Any, str]:
    """Return pySHACL's report on *text*, N-Triples, as a graph of rdflib and as a text."""
    # Half a second to import, and valid data never needs it.
    import rdflib
    from pyshacl import validate

    from expatlod.memory import Memory, filled

    # rdflib prints a traceback for a literal that it cannot convert; SHACL reports it.
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    _, report, words = validate(filled(Memory(), text), shacl_graph=shapes, inplace=True)
    assert isinstance(report, rdflib.Graph)
    return report, words


def _term(text: str) -> Any:
    """Return the IRI or the blank node that *text*, N-Triples, is, as a term of rdflib."""
    import rdflib

    return rdflib.BNode(text[2:]) if text.startswith("_:") else rdflib.URIRef(text[1:-1])


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
    messages = sorted(
        (str(message.language), str(message))
        for message in report.objects(node, sh.resultMessage)
        if isinstance(message, rdflib.Literal) and message.language
    )
    details = [_result(report, each) for each in report.objects(node, sh.detail)]
    return Result(
        focus=str(report.value(node, sh.focusNode)),
        path=str(path) if isinstance(path, rdflib.URIRef) else "",
        value=_shown(report.value(node, sh.value)),
        component=_local(report.value(node, sh.sourceConstraintComponent)),
        shape=str(report.value(node, sh.sourceShape)),
        severity=_SEVERITIES[_local(report.value(node, sh.resultSeverity))],
        messages=dict(messages),
        details=tuple(sorted(details, key=_order)),
    )


def _own_result(each: shacl.Result) -> Result:
    """Return a validation result of `shacl`, which has no details and names no blank node.

    Its messages have lost their languages; those of the shape are as good.
    """
    language = _LANGUAGE.search(each.value or "")
    path = str(each.path or "")
    return Result(
        focus=_bare(each.focus_node or ""),
        path=_bare(path) if _IRI.fullmatch(path) else "",
        value=(each.value_plain or "") + (language.group().lower() if language else ""),
        component=str(each.component),
        shape=_bare(each.source_shape or ""),
        severity=_SEVERITIES[each.severity],
        messages={},
    )


def _order(each: Result) -> tuple[str, str, str, str, str]:
    return (each.focus, each.path, each.component, each.value, each.shape)


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


def _bare(term: str) -> str:
    """Return the IRI, the blank node's name or the text that *term*, N-Triples, is."""
    if term.startswith('"'):
        (quad,) = ox.parse(f"<x:x> <x:x> {term} .", format=ox.RdfFormat.N_TRIPLES)
        assert isinstance(quad.object, ox.Literal)
        return quad.object.value
    return term[1:-1] if term.startswith("<") else term.removeprefix("_:")


def _local(value: Any) -> str:
    return str(value).rpartition("#")[2]


def _plain(term: Any) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.BlankNode) else str(term)
