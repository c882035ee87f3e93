"""Why the store does not answer, in words for whoever has to mend it.

The text of an error of redis-py is never shown: it may repeat what was sent. What is said is the
system's own words, or ours for the kind of the error.
"""

import os

from redis.asyncio.sentinel import MasterNotFoundError
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    ClusterDownError,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
)
from redis.exceptions import TimeoutError as NoReply

from sidecar.core.ports import StoreUnavailable

_KINDS: tuple[tuple[type[Exception], str], ...] = (
    (AuthenticationError, "it does not accept the user name and password of the URL"),
    (AuthorizationError, "it does not accept the user name and password of the URL"),
    (NoPermissionError, "its user may not run a command that is needed (see ACL)"),
    (BusyLoadingError, "it is still loading its data"),
    (ReadOnlyError, "it is a replica, which takes no changes"),
    (OutOfMemoryError, "its memory is full (see maxmemory)"),
    (MasterNotFoundError, "no Sentinel that answers knows a healthy master of that name"),
    (MovedError, "it is part of a Redis Cluster, whose URL begins redis+cluster://"),
    (ClusterDownError, "the cluster is down"),
    (NoReply, "no reply in time"),
    (TimeoutError, "no reply in time"),
)
_REPLIES = {
    "DB index is out of range": "it has no database of that number",
    "invalid DB index": "it has no database of that number",
    "SELECT is not allowed in cluster mode": "a Redis Cluster has database 0 only",
    "This instance has cluster support disabled": "it is no Redis Cluster",
}
"""The server's words for what has no type of its own in redis-py. Source: Redis 7.0, db.c and
cluster.c."""


def why_unavailable(failure: StoreUnavailable) -> str:
    """Return the reason in a few words, or nothing if none is known. Never holds what is secret."""
    kind, error = "", failure.__cause__
    while error is not None:
        if isinstance(error, OSError) and error.strerror:
            return _system_words(error).lower()
        kind = _words_for(error) or kind
        error = error.__cause__ or error.__context__
    return kind


def _system_words(error: OSError) -> str:
    """asyncio puts addresses into its text; the number says the same without them."""
    number = error.errno or 0
    is_ours = type(error).__module__ == "builtins" and number > 0
    return os.strerror(number) if is_ours else str(error.strerror)


def _words_for(error: BaseException) -> str:
    for kind, words in _KINDS:
        if isinstance(error, kind):
            return words
    if isinstance(error, ResponseError):
        return _REPLIES.get(str(error).removeprefix("ERR "), type(error).__name__)
    return type(error).__name__ if isinstance(error, RedisError | RedisClusterException) else ""
