"""Brakes on guessing: failures per canonical name and per client address, and places for those
attempts whose end is not known yet.

A name is locked from its 10th failure without a success between, for the lock's duration, whether
or not anybody has that name; an address from its 100th within the duration, whatever succeeded
between. An attempt takes a place at both before its password is hashed, and failures and places
taken are together never more than may fail: of a hundred guesses at once ten are verified. One that
finds no place is not turned away, as those before it may be right: it asks again until they ended.
Attempts that are turned away count for nothing, so that nobody keeps a name locked by knocking.
Source: NIST SP 800-63B-4 section 3.2.2; OWASP ASVS 5.0 6.3.1.
"""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sidecar.core.audit import Action, Actor, ActorKind, AuditEntry, Target
from sidecar.core.client_network import network_of
from sidecar.core.policy import LockoutPolicy
from sidecar.core.ports import ATTEMPT_LASTS, Attempt, Clock
from sidecar.core.users import UserId, canonical_name
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.codec import span_ms
from sidecar.store.database import Database

_MILLISECOND = timedelta(milliseconds=1)
_LONGEST_NAME = 256
_FREE, _WAIT = 0, -1
_SAID_AGAIN = timedelta(minutes=1)
_PATIENCE = timedelta(seconds=10)
_COME_BACK = timedelta(seconds=2)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5
_MOST_WAITING = 256
"""In one process, so that asking again never becomes a load on the store."""


