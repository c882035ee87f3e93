"""What is kept of identity providers: whose an account there is, and what a provider may end.

Implements the port `ProviderBook`. On a cluster an account may be anybody's in any partition, so
all are asked: once for a sign-in by a provider, and once for each session that a provider ends.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sidecar.core.audit import Action, Actor, AuditEntry, Target
from sidecar.core.client_network import network_of
from sidecar.core.policy import Policy
from sidecar.core.ports import SessionMetrics
from sidecar.core.provided import Account, ProviderSession, digest_of_session
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.users import Role, UserId, canonical_name
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.codec import span_ms
from sidecar.store.database import Database
from sidecar.store.provider_records import decode_provider
from sidecar.store.sessions import TOMBSTONE_LEAST, limits_of_roles
from sidecar.store.user_acts import UserActs

REMEMBERED = timedelta(minutes=10)
"""How long an ended session of a provider is kept from opening one of ours. A sign-in that was
under way when it ended takes less."""
_SAID_AGAIN = timedelta(minutes=1)
_AT_ONCE = 500
_EVERY_SIGN_IN = 2**53
"""A session of a provider that is over is over, whenever the provider spoke of it."""


class StoredProviders:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(
        self, database: Database, policy: Callable[[], Policy], metrics: SessionMetrics
    ) -> None:
        self._database = database
        self._keys = database.keys
        self._policy = policy
        self._metrics = metrics
        self._acts = UserActs(database, policy, metrics)

    async def linked(self, account: Account) -> UserId | None:
        digest, keys = account.digest, self._keys
        found = await self._database.read_all(
            ("GET", f"{keys.base(partition)}pl:{digest}") for partition in range(keys.partitions)
        )
        return next((UserId(raw.decode()) for raw in found if raw), None)

    async def link(self, user_id: UserId, account: Account, actor: Actor) -> bool:
        entry = AuditEntry(
            Action.USER_UPDATED, actor, Target(user_id), details={"fields": "provider"}
        )
        given = {"issuer": account.issuer_digest, "account": account.digest}
        stored = await self._acts.run(scripts.USER_LINK, user_id, entry, given, highest=Role.OWNER)
        return stored is not None

    async def of_session(self, handle: Handle) -> ProviderSession | None:
        raw = await self._database.command("GET", self._of_session(handle))
        return decode_provider(raw) if raw else None

    async def signed_in(self, provider: str) -> Sequence[Account]:
        found: dict[Account, None] = {}
        for partition in range(self._keys.partitions):
            base = self._keys.base(partition)
            handles = sorted(await self._database.command("SMEMBERS", f"{base}px:{provider}"))
            for start in range(0, len(handles), _AT_ONCE):
                keys = [f"{base}sp:{handle.decode()}" for handle in handles[start:][:_AT_ONCE]]
                for raw in await self._database.command("MGET", *keys):
                    if raw:
                        found[decode_provider(raw).account] = None
        return tuple(found)

    async def end(
        self,
        account: Account,
        idp_sid: str,
        issued_at: datetime,
        actor: Actor,
        reason: Ended = Ended.PROVIDER_LOGOUT,
    ) -> int:
        mark = int(issued_at.timestamp())
        digest = account.digest
        if idp_sid:
            digest, mark = digest_of_session(account.issuer, idp_sid), _EVERY_SIGN_IN
        given = {
            "digest": digest,
            "mark": mark,
            "keep": span_ms(REMEMBERED),
            "reason": reason.value,
            "entry": entry_fields(AuditEntry(Action(reason.audit_action), actor)),
            "limits": limits_of_roles(self._policy()),
            "tombstone": span_ms(TOMBSTONE_LEAST),
        }
        answers = await asyncio.gather(
            *(
                self._database.run(scripts.PROVIDER_END, partition, given)
                for partition in range(self._keys.partitions)
            )
        )
        ended = sum(int(answer[0]) for answer in answers)
        if ended:
            self._metrics.ended(reason.value, ended)
        for word in (word for answer in answers for word in answer[1:]):
            self._metrics.ended(word.decode())
        return ended

    async def refused(self, actor: Actor, username: str, method: str, reason: str) -> None:
        entry = AuditEntry(
            Action.LOGIN_FAILED,
            actor,
            Target(None, username),
            count=0,
            reason=reason,
            outcome="refused",
            details={"method": method, "step": "sign_in"},
        )
        partition = self._keys.partition_of_name(canonical_name(username))
        what = f"provider\n{reason}\n{network_of(actor.ip_address)}"
        given = {"entry": entry_fields(entry), "every": span_ms(_SAID_AGAIN)}
        keys = [self._keys.written_lately(partition, what)]
        await self._database.run(scripts.AUDIT_ONCE, partition, given, keys=keys)

    async def claim(self, what: str, lasts: timedelta) -> bool:
        words = (self._used(what), "", "NX", "PX", span_ms(lasts))
        return await self._database.command("SET", *words) is not None

    async def keep(self, what: str, lasts: timedelta) -> None:
        await self._database.command("SET", self._used(what), "", "PX", span_ms(lasts))

    async def release(self, what: str) -> None:
        await self._database.command("DEL", self._used(what))

    def _of_session(self, handle: Handle) -> str:
        return f"{self._keys.of_handle(handle)}sp:{handle}"

    def _used(self, what: str) -> str:
        """Return what says that it was claimed. Hashed: it holds what others chose."""
        return f"{self._keys.base(0)}used:{sha256(what.encode()).hexdigest()[:32]}"
