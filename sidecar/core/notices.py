"""The port to the notices: sign-ins from devices that a person had never signed in from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sidecar.core.audit import Actor
from sidecar.core.session import Device, Handle
from sidecar.core.users import UserId


@dataclass(frozen=True, slots=True)
class Notice:
    """One new device of a person, until they have said whether it is theirs.

    handle: of the first session from there, which names the notice too. sessions: all that were
    opened from there since. disowned_at: when they said that it is not; it stays until the
    password is another one.
    """

    handle: Handle
    device: Device
    ip_address: str
    seen_at: datetime
    sessions: tuple[Handle, ...]
    disowned_at: datetime | None = None


class NoticeGone(Exception):
    """The person has no such notice, or this session may not answer it."""


class Notices(Protocol):
    """Every method raises StoreUnavailable when the store did not answer in time.

    own: the session that it is answered from. None answers about the device that it is on; and
    only one on a device that awaits no answer itself may say that another is theirs: else whoever
    stole the password would.
    """

    async def of_user(self, user_id: UserId) -> Sequence[Notice]:
        """Return what a person has to answer or to act on, the newest first."""
        ...

    async def confirm(self, user_id: UserId, handle: Handle, own: Handle, actor: Actor) -> None:
        """It was they: the device is known from now on. Raises NoticeGone."""
        ...

    async def disown(self, user_id: UserId, handle: Handle, own: Handle, actor: Actor) -> int:
        """It was not they: end every session from there, in one step; return how many. Raises
        NoticeGone."""
        ...
