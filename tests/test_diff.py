"""What differs between two releases, in the words of the domain."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from expatlod.collection import gather
from expatlod.diff import FORMATS, diff, document, first_release
from expatlod.diff.words import shortened
from expatlod.diff.written import written
from expatlod.dumps import ntriples
from expatlod.errors import ProfileError
from expatlod.profile import Model, load
from expatlod.resources import Folder

ROOT = Path(__file__).resolve().parent.parent
HARBOUR = ROOT / "tests" / "profile"
LEMVIG = "projects/working-in-lemvig.yaml"
CODE = "https://w3id.org/expatlod/code/"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"

#: Makes a release of the dataset in a folder; returns the folder of the release.
Release = Callable[[Path], Path]


@pytest.fixture
def make(model: Model, tmp_path: Path) -> Release:
    """Make a release as far as it is compared: dump, ontology, codes and shapes."""

    def release(data: Path) -> Path:
        folder = tmp_path / f"release-{len(list(tmp_path.iterdir()))}"
        (folder / "dump").mkdir(parents=True)
        (folder / "dump" / "data.nt").write_bytes(ntriples(gather(model, [data]).records))
        for name in ("ontology", "shapes"):
            shutil.copytree(ROOT / name, folder / name)
        return folder

    return release


@pytest.fixture
def old(make: Release) -> Path:
    """The release of the shipped data."""
    return make(ROOT / "data")


def told(model: Model, old: Path, new: Path, lang: str = "en") -> list[str]:
    with diff(model, old, new) as changes:
        return "".join(FORMATS["text"](changes, lang)).splitlines()


def change(path: Path, old: str, new: str) -> None:
    """Change the one place in a file where *old* stands."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new), "utf-8")


# -- records


def test_releases_of_the_same_data_do_not_differ(model: Model, make: Release, old: Path) -> None:
    new = make(ROOT / "data")

    with diff(model, old, new) as changes:
        assert list(changes.entries()) == []
        assert changes.notes() == {"da": "ingen forskelle", "en": "no differences"}


def test_a_code_that_changed_is_told_with_its_labels(
    model: Model, make: Release, old: Path, dataset: Path
) -> None:
    change(dataset / LEMVIG, "status: completed", "status: active")
    new = make(dataset)

    assert told(model, old, new) == [
        "Project changed: Working in Lemvig (working-in-lemvig)",
        "  status changed from Completed to Active",
    ]
    assert told(model, old, new, "da") == [
        "Projekt ændret: Working in Lemvig (working-in-lemvig)",
        "  status ændret fra Afsluttet til Igangværende",
    ]


def test_an_amount_that_changed_is_told_as_authors_write_it(
    model: Model, make: Release, dataset: Path
) -> None:
    share = "    fundingSource: region\n    share: 25\n"
    change(dataset / LEMVIG, share, f"{share}    amount: 180000 DKK\n")
    old = make(dataset)
    change(dataset / LEMVIG, "amount: 180000 DKK", "amount: ca. 200000 DKK")

    assert told(model, old, make(dataset)) == [
        "Project changed: Working in Lemvig (working-in-lemvig)",
        "  funding 2 amount changed from 180000 DKK to ca. 200000 DKK",
    ]


def test_values_added_to_and_removed_from_a_list_are_told_one_by_one(
    model: Model, make: Release, old: Path, dataset: Path
) -> None:
    change(
        dataset / LEMVIG,
        "theme: [employment, partner-job, housing, leisure, social-network, culture]",
        "theme: [culture, employment, partner-job, tax, leisure, social-network]",
    )

    assert told(model, old, make(dataset), "da") == [
        "Projekt ændret: Working in Lemvig (working-in-lemvig)",
        "  tema fjernet: Bolig",
        "  tema tilføjet: Skat",
    ]


def test_a_title_that_changed_is_told_with_its_language(
    model: Model, make: Release, old: Path, dataset: Path
) -> None:
    change(dataset / "organisations/skat.yaml", "  en: SKAT\n", "  en: The Tax Office\n")

    assert told(model, old, make(dataset), "da") == [
        "Organisation ændret: SKAT (skat)",
        "  navn på engelsk ændret fra “SKAT” til “The Tax Office”",
    ]


