"""Second factors, kept with the person. Implements the port `FactorBook`; one script for each act.

The secret of an app is sealed under that of `secret_file`, and for its person alone: it opens
nothing in anybody else's place. Recovery codes are kept as hashes.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any

from sidecar.core.audit import Action, Actor, AuditEntry, Target
from sidecar.core.factors import Factor, FactorKind, Factors, Totp
from sidecar.core.policy import Policy
from sidecar.core.ports import NoSuchUser, SessionMetrics
from sidecar.core.users import Role, User, UserId
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.challenges import Challenges
from sidecar.store.codec import from_ms
from sidecar.store.database import Database
from sidecar.store.people import decode_user
from sidecar.store.seal import seal, unseal
from sidecar.store.user_acts import UserActs

_TOTP = FactorKind.TOTP.value
"""The id of an app too: nobody has two."""


class StoredFactors(Challenges):
    """Every method raises StoreUnavailable when Redis did not answer.

    secret: what is sealed, is so under this; commands on the machine read nothing and have none.
    """

    def __init__(
        self,
        database: Database,
        policy: Callable[[], Policy],
        metrics: SessionMetrics,
        secret: bytes,
    ) -> None:
        super().__init__(database, secret)
        self._database = database
        self._keys = database.keys
        self._secret = secret
        self._acts = UserActs(database, policy, metrics)

    async def of(self, user_id: UserId) -> Factors:
        fields = await self._fields(user_id)
        items = (_factor(one, kept) for one, kept in fields.get("fa", {}).items())
        return Factors(
            tuple(sorted(items, key=lambda factor: factor.created_at)),
            len(_lines(fields.get("rc", ""))),
        )

    async def totp(self, user_id: UserId) -> Totp | None:
        """Raises SealBroken: sealed with another secret. Then nobody gets in by it."""
        kept = (await self._fields(user_id)).get("fa", {}).get(_TOTP)
        if kept is None:
            return None
        secret = unseal(self._secret, _purpose(user_id), b64decode(kept["s"]))
        return Totp(secret, kept["p"], kept["s"])

    async def add_totp(
        self,
        user_id: UserId,
        secret: bytes,
        step: int,
        digests: Sequence[str],
        actor: Actor,
        *,
        replace: bool,
    ) -> bool | None:
        sealed = b64encode(seal(self._secret, _purpose(user_id), secret)).decode("ascii")
        recovery = "\n".join(digests)
        entry = AuditEntry(
            Action.USER_FACTOR_ADDED, actor, Target(user_id), details={"kind": _TOTP}
        )
        given = {
            "factor": _TOTP,
            "fields": {"k": _TOTP, "s": sealed, "p": step},
            "replace": replace or None,
            "recovery": recovery,
        }
        stored = await self._acts.run(scripts.FACTOR_ADD, user_id, entry, given, highest=None)
        return None if stored is None else bool(json.loads(stored)["rc"] == recovery)

    async def use_totp(self, user_id: UserId, totp: Totp, step: int) -> bool:
        given = {"factor": _TOTP, "sealed": totp.mark, "step": step}
        return await self._use(user_id, given)

    async def use_recovery_code(self, user_id: UserId, digest: str, actor: Actor) -> bool:
        entry = AuditEntry(Action.USER_RECOVERY_CODE_USED, actor, Target(user_id))
        return await self._use(user_id, {"recovery": digest, "entry": entry_fields(entry)})

    async def renew_recovery_codes(
        self, user_id: UserId, digests: Sequence[str], actor: Actor
    ) -> bool:
        entry = AuditEntry(Action.USER_RECOVERY_CODES_MADE, actor, Target(user_id))
        given = {"recovery": "\n".join(digests)}
        stored = await self._acts.run(scripts.FACTOR_CODES, user_id, entry, given, highest=None)
        return stored is not None

    async def remove(
        self, user_id: UserId, factor_id: str, actor: Actor, *, keep_last: bool
    ) -> bool:
        entry = AuditEntry(Action.USER_FACTOR_REMOVED, actor, Target(user_id))
        given = {"factor": factor_id, "keep_last": keep_last or None}
        stored = await self._acts.run(scripts.FACTOR_REMOVE, user_id, entry, given, highest=None)
        return stored is not None

    async def remove_all(self, user_id: UserId, actor: Actor, *, highest: Role) -> User:
        entry = AuditEntry(Action.USER_FACTORS_RESET, actor, Target(user_id))
        stored = await self._acts.run(scripts.FACTOR_REMOVE, user_id, entry, {}, highest=highest)
        if stored is None:
            raise NoSuchUser(user_id)
        return decode_user(user_id, stored).user

    async def _use(self, user_id: UserId, given: dict[str, object]) -> bool:
        partition = self._keys.partition_of_user(user_id)
        words = {"user": user_id, **given}
        return bool(await self._database.run(scripts.FACTOR_USE, partition, words))

    async def _fields(self, user_id: UserId) -> dict[str, Any]:
        raw = await self._database.command("GET", self._keys.user(user_id))
        fields: dict[str, Any] = json.loads(raw) if raw else {}
        return fields


def _factor(factor_id: str, kept: dict[str, Any]) -> Factor:
    used = kept.get("l")
    return Factor(
        factor_id, FactorKind(kept["k"]), from_ms(kept["t"]), from_ms(used) if used else None
    )


def _purpose(user_id: UserId) -> str:
    return f"totp.{user_id}"


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []
