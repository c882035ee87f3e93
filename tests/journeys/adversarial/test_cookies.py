"""Group D: our cookie, and nobody else's business (cases S-49, S-53 to S-55, S-58, S-60)."""

import json

import pytest

from tests.journeys.adversarial.conftest import PASSWORD, Person
from tests.journeys.raw import lay_out
from tests.journeys.running import COOKIE, MOUNT, PUBLIC, Product, cookie, token_of


@pytest.mark.parametrize(
    ("lines", "forwarded"),
    [
        ([f"{COOKIE}=T"], None),
        ([f"a=1; {COOKIE}=T; b=2"], "a=1; b=2"),
        ([f"{COOKIE}=T;b=2 ;c"], "b=2 ;c"),
        ([f"a=1;   {COOKIE} = T ;  b=2"], "a=1;  b=2"),
        (["a=1", f"{COOKIE}=T"], "a=1"),
        ([f"{COOKIE}=T; {COOKIE}=T; a=1"], "a=1"),
        ([f'a="x y"; {COOKIE}=T; a=2; __host-SIDECAR=x; sidecar-state=y'], 'a="x y"; a=2'),
    ],
)
async def test_s49_given_our_cookie_anywhere_then_the_upstream_gets_only_the_others(
    product: Product, alice: Person, lines: list[str], forwarded: str | None
) -> None:
    fields = [("Cookie", line.replace("T", alice.token)) for line in lines]

    answer = await product.ask(lay_out("/s49", *fields))

    assert answer.status == 200
    seen = product.upstream.requests("/s49")[-1]
    assert seen.all("cookie") == ([forwarded.encode()] if forwarded else [])
    assert not any(alice.token.encode() in value for _, value in seen.fields)


async def test_s49_given_our_cookie_on_a_public_route_then_it_goes_no_further(
    product: Product, alice: Person
) -> None:
    await product.ask(lay_out("/public/s49", ("Cookie", f"a=1; {COOKIE}={alice.token}")))

    seen = product.upstream.requests("/public/s49")[-1]
    assert seen.all("cookie") == [b"a=1"]
    assert "x-forwarded-user" not in seen.names()


async def test_s49_given_two_different_cookies_of_ours_then_neither_is_believed(
    product: Product, alice: Person
) -> None:
    answer = await product.ask(lay_out("/s49d", alice.cookie, cookie("1.a.b.c.d")))

    assert answer.status == 401


@pytest.mark.parametrize(
    "name", ["__host-sidecar", "__HOST-SIDECAR", "sidecar", "__Secure-sidecar"]
)
async def test_s49_given_the_token_under_another_name_then_nobody_is_signed_in(
    product: Product, alice: Person, name: str
) -> None:
    answer = await product.ask(lay_out("/s49n", ("Cookie", f"{name}={alice.token}")))

    assert answer.status == 401
    assert product.upstream.requests("/s49n") == []


async def test_s53_given_a_planted_session_then_signing_in_ends_it_and_opens_another(
    product: Product,
) -> None:
    product.add_user("fixated", PASSWORD)
    planted = await product.sign_in("fixated", PASSWORD)

    answer = await product.attempt("fixated", PASSWORD, Cookie=f"{COOKIE}={planted}")
    fresh = token_of(answer)

    assert fresh != planted
    assert fresh.split(".")[2] != planted.split(".")[2]
    assert (await product.ask(lay_out("/s53", cookie(planted)))).status == 401
    assert (await product.ask(lay_out("/s53", cookie(fresh)))).status == 200


async def test_s53_given_a_stale_cookie_then_the_sign_in_page_takes_it_away(
    product: Product,
) -> None:
    answer = await product.ask(lay_out(f"{MOUNT}/login", cookie("1.a.b.c.d")))

    assert answer.status == 200
    (line,) = answer.all("set-cookie")
    assert line.startswith(f"{COOKIE}=;".encode())
    assert b"Max-Age=0" in line


@pytest.mark.parametrize(
    "junk",
    [
        "x" * 4096,
        "chunks=99999999",
        "!!!!",
        "1." * 500,
        "1.a.b.c",
        '"quoted"',
        "%00",
        "eyJhbGciOiJub25lIn0.e30.",
    ],
)
async def test_s54_given_junk_in_our_cookie_then_401_and_never_an_error(
    product: Product, junk: str
) -> None:
    answer = await product.ask(lay_out("/s54", cookie(junk)))

    assert answer.status == 401
    assert json.loads(answer.body)["code"] == "session_invalid"


async def test_s54_given_one_changed_letter_then_the_token_is_not_genuine(
    product: Product, alice: Person
) -> None:
    for at in range(0, len(alice.token), 7):
        letter = "A" if alice.token[at] != "A" else "B"
        forged = alice.token[:at] + letter + alice.token[at + 1 :]

        assert (await product.ask(lay_out("/s54f", cookie(forged)))).status == 401
    assert product.upstream.requests("/s54f") == []


