"""One attempt to deliver a webhook: a POST to an address that may be reached, and what came of it.

The name is looked up for each connection, every address of the answer is checked, and the one that
is connected to is checked again, whatever led there: a second look-up cannot bring another. Nothing
of the answer but its status and `Retry-After` is read, redirects are answers like others, and an
attempt has an end. Cookies, proxies of the environment and compressed answers play no part.
"""

import asyncio
import re
import socket
import ssl
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from sidecar.core.outbound import OutboundRules
from sidecar.core.webhooks import Answer

_MOST_CONNECTIONS = 64
_KEEP_ALIVE = 30.0
_HEAD = 8190


class TargetRefused(OSError):
    """A connection to an address that the rules do not allow."""


class GuardedResolver(AbstractResolver):
    """Looks names up, and gives out no answer that has an address which may not be reached."""

    def __init__(self, rules: OutboundRules, inner: AbstractResolver | None = None) -> None:
        self._rules = rules
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not all(self._rules.may_reach(one["host"]) for one in found):
            raise TargetRefused("an address that is not public")
        return found

    async def close(self) -> None:
        await self._inner.close()


class Sender:
    """ca: authorities to trust instead of the system's. timeout: of a whole attempt. inner: what
    looks names up."""

    def __init__(
        self,
        rules: OutboundRules,
        timeout: timedelta,
        ca: Path | None = None,
        inner: AbstractResolver | None = None,
    ) -> None:
        self._rules = rules
        self._timeout = timeout.total_seconds()
        self._ca = ca
        self._inner = inner
        self._session: ClientSession | None = None
        self._making = asyncio.Lock()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """POST it. Never raises for what the other side does."""
        begun = time.monotonic()
        status, error, retry_after = None, "", None
        if self._rules.url_fault(url) is not None:
            return Answer(None, "refused", timedelta())
        try:
            session = await self._client()
            async with session.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as response:
                status = response.status
                retry_after = _seconds(response.headers.get("Retry-After", ""))
                response.close()  # whatever else comes, nobody reads it
        except (aiohttp.ClientError, OSError, ValueError) as fault:
            error = _word_for(fault)
        took = timedelta(seconds=time.monotonic() - begun)
        return Answer(status, error, took, retry_after)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _client(self) -> ClientSession:
        """Make the client when it is first needed: the authorities take megabytes."""
        async with self._making:
            if self._session is None:
                context = await asyncio.to_thread(_context, self._ca)
                connector = TCPConnector(
                    resolver=GuardedResolver(self._rules, self._inner),
                    use_dns_cache=False,
                    ssl=context,
                    limit=_MOST_CONNECTIONS,
                    keepalive_timeout=_KEEP_ALIVE,
                    socket_factory=self._socket,
                )
                self._session = ClientSession(
                    connector=connector,
                    timeout=ClientTimeout(total=self._timeout),
                    cookie_jar=DummyCookieJar(),
                    auto_decompress=False,
                    max_line_size=_HEAD,
                    max_field_size=_HEAD,
                    skip_auto_headers=("Accept", "Accept-Encoding"),
                )
            return self._session

    def _socket(self, info: Any) -> socket.socket:
        """Make the socket that is connected to that address: the last place to say no."""
        family, kind, protocol, _, address = info
        if not self._rules.may_reach(str(address[0])):
            raise TargetRefused("an address that is not public")
        return socket.socket(family, kind, protocol)


def _context(ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca) if ca else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _word_for(fault: Exception) -> str:
    """Return a word for what went wrong; the text of an exception never leaves here."""
    cause: BaseException | None = fault
    while cause is not None:
        if isinstance(cause, TargetRefused):
            return "refused"
        cause = cause.__cause__ or cause.__context__
    match fault:
        case TimeoutError():
            return "timeout"
        case aiohttp.ClientConnectorDNSError():
            return "name_not_found"
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return "tls"
        case aiohttp.ClientConnectionError() | OSError():
            return "connection"
        case _:
            return "no_http"


def _seconds(text: str) -> timedelta | None:
    return timedelta(seconds=int(text)) if re.fullmatch(r"[0-9]{1,6}", text) else None
