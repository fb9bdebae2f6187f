"""Tell which shapes have a target in a graph: the others cannot say anything about it.

pySHACL spends most of its time on shapes that have nothing to look at, and on nodes that are there
only because another points at them.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping

from expatlod.namespaces import PREFIXES

__all__ = ["Targets"]

_TRIPLE = re.compile(r"(\S+) (\S+) (.*) \.\n")

_SH = PREFIXES["sh"]
_TYPE = f"<{PREFIXES['rdf']}type>"
#: The targets that can be looked up in a graph, W3C SHACL section 2.1.3. All others are kept.
_CLASS = f"<{_SH}targetClass>"
_PREDICATES = (f"<{_SH}targetSubjectsOf>", f"<{_SH}targetObjectsOf>")
_TARGET = f"<{_SH}target"


class Targets:
    """The shapes of a shapes graph, which is given as N-Triples."""

    def __init__(self, shapes: str) -> None:
        self._lines: dict[str, list[str]] = {}
        self._objects: dict[str, list[str]] = {}
        self._roots: list[tuple[str, str, str]] = []
        for line in shapes.splitlines(keepends=True):
            match = _TRIPLE.fullmatch(line)
            assert match is not None
            subject, predicate, value = match.groups()
            self._lines.setdefault(subject, []).append(line)
            self._objects.setdefault(subject, []).append(value)
            if predicate.startswith(_TARGET):
                self._roots.append((subject, predicate, value))

    def within(self, graph: str, nodes: Container[str]) -> tuple[str, list[tuple[str, str]]]:
        """Return the shapes that have a target in *graph*, and all that they refer to.

        Where a class is a target, it is so only for *nodes*, IRIs: in the shapes returned it is
        left out, and each shape comes back with each node that it is to look at. What a graph
        says about other nodes is there to be pointed at. No class is taken for a subclass of
        another: a graph of records does not say so.
        """
        classes: dict[str, list[str]] = {}
        predicates = set()
        for line in graph.splitlines():
            subject, predicate, rest = line.split(" ", 2)
            predicates.add(predicate)
            if predicate == _TYPE and subject[1:-1] in nodes:
                classes.setdefault(rest.removesuffix(" ."), []).append(subject[1:-1])
        wanted = {_CLASS: classes, **dict.fromkeys(_PREDICATES, predicates)}
        pairs = [
            (shape[1:-1], node)
            for shape, predicate, value in self._roots
            if predicate == _CLASS
            for node in classes.get(value, ())
        ]
        return "".join(self._reached(wanted)), pairs

    def _reached(self, wanted: Mapping[str, Iterable[str]]) -> Iterator[str]:
        queue = [
            subject
            for subject, predicate, value in self._roots
            if predicate not in wanted or value in wanted[predicate]
        ]
        seen: set[str] = set()
        while queue:
            subject = queue.pop()
            if subject in seen or subject not in self._lines:
                continue
            seen.add(subject)
            yield from (line for line in self._lines[subject] if f" {_CLASS} " not in line)
            queue += self._objects[subject]
