"""Group A: nobody can tell the upstream who they are but us (cases S-01 to S-05, S-10, S-11)."""

import pytest

from tests.journeys.adversarial.conftest import PASSWORD, Person
from tests.journeys.raw import lay_out
from tests.journeys.running import Product, cookie

SPELLINGS = [
    pytest.param("X-Forwarded-User", id="S-01 plain"),
    pytest.param("X_Forwarded_User", id="S-01 underscores"),
    pytest.param("x-FORWARDED_user", id="S-01 mixed"),
    pytest.param("X.Forwarded.User", id="S-02 dots"),
    pytest.param("x.forwarded-USER", id="S-02 mixed"),
]
NAMES = [
    "X-Forwarded-User",
    "X-Forwarded-Preferred-Username",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Actor",
    "X-Sidecar-Assertion",
    "X-Sidecar-Anything",
]


@pytest.mark.parametrize("name", SPELLINGS)
async def test_given_a_spelling_of_our_header_then_the_upstream_sees_only_ours(
    product: Product, alice: Person, name: str
) -> None:
    await product.ask(lay_out("/s01", (name, "root"), alice.cookie))

    (seen,) = product.upstream.requests("/s01")[-1:]
    assert seen.all("x-forwarded-user") == [b"alice"]
    assert not any(value == b"root" for _, value in seen.fields)


@pytest.mark.parametrize("name", NAMES)
async def test_s03_given_a_public_route_then_a_claimed_identity_is_absent(
    product: Product, name: str
) -> None:
    answer = await product.ask(lay_out("/public/s03", (name, "ceo@corp.example")))

    assert answer.status == 200
    (seen,) = product.upstream.requests("/public/s03")[-1:]
    assert name.lower() not in seen.names()


async def test_s03_given_a_person_without_email_then_a_claimed_one_is_absent(
    product: Product, nomail: Person
) -> None:
    await product.ask(lay_out("/s03b", ("X-Forwarded-Email", "ceo@corp.example"), nomail.cookie))

    (seen,) = product.upstream.requests("/s03b")[-1:]
    assert seen.get("x-forwarded-user") == b"nomail"
    assert "x-forwarded-email" not in seen.names()
    assert "x-forwarded-groups" not in seen.names()


@pytest.mark.parametrize("name", ["x_SIDECAR.assertion", "X_Sidecar_Assertion"])
async def test_s04_given_the_assertion_in_odd_spelling_then_only_ours_arrives(
    product: Product, alice: Person, name: str
) -> None:
    await product.ask(lay_out("/s04", (name, "forged"), alice.cookie))

    (seen,) = product.upstream.requests("/s04")[-1:]
    assert len(seen.all("x-sidecar-assertion")) == 1
    assert not any(value == b"forged" for _, value in seen.fields)


@pytest.mark.parametrize(
    "connection",
    [
        ["close, x-forwarded-user, X-Real-IP"],
        ["X-FORWARDED-USER", "close, x-sidecar-assertion"],
        ["x_forwarded_user, x-forwarded-for"],
        ["keep-alive, host, x-custom"],
    ],
)
async def test_s05_given_connection_names_our_headers_then_ours_arrive_all_the_same(
    product: Product, alice: Person, connection: list[str]
) -> None:
    fields = [("Connection", value) for value in connection]

    await product.ask(lay_out("/s05", *fields, ("X-Custom", "1"), alice.cookie))

    (seen,) = product.upstream.requests("/s05")[-1:]
    assert seen.get("x-forwarded-user") == b"alice"
    assert seen.get("x-sidecar-assertion") is not None
    assert seen.get("x-forwarded-for") == b"127.0.0.1"
    assert seen.get("host") == b"app.example"
    assert ("x-custom" in seen.names()) == ("x-custom" not in ", ".join(connection))


async def test_s05_given_connection_names_the_cookie_then_the_request_counts_as_without_one(
    product: Product, alice: Person
) -> None:
    answer = await product.ask(lay_out("/s05c", ("Connection", "cookie"), alice.cookie))

    assert answer.status == 401
    assert product.upstream.requests("/s05c") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Team", b"adm\xffin"),
        ("X-Name", b"caf\xe9"),
        ("Cookie", b"__Host-s\xff=zz"),
        ("Authorization", b"Basic \xfe"),
        ("X-Forwarded-User", b"ro\xffot"),
    ],
)
@pytest.mark.parametrize("target", ["/public/s10", "/s10", "/_sidecar/login"])
async def test_s10_given_bytes_that_are_not_utf8_then_the_request_is_refused(
    product: Product, name: str, value: bytes, target: str
) -> None:
    answer = await product.refused(lay_out(target, (name, value)))

    assert answer.status == 400


async def test_s10_given_a_user_agent_that_is_not_utf8_then_it_is_cleaned_and_forwarded(
    product: Product,
) -> None:
    answer = await product.ask(lay_out("/public/s10ua", ("User-Agent", b"Opera\xff/9")))

    assert answer.status == 200
    (seen,) = product.upstream.requests("/public/s10ua")
    assert seen.get("user-agent") == "Opera\N{REPLACEMENT CHARACTER}/9".encode()


async def test_s10_given_valid_utf8_then_it_arrives_byte_for_byte(product: Product) -> None:
    await product.ask(lay_out("/public/s10ok", ("X-Name", "café \u4e16")))

    (seen,) = product.upstream.requests("/public/s10ok")
    assert seen.get("x-name") == "café \u4e16".encode()


async def test_s11_given_a_name_that_looks_like_another_then_it_is_encoded(
    product: Product,
) -> None:
    product.add_user("jürgen", PASSWORD, email="a@evil.example")
    token = await product.sign_in("jürgen", PASSWORD)

    await product.ask(lay_out("/s11", cookie(token)))

    (seen,) = product.upstream.requests("/s11")
    assert seen.get("x-forwarded-user") == b"UTF-8''j%C3%BCrgen"
    assert all(value.isascii() for name, value in seen.fields if name.startswith(b"X-Forwarded"))


@pytest.mark.parametrize("name", ["a\r\nX-Admin: 1", "a\x00b", "a\x1b[31m"])
def test_s11_given_a_name_with_control_characters_then_no_such_person_can_be_added(
    product: Product, name: str
) -> None:
    done = product.command(
        *("users", "add", name.replace("\x00", "\x01"), "--role", "user", "--password-stdin"),
        stdin=PASSWORD,
    )

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
