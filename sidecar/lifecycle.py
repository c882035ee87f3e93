"""The life of a session: open, touch, rotate, end. The only writer of sessions.

Implements the port `Sessions`. Every change is one script with its audit entry and its event, so
what was answered is true in the store before it is said. Only two things happen behind the
answer: activity is noted (`write_behind.py`), and a session that the gate found over a limit is
ended, which changes nothing for anybody but the audit log.
"""

import hmac
import logging
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from sidecar.core.audit import SYSTEM, Actor
from sidecar.core.headers import RequestHead
from sidecar.core.listing import CountMoved, EndedMatching, SessionFilter
from sidecar.core.opening import AtLimit, Banned, Opened, Opening, OpenResult, ProviderEnded
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock, SessionGone, SessionMetrics, StoreUnavailable
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Session
from sidecar.core.token import Token, hash_secret, new_handle, write_token
from sidecar.core.users import User, UserId
from sidecar.store.background import Behind
from sidecar.store.bulk import BulkEnd
from sidecar.store.database import Database
from sidecar.store.keyring import KeyRing
from sidecar.store.lists import Lists
from sidecar.store.session_index import SessionIndex, live
from sidecar.store.sessions import OpenedAt, Outdated, Refused, RoleChanged, SessionStore, opened
from sidecar.store.write_behind import WriteBehind

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=10)
"""How long the secret before a rotation still works: tabs that asked meanwhile stay signed in."""
_REUSED = "a replaced token was used again"


