"""Profiles: another field of life goes through the engine as it is, and contradictions are told."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from expatlod.collection import Collection, gather
from expatlod.convert import Converted
from expatlod.dumps import FORMATS, SYNTAXES, ntriples, serialize
from expatlod.errors import ProfileError
from expatlod.fields import lookup_key
from expatlod.profile import Model, load
from expatlod.publish import publish
from expatlod.resources import Folder
from tests.conftest import VERSION

ROOT = Path(__file__).resolve().parent.parent
HARBOUR = Path(__file__).resolve().parent / "profile"

FLEET = """\
id: north
type: Fleet
heading: {da: Nordhavnens både, en: Boats of the north harbour}
about: {da: Alle både., en: All boats.}
rights: https://creativecommons.org/publicdomain/zero/1.0/
root: https://boats.example.org/
owner: east
"""

YARD = "id: east\ntype: Yard\ncalled: {da: Østværftet, en: East Yard}\n"

BOAT = """\
id: sea-lark
type: Boat
called: {da: Havlærken, en: Sea Lark}
hull: To skrog
length: perhaps 9.5 m
builtBy: east
crew: 4
afloat: true
voyage:
  - {en: Home by dark}
  - {id: summer, when: 2012-06/2012-08-31, called: {en: Out and about}}
"""

#: The graph of BOAT, written by hand; `:` is the ontology and `id:` the identifiers.
BOAT_TURTLE = """\
@prefix : <https://example.org/harbour/ontology#> .
@prefix edtf: <http://id.loc.gov/datatypes/edtf/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://boats.example.org/id/boat/sea-lark> a :Boat , :Vessel ;
    :called "Havlærken"@da , "Sea Lark"@en ;
    :hull <https://example.org/harbour/code/hull/catamaran> ;
    :length <https://boats.example.org/id/boat/sea-lark#length> ;
    :builtBy <https://boats.example.org/id/yard/east> ;
    :crew "4"^^xsd:nonNegativeInteger ;
    :afloat "true"^^xsd:boolean ;
    :voyage <https://boats.example.org/id/boat/sea-lark#voyage-1> ,
        <https://boats.example.org/id/boat/sea-lark#summer> .

<https://boats.example.org/id/boat/sea-lark#length> a :Length ;
    :least "9.5"^^xsd:decimal ;
    :most "9.5"^^xsd:decimal ;
    :sureness <https://example.org/harbour/code/sureness/guessed> .

<https://boats.example.org/id/boat/sea-lark#voyage-1> a :Voyage ;
    :motto "Home by dark"@en ;
    :leg "1"^^xsd:integer .

<https://boats.example.org/id/boat/sea-lark#summer> a :Voyage ;
    :motto "Out and about"@en ;
    :when <https://boats.example.org/id/boat/sea-lark#summer-when> ;
    :leg "2"^^xsd:integer .

<https://boats.example.org/id/boat/sea-lark#summer-when> a :Span ;
    :written "2012-06/2012-08-31"^^edtf:EDTF ;
    :earliestDeparture "2012-06-01"^^xsd:date ;
    :latestDeparture "2012-06-30"^^xsd:date ;
    :earliestArrival "2012-08-31"^^xsd:date ;
    :latestArrival "2012-08-31"^^xsd:date ;
    :departed "2012-06"^^xsd:gYearMonth ;
    :arrived "2012-08-31"^^xsd:date .
"""


@pytest.fixture(scope="session")
def harbour() -> Model:
    """The second profile."""
    return load(Folder(HARBOUR))


@pytest.fixture
def boats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `boats` with a dataset of the second profile, in the current folder."""
    monkeypatch.chdir(tmp_path)
    folder = Path("boats")
    folder.mkdir()
    (folder / "dataset.yaml").write_text(FLEET)
    (folder / "east.yaml").write_text(YARD)
    (folder / "sea-lark.yaml").write_text(BOAT)
    return folder


def triples(data: bytes, suffix: str) -> set[str]:
    return {str(each.triple) for each in ox.parse(data, format=SYNTAXES[suffix])}


def the(collection: Collection, name: str) -> Converted:
    return next(each for each in collection.records if each.iri.endswith(f"/{name}"))


# -- the second profile goes all the way


def test_records_of_another_field_of_life_are_valid(harbour: Model, boats: Path) -> None:
    assert gather(harbour, [boats]).validate() == []


def test_record_of_another_field_of_life_is_converted(harbour: Model, boats: Path) -> None:
    boat = the(gather(harbour, [boats]), "sea-lark")

    assert triples(ntriples([boat]), ".nt") == triples(BOAT_TURTLE.encode(), ".ttl")


