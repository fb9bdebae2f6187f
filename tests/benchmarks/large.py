"""Publish two million generated records and say what it took: `make bench-large`.

    python tests/benchmarks/large.py [--count N] [--work FOLDER] [--jobs N] [--markdown]
                                     [--records FOLDER]    of an earlier generate.py COUNT

Everything is made in a temporary folder, which goes at the end, however that comes. That takes up
to 30 kB of disk for each record, which is looked up first.
"""

from __future__ import annotations

import argparse
import gzip
import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import zstandard

from tests.benchmarks import machine
from tests.benchmarks.measure import run

_OURS = str(Path(sys.executable).with_name("expatlod"))
_GENERATE = str(Path(__file__).with_name("generate.py"))

#: The release that is asked for: three syntaxes, packed, and nothing unpacked.
_PUBLISH = ("-f", "ntriples", "-f", "turtle", "-f", "jsonld", "--compress", "zstd", "--no-cache")

_BYTES_A_RECORD = 30_000
_LIMIT = 4 * 3600.0


def triples(release: Path) -> int:
    """Return how many lines the N-Triples dump of a release has, packed or not."""
    path = min(release.rglob("*.nt*"))
    with path.open("rb") as file:
        packed: io.BufferedIOBase = file
        if path.suffix == ".gz":
            packed = gzip.GzipFile(fileobj=file)
        elif path.suffix == ".zst":
            packed = io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(file))
        return sum(chunk.count(b"\n") for chunk in iter(lambda: packed.read(1 << 20), b""))


def measured(
    work: Path, count: int, jobs: int | None, records: Path | None
) -> Iterator[tuple[str, str]]:
    """Generate unless there are *records*, publish, and yield what there is to say."""
    source, release = records or work / "records", work / "release"
    if records is None:
        made = run([sys.executable, _GENERATE, str(count), "-o", f"{source}/"], limit=_LIMIT)
        if made.fault:
            raise SystemExit(f"records could not be generated: {made.fault}")
    yield "records", f"{count:,}"
    yield "JSON Lines", f"{(source / 'records.jsonl').stat().st_size / 1e9:.2f} GB"
    command: list[str | Path] = [_OURS, "publish", source, "-o", release, *_PUBLISH]
    command += ["--jobs", str(jobs)] if jobs else []
    shown = map(str, command[5:])
    yield "command", " ".join(["expatlod", "publish", "records", "-o", "release", *shown])
    cost = run(command, limit=_LIMIT, variables={"XDG_CACHE_HOME": str(work / "cache")})
    if cost.fault:
        raise SystemExit(f"publish: {cost.fault}")
    count_of_triples = triples(release)
    yield "triples", f"{count_of_triples:,}"
    yield "wall", f"{cost.wall:.0f} s ({cost.wall / 60:.1f} min)"
    yield "CPU", f"{cost.cpu:.0f} s, {count_of_triples / cost.cpu:,.0f} triples per CPU second"
    yield "peak memory of the largest process", f"{cost.largest:.0f} MiB"
    yield "peak memory of all processes together", f"{cost.together:.0f} MiB"
    for path in sorted(release.rglob("*")):
        if path.is_file() and path.stat().st_size > 1_000_000:
            name = path.relative_to(release.resolve() if release.is_symlink() else release)
            yield str(name), f"{path.stat().st_size / 1e6:,.0f} MB"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000_000)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--jobs", type=int, help="as of publish; default: its own")
    parser.add_argument("--records", type=Path)
    parser.add_argument("--markdown", action="store_true")
    given = parser.parse_args()
    free, needed = shutil.disk_usage(given.work).free, given.count * _BYTES_A_RECORD
    if free < needed:
        raise SystemExit(
            f"{given.work} has {free / 1e9:.0f} GB free and {needed / 1e9:.0f} GB may be needed; "
            "name another folder with --work"
        )
    print(f"{machine.described()}\n", flush=True)  # noqa: T201
    if given.markdown:
        print("| | |\n|---|---|")  # noqa: T201
    with tempfile.TemporaryDirectory(prefix="expatlod-large-", dir=given.work) as name:
        for what, value in measured(Path(name), given.count, given.jobs, given.records):
            line = f"| {what} | {value} |" if given.markdown else f"{what:<40}{value}"
            print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
