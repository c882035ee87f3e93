"""What a client connection may become when a page of ours has switched to another protocol."""

from typing import Protocol


class Guest(Protocol):
    """Has the client's transport for itself. The server counts it, and sees it off."""

    def close(self, code: int, reason: str = "") -> None:
        """Hang up with a word (a WebSocket's close code); soon after, the line is gone."""

    def cut(self) -> None:
        """Hang up, now."""
