"""What happened, for those who act on it."""

import asyncio

import pytest

from sidecar.core.event_log import Event
from sidecar.core.ports import StoreUnavailable
from sidecar.core.reasons import Ended
from sidecar.store.events import SESSION_ENDED
from tests.store.rig import Rig
from tests.store.seeds import ADMIN


async def test_given_a_follower_when_a_session_ends_then_it_is_told_which_and_why(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session
    positions = await rig.events.positions()

    async def first() -> Event:
        while not (events := await rig.events.upcoming(positions)):
            pass
        return events[0]

    follower = asyncio.create_task(first())
    await rig.sessions.end(session.handle, Ended.BANNED, ADMIN)

    event = await asyncio.wait_for(follower, 10)
    assert event.type == SESSION_ENDED
    assert (event.handle, event.reason) == (session.handle, Ended.BANNED)
    assert (event.user_id, event.username) == (session.user_id, "alice")


async def test_given_events_when_they_are_read_by_pages_then_the_oldest_is_first(rig: Rig) -> None:
    user = await rig.a_user()
    await rig.open(user)

    (created,) = await rig.events.read(None, 1)
    rest = await rig.events.read(created.id, 10)

    assert created.type == "user.created"
    assert [event.type for event in rest] == ["session.opened"]
    assert await rig.events.read(rest[-1].id, 10) == ()


async def test_given_an_outage_then_the_positions_stay_and_nothing_is_missed(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    positions = await rig.events.positions()
    silent = Rig("unix:///nowhere")
    monkeypatch.setattr(rig.database, "_client", silent.database._client)
    with pytest.raises(StoreUnavailable):
        await rig.events.since(positions)
    monkeypatch.undo()
    await rig.a_user()

    assert [event.type for event in await rig.events.since(positions)] == ["user.created"]


async def test_given_a_forged_id_then_it_is_a_value_error(rig: Rig) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        await rig.events.read("$", 10)


async def test_given_types_when_a_page_is_asked_then_ends_are_known_by_their_action(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session
    begun = await rig.events.latest()
    await rig.sessions.end(session.handle, Ended.REVOKED, ADMIN)

    page = await rig.events.page("", {"session.revoked"}, 10)
    since = await rig.events.page(begun, (), 10)

    assert [event.handle for event in page.events] == [session.handle]
    assert since.events == page.events
    assert since.cursor == page.cursor == await rig.events.latest()


async def test_given_more_than_a_page_when_it_is_asked_then_the_cursor_leads_on(rig: Rig) -> None:
    await rig.open(await rig.a_user())

    first = await rig.events.page("", (), 1)
    second = await rig.events.page(first.cursor, (), 1)
    third = await rig.events.page(second.cursor, (), 1)

    assert [event.type for event in [*first.events, *second.events]] == [
        "user.created",
        "session.opened",
    ]
    assert (third.events, third.cursor) == ([], second.cursor)


async def test_given_nothing_happened_then_the_latest_cursor_is_before_everything(
    rig: Rig,
) -> None:
    latest = await rig.events.latest()
    await rig.a_user()

    assert len((await rig.events.page(latest, (), 10)).events) == 1


async def test_given_nothing_happens_when_it_is_waited_for_then_the_wait_ends_within_the_deadline(
    rig: Rig,
) -> None:
    positions = await rig.events.positions()
    before = list(positions)

    # The deadline of the rig is that of the command: had it been reached, this would raise.
    assert await rig.events.upcoming(positions) == ()
    assert positions == before


async def test_given_a_store_that_lost_its_events_when_it_is_followed_on_then_nothing_is_missed(
    rig: Rig,
) -> None:
    positions = ["9999999999999-7"] * rig.keys.partitions

    await rig.events.rewind(positions)
    await rig.a_user()

    assert [event.type for event in await rig.events.upcoming(positions)] == ["user.created"]


async def test_given_positions_that_are_behind_the_end_when_it_is_followed_on_then_they_stay(
    rig: Rig,
) -> None:
    positions = await rig.events.positions()
    await rig.a_user()

    await rig.events.rewind(positions)

    assert [event.type for event in await rig.events.upcoming(positions)] == ["user.created"]


async def test_given_a_cluster_when_sessions_of_many_partitions_end_then_each_end_is_read_once(
    wide: Rig,
) -> None:
    sessions = [(await wide.open(await wide.a_user(f"user{n}"))).session for n in range(12)]
    positions = await wide.events.positions()

    for session in sessions:
        await wide.sessions.end(session.handle, Ended.REVOKED, ADMIN)
    ended = [event.handle for event in await wide.events.upcoming(positions)]

    assert sorted(filter(None, ended)) == sorted(session.handle for session in sessions)
    assert await wide.events.upcoming(positions) == ()
