"""Records read from CSV: dotted columns, lists in cells, and every value at its own column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expatlod.errors import Finding, Location
from expatlod.records.csv import parse, read
from expatlod.records.record import Record
from expatlod.records.text import LINE_END

#: What may stand in a cell. A line break in a cell is read as LF.
LEGAL = st.characters(
    exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffe\uffff"
) | st.sampled_from('\t\n",;')


def lists(kind: str, keys: tuple[str, ...]) -> bool:
    """The fields that are lists in these tests."""
    return (kind, keys) in {("P", ("theme",)), ("P", ("part", "theme"))}


def rows(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(str(each.at), each.rule) for each in findings]


def record(text: str) -> Record:
    records, findings = parse(text, "r.csv", lists)
    assert findings == []
    return records[0]


def places(found: Record) -> dict[tuple[str | int, ...], str]:
    return {path: f"{at.line}:{at.column}+{at.length}" for path, at in found.positions()[0].items()}


def read_bytes(tmp_path: Path, data: bytes) -> tuple[list[Record], list[Finding]]:
    path = tmp_path / "r.csv"
    path.write_bytes(data)
    return read(path, "r.csv", lists)


# -- values


def test_every_row_is_a_record() -> None:
    records, findings = parse("id,type\na,P\nb,Q\n", "r.csv")

    assert [each.data for each in records] == [{"id": "a", "type": "P"}, {"id": "b", "type": "Q"}]
    assert findings == []


def test_column_is_named_by_its_way_into_the_record() -> None:
    found = record(
        "id,type,title.da,title.en,funding.1.share,funding.2.share,activity.2.title.en\n"
        "a,P,Hej,Hello,25,75,Walk\n"
    )

    assert found.data == {
        "id": "a",
        "type": "P",
        "title": {"da": "Hej", "en": "Hello"},
        "funding": [{"share": "25"}, {"share": "75"}],
        "activity": [{"title": {"en": "Walk"}}],
    }


def test_positions_come_in_order_and_gaps_are_closed() -> None:
    found = record("id,type,x.10,x.2,x.3,x.1\na,P,ten,two,,\n")

    assert found.data["x"] == ["two", "ten"]
    assert places(found)["x", 0] == "2:9+3"
    assert places(found)["x", 1] == "2:5+3"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("tax; housing;language", ["tax", "housing", "language"]),
        (" tax ;; housing ; ", ["tax", "housing"]),
        ("tax", "tax"),
        ("tax;", "tax"),
        ('"tax\nhousing\r\nlanguage"', ["tax", "housing", "language"]),
        ('"tax; \n\n housing\n"', ["tax", "housing"]),
        ("tax|housing", "tax|housing"),
    ],
)
def test_cell_of_a_list_is_split(cell: str, value: object) -> None:
    assert record(f"id,type,theme\na,P,{cell}\n").data["theme"] == value


def test_piece_on_a_line_of_its_own_stands_there() -> None:
    found = record('id,type,theme\na,P,"tax\r\n housing; ""x"""\n')

    assert [str(found.at(("theme", index))) for index in range(3)] == [
        "r.csv:2:6",
        "r.csv:3:2",
        "r.csv:3:11",
    ]


def test_cell_of_a_list_inside_a_part_is_split() -> None:
    found = record("id,type,part.1.theme\na,P,tax; housing\n")

    assert found.data["part"] == [{"theme": ["tax", "housing"]}]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("id,type,note\na,P,x; y\n", id="no-list"),
        pytest.param('id,type,note\na,P,"x; y"\n', id="no-list-in-quotes"),
        pytest.param("id,type,theme\na,Q,x; y\n", id="list-of-another-type"),
        pytest.param("id,type,theme.1\na,P,x; y\n", id="one-item-of-a-list"),
    ],
)
def test_other_cell_is_not_split(text: str) -> None:
    value = record(text).data.popitem()[1]

    assert value in ("x; y", ["x; y"])


def test_empty_cell_is_no_field() -> None:
    found = record('id,type,a,b.da,b.en,theme,c.1.x\na,P,,"",  ,;,\n')

    assert found.data == {"id": "a", "type": "P"}


