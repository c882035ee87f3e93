"""The gate: the only way in. Proxy mode, forward auth and our own pages all ask here.

No verdict is ever kept: each request's session is read from Redis after the request arrived, and
every limit is decided again from the stored instants. "No such session" and "the store is
silent" stay different answers all the way (503 is not 401, and logs nobody out).
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from hmac import compare_digest

from sidecar.core.alarm_people import is_other_program
from sidecar.core.policy import Policy, Route
from sidecar.core.ports import Clock, Look, SessionReads, Sessions, StoreUnavailable, Tombstone
from sidecar.core.routes import RouteTable, permits
from sidecar.core.scopes import covers
from sidecar.core.session import Handle, Session, ended_because
from sidecar.core.token import Credential
from sidecar.core.user_agent import read_user_agent
from sidecar.core.verdict import (
    NOWHERE,
    Allow,
    Deny,
    Missing,
    RequestFacts,
    SignIn,
    Unavailable,
    Verdict,
    Whence,
)

log = logging.getLogger(__name__)

Answer = Callable[[Verdict], None]
OnDeadToken = Callable[[Tombstone, Handle, str, bool], None]
"""Hears what is left of the session, its handle, the address it was used from, and whether it
was for a page of ours, which may have been open when the session ended."""
OnAgent = Callable[[Session, Route, bool], None]
"""Hears of the session of an agent, the rule that was about its request, and whether it passed."""

_MISSING = SignIn(Missing.SESSION_MISSING)
_INVALID = SignIn(Missing.SESSION_INVALID)
_UNAVAILABLE = Unavailable()
_SIGNED_IN = Route()


def _unheard(session: Session, route: Route, allowed: bool) -> None:
    """Nobody is told."""


class Gate:
    """Decides who may pass.

    policy: returns the one in force; a new one holds from the next request on. on_dead_token: is
    told of an ended session's token that was used again. on_agent: of what agents ask for.
    """

    def __init__(
        self,
        reads: SessionReads,
        sessions: Sessions,
        clock: Clock,
        policy: Callable[[], Policy],
        on_dead_token: OnDeadToken,
        on_agent: OnAgent = _unheard,
    ) -> None:
        self._reads = reads
        self._sessions = sessions
        self._clock = clock
        self._on_dead_token = on_dead_token
        self._on_agent = on_agent
        self._source = policy
        self._use(policy())

    def _use(self, policy: Policy) -> None:
        self._policy = policy
        self._routes = RouteTable(policy.routes)

    def ask(self, facts: RequestFacts, answer: Answer) -> None:
        """Decide about one request and call `answer` once, now or later. Never raises."""
        policy = self._source()
        if policy is not self._policy:
            self._use(policy)
        route = self._routes.match(facts.method, facts.host, facts.path)
        public = route.allow == "anyone"
        credential = facts.credential
        if public and (route.identity == "none" or credential is None):
            answer(Allow(route, None))
        elif credential is None:
            answer(_INVALID if facts.forged else _MISSING)
        else:
            self._reads.ask(
                credential.handle,
                partial(self._decide, route, credential, answer, facts, True),
            )

    async def admit(self, facts: RequestFacts) -> Verdict:
        """Decide about one request: `ask` for those who can wait."""
        return await self._wait(partial(self.ask, facts))

    async def signed_in(
        self,
        credential: Credential | None,
        *,
        forged: bool = False,
        whence: Whence = NOWHERE,
        active: bool = False,
    ) -> Verdict:
        """Decide about a request to our own pages: signed in or not, whatever the routes say.

        active: a person is behind the request; if not, it counts as no activity, since a page of
        ours that refreshes itself keeps nobody signed in. whence: NOWHERE where being signed in
        opens nothing.
        """
        if credential is None:
            return _INVALID if forged else _MISSING
        ask = partial(self._reads.ask, credential.handle)
        decide = partial(self._decide, _SIGNED_IN, credential)
        return await self._wait(lambda answer: ask(partial(decide, answer, whence, active)))

    def look_again(self, handle: Handle, answer: Answer, *, active_from: str | None = None) -> None:
        """Decide whether who has proven this session before may go on with it, and call `answer`
        once, later: for a line that stays open while the session's secret may change. Never raises.

        active_from: the client's address if a person is behind it; None: it is no activity.
        """
        whence, active = Whence(active_from or ""), active_from is not None
        self._reads.ask(handle, partial(self._decide, _SIGNED_IN, None, answer, whence, active))

    def tunnel_used(self, session: Session, route: Route) -> None:
        """The client sent bytes through a tunnel: activity, if the policy says so."""
        if route.activity and self._policy.activity_websocket == "client_frames":
            self._sessions.touch(session)

    async def _wait(self, ask: Callable[[Answer], None]) -> Verdict:
        future: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()

        def settle(verdict: Verdict) -> None:
            if not future.done():
                future.set_result(verdict)

        ask(settle)
        return await future

    def _decide(
        self,
        route: Route,
        credential: Credential | None,
        answer: Answer,
        whence: RequestFacts | Whence,
        active: bool,
        look: Look,
    ) -> None:
        """credential: None if it was proven before. active: it counts as activity."""
        try:
            verdict = self._verdict(route, credential, whence, look)
            if active and type(verdict) is Allow and verdict.session and route.activity:
                self._sessions.touch(verdict.session, whence.client_ip, whence.head)
        except Exception:
            # A fault of ours lets nobody pass and signs nobody out (ASVS 16.5.3).
            log.exception("check_failed")
            verdict = _UNAVAILABLE
        if type(verdict) is not Allow and route.allow == "anyone":
            # A public page with a stale cookie is still public, just without identity; and it
            # must work while the store is down.
            verdict = Allow(route, None)
        answer(verdict)

    def _verdict(
        self,
        route: Route,
        credential: Credential | None,
        whence: RequestFacts | Whence,
        look: Look,
    ) -> Verdict:
        if isinstance(look, Session):
            if credential is not None and not self._genuine(look, credential, whence):
                return _INVALID
            reason = ended_because(look, self._clock.now(), self._policy.limits_for(look.role))
            if reason is not None:
                self._sessions.expired(look, reason)
                return SignIn(reason)
            allowed = permits(route, look)
            if look.agent is not None:
                if not isinstance(whence, RequestFacts):
                    return _INVALID  # Our own pages are for people, whatever it holds.
                allowed = allowed and covers(look.agent.scopes, whence.method, whence.path)
                self._on_agent(look, route, allowed)
            return Allow(route, look) if allowed else Deny(look)
        if look is None:
            return _INVALID
        if isinstance(look, StoreUnavailable):
            return _UNAVAILABLE
        if credential is not None:
            if not compare_digest(look.secret_hash, credential.secret_hash):
                return _INVALID
            if whence is not NOWHERE:  # Who comes to sign in, or out, gains nothing by the token.
                own = route is _SIGNED_IN
                self._on_dead_token(look, credential.handle, whence.client_ip, own)
        return SignIn(look.reason)

    def _genuine(
        self, session: Session, credential: Credential, whence: RequestFacts | Whence
    ) -> bool:
        if compare_digest(session.secret_hash, credential.secret_hash):
            return True
        until = session.previous_until
        if until is None or not compare_digest(session.previous_hash, credential.secret_hash):
            return False
        # A secret that was replaced. Some browsers' media players keep the cookie they began with.
        program = "" if whence.head is None else read_user_agent(whence.head.user_agent)
        if program and is_other_program(program, session):
            return False
        if self._clock.now() < until:
            return True  # It was rotated a moment ago, and this request was on its way.
        self._sessions.reused(session)
        return False
