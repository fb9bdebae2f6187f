"""Explanations: complete and true for the shipped profile, and told by whatever name is asked."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox
import pytest

from expatlod import explain
from expatlod.check import check
from expatlod.collection import gather
from expatlod.errors import LANGUAGES, Finding, UsageError
from expatlod.fields import PART, Field, RecordClass
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model, load
from expatlod.resources import Folder

#: Runs `expatlod` in a process of its own, see conftest.py.
Command = Callable[..., subprocess.CompletedProcess[str]]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent

#: What a record or a part needs beside the fields that it must have: the fields that one of its
#: rules asks for, or that an example elsewhere in the record points at.
COMPANIONS = {
    "Amount": ("min", "max", "currency"),
    "Page": ("title",),
    "Participation": ("organisation",),
    "Project": (
        *("summary", "focusArea", "audience", "theme", "extent", "activity", "funding"),
        "statusDate",
    ),
    "Quantity": ("min", "max"),
    "Result": ("description",),
}

#: Codes whose examples are not run as records, and why.
NOT_RUN = {
    "record:audit": "no record is known of which the engines disagree",
    "record:xlsx": "a workbook is no text",
    "sh:hasValue": "asked of catalogues, which are no records",
    "sh:in": "asked of catalogues, which are no records",
    "sh:maxLength": "nobody would read an example of 255 characters",
    "sh:nodeKind": "run as RDF below",
}


@pytest.fixture(scope="module")
def harbour() -> Model:
    """The second profile, which explains no codes."""
    return load(Folder(HERE / "profile"))


def fields(model: Model) -> list[tuple[RecordClass, Field]]:
    return [(kind, field) for kind in model.classes.values() for field in kind.fields.values()]


# -- every code has its explanation


def codes_in_source() -> set[str]:
    """Return the codes of our own, and of SHACL, that the engine's source names."""
    found: set[str] = set()
    code = re.compile(r"[\"']((?:portal|record|release):[a-z]+|sh:datatype|sh:node)[\"']")
    for path in (ROOT / "expatlod").rglob("*.py"):
        found |= set(code.findall(path.read_text()))
    return found


def codes_of_shapes(model: Model) -> set[str]:
    """Return the constraints that a finding can name.

    These are the constraints of the shapes that have a target and of their property shapes. What
    stands inside sh:or, sh:not or sh:node is no finding of its own: that a code is of another list
    is told as sh:node.
    """
    shapes = ox.Store()
    for path in sorted((ROOT / "shapes").rglob("*.ttl")):
        shapes.extend(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE))
    rows = shapes.query(
        """
        SELECT DISTINCT ?constraint {
          ?target ?by ?what ; sh:property* ?shape .
          FILTER(STRSTARTS(STR(?by), CONCAT(STR(sh:), "target")))
          ?shape ?constraint ?value .
          FILTER(STRSTARTS(STR(?constraint), STR(sh:)))
        }
        """,
        prefixes=dict(PREFIXES),
    )
    assert isinstance(rows, ox.QuerySolutions)
    named = {row["constraint"].value.removeprefix(PREFIXES["sh"]) for row in rows}
    # What a shape says beside its constraints, W3C SHACL sections 2 and 4.7.3.
    beside = """defaultValue description flags message name order path property qualifiedValueShape
        severity targetClass targetObjectsOf targetSubjectsOf"""
    return {f"sh:{name}" for name in named - set(beside.split())}


def test_every_code_that_a_finding_can_bear_is_explained_and_no_other(model: Model) -> None:
    assert set(model.rules) == codes_in_source() | codes_of_shapes(model)


def test_texts_of_a_rule_stand_in_both_languages(model: Model) -> None:
    odd = [
        code
        for code, rule in model.rules.items()
        for text in (rule.label, rule.help, rule.why)
        if sorted(text) != sorted(LANGUAGES) or not all(text.values())
    ]

    assert odd == []


def test_every_rule_has_two_different_examples(model: Model) -> None:
    assert [
        rule.code for rule in model.rules.values() if not rule.right or rule.right == rule.wrong
    ] == []


