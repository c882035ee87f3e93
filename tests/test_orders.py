import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest

from sidecar.core.policy import MINUTE, Policy, Route
from sidecar.core.session import Limits
from sidecar.core.users import Role
from sidecar.faults import Fault
from sidecar.front.tls import Pair
from sidecar.orders import Orders, receive_orders, receive_outcome, send_orders, send_outcome
from sidecar.policy_file import load_policy
from sidecar.policy_source import Outcome
from sidecar.settings import Settings
from sidecar.settings_load import load_settings


def some_orders(settings: Settings, policy: Policy) -> Orders:
    return Orders(settings, policy, 2, (7, 8), 9, 10, "sidecar.app:serve")


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_given_the_defaults_when_they_are_sent_then_the_worker_has_the_same(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    orders = some_orders(load_settings(None, {}, {}), load_policy(None))

    send_orders(ends[0], orders)

    assert receive_orders(ends[1]) == orders


def test_given_every_setting_is_set_when_they_are_sent_then_the_worker_has_the_same(
    ends: tuple[socket.socket, socket.socket], tmp_path: Path
) -> None:
    for name in ("cert.pem", "key.pem", "ca.pem", "secret", "policy.toml"):
        (tmp_path / name).touch()
    config = tmp_path / "sidecar.toml"
    config.write_text(
        f"""
        listen = "[::1]:8443"
        upstream = "https://app.internal:8443"
        public_url = "https://app.example"
        mount = "/_auth"
        workers = 4
        state_dir = "{tmp_path}"
        policy = "policy.toml"
        trusted_proxies = ["10.0.0.0/8", "fd00::/8", "unix"]
        secret_file = "secret"
        assertion_audience = "app"
        pre_stop = "1500ms"
        drain_timeout = "2m"
        account_path = "/me"
        [tls]
        certificate = "cert.pem"
        key = "key.pem"
        [upstream_options]
        ca = "ca.pem"
        server_name = "app"
        preserve_host = false
        [limits]
        header_size = "16KiB"
        [redis]
        url = "redis+sentinel://:hunter2@one:26379,two:26379/main"
        prefix = "other"
        deadline = "250ms"
        [ops]
        listen = "unix:/run/ops"
        [log]
        level = "debug"
        format = "pretty"
        access = false
        client_ip = true
        [otel]
        endpoint = "http://127.0.0.1:4318"
        sample_ratio = 0.1
        """
    )
    orders = some_orders(load_settings(config, {}, {}), load_policy(None))

    send_orders(ends[0], orders)
    received = receive_orders(ends[1])

    assert received == orders
    assert received.settings.redis.url.text == orders.settings.redis.url.text
    assert received.settings.pre_stop == timedelta(milliseconds=1500)


def test_given_a_policy_with_all_kinds_of_values_when_it_is_sent_then_the_worker_has_the_same(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    policy = load_policy(None)
    roles = MappingProxyType({Role.ADMIN: Limits(idle_timeout=1.5 * MINUTE)})
    route = Route(
        "/api/**",
        methods=frozenset({"GET"}),
        allow="members",
        roles=frozenset({Role.OWNER}),
        groups=frozenset({"a", "b"}),
        timeout=MINUTE,
    )
    policy = replace(policy, session=replace(policy.session, roles=roles), routes=(route,))
    policy = replace(policy, places={"routes[1]": "policy.toml"})

    send_orders(ends[0], some_orders(load_settings(None, {}, {}), policy))

    received = receive_orders(ends[1]).policy
    assert received == policy
    assert received.places == {"routes[1]": "policy.toml"}


def test_given_files_that_vanished_when_orders_are_sent_then_the_worker_has_their_contents(
    ends: tuple[socket.socket, socket.socket], tmp_path: Path
) -> None:
    flags = {"secret_file": "secret", "upstream_options.ca": "ca.pem", "policy": "policy.toml"}
    flags |= {"tls.certificate": "cert.pem", "tls.key": "key.pem"}
    flags = {key: str(tmp_path / name) for key, name in flags.items()}
    for name in flags.values():
        Path(name).touch()
    flags["upstream"] = "https://app"
    settings = load_settings(None, {}, flags)
    for file in tmp_path.iterdir():
        file.unlink()
    pair = Pair(b"certificate", b"key", ((1, 2, 3), (4, 5, 6)))
    files = {"secret_file": b"s" * 32, "upstream_options.ca": b"\xff" * 1_000_000}

    send_orders(ends[0], replace(some_orders(settings, load_policy(None)), pair=pair, files=files))
    received = receive_orders(ends[1])

    assert received.pair == pair
    assert received.settings.tls == settings.tls
    assert received.settings.policy == settings.policy
    assert received.settings.secret_file is not None
    assert received.settings.secret_file.read_bytes() == files["secret_file"]
    assert received.settings.upstream_options.ca is not None
    assert received.settings.upstream_options.ca.read_bytes() == files["upstream_options.ca"]


def test_given_orders_when_they_are_shown_then_no_secret_is() -> None:
    pair = Pair(b"certificate", b"hush-hush", ())
    orders = some_orders(load_settings(None, {}, {}), load_policy(None))

    shown = repr(replace(orders, pair=pair, files={"secret_file": b"hunter2"}))

    assert "hush-hush" not in shown
    assert "hunter2" not in shown


def test_given_the_supervisor_is_gone_when_orders_are_awaited_then_that_is_said(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ends[0].send(b"\0\0")
    ends[0].close()

    with pytest.raises(EOFError):
        receive_orders(ends[1])


def test_given_outcomes_of_reloads_when_they_are_sent_then_each_is_received_by_itself(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    good = Outcome(datetime.now(UTC), load_policy(None))
    bad = Outcome(datetime.now(UTC), faults=(Fault("f.toml", "session", "must be a table"),))

    send_outcome(ends[0], good, report=False)
    send_outcome(ends[0], bad, report=True)

    assert receive_outcome(ends[1]) == (good, False)
    assert receive_outcome(ends[1]) == (bad, True)


def test_given_the_supervisor_is_gone_when_an_outcome_is_awaited_then_that_is_said(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ends[0].close()

    with pytest.raises(EOFError):
        receive_outcome(ends[1])
