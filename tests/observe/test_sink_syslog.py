"""Syslog over TCP and TLS, to a receiver that takes every message apart."""

import asyncio
import ssl
from pathlib import Path

import pytest

from sidecar.core.address import TcpAddress
from sidecar.core.audit_sinks import SinkDown
from sidecar.observe.sink_syslog import SyslogSink, framed, message, tls_context
from tests.certificates import write_certificate
from tests.observe.entries import an_entry, line
from tests.observe.syslog_server import a_syslog_server
from tests.ports import free_port

ENTRIES = [an_entry(number) for number in range(50)]
IDS = [entry.id for entry in ENTRIES]


def a_sink(port: int, tls: ssl.SSLContext | None = None, patience: float = 5.0) -> SyslogSink:
    return SyslogSink(
        TcpAddress("127.0.0.1", port), lambda one: line(one)[:-1], tls, patience=patience
    )


def server_context(folder: Path) -> ssl.SSLContext:
    write_certificate(folder, "127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize("secure", [False, True])
async def test_given_a_receiver_then_it_gets_messages_of_rfc_5424_in_order(
    tmp_path: Path, secure: bool
) -> None:
    context = server_context(tmp_path) if secure else None
    async with a_syslog_server(context) as server:
        sink = a_sink(server.port, tls_context(tmp_path / "cert.pem") if secure else None)
        for begin in range(0, 50, 10):
            await sink.write(ENTRIES[begin : begin + 10])
        assert sink.stands()
        await server.until(set(IDS))
        await sink.close()

    assert server.ids == IDS
    first = server.messages[0]
    assert (first.priority, first.app, first.kind) == (109, "session-sidecar", "user.created")
    assert not sink.stands()


async def test_given_a_certificate_that_nobody_vouches_for_then_nothing_is_sent(
    tmp_path: Path,
) -> None:
    async with a_syslog_server(server_context(tmp_path)) as server:
        with pytest.raises(SinkDown, match="tls"):
            await a_sink(server.port, tls_context(None)).write(ENTRIES)

    assert server.messages == []


async def test_given_a_receiver_that_is_stuck_then_the_write_ends() -> None:
    async with a_syslog_server() as server:
        server.deaf = True
        large = [an_entry(number, reason="x") for number in range(200_000)]
        with pytest.raises(SinkDown, match="no answer in time"):
            await a_sink(server.port, patience=0.3).write(large)


async def test_given_nobody_then_the_sink_is_down_and_says_why() -> None:
    with pytest.raises(SinkDown, match="refused"):
        await a_sink(free_port()).write(ENTRIES)


async def test_given_a_receiver_that_went_then_it_shows_and_the_next_write_connects_anew() -> None:
    async with a_syslog_server() as server:
        sink = a_sink(server.port)
        await sink.write(ENTRIES[:1])
        await server.until(set(IDS[:1]))
        server.crash()
        async with asyncio.timeout(10):
            while sink.stands():  # noqa: ASYNC110 (nothing tells)
                await asyncio.sleep(0.01)
        with pytest.raises(SinkDown, match="closed"):
            await sink.write(ENTRIES[1:2])
        await sink.write(ENTRIES[1:2])
        await server.until(set(IDS[:2]))
        await sink.close()


def test_given_a_refused_act_then_it_is_a_warning_and_lengths_are_of_bytes() -> None:
    refused = message(an_entry(1, outcome="refused"), "é".encode())

    assert refused.startswith(b"<108>1 2026-05-17T09:30:00.000Z ")
    assert refused.endswith(" user.created - é".encode())
    assert framed(b"12345") == b"5 12345"
    assert framed("é".encode()) == b"2 \xc3\xa9"
