"""A page of ours, for the tests of what serves pages."""

from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PAGE = "/_sidecar/page"


def serving(handler: Handler) -> web.Application:
    app = web.Application(client_max_size=0)
    app.router.add_route("*", PAGE, handler)
    return app


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=request.method.encode() + b" " + await request.read())
