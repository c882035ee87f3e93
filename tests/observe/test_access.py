import json
import os
from pathlib import Path
from typing import Any

import pytest

from sidecar.core.session import Handle, Session
from sidecar.core.trace_context import Trace
from sidecar.observe.access import AccessLog, Finished
from sidecar.observe.output import LineWriter
from tests.store.seeds import a_session

NOW = 1_790_000_000.0


def finished(
    path: str = "/",
    *,
    session: Session | None = None,
    status: int = 200,
    client_ip: str = "192.0.2.1",
    method: str = "GET",
    decided: float = 9.001,
    forwarded: bool = True,
    trace: Trace | None = None,
) -> Finished:
    """Return a request of a quarter of a second that began at 9.0 of the caller's clock."""
    return (
        9.25, 9.0, decided, forwarded, trace,
        "r1", method, path, status, "allow", session, client_ip, 5,
    )  # fmt: skip


class Log:
    """An access log into a file, and what the file says."""

    def __init__(self, path: Path, *, pretty: bool = False, addresses: bool = False) -> None:
        self._path = path
        self._writer = LineWriter(os.open(path, os.O_WRONLY | os.O_CREAT))
        self._log = AccessLog(self._writer, pretty=pretty, addresses=addresses)

    def write(self, *entries: Finished) -> None:
        self._log.write(entries, NOW - 9.0)

    def text(self) -> str:
        assert self._writer.flush()
        return self._path.read_text()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]


@pytest.fixture
def access(tmp_path: Path) -> Log:
    return Log(tmp_path / "access")


async def test_given_a_request_when_it_is_over_then_its_line_says_all_about_it(access: Log) -> None:
    access.write(finished("/app", session=a_session(handle=Handle("h" * 30), user_id="u1")))

    assert access.lines() == [
        {
            "at": "2026-09-21T14:13:20.000Z",
            "level": "info",
            "event": "request",
            "requestId": "r1",
            "method": "GET",
            "path": "/app",
            "status": 200,
            "verdict": "allow",
            "handle": "h" * 30,
            "userId": "u1",
            "bytes": 5,
            "seconds": 0.25,
            "gateSeconds": 0.001,
            "upstreamSeconds": 0.249,
        }
    ]


@pytest.mark.parametrize(
    "path",
    [
        '/"},{"at":"x',
        "/a\r\n{}",
        "/\x1b[31mred",
        "/\u2028\u2029\x85",
        "/\udcff",
        "/\\",
        "/\x00",
        "/" + "a" * (1 << 20),
    ],
    ids=["quote", "crlf", "ansi", "separators", "surrogate", "backslash", "nul", "endless"],
)
async def test_s88_given_a_hostile_path_when_it_is_logged_then_it_is_one_short_line_of_ascii(
    access: Log, path: str
) -> None:
    access.write(finished(path))

    text = access.text()

    assert text.isascii()
    assert text.isprintable() or text[:-1].isprintable()
    assert len(text) < 4096
    (line,) = access.lines()
    assert line["path"].encode("utf-8")


@pytest.mark.parametrize("before", ["/", "/" + "a" * 2000])
async def test_s55_given_a_token_in_a_path_when_it_is_logged_then_it_is_hidden(
    access: Log, before: str
) -> None:
    token = f"1.abc123.{'h' * 30}.{'s' * 43}.{'m' * 22}"

    access.write(finished(before + token), finished("/x/sst_secret"))

    assert "sss" not in access.text()
    assert "sst_secret" not in access.text()


async def test_given_a_request_that_nobody_decided_about_when_it_is_logged_then_its_spans_are_zero(
    access: Log,
) -> None:
    access.write(finished(decided=0.0, forwarded=False))

    (line,) = access.lines()
    assert (line["seconds"], line["gateSeconds"], line["upstreamSeconds"]) == (0.25, 0.0, 0.0)
    assert (line["handle"], line["userId"]) == (None, None)


async def test_given_a_request_of_a_trace_when_it_is_logged_then_the_line_names_the_trace(
    access: Log,
) -> None:
    access.write(finished(trace=Trace("0af7" * 8, "b7ad" * 4, sampled=False)), finished())

    assert [line.get("traceId") for line in access.lines()] == ["0af7" * 8, None]


async def test_s88_given_a_hostile_address_when_it_is_logged_then_it_stays_inside_its_string(
    tmp_path: Path,
) -> None:
    access = Log(tmp_path / "access", addresses=True)

    access.write(finished(client_ip='fe80::1%"},\r\n{"x'))

    (line,) = access.lines()
    assert line["clientIp"] == 'fe80::1%"},\r\n{"x'


async def test_given_many_requests_when_they_are_written_then_their_order_is_kept(
    access: Log,
) -> None:
    access.write(*(finished(f"/{number}") for number in range(300)))
    access.write(finished("/last"))

    assert [line["path"] for line in access.lines()] == [*(f"/{n}" for n in range(300)), "/last"]


async def test_given_a_terminal_when_a_request_is_logged_then_the_line_is_for_people(
    tmp_path: Path,
) -> None:
    access = Log(tmp_path / "access", pretty=True)

    access.write(finished("/app\x1b[2J", status=401))

    assert access.text() == ("14:13:20.000 info    GET /app\\u001b[2J 401 allow 250.0ms 5B r1\n")

    session = a_session()
    access.write(finished(session=session, trace=Trace("ab" * 16, "", True)))
    last = access.text().splitlines()[-1]
    assert last.endswith(f" 5B r1 {session.handle} {session.user_id} {'ab' * 16}")


@pytest.mark.parametrize("pretty", [False, True])
async def test_given_addresses_are_wanted_when_a_request_is_logged_then_the_line_has_the_clients(
    tmp_path: Path, pretty: bool
) -> None:
    without = Log(tmp_path / "without", pretty=pretty)
    access = Log(tmp_path / "with", pretty=pretty, addresses=True)

    without.write(finished())
    access.write(finished())

    assert "192.0.2.1" not in without.text()
    assert "192.0.2.1" in access.text()
