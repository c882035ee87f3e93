"""The log of deliveries: bounded, the newest first, over all partitions."""

import pytest

from sidecar.core.webhook_book import NoSuchEndpoint
from sidecar.store import webhook_queue
from tests.receivers import Sending
from tests.store.rig import Rig
from tests.store.seeds import ADMIN
from tests.store.test_webhook_queue import TAKEN, a_line, claim_all


async def test_given_many_deliveries_then_pages_have_the_newest_first_and_old_ones_go(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_queue, "MOST_LOGGED", 60)
    sending, recipient = await a_line(rig, "user.created", "webhook.test_sent")
    for number in range(4):
        await rig.a_user(f"user{number}")
        for claim in await claim_all(sending, recipient):
            await sending.queue.done(recipient, claim, TAKEN, None)

    page, total = await sending.book.deliveries(recipient.id, 0, 3)
    rest, _ = await sending.book.deliveries(recipient.id, 3, 3)

    names = [delivery.username for delivery in (*page, *rest)]
    assert total == 4
    assert [page[0].username, rest[-1].username] == ["user3", "user0"]
    assert sorted(names) == ["user0", "user1", "user2", "user3"]
    for _ in range(70):
        await sending.book.test(recipient.id, ADMIN)
    for claim in await claim_all(sending, recipient, 200):
        await sending.queue.done(recipient, claim, TAKEN, None)
    assert (await sending.book.deliveries(recipient.id, 0, 200))[1] <= 64


async def test_given_a_delivery_that_is_in_no_log_then_nothing_is_put_in_line(rig: Rig) -> None:
    sending = Sending(rig)
    endpoint_id, _ = await sending.endpoint("https://hooks.example.com/")
    before = await rig.actions()

    with pytest.raises(NoSuchEndpoint):
        await sending.book.redeliver(endpoint_id, "1-0-00", ADMIN)
    assert await rig.actions() == before
