"""Whether somebody uses a token that was taken from them: that of a session that was revoked."""

from datetime import datetime, timedelta

from sidecar.core.ports import Tombstone
from sidecar.core.reasons import Ended

ON_THEIR_WAY = timedelta(seconds=10)
"""For so long after a sign-out, requests of other tabs may still arrive."""


def is_replay(tombstone: Tombstone, now: datetime) -> bool:
    """Say whether this use of an ended session's token is one to be told of.

    Whoever comes back after a limit is over does what everybody does. Who was revoked comes once,
    as their browser does not know; the token of who signed out was deleted there, so that only
    a copy is left of it.
    """
    if tombstone.reason is Ended.SIGNED_OUT:
        return now >= tombstone.ended_at + ON_THEIR_WAY
    return tombstone.reason not in (Ended.IDLE_TIMEOUT, Ended.LIFETIME_EXCEEDED)
