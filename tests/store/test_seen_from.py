"""What the step that opens a session notes of the device: which are known, and which are new."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.known_device import DeviceMarks
from sidecar.core.policy import NewDevicePolicy, Policy
from sidecar.core.session import Handle, Session
from sidecar.core.users import Role
from sidecar.store.seen_from import seen_from
from tests.store.rig import Rig, actor_of
from tests.store.sightings import enter, found, handle_of, waiting


async def test_given_the_first_sign_in_of_a_person_then_nobody_is_told_and_the_device_is_known(
    rig: Rig,
) -> None:
    user = await rig.a_user()

    first = await enter(rig, user, "laptop")
    again = await enter(rig, user, "laptop")

    assert (first.new_device, again.new_device) == (True, False)
    assert await waiting(rig, user) == []
    assert "device.first_seen" not in await rig.actions()


async def test_given_another_device_then_it_is_audited_and_told_once_in_the_step_that_opens(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    await enter(rig, user, "laptop")
    positions = await rig.events.latest()

    opened = (await enter(rig, user, "phone")).session
    await enter(rig, user, "phone")

    (notice,) = await found(rig, user)
    assert notice.handle == opened.handle
    assert (notice.device.label, notice.ip_address) == ("Firefox on Linux", "192.0.2.7")
    assert notice.seen_at == opened.created_at
    assert len(notice.sessions) == 2
    seen = [one for one in await rig.entries() if one.action.value == "device.first_seen"]
    (entry,) = seen
    assert entry.target.handle == opened.handle
    assert (entry.actor, entry.details) == (actor_of(user), {"device": "Firefox on Linux"})
    page = await rig.events.page(positions, frozenset({"device.first_seen"}), 10)
    assert [event.handle for event in page.events] == [opened.handle]


async def test_given_a_session_on_no_device_then_nothing_is_noted(rig: Rig) -> None:
    user = await rig.a_user()
    await enter(rig, user, "laptop")

    await rig.open(user)

    assert await waiting(rig, user) == []


async def test_given_several_people_on_one_browser_then_each_knows_their_own_id_in_the_cookie(
    rig: Rig,
) -> None:
    alice, bob = await rig.a_user(), await rig.a_user("bob")
    for user in (alice, bob):
        await enter(rig, user, f"at work {user.username}")
        await enter(rig, user, f"shared {user.username}")
    both = DeviceMarks(("shared alice", "shared bob"), "fresh")

    again = [await rig.open(user, marks=both) for user in (alice, bob)]

    assert [one.new_device for one in again] == [False, False]
    assert [len(await waiting(rig, user)) for user in (alice, bob)] == [1, 1]


async def test_given_a_device_that_was_not_seen_for_long_then_it_is_new_again(rig: Rig) -> None:
    user = await rig.a_user()
    await enter(rig, user, "laptop")
    rig.policy = Policy(new_devices=NewDevicePolicy(remembered=timedelta(milliseconds=1)))
    await asyncio.sleep(0.01)

    await enter(rig, user, "laptop")

    assert len(await waiting(rig, user)) == 1


async def test_given_a_policy_without_notices_then_devices_are_known_and_nobody_is_told(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    rig.policy = Policy(new_devices=NewDevicePolicy(notice=False))
    for device in ("laptop", "phone"):
        await enter(rig, user, device)

    rig.policy = Policy()
    again = await enter(rig, user, "phone")

    assert not again.new_device
    assert await waiting(rig, user) == []


async def test_given_many_devices_then_the_person_and_their_notices_stay_small(rig: Rig) -> None:
    user = await rig.a_user()
    rig.use_session_policy(limits=replace(rig.policy.session.limits, max_per_user=100))
    await enter(rig, user, "laptop")
    handles = [await handle_of(rig, user, f"device {number}") for number in range(25)]
    rig.policy = replace(rig.policy, new_devices=NewDevicePolicy(notice=False))
    for number in range(30):
        await enter(rig, user, f"own {number:02}")

    still = await waiting(rig, user)
    assert len(still) == 10
    assert handles[-1] in still
    assert not set(still) & set(handles[:10])
    known = json.loads(await rig.database.command("GET", rig.keys.user(user.id)))["kd"]
    assert len(known) == 20
    assert "own 29" in known
    assert "own 00" not in known
    assert await rig.database.command("PTTL", rig.keys.notices(user.id)) > 0


async def test_given_parallel_sign_ins_from_one_new_device_then_there_is_one_notice(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    await enter(rig, user, "laptop")

    await asyncio.gather(*(enter(rig, user, "phone") for _ in range(8)))

    (notice,) = await found(rig, user)
    assert len(notice.sessions) == 8
    assert (await rig.actions()).count("device.first_seen") == 1


@pytest.mark.parametrize("keeps", [True, False])
async def test_given_another_password_then_nothing_waits_and_who_set_it_is_known(
    rig: Rig, keeps: bool
) -> None:
    user = await rig.a_user()
    await enter(rig, user, "laptop")
    phone = await handle_of(rig, user, "phone")
    known = await rig.users.find("alice")
    assert known is not None

    if keeps:
        assert await rig.users.change_password(known.user, "new", actor_of(user), keep=phone)
    else:
        await rig.users.set_password(user.id, "new", SYSTEM, highest=Role.OWNER)

    assert await waiting(rig, user) == []
    changed = await rig.users.get(user.id)
    assert changed is not None
    assert (await enter(rig, changed, "phone")).new_device is not keeps
    assert await waiting(rig, user) == []
    assert (await enter(rig, changed, "laptop")).new_device is not keeps
    assert len(await waiting(rig, user)) == (0 if keeps else 1)


async def test_given_a_person_who_is_deleted_then_no_notice_stays(rig: Rig) -> None:
    user = await rig.a_user()
    for device in ("laptop", "phone"):
        await enter(rig, user, device)

    await rig.users.delete(user.id, SYSTEM, highest=Role.OWNER)

    assert not await rig.database.command("EXISTS", rig.keys.notices(user.id))


async def test_given_a_cluster_then_all_of_it_is_one_slot(wide: Rig) -> None:
    user = await wide.a_user("carol")
    await enter(wide, user, "laptop")

    await enter(wide, user, "phone")

    assert len(await waiting(wide, user)) == 1


def test_given_a_session_then_what_the_script_is_told_holds_no_secret(a_session: Session) -> None:
    told = seen_from(a_session, DeviceMarks(("known",), "fresh"), Policy(), SYSTEM)

    assert told["known"] == ["known"]
    assert told["remembered"] == 180 * 24 * 3600 * 1000
    assert a_session.secret_hash.hex() not in str(told)
    assert Handle(a_session.handle) in str(told["entry"])


@pytest.fixture
async def a_session(rig: Rig) -> Session:
    return (await rig.open(await rig.a_user("dora"))).session
