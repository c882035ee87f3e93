"""The numbers that the console opens with."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from sidecar.admin.answers import AuditEntryShape, audit_shape
from sidecar.admin.desk import Desk
from sidecar.core.audit import Action
from sidecar.core.audit_log import AuditQuery
from sidecar.core.caller import Caller
from sidecar.core.listing import HourCounts
from sidecar.core.people import EVERYBODY, PeopleFilter
from sidecar.core.session import Kind
from sidecar.core.shapes import Instant, Number, Shape, instant
from sidecar.core.store_state import StoreState
from sidecar.core.users import Status

_HOUR = timedelta(hours=1)
_RECENT, _LOOK_AT = 10, 50


class KindsShape(Shape, frozen=True):
    browser: Number
    desktop: Number
    agent: Number
    service: Number


class LiveShape(Shape, frozen=True):
    live: Number
    by_kind: KindsShape


class PeopleShape(Shape, frozen=True):
    total: Number
    banned: Number
    locked: Number


class DayShape(Shape, frozen=True):
    """One number for each hour by the clock, the oldest first; the last hour still runs."""

    from_: Instant
    to: Instant
    interval_seconds: int
    opened: tuple[Number, ...]
    failed: tuple[Number, ...]
    locked: tuple[Number, ...]


class DeviceCountShape(Shape, frozen=True):
    label: str
    count: Number


class StoreShape(Shape, frozen=True):
    """What is null, the store did not say."""

    up: bool
    latency_ms: float | None
    version: str
    used_memory_bytes: Number | None
    mode: Literal["single", "sentinel", "cluster", ""]
    persistent: bool | None


class AlarmCountShape(Shape, frozen=True):
    """active: alarms that nobody has acknowledged; open: all that are not over."""

    active: Number
    open: Number


class ProductShape(Shape, frozen=True):
    version: str
    replica: str


class OverviewAnswer(Shape, frozen=True):
    sessions: LiveShape
    users: PeopleShape
    last_day: DayShape
    devices: tuple[DeviceCountShape, ...]
    recent_revocations: tuple[AuditEntryShape, ...]
    alarms: AlarmCountShape
    store: StoreShape
    product: ProductShape


async def show_overview(desk: Desk, _: Caller) -> OverviewAnswer:
    """The dashboard."""
    kinds, hours, devices, revoked, alarms, store = await asyncio.gather(
        desk.lists.by_kind(),
        desk.statistics.last_day(),
        desk.statistics.devices(),
        desk.audit.read(AuditQuery(action=Action.SESSION_REVOKED.value), _LOOK_AT),
        desk.alarms.counts(),
        desk.store.state(),
    )
    total, banned, locked = await asyncio.gather(
        desk.directory.count(EVERYBODY),
        desk.directory.count(PeopleFilter(status=Status.BANNED)),
        desk.directory.count(PeopleFilter(status=Status.LOCKED)),
    )
    done = [entry for entry in revoked.entries if entry.outcome == "done"]
    return OverviewAnswer(
        sessions=LiveShape(
            live=sum(kinds.values()),
            by_kind=KindsShape(**{kind.value: kinds.get(kind, 0) for kind in Kind}),
        ),
        users=PeopleShape(total=total, banned=banned, locked=locked),
        last_day=_day(hours),
        devices=tuple(DeviceCountShape(label=one.label, count=one.count) for one in devices),
        recent_revocations=tuple(map(audit_shape, done[:_RECENT])),
        alarms=AlarmCountShape(active=sum(alarms.active.values()), open=sum(alarms.open.values())),
        store=_store(store),
        product=ProductShape(version=desk.product.version, replica=desk.product.replica),
    )


def _day(hours: Sequence[HourCounts]) -> DayShape:
    return DayShape(
        from_=instant(hours[0].begins_at),
        to=instant(hours[-1].begins_at + _HOUR),
        interval_seconds=_HOUR // timedelta(seconds=1),
        opened=tuple(hour.opened for hour in hours),
        failed=tuple(hour.failed for hour in hours),
        locked=tuple(hour.locked for hour in hours),
    )


def _store(state: StoreState) -> StoreShape:
    latency = state.latency
    return StoreShape(
        up=state.up,
        latency_ms=round(latency / timedelta(milliseconds=1), 3) if latency is not None else None,
        version=state.version,
        used_memory_bytes=state.used_memory,
        mode=state.mode,
        persistent=state.persistent,
    )
