"""Carries out what signals ask for. Implements the port `SignalBook`.

Who it is about is looked up in the step that ends the sessions. An address may be of several people
in any partition: all are asked, and each remembers the message.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from sidecar.core.audit import Action, Actor, AuditEntry
from sidecar.core.policy import Policy
from sidecar.core.ports import SessionMetrics
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.signals import REMEMBERED, Order
from sidecar.core.users import UserId, canonical_name
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.codec import span_ms
from sidecar.store.database import Database
from sidecar.store.people import digest_of_mail
from sidecar.store.sessions import TOMBSTONE_LEAST, limits_of_roles

_REPEATED = b"repeated"


class StoredSignals:
    """Raises StoreUnavailable when Redis did not answer."""

    def __init__(
        self, database: Database, policy: Callable[[], Policy], metrics: SessionMetrics
    ) -> None:
        self._database = database
        self._keys = database.keys
        self._policy = policy
        self._metrics = metrics

    async def end(self, order: Order, actor: Actor) -> int | None:
        """End the sessions, once for each message; return how many, or None if it had come."""
        partitions, subject = self._subject(order)
        details = {"note": order.note} if order.note else {}
        given = {
            **subject,
            "once": order.once,
            "keep": span_ms(REMEMBERED),
            "reason": Ended.SIGNAL.value,
            "entry": entry_fields(AuditEntry(Action.SESSION_REVOKED, actor, details=details)),
            "limits": limits_of_roles(self._policy()),
            "tombstone": span_ms(TOMBSTONE_LEAST),
        }
        answers = await asyncio.gather(
            *(self._database.run(scripts.SIGNAL_END, each, given) for each in partitions)
        )
        done = [answer for answer in answers if answer[0] != _REPEATED]
        ended = sum(int(answer[0]) for answer in done)
        if ended:
            self._metrics.ended(Ended.SIGNAL.value, ended)
        for word in (word for answer in done for word in answer[1:]):
            self._metrics.ended(word.decode())
        return ended if done else None

    def _subject(self, order: Order) -> tuple[list[int], dict[str, Any]]:
        """Return where it is looked for, always the same for one message, and by what."""
        keys, value = self._keys, order.value
        match order.subject:
            case "sessionId":
                return [keys.partition_of(Handle(value))], {"handle": value}
            case "userId":
                return [keys.partition_of_user(UserId(value))], {"user": value}
            case "username":
                name = canonical_name(value)
                return [keys.partition_of_name(name)], {"name": name}
            case "email":
                return [*range(keys.partitions)], {"mail": digest_of_mail(value)}