def test_address_of_a_rule_is_made_of_its_code() -> None:
    quads = ox.parse(path=str(ROOT / "ontology/rules.ttl"), format=ox.RdfFormat.TURTLE)
    notations = {
        quad.subject.value: quad.object.value
        for quad in quads
        if quad.predicate.value == PREFIXES["skos"] + "notation"
    }

    assert {iri.removeprefix("https://w3id.org/expatlod/rule/") for iri in notations} == {
        code.replace(":", "/") for code in notations.values()
    }


# -- every field has its reason and its examples


def test_every_field_says_in_both_languages_what_it_is_good_for(model: Model) -> None:
    odd = [
        f"{kind.name}.{field.key}"
        for kind, field in fields(model)
        if sorted(field.why) != sorted(LANGUAGES) or not all(field.why.values())
    ]

    assert odd == []


def test_fields_have_examples_unless_they_are_computed(model: Model) -> None:
    odd = [
        f"{kind.name}.{field.key}"
        for kind, field in fields(model)
        if [bool(field.right), bool(field.wrong)] != [not field.computed] * 2
    ]

    assert odd == []


def test_why_does_not_repeat_the_help(model: Model) -> None:
    odd = [
        f"{kind.name}.{field.key}"
        for kind, field in fields(model)
        for language, text in field.why.items()
        if text in field.help[language] or field.help[language] in text
    ]

    assert odd == []


def way(model: Model, kind: RecordClass) -> tuple[RecordClass, tuple[Field, ...]]:
    """Return a class of records, and the fields that lead from it to the class *kind*."""
    ways: list[tuple[RecordClass, tuple[Field, ...]]] = [(kind, ())]
    for top, chain in ways:
        if top.segment:
            return top, chain
        ways += [
            (holder, (field, *chain))
            for holder, field in fields(model)
            if field.kind == PART and field.target == top.iri and field not in chain
        ]
    raise AssertionError(f"no record holds a {kind.name}")


