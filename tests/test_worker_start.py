"""The start of a worker process: what it keeps from aiohttp, our own contexts still have."""

import importlib
import os
import ssl
import threading
import urllib.request
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sidecar.worker_start import without_authorities, without_package
from tests.certificates import write_certificate
from tests.journeys.running import Product


def trusted() -> int:
    return ssl.create_default_context().cert_store_stats()["x509"]


def test_given_an_authority_of_the_operators_when_the_libraries_load_then_it_counts_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_certificate(tmp_path, "authority")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    before = trusted()

    with without_authorities():
        meanwhile = trusted()

    assert (before, meanwhile, trusted()) == (1, 0, 1)
    assert "SSL_CERT_DIR" not in os.environ


def test_given_a_failure_while_the_libraries_load_then_the_environment_is_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/its/own")

    with pytest.raises(ImportError), without_authorities():
        raise ImportError

    assert os.environ["SSL_CERT_FILE"] == "/its/own"


def test_given_a_package_is_hidden_when_it_is_imported_then_it_is_not_there_and_later_it_is() -> (
    None
):
    with pytest.raises(ModuleNotFoundError), without_package("wave"):
        importlib.import_module("wave")

    assert importlib.import_module("wave").__name__ == "wave"


def test_given_an_https_upstream_when_its_authority_is_in_the_environment_then_it_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_certificate(tmp_path, "upstream")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    upstream.socket = tls.wrap_socket(upstream.socket, server_side=True)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    monkeypatch.setenv("SIDECAR_UPSTREAM", f"https://127.0.0.1:{upstream.server_port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", os.devnull)
    product = Product(upstream.server_port, policy='[[routes]]\npath = "/**"\nallow = "anyone"\n')
    try:
        product.start()
        answer = urllib.request.urlopen(
            urllib.request.Request(
                f"http://127.0.0.1:{product.port}/", method="HEAD", headers={"Host": "app.example"}
            )
        )
    finally:
        product.remove()
        upstream.shutdown()
        upstream.server_close()

    assert answer.status == 200
