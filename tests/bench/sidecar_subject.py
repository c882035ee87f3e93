"""The sidecar as its users run it: `sidecar run` with one worker, a person, a signed-in cookie."""

import http.client
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from tests.bench.children import Child, free_port, start, until_ready
from tests.bench.load import Target, ask
from tests.bench.machine import CannotMeasure

COMMAND = (sys.executable, "-m", "sidecar")
MOUNT = "/_sidecar"
_PERSON = "bench"

# Everything that costs something is on: metrics on the ops listener, JSON access lines to a file.
_CONFIG = """\
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
upstream = "{upstream}"
workers = 1
state_dir = "state"
trusted_proxies = ["127.0.0.1/32"]
[redis]
url = "{redis_url}"
prefix = "{prefix}"
[ops]
listen = "127.0.0.1:{ops_port}"
[log]
format = "json"
access = true
"""


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A sidecar that runs. access_log: the file that its output goes to."""

    url: str
    ops_url: str
    child: Child
    password: str

    @property
    def pid(self) -> int:
        return self.child.pid

    @property
    def worker(self) -> int:
        """The process id of the one worker, a direct child of `sidecar run`."""
        workers = psutil.Process(self.pid).children()
        if len(workers) != 1:
            raise CannotMeasure(f"`sidecar run` has {len(workers)} children, expected one worker")
        return workers[0].pid

    def sign_in(self) -> str:
        """Return the value of the `Cookie` field of a new session."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
        body = json.dumps({"username": _PERSON, "password": self.password})
        headers = {"Content-Type": "application/json", "Origin": self.url}
        try:
            connection.request("POST", f"{MOUNT}/login", body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise CannotMeasure(f"sign-in at the sidecar failed: {error!r}") from None
        finally:
            connection.close()
        cookies = SimpleCookie(answer.headers.get("Set-Cookie", ""))
        if answer.status != 200 or not cookies:
            raise CannotMeasure(f"sign-in at the sidecar was answered {answer.status}")
        return "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())


@contextmanager
def running_sidecar(
    upstream: str,
    redis_url: str,
    core: int,
    folder: Path,
    command: Sequence[str] = COMMAND,
    role: str = "user",
) -> Iterator[Sidecar]:
    """Run a sidecar with a person of its own in `folder`, which exists and is empty.

    command: what `run --config FILE` is added to. role: of the person. At the end it must have
    counted the requests and written a line for each, or CannotMeasure is raised: the figures are
    for a product that does both.
    """
    port, ops_port = free_port(), free_port()
    config = folder / "sidecar.toml"
    config.write_text(
        _CONFIG.format(
            port=port,
            ops_port=ops_port,
            upstream=upstream,
            redis_url=redis_url,
            prefix=prefix_of(folder),
        ),
        encoding="utf-8",
    )
    password = secrets.token_urlsafe(24)
    _add_person(config, password, role)
    ops_url = f"http://127.0.0.1:{ops_port}"
    with start(folder.name, [*command, "run", "--config", str(config)], core, folder) as child:
        until_ready(child, lambda: _is_ready(ops_url))
        yield Sidecar(f"http://127.0.0.1:{port}", ops_url, child, password)
        counted = _requests_counted(ops_url)
    _must_have_logged(child.log, counted)


def prefix_of(folder: Path) -> str:
    """Return what the names of that sidecar's keys begin with."""
    return f"{folder.parent.name}-{folder.name}"


def _add_person(config: Path, password: str, role: str) -> None:
    command = [*COMMAND, "users", "add", _PERSON, "--role", role, "--password-stdin"]
    done = subprocess.run(
        [*command, "--config", str(config)],
        input=password,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise CannotMeasure(f"`sidecar users add` failed: {done.stderr.strip()[-500:]}")


def _is_ready(ops_url: str) -> bool:
    try:
        status, _ = ask(Target(f"{ops_url}/readyz"))
    except CannotMeasure:
        return False
    return status == 200


def _requests_counted(ops_url: str) -> int:
    """Return the sum of `sidecar_requests_total` over its labels."""
    _, body = ask(Target(f"{ops_url}/metrics"))
    samples = (
        line.rpartition(" ")[2]
        for line in body.decode("utf-8").splitlines()
        if line.startswith("sidecar_requests_total{")
    )
    return round(sum(float(value) for value in samples))


def _must_have_logged(log: Path, counted: int) -> None:
    with log.open("rb") as lines:
        logged = sum(b'"event":"request"' in line for line in lines)
    if not counted or logged < counted:
        raise CannotMeasure(
            f"the sidecar counted {counted} requests and wrote {logged} access lines: "
            "the figures would be those of a product that does less"
        )
