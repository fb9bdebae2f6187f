"""Flatten canonical records to CSV tables, and write the RML mapping that makes their triples.

    python tests/benchmarks/flatten.py CANONICAL.jsonl FOLDER/

A class is a table with a column for each of its fields that has one value; a property with several
is a table of its own for all classes, with a row for each value. The mapping is equal to the
context of the profile: same subjects, properties, datatypes and languages.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import msgspec

from expatlod.canonical import Node, many
from expatlod.constraints import ANY, constraints
from expatlod.convert import type_lines
from expatlod.errors import LANGUAGES
from expatlod.fields import LITERAL, PART, TEXT, Field, RecordClass
from expatlod.namespaces import PREFIXES, expand
from expatlod.profile import Model, load
from expatlod.resources import default_profile

#: What a mapping in RML begins with, https://rml.io/specs/rml/.
_PREFIXES = """\
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix rr: <http://www.w3.org/ns/r2rml#> .
@base <http://example.org/mapping> .

"""

_TYPED = ("date", "gYearMonth", "gYear")
_TYPE = re.compile(r"<([^>]*)> \.$")


@dataclass(frozen=True, slots=True)
class Column:
    """One kind of object: the name of its column, its property, and how its term is made."""

    name: str
    path: str
    term: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with an id and the columns; those of the class itself say its *types*."""

    name: str
    columns: tuple[Column, ...]
    types: tuple[str, ...] = ()

    @property
    def mapping(self) -> str:
        """The triples map of the table, in Turtle."""
        classes = "".join(f" ; rr:class <{each}>" for each in self.types)
        objects = "".join(
            f" ;\n    rr:predicateObjectMap [ rr:predicate <{each.path}> ;"
            f' rr:objectMap [ rml:reference "{each.name}" ; {each.term} ] ]'
            for each in self.columns
        )
        return (
            f"<#{self.name}> a rr:TriplesMap ;\n"
            f'    rml:logicalSource [ rml:source "{self.name}.csv" ;'
            " rml:referenceFormulation ql:CSV ] ;\n"
            f'    rr:subjectMap [ rml:reference "id" ; rr:termType rr:IRI{classes} ]{objects} .\n\n'
        )


class Flattening:
    """The tables of a profile, and the rows of records in them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.tables: dict[str, Table] = {}
        #: The fields with one value, and the tables of the others by class and column.
        self._single: set[tuple[str, str]] = set()
        self._of: dict[tuple[str, str], str] = {}
        for kind in model.classes.values():
            own: list[Column] = []
            for each in kind.fields.values():
                if self._alone(kind, each):
                    self._single.add((kind.name, each.key))
                    own += self._columns(each)
                    continue
                for column in self._columns(each):
                    # One property has one table, whatever classes use it.
                    name = next(n for n in _names(column) if self._is(n, column))
                    self._of[kind.name, column.name] = name
                    self.tables[name] = Table(name, (column,))
            types = tuple(
                match[1] for line in type_lines(model, kind, "x:") if (match := _TYPE.search(line))
            )
            self.tables[kind.name] = Table(kind.name, tuple(own), types)

    def _is(self, name: str, column: Column) -> bool:
        return name not in self.tables or self.tables[name].columns == (column,)

    def _alone(self, kind: RecordClass, each: Field) -> bool:
        """Tell whether the field has one value, in each language."""
        limits = constraints(self.model, kind, each, ANY)
        return limits.once if each.kind == TEXT else limits.most == 1

    def _columns(self, each: Field) -> Iterator[Column]:
        if each.kind == TEXT:
            for tag in LANGUAGES:
                yield Column(f"{each.key}_{tag}", each.path, f'rr:language "{tag}"')
        elif each.kind != LITERAL:
            yield Column(each.key, each.path, "rr:termType rr:IRI")
        elif each.datatype == PREFIXES["xsd"] + "string":
            yield Column(each.key, each.path, "rr:termType rr:Literal")
        elif each.datatype:
            yield Column(each.key, each.path, f"rr:datatype <{each.datatype}>")
        else:
            for name in _TYPED:
                yield Column(
                    f"{each.key}_{name}", each.path, f"rr:datatype <{PREFIXES['xsd']}{name}>"
                )

    def rows(self, node: Node, kind: RecordClass) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield the rows that a node makes, each with the name of its table."""
        iri = str(node["id"])
        row = {"id": iri}
        for each in kind.fields.values():
            if each.key not in node:
                continue
            for value in many(node[each.key]):
                for name, text in self._cells(each, value):
                    if (kind.name, each.key) in self._single:
                        row[name] = text
                    else:
                        yield self._of[kind.name, name], {"id": iri, name: text}
                if each.kind == PART:
                    assert isinstance(value, dict)
                    yield from self.rows(value, self.model.classes_by_iri[each.target])
        yield kind.name, row

    def _cells(self, each: Field, value: object) -> Iterator[tuple[str, str]]:
        if not isinstance(value, dict):
            yield each.key, str(value)
        elif each.kind == PART:
            yield each.key, str(value["id"])
        elif each.kind == TEXT:
            for tag, texts in value.items():
                for text in many(texts):
                    yield f"{each.key}_{tag}", str(text)
        else:
            datatype = expand(str(value["@type"]), self.model.context_prefixes)
            yield f"{each.key}_{datatype.rpartition('#')[2]}", str(value["@value"])


def _names(column: Column) -> Iterator[str]:
    """Yield names for the table of a column; keys begin with small letters, classes do not."""
    return (column.name + "_" * number for number in count())


def flatten(model: Model, records: Path, folder: Path) -> None:
    """Write the tables of canonical *records*, JSON Lines, into *folder*, and their mapping.

    The mapping is `mapping.ttl`, and once more in parts, `mapping-1.ttl` and so on.
    """
    flattening = Flattening(model)
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as open_files, records.open("rb") as lines:
        writers = {}
        for table in flattening.tables.values():
            file = open_files.enter_context(
                (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="")
            )
            columns = ["id", *(column.name for column in table.columns)]
            writers[table.name] = csv.DictWriter(file, columns, lineterminator="\n")
            writers[table.name].writeheader()
        used = set()
        for line in lines:
            node = msgspec.json.decode(line)
            kind = node["type"][0] if isinstance(node["type"], list) else node["type"]
            for name, row in flattening.rows(node, model.classes[kind]):
                writers[name].writerow(row)
                used.add(name)
    # Peers fail on tables without rows, so those are left out, and their maps with them.
    for name in sorted(flattening.tables.keys() - used):
        (folder / f"{name}.csv").unlink()
        del flattening.tables[name]
    maps = [each.mapping for each in flattening.tables.values()]
    (folder / "mapping.ttl").write_text(_PREFIXES + "".join(maps), "utf-8")
    # SDM-RDFizer needs minutes to read the whole, so it gets each map in a file of its own.
    for number, each in enumerate(maps, 1):
        (folder / f"mapping-{number}.ttl").write_text(_PREFIXES + each, "utf-8")


if __name__ == "__main__":
    flatten(load(default_profile()), Path(sys.argv[1]), Path(sys.argv[2]))
