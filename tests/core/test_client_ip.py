"""Only what trusted proxies appended is believed (cases S-08, S-09)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.client_ip import TrustedNets, client_address, peer_address

TRUSTED = TrustedNets.parse(["10.0.0.0/8", "fd00::/8", "unix"])
NOBODY = TrustedNets()

addresses = st.one_of(
    st.ip_addresses(v=4).map(str), st.ip_addresses(v=6, network="2001:db8::/32").map(str)
)


def test_s06_given_nobody_is_trusted_then_the_field_is_ignored() -> None:
    assert client_address("203.0.113.9", [b"1.1.1.1"], NOBODY) == "203.0.113.9"
    assert not NOBODY


def test_s06_given_an_untrusted_peer_then_the_field_is_ignored() -> None:
    assert client_address("203.0.113.9", [b"1.1.1.1"], TRUSTED) == "203.0.113.9"


@pytest.mark.parametrize(
    ("fields", "client"),
    [
        ([], "10.0.0.1"),
        ([b"203.0.113.9"], "203.0.113.9"),
        ([b"1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        ([b"1.1.1.1", b"203.0.113.9", b"10.0.0.2"], "203.0.113.9"),
        ([b"203.0.113.9 ,\t10.0.0.2,fd00::1"], "203.0.113.9"),
        ([b"::ffff:203.0.113.9"], "203.0.113.9"),
        ([b"203.0.113.9, ::ffff:10.0.0.2"], "203.0.113.9"),
        ([b"[2001:DB8:0::1]:443"], "2001:db8::1"),
        ([b"[2001:db8::1]"], "2001:db8::1"),
        ([b"203.0.113.9:1234"], "203.0.113.9"),
        ([b"10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ([b"1.1.1.1," * 100 + b"203.0.113.9"], "203.0.113.9"),
    ],
)
def test_s09_given_a_trusted_peer_then_the_first_untrusted_address_from_the_right_is_the_client(
    fields: list[bytes], client: str
) -> None:
    assert client_address("10.0.0.1", fields, TRUSTED) == client


@pytest.mark.parametrize(
    "garbage",
    [
        b"a",
        b"",
        b"unknown",
        b"_hidden",
        b"1.2.3",
        b"1.2.3.4.5",
        b"01.2.3.4",
        b"999.1.1.1",
        b"x" * 10_000,
        b"[::1",
        b"[1.2.3.4]",
        b"::1]:80",
        b"1.2.3.4:x",
        b"1.2.3.4:123456",
        b"\xff",
        b"unix",
        b"1.1.1.1 2",
        b"1.1.1.1\xc2\xa0",
    ],
)
def test_s08_given_garbage_then_the_last_address_that_was_vouched_for_is_the_client(
    garbage: bytes,
) -> None:
    assert client_address("10.0.0.1", [b"1.1.1.1, " + garbage], TRUSTED) == "10.0.0.1"
    assert client_address("10.0.0.1", [garbage, b"10.0.0.7"], TRUSTED) == "10.0.0.7"


def test_s08_given_ten_thousand_entries_of_our_own_proxies_then_the_walk_ends() -> None:
    fields = [b"203.0.113.9" + b",10.0.0.2" * 10_000]

    assert client_address("10.0.0.1", fields, TRUSTED) == "10.0.0.2"


@pytest.mark.parametrize("peer", [None, ""])
def test_s09_given_a_unix_socket_then_its_peer_is_trusted_only_if_that_is_said(
    peer: str | None,
) -> None:
    assert client_address(peer, [b"203.0.113.9"], TRUSTED) == "203.0.113.9"
    assert (
        client_address(peer, [b"203.0.113.9"], TrustedNets.parse(["::/0", "0.0.0.0/0"])) == "unix"
    )
    assert client_address(peer, [], TRUSTED) == "unix"


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("2001:DB8::0:1", "2001:db8::1"),
        (None, "unix"),
    ],
)
def test_given_a_peer_then_its_address_has_one_form(peer: str | None, address: str) -> None:
    assert peer_address(peer) == address


def test_given_a_mapped_peer_then_it_is_trusted_like_its_ipv4_address() -> None:
    assert TRUSTED.trusts("::ffff:10.1.2.3")
    assert not TRUSTED.trusts("::ffff:11.1.2.3")


@pytest.mark.parametrize("entry", ["10.0.0.1/8", "localhost", "", "10.0.0.0/33"])
def test_given_an_entry_that_is_no_network_then_it_is_a_fault(entry: str) -> None:
    with pytest.raises(ValueError, match="not a network"):
        TrustedNets.parse([entry])


@given(st.lists(addresses, max_size=5), addresses)
def test_whatever_a_client_claims_the_address_that_our_proxy_saw_wins(
    claimed: list[str], seen: str
) -> None:
    fields = [", ".join([*claimed, seen]).encode()]

    assert client_address("10.0.0.1", fields, TRUSTED) in (
        seen,
        "10.0.0.1",
        *(claimed if seen in TRUSTED else []),
    )
    if seen not in TRUSTED:
        assert client_address("10.0.0.1", fields, TRUSTED) == seen


@given(st.lists(st.binary(max_size=80), max_size=5))
def test_whatever_the_field_says_the_client_has_an_address(fields: list[bytes]) -> None:
    assert peer_address(address := client_address("10.0.0.1", fields, TRUSTED)) == address


def test_given_more_addresses_than_a_table_holds_then_each_is_still_read_right() -> None:
    for number in range(5000):
        address = f"198.{number // 250}.{number % 250}.7"
        assert client_address("10.0.0.1", [address.encode()], TRUSTED) == address
