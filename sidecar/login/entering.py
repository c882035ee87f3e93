"""The last step of signing in, by whatever it was proved who somebody is; over the ports, no HTTP.

    ban → (a password that must be changed) → device → open: cap, ban and audit in one step

Every way of signing in ends here, so that none of them is weaker than another (ASVS 5.0 6.1.3).
"""

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sidecar.core.audit import Actor
from sidecar.core.known_device import marks_of
from sidecar.core.opening import AtLimit, Banned, Opened, Opening, ProviderEnded
from sidecar.core.people import ResetLink
from sidecar.core.policy import Policy
from sidecar.core.ports import Sessions
from sidecar.core.provided import ProviderSession
from sidecar.core.session import Handle, Session
from sidecar.core.token import Token
from sidecar.core.user_agent import clean_user_agent
from sidecar.core.users import User
from sidecar.login.client_hints import NO_HINTS, ClientHints
from sidecar.login.device import device_of, kind_of


@dataclass(frozen=True, slots=True)
class Visit:
    """Where somebody signs in from. replaces: the live session of the cookie that came along.
    end_session: one of their own sessions to end with it, chosen at the cap. device_ids: of the
    cookie that the device is known by."""

    ip_address: str
    user_agent: str = ""
    replaces: Handle | None = None
    end_session: Handle | None = None
    hints: ClientHints = NO_HINTS
    device_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """device_ids: what the device is to keep."""

    session: Session
    token: Token = field(repr=False)
    device_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IsBanned:
    """They proved who they are."""


@dataclass(frozen=True, slots=True)
class CapReached:
    """They proved who they are; these are the person's own live sessions."""

    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class MustChange:
    """The password was right, and opens nothing but the page to set another one."""

    link: ResetLink


@dataclass(frozen=True, slots=True)
class OpenedBy:
    """method: the session's `authMethod`. provider: its session there. authenticated_at: when they
    proved who they are, if not now."""

    method: str = "password"
    provider: ProviderSession | None = None
    authenticated_at: datetime | None = None


EnterResult = SignedIn | IsBanned | CapReached | ProviderEnded
BY_PASSWORD = OpenedBy()


class Entering:
    """Raises StoreUnavailable."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def enter(
        self, user: User, actor: Actor, visit: Visit, policy: Policy, by: OpenedBy = BY_PASSWORD
    ) -> EnterResult:
        """Open a session for the person, who has proved who they are and is not locked."""
        user_agent = clean_user_agent(visit.user_agent)
        device = await asyncio.to_thread(
            device_of, user_agent, policy.devices, visit.hints, policy.desktop_app_name
        )
        fresh = secrets.token_urlsafe(16)
        result = await self._sessions.open(
            Opening(
                user=user,
                actor=actor,
                ip_address=visit.ip_address,
                user_agent=user_agent,
                device=device,
                kind=kind_of(device),
                auth_method=by.method,
                replaces=visit.replaces,
                end_first=await self._own(user.id, visit.end_session),
                marks=marks_of(device, visit.device_ids, fresh),
                provider=by.provider,
                authenticated_at=by.authenticated_at,
            )
        )
        match result:
            case Opened(session, token, new_device):
                ids = visit.device_ids
                return SignedIn(session, token, (fresh, *ids) if new_device else ids)
            case AtLimit(sessions):
                return CapReached(sessions)
            case Banned():
                return IsBanned()
            case ProviderEnded():
                return result

    async def _own(self, user_id: str, handle: Handle | None) -> Handle | None:
        """Return the handle if it is a live session of this person, else None.

        Somebody else's is treated as one that does not exist: nothing ends, nothing is told.
        """
        if handle is None:
            return None
        session = await self._sessions.get(handle)
        return handle if session is not None and session.user_id == user_id else None
