"""The real Prometheus and the real Alertmanager, with what is shipped in `deploy/prometheus/`."""

import json
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tests.ports import free_port
from tests.rules.source import ROOT

SHIPPED = ROOT / "deploy" / "prometheus"
_PATIENCE = 60.0
_T = TypeVar("_T")


def fitted(text: str, *changes: tuple[str, str]) -> str:
    """Return a shipped file with the addresses of this test in it, each of which must be there."""
    for there, here in changes:
        assert text.count(there) >= 1, there
        text = text.replace(there, here)
    return text


def until(ask: Callable[[], _T | None]) -> _T:
    """Ask until there is an answer."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            found = ask()
        except OSError:
            found = None
        if found is not None:
            return found
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.2)


class Monitoring:
    """Watches one product, once a second instead of every five."""

    def __init__(self, folder: Path, ops_port: int) -> None:
        self._folder = folder
        self.port, self.alerts_port = free_port(), free_port()
        self._processes: list[subprocess.Popen[bytes]] = []
        shutil.copytree(SHIPPED / "rules", folder / "rules")
        config = fitted(
            (SHIPPED / "prometheus.yml").read_text("utf-8"),
            ("scrape_interval: 5s", "scrape_interval: 1s"),
            ("evaluation_interval: 5s", "evaluation_interval: 1s"),
            ("127.0.0.1:9090", f"127.0.0.1:{ops_port}"),
            ("127.0.0.1:9093", f"127.0.0.1:{self.alerts_port}"),
        )
        (folder / "prometheus.yml").write_text(config, encoding="utf-8")
        shutil.copy(SHIPPED / "alertmanager.yml", folder)

    def start(self) -> None:
        """Start both, and wait until they answer."""
        self._start(
            "prometheus-alertmanager",
            "--config.file=alertmanager.yml",
            "--storage.path=alerts",
            f"--web.listen-address=127.0.0.1:{self.alerts_port}",
            "--cluster.listen-address=",
        )
        self._start(
            "prometheus",
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=series",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--enable-feature=exemplar-storage",
        )
        until(lambda: self.query("up") or None)
        until(lambda: _get(self.alerts_port, "/api/v2/status"))

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(_PATIENCE)

    def query(self, expression: str) -> list[Any]:
        """Return what Prometheus answers now. Raises when it does not understand."""
        answer = self._ask("/api/v1/query", query=expression)
        return list(answer["data"]["result"])

    def range(self, expression: str, began: float, ended: float) -> list[Any]:
        """Return what it was at each second between two instants of Unix time."""
        words = {"query": expression, "start": f"{began}", "end": f"{ended}", "step": "1"}
        return list(self._ask("/api/v1/query_range", **words)["data"]["result"])

    def exemplars(self, expression: str) -> list[Any]:
        """Return the exemplars of the last hour."""
        now = time.time()
        words = {"query": expression, "start": f"{now - 3600}", "end": f"{now + 60}"}
        return list(self._ask("/api/v1/query_exemplars", **words)["data"])

    def alerts(self, name: str) -> list[Any]:
        """Return the alerts of that name which Alertmanager has."""
        filtered = urllib.parse.urlencode({"filter": f'alertname="{name}"'})
        return list(_get(self.alerts_port, f"/api/v2/alerts?{filtered}"))

    def _ask(self, path: str, **words: str) -> Any:
        answer = _get(self.port, f"{path}?{urllib.parse.urlencode(words)}")
        assert answer["status"] == "success", answer
        return answer

    def _start(self, name: str, *words: str) -> None:
        program = shutil.which(name)
        assert program is not None, f"the tests need {name} on PATH"
        with (self._folder / f"{name}.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen([program, *words], cwd=self._folder, stdout=log, stderr=log)
            )


def _get(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.load(answer)
