"""The audit log is read by pages and taken away as a file, which no spreadsheet runs."""

import csv
import io
import json

import pytest

from sidecar.admin.answers import ActorShape, AuditEntryShape, TargetShape
from sidecar.admin.audit import COLUMNS, csv_line
from sidecar.core.audit import SYSTEM, Action, ActorKind, AuditEntry
from sidecar.core.shapes import InstantText
from sidecar.core.users import Role
from tests.admin.staff import Person, enter
from tests.house import Client, House

FORMULA = '=cmd|"/c calc"!A1'


async def test_given_entries_when_they_are_read_by_pages_then_each_comes_once_newest_first(
    viewer: Person, user: Person
) -> None:
    await viewer.get("/audit")  # that it is read is in it from then on
    whole = (await viewer.get("/audit")).body["items"]

    first = await viewer.get("/audit", limit=2)
    second = await viewer.get("/audit", limit=200, cursor=first.body["nextCursor"])

    assert [*first.body["items"], *second.body["items"]] == whole
    assert second.body["nextCursor"] is None
    assert [entry["at"] for entry in whole] == sorted(
        (entry["at"] for entry in whole), reverse=True
    )
    assert set(whole[0]) == {
        "id",
        "at",
        "action",
        "actor",
        "target",
        "scope",
        "count",
        "reason",
        "outcome",
        "details",
    }


async def test_given_a_person_when_their_audit_is_read_then_they_are_target_or_actor(
    admin: Person, user: Person, house: House, client: Client
) -> None:
    await enter(house, client, "maria", Role.USER)
    await admin.delete(f"/sessions/{user.handle}")

    of_user = (await admin.get("/audit", userId=user.id)).body["items"]
    of_admin = (await admin.get("/audit", actor="adam", action="session.revoked")).body["items"]

    assert [entry["action"] for entry in of_user] == [
        "session.revoked",
        "session.opened",
        "user.created",
    ]
    assert {entry["actor"]["username"] for entry in of_admin} == {"adam"}
    assert of_admin[0] == of_user[0]


async def test_given_a_reader_when_the_audit_is_read_then_that_is_entered_once_for_each_filter(
    viewer: Person, user: Person
) -> None:
    first = await viewer.get("/audit", limit=1)
    for _ in range(2):
        await viewer.get("/audit", limit=1)
        await viewer.get("/audit", limit=1, cursor=first.body["nextCursor"])
        await viewer.get("/audit", actor="uma", **{"from": first.body["items"][0]["at"]})

    read = (await viewer.get("/audit", action="audit.read")).body["items"]

    assert first.body["items"][0]["action"] == "session.opened"
    assert [entry["actor"]["username"] for entry in read] == ["vera", "vera"]
    assert [set(entry["details"]) for entry in read] == [{"actor", "from"}, set()]
    assert read[0]["details"]["actor"] == user.id


async def test_given_a_cursor_that_somebody_made_up_when_the_audit_is_read_then_that_is_entered(
    viewer: Person,
) -> None:
    everything = await viewer.get("/audit", cursor="9999999999999-0-00", limit=200)

    assert everything.body["items"]
    newest = (await viewer.get("/audit", action="audit.read")).body["items"]
    assert [entry["actor"]["username"] for entry in newest] == ["vera"]


async def test_given_bounds_of_time_when_the_audit_is_read_then_only_what_is_between_is_there(
    viewer: Person,
) -> None:
    newest = (await viewer.get("/audit", limit=1)).body["items"][0]

    since = await viewer.get("/audit", **{"from": newest["at"]})
    before = await viewer.get("/audit", to=newest["at"])
    never = await viewer.get("/audit", **{"from": "2100-01-01T00:00:00Z"})

    assert newest in since.body["items"]
    assert newest not in before.body["items"]
    assert never.body["items"] == []


