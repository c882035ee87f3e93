"""From four addresses to an alert: the product, Prometheus and Alertmanager as they are shipped."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.monitoring import Monitoring, until
from tests.journeys.raw import RecordingUpstream, lay_out
from tests.journeys.running import Product, cookie
from tests.rules.source import ROOT

PASSWORD = "a long and unusual passphrase"
PROXY = "127.0.0.2"
TRACE = "0af7651916cd43dd8448eb211c80319c"

Watched = tuple[Product, Monitoring]


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    """A product that two people use, and whose metrics are scraped."""
    upstream = RecordingUpstream()
    upstream.start()
    product = Product(upstream, f'workers = 2\ntrusted_proxies = ["{PROXY}/32"]')
    product.start()
    folder = Path(tempfile.mkdtemp(prefix="scm-", dir="/tmp"))
    monitoring = Monitoring(folder, product.ops_port)
    try:
        for name in ("alice", "bob"):
            product.add_user(name, PASSWORD)
        monitoring.start()
        yield product, monitoring
    finally:
        monitoring.stop()
        product.close()
        upstream.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def from_address(product: Product, token: str, address: str) -> None:
    fields = ("X-Forwarded-For", address), cookie(token)
    assert (await product.ask(lay_out("/page", *fields), source=PROXY)).status == 200


async def test_given_four_addresses_of_one_person_when_they_are_used_then_alertmanager_has_it(
    watched: Watched,
) -> None:
    product, monitoring = watched
    alice, bob = [await product.sign_in(name, PASSWORD) for name in ("alice", "bob")]
    for last in (1, 2):
        await from_address(product, bob, f"198.51.100.{last}")

    for last in (1, 2, 3):  # and the one that she has signed in from
        await from_address(product, alice, f"203.0.113.{last}")

    (alert,) = await asyncio.to_thread(until, lambda: monitoring.alerts("SidecarIpSpread") or None)
    assert alert["labels"] == {
        "alertname": "SidecarIpSpread",
        "job": "sidecar",
        "kind": "ip_spread",
        "severity": "warning",
    }
    assert alert["status"]["state"] == "active"
    assert (ROOT / alert["annotations"]["runbook_url"]).is_file()
    assert "alice" not in str(alert)
    assert "203.0.113" not in str(alert)
    (spread,) = monitoring.query("job:sidecar_ip_spread_users:max")
    assert spread["value"][1] == "1"


async def test_given_a_sampled_request_when_it_is_scraped_then_prometheus_has_its_trace(
    watched: Watched,
) -> None:
    product, monitoring = watched
    parent = f"00-{TRACE}-b7ad6b7169203331-01"

    await product.ask(lay_out("/page", ("traceparent", parent)))

    (series, *_) = await asyncio.to_thread(
        until, lambda: monitoring.exemplars("sidecar_request_seconds_bucket") or None
    )
    assert [one["labels"] for one in series["exemplars"]] == [{"trace_id": TRACE}]


async def test_given_sessions_that_a_command_ends_when_it_is_scraped_then_they_are_counted_once(
    watched: Watched,
) -> None:
    product, monitoring = watched
    for _ in range(2):
        await product.sign_in("bob", PASSWORD)
    before = product.metric('sidecar_sessions_ended_total{reason="revoked"}')

    done = await asyncio.to_thread(product.command, "sessions", "revoke", "--user", "bob", "--json")

    revoked = json.loads(done.stdout)["revoked"]
    query = 'sum(sidecar_sessions_ended_total{reason="revoked"})'
    await asyncio.to_thread(
        until,
        lambda: float(monitoring.query(query)[0]["value"][1]) == before + revoked or None,
    )
    assert revoked >= 2


async def test_given_the_dashboard_when_its_queries_are_asked_then_prometheus_answers_each(
    watched: Watched,
) -> None:
    _, monitoring = watched
    panels = json.loads((ROOT / "deploy" / "grafana" / "sidecar.json").read_text("utf-8"))["panels"]
    queries = [target["expr"] for panel in panels for target in panel.get("targets", ())]

    for query in queries:
        asked = query.replace("$__rate_interval", "1m").replace("$job", "sidecar")
        if query.endswith(" > 0"):  # those that there are now
            monitoring.query(asked)
        else:
            await asyncio.to_thread(until, lambda asked=asked: monitoring.query(asked) or None)

    assert len(queries) > 30
