"""The process that people start: it takes the addresses, keeps the workers alive, serves the ops
port, and ends everything in order. No request of a client ever passes through it.
"""

import asyncio
import logging
import os
import signal
import ssl
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sidecar.app_identity import check_identity
from sidecar.front.listen import AddressRefused, Listener
from sidecar.front.ops import OpsListener
from sidecar.front.tls import ServerTls
from sidecar.geoip import check_places
from sidecar.observe.collector import store_is_up
from sidecar.observe.logs import report_loop_faults
from sidecar.observe.metrics import Metrics, new_slot
from sidecar.orders import Orders
from sidecar.policy_source import Outcome, PolicySource
from sidecar.process import (
    StartRefused,
    allow_connections,
    begin_logs,
    require_c_parsers,
    require_otel,
)
from sidecar.settings import Settings
from sidecar.settings_watch import SettingsWatch
from sidecar.store.seal import read_secret, secret_of
from sidecar.workers import Workers

log = logging.getLogger(__name__)

SERVE = "sidecar.app:serve"
StoreFor = Callable[[Settings], AbstractAsyncContextManager[Settings]]
"""Makes sure that there is a store, gives the settings that name it, and ends what it started."""

_GRACE = 5.0
"""Seconds that a worker may need beyond its own drain_timeout before it is killed."""


class Supervisor:
    """One running sidecar, from its start to its end."""

    def __init__(
        self,
        settings: Settings,
        *,
        store: StoreFor = nullcontext,
        serve: str = SERVE,
        settings_watch: SettingsWatch | None = None,
    ) -> None:
        """store: entered before the workers start, left after they ended. serve: `module:function`
        of what the workers run. settings_watch: says when the settings have changed.

        Raises PolicyInvalid if the policy cannot be used.
        """
        self._settings = settings
        self._store = store
        self._serve = serve
        self._settings_watch = settings_watch
        self._policy = PolicySource(settings.policy)
        self._cells = new_slot()
        self._metrics = Metrics(self._cells)
        self._stop = asyncio.Event()
        self._now = asyncio.Event()
        self._workers: Workers | None = None
        self._tls: ServerTls | None = None
        self._files: dict[str, bytes] = {}

    async def run(self) -> int:
        """Serve until a signal asks to stop; return the exit code.

        Raises StartRefused, AddressRefused, CertificateInvalid or SecretFileUnusable if it cannot
        start, and what `store` raises.
        """
        require_c_parsers()
        require_otel(self._settings.otel)
        self._tls = _tls_of(self._settings)
        self._files = _files_of(self._settings)
        async with AsyncExitStack() as stack:
            listener = Listener(self._settings.listen)
            stack.callback(listener.close)
            ops_listener = self._listen_for_ops()
            stack.callback(ops_listener.close)
            writer = begin_logs(self._settings.log, lock_fd=self._cells.fd, process="supervisor")
            writer.on_drop(lambda lines: self._metrics.log_lines_dropped.add("", lines))
            stack.callback(writer.flush)
            self._settings = with_room(self._settings)
            self._listen_to_signals()
            self._settings = await stack.enter_async_context(self._store(self._settings))
            workers = Workers(self._settings.workers, listener, self._orders_for, self._metrics)
            self._workers = workers
            ops = OpsListener([self._cells, *workers.slots], self._is_ready)
            await ops.serve(ops_listener.sockets())
            stack.push_async_callback(ops.close)
            return await self._serve_until_stopped(workers, listener)

    async def _serve_until_stopped(self, workers: Workers, listener: Listener) -> int:
        settings = self._settings
        self._policy_in_force()
        watching = [asyncio.create_task(self._policy.watch(self._policy_read))]
        if self._tls is not None:  # for the workers to come; those that are there watch themselves
            watching.append(asyncio.create_task(self._tls.watch()))
        if self._settings_watch is not None:
            watching.append(asyncio.create_task(self._settings_watch.watch()))
        workers.start()
        workers.report(Outcome(datetime.now(UTC), started=settings.workers))
        log.info("sidecar_started", extra={"listen": str(listener.address), "pid": os.getpid()})
        failed = asyncio.create_task(workers.failed.wait())
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait((failed, stopped), return_when=asyncio.FIRST_COMPLETED)
        refused = workers.failed.is_set()
        self._stop.set()
        if not refused:
            log.info("sidecar_stopping", extra={"preStop": settings.pre_stop})
            await _wait(self._now, settings.pre_stop.total_seconds())
        for task in (*watching, failed, stopped):
            task.cancel()
        listener.close()
        await workers.drain(settings.drain_timeout.total_seconds() + _GRACE, self._now)
        if refused:
            raise StartRefused("the workers do not start: their log lines say why")
        log.info("sidecar_stopped")
        return 0

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        report_loop_faults(loop)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGHUP, self._asked_to_reload)

    def _asked_to_stop(self) -> None:
        """The first time: drain. Once more: now."""
        if self._stop.is_set():
            self._now.set()
        self._stop.set()

    def _asked_to_reload(self) -> None:
        self._policy_read(self._policy.reload())
        if self._settings_watch is not None:
            self._settings_watch.look()

    def _policy_read(self, outcome: Outcome) -> None:
        """Hand a good policy to the workers; of a bad one say what is wrong, and keep the old.

        Either way one of the workers writes it to the audit log.
        """
        if outcome.faults:
            self._metrics.policy_reload_success.set(0)
        else:
            self._policy_in_force()
        for fault in outcome.faults:
            log.error(
                "policy_refused",
                extra={"place": fault.place, "key": fault.key, "problem": fault.problem},
            )
        if self._workers is not None:
            self._workers.reload(outcome)

    def _policy_in_force(self) -> None:
        self._metrics.policy_reload_success.set(1)
        log.info("policy_loaded", extra={"routes": len(self._policy.current.routes)})

    def _listen_for_ops(self) -> Listener:
        try:
            return Listener(self._settings.ops.listen)
        except AddressRefused as refused:
            raise AddressRefused(f"{refused} (that is [ops] listen)") from None

    def _is_ready(self) -> bool:
        workers = self._workers
        return (
            workers is not None
            and not self._stop.is_set()
            and workers.ready > 0
            and store_is_up(workers.slots)
        )

    def _orders_for(self, slot: int, socket_fds: tuple[int, ...], cells_fd: int) -> Orders:
        return Orders(
            settings=self._settings,
            policy=self._policy.current,
            slot=slot,
            socket_fds=socket_fds,
            cells_fd=cells_fd,
            lock_fd=self._cells.fd,
            serve=self._serve,
            pair=self._tls.pair if self._tls is not None else None,
            files=self._files,
        )


