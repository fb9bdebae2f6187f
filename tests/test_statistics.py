"""What is in a dump is counted as a parser would count it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expatlod.collection import gather
from expatlod.dumps import ntriples
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model
from expatlod.statistics import Statistics, Types, Use

ROOT = Path(__file__).resolve().parent.parent
EX = "https://example.org/"
TYPE = PREFIXES["rdf"] + "type"
SPACES = {f"{EX}boat/", f"{EX}code/"}


def _line(subject: str, predicate: str, object: ox.NamedNode | ox.Literal) -> str:
    return f"{ox.NamedNode(EX + subject)} {ox.NamedNode(predicate)} {object} .\n"


# The statistics as a parser sees them.
def _parsed(data: bytes, spaces: set[str] = SPACES) -> Statistics:
    triples = [quad.triple for quad in ox.parse(data, format=ox.RdfFormat.N_TRIPLES)]
    said: dict[str, set[str]] = {str(each.subject).strip("<>"): set() for each in triples}
    for each in triples:
        if _says_type(each):
            said[str(each.subject).strip("<>")].add(str(each.object).strip("<>"))
    types: dict[str, Types] = {name: tuple(sorted(found)) for name, found in said.items()}
    examples: dict[str, str] = {}
    for name, found in types.items():
        for each_type in found:
            examples.setdefault(each_type, name)
    uses = [_use(each, types, spaces) for each in triples if not _says_type(each)]
    return Statistics(Counter(types.values()), Counter(uses), examples)


def _says_type(triple: ox.Triple) -> bool:
    return triple.predicate.value == TYPE and isinstance(triple.object, ox.NamedNode)


def _use(triple: ox.Triple, types: dict[str, Types], spaces: set[str]) -> Use:
    subject, value = str(triple.subject).strip("<>"), triple.object
    use = Use(types[subject], triple.predicate.value)
    if isinstance(value, ox.Literal):
        return use._replace(datatype=value.datatype.value)
    assert isinstance(value, ox.NamedNode)
    record, mark, _ = value.value.partition("#")
    if mark and record == subject.partition("#")[0]:
        return use._replace(classes=types.get(value.value, ()))
    space = record[: record.rfind("/") + 1]
    return use._replace(space=space + mark) if space in spaces else use


def test_the_shipped_data_is_counted_as_a_parser_counts_it(model: Model) -> None:
    data = ntriples(gather(model, [ROOT / "data"]).records)
    spaces = {
        "https://w3id.org/expatlod/id/page/",
        "https://w3id.org/expatlod/id/organisation/",
        "https://w3id.org/expatlod/code/place/",
    }

    assert Statistics.of(data, spaces) == _parsed(data, spaces)


@pytest.mark.parametrize(
    "text",
    [
        f"\n<{EX}x> <{TYPE}> <{EX}T> .\n<{EX}y> <{TYPE}> <{EX}T> .\n",
        f"> <{TYPE}> <{EX}T> .\n",
        f'"> <{TYPE}> <',
        f"<{EX}x> <{TYPE}> <{EX}T>",
        '\\"@en .',
        '"^^<x> .',
        f"{EX}boat/a#b",
    ],
    ids=["lines", "end-of-a-line", "beginning", "statement", "language", "datatype", "fragment"],
)
def test_a_text_that_looks_like_triples_is_a_text(text: str) -> None:
    data = _line("a", TYPE, ox.NamedNode(EX + "A")) + _line(
        "a", EX + "p", ox.Literal(text, datatype=ox.NamedNode(EX + "T> .".strip("> .")))
    )

    assert Statistics.of(data.encode(), SPACES) == _parsed(data.encode())


_IRIS = (
    *("T", "U", "T#x", "boat/", "boat/r1", "boat/r1#a", "boat/r2#a", "boat/r1#b", "boat/r12"),
    *("code/c", "code/c#d", "other/x"),
)
_values = st.one_of(
    st.sampled_from([ox.NamedNode(EX + name) for name in _IRIS]),
    st.sampled_from([ox.NamedNode("mailto:crew@example.org"), ox.NamedNode("urn:x#y")]),
    st.text(st.characters(codec="utf-8")).map(ox.Literal),
    st.builds(
        ox.Literal, st.sampled_from(['"', "\\", "#/>"]), language=st.sampled_from(["da", "en-gb"])
    ),
    st.builds(ox.Literal, st.just("1"), datatype=st.just(ox.NamedNode(EX + "int"))),
)
_triples = st.tuples(
    st.sampled_from(["", "", "#a", "#b"]),
    st.sampled_from([TYPE, TYPE, EX + "p", EX + "type", EX + "q#r", TYPE + "s"]),
    _values,
)
_records = st.lists(st.lists(_triples, min_size=1, max_size=7), max_size=5).map(
    lambda records: [
        "".join(
            dict.fromkeys(
                _line(f"boat/r{index}{part}", predicate, value)
                for part, predicate, value in triples
            )
        ).encode()
        for index, triples in enumerate(records)
    ]
)


@given(_records)
def test_pieces_add_up_to_the_whole(records: list[bytes]) -> None:
    added = Statistics()
    for each in records:
        added.add(Statistics.of(each, SPACES))

    assert added == _parsed(b"".join(records))


@given(_records)
def test_the_whole_is_counted_as_its_pieces_are(records: list[bytes]) -> None:
    whole = b"".join(records)

    assert Statistics.of(whole, SPACES) == _parsed(whole)


def test_nothing_is_counted_in_nothing() -> None:
    assert Statistics.of(b"") == Statistics()


# -- uses


def _uses(*lines: str) -> list[Use]:
    return list(Statistics.of("".join(lines).encode(), SPACES).uses)


def _is(subject: str, *types: str) -> str:
    return "".join(_line(subject, TYPE, ox.NamedNode(EX + each)) for each in types)


def test_a_part_of_the_record_is_of_the_classes_that_it_has() -> None:
    uses = _uses(
        _is("boat/a", "Boat"),
        _line("boat/a", EX + "p", ox.NamedNode(EX + "boat/a#mast")),
        _is("boat/a#mast", "Spar", "Part"),
    )

    assert uses == [Use((EX + "Boat",), EX + "p", classes=(EX + "Part", EX + "Spar"))]


def test_a_part_may_lead_to_a_part() -> None:
    uses = _uses(
        _is("boat/a#mast", "Spar"),
        _line("boat/a#mast", EX + "p", ox.NamedNode(EX + "boat/a#mast")),
    )

    assert uses == [Use((EX + "Spar",), EX + "p", classes=(EX + "Spar",))]


def test_a_part_of_another_record_is_known_by_its_space_only() -> None:
    uses = _uses(
        _is("boat/a", "Boat"),
        _line("boat/a", EX + "p", ox.NamedNode(EX + "boat/ab#mast")),
        _is("boat/ab#mast", "Spar"),
    )

    assert uses == [Use((EX + "Boat",), EX + "p", space=f"{EX}boat/#")]


def test_iris_outside_of_the_spaces_are_not_told_apart() -> None:
    uses = _uses(*(_line("a", EX + "p", ox.NamedNode(f"{EX}{n}/{n}#{n}")) for n in range(9)))

    assert uses == [Use((), EX + "p")]


def test_the_numbers_are_those_of_the_uses() -> None:
    counted = Statistics.of((_is("a", "T", "U") + _line("a", EX + "p", ox.Literal("x"))).encode())

    assert (counted.triples, counted.entities) == (3, 1)
    assert counted.classes == {EX + "T": 1, EX + "U": 1}
    assert counted.properties == {TYPE: 2, EX + "p": 1}
