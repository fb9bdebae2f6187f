"""What is in a dump is counted as a parser would count it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expatlod.namespaces import PREFIXES
from expatlod.statistics import Statistics

EX = "https://example.org/"
TYPE = PREFIXES["rdf"] + "type"


def _line(subject: str, predicate: str, object: ox.NamedNode | ox.Literal) -> str:
    return f"{ox.NamedNode(EX + subject)} {ox.NamedNode(predicate)} {object} .\n"


# The statistics as a parser sees them.
def _parsed(data: bytes) -> Statistics:
    quads = [quad.triple for quad in ox.parse(data, format=ox.RdfFormat.N_TRIPLES)]
    typed = [
        (each.object.value, str(each.subject).strip("<>"))
        for each in quads
        if each.predicate.value == TYPE and isinstance(each.object, ox.NamedNode)
    ]
    return Statistics(
        triples=len(quads),
        entities=len({str(each.subject) for each in quads}),
        classes=Counter(name for name, _ in typed),
        properties=Counter(each.predicate.value for each in quads),
        examples=dict(reversed(typed)),
    )


def test_the_shipped_data_is_counted_as_a_parser_counts_it(release: Path) -> None:
    (dump,) = (release / "dump").glob("*.nt")

    assert Statistics.of(dump.read_bytes()) == _parsed(dump.read_bytes())


@pytest.mark.parametrize(
    "text",
    [
        f"\n<{EX}x> <{TYPE}> <{EX}T> .\n<{EX}y> <{TYPE}> <{EX}T> .\n",
        f"> <{TYPE}> <{EX}T> .\n",
        f'"> <{TYPE}> <',
        f"<{EX}x> <{TYPE}> <{EX}T>",
    ],
    ids=["lines", "end-of-a-line", "beginning", "statement"],
)
def test_a_text_that_looks_like_triples_is_a_text(text: str) -> None:
    data = _line("a", TYPE, ox.NamedNode(EX + "A")) + _line(
        "a", EX + "p", ox.Literal(text, datatype=ox.NamedNode(EX + "T> .".strip("> .")))
    )

    assert Statistics.of(data.encode()) == _parsed(data.encode())


_triples = st.tuples(
    st.sampled_from([TYPE, EX + "p", EX + "type", TYPE + "s"]),
    st.one_of(
        st.sampled_from([ox.NamedNode(EX + name) for name in "TUV"]),
        st.text(st.characters(codec="utf-8")).map(ox.Literal),
    ),
)
_records = st.lists(st.lists(_triples, min_size=1, max_size=5), max_size=5).map(
    lambda records: [
        "".join(dict.fromkeys(_line(f"r{index}", *each) for each in triples)).encode()
        for index, triples in enumerate(records)
    ]
)


@given(_records)
def test_pieces_add_up_to_the_whole(records: list[bytes]) -> None:
    added = Statistics()
    for each in records:
        added.add(Statistics.of(each))

    assert added == _parsed(b"".join(records))


def test_nothing_is_counted_in_nothing() -> None:
    assert Statistics.of(b"") == Statistics()
