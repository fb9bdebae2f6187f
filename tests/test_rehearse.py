"""What is said of catalogues that anybody made: findings with their places, and never a crash."""

from __future__ import annotations

import gzip
import json
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from expatlod.errors import ERROR, LANGUAGES, NOTE, WARNING, UsageError
from expatlod.profile import Model
from expatlod.rehearse import KEPT, Rehearsal, rehearse
from expatlod.rehearse.sample import sample
from expatlod.rehearse.source import opened

#: Runs `expatlod` in a process of its own, see conftest.py.
Command = Callable[..., subprocess.CompletedProcess[str]]

HERE = Path(__file__).resolve().parent
FOREIGN = HERE / "catalog_foreign"

PREFIXES = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix ex: <https://example.org/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

#: Lines before what a test writes.
ABOVE = PREFIXES.count("\n")

#: Rules whose examples are not run as they stand, and why.
NOT_RUN = {
    "portal:encoding": "a coding is no text; tested below",
    "portal:file": "there must be a release; tested with the MQA",
    "portal:sample": "nobody would read 20,000 datasets; tested below",
    "portal:size": "nobody would read 60 MB; tested below",
    "portal:syntax": "has no prefixes; tested below",
}


def catalog(folder: Path, text: str, name: str = "catalog.ttl") -> Path:
    path = folder / name
    path.write_text(PREFIXES + text, "utf-8")
    return path


def ckan(path: Path, previous: Path | None = None) -> Rehearsal:
    return rehearse(path, ("ckan",), previous)


def places(rehearsal: Rehearsal) -> list[tuple[str, str, int]]:
    """Return severity, code and line of each finding, the line as the test wrote it."""
    return [(each.severity, each.rule, max(each.at.line - ABOVE, 0)) for each in rehearsal.findings]


def codes(rehearsal: Rehearsal) -> set[str]:
    return {code for _, code in rehearsal.counts}


# -- every code


def test_every_code_of_a_portal_is_explained_and_no_other(model: Model) -> None:
    used: set[str] = set()
    for path in (HERE.parent / "expatlod/rehearse").rglob("*.py"):
        used |= set(re.findall(r"\"(portal:[a-z]+)\"", path.read_text()))

    assert {code for code in model.rules if code.startswith("portal:")} == used


def test_addresses_of_rules_are_made_of_their_codes() -> None:
    text = (HERE.parent / "ontology/rules-portal.ttl").read_text()
    pairs = re.findall(
        r"^<https://w3id.org/expatlod/rule/(\S+)> a .*\n.*notation \"(\S+)\"", text, re.MULTILINE
    )

    assert [iri for iri, _ in pairs] == [code.replace(":", "/") for _, code in pairs]


@pytest.mark.parametrize("side", ["right", "wrong"])
def test_examples_of_rules_are_what_they_say(model: Model, tmp_path: Path, side: str) -> None:
    odd = {}
    for code, rule in model.rules.items():
        if not code.startswith("portal:") or code in NOT_RUN:
            continue
        before = catalog(tmp_path, rule.right, "before.ttl")
        now = catalog(tmp_path, rule.right if side == "right" else rule.wrong)
        found = code in codes(ckan(now, before))
        if found != (side == "wrong"):
            odd[code] = found

    assert odd == {}


# -- findings stand where their cause is


def test_dataset_without_a_title_stops_the_harvest(tmp_path: Path) -> None:
    path = catalog(
        tmp_path, '<https://a.eksempel/1> a dcat:Dataset ;\n  dct:description "No title"@en .\n'
    )

    assert places(ckan(path)) == [(ERROR, "portal:title", 1)]


def test_keyword_with_a_comma_and_one_that_is_refused_are_told_apart(tmp_path: Path) -> None:
    path = catalog(
        tmp_path,
        '<https://a.eksempel/1> a dcat:Dataset ;\n  dct:title "One" ;\n'
        '  dcat:keyword "sea, land" ,\n    "R&D" .\n',
    )

    assert places(ckan(path)) == [(WARNING, "portal:keyword", 3), (ERROR, "portal:tag", 4)]


def test_empty_half_of_a_keyword_is_refused(tmp_path: Path) -> None:
    path = catalog(
        tmp_path,
        '<https://a.eksempel/1> a dcat:Dataset ;\n  dct:title "One" ;\n  dcat:keyword "sea," .\n',
    )

    assert codes(ckan(path)) == {"portal:keyword", "portal:tag"}


