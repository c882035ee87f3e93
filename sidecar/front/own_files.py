"""`GET {mount}/assets/{digest}/{name}`: style, script and icon of our pages, from memory."""

from aiohttp import web

from sidecar.front.services import SERVICES

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


async def serve(request: web.Request) -> web.Response:
    """Answer with the file, or 304 when the browser has it.

    An address of another version (a page from before an upgrade) gets the file of today, which is
    not kept.
    """
    services = request.app[SERVICES]
    asset = services.assets.get(request.match_info["name"])
    if asset is None:
        raise web.HTTPNotFound
    current = request.match_info["digest"] == asset.digest
    headers = {
        **services.headers.file,
        "ETag": f'"{asset.digest}"',
        "Cache-Control": _FOR_EVER if current else _ASK_AGAIN,
    }
    known = {tag.value for tag in request.if_none_match or ()}
    if asset.digest in known or "*" in known:
        return web.Response(status=304, headers=headers)
    return web.Response(body=asset.body, headers={**headers, "Content-Type": asset.media_type})
