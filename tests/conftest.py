"""One real redis-server for the whole run, on a Unix socket; empty at the start of each test."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis as redis_py
from redis.asyncio import Redis

_JOURNEYS = Path(__file__).parent / "journeys"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys go first, file by file: the many short files then fill what is left, so that no
    worker sits idle behind one long file at the end."""
    items.sort(key=lambda item: not item.path.is_relative_to(_JOURNEYS))


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """Run redis-server for the session; yield its `unix://` URL. The path stays short: a Unix
    socket's path may have about 100 characters."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        pytest.fail("the tests need redis-server or valkey-server on PATH")
    folder = Path(tempfile.mkdtemp(prefix="scr-", dir="/tmp"))
    socket_path = folder / "s"
    process = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", str(socket_path), "--dir", str(folder)]
        + ["--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    url = f"unix://{socket_path}"
    try:
        _wait_until_ready(url, process)
        yield url
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of a redis-server that holds nothing: no key, no script."""
    with redis_py.Redis.from_url(redis_server) as client:
        client.flushall()
        client.script_flush()
    return redis_server


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator["Redis"]:
    """A client that answers bytes, as the product's own does."""
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    with redis_py.Redis.from_url(url) as client:
        for _ in range(500):
            if process.poll() is not None:
                pytest.fail(f"redis-server ended at once with code {process.returncode}")
            try:
                client.ping()
            except redis_py.ConnectionError:
                time.sleep(0.02)
            else:
                return
    pytest.fail("redis-server did not become ready")
