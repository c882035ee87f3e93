"""A redis-server of a test's own, to stop, kill and start again under the product."""

import json
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import redis

PATIENCE = 'deadline = "10s"\n'
"""For journeys that no outage is part of: a busy machine may let the store answer late."""

_START_PATIENCE = 30.0


class RedisServer:
    """One server on a Unix socket, which keeps what it has written over a kill."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="scr-", dir="/tmp"))
        self.socket_path = self.folder / "s"
        self.url = f"unix://{self.socket_path}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> str:
        """The table that points the product here."""
        return f'[redis]\nurl = "{self.url}"\n{PATIENCE}'

    @property
    def hasty_settings(self) -> str:
        """The same with the product's own deadline, for journeys that an outage is part of."""
        return f'[redis]\nurl = "{self.url}"\n'

    def start(self) -> None:
        """Start it, and wait until it has loaded what there was."""
        program = shutil.which("redis-server") or shutil.which("valkey-server") or "redis-server"
        words = ["--port", "0", "--unixsocket", str(self.socket_path), "--dir", str(self.folder)]
        self._process = subprocess.Popen(
            [program, *words, "--save", "", "--appendonly", "yes"], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _START_PATIENCE
        while not self._answers():
            assert self._process.poll() is None, "redis-server ended at once"
            assert time.monotonic() < deadline, "redis-server did not become ready"
            time.sleep(0.02)

    def freeze(self) -> None:
        """Let it accept what is sent, and answer nothing."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._send(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_START_PATIENCE)

    def mend(self) -> None:
        """Whatever was done to it, let it answer again."""
        if self._process is None or self._process.poll() is not None:
            self.start()
        self.thaw()

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self) -> "redis.Redis":
        return redis.Redis.from_url(self.url, decode_responses=True)

    def flush(self) -> None:
        """Lose everything."""
        with self.client() as client:
            client.flushall()

    def audit(self, action: str, **fields: str) -> list[dict[str, Any]]:
        """Return the audit entries of that action, oldest first. fields: what they must have."""
        with self.client() as client:
            entries = [json.loads(item["e"]) for _, item in client.xrange("sidecar:{p00}:audit")]
        return [
            entry for entry in entries if entry["a"] == action and fields.items() <= entry.items()
        ]

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
