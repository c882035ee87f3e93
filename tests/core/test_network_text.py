"""Whatever the pattern of networks matches is one, and every network in its usual form matches."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.network_text import NETWORK_PATTERN, read_network

ASCII = st.characters(codec="ascii")


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("203.0.113.9", "203.0.113.9/32"),
        ("203.0.113.9/24", "203.0.113.0/24"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("::", "::/128"),
        ("::ffff:203.0.113.9", "203.0.113.9/32"),
        ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
    ],
)
def test_given_an_address_or_a_network_when_it_is_read_then_it_is_that(
    text: str, network: str
) -> None:
    assert read_network(text) == ip_network(network)


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.2.3", "01.2.3.4", "1.2.3.4/33", "1.2.3.4/08", "1.2.3.0/255.255.255.0", "1.2.3.4 "]
    + ["fe80::1%eth0", ":::", "1::2::3", "2001:db8::/129", "1.2.3.4\n", "１.2.3.4"],
)
def test_given_anything_else_when_it_is_read_then_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        read_network(text)


@given(st.from_regex(NETWORK_PATTERN, fullmatch=True, alphabet=ASCII))
def test_given_what_the_pattern_matches_when_it_is_read_then_it_is_a_network(text: str) -> None:
    assert read_network(text).prefixlen >= 0


@given(st.ip_addresses())
def test_given_any_address_when_it_is_read_in_any_form_then_it_is_that_one(
    address: IPv4Address | IPv6Address,
) -> None:
    short, long = read_network(str(address)), read_network(address.exploded.upper())

    assert short == long
