"""Write the reference of records for their authors: what every field is for and what it takes."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from expatlod.constraints import ANY, VIOLATION, Constraints, constraints
from expatlod.errors import LANGUAGES, Text
from expatlod.fields import CODE, IRI, LITERAL, PART, REFERENCE, TEXT, Field, RecordClass
from expatlod.lexical import EDTF, expectation
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model
from expatlod.records import yaml
from expatlod.records.record import Value
from expatlod.schema import codes
from expatlod.schema.words import said

__all__ = ["render"]

_ID = "my-record"

# Codes are named beside the field when there are no more than this.
_FEW = 8

_STRING = PREFIXES["xsd"] + "string"

_WORDS: Mapping[str, Text] = {
    "title": {"da": "Sådan skrives poster", "en": "How records are written"},
    "made": {
        "da": "Denne oversigt er skrevet af `expatlod schema -f markdown -l da` ud fra formerne i "
        "`shapes/`. Ret dem og ikke oversigten.",
        "en": "This reference is written by `expatlod schema -f markdown -l en` from the shapes in "
        "`shapes/`. Change them and not the reference.",
    },
    "begin": {
        "da": "En ny post begynder lettest med `expatlod new`, som skriver de felter, der skal "
        "udfyldes, med hjælp til hvert. `expatlod validate` siger, hvad der mangler, og hvor.",
        "en": "A new record is most easily begun with `expatlod new`, which writes the fields to "
        "fill in, with help for each. `expatlod validate` says what is missing, and where.",
    },
    "kinds": {"da": "Poster", "en": "Records"},
    "parts": {"da": "Dele af poster", "en": "Parts of records"},
    "lists": {"da": "Kodelister", "en": "Codelists"},
    "formats": {"da": "Filformater", "en": "File formats"},
    "formats intro": {
        "da": "Den samme post i hvert format. Alle giver de samme data.",
        "en": "The same record in each format. All give the same data.",
    },
    "yaml": {
        "da": "**YAML** (`.yaml`): én post i hver fil, eller flere med `---` imellem.",
        "en": "**YAML** (`.yaml`): one record in each file, or several with `---` between them.",
    },
    "json": {
        "da": "**JSON** (`.json`): én post eller en liste af poster. **JSON Lines** (`.jsonl`, "
        "også `.jsonl.gz` og `.jsonl.zst`): én post på hver linje.",
        "en": "**JSON** (`.json`): one record or a list of records. **JSON Lines** (`.jsonl`, also "
        "`.jsonl.gz` and `.jsonl.zst`): one record on each line.",
    },
    "csv": {
        "da": "**CSV** (`.csv`): én post på hver linje. Kolonnen siger vejen til værdien med "
        "punktummer imellem; nummeret er pladsen i en liste, og flere værdier i samme celle "
        "skilles med `;`. `expatlod schema -f csv` skriver overskrifterne.",
        "en": "**CSV** (`.csv`): one record on each line. The column says the way to the value "
        "with dots between the steps; a number is the place in a list, and several values in one "
        "cell have `;` between them. `expatlod schema -f csv` writes the header.",
    },
    "xlsx": {
        "da": "**Excel** (`.xlsx`): ét ark for hver slags post, med de samme kolonner. "
        "`expatlod schema -f xlsx -o skabelon.xlsx` skriver en skabelon med hjælp og lister.",
        "en": "**Excel** (`.xlsx`): one sheet for each class of records, with the same columns. "
        "`expatlod schema -f xlsx -o template.xlsx` writes a template with help and lists.",
    },
    "editor": {
        "da": "En editor, der kender YAML, hjælper undervejs, når filen begynder med linjen "
        "`# yaml-language-server: $schema=…` og vejen til det skema, som "
        "`expatlod schema -f json-schema` skriver.",
        "en": "An editor that knows YAML helps as you type when the file begins with the line "
        "`# yaml-language-server: $schema=…` and the path of the schema that "
        "`expatlod schema -f json-schema` writes.",
    },
    "key": {"da": "Nøgle", "en": "Key"},
    "name": {"da": "Navn", "en": "Name"},
    "how many": {"da": "Antal", "en": "How many"},
    "write": {"da": "Skriv", "en": "Write"},
    "help": {"da": "Hjælp", "en": "Help"},
    "example": {"da": "Eksempel", "en": "Example"},
    "code": {"da": "Kode", "en": "Code"},
    "label": {"da": "Navne", "en": "Names"},
    "required": {"da": "**skal**", "en": "**required**"},
    "wanted": {"da": "bør", "en": "recommended"},
    "several": {"da": "flere", "en": "several"},
    "one": {"da": "én", "en": "one"},
    "texts": {"da": "tekst under {tags}", "en": "text under {tags}"},
    "tags": {"da": "hvert sprog", "en": "each language"},
    "line": {"da": "tekst på én linje", "en": "text on one line"},
    "time": {"da": "dato eller periode", "en": "date or period"},
    "from": {"da": "fra {limit}", "en": "from {limit}"},
    "to": {"da": "til {limit}", "en": "to {limit}"},
    "code of": {"da": "en kode fra {list}", "en": "a code of {list}"},
    "id of": {"da": "id fra {kind}", "en": "the id of {kind}"},
    "or link": {"da": "eller en adresse", "en": "or an address"},
    "link": {"da": "en adresse", "en": "an address"},
    "mail": {"da": "en mailadresse", "en": "a mail address"},
    "own part": {"da": "`#` og en dels id", "en": "`#` and the id of a part"},
    "part": {"da": "delen {kind}", "en": "the part {kind}"},
    "bare": {
        "da": "Kan skrives som én værdi; så er den `{key}`.",
        "en": "Can be written as one value, which then is `{key}`.",
    },
    "bare text": {
        "da": "Sprogene kan skrives direkte under delen; så er de `{key}`.",
        "en": "The languages can be written right under the part; they then are `{key}`.",
    },
    "forms": {
        "da": "Kan skrives som én værdi, også under nøglen `{key}`: {examples}.",
        "en": "Can be written as one value, under the key `{key}` too: {examples}.",
    },
    "used": {"da": "Bruges i: {fields}.", "en": "Used in: {fields}."},
    "show": {"da": "{count} koder", "en": "{count} codes"},
    "code help": {
        "da": "En kode kan skrives som sin kode eller som et af sine navne; store og små "
        "bogstaver, mellemrum og bindestreger er uden betydning.",
        "en": "A code can be written as itself or as one of its names; capitals, blanks and "
        "hyphens do not matter.",
    },
    "id": {
        "da": "Hver post har et `id` (små bogstaver a-z, tal og enkelte bindestreger) og en `type` "
        "(en af posttyperne nedenfor). Dele kan have et `id`, når andre skal henvise til dem.",
        "en": "Every record has an `id` (small letters a-z, digits and single hyphens) and a "
        "`type` (one of the classes below). Parts may have an `id` where others are to point at "
        "them.",
    },
}


def render(model: Model, kinds: Sequence[RecordClass], lang: str) -> bytes:
    """Return the reference of *kinds*, their parts and their codelists as Markdown."""
    text = "\n".join(_Writer(model, kinds, lang).lines()).strip()
    # What a profile says nothing about leaves a gap.
    return (re.sub("\n{3,}", "\n\n", text) + "\n").encode()


class _Writer:
    def __init__(self, model: Model, kinds: Sequence[RecordClass], lang: str) -> None:
        self.model = model
        self.kinds = kinds
        self.lang = lang
        self.parts: dict[str, RecordClass] = {}
        self.users: dict[str, list[str]] = {}
        self.codelists: dict[str, None] = {}
        for kind in kinds:
            self._gather(kind)

    def lines(self) -> Iterator[str]:
        """Yield the lines of the reference."""
        yield f"# {self._word('title')}"
        for each in ("made", "begin", "id", "code help"):
            yield from ("", self._word(each))
        yield ""
        for title, kinds in (("kinds", self.kinds), ("parts", tuple(self.parts.values()))):
            if kinds:
                yield f"- {self._word(title)}: " + " · ".join(self._link(kind) for kind in kinds)
        if self.codelists:
            lists = " · ".join(self._list_link(iri) for iri in self.codelists)
            yield f"- {self._word('lists')}: {lists}"
        yield from ("", f"## {self._word('formats')}", "", self._word("formats intro"), "")
        yield from self._formats(self._sample())
        for title, kinds in (("kinds", self.kinds), ("parts", tuple(self.parts.values()))):
            if kinds:
                yield f"## {self._word(title)}"
                for kind in kinds:
                    yield from ("", *self._class(kind))
                yield ""
        if self.codelists:
            yield f"## {self._word('lists')}"
            for iri in self.codelists:
                yield from ("", *self._codelist(iri))

    def _word(self, word: str) -> str:
        return said(_WORDS[word], self.lang)

    def _gather(self, kind: RecordClass) -> None:
        for field in kind.fields.values():
            if field.computed:
                continue
            if field.kind == CODE:
                self.codelists.setdefault(field.codelist)
            if field.kind == PART:
                part = self.model.classes_by_iri[field.target]
                new = part.name not in self.parts
                self.parts[part.name] = part
                self.users.setdefault(part.name, []).append(f"{kind.name} `{field.key}`")
                if new:
                    self._gather(part)

    # -- formats

    def _sample(self) -> dict[str, Value]:
        """Return a short record: what the class that needs least needs, a code among it."""
        needed = {kind.name: [f for f in kind.fields.values() if f.required] for kind in self.kinds}
        kind = min(
            self.kinds,
            key=lambda kind: (
                -len({TEXT, CODE} & {field.kind for field in needed[kind.name]}),
                len(needed[kind.name]),
            ),
        )
        record: dict[str, Value] = {"id": _ID, "type": kind.name}
        for field in needed[kind.name]:
            record[field.key] = self._example(field)
        return record

    def _example(self, field: Field) -> Value:
        """Return the field's own example, or its first code, or a place to fill in."""
        if field.right:
            (record,), _ = yaml.parse(f"{field.key}: {field.right}", "example")
            return record.data[field.key]
        if field.kind == CODE:
            return self.model.codelists[field.codelist].concepts[0].notation
        return dict.fromkeys(LANGUAGES, "…") if field.kind == TEXT else "…"

    def _formats(self, sample: dict[str, Value]) -> Iterator[str]:
        yield from (self._word("yaml"), "", "```yaml")
        for key, value in sample.items():
            if isinstance(value, dict):
                yield f"{key}:"
                yield from (f"  {inner}: {text}" for inner, text in value.items())
            else:
                yield f"{key}: {value}"
        yield from ("```", "", self._word("json"), "", "```json")
        yield json.dumps(sample, ensure_ascii=False)
        yield from ("```", "", self._word("csv"), "", "```csv")
        table = io.StringIO()
        csv.writer(table, lineterminator="\n").writerows(zip(*_cells(sample), strict=True))
        yield from table.getvalue().splitlines()
        yield from ("```", "", self._word("xlsx"), "", self._word("editor"), "")

    # -- classes

    def _class(self, kind: RecordClass) -> Iterator[str]:
        yield f'<a id="{self._anchor(kind.name)}"></a>'
        yield ""
        label = said(kind.label, self.lang)
        yield f"### {kind.name}" + (
            f" ({label})" if label.casefold() != kind.name.casefold() else ""
        )
        yield from ("", _escaped(said(kind.help, self.lang)))
        if kind.text_key:
            word = "bare text" if kind.fields[kind.text_key].kind == TEXT else "bare"
            yield from ("", self._word(word).format(key=kind.text_key))
        elif kind.written_in:
            examples = ", ".join(f"`{each}`" for each in kind.examples.get(self.lang, ()))
            yield from (
                "",
                self._word("forms").format(key=kind.written_in, examples=examples),
                _escaped(said(kind.cure, self.lang)),
            )
        if kind.name in self.users:
            yield from ("", self._word("used").format(fields=", ".join(self.users[kind.name])))
        yield ""
        fields = [field for field in kind.fields.values() if not field.computed]
        heads = ["key", "name", "how many", "write", "help"]
        if any(field.right for field in fields):
            heads.append("example")
        yield _row(self._word(head) for head in heads)
        yield _row("---" for _ in heads)
        for field in fields:
            row = [
                f"`{field.key}`",
                _escaped(said(field.name, self.lang)),
                self._how_many(kind, field),
                self._write(kind, field),
                _escaped(said(field.help, self.lang)),
            ]
            if "example" in heads:
                row.append(_code(field.right))
            yield _row(row)

    def _how_many(self, kind: RecordClass, field: Field) -> str:
        strict = constraints(self.model, kind, field, VIOLATION)
        words = []
        if strict.least:
            words.append(self._word("required"))
        elif constraints(self.model, kind, field, ANY).least:
            words.append(self._word("wanted"))
        if field.kind != TEXT:
            words.append(self._word("several" if field.many else "one"))
        return ", ".join(words)

    def _write(self, kind: RecordClass, field: Field) -> str:
        """Return what is written as a value of *field*, in a few words."""
        limits = constraints(self.model, kind, field, VIOLATION)
        if field.kind == TEXT:
            tags = ", ".join(f"`{tag}`" for tag in limits.languages) or self._word("tags")
            return self._word("texts").format(tags=tags)
        if field.kind == CODE:
            concepts = self.model.codelists[field.codelist].concepts
            listed = self._word("code of").format(list=self._list_link(field.codelist))
            if len(concepts) <= _FEW:
                listed += ": " + ", ".join(f"`{each.notation}`" for each in concepts)
            return listed
        if field.kind == PART:
            link = self._link(self.model.classes_by_iri[field.target])
            return self._word("part").format(kind=link)
        if field.kind == LITERAL:
            return self._literal(field, limits)
        return self._pointer(field, limits)

    def _literal(self, field: Field, limits: Constraints) -> str:
        if field.datatype == _STRING:
            return self._word("line")
        if field.datatype == EDTF:
            return self._word("time")
        words = [said(expectation(field.datatype), self.lang)]
        words += [self._word("from").format(limit=limits.low)] if limits.low else []
        words += [self._word("to").format(limit=limits.high)] if limits.high else []
        return ", ".join(words)

    def _pointer(self, field: Field, limits: Constraints) -> str:
        patterns = [pattern for pattern, _ in limits.patterns]
        if field.kind == REFERENCE:
            target = self._word("id of").format(
                kind=self._link(self.model.classes_by_iri[field.target])
            )
            return f"{target} {self._word('or link')}" if patterns else target
        assert field.kind == IRI
        if any(pattern.startswith("^mailto:") for pattern in patterns):
            return self._word("mail")
        if patterns:
            return self._word("link")
        return f"{self._word('own part')} {self._word('or link')}"

    # -- codelists

    def _codelist(self, iri: str) -> Iterator[str]:
        codelist = self.model.codelists[iri]
        listed = codes.codes(self.model, codelist)
        title = said(codes.title(self.model, codelist), self.lang) or iri
        yield f'<a id="{self._anchor(iri)}"></a>'
        yield from ("", f"### {_escaped(title)}", "", "<details>")
        yield f"<summary>{self._word('show').format(count=len(listed))}</summary>"
        yield ""
        yield _row((self._word("code"), self._word("label")))
        yield _row(("---", "---"))
        for code in listed:
            names = dict.fromkeys(code.shown[1:])
            yield _row((f"`{code.shown[0]}`", _escaped(", ".join(names))))
        yield from ("", "</details>")

    # -- links

    def _anchor(self, name: str) -> str:
        # Two languages may stand in one file.
        return f"{self.lang}-{name.rstrip('/#').rpartition('/')[2].rpartition('#')[2].lower()}"

    def _link(self, kind: RecordClass) -> str:
        known = kind.name in self.parts or kind in self.kinds
        return f"[{kind.name}](#{self._anchor(kind.name)})" if known else kind.name

    def _list_link(self, iri: str) -> str:
        title = said(codes.title(self.model, self.model.codelists[iri]), self.lang) or iri
        return f"[{_escaped(title)}](#{self._anchor(iri)})"


def _cells(sample: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    for key, value in sample.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{inner}", str(text)) for inner, text in value.items())
        else:
            yield key, ";".join(map(str, value)) if isinstance(value, list) else str(value)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _escaped(text: str) -> str:
    """Return *text* so that Markdown shows it as it is, in a cell of a table too."""
    for mark in ("\\", "|", "*", "_", "<", "`", "["):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def _code(text: str) -> str:
    """Return *text* as code in a cell, where GitHub reads an escaped pipe as a pipe."""
    if not text:
        return ""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text.replace('|', chr(92) + '|')}{fence}"
