"""Pages for people: whole, in one language each, harmless, and the same each time."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations, pairwise
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import html5rdf
import pyoxigraph as ox
import pytest

from expatlod.archive import Manifest, Release
from expatlod.collection import gather
from expatlod.dumps import Entry
from expatlod.edition import Edition
from expatlod.errors import LANGUAGES
from expatlod.examples import examples
from expatlod.pages import front, pages
from expatlod.pages.diagram import fitted, sketched, width
from expatlod.pages.layout import WIDTH, Plan, Row, Sketch, plan
from expatlod.pages.terms import Terms
from expatlod.pages.words import WORDS, words
from expatlod.profile import Model, load
from expatlod.resources import Folder
from expatlod.statistics import Statistics
from tests import harbours

ROOT = Path(__file__).resolve().parent.parent
HARBOUR = ROOT / "tests/profile"
TEMPLATES = ROOT / "expatlod/pages/templates"

Element = ElementTree.Element

#: The page in each language.
NAMES = {"da": "index.html", "en": "index.en.html"}
ONTOLOGY = [f"ontology/{name}" for name in NAMES.values()]
HTML = [*NAMES.values(), *ONTOLOGY]
DIAGRAMS = ["ontology/diagram.da.svg", "ontology/diagram.en.svg"]

FLEET = """\
id: my-fleet
type: Fleet
heading: {da: Mine både, en: My boats}
root: https://data.example.org/
"""

MAILBOX = "mailbox: {name: {da: Postkassen, en: The mailbox}, email: 'mailto:data@example.org'}\n"

FILES = (
    *("CHANGES.md", "README.md", "catalog.ttl", "void.ttl", "provenance.ttl"),
    *("ontology/expatlod.ttl", "ontology/codes/status.ttl", "ontology/context.jsonld"),
    *("shapes/project.ttl", "queries/06-ministries.rq", "queries/06-ministries.csv"),
)

DUMPS = (
    Entry("dump/harbours.nt", "application/n-triples", 12345678, "b" * 64, "none"),
    Entry("dump/harbours.ttl.gz", "text/turtle", 123456, "c" * 64, "gzip"),
    Entry("dump/harbours.ttl", "text/turtle", 1234567, "a" * 64, "none"),
)


def edition(model: Model, folder: Path, **changes: object) -> Edition:
    """A release of the dataset in *folder*."""
    records = gather(model, [folder])
    assert records.dataset is not None
    made = Edition(
        model=model,
        dataset=records.dataset,
        publisher=next((each for each in records.records if each.iri.endswith("/owner")), None),
        base="https://data.example.org/",
        site="https://data.example.org/",
        version="2026-11-22",
        issued=datetime(2026, 11, 22, 9, tzinfo=UTC),
        first=datetime(2026, 11, 1, 9, tzinfo=UTC),
        previous="2026-11-01",
        notes={"da": "To nye havne.", "en": "Two new harbours."},
        statistics=Statistics(),
        dumps=DUMPS,
        records=1234,
        rejected=0,
        findings={},
        examples=tuple(examples(ROOT / "data/queries")),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shipped(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """A release with the shipped profile."""
    folder = harbours.dataset(tmp_path_factory.mktemp("shipped"))
    with (folder / "dataset.yaml").open("a") as file:
        file.write(MAILBOX)
    return edition(model, folder)


@pytest.fixture(scope="module")
def site(shipped: Edition) -> Mapping[str, bytes]:
    """The pages of a release with the shipped profile."""
    return pages(shipped, FILES, {"@type": "Dataset", "name": "Harbours"})


@pytest.fixture(scope="module")
def trees(site: Mapping[str, bytes]) -> Mapping[str, Element]:
    return {path: tree(site[path]) for path in HTML}


def second(folder: Path, *, more: str = "", file: str = "ontology/harbour.ttl") -> Edition:
    """A release with the second profile, after *more* was written to the end of its *file*."""
    profile = Path(shutil.copytree(HARBOUR, folder / "profile"))
    with (profile / file).open("a", encoding="utf-8") as opened:
        opened.write(more)
    (folder / "boats").mkdir()
    (folder / "boats/dataset.yaml").write_text(FLEET)
    return edition(load(Folder(profile)), folder / "boats", examples=())


def tree(html: bytes) -> Element:
    """The document, which must have no error that the HTML standard knows."""
    parser = html5rdf.HTMLParser(strict=True, namespaceHTMLElements=False)
    found = parser.parse(html, transport_encoding="utf-8")
    assert isinstance(found, Element)
    return found


def ids(root: Element) -> list[str]:
    return [each.attrib["id"] for each in root.iter() if "id" in each.attrib]


def texts(root: Element, lang: str) -> Iterator[tuple[str, str]]:
    """The texts below *root*, each with the language that it is marked with."""
    lang = root.get("lang", lang)
    if root.text and root.text.strip():
        yield lang, root.text.strip()
    for child in root:
        if child.tag != "style":
            yield from texts(child, lang)
        if child.tail and child.tail.strip():
            yield lang, child.tail.strip()


def page_text(root: Element) -> str:
    return " ".join(" ".join(text for _, text in texts(root, "")).split())


# -- whole


def test_all_pages_are_there(site: Mapping[str, bytes]) -> None:
    assert sorted(site) == sorted([*HTML, *DIAGRAMS, "style.css"])


@pytest.mark.parametrize("path", HTML)
def test_page_is_html_without_a_parse_error(trees: Mapping[str, Element], path: str) -> None:
    assert trees[path].tag == "html"


@pytest.mark.parametrize("path", HTML)
def test_no_id_stands_twice_on_a_page(trees: Mapping[str, Element], path: str) -> None:
    assert [each for each, count in Counter(ids(trees[path])).items() if count > 1] == []


def test_every_link_leads_to_a_file_and_an_anchor_of_the_release(
    site: Mapping[str, bytes], trees: Mapping[str, Element]
) -> None:
    anchors = {path: {*ids(root)} for path, root in trees.items()}
    there = {*site, *FILES, "manifest.json", *(each.path for each in DUMPS)}
    lost = []
    for path, root in trees.items():
        for each in root.iter():
            parts = urlsplit(each.get("href", ""))
            if "href" not in each.attrib or parts.scheme:
                continue
            inside = normpath(join(dirname(path), unquote(parts.path))) if parts.path else path
            anchor = unquote(parts.fragment)
            if inside not in there or (anchor and anchor not in anchors[inside]):
                lost.append((path, each.attrib["href"]))

    assert lost == []


@pytest.mark.parametrize("path", HTML)
def test_links_that_lead_away_are_of_the_web_or_of_mail(
    trees: Mapping[str, Element], path: str
) -> None:
    found = {urlsplit(each.get("href", "")).scheme for each in trees[path].iter()}

    assert found <= {"", "http", "https", "mailto"}


@pytest.mark.parametrize("path", ONTOLOGY)
def test_every_class_property_and_codelist_is_described(
    model: Model, trees: Mapping[str, Element], path: str
) -> None:
    terms = Terms(model)
    fields = [each.path for kind in model.classes.values() for each in kind.fields.values()]
    described = [*model.classes_by_iri, *fields, *model.codelists]
    typed = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    owl = "http://www.w3.org/2002/07/owl#"
    for kind in ("Class", "ObjectProperty", "DatatypeProperty"):
        quads = model.ontology.quads_for_pattern(None, typed, ox.NamedNode(owl + kind))
        described += [str(each.subject.value) for each in quads]
    headings = {each.get("id") for each in trees[path].iter("h3")}

    assert [each for each in described if terms.anchor(each) not in headings] == []


@pytest.mark.parametrize(
    ("iri", "anchor"),
    [
        ("https://w3id.org/expatlod/ontology#Project", "Project"),
        ("https://w3id.org/expatlod/ontology#activity", "activity"),
        ("http://purl.org/dc/terms/title", "dct:title"),
        ("https://w3id.org/expatlod/code/status", "code-status"),
        ("https://w3id.org/expatlod/code/status/active", "code-status-active"),
    ],
)
def test_anchor_is_what_people_would_type(model: Model, iri: str, anchor: str) -> None:
    assert Terms(model).anchor(iri) == anchor


@pytest.mark.parametrize("path", ONTOLOGY)
def test_every_code_has_a_row(model: Model, trees: Mapping[str, Element], path: str) -> None:
    rows = {each.get("id") for each in trees[path].iter("tr")}
    terms = Terms(model)
    codes = [each for codes in model.codelists.values() for each in codes.concepts]

    assert [each.iri for each in codes if terms.anchor(each.iri) not in rows] == []


def test_fields_stand_in_the_order_of_the_shapes(
    model: Model, trees: Mapping[str, Element]
) -> None:
    table = table_of(trees["ontology/index.en.html"], "The fields of Funding")
    keys = [row.findtext("th/code") for row in table.findall("tbody/tr")]

    assert keys == list(model.classes["Funding"].fields)


def table_of(root: Element, caption: str) -> Element:
    return next(each for each in root.iter("table") if each.findtext("caption") == caption)


def row_of(root: Element, caption: str, key: str) -> list[str]:
    rows = table_of(root, caption).findall("tbody/tr")
    row = next(each for each in rows if each.findtext("th/code") == key)
    return [page_text(cell) for cell in row]


def test_a_field_is_shown_with_all_that_the_shapes_say(
    model: Model, trees: Mapping[str, Element]
) -> None:
    share = model.classes["Funding"].fields["share"]

    assert row_of(trees["ontology/index.en.html"], "The fields of Funding", "share") == [
        "share share",
        "expat:share",
        "0..1 optional, one value",
        "xsd:decimal ; a number with a decimal point and no thousands separator, from 0, to 100",
        f"{share.help['en']} {share.why['en']}",
        "25",
    ]


@pytest.mark.parametrize(
    ("key", "figures"),
    [
        pytest.param("title", "1..1 skal udfyldes, én værdi, på hvert sprog", id="text"),
        pytest.param("kind", "1..1 skal udfyldes, én værdi", id="needed"),
        pytest.param("theme", "0..* bør udfyldes, flere værdier", id="wanted"),
        pytest.param("website", "0..* kan udelades, flere værdier", id="free"),
    ],
)
def test_how_often_a_field_is_written_stands_in_words_and_figures(
    trees: Mapping[str, Element], key: str, figures: str
) -> None:
    assert row_of(trees["ontology/index.html"], "Felterne i Projekt", key)[2] == figures


def test_rules_of_a_class_are_shown_with_their_severity(trees: Mapping[str, Element]) -> None:
    rules = [page_text(each) for each in trees["ontology/index.en.html"].iter("li")]

    assert "error: Write the smaller number first, for example 200-250. shape:Amount-order" in rules


@pytest.mark.parametrize("path", ONTOLOGY)
def test_a_long_list_is_folded_under_the_codes_above(
    trees: Mapping[str, Element], path: str
) -> None:
    folded = [each for each in trees[path].iter("details") if each.find(".//tr[@id]") is not None]
    first = {each.find(".//tr[@id]").get("id", "") for each in folded}  # type: ignore[union-attr]

    assert {anchor.rpartition("-")[0] for anchor in first} == {"code-place"}


# -- in one language


def test_every_word_is_there_in_every_language() -> None:
    assert {name: sorted(text) for name, text in WORDS.items() if not all(text.values())} == {}
    assert {tuple(sorted(text)) for text in WORDS.values()} == {tuple(sorted(LANGUAGES))}


def test_every_word_is_used() -> None:
    code = [path for path in (ROOT / "expatlod/pages").rglob("*") if path.suffix != ".css"]
    said = "".join(path.read_text() for path in code if path.is_file() and path.name != "words.py")
    by_name = {"language_da", "language_en"}

    unused = [name for name in WORDS if not re.search(rf"\b{name}\b", said)]

    assert sorted({*unused} - by_name) == []


def strings(model: Model, lang: str) -> set[str]:
    """All that the ontology, the shapes and the pages themselves say in *lang*."""
    quads = [*model.ontology, *model.shapes]
    found = {
        " ".join(each.object.value.split())
        for each in quads
        if isinstance(each.object, ox.Literal) and each.object.language == lang
    }
    return found | {text[lang] for text in WORDS.values()}


@pytest.mark.parametrize(("lang", "path"), [*NAMES.items(), *zip(NAMES, ONTOLOGY, strict=True)])
def test_what_is_not_in_the_language_of_the_page_is_marked(
    model: Model, trees: Mapping[str, Element], lang: str, path: str
) -> None:
    foreign = strings(model, next(each for each in LANGUAGES if each != lang))
    foreign -= strings(model, lang)
    # What is in code stands so in the records, whatever the language.
    words_of_records = {each.text for each in trees[path].iter("code")}

    unmarked = {text.strip(" ,.:") for tag, text in texts(trees[path], "") if tag == lang}

    assert sorted(each for each in unmarked & foreign if each not in words_of_records) == []


@pytest.mark.parametrize(("lang", "path"), list(zip(NAMES, DIAGRAMS, strict=True)))
def test_diagram_is_in_one_language(
    model: Model, site: Mapping[str, bytes], lang: str, path: str
) -> None:
    foreign = strings(model, next(each for each in LANGUAGES if each != lang))
    said = {(each.text or "").strip() for each in ElementTree.fromstring(site[path]).iter()}

    assert sorted(said & (foreign - strings(model, lang) - {*model.classes})) == []


def test_text_in_the_other_language_only_is_shown_and_marked(tmp_path: Path) -> None:
    more = 'harbour:Yard rdfs:comment "Where boats are built."@en .\n'
    page = tree(pages(second(tmp_path, more=more), (), {})["ontology/index.html"])

    assert ("en", "Where boats are built.") in list(texts(page, ""))


@pytest.mark.parametrize("path", HTML)
def test_page_leads_to_its_sister(trees: Mapping[str, Element], path: str) -> None:
    lang = trees[path].get("lang")
    other = next(each for each in LANGUAGES if each != lang)
    (link,) = [each for each in trees[path].iter("a") if each.get("hreflang") == other]

    assert (link.get("href"), link.get("lang")) == (NAMES[other], other)


# -- for everybody


@pytest.mark.parametrize("path", HTML)
def test_headings_leave_no_level_out(trees: Mapping[str, Element], path: str) -> None:
    levels = [
        int(each.tag[1])
        for each in trees[path].iter()
        if isinstance(each.tag, str) and re.fullmatch("h[1-6]", each.tag)
    ]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("path", HTML)
def test_tables_say_what_they_are_and_what_their_heads_are_for(
    trees: Mapping[str, Element], path: str
) -> None:
    tables = list(trees[path].iter("table"))

    assert all(each.findtext("caption") for each in tables)
    assert {head.get("scope") for each in tables for head in each.iter("th")} <= {"col", "row"}


@pytest.mark.parametrize("path", HTML)
def test_first_link_skips_to_the_content(trees: Mapping[str, Element], path: str) -> None:
    first = next(trees[path].iter("a"))
    main = next(trees[path].iter("main"))

    assert first.get("href") == f"#{main.get('id')}"


def contrast(first: str, second: str) -> float:
    """The contrast of two colours, WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [
            each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_letters_stand_out_from_every_ground(site: Mapping[str, bytes], scheme: int) -> None:
    roots = re.findall(r":root \{(.*?)\}", site["style.css"].decode(), re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#\w{6})", roots[scheme]))
    pairs = [
        (ink, ground)
        for ink in ("ink", "quiet", "link", "bad", "warn")
        for ground in ("paper", "shade", "mark")
    ]

    assert [pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < 4.5] == []


# -- harmless

HOSTILE = r"""
harbour:Boat rdfs:comment "<script>alert(1)</script><img src=x onerror=alert(2)>"@en ;
    rdfs:seeAlso <javascript:alert(3)> .

harbour:called a owl:DatatypeProperty ;
    rdfs:label "\"><svg onload=alert(4)>"@da , "{{ 7*7 }}\u202Egnp.exe"@en ;
    rdfs:seeAlso <javascript:alert(5)> , <https://user@example.org/> ;
    rdfs:range <javascript:alert%286%29> .

<https://example.org/harbour/ontology> <http://purl.org/dc/terms/license> <javascript:alert(7)> .
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """Pages of an ontology that means harm."""
    return pages(second(tmp_path_factory.mktemp("hostile"), more=HOSTILE), (), {})


@pytest.mark.parametrize("path", [*HTML, *DIAGRAMS])
def test_hostile_text_adds_no_element_that_acts(hostile: Mapping[str, bytes], path: str) -> None:
    root = ElementTree.fromstring(hostile[path]) if "svg" in path else tree(hostile[path])
    tags = {str(each.tag).rpartition("}")[2] for each in root.iter()}

    assert tags & {"script", "img", "iframe", "object", "embed", "foreignObject", "style"} == set()


@pytest.mark.parametrize("path", [*HTML, *DIAGRAMS])
def test_hostile_text_adds_no_attribute_that_acts(hostile: Mapping[str, bytes], path: str) -> None:
    root = ElementTree.fromstring(hostile[path]) if "svg" in path else tree(hostile[path])
    names = {name for each in root.iter() for name in each.attrib}

    assert [name for name in names if name.startswith("on") or name == "style"] == []


@pytest.mark.parametrize("path", [*HTML, *DIAGRAMS])
def test_addresses_that_act_or_deceive_become_no_links(
    hostile: Mapping[str, bytes], path: str
) -> None:
    root = ElementTree.fromstring(hostile[path]) if "svg" in path else tree(hostile[path])
    links = [each.get("href", "") for each in root.iter()]

    assert [each for each in links if "javascript" in each.lower() or "@" in each] == []


def test_hostile_text_is_shown_as_it_is(hostile: Mapping[str, bytes]) -> None:
    assert "<script>alert(1)</script><img src=x onerror=alert(2)>" in page_text(
        tree(hostile["ontology/index.en.html"])
    )


def test_marks_that_turn_the_writing_are_made_visible(hostile: Mapping[str, bytes]) -> None:
    text = hostile["ontology/index.en.html"].decode()

    assert "\u202e" not in text
    assert "{{ 7*7 }}\ufffdgnp.exe" in text


@pytest.mark.parametrize("path", HTML)
def test_page_allows_no_script_and_nothing_from_elsewhere(
    trees: Mapping[str, Element], path: str
) -> None:
    policies = [
        each.get("content", "")
        for each in trees[path].iter("meta")
        if each.get("http-equiv") == "Content-Security-Policy"
    ]

    assert [policy.split("; ")[:2] for policy in policies] == [
        ["default-src 'none'", "style-src 'self'"]
    ]


METADATA = {"@type": "Dataset", "name": "</script><script>alert(1)</script><!-- \u2028\u202e &"}


def test_metadata_cannot_leave_its_script(shipped: Edition) -> None:
    page = pages(shipped, FILES, METADATA)["index.html"]
    (found,) = tree(page).iter("script")

    assert found.get("type") == "application/ld+json"
    assert json.loads(found.text or "") == METADATA


def test_metadata_hides_no_mark(shipped: Edition) -> None:
    page = pages(shipped, FILES, METADATA)["index.html"].decode()

    assert not re.search("[\u2028\u202e]", page)


# -- the diagram


@pytest.fixture(scope="module", params=LANGUAGES)
def drawing(request: pytest.FixtureRequest, model: Model) -> Plan:
    return sketched(Terms(model), request.param, words(request.param))


def test_boxes_do_not_overlap(drawing: Plan) -> None:
    overlapping = [
        (a.sketch.title, b.sketch.title)
        for a, b in combinations(drawing.boxes, 2)
        if a.x < b.x + WIDTH and b.x < a.x + WIDTH
        if a.y < b.y + b.height and b.y < a.y + a.height
    ]

    assert overlapping == []


def test_boxes_lie_within_the_frame(drawing: Plan) -> None:
    assert all(each.x >= 0 and each.x + WIDTH <= drawing.width <= 1200 for each in drawing.boxes)
    assert all(each.y >= 0 and each.y + each.height <= drawing.height for each in drawing.boxes)


def test_no_text_is_cut_off(drawing: Plan) -> None:
    rows = [row for each in drawing.boxes for row in each.sketch.rows]

    assert [row for row in rows if fitted(row.text, WIDTH - 20, 12, row.bold) != row.text] == []
    assert [row for row in rows if fitted(row.takes, WIDTH - 34, 12) != row.takes] == []


def test_no_texts_of_a_row_overlap(drawing: Plan) -> None:
    rows = [row for each in drawing.boxes for row in each.sketch.rows]

    assert [
        row for row in rows if width(row.text, 12, row.bold) + width(row.takes, 12) > WIDTH - 20
    ] == []


def strokes(drawing: Plan) -> Iterator[tuple[str, tuple[int, int], tuple[int, int]]]:
    for line in drawing.lines:
        for start, end in line.strokes:
            low, high = sorted((start, end))
            yield line.target, low, high


def test_lines_to_different_boxes_never_lie_on_each_other(drawing: Plan) -> None:
    on_each_other = [
        (a, b)
        for (a, a1, a2), (b, b1, b2) in combinations(strokes(drawing), 2)
        if a != b
        for along, across in ((0, 1), (1, 0))
        if a1[across] == a2[across] == b1[across] == b2[across]
        if a1[along] < b2[along] and b1[along] < a2[along]
    ]

    assert on_each_other == []


def test_lines_go_through_no_box(drawing: Plan) -> None:
    through = [
        (target, box.sketch.title)
        for target, (x1, y1), (x2, y2) in strokes(drawing)
        for box in drawing.boxes
        if x1 < box.x + WIDTH and box.x < x2 and y1 < box.y + box.height and box.y < y2
    ]

    assert through == []


def test_every_field_that_leads_to_a_class_has_a_line_or_a_mark(drawing: Plan) -> None:
    starts = {start for line in drawing.lines for start, _ in line.strokes}
    without = [
        (box.sketch.title, row.takes)
        for box in drawing.boxes
        for number, row in enumerate(box.sketch.rows)
        if row.target
        and (box.x + WIDTH, box.out(number)) not in starts
        and (box.sketch.id, number) not in drawing.back
    ]

    assert without == []


def test_every_box_that_lines_lead_to_has_an_arrow(drawing: Plan) -> None:
    led_to = {line.target for line in drawing.lines}
    arrows = [line for line in drawing.lines if line.arrow]
    edges = {each.sketch.id: (each.x, each.x + WIDTH) for each in drawing.boxes}

    assert {line.target for line in arrows} == led_to
    assert [line for line in arrows if line.arrow and line.arrow[0] not in edges[line.target]] == []


@pytest.mark.parametrize("path", DIAGRAMS)
def test_diagram_has_a_title_and_a_description(site: Mapping[str, bytes], path: str) -> None:
    root = ElementTree.fromstring(site[path])
    svg = "{http://www.w3.org/2000/svg}"
    found = {each.get("id"): each for each in root if each.tag in (f"{svg}title", f"{svg}desc")}

    assert list(found) == [root.get("aria-labelledby"), root.get("aria-describedby")]
    assert all(each.text for each in found.values())


@pytest.mark.parametrize(("path", "page"), list(zip(DIAGRAMS, ONTOLOGY, strict=True)))
def test_links_of_the_diagram_lead_to_the_page(
    site: Mapping[str, bytes], trees: Mapping[str, Element], path: str, page: str
) -> None:
    hrefs = {each.get("href", "") for each in ElementTree.fromstring(site[path]).iter()} - {""}
    anchors = {*ids(trees[page])}

    assert {each.partition("#")[0] for each in hrefs} == {page.removeprefix("ontology/")}
    assert [each for each in hrefs if unquote(each.partition("#")[2]) not in anchors] == []


def test_a_ring_of_boxes_is_drawn() -> None:
    def box(name: str, target: str) -> Sketch:
        return Sketch(name, name, name, (Row("to", target, target),))

    drawing = plan([[box("a", "b")], [box("b", "c")], [box("c", "a")]])

    assert [line.target for line in drawing.lines] == ["b", "c"]
    assert drawing.back == {("c", 0)}


# -- the release


def test_downloads_stand_with_size_and_checksum(trees: Mapping[str, Element]) -> None:
    rows = table_of(trees["index.html"], "Hver fil rummer alle data.").findall("tbody/tr")

    assert [[page_text(cell) for cell in row] for row in rows] == [
        ["dump/harbours.ttl", "Turtle", "nej", "1,2 MB", "a" * 64],
        ["dump/harbours.ttl.gz", "Turtle", "gzip", "123 kB", "c" * 64],
        ["dump/harbours.nt", "N-Triples", "nej", "12 MB", "b" * 64],
    ]


def test_the_release_says_what_it_is(trees: Mapping[str, Element]) -> None:
    found = {
        dt.text: page_text(dd)
        for each in trees["index.en.html"].iter("div")
        for dt, dd in zip(each.findall("dt"), each.findall("dd"), strict=True)
    }

    assert found == {
        "Version": "2026-11-22",
        "Published": "22 November 2026",
        "Content": "1,234 records, 0 triples",
        "Publisher": "The owner",
        "Licence": "https://creativecommons.org/licenses/by/4.0/",
        "Questions and corrections": "The mailbox: data@example.org",
        "Previous version": "2026-11-01 All releases",
        "Changes": "Two new harbours. All changes",
        "IRI of the dataset": "https://data.example.org/id/dataset/harbours",
        "How to cite": "The owner (2026): Harbours . Version 2026-11-22. "
        "https://data.example.org/releases/2026-11-22/",
    }


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("data@example.org", "mailto:data@example.org"),
        # A release also stands as `latest/`, from where a relative address would lead elsewhere.
        ("2026-11-01", "https://data.example.org/releases/2026-11-01/"),
        ("All releases", "https://data.example.org/"),
        ("All changes", "CHANGES.md"),
        ("06-ministries", "queries/06-ministries.rq"),
    ],
)
def test_the_release_leads_on(trees: Mapping[str, Element], text: str, href: str) -> None:
    links = {page_text(each): each.get("href") for each in trees["index.en.html"].iter("a")}

    assert links[text] == href


def test_the_first_release_has_none_before_it(shipped: Edition) -> None:
    page = tree(pages(replace(shipped, previous=""), FILES, {})["index.en.html"])

    assert "This is the first one." in page_text(page)


def test_what_is_not_in_the_release_is_not_linked(shipped: Edition) -> None:
    page = tree(pages(shipped, (), {})["index.html"])
    links = {each.get("href", "") for each in page.iter("a")}

    assert sorted(each for each in links if not urlsplit(each).scheme) == [
        *("#main", "dump/harbours.nt", "dump/harbours.ttl", "dump/harbours.ttl.gz"),
        *("index.en.html", "manifest.json", "ontology/index.html"),
    ]


# -- all releases


def release(version: str, notes: dict[str, str]) -> Release:
    return Release(
        Path("/nowhere"),
        Manifest(
            generator="expatlod",
            version="0.1.0",
            dataset="https://data.example.org/id/dataset/harbours",
            release=version,
            issued=f"{version}T09:00:00Z",
            site="https://data.example.org/",
            content="0",
            records=3,
            triples=4567,
            notes=notes,
            files=[],
        ),
    )


RELEASES = [
    release("2026-11-01", {}),
    release("2026-11-22", {"da": "To nye havne.", "en": "Two new harbours."}),
]


def test_front_lists_the_newest_release_first(shipped: Edition) -> None:
    page = tree(front(shipped, RELEASES, ())["index.html"])
    rows = table_of(page, "Alle udgivelser").findall("tbody/tr")

    assert [[page_text(cell) for cell in row] for row in rows] == [
        ["2026-11-22", "22. november 2026", "3 poster, 4.567 tripler", "To nye havne."],
        ["2026-11-01", "1. november 2026", "3 poster, 4.567 tripler", ""],
    ]


def test_front_links_only_what_stands_beside_it(shipped: Edition) -> None:
    page = tree(front(shipped, RELEASES, ("feed.atom", "series.ttl"))["index.en.html"])

    assert [each.get("href") for each in page.iter() if each.get("href")] == [
        *("latest/style.css", "index.html", "feed.atom", "#main", "index.html"),
        *("latest/index.en.html", "feed.atom", "series.ttl"),
        *("releases/2026-11-22/index.en.html", "releases/2026-11-01/index.en.html"),
    ]


def test_front_without_a_feed_names_none(shipped: Edition) -> None:
    page = front(shipped, RELEASES, ())["index.html"].decode()

    assert "feed.atom" not in page


# -- the same each time, and for every profile


def test_a_profile_that_is_read_anew_gives_the_same_bytes(
    shipped: Edition, site: Mapping[str, bytes]
) -> None:
    again = replace(shipped, model=load(shipped.model.folder))

    assert pages(again, FILES, {"@type": "Dataset", "name": "Harbours"}) == site


def test_rules_without_a_name_stand_in_the_same_order_each_time(tmp_path: Path) -> None:
    rules = " , ".join(
        f'[ sh:path harbour:hull ; sh:message "Regel {each}"@da , "Rule {each}"@en ]'
        for each in "ABCDEFGH"
    )
    made = second(tmp_path, more=f"shape:Boat sh:property {rules} .\n", file="shapes/boat.ttl")
    page = tree(pages(made, (), {})["ontology/index.en.html"])
    (found,) = [each for each in page.iter("ul") if each.get("class") == "rules"]

    assert [page_text(each) for each in found] == [f"error: Rule {each}" for each in "ABCDEFGH"]


def test_the_order_of_the_other_files_does_not_matter(
    shipped: Edition, site: Mapping[str, bytes]
) -> None:
    again = pages(shipped, {*FILES}, {"@type": "Dataset", "name": "Harbours"})

    assert again == site


def test_a_second_profile_has_pages_too(tmp_path: Path) -> None:
    made = pages(second(tmp_path), (), {})
    page = tree(made["ontology/index.en.html"])

    assert page.findtext(".//h1") == "Boats of a harbour"
    assert row_of(page, "The fields of Boat", "hull")[3] == "code of Hulls"
    assert {"Boat", "Vessel", "called", "dcat:Dataset", "code-hull"} <= {*ids(page)}


def test_a_profile_without_an_ontology_of_its_own_has_pages_too(tmp_path: Path) -> None:
    shutil.copytree(HARBOUR, tmp_path / "bare")
    ontology = tmp_path / "bare/ontology/harbour.ttl"
    ontology.write_text(ontology.read_text().replace("a owl:Ontology ;", ""))
    (tmp_path / "boats").mkdir()
    (tmp_path / "boats/dataset.yaml").write_text(FLEET)
    made = pages(edition(load(Folder(tmp_path / "bare")), tmp_path / "boats", examples=()), (), {})

    assert tree(made["ontology/index.en.html"]).findtext(".//h1") == "The ontology"


def test_a_code_below_itself_is_shown_once(tmp_path: Path) -> None:
    ring = (
        "hull:catamaran skos:broader hull:monohull .\nhull:monohull skos:broader hull:catamaran .\n"
    )
    made = pages(second(tmp_path, more=ring, file="ontology/codes/hull.ttl"), (), {})

    assert ids(tree(made["ontology/index.en.html"])).count("code-hull-catamaran") == 1


def test_a_term_called_like_a_section_keeps_its_anchor(tmp_path: Path) -> None:
    more = "harbour:classes a owl:ObjectProperty .\n"
    page = tree(pages(second(tmp_path, more=more), (), {})["ontology/index.en.html"])
    found = next(each for each in page.iter() if each.get("id") == "classes")

    assert page_text(found) == "harbour:classes harbour:classes"


def test_templates_are_not_read_before_a_page_is_written() -> None:
    code = "import sys, expatlod.pages; print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
