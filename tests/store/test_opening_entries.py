"""A sign-in in the audit log: how it was made, and what it was refused for."""

from dataclasses import replace

from sidecar.core.audit import SYSTEM
from sidecar.core.opening import AtLimit, Banned
from sidecar.core.session import Limits
from sidecar.core.users import Role
from sidecar.store.opening_entries import entries_of
from tests.store.rig import Rig, actor_of, an_opening
from tests.store.seeds import ADMIN, a_session


def test_given_a_session_then_each_entry_says_how_it_was_proved_and_holds_no_secret() -> None:
    entries = entries_of(replace(a_session(), auth_method="oidc"), ADMIN)

    assert entries["opened"]["d"] == {"method": "oidc"}
    assert entries["refused"]["d"] == {"method": "oidc", "step": "sign_in"}
    assert a_session().secret_hash.hex() not in repr(entries)


async def test_given_a_sign_in_at_the_cap_when_it_is_refused_then_that_is_audited(rig: Rig) -> None:
    user = await rig.a_user()
    rig.use_session_policy(limits=Limits(max_per_user=1))
    await rig.open(user)

    assert isinstance(await rig.sessions.open(an_opening(user)), AtLimit)

    opened, refused = (await rig.entries())[-2:]
    assert (opened.action.value, dict(opened.details)) == ("session.opened", {"method": "password"})
    assert (refused.action.value, refused.outcome, refused.reason, refused.count) == (
        "login.failed",
        "refused",
        "session_limit",
        0,
    )
    assert refused.target.user_id == refused.actor.id == user.id
    assert refused.actor.ip_address == actor_of(user).ip_address


async def test_given_somebody_who_was_banned_meanwhile_when_they_sign_in_then_that_is_audited(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    await rig.users.ban(user.id, SYSTEM, "spam", highest=Role.OWNER)

    assert isinstance(await rig.sessions.open(an_opening(user)), Banned)

    refused = (await rig.entries())[-1]
    assert (refused.outcome, refused.reason) == ("refused", "banned")