@pytest.mark.parametrize(
    ("address", "severity"),
    [
        ("<https://havn.eksempel/a.csv>", None),
        ("<http://havn.eksempel/a.csv>", NOTE),
        ("<https://example.org/a.csv>", NOTE),
        ("<http://localhost/a.csv>", ERROR),
        ("<http://127.0.0.1:8000/a.csv>", ERROR),
        ("<http://[::1]/a.csv>", ERROR),
        ("<http://192.168.1.4/a.csv>", ERROR),
        ("<http://fileserver/a.csv>", ERROR),
        ("<file:///srv/a.csv>", WARNING),
        ("<ftp://havn.eksempel/a.csv>", WARNING),
        ('"a.csv"', WARNING),
        ('"http://["', WARNING),
    ],
)
def test_address_is_judged_by_who_can_reach_it(
    tmp_path: Path, address: str, severity: str | None
) -> None:
    path = catalog(
        tmp_path,
        '<https://a.eksempel/1> a dcat:Dataset ; dct:title "One" ;\n'
        "  dcat:distribution <https://a.eksempel/1#csv> .\n"
        f"<https://a.eksempel/1#csv> dcat:accessURL {address} .\n",
    )

    expected = [(severity, "portal:address", 3)] if severity else []
    assert places(ckan(path)) == expected


def test_second_contact_is_where_the_warning_stands(tmp_path: Path) -> None:
    path = catalog(
        tmp_path,
        '<https://a.eksempel/1> a dcat:Dataset ; dct:title "One" ;\n'
        "  dcat:contactPoint <https://a.eksempel/#a> ,\n    <https://a.eksempel/#b> .\n",
    )

    assert places(ckan(path)) == [(WARNING, "portal:first", 3)]


def test_messages_are_in_both_languages() -> None:
    findings = rehearse(FOREIGN / "odd.ttl").findings

    assert {tuple(sorted(each.message)) for each in findings if "portal:" in each.rule} == {
        LANGUAGES
    }


# -- what a harvest deletes

ONE = '<https://a.eksempel/1> a dcat:Dataset ; dct:title "One"@en .\n'
TWO = '<https://a.eksempel/2> a dcat:Dataset ; dct:title "Two"@en .\n'
FILE = (
    '<https://a.eksempel/1> a dcat:Dataset ; dct:title "One" ;\n'
    "  dcat:distribution <https://a.eksempel/1#{}> .\n"
    "<https://a.eksempel/1#{}> dcat:accessURL <https://a.eksempel/1.csv> .\n"
)


def test_dataset_that_is_gone_is_deleted(tmp_path: Path) -> None:
    before = catalog(tmp_path, ONE + TWO, "before.ttl")
    found = ckan(catalog(tmp_path, ONE), before)

    assert [(each.rule, each.value) for each in found.findings] == [
        ("portal:deletion", "https://a.eksempel/2")
    ]


def test_same_catalogue_deletes_nothing(tmp_path: Path) -> None:
    before = catalog(tmp_path, ONE + TWO, "before.ttl")

    assert ckan(catalog(tmp_path, TWO + ONE), before).findings == ()


def test_resource_under_another_iri_is_deleted_and_made_again(tmp_path: Path) -> None:
    before = catalog(tmp_path, FILE.format("csv", "csv"), "before.ttl")
    found = ckan(catalog(tmp_path, FILE.format("file", "file")), before)

    (finding,) = found.findings
    assert finding.message["en"] == (
        "the distribution 'https://a.eksempel/1#csv' is not here any more; the portal deletes the "
        "resource and makes it again as 'https://a.eksempel/1#file'"
    )


def test_dataset_without_an_iri_is_the_same_while_its_identifier_is(tmp_path: Path) -> None:
    text = '[] a dcat:Dataset ; dct:title "{}" ; dct:identifier "one" .\n'
    before = catalog(tmp_path, text.format("Old"), "before.ttl")

    assert codes(ckan(catalog(tmp_path, text.format("New")), before)) == {
        "portal:identity",
        "portal:renamed",
    }


def test_catalogue_before_that_cannot_be_read_is_wrong_usage(tmp_path: Path) -> None:
    before = tmp_path / "before.ttl"
    before.write_text("<a")

    with pytest.raises(UsageError, match=r"before\.ttl:1:.*--previous"):
        ckan(catalog(tmp_path, ONE), before)


def test_catalogue_before_is_of_no_use_without_ckan(tmp_path: Path) -> None:
    path = catalog(tmp_path, ONE)

    with pytest.raises(UsageError, match="rehearse ckan too"):
        rehearse(path, ("mqa",), path)


# -- bad input

