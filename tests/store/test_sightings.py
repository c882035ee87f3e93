"""Where people are seen from: noted by what opens, touches and ends sessions anyway."""

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.reasons import Ended
from sidecar.core.users import Role
from sidecar.store.sightings import Sightings
from tests.store.alarm_rig import a_head
from tests.store.delegating import delegate
from tests.store.rig import Rig, stale


@pytest.fixture
def sightings(rig: Rig) -> Sightings:
    return Sightings(rig.database, lambda: rig.policy, rig.clock)


async def test_given_a_session_that_stays_then_nothing_is_noted_beside_it(
    rig: Rig, sightings: Sightings
) -> None:
    user = await rig.a_user()
    session = (await rig.open(user)).session
    rig.sessions.touch(stale(session), session.ip_address, a_head("Mozilla/5.0"))
    await rig.sessions.flush()

    person = await sightings.person(user.id)

    assert (person.username, len(person.sessions)) == ("alice", 1)
    assert not person.sightings
    assert not person.shifts
    assert not await rig.database.command(
        "EXISTS", rig.keys.seen(user.id), rig.keys.shifts(user.id)
    )


async def test_given_software_that_runs_elsewhere_then_its_person_was_not_seen_there(
    rig: Rig, sightings: Sightings
) -> None:
    user = await rig.a_user()
    session = (await rig.open(user)).session
    agent = (await delegate(rig, session)).session
    for address in ("198.51.100.1", "198.51.100.2", "198.51.100.3"):
        rig.sessions.touch(stale(agent), address, a_head("curl/8"))
        await rig.sessions.flush()
    moved = (await rig.lists.address_counts([user.id]))[user.id]
    await rig.sessions.end(agent.handle, Ended.AGENT_DISABLED, SYSTEM)

    person = await sightings.person(user.id)

    assert moved == 1
    assert [each.handle for each in person.sessions] == [session.handle]
    assert not person.sightings
    assert not person.shifts


async def test_given_a_session_that_moves_fast_then_each_address_is_seen(
    rig: Rig, sightings: Sightings
) -> None:
    user = await rig.a_user()
    session = (await rig.open(user)).session
    for address in ("198.51.100.1", "198.51.100.2", "198.51.100.3"):
        rig.sessions.touch(session, address, a_head("Mozilla/5.0"))
    rig.sessions.touch(stale(session))
    await rig.sessions.flush()

    person = await sightings.person(user.id)

    assert person.sessions[0].last_ip_address == "198.51.100.3"
    assert {each.address for each in person.sightings} == {
        "192.0.2.7",
        "198.51.100.1",
        "198.51.100.2",
        "198.51.100.3",
    }


async def test_given_another_program_from_elsewhere_then_it_is_noted_and_at_home_it_is_not(
    rig: Rig, sightings: Sightings
) -> None:
    user = await rig.a_user()
    session = (await rig.open(user)).session
    rig.sessions.touch(stale(session), session.ip_address, a_head("curl/8.5"))
    await rig.sessions.flush()
    assert not (await sightings.person(user.id)).shifts

    rig.sessions.touch(stale(session), "203.0.113.9", a_head("cu\x1brl/8.5"))
    await rig.sessions.flush()

    (shift,) = (await sightings.person(user.id)).shifts
    assert (shift.handle, shift.address, shift.user_agent) == (
        session.handle,
        "203.0.113.9",
        "cu rl/8.5",
    )


async def test_given_a_session_that_ends_then_from_where_it_was_last_used_is_kept(
    rig: Rig, sightings: Sightings
) -> None:
    user = await rig.a_user()
    session = (await rig.open(user)).session
    rig.sessions.touch(session, "198.51.100.1")
    await rig.sessions.flush()

    await rig.sessions.end(session.handle, Ended.REVOKED, SYSTEM)

    person = await sightings.person(user.id)
    assert not person.sessions
    assert {each.address for each in person.sightings} == {"192.0.2.7", "198.51.100.1"}


async def test_given_a_sign_in_or_a_move_then_the_person_is_to_be_looked_at_until_that_is_done(
    rig: Rig, sightings: Sightings
) -> None:
    user = await rig.a_user()
    session = (await rig.open(user)).session
    (watched,) = await sightings.watched()
    assert watched.user_id == user.id

    await sightings.looked([watched])
    assert not await sightings.watched()
    rig.sessions.touch(session, "198.51.100.1")
    await rig.sessions.flush()
    (again,) = await sightings.watched()
    await sightings.looked([watched])
    assert await sightings.watched() == [again]
    await sightings.looked([again])
    assert not await sightings.watched()


async def test_given_a_person_who_is_deleted_then_nothing_is_known_of_where_they_were(
    rig: Rig, sightings: Sightings
) -> None:
    user = await rig.a_user()
    session = (await rig.open(user)).session
    rig.sessions.touch(session, "198.51.100.1", a_head("curl/8.5"))
    await rig.sessions.flush()

    await rig.users.delete(user.id, SYSTEM, highest=Role.OWNER)

    assert not await rig.database.command(
        "EXISTS", rig.keys.seen(user.id), rig.keys.shifts(user.id)
    )
    person = await sightings.person(user.id)
    assert (person.username, person.sessions, person.sightings) == ("", [], [])
