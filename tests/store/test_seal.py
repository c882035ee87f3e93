"""Secrets at rest, and the file of the secret."""

import stat
from pathlib import Path

import pytest

from sidecar.store.seal import SealBroken, SecretFileUnusable, read_secret, seal, secret_of, unseal

SECRET = b"s" * 32


def test_given_a_secret_when_something_is_sealed_then_only_it_opens_it() -> None:
    sealed = seal(SECRET, "keys", b"content")

    assert unseal(SECRET, "keys", sealed) == b"content"
    assert b"content" not in sealed
    assert seal(SECRET, "keys", b"content") != sealed
    for secret, purpose in ((b"t" * 32, "keys"), (SECRET, "other")):
        with pytest.raises(SealBroken):
            unseal(secret, purpose, sealed)


@pytest.mark.parametrize("position", [0, 5, 20, 30, -1])
def test_given_one_altered_byte_then_the_seal_is_broken(position: int) -> None:
    sealed = bytearray(seal(SECRET, "keys", b"content"))
    sealed[position] ^= 1

    with pytest.raises(SealBroken):
        unseal(SECRET, "keys", bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" * 20])
def test_given_what_was_never_sealed_then_the_seal_is_broken(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        unseal(SECRET, "keys", sealed)


def test_given_a_new_state_folder_then_its_secret_is_made_once_and_private(tmp_path: Path) -> None:
    first = secret_of(tmp_path / "state")

    assert secret_of(tmp_path / "state") == first
    assert len(first) == 64
    assert stat.S_IMODE((tmp_path / "state" / "secret").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "state").iterdir()] == ["secret"]


def test_given_a_file_with_a_line_end_then_it_is_no_part_of_the_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a" * 40 + "\n")

    assert read_secret(tmp_path / "secret") == b"a" * 40


def test_given_a_short_or_missing_secret_then_it_is_one_line_that_does_not_show_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "short").write_text("hunter2")

    with pytest.raises(SecretFileUnusable, match="at least 32 bytes") as short:
        read_secret(tmp_path / "short")
    with pytest.raises(SecretFileUnusable, match="no such file"):
        read_secret(tmp_path / "none")
    with pytest.raises(SecretFileUnusable, match="cannot make"):
        secret_of(tmp_path / "short")
    assert "hunter2" not in str(short.value)