def test_empty_rows_are_passed_over_and_counted() -> None:
    records, findings = parse("\n,,\nid,type,x\n\n,,\na,P,1\n ,\n", "r.csv")

    assert [str(each.at()) for each in records] == ["r.csv:6:1"]
    assert findings == []


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        pytest.param('"one, two"', "one, two", id="delimiter"),
        pytest.param('"say ""hi"""', 'say "hi"', id="quotes"),
        pytest.param('""""', '"', id="only-a-quote"),
        pytest.param('"one\ntwo"', "one\ntwo", id="line-break"),
        pytest.param('"one\r\ntwo\rthree"', "one\ntwo\nthree", id="other-line-breaks"),
        pytest.param(" x ", " x ", id="spaces"),
        pytest.param("0123", "0123", id="digits"),
        pytest.param("=1+1", "=1+1", id="formula"),
    ],
)
def test_cell_is_the_text_that_was_written(cell: str, value: str) -> None:
    assert record(f"id,type,x\na,P,{cell}\n").data["x"] == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("id,type,x\na,P,1;2\n", "1;2", id="comma"),
        pytest.param("id;type;x\na;P;1,2,3\n", "1,2,3", id="semicolon"),
        pytest.param("id\ttype\tx\na\tP\t1,2;3\n", "1,2;3", id="tab"),
        pytest.param("\ufeffid;type;x\r\na;P;1,2\r\n", "1,2", id="bom-and-crlf"),
        pytest.param("id;type;x\ra;P;1,2\r", "1,2", id="cr"),
        pytest.param("id;type;x\na;P;1,2", "1,2", id="no-line-end-at-the-end"),
        pytest.param("sep=;\nid;type;x\na;P;1,2\n", "1,2", id="said"),
        pytest.param('\ufeff"sep=\t"\r\nid\ttype\tx\r\na\tP\t1,2\r\n', "1,2", id="said-in-quotes"),
        pytest.param("SEP=|\nid|type|x\na|P|1,2;3\n", "1,2;3", id="said-a-bar"),
    ],
)
def test_delimiter_is_the_one_that_the_first_line_has_most_of(
    tmp_path: Path, text: str, value: str
) -> None:
    records, findings = read_bytes(tmp_path, text.encode())

    assert [each.data for each in records] == [{"id": "a", "type": "P", "x": value}]
    assert findings == []


def test_lines_are_counted_from_the_one_that_says_the_delimiter() -> None:
    (found,), findings = parse("sep=;\nid;type;x\n\na;P;1\n", "r.csv")

    assert findings == []
    assert str(found.at(("x",))) == "r.csv:4:5"
    assert str(found.at_key(("x",))) == "r.csv:2:9"


def test_delimiter_inside_quotes_does_not_count() -> None:
    _, (finding,) = parse('id;type;"a,b,c,d"\na;P;1\n', "r.csv")

    assert finding.at == Location("r.csv", 1, 9, 9)


@given(
    st.lists(st.text(LEGAL, min_size=1).filter(lambda text: not text.isspace()), min_size=1),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
@settings(max_examples=300, derandomize=True, deadline=None)
def test_place_of_a_value_is_where_its_very_text_stands(
    values: list[str], delimiter: str, quoting: int, end: str
) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    writer.writerow(["type", "id", *(f"x.{number}" for number, _ in enumerate(values, 1))])
    writer.writerow(["P", "a", *values])
    writer.writerow(["P", "b", *values])
    lines = LINE_END.split(file.getvalue())

    records, findings = parse(file.getvalue(), "r.csv", lists)

    assert findings == []
    for each in records:
        assert each.data["x"] == values
        for index, value in enumerate(values):
            at = each.at(("x", index))
            written = value.replace('"', '""').split("\n")[0]
            shown = lines[at.line - 1][at.column - 1 : at.column - 1 + at.length]
            assert shown in (written, f'"{written}', f'"{written}"')


@given(
    st.lists(
        st.text(LEGAL, min_size=1)
        .map(lambda text: text.replace(";", ",").replace("\n", " ").strip())
        .filter(bool),
        min_size=2,
    )
)
@settings(max_examples=300, derandomize=True, deadline=None)
def test_place_of_a_piece_is_where_its_very_text_stands(values: list[str]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["id", "type", "theme"], ["a", "P", " ;".join(values)]])
    lines = LINE_END.split(file.getvalue())

    found = record(file.getvalue())

    assert found.data["theme"] == values
    for index, value in enumerate(values):
        at = found.at(("theme", index))
        shown = lines[at.line - 1][at.column - 1 : at.column - 1 + at.length]
        assert shown == value.replace('"', '""')


