"""A rehearsal as text, for people: what CKAN would show, and the score that the MQA would give.

All that stands in a catalogue was written by somebody else and may steer a terminal: it is shown as
`reports.text` shows records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from expatlod.errors import Text
from expatlod.rehearse import KEPT, Rehearsal
from expatlod.rehearse.ckan import CKAN, Package, Resource
from expatlod.rehearse.metrics import DIMENSIONS, METRICS, RATINGS
from expatlod.rehearse.mqa import Forecast, Line
from expatlod.reports.report import SEVERITIES, encodable
from expatlod.reports.text import visible

__all__ = ["summary", "told"]

#: So many datasets, and resources of one, are shown; JSON has all.
MOST, MOST_RESOURCES = 5, 40

#: Characters of a value.
_WIDTH = 160

_WORDS: Mapping[str, Text] = {
    "guid": {"da": "identitet", "en": "identity"},
    "name": {"da": "navn", "en": "name"},
    "title": {"da": "titel", "en": "title"},
    "notes": {"da": "beskrivelse", "en": "notes"},
    "url": {"da": "side", "en": "page"},
    "version": {"da": "udgave", "en": "version"},
    "licence": {"da": "licens", "en": "licence"},
    "tags": {"da": "nøgleord", "en": "tags"},
    "contact": {"da": "kontakt", "en": "contact"},
    "publisher": {"da": "udgiver", "en": "publisher"},
    "period": {"da": "periode", "en": "period"},
    "place": {"da": "sted", "en": "place"},
    "themes": {"da": "emner", "en": "themes"},
    "extras": {"da": "også", "en": "also"},
    "lost": {"da": "går tabt", "en": "lost"},
    "resources": {"da": "ressourcer", "en": "resources"},
}
_BY: Mapping[str, Text] = {
    "address": {"da": "kendt på adressen", "en": "known by its address"},
    "title": {"da": "kendt på titlen", "en": "known by its title"},
}

_PLURALS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "error": {"da": ("fejl", "fejl"), "en": ("error", "errors")},
    "warning": {"da": ("advarsel", "advarsler"), "en": ("warning", "warnings")},
    "note": {"da": ("bemærkning", "bemærkninger"), "en": ("note", "notes")},
}

# Extras that are shown under names of their own.
_SHOWN = ("contact_", "publisher_", "temporal_start", "temporal_end", "spatial", "theme")


def told(rehearsal: Rehearsal, lang: str) -> str:
    """Return what portals would make of the catalogue, without the findings."""
    parts = []
    if rehearsal.packages is not None:
        parts.append(_ckan(rehearsal.packages, rehearsal, lang))
    if rehearsal.forecast is not None and rehearsal.datasets:
        parts.append(_mqa(rehearsal.forecast, lang))
    return "\n".join(parts)


def summary(rehearsal: Rehearsal, lang: str) -> str:
    """Return how many findings there are of each severity, and which are not shown."""
    totals = dict.fromkeys(SEVERITIES, 0)
    for (severity, _), number in rehearsal.counts.items():
        totals[severity] += number
    counted = ", ".join(
        f"{number} {_PLURALS[severity][lang][number != 1]}"
        for severity, number in totals.items()
        if number
    )
    lines = [counted or {"da": "ingen fejl fundet", "en": "no faults found"}[lang]]
    for (_, code), number in rehearsal.counts.items():
        if number > KEPT:
            lines.append(
                {
                    "da": f"{code}: {number} fund, hvoraf de første {KEPT} er vist",
                    "en": f"{code}: {number} findings, of which the first {KEPT} are shown",
                }[lang]
            )
    return "\n".join(lines)


def _safe(value: object) -> str:
    text = visible(encodable(str(value)))
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def _more(number: int, lang: str) -> str:
    return {
        "da": f"og {number} til; -f json har alle",
        "en": f"and {number} more; -f json has all",
    }[lang]


# -- CKAN


def _ckan(packages: Sequence[Package], rehearsal: Rehearsal, lang: str) -> str:
    number = len(packages)
    heading = {
        "da": f"{CKAN}: {number} datasæt",
        "en": f"{CKAN}: {number} {'dataset' if number == 1 else 'datasets'}",
    }[lang]
    if rehearsal.previous:
        path = _safe(rehearsal.previous)
        heading += {"da": f" (sammenlignet med {path})", "en": f" (compared with {path})"}[lang]
    blocks = [heading]
    blocks += ["\n".join(_package(each, lang)) for each in packages[:MOST]]
    if number > MOST:
        blocks.append("  " + _more(number - MOST, lang))
    return "\n\n".join(blocks) + "\n"


def _package(each: Package, lang: str) -> Iterator[str]:
    width = max(len(word[lang]) for word in _WORDS.values()) + 2
    for key, value in _rows(each, lang):
        if value:
            yield f"  {_WORDS[key][lang]:<{width}}{_safe(value)}"
    resources = each.resources
    yield f"  {_WORDS['resources'][lang]:<{width}}{len(resources)}"
    for resource in resources[:MOST_RESOURCES]:
        yield from _resource(resource, lang)
    if len(resources) > MOST_RESOURCES:
        yield "    " + _more(len(resources) - MOST_RESOURCES, lang)


def _rows(each: Package, lang: str) -> Iterator[tuple[str, str]]:
    root, extras = each.root, {key: _plain(value) for key, value in each.extras.items()}
    title = root.get("title", "")
    others = {tag: text for tag, text in each.translations.items() if text != title}
    yield "guid", each.guid
    yield "name", each.name
    yield "title", title + "".join(f"  [{tag or '-'}: {text}]" for tag, text in others.items())
    for key in ("notes", "url", "version"):
        yield key, root.get(key, "")
    licence = root["license_id"]
    yield "licence", f"{licence} ({_BY[each.licence][lang]})" if licence else _none(lang)
    yield "tags", " · ".join(each.tags)
    for role in ("contact", "publisher"):
        yield role, _parts(extras.get(f"{role}_{key}", "") for key in ("name", "email", "uri"))
    period = [extras.get(f"temporal_{end}", "") for end in ("start", "end")]
    yield "period", " – ".join(period) if any(period) else ""
    yield "place", _parts((extras.get("spatial_text", ""), extras.get("spatial_uri", "")))
    yield "themes", extras.get("theme", "")
    yield "extras", ", ".join(key for key in extras if not key.startswith(_SHOWN))
    lost = {**each.lost}
    for resource in each.resources:
        for name, number in resource.lost.items():
            lost[name] = lost.get(name, 0) + number
    yield "lost", ", ".join(f"{name} ({number})" for name, number in lost.items())


def _resource(resource: Resource, lang: str) -> Iterator[str]:
    fields = resource.fields
    yield f"    {_safe(fields.get('name') or _none(lang))}"
    yield f"      {_safe(fields['url'])}"
    facts = [str(fields.get(key, "")) for key in ("format", "mimetype")]
    if "size" in fields:
        facts.append(f"{fields['size']} bytes")
    facts.append(str(fields.get("hash", ""))[:12])
    yield f"      {_safe(' · '.join(dict.fromkeys(filter(None, facts))))}"


def _plain(value: object) -> str:
    return " · ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _parts(values: Iterable[str]) -> str:
    return ", ".join(filter(None, values))


def _none(lang: str) -> str:
    return {"da": "(ingen)", "en": "(none)"}[lang]


# -- the MQA


def _mqa(outlook: Forecast, lang: str) -> str:
    possible = sum(each.points for each in METRICS)
    rating = RATINGS[outlook.rating][1][lang]
    heading = {
        "da": f"MQA: {_number(outlook.points)} af {possible} point, {rating}",
        "en": f"MQA: {_number(outlook.points)} of {possible} points, {rating}",
    }[lang]
    if outlook.datasets > 1:
        heading += {
            "da": f" (gennemsnit af {outlook.datasets} datasæt)",
            "en": f" (average of {outlook.datasets} datasets)",
        }[lang]
    lines = [heading, *_dimensions(outlook, lang), "", *_conditions(outlook, lang)]
    if outlook.raises:
        lines += ["", {"da": "Det ville hæve den:", "en": "What would raise it:"}[lang]]
    for each in outlook.raises:
        gain = _number(each.metric.points - each.points)
        lines.append(f"  {'+' + gain:>6}  {each.metric.cure[lang]}{_missing(outlook, each, lang)}")
    return "\n".join(lines) + "\n"


def _dimensions(outlook: Forecast, lang: str) -> Iterator[str]:
    width = max(len(name[lang]) for name in DIMENSIONS.values()) + 2
    for key, name in DIMENSIONS.items():
        of = {"da": "af", "en": "of"}[lang]
        possible = sum(each.points for each in METRICS if each.dimension == key)
        yield f"  {name[lang]:<{width}}{_number(outlook.of(key)):>6} {of} {possible:>3}"


def _conditions(outlook: Forecast, lang: str) -> Iterator[str]:
    points = _number(outlook.conditional)
    yield {
        "da": f"{points} af pointene kræver, at adresserne svarer 200, når portalen spørger.",
        "en": f"{points} of the points need addresses that answer 200 when the portal asks.",
    }[lang]
    if outlook.seen:
        yield {
            "da": "Filerne bag de adresser, der ligger i udgivelsen, er set efter og er der; de, "
            "der mangler, giver ingen point.",
            "en": "The files behind the addresses that lie in the release were looked for; those "
            "that are missing give no points.",
        }[lang]


def _missing(outlook: Forecast, each: Line, lang: str) -> str:
    number = each.missing
    if outlook.datasets == 1:
        return ""
    noun = "datasæt" if lang == "da" else "dataset" if number == 1 else "datasets"
    return f" ({number} {noun})"


def _number(points: float) -> str:
    """Return points with one decimal, or none where there is nothing behind it.

    >>> _number(390.0), _number(12.345)
    ('390', '12.3')
    """
    return f"{points:.1f}".removesuffix(".0")
