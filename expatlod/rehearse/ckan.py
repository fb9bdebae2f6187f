"""The datasets of a catalogue as CKAN would show them after a harvest.

Written after the behaviour of CKAN 2.12 with ckanext-dcat 2.4 and its profile euro_dcat_ap_3,
without ckanext-scheming, and with English as the portal's language; the tests compare each field
with what the real parser gives.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from expatlod.rehearse import places, registers
from expatlod.rehearse.graph import Graph, Node, Term, text
from expatlod.rehearse.names import Names, keywords

__all__ = ["CKAN", "Package", "Resource", "packages"]

#: Whose behaviour this is.
CKAN = "CKAN 2.12, ckanext-dcat 2.4"

#: A value of a field: several of them are a tuple, which CKAN keeps as a JSON list.
Value = str | int | float | tuple[str, ...]

# Key of CKAN -> property, one value each.
_EXTRAS_ONE = {
    "issued": "dct:issued",
    "modified": "dct:modified",
    "identifier": "dct:identifier",
    "version_notes": "adms:versionNotes",
    "frequency": "dct:accrualPeriodicity",
    "provenance": "dct:provenance",
    "dcat_type": "dct:type",
    "homepage": "foaf:homepage",
    "temporal_resolution": "dcat:temporalResolution",
}
_EXTRAS_MANY = {
    "language": "dct:language",
    "theme": "dcat:theme",
    "alternate_identifier": "adms:identifier",
    "conforms_to": "dct:conformsTo",
    "documentation": "foaf:page",
    "related_resource": "dct:relation",
    "has_version": "dct:hasVersion",
    "is_version_of": "dct:isVersionOf",
    "source": "dct:source",
    "sample": "adms:sample",
    "is_referenced_by": "dct:isReferencedBy",
    "applicable_legislation": "dcatap:applicableLegislation",
    "hvd_category": "dcatap:hvdCategory",
}
_RESOURCE_ONE = {
    "name": "dct:title",
    "description": "dct:description",
    "access_url": "dcat:accessURL",
    "download_url": "dcat:downloadURL",
    "issued": "dct:issued",
    "modified": "dct:modified",
    "status": "adms:status",
    "license": "dct:license",
    "rights": "dct:rights",
    "availability": "dcatap:availability",
    "compress_format": "dcat:compressFormat",
    "package_format": "dcat:packageFormat",
    "temporal_resolution": "dcat:temporalResolution",
}
_RESOURCE_MANY = {
    "language": "dct:language",
    "documentation": "foaf:page",
    "conforms_to": "dct:conformsTo",
    "applicable_legislation": "dcatap:applicableLegislation",
}

_VERSIONS = ("dcat:version", "owl:versionInfo", "adms:version")

# What is read of a node in other ways, all of its values or only the first.
_ALL = {"rdf:type", "adms:contactPoint", "dcat:keyword", "dcat:distribution", "dcat:accessService"}
_FIRST = {"dcat:contactPoint", "dct:publisher", "dct:creator", "dct:temporal", "dct:spatial"}
_FIRST |= {"dct:accessRights", "dcat:landingPage", "dct:title", "dct:description", *_VERSIONS}
_FIRST |= {"dcat:byteSize", "dcat:mediaType", "dct:format", "spdx:checksum"}
_FIRST |= {"dcat:spatialResolutionInMeters"}


@dataclass(frozen=True, slots=True)
class Resource:
    """A distribution as CKAN's resource: *fields* by CKAN's keys.

    *node* is the distribution; *lost* counts the values that do not arrive, by property.
    """

    node: Term
    fields: Mapping[str, Value]
    lost: Mapping[str, int]

    @property
    def uri(self) -> str:
        """What CKAN finds the resource again by; "" where it cannot."""
        return str(self.fields["uri"])


@dataclass(frozen=True, slots=True)
class Package:
    """A dataset as CKAN's package.

    *guid* is what the harvester finds it again by, *name* the end of its address, *root* the fields
    of every CKAN and *extras* the others. *translations* hold the title in each language, of which
    *root* has one. *licence* says what the licence was recognised by. *collides* tells that another
    dataset has the name already. *lost* counts the values that do not arrive, by property.
    """

    node: Node
    guid: str
    name: str
    collides: bool
    root: Mapping[str, str]
    translations: Mapping[str, str]
    licence: str
    tags: tuple[str, ...]
    extras: Mapping[str, Value]
    resources: tuple[Resource, ...]
    lost: Mapping[str, int]


def packages(graph: Graph) -> Iterator[Package]:
    """Yield what CKAN makes of each dcat:Dataset of *graph*, in the order of the file.

    A dataset without a title, at which the real harvest stops, has no name here.
    """
    names = Names()
    for node in graph.typed("dcat:Dataset"):
        yield _package(graph, node, names)


def _package(graph: Graph, node: Node, names: Names) -> Package:
    root = _root(graph, node)
    extras = _extras(graph, node)
    title = root.get("title", "")
    name, collides = names.take(title) if title else ("", False)
    key, by = _licence(graph, node)
    return Package(
        node=node,
        guid=str(extras["uri"] or extras.get("identifier") or name),
        name=name,
        collides=collides,
        root={**root, "license_id": key},
        translations=_languages(graph, node, "dct:title"),
        licence=by,
        tags=tuple(keywords(graph.texts(node, "dcat:keyword"))),
        extras=extras,
        resources=tuple(
            _resource(graph, each) for each in graph.objects(node, "dcat:distribution")
        ),
        lost=_lost(graph, node, {*_EXTRAS_ONE.values(), *_FIRST}, set(_EXTRAS_MANY.values())),
    )


def _root(graph: Graph, node: Node) -> dict[str, str]:
    versions = (graph.value(node, each) for each in _VERSIONS)
    found = {
        "url": graph.value(node, "dcat:landingPage"),
        "version": next(filter(None, versions), ""),
        "title": graph.value(node, "dct:title"),
        "notes": graph.value(node, "dct:description"),
    }
    return {key: value for key, value in found.items() if value}


def _extras(graph: Graph, node: Node) -> dict[str, Value]:
    found: dict[str, Value] = {}
    found |= {key: graph.value(node, name) for key, name in _EXTRAS_ONE.items()}
    found |= {key: tuple(graph.texts(node, name)) for key, name in _EXTRAS_MANY.items()}
    found |= _contact(graph, node)
    for role in ("publisher", "creator"):
        found |= _agent(graph, node, role)
    found |= places.temporal(graph, node)
    found |= places.spatial(graph, node)
    found["access_rights"] = _access_rights(graph, node)
    found |= _resolution(graph, node)
    # An address is there even where there is none: CKAN says so.
    kept = {key: value for key, value in found.items() if value not in ("", ())}
    return {**kept, "uri": node.value if isinstance(node, ox.NamedNode) else ""}


def _contact(graph: Graph, node: Node) -> dict[str, Value]:
    first = graph.first(node, "dcat:contactPoint") or graph.first(node, "adms:contactPoint")
    if first is None:
        return {}
    return {f"contact_{key}": value for key, value in contact(graph, first).items()}


def contact(graph: Graph, node: Term) -> dict[str, str]:
    """Return what CKAN reads of a contact point."""
    texts = _languages(graph, node, "vcard:fn") | _languages(graph, node, "vcard:hasFN")
    texts.pop("", None)
    name = graph.value(node, "vcard:fn") or _vcard(graph, node, "vcard:hasFN")
    return {
        "uri": node.value if isinstance(node, ox.NamedNode) else "",
        "name": texts.get("en") or name,
        "email": _vcard(graph, node, "vcard:hasEmail").replace("mailto:", ""),
        "identifier": _vcard(graph, node, "vcard:hasUID"),
        "url": _vcard(graph, node, "vcard:hasURL"),
    }


def _vcard(graph: Graph, node: Term, name: str) -> str:
    first = graph.first(node, name)
    if isinstance(first, ox.BlankNode):
        return graph.value(first, "vcard:hasValue")
    return graph.value(node, name)


def _agent(graph: Graph, node: Node, role: str) -> dict[str, Value]:
    first = graph.first(node, f"dct:{role}")
    if first is None:
        return {}
    return {f"{role}_{key}": value for key, value in agent(graph, first).items()}


def agent(graph: Graph, node: Term) -> dict[str, str]:
    """Return what CKAN reads of a publisher or creator."""
    names = _languages(graph, node, "foaf:name")
    untagged = names.pop("", "")
    mail = graph.value(node, "foaf:mbox") or graph.value(node, "vcard:hasEmail")
    return {
        "uri": node.value if isinstance(node, ox.NamedNode) else "",
        "name": names.get("en") or untagged or next(iter(names.values()), ""),
        "email": mail.replace("mailto:", ""),
        "url": graph.value(node, "foaf:homepage"),
        "type": graph.value(node, "dct:type"),
        "identifier": graph.value(node, "dct:identifier"),
    }


def _languages(graph: Graph, node: Term, name: str) -> dict[str, str]:
    """Return the last text in each language; what has none, or is no text, is under ""."""
    found: dict[str, str] = {}
    for each in graph.objects(node, name):
        language = (each.language or "") if isinstance(each, ox.Literal) else ""
        if language or "" not in found:
            found[language] = text(each)
    return found


def _access_rights(graph: Graph, node: Node) -> str:
    first = graph.first(node, "dct:accessRights")
    if isinstance(first, ox.BlankNode):
        kind = graph.first(first, "rdf:type")
        return graph.value(first, "rdfs:label") if _is(kind, "RightsStatement") else ""
    return "" if first is None else text(first)


def _is(kind: Term | None, local: str) -> bool:
    return kind == ox.NamedNode(f"http://purl.org/dc/terms/{local}")


def _resolution(graph: Graph, node: Term) -> dict[str, Value]:
    found = tuple(_numbers(graph, node, "dcat:spatialResolutionInMeters"))
    if not found:
        return {}
    value: Value = found[0] if len(found) == 1 else json.dumps(found)
    return {"spatial_resolution_in_meters": value}


def _numbers(graph: Graph, node: Term, name: str) -> Iterator[float]:
    for each in graph.texts(node, name):
        try:
            yield float(each)
        except ValueError:
            continue


def _licence(graph: Graph, node: Node) -> tuple[str, str]:
    for each in graph.objects(node, "dcat:distribution"):
        licence = graph.first(each, "dct:license")
        if licence is not None:
            found = registers.licence(text(licence), graph.value(licence, "dct:title"))
            if found[0]:
                return found
    return "", ""


# -- resources


def _resource(graph: Graph, node: Term) -> Resource:
    found: dict[str, Value] = {}
    found |= {key: graph.value(node, name) for key, name in _RESOURCE_ONE.items()}
    found |= {key: tuple(graph.texts(node, name)) for key, name in _RESOURCE_MANY.items()}
    found |= _format(graph, node)
    found |= _resolution(graph, node)
    for checksum in graph.objects(node, "spdx:checksum"):
        found["hash_algorithm"] = graph.value(checksum, "spdx:algorithm") or found.get(
            "hash_algorithm", ""
        )
        found["hash"] = graph.value(checksum, "spdx:checksumValue") or found.get("hash", "")
    kept = {key: value for key, value in found.items() if value not in ("", ())}
    size = _size(graph.value(node, "dcat:byteSize"))
    if size is not None:
        kept["size"] = size
    services = graph.objects(node, "dcat:accessService")
    if services:
        kept["access_services"] = tuple(text(each) for each in services)
    kept["url"] = str(found["download_url"] or found["access_url"])
    kept["uri"] = node.value if isinstance(node, ox.NamedNode) else ""
    one = {*_RESOURCE_ONE.values(), *_FIRST} - {"dcat:contactPoint", "dct:publisher", "dct:creator"}
    return Resource(node, kept, _lost(graph, node, one, set(_RESOURCE_MANY.values())))


def _format(graph: Graph, node: Term) -> dict[str, Value]:
    media, label = graph.value(node, "dcat:mediaType"), ""
    form = graph.first(node, "dct:format")
    if isinstance(form, ox.Literal):
        if not media and "/" in form.value:
            media = form.value
        else:
            label = text(form)
    elif form is not None and _is(graph.first(form, "rdf:type"), "IMT"):
        value = graph.first(form, "rdf:value")
        # An absent value becomes this word.
        media = media or ("None" if value is None else text(value))
        label = graph.value(form, "rdfs:label")
    elif isinstance(form, ox.NamedNode):
        if "iana.org/assignments/media-types" in form.value and not media:
            media = form.value
        else:
            label = form.value
    return {"mimetype": media, "format": registers.format_name(media, label)}


def _size(value: str) -> int | None:
    try:
        return int(float(value)) if value else None
    except (ValueError, OverflowError):
        return None


# -- what does not arrive


def _lost(graph: Graph, node: Term, one: set[str], many: set[str]) -> dict[str, int]:
    """Count the values of *node* that CKAN does not take, by property."""
    lost = {}
    for name in graph.predicates(node):
        if name not in many and name not in _ALL:
            number = len(graph.objects(node, name)) - (name in one)
            if number:
                lost[name] = number
    return lost
