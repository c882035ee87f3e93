"""The second step over HTTP: by a form without scripts and by JSON, and what neither tells."""

import re
from collections.abc import AsyncIterator

import pytest

from sidecar.core.policy import MfaPolicy, Policy, SessionPolicy
from sidecar.core.session import Limits
from tests.house import PASSWORD, PUBLIC_URL, Client, House, Visitor, a_house, served
from tests.login.codes import challenge_in, code_of, with_app, wrong_code

REQUIRED = Policy(mfa=MfaPolicy(mode="required"))
FORM = {"username": "alice", "password": PASSWORD, "return_to": "/projects/atlas?x=1"}


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        await built.add("alice")
        yield built


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with served(house) as serving:
        yield serving


@pytest.fixture
def visitor(client: Client) -> Visitor:
    return Visitor(client)


@pytest.fixture
async def app(house: House) -> tuple[str, tuple[str, ...]]:
    """Alice's: the secret, and her recovery codes."""
    known = await house.users.find("alice")
    assert known is not None
    return await with_app(house, known.user)


async def test_given_an_app_when_the_password_is_right_then_403_a_challenge_and_no_cookie(
    visitor: Visitor, house: House, app: tuple[str, tuple[str, ...]]
) -> None:
    response = await visitor.sign_in()

    body = await response.json()
    assert (response.status, body["code"]) == (403, "second_factor_required")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", body["challenge"])
    assert body["expiresAt"].endswith("Z")
    assert "Set-Cookie" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    assert "alice" not in str(body)
    assert house.logins == ["second_factor_required"]


async def test_given_the_code_then_the_answer_is_that_of_every_sign_in(
    visitor: Visitor, house: House, app: tuple[str, tuple[str, ...]]
) -> None:
    challenge = (await (await visitor.sign_in()).json())["challenge"]
    code = code_of(app[0], house.clock.now())

    response = await visitor.post(
        "/login", {"challenge": challenge, "code": code, "returnTo": "/projects/atlas"}
    )

    body = await response.json()
    assert (response.status, body["redirect"]) == (200, "/projects/atlas")
    assert body["session"]["authMethod"] == "password+totp"
    assert "recoveryCodes" not in body
    assert visitor.cookie.startswith("__Host-sidecar=1.")
    assert house.logins == ["second_factor_required", "signed_in"]


async def test_given_a_wrong_code_then_401_with_the_next_challenge_and_the_used_one_is_dead(
    visitor: Visitor, house: House, app: tuple[str, tuple[str, ...]]
) -> None:
    challenge = (await (await visitor.sign_in()).json())["challenge"]
    wrong = {"challenge": challenge, "code": wrong_code(app[0], house.clock.now())}

    refused = await visitor.post("/login", wrong)
    again = await visitor.post("/login", wrong)

    body = await refused.json()
    assert (refused.status, body["code"]) == (401, "invalid_code")
    assert not refused.headers.get("WWW-Authenticate", "").startswith("Session")
    assert body["challenge"] != challenge
    assert (again.status, (await again.json())["code"]) == (401, "challenge_invalid")
    code = code_of(app[0], house.clock.now())
    right = await visitor.post("/login", {"challenge": body["challenge"], "code": code})
    assert right.status == 200
    assert house.logins[1:] == ["invalid_code", "challenge_invalid", "signed_in"]


@pytest.mark.parametrize(
    "body",
    [
        {"challenge": "x"},
        {"challenge": "x", "code": ""},
        {"challenge": "", "code": "123456"},
        {"challenge": 7, "code": "123456"},
        {"challenge": "x", "code": None, "username": "alice", "password": PASSWORD},
    ],
)
async def test_s_85_given_a_second_step_that_is_none_then_400_and_nothing_opens(
    visitor: Visitor, body: dict[str, object]
) -> None:
    response = await visitor.post("/login", body)

    assert (response.status, (await response.json())["code"]) == (400, "invalid_input")
    assert not visitor.cookie


async def test_s_85_given_a_made_up_challenge_beside_a_right_password_then_nothing_opens(
    visitor: Visitor, app: tuple[str, tuple[str, ...]]
) -> None:
    response = await visitor.sign_in(challenge="x" * 43, code="123456")

    assert (response.status, (await response.json())["code"]) == (401, "challenge_invalid")
    assert not visitor.cookie


async def test_given_a_form_then_the_code_is_asked_for_without_scripts_and_leads_on(
    visitor: Visitor, house: House, app: tuple[str, tuple[str, ...]]
) -> None:
    asked = await visitor.post("/login", FORM, form=True)
    page = await asked.text()
    assert (asked.status, PASSWORD in page) == (403, False)
    assert 'autocomplete="one-time-code"' in page
    assert 'name="return_to" value="/projects/atlas?x=1"' in page

    wrong = {
        "challenge": challenge_in(page),
        "code": wrong_code(app[0], house.clock.now()),
        "return_to": FORM["return_to"],
    }
    refused = await visitor.post("/login", wrong, form=True)
    page = await refused.text()
    assert (refused.status, 'aria-invalid="true"' in page) == (401, True)
    right = {**wrong, "challenge": challenge_in(page), "code": "", "recovery": app[1][0]}
    entered = await visitor.post("/login", right, form=True)

    assert (entered.status, entered.headers["Location"]) == (303, "/projects/atlas?x=1")
    session = (await (await visitor.get("/api/session")).json())["session"]
    assert session["authMethod"] == "password+recovery_code"


