"""The CKAN view is what the real CKAN and ckanext-dcat make of the same file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from expatlod.rehearse import registers, source
from expatlod.rehearse.names import Names, slug, tag_fault
from tests.ckan_view import FOREIGN, as_real, as_said, asked, view

#: Catalogues that are compared, and what rdflib calls their syntax.
CATALOGS = {
    FOREIGN / "good.ttl": "turtle",
    FOREIGN / "odd.ttl": "turtle",
    FOREIGN / "names.ttl": "turtle",
    FOREIGN / "plain.rdf": "xml",
    FOREIGN / "plain.jsonld": "json-ld",
    FOREIGN / "stops.ttl": "turtle",
}


@cache
def real() -> dict[str, Any]:
    return asked(CATALOGS)


READ = [path for path in CATALOGS if path.name != "stops.ttl"]


@pytest.mark.parametrize("path", READ, ids=lambda path: path.name)
def test_datasets_are_those_that_ckan_makes(path: Path) -> None:
    said = [as_said(each) for each in real()["catalogs"][str(path)]]

    assert [as_real(each) for each in view(path)] == said


@pytest.mark.parametrize("path", READ, ids=lambda path: path.name)
def test_names_are_those_that_ckan_makes_of_titles(path: Path) -> None:
    said = [each["munged"] for each in real()["catalogs"][str(path)]]

    assert [slug(each.root["title"]) for each in view(path)] == said


@pytest.mark.parametrize("path", READ, ids=lambda path: path.name)
def test_keywords_are_refused_where_ckan_refuses_them(path: Path) -> None:
    said = [sorted(each["refused"]) for each in real()["catalogs"][str(path)]]

    assert [sorted(tag for tag in each.tags if tag_fault(tag)) for each in view(path)] == said


def test_real_parser_stops_at_a_geometry_that_is_a_node() -> None:
    said = real()["catalogs"][str(FOREIGN / "stops.ttl")]

    assert "stopped" in said[-1]


def test_licences_are_those_of_ckan() -> None:
    assert {key: list(value) for key, value in registers.LICENCES.items()} == real()["licences"]


def test_formats_are_called_what_ckan_calls_them() -> None:
    known = {
        spelling: registers.format_name(spelling, "")
        for name, others in registers.FORMATS.items()
        for spelling in (name.lower(), *others)
    }

    assert known.items() <= real()["formats"].items()


def test_largest_file_is_the_largest_that_ckan_fetches() -> None:
    assert real()["megabytes"] == source.MEGABYTES


# -- names


def test_second_dataset_of_a_name_gets_a_number() -> None:
    names = Names()

    assert [names.take(title) for title in ("Sea", "Sea", "Sea!")] == [
        ("sea", False),
        ("sea-1", True),
        ("sea-2", True),
    ]


def test_number_counts_all_names_that_begin_alike_as_ckanext_dcat_does() -> None:
    names = Names()

    assert [names.take(title)[0] for title in ("Sea", "Sea charts", "Sea")][2] == "sea-2"


# -- what is lost


def test_what_ckan_does_not_take_is_counted() -> None:
    berths = view(FOREIGN / "odd.ttl")[0]

    assert berths.lost == {
        "dct:title": 1,
        "dct:description": 1,
        "adms:versionNotes": 1,
        "dcat:contactPoint": 1,
        "dct:temporal": 1,
        "dcat:inSeries": 1,
    }


def test_title_is_kept_in_every_language() -> None:
    assert view(FOREIGN / "good.ttl")[0].translations == {"da": "Kajpladser", "en": "Berths"}
