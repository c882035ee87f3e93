"""The parts of a Redis URL."""

from urllib.parse import urlsplit

import pytest

from sidecar.store.redis_url import hosts_of, split_redis_url


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "REDIS://me:p%40ss@[::1]:6380/3?ssl_ca_certs=/a/b",
        "unix:///run/redis.sock?db=1",
        "redis+cluster://:pw@one:7000,two:7001?tls=true",
        "redis+sentinel://one,two/main?db=3#part",
    ],
)
def test_given_a_url_that_urlsplit_knows_then_its_parts_are_the_same(url: str) -> None:
    assert split_redis_url(url) == urlsplit(url)


def test_given_several_hosts_when_a_later_one_is_of_ipv6_then_all_are_in_the_netloc() -> None:
    parts = split_redis_url("redis+sentinel://me:pw@one:1,[::1]:2,three/main?tls=true")

    assert parts.netloc == "me:pw@one:1,[::1]:2,three"
    assert (parts.path, parts.query) == ("/main", "tls=true")


def test_given_a_bracket_that_is_never_closed_then_it_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="IPv6"):
        split_redis_url("redis://[::1/3")


def test_given_hosts_with_and_without_ports_then_each_has_its_own_or_the_usual_one() -> None:
    parts = split_redis_url("redis+cluster://me:pw@one:1,[::1],three")

    assert hosts_of(parts, 7000) == [("one", 1), ("::1", 7000), ("three", 7000)]


@pytest.mark.parametrize("url", ["redis://", "redis://a,", "redis://a:0", "redis://a:x", "a:1"])
def test_given_a_host_that_is_none_then_it_is_a_value_error(url: str) -> None:
    with pytest.raises(ValueError, match=r"host:port|[Pp]ort"):
        hosts_of(split_redis_url(url), 1)
