"""The first thing in a worker process: `python -m sidecar.worker_start FD READY_FD`.

Only the supervisor starts it. It imports aiohttp before anything else does. While it is imported,
aiohttp makes the TLS contexts of its client and reads the system's authorities into them: 2 MB and
60 ms in each worker, for a client that none of ours uses. It has no switch for that, so OpenSSL is
told meanwhile that there are no authorities. The contexts that we make ourselves come later, and
trust what they always did.
"""

import importlib
import os
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


def load_aiohttp() -> None:
    with without_authorities():
        importlib.import_module("aiohttp")


def main() -> None:
    load_aiohttp()
    importlib.import_module("sidecar.worker").main()


if __name__ == "__main__":
    main()
