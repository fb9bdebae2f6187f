"""The two SHACL engines: they agree on every kind of fault, and where they would not is avoided."""

from __future__ import annotations

import logging
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import msgspec
import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
import shacl
from rdflib.namespace import SH

from expatlod.collection import gather
from expatlod.convert import Converted, Converter
from expatlod.errors import Finding
from expatlod.findings import Result
from expatlod.lexical import is_lexical
from expatlod.namespaces import DEFAULT_BASE, PREFIXES
from expatlod.profile import Model, load
from expatlod.records.json import parse_line
from expatlod.resources import Folder
from expatlod.validate import ENGINES, Validator, known_records
from tests.benchmarks.generate import records
from tests.conftest import ROOT
from tests.mutations.plant import constraints
from tests.mutations.triples import Spoiler, oddities

#: Records whose graphs are broken, triple by triple.
COUNT = 2000

XSD = PREFIXES["xsd"]
CODE = "https://w3id.org/expatlod/code"
TERM = "https://w3id.org/expatlod/ontology#"
DCT = PREFIXES["dct"]


def generated(model: Model, count: int, faulty: float, seed: int) -> list[Converted]:
    """Return generated records as the converter makes them, without what it finds faulty."""
    converter = Converter(model, DEFAULT_BASE)
    found = []
    for number, each in enumerate(records(model, count, seed=seed, faulty=faulty)):
        line = msgspec.json.encode(each).decode()
        (record,), _ = parse_line(line, "records.jsonl", number + 1)
        converted = converter.convert(record)
        if isinstance(converted, Converted):
            found.append(converted)
    return found


def spoilt(model: Model, made: Sequence[Converted]) -> Iterator[tuple[str, Converted]]:
    """Yield *made* with a change in each, and the kind of the change."""
    spoiler = Spoiler(model, 11)
    kinds = list(spoiler.kinds)
    for number, each in enumerate(made):
        kind = kinds[number % len(kinds)]
        lines = tuple(spoiler.spoil(each.lines, kind))
        yield kind if lines != each.lines else "", replace(each, lines=lines)


#: What no single odd value breaks, as nodes in N-Triples.
COMBINED = (
    # Shares that are more than the whole.
    f"""\
<x:a> <{PREFIXES["rdf"]}type> <{TERM}Project> .
<x:a> <http://purl.org/cerif/frapo/isFundedBy> <x:a#1> .
<x:a> <http://purl.org/cerif/frapo/isFundedBy> <x:a#2> .
<x:a#1> <{TERM}share> "60"^^<{XSD}decimal> .
<x:a#2> <{TERM}share> "60.0"^^<{XSD}decimal> .
""",
    # Planned, and nobody knows when.
    f"""\
<x:b> <{PREFIXES["rdf"]}type> <{TERM}Project> .
<x:b> <http://www.w3.org/ns/adms#status> <{CODE}/status/planned> .
""",
    # Finished, and nobody knows when.
    f"""\
<x:c> <{PREFIXES["rdf"]}type> <{TERM}Project> .
<x:c> <http://www.w3.org/ns/adms#status> <{CODE}/status/completed> .
<x:c> <{DCT}temporal> <x:c#period> .
""",
    # A day that does not exist, so that there are no bounds.
    f"""\
<x:d> <{PREFIXES["rdf"]}type> <{DCT}PeriodOfTime> .
<x:d> <{TERM}edtf> "2012-02-30"^^<http://id.loc.gov/datatypes/edtf/EDTF> .
""",
)


@dataclass(frozen=True)
class Judged:
    """What both engines say of many broken records; *kinds* counts the changes made to them."""

    records: int
    kinds: Counter[str]
    screen: tuple[Result, ...]
    pyshacl: tuple[Result, ...]


@pytest.fixture(scope="module")
def judged(model: Model) -> Judged:
    made = generated(model, COUNT, 0.3, 5)
    known = known_records(made)
    changed = list(spoilt(model, made))
    broken = [each for _, each in changed]
    thorough, quick = Validator(model, "pyshacl"), Validator(model, "shacl")
    texts = [
        "".join(thorough.closure(broken[start : start + 100], known))
        for start in range(0, len(broken), 100)
    ]
    texts.append("".join(f"{line}\n" for odd in oddities(model, DEFAULT_BASE) for line in odd))
    texts.append("".join(COMBINED) + "".join(model.code_facts.values()))
    assert all(quick.screen(text) is not None for text in texts)
    return Judged(
        len(broken),
        Counter(kind for kind, _ in changed if kind),
        tuple(result for text in texts for result in quick.explain(text)),
        tuple(result for text in texts for result in thorough.explain(text)),
    )


