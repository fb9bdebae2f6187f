"""Read a profile (ontology, context, shapes, codelists) into the model that the engine works from.

Every field of a record is known from here: its key from the context, its place in a record, its
name, help, datatype, codelist and default from the shapes. No Python names a field.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import msgspec
import pyoxigraph as ox

from expatlod.errors import ProfileError, Text
from expatlod.namespaces import PREFIXES, curie, expand
from expatlod.resources import Folder

__all__ = [
    "CODE",
    "COMPUTATIONS",
    "IRI",
    "LITERAL",
    "PART",
    "REFERENCE",
    "TEXT",
    "Codelist",
    "Concept",
    "Field",
    "Form",
    "Model",
    "RecordClass",
    "load",
    "lookup_key",
]

#: What the value of a field is.
TEXT = "text"  # a text in each language: {"da": …, "en": …}
LITERAL = "literal"  # one typed value
CODE = "code"  # a concept of a codelist
PART = "part"  # a node of its own inside the record
REFERENCE = "reference"  # another record, by its id
IRI = "iri"  # any IRI, or "#part" of the same record

#: What can be computed for a field: its place in the author's list, or a bound of a period.
COMPUTATIONS = (
    "position",
    "earliestStart",
    "latestStart",
    "earliestEnd",
    "latestEnd",
    "start",
    "end",
)

_NUMBER = r"[0-9]+(?:\.(?:[0-9]{1,2}|[0-9]{4,}))?"
_XSD_STRING = PREFIXES["xsd"] + "string"
_LANG_STRING = PREFIXES["rdf"] + "langString"


def lookup_key(text: str) -> str:
    """Return what two spellings of one code or label have in common.

    Case, spaces, hyphens and punctuation do not count; letters and digits do.

    >>> lookup_key("Foreign Workers") == lookup_key("foreign-workers")
    True
    """
    folded = unicodedata.normalize("NFC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


@dataclass(frozen=True, slots=True)
class Concept:
    """A code: its IRI, notation, and preferred label in each language."""

    iri: str
    notation: str
    labels: Text


@dataclass(frozen=True, slots=True)
class Codelist:
    """A SKOS concept scheme whose concepts a field takes."""

    iri: str
    concepts: tuple[Concept, ...]
    spellings: Mapping[str, str]

    def find(self, text: str) -> str | None:
        """Return the IRI of the concept that *text* names by notation or label, if one does."""
        return self.spellings.get(lookup_key(text))


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a record or a part, and what its values are.

    *default* is an IRI. *computed* is one of COMPUTATIONS, *computed_from* the property it is
    computed from. A text is one value in several languages, whatever *many* says.
    """

    key: str
    path: str
    shape: str
    kind: str
    name: Text
    help: Text
    order: float
    datatype: str = ""
    codelist: str = ""
    target: str = ""
    default: str = ""
    many: bool = True
    required: bool = False
    computed: str = ""
    computed_from: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A way to write a part as one value; each named group fills the keys it names."""

    pattern: re.Pattern[str]

    @property
    def keys(self) -> set[str]:
        """The keys that the form can fill."""
        return {key for group in self.pattern.groupindex for key in group.split("__")}

    def read(self, text: str) -> dict[str, str] | None:
        """Return the keys that *text* fills, or None when it is not of this form."""
        match = self.pattern.fullmatch(text)
        if match is None:
            return None
        return {
            key: value.strip()
            for group, value in match.groupdict().items()
            if value is not None
            for key in group.split("__")
        }


@dataclass(frozen=True, slots=True)
class RecordClass:
    """A class of records, or of parts of records (then *segment* is empty).

    *types* are the names written as the node's types: the class, then its direct superclasses.
    """

    name: str
    iri: str
    label: Text
    help: Text
    segment: str
    types: tuple[str, ...]
    fields: Mapping[str, Field]
    text_key: str = ""
    written_in: str = ""
    forms: tuple[Form, ...] = ()
    examples: tuple[str, ...] = ()

    def field_of(self, path: str) -> Field | None:
        """Return the field whose property is *path*."""
        return next((field for field in self.fields.values() if field.path == path), None)


@dataclass(frozen=True, slots=True)
class _Term:
    iri: str
    coercion: str
    language_map: bool


class Model:
    """All that the engine knows about a domain.

    *context* is the JSON-LD context as it is published; *classes* are by name, *codelists* by the
    IRI of their scheme. *codes* and *shapes* are the graphs as N-Triples lines and quads.
    """

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.context: Mapping[str, object] = _context(folder.context)
        self._ontology = _graph((*folder.ontology, *folder.codes))
        self._shapes = _graph(folder.shapes)
        entries = {name: value for name, value in self.context.items() if not name.startswith("@")}
        self.context_prefixes: Mapping[str, str] = {
            name: value
            for name, value in entries.items()
            if isinstance(value, str) and value.endswith(("#", "/"))
        }
        #: Every prefix that the profile or the standards need, for writing and for messages.
        self.prefixes: Mapping[str, str] = MappingProxyType(
            dict(sorted({**PREFIXES, **self.context_prefixes}.items()))
        )
        self._terms = {
            name: self._term(value)
            for name, value in entries.items()
            if name not in self.context_prefixes and name not in ("id", "type")
        }
        self.codelists: Mapping[str, Codelist] = MappingProxyType(dict(self._read_codelists()))
        self.classes: Mapping[str, RecordClass] = MappingProxyType(dict(self._read_classes()))

    # -- what others ask for

    @cached_property
    def classes_by_iri(self) -> Mapping[str, RecordClass]:
        """The classes by the IRI of the class."""
        return {each.iri: each for each in self.classes.values()}

    @property
    def record_classes(self) -> tuple[RecordClass, ...]:
        """The classes that have files of their own."""
        return tuple(each for each in self.classes.values() if each.segment)

    @cached_property
    def shape_fields(self) -> Mapping[str, Field]:
        """The fields by the IRI of their property shape."""
        return {
            field.shape: field for each in self.classes.values() for field in each.fields.values()
        }

    @cached_property
    def concepts(self) -> Mapping[str, Concept]:
        """Every concept by its IRI."""
        return {each.iri: each for codes in self.codelists.values() for each in codes.concepts}

    @cached_property
    def code_facts(self) -> Mapping[str, str]:
        """What the shapes ask about a concept, as N-Triples lines, by the concept's IRI."""
        skos = PREFIXES["skos"]
        facts: dict[str, str] = {}
        for node, scheme in _pairs(self._ontology, "skos:inScheme"):
            lines = (
                f"{node} <{skos}inScheme> <{scheme}> .\n"
                f"{node} <{PREFIXES['rdf']}type> <{skos}Concept> .\n"
            )
            facts[node.value] = facts.get(node.value, "") + lines
        return facts

    @cached_property
    def shapes_text(self) -> str:
        """The shapes graph as N-Triples, in a stable order."""
        return "".join(sorted(f"{quad.triple} .\n" for quad in self._shapes))

    def curie(self, iri: str) -> str:
        """Return *iri* shortened for people."""
        return curie(iri, self.prefixes)

    def label(self, iri: str) -> Text:
        """Return the label of a term of the ontology in each language, empty if it has none."""
        for source in (self._ontology, self._shapes):
            for name in ("skos:prefLabel", "rdfs:label"):
                found = _texts(source, ox.NamedNode(iri), name)
                if found:
                    return found
        return {}

    def value(self, subject: str, predicate: str) -> str:
        """Return one value that the ontology gives for *subject*, or the empty string."""
        return _one(self._ontology, ox.NamedNode(subject), predicate)

    def shape_texts(self, shape: str, predicate: str) -> Text:
        """Return the texts that the shapes give for *shape*, by language."""
        return _texts(self._shapes, ox.NamedNode(shape), predicate)

    def shape_value(self, shape: str, predicate: str) -> str:
        """Return one value that the shapes give for *shape*, or the empty string."""
        return _one(self._shapes, ox.NamedNode(shape), predicate) if ":" in shape else ""

    # -- reading

    def _term(self, value: object) -> _Term:
        if isinstance(value, str):
            return _Term(expand(value, self.context_prefixes), "", False)
        if not isinstance(value, Mapping) or not isinstance(value.get("@id"), str):
            raise ProfileError(f"{self.folder.context}: a term without @id: {value!r}")
        coercion = value.get("@type", "")
        if coercion != "@id":
            coercion = expand(str(coercion), self.context_prefixes)
        return _Term(
            expand(value["@id"], self.context_prefixes),
            coercion,
            value.get("@container") == "@language",
        )

    def _read_codelists(self) -> Iterator[tuple[str, Codelist]]:
        graph = self._ontology
        schemes: dict[str, list[Concept]] = {}
        spellings: dict[str, dict[str, str]] = {}
        for node, scheme in _pairs(graph, "skos:inScheme"):
            notation = _one(graph, node, "skos:notation")
            concept = Concept(_iri(node), notation, _texts(graph, node, "skos:prefLabel"))
            schemes.setdefault(scheme, []).append(concept)
            words = [notation, *concept.labels.values()]
            words += _values(graph, node, "skos:altLabel")
            words += _values(graph, node, "skos:hiddenLabel")
            for word in words:
                known = spellings.setdefault(scheme, {})
                if known.setdefault(lookup_key(word), concept.iri) != concept.iri:
                    raise ProfileError(f"{scheme}: '{word}' names two codes; give one another name")
        for scheme, concepts in sorted(schemes.items()):
            ordered = tuple(sorted(concepts, key=lambda each: each.notation))
            yield scheme, Codelist(scheme, ordered, MappingProxyType(spellings[scheme]))

    def _read_classes(self) -> Iterator[tuple[str, RecordClass]]:
        names = {term.iri: name for name, term in self._terms.items() if name[:1].isupper()}
        for shape, iri in _pairs(self._shapes, "sh:targetClass"):
            if iri not in names and not _is_rule(self._shapes, shape):
                raise ProfileError(f"{shape}: the context has no name for the class <{iri}>")
        targets = {
            iri: shape
            for shape, iri in _pairs(self._shapes, "sh:targetClass")
            if iri in names and not _is_rule(self._shapes, shape)
        }
        for iri, shape in sorted(targets.items(), key=lambda item: names[item[0]]):
            yield names[iri], self._read_class(names[iri], iri, shape, targets)

    def _read_class(
        self, name: str, iri: str, shape: ox.NamedNode, targets: Mapping[str, ox.NamedNode]
    ) -> RecordClass:
        graph = self._shapes
        keys = self._keys(name)
        ordered = [
            each for each in _nodes(graph, shape, "sh:property") if _one(graph, each, "sh:order")
        ]
        fields = [self._field(name, each, keys, targets) for each in ordered]
        fields.sort(key=lambda field: (field.order, field.key))
        above = _values(self._ontology, ox.NamedNode(iri), "rdfs:subClassOf")
        forms = [_form(shape, text) for text in _list(graph, shape, "rec:form")]
        keys_of_fields = {field.key for field in fields}
        text_key, written_in = (
            _one(graph, shape, "rec:textKey"),
            _one(graph, shape, "rec:writtenIn"),
        )
        filled = {key for form in forms for key in form.keys}
        for key in sorted(({text_key} | filled) - keys_of_fields - {""}):
            raise ProfileError(f"{shape}: '{key}' is no field of {name}")
        return RecordClass(
            name=name,
            iri=iri,
            label=_texts(graph, shape, "rdfs:label"),
            help=_texts(graph, shape, "rdfs:comment"),
            segment=_one(graph, shape, "rec:segment"),
            types=(name, *(curie(each, self.context_prefixes) for each in sorted(above))),
            fields=MappingProxyType({field.key: field for field in fields}),
            text_key=text_key,
            written_in=written_in,
            forms=tuple(forms),
            examples=tuple(sorted(_values(graph, shape, "rec:example"))),
        )

    def _keys(self, class_name: str) -> Mapping[str, tuple[str, _Term]]:
        """Return the keys that a node of the class may use, by property."""
        own = self.context[class_name]
        scoped = own.get("@context", {}) if isinstance(own, Mapping) else {}
        terms = dict(self._terms) | {key: self._term(value) for key, value in scoped.items()}
        keys: dict[str, tuple[str, _Term]] = {}
        for key, term in terms.items():
            if not key[:1].isupper():
                if term.iri in keys:
                    raise ProfileError(
                        f"{self.folder.context}: '{key}' and '{keys[term.iri][0]}' both mean "
                        f"<{term.iri}> in {class_name}; keep one"
                    )
                keys[term.iri] = (key, term)
        return keys

    def _field(
        self,
        class_name: str,
        shape: ox.NamedNode,
        keys: Mapping[str, tuple[str, _Term]],
        targets: Mapping[str, ox.NamedNode],
    ) -> Field:
        graph = self._shapes
        path = _one(graph, shape, "sh:path")
        if path not in keys:
            raise ProfileError(f"{shape}: the context has no key for <{path}> in {class_name}")
        key, term = keys[path]
        kind, codelist, target = self._kind(shape, targets)
        if kind == CODE and codelist not in self.codelists:
            raise ProfileError(f"{shape}: no codelist <{codelist}> in the ontology")
        computed = _one(graph, shape, "rec:computed").removeprefix(PREFIXES["rec"])
        if computed and computed not in COMPUTATIONS:
            raise ProfileError(
                f"{shape}: no computation 'rec:{computed}'; there are {', '.join(COMPUTATIONS)}"
            )
        datatype = term.coercion if kind == LITERAL else ""
        wanted = _one(graph, shape, "sh:datatype")
        if (kind == TEXT) != term.language_map or (datatype and datatype != wanted):
            raise ProfileError(f"{shape}: shape and context disagree about what '{key}' holds")
        return Field(
            key=key,
            path=path,
            shape=_iri(shape),
            kind=kind,
            name=_texts(graph, shape, "sh:name"),
            help=_texts(graph, shape, "sh:description"),
            order=float(_one(graph, shape, "sh:order")),
            datatype=datatype,
            codelist=codelist,
            target=target,
            default=_one(graph, shape, "sh:defaultValue"),
            many=_one(graph, shape, "sh:maxCount") != "1",
            required=_one(graph, shape, "sh:minCount") not in ("", "0"),
            computed=computed,
            computed_from=_one(graph, shape, "rec:computedFrom"),
        )

    def _kind(
        self, shape: ox.NamedNode, targets: Mapping[str, ox.NamedNode]
    ) -> tuple[str, str, str]:
        """Return what the field holds, its codelist, and the class of what it points at."""
        graph = self._shapes
        if _one(graph, shape, "sh:datatype") == _LANG_STRING:
            return TEXT, "", ""
        for node in _nodes(graph, shape, "sh:node"):
            for rule in _nodes(graph, node, "sh:property"):
                if _one(graph, rule, "sh:path") == PREFIXES["skos"] + "inScheme":
                    return CODE, _one(graph, rule, "sh:hasValue"), ""
        pointed = _one(graph, shape, "rec:reference")
        target = pointed or _one(graph, shape, "sh:class")
        if target in targets:
            if _one(graph, targets[target], "rec:segment"):
                return REFERENCE, "", target
            return (IRI if pointed else PART), "", target
        if _one(graph, shape, "sh:nodeKind") == PREFIXES["sh"] + "IRI":
            return IRI, "", ""
        return LITERAL, "", ""


