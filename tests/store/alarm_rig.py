"""Alarms on a real Redis: what a replica evaluates, and who asks what came of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sidecar.core.alarm_facts import Place
from sidecar.core.alarm_log import AlarmFilter
from sidecar.core.alarms import Alarm
from sidecar.core.headers import RequestHead
from sidecar.core.session import Session
from sidecar.observe.alarm_watch import AlarmWatch, Surroundings
from sidecar.store.alarm_causes import Causes
from sidecar.store.alarms import Alarms
from sidecar.store.fact_notes import FactNotes
from tests.store.rig import Rig


class Always:
    """A lease that is always held."""

    async def hold(self) -> bool:
        return True


class AlarmRig:
    """places: where addresses are. Every replica has its own of everything but the store."""

    def __init__(self, rig: Rig, places: Callable[[str], Place | None] | None = None) -> None:
        self.rig = rig
        self.causes = Causes(rig.database, lambda: rig.policy, rig.clock)
        self.book = Alarms(rig.database, lambda: rig.policy)
        self.notes = FactNotes(rig.database, rig.clock)
        self.waiting_since: Any = None
        self.watch = AlarmWatch(
            Surroundings(
                causes=self.causes,
                book=self.book,
                sessions=rig.sessions,
                clock=rig.clock,
                policy=lambda: rig.policy,
                named=self._named,
                locate=places,
                seals=self,
            ),
            Always(),
        )

    async def _named(self, user_agent: str) -> str:
        return user_agent.partition("/")[0]

    async def unsealed_since(self) -> Any:
        return self.waiting_since

    def use(self, kind: str, **fields: Any) -> None:
        """Change the rule of a kind."""
        alarms = {**self.rig.policy.alarms, kind: replace(self.rig.policy.alarms[kind], **fields)}
        self.rig.policy = replace(self.rig.policy, alarms=alarms)

    async def turn(self) -> list[Alarm]:
        """Write what is behind, evaluate, and return all alarms."""
        await self.rig.sessions.flush()
        await self.notes.flush()
        await self.watch.turn()
        return await self.alarms()

    async def alarms(self) -> list[Alarm]:
        return list((await self.book.page(AlarmFilter(), 0, 100)).items)

    async def kinds(self) -> list[str]:
        return [alarm.kind for alarm in await self.turn()]

    def uses(self, session: Session, address: str, user_agent: str = "Mozilla/5.0") -> None:
        """The session is used from there."""
        self.rig.sessions.touch(session, address, a_head(user_agent))


def a_head(user_agent: str) -> RequestHead:
    return RequestHead(((b"User-Agent", user_agent.encode()),), b"")
