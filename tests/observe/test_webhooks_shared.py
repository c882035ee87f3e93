"""Webhooks sent by several workers, of which one may die."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from sidecar.core.audit import SYSTEM
from sidecar.core.reasons import Ended
from sidecar.core.webhook_book import EndpointChange
from sidecar.core.webhooks import DeliveryState
from tests.receivers import Request, Sending, a_receiver, taken
from tests.store.rig import a_rig
from tests.store.seeds import ADMIN


@pytest.fixture(params=[1, 8])
async def sending(redis_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Sending]:
    async with a_rig(redis_url, request.param) as rig:
        yield Sending(rig)


async def test_given_two_workers_when_many_things_happen_then_each_is_sent_once_in_order_by_person(
    sending: Sending,
) -> None:
    rig = sending.rig

    async def slowly(request: Request) -> web.StreamResponse:
        await asyncio.sleep(0.01)
        return web.Response()

    async with a_receiver(slowly) as receiver, sending.worker() as one, sending.worker() as two:
        endpoint_id, _ = await sending.endpoint(
            receiver.url, "session.opened", "session.signed_out"
        )
        users = [await rig.a_user(f"user{number}") for number in range(8)]
        expected = 0
        for _ in range(4):
            for user in users:
                session = (await rig.open(user)).session
                await rig.sessions.end(session.handle, Ended.SIGNED_OUT, ADMIN)
                expected += 2
        await sending.settled(endpoint_id, expected)
        assert one._lines.keys() == two._lines.keys() == {endpoint_id}

    ids = [request.id for request in receiver.requests]
    assert len(ids) == len(set(ids)) == expected
    for user in users:
        own = [r for r in receiver.requests if r.message["data"]["user"]["id"] == user.id]
        assert [r.id for r in own] == sorted((r.id for r in own), key=_order)
        assert [r.message["type"] for r in own] == ["session.opened", "session.signed_out"] * 4


def _order(event_id: str) -> list[int]:
    return [int(part) for part in event_id.split("-")]


async def test_given_a_worker_that_dies_in_the_middle_then_another_takes_its_delivery_over(
    redis_url: str,
) -> None:
    async with a_rig(redis_url) as rig:
        sending = Sending(rig, lapse=timedelta(milliseconds=300))
        endpoint_id, _ = await sending.endpoint("http://127.0.0.1:9/", "user.created")
        (dead,) = await sending.queue.recipients()
        await rig.a_user()
        (lost,), _ = await sending.queue.claim(dead, 0, 16)  # and is never heard of again
        async with a_receiver() as receiver:
            await sending.book.change(endpoint_id, EndpointChange(url=receiver.url), SYSTEM)
            async with sending.worker():
                (request,) = await receiver.until(1)
                (done,) = await sending.settled(endpoint_id)

    assert request.id == lost.id
    assert (lost.attempt, done.attempts, done.state) == (1, 2, DeliveryState.DELIVERED)


async def test_given_a_process_that_is_killed_while_it_sends_then_another_sends_all_that_it_had(
    redis_url: str,
) -> None:
    async def hold(request: Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    async with a_rig(redis_url) as rig, a_receiver(hold) as receiver:
        sending = Sending(rig, lapse=timedelta(seconds=1))
        endpoint_id, _ = await sending.endpoint(receiver.url, "user.created")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.observe.dispatching", redis_url, "1000"
        )
        for number in range(5):
            await rig.a_user(f"user{number}")
        in_hand = {request.id for request in await receiver.until(5)}
        process.kill()
        await process.wait()
        receiver.answer = taken
        async with sending.worker():
            done = await sending.settled(endpoint_id, 5)

    assert {one.id for one in done} == in_hand
    assert {one.state for one in done} == {DeliveryState.DELIVERED}
    assert all(one.attempts >= 2 for one in done)
