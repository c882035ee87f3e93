import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.frames import Close, Frame, Opcode

from sidecar.proxy.frames import GOING_AWAY, close_frame
from sidecar.proxy.tunnel import Tunnel
from tests.plane import a_plane
from tests.proxy.handshakes import AGREED, UPGRADE, agreed
from tests.wires import Wire, a_request, an_upstream, until

TOLD = close_frame(GOING_AWAY, masked=False)
FRAME = b"\x82\x05hello"
ANSWER = close_frame(1000, masked=False)
MASKED_FRAME = Frame(Opcode.BINARY, b"hello").serialize(mask=True)
MASKED_ANSWER = close_frame(1000, masked=True)


async def read_frame(wire: Wire) -> tuple[int, bytes]:
    """Read a short frame of a client; return its opcode and payload."""
    first, second = await wire.exactly(2)
    mask = await wire.exactly(4)
    payload = await wire.exactly(second & 0x7F)
    return first & 0x0F, bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


async def read_close(wire: Wire) -> int:
    opcode, payload = await read_frame(wire)
    assert opcode == Opcode.CLOSE
    return Close.parse(payload).code


class Both:
    """Both ends of one tunnel, in the hands of the test."""

    def __init__(self, client: Wire, upstream: Wire, tunnel: Tunnel) -> None:
        self.client = client
        self.upstream = upstream
        self.tunnel = tunnel
        self.ended: Callable[[], Awaitable[None]]


@asynccontextmanager
async def a_tunnel(redis_url: str) -> AsyncIterator[Both]:
    done = asyncio.Event()

    async def script(wire: Wire) -> None:
        await wire.head()
        await wire.send(AGREED)
        await done.wait()

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/ws", *UPGRADE))
        assert agreed(await client.head())
        (connection,) = plane.server.connections
        assert connection.tunnel is not None
        both = Both(client, upstream.connections[0], connection.tunnel)
        both.ended = lambda: until(lambda: not plane.server.connections)
        try:
            yield both
        finally:
            done.set()


async def test_given_a_silent_tunnel_when_it_is_closed_then_both_sides_hear_why_and_it_ends(
    redis_url: str,
):
    async with a_tunnel(redis_url) as both:
        both.tunnel.close(1008, "over")
        heard = await both.client.exactly(8)
        opcode, payload = await read_frame(both.upstream)
        await both.client.send(MASKED_ANSWER)
        await both.upstream.send(ANSWER)

        assert heard == close_frame(1008, "over", masked=False)
        assert (opcode, payload) == (Opcode.CLOSE, heard[2:])
        assert await both.client.rest() == b""
        assert await both.upstream.rest() == b""
        await both.ended()


async def test_given_a_frame_that_is_passing_when_the_tunnel_is_closed_then_it_passes_whole(
    redis_url: str,
):
    async with a_tunnel(redis_url) as both:
        await both.upstream.send(FRAME[:4])
        await both.client.send(MASKED_FRAME[:1])
        await both.client.exactly(4)
        await both.upstream.exactly(1)

        both.tunnel.close(GOING_AWAY)
        await both.upstream.send(FRAME[4:])
        await both.client.send(MASKED_FRAME[1:])

        assert await both.client.exactly(len(FRAME) - 4 + len(TOLD)) == FRAME[4:] + TOLD
        assert await both.upstream.exactly(len(MASKED_FRAME) - 1) == MASKED_FRAME[1:]
        assert await read_close(both.upstream) == GOING_AWAY


async def test_given_who_has_been_told_when_the_other_goes_on_then_nothing_follows_the_close(
    redis_url: str,
):
    async with a_tunnel(redis_url) as both:
        both.tunnel.close(GOING_AWAY)
        await both.upstream.send(FRAME * 100 + ANSWER)
        await both.client.send(MASKED_FRAME * 100 + MASKED_ANSWER)

        assert await both.client.rest() == TOLD
        assert await read_close(both.upstream) == GOING_AWAY
        assert await both.upstream.rest() == b""
        await both.ended()


async def test_given_a_message_in_fragments_when_the_tunnel_is_closed_then_it_need_not_be_complete(
    redis_url: str,
):
    async with a_tunnel(redis_url) as both:
        await both.upstream.send(b"\x01\x03one")
        await both.client.exactly(5)

        both.tunnel.close(GOING_AWAY)

        assert await both.client.exactly(len(TOLD)) == TOLD


