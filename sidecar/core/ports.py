"""The ports that rooms above the store talk to, so that a room names what it needs and no more.

Each is implemented once, in `store/` (directory, throttle, clock) or by `lifecycle.py`. Every
method that talks to Redis raises StoreUnavailable when Redis did not answer in time.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from sidecar.core.audit import Actor
from sidecar.core.headers import RequestHead
from sidecar.core.listing import CountMoved, EndedMatching, SessionFilter
from sidecar.core.opening import Opening, OpenResult
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Session
from sidecar.core.token import Token
from sidecar.core.users import User, UserId


class StoreUnavailable(Exception):
    """The store did not answer, or answered that it cannot. Never means "not found"."""


class Clock(Protocol):
    """The store's clock as this process knows it: one clock for all replicas."""

    def now(self) -> datetime:
        """Return the instant, timezone-aware UTC. Never waits."""


class Tombstone(NamedTuple):
    """What is left of an ended session until it would have expired anyway."""

    reason: Ended
    ended_at: datetime
    user_id: UserId
    secret_hash: bytes


Look = Session | Tombstone | StoreUnavailable | None
"""The answer to one look at the store: None means that there never was such a session."""


class SessionReads(Protocol):
    """The strict check's look at the store."""

    def ask(self, handle: Handle, reply: Callable[[Look], None]) -> None:
        """Read the session's record and last-active after this call, then call `reply` once.

        Calls within one turn of the event loop share one command. `reply` is never called before
        `ask` returns, and never later than the store's deadline.
        """


class Known(NamedTuple):
    """A person with the hash of their password (a PHC string), for the sign-in step only."""

    user: User
    password_hash: str


class UserExists(Exception):
    """A person of that canonical name is already there."""


class NoSuchUser(Exception):
    """Nobody of that id."""


class LastOwner(Exception):
    """The last active owner cannot be demoted, banned or deleted."""


ATTEMPT_LASTS = timedelta(seconds=30)
"""An attempt that has not ended by then is taken for lost with its process and holds nobody up any
more. So whoever verifies one gives up well before."""


class Attempt(NamedTuple):
    """May this sign-in attempt be verified? locked: no, and how long it stays so. One that may is
    in flight under its id until it succeeded, failed or was given up."""

    locked: bool
    retry_after: timedelta
    username: str
    ip_address: str
    id: str
    method: str = "password"


class Throttle(Protocol):
    """Counts failures per canonical name and per client IP, and what is in flight with them."""

    async def begin(
        self,
        username: str,
        ip_address: str,
        holder: Actor | None = None,
        method: str = "password",
    ) -> Attempt:
        """Say if one more may be verified, which holds its place until it ended: so no more are
        ever verified than may fail, however many come at once. While it depends on others in
        flight, it waits for them, some seconds at most. The 10th failure in a row is still
        verified; the next attempt is locked. holder: who is signed in, and proves it again.
        method: by what they would prove it."""
        ...

    async def succeeded(self, attempt: Attempt) -> None:
        """Forget the name's failures; the address keeps its own."""
        ...

    async def failed(
        self,
        attempt: Attempt,
        user_id: UserId | None,
        actor: Actor,
        reason: str = "invalid_credentials",
    ) -> None:
        """Count it and audit login.failed; at the threshold also user.locked, in the same step.
        reason: the code of the answer."""
        ...

    async def given_up(self, attempt: Attempt) -> None:
        """Nobody learned whether it was right: it counts for nothing."""
        ...

    async def unlock(self, username: str, actor: Actor) -> bool:
        """Say whether there was a lock to lift."""
        ...

    async def locked_until(self, username: str) -> datetime | None: ...


class Sessions(Protocol):
    """The session life cycle: the only writer of sessions (`lifecycle.py`)."""

    async def open(self, opening: Opening) -> OpenResult: ...
    async def rotate(self, session: Session, actor: Actor) -> Token:
        """Give the session a new secret and authenticated_at = now; the old secret keeps working
        for 10 seconds. Raises SessionGone if it ended meanwhile."""
        ...

    async def end(
        self, handle: Handle, reason: Ended, actor: Actor, note: str = ""
    ) -> Session | None:
        """End one session; None if it had already ended. The reason of the first end stands."""
        ...

    async def end_all(
        self,
        user_id: UserId,
        reason: Ended,
        actor: Actor,
        *,
        keep: Handle | None = None,
        note: str = "",
    ) -> int:
        """End all of a person's sessions except `keep`: one audit entry, one event per session."""
        ...

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
        """End every session that matches; an empty filter means everyone's.

        expected: how many the caller saw, its own among them; if they are more than `tolerance`
        more or fewer now, none is ended. own: the caller's session; it stays, or goes last. Up
        to 500 sessions of one partition end in one atomic step with one audit entry (scope bulk);
        more take several, whose entries have the `act` and their `part` of it in the details.
        """
        ...

    async def end_picked(
        self,
        handles: Sequence[Handle],
        reason: Ended,
        actor: Actor,
        *,
        own: Handle | None = None,
        note: str = "",
    ) -> EndedMatching:
        """End those of them that live, `own` too (as the last one), in steps as `end_matching`."""
        ...

    def touch(self, session: Session, client_ip: str = "", head: RequestHead | None = None) -> None:
        """Note activity now, from that address if it is known. Written behind: at most once a
        second per session, and whenever its address changed. Never waits.

        head: of the request, to say whether another program uses the session from elsewhere.
        """
        ...

    def expired(self, session: Session, reason: Ended) -> None:
        """The gate found it over a limit: end it in the background. Never waits."""
        ...

    def reused(self, session: Session) -> None:
        """A secret that was replaced came again after its 10 seconds, from the program that the
        session is used by: there is a copy of it, so end the session in the background (case S-64).
        Never waits."""
        ...

    async def of_user(self, user_id: UserId) -> Sequence[Session]:
        """Live sessions of one person (none that is over a limit), newest first."""
        ...

    async def list(self, offset: int, limit: int) -> tuple[Sequence[Session], int]:
        """All live sessions, newest first, and how many there are."""
        ...

    async def get(self, handle: Handle) -> Session | None: ...


class LiveWatch(Protocol):
    """Says when a session ends, on whichever replica, as it happens (`front/live_cut.py`)."""

    def watch(self, handle: Handle, told: Callable[[Ended], None]) -> Callable[[], None]:
        """Call `told` once when that session ends, or soon if it has already; never before `watch`
        returns. Returns how to stop, which may be called at any time. Never waits."""
        ...


class SessionGone(Exception):
    """The session ended while something was being done with it."""


class SessionMetrics(Protocol):
    """What counts sessions. Never waits, never raises."""

    def opened(self, method: str) -> None:
        """A session was opened by this way of signing in."""

    def ended(self, reason: str, count: int = 1) -> None:
        """Sessions ended; reason: a value of `Ended`."""
