"""What agents asked for, in the audit log: few entries that count, over all processes."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sidecar.core.agents import Delegated, Delegation
from sidecar.core.audit import SYSTEM, AuditEntry
from sidecar.core.policy import Route
from sidecar.core.session import Session
from sidecar.store.agent_uses import AgentUses, rule_name
from tests.store.rig import Rig, a_rig
from tests.wires import until

WIKI, REST = Route(path="/wiki/**", methods=frozenset({"POST", "GET"})), Route()


@pytest.fixture
async def rig(redis_url: str) -> AsyncIterator[Rig]:
    async with a_rig(redis_url) as rig:
        yield rig


@pytest.fixture
async def agent(rig: Rig) -> Session:
    creator = (await rig.open(await rig.a_user())).session
    done = await rig.agents.delegate(Delegation(creator, SYSTEM, "agent", "bot", ("GET /**",)))
    assert isinstance(done, Delegated)
    return done.session


async def accesses(rig: Rig) -> list[AuditEntry]:
    return [entry for entry in await rig.entries() if entry.action.value == "agent.accessed"]


def test_given_rules_when_they_are_named_then_their_methods_are_told() -> None:
    assert [rule_name(WIKI), rule_name(REST)] == ["GET,POST /wiki/**", "/**"]


async def test_given_many_requests_in_two_processes_then_a_minute_has_one_entry_for_each_rule(
    rig: Rig, agent: Session
) -> None:
    one, other = AgentUses(rig.database), AgentUses(rig.database)

    for uses in (one, other, one, other):
        for _ in range(5):
            uses.note(agent, WIKI, True)
            uses.note(agent, REST, False)
        await uses.flush()

    entries = await accesses(rig)
    assert [(e.details["route"], e.count, e.outcome, e.reason) for e in entries] == [
        ("GET,POST /wiki/**", 5, "done", ""),
        ("/**", 5, "refused", "forbidden"),
    ]
    for entry in entries:
        assert (entry.actor.kind.value, entry.actor.username) == ("agent", "alice")
        assert (entry.target.handle, entry.details["agent"]) == (agent.handle, "bot")


async def test_given_requests_behind_an_entry_when_its_time_is_over_then_they_are_counted_too(
    rig: Rig, agent: Session
) -> None:
    uses = AgentUses(rig.database, timedelta(milliseconds=300))
    for _ in range(3):
        uses.note(agent, WIKI, True)
        await uses.flush()

    uses.start()
    await until(lambda: not uses._waiting)
    await uses.stop()

    assert [entry.count for entry in await accesses(rig)] == [1, 2]


async def test_given_a_worker_when_it_runs_and_stops_then_what_it_noted_is_in_the_log(
    rig: Rig, agent: Session
) -> None:
    uses = AgentUses(rig.database)
    uses.start()
    uses.note(agent, WIKI, True)
    await until(lambda: not uses._waiting)
    uses.note(agent, REST, True)

    await uses.stop()

    assert [entry.details["route"] for entry in await accesses(rig)] == [rule_name(WIKI), "/**"]
