"""A real Chromium, and a person in front of it."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Response,
    ViewportSize,
    async_playwright,
    expect,
)

from tests.journeys.running import MOUNT
from tests.journeys.secrecy import note_cookie, note_password

_SWITCHED_OFF = (
    # What Playwright switches off as well: the flag counts once, and the last one wins.
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
    # The pages behind the address bar, which each new window would load: a second of its work.
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
)
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
            executable_path=program,
            args=["--no-sandbox", f"--disable-features={','.join(_SWITCHED_OFF)}"],
            ignore_default_args=[*without],
        )
        try:
            yield browser
        finally:
            for context in browser.contexts:
                for cookie in await context.cookies():
                    note_cookie(cookie.get("value", ""))
            await browser.close()


_HEAR_PASSWORDS = """addEventListener('input', event => {
    const field = event.composedPath()[0];
    if (field.type === 'password' || /password/.test(field.autocomplete)) notePassword(field.value);
}, true)"""

_resting: WeakKeyDictionary[Browser, dict[str, list[Page]]] = WeakKeyDictionary()
_PATIENCE = 15.0
_PLAIN: ViewportSize = {"width": 1280, "height": 720}


@asynccontextmanager
async def tab(
    browser: Browser, *, fields: Mapping[str, str] | None = None, **options: Any
) -> AsyncIterator[Page]:
    """Open a tab in a browser profile in which nobody is known.

    fields: what each request has besides. options: those of `Browser.new_context`. A tab whose
    test went well is emptied and given to the next: a new one is more than a second of work.
    Whoever adds a script or a clock to it, which stay, closes it in the end; listeners are
    to be taken away (`hearing`).
    """
    resting = _resting.setdefault(browser, {}).setdefault(repr(sorted(options.items())), [])
    page = resting.pop() if resting else await _new_tab(browser, options)
    context = page.context
    try:
        await context.set_extra_http_headers(dict(fields or {}))
        yield page
    except BaseException:
        await context.close()
        raise
    try:
        async with asyncio.timeout(_PATIENCE):
            is_empty = await _is_empty(page, options.get("viewport", _PLAIN))
    except TimeoutError:
        is_empty = False  # a page that hangs is no reason to wait for it
    if is_empty:
        resting.append(page)
    else:
        await context.close()


async def _new_tab(browser: Browser, options: Mapping[str, Any]) -> Page:
    """Open a profile with one tab. On a busy machine Chromium may never say that it has: then it
    is asked once more, rather than waited for until the test is given up."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await _first_tab(await browser.new_context(**options))
    except TimeoutError:
        return await _first_tab(await browser.new_context(**options))


async def _first_tab(context: BrowserContext) -> Page:
    # Not by listening to requests, of which a page has a hundred: each costs this process a moment.
    await context.expose_function("notePassword", note_password)
    await context.add_init_script(_HEAR_PASSWORDS)
    return await context.new_page()


@contextmanager
def hearing(page: Page, **listeners: Callable[[Any], None]) -> Iterator[None]:
    """Listen to a tab for as long as the block lasts. listeners: event to what hears it."""
    for event, listener in listeners.items():
        page.on(event, listener)  # type: ignore[call-overload]  # the name is not a literal
    try:
        yield
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)


async def _is_empty(page: Page, size: ViewportSize) -> bool:
    """Make the profile one that nobody has used, and say whether it is."""
    context, origin = page.context, "/".join(page.url.split("/")[:3])
    if page.is_closed() or not origin.startswith("http"):
        return False
    for cookie in await context.cookies():
        note_cookie(cookie.get("value", ""))
    for other in context.pages:
        if other is not page:
            await other.close()
    await page.unroute_all(behavior="ignoreErrors")
    await context.set_offline(False)
    await context.clear_cookies()
    try:
        await page.goto(f"{origin}{MOUNT}/live.js")
        await page.evaluate("localStorage.clear(); sessionStorage.clear()")
    except Error:
        return False  # the product is gone, too
    await page.set_viewport_size(size)
    await page.emulate_media(
        media="null", color_scheme="null", reduced_motion="null", forced_colors="null"
    )
    return True


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
    options: dict[str, Any] = {
        "ignore_https_errors": True,
        "java_script_enabled": javascript,
        "locale": "en-GB",
    }
    violations: list[str] = []
    answers: list[tuple[int, str]] = []

    def heard(message: ConsoleMessage) -> None:
        if _POLICY.search(message.text):
            violations.append(message.text)

    def loaded(response: Response) -> None:
        answers.append((response.status, response.url))

    def failed(error: Error) -> None:
        violations.append(str(error))

    async with tab(browser, **options) as page:
        with hearing(page, console=heard, response=loaded, pageerror=failed):
            yield Visitor(page, violations, answers)
