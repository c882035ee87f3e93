"""Opens the transport of the strict check to the Redis that redis-py would talk to.

Address, TLS, password and database come from the client's pool, so that there is one place where
a URL is understood; behind Sentinel the master is asked for at each dial.
"""

import asyncio
import ssl
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.sentinel import SentinelConnectionPool

from sidecar.core.ports import StoreUnavailable
from sidecar.store.connect import redis_failures
from sidecar.store.wire import Command


class PoolDial:
    """Implements `Dial` for a single Redis or a master behind Sentinel."""

    def __init__(self, client: Redis) -> None:
        self._pool = client.connection_pool

    async def __call__(self, protocol: asyncio.Protocol) -> Sequence[Command]:
        pool = self._pool
        options: dict[str, Any] = pool.connection_kwargs
        loop = asyncio.get_running_loop()
        if issubclass(pool.connection_class, UnixDomainSocketConnection):
            await loop.create_unix_connection(lambda: protocol, options["path"])
            return _first_commands(options)
        if isinstance(pool, SentinelConnectionPool):
            with redis_failures():
                host, port = await _master(pool)
        else:
            host, port = options.get("host", "localhost"), options.get("port", 6379)
        tls = self._tls(options)
        await loop.create_connection(
            lambda: protocol, host, port, ssl=tls, server_hostname=host if tls else None
        )
        return _first_commands(options)

    def _tls(self, options: dict[str, Any]) -> ssl.SSLContext | None:
        """Return the context that redis-py itself would use, or None without TLS."""
        connection = self._pool.connection_class(**options)
        if not isinstance(connection, SSLConnection):
            return None
        context = connection.ssl_context.get()
        if not isinstance(context, ssl.SSLContext):
            raise StoreUnavailable("no TLS context")
        return context


async def _master(pool: Any) -> tuple[str, int]:
    """Ask the sentinels. redis-py does not say the type of its answer."""
    host, port = await pool.get_master_address()
    return str(host), int(port)


def _first_commands(options: dict[str, Any]) -> Sequence[Command]:
    commands: list[Command] = []
    password = options.get("password")
    if password:
        username = options.get("username")
        words = ("AUTH", username, password) if username else ("AUTH", password)
        commands.append(tuple(word.encode() for word in words))
    if options.get("db"):
        commands.append((b"SELECT", str(options["db"]).encode()))
    return commands
