"""The head of a response towards the client: the upstream's, with our framing."""

from aiohttp.http_parser import RawResponseMessage

from sidecar.core.response_headers import ResponseFields
from sidecar.proxy.client_side import ClientSide

_CHUNKED = b"Transfer-Encoding: chunked\r\n"
_CLOSE = b"Connection: close\r\n"
_KEEP = b"Connection: keep-alive\r\n"
_SWITCH = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
_BODILESS = frozenset({204, 304})
_lines: dict[tuple[int, str | None], bytes] = {}
_MAX_LINES = 256


def response_head(
    message: RawResponseMessage,
    fields: ResponseFields,
    client: ClientSide,
    *,
    length: int | None,
    chunked: bool = False,
    close: bool = False,
    bodiless: bool = False,
    switching: bool = False,
) -> bytes:
    """Lay out status line, fields and framing, ending with the empty line.

    length: of the body as it goes out. bodiless: a response to HEAD, whose length is what the
    upstream said a GET would have. Exactly one framing is ever named (ASVS 4.2.2).
    """
    code = message.code
    parts = [status_line(code, message.reason), fields.block]
    if switching:
        parts.append(_SWITCH)
    elif chunked:
        parts.append(_CHUNKED)
    elif bodiless or code in _BODILESS:
        if fields.content_length is not None and code != 204:
            parts.append(b"Content-Length: %d\r\n" % fields.content_length)
    elif length is not None:
        parts.append(b"Content-Length: %d\r\n" % length)
    if close or not client.keep_alive:
        if not switching:
            parts.append(_CLOSE)
    elif client.http10:
        parts.append(_KEEP)
    parts.append(b"\r\n")
    return b"".join(parts)


def status_line(code: int, reason: str | None) -> bytes:
    """Return the status line; memoised, for there are few of them."""
    key = (code, reason)
    line = _lines.get(key)
    if line is None:
        if len(_lines) >= _MAX_LINES:
            _lines.clear()
        text = (reason or "").encode("utf-8", "surrogateescape")
        line = _lines[key] = b"HTTP/1.1 %d %b\r\n" % (code, text)
    return line
