"""The notices of new devices, one hash for each person who has any; see lua/devices.lua.

Implements the port `Notices`. They are written by the step that opens the session, and bounded: ten
for each person, for as long as the policy says.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sidecar.core.audit import Action, Actor, AuditEntry, Target
from sidecar.core.notices import Notice, NoticeGone
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock, SessionMetrics
from sidecar.core.reasons import Ended
from sidecar.core.session import Device, Handle
from sidecar.core.users import UserId
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.codec import from_ms, span_ms
from sidecar.store.database import Database
from sidecar.store.sessions import TOMBSTONE_LEAST, limits_of_roles


class StoredNotices:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(
        self,
        database: Database,
        policy: Callable[[], Policy],
        clock: Clock,
        metrics: SessionMetrics,
    ) -> None:
        self._database = database
        self._keys = database.keys
        self._policy = policy
        self._clock = clock
        self._metrics = metrics

    async def of_user(self, user_id: UserId) -> Sequence[Notice]:
        """Return what a person has to answer or to act on, the newest first."""
        found = await self._database.command("HGETALL", self._keys.notices(user_id))
        notices = (_decode(handle, raw) for handle, raw in found.items())
        since = self._clock.now() - self._policy().new_devices.unanswered
        current = [notice for notice in notices if notice.seen_at > since]
        return sorted(current, key=lambda notice: (notice.seen_at, notice.handle), reverse=True)

    async def confirm(self, user_id: UserId, handle: Handle, own: Handle, actor: Actor) -> None:
        """It was they: the device is known from now on. Raises NoticeGone."""
        entry = AuditEntry(Action.DEVICE_CONFIRMED, actor, Target(user_id))
        if not await self._run(scripts.NOTICE_CONFIRM, user_id, handle, own, entry):
            raise NoticeGone(handle)

    async def disown(self, user_id: UserId, handle: Handle, own: Handle, actor: Actor) -> int:
        """It was not they: end every session from there; return how many. Raises NoticeGone."""
        entry = AuditEntry(Action.DEVICE_DISOWNED, actor, Target(user_id))
        answer = await self._run(scripts.NOTICE_DISOWN, user_id, handle, own, entry)
        if not answer:
            raise NoticeGone(handle)
        ended, *expired = answer
        for word in expired:
            self._metrics.ended(Ended(word.decode()).value)
        if ended:
            self._metrics.ended(Ended.REVOKED.value, int(ended))
        return int(ended)

    async def _run(
        self,
        script: scripts.Script,
        user_id: UserId,
        handle: Handle,
        own: Handle,
        entry: AuditEntry,
    ) -> Any:
        policy = self._policy()
        given = {
            "user": user_id,
            "notice": handle,
            "own": own,
            "unanswered": span_ms(policy.new_devices.unanswered),
            "entry": entry_fields(entry),
            "ended": entry_fields(AuditEntry(Action.SESSION_REVOKED, entry.actor)),
            "reason": Ended.REVOKED.value,
            "limits": limits_of_roles(policy),
            "tombstone": span_ms(TOMBSTONE_LEAST),
        }
        return await self._database.run(script, self._keys.partition_of_user(user_id), given)


def _decode(handle: bytes, raw: bytes) -> Notice:
    fields: dict[str, Any] = json.loads(raw)
    disowned = fields.get("x")
    return Notice(
        handle=Handle(handle.decode()),
        device=Device(fields["l"], fields["b"], fields["o"], fields["y"]),
        ip_address=fields["i"],
        seen_at=_instant(fields["t"]),
        sessions=tuple(Handle(each) for each in fields["s"]),
        disowned_at=_instant(disowned) if disowned else None,
    )


def _instant(milliseconds: float) -> datetime:
    return from_ms(int(milliseconds))
