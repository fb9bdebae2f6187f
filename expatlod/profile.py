"""Read a profile (ontology, context, shapes, codelists) into the model that the engine works from.

Every field of a record is known from here: its key from the context, its place in a record, its
name, help, datatype, codelist and default from the shapes. No Python names a field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import msgspec
import pyoxigraph as ox

from expatlod import graphs
from expatlod.errors import LANGUAGES, ProfileError, Text, UsageError
from expatlod.fields import (
    CODE,
    COMPUTATIONS,
    IRI,
    LITERAL,
    PART,
    REFERENCE,
    TEXT,
    Codelist,
    Concept,
    Field,
    Form,
    RecordClass,
    Rule,
    lookup_key,
)
from expatlod.namespaces import PREFIXES, curie, expand
from expatlod.resources import Folder

__all__ = ["Model", "load"]

_NUMBER = r"[0-9]+(?:\.(?:[0-9]{1,2}|[0-9]{4,}))?"
#: What the properties of a shape begin with that are not about validity, W3C SHACL section 2.3.2.
_FOR_PEOPLE = (
    PREFIXES["rec"],
    *(PREFIXES["rdfs"] + name for name in ("label", "comment", "isDefinedBy")),
    *(PREFIXES["sh"] + name for name in ("name", "description", "order", "group", "defaultValue")),
)

_LANG_STRING = PREFIXES["rdf"] + "langString"


@dataclass(frozen=True, slots=True)
class _Term:
    iri: str
    coercion: str
    language_map: bool


class Model:
    """All that the engine knows about a domain.

    *context* is the JSON-LD context as it is published; *classes* are by name, *codelists* by the
    IRI of their scheme.
    """

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.context: Mapping[str, object] = _context(folder.context)
        self._ontology = graphs.load((*folder.ontology, *folder.codes))
        self._shapes = graphs.load(folder.shapes)
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
        #: What the codes of findings mean, by code; a profile need not say.
        self.rules: Mapping[str, Rule] = MappingProxyType(dict(self._read_rules()))

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
    def code_facts(self) -> Mapping[str, str]:
        """What the shapes ask about a concept, as N-Triples lines, by the concept's IRI."""
        skos = PREFIXES["skos"]
        facts: dict[str, str] = {}
        for node, scheme in graphs.pairs(self._ontology, "skos:inScheme"):
            lines = (
                f"{node} <{skos}inScheme> <{scheme}> .\n"
                f"{node} <{PREFIXES['rdf']}type> <{skos}Concept> .\n"
            )
            facts[node.value] = facts.get(node.value, "") + lines
        return facts

    @cached_property
    def shapes_text(self) -> str:
        """The shapes graph as N-Triples, in a stable order, as far as it says what is valid.

        Names, help and examples stay out: pySHACL looks at every triple of a shape, for every node.
        """
        return "".join(
            sorted(
                f"{quad.triple} .\n"
                for quad in self._shapes
                if not quad.predicate.value.startswith(_FOR_PEOPLE)
            )
        )

    def field_of(self, path: str) -> Field | None:
        """Return a field whose property is *path*: the first of those that the classes have."""
        return self._fields_by_path.get(path)

    @cached_property
    def _fields_by_path(self) -> Mapping[str, Field]:
        fields = [each for kind in self.classes.values() for each in kind.fields.values()]
        return {each.path: each for each in reversed(fields)}

    def label_of(self, iri: str) -> str:
        """Return the name of the class *iri* in records, else a short form of the IRI."""
        kind = self.classes_by_iri.get(iri)
        return kind.name if kind else self.curie(iri)

    def label_of_segment(self, segment: str) -> str:
        """Return the name of the class whose records have *segment* in their IRIs."""
        return next((each.name for each in self.record_classes if each.segment == segment), segment)

    def find_code(self, sibling: str, text: str) -> str | None:
        """Return the IRI of the code that *text* names in the codelist that *sibling* is in."""
        for codes in self.codelists.values():
            if any(concept.iri == sibling for concept in codes.concepts):
                return codes.find(text)
        return None

    @property
    def ontology(self) -> ox.Store:
        """The graph of the ontology and the codelists."""
        return self._ontology

    @property
    def shapes(self) -> ox.Store:
        """The shapes graph."""
        return self._shapes

    def class_called(self, text: str) -> RecordClass:
        """Return the record class that *text* names: its name, its label or its segment.

        Raises UsageError, naming the classes, when none is called so.
        """
        key = lookup_key(text)
        for each in self.record_classes:
            if key in map(lookup_key, (each.name, each.segment, *each.label.values())):
                return each
        known = ", ".join(each.name for each in self.record_classes)
        raise UsageError(f"no records of the class '{text}'; there are {known}")

    def is_list(self, kind: str, keys: Sequence[str]) -> bool:
        """Tell whether the field at *keys* in a record of the class *kind* takes several scalars.

        *keys* lead there through parts, list positions left out. Of a *kind* that is not known,
        which is a fault by itself, the field of any class will do.
        """
        kinds = (self.classes[kind],) if kind in self.classes else self.record_classes
        return any(self._is_list(each, keys) for each in kinds)

    def _is_list(self, kind: RecordClass, keys: Sequence[str]) -> bool:
        within: RecordClass | None = kind
        for key in keys[:-1]:
            part = within.fields.get(key) if within else None
            within = self.classes_by_iri[part.target] if part and part.kind == PART else None
        field = within.fields.get(keys[-1]) if within and keys else None
        if field is None or not field.many or field.kind == TEXT:
            return False
        if field.kind == PART:
            target = self.classes_by_iri[field.target]
            return bool(target.text_key or target.written_in)
        return True

    def curie(self, iri: str) -> str:
        """Return *iri* shortened for people."""
        return curie(iri, self.prefixes)

    def shape_texts(self, shape: str, predicate: str) -> Text:
        """Return the texts that the shapes give for *shape*, by language."""
        return graphs.texts(self._shapes, ox.NamedNode(shape), predicate)

    def shape_value(self, shape: str, predicate: str) -> str:
        """Return one value that the shapes give for *shape*, or the empty string."""
        return graphs.one(self._shapes, ox.NamedNode(shape), predicate) if ":" in shape else ""

    def term_texts(self, iri: str, predicate: str) -> Text:
        """Return the texts that the ontology and the codelists give for a term, by language."""
        return graphs.texts(self._ontology, ox.NamedNode(iri), predicate)

    def constrained(self, constraint: str) -> tuple[str, ...]:
        """Return the shapes that have *constraint*, such as sh:maxInclusive, in order of IRI."""
        predicate = ox.NamedNode(expand(constraint))
        quads = self._shapes.quads_for_pattern(None, predicate, None)
        found = {each.subject.value for each in quads if isinstance(each.subject, ox.NamedNode)}
        return tuple(sorted(found))

    def class_of_shape(self, shape: str) -> RecordClass | None:
        """Return the class that *shape* is about, if it is about the nodes of one class."""
        return self.classes_by_iri.get(self._classes_of_shapes.get(shape, ""))

    @cached_property
    def _classes_of_shapes(self) -> Mapping[str, str]:
        about = {shape.value: iri for shape, iri in graphs.pairs(self._shapes, "sh:targetClass")}
        for holder, held in graphs.pairs(self._shapes, "sh:property"):
            if holder.value in about:
                about.setdefault(held, about[holder.value])
        return about

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
        for node, scheme in graphs.pairs(graph, "skos:inScheme"):
            notation = graphs.one(graph, node, "skos:notation")
            concept = Concept(node.value, notation, graphs.texts(graph, node, "skos:prefLabel"))
            schemes.setdefault(scheme, []).append(concept)
            words = [notation, *concept.labels.values()]
            words += graphs.values(graph, node, "skos:altLabel")
            words += graphs.values(graph, node, "skos:hiddenLabel")
            for word in words:
                known = spellings.setdefault(scheme, {})
                if known.setdefault(lookup_key(word), concept.iri) != concept.iri:
                    raise ProfileError(f"{scheme}: '{word}' names two codes; give one another name")
        for scheme, concepts in sorted(schemes.items()):
            ordered = tuple(sorted(concepts, key=lambda each: each.notation))
            yield scheme, Codelist(scheme, ordered, MappingProxyType(spellings[scheme]))

    def _read_classes(self) -> Iterator[tuple[str, RecordClass]]:
        names = {term.iri: name for name, term in self._terms.items() if name[:1].isupper()}
        for shape, iri in graphs.pairs(self._shapes, "sh:targetClass"):
            if iri not in names and not _is_rule(self._shapes, shape):
                raise ProfileError(f"{shape}: the context has no name for the class <{iri}>")
        targets = {
            iri: shape
            for shape, iri in graphs.pairs(self._shapes, "sh:targetClass")
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
            each
            for each in graphs.nodes(graph, shape, "sh:property")
            if graphs.one(graph, each, "sh:order")
        ]
        fields = [self._field(name, each, keys, targets) for each in ordered]
        fields.sort(key=lambda field: (field.order, field.key))
        above = graphs.values(self._ontology, ox.NamedNode(iri), "rdfs:subClassOf")
        forms = [_form(shape, text) for text in graphs.items(graph, shape, "rec:form")]
        keys_of_fields = {field.key for field in fields}
        text_key, written_in = (
            graphs.one(graph, shape, "rec:textKey"),
            graphs.one(graph, shape, "rec:writtenIn"),
        )
        filled = {key for form in forms for key in form.keys}
        for key in sorted(({text_key} | filled) - keys_of_fields - {""}):
            raise ProfileError(f"{shape}: '{key}' is no field of {name}")
        return RecordClass(
            name=name,
            iri=iri,
            label=graphs.texts(graph, shape, "rdfs:label"),
            help=graphs.texts(graph, shape, "rdfs:comment"),
            segment=graphs.one(graph, shape, "rec:segment"),
            types=(name, *(curie(each, self.context_prefixes) for each in sorted(above))),
            fields=MappingProxyType({field.key: field for field in fields}),
            text_key=text_key,
            written_in=written_in,
            forms=tuple(forms),
            examples={
                language: tuple(graphs.said(graph, shape, "rec:example", language))
                for language in LANGUAGES
            },
            cure=graphs.texts(graph, shape, "sh:message"),
        )

    def _read_rules(self) -> Iterator[tuple[str, Rule]]:
        graph = self._ontology
        kind = PREFIXES["rec"] + "Rule"
        rules = [node for node, each in graphs.pairs(graph, "rdf:type") if each == kind]
        for node in sorted(rules, key=lambda each: each.value):
            code = graphs.one(graph, node, "skos:notation")
            yield (
                code,
                Rule(
                    code,
                    graphs.texts(graph, node, "rdfs:label"),
                    graphs.texts(graph, node, "skos:definition"),
                    graphs.texts(graph, node, "rec:why"),
                    graphs.one(graph, node, "rec:right"),
                    graphs.one(graph, node, "rec:wrong"),
                ),
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
        path = graphs.one(graph, shape, "sh:path")
        if path not in keys:
            raise ProfileError(f"{shape}: the context has no key for <{path}> in {class_name}")
        key, term = keys[path]
        kind, codelist, target = self._kind(shape, targets)
        if kind == CODE and codelist not in self.codelists:
            raise ProfileError(f"{shape}: no codelist <{codelist}> in the ontology")
        computed = graphs.one(graph, shape, "rec:computed").removeprefix(PREFIXES["rec"])
        if computed and computed not in COMPUTATIONS:
            raise ProfileError(
                f"{shape}: no computation 'rec:{computed}'; there are {', '.join(COMPUTATIONS)}"
            )
        datatype = term.coercion if kind == LITERAL else ""
        wanted = graphs.one(graph, shape, "sh:datatype")
        if (kind == TEXT) != term.language_map or (datatype and datatype != wanted):
            raise ProfileError(f"{shape}: shape and context disagree about what '{key}' holds")
        return Field(
            key=key,
            path=path,
            shape=shape.value,
            kind=kind,
            name=graphs.texts(graph, shape, "sh:name"),
            help=graphs.texts(graph, shape, "sh:description"),
            order=float(graphs.one(graph, shape, "sh:order")),
            datatype=datatype,
            codelist=codelist,
            target=target,
            default=graphs.one(graph, shape, "sh:defaultValue"),
            many=graphs.one(graph, shape, "sh:maxCount") != "1",
            required=graphs.one(graph, shape, "sh:minCount") not in ("", "0"),
            computed=computed,
            computed_from=graphs.one(graph, shape, "rec:computedFrom"),
            why=graphs.texts(graph, shape, "rec:why"),
            right=graphs.one(graph, shape, "rec:right"),
            wrong=graphs.one(graph, shape, "rec:wrong"),
        )

    def _kind(
        self, shape: ox.NamedNode, targets: Mapping[str, ox.NamedNode]
    ) -> tuple[str, str, str]:
        """Return what the field holds, its codelist, and the class of what it points at."""
        graph = self._shapes
        if graphs.one(graph, shape, "sh:datatype") == _LANG_STRING:
            return TEXT, "", ""
        for node in graphs.nodes(graph, shape, "sh:node"):
            for rule in graphs.nodes(graph, node, "sh:property"):
                if graphs.one(graph, rule, "sh:path") == PREFIXES["skos"] + "inScheme":
                    return CODE, graphs.one(graph, rule, "sh:hasValue"), ""
        pointed = graphs.one(graph, shape, "rec:reference")
        target = pointed or graphs.one(graph, shape, "sh:class")
        if target in targets:
            if graphs.one(graph, targets[target], "rec:segment"):
                return REFERENCE, "", target
            return (IRI if pointed else PART), "", target
        if graphs.one(graph, shape, "sh:nodeKind") == PREFIXES["sh"] + "IRI":
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


def _form(shape: ox.NamedNode, text: str) -> Form:
    try:
        return Form(re.compile(text.replace("{number}", _NUMBER), re.IGNORECASE))
    except re.error as error:
        raise ProfileError(f"{shape}: the rec:form '{text}' is no pattern: {error}") from error


def _is_rule(graph: ox.Store, shape: ox.NamedNode) -> bool:
    """Tell whether a shape has no ordered properties: it holds rules about a class, not fields."""
    return not any(
        graphs.one(graph, each, "sh:order") for each in graphs.nodes(graph, shape, "sh:property")
    )
