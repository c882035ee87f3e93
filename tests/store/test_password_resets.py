"""Links to set a new password: once, in time, the newest only, and nobody above oneself."""

import asyncio
import json
from datetime import timedelta

import pytest

from sidecar.core.audit import SYSTEM, Actor, ActorKind
from sidecar.core.directory import Outranked
from sidecar.core.people import RESET_LASTS, PersonChange
from sidecar.core.ports import NoSuchUser
from sidecar.core.reasons import Ended
from sidecar.core.users import Role, Status, UserId
from sidecar.store.codec import span_ms
from tests.store.rig import Rig
from tests.store.seeds import ADMIN
from tests.store.test_people_index import lock


async def begin(rig: Rig, user_id: UserId) -> str:
    return (await rig.users.begin_reset(user_id, SYSTEM, highest=Role.OWNER)).token


async def test_given_a_link_when_it_is_used_then_the_password_is_set_and_all_else_follows(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    await rig.users.set_password(user.id, "old", ADMIN, highest=Role.OWNER, must_change=True)
    opened = await rig.open((await rig.users.find("alice") or pytest.fail("gone")).user)
    await lock(rig, "alice")
    link = await rig.users.begin_reset(user.id, SYSTEM, highest=Role.OWNER)
    lasts = link.expires_at - rig.clock.now()
    kept = int(await rig.database.command("PTTL", rig.keys.reset_link(user.id)))

    about = await rig.users.resetting(link.token)
    changed = await rig.users.finish_reset(link.token, "new", "192.0.2.9")

    assert timedelta(minutes=30) == RESET_LASTS
    assert RESET_LASTS - timedelta(seconds=5) < lasts <= RESET_LASTS + timedelta(seconds=1)
    assert 0 < kept <= span_ms(RESET_LASTS)
    assert about is not None
    assert about.must_change_password
    known = await rig.users.find("alice")
    assert known is not None
    assert (known.password_hash, known.user) == ("new", changed)
    assert not known.user.must_change_password
    assert await rig.is_dead(opened.session.handle)
    assert rig.counts.endings[Ended.PASSWORD_CHANGED.value] == 1
    assert await rig.users.statuses([user]) == {user.id: Status.ACTIVE}
    assert not (await rig.throttle.begin("alice", "192.0.2.7")).locked
    *_, started, changed_entry, revoked = await rig.entries()
    assert [e.action.value for e in (started, changed_entry, revoked)] == [
        "user.password_reset_started",
        "user.password_changed",
        "session.revoked",
    ]
    assert started.actor == SYSTEM
    assert (changed_entry.actor.id, changed_entry.actor.ip_address) == (user.id, "192.0.2.9")
    assert dict(changed_entry.details) == {"by": "reset_link"}


async def test_given_a_used_a_replaced_and_a_foreign_link_then_none_of_them_works(
    rig: Rig,
) -> None:
    user, other = await rig.a_user(), await rig.a_user("bob")
    used = await begin(rig, user.id)
    assert await rig.users.finish_reset(used, "new", "")
    replaced = await begin(rig, user.id)
    newest = await begin(rig, user.id)
    foreign = f"{other.id}.{newest.partition('.')[2]}"

    for token in (used, replaced, foreign, "", "nonsense", newest[:-1]):
        assert await rig.users.resetting(token) is None
        assert await rig.users.finish_reset(token, "worse", "") is None

    assert await rig.users.finish_reset(newest, "newer", "")


async def test_s86_given_one_link_when_it_is_used_twenty_times_at_once_then_it_works_once(
    rig: Rig,
) -> None:
    token = await begin(rig, (await rig.a_user()).id)

    results = await asyncio.gather(
        *(rig.users.finish_reset(token, f"new{number}", "") for number in range(20))
    )

    assert sum(result is not None for result in results) == 1


@pytest.mark.parametrize("how", ["expires", "password is set", "role", "ban", "deleted"])
async def test_s86_given_a_link_when_it_expires_or_is_overtaken_then_it_is_void(
    rig: Rig, how: str
) -> None:
    user = await rig.a_user()
    token = await begin(rig, user.id)

    match how:
        case "expires":
            assert await rig.database.command("PEXPIRE", rig.keys.reset_link(user.id), 0)
        case "password is set":
            await rig.users.set_password(user.id, "set", ADMIN, highest=Role.OWNER)
        case "role":  # so that whoever made it for a lower one does not get the higher one
            change = PersonChange(role=Role.OWNER)
            await rig.users.change(user.id, change, ADMIN, highest=Role.OWNER)
        case "ban":
            await rig.users.ban(user.id, ADMIN, "x", highest=Role.OWNER)
        case _:
            await rig.users.delete(user.id, ADMIN, highest=Role.OWNER)

    assert await rig.users.resetting(token) is None
    assert await rig.users.finish_reset(token, "new", "") is None
    assert not await rig.database.command("EXISTS", rig.keys.reset_link(user.id))


@pytest.mark.parametrize("how", ["stays", "banned", "demoted", "deleted"])
async def test_given_a_link_of_an_admin_when_they_are_none_any_more_then_it_is_void(
    rig: Rig, how: str
) -> None:
    user, admin = await rig.a_user(), await rig.a_user("adam", Role.ADMIN)
    actor = Actor(ActorKind.USER, admin.id, admin.username, "192.0.2.1")
    token = (await rig.users.begin_reset(user.id, actor, highest=Role.ADMIN)).token

    match how:
        case "banned":
            await rig.users.ban(admin.id, SYSTEM, "x", highest=Role.OWNER)
        case "demoted":
            change = PersonChange(role=Role.VIEWER)
            await rig.users.change(admin.id, change, SYSTEM, highest=Role.OWNER)
        case "deleted":
            await rig.users.delete(admin.id, SYSTEM, highest=Role.OWNER)

    good = how == "stays"
    assert (await rig.users.resetting(token) is not None) is good
    assert (await rig.users.finish_reset(token, "new", "") is not None) is good


async def test_given_links_of_an_owner_when_they_are_an_admin_then_those_for_owners_are_void(
    rig: Rig,
) -> None:
    maker = await rig.a_user("olga", Role.OWNER)
    equal, higher = await rig.a_user("adam", Role.ADMIN), await rig.a_user("oscar", Role.OWNER)
    actor = Actor(ActorKind.USER, maker.id, maker.username, "192.0.2.1")
    for_equal = (await rig.users.begin_reset(equal.id, actor, highest=Role.OWNER)).token
    for_higher = (await rig.users.begin_reset(higher.id, actor, highest=Role.OWNER)).token

    await rig.users.change(maker.id, PersonChange(role=Role.ADMIN), SYSTEM, highest=Role.OWNER)

    assert await rig.users.resetting(for_equal) is not None
    assert await rig.users.resetting(for_higher) is None
    assert await rig.users.finish_reset(for_higher, "new", "") is None


async def test_given_an_owner_when_an_admin_wants_a_link_then_it_is_refused_and_audited(
    rig: Rig,
) -> None:
    owner = await rig.a_user("root", Role.OWNER)

    with pytest.raises(Outranked):
        await rig.users.begin_reset(owner.id, ADMIN, highest=Role.ADMIN)
    with pytest.raises(NoSuchUser):
        await begin(rig, UserId("nobody"))

    entry = (await rig.entries())[-1]
    assert (entry.action.value, entry.outcome, entry.reason, entry.target.username) == (
        "user.password_reset_started",
        "refused",
        "forbidden",
        "root",
    )


async def test_given_a_link_then_redis_holds_nothing_that_could_be_used_as_one(rig: Rig) -> None:
    token = await begin(rig, (await rig.a_user()).id)
    secret = token.partition(".")[2].encode()

    for key in await rig.database.command("KEYS", "*"):
        kind = (await rig.database.command("TYPE", key)).decode()
        read = {"string": ("GET", key), "stream": ("XRANGE", key, "-", "+")}.get(kind)
        if read is not None:
            content = json.dumps(str(await rig.database.command(*read))).encode()
            assert secret not in content
    link = await rig.users.begin_reset(UserId(token.partition(".")[0]), ADMIN, highest=Role.OWNER)
    assert link.token not in repr(link)