# -- they agree


def alike(results: Sequence[Result]) -> Counter[tuple[str, ...]]:
    """Return what is compared: the task is the first three, and the rest agrees as well.

    Two differences are known. Values of different datatypes are compared differently; a literal of
    another datatype than its shape wants is a fault by itself, and what follows from it is left
    out. And `shacl` does not tell the value that the query of a `sh:sparql` constraint found.
    """
    odd = {
        each.focus
        for each in results
        if each.component in ("DatatypeConstraintComponent", "OrConstraintComponent")
    }
    ordering = {f"{name}ConstraintComponent" for name in ORDERING}
    return Counter(
        (each.focus, each.component, each.shape, each.path, value_of(each), each.severity)
        for each in results
        if not (each.component in ordering and each.focus in odd)
    )


def value_of(each: Result) -> str:
    return "" if each.component == "SPARQLConstraintComponent" else each.value


def test_engines_agree_on_focus_node_component_and_shape(judged: Judged) -> None:
    ours, theirs = alike(judged.screen), alike(judged.pyshacl)

    assert judged.records >= COUNT * 0.99
    assert (sorted(ours - theirs), sorted(theirs - ours)) == ([], [])


def test_every_kind_of_change_was_made(judged: Judged, model: Model) -> None:
    assert set(judged.kinds) == set(Spoiler(model, 0).kinds)
    assert min(judged.kinds.values()) >= 20


def pairs(results: Sequence[Result]) -> Iterator[tuple[str, str]]:
    """Yield the shapes that *results* are about, each with its constraint, details too."""
    for each in results:
        yield each.shape, each.component.removesuffix("ConstraintComponent").lower()
        yield from pairs(each.details)


def test_every_constraint_of_the_shapes_was_broken(judged: Judged, model: Model) -> None:
    there = {(each.shape, each.name.lower()) for each in constraints(model)}

    assert there - set(pairs(judged.pyshacl)) == set()


def test_report_is_the_one_that_pyshacl_makes_of_the_same_graph_in_files(
    model: Model, tmp_path: Path
) -> None:
    made = generated(model, 40, 1.0, 9)
    known = known_records(made)
    broken = [each for _, each in spoilt(model, made)]
    validator = Validator(model)
    text = "".join(validator.closure(broken, known)) + "".join(COMBINED)
    shapes, data = tmp_path / "shapes.nt", tmp_path / "data.nt"
    shapes.write_text(model.shapes_text, "utf-8")
    data.write_text(text, "utf-8")

    _, plain, _ = pyshacl.validate(str(data), shacl_graph=str(shapes))

    def rows(report: rdflib.Graph) -> Counter[tuple[str, ...]]:
        asked = (SH.focusNode, SH.sourceConstraintComponent, SH.sourceShape, SH.resultSeverity)
        return Counter(
            (
                *(str(report.value(node, each)) for each in asked),
                *sorted(map(str, report.objects(node, SH.resultMessage))),
            )
            for node in report.objects(None, SH.result)
        )

    assert rows(validator.report(text)) == rows(plain)
    nodes = {line.partition(" ")[0][1:-1] for line in text.split("\n")}
    own = Validator(model, "pyshacl").explain(text, nodes)
    assert Counter(each.focus for each in own) == Counter(
        str(plain.value(node, SH.focusNode)) for node in plain.objects(None, SH.result)
    )


# -- and say the same


