"""Compare two versions of a record field by field.

Parts are named by their place, so that one that is inserted renames those after it. Which part is
which is therefore found by what they hold, and by their names only where that does not tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from expatlod.diff.change import ADDED, CHANGED, REMOVED, REORDERED, Change
from expatlod.diff.names import Names, joined, label_field, language, plain, title
from expatlod.diff.written import keys, written
from expatlod.errors import LANGUAGES, Text
from expatlod.fields import LITERAL, PART, TEXT, Field, RecordClass
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model

__all__ = ["Comparison", "Graph", "graph"]

#: What is said of nodes: the values of their properties, by IRI.
Graph = Mapping[str, Mapping[str, Sequence["ox.NamedNode | ox.Literal"]]]

_Term = ox.NamedNode | ox.Literal

#: What `_flat` holds: the properties that lead to a value, and the value.
_Flat = frozenset[tuple[str, ...]]

_TYPE = PREFIXES["rdf"] + "type"

# So many parts are in each other, in data that no profile describes.
_DEEPEST = 20

# So many pairs of parts are weighed; of more, those belong together that have one name.
_WEIGHED = 10_000

# What two parts have in common at least when they have different names.
_LIKE = 0.5

#: How many values of a part say what it is.
_TELLING = 4


def graph(lines: bytes) -> Graph:
    """Return what N-Triples say."""
    nodes: dict[str, dict[str, list[_Term]]] = {}
    for triple in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES):
        subject, value = triple.subject, triple.object
        assert isinstance(subject, ox.NamedNode)
        assert isinstance(value, ox.NamedNode | ox.Literal)
        values = nodes.setdefault(subject.value, {})
        values.setdefault(triple.predicate.value, []).append(value)
    return nodes


@dataclass(frozen=True, slots=True)
class Comparison:
    """Compares the record *name*, as it was and as it is.

    With *known_only*, properties that the class has no field for are passed over.
    """

    model: Model
    names: Names
    name: str
    old: Graph
    new: Graph
    known_only: bool = False
    _renamed: dict[str, str] = field(default_factory=dict)
    _paired: dict[tuple[str, str], _Parts] = field(default_factory=dict)

    def changes(self, kind: RecordClass | None) -> tuple[Change, ...]:
        """Return what has changed in the record, of the class *kind*."""
        if kind is not None:
            self._match(kind, self.name, self.name, 0)
        return tuple(self._node(kind, self.name, self.name, plain("")))

    # -- which part is which

    def _match(self, kind: RecordClass, was: str, now: str, depth: int) -> None:
        """Pair the parts of the nodes *was* and *now*, and the parts of these."""
        for each in kind.fields.values():
            if each.kind != PART or depth > _DEEPEST:
                continue
            if each.path not in self.old.get(was, {}) and each.path not in self.new.get(now, {}):
                continue
            inner = self.model.classes_by_iri[each.target]
            olds = self._parts(self.old, each, was)
            news = self._parts(self.new, each, now)
            parts = self._pair(each, inner, olds, news, was, now)
            self._paired[was, each.path] = parts
            for old, new in parts.pairs:
                self._renamed[old] = new
                self._match(inner, old, new, depth + 1)

    def _parts(self, nodes: Graph, each: Field, above: str) -> list[str]:
        """Return the parts that the node *above* has for a field, in their author's order."""
        found = [
            value.value
            for value in nodes.get(above, {}).get(each.path, ())
            if isinstance(value, ox.NamedNode)
            and value.value.startswith(f"{self.name}#")
            and value.value in nodes
            and value.value != above
        ]
        return sorted(found, key=lambda iri: (self._place(nodes, each, iri, above), iri))

    def _place(self, nodes: Graph, each: Field, iri: str, above: str) -> int:
        """Return the number of a part in its list; 0 when nothing tells it."""
        for inner in self.model.classes_by_iri[each.target].fields.values():
            if inner.computed == "position":
                for value in nodes[iri].get(inner.path, ()):
                    if value.value.isdecimal():
                        return int(value.value[:9])
        return self.names.number(each, iri, above)

    def _pair(
        self,
        each: Field,
        kind: RecordClass,
        olds: Sequence[str],
        news: Sequence[str],
        was: str,
        now: str,
    ) -> _Parts:
        before = {iri: self._flat(self.old, kind, iri) for iri in olds}
        after = {iri: self._flat(self.new, kind, iri) for iri in news}
        left, right = list(olds), list(news)
        pairs: list[tuple[str, str]] = []

        def take(old: str, new: str) -> None:
            pairs.append((old, new))
            left.remove(old)
            right.remove(new)

        for old in olds:
            if old in after and before[old] == after[old]:
                take(old, old)
        same: dict[_Flat, list[str]] = {}
        for new in right:
            same.setdefault(after[new], []).append(new)
        for old in tuple(left):
            if same.get(before[old]):
                take(old, same[before[old]].pop(0))
        for old in tuple(left):
            # Who names a part means that it is this one.
            if old in right and not (each.many and self.names.number(each, old, was)):
                take(old, old)
        if len(left) * len(right) <= _WEIGHED:
            for old, new in _likely(left, right, before, after):
                if old in left and new in right:
                    take(old, new)
        for old in tuple(left):
            if old in right:
                take(old, old)
        if not each.many and left and right:
            take(left[0], right[0])
        newer = {iri: place for place, iri in enumerate(news)}
        pairs.sort(key=lambda pair: newer[pair[1]])
        placed = all(
            self._place(self.old, each, old, was) and self._place(self.new, each, new, now)
            for old, new in pairs
        )
        older = {iri: place for place, iri in enumerate(olds)}
        order = [older[old] for old, _ in pairs]
        return _Parts(
            tuple(pairs), tuple(left), tuple(right), moved=placed and order != sorted(order)
        )

    def _flat(
        self, nodes: Graph, kind: RecordClass | None, iri: str, way: tuple[str, ...] = ()
    ) -> _Flat:
        """Return all values of a part and its parts; which parts it points at does not count."""
        found: set[tuple[str, ...]] = set()
        for path, values in nodes[iri].items():
            each = kind.field_of(path) if kind else None
            if each is not None and each.computed:
                continue
            for value in values:
                if not self._own(value):
                    found.add((*way, path, str(value)))
                elif each is None or each.kind != PART or value.value not in nodes:
                    found.add((*way, path, "#"))
                elif len(way) < _DEEPEST:
                    inner = self.model.classes_by_iri[each.target]
                    found |= self._flat(nodes, inner, value.value, (*way, path))
        return frozenset(found)

    def _own(self, value: _Term) -> bool:
        return isinstance(value, ox.NamedNode) and value.value.startswith(f"{self.name}#")

    # -- what is different

    def _node(self, kind: RecordClass | None, was: str, now: str, where: Text) -> Iterator[Change]:
        """Yield what is different between a node as it was and as it is."""
        old, new = self.old.get(was, {}), self.new.get(now, {})
        known: set[str] = {_TYPE}
        if kind is not None:
            known |= {each.path for each in kind.fields.values()}
            yield from self._written(kind, was, now, where)
            filled = keys(kind)
            for each in kind.fields.values():
                if each.computed or each.key in filled:
                    continue
                olds, news = old.get(each.path, ()), new.get(each.path, ())
                if olds == news and not any(map(self._own, olds)):
                    continue
                name = self.names.field(each, each.path)
                at = where if each.key == kind.text_key else joined(where, name)
                if each.kind == PART:
                    yield from self._part(each, was, now, where)
                yield from self._values(each, each.path, was, now, at)
        if not self.known_only:
            for path in sorted((old.keys() | new.keys()) - known):
                at = joined(where, self.names.field(None, path))
                yield from self._values(None, path, was, now, at)
            if kind is None or not where["en"]:
                at = joined(where, {"da": "type", "en": "type"})
                yield from self._values(None, _TYPE, was, now, at)

    def _part(self, each: Field, was: str, now: str, where: Text) -> Iterator[Change]:
        kind = self.model.classes_by_iri[each.target]
        parts = self._paired.get((was, each.path), _Parts())
        path = self.model.curie(each.path)
        name = self.names.field(each, each.path)
        for old, new in parts.pairs:
            yield from self._node(kind, old, new, joined(where, self.names.part(each, new, now)))
        for old in parts.removed:
            label = self._shown(self.old, kind, old)
            yield Change(REMOVED, joined(where, name), was, path, old=old, old_label=label)
        for new in parts.added:
            label = self._shown(self.new, kind, new)
            yield Change(ADDED, joined(where, name), now, path, new=new, new_label=label)
        if parts.moved:
            yield Change(REORDERED, joined(where, name), now, path)

    def _written(self, kind: RecordClass, was: str, now: str, where: Text) -> Iterator[Change]:
        """Yield the change of what authors write as one value."""
        old, new = self._filled(self.old, kind, was), self._filled(self.new, kind, now)
        if old == new:
            return
        state = CHANGED if old and new else ADDED if new else REMOVED
        path = self.model.curie(kind.iri)
        old_label, new_label = self._form(kind, old), self._form(kind, new)
        yield Change(state, where, now, path, "", was, now, old_label, new_label)

    def _values(
        self, each: Field | None, path: str, was: str, now: str, where: Text
    ) -> Iterator[Change]:
        """Yield the values of a property that are gone and those that came."""
        is_part = each is not None and each.kind == PART
        olds = [v for v in self.old.get(was, {}).get(path, ()) if not (is_part and self._own(v))]
        news = [v for v in self.new.get(now, {}).get(path, ()) if not (is_part and self._own(v))]
        stayed = {self._renamed.get(v.value, v.value) if self._own(v) else v for v in olds} & {
            v.value if self._own(v) else v for v in news
        }
        gone = [
            v
            for v in olds
            if (self._renamed.get(v.value, v.value) if self._own(v) else v) not in stayed
        ]
        come = [v for v in news if (v.value if self._own(v) else v) not in stayed]
        if not gone and not come:
            return
        tags = dict.fromkeys(_tag(each) for each in (*olds, *news) if _tag(each))
        # Of a list with one value, another one takes its place.
        single = len(olds) == len(news) == 1
        single = single or (each is not None and (not each.many or each.kind == TEXT))
        for tag in (*sorted(tags), ""):
            mine = sorted((v for v in gone if _tag(v) == tag), key=str)
            others = sorted((v for v in come if _tag(v) == tag), key=str)
            at = joined(where, language(tag)) if tag else where
            curie = self.model.curie(path)
            if single and len(mine) == len(others) == 1:
                old, new = mine[0], others[0]
                labels = self._label(old), self._label(new)
                yield Change(CHANGED, at, now, curie, tag, old.value, new.value, *labels)
                continue
            for value in mine:
                label = self._label(value)
                yield Change(REMOVED, at, was, curie, tag, old=value.value, old_label=label)
            for value in others:
                label = self._label(value)
                yield Change(ADDED, at, now, curie, tag, new=value.value, new_label=label)

    # -- values in words

    def _label(self, value: _Term) -> Text:
        if isinstance(value, ox.Literal):
            return plain(value.value)
        if not self._own(value):
            return self.names.of(value.value)
        return plain("#" + value.value.partition("#")[2])

    def _filled(self, nodes: Graph, kind: RecordClass, iri: str) -> Mapping[str, str]:
        """Return the values that a written form of the part fills, by key."""
        filled = keys(kind)
        return {
            each.key: values[0].value
            for each in kind.fields.values()
            if each.key in filled and (values := nodes.get(iri, {}).get(each.path))
        }

    def _form(self, kind: RecordClass, values: Mapping[str, str]) -> Text:
        """Return a part as its author writes it, or else its values with their names."""
        if not values:
            return plain("")
        texts = {each: written(self.model, kind, values, each) for each in LANGUAGES}
        if all(texts.values()):
            return texts
        named = []
        for key, value in values.items():
            each = kind.fields[key]
            if value == each.default:
                continue
            known = self.names.concept(value) if each.codelist else {}
            named.append(joined(self.names.field(each, each.path), known or plain(value)))
        return {each: ", ".join(text[each] for text in named) for each in LANGUAGES}

    def _shown(self, nodes: Graph, kind: RecordClass, iri: str, depth: int = 0) -> Text:
        """Return what tells people which part this is."""
        filled = self._filled(nodes, kind, iri)
        if filled:
            return self._form(kind, filled)
        values = nodes.get(iri, {})
        for each in (kind.fields.get(kind.text_key), label_field(kind)):
            if each is None or each.path not in values:
                continue
            if each.kind == LITERAL:
                return self._label(values[each.path][0])
            return self._said(nodes, each, values[each.path], depth)
        told = [
            self._said(nodes, each, values[each.path], depth)
            for each in kind.fields.values()
            if each.path in values and not each.computed
        ][:_TELLING]
        return {each: ", ".join(text[each] for text in told) for each in LANGUAGES}

    def _said(self, nodes: Graph, each: Field, values: Sequence[_Term], depth: int) -> Text:
        """Return the values of a field in words; of a text, only its language."""
        if each.kind == TEXT:
            return title(values)
        texts = []
        for value in sorted(values, key=str):
            if each.kind == PART and value.value in nodes and depth < _DEEPEST:
                inner = self.model.classes_by_iri[each.target]
                texts.append(self._shown(nodes, inner, value.value, depth + 1))
            else:
                texts.append(self._label(value))
        if each.kind == LITERAL:
            # A number alone tells nothing.
            texts[0] = joined(self.names.field(each, each.path), texts[0])
        return {tag: ", ".join(text[tag] for text in texts) for tag in LANGUAGES}


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a field: those that are in both versions, and those that are in one.

    *moved* tells that those in both stand in another order.
    """

    pairs: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    moved: bool = False


def _likely(
    left: Iterable[str],
    right: Sequence[str],
    before: Mapping[str, _Flat],
    after: Mapping[str, _Flat],
) -> list[tuple[str, str]]:
    """Return the pairs that have much in common, those that have most first."""
    weighed = []
    for old in left:
        for new in right:
            size = max(len(before[old]), len(after[new]), 1)
            likeness = len(before[old] & after[new]) / size
            if likeness >= _LIKE:
                weighed.append((-likeness, old != new, old, new))
    return [(old, new) for _, _, old, new in sorted(weighed)]


def _tag(value: _Term) -> str:
    return (value.language or "") if isinstance(value, ox.Literal) else ""