def node(
    model: Model, kind: RecordClass, chain: Sequence[Field], last: str, indent: str = ""
) -> Iterator[str]:
    """Yield the lines of a valid node, whose part at the end of *chain* ends with *last*."""
    key = chain[0].key if chain else last.partition(":")[0]
    for field in kind.fields.values():
        needed = field.required or field.key in COMPANIONS.get(kind.name, ())
        if needed and field.key != key:
            yield f"{indent}{field.key}: {field.right}"
    if chain:
        yield f"{indent}{key}:"
        part = model.classes_by_iri[chain[0].target]
        yield from node(model, part, chain[1:], last, f"{indent}  ")
    else:
        yield f"{indent}{last}"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped data, to add records to."""
    return Path(shutil.copytree(ROOT / "data", tmp_path_factory.mktemp("explain") / "data"))


def found(model: Model, folder: Path) -> dict[str, list[Finding]]:
    """Return what is wrong with the records in *folder*, by the name of the file."""
    findings: dict[str, list[Finding]] = {path.name: [] for path in folder.iterdir()}
    for each in gather(model, [folder]).validate():
        findings[Path(each.at.path).name].append(each)
    return findings


@pytest.fixture(scope="module")
def examples(model: Model, dataset: Path) -> dict[tuple[str, str], tuple[list[Finding], int]]:
    """What is wrong with a record made for each example, and the line that the example is on.

    By field and side: ("Funding.share", "wrong"). The example is on the last line of its record.
    """
    folder = dataset / "examples"
    folder.mkdir()
    ends: dict[tuple[str, str], tuple[str, int]] = {}
    for number, (kind, field) in enumerate(fields(model)):
        for side, value in (("right", field.right), ("wrong", field.wrong)):
            if not value:
                continue
            top, chain = way(model, kind)
            text = [f"id: example-{number}-{side}", f"type: {top.name}"]
            text += node(model, top, chain, f"{field.key}: {value}")
            name = f"{number}-{side}.yaml"
            (folder / name).write_text("\n".join(text) + "\n", "utf-8")
            ends[f"{kind.name}.{field.key}", side] = (name, len(text))
    findings = found(model, folder)
    # The shipped data has its dataset already.
    return {
        key: ([each for each in findings[name] if each.rule != "record:dataset"], line)
        for key, (name, line) in ends.items()
    }


def test_right_example_of_a_field_is_valid(
    examples: dict[tuple[str, str], tuple[list[Finding], int]],
) -> None:
    odd = {
        name: [f"{each.at}: {each.rule} {each.message['en']}" for each in findings]
        for (name, side), (findings, _) in examples.items()
        if side == "right" and findings
    }

    assert odd == {}


def test_wrong_example_of_a_field_is_a_fault_of_that_field_and_no_other(
    model: Model, examples: dict[tuple[str, str], tuple[list[Finding], int]]
) -> None:
    odd = {}
    for kind, field in fields(model):
        if field.computed:
            continue
        name = f"{kind.name}.{field.key}"
        findings, line = examples[name, "wrong"]
        # What is wrong inside a part is at fault with the part's own field.
        paths = (
            {model.curie(field.path)} if field.kind != PART else {each.path for each in findings}
        )
        if (
            not findings
            or {each.at.line for each in findings} != {line}
            or not paths & {each.path for each in findings}
        ):
            odd[name] = [f"{each.at}: {each.rule} {each.path}" for each in findings]

    assert odd == {}


# -- the examples of the rules


def whole(model: Model, snippet: str, name: str) -> str:
    """Return a record with *snippet* in it, otherwise valid; `# no KEY` leaves a field out."""
    kind = model.classes["Project"]
    given = {*re.findall(r"^(\w+):", snippet, re.MULTILINE), *re.findall(r"# no (\w+)", snippet)}
    head = {"id": f"id: {name}", "type": f"type: {kind.name}"}
    for each in kind.fields.values():
        if each.required or each.key in COMPANIONS[kind.name]:
            head[each.key] = f"{each.key}: {each.right}"
    return "\n".join([*(line for key, line in head.items() if key not in given), snippet]) + "\n"


def codes_of(findings: Iterable[Finding]) -> set[str]:
    return {code for each in findings for code in (each.rule, *(why.rule for why in each.also))}


#: Rules about a file, with the ending of its name; the snippet is all of it.
WHOLE_FILES = {"record:column": ".csv", "record:csv": ".csv", "record:json": ".json"}

#: Rules that need a folder of their own.
ALONE = ("record:base", "record:dataset", "record:encoding", "record:size")


def test_examples_of_rules_are_what_they_say(model: Model, dataset: Path) -> None:
    folder = dataset / "rules"
    folder.mkdir()
    sides: dict[tuple[str, str], str] = {}
    apart = {*NOT_RUN, *WHOLE_FILES, *ALONE, "record:file", "record:none", "record:rdf"}
    for number, rule in enumerate(model.rules.values()):
        for side, snippet in (("right", rule.right), ("wrong", rule.wrong)):
            # What is wrong with a catalogue or a release is shown by no record.
            if rule.code in apart or rule.code.startswith(("portal:", "release:")):
                continue
            name = f"rule-{number}-{side}"
            (folder / f"{name}.yaml").write_text(whole(model, snippet, name), "utf-8")
            sides[rule.code, side] = f"{name}.yaml"

    together = found(model, folder)
    findings = {key: codes_of(together[name]) for key, name in sides.items()}

    assert {key: codes for key, codes in findings.items() if key[1] == "right" and codes} == {}
    assert {
        key: codes for key, codes in findings.items() if key[1] == "wrong" and key[0] not in codes
    } == {}


def alone(tmp_path: Path, code: str, snippet: str) -> Path:
    """Write *snippet*, an example of a rule about a file as a whole, as the file it speaks of."""
    named = re.match(r"# (?:[\w/-]+/)?([\w-]+\.\w+)\n", snippet)
    path = tmp_path / (named.group(1) if named else f"my-file{WHOLE_FILES.get(code, '.yaml')}")
    text = snippet + "\n"
    size = re.search(r"([0-9]+) MB", snippet)
    if size:
        text += "# \n" * (int(size.group(1)) * 1_000_000 // 3)
    coding = "cp1252" if "Windows-1252" in snippet else "utf-8"
    path.write_bytes(text.encode(coding))
    return path


@pytest.mark.parametrize("side", ["right", "wrong"])
@pytest.mark.parametrize("code", [*WHOLE_FILES, *ALONE, "record:file", "record:none", "record:rdf"])
def test_example_of_a_rule_about_a_file_is_what_it_says(
    model: Model, tmp_path: Path, code: str, side: str
) -> None:
    rule = model.rules[code]
    path = alone(tmp_path, code, rule.right if side == "right" else rule.wrong)

    report = check(model, [tmp_path if code == "record:none" else path])

    assert (code in codes_of(report.findings)) == (side == "wrong")


@pytest.mark.parametrize("side", ["right", "wrong"])
def test_example_of_a_rule_about_rdf_is_what_it_says(
    model: Model, tmp_path: Path, side: str
) -> None:
    rule = model.rules["sh:nodeKind"]
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in model.prefixes.items())
    snippet = (rule.right if side == "right" else rule.wrong).replace(
        "<>", "<https://example.org/it> a expat:Project ;"
    )
    path = tmp_path / "it.ttl"
    path.write_text(f"{prefixes}{snippet}\n", "utf-8")

    report = check(model, [path])

    assert (rule.code in codes_of(report.findings)) == (side == "wrong")


def test_rules_whose_examples_are_not_run_exist(model: Model) -> None:
    assert set(NOT_RUN) - set(model.rules) == set()


# -- what is told


def test_field_is_explained_in_english(model: Model) -> None:
    assert (
        explain.explain(model, "share", "en")
        == """\
