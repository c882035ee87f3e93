"""Groups C and D: an upstream that is broken or hostile (cases S-43, S-45, S-51, S-57, S-59)."""

import pytest

from tests.journeys.adversarial.conftest import Person
from tests.journeys.raw import OK, lay_out
from tests.journeys.running import Product

BROKEN = {
    "S-43 length and chunks": b"Content-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "S-43 two lengths": b"Content-Length: 5\r\nContent-Length: 2\r\n\r\nhello",
    "S-43 odd length": b"Content-Length: +5\r\n\r\nhello",
    "S-43 coding before chunked": b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "S-45 NUL": b"X-A: a\0b\r\nContent-Length: 2\r\n\r\nok",
    "S-45 control character": b"X-A: a\x01b\r\nContent-Length: 2\r\n\r\nok",
    "S-45 escape": b"X-A: \x1b[31m\r\nContent-Length: 2\r\n\r\nok",
    "S-45 bare carriage return": b"X-A: a\rX-B: b\r\nContent-Length: 2\r\n\r\nok",
    "S-45 odd name": b"X A: b\r\nContent-Length: 2\r\n\r\nok",
    "S-45 control in our cookie's neighbour": b"Set-Cookie: a=\x7f\r\nContent-Length: 2\r\n\r\nok",
}


def answer_with(fields: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + fields + b"Content-Length: 2\r\n\r\nok"


@pytest.mark.parametrize("tail", BROKEN.values(), ids=BROKEN.keys())
async def test_given_an_answer_with_two_readings_then_502_and_nothing_of_it_passes(
    product: Product, alice: Person, tail: bytes
) -> None:
    product.upstream.plan("/broken", b"HTTP/1.1 200 OK\r\n" + tail)

    answer = await product.ask(lay_out("/broken", alice.cookie))
    next_answer = await product.ask(lay_out("/after-broken", alice.cookie))

    assert answer.status == 502
    assert answer.all("x-a") == []
    assert answer.all("x-b") == []
    broken, after = product.upstream.requests("/broken")[-1], product.upstream.seen[-1]
    assert (next_answer.status, next_answer.body) == (200, b"ok")
    assert after.connection != broken.connection


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"HTTP/1.1 200 O\rK", id="carriage return in the reason"),
        pytest.param(b"HTTP/1.1 200 O\0K", id="NUL in the reason"),
        pytest.param(b"HTTP/3.7 200 OK", id="version"),
        pytest.param(b"HTTP/1.1 20 OK", id="status of two digits"),
        pytest.param(b"garbage", id="no HTTP"),
    ],
)
async def test_s45_given_an_odd_status_line_then_502(
    product: Product, alice: Person, line: bytes
) -> None:
    product.upstream.plan("/line45", line + b"\r\nContent-Length: 2\r\n\r\nok", close=True)

    answer = await product.ask(lay_out("/line45", alice.cookie))

    assert answer.status == 502
    assert answer.reason == b"Bad Gateway"


async def test_s43_given_bytes_behind_a_body_then_no_other_person_gets_them(
    product: Product, alice: Person, nomail: Person
) -> None:
    poison = OK + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON"
    product.upstream.plan("/poison", poison)

    first = await product.ask(lay_out("/poison", alice.cookie))
    others = [await product.ask(lay_out("/victim", nomail.cookie)) for _ in range(4)]

    assert (first.status, first.body) == (200, b"ok") or first.status == 502
    assert [other.body for other in others] == [b"ok"] * 4
    poisoned = product.upstream.requests("/poison")[-1].connection
    assert poisoned not in {seen.connection for seen in product.upstream.requests("/victim")[-4:]}


async def test_s43_given_a_body_shorter_than_its_length_then_the_client_can_see_that(
    product: Product, alice: Person
) -> None:
    short = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"
    product.upstream.plan("/short", short, close=True)
    wire = await product.wire()

    await wire.send(lay_out("/short", alice.cookie))
    heard = await wire.rest()

    # Nothing (the connection was cut), a refusal, or an answer that visibly ends too early.
    assert heard == b"" or heard.startswith(b"HTTP/1.1 502") or heard.endswith(b"\r\n\r\nshort")


