"""What the connection of the strict check says of the store: changes, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sidecar.store.wire import Command, Wire
from tests.wires import until


class Switched:
    """A way to the real redis-server that can be cut, as a cable would be."""

    def __init__(self, url: str) -> None:
        self._path = Path(url.removeprefix("unix://"))
        self._transports: list[asyncio.Transport] = []
        self.whole = True

    async def __call__(self, protocol: asyncio.Protocol) -> Sequence[Command]:
        if not self.whole:
            raise ConnectionRefusedError
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_unix_connection(lambda: protocol, str(self._path))
        self._transports.append(transport)
        return ()

    def cut(self) -> None:
        self.whole = False
        for transport in self._transports:
            transport.abort()


@asynccontextmanager
async def a_wire(dial: Switched) -> AsyncIterator[tuple[Wire, list[bool]]]:
    """Yield the connection and what it told about the store."""
    told: list[bool] = []
    wire = Wire(dial, 5.0, told.append, lambda _: None)
    await wire.start()
    yield wire, told
    await wire.close()


def changes(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelname == "WARNING"]


async def test_given_a_store_when_the_wire_connects_and_closes_then_no_change_is_reported(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_wire(Switched(redis_url)) as (wire, told):
        was_up = wire.up

    assert was_up
    assert not wire.up
    assert changes(caplog) == []
    assert set(told) == {True}


async def test_given_a_store_when_it_goes_and_comes_back_then_both_are_reported_once(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    dial = Switched(redis_url)
    async with a_wire(dial) as (wire, told):
        dial.cut()
        await until(lambda: told.count(False) > 1)
        dial.whole = True
        await until(lambda: wire.up)

    assert changes(caplog) == ["store_down", "store_up"]
    assert told[-1]


async def test_given_no_store_at_the_start_when_it_comes_then_its_absence_was_reported(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    dial = Switched(redis_url)
    dial.cut()
    async with a_wire(dial) as (wire, told):
        assert told == [False]
        dial.whole = True
        await until(lambda: wire.up)

    assert changes(caplog) == ["store_down", "store_up"]


async def test_given_a_store_that_is_away_when_the_wire_closes_then_nothing_more_is_reported(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    dial = Switched(redis_url)
    dial.cut()

    async with a_wire(dial):
        pass

    assert changes(caplog) == ["store_down"]
