"""One worker process: `python -m sidecar.worker FD READY_FD`, started by the supervisor only.

It begins what every worker needs, runs `serve`, and ends when that has drained.
"""

import asyncio
import importlib
import logging
import os
import signal
import socket
import ssl
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol, cast

import uvloop

from sidecar.front.tls import ServerTls
from sidecar.observe.cells import Cells
from sidecar.observe.families import CELL_COUNT
from sidecar.observe.logs import report_loop_faults
from sidecar.observe.metrics import Metrics
from sidecar.observe.output import LineWriter
from sidecar.orders import ENTERED, READY, Orders, receive_orders, receive_outcome
from sidecar.policy_source import PolicySource
from sidecar.process import begin_logs, require_c_parsers
from sidecar.settings import Settings

log = logging.getLogger(__name__)

_LOOK_AGAIN = 0.01


class Serve(Protocol):
    """What a worker runs: it listens on the bound sockets, and returns when it has drained after
    `stop`. cells: the slot for its metrics. policy: already loaded; reloaded for it."""

    async def __call__(
        self,
        settings: Settings,
        sockets: Sequence[socket.socket],
        context: ssl.SSLContext | None,
        cells: Cells,
        policy: PolicySource,
        stop: asyncio.Event,
        /,
    ) -> None: ...


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor hears Ctrl-C, and tells us
    channel, ready_fd = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    try:
        orders = receive_orders(channel)
    except EOFError:
        return
    lock_fd, process = orders.lock_fd, f"worker {orders.slot}"
    writer = begin_logs(orders.settings.log, lock_fd=lock_fd, process=process)
    require_c_parsers()
    try:
        uvloop.run(_work(orders, channel, ready_fd, writer))
    finally:
        logging.shutdown()


async def _work(orders: Orders, channel: socket.socket, ready_fd: int, writer: LineWriter) -> None:
    settings = orders.settings
    loop = asyncio.get_running_loop()
    report_loop_faults(loop)
    cells = Cells(orders.cells_fd, CELL_COUNT)
    dropped = Metrics(cells).log_lines_dropped
    writer.on_drop(lambda lines: dropped.add("", lines))
    stop = asyncio.Event()
    policy = PolicySource(settings.policy, orders.policy)
    policy.on_entered = partial(_say, ready_fd, ENTERED)
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGHUP, _asked_to_reload, policy)
    channel.setblocking(False)
    loop.add_reader(channel, _hear, channel, policy, stop)
    sockets = [socket.socket(fileno=fd) for fd in orders.socket_fds]
    tasks = [asyncio.create_task(_tell_when_listening(sockets, ready_fd))]
    context = None
    if settings.tls.certificate is not None and settings.tls.key is not None:
        tls = ServerTls(settings.tls.certificate, settings.tls.key, orders.pair)
        context = tls.context
        tasks.append(asyncio.create_task(tls.watch()))
    try:
        await _resolve(orders.serve)(settings, sockets, context, cells, policy, stop)
    finally:
        for task in tasks:
            task.cancel()


async def _tell_when_listening(sockets: Sequence[socket.socket], ready_fd: int) -> None:
    """Report READY once all sockets accept connections, which `serve` makes them do."""
    for bound in sockets:
        while True:
            if bound.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                break
            await asyncio.sleep(_LOOK_AGAIN)
    _say(ready_fd, READY)


def _say(ready_fd: int, word: bytes) -> None:
    with suppress(BrokenPipeError):  # the supervisor is gone, which the channel tells
        os.write(ready_fd, word)


def _hear(channel: socket.socket, policy: PolicySource, stop: asyncio.Event) -> None:
    """Take over how the supervisor's reload went. What was wrong it has logged itself."""
    try:
        outcome, report = receive_outcome(channel)
    except (EOFError, ConnectionError):
        log.warning("supervisor_lost")
        asyncio.get_running_loop().remove_reader(channel)
        stop.set()
    else:
        policy.take(outcome, report=report)


def _asked_to_reload(policy: PolicySource) -> None:
    """Somebody asked this one worker by a signal: nobody else will report it."""
    for fault in policy.reload_and_report():
        log.error(
            "policy_refused",
            extra={"place": fault.place, "key": fault.key, "problem": fault.problem},
        )


def _resolve(name: str) -> Serve:
    module, _, function = name.partition(":")
    return cast(Serve, getattr(importlib.import_module(module), function))


if __name__ == "__main__":
    main()