class RedisThrottle:
    """Implements the port `Throttle`. on_lock is called when a name becomes locked."""

    def __init__(
        self,
        database: Database,
        policy: Callable[[], LockoutPolicy],
        clock: Clock,
        on_lock: Callable[[], None] = lambda: None,
        *,
        patience: timedelta = _PATIENCE,
        lasts: timedelta = ATTEMPT_LASTS,
    ) -> None:
        """patience: how long an attempt waits for a place. lasts: until a lost one gives it up."""
        self._database = database
        self._keys = database.keys
        self._policy = policy
        self._clock = clock
        self._on_lock = on_lock
        self._patience = patience.total_seconds()
        self._lasts = str(span_ms(lasts))
        self._waiting = 0

    async def begin(
        self,
        username: str,
        ip_address: str,
        holder: Actor | None = None,
        method: str = "password",
    ) -> Attempt:
        attempt = Attempt(False, timedelta(), username, ip_address, secrets.token_hex(8), method)
        held = await self._enter(attempt)
        if held == _WAIT and self._waiting < _MOST_WAITING:
            self._waiting += 1
            try:
                held = await self._wait(attempt)
            finally:
                self._waiting -= 1
        if held == _FREE:
            return attempt
        retry_after = _COME_BACK if held == _WAIT else held * _MILLISECOND
        if held != _WAIT:
            await self._note_locked(attempt, holder)
        return attempt._replace(locked=True, retry_after=retry_after)

    async def succeeded(self, attempt: Attempt) -> None:
        name = canonical_name(attempt.username)
        counter = self._keys.failures(name)
        keys = (counter, self._keys.in_flight(counter))
        given = {"attempt": attempt.id, "canonical": name}
        partition = self._keys.partition_of_name(name)
        await self._database.run(scripts.ATTEMPT_SUCCEEDED, partition, given, keys=keys)
        await self._leave(self._of_address(attempt), attempt)

    async def failed(
        self,
        attempt: Attempt,
        user_id: UserId | None,
        actor: Actor,
        reason: str = "invalid_credentials",
    ) -> None:
        policy = self._policy()
        step = "reauth" if actor.id and actor.id == user_id and reason != "banned" else "sign_in"
        details = {"method": attempt.method, "step": step}
        counter = self._of_address(attempt)
        keys = (counter, self._keys.in_flight(counter))
        words = (attempt.id, span_ms(policy.duration))
        await self._database.run_on(scripts.ATTEMPT_COUNTED, keys, *words)
        target = Target(user_id, attempt.username[:_LONGEST_NAME])
        name = canonical_name(attempt.username)
        given = {
            "attempt": attempt.id,
            "canonical": name,
            "threshold": policy.failures,
            "duration": span_ms(policy.duration),
            "entry": entry_fields(
                AuditEntry(Action.LOGIN_FAILED, actor, target, reason=reason, details=details)
            ),
            "locked": entry_fields(AuditEntry(Action.USER_LOCKED, actor, target)),
        }
        counter = self._keys.failures(name)
        keys = (counter, self._keys.in_flight(counter))
        partition = self._keys.partition_of_name(name)
        if await self._database.run(scripts.ATTEMPT_FAILED, partition, given, keys=keys):
            self._on_lock()

    async def given_up(self, attempt: Attempt) -> None:
        await self._leave(self._of_name(attempt), attempt)
        await self._leave(self._of_address(attempt), attempt)

    async def unlock(self, username: str, actor: Actor) -> bool:
        name = canonical_name(username)
        entry = AuditEntry(Action.USER_UNLOCKED, actor, Target(None, username[:_LONGEST_NAME]))
        given = {
            "counter": self._keys.failures(name),
            "canonical": name,
            "threshold": self._policy().failures,
            "entry": entry_fields(entry),
        }
        partition = self._keys.partition_of_name(name)
        _, lifted = await self._database.run(scripts.UNLOCK, partition, given)
        return bool(lifted == b"1")

    async def locked_until(self, username: str) -> datetime | None:
        counter = self._keys.failures(canonical_name(username))
        count = await self._database.command("GET", counter)
        if int(count or 0) < self._policy().failures:
            return None
        remaining = int(await self._database.command("PTTL", counter))
        return self._clock.now() + remaining * _MILLISECOND if remaining > 0 else None

    async def _note_locked(self, attempt: Attempt, holder: Actor | None) -> None:
        """Have the log say that an attempt was turned away: once a minute for each client, so that
        nobody fills it by knocking."""
        name = canonical_name(attempt.username)
        partition = self._keys.partition_of_name(name)
        client = network_of(attempt.ip_address)
        entry = AuditEntry(
            Action.LOGIN_FAILED,
            holder or Actor(ActorKind.USER, ip_address=attempt.ip_address),
            Target(None, attempt.username[:_LONGEST_NAME]),
            count=0,
            reason="locked",
            outcome="refused",
            details={"method": attempt.method, "step": "reauth" if holder else "sign_in"},
        )
        given = {"entry": entry_fields(entry), "every": span_ms(_SAID_AGAIN), "canonical": name}
        keys = [self._keys.written_lately(partition, f"locked\n{client}")]
        await self._database.run(scripts.AUDIT_ONCE, partition, given, keys=keys)

    async def _enter(self, attempt: Attempt) -> int:
        """Take a place at the address and one at the name, or neither.

        Returns FREE, WAIT, or for how many milliseconds no more are taken.
        """
        policy = self._policy()
        address = self._of_address(attempt)
        held = await self._take(address, policy.per_ip, attempt)
        if held == _FREE:
            held = await self._take(self._of_name(attempt), policy.failures, attempt)
            if held != _FREE:
                await self._leave(address, attempt)
        return held

    async def _wait(self, attempt: Attempt) -> int:
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + self._patience, _FIRST_PAUSE
        while True:
            await asyncio.sleep(pause)
            held = await self._enter(attempt)
            if held != _WAIT or loop.time() >= until:
                return held
            pause = min(1.2 * pause, _LONGEST_PAUSE)

    async def _take(self, counter: str, most: int, attempt: Attempt) -> int:
        keys = (counter, self._keys.in_flight(counter))
        words = (str(most), attempt.id, self._lasts)
        return int(await self._database.run_on(scripts.ATTEMPT, keys, *words))

    async def _leave(self, counter: str, attempt: Attempt) -> None:
        await self._database.command("ZREM", self._keys.in_flight(counter), attempt.id)

    def _of_name(self, attempt: Attempt) -> str:
        return self._keys.failures(canonical_name(attempt.username))

    def _of_address(self, attempt: Attempt) -> str:
        return self._keys.failures_from(network_of(attempt.ip_address))
