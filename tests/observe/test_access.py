import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from sidecar.observe.access import BATCH, INTERVAL, AccessLog
from sidecar.observe.output import LineWriter

NOW = 1_790_000_000.25


class Log:
    """An access log into a file, and what the file says."""

    def __init__(self, path: Path, *, pretty: bool = False) -> None:
        self._path = path
        self._writer = LineWriter(os.open(path, os.O_WRONLY | os.O_CREAT))
        self.log = AccessLog(self._writer, pretty=pretty, now=lambda: NOW)

    def write(self, path: str = "/", handle: str | None = None, status: int = 200) -> None:
        self.log.write(
            "r1", "GET", path, status, "allow", handle, None, "192.0.2.1", 5, 0.25, 0.001, 0.2
        )

    def text(self) -> str:
        self.log.flush()
        return self.written()

    def written(self) -> str:
        assert self._writer.flush()
        return self._path.read_text()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]


@pytest.fixture
def access(tmp_path: Path) -> Log:
    return Log(tmp_path / "access")


async def test_given_a_request_when_it_is_over_then_its_line_says_all_about_it(access: Log) -> None:
    access.write("/app", handle="h" * 30)

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
            "userId": None,
            "clientIp": "192.0.2.1",
            "bytes": 5,
            "seconds": 0.25,
            "gateSeconds": 0.001,
            "upstreamSeconds": 0.2,
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
    access.write(path)

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

    access.write(before + token)
    access.write("/x/sst_secret")

    assert "sss" not in access.text()
    assert "sst_secret" not in access.text()


async def test_given_few_lines_when_a_moment_passes_then_they_are_written_by_themselves(
    access: Log,
) -> None:
    access.write()

    await asyncio.sleep(2 * INTERVAL)

    assert access.written().count("\n") == 1


async def test_given_a_full_batch_when_it_is_complete_then_it_is_written_at_once(
    access: Log,
) -> None:
    for _ in range(BATCH + 1):
        access.write()

    assert access.written().count("\n") >= BATCH
    assert access.text().count("\n") == BATCH + 1


async def test_given_a_terminal_when_a_request_is_logged_then_the_line_is_for_people(
    tmp_path: Path,
) -> None:
    access = Log(tmp_path / "access", pretty=True)

    access.write("/app\x1b[2J", status=401)

    assert access.text() == (
        "14:13:20.000 info    GET /app\\u001b[2J 401 allow 250.0ms 5B 192.0.2.1\n"
    )


async def test_given_access_lines_are_off_when_a_request_is_over_then_nothing_happens() -> None:
    log = AccessLog(None)

    log.write("r1", "GET", "/", 200, "allow", None, None, "::1", 0, 0.1, 0.0, 0.0)
    log.flush()
