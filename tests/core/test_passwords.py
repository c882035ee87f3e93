import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.passwords import (
    check_password_rules,
    is_common,
    is_too_long_to_read,
    normalize_password,
)
from sidecar.core.policy import PasswordPolicy

DEFAULT = PasswordPolicy()
NIST = PasswordPolicy(profile="nist-rev4")
FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    "password",
    [
        "password123456",
        "Password1234!",
        "P4ssw0rd!2024",
        "passwordpassword",
        "adminadminadmin",
        "Administrator1",
        "4dm1n1str4t0r!",
        "iloveyou1234",
        "letmein-letmein",
        "qwertyuiop12",
        "1q2w3e4r5t6y",
        "123456789012",
        "111111111111",
        "aaaaaaaaaaaa",
        "abcdefghijkl",
        "ytrewqpoiuyt",
        "sunshine2023",
        "Summer01.01.2024",
        "welcome!!!!!",
        "------------",
        "changeme12345",
    ],
)
def test_given_a_common_password_in_any_dress_then_it_is_refused(password: str) -> None:
    assert any("common" in fault for fault in check_password_rules(password, DEFAULT))


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "é" * 15,
        "   spaces  inside   ",
        "🐘🌊🎻🧀🚲🌵🪁🎲🧭🪵🍋🧵",
        "owner-password-1",
        "x9#kQ2!vLp0z",
        "The 12 lamps of Ostrava",
        "kvetina na balkone",
        "b" * 64,
        "ż" * 128,
        "q" * 256,
        "summer dragon monkey violin",
    ],
)
def test_given_a_password_that_nobody_tries_first_then_it_may_be_set(password: str) -> None:
    assert check_password_rules(password, DEFAULT, ["alice", "wiki.example.com"]) == []


@pytest.mark.parametrize(
    "password",
    [
        "alice-alice-1",
        "Al1ceAl1ce2024",
        "wiki.example.com",
        "wikiexamplecom1",
        "example.com-2024!",
        "sidecar-sidecar",
        "SessionSidecar1",
        "alice@wiki12345",
    ],
)
def test_given_a_password_built_of_its_context_then_it_is_refused(password: str) -> None:
    faults = check_password_rules(password, DEFAULT, ["alice", "wiki.example.com"])

    assert any("name" in fault for fault in faults)


def test_given_the_length_limits_then_code_points_after_nfc_are_counted() -> None:
    assert check_password_rules("eleven-char", DEFAULT) == ["Use at least 12 characters."]
    assert check_password_rules("twelve-chars", DEFAULT) == []
    assert check_password_rules("e\u0301" * 11, DEFAULT) == ["Use at least 12 characters."]
    assert check_password_rules("e\u0301z" * 128, DEFAULT) == []
    assert check_password_rules("z\u00e9" * 128 + "z", DEFAULT) == ["Use at most 256 characters."]


def test_given_the_profile_of_the_standard_then_fifteen_characters_are_asked() -> None:
    assert check_password_rules("fourteen-chars", NIST) == ["Use at least 15 characters."]
    assert check_password_rules("fifteen-chars-x", NIST) == []


def test_given_more_than_1024_bytes_then_nothing_else_is_looked_at() -> None:
    assert check_password_rules(FAMILY * 50, DEFAULT) == ["Use at most 1024 bytes."]
    assert is_too_long_to_read("ä" * 513)
    assert not is_too_long_to_read("ä" * 512)


def test_given_bytes_that_are_no_text_then_the_password_is_refused() -> None:
    assert check_password_rules("\ud800 is no character", DEFAULT)
    assert check_password_rules("a null \0 inside it", DEFAULT)


def test_given_two_spellings_of_one_text_then_they_are_one_password() -> None:
    assert normalize_password("re\u0301sume\u0301") == normalize_password("r\u00e9sum\u00e9")
    assert normalize_password(" Kept As It Is ") == " Kept As It Is "


@given(st.text(max_size=300))
def test_given_any_text_then_the_rules_answer(password: str) -> None:
    faults = check_password_rules(password, DEFAULT, [password[:20]])

    assert all(fault.endswith(".") for fault in faults)


@given(st.integers(0, 9999), st.sampled_from(["password", "Welcome", "QWERTY", "dr4g0n"]))
def test_given_a_common_word_and_four_digits_then_it_is_common(number: int, word: str) -> None:
    assert is_common(f"{word}{number:04}")
