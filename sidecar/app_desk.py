"""What the admin API works with, put together for one worker."""

import secrets

from sidecar import __version__
from sidecar.admin.desk import Desk, Product
from sidecar.core.agents import Agents
from sidecar.core.directory import Directory
from sidecar.core.factors import FactorBook
from sidecar.core.outbound import OutboundRules
from sidecar.core.policy import Policy
from sidecar.core.policy_state import AskPolicy
from sidecar.core.ports import Clock, Sessions
from sidecar.core.proof import PasswordHashing
from sidecar.core.webhook_book import WebhookBook
from sidecar.store.alarms import Alarms
from sidecar.store.audit import Audit
from sidecar.store.database import Database
from sidecar.store.events import Events
from sidecar.store.health import Health
from sidecar.store.lists import Lists
from sidecar.store.statistics import Counters

_PUBLIC_ONLY = OutboundRules()


def build_desk(
    database: Database,
    clock: Clock,
    policy_state: AskPolicy,
    sessions: Sessions,
    directory: Directory,
    passwords: PasswordHashing,
    webhooks: WebhookBook,
    *,
    agents: Agents,
    factors: FactorBook,
    public_url: str,
    mount: str,
    sentinel: bool = False,
    has_places: bool = False,
    outbound: OutboundRules = _PUBLIC_ONLY,
) -> Desk:
    """Return the desk. policy_state: of the policy in force now. sentinel: as in `Health`.
    has_places: there is a database of places, so that travel can be looked at."""

    def in_force() -> Policy:
        return policy_state().policy

    return Desk(
        sessions=sessions,
        lists=Lists(database, in_force, clock),
        directory=directory,
        audit=Audit(database),
        events=Events(database),
        alarms=Alarms(database, in_force),
        webhooks=webhooks,
        agents=agents,
        factors=factors,
        statistics=Counters(database, in_force, clock),
        store=Health(database, sentinel=sentinel),
        passwords=passwords,
        clock=clock,
        policy=in_force,
        policy_state=policy_state,
        product=Product(__version__, secrets.token_hex(4), has_places),
        public_url=public_url,
        mount=mount,
        outbound=outbound,
    )
