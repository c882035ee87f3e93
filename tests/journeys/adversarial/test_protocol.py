"""Group C: versions, upgrades, expectations, sizes (cases S-34, S-36, S-37, S-40 to S-42, S-46)."""

import hashlib
import subprocess
import sys

import pytest

from tests.journeys.adversarial.conftest import Person
from tests.journeys.raw import chunked, lay_out
from tests.journeys.running import PUBLIC, Product, environment

SWITCH = (
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
HANDSHAKE = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("Sec-WebSocket-Version", "13"),
)


def test_s34_given_the_parsers_written_in_python_then_the_start_is_refused(
    product: Product,
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sidecar", "run", "--config", str(product.config)],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(AIOHTTP_NO_EXTENSIONS="1"),
    )

    assert done.returncode == 1
    assert "C parsers" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "fields",
    [
        [("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMA")],
        [("Connection", "HTTP2-Settings, keep-alive, upgrade"), ("upgrade", "H2C")],
        [("Connection", "Upgrade"), ("Connection", "HTTP2-Settings"), ("Upgrade", "h2c")],
        [("Connection", "Upgrade"), ("Upgrade", "tls/1.2")],
        [("Upgrade", "websocket")],
    ],
)
async def test_s36_given_another_upgrade_then_it_is_answered_like_a_plain_request(
    product: Product, fields: list[tuple[str, str]]
) -> None:
    product.upstream.plan("/public/s36", SWITCH)
    answer = await product.ask(lay_out("/public/s36plain", *fields))

    assert answer.status == 200
    seen = product.upstream.requests("/public/s36plain")[-1]
    assert not {"upgrade", "http2-settings", "connection"} & seen.names()


async def test_s36_given_bytes_behind_an_h2c_upgrade_then_they_are_read_as_http(
    product: Product,
) -> None:
    wire = await product.wire()

    upgrade = lay_out("/public/s36b", ("Connection", "Upgrade"), ("Upgrade", "h2c"))
    await wire.send(upgrade + lay_out("/hidden36"))
    first = await wire.answer()
    rest = await wire.rest() if first.get("connection") == b"close" else b""

    assert first.status == 200
    assert b"HTTP/1.1 200" not in rest
    assert product.upstream.requests("hidden36") == []
    wire.close()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2 preface"),
        pytest.param(b"GET /public/x\r\n\r\n", id="HTTP/0.9"),
        pytest.param(lay_out("/public/x", version="0.9"), id="0.9 in words"),
        pytest.param(lay_out("/public/x", version="2.0"), id="2.0"),
        pytest.param(lay_out("/public/x", version="1.2"), id="1.2"),
        pytest.param(lay_out("/public/x", version="1.10"), id="1.10"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64, id="TLS"),
    ],
)
async def test_s37_given_another_protocol_then_it_is_refused(product: Product, data: bytes) -> None:
    answer = await product.refused(data)

    assert answer.status in (400, 505)


async def test_s40_given_no_session_then_401_comes_without_100_first(product: Product) -> None:
    before = product.upstream.received
    wire = await product.wire()

    await wire.send(
        lay_out("/s40", ("Expect", "100-continue"), ("Content-Length", "5"), method="POST")
    )
    answer = await wire.answer()

    assert answer.status == 401
    assert await wire.is_closed()
    assert product.upstream.received == before


async def test_s40_given_a_session_then_100_comes_and_the_expectation_goes_no_further(
    product: Product, alice: Person
) -> None:
    wire = await product.wire()
    fields = [("Expect", "100-continue"), ("Content-Length", "5"), alice.cookie]

    await wire.send(lay_out("/s40ok", *fields, method="POST"))
    interim = await wire.answer()
    await wire.send(b"hello")
    answer = await wire.answer()

    assert (interim.status, answer.status) == (100, 200)
    (seen,) = product.upstream.requests("/s40ok")
    assert seen.body == b"hello"
    assert "expect" not in seen.names()
    wire.close()


