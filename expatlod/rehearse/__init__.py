"""Rehearse a harvest: what portals would make of a catalogue, without network.

A catalogue may be made by anybody: nothing in it stops the rehearsal, and of what is wrong many
times over, the first few are kept and the others counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from expatlod.catalog import check
from expatlod.errors import ERROR, Finding, UsageError
from expatlod.rdf import Placed
from expatlod.rehearse import ckan, ckan_faults, faults
from expatlod.rehearse.deletions import deletions
from expatlod.rehearse.graph import Graph, Node, reachable
from expatlod.rehearse.mqa import Forecast, forecast
from expatlod.rehearse.sample import sample
from expatlod.rehearse.source import locate, opened

__all__ = ["KEPT", "PORTALS", "Rehearsal", "rehearse"]

#: Whose reading can be rehearsed.
PORTALS = ("ckan", "dcat-ap", "dcat-ap-dk", "mqa")

#: So many findings of one code are kept.
KEPT = 20


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What portals would make of the catalogue at *path*.

    *findings* are sorted by place, KEPT of each code at most; *counts* are those of all, by
    severity and code. *packages* is None where CKAN was not asked for and *forecast* where the MQA
    was not. *previous* is the catalogue that it was compared with, None where there is none.
    """

    path: Path
    previous: Path | None
    findings: tuple[Finding, ...]
    counts: Mapping[tuple[str, str], int]
    datasets: int
    packages: tuple[ckan.Package, ...] | None
    forecast: Forecast | None

    @property
    def fails(self) -> bool:
        """Whether there is an error."""
        return any(severity == ERROR for severity, _ in self.counts)


def rehearse(
    out: Path, portals: Sequence[str] = PORTALS, previous: Path | None = None
) -> Rehearsal:
    """Return what *portals* would make of the catalogue that *out* means.

    *out* is a site, a release or a catalogue. It is compared with the catalogue *previous*, else
    with that of the release before. Raises UsageError when there is no catalogue, or when
    *previous* cannot be read or is of no use.
    """
    if previous and "ckan" not in portals:
        raise UsageError(
            "--previous says what CKAN would delete; rehearse ckan too, or leave it out"
        )
    path, hosting, before = locate(out)
    source = opened(path, hosting)
    graph = source.graph
    found = [source.findings, faults.unread(source), faults.everywhere(source)]
    triples, judged = sample(graph, source.placed)
    shapes = _shapes(triples, portals)
    if len(judged) < len(graph.typed("dcat:Dataset")):
        found.append(faults.sampled(source, len(judged)))
    if "dcat-ap" in portals or "dcat-ap-dk" in portals:
        found.append(shapes)
    packages = None
    older = locate(previous)[0] if previous else before
    if "ckan" in portals:
        packages = tuple(ckan.packages(graph))
        found.append(ckan_faults.ckan(graph, packages))
        if older and source.is_read and not source.findings:
            found.append(deletions(graph, source.at, _before(older), packages))
    outlook = None
    if "mqa" in portals and source.is_read and not source.findings:
        outlook = forecast(graph, _valid(graph, judged, shapes), hosting)
    kept, counts = _bounded(chain.from_iterable(found))
    return Rehearsal(
        path,
        older if packages is not None else None,
        kept,
        counts,
        len(graph.typed("dcat:Dataset")),
        packages,
        outlook,
    )


def _shapes(placed: Sequence[Placed], portals: Sequence[str]) -> Sequence[Finding]:
    """Return what the shapes for catalogues find, as far as *portals* ask for them."""
    if "dcat-ap-dk" in portals:
        return check.faults(placed, ("dcat-ap", "dcat-ap-dk"))
    if "dcat-ap" in portals or "mqa" in portals:
        return check.faults(placed, ("dcat-ap",))
    return ()


def _before(path: Path) -> tuple[ckan.Package, ...]:
    source = opened(path)
    for first in (*source.findings, *faults.unread(source)):
        raise UsageError(f"{first.at}: {first.message['en']}; name another one with --previous")
    return tuple(ckan.packages(source.graph))


def _valid(graph: Graph, judged: Sequence[Node], shapes: Iterable[Finding]) -> float:
    """Return the share of *judged* datasets that lead to nothing with an error of *shapes*."""
    odd = {each.focus for each in shapes if each.severity == ERROR}
    valid = [
        node
        for node in judged
        if not odd or all(each.value not in odd for each in reachable(graph, node))
    ]
    return len(valid) / len(judged) if judged else 0.0


def _bounded(
    findings: Iterable[Finding],
) -> tuple[tuple[Finding, ...], Mapping[tuple[str, str], int]]:
    counts: Counter[tuple[str, str]] = Counter()
    kept = []
    for each in findings:
        key = (each.severity, each.rule)
        counts[key] += 1
        if counts[key] <= KEPT:
            kept.append(each)
    return tuple(sorted(kept, key=lambda each: each.order)), dict(sorted(counts.items()))
