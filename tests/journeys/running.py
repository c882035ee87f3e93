"""The real product, started as people start it: `sidecar run` with embedded Redis, a process."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from tests.journeys.people import add_person
from tests.journeys.raw import Answer, RecordingUpstream, Wire, connect, lay_out
from tests.journeys.redis_server import PATIENCE
from tests.journeys.secrecy import note_cookie, note_password, note_sent, secrets_in
from tests.ports import free_port

PUBLIC = "https://app.example"
COOKIE = "__Host-sidecar"
PLAIN_COOKIE = "sidecar"
"""Its name where `public` begins with http:."""

MOUNT = "/_sidecar"
_START_PATIENCE = 60.0


class Product:
    """One running sidecar.

    upstream: a recording one, or the port of any other application. settings: TOML after the ones
    every test shares. public: what browsers are told to type; `{port}` stands for ours.
    """

    def __init__(
        self,
        upstream: RecordingUpstream | int,
        settings: str = "",
        policy: str = "",
        tables: str = "",
        *,
        public: str = PUBLIC,
    ) -> None:
        if isinstance(upstream, int):
            upstream = RecordingUpstream(port=upstream)
        self.upstream = upstream
        self.folder = Path(tempfile.mkdtemp(prefix="scj-", dir="/tmp"))
        self.port, self.ops_port = free_port(), free_port()
        self.public = public.format(port=self.port)
        self.log_path = self.folder / "log"
        (self.folder / "policy.toml").write_text(policy)
        self.config = self.folder / "sidecar.toml"
        store = "" if "[redis]" in tables else f"[redis]\n{PATIENCE}"
        self.config.write_text(
            f'listen = "127.0.0.1:{self.port}"\n'
            f'upstream = "http://127.0.0.1:{upstream.port}"\n'
            f'public_url = "{self.public}"\n'
            f'state_dir = "{self.folder}/state"\n'
            f'policy = "{self.folder}/policy.toml"\n'
            f"{settings}\n"
            f'[ops]\nlisten = "127.0.0.1:{self.ops_port}"\n'
            f'[log]\nlevel = "debug"\nformat = "json"\n{tables}\n'
            f"{store}"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Start the process, and do not wait for it."""
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command(), "run", "--config", str(self.config)],
                stdout=log,
                stderr=log,
            )

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.launch()
        deadline = time.monotonic() + _START_PATIENCE
        while not self._is_ready():
            if (
                self._process is None
                or self._process.poll() is not None
                or time.monotonic() > deadline
            ):
                raise AssertionError(f"the product did not start:\n{self.log()}")
            time.sleep(0.05)

    def stop(self) -> int:
        """End it as an operator would, and return its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(_START_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise

    def remove(self) -> None:
        """Stop it if it runs, and leave nothing of it."""
        if self._process is not None and self._process.poll() is None:
            self.stop()
        self._leave_nothing()

    def close(self) -> None:
        """End it, and leave nothing behind."""
        try:
            self.stop()
        finally:
            self._leave_nothing()

    def _leave_nothing(self) -> None:
        """Take the folder away. Here ends every journey, so here its log is searched."""
        found = secrets_in(self.log()) if self.log_path.exists() else []
        shutil.rmtree(self.folder, ignore_errors=True)
        assert not found, f"secrets in the log: {found}"

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        assert self._process is not None
        found = []
        for child in psutil.Process(self._process.pid).children():
            with suppress(psutil.NoSuchProcess):  # it ended a moment ago
                if "sidecar.worker_start" in child.cmdline():
                    found.append(child.pid)
        return found

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def log_lines(self) -> list[dict[str, object]]:
        """The lines that are JSON: all but what the embedded server or a person may print."""
        lines = [line for line in self.log().splitlines() if line.startswith("{")]
        return [json.loads(line) for line in lines]

    def command(
        self, *words: str, stdin: str = "", config: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._command(), *words, "--config", str(config or self.config)],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def add_user(
        self,
        name: str,
        password: str,
        role: str = "user",
        *,
        email: str = "",
        groups: tuple[str, ...] = (),
        must_change: bool = False,
    ) -> None:
        note_password(password)
        add_person(
            *(self.config, name, password, role),
            email=email,
            groups=groups,
            must_change=must_change,
        )

    def call(
        self, method: str, path: str, body: object = None, token: str = "", **more: str
    ) -> tuple[int, Any, dict[str, str]]:
        """Make one call as a program would; return status, JSON if there is any, and the first of
        each header field. token: who asks. more: further fields, `_` for `-`."""
        fields = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Origin": self.public,
        } | {name.replace("_", "-"): value for name, value in more.items()}
        if token:
            fields["Cookie"] = f"{PLAIN_COOKIE}={token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            sent = None if body is None else json.dumps(body)
            note_sent(sent)
            connection.request(method, path, sent, fields)
            answer = connection.getresponse()
            text = answer.read()
            for line in answer.headers.get_all("Set-Cookie", []):
                note_cookie(line.partition("=")[2].partition(";")[0])
            is_json = "json" in (answer.getheader("Content-Type") or "")
            told = json.loads(text) if is_json else None
            return answer.status, told, dict(answer.getheaders()[::-1])
        finally:
            connection.close()

    def session_of(self, username: str, password: str) -> str:
        """Sign in as a program would and return the token."""
        given = {"username": username, "password": password}
        status, told, fields = self.call("POST", f"{MOUNT}/login", given)
        assert status == 200, told
        return fields["Set-Cookie"].partition("=")[2].partition(";")[0]

    def ops(self, path: str, accept: str = "*/*") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.ops_port, timeout=10)
        try:
            connection.request("GET", path, headers={"Accept": accept})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def metric(self, line_start: str) -> float:
        """The sum of the samples whose line begins like that."""
        _, text = self.ops("/metrics")
        lines = [line for line in text.splitlines() if line.startswith(line_start)]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    async def wire(self, source: str = "127.0.0.1") -> Wire:
        return await connect(self.port, source)

    async def ask(self, *parts: bytes, source: str = "127.0.0.1", method: str = "GET") -> Answer:
        """Send bytes on a connection of their own and return the one answer."""
        wire = await self.wire(source)
        try:
            await wire.send(*parts)
            return await wire.answer(method)
        finally:
            wire.close()

    async def refused(self, *parts: bytes, source: str = "127.0.0.1") -> Answer:
        """Send bytes that must be refused: answered, closed, and nothing forwarded."""
        before = (self.upstream.received, self.upstream.connections)
        wire = await self.wire(source)
        try:
            await wire.send(*parts)
            answer = await wire.answer()
            assert await wire.is_closed(), f"{answer.status}, but the connection stays open"
        finally:
            wire.close()
        assert (self.upstream.received, self.upstream.connections) == before
        return answer

    async def attempt(
        self, username: str, password: str, source: str = "127.0.0.1", **more: str
    ) -> Answer:
        """Try to sign in by JSON. more: further fields of the request, `_` for `-`."""
        note_password(password)
        body = json.dumps({"username": username, "password": password}).encode()
        fields = {"Origin": self.public, "Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in more.items()
        }
        fields["Content-Length"] = str(len(body))
        return await self.ask(
            lay_out(f"{MOUNT}/login", *fields.items(), method="POST", body=body), source=source
        )

    async def sign_in(self, username: str, password: str, source: str = "127.0.0.1") -> str:
        """Sign in and return the token."""
        answer = await self.attempt(username, password, source)
        assert answer.status == 200, answer
        return token_of(answer)

    def _is_ready(self) -> bool:
        try:
            return self.ops("/readyz")[0] == 200
        except OSError:
            return False

    @staticmethod
    def _command() -> list[str]:
        return [sys.executable, "-m", "sidecar"]


def token_of(answer: Answer) -> str:
    """The token that an answer sets."""
    tokens = []
    for line in answer.all("set-cookie"):
        name, _, rest = line.decode().partition("=")
        value = rest.partition(";")[0]
        note_cookie(value)
        if name in (COOKIE, PLAIN_COOKIE):
            tokens.append(value)
    assert tokens, f"no session was opened: {answer}"
    return tokens[0]


def cookie(token: str) -> tuple[str, str]:
    return "Cookie", f"{COOKIE}={token}"


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, **more}
