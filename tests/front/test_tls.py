import asyncio
import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from sidecar.front.tls import CertificateInvalid, ServerTls
from tests.certificates import write_certificate

OFTEN = timedelta(milliseconds=5)


@pytest.fixture
def tls(tmp_path: Path) -> ServerTls:
    write_certificate(tmp_path, "first")
    return ServerTls(tmp_path / "cert.pem", tmp_path / "key.pem")


@pytest.fixture
def port(tls: ServerTls) -> Iterator[int]:
    """A port where each connection gets a handshake with the live context, and then ends."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            try:
                tls.context.wrap_socket(connection, server_side=True).close()
            except (OSError, ssl.SSLError):
                connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def shown_name(port: int) -> object:
    """Return the common name of the certificate that a new handshake gets."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        client.wrap_socket(plain) as secure,
    ):
        certificate = x509.load_der_x509_certificate(secure.getpeercert(True) or b"")
        return certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_given_an_old_client_when_it_asks_for_tls_1_1_then_it_is_refused(port: int) -> None:
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    client.set_ciphers("ALL:@SECLEVEL=0")
    client.minimum_version = ssl.TLSVersion.TLSv1_1
    client.maximum_version = ssl.TLSVersion.TLSv1_1

    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        client.wrap_socket(plain)


def test_given_a_client_that_offers_http2_when_it_connects_then_http_1_1_is_chosen(
    port: int,
) -> None:
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    client.set_alpn_protocols(["h2", "http/1.1"])

    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        client.wrap_socket(plain) as secure,
    ):
        assert secure.selected_alpn_protocol() == "http/1.1"


def test_given_a_new_pair_of_files_when_it_is_reloaded_then_new_handshakes_show_it(
    tls: ServerTls, port: int, tmp_path: Path
) -> None:
    assert shown_name(port) == "first"

    write_certificate(tmp_path, "second")
    tls.reload()

    assert shown_name(port) == "second"


def test_given_a_pair_that_does_not_match_when_it_is_reloaded_then_the_old_one_stays(
    tls: ServerTls, port: int, tmp_path: Path
) -> None:
    key = (tmp_path / "key.pem").read_bytes()
    write_certificate(tmp_path, "second")
    (tmp_path / "key.pem").write_bytes(key)

    with pytest.raises(CertificateInvalid, match="mismatch"):
        tls.reload()

    assert shown_name(port) == "first"


async def test_given_a_good_pair_when_its_files_are_gone_then_it_serves_until_they_are_back(
    tls: ServerTls, tmp_path: Path
) -> None:
    (tmp_path / "cert.pem").unlink()
    (tmp_path / "key.pem").write_text("half a ke")

    later = ServerTls(tmp_path / "cert.pem", tmp_path / "key.pem", tls.pair)
    watching = asyncio.create_task(later.watch(OFTEN))
    await asyncio.sleep(0.1)
    assert later.pair == tls.pair
    write_certificate(tmp_path, "second")

    for _ in range(1000):
        if later.pair != tls.pair:
            break
        await asyncio.sleep(0.01)
    watching.cancel()
    assert later.pair.certificate == (tmp_path / "cert.pem").read_bytes()
    assert b"PRIVATE KEY" not in repr(later.pair).encode()


async def test_given_files_that_change_when_they_are_watched_then_the_good_ones_are_taken(
    tls: ServerTls, port: int, tmp_path: Path
) -> None:
    watching = asyncio.create_task(tls.watch(OFTEN))
    (tmp_path / "cert.pem").write_text("half a fi")
    await asyncio.sleep(0.1)
    assert await asyncio.to_thread(shown_name, port) == "first"

    fresh = tmp_path / "fresh"
    fresh.mkdir()
    write_certificate(fresh, "second")
    shutil.move(fresh / "cert.pem", tmp_path / "cert.pem")
    shutil.move(fresh / "key.pem", tmp_path / "key.pem")

    for _ in range(1000):
        if await asyncio.to_thread(shown_name, port) == "second":
            break
        await asyncio.sleep(0.01)
    else:
        pytest.fail("the new certificate was never shown")
    watching.cancel()


def test_given_files_that_are_not_there_when_they_are_read_then_one_line_says_so(
    tmp_path: Path,
) -> None:
    with pytest.raises(CertificateInvalid, match="no such file"):
        ServerTls(tmp_path / "cert.pem", tmp_path / "key.pem")


def test_given_an_encrypted_key_when_it_is_read_then_it_is_refused_without_a_question(
    tmp_path: Path,
) -> None:
    write_certificate(tmp_path, "locked", password=b"hunter2")

    with pytest.raises(CertificateInvalid, match="cannot use"):
        ServerTls(tmp_path / "cert.pem", tmp_path / "key.pem")
