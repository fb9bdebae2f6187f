"""Record how a release came about, and what was found when its records were checked.

The times are those of the records and never those of the clock, so that the same records give the
same description. Metrics have IRIs that stay the same from release to release, so that their
measurements can be compared.

Sources: PROV-O, W3C 2013; Data on the Web Best Practices: Data Quality Vocabulary, W3C 2016.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import pyoxigraph as ox

from expatlod import __version__, graphs
from expatlod.archive import GENERATOR
from expatlod.dumps import checksum
from expatlod.edition import Edition, release_address
from expatlod.errors import ERROR, NOTE, WARNING, Text
from expatlod.namespaces import DEFAULT_BASE, PREFIXES, expand

__all__ = ["Source", "provenance"]

#: What was read: its name, how many records were in it, and the SHA-256 of its content.
Source = tuple[str, int, str]

_PREFIXES = {
    **PREFIXES,
    "dqv": "http://www.w3.org/ns/dqv#",
    # The dimensions of linked data quality that DQV's editors give IRIs.
    "ldqd": "http://www.w3.org/2016/05/ldqd#",
}

_DIMENSIONS: Mapping[str, Text] = MappingProxyType(
    {
        "ldqd:completeness": {"da": "Fuldstændighed", "en": "Completeness"},
        "ldqd:consistency": {"da": "Konsistens", "en": "Consistency"},
    }
)

#: What is counted: by name the dimension it says something about, its label, and what it means.
_METRICS: Mapping[str, tuple[str, Text, Text]] = MappingProxyType(
    {
        "records-read": (
            "ldqd:completeness",
            {"da": "Læste poster", "en": "Records read"},
            {
                "da": "Hvor mange poster der blev læst, da udgivelsen blev til.",
                "en": "How many records were read when the release was made.",
            },
        ),
        "records-published": (
            "ldqd:completeness",
            {"da": "Udgivne poster", "en": "Records published"},
            {
                "da": "Hvor mange poster udgivelsen indeholder.",
                "en": "How many records the release holds.",
            },
        ),
        "records-rejected": (
            "ldqd:completeness",
            {"da": "Udeladte poster", "en": "Records left out"},
            {
                "da": "Hvor mange læste poster der blev udeladt, fordi de havde fejl.",
                "en": "How many of the records read were left out because they had errors.",
            },
        ),
        f"found-{ERROR}": (
            "ldqd:consistency",
            {"da": "Fejl", "en": "Errors"},
            {
                "da": "Hvor mange fejl der blev fundet i de læste poster; en post med fejl udgives "
                "ikke.",
                "en": "How many errors were found in the records read; a record that has one is "
                "not published.",
            },
        ),
        f"found-{WARNING}": (
            "ldqd:consistency",
            {"da": "Advarsler", "en": "Warnings"},
            {
                "da": "Hvor mange advarsler der blev givet om de læste poster.",
                "en": "How many warnings were given about the records read.",
            },
        ),
        f"found-{NOTE}": (
            "ldqd:consistency",
            {"da": "Bemærkninger", "en": "Notes"},
            {
                "da": "Hvor mange bemærkninger der blev gjort om de læste poster.",
                "en": "How many notes were made about the records read.",
            },
        ),
    }
)

_LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "publication": {"da": "Udgivelsen af data", "en": "The publication of the data"},
        "profile": {
            "da": "Ontologi, kodelister og regler, som posterne er skrevet efter",
            "en": "Ontology, codelists and rules that the records are written by",
        },
    }
)


def provenance(edition: Edition, sources: Sequence[Source]) -> list[str]:
    """Return the provenance of the release, as N-Triples lines, those of a subject together.

    *sources* are what was read, named without the folders of this machine.
    """
    lines: dict[str, dict[str, None]] = {}
    for line in _Record(edition, sources).lines():
        lines.setdefault(line.partition(" ")[0], {})[line] = None
    return [line for said in lines.values() for line in said]


class _Record:
    """The record of how one release came about, part by part."""

    def __init__(self, edition: Edition, sources: Sequence[Source]) -> None:
        self.edition = edition
        self.sources = sources
        self.document = f"{edition.address}provenance.ttl"
        self.activity = self._named("publication")
        self.program = self._named("program")
        self.profile = self._named("profile")

    def lines(self) -> Iterator[str]:
        yield _link(self.document, "rdf:type", expand("prov:Bundle"))
        yield _link(self.document, "rdf:type", expand("dqv:QualityMetadata", _PREFIXES))
        yield _link(self.document, "foaf:primaryTopic", self.edition.address)
        yield from self._publication()
        yield from self._release()
        yield from self._read()
        yield from self._profile()
        yield from self._program()
        yield from self._outcome()

    def _named(self, name: str) -> str:
        return f"{self.document}#{name}"

    # -- what was made of what

    def _publication(self) -> Iterator[str]:
        edition, activity = self.edition, self.activity
        yield _link(activity, "rdf:type", expand("prov:Activity"))
        yield from _texts(activity, "rdfs:label", _LABELS["publication"])
        yield _time(activity, "prov:startedAtTime", edition.stamp)
        yield _time(activity, "prov:endedAtTime", edition.stamp)
        for number in range(1, len(self.sources) + 1):
            yield _link(activity, "prov:used", self._named(f"source-{number}"))
        yield _link(activity, "prov:used", self.profile)
        yield _link(activity, "prov:wasAssociatedWith", self.program)
        if edition.publisher is not None:
            yield _link(activity, "prov:wasAssociatedWith", edition.publisher.iri)
        yield _link(activity, "prov:generated", edition.address)
        for each in edition.dumps:
            yield _link(activity, "prov:generated", f"{edition.address}{each.path}")

    def _release(self) -> Iterator[str]:
        edition, release = self.edition, self.edition.address
        yield from self._made(release)
        yield _link(release, "prov:specializationOf", edition.iri)
        yield _literal(release, "dcat:version", ox.Literal(edition.version))
        for number in range(1, len(self.sources) + 1):
            yield _link(release, "prov:wasDerivedFrom", self._named(f"source-{number}"))
        if edition.publisher is not None:
            yield _link(release, "prov:wasAttributedTo", edition.publisher.iri)
            yield _link(edition.publisher.iri, "rdf:type", expand("prov:Agent"))
        if edition.previous:
            previous = release_address(edition.site, edition.previous)
            yield _link(release, "prov:wasRevisionOf", previous)
            yield _link(previous, "rdf:type", expand("prov:Entity"))
            yield _literal(previous, "dcat:version", ox.Literal(edition.previous))
        # What breaks a rule so that it is an error is not published.
        terms = (*edition.statistics.classes, *edition.statistics.properties)
        for iri in self._ontologies():
            if any(term.startswith((f"{iri}#", f"{iri}/")) for term in terms):
                yield _link(release, "dct:conformsTo", iri)
        for path in edition.model.folder.shapes:
            yield _link(release, "dct:conformsTo", self._address(path))
        for each in edition.dumps:
            dump = f"{release}{each.path}"
            yield from self._made(dump)
            yield _link(release, "prov:hadMember", dump)
            yield from _checksum(dump, self._named(quote(each.path)), each.sha256)
        yield _link(release, "rdf:type", expand("prov:Collection"))

    def _made(self, entity: str) -> Iterator[str]:
        yield _link(entity, "rdf:type", expand("prov:Entity"))
        yield _link(entity, "prov:wasGeneratedBy", self.activity)
        yield _time(entity, "prov:generatedAtTime", self.edition.stamp)

    def _read(self) -> Iterator[str]:
        for number, (name, records, digest) in enumerate(self.sources, 1):
            source = self._named(f"source-{number}")
            yield _link(source, "rdf:type", expand("prov:Entity"))
            yield _literal(source, "rdfs:label", ox.Literal(name))
            yield _literal(source, "void:entities", ox.Literal(records))
            yield from _checksum(source, source, digest)

    def _profile(self) -> Iterator[str]:
        ontology, folder = self.edition.model.ontology, self.edition.model.folder
        yield _link(self.profile, "rdf:type", expand("prov:Collection"))
        yield _link(self.profile, "rdf:type", expand("prov:Entity"))
        yield from _texts(self.profile, "rdfs:label", _LABELS["profile"])
        for iri in self._ontologies():
            yield _link(self.profile, "prov:hadMember", iri)
            yield _link(iri, "rdf:type", expand("prov:Entity"))
            for version in graphs.values(ontology, ox.NamedNode(iri), "owl:versionInfo"):
                yield _literal(iri, "owl:versionInfo", ox.Literal(version))
                yield _literal(self.profile, "owl:versionInfo", ox.Literal(version))
        for path in (*folder.ontology, *folder.codes, *folder.shapes, folder.context):
            file = self._address(path)
            yield _link(self.profile, "prov:hadMember", file)
            yield _link(file, "rdf:type", expand("prov:Entity"))
            name = file.removeprefix(self.edition.address)
            yield from _checksum(file, self._named(name), checksum(path.read_bytes()))

    def _ontologies(self) -> list[str]:
        """Return the ontologies of the profile that say which version they are, by IRI."""
        versioned = self.edition.model.ontology.quads_for_pattern(
            None, ox.NamedNode(expand("owl:versionInfo")), None
        )
        found = {each.subject.value for each in versioned if isinstance(each.subject, ox.NamedNode)}
        return sorted(found)

    def _address(self, path: Path) -> str:
        """Return where a file of the profile is in the release."""
        name = path.relative_to(self.edition.model.folder.path).as_posix()
        return f"{self.edition.address}{quote(name)}"

    def _program(self) -> Iterator[str]:
        yield _link(self.program, "rdf:type", expand("prov:SoftwareAgent"))
        yield _link(self.program, "rdf:type", expand("schema:SoftwareApplication"))
        yield _literal(self.program, "schema:name", ox.Literal(GENERATOR))
        yield _literal(self.program, "schema:softwareVersion", ox.Literal(__version__))
        yield _link(self.program, "schema:url", DEFAULT_BASE)
        if self.edition.publisher is not None:
            yield _link(self.program, "prov:actedOnBehalfOf", self.edition.publisher.iri)

    # -- what was found

    def _outcome(self) -> Iterator[str]:
        edition = self.edition
        counts = {
            "records-published": edition.records,
            "records-rejected": edition.rejected,
            **{f"found-{severity}": 0 for severity in (ERROR, WARNING, NOTE)},
        }
        if self.sources:
            counts["records-read"] = sum(records for _, records, _ in self.sources)
        for (severity, _), count in edition.findings.items():
            counts[f"found-{severity}"] += count
        yield _link(edition.address, "dqv:hasQualityMetadata", self.document)
        for name, count in counts.items():
            dimension, label, definition = _METRICS[name]
            yield from self._measured(name, count, dimension, label, definition)
        for (severity, code), count in sorted(edition.findings.items()):
            rule = edition.model.rules.get(code)
            label = {
                tag: f"{text}: {rule.label[tag] if rule and tag in rule.label else code}"
                for tag, text in _METRICS[f"found-{severity}"][1].items()
            }
            name = f"found-{severity}-{quote(code.replace(':', '-'), safe='')}"
            meaning = rule.help if rule else {}
            yield from self._measured(name, count, "ldqd:consistency", label, meaning, code)
        for dimension, label in _DIMENSIONS.items():
            iri = expand(dimension, _PREFIXES)
            yield _link(iri, "rdf:type", expand("dqv:Dimension", _PREFIXES))
            yield from _texts(iri, "skos:prefLabel", label)

    def _measured(
        self, name: str, count: int, dimension: str, label: Text, definition: Text, code: str = ""
    ) -> Iterator[str]:
        """Yield a measurement, and what was measured."""
        metric, measurement = f"{self.edition.iri}#metric-{name}", self._named(name)
        yield _link(self.edition.address, "dqv:hasQualityMeasurement", measurement)
        yield _link(measurement, "rdf:type", expand("dqv:QualityMeasurement", _PREFIXES))
        yield _link(measurement, "dqv:isMeasurementOf", metric)
        yield _link(measurement, "dqv:computedOn", self.edition.address)
        yield _literal(measurement, "dqv:value", ox.Literal(count))
        yield _link(measurement, "prov:wasGeneratedBy", self.activity)
        yield _link(metric, "rdf:type", expand("dqv:Metric", _PREFIXES))
        yield from _texts(metric, "skos:prefLabel", label)
        yield from _texts(metric, "skos:definition", definition)
        if code:
            yield _literal(metric, "skos:notation", ox.Literal(code))
        yield _link(metric, "dqv:expectedDataType", expand("xsd:integer"))
        yield _link(metric, "dqv:inDimension", expand(dimension, _PREFIXES))


def _checksum(subject: str, stem: str, digest: str) -> Iterator[str]:
    node = f"{stem}-checksum"
    yield _link(subject, "spdx:checksum", node)
    yield _link(node, "rdf:type", expand("spdx:Checksum"))
    yield _link(node, "spdx:algorithm", expand("spdx:checksumAlgorithm_sha256"))
    value = ox.Literal(digest, datatype=ox.NamedNode(expand("xsd:hexBinary")))
    yield _literal(node, "spdx:checksumValue", value)


def _link(subject: str, predicate: str, value: str) -> str:
    return f"<{subject}> <{expand(predicate, _PREFIXES)}> <{value}> ."


def _literal(subject: str, predicate: str, value: ox.Literal) -> str:
    return f"<{subject}> <{expand(predicate, _PREFIXES)}> {value} ."


def _texts(subject: str, predicate: str, texts: Text) -> Iterator[str]:
    for tag, text in sorted(texts.items()):
        yield _literal(subject, predicate, ox.Literal(text, language=tag))


def _time(subject: str, predicate: str, stamp: str) -> str:
    kind = ox.NamedNode(expand("xsd:dateTime"))
    return _literal(subject, predicate, ox.Literal(stamp, datatype=kind))
