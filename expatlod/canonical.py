"""Spell out a record: its canonical form, with the place of every value.

The canonical form is the record with its shorthand spelled out: codes are IRIs, a period has its
bounds, "ca. 500" is a quantity, and every part is named. With the published context it is JSON-LD.
What cannot be spelled out is a finding, and the rest goes on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath as File
from zlib import crc32

from expatlod import faults
from expatlod.errors import ERROR, LANGUAGES, Finding, Text
from expatlod.fields import CODE, IRI, LITERAL, PART, REFERENCE, TEXT, Field, RecordClass
from expatlod.guesses import MEANT_LANGUAGES, alike, fits, likeliest, meant_key, nearest, slug
from expatlod.iris import is_iri, is_local_name
from expatlod.lexical import is_lexical
from expatlod.paths import field_at, part_ids, value_at
from expatlod.periods import Bounds, bounds
from expatlod.profile import Model
from expatlod.records.files import TABLES, ending
from expatlod.records.record import Path, Record, Value

__all__ = [
    "LANGUAGE_TAG",
    "MAIL",
    "Node",
    "Spelling",
    "bound_of",
    "identify",
    "is_language_map",
    "kebab",
    "many",
    "single",
]

#: A node of the canonical form: plain JSON.
Node = dict[str, object]

#: Language, script, region and one variant, RFC 5646 section 2.1: parsers of RDF refuse the rest.
LANGUAGE_TAG = re.compile(
    "[a-z]{2,3}(?:-[a-zA-Z]{4})?(?:-(?:[a-zA-Z]{2}|[0-9]{3}))?"
    "(?:-(?:[a-zA-Z0-9]{5,8}|[0-9][a-zA-Z0-9]{3}))?"
)

# So many fields more of another class say that the type is a mistake.
_SURELY = 3

#: What is written of a mail's address where an IRI is wanted.
MAIL = re.compile("[^@/ ]+@[^@/ ]+")


def identify(base: str, segment: str, name: str) -> str:
    """Return the IRI of the record called *name*.

    >>> identify("https://example.org/", "boat", "a-17")
    'https://example.org/id/boat/a-17'
    """
    return f"{base}id/{segment}/{name}"


def many(value: object) -> list[object]:
    """Return *value* as a list: in the canonical form one value stands alone."""
    return value if isinstance(value, list) else [value]


@dataclass(slots=True)
class Spelling:
    """The spelling out of one record.

    *faulty* names the places in the graph that are left out as faulty, as (node, property).
    *places* says which path of the record each value came from, by (node, property) and then
    value, a text with its language; "" stands for the field as a whole, and (node, "") for the
    node. *kinds* holds the name of each node's class. *aliases* are names that were probably meant
    for nodes whose own id cannot be used, so that who refers to one is not blamed as well.
    *left_out* holds what is no value of its datatype and no code of its list: node, property, and
    a codelist or the empty string, and what the author wrote.
    """

    model: Model
    base: str
    record: Record
    iri: str = ""
    findings: list[Finding] = field(default_factory=list)
    faulty: set[tuple[str, str]] = field(default_factory=set)
    places: dict[tuple[str, str], dict[str, Path]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    left_out: list[tuple[str, str, str, str]] = field(default_factory=list)
    _around: list[tuple[RecordClass, str, dict[str, Value]]] = field(default_factory=list)

    def spell(self) -> Node | None:
        """Return the canonical record, or None when its type cannot even be guessed."""
        data = self._named(self.record.data)
        kind = self._kind(data)
        if kind is None:
            return None
        identifier = data.get("id")
        prefix = identify(self.base, kind.segment, "")
        if isinstance(identifier, str):
            # The canonical form can be read as a record again.
            identifier = identifier.removeprefix(prefix)
        if not isinstance(identifier, str) or not is_local_name(identifier):
            self._fault(("id",) if "id" in data else (), faults.no_id(identifier))
            # The other faults are told under a name that no id can have and no other record has.
            place = str(self.record.at())
            called = identifier if isinstance(identifier, str) else File(self.record.source).stem
            identifier = f"-{crc32(place.encode('utf-8', 'surrogateescape'))}"
            self.aliases[prefix + slug(called)] = prefix + identifier
        self.iri = prefix + identifier
        return self._node(kind, data, (), self.iri)

    def _named(self, data: dict[str, Value]) -> dict[str, Value]:
        """Return *data* with `id` and `type` under these names, reporting others for them."""
        missing = [name for name in ("id", "type") if name not in data]
        if not missing:
            return data
        named = dict(data)
        known = {key for kind in self.model.record_classes for key in kind.fields}
        for name in missing:
            other = next((key for key in data if key not in known and alike(key, name)), "")
            if other:
                self._fault((other,), faults.misspelt_key(other, name), key=True)
                named[name] = named.pop(other)
        return named

    def _kind(self, data: dict[str, Value]) -> RecordClass | None:
        """Return the class of the record; where its type is faulty, the one probably meant."""
        kinds = {kind.name: kind for kind in self.model.record_classes}
        given = data.get("type")
        name = given[0] if isinstance(given, list) and given else given
        if not isinstance(name, str) or name not in kinds:
            self._fault(("type",) if "type" in data else (), faults.unknown_type(name, kinds))
            meant = nearest(name, kinds) if isinstance(name, str) else ""
            return kinds.get(meant or likeliest(data, kinds.values()))
        kind = kinds[name]
        if isinstance(given, list) and not all(each in kind.types for each in given):
            self._fault(("type",), faults.no_type(faults.named(("type",), None), given, kind))
            return kind
        other = kinds.get(likeliest(data, kinds.values()))
        if other is not None and fits(data, other) >= fits(data, kind) + _SURELY:
            self._fault(("type",), faults.other_type(name, other))
            return other
        return kind

    # -- nodes

    def _node(
        self, kind: RecordClass, value: Value, path: Path, iri: str, index: int | None = None
    ) -> Node:
        """Return the canonical node of *value* at *path*, the *index*-th of its list (from 0)."""
        self.places[iri, ""] = {"": path}
        self.kinds[iri] = kind.name
        node: Node = {"id": iri, "type": list(kind.types) if len(kind.types) > 1 else kind.types[0]}
        given = self._keys(kind, value, path, iri)
        self._around.append((kind, iri, value if isinstance(value, dict) else {}))
        for each in kind.fields.values():
            if each.computed:
                continue
            if each.key in given:
                source, at = given[each.key]
                found = self._field(each, source, at, iri)
            elif each.default:
                found = [each.default]
                self.places.setdefault((iri, each.path), {})[each.default] = path
            else:
                continue
            if found:
                node[each.key] = _merged(found) if each.kind == TEXT else single(found)
        self._around.pop()
        self._compute(kind, node, path, index)
        for each in kind.fields.values():
            if each.computed and each.key in given and given[each.key][0] != node.get(each.key):
                at = given[each.key][1]
                self._fault(at, faults.computed(self._said(at)), iri, each.path, key=True)
        return {key: node[key] for key in ("id", "type", *kind.fields) if key in node}

    def _keys(
        self, kind: RecordClass, value: Value, path: Path, iri: str
    ) -> dict[str, tuple[Value, Path]]:
        """Return the fields of a node with their values, written forms read."""
        if not isinstance(value, dict):
            if kind.text_key and isinstance(value, str):
                return {kind.text_key: (value, path)}
            if kind.written_in and isinstance(value, str):
                return self._written(kind, value, path, iri)
            self._fault(path, faults.no_fields(self._said(path), value, kind), iri)
            self._all_faulty(kind, iri)
            return {}
        text_field = kind.fields.get(kind.text_key)
        if text_field and text_field.kind == TEXT and is_language_map(value, kind):
            texts = {key: words for key, words in value.items() if key != "id"}
            return {kind.text_key: (texts, path)}
        found: dict[str, tuple[Value, Path]] = {}
        outside = _outside(self.model, kind, value)
        unknown = False
        for key, item in value.items():
            at = (*path, key)
            if key in outside.values():
                self.faulty.add((iri, kind.fields[key].path))
            if key == "type" and path:
                self._check_type(kind, item, at)
            elif key in kind.fields:
                if item or key not in outside.values():
                    found[key] = (item, at)
            elif key in outside:
                above = kind.fields[outside[key]]
                if key == next(each for each in outside if outside[each] == outside[key]):
                    self._fault(at, faults.outside(key, above), iri, above.path, key=True)
            elif key not in ("id", "type") and (not key or key != kind.written_in):
                meant = self._unknown(kind, key, at)
                unknown = True
                if meant and meant not in value and meant not in found:
                    # What is meant is there, if under another name: it is not missing as well. Nor
                    # are the parts in it, which others may point at.
                    if item and kind.fields[meant].kind == PART:
                        found[meant] = (item, at)
                    else:
                        self.faulty.add((iri, kind.fields[meant].path))
        if path and unknown and not found:
            # What was meant cannot be told; that it is missing is no second mistake.
            self._all_faulty(kind, iri)
        if kind.written_in and kind.written_in in value:
            self._add_written(kind, value[kind.written_in], (*path, kind.written_in), iri, found)
        return found

    def _unknown(self, kind: RecordClass, key: str, at: Path) -> str:
        """Report a key that is no field here; return the field's key that was probably meant."""
        if self._too_deep(key, at):
            return ""
        inner = [
            each.key
            for each in kind.fields.values()
            if each.kind == PART and key in self.model.classes_by_iri[each.target].fields
        ]
        self._fault(at, faults.unknown_key(key, kind, inner), key=True)
        meant = meant_key(key, kind)
        return meant if meant in kind.fields else ""

    def _too_deep(self, key: str, at: Path) -> bool:
        """Report a key that is a field of what stands around, if it is one that is not there."""
        for kind, iri, value in reversed(self._around):
            each = kind.fields.get(key)
            if each is not None and not each.computed and key not in value:
                self._fault(at, faults.too_deep(key, kind), iri, each.path, key=True)
                return True
        return False

    def _add_written(
        self,
        kind: RecordClass,
        value: Value,
        path: Path,
        iri: str,
        found: dict[str, tuple[Value, Path]],
    ) -> None:
        """Add to *found* what a written form under its key fills."""
        if not isinstance(value, str):
            name = self._said(path)
            fault = faults.no_single_value(name, value) if value else faults.empty(name)
            self._fault(path, fault, iri)
            self._all_faulty(kind, iri)
            return
        for key, (text, at) in self._written(kind, value, path, iri).items():
            if key in found and found[key][0] != text:
                self._fault(
                    found[key][1], faults.twice(self._said(found[key][1]), kind.written_in), iri
                )
            found.setdefault(key, (text, at))

    def _written(
        self, kind: RecordClass, text: str, path: Path, iri: str
    ) -> dict[str, tuple[Value, Path]]:
        """Read a written form such as `ca. 500` into the fields it fills."""
        for form in kind.forms:
            read = form.read(text.strip())
            if read is not None:
                return {key: (value, path) for key, value in read.items()}
        self._fault(path, faults.no_form(self._said(path), text, kind), iri)
        self._all_faulty(kind, iri)
        return {}

    def _field(self, each: Field, value: Value, path: Path, iri: str) -> list[object]:
        """Return the canonical values of a field, those that are none reported and left out."""
        found: list[object] = []
        places = self.places.setdefault((iri, each.path), {})
        places.setdefault("", path)
        if value in (None, "", [], {}):
            self._fault(path, faults.empty(self._said(path)), iri, each.path)
            return []
        listed = isinstance(value, list)
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            at = (*path, index) if listed else path
            if each.kind == PART:
                part = self._part(each, item, at, iri, index if each.many else None)
                found.append(part)
                places.setdefault(str(part["id"]), at)
            elif each.kind == TEXT:
                texts = self._text(each, item, at, iri)
                if texts:
                    found.append(texts)
                for tag, words in texts.items():
                    for number, word in enumerate(many(words)):
                        inside = (*at, tag, number) if isinstance(words, list) else (*at, tag)
                        places.setdefault(f"{word}@{tag.lower()}", inside)
            else:
                scalar = self._scalar(each, item, at, iri)
                if scalar and scalar not in found:
                    found.append(scalar)
                    places.setdefault(scalar, at)
        return found

    def _part(self, each: Field, value: Value, path: Path, above: str, index: int | None) -> Node:
        """Return the canonical node of a part, named by its own id or by its place."""
        kind = self.model.classes_by_iri[each.target]
        fragment = above.partition("#")[2]
        name = kebab(each.key) if index is None else f"{kebab(each.key)}-{index + 1}"
        name = f"{fragment}-{name}" if fragment else name
        own = value.get("id") if isinstance(value, dict) else None
        if isinstance(own, str):
            own = own.removeprefix(f"{self.iri}#")
        if isinstance(value, dict) and "id" in value:
            usable = isinstance(own, str) and is_local_name(own)
            if usable and f"{self.iri}#{own}" not in self.kinds:
                name = str(own)
            else:
                before = self.places.get((f"{self.iri}#{own}", ""), {}).get("") if usable else None
                fault = faults.no_part_id(own)
                if before is not None:
                    fault = faults.used_part_id(own, self.record.at((*before, "id")).line)
                self._fault((*path, "id"), fault)
                if isinstance(own, str):
                    self.aliases[f"{self.iri}#{slug(own)}"] = f"{self.iri}#{name}"
        iri = f"{self.iri}#{name}"
        number = 1
        while iri in self.kinds:
            number += 1
            iri = f"{self.iri}#{name}-{number}"
        return self._node(kind, value, path, iri, index)

    # -- values

    def _text(self, each: Field, value: Value, path: Path, iri: str) -> dict[str, object]:
        """Return a text in each of its languages."""
        if not isinstance(value, dict):
            self._fault(
                path, faults.no_language(self._said(path), self._cure(each)), iri, each.path
            )
            return {}
        texts: dict[str, object] = {}
        for tag, words in value.items():
            at = (*path, tag)
            items = words if isinstance(words, list) else [words]
            if not LANGUAGE_TAG.fullmatch(tag) or tag in MEANT_LANGUAGES:
                if not self._too_deep(tag, at):
                    fault = faults.language(self._said(at), tag)
                    self._fault(at, fault, iri, each.path, key=True)
            elif any(isinstance(item, dict | list) and item for item in items):
                fault = faults.no_single_value(self._said(at), words)
                self._fault(at, fault, iri, each.path)
            elif not all(isinstance(item, str) and item.strip() for item in items):
                self._fault(at, faults.empty(self._said(at)), iri, each.path)
            else:
                texts[tag] = list(items) if isinstance(words, list) else words
        return texts

    def _scalar(self, each: Field, value: Value, path: Path, iri: str) -> str:
        """Return the canonical value of a field that is neither text nor part."""
        if not isinstance(value, str):
            name = self._said(path)
            fault = faults.no_single_value(name, value) if value else faults.empty(name)
            self._fault(path, fault, iri, each.path)
            return ""
        if each.kind == LITERAL:
            return self._literal(each, value, path, iri)
        if each.kind == CODE:
            return self._code(each, value, path, iri)
        return self._pointer(each, value, path, iri)

    def _literal(self, each: Field, value: str, path: Path, iri: str) -> str:
        value = value.strip()
        if "\n" in value or "\r" in value:
            self._fault(path, faults.no_line(self._said(path)), iri, each.path)
            return ""
        if is_lexical(value, each.datatype):
            return value
        fault = faults.no_value(self._said(path), value, each.datatype, self._cure(each))
        self._fault(path, fault, iri, each.path)
        self.left_out.append((iri, each.path, "", value))
        return ""

    def _code(self, each: Field, value: str, path: Path, iri: str) -> str:
        codes = self.model.codelists[each.codelist]
        found = codes.find(value)
        if found is None and value in self.model.code_facts:
            found = value
        if found is not None:
            return found
        self._fault(
            path, faults.no_code(self._said(path), value, codes, table=self._table), iri, each.path
        )
        self.left_out.append((iri, each.path, each.codelist, value))
        return ""

    def _pointer(self, each: Field, value: str, path: Path, iri: str) -> str:
        """Return the IRI that a reference stands for."""
        target = self.model.classes_by_iri[each.target] if each.kind == REFERENCE else None
        if value.startswith("#") and each.kind == IRI and is_local_name(value[1:]):
            return self.iri + value
        if target is not None and is_local_name(value):
            return identify(self.base, target.segment, value)
        if is_iri(value):
            return value
        if MAIL.fullmatch(value) and is_iri(f"mailto:{value}"):
            return f"mailto:{value}"
        parts = part_ids(self.record.data) if each.kind == IRI else ()
        fault = faults.no_iri(self._said(path), value, target, parts, table=self._table)
        self._fault(path, fault, iri, each.path)
        return ""

    # -- computed values

    def _compute(self, kind: RecordClass, node: Node, path: Path, index: int | None) -> None:
        """Fill the fields that follow from others, or from the place in the author's list."""
        sources = {each.path: each for each in kind.fields.values()}
        iri = str(node["id"])
        for each in kind.fields.values():
            if each.computed == "position" and index is not None:
                node[each.key] = str(index + 1)
            source = sources.get(each.computed_from)
            if not each.computed or source is None or source.key not in node:
                continue
            written = node[source.key]
            if not isinstance(written, str):
                # There are several, and the shapes say so; what is not computed is not missing.
                self.faulty.add((iri, each.path))
                continue
            value = bound_of(each.computed, bounds(written))
            if value is not None:
                node[each.key] = value
                at = self.places.get((iri, source.path), {}).get("", path)
                self.places[iri, each.path] = {"": at}

    # -- findings

    def _fault(
        self, path: Path, fault: faults.Fault, focus: str = "", term: str = "", *, key: bool = False
    ) -> None:
        """Report a fault at the value that stands at *path*, or at its key."""
        at = self.record.at_key(path) if key else self.record.at(path)
        if focus and term:
            self.faulty.add((focus, term))
        field = self._field_at(path)
        self.findings.append(
            Finding(
                at,
                ERROR,
                fault.rule,
                fault.message,
                fault.help,
                self.model.curie(term) if term else "",
                focus,
                field.name if field else {},
                str(path[-1]) if key and path else value_at(self.record.data, path),
            )
        )

    @property
    def _table(self) -> bool:
        """Whether the record is a row of a table, where lists are written otherwise."""
        return ending(self.record.source) in TABLES

    def _said(self, path: Path) -> Text:
        """Return *path* as an author would say it, in each language."""
        return faults.named(path, self._field_at(path))

    def _field_at(self, path: Path) -> Field | None:
        """Return the field that *path* leads to or into."""
        return field_at(self.model, self.kinds.get(self.iri, ""), path)

    def _all_faulty(self, kind: RecordClass, iri: str) -> None:
        self.faulty.update((iri, each.path) for each in kind.fields.values())

    def _check_type(self, kind: RecordClass, given: Value, path: Path) -> None:
        """Report a type that is not that of the part: what a part is follows from its field."""
        if not all(name in kind.types for name in many(given)):
            self._fault(path, faults.no_type(self._said(path), given, kind))

    def _cure(self, each: Field) -> Text:
        """Return what the shapes say about how to mend the field."""
        return self.model.shape_texts(each.shape, "sh:message")