def load(folder: Folder) -> Model:
    """Return the model of the profile in *folder*.

    Raises ProfileError, naming the file, when its parts contradict each other.
    """
    return Model(folder)


# -- reading graphs


def _context(path: Path) -> Mapping[str, object]:
    try:
        document = msgspec.json.decode(path.read_bytes())
    except msgspec.DecodeError as error:
        raise ProfileError(f"{path}: not JSON: {error}") from error
    context = document.get("@context") if isinstance(document, dict) else None
    if not isinstance(context, dict):
        raise ProfileError(f"{path}: no @context")
    return MappingProxyType(context)


def _graph(paths: tuple[Path, ...]) -> ox.Store:
    store = ox.Store()
    for path in paths:
        try:
            store.extend(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE))
        except SyntaxError as error:
            raise ProfileError(f"{path}:{error.lineno}:{error.offset}: {error.msg}") from error
    return store


def _form(shape: ox.NamedNode, text: str) -> Form:
    try:
        return Form(re.compile(text.replace("{number}", _NUMBER), re.IGNORECASE))
    except re.error as error:
        raise ProfileError(f"{shape}: the rec:form '{text}' is no pattern: {error}") from error


def _is_rule(graph: ox.Store, shape: ox.NamedNode) -> bool:
    """Tell whether a shape has no ordered properties: it holds rules about a class, not fields."""
    return not any(_one(graph, each, "sh:order") for each in _nodes(graph, shape, "sh:property"))


