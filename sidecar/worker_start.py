"""The first thing in a worker process: `python -m sidecar.worker_start FD READY_FD`.

Only the supervisor starts it. It imports aiohttp and redis before anything else does. While it is
imported, aiohttp makes the TLS contexts of its client and reads the system's authorities into them:
2 MB and 60 ms in each worker, for a client that none of ours uses. It has no switch for that, so
OpenSSL is told meanwhile that there are no authorities. The contexts that we make ourselves come
later, and trust what they always did.

redis loads OpenTelemetry wherever that is installed, for metrics that we do not ask it for: 130 ms
and 2 MB. So it finds none.
"""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_PLACES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Where OpenSSL looks for authorities, if they are set. Source: SSL_CTX_set_default_verify_paths
of OpenSSL, which reads them anew each time."""


@contextmanager
def without_authorities() -> Iterator[None]:
    """Let TLS contexts that are made in here trust nobody, unless they name their authorities."""
    kept = {name: os.environ.get(name) for name in _PLACES}
    os.environ.update(dict.fromkeys(_PLACES, os.devnull))
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def without_package(name: str) -> Iterator[None]:
    """Let what is imported in here find no package of that name. It must not be loaded yet."""
    sys.modules[name] = None  # type: ignore[assignment]  # the import system's word for "none"
    try:
        yield
    finally:
        del sys.modules[name]


def load_libraries() -> None:
    with without_authorities():
        importlib.import_module("aiohttp")
    with without_package("opentelemetry"):
        importlib.import_module("redis.asyncio")


def main() -> None:
    load_libraries()
    importlib.import_module("sidecar.worker").main()


if __name__ == "__main__":
    main()
