"""Signatures: made with each kind of key by the real ssh-keygen, and good for nothing else."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from expatlod.errors import UsageError
from expatlod.signature import LARGEST, SignatureError, check, sign

CONTENT = b'{"release": "2026-11-22"}\n'

KINDS = {
    "ed25519": ("-t", "ed25519"),
    "rsa": ("-t", "rsa", "-b", "3072"),
    "ecdsa": ("-t", "ecdsa", "-b", "256"),
}


def made_key(folder: Path, kind: str = "ed25519", passphrase: str = "") -> Path:
    """Return a new private key; the public one stands beside it."""
    key = folder / f"key-{kind}"
    command = ["ssh-keygen", "-q", *KINDS[kind], "-N", passphrase, "-C", "", "-f", str(key)]
    subprocess.run(command, check=True)
    return key


def public(key: Path) -> Path:
    return key.with_name(f"{key.name}.pub")


def fingerprint(key: Path) -> str:
    """Return what ssh-keygen itself calls the key."""
    done = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(public(key))], check=True, capture_output=True, text=True
    )
    return done.stdout.split()[1]


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return made_key(tmp_path)


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An ssh-agent of this test's own."""
    socket = tmp_path / "agent"
    process = subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    # It says where it listens when it does.
    process.stdout.readline()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    yield
    process.terminate()
    process.wait()
    process.stdout.close()


# -- signing


@pytest.mark.parametrize("kind", KINDS)
def test_signature_of_each_kind_of_key_is_good(tmp_path: Path, kind: str) -> None:
    key = made_key(tmp_path, kind)

    assert check(CONTENT, sign(CONTENT, key), public(key)).fingerprint == fingerprint(key)


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_signature_is_the_same_each_time(tmp_path: Path, kind: str) -> None:
    key = made_key(tmp_path, kind)

    assert sign(CONTENT, key) == sign(CONTENT, key)


def test_signature_is_one_that_ssh_keygen_takes_by_itself(key: Path, tmp_path: Path) -> None:
    (tmp_path / "sig").write_bytes(sign(CONTENT, key))
    (tmp_path / "allowed").write_text(f"a@example.org {public(key).read_text()}")
    command = "ssh-keygen -Y verify -n expatlod -I a@example.org -f allowed -s sig"

    done = subprocess.run(command.split(), input=CONTENT, capture_output=True, cwd=tmp_path)

    assert done.returncode == 0


@pytest.mark.usefixtures("agent")
def test_key_that_only_the_agent_holds_signs(key: Path) -> None:
    subprocess.run(["ssh-add", "-q", str(key)], check=True)
    key.unlink()

    assert check(CONTENT, sign(CONTENT, public(key)), public(key)).principal == "expatlod"


