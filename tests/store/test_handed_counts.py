"""What commands have ended is counted by a replica that is scraped, and once."""

from sidecar.core.reasons import Ended
from sidecar.observe.metrics import Metrics
from sidecar.store.handed_counts import HandedCounts
from tests.store.rig import Rig


async def test_given_counts_of_two_commands_when_replicas_take_them_then_each_counts_once(
    rig: Rig,
) -> None:
    await HandedCounts(rig.database).give({Ended.REVOKED.value: 2, Ended.BANNED.value: 1})
    await HandedCounts(rig.database).give({Ended.REVOKED.value: 3})
    first, second = Metrics.alone(), Metrics.alone()

    await HandedCounts(rig.database).take(first)
    await HandedCounts(rig.database).take(second)

    assert first.sessions_ended.value("revoked") == 5
    assert first.sessions_ended.value("banned") == 1
    assert second.sessions_ended.value("revoked") == 0


async def test_given_nothing_to_hand_over_when_it_is_given_and_taken_then_nothing_happens(
    rig: Rig,
) -> None:
    metrics = Metrics.alone()

    await HandedCounts(rig.database).give({})
    await HandedCounts(rig.database).take(metrics)

    assert metrics.sessions_ended.value("revoked") == 0


async def test_given_a_reason_of_a_later_version_when_it_is_taken_then_the_others_are_counted(
    rig: Rig,
) -> None:
    metrics = Metrics.alone()
    await HandedCounts(rig.database).give({"teleported": 1, Ended.REVOKED.value: 2})

    await HandedCounts(rig.database).take(metrics)

    assert metrics.sessions_ended.value("revoked") == 2
