"""What a session is, and the limits that end it. Each decision is a function of stored instants."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, NewType

from sidecar.core.reasons import Ended
from sidecar.core.users import Role, UserId

Handle = NewType("Handle", str)
"""The public random name of a session: the `id` in every API, log and URL."""


class Kind(StrEnum):
    BROWSER = "browser"
    DESKTOP = "desktop"
    AGENT = "agent"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Agent:
    """Software that acts for the session's person. scopes: as `core/scopes.py` writes them.

    expires_at: when its own lifetime is over, which is never later than the policy's. parent: the
    session it was delegated from, with which it ends; None for a service.
    """

    name: str
    scopes: tuple[str, ...]
    expires_at: datetime
    parent: Handle | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """What the User-Agent says about the device; parsed once, when the session opens."""

    label: str = "Unknown device"
    browser: str = ""
    os: str = ""
    type: str = "unknown"


@dataclass(frozen=True, slots=True)
class Session:
    """One authentication of one person on one device, as the store holds it.

    secret_hash: SHA-256 of the secret, 32 bytes. Instants: timezone-aware UTC.
    authenticated_at moves on re-authentication; created_at never does. ip_address is that of the
    creation, last_ip_address that of the latest request.
    previous_hash still works until previous_until, so that tabs which asked while the secret was
    being rotated are not signed out. agent: who holds it, if that is software.
    """

    handle: Handle
    secret_hash: bytes
    user_id: UserId
    username: str
    role: Role
    created_at: datetime
    last_active_at: datetime
    authenticated_at: datetime
    kind: Kind = Kind.BROWSER
    display_name: str = ""
    email: str = ""
    groups: tuple[str, ...] = ()
    ip_address: str = ""
    last_ip_address: str = ""
    user_agent: str = ""
    device: Device = Device()
    auth_method: str = "password"
    previous_hash: bytes = b""
    previous_until: datetime | None = None
    agent: Agent | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session may live. Defaults: the numbers of the product documents."""

    absolute_lifetime: timedelta = timedelta(hours=24)
    idle_timeout: timedelta = timedelta(minutes=60)
    max_per_user: int = 10


def ended_because(session: Session, now: datetime, limits: Limits) -> Ended | None:
    """Say why `session` may not be used at `now`, or None if it may.

    A limit is reached at its instant, not after it. The absolute lifetime is named first: once it
    is over, no activity could have helped.
    Source: NIST SP 800-63B-4 section 5.2; OWASP ASVS 5.0 7.3.1, 7.3.2.
    """
    if now >= session.created_at + limits.absolute_lifetime:
        return Ended.LIFETIME_EXCEEDED
    if session.agent is not None and now >= session.agent.expires_at:
        return Ended.LIFETIME_EXCEEDED
    if now >= session.last_active_at + limits.idle_timeout:
        return Ended.IDLE_TIMEOUT
    return None


class Oldest(NamedTuple):
    """A session that was created, or last active, at or before these instants is over."""

    created_at: datetime
    last_active_at: datetime


def oldest_usable(now: datetime, limits: Limits) -> Oldest:
    """Return where the limits are `now`: `ended_because`, for many that are only compared."""
    return Oldest(now - limits.absolute_lifetime, now - limits.idle_timeout)


def expires_at(session: Session, limits: Limits) -> datetime:
    """Return the instant that the session cannot outlive, whatever its activity."""
    of_policy = session.created_at + limits.absolute_lifetime
    return of_policy if session.agent is None else min(session.agent.expires_at, of_policy)


def idle_expires_at(session: Session, limits: Limits) -> datetime:
    """Return the instant at which it ends if nothing happens until then."""
    return min(session.last_active_at + limits.idle_timeout, expires_at(session, limits))
