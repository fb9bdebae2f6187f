"""Check whatever the user names: records, folders of records, RDF files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from expatlod.collection import Collection, gather
from expatlod.dumps import SYNTAXES
from expatlod.errors import Finding
from expatlod.findings import together
from expatlod.profile import Model
from expatlod.rdf import Placed, read
from expatlod.reports.report import Report
from expatlod.stream import Stream
from expatlod.validate import Validator

__all__ = ["check"]


def check(
    model: Model,
    inputs: Sequence[Path],
    *,
    since: str | None = None,
    engine: str = "auto",
    jobs: int = 1,
    progress: Callable[[int, int, int], None] = lambda _records, _done, _total: None,
) -> Report:
    """Return all findings in *inputs*, sorted by place.

    With *since*, a revision of the git repository that holds the inputs, only what a change since
    then can have broken is checked. *engine* is the SHACL engine, see `expatlod.validate`.
    *progress* is told how many records are done, and how many bytes of how many.

    Raises UsageError when git cannot tell what changed.
    """
    findings: list[Finding] = []
    names: list[str] = []
    unkept = 0
    collection: Callable[[], Collection | None] = lambda: None  # noqa: E731
    validator = Validator(model, engine)
    records = [path for path in inputs if path.suffix not in SYNTAXES]
    if records and since is not None:
        from expatlod.changes import changed

        recent = changed(gather(model, records), records, since)
        findings += recent.together(validator.records(recent.all, recent.known))
        names += recent.files
        collection = lambda: recent  # noqa: E731
    elif records:
        with Stream(model, records, engine=engine, jobs=jobs) as stream:
            findings += stream.run(progress=progress)
            names += stream.files
            unkept = stream.tally.unkept
        collection = partial(gather, model, records)
    graphs = [path for path in inputs if path.suffix in SYNTAXES]
    if since is not None:
        from expatlod.changes import files

        recent_files = files(graphs, since)
        graphs = [path for path in graphs if path.resolve() in recent_files]
    triples: list[Placed] = []
    for path in graphs:
        placed, faults = read(path)
        findings += [*faults, *validator.graph(placed)]
        triples += placed
        names.append(str(path))
    return Report(
        tuple(together(findings)),
        tuple(names),
        model,
        partial(_shacl, validator, collection, triples),
        unkept,
    )


def _shacl(
    validator: Validator, gathered: Callable[[], Collection | None], triples: Sequence[Placed]
) -> str:
    """Return pySHACL's own report on all that was checked, as Turtle."""
    collection = gathered()
    text = validator.whole(collection.all, collection.known) if collection else ""
    text += validator.whole_graph(triple for triple, _ in triples)
    return str(validator.report(text).serialize(format="turtle"))
