"""Find the credentials of a server, and keep them out of all that is printed.

They come from the environment or from a netrc file, never from an address: addresses end up in
messages, histories and logs.
"""

from __future__ import annotations

import base64
import ipaddress
import netrc
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from expatlod.errors import UsageError

__all__ = ["Credentials", "credentials", "is_loopback"]

_TOKEN, _USER, _PASSWORD = "EXPATLOD_TOKEN", "EXPATLOD_USER", "EXPATLOD_PASSWORD"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a server is told of who sends: the value of the HTTP field Authorization, or nothing.

    *secrets* are the texts that must not be shown.
    """

    header: str = field(default="", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def hidden_in(self, text: str) -> str:
        """Return *text* with every secret in it made unreadable: a server may send them back."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


def credentials(address: str, environment: Mapping[str, str] = os.environ) -> Credentials:
    """Return the credentials for the server at *address*, none if there are none.

    EXPATLOD_TOKEN (Bearer), else EXPATLOD_USER and EXPATLOD_PASSWORD (Basic), else what the file
    that NETRC names, or ~/.netrc, holds for the server by name; its `default` entry, which would
    go to any server, is left alone.

    Raises UsageError when they contradict each other, are open to others, or would travel readable.
    """
    found = _from_environment(environment) or _from_netrc(address, environment)
    if found is None:
        return Credentials()
    if address.lower().startswith("http:") and not is_loopback(address):
        raise UsageError(
            "there are credentials for the endpoint, and http would carry them in the clear; "
            "use its https address, or a tunnel to localhost"
        )
    return found


def is_loopback(address: str) -> bool:
    """Tell whether *address* leads to this machine.

    >>> is_loopback("http://127.0.0.1:7878/query"), is_loopback("http://example.org/")
    (True, False)
    """
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _from_environment(environment: Mapping[str, str]) -> Credentials | None:
    token, user, password = (environment.get(name, "") for name in (_TOKEN, _USER, _PASSWORD))
    if token and (user or password):
        raise UsageError(f"{_TOKEN} and {_USER} are both set; unset the one that does not count")
    if token:
        # What else came, http.client would refuse in words that show it.
        if not token.isascii() or not token.isprintable() or " " in token:
            raise UsageError(f"{_TOKEN} holds a space, a line end or a letter beyond ASCII")
        return Credentials(f"Bearer {token}", (token,))
    if bool(user) != bool(password):
        missing = _PASSWORD if user else _USER
        raise UsageError(f"{missing} is not set; set it, or neither of {_USER} and {_PASSWORD}")
    return _basic(user, password, _USER) if user else None


def _basic(user: str, password: str, where: str) -> Credentials:
    if ":" in user:
        raise UsageError(f"{where}: a user name with a colon, which HTTP cannot say (RFC 7617)")
    packed = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return Credentials(f"Basic {packed}", (packed, password))


def _from_netrc(address: str, environment: Mapping[str, str]) -> Credentials | None:
    named = environment.get("NETRC", "")
    try:
        path = Path(named) if named else Path.home() / ".netrc"
    except RuntimeError:
        # A user without a home.
        return None
    if not path.is_file():
        if named:
            raise UsageError(f"{path}: no file here, although NETRC names it")
        return None
    try:
        known = netrc.netrc(str(path)).hosts
    except netrc.NetrcParseError as error:
        # Its own words show what stands there, and so would the traceback.
        raise UsageError(f"{path}:{error.lineno}: not to be read as a netrc file") from None
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{path}: cannot be read") from None
    user, _, password = known.get(urlsplit(address).hostname or "", ("", "", ""))
    if not user or not password:
        return None
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UsageError(f"{path}: others can read the password in it; run: chmod 600 {path}")
    return _basic(user, password, str(path))
