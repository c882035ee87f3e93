"""What is over goes along whole seals: the rest verifies, and what else is missing is missed."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sidecar.core.audit_log import AuditQuery
from sidecar.core.users import UserId
from sidecar.store import audit_sealer, audit_trim
from sidecar.store.audit_seals import SealLog
from sidecar.store.audit_trim import AuditTrim
from tests.store.rig import Rig
from tests.store.sealing import Log

NOW = timedelta(0)


@pytest.fixture
def log(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Log:
    monkeypatch.setattr(audit_sealer, "STARTS_EVERY", 3)
    return Log(rig, tmp_path, look_for_old=NOW)


async def length(log: Log) -> int:
    parts = range(log.rig.keys.partitions)
    return sum([len(await log.stream(part)) for part in parts])


async def test_given_entries_that_are_over_then_they_go_by_whole_seals_and_the_rest_verifies(
    log: Log,
) -> None:
    ids = await log.seal(5, 5, 5, 5, 5, 5, 5, 5, people=4)
    log.rig.policy = replace(log.rig.policy, audit_retention=NOW)
    await asyncio.sleep(0.005)

    await log.seal(1, 0)

    done = await log.verify()
    assert done.finding is None
    assert (done.first, done.last) == (7, 9)
    assert (done.entries, await length(log)) == (11, 11)
    oldest = await log.seals.oldest()
    assert oldest is not None
    assert oldest.seal.number == 7
    assert done.unsealed == 0
    assert len({*ids[-10:]} & {entry.id for entry in await log.rig.entries()}) == 10


async def test_given_entries_that_are_not_sealed_or_not_over_then_none_goes(log: Log) -> None:
    await log.seal(5, 5, 5, 5, 5, 5, 5)
    await log.write(4)
    await log.sealer.turn()

    assert await length(log) == 39
    kept = log.rig.policy
    log.rig.policy = replace(kept, audit_retention=timedelta(hours=1))
    await log.write(1)
    await log.sealer.turn()
    assert await length(log) == 40


async def test_given_a_trim_that_was_cut_short_then_the_log_verifies_and_the_next_turn_goes_on(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    await log.seal(*([40] * 7), people=3)
    log.rig.policy = replace(log.rig.policy, audit_retention=NOW)
    await asyncio.sleep(0.005)

    async def killed(*_: object) -> bool:
        return False

    with monkeypatch.context() as patch:
        patch.setattr(audit_trim.AuditTrim, "_drop", killed)
        await log.seal(1, 0)
        assert await length(log) == 281
        assert await log.found() is None
    await log.sealer.turn()

    assert await log.found() is None
    assert await length(log) == 41


async def test_given_a_trimmed_log_when_more_is_taken_from_its_front_then_it_is_found(
    log: Log,
) -> None:
    await log.seal(*([5] * 8))
    log.rig.policy = replace(log.rig.policy, audit_retention=NOW)
    await asyncio.sleep(0.005)
    await log.seal(1, 0)
    (part,) = [n for n in range(log.rig.keys.partitions) if await log.stream(n)]
    stream = await log.stream(part)
    first = f"{stream[0][0]}-{part:02d}"

    await log.rewrite(part, stream[1:])
    assert await log.found() == ("cut_off_at_front", first)
    await log.rewrite(part, [("1-1", b"{}"), *stream])
    assert await log.found() == ("inserted", f"1-1-{part:02d}")
    await log.rewrite(part, stream)
    assert await log.found() is None
    await log.rig.database.command("XDEL", log.rig.keys.audit_seals, "7-0")
    assert await log.found() == ("seal_missing", "7")


async def test_given_a_person_whose_older_entries_went_then_their_chain_ends_there(
    log: Log,
) -> None:
    ids = await log.seal(*([3] * 8))
    log.rig.policy = replace(log.rig.policy, audit_retention=NOW)
    await asyncio.sleep(0.005)
    await log.seal(0)

    page = await log.rig.audit.read(AuditQuery(user_id=UserId("alice0")), 50)

    assert [entry.id for entry in page.entries] == ids[:-7:-1]
    assert page.next_cursor is None


async def test_given_no_seal_then_there_is_nothing_to_drop(rig: Rig) -> None:
    assert await AuditTrim(rig.database, SealLog(rig.database)).drop(1)


async def test_given_a_long_time_then_since_leaves_out_what_was_sealed_before(log: Log) -> None:
    await log.seal(5, 5, 5, 5, 5)
    await asyncio.sleep(0.01)
    begin = log.rig.clock.now() - timedelta(milliseconds=5)
    await log.seal(5, 5)

    done = await log.verify(begin)

    assert done.finding is None
    assert done.first == 4
    assert done.entries == 20
