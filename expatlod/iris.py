"""Decide what is an IRI, and what is a safe name inside one.

Every IRI that enters a graph passes here: libraries disagree about which text is one, and one bad
IRI makes a whole dump unreadable.
"""

from __future__ import annotations

import re

import pyoxigraph as ox

__all__ = ["LOCAL_NAME", "is_iri", "is_local_name"]

#: Lower-case letters, digits and single hyphens: safe as a path segment on every file system.
LOCAL_NAME = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")

_LONGEST_NAME = 100
_LONGEST_IRI = 2000

# Windows opens a device when a file has one of these names.
_DEVICES = re.compile("con|prn|aux|nul|com[0-9]|lpt[0-9]")

# pyoxigraph takes `javascript:` and bidirectional marks; a link in a page must be neither.
_SCHEMES = re.compile("(?:https?://[^/?#]|mailto:[^/?#]|urn:[a-z0-9])", re.IGNORECASE)
_INVISIBLE = re.compile("[\u00a0\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_USER = re.compile("https?://[^/?#]*@", re.IGNORECASE)
_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


def is_iri(text: str) -> bool:
    """Tell whether *text* is an absolute IRI of a scheme we publish, RFC 3987.

    >>> is_iri("https://example.org/a"), is_iri("https://example.org/a b"), is_iri("javascript:0")
    (True, False, False)
    """
    if len(text) > _LONGEST_IRI or not _SCHEMES.match(text):
        return False
    if _INVISIBLE.search(text) or _PERCENT.search(text) or _USER.match(text):
        return False
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def is_local_name(text: str) -> bool:
    """Tell whether *text* can name a record: a path segment that is the same everywhere.

    >>> is_local_name("a-17"), is_local_name("../x"), is_local_name("con")
    (True, False, False)
    """
    return (
        len(text) <= _LONGEST_NAME
        and LOCAL_NAME.fullmatch(text) is not None
        and _DEVICES.fullmatch(text) is None
    )
