"""Signing in by a provider: whose account it is, who may in, and what changes with it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.policy import Policy, SessionPolicy
from sidecar.core.proof import Locked
from sidecar.core.provided import Account, ProviderSession
from sidecar.core.session import Limits, Session
from sidecar.core.users import Role, User
from sidecar.login.entering import CapReached, Entering, IsBanned, SignedIn, Visit
from sidecar.login.provider import Person, Proven
from sidecar.login.provider_steps import NotAdmitted, ProviderResult, ProviderSteps
from sidecar.store.provider_book import StoredProviders
from tests.house import PASSWORD, House, a_house
from tests.login.attempts import attempt
from tests.login.op import NOW

ISSUER = "https://login.example.com"
VISIT = Visit("203.0.113.9", "curl/8")


@dataclass(frozen=True)
class Corp:
    """A provider, as far as the steps look at it."""

    name: str = "corp"
    method: str = "oidc"
    label: str = "Corp"
    default: bool = False
    auto: bool = False
    create_users: bool = True
    link_existing: bool = False
    required_groups: tuple[str, ...] = ()


@dataclass
class Steps:
    house: House
    book: StoredProviders
    steps: ProviderSteps

    async def sign_in(
        self, subject: str = "s-1", provider: Corp | None = None, **person: Any
    ) -> ProviderResult:
        who = replace(Person("alice"), **person)
        proven = Proven(who, ProviderSession("corp", Account(ISSUER, subject), NOW, "idp-1"))
        policy = self.house.policies[-1]
        asked: Any = provider or Corp()
        return await self.steps.sign_in(asked, proven, VISIT, policy)

    async def session(self, *args: Any, **more: Any) -> Session:
        result = await self.sign_in(*args, **more)
        assert isinstance(result, SignedIn)
        return result.session

    async def user(self, name: str = "alice") -> User:
        known = await self.house.users.find(name)
        assert known is not None
        return known.user


@pytest.fixture
async def steps(redis_url: str) -> AsyncIterator[Steps]:
    async with a_house(redis_url) as house:
        book = StoredProviders(house.database, lambda: house.policies[-1], house.counted)
        made = ProviderSteps(
            house.users, house.throttle, book, Entering(house.lifecycle), house.clock
        )
        yield Steps(house, book, made)


async def test_given_somebody_new_then_they_are_added_without_a_password(steps: Steps) -> None:
    session = await steps.session(
        email="alice@example.com", display_name="Alice", groups=("ops",), role=Role.ADMIN
    )

    user = await steps.user()
    assert session.user_id == user.id
    assert (session.auth_method, session.role) == ("oidc", Role.ADMIN)
    assert (user.email, user.display_name, user.groups) == ("alice@example.com", "Alice", ("ops",))
    assert await steps.book.linked(Account(ISSUER, "s-1")) == user.id
    assert await steps.book.of_session(session.handle) is not None
    for password in ("", PASSWORD):
        assert not isinstance(await attempt(steps.house, "alice", password), SignedIn)


async def test_given_an_account_that_is_known_then_its_name_there_does_not_matter(
    steps: Steps,
) -> None:
    first = await steps.session()

    again = await steps.session(username="alice-smith")

    assert again.user_id == first.user_id
    assert again.username == "alice"


async def test_given_a_name_that_somebody_has_here_then_who_has_it_there_is_nobody(
    steps: Steps,
) -> None:
    await steps.house.add("Alice", Role.OWNER)

    for _ in range(12):
        assert await steps.sign_in() == NotAdmitted("name_taken")

    assert steps.house.counted.said == []
    # Nobody who chose that name there keeps its holder from signing in.
    assert isinstance(await attempt(steps.house, "alice"), SignedIn)
    entries = [entry["e"] for entry in await steps.house.audit()]
    assert len([entry for entry in entries if '"name_taken"' in entry]) == 1  # once a minute


async def test_given_names_that_are_the_same_peoples_then_the_account_is_theirs(
    steps: Steps,
) -> None:
    alice, linking = await steps.house.add("alice"), Corp(link_existing=True)

    session = await steps.session(provider=linking)

    assert session.user_id == alice.id
    assert await steps.sign_in("s-2", linking) == NotAdmitted("name_taken")
    assert (await steps.session()).user_id == alice.id


async def test_given_people_who_have_to_be_there_then_nobody_is_added(steps: Steps) -> None:
    closed = Corp(create_users=False, link_existing=True)
    await steps.house.add("bob")

    assert await steps.sign_in(provider=closed) == NotAdmitted("no_account")
    assert await steps.house.users.find("alice") is None
    await steps.session("s-2", closed, username="bob")


@pytest.mark.parametrize(
    ("groups", "admitted"),
    [(("staff",), True), (("x", "ops"), True), (("x",), False), (None, False)],
)
async def test_given_groups_that_one_has_to_be_of_then_others_stay_out(
    steps: Steps, groups: tuple[str, ...] | None, admitted: bool
) -> None:
    result = await steps.sign_in(provider=Corp(required_groups=("staff", "ops")), groups=groups)

    assert isinstance(result, SignedIn) is admitted
    if not admitted:
        assert result == NotAdmitted("group_required")
        assert await steps.house.users.find("alice") is None


async def test_s_67_given_a_group_that_was_lost_there_then_what_is_open_here_ends(
    steps: Steps,
) -> None:
    before = await steps.session(groups=("ops", "staff"))

    after = await steps.session(groups=("staff",))

    assert await steps.house.lifecycle.get(before.handle) is None
    assert after.groups == ("staff",)
    assert await steps.house.lifecycle.get(after.handle) is not None


async def test_given_a_lower_role_there_then_it_is_so_here_and_what_is_open_ends(
    steps: Steps,
) -> None:
    before = await steps.session(groups=(), role=Role.ADMIN)

    after = await steps.session(groups=(), role=Role.USER)

    assert after.role is Role.USER
    assert await steps.house.lifecycle.get(before.handle) is None


async def test_given_a_provider_that_gives_no_roles_then_those_here_stay(steps: Steps) -> None:
    await steps.house.add("alice", Role.ADMIN)

    session = await steps.session(provider=Corp(link_existing=True), groups=("x",))

    assert session.role is Role.ADMIN


async def test_given_the_last_owner_when_the_provider_takes_the_role_then_it_stays(
    steps: Steps,
) -> None:
    await steps.session(groups=(), role=Role.OWNER)

    session = await steps.session(groups=("new",), role=Role.USER)

    assert session.role is Role.OWNER
    assert session.groups == ("new",)


async def test_given_a_ban_then_the_provider_cannot_lift_it(steps: Steps) -> None:
    session = await steps.session()
    await steps.house.users.ban(session.user_id, SYSTEM, "gone", highest=Role.OWNER)

    assert await steps.sign_in() == IsBanned()


async def test_given_a_locked_name_then_it_is_locked_for_every_way_of_signing_in(
    steps: Steps,
) -> None:
    await steps.session()
    for _ in range(10):
        await attempt(steps.house, "alice", "wrong")

    result = await steps.sign_in()

    assert isinstance(result, Locked)
    assert result.retry_after > timedelta(minutes=10)
    assert '"method":"oidc"' in (await steps.house.audit())[-1]["e"].replace(" ", "")


async def test_given_failures_before_then_a_proof_of_the_provider_ends_them(steps: Steps) -> None:
    await steps.session()
    for _ in range(9):
        await attempt(steps.house, "alice", "wrong")

    await steps.session()

    for _ in range(9):
        await attempt(steps.house, "alice", "wrong")
    await steps.session()


async def test_given_the_cap_then_it_counts_for_every_way_of_signing_in(steps: Steps) -> None:
    two = SessionPolicy(limits=Limits(max_per_user=2))
    steps.house.policies.append(Policy(session=two))
    for _ in range(2):
        await steps.session()

    assert isinstance(await steps.sign_in(), CapReached)


async def test_given_several_tabs_of_somebody_new_then_they_are_one_person(steps: Steps) -> None:
    sessions = await asyncio.gather(*(steps.session() for _ in range(5)))

    assert len({session.user_id for session in sessions}) == 1


async def test_given_a_person_who_was_deleted_then_the_account_is_somebody_new(
    steps: Steps,
) -> None:
    first = await steps.session()
    await steps.house.users.delete(first.user_id, SYSTEM, highest=Role.OWNER)

    assert (await steps.session()).user_id != first.user_id
