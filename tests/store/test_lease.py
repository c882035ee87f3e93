"""A job that one replica at a time does."""

import asyncio
from datetime import timedelta

from sidecar.store.lease import Lease
from tests.store.rig import Rig

LONG, SHORT = timedelta(minutes=1), timedelta(milliseconds=50)


async def test_given_two_replicas_when_both_want_the_lease_then_one_has_and_keeps_it(
    rig: Rig,
) -> None:
    one, other = Lease(rig.database, "sweeper", LONG), Lease(rig.database, "sweeper", LONG)

    assert await one.hold()
    assert not await other.hold()
    assert await one.hold()


async def test_given_a_lease_that_is_given_back_then_the_other_has_it_and_cannot_lose_it_so(
    rig: Rig,
) -> None:
    one, other = Lease(rig.database, "sweeper", LONG), Lease(rig.database, "sweeper", LONG)
    await one.hold()

    await one.give_back()

    assert await other.hold()
    await one.give_back()
    assert await other.hold()


async def test_given_a_holder_that_died_then_the_lease_lapses(rig: Rig) -> None:
    await Lease(rig.database, "sweeper", SHORT).hold()
    await asyncio.sleep(0.1)

    assert await Lease(rig.database, "sweeper", LONG).hold()
