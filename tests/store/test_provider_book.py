"""Accounts and sessions at providers, on a real Redis: links, ends, what may come once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from sidecar.core.audit import SYSTEM, Action, Actor, ActorKind
from sidecar.core.opening import Opened, ProviderEnded
from sidecar.core.ports import UserExists
from sidecar.core.provided import Account, ProviderSession
from sidecar.core.reasons import Ended
from sidecar.core.session import Session
from sidecar.core.users import Role, User
from sidecar.store.provider_book import StoredProviders
from tests.store.rig import Rig, an_opening

ISSUER = "https://login.example.com"
CORP = Actor(ActorKind.PROVIDER, "corp")
AT = datetime(2026, 12, 1, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def book_of(rig: Rig) -> StoredProviders:
    return StoredProviders(rig.database, lambda: rig.policy, rig.counts)


def at_provider(subject: str, idp_sid: str = "", at: datetime = AT) -> ProviderSession:
    return ProviderSession("corp", Account(ISSUER, subject), at, idp_sid)


async def opened(rig: Rig, user: User, provider: ProviderSession) -> Session:
    return (await rig.open(user, auth_method="oidc", provider=provider)).session


async def alive(rig: Rig, *sessions: Session) -> list[bool]:
    return [await rig.sessions.get(session.handle) is not None for session in sessions]


async def keys_left(rig: Rig) -> list[bytes]:
    return [
        key
        for kind in ("sp", "ps", "pl", "px")
        for key in await rig.database.command("KEYS", f"*}}:{kind}:*")
    ]


async def test_given_a_session_of_the_provider_when_it_ends_it_then_only_its_sessions_end(
    rig: Rig,
) -> None:
    alice, bob = await rig.a_user("alice"), await rig.a_user("bob")
    one = await opened(rig, alice, at_provider("a", "idp-1"))
    same = await opened(rig, alice, at_provider("a", "idp-1"))
    other = await opened(rig, alice, at_provider("a", "idp-2"))
    local = (await rig.open(alice)).session
    bobs = await opened(rig, bob, at_provider("b", "idp-3"))

    ended = await book_of(rig).end(Account(ISSUER, "a"), "idp-1", AT, CORP)

    assert ended == 2
    assert await alive(rig, one, same, other, local, bobs) == [False, False, True, True, True]
    assert await rig.is_dead(one.handle)
    entry = (await rig.entries())[-1]
    assert (entry.action, entry.reason) == (Action.SESSION_REVOKED, "provider_logout")
    assert (entry.actor.kind, entry.actor.id) == (ActorKind.PROVIDER, "corp")
    assert (entry.scope, entry.count, entry.target.user_id) == ("bulk", 2, alice.id)
    assert rig.counts.endings["provider_logout"] == 2


async def test_given_one_session_when_the_provider_ends_it_then_the_entry_names_it(
    rig: Rig,
) -> None:
    session = await opened(rig, await rig.a_user(), at_provider("a", "idp-1"))

    await book_of(rig).end(Account(ISSUER, "a"), "idp-1", AT, CORP)

    entry = (await rig.entries())[-1]
    assert (entry.scope, entry.target.handle) == ("single", session.handle)
    assert await keys_left(rig) == []


async def test_given_an_account_when_all_of_it_is_ended_then_what_was_signed_in_later_stays(
    rig: Rig,
) -> None:
    alice = await rig.a_user()
    before = await opened(rig, alice, at_provider("a", "idp-1"))
    later = await opened(rig, alice, at_provider("a", "idp-2", AT + 2 * SECOND))

    ended = await book_of(rig).end(Account(ISSUER, "a"), "", AT + SECOND, CORP)

    assert ended == 1
    assert await alive(rig, before, later) == [False, True]


async def test_given_nothing_to_end_when_a_provider_ends_it_then_nothing_is_audited(
    rig: Rig,
) -> None:
    before = await rig.actions()

    assert await book_of(rig).end(Account(ISSUER, "nobody"), "idp-9", AT, CORP) == 0

    assert await rig.actions() == before


async def test_given_a_sign_in_under_way_when_the_provider_ended_it_first_then_it_is_refused(
    rig: Rig,
) -> None:
    alice = await rig.a_user()
    await book_of(rig).end(Account(ISSUER, "a"), "idp-1", AT, CORP)
    await book_of(rig).end(Account(ISSUER, "b"), "", AT, CORP)

    by_session = await rig.sessions.open(
        an_opening(alice, auth_method="oidc", provider=at_provider("a", "idp-1", AT + 5 * SECOND))
    )
    by_account = await rig.sessions.open(
        an_opening(alice, auth_method="oidc", provider=at_provider("b", "idp-2", AT))
    )

    assert isinstance(by_session, ProviderEnded)
    assert isinstance(by_account, ProviderEnded)
    entry = (await rig.entries())[-1]
    assert (entry.action, entry.outcome, entry.reason) == (
        Action.LOGIN_FAILED,
        "refused",
        "provider_logout",
    )
    await opened(rig, alice, at_provider("b", "idp-3", AT + SECOND))


async def test_given_an_older_order_that_arrives_late_then_the_newer_one_still_holds(
    rig: Rig,
) -> None:
    alice, book = await rig.a_user(), book_of(rig)
    await book.end(Account(ISSUER, "a"), "", AT + 9 * SECOND, CORP)
    await book.end(Account(ISSUER, "a"), "", AT, CORP)

    result = await rig.sessions.open(
        an_opening(alice, auth_method="oidc", provider=at_provider("a", "", AT + 5 * SECOND))
    )

    assert isinstance(result, ProviderEnded)


async def test_given_sign_ins_and_their_end_at_once_then_none_of_them_outlives_it(
    rig: Rig,
) -> None:
    alice, book = await rig.a_user(), book_of(rig)
    openings = [
        an_opening(alice, auth_method="oidc", provider=at_provider("a", "idp-1")) for _ in range(8)
    ]

    *results, _ = await asyncio.gather(
        *map(rig.sessions.open, openings), book.end(Account(ISSUER, "a"), "idp-1", AT, CORP)
    )

    assert {type(result) for result in results} <= {Opened, ProviderEnded}
    assert await rig.sessions.of_user(alice.id) == []


@pytest.mark.parametrize("reason", [Ended.REVOKED, Ended.SIGNED_OUT])
async def test_given_a_session_when_it_ends_otherwise_then_nothing_of_the_provider_is_left(
    rig: Rig, reason: Ended
) -> None:
    session = await opened(rig, await rig.a_user(), at_provider("a", "idp-1"))
    book = book_of(rig)
    assert await book.of_session(session.handle) == at_provider("a", "idp-1")

    await rig.sessions.end(session.handle, reason, SYSTEM)

    assert await book.of_session(session.handle) is None
    assert await keys_left(rig) == []


async def test_given_a_person_who_was_added_with_an_account_then_it_leads_to_them(
    rig: Rig,
) -> None:
    book, account = book_of(rig), Account(ISSUER, "a")
    alice = await rig.users.add("alice", "", Role.USER, CORP, highest=Role.OWNER, account=account)

    assert await book.linked(account) == alice.id
    assert await book.linked(Account(ISSUER, "b")) is None
    assert await book.linked(Account("https://other.example", "a")) is None


async def test_given_a_person_when_they_are_linked_then_to_one_account_of_each_provider(
    rig: Rig,
) -> None:
    book, alice = book_of(rig), await rig.a_user()

    first = await book.link(alice.id, Account(ISSUER, "a"), CORP)
    again = await book.link(alice.id, Account(ISSUER, "a"), CORP)
    another = await book.link(alice.id, Account(ISSUER, "b"), CORP)
    elsewhere = await book.link(alice.id, Account("https://other.example", "b"), CORP)

    assert (first, again, another, elsewhere) == (True, True, False, True)
    assert await book.linked(Account(ISSUER, "b")) is None
    entry = (await rig.entries())[-1]
    assert (entry.action, entry.details["fields"]) == (Action.USER_UPDATED, "provider")


@pytest.mark.parametrize("erased", [False, True])
async def test_given_a_person_who_is_gone_then_the_account_leads_to_nobody(
    rig: Rig, erased: bool
) -> None:
    book, account = book_of(rig), Account(ISSUER, "a")
    alice = await rig.users.add("alice", "", Role.USER, CORP, highest=Role.OWNER, account=account)
    await opened(rig, alice, at_provider("a", "idp-1"))

    if erased:
        await rig.users.erase(alice.id, SYSTEM, highest=Role.OWNER)
    else:
        await rig.users.delete(alice.id, SYSTEM, highest=Role.OWNER)

    assert await book.linked(account) is None
    assert await keys_left(rig) == []


async def test_given_a_name_that_is_taken_then_the_account_is_nobodys(rig: Rig) -> None:
    await rig.a_user("alice")

    with pytest.raises(UserExists):
        await rig.users.add(
            "Alice", "", Role.USER, CORP, highest=Role.OWNER, account=Account(ISSUER, "a")
        )

    assert await book_of(rig).linked(Account(ISSUER, "a")) is None


async def test_given_what_may_come_once_when_it_is_claimed_then_one_of_many_gets_it(
    rig: Rig,
) -> None:
    book, hour = book_of(rig), timedelta(hours=1)

    claims = await asyncio.gather(*(book.claim("jti 1", hour) for _ in range(5)))
    await book.keep("jti 1", hour)
    after_keeping = await book.claim("jti 1", hour)
    await book.release("jti 1")

    assert sorted(claims) == [False] * 4 + [True]
    assert not after_keeping
    assert await book.claim("jti 1", hour)
    assert await book.claim("jti 2", hour)
    for key in await rig.database.command("KEYS", "*:used:*"):
        assert 0 < await rig.database.command("PTTL", key) <= 3_600_000


async def test_given_a_provider_that_knows_when_they_proved_it_then_that_is_what_counts(
    rig: Rig,
) -> None:
    earlier = rig.clock.now() - timedelta(minutes=30)

    opened_at = await rig.open(await rig.a_user(), auth_method="oidc", authenticated_at=earlier)
    read = await rig.sessions.get(opened_at.session.handle)

    assert read is not None
    assert abs(read.authenticated_at - earlier) < timedelta(seconds=2)
    said = opened_at.session.authenticated_at
    assert abs(read.authenticated_at - said) < timedelta(milliseconds=1)


async def test_given_a_provider_on_a_cluster_when_it_ends_an_account_then_its_sessions_end(
    wide: Rig,
) -> None:
    book = book_of(wide)
    people = [await wide.a_user(f"person{number}") for number in range(4)]
    for person in people:
        assert await book.link(person.id, Account(ISSUER, person.username), CORP)
    sessions = [await opened(wide, each, at_provider(each.username)) for each in people]

    ended = await book.end(Account(ISSUER, "person2"), "", AT, CORP)

    assert ended == 1
    assert await alive(wide, *sessions) == [True, True, False, True]
    assert await book.linked(Account(ISSUER, "person3")) == people[3].id
