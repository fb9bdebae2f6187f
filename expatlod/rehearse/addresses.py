"""Tell from an address whether others can reach it, without asking."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

__all__ = ["is_private", "is_public", "is_reserved", "parts"]

# RFC 2606 and RFC 6761: names that are nobody's.
_RESERVED = re.compile(r"(?:^|\.)(?:example\.(?:com|net|org)|example|invalid|test)$")


def parts(address: str) -> tuple[str, str]:
    """Return the scheme and the host of *address*; "" for what it does not have.

    >>> parts("https://example.org:80/a"), parts("a/b"), parts("http://[")
    (('https', 'example.org'), ('', ''), ('', ''))
    """
    try:
        split = urlsplit(address)
        return split.scheme, (split.hostname or "").rstrip(".")
    except ValueError:
        return "", ""


def is_public(address: str) -> bool:
    """Tell whether *address* can lie on the web.

    >>> is_public("https://example.org/a"), is_public("http://localhost/a"), is_public("ftp://a.b/")
    (True, False, False)
    """
    scheme, host = parts(address)
    return scheme in ("http", "https") and bool(host) and not is_private(host)


def is_private(host: str) -> bool:
    """Tell whether *host* is one machine's own, or one of a closed network.

    >>> is_private("127.0.0.1"), is_private("data"), is_private("example.org")
    (True, True, False)
    """
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host


def is_reserved(host: str) -> bool:
    """Tell whether *host* is reserved for examples.

    >>> is_reserved("data.example.org"), is_reserved("counterexample.org")
    (True, False)
    """
    return _RESERVED.search(host.lower()) is not None