@pytest.mark.parametrize("name", FORMATS)
def test_records_of_another_field_of_life_are_written_in_every_syntax(
    harbour: Model, boats: Path, name: str
) -> None:
    records = gather(harbour, [boats]).records

    written = serialize(harbour, records, name)

    assert triples(written, f".{FORMATS[name].suffix}") == triples(ntriples(records), ".nt")


def test_records_of_another_field_of_life_are_published(harbour: Model, boats: Path) -> None:
    publish(harbour, boats, Path("out"))

    latest = Path("out/latest")
    files = sorted(path.relative_to(latest).as_posix() for path in latest.rglob("*.*"))
    assert files == [
        "CHANGES.md",
        "README.md",
        "catalog.jsonld",
        "catalog.rdf",
        "catalog.ttl",
        "dataset.jsonld",
        "dump/north.jsonld",
        "dump/north.jsonld.gz",
        "dump/north.jsonld.zst",
        "dump/north.nt",
        "dump/north.nt.gz",
        "dump/north.nt.zst",
        "dump/north.ttl",
        "dump/north.ttl.gz",
        "dump/north.ttl.zst",
        "index.en.html",
        "index.html",
        "manifest.json",
        *(f"ontology/authorities/{name}.ttl" for name in ("adms", "eu", "licences", "others")),
        "ontology/codes/hull.ttl",
        "ontology/codes/sureness.ttl",
        "ontology/context.jsonld",
        "ontology/diagram.da.svg",
        "ontology/diagram.en.svg",
        "ontology/harbour.ttl",
        "ontology/index.en.html",
        "ontology/index.html",
        "provenance.ttl",
        "shapes/boat.ttl",
        "shapes/catalog/dcat-ap-dk.ttl",
        "shapes/catalog/dcat-ap.ttl",
        "shapes/code.ttl",
        "shapes/fleet.ttl",
        "shapes/length.ttl",
        "shapes/span.ttl",
        "shapes/voyage.ttl",
        "shapes/yard.ttl",
        "style.css",
        "void.ttl",
    ]


def test_dumps_of_another_field_of_life_are_named_under_its_base(
    harbour: Model, boats: Path
) -> None:
    publish(harbour, boats, Path("out"))

    void = ox.parse(path="out/latest/void.ttl", format=ox.RdfFormat.TURTLE)
    dumps = {each.object.value for each in void if each.predicate.value.endswith("/void#dataDump")}
    assert dumps == {
        f"https://boats.example.org/releases/{VERSION}/dump/north.{syntax}{packed}"
        for syntax in ("jsonld", "nt", "ttl")
        for packed in ("", ".gz", ".zst")
    }


@pytest.mark.parametrize(
    ("old", "new", "place", "rule", "message"),
    [
        pytest.param(
            "crew: 4",
            "crew: 400",
            "7:7",
            "sh:maxInclusive",
            "crew '400' is more than 40",
            id="crew",
        ),
        pytest.param(
            "crew: 4",
            "crew: -4",
            "7:7",
            "sh:datatype",
            "crew '-4' is not a whole number, not negative",
            id="datatype",
        ),
        pytest.param(
            "hull: To skrog",
            "hull: trimaran",
            "4:7",
            "sh:node",
            "hull 'trimaran' is not in the codelist hull",
            id="code",
        ),
        pytest.param(
            "builtBy: east",
            "builtBy: west",
            "6:10",
            "record:reference",
            "builtBy (yard) 'west' does not exist",
            id="reference",
        ),
        pytest.param(
            "hull: To skrog",
            "skrog: catamaran",
            "4:1",
            "record:unknown",
            "Boat has no field 'skrog'",
            id="key",
        ),
        pytest.param(
            "called: {da: Havlærken, en: Sea Lark}\n",
            "",
            "1:1",
            "sh:minCount",
            "called (name) is missing",
            id="missing",
        ),
    ],
)
def test_fault_in_another_field_of_life_is_found_at_its_place(
    harbour: Model, boats: Path, old: str, new: str, place: str, rule: str, message: str
) -> None:
    (boats / "sea-lark.yaml").write_text(BOAT.replace(old, new))

    (finding,) = gather(harbour, [boats]).validate()

    assert (str(finding.at), finding.rule, finding.message["en"]) == (
        f"boats/sea-lark.yaml:{place}",
        rule,
        message,
    )


# -- contradictions


def contradict(tmp_path: Path, file: str, old: str, new: str) -> Folder:
    """Return a copy of the second profile with a change in *file*."""
    folder = Path(shutil.copytree(HARBOUR, tmp_path / "profile"))
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    return Folder(folder)


