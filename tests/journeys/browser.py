"""A real Chromium, and a person in front of it."""

import re
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Browser, ConsoleMessage, Page, Response, async_playwright, expect

from tests.journeys.running import MOUNT
from tests.journeys.secrecy import note_cookie

_POLICY = re.compile(r"content security policy|trusted ?types|refused to", re.IGNORECASE)


@asynccontextmanager
async def chromium(*, without: Sequence[str] = ()) -> AsyncIterator[Browser]:
    """Start the system's Chromium, for as long as the block lasts. without: flags of Playwright's
    that it is to be started without."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program is not None, "the tests need chromium on PATH"
    async with async_playwright() as playwright:
        # As root, which build machines often are, Chromium has no sandbox to offer.
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox"], ignore_default_args=[*without]
        )
        try:
            yield browser
        finally:
            for context in browser.contexts:
                for cookie in await context.cookies():
                    note_cookie(cookie.get("value", ""))
            await browser.close()


@dataclass
class Visitor:
    """One person with one tab.

    violations: what the browser refused because of a page's own policy. answers: status and
    address of all that was loaded.
    """

    page: Page
    violations: list[str] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)

    async def fill_in(self, username: str, password: str) -> None:
        """Fill in the sign-in form as a person does: name, tab, password, enter."""
        await self.page.get_by_label("Username").fill(username)
        await self.page.get_by_label("Username").press("Tab")
        await self.page.keyboard.type(password)
        await self.page.keyboard.press("Enter")

    async def is_at(self, address: str) -> None:
        """Wait until the tab shows this address, as a whole."""
        await expect(self.page).to_have_url(address)

    async def sees(self, text: str) -> None:
        await expect(self.page.get_by_text(text, exact=False).first).to_be_visible()

    async def is_asked_to_sign_in(self) -> None:
        """Wait for the sign-in page, wherever the tab was."""
        await expect(self.page).to_have_url(re.compile(rf"{MOUNT}/login"))
        await expect(self.page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()

    def failed_loads(self) -> list[tuple[int, str]]:
        return [answer for answer in self.answers if answer[0] >= 400]


@asynccontextmanager
async def visitor(browser: Browser, *, javascript: bool = True) -> AsyncIterator[Visitor]:
    """Open a browser profile of its own with one tab. Our certificate is not asked for its
    issuer."""
    context = await browser.new_context(
        ignore_https_errors=True, java_script_enabled=javascript, locale="en-GB"
    )
    page = await context.new_page()
    person = Visitor(page)

    def heard(message: ConsoleMessage) -> None:
        if _POLICY.search(message.text):
            person.violations.append(message.text)

    def loaded(response: Response) -> None:
        person.answers.append((response.status, response.url))

    page.on("console", heard)
    page.on("response", loaded)
    page.on("pageerror", lambda error: person.violations.append(str(error)))
    try:
        yield person
    finally:
        await context.close()
