"""Read a JSON-LD document with pyoxigraph and write N-Triples: DOCUMENT OUT.nt."""

import sys

import pyoxigraph as ox

with open(sys.argv[1], "rb") as document, open(sys.argv[2], "wb") as out:  # noqa: PTH123
    triples = (quad.triple for quad in ox.parse(document, format=ox.RdfFormat.JSON_LD))
    ox.serialize(triples, out, format=ox.RdfFormat.N_TRIPLES)
