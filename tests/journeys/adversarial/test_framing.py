"""Group C: where a message ends has one reading, or the connection ends (S-26 to S-33, S-38)."""

import hashlib
import zlib
from contextlib import suppress

import pytest

from tests.journeys.adversarial.conftest import Person
from tests.journeys.raw import chunked, lay_out
from tests.journeys.running import Product

START = b"GET /public/c HTTP/1.1\r\nHost: app.example\r\n"
CHUNKS = b"5\r\nhello\r\n0\r\n\r\n"


def post(
    *fields: tuple[str | bytes, str | bytes], body: bytes = b"", version: str = "1.1"
) -> bytes:
    return lay_out("/public/c", *fields, method="POST", body=body, version=version)


BAD = {
    "S-26 length and chunks": post(
        ("Content-Length", "5"), ("Transfer-Encoding", "chunked"), body=CHUNKS
    ),
    "S-26 chunks and length": post(
        ("Transfer-Encoding", "chunked"), ("Content-Length", "5"), body=CHUNKS
    ),
    "S-27 two lengths": post(("Content-Length", "5"), ("Content-Length", "6"), body=b"hello!"),
    "S-27 the same length twice": post(
        ("Content-Length", "5"), ("Content-Length", "5"), body=b"hello"
    ),
    "S-27 plus": post(("Content-Length", "+1"), body=b"h"),
    "S-27 minus": post(("Content-Length", "-1"), body=b"h"),
    "S-27 list": post(("Content-Length", "1, 1"), body=b"h"),
    "S-27 empty": post(("Content-Length", "")),
    "S-27 huge": post(("Content-Length", "1" + "0" * 22)),
    "S-27 hexadecimal": post(("Content-Length", "0x1"), body=b"h"),
    "S-27 underscore": post(("Content-Length", "1_0"), body=b"0123456789"),
    "S-28 xchunked": post(("Transfer-Encoding", "xchunked"), body=CHUNKS),
    "S-28 chunked twice": post(("Transfer-Encoding", "chunked, chunked"), body=CHUNKS),
    "S-28 two lines": post(
        ("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "identity"), body=CHUNKS
    ),
    "S-28 space before colon": post((b"Transfer-Encoding ", "chunked"), body=CHUNKS),
    "S-28 vertical tab": post(("Transfer-Encoding", b"\x0bchunked"), body=CHUNKS),
    "S-28 identity": post(("Transfer-Encoding", "identity"), body=CHUNKS),
    "S-28 quoted": post(("Transfer-Encoding", '"chunked"'), body=CHUNKS),
    "S-30 chunks in 1.0": post(("Transfer-Encoding", "chunked"), body=CHUNKS, version="1.0"),
    "S-31 bare line feeds": b"GET /public/c HTTP/1.1\nHost: app.example\n\n",
    "S-31 bare line feed in a field": START + b"X-A: b\nX-B: c\r\n\r\n",
    "S-31 bare carriage return": START + b"X-A: b\rc\r\n\r\n",
    "S-42 folded line": START + b"X-A: b\r\n c\r\n\r\n",
    "S-42 NUL": post(("X-A", b"a\0b")),
    "S-42 empty name": post(("", "a")),
    "S-42 space before colon": post((b"X-A ", "a")),
    "S-42 control character in path": b"GET /public/\x01 HTTP/1.1\r\nHost: app.example\r\n\r\n",
    "S-38 two hosts": post(("Host", "app.example")),
    "S-38 no host": lay_out("/public/c", host=None),
    "S-38 empty host": lay_out("/public/c", host=""),
    "S-38 space in host": lay_out("/public/c", host="a b"),
    "S-38 user in host": lay_out("/public/c", host="good.example@evil.example"),
    "S-38 control in host": lay_out("/public/c", host="a\x01b"),
    "S-38 path in host": lay_out("/public/c", host="app.example/x"),
}


@pytest.mark.parametrize("request_bytes", BAD.values(), ids=BAD.keys())
async def test_given_a_message_with_two_readings_then_400_and_the_connection_ends(
    product: Product, request_bytes: bytes
) -> None:
    answer = await product.refused(request_bytes)

    assert answer.status == 400
    assert answer.get("connection") == b"close"


@pytest.mark.parametrize("coding", ["gzip, chunked", "identity, chunked"])
async def test_s29_given_another_coding_then_501_and_the_connection_ends(
    product: Product, coding: str
) -> None:
    answer = await product.refused(post(("Transfer-Encoding", coding), body=CHUNKS))

    assert answer.status == 501


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param(b"-1\r\n", id="minus"),
        pytest.param(b"0x1\r\nh\r\n", id="0x"),
        pytest.param(b"+1\r\nh\r\n", id="plus"),
        pytest.param("\u0661\r\nh\r\n".encode(), id="Unicode digit"),
        pytest.param(b"1;a\nb\r\nh\r\n", id="line feed in extension"),
        pytest.param(b"1\nh\n0\n\n", id="bare line feeds"),
        pytest.param(b"1\r\nhX0\r\n\r\n", id="no line end after data"),
        pytest.param(b"f" * 20 + b"\r\n", id="huge"),
        pytest.param(b"\r\n", id="empty size"),
    ],
)
async def test_s31_given_an_odd_chunk_then_no_whole_request_reaches_the_upstream(
    product: Product, chunks: bytes
) -> None:
    before = len(product.upstream.requests("/public/c"))
    wire = await product.wire()

    await wire.send(post(("Transfer-Encoding", "chunked"), body=chunks))
    answer = await wire.answer()

    assert answer.status == 400
    assert await wire.is_closed()
    assert not any(seen.body for seen in product.upstream.requests("/public/c")[before:])


