"""The token and the handle: what we wrote is read back, and nothing else is."""

import hmac
import string
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.session import Handle
from sidecar.core.token import (
    ALPHABET,
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
TOKEN = write_token(HANDLE, SECRET, "a", KEYS["a"])

instants = st.integers(0, 2_500_000_000_000_000).map(
    lambda passed: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=passed)
)
partitions = st.integers(0, MAX_PARTITIONS - 1)
randomness = st.binary(min_size=22, max_size=22)
handles = st.builds(new_handle, instants, partitions, randomness)
secrets = st.binary(min_size=32, max_size=32).map(
    lambda octets: urlsafe_b64encode(octets).rstrip(b"=").decode()
)
key_ids = st.text(string.ascii_letters + string.digits, min_size=1, max_size=12)
keys = st.binary(min_size=32, max_size=32)


@given(handles, secrets, key_ids, keys)
def test_given_any_token_that_we_write_when_it_is_read_then_it_names_session_and_secret(
    handle: Handle, secret: str, key_id: str, key: bytes
) -> None:
    token = write_token(handle, secret, key_id, key)

    assert read_token(token, {key_id: key}) == Credential(handle, hash_secret(secret))


def test_given_a_token_when_it_becomes_a_cookie_then_it_needs_no_quotes_and_stays_small() -> None:
    assert set(TOKEN) <= set(string.ascii_letters + string.digits + "-_.")
    assert len(TOKEN) < 130


@given(secrets)
def test_given_a_secret_when_it_is_hashed_then_neither_is_part_of_the_other(secret: str) -> None:
    hashed = hash_secret(secret)

    assert len(hashed) == 32
    assert secret.encode() not in hashed
    assert secret not in repr(Credential(HANDLE, hashed))


@given(keys, keys)
def test_given_a_rotated_ring_when_it_holds_both_keys_then_tokens_of_either_are_read(
    old: bytes, new: bytes
) -> None:
    ring = {"old": old, "new": new}

    credentials = [
        read_token(write_token(HANDLE, SECRET, key_id, key), ring) for key_id, key in ring.items()
    ]

    assert credentials == [Credential(HANDLE, hash_secret(SECRET))] * 2


def test_given_a_key_that_left_the_ring_when_its_token_is_read_then_it_is_not_genuine() -> None:
    assert read_token(TOKEN, {"b": KEYS["b"]}) is None


def test_given_a_key_id_of_another_key_when_the_token_is_read_then_it_is_not_genuine() -> None:
    assert read_token(TOKEN, {"a": KEYS["b"], "b": KEYS["a"]}) is None
    assert read_token(TOKEN.replace("1.a.", "1.b.", 1), KEYS) is None


@given(st.data())
def test_s54_given_one_changed_character_when_the_token_is_read_then_it_is_not_genuine(
    data: st.DataObject,
) -> None:
    at = data.draw(st.integers(0, len(TOKEN) - 1))
    letter = data.draw(st.characters().filter(lambda drawn: drawn != TOKEN[at]))

    assert read_token(TOKEN[:at] + letter + TOKEN[at + 1 :], KEYS) is None


def test_s54_given_each_place_of_a_token_when_its_letter_is_changed_then_it_is_refused() -> None:
    letters = string.ascii_letters + string.digits + "-_.="

    accepted = [
        (at, letter)
        for at in range(len(TOKEN))
        for letter in letters
        if letter != TOKEN[at] and read_token(TOKEN[:at] + letter + TOKEN[at + 1 :], KEYS)
    ]

    assert accepted == []


@given(st.integers(0, len(TOKEN)), st.text(min_size=1))
def test_s54_given_something_inserted_when_the_token_is_read_then_it_is_not_genuine(
    at: int, more: str
) -> None:
    assert read_token(TOKEN[:at] + more + TOKEN[at:], KEYS) is None


@given(st.integers(0, len(TOKEN) - 1))
def test_s54_given_a_token_that_was_cut_when_it_is_read_then_it_is_not_genuine(length: int) -> None:
    assert read_token(TOKEN[:length], KEYS) is None


