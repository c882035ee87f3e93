"""Evaluates the alarms: one replica at a time, once a second, from what the store has noted.

Nothing of a request waits for this, and none pays for it: what is looked at is written down
anyway, by the scripts of sessions and of the audit log. Whoever dies here leaves the rest to the
next holder of the lease: an alarm is one by its kind and subject, and reading twice counts once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from sidecar.core import alarm_counts as counts
from sidecar.core import alarm_people as people
from sidecar.core.alarm_facts import Mark, Observation, PersonFacts
from sidecar.core.alarm_log import AlarmBook, AlarmCauses, SealWatch
from sidecar.core.alarms import SYSTEM_KINDS, Alarm, Finding
from sidecar.core.audit import SYSTEM
from sidecar.core.policy import AlarmRule, Policy
from sidecar.core.ports import Clock, Sessions, StoreUnavailable
from sidecar.core.reasons import Ended
from sidecar.core.users import UserId

log = logging.getLogger(__name__)

TURN = timedelta(seconds=1)
LOOK_AGAIN = 3
"""After so many turns, alarms that are open are looked at again: is the condition over?"""

_MOST_READS = 20
_PEOPLE_AT_ONCE = 10
_PEOPLE_KINDS = ("ip_spread", "session_shift", "impossible_travel")

Named = Callable[[str], Awaitable[str]]
"""Says what to call the device that has this User-Agent."""


class Turn(Protocol):
    """Says whether it is this process that evaluates now."""

    async def hold(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What evaluation works with. locate: None where there is no database of places."""

    causes: AlarmCauses
    book: AlarmBook
    sessions: Sessions
    clock: Clock
    policy: Callable[[], Policy]
    named: Named
    locate: people.Locate | None = None
    seals: SealWatch | None = None