HTML = "<!DOCTYPE html>\n<html><body>Catalogue</body></html>"
BOMB = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aa">]><r>&a;</r>'
REMOTE = '{"@context": "https://example.org/context.jsonld", "@id": "x:y"}'


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.ttl", b"", "portal:syntax"),
        ("blank.ttl", b"\xef\xbb\xbf \n\n", "portal:syntax"),
        ("page.ttl", HTML.encode(), "portal:syntax"),
        ("page.rdf", HTML.encode(), "portal:syntax"),
        ("noise.ttl", b"\0\1\2\3" * 100, "portal:syntax"),
        ("noise.nt", bytes(range(1, 256)) * 10, "record:rdf"),
        ("packed.ttl", gzip.compress(PREFIXES.encode()), "portal:syntax"),
        ("catalog.xyz", PREFIXES.encode(), "portal:syntax"),
        ("catalog", ONE.encode(), "portal:syntax"),
        ("broken.ttl", f"{PREFIXES}{ONE}<https://a".encode(), "record:rdf"),
        ("relative.ttl", f"{PREFIXES}<one> a dcat:Dataset .".encode(), "record:rdf"),
        ("bomb.rdf", BOMB.encode(), "record:rdf"),
        ("broken.rdf", b"<rdf:RDF><a></rdf:RDF>", "record:rdf"),
        ("remote.jsonld", REMOTE.encode(), "record:rdf"),
        ("list.jsonld", b"[" * 100_000, "record:rdf"),
        ("number.jsonld", b"17", "portal:none"),
        ("none.ttl", PREFIXES.encode(), "portal:none"),
        ("wide.ttl", (PREFIXES + ONE).encode("utf-16"), "record:rdf"),
        ("latin.ttl", (PREFIXES + ONE.replace("One", "Ø")).encode("latin-1"), "portal:encoding"),
    ],
)
def test_bad_file_is_an_error_with_its_place(
    tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)

    found = rehearse(path)

    assert found.fails
    assert code in codes(found)


def test_broken_turtle_is_told_with_its_line(tmp_path: Path) -> None:
    path = catalog(tmp_path, ONE + "<https://a.eksempel/2> a dcat:Dataset ; ; dct:title } .\n")

    assert places(ckan(path)) == [(ERROR, "record:rdf", 2)]


def odd_graphs() -> list[Any]:
    """Return graphs that a parser reads and nobody means, each with its name."""
    cases = (FOREIGN / "odd_graphs.txt").read_text("utf-8").split("\n\n")
    return [pytest.param(case, id=case.splitlines()[0].removeprefix("# ")) for case in cases]


@pytest.mark.parametrize("text", odd_graphs())
def test_odd_graph_is_rehearsed_for_every_portal(tmp_path: Path, text: str) -> None:
    path = catalog(tmp_path, text + "\n")

    assert rehearse(path).counts


def test_chain_in_a_circle_is_told_once(tmp_path: Path) -> None:
    links = "".join(
        f'<https://a.eksempel/{n}> a dcat:Dataset ; dct:title "Year {n}" ;\n'
        f"  dcat:prev <https://a.eksempel/{(n + 1) % 1000}> .\n"
        for n in range(1000)
    )

    assert [each[:2] for each in places(ckan(catalog(tmp_path, links)))] == [
        (WARNING, "portal:series")
    ]


def test_file_larger_than_portals_fetch_is_not_read_further(tmp_path: Path) -> None:
    path = catalog(tmp_path, ONE)
    with path.open("a") as file:
        file.write("# a comment of a kilobyte\n".ljust(1024, "#") * 60 * 1024)

    assert places(rehearse(path)) == [(ERROR, "portal:size", 0)]


def test_many_findings_of_a_kind_are_counted_and_the_first_are_kept(tmp_path: Path) -> None:
    text = "".join(f"<https://a.eksempel/{n}> a dcat:Dataset .\n" for n in range(1000))

    found = ckan(catalog(tmp_path, text))

    assert (len(found.findings), dict(found.counts)) == (KEPT, {(ERROR, "portal:title"): 1000})


def test_shapes_judge_the_first_datasets_of_a_large_catalogue(tmp_path: Path) -> None:
    text = "".join(
        f'<https://a.eksempel/{n}> a dcat:Dataset ; dct:title "{n}" .\n' for n in range(10)
    )
    source = opened(catalog(tmp_path, text))

    placed, judged = sample(source.graph, source.placed, 6)

    assert (len(placed), len(judged)) == (6, 3)


def large(folder: Path) -> Path:
    """Write a catalogue of 10,000 datasets, each with faults."""
    return catalog(
        folder,
        "".join(
            f'<https://a.eksempel/{n}> a dcat:Dataset ; dct:title "Same"@en ;\n'
            f'  dcat:keyword "a, b" ; dcat:distribution <https://a.eksempel/{n}#csv> .\n'
            f"<https://a.eksempel/{n}#csv> dct:license <https://a.eksempel/l> .\n"
            for n in range(10_000)
        ),
    )


