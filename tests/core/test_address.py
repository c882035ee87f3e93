"""Addresses to listen on, and the URL of the application."""

import pytest

from sidecar.core.address import TcpAddress, UnixAddress, Upstream, read_address, read_upstream


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:8080", TcpAddress("127.0.0.1", 8080)),
        ("localhost:0", TcpAddress("localhost", 0)),
        ("[::1]:443", TcpAddress("::1", 443)),
        ("unix:/run/sidecar.sock", UnixAddress("/run/sidecar.sock")),
    ],
)
def test_given_an_address_when_it_is_read_then_it_is_written_the_same(
    text: str, expected: TcpAddress | UnixAddress
) -> None:
    assert read_address(text) == expected
    assert str(read_address(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "8080", ":8080", "host:", "host:x", "host:65536", "::1:80", "[::g]:80", "[1.2.3.4]:80"]
    + ["a b:80", "host:\u0661", "unix:", "unix:run/x", "unix:/" + "x" * 107, "unix:/a\0b"],
)
def test_given_anything_else_when_it_is_read_then_the_forms_are_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"must|longer"):
        read_address(text)


@pytest.mark.parametrize(
    ("text", "expected", "authority"),
    [
        ("http://app:3000", Upstream("http", TcpAddress("app", 3000)), "app:3000"),
        ("http://app:3000/", Upstream("http", TcpAddress("app", 3000)), "app:3000"),
        ("https://app", Upstream("https", TcpAddress("app", 443)), "app"),
        ("http://[::1]", Upstream("http", TcpAddress("::1", 80)), "[::1]"),
        ("unix:/run/app", Upstream("http", UnixAddress("/run/app")), "localhost"),
        ("unix:///run/app", Upstream("http", UnixAddress("/run/app")), "localhost"),
    ],
)
def test_given_an_upstream_when_it_is_read_then_scheme_port_and_authority_are_known(
    text: str, expected: Upstream, authority: str
) -> None:
    upstream = read_upstream(text)

    assert upstream == expected
    assert upstream.authority == authority


@pytest.mark.parametrize(
    "text",
    ["app:3000", "ftp://app", "http://", "http://a:0", "http://a:99999", "http://a/base"]
    + ["http://a?x", "http://a/#", "http://bob:hunter2@a", "http://a b", "http://[::1"],
)
def test_given_no_origin_when_it_is_read_then_it_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be|port 0") as refused:
        read_upstream(text)

    assert "hunter2" not in str(refused.value)
