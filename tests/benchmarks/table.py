"""Print what things cost here beside what they cost elsewhere: `make bench`.

    python tests/benchmarks/table.py [--markdown] [--only convert] [--scale 0.1]

Each row is two commands that get the same records and run one after the other, as whole processes.
Peers get what they read ready made: canonical records, flattened to tables or as JSON-LD, and
graphs. Ours reads the records as their authors write them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from expatlod.profile import load
from expatlod.resources import default_profile
from tests.benchmarks import machine
from tests.benchmarks.compare import difference
from tests.benchmarks.inputs import Inputs
from tests.benchmarks.measure import Cost, run
from tests.benchmarks.peers import floor

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).parent / "peers"
OURS = str(Path(sys.executable).with_name("expatlod"))

#: The peers that are not among our dependencies, each in an environment of its own.
ENVIRONMENTS = ROOT / ".venv" / "bench"
PACKAGES = {
    "morph-kgc": "morph-kgc==2.10.0",
    "SDM-RDFizer": "rdfizer==4.7.5.15.4.1",
    "pyshifty": "pyshifty==0.5.1",
}

#: How many records each is given. Where a peer needs minutes for more, it gets fewer.
MANY = 30_000
SOME = 5_000
#: Of so many lines one is looked at; a third of them are texts that can be changed.
_SELDOM = 1500

GROWTH = (10_000, 200_000)

_FAULTY = 0.01

_PIPELINE = (
    "ours writes three syntaxes, each also packed twice, and a catalogue; pySHACL's part is what "
    "it took for as many records with 1 % faulty, above"
)


@dataclass(frozen=True, slots=True)
class Row:
    """Two costs of the same thing. *note* says what was compared, or why nothing was."""

    what: str
    records: int
    triples: int
    ours: Cost
    other: str
    theirs: Cost
    note: str = ""


@dataclass
class Bench:
    """Makes inputs when they are asked for, and measures.

    *scale* makes everything smaller; *jobs* is for our commands, which choose when there is none.
    """

    work: Path
    scale: float = 1.0
    jobs: int | None = None
    _inputs: dict[tuple[int, float], Inputs] = field(default_factory=dict)
    _runs: int = 0

    def __post_init__(self) -> None:
        self.model = load(default_profile())

    def inputs(self, count: int, *, faulty: float = 0.0) -> Inputs:
        """Return the records of that number, scaled."""
        count = max(100, int(count * self.scale))
        if (count, faulty) not in self._inputs:
            folder = self.work / f"{count}-{faulty}"
            self._inputs[count, faulty] = Inputs(self.model, folder, count, faulty=faulty)
        return self._inputs[count, faulty]

    def path(self, ending: str = "") -> Path:
        """Return a path that nothing is at."""
        self._runs += 1
        return self.work / f"run-{self._runs}{ending}"

    def ours(self, *arguments: str | Path, expected: Sequence[int] = (0,)) -> Cost:
        """Run our command, without anything kept from a run before."""
        cache = self.path()
        cost = run(
            [OURS, *arguments, *self._jobs],
            expected=expected,
            variables={"XDG_CACHE_HOME": str(cache)},
        )
        shutil.rmtree(cache, ignore_errors=True)
        return cost

    @property
    def _jobs(self) -> tuple[str, ...]:
        return ("--jobs", str(self.jobs)) if self.jobs else ()

    def peer(self, name: str, *command: str | Path, limit: float = 600, **options: object) -> Cost:
        """Run a command of the Python that the peer *name* is installed in."""
        python, fault = _environment(name)
        if fault:
            return Cost(0, 0, 0, 0, "", fault)
        return run([python, *command], limit=limit, **options)  # type: ignore[arg-type]

    # -- convert

    def convert(self) -> Iterator[Row]:
        """JSON Lines to N-Triples."""
        peers: list[tuple[str, int, Callable[[Inputs, Path], Cost]]] = [
            ("morph-kgc 2.10, RML on CSV", MANY, self._morph),
            ("pyoxigraph, JSON-LD", MANY, self._json_ld("jsonld_pyoxigraph.py")),
            ("mapping fixed in code, unchecked", MANY, self._floor),
            ("rdflib, JSON-LD", SOME, self._json_ld("jsonld_rdflib.py")),
            ("SDM-RDFizer 4.7, RML on CSV", MANY, self._sdm),
        ]
        for name, count, peer in peers:
            inputs = self.inputs(count)
            ours, theirs = self.path(".nt"), self.path(".nt")
            cost = self._convert(inputs.records, ours)
            other = peer(inputs, theirs)
            note = cost.fault or other.fault or difference(ours, theirs)
            yield Row("convert", inputs.count, inputs.triples, cost, name, other, note)
            ours.unlink(missing_ok=True)
            theirs.unlink(missing_ok=True)
        inputs = self.inputs(MANY)
        first, second = self.path(".nt"), self.path(".nt")
        cost = self._convert(inputs.records, first)
        again = self._convert(inputs.canonical, second)
        note = cost.fault or again.fault or difference(first, second)
        name = "ours, of canonical records"
        yield Row("convert", inputs.count, inputs.triples, cost, name, again, note)
        alone = self._convert(inputs.records, second, "--jobs", "1")
        note = cost.fault or alone.fault or difference(first, second)
        name = "ours, in one process"
        yield Row("convert", inputs.count, inputs.triples, cost, name, alone, note)

    def _convert(self, records: Path, out: Path, *options: str) -> Cost:
        return self.ours("convert", records, "-f", "ntriples", "-o", out, *options)

    def _morph(self, inputs: Inputs, out: Path) -> Cost:
        settings = self.path(".ini")
        settings.write_text(
            f"[CONFIGURATION]\noutput_file={out}\noutput_format=N-TRIPLES\nna_values=\n"
            "logging_level=WARNING\n"
            f"[records]\nmappings={inputs.tables / 'mapping.ttl'}\n"
        )
        return self.peer("morph-kgc", "-m", "morph_kgc", settings, folder=inputs.tables)

    def _sdm(self, inputs: Inputs, out: Path) -> Cost:
        script = PEERS / "rml_sdm_rdfizer.py"
        return self.peer("SDM-RDFizer", script, inputs.tables, out, folder=inputs.tables)

    def _json_ld(self, script: str) -> Callable[[Inputs, Path], Cost]:
        return lambda inputs, out: run([sys.executable, PEERS / script, inputs.document, out])

    def _floor(self, inputs: Inputs, out: Path) -> Cost:
        script = self.path(".py")
        script.write_text(floor.source(self.model))
        return run([sys.executable, script, inputs.canonical, out])

    # -- validate

    def validate(self) -> Iterator[Row]:
        """Records with 1 % faulty, against SHACL engines on the graph that they make."""
        yield self._cold()
        # It takes minutes, so it judges once for three rows.
        judge = self._pyshacl(self.inputs(SOME, faulty=_FAULTY))
        yield self._beside("pySHACL", SOME, lambda _: judge)
        inputs = self.inputs(SOME, faulty=_FAULTY)
        files, _ = self._validate(inputs, inputs.yaml)
        what = "validate, YAML files"
        yield Row(what, inputs.count, inputs.triples, files, "pySHACL", judge, judge.fault)
        yield self._beside("pyshifty 0.5", SOME, self._pyshifty)
        yield self._beside("shacl, not in batches", SOME, self._shacl)
        yield self._beside("shacl, not in batches", MANY, self._shacl)
        yield self._pipeline(judge)

    def _beside(self, name: str, count: int, engine: Callable[[Inputs], Cost]) -> Row:
        """Validate, let another *engine* judge the graph, and compare what they find."""
        inputs = self.inputs(count, faulty=_FAULTY)
        ours, found = self._validate(inputs, inputs.folder)
        theirs = engine(inputs)
        note = theirs.fault or _agreement(inputs, found, theirs.out)
        return Row("validate", inputs.count, inputs.triples, ours, name, theirs, note)

    def _pyshacl(self, inputs: Inputs) -> Cost:
        return run([sys.executable, PEERS / "shacl_pyshacl.py", inputs.graph, inputs.shapes])

    def _pyshifty(self, inputs: Inputs) -> Cost:
        return self.peer("pyshifty", PEERS / "shacl_pyshifty.py", inputs.graph, inputs.shapes)

    def _shacl(self, inputs: Inputs) -> Cost:
        script = PEERS / "shacl_shacl.py"
        return run([sys.executable, script, inputs.graph, inputs.shapes], limit=120)

    def _cold(self) -> Row:
        """The start: the shipped records, beside the import of pySHACL; medians of seven."""
        pairs = [
            (
                self.ours("validate", ROOT / "data", expected=(0, 1)),
                run([sys.executable, "-c", "import pyshacl"]),
            )
            for _ in range(7)
        ]
        ours, theirs = (
            sorted(each, key=lambda cost: cost.cpu)[3] for each in zip(*pairs, strict=True)
        )
        count = len(list((ROOT / "data").rglob("*.yaml")))
        return Row("validate data, cold", count, 0, ours, "import pyshacl", theirs, ours.fault)

    def _validate(self, inputs: Inputs, folder: Path) -> tuple[Cost, set[str]]:
        """Return the cost, and the IRIs of records with errors."""
        report = self.path(".json")
        cost = self.ours("validate", folder, "-f", "json", "-o", report, expected=(0, 1))
        if cost.fault:
            return cost, set()
        findings = json.loads(report.read_text("utf-8"))["findings"]
        errors = [each for each in findings if each["severity"] == "error"]
        if folder == inputs.folder:
            return cost, {inputs.iris[each["line"] - 1] for each in errors}
        return cost, {inputs.iris[int(Path(each["file"]).stem)] for each in errors}

    def _pipeline(self, judge: Cost) -> Row:
        """Records to a release, against morph-kgc and then pySHACL, *judge*."""
        inputs = self.inputs(SOME)
        ours = self._publish(inputs)
        triples = self.path(".nt")
        morph = self._morph(inputs, triples)
        both = Cost(
            morph.cpu + judge.cpu,
            morph.wall + judge.wall,
            max(morph.largest, judge.largest),
            max(morph.together, judge.together),
            "",
            morph.fault or judge.fault,
        )
        note = both.fault or _PIPELINE
        name = "morph-kgc, then pySHACL"
        return Row("publish", inputs.count, inputs.triples, ours, name, both, note)

    # -- growth

    def growth(self) -> Iterator[Row]:
        """The same with twenty times as many records: time of each and memory should stay."""
        less, more = (self.inputs(count) for count in GROWTH)
        for what, measure in (
            ("convert", self._convert_alone),
            ("validate", self._validate_alone),
            ("publish", self._publish),
            ("diff", self._diff),
        ):
            first, second = measure(less), measure(more)
            each = [cost.cpu / n.count * 1e6 for cost, n in ((first, less), (second, more))]
            told = f"{each[1]:.0f} µs of processor time for each record, against {each[0]:.0f}"
            name = f"ours, {less.count:,} records"
            note = first.fault or told
            yield Row(what, more.count, more.triples, second, name, first, note)
        yield self._again()

    def _convert_alone(self, inputs: Inputs) -> Cost:
        out = self.path(".nt")
        cost = self._convert(inputs.records, out)
        if not cost.fault:
            with out.open("rb") as lines:
                # To convert them again for their number would take minutes.
                inputs.triples = sum(1 for _ in lines)
        out.unlink(missing_ok=True)
        return cost

    def _validate_alone(self, inputs: Inputs) -> Cost:
        folder = Inputs(self.model, self.path(), inputs.count, faulty=_FAULTY).folder
        cost = self.ours("validate", folder, "-f", "json", "-o", self.path(), expected=(0, 1))
        shutil.rmtree(folder)
        return cost

    def _publish(self, inputs: Inputs) -> Cost:
        out = self.path()
        cost = self.ours("publish", inputs.folder, "-o", out)
        shutil.rmtree(out, ignore_errors=True)
        return cost

    def _diff(self, inputs: Inputs) -> Cost:
        """Compare the records with themselves, of which some hundredth say something else."""
        old, new = self.path(".nt"), self.path(".nt")
        self._convert(inputs.records, old)
        with old.open(encoding="utf-8") as before, new.open("w", encoding="utf-8") as after:
            for number, line in enumerate(before):
                changed = line.endswith('"@en .\n') and number % _SELDOM == 0
                after.write(line.replace('"@en .\n', ' indeed"@en .\n') if changed else line)
        cost = run([OURS, "diff", old, new, "-o", self.path()])
        old.unlink()
        new.unlink()
        return cost

    def _again(self) -> Row:
        """Publishing again after a change of ten files."""
        inputs = self.inputs(SOME)
        out, cache = self.path(), {"XDG_CACHE_HOME": str(self.path())}
        command: list[str | Path] = [OURS, "publish", inputs.yaml, "-o", out, *self._jobs]
        first = run(command, variables=cache)
        for path in sorted(inputs.yaml.glob("*.yaml"))[5 :: max(1, inputs.count // 10)][:10]:
            path.write_text(f"# changed\n{path.read_text('utf-8')}", "utf-8")
        second = run(command, variables=cache)
        what = "publish YAML files again, ten changed"
        note = second.fault or first.fault
        return Row(what, inputs.count, inputs.triples, second, "ours, the first time", first, note)


def _agreement(inputs: Inputs, ours: set[str], out: str) -> str:
    """Say whether a SHACL engine finds the same records at fault, its focus nodes being *out*."""
    known = set(inputs.iris)
    theirs = {line.partition("#")[0] for line in out.splitlines()} & known
    more = len(ours - theirs)
    text = f"{len(ours):,} records with errors; it finds {len(theirs):,}"
    if more:
        text += f", and not {more:,} with faults that are not in a graph, or that it passes"
    if missed := theirs - ours:
        text += f", and {len(missed):,} that we do not"
    return text


def _environment(name: str) -> tuple[Path, str]:
    """Return the Python of a peer's own environment, made if need be, and what went wrong."""
    folder = ENVIRONMENTS / name
    python = folder / "bin" / "python"
    done = folder / PACKAGES[name]
    if done.exists():
        return python, ""
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", PACKAGES[name]],
    ):
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode:
            last = (made.stderr.strip() or "?").splitlines()[-1]
            return python, f"could not be installed: {last[:200]}"
    done.touch()
    return python, ""


# -- the table

_HEAD = (
    "what",
    "records",
    "triples",
    "beside",
    "CPU s",
    "its CPU s",
    "ratio",
    "wall s",
    "its wall s",
    "ratio",
    "peak MB",
    "its peak MB",
    "triples per CPU s",
    "note",
)


def cells(row: Row, number: int) -> list[str]:
    """Return a row as texts; ratios are its cost by ours."""
    ours, theirs = row.ours, row.theirs
    fault = "failed" if ours.fault else ""
    theirs_fault = "failed" if theirs.fault else ""
    compared = not fault and not theirs_fault
    return [
        row.what,
        f"{row.records:,}",
        f"{row.triples:,}" if row.triples else "",
        row.other,
        fault or f"{ours.cpu:.1f}",
        theirs_fault or f"{theirs.cpu:.1f}",
        f"{theirs.cpu / ours.cpu:.2f}" if compared and ours.cpu else "",
        fault or f"{ours.wall:.1f}",
        theirs_fault or f"{theirs.wall:.1f}",
        f"{theirs.wall / ours.wall:.2f}" if compared and ours.wall else "",
        fault or _memory(ours),
        theirs_fault or _memory(theirs),
        f"{row.triples / ours.cpu:,.0f}" if row.triples and ours.cpu and not fault else "",
        f"[{number}]" if row.note else "",
    ]


def _memory(cost: Cost) -> str:
    """Return the peak of the largest process, and that of all together where they are several."""
    several = cost.together > cost.largest * 1.1
    return f"{cost.largest:,.0f}" + (f" ({cost.together:,.0f})" if several else "")


def text(lines: Sequence[Sequence[str]]) -> str:
    """Return a table in columns."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    left = {0, 3, len(_HEAD) - 1}
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index in left else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    rule = ["---" if index in (0, 3) else "---:" for index in range(len(_HEAD))]
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))


def main() -> None:
    """Measure and print; each row is told on standard error when it is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--only", choices=["convert", "validate", "growth"], action="append")
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of records")
    parser.add_argument("--jobs", type=int, help="for our commands; default: their own")
    parser.add_argument("--work", type=Path, help="folder for what is made; default: temporary")
    given = parser.parse_args()
    parts = given.only or ["convert", "validate", "growth"]
    lines, notes = [list(_HEAD)], list[str]()
    with tempfile.TemporaryDirectory(prefix="expatlod-bench-", dir=given.work) as name:
        bench = Bench(Path(name), given.scale, given.jobs)
        for part in parts:
            for row in getattr(bench, part)():
                number = len(notes) + 1
                note = f"ours: {row.ours.fault}" if row.ours.fault else row.note
                if note:
                    notes.append(f"[{number}] {row.what}, {row.other}: {note}")
                lines.append(cells(row, number))
                print(*(each for each in lines[-1] if each), file=sys.stderr, flush=True)  # noqa: T201
    print(f"{machine.described()}\n")  # noqa: T201
    print((markdown if given.markdown else text)(lines))  # noqa: T201
    print("\n" + "\n".join(f"- {each}" if given.markdown else each for each in notes))  # noqa: T201


if __name__ == "__main__":
    main()
