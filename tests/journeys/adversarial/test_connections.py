"""Group C: no byte of one exchange ends up in another (cases S-43, S-26, S-54; F-12, F-13)."""

import asyncio

import pytest
import redis as redis_py
from redis.client import Monitor

from tests.journeys.adversarial.conftest import Person
from tests.journeys.raw import lay_out
from tests.journeys.running import Product, cookie

EXTRA = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON"
SURPLUS = {
    "HEAD": ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON"),
    "204": ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\nPOISON"),
    "304": ("GET", b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\nPOISON'),
    "after chunks": (
        "GET",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n" + EXTRA,
    ),
    "after an interim answer": (
        "GET",
        b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + EXTRA,
    ),
    "a switch that nobody asked for": (
        "GET",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
        + EXTRA,
    ),
}


@pytest.mark.parametrize(("method", "answer"), SURPLUS.values(), ids=SURPLUS.keys())
async def test_s43_given_surplus_bytes_of_the_upstream_then_nobody_ever_reads_them(
    product: Product, alice: Person, nomail: Person, method: str, answer: bytes
) -> None:
    product.upstream.plan("/surplus", answer)
    wire = await product.wire()

    await wire.send(lay_out("/surplus", alice.cookie, method=method))
    first = await wire.answer(method)
    others = [await product.ask(lay_out("/next43", nomail.cookie)) for _ in range(4)]

    assert b"POISON" not in first.body
    assert [(other.status, other.body) for other in others] == [(200, b"ok")] * 4
    spoilt = product.upstream.requests("/surplus")[-1].connection
    assert spoilt not in {seen.connection for seen in product.upstream.requests("/next43")[-4:]}
    wire.close()


async def test_s26_given_a_client_that_leaves_within_its_body_then_no_other_request_completes_it(
    product: Product, alice: Person, nomail: Person
) -> None:
    wire = await product.wire()
    half = lay_out("/half26", alice.cookie, ("Content-Length", "1000"), method="POST", body=b"half")
    await wire.send(half)
    await asyncio.sleep(0.2)

    wire.close()
    await asyncio.sleep(0.2)
    others = [await product.ask(lay_out("/whole26", nomail.cookie)) for _ in range(4)]

    assert [other.status for other in others] == [200] * 4
    assert len(product.upstream.requests("/whole26")) == 4
    assert not any(b"whole26" in seen.body for seen in product.upstream.seen)


async def test_s26_given_chunks_that_break_off_then_no_end_is_made_up_for_them(
    product: Product, alice: Person
) -> None:
    wire = await product.wire()
    fields = [alice.cookie, ("Transfer-Encoding", "chunked")]
    await wire.send(lay_out("/broken26", *fields, method="POST", body=b"5\r\nhello\r\n5\r\nwo"))
    await asyncio.sleep(0.2)

    wire.close()
    await asyncio.sleep(0.2)

    assert [seen.body for seen in product.upstream.requests("/broken26")] == [b""]


async def test_s26_given_an_answer_before_the_end_of_a_body_then_the_connection_is_not_reused(
    product: Product, nomail: Person
) -> None:
    wire = await product.wire()
    hidden = lay_out("/hidden26b")

    body_fields = [("Content-Length", str(len(hidden) + 5))]
    await wire.send(lay_out("/refused26", *body_fields, method="POST"), hidden)
    answer = await wire.answer()
    await wire.send(b"12345" + lay_out("/behind26", nomail.cookie))
    await wire.rest()

    assert answer.status == 401
    for part in ("/refused26", "/hidden26b", "/behind26"):
        assert product.upstream.requests(part) == []


async def test_s20_given_a_public_request_before_a_private_one_then_no_verdict_is_carried_over(
    product: Product, alice: Person
) -> None:
    wire = await product.wire()

    await wire.send(lay_out("/public/first"), lay_out("/private20"), lay_out("/x20", alice.cookie))
    await wire.send(lay_out("/y20"))
    answers = [await wire.answer() for _ in range(4)]

    assert [answer.status for answer in answers] == [200, 401, 200, 401]
    assert product.upstream.requests("/private20") == []
    assert product.upstream.requests("/y20") == []
    wire.close()


async def test_s54_given_cookies_that_are_not_genuine_then_the_store_is_not_asked(
    product: Product, alice: Person
) -> None:
    junk = [f"{number:030}" for number in range(100)]
    socket = product.folder / "state" / "redis" / "redis.sock"
    with redis_py.Redis(unix_socket_path=str(socket)) as client, client.monitor() as heard:
        for handle in junk:
            forged = cookie(f"1.a.{handle}.{'s' * 43}.{'m' * 22}")
            assert (await product.ask(lay_out("/s54", forged))).status == 401
        await product.ask(lay_out("/s54", alice.cookie))

        client.echo("that was all")
        asked = await asyncio.to_thread(_until_heard, heard, "that was all")

    assert [command for command in asked if alice.token.split(".")[2] in command]
    assert not [command for command in asked if any(handle in command for handle in junk)]


def _until_heard(monitor: Monitor, text: str) -> list[str]:
    """Return what the store was asked, up to the first command that has the text."""
    asked = [monitor.next_command()["command"]]
    while text not in asked[-1]:
        asked.append(monitor.next_command()["command"])
    return asked
