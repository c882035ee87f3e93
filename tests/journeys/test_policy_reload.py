"""The policy is changed under a running product with two workers: all of it or nothing."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from tests.journeys.raw import RecordingUpstream, lay_out
from tests.journeys.running import Product
from tests.journeys.waiting import until

CLOSED = '[session]\nidle_timeout = "60m"\n'
OPEN = '[[routes]]\npath = "/news/**"\nallow = "anyone"\n'
BAD = '[[routes]]\npath = "/**"\nallow = "anyone"\n\n[[routes]]\npath = "/x"\nallow = "everybody"\n'
HALF = '[[routes]]\npath = "/**"\nallow = "any'
SUCCESS = "sidecar_policy_reload_success "


@pytest.fixture(scope="module")
def running() -> Iterator[Product]:
    upstream = RecordingUpstream()
    upstream.start()
    product = Product(upstream, "workers = 2", CLOSED)
    product.start()
    yield product
    product.remove()
    upstream.stop()


@pytest.fixture
async def product(running: Product) -> Product:
    """The product with the policy that lets nobody in."""
    put(running, CLOSED)
    await until_all_say(running, 401)
    return running


def put(product: Product, policy: str) -> None:
    """Replace the policy in one step, as editors and configuration tools do."""
    new = product.folder / "policy.new"
    new.write_text(policy)
    os.replace(new, product.folder / "policy.toml")


async def statuses(product: Product, path: str = "/news/today") -> set[int]:
    """Ask on many connections, so that all workers answer."""
    return {(await product.ask(lay_out(path))).status for _ in range(12)}


async def until_all_say(product: Product, status: int) -> None:
    async def say() -> bool:
        return await statuses(product) == {status}

    await until(say, f"all workers say {status}")


async def until_metric(product: Product, value: float) -> None:
    async def has() -> bool:
        return await asyncio.to_thread(product.metric, SUCCESS) == value

    await until(has, f"{SUCCESS}is {value}")


def events(product: Product, name: str) -> list[dict[str, object]]:
    return [line for line in product.log_lines() if line.get("event") == name]


async def test_f19_given_a_new_policy_file_when_it_is_in_place_then_all_workers_follow_it(
    product: Product,
) -> None:
    put(product, OPEN)
    await until_all_say(product, 200)

    assert await statuses(product, "/other") == {401}
    assert product.metric(SUCCESS) == 1
    put(product, CLOSED)
    await until_all_say(product, 401)


async def test_f19_given_sighup_when_nothing_else_changed_then_the_policy_is_read_again(
    product: Product,
) -> None:
    before = len(events(product, "policy_loaded"))

    product.signal(signal.SIGHUP)

    async def is_read() -> bool:
        return len(events(product, "policy_loaded")) > before

    await until(is_read, "the policy is read again")
    assert await statuses(product) == {401}


async def test_f19_given_sighup_after_a_change_then_all_workers_follow_it(
    product: Product,
) -> None:
    put(product, OPEN)
    product.signal(signal.SIGHUP)

    await until_all_say(product, 200)

    assert product.metric(SUCCESS) == 1


async def test_given_changed_settings_when_they_are_seen_and_sighup_comes_then_each_warns_once(
    product: Product,
) -> None:
    before = product.config.read_text()
    warned = len(events(product, "settings_need_restart"))

    async def until_told(times: int) -> None:
        async def is_told() -> bool:
            return len(events(product, "settings_need_restart")) >= warned + times

        await until(is_told, f"the change is told {times} times")

    product.config.write_text(before.replace("workers = 2", "workers = 3"))
    await until_told(1)
    product.signal(signal.SIGHUP)
    await until_told(2)

    told = events(product, "settings_need_restart")[warned:]
    product.config.write_text(before)
    assert [line["keys"] for line in told] == [["workers"]] * 2
    assert len(product.workers()) == 2
    assert await statuses(product) == {401}


@pytest.mark.parametrize("bad", [BAD, HALF, ""], ids=["wrong", "half-written", "gone"])
async def test_f19_given_a_bad_policy_when_it_is_in_place_then_the_old_one_stays_and_it_is_told(
    product: Product, bad: str
) -> None:
    before = len(events(product, "policy_refused"))
    if bad:
        put(product, bad)
    else:
        (product.folder / "policy.toml").unlink()
    product.signal(signal.SIGHUP)
    await until_metric(product, 0)

    assert await statuses(product) == {401}
    assert await statuses(product, "/other") == {401}
    told = events(product, "policy_refused")[before:]
    assert told
    assert all("policy.toml" in str(line["place"]) for line in told)
    if bad is BAD:
        assert [line["key"] for line in told[:1]] == ["routes[2].allow"]

    # A worker that starts now must not begin with the bad one either.
    killed = product.workers()[0]
    os.kill(killed, signal.SIGKILL)

    async def is_whole() -> bool:
        ready = await asyncio.to_thread(product.metric, "sidecar_workers_ready ")
        workers = product.workers()  # One that has just been killed is not among them.
        return ready == 2 and len(workers) == 2 and killed not in workers

    await until(is_whole, "a new worker is at work")
    assert await statuses(product) == {401}
    put(product, OPEN)
    await until_metric(product, 1)
    await until_all_say(product, 200)
