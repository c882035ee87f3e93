"""The whole product as processes: `sidecar run`, two workers, its own Redis, a small upstream."""

import http.client
import json
import os
import signal
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.certificates import write_certificate
from tests.ports import free_port
from tests.running import Running, config_file

Start = Callable[..., Running]
PUBLIC = 'sidecar_requests_total{verdict="public"}'


class Upstream:
    """Answers at once, or at `/open/slow` once it may."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.may_answer = threading.Event()
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path == "/open/slow":
                    upstream.asked.set()
                    upstream.may_answer.wait(30)
                self.send_response(200)
                self.send_header("Content-Length", "5")
                self.end_headers()
                self.wfile.write(b"hello")

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.may_answer.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    upstream = Upstream()
    yield upstream
    upstream.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for Unix sockets."""
    with tempfile.TemporaryDirectory(prefix="scw-", dir="/tmp") as path:
        yield Path(path)


@pytest.fixture
def start(folder: Path, upstream: Upstream) -> Iterator[Start]:
    started: list[Running] = []
    (folder / "policy.toml").write_text('[[routes]]\npath = "/open/**"\nallow = "anyone"\n')

    def _start(listen: str, text: str = "") -> Running:
        ops = free_port()
        config = config_file(
            folder,
            f"""listen = "{listen}"
            upstream = "http://127.0.0.1:{upstream.server.server_port}"
            public_url = "https://app.example"
            policy = "policy.toml"
            workers = 2
            {text}
            [ops]
            listen = "127.0.0.1:{ops}"
            """,
        )
        running = Running(["-m", "sidecar", "run", "--config", str(config)], ops)
        started.append(running)
        running.until_ready()
        running.until(lambda: running.metric("sidecar_workers_ready") == 2, "all workers ready")
        return running

    yield _start
    for running in started:
        running.signal(signal.SIGTERM)
        if running.process.poll() is None:
            running.process.wait(30)
        running.close()


def ask(port: int, path: str = "/open/page", *, host: str = "127.0.0.1") -> int:
    """Ask on a connection of its own; return the status."""
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": "app.example"})
        return connection.getresponse().status
    finally:
        connection.close()


def test_given_two_workers_when_requests_come_then_their_metrics_add_up(start: Start) -> None:
    port = free_port()
    sidecar = start(f"127.0.0.1:{port}")

    statuses = {ask(port) for _ in range(40)}
    refused = ask(port, "/closed")

    assert (statuses, refused) == ({200}, 401)
    sidecar.until(lambda: sidecar.metric("sidecar_request_seconds_count") == 41, "counted")
    assert sidecar.metric(PUBLIC) == 40
    assert sidecar.metric('sidecar_requests_total{verdict="sign_in"}') == 1


def test_given_two_workers_on_one_output_when_it_ended_then_no_line_is_lost_or_torn(
    start: Start,
) -> None:
    port = free_port()
    sidecar = start(f"127.0.0.1:{port}")

    statuses = {ask(port) for _ in range(200)}
    sidecar.signal(signal.SIGTERM)

    assert (sidecar.ended(), statuses) == (0, {200})
    lines = [json.loads(line) for line in sidecar.log.splitlines()]
    assert sum(line["event"] == "request" for line in lines) == 200
    assert lines[-1]["event"] == "sidecar_stopped"


def test_f25_given_a_worker_is_killed_when_requests_go_on_then_it_is_replaced_and_counts_stay(
    start: Start,
) -> None:
    port = free_port()
    sidecar = start(f"127.0.0.1:{port}")
    for _ in range(20):
        ask(port)
    sidecar.until(lambda: sidecar.metric(PUBLIC) == 20, "counted")
    before = set(sidecar.workers())

    for worker in before:
        os.kill(worker, signal.SIGKILL)
    sidecar.until(lambda: sidecar.metric("sidecar_worker_restarts_total") == 2, "noticed")
    assert sidecar.metric(PUBLIC) == 20
    sidecar.until(lambda: sidecar.metric("sidecar_workers_ready") == 2, "whole again")
    sidecar.until_ready()

    assert ask(port) == 200
    sidecar.until(lambda: sidecar.metric(PUBLIC) == 21, "counted")
    assert not before & set(sidecar.workers())