@pytest.mark.parametrize(
    "query", [{"cursor": "0-0-00"}, {"to": "1970-01-01T00:00:00Z"}, {"to": "0000-01-01T00:00:00Z"}]
)
async def test_given_the_time_before_everything_when_the_audit_is_read_then_it_is_empty(
    viewer: Person, query: dict[str, str]
) -> None:
    answer = await viewer.get("/audit", **query)

    assert answer.body == {"items": [], "nextCursor": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cursor": "forged"}, "cursor"),
        ({"cursor": "../../x"}, "cursor"),
        ({"cursor": "x" * 257}, "cursor"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "1e9"}, "limit"),
        ({"limit": "abc"}, "limit"),
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-02-30T00:00:00Z"}, "to"),
        ({"action": "user.hacked"}, "action"),
        ({"userId": "../x"}, "userId"),
        ({"form": "2026-01-01T00:00:00Z"}, "form"),
    ],
)
async def test_s_71_given_what_no_page_has_when_the_audit_is_read_then_the_field_is_named(
    viewer: Person, query: dict[str, str], field: str
) -> None:
    answer = await viewer.get("/audit", **query)

    assert (answer.status, answer.code, answer.fields) == (400, "invalid_input", [field])


async def test_given_lines_when_the_audit_is_exported_then_each_is_an_entry_and_it_is_audited(
    viewer: Person, user: Person
) -> None:
    listed = (await viewer.get("/audit", userId=user.id)).body["items"]

    answer = await viewer.get("/audit/export", format="jsonl", userId=user.id)

    assert answer.headers["Content-Type"].startswith("application/jsonl")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-')
    assert answer.headers["Cache-Control"] == "no-store"
    assert [json.loads(line) for line in answer.body.splitlines()] == listed
    entry = (await viewer.get("/audit", limit=1)).body["items"][0]
    assert (entry["action"], entry["actor"]["username"]) == ("audit.exported", "vera")
    assert entry["details"] == {"userId": user.id, "format": "jsonl"}


async def test_given_a_spreadsheet_when_the_audit_is_exported_then_no_cell_is_a_formula(
    viewer: Person, house: House
) -> None:
    person = await house.add("=maria")
    for reason in (FORMULA, " \t=1+1", "\n=1+1", "＝1+1"):
        await house.users.ban(person.id, SYSTEM, reason, highest=Role.OWNER)

    answer = await viewer.get("/audit/export", format="csv")

    rows = list(csv.reader(io.StringIO(answer.body)))
    assert tuple(rows[0]) == COLUMNS
    assert f"'{FORMULA}" in [cell for row in rows for cell in row]
    assert not [cell for row in rows for cell in row if cell.lstrip()[:1] in set("=+-@＝")]


async def test_given_many_entries_when_they_are_exported_then_none_is_missing(
    viewer: Person, house: House
) -> None:
    for _ in range(450):
        await house.services.desk.audit.write(AuditEntry(Action.SERVICE_STARTED, SYSTEM))

    answer = await viewer.get("/audit/export", format="jsonl", action="service.started")

    assert len(answer.body.splitlines()) == 450


@pytest.mark.parametrize("query", [{}, {"format": "xml"}, {"format": "csv", "limit": "1"}])
async def test_given_no_form_when_the_audit_is_exported_then_nothing_is_and_nothing_is_audited(
    viewer: Person, query: dict[str, str]
) -> None:
    answer = await viewer.get("/audit/export", **query)

    assert answer.status == 400
    assert (await viewer.get("/audit", action="audit.exported")).body["items"] == []


def test_s_88_given_line_ends_in_an_entry_when_it_is_a_line_of_csv_then_it_is_one_record() -> None:
    shape = AuditEntryShape(
        id="1-0-00",
        at=InstantText("2026-01-01T00:00:00.000Z"),
        action=Action.USER_BANNED,
        actor=ActorShape(kind=ActorKind.USER, id="a", username="@a\r\nb", ip_address="::1"),
        target=TargetShape(user_id=None, username='"x",=1', handle=None),
        scope="single",
        count=1,
        reason="\tx",
        outcome="done",
        details={"a": "b"},
    )

    (row,) = csv.reader(io.StringIO(csv_line(shape).decode(), newline=""))

    assert row[7] == "'@a\r\nb"
    assert row[10] == '"x",=1'
    assert row[4] == "'\tx"
    assert row[14] == '{"a":"b"}'
