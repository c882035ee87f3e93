"""What the settings say arrives where it acts: at the clients' end and at the upstream's."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.app import Worker
from sidecar.app_front import build_front
from sidecar.front.server import FrontLimits, Server
from sidecar.observe.metrics import new_slot
from sidecar.policy_source import PolicySource
from sidecar.proxy.pool import Pool, Upstream
from sidecar.settings_load import load_settings
from tests.certificates import write_certificate
from tests.serving import a_sidecar, logs_in
from tests.wires import Wire, a_request, an_upstream, parse_head, read_request

PROXIED = a_request("/pub/x", "X-Forwarded-For: 198.51.100.7", "X-Forwarded-Host: shown.example")


@asynccontextmanager
async def a_front(
    redis_url: str, folder: Path, **settings: str
) -> AsyncIterator[tuple[Server, Pool]]:
    """Build the front of a worker that serves nobody."""
    flags = {name.replace("__", "."): text for name, text in settings.items()}
    loaded = load_settings(
        None,
        {},
        {"redis.url": redis_url, "state_dir": str(folder), "log.access": "false", **flags},
    )
    async with AsyncExitStack() as stack:
        stack.enter_context(logs_in(folder / "log"))
        worker = Worker(loaded, new_slot(), PolicySource(None), stack)
        assert await worker.start(asyncio.Event())
        server, pool = build_front(loaded, worker.front)
        stack.callback(pool.close)
        yield server, pool
        await server.drain(0.0)


def fields(head: bytes) -> dict[str, str]:
    return parse_head(head)[1]


async def test_given_every_limit_is_set_when_the_front_is_built_then_clients_are_held_to_each(
    redis_url: str, tmp_path: Path
) -> None:
    async with a_front(
        redis_url,
        tmp_path,
        upstream="http://127.0.0.1:9000",
        limits__header_size="16384",
        limits__header_timeout="1s",
        limits__idle_timeout="2s",
        limits__body_idle_timeout="3s",
        limits__body_min_rate="100",
        limits__body_grace="6s",
        limits__write_timeout="4s",
        limits__max_connections="5",
    ) as (server, _):
        assert server.limits == FrontLimits(
            header_size=16384,
            header_timeout=1.0,
            idle_timeout=2.0,
            body_timeout=3.0,
            body_rate=100,
            body_grace=6.0,
            write_timeout=4.0,
            max_connections=5,
        )


async def test_given_every_option_is_set_when_the_front_is_built_then_the_upstream_is_spoken_to_so(
    redis_url: str, tmp_path: Path
) -> None:
    async with a_front(
        redis_url,
        tmp_path,
        upstream="https://app.internal:9000",
        upstream_options__connect_timeout="1s",
        upstream_options__response_timeout="2s",
        upstream_options__idle_timeout="3s",
        upstream_options__stream_idle_timeout="4s",
        upstream_options__max_connections="5",
        upstream_options__server_name="app.example",
    ) as (_, pool):
        assert pool.upstream.tls is not None
        assert pool.upstream.tls.check_hostname
        assert replace(pool.upstream, tls=None) == Upstream(
            host="app.internal",
            port=9000,
            server_name="app.example",
            connect_timeout=1.0,
            response_timeout=2.0,
            idle_timeout=3.0,
            stream_idle_timeout=4.0,
            max_connections=5,
        )


async def test_given_nothing_but_an_upstream_when_the_front_is_built_then_the_defaults_agree(
    redis_url: str, tmp_path: Path
) -> None:
    async with a_front(redis_url, tmp_path, upstream="http://app.internal") as (server, pool):
        assert server.limits == FrontLimits()
        assert pool.upstream == replace(Upstream(), host="app.internal", server_name="app.internal")


async def test_given_no_upstream_when_the_front_is_built_then_it_is_refused(
    redis_url: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="no upstream"):
        async with a_front(redis_url, tmp_path):
            pytest.fail("it was built")


@pytest.mark.parametrize(
    ("authority", "name", "status"),
    [
        ("own", "127.0.0.1", 200),
        ("own", "localhost", 200),
        ("own", "other.test", 502),
        ("foreign", "localhost", 502),
    ],
)
async def test_given_an_https_upstream_when_it_is_asked_then_authority_and_name_are_checked(
    redis_url: str, tmp_path: Path, authority: str, name: str, status: int
) -> None:
    for folder in ("own", "foreign"):
        (tmp_path / folder).mkdir()
        write_certificate(tmp_path / folder, folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "own" / "cert.pem", tmp_path / "own" / "key.pem")
    async with (
        an_upstream(tls=context) as upstream,
        a_sidecar(
            redis_url,
            f"https://127.0.0.1:{upstream.port}",
            tmp_path,
            upstream_options__ca=str(tmp_path / authority / "cert.pem"),
            upstream_options__server_name=name,
        ) as sidecar,
    ):
        answer = await sidecar.ask(a_request("/pub/x"))

    assert answer.status == status
    assert len(upstream.heads) == (status == 200)


async def test_given_an_https_upstream_when_nothing_is_set_then_its_own_name_and_the_system_count(
    redis_url: str, tmp_path: Path
) -> None:
    write_certificate(tmp_path, "upstream")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    async with (
        an_upstream(tls=context) as upstream,
        a_sidecar(redis_url, f"https://127.0.0.1:{upstream.port}", tmp_path) as sidecar,
    ):
        answer = await sidecar.ask(a_request("/pub/x"))

    assert answer.status == 502
    assert upstream.heads == []


async def test_given_an_upstream_on_a_unix_socket_when_it_is_asked_then_it_hears_the_clients_host(
    redis_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "app"
    async with (
        an_upstream(path=path) as upstream,
        a_sidecar(redis_url, f"unix:{path}", tmp_path) as sidecar,
    ):
        answer = await sidecar.ask(a_request("/pub/x"))

    assert answer.status == 200
    assert fields(upstream.heads[0])["host"] == "app.example"


@pytest.mark.parametrize("preserve", ["true", "false"])
async def test_given_preserve_host_when_it_is_switched_then_the_upstream_hears_that_host(
    redis_url: str, tmp_path: Path, preserve: str
) -> None:
    async with (
        an_upstream() as upstream,
        a_sidecar(
            redis_url,
            f"http://127.0.0.1:{upstream.port}",
            tmp_path,
            upstream_options__preserve_host=preserve,
        ) as sidecar,
    ):
        await sidecar.ask(a_request("/pub/x"))

    heard = fields(upstream.heads[0])
    assert heard["host"] == ("app.example" if preserve == "true" else f"127.0.0.1:{upstream.port}")
    assert heard["x-forwarded-host"] == "app.example"


@pytest.mark.parametrize(
    ("trusted", "address", "host", "forward_auth"),
    [
        ("127.0.0.0/8", "198.51.100.7", "shown.example", 200),
        ("10.0.0.0/8", "127.0.0.1", "app.example", 401),
        ("", "127.0.0.1", "app.example", 404),
    ],
    ids=["this_peer", "another_peer", "nobody"],
)
async def test_given_trusted_proxies_when_a_peer_forwards_then_only_theirs_is_believed(
    redis_url: str, tmp_path: Path, trusted: str, address: str, host: str, forward_auth: int
) -> None:
    async with (
        an_upstream() as upstream,
        a_sidecar(
            redis_url,
            f"http://127.0.0.1:{upstream.port}",
            tmp_path,
            trusted_proxies=trusted,
        ) as sidecar,
    ):
        await sidecar.ask(PROXIED)
        answer = await sidecar.ask(a_request("/_sidecar/auth", "X-Forwarded-Uri: /pub/x"))

    heard = fields(upstream.heads[0])
    assert (heard["x-forwarded-for"], heard["x-forwarded-host"]) == (address, host)
    assert answer.status == forward_auth


async def test_given_a_public_url_of_https_when_a_proxy_ends_tls_then_the_upstream_hears_https(
    redis_url: str, tmp_path: Path
) -> None:
    async with (
        an_upstream() as upstream,
        a_sidecar(
            redis_url,
            f"http://127.0.0.1:{upstream.port}",
            tmp_path,
            public_url="https://app.example",
        ) as sidecar,
    ):
        await sidecar.ask(a_request("/pub/x"))

    assert fields(upstream.heads[0])["x-forwarded-proto"] == "https"


async def test_given_a_response_timeout_when_the_upstream_says_nothing_then_504(
    redis_url: str, tmp_path: Path
) -> None:
    async def script(wire: Wire) -> None:
        await read_request(wire)
        await wire.some()

    async with (
        an_upstream(script) as upstream,
        a_sidecar(
            redis_url,
            f"http://127.0.0.1:{upstream.port}",
            tmp_path,
            upstream_options__response_timeout="50ms",
        ) as sidecar,
    ):
        assert (await sidecar.ask(a_request("/pub/x"))).status == 504


async def test_given_another_mount_when_our_pages_are_asked_then_they_are_there_and_only_there(
    redis_url: str, tmp_path: Path
) -> None:
    async with (
        an_upstream() as upstream,
        a_sidecar(
            redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path, mount="/-/door"
        ) as sidecar,
    ):
        ours = await sidecar.ask(a_request("/-/door/login"))
        not_ours = await sidecar.ask(a_request("/_sidecar/login"))

    assert (ours.status, not_ours.status) == (200, 401)
    assert upstream.heads == []
