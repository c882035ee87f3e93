"""`sidecar run` whose worker can be told to note nothing: `python -m tests.bench.switched run
--config FILE`.

The worker runs `serve` below in place of the product's own: after SIGUSR1 it neither counts nor
logs a request, after SIGUSR2 it does again. The product has no such switch; one process is switched
because two processes differ by as much as what is to be measured.
"""

import asyncio
import os
import signal
import ssl
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from socket import socket

from sidecar import app
from sidecar.front.record import Record
from sidecar.observe.cells import Cells
from sidecar.observe.metrics import Histogram
from sidecar.policy_source import PolicySource
from sidecar.settings import Settings
from sidecar.settings_load import load_settings
from sidecar.supervisor import Supervisor

_NOTING = (Record, "finished", Record.finished), (Histogram, "observe", Histogram.observe)
"""What is noted of a request when it is over, and of the store's replies meanwhile."""


def _nothing(_self: object, _what: object) -> None:
    pass


def _switch(*, on: bool) -> None:
    for kind, name, method in _NOTING:
        setattr(kind, name, method if on else _nothing)


async def serve(
    settings: Settings,
    sockets: Sequence[socket],
    ssl_context: ssl.SSLContext | None,
    cells: Cells,
    policy: PolicySource,
    stop: asyncio.Event,
) -> None:
    """Run the product's worker, which notes its requests until it is told not to."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, partial(_switch, on=False))
    loop.add_signal_handler(signal.SIGUSR2, partial(_switch, on=True))
    await app.serve(settings, sockets, ssl_context, cells, policy, stop)


def main() -> int:
    settings = load_settings(Path(sys.argv[-1]), os.environ, {})
    return asyncio.run(Supervisor(settings, serve="tests.bench.switched:serve").run())


if __name__ == "__main__":
    sys.exit(main())
