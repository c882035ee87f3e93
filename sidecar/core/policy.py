"""The policy in force, as one frozen tree. The numbers are those of the product documents.

Read from TOML elsewhere (`sidecar/policy_file.py`); here is only what the rules look at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Literal

from sidecar.core.reasons import Ended
from sidecar.core.session import Limits
from sidecar.core.users import Role

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    limits: Limits = Limits()
    at_limit: Literal["deny", "evict_oldest"] = "deny"
    justification: str = ""
    roles: Mapping[Role, Limits] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    min_length: int = 12
    max_length: int = 256
    profile: Literal["default", "nist-rev4"] = "default"


@dataclass(frozen=True, slots=True)
class LockoutPolicy:
    failures: int = 10
    duration: timedelta = 15 * MINUTE
    per_ip: int = 100


@dataclass(frozen=True, slots=True)
class StepUpPolicy:
    """How fresh a sign-in must be; None asks for nothing."""

    end_sessions: timedelta | None = None
    everyone: timedelta | None = 10 * MINUTE
    roles: timedelta | None = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class Route:
    """One rule of `[[routes]]`: which requests it is about, who may, and how they are treated.

    path: pattern over the canonical path; methods, hosts: empty means all. roles and groups count
    only when allow is "members": holding one of either lets a person in.
    """

    path: str = "/**"
    methods: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    allow: Literal["anyone", "signed_in", "members"] = "signed_in"
    roles: frozenset[Role] = frozenset()
    groups: frozenset[str] = frozenset()
    identity: Literal["none", "when_present"] = "none"
    activity: bool = True
    inject: bool = True
    websocket_origins: frozenset[str] = frozenset()
    timeout: timedelta | None = None


DEFAULT_ROUTE = Route()
"""No rule matched: sign-in is needed."""


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """When an alarm is raised: `threshold` within `window`.

    per_ip, overall, times_usual: of failed_logins alone. overall failures within the window are an
    alarm if they are also so many times what is usual.
    """

    enabled: bool = True
    threshold: int = 1
    window: timedelta = 60 * MINUTE
    action: Literal["notify", "end_sessions"] = "notify"
    per_ip: int | None = None
    overall: int | None = None
    times_usual: int | None = None


@dataclass(frozen=True, slots=True)
class DeviceRule:
    """A pattern over the whole User-Agent (any case, `*` wild), and what to call the device.

    type: of `core.session.Device`. A desktop in whose User-Agent a program shows is `desktop_app`.
    """

    pattern: str
    label: str
    type: str = "desktop"


ALARMS: Mapping[str, AlarmRule] = MappingProxyType(
    {
        "ip_spread": AlarmRule(threshold=4),
        "failed_logins": AlarmRule(
            threshold=5, window=15 * MINUTE, per_ip=20, overall=50, times_usual=4
        ),
        "lockout": AlarmRule(window=15 * MINUTE),
        "dead_token": AlarmRule(),
        "session_shift": AlarmRule(),
        "impossible_travel": AlarmRule(threshold=900, window=720 * MINUTE),
        "cap_reached": AlarmRule(),
        "mass_revocation": AlarmRule(threshold=50, window=10 * MINUTE),
        "store_degraded": AlarmRule(),
        "audit_unsealed": AlarmRule(window=MINUTE),
        "webhook_failing": AlarmRule(),
        "policy_reload_failed": AlarmRule(),
    }
)
"""Every kind of alarm there is; what each counts: core/alarms.py."""

TRIGGERS: Mapping[str, bool] = MappingProxyType(
    dict.fromkeys(
        (
            Ended.PASSWORD_CHANGED.value,
            Ended.ROLE_CHANGED.value,
            Ended.PROVIDER_LOGOUT.value,
            Ended.PROVIDER_REFUSED.value,
            Ended.SIGNAL.value,
            Ended.PARENT_ENDED.value,
        ),
        True,
    )
)
"""What ends a person's sessions by itself, and may be switched off. What each means then:
policies/README.md."""

ALWAYS: Mapping[str, str] = MappingProxyType(
    {
        "password_reset": "who set a password anew may have lost the old one to somebody",
        "banned": "a ban that leaves people signed in is none",
        "user_deleted": "nobody is there whose sessions they could be",
        "role_lowered": "sessions keep the role that they were opened with",
        "group_lost": "sessions keep the groups that they were opened with",
        "agent_disabled": "an agent is its session",
    }
)
"""What ends sessions and cannot be switched off, with the reason why."""

IN_FORCE: Mapping[str, bool] = MappingProxyType({**TRIGGERS, **dict.fromkeys(ALWAYS, True)})


@dataclass(frozen=True, slots=True)
class NewDevicePolicy:
    """notice: people are told of a sign-in from a device that is new. remembered: how long a device
    is known that nobody signs in from. unanswered: how long a notice waits."""

    notice: bool = True
    remembered: timedelta = timedelta(days=180)
    unanswered: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class AgentPolicy:
    """max_per_user: how many agents and services may act for one person at a time."""

    max_per_user: int = 10


FactorMode = Literal["off", "offered", "required"]


@dataclass(frozen=True, slots=True)
class MfaPolicy:
    """Whether people may, or must, prove more than a password. roles: where it differs."""

    mode: FactorMode = "offered"
    roles: Mapping[Role, FactorMode] = field(default_factory=lambda: MappingProxyType({}))

    def mode_for(self, role: Role) -> FactorMode:
        return self.roles.get(role, self.mode)


@dataclass(frozen=True, slots=True)
class Policy:
    """places: for each key of a file, dotted as there, the file's name; other keys are defaults.
    Two policies that say the same are equal, wherever they say it."""

    session: SessionPolicy = SessionPolicy()
    password: PasswordPolicy = PasswordPolicy()
    lockout: LockoutPolicy = LockoutPolicy()
    step_up: StepUpPolicy = StepUpPolicy()
    activity_websocket: Literal["client_frames", "none"] = "client_frames"
    live_inject: bool = True
    live_reauth: Literal["redirect", "overlay"] = "redirect"
    audit_retention: timedelta = timedelta(days=400)
    seal_interval: timedelta = timedelta(seconds=5)
    events_retention: timedelta = timedelta(days=30)
    ended_sessions_retention: timedelta = timedelta(days=30)
    alarms: Mapping[str, AlarmRule] = field(default_factory=lambda: ALARMS)
    triggers: Mapping[str, bool] = field(default_factory=lambda: IN_FORCE)
    desktop_app_name: str = ""
    new_devices: NewDevicePolicy = NewDevicePolicy()
    agents: AgentPolicy = AgentPolicy()
    mfa: MfaPolicy = MfaPolicy()
    devices: tuple[DeviceRule, ...] = ()
    routes: tuple[Route, ...] = ()
    places: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), compare=False)

    def ends_by(self, reason: Ended) -> bool:
        """Say whether this ends sessions by itself, where it may be switched off."""
        return self.triggers.get(reason.value, True)

    def limits_for(self, role: Role) -> Limits:
        return self.session.roles.get(role, self.session.limits)
