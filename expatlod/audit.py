"""Audit the screen: pySHACL judges a sample of the records that `shacl` passed.

Which records these are depends on the seed and on their IRIs alone, so it is the same sample for
any order, any number of processes and any cutting into batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from heapq import heappop, heappush
from typing import Generic, TypeVar

from expatlod.errors import ERROR, Finding, Location, Reason
from expatlod.findings import Result, code_of
from expatlod.profile import Model
from expatlod.validate import Validator

__all__ = ["Contradiction", "Passed", "Sample", "audit"]

T = TypeVar("T")


class Sample(Generic[T]):
    """A random sample, without repetition, of *size* of the things that are offered, by IRI.

    It holds those whose keyed hashes are smallest, and no more than these in memory.

    >>> sample = Sample(2, seed=7)
    >>> for name in ("a", "b", "c", "d"):
    ...     sample.offer(name, name.upper())
    >>> list(sample)
    [('a', 'A'), ('c', 'C')]
    """

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.seed = seed
        self._key = str(seed).encode()[:64]
        # The largest hash first, so that it is the one to go.
        self._heap: list[tuple[int, str]] = []
        self._held: dict[str, T] = {}

    def wants(self, iri: str) -> bool:
        """Tell whether *iri* would be taken now: who has to make something to offer may ask."""
        return self._takes(iri, self._rank(iri))

    def offer(self, iri: str, thing: T) -> None:
        """Take *thing* in, if it is among the sample of all that was offered up to now."""
        rank = self._rank(iri)
        if not self._takes(iri, rank):
            return
        self._held[iri] = thing
        heappush(self._heap, (rank, iri))
        if len(self._held) > self.size:
            del self._held[heappop(self._heap)[1]]

    def merge(self, other: Iterable[tuple[str, T]]) -> None:
        """Take in what another sample, of the same size and seed, holds."""
        for iri, thing in other:
            self.offer(iri, thing)

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[tuple[str, T]]:
        """Yield what is in the sample, in order of IRI."""
        return iter(sorted(self._held.items(), key=lambda item: item[0]))

    def _takes(self, iri: str, rank: int) -> bool:
        if iri in self._held:
            return False
        return len(self._held) < self.size or (bool(self._heap) and rank > self._heap[0][0])

    def _rank(self, iri: str) -> int:
        """Return the keyed hash of *iri*, the smaller the larger."""
        found = blake2b(iri.encode("utf-8", "surrogatepass"), key=self._key, digest_size=8)
        return -int.from_bytes(found.digest(), "big")


@dataclass(frozen=True, slots=True)
class Passed:
    """A record that the screen passed.

    *text* is N-Triples: the record, and what the shapes ask about all that it points at.
    """

    iri: str
    text: str
    at: Location


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A record that `shacl` passed and pySHACL does not, with the report of each on it alone."""

    finding: Finding
    shacl: str
    pyshacl: str


def audit(model: Model, passed: Iterable[Passed]) -> list[Contradiction]:
    """Return those of the records that `shacl` *passed* of which pySHACL thinks otherwise."""
    validator = Validator(model, "pyshacl")
    found = []
    for each in passed:
        nodes = {line.partition(" ")[0][1:-1] for line in each.text.split("\n")}
        own = {node for node in nodes if node.partition("#")[0] == each.iri}
        results = validator.explain(each.text, own)
        if results:
            found.append(
                Contradiction(_finding(model, each, results), *validator.reports(each.text, own))
            )
    return found


def _finding(model: Model, passed: Passed, results: Iterable[Result]) -> Finding:
    reasons: dict[str, Reason] = {}
    for each in results:
        messages = each.messages or model.shape_texts(each.shape, "sh:message")
        reasons.setdefault(code_of(each), Reason(code_of(each), messages))
    return Finding(
        passed.at,
        ERROR,
        "record:audit",
        {
            "da": "shacl godkender posten, og pySHACL gør ikke; deres rapporter følger med",
            "en": "shacl passes the record, and pySHACL does not; their reports go along",
        },
        {
            "da": "kontrollér med --engine pyshacl, og meld det som en fejl i programmet",
            "en": "check with --engine pyshacl, and report it as a fault of the program",
        },
        focus=passed.iri,
        also=tuple(reasons.values()),
    )
