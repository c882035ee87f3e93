"""Group B: one path is decided on and forwarded, or none (cases S-14 to S-20, S-24)."""

import pytest

from tests.journeys.adversarial.conftest import Person
from tests.journeys.raw import lay_out
from tests.journeys.running import Product


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/api/private?x=/status", id="S-14 query"),
        pytest.param("/api/private/x/status", id="S-14 deeper"),
        pytest.param("/x/api/a/status", id="S-14 not from the start"),
        pytest.param("/api/a/status/x", id="S-14 not to the end"),
        pytest.param("/secret%23/public", id="S-15 encoded number sign"),
        pytest.param("/secret%23/api/a/status", id="S-15 pattern behind it"),
        pytest.param("/%252e%252e/public/x", id="S-17 double encoding"),
        pytest.param("/public%252f..%252fadmin", id="S-17 double encoded slash"),
        pytest.param("/publicX", id="S-24 longer word"),
        pytest.param("/Public/x", id="S-24 other case"),
        pytest.param("/api/adminX/status2", id="S-24 prefix"),
    ],
)
async def test_given_a_path_that_only_resembles_a_public_one_then_sign_in_is_asked(
    product: Product, target: str
) -> None:
    before = product.upstream.received

    answer = await product.ask(lay_out(target))

    assert answer.status == 401
    assert answer.get("www-authenticate") == b"Session"
    assert product.upstream.received == before


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/secret#/public", id="S-15 fragment"),
        pytest.param("/public/x#y", id="S-15 fragment on a public path"),
        pytest.param("/public/../admin", id="S-16 dots"),
        pytest.param("/public/%2e%2e/admin", id="S-16 encoded dots"),
        pytest.param("/public/.%2e/admin", id="S-16 half encoded"),
        pytest.param("/public/..;/admin", id="S-16 dots with parameter"),
        pytest.param("/public/..;x=1/admin", id="S-16 dots with parameter and value"),
        pytest.param("/public/..%3b/admin", id="S-16 dots with encoded parameter"),
        pytest.param("/admin;/../public/x", id="S-16 after a parameter"),
        pytest.param("/public/..", id="S-16 at the end"),
        pytest.param("/public/a%2fb", id="S-17 encoded slash"),
        pytest.param("/public/..%2fadmin", id="S-17 dots and encoded slash"),
        pytest.param("/public/a%5cb", id="S-17 encoded backslash"),
        pytest.param("/public/a\\b", id="S-17 backslash"),
        pytest.param("//admin", id="S-17 two slashes"),
        pytest.param("/public//x", id="S-17 empty segment"),
        pytest.param("/public/./x", id="S-17 one dot"),
        pytest.param("/public/%00", id="S-17 NUL"),
        pytest.param("/public/%c0%ae%c0%ae/admin", id="S-17 overlong dots"),
        pytest.param("/public/%0d%0aX-A:b", id="S-17 encoded line end"),
        pytest.param("admin", id="S-19 no slash"),
        pytest.param("public/x", id="S-19 relative"),
        pytest.param("/public/%zz", id="S-19 odd encoding"),
        pytest.param("/public/%4", id="S-19 half an encoding"),
        pytest.param("/public/a b", id="S-19 space"),
        pytest.param("/public/\x7f", id="S-19 control character"),
        pytest.param("?x=1", id="S-19 query only"),
        pytest.param("https://evil.example/public/x", id="S-20 absolute"),
        pytest.param("http://app.example/public/x", id="S-20 absolute, our host"),
        pytest.param("//evil.example/public/x", id="S-20 without a scheme"),
        pytest.param("/api/admin/../a/status", id="S-24 out of a scope"),
    ],
)
async def test_given_a_target_with_two_readings_then_it_is_refused(
    product: Product, alice: Person, target: str
) -> None:
    anonymous = await product.refused(lay_out(target))
    hers = await product.refused(lay_out(target, alice.cookie))

    assert (anonymous.status, hers.status) == (400, 400)


@pytest.mark.parametrize(
    ("target", "forwarded"),
    [
        ("/public/a%41?x=%2f..%2f&y", b"/public/aA?x=%2f..%2f&y"),
        ("/%70ublic/caf%c3%a9", b"/public/caf%C3%A9"),
        ("/public/a%20b;v=1/c", b"/public/a%20b;v=1/c"),
        ("/public/%252e%252e/x", b"/public/%252e%252e/x"),
    ],
)
async def test_s16_given_another_spelling_then_the_one_that_was_decided_on_is_forwarded(
    product: Product, target: str, forwarded: bytes
) -> None:
    answer = await product.ask(lay_out(target))

    assert answer.status == 200
    assert product.upstream.seen[-1].target == forwarded


@pytest.mark.parametrize(
    "target",
    [
        "/api/admin/users",
        "/api/admin",
        "/api/%61dmin/users",
        "/api/admin;x=1/users",
        "/api;a/admin/",
    ],
)
async def test_s24_given_a_route_for_admins_then_no_spelling_lets_a_user_pass(
    product: Product, alice: Person, target: str
) -> None:
    before = product.upstream.received

    answer = await product.ask(lay_out(target, alice.cookie))

    assert answer.status == 403
    assert product.upstream.received == before


async def test_s24_given_a_word_that_is_only_longer_then_it_is_another_route(
    product: Product, alice: Person
) -> None:
    answer = await product.ask(lay_out("/api/adminX", alice.cookie))

    assert answer.status == 200


async def test_s14_given_a_public_pattern_then_what_it_is_about_is_public(product: Product) -> None:
    answer = await product.ask(lay_out("/api/orders/status?x=1"))

    assert answer.status == 200
    assert product.upstream.seen[-1].target == b"/api/orders/status?x=1"


@pytest.mark.parametrize(
    "target",
    ["/_sidecar/../x", "/_sidecar/%2e%2e/x", "/%5fsidecar/x", "/_sidecar;x/y", "/_sidecar/zz"],
)
async def test_s24_given_the_mount_in_any_spelling_then_the_upstream_sees_nothing(
    product: Product, alice: Person, target: str
) -> None:
    before = product.upstream.received

    answer = await product.ask(lay_out(target, alice.cookie))

    assert answer.status in (400, 404)
    assert product.upstream.received == before