def _iri(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""


def _pairs(graph: ox.Store, predicate: str) -> Iterator[tuple[ox.NamedNode, str]]:
    """Yield subject and object of *predicate* where both are IRIs."""
    for quad in graph.quads_for_pattern(None, ox.NamedNode(expand(predicate)), None):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            yield quad.subject, quad.object.value


def _objects(graph: ox.Store, subject: ox.NamedNode, predicate: str) -> Iterator[object]:
    for quad in graph.quads_for_pattern(subject, ox.NamedNode(expand(predicate)), None):
        yield quad.object


def _nodes(graph: ox.Store, subject: ox.NamedNode, predicate: str) -> list[ox.NamedNode]:
    found = [each for each in _objects(graph, subject, predicate) if isinstance(each, ox.NamedNode)]
    return sorted(found, key=lambda node: node.value)


def _values(graph: ox.Store, subject: ox.NamedNode, predicate: str) -> list[str]:
    found = _objects(graph, subject, predicate)
    return sorted(each.value for each in found if isinstance(each, ox.NamedNode | ox.Literal))


def _one(graph: ox.Store, subject: ox.NamedNode, predicate: str) -> str:
    return next(iter(_values(graph, subject, predicate)), "")


def _texts(graph: ox.Store, subject: ox.NamedNode, predicate: str) -> Text:
    found = {
        each.language: each.value
        for each in _objects(graph, subject, predicate)
        if isinstance(each, ox.Literal) and each.language
    }
    return MappingProxyType(dict(sorted(found.items())))


def _list(graph: ox.Store, subject: ox.NamedNode, predicate: str) -> list[str]:
    """Return the members of an RDF list, as strings."""
    first, rest = (ox.NamedNode(PREFIXES["rdf"] + name) for name in ("first", "rest"))
    items = []
    for node in _objects(graph, subject, predicate):
        while isinstance(node, ox.BlankNode):
            value = next(graph.quads_for_pattern(node, first, None)).object
            items.append(value.value if isinstance(value, ox.Literal | ox.NamedNode) else "")
            node = next(graph.quads_for_pattern(node, rest, None)).object
    return items
