"""Signing in with the password of a directory: Debian's slapd, a real Redis, our own answers."""

import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sidecar.core.audit import SYSTEM, Action
from sidecar.core.audit_log import EVERYTHING
from sidecar.core.policy import LockoutPolicy, Policy, SessionPolicy
from sidecar.core.session import Limits
from sidecar.core.users import Role
from tests.house import PASSWORD as LOCAL
from tests.login.in_directory import Corp, a_corp
from tests.login.slapd import BASE, PASSWORD, Slapd, a_slapd

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
GROUPS = {"group_attribute": "memberOf", "group_base": f"ou=groups,{BASE}"}


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with a_slapd(tmp_path_factory.mktemp("slapd")) as started:
        yield started


async def failures(corp: Corp) -> list[Any]:
    entries = corp.house.services.desk.audit.entries(EVERYTHING)
    return [entry async for entry in entries if entry.action is Action.LOGIN_FAILED]


async def test_given_the_right_password_then_they_are_in_as_the_directory_says(
    redis_url: str, slapd: Slapd
) -> None:
    roles = {"roles.admin": "ops", "required_groups": "staff", **GROUPS}
    async with a_corp(redis_url, slapd, roles) as corp:
        status, told = await corp.enter("ann")
        user = (await (await corp.visitor.get("/api/session")).json())["user"]
        other = corp.another()
        form = {"username": "BEN", "password": PASSWORD}
        by_form = await other.post("/login", form, form=True)

        assert status == 200
        assert told["session"]["authMethod"] == "ldap"
        assert (user["username"], user["email"], user["displayName"]) == (
            "ann",
            "ann@example.com",
            "Ann",
        )
        assert (user["role"], sorted(user["groups"])) == ("admin", ["ops", "staff"])
        assert by_form.status == 303
        assert await corp.who(other) == "ben"


async def test_given_a_wrong_one_or_nobodys_name_then_the_answer_is_the_same(
    redis_url: str, slapd: Slapd
) -> None:
    async with a_corp(redis_url, slapd) as corp:
        await corp.house.add("alice")
        tries = [
            ("ann", "wrong"),
            ("nobody", PASSWORD),
            ("alice", "wrong"),
            ("alice", PASSWORD),  # the directory's, of a name that is local
            ("*", PASSWORD),
            ("ann)(uid=*", PASSWORD),
            ("a\u00adnn", PASSWORD),  # the directory would read it as ann
            ("ann", "\u00ad"),  # nothing, once it is prepared: a bind without a password
        ]

        told = [await corp.enter(*one) for one in tries]

        bodies = {str({**body, "requestId": ""}) for _, body in told}
        assert {status for status, _ in told} == {401}
        assert len(bodies) == 1
        assert {one.details["method"] for one in await failures(corp)} == {"password", "ldap"}


@pytest.mark.parametrize("password", ["", " "])
async def test_given_no_password_then_nobody_is_in(
    redis_url: str, slapd: Slapd, password: str
) -> None:
    async with a_corp(redis_url, slapd) as corp:
        status, _ = await corp.enter("ann", password)

        assert status in (400, 401)
        assert await corp.who() == "session_missing"


async def test_given_a_local_password_then_it_is_checked_here_and_sent_nowhere(
    redis_url: str, slapd: Slapd
) -> None:
    async with a_corp(redis_url, slapd, {"urls": "ldaps://127.0.0.1:1"}) as corp:
        await corp.house.add("ann")

        right = await corp.enter("ann", LOCAL)
        wrong = [await corp.enter(name, "wrong", corp.another()) for name in ("ann", "ben")]

        assert right[0] == 200
        assert right[1]["session"]["authMethod"] == "password"
        assert [(status, body["code"]) for status, body in wrong] == [
            (503, "provider_unavailable")
        ] * 2
        assert [one.target.username for one in await failures(corp)] == ["ann"]


async def test_given_a_directory_that_is_down_then_nobody_is_signed_out(
    redis_url: str, slapd: Slapd
) -> None:
    async with a_corp(redis_url, slapd) as corp:
        await corp.enter("ben")
        slapd.stop()
        try:
            status, told = await corp.enter("ann", visitor=corp.another())
            page = await corp.another().post(
                "/login", {"username": "ann", "password": PASSWORD}, form=True
            )

            assert (status, told["code"]) == (503, "provider_unavailable")
            assert page.status == 503
            assert page.headers["Retry-After"] == "5"
            assert await corp.who() == "ben"
        finally:
            slapd.start()


async def test_given_guesses_by_many_names_of_one_person_then_they_are_locked_all_the_same(
    redis_url: str, slapd: Slapd
) -> None:
    policy = Policy(lockout=LockoutPolicy(failures=3))
    both = "(|(uid={username})(mail={username}))"
    async with a_corp(redis_url, slapd, {"user_filter": both}, policy=policy) as corp:
        for name in ("ann", "ann@example.com", "ANN"):
            assert (await corp.enter(name, "wrong"))[0] == 401

        assert (await corp.enter("ann"))[0] == 429
        assert (await corp.enter("ann@example.com"))[0] == 401  # right, and of no use
        assert await corp.who() == "session_missing"
        assert (await corp.enter("ben@example.com"))[0] == 200
        assert await corp.who() == "ben"


