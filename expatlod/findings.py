"""Say what a validation result means, in the words of the record and at its place.

The headline comes from the constraint component, the cure from the shape's own message. Nothing
here knows a field: names come from the record, texts from the shapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from expatlod.convert import Converted
from expatlod.errors import ERROR, Finding, Location, Text
from expatlod.faults import nearest, short
from expatlod.faults import words as said
from expatlod.lexical import expectation
from expatlod.profile import Model
from expatlod.records.record import Path, Value

__all__ = ["Result", "dangling", "finding", "finding_in_rdf", "ill_typed", "place", "words"]


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result of SHACL, as pySHACL reports it.

    *path* is the property's IRI, empty for a rule about the node or a longer path; *value* is
    the value at fault, a literal with its language or an IRI. *component* is the local name of
    the constraint component.
    """

    focus: str
    path: str
    value: str
    component: str
    shape: str
    severity: str
    messages: Text


def finding(model: Model, result: Result, record: Converted) -> Finding:
    """Return the finding for *result*, which is about *record* or a part of it."""
    at = place(record, result.focus, result.path, result.value)
    value = _value_at(record.record.data, at) or _text(result.value)
    if not result.path and value:
        name = said(at)
    else:
        name = words(model, record, result.focus, result.path)
    return _finding(model, result, record.record.at(at), name, value)


def finding_in_rdf(model: Model, result: Result, shown: str) -> Finding:
    """Return the finding for *result* in the RDF file *shown*."""
    name = f"<{result.focus}>"
    if result.path:
        name += f" {model.curie(result.path)}"
    return _finding(model, result, Location(shown), name, _text(result.value))


def dangling(
    model: Model, record: Converted, focus: str, path: str, target: str, known: Iterable[str]
) -> Finding:
    """Return the finding for a reference to *target*, an IRI that none of *known* is."""
    field, name = words(model, record, focus, path), _written(target, record.iri)
    alike = target[: -len(name)]
    near_length = range(len(target) - 4, len(target) + 5)
    names = [
        iri[len(alike) :] for iri in known if len(iri) in near_length and iri.startswith(alike)
    ]
    near = nearest(name, [each for each in names if ("#" in each) == ("#" in name)])
    help: Text = {"da": "ret id'et, eller opret posten", "en": "correct the id, or add the record"}
    other = next((iri for iri in known if iri.endswith(f"/{name}")), "")
    if name.startswith("#"):
        help = {
            "da": f"giv en del af posten 'id: {name[1:]}', eller ret henvisningen",
            "en": f"give a part of the record 'id: {name[1:]}', or correct the reference",
        }
    if other:
        kind = other.split("/")[-2]
        help = {
            "da": f"'{name}' findes som {kind}; her skal stå et id af en anden slags",
            "en": f"'{name}' exists as {kind}; here an id of another kind is wanted",
        }
    elif near:
        help = {
            "da": f"mente du '{near}'? Ellers opret det, der henvises til",
            "en": f"did you mean '{near}'? Otherwise add what is referred to",
        }
    return Finding(
        record.record.at(place(record, focus, path, target)),
        ERROR,
        "record:reference",
        {"da": f"{field} '{name}' findes ikke", "en": f"{field} '{name}' does not exist"},
        help,
        model.curie(path),
        focus,
    )


def ill_typed(
    model: Model, focus: str, path: str, value: str, datatype: str, shown: str
) -> Finding:
    """Return the finding for a literal in the RDF file *shown* that is none of its *datatype*."""
    expected, name = expectation(datatype), f"<{focus}> {model.curie(path)}"
    return Finding(
        Location(shown),
        ERROR,
        "sh:datatype",
        {
            "da": f"{name} '{value[:60]}' er ikke {expected['da']}",
            "en": f"{name} '{value[:60]}' is not {expected['en']}",
        },
        path=model.curie(path),
        focus=focus,
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


def words(model: Model, record: Converted, focus: str, path: str) -> str:
    """Return a field, or a node where *path* is empty, as the author would say it."""
    own = record.places.get((focus, ""), {}).get("", ())
    if not path:
        return said(own)
    values = record.places.get((focus, path), {})
    if "" in values:
        return said(values[""])
    kind = model.classes.get(record.kinds.get(focus, ""))
    field = kind.field_of(path) if kind else None
    return f"{said(own)} {field.key if field else model.curie(path)}".strip()


def _finding(model: Model, result: Result, at: Location, name: str, value: str) -> Finding:
    component = result.component.removesuffix("ConstraintComponent")
    rule = "sh:" + (
        component.lower() if component.isupper() else component[0].lower() + component[1:]
    )
    messages = result.messages or model.shape_texts(result.shape, "sh:message")
    headline = _HEADLINES.get(component)
    if headline is None or not (result.path or value):
        prefix = f"{name}: " if name else ""
        message: Text = {language: f"{prefix}{text}" for language, text in messages.items()}
        help: Text = {}
    else:
        limit = model.shape_value(result.shape, rule)
        shown = f" '{short(value)}'" if value else ""
        message = {
            language: f"{name}{shown} {text.format(limit=limit)}".strip()
            for language, text in headline.items()
        }
        help = messages
    term = model.curie(result.path) if result.path else ""
    return Finding(at, result.severity, rule, message, help, term, result.focus)


def _value_at(data: Value, path: Path) -> str:
    """Return the scalar that the author wrote at *path*, empty where there is none."""
    for step in path:
        if isinstance(data, dict) and isinstance(step, str):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return ""
    return data if isinstance(data, str) else ""


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
