"""The record reference: it is up to date, complete, and shows as meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from expatlod.check import check
from expatlod.collection import gather
from expatlod.profile import Model, load
from expatlod.resources import Folder
from expatlod.schema import FORMATS

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "data" / "README.md"


@pytest.fixture(scope="module")
def harbour() -> Model:
    return load(Folder(ROOT / "tests" / "profile"))


def reference(model: Model, lang: str) -> str:
    return FORMATS["markdown"](model, model.record_classes, lang).decode()


def test_the_reference_in_the_data_folder_is_what_the_command_prints(model: Model) -> None:
    """Danish, then English; mend it with the two commands that its own first lines name."""
    expected = reference(model, "da") + reference(model, "en")

    assert README.read_text("utf-8") == expected, (
        "run: (expatlod schema -f markdown -l da; expatlod schema -f markdown -l en) "
        "> data/README.md"
    )


@pytest.mark.parametrize("lang", ["da", "en"])
def test_every_field_and_every_code_is_in_it(model: Model, lang: str) -> None:
    text = reference(model, lang)
    used = set()
    for kind in model.classes.values():
        section = text.partition(f"### {kind.name}")[2].partition("\n<a id=")[0]
        for field in kind.fields.values():
            row = next((x for x in section.splitlines() if x.startswith(f"| `{field.key}` |")), "")
            assert bool(row) == (not field.computed), (kind.name, field.key)
            if not field.computed:
                assert field.name[lang] in row
            used |= {field.codelist} - {""}
    for iri in used:
        for concept in model.codelists[iri].concepts:
            assert f"| `{concept.notation}` | " in text


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("profile", ["shipped", "harbour"])
def test_every_table_is_a_table(model: Model, harbour: Model, profile: str, lang: str) -> None:
    """All rows of a table have as many cells as its head; an escaped pipe is none."""
    text = reference(model if profile == "shipped" else harbour, lang)
    widths: list[int] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            widths.append(len(re.findall(r"(?<!\\)\|", line)))
        elif widths:
            assert len(widths) > 2
            assert set(widths) == {widths[0]}
            widths = []
    assert "|" in text


@pytest.mark.parametrize("lang", ["da", "en"])
def test_every_link_leads_to_an_anchor_that_stands_once(model: Model, lang: str) -> None:
    both = README.read_text("utf-8")
    anchors = re.findall(r'<a id="([^"]+)"></a>', both)

    assert len(anchors) == len(set(anchors))
    links = set(re.findall(r"\]\(#([^)]+)\)", reference(model, lang)))
    assert links <= set(anchors)
    assert len(links) == len(anchors) // 2


@pytest.mark.parametrize("lang", ["da", "en"])
def test_no_line_is_left_in_the_other_language(model: Model, lang: str) -> None:
    other = {"da": "en", "en": "da"}[lang]
    text = reference(model, lang)
    for kind in model.classes.values():
        assert kind.help[lang] in text.replace("\\", "")
        for field in kind.fields.values():
            if field.help.get(lang) != field.help.get(other) and not field.computed:
                assert field.help[lang].replace("|", "") in text.replace("\\", "")
                assert field.help[other] not in text.replace("\\", "")


def test_the_record_in_each_format_is_valid_and_the_same(model: Model, tmp_path: Path) -> None:
    blocks = dict(re.findall(r"```(yaml|json|csv)\n(.*?)```", reference(model, "en"), re.DOTALL))
    lines = set()
    for suffix, text in blocks.items():
        path = tmp_path / f"sample.{suffix}"
        path.write_text(text, "utf-8")
        assert [str(each) for each in check(model, [path]).findings] == []
        lines.add(tuple(sorted(gather(model, [path]).all[0].lines)))

    assert set(blocks) == {"yaml", "json", "csv"}
    assert len(lines) == 1


def test_marks_of_markdown_in_a_help_text_are_shown_as_they_are() -> None:
    from expatlod.schema.markdown import _code, _escaped

    assert _escaped("a|b *c* _d_ <e> `f` [g]") == r"a\|b \*c\* \_d\_ \<e> \`f\` \[g]"
    assert _code("a|b") == r"`a\|b`"
