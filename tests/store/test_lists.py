"""Lists while nobody sweeps: who is over a limit is in none of them, whatever is asked."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from sidecar.core.listing import SessionFilter, SessionOrder
from sidecar.core.session import Handle, Kind
from sidecar.store import lists
from tests.store.rig import Rig, stale

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
NETWORK = ip_network("192.0.2.0/24")
FILTERS = [
    SessionFilter(),
    SessionFilter(username_prefix="al"),
    SessionFilter(network=NETWORK),
    SessionFilter(kind=Kind.BROWSER),
    SessionFilter(username_prefix="al", network=NETWORK, kind=Kind.BROWSER),
]


async def three(rig: Rig) -> tuple[Handle, Handle, Handle]:
    """Open an idle session, one that is too old, and one that lives."""
    person = await rig.a_user("Alice")
    idle, old, used = [(await rig.open(person)).session.handle for _ in range(3)]
    await rig.age(idle, unused=HOUR + SECOND)
    await rig.age(old, old=24 * HOUR + SECOND)
    return idle, old, used


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order", SessionOrder)
@pytest.mark.parametrize("wanted", FILTERS, ids=str)
async def test_given_no_sweeper_when_sessions_are_listed_then_none_over_a_limit_is_shown_or_counted(
    rig: Rig, wanted: SessionFilter, order: SessionOrder, descending: bool
) -> None:
    *_, used = await three(rig)

    page = await rig.lists.page(wanted, order, descending=descending)

    assert [session.handle for session in page.sessions] == [used]
    assert (page.total, page.total_is_estimate) == (1, False)
    assert await rig.lists.count(wanted) == (1, False)
    assert await rig.lists.handles(wanted) == [used]
    assert (await rig.lists.by_kind())[Kind.BROWSER] == 1
    assert "session.expired" not in await rig.actions()


async def test_given_a_person_when_their_sessions_are_listed_then_none_over_a_limit_is_shown(
    rig: Rig,
) -> None:
    *_, used = await three(rig)
    session = await rig.sessions.get(used)
    assert session is not None
    wanted = SessionFilter(user_id=session.user_id)

    page = await rig.lists.page(wanted)

    assert (list(page.sessions), page.total) == ([session], 1)
    assert await rig.lists.count(wanted) == (1, False)
    assert await rig.lists.of_users([session.user_id]) == {session.user_id: 1}


async def test_given_a_use_from_elsewhere_when_it_is_listed_then_both_addresses_are_shown(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session

    rig.sessions.touch(session, "198.51.100.1")
    await rig.sessions.flush()

    (listed,) = (await rig.lists.page(SessionFilter())).sessions
    assert (listed.ip_address, listed.last_ip_address) == ("192.0.2.7", "198.51.100.1")
    assert (await rig.lists.page(SessionFilter(network=NETWORK))).total == 1
    assert await rig.lists.address_counts([session.user_id]) == {session.user_id: 2}

    rig.sessions.touch(stale(listed))
    await rig.sessions.flush()
    assert (await rig.lists.page(SessionFilter())).sessions[0].last_ip_address == "198.51.100.1"

    rig.sessions.touch(listed, "192.0.2.7")
    await rig.sessions.flush()
    assert (await rig.lists.page(SessionFilter())).sessions[0].last_ip_address == "192.0.2.7"


async def test_given_two_broad_conditions_when_they_are_counted_then_it_says_that_it_estimates(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "_MOST_TO_COUNT", 0)
    for name in ("alice", "albert", "bob", "carol"):
        await rig.open(await rig.a_user(name))

    count = await rig.lists.count(SessionFilter(username_prefix="al", network=NETWORK))

    assert count == (2, True)
