"""People whom their directory lets in no more: signed out by the check, and by nothing else."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.core.audit import Action, ActorKind
from sidecar.core.audit_log import EVERYTHING
from sidecar.core.policy import TRIGGERS, Policy
from sidecar.login.provider import ProviderUnavailable
from tests.login.in_directory import a_corp
from tests.login.slapd import BASE, Slapd, a_slapd, group, person

OWN = {
    "group_attribute": "memberOf",
    "group_base": f"ou=groups,{BASE}",
    "required_groups": "staff",
    "user_filter": "(&(uid={username})(!(employeeType=left)))",
}
BOTH, ONLY_ANN = [person("ann"), person("ben")], [person("ann")]


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with a_slapd(tmp_path_factory.mktemp("slapd")) as started:
        yield started


async def test_given_people_who_may_in_when_it_is_checked_then_nothing_ends(
    redis_url: str, slapd: Slapd
) -> None:
    async with a_corp(redis_url, slapd, OWN) as corp:
        await corp.enter("ann")

        assert await corp.check() == 0
        assert await corp.who() == "ann"


async def test_given_a_group_that_is_lost_then_all_they_have_open_ends_and_is_audited(
    redis_url: str, slapd: Slapd
) -> None:
    async with a_corp(redis_url, slapd, OWN) as corp:
        ann, second = corp.another(), corp.another()
        await corp.enter("ann", visitor=ann)
        await corp.enter("ben")
        await corp.enter("ben", visitor=second)
        slapd.set(group("staff"), member=ONLY_ANN)
        try:
            assert await corp.check() == 2
            assert await corp.check() == 0
        finally:
            slapd.set(group("staff"), member=BOTH)

        assert await corp.who() == "session_revoked"
        assert await corp.who(second) == "session_revoked"
        assert await corp.who(ann) == "ann"
        entries = corp.house.services.desk.audit.entries(EVERYTHING)
        (entry,) = [one async for one in entries if one.action is Action.SESSION_REVOKED]
        assert (entry.reason, entry.count) == ("provider_refused", 2)
        assert (entry.actor.kind, entry.actor.id) == (ActorKind.PROVIDER, "corp")
        assert corp.house.counted.said.count("ended provider_refused") == 2
        corp.house.clock.moved += timedelta(seconds=2)
        assert (await corp.enter("ben"))[0] == 200  # back in the group


async def test_given_somebody_who_is_disabled_or_gone_then_they_are_signed_out(
    redis_url: str, slapd: Slapd
) -> None:
    own = {**OWN, "required_groups": ""}
    for uid in ("dora", "emil"):
        slapd.add_person(uid)
    async with a_corp(redis_url, slapd, own) as corp:
        emil = corp.another()
        await corp.enter("dora")
        await corp.enter("emil", visitor=emil)

        slapd.set(person("dora"), employeeType="left")
        slapd.delete(person("emil"))

        assert await corp.check() == 2
        assert await corp.who() == "session_revoked"
        assert await corp.who(emil) == "session_revoked"
        assert (await corp.enter("dora"))[0] == 401


async def test_given_a_directory_that_is_silent_then_it_ends_nothing(
    redis_url: str, slapd: Slapd
) -> None:
    async with a_corp(redis_url, slapd, OWN) as corp:
        await corp.enter("ann")
        slapd.stop()
        try:
            with pytest.raises(ProviderUnavailable):
                await corp.check()
        finally:
            slapd.start()

        assert await corp.who() == "ann"


async def test_given_a_round_that_fails_in_an_unforeseen_way_then_the_next_one_asks_again(
    redis_url: str, slapd: Slapd
) -> None:
    rounds: list[int] = []
    asked_again = asyncio.Event()

    async def hold() -> bool:
        rounds.append(1)
        if len(rounds) == 1:
            raise ZeroDivisionError
        asked_again.set()
        return True

    async with a_corp(redis_url, slapd, OWN) as corp:
        keeping = asyncio.create_task(corp.keep_checking(hold))
        await asyncio.wait_for(asked_again.wait(), 10)

        keeping.cancel()


async def test_given_a_policy_without_the_trigger_then_it_ends_nothing(
    redis_url: str, slapd: Slapd
) -> None:
    off = replace(Policy(), triggers={**TRIGGERS, "provider_refused": False})
    async with a_corp(redis_url, slapd, OWN, policy=off) as corp:
        await corp.enter("ben")
        slapd.set(group("staff"), member=ONLY_ANN)
        try:
            assert await corp.check() == 0
        finally:
            slapd.set(group("staff"), member=BOTH)

        assert await corp.who() == "ben"
