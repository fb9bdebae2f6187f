"""Say what a validation result means, in the words of the record and at its place.

The headline comes from the constraint component, the cure from the shape's own message. Nothing
here knows a field: names come from the record, texts from the shapes.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from expatlod.convert import Converted
from expatlod.errors import ERROR, Finding, Location, Reason, Text
from expatlod.faults import named, short
from expatlod.faults import words as said
from expatlod.fields import Codelist, Field
from expatlod.guesses import code_cure, nearest
from expatlod.lexical import expectation
from expatlod.namespaces import PREFIXES
from expatlod.paths import field_at, value_at
from expatlod.profile import Model
from expatlod.records.record import Path

__all__ = [
    "Names",
    "Result",
    "Terms",
    "code_of",
    "dangling",
    "finding",
    "finding_in_rdf",
    "ill_typed",
    "leaves",
    "place",
    "together",
]


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result of SHACL, as pySHACL reports it.

    *path* is the property's IRI, empty for a rule about the node or a longer path; *value* is
    the value at fault, a literal with its language or an IRI. *component* is the local name of
    the constraint component. *details* are the results that explain this one (`sh:detail`).
    """

    focus: str
    path: str
    value: str
    component: str
    shape: str
    severity: str
    messages: Text
    details: tuple[Result, ...] = ()


class Terms(Protocol):
    """What a finding in RDF is told with: short names, and what the shapes say. A model is one."""

    def curie(self, iri: str) -> str: ...

    def field_of(self, path: str) -> Field | None: ...

    def shape_texts(self, shape: str, predicate: str) -> Text: ...

    def shape_value(self, shape: str, predicate: str) -> str: ...


def finding(model: Model, result: Result, record: Converted) -> Finding:
    """Return the finding for *result*, which is about *record* or a part of it."""
    at = place(record, result.focus, result.path, result.value)
    value = value_at(record.record.data, at) or _text(result.value)
    field = _field(model, record, result.focus, result.path)
    if not result.path and value:
        name: Text = dict.fromkeys(("da", "en"), said(at))
    else:
        name = _name(model, record, result.focus, result.path, field)
    own = record.places.get((result.focus, ""), {}).get("", ())
    if field is not None and result.path and at == own and not value:
        # What is missing may have a place all the same: the empty cell of a table.
        at = (*own, field.key)
    return _finding(model, result, record.record.at(at), name, field, value)


def finding_in_rdf(model: Terms, result: Result, at: Location, name: str = "") -> Finding:
    """Return the finding for *result* in the RDF file that *at* is a place in.

    What is at fault is called *name*, else by its node and property.
    """
    name = name or _named_in_rdf(model, result.focus, result.path)
    field = model.field_of(result.path)
    shown: Text = dict.fromkeys(("da", "en"), name)
    return _finding(model, result, at, shown, field, _text(result.value))


def _named_in_rdf(model: Terms, focus: str, path: str) -> str:
    # A blank node has another name each time that the file is read.
    name = f"<{focus}>" if ":" in focus else "[]"
    return f"{name} {model.curie(path)}" if path else name


def together(findings: Iterable[Finding]) -> list[Finding]:
    """Return *findings* sorted by place, with what is wrong with one value as one finding.

    The gravest leads, and what says what the value is before what says how much; the others
    become its further reasons. What is told twice in the same words is told once.
    """
    by_value: dict[tuple[object, ...], list[Finding]] = {}
    for each in _without_following(sorted(findings, key=lambda each: each.order)):
        key: tuple[object, ...] = (each.at, each.focus, each.path, each.value)
        if not (each.value and each.path):
            key = (each.at, each.rule, tuple(each.message.items()))
        by_value.setdefault(key, []).append(each)
    return [_joined(group) for group in by_value.values()]