async def test_given_a_form_with_a_challenge_of_no_use_then_the_first_step_is_shown_again(
    visitor: Visitor,
) -> None:
    stale = {"challenge": "x" * 43, "code": "123456", "return_to": "/a"}

    response = await visitor.post("/login", stale, form=True)

    page = await response.text()
    assert response.status == 401
    assert 'name="password"' in page
    assert 'name="return_to" value="/a"' in page


async def test_given_the_cap_behind_the_code_then_the_page_knows_who_signs_in(
    visitor: Visitor, client: Client, house: House
) -> None:
    house.policies.append(Policy(session=SessionPolicy(limits=Limits(max_per_user=1))))
    await Visitor(client).sign_in()
    known = await house.users.find("alice")
    assert known is not None
    secret, codes = await with_app(house, known.user)
    asked = await (await visitor.post("/login", FORM, form=True)).text()
    code = code_of(secret, house.clock.now())

    full = await visitor.post("/login", {"challenge": challenge_in(asked), "code": code}, form=True)
    page = await full.text()
    chosen = re.search(r'name="endSession" value="([^"]+)"', page)
    assert chosen is not None
    assert (full.status, 'value="alice"' in page) == (409, True)
    asked = await (
        await visitor.post("/login", {**FORM, "endSession": chosen[1]}, form=True)
    ).text()
    entered = await visitor.post(
        "/login", {"challenge": challenge_in(asked), "recovery": codes[0]}, form=True
    )

    assert entered.status == 303


async def test_given_a_role_that_needs_one_then_the_form_shows_an_app_and_then_its_codes_once(
    visitor: Visitor, house: House
) -> None:
    house.policies.append(REQUIRED)
    asked = await visitor.post("/login", FORM, form=True)
    page = await asked.text()
    assert (asked.status, visitor.cookie, "<svg" in page) == (403, "", True)
    secret = re.search(r"<code dir=\"ltr\">([A-Z2-7]{32})</code>", page)
    assert secret is not None

    answer = {
        "challenge": challenge_in(page),
        "code": code_of(secret[1], house.clock.now()),
        "return_to": FORM["return_to"],
    }
    entered = await visitor.post("/login", answer, form=True)

    shown = await entered.text()
    assert entered.status == 200
    assert len(re.findall(r"<code>[a-z2-7-]{19}</code>", shown)) == 10
    assert 'href="/projects/atlas?x=1"' in shown
    assert entered.headers["Cache-Control"] == "no-store"
    assert (await visitor.get("/api/session")).status == 200
    assert (await visitor.post("/login", answer, form=True)).status == 401


async def test_given_a_role_that_needs_one_then_a_program_can_set_an_app_up_too(
    visitor: Visitor, house: House
) -> None:
    house.policies.append(REQUIRED)
    asked = await visitor.sign_in()
    body = await asked.json()
    assert (asked.status, body["code"]) == (403, "second_factor_enrolment_required")
    secret = body["totp"]["secret"]

    wrong = await visitor.post(
        "/login",
        {"challenge": body["challenge"], "code": wrong_code(secret, house.clock.now())},
    )
    again = await wrong.json()
    assert (wrong.status, again["code"], again["totp"]["secret"]) == (401, "invalid_code", secret)
    entered = await visitor.post(
        "/login", {"challenge": again["challenge"], "code": code_of(secret, house.clock.now())}
    )

    assert entered.status == 200
    assert len((await entered.json())["recoveryCodes"]) == 10
    assert house.logins == [
        "second_factor_enrolment_required",
        "invalid_code",
        "signed_in",
    ]


async def test_given_the_cap_behind_a_new_app_then_its_recovery_codes_are_told_all_the_same(
    visitor: Visitor, client: Client, house: House
) -> None:
    await Visitor(client).sign_in()
    house.policies.append(
        Policy(session=SessionPolicy(limits=Limits(max_per_user=1)), mfa=MfaPolicy(mode="required"))
    )
    body = await (await visitor.sign_in()).json()
    code = code_of(body["totp"]["secret"], house.clock.now())

    full = await visitor.post("/login", {"challenge": body["challenge"], "code": code})

    answer = await full.json()
    assert (full.status, answer["code"]) == (409, "session_limit")
    assert (len(answer["recoveryCodes"]), len(answer["sessions"])) == (10, 1)


async def test_s_83_given_a_second_step_from_another_site_then_it_is_refused(
    visitor: Visitor, house: House, app: tuple[str, tuple[str, ...]]
) -> None:
    challenge = (await (await visitor.sign_in()).json())["challenge"]
    code = code_of(app[0], house.clock.now())
    visitor.headers["Origin"] = "https://evil.example"

    refused = await visitor.post("/login", {"challenge": challenge, "code": code})
    visitor.headers["Origin"] = PUBLIC_URL
    mine = await visitor.post("/login", {"challenge": challenge, "code": code})

    assert (refused.status, mine.status) == (403, 200)