def test_of_a_long_text_what_changed_is_shown(
    model: Model, make: Release, old: Path, dataset: Path
) -> None:
    change(dataset / LEMVIG, "help foreign employees and their", "help nurses and their")

    assert told(model, old, make(dataset)) == [
        "Project changed: Working in Lemvig (working-in-lemvig)",
        (
            "  summary in English changed from “… meant to help foreign employees and their …” to "
            "“… meant to help nurses and their …”"
        ),
    ]


def test_a_record_that_is_new_and_one_that_is_gone_are_told_by_title(
    model: Model, make: Release, old: Path, dataset: Path
) -> None:
    (dataset / "organisations/dgi.yaml").unlink()
    (dataset / "organisations/cafe.yaml").write_text(
        "id: harbour-cafe\ntype: Organisation\nname: {da: Havnecaféen, en: Harbour café}\n"
        "kind: association\n"
    )
    new = make(dataset)

    assert told(model, old, new) == [
        "Organisation added: Harbour café (harbour-cafe)",
        "Organisation removed: DGI (dgi)",
    ]
    assert told(model, old, new, "da") == [
        "Organisation tilføjet: Havnecaféen (harbour-cafe)",
        "Organisation fjernet: DGI (dgi)",
    ]


def test_a_record_with_another_id_is_told_to_have_the_title_of_the_removed_one(
    model: Model, make: Release, old: Path, dataset: Path
) -> None:
    change(dataset / "organisations/dgi.yaml", "id: dgi", "id: dgi-nord")

    assert told(model, old, make(dataset)) == [
        "Organisation added: DGI (dgi-nord), has the same title as dgi, which is removed",
        "Organisation removed: DGI (dgi)",
    ]


def test_a_reference_is_told_by_the_title_of_its_target(
    model: Model, make: Release, old: Path, dataset: Path
) -> None:
    change(
        dataset / LEMVIG,
        "    actor: [integrationsnetvaerket, tilflytternetvaerket]",
        "    actor: [integrationsnetvaerket, skat]",
    )

    assert told(model, old, make(dataset), "en") == [
        "Project changed: Working in Lemvig (working-in-lemvig)",
        "  follow-up 2 actor removed: The Newcomer Network",
        "  follow-up 2 actor added: SKAT",
    ]


# -- parts


def test_a_part_inserted_in_the_middle_is_all_that_is_told(
    model: Model, make: Release, old: Path, dataset: Path
) -> None:
    change(
        dataset / LEMVIG,
        "  - funder: region-midtjylland\n",
        "  - funder: skat\n    fundingSource: state\n    amount: 1000-2000 DKK\n"
        "  - funder: region-midtjylland\n",
    )

    assert told(model, old, make(dataset)) == [
        "Project changed: Working in Lemvig (working-in-lemvig)",
        "  funding added: SKAT, State funds, 1000-2000 DKK",
    ]


def test_a_part_that_moved_and_changed_is_told_with_its_new_number(
    model: Model, make: Release, old: Path, dataset: Path
) -> None:
    change(
        dataset / LEMVIG,
        "  - funder: region-midtjylland\n    fundingSource: region\n    share: 25\n",
        "  - funder: skat\n    fundingSource: state\n"
        "  - funder: region-midtjylland\n    fundingSource: region\n    share: 20\n",
    )

    assert told(model, old, make(dataset)) == [
        "Project changed: Working in Lemvig (working-in-lemvig)",
        "  funding 3 share changed from 25 to 20",
        "  funding added: SKAT, State funds",
    ]


