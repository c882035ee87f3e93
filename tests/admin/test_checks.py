"""What types cannot say of input is checked by hand, and the member at fault is named."""

from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from msgspec import UNSET

from sidecar.admin.checks import (
    check_name,
    check_password,
    check_person,
    filter_of,
    instant_of,
    network_of,
)
from sidecar.core.call_refusal import CallRefused
from sidecar.core.listing import SessionFilter
from sidecar.core.passwords import WeakBecause
from sidecar.core.policy import Policy
from sidecar.core.session import Kind
from sidecar.core.users import UserId


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("203.0.113.9", "203.0.113.9/32"),
        ("203.0.113.9/24", "203.0.113.0/24"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:db8::1", "2001:db8::1/128"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("::ffff:203.0.113.9", "203.0.113.9/32"),
    ],
)
def test_given_an_address_or_a_network_when_it_is_read_then_it_is_that_network(
    text: str, network: str
) -> None:
    assert network_of(text) == ip_network(network)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "300.1.1.1",
        "203.0.113.9/33",
        "203.0.113.9/-1",
        "203.0.113.9/",
        "203.0.113.0/255.255.255.0",
        "203.0.113.9/٢٤",
        "fe80::1%eth0",
        "1",
        "*",
        "203.0.113.*",
    ],
)
def test_given_what_is_no_address_when_it_is_read_then_the_member_is_named(text: str) -> None:
    with pytest.raises(CallRefused) as refused:
        network_of(text)

    assert list(refused.value.faults) == ["ip"]


def test_given_parts_of_a_filter_when_they_are_put_together_then_the_rest_matches_all() -> None:
    assert filter_of(UNSET, UNSET, UNSET, UNSET) == SessionFilter()
    assert filter_of("u1", "ma", "10.0.0.0/8", Kind.AGENT) == SessionFilter(
        UserId("u1"), "ma", network_of("10.0.0.0/8"), Kind.AGENT
    )


def test_given_an_instant_when_it_is_read_then_it_is_utc_or_its_member_is_named() -> None:
    assert instant_of("from", UNSET) is None
    assert instant_of("from", "2026-01-31T09:30:00Z") == datetime(2026, 1, 31, 9, 30, tzinfo=UTC)

    with pytest.raises(CallRefused) as refused:
        instant_of("from", "yesterday")
    assert list(refused.value.faults) == ["from"]


@pytest.mark.parametrize("name", ["   ", "a\nb", "a@b@c", "\u202egnp"])
def test_given_a_name_that_nobody_may_have_then_it_is_refused(name: str) -> None:
    with pytest.raises(CallRefused) as refused:
        check_name(name)

    assert list(refused.value.faults) == ["username"]


def test_given_invisible_characters_in_a_person_then_each_member_is_named() -> None:
    check_person("Ruth Ångström", "ruth@example.com", ["Küche", "ops team"])
    check_person(UNSET, UNSET, UNSET)

    with pytest.raises(CallRefused) as refused:
        check_person("a\u200bb", "a\r\nX-Role: owner", ["ok", "a\nb", " "])

    assert list(refused.value.faults) == ["displayName", "email", "groups.1", "groups.2"]


def test_given_a_password_that_is_mostly_the_name_then_it_is_refused() -> None:
    check_password("new", "a lantern over the harbour", Policy(), "rut", "")

    with pytest.raises(CallRefused) as refused:
        check_password("new", "alexandra-alexandra", Policy(), "alexandra", "")

    assert refused.value.weak_member == "new"
    assert [because for because, _ in refused.value.weak] == [WeakBecause.ABOUT]


def test_s_79_given_a_password_that_none_can_be_then_it_is_too_large() -> None:
    with pytest.raises(CallRefused) as refused:
        check_password("new", "x" * 1025, Policy())

    assert refused.value.code == "payload_too_large"
