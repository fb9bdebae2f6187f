"""Say one thing that is wrong with a catalogue, in both languages."""

from __future__ import annotations

import pyoxigraph as ox

from expatlod.errors import Finding, Location
from expatlod.rehearse.graph import Term

__all__ = ["brief", "called", "fault"]


def fault(
    at: Location,
    severity: str,
    code: str,
    da: tuple[str, str],
    en: tuple[str, str],
    *,
    node: Term | None = None,
    path: str = "",
    value: str = "",
) -> Finding:
    """Return a finding from message and help in both languages."""
    return Finding(
        at,
        severity,
        code,
        {"da": da[0], "en": en[0]},
        {"da": da[1], "en": en[1]},
        path,
        node.value if isinstance(node, ox.NamedNode) else "",
        value=value,
    )


def brief(value: str, most: int = 60) -> str:
    """Return *value*, cut to *most* characters."""
    return value if len(value) <= most else value[: most - 1] + "…"


def called(node: Term) -> str:
    """Return a node as messages name it; a blank one has no name to look for."""
    return f"<{brief(node.value, 120)}>" if isinstance(node, ox.NamedNode) else "[]"
