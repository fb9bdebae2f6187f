"""Explain a code that a finding bears, or what the profile calls by a name.

All that is told stands in the profile: rules in its ontology, fields and classes in its shapes,
codes in its codelists. Only the words between them are from here.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from expatlod.errors import LANGUAGES, Text, UsageError
from expatlod.fields import (
    CODE,
    LITERAL,
    PART,
    REFERENCE,
    TEXT,
    Codelist,
    Concept,
    Field,
    RecordClass,
    Rule,
    lookup_key,
)
from expatlod.guesses import nearest
from expatlod.lexical import expectation
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model

__all__ = ["codes", "explain"]

_WIDTH = 88

# Codes of a list are named where there are no more than this.
_FEW = 12

# Fields that have a constraint are told up to this number.
_SHOWN = 10

# Stands for a space at which no line may end.
_TIE = "\u00a0"

_WORDS: Mapping[str, Text] = {
    "class": {"da": "klasse", "en": "class"},
    "code": {"da": "kode", "en": "code"},
    "codelist": {"da": "kodeliste", "en": "codelist"},
    "computed": {"da": "beregnet", "en": "computed"},
    "default": {"da": "ellers", "en": "default"},
    "field": {"da": "felt", "en": "field"},
    "holds": {"da": "indhold", "en": "holds"},
    "key": {"da": "nøgle", "en": "key"},
    "list": {"da": "liste", "en": "list"},
    "name": {"da": "navn", "en": "name"},
    "property": {"da": "egenskab", "en": "property"},
    "repeatable": {"da": "flere", "en": "repeatable"},
    "required": {"da": "krævet", "en": "required"},
    "right": {"da": "rigtigt", "en": "right"},
    "rule": {"da": "regel", "en": "rule"},
    "taken": {"da": "bruges i", "en": "taken by"},
    "why": {"da": "hvorfor", "en": "why"},
    "written": {"da": "skrives", "en": "written"},
    "wrong": {"da": "forkert", "en": "wrong"},
}

#: What the codes of each prefix come from.
_GROUPS: Mapping[str, Text] = {
    "record": {
        "da": "Læsning af filer og poster",
        "en": "Reading of files and records",
    },
    "sh": {"da": "Formernes krav (SHACL)", "en": "What the shapes demand (SHACL)"},
    "portal": {"da": "Portalers høstning", "en": "Harvests by portals"},
    "release": {"da": "Udgivelser", "en": "Releases"},
}


@dataclass(frozen=True, slots=True)
class _Topic:
    """Something that can be explained.

    *ask* is what to write to be told of it alone, *headline* what it is in a few words.
    """

    ask: str
    headline: Callable[[str], str]
    tell: Callable[[str], str]


def explain(model: Model, what: str, lang: str) -> str:
    """Return what *what* means, in lines of at most 88 characters.

    *what* is a code (``sh:minCount``, ``twice``), a field (by key, name, CURIE or its way through
    a record: ``funding.1.share``), a class, a codelist or a code of one. Raises UsageError, with
    the nearest names, for what the profile knows nothing of.
    """
    what = " ".join(what.split())
    found = _find(model, what)
    if not found:
        raise UsageError(_unknown(model, what, lang))
    if len(found) == 1:
        return found[0].tell(lang)
    heading = {
        "da": f"'{what}' betyder flere ting. Spørg om én af dem:",
        "en": f"'{what}' means several things. Ask for one of them:",
    }
    lines = []
    for each in found:
        lines += [f"  expatlod explain {each.ask}", _fill(each.headline(lang), " " * 6, " " * 6)]
    return "\n".join([heading[lang], "", *lines]) + "\n"


def codes(model: Model, lang: str) -> str:
    """Return all codes that the profile explains, each with its label, in groups."""
    width = max((len(code) for code in model.rules), default=0)
    groups = []
    prefixes = {code.partition(":")[0] for code in model.rules}
    for prefix in dict.fromkeys([*_GROUPS, *sorted(prefixes)]):
        if prefix not in prefixes:
            continue
        title = _said(_GROUPS.get(prefix, {}), lang) or prefix
        rules = [each for code, each in model.rules.items() if code.startswith(f"{prefix}:")]
        lines = [f"  {each.code:<{width}}  {_said(each.label, lang)}" for each in rules]
        groups.append("\n".join([title, "", *lines]) + "\n")
    return "\n".join(groups)


# -- finding


def _find(model: Model, what: str) -> list[_Topic]:
    """Return what *what* names: exactly, or else by another spelling, or else as a path."""
    for topics in (_exact(model, what), _folded(model, what), _walked(model, what)):
        found = {each.ask: each for each in topics}
        if found:
            return list(found.values())
    return []


def _exact(model: Model, what: str) -> Iterator[_Topic]:
    for rule in model.rules.values():
        if what in (rule.code, rule.code.partition(":")[2]):
            yield _rule_topic(model, rule)
    for kind in model.classes.values():
        if what in filter(None, (kind.name, kind.iri, model.curie(kind.iri), kind.written_in)):
            yield _class_topic(model, kind)
    for kind, field in _fields(model):
        own = f"{kind.name}.{field.key}"
        if what in (own, field.key, field.path, model.curie(field.path)):
            yield _field_topic(model, kind, field)
    for codelist in model.codelists.values():
        if f"/{codelist.iri}".endswith(f"/{what}"):
            yield _codelist_topic(model, codelist)
        for concept in codelist.concepts:
            if what == concept.notation or f"/{concept.iri}".endswith(f"/{what}"):
                yield _concept_topic(model, codelist, concept)


def _folded(model: Model, what: str) -> Iterator[_Topic]:
    key = lookup_key(what)
    if not key:
        return
    component = lookup_key(what.removesuffix("ConstraintComponent"))
    for rule in model.rules.values():
        spellings = {lookup_key(each) for each in (rule.code, rule.code.partition(":")[2])}
        if {key, component} & spellings or key in _keys(rule.label.values()):
            yield _rule_topic(model, rule)
    for kind in model.classes.values():
        if key in _keys((kind.name, *kind.label.values())):
            yield _class_topic(model, kind)
    for kind, field in _fields(model):
        if _is_called(field, key):
            yield _field_topic(model, kind, field)
    for codelist in model.codelists.values():
        titles = model.term_texts(codelist.iri, "dct:title")
        if key in _keys((_name(codelist), *titles.values())):
            yield _codelist_topic(model, codelist)
        iri = codelist.find(what)
        for concept in codelist.concepts:
            if concept.iri == iri:
                yield _concept_topic(model, codelist, concept)


def _walked(model: Model, what: str) -> Iterator[_Topic]:
    """Yield the fields at the end of a way through a record, list positions left out."""
    steps = [step for step in re.split(r"[.\s]+", what) if step and not step.isdigit()]
    for kind in model.classes.values():
        for count in range(1, len(steps)):
            if lookup_key(" ".join(steps[:count])) in _keys((kind.name, *kind.label.values())):
                yield from _from(model, kind, steps[count:])
        yield from _from(model, kind, steps)


def _from(model: Model, kind: RecordClass, steps: Sequence[str]) -> Iterator[_Topic]:
    """Yield what *steps* lead to from a node of the class *kind*."""
    if len(steps) == 1 and kind.written_in and steps[0] == kind.written_in:
        yield _class_topic(model, kind)
    for count in range(1, len(steps) + 1):
        key, rest = lookup_key(" ".join(steps[:count])), steps[count:]
        for field in kind.fields.values():
            if not key or not _is_called(field, key):
                continue
            if not rest or (field.kind == TEXT and len(rest) == 1 and rest[0] in LANGUAGES):
                yield _field_topic(model, kind, field)
            elif field.kind == PART:
                yield from _from(model, model.classes_by_iri[field.target], rest)


def _is_called(field: Field, key: str) -> bool:
    return key in _keys((field.key, *field.name.values()))


def _keys(words: Iterable[str]) -> set[str]:
    return {lookup_key(word) for word in words}


def _fields(model: Model) -> Iterator[tuple[RecordClass, Field]]:
    for kind in model.classes.values():
        for field in kind.fields.values():
            yield kind, field


def _unknown(model: Model, what: str, lang: str) -> str:
    """Return that *what* names nothing, and what it was probably meant to be."""
    rules = [each.code for each in model.rules.values()]
    pools: tuple[Iterable[str], ...] = (
        [*rules, *(code.partition(":")[2] for code in rules)],
        [*(field.key for _, field in _fields(model)), *model.classes],
        [name for _, field in _fields(model) for name in field.name.values()],
        [f"{kind.name}.{field.key}" for kind, field in _fields(model)],
        [_name(each) for each in model.codelists.values()],
        [
            word
            for each in model.codelists.values()
            for concept in each.concepts
            for word in (concept.notation, *concept.labels.values())
        ],
    )
    near = list(dict.fromkeys(filter(None, (nearest(what, pool) for pool in pools))))
    named = ", ".join(f"'{each}'" for each in near[:4])
    if lang == "da":
        cure = f"mente du {named}?" if near else "'expatlod explain' viser alle koder"
        return f"intet hedder '{what}'; {cure}"
    cure = f"did you mean {named}?" if near else "'expatlod explain' lists all codes"
    return f"nothing is called '{what}'; {cure}"


# -- codes of findings


def _rule_topic(model: Model, rule: Rule) -> _Topic:
    return _Topic(
        rule.code,
        lambda lang: f"{_word('code', lang)} {rule.code}: {_said(rule.label, lang)}",
        lambda lang: _tell_rule(model, rule, lang),
    )


def _tell_rule(model: Model, rule: Rule, lang: str) -> str:
    blocks = [
        f"{rule.code}: {_said(rule.label, lang)}",
        _fill(_said(rule.help, lang)),
        _rows([("why", _said(rule.why, lang))], lang),
        _snippet("right", rule.right, lang),
        _snippet("wrong", rule.wrong, lang),
    ]
    if rule.code.startswith("sh:"):
        blocks.append(_constrained(model, rule.code, lang))
    return _together(blocks)


def _constrained(model: Model, constraint: str, lang: str) -> str:
    """Return the fields that have *constraint*, each with what its shape says."""
    own = {field.shape: f"{kind.name}.{field.key}" for kind, field in _fields(model)}
    lines = {}
    for shape in model.constrained(constraint):
        message = _said(model.shape_texts(shape, "sh:message"), lang)
        name = own.get(shape) or _about(model, shape)
        if message:
            lines[f"{name}: {message}" if name else message] = bool(name)
    # Rules that are about no one field come last.
    ordered = sorted(lines, key=lambda line: not lines[line])
    if not ordered:
        return ""
    count = len(ordered)
    heading = {
        "da": f"Felter og regler med {constraint} ({count}):",
        "en": f"Fields and rules with {constraint} ({count}):",
    }
    shown = [_fill(line, "  ", "    ") for line in ordered[:_SHOWN]]
    if count > _SHOWN:
        more = {"da": f"og {count - _SHOWN} til", "en": f"and {count - _SHOWN} more"}
        shown.append(f"  {more[lang]}")
    return "\n".join([heading[lang], *shown])


def _about(model: Model, shape: str) -> str:
    """Return the class and the key that a rule is about, as far as it is about one."""
    path = model.shape_value(shape, "sh:path")
    kind = model.class_of_shape(shape)
    if kind is not None:
        field = kind.field_of(path)
        return f"{kind.name}.{field.key}" if field else kind.name
    return next((field.key for _, field in _fields(model) if field.path == path), "")


# -- fields


def _field_topic(model: Model, kind: RecordClass, field: Field) -> _Topic:
    return _Topic(
        f"{kind.name}.{field.key}",
        lambda lang: (
            f"{_word('field', lang)} {field.key} ({_said(kind.label, lang)}): "
            f"{_said(field.help, lang)}"
        ),
        lambda lang: _tell_field(model, kind, field, lang),
    )


def _tell_field(model: Model, kind: RecordClass, field: Field, lang: str) -> str:
    default = _default(model, field, lang)
    rows = [
        ("name", _said(field.name, lang)),
        ("key", field.key),
        ("class", _class_name(kind, lang)),
        ("property", model.curie(field.path)),
        ("required", _required(field, lang)),
        ("repeatable", _repeatable(model, field, lang)),
        ("holds", _holds(model, field, lang)),
        ("default", default),
        ("computed", _computed(field, lang)),
        ("rule", _said(model.shape_texts(field.shape, "sh:message"), lang)),
        ("why", _said(field.why, lang)),
        ("right", f"{field.key}: {field.right}" if field.right else ""),
        ("wrong", f"{field.key}: {field.wrong}" if field.wrong else ""),
    ]
    heading = f"{kind.name}.{field.key}: {_said(field.name, lang)}"
    return _together([heading, _fill(_said(field.help, lang)), _rows(rows, lang)])


def _required(field: Field, lang: str) -> str:
    if field.computed:
        return ""
    if field.required:
        return {"da": "ja", "en": "yes"}[lang]
    return {"da": "nej", "en": "no"}[lang]


def _repeatable(model: Model, field: Field, lang: str) -> str:
    if field.computed:
        return ""
    if field.kind == TEXT:
        if model.shape_value(field.shape, "sh:uniqueLang") == "true":
            return {"da": "nej, én tekst på hvert sprog", "en": "no, one text in each language"}[
                lang
            ]
        return {
            "da": "ja, flere tekster på et sprog skrives som en liste",
            "en": "yes, several texts in one language are written as a list",
        }[lang]
    if field.many:
        return {
            "da": "ja, flere værdier skrives som en liste",
            "en": "yes, several values are written as a list",
        }[lang]
    return {"da": "nej, højst én værdi", "en": "no, one value at most"}[lang]


def _holds(model: Model, field: Field, lang: str) -> str:
    if field.kind == TEXT:
        tags = ", ".join(f"{tag}: …" for tag in LANGUAGES)
        return {
            "da": f"en tekst på hvert sprog: {{{tags}}}",
            "en": f"a text in each language: {{{tags}}}",
        }[lang]
    if field.kind == LITERAL:
        return _literal(model, field, lang)
    if field.kind == CODE:
        return _codes_of(model.codelists[field.codelist], lang)
    if field.kind == PART:
        return _part(model.classes_by_iri[field.target], lang)
    target = model.classes_by_iri.get(field.target)
    if field.kind == REFERENCE and target is not None:
        return {
            "da": f"id'et på en post af typen {target.name}, eller en hel adresse",
            "en": f"the id of a record of type {target.name}, or a whole address",
        }[lang]
    if target is not None:
        return {
            "da": f"'#' og id'et på en del af typen {target.name}, eller en hel adresse",
            "en": f"'#' and the id of a part of type {target.name}, or a whole address",
        }[lang]
    return {
        "da": "en hel adresse, eller '#' og id'et på en del af posten",
        "en": "a whole address, or '#' and the id of a part of the record",
    }[lang]


def _literal(model: Model, field: Field, lang: str) -> str:
    if field.datatype in ("", PREFIXES["xsd"] + "string"):
        return "" if field.computed else {"da": "et stykke tekst", "en": "a piece of text"}[lang]
    expected = _said(expectation(field.datatype), lang)
    # A datatype that the engine has no words for is named.
    return model.curie(expected) if expected == field.datatype else expected


def _codes_of(codelist: Codelist, lang: str) -> str:
    count, name = len(codelist.concepts), _name(codelist)
    if count <= _FEW:
        listed = ", ".join(each.notation for each in codelist.concepts)
        return {
            "da": f"en kode fra kodelisten {name}: {listed}",
            "en": f"a code of the codelist {name}: {listed}",
        }[lang]
    ask = _ask(codelist)
    return {
        "da": f"en af de {count} koder i kodelisten {name} (expatlod explain {ask})",
        "en": f"one of the {count} codes of the codelist {name} (expatlod explain {ask})",
    }[lang]


def _part(kind: RecordClass, lang: str) -> str:
    name = _class_name(kind, lang)
    said = {
        "da": f"en del for sig: {name} (expatlod explain {kind.name})",
        "en": f"a part of its own: {name} (expatlod explain {kind.name})",
    }[lang]
    written = _written(kind, lang)
    return f"{said}; {written}" if written else said


def _written(kind: RecordClass, lang: str) -> str:
    """Return how a part can be written as one value, if it can."""
    if kind.written_in:
        forms = ", ".join(_tied(f"'{each}'") for each in kind.examples.get(lang, ()))
        shown = {"da": f", fx {forms}", "en": f", for example {forms}"}[lang] if forms else ""
        return {
            "da": f"kort som én værdi{shown}, eller under {kind.written_in}",
            "en": f"briefly as one value{shown}, or under {kind.written_in}",
        }[lang]
    if kind.text_key:
        return {
            "da": f"kort som værdien af {kind.text_key} alene",
            "en": f"briefly as the value of {kind.text_key} alone",
        }[lang]
    return ""


def _default(model: Model, field: Field, lang: str) -> str:
    for codelist in model.codelists.values():
        for concept in codelist.concepts:
            if field.default and concept.iri == field.default:
                return f"{concept.notation} ({_said(concept.labels, lang)})"
    return model.curie(field.default) if field.default else ""


def _computed(field: Field, lang: str) -> str:
    if not field.computed:
        return ""
    return {"da": "ja; skriv det ikke selv", "en": "yes; do not write it yourself"}[lang]


# -- classes


def _class_topic(model: Model, kind: RecordClass) -> _Topic:
    return _Topic(
        kind.name,
        lambda lang: f"{_word('class', lang)} {_class_name(kind, lang)}: {_said(kind.help, lang)}",
        lambda lang: _tell_class(model, kind, lang),
    )


def _tell_class(model: Model, kind: RecordClass, lang: str) -> str:
    holders = [
        f"{other.name}.{field.key}"
        for other, field in _fields(model)
        if field.kind == PART and field.target == kind.iri
    ]
    rows = [
        ("class", model.curie(kind.iri)),
        ("written", _written(kind, lang)),
        ("taken", ", ".join(holders)),
    ]
    width = max((len(key) for key in kind.fields), default=0)
    marked = {"da": "krævet", "en": "required"}[lang]
    made = {"da": "beregnes", "en": "computed"}[lang]
    lines = []
    for field in kind.fields.values():
        mark = f" ({marked})" if field.required else f" ({made})" if field.computed else ""
        lines.append(f"  {field.key:<{width}}  {_said(field.name, lang)}{mark}")
    ask = {
        "da": f"Om et felt: expatlod explain {kind.name}.{next(iter(kind.fields), '')}",
        "en": f"About a field: expatlod explain {kind.name}.{next(iter(kind.fields), '')}",
    }[lang]
    heading = _class_name(kind, lang)
    title = {"da": "Felter:", "en": "Fields:"}[lang]
    return _together(
        [heading, _fill(_said(kind.help, lang)), _rows(rows, lang), "\n".join([title, *lines]), ask]
    )


def _class_name(kind: RecordClass, lang: str) -> str:
    label = _said(kind.label, lang)
    return f"{kind.name} ({label})" if label and label != kind.name else kind.name


# -- codelists


def _codelist_topic(model: Model, codelist: Codelist) -> _Topic:
    def headline(lang: str) -> str:
        title = _said(model.term_texts(codelist.iri, "dct:title"), lang)
        return f"{_word('codelist', lang)} {_name(codelist)}: {title}".removesuffix(": ")

    return _Topic(_ask(codelist), headline, lambda lang: _tell_codelist(model, codelist, lang))


def _tell_codelist(model: Model, codelist: Codelist, lang: str) -> str:
    title = _said(model.term_texts(codelist.iri, "dct:title"), lang)
    width = max(len(each.notation) for each in codelist.concepts)
    lines = [
        f"  {each.notation:<{width}}  {_said(each.labels, lang)}".rstrip()
        for each in codelist.concepts
    ]
    count = {
        "da": f"{len(codelist.concepts)} koder; skriv koden eller navnet på et af sprogene:",
        "en": f"{len(codelist.concepts)} codes; write the code or the name in either language:",
    }[lang]
    return _together(
        [
            f"{_name(codelist)}: {title}".removesuffix(": "),
            _fill(_said(model.term_texts(codelist.iri, "skos:definition"), lang)),
            _rows([("list", codelist.iri), ("taken", _takers(model, codelist))], lang),
            "\n".join([count, *lines]),
        ]
    )


def _concept_topic(model: Model, codelist: Codelist, concept: Concept) -> _Topic:
    return _Topic(
        f"{_name(codelist)}/{concept.notation}",
        lambda lang: (
            f"{_word('code', lang)} {concept.notation} ({_name(codelist)}): "
            f"{_said(concept.labels, lang)}"
        ),
        lambda lang: _tell_concept(model, codelist, concept, lang),
    )


def _tell_concept(model: Model, codelist: Codelist, concept: Concept, lang: str) -> str:
    title = _said(model.term_texts(codelist.iri, "dct:title"), lang)
    listed = f"{_name(codelist)} ({title})" if title else _name(codelist)
    rows = [
        ("code", concept.notation),
        ("list", f"{listed}: expatlod explain {_ask(codelist)}"),
        ("taken", _takers(model, codelist)),
    ]
    return _together(
        [
            f"{concept.notation}: {_said(concept.labels, lang)}",
            _fill(_said(model.term_texts(concept.iri, "skos:definition"), lang)),
            _fill(_said(model.term_texts(concept.iri, "skos:scopeNote"), lang)),
            _rows(rows, lang),
        ]
    )


def _takers(model: Model, codelist: Codelist) -> str:
    """Return the fields that take the codes of *codelist*."""
    return ", ".join(
        f"{kind.name}.{field.key}"
        for kind, field in _fields(model)
        if field.codelist == codelist.iri
    )


def _name(codelist: Codelist) -> str:
    return codelist.iri.rpartition("/")[2]


def _ask(codelist: Codelist) -> str:
    """Return what names a codelist and nothing else: a field may bear its bare name."""
    return "/".join(codelist.iri.split("/")[-2:])


# -- words and lines


def _said(text: Text, lang: str) -> str:
    return text.get(lang) or next(iter(text.values()), "")


def _word(name: str, lang: str) -> str:
    return _WORDS[name][lang]


def _tied(text: str) -> str:
    return text.replace(" ", _TIE)


def _fill(text: str, first: str = "", rest: str = "") -> str:
    """Return *text* in lines that fit, the first of them beginning with *first*."""
    filled = textwrap.fill(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return filled.replace(_TIE, " ")


def _rows(rows: Sequence[tuple[str, str]], lang: str) -> str:
    """Return labelled lines, those without a text left out."""
    width = max(len(_word(name, lang)) for name, _ in rows) + 2
    return "\n".join(
        _fill(text, f"{_word(name, lang):<{width}}", " " * width) for name, text in rows if text
    )


def _snippet(name: str, text: str, lang: str) -> str:
    """Return a piece of a record as it is, under its label."""
    if not text:
        return ""
    return f"{_word(name, lang)}:\n{textwrap.indent(text, '    ')}"


def _together(blocks: Iterable[str]) -> str:
    return "\n\n".join(block for block in blocks if block) + "\n"
