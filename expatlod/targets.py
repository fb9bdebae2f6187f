"""Tell which shapes look at a node, so that pySHACL is given these and no others.

It spends most of its time on shapes that have nothing to look at, and on nodes that are there only
because another points at them.
"""

from __future__ import annotations

import re
from collections.abc import Container

from expatlod.namespaces import PREFIXES

__all__ = ["Targets"]

_TRIPLE = re.compile(r"(\S+) (\S+) (.*) \.\n")

_SH = PREFIXES["sh"]
_TYPE = f"<{PREFIXES['rdf']}type>"
_CLASSES = f"<{PREFIXES['rdfs']}Class>"

#: The targets that can be looked up in a graph, W3C SHACL section 2.1.3. All others are kept.
_CLASS = f"<{_SH}targetClass>"
_SUBJECTS = f"<{_SH}targetSubjectsOf>"
_OBJECTS = f"<{_SH}targetObjectsOf>"
_LOOKED_UP = (_CLASS, _SUBJECTS, _OBJECTS)
_TARGET = f"<{_SH}target"


class Targets:
    """What the shapes of a shapes graph, given as N-Triples, look at.

    *untargeted* is that graph without the targets that can be looked up.
    """

    def __init__(self, shapes: str) -> None:
        self._roots: list[tuple[str, str, str]] = []
        lines = []
        # Not splitlines: a literal may hold characters that it takes for ends of lines.
        for text in filter(None, shapes.split("\n")):
            line = f"{text}\n"
            match = _TRIPLE.fullmatch(line)
            assert match is not None
            subject, predicate, value = match.groups()
            if predicate not in _LOOKED_UP:
                lines.append(line)
            if predicate.startswith(_TARGET):
                self._roots.append((subject, predicate, value))
            elif (predicate, value) == (_TYPE, _CLASSES):
                # A shape that is a class looks at its instances, section 2.1.3.3.
                self._roots.append((subject, _CLASS, subject))
        self.untargeted = "".join(lines)

    def within(self, graph: str, nodes: Container[str]) -> tuple[list[str], list[tuple[str, str]]]:
        """Return the shapes that look at *nodes*, IRIs, in *graph*, as terms of N-Triples.

        What the targets say that can be looked up is returned beside them, as pairs of a shape and
        a node that it looks at. No class is taken for a subclass of another: a graph of records
        does not say so.
        """
        found: dict[tuple[str, str], dict[str, None]] = {}
        for line in filter(None, graph.split("\n")):
            subject, predicate, rest = line.split(" ", 2)
            value = rest.removesuffix(" .")
            if subject[1:-1] in nodes:
                found.setdefault((_SUBJECTS, predicate), {})[subject] = None
                if predicate == _TYPE:
                    found.setdefault((_CLASS, value), {})[subject] = None
            if value[:1] == "<" and value[1:-1] in nodes:
                found.setdefault((_OBJECTS, predicate), {})[value] = None
        # A node with several of the properties that a shape looks for is looked at once.
        pairs = dict.fromkeys(
            (shape, node)
            for shape, predicate, value in self._roots
            for node in found.get((predicate, value), ())
        )
        roots = dict.fromkeys(
            shape
            for shape, predicate, value in self._roots
            if predicate not in _LOOKED_UP or (predicate, value) in found
        )
        return list(roots), list(pairs)
