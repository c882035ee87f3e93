"""Two kinds of tabs: that of somebody who uses the application, and that of an administrator."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from playwright.async_api import ConsoleMessage, Error, Locator, Page, expect

from tests.journeys.browser import hearing
from tests.journeys.running import MOUNT

PASSWORD = "a long and unusual passphrase"
CONSOLE = f"{MOUNT}/admin"
PATIENCE = 20_000
"""Milliseconds after which a step is given up: slow machines need some of them."""

_FAILED_LOAD = re.compile(r"Failed to load resource: (?:.*status of (\d+)|(net::\w+))")


class HasName(Protocol):
    @property
    def name(self) -> str: ...


@dataclass
class Worker:
    """Somebody who uses the application."""

    public: str
    page: Page

    async def sign_in(self, name: str, password: str = PASSWORD) -> None:
        await self.page.goto(f"{self.public}/desk")
        await self.page.fill("#username", name)
        await self.page.fill("#password", password)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_url(f"{self.public}/desk")
        assert await self.is_let_in()

    async def sets_password(self, link: str, password: str) -> None:
        """Open a one-time link and choose a password."""
        await self.page.goto(link)
        await self.page.fill("#new", password)
        await self.page.click("[type=submit]")
        await expect(self.page.locator("#done")).to_be_visible()

    async def is_let_in(self) -> bool:
        answer = await self.page.goto(f"{self.public}/desk")
        return answer is not None and answer.status == 200

    async def is_refused(self, reason: str = "session_revoked") -> None:
        """The next request gets 401, and the person stands at the sign-in page with the reason."""
        answer = await self.page.goto(f"{self.public}/desk", wait_until="commit")
        assert answer is not None
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Session")
        await self.page.wait_for_url(re.compile(rf"{MOUNT}/login\?.*reason={reason}"))
        await expect(self.page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
        await expect(self.page.get_by_role("status")).to_be_visible()


@dataclass
class Console:
    """The console in one tab.

    public: what addresses begin with. complaints: all that the browser had to complain about.
    allowed: answers that the test means to get: a status such as `409`, or
    `net::ERR_INTERNET_DISCONNECTED`.
    """

    public: str
    page: Page
    complaints: list[str] = field(default_factory=list)
    allowed: set[str] = field(default_factory=set)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note what the browser complains about, and have nothing of it left in the end."""

        def heard(said: ConsoleMessage) -> None:
            if said.type in ("error", "warning"):
                self.complaints.append(f"{said.text} {said.location.get('url', '')}")

        def failed(error: Error) -> None:
            self.complaints.append(f"[pageerror] {error}")

        with hearing(self.page, console=heard, pageerror=failed):
            yield
        self.is_content()

    def is_content(self) -> None:
        """Nothing went wrong in the browser but what was meant to."""
        failed = [(_FAILED_LOAD.match(complaint), complaint) for complaint in self.complaints]
        wrong = [text for load, text in failed if not load or not self.allowed & {*load.groups()}]
        assert wrong == []

    async def go(self, path: str) -> None:
        await self.page.goto(self.public + CONSOLE + path)
        await self.is_loaded()

    async def is_loaded(self) -> None:
        """Wait until the page shows what it has, and not that it is on its way."""
        await self.page.wait_for_function(
            "() => document.querySelector('main h1')"
            " && !document.querySelector('[data-state=loading], [aria-busy=true]')"
        )

    def row(self, person: HasName | str) -> Locator:
        name = person if isinstance(person, str) else person.name
        return self.page.locator(f'tr[data-username="{name}"]')

    def act(self, name: str) -> Locator:
        return self.page.locator(f'[data-act="{name}"]:visible')

    def dialog(self, name: str) -> Locator:
        return self.page.locator(f'dialog[data-dialog="{name}"][open]')

    async def shows(self, *people: HasName) -> None:
        """Wait until the list has exactly the rows of these, in this order."""
        names = [person.name for person in people]
        await self.page.wait_for_function(
            "names => JSON.stringify([...document.querySelectorAll('tr[data-username]')]"
            ".map(row => row.dataset.username)) === JSON.stringify(names)",
            arg=names,
        )

    async def search(self, text: str) -> None:
        box = self.page.locator("main [data-search]")
        await box.fill(text)
        await box.press("Enter")

    async def menu(self, person: HasName, act: str) -> None:
        """Choose an act in the menu of a person's row."""
        await self.row(person).locator("button.menu-button").click()
        await self.row(person).locator(f'[role=menuitem][data-act="{act}"]').click()

    async def confirms(self, name: str) -> None:
        """Press the button of a dialog that does it, and wait until it is done."""
        await self.dialog(name).locator("[data-act]").click()
        await expect(self.dialog(name)).to_have_count(0)

    async def is_told(self, text: str) -> None:
        toast = self.page.locator("[data-toast]", has_text=text)
        await expect(toast.first).to_be_visible(timeout=PATIENCE)

    async def is_at_sign_in(self, reason: str) -> None:
        await self.page.wait_for_url(re.compile(rf"{MOUNT}/login\?.*reason={reason}"))
        await expect(self.page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
