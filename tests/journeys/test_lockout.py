"""The brakes on guessing, as the one who guesses and the one who is guessed see them.

Each test comes from an address of its own, since addresses are counted too.
"""

import json
import re
from collections.abc import Iterator

import pytest

from tests.journeys.raw import Answer, RecordingUpstream, lay_out
from tests.journeys.running import MOUNT, PUBLIC, Product, cookie

PASSWORD = "a long and unusual passphrase"
WRONG = "not the password at all"
PER_IP = 30
POLICY = f"[lockout]\nper_ip = {PER_IP}\n"


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    upstream = RecordingUpstream()
    upstream.start()
    product = Product(upstream, policy=POLICY)
    product.start()
    for name in ("maria", "noor", "ines", "omar"):
        product.add_user(name, PASSWORD)
    yield product
    product.remove()
    upstream.stop()


def said(answer: Answer) -> tuple[int, dict[str, object], set[bytes]]:
    """All that an answer says, but for what is different in every answer."""
    body = json.loads(answer.body)
    del body["requestId"]
    names = {name.lower() for name, _ in answer.fields} - {b"date"}
    return answer.status, body, names


async def guess(product: Product, name: str, source: str, times: int) -> list[Answer]:
    return [await product.attempt(name, WRONG, source) for _ in range(times)]


async def form(product: Product, name: str, password: str, source: str) -> Answer:
    body = f"username={name}&password={password.replace(' ', '+')}".encode()
    fields = [
        ("Origin", PUBLIC),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Length", str(len(body))),
    ]
    return await product.ask(
        lay_out(f"{MOUNT}/login", *fields, method="POST", body=body), source=source
    )


async def test_given_ten_wrong_passwords_when_an_eleventh_comes_then_even_the_right_one_waits(
    product: Product,
) -> None:
    source = "127.0.81.1"
    token = await product.sign_in("maria", PASSWORD, source)

    first_ten = await guess(product, "maria", source, 10)
    eleventh = await product.attempt("maria", WRONG, source)
    right = await product.attempt("maria", PASSWORD, "127.0.81.2")
    page = await form(product, "Maria", PASSWORD, "127.0.81.3")

    assert {(answer.status, json.loads(answer.body)["code"]) for answer in first_ten} == {
        (401, "invalid_credentials")
    }
    assert all(answer.get("retry-after") is None for answer in first_ten)
    assert (eleventh.status, json.loads(eleventh.body)["code"]) == (429, "locked")
    assert 0 < int(eleventh.get("retry-after") or b"0") <= 15 * 60
    assert said(right) == said(eleventh)
    assert (page.status, b"Too many attempts." in page.body) == (429, True)
    assert page.get("retry-after") is not None
    # Who was signed in stays so: a lock keeps others out, not the person.
    assert (await product.ask(lay_out("/page", cookie(token)))).status == 200


async def test_given_a_name_that_does_not_exist_when_it_is_guessed_then_all_is_the_same(
    product: Product,
) -> None:
    of_somebody = await guess(product, "noor", "127.0.82.1", 12)
    of_nobody = await guess(product, "nobody-of-that-name", "127.0.82.2", 12)

    assert [said(answer) for answer in of_nobody] == [said(answer) for answer in of_somebody]
    assert [answer.status for answer in of_nobody] == [401] * 10 + [429] * 2


async def test_given_a_locked_name_when_an_operator_unlocks_it_then_the_password_works_at_once(
    product: Product,
) -> None:
    source = "127.0.83.1"
    before = product.metric("sidecar_lockouts_total ")
    await guess(product, "ines", source, 10)
    assert (await product.attempt("ines", PASSWORD, source)).status == 429
    listed = product.command("users", "list", "--json")

    done = product.command("users", "unlock", "ines")

    assert done.returncode == 0, done.stderr
    users = {user["username"]: user["status"] for user in json.loads(listed.stdout)["items"]}
    assert users["ines"] == "locked"
    assert (await product.attempt("ines", PASSWORD, source)).status == 200
    assert product.metric("sidecar_lockouts_total ") == before + 1


async def test_given_nine_wrong_passwords_when_the_right_one_comes_then_counting_begins_anew(
    product: Product,
) -> None:
    await guess(product, "omar", "127.0.84.1", 9)
    assert (await product.attempt("omar", PASSWORD, "127.0.84.1")).status == 200

    answers = await guess(product, "omar", "127.0.84.2", 9)

    assert {answer.status for answer in answers} == {401}
    assert (await product.attempt("omar", PASSWORD, "127.0.84.2")).status == 200


async def test_given_one_address_when_it_tries_many_names_then_it_waits_and_others_do_not(
    product: Product,
) -> None:
    product.add_user("vera", PASSWORD)
    source = "127.0.85.1"
    tried = [await product.attempt(f"name{n}", WRONG, source) for n in range(PER_IP)]

    refused = await product.attempt("vera", PASSWORD, source)
    elsewhere = await product.attempt("vera", PASSWORD, "127.0.85.2")

    assert {answer.status for answer in tried} == {401}
    assert (refused.status, json.loads(refused.body)["code"]) == (429, "locked")
    assert re.fullmatch(rb"[1-9][0-9]*", refused.get("retry-after") or b"")
    assert elsewhere.status == 200
