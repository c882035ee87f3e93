"""Who asks: a person with a live session, from an address."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sidecar.core.audit import Action, Actor, ActorKind
from sidecar.core.call_refusal import CallRefused
from sidecar.core.session import Handle, Session
from sidecar.core.users import Role, UserId


@dataclass(frozen=True, slots=True)
class Caller:
    """ip_address: of this request; the session's own is that of its creation. confirm: looks at the
    session again, and raises if it has ended: to be awaited behind whatever took time."""

    session: Session
    ip_address: str
    confirm: Callable[[], Awaitable[object]]

    @property
    def actor(self) -> Actor:
        session = self.session
        return Actor(ActorKind.USER, session.user_id, session.username, self.ip_address)

    @property
    def role(self) -> Role:
        return self.session.role

    @property
    def user_id(self) -> UserId:
        return self.session.user_id

    @property
    def handle(self) -> Handle:
        return self.session.handle

    def must_be(self, role: Role) -> None:
        """Raises CallRefused (forbidden) for a lower role."""
        if self.role < role:
            raise CallRefused("forbidden")

    def must_be_fresh(
        self, now: datetime, within: timedelta | None, action: Action | None = None
    ) -> None:
        """Raises CallRefused (reauth_required) when the last proof of who it is is older than that.

        within: None asks for nothing. action: for the audit log, if not that of the route.
        """
        if within is not None and now - self.session.authenticated_at > within:
            raise CallRefused("reauth_required", action=action)
