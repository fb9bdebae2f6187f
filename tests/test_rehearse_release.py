"""The shipped release passes: no finding above a note, and the score that it is to have."""

from __future__ import annotations

from pathlib import Path

import pytest

from expatlod.errors import NOTE
from expatlod.rehearse import Rehearsal, rehearse
from tests.ckan_view import as_real, as_said, asked, view

SYNTAXES = {"catalog.ttl": "turtle", "catalog.jsonld": "json-ld", "catalog.rdf": "xml"}


@pytest.fixture(scope="module")
def rehearsal(site: Path) -> Rehearsal:
    return rehearse(site)


def test_shipped_release_has_no_finding_above_a_note(rehearsal: Rehearsal) -> None:
    assert [
        f"{each.at} {each.rule} {each.message['en']}"
        for each in rehearsal.findings
        if each.severity != NOTE
    ] == []


def test_shipped_release_scores_390_of_405_at_least(rehearsal: Rehearsal) -> None:
    assert rehearsal.forecast is not None
    assert rehearsal.forecast.points >= 390


def test_shipped_release_loses_nothing_in_ckan_but_what_is_known(rehearsal: Rehearsal) -> None:
    assert rehearsal.packages is not None
    (dataset,) = rehearsal.packages

    assert dataset.root["license_id"]
    assert {"contact_name", "contact_email", "publisher_name", "spatial_uri"} <= set(dataset.extras)


def test_real_ckan_makes_of_the_shipped_release_what_is_shown(release: Path) -> None:
    paths = {release / name: form for name, form in SYNTAXES.items()}

    said = asked(paths)["catalogs"]

    assert {path.name: [as_said(each) for each in said[str(path)]] for path in paths} == {
        path.name: [as_real(each) for each in view(path)] for path in paths
    }
