"""The store on a Redis Cluster of two nodes: every script stays within one slot."""

import asyncio
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

import pytest
import redis as redis_py

from sidecar.core.ports import LastOwner
from sidecar.core.reasons import Ended
from sidecar.core.users import Role
from tests.store.rig import Rig, a_rig
from tests.store.seeds import ADMIN

SLOTS = 16384


def _free_port() -> int:
    """Return a port that is free and whose bus port (10,000 above) is one."""
    for _ in range(100):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = int(listener.getsockname()[1])
            if port < 55_000:
                return port
    pytest.fail("no free port")


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("the tests need redis-server on PATH")
    ports = [_free_port() for _ in range(2)]
    folders = [tempfile.mkdtemp(prefix="scc-", dir="/tmp") for _ in ports]
    nodes = [
        subprocess.Popen(
            [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
            + ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"],
            stdout=subprocess.DEVNULL,
        )
        for port, folder in zip(ports, folders, strict=True)
    ]
    try:
        clients = [redis_py.Redis(port=port) for port in ports]
        asyncio.run(_join(clients, ports))
        yield f"redis+cluster://127.0.0.1:{ports[0]}"
    finally:
        for node in nodes:
            node.terminate()
            node.wait()
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


async def _join(clients: list[redis_py.Redis], ports: list[int]) -> None:
    half = SLOTS // 2
    for position, client in enumerate(clients):
        await _until(partial(_answers, client))
        slots = range(position * half, (position + 1) * half)
        client.execute_command("CLUSTER", "ADDSLOTS", *slots)
    clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", ports[1])
    await _until(lambda: all(_is_whole(client) for client in clients))


async def _until(true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0.02)
    pytest.fail("the cluster did not come about")


def _answers(client: redis_py.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis_py.ConnectionError:
        return False


def _is_whole(client: redis_py.Redis) -> bool:
    info = client.execute_command("CLUSTER", "INFO")
    return b"cluster_state:ok" in info if isinstance(info, bytes) else info["cluster_state"] == "ok"


@pytest.fixture
async def wide(cluster: str) -> AsyncIterator[Rig]:
    async with a_rig(cluster, 64) as rig:
        yield rig


async def test_given_a_cluster_when_people_sign_in_and_out_then_all_is_as_on_one_node(
    wide: Rig,
) -> None:
    users = [await wide.a_user(f"user{number}") for number in range(12)]
    opened = [await wide.open(user) for user in users for _ in range(2)]
    for one in opened:
        wide.sessions.touch(one.session)
    await wide.sessions.flush()

    assert len({wide.keys.partition_of(one.session.handle) for one in opened}) > 4
    assert (await wide.sessions.list(0, 100))[1] == 24
    assert (await wide.users.list(0, 100))[1] == 12
    assert await wide.sessions.rotate(opened[0].session, ADMIN)
    assert await wide.sessions.end(opened[0].session.handle, Ended.REVOKED, ADMIN)
    assert await wide.sessions.end_all(users[1].id, Ended.REVOKED, ADMIN) == 2
    assert (await wide.sessions.list(0, 100))[1] == 21
    planted = opened[6].session.handle
    await wide.open(users[2], replaces=planted)
    assert await wide.is_dead(planted)
    assert not (await wide.throttle.begin("user0", "192.0.2.7")).locked
    assert len((await wide.audit.read(1000)).entries) >= 12 + 24 + 4


async def test_given_a_cluster_when_all_owners_go_at_once_then_one_stays(wide: Rig) -> None:
    owners = [await wide.a_user(f"owner{number}", Role.OWNER) for number in range(6)]

    results = await asyncio.gather(
        *(wide.users.set_role(owner.id, Role.USER, ADMIN) for owner in owners),
        return_exceptions=True,
    )

    assert sum(isinstance(result, LastOwner) for result in results) == 1
    assert all(not isinstance(r, BaseException) or isinstance(r, LastOwner) for r in results)
