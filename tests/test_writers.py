"""The compiled writers: what they take is what the interpretive converter makes, to the byte.

They may leave any record to the other; of ordinary ones they leave none.
"""

from __future__ import annotations

import ast
import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expatlod.convert import Converted, Converter
from expatlod.fields import CODE, IRI, LITERAL, PART, REFERENCE, TEXT, Field, RecordClass
from expatlod.iris import is_iri, is_local_name
from expatlod.profile import Model, load
from expatlod.records.json import parse_line
from expatlod.records.text import CONTROL, LIMIT
from expatlod.resources import Folder, default_profile
from expatlod.writers import Writers, Written
from expatlod.writers.fragments import _PLAIN_IRI, Memo, OddError
from expatlod.writers.lines import escapes, refused, suspect, texts
from tests.test_convert import (
    IRIS,
    LANGUAGE_TAGS,
    NAMES,
    TEXTS,
    VALUES,
    XSD,
    as_set,
    read_by_pyld,
    read_by_pyoxigraph,
    triples,
    way,
)

BASE = "https://example.org/"

PROFILES = {
    "default": load(default_profile()),
    "harbours": load(Folder(Path(__file__).parent / "profile")),
}
WRITERS = {name: Writers(model, BASE) for name, model in PROFILES.items()}
CLASSES = [(name, each) for name, model in PROFILES.items() for each in sorted(model.classes)]

generated = settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
#: For what is the same test for every class.
thorough = settings(generated, max_examples=200)


# -- what is right


def reference(model: Model, line: bytes) -> Written | None:
    """What the reader and the interpretive converter make of *line*; None when it has a fault."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return None
    records, findings = parse_line(text, "records.jsonl", 2)
    if findings or not records or len(line) > LIMIT:
        return None
    found = Converter(model, BASE).convert(records[0])
    if not isinstance(found, Converted) or found.findings:
        return None
    data = "".join(f"{each}\n" for each in found.lines).encode()
    return Written(found.iri, found.kinds[found.iri], data, found.node)


def agrees(model: Model, writers: Writers, line: bytes) -> bool:
    """Whether the writers leave *line* to others, or say the same of it in the same order."""
    found = writers.line(line)
    return found is None or same(found, reference(model, line))


def same(found: Written | None, wanted: Written | None) -> bool:
    return found == wanted and (
        found is None or wanted is None or json.dumps(found.node) == json.dumps(wanted.node)
    )


def as_line(data: object, **how: Any) -> bytes:
    return json.dumps(data, **{"ensure_ascii": False, **how}).encode()


# -- ordinary records, from the model alone

STRINGS = TEXTS.filter(lambda text: not {"\n", "\r"} & set(text.strip()))
LITERALS = {
    **VALUES,
    "string": STRINGS,
    "nonNegativeInteger": st.integers(0, 10**20) | st.integers(0, 99).map(str),
    "integer": VALUES["integer"] | st.integers(-(10**20), 10**20),
    "decimal": VALUES["decimal"] | st.sampled_from([0, 7, 12.5, 1000000]),
    "boolean": VALUES["boolean"] | st.booleans(),
}


def values_of(
    model: Model, field: Field, depth: int, numbers: Iterator[int]
) -> st.SearchStrategy[Any]:
    if field.kind == TEXT:
        words = TEXTS | st.lists(TEXTS, min_size=1, max_size=2)
        maps = st.dictionaries(LANGUAGE_TAGS, words, min_size=1, max_size=3)
        return maps | st.lists(maps, min_size=1, max_size=2)
    if field.kind == CODE:
        concepts = model.codelists[field.codelist].concepts
        spelled = [
            word
            for concept in concepts
            for word in (concept.notation, concept.iri, *concept.labels.values())
        ]
        return listed(field, st.sampled_from(spelled))
    if field.kind == REFERENCE:
        return listed(field, NAMES.filter(is_local_name) | IRIS)
    if field.kind == IRI:
        parts = NAMES.filter(is_local_name).map(lambda name: f"#{name}")
        return listed(field, parts | IRIS | st.just("post@example.org"))
    if field.kind == LITERAL:
        return listed(field, LITERALS[field.datatype.removeprefix(XSD)])
    assert field.kind == PART
    return listed(field, nodes(model, model.classes_by_iri[field.target], depth - 1, numbers))


def listed(field: Field, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=1, max_size=3) if field.many else values


@st.composite
def nodes(
    draw: st.DrawFn, model: Model, kind: RecordClass, depth: int, numbers: Iterator[int]
) -> Any:
    """A part, short or long, or the fields of a record; *numbers* make the parts' ids differ."""
    examples = sorted({text for all_ in kind.examples.values() for text in all_})
    short = [st.sampled_from(examples)] if examples else []
    if not kind.segment and kind.text_key:
        field = kind.fields[kind.text_key]
        one = values_of(model, field, 0, numbers).filter(lambda value: not isinstance(value, list))
        short.append(one)
    if not kind.segment and short and draw(st.booleans()):
        value = draw(st.one_of(short))
        if isinstance(value, dict) and draw(st.booleans()):
            value = {"id": f"part-{next(numbers)}", **value}
        return value
    fields = [
        field
        for field in kind.fields.values()
        if not field.computed and (field.kind != PART or depth > 0)
    ]
    chosen = draw(
        st.lists(
            st.sampled_from(fields), min_size=1, max_size=10, unique_by=lambda field: field.key
        )
    )
    node = {field.key: draw(values_of(model, field, depth, numbers)) for field in chosen}
    if not kind.segment and draw(st.booleans()):
        node["id"] = f"part-{next(numbers)}"
    if examples and draw(st.booleans()):
        for key in {key for form in kind.forms for key in form.keys}:
            node.pop(key, None)
        node[kind.written_in] = draw(st.sampled_from(examples))
    return node