def test_a_part_that_has_an_id_is_the_same_whatever_it_holds(
    model: Model, make: Release, old: Path, dataset: Path
) -> None:
    change(
        dataset / LEMVIG,
        "  - id: christmas-party\n    kind: social-event\n    title:\n      da: Julefest\n"
        "      en: Christmas party\n    theme: social-network\n    period: 2010-12\n"
        "    participants: 90\n",
        "  - id: christmas-party\n    kind: shared-meal\n    title:\n      da: Julemiddag\n"
        "      en: Christmas dinner\n    theme: culture\n    period: 2011-12\n"
        "    participants: ca. 80\n",
    )

    assert told(model, old, make(dataset)) == [
        "Project changed: Working in Lemvig (working-in-lemvig)",
        "  activity christmas-party kind changed from Social event to Shared meal",
        "  activity christmas-party title in Danish changed from “Julefest” to “Julemiddag”",
        (
            "  activity christmas-party title in English changed from “Christmas party” to "
            "“Christmas dinner”"
        ),
        "  activity christmas-party theme changed from Social networks to Cultural understanding",
        "  activity christmas-party period changed from 2010-12 to 2011-12",
        "  activity christmas-party participants changed from 90 to ca. 80",
    ]


def test_parts_that_changed_places_are_told_to_stand_in_another_order(
    model: Model, make: Release, old: Path, dataset: Path
) -> None:
    first = "  - funder: den-europaeiske-socialfond\n    fundingSource: esf\n    share: 50\n"
    second = "  - funder: region-midtjylland\n    fundingSource: region\n    share: 25\n"
    change(dataset / LEMVIG, first + second, second + first)

    assert told(model, old, make(dataset), "da") == [
        "Projekt ændret: Working in Lemvig (working-in-lemvig)",
        "  finansiering i en anden rækkefølge",
    ]


def test_a_part_written_as_one_code_is_told_by_the_code(
    model: Model, make: Release, old: Path, dataset: Path
) -> None:
    change(dataset / LEMVIG, "extent: [Lemvig]", "extent: [Lemvig, Thisted]")

    assert told(model, old, make(dataset), "da") == [
        "Projekt ændret: Working in Lemvig (working-in-lemvig)",
        "  geografisk udstrækning tilføjet: Thisted",
    ]


