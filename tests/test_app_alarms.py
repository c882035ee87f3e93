"""The alarms of a whole worker: from requests to the alarm, its gauges and what it ends."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from sidecar import app_alarms
from sidecar.app_alarms import AlarmGauges, locate_by
from sidecar.core.alarm_log import AlarmFilter
from sidecar.core.audit import SYSTEM
from sidecar.core.audit_seal import NO_ENTRY
from sidecar.core.policy import ALARMS, Policy
from sidecar.core.users import Role
from sidecar.observe import alarm_watch
from sidecar.observe.metrics import Metrics
from sidecar.store.alarms import Alarms
from sidecar.store.audit_waiting import AuditWaiting
from sidecar.store.clock import StoreClock
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.keys import Keys
from tests.places import write_places
from tests.serving import DEADLINE, POLICY, a_sidecar, a_store
from tests.wires import a_request, an_upstream, until

SOON = timedelta(milliseconds=100)
RULES = '[alarms.session_shift]\naction = "end_sessions"\n'


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_alarms, "GAUGES_EVERY", SOON)
    monkeypatch.setattr(alarm_watch, "TURN", SOON)


@asynccontextmanager
async def a_database(redis_url: str) -> AsyncIterator[Database]:
    database = Database(connect(redis_url, DEADLINE), Keys(), DEADLINE)
    yield database
    await database.close()


def gauges_of(database: Database, metrics: Metrics) -> AlarmGauges:
    seals = AuditWaiting(database, lambda: [NO_ENTRY] * database.keys.partitions)
    return AlarmGauges(Alarms(database, Policy), seals, StoreClock(database), metrics)


def asked_from(cookie: str, address: str, user_agent: str) -> bytes:
    lines = (f"X-Forwarded-For: {address}", f"User-Agent: {user_agent}")
    return a_request("/closed", cookie, *lines)


async def test_given_one_cookie_at_many_places_then_alarms_are_raised_and_the_gauges_say_so(
    redis_url: str, tmp_path: Path
) -> None:
    async with (
        an_upstream() as upstream,
        a_sidecar(
            redis_url,
            f"http://127.0.0.1:{upstream.port}",
            tmp_path,
            trusted_proxies="127.0.0.1",
        ) as sidecar,
        a_store(redis_url) as store,
        a_database(redis_url) as database,
    ):
        alice, bob = await store.add("alice"), await store.add("bob")
        cookie = await sidecar.cookie_of("alice")
        dead = await sidecar.cookie_of("bob")
        await store.users.ban(bob.id, SYSTEM, "left", highest=Role.OWNER)
        gauges, book = sidecar.metrics, Alarms(database, Policy)

        for number in range(3):
            await sidecar.ask(asked_from(cookie, f"198.51.100.{number}", ""))
        await sidecar.ask(asked_from(dead, "203.0.113.9", ""))

        await until(lambda: gauges.alarms_active.value("dead_token") == 1)
        await until(lambda: gauges.alarms_active.value("ip_spread") == 1)
        assert gauges.ip_spread_users.value() == 1
        found = {alarm.kind: alarm for alarm in (await book.page(AlarmFilter(), 0, 10)).items}
        assert found["ip_spread"].user_id == alice.id
        assert found["dead_token"].user_id == bob.id
        assert found["dead_token"].username == "bob"
        assert found["dead_token"].evidence.ip_addresses == ("203.0.113.9",)

        await book.acknowledge(found["ip_spread"].id, SYSTEM, "")
        await until(lambda: gauges.alarms_active.value("ip_spread") == 0)
        assert gauges.ip_spread_users.value() == 1


async def test_given_the_action_end_sessions_then_a_stolen_cookie_is_of_no_more_use(
    redis_url: str, tmp_path: Path
) -> None:
    async with (
        an_upstream() as upstream,
        a_sidecar(
            redis_url,
            f"http://127.0.0.1:{upstream.port}",
            tmp_path,
            trusted_proxies="127.0.0.1",
        ) as sidecar,
        a_store(redis_url) as store,
    ):
        sidecar.policy_file.write_text(POLICY + RULES)
        sidecar.policy.reload()
        await store.add("alice")
        cookie = await sidecar.cookie_of("alice")

        await sidecar.ask(asked_from(cookie, "203.0.113.9", "curl/8.5.0"))

        await until(lambda: sidecar.metrics.sessions_ended.value("revoked") == 1)
        answer = await sidecar.ask(asked_from(cookie, "203.0.113.9", "curl/8.5.0"))
        assert answer.status == 401


async def test_given_no_alarm_then_every_kind_is_at_zero(redis_url: str) -> None:
    async with a_database(redis_url) as database:
        metrics = Metrics.alone()

        await gauges_of(database, metrics).show()

        assert {metrics.alarms_active.value(kind) for kind in ALARMS} == {0}
        assert metrics.ip_spread_users.value() == 0
        assert metrics.audit_unsealed_seconds.value() == 0


async def test_given_an_entry_that_nobody_seals_then_its_age_is_said(redis_url: str) -> None:
    async with a_database(redis_url) as database:
        a_minute_ago = f"{int((time.time() - 60) * 1000)}-0"
        entry = '{"a":"user.banned","k":"system"}'
        await database.command("XADD", database.keys.audit(0), a_minute_ago, "e", entry)
        metrics = Metrics.alone()

        await gauges_of(database, metrics).show()

        assert 60 <= metrics.audit_unsealed_seconds.value() < 90


async def test_given_a_database_of_places_then_it_is_asked_and_closed_at_the_end(
    tmp_path: Path,
) -> None:
    path = write_places(tmp_path / "city.mmdb", {"192.0.2.0/24": ("Berlin", "DE", 52.5, 13.4)})
    async with AsyncExitStack() as stack:
        assert locate_by(None, stack) is None
        locate = locate_by(path, stack)
        assert locate is not None
        found = locate("192.0.2.1")

    assert found is not None
    assert found.name == "Berlin, DE"
