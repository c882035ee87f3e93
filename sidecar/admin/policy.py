"""The policy in force, as people write it in a file, each value with where it came from."""

from collections.abc import Iterator
from typing import Literal

from sidecar.admin.desk import Desk
from sidecar.core.caller import Caller
from sidecar.core.policy import Policy, Route
from sidecar.core.policy_state import PolicyState
from sidecar.core.policy_values import Value, values_of
from sidecar.core.shapes import Instant, Shape, instant
from sidecar.core.spans import write_span


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
        values=tuple(_value(state.policy, key, value) for key, value in values_of(state.policy)),
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
