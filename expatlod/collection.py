"""Gather the records of a dataset, convert them, and see that no two have one name.

A dataset is a folder with `dataset.yaml`. Its `base` begins every IRI, and a record that is checked
alone may point at all other records of the folder.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from expatlod.canonical import identify
from expatlod.convert import Converted, Converter, type_lines
from expatlod.errors import ERROR, Finding, Location
from expatlod.fields import RecordClass
from expatlod.findings import place, together
from expatlod.iris import is_iri, is_local_name
from expatlod.namespaces import DEFAULT_BASE, PREFIXES
from expatlod.profile import Model
from expatlod.records.files import SUFFIXES, ending, files, read
from expatlod.records.record import Lists, Record, no_lists
from expatlod.validate import Validator, known_records

__all__ = [
    "BASE",
    "DATASET",
    "Collection",
    "Conversion",
    "Listing",
    "Source",
    "assemble",
    "bad_base",
    "conversion",
    "dataset_base",
    "dataset_class",
    "gather",
    "home",
    "is_a",
    "left_out",
    "listing",
    "second_dataset",
    "source",
    "twice",
]

#: The file that makes a folder a dataset; it may be of another format, with that ending.
DATASET = "dataset.yaml"

# No fragment or query, and no step up: parsers disagree about whether to resolve it.
_BASE_FORM = re.compile(r"https?://[^/?#]+/(?:(?!\.\.?/)[^/?#]+/)*", re.IGNORECASE)


BASE = PREFIXES["void"] + "uriSpace"
_DATASET_CLASS = PREFIXES["dcat"] + "Dataset"


@dataclass(frozen=True, slots=True)
class Source:
    """What one file holds, called as the user typed it.

    Only files that were *asked* for are checked; the others of their dataset may be pointed at.
    """

    shown: str
    records: tuple[Record, ...]
    findings: tuple[Finding, ...]
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of the records of one source, and the types of each, see `known_records`."""

    source: Source
    base: str
    results: tuple[Converted | tuple[Finding, ...], ...]
    known: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """The record files of the inputs, whether each was asked for, and faults of their folders."""

    files: Mapping[Path, bool]
    faults: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """Converted records, with all that is wrong with them so far.

    *dataset* is the record of the dataset itself, if it is among them; *records* are the others.
    *known* holds the types of all that they may point at, see `known_records`. *files* are those
    that were asked for.
    """

    model: Model
    base: str
    dataset: Converted | None
    records: tuple[Converted, ...]
    findings: tuple[Finding, ...]
    known: Mapping[str, str]
    files: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[Converted, ...]:
        """The dataset's own record, if there is one, and the others."""
        return ((self.dataset,) if self.dataset else ()) + self.records

    def validate(self, progress: Callable[[int], None] = lambda _: None) -> list[Finding]:
        """Return all findings, sorted by place: reading, conversion, shapes and references.

        *progress* is told how many records are done.
        """
        return self.together(Validator(self.model).records(self.all, self.known, progress))

    def together(self, validated: Iterable[Finding]) -> list[Finding]:
        """Return the collection's own findings and those of its validation, sorted by place."""
        return together([*self.findings, *validated])


def gather(model: Model, inputs: Sequence[Path], *, base: str | None = None) -> Collection:
    """Return the records in *inputs*, files or folders, converted.

    The base of their IRIs is *base*, else that of the dataset they belong to, else DEFAULT_BASE.
    """
    listed = listing(inputs)
    sources = [
        source(path, asked=asked, lists=model.is_list) for path, asked in listed.files.items()
    ]
    return assemble(model, sources, listed.faults, base=base)


