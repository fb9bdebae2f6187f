"""Turn a record into its canonical form, and the canonical form into N-Triples.

The canonical form is the record with its shorthand spelled out: codes are IRIs, a period has its
bounds, "ca. 500" is a quantity, and every part is named. With the published context it is JSON-LD,
and any processor reads from it the graph that is written here.

Nothing that cannot be converted is lost silently: it is a finding, and the rest goes on.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from expatlod.errors import ERROR, Finding, Text
from expatlod.iris import is_iri, is_local_name
from expatlod.lexical import expectation, is_lexical
from expatlod.namespaces import PREFIXES, expand
from expatlod.periods import Bounds, bounds
from expatlod.profile import (
    CODE,
    IRI,
    LITERAL,
    PART,
    REFERENCE,
    TEXT,
    Field,
    Model,
    RecordClass,
)
from expatlod.records.record import Path, Record, Value

__all__ = ["Converted", "Converter", "Node", "identify", "nearest"]

#: A node of the canonical form: plain JSON.
Node = dict[str, object]

_LANGUAGE = re.compile("[a-z]{2,3}(?:-[a-zA-Z0-9]{2,8})*")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of one record.

    *node* is its canonical form and *lines* its triples as N-Triples, both without what was
    found faulty. *faulty* names those places in the graph as (node, property).
    *places* says which path of the record each value of the graph came from, by
    (node, property) and then value; a node's own path stands under (node, ""). *kinds* holds the
    name of each node's class.
    """

    record: Record
    iri: str
    node: Node
    lines: tuple[str, ...]
    findings: tuple[Finding, ...]
    faulty: frozenset[tuple[str, str]]
    places: Mapping[tuple[str, str], Mapping[str, Path]]
    kinds: Mapping[str, str]


def nearest(word: str, candidates: Iterable[str]) -> str:
    """Return the candidate that *word* was probably meant to be, or the empty string."""
    by_fold = {candidate.casefold(): candidate for candidate in sorted(candidates, reverse=True)}
    found = difflib.get_close_matches(word.casefold()[:100], by_fold, n=1, cutoff=0.7)
    return by_fold[found[0]] if found else ""


def identify(base: str, segment: str, name: str) -> str:
    """Return the IRI of the record called *name*.

    >>> identify("https://example.org/", "boat", "a-17")
    'https://example.org/id/boat/a-17'
    """
    return f"{base}id/{segment}/{name}"


class Converter:
    """Converts records of one profile for one dataset, whose IRIs begin with *base*."""

    def __init__(self, model: Model, base: str) -> None:
        self.model = model
        self.base = base

    def convert(self, record: Record) -> Converted | tuple[Finding, ...]:
        """Return the converted *record*, or only findings when it has no type or id to stand on."""
        work = _Work(self.model, self.base, record)
        head = work.head()
        if head is None:
            return tuple(work.findings)
        kind, iri = head
        node = work.node(kind, record.data, (), iri, "")
        lines = tuple(dict.fromkeys(self._lines(kind, node)))
        return Converted(
            record,
            iri,
            node,
            lines,
            tuple(work.findings),
            frozenset(work.faulty),
            work.places,
            work.kinds,
        )

    def _lines(self, kind: RecordClass, node: Node) -> Iterator[str]:
        subject = f"<{node['id']}>"
        for name in kind.types:
            iri = expand(name, self.model.context_prefixes)
            if name in self.model.classes:
                iri = self.model.classes[name].iri
            yield f"{subject} <{PREFIXES['rdf']}type> <{iri}> ."
        nested: list[tuple[RecordClass, Node]] = []
        for each in kind.fields.values():
            if each.key not in node:
                continue
            predicate = f"{subject} <{each.path}>"
            for value in _many(node[each.key]):
                if each.kind == TEXT:
                    assert isinstance(value, dict)
                    for tag, texts in value.items():
                        for text in _many(texts):
                            yield f"{predicate} {_literal(str(text))}@{tag.lower()} ."
                elif each.kind == PART:
                    assert isinstance(value, dict)
                    nested.append((self.model.classes_by_iri[each.target], value))
                    yield f"{predicate} <{value['id']}> ."
                elif isinstance(value, dict):
                    datatype = expand(str(value["@type"]), self.model.context_prefixes)
                    yield f"{predicate} {_literal(str(value['@value']))}^^<{datatype}> ."
                elif each.kind == LITERAL:
                    suffix = f"^^<{each.datatype}>"
                    if each.datatype == PREFIXES["xsd"] + "string":
                        suffix = ""
                    yield f"{predicate} {_literal(str(value))}{suffix} ."
                else:
                    yield f"{predicate} <{value}> ."
        for part_kind, part in nested:
            yield from self._lines(part_kind, part)


