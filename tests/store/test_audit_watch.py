"""Who follows the seals remembers how far they went, and says when they are not as they were."""

import logging
from pathlib import Path

import pytest

from sidecar.store.audit_key import AuditKeys
from sidecar.store.audit_watch import SealWatch
from sidecar.store.seal_note import SealNote, read_note
from tests.store.rig import Rig
from tests.store.sealing import SECRET, Log


def a_watch(log: Log) -> SealWatch:
    database = log.rig.database
    return SealWatch(database, log.seals, AuditKeys(database, SECRET), log.state_dir)


async def test_given_seals_that_come_one_by_one_then_it_follows_and_remembers_the_newest(
    rig: Rig, tmp_path: Path
) -> None:
    log = Log(rig, tmp_path)
    watch = a_watch(log)
    await watch.look()
    assert read_note(tmp_path) is None

    for count in (3, 1, 8):
        await log.seal(count, people=5)
        await watch.look()

    newest = await log.seals.newest()
    assert newest is not None
    assert watch.newest == newest
    assert watch.standing == await log.seals.standing(newest)
    note = read_note(tmp_path)
    assert note == SealNote(3, newest.seal.sealed_at, newest.hash, await log.key())


@pytest.mark.parametrize("when", ["while_it_watches", "before_it_begins"])
async def test_given_seals_that_were_cut_off_then_it_is_said_once_and_the_note_stays(
    rig: Rig, tmp_path: Path, caplog: pytest.LogCaptureFixture, when: str
) -> None:
    log = Log(rig, tmp_path)
    await log.seal(2, 2, 2)
    note = read_note(tmp_path)
    watch = a_watch(log)
    if when == "while_it_watches":
        await watch.look()

    await rig.database.command("XDEL", rig.keys.audit_seals, "2-0", "3-0")
    with caplog.at_level(logging.ERROR):
        await watch.look()
        await watch.look()

    assert [record.message for record in caplog.records] == ["audit_seals_cut_off"]
    assert read_note(tmp_path) == note
    # The log goes on, with other seals in the places of those: that stays wrong.
    await log.seal(1, 1, 1)
    await watch.look()
    assert read_note(tmp_path) == note
    assert await log.found() == ("seal_replaced", "3")


async def test_given_a_seal_of_another_key_then_it_is_not_remembered(
    rig: Rig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = Log(rig, tmp_path)
    await log.seal(2)
    note = read_note(tmp_path)
    assert note is not None
    await rig.database.command("DEL", rig.keys.audit_key)
    log.sealer = log.a_sealer()
    await rig.database.command("DEL", rig.keys.lease("sealer"))

    with caplog.at_level(logging.ERROR):
        await log.seal(2)

    assert [record.message for record in caplog.records] == ["audit_seal_forged"]
    assert read_note(tmp_path) == note
    done = await log.verify()
    assert done.finding is None or done.finding.seal == 2


async def test_given_a_note_that_cannot_be_read_or_written_then_it_is_said(
    rig: Rig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = Log(rig, tmp_path)
    (tmp_path / "audit-seal.json").write_text("{}")
    with caplog.at_level(logging.ERROR):
        await log.seal(1)
    (tmp_path / "audit-seal.json").unlink()
    log.sealer = Log(rig, tmp_path / "none").sealer
    with caplog.at_level(logging.ERROR):
        await log.sealer.turn()

    assert [record.message for record in caplog.records] == [
        "audit_seal_note_unreadable",
        "audit_seal_not_noted",
    ]
