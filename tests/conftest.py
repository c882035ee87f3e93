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

_TESTS = Path(__file__).parent
_JOURNEYS = _TESTS / "journeys"
_LONG = ("console", "account", "tabs", "adversarial", "live")
"""Folders of journeys that have a `conftest.py` with a product for all of them, the longest
first."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each process whole files, and whole folders of journeys, which share a product and a
    browser. The longest go first: the many short files then fill what is left, so that no process
    sits idle behind one long file at the end."""
    items.sort(key=_turn)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(str(_shared(item.path).relative_to(_TESTS))))


def _shared(path: Path) -> Path:
    folder = path.parent
    return folder if folder.name in _LONG and folder.parent == _JOURNEYS else path


def _turn(item: pytest.Item) -> int:
    if not item.path.is_relative_to(_JOURNEYS):
        return len(_LONG) + 1
    name = item.path.parent.name
    return _LONG.index(name) if name in _LONG else len(_LONG)


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
