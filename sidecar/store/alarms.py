"""The alarms in Redis. Implements the ports `AlarmLog` and `AlarmBook`; scripts: lua/alarm_*.lua.

One is a JSON object with short names; absent ones have their default:

    id, k kind, s subject, v severity, st state, u user, n name of who has no id, q count, f first
    and l last seen, ip addresses, dv devices, ss sessions, c counts, x details, a action, p must
    act, e ended, ak who acknowledged {i, p}, at when, nt note, r resolved at

Names of people are put beside their ids when it is read, as everywhere.
"""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sidecar.core.alarm_log import (
    AlarmCounts,
    AlarmFilter,
    AlarmGone,
    AlarmPage,
    AlarmResolved,
)
from sidecar.core.alarms import SEVERITIES, Alarm, AlarmState, Evidence, Finding, Severity
from sidecar.core.audit import SYSTEM, Action, Actor, ActorKind, AuditEntry
from sidecar.core.policy import AlarmRule, Policy
from sidecar.core.session import Handle
from sidecar.core.users import UserId
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.codec import from_ms, span_ms, to_ms
from sidecar.store.database import Database
from sidecar.store.names import Names

MOST_OPEN = 500
"""Of one kind, so that a flood of one leaves the others to be seen."""
MOST_RESOLVED = 2000

_READ_AT_ONCE = 200


class Alarms:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database, policy: Callable[[], Policy]) -> None:
        self._database = database
        self._keys = database.keys
        self._policy = policy
        self._names = Names(database)

    async def page(self, wanted: AlarmFilter, offset: int, limit: int) -> AlarmPage:
        """Return active ones first, then acknowledged, then resolved ones; the newest first."""
        states = [wanted.state] if wanted.state else list(AlarmState)
        lists = await self._members(states)
        members = [member for found in lists for member in found if _matches(member, wanted)]
        items = await self._read(members[offset : offset + limit])
        active = await self._database.command("ZCARD", self._keys.alarms(AlarmState.ACTIVE.value))
        return AlarmPage(items, len(members), int(active))

    async def counts(self) -> AlarmCounts:
        found = await self._database.command("HGETALL", self._keys.alarms("count"))
        counts: dict[str, dict[str, int]] = {"active": {}, "open": {}}
        for field, count in found.items():
            state, _, kind = field.decode().partition(" ")
            if int(count):
                counts[state][kind] = int(count)
        return AlarmCounts(**counts)

    async def open(self) -> Sequence[Alarm]:
        """Return all that are not resolved."""
        lists = await self._members([AlarmState.ACTIVE, AlarmState.ACKNOWLEDGED])
        members = [member for found in lists for member in found]
        alarms: list[Alarm] = []
        for start in range(0, len(members), _READ_AT_ONCE):
            alarms += await self._read(members[start : start + _READ_AT_ONCE])
        return [alarm for alarm in alarms if alarm.state is not AlarmState.RESOLVED]

    async def raised(self, finding: Finding, rule: AlarmRule) -> Alarm | None:
        """Raise an alarm, or update the one that is open about the same. None: too many are."""
        given = {
            "alarm": _new(secrets.token_hex(8), finding, rule),
            "name": finding.username or None,
            "entry": entry_fields(AuditEntry(Action.ALARM_RAISED, SYSTEM)),
            "most": MOST_OPEN,
        }
        word, *rest = await self._database.run(scripts.ALARM_RAISE, 0, given)
        return None if word == b"full" else (await self._decoded(rest[:1]))[0]

    async def acknowledge(self, alarm_id: str, actor: Actor, note: str) -> Alarm:
        """Raises AlarmGone and AlarmResolved."""
        details = {"note": note} if note else {}
        entry = AuditEntry(Action.ALARM_ACKNOWLEDGED, actor, details=details)
        raw = await self._database.command("HGET", self._keys.alarms(), alarm_id)
        if raw is None:
            raise AlarmGone(alarm_id)
        (alarm,) = await self._decoded([raw])
        given: dict[str, object] = {
            "by": {"i": actor.id, "p": actor.ip_address},
            "name": alarm.username or None,
            "note": note or None,
        }
        word, *rest = await self._settle(alarm_id, AlarmState.ACKNOWLEDGED, entry, given)
        if word == b"missing":
            raise AlarmGone(alarm_id)
        if word == b"resolved":
            raise AlarmResolved(alarm_id)
        return (await self._decoded(rest[:1]))[0]

    async def resolved(self, alarm: Alarm) -> None:
        """Its condition is over."""
        entry = AuditEntry(Action.ALARM_RESOLVED, SYSTEM)
        await self._settle(alarm.id, AlarmState.RESOLVED, entry, {"name": alarm.username or None})

    async def acted(self, alarm: Alarm, ended: int) -> None:
        """Its action is done."""
        await self._database.run(scripts.ALARM_ACTED, 0, {"id": alarm.id, "ended": ended})

    async def _settle(
        self, alarm_id: str, to: AlarmState, entry: AuditEntry, given: dict[str, object]
    ) -> Any:
        given |= {
            "id": alarm_id,
            "to": to.value,
            "entry": entry_fields(entry),
            "kept": span_ms(self._policy().events_retention),
            "most": MOST_RESOLVED,
        }
        return await self._database.run(scripts.ALARM_SETTLE, 0, given)

    async def _members(self, states: Sequence[AlarmState]) -> list[list[bytes]]:
        return await self._database.read_all(
            ("ZREVRANGE", self._keys.alarms(state.value), 0, -1) for state in states
        )

    async def _read(self, members: Sequence[bytes]) -> list[Alarm]:
        if not members:
            return []
        ids = [member.rpartition(b" ")[2] for member in members]
        found = await self._database.command("HMGET", self._keys.alarms(), *ids)
        return await self._decoded([raw for raw in found if raw])

    async def _decoded(self, found: Sequence[bytes]) -> list[Alarm]:
        """Return the alarms with the names of the people in them, looked up together."""
        read: list[dict[str, Any]] = [json.loads(raw) for raw in found]
        people = (
            each for one in read for each in (one.get("u", ""), one.get("ak", {}).get("i", ""))
        )
        names = await self._names.of(people)
        return [_alarm(fields, names) for fields in read]


