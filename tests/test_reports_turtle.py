"""The Turtle form: pySHACL's own report, and what it cannot hold."""

from __future__ import annotations

from expatlod.errors import ERROR, Finding, Location
from expatlod.profile import Model
from expatlod.reports import FORMATS
from expatlod.reports.report import Report
from expatlod.reports.turtle import outside

READER = Finding(Location("a.yaml", 1, 1), ERROR, "record:yaml", {"en": "broken"})
SHACL = Finding(Location("a.yaml", 1, 1), ERROR, "sh:minCount", {"en": "missing"})


def test_the_report_is_the_one_that_was_made(model: Model) -> None:
    report = Report((), (), model, lambda: "[] a sh:ValidationReport .\n")

    assert FORMATS["turtle"](report, "da") == "[] a sh:ValidationReport .\n"


def test_what_a_reader_found_stands_outside(model: Model) -> None:
    assert outside(Report((READER, SHACL), (), model, lambda: "")) == (READER,)
