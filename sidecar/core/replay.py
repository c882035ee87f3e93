"""Whether somebody uses a token that was taken from them: that of a session that was revoked."""

from datetime import datetime, timedelta

from sidecar.core.ports import Tombstone
from sidecar.core.reasons import Ended

ON_THEIR_WAY = timedelta(seconds=30)
"""For so long after an end, pages that were open then may still ask: by themselves, or because
somebody who has not heard of it is at work there."""


_NO_NEWS = frozenset(
    {Ended.IDLE_TIMEOUT, Ended.LIFETIME_EXCEEDED, Ended.PARENT_ENDED, Ended.AGENT_DISABLED}
)


def is_replay(tombstone: Tombstone, now: datetime, *, own: bool) -> bool:
    """Say whether this use of an ended session's token is one to be told of.

    Whoever comes back after a limit is over does what everybody does, and so does software that
    goes on until it is told that it was ended. The token of who signed out was deleted there, so
    that only a copy is left of it, once the requests of other tabs are through. Of a revoked
    person's token each use at the application counts, but not that of pages of ours that have yet
    to hear of the end. own: it was for one of these.
    """
    if tombstone.reason in _NO_NEWS:
        return False
    if not own and tombstone.reason is not Ended.SIGNED_OUT:
        return True
    return now >= tombstone.ended_at + ON_THEIR_WAY
