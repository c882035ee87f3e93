"""Group E: a session that ended stays ended (cases S-62 to S-65, S-67, S-68, S-72)."""

import asyncio
import json

import pytest

from tests.journeys.adversarial.conftest import PASSWORD
from tests.journeys.raw import lay_out
from tests.journeys.running import MOUNT, PUBLIC, Product, cookie, token_of


def handle_of(token: str) -> str:
    return token.split(".")[2]


async def test_s62_given_requests_under_way_when_it_is_revoked_then_the_session_stays_ended(
    product: Product,
) -> None:
    product.add_user("raced", PASSWORD)
    token = await product.sign_in("raced", PASSWORD)
    busy = True

    async def keep_using() -> None:
        while busy:
            await product.ask(lay_out("/s62", cookie(token)))

    users = [asyncio.create_task(keep_using()) for _ in range(8)]
    await asyncio.sleep(0.3)
    revoked = await asyncio.to_thread(product.command, "sessions", "revoke", handle_of(token))
    after = [await product.ask(lay_out("/s62", cookie(token))) for _ in range(20)]
    busy = False
    await asyncio.gather(*users)
    # The last activity is written behind: it must not bring the session back.
    await asyncio.sleep(2.5)

    assert revoked.returncode == 0, revoked.stderr
    assert {answer.status for answer in after} == {401}
    assert json.loads(after[0].body)["code"] == "session_revoked"
    assert (await product.ask(lay_out("/s62", cookie(token)))).status == 401


async def test_s62_given_a_sign_out_then_the_token_is_dead_everywhere(product: Product) -> None:
    product.add_user("leaver", PASSWORD)
    token = await product.sign_in("leaver", PASSWORD)

    left = await product.ask(
        lay_out(
            *(f"{MOUNT}/logout", ("Origin", PUBLIC), ("Content-Length", "0"), cookie(token)),
            method="POST",
        )
    )

    assert left.status == 204
    for target in ("/s62o", "/greeting/x", f"{MOUNT}/api/session"):
        answer = await product.ask(lay_out(target, cookie(token)))
        if target != "/greeting/x":
            assert answer.status == 401
            assert json.loads(answer.body)["code"] == "session_signed_out"
    assert "x-forwarded-user" not in product.upstream.requests("/greeting/x")[-1].names()


async def test_s64_given_a_fresh_sign_in_in_many_tabs_then_none_of_them_is_signed_out(
    product: Product,
) -> None:
    product.add_user("tabs", PASSWORD)
    token = await product.sign_in("tabs", PASSWORD)
    body = json.dumps({"password": PASSWORD}).encode()
    fields = [("Origin", PUBLIC), ("Content-Type", "application/json"), cookie(token)]
    again = lay_out(
        f"{MOUNT}/api/reauth",
        *fields,
        ("Content-Length", str(len(body))),
        method="POST",
        body=body,
    )

    fresh = await product.ask(again)
    tabs = await asyncio.gather(*(product.ask(lay_out("/s64", cookie(token))) for _ in range(30)))

    assert fresh.status == 204
    assert token_of(fresh) != token
    assert handle_of(token_of(fresh)) == handle_of(token)
    assert {tab.status for tab in tabs} == {200}
    assert (await product.ask(lay_out("/s64", cookie(token_of(fresh))))).status == 200


async def test_s65_given_many_sign_ins_at_once_then_ten_sessions_are_opened(
    product: Product,
) -> None:
    count = 24
    product.add_user("crowded", PASSWORD)

    answers = await asyncio.gather(
        *(product.attempt("crowded", PASSWORD, f"127.0.65.{n + 1}") for n in range(count))
    )
    # Attempts under way count as failures until they are verified, so a crowd is told to wait.
    while busy := [answer for answer in answers if answer.status in (429, 503)]:
        answers = [answer for answer in answers if answer not in busy]
        for _ in busy:
            answers.append(await product.attempt("crowded", PASSWORD, "127.0.65.200"))

    statuses = [answer.status for answer in answers]
    assert sorted(statuses) == [200] * 10 + [409] * (count - 10)
    refused = next(answer for answer in answers if answer.status == 409)
    body = json.loads(refused.body)
    assert body["code"] == "session_limit"
    assert len(body["sessions"]) == 10


async def test_s67_given_a_person_is_banned_then_every_way_is_shut(product: Product) -> None:
    product.add_user("shut", PASSWORD)
    token = await product.sign_in("shut", PASSWORD)
    assert (await product.ask(lay_out("/s67", cookie(token)))).status == 200

    banned = await asyncio.to_thread(product.command, "users", "ban", "shut")

    assert banned.returncode == 0, banned.stderr
    answer = await product.ask(lay_out("/s67", cookie(token)))
    assert (answer.status, json.loads(answer.body)["code"]) == (401, "session_revoked")
    assert (await product.attempt("shut", PASSWORD)).status == 403


async def test_s67_given_a_new_role_then_the_old_session_does_not_carry_the_old_one(
    product: Product,
) -> None:
    product.add_user("demoted", PASSWORD, "admin")
    token = await product.sign_in("demoted", PASSWORD)
    assert (await product.ask(lay_out("/api/admin/x", cookie(token)))).status == 200

    changed = await asyncio.to_thread(
        product.command, "users", "set-role", "demoted", "--role", "user"
    )

    assert changed.returncode == 0, changed.stderr
    assert (await product.ask(lay_out("/api/admin/x", cookie(token)))).status == 401
    again = await product.sign_in("demoted", PASSWORD)
    assert (await product.ask(lay_out("/api/admin/x", cookie(again)))).status == 403


async def test_s68_given_many_people_at_once_then_nobody_is_taken_for_another(
    product: Product,
) -> None:
    names = [f"mixed{number}" for number in range(6)]
    for name in names:
        product.add_user(name, PASSWORD)
    tokens = {name: await product.sign_in(name, PASSWORD) for name in names}

    async def ask(name: str) -> None:
        for number in range(30):
            target = f"/s68/{name}/{number}"
            answer = await product.ask(lay_out(target, cookie(tokens[name])))
            assert answer.status == 200

    await asyncio.gather(*(ask(name) for name in names))

    seen = product.upstream.requests("/s68/")
    assert len(seen) == 6 * 30
    assert all(item.get("x-forwarded-user") == item.target.split(b"/")[2] for item in seen)


async def test_s68_given_two_people_on_one_connection_then_each_is_who_they_are(
    product: Product,
) -> None:
    product.add_user("first68", PASSWORD)
    product.add_user("second68", PASSWORD)
    first = await product.sign_in("first68", PASSWORD)
    second = await product.sign_in("second68", PASSWORD)
    wire = await product.wire()

    fields = [cookie(first), cookie(second), None, cookie(first), cookie("1.a.b.c.d")]
    for field in fields:
        await wire.send(lay_out("/s68c", *([field] if field else [])))
    answers = [await wire.answer() for _ in fields]

    assert [answer.status for answer in answers] == [200, 200, 401, 200, 401]
    users = [item.get("x-forwarded-user") for item in product.upstream.requests("/s68c")]
    assert users == [b"first68", b"second68", b"first68"]
    wire.close()


@pytest.mark.parametrize("handle", ["0" * 30, "x", "../x", "a" * 5000, "*", "{p00}:session:x"])
def test_s72_given_an_id_that_is_nobodys_then_revoking_it_says_so(
    product: Product, handle: str
) -> None:
    done = product.command("sessions", "revoke", handle)

    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
