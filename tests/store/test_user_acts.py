"""Acts on people: who may, what is written down when they may not, what ends sessions."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from sidecar.core.directory import Outranked
from sidecar.core.people import PersonChange
from sidecar.core.policy import IN_FORCE
from sidecar.core.ports import LastOwner
from sidecar.core.users import Role, User
from tests.store.rig import Rig
from tests.store.seeds import ADMIN

Act = Callable[[Rig, User, Role], Awaitable[Any]]


def change(**fields: Any) -> Act:
    return lambda rig, user, highest: rig.users.change(
        user.id, PersonChange(**fields), ADMIN, highest=highest
    )


ACTS: dict[str, Act] = {
    "user.banned": lambda rig, user, top: rig.users.ban(user.id, ADMIN, "why", highest=top),
    "user.unbanned": lambda rig, user, top: rig.users.unban(user.id, ADMIN, highest=top),
    "user.unlocked": lambda rig, user, top: rig.users.unlock(user.id, ADMIN, highest=top),
    "user.role_changed": change(role=Role.VIEWER),
    "user.updated": change(email="new@example.com"),
    "user.password_changed": lambda rig, user, top: rig.users.set_password(
        user.id, "new", ADMIN, highest=top
    ),
    "user.password_reset_started": lambda rig, user, top: rig.users.begin_reset(
        user.id, ADMIN, highest=top
    ),
    "user.deleted": lambda rig, user, top: rig.users.delete(user.id, ADMIN, highest=top),
}


@pytest.mark.parametrize("action", ACTS)
async def test_given_a_person_above_when_an_admin_acts_then_it_is_refused_and_audited(
    rig: Rig, action: str
) -> None:
    owner = await rig.a_user("root", Role.OWNER)
    await rig.a_user("second", Role.OWNER)
    opened = await rig.open(owner)

    with pytest.raises(Outranked):
        await ACTS[action](rig, owner, Role.ADMIN)

    (entry,) = [entry for entry in await rig.entries() if entry.outcome == "refused"]
    assert (entry.action.value, entry.outcome, entry.reason) == (action, "refused", "forbidden")
    assert (entry.target.user_id, entry.target.username) == (owner.id, "root")
    assert entry.actor == ADMIN
    assert dict(entry.details).get("note") == ("why" if action == "user.banned" else None)
    after = await rig.users.get(owner.id)
    assert after is not None
    assert (after.role, after.email, after.banned) == (Role.OWNER, "", False)
    assert await rig.sessions.get(opened.session.handle)
    # They were not taken for gone either: of two owners one may still go.
    await rig.users.delete(owner.id, ADMIN, highest=Role.OWNER)


@pytest.mark.parametrize("action", ACTS)
async def test_given_a_person_of_the_same_role_when_an_admin_acts_then_it_is_done(
    rig: Rig, action: str
) -> None:
    user = await rig.a_user("peer", Role.ADMIN)

    await ACTS[action](rig, user, Role.ADMIN)

    assert all(entry.outcome == "done" for entry in await rig.entries())


async def test_given_a_role_above_ones_own_when_it_is_granted_then_it_is_refused_and_audited(
    rig: Rig,
) -> None:
    user = await rig.a_user()

    with pytest.raises(Outranked):
        await change(role=Role.OWNER, email="x@example.com")(rig, user, Role.ADMIN)
    with pytest.raises(Outranked):
        await rig.users.add("new", "phc", Role.OWNER, ADMIN, highest=Role.ADMIN)

    refused = [entry for entry in await rig.entries() if entry.outcome == "refused"]
    created, granted = sorted(refused, key=lambda entry: entry.action.value)
    assert (granted.action.value, granted.outcome, granted.reason) == (
        "user.role_changed",
        "refused",
        "forbidden",
    )
    assert dict(granted.details) == {"from": "user", "to": "owner"}
    assert (created.action.value, created.outcome, created.target.username) == (
        "user.created",
        "refused",
        "new",
    )
    assert await rig.users.get(user.id) == user
    assert await rig.users.find("new") is None


@pytest.mark.parametrize("action", ["user.banned", "user.role_changed", "user.deleted"])
async def test_given_the_last_owner_when_they_would_go_then_it_is_refused_and_audited(
    rig: Rig, action: str
) -> None:
    owner = await rig.a_user("root", Role.OWNER)

    with pytest.raises(LastOwner):
        await ACTS[action](rig, owner, Role.OWNER)

    entry = (await rig.entries())[-1]
    assert (entry.action.value, entry.outcome, entry.reason, entry.target.username) == (
        action,
        "refused",
        "last_owner",
        "root",
    )
    assert entry.count == 0
    assert await rig.users.get(owner.id) == owner


async def test_given_several_changes_at_once_then_each_kind_has_its_entry(rig: Rig) -> None:
    user = await rig.a_user()
    await rig.open(user)

    changed = await rig.users.change(
        user.id,
        PersonChange(Role.ADMIN, "Alice A.", "a@example.com", ("staff",)),
        ADMIN,
        highest=Role.OWNER,
    )

    assert (changed.role, changed.display_name, changed.email, changed.groups) == (
        Role.ADMIN,
        "Alice A.",
        "a@example.com",
        ("staff",),
    )
    role, updated, revoked = (await rig.entries())[-3:]
    assert (role.action.value, dict(role.details)) == (
        "user.role_changed",
        {"from": "user", "to": "admin"},
    )
    assert (updated.action.value, dict(updated.details)) == (
        "user.updated",
        {"fields": "displayName,email,groups"},
    )
    assert (revoked.reason, revoked.count) == ("role_changed", 1)


@pytest.mark.parametrize(
    ("groups", "ends"),
    [(("a", "b", "c"), 0), (("b", "a"), 0), (("a",), 1), ((), 1), (("a", "bb"), 1)],
)
async def test_given_groups_when_they_change_then_sessions_end_only_for_one_that_is_lost(
    rig: Rig, groups: tuple[str, ...], ends: int
) -> None:
    user = await rig.a_user()
    user = await change(groups=("a", "b"))(rig, user, Role.OWNER)
    await rig.open(user)

    changed = await change(groups=groups)(rig, user, Role.OWNER)

    assert changed.groups == groups
    assert rig.counts.endings["role_changed"] == ends


async def test_given_what_is_so_already_then_nothing_happens_and_no_entry_is_written(
    rig: Rig,
) -> None:
    user = await change(email="a@b", groups=("x",))(rig, await rig.a_user(), Role.OWNER)
    opened = await rig.open(user)
    before = await rig.actions()

    same = await change(role=Role.USER, email="a@b", groups=("x",), display_name="")(
        rig, user, Role.OWNER
    )
    await change()(rig, user, Role.USER)

    assert same == await rig.users.get(user.id)
    assert await rig.actions() == before
    assert await rig.sessions.get(opened.session.handle)


@pytest.mark.parametrize(
    ("role", "fields", "ends"),
    [
        (Role.VIEWER, {"role": Role.ADMIN}, 0),
        (Role.VIEWER, {"role": Role.USER}, 1),
        (Role.VIEWER, {"groups": ("staff",)}, 1),
        (Role.VIEWER, {"groups": ("staff", "ops", "more")}, 0),
        (Role.VIEWER, {"role": Role.ADMIN, "groups": ()}, 1),
    ],
)
async def test_given_a_policy_without_the_trigger_then_only_what_was_taken_away_ends_sessions(
    rig: Rig, role: Role, fields: dict[str, Any], ends: int
) -> None:
    rig.policy = replace(rig.policy, triggers={**IN_FORCE, "role_changed": False})
    user = await rig.a_user("vera", role)
    await change(groups=("staff", "ops"))(rig, user, Role.OWNER)
    opened = await rig.open(user)

    await change(**fields)(rig, user, Role.OWNER)

    assert rig.counts.endings["role_changed"] == ends
    session = await rig.sessions.get(opened.session.handle)
    assert (session is None) == bool(ends)
    assert session is None or session.role is role


async def test_given_a_higher_role_that_ends_nothing_then_a_link_from_before_is_void(
    rig: Rig,
) -> None:
    rig.policy = replace(rig.policy, triggers={**IN_FORCE, "role_changed": False})
    user = await rig.a_user("vera")
    link = await rig.users.begin_reset(user.id, ADMIN, highest=Role.OWNER)

    await change(role=Role.OWNER)(rig, user, Role.OWNER)

    assert await rig.users.resetting(link.token) is None
