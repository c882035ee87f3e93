"""Group A: whose word on the client is believed (cases S-06 to S-09)."""

import pytest

from tests.journeys.adversarial.conftest import PROXY, Person
from tests.journeys.raw import RecordingUpstream, lay_out
from tests.journeys.running import MOUNT, Product, cookie


@pytest.mark.parametrize("field", ["X-Forwarded-Uri", "X-Original-URI"])
async def test_s06_given_an_untrusted_peer_that_names_a_public_path_then_it_is_told_to_sign_in(
    product: Product, field: str
) -> None:
    answer = await product.ask(
        lay_out(f"{MOUNT}/auth", (field, "/public/x"), ("X-Forwarded-Method", "GET"))
    )

    assert answer.status == 401
    assert answer.get("www-authenticate") == b"Session"


@pytest.mark.parametrize("field", ["X-Forwarded-Uri", "X-Original-URI"])
async def test_s06_given_a_trusted_peer_then_the_path_it_names_is_decided_on(
    product: Product, alice: Person, field: str
) -> None:
    public = await product.ask(lay_out(f"{MOUNT}/auth", (field, "/public/x")), source=PROXY)
    private = await product.ask(lay_out(f"{MOUNT}/auth", (field, "/private")), source=PROXY)
    hers = await product.ask(
        lay_out(f"{MOUNT}/auth", (field, "/private"), alice.cookie), source=PROXY
    )

    assert [public.status, private.status, hers.status] == [200, 401, 200]
    assert hers.get("x-forwarded-user") == b"alice"


@pytest.mark.parametrize(
    "uri", ["/public/../admin", "/public/%2e%2e/admin", "admin", "/%zz", "//x"]
)
async def test_s19_given_a_malformed_path_from_a_trusted_peer_then_it_is_never_allowed(
    product: Product, alice: Person, uri: str
) -> None:
    answer = await product.ask(
        lay_out(f"{MOUNT}/auth", ("X-Original-URI", uri), alice.cookie), source=PROXY
    )

    assert answer.status == 400


async def test_s06_given_no_trusted_proxies_then_there_is_no_forward_auth(
    upstream: RecordingUpstream,
) -> None:
    product = Product(upstream, policy='[[routes]]\npath = "/public/**"\nallow = "anyone"\n')
    product.start()
    try:
        for source in ("127.0.0.1", PROXY):
            answer = await product.ask(
                lay_out(f"{MOUNT}/auth", ("X-Forwarded-Uri", "/public/x")), source=source
            )
            assert answer.status in (401, 404)
    finally:
        product.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Forwarded-Prefix", "/evil"),
        ("X-Forwarded-Proto", "ftp"),
        ("X-Forwarded-Port", "1"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Method", "GET"),
        ("X-Forwarded-Uri", "/public/x"),
        ("X-Forwarded-Server", "evil"),
        ("Forwarded", "for=1.1.1.1;host=evil.example;proto=http"),
        ("X-Original-URL", "/public/x"),
        ("X-Rewrite-URL", "/public/x"),
        ("X-Real-IP", "1.1.1.1"),
    ],
)
async def test_s07_given_claims_of_a_stranger_then_they_change_nothing_and_go_no_further(
    product: Product, alice: Person, name: str, value: str
) -> None:
    anonymous = await product.ask(lay_out("/s07", (name, value)))
    await product.ask(lay_out("/s07", (name, value), alice.cookie))

    assert anonymous.status == 401
    (seen,) = product.upstream.requests("/s07")[-1:]
    assert not any(value.encode() == got for _, got in seen.fields)
    assert seen.get("x-forwarded-host") == b"app.example"
    assert seen.get("x-forwarded-proto") == b"https"


async def test_s07_given_a_page_request_with_a_foreign_host_then_no_link_leads_there(
    product: Product,
) -> None:
    answer = await product.ask(
        lay_out(
            "/s07page",
            ("Accept", "text/html"),
            ("Sec-Fetch-Mode", "navigate"),
            ("X-Forwarded-Host", "evil.example"),
            ("X-Forwarded-Proto", "http"),
        )
    )

    assert answer.status == 401
    assert b"evil.example" not in answer.body
    assert not any(b"evil.example" in value for _, value in answer.fields)


@pytest.mark.parametrize(
    ("fields", "client"),
    [
        pytest.param([], PROXY, id="S-08 none"),
        pytest.param(["a"], PROXY, id="S-08 a word"),
        pytest.param([""], PROXY, id="S-08 empty"),
        pytest.param(["unknown"], PROXY, id="S-08 unknown"),
        pytest.param(["9" * 7000], PROXY, id="S-08 long"),
        pytest.param(["1.1.1.1, 203.0.113.9"], "203.0.113.9", id="S-09 rightmost"),
        pytest.param(["1.1.1.1", "203.0.113.9"], "203.0.113.9", id="S-09 two lines"),
        pytest.param([f"203.0.113.9, {PROXY}"], "203.0.113.9", id="S-09 skips proxies"),
        pytest.param(["::ffff:203.0.113.9"], "203.0.113.9", id="S-09 mapped"),
        pytest.param(["[2001:db8::1]:443"], "2001:db8::1", id="S-09 v6 with port"),
    ],
)
async def test_given_what_a_trusted_proxy_says_then_the_client_is_the_last_it_vouches_for(
    product: Product, fields: list[str], client: str
) -> None:
    lines = [("X-Forwarded-For", value) for value in fields]

    await product.ask(lay_out("/public/s09", *lines), source=PROXY)

    (seen,) = product.upstream.requests("/public/s09")[-1:]
    assert seen.all("x-forwarded-for") == [client.encode()]


async def test_s08_given_garbage_then_the_password_is_still_asked_for(product: Product) -> None:
    answer = await product.ask(lay_out("/s08", ("X-Forwarded-For", "a")), source=PROXY)

    assert answer.status == 401
    attempt = await product.attempt("alice", "wrong password here", PROXY, X_Forwarded_For="a")
    assert attempt.status == 401


async def test_s09_given_an_untrusted_peer_then_its_list_is_ignored(product: Product) -> None:
    await product.ask(lay_out("/public/s09u", ("X-Forwarded-For", "1.1.1.1")))

    (seen,) = product.upstream.requests("/public/s09u")
    assert seen.all("x-forwarded-for") == [b"127.0.0.1"]


async def test_s06_given_a_forged_cookie_then_forward_auth_says_so(product: Product) -> None:
    answer = await product.ask(
        lay_out(f"{MOUNT}/auth", ("X-Original-URI", "/x"), cookie("1.a.b.c.d")), source=PROXY
    )

    assert answer.status == 401
