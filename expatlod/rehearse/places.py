"""Where and when: what CKAN reads of periods and places."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pyoxigraph as ox

from expatlod.rehearse.graph import Graph, Node, Term, text

__all__ = ["spatial", "temporal", "wkt"]

# The ways of writing a period, in the order in which ckanext-dcat looks for them: what is found
# later replaces what was found before.
_OLD = ("schema", "time")
_NEW = ("dcat", "time", "schema")

_MOMENTS = ("time:inXSDDateTimeStamp", "time:inXSDDateTime", "time:inXSDDate")

_GEOJSON = "https://www.iana.org/assignments/media-types/application/vnd.geo+json"
_WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
_STRING = "http://www.w3.org/2001/XMLSchema#string"

_GEOMETRY = {"spatial": "locn:geometry", "spatial_bbox": "dcat:bbox"}
_GEOMETRY["spatial_centroid"] = "dcat:centroid"


def temporal(graph: Graph, node: Node) -> dict[str, str]:
    """Return the start and the end that CKAN reads of the periods of *node*."""
    found: dict[str, str] = {}
    for ways in (_OLD, _NEW):
        start, end = next(_intervals(graph, node, ways), ("", ""))
        found |= {"temporal_start": start} if start else {}
        found |= {"temporal_end": end} if end else {}
    return found


def _intervals(graph: Graph, node: Node, ways: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for way in ways:
        for period in graph.objects(node, "dct:temporal"):
            if way == "time":
                start = _moment(graph, graph.first(period, "time:hasBeginning"))
                end = _moment(graph, graph.first(period, "time:hasEnd"))
            else:
                start = graph.value(period, f"{way}:startDate")
                end = graph.value(period, f"{way}:endDate")
            if start or end:
                yield start, end


def _moment(graph: Graph, node: Term | None) -> str:
    if node is None:
        return ""
    return next(filter(None, (graph.value(node, name) for name in _MOMENTS)), "")


def spatial(graph: Graph, node: Node) -> dict[str, str]:
    """Return the address, the name and the geometries that CKAN reads of the places of *node*.

    What comes later replaces what came before, and names and geometries are only read of what is
    typed dct:Location.
    """
    found: dict[str, str] = {}
    for place in graph.objects(node, "dct:spatial"):
        if isinstance(place, ox.NamedNode):
            found["spatial_uri"] = place.value
        if isinstance(place, ox.Literal):
            found["spatial_text"] = text(place)
        if graph.is_a(place, "dct:Location"):
            for key, name in _GEOMETRY.items():
                shape = _geometry(graph, place, name, found.get(key, ""))
                found |= {key: shape} if shape else {}
            for label in ("skos:prefLabel", "rdfs:label"):
                for each in graph.objects(place, label):
                    found["spatial_text"] = text(each)
    return found


def _geometry(graph: Graph, place: Term, name: str, known: str) -> str:
    for each in graph.objects(place, name):
        if not isinstance(each, ox.Literal):
            continue
        if each.datatype.value in (_GEOJSON, _STRING):
            try:
                json.loads(each.value)
            except (ValueError, RecursionError):
                pass
            else:
                known = each.value
        if not known and each.datatype.value == _WKT:
            known = wkt(each.value)
    return known


def wkt(value: str) -> str:
    """Return a geometry in well-known text as GeoJSON; "" for what is none.

    >>> wkt("POINT(8.5 56)")
    '{"type": "Point", "coordinates": [8.5, 56.0]}'
    """
    match = re.fullmatch(r"\s*([A-Za-z]+)\s*(\([-+.,()\seE0-9]*\))\s*", value)
    name = _SHAPES.get(match.group(1).upper(), "") if match else ""
    if match is None or not name or len(value) > _LONGEST:
        return ""
    numbers = re.sub(r"[-+.eE0-9]+", lambda each: _number(each.group()), match.group(2))
    pairs = re.sub(r"([^\s,()]+(?:\s+[^\s,()]+)+)", _pair, numbers)
    listed = pairs.replace("(", "[").replace(")", "]")
    try:
        coordinates = json.loads(listed)
    except (ValueError, RecursionError):
        return ""
    if name == "Point":
        coordinates = coordinates[0] if coordinates else []
    return json.dumps({"type": name, "coordinates": coordinates})


#: Longer than any outline of a place in a catalogue.
_LONGEST = 1_000_000

_SHAPES = {"POINT": "Point", "LINESTRING": "LineString", "POLYGON": "Polygon"}
_SHAPES |= {"MULTIPOLYGON": "MultiPolygon", "MULTILINESTRING": "MultiLineString"}


def _number(written: str) -> str:
    try:
        return repr(float(written))
    except ValueError:
        return "?"


def _pair(match: re.Match[str]) -> str:
    return f"[{','.join(match.group().split())}]"
