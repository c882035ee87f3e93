"""Nothing that is open outlives the limits of its session, and a WebSocket is activity or not.

The policy has seconds where the product has minutes and hours. No test looks at a clock.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.journeys.live.application import Application
from tests.journeys.live.holding import dial, ends_with
from tests.journeys.live.house import PASSWORD, House
from tests.journeys.raw import lay_out
from tests.journeys.running import Product, cookie

POLICY = """
[session.roles.user]
idle_timeout = "6s"

[session.roles.viewer]
absolute_lifetime = "8s"

[[routes]]
path = "/quiet/**"
activity = false
"""
NO_ACTIVITY = """
[activity]
websocket = "none"
"""
_OFTEN = 0.2


@pytest.fixture(scope="module", params=["client_frames", "none"])
def house(request: pytest.FixtureRequest, application: Application) -> Iterator[House]:
    """param: what `activity.websocket` is."""
    policy = POLICY + (NO_ACTIVITY if request.param == "none" else "")
    product = Product(application.port, 'workers = 2\ndrain_timeout = "1s"', policy)
    product.start()
    product.add_user("owner", PASSWORD, "owner")
    house = House(application, product)
    house.owner = asyncio.run(house.sign_in("owner"))
    yield house
    product.remove()


@asynccontextmanager
async def chatting(client: ClientConnection) -> AsyncIterator[None]:
    """Say something again and again, until it is over."""

    async def chat() -> None:
        with suppress(ConnectionClosed):
            while True:
                await client.send("hello")
                await client.recv()
                await asyncio.sleep(_OFTEN)

    task = asyncio.create_task(chat())
    yield
    task.cancel()
    await asyncio.wait([task])


async def ended(client: ClientConnection, code: str) -> None:
    """Wait until it is closed, whoever reads from it."""
    await client.wait_closed()
    assert (client.close_code, client.close_reason) == (1008, code)


async def test_given_all_that_can_be_open_when_nobody_does_anything_then_it_ends_as_idle(
    house: House,
) -> None:
    await house.person("idle")
    token = await house.sign_in("idle")

    holding = await house.hold(token, 2)

    await holding.is_ended("session_idle")
    await house.until_it_is_over("/ws", "/events", "/zeros", "/poll", "/upload", user="idle")
    await holding.close()


async def test_given_a_websocket_when_its_client_goes_on_then_the_policy_says_if_that_counts(
    house: House, request: pytest.FixtureRequest
) -> None:
    frames_count = request.node.callspec.params["house"] == "client_frames"
    await house.person("chatting")
    await house.person("silent")
    chatting_one, silent_one = await house.sign_in("chatting"), await house.sign_in("silent")
    chat = await dial(house.product, "/ws", chatting_one)
    quiet = await dial(house.product, "/quiet/ws", silent_one)

    async with chatting(chat), chatting(quiet):
        await ended(quiet, "session_idle")  # A route that is no activity is none in a tunnel.
        if frames_count:
            await chat.send("hello")
        else:
            await ended(chat, "session_idle")

    assert (chat.close_code is None) is frames_count
    chat.transport.abort()


async def test_given_a_silent_websocket_when_its_person_is_at_work_elsewhere_then_it_stays(
    house: House,
) -> None:
    await house.person("elsewhere")
    await house.person("nowhere")
    token, other = await house.sign_in("elsewhere"), await house.sign_in("nowhere")
    stays, ends = [await dial(house.product, "/ws", one) for one in (token, other)]

    async def work() -> None:
        while True:
            await house.product.ask(lay_out("/nothing/there", cookie(token)))
            await asyncio.sleep(_OFTEN)

    task = asyncio.create_task(work())
    await ends_with(ends, "session_idle")
    await stays.send("still there?")

    assert await stays.recv() == "still there?"
    task.cancel()
    stays.transport.abort()


async def test_given_all_that_can_be_open_when_the_lifetime_is_over_then_activity_is_of_no_help(
    house: House,
) -> None:
    await house.person("old", "viewer")
    token = await house.sign_in("old")
    holding = await house.hold(token, 2)
    chat = await dial(house.product, "/ws", token)

    async with chatting(chat):
        await holding.is_ended("session_expired")
        await ended(chat, "session_expired")

    await holding.close()