@st.composite
def records(draw: st.DrawFn, model: Model, kind: RecordClass) -> dict[str, Any]:
    """A record with a node of the class *kind* in it."""
    name, keys = way(model, kind)
    node = draw(nodes(model, kind, 1, itertools.count()))
    for key in reversed(keys):
        node = {key: node}
    return {"id": draw(NAMES.filter(is_local_name)), "type": name, **node}


FORMATS = st.fixed_dictionaries(
    {"ensure_ascii": st.booleans(), "separators": st.sampled_from([None, (",", ":"), (" ,", " :")])}
)


@pytest.mark.parametrize(("profile", "name"), CLASSES)
@given(st.data())
@generated
def test_ordinary_line_is_written_and_as_the_converter_does(
    profile: str, name: str, data: st.DataObject
) -> None:
    model = PROFILES[profile]
    record = data.draw(records(model, model.classes[name]))
    how = data.draw(FORMATS)
    line = as_line(record, **how)

    found = WRITERS[profile].line(line)

    # Escaped, an emoji is two halves: these are left to the reader, who puts them together.
    assert found is not None or suspect(line, escapes(line))
    assert same(found, reference(model, line)) or found is None


@pytest.mark.parametrize(("profile", "name"), CLASSES)
@given(st.data())
@generated
def test_ordinary_data_of_a_reader_is_written_and_as_the_converter_does(
    profile: str, name: str, data: st.DataObject
) -> None:
    model = PROFILES[profile]
    line = as_line(data.draw(records(model, model.classes[name])))
    (read,), _ = parse_line(line.decode(), "records.jsonl", 2)

    found = WRITERS[profile].record(read.data)

    assert found is not None
    assert same(found, reference(model, line))


@pytest.mark.parametrize(("profile", "name"), CLASSES)
@given(st.data())
@generated
def test_canonical_record_is_written_and_stays_as_it_is(
    profile: str, name: str, data: st.DataObject
) -> None:
    model = PROFILES[profile]
    found = WRITERS[profile].line(as_line(data.draw(records(model, model.classes[name]))))
    assert found is not None

    again = WRITERS[profile].line(as_line(found.node))

    assert again is not None
    assert again.node == found.node
    assert same(again, reference(model, as_line(found.node)))


