"""What is kept for some time only: what is over goes piece by piece, what is not over stays."""

from dataclasses import replace
from datetime import timedelta

from sidecar.core.audit import SYSTEM, Action, AuditEntry, Target
from sidecar.core.audit_log import EVERYTHING, AuditQuery
from sidecar.core.users import UserId
from sidecar.store.retention import AT_ONCE, Retention
from tests.store.rig import Rig

ALICE = UserId("alice")
ENTRY = AuditEntry(Action.USER_BANNED, SYSTEM, Target(ALICE))
DAY = timedelta(days=1)


async def add_old(rig: Rig, key: str, count: int, age: timedelta) -> None:
    """Add entries as a stream would have them that was written so long ago."""
    at = round((await rig.database.time() - age.total_seconds()) * 1000)
    for number in range(count):
        await rig.database.command("XADD", key, f"{at}-{number}", "e", '{"a":"user.banned"}')


async def length(rig: Rig, key: str) -> int:
    return int(await rig.database.command("XLEN", key))


async def test_given_entries_that_are_over_when_they_are_trimmed_then_the_others_stay(
    rig: Rig,
) -> None:
    rig.policy = replace(rig.policy, audit_retention=10 * DAY, events_retention=2 * DAY)
    part = rig.keys.partition_of_user(ALICE)
    audit, events = rig.keys.audit(part), rig.keys.events(part)
    for age in (11 * DAY, 3 * DAY):
        await add_old(rig, audit, 300, age)
        await add_old(rig, events, 300, age)
    await rig.audit.write(ENTRY)

    await Retention(rig.database, lambda: rig.policy).trim()

    assert 301 <= await length(rig, audit) < 301 + 100
    assert await length(rig, events) < 100
    page = await rig.audit.read(AuditQuery(user_id=ALICE), 10)
    assert len(page.entries) == 1


async def test_given_much_that_is_over_then_a_bounded_part_goes_each_time(rig: Rig) -> None:
    key = rig.keys.audit(0)
    await add_old(rig, key, 3 * AT_ONCE, 1000 * DAY)
    retention = Retention(rig.database, lambda: rig.policy)

    await retention.trim()
    once = await length(rig, key)
    for _ in range(3):
        await retention.trim()

    assert 2 * AT_ONCE <= once < 3 * AT_ONCE
    assert await length(rig, key) < 200


async def test_given_an_entry_whose_older_ones_were_trimmed_then_its_chain_ends_there(
    rig: Rig,
) -> None:
    written = [await rig.audit.write(ENTRY) for _ in range(5)]
    key = rig.keys.audit(rig.keys.partition_of_user(ALICE))
    await rig.database.command("XTRIM", key, "MAXLEN", 2)

    page = await rig.audit.read(AuditQuery(user_id=ALICE), 10)

    assert [entry.id for entry in page.entries] == written[:2:-1]
    assert page.next_cursor is None
    assert len((await rig.audit.read(EVERYTHING, 10)).entries) == 2
