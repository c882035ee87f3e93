"""Lists and counts of live sessions. Implements the port `SessionLists`.

Of what an index names, the records decide: a session that was ended or went over a limit since its
place was read is not shown.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from sidecar.core.listing import Count, EndedPage, SessionFilter, SessionOrder, SessionPage
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock
from sidecar.core.session import Handle, Kind, Session, ended_because, expires_at
from sidecar.core.turns import give_way
from sidecar.core.users import UserId, canonical_name
from sidecar.store.candidates import Candidates
from sidecar.store.database import Database
from sidecar.store.ended_sessions import EndedSessions
from sidecar.store.pages import Pages, Query, expected
from sidecar.store.population import Populations
from sidecar.store.ranges import Ranges
from sidecar.store.session_index import SessionIndex, live
from sidecar.store.sessions_of_people import SessionsOfPeople, address_counts, counts

_MOST_TO_COUNT = 20_000
"""As many are read to count exactly where two conditions meet."""


class Lists:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database, policy: Callable[[], Policy], clock: Clock) -> None:
        self._index = SessionIndex(database)
        self._ranges = Ranges(database)
        self._candidates = Candidates(database)
        self._pages = Pages(database)
        self._populations = Populations(database, policy, clock)
        self._people = SessionsOfPeople(database, policy, clock)
        self._history = EndedSessions(database, policy, clock)
        self._policy = policy
        self._clock = clock

    async def page(
        self,
        wanted: SessionFilter,
        order: SessionOrder = SessionOrder.CREATED_AT,
        *,
        descending: bool = True,
        offset: int = 0,
        limit: int = 50,
    ) -> SessionPage:
        query = Query(wanted, order, descending, offset, limit)
        if wanted.user_id is not None:
            return await self._page_of_user(wanted.user_id, query)
        policy, population = self._policy(), await self._populations.now()
        found = await self._pages.find(query, population, policy)
        sessions: list[Session] = []
        async for handles in found.handles:
            more = handles[: limit - len(sessions)]
            sessions += self.usable(live(await self._index.look_at(_handles(more))))
            if len(sessions) >= limit:
                break
        return SessionPage(sessions, found.total, found.is_estimate)

    async def count(self, wanted: SessionFilter) -> Count:
        if wanted.user_id is not None:
            return Count(len(await self._of_user(wanted.user_id, wanted)), is_estimate=False)
        narrows = await self._candidates.narrows(wanted)
        if not narrows:
            live = await self._populations.counts()
            total = sum(live.values()) if wanted.kind is None else live[wanted.kind]
            return Count(total, is_estimate=False)
        population = await self._populations.now()
        if len(narrows) == 1 and wanted.kind is None:
            return Count(await self._pages.total(narrows[0], population), is_estimate=False)
        if narrows[0].length > _MOST_TO_COUNT:
            return Count(round(expected(wanted, narrows, population)), is_estimate=True)
        found = await self._candidates.all(narrows[0], wanted, population)
        return Count(len(found), is_estimate=False)

    async def by_kind(self) -> Mapping[Kind, int]:
        return await self._populations.counts()

    async def handles(self, wanted: SessionFilter) -> Sequence[Handle]:
        """Return every live session that matches."""
        if wanted.user_id is not None:
            return [each.handle for each in await self._of_user(wanted.user_id, wanted)]
        population = await self._populations.now()
        narrows = await self._candidates.narrows(wanted)
        if narrows:
            found = await self._candidates.all(narrows[0], wanted, population)
            return _handles(entry.handle for entry in found)
        ranges = [part.created for part in population.of_kind(wanted.kind)]
        handles: dict[Handle, None] = {}
        async for entries in self._ranges.all(ranges):
            handles |= dict.fromkeys(_handles(entry.handle for entry in entries))
        return list(handles)

    async def ended(self, user_id: UserId | None, offset: int, limit: int) -> EndedPage:
        return await self._history.page(user_id, offset, limit)

    async def of_users(self, user_ids: Sequence[UserId]) -> Mapping[UserId, int]:
        return counts(await self._people.read(user_ids), user_ids)

    async def address_counts(self, user_ids: Sequence[UserId]) -> Mapping[UserId, int]:
        sessions = await self._people.read(user_ids)
        await give_way()
        return address_counts(sessions, user_ids)

    def usable(self, sessions: Iterable[Session]) -> list[Session]:
        """Return those that are not over a limit."""
        now, policy = self._clock.now(), self._policy()
        return [
            session
            for session in sessions
            if ended_because(session, now, policy.limits_for(session.role)) is None
        ]

    async def _of_user(self, user_id: UserId, wanted: SessionFilter) -> list[Session]:
        found = await self._index.of_user(user_id)
        return [session for session in self.usable(found) if wanted.matches(session)]

    async def _page_of_user(self, user_id: UserId, query: Query) -> SessionPage:
        found = await self._of_user(user_id, query.wanted)
        ordered = sorted(found, key=self._place(query.order), reverse=query.descending)
        return SessionPage(ordered[query.offset : query.end], len(found), total_is_estimate=False)

    def _place(self, order: SessionOrder) -> Callable[[Session], tuple[object, str]]:
        policy = self._policy()

        def place(session: Session) -> tuple[object, str]:
            match order:
                case SessionOrder.CREATED_AT:
                    return session.created_at, session.handle
                case SessionOrder.LAST_ACTIVE_AT:
                    return session.last_active_at, session.handle
                case SessionOrder.EXPIRES_AT:
                    return expires_at(session, policy.limits_for(session.role)), session.handle
                case SessionOrder.USERNAME:
                    return canonical_name(session.username).encode(), session.handle

        return place


def _handles(found: Iterable[bytes]) -> list[Handle]:
    return [Handle(handle.decode("ascii")) for handle in found]
