"""The proxy that one would write in an hour: `web.Server`, `ClientSession`, one redis GET each.

It is what (b) of the comparison measures, so it is neither slowed nor tuned: uvloop, hiredis, kept
connections on every side, bodies streamed both ways. It does far less than the sidecar: no MAC, no
limits, no identity, no metrics, no log, and only the hop-by-hop fields are removed.
"""

import asyncio
import sys

import uvloop
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web
from multidict import CIMultiDict, CIMultiDictProxy
from redis.asyncio import Redis
from yarl import URL

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def passed_on(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """Return the fields without those of this hop."""
    kept = ((name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP)
    return CIMultiDict(kept)


class PlainProxy:
    def __init__(self, upstream: str, client: ClientSession, redis: Redis) -> None:
        self._upstream = upstream
        self._client = client
        self._redis = redis

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Look the cookie up, ask the upstream, stream the answer."""
        session = await self._redis.get(f"plain:{request.cookies.get('session', '')}")
        if session is None:
            return web.Response(status=401)
        async with self._client.request(
            request.method,
            URL(self._upstream + request.raw_path, encoded=True),
            headers=passed_on(request.headers),
            data=request.content if request.body_exists else None,
            allow_redirects=False,
        ) as answer:
            response = web.StreamResponse(status=answer.status, headers=passed_on(answer.headers))
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            await response.write_eof()
            return response


async def serve(port: int, upstream: str, redis_url: str) -> None:
    """Serve on the loopback address until the process ends."""
    async with (
        Redis.from_url(redis_url) as redis,
        ClientSession(
            connector=TCPConnector(limit=0, keepalive_timeout=3600),
            timeout=ClientTimeout(total=None),
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
        ) as client,
    ):
        proxy = PlainProxy(upstream, client, redis)
        runner = web.ServerRunner(web.Server(proxy.handle, auto_decompress=False, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
