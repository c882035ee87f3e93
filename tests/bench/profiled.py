"""`sidecar run` with a profiler in the worker: `python -m tests.bench.profiled run --config FILE`.

The worker runs `serve` below in place of the product's own: SIGUSR1 starts the profiler, SIGUSR2
stops it and writes the statistics to the file that `BENCH_PROFILE` names.
"""

import asyncio
import cProfile
import os
import signal
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path
from socket import socket

from sidecar import app
from sidecar.observe.cells import Cells
from sidecar.policy_source import PolicySource
from sidecar.settings import Settings
from sidecar.settings_load import load_settings
from sidecar.supervisor import Supervisor

OUTPUT = "BENCH_PROFILE"


async def serve(
    settings: Settings,
    sockets: Sequence[socket],
    ssl_context: ssl.SSLContext | None,
    cells: Cells,
    policy: PolicySource,
    stop: asyncio.Event,
) -> None:
    """Run the product's worker, profiled between the two signals."""
    profile = cProfile.Profile()

    def write() -> None:
        profile.disable()
        output = Path(os.environ[OUTPUT])
        partial = output.with_suffix(".partial")
        profile.dump_stats(partial)
        partial.rename(output)

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, profile.enable)
    loop.add_signal_handler(signal.SIGUSR2, write)
    await app.serve(settings, sockets, ssl_context, cells, policy, stop)


def main() -> int:
    settings = load_settings(Path(sys.argv[-1]), os.environ, {})
    return asyncio.run(Supervisor(settings, serve="tests.bench.profiled:serve").run())


if __name__ == "__main__":
    sys.exit(main())
