"""Whatever clients write into names and reasons: an entry stays one entry, and one line (S-88)."""

import csv
import io
import json
from pathlib import Path

import pytest

from sidecar.admin.answers import audit_shape
from sidecar.admin.audit import csv_line, jsonl_line
from sidecar.cli.audit import line_of
from sidecar.cli.common import printable
from sidecar.core.audit import Actor, ActorKind
from sidecar.core.users import Role
from tests.store.rig import Rig
from tests.store.sealing import Log
from tests.store.seeds import ADMIN

HOSTILE = [
    'x"}\n{"action":"user.deleted"}',
    "x\r\n2026-01-01 session.opened by root",
    "=HYPERLINK(1)",
    "\x1b[2Jcleared\x00\u202e\u2028",
    '","a":"user.unbanned","d":{"e":"',
    "\\\\u0000\\n',',",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_s88_given_hostile_texts_when_they_are_audited_then_each_entry_stays_one(
    rig: Rig, tmp_path: Path, text: str
) -> None:
    log = Log(rig, tmp_path)
    user = await rig.a_user()
    attempt = await rig.throttle.begin(text, "192.0.2.1")
    await rig.throttle.failed(attempt, None, Actor(ActorKind.USER, ip_address="192.0.2.1"))
    await rig.users.ban(user.id, ADMIN, text, highest=Role.OWNER)

    entries = await rig.entries()

    assert [entry.action.value for entry in entries] == [
        "user.created",
        "login.failed",
        "user.banned",
    ]
    assert (entries[1].target.username, entries[2].reason) == (text, text)
    for entry in entries:
        shape = audit_shape(entry)
        assert jsonl_line(shape).count(b"\n") == 1
        assert json.loads(jsonl_line(shape))["action"] == entry.action.value
        (cells,) = list(csv.reader(io.StringIO(csv_line(shape).decode(), newline="")))
        assert len(cells) == 15
        assert not any(cell.startswith("=") for cell in cells)
        line = printable(line_of(entry))
        assert line.isprintable()
        assert line.endswith(f"[{entry.id}]")
    await log.sealer.turn()
    assert (await log.verify()).finding is None
