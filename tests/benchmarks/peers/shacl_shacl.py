"""Validate with the `shacl` engine, the whole graph at once: DATA.nt SHAPES.nt.

Prints the focus nodes that have a result that is a violation.
"""

import sys

import shacl

report = shacl.Shapes.from_file(sys.argv[2]).validate_file(sys.argv[1])
focus = {each.focus_node.strip("<>") for each in report.results if each.severity == "Violation"}
print(*sorted(focus), sep="\n")  # noqa: T201
