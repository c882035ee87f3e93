"""What counts as one client."""

import pytest

from sidecar.core.client_network import network_of


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix", ""),
    ],
)
def test_given_an_address_then_what_one_line_has_counts_as_one(address: str, counted: str) -> None:
    assert network_of(address) == counted
