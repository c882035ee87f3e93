"""`sidecar run`: the product, in the foreground, until a signal ends it. Prints only logs."""

import argparse
from collections.abc import Coroutine, Mapping
from functools import partial

from sidecar.cli.common import (
    USUAL_CONFIG,
    CommandFailed,
    Parser,
    config_of,
    settings_of,
)
from sidecar.front.listen import AddressRefused
from sidecar.front.tls import CertificateInvalid
from sidecar.own_store import store_at_hand
from sidecar.process import StartRefused
from sidecar.settings import Settings
from sidecar.settings_watch import SettingsWatch
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
NO_UPSTREAM = 'is missing: name it with --upstream or `upstream = "…"`'


def add_parser(parser: Parser) -> None:
    """Add `run [--upstream URL] [--listen ADDRESS] [--workers N]`."""
    add_flags(parser)


def add_flags(parser: Parser) -> None:
    """Add the settings that have a flag of their own."""
    parser.add_argument("--upstream", metavar="URL", help="the application to protect")
    parser.add_argument("--listen", metavar="ADDRESS", help="host:port, [v6]:port or unix:/path")
    parser.add_argument("--workers", metavar="N", help="how many processes serve requests")


def flags_of(args: argparse.Namespace) -> Mapping[str, str]:
    """Return the settings that were given as flags."""
    given = {flag: getattr(args, flag) for flag in _FLAGS}
    return {flag: text for flag, text in given.items() if text is not None}


def run(args: argparse.Namespace) -> Coroutine[object, object, int]:
    """Serve until a signal; DONE after an orderly end. Raises CommandFailed in one line."""
    read = partial(settings_of, args, flags_of(args))
    settings = read()
    if settings.upstream is None:
        raise CommandFailed(f"the upstream {NO_UPSTREAM}")
    return _serve(settings, SettingsWatch(config_of(args) or USUAL_CONFIG, read, settings))


async def _serve(settings: Settings, watch: SettingsWatch) -> int:
    try:
        return await Supervisor(settings, store=store_at_hand, settings_watch=watch).run()
    except _REFUSALS as refused:
        raise CommandFailed(str(refused)) from None
