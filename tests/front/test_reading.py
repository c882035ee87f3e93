import asyncio
import secrets
from typing import cast

import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_parser import HttpRequestParser

from sidecar.core.client_ip import TrustedNets
from sidecar.core.cookies import CookieTable
from sidecar.core.refusals import Refusal
from sidecar.core.token import Token, hash_secret, new_handle, write_token
from sidecar.core.trace_context import Trace
from sidecar.front.reading import Head, Reader, ReadingRules
from tests.store.seeds import NOW, random_bytes

RING = {"k1": b"k" * 32}
SECRET = secrets.token_urlsafe(32)
HANDLE = new_handle(NOW, 0, random_bytes())
TOKEN: Token = write_token(HANDLE, SECRET, "k1", RING["k1"])


class NoFlowControl:
    """What the parser's payloads talk to."""

    def resume_reading(self, resume_parser: bool = True) -> None:
        pass


def read(
    *lines: str,
    method: str = "GET",
    version: str = "1.1",
    peer: str | None = "192.0.2.7",
    tls: bool = False,
    rules: ReadingRules | None = None,
) -> Head | Refusal:
    """Parse a request of these lines, and read its head."""
    parser = HttpRequestParser(
        cast(BaseProtocol, NoFlowControl()), asyncio.new_event_loop(), 1 << 16
    )
    head = "\r\n".join([f"{method} / HTTP/{version}", *lines, "", ""])
    messages, _, _ = parser.feed_data(head.encode("latin-1"))
    reader = Reader(
        rules or ReadingRules(TrustedNets(), "http"), CookieTable(lambda: RING, secure=False)
    )
    return reader.read(messages[0][0], peer, tls=tls)


def head(*lines: str, **how: object) -> Head:
    found = read("Host: app.example", *lines, **how)  # type: ignore[arg-type]  # as `read` takes it
    assert isinstance(found, Head)
    return found


def fields(block: bytes) -> list[str]:
    return block.decode("latin-1").split("\r\n")[:-1]


def test_given_a_plain_request_when_it_is_read_then_the_upstream_gets_it_with_where_it_came_from():
    found = head("Accept: a/b", "X-Own: 1", "Connection: keep-alive")

    assert fields(found.block) == [
        "Host: app.example",
        "Accept: a/b",
        "X-Own: 1",
        "X-Forwarded-For: 192.0.2.7",
        "X-Forwarded-Proto: http",
        "X-Forwarded-Host: app.example",
    ]
    assert (found.framing, found.client_ip, found.trusted) == (b"", "192.0.2.7", False)


PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_given_a_trace_when_it_is_read_then_it_goes_on_untouched_with_its_state():
    found = head(f"Traceparent: {PARENT}", "tracestate: a=1", "Tracestate: b=2")

    assert fields(found.block)[-5:-3] == [f"traceparent: {PARENT}", "tracestate: a=1,b=2"]
    assert found.trace == Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", True)


@pytest.mark.parametrize(
    "lines",
    [
        ("traceparent: 00-xyz", "tracestate: a=1"),
        (f"traceparent: {PARENT}", f"traceparent: {PARENT}", "tracestate: a=1"),
        ("tracestate: a=1",),
    ],
)
def test_given_no_valid_trace_when_it_is_read_then_nothing_of_it_goes_on(lines: tuple[str, ...]):
    found = head(*lines)

    assert b"trace" not in found.block
    assert found.trace is None


def test_given_spans_of_our_own_when_a_trace_is_read_then_only_its_state_is_in_the_block():
    found = head(
        f"traceparent: {PARENT}",
        "tracestate: a=1",
        rules=ReadingRules(TrustedNets(), "http", own_spans=True),
    )

    assert b"traceparent" not in found.block
    assert b"tracestate: a=1\r\n" in found.block


def test_given_our_cookie_among_others_when_it_is_read_then_the_others_stay_as_they_are():
    found = head(f"Cookie: a=1;  sidecar={TOKEN}; b=2")

    cookie = Reader(
        ReadingRules(TrustedNets(), "http"), CookieTable(lambda: RING, secure=False)
    ).cookie(found.request)

    assert "Cookie: a=1; b=2" in fields(found.block)
    assert str(TOKEN) not in found.block.decode()
    assert cookie.credential is not None
    assert cookie.credential.secret_hash == hash_secret(SECRET)


@pytest.mark.parametrize("name", ["X-Forwarded-User", "x_forwarded_user", "X.Forwarded.User"])
def test_given_identity_of_the_clients_own_when_it_is_read_then_it_is_left_out(name: str):
    assert not any("root" in line for line in fields(head(f"{name}: root").block))


def test_given_claims_of_a_proxy_when_it_is_not_trusted_then_only_the_socket_counts():
    claims = (
        "X-Forwarded-For: 10.1.1.1",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: e.example",
    )

    found = head(*claims)

    assert fields(found.block)[-3:] == [
        "X-Forwarded-For: 192.0.2.7",
        "X-Forwarded-Proto: http",
        "X-Forwarded-Host: app.example",
    ]