def _matches(member: bytes, wanted: AlarmFilter) -> bool:
    kind, user_id, _ = member.decode().split(" ")
    return (not wanted.kind or kind == wanted.kind) and (
        wanted.user_id is None or user_id == wanted.user_id
    )


def _new(alarm_id: str, finding: Finding, rule: AlarmRule) -> dict[str, Any]:
    evidence = finding.evidence
    fields = {
        "id": alarm_id,
        "k": finding.kind,
        "s": finding.subject,
        "v": SEVERITIES[finding.kind].value,
        "st": AlarmState.ACTIVE.value,
        "u": finding.user_id,
        "n": "" if finding.user_id else finding.username,
        "q": finding.count,
        "f": to_ms(finding.first_seen_at),
        "l": to_ms(finding.last_seen_at),
        "ip": list(evidence.ip_addresses),
        "dv": list(evidence.devices),
        "ss": list(evidence.handles),
        "c": dict(evidence.counts),
        "x": dict(evidence.details),
        "a": rule.action if rule.action != "notify" else "",
        "p": 1 if rule.action == "end_sessions" and evidence.handles else "",
    }
    # The subject may be empty: there is one store. Empty lists would become objects in Lua.
    return {name: value for name, value in fields.items() if value or name == "s"}


def _alarm(fields: dict[str, Any], names: Mapping[str, str]) -> Alarm:
    user_id, by = fields.get("u"), fields.get("ak")
    return Alarm(
        id=fields["id"],
        kind=fields["k"],
        subject=fields["s"],
        severity=Severity(fields["v"]),
        state=AlarmState(fields["st"]),
        evidence=Evidence(
            tuple(fields.get("ip", ())),
            tuple(fields.get("dv", ())),
            tuple(map(Handle, fields.get("ss", ()))),
            fields.get("c", {}),
            fields.get("x", {}),
        ),
        count=int(fields["q"]),
        first_seen_at=from_ms(fields["f"]),
        last_seen_at=from_ms(fields["l"]),
        user_id=UserId(user_id) if user_id else None,
        username=names.get(user_id or "", "") or fields.get("n", ""),
        action="end_sessions" if fields.get("a") == "end_sessions" else "notify",
        must_act=bool(fields.get("p")),
        ended=fields.get("e"),
        acknowledged_by=Actor(ActorKind.USER, by["i"], names.get(by["i"], ""), by["p"])
        if by
        else None,
        acknowledged_at=_instant(fields.get("at")),
        note=fields.get("nt", ""),
        resolved_at=_instant(fields.get("r")),
    )


def _instant(milliseconds: float | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)
