"""Send a whole dataset through the tasks, whatever its size, and join what they find.

Memory holds the pieces that are being worked on and the findings that are shown; all else is on
disk.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

import msgspec

from expatlod.audit import Passed, Sample
from expatlod.canonical import identify
from expatlod.collection import (
    BASE,
    bad_base,
    dataset_base,
    dataset_class,
    is_a,
    left_out,
    listing,
    second_dataset,
    twice,
)
from expatlod.convert import Converted, Converter, type_lines
from expatlod.crossings import Crossings, Place, unwritable
from expatlod.engines.local import Pool
from expatlod.errors import ERROR, Finding, Location, PublishError
from expatlod.findings import together
from expatlod.guesses import nearest
from expatlod.iris import is_local_name
from expatlod.namespaces import DEFAULT_BASE
from expatlod.profile import Model
from expatlod.records.files import BINARY, LINES, ending, read
from expatlod.records.lines import (
    MANY,
    Block,
    BrokenError,
    TooMuchError,
    blocks,
    chunks,
    numbered,
    read_line,
)
from expatlod.records.record import Record
from expatlod.records.text import nothing
from expatlod.rejects import Reject
from expatlod.spool import Spool, Written, fingerprint
from expatlod.tasks import Outcome, Piece, Setup, Task, worker
from expatlod.validate import known_records

if TYPE_CHECKING:
    from expatlod.engines.spark.cluster import Cluster
    from expatlod.engines.spark.joins import Joins

__all__ = ["Payload", "Progress", "Stream", "Tally"]

#: What is kept of the records of a piece besides what was found: a function of a module.
Payload = Callable[[Model, Written], bytes]

#: Told how many records, and how many bytes of how many, are done.
Progress = Callable[[int, int, int], None]

#: Files and bytes in one task; a task of lines has one piece.
_FILES, _BYTES = 100, 1 << 20

# Bytes of packed pieces that are written by this process before others have started.
_SMALL = 12_000_000

A = TypeVar("A")
B = TypeVar("B")

#: Where records are that only count as known, see `Crossings.excuse`.
_EXCUSED = (-1, 0)

#: Names that are looked through at a time, and missing ones that near names are sought for.
_NAMES, _SOUGHT = 50_000, 50


@dataclass(slots=True)
class Tally:
    """How much there was: records and triples; findings by severity, also those not kept."""

    records: int = 0
    triples: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    unkept: int = 0


class Stream:
    """One passage of the records in *inputs*, files or folders, through the tasks.

    The base of their IRIs is *base*, else that of the dataset they belong to. *engine* is the
    SHACL engine, empty when the records are only converted. *payload* says what is kept of each
    piece. With *skip*, what points at a record that has errors is found to have one too. What the
    screen passes is offered to *sample*; *anew* also what it passed in an earlier run. The work is
    done by *cluster*, and else on this machine.

    Use it as a context; what it holds on disk is gone at the end.
    """

    def __init__(
        self,
        model: Model,
        inputs: Sequence[Path],
        *,
        base: str | None = None,
        engine: str = "auto",
        jobs: int = 1,
        payload: Payload | None = None,
        nodes: bool = False,
        skip: bool = False,
        sample: Sample[Place] | None = None,
        anew: bool = False,
        cluster: Cluster | None = None,
    ) -> None:
        self.model = model
        self._listed = listing(inputs)
        self.base, self.dataset, self._bad = _base(model, self._listed.files, base)
        profile = model.folder if cluster is None else cluster.lay_out(model.folder)
        self.setup = Setup(profile, self.base, engine, nodes)
        self._payload = payload
        self._skip = skip
        self._sample = sample
        self._anew = anew
        self._cluster = cluster
        self._pool = Pool(jobs)
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="expatlod-")
        except OSError as error:
            raise unwritable(error) from error
        self.crossings: Crossings | Joins
        self.crossings = Crossings(keep_all=skip) if cluster is None else cluster.joins()
        self.spool: Spool | None = None
        self._cached = True
        self.tally = Tally()
        #: The place of the dataset's own record.
        self.dataset_place: Place | None = None
        self._kept: list[tuple[Place | None, bool, Finding]] = []
        self._severities: set[tuple[str, bool]] = set()
        self._datasets: list[Place] = []
        self._main: Place | None = None
        self._stamps: dict[Path, tuple[int, int]] = {}
        self._unread: list[str] = []
        self._with_loose: set[int] = set()
        self._dense: set[int] = set()
        self._overruled: dict[Place, list[Finding]] = {}
        self._guessed: dict[str, tuple[str, ...]] = {}

    def __enter__(self) -> Stream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.__exit__(kind, error, trace)
        self.crossings.close()
        if self.spool is not None:
            self.spool.close(keep=self._cached and kind is None)
        self._folder.cleanup()
        if isinstance(error, sqlite3.Error):
            raise unwritable(error) from error

    @property
    def files(self) -> tuple[str, ...]:
        """The files that are checked, as the user typed their paths."""
        return tuple(str(path) for path, asked in self._listed.files.items() if asked)

    # -- there

    def run(
        self,
        deliver: Callable[[Outcome, bytes], None] = lambda _outcome, _payload: None,
        progress: Progress = lambda _records, _done, _total: None,
    ) -> list[Finding]:
        """Return all findings, sorted by place; *deliver* is given each outcome in order."""
        total = sum(_size(path) for path in self._listed.files)
        done = 0
        for finding in self._listed.faults:
            self._keep(None, finding)
        rows: Counter[str] = Counter()
        for piece, outcome, payload in self._outcomes():
            self.crossings.add(outcome)
            if piece.asked:
                self._take(outcome)
                rows[piece.shown] += len(outcome.rows) + len(outcome.loose)
                deliver(outcome, payload)
            self._look(piece, outcome)
            if piece.line and [row.at.line for row in outcome.rows] == list(
                range(piece.line, piece.line + len(outcome.rows))
            ):
                self._dense.add(piece.number)
            done += piece.length
            progress(self.tally.records, done, total)
        for path, asked in self._listed.files.items():
            if asked and ending(path) in LINES and not rows[str(path)]:
                self._loose([nothing(Location(str(path), 1, 1))])
        self._join()
        return together(
            finding
            for place, judged, finding in self._kept
            if not (judged and place in self._overruled)
        )

    def _take(self, outcome: Outcome) -> None:
        """Keep what was found in *outcome*."""
        self.tally.records += len(outcome.rows)
        self.tally.triples += outcome.triples
        for loose in outcome.loose:
            self._loose(loose.findings)
            self._with_loose.add(outcome.number)
        for number, row in enumerate(outcome.rows):
            place = (outcome.number, number)
            for finding in row.found:
                self._keep(place, finding)
            for finding in row.judged:
                self._keep(place, finding, judged=True)
            if row.faulty:
                self.crossings.reject([place])

    def _look(self, piece: Piece, outcome: Outcome) -> None:
        """See what *outcome* says about others: datasets, and names that were meant."""
        kind = dataset_class(self.model)
        if piece.asked and kind is not None:
            for number, row in enumerate(outcome.rows):
                if row.kind == kind.name:
                    self._datasets.append((outcome.number, number))
                    first = self.dataset.record.at() if self.dataset else None
                    if first and (row.at.path, row.at.line) == (first.path, first.line):
                        self._main = self._datasets[-1]
        self._unread += outcome.aliases
        broken = not piece.line and not outcome.rows and outcome.loose
        name = Path(piece.shown).name.partition(".")[0]
        if broken and is_local_name(name):
            segments = (each.segment for each in self.model.record_classes)
            self._unread += (identify(self.base, each, name) for each in segments)

    def _loose(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._keep(None, finding)

    def _keep(self, place: Place | None, finding: Finding, *, judged: bool = False) -> None:
        # The gravest is never passed over; what was judged may still be overruled.
        kind = finding.severity, judged
        if len(self._kept) >= MANY and kind in self._severities:
            self.tally.unkept += 1
        else:
            self._severities.add(kind)
            self._kept.append((place, judged, finding))
        self.tally.findings[finding.severity] += 1

    # -- back again

    def map(self, function: Callable[[A], B], tasks: Iterable[A]) -> Iterator[B]:
        """Yield what *function* makes of each task; each is a part of what is written."""
        if self._cluster is not None:
            return self._cluster.map(function, tasks)
        if self.spool is not None and self.spool.size < _SMALL and not self._pool.started:
            return map(function, tasks)
        return self._pool.map(function, tasks)

    def published_dataset(self) -> Converted | None:
        """Return the dataset's own record, unless it is left out."""
        if self.dataset_place is None:
            return None
        piece, row = self.dataset_place
        return None if row in self.crossings.rejected(piece) else self.dataset

    def keep(self, cache: Path | None, name: Path) -> None:
        """Keep what becomes of each piece on disk; in the folder *cache* for the next run too.

        The file there is called after the folder *name*.
        """
        setup = fingerprint(self.setup, self.model)
        if cache is not None:
            called = blake2b(os.fsencode(name.resolve()), digest_size=16).hexdigest()
            try:
                cache.mkdir(parents=True, exist_ok=True)
                self.spool = Spool(cache / f"{called}.sqlite", setup)
            except (OSError, sqlite3.Error):
                # It is only there to save time: another run holds it, or there is no place.
                pass
            else:
                return
        self._cached = False
        self.spool = Spool(Path(self._folder.name, "spool.sqlite"), setup)

    def written(self) -> Iterator[tuple[bytes, set[int]]]:
        """Yield what is written of each piece, and the numbers of the records left out."""
        assert self.spool is not None
        for number, data in self.spool.written():
            out = self.crossings.rejected(number)
            if self.dataset_place is not None and self.dataset_place[0] == number:
                out.add(self.dataset_place[1])
            yield data, out

    def rejects(self) -> Iterator[Reject]:
        """Yield what is left out, with all that is wrong with it, in order."""
        assert self.spool is not None
        for finding in self._listed.faults:
            yield Reject(finding.at, b"", [finding])
        for piece in self.pieces():
            if isinstance(piece, Finding):
                yield Reject(piece.at, b"", [piece])
                continue
            if not piece.asked:
                continue
            rows = self.crossings.rejected(piece.number)
            if not rows and piece.number not in self._with_loose:
                continue
            head = self.spool.head(piece.number)
            for loose in head.loose:
                yield Reject(loose.at, loose.source, together(loose.findings))
            for number, source in (
                worker(self.setup).sources(piece, rows, dense=piece.number in self._dense).items()
            ):
                row = head.rows[number]
                judged = self._overruled.get((piece.number, number), row.judged)
                yield Reject(row.at, source, together([*row.found, *judged]))

    def passed(self) -> Iterator[Passed]:
        """Yield the sample of what the screen has passed."""
        if self._sample is not None:
            ours = worker(self.setup)
            for _, _, each in self._fetched(place for _, place in self._sample):
                yield Passed(each.iri, ours.graph(each), each.record.at())

    def fetch(self, iri: str) -> Converted | None:
        """Return the record called *iri*, with the places of its values."""
        place = self.crossings.find(iri)
        found = self._fetched([] if place is None else [place])
        return next((each for _, _, each in found), None)

    # -- pieces and tasks

    def pieces(self) -> Iterator[Piece | Finding]:
        """Yield the input in pieces, those that are only pointed at first."""
        number = 0
        files = self._listed.files
        for path in sorted(files, key=lambda each: files[each]):
            shown, asked = str(path), files[path]
            if self._stamps.setdefault(path, _stamp(path)) != _stamp(path):
                raise PublishError(
                    f"{path}: changed while it was read; nothing was replaced; run it again"
                )
            if ending(path) not in LINES or not path.is_file():
                yield Piece(number, shown, length=_size(path), asked=asked)
                number += 1
                continue
            try:
                for block in blocks(path, shown):
                    if isinstance(block, Finding):
                        if asked:
                            yield block
                        continue
                    size = len(block.data)
                    if block.offset < 0:
                        yield Piece(number, shown, block.line, block.data, 0, size, asked)
                    else:
                        yield Piece(number, shown, block.line, None, block.offset, size, asked)
                    number += 1
            except OSError:
                # The reader of whole files says why.
                yield Piece(number, shown, asked=asked)
                number += 1

    def _outcomes(self) -> Iterator[tuple[Piece, Outcome, bytes]]:
        """Yield what becomes of each piece, in order; what was kept before is not done again."""
        ready: dict[int, tuple[Outcome, bytes] | None] = {}
        waiting: dict[int, Piece] = {}
        keys: dict[int, bytes] = {}
        following = 0

        def tasks() -> Iterator[Task]:
            task: list[Piece] = []
            for piece in self.pieces():
                if isinstance(piece, Finding):
                    self._keep(None, piece)
                    continue
                waiting[piece.number] = _light(piece)
                if self.spool is not None and piece.asked:
                    key = self.spool.key(piece)
                    if self.spool.find(key, piece.number):
                        ready[piece.number] = None
                        continue
                    keys[piece.number] = key
                task.append(piece)
                if piece.line or len(task) >= _FILES or sum(p.length for p in task) >= _BYTES:
                    yield tuple(task)
                    task = []
            if task:
                yield tuple(task)

        def following_ones() -> Iterator[tuple[Piece, Outcome, bytes]]:
            nonlocal following
            while following in ready:
                held = ready.pop(following)
                piece = waiting.pop(following)
                if held is None:
                    assert self.spool is not None
                    held = self.spool.head(following), b""
                    if self._sample is not None and (self._anew or not self.spool.trusted):
                        self._offer(self._sample, held[0])
                following += 1
                yield piece, *held

        work = partial(_work, self.setup, self._payload)
        run = self._pool.map if self._cluster is None else self._cluster.outcomes
        for results in run(work, tasks()):
            for outcome, payload in results:
                if self._sample is not None and waiting[outcome.number].asked:
                    self._offer(self._sample, outcome)
                key = keys.pop(outcome.number, None)
                if self.spool is not None and key is not None:
                    self.spool.put(key, waiting[outcome.number], outcome, payload)
                    payload = b""
                ready[outcome.number] = outcome, payload
            yield from following_ones()
        yield from following_ones()

    def _offer(self, sample: Sample[Place], outcome: Outcome) -> None:
        """Offer what the screen has passed."""
        for number, row in enumerate(outcome.rows):
            if not row.found and not row.judged:
                sample.offer(row.iri, (outcome.number, number))

    # -- what holds between records

    def _join(self) -> None:
        """Find names that are taken twice and references to what is not there."""
        self.crossings.excuse(self._unread)
        if self._skip:
            # What cannot be read is not published, and so is not there for those that point at it.
            self.crossings.reject([_EXCUSED])
        if self._datasets:
            # The one whose base counts, where it is among those that are checked.
            self.dataset_place = self._main or self._datasets[0]
        doubles = dict(islice(self.crossings.doubles(), MANY))
        if len(doubles) == MANY:
            # Of the others nothing is said, but no name may be given twice.
            self.crossings.reject(place for place, _ in self.crossings.doubles())
        firsts: dict[Place, tuple[Location, bool]] = {}
        known: dict[str, str] = {}
        for piece, place, each in self._fetched(
            {*doubles.values(), *self.crossings.pointed_into()}
        ):
            firsts[place] = each.record.at(("id",)), piece.asked
            known |= known_records([each])
        again = set(self._datasets) - ({self.dataset_place} if self._bad is None else set())
        if self.setup.engine:
            again |= {*self.crossings.dangling(), *self.crossings.inner()}
        for piece, place, each in self._fetched(again | doubles.keys()):
            if not piece.asked:
                continue
            first = firsts[doubles[place]] if place in doubles else None
            found = [] if first is None else [twice(each, first[0])]
            if first is None or not first[1]:
                found += self._again(place, each, known)
            self._overruled[place] = found
            self._settle(place, found)
        while self._skip and (more := self.crossings.pointing_at_rejected()):
            for _, place, each in self._fetched(more):
                found = [left_out(self.model, each, self._out(each))]
                self._overruled[place] = [*self._overruled.get(place, ()), *found]
                self._settle(place, found)
            self.crossings.reject(more)

    def _settle(self, place: Place, found: Sequence[Finding]) -> None:
        for finding in found:
            self._keep(place, finding)
        if any(each.severity == ERROR for each in found):
            self.crossings.reject([place])

    def _again(self, place: Place, each: Converted, known: Mapping[str, str]) -> list[Finding]:
        """Return what is wrong with a record, seen together with those that it points at."""
        found: list[Finding] = []
        if place in self._datasets and place != self.dataset_place:
            if self.dataset is not None:
                found.append(second_dataset(each, self.dataset))
        elif (
            place == self.dataset_place
            and self._bad is not None
            and (each.iri, BASE) not in each.faulty
        ):
            found.append(bad_base(self.model, each))
            # The shapes would say so again.
            each = replace(each, faulty=each.faulty | {(each.iri, BASE)})
        if self.setup.engine:
            validator = worker(self.setup).validator
            assert validator is not None
            found += validator.records([each], self._around(each, known))
        return found

    def _around(self, each: Converted, parts: Mapping[str, str]) -> dict[str, str]:
        """Return the types of what a record points at, and of what it may have meant to."""
        start = f"{self.base}id/"
        known = known_records([each])
        missing: dict[str, None] = {}
        for iri in sorted(each.pointed):
            record, part, _ = iri.partition("#")
            if not iri.startswith(start) or record == each.iri:
                continue
            if iri in parts:
                known[iri] = parts[iri]
            elif not part and self.crossings.find(record):
                known[iri] = self._types(iri)
            else:
                missing[record] = None
        for iri in missing:
            known.update({meant: self._types(meant) for meant in self._meant(iri)})
        return known

    def _types(self, iri: str) -> str:
        """Return, as N-Triples, what the record called *iri* is: its name tells its class."""
        segment = iri[len(f"{self.base}id/") :].partition("/")[0]
        kinds = [kind for kind in self.model.record_classes if kind.segment == segment]
        return "".join(f"{line}\n" for kind in kinds for line in type_lines(self.model, kind, iri))

    def _meant(self, iri: str) -> tuple[str, ...]:
        """Return what a reference to *iri* may have meant: near names, and the same elsewhere."""
        if iri in self._guessed:
            return self._guessed[iri]
        if len(self._guessed) >= _SOUGHT:
            return ()
        beginning, _, name = iri.rpartition("/")
        same: list[str] = []
        near: list[str] = []
        names = self.crossings.names()
        while some := list(islice(names, _NAMES)):
            same += (each for each in some if each.endswith(f"/{name}"))
            siblings = (each.rpartition("/") for each in some)
            near.append(nearest(name, [last for first, _, last in siblings if first == beginning]))
        best = nearest(name, filter(None, near))
        found = (*same[:1], *([f"{beginning}/{best}"] if best else ()))
        return self._guessed.setdefault(iri, found)

    def _out(self, each: Converted) -> tuple[str, str, str]:
        """Return a reference of the record to one that is left out: node, property, target."""
        for line in each.lines:
            subject, predicate, rest = line.split(" ", 2)
            target = rest[1:-3]
            record = target.partition("#")[0]
            if not rest.startswith(f"<{self.base}id/") or record == each.iri:
                continue
            place = self.crossings.find(record)
            if place is not None and place[1] in self.crossings.rejected(place[0]):
                return subject[1:-1], predicate[1:-1], target
        raise AssertionError(each.iri)

    def _fetched(self, places: Iterable[Place]) -> Iterator[tuple[Piece, Place, Converted]]:
        """Yield the records at *places*, in order, each with the places of its values."""
        wanted: dict[int, list[int]] = {}
        for piece, row in places:
            wanted.setdefault(piece, []).append(row)
        wanted.pop(-1, None)
        for each in self.pieces() if wanted else ():
            if isinstance(each, Piece) and each.number in wanted:
                found = worker(self.setup).convert(
                    each, wanted.pop(each.number), dense=each.number in self._dense
                )
                for row, converted in found.items():
                    yield each, (each.number, row), converted
                if not wanted:
                    return


