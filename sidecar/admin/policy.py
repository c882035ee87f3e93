"""The policy in force, as people write it in a file, each value with where it came from."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from sidecar.admin.desk import Desk
from sidecar.core.caller import Caller
from sidecar.core.policy import Policy, Route
from sidecar.core.policy_state import PolicyState
from sidecar.core.session import Limits
from sidecar.core.shapes import Instant, Shape, instant
from sidecar.core.spans import write_span

Value = str | int | bool


class ValueShape(Shape, frozen=True):
    """key: as in the file. place: the name of the file, empty for a default."""

    key: str
    value: Value
    source: Literal["default", "file"]
    place: str


class RouteShape(Shape, frozen=True):
    """One rule; the first that matches decides. Empty lists mean: all."""

    path: str
    methods: tuple[str, ...]
    hosts: tuple[str, ...]
    allow: Literal["anyone", "signed_in", "members"]
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    identity: Literal["none", "when_present"]
    activity: bool
    inject: bool
    websocket_origins: tuple[str, ...]
    timeout: str | None


class PolicyFaultShape(Shape, frozen=True):
    place: str
    key: str
    problem: str


class ReloadShape(Shape, frozen=True):
    at: Instant
    ok: bool
    faults: tuple[PolicyFaultShape, ...]


class AlarmOffShape(Shape, frozen=True):
    """A kind of alarm that is never raised, and why."""

    kind: str
    why: Literal["disabled", "no_geoip_database"]


class PolicyAnswer(Shape, frozen=True):
    """last_reload: null when the files were read once, at the start."""

    alarms_off: tuple[AlarmOffShape, ...]
    values: tuple[ValueShape, ...]
    routes: tuple[RouteShape, ...]
    loaded_at: Instant
    last_reload: ReloadShape | None


async def show_policy(desk: Desk, _: Caller) -> PolicyAnswer:
    """The policy in force. Routes are listed apart, in the order in which they are asked."""
    state = desk.policy_state()
    return PolicyAnswer(
        alarms_off=tuple(alarms_off(desk)),
        values=tuple(_value(state.policy, key, value) for key, value in _values(state.policy)),
        routes=tuple(map(_route, state.policy.routes)),
        loaded_at=instant(state.loaded_at),
        last_reload=_reload(state),
    )


def alarms_off(desk: Desk) -> Iterator[AlarmOffShape]:
    """Yield the kinds of alarms that nobody will ever hear of."""
    for kind, rule in desk.policy().alarms.items():
        if not rule.enabled:
            yield AlarmOffShape(kind=kind, why="disabled")
        elif kind == "impossible_travel" and not desk.product.has_places:
            yield AlarmOffShape(kind=kind, why="no_geoip_database")


def _value(policy: Policy, key: str, value: Value) -> ValueShape:
    place = _place(policy, key)
    source: Literal["default", "file"] = "default" if place is None else "file"
    return ValueShape(key=key, value=value, source=source, place=place or "")


def _place(policy: Policy, key: str) -> str | None:
    """Return which file gave the value: itself, its item of a list, or what its role inherits."""
    table, _, name = key.rpartition(".")
    outer = f"session.{name}" if table.startswith("session.roles.") else ""
    if table.endswith("]"):
        outer = table
    return policy.places.get(key) or policy.places.get(outer)


def _values(policy: Policy) -> Iterator[tuple[str, Value]]:
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


def _route(route: Route) -> RouteShape:
    return RouteShape(
        path=route.path,
        methods=tuple(sorted(route.methods)),
        hosts=tuple(sorted(route.hosts)),
        allow=route.allow,
        roles=tuple(role.word for role in sorted(route.roles)),
        groups=tuple(sorted(route.groups)),
        identity=route.identity,
        activity=route.activity,
        inject=route.inject,
        websocket_origins=tuple(sorted(route.websocket_origins)),
        timeout=write_span(route.timeout) if route.timeout is not None else None,
    )


def _reload(state: PolicyState) -> ReloadShape | None:
    last = state.last_reload
    if last is None:
        return None
    faults = tuple(
        PolicyFaultShape(place=fault.place, key=fault.key, problem=fault.problem)
        for fault in last.faults
    )
    return ReloadShape(at=instant(last.at), ok=not faults, faults=faults)
