"""The queue by itself: who gets what, and when."""

from datetime import timedelta

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.users import Role
from sidecar.core.webhook_book import NoSuchEndpoint
from sidecar.core.webhooks import Answer, Claim, DeliveryState, Recipient
from sidecar.store import webhook_queue
from sidecar.store.webhooks import Webhooks
from tests.receivers import Sending
from tests.store.rig import Rig
from tests.store.seeds import ADMIN

TAKEN = Answer(200, "", timedelta())
REFUSED = Answer(500, "", timedelta())


async def a_line(rig: Rig, *types: str, **timing: timedelta) -> tuple[Sending, Recipient]:
    sending = Sending(rig, **timing)
    await sending.endpoint("https://hooks.example.com/", *types)
    (recipient,) = await sending.queue.recipients()
    return sending, recipient


async def claim_all(sending: Sending, recipient: Recipient, most: int = 10) -> list[Claim]:
    found: list[Claim] = []
    for partition in range(sending.queue.partitions):
        found += (await sending.queue.claim(recipient, partition, most)).claims
    return found


async def test_given_two_events_of_one_person_then_the_second_waits_for_the_first(rig: Rig) -> None:
    sending, recipient = await a_line(rig, "user.created", "user.banned")
    user = await rig.a_user()
    await rig.users.ban(user.id, SYSTEM, "why", None, highest=Role.OWNER)

    (first,) = await claim_all(sending, recipient)
    assert await claim_all(sending, recipient) == []
    await sending.queue.done(recipient, first, TAKEN, None)
    (second,) = await claim_all(sending, recipient)

    assert first.event is not None
    assert second.event is not None
    assert [first.event.type, second.event.type] == ["user.created", "user.banned"]
    assert (await sending.book.get(recipient.id)).waiting == 1


async def test_given_a_claim_that_was_taken_over_then_its_late_failure_changes_nothing(
    rig: Rig,
) -> None:
    sending, recipient = await a_line(rig, "user.created", lapse=timedelta(milliseconds=1))
    await rig.a_user()
    late: list[Claim] = await claim_all(sending, recipient)
    while not (second := await claim_all(sending, recipient)):
        pass

    await sending.queue.done(recipient, late[0], REFUSED, None)
    assert (await sending.book.get(recipient.id)).waiting == 1
    await sending.queue.done(recipient, second[0], TAKEN, None)
    await sending.queue.done(recipient, late[0], TAKEN, None)

    assert (await sending.book.get(recipient.id)).waiting == 0
    (delivery,), total = await sending.book.deliveries(recipient.id, 0, 10)
    assert (delivery.state, delivery.attempts, total) == (DeliveryState.DELIVERED, 2, 1)


async def test_given_a_failure_then_it_is_due_when_it_was_said_or_when_all_is_well_again(
    rig: Rig,
) -> None:
    sending, recipient = await a_line(rig, "user.created")
    await rig.a_user()
    (claim,) = await claim_all(sending, recipient)
    next_at = rig.clock.now().replace(microsecond=0) + timedelta(hours=1)
    await sending.queue.done(recipient, claim, REFUSED, next_at)

    assert await claim_all(sending, recipient) == []
    (delivery,), _ = await sending.book.deliveries(recipient.id, 0, 10)
    assert (delivery.state, delivery.next_at) == (DeliveryState.RETRYING, next_at)
    _, again = await sending.queue.claim(recipient, claim.partition, 10)
    assert again is not None
    assert timedelta(minutes=58) < again <= timedelta(hours=1)

    await sending.queue.hurry(recipient.id)
    assert [one.attempt for one in await claim_all(sending, recipient)] == [2]
    await sending.queue.hurry(recipient.id)
    assert await claim_all(sending, recipient) == []  # somebody is at it


async def test_given_health_then_failures_add_up_until_something_arrives(rig: Rig) -> None:
    sending, recipient = await a_line(rig)

    assert not await sending.queue.healthy(recipient.id)
    await sending.queue.failed(recipient.id)
    assert await sending.queue.failed(recipient.id) >= timedelta()
    assert (await sending.book.get(recipient.id)).failures == 2
    assert await sending.queue.healthy(recipient.id)
    assert (await sending.book.get(recipient.id)).failures == 0


