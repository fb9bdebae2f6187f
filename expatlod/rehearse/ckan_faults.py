"""What SHACL does not say of CKAN: where a harvest stops, and what it drops or changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from expatlod.errors import ERROR, NOTE, WARNING, Finding, Location
from expatlod.rehearse.ckan import Package
from expatlod.rehearse.finding import brief, called, fault
from expatlod.rehearse.graph import Graph, Node, Term, text
from expatlod.rehearse.names import tag_fault

__all__ = ["ckan"]

_DATE = re.compile(
    r"-?\d{4,}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?)?)?(?:Z|[-+]\d\d:\d\d)?"
)

_ONLY_FIRST = ("dcat:contactPoint", "dct:publisher", "dct:creator")


def ckan(graph: Graph, packages: Sequence[Package]) -> Iterator[Finding]:
    """Yield where CKAN stops, and what it drops or changes."""
    for each in packages:
        yield from _package(graph, each)
        yield from _tags(graph, each)
        yield from _only_first(graph, each.node)
        yield from _temporal(graph, each)
        yield from _geometry(graph, each.node)
        yield from _resources(graph, each)
    yield from _services(graph, packages)


def _package(graph: Graph, each: Package) -> Iterator[Finding]:
    node, at = each.node, graph.at(each.node)
    if not each.root.get("title"):
        yield fault(
            at,
            ERROR,
            "portal:title",
            (
                f"datasættet {called(node)} har ingen titel, og hele høstningen standser",
                "giv det en dct:title",
            ),
            (
                f"the dataset {called(node)} has no title, and the whole harvest stops",
                "give it a dct:title",
            ),
            node=node,
            path="dct:title",
        )
    if each.collides:
        yield fault(
            graph.at(node, "dct:title"),
            WARNING,
            "portal:name",
            (
                f"to datasæt får samme navn i adressen; dette kommer til at hedde '{each.name}'",
                "giv datasættene titler, der er forskellige",
            ),
            (
                f"two datasets get the same name in the address; this one becomes '{each.name}'",
                "give the datasets titles that differ",
            ),
            node=node,
            path="dct:title",
        )
    if isinstance(node, ox.BlankNode):
        known = brief(each.guid)
        yield fault(
            at,
            WARNING,
            "portal:identity",
            (
                f"datasættet har ingen IRI og kendes kun på '{known}'",
                "giv det en IRI, som aldrig ændres",
            ),
            (
                f"the dataset has no IRI and is only known by '{known}'",
                "give it an IRI that never changes",
            ),
        )
    licences = [graph.first(res.node, "dct:license") for res in each.resources]
    if any(licences) and not each.root["license_id"]:
        yield _unmatched(graph, each, licences)


def _unmatched(graph: Graph, each: Package, licences: Sequence[Term | None]) -> Finding:
    resource, licence = next(
        (res.node, found)
        for res, found in zip(each.resources, licences, strict=True)
        if found is not None
    )
    shown = brief(text(licence), 120)
    return fault(
        graph.at(resource, "dct:license", licence),
        WARNING,
        "portal:licence",
        (
            f"CKAN genkender ikke licensen '{shown}' og viser datasættet uden",
            "giv licensen en dct:title som i CKANs liste, fx 'Creative Commons Attribution'",
        ),
        (
            f"CKAN does not know the licence '{shown}' and shows the dataset without",
            "give the licence a dct:title as in CKAN's list, as 'Creative Commons Attribution'",
        ),
        node=each.node,
        path="dct:license",
        value=text(licence),
    )


def _tags(graph: Graph, each: Package) -> Iterator[Finding]:
    for value in graph.objects(each.node, "dcat:keyword"):
        word = text(value)
        at = graph.at(each.node, "dcat:keyword", value)
        parts = [part.strip() for part in word.split(",")]
        if len(parts) > 1:
            listed = ", ".join(f"'{brief(part, 30)}'" for part in parts[:5])
            yield fault(
                at,
                WARNING,
                "portal:keyword",
                (
                    f"nøgleordet '{brief(word)}' bliver til {len(parts)}: {listed}",
                    "skriv et nøgleord uden komma",
                ),
                (
                    f"the keyword '{brief(word)}' becomes {len(parts)}: {listed}",
                    "write a keyword without a comma",
                ),
                node=each.node,
                path="dcat:keyword",
                value=word,
            )
        for part in parts:
            why = tag_fault(part)
            if why:
                yield _refused(at, each.node, part, why)


_WHY = {
    "short": ("er kortere end to tegn", "is shorter than two characters"),
    "long": ("er længere end 100 tegn", "is longer than 100 characters"),
    "sign": (
        "har andre tegn end bogstaver, tal, mellemrum, '-', '_' og '.'",
        "has other characters than letters, digits, spaces, '-', '_' and '.'",
    ),
}


def _refused(at: Location, node: Node, part: str, why: str) -> Finding:
    da, en = _WHY[why]
    return fault(
        at,
        ERROR,
        "portal:tag",
        (f"nøgleordet '{brief(part)}' {da}; CKAN afviser datasættet", "ret nøgleordet"),
        (f"the keyword '{brief(part)}' {en}; CKAN refuses the dataset", "correct the keyword"),
        node=node,
        path="dcat:keyword",
        value=part,
    )


def _only_first(graph: Graph, node: Node) -> Iterator[Finding]:
    for name in _ONLY_FIRST:
        values = graph.objects(node, name)
        if len(values) > 1:
            kept = called(values[0])
            yield fault(
                graph.at(node, name, values[1]),
                WARNING,
                "portal:first",
                (
                    f"der er {len(values)} værdier for {name}; CKAN beholder kun {kept}",
                    "skriv én, eller den vigtigste først",
                ),
                (
                    f"there are {len(values)} values for {name}; CKAN only keeps {kept}",
                    "write one, or the most important first",
                ),
                node=node,
                path=name,
            )


def _temporal(graph: Graph, each: Package) -> Iterator[Finding]:
    if not graph.objects(each.node, "dct:temporal"):
        return
    found = [str(each.extras.get(f"temporal_{end}", "")) for end in ("start", "end")]
    odd = [date for date in found if date and not _DATE.fullmatch(date)]
    if not any(found) or odd:
        shown = brief(odd[0]) if odd else ""
        yield fault(
            graph.at(each.node, "dct:temporal"),
            WARNING,
            "portal:temporal",
            (
                f"'{shown}' er ingen dato" if odd else "perioden har hverken start eller slut",
                "giv perioden dcat:startDate og dcat:endDate, skrevet ÅÅÅÅ-MM-DD",
            ),
            (
                f"'{shown}' is no date" if odd else "the period has neither start nor end",
                "give the period dcat:startDate and dcat:endDate, written YYYY-MM-DD",
            ),
            node=each.node,
            path="dct:temporal",
            value=shown,
        )


def _geometry(graph: Graph, node: Node) -> Iterator[Finding]:
    for place in graph.nodes(node, "dct:spatial"):
        if not graph.is_a(place, "dct:Location"):
            continue
        for name in ("locn:geometry", "dcat:bbox", "dcat:centroid"):
            for value in graph.nodes(place, name):
                yield fault(
                    graph.at(place, name, value),
                    ERROR,
                    "portal:geometry",
                    (
                        f"{name} er ingen tekst, og hele høstningen standser",
                        "skriv geometrien som tekst, geosparql:wktLiteral",
                    ),
                    (
                        f"{name} is no text, and the whole harvest stops",
                        "write the geometry as text, geosparql:wktLiteral",
                    ),
                    node=place,
                    path=name,
                )


def _resources(graph: Graph, each: Package) -> Iterator[Finding]:
    nameless = [res for res in each.resources if not res.uri]
    if nameless:
        at = graph.at(each.node, "dcat:distribution", nameless[0].node)
        yield fault(
            at,
            WARNING,
            "portal:identity",
            (
                f"distributioner uden IRI: {len(nameless)}; de bliver nye ved hver høstning",
                "giv hver distribution en IRI, som aldrig ændres",
            ),
            (
                f"distributions without an IRI: {len(nameless)}; they become new at every harvest",
                "give each distribution an IRI that never changes",
            ),
            node=each.node,
            path="dcat:distribution",
        )
    raw = [res for res in each.resources if str(res.fields.get("format", "")).startswith("http")]
    if raw:
        shown = brief(str(raw[0].fields["format"]), 120)
        yield fault(
            graph.at(raw[0].node, "dct:format"),
            NOTE,
            "portal:format",
            (
                f"CKAN viser formatet som en adresse, fx '{shown}' (filer: {len(raw)})",
                "det er rigtigt efter DCAT-AP; portalen kan oversætte det",
            ),
            (
                f"CKAN shows the format as an address, such as '{shown}' (files: {len(raw)})",
                "that is right by DCAT-AP; the portal can translate it",
            ),
            node=each.node,
            path="dct:format",
            value=str(raw[0].fields["format"]),
        )


def _services(graph: Graph, packages: Iterable[Package]) -> Iterator[Finding]:
    reached = {
        service
        for each in packages
        for resource in each.resources
        for service in graph.objects(resource.node, "dcat:accessService")
    }
    for node in graph.typed("dcat:DataService"):
        if node not in reached:
            yield fault(
                graph.at(node),
                WARNING,
                "portal:service",
                (
                    f"tjenesten {called(node)} når ikke frem: ingen distribution peger på den",
                    "giv en distribution dcat:accessService",
                ),
                (
                    f"the service {called(node)} does not arrive: no distribution points at it",
                    "give a distribution dcat:accessService",
                ),
                node=node,
            )
