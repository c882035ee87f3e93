"""Sealing: nothing is left out, nothing is sealed twice, and the chain never forks."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.audit_log import AuditQuery
from sidecar.core.audit_seal import SealState
from sidecar.core.users import Role
from sidecar.store import audit_sealer
from sidecar.store.audit_sealer import Sealer
from sidecar.store.keyring import KeyRingSealed
from sidecar.store.seal_note import read_note
from tests.store.rig import Rig, a_rig
from tests.store.sealing import Log

ROOT = Path(__file__).parents[2]


async def test_given_new_entries_when_a_turn_is_taken_then_they_are_sealed_and_it_says_so(
    rig: Rig, tmp_path: Path
) -> None:
    log = Log(rig, tmp_path)
    await log.write(3)
    watching = log.a_sealer()

    await log.sealer.turn()
    await log.write(1)
    await watching.turn()  # the lease is the other's

    newest = await log.seals.newest()
    assert newest is not None
    assert (newest.seal.number, newest.seal.count) == (1, 3)
    assert log.sealer.state == SealState(1, newest.seal.sealed_at)
    assert watching.state.number == 1
    note = read_note(tmp_path)
    assert note is not None
    assert (note.number, note.hash) == (1, newest.hash)


async def test_given_nothing_new_then_nothing_is_sealed_until_it_has_been_quiet_for_long(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(rig, tmp_path)
    await log.seal(1, 0, 0)
    assert log.sealer.state.number == 1

    monkeypatch.setattr(audit_sealer, "HEARTBEAT", timedelta(0))
    await log.sealer.turn()

    newest = await log.seals.newest()
    assert newest is not None
    assert (newest.seal.number, newest.seal.count, newest.seal.spans) == (2, 0, ())
    assert (await log.verify()).finding is None


async def test_given_more_than_one_seal_covers_then_several_do_in_one_turn(
    rig: Rig, tmp_path: Path
) -> None:
    log = Log(rig, tmp_path, most=100)
    await log.write(1500)

    await log.sealer.turn()

    done = await log.verify()
    assert (done.finding, done.entries, done.unsealed) == (None, 1500, 0)
    assert done.seals > 1


async def test_given_two_that_both_think_that_they_hold_the_lease_then_the_chain_never_forks(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hold(_: object) -> bool:
        return True

    monkeypatch.setattr("sidecar.store.lease.Lease.hold", hold)
    log = Log(rig, tmp_path)
    sealers = [log.sealer, log.a_sealer(), log.a_sealer()]

    for _ in range(10):
        await asyncio.gather(log.write(5), *(sealer.turn() for sealer in sealers))
    await log.sealer.turn()

    done = await log.verify()
    assert (done.finding, done.entries, done.unsealed) == (None, 50, 0)
    assert done.seals == done.last


async def test_given_a_sealer_that_begins_anew_then_it_goes_on_where_the_log_is(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_sealer, "STARTS_EVERY", 3)
    log = Log(rig, tmp_path)
    for _ in range(8):
        await log.seal(2, people=5)
        await log.sealer.stop()
        await rig.database.command("DEL", rig.keys.lease("sealer"))
        log.sealer = log.a_sealer()

    done = await log.verify()

    assert (done.finding, done.entries, done.seals) == (None, 16, 8)
    starts = [seal.seal.number async for seal in log.seals.since(1) if seal.seal.has_starts]
    assert starts == [1, 4, 7]


async def test_given_a_started_sealer_then_it_seals_by_the_policy_and_once_more_at_its_end(
    rig: Rig, tmp_path: Path
) -> None:
    rig.policy = replace(rig.policy, seal_interval=timedelta(milliseconds=100))
    heard = asyncio.Queue[SealState]()
    log = Log(rig, tmp_path, told=heard.put_nowait)
    log.sealer.start()
    await log.write(2)
    async with asyncio.timeout(20):
        while (await heard.get()).number < 1:
            pass
    rig.policy = replace(rig.policy, seal_interval=timedelta(hours=1))
    await asyncio.sleep(0.2)
    await log.write(4)

    await log.sealer.stop()

    assert (await log.verify()).entries == 6
    assert not await rig.database.command("EXISTS", rig.keys.lease("sealer"))


async def test_given_another_secret_then_nothing_is_sealed_and_it_is_said(
    rig: Rig, tmp_path: Path
) -> None:
    log = Log(rig, tmp_path)
    await log.seal(1)
    await log.write(1)
    other = Sealer(rig.database, b"t" * 32, lambda: rig.policy, tmp_path / "other")
    await rig.database.command("DEL", rig.keys.lease("sealer"))

    with pytest.raises(KeyRingSealed, match="secret_file"):
        await other.turn()

    assert (await log.verify()).last == 1


async def test_given_a_store_whose_log_was_sealed_when_an_entry_is_written_then_it_costs_the_same(
    redis_url: str, tmp_path: Path
) -> None:
    """What writing costs is what commands it makes: as many, however long the log is."""

    async def commands_of_one(rig: Rig) -> int:
        await rig.database.command("CONFIG", "RESETSTAT")
        await rig.audit.write((await rig.entries())[0])
        stats = await rig.database.command("INFO", "commandstats")
        return sum(each["calls"] for name, each in stats.items() if "xrange" not in name.lower())

    async with a_rig(redis_url) as rig:
        log = Log(rig, tmp_path)
        await log.write(1)
        before = await commands_of_one(rig)
        await log.seal(300, 300)

        assert await commands_of_one(rig) <= before


async def test_given_sealers_that_are_killed_at_any_moment_then_nothing_is_lost_and_no_chain_forks(
    redis_url: str, tmp_path: Path
) -> None:
    async with a_rig(redis_url, 64) as rig:
        log = Log(rig, tmp_path)
        written = 0
        for _ in range(12):
            program = ("-m", "tests.store.seal_on", redis_url, str(tmp_path))
            sealer = subprocess.Popen([sys.executable, *program], cwd=ROOT, stdout=subprocess.PIPE)
            assert sealer.stdout is not None
            await asyncio.to_thread(sealer.stdout.readline)
            before = await log.seals.newest()
            while await log.seals.newest() == before:
                written += len(await log.write(4, people=3))
            written += len(await log.write(secrets.randbelow(40), people=3))
            await asyncio.sleep(secrets.randbelow(30) / 1000)
            os.kill(sealer.pid, signal.SIGKILL)
            sealer.wait()
            sealer.stdout.close()
            done = await log.verify()
            assert done.finding is None
            assert done.entries + done.unsealed == written
            assert done.seals == done.last
        await rig.database.command("DEL", rig.keys.lease("sealer"))

        await log.sealer.turn()

        done = await log.verify()
        assert (done.finding, done.entries, done.unsealed) == (None, written, 0)
        assert done.seals >= 12


async def test_given_a_cluster_then_one_seal_covers_the_streams_of_all_its_nodes(
    wide: Rig, tmp_path: Path
) -> None:
    user = await wide.a_user("clustered")
    await wide.open(user)
    log = Log(wide, tmp_path)
    await log.seal(30, people=20)
    await log.write(1)

    done = await log.verify()

    assert (done.finding, done.seals, done.unsealed) == (None, 1, 1)
    assert done.entries >= 32
    newest = await log.seals.newest()
    assert newest is not None
    assert len(newest.seal.spans) > 10
    erased = await wide.users.erase(user.id, SYSTEM, highest=Role.OWNER)
    assert erased is not None
    entries = (await wide.audit.read(AuditQuery(user_id=user.id), 10)).entries
    assert {entry.target.username for entry in entries} == {erased.username}
    await log.sealer.turn()
    assert await log.found() is None
