"""Since when audit entries wait for a seal."""

from datetime import datetime, timedelta

from sidecar.core.audit import SYSTEM, Action, AuditEntry, Target
from sidecar.core.users import UserId
from sidecar.store.audit_waiting import AuditWaiting
from sidecar.store.streams import StreamId
from tests.store.rig import Rig


async def test_given_entries_then_the_oldest_behind_the_newest_seal_is_what_waits(rig: Rig) -> None:
    sealed: list[datetime | None] = [None]
    waiting = AuditWaiting(rig.database, lambda: sealed[-1])
    assert await waiting.unsealed_since() is None

    ids = [
        await rig.audit.write(AuditEntry(Action.SERVICE_STARTED, SYSTEM, Target(UserId(f"u{n}"))))
        for n in range(3)
    ]
    first = StreamId.parse(ids[0]).at

    assert await waiting.unsealed_since() == first
    sealed.append(first - timedelta(seconds=6))
    assert await waiting.unsealed_since() == first
    sealed.append(StreamId.parse(ids[-1]).at)
    assert await waiting.unsealed_since() is None