def test_given_claims_of_a_trusted_proxy_when_they_are_read_then_they_count():
    rules = ReadingRules(TrustedNets.parse(["192.0.2.0/24"]), "http")
    claims = (
        "X-Forwarded-For: 10.1.1.1",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: e.example",
    )

    found = head(*claims, rules=rules)

    assert found.trusted
    assert fields(found.block)[-3:] == [
        "X-Forwarded-For: 10.1.1.1",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: e.example",
    ]


def test_given_odd_claims_of_a_trusted_proxy_when_they_are_read_then_they_do_not_count():
    rules = ReadingRules(TrustedNets.parse(["192.0.2.0/24"]), "https")

    found = head("X-Forwarded-Proto: gopher", "X-Forwarded-Host: a b", rules=rules)

    assert "X-Forwarded-Proto: https" in fields(found.block)
    assert "X-Forwarded-Host: app.example" in fields(found.block)


def test_given_a_host_of_the_upstreams_own_when_it_is_set_then_the_shown_one_stays():
    rules = ReadingRules(TrustedNets(), "http", upstream_host=b"inner.example:81")

    found = head(rules=rules, tls=True)

    assert fields(found.block)[0] == "Host: inner.example:81"
    assert fields(found.block)[-2:] == [
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: app.example",
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Content-Length: 5"], b"Content-Length: 5\r\n"),
        (["Transfer-Encoding: chunked"], b"Transfer-Encoding: chunked\r\n"),
        (
            ["Connection: Upgrade", "Upgrade: WebSocket"],
            b"Connection: Upgrade\r\nUpgrade: websocket\r\n",
        ),
        (["Connection: Upgrade", "Upgrade: h2c"], b""),
        (
            ["Connection: Upgrade", "Upgrade: websocket", "Content-Length: 5"],
            b"Content-Length: 5\r\n",
        ),
    ],
)
def test_given_each_framing_when_it_is_read_then_exactly_one_is_named(
    lines: list[str], expected: bytes
):
    found = head(*lines, method="POST")

    assert found.framing == expected
    assert b"ontent-" not in found.block
    assert b"pgrade" not in found.block


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Authorization: Basic abc"], "Authorization: Basic abc"),
        (["Authorization: Bearer theirs"], "Authorization: Bearer theirs"),
        (["Authorization: Bearer sst_ours"], None),
        (["Authorization: BEARER SST_ours"], None),
        (["Authorization: Bearer   sst_ours"], None),
        (["Authorization: Bearer\tsst_ours"], None),
        (["Authorization: Bearersst_theirs"], "Authorization: Bearersst_theirs"),
    ],
)
def test_given_a_bearer_token_when_it_is_ours_then_the_upstream_never_sees_it(
    lines: list[str], expected: str | None
):
    found = head(*lines)

    shown = [line for line in fields(found.block) if line.startswith("Auth")]
    assert shown == ([] if expected is None else [expected])
    assert found.bearer is (expected is None)


@pytest.mark.parametrize("cookie", [f"sidecar={TOKEN}", "sidecar=rubbish"])
def test_given_two_credentials_of_ours_when_they_come_together_then_both_are_refused(cookie: str):
    lines = ("Host: app.example", f"Cookie: {cookie}", "Authorization: Bearer sst_ours")

    assert read(*lines) is Refusal.TWO_CREDENTIALS


@pytest.mark.parametrize(
    ("lines", "how", "refusal"),
    [
        (["Host: a b"], {}, Refusal.HOST_INVALID),
        (["Host: a", "X-A: \xff"], {}, Refusal.FIELD_ENCODING),
        (["Host: a", "Expect: tea"], {}, Refusal.EXPECTATION),
        (["Host: a"], {"method": "TRACE"}, Refusal.METHOD),
        (["Host: a"], {"version": "2.0"}, Refusal.VERSION),
    ],
)
def test_given_a_head_at_fault_when_it_is_read_then_the_refusal_names_it(
    lines: list[str], how: dict[str, str], refusal: Refusal
):
    assert read(*lines, **how) is refusal  # type: ignore[arg-type]  # as `read` takes it


@pytest.mark.parametrize(
    ("method", "lines", "browser"),
    [
        ("GET", ["Sec-Fetch-Mode: navigate"], True),
        ("POST", ["Sec-Fetch-Mode: navigate"], True),
        ("PUT", ["Sec-Fetch-Mode: navigate"], False),
        ("GET", ["Sec-Fetch-Mode: cors", "Accept: text/html"], False),
        ("GET", ["Accept: text/html,application/xml"], True),
        ("POST", ["Accept: text/html"], False),
        ("GET", ["Accept: */*"], False),
        ("GET", [], False),
    ],
)
def test_given_a_request_when_a_browser_goes_to_a_page_then_it_is_known(
    method: str, lines: list[str], browser: bool
):
    assert head(*lines, method=method).browser is browser


def test_given_a_unix_socket_when_its_peer_is_read_then_there_is_an_address_all_the_same():
    found = head(peer=None)

    assert any(line.startswith("X-Forwarded-For: ") for line in fields(found.block))
    assert not found.trusted