CONTEXT = "ontology/context.jsonld"


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        pytest.param(
            CONTEXT,
            '"hull": {"@id": "harbour:hull", "@type": "@id"},',
            "",
            "<https://example.org/harbour/shape#Boat-hull>: the context has no key for "
            "<https://example.org/harbour/ontology#hull> in Boat",
            id="missing-key",
        ),
        pytest.param(
            CONTEXT,
            '"hull":',
            '"skrog": {"@id": "harbour:hull", "@type": "@id"}, "hull":',
            f"{{folder}}/{CONTEXT}: 'hull' and 'skrog' both mean "
            "<https://example.org/harbour/ontology#hull> in Boat; keep one",
            id="two-keys-for-one-property",
        ),
        pytest.param(
            CONTEXT,
            '"xsd:nonNegativeInteger"',
            '"xsd:string"',
            "<https://example.org/harbour/shape#Boat-crew>: "
            "shape and context disagree about what 'crew' holds",
            id="datatype",
        ),
        pytest.param(
            CONTEXT,
            '"@id": "harbour:called", "@container": "@language"',
            '"@id": "harbour:called"',
            "<https://example.org/harbour/shape#Boat-called>: "
            "shape and context disagree about what 'called' holds",
            id="text-in-languages",
        ),
        pytest.param(
            CONTEXT,
            '"@context"',
            '"context"',
            f"{{folder}}/{CONTEXT}: no @context",
            id="no-context",
        ),
        pytest.param(
            CONTEXT,
            '"crew": {"@id": "harbour:crew", ',
            '"crew": {',
            f"{{folder}}/{CONTEXT}: a term without @id: {{{{'@type': 'xsd:nonNegativeInteger'}}}}",
            id="term-without-id",
        ),
    ],
)
def test_contradiction_is_told_by_its_name(
    tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    folder = contradict(tmp_path, file, old, new)

    with pytest.raises(ProfileError) as caught:
        load(folder)

    assert str(caught.value) == message.format(folder=folder.path)


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        pytest.param('"Monohull"@en', '"Catamaran"@en', "[Cc]atamaran", id="same-word"),
        pytest.param('"To skrog"@da', '"Enkelt-skrog"@da', "Enkelt-?skrog", id="but-for-a-hyphen"),
        pytest.param('"Monohull"@en', '"CATAMARAN"@en', "(?i:catamaran)", id="but-for-case"),
    ],
)
def test_label_that_names_two_codes_is_told_with_their_codelist(
    tmp_path: Path, old: str, new: str, word: str
) -> None:
    folder = contradict(tmp_path, "ontology/codes/hull.ttl", old, new)

    with pytest.raises(
        ProfileError,
        match=f"^https://example.org/harbour/code/hull: '{word}' names two codes; "
        "give one another name$",
    ):
        load(folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "start"),
    [
        pytest.param(CONTEXT, "{", "{{", f"{CONTEXT}: not JSON: ", id="json"),
        pytest.param(
            "ontology/harbour.ttl",
            "harbour:Boat a",
            "harbour:Boat ] a",
            "ontology/harbour.ttl:11:14: ",
            id="ontology",
        ),
        pytest.param(
            "ontology/codes/hull.ttl",
            "hull:monohull a",
            "hull:monohull ] a",
            "ontology/codes/hull.ttl:14:15: ",
            id="codelist",
        ),
        pytest.param(
            "shapes/boat.ttl",
            "shape:Boat a",
            "shape:Boat ] a",
            "shapes/boat.ttl:9:12: ",
            id="shape",
        ),
        pytest.param(
            "shapes/boat.ttl", "@prefix sh:", "@prefix sch:", "shapes/boat.ttl:9:14: ", id="prefix"
        ),
    ],
)
def test_file_that_cannot_be_parsed_is_told_with_its_place(
    tmp_path: Path, file: str, old: str, new: str, start: str
) -> None:
    folder = contradict(tmp_path, file, old, new)

    with pytest.raises(ProfileError, match="^" + re.escape(f"{folder.path}/{start}")):
        load(folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        pytest.param(
            "shapes/span.ttl", "rec:start", "rec:startDate", "Span-departed", id="computation"
        ),
        pytest.param("shapes/code.ttl", "code/hull>", "code/hulls>", "code/hulls", id="codelist"),
        pytest.param(
            "shapes/span.ttl", 'rec:textKey "written"', 'rec:textKey "text"', "Span", id="text-key"
        ),
        pytest.param("shapes/length.ttl", "(?:(?P<sure", "(?P<sure", "Length", id="pattern"),
        pytest.param("shapes/length.ttl", "<sureness>", "<certain>", "Length", id="group"),
        pytest.param(CONTEXT, '"Span": "harbour:Span",', "", "Span", id="class-without-a-name"),
    ],
)
def test_name_that_nothing_answers_to_is_told_when_the_profile_is_loaded(
    tmp_path: Path, file: str, old: str, new: str, named: str
) -> None:
    folder = contradict(tmp_path, file, old, new)

    with pytest.raises(ProfileError, match=re.escape(named)):
        load(folder)


