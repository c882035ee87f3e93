"""ASVS 7.2.3: secrets and handles are drawn by a CSPRNG, are unique, and no character is favoured.

The bounds are ten standard deviations wide: fair randomness misses one of them less than once in
10^20 runs, while one lost bit misses it by hundreds.
"""

import secrets
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from math import sqrt

from sidecar.core.token import ALPHABET, HANDLE_LENGTH, new_handle

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MANY = 120_000


def assert_even(texts: Iterable[str]) -> None:
    """Count each character of the alphabet over all texts, against what chance allows."""
    counts = Counter("".join(texts))
    total = counts.total()
    expected = total / len(ALPHABET)
    deviation = sqrt(total * (1 / len(ALPHABET)) * (1 - 1 / len(ALPHABET)))
    assert set(counts) == set(ALPHABET)
    for character, count in counts.items():
        assert abs(count - expected) < 10 * deviation, character


def test_given_many_handles_of_one_instant_when_they_are_compared_then_no_two_are_alike() -> None:
    made = {new_handle(NOW, 0, secrets.token_bytes(22)) for _ in range(MANY)}

    assert len(made) == MANY
    assert {len(handle) for handle in made} == {HANDLE_LENGTH}


def test_given_many_handles_when_their_characters_are_counted_then_none_is_favoured() -> None:
    made = [new_handle(NOW, 0, secrets.token_bytes(22))[-22:] for _ in range(MANY)]

    assert_even(made)
    for place in (0, 11, 21):
        assert_even(handle[place] for handle in made)


def test_given_each_random_byte_when_it_is_laid_out_then_each_character_comes_up_four_times() -> (
    None
):
    for place in range(22):
        octets = [bytearray(22) for _ in range(256)]
        for value, one in enumerate(octets):
            one[place] = value

        counts = Counter(new_handle(NOW, 0, bytes(one))[8 + place] for one in octets)

        assert counts == dict.fromkeys(ALPHABET, 4)


def test_given_many_secrets_when_they_are_compared_then_unique_and_no_character_is_favoured() -> (
    None
):
    made = [secrets.token_urlsafe(32) for _ in range(MANY)]

    assert len(set(made)) == MANY
    assert {len(secret) for secret in made} == {43}
    # The last character carries four bits only.
    assert_even(secret[:42] for secret in made)
