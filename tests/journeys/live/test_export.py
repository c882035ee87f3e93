"""A page of our own that streams ends like any other download when its session does."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.journeys.live.application import GIBIBYTE, Application
from tests.journeys.live.holding import octets_until_cut, send
from tests.journeys.live.house import PASSWORD, House, handle_of
from tests.journeys.redis_server import RedisServer
from tests.journeys.running import MOUNT, Product

AUDIT = "sidecar:{p00}:audit"
ENTRIES = 40_000


@pytest.fixture(scope="module")
def house(application: Application) -> Iterator[House]:
    """With an audit log that is longer than what fits between two programs."""
    store = RedisServer()
    store.start()
    product = Product(application.port, 'workers = 2\ndrain_timeout = "1s"', tables=store.settings)
    product.start()
    product.add_user("owner", PASSWORD, "owner")
    with store.client() as client, client.pipeline() as many:
        ((_, entry),) = client.xrange(AUDIT, count=1)
        for _ in range(ENTRIES):
            many.xadd(AUDIT, entry)
        many.execute()
    house = House(application, product)
    house.owner = asyncio.run(house.sign_in("owner"))
    yield house
    product.remove()
    store.remove()


async def test_given_an_export_of_the_audit_log_when_its_session_ends_then_it_is_cut(
    house: House,
) -> None:
    await house.person("auditor", "admin")
    token = await house.sign_in("auditor")
    wire = await send(house.product, f"{MOUNT}/api/admin/audit/export?format=jsonl", token)
    head = await wire.reader.readuntil(b"\r\n\r\n")

    await house.act("DELETE", f"/sessions/{handle_of(token)}")

    assert head.startswith(b"HTTP/1.1 200 ")
    assert await octets_until_cut(wire) < GIBIBYTE
    wire.writer.transport.abort()
