"""The sessions of several people at once."""

from datetime import timedelta

from sidecar.core.users import Role, UserId
from sidecar.store.records import Brief
from sidecar.store.sessions_of_people import SessionsOfPeople, address_counts, counts
from tests.store.rig import Rig

ALICE, BOB = UserId("u1"), UserId("u2")


async def test_given_people_when_their_sessions_are_counted_then_only_live_ones_are(
    rig: Rig,
) -> None:
    people = [await rig.a_user(name) for name in ("alice", "bob", "carol")]
    alice, bob, carol = (person.id for person in people)
    for person in (people[0], people[0]):
        await rig.open(person)
    idle = (await rig.open(people[1])).session.handle
    await rig.age(idle, unused=timedelta(hours=1, seconds=1))

    assert await rig.lists.of_users([alice, bob, carol]) == {alice: 2, bob: 0, carol: 0}
    people_of = SessionsOfPeople(rig.database, lambda: rig.policy, rig.clock)
    assert len(await people_of.read([alice, alice])) == 2
    assert await people_of.read([]) == []


def test_given_addresses_of_one_line_when_they_are_counted_then_they_are_one() -> None:
    sessions = [
        Brief(ALICE, Role.USER, 0, 0, ("2001:db8::1", "2001:db8::2")),
        Brief(ALICE, Role.USER, 0, 0, ("192.0.2.1", "192.0.2.2")),
        Brief(ALICE, Role.USER, 0, 0, ("unix", "unix")),
    ]

    assert address_counts(sessions, [ALICE, BOB]) == {ALICE: 3, BOB: 0}
    assert counts(sessions, [ALICE, BOB]) == {ALICE: 3, BOB: 0}