@given(st.text() | st.lists(st.text(), min_size=5, max_size=5).map(".".join))
def test_s54_given_any_other_text_when_it_is_read_then_it_is_refused_without_an_error(
    text: str,
) -> None:
    assert read_token(text, KEYS) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "....",
        "1.a.b.c.d",
        TOKEN.replace("1.", "2.", 1),
        TOKEN.replace("1.", "01.", 1),
        f" {TOKEN}",
        f"{TOKEN} ",
        f"{TOKEN}=",
        f"{TOKEN}.",
        TOKEN.upper(),
        TOKEN + TOKEN,
        f"1.a.{HANDLE}.{SECRET}.",
        f"1..{HANDLE}.{SECRET}.{TOKEN[-22:]}",
        f"1.a.{HANDLE}..{TOKEN[-22:]}",
        "\udcff" * len(TOKEN),
        "\0" * len(TOKEN),
        "9" * 100_000,
    ],
)
def test_s54_given_what_only_resembles_a_token_when_it_is_read_then_it_is_refused(
    text: str,
) -> None:
    assert read_token(text, KEYS) is None


@pytest.mark.parametrize("secret", ["", "s" * 42, "s" * 44])
def test_given_a_secret_of_another_length_when_it_is_signed_by_us_then_it_is_still_refused(
    secret: str,
) -> None:
    assert read_token(write_token(HANDLE, secret, "a", KEYS["a"]), KEYS) is None


def test_given_a_token_when_its_mac_is_compared_then_in_constant_time_and_by_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[tuple[str, str]] = []

    def note(expected: str, given: str) -> bool:
        compared.append((expected, given))
        return True

    forged = TOKEN[:-22] + "A" * 22
    monkeypatch.setattr(hmac, "compare_digest", note)

    credential = read_token(forged, KEYS)

    # What the comparison says is believed: there is no other one that could leak by its time.
    assert compared == [(TOKEN[-22:], "A" * 22)]
    assert credential == Credential(HANDLE, hash_secret(SECRET))


@given(instants, partitions, randomness)
def test_given_any_partition_when_a_handle_is_made_then_it_names_the_partition(
    now: datetime, partition: int, octets: bytes
) -> None:
    handle = new_handle(now, partition, octets)

    assert is_handle(handle)
    assert partition_of(handle) == partition


@given(instants, st.integers(1, 10**11))
def test_given_a_later_instant_when_a_handle_is_made_then_it_sorts_after(
    now: datetime, milliseconds: int
) -> None:
    whole = now.replace(microsecond=now.microsecond // 1000 * 1000)
    first = new_handle(whole, MAX_PARTITIONS - 1, b"\xff" * 22)
    second = new_handle(whole + timedelta(milliseconds=milliseconds), 0, b"\0" * 22)

    assert first < second


def test_given_one_millisecond_after_another_when_handles_are_made_then_each_sorts_after() -> None:
    start = datetime(2026, 12, 31, 23, 59, 58, tzinfo=UTC)

    made = [
        new_handle(start + timedelta(milliseconds=passed), 0, b"r" * 22) for passed in range(3000)
    ]

    assert made == sorted(set(made))


def test_given_the_alphabet_when_it_is_sorted_as_redis_does_then_nothing_changes() -> None:
    assert list(ALPHABET.encode()) == sorted(set(ALPHABET.encode()))
    assert len(ALPHABET) == MAX_PARTITIONS == 64


@pytest.mark.parametrize(
    "text",
    ["", "h" * 29, "h" * 31, "h" * 29 + "*", "h" * 29 + "}", "h" * 29 + ":", "h" * 29 + "\n"]
    + ["é" * 30, "٣" * 30, "{p00}" * 6],
)
def test_s72_given_what_is_no_handle_when_it_is_asked_then_it_never_becomes_part_of_a_key(
    text: str,
) -> None:
    assert not is_handle(text)


@pytest.mark.parametrize("count", [0, 21, 23])
def test_given_another_amount_of_randomness_when_a_handle_is_made_then_it_is_refused(
    count: int,
) -> None:
    with pytest.raises(ValueError, match="22 random bytes"):
        new_handle(NOW, 0, b"r" * count)
