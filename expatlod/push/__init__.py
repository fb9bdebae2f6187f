"""Load a release into a graph of a SPARQL 1.1 server, as a whole or not at all.

The triples go piece by piece into a graph of their own, the staging graph; when all are there and
counted, one update makes the target the same. What is where, the server itself remembers, so that a
later run goes on where one was interrupted:

- in the staging graph, with each piece and in the same request, a triple that says its number;
- in a small graph beside the target, its record, a note of each staging graph that there is, and
  what the target holds.

Every request can be sent twice, which is what happens when an answer is lost. So the last update
is no MOVE: sent twice, that would empty the target on a server that keeps no empty graphs. It
deletes and adds what differs, which is also less to write, and does nothing at all when its staging
graph is not noted.

Readers see the old graph to the last where updates are atomic, which the recommendation asks for
and does not insist on; elsewhere they may see some of both for a while. Of two runs at once for the
same graph, the one that finds its triples gone says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from expatlod.archive import Release
from expatlod.edition import release_address
from expatlod.errors import PublishError, UsageError
from expatlod.iris import is_iri
from expatlod.namespaces import PREFIXES
from expatlod.push.pieces import Contents, contents
from expatlod.push.server import Server

__all__ = ["DEFAULT_GRAPH", "Pushed", "push"]

#: What stands for the graph that has no name.
DEFAULT_GRAPH = "default"

_NUMBER = f"{PREFIXES['schema']}position"
_KEY = f"{PREFIXES['schema']}sha256"
_TRIPLES = f"{PREFIXES['void']}triples"
_SOURCE = f"{PREFIXES['dct']}source"
_OF = f"{PREFIXES['dct']}isVersionOf"
_INTEGER = f"{PREFIXES['xsd']}integer"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What came of it: what the *graph* holds now, and how many pieces were *sent*.

    *pieces* is how many there are; the rest had arrived earlier. Both are 0 when the graph held
    the release already.
    """

    graph: str
    triples: int
    pieces: int
    sent: int


@dataclass(frozen=True, slots=True)
class _Graphs:
    """The graphs of one target, whose *pattern* is what SPARQL writes for all that is in it.

    *record* is the graph beside it; the IRIs of its staging graphs begin with *staging*.
    """

    pattern: str
    record: str
    staging: str


