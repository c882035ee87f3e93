"""Each entry reaches a sink at least once, whatever dies on the way."""

import asyncio
import json
import random
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from sidecar.core.address import TcpAddress
from sidecar.core.audit import SYSTEM, Action, AuditEntry
from sidecar.core.audit_sinks import SinkDown
from sidecar.observe.audit_forward import Forwarder
from sidecar.observe.sink_syslog import SyslogSink
from sidecar.store.background import end
from sidecar.store.sink_place import StoredPlace
from tests.observe.entries import line
from tests.observe.syslog_server import a_syslog_server
from tests.receivers import eventually
from tests.store.rig import Rig, a_rig


class Taking:
    """A sink that keeps what it gets, and is down when it is told to be."""

    settles_after = 0.0

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.is_down = False
        self.tries = 0

    async def write(self, entries: Sequence[AuditEntry]) -> None:
        self.tries += 1
        if self.is_down:
            raise SinkDown("told to be")
        self.ids += [entry.id for entry in entries]

    def stands(self) -> bool:
        return True

    async def close(self) -> None:
        pass

    async def was_asked(self) -> bool:
        return self.tries >= 3

    async def has(self, ids: Sequence[str]) -> bool:
        return set(ids) <= set(self.ids)


def a_forwarder(rig: Rig, sink: Taking | SyslogSink, name: str = "test") -> Forwarder:
    return Forwarder(name, sink, StoredPlace(rig.database, name), rig.audit, rest=0.05, turn=0.05)


async def write(rig: Rig, count: int) -> list[str]:
    entry = AuditEntry(Action.SERVICE_STARTED, SYSTEM)
    return [await rig.audit.write(entry) for _ in range(count)]


@pytest.fixture(params=[1, 64])
async def rig(redis_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with a_rig(redis_url, request.param) as rig:
        yield rig


async def test_given_two_replicas_then_each_entry_comes_once_and_in_order(rig: Rig) -> None:
    sinks = [Taking(), Taking()]
    forwarders = [a_forwarder(rig, sink) for sink in sinks]
    for forwarder in forwarders:
        forwarder.start()
    expected = await write(rig, 20)

    async def all_there() -> bool:
        return set(expected) <= set(sinks[0].ids + sinks[1].ids)

    await eventually(all_there)
    for forwarder in forwarders:
        await forwarder.stop()
    assert sorted(sinks[0].ids + sinks[1].ids) == sorted(expected)
    assert [] in (sinks[0].ids, sinks[1].ids)
    assert (sinks[0].ids or sinks[1].ids) == expected


async def test_given_a_sink_that_is_down_for_a_while_then_nothing_is_lost_and_it_is_said_once(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with a_rig(redis_url) as rig:
        sink = Taking()
        sink.is_down = True
        forwarder = a_forwarder(rig, sink)
        forwarder.start()
        expected = await write(rig, 3)
        await eventually(sink.was_asked)
        expected += await write(rig, 3)
        sink.is_down = False
        await eventually(lambda: sink.has(expected))
        await forwarder.stop()

        again = Taking()
        later = a_forwarder(rig, again)
        later.start()
        more = await write(rig, 1)
        await eventually(lambda: again.has(more))
        await later.stop()

    assert (sink.ids, again.ids) == (expected, more)
    said = [record.message for record in caplog.records if "audit_sink" in record.message]
    assert said == ["audit_sink_down", "audit_sink_up"]


async def test_given_a_receiver_that_crashes_again_and_again_then_it_gets_every_entry(
    redis_url: str,
) -> None:
    async with a_rig(redis_url) as rig, a_syslog_server() as server:
        sink = SyslogSink(
            TcpAddress("127.0.0.1", server.port), lambda one: line(one)[:-1], settles_after=0.3
        )
        forwarder = a_forwarder(rig, sink)
        forwarder.start()
        expected: list[str] = []
        for _ in range(8):
            expected += await write(rig, 25)
            await asyncio.sleep(random.uniform(0, 0.3))
            server.crash()
        await server.until(set(expected))
        await forwarder.stop()

    assert list(dict.fromkeys(server.ids)) == expected


async def test_given_a_process_that_is_killed_at_random_then_the_files_have_every_entry(
    redis_url: str, tmp_path: Path
) -> None:
    expected: list[str] = []

    async with a_rig(redis_url) as rig:
        writing = asyncio.create_task(_keep_writing(rig, expected))
        for _ in range(2):
            process = await _a_process(rig, redis_url, tmp_path)
            await asyncio.sleep(random.uniform(0.05, 0.6))
            process.send_signal(signal.SIGKILL)
            await process.wait()
        await end(writing)
        process = await _a_process(rig, redis_url, tmp_path)

        async def all_there() -> bool:
            try:
                return set(expected) <= set(_ids(tmp_path))
            except (FileNotFoundError, ValueError):
                return False  # read while it is turned over, or written to

        await eventually(all_there, 60)
        process.terminate()
        await process.wait()

    known = set(expected)  # the last ones may have been written without our being told
    assert [one for one in dict.fromkeys(_ids(tmp_path)) if one in known] == expected
    assert len(list(tmp_path.iterdir())) > 1


async def _keep_writing(rig: Rig, ids: list[str]) -> None:
    while True:
        ids += await write(rig, 20)
        await asyncio.sleep(0.005)


async def _a_process(rig: Rig, redis_url: str, folder: Path) -> asyncio.subprocess.Process:
    """Begin one. Nobody waits until the lease of the one before has lapsed."""
    leases = await rig.database.command("KEYS", "*lease:sink*")
    await rig.database.command("DEL", "none", *leases)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.observe.forwarding",
        redis_url,
        f"file:{folder / 'audit.jsonl'}",
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    await process.stdout.readline()
    return process


def _ids(folder: Path) -> list[str]:
    """Return the ids in all files, the oldest line first; a torn line raises ValueError."""

    def age(path: Path) -> int:
        number = path.name.rpartition(".")[2]
        return -int(number) if number.isdigit() else 0

    files = sorted(folder.iterdir(), key=age)
    return [json.loads(one)["id"] for file in files for one in file.read_text().splitlines()]
