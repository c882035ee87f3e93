"""What audit entries, and what workers noticed, say about alarms: from entry to observations."""

from collections.abc import Iterator
from types import MappingProxyType

from sidecar.core.alarm_counts import BY_ADDRESS, BY_PERSON
from sidecar.core.alarm_facts import Mark, Observation, WorkerFact
from sidecar.core.audit import Action, ActorKind, AuditEntry
from sidecar.core.client_network import network_of
from sidecar.core.users import UserId, canonical_name

_OF_WEBHOOKS = (Action.WEBHOOK_DISABLED, Action.WEBHOOK_ENABLED, Action.WEBHOOK_DELETED)
_LONGEST = 160


def observed(entry: AuditEntry) -> Iterator[Observation]:
    """Yield what an entry says, in order. entry: as the store gave it."""
    action, done = entry.action, entry.outcome == "done"
    if action is Action.LOGIN_FAILED and done:
        yield from _failed(entry)
    elif action is Action.LOGIN_FAILED and entry.reason == "session_limit":
        yield _about("cap_reached", str(entry.target.user_id or ""), entry, _mark(entry))
    elif action is Action.USER_LOCKED and done:
        yield _about("lockout", _person(entry), entry, _mark(entry))
    elif action in (Action.USER_UNLOCKED, Action.USER_DELETED) and done:
        yield _about("lockout", _person(entry), entry, None)
        yield _about("failed_logins", BY_PERSON + _person(entry), entry, None)
    elif action is Action.SESSION_REVOKED and done and entry.actor.kind is not ActorKind.SYSTEM:
        actor = entry.actor
        ended = _mark(entry, weight=entry.count)
        subject = actor.id or canonical_name(actor.username)
        yield Observation("mass_revocation", subject, ended, _user_id(entry), actor.username)
    elif action is Action.SESSION_EVICTED and done:
        yield _about("cap_reached", str(entry.target.user_id or ""), entry, _mark(entry))
    elif action is Action.POLICY_RELOADED:
        refused = None if done else _mark(entry, faults=entry.details.get("faults", ""))
        yield Observation("policy_reload_failed", "", refused)
    elif action in _OF_WEBHOOKS and done:
        name, host = entry.details.get("webhook", ""), entry.details.get("host", "")
        # One that somebody switched off is expected to be silent.
        fails = action is Action.WEBHOOK_DISABLED and entry.details.get("cause") != "admin"
        mark = _mark(entry, webhook=name, host=host) if fails else None
        yield Observation("webhook_failing", name, mark, username=host)


def noticed(fact: WorkerFact) -> Observation:
    """Return what a process noticed."""
    mark = Mark(fact.id, fact.at, fact.count, fact.address, fact.handle, fact.details)
    return Observation(fact.kind, fact.user_id or "", mark, fact.user_id, fact.username)


def _failed(entry: AuditEntry) -> Iterator[Observation]:
    mark = _mark(entry, name=entry.target.username)
    yield _about("failed_logins", BY_PERSON + _person(entry), entry, mark)
    network = network_of(entry.actor.ip_address)
    if network:
        yield Observation("failed_logins", BY_ADDRESS + network, mark)


def _about(kind: str, subject: str, entry: AuditEntry, mark: Mark | None) -> Observation:
    return Observation(kind, subject, mark, entry.target.user_id, entry.target.username[:_LONGEST])


def _person(entry: AuditEntry) -> str:
    """Return whom it is about: a name that nobody has is somebody, too. By name always, since an
    entry may know only that."""
    return canonical_name(entry.target.username)[:_LONGEST] or str(entry.target.user_id or "")


def _user_id(entry: AuditEntry) -> UserId | None:
    return UserId(entry.actor.id) if entry.actor.kind is ActorKind.USER and entry.actor.id else None


def _mark(entry: AuditEntry, weight: int = 1, **details: str) -> Mark:
    if entry.at is None:
        raise ValueError("an entry that was never stored has no instant")
    kept = MappingProxyType({name: text[:_LONGEST] for name, text in details.items() if text})
    return Mark(entry.id, entry.at, weight, entry.actor.ip_address, entry.target.handle, kept)
