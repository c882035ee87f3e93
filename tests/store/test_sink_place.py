"""How far a sink is, and whose it is."""

from datetime import timedelta

from sidecar.core.audit import SYSTEM, Action, AuditEntry
from sidecar.store.sink_place import StoredPlace
from tests.store.rig import Rig


async def test_given_a_new_sink_then_it_begins_at_the_beginning_and_goes_on_where_it_was(
    rig: Rig,
) -> None:
    await rig.a_user()
    place = StoredPlace(rig.database, "stdout")
    positions = await place.positions()
    entries = await rig.audit.after(positions)
    await place.note(positions)

    assert [entry.action for entry in entries] == [Action.USER_CREATED]
    assert await StoredPlace(rig.database, "stdout").positions() == positions
    assert await StoredPlace(rig.database, "file:/x").positions() == ["0-0"] * rig.keys.partitions


async def test_given_a_store_that_lost_its_log_then_nothing_that_comes_is_left_out(
    rig: Rig,
) -> None:
    place = StoredPlace(rig.database, "stdout")
    await place.note(["9999999999999-0"] * rig.keys.partitions)

    positions = await place.positions()
    await rig.audit.write(AuditEntry(Action.SERVICE_STARTED, SYSTEM))

    assert len(await rig.audit.after(positions)) == 1


async def test_given_two_replicas_then_one_has_the_sink_until_it_gives_it_back(rig: Rig) -> None:
    one, two = (StoredPlace(rig.database, "stdout", timedelta(seconds=60)) for _ in range(2))

    assert [await one.hold(), await two.hold(), await one.hold()] == [True, False, True]
    await one.give_back()
    assert await two.hold()