@pytest.mark.parametrize(("profile", "name"), CLASSES)
@given(st.data())
@generated
def test_written_record_is_the_same_graph_to_every_json_ld_processor(
    profile: str, name: str, data: st.DataObject
) -> None:
    model = PROFILES[profile]
    found = WRITERS[profile].line(as_line(data.draw(records(model, model.classes[name]))))
    assert found is not None
    assert found.node is not None

    document = {**json.loads(model.folder.context.read_bytes()), **found.node}

    ours = as_set(triples(found.triples.splitlines()))
    assert read_by_pyoxigraph(document) == ours
    assert read_by_pyld(document) == ours


@pytest.mark.parametrize("profile", PROFILES)
@given(st.data())
@generated
def test_triples_do_not_depend_on_whether_nodes_are_made(profile: str, data: st.DataObject) -> None:
    model = PROFILES[profile]
    kind = model.classes[data.draw(st.sampled_from(sorted(model.classes)))]
    line = as_line(data.draw(records(model, kind)))
    found = WRITERS[profile].line(line)
    assert found is not None

    bare = Writers(model, BASE, nodes=False).line(line)

    assert bare == found._replace(node=None)


# -- hostile input

SCALARS: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", " ", "x", "#x", "#", "2012", "da", "Project", "con", "\u2028", "\x80"])
    | st.sampled_from([0, -0.0, 10**400, "javascript:0", "https://example.org/a b", "2012-02-30"])
    | st.text(max_size=5)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "type", "da", "dk", "@value", "x"]), inner)
    ),
    max_leaves=4,
)