Funding.share: share

Write the share of the whole in percent, for example 25.

name        share
key         share
class       Funding
property    expat:share
required    no
repeatable  no, one value at most
holds       a number with a decimal point and no thousands separator
rule        Write the percentage of the whole, 0 to 100.
why         The split between those who pay can be compared when the amounts are
            unknown.
right       share: 25
wrong       share: 25 %
"""
    )


def test_field_is_explained_in_danish(model: Model) -> None:
    assert (
        explain.explain(model, "Activity.participants", "da")
        == """\
Activity.participants: deltagere

Skriv antallet af deltagere, fx 69 eller number: 200-250 med scope: together.

navn      deltagere
nøgle     participants
klasse    Activity (Aktivitet)
egenskab  expat:participants
krævet    nej
flere     nej, højst én værdi
indhold   en del for sig: Quantity (Antal) (expatlod explain Quantity); kort som én
          værdi, fx '12 ud af 20', '200-250', '5-7 pr. uge', '69', 'ca. 500', 'højst 5',
          'mindst 3', eller under number
regel     Skriv et tal, fx 69, 200-250 eller ca. 500.
hvorfor   Svarer på, hvor mange der kom, og hvad der samlede flest.
rigtigt   participants: ca. 500
forkert   participants: flere hundrede
"""
    )


def test_code_is_explained_with_the_rules_that_have_it(model: Model) -> None:
    assert (
        explain.explain(model, "sh:sparql", "en")
        == """\
sh:sparql: values do not add up

Several values of the record are right one by one, but not together.

why  Shares that together make more than the whole make the distribution wrong for all
     of them.

right:
    funding:
      - {fundingSource: esf, share: 50}
      - {fundingSource: region, share: 50}

wrong:
    funding:
      - {fundingSource: esf, share: 70}
      - {fundingSource: region, share: 50}

Fields and rules with sh:sparql (1):
  Project.funding: Correct the shares so that together they come to 100 at most.
"""
    )


def test_rule_of_many_fields_shows_ten_of_them_and_the_count(model: Model) -> None:
    told = explain.explain(model, "sh:nodeKind", "en")

    # Fields that take codes, parts, references and addresses.
    count = sum(field.kind not in ("text", "literal") for _, field in fields(model))
    heading, _, listed = told.partition(f"Fields and rules with sh:nodeKind ({count}):\n")
    assert heading != told
    assert len(re.findall(r"^  \w+\.\w+: ", listed, re.MULTILINE)) == 10
    assert listed.endswith(f"\n  and {count - 10} more\n")


def test_part_is_explained_with_its_fields(model: Model) -> None:
    assert (
        explain.explain(model, "TargetGroup", "da")
        == """\
