"""Validate with pySHACL as its users do, from files: DATA.nt SHAPES.nt.

Prints the focus nodes that have a result that is a violation.
"""

import sys

import pyshacl
import rdflib

SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")

shapes = rdflib.Graph().parse(sys.argv[2], format="nt")
data = rdflib.Graph().parse(sys.argv[1], format="nt")
_, report, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
results = report.objects(None, SH.result)
violations = [each for each in results if (each, SH.resultSeverity, SH.Violation) in report]
print(*sorted({str(report.value(each, SH.focusNode)) for each in violations}), sep="\n")  # noqa: T201
