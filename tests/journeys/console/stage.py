"""The console on stage: the running product, administrators in front of it, and the people whose
sessions they end, each in a browser profile of their own."""

import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from playwright.async_api import Browser, Page

from tests.journeys.browser import tab
from tests.journeys.console.tabs import PASSWORD, PATIENCE, Console, Worker
from tests.journeys.raw import RecordingUpstream
from tests.journeys.redis_server import RedisServer
from tests.journeys.running import MOUNT, PLAIN_COOKIE, Product
from tests.journeys.waiting import until

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0"
)
_SETTINGS = 'trusted_proxies = ["127.0.0.1/32"]\n'
_WEBHOOKS = '\n[webhooks]\nallow_private = ["127.0.0.0/8"]\nallow_http = true\n'
_POLICY = """
[session]
max_per_user = 200

[lockout]
failures = 3
per_ip = 10000

[step_up]
roles = "{roles}"

[[routes]]
path = "/public/**"
allow = "anyone"
"""


Reply = tuple[int, Any, Mapping[str, str]]
"""Status, JSON (or None), fields."""


@dataclass
class Person:
    """Somebody in the directory."""

    id: str
    name: str


class Stage:
    """One product, its store and an application; `owner` is there from the start."""

    def __init__(self) -> None:
        self.upstream = RecordingUpstream()
        self.store = RedisServer()
        self.upstream.start()
        self.product = Product(
            self.upstream,
            _SETTINGS,
            _POLICY.format(roles="10m"),
            self.store.settings + _WEBHOOKS,
            public="http://localhost:{port}",
        )
        self._numbers = count(1)
        self._owner = ""

    def start(self) -> None:
        self.store.start()
        self.product.start()
        self.product.add_user("owner", PASSWORD, "owner")
        self._owner = self.sign_in("owner")

    def remove(self) -> None:
        self.product.remove()
        self.store.remove()
        self.upstream.stop()

    def address(self, path: str) -> str:
        return self.product.public + path

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str = "",
        ip: str = "192.0.2.1",
        agent: str = FIREFOX,
    ) -> Reply:
        """Make one call, as a program would. ip: the client's."""
        more = {"User_Agent": agent, "X_Forwarded_For": ip}
        return self.product.call(method, path, body, token, **more)

    def attempt(
        self, name: str, password: str, *, ip: str = "192.0.2.1", agent: str = FIREFOX
    ) -> Reply:
        body = {"username": name, "password": password}
        return self.ask("POST", f"{MOUNT}/login", body, ip=ip, agent=agent)

    def sign_in(self, name: str, *, ip: str = "192.0.2.1", agent: str = FIREFOX) -> str:
        """Sign in somewhere and return the token."""
        status, told, fields = self.attempt(name, PASSWORD, ip=ip, agent=agent)
        assert status == 200, told
        return fields["Set-Cookie"].partition("=")[2].partition(";")[0]

    def admin(self, method: str, path: str, body: object = None) -> Any:
        """Ask the admin API as the owner, who proves it again when that is too long ago; return
        what it says."""
        status, told, _ = self.ask(method, f"{MOUNT}/api/admin{path}", body, token=self._owner)
        if status == 403 and told["code"] == "reauth_required":
            self.renew()
            status, told, _ = self.ask(method, f"{MOUNT}/api/admin{path}", body, token=self._owner)
        assert status in (200, 201), (path, told)
        return told

    def person(self, name: str = "", role: str = "user", **more: object) -> Person:
        """Add somebody. name: how theirs begins; what follows makes it the only one."""
        username = f"{name or 'kim'}-{next(self._numbers)}"
        body = {"username": username, "password": PASSWORD, "role": role, **more}
        told = self.admin("POST", "/users", body)
        return Person(told["id"], username)

    async def obey(self, roles: str) -> None:
        """Put a policy in force: how fresh a sign-in must be to give roles."""
        (self.product.folder / "policy.toml").write_text(_POLICY.format(roles=roles))
        self.product.signal(signal.SIGHUP)

        async def in_force() -> bool:
            values = self.admin("GET", "/policy")["values"]
            return {"step_up.roles": roles}.items() <= {
                v["key"]: v["value"] for v in values
            }.items()

        await until(in_force, f"roles = {roles}")

    def renew(self) -> None:
        """Sign the owner in again, whose session has ended."""
        self._owner = self.sign_in("owner")

    def sessions_of(self, person: Person) -> list[dict[str, Any]]:
        found = self.admin("GET", f"/sessions?userId={person.id}&sort=createdAt")
        items: list[dict[str, Any]] = found["items"]
        return items

    def end_one(self, person: Person) -> None:
        """End the person's first session, from elsewhere."""
        self.admin("DELETE", f"/sessions/{self.sessions_of(person)[0]['id']}")

    def has_alarm(self, person: Person, kind: str) -> dict[str, Any]:
        """Wait until there is an alarm about somebody, and return it."""
        deadline = time.monotonic() + 30
        while True:
            found = self.admin("GET", f"/alarms?userId={person.id}&kind={kind}")["items"]
            if found:
                alarm: dict[str, Any] = found[0]
                return alarm
            assert time.monotonic() < deadline, f"never an alarm of {kind}"
            time.sleep(0.1)

    def has_delivery(self, webhook_id: str) -> dict[str, Any]:
        """Wait until something was sent to an endpoint, or tried, and return the newest."""
        deadline = time.monotonic() + 30
        while True:
            found = self.admin("GET", f"/webhooks/{webhook_id}/deliveries")["items"]
            if found:
                delivery: dict[str, Any] = found[0]
                return delivery
            assert time.monotonic() < deadline, "nothing was ever sent"
            time.sleep(0.1)

    def audit(self, person: Person, action: str) -> list[dict[str, Any]]:
        """The entries about somebody, newest first."""
        entries: list[dict[str, Any]] = self.admin(
            "GET", f"/audit?userId={person.id}&action={action}"
        )["items"]
        return entries

    @asynccontextmanager
    async def console(
        self,
        browser: Browser,
        path: str = "/sessions",
        *,
        who: str = "owner",
        language: str = "en-GB",
        width: int = 1440,
        ip: str = "192.0.2.1",
        **more: Any,
    ) -> AsyncIterator[Console]:
        """Open the console as somebody who has signed in, in a profile of its own."""
        size = {"width": width, "height": 900}
        fields = {"X-Forwarded-For": ip}
        async with tab(browser, fields=fields, locale=language, viewport=size, **more) as page:
            await self._admit(page, self.sign_in(who, ip=ip))
            console = Console(self.product.public, page)
            with console.listening():
                await console.go(path)
                yield console

    @asynccontextmanager
    async def at_work(
        self, browser: Browser, person: Person, *, agent: str = FIREFOX, ip: str = "203.0.113.7"
    ) -> AsyncIterator[Worker]:
        """Let somebody sign in, in a profile of their own, and use the application."""
        fields = {"X-Forwarded-For": ip}
        async with tab(browser, fields=fields, locale="en-GB", user_agent=agent) as page:
            await self._admit(page, self.sign_in(person.name, ip=ip, agent=agent))
            worker = Worker(self.product.public, page)
            assert await worker.is_let_in()
            yield worker

    @asynccontextmanager
    async def guest(self, browser: Browser) -> AsyncIterator[Worker]:
        """A profile of somebody who has not signed in yet."""
        async with tab(browser, locale="en-GB") as page:
            page.set_default_timeout(PATIENCE)
            yield Worker(self.product.public, page)

    async def _admit(self, page: Page, token: str) -> None:
        page.set_default_timeout(PATIENCE)
        await page.context.add_cookies(
            [{"name": PLAIN_COOKIE, "value": token, "url": self.address("/")}]
        )