# -- places


def test_part_without_a_cell_of_its_own_stands_at_its_first_cell() -> None:
    found = record('title.da,type,id,f.1.a,f.1.b,f.2.a,f.2.b\n"Hej ""du""",P,x,,1,,2\n')

    assert places(found) == {
        (): "2:16+1",
        ("title",): "2:1+12",
        ("title", "da"): "2:1+12",
        ("type",): "2:14+1",
        ("id",): "2:16+1",
        ("f",): "2:19+1",
        ("f", 0): "2:19+1",
        ("f", 0, "a"): "2:18+1",
        ("f", 0, "b"): "2:19+1",
        ("f", 1): "2:22+1",
        ("f", 1, "a"): "2:21+1",
        ("f", 1, "b"): "2:22+1",
    }


@pytest.mark.parametrize(
    ("path", "column"),
    [
        pytest.param(("x",), 5, id="field"),
        pytest.param(("t",), 6, id="text-in-no-language"),
        pytest.param(("t", "en"), 7, id="text-in-a-language"),
        pytest.param(("theme",), 8, id="list-of-nothing"),
        pytest.param(("f", 1, "a"), 14, id="field-of-a-part"),
        pytest.param(("g",), 17, id="first-part"),
        pytest.param(("nothing",), 1, id="no-column"),
    ],
)
def test_what_is_missing_is_told_at_the_empty_cell_where_it_belongs(
    path: tuple[str | int, ...], column: int
) -> None:
    found = record(
        "id,type,x,t.da,t.en,theme,f.2.a,f.3.a,f.9.a,f.9.b,g.1.a,g.1.b\na,P,,,,; ,1,,,2,,\n"
    )

    assert found.data == {"id": "a", "type": "P", "f": [{"a": "1"}, {"b": "2"}]}
    assert str(found.at(path)) == f"r.csv:2:{column}"


def test_text_that_lacks_a_language_stands_where_it_is_and_the_language_where_it_belongs() -> None:
    found = record("id,type,t.en,t.da\na,P,,Hej\n")

    assert str(found.at(("t",))) == "r.csv:2:6"
    assert str(found.at(("t", "en"))) == "r.csv:2:5"


def test_part_that_the_list_does_not_have_has_no_place() -> None:
    found = record("id,type,f.1.a,f.2.a,f.3.a\na,P,1,,2\n")

    assert str(found.at(("f", 1, "a"))) == "r.csv:2:8"
    assert ("f", 2, "a") not in found.positions()[0]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("titel",), "1:9"),
        (("titel", "da"), "1:9"),
        (("f",), "1:18"),
        (("f", 0, "b"), "1:28"),
        (("theme",), "1:34"),
    ],
)
def test_key_stands_in_the_first_row(path: tuple[str | int, ...], place: str) -> None:
    found = record("id,type,titel.da,f.1.share,f.2.b,theme\nx,P,Hej,,1,a; b\n")

    assert str(found.at_key(path)) == f"r.csv:{place}"


# -- what is wrong


_GENERAL = "write the fields with dots between, for example field.da or field.1.other"
_LANGUAGE = "write the field's name, a dot and the language, for example {}"


