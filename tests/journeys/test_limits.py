"""Idle timeout, absolute lifetime and the cap of ten, from the cookie to the audit log.

The policy has seconds where the product has minutes and hours, one role for each limit. No test
looks at a clock: each asks until what must happen has happened.
"""

import json
import re
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.browser import visitor
from tests.journeys.raw import Answer, RecordingUpstream, lay_out
from tests.journeys.redis_server import RedisServer
from tests.journeys.running import MOUNT, PLAIN_COOKIE, Product
from tests.journeys.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSWORD = "a long and unusual passphrase"
POLICY = """
[session.roles.user]
idle_timeout = "3s"

[session.roles.viewer]
absolute_lifetime = "3s"

[[routes]]
path = "/poll"
activity = false
"""
PROGRAMS = [f"Reader/{number} (test)" for number in range(10)]


@pytest.fixture(scope="module")
def store() -> Iterator[RedisServer]:
    store = RedisServer()
    store.start()
    yield store
    store.remove()


@pytest.fixture(scope="module")
def product(store: RedisServer) -> Iterator[Product]:
    upstream = RecordingUpstream()
    upstream.start()
    product = Product(
        upstream, policy=POLICY, tables=store.settings, public="http://127.0.0.1:{port}"
    )
    product.start()
    for name, role in (("idle", "user"), ("unused", "user"), ("busy", "viewer")):
        product.add_user(name, PASSWORD, role)
    yield product
    product.remove()
    upstream.stop()


def cookie(token: str) -> tuple[str, str]:
    return "Cookie", f"{PLAIN_COOKIE}={token}"


def handle_of(token: str) -> str:
    return token.split(".")[2]


def code_of(answer: Answer) -> str:
    return str(json.loads(answer.body)["code"])


async def is_refused(product: Product, token: str, path: str) -> bool:
    answer = await product.ask(lay_out(path, cookie(token)))
    assert answer.status in (200, 401)
    return answer.status == 401


async def until_refused(product: Product, token: str, path: str) -> Answer:
    """Ask again and again until the session is over; return how that is said."""
    await until(partial(is_refused, product, token, path), "the session is over")
    return await product.ask(lay_out("/page", cookie(token)))


def ends_in_audit(product: Product, store: RedisServer, token: str) -> list[str]:
    """Return the reason of each entry about this session's expiry, once everything was swept."""
    swept = product.command("sessions", "list")
    assert swept.returncode == 0, swept.stderr
    assert handle_of(token) not in swept.stdout
    return [entry["r"] for entry in store.audit("session.expired", h=handle_of(token))]


async def test_given_requests_of_a_timer_only_when_the_idle_timeout_is_over_then_it_ends_once(
    product: Product, store: RedisServer
) -> None:
    token = await product.sign_in("idle", PASSWORD)

    refused = await until_refused(product, token, "/poll")
    page = await product.ask(lay_out("/page?x=1", cookie(token), ("Accept", "text/html")))

    assert (refused.status, code_of(refused)) == (401, "session_idle")
    assert refused.get("www-authenticate") == b"Session"
    assert b"Max-Age=0" in (refused.get("set-cookie") or b"")
    assert b"reason=session_idle" in page.body
    assert ends_in_audit(product, store, token) == ["idle_timeout"]


async def test_given_a_session_that_nobody_uses_when_it_is_over_then_it_is_found_and_ends_once(
    product: Product, store: RedisServer
) -> None:
    before = product.metric('sidecar_sessions_ended_total{reason="idle_timeout"}')
    token = await product.sign_in("unused", PASSWORD)

    async def is_audited() -> bool:
        return bool(store.audit("session.expired", h=handle_of(token)))

    await until(is_audited, "the sweep finds it")
    refused = await product.ask(lay_out("/page", cookie(token)))

    assert (refused.status, code_of(refused)) == (401, "session_idle")
    assert ends_in_audit(product, store, token) == ["idle_timeout"]
    ended = product.metric('sidecar_sessions_ended_total{reason="idle_timeout"}')
    assert ended == before + 1


