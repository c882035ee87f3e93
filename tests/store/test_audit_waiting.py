"""Since when audit entries wait for a seal."""

from pathlib import Path

from sidecar.core.audit_seal import NO_ENTRY
from sidecar.store.audit_waiting import AuditWaiting
from sidecar.store.streams import StreamId
from tests.store.rig import Rig
from tests.store.sealing import Log


async def test_given_entries_then_the_oldest_behind_the_newest_seal_is_what_waits(
    rig: Rig, tmp_path: Path
) -> None:
    log = Log(rig, tmp_path)
    waiting = AuditWaiting(rig.database, lambda: log.sealer.sealed)
    assert await waiting.unsealed_since() is None

    first, *_ = await log.write(3)
    assert await waiting.unsealed_since() == StreamId.parse(first).at

    await log.sealer.turn()
    assert await waiting.unsealed_since() is None
    (at_once,) = await log.write(1)  # however soon behind the seal
    assert await waiting.unsealed_since() == StreamId.parse(at_once).at


async def test_given_a_log_that_is_sealed_when_this_process_has_not_heard_of_it_then_nothing_waits(
    rig: Rig, tmp_path: Path
) -> None:
    waiting = AuditWaiting(rig.database, lambda: [NO_ENTRY] * rig.keys.partitions)
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
