"""Brakes on guessing: attempts per canonical name and per client address, counted before a
password is hashed.

Counting first is what holds against parallel guesses: of a hundred at once ten are verified. A name
is locked from its 10th attempt without success, for the lock's duration, whether or not anybody
has that name; an address is held back from its 100th in the duration, whatever their success,
which only takes its own attempt back. Attempts that are turned away count for nothing, so that
nobody keeps a name locked by knocking.
Source: NIST SP 800-63B-4 section 3.2.2; OWASP ASVS 5.0 6.3.1.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from sidecar.core.audit import Action, Actor, AuditEntry, Target
from sidecar.core.policy import LockoutPolicy
from sidecar.core.ports import Attempt, Clock
from sidecar.core.users import UserId, canonical_name
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.codec import span_ms
from sidecar.store.database import Database

_MILLISECOND = timedelta(milliseconds=1)
_LONGEST_NAME = 256
_FREE = Attempt(False, timedelta())


class RedisThrottle:
    """Implements the port `Throttle`. on_lock is called when a name becomes locked."""

    def __init__(
        self,
        database: Database,
        policy: Callable[[], LockoutPolicy],
        clock: Clock,
        on_lock: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._keys = database.keys
        self._policy = policy
        self._clock = clock
        self._on_lock = on_lock

    async def begin(self, username: str, ip_address: str) -> Attempt:
        policy = self._policy()
        address = self._keys.attempts(network_of(ip_address))
        held = await self._count(address, policy.per_ip, policy.duration, anew=False)
        if held.locked:
            return held
        name = self._keys.failures(canonical_name(username))
        return await self._count(name, policy.failures, policy.duration, anew=True)

    async def succeeded(self, username: str, ip_address: str) -> None:
        await self._database.command("DEL", self._keys.failures(canonical_name(username)))
        address = self._keys.attempts(network_of(ip_address))
        await self._database.run_on(scripts.ATTEMPT_BACK, [address])

    async def failed(self, username: str, user_id: UserId | None, actor: Actor) -> None:
        policy = self._policy()
        name = canonical_name(username)
        target = Target(user_id, username[:_LONGEST_NAME])
        given = {
            "counter": self._keys.failures(name),
            "threshold": policy.failures,
            "duration": span_ms(policy.duration),
            "entry": entry_fields(AuditEntry(Action.LOGIN_FAILED, actor, target)),
            "locked": entry_fields(AuditEntry(Action.USER_LOCKED, actor, target)),
        }
        partition = self._keys.partition_of_name(name)
        if await self._database.run(scripts.ATTEMPT_FAILED, partition, given):
            self._on_lock()

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
        return bool(await self._database.run(scripts.UNLOCK, partition, given))

    async def locked_until(self, username: str) -> datetime | None:
        counter = self._keys.failures(canonical_name(username))
        count = await self._database.command("HGET", counter, "a")
        if int(count or 0) < self._policy().failures:
            return None
        remaining = int(await self._database.command("PTTL", counter))
        return self._clock.now() + remaining * _MILLISECOND if remaining > 0 else None

    async def _count(self, key: str, most: int, duration: timedelta, *, anew: bool) -> Attempt:
        words = (str(most), str(span_ms(duration)), "1" if anew else "0")
        remaining = int(await self._database.run_on(scripts.ATTEMPT, [key], *words))
        return Attempt(True, remaining * _MILLISECOND) if remaining else _FREE


def network_of(address: str) -> str:
    """Return what is counted as one client: the address; of IPv6 the /64, which is one line's.

    What is no address (a client of a Unix socket) counts as one client.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(IPv6Network((parsed.packed, 64), strict=False))
    return str(parsed)
