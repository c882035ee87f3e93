"""The provider ends what it opened: each order that is one, and each that is none."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from types import MappingProxyType

import pytest

from sidecar.core.policy import TRIGGERS, Policy
from sidecar.front.patience import MOST
from tests.front.by_provider import Corp, a_corp
from tests.house import Visitor
from tests.login.op import RSA_TWO, signed, soon


@pytest.fixture
async def corp(redis_url: str) -> AsyncIterator[Corp]:
    async with a_corp(redis_url) as made:
        yield made


def another(corp: Corp) -> Visitor:
    return Visitor(corp.visitor.client)


async def test_given_an_order_then_its_session_ends_at_once_and_no_other(corp: Corp) -> None:
    here, there, local = corp.visitor, another(corp), another(corp)
    await corp.sign_in(here)
    corp.op.claims = {"sid": "idp-2"}
    await corp.sign_in(there)
    await corp.house.add("bob")
    await local.sign_in("bob")

    response = await corp.order(corp.op.logout_token())

    assert response.status == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert await response.text() == ""
    assert await corp.who(here) == "session_revoked"
    assert await corp.who(there) == "alice"
    assert await corp.who(local) == "bob"
    entry = (await corp.house.audit())[-1]["e"]
    assert '"provider_logout"' in entry
    assert '"k":"provider"' in entry.replace(" ", "")
    assert corp.house.counted.said[-1] == "ended provider_logout"


async def test_given_an_order_for_the_account_then_all_of_its_sessions_end(corp: Corp) -> None:
    browsers = [another(corp) for _ in range(3)]
    for number, browser in enumerate(browsers):
        corp.op.claims = {"sid": f"idp-{number}"}
        await corp.sign_in(browser)

    response = await corp.order(corp.op.logout_token(sid=None))

    assert response.status == 200
    assert [await corp.who(each) for each in browsers] == ["session_revoked"] * 3


async def test_given_an_order_for_what_is_not_there_then_it_is_done(corp: Corp) -> None:
    assert (await corp.order(corp.op.logout_token(sid="unknown"))).status == 200


async def test_given_an_order_when_it_comes_again_then_it_does_nothing(corp: Corp) -> None:
    token = corp.op.logout_token(sid=None, iat=soon(corp.op, seconds=30))
    assert (await corp.order(token)).status == 200
    corp.op.claims = {"iat": soon(corp.op, seconds=40)}
    await corp.sign_in()

    replayed = await corp.order(token)

    assert replayed.status == 400
    assert await replayed.json() == {"error": "invalid_request"}
    assert await corp.who() == "alice"


async def test_given_one_order_many_times_at_once_then_one_of_them_is_carried_out(
    corp: Corp,
) -> None:
    await corp.sign_in()
    token = corp.op.logout_token()

    responses = await asyncio.gather(*(corp.order(token) for _ in range(5)))

    assert sorted(response.status for response in responses) == [200, 400, 400, 400, 400]
    assert await corp.who() == "session_revoked"


async def test_given_an_order_before_the_browser_is_back_then_it_is_not_signed_in(
    corp: Corp,
) -> None:
    query = await corp.go()
    assert (await corp.order(corp.op.logout_token())).status == 200

    response = await corp.back(query)

    assert response.status == 401
    assert corp.visitor.cookie == ""
    corp.op.claims = {"sid": "idp-2"}
    assert (await corp.sign_in()).status == 303


async def test_given_sign_ins_and_an_order_at_once_then_nothing_of_it_stays_open(
    corp: Corp,
) -> None:
    await corp.sign_in()
    browsers = [another(corp) for _ in range(5)]
    ways = [await corp.go(browser) for browser in browsers]

    *_, order = await asyncio.gather(
        *(corp.back(way, browser) for way, browser in zip(ways, browsers, strict=True)),
        corp.order(corp.op.logout_token()),
    )

    assert order.status == 200
    for browser in (corp.visitor, *browsers):
        assert await corp.who(browser) in ("session_revoked", "session_missing")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"exp": 1},
        {"iat": 1},
        {"jti": None},
        {"sub": None, "sid": None},
        {"nonce": "n"},
        {"events": {}},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_given_an_order_with_one_thing_wrong_then_400_and_nothing_ends(
    corp: Corp, changes: dict[str, object]
) -> None:
    await corp.sign_in()

    response = await corp.order(corp.op.logout_token(**changes))

    assert response.status == 400
    assert await response.json() == {"error": "invalid_request"}
    assert response.headers["Cache-Control"] == "no-store"
    assert await corp.who() == "alice"


async def test_given_an_order_that_somebody_else_signed_then_400_and_nothing_ends(
    corp: Corp,
) -> None:
    await corp.sign_in()
    token = signed(corp.op.logout_claims(), RSA_TWO, kid="one", typ="logout+jwt")

    assert (await corp.order(token)).status == 400
    assert await corp.who() == "alice"


@pytest.mark.parametrize("body", [b"", b"logout_token=", b"x=1", b"\xff", b"logout_token=a.b.c"])
async def test_given_no_order_then_400(corp: Corp, body: bytes) -> None:
    server = Visitor(corp.visitor.client, headers={})
    kind = {"Content_Type": "application/x-www-form-urlencoded"}

    response = await server._send("POST", "/login/corp/backchannel-logout", body, kind)

    assert response.status == 400


async def test_given_another_kind_of_body_or_too_much_of_it_then_400(corp: Corp) -> None:
    server = Visitor(corp.visitor.client, headers={})
    path = "/login/corp/backchannel-logout"
    as_json = await server.post(path, {"logout_token": corp.op.logout_token()})
    large = await server.post(path, {"logout_token": "x" * 16_384}, form=True)

    assert (as_json.status, large.status) == (400, 400)


async def test_given_much_nonsense_then_its_sender_waits_and_the_provider_does_not(
    corp: Corp,
) -> None:
    await corp.sign_in()
    for _ in range(MOST):
        assert (await corp.order("nonsense", "198.51.100.1")).status == 400

    assert (await corp.order("nonsense", "198.51.100.1")).status == 429
    assert (await corp.order(corp.op.logout_token())).status == 200


async def test_given_keys_that_nobody_knows_then_the_provider_is_not_asked_for_each(
    corp: Corp,
) -> None:
    await corp.sign_in()
    asked = corp.op.asked["jwks"]
    for number in range(20):
        token = signed(corp.op.logout_claims(), RSA_TWO, kid=f"made up {number}")
        assert (await corp.order(token)).status == 400

    assert corp.op.asked["jwks"] == asked


async def test_given_a_silent_provider_then_503_so_that_the_order_comes_again(
    corp: Corp,
) -> None:
    corp.op.broken.add("jwks")

    response = await corp.order(corp.op.logout_token())

    assert response.status == 503
    assert response.headers["Retry-After"] == "5"


async def test_given_a_store_that_falls_silent_then_503_and_the_order_may_come_again(
    corp: Corp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sidecar.core.ports import StoreUnavailable

    await corp.sign_in()
    room = corp.house.services.providers
    assert room is not None
    token, carry_out = corp.op.logout_token(), type(room.book).end

    async def silent(*_: object) -> int:
        raise StoreUnavailable("silent")

    monkeypatch.setattr(type(room.book), "end", silent)
    failed = await corp.order(token)
    monkeypatch.setattr(type(room.book), "end", carry_out)

    assert failed.status == 503
    assert (await corp.order(token)).status == 200
    assert await corp.who() == "session_revoked"


async def test_given_a_policy_without_the_trigger_then_501_and_nothing_ends(corp: Corp) -> None:
    await corp.sign_in()
    off = MappingProxyType({**TRIGGERS, "provider_logout": False})
    corp.house.policies.append(replace(Policy(), triggers=off))

    assert (await corp.order(corp.op.logout_token())).status == 501
    assert await corp.who() == "alice"


async def test_given_a_type_that_is_required_then_another_orders_nothing(redis_url: str) -> None:
    async with a_corp(redis_url, require_logout_type="true") as corp:
        claims = corp.op.logout_claims()

        assert (await corp.order(signed(claims))).status == 400
        assert (await corp.order(signed(claims, typ="logout+jwt"))).status == 200


async def test_given_a_provider_that_nobody_knows_then_404(corp: Corp) -> None:
    server = Visitor(corp.visitor.client, headers={})

    response = await server.post("/login/other/backchannel-logout", {"a": "b"}, form=True)

    assert response.status == 404


async def test_given_an_old_order_then_it_ends_nothing(corp: Corp) -> None:
    await corp.sign_in()
    at = soon(corp.op, minutes=-11)

    response = await corp.order(corp.op.logout_token(iat=at, exp=soon(corp.op, hours=1)))

    assert response.status == 400
    assert await corp.who() == "alice"
