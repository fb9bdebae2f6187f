"""Write a record to fill in: what must be given stands empty, what may be given is a comment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from expatlod import faults
from expatlod.constraints import ANY, VIOLATION, constraints
from expatlod.errors import LANGUAGES, Text, UsageError
from expatlod.fields import CODE, PART, TEXT, Field, RecordClass
from expatlod.iris import is_local_name
from expatlod.profile import Model

__all__ = ["draft"]

# More codes than this are not listed.
_FEW = 12

_WIDTH = 96

_WORDS: Mapping[str, Text] = {
    "fill": {
        "da": "Udfyld det, der står tomt. Fjern # foran en nøgle, du bruger, og slet resten.",
        "en": "Fill in what stands empty. Remove the # before a key that you use; delete the rest.",
    },
    "required": {"da": "skal udfyldes", "en": "required"},
    "wanted": {"da": "bør udfyldes", "en": "recommended"},
    "codes": {"da": "Koder: {codes}", "en": "Codes: {codes}"},
    "some codes": {
        "da": "Koder, blandt {count}: {codes} …",
        "en": "Codes, among {count}: {codes} …",
    },
    "example": {"da": "Eksempel: {example}", "en": "Example: {example}"},
    "keys": {"da": "Nøgler: {keys}", "en": "Keys: {keys}"},
}


def draft(model: Model, kind: RecordClass, identifier: str, lang: str) -> str:
    """Return the text of a YAML record of class *kind* called *identifier*, with help in *lang*.

    Raises UsageError, saying the cure, when no record can be called so.
    """
    if not is_local_name(identifier):
        fault = faults.no_id(identifier)
        raise UsageError(f"{_said(fault.message, lang)}; {_said(fault.help, lang)}")
    writer = _Writer(model, lang)
    return "\n".join(writer.record(kind, identifier)) + "\n"


def _said(text: Text, lang: str) -> str:
    return text.get(lang) or next(iter(text.values()), "")


class _Writer:
    def __init__(self, model: Model, lang: str) -> None:
        self.model = model
        self.lang = lang

    def record(self, kind: RecordClass, identifier: str) -> Iterator[str]:
        """Yield the lines of the record."""
        label, help = _said(kind.label, self.lang), _said(kind.help, self.lang)
        yield from _comment(f"{label}: {help}".removesuffix(": "))
        yield from _comment(_said(_WORDS["fill"], self.lang))
        # An id of digits is a number to other readers of YAML.
        yield f'id: "{identifier}"' if identifier.isdigit() else f"id: {identifier}"
        yield f"type: {kind.name}"
        for field in kind.fields.values():
            if not field.computed:
                yield ""
                yield from self._field(kind, field)

    def _field(self, kind: RecordClass, field: Field) -> Iterator[str]:
        expected = constraints(self.model, kind, field, ANY).least > 0
        required = constraints(self.model, kind, field, VIOLATION).least > 0
        title = _said(field.name, self.lang) or field.key
        if expected:
            title += f" ({_said(_WORDS['required' if required else 'wanted'], self.lang)})"
        yield from _comment(f"{title}: {_said(field.help, self.lang)}".removesuffix(": "))
        if listed := self._codes(field):
            yield from _comment(listed)
        if expected:
            if field.right:
                example = f"{field.key}: {field.right}"
                yield f"# {_said(_WORDS['example'], self.lang).format(example=example)}"
            yield from self._place(kind, field, "")
        elif field.right:
            yield f"#{field.key}: {field.right}"
        else:
            yield from (f"#{line}" for line in self._place(kind, field, ""))

    def _codes(self, field: Field) -> str:
        """Return the codes that a field takes, or the first of them."""
        if field.kind == PART:
            part = self.model.classes_by_iri[field.target]
            return self._codes(part.fields[part.text_key]) if part.text_key else ""
        if field.kind != CODE:
            return ""
        concepts = self.model.codelists[field.codelist].concepts
        # Codes that are numbers are known by name.
        numbered = any(each.notation.isdigit() for each in concepts)
        words = [_said(c.labels, self.lang) if numbered else c.notation for c in concepts]
        shown = ", ".join(words[:_FEW])
        word = "codes" if len(words) <= _FEW else "some codes"
        return _said(_WORDS[word], self.lang).format(codes=shown, count=len(words))

    def _place(self, kind: RecordClass, field: Field, indent: str) -> Iterator[str]:
        """Yield the empty place of a field: its key, and the keys below it that must be there."""
        limits = constraints(self.model, kind, field, ANY)
        yield f"{indent}{field.key}:"
        if field.kind == TEXT:
            needed = limits.needed or (limits.languages or LANGUAGES)[:1]
            for tag in limits.languages or LANGUAGES:
                yield f"{indent}  {tag}:" if tag in needed else f"{indent}  #{tag}:"
        elif field.kind == PART:
            part = self.model.classes_by_iri[field.target]
            text = part.fields.get(part.text_key)
            if (text is not None and text.kind != TEXT) or part.written_in:
                return
            yield from self._inside(part, field.many, indent)

    def _inside(self, part: RecordClass, many: bool, indent: str) -> Iterator[str]:
        """Yield the places of a part: those that it needs, or else its first."""
        fields = [field for field in part.fields.values() if not field.computed]
        needed = [f for f in fields if constraints(self.model, part, f, ANY).least > 0]
        shown = needed or fields[:1]
        rest = [field.key for field in fields if field not in shown]
        inside = f"{indent}    " if many else f"{indent}  "
        lines = [line for field in shown for line in self._place(part, field, inside)]
        for number, line in enumerate(lines):
            yield f"{indent}  - {line.lstrip()}" if many and number == 0 else line
        if rest:
            words = _said(_WORDS["keys"], self.lang).format(keys=", ".join(rest))
            yield from (f"{inside}{line}" for line in _comment(words))


def _comment(text: str) -> Iterator[str]:
    """Yield *text* as lines of comment."""
    line = "#"
    for word in text.split():
        if len(line) + len(word) >= _WIDTH and line != "#":
            yield line
            line = "#"
        line += f" {word}"
    yield line