TargetGroup (Målgruppe)

En gruppe, som initiativet eller aktiviteten henvender sig til.

klasse    expat:TargetGroup
skrives   kort som værdien af group alene
bruges i  Activity.audience, Project.audience

Felter:
  group        gruppe (krævet)
  rank         vægt
  place        sted
  description  beskrivelse
  basis        grundlag
  source       kilde
  note         note

Om et felt: expatlod explain TargetGroup.group
"""
    )


def test_codelist_is_explained_with_its_codes(model: Model) -> None:
    told = explain.explain(model, "target-group", "da")

    assert told.startswith("target-group: Målgruppe\n")
    assert "\nbruges i  TargetGroup.group\n" in told
    assert "\n  spouse                 Medfølgende ægtefæller og partnere\n" in told


def test_code_of_a_list_is_explained_with_the_fields_that_take_it(model: Model) -> None:
    told = explain.explain(model, "spouse", "en")

    assert told.startswith("spouse: Accompanying spouses and partners\n")
    assert "\ntaken by  TargetGroup.group\n" in told


def test_fields_of_one_key_are_all_told_with_the_way_to_ask_for_one(model: Model) -> None:
    told = explain.explain(model, "place", "en")

    asked = re.findall("^  expatlod explain (.+)$", told, re.MULTILINE)
    assert asked == [
        "Activity.place",
        "Consortium.place",
        "Dataset.place",
        "Extent.place",
        "Organisation.place",
        "Result.place",
        "TargetGroup.place",
        "code/place",
    ]


@pytest.mark.parametrize(
    "what",
    [
        *("share", "Funding.share", "funding.1.share", "funding.share", "funding 2 share"),
        *("Project.funding.1.share", "expat:share", "andel", "Andel", "finansiering 1 andel"),
        "https://w3id.org/expatlod/ontology#share",
    ],
)
def test_field_is_found_by_whatever_it_is_called(model: Model, what: str) -> None:
    assert explain.explain(model, what, "da").startswith("Funding.share: andel\n")


@pytest.mark.parametrize(
    ("what", "headline"),
    [
        ("minCount", "sh:minCount: something is missing"),
        ("sh:minCount", "sh:minCount: something is missing"),
        ("mincount", "sh:minCount: something is missing"),
        ("MinCountConstraintComponent", "sh:minCount: something is missing"),
        ("twice", "record:twice: the same stands twice"),
        ("record:twice", "record:twice: the same stands twice"),
        ("Funding", "Funding"),
        ("expat:Funding", "Funding"),
        ("Udsagn", "Statement"),
        ("focus area 1 theme", "Statement.theme: theme"),
        ("funding.1.amount.currency", "Amount.currency: currency"),
        ("Project.title.da", "Project.title: title"),
        ("participants.number", "Quantity"),
        ("theme/tax", "tax: Tax"),
        ("code/theme", "theme: Theme"),
        ("Region Nordjylland", "1081: North Denmark Region"),
        ("https://w3id.org/expatlod/code/fee/free", "free: Free"),
    ],
)
def test_what_is_asked_for_is_found(model: Model, what: str, headline: str) -> None:
    assert explain.explain(model, what, "en").partition("\n")[0] == headline


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_can_be_asked_for_by_its_own_name(model: Model, language: str) -> None:
    asks = {
        **{code: f"{code}: " for code in model.rules},
        **{name: name for name in model.classes},
        **{
            f"{kind.name}.{field.key}": f"{kind.name}.{field.key}: "
            for kind, field in fields(model)
        },
    }
    for iri, codelist in model.codelists.items():
        name = iri.rpartition("/")[2]
        asks[f"code/{name}"] = f"{name}: "
        asks |= {f"{name}/{each.notation}": f"{each.notation}: " for each in codelist.concepts}

    odd = [
        ask
        for ask, headline in asks.items()
        if not explain.explain(model, ask, language).startswith(headline)
    ]
    assert odd == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_explanations_fit_in_88_columns(model: Model, language: str) -> None:
    asks = [*model.rules, *model.classes, "place", "kind", "note"]
    asks += [f"{kind.name}.{field.key}" for kind, field in fields(model)]
    lines = {
        line.strip()
        for ask in asks
        for line in explain.explain(model, ask, language).splitlines()
        if len(line) > 88
    }

    # An example is shown as it is written.
    examples = [line for rule in model.rules.values() for line in rule.wrong.splitlines()]
    assert lines - set(examples) == set()


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("da", "intet hedder 'shar'; mente du 'share'?"),
        ("en", "nothing is called 'shar'; did you mean 'share'?"),
    ],
)
def test_unknown_name_is_answered_with_the_nearest(
    model: Model, language: str, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        explain.explain(model, "shar", language)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "what", ["", ".", "1", "?", "share.share", "title.de", "\ud800", "x" * 5000]
)
def test_odd_question_is_answered_in_words(model: Model, what: str) -> None:
    with pytest.raises(UsageError, match=r"^nothing is called "):
        explain.explain(model, what, "en")


def test_all_codes_are_listed_in_groups(model: Model) -> None:
    told = explain.codes(model, "da")

    groups = {
        part.partition("\n")[0]: re.findall(r"^  (\S+)", part, re.MULTILINE)
        for part in re.split(r"\n\n(?=\S)", told)
    }
    assert groups == {
        title: sorted(code for code in model.rules if code.startswith(f"{prefix}:"))
        for title, prefix in (
            ("Læsning af filer og poster", "record"),
            ("Formernes krav (SHACL)", "sh"),
            ("Portalers høstning", "portal"),
            ("Udgivelser", "release"),
        )
    }


# -- another profile


@pytest.mark.parametrize(
    ("what", "headline"),
    [
        ("crew", "Boat.crew: crew"),
        ("voyage 2 when", "Voyage.when: time"),
        ("Boat", "Boat"),
        ("hull/catamaran", "catamaran: Catamaran"),
    ],
)
def test_profile_without_rules_explains_what_it_has(
    harbour: Model, what: str, headline: str
) -> None:
    assert explain.explain(harbour, what, "en").partition("\n")[0] == headline


def test_profile_without_rules_explains_no_codes(harbour: Model) -> None:
    assert explain.codes(harbour, "en") == ""
    with pytest.raises(UsageError):
        explain.explain(harbour, "record:twice", "en")


# -- the command


def test_command_explains_what_its_words_name(expatlod: Command, model: Model) -> None:
    ran = expatlod("explain", "funding", "2", "share", "-l", "da")

    assert (ran.returncode, ran.stdout, ran.stderr) == (
        0,
        explain.explain(model, "Funding.share", "da"),
        "",
    )


def test_command_without_words_lists_the_codes(expatlod: Command, model: Model) -> None:
    ran = expatlod("explain", "-l", "en")

    assert (ran.returncode, ran.stdout) == (0, explain.codes(model, "en"))


def test_command_ends_with_2_for_what_is_unknown(expatlod: Command) -> None:
    ran = expatlod("explain", "sharf", "-l", "en")

    assert (ran.returncode, ran.stdout, ran.stderr) == (
        2,
        "",
        "expatlod: nothing is called 'sharf'; did you mean 'share'?\n",
    )


def test_explaining_imports_no_rdflib_and_no_shacl() -> None:
    code = (
        "import sys\n"
        "from expatlod.cli import main\n"
        "main(['explain', 'share'], standalone_mode=False)\n"
        "print(sorted({'rdflib', 'pyshacl', 'shacl'} & set(sys.modules)), file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stderr == "[]\n"


def test_explaining_takes_less_than_half_a_second() -> None:
    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "expatlod", "explain", "sh:nodeKind"],
            check=True,
            capture_output=True,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # Of the processor, not of the clock: the machine may be busy.
    assert min(seconds() for _ in range(3)) < 0.5
