"""Render the templates, so that no text of a record or an ontology can be more than a text.

What a page shows comes from files by others: every value is escaped, marks that turn the direction
of writing are made visible, and only addresses of the web and of mail become links.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from expatlod.errors import Text
from expatlod.iris import is_iri

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

__all__ = ["fragment", "is_link", "markup", "relative", "render", "said", "script", "style"]

_LINKS = re.compile("(?:https?|mailto):", re.IGNORECASE)

# Controls that HTML forbids, and marks that make what follows read backwards: UAX #9, section 2.
_HIDDEN = {
    **dict.fromkeys((*range(0x09), 0x0B, *range(0x0E, 0x20), *range(0x7F, 0xA0)), "\ufffd"),
    **dict.fromkeys(
        (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"
    ),
    **dict.fromkeys((0xFFFE, 0xFFFF), "\ufffd"),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}

# What ends a script or begins a comment in one; what is hidden stays what it is, but in ASCII.
_IN_SCRIPTS = {each: f"\\u{each:04x}" for each in (*map(ord, "<>&\u2028\u2029"), *_HIDDEN)}


def is_link(iri: str) -> bool:
    """Tell whether a reader may be sent to *iri*.

    >>> is_link("https://example.org/"), is_link("javascript:alert(1)"), is_link("urn:x:y")
    (True, False, False)
    """
    return _LINKS.match(iri) is not None and is_iri(iri)


def relative(path: str) -> str:
    """Return *path* inside the release as a relative address.

    >>> relative("queries/hvad så?.rq")
    'queries/hvad%20s%C3%A5%3F.rq'
    """
    return quote(path, safe="/.-_~")


def fragment(anchor: str) -> str:
    """Return the address of *anchor* on the same page."""
    return "#" + quote(anchor, safe=":.-_~/")


def said(text: Text, lang: str) -> Markup:
    """Return *text* in *lang*; one that it exists in only is marked with its language."""
    from markupsafe import Markup, escape

    if not text:
        return Markup()
    if lang in text:
        return escape(text[lang])
    tag, words = next(iter(text.items()))
    return Markup('<span lang="{}">{}</span>').format(tag, words)


def markup(rendered: bytes) -> Markup:
    """Return what a template has rendered, to stand in another as it is."""
    from markupsafe import Markup

    return Markup(rendered.decode())  # noqa: S704  # the template has escaped it


def script(value: Mapping[str, object]) -> Markup:
    """Return *value* as JSON that cannot leave the script element it stands in."""
    from markupsafe import Markup

    text = json.dumps(value, ensure_ascii=False, indent=2)
    return Markup(text.translate(_IN_SCRIPTS))  # noqa: S704  # nothing of HTML is left in it


def render(template: str, values: Mapping[str, object]) -> bytes:
    """Return the template called *template* with *values*."""
    text = _environment().get_template(template).render(values)
    return text.encode()


def style() -> bytes:
    """Return the style sheet of all pages."""
    environment = _environment()
    assert environment.loader is not None
    return environment.loader.get_source(environment, "style.css")[0].encode()


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # Takes a fifth of a second, which only those who publish should wait.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("expatlod.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    environment.filters.update(said=said, relative=relative, fragment=fragment)
    environment.tests.update(link=is_link)
    return environment


def _shown(value: object) -> object:
    """Return *value* with its hidden characters made visible."""
    return value.translate(_HIDDEN) if isinstance(value, str) else value
