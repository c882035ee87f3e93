"""The Acme Wiki: an old application that knows nothing of the sidecar in front of it.

    python deploy/demo/legacy_app.py 127.0.0.1:3000
    python deploy/demo/legacy_app.py unix:/run/wiki.sock

It believes whoever it is told is asking (`X-Forwarded-User`), as such applications do, and has what
a proxy must carry: pages, forms, uploads, downloads, an event stream, a WebSocket, a cookie of its
own. What people write into it is forgotten when it ends.
"""

import argparse
import asyncio
import hashlib
import signal
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template

from aiohttp import BodyPartReader, WSMsgType, web

WIKI = Path(__file__).with_name("wiki")
TITLES = {
    "home": "Welcome",
    "handbook": "Handbook",
    "notes": "Notes",
    "files": "Files",
    "live": "Live",
    "profile": "Your sessions",
}
FRAME = Template((WIKI / "frame.html").read_text(encoding="utf-8"))
ARTICLES = {name: Template((WIKI / f"{name}.html").read_text(encoding="utf-8")) for name in TITLES}
VISITS = "acme_visits"
EXPORT_BLOCK = bytes(range(256)) * 256
EXPORT_BLOCKS = 160  # 10 MiB

Notes = deque[tuple[str, str]]
notes_key = web.AppKey("notes", Notes)
routes = web.RouteTableDef()


def page(request: web.Request, name: str, **values: str) -> web.Response:
    """Return the article in the frame of the wiki. values: for its places, already HTML."""
    said = request.cookies.get(VISITS, "")
    visits = str(int(said) + 1) if said.isascii() and said.isdigit() and len(said) < 7 else "1"
    links = "".join(
        f'<a href="{path_of(other)}"{current(other == name)}>{title}</a>'
        for other, title in TITLES.items()
    )
    values |= {"user": escape(user_of(request)), "visits": visits}
    article = ARTICLES[name].substitute(values)
    text = FRAME.substitute(values, title=TITLES[name], links=links, article=article)
    response = web.Response(text=text, content_type="text/html")
    response.headers["Cache-Control"] = "no-cache"
    response.set_cookie(VISITS, visits, httponly=True, samesite="Lax")
    return response


def path_of(name: str) -> str:
    return "/" if name == "home" else f"/{name}"


def current(yes: bool) -> str:
    return ' aria-current="page"' if yes else ""


def user_of(request: web.Request) -> str:
    return request.headers.get("X-Forwarded-User", "") or "stranger"


@routes.get("/")
async def home(request: web.Request) -> web.Response:
    told = [
        f"<tr><th>{escape(name)}</th><td>{escape(value[:60])}{'…' * (len(value) > 60)}</td></tr>"
        for name, value in request.headers.items()
        if name.lower().startswith("x-")
    ]
    nothing = '<tr><td colspan="2">Nothing: this request came here directly.</td></tr>'
    return page(request, "home", told="".join(told) or nothing)


@routes.get("/handbook")
async def handbook(request: web.Request) -> web.Response:
    return page(request, "handbook")


@routes.get("/notes")
async def notes(request: web.Request) -> web.Response:
    written = "".join(
        f"<li><p>{escape(text)}</p><small>{escape(author)}</small></li>"
        for author, text in request.app[notes_key]
    )
    return page(request, "notes", notes=written or "<li><p>Nothing here yet.</p></li>")


@routes.post("/notes")
async def write_note(request: web.Request) -> web.Response:
    text = str((await request.post()).get("text", "")).strip()
    if text:
        request.app[notes_key].appendleft((user_of(request), text[:500]))
    raise web.HTTPSeeOther("/notes")


@routes.get("/files")
async def files(request: web.Request) -> web.Response:
    return page(request, "files", received="")


@routes.post("/files")
async def receive_file(request: web.Request) -> web.Response:
    """Count and hash the file on its way in; nothing of it is kept."""
    size, digest, name = 0, hashlib.sha256(), "nothing"
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.name == "file":
            name = part.filename or name
            while chunk := await part.read_chunk(64 * 1024):
                size += len(chunk)
                digest.update(chunk)
    received = f"Received {escape(name)}: {size:,} bytes, SHA-256 <code>{digest.hexdigest()}</code>"
    return page(request, "files", received=f'<p class="done" role="status">{received}</p>')


@routes.get("/export.bin")
async def export(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={
            "Content-Type": "application/octet-stream",
            "Content-Disposition": 'attachment; filename="export.bin"',
            "Content-Length": str(len(EXPORT_BLOCK) * EXPORT_BLOCKS),
        }
    )
    await response.prepare(request)
    with suppress(ConnectionError):  # the reader has gone
        for _ in range(EXPORT_BLOCKS if request.method == "GET" else 0):
            await response.write(EXPORT_BLOCK)
    return response


@routes.get("/live")
async def live(request: web.Request) -> web.Response:
    return page(request, "live")


@routes.get("/profile")
async def profile(request: web.Request) -> web.Response:
    """Shows the sessions of whoever looks at it: with an element that the sidecar serves."""
    return page(request, "profile")


@routes.get("/events")
async def events(request: web.Request) -> web.StreamResponse:
    """One event a second, for as long as somebody listens."""
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    with suppress(ConnectionError):  # the listener has gone
        while True:
            now = datetime.now(UTC).strftime("%H:%M:%S")
            await response.write(f"event: tick\ndata: {now} UTC\n\n".encode())
            await asyncio.sleep(1)
    return response


@routes.get("/ws")
async def echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(max_msg_size=64 * 1024)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


@routes.get("/wiki.css")
async def style(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(WIKI / "wiki.css", headers={"Cache-Control": "max-age=3600"})


@routes.get("/live.js")
async def script(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(WIKI / "live.js", headers={"Cache-Control": "max-age=3600"})


@routes.get("/everywhere.js")
async def everywhere_script(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(WIKI / "everywhere.js", headers={"Cache-Control": "max-age=3600"})


def application() -> web.Application:
    app = web.Application()
    app[notes_key] = deque(maxlen=50)
    app.add_routes(routes)
    return app


async def serve(listen: str) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # Open event streams and sockets would otherwise be waited for.
    runner = web.AppRunner(application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site: web.BaseSite
    if listen.startswith("unix:"):
        site = web.UnixSite(runner, listen.removeprefix("unix:"))
    else:
        host, _, port = listen.rpartition(":")
        site = web.TCPSite(runner, host.strip("[]"), int(port))
    await site.start()
    await stop.wait()
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description="The Acme Wiki.")
    parser.add_argument("listen", help="host:port or unix:/path")
    asyncio.run(serve(parser.parse_args().listen))


if __name__ == "__main__":
    main()
