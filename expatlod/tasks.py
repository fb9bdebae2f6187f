"""The unit of work: some files or lines in, what became of their records out, all of it bytes.

The same function serves one process, a pool of processes and the executors of a cluster. It sees
one task at a time, so what it finds cannot depend on what else there is: that a record exists
that another one points at is taken for granted here, and `expatlod.crossings` looks whether it
does.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import msgspec

from expatlod.convert import Converted, Converter
from expatlod.errors import ERROR, Finding, Location
from expatlod.findings import Names, dangling
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model, load
from expatlod.records import lines
from expatlod.records.files import BINARY, TABLES, ending, read
from expatlod.records.record import Record
from expatlod.records.text import LIMIT
from expatlod.resources import Folder
from expatlod.screen import Pointer, Screen
from expatlod.validate import BATCH, Validator
from expatlod.writers import Writers, Written

__all__ = ["Loose", "Outcome", "Piece", "Row", "Setup", "Task", "Worker", "worker"]

_TYPE = f"<{PREFIXES['rdf']}type> ".encode()

# Up to so many records, to compile the writers takes longer than they save.
_FEW = 100

# Pointers that are remembered: most point at what many others point at.
_REMEMBERED = 50_000


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """A file, or some lines of one, called as the user typed it.

    *number* tells its place in the input. *line* is the number of its first line, and 0 for a
    whole file. The lines are *data*, or else *length* bytes from *offset* on in the file. Only
    pieces that were *asked* for are checked; the records of the others may be pointed at.
    """

    number: int
    shown: str
    line: int = 0
    data: bytes | None = None
    offset: int = 0
    length: int = 0
    asked: bool = True

    def lines(self) -> bytes:
        """Return the lines of the piece."""
        if self.data is not None:
            return self.data
        with Path(self.shown).open("rb") as file:
            file.seek(self.offset)
            return file.read(self.length)


Task = tuple[Piece, ...]


class Row(msgspec.Struct, array_like=True):
    """What became of one record.

    *found* is what its conversion found, *judged* what the shapes did.
    """

    iri: str
    kind: str
    at: Location
    found: list[Finding] = []
    judged: list[Finding] = []

    @property
    def faulty(self) -> bool:
        """Whether there is an error in the record, as far as it can be told from it alone."""
        return any(each.severity == ERROR for each in (*self.found, *self.judged))


class Loose(msgspec.Struct, array_like=True):
    """What could not be read as a record, *source*, and why."""

    at: Location
    source: bytes
    findings: list[Finding]


class Outcome(msgspec.Struct, array_like=True):
    """What became of one piece.

    *written* holds, for each row, its N-Triples and its canonical form as JSON, both without what
    is faulty; it is empty for pieces that were not asked for, and *triples* is how many there are.
    *points* are the references that leave their record, as (number of the row, IRI). *aliases*
    are names that nodes with unusable ids were probably meant to have.
    """

    number: int
    rows: list[Row]
    loose: list[Loose]
    points: list[tuple[int, str]]
    aliases: list[str]
    written: list[tuple[bytes, bytes]]
    triples: int = 0


@dataclass(frozen=True, slots=True)
class Setup:
    """What is to be done with every record, alike in all processes.

    *nodes* asks for the canonical form, *engine* is the SHACL engine, and empty when the records
    are only converted.
    """

    profile: Folder
    base: str
    engine: str = "auto"
    nodes: bool = True


@lru_cache(maxsize=1)
def worker(setup: Setup) -> Worker:
    """Return the worker of this process for *setup*."""
    return Worker(setup, load(setup.profile))


@dataclass(slots=True)
class _Draft:
    """A record on its way: written by the compiled writers, or converted one value at a time."""

    piece: Piece
    outcome: Outcome
    number: int
    row: Row
    triples: bytes
    node: object
    source: bytes = b""
    record: Record | None = None
    converted: Converted | None = None


class Worker:
    """Converts and checks tasks, for one profile and one dataset."""

    def __init__(self, setup: Setup, model: Model) -> None:
        self.setup = setup
        self.model = model
        self.converter = Converter(model, setup.base)
        self._writers = Writers(model, setup.base, nodes=setup.nodes)
        self.validator = Validator(model, setup.engine) if setup.engine else None
        self._encode = msgspec.json.Encoder().encode
        self._screen = Screen(model, setup.base)
        self._pointers: dict[bytes, Pointer] = {}
        self._read_one_by_one = 0

    def run(self, task: Task) -> list[Outcome]:
        """Return what becomes of each piece of *task*."""
        drafts: list[_Draft] = []
        outcomes = []
        for piece in task:
            outcome = Outcome(piece.number, [], [], [], [], [])
            outcomes.append(outcome)
            drafts += self._read(piece, outcome)
        asked = [draft for draft in drafts if draft.piece.asked]
        if self.validator is not None:
            self._judge(asked)
        for draft in asked:
            node = self._encode(draft.node) if self.setup.nodes else b""
            draft.outcome.written.append((draft.triples, node))
            draft.outcome.triples += draft.triples.count(b"\n")
        return outcomes

    def convert(
        self, piece: Piece, numbers: Iterable[int], *, dense: bool = False
    ) -> dict[int, Converted]:
        """Return the rows of *piece* with these *numbers*, converted one value at a time.

        It is *dense* when each of its lines is known to have a row: then the others are not read.
        """
        found = self._drafts(piece, set(numbers), dense=dense)
        return {number: self._converted(each) for number, each in found}

    def sources(
        self, piece: Piece, numbers: Iterable[int], *, dense: bool = False
    ) -> dict[int, bytes]:
        """Return the rows of *piece* with these *numbers* as they came; *dense* as in `convert`."""
        found = self._drafts(piece, set(numbers), dense=dense)
        return {number: self._source(each) for number, each in found}

    def _drafts(
        self, piece: Piece, wanted: set[int], *, dense: bool
    ) -> Iterator[tuple[int, _Draft]]:
        outcome = Outcome(piece.number, [], [], [], [], [])
        if not dense:
            drafts = enumerate(self._read(piece, outcome))
            yield from ((number, each) for number, each in drafts if number in wanted)
            return
        for number, (line, data) in enumerate(lines.numbered(piece.lines(), piece.line)):
            if number in wanted:
                alone = Piece(piece.number, piece.shown, line, data, asked=piece.asked)
                yield from ((number, each) for each in self._lines(alone, outcome))

    def graph(self, converted: Converted) -> str:
        """Return, as N-Triples, the record and what the shapes ask about all that it points at."""
        around: dict[str, str] = {}
        for line in converted.lines:
            rest = line.partition(" ")[2].encode()
            if rest.endswith(b"> .") and b'"' not in rest and not rest.startswith(_TYPE):
                pointer = self._pointer(rest)
                if pointer.record != converted.iri:
                    around[pointer.target] = pointer.types or pointer.facts
        return "".join((*(f"{line}\n" for line in converted.lines), *around.values()))

    # -- reading and converting

    def _read(self, piece: Piece, outcome: Outcome) -> Iterator[_Draft]:
        return self._lines(piece, outcome) if piece.line else self._file(piece, outcome)

    def _lines(self, piece: Piece, outcome: Outcome) -> Iterator[_Draft]:
        write = self._writers.line
        for number, line in lines.numbered(piece.lines(), piece.line):
            written = write(line) if len(line) <= LIMIT else None
            if written is not None:
                yield self._written(piece, outcome, written, number, line)
                continue
            records, faults = lines.read_line(line, piece.shown, number)
            if faults and not records:
                outcome.loose.append(Loose(Location(piece.shown, number), line, faults))
            for record in records:
                yield from self._spelled(piece, outcome, record, faults, line)

    def _file(self, piece: Piece, outcome: Outcome) -> Iterator[_Draft]:
        records, faults = read([Path(piece.shown)], self.model.is_list)
        own = _by_record(records, faults)
        loose = [each for each in faults if not any(each in more for more in own.values())]
        if loose:
            source = b"" if records else _bytes(Path(piece.shown))
            outcome.loose.append(Loose(Location(piece.shown), source, loose))
        for number, record in enumerate(records):
            self._read_one_by_one += 1
            few = self._read_one_by_one <= _FEW
            written = None if few or number in own else self._writers.record(record.data)
            if written is not None:
                draft = self._written(piece, outcome, written, record.at().line, b"")
                draft.record = record
                yield draft
            else:
                yield from self._spelled(piece, outcome, record, own.get(number, []), b"")

    def _written(
        self, piece: Piece, outcome: Outcome, written: Written, line: int, source: bytes
    ) -> _Draft:
        row = Row(written.iri, written.kind, Location(piece.shown, line))
        outcome.rows.append(row)
        number = len(outcome.rows) - 1
        return _Draft(piece, outcome, number, row, written.data, written.node, source)

    def _spelled(
        self,
        piece: Piece,
        outcome: Outcome,
        record: Record,
        faults: Sequence[Finding],
        source: bytes,
    ) -> Iterator[_Draft]:
        """Yield the draft of a record that the compiled writers do not take."""
        converted = self.converter.convert(record)
        if not isinstance(converted, Converted):
            source = source or self._encode(record.data)
            outcome.loose.append(Loose(record.at(), source, [*faults, *converted]))
            return
        outcome.aliases += converted.aliases
        kind = converted.kinds[converted.iri]
        at = Location(piece.shown, record.at().line)
        row = Row(converted.iri, kind, at, found=[*faults, *converted.findings])
        outcome.rows.append(row)
        triples = "".join(f"{line}\n" for line in converted.lines).encode()
        number = len(outcome.rows) - 1
        yield _Draft(
            piece, outcome, number, row, triples, converted.node, source, record, converted
        )

    def _converted(self, draft: _Draft) -> Converted:
        """Return the draft's record with the places of its values."""
        if draft.converted is None:
            record = draft.record
            if record is None:
                (record,), _ = lines.read_line(draft.source, draft.piece.shown, draft.row.at.line)
            converted = self.converter.convert(record)
            assert isinstance(converted, Converted)
            draft.converted = converted
        return draft.converted

    def _source(self, draft: _Draft) -> bytes:
        """Return the record as it came: its line, else its file, else what was read of it."""
        if draft.source:
            return draft.source
        if len(draft.outcome.rows) == 1 and ending(draft.piece.shown) not in TABLES:
            return _bytes(Path(draft.piece.shown))
        return self._encode(self._converted(draft).record.data)

    # -- checking

    def _judge(self, drafts: Sequence[_Draft]) -> None:
        """Fill in what the shapes say, and which references leave their records."""
        assert self.validator is not None
        # A second record of one name is refused; its triples would mix with those of the first.
        first: dict[str, _Draft] = {}
        for draft in drafts:
            first.setdefault(draft.row.iri, draft)
        queue = iter(first.values())
        suspects: list[_Draft] = []
        flagged: set[str] = set()
        lost: set[tuple[str, str]] = set()
        known: dict[str, str] = {}
        while batch := tuple(islice(queue, BATCH)):
            facts: dict[str, str] = {}
            looks = [self._look(draft, facts, lost) for draft in batch]
            text = b"".join(draft.triples for draft in batch).decode() + "".join(facts.values())
            found = None if self.setup.engine == "pyshacl" else self._screen.flagged(text)
            named = set() if found is None else {iri.partition("#")[0] for iri in found}
            for draft, (odd, types) in zip(batch, looks, strict=True):
                if found is None or odd or draft.row.iri in named:
                    suspects.append(draft)
                    known |= types
                    if found is None or odd:
                        flagged.update(self._converted(draft).kinds)
            flagged |= found or set()
        for start in range(0, len(suspects), BATCH):
            some = suspects[start : start + BATCH]
            rows = {draft.row.iri: draft.row for draft in some}
            converted = [self._converted(draft) for draft in some]
            for each in self.validator.explained(converted, flagged, known, lost):
                rows[each.focus.partition("#")[0]].judged.append(each)

    def _look(
        self, draft: _Draft, facts: dict[str, str], lost: set[tuple[str, str]]
    ) -> tuple[bool, dict[str, str]]:
        """Follow what the record points at; add to *facts* what the shapes ask about it.

        References that lead nowhere, as far as the record itself shows, are reported and added to
        *lost*. Return whether one is odd, and the types of what is pointed at.
        """
        own = draft.row.iri
        part = f" <{own}#".encode()
        nodes: set[bytes] = set()
        within: list[tuple[bytes, bytes, bytes]] = []
        points: dict[str, Pointer] = {}
        odd = False
        get = self._pointers.get
        for line in draft.triples.split(b"\n"):
            # An IRI has no quotation mark, and a typed literal ends like one.
            if not line.endswith(b"> .") or b'"' in line:
                continue
            subject, _, rest = line.partition(b" ")
            pointer = get(rest)
            if pointer is None:
                at = rest.find(part)
                if at > 0:
                    within.append((subject, rest, rest[at + 1 : -2]))
                    continue
                pointer = self._pointer(rest)
            if pointer.ordinary:
                if pointer.facts:
                    facts[pointer.target] = pointer.facts
                else:
                    nodes.add(subject)
            else:
                facts |= {pointer.target: pointer.facts} if pointer.facts else {}
                if pointer.record and pointer.record != own:
                    points[pointer.target] = pointer
                if pointer.lost:
                    self._report(draft, subject, pointer, lost)
                odd = odd or pointer.odd
        for subject, rest, target in within:
            odd = odd or self._screen.wants_record(rest[1:].partition(b">")[0].decode())
            if target not in nodes and target[1:-1].decode() not in draft.outcome.aliases:
                pointer = self._screen.pointer(*rest[1:-3].decode().split("> <"))
                self._report(draft, subject, pointer, lost)
        draft.outcome.points += [(draft.number, target) for target in points]
        return odd, {target: pointer.types for target, pointer in points.items()}

    def _pointer(self, rest: bytes) -> Pointer:
        """Return what the end of a triple, its property and object, points at; remember it."""
        if len(self._pointers) > _REMEMBERED:
            self._pointers.clear()
        predicate, target = rest[1:-3].decode().split("> <")
        return self._pointers.setdefault(rest, self._screen.pointer(predicate, target))

    def _report(
        self, draft: _Draft, subject: bytes, pointer: Pointer, lost: set[tuple[str, str]]
    ) -> None:
        """Report a reference to a part that the record does not have, or to no code."""
        converted = self._converted(draft)
        names = Names((*converted.kinds, *converted.aliases))
        place = subject[1:-1].decode(), pointer.predicate
        draft.row.judged.append(dangling(self.model, converted, *place, pointer.target, names))
        lost.add(place)


def _by_record(records: Sequence[Record], faults: Sequence[Finding]) -> dict[int, list[Finding]]:
    """Return the *faults* of a file by the number of the record that they stand in."""
    starts = [(record.at().sheet, record.at().line) for record in records]
    found: dict[int, list[Finding]] = {}
    for each in faults:
        number = bisect_right(starts, (each.at.sheet, each.at.line)) - 1
        if number >= 0 and starts[number][0] == each.at.sheet:
            found.setdefault(number, []).append(each)
    return found


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes() if ending(path) not in BINARY else b""
    except OSError:
        return b""
