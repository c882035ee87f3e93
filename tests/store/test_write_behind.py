"""Activity, noted behind the requests."""

from datetime import timedelta

import pytest

from sidecar.core.ports import StoreUnavailable
from sidecar.core.reasons import Ended
from sidecar.store.codec import to_ms
from sidecar.store.sessions import SessionStore, Touch
from tests.store.rig import Rig, stale
from tests.store.seeds import ADMIN

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def test_given_activity_when_it_is_flushed_then_the_session_was_last_active_now(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session
    await rig.age(session.handle, unused=30 * MINUTE)

    rig.sessions.touch(stale(session))
    await rig.sessions.flush()

    touched = await rig.sessions.get(session.handle)
    assert touched is not None
    assert touched.last_active_at >= session.last_active_at
    partition = rig.keys.partition_of(session.handle)
    score = await rig.database.command("ZSCORE", rig.keys.active(partition, "0b"), session.handle)
    assert float(score) / 1000 == touched.last_active_at.timestamp()


async def test_given_a_silent_store_then_every_call_says_so_and_no_touch_is_lost(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = (await rig.open(await rig.a_user())).session
    await rig.age(session.handle, unused=MINUTE)
    silent = Rig("unix:///nowhere/at/all")
    monkeypatch.setattr(rig.database, "_client", silent.database._client)

    with pytest.raises(StoreUnavailable):
        await rig.sessions.get(session.handle)
    rig.sessions.touch(stale(session))
    await rig.sessions.flush()
    monkeypatch.undo()
    await rig.sessions.flush()

    touched = await rig.sessions.get(session.handle)
    assert touched is not None
    assert touched.last_active_at > session.last_active_at - MINUTE


async def test_given_another_address_within_the_second_when_it_is_used_then_it_is_noted_at_once(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session

    rig.sessions.touch(session, "192.0.2.7")
    await rig.sessions.flush()
    assert await rig.sessions.get(session.handle) == session
    rig.sessions.touch(session, "2001:db8::7")
    await rig.sessions.flush()

    moved = await rig.sessions.get(session.handle)
    assert moved is not None
    assert (moved.ip_address, moved.last_ip_address) == ("192.0.2.7", "2001:db8::7")
    assert moved.last_active_at >= session.last_active_at
    await rig.age(session.handle, unused=2 * HOUR)
    await rig.sweeper.sweep()
    assert await rig.is_dead(session.handle)


async def test_given_an_older_note_from_elsewhere_when_it_comes_late_then_it_changes_nothing(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session
    late = Touch(to_ms(session.last_active_at) - 1, "0b", "198.51.100.1")

    assert await SessionStore(rig.database).touch({session.handle: late}) == []

    assert await rig.sessions.get(session.handle) == session


async def test_given_use_without_an_address_when_it_is_noted_then_the_last_known_one_stays(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session
    rig.sessions.touch(session, "2001:db8::7")
    await rig.sessions.flush()
    seen = await rig.sessions.get(session.handle)
    assert seen is not None
    later = Touch(to_ms(seen.last_active_at) + 1, "0b", "?")

    assert await SessionStore(rig.database).touch({session.handle: later}) == []

    used = await rig.sessions.get(session.handle)
    assert used is not None
    assert used.last_active_at > seen.last_active_at
    assert used.last_ip_address == "2001:db8::7"


async def test_given_two_addresses_at_one_instant_when_both_are_noted_then_the_later_note_stands(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session
    now = to_ms(session.last_active_at)

    for address in ("198.51.100.1", "198.51.100.2"):
        note = Touch(now, "0b", address)
        assert await SessionStore(rig.database).touch({session.handle: note}) == []

    moved = await rig.sessions.get(session.handle)
    assert moved is not None
    assert moved.last_ip_address == "198.51.100.2"


async def test_given_a_session_that_moves_then_each_address_that_is_new_to_it_is_audited_once(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session
    for address in ("192.0.2.8", "192.0.2.7", "192.0.2.8", "2001:db8::1"):
        rig.sessions.touch(session, address)
        await rig.sessions.flush()
        moved = await rig.sessions.get(session.handle)
        assert moved is not None
        session = moved

    moves = [e for e in await rig.entries() if e.action.value == "session.address_changed"]

    assert [(e.details["from"], e.actor.ip_address) for e in moves] == [
        ("192.0.2.7", "192.0.2.8"),
        ("192.0.2.8", "2001:db8::1"),
    ]
    assert {(e.actor.id, e.target.user_id, e.target.handle) for e in moves} == {
        (session.user_id, session.user_id, session.handle)
    }


async def test_given_several_addresses_before_one_note_then_each_of_them_is_audited(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session
    for address in ("198.51.100.1", "198.51.100.2", session.ip_address):
        rig.sessions.touch(session, address)
    await rig.sessions.flush()

    moves = [e for e in await rig.entries() if e.action.value == "session.address_changed"]

    assert {e.actor.ip_address for e in moves} == {"198.51.100.1", "198.51.100.2"}


async def test_given_a_session_that_comes_from_ever_new_addresses_then_it_fills_no_log(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session
    for number in range(40):
        rig.sessions.touch(session, f"198.51.100.{number}")
        await rig.sessions.flush()
        moved = await rig.sessions.get(session.handle)
        assert moved is not None
        session = moved

    assert (await rig.actions()).count("session.address_changed") == 19
    await rig.sessions.end(session.handle, Ended.REVOKED, ADMIN)
    assert not await rig.database.command("KEYS", "*:sa:*")
