"""The port to the audit log: write what no change writes by itself, read, export."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from sidecar.core.audit import AuditEntry
from sidecar.core.users import UserId


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which entries; each part that is given narrows.

    user_id: target or actor. actor: the id of who did it, or a username: that of who has it now,
    and if nobody has it, of the one who had it last. action: the whole word, such as
    `session.revoked`. since, until: instants, the first included and the second not.
    """

    user_id: UserId | None = None
    actor: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = AuditQuery()


class AuditPage(NamedTuple):
    """next_cursor: where the next page begins; None after the last one. A page may be short, even
    empty, and still have a next one: a read looks at a bounded number of entries."""

    entries: tuple[AuditEntry, ...]
    next_cursor: str | None


class AuditLog(Protocol):
    """Every method raises StoreUnavailable when the store did not answer in time."""

    async def write(self, entry: AuditEntry) -> str:
        """Add an entry of an act that changes nothing in the store; return its id.

        A refused act has the outcome `refused`, the count 0 and as its reason the code of the
        answer.
        """
        ...

    async def write_once(self, entry: AuditEntry, like: str, every: timedelta) -> bool:
        """Add an entry, unless one of this action, by the same actor and `like` it was added within
        that time; say whether it was added."""
        ...

    async def read(self, query: AuditQuery, limit: int, cursor: str | None = None) -> AuditPage:
        """Return entries, the newest first. Raises ValueError for a cursor that was never given."""
        ...

    async def id_of(self, actor: str) -> str:
        """Return the id of who has or had a name last, or the id itself; empty if nobody has."""
        ...

    def entries(self, query: AuditQuery) -> AsyncIterator[AuditEntry]:
        """Yield all of them, the newest first, read piece by piece."""
        ...
