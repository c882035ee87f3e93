"""The connection of the strict check, on a real Redis and on one that misbehaves."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from sidecar.core.ports import StoreUnavailable
from sidecar.store.dial import PoolDial
from sidecar.store.wire import Command, Dial, Wire
from tests.wires import Script, an_upstream, until
from tests.wires import Wire as Peer

PONG = b"+PONG\r\n"


class Told:
    """What the wire told others."""

    def __init__(self) -> None:
        self.states: list[bool] = []
        self.seconds: list[float] = []


@asynccontextmanager
async def a_wire(dial: Dial, deadline: float = 5.0) -> AsyncIterator[tuple[Wire, Told]]:
    told = Told()
    wire = Wire(dial, deadline, told.states.append, told.seconds.append)
    await wire.start()
    try:
        yield wire, told
    finally:
        await wire.close()


@asynccontextmanager
async def a_peer(script: Script, deadline: float = 5.0) -> AsyncIterator[tuple[Wire, list[Peer]]]:
    """A wire to something that plays `script` on each connection."""
    async with an_upstream(script) as peer:

        async def dial(protocol: asyncio.Protocol) -> Sequence[Command]:
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: protocol, "127.0.0.1", peer.port)
            return ()

        async with a_wire(dial, deadline) as (wire, _):
            yield wire, peer.connections


async def ask(wire: Wire, *command: bytes) -> object:
    future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    wire.send(command, future.set_result)
    async with asyncio.timeout(10):
        return await future


async def greet(peer: Peer) -> None:
    """Answer the first PING, so that the wire is up."""
    await peer.reader.readuntil(b"PING\r\n")
    await peer.send(PONG)


async def test_given_a_real_redis_when_commands_are_sent_then_each_gets_its_own_answer(
    redis_url: str, redis: Redis
):
    await redis.mset({f"k{number}": number for number in range(100)})
    async with a_wire(PoolDial(Redis.from_url(redis_url))) as (wire, told):
        answers = await asyncio.gather(*(ask(wire, b"GET", b"k%d" % n) for n in range(100)))

        assert wire.up
        assert told.states[-1]
        assert len(told.seconds) >= 100
    assert answers == [b"%d" % number for number in range(100)]


async def test_given_a_command_when_it_is_sent_then_its_answer_never_comes_before_send_returns(
    redis_url: str,
):
    async with a_wire(PoolDial(Redis.from_url(redis_url))) as (wire, _):
        answers: list[object] = []
        wire.send((b"PING",), answers.append)
        while_up = list(answers)
        await until(lambda: bool(answers))
    wire.send((b"PING",), answers.append)
    while_down = answers[1:]
    await until(lambda: len(answers) == 2)

    assert while_up == while_down == []
    assert [type(answer) for answer in answers] == [bytes, StoreUnavailable]


async def test_given_no_redis_when_it_starts_then_it_is_down_and_every_command_fails_at_once():
    async def dial(protocol: asyncio.Protocol) -> Sequence[Command]:
        raise ConnectionRefusedError

    async with a_wire(dial) as (wire, told):
        answer = await ask(wire, b"PING")

    assert isinstance(answer, StoreUnavailable)
    assert not wire.up
    assert True not in told.states


async def test_given_whatever_goes_wrong_while_dialling_when_it_is_over_then_it_connects(
    redis_url: str,
):
    faults = [RuntimeError("a mistake"), StoreUnavailable("no master"), TimeoutError()]
    real = PoolDial(Redis.from_url(redis_url))

    async def dial(protocol: asyncio.Protocol) -> Sequence[Command]:
        if faults:
            raise faults.pop()
        return await real(protocol)

    async with a_wire(dial) as (wire, _):
        await until(lambda: wire.up)

        assert await ask(wire, b"PING") == b"PONG"


async def test_given_a_silent_redis_when_the_deadline_passes_then_all_who_wait_are_told():
    async def script(peer: Peer) -> None:
        await greet(peer)
        await peer.rest()

    async with a_peer(script, deadline=0.2) as (wire, connections):
        answers = await asyncio.gather(*(ask(wire, b"GET", b"a") for _ in range(3)))

        assert [type(answer) for answer in answers] == [StoreUnavailable] * 3
        await until(lambda: len(connections) > 1)


async def test_given_a_late_answer_when_its_connection_was_dropped_then_nobody_else_gets_it():
    async def script(peer: Peer) -> None:
        await greet(peer)
        await peer.reader.readuntil(b"GET")
        await asyncio.sleep(0.3)
        await peer.send(b"$6\r\nsecret\r\n")

    async with a_peer(script, deadline=0.2) as (wire, _):
        first = await ask(wire, b"GET", b"a")
        await until(lambda: wire.up)
        second = await ask(wire, b"GET", b"b")

    assert isinstance(first, StoreUnavailable)
    assert isinstance(second, StoreUnavailable)


@pytest.mark.parametrize("answer", [b"?what is this\r\n", b"+OK\r\n+OK\r\n"])
async def test_given_answers_that_nobody_asked_for_when_they_come_then_the_connection_is_dropped(
    answer: bytes,
):
    async def script(peer: Peer) -> None:
        await greet(peer)
        await peer.reader.readuntil(b"GET")
        await peer.send(answer)
        await peer.rest()

    async with a_peer(script) as (wire, connections):
        await ask(wire, b"GET", b"a")

        await until(lambda: len(connections) == 2)


@pytest.mark.parametrize("cut", range(1, 11))
async def test_given_an_answer_that_breaks_off_when_it_does_then_it_is_no_answer(cut: int):
    async def script(peer: Peer) -> None:
        await greet(peer)
        await peer.reader.readuntil(b"GET")
        await peer.send(b"$5\r\nhello\r\n"[:cut])

    async with a_peer(script) as (wire, _):
        assert isinstance(await ask(wire, b"GET", b"a"), StoreUnavailable)


async def test_given_a_redis_that_refuses_when_it_serves_again_then_so_does_the_wire():
    async def script(peer: Peer) -> None:
        await greet(peer)
        await peer.reader.readuntil(b"GET")
        await peer.send(b"-LOADING Redis is loading the dataset in memory\r\n")
        await peer.reader.readuntil(b"PING\r\n")
        await peer.send(b"-LOADING Redis is loading the dataset in memory\r\n")
        await greet(peer)
        await peer.rest()

    async with a_peer(script) as (wire, connections):
        answer = await ask(wire, b"GET", b"a")
        up = wire.up

        await until(lambda: wire.up)

        assert isinstance(answer, StoreUnavailable)
        assert str(answer) == "LOADING"
        assert not up
        assert len(connections) == 1


async def test_given_a_first_command_that_is_refused_when_a_ping_would_do_then_it_is_not_used():
    async def script(peer: Peer) -> None:
        await peer.reader.readuntil(b"PING\r\n")
        await peer.send(b"-LOADING Redis is loading the dataset in memory\r\n" + PONG)
        while True:
            await greet(peer)

    async with an_upstream(script) as peer:

        async def dial(protocol: asyncio.Protocol) -> Sequence[Command]:
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: protocol, "127.0.0.1", peer.port)
            return ((b"SELECT", b"3"),)

        async with a_wire(dial) as (_, told):
            await until(lambda: len(peer.connections) > 2)

            assert True not in told.states


async def test_given_those_who_wait_when_the_wire_is_closed_then_they_are_told():
    async def script(peer: Peer) -> None:
        await greet(peer)
        await peer.rest()

    async with a_peer(script) as (wire, _):
        asking = asyncio.create_task(ask(wire, b"GET", b"a"))
        await asyncio.sleep(0)
        await wire.close()

        assert isinstance(await asking, StoreUnavailable)
