"""Say what each class holds: its fields in the order of the shapes, and the rules beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace

import pyoxigraph as ox

from expatlod.constraints import (
    ANY,
    VIOLATION,
    Constraints,
    Shape,
    constraints,
    node_shapes,
    objects,
    severity,
    value,
)
from expatlod.errors import Text
from expatlod.fields import CODE, IRI, LITERAL, PART, REFERENCE, TEXT, Field, RecordClass
from expatlod.lexical import expectation
from expatlod.namespaces import expand
from expatlod.pages.terms import Terms
from expatlod.pages.words import number

__all__ = ["ClassEntry", "FieldEntry", "Rule", "class_entries", "rules_of_property", "target"]

_RULE_TARGETS = ("sh:targetSubjectsOf", "sh:targetObjectsOf")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a shape asks beyond a single field, in the words that an author reads.

    *severity* is a local name of SHACL's; *name* that of the shape.
    """

    severity: str
    message: Text
    name: str


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """A field as it is shown.

    *figures* is its cardinality, such as 1..*, and *words* say the same. *takes* says what it
    holds; where that is described on the page, *iri* leads there. *limits* are further demands.
    """

    field: Field
    property: str
    figures: str
    words: tuple[str, ...]
    takes: str
    iri: str
    limits: tuple[str, ...]
    default: Text


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """A class as it is shown; *kind* is None when records have no class of this name."""

    iri: str
    kind: RecordClass | None
    label: Text
    definition: Text
    above: tuple[str, ...]
    below: tuple[str, ...]
    alignments: tuple[tuple[str, str], ...]
    used_in: tuple[tuple[RecordClass, Field], ...]
    fields: tuple[FieldEntry, ...]
    rules: tuple[Rule, ...]
    deprecated: bool


def class_entries(terms: Terms, lang: str, words: SimpleNamespace) -> tuple[ClassEntry, ...]:
    """Return every class: records first, then their parts, then all others."""
    model = terms.model
    kinds = sorted(model.classes.values(), key=lambda each: (not each.segment, each.name))
    rest = [iri for iri in terms.classes if iri not in model.classes_by_iri]
    return tuple(_class(terms, iri, lang, words) for iri in (*(k.iri for k in kinds), *rest))


def rules_of_property(terms: Terms, path: str) -> tuple[Rule, ...]:
    """Return the rules for all that has the property *path*, and for all it points at."""
    store = terms.model.shapes
    node = ox.NamedNode(path)
    holders: dict[str, Shape] = {}
    for target_ in _RULE_TARGETS:
        for quad in store.quads_for_pattern(None, ox.NamedNode(expand(target_)), node):
            if isinstance(quad.subject, ox.NamedNode | ox.BlankNode):
                holders[str(quad.subject)] = quad.subject
    return _unique(rule for _, each in sorted(holders.items()) for rule in _rules(terms, each))


def target(field: Field) -> str:
    """Return the IRI of what the values of *field* are of: a codelist or a class."""
    return field.codelist or field.target


def _class(terms: Terms, iri: str, lang: str, words: SimpleNamespace) -> ClassEntry:
    model = terms.model
    kind = model.classes_by_iri.get(iri)
    fields = kind.fields.values() if kind else ()
    shapes = node_shapes(model, kind) if kind else []
    return ClassEntry(
        iri=iri,
        kind=kind,
        label=terms.label(iri) or (kind.label if kind else {}),
        definition=terms.definition(iri),
        above=terms.values(iri, "rdfs:subClassOf"),
        below=terms.subjects("rdfs:subClassOf", iri),
        alignments=terms.alignments(iri),
        used_in=tuple(
            (holder, each)
            for holder in model.classes.values()
            for each in holder.fields.values()
            if each.target == iri
        ),
        fields=tuple(_field(terms, kind, each, lang, words) for each in fields) if kind else (),
        rules=_unique(rule for each in shapes for rule in _rules(terms, each)),
        deprecated="true" in terms.values(iri, "owl:deprecated"),
    )


# -- fields


