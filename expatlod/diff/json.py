"""Changes as JSON, for programs: one document, texts in every language.

    {
      "version": 1,                       of this form; another number when a key changes or goes
      "old": "public", "new": "dump.nt",  as they were named
      "entries": [                        the dataset, records by class, codes, terms
        {
          "sort": "record",               or "code" or "term"
          "kind": "Boat",                 the class of a record; a CURIE for codes and terms
          "noun": {"da": …, "en": …},     what people call the class
          "state": "changed",             or "added", "removed", "withdrawn" (codes)
          "iri": "https://…",
          "name": "anna",                 the id of a record, a code's notation, a term's CURIE
          "label": {"da": …, "en": …},    {} where there is none
          "twin": "",                  for an added record, the id of a removed one of that title
          "changes": [                    [] unless it has changed
            {
              "state": "changed",         or "added", "removed", "reordered", "derived"
              "where": {"da": …, "en": …},  the way from the record to the value, in words
              "node": "https://…",        the record or part that the value is one of
              "property": "ex:crew",      a CURIE, or ""
              "language": "",             of a text
              "old": "3", "new": "4",     lexical form or IRI; "" where there is none
              "oldLabel": {…}, "newLabel": {…},  what people call it; {} where there is none
              "message": {"da": …, "en": …}  the whole as a sentence, long texts shortened
            }
          ]
        }
      ],
      "summary": [{"noun": {…}, "states": {"added": 1, "changed": 2}}],
      "message": {"da": …, "en": …}       the summary in words
    }

Every key is always there, in this order. The language chosen makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from expatlod.diff.change import Change, Entry
from expatlod.diff.changes import Changes
from expatlod.diff.words import sentence
from expatlod.errors import LANGUAGES
from expatlod.reports.report import encodable

__all__ = ["VERSION", "render"]

#: The version of the form above.
VERSION = 1


def render(changes: Changes, lang: str) -> Iterator[str]:  # noqa: ARG001
    """Yield the document, an entry on each line."""
    old, new = (_json(encodable(str(path))) for path in (changes.old, changes.new))
    yield f'{{\n"version": {VERSION},\n"old": {old},\n"new": {new},\n"entries": ['
    separator = "\n"
    for entry in changes.entries():
        yield separator + _json(_entry(entry))
        separator = ",\n"
    states = [
        {
            "noun": {"da": danish, "en": english},
            "states": {state: count for state, count in sorted(counts.items()) if count},
        }
        for (danish, english), counts in changes.counts.items()
    ]
    yield f'\n],\n"summary": {_json(states)},\n"message": {_json(changes.notes())}\n}}\n'


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _entry(entry: Entry) -> dict[str, object]:
    subject = entry.subject
    return {
        "sort": subject.sort,
        "kind": subject.kind,
        "noun": dict(subject.noun),
        "state": entry.state,
        "iri": subject.iri,
        "name": subject.name,
        "label": dict(subject.label),
        "twin": entry.twin,
        "changes": [_change(each) for each in entry.changes],
    }


def _change(change: Change) -> dict[str, object]:
    return {
        "state": change.state,
        "where": dict(change.where),
        "node": change.node,
        "property": change.property,
        "language": change.language,
        "old": change.old,
        "new": change.new,
        "oldLabel": dict(change.old_label),
        "newLabel": dict(change.new_label),
        "message": {each: sentence(change, each) for each in LANGUAGES},
    }
