"""Gather the records of a dataset, convert them, and see that no two have one name.

A dataset is a folder with `dataset.yaml`. Its `base` begins every IRI, and a record that is checked
alone may point at all other records of the folder.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from expatlod.convert import Converted, Converter
from expatlod.errors import ERROR, Finding
from expatlod.iris import is_iri
from expatlod.namespaces import DEFAULT_BASE, PREFIXES
from expatlod.profile import Model
from expatlod.records.files import read
from expatlod.records.record import Record
from expatlod.validate import Validator, known_records

__all__ = ["DATASET", "Collection", "gather"]

#: The file that makes a folder a dataset.
DATASET = "dataset.yaml"

# No fragment or query, and no step up: parsers disagree about whether to resolve it.
_BASE_FORM = re.compile(r"https?://[^/?#]+/(?:(?!\.\.?/)[^/?#]+/)*", re.IGNORECASE)

_BASE = PREFIXES["void"] + "uriSpace"
_DATASET_CLASS = PREFIXES["dcat"] + "Dataset"


@dataclass(frozen=True, slots=True)
class Collection:
    """Converted records, with all that is wrong with them so far.

    *dataset* is the record of the dataset itself, if it is among them; *records* are the others.
    *known* holds the types of all that they may point at, see `known_records`.
    """

    model: Model
    base: str
    dataset: Converted | None
    records: tuple[Converted, ...]
    findings: tuple[Finding, ...]
    known: dict[str, str]

    @property
    def all(self) -> tuple[Converted, ...]:
        """The dataset's own record, if there is one, and the others."""
        return ((self.dataset,) if self.dataset else ()) + self.records

    def validate(self) -> list[Finding]:
        """Return all findings, sorted by place: reading, conversion, shapes and references."""
        findings = [*self.findings, *Validator(self.model).records(self.all, self.known)]
        return sorted(findings, key=lambda each: each.order)


def gather(model: Model, inputs: Sequence[Path], *, base: str | None = None) -> Collection:
    """Return the records in *inputs*, files or folders, converted.

    The base of their IRIs is *base*, else that of the dataset they belong to, else DEFAULT_BASE.
    """
    records, findings = read(inputs)
    home = _home(inputs)
    dataset_kind = model.classes_by_iri.get(_DATASET_CLASS)
    siblings: list[Record] = []
    if home is not None:
        given = {Path(record.source).resolve() for record in records}
        siblings = [
            record for record in read([home])[0] if Path(record.source).resolve() not in given
        ]
    bad = None
    if base is None:
        base, bad = _base(model, [*records, *siblings])
    converter = Converter(model, base)
    converted = _convert(converter, records, findings)
    for index, each in enumerate(converted):
        if each.record is bad:
            findings.append(_bad_base(model, each))
            # The shapes would say so again.
            converted[index] = replace(each, faulty=each.faulty | {(each.iri, _BASE)})
    known = known_records([*_convert(converter, siblings, []), *converted])
    dataset = None
    if dataset_kind is not None:
        own = [each for each in converted if each.kinds[each.iri] == dataset_kind.name]
        dataset = own[0] if own else None
        findings += [_second_dataset(each, own[0]) for each in own[1:]]
    return Collection(
        model,
        base,
        dataset,
        tuple(each for each in converted if each is not dataset),
        tuple(findings),
        known,
    )


def _second_dataset(second: Converted, first: Converted) -> Finding:
    return Finding(
        second.record.at(("type",)),
        ERROR,
        "record:dataset",
        {
            "da": f"der er to datasæt; det første er {first.record.source}",
            "en": f"there are two datasets; the first is {first.record.source}",
        },
        {"da": "behold den ene", "en": "keep one of them"},
    )


def _home(inputs: Sequence[Path]) -> Path | None:
    """Return the dataset's folder that the first input is in."""
    for path in inputs:
        start = path if path.is_dir() else path.parent
        for folder in (start, *list(start.resolve().parents)[:2]):
            if (folder / DATASET).is_file():
                return folder
    return None


def _base(model: Model, records: Sequence[Record]) -> tuple[str, Record | None]:
    """Return the base that a dataset among *records* gives, and the record whose base is none."""
    kind = model.classes_by_iri.get(_DATASET_CLASS)
    field = kind.field_of(_BASE) if kind else None
    for record in records:
        if kind is None or field is None or record.data.get("type") != kind.name:
            continue
        base = record.data.get(field.key)
        if isinstance(base, str) and is_iri(base) and _BASE_FORM.fullmatch(base):
            return base, None
        return DEFAULT_BASE, record if base is not None else None
    return DEFAULT_BASE, None


def _bad_base(model: Model, each: Converted) -> Finding:
    """Return the finding for the dataset *each*, whose base is no address to begin IRIs with."""
    field = model.classes_by_iri[_DATASET_CLASS].field_of(_BASE)
    assert field is not None
    base = each.record.data[field.key]
    return Finding(
        each.record.at((field.key,)),
        ERROR,
        "record:base",
        {
            "da": f"{field.key} '{base}' kan ikke begynde en adresse",
            "en": f"{field.key} '{base}' cannot begin an address",
        },
        model.shape_texts(field.shape, "sh:message"),
        model.curie(_BASE),
        each.iri,
    )


def _convert(
    converter: Converter, records: Sequence[Record], findings: list[Finding]
) -> list[Converted]:
    converted: dict[str, Converted] = {}
    for record in records:
        result = converter.convert(record)
        if isinstance(result, tuple):
            findings += result
            continue
        findings += result.findings
        if result.iri in converted:
            first = converted[result.iri].record.at(("id",))
            name = result.iri.rpartition("/")[2]
            findings.append(
                Finding(
                    record.at(("id",)),
                    ERROR,
                    "record:twice",
                    {
                        "da": f"id '{name}' er brugt før, i {first}",
                        "en": f"the id '{name}' is used before, in {first}",
                    },
                    {"da": "giv den ene post et andet id", "en": "give one record another id"},
                )
            )
            continue
        converted[result.iri] = result
    return list(converted.values())
