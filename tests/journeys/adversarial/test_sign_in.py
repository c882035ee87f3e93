"""Group F: the way in (cases S-12, S-76 to S-80, S-82, S-83, S-87)."""

import asyncio
import json
from urllib.parse import quote

import pytest

from tests.core.hostile_return_paths import EVIL, HOSTILE
from tests.journeys.adversarial.conftest import PASSWORD, Person
from tests.journeys.raw import Answer, lay_out
from tests.journeys.running import MOUNT, PUBLIC, Product, cookie

WRONG = "not the right passphrase"


def told(answer: Answer) -> tuple[int, object, frozenset[bytes]]:
    """All of a failed answer that could tell names apart, without what is new in each."""
    body = json.loads(answer.body)
    body.pop("requestId", None)
    return answer.status, body, frozenset(name.lower() for name, _ in answer.fields)


@pytest.mark.parametrize("name", ["ALICE", "Alice", " alice ", "\uff41lice"])
async def test_s12_given_another_spelling_of_a_name_then_it_is_the_same_person(
    product: Product, name: str
) -> None:
    answer = await product.attempt(name, PASSWORD, "127.0.12.1")

    assert answer.status == 200
    assert json.loads(answer.body)["session"]["user"]["username"] == "alice"


def test_s12_given_another_spelling_of_a_name_then_it_cannot_be_added(
    product: Product, alice: Person
) -> None:
    done = product.command(
        *("users", "add", "ALICE ", "--role", "user", "--password-stdin"), stdin=PASSWORD
    )

    assert done.returncode == 1


async def test_s76_given_known_and_unknown_names_then_a_wrong_password_says_the_same(
    product: Product,
) -> None:
    product.add_user("banned76", PASSWORD)
    product.command("users", "ban", "banned76")

    names = ("alice", "nobody76", "banned76")
    answers = [told(await product.attempt(name, WRONG, "127.0.76.1")) for name in names]

    assert answers[0][0] == 401
    assert answers[0] == answers[1] == answers[2]


async def test_s76_given_a_banned_person_then_only_the_right_password_tells(
    product: Product,
) -> None:
    product.add_user("banned76b", PASSWORD)
    product.command("users", "ban", "banned76b")

    answer = await product.attempt("banned76b", PASSWORD, "127.0.76.2")

    assert (answer.status, json.loads(answer.body)["code"]) == (403, "banned")
    assert answer.all("set-cookie") == []


@pytest.mark.parametrize("known", [True, False])
async def test_s77_given_guesses_in_many_spellings_from_many_places_then_ten_are_verified(
    product: Product, known: bool
) -> None:
    name = f"guessed-{known}"
    if known:
        product.add_user(name, PASSWORD)
    spellings = [name, name.upper(), f" {name}", name.title()]

    answers = await asyncio.gather(
        *(
            product.attempt(spellings[number % 4], WRONG, f"127.0.77.{number + 1}")
            for number in range(30)
        )
    )
    right = await product.attempt(name, PASSWORD, "127.0.77.99")

    assert sorted(answer.status for answer in answers) == [401] * 10 + [429] * 20
    assert right.status == 429
    assert json.loads(right.body)["code"] == "locked"
    assert 0 < int(right.get("retry-after") or 0) <= 900


async def test_s78_given_a_name_locked_on_purpose_then_its_sessions_live_and_the_cli_unlocks(
    product: Product,
) -> None:
    product.add_user("owner78", PASSWORD, "admin")
    token = await product.sign_in("owner78", PASSWORD, "127.0.78.1")
    for _ in range(10):
        await product.attempt("owner78", WRONG, "127.0.78.2")
    assert (await product.attempt("owner78", PASSWORD, "127.0.78.3")).status == 429

    assert (await product.ask(lay_out("/s78", cookie(token)))).status == 200
    assert product.command("users", "unlock", "owner78").returncode == 0
    assert (await product.attempt("owner78", PASSWORD, "127.0.78.3")).status == 200


@pytest.mark.parametrize("size", [1025, 60_000, 1 << 20])
async def test_s79_given_a_huge_password_then_413_comes_before_any_hashing(
    product: Product, size: int
) -> None:
    answer = await product.attempt("alice", "p" * size, "127.0.79.1")

    assert answer.status == 413


async def test_s79_given_a_flood_of_sign_ins_then_proxied_requests_are_still_answered(
    product: Product, alice: Person
) -> None:
    flood = [
        asyncio.create_task(
            product.attempt(f"flood{number}", WRONG, f"127.1.79.{number % 200 + 1}")
        )
        for number in range(60)
    ]
    answers = [await product.ask(lay_out("/s79", alice.cookie)) for _ in range(20)]

    assert [answer.status for answer in answers] == [200] * 20
    assert {answer.status for answer in await asyncio.gather(*flood)} <= {401, 503}


async def test_s80_given_passwords_equal_in_their_first_72_bytes_then_only_the_right_one_works(
    product: Product,
) -> None:
    product.add_user("long80", "w" * 71 + "x!right ending")

    assert (
        await product.attempt("long80", "w" * 71 + "x!wrong ending", "127.0.80.1")
    ).status == 401
    assert (
        await product.attempt("long80", "w" * 71 + "x!right ending", "127.0.80.1")
    ).status == 200


async def test_s82_given_any_hostile_way_back_then_it_stays_on_this_origin(
    product: Product,
) -> None:
    for value in HOSTILE:
        text = quote(value.encode("utf-8", "surrogatepass"), safe="")
        answer = await product.ask(lay_out(f"{MOUNT}/login?return_to={text}"))

        assert answer.status in (200, 400), value
        assert f'value="//{EVIL}'.encode() not in answer.body
        assert f"://{EVIL}".encode() not in answer.body


@pytest.mark.parametrize(
    "value", [f"//{EVIL}", f"/\\{EVIL}", f"/%09/{EVIL}", f"https:{EVIL}", "javascript:alert(1)"]
)
async def test_s82_given_a_hostile_way_back_then_signing_in_leads_home(
    product: Product, value: str
) -> None:
    body = f"username=alice&password={quote(PASSWORD)}&return_to={quote(value, safe='')}".encode()

    answer = await product.ask(
        lay_out(
            f"{MOUNT}/login",
            ("Origin", PUBLIC),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", str(len(body))),
            method="POST",
            body=body,
        ),
        source="127.0.82.1",
    )

    assert answer.status in (303, 409)
    assert answer.status == 409 or answer.get("location") == b"/"


@pytest.mark.parametrize(
    "fields",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"{PUBLIC}.evil.example"},
        {"Origin": "", "Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_s83_given_credentials_sent_by_another_site_then_nobody_is_signed_in(
    product: Product, fields: dict[str, str]
) -> None:
    answer = await product.attempt("alice", PASSWORD, "127.0.83.1", **fields)

    assert answer.status == 403
    assert answer.all("set-cookie") == []


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "{{7*7}}", "\u202eeve", '"onload="x']
)
async def test_s87_given_markup_as_a_name_then_the_page_shows_it_as_text(
    product: Product, name: str
) -> None:
    body = f"username={quote(name)}&password={quote(WRONG)}".encode()

    answer = await product.ask(
        lay_out(
            f"{MOUNT}/login",
            ("Origin", PUBLIC),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", str(len(body))),
            method="POST",
            body=body,
        ),
        source="127.0.87.1",
    )

    assert answer.status == 401
    assert b"<script>alert" not in answer.body
    assert b'"onload="x' not in answer.body
    assert (b"{{7*7}}" in answer.body) == (name == "{{7*7}}")
    policy = (answer.get("content-security-policy") or b"").decode()
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy
