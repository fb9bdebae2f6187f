"""Check who signed the releases."""

from __future__ import annotations

from pathlib import Path

from expatlod.archive import MANIFEST, SIGNATURE
from expatlod.signature import LARGEST, SignatureError, check
from expatlod.verify.faults import note
from expatlod.verify.folder import ChangedError, read
from expatlod.verify.parts import Part, Root

__all__ = ["signatures"]


def signatures(root: Root, signer: Path | None) -> None:
    """Add to the findings of *root* what is wrong with the signatures of its releases.

    With *signer*, a file of trusted keys, each must have one by such a key.
    """
    told: set[str] = set()
    # The newest first: of one key it is told once.
    for part in reversed(root.parts):
        if part.manifest is not None:
            _signature(root, part, signer, told)


def _signature(root: Root, part: Part, signer: Path | None, told: set[str]) -> None:
    path = part.prefix + SIGNATURE
    if path not in root.there.files:
        if signer is not None:
            root.tell("release:unsigned", part.prefix + MANIFEST)
        elif not root.is_site:
            root.findings.append(note("release:alone", root.path / MANIFEST))
        return
    try:
        signed = check(part.raw, read(root.path / path, LARGEST), signer)
    except (ChangedError, SignatureError) as error:
        root.tell("release:signature", path, why=error)
        return
    if not signed.principal and signed.fingerprint not in told:
        told.add(signed.fingerprint)
        where = root.path / path
        root.findings.append(note("release:signer", where, fingerprint=signed.fingerprint))
