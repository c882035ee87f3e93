"""What happened by the hour, and the devices of live sessions."""

from datetime import timedelta
from itertools import pairwise

from sidecar.core.listing import DeviceCount
from sidecar.core.reasons import Ended
from sidecar.core.session import Device
from tests.store.rig import Rig, actor_of
from tests.store.seeds import ADMIN

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
FIREFOX = Device("Firefox on Linux", "Firefox", "Linux", "desktop")


async def test_given_acts_when_the_last_day_is_asked_for_then_this_hour_has_them(rig: Rig) -> None:
    person = await rig.a_user()
    opened = [(await rig.open(person)).session for _ in range(3)]
    await rig.sessions.end(opened[0].handle, Ended.SIGNED_OUT, actor_of(person))
    await rig.sessions.end(opened[1].handle, Ended.REVOKED, ADMIN)
    for _ in range(10):
        attempt = await rig.throttle.begin("alice", "192.0.2.7")
        await rig.throttle.failed(attempt, person.id, ADMIN)

    hours = await rig.statistics.last_day()

    assert len(hours) == 24
    spans = [late.begins_at - early.begins_at for early, late in pairwise(hours)]
    assert spans == [HOUR] * 23
    # The hour may turn while this runs.
    assert sum(hour.opened for hour in hours[-2:]) == 3
    assert sum(hour.failed for hour in hours[-2:]) == 10
    assert sum(hour.locked for hour in hours[-2:]) == 1
    ended = [reason for hour in hours[-2:] for reason in hour.ended]
    assert set(ended) == {Ended.SIGNED_OUT, Ended.REVOKED}
    assert not any(hour.opened or hour.ended for hour in hours[:-2])
    for key in await rig.database.command("KEYS", "*hours:*"):
        assert 0 < await rig.database.command("TTL", key) <= 26 * 3600


async def test_given_live_sessions_when_devices_are_counted_then_none_over_a_limit_is(
    rig: Rig,
) -> None:
    person = await rig.a_user()
    for device in (FIREFOX, FIREFOX, Device()):
        await rig.open(person, device=device)
    idle = (await rig.open(person, device=FIREFOX)).session.handle
    await rig.age(idle, unused=HOUR + SECOND)
    shown = [DeviceCount("Firefox on Linux", 2), DeviceCount("Unknown device", 1)]

    assert await rig.statistics.devices() == shown
    await rig.sweeper.sweep()
    assert await rig.statistics.devices() == shown


async def test_given_very_many_devices_when_they_are_counted_then_the_rest_is_one(rig: Rig) -> None:
    person = await rig.a_user()
    partition = rig.keys.partition_of_user(person.id)
    for number in range(200):
        await rig.database.command("HSET", rig.keys.devices(partition), f"device {number}", 1)

    opened = [(await rig.open(person, device=FIREFOX)).session.handle for _ in range(2)]

    assert DeviceCount("Other", 2) in await rig.statistics.devices()
    for handle in opened:
        await rig.sessions.end(handle, Ended.REVOKED, ADMIN)
    assert "Other" not in {each.label for each in await rig.statistics.devices()}
    assert await rig.database.command("HLEN", rig.keys.devices(partition)) == 200
