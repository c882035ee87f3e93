"""Calls to an identity provider: bounded in time and size, without redirects, cookies or retries.

What comes back is JSON or of no use. Nothing of it gets into a log or an error (case S-92).
"""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from sidecar.login.provider import ProviderUnavailable

LARGEST_ANSWER = 512 * 1024
_MOST_CONNECTIONS = 16
_HEAD = 16 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Mapping[str, Any]


class ProviderHttp:
    """ca: authorities to trust instead of the system's. timeout: of a whole call, in seconds."""

    def __init__(self, timeout: float, ca: Path | None = None) -> None:
        self._timeout = timeout
        self._ca = ca
        self._session: ClientSession | None = None
        self._making = asyncio.Lock()

    async def get(self, url: str, bearer: str = "") -> Answer:
        """Raises ProviderUnavailable. bearer: an access token of the provider's own."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return await self._ask("GET", url, headers)

    async def post(self, url: str, fields: Mapping[str, str], authorization: str = "") -> Answer:
        """Send a form. Raises ProviderUnavailable."""
        headers = {"Authorization": authorization} if authorization else {}
        return await self._ask("POST", url, headers, fields)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        fields: Mapping[str, str] | None = None,
    ) -> Answer:
        try:
            session = await self._client()
            async with session.request(
                method, url, headers=headers, data=fields, allow_redirects=False
            ) as response:
                raw = await _read(response)
                status = response.status
        except (aiohttp.ClientError, OSError, ValueError) as fault:  # TimeoutError is an OSError
            raise ProviderUnavailable(type(fault).__name__) from None
        if status >= 500 or 300 <= status < 400:
            raise ProviderUnavailable(f"status {status}")
        return Answer(status, _object(raw))

    async def _client(self) -> ClientSession:
        """Make the client when it is first needed: the authorities take megabytes."""
        async with self._making:
            if self._session is None:
                context = await asyncio.to_thread(_context, self._ca)
                self._session = ClientSession(
                    connector=TCPConnector(ssl=context, limit=_MOST_CONNECTIONS),
                    timeout=ClientTimeout(total=self._timeout),
                    cookie_jar=DummyCookieJar(),
                    headers={"Accept": "application/json", "Accept-Encoding": "identity"},
                    auto_decompress=False,
                    max_line_size=_HEAD,
                    max_field_size=_HEAD,
                )
            return self._session


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Return the body. Raises ValueError when there is no end of it."""
    raw = bytearray()
    async for piece in response.content.iter_any():
        raw += piece
        if len(raw) > LARGEST_ANSWER:
            response.close()
            raise ValueError("too large")
    return bytes(raw)


def _object(raw: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise ProviderUnavailable("not JSON") from None
    if not isinstance(body, dict):
        raise ProviderUnavailable("not an object")
    return body


def _context(ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca) if ca else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
