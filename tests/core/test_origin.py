import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.origin import is_origin, same_origin

OURS = "https://wiki.example.com"


def believed(
    origin: str | None = None, site: str | None = None, *, cookie: bool = True, bearer: bool = False
) -> bool:
    return same_origin(origin, site, OURS, cookie, bearer)


@pytest.mark.parametrize(
    "origin", [OURS, "https://WIKI.example.com", "https://wiki.example.com:443"]
)
def test_given_our_own_origin_then_the_call_is_believed(origin: str) -> None:
    assert believed(origin)


def test_given_the_browser_says_same_origin_then_the_call_is_believed() -> None:
    assert believed("null", "same-origin")
    assert believed(None, "same-origin")


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "https://evil.example",
        "http://wiki.example.com",
        "https://wiki.example.com:8443",
        "https://wiki.example.com.evil.example",
        "https://evil.example/https://wiki.example.com",
        "https://wiki.example.com@evil.example",
        "https://wiki.example.com/",
        "https://wiki.example.com, https://wiki.example.com",
        "https://wiki.example.com:99999",
        "https://wiki.example.com:abc",
        "//wiki.example.com",
        "https:wiki.example.com",
        "https://[::1",
        "\udcff",
    ],
)
@pytest.mark.parametrize("site", [None, "cross-site", "same-site", "none", "SAME-ORIGIN", ""])
def test_s_60_given_another_origin_or_none_then_the_call_is_refused(
    origin: str | None, site: str | None
) -> None:
    assert not believed(origin, site)


def test_given_a_bearer_token_and_no_cookie_then_the_call_is_believed() -> None:
    assert believed(None, None, cookie=False, bearer=True)
    assert not believed(None, None, cookie=True, bearer=True)
    assert not believed(None, None, cookie=False, bearer=False)


@pytest.mark.parametrize(
    ("origin", "public_url"),
    [
        ("http://[::1]:8080", "http://[::1]:8080/"),
        ("https://xn--mnchen-3ya.example", "https://münchen.example"),
        ("http://localhost", "http://localhost:80"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_given_another_spelling_of_the_public_address_then_it_is_the_same_origin(
    origin: str, public_url: str
) -> None:
    assert is_origin(origin, public_url)


@given(st.text(max_size=80))
def test_given_any_text_as_origin_then_only_ours_is_believed(origin: str) -> None:
    assert not believed(origin)
