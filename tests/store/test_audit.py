"""The audit log: entries as they were written, the newest first."""

from dataclasses import replace

import pytest

from sidecar.core.audit import SYSTEM, Action, AuditEntry, Target
from sidecar.core.audit_log import EVERYTHING
from sidecar.core.users import UserId
from tests.store.rig import Rig
from tests.store.seeds import ADMIN, a_session

FULL = AuditEntry(
    action=Action.SESSION_REVOKED,
    actor=ADMIN,
    target=Target(UserId("u1"), "alice", a_session().handle),
    scope="bulk",
    count=7,
    reason="banned",
    outcome="refused",
    details={"note": "lost phone"},
)
PLAIN = AuditEntry(Action.POLICY_RELOADED, SYSTEM)
REFUSED = replace(PLAIN, outcome="refused", count=0)


@pytest.mark.parametrize("entry", [FULL, PLAIN, REFUSED], ids=["full", "plain", "refused"])
async def test_given_an_entry_when_it_is_written_then_it_is_read_back_with_id_and_instant(
    rig: Rig, entry: AuditEntry
) -> None:
    await rig.was_called("u1", "alice")
    before = rig.clock.now()

    entry_id = await rig.audit.write(entry)

    (read,) = (await rig.audit.read(EVERYTHING, 10)).entries
    assert replace(read, id="", at=None, details=dict(read.details)) == entry
    assert read.id == entry_id
    assert read.at is not None
    assert abs((read.at - before).total_seconds()) < 5


async def test_given_many_entries_when_they_are_paged_then_each_comes_once_the_newest_first(
    rig: Rig,
) -> None:
    written = [
        await rig.audit.write(replace(FULL, target=Target(UserId(f"u{number}"))))
        for number in range(7)
    ]
    read: list[str] = []
    cursor: str | None = None

    for _ in range(10):
        page = await rig.audit.read(EVERYTHING, 3, cursor)
        read += [entry.id for entry in page.entries]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert sorted(read) == sorted(written)
    assert read == sorted(read, reverse=True)


async def test_given_a_forged_cursor_then_it_is_a_value_error(rig: Rig) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        await rig.audit.read(EVERYTHING, 10, "1e9")