def test_public_key_that_no_agent_holds_does_not_sign(
    key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    key.unlink()

    with pytest.raises(UsageError, match="could not sign with this key"):
        sign(CONTENT, public(key))


def test_passphrase_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = made_key(tmp_path, passphrase="open sesame")
    asking = tmp_path / "ask"
    asking.write_text("#!/bin/sh\necho open sesame\n")
    asking.chmod(stat.S_IRWXU)
    monkeypatch.setenv("SSH_ASKPASS", str(asking))
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")

    assert check(CONTENT, sign(CONTENT, key), public(key))


def test_key_is_neither_changed_nor_left_anywhere(
    key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = tmp_path / "tmp"
    working.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(working))
    before = key.read_bytes()

    sign(CONTENT, key)

    assert (key.read_bytes(), list(working.iterdir())) == (before, [])


@pytest.mark.parametrize("text", [b"", b"no key\n"])
def test_file_that_is_no_key_is_wrong_usage(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(text)
    path.chmod(0o600)

    with pytest.raises(UsageError, match=r"could not sign with this key: \w"):
        sign(CONTENT, path)


def test_key_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no key here"):
        sign(CONTENT, tmp_path / "key")


def test_without_openssh_it_is_said_what_to_install(
    key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(UsageError, match="openssh-client"):
        sign(CONTENT, key)


# -- checking


def test_without_a_trusted_key_the_fingerprint_is_told(key: Path) -> None:
    found = check(CONTENT, sign(CONTENT, key))

    assert (found.fingerprint, found.principal) == (fingerprint(key), "")


def test_content_that_changed_is_refused(key: Path) -> None:
    signature = sign(CONTENT, key)

    with pytest.raises(SignatureError):
        check(CONTENT + b" ", signature)


def test_another_key_is_refused(key: Path, tmp_path: Path) -> None:
    other = made_key(tmp_path, "ecdsa")

    with pytest.raises(SignatureError, match=r"the key SHA256:\S+ is not in "):
        check(CONTENT, sign(CONTENT, key), public(other))


def test_signature_for_another_purpose_is_refused(key: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    command = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", "file", "file"]
    subprocess.run(command, check=True, cwd=tmp_path)

    with pytest.raises(SignatureError, match="namespace"):
        check(CONTENT, (tmp_path / "file.sig").read_bytes(), public(key))


def test_file_of_trusted_keys_names_who_signed(key: Path, tmp_path: Path) -> None:
    other = made_key(tmp_path, "ecdsa")
    allowed = tmp_path / "allowed_signers"
    allowed.write_text(
        f"# who publishes\nothers@example.org {public(other).read_text()}"
        f'data@example.org namespaces="expatlod" {public(key).read_text()}'
    )

    assert check(CONTENT, sign(CONTENT, key), allowed).principal == "data@example.org"


@pytest.mark.parametrize(
    "options", ['namespaces="git"', 'valid-before="20200101"'], ids=["purpose", "time"]
)
def test_key_that_is_trusted_for_something_else_is_refused(
    key: Path, tmp_path: Path, options: str
) -> None:
    allowed = tmp_path / "allowed_signers"
    allowed.write_text(f"data@example.org {options} {public(key).read_text()}")

    with pytest.raises(SignatureError):
        check(CONTENT, sign(CONTENT, key), allowed)


def test_public_key_with_its_comment_is_taken(key: Path, tmp_path: Path) -> None:
    path = tmp_path / "publisher.pub"
    path.write_text(f"\n{public(key).read_text().strip()} data office\r\n")

    assert check(CONTENT, sign(CONTENT, key), path)


def test_each_change_of_one_bit_is_refused(key: Path) -> None:
    signature = sign(CONTENT, key)

    taken = []
    for place in range(len(signature)):
        changed = bytearray(signature)
        changed[place] ^= 1
        try:
            check(CONTENT, bytes(changed), public(key))
        except SignatureError:
            continue
        taken.append(place)

    assert taken == []


@pytest.mark.parametrize(
    "signature", [b"", b"\xff", b"-----BEGIN SSH SIGNATURE-----\n", b"A" * (LARGEST + 1)]
)
def test_what_is_no_signature_is_refused(signature: bytes) -> None:
    with pytest.raises(SignatureError):
        check(CONTENT, signature)


def test_spaces_around_a_signature_are_refused(key: Path) -> None:
    with pytest.raises(SignatureError, match="form"):
        check(CONTENT, sign(CONTENT, key) + b"\n")


@pytest.mark.parametrize("text", ["", "# nobody\n", "\udcff"], ids=["empty", "comment", "binary"])
def test_file_without_keys_is_wrong_usage(key: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "allowed"
    path.write_bytes(os.fsencode(text))

    with pytest.raises(UsageError):
        check(CONTENT, sign(CONTENT, key), path)


def test_private_key_as_a_trusted_key_is_wrong_usage(key: Path) -> None:
    with pytest.raises(UsageError, match="a private key"):
        check(CONTENT, sign(CONTENT, key), key)


def test_trusted_key_that_is_not_there_is_wrong_usage(key: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        check(CONTENT, sign(CONTENT, key), tmp_path / "no.pub")
