"""Tell which shapes look at a node, so that pySHACL is given these and no others.

It spends most of its time on shapes that have nothing to look at, and on nodes that are there only
because another points at them.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from expatlod.namespaces import PREFIXES

__all__ = ["Targets"]

_TRIPLE = re.compile(r"(\S+) (\S+) (.*) \.\n")

_SH = PREFIXES["sh"]
_TYPE = f"<{PREFIXES['rdf']}type>"

#: The targets that can be looked up in a graph, W3C SHACL section 2.1.3. All others are kept.
_CLASS = f"<{_SH}targetClass>"
_SUBJECTS = f"<{_SH}targetSubjectsOf>"
_OBJECTS = f"<{_SH}targetObjectsOf>"
_LOOKED_UP = (_CLASS, _SUBJECTS, _OBJECTS)
_TARGET = f"<{_SH}target"


class Targets:
    """The shapes of a shapes graph, which is given as N-Triples."""

    def __init__(self, shapes: str) -> None:
        self._lines: dict[str, list[str]] = {}
        self._objects: dict[str, list[str]] = {}
        self._roots: list[tuple[str, str, str]] = []
        # Not splitlines: a literal may hold characters that it takes for ends of lines.
        for text in filter(None, shapes.split("\n")):
            line = f"{text}\n"
            match = _TRIPLE.fullmatch(line)
            assert match is not None
            subject, predicate, value = match.groups()
            self._objects.setdefault(subject, []).append(value)
            lines = self._lines.setdefault(subject, [])
            if predicate not in _LOOKED_UP:
                lines.append(line)
            if predicate.startswith(_TARGET):
                self._roots.append((subject, predicate, value))

    def within(self, graph: str, nodes: Container[str]) -> tuple[str, list[tuple[str, str]]]:
        """Return the shapes that look at *nodes*, IRIs, in *graph*, and all that they refer to.

        The shapes come without the targets that can be looked up; what these say is returned
        beside them, as pairs of a shape and a node that it looks at. No class is taken for a
        subclass of another: a graph of records does not say so.
        """
        found: dict[tuple[str, str], dict[str, None]] = {}
        for line in filter(None, graph.split("\n")):
            subject, predicate, rest = line.split(" ", 2)
            value = rest.removesuffix(" .")
            if subject[1:-1] in nodes:
                found.setdefault((_SUBJECTS, predicate), {})[subject] = None
                if predicate == _TYPE:
                    found.setdefault((_CLASS, value), {})[subject] = None
            if value[1:-1] in nodes:
                found.setdefault((_OBJECTS, predicate), {})[value] = None
        pairs = [
            (shape[1:-1], node[1:-1])
            for shape, predicate, value in self._roots
            for node in found.get((predicate, value), ())
        ]
        roots = [
            shape
            for shape, predicate, value in self._roots
            if predicate not in _LOOKED_UP or (predicate, value) in found
        ]
        return "".join(self._reached(roots)), pairs

    def _reached(self, roots: Iterable[str]) -> Iterator[str]:
        queue = list(roots)
        seen: set[str] = set()
        while queue:
            subject = queue.pop()
            if subject in seen or subject not in self._lines:
                continue
            seen.add(subject)
            yield from self._lines[subject]
            queue += self._objects[subject]