@pytest.mark.parametrize("who", ["client", "upstream"])
async def test_given_one_who_does_not_answer_when_patience_ends_then_the_tunnel_is_cut(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, who: str
):
    monkeypatch.setattr("sidecar.proxy.tunnel._ANSWER", 0.1)
    async with a_tunnel(redis_url) as both:
        both.tunnel.close(GOING_AWAY)
        if who == "client":
            await both.upstream.send(ANSWER)
        else:
            await both.client.send(MASKED_ANSWER)

        await both.ended()


async def test_given_one_who_hangs_up_when_the_other_was_told_then_that_one_may_still_answer(
    redis_url: str,
):
    async with a_tunnel(redis_url) as both:
        both.tunnel.close(GOING_AWAY)
        await read_close(both.upstream)
        both.upstream.close()
        await asyncio.sleep(0.1)
        await both.client.send(MASKED_FRAME)

        assert await both.client.exactly(len(TOLD)) == TOLD
        await both.client.send(MASKED_ANSWER)
        assert await both.client.rest() == b""
        await both.ended()


async def test_given_both_within_a_frame_when_the_tunnel_is_closed_then_it_waits_until_it_is_cut(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sidecar.proxy.tunnel._ANSWER", 0.1)
    async with a_tunnel(redis_url) as both:
        await both.upstream.send(FRAME[:4])
        await both.client.send(MASKED_FRAME[:4])
        await both.client.exactly(4)
        await both.upstream.exactly(4)

        both.tunnel.close(GOING_AWAY)
        await asyncio.sleep(0.3)
        await both.upstream.send(b"l")
        heard = await both.client.exactly(1)
        both.tunnel.cut()

        assert heard == b"l"
        assert await both.client.is_closed()
        await both.ended()


@pytest.mark.parametrize("hung_up", [True, False])
async def test_given_a_frame_that_never_ends_when_its_sender_leaves_then_the_other_hears_the_end(
    redis_url: str, hung_up: bool
):
    async with a_tunnel(redis_url) as both:
        await both.upstream.send(FRAME[:4])
        await both.client.exactly(4)
        both.tunnel.close(GOING_AWAY)

        if hung_up:
            both.upstream.abort()
        else:
            both.upstream.close()

        assert await both.client.is_closed()


async def test_given_two_who_say_good_bye_when_the_tunnel_is_closed_then_theirs_is_what_counts(
    redis_url: str,
):
    async with a_tunnel(redis_url) as both:
        await both.client.send(MASKED_ANSWER)
        assert await read_close(both.upstream) == 1000

        both.tunnel.close(GOING_AWAY)
        await both.upstream.send(ANSWER)
        both.upstream.close()

        assert await both.client.rest() == ANSWER
        await both.ended()


async def test_given_an_upstream_that_closes_by_itself_when_it_is_its_turn_then_once_is_enough(
    redis_url: str,
):
    async with a_tunnel(redis_url) as both:
        await both.upstream.send(FRAME[:4])
        await both.client.exactly(4)
        both.tunnel.close(GOING_AWAY)

        await both.upstream.send(FRAME[4:] + ANSWER)
        await both.client.send(MASKED_ANSWER)

        assert await both.client.rest() == FRAME[4:] + ANSWER
        await both.ended()


async def test_given_a_client_that_does_not_read_when_the_tunnel_is_closed_then_the_upstream_leaves(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sidecar.proxy.tunnel._ANSWER", 3.0)
    block = bytes((0x82, 127)) + (1 << 16).to_bytes(8, "big") + bytes(1 << 16)
    async with a_tunnel(redis_url) as both:
        both.client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is a transport
        for _ in range(200):
            both.upstream.writer.write(block)
        await until(lambda: both.tunnel.client.get_write_buffer_size() > 0)

        both.tunnel.close(GOING_AWAY)
        both.upstream.writer.write(ANSWER)

        assert await read_close(both.upstream) == GOING_AWAY
        await both.ended()


async def test_given_a_tunnel_that_is_closed_when_it_is_closed_again_then_one_is_heard(
    redis_url: str,
):
    async with a_tunnel(redis_url) as both:
        both.tunnel.close(GOING_AWAY)
        both.tunnel.close(1008, "over")
        await both.client.send(MASKED_ANSWER)

        assert await both.client.rest() == TOLD
