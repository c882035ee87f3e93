"""Facts of many sessions at once."""

from ipaddress import ip_network

import pytest

from sidecar.core.listing import SessionFilter
from sidecar.core.policy import Policy
from sidecar.core.reasons import Ended
from sidecar.core.users import Role, UserId
from sidecar.store.codec import to_ms
from sidecar.store.records import Brief, Facts, Records, matcher
from tests.store.rig import Rig
from tests.store.seeds import ADMIN


async def test_given_sessions_when_facts_are_read_then_those_that_live_have_them(rig: Rig) -> None:
    person = await rig.a_user("Alice")
    first, second = [(await rig.open(person)).session for _ in range(2)]
    one, ended, created = first.handle, second.handle, to_ms(first.created_at)
    await rig.sessions.end(ended, Ended.REVOKED, ADMIN)

    found = await Records(rig.database).facts([one.encode(), ended.encode(), b"-" * 30])

    assert found == {one.encode(): Facts("alice", "192.0.2.7", "Unknown device", created)}


def test_given_facts_when_a_filter_is_compared_then_name_and_address_must_match() -> None:
    facts = Facts("alice", "192.0.2.7", "", 0)

    assert matcher(SessionFilter(username_prefix="AL", network=ip_network("192.0.2.0/24")))(facts)
    assert not matcher(SessionFilter(username_prefix="b"))(facts)
    assert not matcher(SessionFilter(network=ip_network("192.0.3.0/24")))(facts)
    assert not matcher(SessionFilter(network=ip_network("::/0")))(facts._replace(ip_address="unix"))


@pytest.mark.parametrize(
    ("created", "active", "lives"),
    [(1, 1, True), (0, 1, False), (1, 0, False)],
)
def test_given_a_limit_at_its_instant_when_a_brief_is_asked_then_the_session_is_over(
    created: int, active: int, lives: bool
) -> None:
    hour, day = 3_600_000, 24 * 3_600_000
    brief = Brief(UserId("u1"), Role.USER, created, day - hour + active, ("", ""))

    assert brief.lives(day, Policy()) is lives
