"""The parts of a Redis URL."""

from urllib.parse import urlsplit

import pytest

from sidecar.store.redis_url import fault_behind_host, hosts_of, path_of, split_redis_url


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


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("redis+sentinel://a,b/main/3", ("main", "3")),
        ("redis+sentinel://a/main", ("main", "")),
        ("redis://a/3", ("", "3")),
        ("redis://a", ("", "")),
        ("unix:///run/redis", ("", "")),
    ],
)
def test_given_a_path_then_it_holds_the_master_and_the_database_where_the_form_has_them(
    url: str, path: tuple[str, str]
) -> None:
    assert path_of(split_redis_url(url)) == path


@pytest.mark.parametrize(
    ("url", "is_right"),
    [
        ("redis://a/3?db=3", True),
        ("redis+sentinel://a/main/3?tls=true&sentinel_password=x", True),
        ("rediss://a?ssl_ca_certs=/a&ssl_cert_reqs=none", True),
        ("redis+cluster://a/0", True),
        ("redis://a/3?db=4", False),
        ("redis://a/three", False),
        ("redis://a?ssl_ca_certs=/a", False),
        ("redis+cluster://a/1", False),
    ],
)
def test_given_what_stands_behind_the_host_then_only_what_will_be_understood_is_right(
    url: str, is_right: bool
) -> None:
    assert (fault_behind_host(split_redis_url(url)) is None) == is_right