def listing(inputs: Sequence[Path], unsaved: Iterable[Path] = ()) -> Listing:
    """Return the record files in *inputs*, and those around them in the same dataset.

    *unsaved* are absolute paths of files that an editor holds and the disk does not, yet.
    """
    found: dict[Path, bool] = {}
    faults: list[Finding] = []
    for path in inputs:
        inside, errors = files(path)
        inside = _with_unsaved(path, inside, unsaved)
        found.update(dict.fromkeys(inside, True))
        if errors or not inside:
            shown = {str(each) for each in inside}
            faults += [each for each in read([path])[1] if each.at.path not in shown]
    folder = home(inputs)
    if folder is not None and folder not in inputs:
        given = {path.resolve() for path in found}
        for path in _with_unsaved(folder, files(folder)[0], unsaved):
            if path.resolve() not in given:
                found[path] = False
    return Listing(found, tuple(faults))


def _with_unsaved(folder: Path, inside: list[Path], unsaved: Iterable[Path]) -> list[Path]:
    root = folder.resolve()
    more = set()
    for path in unsaved:
        if ending(path) and path.is_relative_to(root) and not path.exists():
            within = path.relative_to(root)
            if not any(name.startswith(".") for name in within.parts):
                more.add(folder / within)
    return sorted(more.union(inside)) if more else inside


def source(path: Path, *, asked: bool = True, lists: Lists = no_lists) -> Source:
    """Return what the file at *path* holds; *lists* is as in `read`."""
    records, findings = read([path], lists)
    return Source(str(path), tuple(records), tuple(findings), asked)


def conversion(converter: Converter, each: Source) -> Conversion:
    """Return what becomes of the records of *each*."""
    results = tuple(converter.convert(record) for record in each.records)
    known = tuple(
        known_records([result]) if isinstance(result, Converted) else {} for result in results
    )
    return Conversion(each, converter.base, results, known)


def assemble(
    model: Model,
    sources: Sequence[Source],
    faults: Iterable[Finding],
    *,
    base: str | None = None,
    convert: Callable[[Converter, Source], Conversion] = conversion,
) -> Collection:
    """Return what *sources* hold as one collection, *faults* being those of their folders.

    Who keeps conversions can give a *convert* that looks there first.
    """
    asked = [each for each in sources if each.asked]
    others = [each for each in sources if not each.asked]
    bad = None
    if base is None:
        base, bad = dataset_base(
            model, [record for each in (*asked, *others) for record in each.records]
        )
    converter = Converter(model, base)
    findings = [*faults, *(finding for each in asked for finding in each.findings)]
    known: dict[str, str] = {}
    around = _unite([convert(converter, each) for each in others], [], known)
    converted = _unite([convert(converter, each) for each in asked], findings, known)
    first = {each.iri: each for each in around}
    findings += [
        twice(each, first[each.iri].record.at(("id",))) for each in converted if each.iri in first
    ]
    for iri, types in _unread(model, base, sources):
        known.setdefault(iri, types)
    for index, each in enumerate(converted):
        if each.record is bad and (each.iri, BASE) not in each.faulty:
            findings.append(bad_base(model, each))
            # The shapes would say so again.
            converted[index] = replace(each, faulty=each.faulty | {(each.iri, BASE)})
    dataset = None
    dataset_kind = model.classes_by_iri.get(_DATASET_CLASS)
    if dataset_kind is not None:
        own = [each for each in converted if each.kinds[each.iri] == dataset_kind.name]
        dataset = own[0] if own else None
        findings += [second_dataset(each, own[0]) for each in own[1:]]
    return Collection(
        model,
        base,
        dataset,
        tuple(each for each in converted if each is not dataset),
        tuple(findings),
        known,
        tuple(each.shown for each in asked),
    )


def second_dataset(second: Converted, first: Converted) -> Finding:
    """Return the finding for a dataset's record where there is one already."""
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


def dataset_class(model: Model) -> RecordClass | None:
    """Return the class of the dataset's own record, if the profile has one."""
    return model.classes_by_iri.get(_DATASET_CLASS)


def home(inputs: Sequence[Path]) -> Path | None:
    """Return the dataset's folder that the first input in one is in."""
    for path in inputs:
        start = path if path.is_dir() else path.parent
        for folder in (start, *list(start.resolve().parents)[:2]):
            if any((folder / f"dataset{each}").is_file() for each in SUFFIXES):
                return folder
    return None