@pytest.mark.parametrize("target", ["/s55?token={t}", "/s55?__Host-sidecar={t}", "/s55/{t}"])
async def test_s55_given_the_token_in_the_address_then_nobody_is_signed_in(
    product: Product, alice: Person, target: str
) -> None:
    answer = await product.ask(lay_out(target.format(t=alice.token)))

    assert answer.status == 401
    assert answer.get("location") is None


@pytest.mark.parametrize("scheme", ["Bearer", "Session", "Cookie", "Basic"])
async def test_s55_given_the_token_as_authorization_then_nobody_is_signed_in(
    product: Product, alice: Person, scheme: str
) -> None:
    answer = await product.ask(lay_out("/s55a", ("Authorization", f"{scheme} {alice.token}")))

    assert answer.status == 401


async def test_s55_given_a_sign_in_then_the_token_is_in_the_cookie_and_nowhere_else(
    product: Product,
) -> None:
    product.add_user("quiet", PASSWORD)
    answer = await product.attempt("quiet", PASSWORD)
    token = token_of(answer)
    secret = token.split(".")[3].encode()

    page = await product.ask(lay_out(f"{MOUNT}/login", cookie(token)))
    own = await product.ask(lay_out(f"{MOUNT}/api/session", cookie(token)))

    assert secret not in answer.body + page.body + own.body
    assert [name for name, value in answer.fields if secret in value] == [b"Set-Cookie"]
    assert not any(secret in value for _, value in page.fields + own.fields)
    assert secret.decode() not in product.log()
    assert secret.decode() not in product.ops("/metrics")[1]


async def test_s55_given_a_sign_in_then_the_cookie_is_guarded_in_every_way(
    product: Product,
) -> None:
    product.add_user("careful", PASSWORD)
    lines = (await product.attempt("careful", PASSWORD)).all("set-cookie")

    assert [line.partition(b"=")[0].decode() for line in lines] == [COOKIE, f"{COOKIE}-device"]
    for line in lines:
        attributes = {part.strip().lower() for part in line.decode().split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes
        assert not any(attribute.startswith("domain") for attribute in attributes)
        assert len(line.partition(b";")[0]) <= 200


async def test_s58_given_an_authorization_of_the_application_then_it_passes_untouched(
    product: Product, alice: Person
) -> None:
    value = "Digest username=x, response=y"

    await product.ask(lay_out("/s58", alice.cookie, ("Authorization", value)))

    assert product.upstream.requests("/s58")[-1].all("authorization") == [value.encode()]


async def test_s58_given_a_bearer_token_of_ours_then_the_upstream_never_sees_it(
    product: Product, alice: Person
) -> None:
    bearer = ("Authorization", "Bearer sst_secret")

    alone = await product.ask(lay_out("/public/s58", bearer))
    both = await product.refused(lay_out("/s58b", alice.cookie, bearer))

    assert both.status == 400
    assert alone.status in (200, 401)
    assert not any(
        b"sst_secret" in value for seen in product.upstream.seen for _, value in seen.fields
    )


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param([("Origin", "https://evil.example")], id="foreign origin"),
        pytest.param([("Origin", "null")], id="null origin"),
        pytest.param([("Origin", "http://app.example")], id="other scheme"),
        pytest.param([("Sec-Fetch-Site", "cross-site")], id="cross-site"),
        pytest.param([("Sec-Fetch-Site", "same-site")], id="same-site"),
        pytest.param([], id="neither"),
    ],
)
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "application/x-www-form-urlencoded"]
)
async def test_s60_given_a_call_from_another_site_then_it_changes_nothing(
    product: Product, alice: Person, fields: list[tuple[str, str]], kind: str
) -> None:
    answer = await product.ask(
        lay_out(
            f"{MOUNT}/logout",
            *fields,
            ("Content-Type", kind),
            ("Content-Length", "2"),
            alice.cookie,
            method="POST",
            body=b"{}",
        )
    )

    assert answer.status == 403
    assert (await product.ask(lay_out("/s60", alice.cookie))).status == 200


@pytest.mark.parametrize("path", ["/logout", "/login", "/api/session"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_s60_given_a_safe_method_then_it_changes_nothing(
    product: Product, alice: Person, path: str, method: str
) -> None:
    await product.ask(lay_out(f"{MOUNT}{path}", alice.cookie, method=method), method=method)

    assert (await product.ask(lay_out("/s60g", alice.cookie))).status == 200


async def test_s60_given_a_foreign_origin_then_no_cors_permission_is_given(
    product: Product, alice: Person
) -> None:
    for origin in ("https://evil.example", "null", PUBLIC):
        answer = await product.ask(
            lay_out(f"{MOUNT}/api/session", ("Origin", origin), alice.cookie)
        )
        assert answer.get("access-control-allow-origin") is None
