"""Find the concepts that portals know: those of the authority tables of the EU, of ADMS, of IANA.

Codelists say which concept of a table a code of theirs is. What a catalogue points at is described
in it, since a portal does not look elsewhere; a snapshot of these descriptions is part of the
program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import pyoxigraph as ox

from expatlod import graphs
from expatlod.namespaces import expand
from expatlod.profile import Model
from expatlod.resources import default_profile

__all__ = ["Authorities", "authorities", "table"]

#: https://op.europa.eu/en/web/eu-vocabularies/authority-tables
_TABLES = "http://publications.europa.eu/resource/authority/"

#: How a code is tied to a concept of a table, the most exact first. A concept that is near or wider
#: is true of what the code is true of, as far as a catalogue tells things apart.
_MATCHES = ("skos:exactMatch", "skos:closeMatch", "skos:broadMatch")


def table(name: str) -> str:
    """Return what the concepts of the table called *name* begin with.

    >>> table("frequency")
    'http://publications.europa.eu/resource/authority/frequency/'
    """
    return f"{_TABLES}{name}/"


@lru_cache(maxsize=1)
def authorities() -> Authorities:
    """Return the snapshot that this program ships."""
    return Authorities(graphs.load(default_profile().authorities))


class Authorities:
    """Descriptions of concepts that others define."""

    def __init__(self, snapshot: ox.Store) -> None:
        self._snapshot = snapshot
        self._same: dict[str, list[str]] = {}
        for match in _MATCHES:
            for node, other in sorted(
                graphs.pairs(snapshot, match), key=lambda pair: (pair[0].value, pair[1])
            ):
                self._same.setdefault(_core(other), []).append(node.value)

    def described(self, iri: str) -> Iterator[str]:
        """Yield what the snapshot says of *iri* as N-Triples lines, its type first."""
        type_ = expand("rdf:type")
        quads = self._snapshot.quads_for_pattern(ox.NamedNode(iri), None, None)
        lines = [(quad.predicate.value != type_, f"{quad.triple} .") for quad in quads]
        yield from (line for _, line in sorted(lines))

    def closure(self, pointed: Sequence[str]) -> Iterator[str]:
        """Yield what the snapshot says of the IRIs *pointed* at, and of what that points at."""
        seen: set[str] = set()
        waiting = list(reversed(pointed))
        while waiting:
            iri = waiting.pop()
            if iri in seen:
                continue
            seen.add(iri)
            yield from self.described(iri)
            quads = self._snapshot.quads_for_pattern(ox.NamedNode(iri), None, None)
            values = {quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode)}
            waiting += sorted(values, reverse=True)

    def match(self, model: Model, iri: str, *tables: str) -> str:
        """Return the concept of one of *tables* that *iri* stands for, or nothing.

        *tables* are what the concepts of each begin with. *iri* is such a concept itself, or a code
        of *model* that is matched with one, or an address that the snapshot matches with one.
        """
        if iri.startswith(tables):
            return iri
        node = ox.NamedNode(iri)
        found = [each for match in _MATCHES for each in graphs.values(model.ontology, node, match)]
        return next((each for each in found if each.startswith(tables)), self.named(iri, *tables))

    def named(self, address: str, *tables: str) -> str:
        """Return the concept of *tables* that the snapshot matches with *address*, or nothing."""
        found = self._same.get(_core(address), ())
        return next((each for each in found if each.startswith(tables)), "")

    def concept(self, model: Model, iri: str, *tables: str) -> str:
        """Return the concept that *iri* or the nearest code above it stands for, or nothing."""
        seen = {""}
        while iri not in seen:
            seen.add(iri)
            found = self.match(model, iri, *tables)
            if found:
                return found
            iri = graphs.one(model.ontology, ox.NamedNode(iri), "skos:broader")
        return ""


def _core(address: str) -> str:
    """Return what the ways to write the address of a licence have in common.

    >>> _core("http://creativecommons.org/licenses/by/4.0/deed.da")
    'creativecommons.org/licenses/by/4.0'
    """
    bare = re.sub("^https?://(www[.])?", "", address)
    return re.sub("/?((legalcode|deed)([.][a-z-]+)?)?/?$", "", bare.removesuffix(".html"))
