"""What open WebSockets hear when the product is stopped, with a server and a client of others."""

import asyncio
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from tests.journeys.running import COOKIE, PUBLIC, Product
from tests.journeys.talk import MEBIBYTE, Talk

PASSWORD = "a long and unusual passphrase"


@pytest.fixture
def talk() -> Iterator[Talk]:
    talk = Talk()
    yield talk
    talk.stop()


@pytest.fixture
def product(talk: Talk) -> Iterator[Product]:
    product = Product(talk.port, 'drain_timeout = "10m"')
    product.start()
    product.add_user("maria", PASSWORD)
    yield product
    product.remove()


async def dial(product: Product, token: str, path: str) -> ClientConnection:
    return await connect(
        f"ws://app.example{path}",
        host="127.0.0.1",
        port=product.port,
        origin=Origin(PUBLIC),
        additional_headers={"Cookie": f"{COOKIE}={token}"},
        max_size=4 * MEBIBYTE,
        proxy=None,
    )


async def test_f17_given_open_websockets_when_sigterm_comes_then_both_sides_hear_1001_and_it_ends(
    product: Product, talk: Talk
) -> None:
    token = await product.sign_in("maria", PASSWORD)
    silent = await dial(product, token, "/silent")
    busy = await dial(product, token, "/busy")
    for size in (0, 125, 126, MEBIBYTE):
        await busy.send("x" * size)
        assert await busy.recv() == "x" * size

    code = await asyncio.to_thread(product.stop)

    assert code == 0
    for client, path in ((silent, "/silent"), (busy, "/busy")):
        await client.wait_closed()
        assert (client.close_code, client.protocol.close_rcvd_then_sent) == (1001, True)
        assert await asyncio.to_thread(talk.end_of, path) == (1001, "")


async def test_f17_given_a_message_half_sent_when_sigterm_comes_then_its_sender_hears_1001(
    product: Product,
) -> None:
    token = await product.sign_in("maria", PASSWORD)
    client = await dial(product, token, "/half")
    stopped = asyncio.Event()

    async def halves():
        yield "one half"
        stopped.set()
        await client.wait_closed()

    sending = asyncio.create_task(client.send(halves()))
    await stopped.wait()

    code = await asyncio.to_thread(product.stop)

    await client.wait_closed()
    assert (code, client.close_code) == (0, 1001)
    await asyncio.wait([sending])
