"""Lists of live sessions, over all people: what they may be asked for, and what they answer.

Nothing here is ever over a limit: a session that is, and that nobody has ended yet, is not shown
and not counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple, Protocol

from sidecar.core.audit import Actor
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Kind, Session
from sidecar.core.users import Role, UserId, canonical_name

Network = IPv4Network | IPv6Network
"""One address is a network of 32 or 128 bits."""

_MAPPED = 96


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Which sessions are meant: those that match all that is given.

    username_prefix: in any spelling. network: of the address at creation; IPv4 and IPv6 never
    match each other.
    """

    user_id: UserId | None = None
    username_prefix: str = ""
    network: Network | None = None
    kind: Kind | None = None

    def matches(self, session: Session) -> bool:
        return (
            (self.user_id is None or session.user_id == self.user_id)
            and canonical_name(session.username).startswith(self.canonical_prefix)
            and (self.network is None or is_within(session.ip_address, self.network))
            and (self.kind is None or session.kind is self.kind)
        )

    @property
    def is_empty(self) -> bool:
        """Say whether every session matches."""
        return not (self.user_id or self.canonical_prefix or self.network or self.kind)

    @property
    def canonical_prefix(self) -> str:
        return canonical_name(self.username_prefix)

    def __str__(self) -> str:
        """Return it as the audit log shows it."""
        return self.said()

    def said(self, named: UserId | None = None) -> str:
        """Return it as the audit log shows it. named: whose whole name the prefix is: the log has
        their id instead."""
        given = {
            "user": self.user_id,
            "name": "" if named else self.username_prefix,
            "named": named,
            "ip": self.network,
            "kind": self.kind.value if self.kind else None,
        }
        parts = [f"{name}={value}" for name, value in given.items() if value]
        return " ".join(parts) or "everyone"


class SessionOrder(StrEnum):
    """By what sessions are put in order; equal ones by handle. The value is the wire's."""

    CREATED_AT = "createdAt"
    LAST_ACTIVE_AT = "lastActiveAt"
    EXPIRES_AT = "expiresAt"
    USERNAME = "username"


class Count(NamedTuple):
    total: int
    is_estimate: bool


class SessionPage(NamedTuple):
    """sessions: of this page; total: how many match. It is exact without a filter, and where the
    only one is a person, an address or a kind."""

    sessions: Sequence[Session]
    total: int
    total_is_estimate: bool


@dataclass(frozen=True, slots=True)
class EndedSession:
    """What is kept of a session after its end, without anything secret.

    ended_by: who, with the address it was done from. note: what they said about it.
    """

    handle: Handle
    user_id: UserId
    username: str
    role: Role
    kind: Kind
    ip_address: str
    device_label: str
    created_at: datetime
    ended_at: datetime
    reason: Ended
    ended_by: Actor
    note: str = ""


class EndedPage(NamedTuple):
    items: Sequence[EndedSession]
    total: int


class EndedMatching(NamedTuple):
    """How many ended; own_ended: the caller's own was among them."""

    ended: int
    own_ended: bool


class CountMoved(NamedTuple):
    """Nothing ended: as many match now, which is not what the caller saw."""

    actual: int


class HourCounts(NamedTuple):
    """What happened in one hour, from its beginning. ended: only reasons that occurred."""

    begins_at: datetime
    opened: int
    failed: int
    locked: int
    ended: Mapping[Ended, int]


@dataclass(frozen=True, slots=True)
class DeviceCount:
    """label: "Chrome on Windows"; the rare ones are counted together as "Other"."""

    label: str
    count: int


class SessionLists(Protocol):
    """Every method raises StoreUnavailable when Redis did not answer."""

    async def page(
        self,
        wanted: SessionFilter,
        order: SessionOrder = SessionOrder.CREATED_AT,
        *,
        descending: bool = True,
        offset: int = 0,
        limit: int = 50,
    ) -> SessionPage: ...

    async def count(self, wanted: SessionFilter) -> Count: ...

    async def by_kind(self) -> Mapping[Kind, int]:
        """Return how many sessions of each kind are live; every kind is named."""
        ...

    async def ended(self, user_id: UserId | None, offset: int, limit: int) -> EndedPage:
        """Return sessions that ended within the policy's retention, the last one first."""
        ...

    async def of_users(self, user_ids: Sequence[UserId]) -> Mapping[UserId, int]:
        """Return how many live sessions each of these people has; everybody asked for is named."""
        ...

    async def address_counts(self, user_ids: Sequence[UserId]) -> Mapping[UserId, int]:
        """Return from how many addresses each of these people's live sessions are used: that of
        the creation and the latest one; IPv6 by /64. Everybody asked for is named."""
        ...


class Statistics(Protocol):
    """Every method raises StoreUnavailable when Redis did not answer."""

    async def last_day(self) -> Sequence[HourCounts]:
        """Return the last 24 hours by the clock, the oldest first; the last one still runs."""
        ...

    async def devices(self) -> Sequence[DeviceCount]:
        """Return live sessions by device, the most frequent first."""
        ...


def is_within(address: str, network: Network) -> bool:
    """Say whether the client address is of the network; what is no address is of none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    plain = without_mapping(network)
    return parsed.version == plain.version and parsed in plain


def without_mapping(network: Network) -> Network:
    """Return an IPv4 network that is written as IPv6 (`::ffff:10.0.0.0/104`) as what it is: client
    addresses are kept so."""
    first = network.network_address
    if isinstance(first, IPv6Address) and first.ipv4_mapped and network.prefixlen >= _MAPPED:
        return IPv4Network((first.ipv4_mapped, network.prefixlen - _MAPPED))
    return network
