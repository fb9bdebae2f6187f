"""Validate with pyshifty: DATA.nt SHAPES.nt.

Prints the focus nodes that have a result that is a violation.
"""

import sys
from pathlib import Path

import shifty

result = shifty.validate_algebra(
    Path(sys.argv[1]), Path(sys.argv[2]), graph_mode="data", infer=False
)
focus = {v.focus_node.strip("<>") for v in result.violations if v.severity == "Violation"}
print(*sorted(focus), sep="\n")  # noqa: T201
