"""The shape of a policy file. Each class is a table; each default is that of `core.policy`.

Every check of a single value is made here, so that all faults of a file are found at once. What
depends on several tables is in `policy_file.py`.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator

from sidecar.core import policy as core
from sidecar.core.address import Upstream, read_origin
from sidecar.core.routes import compile_path
from sidecar.core.session import Limits
from sidecar.core.users import Role
from sidecar.tables import Table
from sidecar.values import Count, Span, Switch, Text, between, span, text, texts

_LIMITS = Limits()
_PASSWORD = core.PasswordPolicy()
_LOCKOUT = core.LockoutPolicy()
_NEW_DEVICES = core.NewDevicePolicy()
_STEP_UP = core.StepUpPolicy()
_POLICY = core.Policy()
_METHOD = re.compile(r"[A-Z][A-Z_-]{0,31}")
_HOST = re.compile(r"(\*\.)?[a-z0-9_~-]+(\.[a-z0-9_~-]+)*|\[[0-9a-f:.]+\]")


def _fresh(value: object) -> timedelta | None:
    return None if value == "off" else span(value, least=timedelta(seconds=1))


def _path(value: object) -> str:
    pattern = text(value)
    compile_path(pattern)
    return pattern


def _methods(value: object) -> frozenset[str]:
    methods = frozenset(method.upper() for method in texts(value))
    for method in methods:
        if not _METHOD.fullmatch(method):
            raise ValueError(f'must hold methods such as "GET", not {method!r}')
    return methods


def _hosts(value: object) -> frozenset[str]:
    hosts = frozenset(host.lower().removesuffix(".") for host in texts(value))
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise ValueError(
                f'must hold hosts such as "app.example.com" or "*.example.com", not {host!r}'
            )
    return hosts


def _origins(value: object) -> frozenset[str]:
    form = 'origins such as "https://app.example.com"'
    read = (read_origin(item, form) for item in texts(value))
    return frozenset(str(Upstream(scheme, address)).lower() for scheme, address in read)


def _roles(value: object) -> frozenset[Role]:
    return frozenset(Role.parse(word) for word in texts(value))


def _role(value: object) -> Role:
    return Role.parse(text(value))


def _one_line(most: int) -> Callable[[object], str]:
    def read(value: object) -> str:
        line = text(value)
        if len(line) > most or not line.isprintable() or line != line.strip():
            raise ValueError(f"must be one line of at most {most} characters")
        return line

    return read


def _program_name(value: object) -> str:
    return "" if value == "" else _one_line(48)(value)


def _allow(value: object) -> "Literal['anyone', 'signed_in'] | Members":
    if value == "anyone":
        return "anyone"
    if value == "signed_in":
        return "signed_in"
    if not isinstance(value, dict) or not value or not value.keys() <= {"roles", "groups"}:
        raise ValueError('must be "anyone", "signed_in" or {roles = […], groups = […]}')
    roles, groups = _roles(value.get("roles", [])), texts(value.get("groups", []))
    if not roles and not groups:
        raise ValueError("names no role and no group: nobody could pass")
    return Members(roles=roles, groups=frozenset(groups))


Fresh = Annotated[timedelta | None, PlainValidator(_fresh)]
Path = Annotated[str, PlainValidator(_path)]
Methods = Annotated[frozenset[str], PlainValidator(_methods)]
Hosts = Annotated[frozenset[str], PlainValidator(_hosts)]
Origins = Annotated[frozenset[str], PlainValidator(_origins)]
ProgramName = Annotated[str, PlainValidator(_program_name)]
RoleName = Annotated[Role, PlainValidator(_role)]


class Members(Table):
    roles: frozenset[Role]
    groups: frozenset[str]


class RoleLimits(Table):
    absolute_lifetime: Span | None = None
    idle_timeout: Span | None = None
    max_per_user: Count | None = None


class SessionTable(Table):
    absolute_lifetime: Span = _LIMITS.absolute_lifetime
    idle_timeout: Span = _LIMITS.idle_timeout
    max_per_user: Count = _LIMITS.max_per_user
    at_limit: Literal["deny", "evict_oldest"] = "deny"
    justification: Text = ""
    roles: dict[RoleName, RoleLimits] = Field(default_factory=dict)


class PasswordTable(Table):
    min_length: Annotated[int, between(8, 128)] = _PASSWORD.min_length
    max_length: Annotated[int, between(64, 256)] = _PASSWORD.max_length
    profile: Literal["default", "nist-rev4"] = _PASSWORD.profile


class LockoutTable(Table):
    failures: Annotated[int, between(1, 100)] = _LOCKOUT.failures
    duration: Span = _LOCKOUT.duration
    per_ip: Count = _LOCKOUT.per_ip


class StepUpTable(Table):
    end_sessions: Fresh = _STEP_UP.end_sessions
    everyone: Fresh = _STEP_UP.everyone
    roles: Fresh = _STEP_UP.roles


class ActivityTable(Table):
    websocket: Literal["client_frames", "none"] = _POLICY.activity_websocket


class LiveTable(Table):
    inject: Switch = _POLICY.live_inject
    reauth: Literal["redirect", "overlay"] = _POLICY.live_reauth


class StoreOutageTable(Table):
    mode: Literal["deny"] = "deny"


class AuditTable(Table):
    retention: Span = _POLICY.audit_retention
    seal_interval: Span = _POLICY.seal_interval


class EventsTable(Table):
    retention: Span = _POLICY.events_retention


class EndedSessionsTable(Table):
    retention: Span = _POLICY.ended_sessions_retention


class AlarmTable(Table):
    """Keys that are unset keep the default of their kind. The last three: of failed_logins."""

    enabled: Switch | None = None
    threshold: Count | None = None
    window: Span | None = None
    action: Literal["notify", "end_sessions"] | None = None
    per_ip: Count | None = None
    overall: Count | None = None
    times_usual: Count | None = None


class NewDevicesTable(Table):
    notice: Switch = _NEW_DEVICES.notice
    remembered: Span = _NEW_DEVICES.remembered
    unanswered: Span = _NEW_DEVICES.unanswered


class AgentsTable(Table):
    max_per_user: Count = core.AgentPolicy().max_per_user


FactorModeName = Literal["off", "offered", "required"]


class MfaTable(Table):
    mode: FactorModeName = core.MfaPolicy().mode
    roles: dict[RoleName, FactorModeName] = Field(default_factory=dict)


class DesktopAppTable(Table):
    name: ProgramName = _POLICY.desktop_app_name


class DeviceTable(Table):
    pattern: Annotated[str, PlainValidator(_one_line(256))]
    label: Annotated[str, PlainValidator(_one_line(64))]
    type: Literal["desktop", "desktop_app", "mobile", "tablet", "bot", "unknown"] = "desktop"


class RouteEntry(Table):
    path: Path = "/**"
    methods: Methods = frozenset()
    hosts: Hosts = frozenset()
    allow: Annotated[Any, PlainValidator(_allow)] = "signed_in"
    identity: Literal["none", "when_present"] = "none"
    activity: Switch = True
    inject: Switch = True
    websocket_origins: Origins = frozenset()
    timeout: Span | None = None


class PolicyFile(Table):
    """The whole file, or all files of a folder taken together."""

    session: SessionTable = SessionTable()
    password: PasswordTable = PasswordTable()
    lockout: LockoutTable = LockoutTable()
    step_up: StepUpTable = StepUpTable()
    activity: ActivityTable = ActivityTable()
    live: LiveTable = LiveTable()
    store_outage: StoreOutageTable = StoreOutageTable()
    audit: AuditTable = AuditTable()
    events: EventsTable = EventsTable()
    ended_sessions: EndedSessionsTable = EndedSessionsTable()
    alarms: dict[str, AlarmTable] = Field(default_factory=dict)
    triggers: dict[str, Switch] = Field(default_factory=dict)
    new_devices: NewDevicesTable = NewDevicesTable()
    agents: AgentsTable = AgentsTable()
    mfa: MfaTable = MfaTable()
    desktop_app: DesktopAppTable = DesktopAppTable()
    devices: list[DeviceTable] = Field(default_factory=list, max_length=200)
    routes: list[RouteEntry] = Field(default_factory=list)
