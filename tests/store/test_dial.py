"""Where the strict check connects to: what redis-py would make of the same URL."""

import asyncio
import subprocess
import time
from collections.abc import Iterator

import pytest
import redis as redis_py
from redis.asyncio import Redis

from sidecar.core.ports import StoreUnavailable
from sidecar.store.connect import connect
from sidecar.store.dial import PoolDial
from sidecar.store.wire import Wire
from tests.certificates import write_certificate
from tests.ports import free_port
from tests.store.rig import DEADLINE

PASSWORD = "pässword"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A redis-server on plain and TLS ports with a password, and a sentinel that watches it."""
    folder = tmp_path_factory.mktemp("dial")
    write_certificate(folder, "redis")
    plain, secure, sentinel = free_port(), free_port(), free_port()
    (folder / "sentinel.conf").write_text(
        f"port {sentinel}\ndir {folder}\nsentinel monitor main 127.0.0.1 {plain} 1\n"
        f"sentinel auth-pass main {PASSWORD}\n",
        encoding="utf-8",
    )
    commands = [
        ["redis-server", "--port", str(plain), "--tls-port", str(secure), "--save", ""]
        + ["--requirepass", PASSWORD, "--tls-auth-clients", "no", "--dir", str(folder)]
        + ["--tls-cert-file", str(folder / "cert.pem"), "--tls-key-file", str(folder / "key.pem")]
        + ["--tls-ca-cert-file", str(folder / "cert.pem")],
        ["redis-server", str(folder / "sentinel.conf"), "--sentinel"],
    ]
    processes = [subprocess.Popen(line, stdout=subprocess.DEVNULL) for line in commands]
    wait_for(plain, PASSWORD)
    wait_for(sentinel, None)
    word = "p%C3%A4ssword"
    yield {
        "plain": f"redis://:{word}@127.0.0.1:{plain}/2",
        "named": f"redis://default:{word}@127.0.0.1:{plain}/2",
        "wrong": f"redis://:wrong@127.0.0.1:{plain}/2",
        "none": f"redis://127.0.0.1:{plain}/2",
        "beyond": f"redis://:{word}@127.0.0.1:{plain}/99",
        "tls": f"rediss://:{word}@localhost:{secure}/2?ssl_ca_certs={folder}/cert.pem",
        "stranger": f"rediss://:{word}@localhost:{secure}/2",
        "sentinel": f"redis+sentinel://:{word}@127.0.0.1:{sentinel}/main?db=2",
        "unknown": f"redis+sentinel://:{word}@127.0.0.1:{sentinel}/other?db=2",
    }
    for process in processes:
        process.terminate()
        process.wait()


def wait_for(port: int, password: str | None) -> None:
    with redis_py.Redis(port=port, password=password) as client:
        for _ in range(500):
            try:
                client.ping()
            except redis_py.ConnectionError:
                time.sleep(0.02)
            else:
                return
    pytest.fail("redis-server did not become ready")


async def ask(url: str, *command: bytes) -> object:
    """Dial, send one command and return its answer."""
    client = connect(url, DEADLINE)
    assert isinstance(client, Redis)
    wire = Wire(PoolDial(client), 5.0, lambda up: None, lambda seconds: None)
    await wire.start()
    future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    wire.send(command, future.set_result)
    try:
        return await future
    finally:
        await wire.close()
        await client.aclose()


async def test_given_a_unix_socket_when_it_is_dialled_then_it_answers(redis_url: str):
    assert await ask(redis_url, b"PING") == b"PONG"


@pytest.mark.parametrize("kind", ["plain", "named", "tls", "sentinel"])
async def test_given_an_address_of_each_kind_when_it_is_dialled_then_database_and_password_count(
    servers: dict[str, str], kind: str
):
    url = servers[kind]
    client = connect(url, DEADLINE)
    await client.set("kind", kind)
    await client.aclose()

    assert await ask(url, b"GET", b"kind") == kind.encode()


@pytest.mark.parametrize("kind", ["wrong", "none", "beyond", "stranger", "unknown"])
async def test_given_an_address_that_may_not_be_used_when_it_is_dialled_then_there_is_no_store(
    servers: dict[str, str], kind: str
):
    assert isinstance(await ask(servers[kind], b"GET", b"kind"), StoreUnavailable)


async def test_given_a_client_without_a_context_when_tls_is_asked_for_then_it_is_refused(
    servers: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    client = connect(servers["tls"], DEADLINE)
    assert isinstance(client, Redis)
    monkeypatch.setattr("redis.asyncio.connection.RedisSSLContext.get", lambda self: None)

    with pytest.raises(StoreUnavailable):
        await PoolDial(client)(asyncio.Protocol())
