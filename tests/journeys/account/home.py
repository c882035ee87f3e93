"""The product with an application that embeds the element, and people at their devices."""

import re
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Error, Locator, Page, expect

from tests.journeys.browser import hearing, tab
from tests.journeys.console.tabs import PASSWORD, PATIENCE
from tests.journeys.raw import RecordingUpstream
from tests.journeys.redis_server import RedisServer
from tests.journeys.running import MOUNT, PLAIN_COOKIE, Product
from tests.journeys.waiting import until

SECURITY = "/app/settings/security"
EMBEDDED = "/app/profile"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
_SETTINGS = f'trusted_proxies = ["127.0.0.1/32"]\naccount_path = "{SECURITY}"\n'
_POLICY = """
[session]
max_per_user = 50

[lockout]
failures = 5
per_ip = 10000

[live]
inject = false

"""
_STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width">
<title>Profile</title><link rel="stylesheet" href="/app/look.css">
<script src="/app/note.js" defer></script>
<script type="module" src="/_sidecar/widgets/user-sessions.js"></script></head>
<body><main><h1>Profile</h1><user-sessions></user-sessions></main></body></html>"""
_LOOK = """
:root { --danger: light-dark(rgb(90 20 140), rgb(220 170 255)); }
user-sessions { --user-sessions-danger: var(--danger); }
user-sessions::part(badge) { letter-spacing: 3px; }
"""
_NOTE = """window.noted = [];
for (const name of ["session-revoked", "signed-out"])
  document.addEventListener(name, (event) => window.noted.push([name, event.detail]));"""
_REFUSED = re.compile(r"content security policy|trusted ?type|refused to", re.IGNORECASE)


def _answer(body: str, media_type: str, policy: str = "") -> bytes:
    fields = f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n"
    if policy:
        fields += f"Content-Security-Policy: {policy}\r\n"
    return f"HTTP/1.1 200 OK\r\n{fields}\r\n{body}".encode()


@dataclass
class Device:
    """A browser profile with one tab, where somebody has signed in."""

    home: "Home"
    page: Page
    complaints: list[str] = field(default_factory=list)

    @property
    def sessions(self) -> Locator:
        return self.page.locator("user-sessions")

    @property
    def rows(self) -> Locator:
        return self.sessions.locator("tr[data-row]")

    @property
    def revoke_buttons(self) -> Locator:
        return self.rows.get_by_role("button", name="Revoke:")

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    async def go(self, path: str = SECURITY) -> None:
        await self.page.goto(self.home.product.public + path)

    async def sees(self, rows: int) -> None:
        await expect(self.rows).to_have_count(rows)

    async def is_let_in(self) -> bool:
        answer = await self.page.request.get(f"{self.home.product.public}/app/data")
        return answer.status == 200

    async def is_refused(self, code: str = "session_revoked") -> None:
        """The next call of the application is answered 401 with the reason."""
        answer = await self.page.request.get(f"{self.home.product.public}/app/data")
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == "Session"
        assert (await answer.json())["code"] == code

    async def is_at_sign_in(self, reason: str) -> None:
        await expect(self.page).to_have_url(re.compile(rf"{MOUNT}/login\?.*reason={reason}"))

    async def changes_password(self, current: str, new: str) -> None:
        await self.page.get_by_label("Current password").fill(current)
        await self.page.get_by_label("New password").fill(new)
        await self.page.get_by_role("button", name="Change password").click()


class Home:
    """One product, its store, and an application under a strict policy."""

    def __init__(self) -> None:
        self.upstream = RecordingUpstream()
        self.store = RedisServer()
        self.upstream.start()
        self.upstream.plan(EMBEDDED, _answer(_PAGE, "text/html", _STRICT))
        self.upstream.plan("/app/look.css", _answer(_LOOK, "text/css"))
        self.upstream.plan("/app/note.js", _answer(_NOTE, "text/javascript"))
        self.product = Product(
            self.upstream,
            _SETTINGS,
            _POLICY,
            self.store.settings,
            public="http://localhost:{port}",
        )
        self._numbers = count(1)
        self._owner = ""

    def start(self) -> None:
        self.store.start()
        self.product.start()
        self.product.add_user("owner", PASSWORD, "owner")

    def remove(self) -> None:
        self.product.remove()
        self.store.remove()
        self.upstream.stop()

    def person(self) -> str:
        name = f"kim-{next(self._numbers)}"
        if not self._owner:
            self._owner = self.product.session_of("owner", PASSWORD)
        path = f"{MOUNT}/api/admin/users"
        body = {"username": name, "password": PASSWORD, "role": "user"}
        status, told, _ = self.product.call("POST", path, body, self._owner)
        if status != 201:  # the sign-in is too long ago, or a test has shorter sessions
            self._owner = self.product.session_of("owner", PASSWORD)
            status, told, _ = self.product.call("POST", path, body, self._owner)
        assert status == 201, told
        return name

    async def obey(self, policy: str) -> None:
        """Put more policy in force."""
        loaded = self.product.log().count("policy_loaded")
        (self.product.folder / "policy.toml").write_text(_POLICY + policy)
        self.product.signal(signal.SIGHUP)

        async def in_force() -> bool:
            return self.product.log().count("policy_loaded") > loaded

        await until(in_force, policy)

    @asynccontextmanager
    async def device(
        self,
        browser: Browser,
        name: str,
        *,
        ip: str = "203.0.113.7",
        password: str = PASSWORD,
        **more: Any,
    ) -> AsyncIterator[Device]:
        """Sign somebody in, in a profile of their own. What the browser refuses fails the test."""
        settings: Mapping[str, Any] = {"locale": "en-GB", **more}
        async with tab(browser, fields={"X-Forwarded-For": ip}, **settings) as page:
            answer = await page.context.request.post(
                f"{self.product.public}{MOUNT}/login",
                data={"username": name, "password": password},
                headers={"Origin": self.product.public},
            )
            assert answer.status == 200, await answer.text()
            page.set_default_timeout(PATIENCE)
            device = Device(self, page)

            def heard(message: ConsoleMessage) -> None:
                if _REFUSED.search(message.text):
                    device.complaints.append(message.text)

            def failed(error: Error) -> None:
                device.complaints.append(str(error))

            with hearing(page, console=heard, pageerror=failed):
                yield device
            assert not device.complaints, device.complaints

    async def session_of(self, device: Device) -> str:
        cookies = await device.page.context.cookies()
        return next(one["value"] for one in cookies if one["name"] == PLAIN_COOKIE)
