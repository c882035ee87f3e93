"""A WebSocket server that nobody here wrote, and its client, with the sidecar between them."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.typing import Origin, Subprotocol

from tests.journeys.running import COOKIE, PUBLIC, Product
from tests.journeys.talk import MEBIBYTE, Talk

PASSWORD = "a long and unusual passphrase"
CHAT = "https://chat.example"
POLICY = f"""
[[routes]]
path = "/chat"
websocket_origins = ["{CHAT}"]
"""
CODES = [1000, 1001, 1008, 1011, 3000, 4321]


@pytest.fixture(scope="module")
def talk() -> Iterator[Talk]:
    talk = Talk()
    yield talk
    talk.stop()


@pytest.fixture(scope="module")
def product(talk: Talk) -> Iterator[Product]:
    product = Product(talk.port, policy=POLICY)
    product.start()
    product.add_user("maria", PASSWORD)
    yield product
    product.remove()


@pytest.fixture(scope="module")
def token(product: Product) -> str:
    return asyncio.run(product.sign_in("maria", PASSWORD))


def dial(
    product: Product,
    path: str,
    token: str | None,
    *,
    origin: str | None = PUBLIC,
    subprotocols: Sequence[str] | None = None,
    compression: str | None = "deflate",
) -> AbstractAsyncContextManager[ClientConnection]:
    """Connect as the page of `origin` would."""
    return connect(
        f"ws://app.example{path}",
        host="127.0.0.1",
        port=product.port,
        origin=None if origin is None else Origin(origin),
        subprotocols=None if subprotocols is None else [Subprotocol(name) for name in subprotocols],
        additional_headers=None if token is None else {"Cookie": f"{COOKIE}={token}; theme=dark"},
        compression=compression,
        max_size=4 * MEBIBYTE,
        proxy=None,
    )


async def refused(
    product: Product, talk: Talk, path: str, token: str | None, origin: str | None
) -> InvalidStatus:
    """Connect in vain; the application must not notice."""
    before = talk.listener.dialled
    with pytest.raises(InvalidStatus) as refusal:
        async with dial(product, path, token, origin=origin):
            pass
    assert talk.listener.dialled == before
    return refusal.value


@pytest.mark.parametrize("path", ["/echo", "/chat"])
@pytest.mark.parametrize("given", [None, "1.garbage.of.somebody.else"])
async def test_given_nobody_when_they_connect_then_401_comes_before_the_upstream_is_dialled(
    product: Product, talk: Talk, path: str, given: str | None
) -> None:
    refusal = await refused(product, talk, path, given, PUBLIC)

    assert refusal.response.status_code == 401
    assert refusal.response.headers["WWW-Authenticate"] == "Session"


async def test_given_a_revoked_session_when_it_connects_again_then_it_is_refused(
    product: Product, talk: Talk
) -> None:
    product.add_user("noor", PASSWORD)
    token = await product.sign_in("noor", PASSWORD)
    async with dial(product, "/echo", token) as client:
        await client.send("still here")
        assert await client.recv() == "still here"

    done = await asyncio.to_thread(product.command, "sessions", "revoke", "--user", "noor")

    assert done.returncode == 0, done.stderr
    refusal = await refused(product, talk, "/echo", token, PUBLIC)
    assert refusal.response.status_code == 401
    assert b"session_revoked" in (refusal.response.body or b"")


@pytest.mark.parametrize("compression", ["deflate", None], ids=["deflated", "plain"])
async def test_given_a_person_when_frames_of_all_kinds_are_sent_then_they_come_back(
    product: Product, token: str, compression: str | None
) -> None:
    messages: list[str | bytes] = ["", "héllo – ☕", b"", bytes(range(256)), "x" * MEBIBYTE]
    messages.append(b"\x00\xff" * (MEBIBYTE // 2))

    async with dial(product, "/echo", token, compression=compression) as client:
        for message in messages:
            await client.send(message)
        echoed = [await client.recv() for _ in messages]
        await client.send(["in ", "three ", "fragments"])
        fragments = await client.recv()

    assert echoed == messages
    assert fragments == "in three fragments"


async def test_given_a_person_when_they_connect_then_compression_is_agreed_end_to_end(
    product: Product, talk: Talk, token: str
) -> None:
    async with dial(product, "/echo", token) as client:
        agreed = client.protocol.extensions
    async with dial(product, "/echo", token, compression=None) as client:
        none = client.protocol.extensions

    assert [type(extension) for extension in agreed] == [PerMessageDeflate]
    assert none == []
    offered = [handshake.get("sec-websocket-extensions", "") for handshake in talk.handshakes[-2:]]
    assert offered[0].startswith("permessage-deflate")
    assert offered[1] == ""


async def test_given_a_person_when_they_connect_then_the_application_learns_who_without_our_cookie(
    product: Product, talk: Talk, token: str
) -> None:
    async with dial(product, "/echo", token):
        pass

    handshake = talk.handshakes[-1]
    assert handshake["x-forwarded-user"] == "maria"
    assert handshake["cookie"] == "theme=dark"
    assert handshake["host"] == "app.example"
    assert handshake["x-forwarded-proto"] == "https"
    assert "x-sidecar-assertion" in handshake


async def test_given_an_open_connection_when_either_side_pings_then_the_other_answers(
    product: Product, token: str
) -> None:
    async with dial(product, "/ping", token) as client:
        by_the_server = await client.recv()
        by_the_client = await client.ping(b"are you there")
        await asyncio.wait_for(by_the_client, 10)

    assert by_the_server == "answered"


@pytest.mark.parametrize("code", CODES)
async def test_given_an_open_connection_when_the_server_closes_then_its_code_arrives(
    product: Product, token: str, code: int
) -> None:
    async with dial(product, f"/close/{code}", token) as client:
        await client.wait_closed()

    assert (client.close_code, client.close_reason) == (code, "because we say so")


@pytest.mark.parametrize("code", CODES)
async def test_given_an_open_connection_when_the_client_closes_then_its_code_arrives(
    product: Product, talk: Talk, token: str, code: int
) -> None:
    async with dial(product, f"/bye/{code}", token) as client:
        await client.close(code, "bye for now")

    assert await asyncio.to_thread(talk.end_of, f"/bye/{code}") == (code, "bye for now")


async def test_given_an_open_connection_when_the_server_breaks_off_then_no_close_is_invented(
    product: Product, token: str
) -> None:
    async with dial(product, "/vanish", token) as client:
        await client.wait_closed()

    assert client.close_code == 1006


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://app.example", "https://app.example:444", "null", CHAT],
)
async def test_given_a_page_of_another_site_when_it_connects_then_403_comes_before_the_dialling(
    product: Product, talk: Talk, token: str, origin: str
) -> None:
    refusal = await refused(product, talk, "/echo", token, origin)

    assert refusal.response.status_code == 403
    assert b"foreign_origin" in (refusal.response.body or b"")


@pytest.mark.parametrize(
    ("path", "origin"), [("/chat", CHAT), ("/chat", PUBLIC), ("/echo", PUBLIC), ("/echo", None)]
)
async def test_given_an_origin_that_may_when_it_connects_then_it_is_let_through(
    product: Product, token: str, path: str, origin: str | None
) -> None:
    async with dial(product, path, token, origin=origin) as client:
        await client.send("hello")

        assert await client.recv() == "hello"


async def test_given_an_allowed_origin_when_nobody_is_signed_in_then_it_is_still_401(
    product: Product, talk: Talk
) -> None:
    refusal = await refused(product, talk, "/chat", None, CHAT)

    assert refusal.response.status_code == 401


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["chat.v1", "chat.v2"], "chat.v2"),
        (["mqtt", "chat.v1"], "chat.v1"),
        (["mqtt"], None),
        (None, None),
    ],
)
async def test_given_subprotocols_when_they_are_offered_then_the_server_chooses(
    product: Product, token: str, offered: list[str] | None, chosen: str | None
) -> None:
    async with dial(product, "/echo", token, subprotocols=offered) as client:
        assert client.subprotocol == chosen
