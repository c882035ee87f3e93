"""The ports to the webhooks: the book of endpoints, for admins; the queue, for who sends."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from sidecar.core.audit import Actor
from sidecar.core.webhooks import Answer, Cause, Claim, Delivery, Endpoint, Recipient


class NoSuchEndpoint(Exception):
    """No endpoint, or no delivery, of that id."""


class TooManyEndpoints(Exception):
    """There are as many as may be."""


class EndpointDisabled(Exception):
    """It gets nothing as long as it is disabled."""


class EndpointChange(NamedTuple):
    """None: stays as it is."""

    url: str | None = None
    types: frozenset[str] | None = None
    description: str | None = None
    enabled: bool | None = None


class WebhookBook(Protocol):
    """Every change is entered in the audit log in the same step, and is an event. Every method
    raises StoreUnavailable when the store did not answer in time; what names an endpoint raises
    NoSuchEndpoint."""

    async def list(self) -> Sequence[Endpoint]:
        """All of them, the oldest first."""
        ...

    async def get(self, endpoint_id: str) -> Endpoint: ...

    async def add(
        self, url: str, types: frozenset[str], description: str, actor: Actor
    ) -> tuple[Endpoint, bytes]:
        """Return it, and its secret, which nobody is told again. Raises TooManyEndpoints."""
        ...

    async def change(self, endpoint_id: str, change: EndpointChange, actor: Actor) -> Endpoint: ...

    async def rotate(self, endpoint_id: str, actor: Actor) -> tuple[Endpoint, bytes]:
        """Give it a new secret; the one before signs too, for a while."""
        ...

    async def delete(self, endpoint_id: str, actor: Actor) -> Endpoint: ...

    async def test(self, endpoint_id: str, actor: Actor) -> str:
        """Let a test be sent; return the id of its delivery. Raises EndpointDisabled."""
        ...

    async def deliveries(
        self, endpoint_id: str, offset: int, limit: int
    ) -> tuple[Sequence[Delivery], int]:
        """The newest first, and how many are kept."""
        ...

    async def redeliver(self, endpoint_id: str, delivery_id: str, actor: Actor) -> None:
        """Let it be sent once more. Raises EndpointDisabled, and NoSuchEndpoint also for an event
        that is not kept any more."""
        ...


class Claimed(NamedTuple):
    """again: after how long there may be more to claim; zero: at once; None: not by itself."""

    claims: Sequence[Claim]
    again: timedelta | None


class WebhookQueue(Protocol):
    """What there is to send, shared by all workers. Every method raises StoreUnavailable."""

    @property
    def partitions(self) -> int: ...

    async def recipients(self) -> Sequence[Recipient]:
        """The endpoints that are enabled."""
        ...

    async def claim(self, recipient: Recipient, partition: int, most: int) -> Claimed:
        """Take deliveries of one partition that are due: nobody else gets them until they are done,
        or until their worker must be taken for dead. Those of one person come one after the other.
        """
        ...

    async def done(
        self, recipient: Recipient, claim: Claim, answer: Answer, next_at: datetime | None
    ) -> None:
        """Note what came of it. next_at: when it is tried again, if it failed and is."""
        ...

    async def healthy(self, endpoint_id: str) -> bool:
        """Something arrived there. Says whether it had been failing."""
        ...

    async def failed(self, endpoint_id: str) -> timedelta:
        """Something did not arrive. Returns for how long nothing has."""
        ...

    async def disable(self, endpoint_id: str, cause: Cause) -> None:
        """Stop sending there: entered in the audit log as done by the system."""
        ...

    async def hurry(self, endpoint_id: str) -> None:
        """It answers again: what waits for a further attempt is due now."""
        ...
