"""Second factors of people, for admins: seen without secrets, taken away, not above their rank."""

from sidecar.core.policy import MfaPolicy, Policy
from sidecar.core.users import UserId
from tests.admin.staff import Person
from tests.house import Client, House, Visitor
from tests.login.codes import with_app


async def give_app(house: House, person: Person) -> None:
    user = await house.users.get(UserId(person.id))
    assert user is not None
    await with_app(house, user)


async def test_given_a_person_with_an_app_then_a_viewer_sees_what_and_since_when(
    house: House, viewer: Person, user: Person
) -> None:
    await give_app(house, user)

    seen = await viewer.get(f"/users/{user.id}/factors")

    assert seen.status == 200
    assert [one["kind"] for one in seen.body["items"]] == ["totp"]
    assert (seen.body["recoveryCodes"], seen.body["mode"]) == (10, "offered")
    assert (await viewer.get("/users/nobody/factors")).status == 404
    assert (await user.get(f"/users/{user.id}/factors")).status == 403


async def test_given_a_person_who_lost_theirs_when_an_admin_resets_them_then_sessions_go_on(
    house: House, admin: Person, user: Person, client: Client
) -> None:
    await give_app(house, user)
    asked = await Visitor(client).sign_in("uma")

    reset = await admin.delete(f"/users/{user.id}/factors")

    assert (await asked.json())["code"] == "second_factor_required"
    assert (reset.status, reset.body["username"]) == (200, "uma")
    assert await user.is_signed_in()
    assert (await Visitor(client).sign_in("uma")).status == 200
    entry = (await admin.get("/audit", action="user.factors_reset")).body["items"][0]
    assert (entry["target"]["userId"], entry["actor"]["id"]) == (user.id, admin.id)


async def test_given_somebody_of_a_higher_role_then_their_factors_stay_and_it_is_audited(
    house: House, admin: Person, owner: Person, viewer: Person
) -> None:
    await give_app(house, owner)

    above = await admin.delete(f"/users/{owner.id}/factors")
    below = await viewer.delete(f"/users/{owner.id}/factors")

    assert (above.status, below.status) == (403, 403)
    assert len((await owner.get(f"/users/{owner.id}/factors")).body["items"]) == 1
    entries = (await admin.get("/audit", action="user.factors_reset")).body["items"]
    assert [one["outcome"] for one in entries] == ["refused", "refused"]


async def test_given_a_reset_where_one_is_needed_then_the_next_sign_in_sets_another_up(
    house: House, admin: Person, user: Person, client: Client
) -> None:
    await give_app(house, user)
    house.policies.append(Policy(mfa=MfaPolicy(mode="required")))

    await admin.delete(f"/users/{user.id}/factors")

    asked = await Visitor(client).sign_in("uma")
    assert (await asked.json())["code"] == "second_factor_enrolment_required"
