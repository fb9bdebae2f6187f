"""Check a catalogue by the shapes that say what portals need.

A catalogue of ten thousand datasets is judged in batches of nodes: a shape looks at a node, at what
its values are, and at whether something points at it, and a batch is given that and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice

import pyoxigraph as ox
import shacl

from expatlod import graphs
from expatlod.convert import Converted
from expatlod.errors import Finding, Location, Text
from expatlod.faults import words
from expatlod.fields import Field
from expatlod.findings import Result, finding_in_rdf, ill_typed, place, together
from expatlod.lexical import is_lexical
from expatlod.namespaces import PREFIXES, curie, expand
from expatlod.records.record import Path
from expatlod.resources import default_profile
from expatlod.validate import Judges

__all__ = ["faults", "own"]

#: Nodes in a batch: more make the screening engine no quicker.
BATCH = 1_000

#: So many nodes at fault are judged by pySHACL as well. The results of `shacl` on the others stand
#: as they are: where every one of 10,000 datasets has a fault, they have the same few.
EXPLAINED = 500

_BLANK = "urn:blank:"

#: What a value is stands in a batch as a class of another name: were it written with rdf:type and
#: the class itself, the shapes would look at the value as well, of which the batch says nothing.
_VALUE = "urn:value:"

_SH = PREFIXES["sh"]
_CLASS = f"<{_SH}class>"
_TYPE = f"<{PREFIXES['rdf']}type>"
_SUBCLASS = f"<{PREFIXES['rdfs']}subClassOf>"
_IMPORTS = "owl:imports"

#: Prefix -> namespace of the terms in catalogues that nothing else here speaks of.
_PREFIXES: Mapping[str, str] = {
    **PREFIXES,
    "adms": "http://www.w3.org/ns/adms#",
    "dcat-dk": "https://data.gov.dk/model/core/dcat-dk/",
    "dcatap": "http://data.europa.eu/r5r/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "duv": "http://www.w3.org/ns/duv#",
    "locn": "http://www.w3.org/ns/locn#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}


def faults(
    placed: Iterable[tuple[ox.Triple, Location]], profiles: Sequence[str] = ("dcat-ap",)
) -> list[Finding]:
    """Return what portals will find wrong with a catalogue, sorted by place.

    The catalogue's triples come with their places, and *profiles* are the names of files in
    `shapes/catalog/`; what a profile imports goes along.
    """
    placed = list(placed)
    rules = _rules(tuple(profiles))
    findings = []
    faulty = set()
    catalog = _Catalog(rules)
    for triple, at in placed:
        value = triple.object
        if isinstance(value, ox.Literal) and not is_lexical(value.value, value.datatype.value):
            focus, path = _bare(_term(triple.subject)), triple.predicate.value
            faulty.add((focus, path))
            name = focus.removeprefix(_BLANK)
            found = ill_typed(rules, name, path, value.value, value.datatype.value, at)
            shape = rules.shape_of(path)
            findings.append(
                replace(
                    found,
                    help=rules.shape_texts(shape, "sh:message"),
                    field=rules.shape_texts(shape, "sh:name"),
                )
            )
        else:
            catalog.add(triple)
    results = [each for each in catalog.results() if (each.focus, each.path) not in faulty]
    places = _places(placed, {each.focus for each in results})
    for each in results:
        at = places.get((each.focus, each.path, each.value)) or places[each.focus, "", ""]
        findings.append(_finding(rules, each, at))
    return together(findings)


def own(
    lines: Iterable[str], record: Converted, profiles: Sequence[str] = ("dcat-ap",)
) -> list[Finding]:
    """Return what portals will find wrong with a catalogue that is made from *record*.

    *lines* are its triples as N-Triples. The place of a finding is that of the value in the record
    that the property came from, or the record where it has none; *profiles* is as in `faults`.
    """
    rules = _rules(tuple(profiles))
    catalog = _Catalog(rules)
    text = "".join(f"{line}\n" for line in lines)
    for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES):
        catalog.add(quad.triple)
    findings = []
    for each in catalog.results():
        at = _place(record, each)
        findings.append(_finding(rules, each, record.record.at(at), words(at)))
    return together(findings)


def _place(record: Converted, result: Result) -> Path:
    """Return where in *record* a value came from, which other nodes may have taken over.

    A licence stands in the record once and in the catalogue with every file.
    """
    for focus in (result.focus, record.iri):
        values = record.places.get((focus, result.path), {})
        if values and (focus == result.focus or (result.value and result.value in values)):
            return place(record, focus, result.path, result.value)
    for (focus, _), values in record.places.items():
        if result.focus in values and focus != result.focus:
            # What is wrong with what a value of the record stands for.
            return values[result.focus]
    return record.places.get((result.focus, ""), {}).get("", ())


def _finding(rules: _Rules, result: Result, at: Location, name: str = "") -> Finding:
    # Who reads a finding cannot look for a blank node by its name.
    value = "[]" if result.value.startswith(_BLANK) else result.value
    shown = replace(result, focus=result.focus.removeprefix(_BLANK), value=value)
    found = finding_in_rdf(rules, shown, at, name)
    return replace(found, field=rules.shape_texts(result.shape, "sh:name"))


# -- shapes


@lru_cache(maxsize=4)
def _rules(profiles: tuple[str, ...]) -> _Rules:
    return _Rules(profiles)


class _Rules:
    """The shapes of some profiles, and the engines that judge by them."""

    def __init__(self, profiles: Sequence[str]) -> None:
        files = {path.stem: path for path in default_profile().catalog_shapes}
        self._shapes = ox.Store()
        waiting, read = list(profiles), set()
        while waiting:
            name = waiting.pop()
            if name not in read:
                read.add(name)
                graph = graphs.load((files[name],))
                self._shapes.extend(graph)
                waiting += [iri.rpartition("/")[2] for _, iri in graphs.pairs(graph, _IMPORTS)]
        text = "".join(
            sorted(
                f"{quad.triple} .\n".replace(f" {_CLASS} <", f" {_CLASS} <{_VALUE}")
                for quad in self._shapes
                if quad.predicate.value.startswith((_SH, PREFIXES["rdf"]))
                and quad.predicate.value not in _FOR_PEOPLE
            )
        )
        self.quick = _OnNodes(text, "shacl")
        self.thorough = Judges(text, "pyshacl")
        #: The properties, as terms of N-Triples, whose values are looked at because of them.
        self.looking = frozenset(
            str(quad.object)
            for name in ("sh:targetObjectsOf", "sh:inversePath")
            for quad in self._shapes.quads_for_pattern(None, ox.NamedNode(expand(name)), None)
        )

    def shape_of(self, path: str) -> str:
        """Return a shape that says of what type the values of *path* are, or the empty string."""
        shapes = (
            quad.subject
            for quad in self._shapes.quads_for_pattern(
                None, ox.NamedNode(expand("sh:path")), ox.NamedNode(path)
            )
        )
        typing = (
            shape.value
            for shape in shapes
            if isinstance(shape, ox.NamedNode)
            and any(
                next(self._shapes.quads_for_pattern(shape, ox.NamedNode(_SH + name), None), None)
                for name in ("datatype", "or")
            )
        )
        return min(typing, default="")

    # What findings are told with.

    def curie(self, iri: str) -> str:
        return curie(iri, _PREFIXES)

    def field_of(self, path: str) -> Field | None:  # noqa: ARG002
        return None

    def shape_texts(self, shape: str, predicate: str) -> Text:
        return graphs.texts(self._shapes, ox.NamedNode(shape), predicate) if shape else {}

    def shape_value(self, shape: str, predicate: str) -> str:
        return graphs.one(self._shapes, ox.NamedNode(shape), predicate) if shape else ""


class _OnNodes(Judges):
    """Leaves out what is found about a text: it is not the node whose IRI it spells."""

    def _screened(self, text: str) -> list[shacl.Result] | None:
        results = super()._screened(text)
        if results is None:
            return None
        return [each for each in results if not str(each.focus_node).startswith('"')]


#: What a shape says for people and no engine needs.
_FOR_PEOPLE = frozenset(expand(name) for name in ("sh:name", "sh:description", "sh:message"))


# -- the catalogue


class _Catalog:
    """A catalogue as a graph, in the order in which it was read.

    Blank nodes are called by IRIs, and terms are written as in N-Triples: of blank nodes `shacl`
    tells no name, and pySHACL cannot be asked about one. Cyclic or broken chains do no harm, since
    no shape follows a path of more than one step.
    """

    def __init__(self, rules: _Rules) -> None:
        self._rules = rules
        self._facts: dict[str, dict[tuple[str, str], None]] = {}
        #: What points at a node: one subject for each property that is looked at.
        self._pointing: dict[str, dict[str, str]] = {}

    def add(self, triple: ox.Triple) -> None:
        value = triple.object
        if isinstance(value, ox.Triple) or (
            isinstance(value, ox.Literal) and value.direction is not None
        ):
            # RDF 1.2, which neither engine reads.
            return
        subject, predicate = _term(triple.subject), str(triple.predicate)
        if predicate == _SUBCLASS:
            # Whether it is seen would depend on the batch.
            return
        term = _term(value)
        self._facts.setdefault(subject, {})[predicate, term] = None
        if predicate in self._rules.looking and not isinstance(value, ox.Literal):
            self._pointing.setdefault(term, {}).setdefault(predicate, subject)

    def results(self) -> Iterator[Result]:
        """Yield what the shapes find wrong with each node."""
        nodes = iter(dict.fromkeys((*self._facts, *self._pointing)))
        explained = 0
        while batch := list(islice(nodes, BATCH)):
            found: dict[str, list[Result]] = {}
            owned = {_bare(node) for node in batch}
            for each in self._rules.quick.explain(self._text(batch), owned):
                found.setdefault(each.focus, []).append(each)
            doubted = [node for node in batch if _bare(node) in found][: EXPLAINED - explained]
            explained += len(doubted)
            if doubted:
                for node in doubted:
                    del found[_bare(node)]
                flagged = {_bare(node) for node in doubted}
                yield from self._rules.thorough.explain(self._text(doubted), flagged)
            for results in found.values():
                yield from results

    def _text(self, nodes: Iterable[str]) -> str:
        """Return all that the shapes ask about *nodes*, as N-Triples."""
        lines: dict[str, None] = {}
        for node in nodes:
            lines.update(dict.fromkeys(self._types(node)))
            for predicate, value in self._facts.get(node, ()):
                lines[f"{node} {predicate} {value} .\n"] = None
                lines.update(dict.fromkeys(self._types(value)))
            for predicate, subject in self._pointing.get(node, {}).items():
                lines[f"{subject} {predicate} {node} .\n"] = None
        return "".join(lines)

    def _types(self, node: str) -> Iterator[str]:
        """Yield what *node* is, for shapes that ask it of a value or of the node itself."""
        for predicate, value in self._facts.get(node, ()):
            if predicate == _TYPE and value.startswith("<"):
                yield f"{node} {predicate} <{_VALUE}{_bare(value)}> .\n"


def _term(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    return f"<{_BLANK}{term.value}>" if isinstance(term, ox.BlankNode) else str(term)


def _bare(term: str) -> str:
    return term[1:-1]


def _places(
    placed: Iterable[tuple[ox.Triple, Location]], nodes: set[str]
) -> dict[tuple[str, str, str], Location]:
    """Return where what is said of *nodes* stands, by node, path and value as results name them.

    With an empty path it is where the node is first described, or else where it is first named.
    """
    places: dict[tuple[str, str, str], Location] = {}
    named: dict[str, Location] = {}
    for triple, at in placed:
        subject, value = _bare(_term(triple.subject)), triple.object
        if isinstance(value, ox.NamedNode | ox.BlankNode):
            shown = _bare(_term(value))
            if shown in nodes:
                named.setdefault(shown, at)
        elif isinstance(value, ox.Literal):
            shown = f"{value.value}@{value.language}" if value.language else value.value
        else:
            continue
        if subject in nodes:
            places.setdefault((subject, "", ""), replace(at, column=1, length=1))
            places.setdefault((subject, triple.predicate.value, shown), at)
    for node, at in named.items():
        places.setdefault((node, "", ""), at)
    return places
