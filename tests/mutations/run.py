"""Check planted faults: the records that hold them, in each format, beside the shipped ones."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from pathlib import Path

from expatlod.collection import Collection, Conversion, Source, assemble, conversion, source
from expatlod.convert import Converted, Converter
from expatlod.errors import Finding
from expatlod.fields import PART, TEXT
from expatlod.findings import Result, together
from expatlod.profile import Model
from expatlod.validate import Validator
from tests.mutations.plant import FORMATS, Ground, Mutation
from tests.mutations.shacl import Result as Alone
from tests.mutations.shacl import Shapes
from tests.mutations.sheets import Lists, Set, Value, Written, changed, to_csv, to_json

__all__ = ["Outcome", "Runner", "batches"]

#: SHACL is asked about so many faulty records together.
BATCH = 30


@dataclass(frozen=True)
class Outcome:
    """What is found in a record with one fault; *place* is where the fault stands.

    *shipped* are the findings that the record has without the fault.
    """

    path: str
    place: tuple[int, int]
    text: str
    findings: tuple[Finding, ...]
    converted: Converted | None
    shipped: tuple[Finding, ...]


def batches(mutations: Sequence[Mutation]) -> list[tuple[Mutation, ...]]:
    """Return *mutations* in groups that are checked together.

    A record without an id that can be used goes by a name made from its place, so that its graph
    is another one in each format; those are kept apart.
    """

    def alike(each: Mutation) -> tuple[bool, tuple[str, ...]]:
        return each.code == "record:id", each.formats

    found: list[tuple[Mutation, ...]] = []
    for _, group in groupby(sorted(mutations, key=alike), alike):
        members = list(group)
        found += [tuple(members[at : at + BATCH]) for at in range(0, len(members), BATCH)]
    return found


def lists(model: Model, kind: str) -> Lists:
    """Return what tells whether a cell at some keys holds a list of values, for one class."""

    def is_list(keys: tuple[str, ...]) -> bool:
        within = model.classes.get(kind)
        field = None
        for key in keys:
            field = within.fields.get(key) if within else None
            within = model.classes_by_iri.get(field.target) if field else None
        if field is None or not field.many or field.kind == TEXT:
            return False
        return field.kind != PART or bool(within and (within.text_key or within.written_in))

    return is_list


class _Asked(Validator):
    """A validator that asks pySHACL once about one graph: that of the same records in JSON."""

    _last: tuple[object, list[Result]] = (None, [])

    def explain(self, text: str, nodes: Container[str] | None = None) -> list[Result]:
        asked = text, nodes
        if self._last[0] != asked:
            self._last = asked, super().explain(text, nodes)
        return self._last[1]


class Runner:
    """Writes and checks records with faults in *folder*."""

    def __init__(self, ground: Ground, shapes: Path, folder: Path) -> None:
        self.ground = ground
        self.model = ground.model
        self.folder = folder
        self.validator = _Asked(ground.model)
        self._shapes = shapes
        self._conversions: dict[int, Conversion] = {}
        self._outcomes: dict[tuple[tuple[Mutation, ...], str], dict[str, Outcome]] = {}
        self._alone: dict[tuple[Mutation, ...], dict[str, list[Alone]]] = {}

    # -- the shipped records

    def write(self, record: Value, path: Path, fmt: str, *, kind: str) -> Written:
        """Write a whole record in JSON or CSV."""
        written = to_json(record) if fmt == "json" else to_csv(record, lists(self.model, kind))
        self._save(path, written.text)
        return written

    def _save(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    @lru_cache(maxsize=3)  # noqa: B019
    def clean(self, fmt: str) -> tuple[Source, ...]:
        """Return the shipped records, written in a format, as sources."""
        found = []
        for name, record in self.ground.records.items():
            path = self.shipped(name, fmt)
            if fmt == "yaml":
                self._save(path, record.text)
            else:
                self.write(record.data, path, fmt, kind=self.ground.kind_of(name).name)
            found.append(source(path, lists=self.model.is_list))
        return tuple(found)

    @lru_cache(maxsize=3)  # noqa: B019
    def clean_collection(self, fmt: str) -> Collection:
        return assemble(self.model, self.clean(fmt), (), convert=self._convert)

    @lru_cache(maxsize=3)  # noqa: B019
    def clean_findings(self, fmt: str) -> tuple[Finding, ...]:
        """Return the findings in the shipped records."""
        collection = self.clean_collection(fmt)
        found = self.validator.records(collection.all, collection.known)
        return tuple(collection.together(found))

    def _convert(self, converter: Converter, each: Source) -> Conversion:
        kept = self._conversions.get(id(each))
        if kept is None or kept.source is not each or kept.base != converter.base:
            kept = conversion(converter, each)
            self._conversions[id(each)] = kept
        return kept

    # -- records with a fault

    def planted(self, mutation: Mutation, number: int, fmt: str) -> tuple[Path, Written]:
        """Write the record with the fault; returns its file and what stands where in it."""
        record = self.ground.records[mutation.record]
        if mutation.own_id:
            record = record.after(Set(("id",), f"{record.data['id']}-m{number}"))
        for edit in mutation.before:
            record = record.after(edit)
        shipped = self.shipped(mutation.record, fmt)
        path = shipped.with_name(f"{shipped.stem}-m{number}.{fmt}")
        data = changed(record.data, mutation.edit)
        if fmt == "yaml":
            written = record.written(mutation.edit)
        elif fmt == "json":
            written = to_json(data, mutation.edit)
        else:
            written = to_csv(data, lists(self.model, self.ground.kind_of(mutation.record).name))
        self._save(path, written.text)
        return path, written

    def outcomes(self, batch: tuple[Mutation, ...], fmt: str) -> dict[str, Outcome]:
        """Return what is found in the records of *batch*, by the name of the fault."""
        if (batch, fmt) not in self._outcomes:
            self._outcomes[batch, fmt] = self._check(batch, fmt)
        return self._outcomes[batch, fmt]

    def shipped(self, record: str, fmt: str) -> Path:
        """Return the file of a shipped record."""
        return self.folder / fmt / self.ground.files[record].with_suffix(f".{fmt}")

    def _check(self, batch: tuple[Mutation, ...], fmt: str) -> dict[str, Outcome]:
        written: dict[str, tuple[Path, Written]] = {}
        sources: dict[str, Source] = {}
        for number, each in enumerate(batch):
            path, text = self.planted(each, number, fmt)
            written[each.name] = path, text
            sources[each.name] = source(path, lists=self.model.is_list)
        own = {each.shown: name for name, each in sources.items()}
        findings: list[Finding] = []
        converted: dict[str, Converted] = {}
        known: dict[str, str] = {}
        for collection in self._collections(batch, sources, fmt):
            findings += [each for each in collection.findings if each.at.path in own]
            known |= collection.known
            for each in collection.all:
                if each.record.source in own:
                    converted[own[each.record.source]] = each
        ordered = [converted[each.name] for each in batch if each.name in converted]
        findings += self.validator.records(ordered, known)
        by_file: dict[str, list[Finding]] = {}
        for each in together(findings):
            by_file.setdefault(each.at.path, []).append(each)
        outcomes = {}
        for each in batch:
            path, text = written[each.name]
            offset = (text.keys if each.key else text.values)[each.at]
            host = str(self.shipped(each.record, fmt))
            outcomes[each.name] = Outcome(
                str(path),
                text.place(offset),
                text.text,
                tuple(by_file.get(str(path), ())),
                converted.get(each.name),
                tuple(found for found in self.clean_findings(fmt) if found.at.path == host),
            )
        return outcomes

    def _collections(
        self, batch: Sequence[Mutation], sources: Mapping[str, Source], fmt: str
    ) -> Iterable[Collection]:
        """Yield collections of the shipped records and those of *batch*.

        There is one dataset in each: a faulty one stands in for the shipped one.
        """
        clean = self.clean(fmt)
        together_, alone = [], []
        for each in batch:
            stands_in = each.record.startswith("dataset/") and each.own_id
            (alone if stands_in else together_).append(sources[each.name])
        names = [
            str(self.ground.files[name])
            for name in self.ground.records
            if name.startswith("dataset/")
        ]
        dataset = self.folder / fmt / Path(names[0]).with_suffix(f".{fmt}")
        others = [each for each in clean if each.shown != str(dataset)]
        yield assemble(self.model, [*clean, *together_], (), convert=self._convert)
        for each in alone:
            yield assemble(self.model, [*others, each], (), convert=self._convert)

    def found_in(self, path: Path, fmt: str) -> list[Finding]:
        """Return what is found in one more file, beside the shipped ones."""
        more = source(path, lists=self.model.is_list)
        collection = assemble(self.model, [*self.clean(fmt), more], (), convert=self._convert)
        own = [each for each in collection.all if each.record.source == more.shown]
        found = collection.together(self.validator.records(own, collection.known))
        return [each for each in found if each.at.path == more.shown]

    # -- pySHACL alone

    @cached_property
    def shapes(self) -> Shapes:
        return Shapes(self._shapes)

    def alone(self, batch: tuple[Mutation, ...]) -> dict[str, list[Alone]]:
        """Return pySHACL's results on the converted records of *batch*, by the record's IRI.

        The shipped records that have findings of their own are there too.
        """
        if batch not in self._alone:
            fmt = next(fmt for fmt in FORMATS if all(fmt in each.formats for each in batch))
            found = self.outcomes(batch, fmt)
            records = [each.converted for each in found.values() if each.converted]
            faulty = {each.focus.partition("#")[0] for each in self.clean_findings(fmt)}
            shipped = self.clean_collection(fmt)
            records += [each for each in shipped.all if each.iri in faulty]
            known = {**shipped.known}
            for each in records:
                known |= _known(each)
            self._alone[batch] = self.shapes.results(self.validator.whole(records, known))
        return self._alone[batch]

    def iri(self, record: str) -> str:
        """Return the IRI of a shipped record."""
        return f"{self.clean_collection('yaml').base}id/{record}"


def _known(record: Converted) -> dict[str, str]:
    from expatlod.validate import known_records

    return known_records([record])