class AlarmWatch:
    """`turn` once, or `start` to take turns as long as the lease is held."""

    def __init__(self, around: Surroundings, lease: Turn) -> None:
        self._around = around
        self._lease = lease
        self._turns = 0
        self._failures_seen = True  # perhaps, before this process came
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        task, self._task = self._task, None
        while task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=0.2)

    async def turn(self) -> None:
        """Look at what is new, and now and then at the alarms that are open. Raises
        StoreUnavailable."""
        for _ in range(_MOST_READS):
            if not await self._read():
                break
        watched = await self._around.causes.watched()
        for start in range(0, len(watched), _PEOPLE_AT_ONCE):
            some = watched[start : start + _PEOPLE_AT_ONCE]
            await asyncio.gather(*(self._look_at(each.user_id) for each in some))
            await self._around.causes.looked(some)
        if self._turns % LOOK_AGAIN == 0:
            await self.look_again()
        self._turns += 1

    async def _read(self) -> bool:
        """Look at what is in the streams; say whether there is more."""
        happened = await self._around.causes.happened()
        for observation, marks in happened.counted:
            self._failures_seen |= observation.kind == "failed_logins"
            await self._settle(await self._counted(observation, marks))
        await self._around.causes.settled(happened)
        return happened.more

    async def look_again(self) -> None:
        """Resolve what is over, bring the rest up to date, and look at what no entry tells of."""
        for alarm in await self._around.book.open():
            finding = await self._still(alarm)
            if finding is None:
                await self._around.book.resolved(alarm)
                log.info("alarm_resolved", extra={"alarm": alarm.id, "kind": alarm.kind})
            elif finding.count > alarm.count or finding.last_seen_at > alarm.last_seen_at:
                await self._settle(finding)
            elif alarm.must_act:
                await self._act(alarm)
        for finding in (await self._failures(), await self._unsealed()):
            await self._settle(finding)

    async def _look_at(self, user_id: UserId) -> None:
        person = await self._around.causes.person(user_id)
        for finding in self._of_person(person):
            await self._settle(finding)

    def _of_person(self, person: PersonFacts) -> list[Finding]:
        now, rules = self._around.clock.now(), self._rules(_PEOPLE_KINDS)
        found: list[Finding | None] = []
        if rule := rules.get("ip_spread"):
            found.append(people.ip_spread(person, rule, now))
        if rule := rules.get("session_shift"):
            found += people.session_shifts(person, rule, now)
        if (rule := rules.get("impossible_travel")) and self._around.locate is not None:
            found.append(people.impossible_travel(person, rule, now, self._around.locate))
        return [finding for finding in found if finding is not None]

    async def _counted(
        self, about: Observation, marks: Sequence[Mark], *, is_raised: bool = False
    ) -> Finding | None:
        kind, rule = about.kind, self._rules((about.kind,)).get(about.kind)
        if rule is None or not marks:
            return None
        now = self._around.clock.now()
        finding = counts.counted(about, marks, rule, now, is_raised=is_raised)
        if finding is None or about.user_id is None or kind in SYSTEM_KINDS:
            return finding
        person = await self._around.causes.person(about.user_id)
        return counts.with_person(finding, person)

    async def _still(self, alarm: Alarm) -> Finding | None:
        """Return what is true now of an alarm that is open; None: its condition is over."""
        if alarm.kind in _PEOPLE_KINDS and alarm.user_id is not None:
            person = await self._around.causes.person(alarm.user_id)
            of_person = (each for each in self._of_person(person) if each.kind == alarm.kind)
            return next((each for each in of_person if each.subject == alarm.subject), None)
        if alarm.kind == "audit_unsealed":
            return await self._unsealed()
        if alarm.subject == counts.BY_ALL:
            return await self._failures()
        marks = await self._around.causes.marks(alarm.kind, alarm.subject)
        about = Observation(alarm.kind, alarm.subject, None, alarm.user_id, alarm.username)
        return await self._counted(about, marks, is_raised=True)

    async def _failures(self) -> Finding | None:
        rule = self._rules(("failed_logins",)).get("failed_logins")
        if rule is None or not self._failures_seen:
            return None
        rate = await self._around.causes.failure_rate(rule.window)
        self._failures_seen = rate.recent > 0
        return counts.overall_failures(rate, rule)

    async def _unsealed(self) -> Finding | None:
        rule, seals = self._rules(("audit_unsealed",)).get("audit_unsealed"), self._around.seals
        if rule is None or seals is None:
            return None
        return counts.audit_unsealed(await seals.unsealed_since(), rule, self._around.clock.now())

    async def _settle(self, finding: Finding | None) -> None:
        if finding is None:
            return
        if finding.kind == "session_shift":
            finding = await self._with_device(finding)
        rule = self._around.policy().alarms[finding.kind]
        alarm = await self._around.book.raised(finding, rule)
        if alarm is None:
            log.warning("too_many_alarms", extra={"kind": finding.kind})
        elif alarm.must_act:
            await self._act(alarm)

    async def _act(self, alarm: Alarm) -> None:
        """End the sessions concerned: once, when it is raised."""
        done = await self._around.sessions.end_picked(
            alarm.evidence.handles, Ended.REVOKED, SYSTEM, note=f"alarm {alarm.kind} {alarm.id}"
        )
        await self._around.book.acted(alarm, done.ended)
        what = {"alarm": alarm.id, "kind": alarm.kind, "ended": done.ended}
        log.warning("alarm_acted", extra=what)

    async def _with_device(self, finding: Finding) -> Finding:
        evidence = finding.evidence
        device = await self._around.named(evidence.details["is"])
        devices = tuple(dict.fromkeys((device, *evidence.devices)))
        return replace(finding, evidence=replace(evidence, devices=devices))

    def _rules(self, kinds: Sequence[str]) -> dict[str, AlarmRule]:
        alarms = self._around.policy().alarms
        return {kind: alarms[kind] for kind in kinds if alarms[kind].enabled}

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(TURN.total_seconds())
            try:
                if await self._lease.hold():
                    await self.turn()
            except StoreUnavailable:
                continue
            except Exception:
                log.exception("alarms_failed")