def test_f17_given_a_request_in_flight_when_sigterm_comes_then_it_finishes_and_the_exit_code_is_0(
    start: Start, upstream: Upstream
) -> None:
    port = free_port()
    sidecar = start(f"127.0.0.1:{port}")
    idle = socket.create_connection(("127.0.0.1", port))
    slow = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    slow.request("GET", "/open/slow", headers={"Host": "app.example"})
    assert upstream.asked.wait(10)

    sidecar.signal(signal.SIGTERM)
    sidecar.until(lambda: not accepts(port), "closed to new connections")
    assert idle.recv(1) == b""
    upstream.may_answer.set()
    answer = slow.getresponse()

    assert (answer.status, answer.read()) == (200, b"hello")
    assert sidecar.ended() == 0
    assert "Traceback" not in sidecar.log


def test_f17_given_pre_stop_when_sigterm_comes_then_readyz_fails_before_requests_do(
    start: Start,
) -> None:
    port = free_port()
    sidecar = start(f"127.0.0.1:{port}", 'pre_stop = "3s"')

    sidecar.signal(signal.SIGTERM)
    sidecar.until(lambda: sidecar.ops("/readyz") == 503, "not ready")

    assert ask(port) == 200
    assert sidecar.ops("/livez") == 200
    assert sidecar.ended() == 0


def test_f01_given_the_store_stops_when_it_answers_again_then_readyz_follows(
    start: Start,
) -> None:
    port = free_port()
    sidecar = start(f"127.0.0.1:{port}")
    (store,) = [
        child for child in psutil.Process(sidecar.process.pid).children() if "redis" in child.name()
    ]

    store.suspend()
    try:
        sidecar.until(lambda: sidecar.ops("/readyz") == 503, "not ready")
        assert sidecar.metric("sidecar_store_up") == 0
        assert sidecar.ops("/livez") == 200
        assert ask(port) == 200
    finally:
        store.resume()

    sidecar.until_ready()
    assert sidecar.metric("sidecar_store_up") == 1


def test_given_an_ipv6_address_when_it_listens_there_then_it_answers(start: Start) -> None:
    port = free_port()
    start(f"[::1]:{port}")

    assert ask(port, host="::1") == 200


def test_given_a_unix_socket_when_it_listens_there_then_all_workers_answer(
    start: Start, folder: Path
) -> None:
    path = folder / "front.sock"
    sidecar = start(f"unix:{path}")

    for _ in range(20):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(b"GET /open/page HTTP/1.1\r\nHost: app.example\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 200")
    sidecar.signal(signal.SIGTERM)

    assert sidecar.ended() == 0
    assert not path.exists()


@pytest.mark.parametrize(("trusted", "status"), [("unix", b"200"), ("10.0.0.0/8", b"401")])
def test_given_a_unix_socket_when_a_proxy_asks_by_it_then_it_is_answered_if_unix_is_trusted(
    start: Start, folder: Path, trusted: str, status: bytes
) -> None:
    path = folder / "front.sock"
    start(f"unix:{path}", f'trusted_proxies = ["{trusted}"]')

    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(b"GET /_sidecar/auth HTTP/1.1\r\nHost: a\r\nX-Original-URI: /open/x\r\n\r\n")
        assert client.recv(100).split()[1] == status


def test_given_a_certificate_when_its_files_are_replaced_then_new_connections_see_the_new_one(
    start: Start, folder: Path
) -> None:
    write_certificate(folder, "first")
    port = free_port()
    sidecar = start(f"127.0.0.1:{port}", '[tls]\ncertificate = "cert.pem"\nkey = "key.pem"\n')
    assert shown_name(port) == "first"

    write_certificate(folder, "second")

    sidecar.until(lambda: {shown_name(port) for _ in range(8)} == {"second"}, "renewed")


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


def shown_name(port: int) -> object:
    """Ask by TLS; return the common name in the certificate that was shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        context.wrap_socket(plain) as secure,
    ):
        secure.sendall(b"GET /open/page HTTP/1.1\r\nHost: app.example\r\n\r\n")
        assert secure.recv(100).startswith(b"HTTP/1.1 200")
        certificate = x509.load_der_x509_certificate(secure.getpeercert(True) or b"")
    return certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
