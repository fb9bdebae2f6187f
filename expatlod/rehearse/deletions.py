"""What a harvest would delete and rename, compared with the catalogue before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from expatlod.errors import NOTE, WARNING, Finding, Location
from expatlod.rehearse.ckan import Package, Resource
from expatlod.rehearse.finding import brief, fault
from expatlod.rehearse.graph import Graph

__all__ = ["deletions"]


def deletions(
    graph: Graph, at: Location, before: Sequence[Package], now: Sequence[Package]
) -> Iterator[Finding]:
    """Yield what of *before* is not in *now*: datasets by guid, resources by their address.

    *graph* is that of *now*, and *at* its file, where what is gone has no place.
    """
    kept = {each.guid: each for each in now}
    for old in before:
        new = kept.get(old.guid)
        if new is None:
            yield _dataset(at, old)
            continue
        if new.name != old.name:
            yield _renamed(graph, old, new)
        yield from _resources(graph, old, new)


def _dataset(at: Location, old: Package) -> Finding:
    title, guid = brief(old.root.get("title", "")), brief(old.guid, 120)
    return fault(
        at,
        WARNING,
        "portal:deletion",
        (
            f"datasættet '{guid}' ({title}) var i kataloget før; portalen sletter det",
            "behold det, eller lad det blive stående som udgået",
        ),
        (
            f"the dataset '{guid}' ({title}) was in the catalogue before; the portal deletes it",
            "keep it, or leave it there as withdrawn",
        ),
        value=old.guid,
    )


def _renamed(graph: Graph, old: Package, new: Package) -> Finding:
    return fault(
        graph.at(new.node, "dct:title"),
        NOTE,
        "portal:renamed",
        (
            f"titlen giver navnet '{new.name}'; portalen beholder '{old.name}' i adressen",
            "det er kun nye portaler, der bruger det nye navn",
        ),
        (
            f"the title gives the name '{new.name}'; the portal keeps '{old.name}' in the address",
            "only new portals use the new name",
        ),
        node=new.node,
        path="dct:title",
    )


def _resources(graph: Graph, old: Package, new: Package) -> Iterator[Finding]:
    kept = {each.uri for each in new.resources}
    known = {each.uri for each in old.resources}
    added: Mapping[str, Resource] = {
        str(each.fields["url"]): each for each in new.resources if each.uri not in known
    }
    for each in old.resources:
        if not each.uri or each.uri in kept:
            continue
        uri = brief(each.uri, 120)
        moved = added.get(str(each.fields["url"]))
        da = f"distributionen '{uri}' er her ikke mere; portalen sletter ressourcen"
        en = f"the distribution '{uri}' is not here any more; the portal deletes the resource"
        if moved is not None:
            as_ = brief(moved.uri, 120)
            da += f" og laver den igen som '{as_}'"
            en += f" and makes it again as '{as_}'"
        yield fault(
            graph.at(new.node, "dcat:distribution"),
            WARNING,
            "portal:deletion",
            (da, "behold distributionens IRI fra udgave til udgave"),
            (en, "keep the IRI of a distribution from release to release"),
            node=new.node,
            path="dcat:distribution",
            value=each.uri,
        )