async def test_given_a_failing_endpoint_when_its_secret_is_rotated_then_it_is_failing_still(
    rig: Rig,
) -> None:
    sending, recipient = await a_line(rig)
    await sending.queue.failed(recipient.id)
    before = await sending.book.get(recipient.id)

    await sending.book.rotate(recipient.id, SYSTEM)

    after = await sending.book.get(recipient.id)
    assert (after.failures, after.failing_since) == (1, before.failing_since)


async def test_given_more_than_a_line_takes_then_the_rest_waits_in_the_event_stream(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_queue, "MOST_WAITING", 1)
    monkeypatch.setattr(webhook_queue, "_READ", 1)
    sending, recipient = await a_line(rig, "user.created")
    for number in range(5):
        await rig.a_user(f"user{number}")

    seen: list[str] = []
    while len(seen) < 5:  # a look may find nothing but events of other types
        claims = await claim_all(sending, recipient)
        assert (await sending.book.get(recipient.id)).waiting <= rig.keys.partitions
        for claim in claims:
            seen.append(claim.id)
            await sending.queue.done(recipient, claim, TAKEN, None)

    assert len(set(seen)) == 5


async def test_given_an_event_that_is_not_kept_any_more_then_its_claim_says_so(rig: Rig) -> None:
    sending, recipient = await a_line(rig, "user.created")
    user = await rig.a_user()
    (claim,) = await claim_all(sending, recipient)
    await sending.queue.done(recipient, claim, REFUSED, rig.clock.now() - timedelta(seconds=1))
    part = rig.keys.partition_of_user(user.id)
    await rig.database.command("XTRIM", rig.keys.events(part), "MAXLEN", 0)

    (again,) = await claim_all(sending, recipient)
    assert (again.is_lost, again.event) == (True, None)
    with pytest.raises(NoSuchEndpoint):
        await sending.book.redeliver(recipient.id, claim.id, ADMIN)


async def test_given_an_endpoint_that_is_deleted_then_nothing_of_it_stays(rig: Rig) -> None:
    sending, recipient = await a_line(rig)
    await rig.a_user()
    for claim in await claim_all(sending, recipient):
        await sending.queue.done(recipient, claim, REFUSED, rig.clock.now() - timedelta(seconds=1))

    await sending.book.delete(recipient.id, ADMIN)

    assert await rig.database.command("KEYS", f"*{recipient.id}*") == []
    assert await rig.database.command("HLEN", rig.keys.webhooks) == 0


async def test_given_secrets_that_another_key_sealed_then_that_endpoint_gets_nothing(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    sending, _ = await a_line(rig)
    other = Webhooks(rig.database, b"o" * 32, rig.clock)
    queue = webhook_queue.StoredQueue(rig.database, other, rig.clock)

    assert await queue.recipients() == []
    assert await queue.recipients() == []
    assert caplog.text.count("webhook_secret_sealed_with_another_secret") == 1
    assert len(await sending.queue.recipients()) == 1


async def test_given_a_cluster_then_what_many_people_do_is_claimed_once_and_pages_have_it_all(
    wide: Rig,
) -> None:
    sending, recipient = await a_line(wide, "user.created")
    users = [await wide.a_user(f"someone{number}") for number in range(12)]

    claims = await claim_all(sending, recipient)
    again = await claim_all(sending, recipient)
    for claim in claims:
        await sending.queue.done(recipient, claim, TAKEN, None)
    deliveries, total = await sending.book.deliveries(recipient.id, 0, 50)
    page = await wide.events.page("", {"user.created"}, 50)

    assert sorted(claim.lane[1:] for claim in claims) == sorted(user.id for user in users)
    assert (again, total) == ([], 12)
    assert {one.id for one in deliveries} <= {event.id for event in page.events}
    assert await sending.queue.healthy(recipient.id) is False
