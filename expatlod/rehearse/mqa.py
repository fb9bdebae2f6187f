"""Forecast what the MQA of data.europa.eu will give a catalogue.

A dataset has the points of its own metrics and of the distribution that has the most: the MQA takes
all distributions for the same content. A catalogue has the average of its datasets. Whether an
address answers is not asked: it is taken to, unless it is no address on the web, or its file is
missing in the site.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from expatlod.rehearse.addresses import is_public
from expatlod.rehearse.graph import Graph, Node, Term
from expatlod.rehearse.metrics import (
    MACHINE_READABLE,
    METRICS,
    NON_PROPRIETARY,
    Metric,
    rating,
)
from expatlod.rehearse.source import Hosting

__all__ = ["Forecast", "Line", "forecast"]

_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_FILE_TYPE = re.compile(re.escape(_AUTHORITY + "file-type/") + r"([A-Z0-9_]+)")
_MEDIA_TYPE = re.compile(r"https?://www\.iana\.org/assignments/media-types/[\w.+-]+/[\w.+-]+")
_LICENCE = re.compile(
    re.escape(_AUTHORITY + "licence/") + r"[A-Z0-9_]+"
    r"|https?://creativecommons\.org/(?:licenses/[a-z-]+/\d\.\d|publicdomain/[a-z]+/1\.0)/"
)
_ACCESS_RIGHT = re.compile(re.escape(_AUTHORITY + "access-right/") + r"[A-Z_]+")


@dataclass(frozen=True, slots=True)
class Line:
    """The points that a metric gives: on average over the datasets, of those possible.

    *missing* counts the datasets that do not have them.
    """

    metric: Metric
    points: float
    missing: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the MQA will give: the points of each metric, of *datasets* datasets.

    *seen* tells that the files behind the addresses were looked for in the site.
    """

    lines: tuple[Line, ...]
    datasets: int
    seen: bool

    @property
    def points(self) -> float:
        """All points, of 405."""
        return round(sum(each.points for each in self.lines), 2)

    @property
    def conditional(self) -> float:
        """The points that need addresses that answer."""
        return round(sum(each.points for each in self.lines if each.metric.answers), 2)

    def of(self, dimension: str) -> float:
        """Return the points of a *dimension*."""
        return round(
            sum(each.points for each in self.lines if each.metric.dimension == dimension), 2
        )

    @property
    def rating(self) -> str:
        """The key of the rating."""
        return rating(self.points)

    @property
    def raises(self) -> tuple[Line, ...]:
        """What would raise the score, that which gives most first."""
        lost = [each for each in self.lines if each.points < each.metric.points]
        return tuple(sorted(lost, key=lambda each: each.points - each.metric.points))


def forecast(graph: Graph, valid: float, hosting: Hosting | None) -> Forecast:
    """Return the forecast for *graph*, whose datasets are *valid* DCAT-AP to that share."""
    datasets = graph.typed("dcat:Dataset")
    counts: Counter[str] = Counter()
    for node in datasets:
        has = _of_dataset(graph, node)
        files = (
            _of_file(graph, each, hosting) for each in graph.objects(node, "dcat:distribution")
        )
        best = max(files, key=_points, default={})
        for name in ("dct:issued", "dct:modified"):
            has[name] = bool(best.get(name)) or bool(graph.objects(node, name))
        counts.update(key for key, value in {**best, **has}.items() if value)
    number = len(datasets)
    counts["DCAT-AP"] = round(valid * number)
    return Forecast(
        tuple(
            Line(
                each,
                round(each.points * counts[each.key] / number, 2) if number else 0.0,
                number - counts[each.key],
            )
            for each in METRICS
        ),
        number,
        hosting is not None,
    )


_POINTS = {each.key: each.points for each in METRICS}


def _points(has: Mapping[str, bool]) -> int:
    return sum(_POINTS[key] for key, value in has.items() if value)


def _of_dataset(graph: Graph, node: Node) -> dict[str, bool]:
    names = ("dcat:keyword", "dcat:theme", "dct:spatial", "dct:temporal", "dct:accessRights")
    has = {
        name: bool(graph.objects(node, name))
        for name in (*names, "dcat:contactPoint", "dct:publisher")
    }
    has["accessRights vocabulary"] = _any(graph, node, "dct:accessRights", _ACCESS_RIGHT.fullmatch)
    return has


def _of_file(graph: Graph, node: Term, hosting: Hosting | None) -> dict[str, bool]:
    def answers(address: str) -> bool:
        file = hosting.file(address) if hosting else None
        return is_public(address) and (file is None or file.is_file())

    names = ("dcat:downloadURL", "dct:format", "dcat:mediaType", "dct:license", "dct:rights")
    has = {
        name: bool(graph.objects(node, name))
        for name in (*names, "dcat:byteSize", "dct:issued", "dct:modified")
    }
    types = {
        match.group(1)
        for match in map(_FILE_TYPE.fullmatch, _iris(graph, node, "dct:format"))
        if match
    }
    has["dcat:accessURL 200"] = _any(graph, node, "dcat:accessURL", answers)
    has["dcat:downloadURL 200"] = _any(graph, node, "dcat:downloadURL", answers)
    has["vocabularies"] = bool(types) and _any(graph, node, "dcat:mediaType", _MEDIA_TYPE.fullmatch)
    has["non-proprietary"] = bool(types & NON_PROPRIETARY)
    has["machine-readable"] = bool(types & MACHINE_READABLE)
    has["licence vocabulary"] = _any(graph, node, "dct:license", _LICENCE.fullmatch)
    return has


def _iris(graph: Graph, node: Term, name: str) -> list[str]:
    return [each.value for each in graph.objects(node, name) if isinstance(each, ox.NamedNode)]


def _any(graph: Graph, node: Term, name: str, test: Callable[[str], object]) -> bool:
    return any(test(each) for each in _iris(graph, node, name))
