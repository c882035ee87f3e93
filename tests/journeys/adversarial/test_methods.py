"""Group B: methods, and paths that watchdogs use (cases S-21 to S-23)."""

import pytest

from tests.journeys.adversarial.conftest import Person
from tests.journeys.raw import lay_out
from tests.journeys.running import Product


@pytest.mark.parametrize("agent", ["GoogleHC/1.0", "kube-probe/1.29", "ELB-HealthChecker/2.0"])
@pytest.mark.parametrize("target", ["/", "/healthz", "/ping", "/ready"])
async def test_s21_given_the_name_of_a_watchdog_then_it_has_no_effect(
    product: Product, agent: str, target: str
) -> None:
    answer = await product.ask(lay_out(target, ("User-Agent", agent)))

    assert answer.status == 401


@pytest.mark.parametrize("method", ["OPTIONS", "HEAD", "GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_s22_given_any_method_without_a_session_then_sign_in_is_asked(
    product: Product, method: str
) -> None:
    before = product.upstream.received

    answer = await product.ask(lay_out("/s22", method=method), method=method)

    assert answer.status == 401
    assert product.upstream.received == before


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "DELETE", "PROPFIND"])
async def test_s22_given_a_session_then_the_method_arrives_as_it_is(
    product: Product, alice: Person, method: str
) -> None:
    await product.ask(lay_out("/s22m", alice.cookie, method=method), method=method)

    assert product.upstream.requests("/s22m")[-1].line.startswith(method.encode() + b" ")


@pytest.mark.parametrize(
    "name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-Method"]
)
async def test_s22_given_a_field_that_names_a_method_then_the_decision_does_not_look_at_it(
    product: Product, name: str
) -> None:
    answer = await product.ask(lay_out("/s22o", (name, "OPTIONS")))

    assert answer.status == 401


@pytest.mark.parametrize(
    "line",
    ["TRACE /public/x", "TRACK /public/x", "FOO /public/x", "get /public/x", "G@T /public/x"],
)
async def test_s22_given_a_method_that_nobody_uses_then_it_is_refused(
    product: Product, line: str
) -> None:
    answer = await product.refused(f"{line} HTTP/1.1\r\nHost: app.example\r\n\r\n".encode())

    assert answer.status in (400, 405)


@pytest.mark.parametrize(
    "line",
    [
        "CONNECT internal:22",
        "CONNECT 127.0.0.1:6379",
        "CONNECT /public/x",
        "OPTIONS *",
        "GET *",
        "GET app.example:80",
    ],
)
async def test_s23_given_no_path_of_ours_then_no_connection_is_opened(
    product: Product, line: str
) -> None:
    answer = await product.refused(f"{line} HTTP/1.1\r\nHost: app.example\r\n\r\n".encode())

    assert answer.status in (400, 405)


async def test_s23_given_bytes_behind_a_connect_then_they_are_no_request(product: Product) -> None:
    answer = await product.refused(
        b"CONNECT internal:22 HTTP/1.1\r\nHost: internal:22\r\n\r\n" + lay_out("/public/s23")
    )

    assert answer.status in (400, 405)
    assert product.upstream.requests("/public/s23") == []
