"""Choose what of a large catalogue the shapes judge: they take more memory than all the rest."""

from __future__ import annotations

from collections.abc import Sequence

from expatlod.rdf import Placed
from expatlod.rehearse.graph import Graph, Node, Term, reachable

__all__ = ["JUDGED", "sample"]

#: So many triples at most: some half a minute, and a gigabyte when every dataset has faults.
JUDGED = 150_000


def sample(
    graph: Graph, placed: Sequence[Placed], most: int = JUDGED
) -> tuple[Sequence[Placed], tuple[Node, ...]]:
    """Return the triples to judge, *most* or so, and the datasets that they are about.

    They are the first of the file, each with all that it leads to; a small catalogue is all of it.
    """
    datasets = graph.typed("dcat:Dataset")
    if len(placed) <= most:
        return placed, datasets
    chosen: set[Term] = set(graph.typed("dcat:Catalog"))
    judged: list[Node] = []
    for node in datasets:
        if most <= 0:
            break
        for each in reachable(graph, node) - chosen:
            chosen.add(each)
            most -= sum(1 for _ in graph.about(each))
        judged.append(node)
    others = set(datasets).difference(judged)
    return [
        (triple, at)
        for triple, at in placed
        if triple.subject in chosen and triple.object not in others
    ], tuple(judged)
