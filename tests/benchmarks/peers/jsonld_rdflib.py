"""Read a JSON-LD document with rdflib and write N-Triples: DOCUMENT OUT.nt."""

import sys

import rdflib

graph = rdflib.Graph().parse(sys.argv[1], format="json-ld")
graph.serialize(sys.argv[2], format="nt", encoding="utf-8")
