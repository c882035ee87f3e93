"""How the store is, as it says itself: for people who look at the console."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class StoreState:
    """What is None, the store did not say: not every account may ask for it.

    latency: of one question now. persistent: what is written survives a restart of the store.
    """

    up: bool
    latency: timedelta | None = None
    version: str = ""
    used_memory: int | None = None
    mode: Literal["single", "sentinel", "cluster", ""] = ""
    persistent: bool | None = None


class StoreHealth(Protocol):
    async def state(self) -> StoreState:
        """Ask the store now. A silent one is not up; never raises for that."""
        ...
