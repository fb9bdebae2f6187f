"""Query examples: a `.rq` file that is a lesson, and beside it the answer to expect.

The head of the file is YAML behind `#+`, as grlc reads it: summary and description in each
language, tags, parameters. They are published in the SPARQL-examples convention of SIB.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from expatlod.dumps import turtle
from expatlod.errors import LANGUAGES, QueryError, Text, UsageError
from expatlod.guesses import nearest
from expatlod.iris import is_iri
from expatlod.lexical import expectation, is_lexical
from expatlod.namespaces import PREFIXES, expand
from expatlod.records import yaml
from expatlod.records.record import Value
from expatlod.sparql import Term, form

__all__ = ["Example", "Parameter", "examples", "find", "parse_term", "published"]

_NAME = re.compile(r"[\w-]+", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)

_FORMS = {
    "SELECT": ("sh:select", "sh:SPARQLSelectExecutable"),
    "ASK": ("sh:ask", "sh:SPARQLAskExecutable"),
    "CONSTRUCT": ("sh:construct", "sh:SPARQLConstructExecutable"),
    "DESCRIBE": ("spex:describe", "spex:SPARQLDescribeExecutable"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable that the user may set. *default* is an RDF term in N-Triples syntax."""

    name: str
    help: Text
    default: str


@dataclass(frozen=True, slots=True)
class Example:
    """A query with its explanation. *text* is the query without the head."""

    name: str
    path: Path
    summary: Text
    description: Text
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    text: str

    @property
    def source(self) -> str:
        """The whole file."""
        return self.path.read_text("utf-8")

    def expected(self) -> list[list[str]] | None:
        """Return the rows of the answer to expect, variables first, or None where none is kept."""
        path = self.path.with_suffix(".csv")
        if not path.is_file():
            return None
        try:
            with path.open(encoding="utf-8", newline="") as file:
                return list(csv.reader(file))
        except UnicodeDecodeError as error:
            raise QueryError(f"{path}: not UTF-8; save the answer as UTF-8") from error
        except OSError as error:
            raise QueryError(f"{path}: cannot be read: {error.strerror}") from error

    def bindings(
        self, given: Mapping[str, str], find: Callable[[str, str], str | None] = lambda _, __: None
    ) -> dict[str, Term]:
        """Return the terms of the parameters: as *given*, else their defaults.

        A parameter given as the empty string is left open. *find* is asked for the IRI of a code
        by the default's IRI and the code's name or label.

        Raises UsageError for a name that is no parameter or a text that is no term.
        """
        known = {each.name: each.default for each in self.parameters}
        for name in given:
            if name not in known:
                names = ", ".join(known) or "none"
                raise UsageError(f"{self.name} has no parameter '{name}'; its parameters: {names}")
        bound = {}
        for name, default in known.items():
            model = parse_term(default, name) if default else None
            if given.get(name):
                code = find(model.value, given[name]) if isinstance(model, ox.NamedNode) else None
                bound[name] = parse_term(code or given[name], name, like=model)
            elif model is not None and name not in given:
                bound[name] = model
        return bound


def parse_term(text: str, name: str, *, like: Term | None = None) -> Term:
    """Return the RDF term that *text* is in N-Triples syntax.

    A bare word is of the datatype of *like*, and a bare address an IRI.

    >>> parse_term("https://example.org/", "place")
    <NamedNode value=https://example.org/>
    """
    if text.startswith(("<", '"')):
        line = f"<urn:a:a> <urn:a:a> {text} ."
        try:
            (triple,) = ox.parse(line.encode(), format=ox.RdfFormat.N_TRIPLES)
        except (SyntaxError, ValueError) as error:
            raise _no_term(name, text) from error
        assert isinstance(triple.object, Term)
        return triple.object
    if isinstance(like, ox.Literal):
        if not is_lexical(text, like.datatype.value):
            expected = expectation(like.datatype.value)["en"]
            raise UsageError(f"parameter {name}: '{text}' is not {expected}")
        return ox.Literal(text, datatype=like.datatype)
    if is_iri(text):
        return ox.NamedNode(text)
    if like is not None or text.startswith(("http://", "https://")):
        raise _no_term(name, text)
    return ox.Literal(text)


def _no_term(name: str, text: str) -> UsageError:
    return UsageError(
        f"parameter {name}: {text} is not an RDF term; "
        'write <https://…>, "text" or "2012-06-01"^^<http://www.w3.org/2001/XMLSchema#date>'
    )


def examples(folder: Path) -> list[Example]:
    """Return the query examples in *folder*, in order of name.

    Raises QueryError for a file whose head cannot be read, UsageError when there are none.
    """
    found = [_read(path) for path in sorted(folder.glob("*.rq"))]
    if not found:
        raise UsageError(f"{folder}: no query examples (*.rq) here; name a folder with --queries")
    return found