def is_a(record: Record, name: str) -> bool:
    """Tell whether the type of a record, alone or with those above it, is *name*."""
    given = record.data.get("type")
    return (given[0] if isinstance(given, list) and given else given) == name


def dataset_base(model: Model, records: Sequence[Record]) -> tuple[str, Record | None]:
    """Return the base that a dataset among *records* gives, and the record whose base is none."""
    kind = model.classes_by_iri.get(_DATASET_CLASS)
    field = kind.field_of(BASE) if kind else None
    for record in records:
        if kind is None or field is None or not is_a(record, kind.name):
            continue
        base = record.data.get(field.key)
        if isinstance(base, list) and len(base) == 1:
            base = base[0]
        if isinstance(base, str) and is_iri(base) and _BASE_FORM.fullmatch(base):
            return base, None
        return DEFAULT_BASE, record if isinstance(base, str) else None
    return DEFAULT_BASE, None


def bad_base(model: Model, each: Converted) -> Finding:
    """Return the finding for the dataset *each*, whose base is no address to begin IRIs with."""
    field = model.classes_by_iri[_DATASET_CLASS].field_of(BASE)
    assert field is not None
    base = each.record.data[field.key]
    if isinstance(base, list):
        base = base[0]
    return Finding(
        each.record.at((field.key,)),
        ERROR,
        "record:base",
        {
            "da": f"{field.key} '{base}' kan ikke begynde en adresse",
            "en": f"{field.key} '{base}' cannot begin an address",
        },
        model.shape_texts(field.shape, "sh:message"),
        model.curie(BASE),
        each.iri,
        field.name,
        str(base),
    )


def _unite(
    conversions: Iterable[Conversion], findings: list[Finding], known: dict[str, str]
) -> list[Converted]:
    """Return the converted records, the first of each IRI, adding to *findings* and *known*."""
    converted: dict[str, Converted] = {}
    for each in conversions:
        for result, types in zip(each.results, each.known, strict=True):
            if isinstance(result, tuple):
                findings += result
                continue
            findings += result.findings
            if result.iri in converted:
                findings.append(twice(result, converted[result.iri].record.at(("id",))))
                continue
            converted[result.iri] = result
            for iri, lines in types.items():
                known[iri] = known.get(iri, "") + lines
    return list(converted.values())


def _unread(model: Model, base: str, sources: Iterable[Source]) -> Iterator[tuple[str, str]]:
    """Yield what the records of files that cannot be read are probably called, with their types.

    A file is by convention named as its record. Who refers to that record has made no mistake.
    """
    for each in sources:
        name = Path(each.shown).name.partition(".")[0]
        broken = not each.records and any(finding.severity == ERROR for finding in each.findings)
        if broken and is_local_name(name):
            for kind in model.record_classes:
                iri = identify(base, kind.segment, name)
                yield iri, "".join(f"{line}\n" for line in type_lines(model, kind, iri))


def twice(second: Converted, at: Location) -> Finding:
    """Return the finding for the record *second*, whose id another one has, *at* a place."""
    name = second.iri.rpartition("/")[2]
    return Finding(
        second.record.at(("id",)),
        ERROR,
        "record:twice",
        {
            "da": f"id '{name}' er brugt før, i {at}",
            "en": f"the id '{name}' is used before, in {at}",
        },
        {"da": "giv den ene post et andet id", "en": "give one record another id"},
        focus=second.iri,
    )


def left_out(model: Model, each: Converted, reference: tuple[str, str, str]) -> Finding:
    """Return the finding for a reference, (node, property, target), to a record with errors."""
    focus, path, target = reference
    field = model.field_of(path)
    name = target.partition("#")[0].rpartition("/")[2]
    return Finding(
        each.record.at(place(each, focus, path, target)),
        ERROR,
        "record:reference",
        {
            "da": f"'{name}' er udeladt på grund af sine egne fejl",
            "en": f"'{name}' is left out because of its own faults",
        },
        {
            "da": "ret fejlene i den post, der henvises til",
            "en": "mend the faults of the record that is referred to",
        },
        model.curie(path),
        focus,
        field.name if field else {},
        name,
    )
