"""Sign a release's manifest with a key that its publisher has for SSH, and check such signatures.

The work is done by OpenSSH's `ssh-keygen`, so a key can be a file, be held by ssh-agent, or be a
hardware token; it is never read here. The signature is in the SSHSIG format (OpenSSH,
PROTOCOL.sshsig), made for one namespace, so that it cannot be taken from another use of the key.
Ed25519 and RSA keys give the same signature each time, ECDSA keys and tokens another one.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from expatlod.errors import UsageError

__all__ = ["LARGEST", "NAMESPACE", "SignatureError", "Signed", "check", "sign"]

#: What the signatures are for.
NAMESPACE = "expatlod"

#: No signature is larger, in bytes; one of RSA with 16,384 bits has six kilobytes.
LARGEST = 65_536

_PROGRAM = "ssh-keygen"

#: The largest file of trusted keys that is read, in bytes.
_LARGEST_SIGNERS = 1_000_000

# Seconds; nobody is asked anything while a signature is checked.
_PATIENCE = 60

_BEGIN, _END = b"-----BEGIN SSH SIGNATURE-----\n", b"-----END SSH SIGNATURE-----\n"
_COLUMNS = 70

# A public key as it stands in a .pub file; in an allowed_signers file the names come before it.
_PUBLIC_KEY = re.compile(
    r"((?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+=*)(?:[ \t].*)?", re.IGNORECASE
)

_FINGERPRINT = re.compile(r"\bkey (SHA256:[A-Za-z0-9+/]+)")


class SignatureError(Exception):
    """A signature is not one of these bytes by a trusted key: says why."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Whose signature it is: the *fingerprint* of the key, as ``SHA256:…``.

    *principal* is the name that the file of trusted keys has for it; empty when none was given.
    """

    fingerprint: str
    principal: str = ""


def sign(content: bytes, key: Path) -> bytes:
    """Return the signature of *content* by *key*, as it stands in a file.

    *key* is a private key, also of a hardware token, or a public key whose other half ssh-agent
    holds. A passphrase is asked for on the terminal.

    Raises UsageError when it could not be signed.
    """
    if not key.is_file():
        raise UsageError(f"{key}: no key here; name a private key, or a .pub that ssh-agent holds")
    program = _program()
    with tempfile.TemporaryDirectory(prefix="expatlod-") as folder:
        # As a file: standard input must stay the terminal, or no passphrase is asked for.
        message = Path(folder) / "manifest"
        message.write_bytes(content)
        # What a token asks for is written to a terminal only.
        terminal = _is_terminal(2)
        done = subprocess.run(  # noqa: S603
            [program, "-q", "-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(message)],
            stdout=subprocess.DEVNULL,
            stderr=None if terminal else subprocess.PIPE,
            check=False,
        )
        signature = message.with_name("manifest.sig")
        if done.returncode == 0 and signature.is_file():
            return signature.read_bytes()
    why = "its words stand above" if terminal else _words(done.stderr) or "it does not say why"
    raise UsageError(f"{key}: {_PROGRAM} could not sign with this key: {why}")


def check(content: bytes, signature: bytes, signer: Path | None = None) -> Signed:
    """Return who signed *content*.

    *signer* is an OpenSSH `allowed_signers` file, or a public key (`.pub`). Without one any key
    will do, and it only shows that what is signed has not changed since.

    Raises SignatureError when *signature* is not one of *content*, or by none of these keys, and
    UsageError when it cannot be checked.
    """
    program = _program()
    allowed = _allowed(signer) if signer else b""
    if signature != _armoured(signature):
        raise SignatureError("it is not in the form of an SSH signature")
    with _written(signature=signature, allowed=allowed) as (sig, keys):
        valid = ["-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(sig)]
        fingerprint = _said(_run([program, *valid], content))
        if signer is None:
            return Signed(fingerprint)
        found = _run([program, "-Y", "find-principals", "-s", str(sig), "-f", str(keys)], b"")
        names = found.stdout.decode("utf-8", "replace").splitlines()
        if found.returncode or not names:
            raise SignatureError(f"the key {fingerprint} is not in {signer}")
        verify = [program, "-Y", "verify", "-n", NAMESPACE, "-f", str(keys), "-s", str(sig), "-I"]
        for name in dict.fromkeys(each for line in names for each in line.split(",")):
            done = _run([*verify, name], content)
            if done.returncode == 0:
                return Signed(fingerprint, name)
        raise SignatureError(
            f"{signer} does not allow the key {fingerprint}: {_words(done.stderr)}"
        )


def _program() -> str:
    program = shutil.which(_PROGRAM)
    if program is None:
        raise UsageError(
            f"{_PROGRAM} is not installed, which makes and checks signatures; install OpenSSH "
            "8.2 or newer (Debian, Ubuntu: openssh-client; Fedora: openssh; Windows: the optional "
            "feature OpenSSH Client)"
        )
    return program


def _is_terminal(handle: int) -> bool:
    try:
        return os.isatty(handle)
    except OSError:
        return False


def _run(command: Sequence[str], message: bytes) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603
            command, input=message, capture_output=True, check=False, timeout=_PATIENCE
        )
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"{_PROGRAM} did not answer within {_PATIENCE} seconds") from error


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the fingerprint that a successful check names."""
    if done.returncode:
        raise SignatureError(_words(done.stderr) or "the signature does not fit")
    match = _FINGERPRINT.search(done.stdout.decode("utf-8", "replace"))
    if match is None:
        raise SignatureError(f"{_PROGRAM} names no key")
    return match[1]


def _words(printed: bytes) -> str:
    """Return what the program printed, on one line."""
    lines = printed.decode("utf-8", "replace").splitlines()
    return "; ".join(line.strip() for line in lines if line.strip())


def _armoured(signature: bytes) -> bytes:
    """Return what is in *signature* as OpenSSH writes it, or nothing when it is in another form.

    Spaces and unused bits can be changed without the program noticing; there is one form only.
    """
    if len(signature) > LARGEST:
        return b""
    inner = signature.removeprefix(_BEGIN).removesuffix(_END).replace(b"\n", b"")
    try:
        text = base64.b64encode(base64.b64decode(inner, validate=True))
    except binascii.Error:
        return b""
    lines = (text[start : start + _COLUMNS] + b"\n" for start in range(0, len(text), _COLUMNS))
    return _BEGIN + b"".join(lines) + _END


def _allowed(signer: Path) -> bytes:
    """Return the file of trusted keys at *signer* as an `allowed_signers` file."""
    try:
        if signer.stat().st_size > _LARGEST_SIGNERS or not signer.is_file():
            raise UsageError(f"{signer}: not a file of keys")
        text = signer.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{signer}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{signer}: not a file of keys") from error
    if "PRIVATE KEY" in text:
        raise UsageError(f"{signer}: a private key; name the public one, {signer}.pub")
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if not lines:
        raise UsageError(f"{signer}: no keys in it")
    made = []
    for line in lines:
        key = _PUBLIC_KEY.fullmatch(line)
        made.append(f'{NAMESPACE} namespaces="{NAMESPACE}" {key[1]}' if key else line)
    return "".join(f"{line}\n" for line in made).encode()


@contextmanager
def _written(*, signature: bytes, allowed: bytes) -> Iterator[tuple[Path, Path]]:
    """Yield the files that the program reads."""
    with tempfile.TemporaryDirectory(prefix="expatlod-") as folder:
        paths = Path(folder) / "signature", Path(folder) / "allowed_signers"
        for path, content in zip(paths, (signature, allowed), strict=True):
            path.write_bytes(content)
        yield paths
