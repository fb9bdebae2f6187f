"""Pages for people: a release, its ontology with a diagram, and the list of all releases.

Each page is in one language and leads to its sister in the other. They need no script and nothing
from elsewhere, and say so in their own Content-Security-Policy. The same edition gives the same
bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from expatlod.archive import Release
from expatlod.edition import Edition
from expatlod.pages.ontology import ontology_pages
from expatlod.pages.release import STYLE, landing_pages, series_pages
from expatlod.pages.rendering import style

__all__ = ["front", "pages"]


def pages(
    edition: Edition, files: Collection[str], description: Mapping[str, object]
) -> dict[str, bytes]:
    """Return the pages of a release with their paths in it, and the style sheet they share.

    *files* are the paths of the other files of the release: what is not among them is not linked.
    *description* is the dataset in the words of schema.org, for search engines; it may be empty.
    """
    return {
        STYLE: style(),
        **dict(landing_pages(edition, files, description)),
        **dict(ontology_pages(edition, files)),
    }


def front(
    edition: Edition, releases: Sequence[Release], files: Collection[str]
) -> dict[str, bytes]:
    """Return the pages that stand above all *releases*, with their paths in the site.

    *releases* come oldest first, and *edition* is the last of them: its title is shown, and its
    style sheet is used. *files* are the paths of the other files at the top of the site.
    """
    return dict(series_pages(edition, releases, files))
