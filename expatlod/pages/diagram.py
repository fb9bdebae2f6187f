"""Draw the classes of records and of their parts, with the fields that lead from one to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace

from expatlod.constraints import VIOLATION, constraints
from expatlod.fields import CODE, IRI, LITERAL, TEXT, Field, RecordClass
from expatlod.lexical import EDTF
from expatlod.namespaces import PREFIXES
from expatlod.pages.layout import HEAD, ROW, WIDTH, Plan, Row, Sketch, plan
from expatlod.pages.rendering import fragment, render
from expatlod.pages.terms import Terms
from expatlod.schema.codes import title

__all__ = ["described", "draw", "fitted", "sketched", "width"]

# How many fields a box shows that lead to no other box: the records' own have more room.
_FEW, _FEW_OF_RECORD = 3, 6

# A class that so many others lead to stands on the right, where all lines can reach it.
_MANY = 3

# Dark enough on white to be told from it, WCAG 2.2, 1.4.11.
_COLOURS = (
    *("#0e7490", "#6d28d9", "#be185d", "#b45309", "#1d4ed8"),
    *("#15803d", "#9f1239", "#57534e", "#4d7c0f", "#7c2d12"),
)

# So many boxes have a colour for themselves.
_MET = 5

_INK = "#475569"

# The size of the letters in a row, in pixels.
_SIZE = 12

_SHORT: Mapping[str, str] = {
    EDTF: "short_time",
    PREFIXES["xsd"] + "boolean": "short_boolean",
    PREFIXES["xsd"] + "date": "short_date",
    PREFIXES["xsd"] + "gYear": "short_date",
    PREFIXES["xsd"] + "gYearMonth": "short_date",
    PREFIXES["xsd"] + "decimal": "short_number",
    PREFIXES["xsd"] + "integer": "short_number",
    PREFIXES["xsd"] + "nonNegativeInteger": "short_number",
    PREFIXES["xsd"] + "string": "short_text",
    "": "short_date",
}


def sketched(terms: Terms, lang: str, words: SimpleNamespace) -> Plan:
    """Return the diagram of the classes of a profile, placed."""
    columns = [[_sketch(terms, kind, lang, words) for kind in column] for column in _columns(terms)]
    return plan([column for column in columns if column])


def draw(terms: Terms, lang: str, words: SimpleNamespace, at: str = "") -> bytes:
    """Return the diagram as SVG; its links lead to the anchors of what is served at *at*."""
    drawing = sketched(terms, lang, words)
    heading = terms.ontology.title.get(lang) or words.ontology_fallback
    return render(
        "diagram.svg",
        {
            "lang": lang,
            "at": at,
            "title": words.diagram_of.format(title=heading),
            "description": described(terms, lang, words),
            "ids": (terms.section("diagram-title"), terms.section("diagram-description")),
            "drawing": drawing,
            "colours": _colours(drawing),
            "ink": _INK,
            "row_height": ROW,
            "head": HEAD,
            "width": WIDTH,
            "fitted": fitted,
            "size": _SIZE,
        },
    )


def _colours(drawing: Plan) -> Mapping[str, str]:
    """Return the colour of the lines to each box; where many meet, none of the others has it."""
    met = Counter[str]()
    for line in drawing.lines:
        met[line.target] += len(line.strokes)
    ordered = [each.sketch.id for each in drawing.boxes if each.sketch.id in met]
    ordered.sort(key=lambda target: -met[target])
    first, rest = ordered[:_MET], ordered[_MET:]
    rest.sort(key=[each.sketch.id for each in drawing.boxes].index)
    return dict(zip(first, _COLOURS, strict=False)) | {
        target: _COLOURS[_MET + place % (len(_COLOURS) - _MET)] for place, target in enumerate(rest)
    }


def described(terms: Terms, lang: str, words: SimpleNamespace) -> str:
    """Return in words what the diagram shows, for those who do not see it."""
    model = terms.model
    sentences = []
    for kind in model.classes.values():
        leads = [
            f"{each.name.get(lang, each.key)} → {_label(model.classes_by_iri[each.target], lang)}"
            for each in kind.fields.values()
            if each.target in model.classes_by_iri
        ]
        if leads:
            sentences.append(
                words.diagram_edge.format(source=_label(kind, lang), targets=", ".join(leads))
            )
    says: str = words.diagram_says
    return says.format(count=len(model.classes), edges=" ".join(sentences)).strip()


# -- which class stands where


def _columns(terms: Terms) -> list[list[RecordClass]]:
    """Return the classes of each column: those with files, their parts, what many lead to."""
    kinds = terms.model.classes_by_iri
    users = {
        iri: {
            kind.iri
            for kind in kinds.values()
            if kind.iri != iri and any(each.target == iri for each in kind.fields.values())
        }
        for iri in kinds
    }
    shared = [kind for kind in kinds.values() if len(users[kind.iri]) >= _MANY]
    roots = [kind for kind in kinds.values() if kind.segment and kind not in shared]
    if not roots:
        roots, shared = shared, []
    roots.sort(key=lambda kind: (-len(kind.fields), kind.name))
    parts = [kind for kind in _reached(roots, kinds) if kind not in shared and kind not in roots]
    parts += (kind for kind in kinds.values() if kind not in (*roots, *parts, *shared))
    rows = {kind.iri: place for place, kind in enumerate(parts)}
    shared.sort(key=lambda kind: (_middle(users[kind.iri], rows), kind.name))
    return [roots, parts, shared]


def _reached(roots: Sequence[RecordClass], kinds: Mapping[str, RecordClass]) -> list[RecordClass]:
    """Return what *roots* lead to, in order of their fields, then what that leads to."""
    found: list[RecordClass] = []
    waiting = list(roots)
    while waiting:
        kind = waiting.pop(0)
        for each in kind.fields.values():
            reached = kinds.get(each.target)
            if reached is not None and reached not in found:
                found.append(reached)
                waiting.append(reached)
    return found


def _middle(users: set[str], rows: Mapping[str, int]) -> float:
    places = [rows[iri] for iri in users if iri in rows]
    return sum(places) / len(places) if places else 0


# -- what a box shows


def _sketch(terms: Terms, kind: RecordClass, lang: str, words: SimpleNamespace) -> Sketch:
    kinds = terms.model.classes_by_iri
    fields = [each for each in kind.fields.values() if not each.computed]
    plain = [each for each in fields if each.target not in kinds]
    needed = {
        each.key for each in fields if constraints(terms.model, kind, each, VIOLATION).least > 0
    }
    plain.sort(key=lambda each: (each.key not in needed, each.order))
    room = _FEW_OF_RECORD if kind.segment else _FEW
    # One more is shown rather than "+ 1 field".
    kept = plain if len(plain) == room + 1 else plain[:room]
    shown = [each for each in fields if each.target in kinds or each in kept]
    rows = [
        row for each in shown for row in _lines(_row(terms, each, each.key in needed, lang, words))
    ]
    left = len(fields) - len(shown)
    if left:
        rows.append(Row(words.diagram_more.format(count=left), ""))
    return Sketch(
        id=kind.iri,
        title=_label(kind, lang),
        subtitle=terms.name(kind.iri),
        rows=tuple(rows),
        href=fragment(terms.anchor(kind.iri)),
        double=bool(kind.segment),
    )


def _row(terms: Terms, field: Field, bold: bool, lang: str, words: SimpleNamespace) -> Row:
    known = field.target or field.codelist
    return Row(
        text=field.name.get(lang, field.key),
        takes=_takes(terms, field, lang, words),
        target=field.target if field.target in terms.model.classes_by_iri else "",
        bold=bold,
        hint=terms.name(field.path),
        href=fragment(terms.anchor(known)) if known and terms.anchor(known) else "",
    )


def _takes(terms: Terms, field: Field, lang: str, words: SimpleNamespace) -> str:
    model = terms.model
    if field.target in model.classes_by_iri:
        return _label(model.classes_by_iri[field.target], lang)
    if field.kind == CODE:
        return title(model, model.codelists[field.codelist]).get(lang) or str(words.code)
    if field.kind == TEXT:
        return str(words.short_text)
    if field.kind == IRI:
        return str(words.short_link)
    assert field.kind == LITERAL
    short = _SHORT.get(field.datatype)
    return str(getattr(words, short)) if short else terms.name(field.datatype)


def _label(kind: RecordClass, lang: str) -> str:
    # A diagram has no room to say that a text is in another language.
    return kind.label.get(lang, kind.name)


def _lines(row: Row) -> Iterator[Row]:
    """Yield *row*, as two rows where what it says and what it takes have no room side by side."""
    if width(row.text, _SIZE, row.bold) + width(row.takes, _SIZE) + _SIZE <= WIDTH - 20:
        yield row
    else:
        yield replace(row, takes="", target="", href="")
        yield replace(row, text="")


# -- how wide a text is


def width(text: str, size: int, bold: bool = False) -> float:
    """Return how wide *text* is at most in a sans-serif of *size* pixels, without the font.

    The sizes are those of DejaVu Sans, the widest that browsers take for it, a little rounded up.
    """
    return sum(map(_advance, text)) * size * (1.12 if bold else 1.0)


def _advance(character: str) -> float:
    if character in "ijl.,:;'|! ":
        return 0.34
    if character in 'frt()-/[]"':
        return 0.46
    if character in "mwMWæÆ…@%→":
        return 1.0
    return 0.75 if character.isupper() or ord(character) > 0x2000 else 0.64


def fitted(text: str, room: float, size: int, bold: bool = False) -> str:
    """Return *text*, cut where it is too wide for so many pixels.

    >>> fitted("harbour", 200, 12), fitted("harbourmaster", 60, 12)
    ('harbour', 'harbou…')
    """
    if width(text, size, bold) <= room:
        return text
    while text and width(text + "…", size, bold) > room:
        text = text[:-1]
    return text.rstrip() + "…"
