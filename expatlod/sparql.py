"""Look at the text of a SPARQL query: its form, whether it leaves the machine, its parameters.

Only as much is read as these questions need; the engine that answers parses the whole.
Source: SPARQL 1.1 Query Language, W3C 2013, section 19.8 (grammar).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pyoxigraph as ox

from expatlod.errors import QueryError

__all__ = ["FORMS", "Term", "form", "refuse_service", "with_values"]

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
    | <[^<>"{}|^`\\\x00-\x20]*>
    | \#[^\n\r]*
    | [?$@]\w+
    | \w*[\w.-]*:[\w.:%\\-]*
    | (?P<word>[A-Za-z]\w*)
    | (?P<bracket>[{}()])
    ''',
    re.VERBOSE | re.DOTALL,
)


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Yield the words, in capitals, and the brackets of the query, each with its position."""
    for match in _TOKENS.finditer(text):
        if match["word"] or match["bracket"]:
            yield match.group().upper(), match.start()


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
        elif word in "({":
            depth += 1
        elif word in ")}":
            depth -= 1
            # The first group of a CONSTRUCT is its template.
            template = template and (depth > 0 or word == ")")
    return None


def refuse_service(text: str) -> None:
    """Raise QueryError when the query would call another server, or might."""
    if "service" not in text.casefold():
        return
    # A word in a comment or a literal is no call: ask a parser, which takes a while to import.
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        # SPARQL ends a comment at a carriage return too, rdflib's parser does not.
        algebra: Any = translateQuery(parseQuery(text.replace("\r", "\n"))).algebra
    except Exception as error:
        raise QueryError(
            "the query mentions SERVICE and could not be parsed to see whether it calls another "
            f"server: {' '.join(str(error).split())}; run it with --allow-service if it may"
        ) from error
    if _calls(algebra):
        raise QueryError(
            "the query calls another server (SERVICE); run it with --allow-service if it may"
        )


def _calls(part: Any) -> bool:
    if getattr(part, "name", None) == "ServiceGraphPattern":
        return True
    if isinstance(part, Mapping):
        return any(_calls(each) for each in part.values())
    if isinstance(part, list | tuple | set):
        return any(_calls(each) for each in part)
    return False