def _field(
    terms: Terms, kind: RecordClass, field: Field, lang: str, words: SimpleNamespace
) -> FieldEntry:
    strict = constraints(terms.model, kind, field, VIOLATION)
    wanted = constraints(terms.model, kind, field, ANY).least > 0
    most = _most(field, strict)
    takes, iri = _takes(field, strict, words)
    return FieldEntry(
        field=field,
        property=field.path,
        figures=f"{strict.least}..{'*' if most is None else most}",
        words=tuple(_count(field, strict, wanted, lang, words)),
        takes=takes,
        iri=iri,
        limits=tuple(_limits(field, strict, lang, words)),
        default=terms.label(field.default) if field.default else {},
    )


def _most(field: Field, strict: Constraints) -> int | None:
    return 1 if field.kind == TEXT and strict.once else strict.most


def _count(
    field: Field, strict: Constraints, wanted: bool, lang: str, words: SimpleNamespace
) -> Iterator[str]:
    if field.computed:
        yield words.computed
    elif strict.least:
        yield words.required
    else:
        yield words.wanted if wanted else words.optional
    most = _most(field, strict)
    if most is None:
        yield words.several
    else:
        yield words.one if most == 1 else words.at_most.format(count=number(most, lang))
    if field.kind == TEXT:
        yield words.in_each_language


def _takes(field: Field, strict: Constraints, words: SimpleNamespace) -> tuple[str, str]:
    """Return what *field* holds in words, and the IRI that the words lead up to."""
    if field.kind == TEXT:
        if strict.languages:
            named = [getattr(words, f"language_{tag}", tag) for tag in strict.languages]
            return words.text_in.format(names=words.and_.join(named)), ""
        return words.text, ""
    leads = {CODE: words.code_of, PART: words.part_of_kind, REFERENCE: words.reference_to}
    if field.kind in leads:
        return leads[field.kind], target(field)
    if field.kind == IRI:
        return words.any_iri, field.target
    assert field.kind == LITERAL
    return "", field.datatype


def _limits(field: Field, strict: Constraints, lang: str, words: SimpleNamespace) -> Iterator[str]:
    expected = expectation(field.datatype)[lang] if field.kind == LITERAL else field.datatype
    if expected != field.datatype:
        yield expected
    if strict.low:
        yield words.from_.format(limit=strict.low)
    if strict.high:
        yield words.to.format(limit=strict.high)
    if strict.shortest > 1:
        yield words.at_least_characters.format(count=number(strict.shortest, lang))
    if strict.longest is not None:
        yield words.at_most_characters.format(count=number(strict.longest, lang))


# -- rules


def _rules(terms: Terms, holder: Shape) -> Iterator[Rule]:
    """Yield what the shape *holder* asks that is not a field of it."""
    store = terms.model.shapes
    held = objects(store, holder, "sh:property")
    rules = [each for each in held if not value(store, each, "sh:order")]
    # The message of a class with fields says how to write its parts, and is shown with the class.
    for each in (*rules, holder):
        own = [] if each == holder and len(rules) < len(held) else [each]
        for shape in (*own, *objects(store, each, "sh:sparql")):
            if message := _texts(store, shape, "sh:message"):
                yield Rule(severity(store, each), message, _shape_name(terms, shape, each))


def _shape_name(terms: Terms, *shapes: Shape) -> str:
    named = [each.value for each in shapes if isinstance(each, ox.NamedNode)]
    return terms.name(named[0]) if named else ""


def _texts(store: ox.Store, shape: Shape, predicate: str) -> Text:
    found = {
        quad.object.language: quad.object.value
        for quad in store.quads_for_pattern(shape, ox.NamedNode(expand(predicate)), None)
        if isinstance(quad.object, ox.Literal) and quad.object.language
    }
    return dict(sorted(found.items()))


def _unique(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return each of *rules* once: what an author reads, not how many shapes say it.

    Shapes without a name come in no order, so the rules are put in one.
    """
    ordered = sorted(rules, key=lambda rule: (rule.name, rule.severity, str(rule.message)))
    seen: dict[tuple[str, str], Rule] = {}
    for rule in ordered:
        seen.setdefault((rule.severity, str(rule.message)), rule)
    return tuple(seen.values())
