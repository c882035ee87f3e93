"""One attempt: to where it may go, and no further."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from sidecar.core.outbound import OutboundRules
from sidecar.core.webhooks import Answer
from sidecar.observe.webhook_sender import Sender
from tests.certificates import write_certificate
from tests.house import LOOPBACK
from tests.ports import free_port
from tests.receivers import Request, a_receiver

SOON = timedelta(seconds=5)
ONLY_OTHERS = OutboundRules((ip_network("127.0.0.2/32"),), allow_http=True)


class Names(AbstractResolver):
    """Gives another answer each time, the last one for ever."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(
                hostname=host, host=one, port=port, flags=0, proto=0,
                family=socket.AF_INET6 if ":" in one else socket.AF_INET,
            )
            for one in addresses
        ]  # fmt: skip

    async def close(self) -> None:
        pass


async def post(
    url: str,
    rules: OutboundRules = LOOPBACK,
    *,
    names: Names | None = None,
    timeout: timedelta = SOON,
    ca: Path | None = None,
) -> Answer:
    sender = Sender(rules, timeout, ca, names)
    try:
        return await sender.send(url, {"webhook-id": "1"}, b"{}")
    finally:
        await sender.close()


@asynccontextmanager
async def a_raw_server(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()


async def test_given_a_receiver_then_it_gets_the_body_and_nothing_that_it_need_not_know() -> None:
    async with a_receiver() as receiver:
        answer = await post(receiver.url)

    (request,) = receiver.requests
    assert (answer.status, answer.error, request.body) == (204, "", b"{}")
    told = {"host", "webhook-id", "content-length", "content-type", "user-agent"}
    assert request.headers.keys() <= told


@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("127.0.0.2", "10.0.0.1"), ("::1",),
     ("169.254.169.254",), ("::ffff:127.0.0.1",)],
)  # fmt: skip
async def test_given_a_name_with_an_address_inside_then_nothing_is_connected_to(
    addresses: tuple[str, ...],
) -> None:
    async with a_receiver() as receiver:
        url = receiver.url.replace("127.0.0.1", "hooks.example.com")
        answer = await post(url, ONLY_OTHERS, names=Names(addresses))

    assert (answer.status, answer.error, receiver.requests) == (None, "refused", [])


async def test_given_a_name_that_moves_inside_then_the_address_that_was_checked_is_used() -> None:
    names = Names(("127.0.0.2",), ("127.0.0.1",))
    async with a_receiver() as receiver:
        url = receiver.url.replace("127.0.0.1", "hooks.example.com")
        first = await post(url, ONLY_OTHERS, names=names)  # nobody listens at 127.0.0.2
        second = await post(url, ONLY_OTHERS, names=names)

    assert (first.error, second.error) == ("connection", "refused")
    assert (names.asked, receiver.requests) == (2, [])


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "[::1]",
             "[::ffff:127.0.0.1]", "0.0.0.0", "0"],
)  # fmt: skip
async def test_given_any_way_to_write_this_machine_then_nothing_is_connected_to(host: str) -> None:
    async with a_receiver() as receiver:
        answer = await post(receiver.url.replace("127.0.0.1", host), ONLY_OTHERS)

    assert answer.status is None
    assert answer.error
    assert receiver.requests == []


async def test_given_a_body_without_end_then_only_the_status_is_taken() -> None:
    async def endless(request: Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request.web)
        while True:
            await response.write(b"x" * 65536)

    async with a_receiver(endless) as receiver:
        assert (await post(receiver.url)).status == 200


async def test_given_a_receiver_that_does_not_answer_then_the_attempt_ends() -> None:
    async def never(request: Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    async with a_receiver(never) as receiver:
        answer = await post(receiver.url, timeout=timedelta(milliseconds=200))

    assert (answer.status, answer.error) == (None, "timeout")


async def test_given_a_head_that_trickles_or_never_ends_then_the_attempt_ends() -> None:
    async def trickle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not writer.is_closing():
            writer.write(b"X: y\r\n")
            await asyncio.sleep(0.01)

    async def huge(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n")

    async def other(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")

    async with (
        a_raw_server(trickle) as slow,
        a_raw_server(huge) as large,
        a_raw_server(other) as odd,
    ):
        answers = [
            await post(url, timeout=timedelta(milliseconds=400)) for url in (slow, large, odd)
        ]

    assert [one.status for one in answers] == [None] * 3
    assert [one.error for one in answers] == ["timeout", "no_http", "no_http"]


async def test_given_https_then_the_certificate_must_be_of_the_host_and_of_a_trusted_authority(
    tmp_path: Path,
) -> None:
    write_certificate(tmp_path, "127.0.0.1")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    async with a_receiver(tls=context) as receiver:
        trusted = await post(receiver.url, ca=certificate)
        unknown = await post(receiver.url)
        other_name = await post(
            receiver.url.replace("127.0.0.1", "hooks.example.com"),
            names=Names(("127.0.0.1",)),
            ca=certificate,
        )

    assert (trusted.status, unknown.error, other_name.error) == (204, "tls", "tls")
    assert len(receiver.requests) == 1


async def test_given_nobody_or_no_name_then_the_word_says_so() -> None:
    nobody = await post(f"http://127.0.0.1:{free_port()}/")
    no_name = await post("http://no-such-host.invalid/")

    assert (nobody.error, no_name.error) == ("connection", "name_not_found")


async def test_given_a_url_that_is_none_any_more_then_nothing_is_sent() -> None:
    answer = await post("http://8.8.8.8/", OutboundRules())

    assert answer.error == "refused"


async def test_given_an_answer_that_asks_for_patience_then_that_is_passed_on() -> None:
    async def busy(request: Request) -> web.StreamResponse:
        return web.Response(status=429, headers={"Retry-After": "120"})

    async with a_receiver(busy) as receiver:
        answer = await post(receiver.url)

    assert (answer.status, answer.retry_after) == (429, timedelta(minutes=2))
