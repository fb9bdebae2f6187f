"""Convert records with code that is written from the profile once: many times faster.

The interpretive converter (`expatlod.convert`) says what is right. The code here takes only
records that nothing is odd about, and its result is the same; the rest it leaves to the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from expatlod.canonical import is_language_map, single
from expatlod.profile import Model
from expatlod.records.json import parse_line
from expatlod.records.record import Value
from expatlod.records.text import LIMIT
from expatlod.writers import fragments, lines
from expatlod.writers.fragments import OddError, ZeroError
from expatlod.writers.source import RECORD, Way, Writing

__all__ = ["Writers", "Written"]

#: Fills the subjects with their fragments, and the names of the nodes; returns IRI and node.
_Function = Callable[
    [Mapping[str, Any], list[tuple[bytes, list[bytes]]], dict[str, int]],
    tuple[str, dict[str, object] | None],
]

_PLAIN = Way("plain", counted=True, escaped="")
_QUOTED = Way("quoted", counted=True, escaped='"')
_ESCAPED = Way("escaped", counted=True, escaped=fragments.ESCAPED)


def _texts_in(d: dict[str, object], key: str) -> dict[str, object]:
    """Return a part that is nothing but texts, by language, with the texts under their *key*."""
    own = {"id": d["id"]} if "id" in d else {}
    return {**own, key: {tag: words for tag, words in d.items() if tag != "id"}}


def _filled(d: Mapping[str, object], key: str, more: Mapping[str, str]) -> dict[str, object]:
    """Return *d* with what the written form under *key* fills instead of it."""
    if not more.keys().isdisjoint(d):
        raise OddError
    return {**{name: value for name, value in d.items() if name != key}, **more}


# What the code refers to by these names.
_NEEDED: Mapping[str, object] = {
    "OddError": OddError,
    "escape": fragments.escape,
    "filled": _filled,
    "is_language_map": is_language_map,
    "is_name": fragments.is_name,
    "language": fragments.language,
    "local_name": fragments.local_name,
    "merged": fragments.merged,
    "number": fragments.number,
    "pointer": fragments.pointer,
    "single": single,
    "texts_in": _texts_in,
    "typed": fragments.typed,
    "words": fragments.words,
}


class Written(NamedTuple):
    """A record without any fault: its IRI, the name of its class, its triples as N-Triples.

    *data* is the triples as UTF-8, which is what is made; *node* the canonical form, if that was
    asked for.
    """

    iri: str
    kind: str
    data: bytes
    node: dict[str, object] | None

    @property
    def triples(self) -> str:
        """The triples as text: every triple a line with its end."""
        return self.data.decode()


class Writers:
    """Converts records of one profile for one dataset, whose IRIs begin with *base*.

    Without *nodes* the canonical form is not made. The code is written and compiled when it is
    first needed; `source` shows it.
    """

    def __init__(self, model: Model, base: str, *, nodes: bool = True) -> None:
        self._writing = Writing(model, base, nodes)
        self._kinds = [
            (index, kind)
            for index, kind in enumerate(model.classes.values())
            if kind.segment and self._writing.ordinary
        ]
        self._compiled: dict[str, dict[object, _Function]] = {}

    @property
    def source(self) -> str:
        """The Python that is compiled, once for each way that records come."""
        ways = (_PLAIN, _QUOTED, _ESCAPED, RECORD)
        return "\n\n".join(f"# -- {way.name}\n\n\n{self._writing.code(way)}" for way in ways)

    @property
    def remembered(self) -> Mapping[str, int]:
        """How many values are remembered, by the name of the memo in `source`."""
        return {name: len(memo) for name, memo in self._writing.memos.items()}

    def line(self, data: bytes) -> Written | None:
        """Return what the record in a line of JSON Lines becomes, or None when it is not ordinary.

        *data* is the line without its end.
        """
        if len(data) > LIMIT or lines.refused(data):
            return None
        escaped = lines.escapes(data)
        if escaped and lines.suspect(data, escaped):
            return None
        try:
            record = lines.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if not isinstance(record, dict):
            return None
        try:
            way = _ESCAPED if escaped.strip(b'"') else _QUOTED if escaped else _PLAIN
            return self._write(record, way, lines.texts(data, escaped))
        except ZeroError:
            # Decoded, -0 is 0: the reader, who is slower, tells them apart.
            records, findings = parse_line(data.decode(), "", 1)
            return None if findings else self.record(records[0].data)

    def record(self, data: Mapping[str, Value]) -> Written | None:
        """Return what the *data* of a record becomes, or None when it is not ordinary."""
        return self._write(data, RECORD, 0)

    def _write(self, record: Mapping[str, Any], way: Way, texts: int) -> Written | None:
        """Return what *record* becomes; it has so many *texts*, if they are counted."""
        compiled = self._compiled.get(way.name) or self._compile(way)
        kind = record.get("type")
        if kind.__class__ is list and kind:
            kind = kind[0]
        if kind.__class__ is not str or kind not in compiled:
            return None
        out: list[tuple[bytes, list[bytes]]] = []
        names: dict[str, int] = {}
        try:
            iri, node = compiled[kind](record, out, names)
        except ZeroError:
            raise
        except (OddError, TypeError, UnicodeEncodeError):
            # A list or an object where a text is looked up is a TypeError.
            return None
        # Of two nodes with one name, one would have to be called otherwise.
        if len(names) != len(out) or sum(names.values()) != texts:
            return None
        data = b"".join([subject.join(ends) for subject, ends in out])
        return Written(iri, kind, data, node)

    def _compile(self, way: Way) -> dict[object, _Function]:
        code = compile(self._writing.code(way), f"<writers: {way.name}>", "exec")
        functions: dict[str, Any] = {**_NEEDED, **self._writing.values}
        exec(code, functions)  # noqa: S102  (ours: a profile's texts are in it as repr())
        self._writing.shorts(functions, way)
        self._compiled[way.name] = {
            kind.name: functions[f"record_{index}"] for index, kind in self._kinds
        }
        return self._compiled[way.name]