def _tls_of(settings: Settings) -> ServerTls | None:
    if settings.tls.certificate is None or settings.tls.key is None:
        return None
    return ServerTls(settings.tls.certificate, settings.tls.key)


def _files_of(settings: Settings) -> dict[str, bytes]:
    """Return the contents of files that a worker cannot begin without, by dotted key.

    Raises StartRefused and SecretFileUnusable.
    """
    _make_state_folder(settings.state_dir)
    secret = settings.secret_file
    check_places(settings.geoip.database)
    check_identity(settings)
    files = {"secret_file": read_secret(secret) if secret else secret_of(settings.state_dir)}
    if settings.upstream_options.ca is not None:
        files["upstream_options.ca"] = read_authorities(settings.upstream_options.ca)
    return files


def read_authorities(path: Path) -> bytes:
    """Return the certificates in a file, which an upstream is trusted by. Raises StartRefused."""
    try:
        ssl.create_default_context(cafile=path)
        return path.read_bytes()
    except ssl.SSLError:
        problem = "it holds no certificates in PEM"
    except OSError as error:
        problem = (error.strerror or "unreadable").lower()
    raise StartRefused(f"cannot use the authorities in {path}: {problem}")


def _make_state_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or "unusable").lower()
        raise StartRefused(f"cannot make the state folder {folder}: {reason}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StartRefused(f"cannot write to the state folder {folder}")


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, but not longer than this."""
    waiting = asyncio.create_task(event.wait())
    await asyncio.wait((waiting,), timeout=seconds)
    waiting.cancel()


def with_room(settings: Settings) -> Settings:
    """Return the settings for as many clients as the system lets a worker have."""
    limits = settings.limits
    room = allow_connections(limits.max_connections, settings.upstream_options.max_connections)
    return replace(settings, limits=replace(limits, max_connections=room))
