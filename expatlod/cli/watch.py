"""The command that validates records whenever they are saved."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from expatlod.cli.words import language, load_profile, show, summary
from expatlod.errors import Finding, Text

if TYPE_CHECKING:
    from expatlod.workspace import Workspace

__all__ = ["watch"]

#: Milliseconds in which changes are gathered, and after the last of which they are looked at.
_DEBOUNCE, _STEP = 300, 30

#: Milliseconds after which it is said that nothing changed: how long a start or an end can take.
_TIMEOUT = 200

#: Seconds between two looks at a file that is being written, and how often it is looked at.
_BREATH, _LOOKS = 0.03, 7

_CLEAN: Text = {"da": "ingen fejl", "en": "no faults"}
_MENDED: Text = {"da": "rettet, ingen fejl", "en": "mended, no faults"}
_GONE: Text = {"da": "slettet", "en": "deleted"}
_WATCHING: Text = {
    "da": "venter på ændringer i {names}; stop med Ctrl-C",
    "en": "waiting for changes in {names}; stop with Ctrl-C",
}


@click.command()
@click.argument(
    "data",
    metavar="DATA...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@language()
def watch(data: tuple[Path, ...], lang: str) -> None:
    """Validate records, and again whenever they are saved.

    DATA is a folder of records, or a record file. On a terminal the screen always shows what is
    wrong now; in a pipe each change is told below the last.

    Exit status: 0 when stopped with Ctrl-C, whatever was found (ask `validate`), 2 wrong usage.
    """
    from expatlod.workspace import Workspace

    try:
        begun = time.time()
        workspace = Workspace(load_profile(), data)
        _all(workspace, lang)
        # The first fault is to be told as quickly as the next.
        workspace.warm()
        for begins, changed in _batches(_folders(data)):
            # What was saved before the watch stood has been told of by nobody.
            paths = [*changed, *data, *_newer(workspace.files, begun)] if begins else changed
            _settle(paths)
            before = workspace.by_file
            found = workspace.refresh(paths) if paths else {}
            if begins:
                begun = 0
                found = {name: each for name, each in found.items() if each != before.get(name, ())}
            screen = sys.stdout.isatty()
            if found and screen:
                click.clear()
                _all(workspace, lang)
            elif found:
                _changed(before, found, workspace, lang)
            if begins or (found and screen):
                _waiting(data, lang)
    except KeyboardInterrupt:
        # How a watch ends.
        return


def _batches(folders: Sequence[Path]) -> Iterator[tuple[bool, list[Path]]]:
    """Yield what changed in *folders*, and whether the watch has only just begun.

    It begins again when a folder is another one than before: switching branches can do that.
    """
    from watchfiles import watch as changes

    while True:
        standing = [_identity(folder) for folder in folders]
        if (0, 0) in standing:
            time.sleep(_TIMEOUT / 1000)
            continue
        begins = True
        for batch in changes(
            *folders,
            watch_filter=None,
            debounce=_DEBOUNCE,
            step=_STEP,
            rust_timeout=_TIMEOUT,
            yield_on_timeout=True,
        ):
            yield begins, [Path(path) for _, path in batch]
            begins = False
            if [_identity(folder) for folder in folders] != standing:
                break
        else:
            return


def _identity(folder: Path) -> tuple[int, int]:
    """Return what tells a folder from another of the same name; (0, 0) where there is none."""
    try:
        found = folder.stat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def _all(workspace: Workspace, lang: str) -> None:
    show(workspace.findings, lang)
    click.echo(summary(workspace.findings, lang))


def _changed(
    before: Mapping[str, Sequence[Finding]],
    found: Mapping[str, Sequence[Finding]],
    workspace: Workspace,
    lang: str,
) -> None:
    files = set(workspace.files)
    for name, findings in found.items():
        if findings:
            show(findings, lang)
            continue
        word = _MENDED if name in before else _CLEAN
        if name not in files and not Path(name).exists():
            word = _GONE
        # A file name need not be UTF-8; what cannot be printed is shown as an escape.
        shown = name.encode("utf-8", "backslashreplace").decode()
        click.echo(f"{shown}: {word[lang]}")
    click.echo(summary(workspace.findings, lang))
    sys.stdout.flush()


def _waiting(data: Iterable[Path], lang: str) -> None:
    names = ", ".join(str(path) for path in data)
    click.echo(_WATCHING[lang].format(names=names), err=True)
    sys.stdout.flush()


def _folders(data: Sequence[Path]) -> list[Path]:
    """Return what to watch: the inputs, and the dataset around them that they may point into."""
    from expatlod.collection import home

    folders = {path.resolve() if path.is_dir() else path.resolve().parent for path in data}
    around = home(data)
    if around is not None:
        folders.add(around.resolve())
    return sorted(
        each
        for each in folders
        if not any(each != other and each.is_relative_to(other) for other in folders)
    )


def _newer(names: Iterable[str], begun: float) -> list[Path]:
    """Return the files that were written since *begun*; times of files can be coarse."""
    return [path for path in map(Path, names) if _state(path)[1] >= (begun - 2) * 1e9]


def _settle(paths: Sequence[Path]) -> None:
    """Wait until files that are just being written have come to rest, but not for long."""
    before = None
    for _ in range(_LOOKS):
        now = [_state(path) for path in paths]
        # An empty file is most often one that an editor is about to fill.
        if now == before and all(size for size, _ in now):
            return
        before = now
        time.sleep(_BREATH)


def _state(path: Path) -> tuple[int, int]:
    """Return size and time of a file; -1 where there is none."""
    try:
        found = path.stat()
    except OSError:
        return -1, -1
    return found.st_size, found.st_mtime_ns