@pytest.mark.parametrize("expectation", ["foo", "100-continue, foo", "200-ok"])
async def test_s40_given_another_expectation_then_it_fails(
    product: Product, expectation: str
) -> None:
    answer = await product.refused(
        lay_out(
            *("/public/s40", ("Expect", expectation), ("Content-Length", "5")),
            method="POST",
            body=b"hello",
        )
    )

    assert answer.status == 417


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(lay_out("/public/" + "a" * 9000), id="target"),
        pytest.param(lay_out("/public/x", ("X-A", "a" * 40_000)), id="field"),
        pytest.param(lay_out("/public/x", ("Cookie", "a=" + "b" * 40_000)), id="cookie"),
        pytest.param(lay_out("/public/x", *[(f"X-{n}", "1") for n in range(200)]), id="200 fields"),
        pytest.param(lay_out("/public/x", ("a" * 40_000, "1")), id="name"),
    ],
)
async def test_s41_given_too_much_head_then_it_is_refused(product: Product, data: bytes) -> None:
    answer = await product.refused(data)

    assert answer.status in (400, 414, 431)


async def test_s41_given_a_line_that_never_ends_then_its_size_is_bounded(product: Product) -> None:
    wire = await product.wire()
    sent = 0

    try:
        await wire.send(b"GET /public/x HTTP/1.1\r\nHost: app.example\r\nX-A: ")
        while sent < 64 << 20:
            await wire.send(b"a" * 65_536)
            sent += 65_536
    except ConnectionError:
        pass
    heard = await wire.rest()

    assert sent < 64 << 20
    assert heard == b"" or heard.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))


async def test_s42_given_an_error_then_nothing_of_the_input_is_repeated(product: Product) -> None:
    answer = await product.refused(b"GET /public/\x01<script> HTTP/1.1\r\nHost: a\r\n\r\n")

    assert answer.get("content-type") == b"application/problem+json"
    assert b"script" not in answer.body
    assert answer.get("server") is None or b"ython" not in (answer.get("server") or b"")


async def test_s46_given_a_thousand_chunks_of_one_byte_then_they_arrive_whole(
    product: Product, alice: Person
) -> None:
    body = bytes(range(256)) * 40

    answer = await product.ask(
        lay_out(
            *("/s46", ("Transfer-Encoding", "chunked"), alice.cookie),
            method="POST",
            body=chunked(bytes((octet,)) for octet in body),
        )
    )

    assert answer.status == 200
    (seen,) = product.upstream.requests("/s46")
    assert hashlib.sha256(seen.body).digest() == hashlib.sha256(body).digest()


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://app.example", "https://app.example.evil"]
)
async def test_s61_given_a_page_of_another_site_then_it_gets_no_websocket(
    product: Product, alice: Person, origin: str
) -> None:
    before = (product.upstream.received, product.upstream.connections)

    answer = await product.ask(lay_out("/s61", *HANDSHAKE, ("Origin", origin), alice.cookie))

    assert answer.status == 403
    assert (product.upstream.received, product.upstream.connections) == before


async def test_s61_given_no_session_then_there_is_no_websocket(product: Product) -> None:
    answer = await product.ask(lay_out("/s61n", *HANDSHAKE, ("Origin", PUBLIC)))

    assert answer.status == 401
    assert product.upstream.requests("/s61n") == []


async def test_s47_given_frames_of_any_kind_then_they_pass_byte_for_byte(
    product: Product, alice: Person
) -> None:
    product.upstream.plan("/s47", SWITCH)
    wire = await product.wire()
    frames = b"\xc1\xff" + b"\xff" * 8 + b"unmasked"

    await wire.send(lay_out("/s47", *HANDSHAKE, ("Origin", PUBLIC), alice.cookie) + frames)
    answer = await wire.answer()
    heard = b""
    while len(heard.replace(b"echo:", b"")) < len(frames):
        heard += await wire.reader.read(100)

    assert answer.status == 101
    assert heard.replace(b"echo:", b"") == frames
    wire.close()