@pytest.mark.parametrize(
    ("kind", "values", "text"),
    [
        ("Amount", {"min": "5", "max": "5", "currency": "DKK"}, "5 DKK"),
        (
            "Amount",
            {"min": "1", "max": "2", "currency": "EUR", "qualifier": "approx"},
            "ca. 1-2 EUR",
        ),
        ("Amount", {"min": "5", "currency": "DKK", "qualifier": "at-least"}, "at least 5 DKK"),
        ("Amount", {"max": "5", "currency": "DKK", "qualifier": "almost"}, "almost 5 DKK"),
        ("Quantity", {"min": "3", "max": "4", "per": "year"}, "3-4 a year"),
        ("Quantity", {"min": "5", "max": "5", "outOf": "7"}, "5 out of 7"),
        ("Amount", {"currency": "DKK"}, ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value.values()),
)
def test_a_written_form_is_made_from_the_values(
    model: Model, kind: str, values: dict[str, str], text: str
) -> None:
    schemes = {"qualifier": "qualifier/", "per": "time-unit/"}
    full = {key: CODE + schemes[key] + v if key in schemes else v for key, v in values.items()}

    assert written(model, model.classes[kind], full, "en") == text


# -- codes and terms


def test_a_code_that_is_gone_is_told_as_withdrawn(model: Model, make: Release, old: Path) -> None:
    new = make(ROOT / "data")
    path = new / "ontology/codes/fee.ttl"
    text = path.read_text("utf-8")
    blocks = text.split("\n\n")
    gone = next(block for block in blocks if "skos:Concept ;" in block)
    path.write_text(text.replace(gone, ""), "utf-8")
    with diff(model, old, new) as changes:
        (entry,) = changes.entries()

    assert (entry.subject.sort, entry.state) == ("code", "withdrawn")
    assert f'"{entry.subject.label["en"]}"@en' in gone


def test_a_code_that_is_deprecated_renamed_or_moved_is_told(
    model: Model, make: Release, old: Path
) -> None:
    new = make(ROOT / "data")
    path = new / "ontology/codes/status.ttl"
    change(path, '"Active"@en', '"Running"@en')
    change(path, "status:planned a skos:Concept ;", "status:planned a skos:Concept ; :d true ;")
    change(path, "@prefix code:", "@prefix : <http://www.w3.org/2002/07/owl#> .\n@prefix code:")
    path.write_text(path.read_text().replace(":d true", ":deprecated true"))
    path = new / "ontology/codes/place.ttl"
    text = path.read_text("utf-8")
    path.write_text(text + "place:665 skos:broader place:DK050 .\n", "utf-8")

    assert told(model, old, new) == [
        "Code (Place) changed: Lemvig (665)",
        "  broader code added: North Jutland (NUTS 3)",
        "Code (Status) changed: Running (active)",
        "  name in English changed from “Active” to “Running”",
        "Code (Status) withdrawn: Planned (planned)",
    ]
    assert told(model, old, new, "da")[4] == "Kode (Status) trukket tilbage: Planlagt (planned)"


def test_a_rule_of_a_shape_that_changed_is_told(model: Model, make: Release, old: Path) -> None:
    new = make(ROOT / "data")
    change(new / "shapes/funding.ttl", "sh:maxInclusive 100 ;", "sh:maxInclusive 90 ;")

    assert told(model, old, new, "da") == [
        "Form ændret: andel (Funding-share)",
        "  sh:maxInclusive ændret fra 100 til 90",
    ]


def test_an_ontology_that_cannot_be_read_is_told_with_its_place(
    model: Model, make: Release, old: Path
) -> None:
    new = make(ROOT / "data")
    (new / "ontology/codes/fee.ttl").write_text("fee:free a skos:Concept .\n")

    with pytest.raises(ProfileError, match=r"codes/fee\.ttl:1:"):
        diff(model, old, new)


# -- the dataset

CATALOG = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
<https://example.org/id/dataset/x> a dcat:Dataset ;
    dct:title "Sejl"@da , "{title}"@en ; dcat:version "{version}" ;
    dct:license <https://example.org/{licence}> .
"""


def test_what_the_catalogue_says_of_the_dataset_is_compared(
    model: Model, make: Release, old: Path
) -> None:
    new = make(ROOT / "data")
    before = CATALOG.format(title="Sails", version="1", licence="a")
    (old / "catalog.ttl").write_text(before)
    (new / "catalog.ttl").write_text(CATALOG.format(title="Canvas", version="2", licence="b"))

    assert told(model, old, new) == [
        "Dataset changed: Canvas (x)",
        "  title in English changed from “Sails” to “Canvas”",
        "  licence changed from https://example.org/a to https://example.org/b",
    ]


def test_a_catalogue_that_is_not_yet_written_can_be_given(
    model: Model, make: Release, old: Path
) -> None:
    new = make(ROOT / "data")
    (old / "catalog.ttl").write_text(CATALOG.format(title="Sails", version="1", licence="a"))
    dataset = "<https://example.org/id/dataset/x>"
    lines = [
        f"{dataset} {TYPE} <http://www.w3.org/ns/dcat#Dataset> .",
        f'{dataset} <http://purl.org/dc/terms/title> "Sejl"@da .',
        f'{dataset} <http://purl.org/dc/terms/title> "Sails"@en .',
        f"{dataset} <http://purl.org/dc/terms/license> <https://example.org/c> .",
    ]

    with diff(model, old, new, catalog=lines) as changes:
        assert "".join(FORMATS["text"](changes, "en")) == (
            "Dataset changed: Sails (x)\n"
            "  licence changed from https://example.org/a to https://example.org/c\n"
        )


# -- notes


def test_notes_count_what_was_added_changed_and_removed(
    model: Model, make: Release, old: Path, dataset: Path
) -> None:
    (dataset / "organisations/dgi.yaml").unlink()
    change(dataset / LEMVIG, "status: completed", "status: active")
    change(dataset / "organisations/skat.yaml", "  en: SKAT\n", "  en: The Tax Office\n")
    with diff(model, old, make(dataset)) as changes:
        assert changes.notes() == {
            "da": "Projekt: 1 ændret; Organisation: 1 fjernet, 1 ændret",
            "en": "Project: 1 changed; Organisation: 1 removed, 1 changed",
        }


def test_notes_of_the_first_release_count_its_records(model: Model) -> None:
    kind = model.classes["Page"].iri

    assert first_release(model, {kind: 6, "https://example.org/other": 9}) == {
        "da": "første udgivelse; Side: 6",
        "en": "first release; Page: 6",
    }


def test_the_file_of_a_release_tells_the_changes_in_both_languages(
    model: Model, make: Release, old: Path, dataset: Path
) -> None:
    change(dataset / LEMVIG, "status: completed", "status: active")
    with diff(model, old, make(dataset)) as changes:
        assert document(changes, "2026-01-15").decode() == (
            "# Ændringer siden 2026-01-15\n\nProjekt: 1 ændret\n\n## Projekt\n\n### Ændret\n\n"
            "- Working in Lemvig (working-in-lemvig)\n"
            "  - status ændret fra Afsluttet til Igangværende\n"
            "\n# Changes since 2026-01-15\n\nProject: 1 changed\n\n## Project\n\n### Changed\n\n"
            "- Working in Lemvig (working-in-lemvig)\n"
            "  - status changed from Completed to Active\n"
        )


def test_the_file_of_the_first_release_says_so() -> None:
    assert document(None).decode() == "# Første udgivelse\n\n# First release\n"


# -- the other profile


def _boats(model: Model, folder: Path, boat: str) -> Path:
    folder.mkdir()
    (folder / "fleet.yaml").write_text(
        "id: north\ntype: Fleet\nheading: {da: Både, en: Boats}\nabout: {da: Alle., en: All.}\n"
        "rights: https://example.org/free\nroot: https://boats.example.org/\n"
    )
    (folder / "yard.yaml").write_text("id: east\ntype: Yard\ncalled: {da: Øst, en: East Yard}\n")
    (folder / "west.yaml").write_text("id: west\ntype: Yard\ncalled: {da: Vest, en: West Yard}\n")
    (folder / "boat.yaml").write_text(f"id: anna\ntype: Boat\ncalled: {{da: Anna}}\n{boat}")
    path = folder / "boats.nt"
    path.write_bytes(ntriples(gather(model, [folder]).records))
    return path


def test_a_dataset_of_another_field_of_life_is_told_in_its_words(tmp_path: Path) -> None:
    model = load(Folder(HARBOUR))
    old = _boats(
        model,
        tmp_path / "old",
        "hull: monohull\nlength: 9.5 m\nbuiltBy: east\ncrew: 4\n"
        "voyage:\n  - {en: Home by dark}\n  - {when: 2012-06, called: {en: Out and about}}\n",
    )
    new = _boats(
        model,
        tmp_path / "new",
        "hull: To skrog\nlength: 10-12 m\nbuiltBy: west\ncrew: 5\n"
        "voyage:\n  - {en: Ashore}\n  - {en: Home by dark}\n"
        "  - {when: 2012-07, called: {en: Out and about}}\n",
    )

    assert told(model, old, new) == [
        "Boat changed: Anna (anna)",
        "  hull changed from Monohull to Catamaran",
        "  length changed from 9.5 m to least 10, most 12",
        "  yard changed from East Yard to West Yard",
        "  crew changed from 4 to 5",
        "  voyage 3 time changed from 2012-06 to 2012-07",
        "  voyage added: Ashore",
    ]


# -- long texts


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("short", "shorter", ("short", "shorter")),
        ("a" * 100, "a" * 101, ("… " + "a" * 20, "… " + "a" * 21)),
        ("word " * 30, "word " * 31, ("… word word word word", "… word word word word word")),
        ("", "x" * 200, ("", "x" * 80 + " …")),
        ("b" + " same" * 30, "c" + " same" * 30, ("b same same same …", "c same same same …")),
    ],
    ids=["short", "one-more-letter", "one-more-word", "from-nothing", "at-the-start"],
)
def test_long_texts_are_cut_around_what_differs(old: str, new: str, shown: tuple[str, str]) -> None:
    assert shortened(old, new) == shown


def test_the_json_document_holds_long_texts_whole(
    model: Model, make: Release, old: Path, dataset: Path
) -> None:
    change(dataset / LEMVIG, "help foreign employees and their", "help nurses and their")
    with diff(model, old, make(dataset)) as changes:
        data = json.loads("".join(FORMATS["json"](changes, "en")))

    (change_,) = data["entries"][0]["changes"]
    assert change_["new"].startswith("Municipal project meant to help nurses and their families")
    assert change_["new"].endswith("shared events and a website.")
