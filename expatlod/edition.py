"""What the descriptions of a release are written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from expatlod.convert import Converted
from expatlod.dumps import Entry
from expatlod.errors import Text
from expatlod.examples import Example
from expatlod.profile import Model
from expatlod.statistics import Statistics

__all__ = ["Edition"]


@dataclass(frozen=True, slots=True)
class Edition:
    """One release of a dataset, before its descriptions are written.

    *dataset* is the dataset's own record and *publisher* that of its publisher. *base* begins the
    IRIs of the records, *site* the addresses of the files; both end with a slash. *version* is that
    of the release, *issued* when the newest of its records changed, in UTC; *first* is when the
    first release was issued, *previous* the version before this one, and *notes* what has changed
    since then, in each language. *read* records were read, whose files have the SHA-256 *source*
    together. *statistics* and *dumps* are those of the *records* in it; *rejected* were left out.
    *findings* counts what validation found, by severity and code of the
    rule. *examples* are the questions that come with the data.
    """

    model: Model
    dataset: Converted
    publisher: Converted | None
    base: str
    site: str
    version: str
    issued: datetime
    first: datetime
    previous: str
    notes: Text
    statistics: Statistics
    dumps: tuple[Entry, ...]
    records: int
    rejected: int
    findings: Mapping[tuple[str, str], int]
    examples: tuple[Example, ...]
    read: int = 0
    source: str = ""

    @property
    def iri(self) -> str:
        """The IRI of the dataset, the same for all of its releases."""
        return self.dataset.iri

    @property
    def address(self) -> str:
        """Where this release is served, for good; ends with a slash."""
        return release_address(self.site, self.version)

    @property
    def stamp(self) -> str:
        """When the newest record changed, as xsd:dateTime."""
        return self.issued.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def release_address(site: str, version: str) -> str:
    """Return where the release *version* is served.

    >>> release_address("https://example.org/", "2026-11-22")
    'https://example.org/releases/2026-11-22/'
    """
    return f"{site}releases/{version}/"
