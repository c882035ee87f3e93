"""The policy as people write it in a file: key by key, and what one differs in from another."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from enum import Enum

from sidecar.core.policy import DEFAULT_ROUTE, Policy, Route
from sidecar.core.session import Limits
from sidecar.core.spans import write_span

Value = str | int | bool

_NONE = "–"
_LONGEST = 200


def changes(before: Policy, since: Policy) -> list[str]:
    """Return `key: before → since` for each key that differs, in the order of the policy."""
    old, new = dict(_texts(before)), dict(_texts(since))
    return [
        f"{key}: {old.get(key, _NONE)} → {new.get(key, _NONE)}"
        for key in {**old, **new}
        if old.get(key) != new.get(key)
    ]


def _texts(policy: Policy) -> Iterator[tuple[str, str]]:
    for key, value in values_of(policy):
        yield key, _line(str(value).lower() if isinstance(value, bool) else str(value))
    for number, route in enumerate(policy.routes, start=1):
        yield f"routes[{number}]", _line(_route_text(route))


def _line(text: str) -> str:
    """Return it in one line, and not longer than anybody would read."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _route_text(route: Route) -> str:
    """Return what a rule says, as far as it is not what every rule says."""
    said = [route.path]
    for field in fields(route):
        value = getattr(route, field.name)
        if field.name != "path" and value != getattr(DEFAULT_ROUTE, field.name):
            said.append(f"{field.name}={_plain(value)}")
    return " ".join(said)


def _plain(value: object) -> str:
    if isinstance(value, frozenset):
        return ",".join(sorted(map(_plain, value)))
    if isinstance(value, timedelta):
        return write_span(value)
    return value.name.lower() if isinstance(value, Enum) else str(value)


def values_of(policy: Policy) -> Iterator[tuple[str, Value]]:
    """Yield every value with its key as in the file. Routes are apart."""
    session, lockout, step_up = policy.session, policy.lockout, policy.step_up
    yield from _limits("session", session.limits)
    yield "session.at_limit", session.at_limit
    yield "session.justification", session.justification
    for role, limits in session.roles.items():
        yield from _limits(f"session.roles.{role.word}", limits)
    yield "password.min_length", policy.password.min_length
    yield "password.max_length", policy.password.max_length
    yield "password.profile", policy.password.profile
    yield "lockout.failures", lockout.failures
    yield "lockout.duration", write_span(lockout.duration)
    yield "lockout.per_ip", lockout.per_ip
    yield "step_up.end_sessions", _fresh(step_up.end_sessions)
    yield "step_up.everyone", _fresh(step_up.everyone)
    yield "step_up.roles", _fresh(step_up.roles)
    yield "activity.websocket", policy.activity_websocket
    yield "live.inject", policy.live_inject
    yield "live.reauth", policy.live_reauth
    yield "store_outage.mode", "deny"
    yield "audit.retention", write_span(policy.audit_retention)
    yield "audit.seal_interval", write_span(policy.seal_interval)
    yield "events.retention", write_span(policy.events_retention)
    yield "ended_sessions.retention", write_span(policy.ended_sessions_retention)
    for kind, alarm in policy.alarms.items():
        yield f"alarms.{kind}.enabled", alarm.enabled
        yield f"alarms.{kind}.threshold", alarm.threshold
        yield f"alarms.{kind}.window", write_span(alarm.window)
        yield f"alarms.{kind}.action", alarm.action
        for name in ("per_ip", "overall", "times_usual"):
            number: int | None = getattr(alarm, name)
            if number is not None:
                yield f"alarms.{kind}.{name}", number
    for name, on in policy.triggers.items():
        yield f"triggers.{name}", on
    devices = policy.new_devices
    yield "new_devices.notice", devices.notice
    yield "new_devices.remembered", write_span(devices.remembered)
    yield "new_devices.unanswered", write_span(devices.unanswered)
    yield "agents.max_per_user", policy.agents.max_per_user
    yield "mfa.mode", policy.mfa.mode
    for role, mode in policy.mfa.roles.items():
        yield f"mfa.roles.{role.word}", mode
    yield "desktop_app.name", policy.desktop_app_name
    for number, device in enumerate(policy.devices, start=1):
        yield f"devices[{number}].pattern", device.pattern
        yield f"devices[{number}].label", device.label
        yield f"devices[{number}].type", device.type


def _limits(table: str, limits: Limits) -> Iterator[tuple[str, Value]]:
    yield f"{table}.absolute_lifetime", write_span(limits.absolute_lifetime)
    yield f"{table}.idle_timeout", write_span(limits.idle_timeout)
    yield f"{table}.max_per_user", limits.max_per_user


def _fresh(within: timedelta | None) -> str:
    return "off" if within is None else write_span(within)
