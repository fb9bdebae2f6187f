"""Compare two releases, or two dumps, as a whole."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import pyoxigraph as ox

from expatlod.crossings import unwritable
from expatlod.diff import vocabulary
from expatlod.diff.change import ADDED, CHANGED, DERIVED, RECORD, REMOVED, Change, Entry, Subject
from expatlod.diff.compare import Comparison, Graph, graph
from expatlod.diff.dump import dumps, explain, folder, records, same
from expatlod.diff.join import Differences, Pair
from expatlod.diff.names import Names, both, label_field, local_name, plain, title
from expatlod.diff.words import Counts, summary
from expatlod.errors import LANGUAGES, QueryError, Text
from expatlod.fields import RecordClass
from expatlod.namespaces import PREFIXES
from expatlod.profile import Model

__all__ = ["Changes", "diff", "first_release"]

_DATASET = PREFIXES["dcat"] + "Dataset"
_TYPE = PREFIXES["rdf"] + "type"

#: Where a release describes its dataset, the fullest first.
_DESCRIPTIONS = ("catalog.ttl", "void.ttl")

_RECORD: Text = {"da": "Post", "en": "Record"}


class Changes:
    """What differs between *old* and *new*; to be closed when it is not needed any more.

    *counts* tells how many things of each noun have each state.
    """

    def __init__(
        self,
        model: Model,
        old: Path,
        new: Path,
        *,
        differences: Differences,
        names: Names,
        dataset: tuple[Entry, ...],
        vocabulary: tuple[Entry, ...],
    ) -> None:
        self.old, self.new = old, new
        self._model = model
        self._differences = differences
        self._names = names
        self._dataset = dataset
        self._vocabulary = vocabulary
        self.counts: Counts = self._counted()

    def __enter__(self) -> Changes:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of what is kept on disk."""
        self._differences.close()

    def entries(self) -> Iterator[Entry]:
        """Yield the dataset, records, codes and terms that differ, in a stable order.

        One is held in memory at a time.
        """
        yield from self._dataset
        with self._told():
            for pair in self._differences:
                yield self._entry(pair)
        yield from self._vocabulary

    def triples(self) -> Iterator[tuple[list[bytes], list[bytes]]]:
        """Yield for each record the triples that are gone and those that came, as N-Triples.

        Those are of the dumps; the ontology, codes and shapes are not among them.
        """
        with self._told():
            for pair in self._differences:
                old = frozenset(pair.old.splitlines(keepends=True))
                new = frozenset(pair.new.splitlines(keepends=True))
                yield sorted(old - new), sorted(new - old)

    def notes(self) -> Text:
        """Return what has changed in one line, in each language."""
        return {each: summary(self.counts, each) for each in LANGUAGES}

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise unwritable(error) from error

    def _entry(self, pair: Pair) -> Entry:
        kind = self._model.classes_by_iri.get(pair.kind)
        label = self._names.title(pair.labels)
        subject = _subject(self._model, kind, pair.kind, pair.name, label)
        if pair.state != CHANGED:
            return Entry(subject, pair.state, twin=local_name(pair.twin) if pair.twin else "")
        old, new = graph(pair.old), graph(pair.new)
        comparison = Comparison(self._model, self._names, pair.name, old, new)
        changes = comparison.changes(kind) or (Change(DERIVED, plain(""), pair.name),)
        return Entry(subject, CHANGED, changes)

    def _counted(self) -> Counts:
        counts: dict[tuple[str, str], Counter[str]] = {}

        def count(noun: Text, state: str, number: int) -> None:
            counts.setdefault((noun["da"], noun["en"]), Counter())[state] += number

        for each in self._dataset:
            count(each.subject.noun, each.state, 1)
        for (iri, state), number in self._differences.counts().items():
            count(_noun(self._model, self._model.classes_by_iri.get(iri), iri), state, number)
        for each in self._vocabulary:
            count(vocabulary.NOUNS[each.subject.kind], each.state, 1)
        return counts


