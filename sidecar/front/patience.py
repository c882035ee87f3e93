"""How often somebody may send nonsense to an address that nobody is signed in at.

Only what was wrong counts, so that a provider that ends ten thousand sessions is never told to
wait. In one process, and forgotten each minute: it saves work, and decides nothing else.
"""

from collections.abc import Callable

from sidecar.core.client_network import network_of

MOST = 60
_MINUTE = 60.0
_MOST_KNOWN = 4096


class Patience:
    """now: a clock that only goes on, in seconds."""

    def __init__(self, now: Callable[[], float], most: int = MOST) -> None:
        self._now = now
        self._most = most
        self._since = now()
        self._lost: dict[str, int] = {}

    def has_some(self, address: str) -> bool:
        """Say whether one more from there is looked at."""
        if self._now() - self._since >= _MINUTE or len(self._lost) > _MOST_KNOWN:
            self._since = self._now()
            self._lost.clear()
        return self._lost.get(network_of(address), 0) < self._most

    def lose_some(self, address: str) -> None:
        """What came from there was nonsense."""
        network = network_of(address)
        self._lost[network] = self._lost.get(network, 0) + 1
