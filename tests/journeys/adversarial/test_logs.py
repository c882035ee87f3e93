"""Group F: what is written down, what is shown, and to whom (cases S-88 to S-91, S-93, S-94)."""

import asyncio
import json

import pytest

from tests.journeys.adversarial.conftest import PASSWORD, POLICY, Person
from tests.journeys.raw import lay_out
from tests.journeys.running import COOKIE, MOUNT, Product


@pytest.mark.parametrize(
    "agent",
    [
        b"a\x1b[31mred",
        b'quote"and\\backslash',
        "line\u2028separator\u2029".encode(),
        b'{"injected": true}',
        b"x" * 30_000,
        b"\xff\xfe",
    ],
)
async def test_s88_given_a_hostile_user_agent_then_every_log_line_is_still_one_object(
    product: Product, agent: bytes
) -> None:
    await product.ask(lay_out("/public/s88", ("User-Agent", agent)))
    await product.attempt('eve"\r\n{"injected": true}\u2028', "x" * 12, "127.0.88.1")
    await asyncio.sleep(0.3)

    lines = product.log_lines()
    assert lines
    assert not any("injected" in line for line in lines)
    assert all(len(json.dumps(line)) < 20_000 for line in lines)
    assert "\x1b[31m" not in product.log()


async def test_s89_given_secrets_of_every_kind_then_no_log_has_them(
    product: Product, alice: Person
) -> None:
    canaries = ["canary-password-1", "canary-basic-2", "canary-cookie-3", "canary-forged-4"]
    await product.attempt("alice", canaries[0], "127.0.89.1")
    await product.ask(lay_out("/s89", ("Authorization", f"Basic {canaries[1]}"), alice.cookie))
    await product.ask(lay_out("/s89", ("Cookie", f"app={canaries[2]}"), alice.cookie))
    await product.ask(lay_out("/s89", ("Cookie", f"{COOKIE}={canaries[3]}")))
    await product.ask(lay_out("/\x01", ("Cookie", f"app={canaries[2]}")))
    await asyncio.sleep(0.3)

    log = product.log()
    assert [canary for canary in canaries if canary in log] == []
    assert alice.token not in log
    assert alice.token.split(".")[3] not in log
    assert PASSWORD not in log


@pytest.mark.parametrize("path", ["/metrics", "/livez", "/readyz", "/healthz", "/docs", "/debug"])
async def test_s90_given_the_public_port_then_nothing_of_operations_is_there(
    product: Product, path: str
) -> None:
    plain = await product.ask(lay_out(path))
    mounted = await product.ask(lay_out(f"{MOUNT}{path}"))

    assert plain.status == 401
    assert mounted.status == 404


async def test_s90_given_many_paths_and_people_then_no_label_names_them(
    product: Product, alice: Person
) -> None:
    for number in range(50):
        await product.ask(lay_out(f"/label90-{number}", alice.cookie))

    _, text = product.ops("/metrics")
    assert "label90" not in text
    assert "alice" not in text
    assert alice.token.split(".")[2] not in text


async def test_given_refusals_then_each_is_counted(product: Product) -> None:
    name = 'sidecar_requests_total{verdict="bad_request"}'
    before = product.metric(name)

    await product.refused(lay_out("/public/../x"))
    await product.refused(lay_out("/public/x", ("X-A", b"\xff")))
    await product.refused(b"garbage\r\n\r\n")

    assert product.metric(name) == before + 3


@pytest.mark.parametrize("target", ["/", f"{MOUNT}/login", f"{MOUNT}/api/session", "/a/../b"])
async def test_given_an_answer_of_ours_then_it_has_the_fields_that_guard_it(
    product: Product, target: str
) -> None:
    answer = await product.ask(lay_out(target))

    assert answer.get("x-content-type-options") == b"nosniff"
    assert answer.get("referrer-policy") == b"same-origin"
    assert answer.get("cache-control") == b"no-store"
    assert b"frame-ancestors 'none'" in (answer.get("content-security-policy") or b"")
    assert (answer.get("strict-transport-security") or b"").startswith(b"max-age=31536000")
    assert b"aiohttp" not in (answer.get("server") or b"")


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ('secret_file = "/nonexistent/secret"', "secret"),
        ('polcy = "x"', "polcy"),
        ('policy = "/nonexistent/policy.toml"', "policy"),
        ('trusted_proxies = ["everybody"]', "trusted_proxies"),
        ('[tls]\ncertificate = "/nonexistent/a"\nkey = "/nonexistent/b"', "certificate"),
    ],
)
def test_s91_given_a_part_is_missing_then_the_start_is_refused_in_plain_words(
    product: Product, fault: str, named: str
) -> None:
    config = product.folder / "broken.toml"
    config.write_text(
        f'listen = "127.0.0.1:0"\nupstream = "http://127.0.0.1:{product.upstream.port}"\n'
        f'state_dir = "{product.folder}/broken"\n{fault}\n'
    )

    done = product.command("run", config=config)

    assert done.returncode in (1, 2)
    assert named in done.stderr
    assert "Traceback" not in done.stderr


async def test_s91_given_the_store_was_never_there_then_nothing_passes(product: Product) -> None:
    other = Product(product.upstream, policy=POLICY, tables='[redis]\nurl = "redis://127.0.0.1:1"')
    before = product.upstream.received
    other.launch()
    try:
        await asyncio.sleep(3)
        try:
            answer = await other.ask(lay_out("/s91", ("Cookie", f"{COOKIE}=1.a.b.c.d")))
        except (OSError, EOFError):
            answer = None
    finally:
        other.close()

    assert answer is None or answer.status == 503
    assert product.upstream.received == before


async def test_s93_given_a_head_that_dribbles_then_the_connection_is_cut_at_the_deadline(
    product: Product, alice: Person
) -> None:
    before = product.upstream.received
    wire = await product.wire()
    await wire.send(b"GET /public/s93 HTTP/1.1\r\nHost: app.example\r\nX-A: ")

    async def dribble() -> None:
        while True:
            await wire.send(b"a")
            await asyncio.sleep(0.5)

    dribbler = asyncio.create_task(dribble())
    try:
        async with asyncio.timeout(30):
            heard = await wire.reader.read()
    except ConnectionError:
        heard = b""
    finally:
        dribbler.cancel()
        await asyncio.gather(dribbler, return_exceptions=True)

    assert heard == b"" or heard.startswith(b"HTTP/1.1 4")
    assert product.upstream.received == before
    assert (await product.ask(lay_out("/s93", alice.cookie))).status == 200


def test_s94_given_readiness_then_it_says_no_more_than_it_must(product: Product) -> None:
    status, text = product.ops("/readyz")

    assert status == 200
    assert len(text) < 200
    assert "redis" not in text.lower()
