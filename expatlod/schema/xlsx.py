"""Write a workbook to fill in: a sheet for each class, with drop-downs and help in both languages.

The same shapes give the same bytes: every time stamp that the writer would set is fixed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from expatlod.errors import LANGUAGES, Text, UsageError
from expatlod.fields import CODE, LITERAL, Field, RecordClass
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model
from expatlod.schema import codes
from expatlod.schema.columns import ID, TYPE, Column, columns
from expatlod.schema.words import said

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["render"]

#: How many records a sheet is made ready for.
_ROWS = 1000

_BOOLEAN = PREFIXES["xsd"] + "boolean"

_CODES, _HELP = "codes", "help"

_TEXT = "@"
_REQUIRED, _OPTIONAL = "F4B183", "DDEBF7"
_NARROW, _WIDE = 14, 40

# Excel cuts or refuses longer ones.
_LONGEST_PROMPT, _LONGEST_TITLE = 255, 32

_EPOCH = (1980, 1, 1, 0, 0, 0)
_STAMP = "1980-01-01T00:00:00Z"

_FORMULA = ("=", "+", "-", "@")

_OWN: dict[str, tuple[Text, Text]] = {
    ID: (
        {"da": "id", "en": "id"},
        {
            "da": "Skriv små bogstaver a-z, tal og enkelte bindestreger.",
            "en": "Write small letters a-z, digits and single hyphens.",
        },
    ),
}
_SEVERAL: Text = {
    "da": "Skriv semikolon mellem flere værdier.",
    "en": "Write semicolons between several values.",
}
_REQUIRED_WORD: Text = {"da": "Skal udfyldes.", "en": "Required."}
_NOT_LISTED: Text = {
    "da": "Værdien står ikke i kodelisten.",
    "en": "The value is not in the codelist.",
}
_HEADINGS = (
    "ark / sheet",
    "kolonne / column",
    "navn",
    "name",
    "hjælp",
    "help",
    "hvorfor",
    "why",
    "skal udfyldes / required",
)


def render(model: Model, kinds: Sequence[RecordClass], lang: str) -> bytes:
    """Return the workbook for *kinds*.

    Raises UsageError when the library that writes workbooks is not installed.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise UsageError("workbooks need openpyxl: pip install 'expatlod[xlsx]'") from error
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    sheets = [(kind, book.create_sheet(kind.name)) for kind in kinds]
    help_sheet, codes_sheet = book.create_sheet(_HELP), book.create_sheet(_CODES)
    laid_out = [
        (kind, sheet, [each for each in columns(model, kind) if each.name != TYPE])
        for kind, sheet in sheets
    ]
    lists = dict.fromkeys(
        name for _, _, row in laid_out for each in row if (name := _codelist(model, each.field))
    )
    ranges = _write_codes(model, codes_sheet, tuple(lists), lang)
    for _, sheet, row in laid_out:
        _write_header(sheet, row, [_choices(model, each.field, ranges) for each in row])
    _write_help(help_sheet, [(kind, row) for kind, _, row in laid_out])
    written = io.BytesIO()
    book.save(written)
    return _stamped(written.getvalue())


def _codelist(model: Model, field: Field | None) -> str:
    """Return the IRI of the codelist that the cells of *field* are from, or ''."""
    if field is None:
        return ""
    if field.kind == CODE:
        return field.codelist
    part = model.classes_by_iri.get(field.target)
    if part is not None and part.text_key and not part.segment:
        return _codelist(model, part.fields[part.text_key])
    return ""


def _choices(model: Model, field: Field | None, ranges: Mapping[str, str]) -> str:
    """Return the formula of what a cell of *field* can hold, or '' where there is no list."""
    if field is not None and field.kind == LITERAL and field.datatype == _BOOLEAN:
        return '"true,false"'
    return ranges.get(_codelist(model, field), "")


# -- sheets


def _write_codes(model: Model, sheet: Worksheet, lists: Sequence[str], lang: str) -> dict[str, str]:
    """Write three columns a codelist; return the range of what to choose from, by its IRI."""
    from openpyxl.utils import get_column_letter

    ranges = {}
    for number, iri in enumerate(lists):
        codelist = model.codelists[iri]
        listed = codes.codes(model, codelist)
        first = number * (1 + len(LANGUAGES)) + 1
        title = codes.title(model, codelist)
        for offset, heading in enumerate((said(title, lang), *LANGUAGES)):
            _put(sheet, 1, first + offset, heading, bold=True)
        # Where codes are numbers nobody knows them by heart.
        by_name = any(code.concept.notation.isdigit() for code in listed)
        for row, code in enumerate(listed, 2):
            labels = code.concept.labels
            offered = said(labels, lang) if by_name else code.concept.notation
            for offset, text in enumerate((offered, *(labels.get(tag, "") for tag in LANGUAGES))):
                _put(sheet, row, first + offset, text)
        letter = get_column_letter(first)
        ranges[iri] = f"{_CODES}!${letter}$2:${letter}${len(listed) + 1}"
        sheet.column_dimensions[letter].width = _NARROW * 2
        for offset in range(1, 1 + len(LANGUAGES)):
            sheet.column_dimensions[get_column_letter(first + offset)].width = _WIDE
    sheet.freeze_panes = "A2"
    return ranges


