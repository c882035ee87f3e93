"""Which sessions a filter means, decided by their own fields."""

from ipaddress import ip_network

import pytest

from sidecar.core.listing import Network, SessionFilter, is_within, without_mapping
from sidecar.core.session import Kind
from sidecar.core.users import UserId
from tests.store.seeds import a_session


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        (SessionFilter(), True),
        (SessionFilter(user_id=UserId("u1")), True),
        (SessionFilter(user_id=UserId("u2")), False),
        (SessionFilter(username_prefix="ALI"), True),
        (SessionFilter(username_prefix="lice"), False),
        (SessionFilter(network=ip_network("192.0.2.0/24")), True),
        (SessionFilter(network=ip_network("192.0.2.8")), False),
        (SessionFilter(network=ip_network("::/0")), False),
        (SessionFilter(kind=Kind.BROWSER), True),
        (SessionFilter(kind=Kind.AGENT), False),
        (SessionFilter(UserId("u1"), "al", ip_network("192.0.2.7"), Kind.BROWSER), True),
        (SessionFilter(UserId("u1"), "al", ip_network("192.0.2.7"), Kind.AGENT), False),
    ],
)
def test_given_a_filter_when_a_session_is_compared_then_all_parts_must_match(
    wanted: SessionFilter, matches: bool
) -> None:
    assert wanted.matches(a_session(ip_address="192.0.2.7")) is matches


def test_given_blanks_for_a_name_when_the_filter_is_asked_then_it_is_empty() -> None:
    assert SessionFilter(username_prefix=" ").is_empty
    assert SessionFilter().is_empty
    assert not SessionFilter(kind=Kind.AGENT).is_empty


def test_given_a_filter_when_it_is_audited_then_it_says_what_was_asked() -> None:
    wanted = SessionFilter(username_prefix="al", network=ip_network("10.0.0.0/8"), kind=Kind.AGENT)

    assert str(wanted) == "name=al ip=10.0.0.0/8 kind=agent"
    assert str(SessionFilter()) == "everyone"


@pytest.mark.parametrize("address", ["unix", "", "a host"])
def test_given_what_is_no_address_when_it_is_compared_then_it_is_in_no_network(
    address: str,
) -> None:
    assert not is_within(address, ip_network("0.0.0.0/0"))


@pytest.mark.parametrize(
    ("network", "plain"),
    [
        (ip_network("::ffff:10.0.0.0/104"), ip_network("10.0.0.0/8")),
        (ip_network("::ffff:192.0.2.1"), ip_network("192.0.2.1")),
        (ip_network("2001:db8::/32"), ip_network("2001:db8::/32")),
        (ip_network("::/0"), ip_network("::/0")),
        (ip_network("10.0.0.0/8"), ip_network("10.0.0.0/8")),
    ],
)
def test_given_ipv4_written_as_ipv6_when_it_is_asked_for_then_it_is_ipv4(
    network: Network, plain: Network
) -> None:
    assert without_mapping(network) == plain