async def test_given_somebody_who_is_banned_or_outside_the_group_then_they_may_not_in(
    redis_url: str, slapd: Slapd
) -> None:
    async with a_corp(redis_url, slapd, {"required_groups": "staff", **GROUPS}) as corp:
        await corp.enter("ben")
        ben = await corp.house.users.find("ben")
        assert ben is not None
        await corp.house.users.ban(ben.user.id, SYSTEM, "left", highest=Role.OWNER)

        banned = await corp.enter("ben", visitor=corp.another())
        hidden = await corp.enter("ben", "wrong", corp.another())
        outside = await corp.enter("cy", visitor=corp.another())
        form = {"username": "cy", "password": PASSWORD}
        page = await corp.another().post("/login", form, form=True)

        assert (banned[0], banned[1]["code"]) == (403, "banned")
        assert hidden[0] == 401
        assert (outside[0], outside[1]["code"]) == (403, "not_admitted")
        assert page.status == 403
        assert "may not use this application" in await page.text()
        assert "group_required" in {one.reason for one in await failures(corp)}


async def test_given_the_cap_then_it_is_theirs_as_of_everybody(
    redis_url: str, slapd: Slapd
) -> None:
    one = Policy(session=SessionPolicy(limits=Limits(max_per_user=1)))
    async with a_corp(redis_url, slapd, policy=one) as corp:
        await corp.enter("ben")
        status, told = await corp.enter("ben", visitor=corp.another())
        (there,) = told["sessions"]

        instead = corp.another()
        answer = await instead.sign_in("ben", PASSWORD, endSession=there["id"])

        assert (status, told["code"]) == (409, "session_limit")
        assert answer.status == 200
        assert await corp.who() == "session_revoked"


async def test_given_a_name_that_is_somebody_elses_here_then_it_stays_theirs(
    redis_url: str, slapd: Slapd
) -> None:
    async with a_corp(redis_url, slapd, {"user_filter": "(mail={username})"}) as corp:
        await corp.house.add("ann", Role.OWNER)

        status, told = await corp.enter("ann@example.com")

        assert (status, told["code"]) == (403, "not_admitted")


async def test_given_a_session_of_the_directory_then_its_password_is_a_fresh_proof(
    redis_url: str, slapd: Slapd
) -> None:
    async with a_corp(redis_url, slapd) as corp:
        await corp.enter("ben")
        before = corp.visitor.cookie

        wrong = await corp.visitor.post("/api/reauth", {"password": "wrong"})
        right = await corp.visitor.post("/api/reauth", {"password": PASSWORD})

        assert (wrong.status, right.status) == (403, 204)
        assert corp.visitor.cookie != before
        assert await corp.who() == "ben"


async def test_given_a_local_session_of_a_name_that_is_in_the_directory_too_then_it_proves_nothing(
    redis_url: str, slapd: Slapd
) -> None:
    """Somebody whose account was made here without a password is not who has that name there."""
    async with a_corp(redis_url, slapd) as corp:
        await corp.house.add("ann")
        await corp.enter("ann", LOCAL)

        answer = await corp.visitor.post("/api/reauth", {"password": PASSWORD})

        assert answer.status == 403


async def test_given_the_password_of_the_directory_then_it_gives_nobody_one_here(
    redis_url: str, slapd: Slapd
) -> None:
    async with a_corp(redis_url, slapd) as corp:
        await corp.enter("ben")

        body = {"current": PASSWORD, "new": "a lantern over the harbour"}
        answer = await corp.visitor.post("/api/password", body)

        known = await corp.house.users.find("ben")
        assert answer.status == 403
        assert known is not None
        assert known.password_hash == ""


async def test_given_three_browsers_when_they_are_ended_then_each_may_sign_in_again(
    redis_url: str, slapd: Slapd
) -> None:
    async with a_corp(redis_url, slapd) as corp:
        await corp.house.add("olga", Role.OWNER)
        admin = corp.another()
        await corp.enter("olga", LOCAL, admin)
        browsers = [corp.another() for _ in range(3)]
        for browser in browsers:
            assert (await corp.enter("ben", visitor=browser))[0] == 200
        listed = await (await admin.get("/api/admin/sessions?q=ben")).json()
        whose = listed["items"][0]["user"]["id"]

        ended = await admin.send("DELETE", f"/api/admin/sessions?userId={whose}")

        assert {item["authMethod"] for item in listed["items"]} == {"ldap"}
        assert (await ended.json())["revoked"] == 3
        assert [await corp.who(one) for one in browsers] == ["session_revoked"] * 3
        corp.house.clock.moved += timedelta(seconds=1)
        assert (await corp.enter("ben", visitor=browsers[0]))[0] == 200
        assert await corp.who(browsers[0]) == "ben"


async def test_given_the_readme_when_somebody_signs_in_by_it_then_they_are_who_it_says(
    redis_url: str, slapd: Slapd
) -> None:
    (sample,) = re.findall(r"```toml\n(\[identity\.staff\].*?)```", README, re.DOTALL)
    shown = tomllib.loads(sample)["identity"]["staff"]
    own = {
        **{name: str(value) for name, value in shown.items() if isinstance(value, str)},
        "required_groups": ",".join(shown["required_groups"]),
        **{f"roles.{role}": ",".join(groups) for role, groups in shown["roles"].items()},
        # A server of this machine in place of the organisation's.
        **{name: slapd.settings()[name] for name in ("urls", "ca", "bind_password_file")},
    }
    async with a_corp(redis_url, slapd, own) as corp:
        ann, cy = await corp.enter("ann"), await corp.enter("cy", visitor=corp.another())

        assert (ann[0], ann[1]["session"]["user"]["role"]) == (200, "admin")
        assert (cy[0], cy[1]["code"]) == (403, "not_admitted")