def _write_header(sheet: Worksheet, row: Sequence[Column], choices: Sequence[str]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.utils import get_column_letter

    for number, (column, listed) in enumerate(zip(row, choices, strict=True), 1):
        fill = _REQUIRED if column.required else _OPTIONAL
        cell = _put(sheet, 1, number, column.name, bold=True, fill=fill)
        name, help = _texts(column)
        comment = Comment(_both(column, name, help), "expatlod")
        comment.width, comment.height = 420, 240
        cell.comment = comment
        letter = get_column_letter(number)
        dimension = sheet.column_dimensions[letter]
        dimension.width = max(_NARROW, len(column.name) + 2, _WIDE if column.language else 0)
        # Otherwise a spreadsheet makes a day of 2012-06 and a number of 0101.
        dimension.number_format = _TEXT
        rule = _validation(column, name, help, listed)
        rule.add(f"{letter}2:{letter}{_ROWS + 1}")
        sheet.add_data_validation(rule)
    sheet.freeze_panes = "B2"


def _validation(column: Column, name: Text, help: Text, choices: str) -> Any:
    """Return the prompt of a column's cells, and their drop-down where there is a list."""
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation(
        type="list" if choices else None,
        formula1=choices or None,
        allow_blank=True,
        showErrorMessage=bool(choices),
        showInputMessage=True,
        promptTitle=" / ".join(dict.fromkeys(name.values()))[:_LONGEST_TITLE],
        prompt=_short(_both(column, {}, help)),
    )
    if choices:
        # A cell with two codes in it is on no list.
        rule.errorStyle = "warning" if column.several else "stop"
        rule.errorTitle = column.name[:_LONGEST_TITLE]
        words = {tag: _SEVERAL[tag] if column.several else _NOT_LISTED[tag] for tag in LANGUAGES}
        rule.error = "\n".join(dict.fromkeys(words.values()))
    return rule


def _write_help(sheet: Worksheet, tables: Sequence[tuple[RecordClass, Sequence[Column]]]) -> None:
    from openpyxl.utils import get_column_letter

    for number, heading in enumerate(_HEADINGS, 1):
        _put(sheet, 1, number, heading, bold=True)
        wide = heading in ("hjælp", "help", "hvorfor", "why")
        width = _WIDE * 2 if wide else _NARROW * 2
        sheet.column_dimensions[get_column_letter(number)].width = width
    line = 1
    for kind, row in tables:
        for column in row:
            line += 1
            name, help = _texts(column)
            why = column.field.why if column.field else {}
            texts = [text.get(tag, "") for text in (name, help, why) for tag in LANGUAGES]
            needed = "ja / yes" if column.required else ""
            for number, text in enumerate((kind.name, column.name, *texts, needed), 1):
                _put(sheet, line, number, text)
    sheet.freeze_panes = "C2"


def _texts(column: Column) -> tuple[Text, Text]:
    if column.field is None:
        return _OWN[column.name]
    return column.field.name, column.field.help


def _both(column: Column, name: Text, help: Text) -> str:
    """Return what there is to say about a column, in each language."""
    told = []
    for tag in LANGUAGES:
        words = [help.get(tag, "")]
        words += [_SEVERAL[tag]] if column.several else []
        words += [_REQUIRED_WORD[tag]] if column.required else []
        title = f"{name[tag]}\n" if name.get(tag) else ""
        told.append(title + " ".join(filter(None, words)))
    return "\n\n".join(filter(None, told))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_PROMPT else text[: _LONGEST_PROMPT - 1] + "…"


def _put(
    sheet: Worksheet, row: int, column: int, text: str, *, bold: bool = False, fill: str = ""
) -> Cell:
    """Write *text* as text, whatever it begins with."""
    from openpyxl.styles import Font, PatternFill

    cell: Cell = sheet.cell(row, column, text)
    cell.number_format = _TEXT
    if text.startswith(_FORMULA):
        cell.data_type = "s"
        cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    if fill:
        cell.fill = PatternFill("solid", fgColor=fill)
    return cell


def _stamped(data: bytes) -> bytes:
    """Return the workbook *data* with every time stamp fixed."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as given,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in given.namelist():
            content = given.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb">\d{4}-\d\d-\d\dT[^<]*<", f">{_STAMP}<".encode(), content)
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()