class Lifecycle:
    """One for each process. Every async method raises StoreUnavailable when Redis is silent."""

    def __init__(
        self,
        database: Database,
        policy: Callable[[], Policy],
        clock: Clock,
        keys: KeyRing,
        metrics: SessionMetrics,
    ) -> None:
        self._names = database.keys
        self._store = SessionStore(database)
        self._bulk = BulkEnd(database)
        self._index = SessionIndex(database)
        self._policy = policy
        self._clock = clock
        self._keys = keys
        self._metrics = metrics
        self._lists = Lists(database, policy, clock)
        self._touches = WriteBehind(self._store, clock)
        self._ending: Behind[Handle] = Behind()

    async def open(self, opening: Opening) -> OpenResult:
        """Open a session, unless the person is banned or at the cap.

        StoreUnavailable also means that the password was set anew after it was checked, or a second
        factor set up: whoever tries again is told by the check.
        """
        user = opening.user
        # The role may change between the password check and here; the newest one counts.
        for _ in range(3):
            secret = secrets.token_urlsafe(32)
            session = self._new_session(opening, user, secret)
            result = await self._store.open(
                session,
                self._policy(),
                opening.actor,
                password_number=opening.user.password_number if opening.by_password else None,
                replaces=opening.replaces,
                end_first=opening.end_first,
                marks=opening.marks,
                provider=opening.provider,
            )
            match result:
                case OpenedAt(created_at, ended, new_device):
                    self._metrics.opened(session.auth_method)
                    self._count(ended)
                    await self._end_elsewhere(opening, session)
                    token = write_token(session.handle, secret, *self._keys.current)
                    return Opened(opened(session, created_at), token, new_device)
                case Refused(sessions):
                    return AtLimit(sessions)
                case ProviderEnded():
                    return result
                case RoleChanged(changed):
                    user = changed
                case Outdated():
                    raise StoreUnavailable("the password was set anew meanwhile")
                case None:
                    return Banned()
        raise StoreUnavailable("the role changes all the time")

    async def rotate(self, session: Session, actor: Actor) -> Token:
        """Give the session a new secret. Raises SessionGone if it ended meanwhile.

        Tabs may rotate together: the first one's origin stands, and the secret follows from it
        and a key of ours, so that all get the same token and Redis could give it to nobody.
        """
        key_id, key = self._keys.current
        origin = f"{key_id}.{secrets.token_urlsafe(32)}"
        new_hash = hash_secret(_derived(session.handle, origin, key))
        stands = await self._store.rotate(session, new_hash, origin, GRACE, self._policy(), actor)
        if stands is None:
            raise SessionGone(session.handle)
        its_key_id = stands.partition(".")[0]
        its_key = self._keys.accepted.get(its_key_id)
        if its_key is None:
            raise SessionGone(session.handle)
        secret = _derived(session.handle, stands, its_key)
        return write_token(session.handle, secret, its_key_id, its_key)

    async def end(
        self, handle: Handle, reason: Ended, actor: Actor, note: str = ""
    ) -> Session | None:
        """End one session; None if it had already ended. The reason of the first end stands."""
        done = await self._store.end(handle, reason, self._policy(), actor, note)
        self._count(done.expired)
        if done.session is not None:
            self._metrics.ended(reason.value)
        return done.session

    async def end_all(
        self,
        user_id: UserId,
        reason: Ended,
        actor: Actor,
        *,
        keep: Handle | None = None,
        note: str = "",
    ) -> int:
        """End all of a person's sessions except `keep`; return how many."""
        done = await self._store.end_all(user_id, reason, self._policy(), actor, keep, note)
        self._count(done.expired)
        if done.ended:
            self._metrics.ended(reason.value, done.ended)
        return done.ended

    async def end_matching(
        self,
        wanted: SessionFilter,
        reason: Ended,
        actor: Actor,
        *,
        expected: int | None = None,
        tolerance: int = 0,
        own: Handle | None = None,
        include_own: bool = False,
        note: str = "",
    ) -> EndedMatching | CountMoved:
        """End every session that matches, unless they are not as many as the caller saw."""
        handles = await self._lists.handles(wanted)
        if expected is not None and abs(len(handles) - expected) > tolerance:
            return CountMoved(len(handles))
        due = [handle for handle in handles if handle != own]
        if include_own and own is not None and len(due) < len(handles):
            due.append(own)  # last, so that a failure on the way leaves whoever acts signed in
        return await self._end_many(due, reason, actor, own, wanted, note)

    async def end_picked(
        self,
        handles: Sequence[Handle],
        reason: Ended,
        actor: Actor,
        *,
        own: Handle | None = None,
        note: str = "",
    ) -> EndedMatching:
        """End those of them that live."""
        due = sorted(set(handles), key=lambda handle: (handle == own, handle))
        return await self._end_many(due, reason, actor, own, None, note)

    async def _end_many(
        self,
        due: Sequence[Handle],
        reason: Ended,
        actor: Actor,
        own: Handle | None,
        wanted: SessionFilter | None,
        note: str,
    ) -> EndedMatching:
        done = await self._bulk.end(due, reason, self._policy(), actor, wanted, note)
        self._count(done.expired)
        if done.handles:
            self._metrics.ended(reason.value, len(done.handles))
        return EndedMatching(len(done.handles), own_ended=own in done.handles[-1:])

    def touch(self, session: Session, client_ip: str = "", head: RequestHead | None = None) -> None:
        """Note activity now. Never waits."""
        self._touches.touch(session, client_ip, head)

    def expired(self, session: Session, reason: Ended) -> None:
        """The gate found it over a limit: end it in the background. Never waits.

        reason: what the gate answered; the store decides again, by its own clock.
        """
        handle = session.handle
        if self._ending.begin(handle, lambda: self._expire(session)):
            log.debug("session_over_limit", extra={"handle": handle, "reason": reason.value})

    def reused(self, session: Session) -> None:
        """A secret that was replaced came again after its time: end it in the background.

        Its holder or a thief has the new one, and nobody can tell who. Never waits.
        """
        handle = session.handle
        if self._ending.begin(handle, lambda: self._end_reused(handle)):
            log.warning("replaced_token_used", extra={"handle": handle})

    async def of_user(self, user_id: UserId) -> Sequence[Session]:
        """Return live sessions of one person, newest first."""
        return self._lists.usable(await self._index.of_user(user_id))

    async def list(self, offset: int, limit: int) -> tuple[Sequence[Session], int]:
        """Return live sessions, newest first, and how many there are in all."""
        page = await self._lists.page(SessionFilter(), offset=offset, limit=limit)
        return page.sessions, page.total

    async def count(self) -> int:
        """Return how many live sessions there are: none that is over a limit, as in a list."""
        return (await self._lists.count(SessionFilter())).total

    async def get(self, handle: Handle) -> Session | None:
        usable = self._lists.usable(live([await self._index.look(handle)]))
        return usable[0] if usable else None

    async def flush(self) -> None:
        """Finish what happens behind the answers. At shutdown; does not raise."""
        await self._ending.finish()
        await self._touches.flush()

    def _new_session(self, opening: Opening, user: User, secret: str) -> Session:
        now = self._clock.now()
        partition = self._names.partition_of_user(user.id)
        return Session(
            handle=new_handle(now, partition, secrets.token_bytes(22)),
            secret_hash=hash_secret(secret),
            user_id=user.id,
            username=user.username,
            role=user.role,
            created_at=now,
            last_active_at=now,
            authenticated_at=min(opening.authenticated_at or now, now),
            kind=opening.kind,
            display_name=user.display_name,
            email=user.email,
            groups=user.groups,
            ip_address=opening.ip_address,
            last_ip_address=opening.ip_address,
            user_agent=opening.user_agent,
            device=opening.device,
            auth_method=opening.auth_method,
        )

    async def _end_elsewhere(self, opening: Opening, session: Session) -> None:
        """On a cluster the cookie's session may be another person's, in another slot: it cannot
        end in the same step, but it has before the new token is given out."""
        old = opening.replaces
        if old and self._names.partition_of(old) != self._names.partition_of(session.handle):
            await self.end(old, Ended.SIGNED_OUT, opening.actor)

    async def _end_reused(self, handle: Handle) -> None:
        with suppress(StoreUnavailable):  # the next use finds it again
            await self.end(handle, Ended.REVOKED, SYSTEM, _REUSED)

    async def _expire(self, session: Session) -> None:
        try:
            policy = self._policy()
            ended = await self._store.expire(session.handle, session.last_active_at, policy)
        except StoreUnavailable:
            return  # the sweeper, or the next use, finds it again
        self._count(ended)

    def _count(self, ended: Sequence[Ended]) -> None:
        for reason in ended:
            self._metrics.ended(reason.value)


def _derived(handle: Handle, origin: str, key: bytes) -> str:
    digest = hmac.digest(key, f"rotate.{handle}.{origin}".encode("ascii"), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