def find(folder: Path, name: str) -> Example:
    """Return the example called *name*: its file name, or the number or the words of it."""
    known = examples(folder)
    fits = []
    for each in known:
        number, _, words = each.name.partition("-")
        if name.removesuffix(".rq") == each.name:
            return each
        if name in (number, number.lstrip("0"), words):
            fits.append(each)
    if len(fits) > 1:
        names = " and ".join(each.name for each in fits)
        raise UsageError(f"'{name}' fits {names}; write the whole name")
    if not fits:
        near = nearest(name, [part for each in known for part in (each.name, _words(each))])
        hint = f"did you mean '{near}'? " if near else ""
        raise UsageError(f"no query example '{name}'; {hint}'expatlod query list' shows them all")
    return fits[0]


def _words(example: Example) -> str:
    return example.name.partition("-")[2]


def _read(path: Path) -> Example:
    if _NAME.fullmatch(path.stem) is None:
        raise QueryError(f"{path}: name the file with letters, digits, '-' and '_' only")
    if not path.resolve().is_relative_to(path.parent.resolve()):
        raise QueryError(f"{path}: a link that leads out of the folder; put the file itself here")
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise QueryError(f"{path}: not UTF-8; save the query as UTF-8") from error
    except OSError as error:
        raise QueryError(f"{path}: cannot be read: {error.strerror}") from error
    lines = text.splitlines()
    count = next((i for i, line in enumerate(lines) if not line.startswith("#+")), len(lines))
    # Spaces in place of the marks keep the columns right in messages.
    head = _head(path, "\n".join(f"  {line[2:]}" for line in lines[:count])) if count else {}
    if not _texts(head.get("summary")):
        raise QueryError(
            f"{path}:1:1: the head has no summary; begin the file with '#+ summary:' and, on lines "
            "of their own, '#+   da: …' and '#+   en: …'"
        )
    return Example(
        name=path.stem,
        path=path,
        summary=_texts(head.get("summary")),
        description=_texts(head.get("description")),
        tags=tuple(str(tag).strip() for tag in _list(head.get("tags"))),
        parameters=tuple(_parameters(path, head.get("parameters"))),
        text="\n".join(lines[count:]).strip() + "\n",
    )


def _head(path: Path, text: str) -> Mapping[str, Value]:
    records, findings = yaml.parse(text, str(path))
    for finding in findings:
        raise QueryError(f"{finding.at}: {finding.message['en']}; {finding.help.get('en', '')}")
    return records[0].data if records else {}


def _list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _texts(value: Value) -> Text:
    if isinstance(value, dict):
        return {
            language: str(text).strip() for language, text in value.items() if language in LANGUAGES
        }
    return {"en": str(value)} if value else {}


def _parameters(path: Path, value: Value) -> Iterator[Parameter]:
    for name, about in (value if isinstance(value, dict) else {}).items():
        texts = about if isinstance(about, dict) else {}
        if _VARIABLE.fullmatch(name) is None:
            raise QueryError(f"{path}: '{name}' cannot be the name of a parameter")
        help = {key: str(text) for key, text in texts.items() if key != "default"}
        yield Parameter(name, help, str(texts.get("default") or ""))


def published(
    known: Sequence[Example], base: str, endpoint: str, prefixes: Mapping[str, str]
) -> bytes:
    """Return the examples as Turtle in the SPARQL-examples convention.

    Each is a sh:SPARQLExecutable with the question as rdfs:comment, the query, its keywords and
    the *endpoint* to put it to. Source: sparql-examples of the SIB Swiss Institute of
    Bioinformatics, https://github.com/sib-swiss/sparql-examples.
    """
    lines: list[str] = []
    declared = f"{base}query/prefixes"

    def add(subject: str, predicate: str, value: str) -> None:
        lines.append(f"<{subject}> <{expand(predicate)}> {value} .\n")

    add(declared, "rdf:type", f"<{expand('owl:Ontology')}>")
    for prefix, namespace in prefixes.items():
        name = f"{declared}#{prefix}"
        add(declared, "sh:declare", f"<{name}>")
        add(name, "rdf:type", f"<{expand('sh:PrefixDeclaration')}>")
        add(name, "sh:prefix", str(ox.Literal(prefix)))
        any_uri = ox.NamedNode(PREFIXES["xsd"] + "anyURI")
        add(name, "sh:namespace", str(ox.Literal(namespace, datatype=any_uri)))
    for each in known:
        iri = f"{base}query/{each.name}"
        predicate, kind = _FORMS[form(each.text)]
        add(iri, "rdf:type", f"<{expand('sh:SPARQLExecutable')}>")
        add(iri, "rdf:type", f"<{expand(kind)}>")
        for language, text in sorted(each.summary.items()):
            add(iri, "rdfs:label", str(ox.Literal(text, language=language)))
            whole = f"{text}\n\n{each.description.get(language, '')}".strip()
            add(iri, "rdfs:comment", str(ox.Literal(whole, language=language)))
        add(iri, predicate, str(ox.Literal(each.text)))
        add(iri, "sh:prefixes", f"<{declared}>")
        for tag in each.tags:
            add(iri, "schema:keywords", str(ox.Literal(tag)))
        add(iri, "schema:target", f"<{endpoint}>")
    return turtle("".join(lines).encode(), PREFIXES)