async def test_given_a_session_in_constant_use_when_its_lifetime_is_over_then_it_ends_once(
    product: Product, store: RedisServer
) -> None:
    token = await product.sign_in("busy", PASSWORD)

    refused = await until_refused(product, token, "/page")

    assert (refused.status, code_of(refused)) == (401, "session_expired")
    assert ends_in_audit(product, store, token) == ["lifetime_exceeded"]


async def fill_up(product: Product, name: str) -> list[str]:
    """Let somebody sign in on as many devices as are allowed; return their tokens."""
    product.add_user(name, PASSWORD, "admin")
    answers = [await product.attempt(name, PASSWORD, User_Agent=agent) for agent in PROGRAMS]
    assert [answer.status for answer in answers] == [200] * 10
    return [(answer.get("set-cookie") or b"").decode().split(";")[0][8:] for answer in answers]


async def end_and_sign_in(product: Product, name: str, handle: str, password: str) -> Answer:
    body = json.dumps({"username": name, "password": password, "endSession": handle}).encode()
    fields = [
        ("Origin", product.public),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
    ]
    return await product.ask(lay_out(f"{MOUNT}/login", *fields, method="POST", body=body))


async def test_given_ten_sessions_when_a_program_signs_in_then_it_is_shown_them_and_may_end_one(
    product: Product,
) -> None:
    tokens = await fill_up(product, "program")
    handles = {handle_of(token) for token in tokens}

    refused = await product.attempt("program", PASSWORD)
    shown = json.loads(refused.body)["sessions"]
    opened = await end_and_sign_in(product, "program", handle_of(tokens[3]), PASSWORD)
    answers = [await product.ask(lay_out("/page", cookie(token))) for token in tokens]

    assert (refused.status, code_of(refused)) == (409, "session_limit")
    assert refused.get("set-cookie") is None
    assert {session["id"] for session in shown} == handles
    assert {session["userAgent"] for session in shown} == set(PROGRAMS)
    assert not any(token.split(".")[3] in refused.body.decode() for token in tokens)
    assert opened.status == 200
    assert [answer.status for answer in answers] == [200] * 3 + [401] + [200] * 6
    assert code_of(answers[3]) == "session_revoked"
    assert (await product.attempt("program", PASSWORD)).status == 409


async def test_given_ten_sessions_when_one_of_somebody_else_is_named_then_it_stays(
    product: Product,
) -> None:
    await fill_up(product, "greedy")
    product.add_user("other", PASSWORD, "admin")
    others = await product.sign_in("other", PASSWORD)

    refused = await end_and_sign_in(product, "greedy", handle_of(others), PASSWORD)

    assert (refused.status, code_of(refused)) == (409, "session_limit")
    assert (await product.ask(lay_out("/page", cookie(others)))).status == 200


async def test_given_ten_sessions_when_the_password_is_wrong_then_nothing_is_shown_or_ended(
    product: Product,
) -> None:
    tokens = await fill_up(product, "guessed")

    refused = await end_and_sign_in(product, "guessed", handle_of(tokens[0]), "not the password")

    assert (refused.status, code_of(refused)) == (401, "invalid_credentials")
    assert b"sessions" not in refused.body
    assert (await product.ask(lay_out("/page", cookie(tokens[0])))).status == 200


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
async def test_given_ten_sessions_when_a_person_signs_in_then_the_page_lets_them_end_one(
    product: Product, browser: Browser, javascript: bool
) -> None:
    name = f"person{int(javascript)}"
    tokens = await fill_up(product, name)

    async with visitor(browser, javascript=javascript) as person:
        page = person.page
        await page.goto(f"{product.public}{MOUNT}/login?{urlencode({'return_to': '/page?tab=2'})}")
        await person.fill_in(name, PASSWORD)
        await expect(page.get_by_role("heading", name=re.compile(r"\b10\b"))).to_be_visible()
        await expect(page.get_by_role("radio")).to_have_count(10)
        await page.locator(f"input[value='{handle_of(tokens[7])}']").check()
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="End this session and sign in").click()
        await person.is_at(f"{product.public}/page?tab=2")

        assert [status for status, _ in person.failed_loads()] == [409]
        assert person.violations == []
    statuses = [(await product.ask(lay_out("/page", cookie(token)))).status for token in tokens]
    assert statuses == [200] * 7 + [401] + [200] * 2
