"""Pages behind a data plane that puts the script in, and a script that stands in for the real one.

The one that stands in does what a page's policy may forbid: it runs, fetches, opens a WebSocket and
starts a shared worker; and it says what came of it in `window.live`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page

from sidecar.core.policy import Policy, Route
from sidecar.proxy.pool import Upstream
from tests.plane import MOUNT, Plane, a_plane
from tests.wires import PATIENCE

SCRIPT = """
(() => {
  const tag = document.currentScript;
  const mount = location.origin + tag.dataset.sidecarMount;
  window.ran = (window.ran || 0) + 1;
  const trust = window.trustedTypes
    ? trustedTypes.createPolicy("session-sidecar", {createScriptURL: (text) => text})
    : {createScriptURL: (text) => text};
  const fetched = fetch(mount + "/api/session").then((answer) => answer.ok);
  const connected = new Promise((settle) => {
    const socket = new WebSocket(mount.replace("http", "ws") + "/live");
    socket.onopen = () => { settle(true); socket.close(); };
    socket.onerror = () => settle(false);
  });
  const worked = new Promise((settle) => {
    const worker = new SharedWorker(trust.createScriptURL(mount + "/live-worker.js"));
    worker.onerror = () => settle(false);
    worker.port.onmessage = () => settle(true);
  });
  Promise.allSettled([fetched, connected, worked]).then((all) => {
    window.live = all.map((one) => one.value === true);
  });
})();
"""
WORKER = "onconnect = (event) => event.ports[0].postMessage('here');"
POLICY = Policy(routes=(Route(path="/untouched/**", inject=False),))
NOTE_VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => window.violations.push(
  [event.effectiveDirective, event.blockedURI, event.disposition].join(" ")));
"""
_WAIT = """new Promise((settle) => {
  const look = () => window.live ? settle(window.live) : setTimeout(look, 5);
  look();
})"""

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Stand:
    """The application and what is in front of it. asked: heads of what it was asked for."""

    plane: Plane
    browser: Browser
    asked: list[web.BaseRequest]

    def address(self, path: str) -> str:
        return f"http://localhost:{self.plane.port}{path}"

    async def person(self, **options: Any) -> BrowserContext:
        """Open a browser profile in which somebody is signed in."""
        context = await self.browser.new_context(**options)
        await context.add_init_script(NOTE_VIOLATIONS)
        token = str(await self.plane.seed())
        await context.add_cookies(
            [{"name": "sidecar", "value": token, "url": self.address("/"), "httpOnly": True}]
        )
        return context


@asynccontextmanager
async def a_stand(redis_url: str, browser: Browser, answer: Answer) -> AsyncIterator[Stand]:
    """Serve what `answer` says about any path. Below `/untouched` nothing is put in."""
    asked: list[web.BaseRequest] = []

    async def heard(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request)
        return await answer(request)  # type: ignore[arg-type]  # of the request only what both have

    runner = web.ServerRunner(web.Server(heard))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = int(runner.addresses[0][1])
    try:
        async with in_front_of(port, redis_url, browser) as stand:
            stand.asked = asked
            yield stand
    finally:
        await runner.cleanup()


@asynccontextmanager
async def in_front_of(port: int, redis_url: str, browser: Browser) -> AsyncIterator[Stand]:
    """Stand in front of an application that runs elsewhere."""
    async with a_plane(
        redis_url, Upstream(port=port), policy=POLICY, app=_own_pages(), inject=True
    ) as plane:
        yield Stand(plane, browser, [])


async def outcome(page: Page) -> list[bool]:
    """Wait for the script; return whether it could fetch, connect, and start its worker."""
    async with asyncio.timeout(PATIENCE):
        found: list[bool] = await page.evaluate(_WAIT)  # which no policy forbids, unlike `eval`
    return found


def _own_pages() -> web.Application:
    async def socket(request: web.Request) -> web.StreamResponse:
        opened = web.WebSocketResponse()
        await opened.prepare(request)
        async for _ in opened:
            pass
        return opened

    def text(body: str, kind: str) -> Answer:
        async def answer(_request: web.Request) -> web.StreamResponse:
            return web.Response(text=body, content_type=kind)

        return answer

    app = web.Application()
    app.add_routes(
        [
            web.get(f"{MOUNT}/live", socket),
            web.get(f"{MOUNT}/live.js", text(SCRIPT, "text/javascript")),
            web.get(f"{MOUNT}/live-worker.js", text(WORKER, "text/javascript")),
            web.get(f"{MOUNT}/api/session", text("{}", "application/json")),
            web.get(f"{MOUNT}/widgets/user-sessions.js", text("", "text/javascript")),
        ]
    )
    return app