def places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every object or list in *data* with each of its keys or indices."""
    inside = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in list(inside):
        yield data, key
        if isinstance(value, dict | list):
            yield from places(value)


@st.composite
def damaged(draw: st.DrawFn, model: Model) -> Any:
    """A record that was ordinary, or its canonical form, with something changed in it."""
    kind = model.classes[draw(st.sampled_from(sorted(model.classes)))]
    data = draw(records(model, kind))
    if draw(st.booleans()):
        found = reference(model, as_line(data))
        data = json.loads(json.dumps(found.node)) if found else data
    for _ in range(draw(st.integers(1, 2))):
        every = list(places(data))
        within, key = draw(st.sampled_from(every))
        others = [around[inner] for around, inner in every]
        value = draw(JSON | st.sampled_from(others).map(lambda other: json.loads(as_line(other))))
        change = draw(st.sampled_from(["replace", "wrap", "add", "move"]))
        if change == "replace":
            within[key] = value
        elif change == "wrap":
            within[key] = [within[key], value]
        elif isinstance(within, list):
            within.insert(key, value)
        elif change == "add":
            keys = [inner for _, inner in every if isinstance(inner, str)]
            within[draw(st.sampled_from([*keys, "da", "x", "id", "type", "DA"]))] = value
        else:
            within["x"] = within.pop(key)
    return data


@pytest.mark.parametrize("profile", PROFILES)
@given(st.data())
@thorough
def test_damaged_record_is_left_alone_or_read_as_by_the_converter(
    profile: str, data: st.DataObject
) -> None:
    model = PROFILES[profile]
    line = as_line(data.draw(damaged(model)), ensure_ascii=data.draw(st.booleans()))

    assert agrees(model, WRITERS[profile], line)


@pytest.mark.parametrize("profile", PROFILES)
@given(st.data())
@thorough
def test_damaged_line_is_left_alone_or_read_as_by_the_converter(
    profile: str, data: st.DataObject
) -> None:
    model = PROFILES[profile]
    kind = model.classes[data.draw(st.sampled_from(sorted(model.classes)))]
    line = as_line(data.draw(records(model, kind)))
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(line))] * 2)))
    # A piece is doubled, lost, or something is put in its place.
    pieces = st.just(line[start:end] * 2) | st.binary(max_size=3)
    odd = st.sampled_from([b"\\", b'"', b"\\u0000", b'\\"', b":", b" ", b"\xc2\x85", b"-0", b"1e5"])
    line = line[:start] + data.draw(pieces | odd) + line[end:]

    assert agrees(model, WRITERS[profile], line)


TITLE = '"title":{"da":"Havn","en":"Port"}'


def line_with(more: str) -> bytes:
    return f'{{"id":"a","type":"Project",{more}}}'.encode()


def test_line_that_the_hostile_ones_are_made_from_is_ordinary() -> None:
    assert WRITERS["default"].line(line_with(TITLE)) is not None


@pytest.mark.parametrize("space", ["", " ", "  ", "\t", "\n", "\r"], ids=repr)
@pytest.mark.parametrize(
    "more",
    [
        pytest.param('"title"{}:{{"en":"B"}},"title":{{"en":"Port"}}', id="record"),
        pytest.param('"title":{{"en"{}:"B","en":"Port"}}', id="text"),
        pytest.param('"kind"{}:"project","kind"{}:"project"', id="equal"),
        pytest.param('"subGoal":[{{"id"{}:"b","id":"c","description":{{"en":":"}}}}]', id="part"),
        pytest.param('"period":{{"edtf"{}:"2012","edtf":"2012"}}', id="period"),
        pytest.param('"kind"{}:7,"kind":"project"', id="number"),
        pytest.param('"k\\u0069nd"{}:"project","kind":"project"', id="escaped"),
        pytest.param('"title"{}:{{"en":"\\"\\\\"}},"title":{{"en":":\\":"}}', id="quotes"),
        pytest.param('"title"{}:{{"x\\\\":"y"}},"title":{{"en":"x"}}', id="backslash"),
    ],
)
def test_key_that_stands_twice_is_left_to_the_reader(more: str, space: str) -> None:
    assert WRITERS["default"].line(line_with(more.format(space, space))) is None


@pytest.mark.parametrize(
    "more",
    [
        pytest.param('"unknown":"x"', id="unknown-key"),
        pytest.param('"funding":{"share":NaN}', id="nan"),
        pytest.param('"title":{"en":"\\ud800"}', id="half-a-pair"),
        pytest.param('"title":{"en":"\\u0000"}', id="escaped-nul"),
        pytest.param('"title":{"en":"\\b"}', id="escaped-backspace"),
        pytest.param('"title":{"en":"\x01"}', id="control-character"),
        pytest.param('"title":{"en":"\x7f"}', id="delete"),
        pytest.param('"title":{"en":"\x85"}', id="c1"),
        pytest.param('"title":{"en":"\u2028"}', id="line-separator"),
        pytest.param('"title":{"en":"\\u2028"}', id="escaped-line-separator"),
        pytest.param('"title":{"en":"\uffff"}', id="noncharacter"),
        pytest.param('"title":{"en":" "}', id="blank-text"),
        pytest.param('"title":{"en":[]}', id="no-texts"),
        pytest.param('"title":{"dk":"x"}', id="country-for-a-language"),
        pytest.param('"title":{"en":"x","EN":"y"}', id="language-in-capitals"),
        pytest.param('"title":"x"', id="text-without-language"),
        pytest.param('"title":{}', id="empty-text"),
        pytest.param('"theme":[]', id="empty-list"),
        pytest.param('"theme":[{}]', id="object-for-a-code"),
        pytest.param('"theme":[["culture"]]', id="list-in-a-list"),
        pytest.param('"theme":null', id="null"),
        pytest.param('"theme":"no such theme"', id="no-code"),
        pytest.param('"website":"https://example.org/a b"', id="no-iri"),
        pytest.param('"website":"javascript:0"', id="script"),
        pytest.param('"website":"#"', id="part-without-a-name"),
        pytest.param('"period":"2012-02-30"', id="day-that-is-none"),
        pytest.param('"period":{"edtf":"2012","earliestStart":"2011-01-01"}', id="wrong-bound"),
        pytest.param('"period":{"edtf":"/2012","earliestStart":null}', id="null-for-no-bound"),
        pytest.param('"subGoal":[{"description":{"en":"x"},"position":"2"}]', id="wrong-place"),
        pytest.param('"subGoal":[{"description":{"en":"x"},"type":"Project"}]', id="part-type"),
        pytest.param('"subGoal":[{"id":"b","en":"x"},{"id":"b","en":"y"}]', id="name-used-twice"),
        pytest.param('"subGoal":[{"id":"sub-goal-2","en":"x"},{"en":"y"}]', id="name-by-place"),
        pytest.param('"subGoal":[{"id":"con","en":"x"}]', id="name-of-a-device"),
        pytest.param('"subGoal":{"en":"x","id":"B"}', id="capital-in-a-name"),
        pytest.param('"budget":{"number":"5 DKK","currency":"EUR"}', id="form-and-key-disagree"),
        pytest.param('"budget":"some"', id="no-form"),
    ],
)
def test_what_is_odd_is_left_to_the_others(more: str) -> None:
    assert WRITERS["default"].line(line_with(more)) is None


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[]", id="list"),
        pytest.param(b'"x"', id="text"),
        pytest.param(b"{}", id="no-type"),
        pytest.param(b'{"id":"a","type":"Boat"}', id="no-such-type"),
        pytest.param(b'{"id":"a","type":[]}', id="no-types"),
        pytest.param(b'{"id":"a","type":{"a":1}}', id="object-for-a-type"),
        pytest.param(b'{"id":"a","type":"Statement"}', id="type-of-a-part"),
        pytest.param(b'{"id":"A","type":"Project"}', id="capital-in-an-id"),
        pytest.param(b'{"id":7,"type":"Project"}', id="number-for-an-id"),
        pytest.param(b'{"type":"Project"}', id="no-id"),
        pytest.param(b'\xef\xbb\xbf{"id":"a","type":"Project"}', id="byte-order-mark"),
        pytest.param(b'{"id":"a","type":"Project"} x', id="more-behind"),
        pytest.param(b'{"id":"a\xff","type":"Project"}', id="not-utf-8"),
        pytest.param(b'{"id":"a","type":"Project","x":' + b"[" * 5000, id="brackets"),
        pytest.param(b'{"id":"a","type":"Project"' + b" " * LIMIT + b"}", id="too-long"),
    ],
)
def test_line_that_is_no_ordinary_record_is_left_to_the_others(line: bytes) -> None:
    assert WRITERS["default"].line(line) is None


@pytest.mark.parametrize(("depth", "written"), [(25, True), (40, False)])
def test_parts_inside_parts_are_read_as_deep_as_by_the_reader(depth: int, written: bool) -> None:
    node: dict[str, Any] = {"min": "1"}
    for _ in range(depth):
        node = {"target": [node]} if not written else {"target": node}
    line = line_with(f'"result":[{{"value":{json.dumps(node)}}}]')

    found = WRITERS["default"].line(line)

    assert (found is not None) == written
    assert found is None or same(found, reference(PROFILES["default"], line))


@pytest.mark.parametrize(
    "more",
    [
        pytest.param('"funding":{"share":0}', id="nought"),
        pytest.param('"funding":{"share":-0}', id="minus-nought-which-is-another"),
        pytest.param('"funding":{"share":12.50}', id="fraction"),
        pytest.param('"funding":{"inKind":true}', id="true"),
        pytest.param('"budget":{"min":"-0","max":5}', id="nought-with-a-sign-as-text"),
        pytest.param('"title":{"en":"say \\"x\\": \\\\ y\\n\\\\\\""}', id="escapes"),
        pytest.param('"title" : {"en" : ": \\": a"} ', id="spaces"),
        pytest.param('"title":{"en-GB":"x","en":"x"}', id="regional-language"),
        pytest.param('"theme":["culture","Culture","culture"]', id="code-in-several-spellings"),
        pytest.param('"website":["#a","https://example.org/id/project/a#a"]', id="part-twice"),
    ],
)
def test_what_only_looks_odd_is_written(more: str) -> None:
    line = line_with(more)

    assert same(WRITERS["default"].line(line), reference(PROFILES["default"], line))
    assert WRITERS["default"].line(line) is not None


@pytest.mark.parametrize("base", ["https://example.org/#", "https://exa mple.org/", "x:", ""])
def test_base_that_makes_no_ordinary_iris_is_left_to_the_others(base: str) -> None:
    assert Writers(PROFILES["default"], base).line(line_with(TITLE)) is None


# -- the proofs behind it


@given(st.lists(st.sampled_from(['"', "\\", "\n", ":", "a", "æ", " ", "{"]), max_size=12))
@settings(derandomize=True)
def test_texts_of_a_line_are_counted_whatever_is_in_them(characters: list[str]) -> None:
    text = "".join(characters)
    line = as_line({text: [text, {"a": text}, 7]}, ensure_ascii=len(text) % 2 == 0)

    assert texts(line, escapes(line)) == 4


@given(st.characters(exclude_categories=["Cs"]))
@settings(derandomize=True, max_examples=300)
def test_character_that_cannot_be_published_is_seen_in_the_bytes(character: str) -> None:
    raw = json.dumps(f"x{character}y", ensure_ascii=False).encode()
    wanted = CONTROL.search(character) is not None and character >= " "

    assert refused(raw) == wanted


@pytest.mark.parametrize("code", [*range(0x100), *range(0x2020, 0x2030), 0xFFFD, 0xFFFE, 0xFFFF])
def test_escape_of_what_cannot_be_published_is_suspect(code: int) -> None:
    line = f'"\\u{code:04x}"'.encode()
    published = CONTROL.search(chr(code)) is None

    assert published or suspect(line, escapes(line))


@given(st.from_regex(_PLAIN_IRI, fullmatch=True))
@settings(derandomize=True, max_examples=1000)
def test_plain_address_is_an_iri(text: str) -> None:
    assert is_iri(text)


# -- memory, and the source


def test_memo_forgets_when_it_is_full() -> None:
    memo = Memo(str.upper)

    for number in range(10_000):
        memo(f"value {number}")

    assert 0 < len(memo.known) <= 1000
    assert memo("value 1") == "VALUE 1"


def test_memo_does_not_keep_long_texts() -> None:
    memo = Memo(len)

    assert memo("x" * 100_000) == 100_000
    assert memo.known == {}


def test_memo_remembers_no_refusal() -> None:
    def refuse(text: str) -> str:
        raise OddError

    memo = Memo(refuse)

    with pytest.raises(OddError):
        memo("x")
    assert memo.known == {}


def test_no_memory_grows_with_the_values_it_has_seen() -> None:
    writers = Writers(PROFILES["default"], BASE)
    for number in range(5000):
        more = (
            f'"website":"https://example.org/{number}","source":"page-{number}",'
            f'"period":"{1000 + number}/{1001 + number}","budget":"{number} DKK",'
            f'"title":{{"en-{number:05}":"x"}},"subGoal":{{"id":"n-{number}","en":"x"}}'
        )
        assert writers.line(line_with(more)) is not None

    assert max(writers.remembered.values()) <= 1000


def test_source_is_python_and_the_same_each_time() -> None:
    first, second = (Writers(PROFILES["harbours"], BASE).source for _ in range(2))

    ast.parse(first)
    assert first == second


def test_text_of_a_profile_stands_in_the_source_as_a_literal_only(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    context = folder / "ontology" / "context.jsonld"
    odd = "c{a}\"l\\\\l'ed"
    context.write_text(context.read_text().replace('"crew"', '"' + odd.replace('"', '\\"') + '"'))
    model = load(Folder(folder))
    key = json.loads('"' + odd.replace('"', '\\"') + '"')

    found = Writers(model, BASE).line(as_line({"id": "a", "type": "Boat", key: "7"}))

    assert found is not None
    assert same(found, reference(model, as_line({"id": "a", "type": "Boat", key: "7"})))


def copied(folder: Path) -> Path:
    """A copy of the profile of harbours, to change at will."""
    return Path(shutil.copytree(Path(__file__).parent / "profile", folder / "profile"))
