"""All that the operations of the admin API work with, as one typed value."""

from collections.abc import Callable
from dataclasses import dataclass

from sidecar.core.agents import Agents
from sidecar.core.alarm_log import AlarmLog
from sidecar.core.audit_log import AuditLog
from sidecar.core.directory import Directory
from sidecar.core.event_log import EventLog
from sidecar.core.factors import FactorBook
from sidecar.core.listing import SessionLists, Statistics
from sidecar.core.outbound import OutboundRules
from sidecar.core.policy import Policy
from sidecar.core.policy_state import AskPolicy
from sidecar.core.ports import Clock, Sessions
from sidecar.core.proof import PasswordHashing
from sidecar.core.store_state import StoreHealth
from sidecar.core.webhook_book import WebhookBook


@dataclass(frozen=True, slots=True)
class Product:
    """Which program answers. replica: one process of it, by a random name. has_places: it knows
    where addresses are."""

    version: str
    replica: str
    has_places: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """public_url: an origin without a final slash. mount: below which all of this lives. outbound:
    where webhooks may be sent."""

    sessions: Sessions
    lists: SessionLists
    directory: Directory
    audit: AuditLog
    events: EventLog
    alarms: AlarmLog
    webhooks: WebhookBook
    agents: Agents
    factors: FactorBook
    statistics: Statistics
    store: StoreHealth
    passwords: PasswordHashing
    clock: Clock
    policy: Callable[[], Policy]
    policy_state: AskPolicy
    product: Product
    public_url: str
    mount: str
    outbound: OutboundRules = OutboundRules()
