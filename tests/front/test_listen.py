import os
import socket
import stat
from pathlib import Path

import pytest

from sidecar.core.address import TcpAddress, UnixAddress
from sidecar.front.listen import AddressRefused, Listener


def port_of(listener: Listener) -> int:
    assert isinstance(listener.address, TcpAddress)
    return listener.address.port


def test_given_port_zero_when_it_is_taken_then_all_workers_share_the_port_that_was_chosen() -> None:
    listener = Listener(TcpAddress("127.0.0.1", 0))

    one, two = listener.sockets()[0], listener.sockets()[0]
    one.listen()
    two.listen()

    assert one.getsockname() == two.getsockname() == ("127.0.0.1", port_of(listener))
    socket.create_connection(one.getsockname()).close()


def test_given_a_port_in_use_when_it_is_taken_then_it_is_refused_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(AddressRefused) as refused:
            Listener(TcpAddress("127.0.0.1", port))

    assert str(refused.value) == f"cannot listen on 127.0.0.1:{port}: address already in use"


@pytest.mark.parametrize("workers", [0, 1], ids=["not_yet_serving", "serving"])
def test_given_another_sidecar_on_the_port_when_it_is_taken_then_it_is_refused(
    workers: int,
) -> None:
    other = Listener(TcpAddress("127.0.0.1", 0))
    serving = other.sockets() if workers else []
    for worker in serving:
        worker.listen()

    with pytest.raises(AddressRefused):
        Listener(other.address)

    other.close()


def test_given_connections_of_an_earlier_run_when_the_port_is_taken_then_it_is_ours() -> None:
    first = Listener(TcpAddress("127.0.0.1", 0))
    (worker,) = first.sockets()
    worker.listen()
    client = socket.create_connection(worker.getsockname())
    accepted, _ = worker.accept()
    accepted.close()
    client.close()
    worker.close()
    first.close()

    Listener(first.address).close()


def test_given_an_ipv6_address_when_it_is_taken_then_it_answers_there() -> None:
    listener = Listener(TcpAddress("::1", 0))

    (worker,) = listener.sockets()
    worker.listen()

    assert worker.family == socket.AF_INET6
    socket.create_connection(("::1", port_of(listener))).close()


def test_given_a_name_that_nobody_knows_when_it_is_taken_then_it_is_refused_in_one_line() -> None:
    with pytest.raises(AddressRefused, match="no such host"):
        Listener(TcpAddress("no-such-host.invalid", 8080))


def test_given_a_unix_socket_when_it_is_taken_then_workers_share_it_and_it_goes_at_the_end(
    tmp_path: Path,
) -> None:
    path = tmp_path / "s"
    listener = Listener(UnixAddress(str(path)))

    (worker,) = listener.sockets()
    worker.listen()
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))

    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    listener.close()
    assert not path.exists()


def test_given_the_unix_socket_of_a_dead_process_when_it_is_taken_then_it_is_replaced(
    tmp_path: Path,
) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)

    Listener(UnixAddress(path)).close()

    assert not os.path.exists(path)


def test_given_a_unix_socket_that_answers_when_it_is_taken_then_it_is_refused(
    tmp_path: Path,
) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(path)
        other.listen()

        with pytest.raises(AddressRefused, match="already in use"):
            Listener(UnixAddress(path))

    assert os.path.exists(path)


def test_given_a_file_in_the_place_of_the_socket_when_it_is_taken_then_the_file_stays(
    tmp_path: Path,
) -> None:
    file = tmp_path / "s"
    file.write_text("mine")

    with pytest.raises(AddressRefused):
        Listener(UnixAddress(str(file)))

    assert file.read_text() == "mine"
