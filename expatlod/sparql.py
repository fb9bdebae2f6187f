"""Look at the text of a SPARQL query: its form, whether it leaves the machine, its parameters.

Only as much is read as these questions need; the engine that answers parses the whole.
Source: SPARQL 1.1 Query Language, W3C 2013, section 19.8 (grammar).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from expatlod.errors import QueryError

__all__ = ["FORMS", "Term", "form", "refuse_depth", "refuse_service", "with_values"]

#: What a variable can be bound to.
Term = ox.NamedNode | ox.Literal

#: The query forms.
FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")

# Strings, IRIs, comments, variables, prefixed names and language tags are stepped over, so that
# what is left of words and brackets is the query's own.
_TOKENS = re.compile(
    r'''
      """(?:"{0,2}(?:[^"\\]|\\.))*"""
    | \'\'\'(?:'{0,2}(?:[^'\\]|\\.))*\'\'\'
    | "(?:[^"\\\n\r]|\\.)*"
    | '(?:[^'\\\n\r]|\\.)*'
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | \#[^\n\r]*
    | [?$]\w+
    | @[a-z]+(?:-[a-z0-9]+)*
    | (?P<run>[^\W\d_][\w.-]*)(?P<colon>:(?:[\w.:%-]|\\.)*)?
    | :(?:[\w.:%-]|\\.)*
    | [0-9]+(?:e[+-]?[0-9]+)?
    | (?P<bracket>[][{}()])
    ''',
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


# What a call looks like, seen without regard to strings and comments.
_GAP = r"(?:\s|\#[^\n\r]*[\n\r])*"
_CALLED = r"(?:<[^<>]*>|[?$]\w+|[\w.-]*:[^\s{#]{0,300})"
_CALL = re.compile(
    rf"service{_GAP}(?:silent{_GAP})?{_CALLED}{_GAP}\{{",
    re.IGNORECASE,
)

_WORD = re.compile(r"\w+")
_BRACE = re.compile(r"(?:\s|\#[^\n\r]*[\n\r])*\{")

_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")

_DEEPEST = 200
_NEGATIONS = re.compile(rf"(?:!\s*){{{_DEEPEST}}}")


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Yield the words, in capitals, and the brackets of the query, each with its position."""
    for match in _TOKENS.finditer(text):
        if match["bracket"]:
            yield match["bracket"], match.start()
        elif match["run"] and match["colon"] is None:
            for word in _WORD.finditer(match["run"]):
                yield word.group().upper(), match.start() + word.start()


def form(text: str) -> str:
    r"""Return the query's form, one of FORMS.

    Raises QueryError when the text is none of them: an update, or no SPARQL.

    >>> form("# ask\nprefix ask: <urn:x:> SELECT * {}")
    'SELECT'
    """
    word = next((word for word, _ in _tokens(text) if word not in ("PREFIX", "BASE")), "nothing")
    if word not in FORMS:
        raise QueryError(
            f"the query was not answered: it begins with {word[:40]}, which is no query; "
            f"write {', '.join(FORMS[:-1])} or {FORMS[-1]}"
        )
    return word


def with_values(text: str, bindings: Mapping[str, Term]) -> str:
    """Return the query with *bindings* as a VALUES block at the start of its WHERE clause.

    The protocol has no parameters, and Oxigraph's substitutions reach projected variables only.
    The terms are serialised, never pasted. A query without a group to put the block into
    (CONSTRUCT WHERE) gets it at its end.
    """
    if not bindings:
        return text
    names = " ".join(f"?{name}" for name in bindings)
    terms = " ".join(str(term) for term in bindings.values())
    block = f"VALUES ({names}) {{ ({terms}) }}"
    at = _group(text)
    if at is None:
        if form(text) != "CONSTRUCT":
            raise QueryError("the query has no WHERE clause to bind its parameters in")
        return f"{text}\n{block}\n"
    return f"{text[: at + 1]}\n  {block}{text[at + 1 :]}"


def _group(text: str) -> int | None:
    """Return the position of the brace that opens the WHERE clause, None where it has no room."""
    template = form(text) == "CONSTRUCT"
    depth = 0
    for word, position in _tokens(text):
        if word == "WHERE" and template and not depth:
            return None
        if word == "{" and not depth:
            if not template:
                return position
            depth += 1
        elif word in _OPENING:
            depth += 1
        elif word in _CLOSING:
            depth -= 1
            # The first group of a CONSTRUCT is its template.
            template = template and (depth > 0 or word == ")")
    return None


def refuse_service(text: str) -> None:
    """Raise QueryError when the query would call another server.

    Any SERVICE that stands as a word refuses it, and so does one in a string or a comment where
    it cannot be told what is string and comment: `<` may begin an IRI or compare numbers. To be
    too strict only asks for the option.
    """
    unclear = _CALL.search(text) and any(
        match["iri"] and "://" not in match["iri"] for match in _TOKENS.finditer(text)
    )
    # Engines take SERVICE:x { … } for a call, though SERVICE: might be a prefix.
    named = any(
        match["colon"] is not None
        and re.search(r"(?:^|[.-])service$", match["run"], re.IGNORECASE)
        and _BRACE.match(text, match.end())
        for match in _TOKENS.finditer(text)
    )
    if unclear or named or any(word == "SERVICE" for word, _ in _tokens(text)):
        raise QueryError(
            "the query calls another server (SERVICE); run it with --allow-service if it may"
        )


def refuse_depth(text: str) -> None:
    """Raise QueryError when brackets stand deeper than any question needs: parsers recurse."""
    depth = 0
    for word, _ in _tokens(text):
        depth += (word in _OPENING) - (word in _CLOSING)
        if depth > _DEEPEST:
            raise QueryError(f"the query nests brackets more than {_DEEPEST} deep")
    if _NEGATIONS.search(text):
        raise QueryError(f"the query has more than {_DEEPEST} exclamation marks in a row")
