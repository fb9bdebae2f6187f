"""What CKAN knows by itself: licences and formats.

Facts of CKAN 2.12 (ckan.model.license, ckan/config/resource_formats.json), as far as open data has
them; the tests hold each row to the real thing.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["FORMATS", "LICENCES", "format_name", "licence"]

_OPEN = "http://www.opendefinition.org/licenses/"

#: Licences by CKAN's id: address ("" where CKAN has none) and title, in CKAN's order.
LICENCES: Mapping[str, tuple[str, str]] = {
    "notspecified": ("", "License not specified"),
    "odc-pddl": (
        _OPEN + "odc-pddl",
        "Open Data Commons Public Domain Dedication and License (PDDL)",
    ),
    "odc-odbl": (_OPEN + "odc-odbl", "Open Data Commons Open Database License (ODbL)"),
    "odc-by": (_OPEN + "odc-by", "Open Data Commons Attribution License"),
    "cc-zero": (_OPEN + "cc-zero", "Creative Commons CCZero"),
    "cc-by": (_OPEN + "cc-by", "Creative Commons Attribution"),
    "cc-by-sa": (_OPEN + "cc-by-sa", "Creative Commons Attribution Share-Alike"),
    "gfdl": (_OPEN + "gfdl", "GNU Free Documentation License"),
    "other-open": ("", "Other (Open)"),
    "other-pd": ("", "Other (Public Domain)"),
    "other-at": ("", "Other (Attribution)"),
    "uk-ogl": (
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        "UK Open Government Licence (OGL)",
    ),
    "cc-nc": (
        "http://creativecommons.org/licenses/by-nc/2.0/",
        "Creative Commons Non-Commercial (Any)",
    ),
    "other-nc": ("", "Other (Non-Commercial)"),
    "other-closed": ("", "Other (Not Open)"),
}

_BY_ADDRESS = {address: key for key, (address, _) in LICENCES.items() if address}
_BY_TITLE = {title: key for key, (_, title) in LICENCES.items()}


def licence(address: str, title: str) -> tuple[str, str]:
    """Return CKAN's id of a licence, and by what it was found: "address" or "title".

    >>> licence("https://example.org/terms", "Creative Commons Attribution")
    ('cc-by', 'title')
    >>> licence("https://example.org/terms", "")
    ('', '')
    """
    if address in _BY_ADDRESS:
        return _BY_ADDRESS[address], "address"
    if title in _BY_TITLE:
        return _BY_TITLE[title], "title"
    return "", ""


#: CKAN's name of a format -> the other ways that CKAN knows it by.
FORMATS: Mapping[str, tuple[str, ...]] = {
    "Atom Feed": ("application/atom+xml",),
    "CSV": ("text/csv", "text/comma-separated-values"),
    "DOC": ("application/msword",),
    "DOCX": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
    "GIF": ("image/gif",),
    "GTFS": (),
    "GZ": ("application/gzip", "application/x-gzip"),
    "GeoJSON": ("application/geo+json",),
    "HTML": ("text/html", "htm", "http://purl.org/net/mediatypes/text/html"),
    "ICS": ("text/calendar", "ifb", "ical"),
    "JPEG": ("image/jpeg", "jpg"),
    "JSON": ("application/json",),
    "KML": ("application/vnd.google-earth.kml+xml",),
    "KMZ": ("application/vnd.google-earth.kmz+xml", "application/vnd.google-earth.kmz"),
    "N3": ("application/x-n3",),
    "NetCDF": ("application/netcdf",),
    "ODS": ("application/vnd.oasis.opendocument.spreadsheet",),
    "ODT": ("application/vnd.oasis.opendocument.text",),
    "OWL": ("application/owl+xml",),
    "PDF": ("application/pdf",),
    "PNG": ("image/png",),
    "RDF": ("application/rdf+xml", "rdf/xml"),
    "RSS": ("application/rss+xml",),
    "SHP": ("esri shapefile",),
    "SPARQL": ("application/sparql-results+xml",),
    "SVG": ("image/svg+xml",),
    "TAR": ("application/x-tar",),
    "TIFF": ("image/tiff",),
    "TSV": ("text/tab-separated-values", "text/tsv"),
    "TXT": ("text/plain",),
    "WCS": (),
    "WFS": (),
    "WMS": (),
    "WMTS": (),
    "XLS": ("application/vnd.ms-excel", "excel", "application/xls", "application/msexcel"),
    "XLSX": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
    "XML": ("application/xml", "text/xml", "http://purl.org/net/mediatypes/application/xml"),
    "ZIP": ("application/zip",),
}

_KNOWN = {
    spelling: name for name, others in FORMATS.items() for spelling in (name.lower(), *others)
}


def format_name(media_type: str, label: str) -> str:
    """Return the format that CKAN shows: its own name where it knows one, else what is written.

    >>> format_name("text/csv", ""), format_name("", "csv"), format_name("text/turtle", "")
    ('CSV', 'CSV', 'text/turtle')
    """
    return _KNOWN.get(media_type) or _KNOWN.get(label) or label or media_type
