"""Rules between records, joined: names that are taken, references that lead nowhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import pytest

from expatlod.crossings import Crossings, digest, unwritable
from expatlod.errors import Location
from expatlod.tasks import Outcome, Row

BASE = "https://example.org/id/boat/"


def outcome(number: int, names: Sequence[str], points: Sequence[tuple[int, str]] = ()) -> Outcome:
    """The outcome of a piece with records of these *names*, and (record, name) references."""
    rows = [Row(BASE + name, "Boat", Location("r.jsonl", 1)) for name in names]
    return Outcome(number, rows, [], [(row, BASE + name) for row, name in points], [], [])


@pytest.fixture
def crossings() -> Iterator[Crossings]:
    made = Crossings(keep_all=True)
    yield made
    made.close()


def test_second_and_third_of_a_name_are_found_with_the_first(crossings: Crossings) -> None:
    crossings.add(outcome(0, ["a", "b", "a"]))
    crossings.add(outcome(1, ["c", "b"]))
    crossings.add(outcome(2, ["a"]))

    assert list(crossings.doubles()) == [((0, 2), (0, 0)), ((1, 1), (0, 1)), ((2, 0), (0, 0))]


def test_names_that_differ_in_case_are_two(crossings: Crossings) -> None:
    crossings.add(outcome(0, ["a", "A"]))

    assert list(crossings.doubles()) == []


def test_reference_may_come_before_or_after_the_record(crossings: Crossings) -> None:
    crossings.add(outcome(0, ["a"], [(0, "b")]))
    crossings.add(outcome(1, ["b"], [(0, "a")]))

    assert list(crossings.dangling()) == []


def test_records_that_point_at_nothing_are_found_once_and_in_order(crossings: Crossings) -> None:
    crossings.add(outcome(0, ["a", "b"], [(1, "x"), (1, "y"), (0, "b")]))
    crossings.add(outcome(1, ["c"], [(0, "x")]))

    assert list(crossings.dangling()) == [(0, 1), (1, 0)]


def test_reference_to_a_part_needs_its_record_and_is_told_apart(crossings: Crossings) -> None:
    crossings.add(outcome(0, ["a", "b", "c"], [(1, "a#part"), (2, "x#part")]))

    assert list(crossings.dangling()) == [(0, 2)]
    assert list(crossings.inner()) == [(0, 1), (0, 2)]
    assert list(crossings.pointed_into()) == [(0, 0)]


def test_excused_names_count_as_known(crossings: Crossings) -> None:
    crossings.add(outcome(0, ["a"], [(0, "x")]))

    crossings.excuse([BASE + "x", BASE + "a"])

    assert list(crossings.dangling()) == []
    assert [crossings.find(BASE + name) for name in "axy"] == [(0, 0), (-1, 0), None]


def test_names_come_in_order(crossings: Crossings) -> None:
    crossings.add(outcome(0, ["b", "å"]))
    crossings.add(outcome(1, ["a"]))

    assert list(crossings.names()) == [BASE + "b", BASE + "å", BASE + "a"]
    assert len(list(crossings.names())) == 3


def test_what_points_at_a_rejected_record_is_found_until_it_is_rejected_too(
    crossings: Crossings,
) -> None:
    crossings.add(outcome(0, ["a", "b", "c"], [(0, "b"), (1, "c")]))
    crossings.reject([(0, 2)])

    first = crossings.pointing_at_rejected()
    crossings.reject(first)
    second = crossings.pointing_at_rejected()
    crossings.reject(second)

    assert (first, second, crossings.pointing_at_rejected()) == ([(0, 1)], [(0, 0)], [])
    assert crossings.rejected(0) == {0, 1, 2}
    assert crossings.rejected(1) == set()


def test_second_of_a_name_is_rejected_without_those_that_point_at_the_first(
    crossings: Crossings,
) -> None:
    crossings.add(outcome(0, ["a", "a", "b"], [(2, "a")]))
    crossings.reject([(0, 1)])

    assert crossings.pointing_at_rejected() == []


def test_names_stand_for_themselves_in_sixteen_bytes() -> None:
    assert len({digest(f"{BASE}{number}") for number in range(10_000)}) == 10_000
    assert len(digest(BASE)) == 16


def test_full_disk_is_told_with_what_to_do() -> None:
    message = str(unwritable(sqlite3.OperationalError("database or disk is full")))

    assert message.partition(": ")[2] == (
        "the working files could not be written: database or disk is full; what stood before is "
        "untouched; set TMPDIR to a folder with more room"
    )
