"""Codes against the examples of RFC 6238, and what else the shape of one may be."""

from datetime import UTC, datetime, timedelta

import pytest

from sidecar.login.totp import address_of, is_code, matching_step, new_secret, secret_text

RFC_SECRET = b"12345678901234567890"
"""Of RFC 6238 appendix B, whose codes have eight digits: the last six are ours."""
RFC_CODES = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}


@pytest.mark.parametrize(("at", "code"), RFC_CODES.items())
def test_given_the_examples_of_the_rfc_then_each_is_the_code_of_its_step(at: int, code: str):
    now = datetime.fromtimestamp(at, UTC)

    assert matching_step(RFC_SECRET, code, now) == at // 30


def test_given_a_code_then_it_counts_one_step_before_and_behind_and_no_further():
    now = datetime.fromtimestamp(1111111109, UTC)

    at = [
        matching_step(RFC_SECRET, "081804", now + timedelta(seconds=30 * offset))
        for offset in (-2, -1, 0, 1, 2)
    ]

    step = 1111111109 // 30
    assert at == [None, step, step, step, None]


def test_given_a_step_that_is_used_up_then_its_code_is_wrong():
    now = datetime.fromtimestamp(1111111109, UTC)
    step = 1111111109 // 30

    assert matching_step(RFC_SECRET, "081804", now, step - 1) == step
    assert matching_step(RFC_SECRET, "081804", now, step) is None


@pytest.mark.parametrize(
    "text", ["", "12345", "1234567", "12345a", "１２３４５６", "abcd-efgh", "-12345"]
)
def test_given_what_is_no_code_then_it_matches_nothing(text: str):
    assert not is_code(text)
    assert matching_step(RFC_SECRET, text, datetime.fromtimestamp(59, UTC)) is None


def test_given_blanks_in_a_code_then_they_count_for_nothing():
    assert matching_step(RFC_SECRET, " 287 082 ", datetime.fromtimestamp(59, UTC)) == 1


def test_given_a_new_secret_then_it_is_as_long_as_the_hash_and_never_the_same():
    secrets = {new_secret() for _ in range(50)}

    assert len(secrets) == 50
    assert {len(secret) for secret in secrets} == {20}


def test_given_a_name_with_signs_then_the_address_says_it_and_the_issuer_safely():
    address = address_of(RFC_SECRET, "ann:o@example/ü", "wiki.example.com")

    assert address.startswith("otpauth://totp/wiki.example.com:ann%3Ao%40example/%C3%BC?")
    assert f"secret={secret_text(RFC_SECRET)}" in address
    assert "issuer=wiki.example.com" in address