async def test_s31_given_an_odd_chunk_after_good_ones_then_nothing_smuggled_follows(
    product: Product,
) -> None:
    wire = await product.wire()

    await wire.send(post(("Transfer-Encoding", "chunked"), body=b"5\r\nhello\r\n"))
    await wire.send(b"0x0\r\n\r\n" + lay_out("/public/smuggled31"))
    await wire.rest()

    assert product.upstream.requests("smuggled31") == []


async def test_s32_given_a_trailer_with_an_identity_then_it_is_dropped(
    product: Product, alice: Person
) -> None:
    body = chunked([b"hello"], b"X-Forwarded-User: root\r\nX-T: 1\r\n")

    answer = await product.ask(
        lay_out(
            *("/s32", ("Transfer-Encoding", "chunked"), ("Trailer", "X-Forwarded-User")),
            alice.cookie,
            method="POST",
            body=body,
        )
    )

    assert answer.status == 200
    (seen,) = product.upstream.requests("/s32")
    assert seen.body == b"hello"
    assert seen.all("x-forwarded-user") == [b"alice"]
    assert not {"x-t", "trailer"} & seen.names()


async def test_s32_given_a_hundred_thousand_trailers_then_they_are_bounded(
    product: Product,
) -> None:
    trailers = b"".join(b"X-T%d: 1\r\n" % number for number in range(100_000))
    wire = await product.wire()

    with suppress(ConnectionError):  # Cut while it was still sending: as good as an answer.
        await wire.send(post(("Transfer-Encoding", "chunked"), body=b"0\r\n" + trailers + b"\r\n"))
    heard = await wire.rest()

    assert heard == b"" or heard.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))
    assert not any(b"x-t" in name.lower() for name, _ in product.upstream.seen[-1].fields)


async def test_s35_given_a_compressed_body_then_it_arrives_untouched(
    product: Product, alice: Person
) -> None:
    body = zlib.compress(b"a" * 100_000)

    await product.ask(
        lay_out(
            "/s35",
            alice.cookie,
            ("Content-Encoding", "gzip"),
            ("Content-Length", str(len(body))),
            method="POST",
            body=body,
        )
    )

    (seen,) = product.upstream.requests("/s35")
    assert seen.get("content-length") == str(len(body)).encode()
    assert seen.get("content-encoding") == b"gzip"
    assert hashlib.sha256(seen.body).digest() == hashlib.sha256(body).digest()


async def test_s26_given_two_requests_in_one_segment_then_each_is_decided_on_its_own(
    product: Product, alice: Person
) -> None:
    wire = await product.wire()

    await wire.send(
        lay_out("/one26", alice.cookie) + lay_out("/two26") + lay_out("/public/three26")
    )
    answers = [await wire.answer() for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 401, 200]
    assert product.upstream.requests("two26") == []
    wire.close()


async def test_s26_given_a_request_hidden_in_a_body_then_it_stays_a_body(product: Product) -> None:
    hidden = lay_out("/hidden26")

    answer = await product.ask(post(("Content-Length", str(len(hidden))), body=hidden))

    assert answer.status == 200
    assert product.upstream.seen[-1].body == hidden
    assert product.upstream.requests("hidden26") == []
