import secrets
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.token import (
    ALPHABET,
    HANDLE_LENGTH,
    MAX_PARTITIONS,
    Credential,
    hash_secret,
    is_handle,
    new_handle,
    partition_of,
    read_token,
    write_token,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
KEYS = {"a": b"k" * 32, "b": b"K" * 32}
HANDLE = new_handle(NOW, 3, b"r" * 22)
SECRET = "s" * 43


def test_given_a_token_of_ours_then_it_says_which_session_and_the_hash_of_its_secret() -> None:
    token = write_token(HANDLE, SECRET, "a", KEYS["a"])

    assert read_token(token, KEYS) == Credential(HANDLE, hash_secret(SECRET))


def test_given_a_rotated_ring_then_tokens_of_the_older_key_are_still_read() -> None:
    tokens = [write_token(HANDLE, SECRET, key_id, key) for key_id, key in KEYS.items()]

    assert all(read_token(token, KEYS) for token in tokens)


def test_given_a_key_that_is_gone_then_its_tokens_are_not_genuine() -> None:
    token = write_token(HANDLE, SECRET, "a", KEYS["a"])

    assert read_token(token, {"b": KEYS["b"]}) is None


@given(st.data())
def test_s54_given_any_changed_character_then_the_token_is_not_genuine(data: st.DataObject) -> None:
    token = write_token(HANDLE, SECRET, "a", KEYS["a"])
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters().filter(lambda drawn: drawn != token[at]))

    assert read_token(token[:at] + letter + token[at + 1 :], KEYS) is None


@given(st.text())
def test_s54_whatever_the_text_reading_it_never_fails(text: str) -> None:
    assert read_token(text, KEYS) is None


@pytest.mark.parametrize(
    "text", ["", ".", "....", "1.a.b.c.d", "2.a.b.c.d", "1.a." + "h" * 30 + ".."]
)
def test_s54_given_what_only_resembles_a_token_then_it_is_none(text: str) -> None:
    assert read_token(text, KEYS) is None


@given(st.integers(0, MAX_PARTITIONS - 1), st.binary(min_size=22, max_size=22))
def test_given_any_partition_and_randomness_then_the_handle_names_the_partition(
    partition: int, randomness: bytes
) -> None:
    handle = new_handle(NOW, partition, randomness)

    assert is_handle(handle)
    assert partition_of(handle) == partition


@given(st.timedeltas(timedelta(milliseconds=1), timedelta(days=3650)))
def test_given_a_later_instant_then_its_handle_sorts_after(later: timedelta) -> None:
    first = new_handle(NOW, MAX_PARTITIONS - 1, b"\xff" * 22)
    second = new_handle(NOW + later, 0, b"\0" * 22)

    assert first < second


@pytest.mark.parametrize("text", ["", "h" * 29, "h" * 31, "h" * 29 + "*", "h" * 29 + "}", "é" * 30])
def test_s72_given_what_is_no_handle_then_it_never_becomes_part_of_a_key(text: str) -> None:
    assert not is_handle(text)


def test_given_too_little_randomness_then_no_handle_is_made() -> None:
    with pytest.raises(ValueError, match="22 random bytes"):
        new_handle(NOW, 0, b"r" * 21)


def test_given_many_handles_then_no_two_are_alike_and_their_alphabet_is_sorted() -> None:
    handles = {new_handle(NOW, 0, secrets.token_bytes(22)) for _ in range(10_000)}

    assert len(handles) == 10_000
    assert all(len(handle) == HANDLE_LENGTH for handle in handles)
    assert list(ALPHABET) == sorted(ALPHABET)
