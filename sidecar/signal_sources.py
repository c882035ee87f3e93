"""The sources of signals that the settings name, made of their files.

What signed tokens need is only loaded where one of them sends such.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from sidecar.core.signals import Act, SharedSecret, SignalSource, read_secrets
from sidecar.settings import Settings
from sidecar.settings_signals import SignalSettings


def sources_of(settings: Settings) -> Mapping[str, SignalSource]:
    """Return them by name. Raises ValueError for a file that cannot be used, and never repeats what
    is in one."""
    return {name: _source(name, own, settings) for name, own in settings.signals.items()}


def signal_faults(settings: Settings) -> Iterator[tuple[tuple[str, ...], str]]:
    """Say what is wrong with the sources: the key, and what it would have to be."""
    for name, own in settings.signals.items():
        needed, other = ("secret_file", "keys_file")[:: 1 if own.kind == "hmac" else -1]
        if getattr(own, other) is not None:
            yield ("signals", name, other), f'is not for kind = "{own.kind}"'
        if getattr(own, needed) is None:
            yield ("signals", name, needed), f'is missing: kind = "{own.kind}" needs it'
            continue
        try:
            _source(name, own, settings)
        except ValueError as wrong:
            yield ("signals", name, needed), str(wrong)


def _source(name: str, own: SignalSettings, settings: Settings) -> SignalSource:
    may = cast("frozenset[Act]", frozenset(own.may))
    if own.kind == "hmac":
        return SharedSecret(name, read_secrets(_text(own.secret_file)), may)
    from sidecar.login.signal_tokens import SignedTokens, read_public_keys

    keys = read_public_keys(_text(own.keys_file))
    return SignedTokens(name, keys, own.audience or settings.public_url, own.issuer or "", may)


def _text(path: Path | None) -> str:
    try:
        return path.read_text("utf-8") if path is not None else ""
    except (OSError, UnicodeDecodeError):
        raise ValueError("cannot be read as text") from None
