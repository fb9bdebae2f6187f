"""How long validation takes, side by side with pySHACL alone: `make bench`.

Each row is two commands, run in turn as whole processes; what counts is the ratio of their CPU
seconds. The records are the shipped ones, those without findings, copied under other ids, one in a
hundred with a fault. pySHACL is given the graph that the same records make, ready as N-Triples.
"""

from __future__ import annotations

import re
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from expatlod.collection import DATASET, gather
from expatlod.profile import Model, load
from expatlod.resources import default_profile
from expatlod.validate import Validator

ROOT = Path(__file__).resolve().parent.parent.parent

#: pySHACL as its users run it: shapes and data from files.
_PYSHACL = """
import sys, rdflib, pyshacl
shapes = rdflib.Graph()
for path in sys.argv[2:]:
    shapes.parse(path, format="turtle")
data = rdflib.Graph().parse(sys.argv[1], format="nt")
_, report, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
"""


def cost(command: Sequence[str]) -> float:
    """Run *command*; return the CPU seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command}: {done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def generate(model: Model, count: int, folder: Path) -> None:
    """Write *count* record files into *folder*, one in a hundred of them with a fault."""
    clean = gather(model, [ROOT / "data"])
    faulty = {finding.at.path for finding in clean.validate()}
    every = sorted({each.record.source for each in clean.records})
    texts = [Path(source).read_text("utf-8") for source in every if source not in faulty]
    # What the copies point at: the records as they are shipped.
    for source in [str(ROOT / "data" / DATASET), *every]:
        (folder / Path(source).name).write_text(Path(source).read_text("utf-8"), "utf-8")
    for number in range(count - len(every)):
        text, copy = texts[number % len(texts)], number // len(texts)
        text = re.sub(r"^id: (.*)$", rf"id: \1-{copy}", text, count=1, flags=re.MULTILINE)
        if number % 200 == 50:
            text += "colour: red\n"
        if number % 200 == 150:
            # The first English text goes, with its folded lines.
            text = re.sub(r"\n  en: .*(\n    .*)*", "", text, count=1)
        (folder / f"{number:06}.yaml").write_text(text, "utf-8")


def rows(count: int) -> Iterator[tuple[str, str, list[float], list[float]]]:
    """Yield what is compared, and what each side cost in each round."""
    ours = str(Path(sys.executable).with_name("expatlod"))
    shipped = [ours, "validate", str(ROOT / "data")]
    importing = [sys.executable, "-c", "import pyshacl"]
    yield (
        "validate data, cold",
        "import pyshacl",
        *_in_turn(shipped, importing, 7),
    )
    model = load(default_profile())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "records")
        folder.mkdir()
        generate(model, count, folder)
        collection = gather(model, [folder])
        graph = Path(name, "graph.nt")
        text = Validator(model).whole(collection.all, collection.known)
        graph.write_text(text, "utf-8")
        triples = text.count("\n")
        shapes = [str(path) for path in model.folder.shapes]
        yield (
            f"validate {count:,} YAML files",
            f"pySHACL, {triples:,} triples",
            *_in_turn(
                [ours, "validate", str(folder)],
                [sys.executable, "-c", _PYSHACL, str(graph), *shapes],
                1,
            ),
        )


def _in_turn(
    ours: Sequence[str], other: Sequence[str], rounds: int
) -> tuple[list[float], list[float]]:
    pairs = [(cost(ours), cost(other)) for _ in range(rounds)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    print(f"{'ours':<26}{'CPU s':>8}  {'the other':<30}{'CPU s':>8}{'ours/other':>12}")  # noqa: T201
    for ours, other, first, second in rows(count):
        a = statistics.median(first)
        b = statistics.median(second)
        ratio = statistics.median(x / y for x, y in zip(first, second, strict=True))
        print(f"{ours:<26}{a:>8.2f}  {other:<30}{b:>8.2f}{ratio:>12.3f}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