@pytest.mark.parametrize(
    ("names", "column", "help"),
    [
        ("x.0", 9, "positions on a list count from 1"),
        ("x.0.y", 9, "positions on a list count from 1"),
        ("x.01", 9, None),
        ("x.-1", 9, None),
        ("x.1a", 9, None),
        ("1.x", 9, None),
        ("x..y", 9, "write x.y"),
        (".x", 9, "write x"),
        ("x.", 9, "write x"),
        ("title,x y", 15, _GENERAL),
        ("ca. 250", 9, _GENERAL),
        ("https://example.org/x", 9, _GENERAL),
        ("Blå (engelsk)", 9, _GENERAL),
        ("Name dansk", 9, _LANGUAGE.format("name.da")),
        ("Name (engelsk)", 9, _LANGUAGE.format("name.en")),
        ("shortName - English", 9, _LANGUAGE.format("shortName.en")),
        ("name da", 9, _LANGUAGE.format("name.da")),
        ("x[1].y", 9, "write x.1.y"),
        ("y,x/da", 11, "write x.da"),
        ("x.da,y,x.da", 16, "delete one of them, or number them as a list: x.da.1 and x.da.2"),
        ("id", 9, "delete one of them, or number them as a list: id.1 and id.2"),
    ],
)
def test_name_that_is_no_way_into_a_record_is_a_finding(
    names: str, column: int, help: str | None
) -> None:
    records, (finding,) = parse(f"id,type,{names}\na,P,1\n", "r.csv")

    assert records == []
    assert rows([finding]) == [(f"r.csv:1:{column}", "record:column")]
    assert help is None or finding.help["en"] == help


def test_column_that_stands_twice_is_told_with_the_first() -> None:
    _, (finding,) = parse("id,type,x,x\n", "r.csv")

    assert finding.message == {
        "da": "kolonnen 'x' står to gange; den første står i r.csv:1:9",
        "en": "the column 'x' stands twice; the first is at r.csv:1:9",
    }


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        ("type,x", "column id"),
        ("id,x", "column type"),
        ("name", "columns id and type"),
        pytest.param(
            "lark,Boat,The lark,https://example.org/lark,ca. 250,60 %",
            "columns id and type",
            id="a-record",
        ),
    ],
)
def test_first_line_must_name_id_and_type(names: str, missing: str) -> None:
    records, (finding,) = parse(f"{names}\na,b\n", "r.csv")

    assert records == []
    assert finding.at == Location("r.csv", 1, 1, len(names))
    assert finding.rule == "record:column"
    assert finding.message["en"] == f"the first line does not name the {missing}"
    assert finding.help == {
        "da": "skriv kolonnernes navne på første linje: id,type,felt,felt.da; "
        "'expatlod schema -f csv TYPE' skriver dem for dig",
        "en": "write the columns' names on the first line: id,type,field,field.en; "
        "'expatlod schema -f csv TYPE' writes them for you",
    }


def test_columns_in_capitals_are_told_where_they_stand() -> None:
    records, findings = parse("ID,x,Type\na,1,P\n", "r.csv")

    assert records == []
    assert rows(findings) == [("r.csv:1:1", "record:column"), ("r.csv:1:6", "record:column")]
    assert [each.help["en"] for each in findings] == [
        "write id in small letters",
        "write type in small letters",
    ]


@pytest.mark.parametrize(
    ("title", "below", "line"),
    [
        pytest.param("Boats in 2012", "id;type;x\na;P;1\n", 2, id="one-cell"),
        pytest.param("Boats;;", "\n;;\nid;type;x\na;P;1\n", 4, id="cells"),
        pytest.param("Boats", '"id","type","x"\na,P,1\n', 2, id="quotes"),
    ],
)
def test_title_above_the_columns_is_one_finding(title: str, below: str, line: int) -> None:
    records, (finding,) = parse(f"{title}\n{below}", "r.csv")

    assert records == []
    assert finding.at == Location("r.csv", 1, 1, len(title))
    assert finding.rule == "record:column"
    assert finding.help["en"] == f"delete what stands above line {line}"


@pytest.mark.parametrize(
    ("names", "row", "column"),
    [
        pytest.param("f,f.1.a", "x,1", 7, id="value-and-part"),
        pytest.param("f.1.a,f", "1,x", 7, id="part-and-value"),
        pytest.param("f.1.a,f.a", "1,2", 7, id="position-and-key"),
        pytest.param("f.a,f.1.a", "1,2", 7, id="key-and-position"),
        pytest.param("f.1,f.1.a", "x,1", 7, id="item-and-part-of-it"),
    ],
)
def test_columns_that_contradict_each_other_are_a_finding_in_the_row(
    names: str, row: str, column: int
) -> None:
    records, findings = parse(f"id,type,{names}\na,P,{row}\n", "r.csv")

    assert len(records) == 1
    assert rows(findings) == [(f"r.csv:2:{column}", "record:column")]


