"""The product before an application, and browsers in which people sit untouched."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.redis_server import RedisServer
from tests.journeys.running import MOUNT, PLAIN_COOKIE, Product
from tests.journeys.tabs.desk import Desk
from tests.journeys.waiting import until

PASSWORD = "a long and unusual passphrase"
TAURI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " DoCodeGo/1.4.0 Tauri/2.5.1"
)
PATIENCE = 30_000
"""Milliseconds: the bound at worst, of what happens to a page that nobody touches."""

LIVE = f"{MOUNT}/live"
_POLICY = (
    "[session]\nmax_per_user = 50\n{session}\n[lockout]\nper_ip = 10000\n[live]\ninject = false\n"
)


class Stage:
    """One product with two workers. public: what browsers type, if not the product's own port."""

    def __init__(self, session: str = "", public: str = "http://localhost:{port}") -> None:
        self.desk, self.store = Desk(), RedisServer()
        self.store.start()
        self.product = Product(
            self.desk.port,
            "workers = 2\n",
            _POLICY.format(session=session),
            self.store.settings,
            public=public,
        )
        self.product.start()
        self.product.add_user("owner", PASSWORD, "owner")
        self._owner = self.sign_in("owner")
        self._numbers = count(1)

    def remove(self) -> None:
        self.product.remove()
        self.store.remove()
        self.desk.stop()

    def ask(
        self, method: str, path: str, body: object = None, token: str = ""
    ) -> tuple[int, Any, str]:
        """Make one call; return status, JSON and the new token if there is one."""
        status, told, fields = self.product.call(method, MOUNT + path, body, token)
        cookie = fields.get("Set-Cookie", "")
        return status, told, cookie[cookie.find("=") + 1 :]

    def sign_in(self, name: str) -> str:
        status, told, cookie = self.ask("POST", "/login", {"username": name, "password": PASSWORD})
        assert status == 200, told
        return cookie.partition(";")[0]

    def person(self, role: str = "user") -> str:
        """Add somebody; return the username."""
        name = f"kim-{next(self._numbers)}"
        body = {"username": name, "password": PASSWORD, "role": role}
        told = self.admin("POST", "/users", body)
        assert told["username"] == name
        return name

    def admin(self, method: str, path: str, body: object = None) -> Any:
        """Ask the admin API as the owner, who signs in again where sessions are short, or when the
        last time was too long ago."""
        status, told, _ = self.ask(method, f"/api/admin{path}", body, self._owner)
        if status == 401 or (status == 403 and told["code"] == "reauth_required"):
            self._owner = self.sign_in("owner")
            status, told, _ = self.ask(method, f"/api/admin{path}", body, self._owner)
        assert status in (200, 201), told
        return told

    def revoke(self, name: str) -> None:
        """End every session of somebody, as an admin."""
        person = self.admin("GET", f"/users?q={name}")["items"][0]
        assert self.admin("DELETE", f"/sessions?userId={person['id']}")["revoked"] > 0

    def lines_opened(self) -> int:
        """How many lines of the live channel were ever opened."""
        return len([one for one in self.product.log_lines() if one.get("path") == LIVE])

    async def until_lines(self, number: int) -> None:
        """Wait until that many lines have been opened."""

        async def opened() -> bool:
            return self.lines_opened() >= number

        await until(opened, f"{number} lines were opened")

    @asynccontextmanager
    async def browser(
        self, browser: Browser, token: str = "", **more: Any
    ) -> AsyncIterator["Seat"]:
        """Open a browser profile of its own; token: whose session it has."""
        context = await browser.new_context(**{"locale": "en-GB", **more})
        if token:
            await context.add_cookies(
                [{"name": PLAIN_COOKIE, "value": token, "url": self.product.public}]
            )
        seat = Seat(self, context)
        try:
            yield seat
        finally:
            await context.close()


@dataclass
class Seat:
    """One browser profile. faults: what reached `window.onerror`, or was against the page's own
    policy. has_line: the tabs have one, by now."""

    stage: Stage
    context: BrowserContext
    faults: list[str] = field(default_factory=list)
    has_line: bool = False

    async def tab(self, query: str = "", *, line: bool = True) -> "Tab":
        """Open the desk in a tab. line: wait until this browser has its line."""
        before = self.stage.lines_opened()
        page = await self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on(
            "console",
            lambda said: self.faults.append(said.text) if "Security Policy" in said.text else None,
        )
        tab = Tab(self.stage.product.public, page)
        await tab.go(query)
        if line and not self.has_line:
            await self.stage.until_lines(before + 1)
            self.has_line = True
        return tab


@dataclass
class Tab:
    """One tab at the desk."""

    public: str
    page: Page

    @property
    def dialog(self) -> Locator:
        return self.page.locator("session-sidecar dialog[open]")

    async def go(self, query: str = "") -> None:
        await self.page.goto(f"{self.public}/desk{query}")
        await expect(self.page.get_by_role("heading", name="Desk")).to_be_visible()

    async def is_here(self) -> None:
        assert self.page.url.startswith(f"{self.public}/desk"), self.page.url

    async def is_at_sign_in(
        self, reason: str | None = "session_revoked", path: str = "/desk"
    ) -> None:
        """Wait until the tab has gone to the sign-in page by itself, with a reason and the way
        back. reason: None for any."""
        await self.page.wait_for_url(
            re.compile(rf"{MOUNT}/login\?"), timeout=PATIENCE, wait_until="commit"
        )
        assert f"reason={reason or 'session_'}" in self.page.url
        await expect(self.page.get_by_role("status")).to_be_visible()
        back = await self.page.locator("input[name=return_to]").input_value()
        assert back == path

    async def signs_in(self, name: str) -> None:
        await self.page.fill("#username", name)
        await self.page.fill("#password", PASSWORD)
        await self.page.keyboard.press("Enter")
        await expect(self.page.get_by_role("heading", name="Desk")).to_be_visible()
