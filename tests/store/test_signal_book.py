"""What signals end, on a real Redis: whom they name, once, with one entry each."""

import asyncio
from dataclasses import replace

import pytest

from sidecar.core.audit import SYSTEM, Action, Actor, ActorKind
from sidecar.core.people import PersonChange
from sidecar.core.signals import Order
from sidecar.core.users import Role, User
from sidecar.store.signal_book import StoredSignals
from tests.store.rig import Rig

HR = Actor(ActorKind.SERVICE, "hr", "", "192.0.2.9")


def book_of(rig: Rig) -> StoredSignals:
    return StoredSignals(rig.database, lambda: rig.policy, rig.counts)


def order(subject: str, value: str, once: str = "one") -> Order:
    return Order(subject, value, "left the company", once)  # type: ignore[arg-type]


async def a_person(rig: Rig, name: str, email: str) -> User:
    return await rig.users.add(name, "phc", Role.USER, SYSTEM, highest=Role.OWNER, email=email)


@pytest.mark.parametrize("subject", ["userId", "username", "email"])
async def test_given_a_person_when_they_are_named_then_their_sessions_end_in_one_entry(
    rig: Rig, subject: str
) -> None:
    maria = await a_person(rig, "Maria", "Maria@Example.com")
    bob = await a_person(rig, "bob", "bob@example.com")
    opened = [(await rig.open(maria)).session.handle for _ in range(2)]
    kept = (await rig.open(bob)).session.handle
    named = {"userId": maria.id, "username": "MARIA", "email": "maria@example.COM"}[subject]

    assert await book_of(rig).end(order(subject, named), HR) == 2

    assert [await rig.is_dead(handle) for handle in opened] == [True, True]
    assert await rig.sessions.get(kept)
    entry = (await rig.entries())[-1]
    assert (entry.action, entry.reason, entry.outcome) == (Action.SESSION_REVOKED, "signal", "done")
    assert (entry.scope, entry.count, entry.target.user_id) == ("bulk", 2, maria.id)
    assert (entry.actor.kind, entry.actor.id) == (ActorKind.SERVICE, "hr")
    assert dict(entry.details) == {"note": "left the company"}
    assert rig.counts.endings["signal"] == 2


async def test_given_one_session_when_it_is_named_then_it_alone_ends(rig: Rig) -> None:
    maria = await rig.a_user("maria")
    one, other = [(await rig.open(maria)).session.handle for _ in range(2)]

    assert await book_of(rig).end(order("sessionId", one), HR) == 1

    assert await rig.is_dead(one)
    assert await rig.sessions.get(other)
    entry = (await rig.entries())[-1]
    assert (entry.scope, entry.target.handle, entry.reason) == ("single", one, "signal")


async def test_given_an_address_of_several_people_then_each_is_an_entry(rig: Rig) -> None:
    people = [await a_person(rig, name, "team@example.com") for name in ("ann-x", "bob", "eve")]
    for person in people:
        await rig.open(person)

    assert await book_of(rig).end(order("email", "team@example.com"), HR) == 3

    revoked = [entry for entry in await rig.entries() if entry.reason == "signal"]
    assert {entry.target.user_id for entry in revoked} == {person.id for person in people}


@pytest.mark.parametrize(
    ("subject", "value"),
    [("userId", "nobody"), ("username", "nobody"), ("email", "a@b.c"), ("sessionId", "0" * 30)],
)
async def test_given_nobody_of_that_name_then_nothing_ends_and_nothing_is_written(
    rig: Rig, subject: str, value: str
) -> None:
    await rig.open(await rig.a_user())
    before = len(await rig.entries())

    assert await book_of(rig).end(order(subject, value), HR) == 0
    assert await book_of(rig).end(order(subject, value), HR) is None

    assert len(await rig.entries()) == before


async def test_given_a_message_when_it_comes_again_then_it_does_nothing(rig: Rig) -> None:
    maria = await a_person(rig, "maria", "maria@example.com")
    for subject, value in (("userId", maria.id), ("email", maria.email)):
        await rig.open(maria)
        assert await book_of(rig).end(order(subject, value, subject), HR) == 1
        later = (await rig.open(maria)).session.handle

        assert await book_of(rig).end(order(subject, value, subject), HR) is None

        assert await rig.sessions.get(later)
        assert await book_of(rig).end(order("sessionId", later, f"{subject} done"), HR) == 1


async def test_given_one_message_many_times_at_once_then_it_is_carried_out_once(rig: Rig) -> None:
    maria = await rig.a_user("maria")
    await rig.open(maria)
    book = book_of(rig)

    answers = await asyncio.gather(*(book.end(order("userId", maria.id), HR) for _ in range(8)))

    assert sorted(answers, key=str) == [1, *[None] * 7]


async def test_given_a_new_address_then_the_old_one_names_nobody(rig: Rig) -> None:
    maria = await a_person(rig, "maria", "old@example.com")
    await rig.open(maria)
    change = PersonChange(email="new@example.com")
    await rig.users.change(maria.id, change, SYSTEM, highest=Role.OWNER)

    assert await book_of(rig).end(order("email", "old@example.com"), HR) == 0
    assert await book_of(rig).end(order("email", "new@example.com", "two"), HR) == 1


@pytest.mark.parametrize("how", ["cleared", "deleted", "erased"])
async def test_given_an_address_that_nobody_has_any_more_then_nothing_of_it_is_kept(
    rig: Rig, how: str
) -> None:
    maria = await a_person(rig, "maria", "maria@example.com")
    match how:
        case "cleared":
            change = PersonChange(email="")
            await rig.users.change(maria.id, change, SYSTEM, highest=Role.OWNER)
        case "deleted":
            await rig.users.delete(maria.id, SYSTEM, highest=Role.OWNER)
        case "erased":
            await rig.users.erase(maria.id, SYSTEM, highest=Role.OWNER)

    assert await rig.database.command("KEYS", "*}:em:*") == []


async def test_given_a_banned_person_when_they_change_otherwise_then_they_keep_their_address(
    rig: Rig,
) -> None:
    maria = await a_person(rig, "maria", "maria@example.com")
    await rig.users.ban(maria.id, SYSTEM, "why", highest=Role.OWNER)
    await rig.users.unban(maria.id, SYSTEM, highest=Role.OWNER)
    await rig.open(replace(maria))

    assert await book_of(rig).end(order("email", "maria@example.com"), HR) == 1
