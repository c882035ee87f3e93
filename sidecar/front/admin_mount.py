"""The admin API over HTTP: the table of `admin/routes.py`, bound row by row in one way."""

import logging

from aiohttp import web

from sidecar.admin.audit import Download
from sidecar.admin.desk import Desk
from sidecar.admin.routes import ROUTES
from sidecar.core.ports import StoreUnavailable
from sidecar.front.bound import Bound, bind
from sidecar.front.inputs import Refused
from sidecar.front.own_session import signed_in_session
from sidecar.front.services import SERVICES

log = logging.getLogger(__name__)


def admin_routes(mount: str) -> list[web.RouteDef]:
    """Return the routes of the admin API below `mount`."""
    return [bind(mount, AdminBound(row)) for row in ROUTES]


class AdminBound(Bound):
    """One row of the admin's table. An answer of these may be a file."""

    def desk(self, request: web.Request) -> Desk:
        return request.app[SERVICES].desk

    async def reply(self, request: web.Request, answer: object) -> web.StreamResponse:
        if isinstance(answer, Download):
            return await _stream(request, answer)
        return await super().reply(request, answer)


async def _stream(request: web.Request, download: Download) -> web.StreamResponse:
    """Write a file while it is read. One that cannot be read to its end, or not by this caller any
    more, is cut off: whoever takes it away must not believe that it is whole."""
    first = await anext(download.parts, b"")  # what fails at once still gets a proper answer
    reply = web.StreamResponse(headers=request.app[SERVICES].headers.data)
    reply.content_type, reply.charset = download.media_type, "utf-8"
    reply.headers["Content-Disposition"] = f'attachment; filename="{download.filename}"'
    await reply.prepare(request)
    try:
        await reply.write(first)
        async for part in download.parts:
            await signed_in_session(request)
            await reply.write(part)
        await reply.write_eof()
    except (StoreUnavailable, Refused):
        if request.transport is not None:
            request.transport.abort()
    except ConnectionError:
        log.debug("download_given_up")
    return reply
