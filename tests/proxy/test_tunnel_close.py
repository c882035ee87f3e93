"""A tunnel that is told good-bye in its own words."""

import asyncio

import pytest
from websockets.frames import Opcode

from sidecar.proxy.frames import GOING_AWAY, close_frame
from tests.proxy.tunnels import (
    ANSWER,
    BLOCK,
    FRAME,
    MASKED_ANSWER,
    MASKED_FRAME,
    a_tunnel,
    read_close,
    read_frame,
)
from tests.wires import until

TOLD = close_frame(GOING_AWAY, masked=False)


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
    async with a_tunnel(redis_url) as both:
        both.client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is a transport
        for _ in range(200):
            both.upstream.writer.write(BLOCK)
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
