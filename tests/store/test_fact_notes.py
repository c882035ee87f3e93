"""What a worker notices: written soon, many together, and kept while the store is silent."""

import json
from datetime import timedelta
from typing import Any

import pytest

from sidecar.core.instants import write_instant
from sidecar.core.ports import StoreUnavailable, Tombstone
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.users import UserId
from sidecar.store.codec import to_ms
from sidecar.store.fact_notes import FactNotes
from tests.store.rig import Rig

DEAD = Tombstone(Ended.BANNED, None, UserId("u1"), b"")  # type: ignore[arg-type]  # when it ended is not looked at


async def facts(rig: Rig) -> list[dict[str, Any]]:
    found = await rig.database.command("XRANGE", rig.keys.facts, "-", "+")
    return [json.loads(fields[b"e"]) for _, fields in found]


async def test_given_a_token_that_is_replayed_then_it_is_one_fact_for_each_address(
    rig: Rig,
) -> None:
    notes = FactNotes(rig.database, rig.clock)
    for _ in range(1000):
        notes.dead_token(DEAD, Handle("h1"), "203.0.113.9")
    notes.dead_token(DEAD, Handle("h1"), "203.0.113.8")

    await notes.flush()
    await notes.flush()

    told = {"t": "dead_token", "u": "u1", "h": "h1", "d": {"reason": "banned"}}
    assert await facts(rig) == [
        {**told, "p": "203.0.113.9", "c": 1000},
        {**told, "p": "203.0.113.8", "c": 1},
    ]


async def test_given_an_outage_then_it_is_told_once_when_it_is_over(rig: Rig) -> None:
    notes = FactNotes(rig.database, rig.clock)
    begin = rig.clock.now()
    for up in (True, False, False, True, True):
        notes.store_state(up)

    await notes.flush()

    (fact,) = await facts(rig)
    assert fact["t"] == "store_degraded"
    assert fact["d"]["begin"] >= write_instant(begin)
    assert to_ms(begin) <= fact["e"] <= to_ms(rig.clock.now() + timedelta(milliseconds=1))


async def test_given_a_silent_store_then_what_was_noticed_waits_for_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = FactNotes(rig.database, rig.clock)
    silent = Rig("unix:///nowhere/at/all")
    monkeypatch.setattr(rig.database, "_client", silent.database._client)
    notes.dead_token(DEAD, Handle("h1"), "203.0.113.9")
    notes.store_state(False)
    notes.store_state(True)
    with pytest.raises(StoreUnavailable):
        await notes.flush()
    await notes.stop()

    monkeypatch.undo()
    notes.start()
    await notes.stop()

    assert [fact["t"] for fact in await facts(rig)] == ["dead_token", "store_degraded"]


async def test_given_a_flood_of_tokens_then_there_is_an_end_to_what_is_remembered(rig: Rig) -> None:
    notes = FactNotes(rig.database, rig.clock)
    for number in range(3000):
        notes.dead_token(DEAD, Handle(f"h{number}"), "203.0.113.9")

    await notes.flush()

    assert len(await facts(rig)) == 1000
