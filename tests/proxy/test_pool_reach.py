import ssl
from pathlib import Path

import pytest

from sidecar.proxy.pool import Upstream
from tests.certificates import write_certificate
from tests.plane import a_plane
from tests.wires import a_request, an_upstream


async def test_given_an_upstream_on_a_unix_socket_when_a_request_comes_then_it_is_served(
    redis_url: str, tmp_path: Path
):
    path = tmp_path / "app"
    async with (
        an_upstream(path=path),
        a_plane(redis_url, Upstream(path=str(path))) as plane,
    ):
        client = await plane.client()
        await client.send(a_request())

        assert (await client.answer()).body == b"ok"


@pytest.mark.parametrize(
    ("name", "status"), [("localhost", 200), ("127.0.0.1", 200), ("other.example", 502)]
)
async def test_given_an_upstream_over_https_when_its_name_is_checked_then_only_the_right_one_serves(
    redis_url: str, tmp_path: Path, name: str, status: int
):
    write_certificate(tmp_path, "the application")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    async with an_upstream(tls=server) as upstream:
        where = Upstream(port=upstream.port, tls=trusting, server_name=name)
        async with a_plane(redis_url, where) as plane:
            client = await plane.client()
            await client.send(a_request())

            assert (await client.answer()).status == status


async def test_given_an_unknown_authority_when_the_upstream_shows_its_certificate_then_502(
    redis_url: str, tmp_path: Path
):
    write_certificate(tmp_path, "the application")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    async with an_upstream(tls=server) as upstream:
        where = Upstream(
            port=upstream.port, tls=ssl.create_default_context(), server_name="localhost"
        )
        async with a_plane(redis_url, where) as plane:
            client = await plane.client()
            await client.send(a_request())

            assert (await client.answer()).status == 502
    assert upstream.heads == []
