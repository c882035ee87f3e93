"""Reading the policy: one TOML file, or the `*.toml` files of a folder in the order of their names.

A file may hold any part; what it leaves out keeps the default. In a folder later files win, and
the lists `routes` and `devices` are joined. A policy is taken whole or not at all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from sidecar import policy_model as model
from sidecar.core.alarms import SYSTEM_KINDS
from sidecar.core.policy import (
    ALARMS,
    ALWAYS,
    IN_FORCE,
    AgentPolicy,
    AlarmRule,
    DeviceRule,
    LockoutPolicy,
    MfaPolicy,
    NewDevicePolicy,
    PasswordPolicy,
    Policy,
    Route,
    SessionPolicy,
    StepUpPolicy,
)
from sidecar.core.session import Limits
from sidecar.faults import Fault, Key, report, unknown
from sidecar.layers import Layers
from sidecar.policy_place import default_policy_file, policy_files

_JOINED = ("routes", "devices")
_IDLE_CEILING = timedelta(minutes=60)
_LIFETIME_CEILING = timedelta(hours=24)
"""Of AAL2. Source: NIST SP 800-63B-4 section 2.2.3; ASVS 5.0 7.1.1 asks for the reason."""
_LONGEST_WINDOW = timedelta(hours=24)


class PolicyInvalid(Exception):
    """The policy cannot be used. `str` is the report for people, one line for each fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(report("The policy cannot be used:", faults))
        self.faults = tuple(faults)


def load_policy(path: Path | None) -> Policy:
    """Return the policy of a file or folder; None is the one that comes with the product.

    Raises PolicyInvalid with every fault of every file.
    """
    where = path or default_policy_file()
    layers = Layers(_JOINED)
    try:
        files = policy_files(where)
    except OSError as error:
        problem = f"cannot be read: {(error.strerror or 'unreadable').lower()}"
        raise PolicyInvalid([Fault(str(where), "", problem)]) from None
    for file in files:
        layers.add_file(file)
    if not files:
        layers.faults.append(Fault(str(where), "", "holds no *.toml file"))
    read, faults = layers.read(model.PolicyFile)
    if read is None:
        raise PolicyInvalid(faults)
    policy = _policy(read)
    faults += [layers.fault(*found) for found in _contradictions(read, policy)]
    if faults:
        raise PolicyInvalid(faults)
    if where == default_policy_file():
        return policy
    places = {key: Path(place).name for key, place in layers.places().items()}
    return replace(policy, places=MappingProxyType(places))


def _policy(read: model.PolicyFile) -> Policy:
    session, step_up = read.session, read.step_up
    limits = Limits(session.absolute_lifetime, session.idle_timeout, session.max_per_user)
    roles = {role: _limits(limits, own) for role, own in session.roles.items()}
    return Policy(
        session=SessionPolicy(
            limits=limits,
            at_limit=session.at_limit,
            justification=session.justification,
            roles=MappingProxyType(roles),
        ),
        password=PasswordPolicy(**dict(read.password)),
        lockout=LockoutPolicy(**dict(read.lockout)),
        step_up=StepUpPolicy(step_up.end_sessions, step_up.everyone, step_up.roles),
        activity_websocket=read.activity.websocket,
        live_inject=read.live.inject,
        live_reauth=read.live.reauth,
        audit_retention=read.audit.retention,
        seal_interval=read.audit.seal_interval,
        events_retention=read.events.retention,
        ended_sessions_retention=read.ended_sessions.retention,
        alarms=MappingProxyType({**ALARMS, **_alarms(read)}),
        triggers=MappingProxyType({**IN_FORCE, **read.triggers}),
        new_devices=NewDevicePolicy(**dict(read.new_devices)),
        agents=AgentPolicy(**dict(read.agents)),
        mfa=MfaPolicy(read.mfa.mode, MappingProxyType(read.mfa.roles)),
        desktop_app_name=read.desktop_app.name,
        devices=tuple(DeviceRule(**dict(device)) for device in read.devices),
        routes=tuple(_route(route) for route in read.routes),
    )


def _limits(base: Limits, own: model.RoleLimits) -> Limits:
    return replace(base, **{name: value for name, value in own if value is not None})


def _alarms(read: model.PolicyFile) -> dict[str, AlarmRule]:
    return {
        kind: replace(
            ALARMS.get(kind, AlarmRule()),
            **{name: value for name, value in own if value is not None},
        )
        for kind, own in read.alarms.items()
    }


def _route(read: model.RouteEntry) -> Route:
    fields = dict(read)
    allow = fields.pop("allow")
    if isinstance(allow, model.Members):
        return Route(allow="members", roles=allow.roles, groups=allow.groups, **fields)
    return Route(allow=allow, **fields)


def _contradictions(read: model.PolicyFile, policy: Policy) -> list[tuple[Key, str]]:
    """Return what is wrong between values that are right by themselves."""
    found: list[tuple[Key, str]] = []
    own: list[tuple[Key, Limits | model.RoleLimits]] = [(("session",), policy.session.limits)]
    own += [
        (("session", "roles", role.word), limits) for role, limits in read.session.roles.items()
    ]
    if not policy.session.justification:
        for key, limits in own:
            needed = "needs session.justification: the reason why it is longer than"
            if limits.idle_timeout and limits.idle_timeout > _IDLE_CEILING:
                found.append(((*key, "idle_timeout"), f"{needed} 60m"))
            if limits.absolute_lifetime and limits.absolute_lifetime > _LIFETIME_CEILING:
                found.append(((*key, "absolute_lifetime"), f"{needed} 24h"))
    for number, route in enumerate(policy.routes):
        if route.identity == "when_present" and route.allow != "anyone":
            problem = 'is only for allow = "anyone": the others always know who asks'
            found.append((("routes", number, "identity"), problem))
    for kind, table in read.alarms.items():
        found += [(("alarms", kind, *name), problem) for name, problem in _of_alarm(kind, table)]
    for name, on in read.triggers.items():
        if name not in IN_FORCE:
            found.append((("triggers", name), unknown(name, IN_FORCE)))
        elif not on and name in ALWAYS:
            found.append((("triggers", name), f"cannot be switched off: {ALWAYS[name]}"))
    return found


def _of_alarm(kind: str, own: model.AlarmTable) -> Iterator[tuple[tuple[str, ...], str]]:
    if kind not in ALARMS:
        yield (), unknown(kind, ALARMS)
        return
    for name in ("per_ip", "overall", "times_usual"):
        if getattr(own, name) is not None and getattr(ALARMS[kind], name) is None:
            yield (name,), "is only for alarms.failed_logins"
    if own.action == "end_sessions" and kind in SYSTEM_KINDS:
        yield ("action",), 'must be "notify": no session is concerned'
    if own.window is not None and own.window > _LONGEST_WINDOW:
        yield ("window",), "must be at most 24h: no longer is kept what alarms look at"
