"""What a worker does by itself: the gauge of sessions, and the audit of policy reloads."""

import asyncio
from datetime import timedelta

import pytest

from sidecar import __version__
from sidecar.app_tasks import ReloadAudit, SessionCount, report_entry
from sidecar.core.audit import SYSTEM, Action, AuditEntry
from sidecar.core.audit_log import EVERYTHING
from sidecar.core.ports import StoreUnavailable
from sidecar.faults import Fault
from sidecar.observe.metrics import Metrics
from sidecar.policy_source import Report
from tests.store.rig import a_rig
from tests.wires import until

SOON = timedelta(milliseconds=20)
FAULTS = (Fault("policy.toml", "routes", "what only the log may quote"), Fault("", "x", "y"))
GOOD, BAD = Report(), Report(FAULTS)


class Pen:
    """Stands where the audit log is written, and may be dry."""

    def __init__(self) -> None:
        self.dry = False
        self.tried = 0
        self.written: list[AuditEntry] = []

    async def write(self, entry: AuditEntry) -> str:
        self.tried += 1
        if self.dry:
            raise StoreUnavailable("dry")
        self.written.append(entry)
        return "1-0-00"


@pytest.mark.parametrize("partitions", [1, 64])
async def test_given_sessions_when_they_come_and_go_then_the_gauge_says_how_many_live(
    redis_url: str, partitions: int
) -> None:
    gauge = Metrics.alone().sessions_active
    async with a_rig(redis_url, partitions) as rig:
        counting = SessionCount(rig.sessions.count, gauge, SOON)
        counting.start()
        await until(lambda: gauge.value() == 0)
        people = [await rig.a_user(f"user-{number}") for number in range(3)]
        opened = [await rig.open(person) for person in people for _ in range(2)]
        await until(lambda: gauge.value() == 6)

        await rig.age(opened[0].session.handle, unused=timedelta(minutes=61))
        await rig.age(opened[1].session.handle, old=timedelta(hours=25))

        await until(lambda: gauge.value() == 4)
        await counting.stop()


async def test_given_sessions_over_a_limit_when_they_are_counted_then_none_of_them_ever_is(
    redis_url: str,
) -> None:
    async with a_rig(redis_url) as rig:
        person = await rig.a_user()
        opened = [await rig.open(person) for _ in range(3)]
        await rig.age(opened[0].session.handle, unused=timedelta(minutes=61))
        await rig.age(opened[1].session.handle, old=timedelta(hours=25))

        counted = await rig.sessions.count()

        assert counted == 1
        assert not rig.counts.endings  # nobody swept them


async def test_given_a_silent_store_when_it_is_back_then_the_gauge_moves_on() -> None:
    gauge = Metrics.alone().sessions_active
    answers: list[int | StoreUnavailable] = [3, StoreUnavailable("silent"), 5]
    asked: list[float] = []

    async def count() -> int:
        asked.append(gauge.value())
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, StoreUnavailable):
            raise answer
        return answer

    counting = SessionCount(count, gauge, SOON)
    counting.start()
    await until(lambda: gauge.value() == 5)
    await counting.stop()

    assert asked[1:3] == [3, 3]


async def test_given_reloads_when_they_are_reported_then_the_audit_log_has_one_entry_for_each(
    redis_url: str,
) -> None:
    reports: asyncio.Queue[Report] = asyncio.Queue()
    ids: list[str] = []
    async with a_rig(redis_url) as rig:

        async def write(entry: AuditEntry) -> str:
            ids.append(await rig.audit.write(entry))
            return ids[-1]

        auditing = ReloadAudit(reports, write)
        auditing.start()
        reports.put_nowait(GOOD)
        reports.put_nowait(BAD)

        await until(lambda: len(ids) == 2)
        await auditing.stop()

        entries = list(reversed((await rig.audit.read(EVERYTHING, 10)).entries))
        assert [entry.action for entry in entries] == [Action.POLICY_RELOADED] * 2
        assert [entry.actor for entry in entries] == [SYSTEM] * 2
        assert [(entry.outcome, dict(entry.details)) for entry in entries] == [
            ("done", {"result": "ok"}),
            ("refused", {"result": "refused", "faults": "2"}),
        ]


async def test_given_an_entry_under_way_when_the_audit_stops_then_it_is_entered_once() -> None:
    reports: asyncio.Queue[Report] = asyncio.Queue()
    begun, go_on = asyncio.Event(), asyncio.Event()
    written: list[AuditEntry] = []

    async def write(entry: AuditEntry) -> str:
        begun.set()
        await go_on.wait()
        written.append(entry)
        return "id"

    auditing = ReloadAudit(reports, write)
    auditing.start()
    reports.put_nowait(GOOD)
    await begun.wait()
    reports.put_nowait(BAD)

    stopping = asyncio.create_task(auditing.stop())
    await asyncio.sleep(0)
    go_on.set()
    await stopping

    assert written == [report_entry(GOOD), report_entry(BAD)]


async def test_given_a_silent_store_when_a_reload_is_reported_then_it_is_written_once_it_speaks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reports: asyncio.Queue[Report] = asyncio.Queue()
    pen = Pen()
    pen.dry = True
    auditing = ReloadAudit(reports, pen.write)
    auditing.start()
    reports.put_nowait(GOOD)
    reports.put_nowait(BAD)
    await until(lambda: pen.tried > 1)

    pen.dry = False
    await until(lambda: len(pen.written) == 2)
    await auditing.stop()

    assert pen.written == [report_entry(GOOD), report_entry(BAD)]
    assert caplog.records == []


async def test_given_reports_that_wait_when_the_worker_stops_then_they_are_written_first() -> None:
    reports: asyncio.Queue[Report] = asyncio.Queue()
    pen = Pen()
    pen.dry = True
    auditing = ReloadAudit(reports, pen.write)
    auditing.start()
    reports.put_nowait(BAD)
    reports.put_nowait(GOOD)
    await until(lambda: pen.tried > 0)

    pen.dry = False
    await auditing.stop()

    assert pen.written == [report_entry(BAD), report_entry(GOOD)]


async def test_given_a_store_that_stays_silent_when_the_worker_stops_then_the_log_says_what_is_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reports: asyncio.Queue[Report] = asyncio.Queue()
    pen = Pen()
    pen.dry = True
    auditing = ReloadAudit(reports, pen.write)
    auditing.start()
    reports.put_nowait(GOOD)

    await auditing.stop()

    assert [record.message for record in caplog.records] == ["policy_reload_not_audited"]


def test_given_faults_when_the_entry_is_made_then_it_quotes_nothing_of_the_file() -> None:
    entry = report_entry(BAD)

    assert "quote" not in repr(entry)


def test_given_changes_when_the_entry_is_made_then_it_has_them_and_no_more_than_anybody_reads() -> (
    None
):
    changes = [f"lockout.failures: {number} → {number + 1}" for number in range(130)]

    few, many = report_entry(Report((), changes[:2])), report_entry(Report((), changes))

    assert few.details["changes"] == "lockout.failures: 0 → 1\nlockout.failures: 1 → 2"
    assert "omitted" not in few.details
    assert many.details["changes"].split("\n") == changes[:100]
    assert many.details["omitted"] == "30"


def test_given_a_start_when_the_entry_is_made_then_it_says_which_program_and_how_many() -> None:
    entry = report_entry(Report(started=4))

    assert (entry.action, entry.actor) == (Action.SERVICE_STARTED, SYSTEM)
    assert dict(entry.details) == {"version": __version__, "workers": "4"}
