"""Somebody who gets webhooks: a real HTTP server on this machine, and the product's side of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from ssl import SSLContext
from typing import Any, TypeVar

from aiohttp import web
from standardwebhooks import Webhook

from sidecar.core.audit import SYSTEM
from sidecar.core.outbound import OutboundRules
from sidecar.core.webhooks import write_secret
from sidecar.observe.webhook_sender import Sender
from sidecar.observe.webhooks import Dispatcher
from sidecar.store.webhook_queue import StoredQueue
from sidecar.store.webhooks import Webhooks
from tests.house import LOOPBACK
from tests.store.rig import Rig

_T = TypeVar("_T")
Answering = Callable[["Request"], Awaitable[web.StreamResponse]]


@dataclass
class Request:
    headers: dict[str, str]
    body: bytes
    web: web.Request

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def message(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read

    def verify(self, secret: bytes) -> dict[str, Any]:
        """Check it as receivers are told to. Raises WebhookVerificationError."""
        checked: dict[str, Any] = Webhook(write_secret(secret)).verify(self.body, self.headers)
        return checked


async def eventually(look: Callable[[], Awaitable[_T]], patience: float = 20) -> _T:
    """Look again and again, until there is something; return it. patience: in seconds."""
    async with asyncio.timeout(patience):
        while True:
            found = await look()
            if found:
                return found
            await asyncio.sleep(0.02)


async def taken(request: Request) -> web.StreamResponse:
    return web.Response(status=204)


@dataclass
class Receiver:
    """requests: what arrived, in order. answer: how to answer what comes next."""

    answer: Answering = taken
    requests: list[Request] = field(default_factory=list)
    url: str = ""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        taking = Request(headers, await request.read(), request)
        self.requests.append(taking)
        self._changed.set()
        return await self.answer(taking)

    async def until(self, count: int) -> list[Request]:
        """Wait for so many requests; return them."""
        async with asyncio.timeout(20):
            while len(self.requests) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.requests

    @property
    def types(self) -> list[str]:
        return [request.message["type"] for request in self.requests]


@asynccontextmanager
async def a_receiver(
    answer: Answering = taken, tls: SSLContext | None = None
) -> AsyncIterator[Receiver]:
    receiver = Receiver(answer)
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    port = runner.addresses[0][1]
    receiver.url = f"http{'s' if tls else ''}://127.0.0.1:{port}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


class Sending:
    """What one installation has of webhooks; `worker` is one of its workers."""

    def __init__(self, rig: Rig, **timing: timedelta) -> None:
        self.rig = rig
        self.book = Webhooks(rig.database, b"s" * 32, rig.clock)
        self.queue = StoredQueue(rig.database, self.book, rig.clock, **timing)

    async def endpoint(self, url: str, *types: str) -> tuple[str, bytes]:
        """Add one; return its id and its secret."""
        endpoint, secret = await self.book.add(url, frozenset(types), "", SYSTEM)
        return endpoint.id, secret

    @asynccontextmanager
    async def worker(
        self, rules: OutboundRules = LOOPBACK, timeout: timedelta = timedelta(seconds=5)
    ) -> AsyncIterator[Dispatcher]:
        dispatcher = Dispatcher(self.queue, self.rig.events, Sender(rules, timeout), self.rig.clock)
        dispatcher.start()
        try:
            yield dispatcher
        finally:
            await dispatcher.stop()

    async def settled(self, endpoint_id: str, count: int = 1) -> list[Any]:
        """Wait until so many deliveries are in the log and nothing is in line; return them."""
        async with asyncio.timeout(20):
            while True:
                waiting = (await self.book.get(endpoint_id)).waiting
                found, total = await self.book.deliveries(endpoint_id, 0, 200)
                if total >= count and not waiting:
                    return list(found)
                await asyncio.sleep(0.02)
