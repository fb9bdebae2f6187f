"""Keep a dataset validated while its files change.

Only the file that changed is read and converted again, and only what its change can reach is
validated: its own records, and those that point at something it holds or held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from expatlod.collection import (
    Conversion,
    Source,
    assemble,
    conversion,
    listing,
    source,
)
from expatlod.convert import Converted, Converter
from expatlod.errors import Finding
from expatlod.profile import Model
from expatlod.records.files import ending, parse
from expatlod.validate import Validator

__all__ = ["Changes", "Workspace"]

#: Findings by file, as the user typed the file's path. A file without faults has none.
Changes = Mapping[str, tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class _Checked:
    """A record that was validated, what was found, and what it points at."""

    converted: Converted
    findings: tuple[Finding, ...]
    pointed: frozenset[str]
    dangles: bool


class Workspace:
    """The records in *inputs*, files or folders, validated at every change.

    After each change the findings are those that `gather(model, inputs).validate()` would give.
    """

    def __init__(self, model: Model, inputs: Sequence[Path]) -> None:
        self.model = model
        self.inputs = tuple(inputs)
        self._validator = Validator(model)
        self._unsaved: dict[Path, str] = {}
        self._sources: dict[Path, Source] = {}
        self._shown: dict[Path, list[Path]] = {}
        self._conversions: dict[str, Conversion] = {}
        self._checked: dict[str, _Checked] = {}
        self._by_file: dict[str, tuple[Finding, ...]] = {}
        self._findings: tuple[Finding, ...] = ()
        self.collection = assemble(model, (), ())
        self._list()
        self._assemble()

    # -- what others ask for

    @property
    def files(self) -> tuple[str, ...]:
        """The files that are checked."""
        return self.collection.files

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, sorted by place."""
        return self._findings

    @property
    def by_file(self) -> Changes:
        """The findings of each file that has some."""
        return self._by_file

    def warm(self) -> None:
        """Load what explains findings, so that the first one is told as quickly as the others."""
        self._validator.explain("")

    def shown(self, path: Path) -> tuple[str, ...]:
        """Return what the file at *path* is called in findings; nothing if it is not checked."""
        found = self._shown.get(path.resolve(), ())
        return tuple(str(each) for each in found if self._sources[each].asked)

    def refresh(self, paths: Iterable[Path]) -> Changes:
        """Read *paths* again, files or folders that were changed, added or deleted.

        Returns the findings of every file that was read again, or whose findings changed.
        """
        changed = {path.resolve(): path for path in paths}
        if any(self._moves(real, path) for real, path in changed.items()):
            self._list()
        return self._read(changed)

    def set_text(self, path: Path, text: str | None) -> Changes:
        """Take *text* for what the file at *path* holds; None for what is on the disk.

        Returns what `refresh` does.
        """
        real = path.resolve()
        if text is None:
            self._unsaved.pop(real, None)
        else:
            self._unsaved[real] = text
        if real not in self._shown or (text is None and not path.is_file()):
            self._list()
        return self._read([real])

    # -- what is there

    def _moves(self, real: Path, path: Path) -> bool:
        """Tell whether a change at *path* can alter which files there are."""
        if real in self._unsaved:
            return False
        if path.is_file():
            return real not in self._shown and bool(ending(path))
        return True

    def _list(self) -> None:
        """Look which files there are, and read those that are new."""
        listed = listing(self.inputs, self._unsaved)
        self._faults = listed.faults
        self._shown = {}
        sources = {}
        for path, asked in listed.files.items():
            self._shown.setdefault(path.resolve(), []).append(path)
            known = self._sources.get(path)
            sources[path] = known if known and known.asked == asked else self._load(path, asked)
        self._sources = sources

    def _load(self, path: Path, asked: bool) -> Source:
        text = self._unsaved.get(path.resolve())
        if text is None:
            return source(path, asked=asked, lists=self.model.is_list)
        records, findings = parse(text, str(path), self.model.is_list)
        return Source(str(path), tuple(records), tuple(findings), asked)

    def _read(self, changed: Iterable[Path]) -> Changes:
        again = [path for real in changed for path in self._shown.get(real, ())]
        before, files = self._by_file, set(self.files)
        for path in again:
            self._sources[path] = self._load(path, self._sources[path].asked)
        self._assemble()
        after = self._by_file
        names = {str(path) for path in again if self._sources[path].asked}
        names |= files.symmetric_difference(self.files)
        names |= {name for name in {*before, *after} if before.get(name) != after.get(name)}
        return {name: after.get(name, ()) for name in sorted(names)}

    # -- what is wrong with it

    def _assemble(self) -> None:
        old = self.collection.known
        self.collection = assemble(
            self.model, tuple(self._sources.values()), self._faults, convert=self._convert
        )
        new = self.collection.known
        moved = {iri for iri in old.keys() | new.keys() if old.get(iri) != new.get(iri)}
        # What a lost reference may have meant is looked for among all names, in their order.
        renamed = bool(moved) or list(old) != list(new)
        checked, fresh = {}, []
        for each in self.collection.all:
            kept = self._checked.get(each.iri)
            if (
                kept is not None
                and kept.converted.record is each.record
                and kept.converted.faulty == each.faulty
                and not (kept.dangles and renamed)
                and kept.pointed.isdisjoint(moved)
            ):
                checked[each.iri] = kept
            else:
                fresh.append(each)
        checked |= self._check(fresh)
        self._checked = checked
        live = {each.shown for each in self._sources.values()}
        self._conversions = {name: each for name, each in self._conversions.items() if name in live}
        found = [finding for each in self.collection.all for finding in checked[each.iri].findings]
        self._findings = tuple(self.collection.together(found))
        by_file: dict[str, list[Finding]] = {}
        for finding in self._findings:
            by_file.setdefault(finding.at.path, []).append(finding)
        self._by_file = {name: tuple(each) for name, each in by_file.items()}

    def _convert(self, converter: Converter, each: Source) -> Conversion:
        kept = self._conversions.get(each.shown)
        if kept is None or kept.source is not each or kept.base != converter.base:
            kept = conversion(converter, each)
            self._conversions[each.shown] = kept
        return kept

    def _check(self, fresh: Sequence[Converted]) -> dict[str, _Checked]:
        found: dict[str, list[Finding]] = {each.iri: [] for each in fresh}
        for finding in self._validator.records(fresh, self.collection.known):
            found[finding.focus.partition("#")[0]].append(finding)
        return {
            each.iri: _Checked(
                each,
                tuple(found[each.iri]),
                each.pointed,
                any(finding.rule == "record:reference" for finding in found[each.iri]),
            )
            for each in fresh
        }
