"""The sessions of several people at once."""

from datetime import timedelta

from sidecar.core.users import UserId
from sidecar.store.sessions_of_people import SessionsOfPeople, address_counts, counts
from tests.store.rig import Rig
from tests.store.seeds import a_session

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
    assert len(await SessionsOfPeople(rig.database).read([alice, alice])) == 2
    assert await SessionsOfPeople(rig.database).read([]) == []


def test_given_addresses_of_one_line_when_they_are_counted_then_they_are_one() -> None:
    sessions = [
        a_session(ip_address="2001:db8::1", last_ip_address="2001:db8::2"),
        a_session(ip_address="192.0.2.1", last_ip_address="192.0.2.2"),
        a_session(ip_address="unix", last_ip_address=""),
    ]

    assert address_counts(sessions, [ALICE, BOB]) == {ALICE: 3, BOB: 0}
    assert counts(sessions, [ALICE, BOB]) == {ALICE: 3, BOB: 0}
