"""Events are kept for some time only: what is over goes piece by piece, what is not over stays."""

from dataclasses import replace
from datetime import timedelta

from sidecar.store.retention import AT_ONCE, Retention
from tests.store.rig import Rig

DAY = timedelta(days=1)


async def add_old(rig: Rig, key: str, count: int, age: timedelta) -> None:
    """Add events as a stream would have them that was written so long ago."""
    at = round((await rig.database.time() - age.total_seconds()) * 1000)
    for number in range(count):
        await rig.database.command("XADD", key, f"{at}-{number}", "e", '{"t":"user.banned"}')


async def length(rig: Rig, key: str) -> int:
    return int(await rig.database.command("XLEN", key))


async def test_given_events_that_are_over_when_they_are_trimmed_then_the_others_stay(
    rig: Rig,
) -> None:
    rig.policy = replace(rig.policy, audit_retention=DAY, events_retention=2 * DAY)
    audit, events = rig.keys.audit(0), rig.keys.events(0)
    for age in (3 * DAY, DAY):
        await add_old(rig, events, 300, age)
        await add_old(rig, audit, 300, age)

    await Retention(rig.database, lambda: rig.policy).trim()

    assert 300 <= await length(rig, events) < 300 + 100
    assert await length(rig, audit) == 600  # not without their seals: `audit_trim.py`


async def test_given_much_that_is_over_then_a_bounded_part_goes_each_time(rig: Rig) -> None:
    key = rig.keys.events(0)
    await add_old(rig, key, 3 * AT_ONCE, 1000 * DAY)
    retention = Retention(rig.database, lambda: rig.policy)

    await retention.trim()
    once = await length(rig, key)
    for _ in range(3):
        await retention.trim()

    assert 2 * AT_ONCE <= once < 3 * AT_ONCE
    assert await length(rig, key) < 200
