"""A release of a dataset of harbours, as the descriptions of a release are written from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from expatlod.collection import gather
from expatlod.dumps import COMPRESSIONS, FORMATS, Entry, ntriples
from expatlod.edition import Edition
from expatlod.profile import Model
from expatlod.statistics import Statistics
from tests.harbours import dataset

LICENCE = "https://creativecommons.org/licenses/by/4.0/"

#: All that portals ask for and that only an author can say.
FULL = """\
mailbox: {name: {da: Havnekontoret, en: Harbour office}, email: mailto:info@example.org}
keyword: {da: [havn, kaj og mole], en: [harbour]}
dataTheme: [tran]
place: DK
period: 2009/2014-06
updateFrequency: annual
provenance: {da: Fundet på til prøver., en: Made up for these tests.}
"""

SITE = "https://data.example.org/"
IRI = f"{SITE}id/dataset/harbours"


def edition(
    model: Model, folder: Path, more: str = FULL, *, licence: str = LICENCE, **changes: object
) -> Edition:
    """Return the second release of the dataset in *folder*, whose record says *more* than it must.

    *changes* are fields of the edition.
    """
    path = dataset(folder) / "dataset.yaml"
    path.write_text(path.read_text("utf-8").replace(LICENCE, licence) + more, "utf-8")
    collection = gather(model, [folder])
    assert collection.dataset is not None
    made = Edition(
        model=model,
        dataset=collection.dataset,
        publisher=next(each for each in collection.records if each.iri.endswith("/owner")),
        base=collection.base,
        site=SITE,
        version="2026-01-01",
        issued=datetime(2026, 1, 1, 12, tzinfo=UTC),
        first=datetime(2025, 6, 1, tzinfo=UTC),
        previous="2025-06-01",
        notes={"da": "Én havn er kommet til.", "en": "One harbour was added."},
        statistics=Statistics.of(ntriples(collection.records)),
        dumps=dumps(),
        records=1,
        rejected=0,
        findings={},
        examples=(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def dumps() -> tuple[Entry, ...]:
    """Return a dump in each syntax, in each compression."""
    return tuple(
        Entry(
            f"dump/harbours.{form.suffix}{packed.suffix}",
            form.media_type,
            1000 + number,
            f"{number:064x}",
            packed.name,
        )
        for form in FORMATS.values()
        for number, packed in enumerate(COMPRESSIONS.values())
    )
