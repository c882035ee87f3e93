"""Names and addresses as text that sorts, alike in Python and in Lua."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from sidecar.core.listing import is_within
from sidecar.store import scripts
from sidecar.store.lexical import address_key, name_bounds, network_bounds, split_members

ADDRESSES = st.ip_addresses()
ODD = ["", "unix", "a host", "1.2.3", "1:2:3:4:5:6:7", "::g"]


@given(address=ADDRESSES, network=st.ip_addresses(), bits=st.integers(0, 32))
def test_given_a_network_when_its_range_is_made_then_it_holds_exactly_its_addresses(
    address: IPv4Address | IPv6Address, network: IPv4Address | IPv6Address, bits: int
) -> None:
    wanted = ip_network((network, bits), strict=False)
    lower, upper = network_bounds(wanted)
    client = ip_address(address)
    if isinstance(client, IPv6Address) and client.ipv4_mapped:
        client = client.ipv4_mapped  # as client addresses are kept

    member = f"{address_key(str(client))}{'h' * 30}0b"

    assert (lower <= member < upper) is is_within(str(client), wanted)


async def test_given_any_address_when_lua_reads_it_then_it_says_the_same_as_python(
    redis: Redis,
) -> None:
    script = scripts.of_source(
        "keys", "return address_key(ARGV[3]) or ''", "common", "session_index"
    )
    addresses = [str(IPv4Address(number)) for number in range(0, 2**32, 2**27 - 12345)]
    addresses += [str(IPv6Address(2**number - 1)) for number in range(129)]
    addresses += [str(IPv6Address(2**128 - 2**number)) for number in range(0, 129, 7)]
    addresses += ["1::", "::", "1::8", "2001:db8:0:1:1:1:1:1", "1:0:0:2::3"]
    for address in (*addresses, *ODD):
        found = await redis.eval(script.source, 2, "audit", "events", "base:", "{}", address)

        assert (found or b"").decode() == (address_key(address) or "")


@pytest.mark.parametrize("address", ODD)
def test_given_what_is_no_address_then_it_has_no_key(address: str) -> None:
    assert address_key(address) is None


@pytest.mark.parametrize(
    ("name", "begins"), [("alice", True), ("al", True), ("a", False), ("am", False), ("Al", False)]
)
def test_given_a_prefix_then_its_range_holds_the_names_that_begin_so(
    name: str, begins: bool
) -> None:
    bounds = name_bounds("al")
    assert bounds is not None
    lower, upper = (bound.encode() for bound in bounds)

    assert (lower <= f"{name}\0{'z' * 30}0b".encode() < upper) is begins


@pytest.mark.parametrize("prefix", ["a\0", "\ud800"])
def test_given_what_no_name_begins_with_then_there_is_no_range(prefix: str) -> None:
    assert name_bounds(prefix) is None


def test_given_a_member_when_it_is_split_then_its_parts_are_there() -> None:
    handle = b"h" * 30

    assert split_members([b"al\0" + handle + b"2a"]) == [(b"al\0", handle, "2a")]
