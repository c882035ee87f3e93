"""The people: one canonical name each, and changes that end sessions in the same step."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.audit_log import EVERYTHING
from sidecar.core.people import EVERYBODY, PersonChange
from sidecar.core.ports import LastOwner, NoSuchUser, UserExists
from sidecar.core.users import Role, UserId
from tests.store.rig import Rig
from tests.store.seeds import ADMIN

NOBODY = UserId("nobody")


async def test_given_a_new_person_when_they_are_looked_for_then_every_spelling_finds_them(
    rig: Rig,
) -> None:
    added = await rig.users.add(
        " Alice ",
        "phc",
        Role.ADMIN,
        SYSTEM,
        email="a@b",
        display_name="A",
        groups=("x", "y"),
        highest=Role.OWNER,
    )

    for spelling in ("Alice", "alice", "ALICE ", "Ａｌｉｃｅ"):
        known = await rig.users.find(spelling)
        assert known is not None
        assert known.user == added
        assert known.password_hash == "phc"
    assert (added.username, added.groups, added.email) == ("Alice", ("x", "y"), "a@b")
    assert await rig.users.get(added.id) == added
    assert await rig.users.find("bob") is None
    assert await rig.users.get(NOBODY) is None


async def test_given_twenty_at_once_for_one_name_then_one_gets_it(rig: Rig) -> None:
    names = ["alice", "Alice", "ALICE ", "aLiCe"] * 5

    results = await asyncio.gather(
        *(rig.users.add(name, "phc", Role.USER, SYSTEM, highest=Role.OWNER) for name in names),
        return_exceptions=True,
    )

    assert Counter(type(result).__name__ for result in results) == {"UserExists": 19, "User": 1}
    assert (await rig.users.list(EVERYBODY, 0, 10))[1] == 1


async def test_given_a_deleted_person_then_the_name_is_free_again(rig: Rig) -> None:
    first = await rig.a_user()
    await rig.users.delete(first.id, ADMIN, highest=Role.OWNER)

    second = await rig.a_user()

    assert second.id != first.id
    assert await rig.users.get(first.id) is None
    with pytest.raises(UserExists):
        await rig.a_user()


async def test_given_people_when_they_are_listed_then_in_the_order_of_their_names(
    rig: Rig,
) -> None:
    for name in ("dora", "Anna", "chris", "Bob"):
        await rig.a_user(name)

    page, total = await rig.users.list(EVERYBODY, 1, 2)

    assert [user.username for user in page] == ["Bob", "chris"]
    assert total == 4


@pytest.mark.parametrize(
    ("change", "reason", "action"),
    [
        ("ban", "banned", "user.banned"),
        ("change", "role_changed", "user.role_changed"),
        ("set_password", "password_changed", "user.password_changed"),
        ("delete", "user_deleted", "user.deleted"),
    ],
)
async def test_given_live_sessions_when_a_person_changes_then_all_end_in_one_entry(
    rig: Rig, change: str, reason: str, action: str
) -> None:
    user = await rig.a_user()
    handles = [(await rig.open(user)).session.handle for _ in range(3)]
    given = {
        "ban": (ADMIN, "left"),
        "change": (PersonChange(role=Role.ADMIN), ADMIN),
        "set_password": ("new", ADMIN),
        "delete": (ADMIN,),
    }
    call = getattr(rig.users, change)
    positions = await rig.events.positions()

    await call(user.id, *given[change], highest=Role.OWNER)

    for handle in handles:
        assert await rig.is_dead(handle)
    assert rig.counts.endings == {reason: 3}
    ended, changed = sorted(
        (await rig.audit.read(EVERYTHING, 2)).entries, key=lambda entry: entry.action.value
    )
    assert (ended.action.value, ended.scope, ended.count, ended.reason) == (
        "session.revoked",
        "bulk",
        3,
        reason,
    )
    assert changed.action.value == action
    assert changed.target.username == "alice"
    types = Counter(event.type for event in await rig.events.since(positions))
    assert types == {"session.ended": 3, action: 1}


async def test_given_a_ban_with_an_end_then_it_lapses_by_itself_and_can_be_lifted(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    until = rig.clock.now() + timedelta(hours=1)

    banned = await rig.users.ban(user.id, ADMIN, "cool down", until, highest=Role.OWNER)

    assert banned.is_banned(rig.clock.now())
    assert not banned.is_banned(until)
    assert banned.ban_reason == "cool down"
    lifted = await rig.users.unban(user.id, ADMIN, highest=Role.OWNER)
    assert not lifted.banned
    assert lifted.banned_until is None
    assert (await rig.actions())[-1] == "user.unbanned"


async def test_given_a_ban_until_the_last_instant_there_is_then_the_person_can_still_be_read(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    last = datetime.max.replace(tzinfo=UTC)

    banned = await rig.users.ban(user.id, ADMIN, "for good", last, highest=Role.OWNER)

    assert banned.banned_until is not None
    assert last - banned.banned_until < timedelta(seconds=1)
    assert (await rig.users.list(EVERYBODY, 0, 9)).users == [banned]


async def test_given_a_change_that_changes_nothing_then_nothing_ends_and_nothing_is_audited(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    session = (await rig.open(user)).session
    before = await rig.actions()

    await rig.users.unban(user.id, ADMIN, highest=Role.OWNER)
    await rig.users.change(user.id, PersonChange(role=Role.USER), ADMIN, highest=Role.OWNER)

    assert await rig.sessions.get(session.handle) == session
    assert await rig.actions() == before


async def test_given_nobody_of_that_id_then_every_change_says_so(rig: Rig) -> None:
    for change in (
        rig.users.ban(NOBODY, ADMIN, "x", highest=Role.OWNER),
        rig.users.unban(NOBODY, ADMIN, highest=Role.OWNER),
        rig.users.change(NOBODY, PersonChange(role=Role.ADMIN), ADMIN, highest=Role.OWNER),
        rig.users.set_password(NOBODY, "x", ADMIN, highest=Role.OWNER),
        rig.users.delete(NOBODY, ADMIN, highest=Role.OWNER),
    ):
        with pytest.raises(NoSuchUser):
            await change
    assert await rig.actions() == []


async def test_given_newer_parameters_when_a_hash_is_replaced_then_only_if_it_is_still_the_old_one(
    rig: Rig,
) -> None:
    user = await rig.a_user()

    await rig.users.rehash(user.id, "not it", "wrong")
    await rig.users.rehash(user.id, "phc", "newer")

    known = await rig.users.find("alice")
    assert known is not None
    assert known.password_hash == "newer"


async def test_given_a_sign_in_then_its_instant_is_that_of_the_session(rig: Rig) -> None:
    session = (await rig.open(await rig.a_user())).session

    user = await rig.users.get(session.user_id)

    assert user is not None
    assert user.last_login_at == session.created_at


async def test_given_the_last_owner_then_they_stay(rig: Rig) -> None:
    owner = await rig.a_user("root", Role.OWNER)

    for change in (
        rig.users.ban(owner.id, ADMIN, "x", highest=Role.OWNER),
        rig.users.change(owner.id, PersonChange(role=Role.ADMIN), ADMIN, highest=Role.OWNER),
        rig.users.delete(owner.id, ADMIN, highest=Role.OWNER),
    ):
        with pytest.raises(LastOwner):
            await change
    assert await rig.users.get(owner.id) == owner


async def test_given_a_name_of_a_provider_then_people_are_found_by_it_until_it_is_another(
    rig: Rig,
) -> None:
    alice = await rig.users.add(
        "alice", "", Role.USER, ADMIN, highest=Role.OWNER, email="A@x.org", external_id="E1"
    )

    assert await rig.users.having("external_id", "E1") == [alice]
    assert await rig.users.having("external_id", "e1") == []
    assert await rig.users.having("email", "a@X.org") == [alice]
    change = PersonChange(external_id="E2")
    changed = await rig.users.change(alice.id, change, ADMIN, highest=Role.OWNER)
    assert await rig.users.having("external_id", "E1") == []
    assert await rig.users.having("external_id", "E2") == [changed]
    assert dict((await rig.entries())[-1].details) == {"fields": "externalId"}
    await rig.users.delete(alice.id, ADMIN, highest=Role.OWNER)
    assert await rig.users.having("external_id", "E2") == []


async def test_given_a_person_who_is_switched_off_twice_then_it_is_one_ban_that_is_lifted_alike(
    rig: Rig,
) -> None:
    alice = await rig.a_user()
    await rig.open(alice)

    for _ in range(2):
        assert (await rig.users.deactivate(alice.id, ADMIN)).banned
    assert (await rig.actions())[-2:] == ["user.banned", "session.revoked"]
    for _ in range(2):
        assert not (await rig.users.reactivate(alice.id, ADMIN)).banned

    assert (await rig.actions())[-2:] == ["session.revoked", "user.unbanned"]
    assert rig.counts.endings["banned"] == 1


async def test_given_a_ban_for_another_reason_then_switching_on_does_not_lift_it(rig: Rig) -> None:
    alice = await rig.a_user()
    await rig.users.ban(alice.id, ADMIN, "why", highest=Role.OWNER)

    assert (await rig.users.deactivate(alice.id, ADMIN)).ban_reason == "why"
    assert (await rig.users.reactivate(alice.id, ADMIN)).ban_reason == "why"
