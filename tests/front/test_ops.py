import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from sidecar.front.ops import OpsListener
from sidecar.observe.metrics import Metrics, new_slot


class Ops:
    """The listener, what it says about itself, and a client of it."""

    def __init__(self, client: ClientSession, url: str, metrics: Metrics) -> None:
        self.ready = True
        self.metrics = metrics
        self._client = client
        self._url = url

    async def get(self, path: str, **headers: str) -> tuple[int, str, str]:
        async with self._client.get(self._url + path, headers=headers) as answer:
            return answer.status, await answer.text(), answer.headers["Content-Type"]


@pytest.fixture
async def ops() -> AsyncIterator[Ops]:
    slot = new_slot()
    bound = socket.create_server(("127.0.0.1", 0))
    async with ClientSession() as client:
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        ops = Ops(client, url, Metrics(slot))
        listener = OpsListener([slot], lambda: ops.ready)
        await listener.serve([bound])
        yield ops
        await listener.close()


async def test_given_the_process_lives_when_livez_is_asked_then_it_is_200(ops: Ops) -> None:
    ops.ready = False

    assert (await ops.get("/livez"))[:2] == (200, "alive\n")


async def test_s94_given_it_is_not_ready_when_readyz_is_asked_then_it_is_503_in_fixed_words(
    ops: Ops,
) -> None:
    assert (await ops.get("/readyz"))[:2] == (200, "ready\n")

    ops.ready = False

    assert (await ops.get("/readyz"))[:2] == (503, "not ready\n")


async def test_given_counted_requests_when_metrics_is_asked_then_it_has_them(ops: Ops) -> None:
    ops.metrics.requests.add("allow", 2)

    status, text, content_type = await ops.get("/metrics")

    assert status == 200
    assert content_type.startswith("text/plain; version=")
    assert 'sidecar_requests_total{verdict="allow"} 2.0' in text


async def test_given_an_open_metrics_scraper_when_metrics_is_asked_then_it_gets_that(
    ops: Ops,
) -> None:
    status, text, content_type = await ops.get("/metrics", Accept="application/openmetrics-text")

    assert status == 200
    assert content_type.startswith("application/openmetrics-text")
    assert text.endswith("# EOF\n")


@pytest.mark.parametrize("path", ["/", "/docs", "/healthz", "/metrics/", "/_sidecar/login"])
async def test_s90_given_any_other_path_when_it_is_asked_then_it_is_404(
    ops: Ops, path: str
) -> None:
    assert (await ops.get(path))[:2] == (404, "not found\n")
