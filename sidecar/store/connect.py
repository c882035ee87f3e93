"""From a URL to a client of redis-py, and from its failures to ours.

    redis://[user:password@]host[:port][/db]      rediss://…  the same over TLS
    unix:///path/to/socket[?db=0]
    redis+sentinel://[user:password@]host:port,host:port/master[/db][?tls=true&…]
    redis+cluster://[user:password@]host:port,host:port[?tls=true]

Every wait has an end: for a connection of the pool, for the connect, for each reply. Nothing is
tried twice in silence: a command that may have been done must not be done again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError

from sidecar.core.ports import StoreUnavailable
from sidecar.store.redis_url import hosts_of, path_of, split_redis_url

Client = Redis | RedisCluster

MAX_CONNECTIONS = 16
_SENTINEL_PORT = 26379
_PORT = 6379


def connect(
    url: str, deadline: timedelta, *, max_connections: int = MAX_CONNECTIONS, prefix: str = ""
) -> Client:
    """Return a client that answers bytes. Nothing is sent before its first command.

    Raises ValueError for a URL of none of the forms above.
    """
    seconds = deadline.total_seconds()
    common: dict[str, Any] = {
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "retry": Retry(NoBackoff(), 0),
        "client_name": f"{prefix or 'sidecar'}-session-sidecar",
    }
    parts = split_redis_url(url)
    match parts.scheme:
        case "redis" | "rediss" | "unix":
            pool = BlockingConnectionPool.from_url(
                url, max_connections=max_connections, timeout=seconds, **common
            )
            return Redis.from_pool(pool)
        case "redis+sentinel":
            return _sentinel(url, common | {"max_connections": max_connections})
        case "redis+cluster":
            return _cluster(url, common | {"max_connections": max_connections})
        case _:
            raise ValueError(f"no way to connect to {parts.scheme or 'that'}://")


def _sentinel(url: str, common: dict[str, Any]) -> Redis:
    parts = split_redis_url(url)
    options = dict(parse_qsl(parts.query))
    service, number = path_of(parts)
    if not service:
        raise ValueError("redis+sentinel:// needs the name of the master: …host:port/master")
    watchers = {
        "socket_timeout": common["socket_timeout"],
        "socket_connect_timeout": common["socket_connect_timeout"],
        "retry": common["retry"],
        "username": options.get("sentinel_username"),
        "password": options.get("sentinel_password"),
        **_tls(options),
    }
    hosts = hosts_of(parts, _SENTINEL_PORT)
    sentinel = Sentinel(hosts, sentinel_kwargs=watchers)  # type: ignore[no-untyped-call]  # redis-py
    master: Redis = sentinel.master_for(
        service,
        db=int(number or options.get("db", "0")),
        **_credentials(parts.netloc),
        **_tls(options),
        **common,
    )
    return master


def _cluster(url: str, common: dict[str, Any]) -> RedisCluster:
    parts = split_redis_url(url)
    nodes = [ClusterNode(host, port) for host, port in hosts_of(parts, _PORT)]
    tls = _tls(dict(parse_qsl(parts.query)))
    return RedisCluster(startup_nodes=nodes, **_credentials(parts.netloc), **tls, **common)


def _credentials(netloc: str) -> dict[str, Any]:
    user, _, password = netloc.rpartition("@")[0].partition(":")
    return {"username": unquote(user) or None, "password": unquote(password) or None}


def _tls(options: dict[str, str]) -> dict[str, Any]:
    if options.get("tls", "false").lower() not in {"true", "1", "yes"}:
        return {}
    return {"ssl": True, "ssl_ca_certs": options.get("ssl_ca_certs")}


@contextmanager
def redis_failures() -> Iterator[None]:
    """Turn what redis-py raises into StoreUnavailable: no answer, no connection, or an answer that
    means "not now" or "not you" (LOADING, READONLY, OOM, BUSY, NOSCRIPT, WRONGPASS, NOPERM …)."""
    try:
        yield
    except (RedisError, RedisClusterException, OSError, TimeoutError) as error:
        raise StoreUnavailable(type(error).__name__) from error
