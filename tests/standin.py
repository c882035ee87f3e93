"""What a worker runs in the tests of the supervisor: the smallest server that counts and drains."""

import asyncio
import logging
import os
import socket
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from sidecar.front.listen import AddressRefused
from sidecar.observe.cells import Cells
from sidecar.observe.metrics import Metrics
from sidecar.policy_source import PolicySource
from sidecar.process import StartRefused
from sidecar.settings import Settings
from sidecar.settings_load import load_settings
from sidecar.supervisor import Supervisor

log = logging.getLogger("sidecar.standin")


async def serve(
    settings: Settings,
    sockets: Sequence[socket.socket],
    context: ssl.SSLContext | None,
    cells: Cells,
    policy: PolicySource,
    stop: asyncio.Event,
) -> None:
    """Answer each request with the process id and the policy's cap; `/slow` takes a second.

    A reload that is to be reported is logged, and counted as a request for anyone.
    """
    metrics = Metrics(cells)
    metrics.store_up.set(1)
    busy = set[int]()

    async def answer(request: web.BaseRequest) -> web.Response:
        busy.add(id(request))
        metrics.requests.add("allow")
        if request.path == "/store-down":
            metrics.store_up.set(0)
        if request.path == "/slow":
            await asyncio.sleep(1)
        busy.discard(id(request))
        cap = policy.current.session.limits.max_per_user
        return web.Response(
            text=f"{os.getpid()} {cap} {settings.upstream}", headers={"Connection": "close"}
        )

    async def say_reports() -> None:
        while True:
            report = await policy.reports.get()
            if (settings.state_dir / "silent").exists():  # as while the store is
                continue
            policy.entered(report)
            if report.started:
                log.info("start_reported", extra={"workers": report.started})
                continue
            metrics.requests.add("public")
            log.info("reload_reported", extra={"faults": len(report.faults)})

    reporter = asyncio.create_task(say_reports())
    server = web.Server(answer)
    loop = asyncio.get_running_loop()
    listening = [await loop.create_server(server, sock=bound, ssl=context) for bound in sockets]
    await stop.wait()
    reporter.cancel()
    for one in listening:
        one.close()
    while True:
        if not busy:
            break
        await asyncio.sleep(0.01)
    await server.shutdown(1)


async def refuse(*_parts: object) -> None:
    """End at once: a worker that cannot start."""
    sys.exit(3)


async def main(config: str, function: str) -> int:
    """Supervise workers that run a function of this file."""
    settings = load_settings(Path(config), {}, {})
    try:
        return await Supervisor(settings, serve=f"tests.standin:{function}").run()
    except (StartRefused, AddressRefused) as refused:
        sys.stderr.write(f"sidecar: {refused}\n")
        return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
