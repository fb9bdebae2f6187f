"""The shapes: their examples in two engines, their words, and the written forms they define."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
import shacl
from rdflib.namespace import RDF, SH

from expatlod.profile import Model

HERE = Path(__file__).resolve().parent
SHAPES = HERE.parent / "shapes"
VALID = sorted((HERE / "shapes" / "valid").glob("*.ttl"))
INVALID = sorted((HERE / "shapes" / "invalid").glob("*.ttl"))

#: A validation result: focus node, path (- for none or a longer one), component, severity.
Row = tuple[str, str, str, str]

#: Each rule that the shapes must hold, and the examples that break it with the component that
#: says so.
RULES = {
    "missing title": {
        "project-title-missing": "MinCount QualifiedMinCount",
        "organisation-name-missing": "MinCount QualifiedMinCount",
    },
    "a language missing": {
        "project-title-not-in-danish": "QualifiedMinCount",
        "project-title-not-in-english": "QualifiedMinCount",
        "dataset-title-not-in-english": "QualifiedMinCount",
        "organisation-name-not-in-english": "QualifiedMinCount",
        "text-purpose-not-in-danish": "QualifiedMinCount",
        "text-summary-not-in-english": "QualifiedMinCount",
        "activity-title-not-in-english": "Or",
        "project-title-without-language": "Datatype LanguageIn",
    },
    "unknown code": {
        "project-kind-unknown": "Node",
        "project-kind-of-another-list": "Node",
        "project-status-unknown": "Node",
        "organisation-place-unknown": "Node",
        "page-language-unknown": "Node",
        "target-group-rank-unknown": "Node",
        "quantity-per-an-unknown-time": "Node",
        "dataset-theme-of-another-list": "Node",
        "dataset-place-unknown": "Node",
    },
    "wrong or impossible date": {
        "page-issued-on-an-impossible-date": "Datatype",
        "period-with-an-impossible-date": "Or",
        "period-with-an-impossible-month": "Pattern",
        "period-with-the-day-first": "Pattern",
        "project-status-date-impossible": "Pattern",
        "project-status-date-with-day": "Datatype Pattern",
    },
    "an end before a start": {"period-ends-before-it-starts": "LessThanOrEquals"},
    "shares over 100 in sum": {"project-shares-over-100": "SPARQL"},
    "a share outside 0-100": {
        "funding-share-below-0": "MinInclusive",
        "funding-share-over-100": "MaxInclusive",
    },
    "a negative amount": {"amount-negative": "MinInclusive"},
    "an amount without a currency": {"amount-without-currency": "Or"},
    "an IRI that is none": {
        "project-source-as-text": "NodeKind Pattern",
        "project-website-as-text": "NodeKind Pattern",
        "project-website-not-for-a-browser": "Pattern",
        "mailbox-without-mailto": "Pattern",
    },
    "text too short to mean anything": {
        "project-title-too-short": "MinLength",
        "statement-too-short": "MinLength",
        "text-background-too-short": "MinLength",
    },
    "a participation without a role": {"participation-without-role": "MinCount"},
    "a finished project without an end": {
        "project-finished-without-end": "Or",
        "project-finished-without-period": "Or",
    },
    "a follow-up that points at nothing": {
        "follow-up-successor-not-a-project": "Class",
        "follow-up-without-description": "MinCount",
    },
    "what a portal cannot use": {
        "dataset-endpoint-not-on-the-web": "Pattern",
        "dataset-keywords-with-a-comma": "Pattern",
        "dataset-keyword-without-language": "Datatype LanguageIn",
        "dataset-period-as-text": "Class NodeKind",
        "dataset-provenance-as-text": "Class NodeKind",
        "dataset-site-without-slash": "Pattern",
        "dataset-two-frequencies": "MaxCount",
        "provenance-too-short": "MinLength",
    },
    "an email or phone number of a person": {
        "contact-with-a-personal-mail": "Pattern",
        "text-with-mail-address": "Not",
        "provenance-with-mail-address": "Not",
        "text-with-phone-number": "Not",
        "text-with-phone-number-without-spaces": "Not",
        "text-with-phone-number-and-country": "Not",
    },
}

#: What each example of a written form is read as: the number of its form from 1, and the keys.
READINGS: dict[tuple[str, str], tuple[int, dict[str, str]]] = {
    ("Amount", "15000000 DKK"): (4, {"min": "15000000", "max": "15000000", "currency": "DKK"}),
    ("Amount", "ca. 15000000 DKK"): (
        4,
        {"qualifier": "ca.", "min": "15000000", "max": "15000000", "currency": "DKK"},
    ),
    ("Amount", "1000-2000 DKK"): (3, {"min": "1000", "max": "2000", "currency": "DKK"}),
    ("Amount", "mindst 5000 DKK"): (1, {"qualifier": "mindst", "min": "5000", "currency": "DKK"}),
    ("Amount", "up to 20000 EUR"): (2, {"qualifier": "up to", "max": "20000", "currency": "EUR"}),
    ("Quantity", "69"): (5, {"min": "69", "max": "69"}),
    ("Quantity", "200-250"): (3, {"min": "200", "max": "250"}),
    ("Quantity", "ca. 500"): (5, {"qualifier": "ca.", "min": "500", "max": "500"}),
    ("Quantity", "mindst 3"): (1, {"qualifier": "mindst", "min": "3"}),
    ("Quantity", "højst 5"): (2, {"qualifier": "højst", "max": "5"}),
    ("Quantity", "mere end 100"): (1, {"qualifier": "mere end", "min": "100"}),
    ("Quantity", "almost 40"): (2, {"qualifier": "almost", "max": "40"}),
    ("Quantity", "5-7 pr. uge"): (3, {"min": "5", "max": "7", "per": "uge"}),
    ("Quantity", "2 a year"): (5, {"min": "2", "max": "2", "per": "year"}),
    ("Amount", "at least 5000 DKK"): (
        1,
        {"qualifier": "at least", "min": "5000", "currency": "DKK"},
    ),
    ("Quantity", "at least 3"): (1, {"qualifier": "at least", "min": "3"}),
    ("Quantity", "at most 5"): (2, {"qualifier": "at most", "max": "5"}),
    ("Quantity", "5-7 a week"): (3, {"min": "5", "max": "7", "per": "week"}),
    ("Quantity", "12 out of 20"): (4, {"min": "12", "max": "12", "outOf": "20"}),
    ("Quantity", "12 ud af 20"): (4, {"min": "12", "max": "12", "outOf": "20"}),
}

#: What nobody should take for a number: the forms read none of these.
UNREADABLE = [
    ("Amount", "15000000"),
    ("Amount", "15000000 kr."),
    ("Amount", "15000000 dkk"),
    ("Amount", "15.000.000 DKK"),
    ("Amount", "-5 DKK"),
    ("Quantity", "1.000"),
    ("Quantity", "1,5"),
    ("Quantity", "-5"),
    ("Quantity", "mange"),
    ("Quantity", "500 ca."),
    ("Quantity", "5 pr."),
    ("Quantity", "12 ud af"),
    ("Quantity", ""),
]


def expected(path: Path) -> list[Row]:
    """Return the results that the `# expect:` lines of an example name."""
    rows = [line for line in path.read_text("utf-8").splitlines() if line.startswith("# expect:")]
    return sorted(
        (focus.strip(), at.strip(), component.strip(), severity.strip())
        for focus, at, component, severity in (
            row.removeprefix("# expect:").split("|") for row in rows
        )
    )


def triples(model: Model, path: Path) -> str:
    """Return an example as N-Triples, with what the codelists say of the codes in it."""
    lines: list[str] = []
    pointed: set[str] = set()
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
        lines.append(f"{quad.triple} .\n")
        if isinstance(quad.object, ox.NamedNode):
            pointed.add(quad.object.value)
    return "".join([*lines, *(model.code_facts.get(iri, "") for iri in sorted(pointed))])


@pytest.fixture(scope="module")
def graph() -> rdflib.Graph:
    """All shapes."""
    together = rdflib.Graph()
    for path in sorted(SHAPES.glob("*.ttl")):
        together.parse(path, format="turtle")
    return together


@pytest.fixture(scope="module")
def compiled(model: Model) -> shacl.Shapes:
    """All shapes in the screening engine."""
    return shacl.Shapes.from_text(model.shapes_text, "ntriples")


def names(paths: list[Path]) -> list[str]:
    return [path.stem for path in paths]


def _plain(path: str | None) -> str:
    """Return the property of a path that is one, else a dash."""
    return path.strip("<>") if path and re.fullmatch("<[^>]*>", path) else "-"


# -- examples


@pytest.mark.parametrize("path", [*VALID, *INVALID], ids=names([*VALID, *INVALID]))
def test_pyshacl_finds_in_an_example_what_it_names(
    model: Model, graph: rdflib.Graph, path: Path
) -> None:
    data = rdflib.Graph().parse(data=triples(model, path), format="nt")

    _, report, _ = pyshacl.validate(data, shacl_graph=graph, inplace=True)

    found = []
    for result in report.objects(report.value(None, RDF.type, SH.ValidationReport), SH.result):
        at = report.value(result, SH.resultPath)
        component = report.value(result, SH.sourceConstraintComponent)
        severity = report.value(result, SH.resultSeverity)
        found.append(
            (
                str(report.value(result, SH.focusNode)),
                str(at) if isinstance(at, rdflib.URIRef) else "-",
                f"sh:{component.removeprefix(str(SH))}",
                severity.removeprefix(str(SH)),
            )
        )
    assert sorted(found) == expected(path)


@pytest.mark.parametrize("path", [*VALID, *INVALID], ids=names([*VALID, *INVALID]))
def test_shacl_finds_in_an_example_what_it_names(
    model: Model, compiled: shacl.Shapes, path: Path
) -> None:
    report = compiled.validate_text(triples(model, path), "ntriples")

    assert sorted(
        (
            result.focus_node.strip("<>"),
            result.path.strip("<>") if re.fullmatch("<[^>]*>", result.path or "") else "-",
            f"sh:{result.component}",
            result.severity,
        )
        for result in report.results
    ) == expected(path)


def test_every_invalid_example_names_a_result_and_no_valid_one_does() -> None:
    assert [path.stem for path in INVALID if not expected(path)] == []
    assert [path.stem for path in VALID if expected(path)] == []


@pytest.mark.parametrize("rule", RULES)
def test_rule_has_invalid_examples_that_trip_the_right_component(rule: str) -> None:
    tripped = {
        name: {component for _, _, component, _ in expected(HERE / f"shapes/invalid/{name}.ttl")}
        for name in RULES[rule]
    }

    assert tripped == {
        name: {f"sh:{component}ConstraintComponent" for component in components.split()}
        for name, components in RULES[rule].items()
    }


@pytest.mark.parametrize(
    ("severity", "files"),
    [
        (
            "Info",
            {"project-active-without-status-date", "project-extent-missing"},
        ),
        (
            "Warning",
            {
                "activity-frequency-without-unit",
                "activity-title-not-in-english",
                "consortium-name-not-in-english",
                "contact-name-not-in-danish",
                "contact-role-not-in-danish",
                "page-title-not-in-danish",
                "project-audience-missing",
                "project-finished-without-end",
                "project-finished-without-period",
                "project-summary-missing",
                "project-theme-missing",
                "statement-too-short",
                "text-background-too-short",
                "text-note-not-in-english",
                "text-purpose-not-in-danish",
                "text-summary-not-in-english",
            },
        ),
    ],
)
def test_only_what_a_reader_can_do_without_is_less_than_an_error(
    severity: str, files: set[str]
) -> None:
    found = {path.stem for path in INVALID if severity in {row[3] for row in expected(path)}}

    assert found == files


# -- the shapes as shapes


def test_shapes_are_valid_by_the_shapes_of_shacl(graph: rdflib.Graph) -> None:
    conforms, _, text = pyshacl.validate(rdflib.Graph(), shacl_graph=graph, meta_shacl=True)

    assert conforms, text


def test_the_shapes_of_shacl_refuse_a_shape_that_is_none() -> None:
    broken = rdflib.Graph().parse(
        data="""
            @prefix sh: <http://www.w3.org/ns/shacl#> .
            <https://example.org/s> a sh:NodeShape ;
                sh:property [ sh:path <https://example.org/p> ; sh:minCount "one" ] .
            """,
        format="turtle",
    )

    with pytest.raises(pyshacl.errors.ReportableRuntimeError, match=r"^SHACL File does not"):
        pyshacl.validate(rdflib.Graph(), shacl_graph=broken, meta_shacl=True)


def _languages(graph: rdflib.Graph, shape: rdflib.term.Node, predicate: rdflib.URIRef) -> list[str]:
    return sorted(
        str(text.language)
        for text in graph.objects(shape, predicate)
        if isinstance(text, rdflib.Literal) and text.strip()
    )


def _fields(graph: rdflib.Graph) -> list[rdflib.URIRef]:
    found = {*graph.subjects(SH.order), *graph.subjects(SH.name)}
    return sorted(field for field in found if isinstance(field, rdflib.URIRef))


#: The predicates that make a shape a rule, W3C SHACL section 4 and 5.
CONSTRAINTS = """and class datatype equals hasValue in languageIn lessThan lessThanOrEquals maxCount
    maxExclusive maxInclusive maxLength minCount minExclusive minInclusive minLength node nodeKind
    not or pattern qualifiedMinCount sparql uniqueLang xone"""


def _rules(graph: rdflib.Graph) -> list[rdflib.URIRef]:
    """Return the shapes with a name that demand something themselves."""
    found = {shape for each in CONSTRAINTS.split() for shape in graph.subjects(SH[each])}
    return sorted(shape for shape in found if isinstance(shape, rdflib.URIRef))


@pytest.mark.parametrize("words", ["name", "description", "message"])
def test_every_field_has_its_words_in_both_languages(graph: rdflib.Graph, words: str) -> None:
    found = {str(field): _languages(graph, field, SH[words]) for field in _fields(graph)}

    assert {field: tags for field, tags in found.items() if tags != ["da", "en"]} == {}


def test_every_rule_has_a_message_in_both_languages(graph: rdflib.Graph) -> None:
    found = {str(rule): _languages(graph, rule, SH.message) for rule in _rules(graph)}

    assert {rule: tags for rule, tags in found.items() if tags != ["da", "en"]} == {}


def test_every_rule_says_how_grave_it_is(graph: rdflib.Graph) -> None:
    silent = [str(rule) for rule in _rules(graph) if (rule, SH.severity, None) not in graph]

    assert silent == []


def test_fields_of_a_class_are_numbered_from_1_without_gaps(graph: rdflib.Graph) -> None:
    orders = {}
    for shape in graph.subjects(SH.targetClass):
        numbers = [
            int(str(number))
            for field in graph.objects(shape, SH.property)
            for number in graph.objects(field, SH.order)
        ]
        if numbers:
            orders[str(shape)] = sorted(numbers)

    assert {
        shape: numbers
        for shape, numbers in orders.items()
        if numbers != list(range(1, len(numbers) + 1))
    } == {}


def test_every_field_belongs_to_one_class(graph: rdflib.Graph) -> None:
    owners = Counter(graph.objects(None, SH.property))

    assert {str(field): owners[field] for field in _fields(graph) if owners[field] != 1} == {}


def test_shapes_name_every_class_in_both_languages(graph: rdflib.Graph) -> None:
    classes = {
        shape
        for shape in graph.subjects(SH.targetClass)
        if any((field, SH.order, None) in graph for field in graph.objects(shape, SH.property))
    }
    words = {
        str(shape): [
            _languages(graph, shape, each) for each in (rdflib.RDFS.label, rdflib.RDFS.comment)
        ]
        for shape in classes
    }

    assert {shape: tags for shape, tags in words.items() if tags != [["da", "en"]] * 2} == {}


# -- patterns

#: Piece by piece: an escape, a character class, a group's opening or end, a repetition.
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^]\\])*\]|[()*+]|\{\d*,?\d*\}")


def nests(pattern: str) -> bool:
    """Tell whether something repeated without bound holds something repeated without bound."""
    groups = [False]
    closed, closed_at = False, -1
    for piece in _PIECE.finditer(pattern):
        if piece.group() == "(":
            groups.append(False)
        elif piece.group() == ")":
            closed, closed_at = groups.pop(), piece.end()
            groups[-1] = groups[-1] or closed
        elif piece.group() in ("*", "+") or piece.group().endswith(",}"):
            if closed and closed_at == piece.start():
                return True
            groups[-1] = True
    return False


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|b*)*", "(a{2,})+", "((a+)b)*", r"(\(*)+"])
def test_check_of_patterns_sees_a_nested_repetition(pattern: str) -> None:
    assert nests(pattern)


@pytest.mark.parametrize(
    "pattern", ["^a+b+$", "(ab?)+", "[(+]*", "(a+)b*", "(a+)?", r"\((a)*\)", "(a{2,3})*"]
)
def test_check_of_patterns_lets_a_plain_repetition_pass(pattern: str) -> None:
    assert not nests(pattern)


def _patterns(graph: rdflib.Graph) -> list[str]:
    return sorted({str(pattern) for pattern in graph.objects(None, SH.pattern)})


def test_no_pattern_looks_around_or_names_groups(graph: rdflib.Graph) -> None:
    assert [pattern for pattern in _patterns(graph) if "(?" in pattern] == []


def test_no_pattern_repeats_a_repetition(graph: rdflib.Graph) -> None:
    assert [pattern for pattern in _patterns(graph) if nests(pattern)] == []


def test_no_written_form_repeats_a_repetition(model: Model) -> None:
    forms = [form.pattern.pattern for each in model.classes.values() for form in each.forms]

    assert [form for form in forms if nests(form)] == []


# -- written forms


def test_every_example_of_a_written_form_has_its_reading_here(model: Model) -> None:
    shown = {
        (name, text)
        for name, each in model.classes.items()
        for texts in each.examples.values()
        for text in texts
    }

    assert shown - set(READINGS) == set()


@pytest.mark.parametrize(("name", "text"), READINGS, ids=[text for _, text in READINGS])
def test_example_is_read_by_the_form_meant_for_it(model: Model, name: str, text: str) -> None:
    readings = [form.read(text) for form in model.classes[name].forms]

    number, keys = READINGS[name, text]
    assert readings.index(keys) == number - 1
    assert [reading for reading in readings[: number - 1] if reading is not None] == []


@pytest.mark.parametrize(("name", "text"), UNREADABLE)
def test_what_is_no_number_is_read_by_no_form(model: Model, name: str, text: str) -> None:
    assert [form.read(text) for form in model.classes[name].forms if form.read(text)] == []


def test_words_before_a_number_are_spellings_of_a_qualifier(model: Model) -> None:
    qualifiers = model.codelists["https://w3id.org/expatlod/code/qualifier"]
    words = {keys["qualifier"] for _, keys in READINGS.values() if "qualifier" in keys}

    assert {word: (qualifiers.find(word) or "").rpartition("/")[2] for word in words} == {
        "almost": "almost",
        "at least": "at-least",
        "at most": "at-most",
        "ca.": "approx",
        "højst": "at-most",
        "mere end": "more-than",
        "mindst": "at-least",
        "up to": "at-most",
    }
