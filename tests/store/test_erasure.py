"""A person is erased: the directory forgets who they were, and the log stays as it was sealed."""

from pathlib import Path

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.audit_log import AuditQuery
from sidecar.core.opening import Banned
from sidecar.core.ports import LastOwner, NoSuchUser
from sidecar.core.reasons import Ended
from sidecar.core.users import Role, UserId
from sidecar.store.ended_sessions import EndedSessions
from tests.store.rig import Rig, actor_of, an_opening
from tests.store.sealing import Log


async def everything(rig: Rig) -> str:
    """Return all keys and values of the store but the events, which go after some days."""
    found = ""
    for key in await rig.database.command("KEYS", "*"):
        if not key.endswith(b":events"):
            found += f"{key} {await rig.database.command('DUMP', key)}\n"
    return found


async def test_given_a_person_when_they_are_erased_then_nothing_says_who_they_were(
    rig: Rig, tmp_path: Path
) -> None:
    log = Log(rig, tmp_path)
    user = await rig.users.add(
        "Zaphod", "phc-zaphod", Role.ADMIN, SYSTEM, highest=Role.OWNER,
        email="z@heart.example", display_name="Zaphod B.", groups=("crew-zaphod",),
    )  # fmt: skip
    address = "198.51.100.77"
    opened = await rig.open(user, ip_address=address)
    await rig.open(user, ip_address=address)
    await rig.sessions.end(opened.session.handle, Ended.SIGNED_OUT, actor_of(user))
    await log.sealer.turn()

    erased = await rig.users.erase(user.id, SYSTEM, highest=Role.OWNER)

    assert erased is not None
    assert erased.username.startswith("erased-")
    assert (erased.id, erased.role, erased.email, erased.groups) == (user.id, Role.USER, "", ())
    assert await rig.sessions.of_user(user.id) == []
    assert await rig.users.find("zaphod") is None
    page = await EndedSessions(rig.database, lambda: rig.policy, rig.clock).page(user.id, 0, 9)
    assert [(each.username, each.ip_address, each.device_label) for each in page.items] == [
        (erased.username, "", "")
    ] * 2
    left = (await everything(rig)).lower()
    for word in ("zaphod", "heart.example", "crew"):
        assert word not in left
    entries = (await rig.audit.read(AuditQuery(user_id=user.id), 20)).entries
    assert {entry.target.username for entry in entries} == {erased.username}
    assert entries[0].action.value == "user.erased"
    await log.sealer.turn()
    done = await log.verify()
    assert (done.finding, done.unsealed) == (None, 0)


async def test_given_somebody_erased_then_they_cannot_come_back_and_their_name_is_free(
    rig: Rig,
) -> None:
    user = await rig.a_user("arthur")
    erased = await rig.users.erase(user.id, SYSTEM, highest=Role.OWNER)
    assert erased is not None

    assert isinstance(await rig.sessions.open(an_opening(erased)), Banned)
    known = await rig.users.find(erased.username)
    assert known is not None
    assert known.password_hash == ""
    assert (await rig.a_user("arthur")).id != user.id
    actions = await rig.actions()
    assert await rig.users.erase(user.id, SYSTEM, highest=Role.OWNER) == erased
    assert await rig.actions() == actions


async def test_given_somebody_who_was_deleted_when_they_are_erased_then_the_last_name_goes_too(
    rig: Rig,
) -> None:
    user = await rig.a_user("Ford")
    await rig.open(user)
    await rig.users.delete(user.id, SYSTEM, highest=Role.OWNER)
    assert "ford" in (await everything(rig)).lower()

    assert await rig.users.erase(user.id, SYSTEM, highest=Role.OWNER) is None

    assert "ford" not in (await everything(rig)).lower()
    with pytest.raises(NoSuchUser):
        await rig.users.erase(user.id, SYSTEM, highest=Role.OWNER)
    with pytest.raises(NoSuchUser):
        await rig.users.erase(UserId("nobody"), SYSTEM, highest=Role.OWNER)


async def test_given_the_last_owner_or_a_name_that_is_taken_then_it_goes_as_it_should(
    rig: Rig,
) -> None:
    owner = await rig.a_user("root", Role.OWNER)
    with pytest.raises(LastOwner):
        await rig.users.erase(owner.id, SYSTEM, highest=Role.OWNER)
    assert (await rig.entries())[-1].reason == "last_owner"
    user = await rig.a_user("trillian")
    erased = await rig.users.erase(user.id, SYSTEM, highest=Role.OWNER)
    assert erased is not None
    await rig.users.delete(user.id, SYSTEM, highest=Role.OWNER)
    # Somebody else takes the very name that the person would get.
    part = rig.keys.partition_of_user(user.id)
    taken = rig.keys.name(erased.username)
    assert taken.startswith(rig.keys.base(part))
    other = await rig.a_user(erased.username)
    assert other.username == erased.username
