"""Webhooks from the event to the receiver: real Redis, real HTTP."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import pytest
from aiohttp import web
from standardwebhooks import WebhookVerificationError

from sidecar.core.audit import SYSTEM
from sidecar.core.outbound import OutboundRules
from sidecar.core.reasons import Ended
from sidecar.core.users import Role
from sidecar.core.webhook_book import EndpointChange, EndpointDisabled
from sidecar.core.webhooks import Cause, Delivery, DeliveryState
from tests.receivers import Receiver, Request, Sending, a_receiver, eventually, taken
from tests.store.rig import a_rig
from tests.store.seeds import ADMIN


@pytest.fixture(params=[1, 8])
async def sending(redis_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Sending]:
    async with a_rig(redis_url, request.param) as rig:
        yield Sending(rig)


async def failing_since(sending: Sending, endpoint_id: str) -> datetime | None:
    return (await sending.book.get(endpoint_id)).failing_since


async def is_well(sending: Sending, endpoint_id: str) -> bool:
    return (await sending.book.get(endpoint_id)).failing_since is None


async def is_gone(sending: Sending, endpoint_id: str) -> bool:
    return (await sending.book.get(endpoint_id)).cause is Cause.GONE


async def logged(sending: Sending, endpoint_id: str) -> Sequence[Delivery]:
    return (await sending.book.deliveries(endpoint_id, 0, 10))[0]


async def arrived(receiver: Receiver, username: str) -> bool:
    return any(r.message["data"]["user"]["username"] == username for r in receiver.requests)


def status(code: int) -> "web.Response":
    return web.Response(status=code)


async def test_given_an_endpoint_when_a_session_is_revoked_then_it_is_told_signed_and_in_order(
    sending: Sending,
) -> None:
    rig = sending.rig
    async with a_receiver() as receiver, sending.worker():
        endpoint_id, secret = await sending.endpoint(
            receiver.url, "session.opened", "session.revoked"
        )
        user = await rig.a_user()
        session = (await rig.open(user)).session
        await rig.sessions.end(session.handle, Ended.REVOKED, ADMIN)
        opened, revoked = await receiver.until(2)
        done = await sending.settled(endpoint_id, 2)

    assert receiver.types == ["session.opened", "session.revoked"]
    message = revoked.verify(secret)
    assert message["id"] == revoked.id
    assert message["data"]["sessionId"] == session.handle
    assert message["data"]["reason"] == "revoked"
    assert message["data"]["user"] == {"id": user.id, "username": "alice"}
    assert message["data"]["actor"]["id"] == ADMIN.id
    with pytest.raises(WebhookVerificationError):
        opened.verify(b"x" * 32)
    assert [(one.state, one.status, one.attempts) for one in done] == [("delivered", 204, 1)] * 2


async def test_given_a_rotated_secret_then_both_sign_and_only_the_two_newest_do(
    sending: Sending,
) -> None:
    async with a_receiver() as receiver, sending.worker():
        endpoint_id, first = await sending.endpoint(receiver.url, "user.created")
        endpoint, second = await sending.book.rotate(endpoint_id, SYSTEM)
        _, third = await sending.book.rotate(endpoint_id, SYSTEM)
        await sending.rig.a_user()
        (request,) = await receiver.until(1)

    assert endpoint.previous_until is not None
    request.verify(second)
    request.verify(third)
    with pytest.raises(WebhookVerificationError):
        request.verify(first)
    raw = b"".join(
        (await sending.rig.database.command("HGETALL", "sidecar:{p00}:webhooks")).values()
    )
    assert not any(secret in raw for secret in (first, second, third))


async def test_given_one_that_does_not_take_an_event_then_others_go_on_and_the_persons_wait(
    sending: Sending,
) -> None:
    rig = sending.rig
    refusing = True

    async def refuse_alice(request: Request) -> web.StreamResponse:
        return status(500 if refusing and "alice" in request.body.decode() else 200)

    async with a_receiver(refuse_alice) as receiver, sending.worker():
        endpoint_id, _ = await sending.endpoint(receiver.url, "user.created", "user.updated")
        alice, bob = await rig.a_user("alice"), await rig.a_user("bob")
        for user in (alice, bob):
            await rig.users.ban(user.id, SYSTEM, "why", None, highest=Role.OWNER)
        await rig.users.delete(alice.id, SYSTEM, highest=Role.OWNER)
        await receiver.until(2)
        failing = await eventually(lambda: failing_since(sending, endpoint_id))
        await rig.a_user("carol")
        await eventually(lambda: arrived(receiver, "carol"))
        refusing = False
        await rig.a_user("dave")  # arrives, so that what waits is due at once
        done = await sending.settled(endpoint_id, 4)
        await rig.a_user("erin")  # whatever was noted late, the next one puts right
        await eventually(lambda: is_well(sending, endpoint_id))

    assert failing is not None
    of_alice = [r.id for r in receiver.requests if "alice" in r.body.decode()]
    assert len(of_alice) >= 2
    assert len(set(of_alice)) == 1
    assert {one.state for one in done} == {DeliveryState.DELIVERED}


async def test_given_an_endpoint_that_fails_for_too_long_then_it_is_disabled_and_that_is_said(
    sending: Sending,
) -> None:
    rig = sending.rig

    async def refuse(request: Request) -> web.StreamResponse:
        return status(500)

    async with a_receiver(refuse) as receiver, a_receiver() as watching:
        endpoint_id, _ = await sending.endpoint(receiver.url, "user.created")
        await sending.endpoint(watching.url, "webhook.disabled")
        await sending.queue.failed(endpoint_id)
        health = rig.keys.webhook_health(endpoint_id)
        since = round(await rig.database.time() * 1000) - 73 * 3600 * 1000
        await rig.database.command("HSET", health, "since", since)
        async with sending.worker():
            await rig.a_user()
            (told,) = await watching.until(1)
            endpoint = await sending.book.get(endpoint_id)

    assert endpoint.cause is Cause.FAILING
    details = told.message["data"]["details"]
    assert (details["webhook"], details["cause"]) == (endpoint_id, "failing")
    assert (await rig.actions()).count("webhook.disabled") == 1
    assert await sending.queue.recipients() != []
    with pytest.raises(EndpointDisabled):
        await sending.book.test(endpoint_id, SYSTEM)


async def test_given_one_that_says_gone_then_it_is_asked_no_more_until_it_is_enabled(
    sending: Sending,
) -> None:
    async def gone(request: Request) -> web.StreamResponse:
        return status(410)

    async with a_receiver(gone) as receiver:
        endpoint_id, _ = await sending.endpoint(receiver.url, "user.created")
        async with sending.worker():
            await sending.rig.a_user()
            await receiver.until(1)
            await eventually(lambda: is_gone(sending, endpoint_id))
            await sending.rig.a_user("bob")
            receiver.answer = taken
            await sending.book.change(endpoint_id, EndpointChange(enabled=True), SYSTEM)
            _, late = await receiver.until(2)

    assert late.message["data"]["user"]["username"] == "bob"
    assert (await sending.book.get(endpoint_id)).cause is None


async def test_given_a_test_and_a_delivery_once_more_then_both_arrive_and_keep_their_ids(
    sending: Sending,
) -> None:
    async with a_receiver() as receiver, sending.worker():
        endpoint_id, secret = await sending.endpoint(receiver.url, "user.created")
        await sending.rig.a_user()
        (first,) = await receiver.until(1)
        await sending.settled(endpoint_id)
        test_id = await sending.book.test(endpoint_id, ADMIN)
        await receiver.until(2)
        await sending.book.redeliver(endpoint_id, first.id, ADMIN)
        _, test, again = await receiver.until(3)

    assert test.id == test_id
    assert test.verify(secret)["type"] == "webhook.test"
    assert (again.id, again.body) == (first.id, first.body)
    assert {"webhook.test_sent", "webhook.redelivered"} <= set(await sending.rig.actions())


@pytest.mark.parametrize("code", [301, 302, 307, 308])
async def test_given_a_redirect_then_it_is_not_followed(redis_url: str, code: int) -> None:
    async with a_rig(redis_url) as rig, a_receiver() as other:
        sending = Sending(rig)

        async def redirect(request: Request) -> web.StreamResponse:
            return web.Response(status=code, headers={"Location": other.url})

        async with a_receiver(redirect) as receiver, sending.worker():
            endpoint_id, _ = await sending.endpoint(receiver.url, "user.created")
            await rig.a_user()
            await receiver.until(1)
            (done,) = await eventually(lambda: logged(sending, endpoint_id))

    assert (done.state, done.status) == (DeliveryState.RETRYING, code)
    assert other.requests == []


async def test_given_an_address_that_may_not_be_reached_then_nothing_is_sent_and_the_log_says_so(
    redis_url: str,
) -> None:
    async with a_rig(redis_url) as rig, a_receiver() as receiver:
        sending = Sending(rig)
        endpoint_id, _ = await sending.endpoint(receiver.url, "user.created")
        async with sending.worker(OutboundRules(allow_http=True)):
            await rig.a_user()
            (done,) = await eventually(lambda: logged(sending, endpoint_id))

    assert (done.error, done.status, receiver.requests) == ("refused", None, [])