def _outside(model: Model, kind: RecordClass, value: Mapping[str, Value]) -> dict[str, str]:
    """Return the keys that belong inside the field before them, with its key.

    That is what lines become that are not indented. The field is empty, or a text that lacks the
    language.
    """
    outside: dict[str, str] = {}
    above = ""
    for key in value:
        each = kind.fields.get(key)
        if each is not None:
            above = "" if each.computed else key
        elif above and _belongs(model, kind.fields[above], value[above], key):
            outside[key] = above
    return outside


def _belongs(model: Model, each: Field, item: Value, key: str) -> bool:
    if each.kind == TEXT:
        return key in LANGUAGES and (not item or (isinstance(item, dict) and key not in item))
    return not item and each.kind == PART and key in model.classes_by_iri[each.target].fields


def bound_of(name: str, found: Bounds) -> object | None:
    """Return the bound called *name*, one of COMPUTATIONS, of a period, in canonical form."""
    if name in ("start", "end"):
        precise = found.start if name == "start" else found.end
        return precise and {"@value": precise[0], "@type": f"xsd:{precise[1]}"}
    values: Mapping[str, str | None] = {
        "earliestStart": found.earliest_start,
        "latestStart": found.latest_start,
        "earliestEnd": found.earliest_end,
        "latestEnd": found.latest_end,
    }
    return values.get(name)


def single(found: list[object]) -> object:
    """Return the only one of *found*, and else all: in the canonical form one stands alone."""
    return found[0] if len(found) == 1 else found


def _merged(found: list[object]) -> object:
    """Join language maps: the texts of one language come to stand in one list."""
    together: dict[str, list[object]] = {}
    for texts in found:
        assert isinstance(texts, dict)
        for tag, words in texts.items():
            together.setdefault(tag, []).extend(many(words))
    return {tag: single(list(dict.fromkeys(words))) for tag, words in together.items()}


def is_language_map(value: dict[str, Value], kind: RecordClass) -> bool:
    """Tell whether the keys of *value* are language tags and no fields of *kind*."""
    keys = [key for key in value if key != "id"]
    return bool(keys) and all(
        LANGUAGE_TAG.fullmatch(key) and key not in kind.fields for key in keys
    )


def kebab(key: str) -> str:
    """Return *key* as it stands in the names of parts.

    >>> kebab("focusArea")
    'focus-area'
    """
    return re.sub("([A-Z])", lambda match: "-" + match.group().lower(), key)
