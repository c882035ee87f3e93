"""Only what can be the name of a host is one (case S-38)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.host import host_name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b"app.example", "app.example"),
        (b"APP.Example:8080", "app.example"),
        (b"app.example.", "app.example"),
        (b"app.example:", "app.example"),
        (b"127.0.0.1:80", "127.0.0.1"),
        (b"my_app", "my_app"),
        (b"[::1]:8080", "[::1]"),
        (b"[0:0:0:0:0:0:0:1]", "[::1]"),
    ],
)
def test_given_a_host_then_its_name_has_one_form(value: bytes, name: str) -> None:
    assert host_name(value) == name


@pytest.mark.parametrize(
    "value",
    [
        b"", b".", b":80", b"a b", b"x@y", b"good.com@evil.com", b"a..b", b".a", b"a/b", b"a?b",
        b"a#b",
        b"a\\b", b"a,b", b"a\x01b", b"a\tb", b"a%2fb", b"caf\xc3\xa9", b"a:b", b"a:99999", b"a:-1",
        b"a:1:2", b"[::1", b"::1", b"[::1]x", b"[fe80::1%25eth0]", b"[v1.a]", b"[\xff]", b"a" * 256,
        b"http://a", b"a:\xb2", b"<a>",
    ],
)  # fmt: skip
def test_s38_given_anything_else_then_there_is_no_host(value: bytes) -> None:
    assert host_name(value) is None


@given(st.binary(max_size=60))
def test_a_name_is_its_own_name_and_plain(value: bytes) -> None:
    name = host_name(value)

    if name is not None:
        assert host_name(name.encode()) == name
        assert name.isascii()
        assert not set(name) & set("@/\\?# ,%")


def test_given_more_hosts_than_the_table_holds_then_each_is_still_read_right() -> None:
    assert all(host_name(b"h%d.example" % n) == f"h{n}.example" for n in range(3000))