def diff(model: Model, old: Path, new: Path, *, catalog: Iterable[str] = ()) -> Changes:
    """Return what differs between *old* and *new*: sites, releases or dump files.

    Of a release that is still being written, *catalog* is its catalogue as N-Triples, if the file
    is not there yet.

    Raises UsageError when there is no release or dump at a path, QueryError when one cannot be
    read, PublishError when there is no room for working files.
    """
    profile = model.folder
    before, after = dumps(old, profile), dumps(new, profile)
    kinds = sorted(model.record_classes, key=lambda kind: (-len(kind.fields), kind.name))
    labels = dict.fromkeys(each.path for kind in kinds if (each := label_field(kind)))
    differences = Differences([kind.iri for kind in kinds], labels, (str(old), str(new)))
    try:
        if not same(old, new):
            differences.read(lambda: records(before), lambda: records(after))
        old_graph = vocabulary.load(folder(old))
        new_graph = vocabulary.load(folder(new))
        names = Names(model, (new_graph, old_graph), differences.called)
        return Changes(
            model,
            old,
            new,
            differences=differences,
            names=names,
            dataset=tuple(
                _dataset(model, names, folder(old), folder(new), catalog, differences.called)
            ),
            vocabulary=tuple(vocabulary.entries(model, names, old_graph, new_graph)),
        )
    except (SyntaxError, ValueError) as error:
        differences.close()
        raise explain([*before, *after]) from error
    except sqlite3.Error as error:
        differences.close()
        raise unwritable(error) from error
    except BaseException:
        differences.close()
        raise


def first_release(model: Model, classes: Mapping[str, int]) -> Text:
    """Return the notes of a release that has none before it.

    *classes* counts the instances of classes, by IRI; only records are told of.
    """
    words = {"da": "første udgivelse", "en": "first release"}
    for lang in LANGUAGES:
        told = [
            f"{both(kind.label)[lang]}: {classes[kind.iri]}"
            for kind in model.record_classes
            if classes.get(kind.iri)
        ]
        words[lang] = "; ".join([words[lang], *told])
    return words


def _noun(model: Model, kind: RecordClass | None, iri: str) -> Text:
    if kind is not None and kind.label:
        return both(kind.label)
    return plain(model.label_of(iri)) if iri else _RECORD


def _subject(model: Model, kind: RecordClass | None, iri: str, name: str, label: Text) -> Subject:
    short = model.label_of(iri) if iri else ""
    return Subject(RECORD, short, _noun(model, kind, iri), name, local_name(name), label)


# -- the dataset's own facts


def _dataset(
    model: Model,
    names: Names,
    old: Path | None,
    new: Path | None,
    catalog: Iterable[str],
    known: Callable[[str], object],
) -> Iterator[Entry]:
    """Yield what has changed in the description of the dataset, unless it is *known* already."""
    kind = model.classes_by_iri.get(_DATASET)
    if kind is None or old is None or new is None:
        return
    given = "".join(f"{line}\n" for line in catalog).encode()
    for name in _DESCRIPTIONS[:1] if given else _DESCRIPTIONS:
        if (old / name).is_file() and (given or (new / name).is_file()):
            before = graph(_turtle(old / name))
            after = graph(given) if given else graph(_turtle(new / name))
            for entry in _described_anew(model, names, kind, before, after):
                # A dump may hold it as well.
                if not known(entry.subject.iri):
                    yield entry
            return


def _described_anew(
    model: Model, names: Names, kind: RecordClass, before: Graph, after: Graph
) -> Iterator[Entry]:
    olds, news = _datasets(before), _datasets(after)

    def subject(iri: str, nodes: Graph) -> Subject:
        each = label_field(kind)
        label = title(nodes[iri].get(each.path, ())) if each else {}
        return _subject(model, kind, kind.iri, iri, label)

    for iri in sorted(olds & news):
        comparison = Comparison(model, names, iri, before, after, known_only=True)
        changes = comparison.changes(kind)
        if changes:
            yield Entry(subject(iri, after), CHANGED, changes)
    for state, iris, nodes in ((ADDED, news - olds, after), (REMOVED, olds - news, before)):
        for iri in sorted(iris):
            yield Entry(subject(iri, nodes), state)


def _datasets(nodes: Graph) -> set[str]:
    kind = ox.NamedNode(_DATASET)
    return {iri for iri, values in nodes.items() if kind in values.get(_TYPE, ())}


def _turtle(path: Path) -> bytes:
    """Return what a Turtle file says of named nodes, as N-Triples."""
    try:
        triples = [quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]
    except (SyntaxError, OSError) as error:
        raise QueryError(f"{path}: cannot be read: {error}") from error
    named = (
        each
        for each in triples
        if isinstance(each.subject, ox.NamedNode)
        and isinstance(each.object, ox.NamedNode | ox.Literal)
    )
    return ox.serialize(named, format=ox.RdfFormat.N_TRIPLES) or b""
