"""Free TCP ports for servers that tests start.

Not those that the system gives away: it may give the same one to an outgoing connection before the
server has it. These lie below its range (32768 on Linux), and each test process has its own.
"""

import itertools
import os
import socket

_FIRST = 12_000
_EACH = 5_000
_process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
_offsets = itertools.count(os.getpid() * 37)


def free_port() -> int:
    """Return a port that nobody listens on and that was not returned for a long time."""
    for _ in range(_EACH):
        port = _FIRST + _process * _EACH + next(_offsets) % _EACH
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")
