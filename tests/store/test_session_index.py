"""Sessions, read by person, creation and activity."""

from sidecar.core.session import Handle
from sidecar.store.session_index import SessionIndex
from tests.store.rig import Rig
from tests.store.seeds import a_session


async def test_given_two_people_in_one_shard_when_one_is_looked_up_then_only_theirs_are_found(
    rig: Rig,
) -> None:
    one, other = await rig.a_user(), await rig.a_user("bob")
    mine, theirs = (await rig.open(one)).session, (await rig.open(other)).session
    key, number = rig.keys.sessions_of_user(one.id)
    # As if both had the same number, which 48 bits make rare and not impossible.
    await rig.database.command("ZADD", key, number, theirs.handle)

    found = await SessionIndex(rig.database).of_user(one.id)

    assert found == [mine]


async def test_given_no_handles_when_they_are_looked_at_then_nothing_is_asked(rig: Rig) -> None:
    assert await SessionIndex(rig.database).look_at([]) == []


async def test_given_an_unknown_handle_among_others_then_its_place_is_empty(rig: Rig) -> None:
    session = (await rig.open(await rig.a_user())).session
    unknown: Handle = a_session().handle

    looks = await SessionIndex(rig.database).look_at([unknown, session.handle])

    assert looks == [None, session]