def test_columns_that_could_contradict_each_other_may_be_filled_in_turn() -> None:
    records, findings = parse("id,type,f,f.1.a\na,P,x,\nb,P,,1\n", "r.csv")

    assert [each.data["f"] for each in records] == ["x", [{"a": "1"}]]
    assert findings == []


@pytest.mark.parametrize("names", ["id,type,x", "id,type,x,,"])
def test_cell_outside_the_columns_is_a_finding_and_the_row_is_left_out(names: str) -> None:
    records, findings = parse(f"{names}\na,P,one,two\nb,P,1\n", "r.csv")

    assert [each.data["id"] for each in records] == ["b"]
    assert rows(findings) == [("r.csv:2:9", "record:column")]


def test_columns_without_a_name_at_the_end_may_be_empty_or_missing() -> None:
    records, findings = parse("id,type,x,,\na,P,1,,\nb,P,1\n", "r.csv")

    assert [each.data["id"] for each in records] == ["a", "b"]
    assert findings == []


@pytest.mark.parametrize(
    ("row", "cells", "column", "length", "help"),
    [
        pytest.param("a,P,1,60,5,Hi", 6, 5, 4, "write it with a point: 1.60", id="first-pair"),
        pytest.param("a,P,x,60,5,Hi", 6, 7, 4, "write it with a point: 60.5", id="decimals"),
        pytest.param("a,P,x,1,000,Hi", 6, 7, 5, 'write "1,000" with quotes', id="thousands"),
        pytest.param('a,P,x,y,"60","5"', 6, 14, 3, "delete what is too much", id="in-quotes"),
        pytest.param("a,P,one, two,x,Hi", 6, 5, 8, 'write "one, two" with quotes', id="text"),
        pytest.param("a,P,x,y,Hi,", 6, 12, 1, "delete what is too much", id="empty"),
        pytest.param("a,P,x;y,Hi", 4, 5, 3, "is ';' here meant as ','?", id="other-delimiter"),
        pytest.param('a,P,"x;y",Hi', 4, 1, 12, "see where the row lacks ','", id="text-in-quotes"),
        pytest.param("a,P,x,y", 4, 1, 7, "see where the row lacks ','", id="one-too-few"),
        pytest.param("a", 1, 1, 1, "see where the row lacks ','", id="one-cell"),
    ],
)
def test_row_of_too_few_or_too_many_cells_is_one_finding_where_it_looks_torn(
    row: str, cells: int, column: int, length: int, help: str
) -> None:
    records, (finding,) = parse(f"id,type,x,y,z\n{row}\nb,P,,,\n", "r.csv")

    assert [each.data["id"] for each in records] == ["b"]
    assert finding.at == Location("r.csv", 2, column, length)
    assert finding.rule == "record:column"
    assert finding.message["en"].startswith(f"the row has {cells} cell")
    assert "but there are 5 columns;" in finding.message["en"]
    assert help.lower() in finding.help["en"].lower()


def test_semicolon_in_the_cell_of_a_list_is_not_what_tore_the_row() -> None:
    _, (finding,) = parse("id,type,theme,x\na,P,tax;housing\n", "r.csv", lists)

    assert finding.at == Location("r.csv", 2, 1, 15)


def test_row_of_a_file_with_semicolons_may_have_decimals() -> None:
    _, (finding,) = parse("id;type;x;y\na;P;60;5;z\n", "r.csv")

    assert finding.at == Location("r.csv", 2, 10, 1)


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        pytest.param(",P,1", 1, "the row has no id; its other values", id="no-id"),
        pytest.param(" ,P,1", 1, "the row has no id; its other values", id="spaces"),
        pytest.param(",,see below", 3, "the row has only 'see below' and no id", id="note"),
        pytest.param("See below,,", 1, "the row has only 'See below' and no id", id="note-first"),
        pytest.param("See below", 1, "the row has only 'See below' and no id", id="note-alone"),
    ],
)
def test_row_without_an_id_is_one_finding_and_no_record(
    row: str, column: int, message: str
) -> None:
    records, (finding,) = parse(f"id,type,x\n{row}\nb,P,1\n", "r.csv")

    assert [each.data["id"] for each in records] == ["b"]
    assert rows([finding]) == [(f"r.csv:2:{column}", "record:id")]
    assert finding.message["en"].startswith(message)


