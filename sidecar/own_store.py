"""The store of a sidecar that was given none: a redis-server of its own, kept alive beside it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from sidecar.settings import Settings
from sidecar.settings_values import RedisUrl
from sidecar.store.embedded import EmbeddedRedis, EmbeddedRedisFailed

log = logging.getLogger(__name__)

_LOOK_EVERY = 0.2


@asynccontextmanager
async def store_at_hand(settings: Settings) -> AsyncIterator[Settings]:
    """Yield the settings with the URL of a store: theirs, or that of a server of our own, which
    ends with the block. Raises EmbeddedRedisFailed."""
    if settings.redis.url.form != "embedded":
        yield settings
        return
    server = EmbeddedRedis(settings.state_dir)
    url = RedisUrl(await asyncio.to_thread(server.start), "single")
    ending = asyncio.Event()
    keeper = asyncio.create_task(_keep_alive(server, ending))
    redis = replace(settings.redis, url=url)
    try:
        yield replace(settings, redis=redis)
    finally:
        ending.set()
        await keeper
        await asyncio.to_thread(server.stop)


async def _keep_alive(server: EmbeddedRedis, ending: asyncio.Event) -> None:
    """Start the server again when it died; it keeps its address and its data."""
    while not ending.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), _LOOK_EVERY)
        if server.pid is None and not ending.is_set():
            try:
                await asyncio.to_thread(server.restart)
            except EmbeddedRedisFailed as failed:
                log.error("embedded_redis_not_restarted", extra={"problem": str(failed)})
                with suppress(TimeoutError):
                    await asyncio.wait_for(ending.wait(), 1.0)
