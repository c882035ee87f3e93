"""`GET {mount}/live`: shakes hands with a browser that wants to hear of the end of its session.

A WebSocket is opened without a preflight and with the person's cookie by any page, so `Origin` has
to be there and to be ours (ASVS 4.4.2), although nothing is changed. Whoever has no session is told
so by the usual 401, which a script cannot see on a WebSocket: it asks `GET {mount}/api/session`.
"""

import base64
import binascii
import hashlib

from aiohttp import hdrs, web
from aiohttp.http import WS_KEY

from sidecar.core.origin import is_origin
from sidecar.front.context import context_of
from sidecar.front.inputs import Refused
from sidecar.front.live_socket import LiveSocket
from sidecar.front.own_session import signed_in_session
from sidecar.front.pages import PageBridge
from sidecar.front.problem import problem
from sidecar.front.services import SERVICES

_VERSION = "13"
_KEY_SIZE = 16


async def connect(request: web.Request) -> web.StreamResponse:
    """Switch to the live channel. Raises Refused and StoreUnavailable."""
    services = request.app[SERVICES]
    origins = request.headers.getall(hdrs.ORIGIN, [])
    if len(origins) != 1 or not is_origin(origins[0], services.public_url):
        raise Refused(problem("cross_site_request"))
    accept = _accept(request)
    session = await signed_in_session(request)
    bridge = request.transport
    if not isinstance(bridge, PageBridge):
        raise ConnectionResetError("the client has left")
    response = web.StreamResponse(
        status=101,
        headers={
            hdrs.CONNECTION: "Upgrade",
            hdrs.UPGRADE: "websocket",
            hdrs.SEC_WEBSOCKET_ACCEPT: accept,
        },
    )
    response.force_close()
    await response.prepare(request)
    client_ip = context_of(request).client_ip
    transport = bridge.transport
    if transport is not None:
        socket = LiveSocket(services.live_room, transport, session, client_ip)
        bridge.hand_over(socket, lambda on_closed: socket.begin(session, on_closed))
    return response


def _accept(request: web.Request) -> str:
    """Return what proves that we understood the handshake (RFC 6455 section 4.2.2)."""
    fields = request.headers
    connection = {one.strip().lower() for one in fields.get(hdrs.CONNECTION, "").split(",")}
    asked = fields.get(hdrs.UPGRADE, "").lower() == "websocket" and "upgrade" in connection
    if not asked or fields.get(hdrs.SEC_WEBSOCKET_VERSION) != _VERSION:
        headers = {"Upgrade": "websocket", "Sec-WebSocket-Version": _VERSION}
        raise Refused(problem("upgrade_required", headers=headers))
    key = fields.get(hdrs.SEC_WEBSOCKET_KEY, "").encode()
    try:
        valid = len(base64.b64decode(key, validate=True)) == _KEY_SIZE
    except binascii.Error:
        valid = False
    if not valid:
        raise Refused(problem("invalid_input"))
    return base64.b64encode(hashlib.sha1(key + WS_KEY, usedforsecurity=False).digest()).decode()
