"""Describe records as a JSON Schema, for the editors that complete and check while one types.

Draft-07, which VS Code and the YAML language server read. Nothing in it points to the network. An
editor types what the reader of records takes as text (25 is a number, 2012 a whole number), so a
text is accepted in every type that an editor may see, where its text would do.

What an editor no longer sees is how a value was written: 1.500 is 1.5 to it, True is true, 1e3 is a
thousand, and `null` is nothing at all. There reader and schema part ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import msgspec

from expatlod import lexical
from expatlod.constraints import VIOLATION, Constraints, constraints
from expatlod.fields import (
    CODE,
    IRI,
    LITERAL,
    PART,
    REFERENCE,
    TEXT,
    Codelist,
    Field,
    Form,
    RecordClass,
)
from expatlod.lexical import is_lexical
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model
from expatlod.schema import codes, patterns
from expatlod.schema.rules import All, Any, Given, Missing, Rule, rules
from expatlod.schema.words import said

__all__ = ["render", "schema"]

#: https://json-schema.org/draft-07
DRAFT = "http://json-schema.org/draft-07/schema#"

Schema = dict[str, object]

_LONGEST_NAME = 100
_LONGEST_NUMBER = 100
_LONGEST_IRI = 2000

_XSD = PREFIXES["xsd"]
_BASE = PREFIXES["void"] + "uriSpace"
_BASE_FORM = r"^https?://[^/?#]+/(?:(?!\.\.?/)[^/?#]+/)*$"
#: A language, perhaps with a region, BCP 47; the reader takes more.
_TAG = "^[a-z]{2,3}(?:-[A-Z]{2})?$"

_WORDS: Mapping[str, Mapping[str, str]] = {
    "title": {"da": "Post", "en": "Record"},
    "type": {"da": "type", "en": "type"},
    "type help": {"da": "Skriv, hvad posten beskriver.", "en": "Write what the record describes."},
    "id": {"da": "id", "en": "id"},
    "id help": {
        "da": "Skriv små bogstaver a-z, tal og enkelte bindestreger. Id'et bliver en del af "
        "postens adresse og skal ikke laves om siden.",
        "en": "Write small letters a-z, digits and single hyphens. The id becomes part of the "
        "record's address and is not to be changed later.",
    },
    "part id help": {
        "da": "Skriv et navn af små bogstaver, tal og bindestreger, når andre dele skal kunne "
        "henvise hertil med '#'.",
        "en": "Write a name of small letters, digits and hyphens where other parts are to point "
        "here with '#'.",
    },
    "part type help": {
        "da": "Typen følger af feltet og kan udelades.",
        "en": "The type follows from the field and can be left out.",
    },
    "example": {"da": "Eksempel", "en": "Example"},
    "list": {"da": "en eller flere", "en": "one or several"},
    "no code": {
        "da": "Værdien står ikke i kodelisten '{title}'. Vælg en kode fra listen.",
        "en": "The value is not in the codelist '{title}'. Choose a code from the list.",
    },
    "da": {"da": "Teksten på dansk.", "en": "The text in Danish."},
    "en": {"da": "Teksten på engelsk.", "en": "The text in English."},
}


def render(model: Model, kinds: Sequence[RecordClass], lang: str) -> bytes:
    """Return the schema of *kinds* as JSON text."""
    data = msgspec.json.encode(schema(model, kinds, lang))
    return msgspec.json.format(data, indent=2) + b"\n"


def schema(model: Model, kinds: Sequence[RecordClass], lang: str) -> Schema:
    """Return the JSON Schema of records of one of *kinds*, with help in *lang*."""
    return _Writer(model, lang).schema(kinds)


class _Writer:
    """Writes definitions as they are asked for: one a class, one a codelist."""

    def __init__(self, model: Model, lang: str) -> None:
        self.model = model
        self.lang = lang
        self.definitions: dict[str, Schema] = {}

    def schema(self, kinds: Sequence[RecordClass]) -> Schema:
        choices = [self._reference(kind.name, partial(self._record, kind)) for kind in kinds]
        type_of_record: Schema = {
            "title": self._said("type"),
            "description": self._said("type help"),
            "enum": [kind.name for kind in kinds],
            "enumDescriptions": [said(kind.help, self.lang) for kind in kinds],
            "markdownEnumDescriptions": [
                f"**{said(kind.label, self.lang)}**: {said(kind.help, self.lang)}" for kind in kinds
            ],
        }
        return {
            "$schema": DRAFT,
            "title": self._said("title"),
            "type": "object",
            "properties": {
                "type": type_of_record,
                "id": self._identifier("id help"),
            },
            "required": ["type", "id"],
            "allOf": [
                {
                    "if": {"properties": {"type": {"const": kind.name}}, "required": ["type"]},
                    "then": choice,
                }
                for kind, choice in zip(kinds, choices, strict=True)
            ],
            "definitions": dict(sorted(self.definitions.items())),
        }

    def _said(self, word: str) -> str:
        return said(_WORDS[word], self.lang)

    def _reference(self, name: str, write: Callable[[], Schema]) -> Schema:
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = write()
        return {"$ref": f"#/definitions/{name}"}

    # -- records and parts

    def _record(self, kind: RecordClass) -> Schema:
        properties: dict[str, Schema] = {
            "type": {"const": kind.name, "description": said(kind.help, self.lang)},
            "id": self._identifier("id help"),
            "$schema": {"type": "string", "doNotSuggest": True},
        }
        return self._object(kind, properties, ("type", "id"))

    def _part(self, kind: RecordClass) -> Schema:
        """Return the schema of a part: its fields, or one value that stands for them."""
        types: Schema = {"enum": list(kind.types)}
        properties: dict[str, Schema] = {
            "id": self._identifier("part id help"),
            "type": {
                "description": self._said("part type help"),
                "doNotSuggest": True,
                "anyOf": [types, {"type": "array", "items": types, "minItems": 1}],
            },
        }
        if kind.written_in:
            properties[kind.written_in] = {
                "title": said(kind.label, self.lang),
                "description": self._with_examples(kind, said(kind.cure, self.lang)),
                "allOf": [self._written(kind, kind.forms)],
            }
        whole = self._object(kind, properties, ())
        bare = self._bare(kind)
        if not bare:
            return whole
        return {
            "title": said(kind.label, self.lang),
            "description": self._with_examples(kind, said(kind.help, self.lang)),
            "anyOf": [*bare, whole],
        }

    def _with_examples(self, kind: RecordClass, text: str) -> str:
        examples = ", ".join(kind.examples.get(self.lang, ()))
        return f"{text} {self._said('example')}: {examples}" if examples else text

    def _object(
        self, kind: RecordClass, properties: dict[str, Schema], required: Iterable[str]
    ) -> Schema:
        fields = {each.key: each for each in kind.fields.values() if not each.computed}
        for each in fields.values():
            properties[each.key] = self._field(kind, each)
        needed = [key for key in fields if self._constraints(kind, fields[key]).least > 0]
        demands = [self._demand(kind, rule) for rule in self._rules(kind, needed)]
        written: Schema = {
            "title": said(kind.label, self.lang),
            "description": said(kind.help, self.lang),
            "type": "object",
            "properties": properties,
            "required": [*required, *(key for key in needed if not self._filled(kind, (key,)))],
            "additionalProperties": False,
        }
        if not kind.segment:
            written["minProperties"] = 1
        if demands:
            written["allOf"] = demands
        return written

    def _rules(self, kind: RecordClass, needed: Iterable[str]) -> Iterator[Rule]:
        yield from rules(self.model, kind)
        for key in needed:
            if self._filled(kind, (key,)):
                yield Given((key,))

    def _demand(self, kind: RecordClass, rule: Rule) -> Schema:
        """Return *rule* about keys, of which a written form may give some."""
        written = kind.written_in
        if isinstance(rule, Given):
            keys = [*rule.keys, *([written] if self._filled(kind, rule.keys) else [])]
            return {"anyOf": [{"required": [key]} for key in keys]}
        if isinstance(rule, Missing):
            keys = [rule.key]
            if written and any(rule.key in form.keys for form in kind.forms):
                keys.append(written)
            return {"not": {"anyOf": [{"required": [key]} for key in keys]}}
        word = "anyOf" if isinstance(rule, Any) else "allOf"
        return {word: [self._demand(kind, each) for each in rule.rules]}

    @staticmethod
    def _filled(kind: RecordClass, keys: Iterable[str]) -> bool:
        """Tell whether every written form fills one of *keys*."""
        wanted = set(keys)
        return bool(kind.written_in and kind.forms) and all(
            wanted & _always(form) for form in kind.forms
        )

    def _bare(self, kind: RecordClass) -> list[Schema]:
        """Return the schemas of single values that stand for a part with all that it needs."""
        needed = {
            each.key
            for each in kind.fields.values()
            if not each.computed and self._constraints(kind, each).least > 0
        }
        asked = rules(self.model, kind)
        if kind.text_key:
            only = {kind.text_key}
            if not needed <= only or not all(_holds(rule, only) for rule in asked):
                return []
            field = kind.fields[kind.text_key]
            if field.kind == TEXT:
                return [self._bare_texts(self._constraints(kind, field))]
            return [self._item(kind, field)]
        forms = [
            form
            for form in kind.forms
            if needed <= (given := _always(form)) and all(_holds(rule, given) for rule in asked)
        ]
        return [self._written(kind, forms)] if kind.written_in and forms else []

    def _bare_texts(self, limits: Constraints) -> Schema:
        """Return the schema of a part that gives its languages right away, and perhaps its id."""
        texts = self._texts(limits)
        own = texts["properties"]
        assert isinstance(own, dict)
        if own:
            texts["properties"] = {**own, "id": self._identifier("part id help")}
            texts["allOf"] = [{"anyOf": [{"required": [tag]} for tag in own]}]
        return texts

    def _written(self, kind: RecordClass, forms: Sequence[Form]) -> Schema:
        """Return a reference to the schema of a value in one of *forms*."""
        name = f"{kind.name}-{kind.written_in}"
        if len(forms) < len(kind.forms):
            name += "-alone"
        return self._reference(name, lambda: self._form(kind, forms))

    def _form(self, kind: RecordClass, forms: Sequence[Form]) -> Schema:
        """Return the schema of a value in one of the written *forms* of *kind*."""
        words = {
            key: {word for code in self._codes(field) for word in code.hidden}
            for key, field in kind.fields.items()
            if field.kind == CODE
        }
        texts = [patterns.written(form.pattern.pattern, words) for form in forms]
        inner = "|".join(text.removeprefix("^").removesuffix("$") for text in texts)
        pattern = f"^(?:{inner})$"
        read = re.compile(pattern)
        options: list[Schema] = [
            {
                "type": "string",
                "maxLength": _LONGEST_NUMBER,
                "pattern": pattern,
                "errorMessage": self._with_examples(kind, said(kind.cure, self.lang)),
            }
        ]
        options += _numbers(lambda text: read.search(text) is not None)
        if read.search("2.5"):
            options.append({"type": "number", "minimum": 0})
        return _any(options)

    # -- fields

    def _constraints(self, kind: RecordClass, field: Field) -> Constraints:
        return constraints(self.model, kind, field, VIOLATION)

    def _field(self, kind: RecordClass, field: Field) -> Schema:
        help = said(field.help, self.lang)
        described: Schema = {"title": said(field.name, self.lang), "description": help}
        markdown = f"**{said(field.name, self.lang)}**: {help}"
        if why := said(field.why, self.lang):
            markdown += f"\n\n{why}"
        if field.right:
            markdown += f"\n\n{self._said('example')}: `{field.key}: {field.right}`"
        described["markdownDescription"] = markdown
        limits = self._constraints(kind, field)
        item = self._item(kind, field)
        if field.kind == TEXT and limits.once:
            return {**described, **item}
        if not field.many:
            return {**described, **_described_by(item)}
        many: Schema = {"type": "array", "items": item, "minItems": max(1, limits.least)}
        if limits.most is not None:
            many["maxItems"] = limits.most
        return {**described, "anyOf": [many] if limits.least > 1 else [item, many]}

    def _item(self, kind: RecordClass, field: Field) -> Schema:
        """Return the schema of one value of *field*."""
        limits = self._constraints(kind, field)
        if field.kind == TEXT:
            return self._texts(limits)
        if field.kind == CODE:
            codelist = self.model.codelists[field.codelist]
            name = self._name(codelist)
            return self._reference(name, lambda: self._codelist(codelist))
        if field.kind == PART:
            part = self.model.classes_by_iri[field.target]
            return self._reference(part.name, lambda: self._part(part))
        cure = said(self.model.shape_texts(field.shape, "sh:message"), self.lang)
        if field.kind == LITERAL:
            return _literal(field, limits, cure)
        return _pointer(field, limits, cure)

    def _texts(self, limits: Constraints) -> Schema:
        """Return the schema of a text in each of its languages."""
        text = _any(list(_text(limits)))
        if not limits.once:
            text = {"anyOf": [text, {"type": "array", "items": text, "minItems": 1}]}
        written: Schema = {"type": "object", "minProperties": 1, "additionalProperties": False}
        if limits.languages:
            written["properties"] = {
                tag: {**({"description": self._said(tag)} if tag in _WORDS else {}), **text}
                for tag in limits.languages
            }
        else:
            written["properties"] = {}
            written["patternProperties"] = {_TAG: text}
        if limits.needed:
            written["required"] = list(limits.needed)
        return written

    def _identifier(self, help: str) -> Schema:
        return {
            "title": self._said("id"),
            "description": self._said(help),
            "anyOf": [_name(said(_WORDS["id help"], self.lang)), {"type": "integer", "minimum": 0}],
        }

    # -- codes

    @staticmethod
    def _name(codelist: Codelist) -> str:
        return f"codelist-{codelist.iri.rstrip('/#').rpartition('/')[2].rpartition('#')[2]}"

    def _codes(self, field: Field) -> list[codes.Code]:
        return codes.codes(self.model, self.model.codelists[field.codelist])

    def _codelist(self, codelist: Codelist) -> Schema:
        """Return the schema of a code, by its notation or another of its words."""
        listed = codes.codes(self.model, codelist)
        title = said(codes.title(self.model, codelist), self.lang)
        values: dict[object, str] = {}
        for code in listed:
            label, meaning = (
                said(each, self.lang) for each in (code.concept.labels, code.definition)
            )
            values.setdefault(code.shown[0], ": ".join(filter(None, (label, meaning))))
        for code in listed:
            for word in code.shown[1:]:
                values.setdefault(word, code.shown[0])
        typed = {
            seen: values[word]
            for word in list(values)
            if not isinstance(seen := _as_seen(str(word)), str)
        }
        words = {word for code in listed for word in code.hidden}
        iris = [code.concept.iri for code in listed]
        others = f"^(?:{patterns.ignoring_case(patterns.one_of(words))}|{patterns.one_of(iris)})$"
        message = self._said("no code").format(title=title)
        return {
            "title": title,
            "errorMessage": message,
            "anyOf": [
                {
                    "errorMessage": message,
                    "enum": [*values, *typed],
                    "enumDescriptions": [*values.values(), *typed.values()],
                },
                {"type": "string", "pattern": others, "errorMessage": message},
            ],
        }


def _described_by(item: Schema) -> Schema:
    """Return *item* to stand beside a description: what is beside a reference is not read."""
    return {"allOf": [item]} if "$ref" in item else item


def _any(options: list[Schema]) -> Schema:
    return options[0] if len(options) == 1 else {"anyOf": options}


def _holds(rule: Rule, given: set[str]) -> bool:
    """Tell whether *rule* holds for a part that has *given* and nothing else."""
    if isinstance(rule, Given):
        return bool(given & set(rule.keys))
    if isinstance(rule, Missing):
        return rule.key not in given
    assert isinstance(rule, Any | All)
    return (any if isinstance(rule, Any) else all)(_holds(each, given) for each in rule.rules)


def _always(form: Form) -> set[str]:
    """Return the keys that a written form fills whatever it matches."""
    groups = patterns.always_filled(form.pattern.pattern)
    return {key for name in groups for key in name.split("__")}


def _as_seen(text: str) -> object:
    """Return *text* as an editor sees it where it stands without quotes: YAML 1.2, core schema."""
    if re.fullmatch("true|True|TRUE|false|False|FALSE", text):
        return text.lower() == "true"
    if re.fullmatch("[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    return text


# -- single values


def _numbers(accepts: Callable[[str], bool]) -> list[Schema]:
    """Return the schemas of the whole numbers whose text *accepts* takes."""
    return [
        {"type": "integer", "minimum": low, **({} if high is None else {"maximum": high})}
        for low, high in patterns.plain_numbers(accepts)
    ]


def _text(limits: Constraints) -> Iterator[Schema]:
    """Yield the types of a text that an editor may see: a title can be 1984, a name can be True."""
    text: Schema = {"type": "string", "pattern": r"\S"}
    if limits.shortest:
        text["minLength"] = limits.shortest
    if limits.longest is not None:
        text["maxLength"] = limits.longest
    if limits.patterns:
        text["allOf"] = _patterns(limits)
    yield text
    accepts = _accepts(limits)
    yield from _numbers(accepts)
    if not limits.patterns and limits.longest is None:
        if limits.shortest <= 1:
            yield {"type": "number"}
        else:
            yield {"type": "number", "minimum": 10 ** (limits.shortest - 1)}
    if accepts("true") and accepts("false"):
        yield {"type": "boolean"}


def _accepts(limits: Constraints) -> Callable[[str], bool]:
    read = [re.compile(each) for each in _ecma(limits)]

    def accepts(text: str) -> bool:
        within = limits.longest is None or len(text) <= limits.longest
        return len(text) >= limits.shortest and within and all(each.search(text) for each in read)

    return accepts


def _ecma(limits: Constraints) -> list[str]:
    return [
        patterns.ignoring_case(pattern) if "i" in flags else pattern
        for pattern, flags in limits.patterns
    ]


def _patterns(limits: Constraints, message: str = "") -> list[Schema]:
    told: Schema = {"errorMessage": message} if message else {}
    return [{"pattern": each, **told} for each in _ecma(limits)]


#: The forms of what is not a number, by datatype.
_FORMS: Mapping[str, str] = {
    _XSD + "date": patterns.DATE,
    _XSD + "gYear": patterns.YEAR,
    _XSD + "gYearMonth": patterns.MONTH,
    lexical.EDTF: patterns.EXTENDED_DATE,
}


def _literal(field: Field, limits: Constraints, cure: str) -> Schema:
    """Return the schema of a typed value."""
    kind = field.datatype
    if kind == _XSD + "boolean":
        return {
            "anyOf": [
                {"type": "boolean"},
                {"type": "integer", "minimum": 0, "maximum": 1},
                {"type": "string", "pattern": "^(?:true|false|0|1)$", "errorMessage": cure},
            ]
        }
    if kind in (_XSD + "decimal", _XSD + "integer", _XSD + "nonNegativeInteger"):
        return _number(kind, limits, cure)
    form = _FORMS.get(kind)
    if form is None:
        return _line(field, limits, cure)
    text: Schema = {"type": "string", "pattern": form, "errorMessage": cure}
    if limits.patterns:
        text["allOf"] = _patterns(limits, cure)
    options = [text]
    fits = _accepts(limits)
    options += _numbers(lambda text: fits(text) and is_lexical(text, kind))
    return _any(options)


def _number(kind: str, limits: Constraints, cure: str) -> Schema:
    whole = kind != _XSD + "decimal"
    low, high = (
        int(bound) if re.fullmatch("-?[0-9]+", bound) else None for bound in _bounds(kind, limits)
    )
    number: Schema = {"type": "integer" if whole else "number", "errorMessage": cure}
    if low is not None:
        number["minimum"] = low
    if high is not None:
        number["maximum"] = high
    options = [number]
    pattern = (patterns.integer if whole else patterns.decimal)(low, high)
    if pattern:
        options.append(
            {
                "type": "string",
                "maxLength": _LONGEST_NUMBER,
                "pattern": pattern,
                "errorMessage": cure,
            }
        )
    return _any(options)


def _bounds(kind: str, limits: Constraints) -> tuple[str, str]:
    low = limits.low
    if kind == _XSD + "nonNegativeInteger" and (not low or int(low) < 0):
        low = "0"
    return low, limits.high


def _line(field: Field, limits: Constraints, cure: str) -> Schema:
    """Return the schema of a text on one line."""
    further = _patterns(limits, cure)
    if field.path == _BASE:
        # Every address of the dataset begins with it; see expatlod.collection.
        further += [{"pattern": each, "errorMessage": cure} for each in (_BASE_FORM, patterns.IRI)]
    text: Schema = {"type": "string", "pattern": patterns.LINE, "errorMessage": cure}
    if limits.shortest:
        text["minLength"] = limits.shortest
    if limits.longest is not None:
        text["maxLength"] = limits.longest
    if further:
        text["allOf"] = further
    options = [text]
    fits = _accepts(limits)
    if field.path != _BASE:
        options += _numbers(fits)
        if fits("true") and fits("false"):
            options.append({"type": "boolean"})
    return _any(options)


def _name(message: str) -> Schema:
    return {
        "type": "string",
        "pattern": patterns.LOCAL_NAME,
        "maxLength": _LONGEST_NAME,
        "errorMessage": message,
    }


def _pointer(field: Field, limits: Constraints, cure: str) -> Schema:
    """Return the schema of a reference: an id, a part of the same record, an address."""
    link: Schema = {
        "type": "string",
        "pattern": patterns.IRI,
        "maxLength": limits.longest if limits.longest is not None else _LONGEST_IRI,
        "errorMessage": cure,
    }
    forms = _ecma(limits)
    if forms:
        link["allOf"] = _patterns(limits, cure)
    if field.kind == REFERENCE:
        return {"anyOf": [_name(cure), {"type": "integer", "minimum": 0}, link]}
    assert field.kind == IRI
    options = [link]
    if not forms:
        options.append({**_name(cure), "pattern": patterns.PART})
        others = [patterns.MAILTO, patterns.MAIL, patterns.URN]
        options += [{**link, "pattern": each} for each in others]
        return _any(options)
    if all(pattern.startswith("^mailto:") for pattern, _ in limits.patterns):
        # An address of mail is written with `mailto:` before it or without.
        plain = [(pattern.replace("mailto:", "", 1), flags) for pattern, flags in limits.patterns]
        bare: Schema = {"allOf": _patterns(replace(limits, patterns=tuple(plain)), cure)}
        if limits.longest is not None:
            bare["maxLength"] = limits.longest - len("mailto:")
        options = [
            {**link, "pattern": patterns.MAILTO},
            {**link, "pattern": patterns.MAIL, **bare},
        ]
    return _any(options)
