"""The supervisor over small stand-in workers; the whole product is in `journeys/`."""

import os
import signal
import socket
import ssl
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sidecar.settings_texts import settings_of
from sidecar.supervisor import with_room
from tests.certificates import write_certificate
from tests.ports import free_port
from tests.running import Running, config_file

Start = Callable[..., Running]


class Address:
    """Where the stand-in workers answer."""

    def __init__(self) -> None:
        self.port = free_port()

    def get(self, path: str = "/") -> list[str]:
        """Return the words of the answer: process id, cap of the policy, upstream."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return str(answer.read().decode()).split()


@pytest.fixture
def address() -> Address:
    return Address()


@pytest.fixture
def start(tmp_path: Path, address: Address) -> Iterator[Start]:
    started: list[Running] = []

    def _start(text: str = "", *, function: str = "serve", ready: bool = True) -> Running:
        ops = free_port()
        config = config_file(
            tmp_path,
            f"""listen = "127.0.0.1:{address.port}"
            workers = 2
            drain_timeout = "5s"
            {text}
            [ops]
            listen = "127.0.0.1:{ops}"
            """,
        )
        running = Running(["-m", "tests.standin", str(config), function], ops)
        started.append(running)
        if ready:
            running.until_ready()
        return running

    yield _start
    for running in started:
        running.close()


def test_given_two_workers_when_requests_come_then_both_serve_and_their_numbers_add_up(
    start: Start, address: Address
) -> None:
    sidecar = start()
    sidecar.until(lambda: sidecar.metric("sidecar_workers_ready") == 2, "all workers ready")

    served = {int(address.get()[0]) for _ in range(60)}

    assert served == set(sidecar.workers())
    assert sidecar.metric('sidecar_requests_total{verdict="allow"}') == 60


def test_f25_given_a_worker_is_killed_when_requests_go_on_then_it_is_replaced_and_counts_stay(
    start: Start, address: Address
) -> None:
    sidecar = start()
    sidecar.until(lambda: sidecar.metric("sidecar_workers_ready") == 2, "all workers ready")
    for _ in range(20):
        address.get()
    before = set(sidecar.workers())

    os.kill(min(before), signal.SIGKILL)
    sidecar.until(lambda: sidecar.metric("sidecar_worker_restarts_total") == 1, "noticed")
    sidecar.until(lambda: sidecar.metric("sidecar_workers_ready") == 2, "whole again")

    assert len(set(sidecar.workers()) - before) == 1
    assert sidecar.metric('sidecar_requests_total{verdict="allow"}') == 20
    address.get()
    assert sidecar.metric('sidecar_requests_total{verdict="allow"}') == 21


def test_f17_given_a_slow_request_when_sigterm_comes_then_it_finishes_and_nothing_new_begins(
    start: Start, address: Address
) -> None:
    sidecar = start()
    with socket.create_connection(("127.0.0.1", address.port)) as slow:
        slow.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        sidecar.until(
            lambda: sidecar.metric('sidecar_requests_total{verdict="allow"}') == 1, "asked"
        )

        sidecar.signal(signal.SIGTERM)
        answer = slow.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert sidecar.ended() == 0
    with pytest.raises(OSError, match="refused"):
        address.get()


def test_f17_given_pre_stop_when_sigterm_comes_then_readyz_fails_while_requests_are_served(
    start: Start, address: Address
) -> None:
    sidecar = start('pre_stop = "2s"')

    sidecar.signal(signal.SIGTERM)
    sidecar.until(lambda: sidecar.ops("/readyz") == 503, "not ready")

    assert sidecar.ops("/livez") == 200
    assert address.get()
    assert sidecar.ended() == 0


def test_f17_given_a_drain_when_sigterm_comes_again_then_it_ends_now(
    start: Start, address: Address
) -> None:
    sidecar = start('pre_stop = "10m"')

    sidecar.signal(signal.SIGTERM)
    sidecar.until(lambda: sidecar.ops("/readyz") == 503, "not ready")
    sidecar.signal(signal.SIGTERM)

    assert sidecar.ended() == 0


def test_given_ctrl_c_when_it_reaches_the_supervisor_then_it_ends_in_order(start: Start) -> None:
    sidecar = start()
    workers = sidecar.workers()

    sidecar.signal(signal.SIGINT)

    assert sidecar.ended() == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_given_the_supervisor_is_killed_when_workers_notice_then_they_end(start: Start) -> None:
    sidecar = start()
    workers = sidecar.workers()

    sidecar.process.kill()
    sidecar.process.wait()

    for _ in range(1000):
        if not any(Path(f"/proc/{pid}").exists() for pid in workers):
            return
        signal.sigtimedwait([], 0.02)
    pytest.fail("a worker outlived its supervisor")


def test_given_the_store_is_down_for_one_worker_when_readyz_is_asked_then_it_is_503(
    start: Start, address: Address
) -> None:
    sidecar = start()

    address.get("/store-down")

    assert sidecar.ops("/readyz") == 503
    assert sidecar.metric("sidecar_store_up") == 0


def test_f19_given_a_good_policy_when_sighup_comes_then_every_worker_has_it(
    start: Start, address: Address, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[session]\nmax_per_user = 3\n")
    sidecar = start(f'policy = "{policy}"')
    assert address.get()[1] == "3"

    policy.write_text("[session]\nmax_per_user = 4\n")
    sidecar.signal(signal.SIGHUP)

    sidecar.until(lambda: {address.get()[1] for _ in range(10)} == {"4"}, "of one policy")
    assert sidecar.metric("sidecar_policy_reload_success") == 1
    sidecar.until(lambda: '"event":"reload_reported"' in sidecar.log, "reported")
    assert sidecar.log.count('"event":"reload_reported"') == 1


def test_f19_given_a_bad_policy_when_its_file_changes_then_the_old_one_stays_for_new_workers_too(
    start: Start, address: Address, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[session]\nmax_per_user = 3\n")
    sidecar = start(f'policy = "{policy}"')

    policy.write_text("[session]\nmax_per_user = -3\nnonsense = 1\n")
    sidecar.until(lambda: sidecar.metric("sidecar_policy_reload_success") == 0, "refused")
    sidecar.until(lambda: '"event":"reload_reported"' in sidecar.log, "reported")
    for worker in sidecar.workers():
        os.kill(worker, signal.SIGKILL)
    sidecar.until(lambda: sidecar.metric("sidecar_worker_restarts_total") == 2, "noticed")
    sidecar.until(lambda: sidecar.metric("sidecar_workers_ready") == 2, "whole again")

    assert address.get()[1] == "3"
    assert sidecar.log.count('"event":"policy_refused"') == 2
    assert sidecar.log.count('"event":"reload_reported"') == 1


def test_f25_given_named_files_that_vanish_when_a_worker_is_killed_then_it_is_replaced(
    start: Start, address: Address, tmp_path: Path
) -> None:
    write_certificate(tmp_path, "localhost")
    for name in ("cert.pem", "key.pem", "ca.pem", "policy.toml", "secret"):
        (tmp_path / name).touch()
    (tmp_path / "ca.pem").write_bytes((tmp_path / "cert.pem").read_bytes())
    (tmp_path / "secret").write_text("s" * 32)
    sidecar = start(
        """upstream = "https://app"
        secret_file = "secret"
        policy = "policy.toml"
        upstream_options.ca = "ca.pem"
        tls = {certificate = "cert.pem", key = "key.pem"}"""
    )
    sidecar.until(lambda: sidecar.metric("sidecar_workers_ready") == 2, "all workers ready")
    before = sidecar.workers()
    authority = (tmp_path / "ca.pem").read_text()

    for name in ("cert.pem", "ca.pem", "policy.toml", "secret"):
        (tmp_path / name).unlink()
    (tmp_path / "key.pem").write_text("half a ke")
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    sidecar.until(lambda: sidecar.metric("sidecar_worker_restarts_total") == 2, "noticed")
    sidecar.until(lambda: sidecar.metric("sidecar_workers_ready") == 2, "whole again")

    client = ssl.create_default_context(cadata=authority)
    with urllib.request.urlopen(f"https://localhost:{address.port}/", context=client) as answer:
        assert int(answer.read().split()[0]) in set(sidecar.workers()) - set(before)


def test_given_authorities_that_are_none_when_it_starts_then_one_line_says_so(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_text("none")

    sidecar = start('upstream = "https://app"\nupstream_options.ca = "ca.pem"', ready=False)

    assert sidecar.ended() == 1
    assert f"sidecar: cannot use the authorities in {tmp_path}/ca.pem: it holds no" in sidecar.log


def test_given_a_port_in_use_when_it_starts_then_one_line_says_so(
    start: Start, address: Address
) -> None:
    start()

    second = start(ready=False)

    assert second.ended() == 1
    assert f"cannot listen on 127.0.0.1:{address.port}" in second.log
    assert "Traceback" not in second.log


def test_given_workers_that_cannot_start_when_it_starts_then_it_gives_up_with_one_line(
    start: Start,
) -> None:
    sidecar = start(function="refuse", ready=False)

    assert sidecar.ended() == 1
    assert "sidecar: the workers do not start" in sidecar.log


def test_given_secrets_in_the_settings_when_workers_run_then_no_argument_shows_them(
    start: Start, address: Address
) -> None:
    sidecar = start('upstream = "http://app.internal:81"\n[redis]\nurl = "redis://:hunter2@r"')

    shown = b"".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in sidecar.workers())

    assert b"hunter2" not in shown
    assert address.get()[2] == "http://app.internal:81"


def test_f16_given_room_for_fewer_clients_when_workers_are_to_be_ordered_then_they_take_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sidecar.supervisor.allow_connections", lambda clients, upstream: 32)

    settings = with_room(settings_of({"state_dir": "/nowhere"}))

    assert settings.limits.max_connections == 32
