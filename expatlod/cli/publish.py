"""The command that makes a release."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from expatlod.cli.progress import Progress
from expatlod.cli.words import (
    DATA_FAULTS,
    engine,
    jobs,
    language,
    load_profile,
    show,
    summary,
    unkept,
)

if TYPE_CHECKING:
    from expatlod.engines.spark.cluster import Cluster

__all__ = ["publish"]


@click.command(
    epilog="""\b
Examples:
  expatlod publish data -o public
  expatlod publish data -o public --skip-invalid --rejects rejects.jsonl
  expatlod publish data -o public -f ntriples -f rdfxml --compress zstd
  expatlod publish data -o public --version 1.0 --sign ~/.ssh/id_ed25519
"""
)
@click.argument(
    "data", default="data", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default="public",
    show_default=True,
    help="Folder of the releases.",
)
@click.option(
    "--version",
    metavar="NAME",
    default="",
    show_default="day on which the newest record changed",
    help="What the release is called, such as 1.0.",
)
@click.option(
    "--sign",
    metavar="KEY",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Sign the release with your SSH key: the private key's file, or the public one's of a key "
    "that ssh-agent or a token holds.",
)
@click.option(
    "-f",
    "--format",
    type=click.Choice(["turtle", "jsonld", "ntriples", "rdfxml"]),
    multiple=True,
    default=["turtle", "jsonld", "ntriples"],
    show_default="turtle, jsonld, ntriples",
    help="Syntax of a dump; give it once for each.",
)
@click.option(
    "--compress",
    type=click.Choice(["none", "gzip", "zstd"]),
    multiple=True,
    default=["none", "gzip", "zstd"],
    show_default="all three",
    help="How a dump is packed, none being not at all; give it once for each.",
)
@click.option(
    "--skip-invalid",
    is_flag=True,
    help="Publish the records without errors, and write the others to the file --rejects names.",
)
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    default="rejects.jsonl",
    show_default=True,
    help="File for the records that are left out, as they came, each with its findings.",
)
@engine("spark", more="spark does as auto, on a Spark cluster.")
@click.option(
    "--master",
    metavar="URL",
    help="Spark cluster for --engine spark: local[2], spark://host:7077, yarn.  [default: as "
    "Spark's own settings say]",
)
@jobs()
@click.option(
    "--audit",
    metavar="N",
    type=click.IntRange(min=0),
    default=200,
    show_default=True,
    help="Let pySHACL judge N of the records that shacl has passed, chosen at random; where it "
    "does not agree, nothing is published.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    show_default="another one each time",
    help="Choose the records of the audit as each run with this seed does. Without it, the choice "
    "is among those that the cache does not know.",
)
@click.option(
    "--cache/--no-cache",
    default=True,
    show_default=True,
    help="Keep what was done of each record for the next time.",
)
@language()
@click.pass_context
def publish(
    context: click.Context,
    data: Path,
    output: Path,
    version: str,
    sign: Path | None,
    format: tuple[str, ...],
    compress: tuple[str, ...],
    skip_invalid: bool,
    rejects: Path,
    engine: str,
    master: str | None,
    jobs: int,
    audit: int,
    seed: int | None,
    cache: bool,
    lang: str,
) -> None:
    """Validate a dataset and publish it as linked open data.

    DATA is the folder with dataset.yaml, the records and the query examples [default: data].
    Nothing is published when a finding is an error, unless --skip-invalid says so. Each release
    stands in a folder of its own and never changes; the newest stands in latest/ too. A new one is
    added only when it is whole, and only to a folder of releases.
    """
    from platformdirs import user_cache_path

    from expatlod.publish import Plan
    from expatlod.publish import publish as release

    if not skip_invalid and context.get_parameter_source("rejects") == ParameterSource.COMMANDLINE:
        raise click.UsageError("--rejects goes with --skip-invalid.")
    anew = seed is not None
    seed = secrets.randbelow(1 << 32) if seed is None else seed
    plan = Plan(
        formats=tuple(dict.fromkeys(format)),
        compressions=tuple(dict.fromkeys(compress)),
        engine="auto" if engine == "spark" else engine,
        jobs=jobs,
        rejects=rejects if skip_invalid else None,
        cache=user_cache_path("expatlod") if cache else None,
        audited=audit,
        seed=seed,
        anew=anew,
        version=version,
        key=sign,
    )
    with Progress() as progress, _cluster(engine, master, output, progress.step) as cluster:
        result = release(
            load_profile(),
            data,
            output,
            plan,
            cluster=cluster,
            step=progress.step,
            progress=progress.told,
        )
    show(result.findings, lang)
    click.echo(summary(result.findings, lang), err=True)
    if result.unkept:
        click.echo(unkept(result.unkept, lang), err=True)
    for report in result.reports:
        click.echo(report, err=True)
    if result.audited or result.reports:
        click.echo(_audited(result.audited, seed, lang), err=True)
    if result.path is None:
        click.echo(_refused(output, lang), err=True)
        sys.exit(DATA_FAULTS)
    width = max(len(path) for path in result.files)
    for path, size in result.files.items():
        click.echo(f"{path:<{width}}  {size:>9,} B")
    if result.rejected:
        click.echo(_rejected(result.rejected, rejects, lang), err=True)
    if result.new:
        click.echo(_done(result.records, result.triples, result.path, lang), err=True)
    else:
        click.echo(_unchanged(result.path, lang), err=True)


def _audited(number: int, seed: int, lang: str) -> str:
    if lang == "da":
        return f"pySHACL har efterprøvet {number} poster, som shacl godkendte (--seed {seed})"
    return f"pySHACL judged {number} records that shacl had passed (--seed {seed})"


def _cluster(
    engine: str, master: str | None, output: Path, step: Callable[[str], None]
) -> AbstractContextManager[Cluster | None]:
    """Return the cluster that does the work, if there is to be one; it writes beside *output*."""
    from expatlod.errors import UsageError

    if engine != "spark":
        if master is not None:
            raise UsageError("--master names a Spark cluster; give it together with --engine spark")
        return nullcontext()
    try:
        from expatlod.engines.spark.cluster import cluster
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pyspark", "py4j"):
            raise
        raise UsageError(
            "--engine spark needs PySpark; install it with  pip install 'expatlod[spark]'"
        ) from error
    return cluster(master, output.resolve().parent, step=step)


def _rejected(number: int, path: Path, lang: str) -> str:
    if lang == "da":
        return f"{number} udeladt; de står med deres fejl i {path}"
    return f"{number} left out; they stand in {path} with their faults"


def _refused(output: Path, lang: str) -> str:
    if lang == "da":
        return f"intet udgivet; ret fejlene ({output} er, som den var)"
    return f"nothing published; mend the errors ({output} is as it was)"


def _done(records: int, triples: int, path: Path, lang: str) -> str:
    if lang == "da":
        return f"udgav {records} poster, {triples} tripler i {path}"
    return f"published {records} records, {triples} triples in {path}"


def _unchanged(path: Path, lang: str) -> str:
    if lang == "da":
        return f"intet er ændret siden {path}; den udgivelse gælder stadig"
    return f"nothing has changed since {path}; that release stands"
