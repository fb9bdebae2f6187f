"""The schema.org description, as search engines and JSON-LD processors read it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from pyld import jsonld

from expatlod.catalog.schema_org import schema_org
from expatlod.collection import gather
from expatlod.edition import Edition
from expatlod.profile import Model
from tests.editions import FULL, IRI, SITE, edition
from tests.harbours import dataset


@pytest.fixture(scope="module")
def release(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return edition(model, tmp_path_factory.mktemp("harbours"))


@pytest.fixture(scope="module")
def found(release: Edition) -> dict[str, object]:
    return schema_org(release)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("@type", "Dataset"),
        ("@id", IRI),
        ("name", "Harbours"),
        ("alternateName", "Havne"),
        ("description", "Facts about harbours."),
        ("identifier", IRI),
        ("url", SITE),
        ("version", "2026-01-01"),
        ("datePublished", "2025-06-01"),
        ("dateModified", "2026-01-01"),
        ("inLanguage", ["da", "en"]),
        ("isAccessibleForFree", True),
        ("license", "https://creativecommons.org/licenses/by/4.0/"),
        ("keywords", ["harbour", "havn", "kaj og mole"]),
        ("temporalCoverage", "2009-01-01/2014-06-30"),
        (
            "spatialCoverage",
            {
                "@id": "http://publications.europa.eu/resource/authority/country/DNK",
                "@type": "Place",
                "name": "Denmark",
            },
        ),
        (
            "creator",
            {
                "@id": f"{SITE}id/organisation/owner",
                "@type": "Organization",
                "name": "The owner",
                "contactPoint": {
                    "@id": f"{IRI}#mailbox",
                    "@type": "ContactPoint",
                    "email": "info@example.org",
                },
            },
        ),
    ],
    ids=lambda each: each if isinstance(each, str) and len(each) < 20 else "",
)
def test_the_dataset_is_described(found: dict[str, object], key: str, expected: object) -> None:
    assert found[key] == expected


def test_the_texts_are_in_the_language_asked_for(release: Edition) -> None:
    danish = schema_org(release, "da")

    assert [danish[key] for key in ("name", "alternateName", "description")] == [
        "Havne",
        "Harbours",
        "Oplysninger om havne.",
    ]


def test_each_dump_can_be_downloaded(found: dict[str, object]) -> None:
    downloads = found["distribution"]
    assert isinstance(downloads, list)

    assert len(downloads) == 12
    assert downloads[1] == {
        "@id": f"{IRI}#dump-ttl-gz",
        "@type": "DataDownload",
        "name": "Turtle (gzip)",
        "contentUrl": f"{SITE}releases/2026-01-01/dump/harbours.ttl.gz",
        "encodingFormat": ["text/turtle", "application/gzip"],
        "contentSize": "1001 B",
        "sha256": f"{1:064x}",
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2009/..", "2009-01-01/.."),
        ("/2014", "../2014-12-31"),
        ("2010-05", "2010-05-01/2010-05-31"),
    ],
)
def test_a_coverage_without_an_end_is_open(
    model: Model, tmp_path: Path, period: str, expected: str
) -> None:
    found = schema_org(edition(model, tmp_path, f"period: {period}\n"))

    assert found["temporalCoverage"] == expected


def test_what_the_record_does_not_say_is_left_out(model: Model, tmp_path: Path) -> None:
    found = schema_org(edition(model, tmp_path, ""))

    assert {"keywords", "spatialCoverage", "temporalCoverage"} & set(found) == set()


def test_a_long_description_is_cut_to_what_search_engines_take(
    release: Edition, model: Model, tmp_path: Path
) -> None:
    long = "{da: Havne., en: " + "x" * 6000 + "}"
    path = dataset(tmp_path) / "dataset.yaml"
    path.write_text(re.sub("(?<=description: ).*", long, path.read_text("utf-8")), "utf-8")
    longer = gather(model, [tmp_path]).dataset
    assert longer is not None

    assert schema_org(replace(release, dataset=longer))["description"] == "x" * 5000


def test_two_processors_read_the_same_without_network(found: dict[str, object]) -> None:
    def refuse(address: str, _options: object) -> None:
        raise AssertionError(f"fetches {address}")

    options = {"format": "application/n-quads", "documentLoader": refuse}
    by_pyld = jsonld.to_rdf(found, options)
    by_pyoxigraph = ox.parse(json.dumps(found), format=ox.RdfFormat.JSON_LD)

    assert {quad.triple for quad in by_pyoxigraph} == {
        quad.triple for quad in ox.parse(by_pyld, format=ox.RdfFormat.N_TRIPLES)
    }


def test_there_are_no_blank_nodes(model: Model, tmp_path: Path) -> None:
    found = schema_org(edition(model, tmp_path, FULL))

    quads = ox.parse(json.dumps(found), format=ox.RdfFormat.JSON_LD)
    assert [quad for quad in quads if isinstance(quad.subject, ox.BlankNode)] == []