def _without_following(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out what follows from what the reader says of a value.

    It is empty where it was lost as a comment, and of no form that holds a control character.
    """
    odd = {each.at for each in findings if each.rule == "record:character"}
    findings = [each for each in findings if each.at not in odd or each.rule == "record:character"]
    empty = {_line(each): each for each in findings if each.rule == "record:empty"}
    lost = {_line(each) for each in findings if each.rule == "record:comment"}
    told = []
    for each in findings:
        field = empty.get(_line(each)) if _line(each) in lost else None
        if field is None:
            told.append(each)
        elif each.rule == "record:comment":
            told.append(
                replace(each, severity=ERROR, path=field.path, focus=field.focus, field=field.field)
            )
        elif each.rule != "record:empty":
            told.append(each)
    return told


def _line(finding: Finding) -> tuple[str, int]:
    return finding.at.path, finding.at.line


def _joined(group: list[Finding]) -> Finding:
    group.sort(key=lambda each: (each.rank, _LEADING.get(each.rule, len(_LEADING))))
    first, *others = group
    reasons = {other.rule: Reason(other.rule, other.message) for other in others}
    reasons.pop(first.rule, None)
    # What is missing in two languages is cured in two.
    help = {
        language: " ".join(dict.fromkeys(each.help.get(language, "") for each in group)).strip()
        for language in first.help
    }
    return replace(first, help=help, also=tuple(reasons.values())) if others else first


#: The rules that say what a value is, which the others only add to.
_LEADING = {
    rule: number
    for number, rule in enumerate(
        ("sh:datatype", "sh:nodeKind", "record:reference", "sh:class", "sh:node", "sh:in")
    )
}


class Names:
    """The names of records and their parts: what a reference may have meant."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = known

    @cached_property
    def _by_beginning(self) -> Mapping[str, list[str]]:
        """The names by what stands before them in their IRIs."""
        names: dict[str, list[str]] = {}
        for iri in self._known:
            beginning, _, part = iri.partition("#")
            name = f"#{part}" if part else iri.rpartition("/")[2]
            names.setdefault(iri[: -len(name)] if not part else beginning, []).append(name)
        return names

    @cached_property
    def _kinds(self) -> Mapping[str, str]:
        """The path segment of its class, by the name of each record."""
        found = ((iri.rpartition("/")[2], iri.split("/")[-2]) for iri in self._known)
        return {name: kind for name, kind in found if "#" not in name}

    def near(self, beginning: str, name: str) -> str:
        """Return the nearest to *name* of those that follow *beginning*."""
        return nearest(name, self._by_beginning.get(beginning, ()))

    def kind(self, name: str) -> str:
        """Return the kind of a record called *name*, empty where there is none."""
        return self._kinds.get(name, "")


def dangling(
    model: Model, record: Converted, focus: str, path: str, target: str, names: Names
) -> Finding:
    """Return the finding for a reference to *target*, an IRI that nothing of *names* has."""
    field, name = _field(model, record, focus, path), _written(target, record.iri)
    subject = _name(model, record, focus, path, field)
    at = place(record, focus, path, target)
    codelist = model.codelists.get(target.rpartition("/")[0])
    if codelist is not None:
        return _no_such_code(model, record, (focus, path), target, codelist)
    near = names.near(target[: -len(name)], name)
    help: Text = {"da": "ret id'et, eller opret posten", "en": "correct the id, or add the record"}
    other = names.kind(name)
    if name.startswith("#"):
        help = {
            "da": f"giv en del af posten 'id: {name[1:]}', eller ret henvisningen",
            "en": f"give a part of the record 'id: {name[1:]}', or correct the reference",
        }
    if other:
        is_a, wanted = model.label_of_segment(other), model.label_of(field.target if field else "")
        help = {
            "da": f"'{name}' er id på en post af typen {is_a}; her skal stå id på en {wanted}",
            "en": f"'{name}' is the id of a record of type {is_a}; here the id of a {wanted} is "
            "wanted",
        }
    elif near:
        help = {
            "da": f"mente du '{near}'? Ellers opret det, der henvises til",
            "en": f"did you mean '{near}'? Otherwise add what is referred to",
        }
    return Finding(
        record.record.at(at),
        ERROR,
        "record:reference",
        {
            "da": f"{subject['da']} '{name}' findes ikke",
            "en": f"{subject['en']} '{name}' does not exist",
        },
        help,
        model.curie(path),
        focus,
        field.name if field else {},
        value_at(record.record.data, at) or name,
    )


def _no_such_code(
    model: Model, record: Converted, place_: tuple[str, str], target: str, codelist: Codelist
) -> Finding:
    """Return the finding for an address that looks like a code of *codelist* and is none."""
    focus, path = place_
    field = _field(model, record, focus, path)
    subject = _name(model, record, focus, path, field)
    at = place(record, focus, path, target)
    scheme = codelist.iri.rpartition("/")[2]
    return Finding(
        record.record.at(at),
        ERROR,
        "record:reference",
        {
            "da": f"{subject['da']} '{short(target)}' er ingen kode i listen {scheme}",
            "en": f"{subject['en']} '{short(target)}' is no code of the list {scheme}",
        },
        code_cure(target, codelist),
        model.curie(path),
        focus,
        field.name if field else {},
        value_at(record.record.data, at) or target,
    )


def ill_typed(
    model: Terms, focus: str, path: str, value: str, datatype: str, at: Location
) -> Finding:
    """Return the finding for a literal in an RDF file that is none of its *datatype*."""
    expected, name = expectation(datatype), _named_in_rdf(model, focus, path)
    field = model.field_of(path)
    return Finding(
        at,
        ERROR,
        "sh:datatype",
        {
            "da": f"{name} '{short(value)}' er ikke {expected['da']}",
            "en": f"{name} '{short(value)}' is not {expected['en']}",
        },
        model.shape_texts(field.shape, "sh:message") if field else {},
        model.curie(path),
        focus,
        field.name if field else {},
        value,
    )


def _written(iri: str, record: str) -> str:
    """Return a reference as the author of *record* writes it: an id, or #part."""
    return iri[len(record) :] if iri.startswith(f"{record}#") else iri.rpartition("/")[2]


def place(record: Converted, focus: str, path: str, value: str) -> Path:
    """Return where in the record a value of the graph came from, or what should have held it."""
    values = record.places.get((focus, path), {}) if path else {}
    if value in values:
        return values[value]
    if "" in values:
        return values[""]
    if not path and value:
        for (node, _), candidates in record.places.items():
            if node == focus and value in candidates:
                return candidates[value]
    return record.places.get((focus, ""), {}).get("", ())


def _field(model: Model, record: Converted, focus: str, path: str) -> Field | None:
    """Return the field that the author wrote for the property *path*, or should have written.

    What is computed stands in the record as what it is computed from.
    """
    kind = model.classes.get(record.kinds.get(focus, ""))
    written = record.places.get((focus, path), {}).get("", ())
    field = field_at(model, record.kinds.get(record.iri, ""), written) if path else None
    return field or (kind.field_of(path) if kind and path else None)


def _name(model: Model, record: Converted, focus: str, path: str, field: Field | None) -> Text:
    """Return a field, or a node where *path* is empty, as the author would say it."""
    own = record.places.get((focus, ""), {}).get("", ())
    values = record.places.get((focus, path), {}) if path else {"": own}
    if "" in values:
        return named(values[""], field)
    return named((*own, field.key if field else model.curie(path)), field)


def leaves(result: Result, nodes: Container[str]) -> Iterator[Result]:
    """Yield what explains *result*, or itself: of the details, those that have none themselves.

    A detail that is about a value and not about one of *nodes* is told where the value stands. That
    a value is no member of a codelist is what the result itself says, in better words.
    """
    if not result.details or any(each.path == _IN_SCHEME for each in result.details):
        yield result
        return
    for each in result.details:
        if each.focus not in nodes:
            each = replace(each, focus=result.focus, path=result.path, value=result.value)
        yield from leaves(replace(each, severity=result.severity), nodes)


_IN_SCHEME = PREFIXES["skos"] + "inScheme"


def _finding(
    model: Terms, result: Result, at: Location, name: Text, field: Field | None, value: str
) -> Finding:
    component = result.component.removesuffix("ConstraintComponent")
    rule = code_of(result)
    messages = result.messages or model.shape_texts(result.shape, "sh:message")
    headline = _HEADLINES.get(component)
    if headline is None or not (result.path or value):
        message: Text = {
            language: f"{name[language]}: {text}" if name.get(language) else text
            for language, text in messages.items()
        }
        help: Text = {}
    else:
        limit = model.shape_value(result.shape, rule)
        shown = f" '{short(value)}'" if value else ""
        message = {
            language: f"{name[language]}{shown} {text.format(limit=limit)}".strip()
            for language, text in headline.items()
        }
        help = messages
    term = model.curie(result.path) if result.path else ""
    names = field.name if field else {}
    return Finding(at, result.severity, rule, message, help, term, result.focus, names, value)


def code_of(result: Result) -> str:
    """Return the code of findings for *result*: the constraint's standard name."""
    name = result.component.removesuffix("ConstraintComponent")
    return f"sh:{name.lower() if name.isupper() else name[0].lower() + name[1:]}"


def _text(value: str) -> str:
    return re.sub("@[a-z]{2,3}(?:-[a-z0-9]+)*$", "", value)


#: What each constraint component of SHACL Core says, W3C SHACL section 4.
_HEADLINES: Mapping[str, Text] = {
    "Class": {"da": "er af en anden slags end ventet", "en": "is not of the kind expected"},
    "Datatype": {"da": "har en forkert slags værdi", "en": "has the wrong kind of value"},
    "HasValue": {"da": "mangler en bestemt værdi", "en": "lacks a certain value"},
    "In": {"da": "er ikke en af de tilladte værdier", "en": "is not one of the values allowed"},
    "LanguageIn": {
        "da": "er på et sprog, der ikke ventes her",
        "en": "is in a language not expected here",
    },
    "LessThan": {
        "da": "er senere eller større end tilladt",
        "en": "is later or greater than allowed",
    },
    "LessThanOrEquals": {
        "da": "er senere eller større end tilladt",
        "en": "is later or greater than allowed",
    },
    "MaxCount": {"da": "står for mange gange", "en": "stands too many times"},
    "MaxExclusive": {"da": "er ikke mindre end {limit}", "en": "is not less than {limit}"},
    "MaxInclusive": {"da": "er mere end {limit}", "en": "is more than {limit}"},
    "MaxLength": {"da": "er længere end {limit} tegn", "en": "is longer than {limit} characters"},
    "MinCount": {"da": "mangler", "en": "is missing"},
    "MinExclusive": {"da": "er ikke mere end {limit}", "en": "is not more than {limit}"},
    "MinInclusive": {"da": "er mindre end {limit}", "en": "is less than {limit}"},
    "MinLength": {"da": "er kortere end {limit} tegn", "en": "is shorter than {limit} characters"},
    "Node": {"da": "står ikke i kodelisten", "en": "is not in the codelist"},
    "NodeKind": {"da": "har en forkert slags værdi", "en": "has the wrong kind of value"},
    "Not": {"da": "indeholder noget, der ikke må stå her", "en": "holds what must not stand here"},
    "Pattern": {"da": "har ikke den rette form", "en": "does not have the right form"},
    "QualifiedMinCount": {"da": "mangler på et sprog", "en": "is missing in a language"},
    "UniqueLang": {
        "da": "står to gange på samme sprog",
        "en": "stands twice in the same language",
    },
}