def _literal(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _many(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


@dataclass(slots=True)
class _Work:
    """The conversion of one record."""

    model: Model
    base: str
    record: Record
    iri: str = ""
    findings: list[Finding] = field(default_factory=list)
    faulty: set[tuple[str, str]] = field(default_factory=set)
    places: dict[tuple[str, str], dict[str, Path]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    # -- the record as a whole

    def head(self) -> tuple[RecordClass, str] | None:
        """Return the record's class and IRI, or None with findings."""
        kinds = {kind.name: kind for kind in self.model.record_classes}
        given = self.record.data.get("type")
        name = given[0] if isinstance(given, list) and given else given
        if not isinstance(name, str) or name not in kinds:
            shown = f" '{name}'" if isinstance(name, str) else ""
            known = ", ".join(sorted(kinds))
            self.fault(
                ("type",) if "type" in self.record.data else (),
                "record:type",
                {
                    "da": f"typen{shown} kendes ikke" if shown else "posten har ingen type",
                    "en": f"the type{shown} is not known" if shown else "the record has no type",
                },
                self.suggest(
                    str(name),
                    kinds,
                    {"da": f"skriv 'type:' og en af {known}", "en": f"write 'type:' and {known}"},
                ),
            )
            return None
        kind = kinds[name]
        identifier = self.record.data.get("id")
        prefix = identify(self.base, kind.segment, "")
        if isinstance(identifier, str) and identifier.startswith(prefix):
            identifier = identifier[len(prefix) :]
        if not isinstance(identifier, str) or not is_local_name(identifier):
            shown = f" '{_short(identifier)}'" if isinstance(identifier, str) else ""
            self.fault(
                ("id",) if "id" in self.record.data else (),
                "record:id",
                {
                    "da": f"id{shown} kan ikke bruges" if shown else "posten har intet id",
                    "en": f"the id{shown} cannot be used" if shown else "the record has no id",
                },
                {
                    "da": "skriv små bogstaver a-z, tal og enkelte bindestreger: 'min-post-2'",
                    "en": "write small letters a-z, digits and single hyphens: 'my-record-2'",
                },
            )
            return None
        self.iri = prefix + identifier
        return kind, self.iri

    # -- nodes

    def node(
        self,
        kind: RecordClass,
        value: Value,
        path: Path,
        iri: str,
        fragment: str,
        index: int | None = None,
    ) -> Node:
        """Return the canonical node of *value* at *path*, the *index*-th of its list (from 0)."""
        self.places[iri, ""] = {"": path}
        self.kinds[iri] = kind.name
        node: Node = {"id": iri, "type": list(kind.types) if len(kind.types) > 1 else kind.types[0]}
        given = self.keys(kind, value, path, iri)
        for each in kind.fields.values():
            if each.computed:
                continue
            if each.key in given:
                source, at = given[each.key]
                found = self.field(each, source, at, iri, fragment)
            elif each.default:
                found = [each.default]
                self.places.setdefault((iri, each.path), {})[each.default] = path
            else:
                continue
            if found:
                node[each.key] = _merged(found) if each.kind == TEXT else _single(found)
        self.compute(kind, node, path, index)
        for each in kind.fields.values():
            if each.computed and each.key in given and given[each.key][0] != node.get(each.key):
                self.computed(each, given[each.key][1], iri)
        return _ordered(kind, node)

    def keys(
        self, kind: RecordClass, value: Value, path: Path, iri: str
    ) -> dict[str, tuple[Value, Path]]:
        """Return the fields of a node with their values, written forms read."""
        if not isinstance(value, dict):
            if kind.text_key and isinstance(value, str):
                return {kind.text_key: (value, path)}
            if kind.written_in and isinstance(value, str):
                return self.written(kind, value, path, iri)
            self.fault(
                path,
                "record:kind",
                {
                    "da": f"{_words(path)} skal have felter, ikke {_kind_of(value)['da']}",
                    "en": f"{_words(path)} takes fields, not {_kind_of(value)['en']}",
                },
                {
                    "da": f"skriv felterne på linjer under: {_some(kind)}",
                    "en": f"write its fields on lines below: {_some(kind)}",
                },
                iri,
            )
            self.faulty.update((iri, each.path) for each in kind.fields.values())
            return {}
        text_field = kind.fields.get(kind.text_key)
        if text_field and text_field.kind == TEXT and value and _is_language_map(value, kind):
            texts = {key: words for key, words in value.items() if key != "id"}
            return {kind.text_key: (texts, path)}
        found: dict[str, tuple[Value, Path]] = {}
        for key, item in value.items():
            at = (*path, key)
            if key == "type" and path:
                self.check_type(kind, item, at)
            if key in ("id", "type"):
                continue
            if key == kind.written_in:
                if isinstance(item, str):
                    for name, read in self.written(kind, item, at, iri).items():
                        found.setdefault(name, read)
                else:
                    self.wrong_kind(at, item, iri, "")
                    self.faulty.update((iri, each.path) for each in kind.fields.values())
            elif key in kind.fields:
                found[key] = (item, at)
            else:
                self.unknown_key(kind, key, at)
        return found

    def written(
        self, kind: RecordClass, text: str, path: Path, iri: str
    ) -> dict[str, tuple[Value, Path]]:
        """Read a written form such as `ca. 500` into the fields it fills."""
        for form in kind.forms:
            read = form.read(text.strip())
            if read is not None:
                return {key: (value, path) for key, value in read.items()}
        examples = ", ".join(f"'{each}'" for each in kind.examples)
        self.fault(
            path,
            "record:form",
            {
                "da": f"{_words(path)} '{_short(text)}' kan ikke læses som {_name(kind, 'da')}",
                "en": f"{_words(path)} '{_short(text)}' cannot be read as {_name(kind, 'en')}",
            },
            {
                "da": f"skriv for eksempel {examples}; tal uden tusindtegn",
                "en": f"write for example {examples}; numbers without thousands separators",
            },
            iri,
        )
        self.faulty.update((iri, each.path) for each in kind.fields.values())
        return {}

    def field(self, each: Field, value: Value, path: Path, iri: str, fragment: str) -> list[object]:
        """Return the canonical values of a field, those that are none reported and left out."""
        found: list[object] = []
        places = self.places.setdefault((iri, each.path), {})
        places.setdefault("", path)
        if value in (None, "", [], {}):
            self.fault(
                path,
                "record:empty",
                {"da": f"{_words(path)} er tomt", "en": f"{_words(path)} is empty"},
                {
                    "da": "skriv en værdi, eller slet linjen",
                    "en": "write a value, or delete the line",
                },
                iri,
                each.path,
            )
            return []
        listed = isinstance(value, list)
        items = value if isinstance(value, list) else [value]
        for index, item in enumerate(items):
            at = (*path, index) if listed else path
            if each.kind == PART:
                found.append(
                    self.part(each, item, at, index if listed or each.many else None, fragment)
                )
                part = found[-1]
                assert isinstance(part, dict)
                places.setdefault(str(part["id"]), at)
            elif each.kind == TEXT:
                texts = self.text(each, item, at, iri)
                if texts:
                    found.append(texts)
                for tag, words in texts.items():
                    for number, word in enumerate(_many(words)):
                        inside = (*at, tag, number) if isinstance(words, list) else (*at, tag)
                        places.setdefault(f"{word}@{tag.lower()}", inside)
            else:
                single = self.scalar(each, item, at, iri)
                if single and single not in found:
                    found.append(single)
                    places.setdefault(single, at)
        return found

    def part(self, each: Field, value: Value, path: Path, index: int | None, fragment: str) -> Node:
        """Return the canonical node of a part, named by its own id or by its place."""
        kind = self.model.classes_by_iri[each.target]
        name = _kebab(each.key) if index is None else f"{_kebab(each.key)}-{index + 1}"
        name = f"{fragment}-{name}" if fragment else name
        own = value.get("id") if isinstance(value, dict) else None
        if own is not None:
            if isinstance(own, str):
                own = own.removeprefix(f"{self.iri}#")
            if (
                isinstance(own, str)
                and is_local_name(own)
                and f"{self.iri}#{own}" not in self.kinds
            ):
                name = own
            else:
                self.fault(
                    (*path, "id"),
                    "record:id",
                    {
                        "da": f"id '{_short(own)}' er brugt før eller kan ikke bruges",
                        "en": f"the id '{_short(own)}' is used before or cannot be used",
                    },
                    {
                        "da": "skriv et andet navn af små bogstaver, tal og bindestreger",
                        "en": "write another name of small letters, digits and hyphens",
                    },
                )
        iri = f"{self.iri}#{name}"
        number = 1
        while iri in self.kinds:
            number += 1
            iri = f"{self.iri}#{name}-{number}"
        return self.node(kind, value, path, iri, iri[len(self.iri) + 1 :], index)

    # -- values

    def text(self, each: Field, value: Value, path: Path, iri: str) -> dict[str, object]:
        """Return a text in each of its languages."""
        if not isinstance(value, dict):
            self.fault(
                path,
                "record:language",
                {
                    "da": f"{_words(path)} siger ikke hvilket sprog det er på",
                    "en": f"{_words(path)} does not say which language it is in",
                },
                {
                    "da": "skriv 'da: …' og 'en: …' på hver sin linje under feltet",
                    "en": "write 'da: …' and 'en: …' on lines of their own below the field",
                },
                iri,
                each.path,
            )
            return {}
        texts: dict[str, object] = {}
        for tag, words in value.items():
            at = (*path, tag)
            items = words if isinstance(words, list) else [words]
            if not _LANGUAGE.fullmatch(tag):
                self.fault(
                    at,
                    "record:language",
                    {
                        "da": f"{_words(at)}: '{_short(tag)}' er ikke et sprog",
                        "en": f"{_words(at)}: '{_short(tag)}' is not a language",
                    },
                    {"da": "skriv da eller en", "en": "write da or en"},
                    iri,
                    each.path,
                    key=True,
                )
            elif not all(isinstance(item, str) and item.strip() for item in items):
                self.fault(
                    at,
                    "record:empty",
                    {"da": f"{_words(at)} er tomt", "en": f"{_words(at)} is empty"},
                    {
                        "da": "skriv teksten, eller slet linjen",
                        "en": "write the text, or delete the line",
                    },
                    iri,
                    each.path,
                )
            else:
                texts[tag] = list(items) if isinstance(words, list) else words
        return texts

    def scalar(self, each: Field, value: Value, path: Path, iri: str) -> str:
        """Return the canonical value of a field that is neither text nor part."""
        if not isinstance(value, str):
            self.wrong_kind(path, value, iri, each.path)
            return ""
        if each.kind == LITERAL:
            return self.literal(each, value, path, iri)
        if each.kind == CODE:
            return self.code(each, value, path, iri)
        return self.pointer(each, value, path, iri)

    def literal(self, each: Field, value: str, path: Path, iri: str) -> str:
        if is_lexical(value, each.datatype):
            return value
        expected = expectation(each.datatype)
        self.fault(
            path,
            "sh:datatype",
            {
                "da": f"{_words(path)} '{_short(value)}' er ikke {expected['da']}",
                "en": f"{_words(path)} '{_short(value)}' is not {expected['en']}",
            },
            self.cure(each),
            iri,
            each.path,
        )
        return ""

    def code(self, each: Field, value: str, path: Path, iri: str) -> str:
        codes = self.model.codelists[each.codelist]
        found = codes.find(value)
        if found is None and value in self.model.code_facts:
            found = value
        if found is not None:
            return found
        spellings = {
            word
            for concept in codes.concepts
            for word in (concept.notation, *concept.labels.values())
        }
        name = self.model.curie(each.codelist).rsplit("/", 1)[-1]
        self.fault(
            path,
            "sh:node",
            {
                "da": f"{_words(path)} '{_short(value)}' står ikke i kodelisten {name}",
                "en": f"{_words(path)} '{_short(value)}' is not in the codelist {name}",
            },
            self.suggest(value, spellings, self.cure(each)),
            iri,
            each.path,
        )
        return ""

    def pointer(self, each: Field, value: str, path: Path, iri: str) -> str:
        """Return the IRI that a reference stands for."""
        if value.startswith("#") and each.kind == IRI and is_local_name(value[1:]):
            return self.iri + value
        if each.kind == REFERENCE and is_local_name(value):
            return identify(self.base, self.model.classes_by_iri[each.target].segment, value)
        if is_iri(value):
            return value
        cure: Text = {
            "da": "skriv en hel adresse, der begynder med https://",
            "en": "write a whole address that begins with https://",
        }
        if each.kind == REFERENCE:
            label = self.model.classes_by_iri[each.target].label
            cure = {
                "da": f"skriv id'et på en {label.get('da', '')}-post: a-z, 0-9 og bindestreg",
                "en": f"write the id of a {label.get('en', '')} record: a-z, 0-9 and hyphens",
            }
        self.fault(
            path,
            "record:iri",
            {
                "da": f"{_words(path)} '{_short(value)}' er hverken et id eller en adresse",
                "en": f"{_words(path)} '{_short(value)}' is neither an id nor an address",
            },
            cure,
            iri,
            each.path,
        )
        return ""

    # -- computed values

    def compute(self, kind: RecordClass, node: Node, path: Path, index: int | None) -> None:
        """Fill the fields that follow from others, or from the place in the author's list."""
        sources = {each.path: each for each in kind.fields.values()}
        for each in kind.fields.values():
            if each.computed == "position" and index is not None:
                node[each.key] = str(index + 1)
            source = sources.get(each.computed_from)
            if not each.computed or source is None or source.key not in node:
                continue
            value = _bound(each.computed, bounds(str(node[source.key])))
            if value is not None:
                node[each.key] = value
                self.places[str(node["id"]), each.path] = {
                    "": next(
                        iter(self.places.get((str(node["id"]), source.path), {"": path}).values())
                    )
                }

    # -- findings

    def fault(
        self,
        path: Path,
        rule: str,
        message: Text,
        help: Text,
        focus: str = "",
        term: str = "",
        *,
        key: bool = False,
    ) -> None:
        at = self.record.at_key(path) if key else self.record.at(path)
        if focus and term:
            self.faulty.add((focus, term))
        shown = self.model.curie(term) if term else ""
        self.findings.append(Finding(at, ERROR, rule, message, help, shown, focus))

    def check_type(self, kind: RecordClass, given: Value, path: Path) -> None:
        """Report a type that is not that of the part: what a part is follows from its field."""
        names = given if isinstance(given, list) else [given]
        if all(name in kind.types for name in names):
            return
        self.fault(
            path,
            "record:type",
            {
                "da": f"{_words(path)} '{_short(given)}' er ikke typen her",
                "en": f"{_words(path)} '{_short(given)}' is not the type here",
            },
            {
                "da": f"slet linjen; typen er {kind.name} (arten skrives i et andet felt)",
                "en": f"delete the line; the type is {kind.name} (the kind is another field)",
            },
        )

    def wrong_kind(self, path: Path, value: Value, iri: str, term: str) -> None:
        kind = _kind_of(value)
        self.fault(
            path,
            "record:kind",
            {
                "da": f"{_words(path)} skal være en enkelt værdi, ikke {kind['da']}",
                "en": f"{_words(path)} takes a single value, not {kind['en']}",
            },
            {
                "da": "skriv værdien på samme linje; sæt anførselstegn om tekst med klammer",
                "en": "write the value on the same line; put quotes around text with brackets",
            },
            iri,
            term,
        )

    def unknown_key(self, kind: RecordClass, key: str, path: Path) -> None:
        keys = [each.key for each in kind.fields.values() if not each.computed]
        if kind.written_in:
            keys.append(kind.written_in)
        name = {"da": _name(kind, "da"), "en": _name(kind, "en")}
        self.fault(
            path,
            "record:unknown",
            {
                "da": f"{name['da']} har intet felt '{_short(key)}'",
                "en": f"{name['en']} has no field '{_short(key)}'",
            },
            self.suggest(
                key,
                keys,
                {"da": f"felterne er {', '.join(keys)}", "en": f"its fields are {', '.join(keys)}"},
            ),
            key=True,
        )

    def computed(self, each: Field, path: Path, iri: str) -> None:
        self.fault(
            path,
            "record:computed",
            {
                "da": f"{_words(path)} beregnes og stemmer ikke med det beregnede",
                "en": f"{_words(path)} is computed and differs from what was computed",
            },
            {"da": "slet linjen", "en": "delete the line"},
            iri,
            each.path,
            key=True,
        )

    def cure(self, each: Field) -> Text:
        """Return what the shapes say about how to mend the field."""
        return self.model.shape_texts(each.shape, "sh:message")

    def suggest(self, word: str, candidates: Iterable[str], otherwise: Text) -> Text:
        near = nearest(word, candidates) if word else ""
        if not near:
            return otherwise
        return {"da": f"mente du '{near}'?", "en": f"did you mean '{near}'?"}


def _bound(name: str, found: Bounds) -> object | None:
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


def _ordered(kind: RecordClass, node: Node) -> Node:
    keys = ("id", "type", *kind.fields)
    return {key: node[key] for key in keys if key in node}


def _single(found: list[object]) -> object:
    return found[0] if len(found) == 1 else found


def _merged(found: list[object]) -> object:
    """Join language maps: the texts of one language come to stand in one list."""
    together: dict[str, list[object]] = {}
    for texts in found:
        assert isinstance(texts, dict)
        for tag, words in texts.items():
            together.setdefault(tag, []).extend(_many(words))
    return {tag: _single(list(dict.fromkeys(words))) for tag, words in together.items()}


def _is_language_map(value: dict[str, Value], kind: RecordClass) -> bool:
    keys = [key for key in value if key != "id"]
    return bool(keys) and all(_LANGUAGE.fullmatch(key) and key not in kind.fields for key in keys)


def _kebab(key: str) -> str:
    return re.sub("([A-Z])", lambda match: "-" + match.group().lower(), key)


def _words(path: Path) -> str:
    """Return *path* as an author would say it: funding 2 share."""
    return " ".join(str(step + 1) if isinstance(step, int) else _short(step) for step in path)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _name(kind: RecordClass, language: str) -> str:
    return kind.label.get(language, kind.name)


def _some(kind: RecordClass) -> str:
    return ", ".join(f"{key}:" for key in list(kind.fields)[:4])


def _kind_of(value: Value) -> Text:
    if isinstance(value, dict):
        return {"da": "flere felter", "en": "several fields"}
    if isinstance(value, list):
        return {"da": "en liste", "en": "a list"}
    if value is None:
        return {"da": "ingenting", "en": "nothing"}
    return {"da": f"'{_short(value)}'", "en": f"'{_short(value)}'"}