def _work(setup: Setup, payload: Payload | None, task: Task) -> list[tuple[Outcome, bytes]]:
    """Run *task*; return its outcomes, each with what is kept of its records instead of these."""
    ours = worker(setup)
    results = []
    for outcome in ours.run(task):
        kept = payload(ours.model, outcome.written) if payload else b""
        outcome.written = []
        results.append((outcome, kept))
    return results


def _light(piece: Piece) -> Piece:
    return msgspec.structs.replace(piece, data=None) if piece.data is not None else piece


def _stamp(path: Path) -> tuple[int, int]:
    """Return what changes when a file does: its size and time."""
    try:
        state = path.stat()
    except OSError:
        return (-1, -1)
    return (state.st_size, state.st_mtime_ns)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _base(
    model: Model, files: Mapping[Path, bool], given: str | None
) -> tuple[str, Converted | None, Record | None]:
    """Return the base of the dataset among *files*, its record, and that if its base is none.

    It is the first that a file called `dataset` holds, else the first in any file.
    """
    kind = dataset_class(model)
    if kind is None:
        return given or DEFAULT_BASE, None, None
    named = [path for path in files if path.name.startswith("dataset.")]
    others = sorted((path for path in files if path not in named), key=lambda each: not files[each])
    for path in (*named, *others):
        for record in _possible(path, kind.name):
            if not is_a(record, kind.name):
                continue
            base, bad = dataset_base(model, [record])
            if given is not None:
                base, bad = given, None
            converted = Converter(model, base).convert(record)
            assert isinstance(converted, Converted)
            return base, converted, bad
    return given or DEFAULT_BASE, None, None


def _holds(path: Path, sought: bytes) -> bool:
    """Tell whether *sought* stands in a file of lines, which is read once, uncounted."""
    before = b""
    try:
        for chunk in chunks(path):
            window = before + chunk
            if sought in window:
                return True
            before = window[-len(sought) :]
    except (BrokenError, TooMuchError):
        # What comes before the damage is looked through in any case.
        return True
    return False


def _possible(path: Path, name: str) -> Iterator[Record]:
    """Yield the records of a file that *name* is found in, as far as they can be of that type."""
    sought = name.encode()
    if ending(path) in LINES:
        try:
            for block in blocks(path, str(path)) if _holds(path, sought) else ():
                if isinstance(block, Block) and sought in block.data:
                    for number, line in numbered(block.data, block.line):
                        if sought in line:
                            yield from read_line(line, str(path), number)[0]
        except OSError:
            return
        return
    try:
        if ending(path) not in BINARY and sought not in path.read_bytes():
            return
    except OSError:
        return
    yield from read([path])[0]
