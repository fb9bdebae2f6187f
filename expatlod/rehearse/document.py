"""A rehearsal as JSON, for programs.

{
  "version": 1,                       of this form; another number when a key changes or goes
  "catalog": "public/…/catalog.ttl",  as it was typed
  "previous": "…",                    the catalogue compared with; null where there is none
  "datasets": 1,                      in the catalogue
  "counts": {"error": {}, "warning": {"portal:first": 2}, "note": {…}}   all findings
  "findings": [...],                  as `validate -f json` has them; of each code the first few
  "ckan": {                           null where it was not asked for
    "datasets": [{
      "guid": "https://…", "name": "berths",
      "title": "Berths", "translations": {"da": "Kajpladser", "en": "Berths"},
      "notes": "…", "url": "…", "version": "…",        as far as there are any
      "license_id": "cc-by", "licenceBy": "title",     or "address", or "" for none
      "tags": ["…"], "extras": {…}, "resources": [{"uri": "…", "url": "…", …}],
      "lost": {"dcat:contactPoint": 1}                 values that do not arrive, by property
    }]
  },
  "mqa": {                            null where it was not asked for, or nothing could be read
    "points": 405.0, "possible": 405, "rating": "excellent",
    "conditional": 80.0,              points that need addresses that answer
    "dimensions": {"findability": {"points": 100.0, "possible": 100}, …},
    "metrics": [{"metric": "dcat:keyword", "dimension": "findability", "points": 30.0,
                 "possible": 30, "missing": 0}],       datasets that do not have them
    "raises": [{"metric": "dct:rights", "points": 5.0, "cure": {"da": "…", "en": "…"}}]
  }
}
"""

from __future__ import annotations

import msgspec

from expatlod.errors import ERROR, NOTE, WARNING
from expatlod.rehearse import Rehearsal
from expatlod.rehearse.ckan import Package
from expatlod.rehearse.metrics import DIMENSIONS, METRICS
from expatlod.rehearse.mqa import Forecast
from expatlod.reports import json
from expatlod.reports.report import encodable, line, texts

__all__ = ["VERSION", "document"]

#: The version of the form above.
VERSION = 1


def document(rehearsal: Rehearsal) -> str:
    """Return *rehearsal* as one JSON document."""
    packages, outlook = rehearsal.packages, rehearsal.forecast
    data = {
        "version": VERSION,
        "catalog": encodable(str(rehearsal.path)),
        "previous": encodable(str(rehearsal.previous)) if rehearsal.previous else None,
        "datasets": rehearsal.datasets,
        "counts": {
            severity: {
                code: number
                for (each, code), number in rehearsal.counts.items()
                if each == severity
            }
            for severity in (ERROR, WARNING, NOTE)
        },
        "findings": [json.item(each, line(each.at)) for each in rehearsal.findings],
        "ckan": None if packages is None else {"datasets": list(map(_package, packages))},
        "mqa": None if outlook is None else _mqa(outlook),
    }
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"


def _package(each: Package) -> dict[str, object]:
    return {
        "guid": each.guid,
        "name": each.name,
        **each.root,
        "translations": each.translations,
        "licenceBy": each.licence,
        "tags": each.tags,
        "extras": each.extras,
        "resources": [{**res.fields, "lost": res.lost} for res in each.resources],
        "lost": each.lost,
    }


def _mqa(outlook: Forecast) -> dict[str, object]:
    return {
        "points": outlook.points,
        "possible": sum(each.points for each in METRICS),
        "rating": outlook.rating,
        "conditional": outlook.conditional,
        "dimensions": {
            key: {
                "points": outlook.of(key),
                "possible": sum(each.points for each in METRICS if each.dimension == key),
            }
            for key in DIMENSIONS
        },
        "metrics": [
            {
                "metric": each.metric.key,
                "dimension": each.metric.dimension,
                "points": each.points,
                "possible": each.metric.points,
                "missing": each.missing,
            }
            for each in outlook.lines
        ],
        "raises": [
            {
                "metric": each.metric.key,
                "points": round(each.metric.points - each.points, 2),
                "cure": texts(each.metric.cure),
            }
            for each in outlook.raises
        ],
    }