def test_ten_thousand_datasets_fit_in_a_gigabyte(tmp_path: Path) -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (1_000_000_000, 1_000_000_000))

    run = subprocess.run(
        [sys.executable, "-c", COMMAND, str(large(tmp_path)), "--lang", "en"],
        capture_output=True,
        text=True,
        preexec_fn=limited,
        timeout=300,
    )

    assert run.returncode == 1, run.stderr[-2000:]
    assert "portal:name: 9999 findings, of which the first 20 are shown" in run.stderr


# -- the command

COMMAND = "from expatlod.cli.rehearse import rehearse; rehearse()"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        cwd=HERE.parent,
        env={"LC_ALL": "C.UTF-8", "PATH": ""},
    )


def test_command_shows_a_dataset_as_ckan_would() -> None:
    shown = run("tests/catalog_foreign/good.ttl", "--portal", "ckan", "--lang", "en")

    assert (shown.returncode, shown.stderr) == (0, "1 note\n")
    assert shown.stdout.startswith(
        """\
CKAN 2.12, ckanext-dcat 2.4: 1 dataset

  identity   https://havn.eksempel/berths
  name       berths
  title      Berths  [da: Kajpladser]
  notes      Each berth with its depth.
  licence    cc-by (known by its title)
  tags       havn · harbour
  contact    Harbour office, data@havn.eksempel, https://havn.eksempel/#mailbox
  publisher  The harbour, https://havn.eksempel/#office
  period     2024-01-01 – 2024-12-31
  place      Denmark, http://publications.europa.eu/resource/authority/country/DNK
"""
    )


def test_command_speaks_danish() -> None:
    shown = run("tests/catalog_foreign/good.ttl", "--portal", "mqa", "--lang", "da")

    assert shown.stdout.startswith("MQA: 405 af 405 point, fremragende\n")


def test_command_ends_with_1_when_there_is_an_error(tmp_path: Path) -> None:
    assert run(catalog(tmp_path, "<https://a.eksempel/1> a dcat:Dataset .\n")).returncode == 1


def test_command_ends_with_0_when_there_are_only_notes() -> None:
    assert run("tests/catalog_foreign/good.ttl").returncode == 0


def test_json_is_the_whole_rehearsal() -> None:
    shown = json.loads(run("tests/catalog_foreign/odd.ttl", "-f", "json").stdout)

    assert (shown["version"], shown["datasets"], len(shown["ckan"]["datasets"])) == (1, 3, 3)
    assert shown["ckan"]["datasets"][0]["resources"][0]["url"] == "https://example.org/berths.csv"
    assert shown["mqa"]["possible"] == 405
    assert set(shown["counts"]) == {ERROR, WARNING, NOTE}


def test_escapes_in_a_catalogue_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = catalog(
        tmp_path,
        "<https://a.eksempel/1> a dcat:Dataset ;\n"
        '  dct:title "\\u001B]0;owned\\u0007\\u202E\\u200BOne\\nTwo" ; \n'
        '  dct:description "\\u009B31m" ;\n'
        '  dcat:keyword "\\u001B[2J, x" ; dcat:distribution [ dct:title "\\u001B[1A" ;\n'
        '    dcat:accessURL "javascript:\\u001B[H" ] .\n',
    )

    shown = run(path, "--lang", "en")

    written = shown.stdout + shown.stderr
    assert [each for each in set(written) - {"\n"} if not each.isprintable()] == []


def test_folder_without_a_catalogue_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no release and no catalog\.ttl"):
        rehearse(tmp_path)


def test_series_in_a_circle_are_gone_round_once(tmp_path: Path) -> None:
    count = 2000
    lines = [
        "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> ."
    ]
    for number in range(count):
        after = (number + 1) % count
        lines.append(
            f'<urn:s:{number}> a dcat:DatasetSeries; dct:title "s"; dcat:inSeries <urn:s:{after}> .'
        )
        lines.append(
            f'<urn:d:{number}> a dcat:Dataset; dct:title "d"; dcat:inSeries <urn:s:{number}> .'
        )
    path = tmp_path / "circle.ttl"
    path.write_text("\n".join(lines))

    result = rehearse(path, portals=("mqa",))

    assert result.forecast is not None


def test_text_that_is_too_long_for_the_parser_is_told(tmp_path: Path) -> None:
    path = tmp_path / "long.ttl"
    text = "A" * 17_000_000
    path.write_text(f'<urn:d:1> a <http://www.w3.org/ns/dcat#Dataset> ; <urn:p:1> "{text}" .')

    result = rehearse(path)

    assert [each.severity for each in result.findings] == ["error"]
