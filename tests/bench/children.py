"""The processes of one comparison: each on its core, each ended by its own process id."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench.machine import CannotMeasure

READY_WITHIN = 20.0
_TAIL = 1500


class Child:
    """A running process. `with` ends it: SIGTERM first, SIGKILL after ten seconds."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process if it still runs."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def must_run(self) -> None:
        """Raise CannotMeasure with the end of its log when the process has ended."""
        if self._process.poll() is not None:
            raise CannotMeasure(
                f"{self.name} ended with code {self._process.returncode}: {self.last_words()}"
            )

    def last_words(self) -> str:
        """Return the end of what it wrote."""
        text = self.log.read_text(encoding="utf-8", errors="replace").strip()
        return text[-_TAIL:] or "it wrote nothing"


def start(
    name: str,
    command: Sequence[str],
    core: int,
    folder: Path,
    environ: Mapping[str, str] | None = None,
) -> Child:
    """Start a process that may run on `core` only; its output goes to `folder/<name>.log`.

    A session of its own: Ctrl-C reaches only the comparison, which then ends its children in
    order.
    """
    log = folder / f"{name.replace(' ', '-')}.log"
    with log.open("ab") as output:
        try:
            process = subprocess.Popen(
                ["taskset", "--cpu-list", str(core), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(environ or {})},
                start_new_session=True,
            )
        except OSError as error:
            raise CannotMeasure(f"{name} could not be started: {error}") from None
    return Child(name, process, log)


def until_ready(child: Child, ready: Callable[[], bool]) -> None:
    """Wait until `ready` says so. Raises CannotMeasure when the child ends or takes too long."""
    give_up = time.monotonic() + READY_WITHIN
    while not ready():
        child.must_run()
        if time.monotonic() > give_up:
            raise CannotMeasure(
                f"{child.name} was not ready after {READY_WITHIN:.0f} s: {child.last_words()}"
            )
        time.sleep(0.05)


def accepts(port: int) -> bool:
    """Say whether something listens on the port of this machine."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_by_signals_as_by_ctrl_c() -> None:
    """Let SIGTERM and SIGHUP unwind too, so that no child outlives the comparison."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
