"""The load: wrk on its core, with the answers counted by status and the figures as JSON."""

import http.client
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.machine import CannotMeasure, Programs

_SCRIPT = """\
wrk.method = "{method}"
local size = {size}
if size > 0 then wrk.body = string.rep("u", size) end

function done(summary, latency, requests)
   local e = summary.errors
   io.write(string.format(
      '\\nRESULT {{"requests": %d, "microseconds": %d, "bytes": %d, "p50": %d, "p99": %d, '
      .. '"refused": %d, "broken": %d}}\\n',
      summary.requests, summary.duration, summary.bytes,
      latency:percentile(50), latency:percentile(99),
      e.status, e.connect + e.read + e.write + e.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for. upload: bytes of the body of each request; then it is a POST."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    upload: int = 0


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back. refused: status 400 and above. seconds: as wrk measured them."""

    requests: int
    seconds: float
    received: int
    p50: float
    p99: float
    refused: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


class Load:
    """Runs wrk: one thread, kept-alive connections."""

    def __init__(self, core: int, programs: Programs, folder: Path) -> None:
        self._core = core
        self._wrk = programs.wrk
        self._folder = folder

    def run(self, target: Target, connections: int, seconds: float) -> Answers:
        """Ask for `seconds`. Raises CannotMeasure when wrk failed or connections broke."""
        script = self._folder / f"wrk-{target.upload}.lua"
        method = "POST" if target.upload else "GET"
        script.write_text(_SCRIPT.format(method=method, size=target.upload), encoding="ascii")
        command = ["taskset", "--cpu-list", str(self._core), self._wrk]
        command += ["--threads", "1", "--connections", str(connections), "--timeout", "10s"]
        command += ["--duration", f"{max(1, round(seconds))}s", "--script", str(script)]
        for name, value in target.headers.items():
            command += ["--header", f"{name}: {value}"]
        done = subprocess.run(
            [*command, target.url],
            capture_output=True,
            text=True,
            timeout=seconds + 30,
            check=False,
            start_new_session=True,
        )
        return _read(done.stdout, done.stderr, target.url)


def _read(output: str, errors: str, url: str) -> Answers:
    _, found, result = output.rpartition("\nRESULT ")
    if not found:
        raise CannotMeasure(f"wrk failed on {url}: {(errors or output).strip()[-500:]}")
    figures: dict[str, int] = json.loads(result)
    if not figures["requests"]:
        raise CannotMeasure(f"no answer came from {url}")
    if figures["broken"]:
        raise CannotMeasure(f"{figures['broken']} connections or answers of {url} broke")
    return Answers(
        requests=figures["requests"],
        seconds=figures["microseconds"] / 1e6,
        received=figures["bytes"],
        p50=figures["p50"] / 1e6,
        p99=figures["p99"] / 1e6,
        refused=figures["refused"],
    )


def ask(target: Target, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    """Ask once; return status and body. Raises CannotMeasure when there is no answer."""
    parts = urlsplit(target.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        headers = dict(target.headers)
        if target.upload:
            method, body = "POST", b"u" * target.upload
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise CannotMeasure(f"no answer from {target.url}: {error!r}") from None
    finally:
        connection.close()
