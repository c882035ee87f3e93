from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.return_to import LONGEST, safe_return_to
from tests.core.hostile_return_paths import EVIL, HOSTILE, ODD_BUT_OURS

NASTY = st.text(alphabet="/\\.%25cCfF09aA:@?#;&=\t\r\n \x00\x7f\u2028\uff0f\ud800", max_size=40)


def authority_of(location: str) -> str | None:
    """Return the authority that a browser would find in `location`, by the WHATWG states."""
    seen = location.strip("".join(map(chr, range(0x21))))
    seen = seen.translate({9: None, 10: None, 13: None}).replace("\\", "/")
    if not seen.startswith("/"):
        return urlsplit(seen).scheme or None
    return seen[2:].lstrip("/").split("/")[0] if seen.startswith("//") else None


def test_given_the_corpus_then_it_has_at_least_150_different_values() -> None:
    assert len(set(HOSTILE)) >= 150


@pytest.mark.parametrize("value", HOSTILE)
def test_s_82_given_a_hostile_return_path_then_the_home_path_is_taken(value: str) -> None:
    assert safe_return_to(value) == "/"


@pytest.mark.parametrize("value", ODD_BUT_OURS)
def test_s_82_given_an_odd_path_then_it_stays_on_this_origin(value: str) -> None:
    answer = safe_return_to(value)

    assert authority_of(answer) is None
    assert answer.startswith("/")


@pytest.mark.parametrize(
    "value",
    [
        "/",
        "/projects/atlas",
        "/a/b?x=1&y=/z",
        "/a?u=https://elsewhere.example/",
        "/a%20b",
        "/caf%C3%A9",
        "/page#part",
        "/a//b",
        "/?q=%0A",
    ],
)
def test_given_a_path_of_this_origin_then_it_is_kept_as_it_is(value: str) -> None:
    assert safe_return_to(value) == value


def test_given_no_value_then_the_home_path_is_taken() -> None:
    assert safe_return_to(None) == "/"


def test_given_letters_beyond_ascii_then_they_are_escaped_for_the_header() -> None:
    assert safe_return_to("/straße?q=ö\\x") == "/stra%C3%9Fe?q=%C3%B6%5Cx"


def test_given_a_path_that_grows_too_long_by_escaping_then_the_home_path_is_taken() -> None:
    assert safe_return_to("/" + "ö" * (LONGEST // 3)) == "/"


@given(st.one_of(NASTY, NASTY.map(lambda text: "/" + text), st.text()))
def test_given_any_text_then_the_answer_is_one_slash_and_plain_ascii(value: str) -> None:
    answer = safe_return_to(value)

    assert answer.startswith("/")
    assert not answer.startswith(("//", "/\\"))
    assert answer.isascii()
    assert answer.isprintable()
    assert " " not in answer
    assert authority_of(answer) is None
    assert len(answer) <= LONGEST


@given(st.one_of(NASTY.map(lambda text: "/" + text), st.text()))
def test_given_an_answer_then_asking_again_changes_nothing(value: str) -> None:
    answer = safe_return_to(value)

    assert safe_return_to(answer) == answer


def test_given_the_name_of_the_attacker_then_no_answer_has_it_as_authority() -> None:
    assert all(authority_of(safe_return_to(value)) != EVIL for value in HOSTILE + ODD_BUT_OURS)
