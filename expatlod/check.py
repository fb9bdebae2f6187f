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
from expatlod.validate import Validator

__all__ = ["check"]


def check(
    model: Model,
    inputs: Sequence[Path],
    *,
    since: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Return all findings in *inputs*, sorted by place.

    With *since*, a revision of the git repository that holds the inputs, only what a change since
    then can have broken is checked. *progress* is told how many records are done, and of how many.

    Raises UsageError when git cannot tell what changed.
    """
    findings: list[Finding] = []
    names: list[str] = []
    collection: Collection | None = None
    records = [path for path in inputs if path.suffix not in SYNTAXES]
    if records:
        collection = gather(model, records)
        if since is not None:
            from expatlod.changes import changed

            collection = changed(collection, records, since)
        total = len(collection.all)
        findings += collection.validate(lambda done: progress(done, total))
        names += collection.files
    graphs = [path for path in inputs if path.suffix in SYNTAXES]
    if since is not None:
        from expatlod.changes import files

        recent = files(graphs, since)
        graphs = [path for path in graphs if path.resolve() in recent]
    validator = Validator(model)
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
    )


def _shacl(validator: Validator, collection: Collection | None, triples: Sequence[Placed]) -> str:
    """Return pySHACL's own report on all that was checked, as Turtle."""
    text = validator.whole(collection.all, collection.known) if collection else ""
    text += validator.whole_graph(triple for triple, _ in triples)
    return str(validator.report(text).serialize(format="turtle"))
