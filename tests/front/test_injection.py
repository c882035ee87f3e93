"""Who gets the script into their page, and how the application is asked for it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sidecar.core.live_script import LiveScript
from sidecar.core.policy import Policy, Route
from tests.plane import MOUNT, Plane, a_plane
from tests.serving import a_sidecar, a_store
from tests.wires import Answer, ScriptedUpstream, a_request, an_upstream, playing

PAGE = b"<!doctype html><html><head><title>a</title>"
TAG = LiveScript(MOUNT).tag(None)
DOCUMENT = ("Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate")
CSP = "Content-Security-Policy: script-src x; worker-src *"
ROUTES = (
    Route(path="/pub/**", allow="anyone"),
    Route(path="/blog/**", allow="anyone", identity="when_present"),
    Route(path="/embed/**", inject=False),
)


def answered(*fields: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", "Content-Type: text/html", *fields]
    return "\r\n".join([*lines, f"Content-Length: {len(PAGE)}", "", ""]).encode() + PAGE


@asynccontextmanager
async def a_pair(
    redis_url: str, policy: Policy | None = None, *fields: str, trusted: Sequence[str] = ()
) -> AsyncIterator[tuple[Plane, ScriptedUpstream]]:
    policy = policy or Policy(routes=ROUTES)
    async with (
        an_upstream(playing(answered(*fields))) as upstream,
        a_plane(redis_url, upstream, policy=policy, inject=True, trusted=trusted) as plane,
    ):
        yield plane, upstream


async def ask(
    plane: Plane, target: str, *fields: str, method: str = "GET", signed_in: bool = True
) -> Answer:
    client = await plane.client()
    cookie = [f"Cookie: sidecar={await plane.seed()}"] if signed_in else []
    await client.send(a_request(target, *cookie, *fields, method=method))
    return await client.answer(method)


@pytest.mark.parametrize("target", ["/", "/blog/a"])
async def test_given_somebody_signed_in_who_goes_to_a_page_then_the_script_is_in_it(
    redis_url: str, target: str
):
    async with a_pair(redis_url) as (plane, _):
        got = await ask(plane, target, *DOCUMENT)

    assert TAG.encode() in got.body


@pytest.mark.parametrize(
    ("target", "fields", "method", "signed_in"),
    [
        ("/pub/a", DOCUMENT, "GET", True),
        ("/blog/a", DOCUMENT, "GET", False),
        ("/embed/a", DOCUMENT, "GET", True),
        ("/", (), "GET", True),
        ("/", ("Accept: */*",), "GET", True),
        ("/", ("Sec-Fetch-Dest: iframe", "Sec-Fetch-Mode: navigate"), "GET", True),
        ("/", ("Sec-Fetch-Dest: empty", "Sec-Fetch-Mode: cors", "Accept: text/html"), "GET", True),
        ("/", ("Accept: text/html", "HX-Request: true"), "GET", True),
        ("/", ("Accept: text/html",), "POST", True),
        ("/", ("Accept: text/html",), "PUT", True),
    ],
)
async def test_given_any_other_request_then_its_answer_is_as_it_came(
    redis_url: str, target: str, fields: tuple[str, ...], method: str, signed_in: bool
):
    async with a_pair(redis_url, None, 'ETag: "a"') as (plane, upstream):
        given = ("Accept-Encoding: gzip, br", 'If-None-Match: "a"')
        got = await ask(plane, target, *fields, *given, method=method, signed_in=signed_in)

    assert (got.body, got.fields["etag"]) == (PAGE, '"a"')
    assert b'\r\nAccept-Encoding: gzip, br\r\nIf-None-Match: "a"\r\n' in upstream.heads[0]


async def test_given_a_head_request_then_its_answer_is_as_it_came(redis_url: str):
    head = answered('ETag: "a"').removesuffix(PAGE)
    async with (
        an_upstream(playing(head)) as upstream,
        a_plane(redis_url, upstream, inject=True) as plane,
    ):
        got = await ask(plane, "/", *DOCUMENT, method="HEAD")

    assert (got.fields["content-length"], got.fields["etag"]) == (str(len(PAGE)), '"a"')


async def test_given_a_form_that_is_answered_by_a_page_then_the_script_is_in_it(redis_url: str):
    async with a_pair(redis_url) as (plane, upstream):
        client = await plane.client()
        cookie = f"Cookie: sidecar={await plane.seed()}"
        await client.send(a_request("/form", cookie, *DOCUMENT, method="POST", body=b"a=1"))
        got = await client.answer()

    assert TAG.encode() in got.body
    assert upstream.heads[0].endswith(b"Content-Length: 3\r\n\r\n")


async def test_given_a_policy_without_injection_then_no_page_changes(redis_url: str):
    async with a_pair(redis_url, Policy(live_inject=False)) as (plane, upstream):
        got = await ask(plane, "/", *DOCUMENT, "Accept-Encoding: br")

    assert got.body == PAGE
    assert b"Accept-Encoding: br" in upstream.heads[0]


async def test_given_another_act_in_the_policy_then_the_tag_says_so(redis_url: str):
    async with a_pair(redis_url, Policy(live_reauth="overlay")) as (plane, _):
        got = await ask(plane, "/", *DOCUMENT)

    assert LiveScript(MOUNT, "overlay").tag(None).encode() in got.body


async def test_given_codings_of_the_browser_then_the_application_is_asked_for_what_we_read(
    redis_url: str,
):
    async with a_pair(redis_url) as (plane, upstream):
        await ask(plane, "/", *DOCUMENT, "Accept-Encoding: gzip, deflate, br, zstd", "X-Own: 1")

    head = upstream.heads[0]
    assert b"\r\nAccept-Encoding: gzip\r\n" in head
    assert b"\r\nX-Own: 1\r\n" in head
    assert b"sidecar=" not in head
    assert head.count(b"X-Forwarded-For") == head.count(b"X-Forwarded-User") == 1


async def test_given_a_policy_of_the_page_then_the_script_is_let_through_where_the_browser_is(
    redis_url: str,
):
    async with a_pair(redis_url, None, CSP) as (plane, _):
        got = await ask(plane, "/", *DOCUMENT)

    assert got.fields["content-security-policy"] == (
        "script-src x http://app.example/_sidecar/live.js; worker-src *"
    )


async def test_given_a_trusted_proxy_in_front_then_its_word_about_the_origin_counts(
    redis_url: str,
):
    said = ("X-Forwarded-Proto: https", "X-Forwarded-Host: Wiki.example:8443")
    async with a_pair(redis_url, None, CSP, trusted=["127.0.0.1/32"]) as (plane, _):
        got = await ask(plane, "/", *DOCUMENT, *said)

    assert got.fields["content-security-policy"] == (
        "script-src x https://wiki.example:8443/_sidecar/live.js"
        " http://app.example/_sidecar/live.js; worker-src *"
    )


async def test_given_a_page_that_is_fetched_ahead_then_the_script_is_in_it(redis_url: str):
    fields = ("Sec-Fetch-Dest: empty", "Sec-Fetch-Mode: no-cors", "Sec-Purpose: prefetch")
    async with a_pair(redis_url) as (plane, _):
        got = await ask(plane, "/next", *fields)

    assert TAG.encode() in got.body


async def test_given_the_product_when_its_policy_changes_then_pages_have_the_script_as_it_says(
    redis_url: str, tmp_path: Path
):
    async with (
        a_store(redis_url) as store,
        an_upstream(playing(answered())) as upstream,
        a_sidecar(redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path) as sidecar,
    ):
        await store.add("alice")
        request = a_request("/page", await sidecar.cookie_of("alice"), *DOCUMENT)
        first = await sidecar.ask(request)
        sidecar.policy_file.write_text("[live]\ninject = false\n")
        sidecar.policy.reload()
        second = await sidecar.ask(request)
        script = await sidecar.ask(a_request(f"{MOUNT}/live.js"))

    assert first.body == PAGE.replace(b"<head>", b"<head>" + TAG.encode())
    assert second.body == PAGE
    assert (script.status, script.fields["content-type"]) == (200, "text/javascript; charset=utf-8")
