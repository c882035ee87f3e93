"""What the front needs of signals: who may send any, and where they are carried out. None at all
where the settings name no source."""

from collections.abc import Mapping
from dataclasses import dataclass

from sidecar.core.signals import SignalBook, SignalSource
from sidecar.front.patience import Patience


@dataclass(frozen=True, slots=True)
class SignalRoom:
    """sources: by name. patience: with those who send what nobody signed."""

    sources: Mapping[str, SignalSource]
    book: SignalBook
    patience: Patience
