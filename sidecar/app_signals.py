"""Signals, put together."""

import time

from sidecar.core.signals import SignalBook
from sidecar.front.patience import Patience
from sidecar.front.signal_room import SignalRoom
from sidecar.settings import Settings
from sidecar.signal_sources import sources_of


def signals_of(settings: Settings, book: SignalBook) -> SignalRoom | None:
    """Return who may send any, or None where nobody may. Raises ValueError for a file that has
    become unusable since the settings were read."""
    sources = sources_of(settings)
    return SignalRoom(sources, book, Patience(time.monotonic)) if sources else None
