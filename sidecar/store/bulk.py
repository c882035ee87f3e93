"""Ends many sessions of many people, in steps that are short enough not to hold anybody up.

Each step is atomic: its sessions, one audit entry for them, one event for each. What an admin has
on a screen is one step in each partition, so usually one entry; only acts larger than that are cut
into many. The entries of one act share its `act` and say which `part` they are.
"""

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sidecar.core.audit import Action, Actor, AuditEntry, Target
from sidecar.core.listing import SessionFilter
from sidecar.core.policy import Policy
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.users import UserId
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.codec import span_ms
from sidecar.store.database import Database
from sidecar.store.sessions import TOMBSTONE_LEAST, limits_of_roles

_ONE_STEP = 500
"""So many of one partition end together."""
_STEP_OF_MANY = 50
"""The size of a step where there are more: they go on for longer, and requests pass between."""


class EndedMany(NamedTuple):
    """handles: what ended; expired: what was found over a limit, and ended as such."""

    handles: Sequence[Handle]
    expired: Sequence[Ended]


class _Step(NamedTuple):
    partition: int
    handles: Sequence[Handle]


class BulkEnd:
    """Raises StoreUnavailable when Redis did not answer: what was done until then is audited."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys

    async def end(
        self,
        handles: Sequence[Handle],
        reason: Ended,
        policy: Policy,
        actor: Actor,
        wanted: SessionFilter | None,
        note: str = "",
    ) -> EndedMany:
        """End those of them that live; the last one last. wanted: the filter that found them, for
        the audit log; None: they were picked one by one."""
        steps = list(self._steps(handles))
        meant = None if wanted is None else await self._said(wanted)
        act = secrets.token_hex(8) if len(steps) > 1 else ""

        async def end_in(numbered: Sequence[tuple[int, _Step]]) -> list[EndedMany]:
            return [
                await self._end(
                    step,
                    AuditEntry(
                        Action(reason.audit_action),
                        actor,
                        Target(wanted.user_id if wanted else None),
                        scope="bulk",
                        reason=reason.value,
                        details=_details(meant, note, act, number, len(steps)),
                    ),
                    policy,
                )
                for number, step in numbered
            ]

        parts: dict[int, list[tuple[int, _Step]]] = {}
        for number, step in enumerate(steps, 1):
            parts.setdefault(step.partition, []).append((number, step))
        *others, last = parts.values() or [[]]
        answers = [*await asyncio.gather(*map(end_in, others)), await end_in(last)]
        done = [each for answer in answers for each in answer]
        return EndedMany(
            [handle for each in done for handle in each.handles],
            [ended for each in done for ended in each.expired],
        )

    async def _said(self, wanted: SessionFilter) -> str:
        """Return the filter in words, without the name of anybody whom it names."""
        if not wanted.canonical_prefix:
            return wanted.said()
        found = await self._database.command("GET", self._keys.name(wanted.canonical_prefix))
        return wanted.said(UserId(found.decode()) if found else None)

    def _steps(self, handles: Sequence[Handle]) -> Iterator[_Step]:
        """Group by partition; that of the last handle is the last one."""
        parts: dict[int, list[Handle]] = {}
        for handle in reversed(handles):
            parts.setdefault(self._keys.partition_of(handle), []).append(handle)
        for partition, part in reversed(parts.items()):
            part.reverse()
            size = _ONE_STEP if len(part) <= _ONE_STEP else _STEP_OF_MANY
            for start in range(0, len(part), size):
                yield _Step(partition, part[start : start + size])

    async def _end(self, step: _Step, entry: AuditEntry, policy: Policy) -> EndedMany:
        given = {
            "handles": step.handles,
            "reason": entry.reason,
            "entry": entry_fields(entry),
            "limits": limits_of_roles(policy),
            "tombstone": span_ms(TOMBSTONE_LEAST),
        }
        count, *words = await self._database.run(scripts.END_MANY, step.partition, given)
        ended, expired = words[: int(count)], words[int(count) + 1 :]
        return EndedMany(
            [Handle(word.decode()) for word in ended], [Ended(word.decode()) for word in expired]
        )


def _details(meant: str | None, note: str, act: str, number: int, count: int) -> dict[str, str]:
    details = {} if meant is None else {"filter": meant}
    if note:
        details["note"] = note
    if act:
        details |= {"act": act, "part": f"{number}/{count}"}
    return details
