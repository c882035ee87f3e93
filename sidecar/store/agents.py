"""Opens the sessions of software that acts for people. Implements the port `Agents`.

From then on they are sessions like all others: `lifecycle.py` ends them, the scripts cascade.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sidecar.core.agents import AgentLimit, CreatorGone, Delegated, Delegation
from sidecar.core.audit import Action, AuditEntry, Target
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock, SessionMetrics
from sidecar.core.reasons import Ended
from sidecar.core.session import Agent, Device, Kind, Session
from sidecar.core.token import BEARER, hash_secret, new_handle, write_token
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.codec import encode, from_ms, span_ms
from sidecar.store.database import Database
from sidecar.store.keyring import KeyRing
from sidecar.store.sessions import TOMBSTONE_LEAST, limits_of_roles, opened


class StoredAgents:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(
        self,
        database: Database,
        policy: Callable[[], Policy],
        clock: Clock,
        keys: KeyRing,
        metrics: SessionMetrics,
    ) -> None:
        self._database = database
        self._names = database.keys
        self._policy = policy
        self._clock = clock
        self._keys = keys
        self._metrics = metrics

    async def delegate(self, wanted: Delegation) -> Delegated | AgentLimit | CreatorGone:
        """Open a session of software, with its audit entry and its event, in one step."""
        policy, secret = self._policy(), secrets.token_urlsafe(32)
        session = self._new_session(wanted, policy, secret)
        entry = AuditEntry(
            Action.AGENT_CREATED,
            wanted.actor,
            Target(session.user_id, session.username, session.handle),
            details={
                "agent": wanted.name,
                "kind": wanted.kind,
                "scopes": "\n".join(wanted.scopes),
            },
        )
        given = {
            "handle": session.handle,
            "user": session.user_id,
            "role": int(session.role),
            "creator": wanted.creator.handle,
            "bound": wanted.kind == "agent" and policy.ends_by(Ended.PARENT_ENDED),
            "cap": policy.agents.max_per_user,
            "entry": entry_fields(entry),
            "limits": limits_of_roles(policy),
            "tombstone": span_ms(TOMBSTONE_LEAST),
        }
        partition = self._names.partition_of(session.handle)
        word, *rest = await self._database.run(
            scripts.AGENT_OPEN, partition, given, encode(session)
        )
        instants, reasons = (rest[:2], rest[2:]) if word == b"opened" else ([], rest)
        for reason in reasons:
            self._metrics.ended(Ended(reason.decode()).value)
        if not instants:
            return AgentLimit() if word == b"at_limit" else CreatorGone()
        self._metrics.opened(session.auth_method)
        created_at = from_ms(int(instants[0]))
        token = write_token(session.handle, secret, *self._keys.current, BEARER)
        return Delegated(_lasting(opened(session, created_at), int(instants[1])), token)

    def _new_session(self, wanted: Delegation, policy: Policy, secret: str) -> Session:
        """Return it as it is asked for; the script cuts its lifetime."""
        now, creator = self._clock.now(), wanted.creator
        partition = self._names.partition_of_user(creator.user_id)
        longest = policy.limits_for(creator.role).absolute_lifetime
        lifetime = longest if wanted.lifetime is None else min(wanted.lifetime, longest)
        is_agent = wanted.kind == "agent"
        return Session(
            handle=new_handle(now, partition, secrets.token_bytes(22)),
            secret_hash=hash_secret(secret),
            user_id=creator.user_id,
            username=creator.username,
            role=creator.role,
            created_at=now,
            last_active_at=now,
            authenticated_at=now,
            kind=Kind(wanted.kind),
            display_name=creator.display_name,
            email=creator.email,
            groups=creator.groups,
            ip_address=wanted.actor.ip_address,
            last_ip_address=wanted.actor.ip_address,
            device=Device(wanted.name, type=wanted.kind),
            auth_method=wanted.kind,
            agent=Agent(
                wanted.name,
                tuple(wanted.scopes),
                now + lifetime,
                creator.handle if is_agent else None,
            ),
        )


def _lasting(session: Session, lifetime: int) -> Session:
    """Return the session with the lifetime that the script gave it, in milliseconds."""
    if session.agent is None:
        return session
    expires_at = session.created_at + timedelta(milliseconds=lifetime)
    return replace(session, agent=replace(session.agent, expires_at=expires_at))