# -- the shipped profile


def test_every_key_of_the_context_is_a_field_of_some_class(model: Model) -> None:
    context = json.loads((ROOT / CONTEXT).read_bytes())["@context"]
    classes = [value for value in context.values() if isinstance(value, dict)]
    scoped = [value.get("@context", {}) for value in classes]
    keys = {
        key
        for entries in (context, *scoped)
        for key, value in entries.items()
        if key[0].islower() and isinstance(value, dict)
    }

    assert keys == {key for each in model.classes.values() for key in each.fields}


def test_every_code_is_found_by_its_notation_and_its_labels(model: Model) -> None:
    lost = [
        (codes.iri, word)
        for codes in model.codelists.values()
        for concept in codes.concepts
        for word in (concept.notation, *concept.labels.values())
        if codes.find(word) != concept.iri
    ]

    assert lost == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Foreign Workers", "foreign-worker" + "s"),
        ("Læsø", "LÆSØ"),
        ("A\u030arhus", "Århus"),
        ("per-event", "Per event"),
        ("ca.", "ca"),
        ("Straße", "STRASSE"),
    ],
)
def test_spellings_that_differ_in_case_and_punctuation_are_one(one: str, other: str) -> None:
    assert lookup_key(one) == lookup_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Mors", "Morsø"), ("Aarhus", "Århus"), ("DK011", "DK01"), ("ø", "o")]
)
def test_spellings_that_differ_in_a_letter_or_digit_are_two(one: str, other: str) -> None:
    assert lookup_key(one) != lookup_key(other)


# -- the engine knows no domain

DCAT = "http://www.w3.org/ns/dcat#"

#: Keys, classes and codelists whose names are words of programming, of the standards or of any
#: description: they say nothing about our domain.
GENERAL = {
    "about",
    "address",
    "agent",
    "count",
    "description",
    "earliestEnd",
    "earliestStart",
    "edtf",
    "group",
    "issued",
    "kind",
    "language",
    "latestEnd",
    "latestStart",
    "max",
    "min",
    "name",
    "note",
    "page",
    "place",
    "position",
    "publisher",
    "rank",
    "reason",
    "relation",
    "result",
    "source",
    "status",
    "summary",
    "target",
    "title",
    "url",
    "value",
}

#: Terms of the standards that a part of the engine speaks, which are words of the profile as well.
SPOKEN = {
    # DCAT-AP, vCard and PROV; schema.org/Dataset.
    "catalog": {"activity", "contact", "contactPoint", "email", "frequency", "period", "url"},
}

#: The commands have words for people; a rehearsal sees no record, and speaks of catalogues in the
#: words of DCAT and CKAN.
APART = {"cli", "rehearse"}

ENGINE = sorted(
    path
    for path in (ROOT / "expatlod").rglob("*.py")
    if APART.isdisjoint(path.relative_to(ROOT).parts)
)


def plain(word: str) -> str:
    """One spelling for camelCase, kebab-case and snake_case."""
    return re.sub("[-_]", "", word).casefold()


def words_of(path: Path) -> Iterator[str]:
    """The identifiers of a module and their parts, and its string constants; no docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and id(node) not in docstrings:
                yield node.value
            continue
        for name in ("id", "attr", "arg", "name"):
            word = getattr(node, name, None)
            if isinstance(word, str):
                yield word
                yield from word.split("_")


def words_of_the_profile(model: Model) -> set[str]:
    # What a dataset is called and who publishes it the engine says itself, in the words of DCAT:
    # its own record, and the parts and codelists that no other record has.
    others = [each for each in model.classes.values() if each.iri != f"{DCAT}Dataset"]
    targets = {field.target for each in others for field in each.fields.values()}
    kinds = [each for each in others if each.segment or each.iri in targets]
    fields = [field for each in kinds for field in each.fields.values()]
    codelists = {field.codelist.rpartition("/")[2] for field in fields}
    keys = {field.key for field in fields}
    names = {each.name for each in kinds}
    return {plain(word) for word in (*keys, *names, *codelists)} - {""}


@pytest.mark.parametrize("path", ENGINE, ids=[path.stem for path in ENGINE])
def test_engine_holds_no_word_of_our_domain(model: Model, path: Path) -> None:
    part = path.relative_to(ROOT / "expatlod").parts[0].removesuffix(".py")
    general = GENERAL | SPOKEN.get(part, set())
    domain = words_of_the_profile(model) - {plain(word) for word in general}

    assert sorted({word for word in words_of(path) if plain(word) in domain}) == []


def test_general_words_are_words_of_the_profile(model: Model) -> None:
    assert {plain(word) for word in GENERAL} - words_of_the_profile(model) == set()
