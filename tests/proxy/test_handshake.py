import pytest

from sidecar.core.policy import Policy, Route
from tests.plane import ORIGIN, a_plane
from tests.proxy.handshakes import UPGRADE, agreed, echo
from tests.wires import OK, a_request, an_upstream


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ((f"Origin: {ORIGIN}",), 101),
        ((), 101),
        (("Origin: https://friend.example",), 101),
        (("Origin: https://evil.example",), 403),
        (("Origin: null",), 403),
        ((f"Origin: {ORIGIN}.evil.example",), 403),
        ((f"Origin: {ORIGIN}", "Origin: https://evil.example"), 403),
    ],
)
async def test_given_an_origin_when_a_websocket_is_opened_then_only_friends_reach_the_upstream(
    redis_url: str, fields: tuple[str, ...], status: int
):
    friend = Route(path="/**", websocket_origins=frozenset({"https://friend.example"}))
    policy = Policy(routes=(friend,))
    async with (
        an_upstream(echo) as upstream,
        a_plane(redis_url, upstream, policy=policy) as plane,
    ):
        token = await plane.seed()
        client = await plane.client()
        await client.send(a_request("/ws", f"Cookie: sidecar={token}", *fields, *UPGRADE))

        answer = await client.answer() if status != 101 else None

        if answer is None:
            assert agreed(await client.head())
        else:
            assert answer.status == 403
            assert b"foreign_origin" in answer.body
            assert await client.is_closed()
            assert upstream.connections == []


async def test_given_no_session_when_a_websocket_is_opened_then_401_and_nothing_is_dialled(
    redis_url: str,
):
    async with an_upstream(echo) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/ws", *UPGRADE))

        assert (await client.answer()).status == 401
        assert await client.is_closed()
    assert upstream.connections == []


async def test_given_a_websocket_when_the_upstream_refuses_it_then_the_refusal_passes(
    redis_url: str,
):
    async def script(wire):
        await wire.head()
        await wire.send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
        await wire.head()

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/ws", *UPGRADE))

        answer = await client.answer()

        assert (answer.status, answer.body, answer.fields["connection"]) == (403, b"no", "close")
        assert await client.is_closed()


@pytest.mark.parametrize(
    "fields",
    [
        ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP"),
        ("Connection: upgrade", "Upgrade: tls/1.0"),
        ("Upgrade: websocket",),
        ("Connection: Upgrade", "Upgrade: websocket, h2c"),
    ],
)
async def test_given_another_upgrade_when_it_is_asked_for_then_it_is_a_plain_request(
    redis_url: str, fields: tuple[str, ...]
):
    async def script(wire):
        await wire.head()
        await wire.send(OK)
        await wire.head()

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/x", *fields))

        assert (await client.answer()).body == b"ok"
    sent = upstream.heads[0].lower()
    assert b"upgrade" not in sent
    assert b"http2-settings" not in sent


async def test_given_a_request_behind_another_upgrade_when_it_may_be_lost_then_the_client_is_told(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        upgrade = a_request("/pub/1", "Connection: Upgrade", "Upgrade: h2c")
        await client.send(upgrade + a_request("/pub/2"))

        assert (await client.answer()).fields["connection"] == "close"
        assert await client.is_closed()


async def test_given_a_handshake_with_a_body_when_it_arrives_then_the_body_is_not_the_tunnel(
    redis_url: str,
):
    async def script(wire):
        bodies.append((await wire.head(), await wire.exactly(4)))
        await wire.send(OK)

    bodies: list[tuple[bytes, bytes]] = []
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/ws", *UPGRADE, method="POST", body=b"body"))

        assert (await client.answer()).status == 200
        assert await client.is_closed()
    assert bodies[0][1] == b"body"
    assert b"upgrade" not in bodies[0][0].lower()
