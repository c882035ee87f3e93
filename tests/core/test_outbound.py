"""Where webhooks may be sent: the public internet, and what the settings allow."""

from ipaddress import ip_network

import pytest

from sidecar.core.outbound import OutboundRules

PUBLIC = OutboundRules()
INSIDE = OutboundRules((ip_network("10.0.0.0/8"), ip_network("fd00::/8")))

NOT_PUBLIC = """
0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254
172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255
198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2001:0:53aa::1
2002:7f00:1:: 2002:a00:1:: 3fff::1 5f00::1 fc00::1 fd12::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1
localhost 2130706433 0x7f000001 0177.0.0.1 127.1 1.2.3 example.com 10.0.0.1/8 [::1]
""".split()


@pytest.mark.parametrize("address", [*NOT_PUBLIC, ""])
def test_given_an_address_that_is_not_public_then_it_may_not_be_reached(address: str) -> None:
    assert not PUBLIC.may_reach(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::5",
     "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"],
)  # fmt: skip
def test_given_a_public_address_then_it_may_be_reached(address: str) -> None:
    assert PUBLIC.may_reach(address)


@pytest.mark.parametrize(
    ("address", "may"),
    [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("64:ff9b::10.1.2.3", True), ("fd00::1", True),
     ("192.168.1.1", False), ("127.0.0.1", False), ("fc00::1", False), ("8.8.8.8", True)],
)  # fmt: skip
def test_given_networks_that_are_allowed_then_these_may_be_reached_too(
    address: str, may: bool
) -> None:
    assert INSIDE.may_reach(address) is may


@pytest.mark.parametrize(
    "url",
    [
        "", "ftp://example.com/", "http://example.com/", "//example.com", "example.com",
        "https://", "https:///path", "https://user@example.com/", "https://u:p@example.com/",
        "https://@example.com/", "https://example.com/#part", "https://exa mple.com/",
        "https://example.com\\@127.0.0.1/", "https://127.0.0.1/", "https://[::1]/",
        "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest", "https://localhost/",
        "https://db.localhost./", "https://example.com:99999/", "https://exämple.com/",
        "https://[fe80::1", "https://example.com/\n", "javascript:alert(1)", "https://-x.com/",
        "https://example.com/" + "a" * 2048,
    ],
)  # fmt: skip
def test_given_a_url_that_no_webhook_may_have_then_the_fault_is_said(url: str) -> None:
    assert PUBLIC.url_fault(url)


@pytest.mark.parametrize(
    "url",
    ["https://example.com", "https://hooks.example.com:8443/in?team=a%20b", "https://8.8.8.8/"],
)
def test_given_a_url_of_the_public_internet_then_there_is_no_fault(url: str) -> None:
    assert PUBLIC.url_fault(url) is None


def test_given_settings_that_allow_it_then_http_and_this_machine_may_be_used() -> None:
    rules = OutboundRules((ip_network("127.0.0.0/8"),), allow_http=True)

    assert rules.url_fault("http://localhost:9000/hook") is None
    assert rules.url_fault("http://127.0.0.1:9000/hook") is None
    assert rules.url_fault("http://10.0.0.1/")