async def test_s43_given_chunks_that_break_off_then_no_clean_end_is_made_up(
    product: Product, alice: Person
) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    product.upstream.plan("/cut", head + b"5\r\nhello\r\n5\r\nhe", close=True)
    wire = await product.wire()

    await wire.send(lay_out("/cut", alice.cookie))
    heard = await wire.rest()

    assert not heard.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize(
    "cookie",
    [
        b"__Host-sidecar=evil; Path=/; Secure",
        b"__host-SIDECAR=evil; Path=/",
        b"=__Host-sidecar=x",
        b"__Host-sidecar=evil; Domain=.parent.example",
        b"\t __Host-sidecar=evil",
        b"sidecar=evil; Domain=.parent.example",
        b"sidecar-state=evil",
        b"__Secure-sidecar=evil; Secure",
    ],
)
async def test_s51_given_the_upstream_sets_our_cookie_then_the_browser_never_hears_of_it(
    product: Product, alice: Person, cookie: bytes
) -> None:
    product.upstream.plan(
        "/s51", answer_with(b"Set-Cookie: " + cookie + b"\r\nSet-Cookie: theirs=1; Path=/\r\n")
    )

    answer = await product.ask(lay_out("/s51", alice.cookie))

    assert answer.status == 200
    assert answer.all("set-cookie") == [b"theirs=1; Path=/"]


@pytest.mark.parametrize(
    ("value", "passed"),
    [(b'"cookies"', []), (b'"cache", "cookies"', [b'"cache"'])],
)
async def test_s51_given_clear_site_data_then_our_cookie_stays(
    product: Product, alice: Person, value: bytes, passed: list[bytes]
) -> None:
    product.upstream.plan("/s51clear", answer_with(b"Clear-Site-Data: " + value + b"\r\n"))

    answer = await product.ask(lay_out("/s51clear", alice.cookie))

    assert answer.all("clear-site-data") == passed


async def test_given_bytes_that_are_not_utf8_in_an_answer_then_they_pass_as_they_are(
    product: Product, alice: Person
) -> None:
    product.upstream.plan("/latin", answer_with(b"X-A: caf\xe9\r\n"))

    answer = await product.ask(lay_out("/latin", alice.cookie))

    assert answer.all("x-a") == [b"caf\xe9"]


async def test_given_hop_by_hop_fields_of_the_upstream_then_they_go_no_further(
    product: Product, alice: Person
) -> None:
    product.upstream.plan(
        "/hop",
        answer_with(
            b"Connection: keep-alive, X-Internal\r\nKeep-Alive: timeout=5\r\nX-Internal: 1\r\n"
            b"Proxy-Authenticate: Basic\r\nTrailer: X-T\r\nUpgrade: h2c\r\n"
        ),
    )

    answer = await product.ask(lay_out("/hop", alice.cookie))

    names = {name.lower() for name, _ in answer.fields}
    assert not names & {b"keep-alive", b"x-internal", b"proxy-authenticate", b"trailer", b"upgrade"}


async def test_s57_given_a_redirect_to_elsewhere_then_it_is_the_browsers_to_follow(
    product: Product, alice: Person
) -> None:
    target = b"http://127.0.0.1:%d/followed57" % product.upstream.port
    product.upstream.plan(
        "/s57",
        b"HTTP/1.1 302 Found\r\nLocation: " + target + b"\r\nSet-Cookie: jar=alice\r\n"
        b"Content-Length: 0\r\n\r\n",
    )

    answer = await product.ask(lay_out("/s57", alice.cookie))

    assert (answer.status, answer.get("location")) == (302, target)
    assert product.upstream.requests("followed57") == []


async def test_s57_given_cookies_of_one_person_then_no_other_one_sends_them(
    product: Product, alice: Person, nomail: Person
) -> None:
    product.upstream.plan("/jar", answer_with(b"Set-Cookie: jar=alice; Path=/\r\n"))

    await product.ask(lay_out("/jar", alice.cookie))
    await product.ask(lay_out("/jar", nomail.cookie))

    assert "cookie" not in product.upstream.requests("/jar")[-1].names()


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_s59_given_a_path_that_looks_like_a_file_then_our_answer_is_never_stored(
    product: Product, accept: str
) -> None:
    answer = await product.ask(lay_out("/account/a.css", ("Accept", accept)))

    assert answer.status == 401
    assert answer.get("cache-control") == b"no-store"
