"""Since when audit entries wait for a seal."""

from datetime import datetime, timedelta
from pathlib import Path

from sidecar.core.audit import SYSTEM, Action, AuditEntry, Target
from sidecar.core.users import UserId
from sidecar.store.audit_waiting import AuditWaiting
from sidecar.store.streams import StreamId
from tests.store.rig import Rig
from tests.store.sealing import Log


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


async def test_given_a_log_that_is_sealed_when_whoever_seals_has_just_begun_then_nothing_waits(
    rig: Rig, tmp_path: Path
) -> None:
    waiting = AuditWaiting(rig.database, lambda: None)
    log = Log(rig, tmp_path)
    await log.seal(3)

    assert await waiting.unsealed_since() is None

    (seal_id,) = [
        name for name, _ in await rig.database.command("XRANGE", rig.keys.audit_seals, "-", "+")
    ]
    await rig.database.command("XDEL", rig.keys.audit_seals, seal_id)
    assert await waiting.unsealed_since() is not None
    await rig.database.command(
        "XADD", rig.keys.audit_seals, "9-0", "s", "no seal", "g", "", "l", ""
    )
    assert await waiting.unsealed_since() is not None