def told(findings: Sequence[Finding]) -> list[tuple[object, ...]]:
    return sorted(
        (
            (*each.order, each.focus, each.value),
            each.severity,
            *(tuple(sorted(texts.items())) for texts in (each.message, each.help, each.field)),
        )
        for each in findings
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_findings_are_the_same_whatever_the_engine(model: Model, engine: str) -> None:
    made = generated(model, 300, 1.0, 3)
    known = known_records(made)

    findings = list(Validator(model, engine).records(made, known))

    assert len(findings) > 150
    assert told(findings) == told(list(Validator(model).records(made, known)))


def test_sum_that_is_too_large_is_told_by_shacl_without_its_value(model: Model, two: Path) -> None:
    path = two / "a.yaml"
    funding = "[{fundingSource: esf, share: 60}, {fundingSource: region, share: 70}]"
    text = path.read_text("utf-8").replace("[{fundingSource: esf, share: 60}]", funding)
    path.write_text(text, "utf-8")
    collection = gather(model, [path])

    values = {
        engine: [
            (each.rule, each.value, dict(each.message))
            for each in Validator(model, engine).records(collection.all, collection.known)
        ]
        for engine in ENGINES
    }

    assert values["auto"] == values["pyshacl"]
    ((rule, value, message),) = values["auto"]
    assert values["shacl"] == [(rule, "", message)]
    assert (rule, value) == ("sh:sparql", "130")


# -- what they would not agree on


#: What compares two values.
ORDERING = (
    *("LessThan", "LessThanOrEquals"),
    *("MinInclusive", "MaxInclusive", "MinExclusive", "MaxExclusive"),
)

#: Lexical forms that both engines order alike, by datatype.
ORDERED = {
    "date": ("1999-12-31", "2000-01-01", "2000-01-02", "9999-12-31"),
    "decimal": ("0", "-0", "0.0", "+1", "01", "1.0", "1.50", ".5", "123456789012345.123456789"),
    "integer": ("0", "01", "+1", "-1", "1234567890123456"),
    "nonNegativeInteger": ("0", "1", "02", "1234567890123456"),
    "string": ("", "a", "A", "å", "z"),
}

#: What they do not order alike, and what becomes of it.
UNORDERED = {
    "gYear": (("1999", "2000"), "shacl calls them incomparable, pySHACL stops with an error"),
    "gYearMonth": (("1999-12", "2000-01"), "as xsd:gYear"),
    "date": (("2000-01-01", "2000-01-01Z"), "pySHACL compares with and without a time zone"),
    "dateTime": (("2000-01-01T00:00:00", "2000-01-01T00:00:00Z"), "as xsd:date"),
    "decimal": (("0.1", "0.1234567890123456789"), "shacl has no more than 18 decimals"),
    "double": (("1", "NaN"), "pySHACL finds NaN as large as the others"),
    "dayTimeDuration": (("P1D", "PT24H"), "shacl calls them incomparable"),
}

PREFIX = (
    "@prefix : <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
)


def both(shapes: str, data: str) -> tuple[set[str] | str, set[str] | str]:
    """Return the focus nodes of each engine's results, or the error that it stopped with."""
    compiled = shacl.Shapes.from_text(PREFIX + shapes, "turtle")
    report = compiled.validate_text(PREFIX + data, "turtle")
    ours: set[str] | str = {str(each.focus_node)[1:-1] for each in report.results}
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    graphs = [rdflib.Graph().parse(data=PREFIX + each, format="turtle") for each in (data, shapes)]
    try:
        _, told, _ = pyshacl.validate(graphs[0], shacl_graph=graphs[1])
    except TypeError as error:
        return ours, str(error)
    return ours, {str(node) for node in told.objects(None, SH.focusNode)}


def compared(datatype: str, forms: Sequence[str]) -> Iterator[tuple[object, object]]:
    """Yield what each engine makes of every comparison of two of *forms*."""
    nodes = "".join(
        f'<x:{number}> <x:p> "{one}"^^xsd:{datatype} ; <x:q> "{other}"^^xsd:{datatype} .\n'
        for number, (one, other) in enumerate(product(forms, forms))
    )
    for name in ("lessThan", "lessThanOrEquals"):
        yield both(
            f"<x:S> :targetSubjectsOf <x:p> ; :property [:path <x:p> ; :{name} <x:q>] .", nodes
        )
    for name, limit in product(ORDERING[2:], forms):
        rule = f'{name[0].lower()}{name[1:]} "{limit}"^^xsd:{datatype}'
        yield both(f"<x:S> :targetSubjectsOf <x:p> ; :property [:path <x:p> ; :{rule}] .", nodes)


@pytest.mark.parametrize("datatype", ORDERED)
def test_engines_order_alike(datatype: str) -> None:
    assert [each for each in compared(datatype, ORDERED[datatype]) if each[0] != each[1]] == []


@pytest.mark.parametrize("datatype", UNORDERED)
def test_engines_still_order_these_differently(datatype: str) -> None:
    forms, _ = UNORDERED[datatype]

    assert any(ours != theirs for ours, theirs in compared(datatype, forms))


@pytest.mark.parametrize("folder", [ROOT, ROOT / "tests/profile"], ids=["shipped", "harbours"])
def test_shapes_compare_only_what_both_engines_order_alike(folder: Path) -> None:
    shapes = load(Folder(folder)).shapes
    datatypes: dict[str, set[str]] = {}
    for quad in shapes.quads_for_pattern(None, ox.NamedNode(SH.datatype), None):
        for path in shapes.quads_for_pattern(quad.subject, ox.NamedNode(SH.path), None):
            datatypes.setdefault(path.object.value, set()).add(quad.object.value)
    asked: set[str] = set()
    for name in ORDERING:
        predicate = ox.NamedNode(f"{SH}{name[0].lower()}{name[1:]}")
        for quad in shapes.quads_for_pattern(None, predicate, None):
            if isinstance(quad.object, ox.Literal):
                asked.add(quad.object.datatype.value)
            else:
                asked |= datatypes[quad.object.value]
            for path in shapes.quads_for_pattern(quad.subject, ox.NamedNode(SH.path), None):
                asked |= datatypes[path.object.value]

    assert asked
    assert {each.removeprefix(XSD) for each in asked} <= set(ORDERED)


@pytest.mark.parametrize("datatype", sorted(set(ORDERED) & set(UNORDERED) - {"decimal"}))
def test_converter_lets_through_only_forms_that_are_ordered_alike(datatype: str) -> None:
    forms, _ = UNORDERED[datatype]

    assert not all(is_lexical(form, XSD + datatype) for form in forms)


# -- where the screen cannot be had, or errs


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A folder with two records, one of them with a share of 250 per cent."""
    for name, share in (("a", 60), ("b", 250)):
        (tmp_path / f"{name}.yaml").write_text(
            f"id: {name}\ntype: Project\nkind: project\n"
            f"title: {{da: Naboerne {name}, en: Neighbours {name}}}\n"
            "summary: {da: Opdigtede naboer i byen, en: Invented neighbours in town}\n"
            "audience: [citizen]\ntheme: leisure\nextent: [Lemvig]\n"
            f"funding: [{{fundingSource: esf, share: {share}}}]\n"
            "source: https://example.org/page\n",
            "utf-8",
        )
    return tmp_path


def found(validator: Validator, folder: Path) -> list[tuple[str, str]]:
    collection = gather(validator.model, [folder])
    findings = collection.together(validator.records(collection.all, collection.known))
    return [(Path(each.at.path).name, each.rule) for each in findings]


class Failing(Validator):
    """A validator whose screen cannot do with a word."""

    def _screened(self, text: str) -> list[shacl.Result] | None:
        return None if "Naboerne" in text else super()._screened(text)


@pytest.mark.parametrize("engine", ENGINES)
def test_batch_that_the_screen_fails_on_is_judged_by_pyshacl(
    model: Model, two: Path, engine: str
) -> None:
    assert found(Failing(model, engine), two) == [("b.yaml", "sh:maxInclusive")]


@pytest.mark.parametrize("engine", ENGINES)
def test_shapes_that_the_screen_cannot_compile_are_left_to_pyshacl(
    two: Path, tmp_path_factory: pytest.TempPathFactory, engine: str
) -> None:
    folder = tmp_path_factory.mktemp("profile")
    for name in ("ontology", "shapes"):
        shutil.copytree(ROOT / name, folder / name)
    # Patterns of SHACL are those of XPath, without look-around; pySHACL's are Python's.
    (folder / "shapes/more.ttl").write_text(
        """
        @prefix dct: <http://purl.org/dc/terms/> .
        @prefix expat: <https://w3id.org/expatlod/ontology#> .
        @prefix sh: <http://www.w3.org/ns/shacl#> .
        @prefix shape: <https://w3id.org/expatlod/shape#> .
        shape:more a sh:NodeShape ;
            sh:targetSubjectsOf expat:extent ; sh:property shape:more-title .
        shape:more-title a sh:PropertyShape ; sh:path dct:title ; sh:pattern "^(?!Nei)" ;
            sh:message "Nej."@da , "No."@en .
        """,
        "utf-8",
    )
    model = load(Folder(folder))
    with pytest.raises(ValueError, match="look-around"):
        shacl.Shapes.from_text(model.shapes_text, "ntriples")

    assert found(Validator(model, engine), two) == [
        ("a.yaml", "sh:pattern"),
        ("b.yaml", "sh:pattern"),
        ("b.yaml", "sh:maxInclusive"),
    ]


def test_record_of_which_the_screen_errs_is_judged_as_a_whole(model: Model, two: Path) -> None:
    # The screen cannot read so many decimals: it blames each share, and cannot add them up.
    share = "60.00000000000000000001"
    path = two / "a.yaml"
    text = path.read_text("utf-8")
    funding = f"[{{fundingSource: esf, share: {share}}}, {{fundingSource: region, share: {share}}}]"
    path.write_text(text.replace("[{fundingSource: esf, share: 60}]", funding), "utf-8")

    assert found(Validator(model), two) == [
        ("a.yaml", "sh:sparql"),
        ("b.yaml", "sh:maxInclusive"),
    ]
    (two / "b.yaml").unlink()
    assert found(Validator(model, "shacl"), two) == [("a.yaml", "sh:datatype")] * 2
