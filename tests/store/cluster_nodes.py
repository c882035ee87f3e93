"""A Redis Cluster of two nodes, each with half of the slots."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import redis as redis_py

from tests.ports import free_port

SLOTS = 16384


@contextmanager
def a_cluster() -> Iterator[str]:
    """Start the nodes and give the URL."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("the tests need redis-server on PATH")
    ports = [free_port() for _ in range(2)]
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
