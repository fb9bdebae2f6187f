"""Show on a terminal how far the work is."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

__all__ = ["Progress"]

# Seconds before there is a bar.
_PATIENCE = 1.0


class Progress:
    """A bar on a terminal's standard error, for work that takes longer than a moment.

    It says how much of the input is done, how many records a second, and the time that is left.
    """

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._start = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._finish()

    def _finish(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None

    def step(self, name: str) -> None:
        """Say what begins."""
        self._finish()
        self._start = time.monotonic()
        if self._terminal:
            click.echo(f"{name} …", err=True)

    def told(self, records: int, done: int, total: int) -> None:
        """Show that *done* of *total* bytes are done, which hold so many *records*."""
        seconds = time.monotonic() - self._start
        if not self._terminal or seconds < _PATIENCE:
            return
        if self._bar is None and done >= total:
            return
        if self._bar is None:
            self._bar = click.progressbar(
                length=total,
                file=sys.stderr,
                show_eta=True,
                show_percent=True,
                item_show_func=lambda rate: rate,
            )
        self._bar.length = total
        self._bar.update(min(done, total) - self._bar.pos, f"{records / seconds:,.0f} records/s")
