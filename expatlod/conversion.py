"""Turn records into one RDF file, whatever their number."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from expatlod.dumps import FORMATS, body
from expatlod.errors import ERROR, Finding, PublishError
from expatlod.profile import Model
from expatlod.spool import Written
from expatlod.stream import Progress, Stream
from expatlod.tasks import Outcome

__all__ = ["convert"]


def convert(
    model: Model,
    inputs: Sequence[Path],
    output: Path | None,
    format: str,
    *,
    base: str | None = None,
    jobs: int = 1,
    progress: Progress = lambda _records, _done, _total: None,
) -> tuple[list[Finding], int]:
    """Write the records in *inputs* to the file *output*, in the syntax *format*, one of FORMATS.

    Without *output* it goes to standard output. Returns what cannot be converted, and how many
    findings there are more; when one is an error, nothing is written.

    Raises PublishError when the file cannot be written.
    """
    form = FORMATS[format]
    try:
        with (
            Stream(
                model,
                inputs,
                base=base,
                engine="",
                jobs=jobs,
                payload=partial(_body, format),
                nodes=format == "jsonld",
            ) as stream,
            _draft(output) as draft,
        ):
            draft.write(form.head(model))
            started = False

            def deliver(_: Outcome, text: bytes) -> None:
                nonlocal started
                if text:
                    draft.write(form.separator if started else b"")
                    draft.write(text)
                    started = True

            findings = stream.run(deliver, progress)
            draft.write(form.tail)
            if not stream.tally.findings[ERROR]:
                _finish(draft, output)
            return findings, stream.tally.unkept
    except OSError as error:
        raise PublishError(
            f"{output or 'standard output'}: cannot be written: {error.strerror or error}"
        ) from error


@contextmanager
def _draft(output: Path | None) -> Iterator[BinaryIO]:
    """Yield a file that is gone at the end, unless it has taken the place of *output*."""
    if output is None or (output.exists() and not output.is_file()):
        with tempfile.TemporaryFile() as file:
            yield file
        return
    path = output.resolve()
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w+b") as file:
            yield file
    finally:
        draft.unlink(missing_ok=True)


def _finish(draft: BinaryIO, output: Path | None) -> None:
    """Put what is in *draft* where it belongs."""
    draft.flush()
    if isinstance(draft.name, str) and output is not None:
        os.replace(draft.name, output.resolve())  # noqa: PTH105
        return
    draft.seek(0)
    if output is None:
        shutil.copyfileobj(draft, sys.stdout.buffer)
        return
    with output.open("wb") as file:
        shutil.copyfileobj(draft, file)


def _body(format: str, model: Model, written: Written) -> bytes:
    triples = b"".join(lines for lines, _ in written)
    return body(model, FORMATS[format], triples, [node for _, node in written])
