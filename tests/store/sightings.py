"""Sign-ins from devices of a person, for the tests of what is new."""

from typing import Any

from sidecar.core.known_device import DeviceMarks
from sidecar.core.notices import Notice
from sidecar.core.opening import Opened
from sidecar.core.session import Device, Handle
from sidecar.core.users import User
from sidecar.store.notices import StoredNotices
from tests.store.rig import Rig, actor_of

FIREFOX = Device("Firefox on Linux", "Firefox", "Linux", "desktop")


async def enter(rig: Rig, user: User, device: str, **more: Any) -> Opened:
    """Sign in from a device, which brings the id that it was given before."""
    marks = DeviceMarks((device,), device)
    return await rig.open(user, device=FIREFOX, marks=marks, **more)


async def handle_of(rig: Rig, user: User, device: str) -> Handle:
    return (await enter(rig, user, device)).session.handle


def notices(rig: Rig) -> StoredNotices:
    return StoredNotices(rig.database, lambda: rig.policy, rig.clock, rig.counts)


async def waiting(rig: Rig, user: User) -> list[Handle]:
    """Return the sessions that the person is asked about."""
    return [notice.handle for notice in await found(rig, user)]


async def found(rig: Rig, user: User) -> list[Notice]:
    return list(await notices(rig).of_user(user.id))


async def confirm(rig: Rig, user: User, notice: Handle, own: Handle) -> None:
    await notices(rig).confirm(user.id, notice, own, actor_of(user))


async def disown(rig: Rig, user: User, notice: Handle, own: Handle) -> int:
    return await notices(rig).disown(user.id, notice, own, actor_of(user))
