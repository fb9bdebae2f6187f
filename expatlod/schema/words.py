"""The words that descriptions of records are made of, in the language asked for."""

from __future__ import annotations

from expatlod.errors import Text

__all__ = ["said"]


def said(text: Text, lang: str) -> str:
    """Return *text* in *lang*, or in the first language that it exists in.

    >>> said({"da": "båd", "en": "boat"}, "en"), said({"da": "båd"}, "en"), said({}, "en")
    ('boat', 'båd', '')
    """
    return text.get(lang) or next(iter(text.values()), "")
