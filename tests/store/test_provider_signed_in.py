"""Whom a provider is asked about: the accounts that live sessions were opened from."""

from datetime import UTC, datetime

from sidecar.core.audit import SYSTEM, Actor, ActorKind
from sidecar.core.provided import Account, ProviderSession
from sidecar.core.reasons import Ended
from sidecar.core.session import Session
from sidecar.core.users import User
from sidecar.store.provider_book import StoredProviders
from tests.store.rig import Rig

ISSUER = "ldap:corp"
CORP = Actor(ActorKind.PROVIDER, "corp")
AT = datetime(2026, 12, 1, 10, tzinfo=UTC)


def book_of(rig: Rig) -> StoredProviders:
    return StoredProviders(rig.database, lambda: rig.policy, rig.counts)


async def opened(rig: Rig, user: User, subject: str) -> Session:
    provider = ProviderSession("corp", Account(ISSUER, subject), AT)
    return (await rig.open(user, auth_method="ldap", provider=provider)).session


async def test_given_live_sessions_then_their_accounts_are_listed_by_their_provider_once(
    rig: Rig,
) -> None:
    alice, bob = await rig.a_user("alice"), await rig.a_user("bob")
    await opened(rig, alice, "a")
    await opened(rig, alice, "a")
    gone = await opened(rig, bob, "b")
    await rig.open(bob)
    book = book_of(rig)
    before = await book.signed_in("corp")

    await rig.sessions.end(gone.handle, Ended.REVOKED, SYSTEM)

    assert set(before) == {Account(ISSUER, "a"), Account(ISSUER, "b")}
    assert len(before) == 2
    assert await book.signed_in("corp") == (Account(ISSUER, "a"),)
    assert await book.signed_in("other") == ()


async def test_given_another_reason_when_an_account_is_ended_then_it_is_the_one_that_is_told(
    rig: Rig,
) -> None:
    await opened(rig, await rig.a_user(), "a")

    ended = await book_of(rig).end(Account(ISSUER, "a"), "", AT, CORP, Ended.PROVIDER_REFUSED)

    assert ended == 1
    assert (await rig.entries())[-1].reason == "provider_refused"
    assert rig.counts.endings["provider_refused"] == 1
