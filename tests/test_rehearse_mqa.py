"""The forecast of the score of data.europa.eu: points, conditions, and what would raise them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from expatlod.archive import GENERATOR
from expatlod.rehearse import Rehearsal, rehearse
from expatlod.rehearse.metrics import DIMENSIONS, METRICS, rating
from expatlod.rehearse.mqa import Forecast

FOREIGN = Path(__file__).resolve().parent / "catalog_foreign"
GOOD = (FOREIGN / "good.ttl").read_text("utf-8")
AUTHORITY = "http://publications.europa.eu/resource/authority/"

#: Points of each dimension, https://data.europa.eu/mqa/methodology.
POSSIBLE = {
    "findability": 100,
    "accessibility": 100,
    "interoperability": 110,
    "reusability": 75,
    "contextuality": 20,
}


def mqa(folder: Path, text: str) -> Forecast:
    path = folder / "catalog.ttl"
    path.write_text(text, "utf-8")
    outlook = rehearse(path, ("mqa",)).forecast
    assert outlook is not None
    return outlook


def lost(outlook: Forecast) -> dict[str, float]:
    """Return the points that are missing, by metric."""
    return {each.metric.key: each.metric.points - each.points for each in outlook.raises}


def without(*properties: str) -> str:
    """Return the good catalogue with nothing said by *properties* of the dataset and its file."""
    text = GOOD
    for name in properties:
        text = re.sub(rf"^    {name} .*;\n", "", text, flags=re.MULTILINE)
    return text


def test_points_are_those_of_the_methodology() -> None:
    assert {
        key: sum(each.points for each in METRICS if each.dimension == key) for key in DIMENSIONS
    } == POSSIBLE


def test_good_catalogue_has_all_points(tmp_path: Path) -> None:
    outlook = mqa(tmp_path, GOOD)

    assert (outlook.points, outlook.rating, outlook.raises) == (405, "excellent", ())


def test_points_that_need_an_answer_are_named(tmp_path: Path) -> None:
    assert mqa(tmp_path, GOOD).conditional == 80


# What is missing from the dataset costs DCAT-AP nothing: it is recommended and not demanded.
@pytest.mark.parametrize(
    ("properties", "points"),
    [
        (("dcat:keyword",), {"dcat:keyword": 30}),
        (("dcat:theme",), {"dcat:theme": 30}),
        (("dct:temporal",), {"dct:temporal": 20}),
        (("dcat:contactPoint",), {"dcat:contactPoint": 20}),
        (("dcat:downloadURL",), {"dcat:downloadURL": 20, "dcat:downloadURL 200": 30}),
        (("dcat:mediaType",), {"dcat:mediaType": 10, "vocabularies": 10}),
        (("dcat:byteSize",), {"dcat:byteSize": 5}),
        (("dct:rights",), {"dct:rights": 5}),
        (("dct:accessRights",), {"dct:accessRights": 10, "accessRights vocabulary": 5}),
        (("dct:issued",), {"dct:issued": 5}),
        (
            ("dct:format",),
            {
                "dct:format": 20,
                "vocabularies": 10,
                "non-proprietary": 20,
                "machine-readable": 20,
            },
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_missing_property_costs_its_points(
    tmp_path: Path, properties: tuple[str, ...], points: dict[str, int]
) -> None:
    assert lost(mqa(tmp_path, without(*properties))) == points


@pytest.mark.parametrize(
    ("old", "new", "points"),
    [
        ("file-type/CSV", "file-type/PDF", {"non-proprietary": 20, "machine-readable": 20}),
        ("file-type/CSV", "file-type/XLSX", {"non-proprietary": 20}),
        ("file-type/CSV", "file-type/HTML", {"machine-readable": 20}),
        (
            "<https://havn.eksempel/latest/berths.csv> ;\n    dcat:downloadURL",
            "<http://localhost/berths.csv> ;\n    dcat:downloadURL",
            {"dcat:accessURL 200": 50},
        ),
        (
            f"{AUTHORITY}licence/CC_BY_4_0",
            "https://havn.eksempel/terms",
            {"licence vocabulary": 10},
        ),
    ],
)
def test_value_of_the_wrong_kind_costs_its_points(
    tmp_path: Path, old: str, new: str, points: dict[str, int]
) -> None:
    assert old in GOOD

    assert lost(mqa(tmp_path, GOOD.replace(old, new))) == points


def test_error_against_dcat_ap_costs_30(tmp_path: Path) -> None:
    text = re.sub(r'    dct:description "Hver [^;]*;\n', "", GOOD)

    assert lost(mqa(tmp_path, text)) == {"DCAT-AP": 30}


def test_error_of_another_dataset_costs_this_one_nothing(tmp_path: Path) -> None:
    text = f"{GOOD}\n<https://havn.eksempel/cranes> a dcat:Dataset .\n"

    (line,) = [each for each in mqa(tmp_path, text).lines if each.metric.key == "DCAT-AP"]

    assert (line.points, line.missing) == (15, 1)


def test_best_distribution_counts(tmp_path: Path) -> None:
    text = GOOD.replace(
        "dcat:distribution <https://havn.eksempel/berths#csv> .",
        "dcat:distribution <https://havn.eksempel/berths#page> , "
        "<https://havn.eksempel/berths#csv> .",
    )
    text += (
        "<https://havn.eksempel/berths#page> a dcat:Distribution ; "
        "dcat:accessURL <https://havn.eksempel/> .\n"
    )

    assert mqa(tmp_path, text).points == 405


def test_catalogue_has_the_average_of_its_datasets(tmp_path: Path) -> None:
    text = (
        f"{GOOD}\n<https://havn.eksempel/cranes> a dcat:Dataset ;\n"
        '  dct:title "Kraner"@da , "Cranes"@en ; dct:description "Kraner"@da , "Cranes"@en .\n'
    )

    assert mqa(tmp_path, text).points == (405 + 30) / 2


def test_what_raises_the_score_most_comes_first(tmp_path: Path) -> None:
    outlook = mqa(tmp_path, without("dct:rights", "dcat:theme", "dct:temporal"))

    assert list(lost(outlook)) == ["dcat:theme", "dct:temporal", "dct:rights"]


@pytest.mark.parametrize(
    ("points", "name"),
    [(405, "excellent"), (351, "excellent"), (350, "good"), (220, "sufficient"), (120, "bad")],
)
def test_rating_follows_the_methodology(points: int, name: str) -> None:
    assert rating(points) == name


def test_file_that_cannot_be_read_has_no_score(tmp_path: Path) -> None:
    path = tmp_path / "catalog.ttl"
    path.write_text("<a", "utf-8")

    assert rehearse(path, ("mqa",)).forecast is None


# -- a release, whose files are at hand


def site(folder: Path, *versions: str) -> Path:
    """Write a site whose every release holds the good catalogue and the file it speaks of."""
    previous = ""
    for version in versions:
        release = folder / "releases" / version
        release.mkdir(parents=True)
        (release / "catalog.ttl").write_text(GOOD, "utf-8")
        (release / "berths.csv").write_text("berth,depth\n")
        manifest = {
            "generator": GENERATOR,
            "version": "1",
            "dataset": "https://havn.eksempel/berths",
            "release": version,
            "issued": "2024-06-30T12:00:00Z",
            "site": "https://havn.eksempel/",
            "content": "",
            "records": 1,
            "triples": 1,
            "previous": previous,
            "files": [],
        }
        (release / "manifest.json").write_text(json.dumps(manifest))
        previous = version
    listed = [{"version": each, "issued": "", "sha256": ""} for each in versions]
    whole = {"generator": GENERATOR, "dataset": "", "releases": listed, "files": []}
    (folder / "releases.json").write_text(json.dumps(whole))
    return folder


def codes(rehearsal: Rehearsal) -> set[str]:
    return {code for _, code in rehearsal.counts}


def test_file_that_is_in_the_site_is_found(tmp_path: Path) -> None:
    rehearsal = rehearse(site(tmp_path, "1"))

    assert "portal:file" not in codes(rehearsal)
    assert rehearsal.forecast is not None
    assert (rehearsal.forecast.points, rehearsal.forecast.seen) == (405, True)


def test_file_that_is_missing_from_the_site_is_an_error_and_costs_80(tmp_path: Path) -> None:
    out = site(tmp_path, "1")
    (out / "releases/1/berths.csv").unlink()

    rehearsal = rehearse(out)

    assert rehearsal.fails
    assert "portal:file" in codes(rehearsal)
    assert rehearsal.forecast is not None
    assert rehearsal.forecast.points == 325


@pytest.mark.parametrize("part", ["", "releases/2"])
def test_release_is_compared_with_the_one_before(tmp_path: Path, part: str) -> None:
    out = site(tmp_path, "1", "2")
    path = out / "releases/1/catalog.ttl"
    path.write_text(
        f'{GOOD}<https://havn.eksempel/cranes> a dcat:Dataset ; dct:title "Cranes"@en .', "utf-8"
    )

    rehearsal = rehearse(out / part, ("ckan",))

    assert rehearsal.previous is not None
    assert rehearsal.previous.resolve() == path.resolve()
    assert "portal:deletion" in codes(rehearsal)


def test_first_release_is_compared_with_none(tmp_path: Path) -> None:
    assert rehearse(site(tmp_path, "1"), ("ckan",)).previous is None


def test_address_that_leads_out_of_the_site_is_a_file_that_is_missing(tmp_path: Path) -> None:
    out = site(tmp_path / "site", "1")
    (tmp_path / "secret.csv").write_text("x")
    path = out / "releases/1/catalog.ttl"
    path.write_text(GOOD.replace("latest/berths.csv", "latest/%2e%2e/%2e%2e/%2e%2e/secret.csv"))

    assert "portal:file" in codes(rehearse(out))