@pytest.mark.parametrize(
    ("text", "place", "length", "message"),
    [
        pytest.param(
            'id,type,x\na,P,"one\nb,P,two\n',
            "2:5",
            4,
            "the quotation mark here is not closed where the cell ends",
            id="open-to-the-end",
        ),
        pytest.param(
            'id,type,x\na,P,"one\nb,P,"two"\n',
            "2:5",
            4,
            "the quotation mark here is not closed where the cell ends",
            id="open-to-the-next",
        ),
        pytest.param(
            'id,type,x\na,P,"one" two,\n',
            "2:10",
            4,
            "more stands after the closing quotation mark of the cell",
            id="text-after",
        ),
        pytest.param(
            'id,type,x\na,P,say "hi"\n',
            "2:9",
            1,
            "a quotation mark stands in a cell that does not begin with one",
            id="in-the-middle",
        ),
        pytest.param(
            'id,type,x\na,P,one"\n',
            "2:8",
            1,
            "a quotation mark stands in a cell that does not begin with one",
            id="not-opened",
        ),
        pytest.param(
            'id,"type\na,P\n',
            "1:4",
            5,
            "the quotation mark here is not closed where the cell ends",
            id="in-the-first-row",
        ),
    ],
)
def test_fault_of_the_syntax_is_told_at_its_place(
    text: str, place: str, length: int, message: str
) -> None:
    records, (finding,) = parse(text, "r.csv")

    assert records == []
    assert rows([finding]) == [(f"r.csv:{place}", "record:csv")]
    assert finding.at.length == length
    assert finding.message["en"] == f"cannot be read as CSV: {message}"


@pytest.mark.parametrize(
    ("data", "place", "rule"),
    [
        pytest.param(b"", "1:1", "record:empty", id="empty"),
        pytest.param(b"\n,,\n", "1:1", "record:empty", id="no-text"),
        pytest.param(b"id,type\n", "1:1", "record:empty", id="no-rows"),
        pytest.param(b"id,type\n\xe6,P\n", "2:1", "record:encoding", id="windows-1252"),
        pytest.param(b"id,type\r\xc3\xa6\x00,P\r", "2:2", "record:character", id="nul"),
    ],
)
def test_file_that_cannot_be_read_gives_no_record_and_one_finding(
    tmp_path: Path, data: bytes, place: str, rule: str
) -> None:
    records, findings = read_bytes(tmp_path, data)

    assert records == []
    assert rows(findings) == [(f"r.csv:{place}", rule)]


def test_file_that_is_not_utf_8_is_told_what_excel_calls_it(tmp_path: Path) -> None:
    _, (finding,) = read_bytes(tmp_path, "id;type\næ;P\n".encode("cp1252"))

    assert finding.help == {
        "da": "gem filen som 'CSV UTF-8 (kommasepareret)' i Excel, eller som UTF-8 i dit program",
        "en": "save the file as 'CSV UTF-8 (Comma delimited)' in Excel, or as UTF-8 in your "
        "program",
    }


@given(st.text(st.sampled_from('id,type;"\n\r\t .1x'), max_size=40))
@settings(max_examples=500, derandomize=True, deadline=None)
def test_any_text_gives_records_or_findings_within_the_file(text: str) -> None:
    source = "id,type,x.1,x\n" + text

    records, findings = parse(source, "r.csv", lists)

    assert records or findings
    ends = [len(line) + 1 for line in LINE_END.split(source)]
    values = [at for each in records for at in each.positions()[0].values()]
    for at in (*values, *(each.at for each in findings)):
        assert 1 <= at.column <= ends[at.line - 1]