def push(
    release: Release,
    server: Server,
    *,
    graph: str = "",
    only_data: bool = False,
    force: bool = False,
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> Pushed:
    """Make *graph* hold what *release* says, and nothing else.

    *graph* is an IRI, that of the dataset if none is given, or DEFAULT_GRAPH. With the dump go the
    ontology and the codelists, which have the labels and the hierarchies that questions ask for;
    *only_data* leaves them out. Where the server says that it holds the release already, nothing is
    sent, but with *force*: whether somebody has changed as many triples as there were cannot be
    told from their number. *told* is called with how many triples are done, of about how many.

    Raises UsageError for a graph or a release that cannot be taken, and PublishError when the
    server does not do its part; then the graph holds what it held before, unless the error says
    otherwise, and the next run goes on from what arrived.
    """
    graph = graph or release.manifest.dataset
    if graph != DEFAULT_GRAPH and not is_iri(graph):
        raise UsageError(f"--graph {graph}: not an IRI; write https://… or '{DEFAULT_GRAPH}'")
    address = release_address(release.manifest.site, release.manifest.release)
    if not is_iri(address) or not is_iri(release.manifest.dataset):
        raise UsageError(f"{release.folder}: the manifest has something else where an IRI belongs")
    run = _Push(server, _graphs(graph, release), contents(release, only_data=only_data))
    return run.run(graph, address, told, force=force)


def _graphs(graph: str, release: Release) -> _Graphs:
    if graph == DEFAULT_GRAPH:
        beside = f"{release.manifest.dataset}#default-"
        return _Graphs("{ ?s ?p ?o }", f"{beside}pushed", f"{beside}staging-")
    beside = f"{graph}{'-' if '#' in graph else '#'}"
    return _Graphs(
        f"{{ GRAPH <{graph}> {{ ?s ?p ?o }} }}",
        f"{beside}pushed",
        f"{beside}staging-",
    )


class _Push:
    """One run: the *server*, the *graphs*, and the *contents* that go there."""

    def __init__(self, server: Server, graphs: _Graphs, contents: Contents) -> None:
        self.server = server
        self.graphs = graphs
        self.contents = contents
        self.staging = graphs.staging + contents.key[:32]

    def run(
        self, graph: str, address: str, told: Callable[[int, int], None], *, force: bool
    ) -> Pushed:
        if force:
            self._disown()
        held = self._held()
        if held is None:
            self._announce(graph)
            # An update that an earlier run gave up waiting for may be done now.
            held = self._held()
        if held is not None:
            self._sweep("")
            return Pushed(graph, held, 0, 0)
        self._sweep(self.staging)
        pieces, sent, triples = self._send(told)
        self._verify(pieces, triples)
        self._replace(graph, address, triples)
        found = self._count(self.graphs.pattern)
        if found != triples:
            raise PublishError(
                f"{graph}: {found} triples, and not the {triples} that were put there; is somebody "
                "else writing it? Run this again"
            )
        self._forget(self.staging)
        return Pushed(graph, triples, pieces, sent)

    # -- what the server remembers

    def _record(self) -> list[tuple[str, ...]]:
        """Return what the graph beside the target says."""
        return self.server.rows(
            f"SELECT ?s ?p ?o WHERE {{ GRAPH <{self.graphs.record}> {{ ?s ?p ?o }} }}", *"spo"
        )

    def _held(self) -> int | None:
        """Return how many triples the target has, if they are these; else None."""
        record = self._record()
        said = {predicate: value for s, predicate, value in record if s == self.graphs.record}
        if said.get(_KEY) != self.contents.key:
            return None
        found = self._count(self.graphs.pattern)
        if said.get(_TRIPLES) == str(found):
            return found
        # Somebody changed it.
        self._disown()
        return None

    def _disown(self) -> None:
        """Say no more that the target holds these."""
        name, key = self.graphs.record, self.contents.key
        self.server.update(f'DELETE DATA {{ GRAPH <{name}> {{ <{name}> <{_KEY}> "{key}" }} }}')

    def _sweep(self, kept: str) -> None:
        """Drop the staging graphs, but the one to be *kept*; nobody will complete them."""
        # What somebody else wrote there is no reason to drop a graph of theirs.
        ours = re.compile(re.escape(self.graphs.staging) + "[0-9a-f]{32}")
        for subject in sorted({subject for subject, _, _ in self._record()}):
            if ours.fullmatch(subject) and subject != kept:
                self._forget(subject)

    def _forget(self, staging: str) -> None:
        self.server.update(
            f"DROP SILENT GRAPH <{staging}> ;\n"
            f"DELETE WHERE {{ GRAPH <{self.graphs.record}> {{ <{staging}> ?p ?o }} }}"
        )

    def _announce(self, graph: str) -> None:
        """Write down that there will be a staging graph, before there is one."""
        note = f"<{self.staging}> <{_OF}>"
        self.server.update(
            f"INSERT DATA {{ GRAPH <{self.graphs.record}> {{ {note} {_term(graph)} }} }}"
        )
        if graph == DEFAULT_GRAPH and self.server.rows(f"SELECT ?of WHERE {{ {note} ?of }}", "of"):
            self._forget(self.staging)
            raise UsageError(
                "--graph default: on this server it is all graphs together; name one with an IRI"
            )

    def _arrived(self) -> set[int]:
        """Return the numbers of the pieces that are in the staging graph."""
        rows = self.server.rows(
            f"SELECT ?number WHERE {{ GRAPH <{self.staging}> "
            f"{{ <{self.staging}> <{_NUMBER}> ?number }} }}",
            "number",
        )
        return {int(number) for (number,) in rows if number.isdecimal()}

    def _count(self, pattern: str) -> int:
        rows = self.server.rows(f"SELECT (COUNT(*) AS ?number) WHERE {pattern}", "number")
        if len(rows) != 1 or not rows[0][0].isdecimal():
            raise PublishError(
                f"{self.server.at.query}: does not count; is it a SPARQL 1.1 server?"
            )
        return int(rows[0][0])

    # -- what is done

    def _send(self, told: Callable[[int, int], None]) -> tuple[int, int, int]:
        """Send what has not arrived; return how many pieces there are, were sent, and triples."""
        arrived = self._arrived()
        pieces = sent = triples = 0
        for piece in self.contents.pieces():
            if piece.number not in arrived:
                # The last line, so that a server which takes line by line has the others.
                mark = f'<{self.staging}> <{_NUMBER}> "{piece.number}"^^<{_INTEGER}> .\n'
                self.server.add(self.staging, piece.lines + mark.encode())
                sent += 1
            pieces += 1
            triples += piece.triples
            told(triples, max(self.contents.triples, triples))
        return pieces, sent, triples

    def _verify(self, pieces: int, triples: int) -> None:
        found = self._count(f"{{ GRAPH <{self.staging}> {{ ?s ?p ?o }} }}") - pieces
        if found == triples:
            return
        self._forget(self.staging)
        raise PublishError(
            f"{self.server.at.query}: {found} triples arrived where {triples} were sent; the graph "
            "is as it was. Run this again, and if it stays so, the server changes what it is given"
        )

    def _replace(self, graph: str, address: str, triples: int) -> None:
        """Make the target the same as the staging graph, in one update."""
        record, staging, target = self.graphs.record, self.staging, self.graphs.pattern
        key = f'<{record}> <{_KEY}> "{self.contents.key}"'
        noted = f"GRAPH <{record}> {{ <{staging}> <{_OF}> ?of }}"
        staged = f"GRAPH <{staging}> {{ ?s ?p ?o }}"
        said = (
            f"{key} . <{record}> <{_TRIPLES}> {triples} . <{record}> <{_SOURCE}> <{address}> . "
            f"<{record}> <{_OF}> {_term(graph)} ."
        )
        self.server.update(
            f"DELETE {target}\n"
            f"WHERE {{ {noted} FILTER NOT EXISTS {{ GRAPH <{record}> {{ {key} }} }}\n"
            f"  {target} FILTER NOT EXISTS {{ {staged} }} }} ;\n"
            f"INSERT {target}\n"
            f"WHERE {{ {noted} {staged} FILTER (?s != <{staging}>)\n"
            f"  FILTER NOT EXISTS {target} }} ;\n"
            f"DELETE {{ GRAPH <{record}> {{ <{record}> ?p ?o }} }}\n"
            f"WHERE {{ {noted} GRAPH <{record}> {{ <{record}> ?p ?o }} }} ;\n"
            f"INSERT {{ GRAPH <{record}> {{ {said} }} }} WHERE {{ {noted} }}"
        )


def _term(graph: str) -> str:
    return f'"{graph}"' if graph == DEFAULT_GRAPH else f"<{graph}>"
