"""A tunnel that is ended because its session is: nothing of what is said there arrives any more."""

import socket

import pytest
from websockets.frames import Opcode

from sidecar.proxy.frames import GOING_AWAY, POLICY_VIOLATION, close_frame
from tests.proxy.tunnels import (
    ANSWER,
    FRAME,
    MASKED_ANSWER,
    MASKED_FRAME,
    Both,
    a_tunnel,
    read_close,
    read_frame,
)
from tests.wires import until

WHOLE = bytes((0x82, 126)) + (4092).to_bytes(2, "big") + bytes(4092)
CODE = "session_revoked"
TOLD = close_frame(POLICY_VIOLATION, CODE, masked=False)


async def octets_until_cut(both: Both) -> int:
    count = 0
    try:
        while piece := await both.client.some():
            count += len(piece)
    except ConnectionError:
        return count
    raise AssertionError("it was not cut")


def end(both: Both) -> bool:
    return both.tunnel.end(POLICY_VIOLATION, CODE)


async def test_given_a_silent_tunnel_when_it_is_ended_then_both_sides_hear_why(redis_url: str):
    async with a_tunnel(redis_url) as both:
        assert end(both)
        heard = await both.client.exactly(len(TOLD))
        opcode, payload = await read_frame(both.upstream)
        await both.client.send(MASKED_ANSWER)
        await both.upstream.send(ANSWER)

        assert heard == TOLD
        assert (opcode, payload) == (Opcode.CLOSE, TOLD[2:])
        assert await both.client.rest() == b""
        assert await both.upstream.rest() == b""
        await both.ended()


async def test_given_who_has_been_told_when_the_other_goes_on_then_nothing_of_it_arrives(
    redis_url: str,
):
    async with a_tunnel(redis_url) as both:
        end(both)
        await both.upstream.send(FRAME * 100 + ANSWER)
        await both.client.send(MASKED_FRAME * 100 + MASKED_ANSWER)

        assert await both.client.rest() == TOLD
        assert await read_close(both.upstream) == POLICY_VIOLATION
        assert await both.upstream.rest() == b""
        await both.ended()


async def test_given_half_a_frame_to_the_client_when_it_is_ended_then_it_is_cut_and_the_other_told(
    redis_url: str,
):
    async with a_tunnel(redis_url) as both:
        await both.upstream.send(FRAME[:4])
        assert await both.client.exactly(4) == FRAME[:4]

        end(both)

        assert await both.client.is_cut()
        assert await read_close(both.upstream) == POLICY_VIOLATION
        await both.upstream.send(FRAME[4:] + ANSWER)
        await both.ended()


async def test_given_half_a_frame_from_the_client_when_it_is_ended_then_the_client_is_told(
    redis_url: str,
):
    async with a_tunnel(redis_url) as both:
        await both.client.send(MASKED_FRAME[:4])
        assert await both.upstream.exactly(4) == MASKED_FRAME[:4]

        end(both)
        await both.client.send(MASKED_FRAME[4:] + MASKED_ANSWER)

        assert await both.upstream.is_cut()
        assert await both.client.rest() == TOLD
        await both.ended()


async def test_given_a_client_that_has_not_taken_all_when_it_is_ended_then_the_rest_is_dropped(
    redis_url: str,
):
    async with a_tunnel(redis_url) as both:
        both.client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is a transport
        sock = both.tunnel.client.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        await both.upstream.send(WHOLE * 50)
        await until(lambda: both.tunnel.upstream_bytes == len(WHOLE) * 50)
        waiting = both.tunnel.client.get_write_buffer_size()

        assert waiting > 0
        end(both)
        both.client.writer.transport.resume_reading()  # type: ignore[attr-defined]  # it is a transport

        assert await octets_until_cut(both) <= both.tunnel.upstream_bytes - waiting
        await both.ended()


@pytest.mark.parametrize("silent", ["client", "upstream", "both"])
async def test_given_one_who_does_not_answer_when_patience_ends_then_it_is_cut(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, silent: str
):
    monkeypatch.setattr("sidecar.proxy.tunnel._LAST_ANSWER", 0.1)
    async with a_tunnel(redis_url) as both:
        end(both)
        if silent == "client":
            await both.upstream.send(ANSWER)
        elif silent == "upstream":
            await both.client.send(MASKED_ANSWER)

        await both.ended()


async def test_given_two_who_say_good_bye_when_it_is_ended_then_no_second_close_is_sent(
    redis_url: str,
):
    async with a_tunnel(redis_url) as both:
        await both.client.send(MASKED_ANSWER)
        assert await read_close(both.upstream) == 1000

        end(both)
        await both.upstream.send(ANSWER)

        assert await both.client.exactly(len(TOLD)) == TOLD
        assert await both.upstream.rest() == b""
        await both.ended()


async def test_given_a_tunnel_that_is_told_to_go_when_its_session_ends_then_it_waits_no_longer(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sidecar.proxy.tunnel._ANSWER", 3600.0)
    monkeypatch.setattr("sidecar.proxy.tunnel._LAST_ANSWER", 0.1)
    async with a_tunnel(redis_url) as both:
        await both.upstream.send(FRAME[:4])
        await both.client.exactly(4)
        both.tunnel.close(GOING_AWAY)
        assert await read_close(both.upstream) == GOING_AWAY

        assert end(both)

        assert await both.client.is_cut()
        await both.ended()


async def test_given_a_tunnel_that_is_ended_when_it_is_ended_again_then_that_is_no_news(
    redis_url: str,
):
    async with a_tunnel(redis_url) as both:
        assert end(both)
        assert not end(both)
        both.tunnel.close(GOING_AWAY)
        await both.client.send(MASKED_ANSWER)

        assert await both.client.rest() == TOLD
