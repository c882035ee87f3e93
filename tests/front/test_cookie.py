from datetime import timedelta
from http.cookies import SimpleCookie

import pytest

from sidecar.core.token import HANDLE_LENGTH, Token
from sidecar.front.cookie import CookieWriter

DAY = timedelta(hours=24)


def test_given_https_then_the_cookie_keeps_every_rule_of_the_host_prefix() -> None:
    value = CookieWriter("https://wiki.example.com").session_cookie(Token("1.a.b.c.d"), DAY)

    assert value.startswith("__Host-sidecar=1.a.b.c.d; ")
    morsel = SimpleCookie(value)["__Host-sidecar"]
    assert morsel["path"] == "/"
    assert morsel["secure"]
    assert morsel["httponly"]
    assert morsel["samesite"] == "Lax"
    assert morsel["max-age"] == "86400"
    assert morsel["domain"] == ""


def test_given_plain_http_then_the_cookie_is_plain_too() -> None:
    value = CookieWriter("http://127.0.0.1:8080").session_cookie(Token("1.a.b.c.d"), DAY)

    assert value == "sidecar=1.a.b.c.d; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize("url", ["https://wiki.example.com", "http://localhost"])
def test_given_a_cookie_to_clear_then_the_same_one_is_named_and_over(url: str) -> None:
    writer = CookieWriter(url)

    assert writer.clear_cookie().startswith(f"{writer.name}=; Max-Age=0; Path=/; HttpOnly")


def test_given_the_longest_token_then_name_and_value_stay_far_below_the_browsers_limit() -> None:
    token = Token(".".join(["1", "k" * 8, "h" * HANDLE_LENGTH, "s" * 43, "m" * 22]))

    pair = CookieWriter("https://x.example").session_cookie(token, DAY).partition(";")[0]

    assert len(pair) <= 200


def test_given_no_time_left_then_the_cookie_is_not_cleared_by_accident() -> None:
    value = CookieWriter("http://localhost").session_cookie(Token("t"), timedelta(0))

    assert "Max-Age=1;" in value


def test_given_the_ids_of_a_device_then_its_cookie_is_guarded_and_says_them_again() -> None:
    writer = CookieWriter("https://wiki.example.com")
    ids = ("a" * 22, "b" * 22)

    value = writer.device_cookie(ids, DAY)

    assert value.startswith("__Host-sidecar-device=")
    assert value.endswith("; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax; Secure")
    sent = f"theme=dark; {value.partition(';')[0]}; __Host-sidecar=1.a"
    assert writer.device_ids(sent) == ids
    assert writer.device_ids("theme=dark") == writer.device_ids(None) == ()
    assert writer.device_ids("__Host-sidecar-device=\udcff") == ()
