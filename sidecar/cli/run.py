"""`sidecar run`: the product, in the foreground, until a signal ends it. Prints only logs."""

import argparse
from collections.abc import Coroutine

from sidecar.cli.common import CommandFailed, Commands, add_command, settings_of
from sidecar.front.listen import AddressRefused
from sidecar.front.tls import CertificateInvalid
from sidecar.own_store import store_at_hand
from sidecar.process import StartRefused
from sidecar.settings import Settings
from sidecar.store.embedded import EmbeddedRedisFailed
from sidecar.store.seal import SecretFileUnusable
from sidecar.supervisor import Supervisor

_REFUSALS = (
    AddressRefused,
    CertificateInvalid,
    EmbeddedRedisFailed,
    SecretFileUnusable,
    StartRefused,
)
_FLAGS = ("upstream", "listen", "workers")


def add_parser(commands: Commands) -> None:
    """Add `run [--upstream URL] [--listen ADDRESS] [--workers N]`."""
    parser = add_command(commands, "run", "Run the sidecar in front of an application")
    parser.add_argument("--upstream", metavar="URL", help="the application to protect")
    parser.add_argument("--listen", metavar="ADDRESS", help="host:port, [v6]:port or unix:/path")
    parser.add_argument("--workers", metavar="N", help="how many processes serve requests")


def run(args: argparse.Namespace) -> Coroutine[object, object, int]:
    """Serve until a signal; DONE after an orderly end. Raises CommandFailed in one line."""
    given = {flag: getattr(args, flag) for flag in _FLAGS}
    settings = settings_of(args, {flag: text for flag, text in given.items() if text is not None})
    if settings.upstream is None:
        raise CommandFailed('the upstream is missing: name it with --upstream or `upstream = "…"`')
    return _serve(settings)


async def _serve(settings: Settings) -> int:
    try:
        return await Supervisor(settings, store=store_at_hand).run()
    except _REFUSALS as refused:
        raise CommandFailed(str(refused)) from None
