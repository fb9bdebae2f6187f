"""What is measured works on these: records, and the same records as each peer reads them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import msgspec
import yaml

from expatlod.canonical import identify
from expatlod.convert import Converted, Converter
from expatlod.namespaces import DEFAULT_BASE
from expatlod.profile import Model
from expatlod.records.json import parse_line
from tests.benchmarks.flatten import flatten
from tests.benchmarks.generate import Data, dataset, records


class Inputs:
    """*count* generated records in a folder, *faulty* a share of them, in forms made when asked.

    Everything but the records is made by the interpretive converter, not by what is measured.
    """

    def __init__(self, model: Model, folder: Path, count: int, *, faulty: float = 0.0) -> None:
        self.model = model
        self.count = count
        self._folder = folder
        self._faulty = faulty
        self.folder.mkdir(parents=True)
        about = msgspec.json.encode(dataset(model))
        (self.folder / "dataset.json").write_bytes(about + b"\n")
        with self.records.open("wb") as file:
            for each in self._records():
                file.write(msgspec.json.encode(each) + b"\n")

    @property
    def folder(self) -> Path:
        """A dataset with all records in one file."""
        return self._folder / "lines"

    @property
    def records(self) -> Path:
        """The records as their authors write them, JSON Lines."""
        return self.folder / "records.jsonl"

    @cached_property
    def yaml(self) -> Path:
        """The same dataset with a YAML file for each record."""
        folder = self._folder / "yaml"
        folder.mkdir()
        (folder / "dataset.json").write_bytes((self.folder / "dataset.json").read_bytes())
        for number, each in enumerate(self._records()):
            text = yaml.dump(each, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
            (folder / f"{number:06}.yaml").write_text(text, "utf-8")
        return folder

    @cached_property
    def canonical(self) -> Path:
        """The records with their shorthand spelled out, JSON Lines."""
        path = self._folder / "canonical.jsonl"
        self.triples = 0
        with path.open("wb") as file:
            for each in self._converted():
                file.write(msgspec.json.encode(each.node) + b"\n")
                self.triples += len(each.lines)
        return path

    @cached_property
    def document(self) -> Path:
        """The canonical records as one JSON-LD document with its context."""
        path = self._folder / "document.jsonld"
        with path.open("wb") as file, self.canonical.open("rb") as lines:
            context = msgspec.json.encode(dict(self.model.context))
            file.write(b'{"@context":' + context + b',"@graph":[\n')
            for number, line in enumerate(lines):
                file.write((b",\n" if number else b"") + line.rstrip(b"\n"))
            file.write(b"\n]}\n")
        return path

    @cached_property
    def tables(self) -> Path:
        """The canonical records as CSV tables, with an RML mapping."""
        folder = self._folder / "tables"
        flatten(self.model, self.canonical, folder)
        return folder

    @cached_property
    def graph(self) -> Path:
        """The graph of the records with all codes, N-Triples: what a SHACL engine looks at."""
        path = self._folder / "graph.nt"
        self.triples = 0
        with path.open("w", encoding="utf-8") as file:
            file.writelines(self.model.code_facts.values())
            for each in self._converted():
                lines = dict.fromkeys((*each.lines, *each.left_out))
                file.writelines(f"{line}\n" for line in lines)
                self.triples += len(lines)
        return path

    @cached_property
    def shapes(self) -> Path:
        """The shapes without names and help, N-Triples."""
        path = self._folder / "shapes.nt"
        path.write_text(self.model.shapes_text, "utf-8")
        return path

    @cached_property
    def iris(self) -> list[str]:
        """The IRI of each record, in order."""
        segments = {kind.name: kind.segment for kind in self.model.record_classes}
        return [
            identify(DEFAULT_BASE, segments[str(each["type"])], str(each["id"]))
            for each in self._records()
        ]

    @cached_property
    def triples(self) -> int:
        """How many triples the records make, without codes."""
        return sum(len(each.lines) for each in self._converted())

    def _records(self) -> Iterator[Data]:
        return records(self.model, self.count, faulty=self._faulty)

    def _converted(self) -> Iterator[Converted]:
        converter = Converter(self.model, DEFAULT_BASE)
        with self.records.open(encoding="utf-8") as lines:
            for line in lines:
                read, _ = parse_line(line, str(self.records), 1)
                result = converter.convert(read[0])
                if isinstance(result, Converted):
                    yield result
