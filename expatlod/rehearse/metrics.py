"""The metrics of the Metadata Quality Assessment (MQA) of data.europa.eu, with their points.

Dimensions, points and ratings are those of https://data.europa.eu/mqa/methodology: 405 in all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from expatlod.errors import Text

__all__ = [
    "DIMENSIONS",
    "MACHINE_READABLE",
    "METRICS",
    "NON_PROPRIETARY",
    "RATINGS",
    "Metric",
    "rating",
]

#: The dimensions, in the order of the methodology.
DIMENSIONS: Mapping[str, Text] = {
    "findability": {"da": "kan findes", "en": "findability"},
    "accessibility": {"da": "kan nås", "en": "accessibility"},
    "interoperability": {"da": "kan bruges sammen", "en": "interoperability"},
    "reusability": {"da": "kan genbruges", "en": "reusability"},
    "contextuality": {"da": "sammenhæng", "en": "contextuality"},
}

#: From so many points on a catalogue is rated so.
RATINGS: Mapping[str, tuple[int, Text]] = {
    "excellent": (351, {"da": "fremragende", "en": "excellent"}),
    "good": (221, {"da": "god", "en": "good"}),
    "sufficient": (121, {"da": "tilstrækkelig", "en": "sufficient"}),
    "bad": (0, {"da": "dårlig", "en": "bad"}),
}


def rating(points: float) -> str:
    """Return how so many points are rated.

    >>> rating(405), rating(220.5), rating(0)
    ('excellent', 'sufficient', 'bad')
    """
    return next(name for name, (least, _) in RATINGS.items() if points >= least)


@dataclass(frozen=True, slots=True)
class Metric:
    """One question to a dataset or, if *of_files*, to its best distribution.

    *answers* tells that the points need an address that answers. *cure* says what would raise them.
    """

    key: str
    dimension: str
    points: int
    of_files: bool
    answers: bool
    cure: Text


def _metric(
    key: str,
    dimension: str,
    points: int,
    da: str,
    en: str,
    *,
    of_files: bool = False,
    answers: bool = False,
) -> Metric:
    return Metric(key, dimension, points, of_files, answers, {"da": da, "en": en})


#: The metrics, in the order of the methodology.
METRICS: tuple[Metric, ...] = (
    _metric(
        "dcat:keyword",
        "findability",
        30,
        "giv datasættet mindst ét nøgleord (dcat:keyword)",
        "give the dataset a keyword (dcat:keyword)",
    ),
    _metric(
        "dcat:theme",
        "findability",
        30,
        "giv datasættet et emne fra EU's liste (dcat:theme)",
        "give the dataset a theme of the EU list (dcat:theme)",
    ),
    _metric(
        "dct:spatial",
        "findability",
        20,
        "sig, hvilket sted datasættet handler om (dct:spatial)",
        "say which place the dataset is about (dct:spatial)",
    ),
    _metric(
        "dct:temporal",
        "findability",
        20,
        "sig, hvilken periode datasættet dækker (dct:temporal)",
        "say which period the dataset covers (dct:temporal)",
    ),
    _metric(
        "dcat:accessURL 200",
        "accessibility",
        50,
        "giv filen en dcat:accessURL på nettet, som svarer 200",
        "give the file a dcat:accessURL on the web that answers 200",
        of_files=True,
        answers=True,
    ),
    _metric(
        "dcat:downloadURL",
        "accessibility",
        20,
        "giv filen en dcat:downloadURL",
        "give the file a dcat:downloadURL",
        of_files=True,
    ),
    _metric(
        "dcat:downloadURL 200",
        "accessibility",
        30,
        "lad filens dcat:downloadURL være en adresse på nettet, som svarer 200",
        "let the file's dcat:downloadURL be an address on the web that answers 200",
        of_files=True,
        answers=True,
    ),
    _metric(
        "dct:format",
        "interoperability",
        20,
        "giv filen et format (dct:format)",
        "give the file a format (dct:format)",
        of_files=True,
    ),
    _metric(
        "dcat:mediaType",
        "interoperability",
        10,
        "giv filen en medietype (dcat:mediaType)",
        "give the file a media type (dcat:mediaType)",
        of_files=True,
    ),
    _metric(
        "vocabularies",
        "interoperability",
        10,
        "skriv format fra EU's liste file-type og medietype med IANA's adresse",
        "write the format from the EU list file-type and the media type with IANA's address",
        of_files=True,
    ),
    _metric(
        "non-proprietary",
        "interoperability",
        20,
        "udgiv også i et åbent format, fx RDF_TURTLE, JSON_LD eller CSV",
        "publish in an open format too, such as RDF_TURTLE, JSON_LD or CSV",
        of_files=True,
    ),
    _metric(
        "machine-readable",
        "interoperability",
        20,
        "udgiv også i et format, som maskiner kan læse, fx RDF_TURTLE, JSON_LD eller CSV",
        "publish in a format that machines can read too, such as RDF_TURTLE, JSON_LD or CSV",
        of_files=True,
    ),
    _metric(
        "DCAT-AP",
        "interoperability",
        30,
        "ret de fejl, som DCAT-AP's krav giver (--portal dcat-ap)",
        "mend the errors against DCAT-AP (--portal dcat-ap)",
    ),
    _metric(
        "dct:license",
        "reusability",
        20,
        "giv filen en licens (dct:license)",
        "give the file a licence (dct:license)",
        of_files=True,
    ),
    _metric(
        "licence vocabulary",
        "reusability",
        10,
        "skriv licensen med dens adresse i EU's liste licence",
        "write the licence with its address in the EU list licence",
        of_files=True,
    ),
    _metric(
        "dct:accessRights",
        "reusability",
        10,
        "sig, hvem datasættet er til (dct:accessRights)",
        "say who the dataset is for (dct:accessRights)",
    ),
    _metric(
        "accessRights vocabulary",
        "reusability",
        5,
        "skriv dct:accessRights med en adresse fra EU's liste access-right",
        "write dct:accessRights with an address of the EU list access-right",
    ),
    _metric(
        "dcat:contactPoint",
        "reusability",
        20,
        "giv datasættet et kontaktpunkt (dcat:contactPoint)",
        "give the dataset a contact point (dcat:contactPoint)",
    ),
    _metric(
        "dct:publisher",
        "reusability",
        10,
        "sig, hvem der udgiver datasættet (dct:publisher)",
        "say who publishes the dataset (dct:publisher)",
    ),
    _metric(
        "dct:rights",
        "contextuality",
        5,
        "giv filen en erklæring om rettigheder (dct:rights)",
        "give the file a statement of rights (dct:rights)",
        of_files=True,
    ),
    _metric(
        "dcat:byteSize",
        "contextuality",
        5,
        "giv filen en størrelse (dcat:byteSize)",
        "give the file a size (dcat:byteSize)",
        of_files=True,
    ),
    _metric(
        "dct:issued",
        "contextuality",
        5,
        "sig, hvornår filen kom ud (dct:issued)",
        "say when the file came out (dct:issued)",
        of_files=True,
    ),
    _metric(
        "dct:modified",
        "contextuality",
        5,
        "sig, hvornår filen sidst blev ændret (dct:modified)",
        "say when the file last changed (dct:modified)",
        of_files=True,
    ),
)

# The lists edp-machine-readable-format and edp-non-proprietary-format of data.europa.eu,
# https://gitlab.com/european-data-portal/edp-vocabularies: codes of the EU table file-type.

_MACHINE_READABLE = """CSV GEOJSON ICS JSON JSON_LD KML KMZ NETCDF ODS RDFA RDF_N_QUADS
    RDF_N_TRIPLES RDF_TRIG RDF_TURTLE RDF_XML RSS SHP XLS XLSX XML"""
_NON_PROPRIETARY = """BMP CSV DBF ETSI_XML GEOJSON GPKG GZIP HTML ICS JPEG2000 JSON JSON_LD KML KMZ
    NETCDF ODS PNG RDF_N_QUADS RDF_N_TRIPLES RDF_TRIG RDF_TURTLE RDF_XML RSS RTF TAR TIFF TSV TXT
    WMS_SRVC XML ZIP"""

#: Formats that count as machine-readable.
MACHINE_READABLE = frozenset(_MACHINE_READABLE.split())

#: Formats that count as open to everybody's programs.
NON_PROPRIETARY = frozenset(_NON_PROPRIETARY.split())
