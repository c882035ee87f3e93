"""A sidecar that runs in a process of its own, for as long as a test needs it."""

import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.journeys.secrecy import secrets_in

ROOT = Path(__file__).parents[1]
PATIENCE = 30.0


class Running:
    """The process, its ops port and what it logs."""

    def __init__(self, argv: list[str], ops_port: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *argv],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self._ops = f"http://127.0.0.1:{ops_port}"
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def log(self) -> str:
        return "".join(self._lines)

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        return [
            child.pid
            for child in psutil.Process(self.process.pid).children()
            if "sidecar.worker_start" in child.cmdline()
        ]

    def ops(self, path: str) -> int:
        """Return the status that the ops port answers; 0 if it does not."""
        try:
            with urllib.request.urlopen(self._ops + path, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code
        except OSError:
            return 0

    def metric(self, name: str) -> float:
        """Return one sample, such as `sidecar_requests_total{verdict="allow"}`."""
        with urllib.request.urlopen(f"{self._ops}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        assert found, f"{name} is not among the metrics"
        return float(found[1])

    def until_ready(self) -> None:
        self.until(lambda: self.ops("/readyz") == 200, "ready")

    def until(self, happened: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert self.process.poll() is None, f"it ended before it was {what}: {self.log}"
            assert time.monotonic() < deadline, f"never {what}: {self.log}"
            time.sleep(0.02)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self) -> int:
        """Wait for the end; return the exit code."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def close(self) -> None:
        """End it whatever it does, with all it has started."""
        if self.process.poll() is None:
            children = psutil.Process(self.process.pid).children(recursive=True)
            self.process.kill()
            for child in children:
                try:
                    child.kill()
                except psutil.NoSuchProcess:
                    continue
        self.ended()
        found = secrets_in(self.log)
        assert not found, f"secrets in the log: {found}"

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.append(line)


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait for what a process does by and by."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def config_file(folder: Path, text: str) -> Path:
    """Write settings with a state folder of their own."""
    path = folder / "sidecar.toml"
    path.write_text(f'state_dir = "{folder / "state"}"\n{text}')
    return path
