"""The sessions of a narrow filter, all of them."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from sidecar.core.listing import SessionFilter, SessionOrder
from sidecar.core.policy import Policy
from sidecar.core.session import Kind
from sidecar.store.candidates import Candidates, shifted, shifts_of
from sidecar.store.population import Populations
from sidecar.store.seek import Range
from tests.store.rig import Rig

BOTH = SessionFilter(username_prefix="al", network=ip_network("192.0.2.0/24"))


async def test_given_two_conditions_when_they_are_counted_then_the_narrower_comes_first(
    rig: Rig,
) -> None:
    for name, address in (("alice", "192.0.2.7"), ("albert", "10.0.0.1"), ("bob", "10.0.0.2")):
        await rig.open(await rig.a_user(name), ip_address=address)
    candidates = Candidates(rig.database)
    population = await Populations(rig.database, lambda: rig.policy, rig.clock).now()

    by_address, by_name = await candidates.narrows(BOTH)
    found = await candidates.all(by_name, BOTH, population)

    assert (by_address.length, by_name.length) == (1, 2)
    assert [entry.value for entry in found] == [b"alice\0"]
    assert await candidates.narrows(SessionFilter(kind=Kind.AGENT)) == []


@pytest.mark.parametrize("order", SessionOrder)
async def test_given_candidates_when_they_are_placed_then_each_has_its_place_in_the_order(
    rig: Rig, order: SessionOrder
) -> None:
    session = (await rig.open(await rig.a_user("Alice"))).session
    candidates = Candidates(rig.database)
    population = await Populations(rig.database, lambda: rig.policy, rig.clock).now()
    (narrow,) = await candidates.narrows(SessionFilter(network=ip_network("192.0.2.7")))

    (placed,) = await candidates.all(narrow, narrow.means, population, order, Policy())

    created = round(session.created_at.timestamp() * 1000)
    places = {
        SessionOrder.USERNAME: b"alice\0",
        SessionOrder.EXPIRES_AT: created + 24 * 3600 * 1000,
    }
    assert placed.value == places.get(order, created)
    assert placed.handle == session.handle.encode()


def test_given_an_order_by_expiry_then_ranges_and_their_dead_are_shifted_alike() -> None:
    shift = shifts_of(SessionOrder.EXPIRES_AT, Policy())["0b"]

    assert shift == timedelta(hours=24) // timedelta(milliseconds=1)
    assert shifted(Range(0, "x", 0, dead=((5, b"h"),)), shift).dead == ((5 + shift, b"h"),)
