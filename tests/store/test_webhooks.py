"""The book of endpoints: what is in it, and who changed it."""

import asyncio

import pytest

from sidecar.core.audit import Action
from sidecar.core.webhook_book import EndpointChange, NoSuchEndpoint, TooManyEndpoints
from sidecar.core.webhooks import MOST_ENDPOINTS, Cause
from tests.receivers import Sending
from tests.store.rig import Rig
from tests.store.seeds import ADMIN

URL = "https://hooks.example.com/in?token=never-logged"


async def test_given_changes_to_an_endpoint_then_each_has_its_entry_and_its_event(rig: Rig) -> None:
    book = Sending(rig).book
    endpoint, secret = await book.add(URL, frozenset({"user.created"}), "mine", ADMIN)
    change = EndpointChange(types=frozenset(), description="ours", enabled=False)
    changed = await book.change(endpoint.id, change, ADMIN)
    again = await book.change(endpoint.id, change, ADMIN)
    await book.change(endpoint.id, EndpointChange(enabled=True), ADMIN)
    await book.rotate(endpoint.id, ADMIN)
    gone = await book.delete(endpoint.id, ADMIN)

    assert (changed.types, changed.description, changed.cause) == (frozenset(), "ours", Cause.ADMIN)
    assert again == changed
    assert gone.id == endpoint.id
    assert await book.list() == []
    said = ["created", "updated", "disabled", "enabled", "secret_rotated", "deleted"]
    entries = await rig.entries()
    assert [entry.action.value for entry in entries] == [f"webhook.{word}" for word in said]
    assert {entry.actor.id for entry in entries} == {ADMIN.id}
    assert entries[1].details == {
        "webhook": endpoint.id, "host": "hooks.example.com", "fields": "types,description",
    }  # fmt: skip
    assert entries[2].details["cause"] == "admin"
    events = (await rig.events.page("", (), 50)).events
    assert [event.type for event in events] == [entry.action.value for entry in entries]
    for text in (*map(repr, entries), *map(repr, events)):
        assert "never-logged" not in text
    assert len(secret) == 32


async def test_given_no_such_endpoint_then_every_call_says_so(rig: Rig) -> None:
    book = Sending(rig).book

    for call in (
        book.get("e"),
        book.change("e", EndpointChange(), ADMIN),
        book.rotate("e", ADMIN),
        book.delete("e", ADMIN),
        book.test("e", ADMIN),
        book.deliveries("e", 0, 10),
        book.redeliver("e", "1-0-00", ADMIN),
    ):
        with pytest.raises(NoSuchEndpoint):
            await call
    assert await rig.actions() == []


async def test_given_as_many_as_may_be_then_there_is_no_further_one(rig: Rig) -> None:
    book = Sending(rig).book
    adding = (book.add(URL, frozenset(), str(number), ADMIN) for number in range(MOST_ENDPOINTS))
    await asyncio.gather(*adding)

    with pytest.raises(TooManyEndpoints):
        await book.add(URL, frozenset(), "one more", ADMIN)
    assert len(await book.list()) == MOST_ENDPOINTS


async def test_given_two_who_change_at_once_then_both_changes_stand(rig: Rig) -> None:
    book = Sending(rig).book
    endpoint, _ = await book.add(URL, frozenset(), "", ADMIN)

    await asyncio.gather(
        book.change(endpoint.id, EndpointChange(description="ours"), ADMIN),
        book.change(endpoint.id, EndpointChange(url="https://other/"), ADMIN),
        book.disable(endpoint.id, Cause.FAILING, ADMIN),
        book.disable(endpoint.id, Cause.GONE, ADMIN),
    )

    found = await book.get(endpoint.id)
    assert (found.description, found.url) == ("ours", "https://other/")
    assert (await rig.actions()).count(Action.WEBHOOK_DISABLED.value) == 1
