"""The store falls silent, dies, comes back, loses everything: what people notice of it (F-01, F-02,
F-08, F-18, F-25)."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from functools import partial

import pytest

from tests.journeys.load import Load
from tests.journeys.raw import Answer, RecordingUpstream, lay_out
from tests.journeys.redis_server import RedisServer
from tests.journeys.running import MOUNT, PUBLIC, Product, cookie
from tests.journeys.waiting import until
from tests.running import wait_until

PASSWORD = "a long and unusual passphrase"
POLICY = '[[routes]]\npath = "/public/**"\nallow = "anyone"\n'
ALIVE = "sidecar_store_up "


@pytest.fixture(scope="module")
def upstream() -> Iterator[RecordingUpstream]:
    upstream = RecordingUpstream()
    upstream.start()
    yield upstream
    upstream.stop()


@pytest.fixture(scope="module")
def house(upstream: RecordingUpstream) -> Iterator[tuple[Product, RedisServer]]:
    """Two workers, so that what holds must hold for all of them."""
    store = RedisServer()
    store.start()
    product = Product(upstream, "workers = 2", POLICY, store.hasty_settings)
    product.start()
    product.add_user("maria", PASSWORD)
    yield product, store
    product.remove()
    store.remove()


@pytest.fixture
def store(house: tuple[Product, RedisServer]) -> Iterator[RedisServer]:
    """The store of the product; whatever a test did to it, the next one finds it at work."""
    product, store = house
    yield store
    store.mend()
    wait_until(lambda: product.ops("/readyz")[0] == 200)


@pytest.fixture
def product(house: tuple[Product, RedisServer], store: RedisServer) -> Product:
    return house[0]


@pytest.fixture
def no_store() -> Iterator[RedisServer]:
    """A store that has not been started."""
    store = RedisServer()
    yield store
    store.remove()


async def statuses(product: Product, token: str, path: str = "/page") -> set[int]:
    """Ask several times, each on a connection of its own, so that all workers answer."""
    answers = [await product.ask(lay_out(path, cookie(token))) for _ in range(8)]
    return {answer.status for answer in answers}


async def until_it_serves(product: Product, token: str) -> None:
    async def serves() -> bool:
        return await statuses(product, token) == {200}

    await until(serves, "it serves again")


async def until_ops_say(product: Product, status: int) -> None:
    async def say() -> bool:
        return (await asyncio.to_thread(product.ops, "/readyz"))[0] == status

    await until(say, f"/readyz says {status}")


def is_store_problem(answer: Answer) -> bool:
    return answer.status == 503 and json.loads(answer.body)["code"] == "store_unavailable"


async def test_f02_given_the_store_is_silent_when_people_ask_then_503_and_nobody_is_signed_out(
    product: Product, store: RedisServer, upstream: RecordingUpstream
) -> None:
    token = await product.sign_in("maria", PASSWORD)
    assert await statuses(product, token) == {200}

    store.freeze()
    await until_ops_say(product, 503)
    before = len(upstream.seen)
    refused = await product.ask(lay_out("/page", cookie(token)))
    page = await product.ask(lay_out("/page", cookie(token), ("Accept", "text/html")))
    anybody = await product.ask(lay_out("/page"))
    forwarded = len(upstream.seen) - before

    assert is_store_problem(refused)
    assert (refused.get("retry-after"), page.get("retry-after")) == (b"1", b"1")
    assert (page.status, b"Nobody was signed out" in page.body) == (503, True)
    assert not refused.all("set-cookie") + page.all("set-cookie")
    assert (anybody.status, forwarded) == (401, 0)
    assert (await product.ask(lay_out("/public/page", cookie(token)))).status == 200
    assert product.metric(ALIVE) == 0
    assert product.ops("/livez")[0] == 200

    store.thaw()
    await until_it_serves(product, token)
    await until_ops_say(product, 200)
    assert product.metric(ALIVE) == 1
    assert await statuses(product, token) == {200}


async def test_f02_given_the_store_is_silent_when_somebody_signs_in_then_they_are_told_so(
    product: Product, store: RedisServer
) -> None:
    store.freeze()
    form = f"username=maria&password={PASSWORD.replace(' ', '+')}".encode()
    fields = [("Origin", PUBLIC), ("Content-Type", "application/x-www-form-urlencoded")]
    fields.append(("Content-Length", str(len(form))))

    by_program = await product.attempt("maria", PASSWORD)
    by_browser = await product.ask(lay_out(f"{MOUNT}/login", *fields, method="POST", body=form))

    assert is_store_problem(by_program)
    assert by_program.get("retry-after") is not None
    assert by_browser.status == 503
    assert b"Signing in is not possible right now." in by_browser.body
    assert by_browser.get("content-type") == b"text/html; charset=utf-8"
    assert not by_program.all("set-cookie") + by_browser.all("set-cookie")
    store.thaw()
    await until_ops_say(product, 200)
    assert await statuses(product, await product.sign_in("maria", PASSWORD)) == {200}


@pytest.mark.parametrize("silent", [True, False], ids=["silent", "gone"])
def test_f01_given_no_store_when_a_command_needs_it_then_one_line_names_it(
    product: Product, store: RedisServer, silent: bool
) -> None:
    if silent:
        store.freeze()
    else:
        store.kill()
    how = "no reply in time" if silent else "connection refused"

    done = product.command("sessions", "list")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [f"sidecar: the store {store.url} does not answer: {how}"]


async def test_f01_given_load_when_the_store_is_killed_and_comes_back_then_no_verdict_is_wrong(
    product: Product, store: RedisServer
) -> None:
    live = await product.sign_in("maria", PASSWORD)
    ended = await product.sign_in("maria", PASSWORD)
    done = await asyncio.to_thread(product.command, "sessions", "revoke", ended.split(".")[2])
    assert done.returncode == 0, done.stderr
    load = Load(product)

    async with load.of(live=live, ended=ended):
        for _ in range(3):
            await load.until_more()
            store.kill()
            await load.until_more()
            await asyncio.to_thread(store.start)
            await until_ops_say(product, 200)
            await load.until_more()

    assert load.seen["live"] == {200, 503}
    assert load.seen["ended"] == {401, 503}
    assert await statuses(product, live) == {200}
    assert await statuses(product, ended) == {401}


async def test_f25_given_load_when_a_worker_is_killed_then_no_verdict_is_wrong(
    product: Product,
) -> None:
    live = await product.sign_in("maria", PASSWORD)
    garbage = live[:-4] + "AAAA"
    load = Load(product)

    async with load.of(live=live, garbage=garbage):
        for _ in range(3):
            await load.until_more()
            old = product.workers()[0]
            os.kill(old, signal.SIGKILL)
            await until(partial(is_whole_without, product, old), "two workers at work again")

    assert load.seen == {"live": {200}, "garbage": {401}}
    assert await statuses(product, live) == {200}
    assert product.metric("sidecar_worker_restarts_total") == 3


async def test_f01_given_no_store_when_the_product_starts_then_it_serves_once_there_is_one(
    no_store: RedisServer, upstream: RecordingUpstream
) -> None:
    product = Product(upstream, policy=POLICY, tables=no_store.hasty_settings)
    product.launch()
    try:
        await until(lambda: ops_answer(product, "/livez", 200), "it lives")
        assert product.ops("/readyz")[0] == 503
        assert product.metric(ALIVE) == 0

        no_store.start()

        await until_ops_say(product, 200)
        product.add_user("maria", PASSWORD)
        assert await statuses(product, await product.sign_in("maria", PASSWORD)) == {200}
    finally:
        product.remove()


async def test_f01_given_no_store_at_all_when_the_product_is_told_to_stop_then_it_stops(
    no_store: RedisServer, upstream: RecordingUpstream
) -> None:
    product = Product(upstream, policy=POLICY, tables=no_store.hasty_settings)
    product.launch()
    try:
        await until(lambda: ops_answer(product, "/livez", 200), "it lives")

        assert product.stop() == 0
        assert "Traceback" not in product.log()
    finally:
        product.remove()


async def test_f08_given_the_store_loses_everything_when_people_ask_then_nobody_is_let_in(
    product: Product, store: RedisServer
) -> None:
    token = await product.sign_in("maria", PASSWORD)
    assert await statuses(product, token) == {200}

    store.flush()

    assert await statuses(product, token) == {401}
    assert (await product.attempt("maria", PASSWORD)).status == 401
    product.add_user("maria", PASSWORD)
    assert await statuses(product, await product.sign_in("maria", PASSWORD)) == {200}
    assert await statuses(product, token) == {401}


async def is_whole_without(product: Product, old: int) -> bool:
    """Say whether two workers are at work, and `old` is none of them."""
    ready = await asyncio.to_thread(product.metric, "sidecar_workers_ready ")
    workers = product.workers()  # One that has just been killed is not among them.
    return ready == 2 and len(workers) == 2 and old not in workers


async def ops_answer(product: Product, path: str, status: int) -> bool:
    try:
        return (await asyncio.to_thread(product.ops, path))[0] == status
    except OSError:
        return False
